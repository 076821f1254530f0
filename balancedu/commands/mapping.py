"""`balancedu map`: a first draft of what the sheets and columns of a workbook mean."""

from __future__ import annotations

import argparse
from pathlib import Path

from balancedu.commands.common import Commands, UsageError, there
from balancedu.phrase import Phrase
from balancedu.submission.reading.source import draft_mapping


def add(commands: Commands, shared: argparse.ArgumentParser) -> None:
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
