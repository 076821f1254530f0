"""`balancedu plan`: the cheapest changes after which the resource part is met."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from balancedu.commands.common import NOT_FINE, SUBMITTED, Commands, pair
from balancedu.commands.results import add_command, number, read, show
from balancedu.errors import ImpossiblePlanError
from balancedu.planning.plans.planner import plan


def add(commands: Commands, shared: argparse.ArgumentParser) -> None:
    """Add the command."""
    command = add_command(commands, "plan", shared, "the cheapest changes after which the resource part is met")
    command.add_argument("path", nargs="?", type=Path, metavar="PATH", help=SUBMITTED)
    several: dict[str, Any] = {"action": "append", "default": []}
    command.add_argument(
        "--cost",
        type=pair,
        metavar="MEASURE=YUAN",
        help="what one more unit costs",
        **several,
    )
    command.add_argument(
        "--move",
        type=pair,
        metavar="MEASURE=YUAN",
        help="what moving a unit costs; no: cannot be moved",
        **several,
    )
    command.add_argument(
        "--cap",
        type=pair,
        metavar="MEASURE=UNITS",
        help="the most a school may be given",
        **several,
    )
    command.add_argument("--fixed", metavar="MEASURE", help="a measure that stays as it is", **several)
    command.add_argument("--untouched", metavar="SCHOOL", help="a school that stays as it is", **several)
    command.add_argument("--budget", type=float, metavar="YUAN", help="the most that the plan may cost")
    command.add_argument("--goal", choices=("sections", "pupils"), default="sections", help="what a budget is for")
    command.add_argument("--gap", type=number, default=0.01, help="how far from proved it may end (default: 1%%)")
    command.add_argument("--seconds", type=float, default=60.0, help="how long it may search (default: 60)")
    command.set_defaults(run=_plan)


def _plan(options: argparse.Namespace) -> int:
    costs: dict[str, dict[str, float | None]] = {}
    for key, given in (("add", options.cost), ("move", options.move)):
        for name, value in given:
            costs.setdefault(name, {})[key] = None if value == "no" else number(value)
    try:
        found = plan(
            read(options.path, options),
            options.standard,
            costs=costs,
            caps={name: number(value) for name, value in options.cap},
            fixed=options.fixed,
            untouched=options.untouched,
            budget=options.budget,
            goal=options.goal,
            gap=options.gap,
            seconds=options.seconds,
        )
    except ImpossiblePlanError as error:
        print(error.said(options.lang), file=sys.stderr)
        return NOT_FINE
    return show(found, options)
