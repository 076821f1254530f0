"""The columns that judging gives over all counties."""

from __future__ import annotations

import enum
import itertools
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Literal, NamedTuple, NoReturn, SupportsInt

import attrs
import numpy as np
from numpy.typing import NDArray

from balancedu.calculator import verdicts as logic
from balancedu.calculator.groups import Bools, Floats, Ints, Segments
from balancedu.calculator.limits import Relation
from balancedu.calculator.verdicts import NOT_APPLICABLE, UNKNOWN, Codes
from balancedu.core.fields import Language, Stage, Title
from balancedu.core.model import Threshold
from balancedu.core.rules import Rule
from balancedu.core.standard import SECTIONS, Standard
from balancedu.submission.schools import among, has_stage, with_attached
from balancedu.submission.sections import Enrolment, Sections
from balancedu.submission.submission import Submission
from balancedu.submission.tables import Table

Display = Literal["coefficient", "percent", "value", "other", "yes_no", "level", "day"]
"""How a figure is printed; the standard's precision defines the number of decimals."""


@attrs.frozen(eq=False)
class Basis:
    """Everything that rules judge, for all counties at once.

    Attributes
    ----------
    resources : Table
        The schools with the amounts that count: what only relief counts is 0 where it does not, and NaN if it is
        not known whether it does.
    standing : (indicators, sections) int8 array
        2 meets the standard, 1 reaches the floor, 0 below it, -1 unknown, or none is set.
    section_verdicts : (sections,) int8 array
        NOT_APPLICABLE where no rule judges single sections.
    mean, sd, cv : (counties, stages, indicators) float arrays
        Once the coefficients are judged, those that were: with the amounts that only relief counts or without them.
    make_values : callable
        Computes the values of the sections of a basis.
    chosen : mapping of indicator to (sections,) int8 array
        For indicators with other standards for some schools: the position of each section's standard in
        `Indicator.thresholds_by_condition`, the easiest of those that may be its standard.
    without_relief : Basis, optional
        The same without the amounts that only relief counts; None if there are none.
    judged_without : (counties, stages, indicators) bool array, optional
        Which of mean, sd and cv are those of `without_relief`, because they count better; None if there is no choice.
    stated : (counties, stages, indicators) bool array, optional
        Which of mean, sd and cv are those that were reported, because the sections do not give them.
    """

    standard: Standard
    submission: Submission
    sections: Sections
    resources: Table
    standing: Codes
    section_verdicts: Codes
    mean: Floats
    sd: Floats
    cv: Floats
    make_values: Callable[[Basis], Floats]
    chosen: Mapping[str, NDArray[np.int8]] = attrs.field(factory=dict)
    without_relief: Basis | None = None
    judged_without: Bools | None = None
    stated: Bools | None = None

    @cached_property
    def values(self) -> Floats:
        """The figures per pupil, (indicators, sections) floats: `Evaluation.values` turned; NaN if not reported."""
        return self.make_values(self)

    @property
    def pupils(self) -> Mapping[Stage, Floats]:
        """Pupils of every school at each judged stage, (schools,) float arrays: 0 where its type lacks the stage."""
        return self.sections.enrolment.pupils

    def limit_and_floor(self, indicator: str, section: int) -> tuple[Threshold | None, Threshold | None]:
        """Return the limit and the floor of an indicator in one section; None if there is none."""
        stage = self.sections.stages[self.sections.stage[section]]
        chosen = self.chosen[indicator][section] if indicator in self.chosen else -1
        limit, floor = self.standard.limits_and_floors[indicator][chosen]
        return limit[stage], floor[stage]

    def of_coefficient(self, county: int, stage: int, indicator: int) -> Basis:
        """Return the columns that a coefficient was judged by: without what only relief counts, if that is better."""
        without, judged_without = self.without_relief, self.judged_without
        return (
            self
            if without is None or judged_without is None or not judged_without[county, stage, indicator]
            else without
        )

    def school_id(self, school: int) -> str:
        """Return the id of a school; empty for no school."""
        return str(self.submission.schools.columns["school"][school]) if school >= 0 else ""

    def school_name(self, school: int) -> str:
        """Return the name of a school, or its id if it has none; empty for no school."""
        return self.submission.schools.school_name(school) if school >= 0 else ""

    def is_combined(self, school: int) -> bool:
        """Return whether a school has several judged stages, so that its name alone names no section."""
        return bool(self._combined[school])

    @cached_property
    def _combined(self) -> Bools:
        types, judged = self.standard.measures["type"].values, set(self.standard.stages)
        several = np.array([kind.stages is None or len(set(kind.stages) & judged) > 1 for kind in types])
        schools = self.submission.schools
        return among(schools.choices("type"), several) | with_attached(schools, self.standard)

    def has_stage(self, school: int, stage: Stage) -> bool:
        """Return whether a school has a stage, by its type or by pupils attached to it."""
        return bool(self._stages[stage][school])

    @cached_property
    def _stages(self) -> Mapping[Stage, Bools]:
        schools = self.submission.schools
        return {stage: has_stage(schools, self.standard, stage) for stage in self.standard.head.stage_titles}


