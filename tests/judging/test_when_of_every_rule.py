"""Every kind of rule may be for some schools or counties only; a condition that is not known cannot fail a county."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import balancedu as be
from balancedu.core.rules import RULES
from balancedu.core.standard import Standard

PROVINCES = Path(__file__).resolve().parents[1] / "provinces"
SOURCE = "{document: 某省〔2025〕1号, part: 一, confidence: O}"
OF_COUNTY, OF_SCHOOLS = "{measure: townships, at_least: 10}", "{measure: area, one_of: [rural]}"
STANDARDS: tuple[str | Path, ...] = ("cn-2017", "cn-2012", *sorted(PROVINCES.glob("*.yaml")))


def item_of(kind: type) -> tuple[Standard, str]:
    """Return an item all of whose rules are of one kind without a condition, and its standard."""
    for entry in STANDARDS:
        standard = be.load_standard(entry)
        for item in standard.items.values():
            if {type(rule) for rule in item.rules} == {kind} and not any(rule.when for rule in item.rules):
                return standard, item.id
    raise AssertionError(kind)


def judged(standard: Standard, item: str, schools: list[dict[str, object]], **facts: object) -> be.Verdict:
    return be.evaluate(be.Submission(schools=schools, facts=facts, standard=standard)).items[item].verdict


@pytest.fixture
def with_condition(tmp_path: Path) -> Callable[[Standard, str, str], Standard]:
    """Give the rules of an item a condition."""

    def write(standard: Standard, item: str, condition: str) -> Standard:
        own = tmp_path / "ours.yaml"
        base = standard.overlays[-1] if standard.overlays else standard.head.id
        several = len(standard.items[item].rules) > 1
        rules = [f"rules.{item}[{n}]" if several else f"rules.{item}" for n in range(len(standard.items[item].rules))]
        added = "".join(f"  - {{to: {rule}, key: when, value: {condition}, source: {SOURCE}}}\n" for rule in rules)
        head = "format: 1\nid: ours\ntitle: {zh: 例, en: Example}\ndocument: 某省〔2025〕1号\n"
        own.write_text(f"{head}extends: {base}\nadd:\n{added}", encoding="utf-8")
        overlays = [path for path in STANDARDS if isinstance(path, Path) and path.stem == base]
        return be.load_standard(standard.head.id, [*overlays, own])

    return write


@pytest.mark.parametrize("name", sorted(RULES))
def test_a_rule_is_for_those_that_meet_its_condition(
    name: str, with_condition: Callable[[Standard, str, str], Standard]
) -> None:
    standard, item = item_of(RULES[name])
    of_schools = bool(standard.items[item].rules[0].school_fields)
    conditional = with_condition(standard, item, OF_SCHOOLS if of_schools else OF_COUNTY)
    school: dict[str, object] = {"school": "1", "type": "primary_school", "pupils_primary": 90}

    def verdict(meets: bool | None) -> be.Verdict:
        area, townships = {None: (None, None), True: ("rural", 10), False: ("urban", 9)}[meets]
        return judged(conditional, item, [{**school, "area": area if of_schools else "rural"}], townships=townships)

    without = judged(standard, item, [{**school, "area": "rural"}])
    assert verdict(True) is without
    assert verdict(False) is be.Verdict.NOT_APPLICABLE
    assert verdict(None) is (be.Verdict.UNKNOWN if without is be.Verdict.NOT_MET else without)
