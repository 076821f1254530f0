"""A submission as the workbook that counties fill in; an empty one is the template."""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from os import PathLike
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from balancedu.core.fields import Language, Title
from balancedu.core.loading import DEFAULT_STANDARD, load_standard
from balancedu.core.model import Measure
from balancedu.core.standard import Standard
from balancedu.errors import RequestError
from balancedu.files.book import LINE, Book, Look, new_book
from balancedu.files.layout import (
    COVER,
    DAY,
    EDITION,
    FACT_COLUMNS,
    FIRST,
    IDS,
    LISTS,
    NAMED,
    NO,
    OVERLAY,
    TITLES,
    YES,
    heading,
    sheet_titles,
)
from balancedu.saving import check_target
from balancedu.submission.arrange import DETAILS
from balancedu.submission.bands import BANDS
from balancedu.submission.columns import MOST, MOST_SHARE, day_texts
from balancedu.submission.problems import ONLY_COUNTY
from balancedu.submission.submission import Submission
from balancedu.submission.tables import Column, Table, letters
from balancedu.text import Phrase, width, wrap

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet


# The cover.
FORM = Title(zh="填报工作簿", en="Workbook to fill in")
STANDARD = Title(zh="标准", en="Standard")
DOCUMENT = Title(zh="文件", en="Document")
ISSUED = Title(zh="印发日期", en="Issued")
SHEET = Title(zh="工作表", en="Sheet")
ROW_IS = Title(zh="一行填写", en="A row is")
ASKED = Title(zh="填报项", en="Entries")
FACT = Title(zh="一项事实，按条目排列", en="one fact, in the order of the items")
HOW = Title(zh="怎样填写", en="How to fill it in")
STEPS = (
    Title(
        zh="每张工作表前两行是名称（单位）和标识，不要改动；从第三行填起，一行一个对象，行数不限。",
        en="The first two rows of each sheet are titles (units) and ids; leave them. Fill in from the third row on, "
        "as many rows as there are.",
    ),
    Title(
        zh="鼠标停在列名上，会显示该列的含义、怎样填、出处和用于哪些条目。",
        en="Rest the mouse on a heading: a note tells what counts, what may be written, the source, and which items "
        "need it.",
    ),
    Title(
        zh="没有填报的和不适用的都空着，只有确实没有才填0。空不等于零，零也不等于空。不要填“无”“/”“—”。",
        en="Leave empty what is not reported and what does not apply. Write 0 only where there really is none: empty "
        "is not zero, and zero is not empty.",
    ),
    Title(
        zh="数字用列名括号里的单位，只写数字。比例可以写98.5%，也可以写0.985。",
        en="Numbers are in the unit that the heading names, digits alone. A share may be written 98.5% or 0.985.",
    ),
    Title(
        zh="有下拉列表的，从列表中选择。是非项选“是”或“否”；“是”表示确有其事，否决项目也一样。",
        en="Where there is a drop-down, choose from it. Yes means that it is the case, for vetoes too.",
    ),
    Title(
        zh="标识按文本保存，001不会变成1。同一所学校在各张工作表里的标识要一致。",
        en="Ids are text: 001 stays 001. A school has the same id in every sheet.",
    ),
    Title(
        zh="只填一个县的，“县”一列可以空着；几个县填在一起的，每一行都要写明是哪个县。",
        en="The county may be left empty where there is one; with several, every row names its own.",
    ),
    Title(
        zh="不要合并单元格，不要加合计行。没有数据的列和工作表留空即可，相应的条目判为待定。",
        en="Merge no cells and add no totals. Columns and sheets without data stay empty; what needs them is then "
        "unknown.",
    ),
    Title(
        zh="填好后保存，运行 balancedu check 检查，改好列出的单元格，再运行 balancedu evaluate 得出结论；"
        "命令后面写本文件的名称。",
        en="Save it, run balancedu check and mend the cells that it lists, then balancedu evaluate gives the verdict; "
        "both are followed by the name of this file.",
    ),
)

