"""Why there is no plan: which requirement cannot be met."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from balancedu.calculator.groups import Floats
from balancedu.calculator.verdicts import NOT_MET
from balancedu.core.fields import Language
from balancedu.core.rules import Remedy
from balancedu.core.standard import Standard
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.sections import section_of
from balancedu.evaluation.verdict import Verdict
from balancedu.planning.distances import amount_text
from balancedu.planning.plan.model import Group, Model
from balancedu.planning.plan.places import SIZES, Places
from balancedu.planning.plan.search import least_excess, most_complying

Obstacle = tuple[str, str, str]
"""A requirement, and why it cannot be met, in Chinese and in English."""


def resource_items(standard: Standard) -> dict[Remedy, str]:
    """Return the items that resources decide: those about sections and about the spread between them.

    Examples
    --------
    >>> from balancedu.core.loading import load_standard
    >>> list(resource_items(load_standard()))
    ['sections', 'spread']
    """
    return {
        rule.remedy: item.id
        for item in standard.items.values()
        for rule in item.rules
        if rule.remedy in ("sections", "spread")
    }


def size_items(standard: Standard) -> tuple[str, ...]:
    """Return the items about the size of schools and classes, and about rooms for classes.

    Examples
    --------
    >>> from balancedu.core.loading import load_standard
    >>> size_items(load_standard("cn-2017"))
    ('G3', 'G4', 'G5')
    """
    return tuple(
        item.id for item in standard.items.values() if item.rules and all(rule.remedy in SIZES for rule in item.rules)
    )


def beyond_plans(evaluation: Evaluation, items: tuple[str, ...], *, sizes: bool) -> Iterator[Obstacle]:
    """Yield the requested items that are not met and that no plan can change."""
    standard = evaluation.standard
    known = {*resource_items(standard).values(), *(size_items(standard) if sizes else ())}
    for item in items:
        finding = evaluation.items[item]
        if item not in known and finding.verdict in (Verdict.NOT_MET, Verdict.UNKNOWN):
            zh = f"方案改变不了这一项：{finding.reason('zh')}"
            yield item, zh, f"no plan can change this item: {finding.reason('en')}"


def unlisted(places: Places, items: tuple[str, ...]) -> Iterator[Obstacle]:
    """Yield what is too large and cannot be planned for, because its classes or grades are not all reported."""
    evaluation = places.evaluation
    basis, known = evaluation.record.basis, {(grade.school, grade.stage) for grade in places.grades}
    for item in items:
        for outcome in evaluation.record.outcomes[item]:
            cases = outcome.cases
            if cases is None or cases.table != "classes":
                continue
            large = [row for row in cases.rows_of(0, 1).tolist() if cases.verdict[row] == NOT_MET]
            lost = {(int(cases.school[row]), int(cases.stage[row])) for row in large} - known
            for name in map(basis.school_name, sorted({school for school, _ in lost})):
                zh = f"{name}有班级超额，但它的班级没有全部填报，或人数与在校生数不一致；请先补填班级表"
                en = f"{name} has a class too large; its classes are not all reported or do not add up to its pupils"
                yield item, zh, f"{en}; fill in the table of classes first"
    for school in sorted(set(places.must_leave) - {school for school, _ in known}):
        name = basis.school_name(school)
        zh = f"{name}学生数超限，但各年级人数缺报，或与在校生数不一致；请先补填班级表"
        en = f"{name} has too many pupils; those of its grades are not reported or do not add up to them"
        yield _size_item(evaluation.standard), zh, f"{en}; fill in the table of classes first"


def _size_item(standard: Standard) -> str:
    items = standard.items.values()
    return next((item.id for item in items if any(rule.remedy == "pupils" for rule in item.rules)), "")


def no_places(places: Places) -> list[Obstacle]:
    """Return why pupils who must leave find no place; nothing where there are enough."""
    standard, result = places.evaluation.standard, list[Obstacle]()
    for stage, title in enumerate(standard.head.stage_titles[name] for name in standard.stages):
        grades = [grade for grade in places.grades if grade.stage == stage]
        leaving = sum(places.must_leave.get(school, 0) for school in {grade.school for grade in grades})
        takers = {grade.school for grade in grades if places.room[grade.school] > 0}
        room = sum(min(float(places.room[school]), 1e9) for school in takers)
        if leaving > room:
            zh = f"{title.zh}有{leaving}名学生须转出超限学校，其他学校只能接收{room:.0f}名；需要新建学校"
            en = f"{leaving} pupils ({title.en}) must leave schools that are too large, others can take {room:.0f}"
            result.append((_size_item(standard), zh, f"{en}; a new school is needed"))
    return result


def not_reported(evaluation: Evaluation) -> Iterator[Obstacle]:
    """Yield what is not reported and so cannot be planned for."""
    for item in resource_items(evaluation.standard).values():
        for gap in evaluation.items[item].gaps:
            zh = f"{gap.located('zh')}数据缺报；请补报，或先设定一个数再测算（what-if）"
            yield item, zh, f"{gap.located('en')} is not reported; report it, or assume a figure (what-if)"


def obstacles(model: Model) -> list[Obstacle]:
    """Return why no plan meets every requirement: what cannot be met alone, else what cannot be met together."""
    alone = [*_sections_alone(model), *_groups_alone(model)]
    return alone or list(_together(model))


def _reach(model: Model) -> Floats:
    """Return how many units each cell can get at most."""
    reach = model.most_added.copy()
    for name in dict.fromkeys(model.measure):
        here = np.array([n for n, measure in enumerate(model.measure) if measure == name])
        can = model.may_receive[here]
        reach[here] += np.where(can, model.most_given[here].sum() - model.most_given[here], 0.0)
    return reach


def _sections_alone(model: Model) -> Iterator[Obstacle]:
    reach, item = _reach(model), resource_items(model.standard)["sections"]
    for section in np.flatnonzero(model.known).tolist():
        room = reach[model.cell[:, section]]
        low = np.flatnonzero(model.to_floor[:, section] > room)
        short = np.flatnonzero(model.to_standard[:, section] > room)
        if low.size:
            zh, en = (_lacks(model, section, low.tolist(), room, lang, floor=True) for lang in _LANGUAGES)
            yield item, zh, en
        elif model.cell.shape[0] - short.size < model.at_standard:
            zh, en = (_lacks(model, section, short.tolist(), room, lang, floor=False) for lang in _LANGUAGES)
            yield item, zh, en


_LANGUAGES: tuple[Language, ...] = ("zh", "en")


def _lacks(model: Model, section: int, which: list[int], room: Floats, lang: Language, *, floor: bool) -> str:
    name = section_of(model.evaluation.record.basis, section).text(lang)
    result = []
    for n in which:
        measure = model.standard.measures[model.measure[model.cell[n, section]]]
        missing = float((model.to_floor if floor else model.to_standard)[n, section])
        needed, most = (amount_text(entry, measure.unit, lang) for entry in (missing, float(room[n])))
        if lang == "zh":
            result.append(f"{list(model.standard.indicators)[n]} 需增加{measure.title.zh}{needed}，最多只能得到{most}")
        else:
            result.append(f"{list(model.standard.indicators)[n]} needs {needed} ({measure.title.en}), can get {most}")
    if lang == "zh":
        missed = "达不到最低要求" if floor else f"不能有{model.at_standard}项达到标准"
        return f"{name}：{'；'.join(result)}，{missed}"
    end = "below the floor" if floor else f"fewer than {model.at_standard} indicators at the standard"
    return f"{name}: {'; '.join(result)}: {end}"


def _groups_alone(model: Model) -> Iterator[Obstacle]:
    item = resource_items(model.standard)["spread"]
    for group in model.groups:
        left = least_excess(model, group)
        if left > 0:
            zh, en = (_called(model, group, lang) for lang in _LANGUAGES)
            least = group.limit + left
            yield (
                item,
                f"{zh}：在给定的上限内，差异系数最低只能到约{least:.4g}，限值{group.limit:g}",
                f"{en}: within the caps it cannot go below about {least:.4g}, the limit is {group.limit:g}",
            )


def _called(model: Model, group: Group, lang: Language) -> str:
    indicator = list(model.standard.indicators.values())[group.indicator]
    stage = model.standard.head.stage_titles[model.standard.stages[group.stage]].text(lang)
    return f"{stage} {indicator.id} {indicator.name.text(lang)}"


def _together(model: Model) -> Iterator[Obstacle]:
    """Yield the sections that stay behind when as many as possible comply and every coefficient keeps to its limit."""
    items = resource_items(model.standard)
    result = most_complying(model, None, spread=True)
    if result is None:
        zh = "在给定的上限内，各项差异系数不能以整数的数量同时达到限值"
        yield items["spread"], zh, "within the caps no whole units keep all coefficients to their limits together"
        return
    behind = np.flatnonzero(model.known & ~result[1].complying).tolist()
    for section in behind:
        zh, en = (section_of(model.evaluation.record.basis, section).text(lang) for lang in _LANGUAGES)
        yield (
            items["sections"],
            f"{zh}：在给定的上限内不能与其他要求同时达到",
            f"{en}: within the caps it cannot comply together with the other requirements",
        )
