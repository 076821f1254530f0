"""Strategies for whole submissions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike
from typing import Literal

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from balancedu.core.loading import DEFAULT_STANDARD, load_standard
from balancedu.core.standard import Standard
from balancedu.submission.submission import Submission
from balancedu.testing.conditions import draw_conditions
from balancedu.testing.details import class_numbers, draw_classes, draw_monitoring, draw_rooms
from balancedu.testing.facts import draw_facts
from balancedu.testing.gaps import Tables, gaps_in, with_gaps
from balancedu.testing.odd import odd_county
from balancedu.testing.pen import Pen, Row, possible, respect_parts
from balancedu.testing.plans import draw_plans
from balancedu.testing.resources import draw_funds, draw_resources

Kind = Literal["ordinary", "on_limits", "gappy", "odd"]
"""What a submission is like; see `tables`."""

KINDS: tuple[Kind, ...] = ("ordinary", "on_limits", "gappy", "odd")

_ABSENT = (None, float("nan"), "")


def tables(
    standard: str | PathLike[str] | Standard = DEFAULT_STANDARD,
    *,
    kind: Kind | SearchStrategy[Kind] = "ordinary",
    counties: int | SearchStrategy[int] = 1,
    schools: int | SearchStrategy[int] | None = None,
) -> SearchStrategy[Tables]:
    """Return valid submissions as plain columns.

    Parameters
    ----------
    standard : id, path or Standard
        Whose measures are reported and whose limits the figures are drawn against.
    kind : {'ordinary', 'on_limits', 'gappy', 'odd'} or strategy
        *ordinary*: figures as in life, some counties good in everything. *on_limits*: figures stand exactly on,
        one unit beside, or one float beside the limits that they are compared with; some counties have pairs of
        sections whose coefficients of variation are exactly the limits. *gappy*: one of these two with cells,
        columns, classes or tables left out. *odd*: every figure is allowed, and nothing fits together.
    counties, schools : int or strategy
        How many counties, and at most how many schools in each; by default one county of one to five schools.

    Returns
    -------
    SearchStrategy of dict
        `Submission(**drawn, standard=standard)` accepts it. Each table is a dict of lists, `facts` a dict of
        dicts, and every row has its county.

    Examples
    --------
    >>> from hypothesis import Phase, find, settings
    >>> first = settings(phases=[Phase.generate], database=None)  # without a search for the simplest
    >>> sorted(find(tables(kind="ordinary"), lambda drawn: True, settings=first))
    ['classes', 'facts', 'monitoring', 'rooms', 'schools']
    """
    return _tables(
        load_standard(standard),
        st.just(kind) if isinstance(kind, str) else kind,
        st.just(counties) if isinstance(counties, int) else counties,
        st.just(schools) if isinstance(schools, int) else st.integers(1, 5) if schools is None else schools,
    )


def submissions(
    standard: str | PathLike[str] | Standard = DEFAULT_STANDARD,
    *,
    kind: Kind | SearchStrategy[Kind] = "ordinary",
    counties: int | SearchStrategy[int] = 1,
    schools: int | SearchStrategy[int] | None = None,
) -> SearchStrategy[Submission]:
    """Return submissions; the knobs are those of `tables`.

    Examples
    --------
    >>> from hypothesis import Phase, find, settings
    >>> first = settings(phases=[Phase.generate], database=None)  # without a search for the simplest
    >>> find(submissions(counties=2, schools=1), lambda submission: True, settings=first).counties
    ('1', '2')
    """
    std = load_standard(standard)
    drawn = tables(std, kind=kind, counties=counties, schools=schools)
    return drawn.map(lambda columns: Submission(**columns, standard=std))


@st.composite
def _tables(
    draw: DrawFn,
    standard: Standard,
    kinds: SearchStrategy[Kind],
    counties: SearchStrategy[int],
    schools: SearchStrategy[int],
) -> Tables:
    kind = draw(kinds)
    rows: dict[str, list[Row]] = {name: [] for name in standard.tables if name != "facts"}
    facts: dict[str, Row] = {}
    for number in range(draw(counties)):
        county = str(number + 1)
        near = draw(st.booleans()) if kind == "gappy" else kind == "on_limits"
        pen = Pen(draw, standard, near=near, good=kind != "odd" and draw(st.booleans()))
        found, facts[county] = (odd_county if kind == "odd" else _county)(pen, draw(schools))
        for table, more in ((table, found[table]) for table in rows):
            rows[table] += [{"county": county, **row} for row in more]
    result: Tables = {table: _columns(standard, table, some) for table, some in rows.items() if some}
    result["facts"] = facts
    if kind == "gappy":
        result = with_gaps(result, draw(gaps_in(result)), absent=draw(st.sampled_from(_ABSENT)))
    return result


def _county(pen: Pen, schools: int) -> tuple[Mapping[str, Sequence[Row]], Row]:
    """Return the rows and the facts of one county."""
    facts = draw_facts(pen)
    rows: dict[str, list[Row]] = {"schools": [], "classes": [], "rooms": [], "monitoring": list(draw_monitoring(pen))}
    measures = pen.standard.table_measures("schools")
    columns = pen.standard.head.scope.pupils
    for number, plan in enumerate(draw_plans(pen, schools)):
        school = f"{number + 1:03d}"
        row: Row = {"school": school, "type": plan.kind.id}
        row |= {columns[stage]: pupils for stage, pupils in plan.pupils.items() if stage in columns}
        row |= class_numbers(pen, plan) | draw_resources(pen, plan) | draw_funds(pen, plan, facts)
        row |= draw_conditions(pen, plan.kind, row)
        respect_parts(row, measures)
        rows["schools"].append(row)
        rows["classes"] += [{"school": school, **one} for one in draw_classes(pen, plan)]
        rows["rooms"] += [{"school": school, **one} for one in draw_rooms(pen, plan)]
    return rows, facts


def _columns(standard: Standard, table: str, rows: Sequence[Row]) -> dict[str, list[object]]:
    given = {column for row in rows for column in row}
    return {
        column: [possible(measure, row.get(column)) for row in rows]
        for column, measure in standard.table_measures(table).items()
        if column in given
    }
