"""Any content of a mapping, a form, a list of schools, a narrative or a frame is read or refused as such."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import balancedu as be
from balancedu.cli import main
from balancedu.core.standard import narrative_keys

STANDARD = be.load_standard()
MEASURES = [measure.column for measure in STANDARD.measures.values()][:60]
HEADERS = ["学校名称", "学校类型", "小学在校生数", "教学及辅助用房面积（㎡）", "骨干教师数", "备注"]
ROWS = [HEADERS, ["甲", "小学", "400", "2000", "无", ""], ["乙", "初中", "300", "—", "3", "分校"]]
FORM_ROWS = [["填报内容", "本校数", "单位"], ["学校全称", "甲", ""], ["办学类别", "小学", ""], ["学生数", "420", "人"]]
WORDS = st.sampled_from([
    *(*HEADERS, "学校", "Sheet1", "schools", "facts", "小学", "初中", "name", "type", "school", "title", "value", "A"),
    *("学校全称", "学生数", "填报内容", "本校数", "primary", "county", "R4", "cv", "无", "—", "亩", "㎡", "万元", ""),
    *("overview", "G5.practice", "\u200b", "x" * 300, "1e400", "../x", "小学\n初中"),
])  # fmt: skip
SCALARS = st.one_of(WORDS, st.sampled_from(MEASURES), st.integers(-3, 10**6), st.booleans(), st.none(), st.floats())
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(WORDS, inner, max_size=3)),
    max_leaves=6,
)


def only_balancedu_errors(call: Callable[[], object]) -> None:
    """Call what may refuse its input; every other exception is a fault."""
    with suppress(be.BalanceduError):
        call()


def fields(keys: list[str], known: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """Objects that mostly have the right form, with anything in some of their fields."""
    proper = {key: st.one_of(known.get(key, VALUES), known.get(key, VALUES), VALUES) for key in keys}
    return st.fixed_dictionaries({}, optional=proper)


def table(path: Path, rows: list[list[str]]) -> None:
    path.write_text("\n".join(",".join(row) for row in rows), encoding="utf-8")


WHERE = st.one_of(st.lists(st.sampled_from(HEADERS), max_size=2), WORDS)
COLUMN = fields(
    ["header", "column", "sum", "measure", "unit", "values", "ignore"],
    {
        "header": WHERE,
        "column": st.sampled_from(["A", "C", "G"]),
        "sum": st.lists(WHERE, max_size=3),
        "measure": st.sampled_from([*MEASURES, "title", "value", "R4"]),
        "ignore": st.booleans(),
        "values": st.dictionaries(WORDS, st.one_of(st.none(), WORDS, st.integers(0, 9)), max_size=2),
    },
)
SHEET = fields(
    [
        *("sheet", "table", "type", "stage", "organizer", "county", "columns", "others", "empty_marks"),
        *("orientation", "facts", "ignore", "headers"),
    ],
    {
        "sheet": st.sampled_from(["schools", "schools.csv", "学校"]),
        "table": st.sampled_from(["schools", "sections", "facts", "classes", "spread"]),
        "type": st.sampled_from(["primary_school", "小学"]),
        "stage": st.sampled_from(["primary", "初中"]),
        "columns": st.lists(COLUMN, max_size=4),
        "others": st.sampled_from(["ignore", "refuse"]),
        "empty_marks": st.lists(WORDS, max_size=2),
        "orientation": st.sampled_from(["rows", "columns"]),
        "facts": st.dictionaries(WORDS, st.sampled_from([*MEASURES, "ignore"]), max_size=3),
        "headers": st.lists(st.integers(0, 5), max_size=2),
    },
)
MAPPING = fields(["format", "sheets"], {"format": st.just(1), "sheets": st.lists(SHEET, max_size=2)})


@given(MAPPING)
def test_mappings(tmp_path_factory: pytest.TempPathFactory, mapping: dict[str, Any]) -> None:
    folder = tmp_path_factory.mktemp("county")
    table(folder / "schools.csv", ROWS)
    # JSON is YAML; what it lacks, as NaN, is a word there.
    (folder / "mapping.yaml").write_text(json.dumps(mapping, ensure_ascii=False), encoding="utf-8")
    only_balancedu_errors(lambda: be.evaluate(be.read_submission(folder)))
    only_balancedu_errors(lambda: be.evaluate(be.read_submission(folder / "schools.csv")))


CELL = fields(
    ["labels", "measure", "measures", "over", "where_equal"],
    {
        "labels": st.lists(st.sampled_from(["学校全称", "办学类别", "学生数", "没有"]), min_size=1, max_size=2),
        "measure": st.sampled_from(["name", "type", "pupils_primary", *MEASURES]),
        "over": st.lists(st.just("学生数"), max_size=1),
    },
)
FORM = st.fixed_dictionaries(
    {
        "format": st.just(1),
        "id": st.just("x"),
        "title": st.just({"zh": "表", "en": "form"}),
        "subject": st.sampled_from(["schools", "facts"]),
        "columns": st.one_of(st.just({"label": ["填报内容"], "value": ["本校数"], "unit": ["单位"]}), VALUES),
        "recognised_by": st.one_of(st.just([["学校全称"]]), VALUES),
        "cells": st.lists(CELL, max_size=4),
    },
    optional={
        "ignore": st.one_of(st.lists(WORDS, max_size=2), VALUES),
        "bands": st.one_of(
            st.lists(
                fields(["table", "count", "rows", "total", "constants", "rest"], {"table": st.just("classes")}),
                max_size=1,
            ),
            VALUES,
        ),
    },
)


@given(FORM)
def test_forms_of_a_folder(tmp_path_factory: pytest.TempPathFactory, form: dict[str, Any]) -> None:
    folder = tmp_path_factory.mktemp("county")
    table(folder / "schools.csv", FORM_ROWS)
    (folder / "own-form.yaml").write_text(json.dumps(form, ensure_ascii=False), encoding="utf-8")
    only_balancedu_errors(lambda: be.evaluate(be.read_submission(folder)))


CELLS = st.one_of(WORDS, st.sampled_from(["001", "甲", "乙", "key", "text", "practice", "标识", "内容"]))
GRID = st.lists(st.lists(CELLS, max_size=4), max_size=5).map(
    lambda rows: "\n".join(",".join(cell.replace("\n", " ") for cell in row) for row in rows)
)


@given(st.one_of(GRID.map(str.encode), st.binary(max_size=60)), st.sampled_from(["list.csv", "list.xlsx", "list.txt"]))
def test_lists_of_schools_that_are_expected(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, name: str
) -> None:
    folder = tmp_path_factory.mktemp("county")
    table(folder / "schools.csv", ROWS[:2])
    (folder / name).write_bytes(content)
    # Anything but an answer and its status comes out of the command as an exception.
    assert main(["check", str(folder / "schools.csv"), "--expect", str(folder / name)]) in (0, 1, 2)


KEYS = st.sampled_from([*narrative_keys(STANDARD)[:20], "G5", "R1", "nothing", ""])


@given(st.lists(st.tuples(KEYS, CELLS, CELLS), max_size=5), st.one_of(GRID, st.just("key,text,practice")))
def test_narratives(tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, str]], header: str) -> None:
    folder = tmp_path_factory.mktemp("county")
    table(folder / "schools.csv", ROWS[:2])
    lines = [header, *(",".join(cell.replace("\n", " ") for cell in row) for row in rows)]
    (folder / "narrative.csv").write_text("\n".join(lines), encoding="utf-8")
    only_balancedu_errors(lambda: be.read_submission(folder))


@given(st.one_of(st.dictionaries(st.one_of(KEYS, st.integers()), VALUES, max_size=3), VALUES))
def test_narratives_in_python(narrative: Any) -> None:
    schools = {"school": ["001"], "type": ["小学"]}
    only_balancedu_errors(lambda: be.Submission(schools, narrative=narrative))


LABELS = st.one_of(WORDS, st.integers(-1, 3), st.none(), st.floats(), st.tuples(WORDS, WORDS), st.dates())
PAIRS = st.tuples(st.sampled_from(HEADERS), WORDS)
OBJECTS = st.one_of(
    SCALARS,
    st.lists(st.integers(), max_size=2),
    st.sampled_from([pd.NaT, pd.NA, np.float32(0.1), np.datetime64("2020-01-01"), 1j, b"x", object, 10**400, {1: 2}]),
)


@st.composite
def frames(draw: st.DrawFn) -> pd.DataFrame:
    """Frames with labels and cells of any kind, with an index or labels of several levels."""
    size = draw(st.integers(0, 3))
    labels = draw(st.lists(draw(st.sampled_from([st.sampled_from(HEADERS), LABELS, PAIRS])), max_size=5))
    data = [[draw(OBJECTS) for _ in range(size)] for _ in labels]
    frame = pd.DataFrame({n: pd.Series(cells, dtype=object) for n, cells in enumerate(data)}, index=range(size))
    if all(isinstance(label, tuple) for label in labels) and labels:
        frame.columns = pd.MultiIndex.from_tuples(labels)
    else:
        frame.columns = pd.Index(labels, dtype=object, tupleize_cols=False)
    if draw(st.booleans()) and size:
        index = draw(st.lists(LABELS, min_size=size, max_size=size))
        frame.index = pd.Index(index, dtype=object, name="学校名称", tupleize_cols=False)
    if draw(st.booleans()):
        frame = frame.infer_objects()
    return frame


ANYTHING = VALUES.filter(lambda value: not isinstance(value, str))
"""But for texts, which are paths."""


@given(st.one_of(frames(), st.dictionaries(st.one_of(WORDS, st.integers()), frames(), max_size=3), ANYTHING))
def test_frames(given_frames: Any) -> None:
    only_balancedu_errors(lambda: be.evaluate(be.read_submission(given_frames)))


def test_what_the_fuzz_found() -> None:
    """A number that equals a truth value, an index called like a column, a number beyond floats."""
    mixed = pd.DataFrame({"学校类型": ["小学"] * 3, "学校名称": [False, None, 0.0]})
    indexed = pd.DataFrame({"学校名称": ["甲"], "学校类型": ["小学"]}, index=pd.Index(["乙"], name="学校名称"))
    large = pd.DataFrame({"学校名称": ["甲"], "学校类型": ["小学"], "小学在校生数": [10**400]}, dtype=object)
    for frame in (mixed, indexed, large):
        with pytest.raises(be.DataErrors):
            be.read_submission(frame)
    with pytest.raises(be.RequestError, match="narrative"):
        be.Submission({"school": ["001"], "type": ["小学"]}, narrative=[])  # type: ignore[arg-type]
