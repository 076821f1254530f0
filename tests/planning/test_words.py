"""What a page or a paper shows of planning names items, indicators and counties; it holds no codes."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

import balancedu as be
from balancedu.document import Block, Grid, Result, cell_text
from balancedu.text import Language

FAILING, PASSING = be.evaluate(be.example("failing")), be.evaluate(be.example("passing"))
FULL = be.what_if(FAILING, [{"do": "set", "school": "012", "values": {"multimedia_rooms": 12}}])
RESULTS: dict[str, Result] = {
    "shortfalls": be.shortfalls(FAILING),
    "margins": be.margins(FAILING),
    "robustness": be.robustness(FAILING, {"equipment_value": 0.05, "pupils_primary": 0.05}, draws=50),
    "compare": be.compare(FAILING, PASSING),
    "trend": be.trend({2023: FAILING, 2024: FULL.evaluation, 2025: FULL.evaluation}, project=True),
    "plan": be.plan(FULL.evaluation),
    "plan with a budget": be.plan(FULL.evaluation, budget=10_000),
    "what-if": be.what_if(
        FAILING,
        [
            {"do": "build_rooms", "school": "010", "use": "art", "area": 95},
            {"do": "resize", "school": "009", "stage": "junior", "pupils": 250},
            {"do": "divide_classes", "school": "002"},
        ],
    ),
}
CODES = re.compile("|".join(rf"\b{re.escape(code)}\b" for code in (*FAILING.standard.items, *FAILING.indicators)))


def texts_of(blocks: Iterator[Block]) -> Iterator[str]:
    for block in blocks:
        if isinstance(block, Grid):
            yield from block.header
            yield from (cell_text(cell) for row in block.rows for cell in row)
        else:
            yield getattr(block, "text", "")


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", RESULTS)
def test_no_codes(name: str, lang: Language) -> None:
    for text in texts_of(RESULTS[name].blocks(lang)):
        assert not CODES.search(text), text
        assert not any(county in text for county in FAILING.counties), text


@pytest.mark.parametrize("name", RESULTS)
def test_words_of_the_field(name: str) -> None:
    text = "\n".join(texts_of(RESULTS[name].blocks("zh")))
    # A primary part of a school is 小学部.
    assert not re.search("假设|假定|变好|变差|原未达标|(?<!小)学部|事实|[「」\"']", text), text


def test_an_impossible_plan_has_no_codes() -> None:
    with pytest.raises(be.ImpossiblePlanError) as caught:
        be.plan(FULL.evaluation, items=["G12"], fixed=["equipment_value"], caps={"teaching_area": 10})
    for lang in ("zh", "en"):
        assert not CODES.search(caught.value.text(lang))
