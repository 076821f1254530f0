"""However a county wrote its workbook, the same figures give the same submission."""

from __future__ import annotations

import csv
import math
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import balancedu as be
from balancedu.core.model import Measure
from balancedu.files.vocabulary import split_unit, vocabulary
from balancedu.submission.columns import multiplied

STANDARD = be.load_standard()
MEASURES = STANDARD.table_measures("schools")
EXAMPLE = be.example("passing")
WIDE = str.maketrans({chr(0x21 + n): chr(0xFF01 + n) for n in range(94)})
STAGES = {"primary": "小学", "junior": "初中", "senior": "高中"}


def content_of(submission: be.Submission) -> dict[str, str]:
    """Everything that was read of the schools."""
    return {name: repr(values.tolist()) for name, values in sorted(submission.schools.columns.items())}


def rows() -> list[dict[str, str]]:
    """The schools of an example, each cell as text."""
    table = EXAMPLE.columns("schools")
    texts = {name: [str(value).replace("nan", "") for value in column.tolist()] for name, column in table.items()}
    return [dict(zip(texts, cells, strict=True)) for cells in zip(*texts.values(), strict=True)]


def names_of(measure: Measure) -> list[tuple[str, ...]]:
    """The headers that a column may have, each as its texts from top to bottom."""
    stage = STAGES[measure.stage] if measure.stage else ""
    result: list[tuple[str, ...]] = [(name,) for name in (measure.column, measure.title.zh, measure.title.en)]
    for name in measure.also:
        result.append((name if stage in name else f"{stage}{name}",))
        result += [(stage, name)] if stage else []
    return [*result, (f"{measure.title.zh}（{measure.unit.zh}）",)] if measure.unit else result


@pytest.mark.parametrize("table", STANDARD.tables)
def test_every_further_header_is_found(table: str) -> None:
    words = vocabulary(STANDARD, table)
    lost = [
        (measure.id, path)
        for measure in STANDARD.table_measures(table).values()
        for path in names_of(measure)
        if measure not in words.meant(path) and measure not in words.meant([*path[:-1], split_unit(path[-1])[0]])
    ]

    assert lost == []


@given(st.data())
@settings(max_examples=25)
def test_order_names_titles_and_width_do_not_matter(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder: Path = tmp_path_factory.mktemp("county")
    columns = data.draw(st.permutations(list(rows()[0])))
    paths = [data.draw(st.sampled_from(names_of(MEASURES[name]))) for name in columns]
    wide = data.draw(st.lists(st.sampled_from(columns), unique=True))
    above = data.draw(st.integers(0, 3))
    lines = [["清源区义务教育学校情况", *[""] * (len(columns) - 1)] for _ in range(above)]
    if any(len(path) > 1 for path in paths):
        lines.append([path[0] for path in paths])
        # A title of one level is in the upper row, and the lower one is empty.
        lines.append([path[1] if len(path) > 1 else "" for path in paths])
    else:
        lines.append([path[0] for path in paths])
    for row in rows():
        shown = {
            name: text.translate(WIDE) if name in wide and MEASURES[name].type != "text" else text
            for name, text in row.items()
        }
        lines.append([shown[name] for name in columns])
    with (folder / "学校.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(lines)

    assert content_of(be.read_submission(folder)) == content_of(EXAMPLE)


FACTORS = [Fraction(10_000), Fraction(1000), Fraction(1, 100), Fraction(2000, 3), Fraction(100_000_000)]
NUMBERS = st.one_of(
    st.decimals(0, 10**9, places=2).map(float),
    st.decimals(0, 10**6, places=7).map(float),
    st.floats(0, 1e15, allow_subnormal=True),
    st.integers(0, 2**53).map(float),
    st.floats(1e15, 1.7e308),
    st.sampled_from([float("nan"), float("inf"), float("-inf")]),
)


def nearest_float(number: float, factor: Fraction) -> float:
    """The float nearest to a number times a factor; infinite if there is none so large."""
    if not math.isfinite(number):
        return number
    exact = Fraction(repr(number)) * factor
    return float(exact) if abs(exact) <= Fraction(sys.float_info.max) else math.copysign(math.inf, number)


@given(st.lists(NUMBERS, max_size=20), st.sampled_from(FACTORS))
def test_units_are_converted_exactly(numbers: list[float], factor: Fraction) -> None:
    exact = [nearest_float(number, factor) for number in numbers]

    np.testing.assert_array_equal(multiplied(np.array(numbers), factor), np.array(exact))