# What a cell may hold.
TEXT = Title(zh="文字", en="text")
USUAL = Title(zh="文字，通常为{}", en="text, usually {}")
CHOOSE = Title(zh="从下拉列表中选择：{}", en="choose from the list: {}")
WHOLE = Title(zh="整数", en="a whole number")
NUMBER = Title(zh="数", en="a number")
SHARE = Title(zh="比例，如98.5%", en="a share, such as 98.5%")
A_DAY = Title(zh="日期，如2015-12-31", en="a day, such as 2015-12-31")
AT_LEAST = Title(zh="不小于{}", en="{} or more")
AT_MOST = Title(zh="不大于{}", en="{} or less")
REFUSED = Title(zh="填写有误", en="This cannot be")
FROM_THE_LIST = Title(zh="请从下拉列表中选择。", en="Choose from the list.")
MUST_BE = Title(zh="“{}”应填{}。", en="“{}” must be {}.")

# Notes.
WRITE = Title(zh="填写：{}。", en="Write {}.")
PART_OF = Title(zh="包含在“{}”之内，不能更大。", en="Part of “{}”, which it cannot exceed.")
FROM_COUNTS = Title(
    zh="填了{}的，可以空着，由程序算出。", en="May stay empty where {} are given; it follows from them."
)
SOURCE = Title(zh="出处：{}", en="Source: {}")
NEEDED_BY = Title(zh="用于：{}", en="Needed by: {}")
NOTHING_NEEDS_IT = Title(zh="用于：识别和说明，不参与判定", en="Needed by: no item; it names and describes")

COMMA = Title(zh="、", en=", ")
CLAUSE = Title(zh="，", en=", ")


Lists = Mapping[tuple[str, ...], str]
"""Where the choices of each drop-down stand, as a formula."""
_LONGEST_MESSAGE = 255
_FIRST_DAY = date(1900, 1, 1)
"""The first day that Excel knows."""


def choices(measure: Measure, lang: Language) -> tuple[str, ...]:
    """Return what the drop-down of a measure offers; nothing where it has none."""
    titles: tuple[Title, ...] = (YES, NO) if measure.type == "yes_no" else measure.usual
    if measure.values:
        titles = tuple(choice.title for choice in measure.values)
    return tuple(title.text(lang) for title in titles)


def lists_of(standard: Standard, lang: Language) -> Lists:
    """Return where the choices of every drop-down stand: one column of the sheet of lists for each."""
    offered = dict.fromkeys(choices(measure, lang) for measure in standard.measures.values())
    filled = [entry for entry in offered if entry]
    return {
        entry: f"='{LISTS.text(lang)}'!${letters(n)}$1:${letters(n)}${len(entry)}" for n, entry in enumerate(filled)
    }


def allowed(measure: Measure, lang: Language) -> str:
    """Return in words what may be written.

    Examples
    --------
    >>> from balancedu.core.loading import load_standard
    >>> allowed(load_standard("cn-2017").measures["pupils_primary"], "zh")
    '整数，不小于0'
    """
    offered = COMMA.text(lang).join(choices(measure, lang))
    if offered:
        return (USUAL if measure.type == "text" else CHOOSE).text(lang).format(offered)
    kinds = {"count": WHOLE, "number": NUMBER, "share": SHARE, "day": A_DAY}
    return CLAUSE.text(lang).join([kinds.get(measure.type, TEXT).text(lang), *_limits(measure, lang)])


def _limits(measure: Measure, lang: Language) -> Iterator[str]:
    limits = measure.range
    for words_of, limit in (
        (AT_LEAST, limits.least if limits else None),
        (AT_MOST, limits.most if limits else None),
    ):
        if limit is not None:
            shown = f"{(limit * 100).normalize():f}%" if measure.type == "share" and limit else f"{limit.normalize():f}"
            yield words_of.text(lang).format(shown)


