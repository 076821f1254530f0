"""What can be explained: an indicator of a section, a section, a coefficient, an item, the county."""

from __future__ import annotations

from collections.abc import Iterator

from balancedu.core.model import Language, Stage, Title
from balancedu.core.rules import CompositeWithin, SectionsComply, SpreadWithin
from balancedu.errors import RequestError, UnknownNameError, near
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.finding import Finding
from balancedu.explaining import schools
from balancedu.explaining.county import County
from balancedu.explaining.explanation import Explanation, Step, both
from balancedu.explaining.rules import Asked, steps_of
from balancedu.explaining.sections import explain_section, explain_value
from balancedu.explaining.spread import explain_spread
from balancedu.phrase import Phrase, sentence

__all__ = ["explain", "schools"]


def explain(
    evaluation: Evaluation,
    entry: str,
    *,
    school: str | None,
    stage: Stage | None,
    indicator: str | None,
    lang: Language,
) -> Explanation:
    """Explain an indicator or an item; see `Evaluation.explain`."""
    if len(evaluation.counties) > 1:
        first = evaluation.counties[0]
        raise RequestError(
            sentence(
                Phrase("一次只说明一个县", "an explanation is about one county"),
                Phrase("请指明是哪个县，如 ", "say which, as in ") + Phrase.of(f"ev[{first!r}].explain({entry!r})"),
            )
        )
    county = County(evaluation)
    told = _told(county, entry, school, stage, indicator)
    return Explanation(told.subject, told.county, told.standard, told.verdict, told.steps, lang)


def _told(county: County, entry: str, school: str | None, stage: Stage | None, indicator: str | None) -> Explanation:
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
    return RequestError(sentence(problem, way_out + Phrase.of(f"explain({indicator!r}, school={first!r})")))


def _item(county: County, finding: Finding, school: str | None) -> Explanation:
    item = finding.item
    if school is not None:
        county.school_row(school)
    asked = Asked(county, finding, school)
    if school is not None and not any(asked.case(check) for check in finding.checks):
        problem = Phrase(f"{item.id} 不涉及学校“{school}”", f"{item.id} looks at no school {school!r}")
        way_out = Phrase("不指明学校，可说明整个项目", "leave school out to explain the whole item")
        raise UnknownNameError(sentence(problem, way_out))
    steps = [step for rule in item.rules for step in steps_of(rule, asked)]
    return Explanation(
        subject=Title(f"{item.id} {item.name.zh}", f"{item.id} {item.name.en}"),
        county=county.evaluation.counties[0],
        standard=county.standard.id,
        verdict=finding.verdict,
        steps=(*_each_once(steps), *_relief(county, finding), *county.way_up(finding)),
    )


_WITHOUT = Title("不放宽", "without relief")


def _relief(county: County, finding: Finding) -> Iterator[Step]:
    """Yield what relief changed of an item, with the verdict that it would have without."""
    for one in county.evaluation.reliefs:
        if one.item == finding.item.id:
            by = county.standard.id
            yield Step(_WITHOUT, both(one.said), verdict=one.strict, source=one.source, set_by=by)


def _each_once(steps: list[Step]) -> Iterator[Step]:
    """Yield the steps; rules that nobody has told how to explain all name the checks of their item."""
    seen: list[Step] = []
    for step in steps:
        if step not in seen:
            seen.append(step)
            yield step
