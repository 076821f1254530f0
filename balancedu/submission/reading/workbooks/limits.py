"""What a file may be at most: beyond that it is refused, in little time and memory.

The limits of a sheet are those of Excel; the others are several times what the whole nation needs in one file.
"""

from __future__ import annotations

from balancedu.core.model import Title
from balancedu.phrase import Phrase

MOST_FILE_BYTES = 512 << 20
"""Of a file as it lies on the disk."""
MOST_XLS_BYTES = 64 << 20
"""Of an .xls file, whose sheets have 65,536 rows at most."""
MOST_SHEET_BYTES = 1 << 30
"""Of a sheet, unpacked."""
MOST_TEXT_BYTES = 256 << 20
"""Of the texts that the cells of a workbook share, unpacked."""
MOST_PART_BYTES = 16 << 20
"""Of any other part of a workbook, unpacked."""
MOST_ROW_BYTES = 8 << 20
"""Of one row of a sheet, unpacked."""
MOST_PARTS = 10_000
MOST_SHEETS = 1_000
MOST_ROWS = 1 << 20
MOST_COLUMNS = 1 << 14
MOST_CELLS = 1 << 26
"""Of a sheet, the empty ones between others counted."""
MOST_CHARACTERS = (1 << 15) - 1
"""Of one cell."""


class UnreadableError(Exception):
    """What is wrong with a file, before it has been given a name; the way out."""

    def __init__(self, problem: Phrase, hint: Phrase) -> None:
        super().__init__(problem, hint)
        self.problem, self.hint = problem, hint


SAVE_AGAIN = Phrase("请用电子表格软件打开，另存为 .xlsx", "open it in a spreadsheet program and save it again as .xlsx")
BYTES, CHARACTERS = Phrase("字节", "bytes"), Phrase("个字符", "characters")
COLUMNS, CELLS, ENTRIES = Phrase("列", "columns"), Phrase("个单元格", "cells"), Phrase("项", "entries")
A_SHEET, A_ROW = Phrase("工作表", "a sheet"), Phrase("一行", "a row")
A_TEXT = Phrase("单元格的文字", "the text of a cell")
THE_SHEETS = Phrase("工作表清单", "the list of its sheets")


def broken(zh: str, en: str) -> UnreadableError:
    """Return the refusal of a file that is damaged, or none of its kind."""
    return UnreadableError(Phrase(f"工作簿已损坏：{zh}", f"the workbook is damaged: {en}"), SAVE_AGAIN)


def too_large(what: Phrase, most: int, unit: Phrase) -> UnreadableError:
    """Return the refusal of a file that exceeds a limit."""
    problem = Phrase(f"{what.zh}超过{most:,}{unit.zh}", f"{what.en} is larger than {most:,} {unit.en}")
    return UnreadableError(
        problem, Phrase("请删去与填报无关的内容，或拆成几个文件", "leave out what is no table, or split the file")
    )


def hidden(rows: int, columns: int = 0) -> list[Title]:
    """Return the sentences about what a person who opens a sheet does not see and what is read all the same."""
    said = []
    if rows:
        said.append(Title(zh=f"隐藏的行（{rows}行）照常读入", en=f"hidden rows were read like the others ({rows})"))
    if columns:
        said.append(
            Title(zh=f"隐藏的列（{columns}处）照常读入", en=f"hidden columns were read like the others ({columns})")
        )
    return said
