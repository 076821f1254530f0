"""Sheets of an .xlsx or .xlsm workbook."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache, partial
from operator import lt
from posixpath import dirname, join, normpath
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

import attrs

from balancedu.core.fields import Title
from balancedu.files.sheet import Cell, Merged, Progress, Row, Sheet
from balancedu.submission.problems import UNKNOWN_ERROR, CellError
from balancedu.submission.tables import letters
from balancedu.text import Phrase

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


_CHUNK = 1 << 20
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 1
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError)


@attrs.frozen(eq=False)
class Archive:
    """The parts of a workbook. Nothing is unpacked to the disk, and a name is only looked up, never followed."""

    file: zipfile.ZipFile
    parts: Mapping[str, zipfile.ZipInfo]

    def __contains__(self, name: str) -> bool:
        return _plain(name) in self.parts

    def read(self, name: str, most: int) -> bytes:
        """Return a part that may have this many bytes."""
        return b"".join(self.chunks(name, most))

    def chunks(self, name: str, most: int, progress: Progress | None = None) -> Iterator[bytes]:
        """Yield a part bit by bit; what its directory says of its size is checked as well as the size itself."""
        info = self.parts.get(_plain(name))
        if info is None:
            raise broken(f"缺少部件“{name[:80]}”", f"it has no part {name[:80]!r}")
        if info.file_size > most:
            raise too_large(Phrase(f"部件“{name[:80]}”", f"the part {name[:80]!r}"), most, BYTES)
        try:
            with self.file.open(info) as part:
                # More than the size that the directory says is not read, and ends with a wrong checksum.
                while chunk := part.read(_CHUNK):
                    yield chunk
                    if progress:
                        progress.share = part.tell() / info.file_size
        except _DAMAGED as error:
            problem = f"部件“{name[:80]}”无法解压（{error}）", f"the part {name[:80]!r} cannot be unpacked ({error})"
            raise broken(*problem) from None


def archive_of(content: bytes) -> Archive:
    """Open a zip file and look at its directory."""
    try:
        file = zipfile.ZipFile(io.BytesIO(content))
    except _DAMAGED as error:
        problem = f"压缩文件打不开（{error}）", f"it is a zip file that cannot be opened ({error})"
        raise broken(*problem) from None
    entries = file.infolist()
    if len(entries) > MOST_PARTS:
        raise too_large(Phrase("部件清单", "the list of its parts"), MOST_PARTS, ENTRIES)
    parts: dict[str, zipfile.ZipInfo] = {}
    for entry in entries:
        if entry.flag_bits & _ENCRYPTED:
            raise encrypted()
        name = entry.filename[:80]
        if parts.setdefault(_plain(entry.filename), entry) is not entry:
            raise broken(f"部件“{name}”有两个", f"it has two parts {name!r}")
        if entry.compress_type not in _METHODS:
            how = (
                f"部件“{name}”的压缩方式不是工作簿所用的",
                f"the part {name!r} is packed in a way that workbooks do not use",
            )
            raise broken(*how)
    return Archive(file, parts)


def encrypted() -> UnreadableError:
    """Return the refusal of a file that needs a password."""
    return UnreadableError(
        Phrase("工作簿有密码保护", "the workbook is protected by a password"),
        Phrase("请打开后取消密码，重新保存", "open it and save it without a password"),
    )


def _plain(name: str) -> str:
    return name.replace("\\", "/").lower()


Attributes = dict[str, str]


def parsed(
    chunks: Iterable[bytes],
    start: Callable[[str, Attributes], None],
    end: Callable[[str], None],
    text: Callable[[str], None],
) -> Iterator[None]:
    """Read XML bit by bit and call for each element and text; names without their namespace.

    A document type is refused: it is what can declare entities that grow without end or name other files.
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler = lambda name, given: start(_local(name), {_local(key): given[key] for key in given})
    parser.EndElementHandler = lambda name: end(_local(name))
    parser.CharacterDataHandler = text
    try:
        for chunk in chunks:
            parser.Parse(chunk, False)
            yield
        parser.Parse(b"", True)
        yield
    except (expat.ExpatError, LookupError, ValueError) as error:
        # The second and third are encodings that nobody knows, or expat does not.
        raise broken(f"有部件不是 XML（{error}）", f"a part of it is no XML ({error})") from None


