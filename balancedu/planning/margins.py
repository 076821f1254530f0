"""How far each decision is from flipping, in real units and as a share."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from balancedu.calculator.groups import Floats, Ints
from balancedu.core.fields import Language
from balancedu.core.standard import Standard
from balancedu.document import Block, Columns, Grid, Heading, Paragraph, Result, columns_of
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.results import Verdict
from balancedu.evaluation.wording import limit_printed, printed
from balancedu.planning.distances import (
    LEVELS,
    Distance,
    amount_text,
    coefficient_title,
    coefficients_of,
    indicator_columns,
    item_distances,
    pupils_to,
    units_to,
)
from balancedu.text import Phrase, in_both


def _sections(evaluation: Evaluation) -> tuple[Columns, Columns]:
    """Return the columns of sections, and those of sections and indicators."""
    basis, rows = evaluation.record.basis, evaluation.section_rows
    sections, indicators = indicator_columns(evaluation)
    pupils = {level: pupils_to(basis, level).T[rows] for level in LEVELS}
    spare = {level: 0.0 - units_to(basis, level).T[rows] for level in LEVELS}
    more, decisive = _more_pupils(evaluation, pupils["standard"], pupils["floor"])
    more_pupils: Columns = {
        "more_pupils": more,
        "share": more / basis.sections.pupils[rows],
        "indicator": np.array([*evaluation.indicators, ""])[decisive],
    }
    schools = np.repeat(basis.sections.school[rows], len(evaluation.indicators)).tolist()
    pairs = zip(schools, indicators["measure"].tolist(), strict=True)
    amount = np.array([basis.submission.schools.numbers(measure)[school] for school, measure in pairs])
    alone = _spare_alone(evaluation, spare["standard"], spare["floor"]).ravel()
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(amount > 0, alone / amount, np.nan)
    units: dict[str, NDArray[Any]] = {"standing": evaluation.standing.ravel(), "spare": alone, "share": share}
    for level in LEVELS:
        units |= {f"spare_{level}": spare[level].ravel(), f"pupils_{level}": pupils[level].ravel()}
    return {**sections, **more_pupils}, {**indicators, **units}


def _more_pupils(evaluation: Evaluation, to_standard: Floats, to_floor: Floats) -> tuple[Floats, Ints]:
    """Return how many pupils each section can take, and the position of the indicator that decides."""
    rule, pupils = evaluation.standard.section_rule, evaluation.sections["pupils"]
    count = to_standard.shape[1]
    if rule is None or not count:
        return np.full(pupils.size, np.nan), np.full(pupils.size, count)
    # The required number of indicators must stay at the standard: the one of that rank goes first, unless a floor does.
    rank = np.argsort(-to_standard, axis=1, kind="stable")[:, rule.at_standard - 1]
    lowest = np.argmin(to_floor, axis=1)
    each = np.arange(pupils.size)
    by_rank, by_floor = to_standard[each, rank], to_floor[each, lowest]
    more = np.minimum(by_rank, by_floor)
    # A section whose last pupil would have to leave cannot be corrected by pupils.
    more[(pupils + more < 1) | np.isnan(to_standard).any(axis=1)] = np.nan
    decisive = np.where(by_rank <= by_floor, rank, lowest)
    return more, np.where(np.isnan(more), count, decisive)


def _spare_alone(evaluation: Evaluation, spare_standard: Floats, spare_floor: Floats) -> Floats:
    """Return how many units of one indicator may go, or must come, for the section's verdict to change."""
    rule, standing = evaluation.standard.section_rule, evaluation.standing
    if rule is None:
        return np.full(spare_standard.shape, np.nan)
    others_at = (standing == 2).sum(axis=1, keepdims=True) - (standing == 2)
    others_below = (standing == 0).sum(axis=1, keepdims=True) - (standing == 0)
    result = np.where(others_at >= rule.at_standard, spare_floor, spare_standard)
    cannot = (others_at < rule.at_standard - 1) | (others_below > 0) | (standing == -1).any(axis=1, keepdims=True)
    return np.where(cannot, np.nan, result)


