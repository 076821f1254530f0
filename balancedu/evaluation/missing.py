"""Which cells one county does not report, for each verdict that waits for them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import attrs
import numpy as np

from balancedu.calculator.verdicts import UNKNOWN
from balancedu.core.fields import Stage, Title
from balancedu.core.model import Condition, Measure, split_terms
from balancedu.evaluation.findings import Gap, graded
from balancedu.evaluation.results import SITES, Basis, Cases, Need, Outcome, name_of_site
from balancedu.submission.stages import has_stage
from balancedu.submission.submission import Submission
from balancedu.submission.tables import Table


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
                if outcome.cases.verdict[n] == UNKNOWN:
                    yield from self._case_gaps(outcome.cases, n)
            if not outcome.cases.rows_of(self.county, len(self._submission.counties)).size:
                yield from (self.gap(need.table, need.column) for need in outcome.cases.needs)
        elif outcome.stage is not None:
            yield from self._section_gaps(outcome.indicators, outcome.stage)
        else:
            for need in outcome.needs:
                yield from self._county_gaps(need.table, need.column)

    def _county_gaps(self, table: str, column: str) -> Iterator[Gap]:
        """Return the empty cells of a column in all rows of the county; one gap where it has no row."""
        if table == "facts":
            yield from [self.gap("facts", column)] if self._absent("facts", column, self.county) else []
            return
        submitted, measure = self._submission.tables[table], self._measure(table, column)
        rows = np.flatnonzero(submitted.county == self.county).tolist()
        for row in rows:
            school = row if table == "schools" else int(submitted.school[row])
            if self._type_has(school, measure) and self._absent(table, column, row):
                yield self.gap(table, column, school, row=-1 if table == "schools" else row)
        yield from [] if rows else [self.gap(table, column)]

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
        waiting = (needs for codes, needs in cases.waits if codes[n] == UNKNOWN)
        for need in itertools.chain(cases.needs, *waiting):
            measure = self._measure(need.table, need.column)
            if need.table == "schools" and cases.table == SITES:
                yield from self._site_gaps(measure, school, int(cases.row[n]))
            elif need.table == "schools":
                concerns = stage is None or measure.stage in (None, stage)
                if concerns and self._type_has(school, measure):
                    yield from self._resource_gaps(need.column, school, stage)
            elif need.table == "facts":
                # A standard for pupils of a stage is for the schools that have it.
                if self._case_has(cases, n, measure) and self._absent("facts", need.column, self.county):
                    yield self.gap("facts", need.column)
            elif self._detail_missing(cases, n, need.table, need.column):
                yield from self._detail_gaps(cases, n, need)

    def _site_gaps(self, measure: Measure, school: int, row: int) -> Iterator[Gap]:
        """Return what a school or campus does not report of itself."""
        sites = self._submission.submitted.schools
        if self._site_has(row, measure) and np.isnan(sites.numbers(measure.column)[row]):
            gap = self.gap("schools", measure.column, school)
            name = name_of_site(self._submission, row)
            yield attrs.evolve(gap, name=name, place=_place(sites, row, measure.column) or sites.origin.title)

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
        if not here.any():
            yield self.gap("schools", standard.head.scope.pupils[stage])
        positions = [list(standard.indicators).index(indicator) for indicator in indicators]
        for n in np.flatnonzero(here & np.isnan(self.basis.values[positions]).any(axis=0)).tolist():
            yield from self._scope_gaps(n)
            row = int(sections.school[n])
            terms = (
                term for indicator in indicators for _, term in split_terms(standard.indicators[indicator].terms(stage))
            )
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
            if measure.table == "facts":
                yield from self._county_gaps("facts", measure.column)
            elif measure.table != "schools":
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

    def _case_has(self, cases: Cases, n: int, measure: Measure) -> bool:
        if cases.table == SITES:
            return self._site_has(int(cases.row[n]), measure)
        return cases.school[n] < 0 or self._type_has(int(cases.school[n]), measure)

    def _site_has(self, row: int, measure: Measure) -> bool:
        sites, standard = self._submission.submitted.schools, self.basis.standard
        return measure.stage is None or bool(has_stage(sites, standard, measure.stage, [row])[0])

    def _type_has(self, school: int, measure: Measure) -> bool:
        return measure.stage is None or self.basis.has_stage(school, measure.stage)

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
        names = [
            str(submitted.texts("name")[of_school]) or str(submitted.columns["school"][of_school])
            for of_school in of_schools
        ]
        grade = str(submitted.texts("grade")[row]) if table == "classes" and row >= 0 else ""
        places = [_place(submitted, entry, column) for entry in rows]
        return Gap(
            county=self._submission.counties[self.county],
            table=table,
            column=column,
            school=self.basis.school_id(school),
            stage=stage,
            row=row,
            title=measure.title,
            name="、".join(names) or (self.basis.school_name(school) if school >= 0 else ""),
            grade=graded(grade) if grade else None,
            place=", ".join(filter(None, places)) or submitted.origin.title,
        )

    def _lacking(self, measure: Measure, school: int, row: int) -> tuple[Table, list[int]]:
        """Return the rows with an empty cell, and their table; of a school with campuses, those that lack it."""
        if measure.table != "schools":
            rows = [self.county] if measure.table == "facts" else [row]
            return self._submission.tables[measure.table], [entry for entry in rows if entry >= 0]
        if school < 0:
            return self._submission.schools, []
        schools, rows = self._submission.rows_behind(measure, school)
        lacking = [entry for entry in rows if len(rows) > 1 and np.isnan(schools.numbers(measure.column)[entry])]
        return (schools, lacking) if lacking else (self._submission.schools, [school])


def _place(table: Table, row: int, column: str) -> str:
    """Return where a cell is; empty where a county's facts are lines of their own, and there is none for it."""
    at = int(table.rows[row])
    is_line = bool(table.origin.cells) and (at, column) not in table.origin.cells
    return "" if at < 0 or is_line else table.place(row, column)
