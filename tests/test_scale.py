"""`verdict_frame` gives the same for partitions as for all counties at once, in every library and in processes."""

from __future__ import annotations

import pickle
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from benchmarks.copies import copies

import balancedu as be


@pytest.fixture(scope="module")
def schools() -> pd.DataFrame:
    """Seven counties, of which every other one has lost its backbone teachers."""
    frame = pd.DataFrame(copies(7).columns("schools"))
    some = frame["county"].isin(["1", "3", "5"])
    frame.loc[some, ["backbone_teachers_primary", "backbone_teachers_junior"]] = 0.0
    return frame


@pytest.fixture(scope="module")
def at_once(schools: pd.DataFrame) -> pd.DataFrame:
    frame: pd.DataFrame = be.verdict_frame(schools)
    return frame


def test_it_says_what_evaluate_says(schools: pd.DataFrame, at_once: pd.DataFrame) -> None:
    evaluation = be.evaluate(be.Submission(schools=schools))

    pd.testing.assert_frame_equal(at_once, evaluation.to_frame("counties"))
    assert at_once["county"].tolist() == list("0123456")
    assert at_once["verdict"].tolist() == [str(evaluation[county].verdict) for county in evaluation.counties]


@pytest.mark.parametrize("counties", [1, 2, 3, 7])
def test_partitions_of_many_counties_give_the_same(schools: pd.DataFrame, at_once: pd.DataFrame, counties: int) -> None:
    number = schools["county"].astype(int) // counties
    parts = [be.verdict_frame(part) for _, part in schools.groupby(number)]

    pd.testing.assert_frame_equal(pd.concat(parts, ignore_index=True), at_once)


def test_every_library_gets_its_own_frame(schools: pd.DataFrame, at_once: pd.DataFrame) -> None:
    expected = at_once.to_dict("list")
    polars = be.verdict_frame(pl.from_pandas(schools))
    table = be.verdict_frame(pa.Table.from_pandas(schools, preserve_index=False))
    batch = be.verdict_frame(pa.Table.from_pandas(schools, preserve_index=False).to_batches()[0])
    plain = be.verdict_frame({str(name): schools[name].tolist() for name in schools})

    assert isinstance(polars, pl.DataFrame)
    assert isinstance(table, pa.Table)
    assert isinstance(batch, pa.Table)
    assert polars.to_dict(as_series=False) == table.to_pydict() == batch.to_pydict() == plain == expected


def test_an_empty_partition_has_the_same_columns_and_types(schools: pd.DataFrame, at_once: pd.DataFrame) -> None:
    pandas = be.verdict_frame(schools.iloc[:0])
    polars = be.verdict_frame(pl.from_pandas(schools).clear())
    arrow = be.verdict_frame(pa.Table.from_pandas(schools, preserve_index=False).slice(0, 0))

    assert (len(pandas), polars.height, arrow.num_rows) == (0, 0, 0)
    assert pandas.dtypes.equals(at_once.dtypes)
    assert polars.schema == be.verdict_frame(pl.from_pandas(schools)).schema
    assert arrow.schema == be.verdict_frame(pa.Table.from_pandas(schools)).schema
    pd.testing.assert_frame_equal(pd.concat([pandas, at_once], ignore_index=True), at_once)


def test_processes_give_the_same(schools: pd.DataFrame, at_once: pd.DataFrame) -> None:
    parts = [part for _, part in schools.groupby(schools["county"].astype(int) // 4)]
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        verdicts = list(pool.map(be.verdict_frame, parts))

    pd.testing.assert_frame_equal(pd.concat(verdicts, ignore_index=True), at_once)


def test_it_pickles_by_reference() -> None:
    assert pickle.loads(pickle.dumps(be.verdict_frame)) is be.verdict_frame
    assert len(pickle.dumps(be.verdict_frame)) < 100


def test_standard_and_extra_columns(schools: pd.DataFrame) -> None:
    more: Any = schools.assign(partition=1)
    with pytest.raises(be.DataErrors, match="partition"):
        be.verdict_frame(more)

    assert be.verdict_frame(more, extra="ignore").columns[0] == "county"
    assert "R-spread" not in be.verdict_frame(schools, standard="cn-2012", extra="ignore").columns
