"""The findings of one county, from the columns of all, and the missing values of its verdicts."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import attrs
import numpy as np

from balancedu.calculator.groups import Floats, Ints
from balancedu.calculator.verdicts import MET, UNKNOWN
from balancedu.core.fields import Stage, Title
from balancedu.core.model import Condition, Measure, split_terms
from balancedu.core.standard import SECTIONS
from balancedu.evaluation.findings import Case, Check, Finding, Gap, grade_title
from balancedu.evaluation.results import SITES, Basis, Cases, Outcome, Record, Verdict
from balancedu.submission.schools import has_stage
from balancedu.submission.submission import Submission
from balancedu.submission.tables import Table


def findings_of(record: Record, county: int) -> dict[str, Finding]:
    """Return the finding of every item in one county."""
    findings = CountyFindings(record.basis, county)
    return {
        item: findings.finding(item, outcomes, Verdict.of(record.items[item][county]))
        for item, outcomes in record.outcomes.items()
    }


@attrs.frozen
class CountyFindings:
    """Creates the findings of one county, given its position."""

    basis: Basis
    county: int

    @property
    def _submission(self) -> Submission:
        return self.basis.submission

    def finding(self, item: str, outcomes: tuple[Outcome, ...], verdict: Verdict) -> Finding:
        """Return the finding of one item."""
        checks = tuple(map(self._check, outcomes))
        return Finding(self.basis.standard.items[item], self._submission.counties[self.county], verdict, checks)

    def _check(self, outcome: Outcome) -> Check:
        cases = self._cases(outcome)
        worst = cases[0] if cases else None
        verdict = Verdict.of(outcome.verdict[self.county])
        waiting = verdict is Verdict.UNKNOWN or any(case.verdict is Verdict.UNKNOWN for case in cases)
        # Coefficients that are known may decide without those that are not.
        waiting |= len(outcome.indicators) > 1 and verdict is Verdict.NOT_MET
        return Check(
            id=outcome.id,
            title=outcome.title,
            relation=outcome.relation,
            display=outcome.display,
            verdict=verdict,
            observed=self._figure(outcome.observed, worst.observed if worst else np.nan),
            required=self._figure(outcome.required, worst.required if worst else np.nan),
            precision=self.basis.standard.head.precision,
            unit=outcome.unit,
            multiple=outcome.rule.multiple(self.basis.standard.words) if outcome.rule else None,
            table=outcome.cases.table if outcome.cases else "",
            cases=tuple(case for case in cases if case.verdict.code < MET),
            worst=worst,
            total=self._rows(outcome.cases).size if outcome.cases else 0,
            gaps=self.gaps(outcome) if waiting else (),
            indicators=outcome.indicators,
            stage=outcome.stage,
            rule=outcome.rule,
        )

    def _figure(self, figures: Floats, otherwise: float) -> float:
        return float(figures[self.county]) if figures.size else otherwise

    # Cases

    def _rows(self, cases: Cases) -> Ints:
        return cases.rows_of(self.county, len(self._submission.counties))

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
        result = np.concatenate([order[:1], order[1:][cases.verdict[order[1:]] < MET]])
        return tuple(self.case(cases, row) for row in result.tolist())

    def case_of(self, outcome: Outcome, school: str) -> Case | None:
        """Return the worst case of a school in one check, met or not; None if the check does not look at it."""
        cases = outcome.cases
        every = (self.case(cases, row) for row in self._order(outcome, cases).tolist()) if cases else ()
        return next((case for case in every if case.school == school), None)

    def case(self, cases: Cases, n: int) -> Case:
        """Return one case."""
        stage, school, row = self._stage(cases, n), int(cases.school[n]), int(cases.row[n])
        return Case(
            name=self._name(cases.table, school, row, stage),
            school=self.basis.school_id(school),
            stage=stage,
            verdict=Verdict.of(cases.verdict[n]),
            observed=float(cases.observed[n]),
            required=float(cases.required[n]),
            row=row,
            place=self._place_of(cases.table, school, row),
        )

    def _place_of(self, table: str, school: int, row: int) -> str:
        if table == SITES:
            return self._submission.submitted.schools.place(row)
        # Cases of sections are places in the schools table; the table `sections` contains what was reported of them.
        at = school if table == SECTIONS else row
        return self._submission.tables["schools" if table == SECTIONS else table].place(at) if at >= 0 else ""

    def _stage(self, cases: Cases, n: int) -> Stage | None:
        position = int(cases.stage[n])
        return self.basis.standard.stages[position] if position >= 0 else None

    def _name(self, table: str, school: int, row: int, stage: Stage | None) -> Title:
        if table == SITES:
            name = self._submission.submitted.schools.school_name(row)
            return Title(name, name)
        has_grade = table in ("monitoring", "classes") and row >= 0
        grade = str(self._submission.tables[table].texts("grade")[row]) if has_grade else ""
        words = grade_title(grade)
        if table == "monitoring":
            subject = str(self._submission.tables[table].texts("subject")[row])
            unnamed = self.basis.standard.tables[table].row
            zh, en = (f"{subject}（{words.zh}）", f"{subject} ({words.en})".strip()) if grade else (subject, subject)
            return Title(zh or unnamed.zh, en or unnamed.en)
        name = self.basis.school_name(school)
        if has_grade:
            return Title(f"{name}{words.zh}", f"{name} {words.en}".strip())
        if stage and self.basis.is_combined(school):
            title = self.basis.standard.head.stage_titles[stage]
            return Title(f"{name}{title.zh}部", f"{name} ({title.en})")
        return Title(name, name)

    # Gaps

    def gaps(self, outcome: Outcome) -> tuple[Gap, ...]:
        """Return the missing values of the unknown cases of a check, for every verdict of the check itself."""
        return tuple(dict.fromkeys(self._gaps(outcome)))

    def _gaps(self, outcome: Outcome) -> Iterator[Gap]:
        if outcome.cases is not None:
            rows = self._rows(outcome.cases)
            for n in rows[outcome.cases.verdict[rows] == UNKNOWN].tolist():
                yield from self._case_gaps(outcome.cases, n)
            yield from () if rows.size else (self.gap(need.table, need.column) for need in outcome.cases.needs)
        elif outcome.stage is not None:
            yield from self._section_gaps(outcome.indicators, outcome.stage)
        else:
            for need in outcome.needs:
                yield from self._empty(need.table, need.column)

    def _case_gaps(self, cases: Cases, n: int) -> Iterator[Gap]:
        school, row, stage = int(cases.school[n]), int(cases.row[n]), self._stage(cases, n)
        if cases.table == SECTIONS:
            yield from self._scope_gaps(row)
            if stage and np.isnan(self.basis.sections.pupils[row]):
                yield self.gap("schools", self.basis.standard.head.scope.pupils[stage], school, stage)
        waiting = (needs for codes, needs in cases.waits if codes[n] == UNKNOWN)
        for table, column, _ in itertools.chain(cases.needs, *waiting):
            measure = self._measure(table, column)
            if table == "schools" and cases.table == SITES:
                yield from self._site_gaps(measure, school, row)
            elif table == "schools":
                if stage is None or measure.stage in (None, stage):
                    yield from self._amount_gaps(column, school, stage)
            elif table == "facts":
                # A standard for pupils of a stage is for the schools that have it.
                site = row if cases.table == SITES else -1
                yield from self._empty(table, column) if self._has_stage(school, measure, site) else ()
            elif cases.table != table:
                yield from self._detail_gaps(table, column, school, stage)
            elif row < 0:
                yield self._unlisted(table, column, school, int(cases.stage[n]))
            elif self._is_empty(table, column, row):
                yield self.gap(table, column, school, stage, row)

    def _empty(self, table: str, column: str, school: int = -1, stage: Stage | None = None) -> Iterator[Gap]:
        """Yield the empty cells of a column in the rows of a school, or of the county; one gap if it has no row."""
        submitted, measure = self._submission.tables[table], self._measure(table, column)
        if table == "schools" and school >= 0:
            rows = [school]
        elif table == "facts":
            rows = [self.county]
        else:
            rows = np.flatnonzero(
                submitted.county == self.county if school < 0 else submitted.school == school
            ).tolist()
        has_schools = submitted.school.size > 0
        for row in rows:
            row_of_school = row if table == "schools" else int(submitted.school[row]) if has_schools else -1
            if self._has_stage(row_of_school, measure) and self._is_empty(table, column, row):
                yield self.gap(table, column, row_of_school, stage, row if has_schools else -1)
        yield from () if rows else (self.gap(table, column, school, stage),)

    def _site_gaps(self, measure: Measure, school: int, row: int) -> Iterator[Gap]:
        """Yield what a school or campus does not report of itself."""
        sites = self._submission.submitted.schools
        if self._has_stage(school, measure, row) and np.isnan(sites.numbers(measure.column)[row]):
            place = _place(sites, row, measure.column) or sites.origin.title
            name = self._submission.submitted.schools.school_name(row)
            yield attrs.evolve(self.gap("schools", measure.column, school), name=name, place=place)

    def _detail_gaps(self, table: str, column: str, school: int, stage: Stage | None) -> Iterator[Gap]:
        """Yield what a school does not report of its classes or rooms; the table where the county reports none."""
        submitted = self._submission.tables[table]
        if not (submitted.county == self.county).any():
            title, county = self.basis.standard.tables[table].title, self._submission.counties[self.county]
            yield Gap(county, table, column, title=title, place=submitted.origin.title)
        elif (submitted.school == school).any():
            yield from self._empty(table, column, school, stage)

    def _unlisted(self, table: str, column: str, school: int, stage: int) -> Gap:
        """Return that a school does not list all of its classes of a stage."""
        submitted, title = self._submission.tables[table], self.basis.standard.tables[table].title
        count = np.count_nonzero((submitted.choices("stage") == stage) & (submitted.school == school))
        words = Title(f"{title.zh}表（仅列出{count}行）", f"{title.en} (only {count} listed)")
        return attrs.evolve(self.gap(table, column, school, self.basis.standard.stages[stage]), title=words)

    def _section_gaps(self, indicators: tuple[str, ...], stage: Stage) -> Iterator[Gap]:
        """Yield what is missing in the sections of a stage for the values of some indicators."""
        sections, standard = self.basis.sections, self.basis.standard
        of_county = (sections.county == self.county) & (sections.stage == standard.stages.index(stage))
        if not of_county.any():
            yield self.gap("schools", standard.head.scope.pupils[stage])
        positions = [list(standard.indicators).index(indicator) for indicator in indicators]
        terms = [name for id_ in indicators for _, name in split_terms(standard.indicators[id_].terms(stage))]
        for n in np.flatnonzero(of_county & np.isnan(self.basis.values[positions]).any(axis=0)).tolist():
            yield from self._scope_gaps(n)
            for column in (*standard.head.scope.pupils.values(), *terms):
                yield from self._amount_gaps(column, int(sections.school[n]), stage)

    def _scope_gaps(self, section: int) -> Iterator[Gap]:
        """Yield what is missing to know whether the standard leaves a section out."""
        sections, standard = self.basis.sections, self.basis.standard
        if sections.doubtful is not None and sections.doubtful[section]:
            for exclusion in standard.head.scope.left_out:
                stage = standard.stages[sections.stage[section]]
                yield from self._condition_gaps(exclusion.when, int(sections.school[section]), stage)

    def _condition_gaps(self, condition: Condition, school: int, stage: Stage | None) -> Iterator[Gap]:
        """Yield what a school does not report of what a condition rests on."""
        for measure in (self.basis.standard.measures[name] for name in condition.measures):
            of_whom = () if measure.table == "facts" else (school, stage)
            yield from self._empty(measure.table, measure.column, *of_whom)

    def _amount_gaps(self, column: str, school: int, stage: Stage | None) -> Iterator[Gap]:
        """Yield the missing values of an amount of a school: itself, or those that decide whether it counts."""
        measure = self._measure("schools", column)
        when, known = measure.counts_when, not np.isnan(self.basis.resources.numbers(column)[school])
        if not (when and known) and self._has_stage(school, measure):
            yield from self._condition_gaps(when, school, stage) if when else ()
            yield from self._empty("schools", column, school, stage)

    def _has_stage(self, school: int, measure: Measure, site: int = -1) -> bool:
        """Return whether a school, or one of its sites, has the stage that a measure is about; a county has all."""
        if measure.stage is None or (school < 0 and site < 0):
            return True
        if site < 0:
            return self.basis.has_stage(school, measure.stage)
        sites = self._submission.submitted.schools
        return bool(has_stage(sites, self.basis.standard, measure.stage, [site])[0])

    def _is_empty(self, table: str, column: str, row: int) -> bool:
        submitted = self._submission.tables[table]
        if self._measure(table, column).type == "choice":
            return bool(submitted.choices(column)[row] < 0)
        return bool(np.isnan(submitted.numbers(column)[row]))

    def _measure(self, table: str, column: str) -> Measure:
        return self.basis.standard.table_measures(table)[column]

    def gap(self, table: str, column: str, school: int = -1, stage: Stage | None = None, row: int = -1) -> Gap:
        """Return one gap, with the place of its cell."""
        measure = self._measure(table, column)
        submitted, rows = self._lacking(measure, school, row)
        names = [submitted.school_name(row) for row in rows] if table == "schools" else []
        grade = str(submitted.texts("grade")[row]) if table == "classes" and row >= 0 else ""
        places = [_place(submitted, row, column) for row in rows]
        return Gap(
            county=self._submission.counties[self.county],
            table=table,
            column=column,
            school=self.basis.school_id(school),
            stage=stage,
            row=row,
            title=measure.title,
            name="、".join(names) or (self.basis.school_name(school) if school >= 0 else ""),
            grade=grade_title(grade) if grade else None,
            place=", ".join(filter(None, places)) or submitted.origin.title,
        )

    def _lacking(self, measure: Measure, school: int, row: int) -> tuple[Table, list[int]]:
        """Return the rows with an empty cell, and their table; for a school with campuses, those without the value."""
        if measure.table != "schools":
            at = self.county if measure.table == "facts" else row
            return self._submission.tables[measure.table], [at] if at >= 0 else []
        if school < 0:
            return self._submission.schools, []
        schools, rows = self._submission.rows_behind(measure, school)
        lacking = [row for row in rows if len(rows) > 1 and np.isnan(schools.numbers(measure.column)[row])]
        return (schools, lacking) if lacking else (self._submission.schools, [school])


def _place(table: Table, row: int, column: str) -> str:
    """Return where a cell is; empty if a county's facts are lines of their own, and there is none for it."""
    at = int(table.rows[row])
    is_line = bool(table.origin.cells) and (at, column) not in table.origin.cells
    return "" if at < 0 or is_line else table.place(row, column)
