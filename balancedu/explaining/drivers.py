"""Which sections drive a coefficient of variation, and what lies within and between groups of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, overload

import attrs
import numpy as np
from numpy.typing import NDArray

from balancedu.calculator.groups import Floats, Ints
from balancedu.calculator.inequality import Index, cv_without_each, decompose, variance_shares
from balancedu.core.fields import Language, Stage, Title
from balancedu.core.model import Indicator, Precision
from balancedu.document import Block, Columns, Grid, Paragraph, column
from balancedu.errors import RequestError, UnknownNameError, near
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.figures import limit_printed, printed
from balancedu.evaluation.results import Basis
from balancedu.evaluation.sections import section_of
from balancedu.explaining.answer import Answer
from balancedu.explaining.explanation import both, both_columns
from balancedu.text import KNOWN, Phrase, listed, sentence

_MOST_NAMED = 10


@attrs.frozen
class Driver:
    """One section and its part in a coefficient of variation.

    Attributes
    ----------
    name : Title
    school : str
    pupils, value : float
    share : float
        Its share of the variance; NaN where all values are equal or one is not known.
    cv_without : float
        What the coefficient would be without this section.
    """

    name: Title
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
    stage_title: Title = attrs.field(repr=False)
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
        return {
            "sections": {
                "school": column([section.school for section in self.sections], str),
                **both_columns("name", [section.name for section in self.sections]),
                "pupils": column([section.pupils for section in self.sections], float),
                "value": column([section.value for section in self.sections], float),
                "share": column([section.share for section in self.sections], float),
                "cv_without": column([section.cv_without for section in self.sections], float),
            }
        }

    def single_values(self) -> dict[str, Any]:
        """Return whose coefficient it is, and the coefficient."""
        figures = {"mean": self.mean, "cv": self.cv, "limit": self.limit}
        known = {name: None if np.isnan(figure) else figure for name, figure in figures.items()}
        return {"indicator": self.indicator.id, "stage": self.stage, **known}

    def lines(self, lang: Language) -> Iterator[str]:
        """Yield the coefficient, and the sections that drive it most."""
        head = f"{self.stage_title.text(lang)} {self.indicator.id} {self.indicator.name.text(lang)}"
        if np.isnan(self.cv):
            unknown = [section.name.text(lang) for section in self.sections if np.isnan(section.value)]
            if lang == "zh":
                yield f"{head}：差异系数待定：" + (
                    "数据缺报：" + "、".join(unknown) if unknown else "全部为零或没有学校"
                )
            else:
                why = "not reported: " + ", ".join(unknown) if unknown else "all zero, or no section"
                yield f"{head}: unknown: {why}"
            return
        mean, cv = printed(self.mean, "value", self.precision, lang), self._coefficient(self.cv, lang)
        unit, limit = self.indicator.unit.text(lang), self._limit_text(lang)
        counts = len(self.above), len(self.below)
        if lang == "zh":
            sides = f"高于平均{counts[0]}所，低于平均{counts[1]}所"
            yield f"{head}：差异系数{cv}{limit}，平均{mean}{unit}，{sides}"
        else:
            sides = f"{counts[0]} above, {counts[1]} below"
            yield f"{head}: coefficient {cv}{limit}, mean {mean} {unit}, {sides}"
        yield from (self._line(section, lang) for section in self.sections[:_MOST_NAMED])

    def blocks(self, lang: Language) -> Iterator[Block]:
        """Yield the coefficient, and every section in a table."""
        yield Paragraph(next(self.lines(lang)))
        if np.isnan(self.cv):
            return
        header = {
            "zh": ("学校", "指标值", "对差异的贡献率", "剔除该校后的差异系数"),
            "en": ("section", "value", "share of the variance", "coefficient without it"),
        }
        rows = [[section.name.text(lang), *self._figures(section, lang)] for section in self.sections]
        yield Grid(header[lang], rows)

    def _limit_text(self, lang: Language) -> str:
        if np.isnan(self.limit):
            return ""
        limit = limit_printed(self.limit, "coefficient", lang)
        return f"（限值{limit}）" if lang == "zh" else f" (limit {limit})"

    def _line(self, driver: Driver, lang: Language) -> str:
        (value, share, without), unit = self._figures(driver, lang), self.indicator.unit.text(lang)
        higher = driver.value > self.mean
        if lang == "zh":
            side = "高于平均" if higher else "低于平均"
            return f"  {driver.name.zh} {value}{unit}（{side}）：对差异的贡献率{share}；剔除该校后为{without}"
        side = "above the mean" if higher else "below the mean"
        return f"  {driver.name.en} {value} {unit} ({side}): {share} of the variance; {without} without it"

    def _figures(self, driver: Driver, lang: Language) -> tuple[str, str, str]:
        """Return the value of a section, its share of the variance and the coefficient without it."""
        value = printed(driver.value, "value", self.precision, lang)
        share = "–" if np.isnan(driver.share) else printed(driver.share, "percent", self.precision, lang)
        return value, share, "–" if np.isnan(driver.cv_without) else self._coefficient(driver.cv_without, lang)

    def _coefficient(self, value: float, lang: Language) -> str:
        return printed(value, "coefficient", self.precision, lang, self.limit)


_INDICES: dict[Index, Title] = {
    "cv2": Title("差异系数的平方", "squared coefficient"),
    "theil_t": Title("泰尔指数", "Theil's T"),
}


@attrs.frozen
class Group:
    """The sections that share a label, and what they add to an index."""

    label: Title
    sections: int
    pupils: float
    mean: float
    own: float
    """The index within the group alone."""
    within: float
    """What the group's inside adds to the whole index."""


