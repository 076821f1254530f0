"""Objects made from columns when a person looks at one county."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import attrs
import numpy as np

from balancedu.calculator.groups import Floats, Ints
from balancedu.core.condition import Condition
from balancedu.core.model import Measure, Stage, Title, split_terms
from balancedu.evaluation.finding import Case, Check, Finding, Gap
from balancedu.evaluation.outcome import Basis, Cases, Need, Outcome
from balancedu.evaluation.verdict import Verdict
from balancedu.submission.campuses import rows_behind
from balancedu.submission.table import Table


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
            gaps=self.missing(outcome) if waiting else (),
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
            school=self._text("school", school),
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
            zh = subject + (f"（{_graded(grade).zh}）" if grade else "")
            en = f"{subject} ({_graded(grade).en})".strip() if grade else subject
            return Title(zh or unnamed.zh, en or unnamed.en)
        name = self.school_name(int(cases.school[n]))
        titles = self.basis.standard.head.stage_titles
        zh, en = name, name
        if stage and self.basis.is_combined(int(cases.school[n])):
            zh, en = f"{name}{titles[stage].zh}部", f"{name} ({titles[stage].en})"
        if cases.table == "classes" and cases.row[n] >= 0:
            grade = str(self.basis.submission.tables["classes"].texts("grade")[cases.row[n]])
            graded = _graded(grade)
            zh, en = f"{name}{graded.zh}", f"{name} {graded.en}".strip()
        return Title(zh, en)

    def school_name(self, row: int) -> str:
        """Return the name of a school, or its id where it has none."""
        return self._text("name", row) or self._text("school", row)

    def _text(self, column: str, row: int) -> str:
        return str(self.basis.submission.schools.texts(column)[row]) if row >= 0 else ""

    def missing(self, outcome: Outcome) -> tuple[Gap, ...]:
        """Return what the unknown cases of a check wait for, whatever the check itself came to."""
        return tuple(dict.fromkeys(self._gaps(outcome)))

    def _gaps(self, outcome: Outcome) -> Iterator[Gap]:
        if outcome.cases is not None:
            for n in self._rows(outcome.cases).tolist():
                if outcome.cases.verdict[n] == Verdict.UNKNOWN:
                    yield from self._case_gaps(outcome.cases, n)
            if not self._rows(outcome.cases).size:
                yield from (self._gap(need.table, need.column) for need in outcome.cases.needs)
        elif outcome.stage is not None:
            yield from self._section_gaps(outcome.indicators, outcome.stage)
        else:
            yield from (
                self._gap(n.table, n.column) for n in outcome.needs if self._absent(n.table, n.column, self.county)
            )

    def _case_gaps(self, cases: Cases, n: int) -> Iterator[Gap]:
        school, stage = int(cases.school[n]), self._stage(cases, n)
        if cases.table == "sections":
            yield from self._scope_gaps(int(cases.row[n]))
        if cases.table == "sections" and np.isnan(self.basis.sections.pupils[cases.row[n]]):
            yield self._gap(
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
                    yield self._gap("facts", need.column)
            elif self._detail_missing(cases, n, need.table, need.column):
                yield self._detail_gap(cases, n, need)

    def _detail_missing(self, cases: Cases, n: int, table: str, column: str) -> bool:
        submitted = self.basis.submission.tables.get(table)
        if submitted is None or (cases.table == table and cases.row[n] < 0):
            return True
        if cases.table == table:
            return self._absent(table, column, int(cases.row[n]))
        rows = np.flatnonzero(submitted.school == cases.school[n])
        reported = bool((submitted.county == self.county).any())
        return not reported or any(self._absent(table, column, int(row)) for row in rows)

    def _detail_gap(self, cases: Cases, n: int, need: Need) -> Gap:
        """Return a gap of classes, rooms or monitoring: the whole table, some of its rows, or a cell."""
        submitted, title = self.basis.submission.tables[need.table], self.basis.standard.tables[need.table].title
        school, stage = int(cases.school[n]), self._stage(cases, n)
        if cases.table != need.table and not (submitted.county == self.county).any():
            return Gap(self._county_id, need.table, need.column, title=title)
        gap = self._gap(need.table, need.column, school, stage)
        if cases.table != need.table or cases.row[n] >= 0:
            return gap
        here = submitted.choices("stage") == cases.stage[n]
        listed = np.count_nonzero(here & (submitted.school == school))
        words = Title(f"{title.zh}表（仅列出{listed}行）", f"{title.en} (only {listed} listed)")
        return attrs.evolve(gap, title=words)

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
            if measure.table == "schools":
                missing = self._type_has(school, measure) and self._absent("schools", measure.column, school)
            else:
                rows = np.flatnonzero(self.basis.submission.tables[measure.table].school == school).tolist()
                missing = not rows or any(self._absent(measure.table, measure.column, row) for row in rows)
            if missing:
                yield self._gap(measure.table, measure.column, school, stage)

    def _resource_gaps(self, column: str, school: int, stage: Stage | None) -> Iterator[Gap]:
        """Return what is missing of an amount: itself, or what tells whether it counts."""
        absent = self._absent("schools", column, school)
        when = self._measure("schools", column).counts_when
        if when is None:
            yield from [self._gap("schools", column, school, stage)] if absent else []
        elif np.isnan(self.basis.resources.numbers(column)[school]):
            yield from self._condition_gaps(when, school, stage)
            yield from [self._gap("schools", column, school, stage)] if absent else []

    def _type_has(self, school: int, measure: Measure) -> bool:
        kind = self.basis.standard.measures["type"].values[self.basis.submission.schools.choices("type")[school]]
        return measure.stage is None or kind.stages is None or measure.stage in kind.stages

    def _absent(self, table: str, column: str, row: int) -> bool:
        submitted: Table | None = self.basis.submission.tables.get(table)
        if submitted is None:
            return True
        if self._measure(table, column).type == "choice":
            return bool(submitted.choices(column)[row] < 0)
        return bool(np.isnan(submitted.numbers(column)[row]))

    def _measure(self, table: str, column: str) -> Measure:
        return self.basis.standard.table_measures(table)[column]

    def _gap(self, table: str, column: str, school: int = -1, stage: Stage | None = None) -> Gap:
        measure = self._measure(table, column)
        name = self._lacking(measure, school) if school >= 0 else ""
        return Gap(self._county_id, table, column, self._text("school", school), stage, measure.title, name)

    def _lacking(self, measure: Measure, school: int) -> str:
        """Return the name of a school; of one with campuses, of those that do not report the measure."""
        if measure.table != "schools":
            return self.school_name(school)
        schools, rows = rows_behind(self.basis.submission, measure, school)
        lacking = [row for row in rows if len(rows) > 1 and np.isnan(schools.numbers(measure.column)[row])]
        named = [str(schools.texts("name")[row]) or str(schools.columns["school"][row]) for row in lacking]
        return "、".join(named) or self.school_name(school)


def _graded(grade: str) -> Title:
    """Return a grade in words; one that is written in words already stays as it is."""
    return Title(f"{grade}年级", f"grade {grade}") if grade.isdigit() else Title(grade or "班", grade or "class")
