"""Why: an indicator of a section, a section, a coefficient or an item, explained step by step."""

from __future__ import annotations

from collections.abc import Iterator

import attrs
import numpy as np

from balancedu.core.fields import Language, Stage, Title
from balancedu.core.history import set_by
from balancedu.core.rules import CompositeWithin, SectionsComply, SpreadWithin
from balancedu.errors import RequestError, UnknownNameError, near
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.figures import limit_printed, plain, printed
from balancedu.evaluation.findings import Check, Finding
from balancedu.evaluation.verdict import Verdict
from balancedu.explaining.drivers import Driver, Drivers, drivers
from balancedu.explaining.explanation import Explanation, Input, Step, both
from balancedu.explaining.steps import (
    Asked,
    County,
    explain_section,
    explain_value,
    inputs_of_value,
    section_row,
    steps_of,
)
from balancedu.text import Phrase, sentence

_MOST_TERMS = 3


def explain_spread(county: County, finding: Finding, indicator: str, stage: Stage) -> Explanation:
    """Explain the coefficient of one indicator at one stage."""
    spread = drivers(county.evaluation, indicator, stage)
    check = next(entry for entry in finding.checks if entry.stage == stage and indicator in entry.indicators)
    at = county.evaluation.stages.index(stage), county.evaluation.indicators.index(indicator)
    included = County(county.evaluation, county.basis.of_coefficient(0, *at))
    steps = (_mean(included, spread), _deviation(county, spread), _coefficient(county, finding, check, spread))
    return Explanation(
        subject=both(lambda lang: _subject(finding, check, spread, lang)),
        county=county.evaluation.counties[0],
        standard=county.standard.id,
        verdict=check.verdict if len(check.indicators) == 1 else Verdict.NOT_APPLICABLE,
        steps=(*steps, *county.way_up(finding)),
    )


def _subject(finding: Finding, check: Check, spread: Drivers, lang: Language) -> str:
    if len(check.indicators) == 1:
        return f"{check.title.text(lang)} {finding.item.name.text(lang)}"
    space = "" if lang == "zh" else " "
    words = {"zh": "差异系数", "en": "coefficient"}[lang]
    return f"{spread.stage_title.text(lang)}{space}{spread.indicator.name.text(lang)} {words}"


def _mean(county: County, spread: Drivers) -> Step:
    def words(lang: Language) -> str:
        if np.isnan(spread.mean):
            return {"zh": "数据缺报，无法计算。", "en": "a figure is not reported: it cannot be computed."}[lang]
        total = sum(section.value * section.pupils for section in spread.sections) / spread.indicator.per
        pupils = sum(section.pupils for section in spread.sections)
        per = f" × {spread.indicator.per}" if spread.indicator.per != 1 else ""
        mean = printed(spread.mean, "value", spread.precision, lang)
        unit = spread.indicator.unit.text(lang)
        return f"X̄ = {total:.2f}{per} ÷ {plain(pupils)} = {mean} {unit}"

    return Step(
        title=both(lambda lang: {"zh": "全县平均", "en": "The county's mean"}[lang]),
        formula=both(
            lambda lang: {
                "zh": "各校该项资源之和 ÷ 各校在校生数之和",
                "en": "the resource of all sections ÷ the pupils of all sections",
            }[lang]
        ),
        sentence=both(words),
        inputs=tuple(_input(county, spread, section) for section in spread.sections),
        source=county.standard.head.spread.source,
        set_by=set_by(county.standard, "spread"),
    )


def _input(county: County, spread: Drivers, driver: Driver) -> Input:
    row = county.school_row(driver.school)
    column = county.standard.head.scope.pupils[spread.stage]
    place = county.basis.submission.schools.place(row, column)
    shown = (
        float(printed(driver.value, "value", spread.precision, "en")) if not np.isnan(driver.value) else driver.value
    )
    inputs = inputs_of_value(county, spread.indicator, section_row(county, driver.school, spread.stage))
    addends = tuple(addend for figure in inputs for addend in figure.addends)
    return Input(driver.name, shown, place, "schools", spread.indicator.id, spread.indicator.unit, addends=addends)


def _deviation(county: County, spread: Drivers) -> Step:
    position = county.evaluation.stages.index(spread.stage)
    sd = float(county.evaluation.sd[0, position, county.evaluation.indicators.index(spread.indicator.id)])

    def words(lang: Language) -> str:
        if np.isnan(sd):
            return {"zh": "无法计算。", "en": "it cannot be computed."}[lang]
        pupils = sum(section.pupils for section in spread.sections)
        mean = printed(spread.mean, "value", spread.precision, lang)
        terms = []
        for section in spread.sections[:_MOST_TERMS]:
            value = printed(section.value, "value", spread.precision, lang)
            terms.append(f"{plain(section.pupils)}/{plain(pupils)} × ({value} − {mean})²")
        more = " + …" if len(spread.sections) > _MOST_TERMS else ""
        return f"S = √({' + '.join(terms)}{more}) = {printed(sd, 'value', spread.precision, lang)}"

    return Step(
        title=both(lambda lang: {"zh": "标准差", "en": "Standard deviation"}[lang]),
        formula=both(lambda lang: "S = √( Σ (Pᵢ/P) (Xᵢ − X̄)² )"),  # noqa: ARG005
        sentence=both(words),
    )


