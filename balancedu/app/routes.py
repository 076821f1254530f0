"""The application: the routes of the page and of the service behind the same guard."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from pathlib import Path

from fastapi import FastAPI, Request, Response

import balancedu as be
from balancedu.app.api import Law, api_routes, problem_response
from balancedu.app.guard import Access, Guard, Limits
from balancedu.app.pages import error_page, page_routes
from balancedu.errors import BalanceduError


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
    law = Law.of(overlays)

    def stop() -> None:
        """End the process; a server that is embedded elsewhere has nothing to end."""
        getattr(app.state, "stop", lambda: None)()

    app.include_router(api_routes(law))
    app.include_router(page_routes(law, access, stop))

    def seen() -> None:
        app.state.last_seen = time.monotonic()

    @app.exception_handler(BalanceduError)
    async def refused(request: Request, error: BalanceduError) -> Response:
        return problem_response(error) if request.url.path.startswith("/api/") else error_page(access, error)

    app.add_middleware(Guard, access=access, limits=limits or Limits(), seen=seen)
    return app
