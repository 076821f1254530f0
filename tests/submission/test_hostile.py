"""Files that mean harm, or are broken: each is refused with a message, in little time and memory."""

from __future__ import annotations

import ast
import sys
import time
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import FrameType

import pytest
from chinese import check_chinese
from parts import BOOK, COMPOUND, ods, package, sheet_of

import balancedu as be
from balancedu.files import open as opening
from balancedu.files import workbooks as limits
from balancedu.files.open import sheets_of
from balancedu.files.sheet import MOST_COLUMNS, MOST_ROWS, MOST_SHEETS, UnreadableError
from balancedu.submission.problems import UNKNOWN_ERROR
from balancedu.submission.tables import letters
from balancedu.text import Phrase

SECONDS, MEGABYTES = 5, 200
MEGA = 1 << 20
LINKS = "xl/_rels/workbook.xml.rels"
X, ODS = "a.xlsx", "a.ods"
TEXTS, STYLES = "xl/sharedStrings.xml", "xl/styles.xml"
SHEET, CONTENT = "xl/worksheets/sheet1.xml", "content.xml"


def cell_of_ods(given: str, text: str = "") -> bytes:
    return ods(f"<table:table-cell office:value-type={given}>{text}</table:table-cell>")


def row(cells: str) -> bytes:
    return package({SHEET: sheet_of(f'<row r="1">{cells}</row>')})


def claiming(content: bytes, part: str, size: int) -> bytes:
    """The same zip file, whose directory states another size of a part."""
    changed = bytearray(content)
    entry = changed.rfind(b"PK\x01\x02", 0, changed.rfind(part.encode()))
    changed[entry + 24 : entry + 28] = size.to_bytes(4, "little")
    return bytes(changed)


def encrypted_zip() -> bytes:
    content = bytearray(package({}))
    place = content.rfind(b"PK\x01\x02")
    content[place + 8] |= 1
    return bytes(content)


def encrypted_xls() -> bytes:
    """A workbook whose second record states that the rest is encrypted."""
    content = bytearray((Path(__file__).parent.parent / "files" / "libreoffice.xls").read_bytes())
    begin = content.index(b"\x09\x08\x10\x00") + 20
    content[begin : begin + 2] = b"\x2f\x00"
    return bytes(content)


def many_parts() -> bytes:
    return package({f"xl/media/{number}.png": b"" for number in range(limits.MOST_PARTS + 1)})


def many_sheets() -> bytes:
    sheets = "".join(f'<sheet name="{n}" sheetId="{n}" r:id="rId1"/>' for n in range(MOST_SHEETS + 1))
    book = BOOK["xl/workbook.xml"].decode()
    start, end = book.index("<sheet "), book.index("</sheets>")
    return package({"xl/workbook.xml": (book[:start] + sheets + book[end:]).encode()})


def sharing(texts: str, cells: str = '<c r="A1" t="s"><v>0</v></c>') -> bytes:
    return package(
        {"xl/sharedStrings.xml": f"<sst>{texts}</sst>".encode(), SHEET: sheet_of(f'<row r="1">{cells}</row>')}
    )


LAUGHS = """<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;">]>"""
OUTSIDE = '<!DOCTYPE x [<!ENTITY d SYSTEM "file:///etc/passwd">]>'
TEXT = '<row r="1"><c r="A1" t="inlineStr"><is><t>&d;</t></is></c></row>'
PASSWORD, LAUGHING, TOO_LONG = "protected by a password", "document type", "the text of a cell is larger"
MANY_COLUMNS = "<table:table-cell office:value-type='float' office:value='1' table:number-columns-repeated='16384'/>"
KIND = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
EXTERNAL = f"""<Relationship Id="x" Type="{KIND}/externalLink" Target="externalLinks/externalLink1.xml"/>
<Relationship Id="y" Type="{KIND}/worksheet" Target="file:///etc/passwd" TargetMode="External"/>"""
NUMBER = '<row r="{0}"><c r="A{0}"><v>{1}</v></c></row>'
LONG = "x" * (10 * MEGA)

