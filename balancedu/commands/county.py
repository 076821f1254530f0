"""Commands that ask something of a county: check, explain, gaps, shortfalls, plan, what-if, trend."""

from __future__ import annotations

import argparse
import json
import math
import sys
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import attrs

from balancedu.commands.common import (
    FINE,
    NOT_FINE,
    Commands,
    UsageError,
    a_column,
    a_measure,
    a_school,
    a_stage,
    an_entry,
    an_indicator,
    county_path,
    evaluated,
    one_county,
    output_options,
    pair,
    path_argument,
    read,
    submitted,
)
from balancedu.commands.parser import Parser, add_command, checked, words
from balancedu.core.fields import Stage
from balancedu.core.rules import CompositeWithin, SectionsComply, SpreadWithin
from balancedu.core.standard import Standard
from balancedu.document import Result
from balancedu.errors import ImpossiblePlanError, RequestError
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
from balancedu.saving import new_file
from balancedu.text import NO_WORDS, Phrase, sentence


def judged(path: Path | None, options: argparse.Namespace) -> Evaluation:
    """Return the evaluation of a folder, or of the example that fails: one that passes has nothing to plan."""
    return evaluate(read(path, options, otherwise="failing"), options.standard)


def result_options(command: Parser, *, picture: bool = True) -> None:
    """Add what every command that prints a result has: JSON, a picture, a file beside it."""
    command.option("--json", "以 JSON 格式输出全部内容", "print everything as JSON", action="store_true")
    if picture:
        zh, en = "保存图片，.png、.svg 或 .pdf", "save the picture, as .png, .svg or .pdf"
        command.option("--plot", zh, en, type=Path, metavar="FILE")
    about = words("另存为表格或文档，.xlsx 或 .docx", "save it as well, as .xlsx or .docx")
    output_options(command, about, required=False)


def show(result: Result, options: argparse.Namespace, text: str = "") -> int:
    """Print a result, in words of its own unless a text is given; save it and its picture where asked for."""
    if getattr(options, "plot", None) is not None:
        save_figure(result, options)
    if options.output is not None:
        from balancedu.reporting.reports import write_result

        write_result(result, options.output, title=options.title, lang=options.lang, replace=options.replace)
    if options.json:
        print(json.dumps(result.to_dict(), ensure_ascii=False, indent=2, allow_nan=False, default=str))
    else:
        print(text or result.text(options.lang))
    return FINE


def save_figure(result: Result, options: argparse.Namespace) -> None:
    """Save the picture of a result."""
    from balancedu.plots import figure

    form = options.plot.suffix.lower().removeprefix(".")
    if form not in ("png", "svg", "pdf"):
        known = ".png, .svg, .pdf"
        zh = f"图片文件名应以 {known} 之一结尾，现为“{options.plot.name}”"
        raise UsageError(Phrase(zh, f"a picture ends in one of {known}, found {options.plot.name!r}"))
    picture = figure(result, options.lang)
    with new_file(options.plot, replace=options.replace) as temporary:
        picture.savefig(temporary, format=form)


_UNITS = {"%": 0.01, "万": 1e4, "亿": 1e8}


def number(text: str) -> float:
    """Return a finite number as people write it: a percentage as the share that it is, with 万 or 亿, in wide digits.

    Examples
    --------
    >>> number("5%"), number("100万"), number("1,200元")
    (0.05, 1000000.0, 1200.0)
    """
    plain = unicodedata.normalize("NFKC", text).strip().replace(",", "").removesuffix("元")
    unit = _UNITS.get(plain[-1:], 1.0)
    try:
        value = float(plain[:-1] if plain[-1:] in _UNITS else plain)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise RequestError(Phrase(f"应为数字，现为“{text}”", f"wanted a number, found {text!r}"))
    return value / 100 if unit == 0.01 else value * unit


