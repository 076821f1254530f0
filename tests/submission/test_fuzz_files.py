"""Files with any of their bytes changed are read or refused with their name; nothing else comes out."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parts import package, sheet_of

import balancedu as be
from balancedu.files.open import sheets_of

FILES = Path(__file__).resolve().parent.parent / "files"
NAMES = sorted(path.name for path in FILES.iterdir() if path.suffix not in {".py", ".md"} and path.is_file())
BITS = st.sampled_from([
    *(b"", b"\0", b"\xff", b"<", b">", b"/", b'"', b"&", b"&#0;", b"&#x110000;", b"&d;", b"]]>", b"<!--", b"<![CDATA["),
    b"<!DOCTYPE x [<!ENTITY d 'd'>]>",
    *(b"<row/>", b'<row r="1">', b"</row>", b"<c/>", b'<c r="XFD1048576"><v>1</v></c>'),
    *(b' t="s"', b' t="str"', b' t="e"', b' t="b"', b' t="d"', b' s="99"', b"<f>1+1</f>", b"<v>nan</v>", b"<v>-1</v>"),
    *(b"<?xml version='1.0' encoding='UTF-6'?>", b"1e999", b"-0"),
    *( b"2958466", b"_x0000_", b"_xD800_", b"\xef\xbf\xbe", b"\xed\xa0\x80", b"</sheetData>", b"<x:row>"),
    *(b' table:number-columns-repeated="999999999"', b' table:number-rows-repeated="-1"', b"PT1H", b"9999-99-99"),
])  # fmt: skip
CUTS = st.tuples(st.floats(0, 1), st.integers(0, 40), st.one_of(BITS, st.binary(max_size=6)))


def mutated(content: bytes, cuts: list[tuple[float, int, bytes]]) -> bytes:
    for where, length, bits in cuts:
        start = int(where * len(content))
        content = content[:start] + bits + content[start + length :]
    return content


def read_or_refused(name: str, content: bytes, folder: Path) -> None:
    path = folder / name
    path.write_bytes(content)
    try:
        for sheet in sheets_of(path):
            rows = list(sheet.rows())
            assert [number for number, _ in rows] == sorted({number for number, _ in rows})
            assert all(span.first_row <= span.last_row for span in sheet.merged) or not rows
    except be.DataError as error:
        refused = str(error)
    else:
        return
    assert name in refused
    assert len(refused) < 500


@pytest.mark.parametrize("name", NAMES)
@given(cuts=st.lists(CUTS, min_size=1, max_size=4))
def test_files_with_changed_bytes(
    tmp_path_factory: pytest.TempPathFactory, name: str, cuts: list[tuple[float, int, bytes]]
) -> None:
    content = mutated((FILES / name).read_bytes(), cuts)
    read_or_refused(name, content, tmp_path_factory.mktemp("files"))


@pytest.mark.parametrize("name", [name for name in NAMES if name.endswith(("xlsx", "ods"))])
@given(part=st.integers(0, 100), cuts=st.lists(CUTS, min_size=1, max_size=4))
def test_parts_with_changed_bytes(
    tmp_path_factory: pytest.TempPathFactory, name: str, part: int, cuts: list[tuple[float, int, bytes]]
) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(FILES / name) as old, zipfile.ZipFile(content, "w") as new:
        read = [entry for entry in old.namelist() if entry.endswith((".xml", ".rels")) and "theme" not in entry]
        for entry in old.namelist():
            new.writestr(entry, mutated(old.read(entry), cuts) if entry == read[part % len(read)] else old.read(entry))
    read_or_refused(name, content.getvalue(), tmp_path_factory.mktemp("files"))


CELLS = st.tuples(
    st.sampled_from(["A1", "B1", "C1", "A2", "", "XFD1", "ZZZ1"]),
    st.sampled_from(["", "n", "s", "str", "inlineStr", "b", "e", "d"]),
    st.sampled_from(
        ["", "0", "1", "-1", "1.5", "1e5", "nan", "x", "2020-01-02", "2020-01-02T03:04:05", "#DIV/0!", "&amp;"]
    ),
    st.sampled_from(["", "<f>1+1</f>", "<f/>", '<f t="shared" si="0"/>']),
).map(lambda cell: f'<c r="{cell[0]}" t="{cell[1]}">{cell[3]}<v>{cell[2]}</v></c>')


@given(st.lists(st.lists(CELLS, max_size=3).map("".join), max_size=5))
def test_cells_of_any_kind(tmp_path_factory: pytest.TempPathFactory, rows: list[str]) -> None:
    xml = "".join(f'<row r="{number}">{cells}</row>' for number, cells in enumerate(rows, 1))
    parts = {"xl/worksheets/sheet1.xml": sheet_of(xml), "xl/sharedStrings.xml": b"<sst><si><t>a</t></si></sst>"}
    read_or_refused("a.xlsx", package(parts), tmp_path_factory.mktemp("files"))
