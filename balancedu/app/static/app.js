"use strict";
// A page that is open keeps the process alive.
setInterval(() => fetch("/alive").catch(() => {}), 60000);

for (const drop of document.querySelectorAll("[data-drop]")) {
  const input = drop.querySelector("input[type=file]");
  for (const name of ["dragover", "dragleave", "drop"]) {
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.toggle("over", name === "dragover");
      if (name === "drop" && event.dataTransfer.files.length) {
        input.files = event.dataTransfer.files;
        input.form.requestSubmit();
      }
    });
  }
  input.addEventListener("change", () => input.files.length && input.form.requestSubmit());
}

for (const form of document.querySelectorAll("form")) {
  form.addEventListener("submit", () => {
    const status = form.querySelector("[role=status]");
    if (status) status.textContent = "正在处理……";
  });
}

for (const item of document.querySelectorAll("details[data-load]")) {
  item.addEventListener("toggle", async () => {
    const place = item.querySelector("[data-place]");
    if (!item.open || place.dataset.loaded) return;
    place.dataset.loaded = "1";
    place.textContent = "正在读取……";
    const answer = await fetch(item.dataset.load);
    place.textContent = await answer.text();
  });
}

for (const table of document.querySelectorAll("table[data-sort]")) {
  const body = table.tBodies[0];
  table.querySelectorAll("thead th").forEach((head, column) => {
    const button = head.querySelector("button");
    if (!button) return;
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      table.querySelectorAll("th[aria-sort]").forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const key = (row) => {
        const cell = row.cells[column];
        const text = cell.dataset.value ?? cell.textContent.trim();
        const number = parseFloat(text);
        return Number.isNaN(number) ? text : number;
      };
      const rows = [...body.rows].sort((a, b) => {
        const [left, right] = [key(a), key(b)];
        const order = typeof left === "number" && typeof right === "number" ? left - right : String(left).localeCompare(String(right), "zh");
        return down ? -order : order;
      });
      body.append(...rows);
    });
  });
}

for (const filter of document.querySelectorAll("[data-filter]")) {
  filter.addEventListener("input", () => {
    const words = filter.value.trim();
    const failing = document.querySelector("[data-failing]");
    for (const row of document.querySelector(filter.dataset.filter).tBodies[0].rows) {
      row.hidden = !row.textContent.includes(words) || (failing && failing.checked && row.dataset.verdict === "MET");
    }
  });
}
const failing = document.querySelector("[data-failing]");
if (failing) failing.addEventListener("change", () => document.querySelector("[data-filter]").dispatchEvent(new Event("input")));

const job = document.querySelector("[data-job]");
if (job) {
  const timer = setInterval(async () => {
    const answer = await (await fetch("/plan/status")).json();
    job.textContent = `已用${answer.seconds}秒`;
    if (!answer.running) {
      clearInterval(timer);
      location.reload();
    }
  }, 1000);
}
