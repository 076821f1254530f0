"""What is checked in a submission before anything is judged: errors are refused, warnings are listed."""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable, Container, Iterator, Mapping
from fractions import Fraction
from typing import Any, cast

import attrs
import numpy as np
from numpy.typing import NDArray

from balancedu.calculator.groups import Bools, Floats, Ints, Segments
from balancedu.calculator.limits import SLACK
from balancedu.core.field_checks import (
    AddsUp,
    Check,
    Likely,
    ListsAll,
    NearTheMedian,
    NoMoreThan,
    RaisedSince,
    ShareAgrees,
)
from balancedu.core.fields import Language, Stage, Term, Title
from balancedu.core.model import SHARE, Measure, Quotient, Scale, split_terms
from balancedu.core.standard import Standard
from balancedu.submission.arrange import DETAILS, NO_COLUMN, duplicates_of
from balancedu.submission.attached import attached, has_stage
from balancedu.submission.campuses import PARENT, check_parents
from balancedu.submission.problems import ONLY_COUNTY, Problems, figure, titles_of
from balancedu.submission.raw import RawTable
from balancedu.submission.tables import Table
from balancedu.text import Phrase, sentence_zh, where_zh


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

        A missing value counts as zero where its sign is `gaps`, and makes the sum unknown with
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
class Violation:
    """The rows of a table that a check finds fault with."""

    table: Table
    column: str
    rows: Ints
    problem: Callable[[int, Language], str]
    """What is wrong with a row."""
    hint: Callable[[int], Title]
    """The way out."""
    kind: Phrase
    """The same words for all of them."""


@functools.singledispatch
def violations(check: Check, reported: Reported) -> Iterator[Violation]:  # noqa: ARG001
    """Yield what a check finds; each kind is registered below."""
    raise TypeError(f"no function for checks of the kind {type(check).__name__}")


_NO_STAGE = Phrase("学校类型没有的学段", "stage that the type does not have")


def check_schools(schools: Table, standard: Standard, problems: Problems) -> None:
    """Refuse figures of a stage that the type of school does not have, unless it has pupils of that stage attached."""
    measures = standard.table_measures("schools")
    types = measures["type"].values
    for column, measure in measures.items():
        if measure.stage and column in schools:
            figures = schools.numbers(column)
            wrong = (figures > 0) & ~has_stage(schools, standard, measure.stage)
            for row in np.flatnonzero(wrong).tolist():
                result, title = figure(figures[row]), types[schools.choices("type")[row]].title
                problem = Phrase(
                    f"填报{result}，但{title.zh}没有这个学段",
                    f"found {result}, but a {title.en} has no {measure.stage} stage",
                )
                hint = _way_out(standard, column, measure.stage, Phrase("请留空", "leave the cell empty"))
                problems.cell(schools, schools, row, column, problem, hint, _NO_STAGE)


def check_details(
    details: Table, schools: Table, standard: Standard, problems: Problems, faulty: Container[str] = ()
) -> None:
    """Refuse classes and rooms that do not say what they are, and classes of a stage that the school lacks.

    Columns that are known to be faulty are not reported.
    """
    for column, measure in standard.table_measures(details.id).items():
        if measure.type != "choice":
            continue
        listed = Phrase("请填其中之一：", "write one of ") + titles_of(measure.values)
        missing = np.flatnonzero(details.choices(column) == -1)
        if column == "stage":
            missing = missing[~_may_have_no_stage(details, schools, standard)[missing]]
        if column not in details and missing.size:
            if column not in faulty:
                problems.note(details.id, details.origin.title, column, NO_COLUMN, listed)
            continue
        for row in missing.tolist():
            problem = Phrase(f"没有填{measure.title.zh}", f"the {measure.title.en} is missing")
            kind = Phrase(problem.zh, f"missing {column}")
            problems.cell(details, schools, row, column, problem, listed, kind)
        if column != "stage":
            continue
        types, kinds = standard.measures["type"].values, schools.choices("type")[details.school]
        for position, stage in enumerate(measure.values):
            name = cast("Stage", stage.id)
            wrong = (details.choices(column) == position) & ~has_stage(schools, standard, name)[details.school]
            for row in np.flatnonzero(wrong).tolist():
                title = types[kinds[row]].title
                problem = Phrase(
                    f"填报{stage.title.zh}，但学校的类型是{title.zh}，没有这个学段",
                    f"found {stage.id}, but a {title.en} has no {stage.id} stage",
                )
                hint = _way_out(standard, column, name, Phrase("请改正学段", "correct the stage"))
                problems.cell(details, schools, row, column, problem, hint, _NO_STAGE)


