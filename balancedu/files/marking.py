"""Marks the cells of a workbook that have problems, lists them, and states what openpyxl lost."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from xml.sax.saxutils import escape

import attrs
import openpyxl
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils.datetime import to_excel
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from balancedu.core.fields import Language
from balancedu.errors import DataError, DataErrors
from balancedu.files.book import no_workbook
from balancedu.files.layout import PROBLEMS, word, workbook_words
from balancedu.files.open import content_of, sheets_of
from balancedu.files.sheet import ZIP, Sheet, UnreadableError
from balancedu.files.workbooks import LONGEST, Package
from balancedu.saving import save_bytes
from balancedu.submission.checks import DataWarning
from balancedu.submission.problems import CellError
from balancedu.text import NO_WORDS, Phrase, listed, width

_AUTHOR = "balancedu check"
_BEFORE_OLD_NOTE = "\n————\n"
_FILLS = {True: PatternFill("solid", fgColor="FFFFC7CE"), False: PatternFill("solid", fgColor="FFFFEB9C")}
"""Of errors and of hints."""
_MOST_LISTED = 100_000
"""Rows of the list, and cells that are marked."""
_WIDEST = 40
_HEADINGS = ("problem_number", "problem_kind", "problem_place", "problem", "problem_hint")
_WIDTHS = (6, 8, 24, 60, 60)
_KINDS = {True: "error", False: "hint"}

_BOOK, _SHEETS = "xl/workbook.xml", "xl/worksheets/"
_LOST_MARKUP = (
    ("xl/drawings/", rb"<xdr:(?:sp|cxnSp|grpSp)[ >]", Phrase("图形和文本框", "shapes and text boxes")),
    (_SHEETS, rb"<x14:dataValidation[ >]", Phrase("部分下拉列表", "some drop-downs")),
    (_SHEETS, rb"<x14:conditionalFormatting[ >]", Phrase("部分条件格式", "some conditional formats")),
    (_SHEETS, rb"<x14:sparklineGroup[ >]", Phrase("迷你图", "sparklines")),
)
"""What openpyxl drops inside the parts that it keeps."""
_OF_VALUES = Phrase("格式、公式和图片", "formats, formulas and pictures")
_EMPTY_CELLS = Phrase("空单元格的格式", "formats of empty cells")
_FORMULA = re.compile(
    rb'<c r="([A-Z]+[0-9]+)"((?: s="[0-9]+")?)(?: t="\w+")?>(<f[ >].*?</f>)<v ?(?:/>|></v>)</c>', re.S
)
_CELL = re.compile(r"!([A-Z]{1,3}[0-9]{1,7}|[0-9]{1,7}:[0-9]{1,7})")


@attrs.frozen
class _Mark:
    """A problem, and the cell that it is about; without a sheet it is about the whole file."""

    is_error: bool
    place: str
    sheet: str
    cell: str
    problem: str
    hint: str


def marked_copy(
    source: Path,
    target: Path,
    errors: Iterable[DataError],
    hints: Iterable[DataWarning],
    lang: Language,
    *,
    replace: bool,
) -> tuple[int, int, Phrase]:
    """Write a copy of a workbook with its problems, and return its errors, its hints and what the copy lacks."""
    content = content_of(source)
    try:
        is_zip = content.startswith(ZIP)
        package = Package.of(content) if is_zip else None
        copy = _copied(package) if package and _BOOK in package else None
        if copy is None:
            sheets = sheets_of(source)
            if not sheets[0].name:
                raise no_workbook(source)
            copy = _Copy(_of_values(sheets), None, [_OF_VALUES])
    except UnreadableError as error:
        raise DataErrors([error.of(source.name)]) from None
    except DataError as error:
        raise DataErrors([error]) from None
    _remove_earlier_marks(copy.book)
    marks = [mark for some in (errors, hints) for mark in _marks(some, source.name, copy.book, lang)]
    for mark in marks[:_MOST_LISTED]:
        _mark_cell(copy.book, mark, lang)
    count = Counter(mark.is_error for mark in marks)
    _list_problems(copy.book, marks, count, lang)
    saved = _saved(copy)
    if package and copy.values:
        copy.lost.extend(_lost(package, Package.of(saved)))
    save_bytes(target, saved, replace=replace)
    zh, en = (listed(dict.fromkeys(phrase.text(name) for phrase in copy.lost)).text(name) for name in ("zh", "en"))
    left_out = Phrase(f"副本没有保留原工作簿的{zh}", f"the copy lacks of the workbook: {en}") if copy.lost else NO_WORDS
    return count[True], count[False], left_out


@attrs.frozen
class _Copy:
    """A workbook to change, the values of its formulas, and what of the original is known to be lost."""

    book: Workbook
    values: Workbook | None
    lost: list[Phrase]


def _copied(package: Package) -> _Copy | None:
    """Return a workbook as openpyxl reads it; None if it cannot."""
    package.refuse_document_types()
    content, lost = package.content, []
    if sum(part.file_size for name, part in package.parts.items() if name.startswith(_SHEETS)) > LONGEST:
        content, lost = package.without_empty_cells(), [_EMPTY_CELLS]
    with warnings.catch_warnings():
        # What the library leaves out is named by comparing the parts of the two files.
        warnings.simplefilter("ignore")
        try:
            book = openpyxl.load_workbook(io.BytesIO(content), rich_text=True)
            values = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
        except Exception:  # a workbook that the library does not expect ends it in any way
            return None
    if book.calculation is not None:
        book.calculation.fullCalcOnLoad = package.is_recalculated
    return _Copy(book, values, lost) if book.worksheets else None


def _of_values(sheets: Iterable[Sheet]) -> Workbook:
    """Return a workbook with the values and merged cells of sheets that openpyxl cannot change."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for sheet in sheets:
        page = book.create_sheet(sheet.name)
        page.sheet_state = "hidden" if sheet.hidden else "visible"
        widths = Counter[str]()
        for number, cells in sheet.rows():
            for column, value in enumerate(cells, 1):
                if value is not None:
                    cell, shown = page.cell(number, column), value.text if isinstance(value, CellError) else value
                    if isinstance(shown, str):
                        _text(cell, shown)
                    else:
                        cell.value = shown
                    widths[cell.column_letter] = max(widths[cell.column_letter], width(str(shown)))
        for letter, size in widths.items():
            page.column_dimensions[letter].width = min(size, _WIDEST) + 2
        for area in sheet.merged:
            page.merge_cells(None, area.first_row, area.first_column + 1, area.last_row, area.last_column + 1)
    return book


