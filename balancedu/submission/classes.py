"""Classes and rooms one by one: a band becomes a row for each of its classes, and grades become the numbers 1 to 12."""

from __future__ import annotations

import re
from collections.abc import Mapping

import attrs
import numpy as np

from balancedu.calculator.groups import Floats
from balancedu.submission.columns import WIDE
from balancedu.submission.problems import Problems, misfilled, number_text, shown
from balancedu.submission.tables import Table
from balancedu.text import Phrase


@attrs.frozen
class Band:
    """The columns of a table that may be counted in bands.

    Attributes
    ----------
    count : str
        How many a row is for; one if it is not given.
    size : str
        The size of a single one.
    least, most : str
        Bounds of the size. Of whole numbers the lower one is exclusive, of others the upper one.
    further : tuple of str
        What else only tables in bands have.
    """

    count: str
    size: str
    least: str
    most: str
    further: tuple[str, ...] = ()

    @property
    def columns(self) -> frozenset[str]:
        """The columns that only tables in bands have."""
        return frozenset((self.count, self.least, self.most, *self.further))


BANDS: Mapping[str, Band] = {
    "classes": Band("classes", "pupils", "above", "at_most", ("in_all",)),
    "rooms": Band("rooms", "area", "area_from", "area_below"),
}
_ONE_BY_ONE = Phrase("请每个一行，或只填所在的区间", "give each a row of its own, or the bounds alone")
_CORRECT = Phrase("请核对这几个数", "correct one of them")


def single_rows(table: Table, problems: Problems) -> Table:
    """Return a table with a row for each class or room; a count of 0 has none.

    Refused are bounds that leave no room, a size outside of its bounds, and one size for several.
    """
    band = BANDS[table.id]
    if not band.columns & set(table.columns):
        return table
    counts = np.nan_to_num(table.numbers(band.count), nan=1.0).astype(np.intp)
    size, least, most = (table.numbers(name) for name in (band.size, band.least, band.most))
    with np.errstate(invalid="ignore"):
        empty = least >= most
        outside = ~empty & ((size < least) | (size > most))
    for row in np.flatnonzero((counts > 1) & ~np.isnan(size)).tolist():
        problem = Phrase(
            f"填报{number_text(size[row])}，而这一行是{counts[row]}个", f"found one size for {counts[row]}"
        )
        problems.cell(table, row, band.size, problem, _ONE_BY_ONE)
    for row in np.flatnonzero(empty | outside).tolist():
        low, high, own = number_text(least[row]), number_text(most[row]), number_text(size[row])
        problem = Phrase(f"填报{own}，不在{low}至{high}之间", f"found {own}, which is not between {low} and {high}")
        if empty[row]:
            problem = Phrase(f"下限{low}不小于上限{high}", f"the lower bound {low} is not below {high}")
        problems.cell(table, row, band.least if empty[row] else band.size, problem, _CORRECT)
    rows = np.repeat(np.arange(len(table)), counts)
    ones = {band.count: np.ones(rows.size)} if band.count in table else {}
    singles = table.part(rows)
    return attrs.evolve(singles, columns={**singles.columns, **ones})


def bounds_of(table: Table) -> tuple[Floats, Floats]:
    """Return between what sizes each class or room is, (n,) float arrays; NaN if nothing is known.

    A class has at least the one number and at most the other; a room at least the one and less than the other, which
    is the next float where the area itself is known.

    Examples
    --------
    >>> from balancedu.submission.tables import RowPlaces
    >>> classes = Table("classes", {"pupils": np.array([40, np.nan]), "above": np.array([np.nan, 45]),
    ...                             "at_most": np.array([np.nan, 50])}, np.zeros(2, int), np.arange(2), RowPlaces())
    >>> bounds_of(classes)
    (array([40., 46.]), array([40., 50.]))
    """
    band = BANDS[table.id]
    size, least, most = (table.numbers(name) for name in (band.size, band.least, band.most))
    if not {band.least, band.most} & set(table.columns):
        return size, size if table.id == "classes" else np.nextafter(size, np.inf)
    if table.id == "classes":
        return np.where(np.isnan(size), least + 1, size), np.where(np.isnan(size), most, size)
    return np.where(np.isnan(size), least, size), np.where(np.isnan(size), most, np.nextafter(size, np.inf))


GRADE = "grade"
"""The column of the grade."""
SCHOOL_YEAR = "school_year"
"""The fact from whose year cohorts are counted."""

