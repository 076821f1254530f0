"""What relief decided: which requirement, for which schools, and what came out without it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import attrs
import numpy as np

from balancedu.calculator.groups import Ints
from balancedu.calculator.logic import NOT_APPLICABLE, NOT_MET, Codes
from balancedu.core.model import Language, Source, Title
from balancedu.evaluation.outcome import Outcome
from balancedu.evaluation.record import Record
from balancedu.evaluation.verdict import Verdict
from balancedu.submission.conditions import meets

if TYPE_CHECKING:
    from balancedu.evaluation.evaluation import Evaluation

MOST_NAMED = 5
"""How many schools a sentence names; the record holds them all."""


@attrs.frozen
class Relieved:
    """One relief that changed a decision in one county.

    Attributes
    ----------
    item : str
        The item that it changed, as a whole or for some schools.
    indicator : str
        Where relief counts more of a resource: the indicator; otherwise empty.
    strict, relaxed : Verdict
        What the item comes to without any relief, and with it.
    schools : tuple of str
        The ids of the schools that stand otherwise for it.
    names : tuple of str
        Their names, in the same order.
    title : Title
        What is relieved.
    source : Source, optional
        Where that is said.
    """

    county: str
    item: str
    indicator: str
    strict: Verdict
    relaxed: Verdict
    schools: tuple[str, ...]
    title: Title
    source: Source | None
    names: tuple[str, ...] = attrs.field(default=(), repr=False)

    def said(self, lang: Language = "zh") -> str:
        """Return what relief changed, for whom, and on what ground."""
        named = ("、" if lang == "zh" else ", ").join(self.names[:MOST_NAMED])
        count = len(self.names)
        source = f"（{self.source}）" if self.source and lang == "zh" else f" ({self.source})" if self.source else ""
        if lang == "zh":
            more = "等" if count > MOST_NAMED else ""
            who = f"，涉及{count}所学校：{named}{more}" if count else ""
            verdicts = f"不放宽{self.strict.said(lang)}，放宽后{self.relaxed.said(lang)}"
            return f"{self.item} {verdicts}：{self.title.zh}{source}{who}"
        more = ", and more" if count > MOST_NAMED else ""
        who = f"; for {count} {'school' if count == 1 else 'schools'}: {named}{more}" if count else ""
        verdicts = f"strictly {self.strict.said(lang)}, with relief {self.relaxed.said(lang)}"
        return f"{self.item} {verdicts}: {self.title.en}{source}{who}"


@attrs.frozen(eq=False)
class _Ground:
    """Something that may have changed a decision, and the schools that it is for."""

    title: Title
    source: Source | None
    rows: Ints
    indicator: str = ""


def relieved(record: Record, county: int) -> Iterator[Relieved]:
    """Yield what relief changed in one county, item by item."""
    strictly = record.strict
    if strictly is None:
        return
    schools = record.basis.submission.schools
    for item, outcomes in record.outcomes.items():
        if item not in strictly.items:
            continue
        before, after = (Verdict(int(one.items[item][county])) for one in (strictly, record))
        changed = _changed(record, strictly.outcomes[item], outcomes, county)
        of_all = _coefficients_changed(strictly.outcomes[item], outcomes, county)
        if before is after and not changed.size and not of_all:
            continue
        for ground in _grounds(record, item, changed, county, of_all=of_all):
            ids = schools.columns["school"][ground.rows]
            names = np.where(schools.texts("name")[ground.rows] == "", ids, schools.texts("name")[ground.rows])
            yield Relieved(
                county=record.basis.submission.counties[county],
                item=item,
                indicator=ground.indicator,
                strict=before,
                relaxed=after,
                schools=tuple(ids.tolist()),
                title=ground.title,
                source=ground.source,
                names=tuple(names.tolist()),
            )


def _changed(record: Record, strictly: tuple[Outcome, ...], outcomes: tuple[Outcome, ...], county: int) -> Ints:
    """Return the schools of a county that stand otherwise in a check."""
    size = len(record.basis.submission.schools)
    here = record.basis.submission.schools.county == county
    differ = np.zeros(size, bool)
    strict = {one.id: one for one in strictly}
    for outcome in outcomes:
        if outcome.cases is not None and outcome.id in strict:
            differ |= _worst(strict[outcome.id], size) != _worst(outcome, size)
    return np.flatnonzero(differ & here)


def _worst(outcome: Outcome, schools: int) -> Codes:
    """Return the worst verdict of each school in a check."""
    worst = np.full(schools, NOT_APPLICABLE)
    if outcome.cases is not None and outcome.cases.school.size and outcome.cases.school.min() >= 0:
        np.minimum.at(worst, outcome.cases.school, outcome.cases.verdict)
    return worst


def _coefficients_changed(strictly: tuple[Outcome, ...], outcomes: tuple[Outcome, ...], county: int) -> bool:
    strict = {one.id: one for one in strictly}
    pairs = [(strict[one.id], one) for one in outcomes if one.indicators and one.id in strict]
    return any(one.verdict[county] != other.verdict[county] for one, other in pairs)


def _grounds(record: Record, item: str, changed: Ints, county: int, *, of_all: bool) -> Iterator[_Ground]:
    """Yield what changed the decision of an item: its own relief, amounts that relief counts, or an overlay."""
    basis = record.basis
    rest = set(changed.tolist())
    for relief in basis.standard.items[item].reliefs:
        codes = meets(relief.when, basis.submission, basis.standard)
        rows = changed[codes[changed] != NOT_MET]
        rest -= set(rows.tolist())
        if rows.size:
            yield _Ground(relief.title, relief.source, rows)
    in_sections = any(one.cases is not None and one.cases.table == "sections" for one in record.outcomes[item])
    if in_sections or of_all:
        concerned = changed if in_sections else np.flatnonzero(basis.submission.schools.county == county)
        for ground in _amounts(record, concerned):
            rest -= set(ground.rows.tolist())
            yield ground
    if rest or not (changed.size or of_all):
        for overlay in basis.standard.applied:
            if overlay.relaxes:
                yield _Ground(overlay.title, overlay.source, np.array(sorted(rest), np.intp))


def _amounts(record: Record, rows: Ints) -> Iterator[_Ground]:
    """Yield the amounts that only relief counts, with the schools in which one counts or may count."""
    basis = record.basis
    for measure in basis.standard.table_measures("schools").values():
        counted = rows[basis.resources.numbers(measure.column)[rows] != 0] if measure.counts_when else rows[:0]
        if counted.size:
            holders = [
                one.id
                for one in basis.standard.indicators.values()
                if any(measure.id in one.terms(stage) for stage in basis.standard.stages)
            ]
            yield _Ground(measure.title, measure.source, counted, ", ".join(holders))


def strictly_said(evaluation: Evaluation, lang: Language) -> list[str]:
    """Return what one county comes to without relief, and every decision that relief changed; nothing without any."""
    reliefs, strict = evaluation.reliefs, evaluation.strict
    if strict is None or not reliefs:
        return []
    verdict = {"zh": f"不放宽的结论：{strict.verdict.said('zh')}", "en": f"without relief: {strict.verdict.said('en')}"}
    return [verdict[lang], *(one.said(lang) for one in reliefs)]


def beside(relaxed: Verdict, strict: Verdict | None, lang: Language) -> str:
    """Return the verdict without relief, to stand behind the one with it; nothing where they are the same."""
    if strict is None or strict is relaxed:
        return ""
    return {"zh": f"（不放宽：{strict.said('zh')}）", "en": f" (without relief: {strict.said('en')})"}[lang]
