"""What relief decided, and what it changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import attrs
import numpy as np

from balancedu.calculator.groups import Ints, Segments
from balancedu.calculator.verdicts import NOT_MET, UNKNOWN
from balancedu.core.fields import Language, Source, Title
from balancedu.core.history import history
from balancedu.core.standard import AppliedOverlay, Standard
from balancedu.evaluation import wording
from balancedu.evaluation.county import CountyFindings
from balancedu.evaluation.results import Cases, Outcome, Record
from balancedu.evaluation.verdict import Standing, Verdict
from balancedu.submission.conditions import meets


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


def _standing(code: int) -> Title:
    standing = Standing(code)
    return Title(standing.said("zh"), standing.said("en"))


def _verdict(code: int) -> Title:
    verdict = Verdict.of(code)
    return Title(verdict.said("zh"), verdict.said("en"))


def _cases(record: Record, before: Cases, outcome: Outcome, county: int, *, several: bool) -> Iterator[Change]:
    after = outcome.cases
    if after is None:
        return
    counties = len(record.basis.submission.counties)
    strict = {_key(before, n): int(before.verdict[n]) for n in before.all_of(county, counties).tolist()}
    findings = CountyFindings(record.basis, county)
    for n in after.all_of(county, counties).tolist():
        was, now = strict.get(_key(after, n)), int(after.verdict[n])
        if was is not None and was != now:
            name = findings.case(after, n).name
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
                title, owner = titles[ours.standard.stages[stage]], ours.school_name(school)
                combined = ours.is_combined(school)
                zh = f"{owner}{title.zh}部" if combined else owner
                en = f"{owner} ({title.en})" if combined else owner
                told = Title(f"{zh} {name}", f"{en} {name}")
                yield Change(told, _standing(was), _standing(now), row=school, indicator=name)


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
    return wording.failing(codes.count(int(NOT_MET)), codes.count(int(UNKNOWN)), table)


@attrs.frozen
class Relieved:
    """One relief that changed a decision in one county.

    Attributes
    ----------
    item : str
        The item that it changed, as a whole or for some schools, classes, sections or indicators of sections.
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
    failing : tuple of two Title
        How many cases of the item are not met or not known, without relief and with it.
    changes : tuple of Change
        What stands otherwise for it, and how it stands without relief and with it.
    """

    county: str
    item: str
    indicator: str
    strict: Verdict
    relaxed: Verdict
    schools: tuple[str, ...]
    title: Title
    source: Source | None
    failing: tuple[Title, Title] = attrs.field(repr=False)
    names: tuple[str, ...] = attrs.field(default=(), repr=False)
    changes: tuple[Change, ...] = attrs.field(default=(), repr=False)

    def said(self, lang: Language = "zh") -> str:
        """Return what relief changed, for whom, and on what ground."""
        comma, semicolon = ("、", "；") if lang == "zh" else (", ", "; ")
        named = comma.join([one.said(lang) for one in self.changes if one.row >= 0] or self.names)
        besides = "".join(f"{semicolon}{one.said(lang)}" for one in self.changes if one.row < 0)
        count = len(self.names)
        source = f"（{self.source}）" if self.source and lang == "zh" else f" ({self.source})" if self.source else ""
        if lang == "zh":
            who = f"，涉及{count}所学校：{named}" if count else ""
            return f"{self.item} {self._outcome(lang)}：{self.title.zh}{source}{who}{besides}"
        who = f"; for {count} {'school' if count == 1 else 'schools'}: {named}" if count else ""
        return f"{self.item} {self._outcome(lang)}: {self.title.en}{source}{who}{besides}"

    def _outcome(self, lang: Language) -> str:
        """Return the verdicts without relief and with it; where they are the same, how many cases fail."""
        before, after = (one.said(lang) for one in self.failing)
        if self.strict is not self.relaxed:
            before, after = self.strict.said(lang), self.relaxed.said(lang)
        if before == after:
            return f"不放宽、放宽后都是{after}" if lang == "zh" else f"strictly and with relief {after}"
        return f"不放宽{before}，放宽后{after}" if lang == "zh" else f"strictly {before}, with relief {after}"


@attrs.frozen(eq=False)
class _Ground:
    """Something that may have changed a decision, the schools that it is for, and what changed by it."""

    title: Title
    source: Source | None
    rows: Ints
    changes: tuple[Change, ...]
    indicator: str = ""


def relieved(record: Record, strictly: Record, county: int) -> Iterator[Relieved]:
    """Yield what relief changed in one county, item by item."""
    schools, counties = record.basis.submission.schools, record.basis.submission.counties
    for item, outcomes in record.outcomes.items():
        if item not in strictly.items:
            continue
        before, after = (Verdict.of(one.items[item][county]) for one in (strictly, record))
        changed = tuple(sorted(changes(record, strictly, item, county), key=lambda one: one.row))
        if before is after and not changed:
            continue
        counts = [failing(one, county, len(counties)) for one in (strictly.outcomes[item], outcomes)]
        for ground in _grounds(record, item, changed, county):
            ids = schools.columns["school"][ground.rows]
            names = np.where(schools.texts("name")[ground.rows] == "", ids, schools.texts("name")[ground.rows])
            yield Relieved(
                county=counties[county],
                item=item,
                indicator=ground.indicator,
                strict=before,
                relaxed=after,
                schools=tuple(ids.tolist()),
                title=ground.title,
                source=ground.source,
                names=tuple(names.tolist()),
                changes=ground.changes,
                failing=(counts[0], counts[1]),
            )


def _grounds(record: Record, item: str, changed: tuple[Change, ...], county: int) -> Iterator[_Ground]:
    """Yield what changed the decision of an item: its own relief, amounts that relief counts, or an overlay."""
    basis = record.basis
    told: set[Change] = set()
    rows = np.array(sorted({one.row for one in changed if one.row >= 0}), np.intp)
    for relief in basis.standard.items[item].reliefs:
        codes = meets(relief.when, basis.submission, basis.standard)
        eased = rows[codes[rows] != NOT_MET]
        those = tuple(one for one in changed if one.row in set(eased.tolist()))
        told |= set(those)
        if those:
            yield _Ground(relief.title, relief.source, eased, those)
    for ground in _amounts(record, changed, county):
        told |= set(ground.changes)
        yield ground
    rest = tuple(one for one in changed if one not in told)
    if rest or not changed:
        left = np.array(sorted({one.row for one in rest if one.row >= 0}), np.intp)
        for overlay in _relaxing(basis.standard, item):
            yield _Ground(overlay.title, overlay.source, left, rest)


def _relaxing(standard: Standard, item: str) -> list[AppliedOverlay]:
    """Return the overlays that relax the rules of an item; where none touches them, all that relax anything."""
    overlays = [one for one in standard.applied if one.relaxes]
    by = {one.by for one in history(standard, f"rules.{item}")} if overlays else set()
    return [one for one in overlays if one.id in by] or overlays


def _amounts(record: Record, changed: tuple[Change, ...], county: int) -> Iterator[_Ground]:
    """Yield the amounts that only relief counts, with the schools in which one counts or may count.

    A section stands otherwise for its own amounts, a coefficient for those of any school.
    """
    basis = record.basis
    moved = {(one.row, one.indicator) for one in changed if one.indicator}
    for measure in basis.standard.table_measures("schools").values():
        if not measure.counts_when:
            continue
        holders = [
            one.id
            for one in basis.standard.indicators.values()
            if any(measure.id in one.terms(stage) for stage in basis.standard.stages)
        ]
        counts = basis.resources.numbers(measure.column) != 0
        of_all = any((-1, one) in moved for one in holders)
        here = {row for row, one in moved if one in holders and row >= 0 and counts[row]}
        those = tuple(
            one
            for one in changed
            if (one.indicator in holders and (one.row < 0 or one.row in here))
            or (not one.indicator and one.row in here)
        )
        if of_all:
            here |= set(np.flatnonzero(counts & (basis.submission.schools.county == county)).tolist())
        if those and here:
            yield _Ground(measure.title, measure.source, np.array(sorted(here), np.intp), those, ", ".join(holders))
