"""Any input is read, or refused with its place; nothing is guessed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from chinese import is_chinese
from hypothesis import given
from hypothesis import strategies as st

import balancedu as be

TABLES = ("schools", "classes", "rooms", "monitoring", "facts")
STANDARD = be.load_standard()
COLUMNS = {name: list(STANDARD.table_measures(name)) for name in TABLES}
WORDS = st.sampled_from([
    *("", " ", "001", "1", "990101", "primary_school", "小学", "primary", "junior", "music", "Ⅲ", "是", "no", "O.50"),
    *("0.5", "98.5%", "-1", "1e400", "nan", "inf", "９", "²", "٣", "\u200b", "\ud800", "\x00", "a\nb", "x" * 300),
])  # fmt: skip
CELLS = st.one_of(
    WORDS,
    st.text(max_size=4),
    st.integers(-2, 3),
    st.integers(),
    st.floats(),
    st.decimals(),
    st.booleans(),
    st.none(),
    st.binary(max_size=3),
    st.sampled_from([
        *(np.float32("nan"), np.float16(0.1), np.int8(1), np.bool_(True), np.str_("001"), np.datetime64("NaT")),
        *(pd.NA, pd.NaT, pd.Timestamp("2020-01-01"), date(2020, 1, 1), Decimal("sNaN"), Fraction(1, 2), 1j),
        *([1, 2], (), {"value": 1}, {"a"}, np.arange(2), object, 10**5000),
    ]),
)  # fmt: skip


@st.composite
def columns(draw: st.DrawFn, table: str) -> dict[Any, Any]:
    """A table of known and unknown columns, of about the same length."""
    size = draw(st.integers(0, 3))
    names = draw(st.lists(st.sampled_from([*COLUMNS[table], "nmae", "", 3]), max_size=6, unique=True))
    names += ["school", "type"] if table == "schools" and draw(st.booleans()) else []
    result: dict[Any, Any] = {}
    for name in names:
        length = draw(st.sampled_from([size, size, size, size, size, size + 1]))
        values = draw(st.lists(CELLS, min_size=length, max_size=length))
        result[name] = values
        if draw(st.booleans()):
            result[name] = np.fromiter(values, dtype=object, count=length)
        elif draw(st.integers(0, 20)) == 0:
            result[name] = draw(CELLS)
    return result


def read_or_refused(tables: dict[str, Any]) -> None:
    result, submission = refused(lambda: be.Submission(**tables))
    if submission is not None:
        assert be.evaluate(submission).to_json()
    assert [error for error in result if error.table not in TABLES or "\n" in str(error) or len(str(error)) > 800] == []
    assert [error for error in result if "\n" in error.text("zh") or not is_chinese(error.text("zh"))] == []


def refused(make: Callable[[], be.Submission]) -> tuple[tuple[be.DataError, ...], be.Submission | None]:
    """The problems, or the submission that was made."""
    try:
        return (), make()
    except be.DataErrors as errors:
        return errors.errors if str(errors) else (), None


@given(st.data())
def test_tables_of_anything(data: st.DataObject) -> None:
    tables = {name: data.draw(columns(name)) for name in TABLES if name == "schools" or data.draw(st.booleans())}
    read_or_refused(tables)


@given(
    st.dictionaries(
        st.sampled_from([*COLUMNS["facts"][:30], "990101", "layout_rationl", "value", "county"]),
        st.one_of(
            CELLS, st.dictionaries(st.sampled_from([*COLUMNS["facts"][:30], "value", "evidence"]), CELLS, max_size=3)
        ),
        max_size=4,
    )
)
def test_facts_of_anything(facts: dict[str, Any]) -> None:
    read_or_refused({"schools": {"school": ["001"], "type": ["primary_school"]}, "facts": facts})


LINES = st.lists(st.lists(WORDS, max_size=4).map(",".join), max_size=5).map("\n".join)
SCHOOLS = LINES.map(lambda rows: f"school,type,pupils_primary\n001,primary_school,4\n{rows}")
FACTS = st.lists(st.tuples(st.sampled_from(COLUMNS["facts"][:9]), WORDS), max_size=4).map(
    lambda rows: "\n".join(f"{fact}: {word}" for fact, word in rows)
)


@given(
    schools=st.one_of(SCHOOLS, LINES).map(lambda text: text.encode("utf-8", "surrogatepass")) | st.binary(max_size=40),
    facts=FACTS.map(lambda text: text.encode("utf-8", "surrogatepass")) | st.binary(max_size=40),
)
def test_files_of_anything(tmp_path_factory: Any, schools: bytes, facts: bytes) -> None:
    folder: Path = tmp_path_factory.mktemp("county")
    (folder / "schools.csv").write_bytes(schools)
    (folder / "facts.yaml").write_bytes(facts)
    result, submission = refused(lambda: be.read_submission(folder))

    assert result or (submission and be.evaluate(submission).to_json())
