"""What is checked of a zip file before a library opens it as a workbook: sizes, names, document types."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING
from xml.parsers import expat

import attrs

from balancedu.core.fields import Title
from balancedu.text import Phrase

if TYPE_CHECKING:
    import zipfile

MOST_FILE_BYTES = 512 << 20
"""Of a file on disk."""
MOST_XLS_BYTES = 64 << 20
"""Of an .xls file, whose sheets have at most 65,536 rows."""
MOST_SHEET_BYTES = 512 << 20
"""Of a sheet, unpacked."""
MOST_TEXT_BYTES = 64 << 20
"""Of the texts that the cells of a workbook share, unpacked."""
MOST_ODS_BYTES = 64 << 20
"""Of the one part that holds all sheets of an .ods workbook, unpacked: the library keeps all of it in memory."""
MOST_PART_BYTES = 16 << 20
"""Of any other part of a workbook, unpacked."""
MOST_UNPACKED_BYTES = 1 << 30
MOST_ROW_BYTES = 8 << 20
"""Of one row of a sheet, unpacked."""
MOST_PARTS = 10_000
MOST_SHEETS = 1_000
MOST_ROWS = 1 << 20
MOST_COLUMNS = 1 << 14
MOST_CELLS = 1 << 22
"""Of a sheet, the empty ones between others counted."""
MOST_CHARACTERS = (1 << 15) - 1
"""Of one cell."""


class UnreadableError(Exception):
    """What is wrong with a file, before it has been given a name; the way out."""

    def __init__(self, problem: Phrase, hint: Phrase) -> None:
        super().__init__(problem, hint)
        self.problem = problem
        self.hint = hint


SAVE_AGAIN = Phrase("请用电子表格软件打开，另存为 .xlsx", "open it in a spreadsheet program and save it again as .xlsx")
BYTES, CHARACTERS = Phrase("字节", "bytes"), Phrase("个字符", "characters")
COLUMNS = Phrase("列", "columns")
CELLS, ENTRIES = Phrase("个单元格", "cells"), Phrase("项", "entries")
A_SHEET, A_ROW = Phrase("工作表", "a sheet"), Phrase("一行", "a row")
A_TEXT = Phrase("单元格的文字", "the text of a cell")
THE_SHEETS = Phrase("工作表清单", "the list of its sheets")


def broken(zh: str, en: str) -> UnreadableError:
    """Return the refusal of a file that is damaged, or none of its kind."""
    return UnreadableError(Phrase(f"工作簿已损坏：{zh}", f"the workbook is damaged: {en}"), SAVE_AGAIN)


def unreadable(error: Exception) -> UnreadableError:
    """Return the refusal of a file that a library cannot read."""
    problem = " ".join(f"{type(error).__name__}: {error}".split())[:120]
    return broken(f"无法读取（{problem}）", f"it cannot be read ({problem})")


def too_large(what: Phrase, most: int, unit: Phrase) -> UnreadableError:
    """Return the refusal of a file that exceeds a limit."""
    problem = Phrase(f"{what.zh}超过{most:,}{unit.zh}", f"{what.en} is larger than {most:,} {unit.en}")
    return UnreadableError(
        problem, Phrase("请删去与填报无关的内容，或拆成几个文件", "leave out what is no table, or split the file")
    )


def encrypted() -> UnreadableError:
    """Return the refusal of a file that needs a password."""
    return UnreadableError(
        Phrase("工作簿有密码保护", "the workbook is protected by a password"),
        Phrase("请打开后取消密码，重新保存", "open it and save it without a password"),
    )


def hidden(rows: int, columns: int = 0) -> list[Title]:
    """Return the notes about what a person who opens a sheet does not see and what is read all the same."""
    notes = []
    if rows:
        notes.append(Title(zh=f"隐藏的行（{rows}行）照常读入", en=f"hidden rows were read like the others ({rows})"))
    if columns:
        notes.append(
            Title(zh=f"隐藏的列（{columns}处）照常读入", en=f"hidden columns were read like the others ({columns})")
        )
    return notes


_CHUNK = 1 << 20
_METHODS = (0, 8)
"""Stored and deflated, the two that workbooks use."""
_ENCRYPTED = 1


@attrs.frozen(eq=False)
class Package:
    """The parts of a workbook whose sizes, as its directory gives them, are within bounds.

    Attributes
    ----------
    content : bytes
    file : ZipFile
        More than the directory says of a part is never unpacked.
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
        # Importing it takes long, and text files need none of it.
        import zipfile

        try:
            file = zipfile.ZipFile(io.BytesIO(content))
        except Exception as error:  # a damaged file ends the library in any way
            problem = f"压缩文件打不开（{error}）", f"it is a zip file that cannot be opened ({error})"
            raise broken(*problem) from None
        entries = file.infolist()
        if len(entries) > MOST_PARTS:
            raise too_large(Phrase("部件清单", "the list of its parts"), MOST_PARTS, ENTRIES)
        parts: dict[str, zipfile.ZipInfo] = {}
        for entry in entries:
            _check_part(entry)
            if parts.setdefault(_plain(entry.filename), entry) is not entry:
                name = entry.filename[:80]
                raise broken(f"部件“{name}”有两个", f"it has two parts {name!r}")
        if sum(entry.file_size for entry in entries) > MOST_UNPACKED_BYTES:
            raise too_large(Phrase("解压后的文件", "the unpacked file"), MOST_UNPACKED_BYTES, BYTES)
        return cls(content, file, parts)

    def __contains__(self, name: str) -> bool:
        return _plain(name) in self.parts

    def read(self, name: str) -> bytes:
        """Return a part."""
        return b"".join(self.chunks(name))

    def chunks(self, name: str) -> Iterator[bytes]:
        """Yield a part bit by bit."""
        try:
            with self.file.open(self.parts[_plain(name)]) as part:
                while chunk := part.read(_CHUNK):
                    yield chunk
        except Exception as error:
            problem = f"部件“{name[:80]}”无法解压（{error}）", f"the part {name[:80]!r} cannot be unpacked ({error})"
            raise broken(*problem) from None

    def refuse_document_types(self) -> None:
        """Refuse XML that declares a document type: it can declare entities that grow without end or name files.

        A document type can only be declared before the first element.
        """
        for name in self.parts:
            if name.endswith((".xml", ".rels", ".vml")) and not name.startswith("xl/externallinks/"):
                _refuse_document_type(self.chunks(name))