_GRADE = re.compile(r"(小学|初中|高中|小|初|高)?(?:grade|g)?([0-9]{1,2}|[一二三四五六七八九]|十[一二]?)(?:年级|级|年)?")
_COHORT = re.compile(r"(小学|初中|高中|小|初|高)?(20[0-9]{2})级?")
_PLAIN = {"", *map(str, range(1, 13))}
_CHINESE = {word: n for n, word in enumerate("一二三四五六七八九十", start=1)} | {"十一": 11, "十二": 12}
_BEFORE = {"primary": 0, "小": 0, "junior": 6, "初": 6, "senior": 9, "高": 9}
"""How many grades come before the first one of a stage."""
_YEARS = 3
"""The number of grades of a junior or senior stage that does not count through."""
_MOST_YEARS = 6
"""The grades of the longest stage."""
_KIND = Phrase("年级无法识别", "unknown grade")
_WANTED = Phrase("应为年级", "wanted a grade")
_AS_NUMBER = Phrase("请填1至12的数字", "write it as a number from 1 to 12")
_NEEDS_YEAR = Phrase(
    "请填1至12的数字，或填报县级填报项 school_year（学年起始年份）",
    "write the grade as a number from 1 to 12, or report the fact school_year, the year in which the school year began",
)


def grade_of(text: str, stage: str = "", year: float = np.nan) -> int | None:
    """Return the grade that a text means, counted from 1 through all stages; None if it means none.

    Parameters
    ----------
    text : str
    stage : str
        The stage of the class; empty if it is not known.
    year : float
        The year in which the school year began; NaN if it is not known, and cohorts have no grade.

    Examples
    --------
    >>> [grade_of(text) for text in ("三年级", "3年级", "初一", "初中二年级", "Grade 4", "混合")]
    [3, 3, 7, 8, 4, None]
    >>> grade_of("一年级", "junior"), grade_of("2024级", "junior", 2025), grade_of("2024级")
    (7, 8, None)
    """
    plain = re.sub(r"[\s()]", "", text.translate(WIDE).lower())
    grade = None
    if match := _COHORT.fullmatch(plain):
        before = _BEFORE.get((match[1] or stage)[:1], _BEFORE.get(stage))
        if before is not None and not np.isnan(year):
            grade = int(year) - int(match[2]) + 1 + before
    elif match := _GRADE.fullmatch(plain):
        number = _CHINESE.get(match[2]) or int(match[2])
        before = _BEFORE.get((match[1] or "")[:1], _BEFORE.get(stage, 0))
        grade = number + before if number <= _YEARS else number
        if match[1] and number > _YEARS and not before <= number <= before + _MOST_YEARS:
            return None
    return grade if grade is not None and str(grade) in _PLAIN else None


def graded(table: Table, facts: Table, problems: Problems) -> Table:
    """Return a table whose grades are numbers, as text; a grade that cannot be read is a problem of its cell.

    Parameters
    ----------
    table : Table
        Classes or monitoring.
    facts : Table
        A row for each county; cohorts are counted from its `school_year`.
    problems : Problems
    """
    if GRADE not in table:
        return table
    grades, stage, years = table.texts(GRADE), table.choices("stage"), facts.numbers(SCHOOL_YEAR)
    declared = problems.standard.table_measures(table.id).get("stage")
    stages = [choice.id for choice in declared.values] if declared else []
    later = {n for n, name in enumerate(stages) if _BEFORE.get(name)}
    if set(grades.tolist()) <= _PLAIN and not later & set(stage[np.isin(grades, ["1", "2", "3"])].tolist()):
        return table
    keys = list(zip(grades.tolist(), stage.tolist(), years[table.county].astype(str).tolist(), strict=True))
    known = {
        (text, position, year): grade_of(text, stages[position] if position >= 0 else "", float(year))
        for text, position, year in set(keys)
    }
    for row, key in enumerate(keys):
        if key[0] and known[key] is None:
            hint = _NEEDS_YEAR if _COHORT.fullmatch(key[0]) else _AS_NUMBER
            problems.cell(table, row, GRADE, misfilled(shown(key[0]), _WANTED), hint, _KIND)
    numbers = np.array([str(known[key] or "") for key in keys], dtype=str)
    return attrs.evolve(table, columns={**table.columns, GRADE: numbers})
