"""`balancedu explain`, `balancedu drivers` and `balancedu gaps`: why something came out as it did."""

from __future__ import annotations

import argparse

from balancedu.commands.common import Commands, UsageError, county_option, evaluated, one_county, path_argument


def add(commands: Commands, shared: argparse.ArgumentParser) -> None:
    """Add the commands."""
    explain = commands.add_parser("explain", parents=[shared], help="say why: formula, figures, clause, each step")
    explain.add_argument("entry", metavar="ID", help="an indicator or item, as R4 or G11")
    path_argument(explain)
    county_option(explain)
    explain.add_argument("--school", metavar="ID", help="the school asked about")
    explain.add_argument("--stage", help="the stage asked about, as primary")
    explain.add_argument("--indicator", metavar="ID", help="for R-spread: the indicator asked about")
    explain.set_defaults(run=_explain)

    drivers = commands.add_parser(
        "drivers", parents=[shared], help="say which sections drive a coefficient of variation"
    )
    drivers.add_argument("indicator", metavar="ID", help="as R4")
    drivers.add_argument("stage", metavar="STAGE", help="as primary")
    path_argument(drivers)
    county_option(drivers)
    drivers.add_argument("--by", metavar="COLUMN", help="split within and between groups instead, as area or ownership")
    drivers.set_defaults(run=_drivers)

    gaps = commands.add_parser("gaps", parents=[shared], help="list the missing cells that keep verdicts unknown")
    path_argument(gaps)
    gaps.set_defaults(run=_gaps)


def _explain(options: argparse.Namespace) -> int:
    evaluation = one_county(options)
    try:
        told = evaluation.explain(
            options.entry, school=options.school, stage=options.stage, indicator=options.indicator
        )
    except (KeyError, ValueError) as error:
        raise UsageError(error.args[0]) from None
    print(told.said(options.lang))
    return 0


def _drivers(options: argparse.Namespace) -> int:
    evaluation = one_county(options)
    try:
        if options.by:
            for index in ("cv2", "theil_t"):
                print(evaluation.split(options.indicator, options.stage, options.by, index).said(options.lang))
        else:
            print(evaluation.drivers(options.indicator, options.stage).said(options.lang))
    except (KeyError, ValueError) as error:
        raise UsageError(error.args[0]) from None
    return 0


def _gaps(options: argparse.Namespace) -> int:
    evaluation = evaluated(options)
    found = evaluation.gaps()
    if len(evaluation.counties) == 1 or not found:
        print(found.said(options.lang))
    else:
        print("\n".join(f"{one.county}  {one.said(options.lang)}" for one in found))
    return 0