def whole(text: str) -> int:
    """Return a whole number that is not negative."""
    value = number(text)
    if value < 0 or value != int(value):
        zh = f"应为不小于0的整数，现为“{text}”"
        raise RequestError(Phrase(zh, f"wanted a whole number of at least 0, found {text!r}"))
    return int(value)


def add_why(commands: Commands, shared: Parser) -> None:
    """Add the commands."""
    zh, en = "说明判定的依据：公式、数据、条款和每一步计算", "say why: formula, figures, clause, each step"
    command = add_command(commands, "explain", zh, en, _explain, shared)
    zh, en = "指标或项目，如 R4、G11，或其名称", "an indicator or item, as R4 or G11, or its name"
    command.option("entry", zh, en, metavar="ID")
    county_path(command)
    command.option("--school", "学校，写代码或名称", "the school asked about, by its id or name", metavar="ID")
    command.option("--stage", "学段，如 小学 或 primary", "the stage asked about, as primary or 小学")
    zh, en = "查询差异系数时写明指标，代码或名称", "for a coefficient: the indicator, by its id or name"
    command.option("--indicator", zh, en, metavar="ID")

    zh, en = "分析校际差异主要来自哪些学校", "say which sections drive a coefficient of variation"
    command = add_command(commands, "drivers", zh, en, _drivers, shared)
    command.option("indicator", "如 R4，或其名称", "as R4, or its name", metavar="ID")
    command.option("stage", "如 小学 或 primary", "as primary or 小学", metavar="STAGE")
    county_path(command)
    zh = "改为分组分析，如 area、ownership 或列的名称"
    en = "split within and between groups instead, as area or ownership, or its title"
    command.option("--by", zh, en, metavar="COLUMN")
    zh, en = "分组分析用的指数：差异系数的平方，或泰尔指数", "of groups: the squared coefficient, or Theil's T"
    command.option("--index", zh, en, choices=("cv2", "theil_t"), default="cv2")
    result_options(command, picture=False)

    zh, en = "列出还缺哪些数据，使判定待定", "list the missing cells that keep verdicts unknown"
    command = add_command(commands, "gaps", zh, en, _gaps, shared)
    path_argument(command)
    result_options(command, picture=False)


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
    print(explain(evaluation, entry, school=school, stage=stage, indicator=indicator).text(options.lang))
    return 0


def _missing(evaluation: Evaluation, entry: str, school: str, stage: str, indicator: str) -> Phrase:
    """Return which option is needed besides, with an example of it; nothing where they are enough."""
    standard, sections = evaluation.standard, evaluation.sections
    kinds = {type(rule) for rule in standard.items[entry].rules} if entry in standard.items else {SectionsComply}
    if entry in standard.indicators and not school:
        problem = Phrase(f"{entry} 按学校和学段判定", f"{entry} is judged section by section")
        example = f"--school {sections['school'][0] if sections['school'].size else 'ID'}"
        return sentence(problem, Phrase(f"请指明学校，如 {example}", f"say which school, as {example}"))
    here = sections["stage"][sections["school"] == school].tolist()
    if len(here) > 1 and not stage and SectionsComply in kinds:
        problem = Phrase(f"学校“{school}”有{len(here)}个学段", f"school {school!r} has {len(here)} sections")
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
    standard = evaluation.standard
    indicator, stage = an_indicator(standard, options.indicator), a_stage(standard, options.stage)
    if options.by:
        return show(drivers(evaluation, indicator, stage, a_column(standard, options.by), options.index), options)
    return show(drivers(evaluation, indicator, stage), options)


def _gaps(options: argparse.Namespace) -> int:
    evaluation = evaluated(options)
    result, lang = gaps(evaluation), options.lang
    several = len(evaluation.counties) > 1
    return show(result, options, "\n".join(f"{row.county}  {row.text(lang)}" for row in result) if several else "")


