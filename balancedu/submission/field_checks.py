"""Runs the checks that a standard declares between the figures of a submission: one function for each kind."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping

import attrs
import numpy as np

from balancedu.calculator.compliance import SLACK
from balancedu.calculator.groups import Floats, Ints, Segments
from balancedu.core.field_checks import AddsUp, Check, NearTheMedian, NoMoreThan, ShareAgrees
from balancedu.core.model import Language, Measure, Term, Title, split_terms
from balancedu.core.standard import Standard
from balancedu.submission.problems import ONLY_COUNTY, Problems, figure
from balancedu.submission.shares import part_and_whole, quotient
from balancedu.submission.table import Table

_MEND_ONE = Title("请核对这两个数", "mend one of the two")


@attrs.frozen(eq=False)
class Reported:
    """The tables of a submission, as the checks look at them."""

    standard: Standard
    counties: tuple[str, ...]
    tables: Mapping[str, Table]

    @property
    def schools(self) -> Table:
        """The schools."""
        return self.tables["schools"]

    def school(self, table: Table, row: int) -> str:
        """Return the id of the school that a row belongs to; empty where it belongs to a county."""
        if table.id != "schools" and not table.school.size:
            return ""
        return str(self.schools.columns["school"][row if table.id == "schools" else table.school[row]])

    def place(self, table: Table, row: int, column: str) -> str:
        """Return where a cell was read, with the id of its school or county."""
        county = self.counties[table.county[row]]
        return table.place(row, column, self.school(table, row) or ("" if county == ONLY_COUNTY else county))

    def total(self, terms: tuple[Term, ...], each: Table, gaps: int) -> Floats:
        """Return a sum for each row of a table; rows of the tables below it are added up.

        What is not reported counts as zero where it stands with the sign `gaps`, and makes the sum unknown with
        the other one: so a sum can be bounded from below or from above.
        """
        result = np.zeros(len(each))
        for sign, name in split_terms(terms):
            measure = self.standard.measures[name]
            figures = self.tables[measure.table].numbers(measure.column)
            if len(terms) > 1 or measure.table != each.id:
                figures = np.nan_to_num(figures) if sign == gaps else figures
            figures = self._of_each(figures, self.tables[measure.table], each)
            result = result + sign * figures
        return result

    def _of_each(self, figures: Floats, table: Table, each: Table) -> Floats:
        if table.id == each.id:
            return figures
        if each.id == "facts":
            return Segments.of(table.county, len(self.counties)).sum(figures)
        return np.bincount(table.school, weights=figures, minlength=len(each)).astype(np.float64)


@attrs.frozen(eq=False)
class Broken:
    """The rows of a table that a check finds fault with."""

    table: Table
    column: str
    rows: Ints
    problem: Callable[[int, Language], str]
    """What is wrong with a row."""
    hint: Title | None
    kind: str
    """The same words for all of them."""


@functools.singledispatch
def broken(check: Check, reported: Reported) -> Iterator[Broken]:  # noqa: ARG001
    """Yield what a check finds; each kind is registered below."""
    raise TypeError(f"nobody has told how to run {type(check).__name__}")


def refuse_errors(reported: Reported, problems: Problems) -> None:
    """Refuse what a check of severity error finds."""
    for check in reported.standard.checks:
        for one in broken(check, reported) if check.severity == "error" else ():
            for row in one.rows.tolist():
                place = reported.place(one.table, row, one.column)
                hint = one.hint.en if one.hint else ""
                problems.note(one.table.id, place, one.column, one.problem(row, "en"), hint, one.kind)


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
        if alone and lang == "en":
            return f"found {figure(part[row])}, more than the {most} of {names[1].id} that it is part of"
        told, wanted = (_summed(measures, terms, check.each, lang) for terms in (check.part, check.whole))
        if lang == "zh":
            return f"{told}为{_figure(part[row])}，大于{wanted}{most}"
        return f"{told} come to {_figure(part[row])}, more than the {most} of {wanted}"

    yield Broken(each, column, np.flatnonzero(wrong), problem, _MEND_ONE, "part above its whole")


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
        hint = Title("请补全清单，或核对总数", "list what is missing, or mend the total")
        yield Broken(schools, name, np.flatnonzero(wrong), problem, hint, "list against its total")


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
def _(check: NearTheMedian, reported: Reported) -> Iterator[Broken]:
    schools, counties = reported.schools, len(reported.counties)
    for name in check.figures:
        if name not in schools:
            continue
        measure = reported.standard.measures[name]
        pupils = pupils_of(reported, measure)
        with np.errstate(invalid="ignore", divide="ignore"):
            value = schools.numbers(name) / np.where(pupils >= check.fewest_pupils, pupils, np.nan)
        looked_at = np.flatnonzero(value > 0)
        median = medians(value[looked_at], schools.county[looked_at], counties, check.fewest_schools)
        typical = median[schools.county]
        times = float(check.times)
        with np.errstate(invalid="ignore"):
            wrong = (value > typical * times) | ((value > 0) & (value * times < typical))
        problem = _far_off(measure, value, typical)
        yield Broken(schools, name, np.flatnonzero(wrong), problem, None, "far from other schools")


def _far_off(measure: Measure, value: Floats, typical: Floats) -> Callable[[int, Language], str]:
    unit = measure.unit.zh if measure.unit else ""

    def problem(row: int, lang: Language) -> str:
        found, usual, times = _about(value[row]), _about(typical[row]), value[row] / typical[row]
        more = times > 1
        factor = _about(times if more else 1 / times)
        if lang == "zh":
            told = f"全县中位数{usual}{unit}的" + (f"{factor}倍" if more else f"1/{factor}")
            return f"按在校生平均为{found}{unit}，是{told}"
        told = f"{factor} times" if more else f"1/{factor} of"
        return f"{found} per pupil, {told} the county's median of {usual}"

    return problem


def _about(number: float) -> str:
    """Return a figure in three digits, or whole where it has more."""
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


def pupils_of(reported: Reported, measure: Measure) -> Floats:
    """Return the pupils that a figure of each school is for: of its stage, or of the whole school."""
    columns = reported.standard.head.scope.pupils
    if measure.stage and measure.stage in columns:
        return reported.schools.numbers(columns[measure.stage])
    total = np.zeros(len(reported.schools))
    for name in columns.values():
        total += np.nan_to_num(reported.schools.numbers(name))
    return total


def medians(values: Floats, group: Ints, groups: int, fewest: int = 1) -> Floats:
    """Return the median of each group; NaN where it has fewer values.

    Examples
    --------
    >>> medians(np.array([1.0, 5.0, 3.0, 2.0]), np.array([0, 0, 0, 1]), 3)
    array([ 3.,  2., nan])
    """
    order = np.lexsort((values, group))
    ordered, starts = values[order], np.searchsorted(group[order], np.arange(groups + 1))
    counts = np.diff(starts)
    result = np.full(groups, np.nan)
    known = np.flatnonzero(counts >= max(fewest, 1))
    low = starts[known] + (counts[known] - 1) // 2
    high = starts[known] + counts[known] // 2
    result[known] = (ordered[low] + ordered[high]) / 2
    return result


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

    hint = Title("比例可以不填，或核对分子分母", "leave the share out, or mend the counts")
    yield Broken(table, measure.column, np.flatnonzero(wrong), problem, hint, "share against its counts")
