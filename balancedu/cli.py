"""The command `balancedu`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import balancedu
from balancedu.commands import app, county, files, law
from balancedu.commands.common import (
    BAD_INPUT,
    FINE,
    NOT_FINE,
    SUBMITTED,
    a_law,
    law_options,
    of_the_system,
    read,
    the_law,
)
from balancedu.core.loading import available_overlays, available_standards, day_of, expiring, load_standard
from balancedu.errors import BalanceduError, RequestError, near
from balancedu.evaluation.verdict import Verdict
from balancedu.reporting.law import absence, day_notes, entry_text, expiring_text, standard_text
from balancedu.reporting.terminal import report
from balancedu.text import Phrase, sentence, wrap

NOBODY_READS = 141
"""What the shell says where a pipe is closed."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status: 0 done, 1 not what was asked for, 2 bad input."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # Reports are Chinese whatever the locale says; what a terminal cannot show is escaped, not fatal.
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    options = _parser().parse_args(arguments)
    try:
        if getattr(options, "standard", None) is not None:
            # Every command gets the law itself: read once, with its overlays, as of one day.
            options.standard = the_law(options)
        status = int(options.run(options))
        sys.stdout.flush()
    except BrokenPipeError:
        # Python writes what is left when it ends; this is where it goes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return NOBODY_READS
    except (BalanceduError, OSError) as error:
        told = error if isinstance(error, BalanceduError) else of_the_system(error)
        print(f"balancedu: {told.said(options.lang)}", file=sys.stderr)
        return BAD_INPUT
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="balancedu", description="Judge counties by the national standard.")
    parser.add_argument("--version", action="version", version=f"balancedu {balancedu.__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    text = argparse.ArgumentParser(add_help=False)
    text.add_argument("--lang", choices=("zh", "en"), default="zh", help="the language of the text")
    of_law = argparse.ArgumentParser(add_help=False)
    law_options(of_law)

    tables = argparse.ArgumentParser(add_help=False)
    about = "what sheets and columns mean; left out: mapping.yaml beside the workbook or in the folder"
    tables.add_argument("--mapping", type=Path, metavar="FILE", help=about)

    evaluate = commands.add_parser(
        "evaluate", parents=[of_law, text, tables], help="judge a county, or the example without PATH"
    )
    evaluate.add_argument("path", nargs="?", type=Path, metavar="PATH", help=SUBMITTED)
    evaluate.add_argument("--json", action="store_true", help="print everything as JSON")
    evaluate.add_argument("--strict", action="store_true", help="exit with 1 unless every county is MET")
    evaluate.set_defaults(run=_evaluate)

    standards = commands.add_parser("standards", parents=[text], help="list the standards, with their requirements")
    law_options(standards, None)
    standards.add_argument("paths", nargs="*", metavar="PATH", help="editions and overlays of your own, listed as well")
    standards.add_argument("--expiring", action="store_true", help="list instead what ends within a year")
    standards.set_defaults(run=_standards)

    show = commands.add_parser(
        "show", parents=[of_law, text], help="print an item, indicator or measure with its source"
    )
    show.add_argument("entry", metavar="ID", help="as G11, R4 or teaching_area")
    show.set_defaults(run=_show)
    shared = argparse.ArgumentParser(add_help=False, parents=[of_law, text, tables])
    for add in (
        files.add_template,
        county.add_check,
        county.add_why,
        county.add_distance,
        county.add_planning,
        county.add_comparing,
        county.add_forms,
        county.add_report,
        law.add_schema,
        files.add_map,
    ):
        add(commands, shared)
    law.add_law(commands, of_law, text)
    app.add_app(commands)
    return parser


_EXAMPLE = {
    "zh": "（以下是随软件附带的虚构示例县。评估自己的县：balancedu evaluate 文件夹）",
    "en": "(This county is made up and comes with balancedu. To judge your own: balancedu evaluate FOLDER)",
}


def _evaluate(options: argparse.Namespace) -> int:
    evaluation = balancedu.evaluate(read(options.path, options), options.standard)
    if options.path is None and not options.json:
        print(_EXAMPLE[options.lang])
    print(evaluation.to_json(indent=2) if options.json else report(evaluation, options.lang))
    met = all(verdict is Verdict.MET for verdict in evaluation.verdicts.values())
    return NOT_FINE if options.strict and not met else FINE


def _standards(options: argparse.Namespace) -> int:
    if options.standard is None and options.overlay:
        # An overlay by itself means the edition that it extends.
        first, *others = options.overlay
        options.standard = load_standard(a_law(first), list(map(a_law, others)), options.on)
    if options.expiring:
        day = day_of(options.on) or date.today().isoformat()
        also = [*map(a_law, options.paths), *([options.standard.files] if options.standard else [])]
        print(expiring_text(expiring(day, also), day, options.lang))
        return FINE
    names = (*available_standards(), *map(a_law, options.paths))
    asked = [options.standard] if options.standard else [load_standard(name, on=options.on) for name in names]
    print("\n\n".join(standard_text(one, options.lang) for one in asked))
    if options.standard is None:
        overlays = (load_standard(name, on=options.on) for name in available_overlays())
        print("", *(note for one in overlays for note in one.notes(options.lang)), sep="\n")
    return FINE


def _show(options: argparse.Namespace) -> int:
    standard = options.standard
    known = (*standard.items, *standard.indicators, *standard.measures)
    if options.entry not in known:
        zh = f"{standard.id} 没有“{options.entry}”"
        problem = Phrase(zh, f"{standard.id} declares no {options.entry!r}") + near(options.entry, known)
        told = sentence(problem, Phrase("可用“balancedu standards”查看", "see: balancedu standards"))
        reasons = "".join(f"\n{one}" for one in absence(standard, options.entry, options.lang))
        raise RequestError(told + Phrase(reasons, reasons))
    print(entry_text(standard, options.entry, options.lang))
    for note in day_notes(standard, options.lang):
        print("\n".join(wrap(note, rest="  ")))
    return FINE


def run() -> None:
    """Run the command and exit."""
    sys.exit(main())
