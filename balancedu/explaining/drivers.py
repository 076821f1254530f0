"""Which sections drive a coefficient of variation, and what lies within and between groups of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, overload

import attrs
import numpy as np
from numpy.typing import NDArray

from balancedu.calculator.groups import Floats, Ints
from balancedu.calculator.inequality import Index, cv_without_each, decompose, variance_shares
from balancedu.core.fields import Language, Stage
from balancedu.core.model import Indicator, Precision
from balancedu.core.words import COMMA, bracketed, joined
from balancedu.document import Block, Columns, Grid, Paragraph, columns_of
from balancedu.errors import UnknownNameError, near
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.findings import section_of
from balancedu.evaluation.results import Basis
from balancedu.evaluation.wording import limit_printed, printed
from balancedu.explaining.answer import Answer, one_county
from balancedu.text import KNOWN, Phrase, in_both, listed, sentence

_MOST_NAMED = 10


@attrs.frozen
class Driver:
    """One section and its part in a coefficient of variation.

    Attributes
    ----------
    name : Phrase
    school : str
    pupils, value : float
    share : float
        Its share of the variance; NaN where all values are equal or one is not known.
    cv_without : float
        What the coefficient would be without this section.
    """

    name: Phrase
    school: str
    pupils: float
    value: float
    share: float
    cv_without: float


@attrs.frozen(eq=False)
class Drivers(Answer):
    """What drives the coefficient of variation of one indicator; print it to read it.

    Attributes
    ----------
    mean, cv, limit : float
        NaN where not known, or where the standard sets no limit.
    sections : tuple of Driver
        The largest share of the variance first; the shares add up to 1.
    """

    indicator: Indicator = attrs.field(repr=lambda entry: entry.id)
    stage: Stage
    stage_title: Phrase = attrs.field(repr=False)
    mean: float
    cv: float
    limit: float
    sections: tuple[Driver, ...] = attrs.field(repr=False)
    precision: Precision = attrs.field(repr=False)

    @property
    def above(self) -> tuple[Driver, ...]:
        """The sections above the mean, the largest share first."""
        return tuple(section for section in self.sections if section.value > self.mean)

    @property
    def below(self) -> tuple[Driver, ...]:
        """The sections below the mean, the largest share first."""
        return tuple(section for section in self.sections if section.value < self.mean)

    @property
    def tables(self) -> dict[str, Columns]:
        """The sections, the largest share of the variance first."""
        kinds = {"school": str, "name": Phrase, **dict.fromkeys(("pupils", "value", "share", "cv_without"), float)}
        return {"sections": columns_of(self.sections, **kinds)}

    def single_values(self) -> dict[str, Any]:
        """Return whose coefficient it is, and the coefficient."""
        figures = {"mean": self.mean, "cv": self.cv, "limit": self.limit}
        known = {name: None if np.isnan(figure) else figure for name, figure in figures.items()}
        return {"indicator": self.indicator.id, "stage": self.stage, **known}

    def lines(self, lang: Language) -> Iterator[str]:
        """Yield the coefficient, and the sections that drive it most."""
        yield self._head.text(lang)
        unit = self.indicator.unit
        for section in self.sections[:_MOST_NAMED] if not np.isnan(self.cv) else ():
            value, share, without = self._figures(section)
            higher = section.value > self.mean
            words = section.name + Phrase(f" {value}{unit.zh}", f" {value} {unit.en}")
            words += bracketed(Phrase("高于平均", "above the mean") if higher else Phrase("低于平均", "below the mean"))
            words += Phrase(f"：对差异的贡献率{share}", f": {share} of the variance")
            words += Phrase(f"；剔除该校后为{without}", f"; {without} without it")
            yield f"  {words.text(lang)}"

    def blocks(self, lang: Language) -> Iterator[Block]:
        """Yield the coefficient, and every section in a table."""
        yield Paragraph(self._head.text(lang))
        header = {
            "zh": ("学校", "指标值", "对差异的贡献率", "剔除该校后的差异系数"),
            "en": ("section", "value", "share of the variance", "coefficient without it"),
        }
        if not np.isnan(self.cv):
            yield Grid(header[lang], [[section.name.text(lang), *self._figures(section)] for section in self.sections])

    @property
    def _head(self) -> Phrase:
        """The coefficient, with its limit and the mean, or why it is unknown."""
        title = self.stage_title + Phrase("", " ") + self.indicator.name
        if np.isnan(self.cv):
            unknown = [section.name for section in self.sections if np.isnan(section.value)]
            why = Phrase("数据缺报：", "not reported: ") + joined(COMMA, unknown)
            why = why if unknown else Phrase("全部为零或没有学校", "all zero, or no section")
            return title + Phrase("：差异系数待定：", ": unknown: ") + why
        mean, cv = printed(self.mean, "value", self.precision, "en"), self.coefficient_text(self.cv)
        words = title + Phrase(f"：差异系数{cv}", f": coefficient {cv}")
        if not np.isnan(self.limit):
            limit = limit_printed(self.limit, "coefficient", "en")
            words += bracketed(Phrase(f"限值{limit}", f"limit {limit}"))
        unit, above, below = self.indicator.unit, len(self.above), len(self.below)
        return words + Phrase(
            f"，平均{mean}{unit.zh}，高于平均{above}所，低于平均{below}所",
            f", mean {mean} {unit.en}, {above} above, {below} below",
        )

    def _figures(self, driver: Driver) -> tuple[str, str, str]:
        """Return the value of a section, its share of the variance and the coefficient without it."""
        value = printed(driver.value, "value", self.precision, "en")
        share = "–" if np.isnan(driver.share) else printed(driver.share, "percent", self.precision, "en")
        return value, share, "–" if np.isnan(driver.cv_without) else self.coefficient_text(driver.cv_without)

    def coefficient_text(self, value: float) -> str:
        """Return a coefficient in print."""
        return printed(value, "coefficient", self.precision, "en", self.limit)


_INDICES: dict[Index, Phrase] = {
    "cv2": Phrase("差异系数的平方", "squared coefficient"),
    "theil_t": Phrase("泰尔指数", "Theil's T"),
}


@attrs.frozen
class Group:
    """The sections that share a label, and their part in an index.

    Attributes
    ----------
    own : float
        The index within the group alone.
    within : float
        The group's contribution to the whole index.
    """

    label: Phrase
    sections: int
    pupils: float
    mean: float
    own: float
    within: float


@attrs.frozen(eq=False)
class Split(Answer):
    """An index of inequality, split exactly within and between groups; print it to read it."""

    index: Index
    by: Phrase
    title: Phrase
    groups: tuple[Group, ...]
    between: float
    total: float

    @property
    def tables(self) -> dict[str, Columns]:
        """The groups, and the contribution of each."""
        figures = dict.fromkeys(("pupils", "mean", "own", "within"), float)
        return {"groups": columns_of(self.groups, label=Phrase, sections=int, **figures)}

    def single_values(self) -> dict[str, Any]:
        """Return the index, and its part between the groups."""
        return {"index": self.index, "between": self.between, "total": self.total}

    def lines(self, lang: Language) -> Iterator[str]:
        """Yield the index with the part between groups, and each group."""
        yield self._head.text(lang)
        line = "  {}：{}所，平均{:.2f}，组内 {}" if lang == "zh" else "  {}: {} sections, mean {:.2f}, within {}"
        for group in self.groups:
            yield line.format(group.label.text(lang), group.sections, group.mean, self._share(group.within))

    def blocks(self, lang: Language) -> Iterator[Block]:
        """Yield the index with the part between groups, and the groups in a table."""
        yield Paragraph(self._head.text(lang))
        header = {
            "zh": (self.by.zh, "学校数", "学生数", "平均值", "组内差异"),
            "en": (self.by.en, "sections", "pupils", "mean", "within"),
        }
        figures = ((str(each.sections), f"{each.pupils:g}", f"{each.mean:.2f}") for each in self.groups)
        pairs = zip(self.groups, figures, strict=True)
        yield Grid(header[lang], [[each.label.text(lang), *of, self._share(each.within)] for each, of in pairs])

    @property
    def _head(self) -> Phrase:
        word, between = _INDICES[self.index], self._share(self.between)
        return self.title + Phrase(
            f"，按{self.by.zh}：{word.zh} {self.total:.4f}，组间 {between}",
            f" by {self.by.en}: {word.en} {self.total:.4f}, between groups {between}",
        )

    def _share(self, part: float) -> str:
        return f"{part:.4f}" + (f" ({part / self.total:.1%})" if self.total else "")


@overload
def drivers(evaluation: Evaluation, indicator: str, stage: Stage) -> Drivers: ...


@overload
def drivers(
    evaluation: Evaluation, indicator: str, stage: Stage, by: str | Mapping[str, str], index: Index = "cv2"
) -> Split: ...


def drivers(
    evaluation: Evaluation,
    indicator: str,
    stage: Stage,
    by: str | Mapping[str, str] | None = None,
    index: Index = "cv2",
) -> Drivers | Split:
    """Return which sections drive a coefficient of variation, or how it splits within and between groups of them.

    Parameters
    ----------
    evaluation : Evaluation
        Of one county.
    indicator : str
        The id of the indicator whose coefficient is meant.
    stage : 'primary' or 'junior'
        The stage.
    by : str or mapping of school id to group, optional
        A column of schools, as `area` or `organizer`; `ownership` for public and private; or own groups. Left out,
        the sections one by one: the share of each in the variance, and the coefficient without it.
    index : {'cv2', 'theil_t'}
        What is split between groups, exactly: the squared coefficient, or Theil's T.

    Returns
    -------
    Drivers or Split
        The sections with their shares; with `by`, the groups with what is within and between them.

    Raises
    ------
    KeyError
        If there is no such indicator, stage or column; the message names what there is.
    ValueError
        If the evaluation is of several counties.

    Examples
    --------
    >>> import balancedu as be
    >>> ev = be.evaluate(be.example("failing"))
    >>> first = be.drivers(ev, "R6", "primary").sections[0]
    >>> first.school, round(first.share, 2), round(first.cv_without, 3)
    ('009', 0.9, 0.115)
    >>> [(group.label.en, group.sections) for group in be.drivers(ev, "R6", "primary", by="ownership").groups]
    [('public', 7), ('private', 1)]
    """
    basis, rows, weights = _sections(evaluation, indicator, stage)
    position, column = evaluation.stages.index(stage), evaluation.indicators.index(indicator)
    declared, values = evaluation.standard.indicators[indicator], basis.values[column, rows]
    stage_title = evaluation.standard.head.stage_titles[stage]
    if by is not None:
        title, labels = _labels(basis, rows, by)
        whole = stage_title + Phrase("", " ") + declared.name
        return _split(index, title, whole, labels, values, weights)
    shares, without = variance_shares(values, weights), cv_without_each(values, weights)
    result = []
    for row, share, cv in zip(rows.tolist(), shares.tolist(), without.tolist(), strict=True):
        section = section_of(basis, row)
        value = section.values[indicator]
        result.append(Driver(in_both(section.text), section.school, section.pupils, value, share, cv))
    checks = (check for item in evaluation.items.values() for check in item.checks)
    return Drivers(
        indicator=declared,
        stage=stage,
        stage_title=stage_title,
        mean=float(evaluation.mean[0, position, column]),
        cv=float(evaluation.cv[0, position, column]),
        limit=next((check.required for check in checks if check.id == f"{indicator}.{stage}"), np.nan),
        sections=tuple(sorted(result, key=lambda driver: (-np.nan_to_num(driver.share), driver.school))),
        precision=evaluation.standard.head.precision,
    )


def _split(index: Index, by: Phrase, title: Phrase, labels: list[Phrase], values: Floats, weights: Floats) -> Split:
    names = list(dict.fromkeys(labels))
    parts = decompose(values, weights, [names.index(label) for label in labels], index=index)
    figures = (parts.pupils.tolist(), parts.means.tolist(), parts.indices.tolist(), parts.within.tolist())
    groups = tuple(
        Group(names[int(n)], labels.count(names[int(n)]), *group)
        for n, *group in zip(parts.labels.tolist(), *figures, strict=True)
    )
    return Split(index, by, title, groups, parts.between, parts.total)


def _sections(evaluation: Evaluation, indicator: str, stage: str) -> tuple[Basis, Ints, Floats]:
    """Return what a coefficient was judged by: the columns, the rows of its sections, and their weights."""
    known = evaluation.standard.indicators
    if indicator not in known:
        problem = Phrase(f"没有指标“{indicator}”", f"no indicator {indicator!r}") + near(indicator, known)
        raise UnknownNameError(sentence(problem, KNOWN + listed(known)))
    if stage not in evaluation.stages:
        problem = Phrase(f"没有参加判定的学段“{stage}”", f"no stage {stage!r} is judged")
        raise UnknownNameError(sentence(problem, KNOWN + listed(evaluation.stages)))
    problem = Phrase("差异系数只属于一个县", "a coefficient belongs to one county")
    one_county(evaluation, problem, f"ev[{evaluation.counties[0]!r}]")
    position = evaluation.stages.index(next(name for name in evaluation.stages if name == stage))
    basis = evaluation.record.basis.of_coefficient(0, position, list(known).index(indicator))
    rows = np.flatnonzero(basis.sections.stage == position)
    by_pupils = evaluation.standard.head.spread.weight == "pupils"
    return basis, rows, basis.sections.pupils[rows] if by_pupils else np.ones(rows.size)


_NOT_REPORTED = Phrase("未注明", "not reported")


def _labels(basis: Basis, rows: Ints, by: str | Mapping[str, str]) -> tuple[Phrase, list[Phrase]]:
    """Return what the sections are grouped by, and the label of each."""
    schools, school = basis.submission.schools, basis.sections.school[rows]
    if not isinstance(by, str):
        names = (by.get(str(name)) for name in schools.columns["school"][school])
        return Phrase("自定分组", "own groups"), [Phrase.of(name) if name else _NOT_REPORTED for name in names]
    measures = basis.standard.table_measures("schools")
    grouped = {measure.grouping.id: measure for measure in measures.values() if measure.grouping}
    measure = grouped.get(by) or measures.get(by)
    if measure is None:
        known = [*grouped, *measures]
        problem = Phrase(f"学校表没有“{by}”这一列", f"schools have no column {by!r}") + near(by, known)
        raise UnknownNameError(sentence(problem, KNOWN + listed(known)))
    if measure.type == "choice":
        grouping = measure.grouping if by in grouped else None
        titles = [grouping.title_of(choice.id) if grouping else choice.title for choice in measure.values]
        positions = schools.choices(measure.column)[school].tolist()
        title = grouping.title if grouping else measure.title
        return title, [titles[n] if n >= 0 else _NOT_REPORTED for n in positions]
    column: NDArray[Any] = schools.columns.get(measure.column, np.full(len(schools), ""))
    words = ["" if str(value) == "nan" else str(value) for value in column[school].tolist()]
    return measure.title, [Phrase.of(word) if word else _NOT_REPORTED for word in words]
