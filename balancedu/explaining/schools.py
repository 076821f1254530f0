"""What rules that look at every school looked at, in formulas with the numbers in them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from balancedu.core.model import Language, Title
from balancedu.core.rules import ClassSize, RoomsForClasses, SchoolShareAtLeast, SchoolSize, SmallSchoolFunds
from balancedu.evaluation import wording
from balancedu.evaluation.figures import NOT_REPORTED, plain
from balancedu.evaluation.finding import Case, Check
from balancedu.explaining.explanation import Input, Step, both
from balancedu.explaining.rules import Asked, steps_of


@steps_of.register
def _(rule: SchoolSize, asked: Asked) -> Iterator[Step]:  # noqa: ARG001
    check = asked.check("school_size")
    columns = tuple(asked.county.standard.head.scope.pupils[stage] for stage in asked.county.standard.stages)
    inputs = _reported(asked, check, columns)
    yield asked.told(check, inputs, start=" + ".join(plain(one.value) for one in inputs) if len(inputs) > 1 else "")


@steps_of.register
def _(rule: ClassSize, asked: Asked) -> Iterator[Step]:
    check = asked.check("class_size")
    case = asked.case(check)
    if case is not None and case.row >= 0:
        yield asked.told(check, tuple(asked.county.input("classes", one, case.row, case.name) for one in rule.columns))
    else:
        columns = () if case is None or case.stage is None else (rule.classes[case.stage],)
        yield asked.told(check, _reported(asked, check, columns))


@steps_of.register
def _(rule: RoomsForClasses, asked: Asked) -> Iterator[Step]:
    for use in rule.area_at_least:
        check = asked.check(f"rooms.{use}")
        area = asked.applied(rule, check).area_at_least[use]
        case = asked.case(check)
        classes = _reported(asked, check, tuple(rule.classes.values()))
        total = sum(one.value for one in classes if not np.isnan(one.value))
        formula = Title(
            f"班数 ÷ {rule.classes_per_room}，进一取整；只数面积不小于{plain(float(area))}平方米的",
            f"classes ÷ {rule.classes_per_room}, rounded up; rooms from {plain(float(area))} m² count",
        )
        needed = {"zh": NOT_REPORTED["zh"], "en": NOT_REPORTED["en"]}
        if case is not None and not np.isnan(case.required):
            needed = dict.fromkeys(needed, f"⌈{plain(total)} ÷ {rule.classes_per_room}⌉ = {plain(case.required)}")
        found = Title(_rooms_said(needed["zh"], check, case, "zh"), _rooms_said(needed["en"], check, case, "en"))
        yield asked.step(check, (*classes, *_rooms(asked, use, case)), formula, found)


def _rooms_said(needed: str, check: Check, case: Case | None, lang: Language) -> str:
    found = wording.observed(check, lang, case)
    return f"需要 {needed}间，达标的有{found}。" if lang == "zh" else f"needed: {needed}; sufficient: {found}."


def _rooms(asked: Asked, use: str, case: Case | None) -> tuple[Input, ...]:
    rooms = asked.county.basis.submission.tables["rooms"]
    if case is None:
        return ()
    uses = [choice.id for choice in asked.county.standard.measures["rooms.use"].values]
    row = asked.county.school_row(case.school)
    here = np.flatnonzero((rooms.school == row) & (rooms.choices("use") == uses.index(use)))
    return tuple(asked.county.input("rooms", "area", n, case.name) for n in here.tolist())


@steps_of.register
def _(rule: SmallSchoolFunds, asked: Asked) -> Iterator[Step]:
    check, case = asked.check(rule.funds), asked.case(asked.check(rule.funds))
    rule = asked.applied(rule, check)
    scope = asked.county.standard.head.scope.pupils
    pupils = _reported(asked, check, tuple(scope[stage] for stage in rule.per_pupil))
    stages = {str(scope[stage]): stage for stage in rule.per_pupil}
    # A stage without pupils needs no standard; one whose pupils are not reported may.
    standards = [asked.county.fact(rule.per_pupil[stages[one.column]]) for one in pupils if one.value != 0]
    formula = Title(
        f"{rule.funded_as}人 × 生均公用经费基准定额（多个学段的按人数加权）",
        f"{rule.funded_as} pupils × the county's standard per pupil (several stages: the mean weighted by pupils)",
    )

    def said(lang: Language) -> str:
        if case is None or np.isnan(case.required):
            return wording.said(check, lang)
        pairs = zip(standards, _with(pupils), strict=True)
        terms = " + ".join(f"{plain(one.value)} × {plain(count.value)}" for one, count in pairs)
        per_pupil = plain(standards[0].value) if len(standards) == 1 else f"({terms}) ÷ {_sum(pupils)}"
        found, needed = wording.observed(check, lang, case), f"{rule.funded_as} × {per_pupil} = {plain(case.required)}"
        return f"应核定 {needed}，实际{found}" if lang == "zh" else f"needed {needed}; found {found}"

    yield asked.step(check, (*_reported(asked, check, (rule.funds,)), *pupils, *standards), formula, both(said))


def _with(pupils: tuple[Input, ...]) -> list[Input]:
    return [one for one in pupils if one.value != 0]


def _sum(pupils: tuple[Input, ...]) -> str:
    return plain(sum(one.value for one in pupils))


@steps_of.register
def _(rule: SchoolShareAtLeast, asked: Asked) -> Iterator[Step]:
    check = asked.check(rule.part)
    inputs = _reported(asked, check, (rule.part, rule.whole))
    yield asked.told(check, inputs, start=" ÷ ".join(plain(one.value) for one in inputs))


def _reported(asked: Asked, check: Check, columns: tuple[str, ...]) -> tuple[Input, ...]:
    """Return the columns that the type of the school has, as the school reported them."""
    case = asked.case(check)
    if case is None or not case.school:
        return ()
    row = asked.county.school_row(case.school)
    measures, owner = asked.county.standard.measures, asked.county.school_title(row)
    kind = measures["type"].values[asked.county.basis.submission.schools.choices("type")[row]]
    return tuple(
        asked.county.input("schools", name, row, owner)
        for name in columns
        if measures[name].stage is None or kind.stages is None or measures[name].stage in kind.stages
    )