def _items(rows: Iterable[tuple[str, Distance]]) -> Columns:
    cells = (
        (
            county,
            *(distance.item, distance.check, distance.school, distance.name, distance.title),
            in_both(partial(distance.amount_text, 0.0 - distance.amount)),
            distance.verdict.name,
            0.0 - distance.amount,
            (0.0 - distance.amount) / (distance.base or math.nan),
        )
        for county, distance in rows
    )
    kinds: dict[str, type] = dict.fromkeys(("county", "item", "check", "school"), str)
    kinds |= dict.fromkeys(("name", "title", "words"), Phrase)
    return columns_of(cells, **kinds, verdict=str, margin=float, share=float)


MOST_PRINTED = 10
"""How many sections and resources are printed, the closest first; the columns hold all."""
_NEGATIVE = Phrase(
    "负数是已经超过多少：学生要减少、资源要增加这么多，判定才会改变。",
    "Negative: already beyond the limit by so much, which has to leave (pupils) or be added (resources).",
)
_WHO, _VERDICT, _INDICATOR = Phrase("学校", "section"), Phrase("判定", "verdict"), Phrase("指标", "indicator")
_MARGIN, _SHARE = Phrase("余量", "margin"), Phrase("占比", "share")


@attrs.frozen(eq=False)
class Margins(Result):
    """How far decisions are from flipping.

    Attributes
    ----------
    sections : columns
        A row for each section: county, school, name, stage, verdict, pupils, `more_pupils` (how many more the
        section can take and still comply; negative: so many would have to leave; NaN where no number decides),
        `share` of its pupils, `indicator` that decides.
    indicators : columns
        A row for each section and indicator: measure, value, standing, `spare_standard` and `spare_floor` (whole
        units that may go and the limit is still reached), `spare` (that may go, or with a minus must come, before
        the section's verdict changes when nothing else changes; NaN where this indicator alone cannot change it),
        `share` of the amount, `pupils_standard` and `pupils_floor` (more pupils until the limit).
    spread : columns
        A row for each county, stage and indicator: cv, limit, margin, share, verdict.
    items : columns
        The closest case of every check of the other items: margin in whole units, share of what is required.
    """

    standard: Standard = attrs.field(repr=False)
    sections: Columns = attrs.field(repr=False)
    indicators: Columns = attrs.field(repr=False)
    spread: Columns = attrs.field(repr=False)
    items: Columns = attrs.field(repr=False)

    @property
    def tables(self) -> Mapping[str, Columns]:
        """The columns of the four tables."""
        return {
            "sections": self.sections,
            "indicators": self.indicators,
            "spread": self.spread,
            "items": self.items,
        }

    def single_values(self) -> dict[str, Any]:
        """Return the id of the standard."""
        return {"standard": self.standard.id}

    def blocks(self, lang: Language) -> Iterator[Block]:
        """Yield the margins, the closest first."""
        pupils = Phrase("各校还能容纳多少学生", "How many more pupils sections can take")
        head = [_WHO, _VERDICT, Phrase("由哪项指标决定", "decided by"), Phrase("还能容纳", "can take")]
        yield from _table(lang, pupils, head, self.sections, "more_pupils", self._of_pupils, most=MOST_PRINTED)
        units = Phrase("各校还能减少多少资源", "How much sections can lose")
        head = [_WHO, _INDICATOR, Phrase("还能减少", "can lose")]
        yield from _table(lang, units, head, self.indicators, "spare", self._of_units, most=MOST_PRINTED)
        spread = Phrase("差异系数还能增大多少", "How much the coefficients of variation may grow")
        head = [_INDICATOR, _VERDICT, Phrase("差异系数", "coefficient"), Phrase("限值", "limit"), _MARGIN]
        yield from _table(lang, spread, head, self.spread, "margin", self._of_coefficient, texts=2)
        items = Phrase("其他项目的余量", "The margins of other items")
        head = [Phrase("项目", "item"), Phrase("对象", "who"), Phrase("内容", "what"), _MARGIN]
        yield from _table(lang, items, head, self.items, "margin", self._of_item)
        yield Paragraph(_NEGATIVE.text(lang))

    def _of_pupils(self, row: Mapping[str, Any], lang: Language) -> list[Phrase | str]:
        name, unit = str(row["indicator"]), self.standard.measures[self.standard.head.scope.pupils["primary"]].unit
        indicator = self.standard.indicators[name].name if name else ""
        verdict, more = Verdict[str(row["verdict"])].text(lang), amount_text(float(row["more_pupils"]), unit, lang)
        return [str(row[f"name_{lang}"]), verdict, indicator, more]

    def _of_units(self, row: Mapping[str, Any], lang: Language) -> list[Phrase | str]:
        measure = self.standard.measures[str(row["measure"])]
        spare = amount_text(float(row["spare"]), measure.unit, lang)
        if self.standard.indicators[str(row["indicator"])].at_most:
            spare = f"增加{spare}" if lang == "zh" else f"gain {spare}"
        return [str(row[f"name_{lang}"]), measure.title, spare]

    def _of_coefficient(self, row: Mapping[str, Any], lang: Language) -> list[Phrase | str]:
        precision, limit = self.standard.head.precision, float(row["limit"])
        return [
            coefficient_title(self.standard, str(row["indicator"]), row["stage"]),
            Verdict[str(row["verdict"])].text(lang),
            printed(float(row["cv"]), "coefficient", precision, lang, limit),
            limit_printed(limit, "coefficient", lang),
            f"{row['margin']:.{precision.coefficients}f}",
        ]

    def _of_item(self, row: Mapping[str, Any], lang: Language) -> list[Phrase | str]:
        item = self.standard.items[str(row["item"])].name
        return [item, *(str(row[f"{name}_{lang}"]) for name in ("name", "title", "words"))]