def elements(content: bytes) -> list[tuple[str, Attributes]]:
    """Return every element of a short text, as the names of its parent and its own, and its attributes.

    Examples
    --------
    >>> elements(b'<workbook xmlns="urn:x"><sheets><sheet name="A"/></sheets></workbook>')
    [('/workbook', {}), ('workbook/sheets', {}), ('sheets/sheet', {'name': 'A'})]
    """
    found: list[tuple[str, Attributes]] = []
    path = [""]

    def start(name: str, given: Attributes) -> None:
        found.append((f"{path[-1]}/{name}", given))
        path.append(name)

    for _ in parsed([content], start, lambda _: path.__delitem__(-1), lambda _: None):
        pass
    return found


def _local(name: str) -> str:
    # LibreOffice says a second time, and better, of what type a cell is.
    space, _, local = name.rpartition(" ")
    return f"calcext:{local}" if space.endswith(":calcext:1.0") else local


def _refuse_doctype(*_: object) -> None:
    problem = (
        "有部件声明了文档类型，正常的工作簿没有",
        "a part of it declares a document type, which workbooks never do",
    )
    raise broken(*problem)


_DAY_MILLISECONDS = 24 * 60 * 60 * 1000
_LEAP = 60
"""The number of 29 February 1900, which Excel counts and which never was."""
_FIRST, _FIRST_1904 = datetime.fromisoformat("1899-12-30"), datetime.fromisoformat("1904-01-01")
_DATES = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
"""The formats of days and times that have numbers alone; from 27 on those of East Asia."""
_SPANS = {46}

_UNSHOWN = re.compile(r'"[^"]*"|\\.|[_*].')
_COLOUR = re.compile(r"\[[^\]]*\]")
_SPAN = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
_OF_DAYS = re.compile(r"[dmyhs]", re.IGNORECASE)
_ZEROS = re.compile(r'"?(0{2,18})"?')


@attrs.frozen
class Shown:
    """How a style shows numbers.

    Attributes
    ----------
    as_day, as_span : bool
        As a day or time of day; as hours that may be more than a day.
    digits : int
        With at least so many digits, zeros before them; 0 where a number is shown as it is.
    """

    as_day: bool = False
    as_span: bool = False
    digits: int = 0

    def __bool__(self) -> bool:
        return self.as_day or self.as_span or self.digits > 0

    def cell(self, number: float, from_1904: bool) -> Cell:
        """Return what a person sees in the cell.

        Examples
        --------
        >>> Shown(digits=3).cell(7.0, False), Shown(as_day=True).cell(43832.0, False)
        ('007', datetime.date(2020, 1, 2))
        """
        if self.digits and number >= 0 and number.is_integer():
            return f"{number:.0f}".zfill(self.digits)
        try:
            if self.as_span:
                return timedelta(milliseconds=round(number * _DAY_MILLISECONDS))
            return _moment(number, from_1904) if self.as_day else number
        except OverflowError:
            return number


PLAIN = Shown()


@cache
def shown_by(number: int, code: str) -> Shown:
    """Return what a number format says, by its number and its code.

    Examples
    --------
    >>> shown_by(14, "").as_day, shown_by(164, 'yyyy"年"m"月"').as_day, shown_by(165, "[h]:mm").as_span
    (True, True, True)
    >>> shown_by(166, "000").digits, bool(shown_by(167, '0.0"h";[Red]-0.0')), bool(shown_by(0, "General"))
    (3, False, False)
    """
    if zeros := _ZEROS.fullmatch(code):
        return Shown(digits=len(zeros[1]))
    first = _UNSHOWN.sub("", code).partition(";")[0]
    if number in _SPANS or _SPAN.search(first):
        return Shown(as_span=True)
    plain = _COLOUR.sub("", first)
    of_days = "General" not in plain and _OF_DAYS.search(plain) is not None
    return Shown(as_day=of_days or (not code and number in _DATES))


