"""Which columns of a workbook a person has to bind, and a first draft of `mapping.yaml` for them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence

import attrs

from balancedu.core.fields import Language
from balancedu.core.loading import Entry
from balancedu.core.model import Measure
from balancedu.core.standard import Standard
from balancedu.errors import DataErrors
from balancedu.files.binding import Meaning, Path, text_of
from balancedu.files.collect import Collected, Opened, opened_sheets, read_file, read_files, tables_in
from balancedu.files.headers import Headers, best_headers, path_text, told_by_type
from balancedu.files.layout import OWN
from balancedu.files.mapping import MappedColumn
from balancedu.files.quantities import same_kind
from balancedu.files.sheet import Sheet
from balancedu.files.vocabulary import titles_like
from balancedu.submission.tables import Place, letters
from balancedu.text import NO_WORDS, Phrase

_HEAD = Phrase(
    "# {} 的各张工作表、各列是什么。以 # 开头的行不读。\n# 各字段见 docs/mapping.md",
    "# What the sheets and columns of {} mean. Lines that begin with # are not read.\n# Every field: docs/mapping.md",
)
_OF_THE_FORM = Phrase("属于填报工作簿，没有数据", "it belongs to the form, and holds no data")
_BY_ITSELF = Phrase("版式已知，不用写", "its layout is known, and nothing needs to be written")
_NOT_KNOWN = Phrase("表头认不出", "its headers are not known")


@attrs.frozen
class _Looking(Collected):
    """Decides as the reader does what each sheet holds, and reads none of them."""

    chosen: dict[Place, Headers] = attrs.field(factory=dict)

    def read(
        self,
        opened: Opened,
        headers: Headers,
        read_elsewhere: Collection[int] = (),  # noqa: ARG002
        *,
        last: bool = False,  # noqa: ARG002
    ) -> None:
        """Keep the headers of a sheet that would be read."""
        self.chosen.setdefault(opened.place, headers)

    def tell_decisions(self, sheet: Sheet) -> None:
        """Keep nothing of how its cells are read."""

    def why_not(self, sheet: Sheet) -> Phrase:
        """Return why a sheet would not be read; nothing where it would, or where that is left to a person."""
        if sheet.name in OWN:
            return _OF_THE_FORM
        result = (note.message for note in self.notes if (note.file, note.sheet) == (sheet.file, sheet.name))
        return next((Phrase(entry.zh, entry.en) for entry in result), NO_WORDS)


@attrs.frozen
class OpenColumn:
    """A column whose header is not clear, and the quantities of the same kind that it may hold.

    Attributes
    ----------
    sheet, table : str
        As `mapping.yaml` names them.
    where : mapping
        What tells the column from the others, as the keys `header` or `column` of `mapping.yaml`.
    header, letter, example : str
        The texts above it, its letter, and what its first filled cell holds.
    candidates : tuple of Measure
        None where no quantity of the same kind is left.
    wrong_unit : str
        What the header says in place of a unit, and is none of the quantity's.
    """

    sheet: str
    table: str
    where: Mapping[str, str | Sequence[str]]
    header: str
    letter: str
    example: str
    candidates: tuple[Measure, ...]
    wrong_unit: str


def drafted(source: Entry, standard: Standard, lang: Language) -> str:
    """Return the text of `draft_mapping`."""
    lines = [_HEAD.text(lang).format(source.name), "format: 1", "sheets:"]
    for name, opened, headers, why in _sheets(source, standard):
        if why is _BY_ITSELF:
            lines += [f"  # {_quoted(name)}: {why.text(lang)}"]
        elif headers is None:
            lines += [f"  - sheet: {_quoted(name)}", f"    ignore: true  # {why.text(lang)}"]
        else:
            lines += [f"  - sheet: {_quoted(name)}", *_table(headers, opened, lang)]
    if all(line.startswith("  #") for line in lines[3:]):
        lines[2] += " []"
    return "\n".join(lines) + "\n"


def open_columns(source: Entry, standard: Standard) -> tuple[OpenColumn, ...]:
    """Return the columns of a workbook or a folder that a person has to bind, in their order.

    Parameters
    ----------
    source : path of a workbook, a folder or a text file
    standard : Standard

    Raises
    ------
    DataErrors
        If a file cannot be read.
    """
    return tuple(
        column
        for name, opened, headers, _ in _sheets(source, standard)
        if headers is not None
        for column in _open_of(name, opened, headers)
    )


def _open_of(name: str, opened: Opened, headers: Headers) -> Iterator[OpenColumn]:
    clear, by_type = _clear(headers), told_by_type(headers)
    known = _known(headers)
    settled = {*clear, *by_type, *(column for total in headers.sums for column in total.columns)}
    for column, path in sorted(headers.paths.items()):
        meaning = headers.meanings[column]
        if column in settled and not meaning.wrong_unit:
            continue
        wording = "".join(path)
        measures = meaning.measures or [
            measure for measure in headers.binder.measures.values() if same_kind(wording, titles_like(measure, wording))
        ]
        candidates = tuple(measure for measure in measures if measure.column not in known)
        if not candidates and not meaning.measures:
            continue  # no quantity of its kind is left: the column is not read, with a note
        yield OpenColumn(
            sheet=name,
            table=headers.table,
            where=_where(column, path, headers.every_path),
            header=path_text(path),
            letter=letters(column),
            example=_example(opened, headers, column),
            candidates=candidates,
            wrong_unit=meaning.wrong_unit,
        )


def _sheets(source: Entry, standard: Standard) -> Iterator[tuple[str, Opened, Headers | None, Phrase]]:
    """Yield the name of each sheet, the sheet, its headers, and why it is not read where it has none."""
    collected = Collected(standard)
    sheets = list(opened_sheets(collected, source))
    if collected.problems.found:
        raise DataErrors(collected.problems.found)
    looking = _Looking(standard)
    if source.is_file():
        read_file(looking, source)
    else:
        read_files(looking, tables_in(source))
    called = Counter(opened.called for opened in sheets)
    for opened in sheets:
        name = opened.called if called[opened.called] == 1 or opened.sheet.name else opened.sheet.file
        yield name, opened, *_headers(opened, looking)


def _headers(opened: Opened, looking: _Looking) -> tuple[Headers | None, Phrase]:
    if opened.place in looking.by_layout:
        return None, _BY_ITSELF
    headers, table = looking.chosen.get(opened.place), looking.named(opened.called)
    if headers is None and (why := looking.why_not(opened.sheet)):
        return None, why
    # A text file alone is read as that of the schools; by its name it may be another.
    known = best_headers(opened.top, opened.sheet, looking.standard, table) if table or not headers else None
    best = max((result for result in (headers, known) if result), key=lambda result: result.found, default=None)
    if best is None or (headers is None and table is None and not best.convincing):
        return None, _NOT_KNOWN
    return best, NO_WORDS


def _clear(headers: Headers) -> dict[int, str]:
    """Return what the columns report whose headers are clear; of two with the same header, the first."""
    result: dict[int, str] = {}
    for column, meaning in sorted(headers.meanings.items()):
        if meaning.measure and not meaning.wrong_unit and meaning.measure.column not in result.values():
            result[column] = meaning.measure.column
    return result


def _known(headers: Headers) -> set[str]:
    """Return the measures that need no other column."""
    by_type = (measure for column in told_by_type(headers) for measure in headers.meanings[column].measures)
    return {*_clear(headers).values(), *(measure.column for measure in by_type)}


def _example(opened: Opened, headers: Headers, column: int) -> str:
    """Return what the first filled cell of a column holds."""
    below = (cells for number, cells in opened.top if number > headers.last)
    return next((text for cells in below if column < len(cells) and (text := text_of(cells[column]))), "")


def _table(headers: Headers, opened: Opened, lang: Language) -> Iterator[str]:
    yield f"    table: {headers.table}"
    clear, known, by_type = _clear(headers), _known(headers), told_by_type(headers)
    yield "    columns:" if clear else "    columns: []"
    for column, path in sorted(headers.paths.items()):
        meaning = headers.meanings[column]
        ((key, value),) = _where(column, path, headers.every_path).items()
        where = f"{key}: {value if isinstance(value, str) else _quoted_list(value)}"
        if column in clear:
            unit = f", unit: {_quoted(meaning.scaling.word)}" if meaning.scaling else ""
            yield f"      - {{{where}, measure: {clear[column]}{unit}}}"
            continue
        is_by_type = column in by_type and not meaning.wrong_unit
        remark = _remark(column, path, _example(opened, headers, column), is_by_type=is_by_type)
        yield f"      # {remark.text(lang)}"
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


def _where(column: int, path: Path, paths: Mapping[int, Path]) -> Mapping[str, str | Sequence[str]]:
    """Return what tells a column from the others: the lowest texts above it, or its letter."""
    for length in range(1, len(path) + 1):
        end = path[-length:]
        if sum(MappedColumn(end, ignore=True).means(column, other) for other in paths.values()) == 1:
            return {"header": end}
    return {"column": letters(column)}


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _quoted_list(texts: Sequence[str]) -> str:
    return f"[{', '.join(map(_quoted, texts))}]"
