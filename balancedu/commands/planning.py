"""`balancedu plan`: the cheapest changes after which the resource part is met."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from balancedu.commands.common import FINE, NOT_FINE, SUBMITTED, Commands, UsageError, pair
from balancedu.commands.named import a_measure, a_school
from balancedu.commands.results import add_command, number, read, show
from balancedu.errors import ImpossiblePlanError
from balancedu.phrase import Phrase
from balancedu.planning.plans.planner import plan
from balancedu.planning.plans.request import changeable


def add(commands: Commands, shared: argparse.ArgumentParser) -> None:
    """Add the command."""
    command = add_command(commands, "plan", shared, "the cheapest changes after which the resource part is met")
    command.add_argument("path", nargs="?", type=Path, metavar="PATH", help=SUBMITTED)
    several: dict[str, Any] = {"action": "append", "default": []}
    command.add_argument(
        "--cost",
        type=pair,
        metavar="MEASURE=YUAN",
        help="what one more unit costs; a measure by its id or title",
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
    command.add_argument(
        "--untouched", metavar="SCHOOL", help="a school that stays as it is, by its id or name", **several
    )
    about = "let private schools give and receive too"
    command.add_argument("--move-all", action="store_true", help=about)
    command.add_argument("--budget", type=float, metavar="YUAN", help="the most that the plan may cost")
    command.add_argument("--goal", choices=("sections", "pupils"), default="sections", help="what a budget is for")
    command.add_argument("--gap", type=number, default=0.01, help="how far from proved it may end (default: 1%%)")
    command.add_argument("--seconds", type=float, default=60.0, help="how long it may search (default: 60)")
    command.set_defaults(run=_plan)


def _plan(options: argparse.Namespace) -> int:
    submission = read(options.path, options)
    try:
        found = plan(
            submission,
            options.standard,
            costs=_costs(options),
            caps={_measure(options, name): number(value) for name, value in options.cap},
            fixed=[_measure(options, name) for name in options.fixed],
            untouched=[a_school(submission, name) for name in options.untouched],
            move_all=options.move_all,
            budget=options.budget,
            goal=options.goal,
            gap=options.gap,
            seconds=options.seconds,
        )
    except ImpossiblePlanError as error:
        print(error.said(options.lang), file=sys.stderr)
        return NOT_FINE
    except TimeoutError as error:
        raise UsageError(Phrase(_TOO_SLOW.format(options.seconds), str(error))) from None
    show(found, options)
    if found.example_prices and not options.json:
        print(_OWN_PRICES[options.lang])
    return FINE


_TOO_SLOW = "{:g}秒内没有找到方案；请用 --seconds 放宽时间，或用 --gap 放宽差距"
_OWN_PRICES: dict[str, str] = {
    "zh": "换成本县的单价：--cost 填报项=元（添置一个单位），--move 填报项=元（调配一个单位）。",
    "en": "Your own prices: --cost MEASURE=YUAN (one more unit), --move MEASURE=YUAN (moving one).",
}


def _costs(options: argparse.Namespace) -> dict[str, dict[str, float | None]]:
    """Return the prices that are given, by measure."""
    costs: dict[str, dict[str, float | None]] = {}
    for key, given in (("add", options.cost), ("move", options.move)):
        for name, value in given:
            costs.setdefault(_measure(options, name), {})[key] = None if value == "no" else number(value)
    return costs


def _measure(options: argparse.Namespace, name: str) -> str:
    return a_measure(options.standard, name, changeable(options.standard))
