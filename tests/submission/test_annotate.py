"""A marked copy of a workbook: the cells that check complains about, and everything else as it was."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from books import write_book
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from PIL import Image

import balancedu as be
from balancedu.cli import main

FILES = Path(__file__).resolve().parent.parent / "files"
REAL = Path(__file__).resolve().parent.parent / "real_tables"
PAGE = REAL / "34-html-table.xls"
WORKBOOKS = sorted(path for path in REAL.rglob("*") if path.suffix in (".xlsx", ".xls", ".et", ".ods") and path != PAGE)
RED, YELLOW = "FFFFC7CE", "FFFFEB9C"
BOOK = """
[学校]
县的学校 | <      | <            | <
学校标识 | 学校类型 | 小学在校生数 | 教学及辅助用房面积
'001     | 小学     | 一百         | 5000
'002     | 小字     | =100+300 -> 400 | 6000
'003     | 小学     | 500 | 4000
[班级]
学校标识 | 学段 | 班额
'001     | 小学 | 40
'009     | 小学 | 41
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write_book(BOOK, tmp_path / "county.xlsx")


def problems_of(path: Path) -> list[tuple[str, str]]:
    """Return the places and problems of a file, without its name."""
    try:
        return [(note.place, note.problem.en) for note in be.read_submission(path).warnings]
    except be.DataErrors as error:
        return [(entry.place.partition(" ")[2], entry.problem) for entry in error.errors]


def test_wrong_cells_are_coloured_commented_and_listed_with_links(path: Path, tmp_path: Path) -> None:
    out = tmp_path / "marked.xlsx"
    result = be.write_annotated(path, out, lang="en")
    assert (result.errors, result.hints, result.text("en")) == (3, 0, "")

    book = openpyxl.load_workbook(out)
    assert book.sheetnames == ["Problems", "学校", "班级"]
    assert book.active is book["Problems"]
    marked = {
        f"{page.title}!{cell.coordinate}": cell.comment.text
        for page in book
        for row in page
        for cell in row
        if cell.comment
    }
    assert set(marked) == {"学校!C3", "学校!B4", "班级!A3"}
    assert marked["学校!C3"] == (
        "error: pupils_primary: found '一百', wanted a number\nwrite digits alone, with a point for decimals"
    )
    assert {book["学校"][cell].fill.fgColor.rgb for cell in ("C3", "B4")} == {RED}
    assert book["学校"]["C5"].fill.fill_type is None
    rows = list(book["Problems"].iter_rows(min_row=5))
    assert {row[2].value: row[2].hyperlink.location for row in rows} == {
        cell: f"'{cell.partition('!')[0]}'!{cell.partition('!')[2]}" for cell in marked
    }


@pytest.mark.parametrize("source", WORKBOOKS, ids=lambda path: path.relative_to(REAL).as_posix())
def test_every_real_workbook_is_copied_and_gives_the_same_problems(source: Path, tmp_path: Path) -> None:
    out = tmp_path / f"{source.stem}.xlsx"
    result = be.write_annotated(source, out)

    assert problems_of(out) == problems_of(source)
    book = openpyxl.load_workbook(out)
    assert book.sheetnames[0] == "问题清单"
    assert (result.text("zh") == "") == (source.suffix == ".xlsx")
    if source.suffix == ".xlsx":
        assert everything_in(out) == everything_in(source)


def everything_in(path: Path) -> dict[str, object]:
    """Return cells, formats, formulas, widths and merged cells of a workbook, but not what marking adds."""
    result: dict[str, object] = {}
    for formulas in (True, False):
        book = openpyxl.load_workbook(path, data_only=not formulas)
        for page in book.worksheets:
            if page.title == "问题清单":
                continue
            for row in page.iter_rows():
                for cell in row:
                    look = (cell.number_format, cell.font.b, cell.font.name, cell.alignment.wrap_text, cell.border.top)
                    if cell.value is not None:
                        result[f"{page.title}!{cell.coordinate} {formulas}"] = cell.value, cell.data_type, look
            result[page.title] = (
                sorted(map(str, page.merged_cells.ranges)),
                {letter: size.width for letter, size in page.column_dimensions.items()},
                {number: size.height for number, size in page.row_dimensions.items() if size.height},
                page.freeze_panes,
                page.sheet_state,
                [(str(check.sqref), check.type, check.formula1) for check in page.data_validations.dataValidation],
            )
    return result


