"""Classes and rooms that are counted in bands: that many of a size between two bounds."""

from collections.abc import Sequence
from fractions import Fraction

from .exact import MET, NOT_MET, UNKNOWN, Row, known


def single(rows: Sequence[Row], count: str) -> list[Row]:
    """Return a row for each class or room; a row without a count is for one."""
    numbers = [known(row.get(count)) for row in rows]
    return [row for row, number in zip(rows, numbers, strict=True) for _ in range(1 if number is None else int(number))]


def class_within(row: Row, limit: Fraction) -> str:
    """Judge the size of one class: 45 to 50 pupils means above 45 and at most 50."""
    size, above, most = (known(row.get(name)) for name in ("pupils", "above", "at_most"))
    if size is not None:
        above, most = size - 1, size
    if most is not None and most <= limit:
        return MET
    return NOT_MET if above is not None and above + 1 > limit else UNKNOWN


def room_reaches(row: Row, smallest: Fraction) -> str:
    """Judge the area of one room: 73 to 96 m² means at least 73 and less than 96."""
    area, least, below = (known(row.get(name)) for name in ("area", "area_from", "area_below"))
    if area is not None:
        return MET if area >= smallest else NOT_MET
    if least is not None and least >= smallest:
        return MET
    return NOT_MET if below is not None and below <= smallest else UNKNOWN