def validation(measure: Measure, lists: Lists, lang: Language) -> dict[str, Any] | None:
    """Return how Excel checks what is typed, as XlsxWriter takes it; None where anything may be."""
    offered = choices(measure, lang)
    if offered:
        check: dict[str, Any] = {"validate": "list", "source": lists[offered]}
        message = FROM_THE_LIST.text(lang)
    elif measure.type == "text":
        return None
    elif measure.type == "day":
        check = {"validate": "date", "criteria": ">=", "value": _FIRST_DAY}
        message = MUST_BE.text(lang).format(measure.title.text(lang), allowed(measure, lang))
    else:
        least, most = _ends(measure)
        kind = "integer" if measure.type == "count" else "decimal"
        check = {"validate": kind, "criteria": "between", "minimum": least, "maximum": most}
        message = MUST_BE.text(lang).format(measure.title.text(lang), allowed(measure, lang))
    if measure.type == "text":
        return check | {"show_error": False}
    return check | {"error_title": REFUSED.text(lang), "error_message": message[:_LONGEST_MESSAGE]}


def _ends(measure: Measure) -> tuple[float, float]:
    """Return the smallest and the largest possible value, as reading knows them too."""
    least = measure.range.least if measure.range else None
    most = measure.range.most if measure.range else None
    if most is None:
        most = MOST_SHARE if measure.type == "share" else Decimal(MOST)
    return float(-Decimal(MOST) if least is None else least), float(most)


def number_format(measure: Measure) -> str:
    """Return how a cell shows what it holds."""
    return {"count": "0", "number": "General", "share": "0.00%", "day": "yyyy-mm-dd"}.get(measure.type, "@")


_COLUMNS = 44
"""Characters in a line of a note, and so its width."""
_PIXELS = (7, 17)
"""Of a character of a note: wide and high."""


def note_of(measure: Measure, standard: Standard, lang: Language) -> str:
    """Return the note on a measure.

    Examples
    --------
    >>> from balancedu.core.loading import load_standard
    >>> std = load_standard("cn-2017")
    >>> print(note_of(std.measures["indoor_sports_area"], std, "zh"))
    室内体育用房面积（平方米）
    包含在教学及辅助用房之内；没有的填0
    填写：数，不小于0。
    包含在“教学及辅助用房面积”之内，不能更大。
    出处：申报表及填表说明 表Ⅱ-2
    用于：R4 教学及辅助用房、R5 体育运动场馆
    """
    return "\n".join(_lines(measure, standard, lang))


def _lines(measure: Measure, standard: Standard, lang: Language) -> Iterator[str]:
    yield heading(measure, lang)
    if measure.definition:
        yield measure.definition.text(lang)
    yield WRITE.text(lang).format(allowed(measure, lang))
    if measure.part_of:
        yield PART_OF.text(lang).format(standard.measures[measure.part_of].title.text(lang))
    if measure.follows_from:
        counts = [f"“{standard.measures[name].title.text(lang)}”" for name in measure.follows_from]
        yield FROM_COUNTS.text(lang).format(COMMA.text(lang).join(counts))
    yield SOURCE.text(lang).format(measure.source)
    if measure.source.note:
        yield measure.source.note
    needed = [entry_title(entry, standard, lang) for entry in measure.needed_by]
    if needed:
        yield NEEDED_BY.text(lang).format(COMMA.text(lang).join(needed))
    else:
        yield NOTHING_NEEDS_IT.text(lang)


def entry_title(entry: str, standard: Standard, lang: Language) -> str:
    """Return an item or indicator as forms name it."""
    name = standard.indicators[entry].name if entry in standard.indicators else standard.items[entry].name
    return f"{entry} {name.text(lang)}"


def write_note(sheet: Worksheet, row: int, column: int, text: str) -> None:
    """Put a note on a cell, large enough to be read."""
    lines = sum(len(wrap(line, _COLUMNS)) for line in text.split("\n"))
    size = {"width": _COLUMNS * _PIXELS[0] + 20, "height": lines * _PIXELS[1] + 14}
    sheet.write_comment(row, column, text, {"author": "balancedu", "font_size": 9, **size})


Value = str | float | None
"""What a cell holds; None where nothing is reported."""
_AT_ONCE = 5000
"""Rows that are made Python objects at the same time."""


