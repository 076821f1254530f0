"""What was judged of one county, cut out of the record of many: as if it had been judged alone."""

from __future__ import annotations

import itertools

import attrs
import numpy as np

from balancedu.calculator.groups import Ints, Segments
from balancedu.core.standard import SECTIONS
from balancedu.evaluation.results import SITES, Basis, CaseColumns, Cases, Outcome, Record
from balancedu.submission.sections import Enrolment, LeftOut, Sections
from balancedu.submission.submission import Submission


def part_of(record: Record, county: int) -> Record:
    """Return what was judged of the county at a position."""
    submission, one = record.basis.submission, slice(county, county + 1)
    alone = submission.submitted.only(submission.counties[county]).judged
    return Record(
        _basis(record.basis, county, alone),
        {item: tuple(_outcome(entry, county, submission) for entry in of) for item, of in record.outcomes.items()},
        {item: codes[one] for item, codes in record.items.items()},
        {part: codes[one] for part, codes in record.parts.items()},
        record.verdicts[one],
    )


def _basis(basis: Basis, county: int, alone: Submission) -> Basis:
    """Return the columns of a county, given what it submitted, as it is judged."""
    schools, one = _rows(basis.submission, "schools", county), slice(county, county + 1)
    rows, by_county = basis.sections.by_county.every(len(basis.submission.counties), county)
    return attrs.evolve(
        basis,
        submission=alone,
        sections=_sections(basis.sections, rows, by_county, schools),
        resources=basis.resources.part(schools, schools.start),
        standing=basis.standing[:, rows],
        section_verdicts=basis.section_verdicts[rows],
        mean=basis.mean[one],
        sd=basis.sd[one],
        cv=basis.cv[one],
        chosen={indicator: codes[rows] for indicator, codes in basis.chosen.items()},
        strict=basis.strict and _basis(basis.strict, county, alone),
        without=None if basis.without is None else basis.without[one],
        stated=None if basis.stated is None else basis.stated[one],
    )


def _rows(submission: Submission, table: str, county: int) -> slice:
    """Return which rows of a table are those of a county."""
    start, end = submission.segments(table).starts[county : county + 2].tolist()
    return slice(start, end)


def _sections(sections: Sections, rows: Ints, by_county: Segments, schools: slice) -> Sections:
    """Return the sections of a county, given its schools, from which rows then count."""
    everyone = sections.enrolment

    def left_out() -> LeftOut:
        out = sections.left_out
        here = (out.school >= schools.start) & (out.school < schools.stop)
        return LeftOut(out.school[here] - schools.start, out.stage[here], out.reason[here])

    return Sections(
        sections.stages,
        sections.school[rows] - schools.start,
        sections.stage[rows],
        sections.pupils[rows],
        sections.shared[rows],
        tuple(slice(*bounds) for bounds in itertools.pairwise(by_county.starts.tolist())),
        by_county,
        left_out,
        Enrolment(
            everyone.kind[schools],
            {stage: here[schools] for stage, here in everyone.counts.items()},
            {stage: figures[schools] for stage, figures in everyone.pupils.items()},
            everyone.reported[schools],
            everyone.complete[schools],
        ),
        {indicator: values[rows] for indicator, values in sections.ratios.items()},
        None if sections.doubtful is None else sections.doubtful[rows],
    )


def _outcome(outcome: Outcome, county: int, submission: Submission) -> Outcome:
    """Return a check of a county; the submission is that of all counties as it is judged."""
    one = slice(county, county + 1)
    return Outcome(
        outcome.id,
        outcome.title,
        outcome.relation,
        outcome.form,
        outcome.verdict[one],
        outcome.observed[one],
        outcome.required[one],
        outcome.unit,
        outcome.needs,
        outcome.cases and _cases(outcome.cases, county, submission),
        outcome.indicators,
        outcome.stage,
        None if outcome.without is None else outcome.without[one],
        outcome.rule,
    )


def _cases(cases: Cases, county: int, submission: Submission) -> Cases:
    """Return the cases of a county, whose rows and schools count from its own first ones."""
    rows, by_county = cases.by_county.every(len(submission.counties), county)

    def columns(some: Ints) -> CaseColumns:
        made, first_school = cases.make(rows[some]), _rows(submission, "schools", county).start
        if cases.table == SECTIONS:
            row = some
        elif cases.table == SITES:
            row = made.row - _rows(submission.submitted, "schools", county).start
        else:
            row = np.where(made.row < 0, -1, made.row - _rows(submission, cases.table, county).start)
        school = np.where(made.school < 0, -1, made.school - first_school)
        return made._replace(row=row, school=school, county=np.zeros_like(made.county))

    return Cases(
        cases.table,
        cases.verdict[rows],
        cases.needs,
        by_county,
        columns,
        tuple((codes[rows], needs) for codes, needs in cases.waits),
    )