def _text(cell: Cell, text: str) -> None:
    """Write a text as text, also if it looks like a number or formula."""
    cell.value = ILLEGAL_CHARACTERS_RE.sub("", text)
    cell.data_type = "s"


def _remove_earlier_marks(book: Workbook) -> None:
    """Take away what an earlier run marked, so that a copy can be corrected and checked again."""
    for name in (PROBLEMS.zh, PROBLEMS.en):
        if name in book.sheetnames and len(book.worksheets) > 1:
            book.remove(book[name])
    for page in book.worksheets:
        for cell in list(page._cells.values()):
            if cell.comment is not None and cell.comment.author == _AUTHOR:
                old = cell.comment.text.partition(_BEFORE_OLD_NOTE)[2]
                cell.comment = Comment(old, "") if old else None
                cell.fill = PatternFill()


def _marks(problems: Iterable[DataError | DataWarning], file: str, book: Workbook, lang: Language) -> Iterator[_Mark]:
    for problem in problems:
        sheet, cell = _cell_of(problem.place, file, book.sheetnames)
        cell = _shown_cell(book[sheet], cell) if cell else ""
        yield _Mark(isinstance(problem, DataError), problem.place, sheet, cell, *problem.parts(lang))


def _cell_of(place: str, file: str, sheets: Iterable[str]) -> tuple[str, str]:
    """Return the sheet and the cell or row of a place; empty if it names none.

    Examples
    --------
    >>> _cell_of("county.xlsx 学校!C5 (001)", "county.xlsx", ["学校", "学校!"])
    ('学校', 'C5')
    >>> _cell_of("county.xlsx 学校", "county.xlsx", ["学校"]), _cell_of("mapping.yaml:3", "county.xlsx", ["学校"])
    (('学校', ''), ('', ''))
    """
    for name in sorted(sheets, key=len, reverse=True):
        beginning = f"{file} {name}"
        rest = place[len(beginning) :]
        if place.startswith(beginning) and (not rest or rest[0] in "!, "):
            result = _CELL.match(rest)
            return name, result[1] if result else ""
    return "", ""


def _shown_cell(page: Worksheet, cell: str) -> str:
    """Return the cell to mark: the first filled one of a row, and of merged cells the one that shows."""
    if ":" in cell:
        number = int(cell.partition(":")[0])
        cells = page[number] if number <= page.max_row else ()
        cell = next((entry.coordinate for entry in cells if entry.value is not None), f"A{number}")
    for merged in page.merged_cells.ranges:
        if cell in merged:
            return str(merged.start_cell.coordinate)
    return cell