def _may_have_no_stage(details: Table, schools: Table, standard: Standard) -> Bools:
    """Return the classes of schools with several stages none of whose classes says its stage."""
    stages = np.zeros(len(schools), np.intp)
    for stage in standard.stages:
        stages += has_stage(schools, standard, stage)
    named = np.bincount(details.school[details.choices("stage") >= 0], minlength=len(schools)) > 0
    result: Bools = ((stages > 1) & ~named)[details.school]
    return result


def _way_out(standard: Standard, column: str, stage: Stage, first: Phrase) -> Phrase:
    """Return what to do about a stage that a school does not have."""
    pupils = standard.head.scope.pupils.get(stage)
    if standard.head.scope.attached is None or pupils in (None, column):
        return first + Phrase("，或改正学校类型", ", or correct the type of the school")
    attach = Phrase(
        f"，或改正学校类型；附设班请填报{standard.measures[pupils].title.zh}",
        f", or correct the type of the school; for attached classes, report {pupils}",
    )
    return first + attach


_FROM_OTHERS = Phrase("与其他学校相差太大", "far from other schools")
_FROM_USUAL = Phrase("与通常相差太大", "far from what is usual")
_LOOK = Title("请核对单位和小数点", "look at unit and decimal point")


@violations.register
def _(check: NearTheMedian, reported: Reported) -> Iterator[Violation]:
    schools, counties, times = reported.schools, len(reported.counties), float(check.times)
    for name in check.figures:
        if name not in schools:
            continue
        measure = reported.standard.measures[name]
        pupils = pupils_of(reported, measure)
        value = _shared(schools.numbers(name), np.where(pupils >= check.fewest_pupils, pupils, np.nan))
        looked_at = np.flatnonzero(value > 0)
        median = medians(value[looked_at], schools.county[looked_at], counties, check.fewest_schools)
        typical = median[schools.county]
        with np.errstate(invalid="ignore"):
            wrong = (value > typical * times) | ((value > 0) & (value * times < typical))

        def hint(row: int, measure: Measure = measure, value: Floats = value, typical: Floats = typical) -> Title:
            usual = typical[row] / math.sqrt(times), typical[row] * math.sqrt(times)
            return meant(reported, measure, value[row], *usual)

        problem = _far_off(measure, value, typical)
        yield Violation(schools, name, np.flatnonzero(wrong), problem, hint, _FROM_OTHERS)


def _far_off(measure: Measure, value: Floats, typical: Floats) -> Callable[[int, Language], str]:
    unit = measure.unit.zh if measure.unit else ""

    def problem(row: int, lang: Language) -> str:
        results, usual, times = about(value[row]), about(typical[row]), value[row] / typical[row]
        more = times > 1
        factor = about(times if more else 1 / times)
        if lang == "zh":
            result = f"全县中位数{usual}{unit}的" + (f"{factor}倍" if more else f"1/{factor}")
            return f"按在校生平均为{results}{unit}，是{result}"
        result = f"{factor} times" if more else f"1/{factor} of"
        return f"{results} per pupil, {result} the county's median of {usual}"

    return problem


