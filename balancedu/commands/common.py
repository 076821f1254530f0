"""What several commands share."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from balancedu.core.loading import DEFAULT_STANDARD, load_standard
from balancedu.core.standard import Standard
from balancedu.errors import BalanceduError, RequestError
from balancedu.evaluate import evaluate
from balancedu.evaluation.evaluation import Evaluation
from balancedu.submission.reading.source import Example, example, read_submission
from balancedu.submission.submission import Submission

Commands = Any
"""What `add_subparsers` returns; argparse has no public name for it."""

FINE, NOT_FINE, BAD_INPUT = 0, 1, 2
"""How a command ends: done; not what was asked for; bad input."""
SUBMITTED = "a workbook, or the folder with schools.csv"
"""What a path is that names what counties submitted."""


class UsageError(BalanceduError, ValueError):
    """The command line asks for something that there is not."""


def law_options(parser: argparse.ArgumentParser, default: str | None = DEFAULT_STANDARD) -> None:
    """Add the options that say by which law is judged, and as of which day."""
    parser.add_argument(
        "--standard", default=default, metavar="ID", help="an edition or overlay: an id, or the path of your own"
    )
    parser.add_argument(
        "--overlay",
        action="append",
        default=[],
        metavar="ID",
        help="an overlay put onto it: an id, or the file of your own; may be given several times, in order",
    )
    day_option(parser)


def day_option(parser: argparse.ArgumentParser) -> None:
    """Add the option that says as of which day."""
    parser.add_argument("--on", metavar="DAY", help="the day asked about, as 2023-09-01; left out: today")


def the_law(options: argparse.Namespace) -> Standard:
    """Return the standard that the options ask for."""
    return load_standard(options.standard, options.overlay, options.on)


def path_argument(parser: argparse.ArgumentParser) -> None:
    """Add the argument that names what a county submitted."""
    parser.add_argument(
        "path",
        nargs="?",
        type=Path,
        metavar="PATH",
        help=f"{SUBMITTED}; left out: the example",
    )


def county_option(parser: argparse.ArgumentParser) -> None:
    """Add the option that names one county of many."""
    parser.add_argument("--county", metavar="ID", help="which county, where PATH holds several")


def read(path: Path | None, options: argparse.Namespace, *, otherwise: Example = "passing") -> Submission:
    """Return the submission of a folder, or an example without one."""
    if path is None:
        return example(otherwise, standard=options.standard)
    return read_submission(path, standard=options.standard, mapping=options.mapping)


def evaluated(options: argparse.Namespace) -> Evaluation:
    """Return the evaluation of what PATH holds."""
    return evaluate(read(options.path, options), options.standard)


def one_county(options: argparse.Namespace) -> Evaluation:
    """Return the evaluation of the one county meant.

    Raises
    ------
    UsageError
        If there are several and none is named, or none has that id.
    """
    evaluation = evaluated(options)
    if options.county is None:
        if len(evaluation.counties) > 1:
            listed = ", ".join(evaluation.counties[:3])
            raise UsageError(f"{len(evaluation.counties)} counties were read; name one: --county ID ({listed}, …)")
        return evaluation
    try:
        return evaluation[options.county]
    except KeyError as error:
        raise UsageError(error.args[0]) from None


def pair(text: str) -> tuple[str, str]:
    """Return the two sides of `name=value`.

    Examples
    --------
    >>> pair("teaching_area=0.05")
    ('teaching_area', '0.05')
    """
    name, sign, value = text.partition("=")
    if not (name and sign and value):
        raise RequestError(f"wanted NAME=VALUE, found {text!r}")
    return name, value
