"""Commands about files: template, mapping, check, merge and split."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from balancedu.commands.common import (
    BAD_INPUT,
    FINE,
    NOT_FINE,
    Commands,
    UsageError,
    output_options,
    read,
    replace_option,
    submitted,
    there,
    things_with_progress,
)
from balancedu.commands.parser import Parser, add_command, words
from balancedu.core.fields import Language
from balancedu.errors import EXAMPLES, DataError, DataErrors
from balancedu.evaluate import evaluate
from balancedu.evaluation.findings import Gap
from balancedu.explaining.gaps import gaps
from balancedu.files.read import read_partly
from balancedu.files.suggest import draft_mapping
from balancedu.saving import check_target, save_text
from balancedu.submission.arrange import DETAILS
from balancedu.submission.checks import DataWarning
from balancedu.submission.submission import Submission
from balancedu.text import Phrase

if TYPE_CHECKING:
    from balancedu.files.coverage import Expected


def add_map(commands: Commands, shared: Parser) -> None:
    """Add the command."""
    draft = commands.add_parser(
        "map",
        parents=[shared],
        help=words("根据工作簿的表头生成 mapping.yaml 草稿", "draft mapping.yaml from the headers of a workbook"),
    )
    zh, en = "工作簿，或放有文本文件的文件夹", "a workbook, or a folder of text files"
    draft.option("path", zh, en, type=Path, metavar="WORKBOOK")
    about = words("写入的文件；不写则直接显示", "where to write it; left out: it is printed")
    output_options(draft, about, required=False)
    draft.set_defaults(run=_map)


def _map(options: argparse.Namespace) -> int:
    text = draft_mapping(there(options.path), standard=options.standard, lang=options.lang)
    if options.output is None:
        print(text, end="")
        return 0
    save_text(options.output, text, replace=options.replace)
    print(options.output)
    return 0


def add_template(commands: Commands, shared: Parser) -> None:
    """Add the command."""
    template = commands.add_parser(
        "template", parents=[shared], help=words("生成供填报的 Excel 工作簿", "write an Excel workbook to fill in")
    )
    template.option("output", "要生成的 .xlsx 文件", "the .xlsx file to write", type=Path, metavar="FILE")
    zh, en = "填入 PATH 中已有的数据，如 CSV 文件", "fill it with what PATH holds, such as CSV files"
    template.option("--from", zh, en, dest="source", type=Path, metavar="PATH")
    replace_option(template)
    template.set_defaults(run=_template)


def _template(options: argparse.Namespace) -> int:
    from balancedu.files.write import write_submission, write_template

    if options.source is None:
        write_template(options.output, standard=options.standard, lang=options.lang, replace=options.replace)
    else:
        write_submission(read(options.source, options), options.output, lang=options.lang, replace=options.replace)
    print(options.output)
    return 0


def add_check(commands: Commands, shared: Parser) -> None:
    """Add the command."""
    zh, en = "检查填报数据的全部问题，不作判定", "report every problem of the files, judge nothing"
    check = add_command(commands, "check", zh, en, _check, shared)
    check.add_argument("path", type=Path, metavar="PATH", help=submitted())
    check.option("--json", "以 JSON 格式输出全部内容", "print everything as JSON", action="store_true")
    check.option("--strict", "有提示时，退出码为1", "exit with 1 where there are warnings", action="store_true")
    zh = "另存一份标出问题的工作簿（.xlsx）：单元格着色、加批注，并附问题清单"
    en = "write a copy of the workbook (.xlsx) with the cells coloured, comments, and a list of the problems"
    check.option("--annotate", zh, en, type=Path, metavar="FILE")
    _expect_option(check)
    replace_option(check)


def _expect_option(command: Parser) -> None:
    zh = "应报学校名单（如上年的学校表）：列出没有报的学校"
    en = "a list of the schools expected, as last year's table: those that sent nothing are listed"
    command.option("--expect", zh, en, type=Path, metavar="LIST")


def _check(options: argparse.Namespace) -> int:
    # Modules that open workbooks are imported by the commands that do.
    from balancedu.files.annotate import annotate, check_annotated
    from balancedu.files.coverage import expected_schools, missing_schools

    path, lang = there(options.path), options.lang
    if options.annotate is not None:
        check_annotated(path, options.annotate, replace=options.replace)
    standard, expect = options.standard, options.expect
    expected = expected_schools(there(expect), standard) if expect else ()
    submission, errors = read_partly([path], standard=standard, mapping=options.mapping, progress=things_with_progress)
    warnings = submission.warnings if submission else ()
    missing, blanks = missing_schools(submission, expected), _blanks(submission, errors)
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
        lines = [*_errors(errors, options), *_reading(submission, errors, lang), *_warnings(submission, warnings, lang)]
        print("\n".join([*lines, *_missing(submission, missing, lang), *_blank_cells(blanks, submission, lang)]))
    if options.annotate is not None:
        marked = annotate(path, options.annotate, errors, warnings, lang=lang, replace=options.replace)
        copy = marked.text(lang)
        if not options.json:
            print(*filter(None, [options.annotate, copy]), sep="\n")
    if errors:
        return BAD_INPUT
    return NOT_FINE if options.strict and (warnings or missing) else FINE


def _plain_error(error: DataError) -> dict[str, Any]:
    named = ("table", "place", "column", "problem", "hint", "kind")
    return {name: getattr(error, name) for name in named} | {"text_zh": error.text("zh")}


def _blanks(submission: Submission | None, errors: Sequence[DataError]) -> tuple[Gap, ...]:
    """Return the empty cells that verdicts wait for; cells with an error are not empty."""
    if submission is None:
        return ()
    try:
        unknown = gaps(evaluate(submission))
    except DataErrors:
        # What is given twice and differs is refused by the evaluation.
        return ()
    faulty = {(error.column, error.place.partition(" (")[0]) for error in errors}
    cells = dict.fromkeys(cell for row in unknown for cell in row.cells)
    return tuple(cell for cell in cells if (cell.column, cell.place.partition(" (")[0]) not in faulty)


def _errors(errors: Sequence[DataError], options: argparse.Namespace) -> Iterator[str]:
    lang, count, tables = options.lang, len(errors), options.standard.tables
    if errors:
        en = f"{_counted(count, 'error')} to correct before anything is judged:"
        yield Phrase(f"{count}处错误，改正后才能判定：", en).text(lang)
    for table in dict.fromkeys((*tables, *(error.table for error in errors))):
        lines = [(error.sort(lang), error.text(lang)) for error in errors if error.table == table]
        yield from _grouped(_titled(tables[table].title.text(lang) if table in tables else "", table), lines, lang)


def _reading(submission: Submission | None, errors: Sequence[DataError], lang: Language) -> Iterator[str]:
    """Yield how much was read, and how."""
    if submission is None:
        return
    if not errors:
        counts = [(table, len(submission.tables[table].reported())) for table in submission.standard.tables]
        yield (Phrase("没有发现错误：", "no error found: ") + _row_counts(submission, counts)).text(lang)
    yield from _sources(submission, lang)
    if submission.notes:
        yield Phrase("读入时的处理：", "how the files were read:").text(lang)
        yield from (f"  {note.text(lang)}" for note in submission.notes)


def _warnings(submission: Submission | None, warnings: Sequence[DataWarning], lang: Language) -> Iterator[str]:
    if submission is None or not warnings:
        return
    en = f"{_counted(len(warnings), 'warning')}, which change no verdict:"
    yield Phrase(f"{len(warnings)}处提示，不影响判定：", en).text(lang)
    for table in submission.standard.tables.values():
        here = [warning for warning in warnings if warning.table == table.id]
        lines = [(f"{warning.column} {warning.check}", warning.text(lang)) for warning in here]
        yield from _grouped(_titled(table.title.text(lang), table.id), lines, lang)


def _missing(submission: Submission | None, missing: Sequence[Expected], lang: Language) -> Iterator[str]:
    """Yield the schools that sent nothing, or no classes."""
    from balancedu.files.coverage import schools_without_classes

    if missing:
        count = len(missing)
        yield Phrase(f"名单上有{count}所学校没有报：", f"{count} of the schools expected sent nothing:").text(lang)
        yield from (f"  {school.text}" for school in missing)
    if submission is None:
        return
    if schools := schools_without_classes(submission):
        count = len(schools)
        yield Phrase(f"没有填报班级的学校（{count}所）：", f"schools without classes ({count}):").text(lang)
        yield from _first([school.text for school in schools], lang)


def _first(lines: Sequence[str], lang: Language) -> Iterator[str]:
    yield from (f"  {line}" for line in lines[:_MOST_NAMED])
    if (more := len(lines) - _MOST_NAMED) > 0:
        yield Phrase(f"  另有{more}所", f"  and {more} more").text(lang)


def _blank_cells(blanks: Sequence[Gap], submission: Submission | None, lang: Language) -> Iterator[str]:
    """Yield the empty cells that verdicts wait for, by sheet, and in it by who delivers them."""
    if not blanks or submission is None:
        return
    count = len(blanks)
    zh, en = f"空着、但判定需要的数据（{count}项）：", f"empty, and needed by a verdict ({count}):"
    yield Phrase(zh, en).text(lang)
    for table in submission.standard.tables.values():
        lines: dict[str, list[str]] = {}
        here = sorted((gap for gap in blanks if gap.table == table.id), key=lambda gap: gap.school)
        for gap in here:
            name = gap.name or gap.school or _of_county(gap, submission)
            place = gap.place.partition(" (")[0]
            cell = place.rpartition("!")[2] if name and "!" in place else ""
            # Of a text file the line is that of the whole school.
            whose = f"{name} {place}" if name and not cell else name or place
            lines.setdefault(whose.strip(), []).append(f"{gap.titled(lang)} {cell}".strip())
        if here:
            by = _BY_SCHOOLS if table.id in ("schools", *DETAILS) else _BY_COUNTY
            yield f"{_titled(table.title.text(lang), table.id)} ({by.text(lang)})"
        comma, colon = {"zh": ("、", "："), "en": (", ", ": ")}[lang]
        shown = [f"{name + colon if name else ''}{comma.join(dict.fromkeys(cells))}" for name, cells in lines.items()]
        yield from _first(shown, lang)


_BY_SCHOOLS, _BY_COUNTY = Phrase("由学校填报", "from the schools"), Phrase("由县级填报", "from the county")
_MOST_NAMED = 20
"""Schools whose empty cells are listed; --json has all."""


def _of_county(gap: Gap, submission: Submission) -> str:
    """Return the name of a county, where there are several."""
    return (submission.county_name(gap.county) or gap.county) if len(submission.counties) > 1 else ""


def _counted(count: int, word: str) -> str:
    return f"{count} {word}" + ("s" if count > 1 else "")


def _titled(title: str, table: str) -> str:
    return f"{title} {table}".strip()


def _grouped(title: str, lines: Sequence[tuple[str, str]], lang: Language) -> Iterator[str]:
    """Yield the lines of one table, a few of each kind."""
    if lines:
        yield title
    seen: Counter[str] = Counter()
    for kind, line in lines:
        seen[kind] += 1
        if seen[kind] <= EXAMPLES:
            yield f"  {line}"
    for kind, count in seen.items():
        if count > EXAMPLES:
            more = count - EXAMPLES
            yield {"zh": f"  {kind}：另有{more}处", "en": f"  {kind}: and {more} more like it"}[lang]


def add_merge(commands: Commands, shared: Parser) -> None:
    """Add the command."""
    zh = "把各校或各县的工作簿合并成一个"
    merge = add_command(commands, "merge", zh, "join the workbooks of schools or counties into one", _merge, shared)
    about = "各工作簿，或存放它们的文件夹", "the workbooks, or a folder of them"
    merge.option("paths", *about, type=Path, nargs="+", metavar="PATH")
    _expect_option(merge)
    output_options(merge, words("写入的 .xlsx 文件", "the .xlsx file to write"))


def _merge(options: argparse.Namespace) -> int:
    from balancedu.files.coverage import expected_schools, missing_schools
    from balancedu.files.write import write_submission

    check_target(options.output, replace=options.replace)
    paths, lang = [there(path) for path in options.paths], options.lang
    expected = expected_schools(there(options.expect), options.standard) if options.expect else ()
    submission, errors = read_partly(
        paths, standard=options.standard, mapping=options.mapping, progress=things_with_progress
    )
    if submission is None or errors:
        raise DataErrors(errors)
    write_submission(submission, options.output, lang=lang, replace=options.replace)
    print("\n".join(_reading(submission, (), lang)))
    missing = missing_schools(submission, expected)
    for line in _missing(submission, missing, lang):
        print(line)
    print(options.output)
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


def add_split(commands: Commands, shared: Parser) -> None:
    """Add the command."""
    zh = "把一个工作簿拆成一县一个，或一校一个（附上年数，供填报）"
    en = "write a workbook for each county, or for each school with last year's figures to fill in anew"
    split = add_command(commands, "split", zh, en, _split, shared)
    split.add_argument("path", type=Path, metavar="PATH", help=submitted())
    split.option(
        "--by",
        "按县（county）或按学校（school）拆分；不写则有几个县时按县，只有一个县时按学校",
        "split by county or by school; left out: by county where there are several",
        choices=("county", "school"),
    )
    zh, en = "存放各工作簿的文件夹", "the folder to write to"
    split.option("-o", zh, en, dest="output", type=Path, required=True, metavar="FOLDER")
    replace_option(split)


def _split(options: argparse.Namespace) -> int:
    from balancedu.files.split import split_counties, split_schools

    submission, lang = read(options.path, options), options.lang
    by = options.by or ("county" if len(submission.counties) > 1 else "school")
    if by == "county":
        paths = split_counties(submission, options.output, lang=lang, replace=options.replace)
    else:
        if not len(submission.schools):
            raise UsageError(Phrase("没有学校，无法按学校拆分", "there are no schools to split by"))
        paths = split_schools(
            submission, options.output, lang=lang, replace=options.replace, progress=things_with_progress
        )
    zh, en = f"写入{len(paths)}个工作簿：{options.output}", f"wrote {len(paths)} workbooks to {options.output}"
    print(Phrase(zh, en).text(lang))
    return FINE
