"""`balancedu forms`: the official tables as a workbook."""

from __future__ import annotations

import argparse
from pathlib import Path

from balancedu.commands.common import Commands, county_option, one_county, path_argument, refused


def add(commands: Commands, shared: argparse.ArgumentParser) -> None:
    """Add the command."""
    forms = commands.add_parser("forms", parents=[shared], help="write the official tables, filled, as a workbook")
    path_argument(forms)
    county_option(forms)
    forms.add_argument("-o", "--output", type=Path, required=True, metavar="FILE", help="the .xlsx file to write")
    forms.set_defaults(run=_forms)


def _forms(options: argparse.Namespace) -> int:
    from balancedu.reporting.workbook import write_forms

    try:
        write_forms(one_county(options), options.output, lang=options.lang)
    except ValueError as error:
        raise refused(error) from None
    print(options.output)
    return 0
