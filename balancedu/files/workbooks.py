"""Sheets of workbooks: their size is checked before a library opens them, and what it reads is bounded.

openpyxl reads .xlsx and .xlsm, python-calamine where openpyxl fails, xlrd .xls and .et, odfpy .ods.
"""

from __future__ import annotations

import io
import math
import re
import warnings
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any
from xml.parsers import expat

import attrs

from balancedu.core.fields import Title
from balancedu.errors import MissingExtraError
from balancedu.files.sheet import (
    BYTES,
    CELLS,
    CHARACTERS,
    COMPOUND,
    ENTRIES,
    MOST_CELLS,
    MOST_CHARACTERS,
    MOST_COLUMNS,
    MOST_ROWS,
    MOST_SHEETS,
    SAVE_AGAIN,
    Cell,
    Merged,
    Row,
    Sheet,
    UnreadableError,
    too_large,
)
from balancedu.submission.problems import UNKNOWN_ERROR, CellError
from balancedu.submission.tables import letters
from balancedu.text import Phrase

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet
    from xlrd.book import Book
    from xlrd.sheet import Sheet as Page

MOST_XLS_BYTES = 64 << 20
"""Of an .xls file, whose sheets have at most 65,536 rows."""
MOST_PART_BYTES = 16 << 20
"""Of a part of a workbook, unpacked."""
_MOST_BYTES = {"xl/sharedstrings.xml": 64 << 20, "content.xml": 64 << 20}
"""Of the texts that cells share, and of the part with all sheets of an .ods."""
_MOST_SHEET_BYTES = 512 << 20
_MOST_UNPACKED_BYTES = 1 << 30
_MOST_ROW_BYTES = 8 << 20
MOST_PARTS = 10_000
LONGEST = 24 << 20
"""Bytes of all sheets up to which openpyxl keeps every cell in memory."""
_LONG = 4 << 20
"""Bytes of a sheet from which on its empty cells are dropped before a library sees them."""
_CHUNK = 1 << 20
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 1
_BOOK, _MANIFEST = "xl/workbook.xml", "META-INF/manifest.xml"
_LIBRARIES = {"odf": "odfpy"}
"""Libraries whose package on PyPI is called otherwise."""


def workbook_sheets(content: bytes, file: str) -> tuple[Sheet, ...]:
    """Return the sheets of a workbook, in its order; the kind of workbook follows from its content.

    Macros are not run and links to other workbooks not followed.

    Raises
    ------
    DataError
        If the file is no workbook, or one that is not read.
    MissingExtraError
        If the library that reads it is not installed.
    """
    try:
        sheets = _xls_sheets(content, file) if content.startswith(COMPOUND) else _zip_sheets(Package.of(content), file)
        if not sheets:
            raise UnreadableError(Phrase("工作簿里没有工作表", "the workbook has no sheet of cells"), SAVE_AGAIN)
    except UnreadableError as error:
        raise error.of(file) from None
    except ImportError as error:
        name = str(error.name).partition(".")[0]
        purpose = Phrase("读取工作簿", "reading a workbook")
        raise MissingExtraError(_LIBRARIES.get(name, name), "excel", purpose) from error
    return sheets


def _zip_sheets(package: Package, file: str) -> tuple[Sheet, ...]:
    if "content.xml" in package:
        return _ods_sheets(package, file)
    if "xl/workbook.bin" in package:
        raise UnreadableError(Phrase("内容是 .xlsb 工作簿", "found an .xlsb workbook"), SAVE_AGAIN)
    if _BOOK not in package and "_rels/.rels" not in package:
        problem = Phrase("内容是压缩文件，不是工作簿", "found a zip file that is no workbook")
        hint = Phrase("请解压后给出文件夹或工作簿", "unpack it and give the folder or the workbook")
        raise UnreadableError(problem, hint)
    return _xlsx_sheets(package, file)


def broken(zh: str, en: str) -> UnreadableError:
    """Return the refusal of a file that is damaged, or none of its kind."""
    return UnreadableError(Phrase(f"工作簿已损坏：{zh}", f"the workbook is damaged: {en}"), SAVE_AGAIN)


