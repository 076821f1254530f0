"""Which columns of a workbook a person has to bind, and a first draft of `mapping.yaml` for them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from os import PathLike
from pathlib import Path as FilePath

import attrs

from balancedu.core.fields import Language
from balancedu.core.loading import DEFAULT_STANDARD, Entry, load_standard
from balancedu.core.model import Measure
from balancedu.core.standard import SECTIONS, Standard
from balancedu.errors import DataErrors
from balancedu.files.binding import columns_split_by_type
from balancedu.files.collect import Opened, Reading, Recognised, read_sheets
from balancedu.files.headers import Headers, Meaning, Path, path_text
from balancedu.files.layout import OWN
from balancedu.files.mapping import MappedColumn
from balancedu.files.open import WORKBOOKS
from balancedu.files.read import in_order, is_yaml, open_file, says_table, tables_in
from balancedu.files.sheet import text_of
from balancedu.files.values import SEVERAL_STAGES
from balancedu.files.vocabulary import same_kind, titles_like
from balancedu.submission.tables import letters
from balancedu.text import NO_WORDS, Phrase

_HEAD = Phrase(
    "# {} 的各张工作表、各列是什么。以 # 开头的行不读。\n# 各字段见 docs/mapping.md",
    "# What the sheets and columns of {} mean. Lines that begin with # are not read.\n# Every field: docs/mapping.md",
)
_OF_THE_FORM = Phrase("属于填报工作簿，没有数据", "it belongs to the form, and holds no data")
_BY_ITSELF = Phrase("版式已知，不用写", "its layout is known, and nothing needs to be written")
_NOT_KNOWN = Phrase("表头认不出", "its headers are not known")


@attrs.frozen
class OpenColumn:
    """A column whose header is not clear, and the quantities of the same kind that it may hold.

    Attributes
    ----------
    sheet, table : str
        As `mapping.yaml` names them.
    where : mapping
        What identifies the column, as the keys `header` or `column` of `mapping.yaml`.
    header, letter, example : str
        The texts above it, its letter, and what its first filled cell holds.
    candidates : tuple of Measure
        None if no quantity of the same kind is left.
    wrong_unit : str
        What the header states in place of a unit, and is none of the quantity's.
    """

    sheet: str
    table: str
    where: Mapping[str, str | Sequence[str]]
    header: str
    letter: str
    example: str
    candidates: tuple[Measure, ...]
    wrong_unit: str


def draft_mapping(
    path: str | PathLike[str],
    *,
    standard: str | PathLike[str] | Standard = DEFAULT_STANDARD,
    lang: Language = "zh",
) -> str:
    """Return a first draft of `mapping.yaml` for a workbook, or for a folder of text files.

    Columns whose headers are clear are bound; those that may mean several measures, and those that are not known,
    are remarks with what they may mean, for a person to decide. A sheet that is not read without a mapping
    is not read with the draft either, and a remark states why.

    Parameters
    ----------
    path : path
        A workbook, a folder or a text file.
    standard : id, path or Standard
        Whose measures the columns are bound to.
    lang : 'zh' or 'en'
        The language of the remarks.

    Returns
    -------
    str
        The text of the file; it can be read as it is, and of what can be read without it, it changes nothing.

    Raises
    ------
    DataErrors
        If a file cannot be read.

    Examples
    --------
    >>> print(draft_mapping("docs/examples/passing/monitoring.csv").partition("sheets:")[2])
    <BLANKLINE>
      - sheet: "monitoring"
        table: monitoring
        columns:
          - {header: ["county"], measure: county}
          - {header: ["grade"], measure: grade}
          - {header: ["subject"], measure: subject}
          - {header: ["level"], measure: level}
          - {header: ["between_school_rate"], measure: between_school_rate}
    <BLANKLINE>
    """
    source = FilePath(path)
    if not source.exists():
        raise FileNotFoundError(f"no file or folder {str(path)!r}; give a workbook, or a folder of text files")
    lines = [_HEAD.text(lang).format(source.name), "format: 1", "sheets:"]
    for name, opened, headers, why in _sheets(source, load_standard(standard)):
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
    clear, by_type = _clear(headers), _by_type(headers, opened)
    known = _known(headers, by_type)
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
    """Yield the name of each sheet, the sheet, its headers, and why it is not read if it has none."""
    reading = Reading(standard)
    files = [file for file in tables_in(source) if not is_yaml(file)] if source.is_dir() else [source]
    assumed = None if source.is_dir() else "schools"
    opened = {file.name: open_file(file, reading, assumed) for file in sorted(files, key=lambda file: file.name)}
    if reading.problems.found:
        raise DataErrors(reading.problems.found)
    # Of text files in a folder only those are read whose names state what they hold.
    is_read = (
        file
        for file in in_order(files, reading)
        if assumed or file.name.lower().endswith(WORKBOOKS) or says_table(file, reading)
    )
    results = [result for file in is_read for result in read_sheets(opened[file.name], reading)]
    sheets = [sheet for file in opened.values() for sheet in file]
    called = Counter(sheet.called for sheet in sheets)
    for sheet in sheets:
        name = sheet.called if called[sheet.called] == 1 or sheet.sheet.name else sheet.sheet.file
        result = next((result for entry, result in results if entry is sheet), Recognised())
        yield name, sheet, *_headers(sheet, result)


def _headers(opened: Opened, result: Recognised) -> tuple[Headers | None, Phrase]:
    """Return the headers whose columns are bound, or why a sheet is not read."""
    if opened.sheet.name in OWN:
        return None, _OF_THE_FORM
    if result.by_layout and not result.not_read:
        return None, _BY_ITSELF
    if result.headers is None and result.not_read:
        return None, result.not_read
    headers, table = result.headers, opened.reading.named(opened.called)
    # A text file alone is read as that of the schools; by its name it may be another.
    tables = [table] if table else [] if headers else (*opened.reading.standard.tables, SECTIONS)
    possible = [*([headers] if headers else []), *opened.possible(tables)[:1]]
    best = max(possible, key=lambda entry: entry.clear_measures, default=None)
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


def _by_type(headers: Headers, opened: Opened) -> set[int]:
    """Return the columns of which the type of each school states the stage; no school of several stages fills them."""
    errors = (error for error in opened.reading.problems.found if error.kind == SEVERAL_STAGES.en)
    refused = {error.column for error in errors if error.place.startswith(str(opened.place))}
    return {column for column in columns_split_by_type(headers) if path_text(headers.paths[column]) not in refused}


def _known(headers: Headers, by_type: Collection[int]) -> set[str]:
    """Return the measures that need no other column."""
    measures = (measure for column in by_type for measure in headers.meanings[column].measures)
    return {*_clear(headers).values(), *(measure.column for measure in measures)}


def _example(opened: Opened, headers: Headers, column: int) -> str:
    """Return what the first filled cell of a column holds."""
    below = (cells for number, cells in opened.top if number > headers.last)
    return next((text for cells in below if column < len(cells) and (text := text_of(cells[column]))), "")


def _table(headers: Headers, opened: Opened, lang: Language) -> Iterator[str]:
    yield f"    table: {headers.table}"
    clear, by_type = _clear(headers), _by_type(headers, opened)
    known = _known(headers, by_type)
    yield "    columns:" if clear else "    columns: []"
    for column, path in sorted(headers.paths.items()):
        meaning = headers.meanings[column]
        ((key, value),) = _where(column, path, headers.every_path).items()
        where = f"{key}: {value if isinstance(value, str) else _quoted(list(value))}"
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
    """Return what identifies a column: the lowest texts above it, or its letter."""
    for length in range(1, len(path) + 1):
        end = path[-length:]
        if sum(MappedColumn(end, ignore=True).means(column, other) for other in paths.values()) == 1:
            return {"header": end}
    return {"column": letters(column)}


def _quoted(text: str | list[str]) -> str:
    return json.dumps(text, ensure_ascii=False)
