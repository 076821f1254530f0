"""Sheets become tables: which table each sheet is, and what is read of it."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from typing import cast, get_args

import attrs
import numpy as np

from balancedu.core.fields import Language, Title, plain
from balancedu.core.loading import DEFAULT_STANDARD, Entry, available_overlays, available_standards, load_standard
from balancedu.core.model import split_terms
from balancedu.core.standard import SECTIONS, Standard
from balancedu.errors import BalanceduError, DataError, near
from balancedu.files.bands import Bands, bands_in, table_of_bands, with_stages_of_schools
from balancedu.files.binding import text_of
from balancedu.files.facts import FactRows, can_be_read, facts_of
from balancedu.files.headers import MOST_ABOVE, Headers, best_headers, bindings_of, find_headers, headers_of, path_text
from balancedu.files.layout import COVER, DAY, EDITION, NAMED, OVERLAY, OWN, sheet_titles
from balancedu.files.layouts import FORM_ENDING, FilledForm, Form, FormReader, mapped_form, recognised
from balancedu.files.mapping import MAPPING_FILE, MappedSheet, ReadMapping
from balancedu.files.merge import one_table
from balancedu.files.naming import (
    joined_schools,
    refuse_counted_twice,
    rows_of,
    with_county,
    with_ids_for_names,
    with_names_as_ids,
)
from balancedu.files.narrative import Text, by_county, is_narrative, texts_of
from balancedu.files.official import OfficialSheet, facts_of_forms, official_sheet
from balancedu.files.open import WORKBOOKS, cannot_read, sheets_of
from balancedu.files.quantities import kind_of
from balancedu.files.rows import Body, DataRows, Ids
from balancedu.files.sheet import Cell, Row, Sheet
from balancedu.files.spread import spread_in, spread_table
from balancedu.files.statistics import figures_of, form_of, school_of_forms
from balancedu.files.text import NOT_TEXT, decoded
from balancedu.files.units import split_unit
from balancedu.files.vocabulary import vocabulary
from balancedu.submission.arrange import COLUMN, DETAILS, FACT, typed_facts, unknown_of, without
from balancedu.submission.problems import Note, Problems
from balancedu.submission.tables import Origin, Place, RawTable, TableLike, columns_of, is_rows
from balancedu.text import NO_WORDS, Phrase, listed, one_of


@attrs.define
class Guard:
    """The rows of a sheet up to where it cannot be read on; the error is noted."""

    rows: Iterator[Row]
    problems: Problems
    broken: bool = False

    def __iter__(self) -> Iterator[Row]:
        try:
            yield from self.rows
        except DataError as error:
            self.broken = True
            self.problems.found.append(error)


@attrs.frozen
class Opened:
    """A sheet whose first rows were read.

    Attributes
    ----------
    sheet : Sheet
    called : str
        Its name, or that of the text file without its ending.
    top : list of Row
        The rows that it begins with.
    rest : iterable of Row
    guard : Guard
    """

    sheet: Sheet
    called: str
    top: list[Row]
    rest: Iterable[Row]
    guard: Guard

    @classmethod
    def of(cls, sheet: Sheet, problems: Problems) -> Opened:
        """Open a sheet."""
        guard = Guard(sheet.rows(), problems)
        rows = iter(guard)
        called = sheet.name or sheet.file.rpartition(".")[0]
        return cls(sheet, called, list(itertools.islice(rows, MOST_ABOVE)), rows, guard)

    @property
    def place(self) -> Place:
        """The file, and the sheet of a workbook."""
        return Place(self.sheet.file, self.sheet.name)

    def below(self, row: int) -> Iterable[Row]:
        """Return the rows below one; they can be read once, unless all rows are kept."""
        return itertools.chain((entry for entry in self.top if entry[0] > row), self.rest)

    def kept(self) -> Opened:
        """Return the sheet with all of its rows, so that they can be read again."""
        return attrs.evolve(self, rest=list(self.rest))


_RESULTS = re.compile(r"\s*(?:附?表\s*(?:Ⅱ-1|Ⅰ|Ⅳ|Ⅴ|Ⅵ|Ⅶ|II-1|IV|VI)(?![-0-9])|表\s*[1456](?![-0-9]))")
"""How sheets and titles of the application form begin whose figures follow from others, or are conclusions in words."""
_COUNTY_NAME = re.compile("(?:县|区|市|旗|[Cc]ounty)$")
_ID = "([A-Za-z0-9._-]+)"
_NAMED = tuple(
    re.compile(re.escape(entry).replace(r"\{\}", "(.+?)", 1).replace(r"\{\}", _ID, 1).replace(r"\{\}", ".+"))
    for entry in (NAMED.zh, NAMED.en)
)
_PEOPLE = "姓名 教师姓名 性别 身份证号 学历 最高学历 学位 学科 任教学科 职称 教龄 出生年月 民族 教师资格证 教师资格证号"
_OF_PEOPLE = frozenset(_PEOPLE.split())
"""Headers of lists of teachers."""
_FEWEST_OF_PEOPLE = 2
_MOST_SHOWN = 3
_MOST_OF_A_FORM = 2000
"""Rows that a form with one figure a row may have beyond its first."""


@attrs.frozen
class MadeFor:
    """What the cover of a workbook names: an edition, its overlays and their day."""

    edition: str
    overlays: tuple[str, ...] = ()
    day: str = ""

    @classmethod
    def of(cls, standard: Standard) -> MadeFor:
        """Return what the cover of a standard's own workbook names."""
        return cls(standard.head.id, tuple(standard.overlays), standard.day or "")

    @property
    def text(self) -> Phrase:
        """The name of the standard, and the day."""
        name = "+".join((self.edition, *self.overlays))
        day = Phrase(f"（适用日期{self.day}）", f" (as of {self.day})") if self.day else NO_WORDS
        return Phrase(f"“{name}”", name) + day

    @property
    def own(self) -> tuple[str, ...]:
        """What of it does not come with balancedu."""
        known = {*available_standards(), *available_overlays()}
        return tuple(entry for entry in (self.edition, *self.overlays) if entry not in known)

    @property
    def standard(self) -> Standard | None:
        """The standard; None where it does not come with balancedu, for a cover may name any file."""
        with suppress(BalanceduError, ValueError):
            return None if self.own else load_standard(self.edition, self.overlays, self.day or None)
        return None

    @property
    def options(self) -> str:
        """What a command asks for, so that it reads by this standard."""
        edition = f"--standard {self.edition}"
        words = [edition] if self.edition != DEFAULT_STANDARD or not self.overlays else []
        return " ".join(
            [*words, *(f"--overlay {overlay}" for overlay in self.overlays), *([f"--on {self.day}"] * bool(self.day))]
        )

    @property
    def argument(self) -> str:
        """What a function asks for, so that it reads by this standard."""
        if not self.overlays and not self.day:
            return f'standard="{self.edition}"'
        quoted = ", ".join(f'"{overlay}"' for overlay in self.overlays)
        more = f", [{quoted}]" if self.overlays else ""
        return f'standard=load_standard("{self.edition}"{more}' + (f', on="{self.day}")' if self.day else ")")


