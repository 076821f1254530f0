"""How far each check is from its limit, in real units, as numbers and in words."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from functools import singledispatch
from typing import Any, Literal

import attrs
import numpy as np

from balancedu.calculator.groups import Ints
from balancedu.calculator.limits import exact
from balancedu.core.fields import Language, Stage, Term, Title
from balancedu.core.model import split_terms
from balancedu.core.rules import (
    ClassSize,
    Rule,
    SchoolShareAtLeast,
    SectionsComply,
    ShareAtLeast,
    SmallSchoolFunds,
    Stated,
)
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.figures import NOT_REPORTED
from balancedu.evaluation.findings import Case, Check
from balancedu.evaluation.results import Basis
from balancedu.evaluation.verdict import Verdict
from balancedu.judging.rules import class_limits, exact_funds, judge

What = Literal["add", "lower", "divide", "open", "open_rearranged", "state"]
"""Add to something, lower it, divide classes, open new ones (dividing each class; moving pupils within a grade), state
a fact as it should be."""


@attrs.frozen
class Distance:
    """One thing between a county and one of its checks.

    Attributes
    ----------
    amount : float
        Positive: missing; zero or negative: to spare. Whole where the unit is; NaN where it cannot be counted.
    base : float
        What the check requires, in the same unit.
    """

    item: str
    check: str
    school: str
    stage: Stage | None
    name: Title
    what: What
    title: Title
    unit: Title | None
    form: str
    observed: float
    required: float
    amount: float
    base: float
    verdict: Verdict


@attrs.frozen
class Look:
    """One item of one county, while its distances are taken."""

    evaluation: Evaluation
    item: str
    together: bool = True
    added: dict[str, int] = attrs.field(factory=dict)
    """What earlier checks of the same item add to a fact."""

    @property
    def basis(self) -> Basis:
        """The columns over all counties."""
        return self.evaluation.record.basis

    @property
    def county(self) -> int:
        """The position of the county."""
        return self.basis.submission.counties.index(self.evaluation.counties[0])

    def fact(self, name: str) -> Fraction | None:
        """Return a fact as written, or None where it is not reported."""
        value = self.basis.submission.facts.numbers(name)[self.county]
        return None if np.isnan(value) else exact(value) + self.added.get(name, 0)

    def school(self, school: str) -> int:
        """Return the row of a school."""
        schools = self.basis.submission.schools
        return int(np.flatnonzero((schools.county == self.county) & (schools.columns["school"] == school))[0])

    def distance(self, check: Check, case: Case | None, amount: float, base: float, **changes: Any) -> Distance:
        """Return a distance of a check, or of one of its cases."""
        one = check if case is None else case
        found = Distance(
            item=self.item,
            check=check.id,
            school=case.school if case else "",
            stage=case.stage if case else None,
            name=case.name if case else Title("全县", "the county"),
            what="add" if check.relation in (">=", ">") else "lower",
            title=check.title,
            unit=check.unit,
            form=check.form,
            observed=one.observed,
            required=one.required,
            amount=amount,
            base=base,
            verdict=one.verdict,
        )
        return attrs.evolve(found, **changes)


def item_distances(evaluation: Evaluation, item: str, *, together: bool = True) -> Iterator[Distance]:
    """Yield the distances of one item of one county: every case that fails, else the closest one.

    Parameters
    ----------
    evaluation : Evaluation
        Of one county.
    item : str
        The id of the item.
    together : bool
        Whether a later check of the item counts what the earlier ones still lack as already done: who rotates
        more teachers needs more backbone teachers among them.
    """
    look, finding = Look(evaluation, item, together), evaluation.items[item]
    checks = iter(finding.checks)
    for rule in finding.item.rules:
        for _ in judge(rule, look.basis):
            check = next(checks)
            if check.verdict is not Verdict.NOT_APPLICABLE:
                yield from distances(rule, check, look)


@singledispatch
def distances(rule: Rule, check: Check, look: Look) -> Iterator[Distance]:  # noqa: ARG001
    """Yield the distances of one check of a rule; other kinds of rule register their own way.

    Without one, the distance is the difference of the figures, in whole units where the check has a unit.
    """
    for case in told(check):
        one = check if case is None else case
        missing = _difference(one.observed, one.required, check)
        yield look.distance(check, case, missing, abs(one.required))


def told(check: Check) -> list[Case | None]:
    """Return the cases that fail or are not known; the closest where there is none; None for the whole county."""
    if not check.total:
        return [None]
    return [*check.cases] or [check.worst]


def _difference(observed: float, required: float, check: Check) -> float:
    if math.isnan(observed) or math.isnan(required):
        return math.nan
    missing = exact(required) - exact(observed)
    if check.relation in ("<=", "<"):
        missing = -missing
    return float(math.ceil(missing) if check.unit and check.form == "other" else missing)


@distances.register
def _(rule: SectionsComply, check: Check, look: Look) -> Iterator[Distance]:  # noqa: ARG001
    # What sections lack is told section by section and indicator by indicator.
    return iter(())


@distances.register
def _(rule: Stated, check: Check, look: Look) -> Iterator[Distance]:  # noqa: ARG001
    missing = {Verdict.NOT_MET: 1.0, Verdict.MET: math.nan}.get(check.verdict, math.nan)
    yield look.distance(check, None, missing, 1.0, what="state")


@distances.register
def _(rule: ShareAtLeast, check: Check, look: Look) -> Iterator[Distance]:
    formula = look.basis.standard.measures[rule.share].quotient
    part = _total(look, formula.part) if formula else None
    whole = _total(look, formula.whole) if formula else None
    if formula is None or part is None or whole is None:
        # Only the share itself is stated: nobody can say how many that is.
        yield look.distance(check, None, _difference(check.observed, check.required, check), check.required)
        return
    needed = Fraction(rule.at_least) * whole
    added = next(name for sign, name in split_terms(formula.part) if sign > 0)
    missing = math.ceil(needed - part)
    if look.together:
        look.added[added] = look.added.get(added, 0) + max(0, missing)
    measure = look.basis.standard.measures[added]
    # The measures' titles name a part of another one; the check's own title says what it is about.
    yield look.distance(check, None, float(missing), float(needed), unit=measure.unit, title=measure.title)


def _total(look: Look, terms: tuple[Term, ...]) -> Fraction | None:
    """Return a sum of facts, or None where one is not reported."""
    total = Fraction(0)
    for sign, name in split_terms(terms):
        figure = look.fact(name)
        if figure is None:
            return None
        total += sign * figure
    return total


@distances.register
def _(rule: SchoolShareAtLeast, check: Check, look: Look) -> Iterator[Distance]:
    schools, measure = look.basis.submission.schools, look.basis.standard.measures[rule.part]
    for case in told(check):
        if case is None:
            continue
        row = look.school(case.school)
        part, whole = schools.numbers(rule.part)[row], schools.numbers(rule.whole)[row]
        missing, needed = math.nan, math.nan
        if not math.isnan(part + whole):
            exactly = Fraction(rule.at_least) * exact(whole)
            missing, needed = float(math.ceil(exactly - exact(part))), float(exactly)
        yield look.distance(check, case, missing, needed, unit=measure.unit, title=measure.title)


@distances.register
def _(rule: SmallSchoolFunds, check: Check, look: Look) -> Iterator[Distance]:
    for case in told(check):
        if case is None:
            continue
        missing = math.nan
        if not math.isnan(case.observed + case.required):
            funds = exact_funds(rule, look.basis, look.basis.pupils, look.school(case.school))
            missing = float(math.ceil(funds - exact(case.observed)))
        yield look.distance(check, case, missing, case.required)


@distances.register
def _(rule: ClassSize, check: Check, look: Look) -> Iterator[Distance]:
    if check.verdict is not Verdict.NOT_MET:
        for case in told(check):
            if case is not None:
                yield look.distance(check, case, _difference(case.observed, case.required, check), case.required)
        return
    for group in _grades(rule, look):
        yield from _divided(rule, check, look, group)


def _grades(rule: ClassSize, look: Look) -> list[Ints]:
    """Return the rows of every grade of a school that has a class too large."""
    classes, schools = look.basis.submission.tables["classes"], look.basis.submission.schools
    kinds = look.basis.standard.measures["type"].values
    judged = np.array([kind.id in rule.types for kind in kinds])[schools.choices("type")][classes.school]
    _, limits = class_limits(rule, look.basis)
    stage, pupils = classes.choices("stage"), classes.numbers("pupils")
    here = judged & (classes.county == look.county)
    with np.errstate(invalid="ignore"):
        large = np.flatnonzero(here & (pupils > limits))
    grade = classes.texts("grade")
    keys = dict.fromkeys((int(classes.school[row]), int(stage[row]), str(grade[row])) for row in large.tolist())
    return [np.flatnonzero(here & (classes.school == s) & (stage == n) & (grade == g)) for s, n, g in keys]


def _divided(rule: ClassSize, check: Check, look: Look, rows: Ints) -> Iterator[Distance]:
    classes, basis = look.basis.submission.tables["classes"], look.basis
    school, stage = int(classes.school[rows[0]]), basis.standard.stages[classes.choices("stage")[rows[0]]]
    pupils, limits = classes.numbers("pupils")[rows], class_limits(rule, basis)[1][rows]
    # The classes of one grade have one limit, unless only some of them say whether it is the entry grade.
    grade, limit = str(classes.texts("grade")[rows[0]]), float(limits[pupils > limits].min())
    large = pupils[pupils > limits]
    name = str(basis.submission.schools.texts("name")[school] or basis.submission.schools.columns["school"][school])
    zh, en = (f"{name}{grade}年级", f"{name} grade {grade}") if grade else (name, name)
    case = Case(
        name=Title(zh, en),
        school=str(basis.submission.schools.columns["school"][school]),
        stage=stage,
        verdict=Verdict.NOT_MET,
        observed=float(large.max()),
        required=limit,
    )
    # Nobody knows how many places the other classes have where one of them is not reported.
    enough = math.nan if np.isnan(pupils).any() else max(0.0, math.ceil(pupils.sum() / limit) - rows.size)
    opened = float(sum(math.ceil(one / limit) - 1 for one in large.tolist()))
    unit = Title("个班", "classes")
    counts: tuple[tuple[What, float], ...] = (
        ("divide", float(large.size)),
        ("open", opened),
        ("open_rearranged", enough),
    )
    for what, count in counts:
        yield look.distance(check, case, count, float(rows.size), what=what, unit=unit)


_DO: dict[What, dict[Language, str]] = {
    "add": {"zh": "{title}增加{amount}", "en": "{title}: {amount} more"},
    "lower": {"zh": "{title}减少{amount}", "en": "{title}: {amount} less"},
    "divide": {"zh": "分开{amount}", "en": "divide {amount}"},
    "open": {"zh": "逐班分开需新增{amount}", "en": "dividing each opens {amount}"},
    "open_rearranged": {"zh": "在同年级内调整学生需新增{amount}", "en": "within the grade opens {amount}"},
    "state": {"zh": "改变现状：{title}", "en": "change: {title}"},
}


def how_many(amount: float, unit: Title | None, lang: Language) -> str:
    """Return a whole amount with its unit; a dash for none, a question mark where it is not known.

    Examples
    --------
    >>> how_many(3.0, Title("人", "teachers"), "zh"), how_many(0.0, None, "zh"), how_many(float("nan"), None, "zh")
    ('3人', '–', '?')
    """
    if math.isnan(amount):
        return "?"
    return counted(amount, unit, lang) if amount else "–"


def counted(amount: float, unit: Title | None, lang: Language) -> str:
    """Return an amount with its unit; three digits where it is not whole."""
    text = f"{amount:.0f}" if amount == round(amount) else f"{amount:.3g}"
    if unit is None:
        return text
    return text + unit.zh if lang == "zh" else f"{text} {unit.en}"


def points(share: float, lang: Language) -> str:
    """Return a difference of shares."""
    text = f"{share * 100:.2f}".rstrip("0").rstrip(".")
    return f"{text}个百分点" if lang == "zh" else f"{text} percentage points"


def missing_said(distance: Distance, lang: Language) -> str:
    """Return what has to be done about a distance."""
    if math.isnan(distance.amount):
        return NOT_REPORTED[lang]
    amount = counted(distance.amount, distance.unit, lang)
    if distance.form == "percent" and distance.unit is None:
        amount = points(distance.amount, lang)
    return _DO[distance.what][lang].format(title=bare(distance.title, lang), amount=amount)


def bare(title: Title, lang: Language) -> str:
    """Return a title without the words that tie it to the measure it is part of.

    Examples
    --------
    >>> bare(Title("其中：已入学的", "of these, enrolled"), "zh")
    '已入学的'
    """
    return title.said(lang).removeprefix("其中：").removeprefix("of these, ")
