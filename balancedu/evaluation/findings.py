"""The finding of an item in a county: its checks, their cases, what is missing, and the sentences about them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Literal

import attrs
import numpy as np

from balancedu.calculator.limits import Relation
from balancedu.core.fields import Language, Source, Stage, Title
from balancedu.core.model import Indicator, Precision, Threshold
from balancedu.core.rules import Rule
from balancedu.core.standard import Item
from balancedu.core.words import COLON, SEMICOLON
from balancedu.evaluation.results import SITES, Basis, Display, Standing, Verdict
from balancedu.evaluation.wording import (
    CASES,
    COMPARED,
    MOST_NAMED,
    NO_DAY,
    NO_LATER,
    and_more,
    limit_printed,
    printed,
)
from balancedu.html import html_card, html_table, html_text
from balancedu.submission.sections import REASONS
from balancedu.submission.tables import Table
from balancedu.text import NO_WORDS, Phrase, place_zh, singular, singular_or_plural, with_unit


def grade_title(grade: str) -> Title:
    """Return a grade in words; a grade that is written in words stays as it is."""
    return Title(f"{grade}年级", f"grade {grade}") if grade.isdigit() else Title(grade or "班", grade or "class")


def requirement_of(item: Item, lang: Language) -> str:
    """Return the requirement of an item; some titles name what must not be the case."""
    title = item.title.text(lang)
    if not all(rule.forbids for rule in item.rules):
        return title
    return f"不得有下列情形：{title}" if lang == "zh" else f"this must not be the case: {title}"


_INNER = str.maketrans("“”", "‘’")
"""Quotation marks within others."""


_IS = Phrase("为", "")


@attrs.frozen
class Gap:
    """Something not reported that a verdict waits for.

    Attributes
    ----------
    row : int
        Its row in the table of classes, rooms or monitoring; -1 for schools and facts, and where rows that should be
        there are not.
    place : str
        Where the empty cell is, as `county.xlsx 班级!F10` or `classes.csv:10`; of rows that are not there, the
        file or sheet. Empty if it is not known.
    """

    county: str
    table: str
    column: str
    school: str = ""
    stage: Stage | None = None
    row: int = -1
    title: Title | None = attrs.field(default=None, repr=False, eq=False)
    name: str = attrs.field(default="", repr=False, eq=False)
    grade: Title | None = attrs.field(default=None, repr=False, eq=False)
    place: str = attrs.field(default="", repr=False, eq=False)

    def text(self, lang: Language = "zh") -> str:
        """Return the gap in words."""
        grade = self.grade.text(lang) if self.grade else ""
        if lang == "zh":
            return f"{self.name}{grade}{self.titled(lang)}"
        return " ".join(word for word in (self.name, grade, self.titled(lang)) if word)

    def located(self, lang: Language = "zh") -> str:
        """Return the gap in words, with its place."""
        if not self.place:
            return self.text(lang)
        if lang == "en":
            return f"{self.text(lang)} ({self.place})"
        return f"{self.text(lang)}（{'、'.join(place_zh(place) for place in self.place.split(', '))}）"

    def titled(self, lang: Language = "zh") -> str:
        """Return what is missing, without the school; in Chinese as something that is spoken of."""
        title = self.bare(lang)
        return f"“{title.translate(_INNER)}”" if lang == "zh" else title

    def bare(self, lang: Language = "zh") -> str:
        """Return what is missing, alone."""
        title = self.title.text(lang) if self.title else self.column
        # Titles of parts begin with a word that refers to their whole.
        return title.removeprefix("其中：" if lang == "zh" else "of these, ")


@attrs.frozen
class Case:
    """One school, class, section or subject that a check compared; `place` is where it was reported."""

    name: Title
    school: str
    stage: Stage | None
    verdict: Verdict
    observed: float
    required: float
    row: int = attrs.field(default=-1, repr=False)
    """Its row in the table of the check; -1 where rows that should be there are not."""
    place: str = attrs.field(default="", repr=False)


@attrs.frozen
class Check:
    """One comparison of an item in one county.

    Attributes
    ----------
    observed, required : float
        NaN if not known; yes is 1 and no is 0. Where many cases were considered, those of the worst one.
    cases : tuple of Case
        The cases that are not met or not known, worst first.
    worst : Case, optional
        The case that is furthest on the wrong side, or closest to it.
    multiple : Phrase, optional
        Where another figure of the county times a factor is required: both in words.
    total : int
        How many cases were considered; 0 where the check is about the county as a whole.
    gaps : tuple of Gap
        What is not reported, where the verdict or one of its cases is unknown.
    indicators : tuple of str
        The indicators whose coefficients are compared; none if it is about something else.
    stage : str, optional
        The stage of these coefficients.
    rule : Rule, optional
        The rule that was checked.
    """

    id: str
    title: Title
    relation: Relation | Literal["is"]
    display: Display
    verdict: Verdict
    observed: float
    required: float
    precision: Precision = attrs.field(repr=False)
    unit: Title | None = attrs.field(default=None, repr=False)
    multiple: Phrase | None = attrs.field(default=None, repr=False)
    table: str = ""
    cases: tuple[Case, ...] = ()
    worst: Case | None = None
    total: int = 0
    gaps: tuple[Gap, ...] = ()
    indicators: tuple[str, ...] = ()
    stage: Stage | None = None
    rule: Rule | None = attrs.field(default=None, repr=False, eq=False)

    @property
    def margin(self) -> float:
        """The distance of observed to required; negative if not met, NaN if unknown."""
        if self.relation == "is":
            return math.nan
        return self.observed - self.required if self.relation in (">=", ">") else self.required - self.observed

    @property
    def closeness(self) -> float:
        """The margin as a share of what is required; infinite if not known."""
        margin = self.margin / abs(self.required) if self.required else self.margin
        return math.inf if math.isnan(margin) else margin

    @property
    def cases_by_verdict(self) -> frozenset[tuple[Any, ...]]:
        """The cases that are not met or not known, as school, stage, row and verdict."""
        return frozenset((case.school, case.stage, case.row, case.verdict) for case in self.cases)

    def failing(self, verdict: Verdict) -> list[Case]:
        """Return the cases of one verdict: not met, or unknown."""
        return [case for case in self.cases if case.verdict is verdict]

    def text(self, lang: Language = "zh", *, on_paper: bool = False) -> str:
        """Return the check in words; documents name more cases, and none if all comply."""
        if self.verdict is Verdict.NOT_APPLICABLE:
            return self._not_applicable_text(lang)
        most = 2 * MOST_NAMED if on_paper else MOST_NAMED
        if self.table == "sections":
            return self._sections_text(lang, most)
        if self.verdict is Verdict.UNKNOWN and self.gaps:
            return self._gaps_text(lang)
        if self.total and self.verdict is Verdict.MET and self.worst:
            return self._all_comply(lang, "" if on_paper else self._case_text(self.worst, lang))
        return self._cases_text(lang, most, on_paper=on_paper) if self.total else self._figure_text(lang)

    def requirement(self, lang: Language, *, required: float | None = None) -> str:
        """Return what the check requires; of one of its cases, what that requires."""
        limit = self.required if required is None else required
        relation = NO_LATER if self.display == "day" else COMPARED.get(self.relation, _IS)
        figure = self._with_unit(limit_printed(limit, self.display, lang), lang)
        if self.multiple is not None:
            figure = {"zh": f"{self.multiple.zh}，即{figure}", "en": f"{self.multiple.en}, {figure}"}[lang]
        return f"{relation.text(lang)}{figure}"

    def figure(self, lang: Language, case: Case | None = None) -> str:
        """Return the figure that was compared, of the check or of one of its cases."""
        source = self if case is None else case
        return self._with_unit(printed(source.observed, self.display, self.precision, lang, source.required), lang)

    def _with_unit(self, figure: str, lang: Language) -> str:
        if self.unit is None or self.display in ("percent", "yes_no"):
            return figure
        return with_unit(Phrase.of(figure), self.unit).text(lang)

    def _should(self, lang: Language, required: float | None = None) -> str:
        requirement = self.requirement(lang, required=required)
        return Phrase(f"（应{requirement}）", f" (must be {requirement})").text(lang)

    def _titled(self, words: Phrase, lang: Language) -> str:
        return (self.title + COLON + words).text(lang)

    def _not_applicable_text(self, lang: Language) -> str:
        of_schools = self.table in ("schools", SITES)
        subject = Phrase("学校", "no school") if of_schools else Phrase("对象", "no case")
        return self._titled(Phrase(f"县内没有涉及的{subject.zh}", f"{subject.en} is concerned"), lang)

    def _figure_text(self, lang: Language) -> str:
        figure = Phrase.of(self.figure(lang))
        if self.display == "day" and self.verdict is Verdict.UNKNOWN:
            # The day is reported, or the gap would have been named.
            return self._titled(figure + NO_DAY, lang)
        if self.verdict is Verdict.UNKNOWN:
            # Everything it needs is reported, or the gaps would have been named.
            figure = Phrase("无法计算", "cannot be computed")
        elif self.gaps:
            figure = Phrase("至少", "at least ") + figure
        colon = COLON if self.relation == "is" or self.display == "day" else Phrase("", COLON.en)
        as_expected = self.relation == "is" and self.verdict is Verdict.MET
        return (self.title + colon + figure).text(lang) + ("" if as_expected else self._should(lang))

    def _all_comply(self, lang: Language, closest: str) -> str:
        units = CASES[self.table]
        en = (
            f"all {self.total} {units['en']} comply" if self.total > 1 else f"the only {singular(units['en'])} complies"
        )
        words = Phrase(f"{self.total}{units['zh']}全部符合", en)
        words += Phrase(f"，最接近限值的是{closest}", f", closest {closest}") if closest else NO_WORDS
        return self._titled(words, lang)

    def _cases_text(self, lang: Language, most: int, *, on_paper: bool) -> str:
        units, failing = CASES[self.table], self.failing(self.verdict)
        texts = [self._case_text(case, lang, on_paper=on_paper) for case in failing[:most]]
        listed = and_more(texts, len(failing), lang)
        problem = self.rule.problem.zh if self.rule else "{}"
        if lang == "zh" and "{}" not in problem:
            # There is a standard term for such a school or class.
            count = f"学校{len(failing)}所" if self.table in ("schools", SITES) else f"{len(failing)}个"
            return f"{problem}{count}：{listed}"
        zh = f"{len(failing)}{units['zh']}未达到要求，{listed}"
        fail = "fails" if len(failing) == 1 else "fail"
        en = f"{len(failing)} of {self.total} {singular_or_plural(self.total, units['en'])} {fail}: {listed}"
        return self._titled(Phrase(zh, en), lang)

    def _case_text(self, case: Case, lang: Language, *, on_paper: bool = False) -> str:
        space = "" if on_paper and lang == "zh" else " "
        return f"{case.name.text(lang)}{space}{self.figure(lang, case)}{self._should(lang, case.required)}"

    def _sections_text(self, lang: Language, most: int) -> str:
        failing, unknown = (
            [case.name.text(lang) for case in self.failing(verdict)] for verdict in (Verdict.NOT_MET, Verdict.UNKNOWN)
        )
        met = self.total - len(failing) - len(unknown)
        zh = f"{met}所全部达标" if met == self.total and met else f"{self.total}所中{met}所达标"
        comply = "complies" if 1 in (met, self.total) else "comply"
        words = Phrase(zh, f"{met} of {self.total} {singular_or_plural(self.total, 'sections')} {comply}")
        do_not = " does not: " if len(failing) == 1 else " do not: "
        for names, what in ((failing, Phrase("所未达标：", do_not)), (unknown, Phrase("所待定：", " unknown: "))):
            if names:
                words += SEMICOLON + Phrase.of(str(len(names))) + what
                words += Phrase.of(and_more(names[:most], len(names), lang))
        return words.text(lang)

    def _gaps_text(self, lang: Language) -> str:
        listed = list(dict.fromkeys(gap.text(lang) for gap in self.gaps))
        missing = Phrase("数据缺报：", "not reported: ") + Phrase.of(and_more(listed[:MOST_NAMED], len(listed), lang))
        return missing.text(lang) if [gap.title for gap in self.gaps] == [self.title] else self._titled(missing, lang)


@attrs.frozen
class Finding:
    """The verdict of one item in one county, with its reason.

    Attributes
    ----------
    item : Item
    county : str
    verdict : Verdict
    checks : tuple of Check
        Every comparison of the item's rules.
    """

    item: Item = attrs.field(repr=lambda item: item.id)
    county: str
    verdict: Verdict
    checks: tuple[Check, ...] = attrs.field(repr=False)

    @property
    def decided(self) -> tuple[Any, ...]:
        """The verdicts of the item, its checks and their cases, to be compared with those of another finding."""
        return self.verdict, *((check.id, check.verdict, check.cases_by_verdict) for check in self.checks)

    @property
    def decisive(self) -> Check:
        """The check that decides: a failed one before an unknown one before a met one, the closest first."""
        return min(self.checks, key=lambda check: (check.verdict.code, check.closeness))

    @property
    def observed(self) -> float:
        """The figure of the decisive check."""
        return self.decisive.observed

    @property
    def required(self) -> float:
        """What the decisive check is compared with."""
        return self.decisive.required

    @property
    def margin(self) -> float:
        """The distance of the decisive check to its limit; negative if not met, NaN if unknown."""
        return self.decisive.margin

    @property
    def source(self) -> Source:
        """Where the requirement is written in the law."""
        return self.item.source

    @property
    def schools(self) -> tuple[str, ...]:
        """The ids of the schools that fail."""
        failing = (case for check in self.checks for case in check.failing(Verdict.NOT_MET))
        return tuple(dict.fromkeys(case.school for case in failing if case.school))

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What is not reported, where the verdict or one of its cases is unknown."""
        return tuple(dict.fromkeys(gap for check in self.checks for gap in check.gaps))

    def _repr_html_(self) -> str:
        head = ("检查 check", "结果 verdict", "实际 observed", "要求 required")
        rows = [
            [check.title.zh, check.verdict.text("zh"), check.figure("zh"), check.requirement("zh")]
            for check in self.checks
        ]
        title = f"{self.item.id}  {self.item.name.zh}  {self.verdict.text('zh')} {self.verdict.text('en')}"
        return html_card(title, html_text(self.reason("zh")), html_table(rows, head))

    def reason(self, lang: Language = "zh") -> str:
        """Return the verdict and its grounds as a sentence."""
        return f"{self.verdict.text(lang)}{'：' if lang == 'zh' else ': '}{self.grounds(lang)}"

    def grounds(self, lang: Language = "zh") -> str:
        """Return what the verdict rests on."""
        deciding = [check for check in self.checks if check.verdict is self.verdict] or list(self.checks)
        if self.verdict is Verdict.MET and len(deciding) > MOST_NAMED:
            sentences = [self._all_met(len(deciding), lang)]
        else:
            sentences = [check.text(lang) for check in deciding]
        return "；".join(sentences) + "。" if lang == "zh" else "; ".join(sentences) + "."

    def _all_met(self, count: int, lang: Language) -> str:
        closest = self.decisive.text(lang)
        return (
            f"{count}项全部符合，最接近限值的是{closest}" if lang == "zh" else f"all {count} comply, closest {closest}"
        )


