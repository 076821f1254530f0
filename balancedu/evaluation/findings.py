"""Objects for people, made from columns: items, checks, cases, sections, gaps."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from typing import Any, Literal

import attrs
import numpy as np

from balancedu import html
from balancedu.calculator.groups import Floats, Ints
from balancedu.calculator.limits import Relation
from balancedu.core.fields import Language, Source, Stage, Title
from balancedu.core.model import Condition, Indicator, Measure, Precision, Threshold, split_terms
from balancedu.core.standard import Item
from balancedu.evaluation import wording
from balancedu.evaluation.figures import limit_printed, printed
from balancedu.evaluation.results import Basis, Cases, Form, Need, Outcome
from balancedu.evaluation.verdict import Verdict
from balancedu.submission.campuses import rows_behind
from balancedu.submission.sections import REASONS
from balancedu.submission.submission import Submission
from balancedu.submission.tables import Table
from balancedu.text import place_zh


def text_of(basis: Basis, column: str, row: int) -> str:
    """Return a text of a school; empty for no school."""
    return str(basis.submission.schools.texts(column)[row]) if row >= 0 else ""


def school_name(basis: Basis, row: int) -> str:
    """Return the name of a school, or its id where it has none."""
    return text_of(basis, "name", row) or text_of(basis, "school", row)


def graded(grade: str) -> Title:
    """Return a grade in words; one that is written in words already stays as it is."""
    return Title(f"{grade}年级", f"grade {grade}") if grade.isdigit() else Title(grade or "班", grade or "class")


@attrs.frozen
class Gap:
    """Something not reported that a verdict waits for.

    Attributes
    ----------
    row : int
        Its row in the table of classes, rooms or monitoring; -1 for schools and facts, and where rows that should be
        there are not.
    place : str
        Where the empty cell stands, as `county.xlsx 班级!F10` or `classes.csv:10`; of rows that are not there, the
        file or sheet. Empty where nothing was submitted that could say.
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

    def said(self, lang: Language = "zh") -> str:
        """Return the gap in words."""
        grade = self.grade.said(lang) if self.grade else ""
        if lang == "zh":
            return f"{self.name}{grade}{self.titled(lang)}"
        return " ".join(word for word in (self.name, grade, self.titled(lang)) if word)

    def located(self, lang: Language = "zh") -> str:
        """Return the gap in words, with its place."""
        if not self.place:
            return self.said(lang)
        if lang == "en":
            return f"{self.said(lang)} ({self.place})"
        return f"{self.said(lang)}（{'、'.join(place_zh(place) for place in self.place.split(', '))}）"

    def titled(self, lang: Language = "zh") -> str:
        """Return what is missing, without the school."""
        title = self.title.said(lang) if self.title else self.column
        # Titles of parts begin with a word that only makes sense below their whole.
        return f"「{title.removeprefix('其中：')}」" if lang == "zh" else title.removeprefix("of these, ")


