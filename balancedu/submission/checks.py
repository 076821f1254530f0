"""What is checked in a submission before anything is judged: errors are refused, warnings are listed."""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Container, Iterator, Mapping
from typing import Any, cast

import attrs
import numpy as np
from numpy.typing import NDArray

from balancedu.calculator.groups import Bools, Floats, Ints, Segments
from balancedu.calculator.limits import SLACK
from balancedu.core.field_checks import (
    AddsUp,
    DataCheck,
    Likely,
    ListsAll,
    NearTheMedian,
    NoMoreThan,
    RaisedSince,
    ShareAgrees,
)
from balancedu.core.fields import Language, Stage, Term
from balancedu.core.model import SHARE, Choice, Measure, Quotient, split_terms
from balancedu.core.standard import Standard
from balancedu.submission.arrange import DETAILS, NO_COLUMN, duplicates_of
from balancedu.submission.problems import Problems, number_text, titles_of, value_text
from balancedu.submission.schools import PARENT, among, attached, check_parents, has_stage
from balancedu.submission.tables import RawTable, Table
from balancedu.text import Phrase, in_both, sentence_zh, where_zh


@attrs.frozen(eq=False)
class Checked:
    """The tables of a submission, as the checks look at them."""

    standard: Standard
    counties: tuple[str, ...]
    tables: Mapping[str, Table]

    @property
    def schools(self) -> Table:
        """The schools."""
        return self.tables["schools"]

    def total(self, terms: tuple[Term, ...], each: Table, gaps: int) -> Floats:
        """Return a sum for each row of a table; rows of the tables below it are added up.

        A missing value counts as zero where its sign is `gaps`, and makes the sum unknown with
        the other one: so a sum can be bounded from below or from above.
        """
        result = np.zeros(len(each))
        for sign, name in split_terms(terms):
            measure = self.standard.measures[name]
            table = self.tables[measure.table]
            figures = table.numbers(measure.column)
            if sign == gaps and (len(terms) > 1 or table.id != each.id):
                figures = np.nan_to_num(figures)
            if each.id == "facts" and table.id != "facts":
                figures = Segments.of(table.county, len(self.counties)).sum(figures)
            elif table.id != each.id:
                figures = np.bincount(table.school, weights=figures, minlength=len(each)).astype(np.float64)
            result = result + sign * figures
        return result


@attrs.frozen(eq=False)
class Violation:
    """A cell that a check finds fault with; of a column as a whole it is the first."""

    table: Table
    row: int
    column: str
    problem: Phrase
    hint: Phrase
    kind: Phrase
    """The same words for all of them."""


@functools.singledispatch
def violations(check: DataCheck, reported: Checked) -> Iterator[Violation]:  # noqa: ARG001
    """Yield what a check finds; each kind is registered below."""
    raise TypeError(f"no function for checks of the kind {type(check).__name__}")


def check_rows(table: Table, schools: Table, problems: Problems, faulty: Container[str] = ()) -> None:
    """Refuse figures and classes of a stage that the school does not have, and details without their kind.

    Columns that are known to be faulty are not reported.
    """
    for column, measure in problems.standard.table_measures(table.id).items():
        if table is schools:
            if measure.stage and column in schools:
                first = Phrase("请留空", "leave the cell empty")
                _refuse_stage(table, schools, schools.numbers(column) > 0, measure, measure.stage, first, problems)
        elif measure.type == "choice":
            listed = Phrase("请填其中之一：", "write one of ") + titles_of(measure.values)
            missing = np.flatnonzero(table.choices(column) == -1)
            if column == "stage":
                missing = missing[~_may_have_no_stage(table, schools, problems.standard)[missing]]
            if column in table:
                problems.missing(table, missing.tolist(), column, listed)
            elif missing.size and column not in faulty:
                problems.column(table, column, NO_COLUMN, listed)
            for position, stage in enumerate(measure.values if column == "stage" else ()):
                first, here = Phrase("请改正学段", "correct the stage"), table.choices(column) == position
                _refuse_stage(table, schools, here, measure, cast("Stage", stage.id), first, problems)