def _unreadable(error: Exception) -> UnreadableError:
    """Return the refusal of a file that a library cannot read."""
    problem = " ".join(f"{type(error).__name__}: {error}".split())[:120]
    return broken(f"无法读取（{problem}）", f"it cannot be read ({problem})")


def encrypted() -> UnreadableError:
    """Return the refusal of a file that needs a password."""
    return UnreadableError(
        Phrase("工作簿有密码保护", "the workbook is protected by a password"),
        Phrase("请打开后取消密码，重新保存", "open it and save it without a password"),
    )


def _too_many_sheets() -> UnreadableError:
    return too_large(Phrase("工作表清单", "the list of its sheets"), MOST_SHEETS, ENTRIES)


def _too_many_cells() -> UnreadableError:
    return too_large(Phrase("工作表", "a sheet"), MOST_CELLS, CELLS)


def _hidden(rows: int, columns: int) -> list[Title]:
    """Return the notes about what a person who opens a sheet does not see and what is read all the same."""
    notes = [
        Title(zh=f"隐藏的行（{rows}行）照常读入", en=f"hidden rows were read like the others ({rows})"),
        Title(zh=f"隐藏的列（{columns}处）照常读入", en=f"hidden columns were read like the others ({columns})"),
    ]
    return [note for note, count in zip(notes, (rows, columns), strict=True) if count]


def _rows_of(cells: Callable[[], Iterable[tuple[int, int, Cell]]]) -> Callable[[], Iterator[Row]]:
    """Return what gives the rows of filled cells, which come row by row, each with its row and its column from 0."""

    def rows() -> Iterator[Row]:
        number, row, size = 0, list[Cell](), 0
        try:
            for own, column, value in cells():
                if own > MOST_ROWS or column >= MOST_COLUMNS:
                    name = f"{letters(column)}{own}"
                    raise broken(f"有单元格 {name}，超出工作表的范围", f"a cell {name} lies outside of any sheet")
                if own != number:
                    if row:
                        yield number, row
                    number, row = own, []
                size += column + 1 - len(row)
                if size > MOST_CELLS:
                    raise _too_many_cells()
                row += [None] * (column - len(row))
                row.append(value)
        except UnreadableError:
            raise
        except Exception as error:  # a sheet that is read row by row may be damaged further down
            raise _unreadable(error) from None
        if row:
            yield number, row

    return rows


