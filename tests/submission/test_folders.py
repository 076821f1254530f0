"""Folders of CSV and YAML files, in every encoding and form that counties hand in."""

from __future__ import annotations

import importlib.resources
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Literal

import numpy as np
import pytest

import balancedu as be

SCHOOLS = """school,name,type,pupils_primary,teaching_area
001,第一小学,primary_school,400,2500.5
002,"第二小学
（东校区）",小学,100,
003,"红星""希望""小学，总校",教学点,38,
"""
CLASSES = """school,stage,grade,pupils
001,primary,1,40

003,小学,1,
,,,
001,primary,2,41
"""
FACTS = """# 县级填报项
layout_rational: {value: 是, evidence: 清政发〔2020〕9号}
certified_share: 0.9996
teachers:
"training_share": "0.99"
"""


def write(folder: Path, encoding: str = "utf-8", **files: str) -> Path:
    for name, text in files.items():
        path = folder / name.replace("__", ".")
        path.write_bytes(text.encode(encoding))
    return folder


def content_of(submission: be.Submission) -> str:
    """Everything that was read, to be compared."""
    tables = {
        name: {column: values.tolist() for column, values in table.columns.items()}
        for name, table in submission.tables.items()
    }
    return repr((submission.counties, tables, submission.evidence))


def test_a_folder_is_read_as_written(tmp_path: Path) -> None:
    submission = be.read_submission(write(tmp_path, schools__csv=SCHOOLS, classes__csv=CLASSES, facts__yaml=FACTS))

    assert repr(submission) == "<Submission: 1 county; schools 3, classes 3, facts 1>"
    assert submission.schools.texts("name").tolist() == ["第一小学", "第二小学 （东校区）", '红星"希望"小学，总校']
    assert repr(submission.schools.numbers("teaching_area").tolist()) == "[2500.5, nan, nan]"
    assert repr(submission.tables["classes"].numbers("pupils").tolist()) == "[40.0, 41.0, nan]"
    assert submission.evidence == {("county", "layout_rational"): "清政发〔2020〕9号"}
    assert submission.facts.numbers("certified_share").tolist() == [0.9996]
    assert np.isnan(submission.facts.numbers("teachers")).all()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "gbk"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
def test_encodings_and_line_ends_do_not_matter(tmp_path: Path, encoding: str, line_end: str) -> None:
    files = {"schools__csv": SCHOOLS, "classes__csv": CLASSES, "facts__yaml": FACTS}
    plain, other = tmp_path / "plain", tmp_path / "other"
    plain.mkdir()
    other.mkdir()
    write(plain, **files)
    write(other, encoding, **{name: text.replace("\n", line_end) for name, text in files.items()})

    assert content_of(be.read_submission(other)) == content_of(be.read_submission(plain))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_lines_are_those_that_an_editor_shows(tmp_path: Path, encoding: str) -> None:
    schools = SCHOOLS + "004,第四小学,primary_school,四十,\n"
    classes = CLASSES.replace("001,primary,2,41", "001,primary,2,四十一").replace("\n", "\r\n")
    write(tmp_path, encoding, schools__csv=schools, classes__csv=classes)
    with pytest.raises(be.DataErrors) as caught:
        be.read_submission(tmp_path)

    assert [error.place for error in caught.value.errors] == ["schools.csv:6 (004)", "classes.csv:6 (001)"]


@pytest.mark.parametrize("word", ["小学", "学校", "小"])
def test_gb18030_that_is_valid_utf_8_as_well(tmp_path: Path, word: str) -> None:
    assert word.encode("gb18030").decode("utf-8") != word
    write(tmp_path, "gb18030", schools__csv=f"school,name,type\n001,{word},小学\n")

    assert be.read_submission(tmp_path).schools.texts("name").tolist() == [word]


@pytest.mark.parametrize("word", ["Дом", "мектеп №1", "مەكتەپ", "ᠰᠤᠷᠭᠠᠭᠤᠯᠢ", "m²", "é", "བོད", "小学", "𠮷"])
def test_utf_8_in_other_scripts(tmp_path: Path, word: str) -> None:
    write(tmp_path, schools__csv=f"school,name,type\n001,{word},primary_school\n")

    assert be.read_submission(tmp_path).schools.texts("name").tolist() == [word]


def test_a_row_of_several_lines_is_placed_where_it_begins(tmp_path: Path) -> None:
    write(tmp_path, schools__csv=SCHOOLS.replace(",小学,100", ",小学,一百"))
    with pytest.raises(be.DataErrors) as caught:
        be.read_submission(tmp_path)

    assert [error.place for error in caught.value.errors] == ["schools.csv:3 (002)"]


