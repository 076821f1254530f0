"""The first page: open files, an example or the empty template, and choose the standard."""

from __future__ import annotations

from functools import partial
from typing import Any, Literal

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse

import balancedu as be
from balancedu.app.law import Law
from balancedu.app.pages import XLSX, Pages, download, redirect
from balancedu.app.uploads import written
from balancedu.files.open import WORKBOOKS


def start_routes(pages: Pages) -> APIRouter:
    """Return the routes of the first page."""
    router, law, work = APIRouter(include_in_schema=False), pages.law, pages.work

    @router.get("/")
    def start() -> HTMLResponse:
        chosen = [work.standard.head.id, *work.standard.overlays]
        day = work.standard.day or ""
        endings = ",".join((*WORKBOOKS, ".csv", ".txt", ".yaml", ".yml"))
        return pages.show("start.html", "/", "开始", editions=_editions(law), chosen=chosen, day=day, endings=endings)

    @router.post("/open")
    async def open_files(request: Request) -> Response:
        form = await pages.form(request)
        again = bool(form.get("again"))
        standard = work.standard
        if not again:
            chosen = form.get("standard"), form.all("overlays"), form.get("on")
            standard = await run_in_threadpool(law.standard, *chosen)
        await run_in_threadpool(partial(work.open, form.uploaded(), standard, again=again))
        return redirect("/check" if work.problems or work.changed else "/result")

    @router.post("/example")
    async def example(request: Request) -> Response:
        form = await pages.form(request)
        name: Literal["passing", "failing"] = "passing" if form.get("name") == "passing" else "failing"
        await run_in_threadpool(work.open_example, name, law.standard())
        return redirect("/result")

    @router.get("/template.xlsx")
    def template() -> Response:
        content = written("template.xlsx", partial(be.write_template, standard=work.standard))
        return download(content, "填报模板.xlsx", XLSX)

    return router


def _editions(law: Law) -> list[dict[str, Any]]:
    """Return the editions, each with the overlays that extend it."""
    return [
        {
            "id": edition.id,
            "title": edition.title.zh,
            "document": edition.head.document,
            "overlays": [overlay for overlay in law.offered if overlay.edition == edition.head.id],
        }
        for edition in reversed(law.editions)
    ]