def strictly(finding: Finding, lang: Language) -> str:
    """Return the verdict of an item without relief, with the reason."""
    return f"{'不放宽：' if lang == 'zh' else 'without relief: '}{finding.reason(lang)}"


@attrs.frozen
class Lack:
    """One indicator of a section that misses its standard."""

    indicator: Indicator = attrs.field(repr=lambda indicator: indicator.id)
    value: float
    threshold: Threshold
    floor: Threshold | None
    standing: Standing
    precision: Precision = attrs.field(repr=False)

    def text(self, lang: Language = "zh") -> str:
        """Return what is lacking in words."""
        floor = self.floor if self.standing is Standing.BELOW_FLOOR else None
        limit, floor_limit = (float(entry.value) if entry else math.nan for entry in (self.threshold, floor))
        value = printed(self.value, "value", self.precision, lang, floor_limit if floor else limit)
        standard, most = limit_printed(limit, "value", lang), limit_printed(floor_limit, "value", lang)
        word = self.standing.text(lang, at_most=self.threshold.relation == "<=")
        name, unit = f"{self.indicator.id} {self.indicator.name.text(lang)}", self.indicator.unit.text(lang)
        if lang == "zh":
            return f"{name} {value}{unit}（标准{standard}{f'，{word}{most}' if floor else ''}）"
        return f"{name} {value} {unit} (standard {standard}{f', {word} of {most}' if floor else ''})"


