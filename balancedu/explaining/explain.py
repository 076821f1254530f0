"""Why: an indicator of a section, a section, a coefficient or an item, explained step by step."""

from __future__ import annotations

import attrs
import numpy as np

from balancedu.core.fields import Language, Stage
from balancedu.core.overlays import set_by
from balancedu.errors import RequestError, UnknownNameError, near
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.figures import limit_printed, plain, printed
from balancedu.evaluation.findings import Check, Finding
from balancedu.evaluation.verdict import Verdict
from balancedu.explaining.answer import one_county
from balancedu.explaining.drivers import Driver, Drivers, drivers
from balancedu.explaining.explanation import Explanation, Input, Step
from balancedu.explaining.steps import (
    County,
    ItemQuestion,
    explain_section,
    explain_value,
    inputs_of_value,
    named,
    required_words,
    section_row,
)
from balancedu.text import Phrase, in_both, sentence

_MOST_TERMS = 3


def _explain_spread(county: County, finding: Finding, indicator: str, stage: Stage) -> Explanation:
    """Explain the coefficient of one indicator at one stage."""
    spread, standard = drivers(county.evaluation, indicator, stage), county.standard
    check = next(entry for entry in finding.checks if entry.stage == stage and indicator in entry.indicators)
    at = county.evaluation.stages.index(stage), county.evaluation.indicators.index(indicator)
    sd = float(county.evaluation.sd[0][at])
    # What is judged of several coefficients together is explained with the item.
    alone = len(check.indicators) == 1
    subject = check.title + Phrase.of(" ") + finding.item.name
    if not alone:
        subject = spread.stage_title + Phrase("", " ") + spread.indicator.name + Phrase("差异系数", " coefficient")
    included = County(county.evaluation, county.basis.of_coefficient(0, *at))
    mean = Step(
        title=Phrase("全县平均", "The county's mean"),
        formula=Phrase(
            "各校该项资源之和 ÷ 各校在校生数之和", "the resource of all sections ÷ the pupils of all sections"
        ),
        sentence=in_both(lambda lang: _mean(spread, lang)),
        inputs=tuple(_value(included, spread, section) for section in spread.sections),
        source=standard.head.spread.source,
        set_by=set_by(standard, "spread"),
    )
    deviation = Step(
        title=Phrase("标准差", "Standard deviation"),
        formula=Phrase.of("S = √( Σ (Pᵢ/P) (Xᵢ − X̄)² )"),
        sentence=in_both(lambda lang: _deviation(spread, sd, lang)),
    )
    coefficient = Step(
        title=Phrase("差异系数", "Coefficient of variation"),
        sentence=in_both(lambda lang: _coefficient(spread, check, sd, lang)),
        threshold=required_words(check) if alone else None,
        verdict=check.verdict if alone else None,
        source=finding.item.source,
        set_by=set_by(standard, f"rules.{finding.item.id}"),
    )
    steps = (mean, deviation, coefficient, *county.way_up(finding))
    return county.explanation(subject, check.verdict if alone else Verdict.NOT_APPLICABLE, steps)


def _value(county: County, spread: Drivers, driver: Driver) -> Input:
    """Return the value of a section, with the cells that it follows from."""
    schools, row = county.basis.submission.schools, county.school_row(driver.school)
    shown = driver.value
    if not np.isnan(shown):
        shown = float(printed(shown, "value", spread.precision, "en"))
    inputs = inputs_of_value(county, spread.indicator, section_row(county, driver.school, spread.stage))
    return Input(
        title=driver.name,
        value=shown,
        place=schools.place(row, county.standard.head.scope.pupils[spread.stage]),
        table="schools",
        column=spread.indicator.id,
        unit=spread.indicator.unit,
        addends=tuple(addend for figure in inputs for addend in figure.addends),
    )


def _mean(spread: Drivers, lang: Language) -> str:
    if np.isnan(spread.mean):
        return {"zh": "数据缺报，无法计算。", "en": "a figure is not reported: it cannot be computed."}[lang]
    total = sum(section.value * section.pupils for section in spread.sections) / spread.indicator.per
    pupils = sum(section.pupils for section in spread.sections)
    per = f" × {spread.indicator.per}" if spread.indicator.per != 1 else ""
    mean = printed(spread.mean, "value", spread.precision, lang)
    return f"X̄ = {total:.2f}{per} ÷ {plain(pupils)} = {mean} {spread.indicator.unit.text(lang)}"


def _deviation(spread: Drivers, sd: float, lang: Language) -> str:
    if np.isnan(sd):
        return {"zh": "无法计算。", "en": "it cannot be computed."}[lang]
    pupils = sum(section.pupils for section in spread.sections)
    first, precision = spread.sections[:_MOST_TERMS], spread.precision
    mean, result, *values = (
        printed(figure, "value", precision, lang) for figure in (spread.mean, sd, *(entry.value for entry in first))
    )
    shares = (f"{plain(section.pupils)}/{plain(pupils)}" for section in first)
    terms = [f"{share} × ({value} − {mean})²" for share, value in zip(shares, values, strict=True)]
    more = " + …" if len(spread.sections) > _MOST_TERMS else ""
    return f"S = √({' + '.join(terms)}{more}) = {result}"


