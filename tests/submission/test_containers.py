"""The same content gives the same submission in every container, and nothing is read that was not written."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
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
    """Everything as in a CSV file, with a space or two."""
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
    return pa.table({name: entry.dictionary_encode() if is_text[name] else entry for name, entry in columns.items()})


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


class Stream:
    """What any library of tables offers, and nothing besides."""

    def __init__(self, table: pa.Table) -> None:
        self.table = table

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return self.table.__arrow_c_stream__(requested_schema)


def arrow_stream(table: Mapping[str, list[Any]]) -> Stream:
    return Stream(pa.table(table))


def arrow_reader(table: Mapping[str, list[Any]]) -> pa.RecordBatchReader:
    return pa.table(table).to_reader()


def polars_lazy(table: Mapping[str, list[Any]]) -> pl.LazyFrame:
    return pl.LazyFrame(table)


def duckdb_relation(table: Mapping[str, list[Any]]) -> Any:
    connection = duckdb.connect()
    connection.register("reported", pa.table(table))
    return connection.sql("select * from reported")


def rows(table: Mapping[str, list[Any]]) -> list[dict[str, Any]]:
    return [dict(zip(table, values, strict=True)) for values in zip(*table.values(), strict=True)]


MAKERS: list[Maker] = [
    tuples,
    rows,
    arrow_stream,
    arrow_reader,
    polars_lazy,
    duckdb_relation,
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


def assert_same(submission: be.Submission, expected: be.Submission) -> None:
    assert repr(content_of(submission)) == repr(content_of(expected))


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
        [np.float32(entry) for entry in SHORT],
        [np.float64(entry) for entry in SHORT],
        [Decimal(str(entry)) for entry in SHORT],
        [str(entry) for entry in SHORT],
        pd.Series(SHORT, dtype="float32"),
        pd.Series(SHORT, dtype="Float32"),
        pd.Series(SHORT, dtype="float[pyarrow]"),
        pl.Series(SHORT, dtype=pl.Float32),
        pl.Series(SHORT, dtype=pl.Decimal(10, 3)),
        pa.array(SHORT, pa.float32()),
        pa.array([Decimal(str(entry)) for entry in SHORT]),
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


def test_numbers_have_15_significant_digits() -> None:
    dust = [0.1 + 0.2, 0.5489999999999999, 3.8249999999999997, 1e-9 / 3, 123456789.123456789, 4]
    expected = [float(f"{number:.15g}") for number in dust]

    for values in (dust, np.array(dust), np.array(dust, object), pd.Series(dust), pl.Series(dust), [*dust, None]):
        assert read_numbers(values)[: len(dust)] == expected
    assert expected[:3] == [0.3, 0.549, 3.825]


def test_texts_keep_all_their_digits() -> None:
    texts = [
        "4.49999999999999999999",
        "4.50000000000000000001",
        "4.5",
        "0.54899999999999993",
        "4.500000000000000000000",
    ]
    below, above, *others = read_numbers(texts)

    assert below < 4.5 < above
    assert others == [4.5, 0.5489999999999999, 4.5]
    assert read_numbers([Decimal(text) for text in texts]) == [below, above, *others]
    with pytest.raises(be.DataErrors, match="wanted a whole number"):
        be.Submission(schools={"school": ["1"], "type": ["小学"], "pupils_primary": ["45.99999999999999999999"]})


def test_counts_computed_from_ratios_are_on_the_standard() -> None:
    pupils = np.arange(50, 2001)
    indicators = be.load_standard("cn-2017").indicators.values()
    ratios = {entry.id: float(entry.at_least["primary"]) for entry in indicators}
    columns = [
        ("degree_teachers_primary", "R1", 100),
        ("backbone_teachers_primary", "R2", 100),
        ("arts_pe_teachers_primary", "R3", 100),
        ("teaching_area", "R4", 1),
        ("sports", "R5", 1),
        ("equipment_value", "R6", 1),
        ("multimedia_rooms", "R7", 100),
    ]
    figures = {column: pupils * ratios[indicator] / per for column, indicator, per in columns}
    sports = figures.pop("sports")
    schools = {"school": pupils, "type": ["小学"] * pupils.size, "pupils_primary": pupils, **figures}
    whole = {"indoor_sports_area": np.zeros(pupils.size), "sports_ground_area": sports}
    evaluation = be.evaluate(be.Submission(schools=schools | whole))

    assert (evaluation.standing == 2).all()


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
            "schools, row 1, school: the school id is missing; every row needs one"
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
def test_yes_may_be_written_in_several_ways(yes: Any) -> None:
    schools = {"school": ["1"], "type": ["primary_school"]}

    assert be.Submission(schools=schools, facts={"layout_rational": yes}).facts.numbers("layout_rational") == [1]


@pytest.mark.parametrize("level", ["3", 3, 3.0, np.int64(3), np.float32(3), "Ⅲ", "III", "Ⅲ级", "level 3", Decimal(3)])
def test_levels_may_be_written_in_several_ways(level: Any) -> None:
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
    be.evaluate(be.Submission(schools=schools))
    pupils[0], areas[0] = 500, 2

    assert repr(pupils.tolist()) == "[500.0, nan, 90.0]"
    assert areas.tolist() == [2.0, 2.0, 0.0]


def test_what_is_handed_out_is_read_only() -> None:
    for table in EXPECTED.tables.values():
        handed_out = [*table.columns.values(), table.county, table.rows, table.school]
        handed_out += [table.numbers("nothing"), table.choices("nothing"), table.texts("nothing")]
        assert not any(values.flags.writeable for values in handed_out)
    with pytest.raises(ValueError, match="read-only"):
        EXPECTED.schools.numbers("teaching_area")[:] = -1


def test_a_submission_can_be_copied_and_pickled() -> None:
    for other in (copy.copy(EXPECTED), copy.deepcopy(EXPECTED), pickle.loads(pickle.dumps(EXPECTED))):
        assert_same(other, EXPECTED)
        assert (other, hash(other)) == (EXPECTED, hash(EXPECTED))
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


def test_extra_columns_are_ignored_on_request() -> None:
    extra = {"schools": SCHOOLS | {"principal": ["甲", "乙", "丙"]}, "facts": FACTS | {"weather": ["晴", None]}}

    assert be.Submission(**TABLES | extra, extra="ignore") == EXPECTED
    with pytest.raises(be.DataErrors, match="principal: unknown column"):
        be.Submission(**TABLES | extra)
    with pytest.raises(be.RequestError, match="extra must be error or ignore, found 'allow'"):
        be.Submission(**TABLES, extra="allow")  # type: ignore[arg-type]


EMPTY = [maker for maker in MAKERS if maker not in (masked_arrays, byte_arrays)]
"""Of no values, NumPy makes neither."""


@pytest.mark.parametrize("maker", EMPTY, ids=lambda maker: maker.__name__)
def test_an_empty_table_is_a_table(maker: Maker) -> None:
    nothing = maker({name: [] for name in SCHOOLS})
    submission = be.Submission(schools=nothing)
    evaluation = be.evaluate(submission)

    assert (submission.counties, len(submission.schools)) == ((), 0)
    assert submission == be.Submission(schools=[])
    assert evaluation.to_frame("items").empty
    assert be.Submission(schools=nothing, facts={"teachers": 3}) == be.Submission(facts={"teachers": 3})


def test_facts_need_no_schools() -> None:
    submission = be.Submission(
        facts=[
            {"county": "0101", "full_time_teachers": 2519},
            {"county": "0102", "layout_rational": {"value": True, "evidence": "规划"}},
        ],
        monitoring={"county": ["0103"], "subject": ["语文"], "level": [3]},
    )
    evaluation = be.evaluate(submission)

    assert submission.counties == ("0101", "0102", "0103")
    assert submission.evidence == {("0102", "layout_rational"): "规划"}
    for county in submission.counties:
        verdicts = {item: finding.verdict for item, finding in evaluation[county].items.items()}
        # What is not reported does not count as not applicable.
        assert {verdicts[item] for item in ("R-schools", "R-spread", "G3", "G4", "G5", "G6")} == {be.Verdict.UNKNOWN}


def test_a_row_may_leave_out_what_it_does_not_report() -> None:
    reported = [{name: value for name, value in row.items() if value is not None} for row in rows(SCHOOLS)]

    assert be.Submission(schools=reported) == be.Submission(schools=SCHOOLS)


def test_evidence_is_an_argument() -> None:
    facts = {"teachers": {"value": 3, "evidence": "名册"}}
    expected = be.Submission(facts=facts)

    assert be.Submission(facts={"teachers": 3}, evidence=expected.evidence) == expected
    rows = [{"county": "county", "fact": "teachers", "text": "名册"}]
    assert be.Submission(facts={"teachers": 3}, evidence=rows) == expected
    assert be.Submission(facts={"teachers": 3}) != expected
    wrong: list[Any] = [{"teachers": "名册"}, ["名册"], [{"county": "county"}], 3, {("c", "teachers"): "名册"}]
    for evidence in (*wrong, {("county", "teacher"): "名册"}):
        with pytest.raises(be.BalanceduError):
            be.Submission(facts={"teachers": 3}, evidence=evidence)


def test_submissions_are_equal_by_content() -> None:
    turned = {name: values[::-1] for name, values in SCHOOLS.items()}
    few = {name: SCHOOLS[name] for name in ("county", "school", "type")}
    unknown = {"equipment_value": [None] * 3, "multimedia_rooms": [None] * 3}

    assert be.Submission(**TABLES | {"schools": turned}) == EXPECTED
    assert be.Submission(schools=SCHOOLS | {"multimedia_rooms": [None] * 3}) == be.Submission(schools=SCHOOLS)
    assert be.Submission(schools=SCHOOLS | unknown) != be.Submission(schools=SCHOOLS)
    assert be.Submission(schools=few, standard="cn-2012") != be.Submission(schools=few)
    assert be.Submission(schools=SCHOOLS) != EXPECTED
    assert EXPECTED != "a submission"
    assert len({EXPECTED, be.Submission(**TABLES)}) == 1


def test_unknown_names_are_errors_with_the_nearest_name() -> None:
    asked: dict[str, Callable[[], object]] = {
        "no fact 'teacher'; did you mean 'teachers'?": lambda: EXPECTED.fact("0101", "teacher"),
        "no county '010'; did you mean '0102'?": lambda: EXPECTED.fact("010", "teachers"),
        "no table 'school'; did you mean 'schools'?": lambda: EXPECTED.columns("school"),
        "no table 'room'; did you mean 'rooms'?": lambda: EXPECTED.segments("room"),
        "no table 'fact'; did you mean 'facts'?": lambda: EXPECTED.changed(fact={}),
    }
    for message, ask in asked.items():
        with pytest.raises(be.UnknownNameError) as caught:
            ask()
        assert str(caught.value) == message


def test_very_many_unknown_facts_are_one_problem() -> None:
    facts = {f"fact {n}": n for n in range(100_000)}
    with pytest.raises(be.DataErrors, match="100000 unknown facts: fact 0, ") as caught:
        be.Submission(facts=facts)

    assert len(caught.value.errors) == 1
