"""The official forms as a spec declares them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import attrs

from balancedu.core.fields import (
    EntryId,
    Impossible,
    MeasureId,
    Source,
    Stage,
    Title,
    described,
    different,
    filled,
    positive,
    refuse,
)
from balancedu.text import KNOWN, Phrase, listed

Rows = Literal["compliance", "sections", "spread", "items", "monitoring"]
Value = Literal[
    "number",
    "id",
    "name",
    "wording",
    "stage",
    "organizer",
    "pupils",
    "grades",
    "classes",
    "value",
    "sections",
    "met",
    "share",
    "mean",
    "coefficient",
    "limit",
    "figure",
    "observed",
    "subject",
    "grade",
    "level",
    "rate",
    "verdict",
    "remark",
]

_VALUES: dict[Rows, tuple[Value, ...]] = {
    "compliance": ("id", "name", "sections", "met", "share"),
    "sections": (
        "number",
        "id",
        "name",
        "stage",
        "organizer",
        "pupils",
        "grades",
        "classes",
        "value",
        "verdict",
        "remark",
    ),
    "spread": ("id", "name", "mean", "coefficient", "limit", "verdict"),
    "items": ("id", "name", "wording", "figure", "observed", "verdict"),
    "monitoring": ("number", "subject", "grade", "level", "rate", "verdict"),
}
_OF_STAGE = ("sections", "met", "share", "mean", "coefficient", "limit")


@attrs.frozen
class Column:
    """One column of a table."""

    title: Title = described("its heading")
    value: Value = described("what stands in it")
    width: int = described("its width in characters", validator=positive)
    stage: Stage | None = described("for figures of a stage: which one", default=None)
    indicator: EntryId | None = described("for the value of an indicator: which one", default=None)

    def __attrs_post_init__(self) -> None:
        if (self.value == "value") != (self.indicator is not None):
            problem = Phrase("须与 `value: value` 同时写，其他列不写", "goes with the value 'value', and only with it")
            refuse([Impossible("indicator", problem)])


@attrs.frozen
class Figure:
    """One figure of an item: a fact as reported, or how many cases of a check there are."""

    fact: MeasureId | None = described("a fact of the county", default=None)
    check: str = described("the id of a check whose cases are counted", default="")
    cases: Literal["all", "met", "not_met", "unknown"] = described("which of its cases", default="all")
    stage: Stage | None = described("only the cases of this stage", default=None)
    title: Title | None = described("its title; a fact has one of its own", default=None)

    def __attrs_post_init__(self) -> None:
        if (self.fact is None) == (not self.check):
            problem = Phrase(
                "只能是一个县级事实（fact），或一项比对的判定对象数（check），二者取一",
                "a figure is either a fact or the cases of a check",
            )
            refuse([Impossible("fact", problem)])
        if self.check and self.title is None:
            problem = Phrase("判定对象数须有标题", "a count of cases needs a title")
            refuse([Impossible("title", problem)])


@attrs.frozen
class Figures:
    """The figures of one item."""

    item: EntryId = described("the item")
    figures: tuple[Figure, ...] = described("its figures, in order", default=())


@attrs.frozen
class Block:
    """One table of a sheet."""

    rows: Rows = described("what the rows are")
    columns: tuple[Column, ...] = described("its columns", validator=filled)
    title: Title | None = described("a heading above it", default=None)
    items: tuple[Figures, ...] = described("the items of the rows, where the rows are items", default=())

    def __attrs_post_init__(self) -> None:
        refuse(self._misplaced())

    def _misplaced(self) -> Iterator[Impossible]:
        for n, column in enumerate(self.columns):
            if column.value not in _VALUES[self.rows]:
                problem = Phrase(
                    f"{self.rows} 的各行没有 {column.value}", f"rows of {self.rows} have no {column.value}"
                )
                yield Impossible(f"columns[{n}].value", problem, KNOWN + listed(_VALUES[self.rows]))
            elif (column.value in _OF_STAGE) != (column.stage is not None):
                values = listed(_OF_STAGE)
                problem = Phrase(f"{values.zh} 各列须写学段，其他列不写", f"goes with {values.en}, and only with them")
                yield Impossible(f"columns[{n}].stage", problem)
        if (self.rows == "items") != bool(self.items):
            problem = Phrase(
                "各行是条目（`rows: items`）时必须列出，其他情形不写",
                "must be listed where the rows are items, and only there",
            )
            yield Impossible("items", problem)


@attrs.frozen
class Sheet:
    """One table of the form."""

    id: str = described("its name, also that of the sheet", validator=filled)
    title: Title = described("its title")
    paper: Literal["portrait", "landscape"] = described("how it is printed on A4")
    blocks: tuple[Block, ...] = described("its tables, one below the other", validator=filled)
    source: Source = described("where the table stands")


@attrs.frozen
class Forms:
    """The file `forms.yaml`: the tables that a county hands in."""

    format: Literal[1] = described("the format of the file")
    title: Title = described("the title of the form")
    sheets: tuple[Sheet, ...] = described("its tables", validator=[filled, different])