@violations.register
def _(check: Likely, reported: Reported) -> Iterator[Violation]:
    measure, likely = reported.standard.measures[check.measure], check.plausible
    table = reported.tables[measure.table]
    if measure.column not in table:
        return
    figures = table.numbers(measure.column)
    value = _shared(figures, pupils_of(reported, measure)) if likely.per == "pupil" else figures
    looked_at = np.flatnonzero(value > 0)
    county = table.county[looked_at]
    median = medians(value[looked_at], county, len(reported.counties))
    least, most = float(likely.least), float(likely.most)
    with np.errstate(invalid="ignore"):
        off = (median < least) | (median > most)
    # The column as a whole is meant; it is reported at its first figure.
    first = looked_at[np.unique(county, return_index=True)[1]]
    rows = first[off[table.county[first]]]

    def problem(row: int, lang: Language) -> str:
        result = about(median[table.county[row]])
        unit = measure.unit.zh if measure.unit else ""
        alone = measure.table == "facts"
        if lang == "zh":
            what = "填报" if alone else "全县中位数为" if likely.per == "row" else "按在校生平均的全县中位数为"
            return f"{what}{result}{unit}，通常在{about(least)}至{about(most)}{unit}之间"
        what = "found" if alone else "the county's median" + (" per pupil" if likely.per == "pupil" else "") + " is"
        return f"{what} {result}, usual are {about(least)} to {about(most)}"

    def hint(row: int) -> Title:
        return meant(reported, measure, median[table.county[row]], least, most)

    yield Violation(table, measure.column, rows, problem, hint, _FROM_USUAL)


def meant(reported: Reported, measure: Measure, value: float, least: float, most: float) -> Title:
    """Return which unit was probably meant: the one that brings a value nearest to the middle of what is usual."""
    middle = math.log(least * most) / 2

    def miss(factor: Fraction) -> float:
        return abs(math.log(value * float(factor)) - middle)

    scales = [(entry.factor, entry) for entry in _scales(reported, measure)]
    known = [*scales, *((1 / factor, scale) for factor, scale in scales)]
    fitting = [(factor, scale) for factor, scale in known if least <= value * float(factor) <= most]
    if not fitting:
        return _LOOK
    factor, scale = min(fitting, key=lambda entry: miss(entry[0]))
    if measure.type == "share" or measure.unit is None:
        meant = about(value * float(factor))
        return Title(f"{meant}还是{about(value)}？", f"{meant} or {about(value)}?")
    zh, en = scale.words[0], next((word for word in scale.words if word.isascii()), scale.words[0])
    if factor < 1:
        times = about(float(1 / factor))
        return Title(f"是否多换算了一次（{times}倍）？", f"converted once too often ({times} times)?")
    return Title(f"{measure.unit.zh}还是{zh}？", f"{measure.unit.en} or {en}?")


def _scales(reported: Reported, measure: Measure) -> tuple[Scale, ...]:
    unit = SHARE if measure.type == "share" else measure.unit.zh if measure.unit else ""
    return next((entry.scales for entry in reported.standard.units if entry.unit == unit), ())


def about(number: float) -> str:
    """Return a figure in three digits, or whole where it has more.

    Examples
    --------
    >>> about(0.985), about(12345.6)
    ('0.985', '12,346')
    """
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


