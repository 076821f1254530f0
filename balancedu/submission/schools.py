"""What stages a school has, and campuses: their figures, classes and rooms are those of the school they belong to."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable, Mapping
from decimal import Decimal

import attrs
import numpy as np
from numpy.typing import NDArray

from balancedu.calculator.groups import Bools, Floats, Ints
from balancedu.core.fields import Stage
from balancedu.core.model import WITH_UNIT, Choice, Measure
from balancedu.core.standard import Standard
from balancedu.submission.arrange import refuse_unlisted
from balancedu.submission.problems import Problems, shown
from balancedu.submission.tables import Column, Table
from balancedu.text import Phrase

PARENT = "parent"
"""The column that names the school of a campus."""


@attrs.frozen(eq=False)
class Campuses:
    """Which rows of the schools submitted are campuses of which.

    Attributes
    ----------
    campus, parent : (n,) integer arrays
        Rows of the schools table: each campus, and its school.
    kept : (m,) integer array
        The rows that are judged: all but the campuses.
    judged_rows : (schools,) integer array
        Which of the judged rows each submitted row went into.
    """

    campus: Ints
    parent: Ints
    kept: Ints
    judged_rows: Ints

    @classmethod
    def of(cls, schools: Table) -> Campuses:
        """Return the campuses of a schools table that was checked."""
        campus = np.flatnonzero(schools.texts(PARENT) != "")
        at = _positions(schools, schools.county[campus])
        named = zip(schools.county[campus].tolist(), schools.texts(PARENT)[campus].tolist(), strict=True)
        parent = np.array([at[key] for key in named], np.intp)
        kept = np.delete(np.arange(len(schools)), campus)
        judged = np.empty(len(schools), np.intp)
        judged[kept] = np.arange(kept.size)
        judged[campus] = judged[parent]
        return cls(campus, parent, kept, judged)

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """Each campus with its school, as rows of the schools submitted."""
        return list(zip(self.campus.tolist(), self.parent.tolist(), strict=True))

    def addends(self, row: int, measure: Measure, schools: Table, standard: Standard) -> list[int]:
        """Return the submitted rows whose figures make that of a judged row, the school before its campuses.

        Campuses that lack the stage of the measure add nothing.
        """
        own = int(self.kept[row])
        campuses = self.campus[self.parent == own].tolist() if is_added(measure) else []
        if measure.stage and campuses:
            has = has_stage(schools, standard, measure.stage, campuses).tolist()
            campuses = list(itertools.compress(campuses, has))
        return [own, *campuses]


def is_added(measure: Measure) -> bool:
    """Return whether the figures of campuses are added to those of their school."""
    return measure.type in WITH_UNIT and measure.adds_campuses


def _positions(schools: Table, counties: Ints) -> dict[tuple[int, str], int]:
    """Return the rows of the schools of some counties by county and id."""
    rows = np.flatnonzero(np.isin(schools.county, counties))
    ids = schools.columns["school"][rows].tolist() if rows.size else []
    return dict(zip(zip(schools.county[rows].tolist(), ids, strict=True), rows.tolist(), strict=True))


def check_parents(schools: Table, counties: tuple[str, ...], standard: Standard, problems: Problems) -> None:
    """Refuse campuses of schools that do not exist, of campuses, and of schools that lack their stages."""
    if PARENT not in schools:
        return
    campus = np.flatnonzero(schools.texts(PARENT) != "")
    at = _positions(schools, schools.county[campus])
    unlisted = []
    for row in campus.tolist():
        county, parent = int(schools.county[row]), str(schools.texts(PARENT)[row])
        if (county, parent) in at:
            _check_pair(schools, row, at[county, parent], standard, problems)
        else:
            unlisted.append((row, counties[county], parent))
    if unlisted:
        hint = Phrase("请填本县的学校，或留空", "name a school of the same county, or leave the cell empty")
        refuse_unlisted(schools, unlisted, PARENT, schools, counties, problems, hint)


def _check_pair(schools: Table, row: int, parent: int, standard: Standard, problems: Problems) -> None:
    """Refuse a campus that cannot belong to a school that there is."""
    above, name = (str(schools.texts(PARENT)[at]) for at in (parent, row))
    types, kinds = standard.measures["type"].values, schools.choices("type")
    own, whole = types[kinds[row]], types[kinds[parent]]
    if row == parent:
        kind = Phrase("自己的校区", "its own campus")
        problem = Phrase("学校不能是自己的校区", "a school is no campus of itself")
        hint = Phrase("它本身就是学校，请留空", "leave the cell empty: it is a school")
    elif above:
        kind, entry, other = Phrase("校区的校区", "campus of a campus"), shown(name), shown(above)
        problem = Phrase(f"{entry.zh}本身是{other.zh}的校区", f"{entry.en} is itself a campus of {other.en}")
        hint = Phrase("请填两个校区共同所属的学校", "name the school that counts them both")
    elif min(kinds[row], kinds[parent]) < 0 or _fits(own, whole):
        return
    else:
        kind = Phrase("所属学校没有的学段", "stages that the school lacks")
        problem = Phrase(
            f"{own.title.zh}不能是{whole.title.zh}的校区，后者没有它的学段",
            f"a {own.title.en} cannot be a campus of a {whole.title.en}, which lacks its stages",
        )
        hint = Phrase("请改正其中一个学校类型，或留空", "correct one of the types, or leave the cell empty")
    problems.cell(schools, row, PARENT, problem, hint, kind)


def _fits(campus: Choice, school: Choice) -> bool:
    if campus.stages is None or school.stages is None:
        return campus.id == school.id
    return set(campus.stages) <= set(school.stages)


def judged_tables(tables: Mapping[str, Table], campuses: Campuses, standard: Standard) -> dict[str, Table]:
    """Return the tables as they are judged: every campus added to its school."""
    schools, measures = tables["schools"], standard.table_measures("schools")
    columns = {
        name: _added(schools, name, measures[name], campuses, standard) for name in schools.columns if name != PARENT
    }
    kept = attrs.evolve(schools.part(campuses.kept), columns=columns)
    result = {**tables, "schools": kept}
    for name, table in tables.items():
        if table.school.size:
            # Classes and rooms are those of other schools of the same county, in the order of the schools.
            school = campuses.judged_rows[table.school]
            order = np.argsort(school, kind="stable")
            result[name] = attrs.evolve(table.part(order), school=school[order])
    return result


def _added(schools: Table, name: str, measure: Measure, campuses: Campuses, standard: Standard) -> Column:
    """Return a column of the judged schools; what a campus does not report leaves the sum unknown."""
    own = schools.columns[name]
    if not is_added(measure):
        return own[campuses.kept]
    addends = own[campuses.campus]
    if measure.stage:
        # Where the campus, or the school that another campus has it attached to, has no such stage, an empty cell is
        # no gap.
        has = has_stage(schools, standard, measure.stage)
        addends = np.where(np.isnan(addends) & ~has[campuses.campus], 0.0, addends)
        lacking = campuses.parent[has[campuses.campus] & ~has[campuses.parent]]
        own = own.copy()
        own[lacking] = np.nan_to_num(own[lacking])
    return _sums(own, addends, campuses)[campuses.kept]


def _sums(own: Floats, addends: Floats, campuses: Campuses) -> Floats:
    """Return figures with what is added to them, as exact as they are written."""
    result = own.copy()
    np.add.at(result, campuses.parent, addends)
    with np.errstate(invalid="ignore"):
        parts = np.bincount(campuses.parent, weights=addends % 1 != 0, minlength=own.size) + (own % 1 != 0)
    rows = np.unique(campuses.parent)
    for row in rows[(parts[rows] > 0) & ~np.isnan(result[rows])].tolist():
        # In floats 0.1 + 0.2 is above 0.3.
        figures = [float(own[row]), *addends[campuses.parent == row].tolist()]
        result[row] = float(sum(Decimal(repr(figure)) for figure in figures))
    return result


Rows = Ints | list[int] | slice
ALL_ROWS = slice(None)


def among(codes: NDArray[np.integer], wanted: Bools) -> Bools:
    """Return which codes are wanted ones, given for each code from 0 whether it is; negative codes are not."""
    result = np.zeros(codes.shape, bool)
    # Comparing small integers with one code after the other is faster than a look-up of each.
    for code in np.flatnonzero(wanted).tolist():
        result |= codes == code
    return result


def attached(schools: Table, standard: Standard, stage: Stage, rows: Rows = ALL_ROWS) -> Bools:
    """Return which schools report pupils of a stage that their type does not run and may have attached to it."""
    column, types = standard.head.scope.pupils.get(stage), schools.choices("type")[rows]
    if standard.head.scope.attached is None or column is None or column not in schools:
        return np.zeros(types.size, bool)
    return does_not_run(types, standard, stage) & (schools.numbers(column)[rows] > 0)


def has_stage(schools: Table, standard: Standard, stage: Stage, rows: Rows = ALL_ROWS) -> Bools:
    """Return which schools have a stage; those whose type is missing or unreadable may have any."""
    has = np.array([kind.stages is None or stage in kind.stages for kind in standard.measures["type"].values])
    types = schools.choices("type")[rows]
    return among(types, has) | (types < 0) | attached(schools, standard, stage, rows)


def with_attached(schools: Table, standard: Standard, rows: Rows = ALL_ROWS) -> Bools:
    """Return which schools have any attached stage."""
    return any_of([attached(schools, standard, stage, rows) for stage in standard.head.scope.pupils])


def any_of(columns: Iterable[Bools]) -> Bools:
    """Return where any of the columns is true."""
    return functools.reduce(np.bitwise_or, columns)


def does_not_run(types: NDArray[np.integer], standard: Standard, stage: Stage) -> Bools:
    """Return which of some types of school, by their positions, may have a stage only as an attached one."""
    return among(types, _may_attach(standard)[stage])


@functools.lru_cache(maxsize=16)
def _may_attach(standard: Standard) -> Mapping[Stage, Bools]:
    """Return for each stage which types of school may have it attached."""
    scope, types = standard.head.scope, standard.measures["type"].values
    allowed = scope.attached.types if scope.attached else ()
    return {
        stage: np.array([kind.id in allowed and not _runs(standard, kind.id, stage) for kind in types])
        for stage in scope.pupils
    }


def _runs(standard: Standard, kind: str, stage: Stage) -> bool:
    """Return whether a type of school runs a stage; a type that does not count runs no judged one."""
    included = standard.counted(kind)
    return stage in included.weights if included else stage not in standard.stages
