"""Exact numbers, four verdicts and plain rows: the words the oracle is written in."""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

Row = Mapping[str, Any]
Table = Mapping[str, Sequence[Any]]

MET, NOT_MET, UNKNOWN, NOT_APPLICABLE = "MET", "NOT_MET", "UNKNOWN", "NOT_APPLICABLE"


def exact(x: Any) -> Fraction:
    """Return a number as it is written: a float at 15 significant digits, a text or decimal with all of its digits."""
    return Fraction(f"{x:.15g}" if isinstance(x, float) else str(x))


def absent(x: Any) -> bool:
    """Return whether nothing was reported."""
    return str(x) in ("None", "nan", "")


def known(x: Any) -> Fraction | None:
    """Return the exact number, or None if nothing was reported."""
    return None if absent(x) else exact(x)


def all_of(verdicts: Iterable[str]) -> str:
    """Join verdicts: one failure fails, else one gap leaves it open; what does not apply is ignored."""
    result = set(verdicts)
    for verdict in (NOT_MET, UNKNOWN, MET):
        if verdict in result:
            return verdict
    return NOT_APPLICABLE


def met_if(condition: bool) -> str:
    """Turn a decided question into a verdict."""
    return MET if condition else NOT_MET


def at_least(value: Fraction | None, limit: Fraction | None) -> str:
    """Judge value >= limit, the limit itself included (「以上」「不低于」)."""
    return UNKNOWN if value is None or limit is None else met_if(value >= limit)


def at_most(value: Fraction | None, limit: Fraction | None) -> str:
    """Judge value <= limit, the limit itself included (「不超过」)."""
    return UNKNOWN if value is None or limit is None else met_if(value <= limit)


def divide(part: Fraction | None, whole: Fraction | None) -> Fraction | None:
    """Return part / whole, or None if one of them was not reported."""
    return None if part is None or whole is None else part / whole


def rows_of(table: Table | None) -> list[Row]:
    """Return the rows of a dict of lists; a table that was not handed in has none."""
    if not table:
        return []
    return [{column: cells[i] for column, cells in table.items()} for i in range(len(table["county"]))]
