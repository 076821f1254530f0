"""No header is offered a measure of another kind of quantity: per pupil and total, share and count, area and number."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest

import balancedu as be
from balancedu.core.model import Measure
from balancedu.files.vocabulary import Vocabulary, measures_of, vocabulary

STANDARD = be.load_standard("cn-2017")
TABLES = (*STANDARD.tables, "sections")
LIKE = ("率", "比例", "人均", "平均")
"""What names of such quantities state instead."""
PER_PUPIL, SHARE = ("生均", "每百名学生拥有"), ("占比", "达标率")


def offered(words: Vocabulary, table: str, header: str) -> Iterator[Measure]:
    """What a header is read as, and what it is offered."""
    measures = measures_of(STANDARD, table)
    yield from words.meant((header,))
    yield from (measures[name] for name in words.nearest((header,)))


@pytest.mark.parametrize("table", TABLES)
def test_a_qualifier_makes_another_quantity_of_every_measure(table: str) -> None:
    words = vocabulary(STANDARD, table)
    numbers = [entry for entry in measures_of(STANDARD, table).values() if entry.type in ("count", "number", "share")]
    for measure in numbers:
        for name in (measure.title.zh, *measure.also[:1]):
            headers = {word + name: PER_PUPIL for word in PER_PUPIL} | {name + word: SHARE for word in SHARE}
            for header, qualifiers in headers.items():
                for other in offered(words, table, header):
                    says = any(word in text for text in (other.title.zh, *other.also) for word in (*qualifiers, *LIKE))

                    assert says or other.column in STANDARD.indicators, (header, other.id)


@pytest.mark.parametrize("table", STANDARD.tables)
def test_what_is_near_a_measure_has_its_unit(table: str) -> None:
    words = vocabulary(STANDARD, table)
    for measure in STANDARD.measures.values():
        for name in (measure.title.zh, *measure.also[:1]):
            for other in offered(words, table, name):
                same = (other.unit and other.unit.zh) == (measure.unit and measure.unit.zh)

                assert same or other.id == measure.id or name in other.names, (name, other.id)


@pytest.mark.parametrize(
    ("header", "never"),
    [
        ("教师总数", {"backbone_teachers_primary", "degree_teachers_primary"}),
        ("专科学历教师数", {"degree_teachers_primary", "degree_teachers_junior"}),
        ("研究生学历教师数", {"degree_teachers_primary", "degree_teachers_junior"}),
        ("市级骨干教师数", {"backbone_teachers_primary"}),
        ("室外操场面积", {"indoor_sports_area"}),
        ("校舍建筑面积", {"teaching_area"}),
        ("固定资产总值", {"equipment_value"}),
        ("音乐教室间数", {"multimedia_rooms", "teaching_area"}),
        ("寄宿生数", {"pupils_primary", "pupils_junior"}),
        ("女学生数", {"pupils_primary", "pupils_junior"}),
        ("高中学历", {"pupils_senior"}),
        ("学校数", {"name", "school"}),
        ("毕业生数", {"pupils_primary"}),
        ("兼职体育教师数", {"arts_pe_teachers_primary"}),
    ],
)
def test_a_part_is_not_the_whole(header: str, never: set[str]) -> None:
    assert never.isdisjoint(measure.column for measure in offered(vocabulary(STANDARD, "schools"), "schools", header))


HEADERS = [
    *["学校名称", "办学类型", "小学学生数", "初中学生数", "教学及辅助用房面积（㎡）"],
    *["教学仪器设备值（万元）", "网络多媒体教室数", "骨干教师数"],
]
VALUES = ["甲", "九年一贯制学校", 400, 200, 3000, 90, 12, None]


@pytest.mark.parametrize("dropped", range(len(HEADERS)))
def test_a_draft_that_leaves_nothing_open_reads(dropped: int, tmp_path: Path) -> None:
    kept = [n for n in range(len(HEADERS)) if n != dropped]
    workbook = openpyxl.Workbook()
    for row in (HEADERS, VALUES):
        workbook.active.append([row[n] for n in kept])
    workbook.save(tmp_path / "县.xlsx")
    draft = tmp_path / "草稿.yaml"
    draft.write_text(be.draft_mapping(tmp_path / "县.xlsx"), encoding="utf-8")
    if any(line.lstrip().startswith("# -") for line in draft.read_text(encoding="utf-8").splitlines()):
        return  # a person has to decide something first

    assert read(tmp_path / "县.xlsx", draft) == read(tmp_path / "县.xlsx", None)


def read(path: Path, mapping: Path | None) -> be.Submission | list[str]:
    """The submission, or its problems."""
    try:
        return be.read_submission(path, mapping=mapping)
    except be.DataErrors as error:
        return [problem.problem for problem in error.errors]
