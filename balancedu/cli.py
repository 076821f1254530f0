"""The command `balancedu`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import balancedu
from balancedu.commands import comparing, distance, planning
from balancedu.core.loading import DEFAULT_STANDARD, available_standards, load_standard
from balancedu.errors import BalanceduError, DataErrors, nearest
from balancedu.evaluation.verdict import Verdict
from balancedu.reporting.law import entry_text, standard_text
from balancedu.reporting.terminal import evaluation_text
from balancedu.submission.folder import example, read_submission
from balancedu.submission.submission import Submission

FINE, NOT_FINE, BAD_INPUT = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status: 0 done, 1 not what was asked for, 2 bad input."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # Reports are Chinese whatever the locale says; what a terminal cannot show is escaped, not fatal.
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except (BalanceduError, FileNotFoundError) as error:
        print(f"balancedu: {error}", file=sys.stderr)
        return BAD_INPUT


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="balancedu", description="Judge counties by the national standard.")
    parser.add_argument("--version", action="version", version=f"balancedu {balancedu.__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--standard", default=DEFAULT_STANDARD, metavar="ID", help="an id, or the folder of your own")
    shared.add_argument("--lang", choices=("zh", "en"), default="zh", help="the language of the text")

    evaluate = commands.add_parser("evaluate", parents=[shared], help="judge a county, or the example without PATH")
    evaluate.add_argument("path", nargs="?", type=Path, metavar="PATH", help="the folder with schools.csv")
    evaluate.add_argument("--json", action="store_true", help="print everything as JSON")
    evaluate.add_argument("--strict", action="store_true", help="exit with 1 unless every county is MET")
    evaluate.set_defaults(run=_evaluate)

    check = commands.add_parser("check", parents=[shared], help="report every problem of a submission, judge nothing")
    check.add_argument("path", type=Path, metavar="PATH", help="the folder with schools.csv")
    check.set_defaults(run=_check)

    standards = commands.add_parser("standards", parents=[shared], help="list the standards, with their requirements")
    standards.set_defaults(run=_standards)

    show = commands.add_parser("show", parents=[shared], help="print an item, indicator or measure with its source")
    show.add_argument("entry", metavar="ID", help="as G11, R4 or teaching_area")
    show.set_defaults(run=_show)

    for module in (distance, planning, comparing):
        module.add(commands, shared)
    return parser


def _submission(options: argparse.Namespace) -> Submission:
    return example() if options.path is None else read_submission(options.path, standard=options.standard)


def _evaluate(options: argparse.Namespace) -> int:
    evaluation = balancedu.evaluate(_submission(options), options.standard)
    print(evaluation.to_json(indent=2) if options.json else evaluation_text(evaluation, options.lang))
    met = all(verdict is Verdict.MET for verdict in evaluation.verdicts.values())
    return NOT_FINE if options.strict and not met else FINE


def _check(options: argparse.Namespace) -> int:
    try:
        submission = _submission(options)
    except DataErrors as errors:
        print(errors)
        return BAD_INPUT
    words = {"zh": f"没有发现问题：{submission}", "en": f"no problem found: {submission}"}
    print(words[options.lang])
    return FINE


def _standards(options: argparse.Namespace) -> int:
    print("\n\n".join(standard_text(load_standard(name), options.lang) for name in available_standards()))
    return FINE


def _show(options: argparse.Namespace) -> int:
    standard = load_standard(options.standard)
    try:
        print(entry_text(standard, options.entry, options.lang))
    except KeyError:
        known = (*standard.items, *standard.indicators, *standard.measures)
        print(
            f"balancedu: {standard.id} declares no {options.entry!r}{nearest(options.entry, known)}; "
            f"see: balancedu standards",
            file=sys.stderr,
        )
        return BAD_INPUT
    return FINE


def run() -> None:
    """Run the command and exit."""
    sys.exit(main())
