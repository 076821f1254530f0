"""Figures per pupil, means and coefficients may be reported instead of counts, and are judged exactly."""

from __future__ import annotations

import pickle
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import balancedu as be

STANDARD = be.load_standard("cn-2017")
STAGES = {"primary": "小学", "junior": "初中"}


def section(school: str, stage: str = "primary", pupils: float | None = 400, **ratios: Any) -> dict[str, Any]:
    """A row exactly on every standard, except for the given figures."""
    standards = {indicator.id: float(indicator.at_least[stage]) for indicator in STANDARD.indicators.values()}  # type: ignore[index]
    return {"school": school, "name": f"{school}校", "stage": STAGES[stage], "pupils": pupils} | standards | ratios


def spread(cv: float = 0.3, **others: float) -> list[dict[str, Any]]:
    """Coefficients of both stages."""
    return [
        {"stage": stage, "indicator": indicator, "mean": 2.5, "cv": others.get(f"{indicator}_{stage}", cv)}
        for stage in STAGES
        for indicator in STANDARD.indicators
    ]


def test_ratios_are_judged_as_written() -> None:
    below = section("2", R4="3.82499999999999999999", R5=7.5 * 0.85)
    ev = be.evaluate(be.Submission(sections=[section("1"), below, section("3", "junior", R1=4.505)]))

    assert ev.sections["school"].tolist() == ["1", "2", "3"]
    assert ev.standing.tolist() == [[2] * 7, [2, 2, 2, 0, 1, 2, 2], [1] + [2] * 6]
    assert ev.items["R-schools"].verdict is be.Verdict.NOT_MET


def test_spread_of_ratios_weighs_by_pupils_exactly() -> None:
    # Half the pupils at 1, half at 3: the mean is 2, the coefficient exactly 1/2, the limit of primary schools.
    ev = be.evaluate(be.Submission(sections=[section("1", pupils=100, R2=1), section("2", pupils=100, R2=3)]))
    checks = {check.id: check for check in ev.items["R-spread"].checks}

    assert (checks["R2.primary"].observed, checks["R2.primary"].verdict) == (0.5, be.Verdict.MET)
    assert checks["R2.junior"].verdict is be.Verdict.NOT_APPLICABLE


def test_unknown_pupils_leave_the_spread_unknown_and_the_sections_judged() -> None:
    ev = be.evaluate(be.Submission(sections=[section("1", pupils=None), section("2")]))

    assert ev.items["R-schools"].verdict is be.Verdict.MET
    assert ev.items["R-spread"].verdict is be.Verdict.UNKNOWN


def test_what_needs_the_schools_is_unknown_beside_ratios() -> None:
    listed = {"school": ["9"], "type": ["小学"], "pupils_primary": [2001]}
    alone = be.evaluate(be.Submission(sections=[section("1")]))
    beside = be.evaluate(be.Submission(schools=listed, sections=[section("1")]))

    assert {alone.items[item].verdict for item in ("G3", "G4", "G5", "G6", "Q4")} == {be.Verdict.UNKNOWN}
    # One school that fails decides, for any figures of the others.
    assert beside.items["G4"].verdict is be.Verdict.NOT_MET
    assert beside.submission.columns("schools")["school"].tolist() == ["9"]


def test_counts_decide_where_both_agree() -> None:
    school = {"school": ["1"], "type": ["小学"], "pupils_primary": [400], "multimedia_rooms": [9]}
    ev = be.evaluate(be.Submission(schools=school, sections=[section("1", R7=2.25)]))
    rounded = be.evaluate(be.Submission(schools=school, sections=[section("1", R7=2.254)]))

    assert ev.values[0, 6] == rounded.values[0, 6] == 2.25
    with pytest.raises(be.DataErrors) as caught:
        be.evaluate(be.Submission(schools=school, sections=[section("1", R7=2.26)]))
    assert caught.value.errors[0].problem == "found 2.26, but the figures in row 0 give 2.25"


def test_pupils_of_both_tables_must_agree() -> None:
    school = {"school": ["1"], "type": ["小学"], "pupils_primary": [401]}
    with pytest.raises(be.DataErrors, match=r"400, but pupils_primary in row 0 is 401|400，学校表"):
        be.Submission(schools=school, sections=[section("1")])
    filled = be.Submission(schools=school | {"pupils_primary": [None]}, sections=[section("1")])
    assert filled.schools.numbers("pupils_primary").tolist() == [400]


def test_coefficients_alone_are_judged() -> None:
    met = be.evaluate(be.Submission(spread=spread()))
    at_limit = be.evaluate(be.Submission(spread=spread(R6_primary=0.5, R1_junior=0.45)))
    above = be.evaluate(be.Submission(spread=spread(R6_primary=0.504)))
    half = be.evaluate(be.Submission(spread=[row for row in spread() if row["stage"] == "primary"]))

    verdicts = [ev.items["R-spread"].verdict.name for ev in (met, at_limit, above, half)]
    assert verdicts == ["MET", "MET", "NOT_MET", "UNKNOWN"]
    assert met.items["R-schools"].verdict is be.Verdict.UNKNOWN
    assert met.cv.shape == (1, 2, 7)
    assert met.sd[0, 0, 0] == pytest.approx(0.75)


