"""What several commands share."""

from __future__ import annotations

import argparse
import errno
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from balancedu.commands.parser import Parser, words
from balancedu.core.fields import Stage
from balancedu.core.loading import DEFAULT_STANDARD, available_overlays, available_standards, load_standard
from balancedu.core.standard import Standard
from balancedu.errors import BalanceduError, DataErrors, RequestError, UnknownNameError, near
from balancedu.evaluate import evaluate
from balancedu.evaluation.evaluation import Evaluation
from balancedu.files.open import WORKBOOKS
from balancedu.files.read import Example, example, read_partly
from balancedu.submission.submission import Submission
from balancedu.text import KNOWN, NO_WORDS, Phrase, listed, sentence

Commands = Any
"""What `add_subparsers` returns; argparse has no public name for it."""

FINE, NOT_FINE, BAD_INPUT = 0, 1, 2
"""How a command ends: done; not what was asked for; bad input."""


class UsageError(RequestError):
    """The command line asks for something that there is not."""


def submitted() -> str:
    """Return what a path is that names what counties submitted."""
    return words("填报工作簿，或放有 schools.csv 的文件夹", "a workbook, or the folder with schools.csv")


def refused(error: ValueError) -> BalanceduError:
    """Return what a command says of a value that what it asked refused."""
    return error if isinstance(error, BalanceduError) else UsageError(str(error))


def of_the_system(error: OSError) -> Phrase:
    """Return what the system says of a file; what it calls the reason stays as it is."""
    if not error.filename:
        full = error.errno in (errno.ENOSPC, errno.EFBIG)
        if error.errno is None:
            # Not of the system: the library says itself what is wrong.
            return Phrase(str(error), str(error))
        return Phrase(f"无法写入：{'磁盘空间不足' if full else error.strerror or error}", str(error))
    if isinstance(error, FileNotFoundError):
        return Phrase(f"没有文件或文件夹“{error.filename}”", str(error))
    return Phrase(f"“{error.filename}”无法读取或写入（{error.strerror}）", str(error))


def law_options(parser: Parser, default: str | None = DEFAULT_STANDARD) -> None:
    """Add the options that say by which law is judged, and as of which day."""
    zh, en = "标准或叠加文件：代码，或自己的文件", "an edition or overlay: an id, or the path of your own"
    parser.option("--standard", zh, en, default=default, metavar="ID")
    zh = "叠加在标准之上的文件：代码，或自己的文件；可按顺序写多次"
    en = "an overlay put onto it: an id, or the file of your own; may be given several times, in order"
    parser.option("--overlay", zh, en, action="append", default=[], metavar="ID")
    day_option(parser)


def day_option(parser: Parser) -> None:
    """Add the option that says as of which day."""
    zh, en = "以哪一天为准，如 2023-09-01；不写则为今天", "the day asked about, as 2023-09-01; left out: today"
    parser.option("--on", zh, en, metavar="DAY")


def the_law(options: argparse.Namespace) -> Standard:
    """Return the standard that the options ask for."""
    return load_standard(a_law(options.standard), list(map(a_law, options.overlay)), options.on)


def a_law(text: str) -> str | Path:
    """Return what an argument means: the id of an edition or overlay, or otherwise the path of one."""
    return text if text in (*available_standards(), *available_overlays()) else Path(text)


def path_argument(parser: Parser) -> None:
    """Add the argument that names what a county submitted."""
    parser.add_argument(
        "path",
        nargs="?",
        type=Path,
        metavar="PATH",
        help=submitted() + words("；不写则用示例县", "; left out: the example"),
    )


def output_options(command: Parser, doc: str, *, required: bool = True) -> None:
    """Add the options that say where to write, and whether over an existing file."""
    command.add_argument("-o", "--output", type=Path, required=required, metavar="FILE", help=doc)
    replace_option(command)


def replace_option(command: Parser) -> None:
    """Add the option that allows to write over an existing file."""
    command.option("--replace", "文件已经存在时覆盖它", "replace the file if it exists", action="store_true")


def county_path(parser: Parser) -> None:
    """Add PATH, and the option that names one county of many."""
    path_argument(parser)
    parser.option("--county", "PATH 中有多个县时，写明哪一个", "which county, where PATH holds several", metavar="ID")


def read(path: Path | None, options: argparse.Namespace, *, otherwise: Example = "passing") -> Submission:
    """Return the submission of a folder, or an example without one."""
    if path is None:
        return example(otherwise, standard=options.standard)
    submission, errors = read_partly(
        [there(path)], standard=options.standard, mapping=options.mapping, progress=things_with_progress
    )
    if submission is None or errors:
        raise DataErrors(errors)
    return submission


Thing = TypeVar("Thing")