def add_distance(commands: Commands, shared: Parser) -> None:
    """Add the commands."""
    zh, en = "缺口：还需增加多少教师、教室、面积和设备", "what is missing, in whole teachers, rooms, m² and yuan"
    shortfalls_command = add_command(commands, "shortfalls", zh, en, _shortfalls, shared)
    zh, en = "各项判定距离限值还有多少余量", "how far each decision is from flipping"
    margins_command = add_command(commands, "margins", zh, en, _margins, shared)
    zh, en = "数据有误差时，判定不变的比例", "in what share of draws decisions hold when figures carry errors"
    command = add_command(commands, "robustness", zh, en, _robustness, shared)
    for each in (shortfalls_command, margins_command, command):
        result_options(each)
        each.add_argument("path", nargs="?", type=Path, metavar="PATH", help=submitted())
    zh = "误差大小：5%% 表示数值的5%%，3 表示3个单位；可写多次"
    en = "5%% of the figure, or 3 in its own unit; may be given several times"
    command.option("--error", zh, en, type=checked(pair), action="append", default=[], metavar="MEASURE=SIZE")
    command.option("--draws", "抽取次数（默认10000）", "how many (default: 10000)", type=int, default=10_000)
    zh, en = "随机种子，相同则结果相同（默认0）", "the same seed gives the same draws (default: 0)"
    command.option("--seed", zh, en, type=int, default=0)


def _shortfalls(options: argparse.Namespace) -> int:
    return show(shortfalls(judged(options.path, options)), options)


def _margins(options: argparse.Namespace) -> int:
    result = margins(judged(options.path, options))
    show(result, options)
    if not options.json and any(table["share"].size > MOST_PRINTED for table in (result.sections, result.indicators)):
        print({"zh": "加上 --json 可列出全部。", "en": "--json lists them all."}[options.lang])
    return FINE


def _robustness(options: argparse.Namespace) -> int:
    numbers = [measure.id for measure in options.standard.measures.values() if measure.type in NUMBERS]
    errors = {
        a_measure(options.standard, name, numbers): {"relative" if size.endswith("%") else "absolute": number(size)}
        for name, size in options.error
    }
    result = robustness(judged(options.path, options), errors, draws=options.draws, seed=options.seed)
    return show(result, options)


def add_planning(commands: Commands, shared: Parser) -> None:
    """Add the command."""
    zh, en = "测算使资源配置达标的最低投入方案", "the cheapest changes after which the resource part is met"
    command = add_command(commands, "plan", zh, en, _plan, shared)
    result_options(command)
    command.add_argument("path", type=Path, metavar="PATH", help=submitted())
    plan_options(command)
    several: dict[str, Any] = {"action": "append", "default": []}
    zh, en = "一所学校最多增加多少", "the most a school may be given"
    command.option("--cap", zh, en, type=checked(pair), metavar="MEASURE=UNITS", **several)
    command.option("--fixed", "保持不变的填报项", "a measure that stays as it is", metavar="MEASURE", **several)
    zh, en = "保持不变的学校，写代码或名称", "a school that stays as it is, by its id or name"
    command.option("--untouched", zh, en, metavar="SCHOOL", **several)
    zh, en = "民办学校也参与调配", "let private schools give and receive too"
    command.option("--move-all", zh, en, action="store_true")
    zh = "只要求这些项目达标；不写：资源配置、学校和班级规模、专用教室"
    en = "an item that must be met beside resources"
    command.option("--item", zh, en, metavar=words("项目", "ID"), **several)
    zh = "投入优先用于：sections 更多学校达标，pupils 更多学生所在学校达标"
    command.option("--goal", zh, "what a budget is for", choices=("sections", "pupils"), default="sections")
    zh, en = "与理论最低值的差距在多少以内即可（默认1%%）", "how far from proved it may end (default: 1%%)"
    command.option("--gap", zh, en, type=checked(number), default=0.01)


