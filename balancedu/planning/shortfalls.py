"""What is missing, in real units, to reach the floor and the standard."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import attrs
import numpy as np

from balancedu.core.fields import Language
from balancedu.core.standard import Standard
from balancedu.document import Block, Columns, Grid, Heading, Paragraph, Result, columns_of
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.findings import Gap
from balancedu.evaluation.results import Verdict
from balancedu.evaluation.wording import limit_printed, printed
from balancedu.planning.distances import (
    LEVELS,
    Distance,
    amount_text,
    counts_to_report,
    indicator_columns,
    item_distances,
    units_to,
)
from balancedu.text import Phrase, in_both, listed

_UNCOUNTED = Phrase(
    "以下学校低于标准，但只填报了生均值，算不出缺多少：{schools}。请补报：{counts}。",
    "Below the standard, but known by figures per pupil alone, so that the amount that is missing cannot be computed: "
    "{schools}. Counts to report: {counts}.",
)
_SHARED = Phrase(
    "几个学段共用的资源按全校计：数量是全校需要增加的，已按权重拆分；两个学段都缺的，取数量大的一个。",
    "What stages share is given for the whole school, the split taken into account; where two sections lack it, the "
    "larger amount is enough for both.",
)


@attrs.frozen(eq=False)
class Shortfalls(Result):
    """What is missing to reach floors and standards.

    Attributes
    ----------
    sections : columns
        A row for each section and indicator: county, school, name, stage, verdict, indicator, measure (what to
        add to), value, floor, standard, `to_floor` and `to_standard` (the fewest whole units; 0 where nothing is
        missing, NaN where the value is not known), and for each of the two the value `…_reaches` with so many
        units and the value `…_one_fewer` with one fewer, which is not enough.
    items : columns
        A row for each thing that a county item lacks: item, check, county, school, stage, name, what, title,
        unit, observed, required, amount. NaN where it cannot be counted. Of classes that are too large also
        `new_classes` (to open where each is divided) and `new_classes_rearranged` (where pupils move within the grade).
    """

    standard: Standard = attrs.field(repr=False)
    sections: Columns = attrs.field(repr=False)
    items: Columns = attrs.field(repr=False)
    unknown: tuple[tuple[str, Gap], ...] = attrs.field(repr=False)
    to_report: tuple[str, ...] = attrs.field(repr=False)
    """The counts to report of schools that are known per pupil alone."""

    @property
    def tables(self) -> Mapping[str, Columns]:
        """The columns of both tables."""
        return {"sections": self.sections, "items": self.items}

    def single_values(self) -> dict[str, Any]:
        """Return the id of the standard."""
        return {"standard": self.standard.id}

    def blocks(self, lang: Language) -> Iterator[Block]:
        """Yield what is missing, sections first."""
        lacking, items = np.flatnonzero(self.sections["to_standard"] > 0), range(self.items["item"].size)
        if lacking.size:
            yield Heading(Phrase("指标的缺口", "What sections lack").text(lang))
            head = [Phrase("学校", "section"), Phrase("指标", "indicator"), Phrase("现值", "value")]
            head += [Phrase("距最低要求", "to the floor"), Phrase("距标准", "to the standard")]
            yield Grid.of(lang, head, [self._section_row(row, lang) for row in lacking.tolist()], texts=2)
            yield Paragraph(_SHARED.text(lang))
        below = self.sections["value"] < self.sections["standard"]
        uncounted = dict.fromkeys(self.sections["name"][below & np.isnan(self.sections["to_standard"])].tolist())
        if uncounted:
            counts = listed(self.standard.measures[name].title.text(lang) for name in self.to_report)
            schools = listed(uncounted).text(lang)
            yield Paragraph(_UNCOUNTED.text(lang).format(schools=schools, counts=counts.text(lang)))
        if items:
            yield Heading(Phrase("其他项目的缺口", "What other items lack").text(lang))
            head = [Phrase("项目", "item"), Phrase("涉及学校", "who"), Phrase("现状", "now")]
            head += [Phrase("差额和措施", "what is missing")]
            yield Grid.of(lang, head, [self._item_row(row, lang) for row in items], texts=4)
        if self.unknown:
            yield Heading(Phrase("数据缺报，暂无法计算", "Not reported, so the shortfall is unknown").text(lang))
            names = {item: declared.name.text(lang) for item, declared in self.standard.items.items()}
            yield from (Paragraph(f"{names[item]}  {gap.text(lang)}") for item, gap in self.unknown)
        if not any(indicator.at_least or indicator.at_most for indicator in self.standard.indicators.values()):
            en = "This standard sets no standard for the indicators of a single section."
            yield Paragraph(Phrase("这个标准不对单个学校的指标设标准。", en).text(lang))
        if not lacking.size and not uncounted and not items:
            yield Paragraph(Phrase("没有缺口。", "Nothing is missing.").text(lang))

    def _section_row(self, row: int, lang: Language) -> list[Phrase | str]:
        columns = {name: values[row] for name, values in self.sections.items()}
        measure, precision = self.standard.measures[str(columns["measure"])], self.standard.head.precision
        value = printed(float(columns["value"]), "value", precision, lang, float(columns["standard"]))
        missing = [float(columns[f"to_{level}"]) for level in LEVELS]
        amounts = [amount_text(x, measure.unit, lang) if x else "–" for x in missing]
        if self.standard.indicators[str(columns["indicator"])].at_most:
            amounts = [f"减少{amount}" if lang == "zh" else f"{amount} less" for amount in amounts]
        return [str(columns[f"name_{lang}"]), measure.title, value, *amounts]

    def _item_row(self, row: int, lang: Language) -> list[Phrase | str]:
        columns = {name: values[row] for name, values in self.items.items()}
        display, (observed, limit) = columns["display"], (float(columns[name]) for name in ("observed", "required"))
        now = printed(observed, display, self.standard.head.precision, lang, limit)
        item = self.standard.items[str(columns["item"])].name
        now_and_required = f"{now} → {limit_printed(limit, display, lang)}"
        return [item, str(columns[f"name_{lang}"]), now_and_required, str(columns[f"words_{lang}"])]


def shortfalls(evaluation: Evaluation) -> Shortfalls:
    """Return what is missing in real units to reach every floor and standard.

    Parameters
    ----------
    evaluation : Evaluation
        Of one county or many.

    Returns
    -------
    Shortfalls
        Whole teachers, rooms, square metres and yuan: the fewest, so that one fewer is not enough. A school that
        shares its resources over stages gets the amount for the whole school, the split taken into account.
        What is not reported is named, never counted as zero.

    Notes
    -----
    For a section, the least whole k with per · wₛ · (A + k) / Σ wₜPₜ ≥ limit; for a share, the least whole k with
    (part + k) / whole ≥ limit; for a class of n pupils with limit m, ⌈n / m⌉ − 1 new classes. All exact.

    Examples
    --------
    >>> import balancedu as be
    >>> found = be.shortfalls(be.evaluate(be.example("failing")))
    >>> lacking = found.sections["to_floor"] > 0
    >>> for school, indicator, units in zip(*(found.sections[c][lacking] for c in ("school", "indicator", "to_floor"))):
    ...     print(school, indicator, units)
    003 R4 40.0
    007 R2 1.0
    """
    rows, unknown = list[tuple[str, Distance]](), list[tuple[str, Gap]]()
    for county in evaluation.counties:
        here = evaluation[county]
        for item, finding in here.items.items():
            distances = item_distances(here, item)
            rows += [(county, lack) for lack in distances if lack.verdict is Verdict.NOT_MET or lack.amount > 0]
            unknown += [(item, gap) for gap in finding.gaps]
    counts = counts_to_report(evaluation.record.basis).values()
    to_report = tuple(dict.fromkeys(name for names in counts for name in names))
    return Shortfalls(evaluation.standard, _sections(evaluation), _items(rows), tuple(unknown), to_report)


def _sections(evaluation: Evaluation) -> Columns:
    basis, columns = evaluation.record.basis, dict(indicator_columns(evaluation)[1])
    indicators, sections = evaluation.standard.indicators.values(), basis.sections
    steps = [
        (-indicator.per if indicator.at_most else indicator.per)
        / (sections.divisor if indicator.amount else sections.pupils)
        for indicator in indicators
    ]
    step = np.array(steps).T.ravel()
    limits = [basis.limit_and_floor(entry.id, row) for row in evaluation.section_rows.tolist() for entry in indicators]
    for level in LEVELS:
        # NaN stays NaN: what is not reported is not missing.
        units = np.maximum(units_to(basis, level).T, 0.0).ravel()
        thresholds = (pair[level == "floor"] for pair in limits)
        columns[level] = np.array([float(limit.value) if limit else math.nan for limit in thresholds])
        columns[f"to_{level}"] = units
        # The values that these units lead to, and that one unit fewer leads to.
        columns[f"{level}_reaches"] = columns["value"] + units * step
        columns[f"{level}_one_fewer"] = columns["value"] + np.where(units > 0, units - 1, np.nan) * step
    return columns


def _items(rows: list[tuple[str, Distance]]) -> Columns:
    texts = ("item", "check", "school", "what", "display", "stage")
    figures = ("observed", "required", "amount", "new_classes", "new_classes_rearranged")
    cells = (
        (
            county,
            *(getattr(lack, name) for name in texts),
            *(lack.name, lack.title.zh, lack.unit.zh if lack.unit else "", in_both(lack.remedy)),
            *(getattr(lack, name) for name in figures),
        )
        for county, lack in rows
    )
    kinds = dict.fromkeys(("county", *texts), str) | {"name": Phrase, "title": str, "unit": str, "words": Phrase}
    return columns_of(cells, **kinds, **dict.fromkeys(figures, float))
