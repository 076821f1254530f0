"""Two evaluations side by side: every decision that changed, in which direction, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from balancedu.core.model import Language
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.figures import printed
from balancedu.planning.differences import LANGUAGES, Difference, Direction, of_county, of_sections
from balancedu.planning.matching import Matching, matched
from balancedu.planning.result import Columns, Result, column
from balancedu.planning.spread import COMPOSITE, coefficient_said, composite_limits, limit_said, spread_limits
from balancedu.reporting.blocks import Block, Grid, Heading, Line

if TYPE_CHECKING:
    from matplotlib.figure import Figure


_WORDS: dict[str, dict[Language, str]] = {
    "better": {"zh": "变好", "en": "Better"},
    "worse": {"zh": "变差", "en": "Worse"},
    "other": {"zh": "其他变化", "en": "Changed otherwise"},
    "none": {"zh": "没有判定改变。", "en": "No decision changed."},
    "what": {"zh": "判定", "en": "decision"},
    "change": {"zh": "变化", "en": "change"},
    "why": {"zh": "原因", "en": "why"},
    "spread": {"zh": "校际差异系数", "en": "Coefficients of variation"},
    "indicator": {"zh": "指标", "en": "indicator"},
    "before": {"zh": "之前", "en": "before"},
    "after": {"zh": "之后", "en": "after"},
    "limit": {"zh": "限值", "en": "limit"},
    "unmatched": {"zh": "没有对应的学校", "en": "Schools without a counterpart"},
    "only_before": {"zh": "只在之前", "en": "only before"},
    "only_after": {"zh": "只在之后", "en": "only after"},
    "county": {"zh": "全县", "en": "the county"},
    "strangers": {
        "zh": "两个县不同，学校之间不作比较；要比较，用schools给出对应关系。",
        "en": "The counties differ, so schools are not compared; give `schools` to say which corresponds to which.",
    },
}


@attrs.frozen
class Comparison(Result):
    """What changed from one evaluation to another.

    Attributes
    ----------
    before, after : Evaluation
    changes : columns
        A row for each decision that changed: county (of `after`), level (county, part, item, check, section or
        indicator), id, school, stage, before, after (verdicts, or standings of an indicator), direction (better,
        worse, other), and why_zh, why_en.
    spread : columns
        The coefficients of variation of both: county, stage, indicator, before, after, limit.
        Where the standard judges their mean, it stands as the indicator `composite`.
    unmatched : columns
        Counties and schools without a counterpart: county, school, name, side (before, after).
    """

    before: Evaluation = attrs.field(repr=False)
    after: Evaluation = attrs.field(repr=False)
    changes: Columns = attrs.field(repr=False)
    spread: Columns = attrs.field(repr=False)
    unmatched: Columns = attrs.field(repr=False)
    differences: tuple[Difference, ...] = attrs.field(repr=False)

    @property
    def tables(self) -> Mapping[str, Columns]:
        """The columns of the three tables."""
        return {"changes": self.changes, "spread": self.spread, "unmatched": self.unmatched}

    def facts(self) -> dict[str, Any]:
        """Return the ids of the standards."""
        return {"before": self.before.standard.id, "after": self.after.standard.id}

    def plot(self, lang: Language = "zh") -> Figure:
        """Return a picture of the coefficients before and after.

        Raises
        ------
        MissingExtraError
            If matplotlib is not installed.
        """
        from balancedu.planning.pictures import comparison_picture

        return comparison_picture(self, lang)

    def blocks(self, lang: Language) -> Iterator[Block]:
        """Yield what became better, what became worse, and the coefficients that moved."""
        if not self.differences:
            yield Line(_WORDS["none"][lang])
        directions: tuple[Direction, ...] = ("better", "worse", "other")
        for direction in directions:
            found = [one for one in self.differences if one.direction == direction]
            if found:
                yield Heading(_WORDS[direction][lang])
                head = [_WORDS[name][lang] for name in ("what", "change", "why")]
                yield Grid([head, *([one.name[lang], one.said[lang], one.why[lang]] for one in found)], texts=3)
        yield from self._moved(lang)
        if self.unmatched["side"].size:
            yield Heading(_WORDS["unmatched"][lang])
            for side, name in zip(self.unmatched["side"].tolist(), self.unmatched["name"].tolist(), strict=True):
                yield Line(
                    f"{_WORDS[f'only_{side}'][lang]}：{name}"
                    if lang == "zh"
                    else f"{_WORDS[f'only_{side}'][lang]}: {name}"
                )

    def _moved(self, lang: Language) -> Iterator[Block]:
        columns, standard = self.spread, self.after.standard
        moved = np.flatnonzero(
            (columns["before"] != columns["after"]) & ~np.isnan(columns["before"] + columns["after"])
        )
        if not moved.size:
            return
        yield Heading(_WORDS["spread"][lang])
        body = []
        for row in moved.tolist():
            limit, name = float(columns["limit"][row]), str(columns["indicator"][row])
            figures = [
                printed(float(columns[side][row]), "coefficient", standard.head.precision, lang, limit)
                for side in ("before", "after")
            ]
            stage = standard.head.stage_titles[columns["stage"][row]].said(lang)
            title = f"{stage} {coefficient_said(standard, name, lang)}"
            if len(self.after.counties) > 1:
                title = f"{columns['county'][row]} {title}"
            body.append([title, *figures, limit_said(limit)])
        yield Grid([[_WORDS[name][lang] for name in ("indicator", "before", "after", "limit")], *body])


def compare(before: Evaluation, after: Evaluation, *, schools: Mapping[str, str] | None = None) -> Comparison:
    """Return every decision that differs between two evaluations, in both directions, and why.

    Parameters
    ----------
    before, after : Evaluation
        The same county in two years or before and after changes, two counties, or many counties; where there is
        one on each side they are compared whatever they are called, else they are matched by id.
    schools : mapping of id before to id after, optional
        Schools that were renamed or merged; all others are matched by id. Two counties have no school in common,
        so theirs are matched only as told here.

    Returns
    -------
    Comparison

    Examples
    --------
    >>> import balancedu as be
    >>> sub = be.example("failing")
    >>> columns = sub.columns("schools")
    >>> grown = sub.changed(schools=columns | {"pupils_primary": columns["pupils_primary"] + 70})
    >>> found = be.compare(be.evaluate(sub), be.evaluate(grown)).changes
    >>> section = found["level"] == "section"
    >>> found["school"][section].tolist(), found["direction"][section].tolist()
    (['002', '005'], ['worse', 'worse'])
    """
    matching = matched(before, after, schools)
    differences: list[Difference] = []
    for one, two in matching.counties:
        differences += of_county(before[one], after[two])
        differences += of_sections(before[one], after[two], matching)
    return Comparison(
        before, after, _changes(differences), _spread(before, after, matching), matching.unmatched(), tuple(differences)
    )


def _changes(differences: list[Difference]) -> Columns:
    names = ("county", "level", "id", "school", "stage", "before", "after", "direction")
    columns = {name: column([getattr(one, name) for one in differences], str) for name in names}
    for lang in LANGUAGES:
        columns[f"name_{lang}"] = column([one.name[lang] for one in differences], str)
        columns[f"why_{lang}"] = column([one.why[lang] for one in differences], str)
    return columns


def _spread(before: Evaluation, after: Evaluation, matching: Matching) -> Columns:
    stages = [stage for stage in after.stages if stage in before.stages]
    indicators = [name for name in after.indicators if name in before.indicators]
    limits = spread_limits(after.standard)
    rows = []
    for one, two in matching.counties:
        for stage in stages:
            for name in indicators:
                cvs = [
                    float(side.cv[side.counties.index(county), side.stages.index(stage), side.indicators.index(name)])
                    for side, county in ((before, one), (after, two))
                ]
                rows.append((two, stage, name, *cvs, float(limits[after.stages.index(stage)])))
            means = [
                float(side.composite[side.counties.index(county), side.stages.index(stage)])
                for side, county in ((before, one), (after, two))
            ]
            if not np.isnan(whole := float(composite_limits(after.standard)[after.stages.index(stage)])):
                rows.append((two, stage, COMPOSITE, *means, whole))
    keys = ("county", "stage", "indicator", "before", "after", "limit")
    return {key: column([row[n] for row in rows], str if n < 3 else float) for n, key in enumerate(keys)}
