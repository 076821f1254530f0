"use strict";
// A page that is open keeps the process alive.
setInterval(() => fetch("/alive").catch(() => {}), 60000);

// A folder that is dropped gives the files in it, at any depth.
const filesIn = (entry) => new Promise((done) => {
  if (!entry) return done([]);
  if (entry.isFile) return entry.file((file) => done([file]), () => done([]));
  const reader = entry.createReader();
  const found = [];
  const more = () => reader.readEntries(async (entries) => {
    if (!entries.length) return done(found.flat());
    found.push(...await Promise.all(entries.map(filesIn)));
    more();
  }, () => done(found.flat()));
  more();
});

for (const drop of document.querySelectorAll("[data-drop]")) {
  const inputs = drop.querySelectorAll("input[type=file]");
  for (const name of ["dragover", "dragleave", "drop"]) {
    drop.addEventListener(name, async (event) => {
      event.preventDefault();
      drop.classList.toggle("over", name === "dragover");
      if (name !== "drop") return;
      const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry && item.webkitGetAsEntry());
      const dropped = event.dataTransfer.files;
      const files = entries.some((entry) => entry && entry.isDirectory) ? (await Promise.all(entries.map(filesIn))).flat() : [...dropped];
      if (!files.length) return;
      const chosen = new DataTransfer();
      files.forEach((file) => chosen.items.add(file));
      inputs[0].files = chosen.files;
      inputs[0].form.requestSubmit();
    });
  }
  inputs.forEach((input) => input.addEventListener("change", () => input.files.length && input.form.requestSubmit()));
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
    place.textContent = answer.ok ? await answer.text() : "没有读到依据，请刷新页面后重试";
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

const failing = document.querySelector("[data-failing]");
for (const filter of document.querySelectorAll("[data-filter]")) {
  const apply = () => {
    const words = filter.value.trim();
    for (const row of document.querySelector(filter.dataset.filter).tBodies[0].rows) {
      row.hidden = !row.textContent.includes(words) || (failing && failing.checked && row.dataset.verdict === "MET");
    }
  };
  filter.addEventListener("input", apply);
  if (failing) failing.addEventListener("change", apply);
}

const job = document.querySelector("[data-job]");
if (job) {
  const timer = setInterval(async () => {
    const answer = await (await fetch("/plan/status")).json();
    document.querySelector("#progress").value = answer.seconds;
    job.textContent = job.textContent.replace(/\d+/, answer.seconds);
    if (!answer.running) {
      clearInterval(timer);
      location.reload();
    }
  }, 1000);
}
