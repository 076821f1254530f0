"""The findings of one county, made from the columns of all."""

from __future__ import annotations

from collections.abc import Iterator

import attrs
import numpy as np

from balancedu.calculator.groups import Floats, Ints
from balancedu.calculator.verdicts import MET
from balancedu.core.fields import Stage, Title
from balancedu.core.standard import SECTIONS
from balancedu.evaluation.findings import Case, Check, Finding, graded
from balancedu.evaluation.missing import Missing
from balancedu.evaluation.results import SITES, Basis, Cases, Outcome, name_of_site
from balancedu.evaluation.verdict import Verdict


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
