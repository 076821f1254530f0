"""The page of the check: what is wrong and how to put it right, columns to bind, and what a new file changed."""

from __future__ import annotations

from typing import Any

import attrs
from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse

from balancedu.app.pages import Pages, download, redirect
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
        form = {name: str(value) for name, value in (await pages.form(request)).items()}
        numbers = range(len(work.columns)) if "forget" not in form else ()
        choices = {n: form[f"column-{n}"] for n in numbers if form.get(f"column-{n}")}
        units = {n: form.get(f"unit-{n}", "") for n in numbers}
        await run_in_threadpool(work.bind, choices, units)
        return redirect("/check")

    @router.get("/mapping.yaml")
    def mapping() -> Response:
        return download(work.mapping, MAPPING_FILE, "application/yaml")

    return router


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