def _moment(number: float, from_1904: bool) -> Cell:
    if number < 0 or (not from_1904 and _LEAP <= number < _LEAP + 1):
        return number
    span = timedelta(milliseconds=round(number * _DAY_MILLISECONDS))
    if number < 1:
        return (datetime.min + span).time()
    first = _FIRST_1904 if from_1904 else _FIRST if number > _LEAP else _FIRST + timedelta(days=1)
    moment = first + span
    return moment.date() if number.is_integer() else moment


_SIMPLE = re.compile(rb'<si><t(?: xml:space="preserve")?>([^<]*)</t></si>')
_ENTITY = re.compile(r"&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|(\w+));")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_ESCAPED = re.compile(r"_x([0-9a-fA-F]{4})_")


def text_of(xml: bytes) -> str:
    r"""Return the text that some XML without elements stands for.

    Examples
    --------
    >>> text_of(b"a &lt; b&#10;c_x000D_")
    'a < b\nc\r'
    """
    try:
        text = xml.decode()
    except UnicodeDecodeError as error:
        problem = f"有文字不是 UTF-8 编码（{error.reason}）", f"a text of it is not UTF-8 ({error.reason})"
        raise broken(*problem) from None
    if len(text) > MOST_CHARACTERS:
        raise too_large(A_TEXT, MOST_CHARACTERS, CHARACTERS)
    return plain(_ENTITY.sub(_entity, text) if "&" in text else text)


def plain(text: str) -> str:
    """Return a text with the signs that Excel writes by their number."""
    if "_x" not in text:
        return text
    changed = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    # Signs beyond the first plane are two numbers, which only together are one.
    return changed.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def shared_texts(content: bytes) -> list[Cell]:
    """Return the texts that the cells of a workbook share, in their order; None where there is nothing."""
    simple = _SIMPLE.findall(content)
    if len(simple) == content.count(b"<si") and b"<!" not in content and b":si" not in content:
        return [text_of(one) or None for one in simple]
    texts = _Texts()
    for _ in parsed([content], texts.start, texts.end, texts.text):
        pass
    return texts.found


class _Texts:
    """Collects texts that are made of several runs, without what says how Chinese is pronounced."""

    def __init__(self) -> None:
        self.found: list[Cell] = []
        self.path: list[str] = []
        self.runs: list[str] = []

    def start(self, name: str, _: Attributes) -> None:
        self.path.append(name)

    def end(self, name: str) -> None:
        self.path.pop()
        if name == "si":
            text = "".join(self.runs)
            if len(text) > MOST_CHARACTERS:
                raise too_large(A_TEXT, MOST_CHARACTERS, CHARACTERS)
            self.found.append(plain(text) or None)
            self.runs.clear()

    def text(self, text: str) -> None:
        if self.path and self.path[-1] == "t" and "rPh" not in self.path:
            self.runs.append(text)


def _entity(found: re.Match[str]) -> str:
    if found[3]:
        if found[3] not in _NAMED:
            name = found[0][:20]
            raise broken(f"文字里的“{name}”没有定义", f"a text of it names {name!r}, which nothing says what it is")
        return _NAMED[found[3]]
    number = int(found[1]) if found[1] else int(found[2], 16)
    if number > 0x10FFFF or 0xD800 <= number < 0xE000:
        raise broken(f"文字里有不存在的字符“{found[0]}”", f"a text of it has the sign {found[0]!r}, which there is not")
    return chr(number)


_RUN = re.compile(rb"<t(?:\s[^>]*)?>([^<]*)</t>")
_NUMBER = re.compile(rb"\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*")


