"""The guard in front of every route: host, origin, token, size and time."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from balancedu.app.guard import COOKIE, Access, Limits
from balancedu.app.routes import create_app

TOKEN = "a-token-of-this-run"
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def client() -> Iterator[TestClient]:
    with TestClient(create_app(TOKEN, limits=Limits(body_bytes=1024 * 1024))) as made:
        yield made


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {TOKEN}"}])
def test_the_service_needs_the_token(client: TestClient, headers: dict[str, str]) -> None:
    answer = client.get("/api/standards", headers=headers)

    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_foreign_host_is_refused(client: TestClient) -> None:
    assert client.get("/api/alive", headers={**BEARER, "Host": "evil.example"}).status_code == 421


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://testserver.evil.example"])
def test_a_foreign_origin_is_refused(client: TestClient, origin: str) -> None:
    assert client.post("/api/evaluate", headers={**BEARER, "Origin": origin}, json={}).status_code == 403


def test_the_own_origin_is_accepted(client: TestClient) -> None:
    assert client.get("/api/alive", headers={**BEARER, "Origin": "http://testserver"}).status_code == 200


def test_the_token_in_the_address_becomes_a_cookie(client: TestClient) -> None:
    answer = client.get(f"/?token={TOKEN}", follow_redirects=False)

    assert answer.status_code == 303
    assert answer.headers["location"] == "/"
    assert f"{COOKIE}={TOKEN}" in answer.headers["set-cookie"]
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert "samesite=strict" in answer.headers["set-cookie"].lower()


def test_the_page_needs_the_cookie(client: TestClient) -> None:
    assert client.get("/").status_code == 401
    assert client.get("/?token=wrong").status_code == 401


def test_a_cookie_does_not_open_the_service(client: TestClient) -> None:
    client.cookies.set(COOKIE, TOKEN)

    assert client.get("/api/alive").status_code == 401


def test_every_answer_carries_the_policy(client: TestClient) -> None:
    for answer in (client.get("/api/alive", headers=BEARER), client.get("/api/nothing", headers=BEARER)):
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_an_oversized_body_is_refused(client: TestClient) -> None:
    assert client.post("/api/evaluate", headers=BEARER, content=b"x" * (1024 * 1024 + 1)).status_code == 413


def test_an_oversized_body_without_a_length_is_refused(client: TestClient) -> None:
    def parts() -> Iterator[bytes]:
        for _ in range(20):
            yield b"x" * 100_000

    headers = {**BEARER, "Content-Type": "application/json"}
    assert client.post("/api/evaluate", headers=headers, content=parts()).status_code == 413


def test_a_slow_body_is_refused() -> None:
    app = create_app(TOKEN, limits=Limits(body_seconds=0.05))
    sent: list[Any] = []

    async def never() -> Any:
        await asyncio.sleep(10)

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"host", b"testserver"), (b"authorization", f"Bearer {TOKEN}".encode())]
    headers.append((b"content-type", b"application/json"))
    scope: dict[str, Any] = {"type": "http", "method": "POST", "path": "/api/evaluate", "raw_path": b"/api/evaluate"}
    scope |= {"query_string": b"", "headers": headers, "http_version": "1.1", "scheme": "http"}
    scope |= {"client": ("127.0.0.1", 1), "server": ("testserver", 80), "root_path": "", "state": {}}
    asyncio.run(asyncio.wait_for(app(scope, never, send), 5))

    assert sent[0]["status"] == 408


def test_the_value_of_forms_does_not_reveal_the_token() -> None:
    access = Access(TOKEN, frozenset())

    assert TOKEN not in access.csrf
    assert access.is_csrf(access.csrf)
    assert not access.is_csrf(TOKEN)