def test_our_own_workbook_keeps_its_notes_drop_downs_and_widths(tmp_path: Path) -> None:
    source, out = tmp_path / "county.xlsx", tmp_path / "marked.xlsx"
    be.write_submission(be.example("failing"), source)
    be.write_annotated(source, out)

    assert everything_in(out) == everything_in(source)
    assert be.read_submission(out).fingerprint == be.example("failing").fingerprint
    assert openpyxl.load_workbook(out)["学校"]["A1"].comment is not None


def test_nothing_wrong_is_written_too(tmp_path: Path) -> None:
    source, out = tmp_path / "county.xlsx", tmp_path / "marked.xlsx"
    be.write_submission(be.example("passing"), source)
    assert be.write_annotated(source, out).errors == 0
    assert openpyxl.load_workbook(out)["问题清单"]["A1"].value == "没有发现问题。"


def test_hints_are_yellow(tmp_path: Path) -> None:
    source, out = tmp_path / "county.xlsx", tmp_path / "marked.xlsx"
    schools = {"school": ["001"], "type": ["小学"], "pupils_primary": [400]}
    be.write_submission(be.Submission(schools, {"school": ["001"], "stage": ["小学"], "pupils": [45]}), source)
    assert be.write_annotated(source, out).hints == 1
    book = openpyxl.load_workbook(out)
    cell = book["学校"][book["问题清单"]["C5"].value.partition("!")[2]]
    assert cell.fill.fgColor.rgb == YELLOW
    assert cell.comment.text.startswith("提示：小学在校生数")


def test_a_corrected_copy_can_be_marked_again(path: Path, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(path)
    book["学校"]["C3"].comment = Comment("见底册", "王老师")
    book.save(path)
    first, second, third = (tmp_path / name for name in ("1.xlsx", "2.xlsx", "3.xlsx"))
    be.write_annotated(path, first)
    be.write_annotated(first, second)
    texts = [openpyxl.load_workbook(name)["学校"]["C3"].comment.text for name in (first, second)]
    assert texts[0] == texts[1]
    assert texts[0].startswith("错误：")
    assert texts[0].endswith("\n见底册")

    book = openpyxl.load_workbook(second)
    book["学校"]["C3"] = 100
    book.save(second)
    be.write_annotated(second, third)
    cell = openpyxl.load_workbook(third)["学校"]["C3"]
    assert (cell.comment.text, cell.fill.fill_type) == ("见底册", None)


def test_rows_merged_cells_and_odd_names_of_sheets(tmp_path: Path) -> None:
    text = """
[它's 表!A1]
学校标识 | 学校名称 | 学校类型 | 小学在校生数
'001     | 甲       | 小学     | 多
'001     | 乙       | ^        | ^
"""
    source, out = write_book(text, tmp_path / "a.xlsx"), tmp_path / "marked.xlsx"
    be.write_annotated(source, out)
    book = openpyxl.load_workbook(out)
    for row in book["问题清单"].iter_rows(min_row=5):
        sheet, _, cell = row[2].value.rpartition("!")
        assert sheet == "它's 表!A1"
        assert row[2].hyperlink.location == f"'它''s 表!A1'!{cell}"
        assert book[sheet][cell].comment is not None


def test_texts_that_look_like_formulas_stay_texts(tmp_path: Path) -> None:
    source, out = (
        write_book("[学校]\n学校标识 | 学校类型 | '=1+1\n'1 | 小学 | 5\n", tmp_path / "a.xlsx"),
        tmp_path / "b.xlsx",
    )
    be.write_annotated(source, out)
    book = openpyxl.load_workbook(out)
    assert not [cell for row in book["问题清单"] for cell in row if cell.data_type == "f"]


@pytest.mark.parametrize("ending", ["xls", "ods"])
def test_other_workbooks_become_xlsx_with_their_values(ending: str, tmp_path: Path) -> None:
    out = tmp_path / "libreoffice.xlsx"
    result = be.write_annotated(FILES / f"libreoffice.{ending}", out)
    assert result.text("zh") == "副本没有保留原工作簿的格式、公式和图片"
    assert result.text("en") == "the copy lacks of the workbook: formats, formulas and pictures"
    book, original = openpyxl.load_workbook(out), openpyxl.load_workbook(FILES / "libreoffice.xlsx", data_only=True)
    assert book.sheetnames[1:] == original.sheetnames
    assert [page.sheet_state for page in book.worksheets[1:]] == [page.sheet_state for page in original.worksheets]
    for name in ("学校", "班级"):
        assert [[cell.value for cell in row] for row in book[name]] == [
            [cell.value for cell in row] for row in original[name]
        ]


def test_what_cannot_be_carried_over_is_named(path: Path, tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(path)) as book:
        page = book.add_worksheet("学校")
        page.write_row(0, 0, ["学校标识", "学校类型", "小学在校生数"])
        page.write_row(1, 0, ["001", "小学", 400])
        page.insert_textbox(5, 5, "说明")
        page.add_sparkline(7, 7, {"range": "学校!C2:C3"})
        chart = book.add_chart({"type": "column"})
        chart.add_series({"values": "=学校!$C$2:$C$2"})
        page.insert_chart(9, 2, chart)
        page.conditional_format("C2:C9", {"type": "data_bar", "data_bar_2010": True})
    with zipfile.ZipFile(path, "a") as package:
        package.writestr("xl/vbaProject.bin", b"macros")
        package.writestr("xl/media/image9.emf", b"a picture that nothing reads")
    result = be.write_annotated(path, tmp_path / "out.xlsx")
    assert result.text("zh") == "副本没有保留原工作簿的图片、图表或其样式、宏、图形和文本框、部分条件格式、迷你图"
    assert "\n" not in result.text("en")


def test_a_picture_is_carried_over(path: Path, tmp_path: Path) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (4, 4), "red").save(picture, "PNG")
    with xlsxwriter.Workbook(str(path)) as book:
        page = book.add_worksheet("学校")
        page.write_row(0, 0, ["学校标识", "学校类型"])
        page.write_row(1, 0, ["001", "小学"])
        page.insert_image(3, 3, "red.png", {"image_data": picture})
    assert be.write_annotated(path, tmp_path / "out.xlsx").text() == ""
    assert any(name.startswith("xl/media") for name in zipfile.ZipFile(tmp_path / "out.xlsx").namelist())


