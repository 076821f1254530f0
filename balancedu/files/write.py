"""A submission as the workbook that counties fill in, or as one for each county or school; empty as the template."""

from __future__ import annotations

import itertools
import math
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from balancedu.calculator.groups import Ints
from balancedu.core.fields import Language
from balancedu.core.loading import DEFAULT_STANDARD, load_standard
from balancedu.core.model import Measure
from balancedu.core.standard import FIELDS, GENERAL, Standard
from balancedu.core.words import COMMA
from balancedu.errors import RequestError
from balancedu.files import layout
from balancedu.files.book import HEAD_COLOUR, LINE, Book, Look, new_book
from balancedu.files.narrative import NARRATIVE_COLUMNS, rows_of_narrative
from balancedu.saving import check_target
from balancedu.submission.arrange import DETAILS
from balancedu.submission.classes import BANDS, SCHOOL_YEAR
from balancedu.submission.columns import day_texts
from balancedu.submission.problems import ONLY_COUNTY
from balancedu.submission.submission import Submission
from balancedu.submission.tables import Column, Table, letters
from balancedu.text import Phrase, width, wrap

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet


CellValue = str | float | None
"""What a cell holds; None if nothing is reported."""
_AT_ONCE = 5000
"""Rows that are made Python objects at the same time."""
LAST_ROW = 1_048_575
"""The last row that a sheet can have, counted from 0."""
_LONGEST_CELL = 32_767
"""Characters that a cell of a workbook can hold."""
_NOTE_COLUMNS, _NOTE_PIXELS = 44, (7, 17)
"""Characters in a line of a note, and how wide and high each is."""
_ID: Mapping[str, Any] = {"font_size": 8, "font_color": "#7F7F7F", "align": "center", "bg_color": HEAD_COLOUR}
_ENTRY: Mapping[str, Any] = {"border": 0, "text_wrap": False}
_NOT_TO_FILL: Mapping[str, Any] = {**_ENTRY, "font_color": "#7F7F7F", "bg_color": "#F2F2F2"}
_TO_FILL = {"bg_color": "#FFF9E5"}
_NARROW, _WIDE = 15, 28
_UPRIGHT, _PAGE = 100, 190
"""Characters that fit on the width of a page and can still be read: upright, and across."""
_MOST_LINKED = 5000
"""Schools up to which names are looked up by formulas."""
_EMPTY_ROWS = {"classes": 800, "rooms": 200}
"""Rows of a template that are ready to look up names."""
_NOT_IN_NAMES = re.compile(r'[<>:"/\\|?*\x00-\x1f]')
_LONGEST_NAME = 80
"""Of a file."""
_AREAS = 500
"""Areas of one check; Excel does not take a list of any length."""

_Formula = Callable[[int, Mapping[str, CellValue]], tuple[str, CellValue]]
"""Gives, for the number of a row and its values, what Excel computes there, and its result."""


@attrs.frozen
class SheetColumn:
    """A column of a sheet.

    Attributes
    ----------
    title, id : str
        What is in the two rows above.
    width : int
    look : Look, optional
        Of cells that nothing is written in.
    note : str
        On the title.
    check : dict, optional
        What Excel checks, as XlsxWriter takes it.
    source : str
        The value that its cells hold; empty if they are to be filled in.
    formula : callable, optional
    """

    title: str
    id: str
    width: int
    look: Look | None = None
    note: str = ""
    check: dict[str, Any] | None = None
    source: str = ""
    formula: _Formula | None = None


