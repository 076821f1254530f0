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
from balancedu.phrase import Phrase, listed
from balancedu.submission.reading.source import Example, example, read_submission
from balancedu.submission.submission import Submission

Commands = Any
"""What `add_subparsers` returns; argparse has no public name for it."""

FINE, NOT_FINE, BAD_INPUT = 0, 1, 2
"""How a command ends: done; not what was asked for; bad input."""
SUBMITTED = "a workbook, or the folder with schools.csv"
"""What a path is that names what counties submitted."""


class UsageError(RequestError):
    """The command line asks for something that there is not."""


def refused(error: ValueError) -> BalanceduError:
    """Return what a command says of a value that what it asked refused."""
    return error if isinstance(error, BalanceduError) else UsageError(str(error))


def of_the_system(error: OSError) -> Phrase:
    """Return what the system says of a file; what it calls the reason stays as it is."""
    if not error.filename:
        return Phrase.of(str(error))
    if isinstance(error, FileNotFoundError):
        return Phrase(f"没有文件或文件夹“{error.filename}”", str(error))
    return Phrase(f"“{error.filename}”无法读取或写入（{error.strerror}）", str(error))


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
    return read_submission(there(path), standard=options.standard, mapping=options.mapping)


def there(path: Path) -> Path:
    """Return a path at which there is something."""
    if path.exists():
        return path
    raise UsageError(
        Phrase(
            f"没有文件或文件夹“{path}”；请给出工作簿，或放有 schools.csv 的文件夹",
            f"no file or folder {str(path)!r}; give a workbook, or the folder that holds schools.csv",
        )
    )


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
            count, known = len(evaluation.counties), listed(evaluation.counties[:3])
            zh = f"读入了{count}个县；请用 --county 指明一个（{known.zh}等）"
            raise UsageError(Phrase(zh, f"{count} counties were read; name one: --county ID ({known.en}, …)"))
        return evaluation
    try:
        return evaluation[options.county]
    except KeyError as error:
        zh = f"评估的{len(evaluation.counties)}个县中没有“{options.county}”"
        raise UsageError(Phrase(zh, error.args[0])) from None


def pair(text: str) -> tuple[str, str]:
    """Return the two sides of `name=value`.

    Examples
    --------
    >>> pair("teaching_area=0.05")
    ('teaching_area', '0.05')
    """
    name, sign, value = text.partition("=")
    if not (name and sign and value):
        raise RequestError(Phrase(f"应写成“名称=值”，现为“{text}”", f"wanted NAME=VALUE, found {text!r}"))
    return name, value