@attrs.frozen
class Section:
    """One stage of one school.

    Attributes
    ----------
    values : mapping of indicator id to value
        NaN if not reported.
    limits_and_floors : mapping of indicator id to (limit, floor)
        None if there is none.
    lacks : tuple of Lack
        The indicators that miss their standard.
    reached, required : int
        How many indicators reach the standard, and how many must.
    """

    county: str
    school: str
    name: str
    stage: Stage
    stage_title: Title = attrs.field(repr=False)
    combined: bool = attrs.field(repr=False)
    pupils: float
    verdict: Verdict
    values: Mapping[str, float] = attrs.field(repr=False)
    limits_and_floors: Mapping[str, tuple[Threshold | None, Threshold | None]] = attrs.field(repr=False)
    lacks: tuple[Lack, ...]
    reached: int
    required: int

    def count_text(self, lang: Language = "zh") -> str:
        """Return in how many indicators the section reaches the standard, if that is too few."""
        if self.reached >= self.required:
            return ""
        if lang == "zh":
            return f"（{len(self.values)}项中{self.reached}项达到标准，至少应有{self.required}项）"
        return f" ({self.reached} of {len(self.values)} indicators at the standard, must be at least {self.required})"

    def text(self, lang: Language = "zh") -> str:
        """Return the name of the section."""
        if not self.combined:
            return self.name
        return f"{self.name}{self.stage_title.zh}部" if lang == "zh" else f"{self.name} ({self.stage_title.en})"