def new_sheet(book: Book, title: str, columns: Sequence[SheetColumn], kept: int) -> Worksheet:
    """Return a sheet with headings that stay in sight, on the screen and on every page; some columns do, too."""
    sheet, size = book.sheet(title), sum(column.width for column in columns)
    for n, column in enumerate(columns):
        sheet.set_column(n, n, column.width, column.look.plain if column.look else None)
        if column.check:
            sheet.data_validation(layout.FIRST, n, LAST_ROW, n, column.check)
        book.heading(sheet, layout.TITLES, n, column.title)
        # Of a row that is left behind nothing can be written any more, and a note neither.
        if column.note:
            write_note(sheet, layout.TITLES, n, column.note)
    for n, column in enumerate(columns):
        book.write(sheet, layout.IDS, n, column.id, **_ID)
    sheet.freeze_panes(layout.FIRST, kept)
    sheet.repeat_rows(layout.TITLES, layout.IDS)
    pages = -(-size // _PAGE)
    if pages > 1 and kept:
        sheet.repeat_columns(0, kept - 1)
    book.printed(sheet, landscape=size > _UPRIGHT, pages_wide=pages)
    return sheet


def write_note(sheet: Worksheet, row: int, column: int, text: str) -> None:
    """Put a note on a cell, large enough to be read."""
    lines = sum(len(wrap(line, _NOTE_COLUMNS)) for line in text.split("\n"))
    size = {"width": _NOTE_COLUMNS * _NOTE_PIXELS[0] + 20, "height": lines * _NOTE_PIXELS[1] + 14}
    sheet.write_comment(row, column, text, {"author": "balancedu", "font_size": 9, **size})


def columns_to_fill(standard: Standard, table: str, submitted: Collection[str] = ()) -> Mapping[str, Measure]:
    """Return the columns that a sheet has: all that the standard declares, those for bands only where they are used."""
    measures = standard.table_measures(table)
    band = BANDS.get(table)
    unused = band.columns if band else frozenset()
    if any(column in submitted for column in unused):
        return measures
    return {column: measure for column, measure in measures.items() if column not in unused}


def table_rows(submission: Submission, table: str, lang: Language) -> Iterator[dict[str, CellValue]]:
    """Yield the rows of a table: what each holds, by the columns that the standard declares."""
    # A county without an id is not named, but a row that contains nothing else is there all the same.
    hidden = not is_named(submission) and all(row.keys() - {"county"} for row in _rows(submission, table, lang))
    for row in _rows(submission, table, lang):
        if hidden:
            row.pop("county", None)
        yield row


def is_named(submission: Submission) -> bool:
    """Return whether the county has an id of its own."""
    return submission.counties != (ONLY_COUNTY,)


def _rows(submission: Submission, table: str, lang: Language) -> Iterator[dict[str, CellValue]]:
    columns = submission.columns(table)
    measures = columns_to_fill(submission.standard, table, columns)
    for start in range(0, len(submission.tables[table].reported()), _AT_ONCE):
        some = {
            name: list(_cells(columns[name][start : start + _AT_ONCE], measure, lang))
            for name, measure in measures.items()
            if name in columns
        }
        for values in zip(*some.values(), strict=True):
            yield {name: value for name, value in zip(some, values, strict=True) if value is not None}


def _cells(column: Column, measure: Measure, lang: Language) -> Iterator[CellValue]:
    """Yield the cells of a piece of a column."""
    values = column.tolist()
    if measure.type == "text":
        yield from (text or None for text in values)
    elif measure.type == "choice":
        titles = {choice.id: choice.title.text(lang) for choice in measure.values}
        yield from map(titles.get, values)
    elif measure.type == "yes_no":
        words = {1.0: layout.YES.text(lang), 0.0: layout.NO.text(lang)}
        yield from map(words.get, values)
    elif measure.type == "day":
        yield from (text or None for text in day_texts(column).tolist())
    else:
        yield from (None if math.isnan(number) else number for number in values)


def write_table(
    book: Book, submission: Submission, table: str, title: str, lists: layout.Lists, *, again: bool = False
) -> None:
    """Write the sheet of a table: headings with their notes, columns that know what they hold, and its rows.

    Where they are to be filled in `again`, the cells for figures are empty, and those of last year are beside them.
    """
    measures = columns_to_fill(submission.standard, table, submission.tables[table].columns)
    columns = list(_columns(book, submission, table, measures, lists, again=again))
    names = itertools.takewhile(lambda column: not column.id or measures[column.id].type == "text", columns)
    sheet = new_sheet(book, title, columns, len(list(names)))
    # Of a template the rows to fill in name schools and classes by themselves.
    empty = itertools.repeat(dict[str, CellValue](), 0 if submission.counties else _EMPTY_ROWS.get(table, 0))
    for row, values in enumerate(itertools.chain(table_rows(submission, table, book.lang), empty), layout.FIRST):
        for n, column in enumerate(columns):
            formula, value = column.formula(row, values) if column.formula else ("", values.get(column.source))
            if column.look and formula:
                sheet.write_formula(row, n, formula, column.look.plain, value or "")
            elif column.look and value is not None:
                column.look.write(sheet, row, n, value)


def _columns(
    book: Book, submission: Submission, table: str, measures: Mapping[str, Measure], lists: layout.Lists, *, again: bool
) -> Iterator[SheetColumn]:
    """Yield the columns of a sheet: names beside the ids of schools, figures of last year beside those to fill in."""
    standard, lang, note = submission.standard, book.lang, layout.word("not_read", book.lang)
    grey = book.look(**_NOT_TO_FILL)
    for name, measure in measures.items():
        form, figure = layout.number_format(measure), again and measure.type in ("count", "number", "share")
        yield SheetColumn(
            layout.heading(measure, lang),
            name,
            _width(measure, book),
            book.look(num_format=form, **_ENTRY),
            layout.note_of(measure, standard, lang),
            _check_of(measure, submission, lists, lang),
            source="" if figure else name,
        )
        if figure:
            old = book.look(**_NOT_TO_FILL, num_format=form)
            yield SheetColumn(layout.LAST_YEAR.text(lang), "", 10, old, note, source=name)
        if table in DETAILS and name == "school" and "name" in standard.table_measures("schools"):
            named = _names_of_schools(submission, measures, lang)
            yield SheetColumn(layout.SCHOOL_NAME.text(lang), "", _WIDE, grey, note, formula=named)
        if table == "classes" and name == "grade" and not again and BANDS[table].count not in measures:
            named = _names_of_classes(measures, lang)
            yield SheetColumn(layout.CLASS_NAME.text(lang), "", _NARROW, grey, note, formula=named)


def _names_of_schools(submission: Submission, measures: Mapping[str, Measure], lang: Language) -> _Formula:
    """Return what names the school of a row: a formula, unless there are several counties or too many schools."""
    schools, counties = submission.tables["schools"], submission.counties
    keys = zip(schools.county.tolist(), schools.texts("school").tolist(), strict=True)
    names = dict(zip(keys, schools.texts("name").tolist(), strict=True))
    by_formula = len(counties) <= 1 and len(schools) <= _MOST_LINKED
    own = letters(list(measures).index("school"))
    ids, titles = (_cells_of_schools(submission, name, lang) for name in ("school", "name"))

    def named(row: int, values: Mapping[str, CellValue]) -> tuple[str, CellValue]:
        county = counties.index(str(values["county"])) if len(counties) > 1 else 0
        formula = f'=IFERROR(INDEX({titles},MATCH(${own}{row + 1},{ids},0))&"","")' if by_formula else ""
        return formula, names.get((county, values.get("school"))) or None

    return named


def _cells_of_schools(submission: Submission, name: str, lang: Language) -> str:
    """Return the cells of a column of the schools, as a formula names them."""
    title = layout.sheet_titles(submission.standard, lang)["schools"].replace("'", "''")
    column = letters(list(columns_to_fill(submission.standard, "schools")).index(name))
    return f"'{title}'!${column}${layout.FIRST + 1}:${column}${layout.FIRST + _MOST_LINKED}"


def _names_of_classes(measures: Mapping[str, Measure], lang: Language) -> _Formula:
    """Return what names the class of a row: its grade, and which of the school's classes of that grade it is."""
    # The name of the school is between the two.
    school, grade = letters(list(measures).index("school")), letters(list(measures).index("grade") + 1)
    seen: Counter[tuple[CellValue, CellValue]] = Counter()
    year, before, after = {"zh": ("年级", "（", "）班"), "en": ("", " (", ")")}[lang]

    def named(row: int, values: Mapping[str, CellValue]) -> tuple[str, CellValue]:
        own, key = f"${grade}{row + 1}", (values.get("school"), values.get("grade"))
        above = [f"${column}${layout.FIRST + 1}:${column}{row + 1},${column}{row + 1}" for column in (school, grade)]
        shown = f'IF(ISNUMBER(-{own}),{own}&"{year}",{own})&"{before}"&COUNTIFS({",".join(above)})&"{after}"'
        formula = f'=IF(OR(${school}{row + 1}="",{own}=""),"",{shown})'
        seen[key] += 1
        text = f"{key[1]}{year if str(key[1]).isdecimal() else ''}{before}{seen[key]}{after}"
        return formula, None if None in key else text

    return named


def _check_of(measure: Measure, submission: Submission, lists: layout.Lists, lang: Language) -> dict[str, Any] | None:
    """Return how Excel checks a column; the ids of schools are offered where there is one county."""
    refers = measure.column == "parent" or (measure.column == "school" and measure.table in DETAILS)
    if not refers or len(submission.counties) > 1:
        return layout.validation(measure, lists, lang)
    return {"validate": "list", "source": "=" + _cells_of_schools(submission, "school", lang), "show_error": False}


def _width(measure: Measure, book: Book) -> int:
    """Return the width of a column: its entries fit, and no word of its title is cut."""
    longest = max((width(choice) for choice in layout.choices(measure, book.lang)), default=0) + 4
    words = max(width(word) for word in layout.heading(measure, book.lang).split()) if book.lang == "en" else 0
    return max(_NARROW, longest, words + 2, _WIDE if measure.column == "name" else 0)


def write_lists(book: Book, lists: layout.Lists) -> None:
    """Write the hidden sheet of what the drop-downs offer, a list in each column."""
    sheet = book.sheet(layout.LISTS.text(book.lang))
    sheet.hide()
    for row, texts in enumerate(itertools.zip_longest(*lists, fillvalue="")):
        for column, text in enumerate(texts):
            if text:
                book.write(sheet, row, column, text)


def facts_by_item(standard: Standard) -> Mapping[str, tuple[Measure, ...]]:
    """Return the facts under the first item that needs them, in the order of the items.

    Those that no item needs come first: the county's name, the year, who fills it in, and what the form only prints.
    """
    facts = [measure for column, measure in standard.table_measures("facts").items() if column != "county"]
    facts.sort(key=lambda measure: measure.type != "text" and measure.column != SCHOOL_YEAR)
    items = ["", *standard.indicators, *standard.items]
    first = {fact.id: next((item for item in items if item in fact.needed_by), "") for fact in facts}
    return {item: some for item in items if (some := tuple(fact for fact in facts if first[fact.id] == item))}


_FACT_WIDTHS = {"county": 11, "item": 26, "title": 52, "fact": 34, "value": 13, "unit": 11, "evidence": 40}


def write_facts(book: Book, submission: Submission, title: str, lists: layout.Lists) -> None:
    """Write the sheet of facts: a row for each fact of each county, reported or not."""
    standard, names = submission.standard, list(layout.FACT_COLUMNS)
    columns = [SheetColumn(layout.FACT_COLUMNS[name].text(book.lang), name, _FACT_WIDTHS[name]) for name in names]
    sheet, at = new_sheet(book, title, columns, names.index("value")), names.index("value")
    about = {
        measure.id: _about_fact(book, standard, measure, item, first=measure is some[0])
        for item, some in facts_by_item(standard).items()
        for measure in some
    }
    rows: dict[str, list[int]] = {}
    for row, (county, measure, value) in enumerate(fact_rows(submission, book.lang), layout.FIRST):
        texts, looks = about[measure.id]
        evidence = submission.evidence.get((county, measure.column), "")
        values = texts | {"county": county if is_named(submission) else "", "evidence": evidence}
        values["value"] = "" if value is None else value
        for n, name in enumerate(names):
            looks[name].write(sheet, row, n, values[name])
        if measure.id not in rows:
            write_note(sheet, row, names.index("title"), layout.note_of(measure, standard, book.lang))
        rows.setdefault(measure.id, []).append(row)
    for name, some in rows.items():
        check = layout.validation(standard.measures[name], lists, book.lang)
        for n in range(0, len(some), _AREAS) if check else ():
            areas = " ".join(f"{letters(at)}{row + 1}" for row in some[n : n + _AREAS])
            sheet.data_validation(some[n], at, some[n], at, {**(check or {}), "multi_range": areas})


def _about_fact(
    book: Book, standard: Standard, measure: Measure, item: str, *, first: bool
) -> tuple[dict[str, str | float], dict[str, Look]]:
    """Return the texts of a fact's row, and how its cells look; a line is above the first of an item."""
    texts: dict[str, str | float] = {
        "item": layout.entry_title(item, standard, book.lang) if item else "",
        "title": measure.title.text(book.lang),
        "fact": measure.column,
        "unit": measure.unit.text(book.lang) if measure.unit else "",
    }
    plain: dict[str, Any] = {"num_format": "@"} | ({"top": 2} if first else {})
    looks = {name: book.look(**plain) for name in layout.FACT_COLUMNS} | {"evidence": book.look(**plain, **_TO_FILL)}
    return texts, looks | {"value": book.look(**plain | _TO_FILL | {"num_format": layout.number_format(measure)})}


def fact_rows(submission: Submission, lang: Language) -> Iterator[tuple[str, Measure, CellValue]]:
    """Yield the county, the measure and the value of every fact of every county, reported or not.

    Counties that reported facts come first, in their order; an empty submission has the facts of one county.
    """
    facts, counties = submission.facts, submission.counties
    values: list[tuple[Measure, list[CellValue]]] = []
    for measure in itertools.chain.from_iterable(facts_by_item(submission.standard).values()):
        column = facts.texts(measure.column) if measure.type == "text" else facts.numbers(measure.column)
        values.append((measure, [*_cells(column, measure, lang)] or [None]))
    for n in np.lexsort((facts.rows, facts.rows < 0)).tolist() if counties else [0]:
        for measure, cells in values:
            yield counties[n] if counties else "", measure, cells[n]


_NARRATIVE_WIDTHS = {"county": 11, "key": 10, "title": 30, "text": 50, "office": 16, "person": 12, "deadline": 14}


def write_narrative(book: Book, submission: Submission) -> None:
    """Write the sheet of what a county writes in words; of several counties, only the rows that contain a text."""
    counties = submission.counties or ("",)
    columns = [
        SheetColumn(title.text(book.lang), name, _NARRATIVE_WIDTHS.get(name, 36))
        for name, title in NARRATIVE_COLUMNS.items()
    ]
    sheet, row = new_sheet(book, layout.NARRATIVE.text(book.lang), columns, 3), layout.FIRST
    label, grey = book.look(num_format="@", valign="top"), book.look(bg_color="#F2F2F2")
    entry = book.look(num_format="@", valign="top", **_TO_FILL)
    for county in counties:
        texts = submission.narrative_of(county) if submission.counties else {}
        for key, title in rows_of_narrative(submission.standard, book.lang).items():
            keys = {name: key if name == "text" else f"{key}.{name}" for name in (*FIELDS, "text")}
            if len(counties) > 1 and not any(name in texts for name in keys.values()):
                continue
            about = {"county": county if is_named(submission) else "", "key": key, "title": title}
            for n, name in enumerate(NARRATIVE_COLUMNS):
                look = label if name in about else entry if (name == "text") == (key in GENERAL) else grey
                text = texts.get(keys[name], "") if look is entry else about.get(name, "")
                look.write(sheet, row, n, text)
            row += 1


_COVER_WIDTHS = (18, 60, 10)
_LOOSE: Mapping[str, Any] = {"border": 0}


def write_cover(book: Book, standard: Standard, titles: Mapping[str, str]) -> None:
    """Write the first sheet: what the workbook is for, its sheets, and how to fill it in."""
    sheet, lang = book.sheet(layout.COVER.text(book.lang)), book.lang
    for n, columns in enumerate(_COVER_WIDTHS):
        sheet.set_column(n, n, columns)
    sheet.hide_gridlines(2)
    _across(book, sheet, 0, standard.title.text(lang), font_size=16, bold=True, align="center")
    _across(book, sheet, 1, layout.word("form", lang), font_size=13, align="center")
    row = 3
    for title, text in _about(standard, lang):
        book.write(sheet, row, 0, title, bold=True, **_LOOSE)
        book.write(sheet, row, 1, text, **_LOOSE)
        row += 1
    row += 1
    for column, name in enumerate(("sheet", "row", "entries")):
        book.heading(sheet, row, column, layout.word(name, lang))
    for name, what, size in _contents(standard, titles, lang):
        row += 1
        address = name.replace("'", "''")
        sheet.write_url(row, 0, f"internal:'{address}'!A1", book.format(font_color="#1F5C99"), name)
        book.write(sheet, row, 1, what)
        book.write(sheet, row, 2, size, align="center")
    row += 2
    _across(book, sheet, row, layout.word("how", lang), bold=True, font_size=13)
    for number, step in enumerate(layout.workbook_words().steps, 1):
        _across(book, sheet, row + number, f"{number}. {step.text(lang)}", valign="top")
    book.printed(sheet, landscape=False)


def _about(standard: Standard, lang: Language) -> Iterator[tuple[str, str]]:
    """Yield the standard, its overlays and its day, as the reader finds them again."""
    head = standard.head
    yield layout.word("standard", lang), head.title.text(lang)
    yield layout.EDITION.text(lang), head.id
    yield layout.word("document", lang), head.document
    yield layout.word("issued", lang), head.issued
    for overlay in standard.applied:
        issued = COMMA.text(lang) + overlay.issued if overlay.issued else ""
        yield (
            layout.OVERLAY.text(lang),
            layout.NAMED.text(lang).format(overlay.title.text(lang), overlay.id, overlay.document + issued),
        )
    if standard.day:
        yield layout.AS_OF.text(lang), standard.day


def _contents(standard: Standard, titles: Mapping[str, str], lang: Language) -> Iterator[tuple[str, str, int]]:
    """Yield the name of each sheet, what a row of it is, and how much it requires."""
    for table, name in titles.items():
        if table == "facts":
            yield name, layout.word("fact", lang), sum(len(some) for some in facts_by_item(standard).values())
        else:
            yield name, standard.tables[table].row.text(lang), len(columns_to_fill(standard, table))
    if "facts" in titles:
        yield layout.NARRATIVE.text(lang), layout.word("texts", lang), len(FIELDS)


def _across(book: Book, sheet: Worksheet, row: int, text: str, **look: Any) -> None:
    """Write a text over the whole width."""
    size = look.get("font_size", 10)
    sheet.set_row(row, LINE * len(wrap(text, sum(_COVER_WIDTHS) * 10 // size)) * size / 10 + 4)
    sheet.merge_range(row, 0, row, len(_COVER_WIDTHS) - 1, "", book.format(**_LOOSE, **look))
    book.write(sheet, row, 0, text, **_LOOSE, **look)


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
        Whose measures are requested. Everything about them is taken from its `measures.yaml`.
    lang : 'zh' or 'en'
        The language of titles and explanations.
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
    submission: Submission,
    path: str | PathLike[str],
    lang: Language,
    purpose: Phrase,
    *,
    replace: bool,
    again: bool = False,
) -> None:
    standard = submission.standard
    check_target(path, replace=replace)
    _refuse_what_does_not_fit(submission)
    titles, lists = dict(layout.sheet_titles(standard, lang)), layout.lists_of(standard, lang)
    if again:
        titles = {table: title for table, title in titles.items() if table in ("schools", *DETAILS)}
    file: dict[str, Any] = {"title": standard.title.text(lang), "subject": standard.documents, "purpose": purpose}
    with new_book(path, lang, **file, streamed=True, replace=replace) as book:
        write_cover(book, standard, titles)
        for table, title in titles.items():
            if table == "facts":
                write_facts(book, submission, title, lists)
            else:
                write_table(book, submission, table, title, lists, again=again)
        if not again:
            write_narrative(book, submission)
        write_lists(book, lists)


def _refuse_what_does_not_fit(submission: Submission) -> None:
    facts, most = sum(len(some) for some in facts_by_item(submission.standard).values()), LAST_ROW + 1 - layout.FIRST
    for name, table in submission.tables.items():
        size = facts * len(submission.counties) if name == "facts" else len(table)
        if size > most:
            title = submission.standard.tables[name].title.zh
            zh = f"{title}有{size:,}行，一张工作表最多{most:,}行；请把各县分写在几个工作簿里"
            en = (
                f"{name}: found {size:,} rows, and a sheet holds {most:,} rows; write the counties in several workbooks"
            )
            raise RequestError(Phrase(zh, en))
    for (county, name), text in (*submission.evidence.items(), *submission.texts.items()):
        if len(text) > _LONGEST_CELL:
            zh = f"县“{county}”的{name}有{len(text):,}个字，一格最多{_LONGEST_CELL:,}个"
            en = f"the text about {name} of county {county!r}: found {len(text):,} characters, and a cell holds"
            raise RequestError(Phrase(zh, f"{en} {_LONGEST_CELL:,}"))


def split_counties(
    submission: Submission, folder: str | PathLike[str], *, lang: Language = "zh", replace: bool = False
) -> tuple[Path, ...]:
    """Write a workbook for each county, called after it; return their paths.

    Raises
    ------
    RequestError
        If there is such a file already; then none is written.
    """
    named = [submission.county_name(county) or county for county in submission.counties]
    paths = _paths(Path(folder), named, submission.counties, replace=replace)
    for county, path in zip(submission.counties, paths, strict=True):
        write_submission(submission.only(county), path, lang=lang, replace=replace)
    return paths


def split_schools(
    submission: Submission,
    folder: str | PathLike[str],
    *,
    lang: Language = "zh",
    replace: bool = False,
    progress: Callable[[Sequence[Path]], Iterable[Path]] = iter,
) -> tuple[Path, ...]:
    """Write a workbook for each school, with its campuses, classes and rooms; return their paths.

    Ids, names and types are filled in; the figures are empty, and those of last year are beside them.

    Raises
    ------
    RequestError
        If there is such a file already; then none is written.
    """
    schools = submission.schools
    ids, names, parents = (schools.texts(column).tolist() for column in ("school", "name", "parent"))
    heads = [n for n, parent in enumerate(parents) if not parent]
    called = [names[n] or ids[n] for n in heads]
    paths = _paths(Path(folder), called, [ids[n] for n in heads], replace=replace)
    for n, path in zip(heads, progress(paths), strict=True):
        same = schools.county == schools.county[n]
        own = same & ((schools.texts("school") == ids[n]) | (schools.texts("parent") == ids[n]))
        part = _of_schools(submission, np.flatnonzero(own)).submitted
        _write(part, path, lang, Phrase("生成学校填报工作簿", "a workbook of a school"), replace=replace, again=True)
    return paths


def _of_schools(submission: Submission, rows: Ints) -> Submission:
    """Return some schools of one county with their classes and rooms, and nothing else."""
    tables = {name: Table.empty(name) for name in submission.tables}
    position = np.zeros(len(submission.schools), np.intp)
    position[rows] = np.arange(rows.size)
    for name in ("schools", *DETAILS):
        table = submission.tables[name]
        part = table.part(rows if name == "schools" else np.flatnonzero(np.isin(table.school, rows)))
        tables[name] = attrs.evolve(part, county=np.zeros_like(part.county), school=position[part.school])
    county = submission.counties[int(submission.schools.county[rows[0]])]
    return Submission.of_tables(submission.standard, (county,), tables)


def _paths(folder: Path, names: Sequence[str], ids: Sequence[str], *, replace: bool) -> tuple[Path, ...]:
    """Return the path of each workbook, by its name, with its id where several are called so."""
    if folder.exists() and not folder.is_dir():
        raise RequestError(Phrase(f"“{folder}”是文件，应为文件夹", f"{str(folder)!r} is a file; wanted a folder"))
    folder.mkdir(parents=True, exist_ok=True)
    plain = [_NOT_IN_NAMES.sub("_", name).strip(" .")[:_LONGEST_NAME] or "_" for name in names]
    repeated = {name.casefold() for name in plain if sum(other.casefold() == name.casefold() for other in plain) > 1}
    paths = []
    for name, identity in zip(plain, ids, strict=True):
        number = f"-{_NOT_IN_NAMES.sub('_', identity)}" if name.casefold() in repeated else ""
        paths.append(folder / f"{name}{number}.xlsx")
    for path in paths:
        check_target(path, replace=replace)
    return tuple(paths)