def test_columns_and_rows_without_anything_in_them_do_not_matter(tmp_path: Path) -> None:
    schools = "school, type ,,\r\n001,primary_school,,\r\n,,,\r\n  , ,,\r\n"
    submission = be.read_submission(write(tmp_path, schools__csv=schools, classes__csv="school,stage\n"))

    assert repr(submission) == "<Submission: 1 county; schools 1, facts 1>"


TWO_COUNTIES = "county,school,type\n0101,1,primary_school\n0102,1,primary_school\n"
FACTS_OF_TWO = {
    "facts__yaml": """
"0102":
  layout_rational: {value: true, evidence: 乙县〔2020〕2号}
  certified_share: 0.98
"0101": {certified_share: 0.99, layout_rational: {value: false, evidence: 甲县〔2020〕1号}}
""",
    "facts__csv": "county,certified_share,layout_rational\n0102,0.98,true\n0101,0.99,false\n",
}


@pytest.mark.parametrize("file", FACTS_OF_TWO)
def test_facts_of_many_counties(tmp_path: Path, file: str) -> None:
    submission = be.read_submission(write(tmp_path, schools__csv=TWO_COUNTIES, **{file: FACTS_OF_TWO[file]}))

    assert submission.counties == ("0101", "0102")
    assert submission.facts.numbers("certified_share").tolist() == [0.99, 0.98]
    assert submission.facts.numbers("layout_rational").tolist() == [0, 1]
    if file == "facts__yaml":
        assert submission.evidence == {
            ("0101", "layout_rational"): "甲县〔2020〕1号",
            ("0102", "layout_rational"): "乙县〔2020〕2号",
        }


def test_facts_in_memory_take_the_same_forms() -> None:
    schools = {"county": ["0101", "0102"], "school": ["1", "1"], "type": ["primary_school"] * 2}
    by_county = {"0102": {"teachers": 5}, "0101": {"teachers": {"value": 4, "evidence": "名册"}}}
    table = {"county": ["0102", "0101"], "teachers": [5, 4]}

    for facts in (by_county, table):
        submission = be.Submission(schools=schools, facts=facts)
        assert submission.facts.numbers("teachers").tolist() == [4, 5]
    entry = be.Submission(schools={name: values[:1] for name, values in schools.items()}, facts={"teachers": 4})
    assert entry.facts.numbers("teachers").tolist() == [4]


@pytest.mark.parametrize("facts", ["", "# 没有填报\n\n", "---\n", "layout_rational:\nteachers: ''\n", '"0101":\n'])
def test_facts_may_be_left_open(tmp_path: Path, facts: str) -> None:
    write(tmp_path, schools__csv="county,school,type\n0101,1,primary_school\n", facts__yaml=facts)
    if facts.startswith('"'):
        facts += '"0102": {teachers: 4}\n'
        write(tmp_path, schools__csv=TWO_COUNTIES, facts__yaml=facts)
    submission = be.read_submission(tmp_path)

    assert np.isnan(submission.facts.numbers("teachers")[0])
    assert np.isnan(submission.facts.numbers("layout_rational")).all()


def test_facts_of_one_county_may_be_a_table_without_a_county(tmp_path: Path) -> None:
    write(tmp_path, schools__csv=SCHOOLS, facts__csv="teachers,layout_rational\n12,否\n")
    submission = be.read_submission(tmp_path)

    assert submission.facts.numbers("teachers").tolist() == [12]
    assert submission.facts.numbers("layout_rational").tolist() == [0]


@pytest.mark.parametrize(
    "named",
    [
        {"facts__yaml": 'county: "0101"\nteachers: 4\n'},
        {"facts__yaml": "county: 0101\nteachers: 4\n"},
        {"facts__yaml": '"0101": {teachers: 4}\n'},
        {"facts__csv": "county,teachers\n0101,4\n"},
        {"classes__csv": "county,school,stage\n0101,001,primary\n", "facts__yaml": "teachers: 4\n"},
        {"monitoring__csv": "county,subject\n0101,语文\n", "facts__yaml": "county:\nteachers: 4\n"},
        {"rooms__csv": "county,school,use\n0101,001,music\n", "facts__yaml": 'county: "0101"\nteachers: 4\n'},
    ],
    ids=["text", "number", "mapping", "table", "classes", "monitoring", "several"],
)
@pytest.mark.parametrize("column", ["", "county,"], ids=["left out", "left empty"])
def test_schools_that_name_no_county_are_those_of_the_county_named(
    tmp_path: Path, named: dict[str, str], column: str
) -> None:
    schools = "\n".join(f"{column and (column if n == 0 else ',')}{line}" for n, line in enumerate(PLAIN.split("\n")))
    submission = be.read_submission(write(tmp_path, schools__csv=schools, **named))

    assert submission.counties == ("0101",)
    assert submission.facts.numbers("teachers").tolist() == [4]
    assert be.evaluate(submission).counties == ("0101",)


