"""Sheets become tables: which table each sheet is, and what is read of it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import get_args

import attrs

from balancedu.core.fields import Language, Title, plain
from balancedu.core.loading import DEFAULT_STANDARD, Entry, available_overlays, available_standards, load_standard
from balancedu.core.standard import Standard
from balancedu.errors import BalanceduError, DataError, near
from balancedu.files.binding import text_of
from balancedu.files.facts import FactRows, can_be_read, facts_of
from balancedu.files.headers import MOST_ABOVE, Headers, bindings_of, find_headers, headers_of, said
from balancedu.files.layout import COVER, DAY, EDITION, NAMED, OVERLAY, OWN, sheet_titles
from balancedu.files.mapping import MAPPING_FILE, MappedSheet, ReadMapping
from balancedu.files.merge import one_table
from balancedu.files.open import WORKBOOKS, cannot_read, sheets_of
from balancedu.files.rows import Body, DataRows, Ids
from balancedu.files.sheet import Row, Sheet
from balancedu.files.text import NOT_TEXT, decoded
from balancedu.files.units import split_unit
from balancedu.files.vocabulary import vocabulary
from balancedu.submission.arrange import COLUMN, FACT, raw_facts, type_table, unknown_of, without
from balancedu.submission.problems import Note, Problems
from balancedu.submission.raw import RawTable
from balancedu.submission.tables import Place
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
    rest : iterator of Row
    guard : Guard
    """

    sheet: Sheet
    called: str
    top: list[Row]
    rest: Iterator[Row]
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
        """Return the rows below one."""
        return itertools.chain((one for one in self.top if one[0] > row), self.rest)


_ID = "([A-Za-z0-9._-]+)"
_NAMED = tuple(
    re.compile(re.escape(one).replace(r"\{\}", "(.+?)", 1).replace(r"\{\}", _ID, 1).replace(r"\{\}", ".+"))
    for one in (NAMED.zh, NAMED.en)
)
_MOST_SHOWN = 3


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
    def said(self) -> Phrase:
        """The name of the standard, and the day."""
        name = "+".join((self.edition, *self.overlays))
        day = Phrase(f"（适用日期{self.day}）", f" (as of {self.day})") if self.day else NO_WORDS
        return Phrase(f"“{name}”", name) + day

    @property
    def own(self) -> tuple[str, ...]:
        """What of it does not come with balancedu."""
        known = {*available_standards(), *available_overlays()}
        return tuple(one for one in (self.edition, *self.overlays) if one not in known)

    @property
    def standard(self) -> Standard | None:
        """The standard; None where it does not come with balancedu, for a cover may name any file."""
        with suppress(BalanceduError, ValueError):
            return None if self.own else load_standard(self.edition, self.overlays, self.day or None)
        return None

    @property
    def options(self) -> str:
        """What a command is told, so that it reads by this standard."""
        edition = f"--standard {self.edition}"
        words = [edition] if self.edition != DEFAULT_STANDARD or not self.overlays else []
        return " ".join(
            [*words, *(f"--overlay {one}" for one in self.overlays), *([f"--on {self.day}"] * bool(self.day))]
        )

    @property
    def argument(self) -> str:
        """What a function is told, so that it reads by this standard."""
        if not self.overlays and not self.day:
            return f'standard="{self.edition}"'
        quoted = ", ".join(f'"{one}"' for one in self.overlays)
        more = f", [{quoted}]" if self.overlays else ""
        return f'standard=load_standard("{self.edition}"{more}' + (f', on="{self.day}")' if self.day else ")")


def made_for(sheet: Sheet, standard: Standard) -> MadeFor | None:
    """Return the standard that a cover names; None where it names none."""
    if sheet.name not in (COVER.zh, COVER.en):
        return None
    # A cover that cannot be read to its end is none of what a county reports.
    rows = Opened.of(sheet, Problems(standard)).top
    said = list(itertools.chain.from_iterable(_line([text_of(cell) for cell in cells]) for _, cells in rows))
    edition = next((text for what, text in said if what is EDITION), "")
    overlays = tuple(text for what, text in said if what is OVERLAY)
    return MadeFor(edition, overlays, next((text for what, text in said if what is DAY), "")) if edition else None