@attrs.frozen
class Case:
    """One school, class, section or subject that a check looked at; `place` says where it was reported."""

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
        NaN where not known; yes is 1 and no is 0. Where many cases were looked at, those of the worst one.
    cases : tuple of Case
        The cases that are not met or not known, worst first.
    worst : Case, optional
        The case that is furthest on the wrong side, or closest to it.
    total : int
        How many cases were looked at; 0 where the check is about the county as a whole.
    gaps : tuple of Gap
        What is not reported, where the verdict or one of its cases is unknown.
    indicators : tuple of str
        The indicators whose coefficients are compared; none where it is about something else.
    stage : str, optional
        The stage of these coefficients.
    """

    id: str
    title: Title
    relation: Relation | Literal["is"]
    form: Form
    verdict: Verdict
    observed: float
    required: float
    precision: Precision = attrs.field(repr=False)
    unit: Title | None = attrs.field(default=None, repr=False)
    table: str = ""
    cases: tuple[Case, ...] = ()
    worst: Case | None = None
    total: int = 0
    gaps: tuple[Gap, ...] = ()
    indicators: tuple[str, ...] = ()
    stage: Stage | None = None

    @property
    def margin(self) -> float:
        """How far observed is on the right side of required; negative on the wrong side, NaN if not known."""
        if self.relation == "is":
            return math.nan
        return self.observed - self.required if self.relation in (">=", ">") else self.required - self.observed


@attrs.frozen
class Finding:
    """What one item came to in one county.

    Attributes
    ----------
    item : Item
    county : str
    verdict : Verdict
    checks : tuple of Check
        Every comparison that the item's rules made.
    """

    item: Item = attrs.field(repr=lambda item: item.id)
    county: str
    verdict: Verdict
    checks: tuple[Check, ...] = attrs.field(repr=False)

    @property
    def decisive(self) -> Check:
        """The check that decides: a failed one before an unknown one before a met one, the closest first."""
        return min(self.checks, key=lambda check: (check.verdict, _closeness(check)))

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
        """How far the decisive check is on the right side; negative on the wrong side, NaN if not known."""
        return self.decisive.margin

    @property
    def source(self) -> Source:
        """Where the requirement stands in the law."""
        return self.item.source

    @property
    def schools(self) -> tuple[str, ...]:
        """The ids of the schools that fail."""
        failing = (case for check in self.checks for case in check.cases if case.verdict is Verdict.NOT_MET)
        return tuple(dict.fromkeys(case.school for case in failing if case.school))

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What is not reported, where the verdict or one of its cases is unknown."""
        return tuple(dict.fromkeys(gap for check in self.checks for gap in check.gaps))

    def _repr_html_(self) -> str:
        head = ("检查 check", "结果 verdict", "实际 observed", "要求 required")
        rows = [
            [one.title.zh, one.verdict.said("zh"), wording.observed(one, "zh"), wording.wanted(one, "zh")]
            for one in self.checks
        ]
        title = f"{self.item.id}  {self.item.name.zh}  {self.verdict.said('zh')} {self.verdict.said('en')}"
        return html.card(title, html.text(self.reason("zh")), html.table(rows, head))

    def reason(self, lang: Language = "zh") -> str:
        """Return the verdict and its reason as a sentence."""
        return wording.reason(self, lang)


def _closeness(check: Check) -> float:
    margin = check.margin / abs(check.required) if check.required else check.margin
    return math.inf if math.isnan(margin) else margin


@attrs.frozen
class Lack:
    """One indicator of a section that is below its standard."""

    indicator: Indicator = attrs.field(repr=lambda one: one.id)
    value: float
    standard: Threshold
    floor: Threshold | None
    standing: int
    precision: Precision = attrs.field(repr=False)

    def said(self, lang: Language = "zh") -> str:
        """Return what is lacking in words."""
        floor = self.floor if self.standing == 0 else None
        limit = floor or self.standard
        value = printed(self.value, "value", self.precision, lang, float(limit.value))
        standard = limit_printed(float(self.standard.value), "value", lang)
        unit = self.indicator.unit.said(lang)
        if lang == "zh":
            below = f"，低于底线{limit_printed(float(floor.value), 'value', lang)}" if floor else ""
            return f"{self.indicator.id} {self.indicator.name.zh} {value}{unit}（标准{standard}{below}）"
        below = f", below the floor of {limit_printed(float(floor.value), 'value', lang)}" if floor else ""
        return f"{self.indicator.id} {self.indicator.name.en} {value} {unit} (standard {standard}{below})"


