"""Decisions that rounding at the form's precision would have changed."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import attrs
import numpy as np

from balancedu.calculator.groups import Floats, Ints
from balancedu.calculator.limits import exact
from balancedu.core.fields import Language, Title
from balancedu.core.model import MEETS, Precision
from balancedu.document import Columns, columns_of
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.results import Basis, Display, Outcome, Verdict
from balancedu.evaluation.wording import as_printed, decimals_of, limit_printed, printed
from balancedu.explaining.answer import Listing
from balancedu.text import Phrase


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
    display: Display
    precision: Precision = attrs.field(repr=False)
    verdict: Verdict
    verdict_if_rounded: Verdict

    def text(self, lang: Language = "zh") -> str:
        """Return the flag as a sentence, after the id of its item."""
        return f"{self.item} {self.sentence(lang)}"

    def sentence(self, lang: Language = "zh") -> str:
        """Return the flag as a sentence."""
        shown, limit = (limit_printed(figure, self.display, lang) for figure in (self.rounded, self.limit))
        value = printed(self.value, self.display, self.precision, lang, self.limit)
        head = f"{self.school} {self.title.text(lang)}".strip()
        verdict, after = self.verdict.text(lang), self.verdict_if_rounded.text(lang)
        if lang == "zh":
            return f"{head}：{value}判定为{verdict}，按四舍五入后的{shown}计则{after}（限值{limit}）"
        return f"{head}: {value} is {verdict}; rounded to {shown} it would be {after} (limit {limit})"


class RoundingFlags(Listing[RoundingFlag]):
    """The decisions that rounding at the form's precision would have changed; print them to read them."""

    __slots__ = ()
    if_empty = Phrase("四舍五入不影响任何判定。", "Rounding changes no decision.")

    @property
    def tables(self) -> dict[str, Columns]:
        """The decisions."""
        kinds: dict[str, type] = dict.fromkeys(("county", "item", "check", "school"), str)
        kinds |= dict.fromkeys(("value", "rounded", "limit"), float)
        return {"flags": columns_of(self.rows, **kinds, verdict=str, verdict_if_rounded=str)}


def rounding_flags(evaluation: Evaluation) -> RoundingFlags:
    """Return every decision that rounding at the form's precision would have changed.

    Parameters
    ----------
    evaluation : Evaluation
        Of any number of counties.

    Returns
    -------
    RoundingFlags
        A sequence with an entry for each such decision; print it to read it.

    Examples
    --------
    >>> import balancedu as be
    >>> print(be.rounding_flags(be.evaluate(be.example("failing")))[0].text("zh"))
    G12 专任教师持证上岗率：99.96%判定为未达标，按四舍五入后的100%计则达标（限值100%）
    """
    basis, flags, of_sections = evaluation.record.basis, list[RoundingFlag](), list[RoundingFlag]()
    for item, checks in evaluation.record.outcomes.items():
        for outcome in checks:
            if outcome.cases is not None and outcome.cases.table == "sections":
                of_sections = of_sections or list(_section_flags(basis, item))
            elif outcome.relation != "is" and outcome.display != "day":
                flags += _outcome_flags(basis, item, outcome)
    return RoundingFlags((*of_sections, *flags))


def _outcome_flags(basis: Basis, item: str, outcome: Outcome) -> Iterator[RoundingFlag]:
    """Yield the cases of a check that rounding would have changed."""
    part, precision, cases = outcome.cases or outcome, basis.standard.head.precision, outcome.cases
    for n in _near(basis, outcome.display, part.observed, part.required).tolist():
        verdict, value, limit = Verdict.of(part.verdict[n]), float(part.observed[n]), float(part.required[n])
        shown = as_printed(value, outcome.display, precision)
        after = Verdict.MET if MEETS[outcome.relation](shown, exact(limit)) else Verdict.NOT_MET
        if verdict in (Verdict.MET, Verdict.NOT_MET) and after != verdict:
            county = basis.submission.counties[n if cases is None else int(cases.county[n])]
            school = "" if cases is None else basis.school_id(int(cases.school[n]))
            figures = (value, float(shown), limit, outcome.display, precision)
            yield RoundingFlag(county, item, outcome.id, school, outcome.title, *figures, verdict, after)


def _section_flags(basis: Basis, item: str) -> Iterator[RoundingFlag]:
    """Yield the standings of sections that rounding would have changed."""
    standard, sections = basis.standard, basis.sections
    precision = standard.head.precision
    for position, indicator in enumerate(standard.indicators.values()):
        chosen = basis.chosen.get(indicator.id)
        cells = product(
            enumerate(standard.limits_and_floors[indicator.id]), zip(standard.stages, sections.slices, strict=True)
        )
        for (variant, limits), (stage, where) in cells:
            for limit, reached in zip((entry[stage] for entry in limits), (2, 1), strict=True):
                if limit is None:
                    continue
                values = basis.values[position, where]
                near = _near(basis, "value", values, np.full(values.size, float(limit.value))) + where.start
                for row in near[chosen[near] == variant].tolist() if chosen is not None else near.tolist():
                    value, met = float(basis.values[position, row]), bool(basis.standing[position, row] >= reached)
                    shown = as_printed(value, "value", precision)
                    if met == limit.met(shown):
                        continue
                    county, school = basis.submission.counties[sections.county[row]], int(sections.school[row])
                    figures = (value, float(shown), float(limit.value))
                    verdicts = (Verdict.MET, Verdict.NOT_MET) if met else (Verdict.NOT_MET, Verdict.MET)
                    check, title = f"{indicator.id}.{stage}", indicator.name
                    name = basis.school_id(school)
                    yield RoundingFlag(county, item, check, name, title, *figures, "value", precision, *verdicts)


def _near(basis: Basis, display: Display, observed: Floats, required: Floats) -> Ints:
    """Return the rows whose value is within half a unit of the last printed digit of its limit."""
    places = decimals_of(display, basis.standard.head.precision) + (2 if display == "percent" else 0)
    with np.errstate(invalid="ignore"):
        return np.flatnonzero(np.abs(observed - required) <= 10.0**-places)