def made_for(sheet: Sheet, standard: Standard) -> MadeFor | None:
    """Return the standard that a cover names; None where it names none."""
    if sheet.name not in (COVER.zh, COVER.en):
        return None
    # A cover that cannot be read to its end is none of what a county reports.
    rows = Opened.of(sheet, Problems(standard)).top
    words = list(itertools.chain.from_iterable(_line([text_of(cell) for cell in cells]) for _, cells in rows))
    edition = next((text for what, text in words if what is EDITION), "")
    overlays = tuple(text for what, text in words if what is OVERLAY)
    return MadeFor(edition, overlays, next((text for what, text in words if what is DAY), "")) if edition else None


def _line(texts: list[str]) -> Iterator[tuple[Title, str]]:
    """Yield what a line of the cover says of the standard."""
    label, text = [*texts, "", ""][:2]
    what = next((entry for entry in (EDITION, OVERLAY, DAY) if label in (entry.zh, entry.en)), None)
    if what is OVERLAY:
        result = next((match for match in (entry.fullmatch(text) for entry in _NAMED) if match), None)
        text = result[2] if result else ""
    if what and text:
        yield what, text


def refuse_another_standard(made: Mapping[str, MadeFor], problems: Problems, unread: Sequence[DataError] = ()) -> bool:
    """Put one error in place of all others where a workbook was made for another standard and cannot be read by this.

    What is read by another standard on purpose, and fits, is no fault; a column that neither knows is shown unchanged.
    """
    for file, entry in made.items():
        if entry == MadeFor.of(problems.standard):
            continue
        unknown = [
            error for error in (*problems.found, *unread) if error.place.startswith(f"{file} ") and _is_unknown(error)
        ]
        if other := entry.standard if unknown else None:
            unknown = [error for error in unknown if _is_known(error, other)]
        if unknown:
            problems.found.clear()
            _refuse(file, entry, unknown, problems)
            return True
    return False


def _is_known(error: DataError, standard: Standard) -> bool:
    """Return whether a standard knows the column or fact that another one does not."""
    words, name = vocabulary(standard, error.table), error.column.rpartition(" > ")[2]
    return words.knows(name) or words.knows(split_unit(name)[0])


def _is_unknown(error: DataError) -> bool:
    """Return whether a column or fact is not known, and no overlay says that it dropped it."""
    return any(error.kind == unknown_of(word).en and error.hint != without(word).en for word in (COLUMN, FACT))


def _refuse(file: str, made: MadeFor, unknown: list[DataError], problems: Problems) -> None:
    columns = list(dict.fromkeys(error.column for error in unknown))
    shown, more, read_by = listed(columns[:_MOST_SHOWN]), len(columns) - _MOST_SHOWN, MadeFor.of(problems.standard).text
    problem = Phrase(
        f"这个工作簿是按{made.text.zh}制作的，现在按{read_by.zh}读，认不出{shown.zh}",
        f"the workbook was made for {made.text.en}, and is read by {read_by.en}, which does not know {shown.en}",
    )
    if more > 0:
        problem += Phrase(f"等{len(columns)}项", f" and {more} more")
    hint = Phrase(
        f"请加上“{made.options}”，在程序里写“{made.argument}”",
        f"read it with {made.options}, in Python {made.argument}",
    )
    if made.own:
        names = listed(made.own)
        hint += Phrase(
            f"，其中{names.zh}不是随软件附带的，要写文件名",
            f"; write the file in place of {names.en}, which does not come with balancedu",
        )
    problems.note(unknown[0].table, file, "", problem, hint)


