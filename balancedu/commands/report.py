"""`balancedu report`: an evaluation as a document."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import get_args

from balancedu.commands.common import (
    Commands,
    county_option,
    evaluated,
    one_county,
    pair,
    path_argument,
    read,
    refused,
)
from balancedu.evaluate import evaluate
from balancedu.reporting.document import Kind


def add(commands: Commands, shared: argparse.ArgumentParser) -> None:
    """Add the command."""
    report = commands.add_parser("report", parents=[shared], help="write a report as .docx, .html, .md or .pdf")
    path_argument(report)
    county_option(report)
    report.add_argument("-o", "--output", type=Path, required=True, metavar="FILE", help="the file to write")
    report.add_argument("--kind", choices=get_args(Kind), default="self-evaluation", help="what the report is for")
    report.add_argument("--no-pages", action="store_true", help="overview: write no page for each county")
    report.add_argument(
        "--earlier", action="append", default=[], metavar="YEAR=PATH", help="the same county in an earlier year"
    )
    report.add_argument("--year", default="", help="what to call the year of PATH beside the earlier ones")
    report.set_defaults(run=_report)


def _report(options: argparse.Namespace) -> int:
    from balancedu.reporting.report import write_report

    evaluation = evaluated(options) if options.kind == "overview" and not options.county else one_county(options)
    earlier = {}
    for given in options.earlier:
        year, path = pair(given)
        earlier[year] = evaluate(read(Path(path), options), options.standard)
    try:
        write_report(
            evaluation,
            options.output,
            kind=options.kind,
            lang=options.lang,
            pages=not options.no_pages,
            earlier=earlier,
            year=options.year,
        )
    except ValueError as error:
        raise refused(error) from None
    print(options.output)
    return 0