def plan_options(command: Parser) -> None:
    """Add the options of a plan that papers have too: prices, money by year, what comes first, time."""
    several: dict[str, Any] = {"action": "append", "default": []}
    zh, en = "增加一个单位的费用；填报项写代码或名称", "what one more unit costs; a measure by its id or title"
    command.option("--cost", zh, en, type=checked(pair), metavar="MEASURE=YUAN", **several)
    zh, en = "调配一个单位的费用；no 表示不能调配", "what moving a unit costs; no: cannot be moved"
    command.option("--move", zh, en, type=checked(pair), metavar="MEASURE=YUAN", **several)
    zh = "投入上限，如 300万；分年度写 2025=300万，可多次给出"
    en = "the most that the plan may cost, as 3000000; by year as 2025=3000000, given several times"
    command.option("--budget", zh, en, type=checked(_yuan), metavar=words("元", "YUAN"), **several)
    zh, en = "分年度安排时优先的填报项或学校", "a measure or school that comes first, by year"
    command.option("--first", zh, en, metavar=words("填报项或学校", "NAME"), **several)
    zh, en = "最长测算时间，秒（默认60）", "how long it may search (default: 60)"
    command.option("--seconds", zh, en, type=float, default=60.0)


def _yuan(text: str) -> tuple[str, float]:
    """Return a year, empty where none is written, and its money."""
    year, sign, yuan = text.rpartition("=")
    if sign and not year:
        raise RequestError(Phrase(f"应写成“年=元”，现为“{text}”", f"wanted YEAR=YUAN, found {text!r}"))
    return year, number(yuan)


def _plan(options: argparse.Namespace) -> int:
    evaluation = judged(options.path, options)
    try:
        result = planned(
            evaluation,
            options,
            caps={_measure(options, name): number(value) for name, value in options.cap},
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
    return FINE


def planned(evaluation: Evaluation, options: argparse.Namespace, **settings: Any) -> Plan:
    """Return the plan that the options ask for."""
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
                None if value == "no" else number(value)
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


def add_comparing(commands: Commands, shared: Parser) -> None:
    """Add the commands."""
    zh, en = "测算若干改动之后的判定及其变化", "judge a county after changes, and tell what changes"
    command = add_command(commands, "what-if", zh, en, _what_if, shared)
    result_options(command)
    command.add_argument("path", type=Path, metavar="PATH", help=submitted())
    zh, en = "写明改动的 YAML 文件", "a YAML file with the changes"
    command.option("changes", zh, en, type=Path, metavar="CHANGES")

    zh, en = "比较两个年度或两个县，列出判定的变化", "every decision that differs between two years or counties"
    command = add_command(commands, "compare", zh, en, _compare, shared)
    result_options(command)
    command.option("before", "前一个工作簿或文件夹", "the folder of the one", type=Path, metavar="BEFORE")
    command.option("after", "后一个工作簿或文件夹", "the folder of the other", type=Path, metavar="AFTER")
    _mapping(command)

    command = add_command(commands, "trend", "一个县历年的变化", "one county over years", _trend, shared)
    result_options(command)
    zh, en = "各年度的工作簿或文件夹，按时间先后", "a folder for each year, in order"
    command.option("paths", zh, en, nargs="+", type=checked(pair), metavar="YEAR=PATH")
    zh, en = "按直线趋势推算达到限值的年份", "say when a straight line reaches the limits"
    command.option("--project", zh, en, action="store_true")
    _mapping(command)


def _mapping(command: Parser) -> None:
    zh = "更名或合并的学校，写代码；可写多次"
    en = "a school that was renamed or merged, by its ids; may be given several times"
    command.option("--school", zh, en, type=checked(pair), action="append", default=[], metavar="OLD=NEW")


def _what_if(options: argparse.Namespace) -> int:
    return show(what_if(judged(options.path, options), options.changes), options)


def _compare(options: argparse.Namespace) -> int:
    before, after = judged(options.before, options), judged(options.after, options)
    return show(compare(before, after, schools=dict(options.school)), options)


def _trend(options: argparse.Namespace) -> int:
    years = {int(year) if year.isdigit() else year: judged(Path(path), options) for year, path in options.paths}
    return show(trend(years, schools=dict(options.school), project=options.project), options)