def _coefficient(county: County, finding: Finding, check: Check, spread: Drivers) -> Step:
    position = county.evaluation.stages.index(spread.stage)
    sd = float(county.evaluation.sd[0, position, county.evaluation.indicators.index(spread.indicator.id)])

    def words(lang: Language) -> str:
        if np.isnan(spread.cv):
            return {"zh": "差异系数待定。", "en": "the coefficient is unknown."}[lang]
        cv = printed(spread.cv, "coefficient", spread.precision, lang, spread.limit)
        parts = [printed(figure, "value", spread.precision, lang) for figure in (sd, spread.mean)]
        text = f"CV = S ÷ X̄ = {parts[0]} ÷ {parts[1]} = {cv}"
        if not np.isnan(spread.limit):
            text += f" {'≤' if check.margin >= 0 else '>'} {limit_printed(spread.limit, 'coefficient', lang)}"
        return text + _driven(spread, lang)

    return Step(
        title=both(lambda lang: {"zh": "差异系数", "en": "Coefficient of variation"}[lang]),
        sentence=both(words),
        # What is judged of several coefficients together is explained with the item.
        threshold=county.required(check) if len(check.indicators) == 1 else None,
        verdict=check.verdict if len(check.indicators) == 1 else None,
        source=finding.item.source,
        set_by=set_by(county.standard, f"rules.{finding.item.id}"),
    )


def _driven(spread: Drivers, lang: Language) -> str:
    first = spread.sections[0] if spread.sections else None
    if first is None or np.isnan(first.share) or np.isnan(first.cv_without):
        return ""
    share = printed(first.share, "percent", spread.precision, lang)
    without = printed(first.cv_without, "coefficient", spread.precision, lang, spread.limit)
    if lang == "zh":
        return f"；影响最大的是{first.name.zh}，对差异的贡献率{share}，剔除该校后为{without}"
    return f"; the largest driver is {first.name.en} with {share} of the variance; without it: {without}"


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
    lang : 'zh' or 'en', optional
        The language that `print` uses; left out, `be.options.lang`.

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
    if len(evaluation.counties) > 1:
        first = evaluation.counties[0]
        raise RequestError(
            sentence(
                Phrase("一次只说明一个县", "an explanation is about one county"),
                Phrase("请指明是哪个县，如 ", "say which, as in ") + Phrase.of(f"explain(ev[{first!r}], {entry!r})"),
            )
        )
    county = County(evaluation)
    return attrs.evolve(_of_entry(county, entry, school, stage, indicator), lang=lang)


def _of_entry(
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
    rules = finding.item.rules
    if school is not None and any(isinstance(rule, SectionsComply) for rule in rules):
        return explain_section(county, school, stage)
    of_one = any(isinstance(rule, SpreadWithin) for rule in rules) and (indicator or stage)
    if of_one or (indicator and any(isinstance(rule, CompositeWithin) for rule in rules)):
        if indicator is None or indicator not in standard.indicators or stage not in standard.stages:
            zh = f"差异系数要同时指明指标和学段；现为“{indicator or '未填'}”和“{stage or '未填'}”"
            en = f"a coefficient belongs to an indicator and a stage; found {indicator!r} and {stage!r}"
            raise RequestError(Phrase(zh, en))
        return explain_spread(county, finding, indicator, stage)
    return _item(county, finding, school)


def _no_school(county: County, indicator: str) -> RequestError:
    schools = county.evaluation.sections["school"]
    first = str(schools[0]) if schools.size else "…"
    problem = Phrase(f"{indicator} 按学部判定", f"{indicator} is judged section by section")
    way_out = Phrase("请指明学校，如 ", "say which, as in ")
    return RequestError(sentence(problem, way_out + Phrase.of(f"explain(ev, {indicator!r}, school={first!r})")))


def _item(county: County, finding: Finding, school: str | None) -> Explanation:
    item = finding.item
    if school is not None:
        county.school_row(school)
    asked = Asked(county, finding, school)
    if school is not None and not any(asked.case(check) for check in finding.checks):
        problem = Phrase(f"{item.id} 不涉及学校“{school}”", f"{item.id} looks at no school {school!r}")
        way_out = Phrase("不指明学校，可说明整个项目", "leave school out to explain the whole item")
        raise UnknownNameError(sentence(problem, way_out))
    return Explanation(
        subject=Title(f"{item.id} {item.name.zh}", f"{item.id} {item.name.en}"),
        county=county.evaluation.counties[0],
        standard=county.standard.id,
        verdict=finding.verdict,
        steps=(*steps_of(asked), *_relief(county, finding), *county.way_up(finding)),
    )


_WITHOUT = Title("不放宽", "without relief")


def _relief(county: County, finding: Finding) -> Iterator[Step]:
    """Yield what an item comes to without relief, where relief changed it."""
    strict = county.evaluation.changed_by_relief.get(finding.item.id)
    if strict is not None:
        yield Step(_WITHOUT, both(strict.grounds), verdict=strict.verdict, source=strict.source)