def test_what_openpyxl_cannot_read_is_copied_by_its_values(path: Path, tmp_path: Path) -> None:
    changed = tmp_path / "odd.xlsx"
    with zipfile.ZipFile(path) as before, zipfile.ZipFile(changed, "w") as after:
        for entry in before.infolist():
            content = before.read(entry)
            if entry.filename == "xl/styles.xml":
                content = content.replace(b'patternType="gray125"', b'patternType="odd"')
            after.writestr(entry.filename, content)
    result = be.write_annotated(changed, tmp_path / "out.xlsx")
    assert (result.errors, result.text("en")) == (3, "the copy lacks of the workbook: formats, formulas and pictures")
    assert openpyxl.load_workbook(tmp_path / "out.xlsx")["学校"]["C3"].fill == PatternFill("solid", fgColor=RED)


def test_folders_texts_and_the_workbook_itself_are_refused(path: Path, tmp_path: Path) -> None:
    text = tmp_path / "schools.csv"
    text.write_text("school,type\n001,小学\n", encoding="utf-8")
    before = path.read_bytes()
    for source, message in (
        (tmp_path, "is a folder; give an .xlsx"),
        (text, "is a text file; give an .xlsx"),
    ):
        with pytest.raises(be.RequestError, match=message):
            be.write_annotated(source, tmp_path / "out.xlsx")
    with pytest.raises(be.RequestError, match="cannot replace the workbook"):
        be.write_annotated(path, path, replace=True)
    with pytest.raises(be.RequestError, match="workbooks are written"):
        be.write_annotated(path, tmp_path / "out.xlsm")
    (tmp_path / "text.xls").write_text("school,type\n001,小学\n", encoding="utf-8")
    with pytest.raises(be.RequestError, match="is a text file; give an"):
        be.write_annotated(tmp_path / "text.xls", tmp_path / "out.xlsx")
    with pytest.raises(be.DataErrors, match="found a web page"):
        be.write_annotated(PAGE, tmp_path / "out.xlsx")
    (tmp_path / "broken.xlsx").write_bytes(b"PK\x03\x04 no zip file")
    with pytest.raises(be.DataErrors, match="it is a zip file that cannot be opened"):
        be.write_annotated(tmp_path / "broken.xlsx", tmp_path / "out.xlsx")
    assert path.read_bytes() == before
    assert not (tmp_path / "out.xlsx").exists()


def test_the_command(path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "marked.xlsx"
    assert main(["check", str(path), "--annotate", str(out)]) == 2
    assert capsys.readouterr().out.splitlines()[-1] == str(out)
    assert main(["check", str(path), "--annotate", str(out)]) == 2
    assert "已经存在，没有改动" in capsys.readouterr().err
    assert main(["check", str(path), "--annotate", str(out), "--replace", "--lang", "en"]) == 2
    assert openpyxl.load_workbook(out).sheetnames[0] == "Problems"
    assert main(["check", "docs/examples/failing", "--annotate", str(out), "--replace"]) == 2
    assert "文件夹；请给出 .xlsx" in capsys.readouterr().err
