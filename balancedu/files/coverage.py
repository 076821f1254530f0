"""Which schools sent nothing, and which have no classes or rooms."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import attrs
import numpy as np

from balancedu.core.fields import plain
from balancedu.core.loading import Entry
from balancedu.core.standard import Standard
from balancedu.errors import DataError, DataErrors
from balancedu.files.headers import MOST_ABOVE, find_headers
from balancedu.files.layout import OWN
from balancedu.files.open import sheets_of
from balancedu.files.rows import is_total
from balancedu.files.sheet import Sheet, cell_at, text_of
from balancedu.submission.problems import Problems
from balancedu.submission.submission import Submission
from balancedu.text import Phrase


@attrs.frozen
class Expected:
    """A school that is expected to report, by its id or its name."""

    county: str
    school: str
    name: str

    @property
    def text(self) -> str:
        """Its name and its id."""
        return f"{self.name} ({self.school})" if self.name and self.school else self.name or self.school


def expected_schools(file: Entry, standard: Standard) -> tuple[Expected, ...]:
    """Return the schools that a list names: a table of any kind with a column of ids or of names.

    Raises
    ------
    DataErrors
        If the file cannot be read, or no header of its sheets is that of ids or names.
    """
    table = standard.tables["schools"]
    names = {plain(word) for word in (table.id, table.title.zh, table.title.en, *table.also)}
    try:
        sheets = [sheet for sheet in sheets_of(file) if not sheet.hidden and sheet.name not in OWN]
        # Of a workbook that counties fill in, the other sheets name the same schools again.
        own = [sheet for sheet in sheets if plain(sheet.name) in names]
        result = [school for sheet in own or sheets for school in _listed(sheet, standard)]
    except DataError as error:
        raise DataErrors([error]) from None
    if not result:
        problems = Problems(standard)
        problem = Phrase("没有找到学校名单", "no list of schools was found")
        hint = Phrase("请写一列“学校标识”或“学校名称”", "give it a column of ids (school) or of names (name)")
        problems.note("schools", file.name, "", problem, hint)
        raise DataErrors(problems.found)
    return tuple(dict.fromkeys(result))


def _listed(sheet: Sheet, standard: Standard) -> Iterator[Expected]:
    rows = list(sheet.rows())
    headers = find_headers(rows[:MOST_ABOVE], sheet, standard, "schools")
    columns = headers.columns if headers else {}
    for number, cells in rows if {"school", "name"} & set(columns) else ():
        county, school, name = (text_of(cell_at(cells, columns.get(key, -1))) for key in ("county", "school", "name"))
        if headers and number > headers.last and (school or name) and not is_total(name) and not is_total(school):
            yield Expected(county, school, name)


def missing_schools(submission: Submission | None, expected: Sequence[Expected]) -> tuple[Expected, ...]:
    """Return the expected schools that did not report; a school is known by its id, or else by its name.

    Examples
    --------
    >>> sub = Submission({"school": ["001"], "name": ["甲小学"], "type": ["小学"]})
    >>> [school.text for school in missing_schools(sub, [Expected("", "001", ""), Expected("", "002", "乙小学")])]
    ['乙小学 (002)']
    """
    if submission is None:
        return ()
    schools = submission.schools
    counties = [submission.counties[n] for n in schools.county.tolist()]
    names = zip(counties, schools.texts("school").tolist(), schools.texts("name").tolist(), strict=True)
    known = {
        (kind, place, word) for county, *words in names for kind, word in enumerate(words) for place in (county, "")
    }
    return tuple(
        school
        for school in expected
        if (0, school.county, school.school) not in known and (1, school.county, school.name) not in known
    )


def schools_without_classes(submission: Submission) -> tuple[Expected, ...]:
    """Return the schools of which no class is listed, where others list theirs; schools of no stage need none."""
    schools, classes = submission.schools, submission.tables["classes"]
    kinds = submission.standard.table_measures("schools")["type"].values
    has_stage = np.array([bool(kind.stages) for kind in kinds])[schools.choices("type")]
    rows = np.setdiff1d(np.flatnonzero(has_stage), classes.school)
    if not classes.school.size:
        return ()
    ids, names = (schools.texts(column)[rows].tolist() for column in ("school", "name"))
    return tuple(Expected("", *school) for school in zip(ids, names, strict=True))
