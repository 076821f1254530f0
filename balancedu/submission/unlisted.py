"""Schools that rows name and the schools do not have: ids that lost their zeros, names, or nothing that is known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

import attrs
import numpy as np

from balancedu.core.words import plain
from balancedu.phrase import Phrase, one_of
from balancedu.submission.problems import Guesses, Problems, school_of, shown
from balancedu.submission.table import Table

WRITE_IN_FULL = Phrase(
    "请把这一列的格式设为文本，写全每个标识码", "format the column as text, and write every id in full"
)
_UNKNOWN_SCHOOL = Phrase("学校不在学校表中", "unknown school")
_LOST_ZEROS = Phrase("标识码开头的0丢了", "ids without their leading zeros")
_NAME_AS_ID = Phrase("填的是学校名称", "the name of a school as its id")


@attrs.frozen
class Naming:
    """What a row writes to name a school.

    Attributes
    ----------
    position : int
        Of its county; below 0 where that has no school.
    county, school, place : str
    """

    position: int
    county: str
    school: str
    place: str


@attrs.frozen
class _Listed:
    """The schools of a county: their rows by the id without its zeros, their ids by their names."""

    guesses: Guesses
    rows: Mapping[str, list[int]]
    ids: Mapping[str, list[str]]

    @classmethod
    def of(cls, schools: Table, county: int) -> _Listed:
        rows, ids = defaultdict[str, list[int]](list), defaultdict[str, list[str]](list)
        here = np.flatnonzero(schools.county == county)
        written = schools.columns["school"][here].tolist()
        for row, school, name in zip(here.tolist(), written, schools.texts("name")[here].tolist(), strict=True):
            if school.isdigit():
                rows[_without_zeros(school)].append(row)
            if name:
                ids[plain(name)].append(school)
        return cls(Guesses(written), rows, ids)


def refuse_unlisted(
    named: Iterable[Naming], table: str, column: str, schools: Table, problems: Problems, way_out: Phrase
) -> None:
    """Refuse what names no school; where zeros were lost, once for the column that lost them.

    Parameters
    ----------
    named : iterable of Naming
        What rows of the column write.
    table, column : str
        Where they stand.
    schools, problems
    way_out : Phrase
        Where it is not known what was meant.
    """
    told = {(one.table, one.column) for one in problems.found if one.kind == _LOST_ZEROS.en}
    counties: dict[int, _Listed] = {}
    for one in named:
        if one.position not in counties:
            counties[one.position] = _Listed.of(schools, one.position)
        listed = counties[one.position]
        rows = listed.rows.get(_without_zeros(one.school), []) if one.school.isdigit() else []
        # A program that takes ids for numbers leaves no zero; one that is missing was mistyped.
        if len(rows) == 1 and _without_zeros(one.school) in (one.school, schools.columns["school"][rows[0]]):
            _lost_zeros(one, rows[0], (table, column), schools, problems, told)
        elif ids := listed.ids.get(plain(one.school)):
            names = one_of(map(shown, ids))
            problem = Phrase(f"这是学校{names.zh}的名称", f"found the name of school {names.en}, wanted its id")
            hint = Phrase(f"请填标识{names.zh}", f"write {names.en}")
            problems.note(table, one.place, column, problem, hint, _NAME_AS_ID)
        else:
            problem = school_of(one.school, one.county) + Phrase("不在学校表中", " is not in the schools")
            problem += listed.guesses.nearest(one.school)
            problems.note(table, one.place, column, problem, way_out, _UNKNOWN_SCHOOL)


def _lost_zeros(
    one: Naming, row: int, where: tuple[str, str], schools: Table, problems: Problems, told: set[tuple[str, str]]
) -> None:
    """Note for the one of two columns whose id is shorter that its ids lost their zeros, unless that is told."""
    listed = str(schools.columns["school"][row])
    is_of_schools = len(listed) < len(one.school)
    lost, full = (listed, one.school) if is_of_schools else (one.school, listed)
    place, other = (
        (schools.place(row, "school", listed), where) if is_of_schools else (one.place, ("schools", "school"))
    )
    if is_of_schools:
        where = ("schools", "school")
    if where in told:
        return
    told.add(where)
    table, measure = problems.standard.tables[other[0]], problems.standard.table_measures(other[0])[other[1]]
    short, long = shown(lost), shown(full)
    problem = Phrase(
        f"填报{short.zh}，而{table.title.zh}表的{measure.title.zh}是{long.zh}，这一列标识码开头的0看来丢了",
        f"found {short.en}, and {other[1]} in {other[0]} is {long.en}: the ids seem to have lost their leading zeros",
    )
    problems.note(where[0], place, where[1], problem, WRITE_IN_FULL, _LOST_ZEROS)


def _without_zeros(school: str) -> str:
    return school.lstrip("0")