def _shared(figures: Floats, pupils: Floats) -> Floats:
    """Return figures per pupil; NaN where there is none."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(pupils > 0, figures / pupils, np.nan)


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


@attrs.frozen
class DataWarning:
    """One figure, or one column, that is probably not what was meant.

    Attributes
    ----------
    check : str
        The id of the check, or the measure whose plausible range it leaves.
    title : Title
        What should hold.
    why : Title
        Why that is looked at; it is no law.
    county, school : str
        Ids; the school is empty where a whole column or a fact is meant.
    table, column, place : str
        Where it was read.
    figure : Title
        What the column is called.
    problem : Title
        What was found, and what was expected.
    hint : Title
        The way out.
    """

    check: str
    title: Title = attrs.field(repr=False)
    why: Title = attrs.field(repr=False)
    county: str
    school: str
    table: str
    column: str
    place: str
    figure: Title = attrs.field(repr=False)
    problem: Title
    hint: Title = attrs.field(repr=False)

    def text(self, lang: Language = "zh") -> str:
        """Return where it was read, what was found, and the way out."""
        if lang == "zh":
            where = where_zh(self.place, self.figure.zh, self.column)
            return sentence_zh(where, self.problem.zh, self.hint.zh)
        where = ", ".join(word for word in (self.table, self.place, self.column) if word)
        return f"{where}: {self.problem.en}" + f"; {self.hint.en}"

    def parts(self, lang: Language = "zh") -> tuple[str, str]:
        """Return what was found in which column, without its place, and the way out."""
        column = where_zh("", self.figure.zh, self.column) + "：" if lang == "zh" else f"{self.column}: "
        return column + self.problem.text(lang), self.hint.text(lang)

    def to_dict(self) -> dict[str, Any]:
        """Return the warning as plain values."""
        return attrs.asdict(self)


_OF_ROWS = (NearTheMedian, Likely)
"""Checks of single figures: added to those of a campus, a figure in a wrong unit looks like any other."""


def check(reported: Reported, raws: Mapping[str, RawTable], problems: Problems) -> None:
    """Refuse rows that are not what rows must be, and what the checks of severity error find."""
    check_schools(reported.schools, reported.standard, problems)
    for name in DETAILS:
        if name in raws:
            faulty = raws[name].faulty
            check_details(reported.tables[name], reported.schools, reported.standard, problems, faulty)
    are_sure = raws["schools"].has_ids and not duplicates_of(reported.schools).size
    if are_sure and PARENT not in raws["schools"].faulty:
        check_parents(reported.schools, reported.counties, reported.standard, problems)
    refuse_errors(reported, problems)


def refuse_errors(reported: Reported, problems: Problems) -> None:
    """Refuse what a check of severity error finds."""
    for check in reported.standard.checks:
        for violation in violations(check, reported) if check.severity == "error" else ():
            for row in violation.rows.tolist():
                place = reported.place(violation.table, row, violation.column)
                problem = Phrase(violation.problem(row, "zh"), violation.problem(row, "en"))
                problems.note(violation.table.id, place, violation.column, problem, violation.hint(row), violation.kind)


def warnings_of(submitted: Reported, judged: Reported) -> Iterator[DataWarning]:
    """Yield what the checks of severity warning find, in the order in which the standard declares them.

    Parameters
    ----------
    submitted, judged : Reported
        The tables as they were submitted, and with campuses added to their schools.
    """
    for check in submitted.standard.checks:
        reported = submitted if isinstance(check, _OF_ROWS) else judged
        for violation in violations(check, reported) if check.severity == "warning" else ():
            measures = reported.standard.table_measures(violation.table.id)
            # A column as a whole is reported at its first row.
            for row in violation.rows.tolist():
                yield DataWarning(
                    check=check.id,
                    title=check.title,
                    why=check.why,
                    county=reported.counties[violation.table.county[row]],
                    school=reported.school(violation.table, row),
                    table=violation.table.id,
                    column=violation.column,
                    place=reported.place(violation.table, row, violation.column),
                    figure=measures[violation.column].title if violation.column else check.title,
                    problem=Title(violation.problem(row, "zh"), violation.problem(row, "en")),
                    hint=violation.hint(row),
                )


def part_and_whole(table: Table, formula: Quotient) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the two sums that a figure is the quotient of, 1 below a sum; NaN where a figure is not reported."""
    part, whole = (
        functools.reduce(operator.add, (sign * table.numbers(name) for sign, name in split_terms(terms)))
        if terms
        else np.ones(len(table))
        for terms in (formula.part, formula.whole)
    )
    return part, whole


def computed_facts(facts: Table, measures: Mapping[str, Measure]) -> Table:
    """Return facts in which figures follow from those they are computed from, where all of these are reported.

    A quotient is that of the decimals as written, at 15 significant digits.
    """
    columns = dict(facts.columns)
    for column, measure in measures.items():
        if measure.computed is None or not any(name in facts for name in measure.computed.measures):
            continue
        figures = quotient(*part_and_whole(facts, measure.computed))
        known = ~np.isnan(figures)
        if known.any():
            figures[known] = [float(f"{entry:.15g}") for entry in figures[known].tolist()]
            columns[column] = np.where(known, figures, facts.numbers(column))
    return attrs.evolve(facts, columns=columns)


