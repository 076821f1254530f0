"""Workbooks written as text, so that a reviewer can read them; tests read the real file that is made of it.

    [学校]
    学校标识 | 学校类型 | 小学在校生数
    '001     | 小学     | 400
    '002     | ^        | =1/0 -> #DIV/0!

A line in square brackets begins a sheet, `[学校 hidden]` a hidden one. A cell that looks like a number is one, unless
an apostrophe states that it is text; 2020-01-31 is a date; `->` gives the last result of a formula; `<` is joined with
the cell to its left and `^` with the one above.
"""

from __future__ import annotations

import datetime
import re
from pathlib import Path

import xlsxwriter

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_FORMULA = re.compile(r"(=.*?)(?: -> (.*))?")


def write_book(text: str, path: Path) -> Path:
    """Write the workbook that a text describes."""
    with xlsxwriter.Workbook(str(path), {"strings_to_numbers": False}) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for sheet in re.split(r"^\[", text, flags=re.MULTILINE)[1:]:
            name, _, body = sheet.partition("]\n")
            page = book.add_worksheet(name.removesuffix(" hidden"))
            if name.endswith(" hidden"):
                page.hide()
            rows = [[cell.strip() for cell in line.split("|")] for line in body.rstrip("\n").split("\n")]
            for row, cells in enumerate(rows):
                for column, cell in enumerate(cells):
                    last_row, last_column = _joined(rows, row, column)
                    if cell and cell not in "<^" and (last_row, last_column) != (row, column):
                        page.merge_range(row, column, last_row, last_column, "")
                    _write(page, row, column, cell, day)
    return path


def _joined(rows: list[list[str]], row: int, column: int) -> tuple[int, int]:
    right, below = column, row
    while right + 1 < len(rows[row]) and rows[row][right + 1] == "<":
        right += 1
    while below + 1 < len(rows) and column < len(rows[below + 1]) and rows[below + 1][column] == "^":
        below += 1
    return below, right


def _write(page: xlsxwriter.worksheet.Worksheet, row: int, column: int, cell: str, day: object) -> None:
    if not cell or cell in "<^":
        return
    if _NUMBER.fullmatch(cell):
        page.write_number(row, column, float(cell))
    elif _DAY.fullmatch(cell):
        page.write_datetime(row, column, datetime.datetime.fromisoformat(cell), day)
    elif result := _FORMULA.fullmatch(cell):
        page.write_formula(row, column, result[1], None, result[2] or 0)
    else:
        page.write_string(row, column, cell.removeprefix("'"))


def readable(fault: Path, folder: Path) -> Path:
    """The files of a fault: itself, or real workbooks made from its text."""
    books = sorted(fault.glob("*.xlsx.txt"))
    if not books:
        return fault
    made = folder / fault.name
    made.mkdir()
    for path in fault.iterdir():
        if path in books:
            write_book(path.read_text(encoding="utf-8"), made / path.stem)
        else:
            (made / path.name).write_bytes(path.read_bytes())
    return made
