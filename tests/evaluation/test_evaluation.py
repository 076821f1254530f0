"""An evaluation is a mapping of counties, equal by content, whose arrays cannot be written to."""

import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from reporting.hostile import hostile

import balancedu as be

MANY = be.evaluate(hostile(("a", "b", "c")))
FAILING = be.evaluate(be.example("failing"))


def test_an_evaluation_is_a_mapping_of_counties() -> None:
    assert (len(MANY), list(MANY), MANY.keys()) == (3, ["a", "b", "c"], ("a", "b", "c"))
    assert "b" in MANY
    assert "d" not in MANY
    assert MANY._ipython_key_completions_() == ["a", "b", "c"]
    assert MANY["b"] is MANY["b"]
    assert FAILING["990202"] is FAILING


@pytest.mark.parametrize(
    ("ask", "nearest"),
    [
        (lambda: FAILING["99020"], "990202"),
        (lambda: FAILING.items["G99"], "G9"),
        (lambda: FAILING.parts["qualty"], "quality"),
        (lambda: FAILING.verdicts["990203"], "990202"),
        (lambda: FAILING.item_verdicts["G99"], "G9"),
        (lambda: FAILING.sections["pupil"], "pupils"),
    ],
)
def test_an_unknown_name_is_an_error_with_the_nearest(ask: Callable[[], Any], nearest: str) -> None:
    with pytest.raises(be.UnknownNameError, match=nearest):
        ask()


def test_items_are_computed_once() -> None:
    assert FAILING.items is FAILING.items


def test_what_only_one_county_has_is_refused_with_a_hint() -> None:
    with pytest.raises(ValueError, match=r"use \.item_verdicts for all of them, or ev\['a'\]\.items for one"):
        _ = MANY.items


@pytest.mark.parametrize("evaluation", [MANY, MANY["b"]], ids=["many", "one"])
def test_arrays_cannot_be_written_to(evaluation: be.Evaluation) -> None:
    arrays: list[Any] = [evaluation.values, evaluation.standing, evaluation.section_verdicts, evaluation.composite]
    arrays += [evaluation.mean, evaluation.sd, evaluation.cv, *evaluation.sections.values()]
    arrays += [*evaluation.item_verdicts.values(), *evaluation.part_verdicts.values()]
    for array in arrays:
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0


def test_evaluations_are_equal_by_content() -> None:
    again = be.evaluate(be.example("failing"))
    other = be.evaluate(be.example("failing"), be.load_standard("cn-2017", on="2020-01-01"))

    assert again == FAILING
    assert hash(again) == hash(FAILING)
    assert again.fingerprint == FAILING.fingerprint
    assert be.evaluate(be.example("passing")) != FAILING
    assert (other == FAILING) == (other.standard == FAILING.standard)


def test_a_pickle_holds_no_standard() -> None:
    data = pickle.dumps(FAILING)

    assert len(data) < 60_000
    assert pickle.loads(data) == FAILING
    assert pickle.loads(data).standard is pickle.loads(data).standard


def test_the_frame_of_counties_has_a_row_a_county_and_words() -> None:
    frame = MANY.to_frame("counties")

    assert frame["county"].tolist() == ["a", "b", "c"]
    assert list(frame.columns) == ["county", "verdict", *MANY.standard.parts, *MANY.standard.items]
    assert frame["verdict"].tolist() == [verdict.value for verdict in MANY.verdicts.values()]
    assert set(np.unique(frame.iloc[:, 1:].to_numpy().astype(str))) <= {verdict.value for verdict in be.Verdict}


def test_the_tables_are_those_of_the_frames() -> None:
    for name, columns in MANY.tables.items():
        frame = MANY.to_frame(name)  # type: ignore[call-overload]
        assert list(frame.columns) == list(columns)
        assert {len(column) for column in columns.values()} == {len(frame)}
        assert not any(column.flags.writeable for column in columns.values())


def test_the_short_text_names_the_verdicts() -> None:
    assert MANY.text("en").splitlines() == [f"{county}: {MANY.verdicts[county].text('en')}" for county in MANY]
    lines = FAILING.text("en").splitlines()
    assert len(lines) == 1 + len(FAILING.parts) + len(FAILING.items)
    assert "  G5 class size: not met" in lines