def _cell(value: Any, digits: int = 0) -> Cell:
    """Return a value that a library has read, as the cell of a sheet: every number is a float.

    Parameters
    ----------
    value
    digits : int
        With at least that many digits a whole number is shown, zeros before it; 0 where it is shown as it is.

    Examples
    --------
    >>> _cell(7, 3), _cell(7), _cell(datetime(2020, 1, 2))
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
    if value is None or isinstance(value, date | time | timedelta):
        return value
    text = _unescaped(str(value))
    if len(text) > MOST_CHARACTERS:
        raise too_large(Phrase("单元格的文字", "the text of a cell"), MOST_CHARACTERS, CHARACTERS)
    return text or None


_ZEROS = re.compile(r'"?(0{2,18})"?')


@cache
def _digits_of(number_format: str) -> int:
    """Return with how many digits a number format shows whole numbers; 0 where with as many as they have.

    Examples
    --------
    >>> _digits_of("000"), _digits_of("General"), _digits_of("0.00")
    (3, 0, 0)
    """
    result = _ZEROS.fullmatch(number_format)
    return len(result[1]) if result else 0


_ESCAPED = re.compile(r"_x([0-9a-fA-F]{4})_")
_CONTROL = re.compile(r"_x(00[01][0-9a-fA-F])_")


def _unescaped(text: str) -> str:
    r"""Return a text with the characters that Excel writes by their number.

    Of texts that cells share, openpyxl has taken the escape of the underscore away: what looks like another number
    than that of a control character is text there.

    Examples
    --------
    >>> _unescaped("a_x000D_"), _unescaped("_x005F_x0041_"), _unescaped("_x0041_")
    ('a\r', '_x0041_', '_x0041_')
    """
    if "_x" not in text:
        return text
    pattern = _ESCAPED if "_x005F_" in text else _CONTROL
    changed = pattern.sub(lambda result: chr(int(result[1], 16)), text)
    # Characters beyond the first plane are two numbers, which only together are one.
    return changed.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


# What is checked of a zip file before a library opens it


@attrs.frozen(eq=False)
class Package:
    """The parts of a workbook whose sizes, as its directory gives them, are within bounds.

    Attributes
    ----------
    content : bytes
    file : ZipFile
        More than the directory states about a part is never unpacked.
    parts : mapping of name to ZipInfo
        By their names in small letters.
    """

    content: bytes
    file: zipfile.ZipFile
    parts: Mapping[str, zipfile.ZipInfo]

    @classmethod
    def of(cls, content: bytes) -> Package:
        """Open a zip file and check its directory.

        Raises
        ------
        UnreadableError
        """
        try:
            file = zipfile.ZipFile(io.BytesIO(content))
        except Exception as error:  # a damaged file ends the library in any way
            raise broken(f"压缩文件打不开（{error}）", f"it is a zip file that cannot be opened ({error})") from None
        entries = file.infolist()
        if len(entries) > MOST_PARTS:
            raise too_large(Phrase("部件清单", "the list of its parts"), MOST_PARTS, ENTRIES)
        parts: dict[str, zipfile.ZipInfo] = {}
        for entry in entries:
            plain, name = _plain(entry.filename), entry.filename[:80]
            if entry.flag_bits & _ENCRYPTED:
                raise encrypted()
            if entry.compress_type not in _METHODS:
                en = f"the part {name!r} is packed in a way that workbooks do not use"
                raise broken(f"部件“{name}”的压缩方式不是工作簿所用的", en)
            most = _MOST_SHEET_BYTES if plain.startswith("xl/worksheets/") else _MOST_BYTES.get(plain, MOST_PART_BYTES)
            if entry.file_size > most:
                raise too_large(Phrase(f"部件“{name}”", f"the part {name!r}"), most, BYTES)
            if parts.setdefault(plain, entry) is not entry:
                raise broken(f"部件“{name}”有两个", f"it has two parts {name!r}")
        if sum(entry.file_size for entry in entries) > _MOST_UNPACKED_BYTES:
            raise too_large(Phrase("解压后的文件", "the unpacked file"), _MOST_UNPACKED_BYTES, BYTES)
        return cls(content, file, parts)

    def __contains__(self, name: str) -> bool:
        return _plain(name) in self.parts

    def read(self, name: str) -> bytes:
        """Return a part; nothing if there is none."""
        return b"".join(self.chunks(name)) if name in self else b""

    def chunks(self, name: str) -> Iterator[bytes]:
        """Yield a part bit by bit."""
        try:
            with self.file.open(self.parts[_plain(name)]) as part:
                while chunk := part.read(_CHUNK):
                    yield chunk
        except Exception as error:
            name = name[:80]
            problem = f"部件“{name}”无法解压（{error}）", f"the part {name!r} cannot be unpacked ({error})"
            raise broken(*problem) from None

    def refuse_document_types(self) -> None:
        """Refuse XML that declares a document type: it can declare entities that grow without end or name files."""
        for name in self.parts:
            if name.endswith((".xml", ".rels", ".vml")) and not name.startswith("xl/externallinks/"):
                _refuse_document_type(self.chunks(name))

    @property
    def is_recalculated(self) -> bool:
        """Whether a workbook leaves the calculation of its formulas to the next program."""
        return _RECALCULATED.search(self.read(_BOOK)) is not None

    def without_empty_cells(self) -> bytes:
        """Return the workbook without cells that contain only a format, as in sheets formatted to their last row."""
        result = io.BytesIO()
        with zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
            for name, entry in self.parts.items():
                with file.open(entry.filename, "w") as part:
                    for some in _filled(self.chunks(name)) if _is_sheet(name) else self.chunks(name):
                        part.write(some)
        return result.getvalue()


def _plain(name: str) -> str:
    return name.replace("\\", "/").lower()


class _FirstElementError(Exception):
    """The first element of a part begins: no document type can follow."""


def _refuse_document_type(chunks: Iterator[bytes]) -> None:
    problem = broken(
        "有部件声明了文档类型，正常的工作簿没有", "a part of it declares a document type, which workbooks never do"
    )
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _raising(problem)
    parser.StartElementHandler = _raising(_FirstElementError())
    before = 0
    try:
        for chunk in chunks:
            parser.Parse(chunk, False)
            before += len(chunk)
            if before > _MOST_ROW_BYTES:
                raise too_large(Phrase("部件的开头", "the beginning of a part"), _MOST_ROW_BYTES, BYTES)
    except (_FirstElementError, expat.ExpatError, LookupError, ValueError):
        # What is no XML is left to the library that reads it.
        return


def _raising(error: Exception) -> Callable[..., None]:
    def handler(*_: object) -> None:
        raise error

    return handler


# .xlsx and .xlsm

_EMPTY_CELL = re.compile(rb'<c r="[A-Z]+[0-9]+"(?: s="[0-9]+")?\s*(?:/>|></c>)')
_EMPTY_ROW = re.compile(rb'<row r="[0-9]+"[^>]*(?:/>|>\s*</row>)')
_FORMULA_WITHOUT_VALUE = re.compile(
    rb"(?:</(?:\w+:)?f\s*>|<(?:\w+:)?f(?:\s[^>]*)?/>)(?!\s*<(?:\w+:)?v(?:\s[^>]*)?>[^<\s0+.-])"
)
"""A formula behind which no value is written, or one that may be 0."""
_LONGEST_TAG = 256
_RECALCULATED = re.compile(rb'fullCalcOnLoad="(?:1|true)"')
_SHEETS = re.compile(rb"<(?:\w+:)?sheet\s")


def _xlsx_sheets(package: Package, file: str) -> tuple[Sheet, ...]:
    import openpyxl  # noqa: F401

    package.refuse_document_types()
    declared = len(_SHEETS.findall(package.read(_BOOK)))
    if declared > MOST_SHEETS:
        raise _too_many_sheets()
    content = package.content
    if any(part.file_size > _LONG for name, part in package.parts.items() if _is_sheet(name)):
        content = package.without_empty_cells()
    try:
        sheets = _by_openpyxl(package, content, file, declared)
    except UnreadableError:
        raise
    except Exception as error:  # a workbook that the library does not expect ends it in any way
        sheets = _by_calamine(content, file, error)
    for sheet in [entry for entry in sheets if not entry.hidden][:1]:
        if "xl/vbaProject.bin" in package:
            sheet.add_note("工作簿带有宏，没有运行", "the workbook has macros; they were not run")
        if any(name.startswith("xl/externallinks/") for name in package.parts):
            en = "the workbook refers to other workbooks; they were not opened, and the values last saved were read"
            sheet.add_note("工作簿引用了别的工作簿，没有去打开，只读入上次保存的值", en)
    return sheets


def _is_sheet(name: str) -> bool:
    return name.startswith("xl/worksheets/") and name.endswith(".xml")


def _filled(chunks: Iterator[bytes]) -> Iterator[bytes]:
    rest = b""
    for chunk in chunks:
        rest += chunk
        end = rest.rfind(b"<row ")
        if end > 0:
            yield _EMPTY_ROW.sub(b"", _EMPTY_CELL.sub(b"", rest[:end]))
            rest = rest[end:]
        elif len(rest) > _MOST_ROW_BYTES:
            raise too_large(Phrase("一行", "a row"), _MOST_ROW_BYTES, BYTES)
    yield _EMPTY_ROW.sub(b"", _EMPTY_CELL.sub(b"", rest))


def _by_openpyxl(package: Package, content: bytes, file: str, declared: int) -> tuple[Sheet, ...]:
    with zipfile.ZipFile(io.BytesIO(content)) as written:
        streamed = sum(part.file_size for part in written.infolist() if _is_sheet(part.filename.lower())) > LONGEST
    values, formulas = _loaded(content, streamed, values=True), None
    if any(_may_lack_values(package.chunks(name)) for name in package.parts if _is_sheet(name)):
        formulas = _loaded(content, streamed, values=False)
    if missing := declared - len(values.sheetnames):
        raise broken(f"有{missing}张工作表不在文件里", f"sheets that it lists are not in the file ({missing})")
    sheets = []
    for number, page in enumerate(values.worksheets):
        without = _formulas_without_value(page, formulas.worksheets[number], package) if formulas else {}
        sheet = Sheet(file, page.title, _rows_of(_filled_cells(page, without)), hidden=page.sheet_state != "visible")
        if streamed:
            sheet.add_note(
                "工作表很大，没有查看合并的单元格", "the sheet is large, and merged cells were not looked for"
            )
        else:
            ranges = sorted(page.merged_cells.ranges, key=lambda entry: (entry.min_row, entry.min_col))
            merged = tuple(Merged(own.min_row, own.min_col - 1, own.max_row, own.max_col - 1) for own in ranges)
            filled = {row for row, _, cell in _cells(page) if cell.value is not None}
            rows = sum(bool(entry.hidden) for row, entry in page.row_dimensions.items() if row in filled)
            columns = sum(bool(entry.hidden) for entry in page.column_dimensions.values())
            sheet = attrs.evolve(sheet, merged=merged, notes=_hidden(rows, columns))
        sheets.append(sheet)
    return tuple(sheets)


def _may_lack_values(chunks: Iterable[bytes]) -> bool:
    """Return whether a sheet may contain formulas whose value it does not; a tag may be cut between two chunks."""
    before = b""
    for chunk in chunks:
        if _FORMULA_WITHOUT_VALUE.search(before + chunk):
            return True
        before = chunk[-_LONGEST_TAG:]
    return False


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


def _filled_cells(
    page: Worksheet, formulas: Mapping[tuple[int, int], str]
) -> Callable[[], Iterator[tuple[int, int, Cell]]]:
    """Return the cells that contain something, or a formula without a value."""

    def cells() -> Iterator[tuple[int, int, Cell]]:
        for row, column, cell in _cells(page):
            value = _xlsx_value(cell)
            if value is None and (row, column) in formulas:
                value = CellError.without_value(formulas[row, column])
            if value is not None:
                yield row, column, value

    return cells


def _xlsx_value(cell: Any) -> Cell:
    value = cell.value
    if value is None or value == "":
        return UNKNOWN_ERROR if cell.data_type == "e" else None
    if cell.data_type == "e":
        return CellError(str(value))
    return _cell(value, _digits_of(cell.number_format) if isinstance(value, int) else 0)


def _formulas_without_value(values: Worksheet, formulas: Worksheet, package: Package) -> dict[tuple[int, int], str]:
    """Return the formulas whose value the workbook does not hold, by row and column from 0.

    A program that leaves the calculation to the next one writes 0 for each.
    """
    written = {
        (row, column): str(getattr(cell.value, "text", cell.value)).removeprefix("=")
        for row, column, cell in _cells(formulas)
        if cell.data_type == "f"
    }
    recalculated = package.is_recalculated
    for row, column, cell in _cells(values) if written else ():
        is_none = cell.value is None and cell.data_type != "str"
        if not is_none and not (recalculated and cell.value == 0) and (row, column) in written:
            del written[row, column]
    return written


def _by_calamine(content: bytes, file: str, error: Exception) -> tuple[Sheet, ...]:
    """Return the sheets of a workbook that openpyxl cannot read."""
    try:
        import python_calamine
    except ImportError:
        raise _unreadable(error) from None
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        pages = [(entry, book.get_sheet_by_name(entry.name)) for entry in book.sheets_metadata]
    except BaseException as other:  # a panic of the library is no Exception
        if isinstance(other, KeyboardInterrupt | SystemExit):
            raise
        raise _unreadable(error) from None
    sheets = []
    for meta, page in pages:
        ranges = page.merged_cell_ranges or ()
        merged = tuple(Merged(top + 1, left, bottom + 1, right) for (top, left), (bottom, right) in ranges)
        is_hidden = "visible" not in str(meta.visible).lower()
        sheet = Sheet(file, meta.name, _rows_of(_calamine_cells(page)), merged, hidden=is_hidden)
        sheet.add_note(
            "工作簿的写法特别，换了一种读法：看不出错误值、没有算出的公式和数字格式，请抽查几个单元格",
            "the workbook is written in an unusual way and was read by another reader, which does not see errors, "
            "formulas without a value and number formats: look at some of its cells",
        )
        sheets.append(sheet)
    return tuple(sheets)


def _calamine_cells(page: Any) -> Callable[[], Iterator[tuple[int, int, Cell]]]:
    first = (page.start[0] if page.start else 0) + 1

    def cells() -> Iterator[tuple[int, int, Cell]]:
        for number, row in enumerate(page.iter_rows(), first):
            yield from ((number, column, _cell(value)) for column, value in enumerate(row) if value != "")

    return cells


# .xls and .et

_DAY_MILLISECONDS = 24 * 60 * 60 * 1000


def _xls_sheets(content: bytes, file: str) -> tuple[Sheet, ...]:
    import xlrd

    if "EncryptedPackage".encode("utf-16-le") in content:
        raise encrypted()
    if len(content) > MOST_XLS_BYTES:
        raise too_large(Phrase(".xls 文件", "the .xls file"), MOST_XLS_BYTES, BYTES)
    try:
        book = xlrd.open_workbook(file_contents=content, logfile=io.StringIO(), formatting_info=True, ragged_rows=True)
    except Exception as error:  # a damaged file ends the library in any way
        raise (encrypted() if "encrypted" in str(error) else _unreadable(error)) from None
    return tuple(_xls_sheet(book, page, file) for page in book.sheets())


def _xls_sheet(book: Book, page: Page, file: str) -> Sheet:
    merged = tuple(Merged(top + 1, left, bottom, right - 1) for top, bottom, left, right in page.merged_cells)
    rows = sum(bool(row.hidden) for row in page.rowinfo_map.values())
    columns = sum(bool(entry.hidden) for number, entry in page.colinfo_map.items() if number < page.ncols)

    def cells() -> Iterator[tuple[int, int, Cell]]:
        for row in range(page.nrows):
            for column in range(page.row_len(row)):
                value = _xls_value(book, page, row, column)
                if value is not None:
                    yield row + 1, column, value

    return Sheet(file, page.name, _rows_of(cells), merged, _hidden(rows, columns), page.visibility != 0)


def _xls_value(book: Book, page: Page, row: int, column: int) -> Cell:
    from xlrd import XL_CELL_BOOLEAN, XL_CELL_DATE, XL_CELL_ERROR, XL_CELL_NUMBER, XL_CELL_TEXT, error_text_from_code

    kind, value = page.cell_type(row, column), page.cell_value(row, column)
    if kind == XL_CELL_TEXT:
        return str(value) or None
    if kind == XL_CELL_BOOLEAN:
        return bool(value)
    if kind == XL_CELL_ERROR:
        return CellError(error_text_from_code[value]) if value in error_text_from_code else UNKNOWN_ERROR
    if kind not in (XL_CELL_NUMBER, XL_CELL_DATE):
        return None
    style = book.format_map[book.xf_list[page.cell_xf_index(row, column)].format_key].format_str
    if kind == XL_CELL_NUMBER:
        return _cell(value, _digits_of(style))
    return _moment(value, "[" in style.replace("[$", ""), book.datemode)


def _moment(number: float, is_span: bool, datemode: int) -> Cell:
    """Return the day, the time of day or the duration that a number of days means."""
    from xlrd.xldate import XLDateError, xldate_as_datetime

    if is_span:
        return timedelta(milliseconds=round(number * _DAY_MILLISECONDS))
    try:
        moment = xldate_as_datetime(number, datemode)
    except (XLDateError, OverflowError):
        return number
    return moment.time() if 0 <= number < 1 else _cell(moment)


# .ods

_ODS_ERROR = re.compile(r"#[A-Z0-9/]+[!?]?|(?:Err|错误):\d+")
_LEADING_ZEROS = re.compile(r"0\d+")
_TIME = re.compile(r"PT(?:(\d{1,6})H)?(?:(\d{1,8})M)?(?:(\d{1,9})(?:[.,]\d{1,9})?S)?")


def _ods_sheets(package: Package, file: str) -> tuple[Sheet, ...]:
    from odf.opendocument import load
    from odf.style import Style, TableProperties
    from odf.table import Table

    if b"encryption-data" in package.read(_MANIFEST):
        raise encrypted()
    package.refuse_document_types()
    try:
        document = load(io.BytesIO(package.content))
        pages = document.spreadsheet.getElementsByType(Table)
    except Exception as error:  # a damaged file ends the library in any way
        raise _unreadable(error) from None
    if len(pages) > MOST_SHEETS:
        raise _too_many_sheets()
    invisible = {
        style.getAttribute("name")
        for style in document.automaticstyles.getElementsByType(Style)
        if any(entry.getAttribute("display") == "false" for entry in style.getElementsByType(TableProperties))
    }
    return tuple(_ods_sheet(page, file, page.getAttribute("stylename") in invisible) for page in pages)


def _ods_sheet(page: Any, file: str, is_hidden: bool) -> Sheet:
    from odf.table import TableColumn, TableRow

    def is_invisible(element: Any) -> bool:
        return element.getAttribute("visibility") not in (None, "visible")

    rows: list[tuple[int, int, list[tuple[int, int, Cell]]]] = []
    merged: list[Merged] = []
    number, size, hidden_rows = 1, 0, 0
    for row in page.getElementsByType(TableRow):
        repeated, column = _count(row, "number-rows-repeated"), 0
        filled: list[tuple[int, int, Cell]] = []
        hidden_rows += repeated * is_invisible(row)
        for cell in row.childNodes:
            count, value = _count(cell, "number-columns-repeated"), _ods_value(cell)
            tall, wide = _count(cell, "number-rows-spanned"), _count(cell, "number-columns-spanned")
            if value is not None:
                filled.append((column, count, value))
            if tall > 1 or wide > 1:
                merged.append(Merged(number, column, number + tall - 1, column + wide - 1))
            column += count
        if filled:
            rows.append((number, repeated, filled))
            size += repeated * (filled[-1][0] + filled[-1][1])
            if size > MOST_CELLS:
                raise _too_many_cells()
        number += repeated

    def cells() -> Iterator[tuple[int, int, Cell]]:
        for first, repeated, filled in rows:
            for n in range(repeated):
                for column, count, value in filled:
                    yield from ((first + n, column + m, value) for m in range(count))

    notes = _hidden(hidden_rows, sum(map(is_invisible, page.getElementsByType(TableColumn))))
    return Sheet(file, page.getAttribute("name") or "", _rows_of(cells), tuple(merged), notes, is_hidden)


def _ods_value(cell: Any) -> Cell:
    from odf.teletype import extractText

    # The paragraphs of the cell, without its remarks.
    text = "\n".join(extractText(node) for node in cell.childNodes if node.qname[1] == "p")
    kind = cell.getAttribute("valuetype")
    formula = (cell.getAttribute("formula") or "").partition("=")[2]
    if formula and _ODS_ERROR.fullmatch(text):
        return CellError(text)
    if not kind:
        return CellError.without_value(formula) if formula else _cell(text)
    try:
        return _ods_typed(cell, kind, text)
    except (TypeError, ValueError, OverflowError):
        kind = str(kind)[:20]
        en = f"a cell does not hold what its type {kind!r} says"
        raise broken(f"单元格的内容与类型“{kind}”不符", en) from None


def _ods_typed(cell: Any, kind: str, text: str) -> Cell:
    if kind in {"float", "percentage", "currency"}:
        number = float(cell.getAttribute("value"))
        # Leading zeros are what the person sees, and what an id is.
        return text if _LEADING_ZEROS.fullmatch(text) and float(text) == number else number
    if kind == "boolean":
        return str(cell.getAttribute("booleanvalue")) == "true"
    if kind == "date":
        return _cell(datetime.fromisoformat(cell.getAttribute("datevalue")))
    if kind == "time":
        return _time(cell.getAttribute("timevalue"))
    return _cell(text or cell.getAttribute("stringvalue") or "")


def _time(written: str) -> Cell:
    result = _TIME.fullmatch(written)
    if result is None:
        raise ValueError(written)
    hours, minutes, seconds = map(int, result.groups(default="0"))
    span = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return (datetime.min + span).time() if span < timedelta(days=1) else span


def _count(element: Any, name: str) -> int:
    """Return how often a cell or row is repeated, or how many it covers; no more than a sheet has."""
    from odf.namespaces import TABLENS

    written = str(element.getAttrNS(TABLENS, name) or "1")
    return min(int(written[:9]), MOST_ROWS) if written.isdecimal() and written.isascii() else 1
