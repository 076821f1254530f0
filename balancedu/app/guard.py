"""What every request must satisfy before a route sees it: host, origin, token, size and time."""

from __future__ import annotations

import asyncio
import hmac
import json
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from hashlib import sha256
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs, urlsplit

import attrs

from balancedu.text import Phrase

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

COOKIE = "balancedu"
MEGABYTE = 1024 * 1024
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = [
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
]
OPEN = ("/static/", "/favicon.ico")
"""Paths that hold nothing of a county and need no token."""


@attrs.frozen
class Limits:
    """How much a client may send, and how long it may take."""

    body_bytes: int = 64 * MEGABYTE
    body_seconds: float = 60.0
    at_once: int = 64


@attrs.frozen
class Access:
    """Who may ask: the token of this run, and the names under which this server is reached."""

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


class Guard:
    """ASGI middleware: refuses foreign hosts and origins, requests without the token, and bodies beyond the limits.

    Host and Origin are checked against rebinding and forged requests. `/api/` takes `Authorization: Bearer`, the page a
    cookie that `/?token=…` sets once.
    """

    def __init__(self, app: App, access: Access, limits: Limits, seen: Callable[[], None]) -> None:
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
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        started = False

        async def send_guarded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                own = {name for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(pair for pair in HEADERS if pair[0] not in own)]
            await send(message)

        included = scope["method"] not in ("GET", "HEAD")
        try:
            self._check_place(headers)
            location = self._check_token(scope, headers)
            if location is not None:
                await _redirect(send_guarded, location, self.access.token)
                return
            self._check_length(headers)
            self.seen()
            if included and self.open_bodies >= self.limits.at_once:
                raise _RefusedError(503, "同时处理的请求太多，请稍后再试", "too many requests at once")
            self.open_bodies += included
            try:
                await self.app(scope, self._bounded(receive), send_guarded)
            finally:
                self.open_bodies -= included
        except _RefusedError as refused:
            if not started and scope["path"].startswith("/api/"):
                await _problem(send_guarded, refused.status, refused.title.en)
            elif not started:
                await _text(send_guarded, refused.status, refused.title.zh)

    def _check_place(self, headers: dict[str, str]) -> None:
        if headers.get("host", "") not in self.access.hosts:
            raise _RefusedError(421, "不能用这个地址访问", "this server is not reached under that name")
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc not in self.access.hosts:
            raise _RefusedError(403, "不接受其他网页发来的请求", "requests from another page are refused")
        if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            raise _RefusedError(403, "不接受其他网页发来的请求", "requests from another page are refused")

    def _check_token(self, scope: Scope, headers: dict[str, str]) -> str | None:
        """Return where to go when the token came in the address; refuse a request without a token."""
        path = scope["path"]
        if path.startswith(OPEN):
            return None
        if path.startswith("/api/"):
            kind, _, given = headers.get("authorization", "").partition(" ")
            if kind.lower() != "bearer" or not self.access.is_token(given.strip()):
                raise _RefusedError(401, "缺少令牌", "the header 'Authorization: Bearer TOKEN' is missing or wrong")
            return None
        given = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        if given and self.access.is_token(given):
            return "/" + str(path).lstrip("/")
        cookie: SimpleCookie = SimpleCookie()
        with suppress(CookieError):
            cookie.load(headers.get("cookie", ""))
        if COOKIE not in cookie or not self.access.is_token(cookie[COOKIE].value):
            raise _RefusedError(
                401,
                "请用程序启动时显示的地址打开，或再启动一次程序",
                "open the page with the address that balancedu printed when it started",
            )
        return None

    def _check_length(self, headers: dict[str, str]) -> None:
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > self.limits.body_bytes:
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


async def _redirect(send: Send, location: str, token: str) -> None:
    cookie = f"{COOKIE}={token}; Path=/; HttpOnly; SameSite=Strict"
    headers = [(b"location", location.encode("latin-1", "replace")), (b"set-cookie", cookie.encode())]
    await send({"type": "http.response.start", "status": 303, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


async def _problem(send: Send, status: int, detail: str) -> None:
    problem = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    await _refusal(send, status, b"application/problem+json", json.dumps(problem).encode())


async def _text(send: Send, status: int, text: str) -> None:
    await _refusal(send, status, b"text/plain; charset=utf-8", text.encode())


async def _refusal(send: Send, status: int, kind: bytes, body: bytes) -> None:
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode()), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