@attrs.frozen
class Excluded:
    """A school or section that the indicators leave out.

    Attributes
    ----------
    stage : 'primary', 'junior' or None
        None if the whole school is left out.
    pupils : float
        The pupils of the judged stages that are left out, as far as reported.
    reason : str
        `type`, `few` or `none`: its type does not count, it has too few pupils, or it has none; `campus`: it counts
        with another school; otherwise the id of the exclusion that the standard declares.
    parent : str
        For a campus, the school that it counts with.
    exclusion : Title, optional
        Whom an exclusion leaves out.
    """

    county: str
    school: str
    name: str
    stage: Stage | None
    reason: str
    type: Title = attrs.field(repr=False)
    stage_title: Title | None = attrs.field(repr=False)
    pupils: float
    fewest: int
    parent: str = ""
    exclusion: Title | None = attrs.field(default=None, repr=False)

    def text(self, lang: Language = "zh") -> str:
        """Return who is left out, and why."""
        pupils = Phrase(f"，在校生{self.pupils:g}人", f", {self.pupils:g} pupils") if self.pupils else NO_WORDS
        stage, subject = self.stage_title or NO_WORDS, self.exclusion or Phrase(self.type.zh, f"every {self.type.en}")
        few = Phrase(
            f"{self.type.zh}在校生{self.pupils:g}人，不足", f"a {self.type.en} of {self.pupils:g} pupils, fewer than "
        )
        why = {
            "few": few + Phrase(f"{self.fewest}人", str(self.fewest)),
            "none": Phrase(f"{stage.zh}没有在校生", f"no {stage.en} pupils"),
            "campus": Phrase(f"校区，并入{self.parent}计算", f"a campus, counted with {self.parent}") + pupils,
        }
        left_out = Phrase(f"{subject.zh}不参加指标计算", f"the indicators leave out {subject.en}") + pupils
        reason = left_out if self.exclusion else why.get(self.reason, left_out)
        return (Phrase(f"{self.name}：", f"{self.name}: ") + reason).text(lang)