PLAIN = "school,type\n001,primary_school\n002,primary_school"


def test_other_tables_may_leave_the_county_out(tmp_path: Path) -> None:
    write(
        tmp_path,
        schools__csv="county,school,type\n0101,001,primary_school\n",
        classes__csv="school,stage\n001,primary\n",
        rooms__csv="county,school,use\n,001,music\n",
        monitoring__csv="subject\n语文\n",
        facts__yaml="teachers: 4\n",
    )
    submission = be.read_submission(tmp_path)

    assert submission.counties == ("0101",)
    assert [len(table) for table in submission.tables.values()] == [1, 1, 1, 1, 1]


def test_paths_of_every_kind(tmp_path: Path) -> None:
    expected = content_of(be.example("failing"))
    folder = importlib.resources.files("balancedu").joinpath("_examples")
    if not folder.is_dir():
        folder = Path(be.__file__).parent.parent / "docs" / "examples"
    folder = folder / "failing"
    archive = tmp_path / "county.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for entry in folder.iterdir():
            file.writestr(f"county/{entry.name}", entry.read_bytes())

    assert content_of(be.read_submission(folder)) == expected
    assert content_of(be.read_submission(str(folder))) == expected
    with zipfile.ZipFile(archive) as file:
        assert content_of(be.read_submission(zipfile.Path(file, "county/"))) == expected


def test_a_zip_file_without_a_folder_inside() -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        file.writestr("schools.csv", SCHOOLS)
    with zipfile.ZipFile(content) as file:
        assert len(be.read_submission(zipfile.Path(file)).schools) == 3


def test_files_that_are_no_tables_are_passed_over(tmp_path: Path) -> None:
    write(tmp_path, schools__csv=SCHOOLS, README__md="# 说明", notes__txt="schools")
    (tmp_path / ".schools.csv").write_text("x", encoding="utf-8")
    (tmp_path / "~$schools.xlsx").write_text("x", encoding="utf-8")
    (tmp_path / "older").mkdir()

    assert len(be.read_submission(tmp_path).schools) == 3


def test_one_file_of_schools(tmp_path: Path) -> None:
    write(tmp_path, schools__csv=SCHOOLS)
    alone = tmp_path / "2023年学校情况.csv"
    alone.write_text(SCHOOLS, encoding="utf-8")

    assert content_of(be.read_submission(tmp_path / "schools.csv")) == content_of(be.read_submission(alone))


def test_a_path_that_leads_nowhere(tmp_path: Path) -> None:
    wanted = r"no file or folder .*nowhere'; give a workbook, or the folder that holds schools\.csv"
    with pytest.raises(FileNotFoundError, match=wanted):
        be.read_submission(tmp_path / "nowhere")


def test_an_example_that_does_not_exist() -> None:
    with pytest.raises(ValueError, match=r"no example is called 'pasing'; did you mean 'passing'\?; known: passing"):
        be.example("pasing")  # type: ignore[arg-type]


class Locked:
    """A folder whose only file is not readable."""

    def __init__(self, name: str = "") -> None:
        self.name = name

    def is_dir(self) -> bool:
        return not self.name

    def is_file(self) -> bool:
        return self.name == "schools.csv"

    def iterdir(self) -> Iterator[Locked]:
        return iter([Locked("schools.csv")])

    def joinpath(self, other: str, /) -> Locked:
        return Locked(other)

    def open(self, mode: Literal["rb"] = "rb") -> IO[bytes]:
        assert mode == "rb"
        raise PermissionError(13, "Permission denied")

    def read_bytes(self) -> bytes:
        raise PermissionError(13, "Permission denied")


def test_a_file_that_cannot_be_read() -> None:
    with pytest.raises(be.DataErrors) as caught:
        be.read_submission(Locked())

    assert [str(error) for error in caught.value.errors] == [
        "schools, schools.csv: the file cannot be read: Permission denied; close it elsewhere, or copy it"
    ]
