"""Campuses that are not counted as schools: their figures, classes and rooms are those of the school they belong to."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import attrs
import numpy as np

from balancedu.calculator.groups import Floats, Ints
from balancedu.core.model import WITH_UNIT, Choice, Measure
from balancedu.core.standard import Standard
from balancedu.submission.arrange import refuse_unlisted
from balancedu.submission.problems import Problems, shown
from balancedu.submission.stages import has_stage
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
        if measure.stage:
            has = has_stage(schools, standard, measure.stage)
            campuses = [campus for campus in campuses if has[campus]]
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
    """Refuse campuses of schools that there are not, of campuses, and of schools that lack their stages."""
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
        # In floats 0.1 and 0.2 come to more than 0.3.
        figures = [float(own[row]), *addends[campuses.parent == row].tolist()]
        result[row] = float(sum(Decimal(repr(figure)) for figure in figures))
    return result
