"""The tables that a county hands in, as a spec declares them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import reduce
from typing import Literal

import attrs

from balancedu.core.fields import (
    Asked,
    Consistent,
    EntryId,
    Impossible,
    MeasureId,
    SchoolType,
    Source,
    Stage,
    Title,
    decimals,
    described,
    filled,
    must_be,
    positive,
)
from balancedu.text import Phrase, listed

AREA = re.compile(r"([A-Z]{1,2})([1-9][0-9]?)(?::([A-Z]{1,2})([1-9][0-9]?))?")
BLANK_PATTERN = re.compile(r"\{([a-z_]+)\}")
WIDEST = {"landscape": 180, "portrait": 120}
"""The widest table, in characters, that is legible on a page when scaled to fit."""

ColumnContent = Literal[
    "number", "name", "organizer", "pupils", "grades", "classes", "value", "verdict", "remark", "composite", "whole"
]
Quantity = Literal["met", "share_met", "mean", "coefficient"]


def cells_of(area: str) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return the first and the last cell of an area, as rows and columns counted from 0.

    Examples
    --------
    >>> cells_of("A2:D3"), cells_of("B7")
    (((1, 0), (2, 3)), ((6, 1), (6, 1)))
    """
    match = AREA.fullmatch(area)
    assert match is not None
    first, row, last, last_row = match.groups()
    columns = [reduce(lambda n, letter: 26 * n + ord(letter) - 64, name, 0) - 1 for name in (first, last or first)]
    return (int(row) - 1, columns[0]), (int(last_row or row) - 1, columns[1])


def an_area(_owner: object, field: attrs.Attribute[str], value: str) -> None:
    """Refuse what is neither a cell nor a range of cells."""
    if not AREA.fullmatch(value):
        raise must_be(field.name, Phrase("单元格或区域，如 A2:D2", "a cell or a range, as A2:D2"), value)


@attrs.frozen
class FormHeading:
    """A heading in fixed cells, merged where they are several."""

    at: str = described("its cells, as A2:D2", validator=an_area)
    text: str = described("its text; may be empty", default="")


@attrs.frozen
class FormColumn(Consistent):
    """One column of a table with columns side by side."""

    title: Title = described("its heading")
    width: int = described("its width in characters", validator=positive)
    value: ColumnContent = described(
        "its content; value: the value of its indicator, whole: whether sections comply, composite: the mean of all "
        "coefficients",
        default="value",
    )
    indicator: EntryId | None = described("for the value of an indicator: which one", default=None)

    def _impossible(self) -> Iterator[Impossible]:
        if (self.value == "value") != (self.indicator is not None):
            problem = Phrase(
                "须与 `value: value` 同时写，其他列不写", "allowed only with the value 'value', and required there"
            )
            yield Impossible("indicator", problem)


@attrs.frozen
class FormFigure(Consistent):
    """One figure in a fixed cell: a fact, a number of schools, or a sum over schools."""

    ONE_OF = ("fact", "types", "total")

    at: str = described("its cell", validator=an_area)
    decimals: int = described("its decimals", default=0, validator=decimals)
    fact: MeasureId | None = described(
        "a fact of the county", asks=Asked.of("facts", "count", "number", "share"), default=None
    )
    types: tuple[SchoolType, ...] = described("how many schools of these types there are, campuses aside", default=())
    counted: bool = described("with types: only those of which a section is judged", default=False)
    total: MeasureId | None = described(
        "the sum of a figure of all schools", asks=Asked.of("schools", "count", "number"), default=None
    )


@attrs.frozen
class Blank(Consistent):
    """What fills a blank of a sentence: a fact, cases of a check, a limit, or a subject of the monitoring."""

    ONE_OF = ("fact", "check", "subject")

    decimals: int = described("its decimals; shares are printed in percent", default=0, validator=decimals)
    fact: MeasureId | None = described(
        "a fact of the county", asks=Asked.of("facts", "count", "number", "share"), default=None
    )
    divided_by: int = described("with fact: by what it is divided, as 10000 for 万元", default=1, validator=positive)
    check: str = described("the id of a check of the item", default="")
    figure: Literal["not_met", "pupils", "observed", "limit"] = described(
        "with check: how many of its cases are not met, the pupils or the figures of all added up, or its limit",
        default="not_met",
    )
    types: tuple[SchoolType, ...] = described("with check: only cases of these types of school", default=())
    stage: Stage | None = described("with check: only cases of this stage", default=None)
    subject: str = described("a subject of the monitoring", default="")
    of_subject: Literal["level", "rate"] = described("with subject: its level or its rate", default="level")


