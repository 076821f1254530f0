"""The command `balancedu`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import balancedu
from balancedu.commands import comparing, distance, forms, laws, planning, report, schema, why
from balancedu.core.loading import DEFAULT_STANDARD, available_standards, load_standard
from balancedu.errors import BalanceduError, DataErrors, nearest
from balancedu.evaluation.verdict import Verdict
from balancedu.reporting.law import entry_text, standard_text
from balancedu.reporting.terminal import evaluation_text
from balancedu.submission.reading.source import example, read_submission
from balancedu.submission.submission import Submission

FINE, NOT_FINE, BAD_INPUT, NOBODY_READS = 0, 1, 2, 141
"""Done; not what was asked for; bad input; what the shell says where a pipe is closed."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status: 0 done, 1 not what was asked for, 2 bad input."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # Reports are Chinese whatever the locale says; what a terminal cannot show is escaped, not fatal.
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    options = _parser().parse_args(arguments)
    try:
        status = int(options.run(options))
        sys.stdout.flush()
    except BrokenPipeError:
        # Python writes what is left when it ends; this is where it goes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return NOBODY_READS
    except (BalanceduError, OSError) as error:
        print(f"balancedu: {error}", file=sys.stderr)
        return BAD_INPUT
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="balancedu", description="Judge counties by the national standard.")
    parser.add_argument("--version", action="version", version=f"balancedu {balancedu.__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    text = argparse.ArgumentParser(add_help=False)
    text.add_argument("--lang", choices=("zh", "en"), default="zh", help="the language of the text")
    law = argparse.ArgumentParser(add_help=False)
    law.add_argument("--standard", default=DEFAULT_STANDARD, metavar="ID", help="an id, or the folder of your own")

    evaluate = commands.add_parser("evaluate", parents=[law, text], help="judge a county, or the example without PATH")
    evaluate.add_argument("path", nargs="?", type=Path, metavar="PATH", help="the folder with schools.csv")
    evaluate.add_argument("--json", action="store_true", help="print everything as JSON")
    evaluate.add_argument("--strict", action="store_true", help="exit with 1 unless every county is MET")
    evaluate.set_defaults(run=_evaluate)

    check = commands.add_parser("check", parents=[law, text], help="report every problem of the files, judge nothing")
    check.add_argument("path", type=Path, metavar="PATH", help="the folder with schools.csv")
    check.set_defaults(run=_check)

    standards = commands.add_parser("standards", parents=[text], help="list the standards, with their requirements")
    standards.add_argument("--standard", metavar="ID", help="only this one: an id, or the folder of your own")
    standards.set_defaults(run=_standards)

    show = commands.add_parser("show", parents=[law, text], help="print an item, indicator or measure with its source")
    show.add_argument("entry", metavar="ID", help="as G11, R4 or teaching_area")
    show.set_defaults(run=_show)
    shared = argparse.ArgumentParser(add_help=False, parents=[law, text])
    for module in (why, distance, planning, comparing, forms, report, schema):
        module.add(commands, shared)
    laws.add(commands, text)
    return parser


def _submission(options: argparse.Namespace) -> Submission:
    if options.path is None:
        return example(standard=options.standard)
    return read_submission(options.path, standard=options.standard)


_EXAMPLE = {
    "zh": "（以下是随软件附带的虚构示例县。评估自己的县：balancedu evaluate 文件夹）",
    "en": "(This county is made up and comes with balancedu. To judge your own: balancedu evaluate FOLDER)",
}


def _evaluate(options: argparse.Namespace) -> int:
    evaluation = balancedu.evaluate(_submission(options), options.standard)
    if options.path is None and not options.json:
        print(_EXAMPLE[options.lang])
    print(evaluation.to_json(indent=2) if options.json else evaluation_text(evaluation, options.lang))
    met = all(verdict is Verdict.MET for verdict in evaluation.verdicts.values())
    return NOT_FINE if options.strict and not met else FINE


def _check(options: argparse.Namespace) -> int:
    try:
        submission = _submission(options)
    except DataErrors as errors:
        print(errors)
        return BAD_INPUT
    tables = submission.standard.tables.values()
    counts = [(one.title.said(options.lang), len(submission.tables[one.id])) for one in tables]
    if options.lang == "zh":
        print(f"没有发现问题：{'，'.join(f'{title}{count}行' for title, count in counts)}")
    else:
        print(f"no problem found: {', '.join(f'{title} {count}' for title, count in counts)}")
    return FINE


def _standards(options: argparse.Namespace) -> int:
    asked = available_standards() if options.standard is None else (options.standard,)
    print("\n\n".join(standard_text(load_standard(name), options.lang) for name in asked))
    return FINE


def _show(options: argparse.Namespace) -> int:
    standard = load_standard(options.standard)
    known = (*standard.items, *standard.indicators, *standard.measures)
    if options.entry not in known:
        problem = f"{standard.id} declares no {options.entry!r}{nearest(options.entry, known)}"
        print(f"balancedu: {problem}; see: balancedu standards", file=sys.stderr)
        return BAD_INPUT
    print(entry_text(standard, options.entry, options.lang))
    return FINE


def run() -> None:
    """Run the command and exit."""
    sys.exit(main())
