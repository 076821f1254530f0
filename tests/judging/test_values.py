"""`judge_values` decides as `evaluate` does."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import balancedu as be
from balancedu.testing import on_limit

STD = be.load_standard("cn-2017")
TYPES = {"primary": "primary_school", "junior": "junior_school"}


@st.composite
def sections(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Sections whose figures per pupil are on the standards and floors, or one unit off."""
    rows = []
    for n in range(draw(st.integers(1, 6))):
        stage = draw(st.sampled_from(STD.stages))
        row: dict[str, Any] = {
            "school": f"{n:03}",
            "stage": stage,
            "county": draw(st.sampled_from(["甲县", "乙县"])),
            "pupils": draw(st.sampled_from([100, 250, 400, 1000])),
        }
        for indicator in STD.indicators.values():
            limits = [indicator.thresholds[stage], STD.floors[indicator.id][stage]]
            figures = st.one_of([on_limit(limit, unit=Decimal("0.001")) for limit in limits if limit])
            row[indicator.id] = draw(
                st.one_of(st.none(), figures.map(lambda figure: round(figure, 4)), figures.map(float.__trunc__))
            )
        rows.append(row)
    return rows


def as_schools(rows: list[dict[str, Any]]) -> dict[str, list[Any]]:
    """The same as amounts of schools with one stage."""
    columns: dict[str, list[Any]] = {"county": [], "school": [], "type": []}
    for row in rows:
        columns["county"].append(row["county"])
        columns["school"].append(row["school"])
        columns["type"].append(TYPES[row["stage"]])
    for stage in STD.stages:
        columns[f"pupils_{stage}"] = [row["pupils"] if row["stage"] == stage else None for row in rows]
    for indicator in STD.indicators.values():
        for stage in STD.stages:
            names = [name for name in indicator.terms(stage) if name != "-indoor_sports_area"]
            for row in rows:
                if row["stage"] == stage:
                    figure = row[indicator.id]
                    amount = None if figure is None else str(Decimal(str(figure)) * row["pupils"] / indicator.per)
                    row[names[0]] = amount
    amounts = sorted(
        {
            name
            for row in rows
            for name in row
            if name not in ("county", "school", "stage", "pupils") and not name.startswith("R")
        }
    )
    columns |= {name: [row.get(name) for row in rows] for name in amounts}
    columns["indoor_sports_area"] = ["0"] * len(rows)
    return columns


@given(sections())
def test_the_same_as_evaluate(rows: list[dict[str, Any]]) -> None:
    evaluation = be.evaluate(be.Submission(schools=as_schools([dict(row) for row in rows])))
    values = [[row[name] for name in STD.indicators] for row in rows]
    stage, pupils, county = ([row[name] for row in rows] for name in ("stage", "pupils", "county"))

    judged = be.judge_values(values, pupils, stage=stage, county=county)

    place = {school: n for n, school in enumerate(evaluation.sections["school"].tolist())}
    order = [place[row["school"]] for row in rows]
    np.testing.assert_array_equal(judged.standing, evaluation.standing[order])
    np.testing.assert_array_equal(judged.section_verdicts, evaluation.section_verdicts[order])
    counties = [evaluation.counties.index(name) for name in judged.counties]
    for name in ("mean", "sd", "cv"):
        np.testing.assert_allclose(getattr(judged, name), getattr(evaluation, name)[counties], rtol=1e-12, atol=1e-12)
    words = [("NOT_MET", "UNKNOWN", "MET")[code] for code in judged.verdicts]
    assert words == [str(evaluation[entry].parts["resources"]) for entry in judged.counties]


def test_a_frame_may_name_its_columns_in_any_order() -> None:
    values = {
        name: [limit.value, 2 * limit.value]
        for name, indicator in STD.indicators.items()
        if (limit := indicator.thresholds["junior"])
    }
    frame = pd.DataFrame({name: [float(entry) for entry in column] for name, column in reversed(values.items())})

    judged = be.judge_values(frame, [10, 30], stage="junior")

    assert judged.standing.tolist() == [[2] * 7] * 2
    assert judged.counties == ("",)
    assert be.judge_values(pl.from_pandas(frame), pd.Series([10, 30]), stage="junior").verdicts.tolist() == [2]
    assert np.isnan(judged.cv[0, 0]).all()
    assert judged.cv[0, 1] == pytest.approx([0.2474358] * 7)


def test_an_edition_that_judges_the_mean_of_coefficients() -> None:
    std = be.load_standard("cn-2012")
    values = np.full((2, len(std.indicators)), 1.0)
    judged = be.judge_values(values * [[1], [6]], [5, 5], stage="primary", standard=std)

    assert judged.section_verdicts.tolist() == [3, 3]
    assert judged.cv[0, 0] == pytest.approx([5 / 7] * len(std.indicators))
    assert judged.verdicts.tolist() == [0]
    assert be.judge_values(values, [5, 5], stage="primary", standard=std).verdicts.tolist() == [2]


def test_a_section_below_a_floor_does_not_comply() -> None:
    limits = [indicator.thresholds["primary"] for indicator in STD.indicators.values()]
    values = np.array([[float(limit.value) for limit in limits if limit]] * 2)
    values[1, 0] /= 2

    assert be.judge_values(values, [10, 10], stage="primary").section_verdicts.tolist() == [2, 0]


def test_pupils_of_another_shape_are_refused() -> None:
    with pytest.raises(ValueError, match="pupils"):
        be.judge_values(np.ones((1, 7)), [[10]], stage="primary")
    with pytest.raises(ValueError, match="pupils"):
        be.judge_values(np.ones((1, 7)), 10, stage="primary")


@pytest.mark.parametrize(
    ("values", "named", "problem"),
    [
        (
            np.ones((1, 6)),
            {"stage": "primary"},
            r"values must have 7 columns \(R1, R2, R3, R4, R5, R6, R7\), got shape",
        ),
        (np.ones((1, 7, 2)), {"stage": "primary"}, "values must have 7 columns"),
        (np.ones((1, 7)), {"stage": "senior"}, "stage must be one of primary, junior, found senior"),
        (np.ones((1, 7)), {"stage": ["primary", 3]}, "stage"),
        (
            np.ones((1, 7)),
            {"stage": "primary", "county": ["a", "b"]},
            "county must have one label for each of 1 values",
        ),
    ],
)
def test_what_it_refuses(values: Any, named: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        be.judge_values(values, [10], **named)
