"""Likely omissions of an overlay are listed, with the lines to write; they are only warnings."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from ours import OURS, SOURCE

import balancedu as be
from balancedu.core.overlays import layers_of
from balancedu.core.paths import find
from balancedu.testing import faults

BOOKS = """add:
  - to: measures
    value:
      id: books
      title: {zh: 图书册数, en: books}
      table: schools
      type: count
      unit: {zh: 册, en: books}
      range: {least: 0}
      source: SOURCE
  - to: parts.resources.indicators
    value:
      id: R8
      name: {zh: 生均图书, en: books}
      title: {zh: 生均图书册数, en: books per pupil}
      unit: {zh: 册, en: books}
      per: 1
      at_least: {primary: 20, junior: 30}
      amount: [books]
      source: SOURCE
"""
ITEM = """add:
  - to: measures
    value:
      {id: librarians, title: {zh: 有人, en: some}, table: facts, type: yes_no, source: SOURCE}
  - to: parts.guarantee.items
    value:
      id: P1
      name: {zh: 图书管理员, en: librarians}
      title: {zh: 配备图书管理员, en: there are librarians}
      source: SOURCE
      rules: [{rule: stated, facts: [librarians]}]
"""
Write = Callable[[str], be.Standard]


@pytest.fixture
def ours(tmp_path: Path) -> Write:
    """Read an overlay of cn-2017 with these changes."""

    def write(changes: str) -> be.Standard:
        path = tmp_path / "ours.yaml"
        path.write_text(OURS + changes.replace("SOURCE", SOURCE), encoding="utf-8")
        return be.load_standard(path)

    return write


def content_of(standard: be.Standard) -> list[str]:
    return [fault.text("en") for fault in faults(standard, submissions=0)]


def setting(path: str, value: object) -> str:
    return f"  - {{path: {path}, value: {value}, source: SOURCE}}\n"


def test_another_number_of_indicators(ours: Write) -> None:
    path = "rules.R-schools.at_standard"
    line = f"{path}: warning: there are 8 indicators instead of 7, and still 6 must reach the standard; "
    assert f"{line}to change that, set {path}" in content_of(ours(BOOKS))
    assert [entry for entry in content_of(ours("set:\n" + setting(path, 7) + BOOKS)) if "at_standard" in entry] == []


@pytest.mark.parametrize(
    ("changes", "entry", "place"),
    [(BOOKS, "R8", "forms.sheets.表Ⅱ-2.columns"), (ITEM, "P1", "forms.sheets.表Ⅳ.items")],
)
def test_nothing_of_it_in_the_forms_and_the_lines_to_add_it(ours: Write, changes: str, entry: str, place: str) -> None:
    (line,) = (
        value for value in content_of(ours(changes)) if value.startswith(f"{entry}: ") and f"to: {place}," in value
    )
    added = re.search(r"add it, (to: .*)", line)

    assert added is not None
    standard = ours(f"{changes}  - {{{added[1]}, source: SOURCE}}\n")
    assert [value for value in content_of(standard) if value.startswith(entry) and f"to: {place}," in value] == []
    entries = find(layers_of(standard.files).roots, place).node.value
    assert isinstance(entries, tuple)
    position = next(
        n for n, value in enumerate(entries) if entry in (value.at("indicator").text, value.at("item").text)
    )
    assert (position, len(entries) - position) == ((13, 3) if entry == "R8" else (position, 1))


@pytest.mark.parametrize(
    ("changes", "number"),
    [
        ("rules.G7.at_least, value: 7000", "6000"),
        ("rules.G9.at_least, value: 0.95", "100%"),
        # The limit of the interviews is the same as before, and the wording is about both.
        ("rules.S1.satisfaction.at_least, value: 0.9", "85%"),
    ],
)
def test_a_number_that_the_wording_still_holds(ours: Write, changes: str, number: str) -> None:
    path, value = changes.split(", value: ")
    item = path.split(".")[1]
    line = f"{item}: warning: the rules have changed, but the wording still says {number}; set items.{item}.title, too"
    assert content_of(ours("set:\n" + setting(path, value))) == [line]
    title = setting(f"items.{item}.title", "{zh: 新的原文, en: another wording}")
    assert content_of(ours("set:\n" + setting(path, value) + title)) == []


def test_a_number_that_another_limit_still_has_is_no_matter(ours: Write) -> None:
    assert content_of(ours("set:\n" + setting("rules.R-spread.limits", "{primary: 0.45, junior: 0.50}"))) == []


def test_forms_without_any_column_of_indicators(ours: Write) -> None:
    reason = "reason: {zh: 例, en: example}, source: SOURCE"
    dropped = "".join(f"  - {{path: forms.sheets.{sheet}, {reason}}}\n" for sheet in ("表Ⅱ-1", "表Ⅱ-2", "表Ⅲ"))

    assert content_of(ours("drop:\n" + dropped)) == [
        f"R{n}: warning: no table of the forms has a column of it" for n in range(1, 8)
    ]
