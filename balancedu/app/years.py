"""The page of last year beside this year."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse

import balancedu as be
from balancedu.app.pages import Pages, redirect
from balancedu.document import Block
from balancedu.errors import RequestError
from balancedu.text import Phrase


def years_routes(pages: Pages) -> APIRouter:
    """Return the routes of last year beside this year."""
    router, work = APIRouter(include_in_schema=False), pages.work

    @router.get("/years")
    def years(county: str | None = None) -> HTMLResponse:
        evaluation = pages.judged(county)
        compared = _compared(work.earlier, evaluation) if work.earlier is not None else []
        return pages.show("years.html", "/years", "与上年对照", county=evaluation.counties[0], compared=compared)

    @router.post("/years")
    async def years_open(request: Request) -> Response:
        form = await pages.form(request)
        await run_in_threadpool(work.open_earlier, form.uploaded())
        return redirect("/years", form.get("county"))

    return router


def _compared(earlier: be.Evaluation, evaluation: be.Evaluation) -> list[Block]:
    county = evaluation.counties[0]
    if len(earlier.counties) > 1 and county not in earlier:
        raise RequestError(Phrase("上年的数据中没有这个县", "last year's data do not hold this county"))
    before = earlier[county] if county in earlier.counties else earlier
    return list(be.compare(before, evaluation).blocks("zh"))