def _mark_cell(book: Workbook, mark: _Mark, lang: Language) -> None:
    if not mark.cell:
        return
    cell = book[mark.sheet][mark.cell]
    before, old = "", cell.comment.text if cell.comment else ""
    if cell.comment is not None and cell.comment.author == _AUTHOR:
        before, _, old = old.partition(_BEFORE_OLD_NOTE)
    kind = word(_KINDS[mark.is_error], lang) + ("：" if lang == "zh" else ": ")
    own = ILLEGAL_CHARACTERS_RE.sub("", "\n".join(filter(None, [before, kind + mark.problem, mark.hint])))
    lines = sum(1 + width(line) // 44 for line in own.split("\n"))
    cell.comment = Comment(own + (_BEFORE_OLD_NOTE + old if old else ""), _AUTHOR, height=20 * lines + 20, width=340)
    if mark.is_error or not before:
        cell.fill = _FILLS[mark.is_error]


def _list_problems(book: Workbook, marks: Sequence[_Mark], count: Mapping[bool, int], lang: Language) -> None:
    """Put the list of problems at the front of the workbook."""
    page = book.create_sheet(PROBLEMS.text(lang), 0)
    for entry in book.worksheets:
        entry.sheet_view.tabSelected = entry is page
    book.active = 0
    _text(page["A1"], word("counts", lang, count[True], count[False]) if marks else word("no_problem", lang))
    page["A1"].font = Font(bold=True)
    if not marks:
        return
    if len(marks) > _MOST_LISTED:
        _text(page["A3"], word("more", lang, _MOST_LISTED))
    for column, (title, size) in enumerate(zip(_HEADINGS, _WIDTHS, strict=True), 1):
        cell = page.cell(4, column)
        _text(cell, word(title, lang))
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="FFDDEBF7")
        page.column_dimensions[cell.column_letter].width = size
    for row, mark in enumerate(marks[:_MOST_LISTED], 5):
        page.cell(row, 1).value = row - 4
        name = f"{mark.sheet}!{mark.cell}" if mark.cell else mark.sheet or mark.place
        for column, text in enumerate((word(_KINDS[mark.is_error], lang), name, mark.problem, mark.hint), 2):
            _text(page.cell(row, column), text)
            page.cell(row, column).alignment = Alignment(wrap_text=True, vertical="top")
        page.cell(row, 2).fill = _FILLS[mark.is_error]
        if mark.sheet:
            cell, quoted = page.cell(row, 3), mark.sheet.replace("'", "''")
            cell.hyperlink = Hyperlink(ref=cell.coordinate, location=f"'{quoted}'!{mark.cell or 'A1'}")
            cell.font = Font(color="FF1F5C99", underline="single")
    page.freeze_panes = "A5"
    page.auto_filter.ref = f"A4:E{4 + min(len(marks), _MOST_LISTED)}"
    page.page_setup.orientation, page.page_setup.paperSize = "landscape", 9
    page.page_setup.fitToHeight, page.sheet_properties.pageSetUpPr.fitToPage = 0, True


def _saved(copy: _Copy) -> bytes:
    """Return the workbook as a file; its formulas keep the values that they had."""
    result = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        copy.book.save(result)
    if copy.values is None:
        return result.getvalue()
    pages = {f"{_SHEETS}sheet{number}.xml": page.title for number, page in enumerate(copy.book.worksheets, 1)}
    filled = io.BytesIO()
    with zipfile.ZipFile(result) as before, zipfile.ZipFile(filled, "w", zipfile.ZIP_DEFLATED) as after:
        for entry in before.infolist():
            content = before.read(entry)
            if (name := pages.get(entry.filename)) in copy.values.sheetnames:
                content = _FORMULA.sub(partial(_with_value, copy.values[name]), content)
            after.writestr(entry, content)
    return filled.getvalue()


def _with_value(page: Worksheet, match: re.Match[bytes]) -> bytes:
    cell, style, formula = match.groups()
    value = page[cell.decode()].value
    kind = ""
    if isinstance(value, bool):
        kind, text = ' t="b"', str(int(value))
    elif isinstance(value, date | datetime | time | timedelta):
        text = repr(to_excel(value))
    elif isinstance(value, int | float):
        text = repr(value)
    elif value is None:
        return match[0]
    else:
        kind, text = ' t="e"' if page[cell.decode()].data_type == "e" else ' t="str"', escape(str(value))
    return b'<c r="%b"%b%b>%b<v>%b</v></c>' % (cell, style, kind.encode(), formula, text.encode())


def _lost(before: Package, after: Package) -> Iterator[Phrase]:
    """Yield what the parts of a workbook show that its copy lacks."""
    for start, what in workbook_words().lost.items():
        old, new = (sum(name.startswith(start) for name in package.parts) for package in (before, after))
        # Of charts the library keeps only what it knows.
        if new < old or (old and what.en.startswith("charts")):
            yield what
    for folder, pattern, shown in _LOST_MARKUP:
        if any(re.search(pattern, before.read(name)) for name in before.parts if name.startswith(folder)):
            yield shown
