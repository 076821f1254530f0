"""How far each decision is from flipping, in real units and as a share."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from balancedu.calculator.groups import Floats, Ints
from balancedu.core.fields import Language
from balancedu.core.standard import Standard
from balancedu.document import Block, Columns, Grid, Heading, Paragraph, Result, column, columns_of
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.figures import limit_printed, printed
from balancedu.evaluation.sections import section_of
from balancedu.evaluation.verdict import Verdict
from balancedu.planning.coefficients import spread_limits, spread_verdicts
from balancedu.planning.distances import Distance, amount_text, bare, item_distances, points
from balancedu.planning.units import LEVELS, measure_added, pupils_to, units_to
from balancedu.text import Phrase, in_both


def of_sections(evaluation: Evaluation) -> tuple[Columns, Columns]:
    """Return the columns of sections, and those of sections and indicators."""
    basis, rows = evaluation.record.basis, evaluation.section_rows
    words = [section_of(basis, row) for row in rows.tolist()]
    shared = dict(evaluation.sections) | {
        "name_zh": column([entry.text("zh") for entry in words], str),
        "name_en": column([entry.text("en") for entry in words], str),
        "verdict": column([section.verdict.name for section in words], str),
    }
    pupils = {level: pupils_to(basis, level).T[rows] for level in LEVELS}
    spare = {level: 0.0 - units_to(basis, level).T[rows] for level in LEVELS}
    more, decisive = _more_pupils(evaluation, pupils["standard"], pupils["floor"])
    sections = shared | {
        "more_pupils": more,
        "share": more / basis.sections.pupils[rows],
        "indicator": np.array([*evaluation.indicators, ""])[decisive],
    }
    alone = _spare_alone(evaluation, spare["standard"], spare["floor"])
    count = len(evaluation.indicators)
    with np.errstate(invalid="ignore", divide="ignore"):
        amount = _amounts(evaluation)
        share = np.where(amount > 0, alone / amount, np.nan)
    indicators = {name: np.repeat(values, count) for name, values in shared.items()} | {
        "indicator": np.tile(np.array(evaluation.indicators), rows.size),
        "measure": _measures(evaluation),
        "value": evaluation.values.ravel(),
        "standing": evaluation.standing.ravel(),
        "spare": alone.ravel(),
        "share": share.ravel(),
    }
    for level in LEVELS:
        indicators[f"spare_{level}"] = spare[level].ravel()
        indicators[f"pupils_{level}"] = pupils[level].ravel()
    return sections, indicators


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


def _amounts(evaluation: Evaluation) -> Floats:
    """Return the amount that each section's school reports of the measure that is added to."""
    basis, rows = evaluation.record.basis, evaluation.section_rows
    schools, measures = basis.submission.schools, _measures(evaluation).reshape(rows.size, -1)
    school = basis.sections.school[rows]
    return np.array(
        [[schools.numbers(name)[row] for name in names] for row, names in zip(school, measures.tolist(), strict=True)]
    ).reshape(measures.shape)


def _measures(evaluation: Evaluation) -> NDArray[np.str_]:
    standard, stages = evaluation.standard, evaluation.record.basis.sections.stage[evaluation.section_rows]
    by_stage = [
        [measure_added(indicator, stage) for indicator in standard.indicators.values()] for stage in standard.stages
    ]
    return np.array(by_stage)[stages].ravel()


def of_spread(evaluation: Evaluation) -> Columns:
    """Return the columns of the coefficients of variation."""
    limits, standard = spread_limits(evaluation.standard), evaluation.standard
    shape = evaluation.cv.shape
    county, stage, indicator = (axis.ravel() for axis in np.indices(shape))
    limit = np.broadcast_to(limits[None, :, None], shape).ravel()
    verdicts = spread_verdicts(evaluation)
    return {
        "county": np.array(evaluation.counties)[county],
        "stage": np.array(standard.stages)[stage],
        "indicator": np.array(evaluation.indicators)[indicator],
        "cv": evaluation.cv.ravel(),
        "limit": limit,
        "margin": limit - evaluation.cv.ravel(),
        "share": (limit - evaluation.cv.ravel()) / limit,
        "verdict": column([Verdict.of(code).name for code in verdicts.ravel().tolist()], str),
    }


def of_items(rows: list[tuple[str, Distance]]) -> Columns:
    """Return the columns of the other items."""
    cells = (
        (
            county,
            *(distance.item, distance.check, distance.school, distance.name),
            in_both(partial(bare, distance.title)),
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
    if distance.form == "percent" and not distance.unit:
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
            verdict, indicator = Verdict[str(pupils["verdict"][row])], self._indicator(pupils["indicator"][row], lang)
            more = amount_text(float(pupils["more_pupils"][row]), unit, lang)
            return [str(pupils[f"name_{lang}"][row]), verdict.text(lang), indicator, more]

        def of_units(row: int) -> list[str]:
            measure = self.standard.measures[str(lost["measure"][row])]
            title = f"{lost['indicator'][row]} {measure.title.text(lang)}"
            spare = amount_text(float(lost["spare"][row]), measure.unit, lang)
            if self.standard.indicators[str(lost["indicator"][row])].at_most:
                spare = f"增加{spare}" if lang == "zh" else f"gain {spare}"
            return [str(lost[f"name_{lang}"][row]), title, spare]

        def of_coefficient(row: int) -> list[str]:
            title = head.stage_titles[spread["stage"][row]].text(lang)
            cv, limit = float(spread["cv"][row]), float(spread["limit"][row])
            return [
                f"{title} {self._indicator(spread['indicator'][row], lang)}",
                Verdict[str(spread["verdict"][row])].text(lang),
                printed(cv, "coefficient", head.precision, lang, limit),
                limit_printed(limit, "coefficient", lang),
                f"{spread['margin'][row]:.{head.precision.coefficients}f}",
            ]

        def of_item(row: int) -> list[str]:
            return [str(items[name][row]) for name in ("item", f"name_{lang}", f"title_{lang}", f"words_{lang}")]

        names = ("section", "verdict", "first", "more")
        yield from _table("pupils", pupils, "more_pupils", names, of_pupils, lang, texts=3, most=MOST_PRINTED)
        yield from _table(
            "units", lost, "spare", ("section", "indicator", "less"), of_units, lang, texts=2, most=MOST_PRINTED
        )
        columns = ("indicator", "verdict", "cv", "limit", "margin")
        yield from _table("spread", spread, "margin", columns, of_coefficient, lang, texts=2)
        yield from _table("items", items, "margin", ("item", "who", "what", "margin"), of_item, lang, texts=3)
        yield Paragraph(_WORDS["negative"][lang])

    def _indicator(self, name: str, lang: Language) -> str:
        return f"{name} {self.standard.indicators[name].name.text(lang)}" if name else ""


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
    items = [
        (county, distance)
        for county in evaluation.counties
        for item in evaluation.standard.items
        for distance in item_distances(evaluation[county], item, together=False)
        if distance.what not in ("open", "open_rearranged", "state")
        and "." not in distance.check.removeprefix("rooms.").removeprefix("composite.")
    ]
    return Margins(evaluation.standard, *of_sections(evaluation), of_spread(evaluation), of_items(items))


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
