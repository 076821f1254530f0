"""Attacks on the page and on the service: none is answered with a failure of the server, and none leaves a file."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from balancedu.app.guard import COOKIE, Limits
from balancedu.app.routes import create_app

from .conftest import TOKEN, Browser

SCHOOLS = "school,name,type,pupils_primary\n001,第一小学,小学,420\n".encode()
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture(autouse=True)
def _nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Temporary files of a test are in a folder of its own, which is empty afterwards."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield
    assert list(folder.iterdir()) == []


@pytest.fixture
def service() -> Iterator[TestClient]:
    with TestClient(create_app(TOKEN), headers=BEARER, raise_server_exceptions=False) as client:
        yield client


def _bomb(workbook: bytes) -> bytes:
    """Return a workbook as it was, whose first sheet is 400 MB longer when it is unpacked."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as given, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in given.namelist():
            content = given.read(part)
            if part != "xl/worksheets/sheet1.xml":
                archive.writestr(part, content)
                continue
            with archive.open(part, "w", force_zip64=True) as sheet:
                before, end, after = content.partition(b"</sheetData>")
                sheet.write(before)
                for _ in range(400):
                    sheet.write(b" " * (1024 * 1024))
                sheet.write(end + after)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.xlsx", b""),
        ("county.xlsx", b"PK\x03\x04 and then nothing"),
        ("county.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)),
        ("facts.yaml", b"a: &a [*a]"),
        ("facts.yaml", b"!!python/object/apply:os.system ['true']"),
        ("schools.csv", b"\xff\xfe\x00"),
        ("county.exe", b"MZ"),
        ("mapping.yaml", b"format: 1\nsheets: []"),
    ],
)
def test_broken_files_are_problems(service: TestClient, name: str, content: bytes) -> None:
    answer = service.post("/api/evaluate", files={"file": (name, content)})

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"]


def test_a_zip_bomb_is_refused(service: TestClient, browser: Browser, failing: bytes) -> None:
    bomb = _bomb(failing)
    assert len(bomb) < 1024 * 1024

    answer = service.post("/api/evaluate", files={"file": ("county.xlsx", bomb)})
    assert answer.status_code == 422
    assert "128 MB" in answer.json()["detail"]
    assert "解压后超过128MB" in browser.post("/open", {"county.xlsx": bomb}).text
    assert "解压后超过128MB" in browser.post("/years", {"county.xlsx": bomb}).text


@pytest.mark.parametrize(
    "body",
    [
        {"schools": [[[[]]]]},
        {"schools": {"school": {"a": {}}}},
        {"schools": [{"school": "1", "type": "小学", "pupils_primary": 10**400}]},
        {"schools": [{"school": ["1"], "type": None}]},
        {"schools": "x" * 1000},
        {"facts": [1, 2, 3]},
        {"facts": {"a": {"b": {"c": {"d": 1}}}}},
        {"evidence": 3, "facts": {}},
        {"evidence": [{"county": "x", "fact": "y", "text": "z"}], "facts": {}},
        {"spread": [{"county": True}]},
        {"schools": [{"school": "1\x00", "type": "\ud800"}]},
        {"schools": [], "standard": 3},
        {"schools": [], "standard": ["cn-2017"]},
        {"schools": [], "standard": {"standard": ["cn-2017"]}},
        {"schools": None},
        {"submission": None},
        {},
    ],
)
@pytest.mark.parametrize("route", ["/api/evaluate", "/api/check"])
def test_hostile_tables_are_problems(service: TestClient, route: str, body: Any) -> None:
    content = json.dumps(body)
    answer = service.post(route, headers={"Content-Type": "application/json"}, content=content)

    if route == "/api/check" and answer.status_code == 200:
        assert answer.json()["readable"] is False
    else:
        assert answer.status_code == 422
        assert answer.json()["detail"]


@pytest.mark.parametrize("content", [b"", b"{", b"[" * 100_000, b"\xff\xfe", b"NaN", b'{"schools": NaN}'])
def test_what_is_no_json_is_a_problem(service: TestClient, content: bytes) -> None:
    headers = {"Content-Type": "application/json"}

    assert service.post("/api/evaluate", headers=headers, content=content).status_code == 422


def test_a_form_that_is_cut_off_is_a_problem(service: TestClient) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    for content in (b"--x\r\nContent-Disposition: form-data", b"", b"--y--"):
        assert service.post("/api/evaluate", headers=headers, content=content).status_code in (400, 422)
    no_boundary = {"Content-Type": "multipart/form-data"}
    assert service.post("/api/evaluate", headers=no_boundary, content=b"x").status_code == 400


def test_too_many_files_are_refused(service: TestClient) -> None:
    files = [("file", (f"{number}.csv", b"a")) for number in range(301)]

    assert service.post("/api/evaluate", files=files).status_code == 400


@pytest.mark.parametrize("path", ["/static/../guard.py", "/static/%2e%2e/guard.py", "/static/app.py", "/api/%2e%2e/"])
def test_no_path_leads_out(browser: Browser, path: str) -> None:
    answer = browser.get(path)

    assert answer.status_code in (401, 404)
    assert "class Guard" not in answer.text


@pytest.mark.parametrize(
    "cookie", ["balancedu", "balancedu=;;;", "a=b; balancedu=\x7f", '"', "balancedu=" + "x" * 5000]
)
def test_a_broken_cookie_is_no_token(cookie: str) -> None:
    with TestClient(create_app(TOKEN)) as client:
        assert client.get("/", headers={"Cookie": cookie}).status_code == 401


def test_the_token_never_leads_elsewhere() -> None:
    with TestClient(create_app(TOKEN)) as client:
        answer = client.get(f"//evil.example?token={TOKEN}", follow_redirects=False)

    assert answer.headers.get("location", "/").count("//") == 0


def test_a_failure_is_a_problem_without_details(service: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr("balancedu.evaluate", fail)
    answer = service.post("/api/evaluate", json={"schools": [{"school": "1", "type": "小学"}]})

    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "secret" not in answer.text


def test_a_hundred_uploads_at_once() -> None:
    with TestClient(create_app(TOKEN, limits=Limits(at_once=8)), headers=BEARER) as client:

        def upload(_: int) -> int:
            return client.post("/api/check", files={"file": ("schools.csv", SCHOOLS)}).status_code

        with ThreadPoolExecutor(100) as pool:
            statuses = Counter(pool.map(upload, range(100)))

        assert set(statuses) <= {200, 503}
        assert statuses[200] >= 8
        assert upload(0) == 200


def test_many_uploads_at_once_leave_the_page_whole(browser: Browser) -> None:
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: browser.post("/open", {"schools.csv": SCHOOLS}).status_code, range(50)))

    assert set(answers) == {200}
    assert "第一小学" in browser.get("/result").text


def test_a_page_in_another_tab_of_the_browser_is_refused() -> None:
    with TestClient(create_app(TOKEN), cookies={COOKIE: TOKEN}) as client:
        for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "http://x"}):
            answer = client.post("/quit", headers=headers)
            assert answer.status_code == 403
            assert answer.text == "不接受其他网页发来的请求"
