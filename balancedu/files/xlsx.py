"""Sheets of an .xlsx or .xlsm workbook: openpyxl reads them, python-calamine where openpyxl gives up."""

from __future__ import annotations

import io
import math
import re
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from balancedu.core.fields import Title
from balancedu.errors import MissingExtraError
from balancedu.files import package as limits
from balancedu.files.package import Package, UnreadableError, broken, hidden, too_large, unreadable
from balancedu.files.sheet import Cell, Merged, Row, Sheet
from balancedu.submission.problems import UNKNOWN_ERROR, CellError
from balancedu.submission.tables import letters
from balancedu.text import Phrase

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet
    from python_calamine import CalamineSheet

_LONG = 4 << 20
"""Bytes of a sheet from which on its empty cells are dropped before a library sees them."""
LONGEST = 24 << 20
"""Bytes of all sheets up to which openpyxl keeps every cell in memory."""
_EMPTY_CELL = re.compile(rb'<c r="[A-Z]+[0-9]+"(?: s="[0-9]+")?\s*(?:/>|></c>)')
_EMPTY_ROW = re.compile(rb'<row r="[0-9]+"[^>]*(?:/>|>\s*</row>)')
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s>/]")
_RECALCULATED = re.compile(rb'fullCalcOnLoad="(?:1|true)"')
_ZEROS = re.compile(r'"?(0{2,18})"?')
_SHEETS = re.compile(rb"<(?:\w+:)?sheet\s")
_BOOK = "xl/workbook.xml"


def xlsx_sheets(package: Package, file: str) -> tuple[Sheet, ...]:
    """Return the worksheets of a workbook, in its order.

    Macros are not run and links to other workbooks not followed; notes say that there are any.

    Raises
    ------
    MissingExtraError
        If openpyxl is not installed.
    UnreadableError
        If no library can read it.
    """
    try:
        import openpyxl  # noqa: F401
    except ImportError as error:
        raise MissingExtraError(
            "openpyxl", "excel", Phrase("读取 .xlsx 工作簿", "reading an .xlsx workbook")
        ) from error
    package.refuse_document_types()
    if _BOOK in package and len(_SHEETS.findall(package.read(_BOOK))) > limits.MOST_SHEETS:
        raise too_large(limits.THE_SHEETS, limits.MOST_SHEETS, limits.ENTRIES)
    parts = [name for name in package.parts if _is_sheet(name)]
    content = package.content
    if any(package.parts[name].file_size > _LONG for name in parts):
        content = without_empty_cells(package)
    try:
        sheets = _by_openpyxl(package, content, parts, file)
    except UnreadableError:
        raise
    except Exception as error:  # a workbook that the library does not expect ends it in any way
        sheets = _by_calamine(content, file, error)
    for sheet in [entry for entry in sheets if not entry.hidden][:1]:
        sheet.notes.extend(_passed_over(package))
    return sheets


def _is_sheet(name: str) -> bool:
    return name.startswith("xl/worksheets/") and name.endswith(".xml")


def is_recalculated(package: Package) -> bool:
    """Return whether a workbook leaves the calculation of its formulas to the next program."""
    return _BOOK in package and _RECALCULATED.search(package.read(_BOOK)) is not None


def without_empty_cells(package: Package) -> bytes:
    """Return the workbook without the cells that hold only a format, as in sheets formatted to their last row."""
    result = io.BytesIO()
    with zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        for name, entry in package.parts.items():
            with file.open(entry.filename, "w") as part:
                for some in _filled(package.chunks(name)) if _is_sheet(name) else package.chunks(name):
                    part.write(some)
    return result.getvalue()


def _filled(chunks: Iterator[bytes]) -> Iterator[bytes]:
    rest = b""
    for chunk in chunks:
        rest += chunk
        end = rest.rfind(b"<row ")
        if end > 0:
            yield _EMPTY_ROW.sub(b"", _EMPTY_CELL.sub(b"", rest[:end]))
            rest = rest[end:]
        elif len(rest) > limits.MOST_ROW_BYTES:
            raise too_large(limits.A_ROW, limits.MOST_ROW_BYTES, limits.BYTES)
    yield _EMPTY_ROW.sub(b"", _EMPTY_CELL.sub(b"", rest))


