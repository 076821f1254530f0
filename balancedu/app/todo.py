"""The page of what to do: shortfalls, the cheapest plan, and what would follow from changes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse

import balancedu as be
from balancedu.app.jobs import Job
from balancedu.app.pages import XLSX, Pages, download, redirect
from balancedu.app.uploads import written
from balancedu.app.workspace import Workspace
from balancedu.core.standard import Standard
from balancedu.document import Result
from balancedu.errors import RequestError
from balancedu.planning.plan.request import changeable, priced
from balancedu.text import Phrase

PLAN_SECONDS = 60.0
_TITLES = {"shortfalls": "各校缺口", "plan": "最低投入测算", "what-if": "调整测算"}


def todo_routes(pages: Pages) -> APIRouter:
    """Return the routes of what to do."""
    router, work = APIRouter(include_in_schema=False), pages.work

    @router.get("/todo")
    def todo(county: str | None = None) -> HTMLResponse:
        evaluation = pages.judged(county)
        job = work.job_of(evaluation.counties[0])
        changes = _changes_of(work, evaluation)
        return pages.show(
            "todo.html",
            "/todo",
            "怎么办",
            county=evaluation.counties[0],
            lacking=list(be.shortfalls(evaluation).blocks("zh")),
            job=job,
            plan=list(job.result.blocks("zh")) if job is not None and job.result is not None else [],
            what_if=list(be.what_if(evaluation, changes).blocks("zh")) if changes else [],
            **_choices(evaluation),
        )

    @router.post("/plan")
    async def plan(request: Request) -> Response:
        form = (await pages.form(request)).filled()
        evaluation = pages.judged(form.get("county"))
        costs, caps = (_numbers(form, kind) for kind in ("cost", "cap"))
        fixed = [name.removeprefix("fixed-") for name in form if name.startswith("fixed-")]
        if work.job is not None:
            work.job.cancel()
        work.job = await run_in_threadpool(
            Job.start, evaluation.counties[0], PLAN_SECONDS, _planned, evaluation, costs, caps, fixed
        )
        return redirect("/todo", evaluation.counties[0])

    @router.get("/plan/status")
    def plan_status() -> dict[str, Any]:
        job = work.job
        return {"running": job is not None and job.is_running, "seconds": job.seconds if job is not None else 0}

    @router.post("/plan/cancel")
    async def plan_cancel(request: Request) -> Response:
        form = await pages.form(request)
        if work.job is not None:
            work.job.cancel()
        return redirect("/todo", form.get("county"))

    @router.post("/what-if")
    async def what_if(request: Request) -> Response:
        form = (await pages.form(request)).filled()
        evaluation = pages.judged(form.get("county"))
        if "clear" in form:
            work.changes.clear()
            return redirect("/todo", evaluation.counties[0])
        change = {**_change(form), "county": evaluation.counties[0]}
        changes = [*work.changes, change]
        mine = [entry for entry in changes if entry["county"] == change["county"]]
        # A change that the county does not allow is refused here, and is not kept.
        await run_in_threadpool(be.what_if, evaluation, mine)
        work.changes = changes
        return redirect("/todo", evaluation.counties[0])

    @router.get("/todo/{name}.xlsx")
    async def table(name: str, county: str | None = None) -> Response:
        evaluation = pages.judged(county)
        job, changes = work.job_of(evaluation.counties[0]), _changes_of(work, evaluation)
        result: Result
        if name == "shortfalls":
            result = await run_in_threadpool(be.shortfalls, evaluation)
        elif name == "plan" and job is not None and job.result is not None:
            result = job.result
        elif name == "what-if" and changes:
            result = await run_in_threadpool(be.what_if, evaluation, changes)
        else:
            raise HTTPException(404)
        title = _TITLES[name]
        write = partial(be.write_result, result, title=title, lang="zh")
        return download(await run_in_threadpool(written, "result.xlsx", write), f"{title}.xlsx", XLSX)

    return router


def _changes_of(work: Workspace, evaluation: be.Evaluation) -> list[dict[str, Any]]:
    return [change for change in work.changes if change["county"] == evaluation.counties[0]]


def _planned(
    evaluation: be.Evaluation, costs: Mapping[str, float], caps: Mapping[str, float], fixed: list[str]
) -> Result:
    return be.plan(evaluation, costs=costs, caps=caps, fixed=fixed, seconds=PLAN_SECONDS)


def _choices(evaluation: be.Evaluation) -> dict[str, Any]:
    """Return the schools, measures and uses of rooms that forms offer."""
    standard, columns = evaluation.standard, evaluation.submission.schools.columns
    ids = columns["school"].tolist() if "school" in columns else []
    names = columns["name"].tolist() if "name" in columns else ids
    uses = standard.measures.get("rooms.use")
    return {
        "schools": [(str(school), str(name) or str(school)) for school, name in zip(ids, names, strict=True)],
        "measures": [_measure(standard, name) for name in changeable(standard)],
        "prices": [_measure(standard, name) for name in priced(standard)],
        "stages": [(stage, standard.head.stage_titles[stage].zh) for stage in evaluation.stages],
        "uses": [(use.id, use.title.zh) for use in uses.values] if uses else [],
    }


def _measure(standard: Standard, name: str) -> dict[str, Any]:
    measure = standard.measures[name]
    example = measure.example_cost
    return {
        "id": name,
        "title": measure.title.zh,
        "unit": measure.unit.zh if measure.unit else "",
        "price": f"{example.add:f}" if example else "",
        "can_be_capped": name in changeable(standard),
    }


def _change(form: Mapping[str, str]) -> dict[str, Any]:
    """Return a change as `what_if` takes it, from the fields of a form."""
    kind, school, to = (form.get(name, "") for name in ("do", "school", "to"))
    if kind == "add":
        return {"do": kind, "school": school, "amounts": {form.get("measure", ""): _number(form, "amount")}}
    if kind == "transfer":
        amounts = {form.get("measure", ""): _number(form, "amount")}
        return {"do": kind, "out_of": school, "to": to, "amounts": amounts}
    if kind == "move_pupils":
        pupils = {"stage": form.get("stage", ""), "pupils": _number(form, "amount")}
        return {"do": kind, "out_of": school, "to": to, **pupils}
    if kind == "merge":
        return {"do": kind, "schools": [school], "into": to}
    if kind == "build_rooms":
        room = {"use": form.get("use", ""), "area": _number(form, "area"), "rooms": _number(form, "amount")}
        return {"do": kind, "school": school, **room}
    raise RequestError(Phrase("请选择一种调整", "choose a kind of change"))


def _numbers(form: Mapping[str, str], kind: str) -> dict[str, float]:
    """Return the numbers that a form holds by measure, of those fields that are filled."""
    names = (name for name in form if name.startswith(f"{kind}-"))
    return {name.removeprefix(f"{kind}-"): _number(form, name) for name in names}


def _number(form: Mapping[str, str], name: str) -> float:
    try:
        number = float(form.get(name, ""))
    except ValueError:
        raise RequestError(Phrase("数量应填数字", "the amount must be a number")) from None
    return int(number) if number.is_integer() else number
