"""Every fault of a submission gives the message expected, in full; no fault hides another or makes up a third.

A folder in `tests/bad_data/` is a submission with the fault that its name states; `expected.txt` is what Python
prints, and `expected.zh.txt` what `balancedu` prints. A workbook is stored as the text that `tests/books.py` makes
it of. The faults that only tables in memory can have are listed below.
"""

from __future__ import annotations

import ast
import datetime
import math
import pickle
import re
import sys
import time
from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import pytest
from books import readable
from chinese import check_chinese

import balancedu as be
import balancedu.submission
from balancedu.submission.problems import BadCell

FOLDER = Path(__file__).resolve().parent.parent / "bad_data"
FAULTS = sorted(path for path in FOLDER.iterdir() if path.is_dir())
CODE = Path(balancedu.submission.__file__).parent

SCHOOL = {"school": ["001"], "type": ["primary_school"]}
DAY = "found the date 2020-01-01, wanted a number; format the cell as a number, and look at it again"

IN_MEMORY: dict[str, tuple[dict[str, Any], list[str]]] = {
    "a grade that there is not": (
        {"schools": SCHOOL, "classes": {"school": ["001"], "stage": ["primary"], "grade": ["第九十"], "pupils": [40]}},
        ["classes, row 0 (001), grade: found '第九十', wanted a grade; write it as a number from 1 to 12"],
    ),
    "an id column of floats": (
        {"schools": SCHOOL | {"school": [1.0]}},
        [
            "schools, row 0, school: found 1, wanted text; read the column as text, so that leading zeros are kept",
        ],
    ),
    "ids of the classes as floats, with a gap": (
        {"schools": SCHOOL, "classes": {"school": np.array([1.0, np.nan]), "stage": ["primary", "primary"]}},
        [
            "classes, row 0, school: found 1, wanted text; read the column as text, so that leading zeros are kept",
            "classes, row 1, school: the school id is missing; every row needs one",
        ],
    ),
    "an id that is an object of some kind": (
        {"schools": {"school": [b"001", True, ("001",), 10**5000], "type": ["primary_school"] * 4}},
        [
            "schools, row 0, school: found b'001', wanted text; "
            "read the column as text, so that leading zeros are kept",
            "schools, row 1, school: found True, wanted text; read the column as text, so that leading zeros are kept",
            "schools, row 2, school: found ('001',), wanted text; "
            "read the column as text, so that leading zeros are kept",
            "schools, row 3, school: found a number of thousands of digits, wanted text; "
            "read the column as text, so that leading zeros are kept",
        ],
    ),
    "what is counted and was mistyped": (
        {"schools": SCHOOL | {"pupils_primary": ["O.50"], "classes_primary": ["I2"]}},
        [
            "schools, row 0 (001), pupils_primary: found 'O.50', wanted a number; "
            "write digits alone, with a point for decimals",
            "schools, row 0 (001), classes_primary: found 'I2', wanted a number; "
            "write digits alone, with a point for decimals",
        ],
    ),
    "a name that is a number": (
        {"schools": SCHOOL | {"name": [1.5]}},
        ["schools, row 0 (001), name: found 1.5, wanted text"],
    ),
    "one value instead of a column": (
        {"schools": {"county": "990101", "school": ["001", "002"], "type": ["primary_school"] * 2, "name": None}},
        [
            "schools, county: found one value, wanted a list of 2",
            "schools, name: found one value, wanted a list of 2",
        ],
    ),
    "columns of different lengths": (
        {"schools": {"school": ["001", "002"], "type": ["primary_school"], "pupils_primary": [1, 2, 3]}},
        [
            "schools, type: found 1 cells, wanted 2 as in other columns",
            "schools, pupils_primary: found 3 cells, wanted 2 as in other columns",
        ],
    ),
    "columns of classes of different lengths": (
        {"schools": SCHOOL, "classes": {"school": ["001", "001"], "stage": ["primary"], "pupils": [40, 41]}},
        ["classes, stage: found 1 cells, wanted 2 as in other columns"],
    ),
    "the ids of classes of another length": (
        {"schools": SCHOOL, "classes": {"pupils": [40, 41], "school": ["009"], "stage": ["primary"] * 2}},
        ["classes, school: found 1 cells, wanted 2 as in other columns"],
    ),
    "the counties of classes of another length": (
        {"schools": SCHOOL, "classes": {"school": ["001"], "stage": ["primary"], "county": ["990101", "990101"]}},
        ["classes, county: found 2 cells, wanted 1 as in other columns"],
    ),
    "a column of several columns": (
        {"schools": SCHOOL | {"pupils_primary": np.ones((1, 2))}},
        ["schools, pupils_primary: found 2 columns of this name, wanted one"],
    ),
    "infinite numbers": (
        {"schools": SCHOOL | {"teaching_area": [float("inf")], "equipment_value": [Decimal("-Infinity")]}},
        [
            "schools, row 0 (001), teaching_area: found inf, wanted a number below 1,000,000,000,000,000",
            "schools, row 0 (001), equipment_value: found -inf, wanted a number below 1,000,000,000,000,000",
        ],
    ),
    "a number too large for a float": (
        {"schools": SCHOOL | {"pupils_primary": [10**400]}},
        ["schools, row 0 (001), pupils_primary: found inf, wanted a number below 1,000,000,000,000,000"],
    ),
    "objects that are no numbers": (
        {
            "schools": {
                "school": ["001", "002", "003", "004", "005"],
                "type": ["primary_school"] * 5,
                "teaching_area": [True, 1j, Fraction(1, 3), [400, 401], datetime.date(2020, 1, 1)],
            }
        },
        [
            "schools, row 0 (001), teaching_area: found True, wanted a number",
            "schools, row 1 (002), teaching_area: found 1j, wanted a number",
            "schools, row 2 (003), teaching_area: found Fraction(1, 3), wanted a number",
            "schools, row 3 (004), teaching_area: found [400, 401], wanted a number",
            f"schools, row 4 (005), teaching_area: {DAY}",
        ],
    ),
    "a column of days": (
        {"schools": SCHOOL | {"teaching_area": np.array(["2020-01-01"], "datetime64[ns]")}},
        [f"schools, row 0 (001), teaching_area: {DAY}"],
    ),
    "a truth that is none": (
        {
            "schools": SCHOOL,
            "classes": {"school": ["001"] * 3, "stage": ["primary"] * 3, "entry_grade": [2, [1], Decimal("0.5")]},
        },
        [
            "classes, row 0 (001), entry_grade: found 2, wanted yes or no; write true or false, 是 or 否",
            "classes, row 1 (001), entry_grade: found [1], wanted yes or no; write true or false, 是 or 否",
            "classes, row 2 (001), entry_grade: found Decimal('0.5'), wanted yes or no; write true or false, 是 or 否",
        ],
    ),
    "a type that is an object of some kind": (
        {"schools": {"school": ["001", "002"], "type": [1.5, [1]]}},
        [
            f"schools, row {row} ({school}), type: found {result}, wanted one of its values; its values: "
            "primary_school, teaching_point, junior_school, nine_year_school, twelve_year_school, "
            "complete_secondary_school, special_school, vocational_school, senior_school"
            for row, school, result in ((0, "001", "1.5"), (1, "002", "[1]"))
        ],
    ),
    "a cell of a hundred thousand characters": (
        {"schools": SCHOOL | {"teaching_area": ["9 " * 50_000]}},
        [
            f"schools, row 0 (001), teaching_area: found '{'9 ' * 29}…, wanted a number; "
            "write digits alone, with a point for decimals"
        ],
    ),
    "facts in a list": (
        {"schools": SCHOOL, "facts": {"teachers": [3, 4], "layout_rational": True}},
        ["facts, teachers: found a list, wanted one value; facts of many counties need a column `county`"],
    ),
    "facts of a county without schools": (
        {"schools": SCHOOL | {"county": ["990101"]}, "facts": {"990101": {"teachers": 3}, "990110": {"teachers": 3}}},
        [
            "facts, 990110, county: county '990110' has no school; did you mean '990101'?; "
            "add its schools, or correct the id"
        ],
    ),
    "facts that are wrong, by county": (
        {
            "schools": {"county": ["a", "b"], "school": ["1", "1"], "type": ["primary_school"] * 2},
            "facts": {"a": {"teachers": 3}, "b": {"teachers": -3, "teecher": 1, "certified_share": {"share": 1}}},
        },
        [
            "facts, b, certified_share: found share, wanted value and evidence; write {value: true, evidence: …}",
            "facts, b, teachers: found -3, wanted 0 or more",
            "facts, b, teecher: unknown fact; did you mean 'teachers'?; "
            "leave the fact out, or declare it in a standard of your own",
        ],
    ),
    "a table of facts, with a county that appears twice": (
        {"schools": SCHOOL, "facts": {"county": np.array(["c", "c"]), "teachers": np.array([3, 4])}},
        ["facts, row 1 (c), county: county 'c' appears twice, first in row 0; keep one of the rows"],
    ),
    "sections that do not say what they are": (
        {
            "schools": SCHOOL | {"pupils_primary": [3]},
            "sections": {
                "school": ["2", "2", "3", "001"],
                "stage": ["小学", "小学", None, "小学"],
                "pupils": [1, 1, 1, 2],
            },
        },
        [
            "sections, row 2 (3), stage: the stage is missing; every row needs one",
            "sections, row 1 (2), stage: school '2' appears twice, first in row 0; keep one of the rows",
            "sections, row 3 (001), pupils: found 2, but pupils_primary in row 0 is 3; correct one of the two",
        ],
    ),
    "sections without a stage": (
        {"sections": {"school": ["2"]}},
        ["sections, stage: the column is missing; every row needs one"],
    ),
    "coefficients that do not say what they are of": (
        {"spread": {"stage": ["小学", "小学", None], "indicator": ["R1", "R1", None], "cv": [0.1, 0.2, 0.3]}},
        [
            "spread, row 2, stage: the stage is missing; every row needs one",
            "spread, row 2, indicator: the indicator is missing; every row needs one",
            "spread, row 1, indicator: the same stage and indicator as row 0; keep one of the rows",
        ],
    ),
    "bands that contradict their sizes": (
        {
            "schools": SCHOOL,
            "classes": {
                "school": ["001"] * 3,
                "stage": ["primary"] * 3,
                "classes": [2, 1, 1],
                "pupils": [40, None, 50],
                "above": [None, 45, 40],
                "at_most": [None, 45, 45],
            },
        },
        [
            "classes, row 0 (001), pupils: found one size for 2; give each a row of its own, or the bounds alone",
            "classes, row 1 (001), above: the lower bound 45 is not below 45; correct one of them",
            "classes, row 2 (001), pupils: found 50, which is not between 40 and 45; correct one of them",
        ],
    ),
    "classes without schools": (
        {"classes": {"school": ["1"], "stage": ["primary"]}},
        ["classes: the schools are missing; list every school of the county"],
    ),
    "very many columns that are not known": (
        {"schools": SCHOOL | {f"column {n}": [n] for n in range(21)}},
        [
            "schools: 21 unknown columns: column 0, column 1, column 2, column 3, column 4 and others; "
            "leave the column out, or declare it in a standard of your own"
        ],
    ),
    "counts and a share that disagree": (
        {"schools": SCHOOL, "facts": {"teachers": 100, "training_completed": 99, "training_share": Decimal("0.9894")}},
        ["facts, training_share: found 0.9894, but its counts give 0.99; leave the share out, or correct the counts"],
    ),
}