def _by_openpyxl(package: Package, content: bytes, parts: list[str], file: str) -> tuple[Sheet, ...]:
    with zipfile.ZipFile(io.BytesIO(content)) as written:
        size = sum(entry.file_size for entry in written.infolist() if entry.filename.lower() in parts)
    streamed = size > LONGEST
    values = _loaded(content, streamed, values=True)
    formulas: Workbook | None = None
    if any(_FORMULA.search(chunk) for name in parts for chunk in package.chunks(name)):
        formulas = _loaded(content, streamed, values=False)
    recalculated = is_recalculated(package)
    declared = len(_SHEETS.findall(package.read(_BOOK))) if _BOOK in package else 0
    if missing := declared - len(values.sheetnames):
        raise broken(f"有{missing}张工作表不在文件里", f"sheets that it lists are not in the file ({missing})")
    sheets = []
    for number, page in enumerate(values.worksheets):
        beside = formulas.worksheets[number] if formulas else None
        notes = [] if streamed else _hidden(page)
        if streamed:
            zh, en = "工作表很大，没有查看合并的单元格", "the sheet is large, and merged cells were not looked for"
            notes.append(Title(zh=zh, en=en))
        without = _formulas_without_value(page, beside, recalculated=recalculated) if beside else {}
        merged = () if streamed else tuple(_merged(page))
        rows = partial(_rows, page, without)
        sheets.append(Sheet(file, page.title, rows, partial(tuple, merged), notes, page.sheet_state != "visible"))
    return tuple(sheets)


def _loaded(content: bytes, streamed: bool, *, values: bool) -> Workbook:
    import openpyxl

    with warnings.catch_warnings():
        # Of what the library leaves out nothing is read here.
        warnings.simplefilter("ignore")
        return openpyxl.load_workbook(io.BytesIO(content), read_only=streamed, data_only=values, keep_links=False)


def _cells(page: Worksheet) -> Iterator[tuple[int, int, Any]]:
    """Yield the row, the column from 0 and every cell of a sheet that is kept, in its order."""
    kept = getattr(page, "_cells", None)
    if kept is not None:
        # Asking for rows by the public method makes every empty cell between.
        yield from ((row, column - 1, kept[row, column]) for row, column in sorted(kept))
        return
    page.reset_dimensions()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for cells in page.iter_rows():
            yield from ((cell.row, cell.column - 1, cell) for cell in cells if cell.value is not None)


def _rows(page: Worksheet, formulas: Mapping[tuple[int, int], str]) -> Iterator[Row]:
    number, cells, size = 0, list[Cell](), 0
    try:
        for row, column, cell in _cells(page):
            value = _value(cell)
            if value is None and (row, column) in formulas:
                value = CellError.without_value(formulas[row, column])
            if value is None:
                continue
            if row > limits.MOST_ROWS or column >= limits.MOST_COLUMNS:
                name = f"{letters(column)}{row}"
                raise broken(f"有单元格 {name}，超出工作表的范围", f"a cell {name} lies outside of any sheet")
            if row != number:
                if cells:
                    yield number, cells
                number, cells = row, []
            size += column + 1 - len(cells)
            if size > limits.MOST_CELLS:
                raise too_large(limits.A_SHEET, limits.MOST_CELLS, limits.CELLS)
            cells += [None] * (column - len(cells))
            cells.append(value)
    except UnreadableError:
        raise
    except Exception as error:  # a sheet that is read row by row may be damaged further down
        raise unreadable(error) from None
    if cells:
        yield number, cells


def _value(cell: Any) -> Cell:
    value = cell.value
    if value is None or value == "":
        return UNKNOWN_ERROR if cell.data_type == "e" else None
    if cell.data_type == "e":
        return CellError(str(value))
    return plain_value(value, digits_of(cell.number_format) if isinstance(value, int) else 0)


def plain_value(value: Any, digits: int = 0) -> Cell:
    """Return a value that a library has read, as the cell of a sheet: every number is a float.

    Parameters
    ----------
    value
    digits : int
        With at least so many digits a whole number is shown, zeros before it; 0 where it is shown as it is.

    Examples
    --------
    >>> plain_value(7, 3), plain_value(7), plain_value(datetime(2020, 1, 2))
    ('007', 7.0, datetime.date(2020, 1, 2))
    """
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        if not math.isfinite(value):
            return UNKNOWN_ERROR
        return f"{value:.0f}".zfill(digits) if digits and value >= 0 and value == int(value) else float(value)
    if isinstance(value, datetime):
        return value.date() if value.time() == time() else value
    if isinstance(value, date | time | timedelta):
        return value
    text = unescaped(str(value))
    if len(text) > limits.MOST_CHARACTERS:
        raise too_large(limits.A_TEXT, limits.MOST_CHARACTERS, limits.CHARACTERS)
    return text or None


