"""What is missing, in real units, to reach the floor and the standard."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import attrs
import numpy as np

from balancedu.calculator.groups import Floats
from balancedu.core.fields import Language
from balancedu.core.model import Indicator
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
    remedy_text,
    units_to,
)
from balancedu.text import Phrase, in_both

_WORDS: dict[str, dict[Language, str]] = {
    "sections": {"zh": "指标的缺口", "en": "What sections lack"},
    "items": {"zh": "其他项目的缺口", "en": "What other items lack"},
    "unknown": {"zh": "数据缺报，暂无法计算", "en": "Not reported, so the shortfall is unknown"},
    "section": {"zh": "学校", "en": "section"},
    "indicator": {"zh": "指标", "en": "indicator"},
    "value": {"zh": "现值", "en": "value"},
    "floor": {"zh": "距最低要求", "en": "to the floor"},
    "standard": {"zh": "距标准", "en": "to the standard"},
    "item": {"zh": "项目", "en": "item"},
    "who": {"zh": "涉及学校", "en": "who"},
    "now": {"zh": "现状", "en": "now"},
    "missing": {"zh": "差额和措施", "en": "what is missing"},
    "uncounted": {
        "zh": "以下学校低于标准，但只填报了生均值，算不出缺多少：{schools}。请补报：{counts}。",
        "en": "Below the standard, but known by figures per pupil alone, so that the amount that is missing cannot be "
        "computed: {schools}. Counts to report: {counts}.",
    },
    "none": {"zh": "没有缺口。", "en": "Nothing is missing."},
    "no_standard": {
        "zh": "这个标准不对单个学校的指标设标准。",
        "en": "This standard sets no standard for the indicators of a single section.",
    },
    "shared": {
        "zh": "几个学段共用的资源按全校计：数量是全校需要增加的，已按权重拆分；两个学段都缺的，取数量大的一个。",
        "en": "What stages share is given for the whole school, the split taken into account; where two sections "
        "lack it, the larger amount is enough for both.",
    },
}


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
        unit, observed, required, amount. NaN where it cannot be counted.
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
        lacking = np.flatnonzero(self.sections["to_standard"] > 0)
        if lacking.size:
            yield Heading(_WORDS["sections"][lang])
            names = ("section", "indicator", "value", "floor", "standard")
            head = [_WORDS[name][lang] for name in names]
            yield Grid(head, [self._section_row(row, lang) for row in lacking.tolist()], texts=2)
            yield Paragraph(_WORDS["shared"][lang])
        below = self.sections["value"] < self.sections["standard"]
        uncounted = list(dict.fromkeys(self.sections["name"][below & np.isnan(self.sections["to_standard"])].tolist()))
        if uncounted:
            titles = [self.standard.measures[name].title.text(lang) for name in self.to_report]
            schools, counts = (("、" if lang == "zh" else ", ").join(names) for names in (uncounted, titles))
            yield Paragraph(_WORDS["uncounted"][lang].format(schools=schools, counts=counts))
        if self.items["item"].size:
            yield Heading(_WORDS["items"][lang])
            head = [_WORDS[name][lang] for name in ("item", "who", "now", "missing")]
            yield Grid(head, [self._item_row(row, lang) for row in range(self.items["item"].size)], texts=4)
        if self.unknown:
            yield Heading(_WORDS["unknown"][lang])
            items = self.standard.items
            yield from (Paragraph(f"{items[item].name.text(lang)}  {gap.text(lang)}") for item, gap in self.unknown)
        if not any(entry.at_least or entry.at_most for entry in self.standard.indicators.values()):
            yield Paragraph(_WORDS["no_standard"][lang])
        if not lacking.size and not uncounted and not self.items["item"].size:
            yield Paragraph(_WORDS["none"][lang])

    def _section_row(self, row: int, lang: Language) -> list[str]:
        columns = {name: values[row] for name, values in self.sections.items()}
        indicator, precision = self.standard.indicators[str(columns["indicator"])], self.standard.head.precision
        measure = self.standard.measures[str(columns["measure"])]
        value = printed(float(columns["value"]), "value", precision, lang, float(columns["standard"]))
        missing = [float(columns[key]) for key in ("to_floor", "to_standard")]
        amounts = ["?" if math.isnan(x) else amount_text(x, measure.unit, lang) if x else "–" for x in missing]
        if indicator.at_most:
            amounts = [f"减少{amount}" if lang == "zh" else f"{amount} less" for amount in amounts]
        return [str(columns[f"name_{lang}"]), measure.title.text(lang), value, *amounts]

    def _item_row(self, row: int, lang: Language) -> list[str]:
        columns = {name: values[row] for name, values in self.items.items()}
        display, precision = columns["display"], self.standard.head.precision
        observed = printed(float(columns["observed"]), display, precision, lang, float(columns["required"]))
        required = limit_printed(float(columns["required"]), display, lang)
        arrow = f"{observed} → {required}"
        item = self.standard.items[str(columns["item"])].name.text(lang)
        return [item, str(columns[f"name_{lang}"]), arrow, str(columns[f"words_{lang}"])]


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
            rows += [(county, entry) for entry in distances if entry.verdict is Verdict.NOT_MET or entry.amount > 0]
            unknown += [(item, gap) for gap in finding.gaps]
    counts = counts_to_report(evaluation.record.basis).values()
    to_report = tuple(dict.fromkeys(name for names in counts for name in names))
    return Shortfalls(evaluation.standard, _sections(evaluation), _items(rows), tuple(unknown), to_report)


def _sections(evaluation: Evaluation) -> Columns:
    basis, rows = evaluation.record.basis, evaluation.section_rows
    indicators, columns = list(evaluation.standard.indicators.values()), dict(indicator_columns(evaluation)[1])
    divisors = (basis.sections.shared if indicator.amount else basis.sections.pupils for indicator in indicators)
    sizes = (-indicator.per if indicator.at_most else indicator.per for indicator in indicators)
    steps = np.array([size / of[rows] for size, of in zip(sizes, divisors, strict=True)]).T.ravel()
    for level in LEVELS:
        # NaN stays NaN: what is not reported is not missing.
        units = np.maximum(units_to(basis, level).T[rows], 0.0).ravel()
        limits = [_limits(evaluation, indicator, level) for indicator in indicators]
        columns[level] = np.array(limits).T.ravel()
        columns[f"to_{level}"] = units
        # The values that so many units lead to, and that one unit fewer leads to.
        columns[f"{level}_reaches"] = columns["value"] + units * steps
        columns[f"{level}_one_fewer"] = columns["value"] + np.where(units > 0, units - 1, np.nan) * steps
    return columns


def _limits(evaluation: Evaluation, indicator: Indicator, level: str) -> Floats:
    """Return the standard or the floor of an indicator in each section; NaN where there is none."""
    basis, standard = evaluation.record.basis, evaluation.standard
    limits = [[pair[level == "floor"][stage] for stage in standard.stages] for pair in standard.limits[indicator.id]]
    figures = np.array([[float(limit.value) if limit else math.nan for limit in row] for row in limits])
    in_sections: Floats = figures[basis.chosen.get(indicator.id, -1), basis.sections.stage]
    return in_sections[evaluation.section_rows]


def _items(rows: list[tuple[str, Distance]]) -> Columns:
    texts = ("item", "check", "school", "what", "display", "stage")
    cells = (
        (
            county,
            *(getattr(lack, name) for name in texts),
            lack.name,
            lack.title.zh,
            lack.unit.zh if lack.unit else "",
            in_both(partial(remedy_text, lack)),
            *(lack.observed, lack.required, lack.amount),
        )
        for county, lack in rows
    )
    figures = dict.fromkeys(("observed", "required", "amount"), float)
    kinds = dict.fromkeys(("county", *texts), str) | {"name": Phrase, "title": str, "unit": str, "words": Phrase}
    return columns_of(cells, **kinds, **figures)
