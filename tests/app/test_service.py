"""The service: a workbook or tables in, the evaluation out, and errors as problem documents."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

import balancedu as be
from balancedu.app.routes import create_app
from balancedu.app.uploads import safe_name

TOKEN = "a-token-of-this-run"
FAILING = Path(__file__).resolve().parent.parent.parent / "docs" / "examples" / "failing"
SCHOOLS = [{"school": "001", "type": "小学", "pupils_primary": 420, "teaching_area": 2310.5}]


@pytest.fixture
def client() -> Iterator[TestClient]:
    with TestClient(create_app(TOKEN), headers={"Authorization": f"Bearer {TOKEN}"}) as made:
        yield made


@pytest.fixture(scope="module")
def workbook(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("books") / "county.xlsx"
    be.write_submission(be.example("failing"), path)
    return path.read_bytes()


def test_json_tables_are_judged_as_in_python(client: TestClient) -> None:
    answer = client.post("/api/evaluate", json={"schools": SCHOOLS})

    assert answer.status_code == 200
    assert answer.json() == json.loads(be.evaluate(be.Submission(schools=SCHOOLS)).to_json())


def test_a_workbook_is_judged(client: TestClient, workbook: bytes) -> None:
    answer = client.post("/api/evaluate", files={"file": ("安和县.xlsx", workbook)})

    assert answer.status_code == 200
    assert answer.json()["counties"]["990202"]["verdict"] == "NOT_MET"


def test_problems_carry_their_place(client: TestClient) -> None:
    answer = client.post(
        "/api/evaluate", json={"schools": [{"school": "001", "type": "小学", "pupils_primary": "一百"}]}
    )

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    (problem,) = answer.json()["problems"]
    assert problem["column"] == "pupils_primary"
    assert "一百" in problem["zh"]
    assert "一百" in problem["en"]


def test_check_answers_problems_without_a_verdict(client: TestClient) -> None:
    good, bad = ({"schools": [{**SCHOOLS[0], "pupils_primary": pupils}]} for pupils in (420, -1))

    assert client.post("/api/check", json=good).json()["readable"] is True
    assert client.post("/api/check", json=bad).json()["readable"] is False


@pytest.mark.parametrize(
    "body",
    [
        {"schools": SCHOOLS, "standard": {"standard": "../../etc/passwd"}},
        {"schools": SCHOOLS, "standard": "nothing"},
        {"schools": SCHOOLS, "standard": {"overlays": ["secret.txt"]}},
        {"schools": SCHOOLS, "standard": {"overlays": "transition"}},
        {"schools": SCHOOLS, "standard": {"path": "x"}},
        {"pupils": SCHOOLS},
        {"submission": 3},
        [],
        {"schools": 3},
        {"schools": SCHOOLS, "standard": {"on": "yesterday"}},
    ],
)
def test_what_makes_no_sense_is_a_problem_document(client: TestClient, body: Any) -> None:
    answer = client.post("/api/evaluate", json=body)

    assert answer.status_code in (404, 422)
    assert answer.headers["content-type"] == "application/problem+json"
    assert "root:" not in answer.text


def test_standards_and_items_have_their_sources(client: TestClient) -> None:
    (name,) = [
        entry["id"] for entry in client.get("/api/standards").json()["standards"] if entry["id"].endswith("2017")
    ]
    parts = client.get(f"/api/standards/{name}").json()["parts"]
    item = parts[0]["items"][0]["id"]

    assert client.get(f"/api/standards/{name}/items/{item}").json()["source"]["document"]
    assert client.get(f"/api/standards/{name}/items/nothing").status_code == 404
    assert client.get("/api/standards/nothing").status_code == 404


def test_an_indicator_is_explained(client: TestClient) -> None:
    answer = client.post("/api/explain?entry=R4&school=001", json={"schools": SCHOOLS})

    assert answer.status_code == 200
    assert "001" in answer.json()["zh"]


def test_fifty_at_a_time(client: TestClient) -> None:
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: client.post("/api/evaluate", json={"schools": SCHOOLS}), range(50)))

    assert {answer.status_code for answer in answers} == {200}


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\a\\县.xlsx", "县.xlsx"),
        ("..", "file"),
        (".bashrc", "bashrc"),
        ("<script>.xlsx", "script.xlsx"),
        ("", "file"),
    ],
)
def test_a_name_from_a_client_is_no_path(name: str, safe: str) -> None:
    assert safe_name(name, {}) == safe