def _refuse_stage(
    table: Table, schools: Table, cells: Bools, measure: Measure, stage: Stage, first: Phrase, problems: Problems
) -> None:
    """Refuse cells about a stage that their school does not have, unless it has pupils of that stage attached."""
    standard, school = problems.standard, np.arange(len(schools)) if table is schools else table.school
    wrong = np.flatnonzero(cells & ~has_stage(schools, standard, stage)[school]).tolist()
    pupils, types = standard.head.scope.pupils.get(stage), standard.measures["type"].values
    hint = first + Phrase("，或改正学校类型", ", or correct the type of the school")
    if standard.head.scope.attached and pupils not in (None, measure.column):
        name = standard.measures[pupils].title.zh
        hint += Phrase(f"；附设班请填报{name}", f"; for attached classes, report {pupils}")
    kind = Phrase("学校类型没有的学段", "stage that the type does not have")
    for row in wrong:
        given = value_text(table.columns[measure.column][row], measure)
        title = types[schools.choices("type")[school[row]]].title
        problem = Phrase(
            f"填报{given.zh}，但{title.zh}没有这个学段", f"found {given.en}, but a {title.en} has no {stage} stage"
        )
        problems.cell(table, row, measure.column, problem, hint, kind)


def _may_have_no_stage(details: Table, schools: Table, standard: Standard) -> Bools:
    """Return the classes of schools with several stages whose classes have no stage."""
    stages = np.sum([has_stage(schools, standard, stage) for stage in standard.stages], axis=0)
    named = np.bincount(details.school[details.choices("stage") >= 0], minlength=len(schools)) > 0
    result: Bools = ((stages > 1) & ~named)[details.school]
    return result


_FROM_OTHERS = Phrase("与其他学校相差太大", "far from other schools")
_FROM_USUAL = Phrase("与通常相差太大", "far from what is usual")
_LOOK = Phrase("请核对单位和小数点", "look at unit and decimal point")


@violations.register
def _(check: NearTheMedian, reported: Checked) -> Iterator[Violation]:
    schools, times = reported.schools, float(check.times)
    for name in (name for name in check.figures if name in schools):
        measure = reported.standard.measures[name]
        unit, pupils = measure.unit.zh if measure.unit else "", pupils_of(reported, measure)
        value = _shared(schools.numbers(name), np.where(pupils >= check.fewest_pupils, pupils, np.nan))
        known = np.flatnonzero(value > 0)
        median = medians(value[known], schools.county[known], len(reported.counties), check.fewest_schools)
        typical = median[schools.county]
        with np.errstate(invalid="ignore"):
            wrong = (value > typical * times) | ((value > 0) & (value * times < typical))
        for row in np.flatnonzero(wrong).tolist():
            results, usual, ratio = about(value[row]), about(typical[row]), value[row] / typical[row]
            factor = about(max(ratio, 1 / ratio))
            problem = Phrase(
                f"按在校生平均为{results}{unit}，是全县中位数{usual}{unit}的"
                + (f"{factor}倍" if ratio > 1 else f"1/{factor}"),
                f"{results} per pupil, {f'{factor} times' if ratio > 1 else f'1/{factor} of'} "
                f"the county's median of {usual}",
            )
            least, most = typical[row] / math.sqrt(times), typical[row] * math.sqrt(times)
            hint = probable_unit(reported.standard, measure, value[row], least, most)
            yield Violation(schools, row, name, problem, hint, _FROM_OTHERS)


@violations.register
def _(check: Likely, reported: Checked) -> Iterator[Violation]:
    measure, likely = reported.standard.measures[check.measure], check.plausible
    table, unit = reported.tables[measure.table], measure.unit.zh if measure.unit else ""
    if measure.column not in table:
        return
    value = table.numbers(measure.column)
    if likely.per == "pupil":
        value = _shared(value, pupils_of(reported, measure))
    known = np.flatnonzero(value > 0)
    median = medians(value[known], table.county[known], len(reported.counties))
    least, most = float(likely.least), float(likely.most)
    what = Phrase("全县中位数为", "the county's median is")
    if measure.table == "facts":
        what = Phrase("填报", "found")
    elif likely.per != "row":
        what = Phrase("按在校生平均的全县中位数为", "the county's median per pupil is")
    usual = Phrase(f"通常在{about(least)}至{about(most)}{unit}之间", f"usual are {about(least)} to {about(most)}")
    # The column as a whole is meant; it is reported at its first figure.
    for row in known[np.unique(table.county[known], return_index=True)[1]].tolist():
        figures = median[table.county[row]]
        if not least <= figures <= most:
            problem = what + Phrase(f"{about(figures)}{unit}，", f" {about(figures)}, ") + usual
            hint = probable_unit(reported.standard, measure, figures, least, most)
            yield Violation(table, row, measure.column, problem, hint, _FROM_USUAL)


