"""What stands otherwise with relief: schools, classes, sections, their indicators, coefficients and facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import attrs
import numpy as np

from balancedu.calculator.groups import Ints, Segments
from balancedu.core.model import Language, Title
from balancedu.evaluation import wording
from balancedu.evaluation.looking import Looker
from balancedu.evaluation.naming import school_name
from balancedu.evaluation.outcome import Cases, Outcome
from balancedu.evaluation.record import Record
from balancedu.evaluation.verdict import Verdict

_STANDINGS = {
    2: Title("达到标准", "at the standard"),
    1: Title("低于标准、不低于底线", "between floor and standard"),
    0: Title("低于底线", "below the floor"),
    -1: Title("待定", "unknown"),
}


@attrs.frozen
class Change:
    """One thing that stands otherwise with relief than without.

    Attributes
    ----------
    name : Title
        A school, class, section or subject; a coefficient or a fact.
    strict, relaxed : Title
        How it stands without relief, and with it.
    row : int
        The row of its school; -1 where it is about the county.
    indicator : str
        The indicator that it is about; otherwise empty.
    """

    name: Title
    strict: Title
    relaxed: Title
    row: int = -1
    indicator: str = ""

    def said(self, lang: Language = "zh") -> str:
        """Return what stands how without relief, and how with it."""
        colon = "" if lang == "zh" else ":"
        return f"{self.name.said(lang)}{colon} {self.strict.said(lang)}→{self.relaxed.said(lang)}"


def changes(record: Record, strictly: Record, item: str, county: int) -> Iterator[Change]:
    """Yield what of an item stands otherwise in one county."""
    strict = {one.id: one for one in strictly.outcomes[item]}
    pairs = [(strict[one.id], one) for one in record.outcomes[item] if one.id in strict]
    several = sum(one.cases is not None for _, one in pairs) > 1
    for before, after in pairs:
        if before.cases is not None and after.cases is not None:
            if after.cases.table == "sections":
                yield from _standings(record, strictly, county)
            yield from _cases(record, before.cases, after, county, several=several)
        elif before.verdict[county] != after.verdict[county]:
            indicator = after.indicators[0] if len(after.indicators) == 1 else ""
            was, now = _verdict(before.verdict[county]), _verdict(after.verdict[county])
            yield Change(after.title, was, now, indicator=indicator)


def _verdict(code: int) -> Title:
    verdict = Verdict(int(code))
    return Title(verdict.said("zh"), verdict.said("en"))


def _cases(record: Record, before: Cases, outcome: Outcome, county: int, *, several: bool) -> Iterator[Change]:
    after = outcome.cases
    if after is None:
        return
    counties = len(record.basis.submission.counties)
    strict = {_key(before, n): int(before.verdict[n]) for n in before.all_of(county, counties).tolist()}
    looker = Looker(record.basis, county)
    for n in after.all_of(county, counties).tolist():
        was, now = strict.get(_key(after, n)), int(after.verdict[n])
        if was is not None and was != now:
            name = looker.case(after, n).name
            if several:
                name = Title(f"{name.zh} {outcome.title.zh}", f"{name.en} {outcome.title.en}")
            yield Change(name, _verdict(was), _verdict(now), row=int(after.school[n]))


def _key(cases: Cases, n: int) -> tuple[int, int, int]:
    return int(cases.row[n]), int(cases.school[n]), int(cases.stage[n])


def _standings(record: Record, strictly: Record, county: int) -> Iterator[Change]:
    """Yield the indicators of sections that stand otherwise."""
    ours, theirs = record.basis, strictly.basis
    positions = {name: n for n, name in enumerate(theirs.standard.indicators)}
    rows = _rows(theirs.sections.by_county, county, len(theirs.submission.counties))
    strict = {(int(theirs.sections.school[n]), int(theirs.sections.stage[n])): n for n in rows.tolist()}
    titles = ours.standard.head.stage_titles
    for n in _rows(ours.sections.by_county, county, len(ours.submission.counties)).tolist():
        school, stage = int(ours.sections.school[n]), int(ours.sections.stage[n])
        if (school, stage) not in strict:
            continue
        for k, name in enumerate(ours.standard.indicators):
            was = int(theirs.standing[positions[name], strict[school, stage]]) if name in positions else None
            now = int(ours.standing[k, n])
            if was is not None and was != now:
                title, owner = titles[ours.standard.stages[stage]], school_name(ours, school)
                combined = ours.is_combined(school)
                zh = f"{owner}{title.zh}部" if combined else owner
                en = f"{owner} ({title.en})" if combined else owner
                told = Title(f"{zh} {name}", f"{en} {name}")
                yield Change(told, _STANDINGS[was], _STANDINGS[now], row=school, indicator=name)


def _rows(segments: Segments, county: int, counties: int) -> Ints:
    groups = range(county, segments.starts.size - 1, counties)
    return np.concatenate([np.arange(segments.starts[one], segments.starts[one + 1]) for one in groups])


def failing(outcomes: tuple[Outcome, ...], county: int, counties: int) -> Title:
    """Return how many schools, classes, sections or figures of an item are not met or not known in one county."""
    worst: dict[object, int] = {}
    for one in outcomes:
        found: Mapping[object, int] = {one.id: int(one.verdict[county])}
        if one.cases is not None:
            cases = one.cases
            found = {_key(cases, n): int(cases.verdict[n]) for n in cases.all_of(county, counties).tolist()}
        for key, code in found.items():
            worst[key] = min(worst.get(key, code), code)
    table = next((one.cases.table for one in outcomes if one.cases is not None), "")
    codes = list(worst.values())
    return wording.failing(codes.count(Verdict.NOT_MET), codes.count(Verdict.UNKNOWN), table)