@attrs.frozen
class Section:
    """One stage of one school.

    Attributes
    ----------
    values : mapping of indicator id to value
        NaN where not reported.
    lacks : tuple of Lack
        The indicators below their standard.
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
    lacks: tuple[Lack, ...]
    reached: int
    required: int

    def count_said(self, lang: Language = "zh") -> str:
        """Return in how many indicators the section reaches the standard, where that is too few."""
        if self.reached >= self.required:
            return ""
        if lang == "zh":
            return f"（{len(self.values)}项中{self.reached}项达到标准，至少应有{self.required}项）"
        return f" ({self.reached} of {len(self.values)} indicators at the standard, must be at least {self.required})"

    def said(self, lang: Language = "zh") -> str:
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
        None where the whole school is left out.
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

    def said(self, lang: Language = "zh") -> str:
        """Return who is left out, and why."""
        stage = self.stage_title.said(lang) if self.stage_title else ""
        if lang == "zh":
            why = {
                "type": f"{self.type.zh}不参加指标计算{self._with_pupils('zh')}",
                "few": f"{self.type.zh}在校生{self.pupils:g}人，不足{self.fewest}人",
                "none": f"{stage}没有在校生",
                "campus": f"校区，并入{self.parent}计算{self._with_pupils('zh')}",
            }
            out = f"{self.exclusion.zh}不参加指标计算{self._with_pupils('zh')}" if self.exclusion else ""
            return f"{self.name}：{out or why[self.reason]}"
        why = {
            "type": f"the indicators leave out every {self.type.en}{self._with_pupils('en')}",
            "few": f"a {self.type.en} of {self.pupils:g} pupils, fewer than {self.fewest}",
            "none": f"no {stage} pupils",
            "campus": f"a campus, counted with {self.parent}{self._with_pupils('en')}",
        }
        out = f"the indicators leave out {self.exclusion.en}{self._with_pupils('en')}" if self.exclusion else ""
        return f"{self.name}: {out or why[self.reason]}"

    def _with_pupils(self, lang: Language) -> str:
        if not self.pupils:
            return ""
        return f"，在校生{self.pupils:g}人" if lang == "zh" else f", {self.pupils:g} pupils"


def section_of(basis: Basis, row: int) -> Section:
    """Return one section."""
    sections, schools, standard = basis.sections, basis.submission.schools, basis.standard
    school, stage = int(sections.school[row]), standard.stages[sections.stage[row]]
    lacks = []
    for position, indicator in enumerate(standard.indicators.values()):
        threshold, standing = indicator.thresholds[stage], int(basis.standing[position, row])
        if threshold and standing in (0, 1):
            floors, value = standard.floors.get(indicator.id), float(basis.values[position, row])
            floor = floors[stage] if floors else None
            lacks.append(Lack(indicator, value, threshold, floor, standing, standard.head.precision))
    return Section(
        county=basis.submission.counties[sections.county[row]],
        school=str(schools.columns["school"][school]),
        name=str(schools.texts("name")[school]) or str(schools.columns["school"][school]),
        stage=stage,
        stage_title=standard.head.stage_titles[stage],
        combined=basis.is_combined(school),
        pupils=float(sections.pupils[row]),
        verdict=Verdict(int(basis.section_verdicts[row])),
        values=dict(zip(standard.indicators, basis.values[:, row].tolist(), strict=True)),
        lacks=tuple(lacks),
        reached=int(np.count_nonzero(basis.standing[:, row] == 2)),
        required=standard.section_rule.at_standard if standard.section_rule else 0,
    )


def excluded_of(basis: Basis, county: int | None) -> tuple[Excluded, ...]:
    """Return who is left out, in the order of county and school; last the campuses that count with others."""
    left_out, schools = basis.sections.left_out, basis.submission.schools
    found = []
    for n in np.argsort(left_out.school, kind="stable").tolist():
        school = int(left_out.school[n])
        if county is None or schools.county[school] == county:
            one = _excluded(basis, schools, school, int(left_out.stage[n]), "")
            found.append(attrs.evolve(one, **_reason(basis, int(left_out.reason[n]))))
    submitted = basis.submission.submitted
    for campus, parent in submitted.campuses.pairs if submitted.campuses else ():
        if county is None or submitted.schools.county[campus] == county:
            one = _excluded(basis, submitted.schools, campus, -1, "campus")
            found.append(attrs.evolve(one, parent=str(submitted.schools.columns["school"][parent])))
    return tuple(found)


def _reason(basis: Basis, reason: int) -> dict[str, Any]:
    """Return why somebody is left out; behind the reasons that always hold come the exclusions of the standard."""
    if reason < len(REASONS):
        return {"reason": REASONS[reason]}
    exclusion = basis.standard.head.scope.left_out[reason - len(REASONS)]
    return {"reason": exclusion.id, "exclusion": exclusion.title}


def _excluded(basis: Basis, schools: Table, school: int, position: int, reason: str) -> Excluded:
    standard = basis.standard
    stage = standard.stages[position] if position >= 0 else None
    kind = standard.measures["type"].values[schools.choices("type")[school]]
    counted, pupils = standard.counted(kind.id), standard.head.scope.pupils
    stages = (stage,) if stage else standard.stages
    return Excluded(
        county=basis.submission.counties[schools.county[school]],
        school=str(schools.columns["school"][school]),
        name=str(schools.texts("name")[school]) or str(schools.columns["school"][school]),
        stage=stage,
        reason=reason,
        type=kind.title,
        stage_title=standard.head.stage_titles[stage] if stage else None,
        pupils=sum(float(np.nan_to_num(schools.numbers(pupils[one])[school])) for one in stages),
        fewest=(counted.fewest_pupils or 0) if counted else 0,
    )


@attrs.frozen
class Missing:
    """Finds what one county does not report."""

    basis: Basis
    county: int

    @property
    def _submission(self) -> Submission:
        return self.basis.submission

    def of(self, outcome: Outcome) -> tuple[Gap, ...]:
        """Return what the unknown cases of a check wait for, whatever the check itself came to."""
        return tuple(dict.fromkeys(self._gaps(outcome)))

    def _gaps(self, outcome: Outcome) -> Iterator[Gap]:
        if outcome.cases is not None:
            for n in outcome.cases.rows_of(self.county, len(self._submission.counties)).tolist():
                if outcome.cases.verdict[n] == Verdict.UNKNOWN:
                    yield from self._case_gaps(outcome.cases, n)
            if not outcome.cases.rows_of(self.county, len(self._submission.counties)).size:
                yield from (self.gap(need.table, need.column) for need in outcome.cases.needs)
        elif outcome.stage is not None:
            yield from self._section_gaps(outcome.indicators, outcome.stage)
        else:
            yield from (
                self.gap(n.table, n.column) for n in outcome.needs if self._absent(n.table, n.column, self.county)
            )

    def _case_gaps(self, cases: Cases, n: int) -> Iterator[Gap]:
        school, stage = int(cases.school[n]), self._stage(cases, n)
        if cases.table == "sections":
            yield from self._scope_gaps(int(cases.row[n]))
        if cases.table == "sections" and np.isnan(self.basis.sections.pupils[cases.row[n]]):
            yield self.gap(
                "schools",
                self.basis.standard.head.scope.pupils[self.basis.standard.stages[cases.stage[n]]],
                school,
                stage,
            )
        waiting = (needs for codes, needs in cases.waits if codes[n] == Verdict.UNKNOWN)
        for need in itertools.chain(cases.needs, *waiting):
            measure = self._measure(need.table, need.column)
            if need.table == "schools":
                concerns = stage is None or measure.stage in (None, stage)
                if concerns and self._type_has(school, measure):
                    yield from self._resource_gaps(need.column, school, stage)
            elif need.table == "facts":
                if self._absent("facts", need.column, self.county):
                    yield self.gap("facts", need.column)
            elif self._detail_missing(cases, n, need.table, need.column):
                yield from self._detail_gaps(cases, n, need)

    def _stage(self, cases: Cases, n: int) -> Stage | None:
        position = int(cases.stage[n])
        return self.basis.standard.stages[position] if position >= 0 else None

    def _detail_missing(self, cases: Cases, n: int, table: str, column: str) -> bool:
        submitted = self._submission.tables.get(table)
        if submitted is None or (cases.table == table and cases.row[n] < 0):
            return True
        if cases.table == table:
            return self._absent(table, column, int(cases.row[n]))
        rows = np.flatnonzero(submitted.school == cases.school[n])
        reported = bool((submitted.county == self.county).any())
        return not reported or any(self._absent(table, column, int(row)) for row in rows)

    def _detail_gaps(self, cases: Cases, n: int, need: Need) -> Iterator[Gap]:
        """Return the gaps of classes, rooms or monitoring: the whole table, some of its rows, or cells."""
        submitted, title = self._submission.tables[need.table], self.basis.standard.tables[need.table].title
        school, stage = int(cases.school[n]), self._stage(cases, n)
        if cases.table != need.table:
            if not (submitted.county == self.county).any():
                yield Gap(
                    self._submission.counties[self.county],
                    need.table,
                    need.column,
                    title=title,
                    place=submitted.origin.title,
                )
            else:
                yield from self._row_gaps(need.table, need.column, school, stage)
        elif cases.row[n] >= 0:
            yield self.gap(need.table, need.column, school, stage, int(cases.row[n]))
        else:
            here = submitted.choices("stage") == cases.stage[n]
            listed = np.count_nonzero(here & (submitted.school == school))
            words = Title(f"{title.zh}表（仅列出{listed}行）", f"{title.en} (only {listed} listed)")
            yield attrs.evolve(self.gap(need.table, need.column, school, stage), title=words)

    def _row_gaps(self, table: str, column: str, school: int, stage: Stage | None) -> Iterator[Gap]:
        """Return the empty cells of a school in a table of classes or rooms; one gap where it has no row there."""
        rows = np.flatnonzero(self._submission.tables[table].school == school).tolist()
        for row in rows or [-1]:
            if row < 0 or self._absent(table, column, row):
                yield self.gap(table, column, school, stage, row)

    def _section_gaps(self, indicators: tuple[str, ...], stage: Stage) -> Iterator[Gap]:
        """Return what is missing in the sections of a stage for the values of some indicators."""
        sections, standard = self.basis.sections, self.basis.standard
        here = (sections.county == self.county) & (sections.stage == standard.stages.index(stage))
        positions = [list(standard.indicators).index(one) for one in indicators]
        for n in np.flatnonzero(here & np.isnan(self.basis.values[positions]).any(axis=0)).tolist():
            yield from self._scope_gaps(n)
            row = int(sections.school[n])
            terms = (term for one in indicators for _, term in split_terms(standard.indicators[one].terms(stage)))
            for column in (*standard.head.scope.pupils.values(), *terms):
                if self._type_has(row, standard.measures[column]):
                    yield from self._resource_gaps(column, row, stage)

    def _scope_gaps(self, section: int) -> Iterator[Gap]:
        """Return what is missing to know whether the standard leaves a section out."""
        sections = self.basis.sections
        if sections.doubtful is None or not sections.doubtful[section]:
            return
        school, stage = int(sections.school[section]), self.basis.standard.stages[sections.stage[section]]
        for exclusion in self.basis.standard.head.scope.left_out:
            yield from self._condition_gaps(exclusion.when, school, stage)

    def _condition_gaps(self, condition: Condition, school: int, stage: Stage | None) -> Iterator[Gap]:
        """Return what a school does not report of what a condition rests on."""
        for name in condition.measures:
            measure = self.basis.standard.measures[name]
            if measure.table != "schools":
                yield from self._row_gaps(measure.table, measure.column, school, stage)
            elif self._type_has(school, measure) and self._absent("schools", measure.column, school):
                yield self.gap("schools", measure.column, school, stage)

    def _resource_gaps(self, column: str, school: int, stage: Stage | None) -> Iterator[Gap]:
        """Return what is missing of an amount: itself, or what tells whether it counts."""
        absent = self._absent("schools", column, school)
        when = self._measure("schools", column).counts_when
        if when is None:
            yield from [self.gap("schools", column, school, stage)] if absent else []
        elif np.isnan(self.basis.resources.numbers(column)[school]):
            yield from self._condition_gaps(when, school, stage)
            yield from [self.gap("schools", column, school, stage)] if absent else []

    def _type_has(self, school: int, measure: Measure) -> bool:
        kind = self.basis.standard.measures["type"].values[self._submission.schools.choices("type")[school]]
        return measure.stage is None or kind.stages is None or measure.stage in kind.stages

    def _absent(self, table: str, column: str, row: int) -> bool:
        submitted: Table | None = self._submission.tables.get(table)
        if submitted is None:
            return True
        if self._measure(table, column).type == "choice":
            return bool(submitted.choices(column)[row] < 0)
        return bool(np.isnan(submitted.numbers(column)[row]))

    def _measure(self, table: str, column: str) -> Measure:
        return self.basis.standard.table_measures(table)[column]

    def gap(self, table: str, column: str, school: int = -1, stage: Stage | None = None, row: int = -1) -> Gap:
        """Return one gap, with the place of its cell."""
        measure = self._measure(table, column)
        submitted, rows = self._lacking(measure, school, row)
        of_schools = rows if table == "schools" else []
        names = [str(submitted.texts("name")[one]) or str(submitted.columns["school"][one]) for one in of_schools]
        grade = str(submitted.texts("grade")[row]) if table == "classes" and row >= 0 else ""
        places = [_place(submitted, one, column) for one in rows]
        return Gap(
            county=self._submission.counties[self.county],
            table=table,
            column=column,
            school=text_of(self.basis, "school", school),
            stage=stage,
            row=row,
            title=measure.title,
            name="、".join(names) or (school_name(self.basis, school) if school >= 0 else ""),
            grade=graded(grade) if grade else None,
            place=", ".join(filter(None, places)) or submitted.origin.title,
        )

    def _lacking(self, measure: Measure, school: int, row: int) -> tuple[Table, list[int]]:
        """Return the rows with an empty cell, and their table; of a school with campuses, those that lack it."""
        if measure.table != "schools":
            rows = [self.county] if measure.table == "facts" else [row]
            return self._submission.tables[measure.table], [one for one in rows if one >= 0]
        if school < 0:
            return self._submission.schools, []
        schools, rows = rows_behind(self._submission, measure, school)
        lacking = [one for one in rows if len(rows) > 1 and np.isnan(schools.numbers(measure.column)[one])]
        return (schools, lacking) if lacking else (self._submission.schools, [school])


def _place(table: Table, row: int, column: str) -> str:
    """Return where a cell stands; empty where a county's facts are lines of their own, and there is none for it."""
    at = int(table.rows[row])
    is_line = bool(table.origin.cells) and (at, column) not in table.origin.cells
    return "" if at < 0 or is_line else table.place(row, column)