@attrs.frozen
class Collected:
    """What was read so far."""

    standard: Standard
    mapping: ReadMapping | None = None
    forms: tuple[Form, ...] = ()
    problems: Problems = attrs.field(default=attrs.Factory(lambda self: Problems(self.standard), takes_self=True))
    notes: list[Note] = attrs.field(factory=list)
    raws: dict[str, RawTable] = attrs.field(factory=dict)
    parts: dict[str, list[RawTable]] = attrs.field(factory=dict)
    ids: dict[str, Ids] = attrs.field(factory=dict)
    evidence: dict[tuple[int, str], str] = attrs.field(factory=dict)
    places: dict[str, Place] = attrs.field(factory=dict)
    seen: list[str] = attrs.field(factory=list)
    made: dict[str, MadeFor] = attrs.field(factory=dict)
    hidden: list[str] = attrs.field(factory=list)
    unread: list[DataError] = attrs.field(factory=list)
    texts: list[Text] = attrs.field(factory=list)
    narrative: dict[tuple[str, str], str] = attrs.field(factory=dict)
    by_layout: set[Place] = attrs.field(factory=set)
    county_names: dict[str, str] = attrs.field(factory=dict)
    no_schools: dict[Place, Phrase] = attrs.field(factory=dict)
    banded: dict[Place, Bands] = attrs.field(factory=dict)
    untyped: list[tuple[Opened, Headers, Collection[int]]] = attrs.field(factory=list)
    official: list[OfficialSheet] = attrs.field(factory=list)

    def tell(self, sheet: Sheet, zh: str, en: str) -> None:
        """Keep what was decided about a sheet."""
        self.notes.append(Note(sheet.file, sheet.name, Title(zh=zh, en=en)))

    def named(self, called: str) -> str | None:
        """Return the table that a name says."""
        names = {
            plain(name): table.id
            for table in self.standard.tables.values()
            for name in (table.id, table.title.zh, table.title.en, *table.also)
        }
        for lang in get_args(Language):
            names |= {plain(name): table for table, name in sheet_titles(self.standard, lang).items()}
        return names.get(plain(called))

    def mapped(self, *names: str) -> MappedSheet | None:
        """Return what the mapping says of a sheet or file that is called by one of these names."""
        result = self.mapping.of(*names) if self.mapping else None
        return result[1] if result else None

    def take_workbook(self, sheets: Sequence[Sheet]) -> None:
        """Read the tables of a workbook: those whose sheets are called so first, then those that headers tell."""
        opened = [Opened.of(sheet, self.problems) for sheet in sheets if self._is_shown(sheet)]
        opened = self._take_statistics(opened)
        tables = [(self.named(entry.called), entry) for entry in opened]
        for table, entry in sorted(tables, key=lambda pair: pair[0] is None):
            self.take(entry, table)
        for entry in opened:
            self.tell_decisions(entry.sheet)

    def tell_decisions(self, sheet: Sheet) -> None:
        """Keep what was decided in reading the cells of a sheet."""
        for sentence in sheet.notes:
            self.tell(sheet, sentence.zh, sentence.en)

    def take(self, opened: Opened, table: str | None, *, assumed: bool = False) -> None:
        """Read a sheet: as a table, where that is known, or else as the one that its headers tell.

        A text file or a table in memory alone is assumed to be one of schools, unless its headers are
        clearly those of facts.
        """
        mapped = self.mapped(opened.called, opened.sheet.file)
        self.seen.extend((opened.called, opened.sheet.file))
        if mapped and mapped.ignore:
            self.tell(opened.sheet, "按 mapping.yaml 没有读入", "not read, as mapping.yaml says")
            return
        if mapped and mapped.orientation == "rows":
            self._take_mapped_form(opened, mapped)
            return
        if not mapped and is_narrative(opened.called):
            self.texts.extend(texts_of([*opened.top, *opened.rest], opened.sheet, self.problems))
            return
        if not mapped and (
            self._take_bands(opened) or self._take_form(opened) or self._take_spread(opened) or self._is_result(opened)
        ):
            self.by_layout.add(opened.place)
            return
        if not opened.top:
            if not opened.sheet.name and not opened.guard.broken:
                problem = Phrase("文件是空的", "the file is empty")
                hint = Phrase("请在第一行写上各列的名称", "write the names of the columns in the first line")
                self.problems.note(opened.called, opened.sheet.place(1), "", problem, hint)
            return
        if assumed and not mapped and self._is_of_facts(opened):
            table = "facts"
        self._decide(opened, mapped.table if mapped else table, mapped)

    def _take_bands(self, opened: Opened) -> bool:
        """Read a sheet that counts classes or rooms in bands; return whether it holds nothing else."""
        bands = bands_in(opened.top, opened.sheet, self.standard)
        if bands is None:
            return False
        counts = find_headers(opened.top, opened.sheet, self.standard, "schools")
        pupils = {*self.standard.head.scope.pupils.values(), "type"}
        named = {entry.column for some in counts.meanings.values() for entry in some.measures} if counts else set()
        alone = pupils.isdisjoint(named)
        if not alone:
            self.banded[opened.place] = bands
            return False
        self._read_bands(bands, opened)
        return True

    def _read_bands(self, bands: Bands, opened: Opened) -> None:
        rows = [*opened.top, *opened.rest]
        self._keep(*table_of_bands(bands, rows, opened.sheet, self.standard, self.problems), opened)

    def _keep(self, table: RawTable, notes: Iterable[Note], opened: Opened) -> None:
        """Keep a table that was read in a way of its own."""
        self.places.setdefault(table.id, opened.place)
        self.parts.setdefault(table.id, []).append(table)
        self.notes.extend(notes)

    def _take_statistics(self, opened: list[Opened]) -> list[Opened]:
        """Read the sheets that are forms of the national statistics of one school; return the others."""
        forms = {
            entry.called: form for entry in opened if not self.mapped(entry.called) and (form := form_of(entry.top))
        }
        figures = [
            figure
            for entry in opened
            if entry.called in forms
            for figure in figures_of(
                forms[entry.called],
                [*entry.top, *itertools.islice(entry.rest, _MOST_OF_A_FORM)],
                entry.sheet,
                self.standard,
            )
        ]
        if not any(figure.measure in ("school", "name") for figure in figures):
            return opened
        first = next(entry for entry in opened if entry.called in forms)
        self._keep(*school_of_forms(figures, self.standard, self.problems), first)
        self.by_layout.update(entry.place for entry in opened if entry.called in forms)
        return [entry for entry in opened if entry.called not in forms]

    def _take_spread(self, opened: Opened) -> bool:
        """Read a sheet of means and coefficients; return whether it is one."""
        if not self.standard.table_measures("spread"):
            return False
        figures = spread_in(opened.top, opened.sheet, self.standard)
        if not figures:
            return False
        self._keep(*spread_table(figures, opened.sheet, self.standard, self.problems), opened)
        return True

    def _is_result(self, opened: Opened) -> bool:
        """Return whether a sheet is a page of the application form; what is none of its facts is not read."""
        titles = [text_of(cell) for _, cells in opened.top[:2] for cell in cells[:1]]
        if not any(_RESULTS.match(text) for text in (opened.called, *titles)):
            return False
        rows = [*opened.top, *itertools.islice(opened.rest, _MOST_OF_A_FORM)]
        if official := official_sheet(rows, opened.sheet, self.standard):
            self.official.append(official)
            return True
        self.tell(
            opened.sheet, "是申报表的结论，没有读入", "it holds results of the application form, and was not read"
        )
        return True

    def _take_form(self, opened: Opened) -> bool:
        """Read a sheet that is a known form with one figure a row; return whether it is one."""
        if not recognised(opened.top, opened.sheet, self.standard, self.forms):
            return False
        rows = [*opened.top, *itertools.islice(opened.rest, _MOST_OF_A_FORM)]
        for filled in recognised(rows, opened.sheet, self.standard, self.forms):
            self._read_form(filled, opened)
        return True

    def _take_mapped_form(self, opened: Opened, mapped: MappedSheet) -> None:
        """Read a sheet of which a mapping says that it has one figure a row."""
        rows = [*opened.top, *itertools.islice(opened.rest, _MOST_OF_A_FORM)]
        filled = mapped_form(rows, opened.sheet, mapped)
        if filled is None:
            problem = Phrase(
                "找不到 mapping.yaml 所写的表头", "the headers that mapping.yaml names are not in the sheet"
            )
            hint = Phrase("请照工作表里的文字写", "write the texts as they stand in the sheet")
            self.problems.note(str(mapped.table), str(opened.place), "", problem, hint)
            return
        self._read_form(filled, opened)

    def _read_form(self, filled: FilledForm, opened: Opened) -> None:
        tables, notes = FormReader(filled, self.standard, self.problems).tables()
        for table in tables:
            self._keep(table, (), opened)
        self.notes.extend(notes)

    def _is_of_facts(self, opened: Opened) -> bool:
        best = best_headers(opened.top, opened.sheet, self.standard, None)
        schools = find_headers(opened.top, opened.sheet, self.standard, "schools")
        is_clear = best is not None and best.convincing and best.table == "facts"
        return best is not None and is_clear and best.found > (schools.found if schools else 0)

    def _decide(self, opened: Opened, table: str | None, mapped: MappedSheet | None) -> None:
        results = self._results(opened) if table in (None, "schools") and not mapped else None
        if results and not self._has_counts(opened, results):
            by_stage = results.by_stage()
            opened = opened.kept() if len(by_stage) > 1 else opened
            for entry in by_stage:
                self.read_beside(opened, entry)
            return
        headers = headers_of(opened.top, opened.sheet, self.standard, table, mapped) if table else self._new(opened)
        if headers and not self.is_taken(headers.table, opened.place):
            beside = results.by_stage() if results and headers.table == "schools" else []
            bands = self.banded.get(opened.place) if headers.table == "schools" else None
            opened = opened.kept() if beside or bands else opened
            elsewhere = {column for entry in beside for column in entry.ratios} | set(bands.columns if bands else ())
            self.read(opened, headers, elsewhere)
            for entry in beside:
                self.read_beside(opened, entry)
            if bands:
                self.by_layout.add(opened.place)
                self._read_bands(bands, opened)

    def _is_shown(self, sheet: Sheet) -> bool:
        if sheet.name in OWN and not self.mapped(sheet.name):
            if cover := made_for(sheet, self.standard):
                self.made[sheet.file] = cover
            return False
        if sheet.hidden and not self.mapped(sheet.name):
            self.hidden.append(sheet.name)
            self.tell(sheet, "工作表是隐藏的，没有读入", "the sheet is hidden, and was not read")
            return False
        return True

    def _new(self, opened: Opened) -> Headers | None:
        """Return the headers of a sheet of any name, unless it only looks like a table that was read already."""
        headers = self._recognised(opened)
        return None if headers is None or self._looks_like_another(headers, opened.sheet) else headers

    def _recognised(self, opened: Opened) -> Headers | None:
        """Return the headers of a sheet of any name; None where it is no table, which is noted."""
        sheet = opened.sheet
        possible = [find_headers(opened.top, sheet, self.standard, entry) for entry in self.standard.tables]
        result = sorted(
            (entry for entry in possible if entry), key=lambda entry: (entry.found, -len(entry.paths)), reverse=True
        )
        if not result:
            self.tell(sheet, "没有认得的表头，没有读入", "no header is known, and the sheet was not read")
            return None
        best = result[0]
        if not best.convincing:
            known = [path_text(path) for column, path in best.paths.items() if best.meanings[column].measures]
            self.tell(
                sheet,
                f"表头只认得{'、'.join(known)}，没有读入；要读，请在 mapping.yaml 里说明是哪张表",
                f"of its headers only {', '.join(known)} are known; it was not read, unless mapping.yaml binds it",
            )
            return None
        equal = [entry.table for entry in result if (entry.found, len(entry.paths)) == (best.found, len(best.paths))]
        if len(equal) > 1:
            tables = one_of(Phrase(self._title(table), table) for table in equal)
            problem = Phrase("从表头看，可能是", "by its headers the sheet may be ") + tables
            hint = Phrase(
                "请按表名命名工作表，或在 mapping.yaml 里说明是哪张表",
                "name it as the table, or say in mapping.yaml what it is",
            )
            self.problems.note(sheet.name, str(opened.place), "", problem, hint)
            return None
        return best

    def _results(self, opened: Opened) -> Headers | None:
        """Return the headers of a sheet that gives figures per pupil of schools; None where it gives none."""
        if not self.standard.table_measures(SECTIONS):
            return None
        headers = find_headers(opened.top, opened.sheet, self.standard, SECTIONS)
        return headers if headers and headers.ratios and {"school", "name"} & set(headers.columns) else None

    def _has_counts(self, opened: Opened, results: Headers) -> bool:
        """Return whether a sheet gives the counts that figures per pupil follow from, or pupils by stage."""
        counts = find_headers(opened.top, opened.sheet, self.standard, "schools")
        if counts is None:
            return False
        if bool(counts.sums) or ("type" in counts.columns and not results.columns.keys() & {"pupils"}):
            return True
        amounts = {
            name
            for indicator in self.standard.indicators.values()
            for stage in self.standard.stages
            for _, name in split_terms(indicator.terms(stage))
        }
        return not amounts.isdisjoint(counts.columns)

    def _title(self, table: str) -> str:
        title = self.standard.table_title(table)
        return title.zh if title else table

    def is_taken(self, table: str, place: Place) -> bool:
        """Return whether a table was read already, which is a fault; otherwise it is read here.

        It may stand in several sheets of one workbook, or in several text files, unless it is that of facts.
        """
        first = self.places.setdefault(table, place)
        alike = bool(first.sheet) == bool(place.sheet)
        if first is place or (alike and (table != "facts" or (first.file != place.file and bool(place.sheet)))):
            return False
        title = self._title(table)
        problem = Phrase(f"{title}表已从 {first} 读入", f"{table} stand in {first} already")
        hint = Phrase(
            "请只保留一个，或在 mapping.yaml 里略去一个", "keep one of the two, or leave one out in mapping.yaml"
        )
        self.problems.note(table, str(place), "", problem, hint)
        return True

    def _looks_like_another(self, headers: Headers, sheet: Sheet) -> bool:
        """Return whether a sheet of another name only looks like a table that was read already; note it.

        A list of teachers names schools alone, a summary of towns has figures and no school: both are no second list.
        """
        table, words = headers.table, [entry for some in headers.meanings.values() for entry in some.measures[:1]]
        first = self.places.get(table)
        names = any(entry.type == "text" and entry.column != "county" for entry in words)
        if first is None or (table != "facts" and names and any(entry.type != "text" for entry in words)):
            return False
        self.tell(
            sheet,
            f"看来也是{self._title(table)}，已从 {first} 读入，这里没有读入",
            f"looks like {table} too, which were read from {first}; it was not read",
        )
        return True

    def read_beside(self, opened: Opened, headers: Headers) -> None:
        """Read the figures per pupil of a sheet, of schools that may be read from it too."""
        if headers.binder.only or opened.place == self.places.get("schools"):
            self.by_layout.add(opened.place)
        self.places.setdefault(headers.table, opened.place)
        before = len(self.parts.get(headers.table, ()))
        self.read(opened, headers)
        for n, part in enumerate(self.parts.get(headers.table, [])[before:], before):
            filled = _with_figures(part, self.standard)
            beside_schools = opened.place == self.places.get("schools") and "stage" in filled.columns
            self.parts[headers.table][n] = self._with_stages(filled, opened.sheet) if beside_schools else filled

    def _with_stages(self, part: RawTable, sheet: Sheet) -> RawTable:
        """Return sections without those of schools of several stages, whose figures are those of the whole school."""
        stages = part.columns["stage"].tolist()
        kept = [n for n, stage in enumerate(stages) if stage != -1]
        if len(kept) == part.size:
            return part
        names = part.columns.get("name", part.columns.get("school", np.full(part.size, "")))
        left_out = listed([str(names[n]) for n, stage in enumerate(stages) if stage == -1][:_MOST_SHOWN])
        self.tell(
            sheet,
            f"{left_out.zh}的生均值没有分学段，没有读入",
            f"the figures per pupil of {left_out.en} are of no single stage, and were not read",
        )
        return rows_of(part, kept)

    def read(
        self, opened: Opened, headers: Headers, read_elsewhere: Collection[int] = (), *, last: bool = False
    ) -> None:
        """Read the rows of a sheet below its headers, but for the columns that are read as another table.

        A sheet of schools that does not say their types is read last, when other sheets may have said them.
        """
        mapped = self.mapped(opened.called, opened.sheet.file)
        if mapped and not self._fits(mapped, headers, opened):
            return
        sheet, in_rows, types = opened.sheet, headers.binder.in_rows, self._types() if last else {}
        if headers.table == "schools" and (what := self._is_no_list(headers)):
            self.no_schools[opened.place] = what
            return
        says_type = "type" in headers.columns or headers.binder.stage or (mapped and mapped.type)
        if headers.table == "schools" and not says_type and not last:
            self.untyped.append((opened, headers, read_elsewhere))
            return
        others = mapped.others if mapped else "refuse"
        typed_elsewhere = not says_type and bool(types)
        bindings = bindings_of(headers, sheet, self.problems, others=others, typed_elsewhere=typed_elsewhere)
        bindings = bindings.without(read_elsewhere)
        if in_rows and not can_be_read(headers, bindings, sheet, self.problems):
            return
        county = mapped.county if mapped and "county" not in bindings.bound else ""
        data = DataRows(sheet, headers, bindings, self.problems, mapped)
        ids = self.ids.setdefault(headers.table, Ids())
        reader = FactRows(data, county) if in_rows else Body(data, county, ids, types)
        raw, notes = reader.table(opened.below(headers.last))
        whole = raw.origin.whole and not opened.guard.broken
        parts = self.parts.setdefault(headers.table, [])
        if parts and parts[-1].origin.file == sheet.file:
            before, title = parts[-1].origin.title, self._title(headers.table)
            en = f"{headers.table} too, read after those of {before}"
            self.tell(sheet, f"也是{title}，接在 {before} 之后读入", en)
        parts.append(attrs.evolve(raw, origin=attrs.evolve(raw.origin, whole=whole)))
        self.county_names.update(data.county_names)
        self.evidence.update(reader.evidence if isinstance(reader, FactRows) else {})
        self.notes.extend(notes)
        self.unread.extend(data.unread.values())

    def _fits(self, mapped: MappedSheet, headers: Headers, opened: Opened) -> bool:
        """Return whether the sheet has each column of the mapping once; note those for which it has not."""
        fits = True
        for n, entry in enumerate(mapped.columns):
            addend = [column for column, path in headers.every_path.items() if entry.means(column, path)]
            if entry.sum:
                addend = next((some for some in entry.addends(headers.every_path) if len(some) != 1), [0])
            if len(addend) == 1 or self.mapping is None:
                continue
            fits = False
            path = f"sheets[{self.mapping.mapping.sheets.index(mapped)}].columns[{n}]"
            problem = Phrase(
                f"{opened.place} 有{len(addend)}列的表头是“{entry.text}”",
                f"{len(addend)} columns of {opened.place} have the header {entry.text!r}",
            )
            hint = Phrase(
                "请多写几层上面的表头，或用 column 写列的字母",
                "give more of the texts above it, or its letter as column",
            )
            if not addend:
                problem, hint = _no_such_header(str(opened.place), entry.text, headers)
            self.problems.found.append(self.mapping.error("mapping", path, problem, hint))
        return fits

    def finish(self) -> None:
        """Make one table of the sheets of each; then everything was seen that there is."""
        for opened, headers, read_elsewhere in self.untyped:
            self.read(opened, headers, read_elsewhere, last=True)
        self._refuse_other_lists()
        self._take_official()
        if "schools" in self.parts:
            self._name_counties()
            others = [part for table in DETAILS for part in self.parts.get(table, ())]
            self.parts["schools"] = with_names_as_ids(self.parts["schools"], others, self.notes)
        if SECTIONS in self.parts:
            self.parts[SECTIONS] = with_names_as_ids(self.parts[SECTIONS], [], self.notes)
        self._show_county_names()
        for table, parts in self.parts.items():
            raw = one_table(parts, self.standard, self.problems)
            by_school = table in ("schools", SECTIONS)
            self.raws[table] = joined_schools(raw, self.problems, self.notes) if by_school else raw
        self.parts.clear()
        if schools := self.raws.get("schools"):
            schools = self.raws["schools"] = with_ids_for_names(schools, "parent", schools, self.notes)
            refuse_counted_twice(schools, self.problems)
            for table in DETAILS:
                if table in self.raws:
                    self.raws[table] = with_ids_for_names(self.raws[table], "school", schools, self.notes)
            if "classes" in self.raws:
                self.raws["classes"] = with_stages_of_schools(self.raws["classes"], schools, self.standard)
        counties = (raw.columns["county"].tolist() for raw in self.raws.values() if "county" in raw.columns)
        self.narrative.update(by_county(self.texts, itertools.chain.from_iterable(counties), self.problems))
        self._refuse_unseen()

    def _take_official(self) -> None:
        """Read the facts of the official form, unless facts were read from a table of their own."""
        if not self.official:
            return
        if "facts" in self.parts or "facts" in self.raws:
            for entry in self.official:
                self.tell(
                    entry.sheet,
                    "县级数据已另有一张表，申报表上的没有读入",
                    "the facts of the county have a table of their own, and those of the form were not read",
                )
            return
        first: dict[tuple[str, str], Place] = {}
        for entry in self.official:
            place = Place(entry.sheet.file, entry.sheet.name)
            if (before := first.setdefault((place.file, entry.form), place)) is not place:
                problem = Phrase(f"也是{entry.form}，先见于 {before}", f"it is {entry.form} too, first in {before}")
                self.problems.note("facts", str(place), "", problem, Phrase("请只保留一份", "keep one of the two"))
        self.places.setdefault("facts", next(iter(first.values())))
        self.parts["facts"] = list(facts_of_forms(self.official, self.problems))
        self.notes.extend(note for entry in self.official for note in entry.notes)

    def _show_county_names(self) -> None:
        """Report the names of counties that are called by their codes, where no sheet of facts does."""
        facts = self.parts.get("facts", [])
        if not self.county_names or "county_name" not in self.standard.table_measures("facts"):
            return
        if not facts:
            codes, names = map(list, zip(*self.county_names.items(), strict=True))
            columns = {"county": np.array(codes), "county_name": np.array(names)}
            self.parts["facts"] = [RawTable("facts", columns, len(codes), Origin(), {})]
        elif len(facts) == 1 and "county" in facts[0].columns and "county_name" not in facts[0].columns:
            shown = [self.county_names.get(code, "") for code in facts[0].columns["county"].tolist()]
            self.parts["facts"] = [attrs.evolve(facts[0], columns={**facts[0].columns, "county_name": np.array(shown)})]

    def _is_no_list(self, headers: Headers) -> Phrase:
        """Return what a sheet lists instead of schools: kinds of school with their totals, or teachers."""
        own = {measure.column for some in headers.meanings.values() for measure in some.measures}
        leaves = [path[-1] for path in headers.every_path.values()]
        if not own & {"school", "name"} and any(kind_of(text)[0] == "schools" for text in leaves):
            return Phrase("这张表是各类学校的合计，没有列出学校", "found totals of several schools and no school")
        people = sum(plain(text) in _OF_PEOPLE for text in leaves)
        if own <= {"county", "school", "name", "parent"} and people >= _FEWEST_OF_PEOPLE:
            return Phrase("这是教师名单，没有列出学校", "found a list of teachers and no list of schools")
        return NO_WORDS

    def _refuse_other_lists(self) -> None:
        """Note sheets that list something else than schools, and refuse them where nothing was read."""
        for place, problem in self.no_schools.items():
            self.notes.append(Note(place.file, place.sheet, Title(problem.zh, problem.en)))
            if not self.parts:
                hint = Phrase("请列出全县每一所学校，一所一行", "list every school of the county, each in a row")
                self.problems.note("schools", str(place), "", problem, hint)

    def _types(self) -> dict[tuple[str, str], str]:
        """Return the types of the schools that were read, by county and plain id or name; of those that are clear."""
        kinds = self.standard.measures["type"].values
        result: dict[tuple[str, str], set[str]] = {}
        for part in self.parts.get("schools", ()):
            if "type" not in part.columns or "type" in part.faulty:
                continue
            counties = part.columns["county"].tolist() if "county" in part.columns else [""] * part.size
            for name in ("school", "name"):
                for row, text in enumerate(part.columns[name].tolist() if name in part.columns else ()):
                    if text and part.columns["type"][row] >= 0:
                        for county in {counties[row], ""}:
                            kind = kinds[int(part.columns["type"][row])].id
                            result.setdefault((county, plain(text)), set()).add(kind)
        return {key: kinds_of.pop() for key, kinds_of in result.items() if len(kinds_of) == 1}

    def _name_counties(self) -> None:
        """Name the counties of a folder that has one workbook a county, and no column of counties, by the files."""
        schools = self.parts["schools"]
        files = list(dict.fromkeys(part.origin.file for part in schools))
        if len(files) < 2 or any("county" in part.columns for part in schools):
            return
        stems = {file: file.rpartition(".")[0] for file in files}
        if not all(_COUNTY_NAME.search(stem) for stem in stems.values()):
            return
        for table, parts in self.parts.items():
            self.parts[table] = [
                with_county(part, stems[part.origin.file])
                if part.origin.file in stems and "county" not in part.columns
                else part
                for part in parts
            ]
        for file in files:
            self.notes.append(
                Note(file, "", Title(zh=f"按文件名作为{stems[file]}", en=f"read as county {stems[file]}"))
            )

    def _refuse_unseen(self) -> None:
        """Note sheets of the mapping that there are not."""
        for n, sheet in enumerate(self.mapping.mapping.sheets if self.mapping else ()):
            if self.mapping and sheet.sheet not in self.seen:
                name = sheet.sheet
                problem = Phrase(f"没有叫“{name}”的工作表或文件", f"no sheet or file is called {name!r}")
                problem += near(name, self.seen)
                hint = Phrase(
                    "请删去，或改用为这个文件写的 mapping.yaml",
                    "take it out, or use the mapping that was made for this file",
                )
                error = self.mapping.error("mapping", f"sheets[{n}].sheet", problem, hint)
                self.problems.found.append(error)


