"""The application: the routes of the page and of the service behind the same guard."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import PlainTextResponse
from starlette.exceptions import HTTPException

import balancedu as be
from balancedu.app.api import api_routes, problem_response
from balancedu.app.data import data_routes
from balancedu.app.guard import Access, Guard, Limits
from balancedu.app.inputs import Law
from balancedu.app.pages import Pages, sent_form, static_routes
from balancedu.app.papers import papers_routes
from balancedu.app.result import result_routes
from balancedu.app.todo import todo_routes
from balancedu.app.workspace import Workspace
from balancedu.errors import BalanceduError

LAST_SECONDS = 1.5


def create_app(
    token: str | None = None,
    hosts: frozenset[str] = frozenset({"testserver"}),
    *,
    overlays: Sequence[Path] = (),
    limits: Limits | None = None,
) -> FastAPI:
    """Return the ASGI application.

    Parameters
    ----------
    token : str, optional
        What a client must know; left out, a new one.
    hosts : frozenset of str
        The names, with their port, under which the server is reached; other Host headers are refused.
    overlays : sequence of Path
        Own overlay files that requests may name by their id.
    limits : Limits, optional
        Size, time and number of requests.
    """
    access = Access(token or secrets.token_urlsafe(24), hosts)
    app = FastAPI(
        title="balancedu", version=be.__version__, openapi_url="/api/openapi.json", docs_url=None, redoc_url=None
    )
    app.state.access = access
    app.state.last_seen = time.monotonic()
    app.state.stop = lambda: None
    law = Law.of(overlays)
    pages = Pages(law, access, Workspace(law.standard()))
    app.include_router(api_routes(law))
    app.include_router(static_routes())
    for routes in (data_routes, result_routes, todo_routes, papers_routes):
        app.include_router(routes(pages))

    def seen() -> None:
        app.state.last_seen = time.monotonic()

    @app.get("/alive", include_in_schema=False)
    def alive() -> Response:
        return Response(status_code=204)

    @app.post("/quit", include_in_schema=False, dependencies=[Depends(sent_form)])
    def quit_page() -> Response:
        # The browser still has to load the style of the last page.
        threading.Timer(LAST_SECONDS, app.state.stop).start()
        return pages.show("message.html", "quit", "已退出", text="程序已经结束，可以关闭这个页面。", back="")

    @app.exception_handler(BalanceduError)
    async def refused(request: Request, error: BalanceduError) -> Response:
        return problem_response(error, posted=request.method == "POST") if _is_service(request) else pages.error(error)

    @app.exception_handler(HTTPException)
    @app.exception_handler(RequestValidationError)
    @app.exception_handler(Exception)
    async def failed(request: Request, error: Exception) -> Response:
        if isinstance(error, HTTPException) and not _is_service(request):
            return PlainTextResponse(str(error.detail), error.status_code, error.headers)
        return problem_response(error)

    app.add_middleware(Guard, access=access, limits=limits or Limits(), seen=seen)
    return app


def _is_service(request: Request) -> bool:
    return request.url.path.startswith("/api/")
