"""What a rule looked at, in formulas with the numbers in them.

`steps_of` dispatches on the class of the rule; a kind of rule of your own may register its function with
`@steps_of.register`. Without one, the checks of the rule are told as sentences.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import singledispatch
from typing import TypeVar, cast

import attrs
import numpy as np

from balancedu.core.model import Language, Quotient, Title, split_terms
from balancedu.core.relief import Relief
from balancedu.core.rules import (
    CompositeWithin,
    FactAtLeast,
    FactNotBelow,
    MonitoredSubjects,
    Rule,
    SectionsComply,
    ShareAtLeast,
    Stated,
)
from balancedu.evaluation import wording
from balancedu.evaluation.figures import plain, printed
from balancedu.evaluation.finding import Case, Check, Finding
from balancedu.evaluation.section import section_of
from balancedu.evaluation.verdict import Verdict
from balancedu.explaining.county import County
from balancedu.explaining.explanation import Input, Step, both
from balancedu.explaining.sections import section_step
from balancedu.judging import judge
from balancedu.submission.conditions import meets

_Kind = TypeVar("_Kind", bound=Rule)


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

    def relief(self, check: Check) -> Relief | None:
        """Return the relief by which the case that is explained was judged; None where none was needed or granted."""
        case, item, strict = self.case(check), self.finding.item, self.county.evaluation.strict
        if case is None or strict is None or not case.school or not item.reliefs:
            return None
        before = Asked(County(strict), strict.items[item.id], case.school)
        if (found := before.case(before.check(check.id))) is None or found.verdict >= Verdict.MET:
            return None
        basis, row, granted = self.county.basis, self.county.school_row(case.school), None
        for relief in item.reliefs:
            if meets(relief.when, basis.submission, basis.standard)[row] != Verdict.MET:
                continue
            granted = relief
            outcome = next(one for rule in relief.rules for one in judge(rule, basis) if one.id == check.id)
            eased = self.county.looker.case_of(outcome, case.school)
            if eased is not None and eased.verdict >= Verdict.MET:
                break
        return granted

    def applied(self, rule: _Kind, check: Check) -> _Kind:
        """Return the rule by which the case that is explained was judged: that of a relief, where one was needed."""
        relief = self.relief(check)
        return rule if relief is None else cast("_Kind", relief.rules[self.finding.item.rules.index(rule)])

    def step(self, check: Check, inputs: tuple[Input, ...], formula: Title | None, sentence: Title) -> Step:
        """Return the step of a check."""
        case, item, relief = self.case(check), self.finding.item, self.relief(check)
        return Step(
            title=check.title if case is None else _of(check.title, case.name),
            sentence=sentence,
            formula=formula,
            inputs=inputs,
            threshold=self.county.required(check, case.required if case else None),
            verdict=check.verdict if case is None else case.verdict,
            source=relief.source if relief else item.source,
            set_by=self.county.standard.set_by(f"items.{item.id}.reliefs" if relief else f"rules.{item.id}"),
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