def quotient(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a share; NaN where a sum is not known or the whole is not above zero."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(whole > 0, part / whole, np.nan)


_RAISED = Phrase("另有更高规定", "asked more elsewhere")
_UNLISTED = Phrase("一行也没有列出", "nothing listed")
_ABOVE = Phrase("部分大于整体", "part above its whole")
_MEND_ONE = Title("请核对这两个数", "correct one of the two")
_LIST_ALL = Title("请补全清单，或核对总数", "list what is missing, or correct the total")
_COUNTS = Title("比例可以不填，或核对分子分母", "leave the share out, or correct the counts")


def _always(hint: Title) -> Callable[[int], Title]:
    return lambda _row: hint


@violations.register
def _(check: NoMoreThan, reported: Reported) -> Iterator[Violation]:
    each, measures = reported.tables[check.each], reported.standard.measures
    names = [measures[name] for _, name in split_terms((*check.part, *check.whole))]
    there = [entry.column in reported.tables[entry.table] for entry in names]
    if not (any(there[: len(check.part)]) and any(there[len(check.part) :])):
        return
    part, whole = reported.total(check.part, each, 1), reported.total(check.whole, each, -1)
    # Two figures as written are compared as they are; sums may be off by what adding rounds.
    alone = len(names) == 2 and all(entry.table == each.id for entry in names)
    with np.errstate(invalid="ignore"):
        wrong = part > (whole if alone else whole * (1 + SLACK))
    column = next((entry.column for entry in names if entry.table == each.id), "")

    def problem(row: int, lang: Language) -> str:
        most = _figure(whole[row])
        if alone:
            results, whose = figure(part[row]), names[1]
            if lang == "zh":
                return f"填报{results}，大于{whose.title.zh}{most}"
            return f"found {results}, more than the {most} of {whose.id} that it is part of"
        result, wanted = (_summed(measures, terms, check.each, lang) for terms in (check.part, check.whole))
        if lang == "zh":
            return f"{result}为{_figure(part[row])}，大于{wanted}{most}"
        return f"{result} come to {_figure(part[row])}, more than the {most} of {wanted}"

    kind = Phrase("部分大于整体", "part above its whole")
    yield Violation(each, column, np.flatnonzero(wrong), problem, _always(_MEND_ONE), kind)


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


@violations.register
def _(check: AddsUp, reported: Reported) -> Iterator[Violation]:
    rows, schools, measures = reported.tables[check.rows], reported.schools, reported.standard.measures
    stages = [choice.id for choice in measures[f"{check.rows}.stage"].values]
    for stage, name in check.totals.items():
        here = np.flatnonzero(rows.choices("stage") == stages.index(stage)) if stage in stages else np.empty(0, np.intp)
        if not here.size or name not in schools:
            continue
        figures = rows.numbers(measures[check.figure].column)[here] if check.figure else np.ones(here.size)
        listed = np.bincount(rows.school[here], weights=figures, minlength=len(schools)).astype(np.float64)
        included = np.bincount(rows.school[here], minlength=len(schools))
        total = schools.numbers(name)
        with np.errstate(invalid="ignore"):
            wrong = (included > 0) & (np.abs(listed - total) > SLACK * total)
        problem = _listed(check, reported, listed, total)
        kind = Phrase("清单与总数不符", "list against its total")
        yield Violation(schools, name, np.flatnonzero(wrong), problem, _always(_LIST_ALL), kind)


def _listed(check: AddsUp, reported: Reported, listed: Floats, total: Floats) -> Callable[[int, Language], str]:
    table = reported.standard.tables[check.rows]
    title = reported.standard.measures[check.figure].title if check.figure else None

    def problem(row: int, lang: Language) -> str:
        result, wanted = _figure(listed[row]), _figure(total[row])
        if lang == "zh":
            what = f"列出的{title.zh}合计" if title else "列出的行数"
            return f"填报{wanted}，{table.title.zh}表{what}为{result}"
        what = f"the {title.en} listed come to" if title else "the rows listed are"
        return f"found {wanted}, but in {table.id} {what} {result}"

    return problem


@violations.register
def _(check: ListsAll, reported: Reported) -> Iterator[Violation]:
    rows, schools, measures = reported.tables[check.rows], reported.schools, reported.standard.measures
    lists_any = np.bincount(rows.county, minlength=len(reported.counties))[schools.county] > 0
    types, stages = measures["type"].values, measures[f"{check.rows}.stage"].values
    for stage, name in check.totals.items():
        position = next((n for n, choice in enumerate(stages) if choice.id == stage), None)
        if position is None or name not in schools:
            continue
        listed = np.zeros(len(schools), bool)
        listed[rows.school[rows.choices("stage") == position]] = True
        asked = np.array([stage in (type_.stages or ()) for type_ in types] + [False, False])[schools.choices("type")]
        asked |= attached(schools, reported.standard, stage)
        figures = schools.numbers(name)
        with np.errstate(invalid="ignore"):
            wrong = lists_any & ~listed & asked & (figures > 0)
        problem = _unlisted(check, reported, stages[position].title, figures)
        yield Violation(schools, name, np.flatnonzero(wrong), problem, _always(_LIST_ALL), _UNLISTED)


def _unlisted(check: ListsAll, reported: Reported, stage: Title, figures: Floats) -> Callable[[int, Language], str]:
    title = reported.standard.tables[check.rows].title

    def problem(row: int, lang: Language) -> str:
        if lang == "zh":
            return f"填报{_figure(figures[row])}，{title.zh}表没有列出该校的{stage.zh}{title.zh}"
        return f"found {_figure(figures[row])}, but {check.rows} lists none of its {stage.en} stage"

    return problem


@violations.register
def _(check: RaisedSince, reported: Reported) -> Iterator[Violation]:
    measure = reported.standard.measures[check.figure]
    table, day = reported.tables[measure.table], reported.standard.given_day
    if measure.column not in table or not day or day < check.from_:
        return
    figures = table.numbers(measure.column)
    with np.errstate(invalid="ignore"):
        low = (figures >= float(check.reached)) & (figures < float(check.at_least))

    def problem(row: int, lang: Language) -> str:
        if lang == "zh":
            return f"填报{figure(figures[row])}，按本标准达到要求，但自{check.from_}起另有规定为{check.at_least}"
        return (
            f"found {figure(figures[row])}, which meets this standard, but since {check.from_} another one asks for "
            f"{check.at_least}"
        )

    yield Violation(table, measure.column, np.flatnonzero(low), problem, _always(check.title), _RAISED)


@violations.register
def _(check: ShareAgrees, reported: Reported) -> Iterator[Violation]:
    measure = reported.standard.measures[check.share]
    table = reported.tables[measure.table]
    formula = measure.quotient or measure.computed
    if formula is None or measure.column not in table:
        return
    # It is copied from a form, so it may be off by the rounding of the form's last digit; a sum is not.
    precision = reported.standard.head.precision
    places = precision.percent + 2 if measure.quotient else precision.other
    tolerance = 0.5 * 10.0**-places if formula.whole else 0.0
    computed = quotient(*part_and_whole(table, formula))
    given = table.numbers(measure.column)
    with np.errstate(invalid="ignore"):
        wrong = np.abs(given - computed) > tolerance * (1 + SLACK) + SLACK * np.abs(given)
        if measure.quotient:
            # A share that is stated as whole must be whole: 99.96 % prints as 100.0 %.
            wrong |= (given == 1) & (computed < 1)

    def problem(row: int, lang: Language) -> str:
        if lang == "zh":
            return f"填报{figure(given[row])}，按分子分母计算为{computed[row]:.6g}"
        return f"found {figure(given[row])}, but its counts give {computed[row]:.6g}"

    kind = Phrase("比例与分子分母不符", "share against its counts")
    yield Violation(table, measure.column, np.flatnonzero(wrong), problem, _always(_COUNTS), kind)
