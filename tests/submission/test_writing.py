"""The workbook that a county fills in: made from the measures alone, and every submission fits into it."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import attrs
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import balancedu as be
from balancedu.cli import main
from balancedu.core.fields import Language
from balancedu.core.model import Measure
from balancedu.core.standard import Standard
from balancedu.files import write as workbook
from balancedu.files import write as writing_facts
from balancedu.files.cover import MadeFor, made_for
from balancedu.files.layout import lists_of, validation
from balancedu.files.sheet import Sheet
from balancedu.files.write import facts_by_item
from balancedu.submission.classes import BANDS
from balancedu.testing import KINDS, submissions

STANDARD = be.load_standard("cn-2017")
LANGUAGES: tuple[Language, ...] = ("zh", "en")
SPECS = Path("specs/cn-2017")
LAST = 1_048_576


def template(folder: Path, lang: Language = "zh", standard: Standard | Path = STANDARD) -> Any:
    path = folder / "county.xlsx"
    path.write_bytes(empty_workbook(lang, standard))
    return openpyxl.load_workbook(path)


@cache
def empty_workbook(lang: Language, standard: Standard | Path) -> bytes:
    """The workbook to fill in, written once for all tests."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "county.xlsx"
        be.write_template(path, standard=standard, lang=lang)
        return path.read_bytes()


def columns(book: Any, standard: Standard, lang: Language) -> Iterator[tuple[Any, int, Measure]]:
    """Every column of every table but the facts: sheet, number and measure."""
    for table in standard.tables.values():
        if table.id != "facts":
            sheet, band = book[table.title.text(lang)], BANDS.get(table.id)
            ids = [cell.value for cell in sheet[2]]
            for name, measure in standard.table_measures(table.id).items():
                if not band or name not in band.columns:
                    yield sheet, ids.index(name) + 1, measure


def facts(sheet: Any) -> list[dict[str, Any]]:
    """The rows of the sheet of facts, each by the ids of the columns."""
    ids = [cell.value for cell in sheet[2]]
    return [dict(zip(ids, row, strict=True)) for row in sheet.iter_rows(min_row=3)]


def check_of(sheet: Any, cell: str) -> Any:
    """What Excel checks in a cell."""
    (result,) = [entry for entry in sheet.data_validations.dataValidation if cell in entry.sqref]
    return result


def offered(book: Any, check: Any) -> list[str]:
    """What a drop-down offers, from the hidden sheet."""
    assert check.type == "list"
    name, _, area = check.formula1.partition("!")
    return [cell.value for row in book[name.strip("'")][area.replace("$", "")] for cell in row]


# The template


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_sheet_for_each_table_after_the_cover(tmp_path: Path, lang: Language) -> None:
    book = template(tmp_path, lang)
    titles = [table.title.text(lang) for table in STANDARD.tables.values()]
    own = {"zh": ("说明", "选项"), "en": ("Guide", "Lists")}[lang]

    narrative = {"zh": "文字材料", "en": "Narrative"}[lang]
    assert book.sheetnames == [own[0], *titles, narrative, own[1]]
    assert [sheet.sheet_state for sheet in book] == ["visible"] * (2 + len(titles)) + ["hidden"]
    assert book.active.title == own[0]


