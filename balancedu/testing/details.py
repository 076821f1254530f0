"""Classes, rooms and monitored subjects."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction

from balancedu.core.rules import ClassSize, MonitoredSubjects, RoomsForClasses
from balancedu.testing.pen import Pen, Row
from balancedu.testing.plans import Plan

_GRADES = 3
_SUBJECTS = ("语文", "数学", "科学")


def class_numbers(pen: Pen, plan: Plan) -> Row:
    """Return the numbers of classes of a school, as its row of the schools table has them."""
    rules: list[ClassSize | RoomsForClasses] = [*pen.rules(ClassSize), *pen.rules(RoomsForClasses)]
    columns = {column: stage for rule in rules for stage, column in rule.classes.items()}
    return {column: len(plan.classes[stage]) for column, stage in columns.items() if stage in plan.classes}


def draw_classes(pen: Pen, plan: Plan) -> list[Row]:
    """Return the classes of a school."""
    columns = pen.standard.table_measures("classes")
    rows: list[Row] = [
        {"stage": stage, "grade": str(n % _GRADES + 1), "entry_grade": n % _GRADES == 0, "pupils": pupils}
        for stage, sizes in plan.classes.items()
        if stage in pen.standard.stages
        for n, pupils in enumerate(sizes)
    ]
    return [{name: value for name, value in row.items() if name in columns} for row in rows] if columns else []


def draw_rooms(pen: Pen, plan: Plan) -> Iterator[Row]:
    """Yield the rooms of a school: about as many as its classes need."""
    for rule in pen.rules(RoomsForClasses):
        classes = sum(len(sizes) for stage, sizes in plan.classes.items() if stage in rule.classes)
        for use, area in rule.area_at_least.items():
            needed = math.ceil(Fraction(classes, rule.classes_per_room))
            for _ in range(pen.pick([needed, needed + 1] if pen.good else [needed, needed + 1, max(0, needed - 1)])):
                yield {"use": use, "area": pen.figure(">=", Fraction(area))}


def draw_monitoring(pen: Pen) -> Iterator[Row]:
    """Yield the subjects monitored in a county."""
    for rule in pen.rules(MonitoredSubjects):
        levels = [choice.id for choice in pen.standard.measures[rule.level].values]
        needed = levels.index(rule.level_at_least)
        reached = levels[needed:] if pen.good else levels[needed:] + levels[:needed]
        for subject in _SUBJECTS[: pen.whole(1, len(_SUBJECTS))]:
            rate = pen.figure(rule.threshold.relation, rule.threshold.exact, Fraction(1, 1000))
            level, column = (pen.standard.measures[name].column for name in (rule.level, rule.rate))
            yield {"grade": str(_GRADES + 1), "subject": subject, level: pen.pick(reached), column: rate}
