"""Workbooks made part by part, to contain what no program writes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping

_LINKS = "http://schemas.openxmlformats.org/package/2006/relationships"
_KIND = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_ODF = "urn:oasis:names:tc:opendocument:xmlns"

COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def _links(**targets: str) -> bytes:
    entries = "".join(
        f'<Relationship Id="rId{number}" Type="{_KIND}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets.items(), 1)
    )
    return f'<Relationships xmlns="{_LINKS}">{entries}</Relationships>'.encode()


_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_MEANT = {
    "xl/workbook.xml": "sheet.main",
    "xl/worksheets/sheet1.xml": "worksheet",
    "xl/sharedStrings.xml": "sharedStrings",
    "xl/styles.xml": "styles",
}


def _types(names: Iterable[str]) -> bytes:
    given = "".join(
        f'<Override PartName="/{name}" ContentType="{_XLSX}.{_MEANT[name]}+xml"/>' for name in names if name in _MEANT
    )
    return (
        f'<Types xmlns="{_TYPES}"><Default Extension="xml" ContentType="application/xml"/><Default Extension="rels" '
        f'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>{given}</Types>'
    ).encode()


BOOK: Mapping[str, bytes] = {
    "_rels/.rels": _links(officeDocument="xl/workbook.xml"),
    "xl/workbook.xml": (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_KIND}"><sheets><sheet name="学校" sheetId="1" r:id="rId1"/></sheets>'
        "</workbook>"
    ).encode(),
    "xl/_rels/workbook.xml.rels": _links(
        worksheet="worksheets/sheet1.xml", sharedStrings="sharedStrings.xml", styles="styles.xml"
    ),
}


MANIFEST = (
    f'<manifest:manifest xmlns:manifest="{_ODF}:manifest:1.0"><manifest:file-entry manifest:full-path="/" '
    'manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/><manifest:file-entry '
    'manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
).encode()


def sheet_of(rows: str) -> bytes:
    """The XML of a sheet."""
    return f'<worksheet xmlns="{_MAIN}"><sheetData>{rows}</sheetData></worksheet>'.encode()


def package(
    parts: Mapping[str, bytes],
    method: int = zipfile.ZIP_DEFLATED,
    *,
    leave_out: str = "?",
    also: str = "?",
    claim: int = 0,
) -> bytes:
    """An .xlsx workbook of one sheet of one cell, with other parts beside or instead of its own."""
    content = io.BytesIO()
    cell = sheet_of('<row r="1"><c r="A1"><v>1</v></c></row>')
    with zipfile.ZipFile(content, "w", method) as file:
        made = {**BOOK, "xl/worksheets/sheet1.xml": cell, **parts}
        for name, part in {"[Content_Types].xml": _types(made), **made}.items():
            if not name.startswith((leave_out, also)):
                file.writestr(name, part)
        for entry in file.infolist() if claim else ():
            # The directory at the end states what a part unpacks to.
            entry.file_size = claim if entry.filename.startswith("xl/worksheets/") else entry.file_size
    return content.getvalue()


def ods(cells: str, *, repeated: int = 1, table: str = "") -> bytes:
    """An .ods workbook of one row, or of a text instead of its table."""
    row = f'<table:table-row table:number-rows-repeated="{repeated}">{cells}</table:table-row>'
    table = table or f'<table:table table:name="学校">{row}</table:table>'
    content = (
        f'<office:document-content xmlns:office="{_ODF}:office:1.0" xmlns:table="{_ODF}:table:1.0" '
        f'xmlns:text="{_ODF}:text:1.0"><office:body><office:spreadsheet>'
        f"{table}</office:spreadsheet></office:body></office:document-content>"
    )
    return package({"content.xml": content.encode(), "META-INF/manifest.xml": MANIFEST}, leave_out="xl", also="_rels")
