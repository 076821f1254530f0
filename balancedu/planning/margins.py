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
    points,
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
    # So many indicators must stay at the standard: the one of that rank goes first, unless a floor does.
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
            in_both(partial(_margin_text, distance)),
            distance.verdict.name,
            0.0 - distance.amount,
            (0.0 - distance.amount) / (distance.base or math.nan),
        )
        for county, distance in rows
    )
    kinds = dict.fromkeys(("county", "item", "check", "school"), str) | dict.fromkeys(
        ("name", "title", "words"), Phrase
    )
    return columns_of(cells, **kinds, verdict=str, margin=float, share=float)


def _margin_text(distance: Distance, lang: Language) -> str:
    if math.isnan(distance.amount):
        return "?"
    if distance.display == "percent" and not distance.unit:
        return points(0.0 - distance.amount, lang)
    return amount_text(0.0 - distance.amount, distance.unit, lang)


MOST_PRINTED = 10
"""How many sections and resources are printed, the closest first; the columns hold all."""

_WORDS: dict[str, dict[Language, str]] = {
    "pupils": {"zh": "各校还能容纳多少学生", "en": "How many more pupils sections can take"},
    "units": {"zh": "各校还能减少多少资源", "en": "How much sections can lose"},
    "spread": {"zh": "差异系数还能增大多少", "en": "How much the coefficients of variation may grow"},
    "items": {"zh": "其他项目的余量", "en": "The margins of other items"},
    "section": {"zh": "学校", "en": "section"},
    "verdict": {"zh": "判定", "en": "verdict"},
    "more": {"zh": "还能容纳", "en": "can take"},
    "share": {"zh": "占比", "en": "share"},
    "first": {"zh": "由哪项指标决定", "en": "decided by"},
    "indicator": {"zh": "指标", "en": "indicator"},
    "less": {"zh": "还能减少", "en": "can lose"},
    "cv": {"zh": "差异系数", "en": "coefficient"},
    "limit": {"zh": "限值", "en": "limit"},
    "margin": {"zh": "余量", "en": "margin"},
    "item": {"zh": "项目", "en": "item"},
    "who": {"zh": "对象", "en": "who"},
    "what": {"zh": "内容", "en": "what"},
    "negative": {
        "zh": "负数是已经超过多少：学生要减少、资源要增加这么多，判定才会改变。",
        "en": "Negative: already beyond the limit by so much, which has to leave (pupils) or be added (resources).",
    },
    "rest": {"zh": "只列最接近的{n}个，共{total}个。", "en": "The closest {n} of {total}."},
}


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
        head = self.standard.head
        pupils, lost, spread, items = self.sections, self.indicators, self.spread, self.items
        unit = self.standard.measures[head.scope.pupils["primary"]].unit

        def of_pupils(row: int) -> list[str]:
            verdict, name = Verdict[str(pupils["verdict"][row])], str(pupils["indicator"][row])
            indicator = self.standard.indicators[name].name.text(lang) if name else ""
            more = amount_text(float(pupils["more_pupils"][row]), unit, lang)
            return [str(pupils[f"name_{lang}"][row]), verdict.text(lang), indicator, more]

        def of_units(row: int) -> list[str]:
            measure = self.standard.measures[str(lost["measure"][row])]
            spare = amount_text(float(lost["spare"][row]), measure.unit, lang)
            if self.standard.indicators[str(lost["indicator"][row])].at_most:
                spare = f"增加{spare}" if lang == "zh" else f"gain {spare}"
            return [str(lost[f"name_{lang}"][row]), measure.title.text(lang), spare]

        def of_coefficient(row: int) -> list[str]:
            title, name = head.stage_titles[spread["stage"][row]], str(spread["indicator"][row])
            cv, limit = float(spread["cv"][row]), float(spread["limit"][row])
            return [
                f"{title.text(lang)} {coefficient_title(self.standard, name).text(lang)}",
                Verdict[str(spread["verdict"][row])].text(lang),
                printed(cv, "coefficient", head.precision, lang, limit),
                limit_printed(limit, "coefficient", lang),
                f"{spread['margin'][row]:.{head.precision.coefficients}f}",
            ]

        def of_item(row: int) -> list[str]:
            item = self.standard.items[str(items["item"][row])].name.text(lang)
            return [item, *(str(items[f"{name}_{lang}"][row]) for name in ("name", "title", "words"))]

        names = ("section", "verdict", "first", "more")
        yield from _table("pupils", pupils, "more_pupils", names, of_pupils, lang, texts=3, most=MOST_PRINTED)
        yield from _table(
            "units", lost, "spare", ("section", "indicator", "less"), of_units, lang, texts=2, most=MOST_PRINTED
        )
        columns = ("indicator", "verdict", "cv", "limit", "margin")
        yield from _table("spread", spread, "margin", columns, of_coefficient, lang, texts=2)
        yield from _table("items", items, "margin", ("item", "who", "what", "margin"), of_item, lang, texts=3)
        yield Paragraph(_WORDS["negative"][lang])


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
        if distance.what not in ("open", "open_rearranged", "state")
        and "." not in distance.check.removeprefix("rooms.").removeprefix("composite.")
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
    name: str,
    columns: Columns,
    figure: str,
    head: Sequence[str],
    cells: Callable[[int], list[str]],
    lang: Language,
    *,
    texts: int,
    most: int | None = None,
) -> Iterator[Block]:
    """Yield the rows whose figure is known as a table, the closest to their limit first."""
    shares = columns["share"]
    order = np.argsort(np.abs(np.nan_to_num(shares, nan=np.inf)), kind="stable")
    rows = [row for row in order.tolist() if not math.isnan(columns[figure][row])][:most]
    if rows:
        yield Heading(_WORDS[name][lang])
        body = [[*cells(row), _percent(float(shares[row]))] for row in rows]
        yield Grid([_WORDS[title][lang] for title in (*head, "share")], body, texts=texts)
        if most and len(rows) < shares.size:
            yield Paragraph(_WORDS["rest"][lang].format(n=len(rows), total=shares.size))


def _percent(share: float) -> str:
    return "–" if math.isnan(share) else f"{share * 100:.1f}%"
