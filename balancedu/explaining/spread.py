"""Why a coefficient of variation is what it is."""

from __future__ import annotations

import numpy as np

from balancedu.core.model import Language, Stage
from balancedu.evaluation.counted import as_judged
from balancedu.evaluation.figures import limit_printed, plain, printed
from balancedu.evaluation.finding import Check, Finding
from balancedu.evaluation.verdict import Verdict
from balancedu.explaining.county import County
from balancedu.explaining.drivers import Driver, Drivers, drivers
from balancedu.explaining.explanation import Explanation, Input, Step, both
from balancedu.explaining.sections import inputs_of_value, section_row

_MOST_TERMS = 3


def explain_spread(county: County, finding: Finding, indicator: str, stage: Stage) -> Explanation:
    """Explain the coefficient of one indicator at one stage."""
    told = drivers(county.evaluation, indicator, stage)
    check = next(one for one in finding.checks if one.stage == stage and indicator in one.indicators)
    counted = County(as_judged(county.evaluation, indicator, stage))
    steps = (_mean(counted, told), _deviation(county, told), _coefficient(county, finding, check, told))
    return Explanation(
        subject=both(lambda lang: _subject(finding, check, told, lang)),
        county=county.evaluation.counties[0],
        standard=county.standard.id,
        verdict=check.verdict if len(check.indicators) == 1 else Verdict.NOT_APPLICABLE,
        steps=(*steps, *county.way_up(finding)),
    )


def _subject(finding: Finding, check: Check, told: Drivers, lang: Language) -> str:
    if len(check.indicators) == 1:
        return f"{check.title.said(lang)} {finding.item.name.said(lang)}"
    space = "" if lang == "zh" else " "
    words = {"zh": "差异系数", "en": "coefficient"}[lang]
    return f"{told.stage_title.said(lang)}{space}{told.indicator.name.said(lang)} {words}"


def _mean(county: County, told: Drivers) -> Step:
    def said(lang: Language) -> str:
        if np.isnan(told.mean):
            return {"zh": "有数未填报，算不出来。", "en": "a figure is not reported: it cannot be computed."}[lang]
        total = sum(one.value * one.pupils for one in told.sections) / told.indicator.per
        pupils = sum(one.pupils for one in told.sections)
        per = f" × {told.indicator.per}" if told.indicator.per != 1 else ""
        mean = printed(told.mean, "value", told.precision, lang)
        unit = told.indicator.unit.said(lang)
        return f"X̄ = {total:.2f}{per} ÷ {plain(pupils)} = {mean} {unit}"

    return Step(
        title=both(lambda lang: {"zh": "全县平均", "en": "The county's mean"}[lang]),
        formula=both(
            lambda lang: {
                "zh": "各学部该项资源之和 ÷ 各学部在校生数之和",
                "en": "the resource of all sections ÷ the pupils of all sections",
            }[lang]
        ),
        sentence=both(said),
        inputs=tuple(_input(county, told, one) for one in told.sections),
        source=county.standard.head.spread.source,
        set_by=county.standard.set_by("spread"),
    )


def _input(county: County, told: Drivers, one: Driver) -> Input:
    row = county.school_row(one.school)
    column = county.standard.head.scope.pupils[told.stage]
    place = county.basis.submission.schools.place(row, column)
    shown = float(printed(one.value, "value", told.precision, "en")) if not np.isnan(one.value) else one.value
    inputs = inputs_of_value(county, told.indicator, section_row(county, one.school, told.stage))
    addends = tuple(addend for figure in inputs for addend in figure.addends)
    return Input(one.name, shown, place, "schools", told.indicator.id, told.indicator.unit, addends=addends)


def _deviation(county: County, told: Drivers) -> Step:
    position = county.evaluation.stages.index(told.stage)
    sd = float(county.evaluation.sd[0, position, county.evaluation.indicators.index(told.indicator.id)])

    def said(lang: Language) -> str:
        if np.isnan(sd):
            return {"zh": "算不出来。", "en": "it cannot be computed."}[lang]
        pupils = sum(one.pupils for one in told.sections)
        mean = printed(told.mean, "value", told.precision, lang)
        terms = []
        for one in told.sections[:_MOST_TERMS]:
            value = printed(one.value, "value", told.precision, lang)
            terms.append(f"{plain(one.pupils)}/{plain(pupils)} × ({value} − {mean})²")
        more = " + …" if len(told.sections) > _MOST_TERMS else ""
        return f"S = √({' + '.join(terms)}{more}) = {printed(sd, 'value', told.precision, lang)}"

    return Step(
        title=both(lambda lang: {"zh": "标准差", "en": "Standard deviation"}[lang]),
        formula=both(lambda lang: "S = √( Σ (Pᵢ/P) (Xᵢ − X̄)² )"),  # noqa: ARG005
        sentence=both(said),
    )


def _coefficient(county: County, finding: Finding, check: Check, told: Drivers) -> Step:
    position = county.evaluation.stages.index(told.stage)
    sd = float(county.evaluation.sd[0, position, county.evaluation.indicators.index(told.indicator.id)])

    def said(lang: Language) -> str:
        if np.isnan(told.cv):
            return {"zh": "差异系数待定。", "en": "the coefficient is unknown."}[lang]
        cv = printed(told.cv, "coefficient", told.precision, lang, told.limit)
        parts = [printed(figure, "value", told.precision, lang) for figure in (sd, told.mean)]
        text = f"CV = S ÷ X̄ = {parts[0]} ÷ {parts[1]} = {cv}"
        if not np.isnan(told.limit):
            text += f" {'≤' if check.margin >= 0 else '>'} {limit_printed(told.limit, 'coefficient', lang)}"
        return text + _driven(told, lang)

    return Step(
        title=both(lambda lang: {"zh": "差异系数", "en": "Coefficient of variation"}[lang]),
        sentence=both(said),
        # What is judged of several coefficients together is told of the item.
        threshold=county.required(check) if len(check.indicators) == 1 else None,
        verdict=check.verdict if len(check.indicators) == 1 else None,
        source=finding.item.source,
        set_by=county.standard.set_by(f"rules.{finding.item.id}"),
    )


def _driven(told: Drivers, lang: Language) -> str:
    first = told.sections[0] if told.sections else None
    if first is None or np.isnan(first.share) or np.isnan(first.cv_without):
        return ""
    share = printed(first.share, "percent", told.precision, lang)
    without = printed(first.cv_without, "coefficient", told.precision, lang, told.limit)
    if lang == "zh":
        return f"；影响最大的是{first.name.zh}，占方差的{share}，没有它是{without}"
    return f"; the largest driver is {first.name.en} with {share} of the variance; without it: {without}"
