"""Draws are judged as counties are, and shares are given with their intervals."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest
from chinese import is_chinese
from hypothesis import given
from hypothesis import strategies as st

import balancedu as be
from balancedu.planning.robustness import drawn, errors_of, wilson
from balancedu.plots import figure
from balancedu.text import width

from .test_shortfalls import ALONE, rows_of

FAILING = be.example("failing")
EV = be.evaluate(FAILING)
ERRORS: dict[str, Any] = {
    "equipment_value": 0.05,
    "pupils_primary": {"absolute": 4},
    "classes.pupils": {"absolute": 1},
    "certified_teachers": {"absolute": 2},
    "rooms.area": {"relative": 0.02},
}


def test_a_draw_is_judged_as_the_county_it_is() -> None:
    errors = errors_of(FAILING.standard, ERRORS)
    drawn_together = drawn(FAILING, errors, 6, np.random.default_rng(5))
    together = be.evaluate(drawn_together)
    for draw, county in enumerate(together.counties):
        tables: dict[str, Any] = {}
        for name, table in drawn_together.tables.items():
            columns = drawn_together.columns(name)
            mine = columns["county"] == county
            tables[name] = {key: values[mine] for key, values in columns.items()}
            assert mine.sum() * 6 == len(table)
        alone = be.evaluate(be.Submission(**tables))
        entry, wanted = (ev.to_dict()["counties"][county] for ev in (together[county], alone))
        # A draw remembers the files that it was drawn from, and names them in its warnings and gaps.
        for gap in (gap for results in (entry, wanted) for item in results["items"].values() for gap in item["gaps"]):
            gap.pop("place")
        doubts, others = ([result["problem"] for result in results.pop("warnings")] for results in (entry, wanted))
        assert entry == wanted, draw
        assert doubts == others, draw


def test_reproducible_by_seed() -> None:
    entry, two, other = (be.robustness(EV, ERRORS, draws=120, seed=seed) for seed in (1, 1, 2))
    assert entry.to_dict() == two.to_dict()
    assert entry.to_dict()["decisions"] != other.to_dict()["decisions"]


def test_where_nothing_is_off_everything_holds() -> None:
    decisions = be.robustness(EV, {"equipment_value": 0}, draws=20).decisions
    assert (decisions["share"] == 1).all()
    # Twenty draws that agree do not make a thing certain.
    assert (decisions["low"] < 0.9).all()
    assert (decisions["high"] == 1).all()


def test_on_the_limit_half_of_the_draws_fail() -> None:
    columns = ALONE | {"pupils_primary": [200], "teaching_area": [900.0], "indoor_sports_area": [0]}
    columns |= {"degree_teachers_primary": [20], "backbone_teachers_primary": [9], "arts_pe_teachers_primary": [9]}
    columns |= {"sports_ground_area": [1300.0], "equipment_value": [500000], "multimedia_rooms": [9]}
    result = be.robustness(be.evaluate(be.Submission(columns)), {"teaching_area": 0.01}, draws=2000)
    section = next(row for row in rows_of(result.decisions) if row["level"] == "section")
    # R5 is at its floor, so R4 must stay at the standard, where it is.
    assert section["verdict"] == "MET"
    assert section["low"] < 0.5 < section["high"]


def test_what_is_left_out_does_not_hold() -> None:
    point: dict[str, list[Any]] = {"school": ["1"], "type": ["teaching_point"], "pupils_primary": [50]}
    result = be.robustness(be.evaluate(be.Submission(point)), {"pupils_primary": {"absolute": 3}}, draws=500)
    section = next(row for row in rows_of(result.decisions) if row["level"] == "section")
    assert 0.4 < section["share"] < 0.75


def test_draws_can_be_submitted() -> None:
    # Counts stay whole, nothing leaves its range, parts stay within their whole.
    errors = errors_of(FAILING.standard, ERRORS | {"teaching_area": 0.9, "indoor_sports_area": 0.9})
    county = drawn(FAILING, errors, 30, np.random.default_rng(1))
    tables: dict[str, Any] = {name: county.columns(name) for name in county.tables}
    assert be.Submission(**tables).counties == tuple(sorted(county.counties))


@given(st.integers(1, 100_000), st.floats(0, 1), st.sampled_from([0.8, 0.95, 0.99]))
def test_intervals_hold_their_share(draws: int, share: float, confidence: float) -> None:
    low, high = wilson(share, draws, confidence)
    assert -1e-12 <= low <= share + 1e-12
    assert share - 1e-12 <= high <= 1 + 1e-12
    assert wilson(share, draws * 4, confidence)[1] - wilson(share, draws * 4, confidence)[0] < high - low


BAD: list[tuple[dict[str, Any], str]] = [
    ({"errors": {"equipment": 0.1}}, "did you mean 'equipment_value'"),
    ({"errors": {"layout_rational": 0.1}}, "no number"),
    ({"errors": {"equipment_value": -0.1}}, "zero or more"),
    ({"errors": {"equipment_value": {"relative": 0.1, "absolute": 3}}}, "one of relative and absolute"),
    ({"errors": {"equipment_value": float("nan")}}, "zero or more"),
    ({"errors": {"equipment_value": float("inf")}}, "zero or more"),
    ({"errors": {"equipment_value": True}}, "zero or more"),
    ({"errors": {}}, "no errors are given"),
    ({"errors": ERRORS, "draws": 0}, "wanted 1–1,000,000"),
    ({"errors": ERRORS, "draws": 10**11}, "wanted 1–1,000,000"),
    ({"errors": ERRORS, "draws": 2.5}, "wanted 1–1,000,000"),
    ({"errors": ERRORS, "seed": -1}, "seed: found -1"),
    ({"errors": ERRORS, "confidence": float("nan")}, "confidence: found nan"),
]


@pytest.mark.parametrize(("asked", "text"), BAD, ids=[result for _, result in BAD])
def test_bad_requests_are_refused(asked: dict[str, Any], text: str) -> None:
    with pytest.raises(be.RequestError, match=text) as caught:
        be.robustness(EV, **asked)
    assert is_chinese(caught.value.text("zh"))
    assert caught.value.text("en") == str(caught.value)


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    be.robustness(EV, ERRORS, draws=3)
    assert capfd.readouterr() == ("", "")


def test_results_are_equal_by_content() -> None:
    assert be.robustness(EV, ERRORS, draws=3) == be.robustness(EV, ERRORS, draws=3)
    assert be.robustness(EV, ERRORS, draws=3) != be.robustness(EV, ERRORS, draws=4)
    assert be.margins(EV) == be.margins(EV) != be.shortfalls(EV)


def test_errors_are_printed_with_the_result() -> None:
    text = be.robustness(EV, {"equipment_value": 0.05, "pupils_primary": {"absolute": 4}}, draws=3).text("zh")
    assert "测算条件：误差为教学仪器设备值±5%、小学在校生数±4人（均匀分布）。" in text


def test_each_draw_is_judged_by_the_standard_of_the_evaluation() -> None:
    schools: dict[str, list[Any]] = {"school": ["1"], "type": ["小学"], "pupils_primary": [100]}
    facts = {"special_education_funds_per_pupil": 7000}
    sub = be.Submission(schools, facts=facts, standard=be.load_standard("cn-2017", overlays=["shenyang"]))
    results = be.robustness(be.evaluate(sub, sub.standard), {"pupils_primary": {"absolute": 1}}, draws=5)
    national = be.robustness(be.evaluate(be.Submission(schools, facts=facts)), {"pupils_primary": 0}, draws=5)
    verdicts = [
        next(row["verdict"] for row in rows_of(result.decisions) if (row["level"], row["id"]) == ("item", "G7"))
        for result in (results, national)
    ]
    assert verdicts == ["NOT_MET", "MET"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_it_prints_itself(lang: Any) -> None:
    result = be.robustness(EV, ERRORS, draws=50)
    assert all(width(line) <= 80 for line in result.text(lang).splitlines())
    assert "<table" in result._repr_html_()
    assert len(result.to_frame()) == result.decisions["share"].size
    assert result.to_dict()["draws"] == 50
    assert figure(result, lang).axes
