"""How far each check of an item is from its limit, in real units, as numbers and in words."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any, Literal

import attrs
import numpy as np

from balancedu.calculator.limits import exact
from balancedu.calculator.verdicts import NOT_MET
from balancedu.core.fields import Language, Stage, Term, Title
from balancedu.core.model import split_terms
from balancedu.core.rules import Rule, Share
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.figures import NOT_REPORTED
from balancedu.evaluation.findings import Case, Check
from balancedu.evaluation.results import Basis, Outcome
from balancedu.evaluation.verdict import Verdict
from balancedu.submission.tables import Table
from balancedu.text import Phrase, singular

What = Literal["add", "lower", "divide", "open", "open_rearranged", "state"]
"""Add to something, lower it, divide classes, open new ones (dividing each class; moving pupils within a grade), state
a fact as it should be."""


@attrs.frozen
class Distance:
    """How far a county, school or class is from one check.

    Attributes
    ----------
    amount : float
        Positive: missing; zero or negative: to spare. Whole where the unit is; NaN where it is not known.
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


def item_distances(evaluation: Evaluation, item: str, *, together: bool = True) -> Iterator[Distance]:
    """Yield the distances of one item of one county: every case that fails, else the closest one.

    Parameters
    ----------
    evaluation : Evaluation
        Of one county.
    item : str
        The id of the item.
    together : bool
        Whether a later check of the item takes what earlier ones still lack as done: if more teachers rotate, more
        backbone teachers must be among them.
    """
    county = _County(evaluation, item, together)
    for outcome, check in zip(evaluation.record.outcomes[item], evaluation.items[item].checks, strict=True):
        rule = outcome.rule
        if check.verdict is Verdict.NOT_APPLICABLE or rule is None or rule.remedy == "sections":
            continue
        if rule.remedy == "statement":
            amount = 1.0 if check.verdict is Verdict.NOT_MET else math.nan
            yield county.distance(check, None, amount, 1.0, what="state")
        elif rule.remedy == "classes" and check.verdict is Verdict.NOT_MET:
            yield from county.of_classes(outcome, check)
        else:
            yield from county.of_amounts(rule, check)


@attrs.frozen
class _County:
    """One item of one county, while its distances are taken."""

    evaluation: Evaluation
    item: str
    together: bool
    added: dict[str, int] = attrs.field(factory=dict)
    """What earlier checks of the item add to a fact."""

    @property
    def basis(self) -> Basis:
        """The columns over all counties."""
        return self.evaluation.record.basis

    @property
    def position(self) -> int:
        """The position of the county."""
        return self.basis.submission.counties.index(self.evaluation.counties[0])

    def distance(self, check: Check, case: Case | None, amount: float, base: float, **changes: Any) -> Distance:
        """Return a distance of a check, or of one of its cases."""
        compared = check if case is None else case
        result = Distance(
            item=self.item,
            check=check.id,
            school=case.school if case else "",
            stage=case.stage if case else None,
            name=case.name if case else Title("全县", "the county"),
            what="add" if check.relation in (">=", ">") else "lower",
            title=check.title,
            unit=check.unit,
            form=check.form,
            observed=compared.observed,
            required=compared.required,
            amount=amount,
            base=base,
            verdict=compared.verdict,
        )
        return attrs.evolve(result, **changes)

    def of_amounts(self, rule: Rule, check: Check) -> Iterator[Distance]:
        """Yield how much is missing in each case: of a share, what its part lacks; else the difference."""
        share = rule.share_of(self.basis.standard.measures)
        for case in cases_of(check):
            counts = self._counts(share, case) if share else None
            if share is None or counts is None:
                compared = check if case is None else case
                missing = _difference(compared.observed, compared.required, check)
                yield self.distance(check, case, missing, abs(compared.required))
                continue
            part, whole = counts
            added = next(name for sign, name in split_terms(share.part) if sign > 0)
            needed, upper = share.limit.exact * whole, share.limit.relation == "<="
            amount = math.ceil(part - needed if upper else needed - part)
            if case is None and self.together and not upper:
                self.added[added] = self.added.get(added, 0) + max(0, amount)
            measure = self.basis.standard.measures[added]
            yield self.distance(check, case, float(amount), float(needed), unit=measure.unit, title=measure.title)

    def _counts(self, share: Share, case: Case | None) -> tuple[Fraction, Fraction] | None:
        """Return the part and the whole of a share; None where one of them is not reported."""
        table, row = self.basis.submission.facts, self.position
        if case is not None:
            table, row = self.basis.submission.schools, self.school(case.school)
        part, whole = (self._total(table, row, terms) for terms in (share.part, share.whole))
        return None if part is None or whole is None else (part, whole)

    def _total(self, table: Table, row: int, terms: tuple[Term, ...]) -> Fraction | None:
        """Return a sum of figures, or None where one is not reported."""
        total = Fraction(0)
        for sign, name in split_terms(terms):
            figure = table.numbers(name)[row]
            if np.isnan(figure):
                return None
            total += sign * (exact(figure) + self.added.get(name, 0))
        return total

    def school(self, school: str) -> int:
        """Return the row of a school."""
        schools = self.basis.submission.schools
        return int(np.flatnonzero((schools.county == self.position) & (schools.columns["school"] == school))[0])

    def of_classes(self, outcome: Outcome, check: Check) -> Iterator[Distance]:
        """Yield, for every grade with a class too large, the classes to divide and those to open."""
        assert outcome.cases is not None
        cases, classes = outcome.cases, self.basis.submission.tables["classes"]
        rows = [n for n in cases.rows_of(self.position, len(self.basis.submission.counties)) if cases.row[n] >= 0]
        by_grade: dict[tuple[int, int, str], list[int]] = {}
        for n in sorted(rows, key=lambda n: int(cases.row[n])):
            row = int(cases.row[n])
            key = int(classes.school[row]), int(classes.choices("stage")[row]), str(classes.texts("grade")[row])
            by_grade.setdefault(key, []).append(n)
        names = {case.row: case.name for case in check.failing(Verdict.NOT_MET)}
        grades = [here for here in by_grade.values() if (cases.verdict[here] == NOT_MET).any()]
        for here in sorted(grades, key=lambda here: min(cases.row[n] for n in here if cases.verdict[n] == NOT_MET)):
            large = [n for n in here if cases.verdict[n] == NOT_MET]
            # The classes of one grade have one limit, unless only some of them say whether it is the entry grade.
            pupils, sizes, limit = cases.observed[here], cases.observed[large], float(cases.required[large].min())
            case = Case(
                name=names[int(cases.row[large[0]])],
                school=self.basis.school_id(int(cases.school[large[0]])),
                stage=self.basis.standard.stages[cases.stage[large[0]]] if cases.stage[large[0]] >= 0 else None,
                verdict=Verdict.NOT_MET,
                observed=float(sizes.max()),
                required=limit,
            )
            # How many places the other classes have is unknown where one of them is not reported.
            enough = math.nan if np.isnan(pupils).any() else max(0.0, math.ceil(pupils.sum() / limit) - len(here))
            # A class that is known to be too large only by the band it is in may need more than one new class.
            known = not np.isnan(sizes).any()
            counts: tuple[tuple[What, float], ...] = (
                ("divide", float(len(large))),
                ("open", float(sum(math.ceil(size / limit) - 1 for size in sizes.tolist())) if known else math.nan),
                ("open_rearranged", enough),
            )
            for what, count in counts:
                yield self.distance(check, case, count, float(len(here)), what=what, unit=_CLASSES)