def _with_figures(part: RawTable, standard: Standard) -> RawTable:
    """Return sections without the rows that hold no figure, as those of a school that lacks the stage."""
    names = [name for name in ("pupils", *standard.indicators) if name in part.columns]
    if not names or not part.size:
        return part
    figures = np.array([part.columns[name] for name in names])
    faulty = {row for rows in part.faulty.values() for row in rows}
    kept = [n for n in range(part.size) if n in faulty or (figures[:, n] > 0).any() or (figures[1:, n] == 0).any()]
    return part if len(kept) == part.size else rows_of(part, kept)


def _no_such_header(place: str, header: str, headers: Headers) -> tuple[Phrase, Phrase]:
    """Return that no column has a header, and the way out."""
    leaves = [path_text(path) for path in headers.every_path.values()]
    problem = Phrase(f"{place} 没有表头是“{header}”的列", f"no column of {place} has the header {header!r}")
    hint = Phrase(
        "请照工作表里的文字写，最下面一层写在最后", "write the texts as they stand in the sheet, the lowest last"
    )
    return problem + near(header, leaves), hint


_NO_FILE_OF_TABLES = Phrase("从扩展名看，不是表格文件", "no file of tables, by the ending of its name")
_FACTS_FILE = "facts.yaml"
_TEXTS = (".csv", ".tsv")
_ENDINGS = (*_TEXTS, *WORKBOOKS, ".yaml", ".yml")