def _line(texts: list[str]) -> Iterator[tuple[Title, str]]:
    """Yield what a line of the cover says of the standard."""
    label, text = [*texts, "", ""][:2]
    what = next((one for one in (EDITION, OVERLAY, DAY) if label in (one.zh, one.en)), None)
    if what is OVERLAY:
        found = next((match for match in (one.fullmatch(text) for one in _NAMED) if match), None)
        text = found[2] if found else ""
    if what and text:
        yield what, text


def refuse_another_standard(made: Mapping[str, MadeFor], problems: Problems) -> bool:
    """Put one error in place of all others where a workbook was made for another standard and cannot be read by this.

    What is read by another standard on purpose, and fits, is no fault; a column that neither knows is told as it is.
    """
    for file, one in made.items():
        if one == MadeFor.of(problems.standard):
            continue
        unknown = [error for error in problems.found if error.place.startswith(f"{file} ") and _is_unknown(error)]
        if other := one.standard if unknown else None:
            unknown = [error for error in unknown if _is_known(error, other)]
        if unknown:
            problems.found.clear()
            _refuse(file, one, unknown, problems)
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
    shown, more, read_by = listed(columns[:_MOST_SHOWN]), len(columns) - _MOST_SHOWN, MadeFor.of(problems.standard).said
    problem = Phrase(
        f"这个工作簿是按{made.said.zh}制作的，现在按{read_by.zh}读，认不出{shown.zh}",
        f"the workbook was made for {made.said.en}, and is read by {read_by.en}, which does not know {shown.en}",
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
        found = self.mapping.of(*names) if self.mapping else None
        return found[1] if found else None

    def take_workbook(self, sheets: Sequence[Sheet]) -> None:
        """Read the tables of a workbook: those whose sheets are called so first, then those that headers tell."""
        opened = [Opened.of(sheet, self.problems) for sheet in sheets if self._is_shown(sheet)]
        tables = [(self.named(one.called), one) for one in opened]
        for table, one in sorted(tables, key=lambda pair: pair[0] is None and not self.mapped(pair[1].called)):
            self.take(one, table)
        for one in opened:
            self.tell_decisions(one.sheet)

    def tell_decisions(self, sheet: Sheet) -> None:
        """Keep what was decided in reading the cells of a sheet."""
        for sentence in sheet.notes:
            self.tell(sheet, sentence.zh, sentence.en)

    def take(self, opened: Opened, table: str | None) -> None:
        """Read a sheet: as a table, where that is known, or else as the one that its headers tell."""
        mapped = self.mapped(opened.called, opened.sheet.file)
        self.seen.extend((opened.called, opened.sheet.file))
        if mapped and mapped.ignore:
            self.tell(opened.sheet, "按 mapping.yaml 没有读入", "not read, as mapping.yaml says")
            return
        if not opened.top:
            if not opened.sheet.name and not opened.guard.broken:
                problem = Phrase("文件是空的", "the file is empty")
                hint = Phrase("请在第一行写上各列的名称", "write the names of the columns in the first line")
                self.problems.note(opened.called, opened.sheet.place(1), "", problem, hint)
            return
        self._decide(opened, mapped.table if mapped else table, mapped)

    def _decide(self, opened: Opened, table: str | None, mapped: MappedSheet | None) -> None:
        headers = headers_of(opened.top, opened.sheet, self.standard, table, mapped) if table else self._new(opened)
        if headers and not self.is_taken(headers.table, opened.place):
            self.read(opened, headers)

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
        possible = [find_headers(opened.top, sheet, self.standard, one) for one in self.standard.tables]
        found = sorted((one for one in possible if one), key=lambda one: (one.found, -len(one.paths)), reverse=True)
        if not found:
            self.tell(sheet, "没有认得的表头，没有读入", "no header is known, and the sheet was not read")
            return None
        best = found[0]
        if not best.convincing:
            known = [said(path) for column, path in best.paths.items() if best.meanings[column].measures]
            self.tell(
                sheet,
                f"表头只认得{'、'.join(known)}，没有读入；要读，请在 mapping.yaml 里说明是哪张表",
                f"of its headers only {', '.join(known)} are known; it was not read, unless mapping.yaml binds it",
            )
            return None
        equal = [one.table for one in found if (one.found, len(one.paths)) == (best.found, len(best.paths))]
        if len(equal) > 1:
            tables = one_of(Phrase(self.standard.tables[table].title.zh, table) for table in equal)
            problem = Phrase("从表头看，可能是", "by its headers the sheet may be ") + tables
            hint = Phrase(
                "请按表名命名工作表，或在 mapping.yaml 里说明是哪张表",
                "name it as the table, or say in mapping.yaml what it is",
            )
            self.problems.note(sheet.name, str(opened.place), "", problem, hint)
            return None
        return best

    def is_taken(self, table: str, place: Place) -> bool:
        """Return whether a table was read already, which is a fault; otherwise it is read here.

        It may stand in several sheets of one workbook, or in several text files, unless it is that of facts.
        """
        first = self.places.setdefault(table, place)
        alike = first.file == place.file or not (first.sheet or place.sheet)
        if first is place or (alike and table != "facts"):
            return False
        title = self.standard.tables[table].title.zh
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
        table, said = headers.table, [one.measure for one in headers.meanings.values() if one.measure]
        first = self.places.get(table)
        names = any(one.type == "text" and one.column != "county" for one in said)
        if first is None or (table != "facts" and names and any(one.type != "text" for one in said)):
            return False
        self.tell(
            sheet,
            f"看来也是{self.standard.tables[table].title.zh}，已从 {first} 读入，这里没有读入",
            f"looks like {table} too, which were read from {first}; it was not read",
        )
        return True

    def read(self, opened: Opened, headers: Headers) -> None:
        """Read the rows of a sheet below its headers."""
        mapped = self.mapped(opened.called, opened.sheet.file)
        if mapped and not self._fits(mapped, headers, opened):
            return
        sheet, in_rows = opened.sheet, headers.binder.in_rows
        bindings = bindings_of(headers, sheet, self.problems, others=mapped.others if mapped else "refuse")
        if in_rows and not can_be_read(headers, bindings, sheet, self.problems):
            return
        county = mapped.county if mapped and "county" not in bindings.bound else ""
        data = DataRows(sheet, headers, bindings, self.problems)
        ids = self.ids.setdefault(headers.table, Ids())
        reader = FactRows(data, county) if in_rows else Body(data, county, ids)
        raw, notes = reader.table(opened.below(headers.last))
        whole = raw.origin.whole and not opened.guard.broken
        parts = self.parts.setdefault(headers.table, [])
        if parts:
            before, title = parts[-1].origin.title, self.standard.tables[headers.table].title.zh
            en = f"{headers.table} too, read after those of {before}"
            self.tell(sheet, f"也是{title}，接在 {before} 之后读入", en)
        parts.append(attrs.evolve(raw, origin=attrs.evolve(raw.origin, whole=whole)))
        self.evidence.update(reader.evidence if isinstance(reader, FactRows) else {})
        self.notes.extend(notes)

    def _fits(self, mapped: MappedSheet, headers: Headers, opened: Opened) -> bool:
        """Return whether the sheet has each column of the mapping once; note those for which it has not."""
        fits = True
        for n, one in enumerate(mapped.columns):
            found = [column for column, path in headers.every_path.items() if one.means(column, path)]
            if len(found) == 1 or self.mapping is None:
                continue
            fits = False
            path = f"sheets[{self.mapping.mapping.sheets.index(mapped)}].columns[{n}]"
            problem = Phrase(
                f"{opened.place} 有{len(found)}列的表头是“{one.said}”",
                f"{len(found)} columns of {opened.place} have the header {one.said!r}",
            )
            hint = Phrase(
                "请多写几层上面的表头，或用 column 写列的字母",
                "give more of the texts above it, or its letter as column",
            )
            if not found:
                problem, hint = _no_such_header(str(opened.place), one.said, headers)
            self.problems.found.append(self.mapping.error("mapping", path, problem, hint))
        return fits

    def finish(self) -> None:
        """Make one table of the sheets of each; then everything was seen that there is."""
        for table, parts in self.parts.items():
            self.raws[table] = one_table(parts, self.standard, self.problems)
        self.parts.clear()
        self._refuse_unseen()

    def _refuse_unseen(self) -> None:
        """Note sheets of the mapping that there are not."""
        for n, one in enumerate(self.mapping.mapping.sheets if self.mapping else ()):
            if self.mapping and one.sheet not in self.seen:
                name = one.sheet
                problem = Phrase(f"没有叫“{name}”的工作表或文件", f"no sheet or file is called {name!r}")
                problem += near(name, self.seen)
                hint = Phrase(
                    "请删去，或改用为这个文件写的 mapping.yaml",
                    "take it out, or use the mapping that was made for this file",
                )
                error = self.mapping.error("mapping", f"sheets[{n}].sheet", problem, hint)
                self.problems.found.append(error)


def _no_such_header(place: str, header: str, headers: Headers) -> tuple[Phrase, Phrase]:
    """Return that no column has a header, and the way out."""
    leaves = [said(path) for path in headers.every_path.values()]
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


def read_folder(collected: Collected, folder: Entry) -> None:
    """Read the files of a folder."""
    files = [entry for entry in folder.iterdir() if _is_table(entry.name) and not entry.is_dir()]
    _refuse_second_workbook(collected, files)
    order = ["", *collected.standard.tables]
    for file in sorted(files, key=lambda file: (order.index(_table_of(collected, file.name) or ""), file.name)):
        table = _table_of(collected, file.name)
        known = table or collected.mapped(file.name, file.name.rpartition(".")[0])
        if file.name == _FACTS_FILE and table:
            _take_facts_file(collected, file)
        elif file.name.lower().endswith(WORKBOOKS) or (known and file.name.lower().endswith(_TEXTS)):
            _take(collected, _sheets(collected, file), table)
        else:
            _refuse_name(collected, file.name)
    collected.finish()
    _need_schools(collected, next((file.name for file in files if file.name.lower().endswith(WORKBOOKS)), ""))


def opened_sheets(collected: Collected, source: Entry) -> Iterator[Opened]:
    """Yield every sheet of a workbook, of a text file, or of the files of a folder, in their order."""
    files = [entry for entry in source.iterdir() if _is_table(entry.name)] if source.is_dir() else [source]
    for file in sorted(files, key=lambda file: file.name):
        if not file.name.lower().endswith((".yaml", ".yml")):
            yield from (Opened.of(sheet, collected.problems) for sheet in _sheets(collected, file))


def _is_table(name: str) -> bool:
    return name.lower().endswith(_ENDINGS) and not name.startswith((".", "~$")) and name != MAPPING_FILE


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
        collected.take(Opened.of(sheet, collected.problems), table)
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
    raw = raw_facts(facts, known, origin, collected.problems)
    collected.raws["facts"] = type_table("facts", raw.columns, known, raw.origin, collected.problems)
    collected.evidence.update(raw.evidence)


def _refuse_second_workbook(collected: Collected, files: Sequence[Entry]) -> None:
    books = sorted(file.name for file in files if file.name.lower().endswith(WORKBOOKS))
    for name in books[1:]:
        problem = Phrase(
            f"{books[0]} 也是工作簿，两个都会读入", f"{books[0]} is a workbook too, and both would be read"
        )
        hint = Phrase("请在文件夹里只保留一个", "keep one of them in the folder")
        collected.problems.note(name.rpartition(".")[0], name, "", problem, hint)


def _refuse_name(collected: Collected, name: str) -> None:
    tables = collected.standard.tables
    known = [*(f"{table}.csv" for table in tables), *([_FACTS_FILE] if "facts" in tables else [])]
    problem = Phrase("没有叫这个名称的表", "no table is called so") + near(name, known)
    collected.problems.note(name.rpartition(".")[0], name, "", problem, Phrase("可以是：", "known: ") + listed(known))


def _need_schools(collected: Collected, workbook: str) -> None:
    """Note that there are no schools, unless their file could not be read."""
    if "schools" in collected.places or any(error.table == "schools" for error in collected.problems.found):
        return
    if not workbook:
        problem = Phrase("缺少这个文件", "the file is missing")
        hint = Phrase("其他文件可以不报，这个必须有", "every other file may be left out, this one not")
        collected.problems.note("schools", "schools.csv", "", problem, hint)
    elif hidden := next((name for name in collected.hidden if collected.named(name) == "schools"), ""):
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
        f"请把工作表命名为“{title}”，或在 mapping.yaml 里说明是哪一张（balancedu map 可起草）",
        f"name it {title}, or say in mapping.yaml which it is (balancedu map drafts one)",
    )
    collected.problems.note("schools", workbook, "", problem, hint)