def cases_of(check: Check) -> list[Case | None]:
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
    if not (check.unit and check.form == "other"):
        return float(missing)
    # What is required may be the result of a computation in floats: its dust makes no further unit.
    return float(math.ceil(missing - abs(exact(required)) / 10**12))


# In words

_CLASSES = Title("个班", "classes")
_DO: dict[What, dict[Language, str]] = {
    "add": {"zh": "{title}增加{amount}", "en": "{title}: {amount} more"},
    "lower": {"zh": "{title}减少{amount}", "en": "{title}: {amount} less"},
    "divide": {"zh": "拆分{amount}", "en": "divide {amount}"},
    "open": {"zh": "逐班拆分需增设{amount}", "en": "dividing each opens {amount}"},
    "open_rearranged": {"zh": "在同年级内调剂需增设{amount}", "en": "within the grade opens {amount}"},
    "state": {"zh": "改变现状：{title}", "en": "change: {title}"},
}


def amount_or_dash(amount: float, unit: Title | None, lang: Language) -> str:
    """Return a whole amount with its unit; a dash for none, a question mark where it is not known.

    Examples
    --------
    >>> unit = Title("人", "teachers")
    >>> amount_or_dash(3.0, unit, "zh"), amount_or_dash(0.0, None, "zh"), amount_or_dash(float("nan"), None, "zh")
    ('3人', '–', '?')
    """
    if math.isnan(amount):
        return "?"
    return amount_text(amount, unit, lang) if amount else "–"


def amount_text(amount: float, unit: Phrase | None, lang: Language) -> str:
    """Return an amount with its unit; three digits where it is not whole.

    Examples
    --------
    >>> teachers = Title("人", "teachers")
    >>> amount_text(1.0, teachers, "en"), amount_text(2.0, teachers, "en"), amount_text(1.0, teachers, "zh")
    ('1 teacher', '2 teachers', '1人')
    """
    text = f"{amount:.0f}" if amount == round(amount) else f"{amount:.3g}"
    if unit is None:
        return text
    return text + unit.zh if lang == "zh" else f"{text} {singular(unit.en) if abs(amount) == 1 else unit.en}"


def points(share: float, lang: Language) -> str:
    """Return a difference of shares."""
    text = f"{share * 100:.2f}".rstrip("0").rstrip(".")
    return f"{text}个百分点" if lang == "zh" else f"{text} percentage {'point' if text == '1' else 'points'}"


def remedy_text(distance: Distance, lang: Language) -> str:
    """Return what has to be done about a distance."""
    if math.isnan(distance.amount):
        return NOT_REPORTED[lang]
    if distance.what == "open_rearranged" and not distance.amount:
        return {"zh": "可在同年级内调剂，不需增班", "en": "no class to open within the grade"}[lang]
    amount = amount_text(distance.amount, distance.unit, lang)
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
    return title.text(lang).removeprefix("其中：").removeprefix("of these, ")
