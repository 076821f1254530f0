"""What the specs mark as printed in a county's report (S) is printed in one of the reports that were at hand.

`quotations.txt` contains the passages; where the reports themselves lie beside the checkout, they are looked up there.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pytest
import yaml

import balancedu as be
from balancedu.core.fields import Source
from balancedu.core.loading import load_standard
from balancedu.core.model import Indicator
from balancedu.core.standard import Item

HERE = Path(__file__).resolve().parent
REPORTS = HERE.parents[2] / "shared" / "seeds"
_PAGE = re.compile(r"\n+[0-9]+、 ?")


def text_of(report: str) -> str:
    """Return a text without page numbers, blanks and forms of signs that differ between copies."""
    return "".join(unicodedata.normalize("NFKC", _PAGE.sub("", report)).split())


QUOTATIONS = (HERE / "quotations.txt").read_text(encoding="utf-8").splitlines()


def sources(value: Any) -> Iterator[Source]:
    """Yield every source in a value."""
    if isinstance(value, Source):
        yield value
        yield from value.amended
    elif isinstance(value, dict):
        for entry in value.values():
            yield from sources(entry)
    elif isinstance(value, tuple):
        for entry in value:
            yield from sources(entry)
    elif attrs.has(type(value)):
        for field in attrs.fields(type(value)):
            yield from sources(getattr(value, field.name))


def printed() -> Iterator[Source]:
    for standard in (*map(load_standard, be.available_standards()), load_standard("entry-grade-classes")):
        yield from (source for source in sources(standard) if source.confidence == "S")


def test_what_is_marked_as_printed_has_its_passage() -> None:
    result = list(printed())

    assert len(result) > 30
    assert [str(entry) for entry in result if entry.quote not in QUOTATIONS] == []


def test_every_passage_is_used_in_a_report() -> None:
    assert set(QUOTATIONS) == {entry.quote for entry in printed()}
    reports = [text_of(path.read_text(encoding="utf-8")) for path in sorted(REPORTS.glob("*.txt"))]
    assert [
        quotation for quotation in QUOTATIONS if reports and not any(text_of(quotation) in report for report in reports)
    ] == []


def test_only_what_is_printed_is_quoted() -> None:
    for standard in map(load_standard, (*be.available_standards(), *be.available_overlays())):
        assert [str(source) for source in sources(standard) if source.quote and source.confidence != "S"] == []


def declared(value: Any) -> Iterator[dict[str, str]]:
    """Yield every source that is written in a spec."""
    entries = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    if isinstance(value, dict) and "confidence" in value:
        yield value
    for entry in entries:
        yield from declared(entry)


def test_every_source_in_every_spec_has_its_passage_where_it_is_marked_as_printed() -> None:
    written = [
        source
        for path in sorted(HERE.parents[1].joinpath("specs").glob("*/*.yaml"))
        for source in declared(yaml.safe_load(path.read_text(encoding="utf-8")))
    ]
    assert {source["confidence"] for source in written} == set("SFVO")
    assert [source for source in written if (source["confidence"] == "S") != (source.get("quote") in QUOTATIONS)] == []


# How the reports misprint what they print, and what they call public recognition.
MENDED = {"IO0虬": "100%", "ZF购买": "政府购买", "HI级": "III级", "09人": "0.9人", "满意度": "社会认可度"}
STANDARD = load_standard("cn-2017")
LAW: list[Item | Indicator] = [*STANDARD.indicators.values(), *STANDARD.items.values()]
PRINTED = [entry for entry in LAW if entry.source.confidence == "S"]


def numbers(value: Any) -> Iterator[Decimal]:
    """Yield every number in the rules of an item, or in the standards of an indicator."""
    if isinstance(value, Decimal | int) and not isinstance(value, bool):
        yield Decimal(value)
    elif isinstance(value, dict):
        yield from (number for entry in value.values() for number in numbers(entry))
    elif isinstance(value, tuple):
        yield from (number for entry in value for number in numbers(entry))
    elif attrs.has(type(value)):
        defaults = {field.name: field.default for field in attrs.fields(type(value))}
        yield from (
            number
            for name, default in defaults.items()
            if getattr(value, name) != default
            for number in numbers(getattr(value, name))
        )


@pytest.mark.parametrize("entry", PRINTED, ids=lambda entry: entry.id)
def test_titles_and_figures_of_what_is_printed_are_those_of_the_passage(entry: Item | Indicator) -> None:
    passage = text_of(entry.source.quote)
    for misprint, meant in MENDED.items():
        passage = passage.replace(misprint, meant)

    assert text_of(entry.title.zh) in passage
    figures = set(numbers(entry.rules if isinstance(entry, Item) else entry.at_least))
    ways = {number: (f"{number.normalize():f}", f"{(number * 100).normalize():f}%") for number in figures}
    printed_numbers = set(re.findall(r"\d+(?:\.\d+)?%?", passage))
    bare = {text.rstrip("0") if "." in text else text for text in printed_numbers}
    assert [number for number, texts in ways.items() if not bare & set(texts)] == []


def test_most_of_the_law_is_printed() -> None:
    assert len(PRINTED) == 33