def _check_part(entry: zipfile.ZipInfo) -> None:
    name = entry.filename[:80]
    if entry.flag_bits & _ENCRYPTED:
        raise encrypted()
    if entry.compress_type not in _METHODS:
        problem = (
            f"部件“{name}”的压缩方式不是工作簿所用的",
            f"the part {name!r} is packed in a way that workbooks do not use",
        )
        raise broken(*problem)
    most = _most(_plain(entry.filename))
    if entry.file_size > most:
        raise too_large(Phrase(f"部件“{name}”", f"the part {name!r}"), most, BYTES)


def _most(name: str) -> int:
    if name.startswith("xl/worksheets/"):
        return MOST_SHEET_BYTES
    limits = {"xl/sharedstrings.xml": MOST_TEXT_BYTES, "content.xml": MOST_ODS_BYTES}
    return limits.get(name, MOST_PART_BYTES)


def _plain(name: str) -> str:
    return name.replace("\\", "/").lower()


class _FirstElementError(Exception):
    """The first element of a part begins: no document type can follow."""


def _refuse_document_type(chunks: Iterator[bytes]) -> None:
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse
    parser.StartElementHandler = _raising(_FirstElementError())
    before = 0
    try:
        for chunk in chunks:
            parser.Parse(chunk, False)
            before += len(chunk)
            if before > MOST_ROW_BYTES:
                raise too_large(Phrase("部件的开头", "the beginning of a part"), MOST_ROW_BYTES, BYTES)
    except (_FirstElementError, expat.ExpatError, LookupError, ValueError):
        # What is no XML is left to the library that reads it.
        return


def _refuse(*_: object) -> None:
    raise broken(
        "有部件声明了文档类型，正常的工作簿没有", "a part of it declares a document type, which workbooks never do"
    )


def _raising(error: Exception) -> Callable[[str, dict[str, str]], None]:
    def handler(_name: str, _attributes: dict[str, str]) -> None:
        raise error

    return handler