@attrs.frozen
class ItemRow(Consistent):
    """The row of an item: its wording on the form, and a sentence whose blanks are filled."""

    item: EntryId = described("the item")
    name: str = described("its wording on the form; blanks as {limit} are filled", default="")
    sentence: str = described("a sentence about it, with blanks as {a}; default: the county writes it", default="")
    blanks: Mapping[str, Blank] = described("what fills each blank", factory=dict)

    def _impossible(self) -> Iterator[Impossible]:
        return _blanks(self.name + self.sentence, self.blanks)


@attrs.frozen
class NoteCount:
    """A number in a note: how many sections are judged."""

    stage: Stage = described("of which stage")
    types: tuple[SchoolType, ...] = described("the types of school that it covers; default: all", default=())


@attrs.frozen
class FormSheet(Consistent):
    """One table of the form: fixed cells, rows by stage, a row for each section, or a row for each item."""

    ONE_OF = ("figures", "columns", "items")

    id: str = described("its name, also that of the sheet", validator=filled)
    title: Title = described("its title")
    paper: Literal["portrait", "landscape"] = described("how it is printed on A4")
    source: Source = described("where the table is defined")
    centred: bool = described("whether its title is centred", default=False)
    widths: tuple[int, ...] = described("the widths of its columns, where no columns are listed", default=())
    headings: tuple[FormHeading, ...] = described("its headings in fixed cells", default=())
    lines: str | None = described(
        "with headings: the cells that contain L1, L2, …", default=None, validator=attrs.validators.optional(an_area)
    )
    figures: tuple[FormFigure, ...] = described("its figures in fixed cells", default=())
    columns: tuple[FormColumn, ...] = described("its columns, side by side", default=())
    by_stage: tuple[Quantity, ...] = described("with columns: the rows that each stage has", default=())
    items: tuple[ItemRow, ...] = described("its rows, where they are items", default=())
    breaks: tuple[EntryId, ...] = described("with items: those that begin a new page", default=())
    note: tuple[str, ...] = described("the lines below it, with blanks as {a}", default=())
    blanks: Mapping[str, NoteCount] = described("what fills each blank of the note", factory=dict)

    @property
    def column_widths(self) -> tuple[int, ...]:
        """The width of every column in characters."""
        return self.widths + tuple(column.width for column in self.columns)

    def _impossible(self) -> Iterator[Impossible]:
        yield from super()._impossible()
        yield from _blanks("".join(self.note), self.blanks)
        total = sum(self.column_widths)
        if total > WIDEST[self.paper]:
            problem = Phrase(
                f"各列共宽{total}个字符，A4 {self.paper} 不应超过{WIDEST[self.paper]}",
                f"its columns are {total} characters wide; on A4 {self.paper} at most {WIDEST[self.paper]} can be read",
            )
            yield Impossible("columns" if self.columns else "widths", problem)
        areas = [(f"headings[{n}].at", heading.at) for n, heading in enumerate(self.headings)]
        areas += [(f"figures[{n}].at", figure.at) for n, figure in enumerate(self.figures)]
        areas += [("lines", self.lines)] if self.lines else []
        size = len(self.column_widths)
        for field, area in areas:
            if cells_of(area)[1][1] >= size:
                problem = Phrase(f"{area} 在表的{size}列以外", f"{area} is beyond the {size} columns of the table")
                yield Impossible(field, problem, Phrase("请补上列宽，或改正", "give the column a width, or correct it"))
        listed_items = [row.item for row in self.items]
        for n, item in enumerate(self.breaks):
            if item not in listed_items:
                yield Impossible(f"breaks[{n}]", Phrase(f"表中没有条目 {item}", f"the table has no row of {item}"))


@attrs.frozen
class Forms:
    """The file `forms.yaml`: the tables that a county hands in."""

    format: Literal[1] = described("the format of the file")
    title: Title = described("the title of the form")
    sheets: tuple[FormSheet, ...] = described("its tables", validator=filled)
    cover: tuple[str, ...] = described("the lines of the cover; {county} is the county", default=())
    signatures: tuple[str, ...] = described("the lines below the last table, for signatures", default=())
    own: Title | None = described("what of it is not in the official form", default=None)


def _blanks(text: str, values: Mapping[str, object]) -> Iterator[Impossible]:
    """Yield blanks of a text without a value, and values without a blank."""
    wanted = list(dict.fromkeys(BLANK_PATTERN.findall(text)))
    if missing := [name for name in wanted if name not in values]:
        names = listed(missing)
        yield Impossible("blanks", Phrase(f"没有写明用什么填 {names.zh}", f"nothing fills {names.en}"))
    for name in values:
        if name not in wanted:
            yield Impossible(f"blanks.{name}", Phrase("文字中没有这个空", "the text has no such blank"))
