"""Checks that add up and compare what a county reports in two places."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from balancedu.calculator.compliance import SLACK
from balancedu.calculator.groups import Floats
from balancedu.core.field_checks import AddsUp, ListsAll, NoMoreThan, ShareAgrees
from balancedu.core.model import Language, Measure, Term, Title, split_terms
from balancedu.phrase import Phrase
from balancedu.submission.checking.reported import Broken, Reported, broken
from balancedu.submission.problems import figure
from balancedu.submission.shares import part_and_whole, quotient

_UNLISTED = Phrase("一行也没有列出", "nothing listed")
_ABOVE = Phrase("部分大于整体", "part above its whole")
_MEND_ONE = Title("请核对这两个数", "mend one of the two")
_LIST_ALL = Title("请补全清单，或核对总数", "list what is missing, or mend the total")
_COUNTS = Title("比例可以不填，或核对分子分母", "leave the share out, or mend the counts")


def _always(hint: Title) -> Callable[[int], Title]:
    return lambda _row: hint


@broken.register
def _(check: NoMoreThan, reported: Reported) -> Iterator[Broken]:
    each, measures = reported.tables[check.each], reported.standard.measures
    names = [measures[name] for _, name in split_terms((*check.part, *check.whole))]
    there = [one.column in reported.tables[one.table] for one in names]
    if not (any(there[: len(check.part)]) and any(there[len(check.part) :])):
        return
    part, whole = reported.total(check.part, each, 1), reported.total(check.whole, each, -1)
    # Two figures as written are compared as they are; sums may be off by what adding rounds.
    alone = len(names) == 2 and all(one.table == each.id for one in names)
    with np.errstate(invalid="ignore"):
        wrong = part > (whole if alone else whole * (1 + SLACK))
    column = next((one.column for one in names if one.table == each.id), "")

    def problem(row: int, lang: Language) -> str:
        most = _figure(whole[row])
        if alone:
            found, whose = figure(part[row]), names[1]
            if lang == "zh":
                return f"填报{found}，大于{whose.title.zh}{most}"
            return f"found {found}, more than the {most} of {whose.id} that it is part of"
        told, wanted = (_summed(measures, terms, check.each, lang) for terms in (check.part, check.whole))
        if lang == "zh":
            return f"{told}为{_figure(part[row])}，大于{wanted}{most}"
        return f"{told} come to {_figure(part[row])}, more than the {most} of {wanted}"

    kind = Phrase("部分大于整体", "part above its whole")
    yield Broken(each, column, np.flatnonzero(wrong), problem, _always(_MEND_ONE), kind)


def _summed(measures: Mapping[str, Measure], terms: tuple[Term, ...], each: str, lang: Language) -> str:
    """Return a sum in words."""
    words = ""
    for sign, name in split_terms(terms):
        below = measures[name].table != each
        title = measures[name].title.zh + "合计" * below if lang == "zh" else "all " * below + name
        words += (" − " if sign < 0 else " + ") + title
    return words.removeprefix(" + ")


def _figure(number: float) -> str:
    """Return a figure that may be a sum, without what adding rounds."""
    return figure(float(f"{number:.12g}"))


@broken.register
def _(check: AddsUp, reported: Reported) -> Iterator[Broken]:
    rows, schools, measures = reported.tables[check.rows], reported.schools, reported.standard.measures
    stages = [choice.id for choice in measures[f"{check.rows}.stage"].values]
    for stage, name in check.totals.items():
        here = np.flatnonzero(rows.choices("stage") == stages.index(stage)) if stage in stages else np.empty(0, np.intp)
        if not here.size or name not in schools:
            continue
        figures = rows.numbers(measures[check.figure].column)[here] if check.figure else np.ones(here.size)
        listed = np.bincount(rows.school[here], weights=figures, minlength=len(schools)).astype(np.float64)
        counted = np.bincount(rows.school[here], minlength=len(schools))
        total = schools.numbers(name)
        with np.errstate(invalid="ignore"):
            wrong = (counted > 0) & (np.abs(listed - total) > SLACK * total)
        problem = _listed(check, reported, listed, total)
        kind = Phrase("清单与总数不符", "list against its total")
        yield Broken(schools, name, np.flatnonzero(wrong), problem, _always(_LIST_ALL), kind)


def _listed(check: AddsUp, reported: Reported, listed: Floats, total: Floats) -> Callable[[int, Language], str]:
    table = reported.standard.tables[check.rows]
    title = reported.standard.measures[check.figure].title if check.figure else None

    def problem(row: int, lang: Language) -> str:
        found, wanted = _figure(listed[row]), _figure(total[row])
        if lang == "zh":
            what = f"列出的{title.zh}合计" if title else "列出的行数"
            return f"填报{wanted}，{table.title.zh}表{what}为{found}"
        what = f"the {title.en} listed come to" if title else "the rows listed are"
        return f"found {wanted}, but in {table.id} {what} {found}"

    return problem


@broken.register
def _(check: ListsAll, reported: Reported) -> Iterator[Broken]:
    rows, schools, measures = reported.tables[check.rows], reported.schools, reported.standard.measures
    lists_any = np.bincount(rows.county, minlength=len(reported.counties))[schools.county] > 0
    types, stages = measures["type"].values, measures[f"{check.rows}.stage"].values
    for stage, name in check.totals.items():
        position = next((n for n, choice in enumerate(stages) if choice.id == stage), None)
        if position is None or name not in schools:
            continue
        listed = np.zeros(len(schools), bool)
        listed[rows.school[rows.choices("stage") == position]] = True
        asked = np.array([stage in (one.stages or ()) for one in types] + [False, False])[schools.choices("type")]
        figures = schools.numbers(name)
        with np.errstate(invalid="ignore"):
            wrong = lists_any & ~listed & asked & (figures > 0)
        problem = _unlisted(check, reported, stages[position].title, figures)
        yield Broken(schools, name, np.flatnonzero(wrong), problem, _always(_LIST_ALL), _UNLISTED)


def _unlisted(check: ListsAll, reported: Reported, stage: Title, figures: Floats) -> Callable[[int, Language], str]:
    title = reported.standard.tables[check.rows].title

    def problem(row: int, lang: Language) -> str:
        if lang == "zh":
            return f"填报{_figure(figures[row])}，{title.zh}表没有列出该校的{stage.zh}{title.zh}"
        return f"found {_figure(figures[row])}, but {check.rows} lists none of its {stage.en} stage"

    return problem


@broken.register
def _(check: ShareAgrees, reported: Reported) -> Iterator[Broken]:
    measure = reported.standard.measures[check.share]
    table = reported.tables[measure.table]
    if measure.quotient is None or measure.column not in table:
        return
    # A share is copied from a form, so it may be off by the rounding of the form's last digit.
    tolerance = 0.5 * 10.0 ** -(reported.standard.head.precision.percent + 2)
    computed = quotient(*part_and_whole(table, measure.quotient))
    given = table.numbers(measure.column)
    with np.errstate(invalid="ignore"):
        # A share that is said to be whole must be whole: 99.96 % prints as 100.0 %.
        wrong = (np.abs(given - computed) > tolerance * (1 + SLACK)) | ((given == 1) & (computed < 1))

    def problem(row: int, lang: Language) -> str:
        if lang == "zh":
            return f"填报{figure(given[row])}，按分子分母计算为{computed[row]:.6g}"
        return f"found {figure(given[row])}, but its counts give {computed[row]:.6g}"

    kind = Phrase("比例与分子分母不符", "share against its counts")
    yield Broken(table, measure.column, np.flatnonzero(wrong), problem, _always(_COUNTS), kind)