def asked_columns(standard: Standard, table: str, submitted: Collection[str] = ()) -> Mapping[str, Measure]:
    """Return the columns that a sheet has: all that the standard declares, those for bands only where they are used."""
    measures = standard.table_measures(table)
    band = BANDS.get(table)
    unused = band.columns if band else frozenset()
    if any(column in submitted for column in unused):
        return measures
    return {column: measure for column, measure in measures.items() if column not in unused}


def table_rows(submission: Submission, table: str, lang: Language) -> Iterator[Sequence[Value]]:
    """Yield the rows of a table, a value for each of the columns that the standard declares."""
    measures = asked_columns(submission.standard, table, submission.tables[table].columns)
    if is_named(submission) or "county" not in measures:
        return _rows(submission, table, lang)
    county = list(measures).index("county")
    nameless = [[*row[:county], None, *row[county + 1 :]] for row in _rows(submission, table, lang)]
    # A row that holds nothing else is there all the same; a blank one would be passed over.
    blank = any(all(value is None for value in row) for row in nameless)
    return _rows(submission, table, lang) if blank else iter(nameless)


def is_named(submission: Submission) -> bool:
    """Say whether the county has an id of its own."""
    return submission.counties != (ONLY_COUNTY,)


def _rows(submission: Submission, table: str, lang: Language) -> Iterator[Sequence[Value]]:
    columns = submission.columns(table)
    measures = asked_columns(submission.standard, table, submission.tables[table].columns)
    size = len(submission.tables[table].reported())
    for start in range(0, size, _AT_ONCE):
        stop = min(start + _AT_ONCE, size)
        some = [
            _cells(columns[name][start:stop], measure, lang) if name in columns else itertools.repeat(None)
            for name, measure in measures.items()
        ]
        for _, *row in zip(range(start, stop), *some, strict=False):
            yield row


def _cells(column: Column, measure: Measure, lang: Language) -> Iterator[Value]:
    """Yield the cells of a piece of a column."""
    values = column.tolist()
    if measure.type == "text":
        yield from (text or None for text in values)
    elif measure.type == "choice":
        titles = {choice.id: choice.title.text(lang) for choice in measure.values}
        yield from map(titles.get, values)
    elif measure.type == "yes_no":
        words = {1.0: YES.text(lang), 0.0: NO.text(lang)}
        yield from map(words.get, values)
    elif measure.type == "day":
        yield from (text or None for text in day_texts(column).tolist())
    else:
        yield from (None if math.isnan(number) else number for number in values)


def facts_by_item(standard: Standard) -> Mapping[str, tuple[Measure, ...]]:
    """Return the facts under the first item that needs them, in the order of the items; the others come last."""
    facts = [
        table_measure for table_measure in standard.table_measures("facts").values() if table_measure.column != "county"
    ]
    items = [*standard.indicators, *standard.items, ""]
    first = {fact.id: next((item for item in items if item in fact.needed_by), "") for fact in facts}
    return {item: some for item in items if (some := tuple(fact for fact in facts if first[fact.id] == item))}


@attrs.frozen
class FactRow:
    """A fact of a county."""

    county: str
    item: str
    measure: Measure
    value: Value
    evidence: str


def fact_rows(submission: Submission, lang: Language) -> Iterator[FactRow]:
    """Yield every fact of every county, reported or not; for an empty submission, those of one county.

    Counties that reported facts come first, in their order.
    """
    facts, counties = submission.facts, submission.counties
    grouped = facts_by_item(submission.standard)
    values = {
        entry.id: [
            *_cells(facts.texts(entry.column) if entry.type == "text" else facts.numbers(entry.column), entry, lang)
        ]
        or [None]
        for some in grouped.values()
        for entry in some
    }
    for n in np.lexsort((facts.rows, facts.rows < 0)).tolist() if counties else [0]:
        county = counties[n] if counties else ""
        for item, some in grouped.items():
            for entry in some:
                result = submission.evidence.get((county, entry.column), "")
                yield FactRow(county if is_named(submission) else "", item, entry, values[entry.id][n], result)