SITES = "sites"
"""What cases are of that are rows of schools as submitted: schools and campuses, each by itself."""
_OF_SCHOOLS = ("schools", SITES, "classes", "rooms")
"""Tables of cases that a county has reported only if it lists its schools."""


class Need(NamedTuple):
    """A column that a decision rests on."""

    table: str
    column: str
    where: tuple[str, str] | None = None
    """Of a table with several rows a school: the column and the choice of the rows that count."""


class CaseColumns(NamedTuple):
    """What cases are, in arrays of one length; `stage` is the position of the stage, -1 for the whole school."""

    row: Ints
    school: Ints
    county: Ints
    stage: NDArray[np.int8]
    observed: Floats
    required: Floats


@attrs.frozen(eq=False)
class Cases:
    """The schools, classes or sections that one check considers; a case may turn out not to be concerned.

    Attributes
    ----------
    table : str
        The table that `row` counts in; a row of -1 is for rows that should be there and are not. `sites` are the
        schools as submitted, each campus by itself.
    verdict : (n,) int8 array
    needs : tuple of Need
        What must be reported for a verdict.
    by_county : Segments
        Which cases belong to which county: group `block * counties + county`, in one or several blocks.
    make : callable
        Returns the columns of some cases, which no verdict needs: they are computed on first use.
    waits : tuple of (codes, needs)
        What cases wait for besides, each where its code, of an (n,) int8 array, is UNKNOWN.
    """

    table: str
    verdict: Codes
    needs: tuple[Need, ...]
    by_county: Segments
    make: Callable[[Ints], CaseColumns]
    waits: tuple[tuple[Codes, tuple[Need, ...]], ...] = ()

    @cached_property
    def columns(self) -> CaseColumns:
        """The columns."""
        return self.make(np.arange(self.verdict.size))

    @property
    def row(self) -> Ints:
        """The row of the table, (n,) integers."""
        return self.columns.row

    @property
    def school(self) -> Ints:
        """The row of the schools table, (n,) integers; -1 for none."""
        return self.columns.school

    @property
    def county(self) -> Ints:
        """The position of the county, (n,) integers."""
        return self.columns.county

    @property
    def stage(self) -> NDArray[np.int8]:
        """The position of the stage, or -1 for the whole school, (n,) int8."""
        return self.columns.stage

    @property
    def observed(self) -> Floats:
        """The figures judged, (n,) floats; NaN if they are not known."""
        return self.columns.observed

    @property
    def required(self) -> Floats:
        """The values that they must reach or not exceed, (n,) floats; NaN if unknown."""
        return self.columns.required

    def rows_of(self, county: int, counties: int) -> Ints:
        """Return the cases of one county that the check applies to."""
        rows, _ = self.by_county.every(counties, county)
        concerned: Ints = rows[self.verdict[rows] != NOT_APPLICABLE]
        return concerned


