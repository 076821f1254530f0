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
from balancedu.app.uploads import files_of, written


def start_routes(pages: Pages) -> APIRouter:
    """Return the routes of the first page."""
    router, law, work = APIRouter(include_in_schema=False), pages.law, pages.work

    @router.get("/")
    def start() -> HTMLResponse:
        chosen = [work.standard.head.id, *work.standard.overlays]
        day = work.standard.day or ""
        return pages.show("start.html", "/", "开始", editions=_editions(law), chosen=chosen, day=day)

    @router.post("/open")
    async def open_files(request: Request) -> Response:
        form = await pages.form(request)
        again = bool(form.get("again"))
        standard = work.standard
        if not again:
            overlays = [str(name) for name in form.getlist("overlays")]
            on = str(form.get("on") or "") or None
            standard = await run_in_threadpool(law.standard, str(form.get("standard") or "") or None, overlays, on)
        uploaded = await files_of(form)
        await run_in_threadpool(partial(work.open, uploaded, standard, again=again))
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
            "overlays": [
                {"id": overlay.overlays[-1], "title": overlay.applied[-1].title.zh}
                for overlay in law.offered
                if overlay.head.id == edition.head.id and overlay.applied
            ],
        }
        for edition in reversed(law.editions)
    ]
