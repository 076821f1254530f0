"""The findings of one county, made from the columns of all."""

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
from balancedu.evaluation.findings import Case, Check, Finding, Gap, graded
from balancedu.evaluation.results import SITES, Basis, Cases, Need, Outcome, Record, Verdict, name_of_site
from balancedu.submission.stages import has_stage
from balancedu.submission.submission import Submission
from balancedu.submission.tables import Table


def findings_of(record: Record, county: int) -> dict[str, Finding]:
    """Return what every item came to in one county."""
    findings = CountyFindings(record.basis, county)
    return {
        item: findings.finding(item, outcomes, Verdict.of(record.items[item][county]))
        for item, outcomes in record.outcomes.items()
    }


@attrs.frozen
class CountyFindings:
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
        verdict = Verdict.of(outcome.verdict[self.county])
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
            multiple=outcome.rule.multiple(self.basis.standard.words) if outcome.rule else None,
            table=outcome.cases.table if outcome.cases else "",
            cases=tuple(case for case in cases if case.verdict.code < MET),
            worst=worst,
            total=self._rows(outcome.cases).size if outcome.cases else 0,
            gaps=Missing(self.basis, self.county).of(outcome) if waiting else (),
            indicators=outcome.indicators,
            stage=outcome.stage,
            rule=outcome.rule,
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
        result = np.concatenate([order[:1], order[1:][cases.verdict[order[1:]] < MET]])
        return tuple(self.case(cases, row) for row in result.tolist())

    def _rows(self, cases: Cases) -> Ints:
        return cases.rows_of(self.county, len(self.basis.submission.counties))

    def case(self, cases: Cases, n: int) -> Case:
        """Return one case."""
        stage = self._stage(cases, n)
        school = int(cases.school[n])
        return Case(
            name=self._name(cases, n, stage),
            school=self.basis.school_id(school),
            stage=stage,
            verdict=Verdict.of(cases.verdict[n]),
            observed=float(cases.observed[n]),
            required=float(cases.required[n]),
            row=int(cases.row[n]),
            place=self._place(cases, n),
        )

    def _place(self, cases: Cases, n: int) -> str:
        if cases.table == SITES:
            return self.basis.submission.submitted.schools.place(int(cases.row[n]))
        # Cases of sections are places in the schools table; the table `sections` is what was reported of them.
        name = "schools" if cases.table == SECTIONS else cases.table
        table = self.basis.submission.tables[name]
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
        if cases.table == SITES:
            name = name_of_site(self.basis.submission, int(cases.row[n]))
            return Title(name, name)
        name = self.basis.school_name(int(cases.school[n]))
        titles = self.basis.standard.head.stage_titles
        zh, en = name, name
        if stage and self.basis.is_combined(int(cases.school[n])):
            zh, en = f"{name}{titles[stage].zh}部", f"{name} ({titles[stage].en})"
        if cases.table == "classes" and cases.row[n] >= 0:
            grade = str(self.basis.submission.tables["classes"].texts("grade")[cases.row[n]])
            words = graded(grade)
            zh, en = f"{name}{words.zh}", f"{name} {words.en}".strip()
        return Title(zh, en)


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