def pupils_of_cases(basis: Basis, cases: Cases) -> Mapping[Stage, Floats]:
    """Return for each judged stage the pupils of the school, or of the site, that each case is about."""
    if cases.table != SITES:
        return {stage: figures[cases.school] for stage, figures in basis.pupils.items()}
    sites, columns = basis.submission.submitted.schools, basis.standard.head.scope.pupils
    has = {stage: has_stage(sites, basis.standard, stage)[cases.row] for stage in basis.pupils}
    return {stage: np.where(runs, sites.numbers(columns[stage])[cases.row], 0.0) for stage, runs in has.items()}


# Not frozen: cutting a county out makes one for each check, which takes three times as long for a frozen class.
@attrs.define(eq=False)
class Outcome:
    """One check of a rule, for all counties.

    Attributes
    ----------
    id : str
        What is checked: a fact, `R4.primary`, `school_size`.
    title : Title
        The same for people.
    relation : str
        The required relation of observed to required; `is` for yes/no.
    display : str
        How the figures are printed.
    verdict : (counties,) int8 array
    observed, required : (counties,) float arrays
        NaN if unknown; empty if the figures are those of cases or sections.
    unit : Title, optional
    needs : tuple of Need
        What must be reported for a verdict, if there are no cases.
    cases : Cases, optional
    indicators : tuple of str
        For what is computed from sections: the indicators whose values it needs.
    stage : str, optional
        The stage of these sections.
    judged_without : (counties,) bool array, optional
        Where the coefficients without the amounts that only relief counts were judged, because they count better.
    rule : Rule, optional
        What was judged.
    """

    id: str
    title: Title
    relation: Relation | Literal["is"]
    display: Display
    verdict: Codes
    observed: Floats = attrs.field(factory=lambda: np.empty(0))
    required: Floats = attrs.field(factory=lambda: np.empty(0))
    unit: Title | None = None
    needs: tuple[Need, ...] = ()
    cases: Cases | None = None
    indicators: tuple[str, ...] = ()
    stage: Stage | None = None
    judged_without: Bools | None = None
    rule: Rule | None = None

    @classmethod
    def of_cases(
        cls,
        basis: Basis,
        name: str,
        title: Title,
        relation: Relation,
        display: Display,
        cases: Cases,
        unit: Title | None = None,
    ) -> Outcome:
        """Return the check that every one of the cases must pass.

        Without a case it does not apply; in a county that does not report its schools it is not met or unknown.
        """
        verdict, counties = cases.by_county.least(cases.verdict, NOT_APPLICABLE), len(basis.submission.counties)
        verdict = verdict.reshape(-1, counties).min(axis=0) if counties else verdict
        if cases.table in _OF_SCHOOLS:
            verdict = np.where(basis.submission.lists_schools, verdict, np.minimum(verdict, UNKNOWN))
        return cls(name, title, relation, display, verdict, unit=unit, cases=cases)


@attrs.frozen(eq=False)
class Record:
    """Everything that was judged, in columns over all counties.

    Attributes
    ----------
    basis : Basis
    outcomes : mapping of item id to the checks of its rules
    items, parts : mapping of id to (counties,) int8 array
    verdicts : (counties,) int8 array
    """

    basis: Basis
    outcomes: Mapping[str, tuple[Outcome, ...]]
    items: Mapping[str, Codes]
    parts: Mapping[str, Codes]
    verdicts: Codes


