"""Commands about a county: explain, drivers, gaps, shortfalls, plan, what-if, compare, trend."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import attrs

from balancedu.commands import NOT_FINE
from balancedu.commands.common import (
    UsageError,
    a_column,
    a_measure,
    a_school,
    a_stage,
    an_entry,
    an_indicator,
    evaluated,
    read,
    selected_county,
    show,
    with_ending,
)
from balancedu.commands.parser import parse_number
from balancedu.core.fields import Stage
from balancedu.core.rules import CompositeWithin, SectionsComply, SpreadWithin
from balancedu.core.standard import Standard
from balancedu.document import Result
from balancedu.errors import ImpossiblePlanError
from balancedu.evaluate import evaluate
from balancedu.evaluation.evaluation import Evaluation
from balancedu.explaining.drivers import drivers
from balancedu.explaining.explain import explain
from balancedu.explaining.gaps import gaps
from balancedu.planning.compare import compare
from balancedu.planning.margins import MOST_PRINTED, margins
from balancedu.planning.plan.model import changeable, priced
from balancedu.planning.plan.plan import plan
from balancedu.planning.plan.result import Plan
from balancedu.planning.robustness import NUMBERS, robustness
from balancedu.planning.shortfalls import shortfalls
from balancedu.planning.trend import trend
from balancedu.planning.what_if import what_if
from balancedu.text import NO_WORDS, Phrase, sentence


def evaluation_of(path: Path | None, options: argparse.Namespace) -> Evaluation:
    """Return the evaluation of a folder, or of the example that fails: one that passes has nothing to plan."""
    return evaluate(read(path, options, otherwise="failing"), options.standard)


def run_explain(options: argparse.Namespace) -> str:
    """Return the explanation of an entry."""
    evaluation = selected_county(options)
    standard = evaluation.standard
    entry = an_entry(standard, options.entry)
    school = options.school and a_school(evaluation.submission, options.school, evaluation.counties[0])
    stage = options.stage and a_stage(standard, options.stage)
    indicator = options.indicator and an_indicator(standard, options.indicator)
    missing = _missing(evaluation, entry, school or "", stage or "", indicator or "")
    if missing:
        raise UsageError(missing)
    return explain(evaluation, entry, school=school, stage=stage, indicator=indicator).text(options.lang)


def _missing(evaluation: Evaluation, entry: str, school: str, stage: str, indicator: str) -> Phrase:
    """Return which option is needed besides, with an example of it; empty if they are enough."""
    standard, sections = evaluation.standard, evaluation.sections
    kinds = {type(rule) for rule in standard.items[entry].rules} if entry in standard.items else {SectionsComply}
    if entry in standard.indicators and not school:
        problem = Phrase(f"{entry} 按学校和学段判定", f"{entry} is judged section by section")
        example = f"--school {sections['school'][0] if sections['school'].size else 'ID'}"
        return sentence(problem, Phrase(f"请指明学校，如 {example}", f"name the school, as {example}"))
    here = sections["stage"][sections["school"] == school].tolist()
    if len(here) > 1 and not stage and SectionsComply in kinds:
        problem = Phrase(f"学校“{school}”有{len(here)}个学段", f"school {school!r} has {len(here)} sections")
        return sentence(problem, Phrase("请指明学段：", "choose one: ") + _stage_options(standard, here))
    is_coefficient = (SpreadWithin in kinds and (indicator or stage)) or (CompositeWithin in kinds and indicator)
    if is_coefficient and not (indicator and stage):
        problem = Phrase("差异系数要同时指明指标和学段", "a coefficient belongs to an indicator and a stage")
        example = f"--indicator {next(iter(standard.indicators))}"
        if indicator:
            return sentence(problem, Phrase("请加上 ", "add ") + _stage_options(standard, standard.stages))
        return sentence(problem, Phrase(f"请加上指标，如 {example}", f"add the indicator, as {example}"))
    return NO_WORDS


def _stage_options(standard: Standard, stages: Sequence[Stage]) -> Phrase:
    zh = (f"--stage {standard.head.stage_titles[stage].zh}" for stage in stages)
    return Phrase(" 或 ".join(zh), " or ".join(f"--stage {stage}" for stage in stages))


def run_drivers(options: argparse.Namespace) -> Result:
    """Return what drives a coefficient, school by school or within and between groups."""
    evaluation = selected_county(options)
    standard = evaluation.standard
    indicator, stage = an_indicator(standard, options.indicator), a_stage(standard, options.stage)
    if options.by:
        return drivers(evaluation, indicator, stage, a_column(standard, options.by), options.index)
    return drivers(evaluation, indicator, stage)


def run_gaps(options: argparse.Namespace) -> None:
    """Print what is missing; of several counties, each line with its county."""
    evaluation = evaluated(options)
    result, several = gaps(evaluation), len(evaluation.counties) > 1
    lines = (f"{row.county}  {row.text(options.lang)}" for row in result)
    show(result, options, "\n".join(lines) if several else "")


def run_shortfalls(options: argparse.Namespace) -> Result:
    """Return what is missing in real units."""
    return shortfalls(evaluation_of(options.path, options))


def run_margins(options: argparse.Namespace) -> None:
    """Print how far decisions are from flipping, and how to see the rest of them."""
    result = margins(evaluation_of(options.path, options))
    show(result, options)
    if not options.json and any(table["share"].size > MOST_PRINTED for table in (result.sections, result.indicators)):
        print({"zh": "加上 --json 可列出全部。", "en": "--json lists them all."}[options.lang])


def run_robustness(options: argparse.Namespace) -> Result:
    """Return in what share of draws decisions hold."""
    numbers = [measure.id for measure in options.standard.measures.values() if measure.type in NUMBERS]
    errors = {
        a_measure(options.standard, name, numbers): {
            "relative" if size.endswith("%") else "absolute": parse_number(size)
        }
        for name, size in options.error
    }
    return robustness(evaluation_of(options.path, options), errors, draws=options.draws, seed=options.seed)


def run_plan(options: argparse.Namespace) -> int | None:
    """Print the cheapest plan, or why there is none."""
    evaluation = evaluation_of(options.path, options)
    try:
        result = planned(
            evaluation,
            options,
            caps={_measure(options, name): parse_number(value) for name, value in options.cap},
            fixed=[_measure(options, name) for name in options.fixed],
            untouched=[a_school(evaluation.submission, name) for name in options.untouched],
            move_all=options.move_all,
            items=[an_entry(options.standard, name) for name in options.item] or None,
            goal=options.goal,
            gap=options.gap,
        )
    except ImpossiblePlanError as error:
        print(error.text(options.lang), file=sys.stderr)
        return NOT_FINE
    show(result, options)
    if result.example_prices and not options.json:
        print(_OWN_PRICES[options.lang])
    return None


def planned(evaluation: Evaluation, options: argparse.Namespace, **settings: Any) -> Plan:
    """Return the plan selected by the options."""
    try:
        return plan(
            evaluation,
            costs=_costs(options),
            budget=_budget(options.budget),
            priorities=[_first(options, evaluation, name) for name in options.first],
            seconds=options.seconds,
            **settings,
        )
    except TimeoutError as error:
        raise UsageError(Phrase(_TOO_SLOW.format(options.seconds), str(error))) from None


_TOO_SLOW = "{:g}秒内没有找到方案；请用 --seconds 放宽时间，或用 --gap 放宽差距"
_OWN_PRICES: dict[str, str] = {
    "zh": "换成本县的单价：--cost 填报项=元（添置一个单位），--move 填报项=元（调配一个单位）。",
    "en": "Your own prices: --cost MEASURE=YUAN (one more unit), --move MEASURE=YUAN (moving one).",
}


def _costs(options: argparse.Namespace) -> dict[str, dict[str, float | None]]:
    """Return the prices that are given, by measure."""
    costs: dict[str, dict[str, float | None]] = {}
    for key, given in (("add", options.cost), ("move", options.move)):
        for name, value in given:
            costs.setdefault(_measure(options, name, priced(options.standard)), {})[key] = (
                None if value == "no" else parse_number(value)
            )
    return costs


def _measure(options: argparse.Namespace, name: str, known: Sequence[str] = ()) -> str:
    return a_measure(options.standard, name, known or changeable(options.standard))


def _budget(given: Sequence[tuple[str, float]]) -> float | dict[int | str, float] | None:
    """Return the budget in all, or those of the years."""
    years: dict[int | str, float] = dict(given)
    if "" not in years:
        return years or None
    if len(given) > 1:
        zh = "--budget 只写一个总数，或每年各写一个，如 --budget 2025=300万 --budget 2026=200万"
        raise UsageError(Phrase(zh, "--budget: give one sum, or one for each year, as --budget 2025=3000000"))
    return years[""]


def _first(options: argparse.Namespace, evaluation: Evaluation, name: str) -> str:
    """Return a measure or a school, by its id or its name."""
    standard = options.standard
    titles = {
        title: entry for entry in priced(standard) for title in (entry, *attrs.astuple(standard.measures[entry].title))
    }
    return titles[name] if name in titles else a_school(evaluation.submission, name)


def run_what_if(options: argparse.Namespace) -> Result:
    """Return what changes lead to."""
    return what_if(evaluation_of(options.path, options), with_ending(options.changes, (".yaml", ".yml")))


def run_compare(options: argparse.Namespace) -> Result:
    """Return what differs between two years or counties."""
    before, after = evaluation_of(options.before, options), evaluation_of(options.after, options)
    return compare(before, after, schools=dict(options.school))


def run_trend(options: argparse.Namespace) -> Result:
    """Return one county over years."""
    years = {int(year) if year.isdigit() else year: evaluation_of(Path(path), options) for year, path in options.paths}
    return trend(years, schools=dict(options.school), project=options.project)
