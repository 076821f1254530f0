"""Two evaluations side by side: every decision that changed, and in which direction."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Literal

import attrs
import numpy as np

from balancedu.core.fields import Language
from balancedu.core.words import SEMICOLON, joined
from balancedu.document import Block, Columns, Grid, Heading, Paragraph, Result, columns_of
from balancedu.errors import RequestError, near
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.findings import Check, Finding, section_of
from balancedu.evaluation.results import Outcome, Standing, Verdict
from balancedu.evaluation.wording import CASES, county_named, printed
from balancedu.planning.distances import coefficient_title, coefficients_of, limit_text
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

    def unmatched(self) -> Columns:
        """Return counties and schools without a counterpart."""
        rows = []
        paired = {pair[0] for pair in self.counties}, {pair[1] for pair in self.counties}
        for side, evaluation, known in zip(("before", "after"), (self.before, self.after), paired, strict=True):
            missing = [county for county in evaluation.counties if county not in known]
            rows += [(county, "", county_title(evaluation, county).zh, side) for county in missing]
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


def county_title(evaluation: Evaluation, county: str) -> Phrase:
    """Return the name of a county; its id where none is reported."""
    submission = evaluation.submission
    return Phrase.of(submission.county_name(county)) or in_both(partial(county_named, submission, county))


def school_names(evaluation: Evaluation, county: str) -> dict[str, str]:
    """Return the name of every school of a county by its id; the id again where it has none."""
    submission = evaluation.record.basis.submission
    rows = np.flatnonzero(submission.schools.county == submission.counties.index(county))
    ids, names = submission.schools.columns["school"][rows].tolist(), submission.schools.texts("name")[rows].tolist()
    return {school: name or school for school, name in zip(ids, names, strict=True)}


# The decisions of one county

Level = Literal["county", "part", "item", "check", "school", "section", "indicator"]
Direction = Literal["better", "worse", "other"]
Description = tuple[Phrase, Phrase]
"""What a decision is about, and the figures or the reason behind it."""


@attrs.frozen
class _Decision:
    """One decision about a county; `rank` grows with how good it is, and is NaN where the decision does not apply."""

    level: Level
    id: str
    school: str
    stage: str
    state: str
    words: Phrase
    rank: float
    describe: Callable[[], Description]
    """Made when it is asked for: most decisions do not change."""


def _decisions(evaluation: Evaluation) -> Iterator[_Decision]:
    """Yield every decision about one county."""
    whole = Phrase("全县", "the county"), NO_WORDS
    yield _judged("county", "", evaluation.verdict, lambda: whole)
    for part, verdict in evaluation.parts.items():
        title = evaluation.standard.parts[part].title
        yield _judged("part", part, verdict, partial(lambda title: (title, NO_WORDS), title))
    for item, finding in evaluation.items.items():
        yield _judged("item", item, finding.verdict, partial(_of_item, finding))
        for check in finding.checks if len(finding.checks) > 1 else ():
            describe = partial(_of_check, finding, check)
            yield _judged("check", f"{item}.{check.id}", check.verdict, describe)
        for outcome in evaluation.record.outcomes[item]:
            yield from _of_schools(evaluation, outcome, f"{item}.{outcome.id}")
    basis = evaluation.record.basis
    keys = zip(*(evaluation.sections[name].tolist() for name in ("school", "stage")), strict=True)
    for row, (school, stage) in zip(evaluation.section_rows.tolist(), keys, strict=True):
        verdict = Verdict.of(basis.section_verdicts[row])
        yield _judged("section", "", verdict, partial(_of_section, evaluation, row), school, stage)
        for n, indicator in enumerate(evaluation.standard.indicators):
            standing = Standing(int(basis.standing[n, row]))
            # A value that is not known is better than one below the floor, and worse than any other.
            rank = 0.5 if standing is Standing.UNKNOWN else float(standing)
            describe = partial(_of_indicator, evaluation, row, indicator)
            words = in_both(standing.text)
            yield _Decision("indicator", indicator, school, stage, standing.name, words, rank, describe)


def _judged(
    level: Level, name: str, verdict: Verdict, describe: Callable[[], Description], school: str = "", stage: str = ""
) -> _Decision:
    rank = math.nan if verdict is Verdict.NOT_APPLICABLE else float(verdict.code)
    return _Decision(level, name, school, stage, verdict.name, in_both(verdict.text), rank, describe)


def _of_item(finding: Finding) -> Description:
    return finding.item.name, in_both(finding.reason)


def _of_check(finding: Finding, check: Check) -> Description:
    name = finding.item.name + Phrase.of(" ") + check.title
    if check.total:
        failing = len(check.failing(Verdict.NOT_MET))
        return name, Phrase(f"未达标{failing}{CASES[check.table]['zh']}", f"{failing} failing")
    return name, in_both(check.figure)


def _of_section(evaluation: Evaluation, row: int) -> Description:
    section = section_of(evaluation.record.basis, row)
    return in_both(section.text), Phrase(f"在校生{section.pupils:g}人", f"{section.pupils:g} pupils")


def _of_indicator(evaluation: Evaluation, row: int, indicator: str) -> Description:
    section, name = section_of(evaluation.record.basis, row), evaluation.standard.indicators[indicator].name
    limit, precision = section.limits_and_floors[indicator][0], evaluation.standard.head.precision
    required, value = float(limit.value) if limit else math.nan, section.values[indicator]
    figure = in_both(lambda lang: printed(value, "value", precision, lang, required))
    return in_both(section.text) + Phrase.of(" ") + name, figure


def _of_schools(evaluation: Evaluation, outcome: Outcome, name: str) -> Iterator[_Decision]:
    """Yield the worst case of each school in a check; sections are decisions of their own."""
    cases, basis = outcome.cases, evaluation.record.basis
    if cases is None or cases.table == "sections":
        return
    counties = basis.submission.counties
    rows = cases.rows_of(counties.index(evaluation.counties[0]), len(counties))
    rows = rows[cases.school[rows] >= 0]
    margin = cases.observed[rows] - cases.required[rows]
    margin = -margin if outcome.relation in ("<=", "<") else margin
    worst: dict[int, int] = {}
    for row in rows[np.lexsort((np.nan_to_num(margin, nan=np.inf), cases.verdict[rows]))].tolist():
        worst.setdefault(int(cases.school[row]), row)
    for school, row in worst.items():
        describe = partial(_of_case, evaluation, outcome, school, row)
        yield _judged("school", name, Verdict.of(cases.verdict[row]), describe, basis.school_id(school))


def _of_case(evaluation: Evaluation, outcome: Outcome, school: int, row: int) -> Description:
    assert outcome.cases is not None
    observed, required = float(outcome.cases.observed[row]), float(outcome.cases.required[row])
    precision, display, unit = evaluation.standard.head.precision, outcome.display, outcome.unit
    figure = in_both(lambda lang: printed(observed, display, precision, lang, required))
    name = Phrase.of(f"{evaluation.record.basis.school_name(school)} ") + outcome.title
    return name, figure + (Phrase(unit.zh, f" {unit.en}") if unit and display != "percent" else NO_WORDS)


# What differs


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


def _differences(before: Evaluation, after: Evaluation, matching: Matching) -> Iterator[Difference]:
    """Yield the decisions about one county that differ; a school is compared with itself alone."""
    news = {(new.level, new.id, new.school, new.stage): new for new in _decisions(after)}
    indicators: dict[tuple[str, str], list[Phrase]] = {}
    differences = list[tuple[_Decision, Difference]]()
    for old in _decisions(before):
        school = matching.school(old.school) if old.school else ""
        new = news.get((old.level, old.id, school or "", old.stage)) if school is not None else None
        if new is None or new.state == old.state:
            continue
        (old_name, old_figure), (name, figure) = old.describe(), new.describe()
        direction: Direction = "better" if new.rank > old.rank else "worse" if new.rank < old.rank else "other"
        why = _arrow(old_figure, figure) if figure else NO_WORDS
        if old.level == "item":
            # What failed before explains what became better, what fails now explains the rest.
            better = direction == "better"
            why = Phrase("之前", "was ") + old_figure if better else Phrase("现", "now ") + figure
        elif old.level == "indicator":
            why = after.standard.indicators[new.id].name + Phrase.of(" ") + why
            indicators.setdefault((old.school, old.stage), []).append(why)
        # A school that became part of another has both names.
        name = name if old.school == new.school else _arrow(old_name, name)
        change = _arrow(old.words, new.words)
        place = after.counties[0], new.level, new.id, new.school, new.stage
        differences.append((old, Difference(*place, name, old.state, new.state, direction, change, why)))
    for old, difference in differences:
        reasons = indicators.get((old.school, old.stage), []) if old.level == "section" else []
        yield attrs.evolve(difference, why=joined(SEMICOLON, reasons)) if reasons else difference


def _arrow(before: Phrase, after: Phrase) -> Phrase:
    return Phrase(f"{before.zh} → {after.zh}", f"{before.en} → {after.en}")


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
                title = f"{county_title(self.after, str(columns['county'][row])).text(lang)} {title}"
            body.append([title, *figures, limit_text(limit)])
        yield Grid([_WORDS[name][lang] for name in ("indicator", "before", "after", "limit")], body)


def compare(before: Evaluation, after: Evaluation, *, schools: Mapping[str, str] | None = None) -> Comparison:
    """Return every decision that differs between two evaluations, in both directions, and why.

    Parameters
    ----------
    before, after : Evaluation
        The same county in two years or before and after changes, two counties, or many counties; where there is
        one on each side they are compared under any name, otherwise they are matched by id.
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
    differences = [
        difference
        for earlier, later in matching.counties
        for difference in _differences(before[earlier], after[later], matching)
    ]
    return Comparison(before, after, _spread(before, after, matching), matching.unmatched(), tuple(differences))


def _spread(before: Evaluation, after: Evaluation, matching: Matching) -> Columns:
    """Return the coefficients of both that the standard of the later one limits."""
    pairs = dict(matching.counties)
    olds = {
        (pairs.get(entry.county), entry.stage, entry.indicator): entry.cv
        for entry in coefficients_of(before, after.standard)
    }
    rows = (
        (*key, olds[key], entry.cv, entry.limit)
        for entry in coefficients_of(after, after.standard)
        if (key := (entry.county, entry.stage, entry.indicator)) in olds
    )
    return columns_of(rows, county=str, stage=str, indicator=str, before=float, after=float, limit=float)