def probable_unit(standard: Standard, measure: Measure, value: float, least: float, most: float) -> Phrase:
    """Return which unit was probably meant: the one that brings a value nearest to the middle of what is usual."""
    unit = SHARE if measure.type == "share" else measure.unit.zh if measure.unit else ""
    scales = next((entry.scales for entry in standard.units if entry.unit == unit), ())
    factors = [*((scale.factor, scale) for scale in scales), *((1 / scale.factor, scale) for scale in scales)]
    fitting = [(factor, scale) for factor, scale in factors if least <= value * float(factor) <= most]
    if not fitting:
        return _LOOK
    middle = math.log(least * most) / 2
    factor, scale = min(fitting, key=lambda pair: abs(math.log(value * float(pair[0])) - middle))
    if measure.type == "share" or measure.unit is None:
        likely = about(value * float(factor))
        return Phrase(f"{likely}还是{about(value)}？", f"{likely} or {about(value)}?")
    if factor < 1:
        times = about(float(1 / factor))
        return Phrase(f"是否多换算了一次（{times}倍）？", f"converted once too often ({times} times)?")
    zh, en = scale.words[0], next((word for word in scale.words if word.isascii()), scale.words[0])
    return Phrase(f"{measure.unit.zh}还是{zh}？", f"{measure.unit.en} or {en}?")


def about(number: float) -> str:
    """Return a figure in three digits, or whole where it has more.

    Examples
    --------
    >>> about(0.985), about(12345.6)
    ('0.985', '12,346')
    """
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


def pupils_of(reported: Checked, measure: Measure) -> Floats:
    """Return the pupils that a figure of each school is for: of its stage, or of the whole school."""
    columns = reported.standard.head.scope.pupils
    if measure.stage and measure.stage in columns:
        return reported.schools.numbers(columns[measure.stage])
    total: Floats = np.nansum([reported.schools.numbers(name) for name in columns.values()], axis=0)
    return total


def _shared(figures: Floats, pupils: Floats) -> Floats:
    """Return figures per pupil; NaN if there is none."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(pupils > 0, figures / pupils, np.nan)


def medians(values: Floats, group: Ints, groups: int, fewest: int = 1) -> Floats:
    """Return the median of each group; NaN if it has fewer values.

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
    title : Phrase
        What should hold.
    why : Phrase
        Why that is considered; it is no law.
    county, school : str
        Ids; the school is empty where a whole column or a fact is meant.
    table, column, place : str
        Where it was read.
    figure : Phrase
        What the column is called.
    problem : Phrase
        What was found, and what was expected.
    hint : Phrase
        How to fix it.
    """

    check: str
    title: Phrase = attrs.field(repr=False)
    why: Phrase = attrs.field(repr=False)
    county: str
    school: str
    table: str
    column: str
    place: str
    figure: Phrase = attrs.field(repr=False)
    problem: Phrase
    hint: Phrase = attrs.field(repr=False)

    def text(self, lang: Language = "zh") -> str:
        """Return its place, what was found, and how to fix it."""
        if lang == "zh":
            where = where_zh(self.place, self.figure.zh, self.column)
            return sentence_zh(where, self.problem.zh, self.hint.zh)
        where = ", ".join(word for word in (self.table, self.place, self.column) if word)
        return f"{where}: {self.problem.en}" + f"; {self.hint.en}"

    def parts(self, lang: Language = "zh") -> tuple[str, str]:
        """Return what was found in which column, without its place, and how to fix it."""
        column = where_zh("", self.figure.zh, self.column) + "：" if lang == "zh" else f"{self.column}: "
        return column + self.problem.text(lang), self.hint.text(lang)

    def to_dict(self) -> dict[str, Any]:
        """Return the warning as plain values."""
        return attrs.asdict(self)


_OF_ROWS = (NearTheMedian, Likely)
"""Checks of single figures: added to those of a campus, a figure in a wrong unit looks like any other."""


def check(reported: Checked, raws: Mapping[str, RawTable], problems: Problems) -> None:
    """Refuse rows that are not what rows must be, and what the checks of severity error find."""
    schools = reported.schools
    for name in ("schools", *DETAILS):
        if name in raws:
            check_rows(reported.tables[name], schools, problems, raws[name].faulty)
    if raws["schools"].has_ids and not duplicates_of(schools).size and PARENT not in raws["schools"].faulty:
        check_parents(schools, reported.counties, reported.standard, problems)
    for check in reported.standard.checks:
        for entry in violations(check, reported) if check.severity == "error" else ():
            problems.cell(entry.table, entry.row, entry.column, entry.problem, entry.hint, entry.kind)


def warnings_of(submitted: Checked, judged: Checked, refused: Container[str] = ()) -> Iterator[DataWarning]:
    """Yield what the checks of severity warning find, in the order in which the standard declares them.

    Parameters
    ----------
    submitted, judged : Reported
        The tables as they were submitted, and with campuses added to their schools.
    refused : container of str
        Tables some of whose rows could not be read: what they list is not compared with totals.
    """
    for check in submitted.standard.checks:
        if isinstance(check, AddsUp | ListsAll) and check.rows in refused:
            continue
        reported = submitted if isinstance(check, _OF_ROWS) else judged
        for entry in violations(check, reported) if check.severity == "warning" else ():
            measures = reported.standard.table_measures(entry.table.id)
            yield DataWarning(
                check=check.id,
                title=check.title,
                why=check.why,
                county=reported.counties[entry.table.county[entry.row]],
                school=entry.table.name(entry.row) if "school" in entry.table else "",
                table=entry.table.id,
                column=entry.column,
                place=entry.table.place(entry.row, entry.column, entry.table.name(entry.row)),
                figure=measures[entry.column].title if entry.column else check.title,
                problem=entry.problem,
                hint=entry.hint,
            )


def part_and_whole(table: Table, formula: Quotient) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the two sums that a figure is the quotient of, 1 below a sum; NaN if a figure is not reported."""
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
    columns = {}
    for column, measure in measures.items():
        if measure.computed is None or not any(name in facts for name in measure.computed.measures):
            continue
        figures = quotient(*part_and_whole(facts, measure.computed))
        known = ~np.isnan(figures)
        if known.any():
            figures[known] = [float(f"{entry:.15g}") for entry in figures[known].tolist()]
            columns[column] = np.where(known, figures, facts.numbers(column))
    return attrs.evolve(facts, columns={**facts.columns, **columns}) if columns else facts