def read_file(collected: Collected, file: Entry) -> None:
    """Read a workbook, or a text file of schools."""
    if not file.name.lower().endswith((*_TEXTS, ".txt", *WORKBOOKS)):
        known = listed(WORKBOOKS)
        hint = Phrase(
            f"应为 {known.zh}、.csv 或 .tsv 文件，或存放这些文件的文件夹",
            f"wanted {known.en}, .csv or .tsv, or a folder of them",
        )
        collected.problems.note("schools", file.name, "", _NO_FILE_OF_TABLES, hint)
        return
    _take(collected, _sheets(collected, file), "schools")
    collected.finish()
    _need_schools(collected, file.name)


def tables_in(folder: Entry) -> list[Entry]:
    """Return the files of a folder that may hold tables."""
    return [entry for entry in folder.iterdir() if _is_table(entry.name) and not entry.is_dir()]


def read_files(
    collected: Collected, files: Sequence[Entry], progress: Callable[[Sequence[Entry]], Iterable[Entry]] = iter
) -> None:
    """Read the files of a folder, or several workbooks, as one."""
    order = ["", *collected.standard.tables]
    ordered = sorted(files, key=lambda file: (order.index(_table_of(collected, file.name) or ""), file.name))
    for file in progress(ordered):
        table = _table_of(collected, file.name)
        stem = file.name.rpartition(".")[0]
        known = table or collected.mapped(file.name, stem) or is_narrative(stem)
        if file.name == _FACTS_FILE and table:
            _take_facts_file(collected, file)
        elif file.name.lower().endswith(WORKBOOKS) or (known and file.name.lower().endswith(_TEXTS)):
            _take(collected, _sheets(collected, file), table)
        else:
            _refuse_name(collected, file.name)
    collected.finish()
    _need_schools(collected, next((file.name for file in files if file.name.lower().endswith(WORKBOOKS)), ""))


