"""Sheets become tables: which table each sheet is, and what is read of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

import attrs

from balancedu.core.model import Language, Title
from balancedu.core.standard import Standard
from balancedu.core.words import plain
from balancedu.errors import near
from balancedu.phrase import Phrase, one_of
from balancedu.submission.layout import OWN, sheet_titles
from balancedu.submission.notes import Note
from balancedu.submission.problems import Problems
from balancedu.submission.raw import RawTable
from balancedu.submission.reading.bindings import bindings_of, said
from balancedu.submission.reading.body import Body, Ids
from balancedu.submission.reading.data_rows import DataRows
from balancedu.submission.reading.facts_sheet import FactRows, can_be_read
from balancedu.submission.reading.headers import Headers, find_headers, headers_of
from balancedu.submission.reading.made_for import MadeFor, made_for
from balancedu.submission.reading.mapping import MappedSheet, ReadMapping
from balancedu.submission.reading.opened import Opened
from balancedu.submission.reading.several import one_table
from balancedu.submission.reading.sheet import Sheet
from balancedu.submission.table import Place


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
