"""Commands about files: template, mapping, check, merge and split."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import attrs
import numpy as np

from balancedu.commands import BAD_INPUT, FINE, NOT_FINE
from balancedu.commands.common import UsageError, read, read_all, there, with_progress
from balancedu.core.fields import Language
from balancedu.core.words import COLON, COMMA
from balancedu.errors import EXAMPLES, DataError, DataErrors
from balancedu.evaluate import evaluate
from balancedu.evaluation.findings import Gap
from balancedu.explaining.gaps import gaps
from balancedu.files.annotate import annotate, check_annotated
from balancedu.files.coverage import Expected, expected_schools, missing_schools, schools_without_classes
from balancedu.files.read import read_partly
from balancedu.files.suggest import draft_mapping
from balancedu.files.write import split_counties, split_schools, write_submission, write_template
from balancedu.saving import check_target, save_text
from balancedu.submission.arrange import DETAILS
from balancedu.submission.checks import DataWarning
from balancedu.submission.submission import Submission
from balancedu.text import Phrase

_MOST_NAMED = 20
"""Schools whose empty cells are listed; --json has all."""


def run_map(options: argparse.Namespace) -> Path | None:
    """Write or print a draft of mapping.yaml."""
    text = draft_mapping(there(options.path), standard=options.standard, lang=options.lang)
    if options.output is None:
        print(text, end="")
        return None
    save_text(options.output, text, replace=options.replace)
    return Path(options.output)


def run_template(options: argparse.Namespace) -> Path:
    """Write a workbook to fill in, empty or with what there is."""
    if options.source is None:
        write_template(options.output, standard=options.standard, lang=options.lang, replace=options.replace)
    else:
        write_submission(read(options.source, options), options.output, lang=options.lang, replace=options.replace)
    return Path(options.output)


def run_check(options: argparse.Namespace) -> int:
    """Print every problem of the files, and mark them in a copy if requested."""
    path, lang, standard = there(options.path), options.lang, options.standard
    if options.annotate is not None:
        check_annotated(path, options.annotate, replace=options.replace)
    expected = expected_schools(there(options.expect), standard) if options.expect else ()
    submission, errors = read_partly([path], standard=standard, mapping=options.mapping, progress=with_progress)
    differing, blanks = _judged(submission, errors) if submission else ((), ())
    errors, warnings = (*errors, *differing), submission.warnings if submission else ()
    missing = missing_schools(submission, expected)
    if options.json:
        plain = {
            "errors": [_plain_error(error) for error in errors],
            "warnings": [warning.to_dict() for warning in warnings],
            "notes": [attrs.asdict(note) for note in submission.notes] if submission else [],
            "blanks": [attrs.asdict(gap, filter=attrs.filters.exclude("title", "name", "grade")) for gap in blanks],
            "missing_schools": [attrs.asdict(school) for school in missing],
        }
        print(json.dumps(plain, ensure_ascii=False, indent=2))
    else:
        lines = [*_errors(errors, options)]
        if submission is not None:
            lines += [*_reading(submission, errors, lang), *_warnings(submission, warnings, lang)]
        lines += _missing(submission, missing, lang)
        if submission is not None:
            lines += _blank_cells(blanks, submission, lang)
        print("\n".join(lines))
    if options.annotate is not None:
        marked = annotate(path, options.annotate, errors, warnings, lang=lang, replace=options.replace)
        if not options.json:
            print(*filter(None, [options.annotate, marked.text(lang)]), sep="\n")
    if errors:
        return BAD_INPUT
    return NOT_FINE if options.strict and (warnings or missing) else FINE


def _plain_error(error: DataError) -> dict[str, Any]:
    named = ("table", "place", "column", "problem", "hint", "kind")
    return {name: getattr(error, name) for name in named} | {"text_zh": error.text("zh")}


def _judged(submission: Submission, errors: Sequence[DataError]) -> tuple[Sequence[DataError], Sequence[Gap]]:
    """Return what a figure given twice disagrees with, and the empty cells that verdicts wait for.

    What is only empty because of an error is left out: its cell, and rows of a table of which some were refused.
    """
    differing: Sequence[DataError] = ()
    try:
        unknown = gaps(evaluate(submission))
    except DataErrors as error:
        differing = error.errors
        unknown = gaps(evaluate(_without(submission, differing)))
    faulty = {(error.column, error.place.partition(" (")[0]) for error in (*errors, *differing)}
    has_facts = len(submission.facts.reported()) > 0

    def is_empty(gap: Gap) -> bool:
        if (gap.column, gap.place.partition(" (")[0]) in faulty:
            return False
        is_in_a_row = {"schools": gap.school != "", "facts": has_facts}.get(gap.table, gap.row >= 0)
        return is_in_a_row or gap.table not in submission.refused

    return differing, list(filter(is_empty, dict.fromkeys(gap for row in unknown for gap in row.cells)))


def _without(submission: Submission, errors: Sequence[DataError]) -> Submission:
    """Return a submission without the figures per pupil, means and coefficients that errors are about."""
    places, tables = {(error.column, error.place) for error in errors}, dict(submission.tables)
    for name in {error.table for error in errors}:
        table, columns = tables[name], dict(tables[name].columns)
        for column, values in columns.items():
            rows = [n for n in range(len(table)) if (column, table.place(n, column, table.name(n))) in places]
            if rows:
                columns[column] = values.copy()
                columns[column][rows] = np.nan
        tables[name] = attrs.evolve(table, columns=columns)
    return Submission.of_tables(submission.standard, submission.counties, tables)


def _errors(errors: Sequence[DataError], options: argparse.Namespace) -> Iterator[str]:
    lang, count, tables = options.lang, len(errors), options.standard.tables
    if errors:
        en = f"{count} error{'s' * (count > 1)} to correct before anything is judged:"
        yield Phrase(f"{count}处错误，改正后才能判定：", en).text(lang)
    for table in dict.fromkeys((*tables, *(error.table for error in errors))):
        lines = [(error.sort(lang), error.text(lang)) for error in errors if error.table == table]
        yield from _examples(_titled(tables[table].title.text(lang) if table in tables else "", table), lines, lang)


def _reading(submission: Submission, errors: Sequence[DataError], lang: Language) -> Iterator[str]:
    """Yield how much was read, and how."""
    if not errors:
        counts = [(table, len(submission.tables[table].reported())) for table in submission.standard.tables]
        yield (Phrase("没有发现错误：", "no error found: ") + _row_counts(submission, counts)).text(lang)
    yield from _sources(submission, lang)
    if submission.notes:
        yield Phrase("读入时的处理：", "how the files were read:").text(lang)
        yield from (f"  {note.text(lang)}" for note in submission.notes)


def _warnings(submission: Submission, warnings: Sequence[DataWarning], lang: Language) -> Iterator[str]:
    if count := len(warnings):
        en = f"{count} warning{'s' * (count > 1)}, which change no verdict:"
        yield Phrase(f"{count}处提示，不影响判定：", en).text(lang)
    for table in submission.standard.tables.values():
        here = [warning for warning in warnings if warning.table == table.id]
        lines = [(f"{warning.column} {warning.check}", warning.text(lang)) for warning in here]
        yield from _examples(_titled(table.title.text(lang), table.id), lines, lang)


def _missing(submission: Submission | None, missing: Sequence[Expected], lang: Language) -> Iterator[str]:
    """Yield the schools that sent nothing, or no classes."""
    if count := len(missing):
        yield Phrase(f"名单上有{count}所学校没有报：", f"{count} of the schools expected sent nothing:").text(lang)
        yield from (f"  {school.text}" for school in missing)
    # Where classes could not be read, it is unknown which school has none.
    known = submission if submission is not None and "classes" not in submission.refused else None
    if known and (schools := schools_without_classes(known)):
        count = len(schools)
        yield Phrase(f"没有填报班级的学校（{count}所）：", f"schools without classes ({count}):").text(lang)
        yield from _first([school.text for school in schools], lang)


def _first(lines: Sequence[str], lang: Language) -> Iterator[str]:
    yield from (f"  {line}" for line in lines[:_MOST_NAMED])
    if (more := len(lines) - _MOST_NAMED) > 0:
        yield Phrase(f"  另有{more}所", f"  and {more} more").text(lang)


def _blank_cells(blanks: Sequence[Gap], submission: Submission, lang: Language) -> Iterator[str]:
    """Yield the empty cells that verdicts wait for, by sheet, and in it by who delivers them."""
    if count := len(blanks):
        zh, en = f"空着、但判定需要的数据（{count}项）：", f"empty, and needed by a verdict ({count}):"
        yield Phrase(zh, en).text(lang)
    for table in submission.standard.tables.values():
        cells: dict[str, list[str]] = {}
        for gap in sorted((gap for gap in blanks if gap.table == table.id), key=lambda gap: gap.school):
            county = submission.county_name(gap.county) or gap.county if len(submission.counties) > 1 else ""
            name, place = gap.name or gap.school or county, gap.place.partition(" (")[0]
            sheet, _, cell = place.rpartition("!")
            row, _, last = cell.partition(":")
            # Of a text file, and of a sheet without such a column, the row is that of the whole school.
            whose, cell = f"{name} {place}" if name and not sheet else name or place, cell if name and sheet else ""
            if cell and row == last:
                whose, cell = f"{name} {Phrase(f'第{row}行', f'row {row}').text(lang)}", ""
            cells.setdefault(whose.strip(), []).append(f"{gap.titled(lang)} {cell}".strip())
        if cells:
            by_schools = table.id in ("schools", *DETAILS)
            by = Phrase("由学校填报", "from the schools") if by_schools else Phrase("由县级填报", "from the county")
            yield f"{_titled(table.title.text(lang), table.id)} ({by.text(lang)})"
        lines = [
            (name + COLON.text(lang) if name else "") + COMMA.text(lang).join(dict.fromkeys(some))
            for name, some in cells.items()
        ]
        yield from _first(lines, lang)


def _titled(title: str, table: str) -> str:
    return f"{title} {table}".strip()


def _examples(title: str, lines: Sequence[tuple[str, str]], lang: Language) -> Iterator[str]:
    """Yield the lines of one table, a few of each kind."""
    if lines:
        yield title
    kinds: Counter[str] = Counter()
    for kind, line in lines:
        kinds[kind] += 1
        if kinds[kind] <= EXAMPLES:
            yield f"  {line}"
    for kind, count in kinds.items():
        if (more := count - EXAMPLES) > 0:
            yield Phrase(f"  {kind}：另有{more}处", f"  {kind}: and {more} more like it").text(lang)


def run_merge(options: argparse.Namespace) -> int:
    """Join workbooks into one, and print what came from each and what is missing."""
    check_target(options.output, replace=options.replace)
    expected = expected_schools(there(options.expect), options.standard) if options.expect else ()
    submission = read_all([there(path) for path in options.paths], options)
    write_submission(submission, options.output, lang=options.lang, replace=options.replace)
    missing = missing_schools(submission, expected)
    reading = _reading(submission, (), options.lang)
    print(*reading, *_missing(submission, missing, options.lang), options.output, sep="\n")
    return NOT_FINE if missing else FINE


def _sources(submission: Submission, lang: Language) -> Iterator[str]:
    """Yield how many rows of each table were read from each file, where schools are in several."""
    rows: Counter[tuple[str, str]] = Counter()
    for table in submission.tables.values():
        origins = (table.origin.cell(int(row)).file for row in table.reported().rows)
        rows.update((file, table.id) for file in origins)
    tables = submission.standard.tables
    if sum(table == "schools" for _, table in rows) < 2:
        return
    for file in sorted({file for file, _ in rows}):
        counts = [(name, count) for (other, name), count in rows.items() if other == file and name in tables]
        yield (Phrase(f"{file}：", f"{file}: ") + _row_counts(submission, counts)).text(lang)


def _row_counts(submission: Submission, counts: Iterable[tuple[str, int]]) -> Phrase:
    titles = [(submission.standard.tables[table].title, count) for table, count in counts]
    zh = "，".join(f"{title.zh}{count}行" for title, count in titles)
    return Phrase(zh, ", ".join(f"{title.en} {count}" for title, count in titles))


def run_split(options: argparse.Namespace) -> str:
    """Write a workbook for each county, or for each school."""
    submission, folder = read(options.path, options), options.output
    settings: dict[str, Any] = {"lang": options.lang, "replace": options.replace}
    by = options.by or ("county" if len(submission.counties) > 1 else "school")
    if by == "county":
        paths = split_counties(submission, folder, **settings)
    elif len(submission.schools):
        paths = split_schools(submission, folder, progress=with_progress, **settings)
    else:
        raise UsageError(Phrase("没有学校，无法按学校拆分", "there are no schools to split by"))
    zh, en = f"写入{len(paths)}个工作簿：{folder}", f"wrote {len(paths)} workbooks to {folder}"
    return Phrase(zh, en).text(options.lang)
