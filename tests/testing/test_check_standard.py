"""A standard of somebody else is read strictly and tried: what is wrong with it is found, and what is sound passes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from ours import OURS, SOURCE

import balancedu as be
from balancedu.cli import main
from balancedu.core.rules import RULES, Rule, rule
from balancedu.evaluation.results import Basis, Outcome
from balancedu.judging.rules import judge
from balancedu.testing import check_standard, faults


@pytest.fixture
def overlay(tmp_path: Path) -> Callable[[str], Path]:
    """Write an overlay of cn-2017 with these changes."""

    def write(changes: str) -> Path:
        path = tmp_path / "ours.yaml"
        path.write_text(OURS + changes.replace("SOURCE", SOURCE), encoding="utf-8")
        return path

    return write


@pytest.fixture
def kind() -> Iterator[None]:
    """Kinds of rule of another package, each wrong in a way of its own."""
    yield
    for name in ("breaks", "guesses", "mumbles"):
        RULES.pop(name, None)


def item(rules: str) -> str:
    """An overlay that adds an item with these rules."""
    return f"""add:
  - to: parts.guarantee.items
    value:
      id: P1
      name: {{zh: 本省要求, en: ours}}
      title: {{zh: 本省要求, en: ours}}
      source: SOURCE
      rules: [{rules}]
"""


SET = """set:
  - {path: rules.G7.at_least, value: 7000, source: SOURCE}
  - {path: items.G7.title, value: {zh: 不低于7000元, en: at least 7000 yuan}, source: SOURCE}
