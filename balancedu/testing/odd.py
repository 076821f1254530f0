"""Submissions that are allowed and make no sense: whatever is decided about them must still be right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from balancedu.core.model import Choice, Measure, split_terms
from balancedu.testing.pen import Pen, Row, possible, respect_parts

_MOST_ROWS = 8


def odd_county(pen: Pen, schools: int) -> tuple[Mapping[str, Sequence[Row]], Row]:
    """Return the rows and the facts of one county, each figure drawn for itself."""
    types = {choice.id: choice for choice in pen.standard.measures["type"].values}
    rows: dict[str, list[Row]] = {"schools": [], "classes": [], "rooms": [], "monitoring": []}
    for number in range(schools):
        kind = pen.pick(list(types))
        row = _row(pen, "schools", {"school": str(number + 1), "type": kind}, types[kind])
        respect_parts(row, pen.standard.table_measures("schools"))
        rows["schools"].append(row)
    for table in ("classes", "rooms"):
        if table not in pen.standard.tables:
            continue
        for _ in range(pen.whole(0, _MOST_ROWS)):
            school = pen.pick(rows["schools"])
            stages = types[school["type"]].stages or pen.standard.stages
            row = {"school": school["school"]}
            if table == "classes":
                row["stage"] = pen.pick([stage for stage in pen.standard.stages if stage in stages])
            rows[table].append(_row(pen, table, row))
    if "monitoring" in pen.standard.tables:
        rows["monitoring"] = [_row(pen, "monitoring", {}) for _ in range(pen.whole(0, 2))]
    return rows, _facts(pen)


def _row(pen: Pen, table: str, row: Row, kind: Choice | None = None) -> Row:
    """Complete a row with anything; ids and texts stay out, and figures of stages that the school lacks."""
    for column, measure in pen.standard.table_measures(table).items():
        lacking = kind and kind.stages and measure.stage and measure.stage not in kind.stages
        if column not in row and measure.type != "text" and not lacking:
            row[column] = _anything(pen, measure, column in ("use", "stage"))
    return row


def _facts(pen: Pen) -> Row:
    measures = pen.standard.table_measures("facts")
    facts: Row = {name: _anything(pen, one) for name, one in measures.items() if one.type != "text"}
    respect_parts(facts, measures)
    for name, measure in measures.items():
        # A share beside its counts would have to agree with them.
        if measure.quotient and all(facts[count] is not None for _, count in _terms(measure)):
            del facts[name]
    return facts


def _terms(measure: Measure) -> tuple[tuple[int, str], ...]:
    return split_terms((*measure.quotient.part, *measure.quotient.whole)) if measure.quotient else ()


def _anything(pen: Pen, measure: Measure, needed: bool = False) -> object:
    if not needed and pen.whole(0, 7) == 7:
        return None
    value = pen.anything(measure)
    return possible(measure, value / pen.pick((1, 8, 100))) if measure.type == "number" else value