LAST_ROW = 1_048_575
"""The last row that a sheet can have, counted from 0."""
HEADING: Mapping[str, Any] = {"bold": True, "align": "center", "bg_color": "#E8EDF2"}
_ID: Mapping[str, Any] = {"font_size": 8, "font_color": "#7F7F7F", "align": "center", "bg_color": "#E8EDF2"}
_ENTRY: Mapping[str, Any] = {"border": 0, "text_wrap": False}
_NARROW, _WIDE = 15, 28
_UPRIGHT, _PAGE = 100, 190
"""Characters that fit on the width of a page and can still be read: upright, and across."""


def write_table(book: Book, submission: Submission, table: str, title: str, lists: Lists) -> None:
    """Write the sheet of a table: headings with their notes, columns that know what they hold, and its rows."""
    sheet = book.sheet(title)
    measures = tuple(asked_columns(submission.standard, table, submission.tables[table].columns).values())
    widths = [_width(measure, book) for measure in measures]
    looks = [book.look(num_format=number_format(measure), **_ENTRY) for measure in measures]
    for n, (measure, columns, look) in enumerate(zip(measures, widths, looks, strict=True)):
        sheet.set_column(n, n, columns, look.plain)
        check = validation(measure, lists, book.lang)
        if check:
            sheet.data_validation(FIRST, n, LAST_ROW, n, check)
    for n, measure in enumerate(measures):
        # Of a row that is left behind nothing can be written any more, and a note neither.
        write_note(sheet, TITLES, n, note_of(measure, submission.standard, book.lang))
    write_head(book, sheet, [(heading(entry, book.lang), entry.column) for entry in measures], widths)
    kept = sum(1 for _ in itertools.takewhile(lambda entry: entry.type == "text", measures))
    set_page(book, sheet, kept, sum(widths))
    for row, cells in enumerate(table_rows(submission, table, book.lang), FIRST):
        for column, (cell, look) in enumerate(zip(cells, looks, strict=True)):
            if isinstance(cell, float):
                look.number(sheet, row, column, cell)
            elif cell is not None:
                look.text(sheet, row, column, cell)


def _width(measure: Measure, book: Book) -> int:
    """Return the width of a column: its entries fit, and no word of its title is cut."""
    longest = max((width(choice) for choice in choices(measure, book.lang)), default=0) + 4
    words = max(width(word) for word in heading(measure, book.lang).split()) if book.lang == "en" else 0
    return max(_NARROW, longest, words + 2, _WIDE if measure.column == "name" else 0)


