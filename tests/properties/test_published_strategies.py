"""The strategies of `balancedu.testing` keep what they promise."""

from __future__ import annotations

import math
import re
import subprocess
import sys
from collections import Counter
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from comparing import Tables
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

import balancedu as be
from balancedu import testing
from balancedu.core.model import Threshold
from balancedu.testing import KINDS, gaps_in, on_limit, submissions, tables, with_gaps

FOLDER = Path(testing.__file__).parent
A_SMALL_STANDARD = Path(__file__).resolve().parent.parent / "bad_specs" / "valid"


@pytest.mark.parametrize(
    "standard", [*be.available_standards(), str(A_SMALL_STANDARD)], ids=lambda name: Path(name).name
)
@given(data=st.data())
def test_every_standard_gets_submissions_that_it_can_judge(standard: str, data: st.DataObject) -> None:
    submission = data.draw(submissions(standard, kind=st.sampled_from(KINDS), counties=st.integers(1, 2)))

    assert be.evaluate(submission, standard).counties == submission.counties


def test_submissions_on_the_limits_stand_on_every_limit() -> None:
    """For every item that compares figures, some submission stands exactly on the limit, and some on each side."""
    on, beside = Counter[str](), Counter[str]()

    @settings(max_examples=150, database=None, phases=[Phase.generate], derandomize=True, deadline=None)
    @given(submissions(kind="on_limits"))
    def draw(submission: be.Submission) -> None:
        for item, finding in be.evaluate(submission).items.items():
            for check in finding.checks:
                if check.relation != "is" and check.table != "sections":
                    (on if check.margin == 0 else beside)[item] += 1

    draw()
    compared = {"R-spread", "G3", "G4", "G5", "G6", "G7", "G8", "G9", "G11", "G12", "G13", "G14", "G15"}
    assert on.keys() == compared | {"Q1", "Q2", "Q4", "Q9", "S1"}
    assert beside.keys() >= on.keys() - {"G9", "G12"}


@pytest.mark.parametrize("indicator", list(be.load_standard().indicators))
@pytest.mark.parametrize("school_type", ["nine_year_school", "complete_secondary_school"])
def test_sections_of_combined_schools_stand_exactly_on_their_standard(school_type: str, indicator: str) -> None:
    """The split of a whole school has to come out even for that."""
    limits = be.load_standard().indicators[indicator].thresholds

    def stands_on_it(submission: be.Submission) -> bool:
        ev = be.evaluate(submission)
        n = ev.indicators.index(indicator)
        here = zip(ev.sections["school"], ev.sections["stage"], ev.values[:, n], strict=True)
        return any(
            school == "001" and ev.submission.schools.choices("type")[0] == kind and value == float(limit.value)
            for school, stage, value in here
            if stage == "junior" and (limit := limits["junior"])
        )

    kinds = [choice.id for choice in be.load_standard().measures["type"].values]
    kind = kinds.index(school_type)
    assert find(submissions(kind="on_limits"), stands_on_it, settings=settings(max_examples=4000, database=None))


@pytest.mark.parametrize("verdict", [be.Verdict.MET, be.Verdict.NOT_MET, be.Verdict.UNKNOWN])
@pytest.mark.parametrize("kind", ["ordinary", "on_limits", "gappy"])
def test_whole_counties_come_to_every_verdict(kind: testing.Kind, verdict: be.Verdict) -> None:
    looking = settings(max_examples=2000, database=None, phases=[Phase.generate])

    assert find(submissions(kind=kind), lambda submission: be.evaluate(submission).verdict is verdict, settings=looking)


@given(st.decimals(0, 9999, places=3), st.sampled_from([">=", "<=", "<"]))
def test_figures_on_a_limit(value: Decimal, relation: str) -> None:
    limit = Threshold(relation, value)  # type: ignore[arg-type]
    looking = settings(max_examples=200, database=None)

    assert find(on_limit(limit), lambda figure: limit.margin(figure) == 0, settings=looking) == float(value)
    assert find(on_limit(limit), lambda figure: limit.margin(figure) not in (0, math.nan), settings=looking) is not None
    figures = {find(on_limit(limit, unit=Decimal("0.5")), lambda f: f > value, settings=looking)}
    assert figures <= {float(value + Decimal("0.5")), math.nextafter(float(value), math.inf)}


@given(tables(kind="ordinary"), st.data())
def test_gaps_are_gaps_and_nothing_else(drawn: Tables, data: st.DataObject) -> None:
    before = repr(drawn)
    gaps = data.draw(gaps_in(drawn))
    gappy = with_gaps(drawn, gaps)

    assert repr(drawn) == before
    assert (gappy == drawn) == (not gaps) or all(gap.row is not None for gap in gaps)
    assert be.evaluate(be.Submission(**gappy)).counties
    for gap in gaps:
        if gap.table not in gappy:
            continue
        if gap.table == "facts":
            assert gappy["facts"][gap.row].get(gap.column) is None
        elif not gap.column:
            assert len(gappy[gap.table]["school"]) < len(drawn[gap.table]["school"])
        elif gap.row is None:
            assert gap.column not in gappy[gap.table]


def test_the_same_figures_are_reported_as_before() -> None:
    """A float that is drawn is written with few digits, or it is the float next to one that is."""
    drawn = find(tables(kind="on_limits", schools=3), lambda some: len(some["schools"]["school"]) == 3)

    for cells in drawn["schools"].values():
        for cell in cells:
            if isinstance(cell, float):
                near = (cell, math.nextafter(cell, 0), math.nextafter(cell, math.inf))
                assert any(Fraction(repr(one)).limit_denominator(10**6) == Fraction(repr(one)) for one in near)


def test_no_strategy_throws_away_what_it_has_drawn() -> None:
    for path in FOLDER.glob("*.py"):
        assert not re.search(r"\.filter\(|\bassume\(|\breject\(", path.read_text(encoding="utf-8")), path.name


def test_the_package_does_not_import_hypothesis() -> None:
    program = "import balancedu, sys; sys.exit('hypothesis' in sys.modules or 'balancedu.testing' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_without_hypothesis_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == "hypothesis" or name == "balancedu.testing"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "hypothesis", None)

    with pytest.raises(be.MissingExtraError, match=r"pip install 'balancedu\[testing\]'"):
        __import__("balancedu.testing")