class Verdict(enum.StrEnum):
    """The result of a decision, as a word; arrays contain its `code`.

    A verdict has no truth value and no order: use `verdict is Verdict.MET`, and order by
    `verdict.code`.

    Examples
    --------
    >>> Verdict.MET, Verdict.of(0), Verdict.MET.code
    (<Verdict.MET: 'MET'>, <Verdict.NOT_MET: 'NOT_MET'>, 2)
    >>> print(Verdict.UNKNOWN, Verdict.UNKNOWN.text("zh"))
    UNKNOWN 待定
    """

    NOT_MET = "NOT_MET"
    UNKNOWN = "UNKNOWN"
    MET = "MET"
    NOT_APPLICABLE = "NOT_APPLICABLE"

    @classmethod
    def of(cls, code: SupportsInt) -> Verdict:
        """Return the verdict of a code in an array."""
        return _BY_CODE[int(code)]

    @classmethod
    def worst(cls, verdicts: Iterable[Verdict]) -> Verdict | None:
        """Return the verdict of several that must all be met; None of none."""
        return min(verdicts, key=lambda verdict: verdict.code, default=None)

    @property
    def code(self) -> int:
        """The code in arrays: 0 not met, 1 unknown, 2 met, 3 not applicable; the worst is the least."""
        return _CODES[self.value]

    def text(self, lang: Language = "zh") -> str:
        """Return the verdict in words."""
        return _WORDS[self.value][lang]

    def __bool__(self) -> NoReturn:
        raise TypeError(f"a verdict is not true or false; write `verdict is Verdict.MET` (it is {self.name})")

    def __lt__(self, other: object) -> NoReturn:
        raise TypeError(f"verdicts have no order; compare their codes, as `{self.value}.code < MET.code`")

    def __le__(self, other: object) -> NoReturn:
        self.__lt__(other)

    def __gt__(self, other: object) -> NoReturn:
        self.__lt__(other)

    def __ge__(self, other: object) -> NoReturn:
        self.__lt__(other)


_CODES = {name: int(getattr(logic, name)) for name in ("NOT_MET", "UNKNOWN", "MET", "NOT_APPLICABLE")}
_BY_CODE = {_CODES[verdict.value]: verdict for verdict in Verdict}
_WORDS: dict[str, dict[Language, str]] = {
    "NOT_MET": {"zh": "未达标", "en": "not met"},
    "UNKNOWN": {"zh": "待定", "en": "unknown"},
    "MET": {"zh": "达标", "en": "met"},
    "NOT_APPLICABLE": {"zh": "不适用", "en": "not applicable"},
}


class Standing(enum.IntEnum):
    """How the value of an indicator in a section compares with its standard and floor.

    Examples
    --------
    >>> Standing(1).text("en")
    'between floor and standard'
    """

    UNKNOWN = -1
    BELOW_FLOOR = 0
    AT_FLOOR = 1
    AT_STANDARD = 2

    def text(self, lang: Language = "zh", *, at_most: bool = False) -> str:
        """Return the standing in words; of a standard that is an upper limit where `at_most` is set."""
        return (_UPPER if at_most else {}).get(self.name, _STANDINGS[self.name])[lang]

    @property
    def verdict(self) -> Verdict:
        """Whether that is enough for the standard."""
        return {Standing.AT_STANDARD: Verdict.MET, Standing.UNKNOWN: Verdict.UNKNOWN}.get(self, Verdict.NOT_MET)


_STANDINGS: dict[str, dict[Language, str]] = {
    "UNKNOWN": {"zh": "待定", "en": "unknown"},
    "BELOW_FLOOR": {"zh": "低于最低要求", "en": "below the floor"},
    "AT_FLOOR": {"zh": "低于标准、不低于最低要求", "en": "between floor and standard"},
    "AT_STANDARD": {"zh": "达到标准", "en": "at the standard"},
}
_UPPER: dict[str, dict[Language, str]] = {
    "BELOW_FLOOR": {"zh": "超过最高限度", "en": "above the ceiling"},
    "AT_FLOOR": {"zh": "高于标准、不超过最高限度", "en": "between standard and ceiling"},
}
"""The same of an upper limit."""


def part_of(record: Record, county: int) -> Record:
    """Return what was judged of the county at a position."""
    submission, of_county = record.basis.submission, slice(county, county + 1)
    single = submission.submitted.only(submission.counties[county]).judged
    return Record(
        _basis(record.basis, county, single),
        {item: tuple(_outcome(outcome, county, submission) for outcome in of) for item, of in record.outcomes.items()},
        {item: codes[of_county] for item, codes in record.items.items()},
        {part: codes[of_county] for part, codes in record.parts.items()},
        record.verdicts[of_county],
    )


