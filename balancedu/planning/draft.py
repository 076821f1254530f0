"""A working copy of a submission, row by row, in which changes are made before it is checked and judged again."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

import attrs
import numpy as np

from balancedu.calculator.exactly import exact
from balancedu.core.model import Measure, Stage
from balancedu.core.rules import ClassSize
from balancedu.core.standard import Standard
from balancedu.errors import near
from balancedu.phrase import NO_WORDS, Phrase, listed
from balancedu.submission.campuses import PARENT, is_added
from balancedu.submission.submission import Submission
from balancedu.submission.table import Origin

Row = dict[str, Any]
_WHICH_COUNTY = Phrase("有几个县", "no county None")
_SOURCE = object()
"""The key under which a row keeps the number of the submitted row that it was; no column is called so."""


class CannotChangeError(Exception):
    """A change that the county as it stands does not allow, with the way out."""

    def __init__(self, field: str, problem: Phrase, hint: Phrase = NO_WORDS) -> None:
        super().__init__(field, problem, hint)
        self.field, self.problem, self.hint = field, problem, hint


@attrs.frozen
class Draft:
    """The rows of all tables; a row is a mapping of column to value, NaN and empty text for not reported."""

    submission: Submission
    tables: dict[str, list[dict[Any, Any]]]

    @classmethod
    def of(cls, submission: Submission) -> Draft:
        """Return a copy of a submission to work on."""
        tables = {}
        for name, table in submission.tables.items():
            columns = submission.columns(name)
            rows = zip(*(values.tolist() for values in columns.values()), strict=True)
            sources = sorted(row for row in table.rows.tolist() if row >= 0)
            tables[name] = [
                dict(zip(columns, row, strict=True)) | {_SOURCE: source}
                for row, source in zip(rows, sources, strict=True)
            ]
        return cls(submission, tables)

    @property
    def standard(self) -> Standard:
        """The standard whose measures the columns are."""
        return self.submission.standard

    def done(self) -> Submission:
        """Return the changed copy, checked as any submission is.

        Raises
        ------
        DataErrors
            If the changes led to something that no county can report.
        """
        tables, origins = {}, {}
        for name, rows in self.tables.items():
            if not rows and not len(self.submission.tables[name]):
                continue
            # Rows that were there keep their line; new ones come last and have none.
            rows.sort(key=lambda row: row.get(_SOURCE, math.inf))
            names = dict.fromkeys(column for row in rows for column in row if column is not _SOURCE)
            names |= dict.fromkeys(self.submission.columns(name))
            tables[name] = {column: [row.get(column) for row in rows] for column in names}
            origins[name] = self._origin(name, rows)
        return self.submission.changed(origins=origins, **tables)

    def _origin(self, name: str, rows: list[dict[Any, Any]]) -> Origin:
        origin = self.submission.tables[name].origin
        if name == "facts":
            return origin
        sources = (row[_SOURCE] for row in rows if _SOURCE in row)
        return origin.of_rows([source for source in sources if source < len(origin.lines)])

    # Schools

    def county(self, county: str | None) -> str:
        """Return the county that a change means."""
        counties = self.submission.counties
        if county is None and len(counties) == 1:
            return counties[0]
        if county not in counties:
            problem = Phrase(f"没有县“{county}”", f"no county {county!r}") if county else _WHICH_COUNTY
            raise CannotChangeError(
                "county", problem, Phrase("请写明是哪个县：", "say which: one of ") + listed(counties[:5])
            )
        return county

    def school(self, county: str, school: str, field: str = "school") -> Row:
        """Return the row of a school."""
        rows = [row for row in self.tables["schools"] if row["county"] == county]
        for row in rows:
            if row["school"] == school:
                return row
        problem = Phrase(f"县“{county}”没有学校“{school}”", f"no school {school!r} in county {county!r}")
        problem += near(school, [str(row["school"]) for row in rows])
        raise CannotChangeError(field, problem, Phrase("请写学校标识码", "give a school's id"))

    def details(self, table: str, school: Row, stage: Stage | None = None) -> list[Row]:
        """Return the classes or rooms of a school."""
        return [
            row
            for row in self.tables[table]
            if row["county"] == school["county"]
            and row["school"] == school["school"]
            and (stage is None or row.get("stage") == stage)
        ]

    def stages(self, school: Row) -> tuple[Stage, ...] | None:
        """Return the stages that the type of a school may have; None for any."""
        kinds = {kind.id: kind for kind in self.standard.measures["type"].values}
        return kinds[school["type"]].stages

    def figure(self, school: Row, measure: Measure) -> float:
        """Return a figure of a school: 0 for a stage that its type lacks, NaN where it is not reported."""
        stages = self.stages(school)
        if measure.stage and stages is not None and measure.stage not in stages:
            return 0.0
        value = school.get(measure.column)
        return math.nan if value is None else float(value)

    def measure(self, name: str, field: str) -> Measure:
        """Return a number that schools report, by its id."""
        measures = self.standard.table_measures("schools")
        known = [one for one, measure in measures.items() if measure.type in ("count", "number")]
        if name not in known:
            problem = Phrase(f"学校不填报“{name}”这个数", f"schools report no number {name!r}") + near(name, known)
            raise CannotChangeError(f"{field}.{name}", problem)
        return measures[name]

    def add(self, school: Row, measure: Measure, amount: float | Fraction, field: str) -> None:
        """Add to a figure of a school; what is not reported stays so."""
        held = self.figure(school, measure)
        if math.isnan(held) or (isinstance(amount, float) and math.isnan(amount)):
            school[measure.column] = math.nan
            return
        total = exact(held) + (amount if isinstance(amount, Fraction) else exact(amount))
        if total < 0:
            name, less = school["school"], -float(amount)
            problem = Phrase(
                f"{name}的{measure.title.zh}为{held:.12g}，不能减少{less:.12g}",
                f"{name} has {held:.12g} of {measure.id}, {less:.12g} cannot leave",
            )
            hint = Phrase("减少的数不能超过现有的数", "take away at most what is there")
            raise CannotChangeError(f"{field}.{measure.id}", problem, hint)
        school[measure.column] = float(total)

    def numbers(self) -> Iterator[Measure]:
        """Yield every number that schools report and that can be added up."""
        return (one for one in self.standard.table_measures("schools").values() if is_added(one))

    def campuses(self, school: Row) -> list[Row]:
        """Return the campuses that count with a school."""
        here = [row for row in self.tables["schools"] if row["county"] == school["county"]]
        return [row for row in here if row.get(PARENT) == school["school"]]

    # Pupils and classes

    @property
    def class_counts(self) -> Mapping[Stage, str]:
        """The measure that counts the classes of each stage, where a rule looks at classes."""
        rule = self.class_rule
        return rule.classes if rule else {}

    @property
    def class_rule(self) -> ClassSize | None:
        """The rule about the size of classes, where there is one."""
        rules = (rule for item in self.standard.items.values() for rule in item.rules)
        return next((rule for rule in rules if isinstance(rule, ClassSize)), None)

    def pupils(self, stage: Stage) -> Measure:
        """Return the measure that counts the pupils of a stage."""
        return self.standard.measures[self.standard.head.scope.pupils[stage]]

    def move_pupils(self, school: Row, stage: Stage, number: int, field: str) -> None:
        """Let pupils come (or leave, with a minus): out of the largest classes, into the smallest."""
        self.add(school, self.pupils(stage), Fraction(number), field)
        classes = [row for row in self.details("classes", school, stage) if _known(row.get("pupils"))]
        sizes = np.array([row["pupils"] for row in classes], dtype=np.float64)
        for _ in range(abs(number) if classes else 0):
            if number < 0 and not sizes.max() > 0:
                break
            sizes[sizes.argmin() if number > 0 else sizes.argmax()] += 1 if number > 0 else -1
        for row, size in zip(classes, sizes.tolist(), strict=True):
            row["pupils"] = size


def _known(value: object) -> bool:
    return value is not None and not (isinstance(value, float) and math.isnan(value))