def test_headings_are_titles_with_units_and_ids(tmp_path: Path) -> None:
    zh, en = template(tmp_path, "zh"), template(tmp_path, "en")

    assert {"学校标识", "小学在校生数（人）", "初中在校生数（人）"} <= {cell.value for cell in zh["学校"][1]}
    assert {"school id", "primary pupils (pupils)"} <= {cell.value for cell in en["Schools"][1]}
    books: dict[Language, Any] = {"zh": zh, "en": en}
    for lang, book in books.items():
        for sheet, n, measure in columns(book, STANDARD, lang):
            assert sheet.cell(1, n).value.startswith(measure.title.text(lang))
            assert sheet.cell(2, n).value == measure.column
            assert sheet.cell(3, n).value is None


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_note_says_what_counts_and_who_needs_it(tmp_path: Path, lang: Language) -> None:
    book = template(tmp_path, lang)
    notes = {measure.id: sheet.cell(1, n).comment.text for sheet, n, measure in columns(book, STANDARD, lang)}
    for row in facts(book[STANDARD.tables["facts"].title.text(lang)]):
        notes[row["fact"].value] = row["title"].comment.text

    # The template requires every class and room by itself; the columns of bands are read, and not requested.
    bands = {f"{table}.{column}" for table, band in BANDS.items() for column in band.columns}
    assert set(notes) == set(STANDARD.measures) - {"facts.county"} - bands
    for name, note in notes.items():
        measure = STANDARD.measures[name]
        assert measure.definition is None or measure.definition.text(lang) in note
        assert str(measure.source) in note
        for value in measure.needed_by:
            entry = STANDARD.indicators[value].name if value in STANDARD.indicators else STANDARD.items[value].name
            assert f"{value} {entry.text(lang)}" in note


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_closed_list_is_a_drop_down(tmp_path: Path, lang: Language) -> None:
    book = template(tmp_path, lang)
    seen = set()
    for sheet, n, measure in columns(book, STANDARD, lang):
        titles = [choice.title.text(lang) for choice in measure.values] or [entry.text(lang) for entry in measure.usual]
        if measure.type == "yes_no":
            titles = ["是", "否"] if lang == "zh" else ["yes", "no"]
        for row in (3, LAST) if titles else ():
            check = check_of(sheet, sheet.cell(row, n).coordinate)
            assert offered(book, check) == titles
            # What is only usual may be written otherwise.
            assert bool(check.showErrorMessage) == (measure.type != "text")
            seen.add(measure.id)

    assert {"type", "organizer", "area", "classes.entry_grade", "rooms.use", "monitoring.subject"} <= seen


def test_numbers_are_checked_against_their_ranges(tmp_path: Path) -> None:
    book = template(tmp_path)
    for sheet, n, measure in columns(book, STANDARD, "zh"):
        if measure.type in ("count", "number", "share"):
            check = check_of(sheet, sheet.cell(3, n).coordinate)
            assert check.type == ("whole" if measure.type == "count" else "decimal")
            assert measure.range is not None
            assert float(check.formula1) == measure.range.least
            assert measure.range.most is None or float(check.formula2) == measure.range.most
            assert measure.title.zh in check.error


def test_ids_stay_text_and_shares_are_percentages(tmp_path: Path) -> None:
    formats = {
        measure.id: next(
            column_dimension.number_format
            for column_dimension in sheet.column_dimensions.values()
            if column_dimension.min <= n <= (column_dimension.max or column_dimension.min)
        )
        for sheet, n, measure in columns(template(tmp_path), STANDARD, "zh")
    }

    assert {formats[name] for name in ("county", "school", "name", "classes.school", "classes.grade")} == {"@"}
    assert (formats["pupils_primary"], formats["monitoring.between_school_rate"]) == ("0", "0.00%")


def test_each_fact_is_a_row_under_the_item_that_needs_it(tmp_path: Path) -> None:
    book = template(tmp_path)
    rows = facts(book["县级填报项"])
    ids = [row["fact"].value for row in rows]
    items = [row["item"].value for row in rows]

    assert list(rows[0]) == ["county", "item", "title", "fact", "value", "unit", "evidence"]
    assert sorted(ids) == sorted(set(STANDARD.table_measures("facts")) - {"county"})
    assert ids == [entry.id for some in facts_by_item(STANDARD).values() for entry in some]
    assert list(dict.fromkeys(items)) == [
        # Who reports, and what only the official form requires, comes first, under no item.
        None,
        *(f"{item} {STANDARD.items[item].name.zh}" for item in STANDARD.items if item in facts_by_item(STANDARD)),
    ]
    assert ids[:4] == ["county_name", "school_year", "reporting_unit", "contact"]
    for row in rows:
        measure = STANDARD.measures[row["fact"].value]
        if measure.needed_by:
            assert row["item"].value.split()[0] in measure.needed_by
        else:
            assert row["item"].value is None
        assert row["title"].value == measure.title.zh
        assert row["unit"].value == (measure.unit.zh if measure.unit else None)
        if measure.type != "text":
            check = check_of(book["县级填报项"], row["value"].coordinate)
            assert check.type == {"yes_no": "list", "count": "whole", "day": "date"}.get(measure.type, "decimal")
        assert row["value"].value is row["evidence"].value is row["county"].value is None


