"""What each sheet holds: the first of a list of recognisers that knows it reads it.

The way of a figure: file → sheets (`open`) → which table, and which headers (`headers`) → columns bound to measures
(`binding`) → rows that contain data (`rows`) → cells to values (`values`) → tables of one sheet (here) → tables of the
submission (`joining`) → Submission (`read`).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import get_args

import attrs
import numpy as np

from balancedu.core.fields import Language, plain
from balancedu.core.model import split_terms
from balancedu.core.standard import SECTIONS, Standard
from balancedu.errors import DataError, near
from balancedu.files.binding import bindings_of
from balancedu.files.cover import MadeFor, made_for
from balancedu.files.facts import FactRows, can_be_read
from balancedu.files.figures import bands_in, spread_in, spread_table, table_of_bands
from balancedu.files.headers import MOST_ABOVE, Headers, find_headers, headers_of, path_text
from balancedu.files.layout import OWN, other_columns, sheet_titles
from balancedu.files.layouts import (
    Form,
    OfficialSheet,
    county_on_cover,
    figures_of,
    form_of,
    mapped_form,
    recognised_forms,
    school_of_forms,
)
from balancedu.files.mapping import MappedSheet, ReadMapping
from balancedu.files.narrative import Text, is_narrative, texts_of
from balancedu.files.sheet import Row, Sheet, text_of
from balancedu.files.values import Ids, TableReader
from balancedu.files.vocabulary import is_page_of_results, kind_of, vocabulary
from balancedu.submission.problems import Note, Problems
from balancedu.submission.tables import Place, RawTable
from balancedu.text import NO_WORDS, Phrase, listed, one_of

_FEWEST_OF_PEOPLE = 2
_SECTION_NAME = re.compile(r"(.+?)\s*[（(](\w+部)[)）]")
_MOST_SHOWN = 3
Types = Mapping[tuple[str, str], str]
"""The types of schools in other sheets, by county and plain id or name."""


@attrs.frozen
class Reading:
    """What the sheets of all files share while they are read.

    Attributes
    ----------
    standard : Standard
    mapping : ReadMapping, optional
    forms : tuple of Form
        Those that the folder of the files describes.
    problems : Problems
    notes : list of Note
        Decisions about several sheets; those about one sheet are its own.
    unread : list of DataError
        Columns that were left out, as the errors that they would be.
    places : mapping of table to Place
        Where each table was read first.
    ids : mapping of table to Ids
    files : sequence of str, optional
        The names of the files that are read; None of tables in memory.
    covers : mapping of file to MadeFor
        The standards that the covers of workbooks name.
    """

    standard: Standard
    mapping: ReadMapping | None = None
    forms: tuple[Form, ...] = ()
    problems: Problems = attrs.field(default=attrs.Factory(lambda self: Problems(self.standard), takes_self=True))
    notes: list[Note] = attrs.field(factory=list)
    unread: list[DataError] = attrs.field(factory=list)
    places: dict[str, Place] = attrs.field(factory=dict)
    ids: dict[str, Ids] = attrs.field(factory=dict)
    files: Sequence[str] | None = None
    covers: dict[str, MadeFor] = attrs.field(factory=dict)

    def named(self, name: str) -> str | None:
        """Return the table that a sheet or file is called like."""
        names = {
            plain(word): table.id
            for table in self.standard.tables.values()
            for word in (table.id, table.title.zh, table.title.en, *table.also)
        }
        for lang in get_args(Language):
            names |= {plain(word): table for table, word in sheet_titles(self.standard, lang).items()}
        return names.get(plain(name))

    def mapped(self, *names: str) -> MappedSheet | None:
        """Return what the mapping states about a sheet or file that is called by one of these names."""
        return self.mapping.of(*names) if self.mapping else None

    def title(self, table: str) -> str:
        """Return the title of a table."""
        title = self.standard.table_title(table)
        return title.zh if title else table

    def takes(self, table: str, place: Place) -> bool:
        """Return whether a table is read here: not where it was read in another kind of place, which is a fault.

        It may be in several sheets of one workbook, or in several text files, unless it is that of facts.
        """
        first = self.places.setdefault(table, place)
        alike = bool(first.sheet) == bool(place.sheet)
        if first is place or (alike and (table != "facts" or (first.file != place.file and bool(place.sheet)))):
            return True
        problem = Phrase(f"{self.title(table)}表已从 {first} 读入", f"{table} were already read from {first}")
        hint = Phrase(
            "请只保留一个，或在 mapping.yaml 里略去一个", "keep one of the two, or leave one out in mapping.yaml"
        )
        self.problems.note(table, str(place), "", problem, hint)
        return False


@attrs.define(eq=False)
class Opened:
    """A sheet whose first rows were read.

    Attributes
    ----------
    sheet : Sheet
    reading : Reading
    table : str, optional
        The table that its name, or that of its file, states.
    is_guess : bool
        Whether the table is only assumed, as that of a text file of any name.
    top : list of Row
        The rows that it begins with.
    rest : iterable of Row
        The others; they can be read once, unless all are kept.
    whole : bool
        Whether every row could be read so far.
    """

    sheet: Sheet
    reading: Reading
    table: str | None = None
    is_guess: bool = False
    top: list[Row] = attrs.field(init=False)
    rest: Iterable[Row] = attrs.field(init=False)
    whole: bool = attrs.field(init=False, default=True)
    _headers: dict[str, Headers | None] = attrs.field(init=False, factory=dict)

    def __attrs_post_init__(self) -> None:
        rows = self._rows()
        self.top, self.rest = list(itertools.islice(rows, MOST_ABOVE)), rows

    def _rows(self) -> Iterator[Row]:
        try:
            yield from self.sheet.rows()
        except DataError as error:
            self.whole = False
            self.reading.problems.found.append(error)

    @property
    def called(self) -> str:
        """Its name, or that of the text file without its ending."""
        return self.sheet.name or self.sheet.file.rpartition(".")[0]

    @property
    def place(self) -> Place:
        """The file, and the sheet of a workbook."""
        return Place(self.sheet.file, self.sheet.name)

    @property
    def mapped(self) -> MappedSheet | None:
        """What the mapping states about it."""
        return self.reading.mapped(self.called, self.sheet.file)

    @property
    def is_plain(self) -> bool:
        """Whether its headings are the ids of columns of its table, as in files written by the package."""
        measures = self.reading.standard.table_measures(self.table) if self.table else {}
        headings = {text_of(cell) for cell in self.top[0][1]} if self.top else set()
        return headings != {""} and headings <= {"county", "school", "", *measures}

    def every_row(self) -> list[Row]:
        """Return all rows, which are kept."""
        self.rest = list(self.rest)
        return [*self.top, *self.rest]

    def below(self, row: int) -> Iterable[Row]:
        """Return the rows below one."""
        return itertools.chain((entry for entry in self.top if entry[0] > row), self.rest)

    def headers(self, table: str) -> Headers | None:
        """Return the headers that name the most measures of a table."""
        if table not in self._headers:
            self._headers[table] = find_headers(self.top, self.sheet, self.reading.standard, table)
        return self._headers[table]

    def possible(self, tables: Iterable[str]) -> list[Headers]:
        """Return the headers of these tables, those first that fit best."""
        result = [headers for table in tables if (headers := self.headers(table))]
        return sorted(result, key=lambda entry: (entry.clear_measures, -len(entry.paths)), reverse=True)


@attrs.frozen
class Recognised:
    """What a sheet holds.

    Attributes
    ----------
    tables : tuple of RawTable
    headers : Headers, optional
        Those by which it is read.
    by_layout : bool
        Whether it is read by a layout that is known, and not by headers.
    not_read : Phrase
        Why it is not read.
    no_list : Phrase
        What it lists instead of schools.
    texts : tuple of Text
    official : OfficialSheet, optional
        What it reports as a sheet of the application form.
    evidence : mapping of (row of the facts, fact) to text
    county_names : mapping of code to name
        Of one county without a code under the empty text.
    later : callable, optional
        Reads schools whose types only other sheets state, when these have been read.
    """

    tables: tuple[RawTable, ...] = ()
    headers: Headers | None = None
    by_layout: bool = False
    not_read: Phrase = NO_WORDS
    no_list: Phrase = NO_WORDS
    texts: tuple[Text, ...] = ()
    official: OfficialSheet | None = None
    evidence: Mapping[tuple[int, str], str] = attrs.field(factory=dict)
    county_names: Mapping[str, str] = attrs.field(factory=dict)
    later: Callable[[Types], Recognised] | None = None


Recogniser = Callable[[Opened, Reading], Recognised | None]
RecognisedSheets = list[tuple[Opened, Recognised]]


def read_sheets(opened: Sequence[Opened], reading: Reading) -> RecognisedSheets:
    """Read the sheets of a workbook: those that are called like a table first."""
    results = _statistics(opened, reading)
    rest = [entry for entry in opened if not any(entry is other for other, _ in results)]
    for entry in sorted(rest, key=lambda entry: entry.table is None):
        recognisers = _BY_NAME if entry.mapped or entry.is_plain else _BY_CONTENT
        result = next(filter(None, (recogniser(entry, reading) for recogniser in recognisers)), Recognised())
        if result.not_read:
            entry.sheet.add_note(result.not_read.zh, result.not_read.en)
        if result.tables:
            reading.places.setdefault(result.tables[0].id, entry.place)
        results.append((entry, result))
    return results


def _statistics(opened: Sequence[Opened], reading: Reading) -> RecognisedSheets:
    """Read the sheets that are together the forms of the national statistics of one school."""
    shown = (entry for entry in opened if not entry.mapped and not entry.sheet.hidden and not entry.is_plain)
    forms = [(entry, form) for entry in shown if (form := form_of(entry.top))]
    figures = [
        figure for entry, form in forms for figure in figures_of(form, entry.every_row(), entry.sheet, reading.standard)
    ]
    if not any(name in ("school", "name") for name, _ in figures):
        return []
    reading.places.setdefault("schools", forms[0][0].place)
    for sheet in {id(figure.sheet): figure.sheet for _, figure in figures}.values():
        sheet.add_note("按事业统计报表读入", "read as forms of the national statistics")
    school = Recognised((school_of_forms(figures, reading.problems),), by_layout=True)
    return [(entry, Recognised(by_layout=True) if n else school) for n, (entry, _) in enumerate(forms)]


def _left_out(opened: Opened, reading: Reading) -> Recognised | None:
    """Pass over covers and lists of our own workbooks, hidden sheets, and what a mapping states is not to be read."""
    sheet, mapped = opened.sheet, opened.mapped
    if mapped and mapped.ignore:
        return Recognised(not_read=Phrase("按 mapping.yaml 没有读入", "not read, as mapping.yaml says"))
    if sheet.name in OWN and not mapped:
        if cover := made_for(sheet):
            reading.covers[sheet.file] = cover
        return Recognised()
    if sheet.hidden and not mapped:
        return Recognised(not_read=Phrase("工作表是隐藏的，没有读入", "the sheet is hidden, and was not read"))
    return None


def _mapped_rows(opened: Opened, reading: Reading) -> Recognised | None:
    """Read a sheet of which a mapping states that it has one figure a row."""
    mapped = opened.mapped
    if mapped is None or mapped.orientation != "rows":
        return None
    if filled := mapped_form(opened.every_row(), opened.sheet, reading.problems, mapped):
        return Recognised(filled.tables(), by_layout=True)
    problem = Phrase("找不到 mapping.yaml 所写的表头", "the headers that mapping.yaml names are not in the sheet")
    hint = Phrase("请照工作表里的文字写", "write the texts as they are in the sheet")
    reading.problems.note(str(mapped.table), str(opened.place), "", problem, hint)
    return Recognised()


def _texts(opened: Opened, reading: Reading) -> Recognised | None:
    if not is_narrative(opened.called):
        return None
    return Recognised(texts=tuple(texts_of(opened.every_row(), opened.sheet, reading.problems)))


def _bands(opened: Opened, reading: Reading) -> Recognised | None:
    """Read a sheet that counts classes or rooms in bands, and states nothing else of the schools."""
    bands = bands_in(opened.top, opened.sheet, reading.standard)
    schools = opened.headers("schools") if bands else None
    named = {entry.column for some in schools.meanings.values() for entry in some.measures} if schools else set()
    if bands is None or not named.isdisjoint({*reading.standard.head.scope.pupils.values(), "type"}):
        return None
    return Recognised((table_of_bands(bands, opened.every_row(), opened.sheet, reading.problems),), by_layout=True)


def _form(opened: Opened, reading: Reading) -> Recognised | None:
    """Read a sheet that is a known form with one figure a row."""
    if not recognised_forms(opened.top, opened.sheet, reading.problems, reading.forms):
        return None
    forms = recognised_forms(opened.every_row(), opened.sheet, reading.problems, reading.forms)
    tables = tuple(table for filled in forms for table in filled.tables())
    return Recognised(tables, by_layout=True)


def _spread(opened: Opened, reading: Reading) -> Recognised | None:
    """Read a table of means and coefficients."""
    known = reading.standard.table_measures("spread")
    figures = spread_in(opened.top, opened.sheet, reading.standard) if known else {}
    if not figures:
        return None
    return Recognised((spread_table(figures, opened.sheet, reading.problems),), by_layout=True)


def _official(opened: Opened, reading: Reading) -> Recognised | None:
    """Read the facts of a page of the application form, its cover included; its conclusions are not read."""
    if county := county_on_cover(opened.top, reading.standard):
        opened.sheet.add_note(f"按申报表封面，县名为“{county}”", f"the cover of the application form names {county}")
        return Recognised(by_layout=True, county_names={"": county})
    titles = [text_of(cell) for _, cells in opened.top[:2] for cell in cells[:1]]
    if not any(map(is_page_of_results, (opened.called, *titles))):
        return None
    official = OfficialSheet.of(opened.every_row(), opened.sheet, reading.standard)
    results = Phrase("是申报表的结论，没有读入", "it holds results of the application form, and was not read")
    return Recognised(official=official, by_layout=True, not_read=NO_WORDS if official else results)


def _empty(opened: Opened, reading: Reading) -> Recognised | None:
    if opened.top:
        return None
    if not opened.sheet.name and opened.whole:
        problem = Phrase("文件是空的", "the file is empty")
        hint = Phrase("请在第一行写上各列的名称", "write the names of the columns in the first line")
        reading.problems.note(opened.called, opened.sheet.place(1), "", problem, hint)
    return Recognised()


def _ratios(opened: Opened, reading: Reading) -> Recognised | None:
    """Read a sheet that gives figures per pupil of schools, and not the counts that they follow from."""
    headers = _ratio_headers(opened, reading)
    if headers is None or _has_counts(opened, headers, reading.standard):
        return None
    return _joined([_read_ratios(opened, entry, reading) for entry in _by_stage(opened, headers)])


def _table(opened: Opened, reading: Reading) -> Recognised:
    """Read a table by its headers, with figures per pupil and counts in bands beside those of schools."""
    mapped, table = opened.mapped, opened.mapped.table if opened.mapped else opened.table
    if opened.is_guess and not mapped and _is_of_facts(opened, reading):
        table = "facts"
    if table:
        headers = headers_of(opened.top, opened.sheet, reading.standard, table, mapped)
    else:
        result = _headers_of_any_table(opened, reading)
        if isinstance(result, Phrase):
            return Recognised(not_read=result)
        headers = result
    if not reading.takes(headers.table, opened.place):
        return Recognised(headers=headers)
    of_schools = headers.table == "schools" and not mapped and not opened.is_plain
    ratios = _ratio_headers(opened, reading) if of_schools else None
    beside = _by_stage(opened, ratios) if ratios else []
    bands = bands_in(opened.top, opened.sheet, reading.standard) if of_schools else None
    if beside or bands:
        opened.every_row()
    elsewhere = {column for entry in beside for column in entry.ratios} | set(bands.columns if bands else ())
    parts = [read_table(opened, headers, reading, elsewhere)]
    parts += [_read_ratios(opened, entry, reading) for entry in beside]
    if bands:
        rows = opened.every_row()
        parts.append(Recognised((table_of_bands(bands, rows, opened.sheet, reading.problems),), by_layout=True))
    return _joined(parts)


_BY_NAME: tuple[Recogniser, ...] = (_left_out, _mapped_rows, _empty, _table)
_BY_CONTENT: tuple[Recogniser, ...] = (_left_out, _texts, _bands, _form, _spread, _official, _empty, _ratios, _table)
"""What a sheet may be; the first that recognises it reads it."""


def _joined(parts: Sequence[Recognised]) -> Recognised:
    """Return what several parts of a sheet hold together."""
    return attrs.evolve(
        parts[0],
        tables=tuple(table for part in parts for table in part.tables),
        by_layout=any(part.by_layout for part in parts),
        county_names={code: name for part in parts for code, name in part.county_names.items()},
    )


def _is_of_facts(opened: Opened, reading: Reading) -> bool:
    best = next(iter(opened.possible((*reading.standard.tables, SECTIONS))), None)
    schools = opened.headers("schools")
    is_clear = best is not None and best.convincing and best.table == "facts"
    return best is not None and is_clear and best.clear_measures > (schools.clear_measures if schools else 0)


def _ratio_headers(opened: Opened, reading: Reading) -> Headers | None:
    """Return the headers of figures per pupil of schools; None if the sheet gives none."""
    if opened.table not in (None, "schools") or not reading.standard.table_measures(SECTIONS):
        return None
    headers = opened.headers(SECTIONS)
    return headers if headers and headers.ratios and {"school", "name"} & set(headers.columns) else None


def _by_stage(opened: Opened, headers: Headers) -> list[Headers]:
    """Return headers of figures per pupil for each stage that has columns of its own."""
    result = headers.by_stage()
    if len(result) > 1:
        opened.every_row()
    return result


def _has_counts(opened: Opened, ratios: Headers, standard: Standard) -> bool:
    """Return whether a sheet gives the counts that figures per pupil follow from, or pupils by stage."""
    counts = opened.headers("schools")
    if counts is None:
        return False
    if bool(counts.sums) or ("type" in counts.columns and "pupils" not in ratios.columns):
        return True
    amounts = {
        name
        for indicator in standard.indicators.values()
        for stage in standard.stages
        for _, name in split_terms(indicator.terms(stage))
    }
    return not amounts.isdisjoint(counts.columns)


def _headers_of_any_table(opened: Opened, reading: Reading) -> Headers | Phrase:
    """Return the headers of a sheet of any name, or why it is not read."""
    result = opened.possible(reading.standard.tables)
    if not result:
        return Phrase("没有认得的表头，没有读入", "no header is known, and the sheet was not read")
    best = result[0]
    if not best.convincing:
        known = [path_text(path) for column, path in best.paths.items() if best.meanings[column].measures]
        return Phrase(
            f"表头只认得{'、'.join(known)}，没有读入；要读，请在 mapping.yaml 里说明是哪张表",
            f"of its headers only {', '.join(known)} are known; it was not read, unless mapping.yaml binds it",
        )
    equal = [
        entry.table
        for entry in result
        if (entry.clear_measures, len(entry.paths)) == (best.clear_measures, len(best.paths))
    ]
    if len(equal) > 1:
        tables = one_of(Phrase(reading.title(table), table) for table in equal)
        problem = Phrase("从表头看，可能是", "by its headers the sheet may be ") + tables
        hint = Phrase(
            "请按表名命名工作表，或在 mapping.yaml 里说明是哪张表",
            "name it as the table, or say in mapping.yaml what it is",
        )
        reading.problems.note(opened.sheet.name, str(opened.place), "", problem, hint)
        return NO_WORDS
    first = reading.places.get(best.table)
    measures = [entry for some in best.meanings.values() for entry in some.measures[:1]]
    names = any(entry.type == "text" and entry.column != "county" for entry in measures)
    # A list of teachers names schools alone, a summary of towns has figures and no school: both are no second list.
    if first is None or (best.table != "facts" and names and any(entry.type != "text" for entry in measures)):
        return best
    return Phrase(
        f"看来也是{reading.title(best.table)}，已从 {first} 读入，这里没有读入",
        f"looks like {best.table} too, which were read from {first}; it was not read",
    )


def read_table(
    opened: Opened, headers: Headers, reading: Reading, elsewhere: Collection[int] = (), types: Types | None = None
) -> Recognised:
    """Read the rows of a sheet below its headers, but for the columns that are read as another table.

    A sheet of schools that does not state their types is read later, as other sheets may state them.
    """
    mapped, sheet, problems = opened.mapped, opened.sheet, reading.problems
    if mapped and not _fits(mapped, headers, opened):
        return Recognised(headers=headers)
    of_schools = headers.table == "schools"
    if of_schools and (no_list := _no_list(headers)):
        return Recognised(headers=headers, no_list=no_list)
    says_type = "type" in headers.columns or headers.binder.stage or (mapped and mapped.type)
    if of_schools and not says_type and types is None:
        return Recognised(headers=headers, later=lambda types: read_table(opened, headers, reading, elsewhere, types))
    others = mapped.others if mapped else "refuse"
    bindings = bindings_of(headers, sheet, problems, others=others, typed_elsewhere=not says_type and bool(types))
    bindings = bindings.without(elsewhere)
    in_rows = headers.binder.in_rows
    if in_rows and not can_be_read(headers, bindings, sheet, problems):
        return Recognised(headers=headers)
    rows, ids = (sheet, headers, bindings, problems), reading.ids.setdefault(headers.table, Ids())
    reader = (
        FactRows(*rows, mapped=mapped) if in_rows else TableReader(*rows, mapped=mapped, ids=ids, types=types or {})
    )
    table = reader.table(opened.below(headers.last))
    whole = table.origin.whole and opened.whole
    table = attrs.evolve(table, origin=attrs.evolve(table.origin, whole=whole))
    reading.unread.extend(reader.unread.values())
    if isinstance(reader, FactRows):
        return Recognised((table,), headers, evidence=reader.evidence)
    return Recognised((table,), headers, county_names=reader.county_names)


def _read_ratios(opened: Opened, headers: Headers, reading: Reading) -> Recognised:
    """Read the figures per pupil of a sheet, of schools that may be read from it too."""
    reading.places.setdefault(SECTIONS, opened.place)
    result = read_table(opened, headers, reading)
    beside_schools = opened.place == reading.places.get("schools")
    tables = [_with_figures(table, reading.standard) for table in result.tables]
    if beside_schools:
        tables = [_with_stages(table, opened.sheet) for table in tables]
    else:
        tables = [_without_stage_in_names(table, reading.standard) for table in tables]
    by_layout = beside_schools or headers.binder.only is not None
    return attrs.evolve(result, tables=tuple(tables), by_layout=by_layout)


def _with_figures(part: RawTable, standard: Standard) -> RawTable:
    """Return sections without the rows that contain no figure, as those of a school that lacks the stage."""
    names = [name for name in ("pupils", *standard.indicators) if name in part.columns]
    if not names or not part.size:
        return part
    figures = np.array([part.columns[name] for name in names])
    faulty = {row for rows in part.faulty.values() for row in rows}
    return part.of_rows(
        [n for n in range(part.size) if n in faulty or (figures[:, n] > 0).any() or (figures[1:, n] == 0).any()]
    )


def _without_stage_in_names(part: RawTable, standard: Standard) -> RawTable:
    """Return sections called like their schools, behind whose names the form writes the stage in brackets."""
    if not {"name", "stage"} <= set(part.columns):
        return part
    words, choices = vocabulary(standard, "schools"), standard.table_measures(SECTIONS)["stage"].values
    names = part.columns["name"].tolist()
    for row, stage in enumerate(part.columns["stage"].tolist()):
        match = _SECTION_NAME.fullmatch(names[row])
        if match and stage >= 0 and words.stage_in(match[2]) == choices[stage].id:
            names[row] = match[1]
    return attrs.evolve(part, columns={**part.columns, "name": np.array(names, dtype=str)})


def _with_stages(part: RawTable, sheet: Sheet) -> RawTable:
    """Return sections without those of schools of several stages, whose figures are those of the whole school."""
    stages = part.columns["stage"].tolist() if "stage" in part.columns else []
    if left_out := [n for n, stage in enumerate(stages) if stage == -1]:
        names = part.columns.get("name", part.columns.get("school", np.full(part.size, "")))
        some = listed([str(names[n]) for n in left_out][:_MOST_SHOWN])
        sheet.add_note(
            f"{some.zh}的生均值没有分学段，没有读入",
            f"the figures per pupil of {some.en} are of no single stage, and were not read",
        )
        return part.of_rows([n for n, stage in enumerate(stages) if stage != -1])
    return part


def _no_list(headers: Headers) -> Phrase:
    """Return what a sheet lists instead of schools: kinds of school with their totals, or teachers."""
    own = {measure.column for some in headers.meanings.values() for measure in some.measures}
    leaves = [path[-1] for path in headers.every_path.values()]
    if not own & {"school", "name"} and any(kind_of(text)[0] == "schools" for text in leaves):
        return Phrase("这张表是各类学校的合计，没有列出学校", "found totals of several schools and no school")
    people = sum(plain(text) in other_columns().people for text in leaves)
    if own <= {"county", "school", "name", "parent"} and people >= _FEWEST_OF_PEOPLE:
        return Phrase("这是教师名单，没有列出学校", "found a list of teachers and no list of schools")
    return NO_WORDS


def _fits(mapped: MappedSheet, headers: Headers, opened: Opened) -> bool:
    """Return whether the sheet has each column of the mapping once; note those for which it has not."""
    mapping, fits = opened.reading.mapping, True
    for n, entry in enumerate(mapped.columns if mapping else ()):
        columns = [column for column, path in headers.every_path.items() if entry.means(column, path)]
        if entry.sum:
            columns = next((some for some in entry.addends(headers.every_path) if len(some) != 1), [0])
        if mapping is None or len(columns) == 1:
            continue
        fits = False
        problem = Phrase(
            f"{opened.place} 有{len(columns)}列的表头是“{entry.text}”",
            f"{len(columns)} columns of {opened.place} have the header {entry.text!r}",
        )
        hint = Phrase(
            "请多写几层上面的表头，或用 column 写列的字母",
            "give more of the texts above it, or its letter as column",
        )
        if not columns:
            leaves = [path_text(path) for path in headers.every_path.values()]
            problem = Phrase(
                f"{opened.place} 没有表头是“{entry.text}”的列",
                f"no column of {opened.place} has the header {entry.text!r}",
            ) + near(entry.text, leaves)
            hint = Phrase(
                "请照工作表里的文字写，最下面一层写在最后",
                "write the texts as they are in the sheet, the lowest last",
            )
        path = f"sheets[{mapping.mapping.sheets.index(mapped)}].columns[{n}]"
        opened.reading.problems.found.append(mapping.error("mapping", path, problem, hint))
    return fits