def _coefficient(spread: Drivers, check: Check, sd: float, lang: Language) -> str:
    if np.isnan(spread.cv):
        return {"zh": "差异系数待定。", "en": "the coefficient is unknown."}[lang]
    numerator, mean = (printed(figure, "value", spread.precision, lang) for figure in (sd, spread.mean))
    text = f"CV = S ÷ X̄ = {numerator} ÷ {mean} = {spread.coefficient_text(spread.cv, lang)}"
    if not np.isnan(spread.limit):
        text += f" {'≤' if check.margin >= 0 else '>'} {limit_printed(spread.limit, 'coefficient', lang)}"
    first = spread.sections[0] if spread.sections else None
    if first is None or np.isnan(first.share) or np.isnan(first.cv_without):
        return text
    share = printed(first.share, "percent", spread.precision, lang)
    without = spread.coefficient_text(first.cv_without, lang)
    if lang == "zh":
        return f"{text}；影响最大的是{first.name.zh}，对差异的贡献率{share}，剔除该校后为{without}"
    return f"{text}; the largest driver is {first.name.en} with {share} of the variance; without it: {without}"


def explain(
    evaluation: Evaluation,
    entry: str,
    *,
    school: str | None = None,
    stage: Stage | None = None,
    indicator: str | None = None,
    lang: Language | None = None,
) -> Explanation:
    """Return why something came out as it did: formula, figures with their origin, threshold, clause, each step.

    Parameters
    ----------
    evaluation : Evaluation
        Of one county.
    entry : str
        An indicator (with `school`), or an item: of a school (with `school`), of one coefficient (with `indicator`
        and `stage`), or as a whole.
    school : str, optional
        Its id.
    stage : 'primary' or 'junior', optional
        Needed where a school has both.
    indicator : str, optional
        The id of the indicator, where an item judges coefficients.
    lang : 'zh' or 'en', optional
        The language that `print` uses; left out, `be.options.lang`.

    Returns
    -------
    Explanation
        Its steps, in the order in which they were decided; print it to read it.

    Raises
    ------
    KeyError
        If there is no such entry, school or section; the message names what there is.
    ValueError
        If the entry alone does not say what is meant.

    Examples
    --------
    >>> import balancedu as be
    >>> ev = be.evaluate(be.example("failing"))
    >>> be.explain(ev, "R4", school="003").steps[0].sentence.zh
    '（3288.6 − 0）÷ 870 = 3.78平方米'
    """
    example = f"explain(ev[{evaluation.counties[0]!r}], {entry!r})"
    one_county(evaluation, Phrase("一次只说明一个县", "an explanation is about one county"), example)
    return attrs.evolve(_explained(County(evaluation), entry, school, stage, indicator), lang=lang)


def _explained(
    county: County, entry: str, school: str | None, stage: Stage | None, indicator: str | None
) -> Explanation:
    standard = county.standard
    if entry in standard.indicators:
        if school is None:
            raise _no_school(county, entry)
        return explain_value(county, standard.indicators[entry], school, stage)
    if entry not in standard.items:
        problem = Phrase(f"{standard.id} 没有项目或指标“{entry}”", f"{standard.id} has no item or indicator {entry!r}")
        raise UnknownNameError(problem + near(entry, (*standard.items, *standard.indicators)))
    finding = county.evaluation.items[entry]
    if school is not None and any(check.table == "sections" for check in finding.checks):
        return explain_section(county, school, stage)
    compared = {len(check.indicators) for check in finding.checks if check.indicators}
    if compared and (indicator or (stage and 1 in compared)):
        if indicator is None or indicator not in standard.indicators or stage not in standard.stages:
            zh = f"差异系数要同时指明指标和学段；现为“{indicator or '未填'}”和“{stage or '未填'}”"
            en = f"a coefficient belongs to an indicator and a stage; found {indicator!r} and {stage!r}"
            raise RequestError(Phrase(zh, en))
        return _explain_spread(county, finding, indicator, stage)
    return _explain_item(county, finding, school)


def _no_school(county: County, indicator: str) -> RequestError:
    schools = county.evaluation.sections["school"]
    first = str(schools[0]) if schools.size else "…"
    problem = Phrase(f"{indicator} 按学校和学段判定", f"{indicator} is judged section by section")
    way_out = Phrase("请指明学校，如 ", "say which, as in ")
    return RequestError(sentence(problem, way_out + Phrase.of(f"explain(ev, {indicator!r}, school={first!r})")))


def _explain_item(county: County, finding: Finding, school: str | None) -> Explanation:
    item, question = finding.item, ItemQuestion(county, finding, school)
    if school is not None:
        county.school_row(school)
        if not any(question.case(check) for check in finding.checks):
            problem = Phrase(f"{item.id} 不涉及学校“{school}”", f"{item.id} looks at no school {school!r}")
            way_out = Phrase("不指明学校，可说明整个项目", "leave school out to explain the whole item")
            raise UnknownNameError(sentence(problem, way_out))
    steps = [*question.steps(), *county.way_up(finding)]
    strict = county.evaluation.changed_by_relief.get(item.id)
    if strict is not None:
        without = Phrase("不放宽", "without relief")
        steps.insert(-3, Step(without, in_both(strict.grounds), verdict=strict.verdict, source=strict.source))
    return county.explanation(named(item), finding.verdict, steps)