@attrs.frozen
class Looker:
    """Makes the findings of one county."""

    basis: Basis
    county: int

    def finding(self, item: str, outcomes: tuple[Outcome, ...], verdict: Verdict) -> Finding:
        """Return what one item came to."""
        checks = tuple(self._check(outcome) for outcome in outcomes)
        return Finding(self.basis.standard.items[item], self._county_id, verdict, checks)

    @property
    def _county_id(self) -> str:
        return self.basis.submission.counties[self.county]

    def _check(self, outcome: Outcome) -> Check:
        cases = self._cases(outcome)
        worst = cases[0] if cases else None
        verdict = Verdict(int(outcome.verdict[self.county]))
        waiting = verdict is Verdict.UNKNOWN or any(case.verdict is Verdict.UNKNOWN for case in cases)
        # Coefficients that are known may decide without those that are not.
        waiting |= len(outcome.indicators) > 1 and verdict is Verdict.NOT_MET
        return Check(
            id=outcome.id,
            title=outcome.title,
            relation=outcome.relation,
            form=outcome.form,
            verdict=verdict,
            observed=self._figure(outcome.observed, worst.observed if worst else np.nan),
            required=self._figure(outcome.required, worst.required if worst else np.nan),
            precision=self.basis.standard.head.precision,
            unit=outcome.unit,
            table=outcome.cases.table if outcome.cases else "",
            cases=tuple(case for case in cases if case.verdict < Verdict.MET),
            worst=worst,
            total=self._rows(outcome.cases).size if outcome.cases else 0,
            gaps=Missing(self.basis, self.county).of(outcome) if waiting else (),
            indicators=outcome.indicators,
            stage=outcome.stage,
        )

    def _figure(self, figures: Floats, otherwise: float) -> float:
        return float(figures[self.county]) if figures.size else otherwise

    def case_of(self, outcome: Outcome, school: str) -> Case | None:
        """Return the worst case of a school in one check, met or not; None where the check does not look at it."""
        if outcome.cases is None:
            return None
        return next((case for case in self._sorted(outcome) if case.school == school), None)

    def _sorted(self, outcome: Outcome) -> Iterator[Case]:
        if outcome.cases is not None:
            yield from (self.case(outcome.cases, row) for row in self._order(outcome, outcome.cases).tolist())

    def _order(self, outcome: Outcome, cases: Cases) -> Ints:
        """Return the rows of the county's cases, the worst first."""
        rows = self._rows(cases)
        margin = cases.observed[rows] - cases.required[rows]
        if outcome.relation in ("<=", "<"):
            margin = -margin
        return rows[np.lexsort((np.nan_to_num(margin, nan=np.inf), cases.verdict[rows]))]

    def _cases(self, outcome: Outcome) -> tuple[Case, ...]:
        """Return the worst case, and after it every other one that is not met or not known."""
        cases = outcome.cases
        if cases is None:
            return ()
        order = self._order(outcome, cases)
        told = np.concatenate([order[:1], order[1:][cases.verdict[order[1:]] < Verdict.MET]])
        return tuple(self.case(cases, row) for row in told.tolist())

    def _rows(self, cases: Cases) -> Ints:
        return cases.rows_of(self.county, len(self.basis.submission.counties))

    def case(self, cases: Cases, n: int) -> Case:
        """Return one case."""
        stage = self._stage(cases, n)
        school = int(cases.school[n])
        return Case(
            name=self._name(cases, n, stage),
            school=text_of(self.basis, "school", school),
            stage=stage,
            verdict=Verdict(int(cases.verdict[n])),
            observed=float(cases.observed[n]),
            required=float(cases.required[n]),
            row=int(cases.row[n]),
            place=self._place(cases, n),
        )

    def _place(self, cases: Cases, n: int) -> str:
        table = self.basis.submission.tables.get(cases.table, self.basis.submission.schools)
        row = int(cases.row[n]) if table.id == cases.table else int(cases.school[n])
        return table.place(row) if row >= 0 else ""

    def _stage(self, cases: Cases, n: int) -> Stage | None:
        position = int(cases.stage[n])
        return self.basis.standard.stages[position] if position >= 0 else None

    def _name(self, cases: Cases, n: int, stage: Stage | None) -> Title:
        if cases.table == "monitoring":
            table, row = self.basis.submission.tables["monitoring"], int(cases.row[n])
            subject, grade = (str(table.texts(column)[row]) for column in ("subject", "grade"))
            unnamed = self.basis.standard.tables["monitoring"].row
            zh = subject + (f"（{graded(grade).zh}）" if grade else "")
            en = f"{subject} ({graded(grade).en})".strip() if grade else subject
            return Title(zh or unnamed.zh, en or unnamed.en)
        name = school_name(self.basis, int(cases.school[n]))
        titles = self.basis.standard.head.stage_titles
        zh, en = name, name
        if stage and self.basis.is_combined(int(cases.school[n])):
            zh, en = f"{name}{titles[stage].zh}部", f"{name} ({titles[stage].en})"
        if cases.table == "classes" and cases.row[n] >= 0:
            grade = str(self.basis.submission.tables["classes"].texts("grade")[cases.row[n]])
            words = graded(grade)
            zh, en = f"{name}{words.zh}", f"{name} {words.en}".strip()
        return Title(zh, en)
