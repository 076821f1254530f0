"""The pages of the data: open files or an example, choose the standard, and see what is wrong and what changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import PurePath

import attrs
from fastapi import APIRouter, HTTPException, Response
from fastapi.responses import HTMLResponse

import balancedu as be
from balancedu.app.inputs import annotate_upload
from balancedu.app.pages import Pages, Sent, download, redirect
from balancedu.app.workspace import IGNORED, FileProblem, Workspace
from balancedu.files.mapping import MAPPING_FILE
from balancedu.files.open import WORKBOOKS
from balancedu.files.suggest import OpenColumn
from balancedu.files.vocabulary import unit_words

_BIND = "请在上面选择这一列对应的指标"


def data_routes(pages: Pages) -> APIRouter:
    """Return the routes of the first page and of the check."""
    router, law, work = APIRouter(include_in_schema=False), pages.law, pages.work

    @router.get("/")
    def start() -> HTMLResponse:
        chosen = [work.standard.head.id, *work.standard.overlays]
        day = work.standard.day or ""
        endings = ",".join((*WORKBOOKS, ".csv", ".txt", ".yaml", ".yml"))
        return pages.show("start.html", "/", "开始", law=law, chosen=chosen, day=day, endings=endings)

    @router.post("/open")
    def open_files(form: Sent) -> Response:
        again = bool(form.get("again"))
        chosen = form.get("standard"), form.all("overlays"), form.get("on")
        work.open(form.uploaded(), work.standard if again else law.standard(*chosen), again=again)
        return redirect("/check" if work.problems or work.changed else "/result")

    @router.post("/example")
    def example(form: Sent) -> Response:
        work.open_example("passing" if form.get("name") == "passing" else "failing", law.standard())
        return redirect("/result")

    @router.get("/template.xlsx")
    def template() -> Response:
        return download("填报模板.xlsx", partial(be.write_template, standard=work.standard))

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
            columns=list(_columns(work)),
            by_hand=work.chosen is None,
            ignored=IGNORED,
            mapped=bool(work.mapping),
            warnings=[warning.text("zh") for warning in submission.warnings] if submission else [],
            notes=[note.text("zh") for note in submission.notes] if submission else [],
        )

    @router.post("/bind")
    def bind(form: Sent) -> Response:
        numbers = range(len(work.columns)) if not form.get("forget") else ()
        choices = {n: form.get(f"column-{n}") for n in numbers if form.get(f"column-{n}")}
        work.bind(choices, {n: form.get(f"unit-{n}") for n in numbers})
        return redirect("/check")

    @router.get("/mapping.yaml")
    def mapping() -> Response:
        if not work.mapping:
            raise HTTPException(404)
        return download(MAPPING_FILE, lambda path: path.write_bytes(work.mapping))

    @router.get("/annotated/{number}")
    def annotated(number: int) -> Response:
        marked = list(_marked(work))
        if number not in range(len(marked)):
            raise HTTPException(404)
        name = marked[number]
        write = partial(annotate_upload, name, work.files[name], work.standard, work.mapping or None)
        return download(f"已标注-{PurePath(name).stem}.xlsx", write)

    return router


def _marked(work: Workspace) -> Iterator[str]:
    """Yield the workbooks with problems or doubts, of which a marked copy can be downloaded."""
    for name in (file for file in work.files if file.lower().endswith(WORKBOOKS)):
        problems = any(f"{problem.sheet} ".startswith(f"{name} ") for problem in work.problems)
        if problems or (len(work.files) == 1 and work.submission is not None and work.submission.warnings):
            yield name


def _problems(work: Workspace) -> list[FileProblem]:
    """Return the problems; a column that can be bound in the page gets that as its fix."""
    letters = {(column.sheet, column.letter) for column in work.columns} if work.chosen is not None else set()
    result = []
    for problem in work.problems:
        place = problem.sheet.rpartition(" ")[2], problem.cell.rstrip("0123456789")
        result.append(attrs.evolve(problem, advice=_BIND) if place in letters else problem)
    return result


def _columns(work: Workspace) -> Iterator[tuple[OpenColumn, Sequence[str], str, str]]:
    """Yield the columns to bind, with the units that each may have and what was chosen."""
    for number, column in enumerate(work.columns):
        units = unit_words(column.candidates[0], work.standard) if column.wrong_unit and column.candidates else ()
        yield column, units, *(work.chosen or {}).get(number, ("", ""))
