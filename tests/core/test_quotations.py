"""What the specs mark as printed in a county's report (S) is printed in one of the reports that were at hand.

`quotations.txt` holds the passages; where the reports themselves lie beside the checkout, they are looked up there.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs

import balancedu as be
from balancedu.core.fields import Source
from balancedu.core.loading import load_standard

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