def test_headings_stay_in_sight_and_pages_are_a4(tmp_path: Path) -> None:
    book = template(tmp_path)

    assert [book[name].freeze_panes for name in ("学校", "班级", "质量监测", "县级填报项")] == ["D3", "D3", "D3", "E3"]
    for sheet in book.worksheets[1:-1]:
        assert sheet.print_title_rows == "$1:$2"
        assert sheet.page_setup.paperSize == 9
        assert sheet.sheet_properties.pageSetUpPr.fitToPage


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_cover_names_the_standard_and_explains(tmp_path: Path, lang: Language) -> None:
    cover = template(tmp_path, lang).worksheets[0]
    texts = [str(cell.value) for row in cover.iter_rows() for cell in row if cell.value is not None]

    assert {STANDARD.title.text(lang), "cn-2017", "教督〔2017〕6号", "2017-04-19"} <= set(texts)
    assert {table.title.text(lang) for table in STANDARD.tables.values()} <= set(texts)
    assert sum(bool(re.match(r"\d\. ", text)) for text in texts) == 9
    assert "balancedu check" in texts[-1]


def test_an_edition_of_your_own_is_enough(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    for file in SPECS.iterdir():
        text = file.read_text(encoding="utf-8")
        if file.name == "measures.yaml":
            text = text.replace("title: {zh: 专用教室, en: Rooms}", "title: {zh: 音/美教室, en: Schools}").replace(
                "  # 班级。 Classes.",
                "  - id: heated\n    title: {zh: 冬季取暖, en: heating}\n    table: schools\n    type: choice\n"
                "    values: [{id: district, title: {zh: 集中, en: district}}, {id: own, title: {zh: 自备, en: own}}]\n"
                "    source: {document: 某〔2024〕1号, part: 第三条, confidence: O}\n",
            )
        (own / file.name).write_text(text, encoding="utf-8")

    book = template(tmp_path, standard=own)
    n = next(cell.column for cell in book["学校"][2] if cell.value == "heated")
    assert offered(book, check_of(book["学校"], book["学校"].cell(3, n).coordinate)) == ["集中", "自备"]
    assert "某〔2024〕1号 第三条" in book["学校"].cell(1, n).comment.text
    assert "音_美教室" in book.sheetnames
    assert "rooms" in template(tmp_path, "en", own).sheetnames


LONG = "Rooms for music, art and everything else"
TITLES = {"classes": f"{LONG} of classes", "rooms": LONG, "monitoring": "The county's pupils'/2023"}


def test_sheets_of_any_titles_are_linked_and_read_again(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    for file in SPECS.iterdir():
        text = file.read_text(encoding="utf-8")
        for table, title in TITLES.items() if file.name == "measures.yaml" else ():
            text = text.replace(f"en: {STANDARD.tables[table].title.en}}}", f'en: "{title}"}}', 1)
        (own / file.name).write_text(text, encoding="utf-8")
    std = be.load_standard(own)
    book = template(tmp_path, "en", std)
    links = [cell.hyperlink.location for row in book["Guide"].iter_rows() for cell in row if cell.hyperlink]

    assert book.sheetnames[2:5] == ["Rooms for music, art and everyt", "rooms", "The county's pupils'_2023"]
    assert links == ["'" + name.replace("'", "''") + "'!A1" for name in book.sheetnames[1:-1]]

    submission = be.example("failing", standard=std)
    be.write_submission(submission, tmp_path / "county.xlsx", lang="en", replace=True)
    assert content_of(read(tmp_path / "county.xlsx", std)) == content_of(submission)


def test_columns_of_an_overlay_are_asked_for_and_the_overlay_is_named(tmp_path: Path) -> None:
    std = be.load_standard("cn-2017", ["transition"], on="2020-01-01")
    book = template(tmp_path, standard=std)
    cover = "\n".join(str(cell.value) for row in book.worksheets[0].iter_rows() for cell in row)
    added = set(std.table_measures("schools")) - set(STANDARD.table_measures("schools"))

    assert {"built", "migrant_share"} <= added
    assert added <= {cell.value for cell in book["学校"][2]}
    assert "transition" in cover
    assert "2020-01-01" in cover

    submission = be.Submission({"school": ["1"], "type": ["小学"], "migrant_share": [0.6]}, standard=std)
    be.write_submission(submission, tmp_path / "county.xlsx", replace=True)
    assert content_of(read(tmp_path / "county.xlsx", std)) == content_of(submission)


def refused(path: Path, standard: Standard) -> list[str]:
    with pytest.raises(be.DataErrors) as caught:
        be.read_submission(path, standard=standard)
    return [str(error) for error in caught.value.errors]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_workbook_that_another_standard_cannot_read_says_which_one_can(tmp_path: Path, lang: Language) -> None:
    std = be.load_standard("cn-2017", ["transition"], on="2020-01-01")
    submission = be.Submission({"school": ["1"], "type": ["小学"], "migrant_share": [0.6]}, standard=std)
    be.write_submission(submission, tmp_path / "county.xlsx", lang=lang)
    (error,) = refused(tmp_path / "county.xlsx", STANDARD)

    assert "made for cn-2017+transition (as of 2020-01-01), and is read by cn-2017, which does not know" in error
    assert error.endswith(
        "read it with --overlay transition --on 2020-01-01, "
        'in Python standard=load_standard("cn-2017", ["transition"], on="2020-01-01")'
    )


def test_a_workbook_of_another_edition_is_named_and_read_where_it_fits(tmp_path: Path) -> None:
    earlier = be.load_standard("cn-2012")
    be.write_submission(be.example("failing", standard=STANDARD), tmp_path / "later.xlsx")
    with_more = be.load_standard("cn-2017", ["transition"], on="2020-01-01")

    (error,) = refused(tmp_path / "later.xlsx", earlier)
    assert 'read it with --standard cn-2017, in Python standard="cn-2017"' in error
    assert content_of(read(tmp_path / "later.xlsx", with_more)) == content_of(be.example("failing", standard=with_more))


@pytest.mark.parametrize("standard", [STANDARD, be.load_standard("cn-2017", ["entry-grade-classes"])])
def test_a_column_that_neither_standard_knows_is_shown_unchanged(tmp_path: Path, standard: Standard) -> None:
    be.write_submission(be.example("failing"), tmp_path / "county.xlsx")
    book = openpyxl.load_workbook(tmp_path / "county.xlsx")
    book["学校"].cell(1, 60, "寄宿生")
    book["学校"].cell(3, 60, 12)
    book.save(tmp_path / "county.xlsx")

    (note,) = be.read_submission(tmp_path / "county.xlsx", standard=standard).notes
    assert (note.file, note.sheet) == ("county.xlsx", "学校")
    assert note.message.en == "the columns '寄宿生' are not asked for, and were not read"


def test_an_overlay_from_a_file_is_named_with_what_to_write(tmp_path: Path) -> None:
    std = be.load_standard("cn-2017", ["transition"], on="2020-01-01")
    submission = be.Submission({"school": ["1"], "type": ["小学"], "migrant_share": [0.6]}, standard=std)
    be.write_submission(submission, tmp_path / "county.xlsx")
    book = openpyxl.load_workbook(tmp_path / "county.xlsx")
    (cell,) = [row[1] for row in book["说明"].iter_rows() if row[0].value == "叠加文件"]
    cell.value = cell.value.replace("transition", "ours")
    book.save(tmp_path / "county.xlsx")
    (error,) = refused(tmp_path / "county.xlsx", STANDARD)

    assert "made for cn-2017+ours (as of 2020-01-01)" in error
    assert error.endswith("; write the file in place of ours, which does not come with balancedu")


def test_an_overlay_of_any_title_is_found_on_the_cover() -> None:
    cover = MadeFor("cn-2017", ("own-1", "own-2"), "")
    texts = [["版本", "cn-2017"], ["叠加文件", "过渡（试行，二）（own-1，某〔2024〕1号（附件，2），2024-01-01）"]]
    texts += [["Overlay", "Two (own-2, No. 2)"], ["别的", "own-3"]]
    sheet = Sheet("county.xlsx", "说明", lambda: ((n, list(text)) for n, text in enumerate(texts, 1)))

    assert made_for(sheet) == cover
    assert made_for(attrs.evolve(sheet, name="学校")) is None


@pytest.mark.parametrize("standard", be.available_standards())
@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_standard_has_a_template(tmp_path: Path, standard: str, lang: Language) -> None:
    std = be.load_standard(standard)
    book = template(tmp_path, lang, std)

    for sheet, n, measure in columns(book, std, lang):
        assert sheet.cell(2, n).value == measure.column
    assert len(lists_of(std, lang)) == book.worksheets[-1].max_column


def test_names_of_schools_and_classes_are_filled_in(tmp_path: Path) -> None:
    book = template(tmp_path)
    classes, rooms = book["班级"], book["专用教室"]
    assert [cell.value for cell in classes[1]][:6] == [
        *("县", "学校标识", "学校名称（自动显示）", "学段", "年级", "班级名称（自动显示）"),
    ]
    assert classes["C3"].value == "=IFERROR(INDEX('学校'!$C$3:$C$5002,MATCH($B3,'学校'!$B$3:$B$5002,0))&\"\",\"\")"
    assert "COUNTIFS" in classes["F802"].value
    assert rooms["C202"].value.startswith("=IFERROR(INDEX('学校'!")
    for sheet, cell in ((classes, "B3"), (rooms, "B3"), (book["学校"], "E3")):
        check = check_of(sheet, cell)
        assert (check.formula1, bool(check.showErrorMessage)) == ("'学校'!$B$3:$B$5002", False)
    assert be.read_submission(filled(book, tmp_path / "filled.xlsx")).notes == ()

    schools = {"school": ["1", "2"], "name": ["甲小学", "乙小学"], "type": ["小学"] * 2}
    grades = {"school": ["1", "1", "2", "1"], "stage": ["小学"] * 4, "grade": ["3", "3", "3", "一年级"]}
    be.write_submission(
        be.Submission(schools, grades, {"school": ["2"], "use": ["music"]}), tmp_path / "county.xlsx", replace=True
    )
    shown = openpyxl.load_workbook(tmp_path / "county.xlsx", data_only=True)
    assert [row[2].value + row[5].value for row in shown["班级"].iter_rows(min_row=3)] == [
        *("甲小学3年级（1）班", "甲小学3年级（2）班", "乙小学3年级（1）班", "甲小学1年级（1）班"),
    ]
    assert shown["专用教室"]["C3"].value == "乙小学"
    again = grades | {"county": list("abba"), "school": ["1"] * 4}
    two = be.Submission(schools | {"county": ["a", "b"], "school": ["1", "1"]}, again)
    be.write_submission(two, tmp_path / "county.xlsx", replace=True)
    sheet = openpyxl.load_workbook(tmp_path / "county.xlsx")["班级"]
    assert [sheet.cell(row, 3).value for row in range(3, 7)] == ["甲小学", "乙小学", "乙小学", "甲小学"]


def filled(book: Any, path: Path) -> Path:
    """A template in which one school and class are filled in, by a program that computes nothing."""
    for sheet, cells in (
        ("学校", {"B3": "1", "C3": "甲小学", "D3": "小学"}),
        ("班级", {"B3": "1", "D3": "小学", "E3": "3"}),
    ):
        for cell, value in cells.items():
            book[sheet][cell] = value
    book.save(path)
    return path


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_note_says_where_zero_and_empty_differ(tmp_path: Path, lang: Language) -> None:
    book = template(tmp_path, lang)
    words = {"zh": "没有数据的空着，空着的不当作0", "en": "Empty is not 0"}[lang]
    notes = {measure.id: sheet.cell(1, n).comment.text for sheet, n, measure in columns(book, STANDARD, lang)}
    assert words in notes["indoor_sports_area"]
    assert words in notes["arts_pe_teachers_primary"]
    assert words not in notes["name"]


def test_the_sheet_of_texts_comes_back(tmp_path: Path) -> None:
    sheet = template(tmp_path)["文字材料"]
    keys = [row[1].value for row in sheet.iter_rows(min_row=3)]
    assert keys[0] == "overview"
    assert {"R1", "G5", "Q4"} <= set(keys)
    assert [cell.value for cell in sheet[2]][:4] == ["county", "key", "title", "text"]

    texts = {"overview": "清源区\n在东部", "G5.office": "基教科", "R4.measure": "=扩建"}
    submission = be.Submission({"school": ["1"], "type": ["小学"]}, narrative=texts)
    be.write_submission(submission, tmp_path / "county.xlsx", replace=True)
    assert read(tmp_path / "county.xlsx") == submission
    schools = {"county": ["a", "b"], "school": ["1", "1"], "type": ["小学"] * 2}
    two = be.Submission(schools, narrative={"a": texts, "b": {"goals": "x"}})
    be.write_submission(two, tmp_path / "county.xlsx", lang="en", replace=True)
    assert read(tmp_path / "county.xlsx") == two
    assert openpyxl.load_workbook(tmp_path / "county.xlsx")["Narrative"].max_row == 6


# A submission


def read(path: Path, standard: Standard = STANDARD) -> be.Submission:
    """The submission that a workbook holds; nothing about it needs to be said."""
    submission = be.read_submission(path, standard=standard)

    assert submission.notes == ()
    return submission


def content_of(submission: be.Submission) -> Mapping[str, Any]:
    """Everything that was reported, in the order submitted; omitted and empty are the same."""
    result: dict[str, Any] = {"counties": submission.counties, "evidence": dict(submission.evidence)}
    for name in submission.tables:
        for column, values in submission.columns(name).items():
            cells = [None if is_empty(value) else value for value in values.tolist()]
            if name == "facts":
                counties = submission.columns("facts")["county"].tolist()
                result[column] = {
                    county: cell for county, cell in zip(counties, cells, strict=True) if cell is not None
                }
                result.pop("county", None)
            elif any(cell is not None for cell in cells):
                result[f"{name}.{column}"] = cells
    return {name: entry for name, entry in result.items() if entry != {}}


def is_empty(value: object) -> bool:
    return value == "" or (isinstance(value, float) and math.isnan(value))


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("standard", be.available_standards())
@settings(max_examples=settings().max_examples // 2)
@given(data=st.data())
def test_what_is_written_is_what_is_read(
    tmp_path_factory: pytest.TempPathFactory, standard: str, lang: Language, data: st.DataObject
) -> None:
    std = be.load_standard(standard)
    submission = data.draw(submissions(std, kind=st.sampled_from(KINDS), counties=st.integers(1, 3)))
    path = tmp_path_factory.getbasetemp() / f"{standard}-{lang}.xlsx"

    be.write_submission(submission, path, lang=lang, replace=True)

    assert content_of(read(path, std)) == content_of(submission)


@pytest.mark.parametrize("name", ["passing", "failing"])
def test_the_examples_come_back(tmp_path: Path, name: Any) -> None:
    submission = be.example(name)
    be.write_submission(submission, tmp_path / "county.xlsx")
    again = read(tmp_path / "county.xlsx")

    assert content_of(again) == content_of(submission)
    assert {item: entry.verdict for item, entry in be.evaluate(again).items.items()} == {
        item: entry.verdict for item, entry in be.evaluate(submission).items.items()
    }


@settings(max_examples=settings().max_examples // 2)
@given(st.lists(st.floats(0, 999_999_999_999_999), min_size=1, max_size=40))
def test_every_digit_of_a_number_is_kept(tmp_path_factory: pytest.TempPathFactory, numbers: list[float]) -> None:
    schools = {
        "school": [str(n) for n in range(len(numbers))],
        "type": ["小学"] * len(numbers),
        "equipment_value": numbers,
    }
    path = tmp_path_factory.getbasetemp() / "digits.xlsx"
    be.write_submission(be.Submission(schools), path, replace=True)

    # Numbers have 15 significant digits: those are kept, and no others are read.
    assert read(path).columns("schools")["equipment_value"].tolist() == [float(f"{number:.15g}") for number in numbers]


TEXTS = (
    "=1+1",
    "+86",
    "-1",
    "@SUM(1)",
    '=HYPERLINK("http://example.org","x")',
    "http://example.org",
    "<b>&amp;</b>",
    "_x0041_",
    "007",
    "1e5",
    "true",
    "O.50",
    "'quoted",
    "{=1}",
    "𠮷野小学",
)


def test_no_text_becomes_a_formula_a_link_or_a_number(tmp_path: Path) -> None:
    schools = {"school": [f"0{n}" for n in range(len(TEXTS))], "name": list(TEXTS), "type": ["小学"] * len(TEXTS)}
    classes = {"school": schools["school"], "stage": ["primary"] * len(TEXTS)}
    evidence = "=cmd|'/C calc'!A0\r\n第二行\x07 _x0007_"
    result = {"layout_rational": {"value": True, "evidence": evidence}, "teachers": {"value": None, "evidence": "另报"}}
    submission = be.Submission(schools, classes, facts={"=1": result})
    path = tmp_path / "county.xlsx"
    be.write_submission(submission, path)
    cells = [cell for sheet in openpyxl.load_workbook(path) for row in sheet.iter_rows() for cell in row]

    assert content_of(read(path)) == content_of(submission)
    # The only formulas are those that name schools and classes.
    formulas = {(cell.parent.title, cell.column_letter) for cell in cells if cell.data_type == "f"}
    assert formulas == {("班级", "C"), ("班级", "F")}
    texts = [cell for cell in cells if isinstance(cell.value, str) and cell.data_type != "f"]
    assert all(cell.quotePrefix for cell in texts if cell.value[:1] in tuple("=+-@"))


def test_rows_keep_their_order_and_their_gaps(tmp_path: Path) -> None:
    schools = {
        "county": ["b", "a", "b"],
        "school": ["2", "1", "1"],
        "type": ["小学"] * 3,
        "pupils_primary": [None, 0, 3],
    }
    submission = be.Submission(schools, monitoring={"county": ["b", "a"], "grade": [None, "4"]}, facts={"b": {}})
    be.write_submission(submission, tmp_path / "county.xlsx")

    assert read(tmp_path / "county.xlsx").columns("schools")["school"].tolist() == ["2", "1", "1"]
    assert content_of(read(tmp_path / "county.xlsx")) == content_of(submission)


def test_a_county_without_an_id_needs_none(tmp_path: Path) -> None:
    path = tmp_path / "county.xlsx"
    schools = {"school": ["1"], "type": ["小学"]}
    submission = be.Submission(schools, monitoring={"grade": ["4", "8"]}, facts={"teachers": 4})
    be.write_submission(submission, path)
    book = openpyxl.load_workbook(path)

    assert [book["学校"]["A3"].value, book["质量监测"]["A3"].value, book["县级填报项"]["A3"].value] == [None] * 3
    assert content_of(read(path)) == content_of(submission)


def test_a_row_that_holds_nothing_is_still_a_row(tmp_path: Path) -> None:
    path = tmp_path / "county.xlsx"
    submission = be.Submission({"school": ["1"], "type": ["小学"]}, monitoring={"grade": ["4", None]})
    be.write_submission(submission, path)

    assert len(read(path).tables["monitoring"]) == 2


def test_many_counties_share_a_sheet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing_facts, "_AREAS", 20)
    counties = [f"{n:06}" for n in range(50)]
    submission = be.Submission(
        {"county": counties, "school": ["1"] * 50, "type": ["小学"] * 50},
        facts={county: {"exam_admission": n % 2 == 0} for n, county in enumerate(counties)},
    )
    be.write_submission(submission, tmp_path / "county.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "county.xlsx")["县级填报项"]
    rows = facts(sheet)

    assert len(rows) == 50 * (len(STANDARD.table_measures("facts")) - 1)
    assert {row["county"].value for row in rows} == set(counties)
    assert [row["value"].value for row in rows if row["fact"].value == "exam_admission"] == ["是", "否"] * 25
    assert len(sheet.data_validations.dataValidation) > 2 * len(STANDARD.table_measures("facts"))
    checks = [
        (area.min_row, area.max_row) for entry in sheet.data_validations.dataValidation for area in entry.sqref.ranges
    ]
    lists = lists_of(STANDARD, "zh")
    checked = [n for n, row in enumerate(rows, 3) if validation(STANDARD.measures[row["fact"].value], lists, "zh")]
    assert sorted(row for first, last in checks for row in range(first, last + 1)) == checked
    texts = {"county_name", "reporting_unit", "contact"}
    assert {row["fact"].value for n, row in enumerate(rows, 3) if n not in set(checked)} == texts
    assert sum(row["title"].comment is not None for row in rows) == len(rows) / 50


# What cannot be written


def test_what_does_not_fit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    long = {"layout_rational": {"value": True, "evidence": "页" * 32_768}}
    schools = {"school": ["1", "2"], "type": ["小学"] * 2}

    with pytest.raises(be.RequestError, match="the text about layout_rational of county 'county': found 32,768 char"):
        be.write_submission(be.Submission(schools, facts=long), tmp_path / "county.xlsx")
    monkeypatch.setattr(workbook, "LAST_ROW", 2)
    with pytest.raises(be.RequestError, match="schools: found 2 rows, and a sheet holds 1 rows"):
        be.write_submission(be.Submission(schools), tmp_path / "county.xlsx")
    assert not list(tmp_path.iterdir())


def test_only_as_xlsx_and_only_where_one_may_write(tmp_path: Path) -> None:
    with pytest.raises(be.RequestError, match=r"workbooks are written as \.xlsx, found 'county\.xls'"):
        be.write_template("county.xls")
    with pytest.raises(be.RequestError, match="create the folder first"):
        be.write_template(tmp_path / "nowhere" / "county.xlsx")


def test_without_the_library_the_message_names_the_extra(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    with pytest.raises(be.MissingExtraError, match=r"a template needs XlsxWriter.*balancedu\[all\]") as caught:
        be.write_template(tmp_path / "x.xlsx")
    # The remedy is in Chinese, has no quotes for a shell to misread, and one that works for a wheel that is a file.
    assert caught.value.text("zh") == (
        "生成填报工作簿需要 XlsxWriter；请运行：pip install balancedu[all]（或只装这一个：pip install XlsxWriter）"
    )
    with pytest.raises(be.MissingExtraError, match=r"a workbook needs XlsxWriter.*balancedu\[all\]"):
        be.write_submission(be.example(), tmp_path / "x.xlsx")


# The command


def test_the_command_writes_and_overwrites_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "county.xlsx"

    assert main(["template", str(out), "--lang", "en"]) == 0
    assert capsys.readouterr().out == f"{out}\n"
    assert openpyxl.load_workbook(out).sheetnames[1] == "Schools"
    assert main(["template", str(out)]) == 2
    assert f"“{out}”已经存在，没有改动；请换一个文件名，或用 --replace" in capsys.readouterr().err
    assert openpyxl.load_workbook(out).sheetnames[1] == "Schools"
    assert main(["template", str(out), "--replace", "--from", "docs/examples/failing"]) == 0
    assert content_of(read(out)) == content_of(be.example("failing"))
    assert main(["template", str(tmp_path / "county.ods")]) == 2
    assert "工作簿应写为 .xlsx" in capsys.readouterr().err
