"""Two evaluations side by side: every decision that changed, and in which direction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import attrs
import numpy as np

from balancedu.core.fields import Language
from balancedu.core.model import Precision
from balancedu.document import Block, Columns, Grid, Heading, Paragraph, Result, columns_of
from balancedu.errors import RequestError, near
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.figures import printed
from balancedu.evaluation.findings import Check, Finding
from balancedu.evaluation.results import Form, Outcome
from balancedu.evaluation.sections import Section, section_of
from balancedu.evaluation.verdict import Verdict
from balancedu.planning.coefficients import coefficient_title, coefficients_of, limit_text
from balancedu.text import NO_WORDS, Phrase, in_both

# Which county and which school is which


@attrs.frozen
class Matching:
    """Pairs of counties, and the schools that changed their id.

    Attributes
    ----------
    counties : tuple of (id before, id after)
    schools : mapping of id before to id after
        All others keep their id.
    other_county : bool
        Whether the counties are different ones, so that equal ids of schools mean nothing.
    """

    before: Evaluation = attrs.field(repr=False)
    after: Evaluation = attrs.field(repr=False)
    counties: tuple[tuple[str, str], ...]
    schools: Mapping[str, str]
    other_county: bool

    def school(self, school: str) -> str | None:
        """Return the id that a school has afterwards."""
        return self.schools.get(school) if self.other_county else self.schools.get(school, school)

    def sections(self, before: Evaluation, after: Evaluation) -> Iterator[tuple[int, int]]:
        """Yield the rows of the sections of one county that belong together, by school and stage."""
        later = dict(zip(_section_keys(after), after.section_rows.tolist(), strict=True))
        for (school, stage), row in zip(_section_keys(before), before.section_rows.tolist(), strict=True):
            match = later.get((self.school(school) or "", stage))
            if match is not None:
                yield row, match

    def unmatched(self) -> Columns:
        """Return counties and schools without a counterpart."""
        rows = []
        paired = {pair[0] for pair in self.counties}, {pair[1] for pair in self.counties}
        for side, evaluation, known in zip(("before", "after"), (self.before, self.after), paired, strict=True):
            rows += [(county, "", county, side) for county in evaluation.counties if county not in known]
        if not self.other_county or self.schools:
            for pair in self.counties:
                rows += self._unmatched_schools(*pair)
        return columns_of(rows, county=str, school=str, name=str, side=str)

    def _unmatched_schools(self, earlier: str, later: str) -> Iterator[tuple[str, str, str, str]]:
        before, after = school_names(self.before, earlier), school_names(self.after, later)
        targets = {self.school(school) for school in before}
        for school, name in before.items():
            if self.school(school) not in after:
                yield earlier, school, name, "before"
        for school, name in after.items():
            if school not in targets:
                yield later, school, name, "after"


def matched(before: Evaluation, after: Evaluation, schools: Mapping[str, str] | None) -> Matching:
    """Return which county and school is which.

    Raises
    ------
    RequestError
        If no county is in both, or the mapping names a school that there is not.
    """
    if len(before.counties) == len(after.counties) == 1:
        pairs: tuple[tuple[str, str], ...] = ((before.counties[0], after.counties[0]),)
    else:
        pairs = tuple((county, county) for county in before.counties if county in set(after.counties))
    if not pairs:
        zh = f"没有哪个县两边都有：一边是 {before.counties[0]} 等，另一边是 {after.counties[0]} 等"
        raise RequestError(Phrase(zh, f"no county is in both: {before.counties[0]} … and {after.counties[0]} …"))
    earlier = {school for pair in pairs for school in school_names(before, pair[0])}
    later = {school for pair in pairs for school in school_names(after, pair[1])}
    for old, new in (schools or {}).items():
        if old not in earlier:
            en = f"schools names {old!r}, which is not in the earlier evaluation"
            raise RequestError(Phrase(f"先前的评估中没有学校“{old}”", en) + near(old, earlier))
        if new not in later:
            en = f"schools names {new!r}, which is not in the later evaluation"
            raise RequestError(Phrase(f"后来的评估中没有学校“{new}”", en) + near(new, later))
    return Matching(before, after, pairs, schools or {}, any(old != new for old, new in pairs))


def _section_keys(evaluation: Evaluation) -> list[tuple[str, str]]:
    sections = evaluation.sections
    return list(zip(sections["school"].tolist(), sections["stage"].tolist(), strict=True))


def school_names(evaluation: Evaluation, county: str) -> dict[str, str]:
    """Return the name of every school of a county by its id; the id again where it has none."""
    submission = evaluation.record.basis.submission
    rows = np.flatnonzero(submission.schools.county == submission.counties.index(county))
    ids, names = submission.schools.columns["school"][rows].tolist(), submission.schools.texts("name")[rows].tolist()
    return {school: name or school for school, name in zip(ids, names, strict=True)}


# What differs

Level = Literal["county", "part", "item", "check", "school", "section", "indicator"]
Direction = Literal["better", "worse", "other"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")

_STANDINGS = {
    2: Phrase("达到标准", "standard"),
    1: Phrase("达到最低要求", "floor"),
    0: Phrase("低于最低要求", "below"),
    -1: Phrase("待定", "unknown"),
}


@attrs.frozen
class Difference:
    """One decision that changed."""

    county: str
    level: Level
    id: str
    school: str
    stage: str
    name: Phrase
    before: str
    after: str
    direction: Direction
    change: Phrase
    why: Phrase


def direction_of(before: Verdict, after: Verdict) -> Direction:
    """Return whether a verdict became better or worse; other where it did or does not apply.

    Examples
    --------
    >>> direction_of(Verdict.NOT_MET, Verdict.UNKNOWN), direction_of(Verdict.MET, Verdict.NOT_APPLICABLE)
    ('better', 'other')
    """
    if Verdict.NOT_APPLICABLE in (before, after) or before is after:
        return "other"
    return "better" if after.code > before.code else "worse"


def _arrow(before: Phrase, after: Phrase) -> Phrase:
    return Phrase(f"{before.zh} → {after.zh}", f"{before.en} → {after.en}")


def _changed(
    county: str,
    level: Level,
    name: str,
    title: Phrase,
    before: Verdict,
    after: Verdict,
    why: Phrase = NO_WORDS,
    *,
    school: str = "",
    stage: str = "",
) -> Iterator[Difference]:
    """Yield a decision where it changed."""
    if before is not after:
        change, direction = _arrow(in_both(before.text), in_both(after.text)), direction_of(before, after)
        yield Difference(county, level, name, school, stage, title, before.name, after.name, direction, change, why)


def _of_county(before: Evaluation, after: Evaluation, matching: Matching) -> Iterator[Difference]:
    """Yield the decisions about the county, its parts, items, checks and schools that differ."""
    county, parts, findings = after.counties[0], before.parts, before.items
    yield from _changed(county, "county", "", Phrase("全县", "the county"), before.verdict, after.verdict)
    for part, verdict in after.parts.items():
        earlier = parts.get(part, Verdict.NOT_APPLICABLE)
        yield from _changed(county, "part", part, after.standard.parts[part].title, earlier, verdict)
    for item, finding in after.items.items():
        if item in findings:
            yield from _of_item(county, findings[item], finding)
            yield from _of_schools(before, after, item, matching)


def _of_item(county: str, before: Finding, after: Finding) -> Iterator[Difference]:
    item, start = after.item, Phrase.of(f"{after.item.id} ")
    # What failed before explains what became better, what fails now explains the rest.
    better = direction_of(before.verdict, after.verdict) == "better"
    why = Phrase("原", "was ") + in_both(before.reason) if better else Phrase("现", "now ") + in_both(after.reason)
    yield from _changed(county, "item", item.id, start + item.name, before.verdict, after.verdict, why)
    checks = {check.id: check for check in before.checks}
    for check in after.checks if len(after.checks) > 1 else ():
        if (earlier := checks.get(check.id)) is not None:
            name, title, why = f"{item.id}.{check.id}", start + check.title, _figures(earlier, check)
            yield from _changed(county, "check", name, title, earlier.verdict, check.verdict, why)


def _figures(before: Check, after: Check) -> Phrase:
    """Return what changed in a check: its figure, or how many of its cases fail; never figures of two schools."""
    if before.total or after.total:
        counts = [len(check.failing(Verdict.NOT_MET)) for check in (before, after)]
        return Phrase(f"未达标的{counts[0]} → {counts[1]}", f"failing {counts[0]} → {counts[1]}")

    return _arrow(*(_printed(check.observed, check.form, check.precision, check.required) for check in (before, after)))


def _of_schools(before: Evaluation, after: Evaluation, item: str, matching: Matching) -> Iterator[Difference]:
    """Yield the schools that a check of an item decides otherwise, each with its own figures."""
    county, precision = after.counties[0], after.standard.head.precision
    outcomes = {outcome.id: outcome for outcome in before.record.outcomes[item]}
    old_names, names = school_names(before, before.counties[0]), school_names(after, county)
    for outcome in after.record.outcomes[item]:
        if outcome.id not in outcomes:
            continue
        later = _worst_by_school(after, outcome)
        for school, (earlier, observed, _) in _worst_by_school(before, outcomes[outcome.id]).items():
            target = matching.school(school) or ""
            if target not in later:
                continue
            verdict, reached, required = later[target]
            figures = (_printed(figure, outcome.form, precision, required) for figure in (observed, reached))
            why = _arrow(*figures) + (Phrase(outcome.unit.zh, f" {outcome.unit.en}") if outcome.unit else NO_WORDS)
            name = names[target] if target == school else f"{old_names[school]} → {names[target]}"
            title = Phrase.of(f"{item} {name} ") + outcome.title
            check = f"{item}.{outcome.id}"
            yield from _changed(county, "school", check, title, earlier, verdict, why, school=target)


def _printed(figure: float, form: Form, precision: Precision, required: float) -> Phrase:
    return in_both(lambda lang: printed(figure, form, precision, lang, required))


def _worst_by_school(evaluation: Evaluation, outcome: Outcome) -> dict[str, tuple[Verdict, float, float]]:
    """Return the verdict, the figure and the requirement of the worst case of each school in a check."""
    cases, basis = outcome.cases, evaluation.record.basis
    # Sections are compared by themselves, with their indicators.
    if cases is None or cases.table == "sections":
        return {}
    counties = basis.submission.counties
    rows = cases.rows_of(counties.index(evaluation.counties[0]), len(counties))
    rows = rows[cases.school[rows] >= 0]
    margin = cases.observed[rows] - cases.required[rows]
    margin = -margin if outcome.relation in ("<=", "<") else margin
    worst: dict[str, tuple[Verdict, float, float]] = {}
    for row in rows[np.lexsort((np.nan_to_num(margin, nan=np.inf), cases.verdict[rows]))].tolist():
        figures = float(cases.observed[row]), float(cases.required[row])
        worst.setdefault(basis.school_id(int(cases.school[row])), (Verdict.of(cases.verdict[row]), *figures))
    return worst


def _of_sections(before: Evaluation, after: Evaluation, matching: Matching) -> Iterator[Difference]:
    """Yield the sections and their indicators that differ."""
    for earlier, later in matching.sections(before, after):
        old, new = section_of(before.record.basis, earlier), section_of(after.record.basis, later)
        name, old_name = in_both(new.text), in_both(old.text)
        # A section whose school became part of another one has both names.
        name = name if old.school == new.school else _arrow(old_name, name)
        indicators = list(_of_indicators(before, after, (earlier, later), (old, new), name))
        why = Phrase(
            "；".join(reason.why.zh for reason in indicators) or f"在校生{old.pupils:g} → {new.pupils:g}人",
            "; ".join(reason.why.en for reason in indicators) or f"pupils {old.pupils:g} → {new.pupils:g}",
        )
        verdicts, school, stage = (old.verdict, new.verdict), new.school, new.stage
        yield from _changed(new.county, "section", "", name, *verdicts, why, school=school, stage=stage)
        yield from indicators


def _of_indicators(
    before: Evaluation, after: Evaluation, rows: tuple[int, int], sections: tuple[Section, Section], name: Phrase
) -> Iterator[Difference]:
    positions, new = {entry: n for n, entry in enumerate(before.standard.indicators)}, sections[1]
    for n, indicator in enumerate(after.standard.indicators):
        if indicator not in positions:
            continue
        earlier = int(before.record.basis.standing[positions[indicator], rows[0]])
        later = int(after.record.basis.standing[n, rows[1]])
        if earlier == later:
            continue
        limit, precision = new.limits[indicator][0], after.standard.head.precision
        required = float(limit.value) if limit else np.nan
        values = (_printed(side.values[indicator], "value", precision, required) for side in sections)
        # A value that was not known has no direction but the one that it takes.
        better = later > earlier if earlier >= 0 and later >= 0 else later > 0 or earlier == 0
        yield Difference(
            county=new.county,
            level="indicator",
            id=indicator,
            school=new.school,
            stage=new.stage,
            name=name + Phrase.of(f" {indicator}"),
            before=_STANDINGS[earlier].en,
            after=_STANDINGS[later].en,
            direction="better" if better else "worse",
            change=_arrow(_STANDINGS[earlier], _STANDINGS[later]),
            why=Phrase.of(f"{indicator} ") + _arrow(*values),
        )


# The result

_WORDS: dict[str, dict[Language, str]] = {
    "better": {"zh": "改善", "en": "Better"},
    "worse": {"zh": "下降", "en": "Worse"},
    "other": {"zh": "其他变化", "en": "Changed otherwise"},
    "none": {"zh": "没有判定改变。", "en": "No decision changed."},
    "what": {"zh": "判定", "en": "decision"},
    "change": {"zh": "变化", "en": "change"},
    "why": {"zh": "原因", "en": "why"},
    "spread": {"zh": "校际差异系数", "en": "Coefficients of variation"},
    "indicator": {"zh": "指标", "en": "indicator"},
    "before": {"zh": "之前", "en": "before"},
    "after": {"zh": "之后", "en": "after"},
    "limit": {"zh": "限值", "en": "limit"},
    "unmatched": {"zh": "没有对应的学校", "en": "Schools without a counterpart"},
    "only_before": {"zh": "只在之前：", "en": "only before: "},
    "only_after": {"zh": "只在之后：", "en": "only after: "},
}


@attrs.frozen(eq=False)
class Comparison(Result):
    """What changed from one evaluation to another.

    Attributes
    ----------
    before, after : Evaluation
    changes : columns
        A row for each decision that changed: county (of `after`), level (county, part, item, check, school, section
        or indicator), id, school, stage, before, after (verdicts, or standings of an indicator), direction (better,
        worse, other), and name, change and why in both languages. A school is compared with itself alone.
    spread : columns
        The coefficients of variation of both: county, stage, indicator, before, after, limit.
        Where the standard judges their mean, it is the indicator `composite`.
    unmatched : columns
        Counties and schools without a counterpart: county, school, name, side (before, after).
    """

    before: Evaluation = attrs.field(repr=False)
    after: Evaluation = attrs.field(repr=False)
    spread: Columns = attrs.field(repr=False)
    unmatched: Columns = attrs.field(repr=False)
    differences: tuple[Difference, ...] = attrs.field(repr=False)

    @property
    def changes(self) -> Columns:
        """The decisions that changed."""
        texts = dict.fromkeys(("county", "level", "id", "school", "stage", "before", "after", "direction"), str)
        return columns_of(self.differences, **texts, **dict.fromkeys(("name", "change", "why"), Phrase))

    @property
    def tables(self) -> Mapping[str, Columns]:
        """The columns of the three tables."""
        return {"changes": self.changes, "spread": self.spread, "unmatched": self.unmatched}

    def single_values(self) -> dict[str, Any]:
        """Return the ids of the standards."""
        return {"before": self.before.standard.id, "after": self.after.standard.id}

    def blocks(self, lang: Language) -> Iterator[Block]:
        """Yield what became better, what became worse, and the coefficients that moved."""
        if not self.differences:
            yield Paragraph(_WORDS["none"][lang])
        for direction in ("better", "worse", "other"):
            rows = [row for row in self.differences if row.direction == direction]
            if rows:
                yield Heading(_WORDS[direction][lang])
                head = [_WORDS[name][lang] for name in ("what", "change", "why")]
                body = [[row.name.text(lang), row.change.text(lang), row.why.text(lang)] for row in rows]
                yield Grid(head, body, texts=3)
        yield from self._moved(lang)
        if self.unmatched["side"].size:
            yield Heading(_WORDS["unmatched"][lang])
            for side, name in zip(self.unmatched["side"].tolist(), self.unmatched["name"].tolist(), strict=True):
                yield Paragraph(f"{_WORDS[f'only_{side}'][lang]}{name}")

    def _moved(self, lang: Language) -> Iterator[Block]:
        columns, standard = self.spread, self.after.standard
        moved = np.flatnonzero(
            (columns["before"] != columns["after"]) & ~np.isnan(columns["before"] + columns["after"])
        )
        if not moved.size:
            return
        yield Heading(_WORDS["spread"][lang])
        body = []
        for row in moved.tolist():
            limit, name = float(columns["limit"][row]), str(columns["indicator"][row])
            figures = [
                printed(float(columns[side][row]), "coefficient", standard.head.precision, lang, limit)
                for side in ("before", "after")
            ]
            stage = standard.head.stage_titles[columns["stage"][row]].text(lang)
            title = f"{stage} {coefficient_title(standard, name).text(lang)}"
            if len(self.after.counties) > 1:
                title = f"{columns['county'][row]} {title}"
            body.append([title, *figures, limit_text(limit)])
        yield Grid([_WORDS[name][lang] for name in ("indicator", "before", "after", "limit")], body)


def compare(before: Evaluation, after: Evaluation, *, schools: Mapping[str, str] | None = None) -> Comparison:
    """Return every decision that differs between two evaluations, in both directions, and why.

    Parameters
    ----------
    before, after : Evaluation
        The same county in two years or before and after changes, two counties, or many counties; where there is
        one on each side they are compared whatever they are called, else they are matched by id.
    schools : mapping of id before to id after, optional
        Schools that were renamed or merged; all others are matched by id. Two counties have no school in common,
        so theirs are matched only as given here.

    Returns
    -------
    Comparison
        What changed, in its `changes`; print it to read it.

    Raises
    ------
    RequestError
        If no county is in both, or `schools` names a school that there is not.

    Examples
    --------
    >>> import balancedu as be
    >>> sub = be.example("failing")
    >>> columns = sub.columns("schools")
    >>> grown = sub.changed(schools=columns | {"pupils_primary": columns["pupils_primary"] + 70})
    >>> found = be.compare(be.evaluate(sub), be.evaluate(grown)).changes
    >>> section = found["level"] == "section"
    >>> found["school"][section].tolist(), found["direction"][section].tolist()
    (['002', '005'], ['worse', 'worse'])
    """
    matching = matched(before, after, schools)
    differences: list[Difference] = []
    for earlier, later in matching.counties:
        differences += _of_county(before[earlier], after[later], matching)
        differences += _of_sections(before[earlier], after[later], matching)
    return Comparison(before, after, _spread(before, after, matching), matching.unmatched(), tuple(differences))


def _spread(before: Evaluation, after: Evaluation, matching: Matching) -> Columns:
    rows = []
    for pair in matching.counties:
        sides = (before, before.counties.index(pair[0])), (after, after.counties.index(pair[1]))
        olds, news = (
            {(entry.stage, entry.indicator): entry for entry in coefficients_of(*side, after.standard)}
            for side in sides
        )
        rows += [(pair[1], *key, olds[key].cv, new.cv, new.limit) for key, new in news.items() if key in olds]
    return columns_of(rows, county=str, stage=str, indicator=str, before=float, after=float, limit=float)