"""


@pytest.mark.parametrize("name", [*be.available_standards(), *be.available_overlays()])
def test_what_comes_with_balancedu_is_sound(name: str) -> None:
    assert check_standard(name, submissions=2) is be.load_standard(name)


def test_an_overlay_of_ones_own(overlay: Callable[[str], Path]) -> None:
    assert check_standard(overlay(SET), submissions=5).overlays == ("ours",)


@pytest.mark.parametrize("limits", ["{primary: 1, junior: 1}", "{primary: 0.90, junior: 0.00001}"])
def test_no_limit_that_can_be_read_is_too_much_to_draw(overlay: Callable[[str], Path], limits: str) -> None:
    spread = f"set:\n  - {{path: rules.R-spread.limits, value: {limits}, source: SOURCE}}\n"
    composite = f"{{rule: composite_within, quantity: {{zh: 综合, en: composite}}, limits: {limits}}}"
    path = overlay(spread + item(composite).replace("guarantee", "resources"))
    assert check_standard(path, submissions=15).overlays == ("ours",)


NARROW = (
    "path: rules.Q9.rate_below, value: 0.99",
    "path: measures.rooms.area.range, value: {least: 60, most: 60.5}",
    "path: measures.equipment_value.range, value: {least: 10, most: 20}",
    "path: measures.certified_share.range, value: {least: 0.2, most: 1}",
    "path: measures.graduates.range, value: {least: 3, most: 40}",
    "path: measures.quota_share.range, value: {least: 0.1, most: 0.7}",
    # Parts that cannot be as small as what they are parts of.
    "path: measures.indoor_sports_area.range, value: {least: 1000, most: 1000.5}",
    "path: measures.full_time_teachers_primary.range, value: {least: 100, most: 100}",
    "path: measures.rural_population.range, value: {least: 1000, most: 1000.5}",
    "path: measures.migrant_children_public.range, value: {least: 5, most: 6}",
)


def test_no_figure_is_drawn_outside_the_range_of_its_measure(overlay: Callable[[str], Path]) -> None:
    path = overlay("set:\n" + "".join(f"  - {{{change}, source: SOURCE}}\n" for change in NARROW))
    assert check_standard(path, submissions=15).overlays == ("ours",)


def test_it_is_read_strictly(overlay: Callable[[str], Path]) -> None:
    path = overlay(
        "set:\n  - {path: rules.G7.at_leats, value: x, source: SOURCE}\n"
        "  - {path: items.G99, value: 1, source: SOURCE}\n"
    )
    with pytest.raises(be.SpecErrors) as caught:
        check_standard(path)

    assert [error.line for error in caught.value.errors] == [7, 8]


def test_relief_that_makes_something_worse_is_none(overlay: Callable[[str], Path]) -> None:
    with pytest.raises(
        be.UnsoundStandardError, match=r"G7: is relief \(relaxes\), but turns met into not met"
    ) as caught:
        check_standard(overlay("relaxes: true\n" + SET), submissions=20)

    assert caught.value.name == "cn-2017+ours"
    assert isinstance(caught.value, AssertionError)


@pytest.mark.usefixtures("kind")
def test_a_rule_that_breaks_is_named(overlay: Callable[[str], Path]) -> None:
    @rule("breaks")
    class Breaks(Rule):
        """Cannot be judged."""

    @judge.register(Breaks)
    def _(_rule: Breaks, _basis: Basis) -> tuple[Outcome, ...]:
        raise ZeroDivisionError("no such school")

    path = overlay(item("{rule: breaks}"))
    with pytest.raises(
        be.UnsoundStandardError, match="a submission cannot be judged: ZeroDivisionError: no such school"
    ):
        check_standard(path, submissions=5)


@pytest.mark.usefixtures("kind")
def test_a_rule_that_decides_by_gaps_is_found(overlay: Callable[[str], Path]) -> None:
    @rule("guesses")
    class Guesses(Rule):
        """Is met where an even number of figures is reported."""

    @judge.register(Guesses)
    def _(_rule: Guesses, basis: Basis) -> tuple[Outcome, ...]:
        tables = (basis.submission.schools, basis.submission.facts)
        known = sum(
            int(np.sum(table.columns[name] == table.columns[name])) for table in tables for name in table.columns
        )
        reported = np.full(len(basis.submission.counties), float(known))
        verdict = np.where(reported % 2 == 0, be.Verdict.MET.code, be.Verdict.NOT_MET.code).astype(np.int8)
        title = basis.standard.items["G7"].title
        return (Outcome("guess", title, ">=", "other", verdict, reported, reported),)

    with pytest.raises(
        be.UnsoundStandardError,
        match=r"P1: decided as (not )?met despite gaps, but (not )?met when they are filled",
    ):
        check_standard(overlay(item("{rule: guesses}")), submissions=80)


@pytest.mark.parametrize("name", be.available_standards())
def test_a_shipped_standard_has_no_fault(name: str) -> None:
    assert list(faults(be.load_standard(name), submissions=20)) == []


def test_relief_that_is_worse_for_one_school_among_others_is_found(overlay: Callable[[str], Path]) -> None:
    limits = (
        "[{types: [primary_school, teaching_point, junior_school, complete_secondary_school], at_most: 1999}, "
        "{types: [nine_year_school, twelve_year_school], at_most: 2500}]"
    )
    tighter = f"relaxes: true\nset:\n  - {{path: rules.G4.limits, value: {limits}, source: SOURCE}}\n"
    with pytest.raises(be.UnsoundStandardError, match="G4: is relief"):
        check_standard(overlay(tighter), submissions=40)


def test_what_does_not_hold_today_is_a_warning(
    overlay: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    path = overlay('until: "2020-12-31"\n' + SET)

    assert [fault.severity for fault in faults(be.load_standard(path), submissions=0)] == ["warning"]
    assert main(["lint", str(path)]) == 0
    assert "提示：ours（本省要求）已于2020-12-31到期，不适用；要核对它，请用 --on 2020-12-31" in capsys.readouterr().out
    assert main(["lint", str(path), "--on", "2020-12-31"]) == 0
    assert "提示" not in capsys.readouterr().out


def test_the_command_says_what_was_looked_at(
    overlay: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    path = overlay(SET)
    count = len(be.load_standard(path).measures)

    assert main(["lint", str(path)]) == 0
    sentence = f"文件没有问题（35个条目，7项指标，{count}个填报项）"
    assert capsys.readouterr().out == f"cn-2017+ours：{sentence}\n"
    assert main(["lint", str(path), "--lang", "en"]) == 0
    sentence = f"the file is sound (35 items, 7 indicators, {count} measures)"
    assert capsys.readouterr().out == f"cn-2017+ours: {sentence}\n"


def test_the_command_distinguishes_unreadable_from_unsound(
    overlay: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["lint", "no-such.yaml"]) == 2
    assert "没有叫“no-such.yaml”的标准或叠加文件" in capsys.readouterr().err
    path = overlay("set:\n  - {path: rules.G7.at_leats, value: 1, source: SOURCE}\n")
    assert main(["lint", str(path)]) == 2
    head, problem = capsys.readouterr().out.splitlines()
    assert head == f"cn-2017 + {path}：发现1处问题"
    assert "ours.yaml:7，set[0].path：items.G7.rules.fact_within 中没有“at_leats”，是否应为“at_least”？" in problem
    assert main(["lint", str(path), "--lang", "en"]) == 2
    assert "ours.yaml:7 set[0].path: items.G7.rules.fact_within has no 'at_leats'" in capsys.readouterr().out
    (fault,) = faults(be.load_standard(overlay("relaxes: true\n" + SET)), submissions=20)
    assert fault.text() == "G7：标明放宽（relaxes），却把达标变成了未达标"


WITHOUT = """
import sys
sys.modules["hypothesis"] = None
from balancedu.testing import check_standard
print(check_standard("cn-2017", submissions=0).id)
import balancedu.testing
for name in ("submissions", "partly_filled"):
    try:
        getattr(balancedu.testing, name)
    except ImportError as error:
        print(error)
try:
    check_standard("cn-2017")
except ImportError as error:
    print(error)
"""


def test_reading_alone_needs_no_hypothesis() -> None:
    english = os.environ | {"BALANCEDU_LANG": "en"}
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT],
        env=english,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    install = "run: pip install balancedu[all] (or this alone: pip install hypothesis)"

    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "cn-2017",
        f"balancedu.testing needs hypothesis; {install}",
        f"balancedu.testing needs hypothesis; {install}",
        f"trying a standard on submissions needs hypothesis; {install}",
    ]
