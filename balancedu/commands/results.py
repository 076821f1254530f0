"""Commands that print a result of planning, with its picture or as JSON."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from balancedu.commands import common
from balancedu.commands.common import FINE, Commands
from balancedu.errors import RequestError
from balancedu.evaluate import evaluate
from balancedu.evaluation.evaluation import Evaluation
from balancedu.phrase import Phrase
from balancedu.planning.result import Result, Written
from balancedu.submission.submission import Submission


def add_command(commands: Commands, name: str, shared: argparse.ArgumentParser, doc: str) -> argparse.ArgumentParser:
    """Return a new command that prints a result: with --json as JSON, with --plot as a picture too."""
    command: argparse.ArgumentParser = commands.add_parser(name, parents=[shared], help=doc, description=doc)
    command.add_argument("--json", action="store_true", help="print everything as JSON")
    command.add_argument("--plot", type=Path, metavar="FILE", help="save the picture, as .png or .svg")
    return command


def read(path: Path | None, options: argparse.Namespace) -> Submission:
    """Return the submission of a folder, or the example that fails: one that passes has nothing to plan."""
    return common.read(path, options, otherwise="failing")


def judged(path: Path | None, options: argparse.Namespace) -> Evaluation:
    """Return the evaluation of a folder."""
    return evaluate(read(path, options), options.standard)


def show(result: Written, options: argparse.Namespace) -> int:
    """Print a result, and save its picture where one is asked for."""
    if options.json:
        print(json.dumps(result.to_dict(), ensure_ascii=False, indent=2, allow_nan=False, default=str))
    else:
        print(result.report(options.lang))
    if options.plot is not None and isinstance(result, Result):
        result.plot(options.lang).savefig(options.plot)
    return FINE


def number(text: str) -> float:
    """Return a number; a percentage as the share that it is.

    Examples
    --------
    >>> number("5%"), number("3")
    (0.05, 3.0)
    """
    try:
        return float(text[:-1]) / 100 if text.endswith("%") else float(text)
    except ValueError:
        raise RequestError(Phrase(f"应为数字，现为“{text}”", f"wanted a number, found {text!r}")) from None