def section_of(basis: Basis, row: int) -> Section:
    """Return one section."""
    sections, schools, standard = basis.sections, basis.submission.schools, basis.standard
    school, stage = int(sections.school[row]), standard.stages[sections.stage[row]]
    lacks, limits = [], {indicator: basis.limit_and_floor(indicator, row) for indicator in standard.indicators}
    for position, indicator in enumerate(standard.indicators.values()):
        (threshold, floor), standing = limits[indicator.id], Standing(int(basis.standing[position, row]))
        if threshold and standing.verdict is Verdict.NOT_MET:
            value = float(basis.values[position, row])
            lacks.append(Lack(indicator, value, threshold, floor, standing, standard.head.precision))
    return Section(
        county=basis.submission.counties[sections.county[row]],
        school=str(schools.columns["school"][school]),
        name=schools.school_name(school),
        stage=stage,
        stage_title=standard.head.stage_titles[stage],
        combined=basis.is_combined(school),
        pupils=float(sections.pupils[row]),
        verdict=Verdict.of(basis.section_verdicts[row]),
        values=dict(zip(standard.indicators, basis.values[:, row].tolist(), strict=True)),
        limits_and_floors=limits,
        lacks=tuple(lacks),
        reached=int(np.count_nonzero(basis.standing[:, row] == Standing.AT_STANDARD)),
        required=standard.section_rule.at_standard if standard.section_rule else 0,
    )


