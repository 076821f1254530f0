"""Commands about files: template and mapping."""

from __future__ import annotations

import argparse
from pathlib import Path

from balancedu.commands.common import Commands, UsageError, read, there
from balancedu.files.read import draft_mapping
from balancedu.text import Phrase


def add_map(commands: Commands, shared: argparse.ArgumentParser) -> None:
    """Add the command."""
    draft = commands.add_parser("map", parents=[shared], help="draft mapping.yaml from the headers of a workbook")
    draft.add_argument("path", type=Path, metavar="WORKBOOK", help="a workbook, or a folder of text files")
    draft.add_argument("-o", "--output", type=Path, metavar="FILE", help="where to write it; left out: it is printed")
    draft.set_defaults(run=_map)


def _map(options: argparse.Namespace) -> int:
    text = draft_mapping(there(options.path), standard=options.standard, lang=options.lang)
    if options.output is None:
        print(text, end="")
        return 0
    if options.output.exists():
        zh = f"{options.output} 已经存在，可能已经改过；请移走它，或换一个名称"
        en = f"{options.output} is there already, and may have been edited; take it away, or name another"
        raise UsageError(Phrase(zh, en))
    options.output.write_text(text, encoding="utf-8", newline="\n")
    print(options.output)
    return 0


def add_template(commands: Commands, shared: argparse.ArgumentParser) -> None:
    """Add the command."""
    template = commands.add_parser("template", parents=[shared], help="write an Excel workbook to fill in")
    template.add_argument("output", type=Path, metavar="FILE", help="the .xlsx file to write")
    template.add_argument(
        "--from", dest="source", type=Path, metavar="PATH", help="fill it with what PATH holds, such as CSV files"
    )
    template.add_argument("--replace", action="store_true", help="replace FILE if it is there already")
    template.set_defaults(run=_template)


def _template(options: argparse.Namespace) -> int:
    from balancedu.files.write import write_submission, write_template

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