def read_tables(collected: Collected, given: TableLike | Mapping[str, TableLike]) -> None:
    """Read a table in memory, or several by their names, through the same recognition of headings as files."""
    tables = given if isinstance(given, Mapping) and _are_tables(given) else {"schools": given}
    for name, table in tables.items():
        sheet = _sheet_of(str(name), cast("TableLike", table))
        assumed = tables is not given
        collected.take(Opened.of(sheet, collected.problems), collected.named(str(name)), assumed=assumed)
        collected.tell_decisions(sheet)
    collected.finish()


def _are_tables(given: Mapping[str, object]) -> bool:
    """Return whether a mapping holds tables, and is not itself one of columns."""
    columns = (
        entry for entry in given.values() if isinstance(entry, list | tuple | np.ndarray) or hasattr(entry, "dtype")
    )
    return not any(not is_rows(column) or not len(cast("Sequence[object]", column)) for column in columns)


def _sheet_of(name: str, table: TableLike) -> Sheet:
    is_pandas = hasattr(table, "reset_index")
    index = getattr(table, "index", None) if is_pandas else None
    if any(label is not None for label in getattr(index, "names", ())):
        # The index of a data frame that has a name is a column, as the ids of schools.
        table = cast("TableLike", table.reset_index())  # type: ignore[union-attr]
    labels = getattr(table, "columns", ()) if is_pandas else ()
    if getattr(labels, "nlevels", 1) > 1:
        # Headings of several levels stand one above the other.
        flat = [" ".join(dict.fromkeys(str(text) for text in label if str(text).strip())) for label in labels]
        table = cast("TableLike", table.set_axis(flat, axis=1))  # type: ignore[union-attr]
        tops = list(zip(*([str(text) for text in label] for label in labels), strict=True))
    else:
        tops = []
    columns = columns_of(table)
    size = max((len(values) for values in columns.values() if values.ndim), default=0)
    cells = [[_cell_of(value) for value in values.tolist()] if values.ndim == 1 else [] for values in columns.values()]
    headers: list[list[Cell]] = [list(texts) for texts in tops] or [list(columns)]
    rows: list[Row] = [(n, texts) for n, texts in enumerate(headers, 1)]
    first = len(rows) + 1
    rows += [(n + first, [column[n] if n < len(column) else None for column in cells]) for n in range(size)]
    return Sheet("DataFrame", name, lambda: iter(rows))