def test_coefficients_must_agree_with_sections() -> None:
    sections = [section("1", pupils=100, R2=1), section("2", pupils=100, R2=3)]
    row = {"stage": "primary", "indicator": "R2", "mean": 2.004, "cv": 0.5004}

    assert be.evaluate(be.Submission(sections=sections, spread=[row])).cv[0, 0, 1] == 0.5
    with pytest.raises(be.DataErrors) as caught:
        be.evaluate(be.Submission(sections=sections, spread=[row | {"cv": 0.51}]))
    assert caught.value.errors[0].problem == "found 0.51, but the figures in sections give 0.5"


def test_rows_that_do_not_say_what_they_are_are_refused() -> None:
    wrong: list[tuple[dict[str, Any], str]] = [
        (
            {"sections": [section("1"), section("1")]},
            "row 1 (1), stage: school '1' appears twice, first in row 0; keep one of the rows",
        ),
        ({"sections": [section("1") | {"stage": None}]}, "row 0 (1), stage: the stage is missing; every row needs one"),
        ({"sections": [{"school": "1", "R1": 3}]}, "stage: the column is missing; every row needs one"),
        ({"sections": [{"stage": "小学", "R1": 3}]}, "school: the column is missing; every row needs its school"),
        ({"sections": [section("1", R1=-1)]}, "row 0 (1), R1: found -1, wanted 0 or more"),
        (
            {"spread": [{"stage": "小学", "cv": 0.3}]},
            "row 0, indicator: the indicator is missing; every row needs one",
        ),
        (
            {"spread": [*spread(), spread()[0]]},
            "row 14, indicator: the same stage and indicator as row 0; keep one of the rows",
        ),
        (
            {"spread": [{"indicator": "R1", "cv": 0.3}]},
            "row 0, stage: the stage is missing; every row needs one",
        ),
    ]
    for tables, message in wrong:
        with pytest.raises(be.DataErrors) as caught:
            be.Submission(**tables)
        (table,) = tables
        assert [error.text("en") for error in caught.value.errors] == [f"{table}, {message}"]


def test_counties_come_from_all_tables() -> None:
    submission = be.Submission(
        schools={"county": ["a"], "school": ["1"], "type": ["小学"]},
        sections=[section("1") | {"county": "b"}],
        spread=[row | {"county": "c"} for row in spread()],
    )
    ev = be.evaluate(submission)

    assert submission.counties == ("a", "b", "c")
    assert {county: ev[county].items["R-spread"].verdict.name for county in submission.counties} == {
        "a": "UNKNOWN",
        "b": "MET",
        "c": "MET",
    }
    assert {ev[county].items["G4"].verdict for county in "bc"} == {be.Verdict.UNKNOWN}


def test_everything_can_be_asked_of_ratios() -> None:
    submission = be.Submission(sections=[section("1"), section("2", R4=1)], spread=[])
    ev = be.evaluate(submission)

    assert pickle.loads(pickle.dumps(submission)) == submission
    assert be.Submission(sections=submission.columns("sections")) == submission
    assert "4.5" in be.explain(ev, "R4", school="1", stage="primary").text("zh")
    assert "NaN" not in be.explain(ev, "R4", school="1", stage="primary").text("zh")
    assert "2校" in be.shortfalls(ev).text("zh")
    assert ev.to_json()
    assert len(be.gaps(ev)) > 0
    assert len(ev.to_frame("sections")) == 2
    for lang in ("zh", "en"):
        assert be.report(ev, lang=lang)
    with pytest.raises(be.RequestError):
        be.plan(ev)


def test_ratios_agree_with_the_counts_that_make_them() -> None:
    rng = np.random.default_rng(3)
    pupils = rng.integers(50, 2000, 40)
    rooms = rng.integers(0, 60, 40)
    ids = [str(n) for n in range(40)]
    counts = {"school": ids, "type": ["小学"] * 40, "pupils_primary": pupils, "multimedia_rooms": rooms}
    included = be.evaluate(be.Submission(schools=counts))
    ratios = [str(float(Fraction(100 * int(room), int(size)))) for room, size in zip(rooms, pupils, strict=True)]
    rows = {"school": ids, "stage": ["小学"] * 40, "pupils": pupils, "R7": ratios}
    reported = be.evaluate(be.Submission(sections=rows))

    np.testing.assert_allclose(reported.cv[..., 6], included.cv[..., 6], rtol=1e-12)
    assert reported.standing[:, 6].tolist() == included.standing[:, 6].tolist()
