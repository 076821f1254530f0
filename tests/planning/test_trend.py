"""A county over years: followed by its ids, gaps as gaps, projections only when asked for."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from chinese import is_chinese

import balancedu as be
from balancedu.planning.trend import projected
from balancedu.plots import figure
from balancedu.text import width

from .test_shortfalls import rows_of

EV = be.evaluate(be.example("failing"))


def equipped(amount: int) -> be.Evaluation:
    if not amount:
        return EV
    return be.what_if(EV, [{"do": "add", "school": "004", "amounts": {"equipment_value": amount}}]).evaluation


YEARS = {2021: equipped(0), 2022: equipped(60_000), 2023: equipped(100_000), 2024: equipped(112_000)}


def test_figures_are_those_of_the_evaluations() -> None:
    result = be.trend(YEARS)
    for row in rows_of(result.spread):
        year = YEARS[row["year"]]
        at = (0, year.stages.index(row["stage"]), year.indicators.index(row["indicator"]))
        np.testing.assert_equal(row["cv"], year.cv[at])
        np.testing.assert_equal(row["margin"], row["limit"] - row["cv"])
    assert result.series("sections", "comply", "primary") == [5, 5, 5, 6]
    assert result.series("sections", "unknown", "junior") == [1, 1, 1, 1]
    assert [row["verdict"] for row in rows_of(result.items) if row["item"] == "G12"] == ["NOT_MET"] * 4
    followed = [row["verdict"] for row in rows_of(result.schools) if row["school"] == "004"]
    assert followed == ["NOT_MET"] * 3 + ["MET"]


def test_schools_follow_the_mapping_and_the_others_are_named() -> None:
    merged = be.what_if(EV, [{"do": "merge", "schools": ["005"], "into": "003"}]).evaluation
    result = be.trend([equipped(0), merged])
    assert [(row["year"], row["school"]) for row in rows_of(result.unmatched)] == [("1", "005")]
    mapped = be.trend([equipped(0), merged], schools={"005": "003"})
    assert mapped.unmatched["school"].size == 0
    assert "安和县双井乡小学" in result.text("zh")


def test_no_projection_unless_asked_for() -> None:
    assert be.trend(YEARS).projection is None
    assert "推算" not in be.trend(YEARS).text("zh")
    result = be.trend(YEARS, project=True)
    row = next(row for row in rows_of(result.projection) if (row["stage"], row["indicator"]) == ("primary", "R6"))
    assert row["state"] == "met"
    unknown = next(row for row in rows_of(result.projection) if (row["stage"], row["indicator"]) == ("junior", "R7"))
    assert math.isnan(unknown["year"])
    assert "推算" in result.text("zh")


def test_a_line_is_prolonged_with_its_interval() -> None:
    years = np.arange(2015.0, 2025.0)
    exactly = projected(years, 0.9 - 0.02 * (years - 2015), 0.5, 0.95)
    assert exactly.year == pytest.approx(2035)
    assert exactly.high - exactly.low < 1e-6
    rng = np.random.default_rng(3)
    hits = 0
    for _ in range(300):
        noisy = projected(years, 0.9 - 0.02 * (years - 2015) + rng.normal(0, 0.01, years.size), 0.5, 0.9)
        hits += noisy.low <= 2035 <= noisy.high
    # The true year is in nine of ten intervals, give or take what 300 tries allow.
    assert 0.85 < hits / 300 < 0.95


def test_no_improvement_has_no_year() -> None:
    years = np.arange(5.0)
    rising = projected(years, 0.6 + 0.01 * years, 0.5, 0.95)
    assert rising.state == "no_trend"
    assert math.isnan(rising.year)
    assert projected(years[:2], np.array([0.6, 0.55]), 0.5, 0.95).state == "too_few"
    assert projected(years[:2], np.array([0.6, 0.5]), 0.5, 0.95).state == "met"
    wavering = projected(years, np.array([0.7, 0.72, 0.6, 0.68, 0.58]), 0.5, 0.95)
    assert (wavering.state, wavering.high) == ("projected", math.inf)
    assert projected(years, 0.6 - 1e-6 * years, 0.5, 0.95).state == "no_trend"


def test_what_is_reached_has_no_year() -> None:
    result = be.trend(YEARS, project=True)
    states = {(row["stage"], row["indicator"]): row["state"] for row in rows_of(result.projection)}
    assert states["primary", "R1"] == states["primary", "R6"] == "met"
    assert states["junior", "R7"] == "too_few"
    text = result.text("zh")
    assert "已达到" in text
    assert "年份太少，无法推算" in text
    assert "∞" not in text
    slow = {2021: equipped(0), 2022: equipped(20_000), 2023: equipped(50_000)}
    assert "2024年前后" in be.trend(slow, project=True).text("zh")


BAD: list[tuple[Any, dict[str, Any], str]] = [
    ([equipped(0)], {}, "at least two years"),
    ([equipped(0), equipped(1)], {"years": [2020]}, "as many as evaluations"),
    ({"早": equipped(0), "晚": equipped(1)}, {"project": True}, "years that are numbers"),
]


@pytest.mark.parametrize(("given", "asked", "text"), BAD, ids=[result for *_, result in BAD])
def test_bad_requests_are_refused(given: Any, asked: dict[str, Any], text: str) -> None:
    with pytest.raises(be.RequestError, match=text) as caught:
        be.trend(given, **asked)
    assert is_chinese(caught.value.text("zh"))
    assert caught.value.text("en") == str(caught.value)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_it_prints_and_draws_itself(lang: Any) -> None:
    result = be.trend(YEARS, project=True)
    assert all(width(line) <= 80 for line in result.text(lang).splitlines())
    assert "<table" in result._repr_html_()
    assert len(result.to_frame()) == 56
    assert result.to_dict()["years"] == [2021, 2022, 2023, 2024]
    assert len(figure(result, lang).axes) == 4


@pytest.mark.parametrize(
    "make",
    [
        lambda: be.shortfalls(equipped(0)),
        lambda: be.margins(equipped(0)),
        lambda: be.compare(equipped(0), equipped(112_000)),
        lambda: be.what_if(EV, []),
        lambda: be.plan(EV, budget=10_000),
    ],
)
def test_every_result_has_a_picture(make: Any) -> None:
    assert figure(make(), "en").axes
