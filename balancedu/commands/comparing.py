"""`balancedu what-if`, `compare` and `trend`: one state of a county beside another."""

from __future__ import annotations

import argparse
from pathlib import Path

from balancedu.commands.common import SUBMITTED, Commands, pair
from balancedu.commands.results import add_command, judged, read, show
from balancedu.planning.compare import compare
from balancedu.planning.trend import trend
from balancedu.planning.whatif import what_if


def add(commands: Commands, shared: argparse.ArgumentParser) -> None:
    """Add the commands."""
    command = add_command(commands, "what-if", shared, "judge a county after changes, and tell what changes")
    command.add_argument("path", type=Path, metavar="PATH", help=SUBMITTED)
    command.add_argument("changes", type=Path, metavar="CHANGES", help="a YAML file with the changes")
    command.set_defaults(run=_what_if)

    command = add_command(commands, "compare", shared, "every decision that differs between two years or counties")
    command.add_argument("before", type=Path, metavar="BEFORE", help="the folder of the one")
    command.add_argument("after", type=Path, metavar="AFTER", help="the folder of the other")
    _mapping(command)
    command.set_defaults(run=_compare)

    command = add_command(commands, "trend", shared, "one county over years")
    command.add_argument("paths", nargs="+", type=pair, metavar="YEAR=PATH", help="a folder for each year, in order")
    command.add_argument("--project", action="store_true", help="say when a straight line reaches the limits")
    _mapping(command)
    command.set_defaults(run=_trend)


def _mapping(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--school",
        type=pair,
        action="append",
        default=[],
        metavar="OLD=NEW",
        help="a school that was renamed or merged, by its ids; may be given several times",
    )


def _what_if(options: argparse.Namespace) -> int:
    return show(what_if(read(options.path, options), options.changes, options.standard), options)


def _compare(options: argparse.Namespace) -> int:
    before, after = judged(options.before, options), judged(options.after, options)
    return show(compare(before, after, schools=dict(options.school)), options)


def _trend(options: argparse.Namespace) -> int:
    years = {int(year) if year.isdigit() else year: judged(Path(path), options) for year, path in options.paths}
    return show(trend(years, schools=dict(options.school), project=options.project), options)
