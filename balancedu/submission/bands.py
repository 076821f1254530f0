"""Classes and rooms counted in bands: a row for several of a size between two bounds becomes a row for each."""

from __future__ import annotations

from collections.abc import Mapping

import attrs
import numpy as np

from balancedu.calculator.groups import Floats
from balancedu.submission.problems import Problems, figure
from balancedu.submission.tables import Table
from balancedu.text import Phrase


@attrs.frozen
class Band:
    """The columns of a table that may be counted in bands.

    Attributes
    ----------
    count : str
        How many a row is for; one where it is not given.
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
    for row in np.flatnonzero((counts > 1) & ~np.isnan(size)).tolist():
        problem = Phrase(f"填报{figure(size[row])}，而这一行是{counts[row]}个", f"found one size for {counts[row]}")
        problems.note(table.id, table.place(row, band.size), band.size, problem, _ONE_BY_ONE)
    with np.errstate(invalid="ignore"):
        empty = least >= most
        outside = (size < least) | (size > most)
    for row in np.flatnonzero(empty).tolist():
        problem = Phrase(
            f"下限{figure(least[row])}不小于上限{figure(most[row])}",
            f"the lower bound {figure(least[row])} is not below {figure(most[row])}",
        )
        problems.note(table.id, table.place(row, band.least), band.least, problem, _CORRECT)
    for row in np.flatnonzero(outside & ~empty).tolist():
        problem = Phrase(
            f"填报{figure(size[row])}，不在{figure(least[row])}至{figure(most[row])}之间",
            f"found {figure(size[row])}, which is not between {figure(least[row])} and {figure(most[row])}",
        )
        problems.note(table.id, table.place(row, band.size), band.size, problem, _CORRECT)
    rows = np.repeat(np.arange(len(table)), counts)
    columns = {name: values[rows] for name, values in table.columns.items()}
    if band.count in columns:
        columns[band.count] = np.ones(rows.size)
    return attrs.evolve(
        table, columns=columns, county=table.county[rows], rows=table.rows[rows], school=table.school[rows]
    )


def bounds_of(table: Table) -> tuple[Floats, Floats]:
    """Return between what sizes each class or room is, (n,) float arrays; NaN where nothing is known.

    A class has at least the one number and at most the other; a room at least the one and less than the other, which
    is the next float where the area itself is known.

    Examples
    --------
    >>> from balancedu.submission.tables import Origin
    >>> classes = Table("classes", {"pupils": np.array([40, np.nan]), "above": np.array([np.nan, 45]),
    ...                             "at_most": np.array([np.nan, 50])}, np.zeros(2, int), np.arange(2), Origin())
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