def _basis(basis: Basis, county: int, single: Submission) -> Basis:
    """Return the columns of a county, given what it submitted, as it is judged."""
    schools, of_county = _rows(basis.submission, "schools", county), slice(county, county + 1)
    rows, by_county = basis.sections.by_county.every(len(basis.submission.counties), county)
    return Basis(
        basis.standard,
        single,
        _sections(basis.sections, rows, by_county, schools),
        basis.resources.part(schools, schools.start),
        basis.standing[:, rows],
        basis.section_verdicts[rows],
        basis.mean[of_county],
        basis.sd[of_county],
        basis.cv[of_county],
        basis.make_values,
        {indicator: codes[rows] for indicator, codes in basis.chosen.items()},
        basis.without_relief and _basis(basis.without_relief, county, single),
        None if basis.judged_without is None else basis.judged_without[of_county],
        None if basis.stated is None else basis.stated[of_county],
    )


def _rows(submission: Submission, table: str, county: int) -> slice:
    """Return which rows of a table are those of a county."""
    start, end = submission.segments(table).starts[county : county + 2].tolist()
    return slice(start, end)


def _sections(sections: Sections, rows: Ints, by_county: Segments, schools: slice) -> Sections:
    """Return the sections of a county, given its schools, from which rows then count."""
    everyone = sections.enrolment
    return Sections(
        sections.stages,
        sections.school[rows] - schools.start,
        sections.stage[rows],
        sections.pupils[rows],
        sections.divisor[rows],
        tuple(slice(*bounds) for bounds in itertools.pairwise(by_county.starts.tolist())),
        by_county,
        lambda _: sections.make_left_out(schools),
        Enrolment(
            everyone.type[schools],
            {stage: included[schools] for stage, included in everyone.included.items()},
            {stage: figures[schools] for stage, figures in everyone.pupils.items()},
            everyone.reported[schools],
            everyone.complete[schools],
        ),
        {indicator: values[rows] for indicator, values in sections.reported_values.items()},
        None if sections.doubtful is None else sections.doubtful[rows],
    )


def _outcome(outcome: Outcome, county: int, submission: Submission) -> Outcome:
    """Return a check of a county; the submission is that of all counties as it is judged."""
    of_county = slice(county, county + 1)
    return Outcome(
        outcome.id,
        outcome.title,
        outcome.relation,
        outcome.display,
        outcome.verdict[of_county],
        outcome.observed[of_county],
        outcome.required[of_county],
        outcome.unit,
        outcome.needs,
        outcome.cases and _cases(outcome.cases, county, submission),
        outcome.indicators,
        outcome.stage,
        None if outcome.judged_without is None else outcome.judged_without[of_county],
        outcome.rule,
    )


def _cases(cases: Cases, county: int, submission: Submission) -> Cases:
    """Return the cases of a county, whose rows and schools count from its own first ones."""
    rows, by_county = cases.by_county.every(len(submission.counties), county)

    def columns(chosen: Ints) -> CaseColumns:
        of_all, row = cases.make(rows[chosen]), chosen
        if cases.table != SECTIONS:
            of, table = (submission.submitted, "schools") if cases.table == SITES else (submission, cases.table)
            row = _from_first(of_all.row, int(of.segments(table).starts[county]))
        school = _from_first(of_all.school, int(submission.segments("schools").starts[county]))
        return CaseColumns(row, school, np.zeros(chosen.size, np.intp), *of_all[3:])

    return Cases(
        cases.table,
        cases.verdict[rows],
        cases.needs,
        by_county,
        columns,
        tuple((codes[rows], needs) for codes, needs in cases.waits),
    )


def _from_first(rows: Ints, first: int) -> Ints:
    """Return rows counted from the first of a county; -1 stays -1."""
    result: Ints = np.maximum(rows - first, -1)
    return result
