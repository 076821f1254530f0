"""What several commands share: reading, naming, and printing results."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from balancedu.commands import FINE
from balancedu.core.fields import Stage
from balancedu.core.loading import DEFAULT_STANDARD, available_overlays, available_standards, load_standard
from balancedu.core.model import Indicator
from balancedu.core.standard import Item, Standard
from balancedu.errors import DataErrors, RequestError, UnknownNameError, near
from balancedu.evaluate import evaluate
from balancedu.evaluation.evaluation import Evaluation
from balancedu.files.open import WORKBOOKS
from balancedu.files.read import Example, example, read_partly
from balancedu.saving import new_file
from balancedu.submission.submission import Submission
from balancedu.text import KNOWN, NO_WORDS, Phrase, listed, sentence

if TYPE_CHECKING:
    from balancedu.document import Result

FEW = 5
"""Files up to which progress is not shown."""
MOST_LISTED = 20
"""How many names a message lists."""

Thing = TypeVar("Thing")


class UsageError(RequestError):
    """The command line names something that does not exist."""


def finish(outcome: Result | str | Path | int | None, options: argparse.Namespace) -> int:
    """Print the result of a command, a text or a path, and return its exit status."""
    if isinstance(outcome, int):
        return outcome
    # Imported only here: a command that prints its verdicts itself does not need it.
    from balancedu.document import Result

    if isinstance(outcome, Result):
        show(outcome, options)
    elif outcome is not None:
        print(outcome)
    return FINE


def show(result: Result, options: argparse.Namespace, text: str = "") -> None:
    """Print a result, by its own text unless a text is given; save it and its picture if requested."""
    if getattr(options, "plot", None) is not None:
        _save_figure(result, options)
    if options.output is not None:
        from balancedu.reporting.reports import write_result

        write_result(result, options.output, title=options.title, lang=options.lang, replace=options.replace)
    if options.json:
        print(json.dumps(result.to_dict(), ensure_ascii=False, indent=2, allow_nan=False, default=str))
    else:
        print(text or result.text(options.lang))


def _save_figure(result: Result, options: argparse.Namespace) -> None:
    from balancedu.plots import figure

    form = options.plot.suffix.lower().removeprefix(".")
    if form not in ("png", "svg", "pdf"):
        known = ".png, .svg, .pdf"
        zh = f"图片文件名应以 {known} 之一结尾，现为“{options.plot.name}”"
        raise UsageError(Phrase(zh, f"a picture ends in one of {known}, found {options.plot.name!r}"))
    picture = figure(result, options.lang)
    with new_file(options.plot, replace=options.replace) as temporary:
        picture.savefig(temporary, format=form)


def the_law(options: argparse.Namespace) -> Standard:
    """Return the standard selected by the options."""
    return load_standard(a_law(options.standard or DEFAULT_STANDARD), list(map(a_law, options.overlay)), options.on)


def a_law(text: str) -> str | Path:
    """Return what an argument means: the id of an edition or overlay, or otherwise the path of one."""
    return text if text in (*available_standards(), *available_overlays()) else Path(text)


def read(path: Path | None, options: argparse.Namespace, *, otherwise: Example = "passing") -> Submission:
    """Return the submission of a folder, or an example without one."""
    return example(otherwise, standard=options.standard) if path is None else read_all([there(path)], options)


def read_all(paths: Sequence[Path], options: argparse.Namespace) -> Submission:
    """Return the submission that files hold together.

    Raises
    ------
    DataErrors
        If anything of them cannot be read.
    """
    submission, errors = read_partly(
        list(paths), standard=options.standard, mapping=options.mapping, progress=with_progress
    )
    if submission is None or errors:
        raise DataErrors(errors)
    return submission


def with_progress(things: Iterable[Thing], total: int | None = None) -> Iterable[Thing]:
    """Show progress on a terminal, where tqdm is installed."""
    total = len(things) if total is None and isinstance(things, Sequence) else total or 0
    if total < FEW or sys.stderr is None or not sys.stderr.isatty():
        return things
    try:
        from tqdm import tqdm
    except ImportError:
        return things
    progress: Iterable[Thing] = tqdm(things, total=total, leave=False)
    return progress


def there(path: Path) -> Path:
    """Return a path at which there is something; the ending of a workbook may be left out."""
    result = with_ending(path, WORKBOOKS)
    if result.exists():
        return result
    raise UsageError(
        Phrase(
            f"没有文件或文件夹“{path}”；请给出工作簿，或放有 schools.csv 的文件夹",
            f"no file or folder {str(path)!r}; give a workbook, or the folder that holds schools.csv",
        )
    )


def with_ending(path: Path, endings: Sequence[str]) -> Path:
    """Return the one file that a path without its ending means; the path as it is if there is none, or several."""
    ended = [path.with_name(path.name + ending) for ending in endings]
    files = [other for other in ended if other.is_file()]
    return files[0] if len(files) == 1 and not path.exists() else path


def evaluated(options: argparse.Namespace) -> Evaluation:
    """Return the evaluation of what PATH holds."""
    return evaluate(read(options.path, options), options.standard)


def selected_county(options: argparse.Namespace) -> Evaluation:
    """Return the evaluation of the selected county.

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
    return _meant(asked, _names_of(standard.indicators.values()), Phrase("指标", "indicator"))


def an_entry(standard: Standard, asked: str) -> str:
    """Return the id of an item or indicator, by its id or its name."""
    known = _names_of((*standard.items.values(), *standard.indicators.values()))
    return _meant(asked, known, Phrase("项目或指标", "item or indicator"))


def _names_of(entries: Iterable[Item | Indicator]) -> list[tuple[str, Phrase]]:
    return [(entry.id, entry.name) for entry in entries]


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
        With what there is, if there is none, or several.
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
    titled = [name if title.zh in ("", name) else f"{name} {title.zh}" for name, title in few]
    en = [name if title.en in ("", name) else f"{name} {title.en}" for name, title in few]
    rest = Phrase(f"等，共{len(known)}个", f" and {more} more") if more > 0 else NO_WORDS
    # Titles contain the sign that separates words of a list elsewhere.
    return Phrase("，".join(titled), ", ".join(en)) + rest