def problems_of(tables: Mapping[str, Any]) -> list[str]:
    """The messages for tables in memory."""
    with pytest.raises(be.DataErrors) as caught:
        be.Submission(**tables)
    for error in caught.value.errors:
        result = re.search(r"found (-?[0-9.]+|'[^']*')", error.problem)
        assert not result or result[1].strip("'") in error.text("zh")
    return [str(error) for error in caught.value.errors]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda path: path.name)
def test_the_message_is_the_one_expected(fault: Path, tmp_path: Path) -> None:
    with pytest.raises(be.DataErrors) as caught:
        be.read_submission(readable(fault, tmp_path))

    assert f"{caught.value}\n" == (fault / "expected.txt").read_text(encoding="utf-8")
    assert f"{caught.value.text()}\n" == (fault / "expected.zh.txt").read_text(encoding="utf-8")
    for error in caught.value.errors:
        check_chinese(error)


@pytest.mark.parametrize("fault", IN_MEMORY)
def test_tables_in_memory_give_messages_as_well(fault: str) -> None:
    tables, expected = IN_MEMORY[fault]

    assert problems_of(tables) == expected


@pytest.mark.parametrize("fault", IN_MEMORY)
def test_tables_in_memory_give_their_messages_in_chinese(fault: str) -> None:
    with pytest.raises(be.DataErrors) as caught:
        be.Submission(**IN_MEMORY[fault][0])
    for error in caught.value.errors:
        check_chinese(error)


