"""What every request must satisfy before a route sees it: host, origin, token, size and time."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Callable
from hashlib import sha256
from http import HTTPStatus
from urllib.parse import urlsplit

import attrs
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from balancedu.text import Phrase

COOKIE = "balancedu"
MEGABYTE = 1024 * 1024
HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
OPEN = ("/static/", "/favicon.ico")
"""Paths that contain nothing of a county and need no token."""


@attrs.frozen
class Limits:
    """How much a client may send, and how long it may take."""

    body_bytes: int = 64 * MEGABYTE
    body_seconds: float = 60.0
    at_once: int = 64


@attrs.frozen
class Access:
    """Who has access: the token of this run, and the names under which this server is reached."""

    token: str
    hosts: frozenset[str]

    @property
    def csrf(self) -> str:
        """The value that forms of the page carry; it follows from the token and does not reveal it."""
        return hmac.new(self.token.encode(), b"form", sha256).hexdigest()

    def is_token(self, given: str) -> bool:
        """Return whether a text is the token, in constant time."""
        return hmac.compare_digest(given.encode(), self.token.encode())

    def is_csrf(self, given: str) -> bool:
        """Return whether a text is the value that forms carry, in constant time."""
        return hmac.compare_digest(given.encode(), self.csrf.encode())


class _RefusedError(Exception):
    def __init__(self, status: int, zh: str, en: str) -> None:
        title = Phrase(zh, en)
        super().__init__(status, title)
        self.status, self.title = status, title

    def response(self, path: str) -> Response:
        """Return the answer: a problem document for a program, a text for a person; the connection ends with it."""
        headers = {"connection": "close"}
        if not path.startswith("/api/"):
            return PlainTextResponse(self.title.zh, self.status, headers)
        title = HTTPStatus(self.status).phrase
        problem = {"type": "about:blank", "title": title, "status": self.status, "detail": self.title.en}
        return JSONResponse(problem, self.status, headers, "application/problem+json")


class Guard:
    """ASGI middleware: refuses foreign hosts and origins, requests without the token, and bodies beyond the limits.

    Host and Origin are checked against rebinding and forged requests. `/api/` takes `Authorization: Bearer`, the page a
    cookie that `/?token=…` sets once.
    """

    def __init__(self, app: ASGIApp, access: Access, limits: Limits, seen: Callable[[], None]) -> None:
        self.app = app
        self.access = access
        self.limits = limits
        self.seen = seen
        self.open_bodies: int = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            return
        request, started = HTTPConnection(scope), False

        async def send_guarded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                own = {name for name, _ in message["headers"]}
                ours = ((name.encode(), value.encode()) for name, value in HEADERS.items())
                message["headers"] = [*message["headers"], *(pair for pair in ours if pair[0] not in own)]
            await send(message)

        try:
            self._check_place(request)
            if self._brings_token(request):
                answer = RedirectResponse("/" + scope["path"].lstrip("/"), 303)
                answer.set_cookie(COOKIE, self.access.token, httponly=True, samesite="strict")
                await answer(scope, receive, send_guarded)
                return
            self._check_length(request)
            self.seen()
            has_body = scope["method"] not in ("GET", "HEAD")
            if has_body and self.open_bodies >= self.limits.at_once:
                raise _RefusedError(503, "同时处理的请求太多，请稍后再试", "too many requests at once")
            self.open_bodies += has_body
            try:
                await self.app(scope, self._bounded(receive), send_guarded)
            finally:
                self.open_bodies -= has_body
        except _RefusedError as refused:
            if not started:
                await refused.response(scope["path"])(scope, receive, send_guarded)

    def _check_place(self, request: HTTPConnection) -> None:
        headers = request.headers
        if headers.get("host", "") not in self.access.hosts:
            raise _RefusedError(421, "不能用这个地址访问", "this server is not reached under that name")
        origin, site = headers.get("origin"), headers.get("sec-fetch-site", "same-origin")
        is_foreign = origin is not None and urlsplit(origin).netloc not in self.access.hosts
        if is_foreign or site not in ("same-origin", "none"):
            raise _RefusedError(403, "不接受其他网页发来的请求", "requests from another page are refused")

    def _brings_token(self, request: HTTPConnection) -> bool:
        """Return whether the token came in the address of the page; refuse a request without a token."""
        path = request.scope["path"]
        if path.startswith(OPEN):
            return False
        if path.startswith("/api/"):
            kind, _, given = request.headers.get("authorization", "").partition(" ")
            if kind.lower() != "bearer" or not self.access.is_token(given.strip()):
                raise _RefusedError(401, "缺少令牌", "the header 'Authorization: Bearer TOKEN' is missing or wrong")
            return False
        if self.access.is_token(request.query_params.get("token", "")):
            return True
        if not self.access.is_token(request.cookies.get(COOKIE, "")):
            raise _RefusedError(
                401,
                "请用程序启动时显示的地址打开，或再启动一次程序",
                "open the page with the address that balancedu printed when it started",
            )
        return False

    def _check_length(self, request: HTTPConnection) -> None:
        length = request.headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > self.limits.body_bytes:
            raise self._too_large()

    def _too_large(self) -> _RefusedError:
        most = self.limits.body_bytes // MEGABYTE
        return _RefusedError(413, f"一次最多上传{most}MB", f"a request may hold at most {most} MB")

    def _bounded(self, receive: Receive) -> Receive:
        loop = asyncio.get_running_loop()
        until = loop.time() + self.limits.body_seconds
        size, whole = 0, False

        async def receive_bounded() -> Message:
            nonlocal size, whole
            if whole:  # what follows the body is the end of the connection, which may take as long as it likes
                return await receive()
            try:
                message = await asyncio.wait_for(receive(), max(0.0, until - loop.time()))
            except TimeoutError:
                raise _RefusedError(408, "上传用时太长", "the request took too long to arrive") from None
            size += len(message.get("body", b""))
            whole = not message.get("more_body", False)
            if size > self.limits.body_bytes:
                raise self._too_large()
            return message

        return receive_bounded
