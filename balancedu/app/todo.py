"""The page of what to do: shortfalls, the cheapest plan, and what would follow from changes."""

from __future__ import annotations

from functools import partial
from typing import Any

from fastapi import APIRouter, HTTPException, Response
from fastapi.responses import HTMLResponse

import balancedu as be
from balancedu.app.inputs import SentForm
from balancedu.app.pages import Pages, Sent, download, redirect
from balancedu.app.workspace import Job
from balancedu.document import Result
from balancedu.errors import RequestError
from balancedu.planning.plan.model import changeable, priced
from balancedu.text import Phrase

PLAN_SECONDS = 60.0
_TITLES = {"shortfalls": "各校缺口", "plan": "最低投入测算", "what-if": "调整测算"}


def todo_routes(pages: Pages) -> APIRouter:
    """Return the routes of what to do."""
    router, work = APIRouter(include_in_schema=False), pages.work

    @router.get("/todo")
    def todo(county: str | None = None) -> HTMLResponse:
        evaluation = pages.evaluation_of(county)
        name = evaluation.counties[0]
        results = {kind: list(result.blocks("zh")) for kind, result in _results(pages, evaluation).items()}
        job = work.job_of(name)
        return pages.show("todo.html", "/todo", "怎么办", county=name, results=results, job=job, **_choices(evaluation))

    @router.post("/plan")
    def plan(form: Sent) -> Response:
        evaluation = pages.evaluation_of(form.get("county"))
        fixed = [name.removeprefix("fixed-") for name in form.texts if name.startswith("fixed-")]
        settings = {"costs": form.numbered("cost-"), "caps": form.numbered("cap-"), "fixed": fixed}
        if work.job is not None:
            work.job.cancel()
        work.job = Job.start(evaluation.counties[0], PLAN_SECONDS, _planned, evaluation, settings)
        return redirect("/todo", evaluation.counties[0])

    @router.get("/plan/status")
    def plan_status() -> dict[str, Any]:
        job = work.job
        return {"running": job is not None and job.is_running, "seconds": job.seconds if job is not None else 0}

    @router.post("/plan/cancel")
    def plan_cancel(form: Sent) -> Response:
        if work.job is not None:
            work.job.cancel()
        return redirect("/todo", form.get("county"))

    @router.post("/what-if")
    def what_if(form: Sent) -> Response:
        evaluation = pages.evaluation_of(form.get("county"))
        county = evaluation.counties[0]
        if form.get("clear"):
            work.changes.clear()
            return redirect("/todo", county)
        changes = [*work.changes, {**_change(form), "county": county}]
        # A change that the county does not allow is refused here, and is not kept.
        be.what_if(evaluation, [change for change in changes if change["county"] == county])
        work.changes = changes
        return redirect("/todo", county)

    @router.get("/todo/{kind}.xlsx")
    def table(kind: str, county: str | None = None) -> Response:
        result = _results(pages, pages.evaluation_of(county)).get(kind)
        if result is None:
            raise HTTPException(404)
        title = _TITLES[kind]
        return download(f"{title}.xlsx", partial(be.write_result, result, title=title, lang="zh"))

    return router


def _results(pages: Pages, evaluation: be.Evaluation) -> dict[str, Result]:
    """Return what there is to show of a county: shortfalls, and a plan and changes where they were requested."""
    results: dict[str, Result] = {"shortfalls": be.shortfalls(evaluation)}
    if plan := pages.plan_of(evaluation):
        results["plan"] = plan
    if changes := [change for change in pages.work.changes if change["county"] == evaluation.counties[0]]:
        results["what-if"] = be.what_if(evaluation, changes)
    return results


def _planned(evaluation: be.Evaluation, settings: dict[str, Any]) -> Result:
    return be.plan(evaluation, seconds=PLAN_SECONDS, **settings)


def _choices(evaluation: be.Evaluation) -> dict[str, Any]:
    """Return the schools, measures, prices, stages and uses of rooms that forms offer."""
    standard, schools = evaluation.standard, evaluation.submission.schools
    names = zip(schools.columns["school"].tolist(), schools.texts("name").tolist(), strict=True)
    uses = standard.measures.get("rooms.use")
    return {
        "schools": [(school, name or school) for school, name in names],
        "measures": [standard.measures[name] for name in changeable(standard)],
        "prices": [standard.measures[name] for name in priced(standard)],
        "stages": {stage: standard.head.stage_titles[stage] for stage in evaluation.stages},
        "uses": uses.values if uses else (),
    }


def _change(form: SentForm) -> dict[str, Any]:
    """Return a change as `what_if` takes it, from the fields of a form."""
    kind, school, to = form.get("do"), form.get("school"), form.get("to")
    if kind == "merge":
        return {"do": kind, "schools": [school], "into": to}
    amount = form.number("amount")
    if kind == "add":
        return {"do": kind, "school": school, "amounts": {form.get("measure"): amount}}
    if kind == "transfer":
        return {"do": kind, "out_of": school, "to": to, "amounts": {form.get("measure"): amount}}
    if kind == "move_pupils":
        return {"do": kind, "out_of": school, "to": to, "stage": form.get("stage"), "pupils": amount}
    if kind == "build_rooms":
        return {"do": kind, "school": school, "use": form.get("use"), "area": form.number("area"), "rooms": amount}
    raise RequestError(Phrase("请选择一种调整", "choose a kind of change"))