def write_head(book: Book, sheet: Worksheet, titles: Sequence[tuple[str, str]], widths: Sequence[int]) -> None:
    """Write the two rows above the data."""
    # Bold letters are wider than those that the width of a column counts, small ones narrower.
    tall = max(len(wrap(title, columns * 10 // 11)) for (title, _), columns in zip(titles, widths, strict=True))
    deep = max(-(-len(name) // (columns + 1)) for (_, name), columns in zip(titles, widths, strict=True))
    sheet.set_row(TITLES, LINE * tall + 4)
    sheet.set_row(IDS, LINE * deep)
    for row, look in ((TITLES, HEADING), (IDS, _ID)):
        for column, names in enumerate(titles):
            book.text(sheet, row, column, names[row], **look)


def set_page(book: Book, sheet: Worksheet, kept: int, columns: int) -> None:
    """Keep the headings in sight, on the screen and on every page."""
    sheet.freeze_panes(FIRST, kept)
    sheet.repeat_rows(TITLES, IDS)
    pages = -(-columns // _PAGE)
    if pages > 1 and kept:
        sheet.repeat_columns(0, kept - 1)
    book.printed(sheet, landscape=columns > _UPRIGHT, pages_wide=pages)


def write_lists(book: Book, lists: Lists) -> None:
    """Write the hidden sheet of what the drop-downs offer, a list in each column."""
    sheet = book.sheet(LISTS.text(book.lang))
    sheet.hide()
    for row, texts in enumerate(itertools.zip_longest(*lists, fillvalue="")):
        for column, text in enumerate(texts):
            if text:
                book.text(sheet, row, column, text)


_WIDTHS = {"county": 11, "item": 26, "title": 52, "fact": 34, "value": 13, "unit": 11, "evidence": 40}
_COLUMNS_facts = {name: n for n, name in enumerate(FACT_COLUMNS)}
_LETTER = chr(ord("A") + _COLUMNS_facts["value"])
_ENTRY_facts = {"bg_color": "#FFF9E5"}
_AREAS = 500
"""Areas of one check; Excel does not take a list of any length."""


def write_facts(book: Book, submission: Submission, title: str, lists: Lists) -> None:
    """Write the sheet of facts."""
    sheet = book.sheet(title)
    for name, n in _COLUMNS_facts.items():
        sheet.set_column(n, n, _WIDTHS[name])
    write_head(
        book,
        sheet,
        [(fact_column.text(book.lang), name) for name, fact_column in FACT_COLUMNS.items()],
        list(_WIDTHS.values()),
    )
    set_page(book, sheet, _COLUMNS_facts["value"], sum(_WIDTHS.values()))
    asked = dict(_asked(book, submission.standard))
    rows: dict[str, list[int]] = {}
    for row, fact in enumerate(fact_rows(submission, book.lang), FIRST):
        asked[fact.measure.id].write(sheet, row, fact)
        if fact.measure.id not in rows:
            write_note(sheet, row, _COLUMNS_facts["title"], note_of(fact.measure, submission.standard, book.lang))
        rows.setdefault(fact.measure.id, []).append(row)
    _check(book, sheet, [(submission.standard.measures[name], some) for name, some in rows.items()], lists)


def _check(book: Book, sheet: Worksheet, asked: Sequence[tuple[Measure, list[int]]], lists: Lists) -> None:
    """Have Excel check the values, each fact in the rows of all counties."""
    column = _COLUMNS_facts["value"]
    for measure, rows in asked:
        check = validation(measure, lists, book.lang)
        for n in range(0, len(rows), _AREAS) if check else ():
            areas = " ".join(f"{_LETTER}{row + 1}" for row in rows[n : n + _AREAS])
            sheet.data_validation(rows[n], column, rows[n], column, {**(check or {}), "multi_range": areas})


@attrs.frozen
class _Asked:
    """A fact as it is asked for in the row of every county."""

    texts: Mapping[str, str]
    looks: Mapping[str, Look]
    lines: int

    def write(self, sheet: Worksheet, row: int, fact: FactRow) -> None:
        """Write a row: what is asked, what was reported, and the cells that are to be filled in."""
        sheet.set_row(
            row,
            LINE * max(self.lines, _lines_facts(fact.evidence, "evidence"), _lines_facts(fact.county, "county")) + 2,
        )
        for name, text in {**self.texts, "county": fact.county, "evidence": fact.evidence}.items():
            self._text(sheet, row, name, text)
        if isinstance(fact.value, float):
            self.looks["value"].number(sheet, row, _COLUMNS_facts["value"], fact.value)
        else:
            self._text(sheet, row, "value", fact.value or "")

    def _text(self, sheet: Worksheet, row: int, name: str, text: str) -> None:
        if text:
            self.looks[name].text(sheet, row, _COLUMNS_facts[name], text)
        else:
            sheet.write_blank(row, _COLUMNS_facts[name], None, self.looks[name].plain)


def _asked(book: Book, standard: Standard) -> Iterator[tuple[str, _Asked]]:
    """Yield every fact; a line is drawn above the first of each item."""
    for item, measures in facts_by_item(standard).items():
        for measure in measures:
            texts = {
                "item": entry_title(item, standard, book.lang) if item else "",
                "title": measure.title.text(book.lang),
                "fact": measure.column,
                "unit": measure.unit.text(book.lang) if measure.unit else "",
            }
            edge = {"top": 2} if measure is measures[0] else {}
            looks = {name: book.look(num_format="@", **edge) for name in FACT_COLUMNS}
            looks["value"] = book.look(num_format=number_format(measure), **_ENTRY_facts, **edge)
            looks["evidence"] = book.look(num_format="@", **_ENTRY_facts, **edge)
            yield measure.id, _Asked(texts, looks, max(_lines_facts(text, name) for name, text in texts.items()))


def _lines_facts(text: str, column: str) -> int:
    return sum(len(wrap(line, _WIDTHS[column])) for line in text.split("\n"))


_WIDTHS_cover = (18, 60, 10)
_LOOSE: Mapping[str, Any] = {"border": 0}


def write_cover(book: Book, standard: Standard, titles: Mapping[str, str]) -> None:
    """Write the first sheet; `titles` are the names of the others."""
    sheet = book.sheet(COVER.text(book.lang))
    for n, columns in enumerate(_WIDTHS_cover):
        sheet.set_column(n, n, columns)
    sheet.hide_gridlines(2)
    writer = _Cover(book, sheet, standard)
    row = writer.head()
    row = writer.contents(row + 1, titles)
    writer.steps(row + 1)
    book.printed(sheet, landscape=False)


@attrs.frozen
class _Cover:
    book: Book
    sheet: Worksheet
    standard: Standard

    def head(self) -> int:
        """Write the title and the standard; return the next row."""
        lang = self.book.lang
        self._across(0, self.standard.title.text(lang), font_size=16, bold=True, align="center")
        self._across(1, FORM.text(lang), font_size=13, align="center")
        row = 3
        for title, text in self._about():
            self.book.text(self.sheet, row, 0, title, bold=True, **_LOOSE)
            self.book.text(self.sheet, row, 1, text, **_LOOSE)
            row += 1
        return row

    def _about(self) -> Iterator[tuple[str, str]]:
        lang, head = self.book.lang, self.standard.head
        yield STANDARD.text(lang), head.title.text(lang)
        yield EDITION.text(lang), head.id
        yield DOCUMENT.text(lang), head.document
        yield ISSUED.text(lang), head.issued
        for overlay in self.standard.applied:
            issued = COMMA.text(lang) + overlay.issued if overlay.issued else ""
            text = NAMED.text(lang).format(overlay.title.text(lang), overlay.id, overlay.document + issued)
            yield OVERLAY.text(lang), text
        if self.standard.day:
            yield DAY.text(lang), self.standard.day

    def contents(self, row: int, titles: Mapping[str, str]) -> int:
        """Write what the sheets are; return the next row."""
        lang = self.book.lang
        for column, title in enumerate((SHEET, ROW_IS, ASKED)):
            self.book.text(self.sheet, row, column, title.text(lang), **HEADING)
        for table, name in titles.items():
            row += 1
            is_facts = table == "facts"
            what = FACT if is_facts else self.standard.tables[table].row
            address = name.replace("'", "''")
            self.sheet.write_url(row, 0, f"internal:'{address}'!A1", self.book.format(font_color="#1F5C99"), name)
            self.book.text(self.sheet, row, 1, what.text(lang))
            size = sum(len(some) for some in facts_by_item(self.standard).values())
            size = size if is_facts else len(asked_columns(self.standard, table))
            self.book.number(self.sheet, row, 2, size, align="center")
        return row + 1

    def steps(self, row: int) -> None:
        """Write how to fill it in."""
        self._across(row, HOW.text(self.book.lang), bold=True, font_size=13)
        for number, step in enumerate(STEPS, 1):
            self._across(row + number, f"{number}. {step.text(self.book.lang)}", valign="top")

    def _across(self, row: int, text: str, **look: Any) -> None:
        """Write a text over the whole width."""
        lines = len(wrap(text, sum(_WIDTHS_cover) * 10 // look.get("font_size", 10)))
        self.sheet.set_row(row, LINE * lines * look.get("font_size", 10) / 10 + 4)
        self.sheet.merge_range(row, 0, row, len(_WIDTHS_cover) - 1, "", self.book.format(**_LOOSE, **look))
        self.book.text(self.sheet, row, 0, text, **_LOOSE, **look)


_LONGEST_CELL = 32_767
"""Characters that a cell of a workbook can hold."""


def write_template(
    path: str | PathLike[str],
    *,
    standard: str | PathLike[str] | Standard = DEFAULT_STANDARD,
    lang: Language = "zh",
    replace: bool = False,
) -> None:
    """Write an empty workbook for a county to fill in.

    Parameters
    ----------
    path : path
        Of the workbook to write.
    standard : id, path or Standard
        Whose measures are asked for. Everything about them is taken from its `measures.yaml`.
    lang : 'zh' or 'en'
    replace : bool
        Whether an existing file is replaced.

    Raises
    ------
    MissingExtraError
        If XlsxWriter is not installed.
    RequestError
        If the path does not end in .xlsx.
    OSError
        If the file cannot be written.

    Examples
    --------
    >>> import balancedu as be, tempfile, pathlib
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "county.xlsx")
    ...     be.write_template(path)
    ...     path.stat().st_size > 10_000
    True
    """
    std = load_standard(standard)
    tables = {name: Table.empty(name) for name in ("schools", *DETAILS, "monitoring", "facts")}
    _write(Submission.of_tables(std, (), tables), path, lang, Phrase("生成填报工作簿", "a template"), replace=replace)


def write_submission(
    submission: Submission, path: str | PathLike[str], *, lang: Language = "zh", replace: bool = False
) -> None:
    """Write what counties report as the workbook that they fill in; reading it gives the same submission.

    Parameters
    ----------
    submission : Submission
        Of one county or many.
    path : path
        Of the workbook to write.
    lang : 'zh' or 'en'
        The language of titles, choices, and yes and no. The reader knows both.
    replace : bool
        Whether an existing file is replaced.

    Raises
    ------
    MissingExtraError
        If XlsxWriter is not installed.
    RequestError
        If the path does not end in .xlsx, a table has more rows than a sheet, or a text more letters than a cell.
    OSError
        If the file cannot be written.

    Notes
    -----
    Numbers keep all their digits. Text that looks like a formula is text.

    Examples
    --------
    >>> import balancedu as be, tempfile, pathlib
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "county.xlsx")
    ...     be.write_submission(be.example("failing"), path)
    ...     path.stat().st_size > 10_000
    True
    """
    _write(submission.submitted, path, lang, Phrase("生成工作簿", "a workbook"), replace=replace)


def _write(
    submission: Submission, path: str | PathLike[str], lang: Language, purpose: Phrase, *, replace: bool
) -> None:
    standard = submission.standard
    check_target(path, replace=replace)
    _refuse_what_does_not_fit(submission)
    titles, lists = sheet_titles(standard, lang), lists_of(standard, lang)
    file: dict[str, Any] = {"title": standard.title.text(lang), "subject": standard.documents, "purpose": purpose}
    with new_book(path, lang, **file, streamed=True, replace=replace) as book:
        write_cover(book, standard, titles)
        for table, title in titles.items():
            if table == "facts":
                write_facts(book, submission, title, lists)
            else:
                write_table(book, submission, table, title, lists)
        write_lists(book, lists)


def _refuse_what_does_not_fit(submission: Submission) -> None:
    facts = sum(len(some) for some in facts_by_item(submission.standard).values())
    sizes = {name: len(table) for name, table in submission.tables.items()} | {
        "facts": facts * len(submission.counties)
    }
    for name, size in sizes.items():
        if size > LAST_ROW + 1 - FIRST:
            most = f"a sheet holds {LAST_ROW + 1 - FIRST:,} rows"
            raise RequestError(f"{name}: found {size:,} rows, and {most}; write the counties in several workbooks")
    for (county, fact), text in submission.evidence.items():
        if len(text) > _LONGEST_CELL:
            most = f"a cell holds {_LONGEST_CELL:,}"
            raise RequestError(f"evidence of {fact} of county {county!r}: found {len(text):,} characters, and {most}")
