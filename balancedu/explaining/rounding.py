"""Decisions that rounding at the form's precision would have changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction

import attrs
import numpy as np

from balancedu.calculator.groups import Floats, Ints
from balancedu.calculator.limits import exact
from balancedu.core.fields import Language, Title
from balancedu.core.model import Precision
from balancedu.core.rules import SectionsComply
from balancedu.document import Columns, column
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.figures import as_printed, decimals, limit_printed, printed
from balancedu.evaluation.results import Basis, Form, Outcome
from balancedu.evaluation.verdict import Verdict
from balancedu.explaining.answer import Listing


@attrs.frozen
class RoundingFlag:
    """One decision that would have been another after rounding.

    Attributes
    ----------
    item : str
    check : str
        The check, or the indicator of a section.
    school : str
        Empty where the check is about the county as a whole.
    value, rounded, limit : float
    verdict, verdict_if_rounded : Verdict
    """

    county: str
    item: str
    check: str
    school: str
    title: Title = attrs.field(repr=False)
    value: float
    rounded: float
    limit: float
    form: Form
    precision: Precision = attrs.field(repr=False)
    verdict: Verdict
    verdict_if_rounded: Verdict

    def text(self, lang: Language = "zh") -> str:
        """Return the flag as a sentence."""
        shown = limit_printed(self.rounded, self.form, lang)
        limit = limit_printed(self.limit, self.form, lang)
        value = printed(self.value, self.form, self.precision, lang, self.limit)
        school = f" {self.school}" if self.school else ""
        if lang == "zh":
            after = self.verdict_if_rounded.text("zh")
            return (
                f"{self.item}{school} {self.title.zh}：按未取整的{value}判定为{self.verdict.text('zh')}，"
                f"取整为{shown}则为{after}（限值{limit}）"
            )
        return (
            f"{self.item}{school} {self.title.en}: {value} is {self.verdict.text('en')}; rounded to {shown} "
            f"it would be {self.verdict_if_rounded.text('en')} (limit {limit})"
        )


_HOLDS: dict[str, Callable[[Fraction, Fraction], bool]] = {
    ">=": lambda value, limit: value >= limit,
    "<=": lambda value, limit: value <= limit,
    "<": lambda value, limit: value < limit,
    ">": lambda value, limit: value > limit,
}


class RoundingFlags(Listing[RoundingFlag]):
    """The decisions that rounding at the form's precision would have changed; print them to read them."""

    __slots__ = ()

    @property
    def tables(self) -> dict[str, Columns]:
        """The decisions."""
        texts = {name: [getattr(flag, name) for flag in self.rows] for name in ("county", "item", "check", "school")}
        figures = {name: [getattr(flag, name) for flag in self.rows] for name in ("value", "rounded", "limit")}
        return {
            "flags": {
                **{name: column(values, str) for name, values in texts.items()},
                **{name: column(values, float) for name, values in figures.items()},
                "verdict": column([flag.verdict.value for flag in self.rows], str),
                "verdict_if_rounded": column([flag.verdict_if_rounded.value for flag in self.rows], str),
            }
        }

    def lines(self, lang: Language) -> Iterator[str]:
        """Yield one line for each decision."""
        if not self.rows:
            yield {"zh": "取整不改变任何判定。", "en": "Rounding changes no decision."}[lang]
        yield from (flag.text(lang) for flag in self.rows)


def rounding_flags(evaluation: Evaluation) -> RoundingFlags:
    """Return every decision that rounding at the form's precision would have changed.

    Examples
    --------
    >>> import balancedu as be
    >>> print(be.rounding_flags(be.evaluate(be.example("failing")))[0].text("zh"))
    G12 专任教师持证上岗率：按未取整的99.96%判定为未达标，取整为100%则为达标（限值100%）
    """
    basis = evaluation.record.basis
    flags = list(_section_flags(basis))
    for item, checks in evaluation.record.outcomes.items():
        for outcome in checks:
            if outcome.relation != "is" and outcome.form != "day" and outcome.id != "sections":
                flags.extend(_outcome_flags(basis, item, outcome))
    return RoundingFlags(tuple(flags))


def _outcome_flags(basis: Basis, item: str, outcome: Outcome) -> Iterator[RoundingFlag]:
    part = outcome.cases or outcome
    near = _near(basis, outcome.form, part.observed, part.required)
    for n in near.tolist():
        county = n if outcome.cases is None else int(outcome.cases.county[n])
        school = "" if outcome.cases is None or outcome.cases.school[n] < 0 else int(outcome.cases.school[n])
        name = str(basis.submission.schools.columns["school"][school]) if school != "" else ""
        yield from _flag(basis, item, outcome.id, outcome.title, name, county, outcome, n)


def _flag(
    basis: Basis, item: str, check: str, title: Title, school: str, county: int, outcome: Outcome, n: int
) -> Iterator[RoundingFlag]:
    part = outcome.cases or outcome
    verdict = Verdict.of(part.verdict[n])
    value, limit = float(part.observed[n]), float(part.required[n])
    shown = as_printed(value, outcome.form, basis.standard.head.precision)
    after = Verdict.MET if _HOLDS[outcome.relation](shown, exact(limit)) else Verdict.NOT_MET
    if verdict in (Verdict.MET, Verdict.NOT_MET) and after != verdict:
        county_id = basis.submission.counties[county]
        form, precision = outcome.form, basis.standard.head.precision
        yield RoundingFlag(
            county_id, item, check, school, title, value, float(shown), limit, form, precision, verdict, after
        )


def _section_flags(basis: Basis) -> Iterator[RoundingFlag]:
    """Return the standings that rounding would have changed."""
    standard, sections = basis.standard, basis.sections
    judging = [
        item.id for item in standard.items.values() if any(isinstance(rule, SectionsComply) for rule in item.rules)
    ]
    if not judging:
        return
    for position, indicator in enumerate(standard.indicators.values()):
        floors = standard.floors.get(indicator.id)
        for n, stage in enumerate(standard.stages):
            where = sections.slices[n]
            for limit, reached in ((indicator.thresholds[stage], 2), (floors[stage] if floors else None, 1)):
                if limit is None:
                    continue
                values = basis.values[position, where]
                near = _near(basis, "value", values, np.full(values.size, float(limit.value))) + where.start
                for row in near.tolist():
                    value, met = (
                        float(basis.values[position, row]),
                        bool(basis.standing[position, row] >= reached),
                    )
                    shown = as_printed(value, "value", standard.head.precision)
                    if met == (shown >= limit.exact):
                        continue
                    yield RoundingFlag(
                        county=basis.submission.counties[sections.county[row]],
                        item=judging[0],
                        check=f"{indicator.id}.{stage}",
                        school=str(basis.submission.schools.columns["school"][sections.school[row]]),
                        title=indicator.name,
                        value=value,
                        rounded=float(shown),
                        limit=float(limit.value),
                        form="value",
                        precision=standard.head.precision,
                        verdict=Verdict.MET if met else Verdict.NOT_MET,
                        verdict_if_rounded=Verdict.NOT_MET if met else Verdict.MET,
                    )


def _near(
    basis: Basis,
    form: Form,
    observed: Floats,
    required: Floats,
) -> Ints:
    """Return the rows whose value is within half a unit of the last printed digit of its limit."""
    places = decimals(form, basis.standard.head.precision) + (2 if form == "percent" else 0)
    with np.errstate(invalid="ignore"):
        return np.flatnonzero(np.abs(observed - required) <= 10.0**-places)