@attrs.frozen(eq=False)
class Values:
    """What all cells of one workbook need to be read.

    Attributes
    ----------
    texts : sequence of cells
        Those that cells share.
    styles : mapping of style to Shown
        The styles that show numbers as something else.
    from_1904 : bool
        From which year days are counted.
    calculated : bool
        Whether the program that wrote the workbook has calculated its formulas; others write 0 for each.
    """

    texts: Sequence[Cell] = ()
    styles: Mapping[bytes, Shown] = attrs.field(factory=dict)
    from_1904: bool = False
    calculated: bool = True

    def cell(self, style: bytes, kind: bytes, value: bytes) -> Cell:
        """Return what a cell without a formula holds."""
        if not value and kind != b"e":
            return None
        try:
            if not kind or kind == b"n":
                return self.styles.get(style, PLAIN).cell(number_of(value), self.from_1904)
            return self.texts[int(value)] if kind == b"s" and value.isdigit() else _READERS[kind](value)
        except (KeyError, ValueError, IndexError):
            shown, name = value[:40].decode("utf-8", "replace"), kind[:20].decode("latin-1")
            zh = f"单元格的内容“{shown}”与类型“{name}”不符"
            raise broken(zh, f"a cell of type {name!r} holds {shown!r}") from None

    def formula(self, style: bytes, kind: bytes, value: bytes, formula: bytes) -> Cell:
        """Return the value that a formula had when the workbook was saved, and an error where it had none."""
        missing = not value.strip() and kind != b"str"
        if missing and kind == b"e":
            return UNKNOWN_ERROR
        if missing or (not self.calculated and value.strip() in {b"", b"0"}):
            return CellError.without_value(text_of(formula) if formula else "")
        return self.cell(style, kind, value)

    def inline(self, runs: bytes) -> Cell:
        """Return a text that stands in its cell, in one run or in several."""
        return text_of(b"".join(_RUN.findall(runs.partition(b"<rPh")[0]))) or None


def styles_of(content: bytes) -> dict[bytes, Shown]:
    """Return the styles of a workbook that show numbers as something else, by the number that cells give."""
    found = elements(content)
    formats = [given for path, given in found if path == "numFmts/numFmt"]
    codes = {given.get("numFmtId", ""): given.get("formatCode", "") for given in formats}
    numbers = [given.get("numFmtId", "0") for path, given in found if path == "cellXfs/xf"]
    shown = {number: shown_by(_whole(number), codes.get(number, "")) for number in set(numbers)}
    return {str(style).encode(): shown[number] for style, number in enumerate(numbers) if shown[number]}


def number_of(value: bytes) -> float:
    """Return a number; words that Python takes for numbers are none."""
    if not _NUMBER.fullmatch(value):
        raise ValueError(value)
    return float(value)


def _whole(number: str) -> int:
    return int(number) if number.isdecimal() and len(number) < 10 else 0


def _day(value: bytes) -> Cell:
    written = value.decode()
    moment = datetime.fromisoformat(written)
    return moment if "T" in written else moment.date()


def _text(value: bytes) -> Cell:
    return text_of(value) or None


_READERS: Mapping[bytes, Callable[[bytes], Cell]] = {
    b"str": _text,
    b"inlineStr": _text,
    b"b": lambda value: bool(int(value)),
    b"e": lambda value: CellError(text) if (text := text_of(value)) else UNKNOWN_ERROR,
    b"d": _day,
}


_BODY = re.compile(rb"<sheetData\s*(/?)>")
_END, _NAME_END, _ROW_END = b"</sheetData>", b"sheetData>", b"</row>"
_LONGEST_PREFIX = 20
_AFTER_ROWS = Phrase("工作表各行之后的内容", "what stands after the rows of a sheet")


class UnusualError(Exception):
    """A sheet is written in a form that has to be brought into the usual one first."""


