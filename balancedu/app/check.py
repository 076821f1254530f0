"""The page of the check: what is wrong and how to put it right, columns to bind, and what a new file changed."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import PurePath
from typing import Any

import attrs
from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse

from balancedu.app.pages import XLSX, Pages, download, redirect
from balancedu.app.uploads import annotated, is_workbook
from balancedu.app.workspace import IGNORED, Problem, Workspace
from balancedu.files.mapping import MAPPING_FILE
from balancedu.files.units import unit_words

_BIND = "请在上面选择这一列对应的指标"


def check_routes(pages: Pages) -> APIRouter:
    """Return the routes of the check."""
    router, work = APIRouter(include_in_schema=False), pages.work

    @router.get("/check")
    def check() -> HTMLResponse:
        submission = work.submission
        return pages.show(
            "check.html",
            "/check",
            "检查数据",
            opened=bool(work.files or submission),
            files=list(work.files),
            marked=list(_marked(work)),
            changed=work.changed,
            problems=_problems(work),
            columns=_columns(work),
            by_hand=work.chosen is None,
            ignored=IGNORED,
            mapped=bool(work.mapping),
            warnings=[warning.text("zh") for warning in submission.warnings] if submission else [],
            notes=[note.text("zh") for note in submission.notes] if submission else [],
        )

    @router.post("/bind")
    async def bind(request: Request) -> Response:
        form = (await pages.form(request)).filled()
        numbers = range(len(work.columns)) if "forget" not in form else ()
        choices = {n: form[f"column-{n}"] for n in numbers if form.get(f"column-{n}")}
        units = {n: form.get(f"unit-{n}", "") for n in numbers}
        await run_in_threadpool(work.bind, choices, units)
        return redirect("/check")

    @router.get("/mapping.yaml")
    def mapping() -> Response:
        if not work.mapping:
            raise HTTPException(404)
        return download(work.mapping, MAPPING_FILE, "application/yaml")

    @router.get("/annotated/{number}")
    async def annotated_copy(number: int) -> Response:
        marked = list(_marked(work))
        if number not in range(len(marked)):
            raise HTTPException(404)
        name = marked[number]
        mark = partial(annotated, name, work.files[name], work.standard, work.mapping or None)
        return download(await run_in_threadpool(mark), f"已标注-{PurePath(name).stem}.xlsx", XLSX)

    return router


def _marked(work: Workspace) -> Iterator[str]:
    """Yield the workbooks with problems or doubts, of which a marked copy can be downloaded."""
    for name in filter(is_workbook, work.files):
        problems = any(f"{problem.sheet} ".startswith(f"{name} ") for problem in work.problems)
        if problems or (len(work.files) == 1 and work.submission is not None and work.submission.warnings):
            yield name


def _problems(work: Workspace) -> list[Problem]:
    """Return the problems; of a column that can be bound in the page, the way out is there."""
    letters = {(column.sheet, column.letter) for column in work.columns} if work.chosen is not None else set()
    result = []
    for problem in work.problems:
        place = problem.sheet.rpartition(" ")[2], problem.cell.rstrip("0123456789")
        result.append(attrs.evolve(problem, advice=_BIND) if place in letters else problem)
    return result


def _columns(work: Workspace) -> list[dict[str, Any]]:
    """Return the columns to bind, with what each may hold and what was chosen."""
    chosen = work.chosen or {}
    result = []
    for number, column in enumerate(work.columns):
        measure, unit = chosen.get(number, ("", ""))
        units = unit_words(column.candidates[0], work.standard) if column.wrong_unit and column.candidates else ()
        result.append(
            {
                "number": number,
                "place": f"{column.sheet} {column.letter}列",
                "header": column.header,
                "example": column.example,
                "measures": [(entry.column, entry.title.zh) for entry in column.candidates],
                "units": units,
                "measure": measure,
                "unit": unit,
            }
        )
    return result