def test_every_problem_knows_its_place() -> None:
    with pytest.raises(be.DataErrors) as caught:
        be.read_submission(FOLDER / "figures_of_a_stage_that_the_school_lacks")
    first = caught.value.errors[0]

    assert (first.table, first.place, first.column) == ("schools", "schools.csv:2 (001)", "degree_teachers_junior")
    assert first.problem == "found 2, but a primary school has no junior stage"
    assert first.hint == (
        "leave the cell empty, or correct the type of the school; for attached classes, report pupils_junior"
    )
    assert first.text() == (
        "schools.csv:2 (001)，初中高于规定学历教师数（degree_teachers_junior）：填报2，但小学没有这个学段；"
        "请留空，或改正学校类型；附设班请填报初中在校生数"
    )


def test_five_of_a_kind_are_printed_and_all_are_kept() -> None:
    with pytest.raises(be.DataErrors) as caught:
        be.read_submission(FOLDER / "many_of_a_kind")

    assert len(caught.value.errors) == 8
    assert str(caught.value).count("found '") == 5
    assert "and 3 more like it" in str(caught.value)
    assert caught.value.text("zh").count("填报“") == 5
    assert caught.value.text("zh").endswith("学校，小学在校生数（pupils_primary）应为数字：另有3处")
    again = pickle.loads(pickle.dumps(caught.value))
    assert (again.text("zh"), str(again)) == (caught.value.text("zh"), str(caught.value))


