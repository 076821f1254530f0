"""A first draft of `mapping.yaml` for a workbook."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping

import attrs

from balancedu.core.fields import Language
from balancedu.core.loading import Entry
from balancedu.core.standard import Standard
from balancedu.errors import DataErrors
from balancedu.files.binding import Meaning, Path, text_of
from balancedu.files.collect import Collected, Opened, opened_sheets, read_file, read_folder
from balancedu.files.headers import Headers, best_headers, path_text, told_by_type
from balancedu.files.layout import OWN
from balancedu.files.mapping import MappedColumn
from balancedu.files.sheet import Sheet
from balancedu.submission.tables import Place, letters
from balancedu.text import NO_WORDS, Phrase

_HEAD = Phrase(
    "# {} 的各张工作表、各列是什么。以 # 开头的行不读。\n# 各字段见 docs/mapping.md",
    "# What the sheets and columns of {} mean. Lines that begin with # are not read.\n# Every field: docs/mapping.md",
)
_OF_THE_FORM = Phrase("属于填报工作簿，没有数据", "it belongs to the form, and holds no data")
_NOT_KNOWN = Phrase("表头认不出", "its headers are not known")


@attrs.frozen
class _Looking(Collected):
    """Decides as the reader does what each sheet holds, and reads none of them."""

    chosen: dict[Place, Headers] = attrs.field(factory=dict)

    def read(self, opened: Opened, headers: Headers) -> None:
        """Keep the headers of a sheet that would be read."""
        self.chosen[opened.place] = headers

    def tell_decisions(self, sheet: Sheet) -> None:
        """Keep nothing of how its cells are read."""

    def why_not(self, sheet: Sheet) -> Phrase:
        """Return why a sheet would not be read; nothing where it would, or where that is left to a person."""
        if sheet.name in OWN:
            return _OF_THE_FORM
        result = (note.message for note in self.notes if (note.file, note.sheet) == (sheet.file, sheet.name))
        return next((Phrase(entry.zh, entry.en) for entry in result), NO_WORDS)


def drafted(source: Entry, standard: Standard, lang: Language) -> str:
    """Return the text of `draft_mapping`."""
    collected = Collected(standard)
    opened = list(opened_sheets(collected, source))
    if collected.problems.found:
        raise DataErrors(collected.problems.found)
    looking = _Looking(standard)
    (read_file if source.is_file() else read_folder)(looking, source)
    called = Counter(entry.called for entry in opened)
    lines = [_HEAD.text(lang).format(source.name), "format: 1", "sheets:"]
    for entry in opened:
        name = entry.called if called[entry.called] == 1 or entry.sheet.name else entry.sheet.file
        lines += [f"  - sheet: {_quoted(name)}", *_sheet(entry, looking, lang)]
    return "\n".join(lines) + "\n"


def _sheet(opened: Opened, looking: _Looking, lang: Language) -> Iterator[str]:
    headers, table = looking.chosen.get(opened.place), looking.named(opened.called)
    if headers is None and (why := looking.why_not(opened.sheet)):
        yield f"    ignore: true  # {why.text(lang)}"
        return
    # A text file alone is read as that of the schools; by its name it may be another.
    known = best_headers(opened.top, opened.sheet, looking.standard, table) if table or not headers else None
    best = max((entry for entry in (headers, known) if entry), key=lambda entry: entry.found, default=None)
    if best is None or (headers is None and table is None and not best.convincing):
        yield f"    ignore: true  # {_NOT_KNOWN.text(lang)}"
    else:
        yield from _table(best, opened, lang)


def _table(headers: Headers, opened: Opened, lang: Language) -> Iterator[str]:
    yield f"    table: {headers.table}"
    clear = {entry.measure.column for entry in headers.meanings.values() if entry.measure and not entry.wrong_unit}
    yield "    columns:" if clear else "    columns: []"
    bound: set[str] = set()
    by_type = told_by_type(headers)
    known = clear | {measure.column for column in by_type for measure in headers.meanings[column].measures}
    below = [cells for number, cells in opened.top if number > headers.last]
    for column, path in sorted(headers.paths.items()):
        where, meaning = _where(column, path, headers.every_path), headers.meanings[column]
        if meaning.measure and not meaning.wrong_unit and meaning.measure.column not in bound:
            bound.add(meaning.measure.column)
            unit = f", unit: {_quoted(meaning.scaling.word)}" if meaning.scaling else ""
            yield f"      - {{{where}, measure: {meaning.measure.column}{unit}}}"
            continue
        is_by_type = column in by_type and not meaning.wrong_unit
        example = next((text for cells in below if column < len(cells) and (text := text_of(cells[column]))), "")
        yield f"      # {_remark(column, path, example, is_by_type=is_by_type).text(lang)}"
        if not is_by_type:
            for guess in _guesses(path, meaning, headers, known):
                yield f"      # - {{{where}, {guess}}}"
            yield f"      # - {{{where}, ignore: true}}"


def _remark(column: int, path: Path, example: str, *, is_by_type: bool) -> Phrase:
    header, letter = path_text(path), letters(column)
    if is_by_type:
        return Phrase(
            f"{header}，{letter}列：按各校的学校类型归入学段",
            f"{header}, column {letter}: of the stage that the type of school says",
        )
    shown = Phrase(f"，如{example}", f", as {example}") if example else NO_WORDS
    return Phrase(f"{header}，{letter}列", f"{header}, column {letter}") + shown + Phrase("：", ":")


def _guesses(path: Path, meaning: Meaning, headers: Headers, known: Collection[str]) -> Iterator[str]:
    unit = ", unit: …" if meaning.wrong_unit else ""
    for name in [measure.column for measure in meaning.measures] or headers.binder.words.nearest(path, known):
        if name not in known:
            yield f"measure: {name}{unit}"


def _where(column: int, path: Path, paths: Mapping[int, Path]) -> str:
    """Return what tells a column from the others: the lowest texts above it, or its letter."""
    for length in range(1, len(path) + 1):
        end = path[-length:]
        if sum(MappedColumn(end, ignore=True).means(column, other) for other in paths.values()) == 1:
            return f"header: [{', '.join(map(_quoted, end))}]"
    return f"column: {letters(column)}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
