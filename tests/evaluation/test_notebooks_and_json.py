"""What an evaluation is to other tools: HTML for notebooks, frames, JSON with a schema, and back again."""

import json
import re
import sys
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import jsonschema
import numpy as np
import pandas as pd
import polars as pl
import pytest
from again import again as rebuilt
from reporting.hostile import NAMES, hostile

import balancedu as be
from balancedu.cli import main
from balancedu.evaluation.evaluation import json_schema

FAILING = be.evaluate(be.read_submission("docs/examples/failing"))
PASSING = be.evaluate(be.example("passing"))
HOSTILE = be.evaluate(hostile())
MANY = be.evaluate(hostile(("a", "b")))


class Tags(HTMLParser):
    """Every tag, every attribute, and whether all that was opened was closed."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.styles = ""
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.styles += "".join(value or "" for name, value in attrs if name == "style")
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("evaluation", [FAILING, HOSTILE, MANY], ids=["failing", "hostile", "many"])
def test_notebooks_show_compact_safe_html(evaluation: be.Evaluation) -> None:
    entry = evaluation[evaluation.counties[0]]
    shown: list[Any] = [evaluation, evaluation.submission, evaluation.standard, *evaluation.standard.items.values()]
    shown += [
        *evaluation.standard.indicators.values(),
        *entry.items.values(),
        be.gaps(entry),
        be.drivers(entry, "R2", "primary"),
    ]
    shown += [
        be.explain(entry, "R-spread", indicator="R2", stage="primary"),
        be.drivers(entry, "R2", "primary", "ownership"),
    ]
    shown += [
        be.explain(entry, "G5"),
        be.explain(entry, "R1", school=str(entry.sections["school"][0]), stage="primary"),
    ]
    for thing in shown:
        parsed = Tags()
        parsed.feed(thing._repr_html_())
        assert parsed.open == []
        assert parsed.tags <= {
            "div",
            "strong",
            "table",
            "thead",
            "tbody",
            "tr",
            "th",
            "td",
            "details",
            "summary",
            "pre",
        }
        assert parsed.attributes <= {"style", "scope"}
        # No colour of its own: a page decides whether it is dark.
        assert not re.search(r"#[0-9a-f]{3}|(?<!-)color:(?!inherit)|background:(?!transparent)", parsed.styles)


def test_the_html_holds_the_names_escaped() -> None:
    shown = be.explain(HOSTILE[HOSTILE.counties[0]], "G5")._repr_html_() + HOSTILE._repr_html_()
    assert "<script>" not in shown
    assert "&lt;b&gt;=1" in shown


def with_a_school_more(submission: be.Submission) -> be.Submission:
    """A submission to which a school was added that no file holds."""
    columns = submission.columns("schools")
    added = {name: [*cells, "neu" if name == "school" else cells[0]] for name, cells in columns.items()}
    return submission.changed(schools=added)


ADDED = be.evaluate(with_a_school_more(FAILING.submission))
NAMELESS = be.evaluate(
    be.Submission(
        {"school": ["1"], "type": ["小学"]},
        facts={"teachers": 4, "layout_rational": {"value": True, "evidence": "1号"}},
    )
)
EVERY = {
    "no id of the county": NAMELESS,
    "failing": FAILING,
    "passing": PASSING,
    "hostile": HOSTILE,
    "many": MANY,
    "a school more": ADDED,
}


@pytest.mark.parametrize("evaluation", EVERY.values(), ids=EVERY)
def test_json_follows_its_schema_and_gives_the_evaluation_back(evaluation: be.Evaluation) -> None:
    text = evaluation.to_json()
    jsonschema.validate(json.loads(text), json_schema())
    again = rebuilt(evaluation)
    assert again == evaluation
    assert again.fingerprint == evaluation.fingerprint
    assert again.submission.evidence == evaluation.submission.evidence
    assert again.to_frame("counties").equals(evaluation.to_frame("counties"))
    np.testing.assert_array_equal(again.values, evaluation.values)


def test_facts_as_a_table_and_tables_without_a_row_come_back() -> None:
    submission = be.Submission(
        schools={"county": ["a", "b"], "school": ["1", "1"], "type": ["小学", "初中"], "pupils_primary": [90, None]},
        classes={"school": [], "stage": [], "pupils": []},
        facts={"county": ["a", "b"], "teachers": [7, None], "layout_rational": [True, False]},
        evidence=[{"county": "b", "fact": "layout_rational", "text": "2号"}],
    )
    evaluation = be.evaluate(submission)

    jsonschema.validate(json.loads(evaluation.to_json()), json_schema())
    assert rebuilt(evaluation) == evaluation
    assert rebuilt(evaluation).submission == submission


def test_one_county_of_many_is_judged_as_if_it_were_alone() -> None:
    columns = {name: MANY.submission.columns(name) for name, table in MANY.submission.tables.items() if len(table)}
    own: dict[str, Any] = {
        name: {key: column[table["county"] == "b"] for key, column in table.items()} for name, table in columns.items()
    }
    evidence = {key: text for key, text in MANY.submission.evidence.items() if key[0] == "b"}
    alone = be.evaluate(be.Submission(**own, evidence=evidence))

    assert MANY["b"].counties == ("b",)
    assert MANY["b"] == alone
    assert MANY["b"].to_dict()["counties"]["b"] == MANY.to_dict()["counties"]["b"]
    assert be.explain(MANY["b"], "G5").text("zh").splitlines()[0] == be.explain(alone, "G5").text("zh").splitlines()[0]


def test_the_schema_is_closed_and_notices_what_is_wrong() -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema())
    spoils: tuple[Callable[[dict[str, Any]], object], ...] = (
        lambda data: data.pop("submission"),
        lambda data: data.update(version=1),
        lambda data: data["counties"]["990202"].update(verdict="MAYBE"),
        lambda data: data["counties"]["990202"]["items"]["G1"].update(extra=1),
    )
    for spoil in spoils:
        data = FAILING.to_dict()
        spoil(data)
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(data, json_schema())


@pytest.mark.parametrize("table", ["counties", "sections", "spread", "items", "findings"])
def test_frames_of_both_libraries_are_equal(table: Any) -> None:
    entry, other = FAILING.to_frame(table, "pandas"), FAILING.to_frame(table, library="polars")
    assert isinstance(entry, pd.DataFrame)
    assert isinstance(other, pl.DataFrame)
    assert list(entry.columns) == other.columns
    assert len(entry) == len(other)
    assert type(FAILING.to_frame(table)) is pd.DataFrame


def test_frames_by_what_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    findings = MANY.to_frame("findings", library="polars")
    assert set(findings["county"]) == {"a", "b"}
    monkeypatch.setitem(sys.modules, "pandas", None)
    assert isinstance(FAILING.to_frame("items"), pl.DataFrame)
    monkeypatch.setitem(sys.modules, "polars", None)
    with pytest.raises(be.MissingExtraError, match=r"balancedu\[all\]"):
        FAILING.to_frame()
    with pytest.raises(ValueError, match="table must be one of"):
        FAILING.to_frame("poems")  # type: ignore[call-overload]
    with pytest.raises(ValueError, match="library must be"):
        FAILING.to_frame(library="dask")  # type: ignore[call-overload]


def test_names_survive_the_way_through_json() -> None:
    again = rebuilt(HOSTILE)
    assert set(again.submission.schools.texts("name").tolist()) == set(NAMES)


def test_the_command_prints_the_schema(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    assert json.loads(capsys.readouterr().out) == json_schema()