# What the file is, how it is made, and what the message states.
FILES: Mapping[str, tuple[str, Callable[[], bytes], str]] = {
    "a zip bomb": (X, lambda: claiming(package({}), SHEET, 1 << 31), "is larger than 536,870,912 bytes"),
    "a zip bomb that lies": (
        X,
        lambda: claiming(package({SHEET: sheet_of(" " * 64 * MEGA)}), SHEET, 100),
        "cannot be unpacked (Bad CRC-32",
    ),
    "a bomb of shared texts": (
        X,
        lambda: claiming(sharing("<si/>"), TEXTS, 1 << 31),
        "is larger than 67,108,864 bytes",
    ),
    "a bomb of ten gigabytes": (
        X,
        lambda: package({f"xl/worksheets/sheet{n}.xml": b" " for n in range(2, 22)}, claim=500 * MEGA),
        "the unpacked file is larger than 1,073,741,824 bytes",
    ),
    "a part that does not begin": (
        X,
        lambda: package({SHEET: b"<!--" + b" " * (9 * MEGA) + b"-->" + sheet_of("")}),
        "the beginning of a part is larger than 8,388,608 bytes",
    ),
    "a bomb of an .ods": (ODS, lambda: claiming(ods(""), CONTENT, 1 << 31), "is larger than"),
    "empty rows without end": (
        X,
        lambda: package({SHEET: sheet_of('<row r="1"/>' + " " * (9 * MEGA))}),
        "a row is larger than 8,388,608 bytes",
    ),
    "a row of ten million characters": (X, lambda: row(f'<c r="A1" t="str"><v>{LONG}</v></c>'), "a row is larger"),
    "a cell that is too long": (
        X,
        lambda: row(f'<c r="A1" t="str"><v>{LONG[:40_000]}</v></c>'),
        "the text of a cell is larger than 32,767 characters",
    ),
    "a shared text that is too long": (X, lambda: sharing(f"<si><t>{LONG}</t></si>"), TOO_LONG),
    "a shared text of runs that is too long": (
        X,
        lambda: sharing(f"<si><r><t>{LONG[:30_000]}</t></r><r><t>{LONG[:30_000]}</t></r></si>"),
        TOO_LONG,
    ),
    "a cell of an .ods that is too long": (ODS, lambda: cell_of_ods("'string'", f"<text:p>{LONG}</text:p>"), TOO_LONG),
    "a column beyond the last": (X, lambda: row('<c r="ZZZ1"><v>1</v></c>'), "a cell ZZZ1 lies outside"),
    "cells without address beyond the last": (
        X,
        lambda: row("<c><v>1</v></c>" * 20_000),
        "a cell XFE1 lies outside",
    ),
    "a row beyond the last": (
        X,
        lambda: package({SHEET: sheet_of('<row r="9999999"><c r="A9999999"><v>1</v></c></row>')}),
        "a cell A9999999 lies outside",
    ),
    "a row beyond the last, written oddly": (
        X,
        lambda: package({SHEET: sheet_of("<!-- --><row r='99999999'><c><v>1</v></c></row>")}),
        "a cell A99999999 lies outside",
    ),
    "too many cells": (
        X,
        lambda: package(
            {SHEET: sheet_of("".join(f'<row r="{n}"><c r="XFD{n}"><v>1</v></c></row>' for n in range(1, 4100)))}
        ),
        "a sheet is larger than 4,194,304 cells",
    ),
    "too many cells of an .ods": (
        ODS,
        lambda: ods(MANY_COLUMNS, repeated=1_000_000),
        "a sheet is larger than 4,194,304 cells",
    ),
    "too many columns of an .ods": (
        ODS,
        lambda: ods(MANY_COLUMNS * 2),
        "a cell XFE1 lies outside",
    ),
    "too many sheets": (X, many_sheets, "the list of its sheets is larger than 1,000 entries"),
    "too many sheets of an .ods": (ODS, lambda: ods("", table="<table:table/>" * 1001), "the list of its sheets"),
    "too many parts": (X, many_parts, "the list of its parts is larger than 10,000 entries"),
    "a part twice": (X, lambda: package({"XL/workbook.xml": b""}), "it has two parts 'XL/workbook.xml'"),
    "a part that is packed otherwise": (X, lambda: package({"x": b"x"}, zipfile.ZIP_LZMA), "is packed in a way"),
    "a bomb after the rows": (
        X,
        lambda: package({SHEET: sheet_of("") + b" " * (limits.MOST_PART_BYTES + 1)}),
        "a row is larger than 8,388,608 bytes",
    ),
    "laughs in the workbook": (X, lambda: package({"xl/workbook.xml": (LAUGHS + "<x>&d;</x>").encode()}), LAUGHING),
    "laughs in a sheet": (X, lambda: package({SHEET: LAUGHS.encode() + sheet_of(TEXT)}), LAUGHING),
    "laughs in the texts": (X, lambda: package({TEXTS: f"{LAUGHS}<x/>".encode()}), LAUGHING),
    "laughs in the styles": (X, lambda: package({STYLES: f"{LAUGHS}<x>&d;</x>".encode()}), LAUGHING),
    "laughs in an .ods": (ODS, lambda: package({CONTENT: f"{LAUGHS}<x>&d;</x>".encode()}), LAUGHING),
    "a file from outside": (X, lambda: package({SHEET: OUTSIDE.encode() + sheet_of(TEXT)}), LAUGHING),
    "a file from outside in an .ods": (ODS, lambda: package({CONTENT: f"{OUTSIDE}<x>&d;</x>".encode()}), LAUGHING),
    "an undeclared entity": (X, lambda: package({SHEET: sheet_of(TEXT)}), "undefined entity"),
    "a character that there is not": (
        X,
        lambda: row('<c r="A1" t="str"><v>&#xD800;</v></c>'),
        "invalid character number",
    ),
    "a text that is not UTF-8": (
        X,
        lambda: package({SHEET: sheet_of('<row r="1"><c r="A1" t="str"><v>?</v></c></row>').replace(b"?", b"\xff")}),
        "not well-formed",
    ),
    "a sheet that is a path": (
        X,
        lambda: package({LINKS: BOOK[LINKS].replace(b"worksheets/sheet1.xml", b"../../../../etc/passwd")}),
        "sheets that it lists are not in the file (1)",
    ),
    "a sheet that is not there": (
        X,
        lambda: package({}, leave_out=SHEET),
        "sheets that it lists are not in the file (1)",
    ),
    "a text that is not there": (X, lambda: row('<c r="A1" t="s"><v>7</v></c>'), "list index out of range"),
    "a text of a number below zero": (X, lambda: row('<c r="A1" t="s"><v>-1</v></c>'), "list index out of range"),
    "XML that breaks off": (X, lambda: package({SHEET: b"<worksheet><sheetData><row"}), "unclosed token"),
    "a cell of an .ods that is none": (
        ODS,
        lambda: cell_of_ods("'float' office:value='x'"),
        "does not hold what its type 'float' says",
    ),
    "a time of an .ods that is none": (
        ODS,
        lambda: cell_of_ods("'time' office:time-value='x'"),
        "does not hold what its type 'time' says",
    ),
    "an encrypted .xlsx": (X, lambda: COMPOUND + "EncryptedPackage".encode("utf-16-le"), PASSWORD),
    "an encrypted .ods": (
        ODS,
        lambda: package({CONTENT: b"<x/>", "META-INF/manifest.xml": b"<encryption-data/>"}),
        PASSWORD,
    ),
    "an encrypted .xls": ("a.xls", encrypted_xls, PASSWORD),
    "an encrypted zip file": (X, encrypted_zip, PASSWORD),
    "a zip file that breaks off": (X, lambda: package({})[:-100], "it is a zip file that cannot be opened"),
    "a zip file that is no workbook": (
        X,
        lambda: package({}, leave_out="xl", also="_rels"),
        "a zip file that is no workbook",
    ),
    "a workbook without sheets": (X, lambda: package({"xl/workbook.xml": b"<workbook/>"}), "has no sheet of cells"),
    "an .xlsb": (X, lambda: package({"xl/workbook.bin": b""}), "found an .xlsb workbook"),
    "an .xls that is none": ("a.xls", lambda: COMPOUND + b"\0" * 5000, "the workbook is damaged: "),
    "an .xls that is too large": (
        "a.xls",
        lambda: COMPOUND + b"\0" * limits.MOST_XLS_BYTES,
        "the .xls file is larger than 67,108,864 bytes",
    ),
    "a web page": ("a.xls", lambda: b"<html><table><tr><td>1</td></tr></table></html>", "found a web page or XML"),
    "XML of a spreadsheet": ("a.xls", lambda: b'<?xml version="1.0"?><Workbook/>', "found a web page or XML"),
    "a picture": (X, lambda: b"\x89PNG\r\n\x1a\n\0\0", "found neither a workbook nor text"),
    "a text in no known encoding": ("a.csv", lambda: b"school\n\xff\xff\n", "neither UTF-8, UTF-16 nor GB18030 text"),
    "a text with other separators": ("a.csv", lambda: b"school|type\n1|2\n", "found '|' between the columns"),
    "a text of one cell of ten million characters": (
        "a.csv",
        f"school,type\n1,{LONG}\n".encode,
        "field larger than field limit",
    ),
}


