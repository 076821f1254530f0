"""`balancedu explain`, `balancedu drivers` and `balancedu gaps`: why something came out as it did."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from balancedu.commands.common import Commands, UsageError, county_option, evaluated, one_county, path_argument
from balancedu.commands.named import a_column, a_school, a_stage, an_entry, an_indicator
from balancedu.core.model import Stage
from balancedu.core.rules import CompositeWithin, SectionsComply, SpreadWithin
from balancedu.core.standard import Standard
from balancedu.evaluation.evaluation import Evaluation
from balancedu.phrase import NO_WORDS, Phrase, sentence


def add(commands: Commands, shared: argparse.ArgumentParser) -> None:
    """Add the commands."""
    explain = commands.add_parser("explain", parents=[shared], help="say why: formula, figures, clause, each step")
    explain.add_argument("entry", metavar="ID", help="an indicator or item, as R4 or G11, or its name")
    path_argument(explain)
    county_option(explain)
    explain.add_argument("--school", metavar="ID", help="the school asked about, by its id or name")
    explain.add_argument("--stage", help="the stage asked about, as primary or 小学")
    explain.add_argument("--indicator", metavar="ID", help="for R-spread: the indicator asked about, by its id or name")
    explain.set_defaults(run=_explain)

    drivers = commands.add_parser(
        "drivers", parents=[shared], help="say which sections drive a coefficient of variation"
    )
    drivers.add_argument("indicator", metavar="ID", help="as R4, or its name")
    drivers.add_argument("stage", metavar="STAGE", help="as primary or 小学")
    path_argument(drivers)
    county_option(drivers)
    drivers.add_argument(
        "--by", metavar="COLUMN", help="split within and between groups instead, as area or ownership, or its title"
    )
    drivers.set_defaults(run=_drivers)

    gaps = commands.add_parser("gaps", parents=[shared], help="list the missing cells that keep verdicts unknown")
    path_argument(gaps)
    gaps.set_defaults(run=_gaps)


def _explain(options: argparse.Namespace) -> int:
    evaluation = one_county(options)
    standard = evaluation.standard
    entry = an_entry(standard, options.entry)
    school = options.school and a_school(evaluation.submission, options.school, evaluation.counties[0])
    stage = options.stage and a_stage(standard, options.stage)
    indicator = options.indicator and an_indicator(standard, options.indicator)
    missing = _missing(evaluation, entry, school or "", stage or "", indicator or "")
    if missing:
        raise UsageError(missing)
    print(evaluation.explain(entry, school=school, stage=stage, indicator=indicator).said(options.lang))
    return 0


def _missing(evaluation: Evaluation, entry: str, school: str, stage: str, indicator: str) -> Phrase:
    """Return which option is needed besides, with an example of it; nothing where they are enough."""
    standard, sections = evaluation.standard, evaluation.sections
    kinds = {type(rule) for rule in standard.items[entry].rules} if entry in standard.items else {SectionsComply}
    if entry in standard.indicators and not school:
        problem = Phrase(f"{entry} 按学部判定", f"{entry} is judged section by section")
        example = f"--school {sections['school'][0] if sections['school'].size else 'ID'}"
        return sentence(problem, Phrase(f"请指明学校，如 {example}", f"say which school, as {example}"))
    here = sections["stage"][sections["school"] == school].tolist()
    if len(here) > 1 and not stage and SectionsComply in kinds:
        problem = Phrase(f"学校“{school}”有{len(here)}个学部", f"school {school!r} has {len(here)} sections")
        return sentence(problem, Phrase("请指明学段：", "say which: ") + _stage_options(standard, here))
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


def _drivers(options: argparse.Namespace) -> int:
    evaluation = one_county(options)
    standard, lang = evaluation.standard, options.lang
    indicator, stage = an_indicator(standard, options.indicator), a_stage(standard, options.stage)
    if options.by:
        by = a_column(standard, options.by)
        print("\n".join(evaluation.split(indicator, stage, by, index).said(lang) for index in ("cv2", "theil_t")))
    else:
        print(evaluation.drivers(indicator, stage).said(lang))
    return 0


def _gaps(options: argparse.Namespace) -> int:
    evaluation = evaluated(options)
    found = evaluation.gaps()
    if len(evaluation.counties) == 1 or not found:
        print(found.said(options.lang))
    else:
        print("\n".join(f"{one.county}  {one.said(options.lang)}" for one in found))
    return 0