def with_progress(things: Iterable[Thing], total: int) -> Iterable[Thing]:
    """Show progress on a terminal, where tqdm is installed."""
    if total < FEW or sys.stderr is None or not sys.stderr.isatty():
        return things
    try:
        from tqdm import tqdm
    except ImportError:
        return things
    progress: Iterable[Thing] = tqdm(things, total=total, leave=False)
    return progress


def things_with_progress(things: Sequence[Thing]) -> Iterable[Thing]:
    """Show progress over files."""
    return with_progress(things, len(things))


FEW = 5
"""Files up to which progress is not shown."""


def there(path: Path) -> Path:
    """Return a path at which there is something; the ending of a workbook may be left out."""
    if path.exists():
        return path
    ended = [path.with_name(path.name + ending) for ending in WORKBOOKS]
    result = [other for other in ended if other.is_file()]
    if len(result) == 1:
        return result[0]
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
    except UnknownNameError as error:
        raise UsageError(error.words) from None


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


MOST_LISTED = 20
"""How many names a message lists."""


def a_school(submission: Submission, asked: str, county: str = "") -> str:
    """Return the id of a school, by its id or its name; of one county, where it is given."""
    schools = submission.schools
    rows = schools.county == submission.counties.index(county) if county else np.full(len(schools), True)
    names = zip(schools.columns["school"][rows].tolist(), schools.texts("name")[rows].tolist(), strict=True)
    return _meant(asked, [(school, Phrase.of(name)) for school, name in names], Phrase("学校", "school"))


def a_stage(standard: Standard, asked: str) -> Stage:
    """Return a stage, by its id or its title."""
    titles = [(stage, standard.head.stage_titles[stage]) for stage in standard.stages]
    result = _meant(asked, titles, Phrase("学段", "stage"))
    return next(stage for stage in standard.stages if stage == result)


def a_measure(standard: Standard, asked: str, known: Iterable[str]) -> str:
    """Return the id of one of some measures, by its id or its title."""
    return _meant(asked, [(entry, standard.measures[entry].title) for entry in known], Phrase("填报项", "measure"))


def an_indicator(standard: Standard, asked: str) -> str:
    """Return the id of an indicator, by its id or its name."""
    known = [(indicator.id, indicator.name) for indicator in standard.indicators.values()]
    return _meant(asked, known, Phrase("指标", "indicator"))


def an_entry(standard: Standard, asked: str) -> str:
    """Return the id of an item or indicator, by its id or its name."""
    items = [(item.id, item.name) for item in standard.items.values()]
    indicators = [(indicator.id, indicator.name) for indicator in standard.indicators.values()]
    return _meant(asked, [*items, *indicators], Phrase("项目或指标", "item or indicator"))


def a_column(standard: Standard, asked: str) -> str:
    """Return what schools are grouped by, by its id or its title."""
    measures = standard.table_measures("schools")
    groupings = [(measure.grouping.id, measure.grouping.title) for measure in measures.values() if measure.grouping]
    columns = [(column, measure.title) for column, measure in measures.items()]
    return _meant(asked, [*groupings, *columns], Phrase("学校表的列", "column of schools"))


def _meant(asked: str, known: Sequence[tuple[str, Phrase]], what: Phrase) -> str:
    """Return the id that is meant by an id or a title.

    Raises
    ------
    UsageError
        With what there is, where there is none, or several.
    """
    if any(asked == name for name, _ in known):
        return asked
    result = [(name, title) for name, title in known if asked in (title.zh, title.en)]
    if len(result) == 1:
        return result[0][0]
    if result:
        problem = Phrase(f"叫“{asked}”的{what.zh}有{len(result)}个", f"{asked!r} is the title of {len(result)}")
        raise UsageError(sentence(problem, Phrase("请写标识：", "write the id: ") + _names(result)))
    problem = Phrase(f"没有{what.zh}“{asked}”", f"no {what.en} {asked!r}")
    problem += near(asked, (word for name, title in known for word in (name, title.zh, title.en) if word))
    raise UsageError(sentence(problem, KNOWN + _names(known)))


def _names(known: Sequence[tuple[str, Phrase]]) -> Phrase:
    """Return ids with their titles, so that either can be copied."""
    few, more = known[:MOST_LISTED], len(known) - MOST_LISTED
    zh, en = ([_titled(name, title.text(lang)) for name, title in few] for lang in ("zh", "en"))
    rest = Phrase(f"等，共{len(known)}个", f" and {more} more") if more > 0 else NO_WORDS
    # Titles hold the sign that separates words of a list elsewhere.
    return Phrase("，".join(zh), ", ".join(en)) + rest


def _titled(name: str, title: str) -> str:
    return name if title in ("", name) else f"{name} {title}"