@cache
def digits_of(number_format: str) -> int:
    """Return with how many digits a number format shows whole numbers; 0 where with as many as they have.

    Examples
    --------
    >>> digits_of("000"), digits_of("General"), digits_of("0.00")
    (3, 0, 0)
    """
    result = _ZEROS.fullmatch(number_format)
    return len(result[1]) if result else 0


_ESCAPED = re.compile(r"_x([0-9a-fA-F]{4})_")
_CONTROL = re.compile(r"_x(00[01][0-9a-fA-F])_")


def unescaped(text: str) -> str:
    r"""Return a text with the characters that Excel writes by their number.

    Of texts that cells share, openpyxl has taken the escape of the underscore away: what looks like another number
    than that of a control character is text there.

    Examples
    --------
    >>> unescaped("a_x000D_"), unescaped("_x005F_x0041_"), unescaped("_x0041_")
    ('a\r', '_x0041_', '_x0041_')
    """
    if "_x" not in text:
        return text
    pattern = _ESCAPED if "_x005F_" in text else _CONTROL
    changed = pattern.sub(lambda result: chr(int(result[1], 16)), text)
    # Characters beyond the first plane are two numbers, which only together are one.
    return changed.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _formulas_without_value(
    values: Worksheet, formulas: Worksheet, *, recalculated: bool
) -> dict[tuple[int, int], str]:
    """Return the formulas whose value the workbook does not hold, by row and column from 0.

    A program that leaves the calculation to the next one writes 0 for each.
    """
    written = {
        (row, column): str(getattr(cell.value, "text", cell.value)).removeprefix("=")
        for row, column, cell in _cells(formulas)
        if cell.data_type == "f"
    }
    for row, column, cell in _cells(values):
        is_none = cell.value is None and cell.data_type != "str"
        if not is_none and not (recalculated and cell.value == 0) and (row, column) in written:
            del written[row, column]
    return written


def _merged(page: Worksheet) -> Iterator[Merged]:
    for range_ in sorted(page.merged_cells.ranges, key=lambda entry: (entry.min_row, entry.min_col)):
        yield Merged(range_.min_row, range_.min_col - 1, range_.max_row, range_.max_col - 1)


def _hidden(page: Worksheet) -> list[Title]:
    filled = {row for row, _, cell in _cells(page) if cell.value is not None}
    rows = sum(bool(row_dimension.hidden) for number, row_dimension in page.row_dimensions.items() if number in filled)
    return hidden(rows, sum(bool(column_dimension.hidden) for column_dimension in page.column_dimensions.values()))


def _by_calamine(content: bytes, file: str, error: Exception) -> tuple[Sheet, ...]:
    """Return the sheets of a workbook that openpyxl cannot read."""
    try:
        import python_calamine
    except ImportError:
        raise unreadable(error) from None
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        pages = [(entry, book.get_sheet_by_name(entry.name)) for entry in book.sheets_metadata]
    except BaseException as other:  # a panic of the library is no Exception
        if isinstance(other, KeyboardInterrupt | SystemExit):
            raise
        raise unreadable(error) from None
    zh = "工作簿的写法特别，换了一种读法：看不出错误值、没有算出的公式和数字格式，请抽查几个单元格"
    en = "the workbook is written in an unusual way and was read by another reader, which does not see errors, "
    note = Title(zh=zh, en=en + "formulas without a value and number formats: look at some of its cells")
    return tuple(
        Sheet(
            file,
            meta.name,
            partial(_calamine_rows, page),
            partial(_calamine_merged, page),
            [note],
            "visible" not in str(meta.visible).lower(),
        )
        for meta, page in pages
    )


def _calamine_rows(page: CalamineSheet) -> Iterator[Row]:
    first = page.start[0] if page.start else 0
    for number, row in enumerate(page.iter_rows(), first + 1):
        cells = [plain_value(value) if value != "" else None for value in row]
        if any(cell is not None for cell in cells):
            yield number, cells


def _calamine_merged(page: CalamineSheet) -> tuple[Merged, ...]:
    return tuple(
        Merged(top + 1, left, bottom + 1, right) for (top, left), (bottom, right) in page.merged_cell_ranges or ()
    )


def _passed_over(package: Package) -> Iterator[Title]:
    if "xl/vbaProject.bin" in package:
        yield Title(zh="工作簿带有宏，没有运行", en="the workbook has macros; they were not run")
    if any(name.startswith("xl/externallinks/") for name in package.parts):
        yield Title(
            zh="工作簿引用了别的工作簿，没有去打开，只读入上次保存的值",
            en="the workbook refers to other workbooks; they were not opened, and the values last saved were read",
        )
