"""Conditions are judged of every school, and what is not reported may be anything that it can be."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

import balancedu as be
from balancedu.core.fields import Impossible, MeasureId
from balancedu.core.model import Condition
from balancedu.submission.sections import condition_verdicts

STANDARD = be.load_standard("cn-2017")
CLASSES = {"primary": "classes_primary", "junior": "classes_junior"}
MET, NOT_MET, UNKNOWN = 2, 0, 1


def judged(condition: Condition, classes: dict[str, Any] | None = None, **school: Any) -> int:
    """Return the verdict of a condition for one school."""
    columns = {"school": "1", "type": "nine_year_school"} | school
    submission = be.Submission({name: [value] for name, value in columns.items()}, classes=classes)
    return int(condition_verdicts(condition, submission, STANDARD)[0])


def condition(**fields: Any) -> Condition:
    """Return a condition."""
    return Condition(**fields)


@pytest.mark.parametrize(
    ("bound", "verdicts"),
    [("at_least", (0, 2, 2)), ("at_most", (2, 2, 0)), ("above", (0, 0, 2)), ("below", (2, 0, 0))],
)
def test_bounds_hold_to_the_unit(bound: str, verdicts: tuple[int, ...]) -> None:
    entry = condition(measure="equipment_value", **{bound: Decimal("0.3")})

    assert tuple(judged(entry, equipment_value=value) for value in (0.1 + 0.1, 0.3, 0.4)) == verdicts
    assert judged(entry) == UNKNOWN


def test_a_sum_is_decided_as_soon_as_no_missing_part_can_change_it() -> None:
    entry = condition(sum_of=("pupils_primary", "pupils_junior"), at_least=Decimal(50), below=Decimal(100))

    assert judged(entry, pupils_primary=50, pupils_junior=49) == MET
    assert judged(entry, pupils_primary=50, pupils_junior=50) == NOT_MET
    assert judged(entry, pupils_primary=100) == NOT_MET
    assert judged(entry, pupils_primary=99) == UNKNOWN


def test_pupils_of_a_stage_that_the_school_lacks_are_none() -> None:
    entry = condition(sum_of=("pupils_primary", "pupils_junior"), below=Decimal(100))

    assert judged(entry, type="primary_school", pupils_primary=99) == MET


def test_choices() -> None:
    rural = condition(measure="area", one_of=("rural", "town"))

    assert [judged(rural, area=area) for area in ("rural", "urban", None)] == [MET, NOT_MET, UNKNOWN]


def test_all_and_any_are_three_valued() -> None:
    rural = condition(measure="area", one_of=("rural",))
    small = condition(measure="pupils_primary", below=Decimal(100))
    both, either = condition(all_of=(rural, small)), condition(any_of=(rural, small))

    assert judged(both, area="urban") == NOT_MET
    assert judged(both, area="rural") == UNKNOWN
    assert judged(either, area="rural") == MET
    assert judged(either, area="urban") == UNKNOWN
    assert both.measures == ("area", "pupils_primary")


def test_the_largest_class_is_known_once_every_class_is() -> None:
    small = condition(largest="classes.pupils", below=Decimal(30), classes=CLASSES)
    listed = {"school": ["1", "1"], "stage": ["primary", "primary"], "pupils": [20, 29]}
    entry: dict[str, Any] = {"type": "primary_school", "pupils_primary": 49}

    assert judged(small, listed, **entry) == MET
    assert judged(small, listed, **(entry | {"pupils_primary": 60})) == UNKNOWN
    assert judged(small, listed | {"pupils": [20, 30]}, **(entry | {"pupils_primary": 60})) == NOT_MET
    assert judged(small, listed | {"pupils": [20, None]}, **entry) == UNKNOWN
    assert judged(small, **entry) == UNKNOWN


def test_a_condition_says_what_it_rests_on() -> None:
    inner = condition(largest="classes.pupils", below=Decimal(30), classes=CLASSES)
    whole = condition(all_of=(condition(measure="area", one_of=("rural",)), inner))

    assert whole.measures == tuple(map(MeasureId, ("area", "classes.pupils", "classes_primary", "classes_junior")))
    assert list(whole.simple) == [whole.all_of[0], inner]


def test_a_condition_of_nothing_is_refused() -> None:
    with pytest.raises(Impossible, match="needs exactly one of"):
        Condition()