@pytest.mark.parametrize(
    "table",
    [3, "schools.csv", ["001"], [{"school": "001"}, 3], np.zeros(3), {1, 2}, b"", math.nan],
    ids=["a number", "a path", "a list", "rows and a number", "an array without names", "a set", "bytes", "nan"],
)
def test_what_has_no_columns_is_no_table(table: Any) -> None:
    with pytest.raises(be.RequestError, match=r"a table must be a dict of columns, a list of dicts, .*, found"):
        be.Submission(schools=table)


def test_a_submission_of_no_table_is_refused() -> None:
    with pytest.raises(be.RequestError, match="no table was given"):
        be.Submission()


def test_rows_of_unknown_schools_do_not_count_as_rows_of_others() -> None:
    classes = {"school": ["009", "001"], "stage": ["junior", "primary"]}

    assert problems_of({"schools": SCHOOL, "classes": classes}) == [
        "classes, row 0 (009), school: school '009' is not in the schools; did you mean '001'?; "
        "add it there, or correct the id"
    ]


def test_tables_without_an_owner_are_refused() -> None:
    nobody: dict[str, list[str]] = {"school": [], "type": []}
    classes, facts = {"school": ["1"], "stage": ["primary"]}, {"990101": {"teachers": 3}}

    assert problems_of({"schools": nobody, "classes": classes, "facts": facts}) == [
        "classes: the schools are missing; list every school of the county"
    ]