def _cell_of(value: object) -> Cell:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, bool | str | float | date | datetime | time | timedelta):
        return value
    return float(value) if isinstance(value, int) else str(value)


def opened_sheets(collected: Collected, source: Entry) -> Iterator[Opened]:
    """Yield every sheet of a workbook, of a text file, or of the files of a folder, in their order."""
    files = [entry for entry in source.iterdir() if _is_table(entry.name)] if source.is_dir() else [source]
    for file in sorted(files, key=lambda file: file.name):
        if not file.name.lower().endswith((".yaml", ".yml")):
            yield from (Opened.of(sheet, collected.problems) for sheet in _sheets(collected, file))


def _is_table(name: str) -> bool:
    described = name == MAPPING_FILE or name.endswith(FORM_ENDING)
    return name.lower().endswith(_ENDINGS) and not name.startswith((".", "~$")) and not described


def _table_of(collected: Collected, name: str) -> str | None:
    return collected.named(name.rpartition(".")[0])


def _sheets(collected: Collected, file: Entry) -> tuple[Sheet, ...]:
    try:
        return sheets_of(file)
    except DataError as error:
        collected.problems.found.append(error)
        return ()


def _take(collected: Collected, sheets: Sequence[Sheet], table: str | None) -> None:
    """Read the sheets of a workbook, or a text file that holds the table."""
    texts = [sheet for sheet in sheets if not sheet.name]
    for sheet in texts:
        assumed = table == "schools" and _table_of(collected, sheet.file) is None
        collected.take(Opened.of(sheet, collected.problems), table, assumed=assumed)
        collected.tell_decisions(sheet)
    if not texts:
        collected.take_workbook(sheets)


