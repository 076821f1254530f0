"""How fast the page and the service answer for a county of 65 schools: `python -m tests.benchmarks.service`.

What the service takes beyond `evaluate` itself, from tables to JSON; what the page takes from the upload of a workbook
to the whole page of the result; and 50 counties at a time.
"""

from __future__ import annotations

import itertools
import json
import re
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

import attrs
import numpy as np
from fastapi.testclient import TestClient

import balancedu as be
from balancedu.app.guard import COOKIE
from balancedu.app.routes import create_app

SCHOOLS, ROUNDS, AT_ONCE = 65, 21, 50
BEYOND_SECONDS, PAGE_SECONDS = 0.05, 1.5
TOKEN = "a-token-of-this-run"


def county(schools: int = SCHOOLS) -> be.Submission:
    """Return a county of that many schools: those of the example, each with figures of its own."""
    example = json.loads(be.evaluate(be.example("passing")).to_json())["submission"]
    tables = {name: example[name] for name in ("schools", "classes", "rooms", "facts")}
    row, listed = tables["schools"], len(tables["schools"]["school"])
    chosen = np.arange(schools) % listed
    grown = {name: [values[n] for n in chosen] for name, values in row.items()}
    grown["school"] = [f"{n:03}" for n in range(schools)]
    grown["name"] = [f"第{n}学校" for n in range(schools)]
    tables["schools"] = {name: values for name, values in grown.items() if name != "parent"}
    for name in ("classes", "rooms"):
        details = tables[name]
        rows = [
            (n, k)
            for n, school in enumerate(chosen)
            for k, of in enumerate(details["school"])
            if of == row["school"][school]
        ]
        tables[name] = {key: [values[k] for _, k in rows] for key, values in details.items()}
        tables[name]["school"] = [f"{n:03}" for n, _ in rows]
    return be.Submission(**tables)


@attrs.frozen
class Taken:
    """The medians of what something took: seconds, and seconds of a processor, which other programs do not lengthen."""

    seconds: float
    processor: float

    def __str__(self) -> str:
        return f"{self.seconds * 1000:.0f} ms ({self.processor * 1000:.0f} ms of a processor)"


def timed(work: Callable[[], object], rounds: int = ROUNDS) -> Taken:
    """Return what something takes; the first round warms up."""
    taken = []
    for turn in range(rounds + 1):
        started = time.perf_counter(), time.process_time()
        work()
        if turn:
            taken.append((time.perf_counter() - started[0], time.process_time() - started[1]))
    return Taken(*(median(values) for values in zip(*taken, strict=True)))


def main() -> None:
    """Measure and print."""
    submission = county()
    result = json.loads(be.evaluate(submission).to_json())
    body = json.dumps({"submission": result["submission"], "standard": result["standard"]}).encode()
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    with TestClient(create_app(TOKEN)) as client:

        def post(_: object = None) -> int:
            return client.post("/api/evaluate", headers=headers, content=body).status_code

        alone, whole = timed(lambda: be.evaluate(submission)), timed(post)
        beyond = Taken(whole.seconds - alone.seconds, whole.processor - alone.processor)
        print(f"{SCHOOLS} schools, {len(body) / 1000:.0f} kB of JSON: evaluate {alone}, the service {whole}")
        print(f"  beyond evaluate {beyond}; wanted: at most {BEYOND_SECONDS * 1000:.0f} ms")
        started = time.perf_counter()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            statuses = set(pool.map(post, range(AT_ONCE)))
        print(f"{AT_ONCE} at a time: {time.perf_counter() - started:.1f} s, answers {sorted(statuses)}")
    print(f"workbook to page of the result: {page(submission)}; wanted: at most {PAGE_SECONDS * 1000:.0f} ms")


def page(submission: be.Submission, rounds: int = 5) -> Taken:
    """Return what it takes from the upload of a workbook to the whole page of its result."""
    with tempfile.TemporaryDirectory() as folder, TestClient(create_app(TOKEN), cookies={COOKIE: TOKEN}) as client:
        path = Path(folder, "county.xlsx")
        be.write_submission(submission, path)
        content = path.read_bytes()
        match = re.search('name="csrf" value="([0-9a-f]+)"', client.get("/").text)
        csrf, number = match[1] if match else "", itertools.count()

        def drop() -> None:
            name = f"{next(number)}.xlsx"  # not the file before, corrected
            answer = client.post("/open", data={"csrf": csrf}, files={"file": (name, content)})
            if answer.status_code != 200 or "第64学校" not in answer.text:
                raise RuntimeError(f"no result: {answer.status_code}")

        return timed(drop, rounds)


if __name__ == "__main__":
    main()
