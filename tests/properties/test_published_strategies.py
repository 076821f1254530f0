"""The strategies of `balancedu.testing` keep what they promise."""

from __future__ import annotations

import importlib
import math
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

import pytest
from comparing import Tables
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample
from hypothesis.strategies import SearchStrategy

import balancedu as be
from balancedu import testing
from balancedu.calculator.limits import Relation
from balancedu.core.loading import shipped
from balancedu.core.model import Threshold
from balancedu.testing import KINDS, gaps_in, on_limit, submissions, tables, with_gaps

Drawn = TypeVar("Drawn")


def look_until(enough: Callable[[Drawn], bool], strategy: SearchStrategy[Drawn]) -> None:
    """Look at examples until there are enough of them, or a great many."""
    looking = settings(max_examples=2000, database=None, phases=[Phase.generate], derandomize=True, deadline=None)
    with suppress(NoSuchExample):
        find(strategy, enough, settings=looking)


@pytest.mark.parametrize("standard", [*be.available_standards(), *be.available_overlays()])
@given(data=st.data())
def test_every_standard_gets_submissions_that_it_can_judge(standard: str, data: st.DataObject) -> None:
    submission = data.draw(submissions(standard, kind=st.sampled_from(KINDS), counties=st.integers(1, 2)))

    assert be.evaluate(submission, standard).counties == submission.counties


def test_on_the_limits_means_on_every_limit() -> None:
    """Every figure of an item is exactly on its limit and next to it, every indicator on standard and floor."""
    on, beside = Counter[str](), Counter[str]()
    std = be.load_standard()
    indicators = {
        f"{indicator.id} {stage}": (
            n,
            stage,
            {float(t.value) for t in (indicator.thresholds[stage], std.floors[indicator.id][stage]) if t},
        )
        for n, indicator in enumerate(std.indicators.values())
        for stage in std.stages
    }
    figures = {"R-spread", *(f"G{n}" for n in (3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15)), "Q1", "Q2", "Q4", "Q9", "S1"}
    wanted = figures | {f"{name} {bar}" for name, (_, _, bars) in indicators.items() for bar in bars}

    def enough(submission: be.Submission) -> bool:
        ev = be.evaluate(submission)
        for item, finding in ev.items.items():
            for check in finding.checks:
                if check.relation != "is" and check.table != "sections":
                    (on if check.margin == 0 else beside)[item] += 1
        for name, (n, stage, bars) in indicators.items():
            for value in ev.values[ev.sections["stage"] == stage, n].tolist():
                near = {bar for bar in bars if math.isclose(value, bar, rel_tol=1e-12)}
                on.update(f"{name} {bar}" for bar in near)
        return wanted <= on.keys() and figures <= beside.keys()

    look_until(enough, submissions(kind="on_limits"))
    assert sorted(wanted - on.keys()) == []
    assert sorted(figures - beside.keys()) == []


def test_the_limits_are_those_of_the_standard(tmp_path: Path) -> None:
    """Nothing of the law is known to the strategies: where the standard changes, the figures follow."""
    for entry in shipped("_specs", "specs").joinpath("cn-2017").iterdir():
        text = entry.read_bytes().decode("utf-8")
        text = text.replace("at_most: {primary: 45, junior: 50}", "at_most: {primary: 31, junior: 33}")
        text = text.replace("at_least: 6000", "at_least: 7654.5")
        (tmp_path / entry.name).write_text(text, encoding="utf-8")
    largest = {"primary": 0, "junior": 0}
    funds: set[float] = set()

    def enough(drawn: Tables) -> bool:
        classes = drawn.get("classes", {"stage": [], "pupils": []})  # a county of other schools has none
        for stage, pupils in zip(classes["stage"], classes["pupils"], strict=True):
            largest[stage] = max(largest[stage], pupils)
        funds.add(drawn["facts"]["1"]["special_education_funds_per_pupil"])
        return {7654.5, 7654.51, 7654.49} <= funds and largest == {"primary": 32, "junior": 34}

    look_until(enough, tables(tmp_path, kind="on_limits"))
    assert largest == {"primary": 32, "junior": 34}
    assert {round(fund, 9) for fund in funds} == {7654.5, 7654.51, 7654.49}


@pytest.mark.parametrize("kind", ["ordinary", "on_limits", "gappy"])
def test_counties_come_to_every_verdict(kind: testing.Kind) -> None:
    wanted = {be.Verdict.MET, be.Verdict.NOT_MET, *([be.Verdict.UNKNOWN] if kind == "gappy" else ())}
    result: set[be.Verdict] = set()

    def enough(submission: be.Submission) -> bool:
        result.add(be.evaluate(submission).verdict)
        return wanted <= result

    look_until(enough, submissions(kind=kind))
    assert wanted <= result


@pytest.mark.parametrize(
    ("relation", "value", "figures"),
    [
        (">=", "4.5", {4.4, 4.499999999999999, 4.5, 4.500000000000001, 4.6}),
        ("<=", "45", {44.0, 44.99999999999999, 45.0, 45.00000000000001, 46.0}),
        ("<", "0.15", {0.14, 0.14999999999999997, 0.15, 0.15000000000000002, 0.16}),
        (">=", "0", {0.0, 1.0, 5e-324}),
    ],
)
def test_figures_on_a_limit(relation: Relation, value: str, figures: set[float]) -> None:
    result: set[float] = set()

    def enough(figure: float) -> bool:
        result.add(figure)
        return len(result) == len(figures)

    look_until(enough, on_limit(Threshold(relation, Decimal(value))))
    assert result == figures


@given(tables(), st.data())
def test_gaps_are_gaps_and_nothing_else(drawn: Tables, data: st.DataObject) -> None:
    before = repr(drawn)
    gaps = data.draw(gaps_in(drawn))
    gappy = with_gaps(drawn, gaps)

    assert repr(drawn) == before
    assert be.evaluate(be.Submission(**gappy)).counties
    for gap in gaps:
        left = gappy.get(gap.table)
        if gap.table == "facts" and left and gap.column:
            assert left["1"][gap.column] is None
        elif gap.row is None:
            assert not (left and gap.column in left)
        elif left and not gap.column:
            assert len(left["school"]) < len(drawn[gap.table]["school"])


def test_no_strategy_throws_away_what_it_has_drawn() -> None:
    for path in Path(testing.__file__).parent.glob("*.py"):
        assert not re.search(r"\.filter\(|\bassume\(|\breject\(", path.read_text(encoding="utf-8")), path.name


def test_the_package_itself_does_not_import_hypothesis() -> None:
    program = "import balancedu, sys; sys.exit('hypothesis' in sys.modules or 'balancedu.testing' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_without_hypothesis_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("balancedu.testing", "balancedu.testing.strategies"):
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "hypothesis", None)
    testing = importlib.import_module("balancedu.testing")

    with pytest.raises(be.MissingExtraError, match=r"pip install hypothesis"):
        _ = testing.submissions
