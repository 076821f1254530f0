"""What the tests of the page and of the service share: a client with the cookie of the page, and workbooks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import attrs
import openpyxl
import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

import balancedu as be
from balancedu.app.guard import COOKIE
from balancedu.app.routes import create_app

TOKEN = "a-token-of-this-run"


@attrs.frozen
class Browser:
    """A client that sends the cookie of the page, and the value that its forms carry."""

    client: TestClient
    csrf: str

    def get(self, path: str) -> Response:
        """Return the answer to a link."""
        return self.client.get(path)

    def post(self, path: str, files: dict[str, bytes] | None = None, /, **fields: str) -> Response:
        """Return the page that a form leads to."""
        uploads = [("file", (name, content)) for name, content in (files or {}).items()]
        return self.client.post(path, data={"csrf": self.csrf, **fields}, files=uploads or None)


@pytest.fixture
def browser() -> Iterator[Browser]:
    with TestClient(create_app(TOKEN), cookies={COOKIE: TOKEN}) as client:
        match = re.search('name="csrf" value="([0-9a-f]+)"', client.get("/").text)
        assert match is not None
        yield Browser(client, match[1])


def _workbook(folder: Path, name: str) -> bytes:
    path = folder / f"{name}.xlsx"
    be.write_submission(be.example("passing" if name == "passing" else "failing"), path)
    return path.read_bytes()


@pytest.fixture(scope="session")
def failing(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return _workbook(tmp_path_factory.mktemp("books"), "failing")


@pytest.fixture(scope="session")
def passing(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return _workbook(tmp_path_factory.mktemp("books"), "passing")


@pytest.fixture(scope="session")
def unknown_headers(failing: bytes, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A workbook with two headers of its own, and without the row of ids."""
    return changed(
        failing, {"学校!H1": "小学生人头", "学校!N1": "中学骨干"}, tmp_path_factory.mktemp("books"), ids=False
    )


def changed(workbook: bytes, cells: dict[str, object], folder: Path, *, ids: bool = True) -> bytes:
    """Return a workbook with other cells, as an official would change it."""
    path = folder / "changed.xlsx"
    path.write_bytes(workbook)
    book = openpyxl.load_workbook(path)
    for place, value in cells.items():
        sheet, _, cell = place.partition("!")
        book[sheet][cell] = value
        if isinstance(value, str):
            book[sheet][cell].data_type = "s"  # a text is no formula
    if not ids:
        book["学校"].delete_rows(2)
    book.save(path)
    return path.read_bytes()