def read(path: Path) -> list[int]:
    return [sum(len(cells) for _, cells in sheet.rows()) + len(sheet.merged) for sheet in sheets_of(path)]


@pytest.mark.parametrize("fault", FILES)
def test_it_is_refused_in_little_time(tmp_path: Path, fault: str) -> None:
    name, make, message = FILES[fault]
    path = tmp_path / name
    path.write_bytes(make())
    started = time.process_time()
    with pytest.raises(be.DataErrors) as caught:
        be.read_submission(path)

    assert time.process_time() - started < SECONDS
    (error,) = (error for error in caught.value.errors if message in error.problem)
    assert str(error).startswith(f"a, {name}")
    assert len(str(error)) < 400
    assert error.hint
    assert len(error.text("zh")) < 400
    check_chinese(error)


SWELLING = [name for name in FILES if "bomb" in name or "laugh" in name or "characters" in name or "many" in name]


@pytest.mark.parametrize("fault", SWELLING)
def test_it_is_refused_in_little_memory(tmp_path: Path, fault: str) -> None:
    name, make, _ = FILES[fault]
    path = tmp_path / name
    path.write_bytes(make())
    tracemalloc.start()
    try:
        with pytest.raises(be.DataErrors):
            be.read_submission(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak < MEGABYTES * MEGA + 3 * path.stat().st_size


def test_every_refusal_of_workbooks_is_among_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    reached: set[tuple[str, int]] = set()

    def noting(self: UnreadableError, problem: Phrase, hint: Phrase, line: int = 0) -> None:
        frame: FrameType | None = sys._getframe(1)
        while frame is not None:
            reached.add((Path(frame.f_code.co_filename).name, frame.f_lineno))
            frame = frame.f_back
        self.problem, self.hint, self.line = problem, hint, line

    monkeypatch.setattr(UnreadableError, "__init__", noting)
    for name, make, _ in FILES.values():
        (tmp_path / name).write_bytes(make())
        with pytest.raises(be.DataError):
            read(tmp_path / name)
    (tmp_path / "a.xlsx").write_bytes(package({}))
    monkeypatch.setattr(opening, "MOST_FILE_BYTES", 100)
    with pytest.raises(be.DataError, match=r"^a, a\.xlsx: the file is larger than 100 bytes; "):
        read(tmp_path / "a.xlsx")

    assert [place for place in refusals() if not any((place[0], line) in reached for line in place[1])] == []


def refusals() -> Iterator[tuple[str, range, str]]:
    """Every call that refuses a workbook: its file, lines and source."""
    folder = Path(limits.__file__).parent
    for path in sorted(folder.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""
            if called in {"broken", "too_large", "encrypted", "UnreadableError"} and isinstance(node, ast.Call):
                lines = range(node.lineno, (node.end_lineno or node.lineno) + 1)
                yield path.name, lines, ast.unparse(node)


def test_a_million_empty_columns_cost_nothing(tmp_path: Path) -> None:
    styled = "".join(f'<c r="{letters(column)}1" s="0"/>' for column in range(MOST_COLUMNS))
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c><c r="XFD{n}" s="0"/></row>' for n in range(2, 1000))
    path = tmp_path / "a.xlsx"
    path.write_bytes(package({SHEET: sheet_of(f'<row r="1">{styled}</row>{rows}')}))
    (sheet,) = sheets_of(path)

    assert [cells for _, cells in sheet.rows()] == [[float(number)] for number in range(2, 1000)]


@pytest.mark.parametrize("height", ["", ' ht="15" customHeight="1"'], ids=["plain", "with a height"])
def test_a_sheet_formatted_to_its_last_row_is_read(tmp_path: Path, height: str) -> None:
    value = '<row r="1"><c r="A1"><v>1</v></c></row>'
    styled = "".join(
        f'<row r="{n}"{height}><c r="A{n}" s="0"/><c r="B{n}" s="0"/></row>' for n in range(2, MOST_ROWS + 1)
    )
    path = tmp_path / "a.xlsx"
    path.write_bytes(package({SHEET: sheet_of(value + styled)}))
    started = time.process_time()
    (sheet,) = sheets_of(path)

    assert list(sheet.rows()) == [(1, [1.0])]
    assert time.process_time() - started < SECONDS


def test_nothing_is_printed_and_no_stream_is_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(package({}))
    monkeypatch.setattr("sys.stderr", None)
    monkeypatch.setattr("sys.stdout", None)

    assert read(path) == [1]


def test_a_number_that_is_none_is_an_error_and_not_missing(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(row('<c r="A1"><v>nan</v></c><c r="B1"><v>7</v></c>'))
    (sheet,) = sheets_of(path)

    assert [cells for _, cells in sheet.rows()] == [[UNKNOWN_ERROR, 7.0]]


def test_macros_and_links_are_passed_over_and_text(tmp_path: Path) -> None:
    links = BOOK[LINKS].decode()
    outside = links.replace("</Relationships>", EXTERNAL + "</Relationships>").encode()
    parts = {LINKS: outside, "xl/vbaProject.bin": b"\xcc\x61", "xl/externalLinks/externalLink1.xml": LAUGHS.encode()}
    path = tmp_path / "a.xlsm"
    path.write_bytes(package(parts))
    (sheet,) = sheets_of(path)

    assert [cells for _, cells in sheet.rows()] == [[1]]
    assert [note.zh for note in sheet.notes] == [
        "工作簿带有宏，没有运行",
        "工作簿引用了别的工作簿，没有去打开，只读入上次保存的值",
    ]
