"""What a rule looked at, in formulas with the numbers in them.

`steps_of` dispatches on the class of the rule; a kind of rule of your own may register its function with
`@steps_of.register`. Without one, the checks of the rule are told as sentences.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import singledispatch

import attrs
import numpy as np

from balancedu.core.model import Language, Quotient, Title, split_terms
from balancedu.core.rules import (
    ClassSize,
    CompositeWithin,
    FactAtLeast,
    FactNotBelow,
    MonitoredSubjects,
    RoomsForClasses,
    Rule,
    SchoolShareAtLeast,
    SchoolSize,
    SectionsComply,
    ShareAtLeast,
    SmallSchoolFunds,
    Stated,
)
from balancedu.evaluation import wording
from balancedu.evaluation.figures import NOT_REPORTED, plain, printed
from balancedu.evaluation.finding import Case, Check, Finding
from balancedu.evaluation.section import section_of
from balancedu.evaluation.verdict import Verdict
from balancedu.explaining.county import County
from balancedu.explaining.explanation import Input, Step, both
from balancedu.explaining.sections import section_step


@attrs.frozen
class Asked:
    """An item of one county, and the school that is asked about, if one is."""

    county: County
    finding: Finding
    school: str | None = None

    def check(self, name: str) -> Check:
        """Return a check by its id."""
        return next(one for one in self.finding.checks if one.id == name)

    def case(self, check: Check) -> Case | None:
        """Return the case that is explained: that of the school asked about, otherwise the worst."""
        if self.school is None:
            return check.worst
        return self.county.looker.case_of(self.county.outcome(self.finding.item.id, check.id), self.school)

    def step(self, check: Check, inputs: tuple[Input, ...], formula: Title | None, sentence: Title) -> Step:
        """Return the step of a check."""
        case = self.case(check)
        return Step(
            title=check.title if case is None else _of(check.title, case.name),
            sentence=sentence,
            formula=formula,
            inputs=inputs,
            threshold=self.county.required(check, case.required if case else None),
            verdict=check.verdict if case is None else case.verdict,
            source=self.finding.item.source,
            set_by=self.county.standard.set_by(f"rules.{self.finding.item.id}"),
        )

    def told(self, check: Check, inputs: tuple[Input, ...], formula: Title | None = None, start: str = "") -> Step:
        """Return the step of a check, its sentence being the figure found."""
        case = self.case(check)

        def said(lang: Language) -> str:
            found = wording.observed(check, lang, case)
            text = f"{start} = {found}" if start and not np.isnan((case or check).observed) else found
            return text + self._others(check, lang)

        return self.step(check, inputs, formula, both(said))

    def _others(self, check: Check, lang: Language) -> str:
        if self.school is not None or not check.total:
            return ""
        failing = sum(case.verdict is Verdict.NOT_MET for case in check.cases)
        unknown = sum(case.verdict is Verdict.UNKNOWN for case in check.cases)
        if lang == "zh":
            return f"；逐一判定共{check.total}个，不符{failing}个，待定{unknown}个，这是最差或最接近限值的一个"
        return f"; {check.total} were looked at, {failing} fail, {unknown} are unknown; this is the worst or closest"


@singledispatch
def steps_of(rule: Rule, asked: Asked) -> Iterator[Step]:  # noqa: ARG001
    """Yield the steps from what was reported to the checks of a rule."""
    for check in asked.finding.checks:
        yield asked.told(check, ())


@steps_of.register
def _(rule: SectionsComply, asked: Asked) -> Iterator[Step]:  # noqa: ARG001
    basis = asked.county.basis
    here = (basis.sections.county == asked.county.position) & (basis.section_verdicts <= Verdict.UNKNOWN)
    for row in np.flatnonzero(here).tolist():
        yield section_step(asked.county, section_of(basis, row), row)


@steps_of.register
def _(rule: CompositeWithin, asked: Asked) -> Iterator[Step]:
    standard, evaluation = asked.county.standard, asked.county.evaluation
    for check in asked.finding.checks:
        if check.stage not in rule.limits or len(check.indicators) < 2:
            continue
        figures = evaluation.cv[0, evaluation.stages.index(check.stage)].tolist()
        inputs = tuple(
            Input(Title(f"{one.id} {one.name.zh}", f"{one.id} {one.name.en}"), _shown(cv, check), "", "", one.id)
            for one, cv in zip(standard.indicators.values(), figures, strict=True)
        )
        formula = Title("各项指标差异系数之和 ÷ 指标数", "the coefficients of all indicators, added up ÷ their number")
        yield asked.told(check, inputs, formula)


def _shown(figure: float, check: Check) -> float:
    """Return a figure as printed in the form of a check."""
    return figure if np.isnan(figure) else float(printed(figure, check.form, check.precision, "en"))


@steps_of.register
def _(rule: Stated, asked: Asked) -> Iterator[Step]:
    for fact in rule.facts:
        yield asked.told(asked.check(fact), (asked.county.fact(fact),))


@steps_of.register
def _(rule: ShareAtLeast, asked: Asked) -> Iterator[Step]:
    county, check = asked.county, asked.check(rule.share)
    quotient = county.standard.measures[rule.share].quotient
    counts = tuple(county.fact(name) for name in quotient.measures) if quotient else ()
    if quotient is None or any(np.isnan(one.value) for one in counts):
        stated = county.fact(rule.share)
        yield asked.told(check, (stated,) if not np.isnan(stated.value) or not counts else (*counts, stated))
        return
    words = both(lambda lang: _quotient(county, quotient, lang, numbers=False))
    yield asked.told(check, counts, words, _quotient(county, quotient, "en", numbers=True))


@steps_of.register
def _(rule: FactAtLeast, asked: Asked) -> Iterator[Step]:
    yield asked.told(asked.check(rule.fact), (asked.county.fact(rule.fact),))


@steps_of.register
def _(rule: FactNotBelow, asked: Asked) -> Iterator[Step]:
    inputs = asked.county.fact(rule.fact), asked.county.fact(rule.not_below)
    yield asked.told(asked.check(rule.fact), inputs)


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
        columns = ("pupils", *([rule.entry_grade.rpartition(".")[2]] if rule.entry_grade else []))
        yield asked.told(check, tuple(asked.county.input("classes", one, case.row, case.name) for one in columns))
    else:
        columns = () if case is None or case.stage is None else (rule.classes[case.stage],)
        yield asked.told(check, _reported(asked, check, columns))


@steps_of.register
def _(rule: RoomsForClasses, asked: Asked) -> Iterator[Step]:
    for use, area in rule.area_at_least.items():
        check = asked.check(f"rooms.{use}")
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


@steps_of.register
def _(rule: MonitoredSubjects, asked: Asked) -> Iterator[Step]:
    for name in (rule.level, rule.rate):
        check, measure = asked.check(name), asked.county.standard.measures[name]
        table = asked.county.basis.submission.tables[measure.table]
        rows = np.flatnonzero(table.county == asked.county.position).tolist()
        owners = [Title(*(f"{table.texts('subject')[n]} {table.texts('grade')[n]}",) * 2) for n in rows]
        inputs = [
            asked.county.input(measure.table, measure.column, n, owner) for n, owner in zip(rows, owners, strict=True)
        ]
        yield asked.told(check, tuple(inputs))


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


def _quotient(county: County, quotient: Quotient, lang: Language, *, numbers: bool) -> str:
    def side(terms: tuple[tuple[int, str], ...]) -> str:
        said = [
            ("−" if sign < 0 else "+")
            + " "
            + (plain(county.fact(name).value) if numbers else _alone(county.standard.measures[name].title.said(lang)))
            for sign, name in terms
        ]
        text = " ".join(said).removeprefix("+ ")
        return f"({text})" if len(said) > 1 else text

    return f"{side(tuple(split_terms(quotient.part)))} ÷ {side(tuple(split_terms(quotient.whole)))}"


def _alone(title: str) -> str:
    """Return the title of a count without the words that tie it to the line above it in a table."""
    return title.removeprefix("其中：").removeprefix("of these, ")


def _of(title: Title, name: Title) -> Title:
    return Title(f"{name.zh}：{title.zh}", f"{name.en}: {title.en}")
