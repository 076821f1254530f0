"""`balancedu check`: every problem and every doubt about the files, and no verdict."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import attrs

from balancedu.commands.common import BAD_INPUT, FINE, NOT_FINE, SUBMITTED, Commands, read
from balancedu.core.loading import load_standard
from balancedu.core.model import Language
from balancedu.errors import EXAMPLES, DataError, DataErrors
from balancedu.submission.submission import Submission


def add(commands: Commands, shared: argparse.ArgumentParser) -> None:
    """Add the command."""
    check = commands.add_parser("check", parents=[shared], help="report every problem of the files, judge nothing")
    check.add_argument("path", type=Path, metavar="PATH", help=SUBMITTED)
    check.add_argument("--json", action="store_true", help="print everything as JSON")
    check.add_argument("--strict", action="store_true", help="exit with 1 where there are warnings")
    check.set_defaults(run=_check)


def _check(options: argparse.Namespace) -> int:
    submission, errors = None, tuple[DataError, ...]()
    try:
        submission = read(options.path, options)
    except DataErrors as found:
        errors = found.errors
    warnings = submission.warnings if submission else ()
    if options.json:
        notes = submission.notes if submission else ()
        plain = {
            "errors": [_plain_error(one) for one in errors],
            "warnings": [one.to_dict() for one in warnings],
            "notes": [attrs.asdict(one) for one in notes],
        }
        print(json.dumps(plain, ensure_ascii=False, indent=2))
    elif submission is None:
        print("\n".join(_told_errors(errors, options)))
    else:
        print("\n".join(_told(submission, options.lang)))
    if errors:
        return BAD_INPUT
    return NOT_FINE if warnings and options.strict else FINE


def _plain_error(error: DataError) -> dict[str, Any]:
    named = ("table", "place", "column", "problem", "hint", "kind")
    return {name: getattr(error, name) for name in named} | {"said_zh": error.said("zh")}


def _told_errors(errors: Sequence[DataError], options: argparse.Namespace) -> Iterator[str]:
    count, lang = len(errors), options.lang
    yield {
        "zh": f"{count}处错误，改正后才能判定：",
        "en": f"{_counted(count, 'error')} to mend before anything is judged:",
    }[lang]
    tables = load_standard(options.standard).tables
    for table in dict.fromkeys((*tables, *(error.table for error in errors))):
        here = [error for error in errors if error.table == table]
        lines = [(one.sort(lang), one.said(lang)) for one in here]
        yield from _grouped(_titled(tables[table].title.said(lang) if table in tables else "", table), lines, lang)


def _told(submission: Submission, lang: Language) -> Iterator[str]:
    tables = submission.standard.tables.values()
    counts = [(one.title.said(lang), len(submission.tables[one.id].reported())) for one in tables]
    if lang == "zh":
        yield f"没有发现错误：{'，'.join(f'{title}{count}行' for title, count in counts)}"
    else:
        yield f"no error found: {', '.join(f'{title} {count}' for title, count in counts)}"
    if submission.notes:
        yield {"zh": "读入时的处理：", "en": "how the files were read:"}[lang]
        yield from (f"  {note.said(lang)}" for note in submission.notes)
    warnings = submission.warnings
    if warnings:
        count = len(warnings)
        yield {"zh": f"{count}处提示，不影响判定：", "en": f"{_counted(count, 'warning')}, which change no verdict:"}[
            lang
        ]
    for one in tables:
        here = [warning for warning in warnings if warning.table == one.id]
        lines = [(f"{warning.column} {warning.check}", warning.said(lang)) for warning in here]
        yield from _grouped(_titled(one.title.said(lang), one.id), lines, lang)


def _counted(count: int, word: str) -> str:
    return f"{count} {word}" + ("s" if count > 1 else "")


def _titled(title: str, table: str) -> str:
    return f"{title} {table}".strip()


def _grouped(title: str, lines: list[tuple[str, str]], lang: Language) -> Iterator[str]:
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
