"""`balancedu shortfalls`, `margins` and `robustness`: how far from the limits a county is."""

from __future__ import annotations

import argparse
from pathlib import Path

from balancedu.commands.common import FINE, SUBMITTED, Commands, pair
from balancedu.commands.named import a_measure
from balancedu.commands.results import add_command, judged, number, read, show
from balancedu.planning.draws import NUMBERS
from balancedu.planning.margins import MOST_PRINTED, margins
from balancedu.planning.robustness import robustness
from balancedu.planning.shortfalls import shortfalls


def add(commands: Commands, shared: argparse.ArgumentParser) -> None:
    """Add the commands."""
    for name, doc, run in (
        ("shortfalls", "what is missing, in whole teachers, rooms, m² and yuan", _shortfalls),
        ("margins", "how far each decision is from flipping", _margins),
        ("robustness", "in what share of draws decisions hold when figures carry errors", _robustness),
    ):
        command = add_command(commands, name, shared, doc)
        command.add_argument("path", nargs="?", type=Path, metavar="PATH", help=SUBMITTED)
        command.set_defaults(run=run)
    command.add_argument(
        "--error",
        type=pair,
        action="append",
        default=[],
        metavar="MEASURE=SIZE",
        help="5%% of the figure, or 3 in its own unit; may be given several times",
    )
    command.add_argument("--draws", type=int, default=10_000, help="how many (default: 10000)")
    command.add_argument("--seed", type=int, default=0, help="the same seed gives the same draws (default: 0)")


def _shortfalls(options: argparse.Namespace) -> int:
    return show(shortfalls(judged(options.path, options)), options)


def _margins(options: argparse.Namespace) -> int:
    found = margins(judged(options.path, options))
    show(found, options)
    if not options.json and any(table["share"].size > MOST_PRINTED for table in (found.sections, found.indicators)):
        print({"zh": "加上 --json 可列出全部。", "en": "--json lists them all."}[options.lang])
    return FINE


def _robustness(options: argparse.Namespace) -> int:
    numbers = [one.id for one in options.standard.measures.values() if one.type in NUMBERS]
    errors = {
        a_measure(options.standard, name, numbers): {"relative" if size.endswith("%") else "absolute": number(size)}
        for name, size in options.error
    }
    submission = read(options.path, options)
    found = robustness(submission, errors, draws=options.draws, seed=options.seed, standard=options.standard)
    return show(found, options)