@attrs.frozen(eq=False)
class Split(Answer):
    """An index of inequality, split exactly within and between groups; print it to read it."""

    index: Index
    by: Title
    title: Title
    groups: tuple[Group, ...]
    between: float
    total: float

    @property
    def tables(self) -> dict[str, Columns]:
        """The groups: what each adds to the index."""
        return {
            "groups": {
                **both_columns("label", [group.label for group in self.groups]),
                "sections": column([group.sections for group in self.groups], int),
                "pupils": column([group.pupils for group in self.groups], float),
                "mean": column([group.mean for group in self.groups], float),
                "own": column([group.own for group in self.groups], float),
                "within": column([group.within for group in self.groups], float),
            }
        }

    def single_values(self) -> dict[str, Any]:
        """Return the index, and what lies between the groups."""
        return {"index": self.index, "between": self.between, "total": self.total}

    def lines(self, lang: Language) -> Iterator[str]:
        """Yield the index with the part between groups, and each group."""
        yield self._head(lang)
        for group in self.groups:
            inside = self._share(group.within)
            if lang == "zh":
                yield f"  {group.label.zh}：{group.sections}所，平均{group.mean:.2f}，组内 {inside}"
            else:
                yield f"  {group.label.en}: {group.sections} sections, mean {group.mean:.2f}, within {inside}"

    def blocks(self, lang: Language) -> Iterator[Block]:
        """Yield the index with the part between groups, and the groups in a table."""
        yield Paragraph(self._head(lang))
        header = {
            "zh": (self.by.zh, "学校数", "学生数", "平均值", "组内差异"),
            "en": (self.by.en, "sections", "pupils", "mean", "within"),
        }
        rows = []
        for group in self.groups:
            figures = (str(group.sections), f"{group.pupils:g}", f"{group.mean:.2f}", self._share(group.within))
            rows.append([group.label.text(lang), *figures])
        yield Grid(header[lang], rows)

    def _head(self, lang: Language) -> str:
        word, between = _INDICES[self.index].text(lang), self._share(self.between)
        if lang == "zh":
            return f"{self.title.zh}，按{self.by.zh}：{word} {self.total:.4f}，组间 {between}"
        return f"{self.title.en} by {self.by.en}: {word} {self.total:.4f}, between groups {between}"

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
    indicator, stage
        Whose coefficient.
    by : str or mapping of school id to group, optional
        A column of schools, as `area` or `organizer`; `ownership` for public and private; or own groups. Left out,
        the sections one by one: the share of each in the variance, and the coefficient without it.
    index : {'cv2', 'theil_t'}
        What is split between groups, exactly: the squared coefficient, or Theil's T.

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
    if by is not None:
        return _split(evaluation, indicator, stage, by, index)
    entry = _Spread.of(evaluation, indicator, stage)
    shares, without = variance_shares(entry.values, entry.weights), cv_without_each(entry.values, entry.weights)
    result = [
        Driver(both(section.text), section.school, section.pupils, section.values[indicator], float(share), float(cv))
        for section, share, cv in zip(entry.sections, shares, without, strict=True)
    ]
    position, column = evaluation.stages.index(stage), evaluation.indicators.index(indicator)
    findings = [check for item in evaluation.items.values() for check in item.checks]
    limit = next((check.required for check in findings if check.id == f"{indicator}.{stage}"), np.nan)
    return Drivers(
        indicator=entry.indicator,
        stage=stage,
        stage_title=evaluation.standard.head.stage_titles[stage],
        mean=float(evaluation.mean[0, position, column]),
        cv=float(evaluation.cv[0, position, column]),
        limit=limit,
        sections=tuple(sorted(result, key=lambda driver: (-np.nan_to_num(driver.share), driver.school))),
        precision=evaluation.standard.head.precision,
    )


