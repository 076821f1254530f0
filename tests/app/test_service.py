"""The service: a workbook or tables in, the evaluation out, and errors as problem documents."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Literal

import jsonschema
import pytest
from fastapi.testclient import TestClient

import balancedu as be
from balancedu.app.inputs import safe_name
from balancedu.app.routes import create_app

TOKEN = "a-token-of-this-run"
FAILING = Path(__file__).resolve().parent.parent.parent / "docs" / "examples" / "failing"
SCHOOLS = [{"school": "001", "type": "小学", "pupils_primary": 420, "teaching_area": 2310.5}]


OURS = """
format: 1
id: ours
title: {zh: 本市的要求, en: Requirements of our city}
document: 本市文件
extends: cn-2017
set:
  - path: rules.R-spread.limits.primary
    value: 0.45
    source: {document: 本市文件, part: 一, confidence: O}
"""


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


@pytest.mark.parametrize("name", ["failing", "passing"])
def test_what_comes_out_goes_in_again(client: TestClient, name: Literal["failing", "passing"]) -> None:
    result = json.loads(be.evaluate(be.example(name)).to_json())
    answer = client.post("/api/evaluate", json={"submission": result["submission"], "standard": result["standard"]})

    assert answer.status_code == 200
    assert _without_places(answer.json()) == _without_places(result)


def test_typed_texts_come_out_and_go_in_again(client: TestClient) -> None:
    submission = be.Submission(schools=SCHOOLS, narrative={"overview": "位于县域东部。"})
    result = json.loads(be.evaluate(submission).to_json())

    answer = client.post("/api/evaluate", json={"submission": result["submission"], "standard": result["standard"]})
    assert answer.json()["submission"]["narrative"] == result["submission"]["narrative"]


def _without_places(value: Any) -> Any:
    """Return a result without the files and rows in which missing figures were looked for."""
    if isinstance(value, dict):
        return {name: _without_places(inner) for name, inner in value.items() if name != "place"}
    return [_without_places(inner) for inner in value] if isinstance(value, list) else value


def test_overlays_and_the_day_are_named_by_their_ids(client: TestClient) -> None:
    chosen = {"standard": "cn-2017", "overlays": ["transition"], "on": "2020-03-01"}
    answer = client.post("/api/evaluate", json={"schools": SCHOOLS, "standard": chosen})
    standard = be.load_standard("cn-2017", overlays=["transition"], on="2020-03-01")

    assert answer.json() == json.loads(be.evaluate(be.Submission(schools=SCHOOLS, standard=standard)).to_json())


def test_own_overlays_are_given_at_the_start_alone(tmp_path: Path) -> None:
    file = tmp_path / "ours.yaml"
    file.write_text(OURS, encoding="utf-8")
    headers = {"Authorization": f"Bearer {TOKEN}"}
    body = {"schools": SCHOOLS, "standard": {"overlays": ["ours"]}}
    with TestClient(create_app(TOKEN, overlays=[file]), headers=headers) as with_ours:
        assert "ours" in with_ours.get("/api/standards").json()["overlays"]
        assert with_ours.post("/api/evaluate", json=body).status_code == 200
        assert with_ours.get("/api/standards/ours").status_code == 200
    with TestClient(create_app(TOKEN), headers=headers) as without:
        assert without.post("/api/evaluate", json=body).status_code == 422
        assert without.post("/api/evaluate", json={**body, "standard": str(file)}).status_code == 422


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

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert "root:" not in answer.text


def test_standards_and_items_have_their_sources(client: TestClient) -> None:
    (name,) = [
        entry["id"] for entry in client.get("/api/standards").json()["standards"] if entry["id"].endswith("2017")
    ]
    parts = client.get(f"/api/standards/{name}").json()["parts"]
    item = parts[0]["items"][0]["id"]

    described = client.get(f"/api/standards/{name}/items/{item}").json()
    assert described["source"]["document"]
    assert described["title"]["zh"] in described["text"]["zh"].replace("\n", "")
    assert client.get(f"/api/standards/{name}/items/nothing").status_code == 404
    assert client.get("/api/standards/nothing").status_code == 404


def test_an_indicator_is_explained(client: TestClient) -> None:
    answer = client.post("/api/explain?entry=R4&school=001", json={"schools": SCHOOLS})

    assert answer.status_code == 200
    assert "001" in answer.json()["zh"]


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/api/nothing"), ("GET", "/api/evaluate"), ("POST", "/api/explain"), ("PUT", "/api/check")],
)
def test_every_refusal_is_a_problem_document(client: TestClient, method: str, path: str) -> None:
    answer = client.request(method, path)
    problem = answer.json()

    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["status"] == answer.status_code >= 400
    assert problem["title"]
    assert problem["detail"]


def test_the_description_names_every_route(client: TestClient) -> None:
    described = client.get("/api/openapi.json").json()

    assert {"/api/evaluate", "/api/check", "/api/explain", "/api/standards", "/api/standards/{name}"} <= set(
        described["paths"]
    )
    assert "/result" not in described["paths"]
    body = described["paths"]["/api/evaluate"]["post"]["requestBody"]["content"]
    assert set(body) == {"multipart/form-data", "application/json"}
    tables = body["application/json"]["schema"]
    result = json.loads(be.evaluate(be.example("failing")).to_json())
    jsonschema.validate({"submission": result["submission"], "standard": result["standard"]}, tables)
    jsonschema.validate({"submission": {"schools": SCHOOLS, "facts": {"county_name": "甲县"}}}, tables)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"submission": {"teachers": []}}, tables)
    answer = described["paths"]["/api/evaluate"]["post"]["responses"]["200"]["content"]["application/json"]
    jsonschema.validate(result, answer["schema"])


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
        ("con.xlsx", "2-con.xlsx"),
        ("LPT1", "2-LPT1"),
        ("County.XLSX", "2-County.XLSX"),
    ],
)
def test_a_name_from_a_client_is_no_path(name: str, safe: str) -> None:
    assert safe_name(name, {"county.xlsx": b""}) == safe
