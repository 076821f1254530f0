"""The same content gives the same submission, in whatever it is held, and nothing is read that was not written."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa  # type: ignore[import-untyped]
import pytest

import balancedu as be

ROOT = Path(__file__).resolve().parent.parent.parent

SCHOOLS: dict[str, list[Any]] = {
    "county": ["0101", "0101", "0102"],
    "school": ["001", "002", "001"],
    "name": ["第一小学", None, "实验学校"],
    "type": ["primary_school", "junior_school", "九年一贯制学校"],
    "organizer": [7, None, 10],
    "area": ["urban", None, "农村"],
    "pupils_primary": [400, None, 90],
    "pupils_junior": [None, 300, 0],
    "degree_teachers_primary": [20.5, None, 4.1],
    "teaching_area": [2500.1, 0.1, None],
    "equipment_value": [1234567.89, 0.0, None],
}
CLASSES: dict[str, list[Any]] = {
    "county": ["0102", "0101", "0101", "0101"],
    "school": ["001", "002", "001", "001"],
    "stage": ["primary", "初中", "小学", "primary"],
    "grade": ["1", "7", None, "2"],
    "entry_grade": [True, False, None, False],
    "pupils": [45, 50, None, 44],
}
FACTS: dict[str, list[Any]] = {
    "county": ["0102", "0101"],
    "layout_rational": [True, None],
    "certified_share": [0.9996, None],
    "full_time_teachers": [None, 2519],
}
TABLES: dict[str, Any] = {"schools": SCHOOLS, "classes": CLASSES, "facts": FACTS}

Maker = Callable[[Mapping[str, list[Any]]], Any]


def object_arrays(table: Mapping[str, list[Any]]) -> dict[str, np.ndarray[Any, Any]]:
    return {name: np.array(values, dtype=object) for name, values in table.items()}


def masked_arrays(table: Mapping[str, list[Any]]) -> dict[str, np.ma.MaskedArray[Any, Any]]:
    result = {}
    for name, values in table.items():
        known = next(value for value in values if value is not None)
        hidden = [value is None for value in values]
        filled = [known if value is None else value for value in values]
        result[name] = np.ma.MaskedArray(np.array(filled), mask=hidden)
    return result


def structured_array(table: Mapping[str, list[Any]]) -> np.ndarray[Any, Any]:
    rows = list(zip(*table.values(), strict=True))
    return np.array(rows, dtype=[(name, object) for name in table])


def texts(table: Mapping[str, list[Any]]) -> dict[str, list[str]]:
    """Everything as a CSV file would hold it, with a space or two."""
    return {name: ["  " if value is None else f" {value} " for value in values] for name, values in table.items()}


def text_arrays(table: Mapping[str, list[Any]]) -> dict[str, np.ndarray[Any, Any]]:
    return {name: np.array(values) for name, values in texts(table).items()}


def byte_arrays(table: Mapping[str, list[Any]]) -> dict[str, np.ndarray[Any, Any]]:
    return {name: np.array([value.encode() for value in values]) for name, values in texts(table).items()}


def pandas_frame(table: Mapping[str, list[Any]]) -> pd.DataFrame:
    return pd.DataFrame(table)


def pandas_objects(table: Mapping[str, list[Any]]) -> pd.DataFrame:
    return pd.DataFrame(table, dtype=object)


def pandas_nullable(table: Mapping[str, list[Any]]) -> pd.DataFrame:
    return pd.DataFrame(table).convert_dtypes()


def pandas_arrow(table: Mapping[str, list[Any]]) -> pd.DataFrame:
    return pd.DataFrame(table).convert_dtypes(dtype_backend="pyarrow")


def pandas_categories(table: Mapping[str, list[Any]]) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(values, dtype="category") for name, values in table.items()})


def polars_frame(table: Mapping[str, list[Any]]) -> pl.DataFrame:
    return pl.DataFrame(table)


def polars_categories(table: Mapping[str, list[Any]]) -> pl.DataFrame:
    frame = pl.DataFrame(table)
    return frame.with_columns(pl.col(pl.String).cast(pl.Categorical))


def arrow_table(table: Mapping[str, list[Any]]) -> pa.Table:
    return pa.table(table)


def arrow_batch(table: Mapping[str, list[Any]]) -> pa.RecordBatch:
    return pa.RecordBatch.from_pydict(dict(table))


def arrow_dictionaries(table: Mapping[str, list[Any]]) -> pa.Table:
    columns = {name: pa.array(values) for name, values in table.items()}
    is_text = {name: pa.types.is_string(column.type) for name, column in columns.items()}
    return pa.table({name: one.dictionary_encode() if is_text[name] else one for name, one in columns.items()})


def arrow_chunks(table: Mapping[str, list[Any]]) -> pa.Table:
    return pa.concat_tables([pa.table(table).slice(0, 1), pa.table(table).slice(1)])


def columns_of_pandas(table: Mapping[str, list[Any]]) -> dict[str, pd.Series[Any]]:
    return {str(name): column for name, column in pd.DataFrame(table).items()}


def columns_of_polars(table: Mapping[str, list[Any]]) -> dict[str, pl.Series]:
    return {column.name: column for column in pl.DataFrame(table)}


def columns_of_arrow(table: Mapping[str, list[Any]]) -> dict[str, pa.Array]:
    return {name: pa.array(values) for name, values in table.items()}


def tuples(table: Mapping[str, list[Any]]) -> dict[str, tuple[Any, ...]]:
    return {name: tuple(values) for name, values in table.items()}


MAKERS: list[Maker] = [
    tuples,
    texts,
    object_arrays,
    masked_arrays,
    structured_array,
    text_arrays,
    byte_arrays,
    pandas_frame,
    pandas_objects,
    pandas_nullable,
    pandas_arrow,
    pandas_categories,
    polars_frame,
    polars_categories,
    arrow_table,
    arrow_batch,
    arrow_dictionaries,
    arrow_chunks,
    columns_of_pandas,
    columns_of_polars,
    columns_of_arrow,
]


def content_of(submission: be.Submission) -> dict[str, Any]:
    """Everything a submission holds, as plain values that can be compared."""
    result: dict[str, Any] = {"counties": submission.counties}
    for name, table in submission.tables.items():
        result[name] = {column: values.tolist() for column, values in table.columns.items()}
        result[f"{name} belong to"] = table.county.tolist(), table.school.tolist()
    return result


def assert_same(found: be.Submission, expected: be.Submission) -> None:
    assert repr(content_of(found)) == repr(content_of(expected))


EXPECTED = be.Submission(**TABLES)


def test_a_dict_of_lists_is_read_as_written() -> None:
    content = content_of(EXPECTED)
    nan = float("nan")

    assert content["counties"] == ("0101", "0102")
    assert content["schools"]["school"] == ["001", "002", "001"]
    assert content["schools"]["name"] == ["第一小学", "", "实验学校"]
    assert content["schools"]["type"] == [0, 2, 3]
    assert content["schools"]["organizer"] == [6, -1, 9]
    assert repr(content["schools"]["pupils_primary"]) == repr([400.0, nan, 90.0])
    assert content["classes"]["pupils"][1:] == [44.0, 50.0, 45.0]
    assert repr(content["facts"]["layout_rational"]) == repr([nan, 1.0])


@pytest.mark.parametrize("maker", MAKERS, ids=lambda maker: maker.__name__)
def test_the_same_content_is_the_same_submission(maker: Maker) -> None:
    assert_same(be.Submission(**{name: maker(table) for name, table in TABLES.items()}), EXPECTED)


NOTHING = [None, float("nan"), np.nan, pd.NA, pd.NaT, np.datetime64("NaT"), Decimal("NaN"), "", "  ", "\u3000", "\t\n"]


@pytest.mark.parametrize("nothing", NOTHING, ids=repr)
@pytest.mark.parametrize("column", ["name", "organizer", "pupils_primary", "teaching_area"])
def test_nothing_is_not_reported(column: str, nothing: Any) -> None:
    schools = {"school": ["1"], "type": ["primary_school"], column: [nothing]}
    table = be.Submission(schools=schools).schools

    assert repr(table.columns[column].tolist()) in ("['']", "[-1]", "[nan]")


@pytest.mark.parametrize("nothing", NOTHING, ids=repr)
def test_nothing_is_no_fact(nothing: Any) -> None:
    schools = {"school": ["1"], "type": ["primary_school"]}
    facts = {"layout_rational": nothing, "teachers": {"value": nothing, "evidence": "名册"}}
    submission = be.Submission(schools=schools, facts=facts)

    assert np.isnan(submission.facts.numbers("layout_rational")).all()
    assert np.isnan(submission.facts.numbers("teachers")).all()
    assert submission.evidence == {("county", "teachers"): "名册"}
    nameless = {"teachers": {"value": 3, "evidence": nothing}}
    assert be.Submission(schools=schools, facts=nameless).evidence == {}


@pytest.mark.parametrize(
    "empty",
    [np.array([np.nan]), pd.Series([pd.NaT]), pl.Series([None]), pa.nulls(1), pd.array([pd.NA], "Int64")],
    ids=["floats", "pandas days", "polars nulls", "arrow nulls", "pandas integers"],
)
def test_a_column_of_nothing_is_not_reported(empty: Any) -> None:
    schools = {"school": ["1"], "type": ["primary_school"], "pupils_primary": empty, "name": empty, "area": empty}
    table = be.Submission(schools=schools).schools

    assert np.isnan(table.numbers("pupils_primary")).all()
    assert table.texts("name").tolist() == [""]
    assert table.choices("area").tolist() == [-1]


def read_numbers(values: Any) -> list[float]:
    """The figures as they were read."""
    size = len(values)
    schools = {"school": np.arange(size), "type": ["primary_school"] * size, "teaching_area": values}
    numbers: list[float] = be.Submission(schools=schools).schools.numbers("teaching_area").tolist()
    return numbers


SHORT = [0.1, 3.825, 2.3, 1700.7]


@pytest.mark.parametrize(
    "values",
    [
        np.array(SHORT, np.float32),
        np.array(SHORT, np.longdouble),
        np.array(SHORT, object),
        [np.float32(one) for one in SHORT],
        [np.float64(one) for one in SHORT],
        [Decimal(str(one)) for one in SHORT],
        [str(one) for one in SHORT],
        pd.Series(SHORT, dtype="float32"),
        pd.Series(SHORT, dtype="Float32"),
        pd.Series(SHORT, dtype="float[pyarrow]"),
        pl.Series(SHORT, dtype=pl.Float32),
        pl.Series(SHORT, dtype=pl.Decimal(10, 3)),
        pa.array(SHORT, pa.float32()),
        pa.array([Decimal(str(one)) for one in SHORT]),
        np.ma.MaskedArray(np.array(SHORT, np.float32), mask=False),
    ],
    ids=lambda values: f"{type(values).__module__.split('.')[0]} {getattr(values, 'dtype', type(values[0]).__name__)}",
)
def test_a_number_is_the_shortest_decimal_of_its_own_precision(values: Any) -> None:
    assert read_numbers(values) == SHORT


@pytest.mark.parametrize("gap", ["Float32", "float[pyarrow]"])
def test_short_floats_with_gaps_keep_their_decimals(gap: str) -> None:
    assert repr(read_numbers(pd.Series([0.1, None], dtype=gap))) == "[0.1, nan]"
    assert repr(read_numbers(pa.array([0.1, None], pa.float32()))) == "[0.1, nan]"
    assert repr(read_numbers(pl.Series([0.1, None], dtype=pl.Float32))) == "[0.1, nan]"
    masked = np.ma.MaskedArray(np.array([0.1, 9], np.float32), mask=[False, True])
    assert repr(read_numbers(masked)) == "[0.1, nan]"


@pytest.mark.parametrize("written", ["0.5", ".5", "+0.5", "00.50", " 0.5\t", "０.５"])
def test_numbers_may_be_written_in_several_ways(written: str) -> None:
    assert read_numbers([written]) == [0.5]


def test_minus_zero_is_zero() -> None:
    assert str(read_numbers(["-0", -0.0, Decimal("-0.0")])) == "[0.0, 0.0, 0.0]"


@pytest.mark.parametrize("integer", [np.int8, np.uint8, np.int64, np.uint64, np.float16, bool])
def test_numbers_of_any_size(integer: type) -> None:
    if integer is bool:
        with pytest.raises(be.DataErrors, match="wanted a number"):
            read_numbers(np.array([True, False]))
    else:
        assert read_numbers(np.array([0, 7], integer)) == [0.0, 7.0]


LONG_IDS = ["110101199003070001", "9007199254740993", "12345678901234567890123", "007"]


@pytest.mark.parametrize(
    "ids",
    [
        LONG_IDS,
        [*map(int, LONG_IDS[:3]), "007"],
        pd.Series(LONG_IDS),
        pl.Series(LONG_IDS),
        pa.array(LONG_IDS),
        np.array(LONG_IDS),
        np.array(LONG_IDS, "S"),
    ],
    ids=["texts", "integers of any size", "pandas", "polars", "arrow", "numpy", "bytes"],
)
def test_ids_are_text_and_keep_every_digit(ids: Any) -> None:
    submission = be.Submission(schools={"school": ids, "type": ["primary_school"] * 4})

    assert sorted(submission.schools.texts("school").tolist()) == sorted(LONG_IDS)


@pytest.mark.parametrize(
    "ids",
    [
        np.array([1, 2**60 + 1]),
        np.array([1, 2**60 + 1], np.uint64),
        pd.array([1, 2**60 + 1], "Int64"),
        pa.array([1, 2**60 + 1]),
        pl.Series([1, 2**60 + 1]),
        [1, 2**60 + 1],
    ],
    ids=["int64", "uint64", "pandas", "arrow", "polars", "list"],
)
def test_integers_may_be_ids(ids: Any) -> None:
    submission = be.Submission(schools={"school": ids, "type": ["primary_school"] * 2})

    assert submission.schools.texts("school").tolist() == ["1", "1152921504606846977"]


def test_integers_with_gaps_keep_every_digit_where_the_container_does() -> None:
    for ids in (pd.array([2**60 + 1, None], "Int64"), pa.array([2**60 + 1, None]), [2**60 + 1, None]):
        with pytest.raises(be.DataErrors) as caught:
            be.Submission(schools={"school": ids, "type": ["primary_school"] * 2})
        assert [str(error) for error in caught.value.errors] == [
            "schools, row 1, school: the id is missing; every row needs one"
        ]


@pytest.mark.parametrize(
    "ids", [np.array([1.0, 2.0]), pd.Series([1, 2], dtype="Float64"), [1.0, 2.0], [Decimal(1)] * 2]
)
def test_ids_as_floats_are_refused(ids: Any) -> None:
    with pytest.raises(be.DataErrors, match="read the column as text, so that leading zeros are kept"):
        be.Submission(schools={"school": ids, "type": ["primary_school"] * 2})


def test_other_texts_may_be_whole_numbers() -> None:
    """A column of grades with a gap is one of floats in pandas."""
    schools = {"school": ["1"], "type": ["primary_school"]}
    classes = pd.DataFrame({"school": ["1", "1"], "stage": ["primary"] * 2, "grade": [3, None]})

    assert be.Submission(schools=schools, classes=classes).tables["classes"].texts("grade").tolist() == ["3", ""]


def test_what_comes_with_copied_text_is_left_out() -> None:
    schools = {"school": ["\ufeff001\u200b"], "name": ["第一\r\n小学　东校区\x07"], "type": ["\u3000primary_school "]}
    table = be.Submission(schools=schools).schools

    assert table.texts("school").tolist() == ["001"]
    assert table.texts("name").tolist() == ["第一 小学　东校区"]


@pytest.mark.parametrize(
    "yes", [True, np.True_, 1, 1.0, np.int8(1), Decimal(1), "true", "TRUE", "Yes", "是", "1", " 是 "], ids=repr
)
def test_yes_may_be_said_in_several_ways(yes: Any) -> None:
    schools = {"school": ["1"], "type": ["primary_school"]}

    assert be.Submission(schools=schools, facts={"layout_rational": yes}).facts.numbers("layout_rational") == [1]


@pytest.mark.parametrize("level", ["3", 3, 3.0, np.int64(3), np.float32(3), "Ⅲ", "III", "Ⅲ级", "level 3", Decimal(3)])
def test_levels_may_be_said_in_several_ways(level: Any) -> None:
    schools = {"school": ["1"], "type": ["primary_school"]}
    submission = be.Submission(schools=schools, monitoring={"subject": ["语文"], "level": [level]})

    assert submission.tables["monitoring"].choices("level").tolist() == [2]


def test_two_columns_of_one_name_are_refused() -> None:
    columns = [pa.array(["1"]), pa.array(["primary_school"]), pa.array([1]), pa.array([2])]
    arrow = pa.table(columns, names=["school", "type", "pupils_primary", "pupils_primary"])
    frame = pd.DataFrame([["1", "primary_school", 1, 2]], columns=arrow.column_names)
    for table in (arrow, frame):
        with pytest.raises(be.DataErrors, match="pupils_primary: found 2 columns of this name, wanted one"):
            be.Submission(schools=table)


def test_what_was_handed_in_is_not_changed() -> None:
    pupils, areas = np.array([400.0, np.nan, 90.0]), np.array([1.0, 2.0, -0.0], np.float32)
    schools = SCHOOLS | {"pupils_primary": pupils, "teaching_area": areas}
    submission = be.Submission(schools=schools)
    submission.schools.columns["pupils_primary"][:] = 0
    submission.schools.columns["teaching_area"][:] = 0

    assert repr(pupils.tolist()) == "[400.0, nan, 90.0]"
    assert areas.tolist() == [1.0, 2.0, 0.0]


def test_a_submission_can_be_copied_and_pickled() -> None:
    for other in (copy.copy(EXPECTED), copy.deepcopy(EXPECTED), pickle.loads(pickle.dumps(EXPECTED))):
        assert_same(other, EXPECTED)
        assert repr(be.evaluate(other).to_dict()) == repr(be.evaluate(EXPECTED).to_dict())


def test_no_library_of_frames_is_imported() -> None:
    code = """
import sys
import numpy as np
import balancedu as be
table = np.array([("001", "primary_school", 400)], [("school", "U3"), ("type", "U20"), ("pupils_primary", int)])
be.evaluate(be.Submission(schools=table, facts={"layout_rational": True}))
be.evaluate(be.example("failing")).to_json()
loaded = {name.partition(".")[0] for name in sys.modules}
print(sorted(loaded & {"pandas", "polars", "pyarrow", "hypothesis", "pytest", "matplotlib", "openpyxl"}))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", cwd=ROOT, check=False)

    assert (done.stdout, done.stderr) == ("[]\n", "")