def margins(evaluation: Evaluation) -> Margins:
    """Return how far every decision is from flipping.

    Parameters
    ----------
    evaluation : Evaluation
        Of one county or many.

    Returns
    -------
    Margins
        In whole units and as a share. A section's margins change this section alone: the other stages of the
        same school keep their pupils, though what they share is then divided by more. NaN where a value is not
        reported, or where no change of this one figure changes the decision.

    Examples
    --------
    >>> import balancedu as be
    >>> found = be.margins(be.evaluate(be.example("failing")))
    >>> for school, pupils, name in zip(*(found.sections[c][:3] for c in ("school", "more_pupils", "indicator"))):
    ...     print(school, pupils, name)
    001 83.0 R4
    002 67.0 R6
    003 -11.0 R4
    """
    items = (
        (county, distance)
        for county in evaluation.counties
        for item in evaluation.standard.items
        for distance in item_distances(evaluation[county], item, together=False)
        if distance.what != "state" and "." not in distance.check.removeprefix("rooms.").removeprefix("composite.")
    )
    spread = columns_of(
        (
            (*attrs.astuple(entry)[:-1], entry.margin, entry.margin / entry.limit, entry.verdict.name)
            for entry in coefficients_of(evaluation, evaluation.standard)
        ),
        **dict.fromkeys(("county", "stage", "indicator"), str),
        **dict.fromkeys(("cv", "limit", "margin", "share"), float),
        verdict=str,
    )
    return Margins(evaluation.standard, *_sections(evaluation), spread, _items(items))


def _table(
    lang: Language,
    title: Phrase,
    head: Sequence[Phrase],
    columns: Columns,
    figure: str,
    cells: Callable[[Mapping[str, Any], Language], list[Phrase | str]],
    *,
    texts: int | None = None,
    most: int | None = None,
) -> Iterator[Block]:
    """Yield the rows whose figure is known as a table, the closest to their limit first; figures in its last column."""
    shares = columns["share"]
    order = np.argsort(np.abs(np.nan_to_num(shares, nan=np.inf)), kind="stable")
    rows = [row for row in order.tolist() if not math.isnan(columns[figure][row])][:most]
    if rows:
        yield Heading(title.text(lang))
        closest = [{name: values[row] for name, values in columns.items()} for row in rows]
        body = [[*cells(row, lang), _percent(float(row["share"]))] for row in closest]
        yield Grid.of(lang, [*head, _SHARE], body, texts=len(head) - 1 if texts is None else texts)
        if most and len(rows) < shares.size:
            zh = f"只列最接近的{len(rows)}个，共{shares.size}个。"
            yield Paragraph(Phrase(zh, f"The closest {len(rows)} of {shares.size}.").text(lang))


def _percent(share: float) -> str:
    return "–" if math.isnan(share) else f"{share * 100:.1f}%"
