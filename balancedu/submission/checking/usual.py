"""Checks that compare figures with those of other schools, or with what is usual: yuan, or 10,000 yuan."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from fractions import Fraction

import numpy as np

from balancedu.calculator.groups import Floats, Ints
from balancedu.core.field_checks import Likely, NearTheMedian
from balancedu.core.model import Language, Measure, Title
from balancedu.core.units import SHARE, Scale
from balancedu.phrase import Phrase
from balancedu.submission.checking.reported import Broken, Reported, broken

_FROM_OTHERS = Phrase("与其他学校相差太大", "far from other schools")
_FROM_USUAL = Phrase("与通常相差太大", "far from what is usual")
_LOOK = Title("请核对单位和小数点", "look at unit and decimal point")


@broken.register
def _(check: NearTheMedian, reported: Reported) -> Iterator[Broken]:
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
        yield Broken(schools, name, np.flatnonzero(wrong), problem, hint, _FROM_OTHERS)


def _far_off(measure: Measure, value: Floats, typical: Floats) -> Callable[[int, Language], str]:
    unit = measure.unit.zh if measure.unit else ""

    def problem(row: int, lang: Language) -> str:
        found, usual, times = about(value[row]), about(typical[row]), value[row] / typical[row]
        more = times > 1
        factor = about(times if more else 1 / times)
        if lang == "zh":
            told = f"全县中位数{usual}{unit}的" + (f"{factor}倍" if more else f"1/{factor}")
            return f"按在校生平均为{found}{unit}，是{told}"
        told = f"{factor} times" if more else f"1/{factor} of"
        return f"{found} per pupil, {told} the county's median of {usual}"

    return problem


@broken.register
def _(check: Likely, reported: Reported) -> Iterator[Broken]:
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
    # The column as a whole is meant; it is told at its first figure.
    first = looked_at[np.unique(county, return_index=True)[1]]
    rows = first[off[table.county[first]]]

    def problem(row: int, lang: Language) -> str:
        found = about(median[table.county[row]])
        unit = measure.unit.zh if measure.unit else ""
        alone = measure.table == "facts"
        if lang == "zh":
            what = "填报" if alone else "全县中位数为" if likely.per == "row" else "按在校生平均的全县中位数为"
            return f"{what}{found}{unit}，通常在{about(least)}至{about(most)}{unit}之间"
        what = "found" if alone else "the county's median" + (" per pupil" if likely.per == "pupil" else "") + " is"
        return f"{what} {found}, usual are {about(least)} to {about(most)}"

    def hint(row: int) -> Title:
        return meant(reported, measure, median[table.county[row]], least, most)

    yield Broken(table, measure.column, rows, problem, hint, _FROM_USUAL)


def meant(reported: Reported, measure: Measure, value: float, least: float, most: float) -> Title:
    """Return which unit was probably meant: the one that brings a value nearest to the middle of what is usual."""
    middle = math.log(least * most) / 2

    def miss(factor: Fraction) -> float:
        return abs(math.log(value * float(factor)) - middle)

    scales = [(one.factor, one) for one in _scales(reported, measure)]
    known = [*scales, *((1 / factor, scale) for factor, scale in scales)]
    fitting = [(factor, scale) for factor, scale in known if least <= value * float(factor) <= most]
    if not fitting:
        return _LOOK
    factor, scale = min(fitting, key=lambda one: miss(one[0]))
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
    return next((one.scales for one in reported.standard.units if one.unit == unit), ())


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
