"""Two evaluations side by side: every decision that changed, and in which direction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal

import attrs
import numpy as np

from balancedu.core.fields import Language
from balancedu.document import Block, Columns, Grid, Heading, Paragraph, Result, column
from balancedu.errors import RequestError, near
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.figures import printed
from balancedu.evaluation.findings import Check, Finding
from balancedu.evaluation.sections import Section, section_of
from balancedu.evaluation.verdict import Verdict
from balancedu.planning.distances import COMPOSITE, coefficient_said, composite_limits, limit_said, spread_limits
from balancedu.text import Phrase

if TYPE_CHECKING:
    pass


@attrs.frozen
class Matching:
    """Pairs of counties, and the schools that changed their id.

    Attributes
    ----------
    counties : tuple of (id before, id after)
    schools : mapping of id before to id after
        All others keep their id.
    """

    before: Evaluation = attrs.field(repr=False)
    after: Evaluation = attrs.field(repr=False)
    counties: tuple[tuple[str, str], ...]
    schools: Mapping[str, str]
    strangers: bool
    """Whether the counties are different ones, so that equal ids of schools mean nothing."""

    def school(self, school: str) -> str | None:
        """Return the id that a school has afterwards."""
        return self.schools.get(school) if self.strangers else self.schools.get(school, school)

    def sections(self, before: Evaluation, after: Evaluation) -> Iterator[tuple[int, int]]:
        """Yield the rows of the sections of one county that belong together, by school and stage."""
        later = dict(zip(_keys(after), after.section_rows.tolist(), strict=True))
        for (school, stage), row in zip(_keys(before), before.section_rows.tolist(), strict=True):
            found = later.get((self.school(school) or "", stage))
            if found is not None:
                yield row, found

    def unmatched(self) -> Columns:
        """Return counties and schools without a counterpart."""
        rows = []
        paired = {one for one, _ in self.counties}, {two for _, two in self.counties}
        for side, evaluation, known in zip(("before", "after"), (self.before, self.after), paired, strict=True):
            rows += [(county, "", county, side) for county in evaluation.counties if county not in known]
        if not self.strangers or self.schools:
            for one, two in self.counties:
                rows += self._schools(one, two)
        return {
            name: column([row[n] for row in rows], str) for n, name in enumerate(("county", "school", "name", "side"))
        }

    def _schools(self, one: str, two: str) -> Iterator[tuple[str, str, str, str]]:
        before, after = _schools(self.before, one), _schools(self.after, two)
        targets = {self.school(school) for school in before}
        for school, name in before.items():
            if self.school(school) not in after:
                yield one, school, name, "before"
        for school, name in after.items():
            if school not in targets:
                yield two, school, name, "after"


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
    known = {school for one, _ in pairs for school in _schools(before, one)}
    later = {school for _, two in pairs for school in _schools(after, two)}
    for one, two in (schools or {}).items():
        if one not in known:
            en = f"schools names {one!r}, which is not in the earlier evaluation"
            raise RequestError(Phrase(f"先前的评估中没有学校“{one}”", en) + near(one, known))
        if two not in later:
            en = f"schools names {two!r}, which is not in the later evaluation"
            raise RequestError(Phrase(f"后来的评估中没有学校“{two}”", en) + near(two, later))
    return Matching(before, after, pairs, schools or {}, any(one != two for one, two in pairs))


def _keys(evaluation: Evaluation) -> list[tuple[str, str]]:
    sections = evaluation.sections
    return list(zip(sections["school"].tolist(), sections["stage"].tolist(), strict=True))


def _schools(evaluation: Evaluation, county: str) -> dict[str, str]:
    table = evaluation.record.basis.submission.schools
    rows = np.flatnonzero(table.county == evaluation.record.basis.submission.counties.index(county))
    ids, names = table.columns["school"][rows].tolist(), table.texts("name")[rows].tolist()
    return {school: name or school for school, name in zip(ids, names, strict=True)}


Level = Literal["county", "part", "item", "check", "section", "indicator"]


Direction = Literal["better", "worse", "other"]


COUNTY: Mapping[Language, str] = {"zh": "全县", "en": "the county"}
LANGUAGES: tuple[Language, ...] = ("zh", "en")


_STANDINGS = {2: Verdict.MET, 1: Verdict.MET, 0: Verdict.NOT_MET, -1: Verdict.UNKNOWN}


_STANDING_WORDS: dict[int, dict[Language, str]] = {
    2: {"zh": "达到标准", "en": "standard"},
    1: {"zh": "达到底线", "en": "floor"},
    0: {"zh": "低于底线", "en": "below"},
    -1: {"zh": "待定", "en": "unknown"},
}


@attrs.frozen
class Difference:
    """One decision that changed."""

    county: str
    level: Level
    id: str
    school: str
    stage: str
    name: Mapping[Language, str]
    before: str
    after: str
    direction: Direction
    said: Mapping[Language, str]
    why: Mapping[Language, str]


def direction_of(before: Verdict, after: Verdict) -> Direction:
    """Return whether a verdict became better or worse; other where it did or does not apply.

    Examples
    --------
    >>> direction_of(Verdict.NOT_MET, Verdict.UNKNOWN), direction_of(Verdict.MET, Verdict.NOT_APPLICABLE)
    ('better', 'other')
    """
    if Verdict.NOT_APPLICABLE in (before, after) or before is after:
        return "other"
    return "better" if after > before else "worse"


def of_county(before: Evaluation, after: Evaluation) -> Iterator[Difference]:
    """Yield the decisions about the county, its parts, items and checks that differ."""
    county = after.counties[0]
    if before.verdict is not after.verdict:
        yield _verdicts(county, "county", "", COUNTY, before.verdict, after.verdict, {"zh": "", "en": ""})
    titles = {part.id: part.title for part in after.standard.parts.values()}
    for part, verdict in after.parts.items():
        earlier = before.parts.get(part, Verdict.NOT_APPLICABLE)
        if earlier is not verdict:
            name: dict[Language, str] = {"zh": titles[part].zh, "en": titles[part].en}
            yield _verdicts(county, "part", part, name, earlier, verdict, {"zh": "", "en": ""})
    findings = before.items
    for item, finding in after.items.items():
        earlier_finding = findings.get(item)
        if earlier_finding is not None:
            yield from _of_item(county, earlier_finding, finding)


def _of_item(county: str, before: Finding, after: Finding) -> Iterator[Difference]:
    item = after.item
    name: dict[Language, str] = {"zh": f"{item.id} {item.name.zh}", "en": f"{item.id} {item.name.en}"}
    if before.verdict is not after.verdict:
        # What failed before explains what became better, what fails now explains the rest.
        told = before if direction_of(before.verdict, after.verdict) == "better" else after
        side = {"zh": "原", "en": "was "} if told is before else {"zh": "现", "en": "now "}
        why: dict[Language, str] = {"zh": side["zh"] + told.reason("zh"), "en": side["en"] + told.reason("en")}
        yield _verdicts(county, "item", item.id, name, before.verdict, after.verdict, why)
    checks = {check.id: check for check in before.checks}
    for check in after.checks if len(after.checks) > 1 else ():
        earlier = checks.get(check.id)
        if earlier is not None and earlier.verdict is not check.verdict:
            title: dict[Language, str] = {
                "zh": f"{item.id} {check.title.zh}",
                "en": f"{item.id} {check.title.en}",
            }
            moved = {lang: _figures(earlier, check, lang) for lang in LANGUAGES}
            yield _verdicts(
                county,
                "check",
                f"{item.id}.{check.id}",
                title,
                earlier.verdict,
                check.verdict,
                moved,
            )


def _figures(before: Check, after: Check, lang: Language) -> str:
    told = [printed(one.observed, one.form, one.precision, lang, one.required) for one in (before, after)]
    return f"{told[0]} → {told[1]}"


def of_sections(before: Evaluation, after: Evaluation, matching: Matching) -> Iterator[Difference]:
    """Yield the sections and their indicators that differ."""
    for earlier, later in matching.sections(before, after):
        one, two = section_of(before.record.basis, earlier), section_of(after.record.basis, later)
        reasons = list(_standings(before, after, earlier, later, one, two))
        if one.verdict is not two.verdict:
            why: dict[Language, str] = {
                "zh": "；".join(reason.why["zh"] for reason in reasons) or f"在校生{one.pupils:g} → {two.pupils:g}人",
                "en": "; ".join(reason.why["en"] for reason in reasons) or f"pupils {one.pupils:g} → {two.pupils:g}",
            }
            names: dict[Language, str] = {"zh": two.said("zh"), "en": two.said("en")}
            found = _verdicts(two.county, "section", "", names, one.verdict, two.verdict, why)
            yield attrs.evolve(found, school=two.school, stage=two.stage)
        yield from reasons


def _standings(
    before: Evaluation, after: Evaluation, earlier: int, later: int, one: Section, two: Section
) -> Iterator[Difference]:
    positions = {name: n for n, name in enumerate(before.standard.indicators)}
    for n, (name, indicator) in enumerate(after.standard.indicators.items()):
        if name not in positions:
            continue
        was = int(before.record.basis.standing[positions[name], earlier])
        now = int(after.record.basis.standing[n, later])
        if was == now:
            continue
        verdicts = _STANDINGS[was], _STANDINGS[now]
        direction: Direction = "better" if now > was else "worse"
        if Verdict.UNKNOWN in verdicts:
            direction = direction_of(*verdicts)
        precision, limit = after.standard.head.precision, indicator.thresholds[two.stage]
        bound = float(limit.value) if limit else np.nan
        why = {
            lang: f"{name} {printed(one.values[name], 'value', precision, lang, bound)} → "
            f"{printed(two.values[name], 'value', precision, lang, bound)}"
            for lang in LANGUAGES
        }
        yield Difference(
            county=two.county,
            level="indicator",
            id=name,
            school=two.school,
            stage=two.stage,
            name={lang: f"{two.said(lang)} {name}" for lang in LANGUAGES},
            before=_STANDING_WORDS[was]["en"],
            after=_STANDING_WORDS[now]["en"],
            direction=direction,
            said={lang: f"{_STANDING_WORDS[was][lang]} → {_STANDING_WORDS[now][lang]}" for lang in LANGUAGES},
            why=why,
        )


def _verdicts(
    county: str,
    level: Level,
    name: str,
    title: Mapping[Language, str],
    before: Verdict,
    after: Verdict,
    why: Mapping[Language, str],
) -> Difference:
    said: dict[Language, str] = {
        "zh": f"{before.said('zh')} → {after.said('zh')}",
        "en": f"{before.said('en')} → {after.said('en')}",
    }
    direction = direction_of(before, after)
    return Difference(county, level, name, "", "", title, before.name, after.name, direction, said, why)


_WORDS: dict[str, dict[Language, str]] = {
    "better": {"zh": "变好", "en": "Better"},
    "worse": {"zh": "变差", "en": "Worse"},
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
    "only_before": {"zh": "只在之前", "en": "only before"},
    "only_after": {"zh": "只在之后", "en": "only after"},
    "county": {"zh": "全县", "en": "the county"},
    "strangers": {
        "zh": "两个县不同，学校之间不作比较；要比较，用schools给出对应关系。",
        "en": "The counties differ, so schools are not compared; give `schools` to say which corresponds to which.",
    },
}


@attrs.frozen
class Comparison(Result):
    """What changed from one evaluation to another.

    Attributes
    ----------
    before, after : Evaluation
    changes : columns
        A row for each decision that changed: county (of `after`), level (county, part, item, check, section or
        indicator), id, school, stage, before, after (verdicts, or standings of an indicator), direction (better,
        worse, other), and why_zh, why_en.
    spread : columns
        The coefficients of variation of both: county, stage, indicator, before, after, limit.
        Where the standard judges their mean, it stands as the indicator `composite`.
    unmatched : columns
        Counties and schools without a counterpart: county, school, name, side (before, after).
    """

    before: Evaluation = attrs.field(repr=False)
    after: Evaluation = attrs.field(repr=False)
    changes: Columns = attrs.field(repr=False)
    spread: Columns = attrs.field(repr=False)
    unmatched: Columns = attrs.field(repr=False)
    differences: tuple[Difference, ...] = attrs.field(repr=False)

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
        directions: tuple[Direction, ...] = ("better", "worse", "other")
        for direction in directions:
            found = [one for one in self.differences if one.direction == direction]
            if found:
                yield Heading(_WORDS[direction][lang])
                head = [_WORDS[name][lang] for name in ("what", "change", "why")]
                yield Grid(head, [[one.name[lang], one.said[lang], one.why[lang]] for one in found], texts=3)
        yield from self._moved(lang)
        if self.unmatched["side"].size:
            yield Heading(_WORDS["unmatched"][lang])
            for side, name in zip(self.unmatched["side"].tolist(), self.unmatched["name"].tolist(), strict=True):
                yield Paragraph(
                    f"{_WORDS[f'only_{side}'][lang]}：{name}"
                    if lang == "zh"
                    else f"{_WORDS[f'only_{side}'][lang]}: {name}"
                )

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
            stage = standard.head.stage_titles[columns["stage"][row]].said(lang)
            title = f"{stage} {coefficient_said(standard, name, lang)}"
            if len(self.after.counties) > 1:
                title = f"{columns['county'][row]} {title}"
            body.append([title, *figures, limit_said(limit)])
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
        so theirs are matched only as told here.

    Returns
    -------
    Comparison

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
    for one, two in matching.counties:
        differences += of_county(before[one], after[two])
        differences += of_sections(before[one], after[two], matching)
    return Comparison(
        before, after, _changes(differences), _spread(before, after, matching), matching.unmatched(), tuple(differences)
    )


def _changes(differences: list[Difference]) -> Columns:
    names = ("county", "level", "id", "school", "stage", "before", "after", "direction")
    columns = {name: column([getattr(one, name) for one in differences], str) for name in names}
    for lang in LANGUAGES:
        columns[f"name_{lang}"] = column([one.name[lang] for one in differences], str)
        columns[f"why_{lang}"] = column([one.why[lang] for one in differences], str)
    return columns


def _spread(before: Evaluation, after: Evaluation, matching: Matching) -> Columns:
    stages = [stage for stage in after.stages if stage in before.stages]
    indicators = [name for name in after.indicators if name in before.indicators]
    limits = spread_limits(after.standard)
    rows = []
    for one, two in matching.counties:
        for stage in stages:
            for name in indicators:
                cvs = [
                    float(side.cv[side.counties.index(county), side.stages.index(stage), side.indicators.index(name)])
                    for side, county in ((before, one), (after, two))
                ]
                rows.append((two, stage, name, *cvs, float(limits[after.stages.index(stage)])))
            means = [
                float(side.composite[side.counties.index(county), side.stages.index(stage)])
                for side, county in ((before, one), (after, two))
            ]
            if not np.isnan(whole := float(composite_limits(after.standard)[after.stages.index(stage)])):
                rows.append((two, stage, COMPOSITE, *means, whole))
    keys = ("county", "stage", "indicator", "before", "after", "limit")
    return {key: column([row[n] for row in rows], str if n < 3 else float) for n, key in enumerate(keys)}