def blocks(chunks: Iterable[bytes], before: list[bytes]) -> Iterator[bytes]:
    """Yield what stands between the beginning and the end of the rows, always whole rows.

    What stands before the rows is added to a list.
    """
    rest, inside, done = b"", False, False
    for chunk in chunks:
        if done:
            continue  # to the end, where the checksum is
        rest += chunk
        if not inside and (body := _BODY.search(rest)):
            if b"<!" in rest[: body.start()]:
                raise UnusualError
            before.append(rest[: body.start()])
            rest, inside, done = rest[body.end() :], True, bool(body[1])
        if inside and not done:
            end = rest.find(_END)
            done = end >= 0
            end = end if done else rest.rfind(_ROW_END) + len(_ROW_END)
            if done or end >= len(_ROW_END):
                yield rest[:end]
                rest = rest[end:]
        if not done and len(rest) > MOST_ROW_BYTES:
            raise (too_large(A_ROW, MOST_ROW_BYTES, BYTES) if inside else UnusualError)
    if not done:
        raise UnusualError


def after(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield what stands after the rows."""
    rest, size, inside = b"", 0, True
    for chunk in chunks:
        rest += chunk
        if inside:
            found = rest.find(_NAME_END)
            # Where the rows begin the same name stands, without the sign of an end before it.
            while found >= 0 and b"/" not in rest[max(0, found - _LONGEST_PREFIX) : found].rpartition(b"<")[2]:
                found = rest.find(_NAME_END, found + 1)
            inside = found < 0
            rest = rest[-(len(_NAME_END) + _LONGEST_PREFIX) :] if inside else rest[found:]
        if not inside:
            yield rest
            size, rest = size + len(rest), b""
            if size > MOST_PART_BYTES:
                raise too_large(_AFTER_ROWS, MOST_PART_BYTES, BYTES)


_MOST_COLUMNS = 256
_MOST_LESSONS = 100
_MOST_KEPT = 100_000
"""How many different texts are kept, to be the same text where they stand again."""

_EMPTY = rb'(?: s="\d++")?+/>'
_NUMBER_alike, _SHARED, _INLINE = b"", b"s", b"inlineStr"
_VALUES = {_NUMBER_alike: rb"([-+.\deE]++)", _SHARED: rb"(\d++)"}
_TYPES = {_NUMBER_alike: rb'(?: t="n")?+>'}
_OPEN, _OPEN_INLINE = b"<v>", rb'<is><t(?: xml:space="preserve")?+>'
_FORMULA = rb"(?:<f\b[^>]*?(?:/>|>[^<]*</f>))?+"

Bits = Sequence[bytes | None]


@attrs.frozen
class Form:
    """How the cells of a column are written: style, type, and whether there is a formula before the value."""

    style: bytes
    kind: bytes
    formula: bool


class Known(dict[bytes | None, Cell]):
    """What the cells of one form stand for; each is read once, and is the same object where it stands again."""

    def __init__(self, values: Values, form: Form) -> None:
        super().__init__({None: None})
        self.book, self.form = values, form

    def __missing__(self, value: bytes) -> Cell:
        cell = self.book.cell(self.form.style, self.form.kind, value)
        if len(self) < _MOST_KEPT:
            self[value] = cell
        return cell


@attrs.define(eq=False)
class Alike:
    """Reads rows that are written like those before them.

    Attributes
    ----------
    values : Values
    forms : mapping of column to Form
    pattern : re.Pattern
        What such a row looks like; a cell may always be missing or empty.
    width : int
        How many columns there are.
    """

    values: Values
    forms: dict[int, Form] = attrs.field(factory=dict)
    pattern: re.Pattern[bytes] = attrs.field(init=False)
    width: int = 0
    _lessons: int = 0
    _seen: Mapping[int, Form] = attrs.field(factory=dict)
    _known: dict[Form, Known] = attrs.field(factory=dict)

    def __attrs_post_init__(self) -> None:
        self.pattern = self._made()

    def learn(self, width: int, row: Mapping[int, Form]) -> None:
        """Take a row into account that was not like the others; a column changes when two rows in turn say so."""
        new = {
            column: form
            for column, form in row.items()
            if self.forms.get(column) != form and (column not in self.forms or self._seen.get(column) == form)
        }
        self._seen = row
        if (new or width > self.width) and width <= _MOST_COLUMNS and self._lessons < _MOST_LESSONS:
            self._lessons += 1
            self.width = max(width, self.width)
            self.forms = dict(sorted((self.forms | new).items()))
            self.pattern = self._made()

    def rows(self, found: list[tuple[bytes, ...]]) -> tuple[list[int], Iterable[list[Cell]]]:
        """Return the numbers and the cells of rows that the pattern has found."""
        numbers, *written = zip(*found, strict=True)
        columns: list[Sequence[Cell]] = [(None,) * len(numbers)] * self.width
        try:
            for (column, form), bits in zip(self.forms.items(), written, strict=True):
                columns[column] = self._column(form, bits)
        except (ValueError, IndexError):
            raise broken("有单元格的内容与类型不符", "a cell holds what its type does not allow") from None
        rows = map(list, zip(*columns, strict=True)) if columns else ([] for _ in numbers)
        return list(map(int, numbers)), rows

    def _column(self, form: Form, written: Bits) -> Sequence[Cell]:
        if form.kind == _NUMBER_alike and form.style not in self.values.styles:
            return [None if value is None else float(value) for value in written]
        known = self._known.setdefault(form, Known(self.values, form))
        return [known[value] for value in written]

    def _made(self) -> re.Pattern[bytes]:
        cells = (
            rb'(?:<c r="%s\1"(?:%s%s))?+' % (letters(column).encode(), self._cell(self.forms.get(column)), _EMPTY)
            for column in range(self.width)
        )
        return re.compile(rb'\s*<row (?:[^>]*? )?r="(\d{1,7})"[^>]*+>' + b"".join(cells) + b"</row>")

    def _cell(self, form: Form | None) -> bytes:
        if form is None:
            return b""
        # Where some styles make a day of a number, the style is a part of the form.
        style = rb'(?: s="\d++")?+'
        if self.values.styles:
            style = rb' s="%s"' % form.style if form.style else b""
        kind = _TYPES.get(form.kind, rb' t="%s">' % form.kind)
        value = _VALUES.get(form.kind, b"([^<]++)")
        if form.kind == _INLINE:
            return style + kind + _OPEN_INLINE + value + b"</t></is></c>|"
        return style + kind + (_FORMULA if form.formula else b"") + _OPEN + value + b"</v></c>|"


_FORMULA_rows = rb"<f\b[^>]*?(?:/>|>([^<]*)</f>)"
_ROW = re.compile(rb'\s*<row (?:[^>]*? )?r="(\d{1,7})"[^>]*?(/?)>')
_CELL = re.compile(
    rb'<c r="([A-Z]{1,3})(\d{1,7})"(?: s="(\d+)")?(?: t="(\w+)")?(?:/>|>(' + _FORMULA_rows + rb")?"
    rb'(?:<v(?: xml:space="preserve")?>([^<]*)</v>|<v ?/>)?(?:<is>(.*?)</is>)?</c>)',
    re.DOTALL,
)
_STARTS = (b"<c ", b"<c>", b"<c/>")
_ODD = (b"<!", b":c ", b":c>", b":row")
_ROW_END_rows = b"</row>"
_AT_ONCE = 4096
_LEARNT = {b"", b"n", b"s", b"inlineStr", b"str", b"b"}


@attrs.define(eq=False)
class Rows:
    """Reads the rows of one sheet, block by block."""

    values: Values
    last: int = 0
    size: int = 0
    alike: Alike = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.alike = Alike(self.values)

    def of(self, block: bytes) -> Iterator[list[Row]]:
        """Yield the rows of a block of whole rows, some at a time; without those that hold nothing."""
        position = 0
        while position < len(block):
            alike: list[tuple[bytes, ...]] = []
            while len(alike) < _AT_ONCE and (found := self.alike.pattern.match(block, position)):
                alike.append(found.groups())
                position = found.end()
            if alike:
                numbers, rows = self.alike.rows(alike)
                self._check(numbers, self.alike.width)
                together = zip(numbers, rows, strict=True)
                yield [row for row in together if row[1].count(None) < len(row[1])]
                continue
            start = _ROW.match(block, position)
            if start is None:
                if block[position:].strip():
                    raise UnusualError
                return
            position = start.end()
            number = int(start[1])
            self._check([number], 0)
            if not start[2]:
                end = block.find(_ROW_END_rows, position)
                cells = self._cell_by_cell(number, block[position:end])
                if cells:
                    yield [(number, cells)]
                position = end + len(_ROW_END_rows)

    def _check(self, numbers: list[int], width: int) -> None:
        before = [self.last, *numbers[:-1]]
        if not all(map(lt, before, numbers)) or numbers[-1] > MOST_ROWS:
            wrong = (pair for pair in zip(before, numbers, strict=True) if not pair[0] < pair[1] <= MOST_ROWS)
            first, second = next(wrong)
            raise broken(f"第{first}行之后是第{second}行", f"row {second} follows row {first}")
        self.last = numbers[-1]
        self._count(len(numbers) * width)

    def _count(self, cells: int) -> None:
        self.size += cells
        if self.size > MOST_CELLS:
            raise too_large(A_SHEET, MOST_CELLS, CELLS)

    def _cell_by_cell(self, number: int, row: bytes) -> list[Cell]:
        found = _CELL.findall(row)
        if len(found) != sum(row.count(sign) for sign in _STARTS) or any(sign in row for sign in _ODD):
            raise UnusualError
        cells: list[Cell] = []
        forms: dict[int, Form] = {}
        last = -1
        for column, written, style, kind, has_formula, formula, value, runs in found:
            place = column_of(column)
            if int(written) != number or not last < place < MOST_COLUMNS:
                name = f"{column.decode()}{written.decode()}"
                raise broken(f"第{number}行有单元格 {name}", f"row {number} has a cell {name}")
            last = place
            cell = self._cell(style, kind, value, runs, formula if has_formula else None)
            if cell is not None:
                # Of the cells that are only coloured, those after the last value count for nothing.
                cells += [None] * (place - len(cells))
                cells.append(cell)
            if (value or runs) and kind in _LEARNT and not (has_formula and not self.values.calculated):
                forms[place] = Form(style, b"" if kind == b"n" else kind, bool(has_formula))
        self.alike.learn(last + 1, forms)
        self._count(len(cells))
        return cells

    def _cell(self, style: bytes, kind: bytes, value: bytes, runs: bytes, formula: bytes | None) -> Cell:
        if formula is not None:
            return self.values.formula(style, kind, value, formula)
        return self.values.inline(runs) if runs else self.values.cell(style, kind, value)


@cache
def column_of(name: bytes) -> int:
    """Return the number of a column, the first of which is 0.

    Examples
    --------
    >>> column_of(b"A"), column_of(b"AB"), column_of(b"XFD")
    (0, 27, 16383)
    """
    number = 0
    for letter in name:
        number = number * 26 + letter - ord("A") + 1
    return number - 1


_KEPT, _TEXTS = ("v", "f", "is", "t"), ("v", "f", "t")
_ADDRESS = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})")


def usual(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the same sheet in the form that programs write."""
    writer = _Writer()
    yield b"<sheetData>"
    for _ in parsed(chunks, writer.start, writer.end, writer.text):
        yield "".join(writer.out).encode("utf-8", "surrogatepass")
        writer.out.clear()
    yield b"</sheetData>"


@attrs.define
class _Writer:
    out: list[str] = attrs.field(factory=list)
    path: list[str] = attrs.field(factory=list)
    row: int = 0
    column: int = -1

    def start(self, name: str, given: Attributes) -> None:
        self.path.append(name)
        if "sheetData" not in self.path[:-1] or "rPh" in self.path:
            return
        if name == "row":
            self.row = self._number(given.get("r", str(self.row + 1)))
            self.column = -1
            hidden = ' hidden="1"' if given.get("hidden") in {"1", "true"} else ""
            self.out.append(f'<row r="{self.row}"{hidden}>')
        elif name == "c":
            self.column = self._place(given.get("r", ""))
            kept = "".join(f" {key}={quoteattr(given[key])}" for key in ("s", "t") if key in given)
            self.out.append(f'<c r="{letters(self.column)}{self.row}"{kept}>')
        elif name in _KEPT:
            self.out.append(f'<{name} xml:space="preserve">' if name == "t" else f"<{name}>")

    def end(self, name: str) -> None:
        if "sheetData" in self.path[:-1] and "rPh" not in self.path and name in {"row", "c", *_KEPT}:
            self.out.append(f"</{name}>")
        self.path.pop()

    def text(self, text: str) -> None:
        if self.path and self.path[-1] in _TEXTS and "sheetData" in self.path and "rPh" not in self.path:
            self.out.append(escape(text))

    def _number(self, written: str) -> int:
        if not written.isdecimal() or not self.row < int(written[:9]) <= MOST_ROWS:
            problem = f"第{self.row}行之后是第“{written[:9]}”行", f"row {written[:9]!r} follows row {self.row}"
            raise broken(*problem)
        return int(written)

    def _place(self, written: str) -> int:
        column = self.column + 1
        if written:
            address = _ADDRESS.fullmatch(written)
            if address is None or int(address[2]) != self.row:
                name = written[:20]
                raise broken(f"第{self.row}行有单元格“{name}”", f"a cell of row {self.row} is called {name!r}")
            column = column_of(address[1].encode())
        if not self.column < column < MOST_COLUMNS:
            name = letters(column)
            problem = f"row {self.row} has a cell where none can be, in column {name}"
            raise broken(f"第{self.row}行的 {name} 列不应有单元格", problem)
        return column


_HIDDEN_ROW = re.compile(rb'<row [^>]*?hidden="(?:1|true)"')
_HIDDEN_COLUMN = re.compile(rb'<(?:\w+:)?col\s[^>]*?hidden="(?:1|true)"')
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')


@attrs.define(eq=False)
class Worksheet:
    """Where a sheet lies in its workbook.

    Attributes
    ----------
    archive : Archive
    part : str
    values : function
        Returns what all cells of the workbook need.
    notes : list of Title
    progress : Progress
    """

    archive: Archive
    part: str
    values: Callable[[], Values]
    notes: list[Title] = attrs.field(factory=list)
    progress: Progress = attrs.field(factory=Progress)

    def rows(self) -> Iterator[Row]:
        """Yield the rows that hold anything."""
        read = 0
        for form in (iter, usual):
            counted = {"rows": 0, "columns": 0}
            try:
                for some in self._some_rows(form(self._chunks(self.progress)), counted):
                    # What was read before the sheet turned out to be unusual is not read twice.
                    left = [row for row in some if row[0] > read] if read and form is usual else some
                    yield from left
                    read = some[-1][0] if some else read
            except UnusualError:
                continue
            self._say(counted)
            return
        raise broken("工作表的写法异常，不像软件所写", "a sheet of it is written as no program writes it")

    def merged(self) -> tuple[Merged, ...]:
        """Return the cells that were joined."""
        return tuple(
            Merged(int(top), column_of(left), int(bottom), column_of(right))
            for left, top, right, bottom in _MERGED.findall(b"".join(after(self._chunks())))
        )

    def _chunks(self, progress: Progress | None = None) -> Iterator[bytes]:
        return self.archive.chunks(self.part, MOST_SHEET_BYTES, progress)

    def _some_rows(self, chunks: Iterable[bytes], counted: dict[str, int]) -> Iterator[list[Row]]:
        rows, before = Rows(self.values()), list[bytes]()
        for block in blocks(chunks, before):
            if b'hidden="' in block:
                counted["rows"] += len(_HIDDEN_ROW.findall(block))
            yield from rows.of(block)
        counted["columns"] = len(_HIDDEN_COLUMN.findall(b"".join(before)))

    def _say(self, counted: Mapping[str, int]) -> None:
        """Say what a person who opens the sheet does not see and what was read all the same."""
        self.notes.extend(note for note in hidden(**counted) if note not in self.notes)


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