def quotient(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a share; NaN if a sum is not known or the whole is not above zero."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(whole > 0, part / whole, np.nan)


_RAISED = Phrase("另有更高规定", "asked more elsewhere")
_UNLISTED = Phrase("一行也没有列出", "nothing listed")
_ABOVE = Phrase("部分大于整体", "part above its whole")
_NOT_THE_TOTAL = Phrase("清单与总数不符", "list against its total")
_NOT_THE_SHARE = Phrase("比例与分子分母不符", "share against its counts")
_MEND_ONE = Phrase("请核对这两个数", "correct one of the two")
_LIST_ALL = Phrase("请补全清单，或核对总数", "list what is missing, or correct the total")
_PARTS = Phrase("这一项可以不填，或核对各项", "leave it out, or correct its parts")
_COUNTS = Phrase("比例可以不填，或核对分子分母", "leave the share out, or correct the counts")


@violations.register
def _(check: NoMoreThan, reported: Checked) -> Iterator[Violation]:
    each, measures = reported.tables[check.each], reported.standard.measures
    parts, wholes = ([measures[name] for _, name in split_terms(terms)] for terms in (check.part, check.whole))
    if not all(any(entry.column in reported.tables[entry.table] for entry in some) for some in (parts, wholes)):
        return
    part, whole = reported.total(check.part, each, 1), reported.total(check.whole, each, -1)
    # Two figures as written are compared as they are; sums may be off by what adding rounds.
    alone = len(parts) == len(wholes) == 1 and parts[0].table == wholes[0].table == each.id
    with np.errstate(invalid="ignore"):
        wrong = part > (whole if alone else whole * (1 + SLACK))
    column = next((entry.column for entry in (*parts, *wholes) if entry.table == each.id), "")
    summed, limit = (
        in_both(functools.partial(_summed, measures, terms, check.each)) for terms in (check.part, check.whole)
    )
    for row in np.flatnonzero(wrong).tolist():
        most, own = _figure(whole[row]), _figure(part[row])
        problem = Phrase(
            f"{summed.zh}为{own}，大于{limit.zh}{most}",
            f"{summed.en} add up to {own}, more than the {most} of {limit.en}",
        )
        if alone:
            problem = Phrase(
                f"填报{number_text(part[row])}，大于{limit.zh}{most}",
                f"found {number_text(part[row])}, more than the {most} of {limit.en} that it is part of",
            )
        yield Violation(each, row, column, problem, _MEND_ONE, _ABOVE)


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
    return number_text(float(f"{number:.12g}"))


def _rows_of_stages(check: AddsUp | ListsAll, reported: Checked) -> Iterator[tuple[Choice, str, Ints]]:
    """Yield the stages of a list, the column of the schools that has their total, and the rows of the list."""
    rows, measures = reported.tables[check.rows], reported.standard.measures
    for position, stage in enumerate(measures[f"{check.rows}.stage"].values):
        total = check.totals.get(cast("Stage", stage.id))
        if total is not None and total in reported.schools:
            yield stage, total, np.flatnonzero(rows.choices("stage") == position)


@violations.register
def _(check: AddsUp, reported: Checked) -> Iterator[Violation]:
    schools, measures, rows = reported.schools, reported.standard.measures, reported.tables[check.rows]
    title, what = reported.standard.tables[check.rows].title.zh, Phrase("列出的行数", "the rows listed are")
    if check.figure:
        added = measures[check.figure].title
        what = Phrase(f"列出的{added.zh}合计", f"the {added.en} listed add up to")
    for _stage, name, here in _rows_of_stages(check, reported):
        figures = rows.numbers(measures[check.figure].column)[here] if check.figure else np.ones(here.size)
        listed = np.bincount(rows.school[here], weights=figures, minlength=len(schools))
        total, lists_any = schools.numbers(name), np.bincount(rows.school[here], minlength=len(schools)) > 0
        with np.errstate(invalid="ignore"):
            wrong = lists_any & (np.abs(listed - total) > SLACK * total)
        for row in np.flatnonzero(wrong).tolist():
            problem = Phrase(
                f"填报{_figure(total[row])}，{title}表{what.zh}为{_figure(listed[row])}",
                f"found {_figure(total[row])}, but in {check.rows} {what.en} {_figure(listed[row])}",
            )
            yield Violation(schools, row, name, problem, _LIST_ALL, _NOT_THE_TOTAL)


@violations.register
def _(check: ListsAll, reported: Checked) -> Iterator[Violation]:
    rows, schools, types = reported.tables[check.rows], reported.schools, reported.standard.measures["type"].values
    title = reported.standard.tables[check.rows].title.zh
    lists_any = np.bincount(rows.county, minlength=len(reported.counties))[schools.county] > 0
    for stage, name, here in _rows_of_stages(check, reported):
        of_types = np.array([stage.id in (kind.stages or ()) for kind in types])
        has = among(schools.choices("type"), of_types) | attached(schools, reported.standard, cast("Stage", stage.id))
        figures = schools.numbers(name)
        with np.errstate(invalid="ignore"):
            wrong = lists_any & has & (figures > 0)
        wrong[rows.school[here]] = False
        for row in np.flatnonzero(wrong).tolist():
            problem = Phrase(
                f"填报{_figure(figures[row])}，{title}表没有列出该校的{stage.title.zh}{title}",
                f"found {_figure(figures[row])}, but {check.rows} lists none of its {stage.title.en} stage",
            )
            yield Violation(schools, row, name, problem, _LIST_ALL, _UNLISTED)


@violations.register
def _(check: RaisedSince, reported: Checked) -> Iterator[Violation]:
    measure = reported.standard.measures[check.figure]
    table, day = reported.tables[measure.table], reported.standard.given_day
    if measure.column not in table or not day or day < check.from_:
        return
    figures = table.numbers(measure.column)
    with np.errstate(invalid="ignore"):
        low = (figures >= float(check.reached)) & (figures < float(check.at_least))
    for row in np.flatnonzero(low).tolist():
        problem = Phrase(
            f"填报{number_text(figures[row])}，按本标准达到要求，但自{check.from_}起另有规定为{check.at_least}",
            f"found {number_text(figures[row])}, which meets this standard, but since {check.from_} another document "
            f"requires {check.at_least}",
        )
        yield Violation(table, row, measure.column, problem, check.title, _RAISED)


@violations.register
def _(check: ShareAgrees, reported: Checked) -> Iterator[Violation]:
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
    for row in np.flatnonzero(wrong).tolist():
        stated, result = number_text(given[row]), f"{computed[row]:.6g}"
        if measure.quotient:
            problem = Phrase(f"填报{stated}，按分子分母计算为{result}", f"found {stated}, but its counts give {result}")
        else:
            problem = Phrase(f"填报{stated}，按所填各项计算为{result}", f"found {stated}, but its parts give {result}")
        yield Violation(table, row, measure.column, problem, _COUNTS if measure.quotient else _PARTS, _NOT_THE_SHARE)
