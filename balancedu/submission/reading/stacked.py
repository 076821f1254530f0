"""Rows of headers that stand one above the other become a path of texts above each column."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from balancedu.submission.reading.sheet import Cell, Merged, Row, Sheet

Path = tuple[str, ...]
"""The texts above a column, the lowest last."""

_ORDINALS = "甲乙丙丁戊己庚辛"
_NUMBER = re.compile(r"\(?([0-9]+)\)?")


def text_of(cell: Cell) -> str:
    """Return what a cell of a header says.

    Examples
    --------
    >>> text_of("  专任  教师 "), text_of(2023.0), text_of(None)
    ('专任 教师', '2023', '')
    """
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return " ".join(str(cell).split()) if isinstance(cell, str | int | float) and not isinstance(cell, bool) else ""


def paths_of(rows: Sequence[Row], sheet: Sheet) -> dict[int, Path]:
    """Return the path above each column that has one, by the position of the column.

    A text in a cell that was joined stands above all columns that the cell covers. Where no cell of a row was
    joined, as in a text file, a text stands above the empty cells to its right too.

    Examples
    --------
    >>> sheet = Sheet("schools.csv", "", lambda: iter(()))
    >>> paths_of([(1, ["校名", "小学", ""]), (2, ["", "班数", "学生数"])], sheet)
    {0: ('校名',), 1: ('小学', '班数'), 2: ('小学', '学生数')}
    """
    width = max(len(cells) for _, cells in rows)
    levels = [
        _level(number, [text_of(cell) for cell in cells] + [""] * (width - len(cells)), sheet.merged, rows[-1][0])
        for number, cells in rows
    ]
    paths: dict[int, Path] = {}
    for column in range(width):
        if any(own[column] for own, _ in levels):
            lowest = max(n for n, (own, _) in enumerate(levels) if own[column])
            texts = [spread[column] if n < lowest else own[column] for n, (own, spread) in enumerate(levels)]
            path = [text for text in texts[: lowest + 1] if text]
            paths[column] = tuple(text for n, text in enumerate(path) if n == 0 or text != path[n - 1])
    return paths


def _level(number: int, texts: list[str], merged: tuple[Merged, ...], last: int) -> tuple[list[str], list[str]]:
    """Return the texts of a row of headers: as columns have them, and as they stand above what is below."""
    own = list(texts)
    wide = [one for one in merged if one.first_row <= number <= one.last_row and one.last_column > one.first_column]
    for one in wide:
        if one.first_row == number:
            for column in range(one.first_column, min(one.last_column + 1, len(own))):
                own[column] = texts[one.first_column]
    if wide or number == last:
        return own, own
    spread = list(own)
    for column in range(1, len(spread)):
        spread[column] = spread[column] or spread[column - 1]
    return own, spread


def is_numbering(cells: Sequence[Cell]) -> bool:
    """Return whether a row below headers only numbers the columns: 甲 乙 1 2 3.

    Examples
    --------
    >>> is_numbering(["甲", "乙", 1.0, 2.0]), is_numbering(["栏次", "1", "2"]), is_numbering(["001", "1", "2"])
    (True, True, False)
    """
    texts = [text for text in map(text_of, cells) if text]
    words = [text for text in texts if not _NUMBER.fullmatch(text)]
    numbers = [int(found[1]) for text in texts if (found := _NUMBER.fullmatch(text))]
    named = words == list(_ORDINALS[: len(words)]) or words == ["栏次"]
    return bool(words and numbers) and named and numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def repeated(cells: Sequence[Cell], leaves: Mapping[int, str]) -> bool:
    """Return whether a row among the data only repeats the headers, as printed pages do."""
    texts = {column: text for column, text in enumerate(map(text_of, cells)) if text}
    return len(texts) > 1 and all(leaves.get(column) == text for column, text in texts.items())