ROWS, SECONDS = 20_000, 2
MANY: dict[str, dict[str, Any]] = {
    "unreadable numbers": {"teaching_area": [f"{n}人" for n in range(ROWS)]},
    "negative numbers": {"teaching_area": -np.arange(1.0, ROWS + 1)},
    "unknown types": {"type": [f"school of kind {n}" for n in range(ROWS)]},
    "missing ids": {"school": [None] * ROWS},
    "twice the same": {"school": ["001"] * ROWS},
    "stages that the type lacks": {"classes_junior": np.ones(ROWS)},
    "parts above their whole": {"teaching_area": np.ones(ROWS), "indoor_sports_area": np.full(ROWS, 2.0)},
}


@pytest.mark.parametrize("fault", MANY)
def test_very_many_faults_are_found_in_seconds(fault: str) -> None:
    schools: dict[str, Any] = {"school": np.arange(ROWS).astype(str), "type": ["primary_school"] * ROWS} | MANY[fault]
    before = time.process_time()
    with pytest.raises(be.DataErrors) as caught:
        be.Submission(schools=schools)
    text = str(caught.value)

    assert len(caught.value.errors) >= ROWS - 1
    assert len(text.splitlines()) == 1 + 5 + 1
    assert time.process_time() - before < SECONDS


def test_classes_of_very_many_unknown_schools_are_found_in_seconds() -> None:
    counties = {"county": np.arange(3_000).astype(str), "school": ["1"] * 3_000, "type": ["primary_school"] * 3_000}
    classes = {
        "county": np.arange(ROWS).astype(str),
        "school": np.arange(ROWS).astype(str),
        "stage": ["primary"] * ROWS,
    }
    before = time.process_time()
    problems = problems_of({"schools": counties, "classes": classes})

    assert len(problems) == ROWS - 1
    assert time.process_time() - before < SECONDS


def test_every_refusal_in_the_code_has_bad_data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    reached: set[tuple[str, int]] = set()
    for kind in (be.DataError, BadCell):
        monkeypatch.setattr(kind, "__init__", _noting(kind.__init__, reached))
    for fault in FAULTS:
        with pytest.raises(be.DataErrors):
            be.read_submission(readable(fault, tmp_path))
    for tables, _ in IN_MEMORY.values():
        problems_of(tables)

    assert {place for place in _refusals() if not _was_reached(place, reached)} <= ELSEWHERE


def _noting(original: Any, reached: set[tuple[str, int]]) -> Any:
    def init(self: object, *args: Any, **options: Any) -> None:
        frame: FrameType | None = sys._getframe(1)
        while frame is not None:
            reached.add((Path(frame.f_code.co_filename).name, frame.f_lineno))
            frame = frame.f_back
        original(self, *args, **options)

    return init


Place = tuple[str, int, int, str]


def _refusals() -> Iterator[Place]:
    """Every call that makes a problem: its file, first and last line, and source."""
    for path in sorted(CODE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                called = getattr(node.func, "attr", getattr(node.func, "id", ""))
                # An origin has a method `cell` too, which refuses nothing.
                is_cell = called == "cell" and ast.unparse(node.func) == "problems.cell"
                if is_cell or called in {"note", "_note", "_refuse", "BadCell", "_bad", "DataError"}:
                    yield path.name, node.lineno, node.end_lineno or node.lineno, ast.unparse(node)


def _was_reached(place: Place, reached: set[tuple[str, int]]) -> bool:
    file, first, last, _ = place
    return any((file, line) in reached for line in range(first, last + 1))


# A standard that means something else by a column is tried in test_other_standard.py.
ELSEWHERE = {place for place in _refusals() if place[3] == "problems.note(name, '', column, problem, hint)"}
