"""The two pages on how counties are judged state the same, in the words of the glossary."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import balancedu as be

DOCS = Path(__file__).resolve().parents[1] / "docs"
ZH, EN = ((DOCS / name).read_text(encoding="utf-8") for name in ("judging.zh-CN.md", "judging.md"))
NAMED = re.compile(r"`[^`]+`|表[ⅠⅡⅢⅣⅤⅥ](?:-\d)?|〔\d{4}〕\d+号|\b(?:[GQES]\d+|R-[a-z]+|cn-\d{4}|float32)\b")


def points(page: str) -> dict[str, list[str]]:
    """Return the sections of a page, each with its points."""
    sections = re.split(r"^## ", page, flags=re.M)[1:]
    return {text.partition("\n")[0]: re.split(r"\n- |\n\n", text.partition("\n")[2].strip()) for text in sections}


SECTIONS = list(zip(points(EN).items(), points(ZH).items(), strict=True))


def test_both_pages_have_the_same_sections_and_points() -> None:
    assert [len(entry) for _, entry in points(EN).items()] == [len(entry) for _, entry in points(ZH).items()]


@pytest.mark.parametrize(("english", "chinese"), SECTIONS, ids=[english[0] for english, _ in SECTIONS])
def test_each_point_names_the_same_in_both_languages(
    english: tuple[str, list[str]], chinese: tuple[str, list[str]]
) -> None:
    for en, zh in zip(english[1], chinese[1], strict=True):
        assert set(NAMED.findall(en)) == set(NAMED.findall(zh)), f"{en}\n{zh}"


def test_what_is_current_names_every_overlay_that_differs_by_source() -> None:
    current = points(EN)["What is current"]

    assert {"special-education-2025", "procedure-2019", "shenyang"} <= set(be.available_overlays())
    for overlay in ("special-education-2025", "procedure-2019", "shenyang"):
        assert any(f"`{overlay}`" in point for point in current)