def excluded_of(basis: Basis) -> tuple[Excluded, ...]:
    """Return who is left out, in the order of county and school; last the campuses that count with others."""
    left_out, submitted, result = basis.sections.left_out, basis.submission.submitted, []
    # Reasons that always hold come first, then those of the standard.
    reasons: list[tuple[str, Title | None]] = [(reason, None) for reason in REASONS]
    reasons += [(exclusion.id, exclusion.title) for exclusion in basis.standard.head.scope.left_out]
    for n in np.argsort(left_out.school, kind="stable").tolist():
        reason, exclusion = reasons[left_out.reason[n]]
        excluded = _excluded(basis, basis.submission.schools, int(left_out.school[n]), int(left_out.stage[n]), reason)
        result.append(attrs.evolve(excluded, exclusion=exclusion))
    for campus, parent in submitted.campuses.pairs if submitted.campuses else ():
        excluded = _excluded(basis, submitted.schools, campus, -1, "campus")
        result.append(attrs.evolve(excluded, parent=str(submitted.schools.columns["school"][parent])))
    return tuple(result)


def _excluded(basis: Basis, schools: Table, school: int, position: int, reason: str) -> Excluded:
    standard = basis.standard
    stage = standard.stages[position] if position >= 0 else None
    kind = standard.measures["type"].values[schools.choices("type")[school]]
    included, pupils = standard.counted(kind.id), standard.head.scope.pupils
    stages = (stage,) if stage else standard.stages
    return Excluded(
        county=basis.submission.counties[schools.county[school]],
        school=str(schools.columns["school"][school]),
        name=schools.school_name(school),
        stage=stage,
        reason=reason,
        type=kind.title,
        stage_title=standard.head.stage_titles[stage] if stage else None,
        pupils=sum(float(np.nan_to_num(schools.numbers(pupils[stage])[school])) for stage in stages),
        fewest=(included.fewest_pupils or 0) if included else 0,
    )