def _take_facts_file(collected: Collected, file: Entry) -> None:
    try:
        text = decoded(file.read_bytes())
    except OSError as error:
        collected.problems.note("facts", file.name, "", *cannot_read(error))
        return
    if text is None:
        hint = Phrase("请把文件另存为 UTF-8 编码", "save the file as UTF-8")
        collected.problems.note("facts", file.name, "", NOT_TEXT, hint)
        return
    if collected.is_taken("facts", Place(file.name)):
        return
    facts, origin, errors = facts_of(text, file.name)
    collected.problems.found.extend(errors)
    known = collected.standard.table_measures("facts")
    collected.raws["facts"], evidence = typed_facts(facts, known, origin, collected.problems)
    collected.evidence.update(evidence)


def _refuse_name(collected: Collected, name: str) -> None:
    tables = collected.standard.tables
    known = [*(f"{table}.csv" for table in tables), *([_FACTS_FILE] if "facts" in tables else [])]
    problem = Phrase("没有叫这个名称的表", "no table is called so") + near(name, known)
    collected.problems.note(name.rpartition(".")[0], name, "", problem, Phrase("可以是：", "known: ") + listed(known))


def _need_schools(collected: Collected, workbook: str) -> None:
    """Note that there are no schools, unless their file could not be read."""
    hidden = next((name for name in collected.hidden if collected.named(name) == "schools"), "")
    if "schools" in collected.places or collected.problems.found or (collected.places and not hidden):
        return
    if not workbook:
        problem = Phrase("缺少这个文件", "the file is missing")
        hint = Phrase("其他文件可以不报，这个必须有", "every other file may be left out, this one not")
        collected.problems.note("schools", "schools.csv", "", problem, hint)
    elif hidden:
        problem = Phrase(f"工作表“{hidden}”是隐藏的，没有读入", f"the sheet {hidden} is hidden, and was not read")
        entry = f"{{sheet: {hidden}, table: schools}}"
        hint = Phrase(
            f"请取消隐藏；要照样读，请在 mapping.yaml 里写 {entry}", f"unhide it, or write {entry} into mapping.yaml"
        )
        collected.problems.note("schools", workbook, "", problem, hint)
    else:
        _no_sheet_of_schools(collected, workbook)


def _no_sheet_of_schools(collected: Collected, workbook: str) -> None:
    title = collected.standard.tables["schools"].title.zh
    sheets = listed(dict.fromkeys(note.sheet for note in collected.notes if note.sheet))
    problem = Phrase("没有找到学校表", "no sheet of schools was found")
    if sheets:
        problem += Phrase(f"，没有读入的工作表：{sheets.zh}", f", and nothing read from {sheets.en}")
    hint = Phrase(
        f"要一所学校一行，全县合计、汇总表不能代替；请把工作表命名为“{title}”，或在 mapping.yaml 里说明是哪一张"
        "（balancedu map 可起草）",
        f"every school has a row, and totals of the county do not replace them; name it {title}, or say in "
        "mapping.yaml which it is (balancedu map drafts one)",
    )
    collected.problems.note("schools", workbook, "", problem, hint)
