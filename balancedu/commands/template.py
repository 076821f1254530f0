"""`balancedu template`: the workbook to fill in, empty or with what a folder holds."""

from __future__ import annotations

import argparse
from pathlib import Path

from balancedu.commands.common import Commands, UsageError, read
from balancedu.phrase import Phrase


def add(commands: Commands, shared: argparse.ArgumentParser) -> None:
    """Add the command."""
    template = commands.add_parser("template", parents=[shared], help="write an Excel workbook to fill in")
    template.add_argument("output", type=Path, metavar="FILE", help="the .xlsx file to write")
    template.add_argument(
        "--from", dest="source", type=Path, metavar="PATH", help="fill it with what PATH holds, such as CSV files"
    )
    template.add_argument("--replace", action="store_true", help="replace FILE if it is there already")
    template.set_defaults(run=_template)


def _template(options: argparse.Namespace) -> int:
    from balancedu.submission.writing.workbook import write_submission, write_template

    if options.output.exists() and not options.replace:
        # What was filled in by hand is nowhere else.
        zh = f"{options.output} 已经存在；请换一个名称，或用 --replace 覆盖它"
        en = f"{options.output} is there already; give another name, or --replace to overwrite it"
        raise UsageError(Phrase(zh, en))
    if options.source is None:
        write_template(options.output, standard=options.standard, lang=options.lang)
    else:
        write_submission(read(options.source, options), options.output, lang=options.lang)
    print(options.output)
    return 0
