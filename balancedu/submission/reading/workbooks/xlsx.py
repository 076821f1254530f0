"""An .xlsx or .xlsm workbook: which sheets it has, and how their rows are read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache, partial
from posixpath import dirname, join, normpath

from balancedu.core.model import Title
from balancedu.submission.reading.sheet import Sheet
from balancedu.submission.reading.workbooks.archive import Archive
from balancedu.submission.reading.workbooks.limits import (
    ENTRIES,
    MOST_PART_BYTES,
    MOST_SHEETS,
    MOST_TEXT_BYTES,
    THE_SHEETS,
    too_large,
)
from balancedu.submission.reading.workbooks.markup import Attributes, elements
from balancedu.submission.reading.workbooks.texts import shared_texts
from balancedu.submission.reading.workbooks.values import Values, styles_of
from balancedu.submission.reading.workbooks.worksheet import Worksheet

Links = Mapping[str, tuple[str, str]]
_YES = {"1", "true"}


def xlsx_sheets(archive: Archive, file: str) -> tuple[Sheet, ...]:
    """Return the worksheets of a workbook, in its order.

    Macros, links to other workbooks, pictures and diagrams are passed over: macros and links are said.
    """
    top = _links(archive, "")
    book = next((target for kind, target in top.values() if kind == "officeDocument"), "xl/workbook.xml")
    head = elements(archive.read(book, MOST_PART_BYTES))
    links = _links(archive, book)
    entries = [given for path, given in head if path == "sheets/sheet"]
    if len(entries) > MOST_SHEETS:
        raise too_large(THE_SHEETS, MOST_SHEETS, ENTRIES)
    values = cache(partial(_values, archive, dict(links.values()), _flags(head)))
    sheets = tuple(
        _sheet(Worksheet(archive, links[one["id"]][1], values), file, one)
        for one in entries
        if one.get("id") in links and links[one["id"]][0] == "worksheet"
    )
    for sheet in [one for one in sheets if not one.hidden][:1]:
        sheet.notes.extend(_passed_over(archive, links))
    return sheets


def _links(archive: Archive, part: str) -> Links:
    """Return what a part refers to inside the workbook: by id, the kind and the name of the other part."""
    name = join(dirname(part), "_rels", f"{part.rpartition('/')[2]}.rels")
    if name not in archive:
        return {}
    return {
        given.get("Id", ""): (
            given.get("Type", "").rpartition("/")[2],
            normpath(join("/", dirname(part), given.get("Target", ""))).lstrip("/"),
        )
        for _, given in elements(archive.read(name, MOST_PART_BYTES))
        if given.get("TargetMode", "Internal") == "Internal"
    }


def _flags(head: list[tuple[str, Attributes]]) -> Mapping[str, bool]:
    """Return what a workbook says of all its sheets."""
    names = {"workbook/workbookPr": "date1904", "workbook/calcPr": "fullCalcOnLoad"}
    return {names[path]: given.get(names[path], "0") in _YES for path, given in head if path in names}


def _passed_over(archive: Archive, links: Links) -> Iterator[Title]:
    if "xl/vbaProject.bin" in archive:
        yield Title(zh="工作簿带有宏，没有运行", en="the workbook has macros; they were not run")
    kinds = [kind for kind, _ in links.values()]
    if "externalLink" in kinds:
        yield Title(
            zh="工作簿引用了别的工作簿，没有去打开，只读入上次保存的值",
            en="the workbook refers to other workbooks; they were not opened, and the values last saved were read",
        )
    if others := [kind for kind in kinds if kind.endswith("sheet") and kind not in {"worksheet", "chartsheet"}]:
        yield Title(
            zh=f"有{len(others)}张宏表或对话框表，没有读入",
            en=f"sheets of macros or dialogs were passed over ({len(others)})",
        )


def _sheet(page: Worksheet, file: str, entry: Attributes) -> Sheet:
    hidden = entry.get("state", "visible") != "visible"
    return Sheet(file, entry.get("name", ""), page.rows, page.merged, page.notes, hidden, page.progress)


def _values(archive: Archive, parts: Mapping[str, str], flags: Mapping[str, bool]) -> Values:
    """Return what all cells need to be read; texts that they share are read here, once."""
    styles, texts = parts.get("styles", ""), parts.get("sharedStrings", "")
    return Values(
        shared_texts(archive.read(texts, MOST_TEXT_BYTES)) if texts in archive else [],
        styles_of(archive.read(styles, MOST_PART_BYTES)) if styles in archive else {},
        from_1904=flags.get("date1904", False),
        calculated=not flags.get("fullCalcOnLoad", False),
    )
