"""A submission as the rows of its workbook: texts, numbers and gaps, in the order submitted."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence

import attrs
import numpy as np

from balancedu.core.model import Language, Measure
from balancedu.core.standard import Standard
from balancedu.submission.layout import NO, YES
from balancedu.submission.problems import ONLY_COUNTY
from balancedu.submission.submission import Submission
from balancedu.submission.tables import Column

Value = str | float | None
"""What a cell holds; None where nothing is reported."""
_AT_ONCE = 5000
"""Rows that are made Python objects at the same time."""


def table_rows(submission: Submission, table: str, lang: Language) -> Iterator[Sequence[Value]]:
    """Yield the rows of a table, a value for each of the columns that the standard declares."""
    measures = submission.standard.table_measures(table)
    if is_named(submission) or "county" not in measures:
        return _rows(submission, table, lang)
    county = list(measures).index("county")
    nameless = [[*row[:county], None, *row[county + 1 :]] for row in _rows(submission, table, lang)]
    # A row that holds nothing else is there all the same; a blank one would be passed over.
    blank = any(all(value is None for value in row) for row in nameless)
    return _rows(submission, table, lang) if blank else iter(nameless)


def is_named(submission: Submission) -> bool:
    """Say whether the county has an id of its own."""
    return submission.counties != (ONLY_COUNTY,)


def _rows(submission: Submission, table: str, lang: Language) -> Iterator[Sequence[Value]]:
    columns, measures = submission.columns(table), submission.standard.table_measures(table)
    size = len(submission.tables[table])
    for start in range(0, size, _AT_ONCE):
        stop = min(start + _AT_ONCE, size)
        some = [
            _cells(columns[name][start:stop], measure, lang) if name in columns else itertools.repeat(None)
            for name, measure in measures.items()
        ]
        for _, *row in zip(range(start, stop), *some, strict=False):
            yield row


def _cells(column: Column, measure: Measure, lang: Language) -> Iterator[Value]:
    """Yield the cells of a piece of a column."""
    values = column.tolist()
    if measure.type == "text":
        yield from (text or None for text in values)
    elif measure.type == "choice":
        titles = {choice.id: choice.title.said(lang) for choice in measure.values}
        yield from map(titles.get, values)
    elif measure.type == "yes_no":
        said = {1.0: YES.said(lang), 0.0: NO.said(lang)}
        yield from map(said.get, values)
    else:
        yield from (None if math.isnan(number) else number for number in values)


def facts_by_item(standard: Standard) -> Mapping[str, tuple[Measure, ...]]:
    """Return the facts under the first item that needs them, in the order of the items; the others come last."""
    facts = [one for one in standard.table_measures("facts").values() if one.type not in ("text", "choice")]
    items = [*standard.indicators, *standard.items, ""]
    first = {one.id: next((item for item in items if item in one.needed_by), "") for one in facts}
    return {item: some for item in items if (some := tuple(one for one in facts if first[one.id] == item))}


@attrs.frozen
class FactRow:
    """A fact of a county."""

    county: str
    item: str
    measure: Measure
    value: Value
    evidence: str


def fact_rows(submission: Submission, lang: Language) -> Iterator[FactRow]:
    """Yield every fact of every county, reported or not; for an empty submission, those of one county.

    Counties that reported facts come first, in their order.
    """
    facts, counties = submission.facts, submission.counties
    grouped = facts_by_item(submission.standard)
    values = {
        one.id: [*_cells(facts.numbers(one.column), one, lang)] or [None] for some in grouped.values() for one in some
    }
    for n in np.lexsort((facts.rows, facts.rows < 0)).tolist() if counties else [0]:
        county = counties[n] if counties else ""
        for item, some in grouped.items():
            for one in some:
                told = submission.evidence.get((county, one.column), "")
                yield FactRow(county if is_named(submission) else "", item, one, values[one.id][n], told)
