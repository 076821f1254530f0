"""What a person names on the command line, by its id or its title: Python takes ids alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from balancedu.commands.common import UsageError
from balancedu.core.model import Stage
from balancedu.core.standard import Standard
from balancedu.errors import near
from balancedu.phrase import KNOWN, NO_WORDS, Phrase, sentence
from balancedu.submission.submission import Submission

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
    found = _meant(asked, titles, Phrase("学段", "stage"))
    return next(stage for stage in standard.stages if stage == found)


def a_measure(standard: Standard, asked: str, known: Iterable[str]) -> str:
    """Return the id of one of some measures, by its id or its title."""
    return _meant(asked, [(one, standard.measures[one].title) for one in known], Phrase("填报项", "measure"))


def an_indicator(standard: Standard, asked: str) -> str:
    """Return the id of an indicator, by its id or its name."""
    known = [(one.id, one.name) for one in standard.indicators.values()]
    return _meant(asked, known, Phrase("指标", "indicator"))


def an_entry(standard: Standard, asked: str) -> str:
    """Return the id of an item or indicator, by its id or its name."""
    items = [(one.id, one.name) for one in standard.items.values()]
    indicators = [(one.id, one.name) for one in standard.indicators.values()]
    return _meant(asked, [*items, *indicators], Phrase("项目或指标", "item or indicator"))


def a_column(standard: Standard, asked: str) -> str:
    """Return what schools are grouped by, by its id or its title."""
    measures = standard.table_measures("schools")
    groupings = [(one.grouping.id, one.grouping.title) for one in measures.values() if one.grouping]
    columns = [(column, one.title) for column, one in measures.items()]
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
    found = [(name, title) for name, title in known if asked in (title.zh, title.en)]
    if len(found) == 1:
        return found[0][0]
    if found:
        problem = Phrase(f"叫“{asked}”的{what.zh}有{len(found)}个", f"{asked!r} is the title of {len(found)}")
        raise UsageError(sentence(problem, Phrase("请写标识：", "write the id: ") + _names(found)))
    problem = Phrase(f"没有{what.zh}“{asked}”", f"no {what.en} {asked!r}")
    problem += near(asked, (word for name, title in known for word in (name, title.zh, title.en) if word))
    raise UsageError(sentence(problem, KNOWN + _names(known)))


def _names(known: Sequence[tuple[str, Phrase]]) -> Phrase:
    """Return ids with their titles, so that either can be copied."""
    few, more = known[:MOST_LISTED], len(known) - MOST_LISTED
    zh, en = ([_titled(name, title.said(lang)) for name, title in few] for lang in ("zh", "en"))
    rest = Phrase(f"等，共{len(known)}个", f" and {more} more") if more > 0 else NO_WORDS
    # Titles hold the sign that stands between words of a list elsewhere.
    return Phrase("，".join(zh), ", ".join(en)) + rest


def _titled(name: str, title: str) -> str:
    return name if title in ("", name) else f"{name} {title}"