def _split(evaluation: Evaluation, indicator: str, stage: Stage, by: str | Mapping[str, str], index: Index) -> Split:
    entry = _Spread.of(evaluation, indicator, stage)
    title, labels = _labels(entry, by)
    codes = {label: n for n, label in enumerate(dict.fromkeys(labels))}
    parts = decompose(entry.values, entry.weights, [codes[label] for label in labels], index=index)
    names = list(codes)
    groups = [
        Group(
            names[int(n)],
            labels.count(names[int(n)]),
            float(parts.pupils[k]),
            float(parts.means[k]),
            float(parts.indices[k]),
            float(parts.within[k]),
        )
        for k, n in enumerate(parts.labels.tolist())
    ]
    stage_title = evaluation.standard.head.stage_titles[stage]
    whole = both(lambda lang: f"{stage_title.text(lang)} {entry.indicator.id} {entry.indicator.name.text(lang)}")
    return Split(index, title, whole, tuple(groups), parts.between, parts.total)


@attrs.frozen(slots=False, eq=False)
class _Spread:
    """The values of one indicator in the sections of one stage of one county."""

    basis: Basis
    indicator: Indicator
    rows: Ints
    values: Floats
    weights: Floats

    @classmethod
    def of(cls, evaluation: Evaluation, indicator: str, stage: str) -> _Spread:
        known = evaluation.standard.indicators
        if indicator not in known:
            problem = Phrase(f"没有指标“{indicator}”", f"no indicator {indicator!r}") + near(indicator, known)
            raise UnknownNameError(sentence(problem, KNOWN + listed(known)))
        if stage not in evaluation.stages:
            problem = Phrase(f"没有参加判定的学段“{stage}”", f"no stage {stage!r} is judged")
            raise UnknownNameError(sentence(problem, KNOWN + listed(evaluation.stages)))
        if len(evaluation.counties) > 1:
            example = f"ev[{evaluation.counties[0]!r}]"
            way_out = Phrase(f"请指明是哪个县，如 {example}", f"say which, as in {example}")
            raise RequestError(sentence(Phrase("差异系数只属于一个县", "a coefficient belongs to one county"), way_out))
        position, column = evaluation.stages.index(stage), list(known).index(indicator)
        basis = evaluation.record.basis.of_coefficient(0, position, column)
        rows = np.flatnonzero(basis.sections.stage == position)
        by_pupils = evaluation.standard.head.spread.weight == "pupils"
        weights = basis.sections.pupils[rows] if by_pupils else np.ones(rows.size)
        return cls(basis, known[indicator], rows, basis.values[column, rows], weights)

    @property
    def sections(self) -> list[Any]:
        return [section_of(self.basis, row) for row in self.rows.tolist()]


_NOT_REPORTED = Title("未填报", "not reported")


def _labels(spread: _Spread, by: str | Mapping[str, str]) -> tuple[Title, list[Title]]:
    """Return what the sections are grouped by, and the label of each."""
    basis = spread.basis
    schools, school = basis.submission.schools, basis.sections.school[spread.rows]
    if not isinstance(by, str):
        names = (by.get(str(name)) for name in schools.columns["school"][school])
        return Title("自定分组", "own groups"), [Title(name, name) if name else _NOT_REPORTED for name in names]
    measures = basis.standard.table_measures("schools")
    groupings = {m.grouping.id: m for m in measures.values() if m.grouping}
    measure = groupings.get(by) or measures.get(by)
    if measure is None:
        known = [*groupings, *measures]
        problem = Phrase(f"学校表没有“{by}”这一列", f"schools have no column {by!r}") + near(by, known)
        raise UnknownNameError(sentence(problem, KNOWN + listed(known)))
    if measure.type == "choice":
        titles = [choice.title for choice in measure.values]
        if measure.grouping and by in groupings:
            titles = [measure.grouping.title_of(choice.id) for choice in measure.values]
        positions = schools.choices(measure.column)[school].tolist()
        title = measure.grouping.title if measure.grouping and by in groupings else measure.title
        return title, [titles[n] if n >= 0 else _NOT_REPORTED for n in positions]
    column: NDArray[Any] = schools.columns.get(measure.column, np.full(len(schools), ""))
    words = ["" if str(value) == "nan" else str(value) for value in column[school].tolist()]
    return measure.title, [Title(word, word) if word else _NOT_REPORTED for word in words]
