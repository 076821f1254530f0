"""The pages, in the order in which a county works: open, check, result, what to do, papers, years."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from importlib.resources import files as resources
from pathlib import Path
from typing import Any
from urllib.parse import quote

import attrs
import jinja2
import numpy as np
from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse
from starlette.datastructures import FormData

import balancedu as be
from balancedu.app.api import MOST_FILES, Law, files_of
from balancedu.app.guard import Access
from balancedu.app.workspace import Job, Workspace, written
from balancedu.core.fields import Stage
from balancedu.core.rules import SectionsComply
from balancedu.core.standard import Standard
from balancedu.errors import BalanceduError, RequestError
from balancedu.evaluation.sections import section_of
from balancedu.text import Phrase

MARKS = {2: "✓", 1: "◐", 0: "✗", -1: "？"}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
FIRST = (be.Verdict.NOT_MET, be.Verdict.UNKNOWN, be.Verdict.MET, be.Verdict.NOT_APPLICABLE)


@attrs.frozen
class Shown:
    """A verdict as the page shows it: a mark, a word and the name of its colour."""

    code_name: str
    mark: str
    word: str

    @classmethod
    def of(cls, verdict: be.Verdict) -> Shown:
        """Return how a verdict is shown."""
        mark = {"MET": "✓", "NOT_MET": "✗", "UNKNOWN": "？", "NOT_APPLICABLE": "－"}[verdict.name]
        return cls(verdict.name, mark, verdict.text("zh"))


@attrs.frozen
class Pages:
    """What every page needs: the standards, the state, the templates and the value that its forms carry."""

    law: Law
    access: Access
    work: Workspace
    templates: jinja2.Environment

    def show(self, name: str, here: str, title: str, **values: Any) -> HTMLResponse:
        """Return a page made of a template."""
        common = {"title": title, "here": here, "csrf": self.access.csrf, "version": be.__version__}
        return HTMLResponse(self.templates.get_template(name).render(**common, **values))

    async def form(self, request: Request) -> FormData:
        """Return the fields of a form that this page sent."""
        form = await request.form(max_files=MOST_FILES, max_fields=500)
        if not self.access.is_csrf(str(form.get("csrf", ""))):
            raise HTTPException(403, "the form is not of this page")
        return form

    def judged(self, county: str | None = None) -> be.Evaluation:
        """Return the evaluation of one county; the first where none is named."""
        if self.work.evaluation is None:
            raise RequestError(Phrase("请先打开一份可以评估的数据", "open data that can be judged first"))
        return self.work.evaluation[county or self.work.evaluation.counties[0]]


def page_routes(law: Law, access: Access, stop: Callable[[], None]) -> APIRouter:
    """Return the routes of the page."""
    templates = jinja2.Environment(loader=jinja2.PackageLoader("balancedu.app"), autoescape=True)
    pages = Pages(law, access, Workspace(law.standard()), templates)
    router = APIRouter(include_in_schema=False)
    for add in (_add_opening, _add_result, _add_planning, _add_papers, _add_years):
        add(router, pages)

    @router.get("/alive")
    def alive() -> Response:
        return Response(status_code=204)

    @router.post("/quit")
    async def quit_page(request: Request) -> HTMLResponse:
        await pages.form(request)
        stop()
        return pages.show("message.html", "", "已退出", text="程序已经结束，可以关闭这个页面。", back="/")

    @router.get("/static/{name}")
    def static(name: str) -> Response:
        kinds = {"app.css": "text/css", "app.js": "text/javascript"}
        if name not in kinds:
            raise HTTPException(404)
        content = resources("balancedu.app").joinpath("static", name).read_bytes()
        return Response(content, media_type=f"{kinds[name]}; charset=utf-8")

    return router


def _add_opening(router: APIRouter, pages: Pages) -> None:
    """Add the pages on which data are opened and checked."""
    law, work = pages.law, pages.work

    @router.get("/")
    def start() -> HTMLResponse:
        return pages.show("start.html", "/", "开始", **_standards(law), chosen=work.standard.id)

    @router.post("/open")
    async def open_files(request: Request) -> Response:
        form = await pages.form(request)
        standard = work.standard
        if not form.get("again"):
            overlays = [str(name) for name in form.getlist("overlays")]
            standard = law.standard(form.get("standard") or None, overlays, form.get("on") or None)
        uploaded = await files_of(form)
        await run_in_threadpool(work.open, uploaded, standard)
        return RedirectResponse("/check" if work.problems else "/result", status_code=303)

    @router.post("/example")
    async def example(request: Request) -> Response:
        form = await pages.form(request)
        await run_in_threadpool(work.open_example, str(form.get("name", "failing")), law.standard())
        return RedirectResponse("/result", status_code=303)

    @router.get("/template.xlsx")
    def template() -> Response:
        content = written("template.xlsx", partial(be.write_template, standard=work.standard))
        return _download(content, "填报模板.xlsx", XLSX)

    @router.get("/check")
    def check() -> HTMLResponse:
        submission = work.submission
        return pages.show(
            "check.html",
            "/check",
            "检查数据",
            opened=bool(work.files or submission),
            solved=work.solved,
            problems=[_placed(problem) for problem in work.problems],
            warnings=[warning.text("zh") for warning in submission.warnings] if submission else [],
            notes=[note.text("zh") for note in submission.notes] if submission else [],
        )


def _add_result(router: APIRouter, pages: Pages) -> None:
    """Add the pages of the verdict and of each school."""

    @router.get("/result")
    def result(county: str | None = None) -> HTMLResponse:
        return pages.show("result.html", "/result", "评估结果", **_result(pages.judged(county), _all(pages.work)))

    @router.get("/explain/{entry}")
    async def explain(
        entry: str, county: str | None = None, school: str | None = None, stage: Stage | None = None
    ) -> PlainTextResponse:
        ask = partial(be.explain, pages.judged(county), entry, school=school, stage=stage)
        return PlainTextResponse((await run_in_threadpool(ask)).text("zh"))

    @router.get("/school/{row}")
    def school(row: int, county: str | None = None) -> HTMLResponse:
        evaluation = pages.judged(county)
        if not 0 <= row < evaluation.section_verdicts.size:
            raise RequestError(Phrase("没有这所学校", "no such school"))
        values = _school(evaluation, row)
        return pages.show("school.html", "/result", values.pop("title"), **values)


def _add_planning(router: APIRouter, pages: Pages) -> None:
    """Add what to do: shortfalls, the plan, and what would follow from changes."""
    work = pages.work

    @router.get("/todo")
    def todo(county: str | None = None) -> HTMLResponse:
        evaluation = pages.judged(county)
        lacking = list(be.shortfalls(evaluation).blocks("zh"))
        job = work.job
        plan = list(job.result.blocks("zh")) if job is not None and job.result is not None else []
        return pages.show("todo.html", "/todo", "怎么办", lacking=lacking, plan=plan, job=job, **_choices(evaluation))

    @router.post("/plan")
    async def plan(request: Request) -> Response:
        form = await pages.form(request)
        given = {name: str(value) for name, value in form.items()}
        costs = {name[5:]: _number(given, name) for name in given if name.startswith("cost-") and given[name]}
        if work.job is not None:
            work.job.cancel()
        work.job = Job.start(_planned, pages.judged(), costs)
        return RedirectResponse("/todo", status_code=303)

    @router.get("/plan/status")
    def plan_status() -> dict[str, Any]:
        job = work.job
        return {"running": job is not None and job.is_running, "seconds": job.seconds if job else 0}

    @router.post("/plan/cancel")
    async def plan_cancel(request: Request) -> Response:
        await pages.form(request)
        if work.job is not None:
            work.job.cancel()
        return RedirectResponse("/todo", status_code=303)

    @router.post("/what-if")
    async def what_if(request: Request) -> HTMLResponse:
        form = await pages.form(request)
        change = _change({name: str(value) for name, value in form.items() if value})
        answer = await run_in_threadpool(be.what_if, pages.judged(), [change])
        return pages.show("blocks_page.html", "/todo", "测算结果", blocks=list(answer.blocks("zh")), back="/todo")


def _add_papers(router: APIRouter, pages: Pages) -> None:
    """Add what can be downloaded and handed in."""

    @router.get("/papers")
    def papers() -> HTMLResponse:
        pages.judged()
        return pages.show("papers.html", "/papers", "材料", papers=PAPERS)

    @router.get("/papers/{name}")
    async def paper(name: str, county: str | None = None) -> Response:
        evaluation = pages.judged(county)
        if name == "all.zip":
            return _download(await run_in_threadpool(_zip, evaluation), "全部材料.zip", "application/zip")
        if name not in PAPERS:
            raise HTTPException(404)
        title, kind, write = PAPERS[name]
        content = await run_in_threadpool(written, name, partial(write, evaluation))
        return _download(content, f"{title}{Path(name).suffix}", kind)


def _add_years(router: APIRouter, pages: Pages) -> None:
    """Add last year beside this year, and several counties side by side."""
    work = pages.work

    @router.get("/years")
    def years() -> HTMLResponse:
        compared = list(be.compare(work.earlier, pages.judged()).blocks("zh")) if work.earlier is not None else []
        return pages.show("years.html", "/years", "历年与多县", compared=compared, counties=_counties(work))

    @router.post("/years")
    async def years_open(request: Request) -> Response:
        uploaded = await files_of(await pages.form(request))
        await run_in_threadpool(work.open_earlier, uploaded)
        return RedirectResponse("/years", status_code=303)


def error_page(access: Access, error: BalanceduError) -> HTMLResponse:
    """Return an error as a page."""
    templates = jinja2.Environment(loader=jinja2.PackageLoader("balancedu.app"), autoescape=True)
    text = templates.get_template("message.html").render(
        title="没有完成", here="", csrf=access.csrf, version=be.__version__, text=error.text("zh"), back="/"
    )
    return HTMLResponse(text, status_code=422)


def _standards(law: Law) -> dict[str, Any]:
    editions = [be.load_standard(name) for name in be.available_standards()]
    overlays = [be.load_standard(name) for name in be.available_overlays()]
    return {
        "standards": [
            {"id": edition.id, "title": edition.title.zh, "document": edition.head.document} for edition in editions
        ],
        "overlays": [
            {"id": overlay.overlays[-1], "title": overlay.applied[-1].title.zh}
            for overlay in overlays
            if overlay.applied
        ]
        + [{"id": name, "title": name} for name in law.overlays],
    }


def _placed(problem: dict[str, Any]) -> dict[str, Any]:
    """Return a problem with its sheet and cell apart."""
    place = str(problem.get("place", ""))
    sheet, _, cell = place.rpartition("!") if "!" in place else place.rpartition("，")
    return {**problem, "sheet": sheet or problem.get("table", ""), "cell": cell or place}


def _all(work: Workspace) -> list[tuple[str, str]]:
    evaluation = work.evaluation
    return [(county, county) for county in evaluation.counties] if evaluation is not None else []


def _result(evaluation: be.Evaluation, counties: list[tuple[str, str]]) -> dict[str, Any]:
    standard = evaluation.standard
    findings = sorted(evaluation.items.values(), key=lambda finding: FIRST.index(finding.verdict))
    failing = [finding.item.name.zh for finding in findings if finding.verdict is be.Verdict.NOT_MET]
    unknown = sum(finding.verdict is be.Verdict.UNKNOWN for finding in findings)
    summary = f"{len(failing)}项未达标：{'、'.join(failing)}。" if failing else "没有未达标的条目。"
    summary += f"{unknown}项因数据缺报待定。" if unknown else ""
    undecided = be.gaps(evaluation)
    return {
        "county": evaluation.counties[0],
        "counties": counties,
        "floor": _floor(standard),
        "verdict": Shown.of(evaluation.verdict),
        "summary": summary,
        "parts": [
            {"title": standard.parts[part].title.zh, "verdict": Shown.of(verdict)}
            for part, verdict in evaluation.parts.items()
        ],
        "items": [
            {
                "id": finding.item.id,
                "name": finding.item.name.zh,
                "verdict": Shown.of(finding.verdict),
                "reason": finding.grounds("zh"),
            }
            for finding in findings
        ],
        "indicators": [indicator.name.zh for indicator in standard.indicators.values()],
        "sections": [_section(evaluation, row) for row in range(evaluation.section_verdicts.size)],
        "spread": list(_spread(evaluation)),
        "gaps": undecided.text("zh") if len(undecided) else "",
    }


def _section(evaluation: be.Evaluation, row: int) -> dict[str, Any]:
    section = section_of(evaluation.record.basis, int(evaluation.section_rows[row]))
    cells = zip(section.values.values(), evaluation.standing[row].tolist(), strict=True)
    return {
        "row": row,
        "name": section.text("zh"),
        "stage": section.stage_title.zh,
        "pupils": f"{section.pupils:g}",
        "verdict": Shown.of(section.verdict),
        "cells": [_cell(value, standing) for value, standing in cells],
    }


def _cell(value: float, standing: int) -> dict[str, Any]:
    text = "" if np.isnan(value) else f"{value:.2f}"
    return {"value": text, "text": text, "standing": standing, "mark": MARKS[standing]}


def _spread(evaluation: be.Evaluation) -> Iterator[dict[str, Any]]:
    standard = evaluation.standard
    checks = {check.id: check for finding in evaluation.items.values() for check in finding.checks}
    for stage in evaluation.stages:
        for indicator in standard.indicators.values():
            check = checks.get(f"{indicator.id}.{stage}")
            if check is None or np.isnan(check.observed):
                continue
            names = [driver.name.zh for driver in be.drivers(evaluation, indicator.id, stage).sections[:2]]
            yield {
                "stage": standard.head.stage_titles[stage].zh,
                "indicator": indicator.title.zh,
                "cv": f"{check.observed:.3f}",
                "limit": f"{check.required:.2f}",
                "verdict": Shown.of(check.verdict),
                "drivers": "、".join(names),
            }


def _school(evaluation: be.Evaluation, row: int) -> dict[str, Any]:
    section = section_of(evaluation.record.basis, int(evaluation.section_rows[row]))
    standard, stage = evaluation.standard, section.stage
    means = evaluation.mean[0, evaluation.stages.index(stage)].tolist()
    share = _floor(standard)
    words = {2: "达到标准", 1: f"低于标准，达到{share}", 0: f"低于{share}", -1: "数据缺报"}
    rows = []
    for number, indicator in enumerate(standard.indicators.values()):
        standing = int(evaluation.standing[row, number])
        limit, floors = indicator.thresholds[stage], standard.floors.get(indicator.id)
        floor = floors[stage] if floors is not None else None
        rows.append(
            {
                "id": indicator.id,
                "title": indicator.title.zh,
                **_cell(section.values[indicator.id], standing),
                "standard": f"{limit.value:f}" if limit is not None else "",
                "floor": f"{floor.value:f}" if floor is not None else "",
                "mean": "" if np.isnan(means[number]) else f"{means[number]:.2f}",
                "words": words[standing],
            }
        )
    title = f"{section.text('zh')}（{section.pupils:g}人）"
    place = {"county": section.county, "school": section.school, "stage": stage}
    return {"title": title, "floor": share, "rows": rows, **place}


def _planned(evaluation: be.Evaluation, costs: dict[str, float]) -> Any:
    return be.plan(evaluation, costs=costs or None)


def _floor(standard: Standard) -> str:
    """Return what the floor of the standard is called, as the share that a rule states."""
    rules = [rule for item in standard.items.values() for rule in item.rules if isinstance(rule, SectionsComply)]
    shares = [rule.floor_share for rule in rules if rule.floor_share is not None]
    return f"标准的{float(shares[0]):.0%}" if shares else "底线"


def _choices(evaluation: be.Evaluation) -> dict[str, Any]:
    """Return the schools and the measures that forms offer."""
    standard, table = evaluation.standard, evaluation.submission.schools.columns
    names = table["name"].tolist() if "name" in table else table["school"].tolist()
    used = {
        term.removeprefix("-")
        for indicator in standard.indicators.values()
        for stage in evaluation.stages
        for term in (indicator.amount or indicator.amount_by_stage.get(stage, ()))
    }
    measures = [standard.measures[name] for name in standard.measures if name in used]
    return {
        "schools": [
            (str(school), str(name) or str(school)) for school, name in zip(table["school"], names, strict=True)
        ],
        "measures": [(measure.id, measure.title.zh, measure.unit.zh if measure.unit else "") for measure in measures],
        "stages": [(stage, standard.head.stage_titles[stage].zh) for stage in evaluation.stages],
    }


def _change(given: dict[str, str]) -> dict[str, Any]:
    """Return a change as `what_if` takes it, from the fields of a form."""
    kind = given.pop("do", "")
    if kind == "add":
        return {"do": kind, "school": given.get("school", ""), "amounts": {given.get("measure", ""): _number(given)}}
    if kind == "move_pupils":
        places = {"from": given.get("school", ""), "to": given.get("to", ""), "stage": given.get("stage", "")}
        return {"do": kind, **places, "pupils": _number(given)}
    if kind == "merge":
        return {"do": kind, "schools": [given.get("school", "")], "into": given.get("to", "")}
    raise RequestError(Phrase("请选择一种调整", "choose a kind of change"))


def _number(given: dict[str, str], name: str = "amount") -> float:
    try:
        return float(given.get(name, ""))
    except ValueError:
        raise RequestError(Phrase("数量应为数字", "the amount must be a number")) from None


def _counties(work: Workspace) -> list[dict[str, Any]]:
    evaluation = work.evaluation
    if evaluation is None:
        return []
    return [{"id": county, "verdict": Shown.of(evaluation[county].verdict)} for county in evaluation.counties]


def _download(content: bytes, name: str, kind: str) -> Response:
    disposition = f"attachment; filename*=UTF-8''{quote(name)}"
    return Response(content, media_type=kind, headers={"content-disposition": disposition})


Writer = Callable[[be.Evaluation, Path], None]
PAPERS: dict[str, tuple[str, str, Writer]] = {
    "workbook.xlsx": ("填报工作簿", XLSX, lambda ev, path: be.write_submission(ev.submission, path)),
    "forms.xlsx": ("申报表", XLSX, be.write_forms),
    "self-evaluation.docx": ("自查自评报告", DOCX, partial(be.write_report, kind="self-evaluation")),
    "rectification.docx": ("整改方案", DOCX, partial(be.write_report, kind="rectification")),
}
"""Every paper that can be downloaded: its title, its kind and what writes it."""


def _zip(evaluation: be.Evaluation) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, (title, _, write) in PAPERS.items():
            archive.writestr(f"{title}{Path(name).suffix}", written(name, partial(write, evaluation)))
    return packed.getvalue()
