"""Commands about a county: check, explain, shortfalls, plan, what-if, report, forms."""

from __future__ import annotations

import argparse
import json
import math
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, get_args

import attrs

from balancedu.commands import common
from balancedu.commands.common import (
    BAD_INPUT,
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
    county_option,
    evaluated,
    one_county,
    output_options,
    pair,
    path_argument,
    refused,
    submitted,
)
from balancedu.commands.common import read as read_check
from balancedu.commands.common import read as read_report
from balancedu.commands.parser import checked, words
from balancedu.core.fields import Language, Stage
from balancedu.core.loading import load_standard
from balancedu.core.rules import CompositeWithin, SectionsComply, SpreadWithin
from balancedu.core.standard import Standard
from balancedu.document import Result
from balancedu.errors import EXAMPLES, DataError, DataErrors, ImpossiblePlanError, RequestError
from balancedu.evaluate import evaluate
from balancedu.evaluation.evaluation import Evaluation
from balancedu.explaining.drivers import drivers
from balancedu.explaining.explain import explain
from balancedu.explaining.gaps import gaps
from balancedu.planning.compare import compare
from balancedu.planning.margins import MOST_PRINTED, margins
from balancedu.planning.plan.model import changeable, priced
from balancedu.planning.plan.plan import plan
from balancedu.planning.robustness import NUMBERS, robustness
from balancedu.planning.shortfalls import shortfalls
from balancedu.planning.trend import trend
from balancedu.planning.what_if import what_if
from balancedu.reporting.pieces import Kind
from balancedu.saving import new_file
from balancedu.submission.submission import Submission
from balancedu.text import NO_WORDS, Phrase, sentence


def add_command(commands: Commands, name: str, shared: argparse.ArgumentParser, doc: str) -> argparse.ArgumentParser:
    """Return a new command that prints a result: with --json as JSON, with --plot as a picture too."""
    command: argparse.ArgumentParser = commands.add_parser(name, parents=[shared], help=doc, description=doc)
    command.set_defaults(title=doc)
    command.add_argument(
        "--json", action="store_true", help=words("以 JSON 格式输出全部内容", "print everything as JSON")
    )
    command.add_argument(
        "--plot",
        type=Path,
        metavar="FILE",
        help=words("保存图片，.png、.svg 或 .pdf", "save the picture, as .png, .svg or .pdf"),
    )
    about = words("另存为表格或文档，.xlsx 或 .docx", "save it as well, as .xlsx or .docx")
    output_options(command, about, required=False)
    return command


def read(path: Path | None, options: argparse.Namespace) -> Submission:
    """Return the submission of a folder, or the example that fails: one that passes has nothing to plan."""
    return common.read(path, options, otherwise="failing")


def judged(path: Path | None, options: argparse.Namespace) -> Evaluation:
    """Return the evaluation of a folder."""
    return evaluate(read(path, options), options.standard)


def show(result: Result, options: argparse.Namespace) -> int:
    """Print a result, and save its picture where one is asked for."""
    if options.plot is not None:
        save_figure(result, options)
    if getattr(options, "output", None) is not None:
        from balancedu.reporting.results import write_result

        write_result(result, options.output, title=options.title, lang=options.lang, replace=options.replace)
    if options.json:
        print(json.dumps(result.to_dict(), ensure_ascii=False, indent=2, allow_nan=False, default=str))
    else:
        print(result.text(options.lang))
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


def add_check(commands: Commands, shared: argparse.ArgumentParser) -> None:
    """Add the command."""
    check = commands.add_parser(
        "check",
        parents=[shared],
        help=words("检查填报数据的全部问题，不作判定", "report every problem of the files, judge nothing"),
    )
    check.add_argument("path", type=Path, metavar="PATH", help=submitted())
    check.add_argument(
        "--json", action="store_true", help=words("以 JSON 格式输出全部内容", "print everything as JSON")
    )
    check.add_argument(
        "--strict", action="store_true", help=words("有提示时，退出码为1", "exit with 1 where there are warnings")
    )
    check.set_defaults(run=_check)


def _check(options: argparse.Namespace) -> int:
    submission, errors = None, tuple[DataError, ...]()
    try:
        submission = read_check(options.path, options)
    except DataErrors as result:
        errors = result.errors
    warnings = submission.warnings if submission else ()
    if options.json:
        notes = submission.notes if submission else ()
        plain = {
            "errors": [_plain_error(error) for error in errors],
            "warnings": [warning.to_dict() for warning in warnings],
            "notes": [attrs.asdict(note) for note in notes],
        }
        print(json.dumps(plain, ensure_ascii=False, indent=2))
    elif submission is None:
        print("\n".join(_told_errors(errors, options)))
    else:
        print("\n".join(_told(submission, options.lang)))
    if errors:
        return BAD_INPUT
    return NOT_FINE if warnings and options.strict else FINE


def _plain_error(error: DataError) -> dict[str, Any]:
    named = ("table", "place", "column", "problem", "hint", "kind")
    return {name: getattr(error, name) for name in named} | {"text_zh": error.text("zh")}


def _told_errors(errors: Sequence[DataError], options: argparse.Namespace) -> Iterator[str]:
    count, lang = len(errors), options.lang
    yield {
        "zh": f"{count}处错误，改正后才能判定：",
        "en": f"{_counted(count, 'error')} to mend before anything is judged:",
    }[lang]
    tables = load_standard(options.standard).tables
    for table in dict.fromkeys((*tables, *(error.table for error in errors))):
        here = [error for error in errors if error.table == table]
        lines = [(entry.sort(lang), entry.text(lang)) for entry in here]
        yield from _grouped(_titled(tables[table].title.text(lang) if table in tables else "", table), lines, lang)


def _told(submission: Submission, lang: Language) -> Iterator[str]:
    tables = submission.standard.tables.values()
    counts = [(table.title.text(lang), len(submission.tables[table.id].reported())) for table in tables]
    if lang == "zh":
        yield f"没有发现错误：{'，'.join(f'{title}{count}行' for title, count in counts)}"
    else:
        yield f"no error found: {', '.join(f'{title} {count}' for title, count in counts)}"
    if submission.notes:
        yield {"zh": "读入时的处理：", "en": "how the files were read:"}[lang]
        yield from (f"  {note.text(lang)}" for note in submission.notes)
    warnings = submission.warnings
    if warnings:
        count = len(warnings)
        yield {"zh": f"{count}处提示，不影响判定：", "en": f"{_counted(count, 'warning')}, which change no verdict:"}[
            lang
        ]
    for table in tables:
        here = [warning for warning in warnings if warning.table == table.id]
        lines = [(f"{warning.column} {warning.check}", warning.text(lang)) for warning in here]
        yield from _grouped(_titled(table.title.text(lang), table.id), lines, lang)


def _counted(count: int, word: str) -> str:
    return f"{count} {word}" + ("s" if count > 1 else "")


def _titled(title: str, table: str) -> str:
    return f"{title} {table}".strip()


def _grouped(title: str, lines: list[tuple[str, str]], lang: Language) -> Iterator[str]:
    """Yield the lines of one table, a few of each kind."""
    if lines:
        yield title
    seen: Counter[str] = Counter()
    for kind, line in lines:
        seen[kind] += 1
        if seen[kind] <= EXAMPLES:
            yield f"  {line}"
    for kind, count in seen.items():
        if count > EXAMPLES:
            more = count - EXAMPLES
            yield {"zh": f"  {kind}：另有{more}处", "en": f"  {kind}: and {more} more like it"}[lang]


def add_why(commands: Commands, shared: argparse.ArgumentParser) -> None:
    """Add the commands."""
    explain = commands.add_parser(
        "explain",
        parents=[shared],
        help=words("说明判定的依据：公式、数据、条款和每一步计算", "say why: formula, figures, clause, each step"),
    )
    explain.add_argument(
        "entry",
        metavar="ID",
        help=words("指标或项目，如 R4、G11，或其名称", "an indicator or item, as R4 or G11, or its name"),
    )
    path_argument(explain)
    county_option(explain)
    explain.add_argument(
        "--school", metavar="ID", help=words("学校，写代码或名称", "the school asked about, by its id or name")
    )
    explain.add_argument("--stage", help=words("学段，如 小学 或 primary", "the stage asked about, as primary or 小学"))
    explain.add_argument(
        "--indicator",
        metavar="ID",
        help=words("查询差异系数时写明指标，代码或名称", "for a coefficient: the indicator, by its id or name"),
    )
    explain.set_defaults(run=_explain)

    drivers = commands.add_parser(
        "drivers",
        parents=[shared],
        help=words("分析校际差异主要来自哪些学校", "say which sections drive a coefficient of variation"),
    )
    drivers.add_argument("indicator", metavar="ID", help=words("如 R4，或其名称", "as R4, or its name"))
    drivers.add_argument("stage", metavar="STAGE", help=words("如 小学 或 primary", "as primary or 小学"))
    path_argument(drivers)
    county_option(drivers)
    drivers.add_argument(
        "--by",
        metavar="COLUMN",
        help=words(
            "改为分组分析，如 area、ownership 或列的名称",
            "split within and between groups instead, as area or ownership, or its title",
        ),
    )
    drivers.set_defaults(run=_drivers)

    gaps = commands.add_parser(
        "gaps",
        parents=[shared],
        help=words("列出还缺哪些数据，使判定待定", "list the missing cells that keep verdicts unknown"),
    )
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
    print(explain(evaluation, entry, school=school, stage=stage, indicator=indicator).text(options.lang))
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
        print("\n".join(drivers(evaluation, indicator, stage, by, index).text(lang) for index in ("cv2", "theil_t")))
    else:
        print(drivers(evaluation, indicator, stage).text(lang))
    return 0


def _gaps(options: argparse.Namespace) -> int:
    evaluation = evaluated(options)
    result = gaps(evaluation)
    if len(evaluation.counties) == 1 or not result:
        print(result.text(options.lang))
    else:
        print("\n".join(f"{entry.county}  {entry.text(options.lang)}" for entry in result))
    return 0


def add_distance(commands: Commands, shared: argparse.ArgumentParser) -> None:
    """Add the commands."""
    for name, doc, run in (
        (
            "shortfalls",
            words("缺口：还需增加多少教师、教室、面积和设备", "what is missing, in whole teachers, rooms, m² and yuan"),
            _shortfalls,
        ),
        ("margins", words("各项判定距离限值还有多少余量", "how far each decision is from flipping"), _margins),
        (
            "robustness",
            words("数据有误差时，判定不变的比例", "in what share of draws decisions hold when figures carry errors"),
            _robustness,
        ),
    ):
        command = add_command(commands, name, shared, doc)
        command.add_argument("path", nargs="?", type=Path, metavar="PATH", help=submitted())
        command.set_defaults(run=run)
    command.add_argument(
        "--error",
        type=checked(pair),
        action="append",
        default=[],
        metavar="MEASURE=SIZE",
        help=words(
            "误差大小：5%% 表示数值的5%%，3 表示3个单位；可写多次",
            "5%% of the figure, or 3 in its own unit; may be given several times",
        ),
    )
    command.add_argument(
        "--draws", type=int, default=10_000, help=words("抽取次数（默认10000）", "how many (default: 10000)")
    )
    command.add_argument(
        "--seed",
        type=int,
        default=0,
        help=words("随机种子，相同则结果相同（默认0）", "the same seed gives the same draws (default: 0)"),
    )


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


def add_planning(commands: Commands, shared: argparse.ArgumentParser) -> None:
    """Add the command."""
    command = add_command(
        commands,
        "plan",
        shared,
        words("测算使资源配置达标的最低投入方案", "the cheapest changes after which the resource part is met"),
    )
    command.add_argument("path", type=Path, metavar="PATH", help=submitted())
    several: dict[str, Any] = {"action": "append", "default": []}
    command.add_argument(
        "--cost",
        type=checked(pair),
        metavar="MEASURE=YUAN",
        help=words("增加一个单位的费用；填报项写代码或名称", "what one more unit costs; a measure by its id or title"),
        **several,
    )
    command.add_argument(
        "--move",
        type=checked(pair),
        metavar="MEASURE=YUAN",
        help=words("调配一个单位的费用；no 表示不能调配", "what moving a unit costs; no: cannot be moved"),
        **several,
    )
    command.add_argument(
        "--cap",
        type=checked(pair),
        metavar="MEASURE=UNITS",
        help=words("一所学校最多增加多少", "the most a school may be given"),
        **several,
    )
    command.add_argument(
        "--fixed", metavar="MEASURE", help=words("保持不变的填报项", "a measure that stays as it is"), **several
    )
    command.add_argument(
        "--untouched",
        metavar="SCHOOL",
        help=words("保持不变的学校，写代码或名称", "a school that stays as it is, by its id or name"),
        **several,
    )
    about = words("民办学校也参与调配", "let private schools give and receive too")
    command.add_argument("--move-all", action="store_true", help=about)
    command.add_argument(
        "--budget",
        type=checked(number),
        metavar=words("元", "YUAN"),
        help=words("投入上限，如 3000000 或 300万", "the most that the plan may cost"),
    )
    command.add_argument(
        "--year",
        type=checked(pair),
        metavar=words("年=元", "YEAR=YUAN"),
        help=words("某年的县级投入，如 2025=300万；可多次给出，按年安排方案", "what the county may spend in a year"),
        **several,
    )
    command.add_argument(
        "--first",
        metavar=words("填报项或学校", "NAME"),
        help=words(
            "按年安排时优先的填报项或学校", "a measure or school that comes first where the plan is spread over years"
        ),
        **several,
    )
    command.add_argument(
        "--item",
        metavar=words("项目", "ID"),
        help=words(
            "只要求这些项目达标；不写：资源配置、学校和班级规模、专用教室", "an item that must be met beside resources"
        ),
        **several,
    )
    command.add_argument(
        "--goal",
        choices=("sections", "pupils"),
        default="sections",
        help=words("投入优先用于：sections 更多学校达标，pupils 更多学生所在学校达标", "what a budget is for"),
    )
    command.add_argument(
        "--gap",
        type=checked(number),
        default=0.01,
        help=words("与理论最低值的差距在多少以内即可（默认1%%）", "how far from proved it may end (default: 1%%)"),
    )
    command.add_argument(
        "--seconds",
        type=float,
        default=60.0,
        help=words("最长测算时间，秒（默认60）", "how long it may search (default: 60)"),
    )
    command.set_defaults(run=_plan)


def _plan(options: argparse.Namespace) -> int:
    evaluation = judged(options.path, options)
    try:
        result = plan(
            evaluation,
            costs=_costs(options),
            caps={_measure(options, name): number(value) for name, value in options.cap},
            fixed=[_measure(options, name) for name in options.fixed],
            untouched=[a_school(evaluation.submission, name) for name in options.untouched],
            move_all=options.move_all,
            items=[an_entry(options.standard, name) for name in options.item] or None,
            budget=_budget(options),
            priorities=[_first(options, evaluation, name) for name in options.first],
            goal=options.goal,
            gap=options.gap,
            seconds=options.seconds,
        )
    except ImpossiblePlanError as error:
        print(error.text(options.lang), file=sys.stderr)
        return NOT_FINE
    except TimeoutError as error:
        raise UsageError(Phrase(_TOO_SLOW.format(options.seconds), str(error))) from None
    show(result, options)
    if result.example_prices and not options.json:
        print(_OWN_PRICES[options.lang])
    return FINE


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


def _budget(options: argparse.Namespace) -> float | dict[int | str, float] | None:
    """Return the budget in all, or those of the years."""
    if options.year and options.budget is not None:
        raise UsageError(Phrase("--budget 和 --year 只能用其一", "use one of --budget and --year"))
    years: dict[int | str, float] = {year: number(yuan) for year, yuan in options.year}
    return years or options.budget


def _first(options: argparse.Namespace, evaluation: Evaluation, name: str) -> str:
    """Return a measure or a school, by its id or its name."""
    standard = options.standard
    titles = {
        title: entry for entry in priced(standard) for title in (entry, *attrs.astuple(standard.measures[entry].title))
    }
    return titles[name] if name in titles else a_school(evaluation.submission, name)


def add_comparing(commands: Commands, shared: argparse.ArgumentParser) -> None:
    """Add the commands."""
    command = add_command(
        commands,
        "what-if",
        shared,
        words("测算若干改动之后的判定及其变化", "judge a county after changes, and tell what changes"),
    )
    command.add_argument("path", type=Path, metavar="PATH", help=submitted())
    command.add_argument(
        "changes", type=Path, metavar="CHANGES", help=words("写明改动的 YAML 文件", "a YAML file with the changes")
    )
    command.set_defaults(run=_what_if)

    command = add_command(
        commands,
        "compare",
        shared,
        words("比较两个年度或两个县，列出判定的变化", "every decision that differs between two years or counties"),
    )
    command.add_argument(
        "before", type=Path, metavar="BEFORE", help=words("前一个工作簿或文件夹", "the folder of the one")
    )
    command.add_argument(
        "after", type=Path, metavar="AFTER", help=words("后一个工作簿或文件夹", "the folder of the other")
    )
    _mapping(command)
    command.set_defaults(run=_compare)

    command = add_command(commands, "trend", shared, words("一个县历年的变化", "one county over years"))
    command.add_argument(
        "paths",
        nargs="+",
        type=checked(pair),
        metavar="YEAR=PATH",
        help=words("各年度的工作簿或文件夹，按时间先后", "a folder for each year, in order"),
    )
    command.add_argument(
        "--project",
        action="store_true",
        help=words("按直线趋势推算达到限值的年份", "say when a straight line reaches the limits"),
    )
    _mapping(command)
    command.set_defaults(run=_trend)


def _mapping(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--school",
        type=checked(pair),
        action="append",
        default=[],
        metavar="OLD=NEW",
        help=words(
            "更名或合并的学校，写代码；可写多次",
            "a school that was renamed or merged, by its ids; may be given several times",
        ),
    )


def _what_if(options: argparse.Namespace) -> int:
    return show(what_if(judged(options.path, options), options.changes), options)


def _compare(options: argparse.Namespace) -> int:
    before, after = judged(options.before, options), judged(options.after, options)
    return show(compare(before, after, schools=dict(options.school)), options)


def _trend(options: argparse.Namespace) -> int:
    years = {int(year) if year.isdigit() else year: judged(Path(path), options) for year, path in options.paths}
    return show(trend(years, schools=dict(options.school), project=options.project), options)


def add_forms(commands: Commands, shared: argparse.ArgumentParser) -> None:
    """Add the command."""
    forms = commands.add_parser(
        "forms",
        parents=[shared],
        help=words("生成已填好数据的认定申报表（Excel）", "write the official tables, filled, as a workbook"),
    )
    path_argument(forms)
    county_option(forms)
    output_options(forms, words("要生成的 .xlsx 文件", "the .xlsx file to write"))
    forms.set_defaults(run=_forms)


def _forms(options: argparse.Namespace) -> int:
    from balancedu.reporting.forms import write_forms

    try:
        write_forms(one_county(options), options.output, lang=options.lang, replace=options.replace)
    except ValueError as error:
        raise refused(error) from None
    print(options.output)
    return 0


def add_ledger(commands: Commands, shared: argparse.ArgumentParser) -> None:
    """Add the commands."""
    doc = words("生成整改台账和任务分解表（Excel）", "write the rectification ledger as a workbook")
    ledger = commands.add_parser("ledger", parents=[shared], help=doc, description=doc)
    path_argument(ledger)
    county_option(ledger)
    output_options(ledger, words("要生成的 .xlsx 文件", "the .xlsx file to write"))
    about = words("上一次的台账：保留已填写的内容，标出已销号和新增的问题", "the ledger of an earlier run, to carry on")
    ledger.add_argument("--from", dest="earlier", type=Path, metavar="FILE", help=about)
    ledger.set_defaults(run=_ledger)
    doc = words("生成一校一策（Word，每校一页，或每校一个文件）", "write a notice for each school as Word")
    notices = commands.add_parser("notices", parents=[shared], help=doc, description=doc)
    path_argument(notices)
    county_option(notices)
    output_options(notices, words("要生成的 .docx 文件，或已有的文件夹", "the .docx file, or a folder that exists"))
    about = words(
        "只写这所学校，代码或名称；可写多次", "this school alone, by its id or name; may be given several times"
    )
    notices.add_argument("--school", action="append", default=[], metavar="ID", help=about)
    notices.set_defaults(run=_notices)


def _ledger(options: argparse.Namespace) -> int:
    from balancedu.reporting.ledger import write_ledger

    progress = write_ledger(
        one_county(options), options.output, earlier=options.earlier, lang=options.lang, replace=options.replace
    )
    print(options.output)
    if options.earlier is not None:
        print(progress.text(options.lang))
    return FINE


def _notices(options: argparse.Namespace) -> int:
    from balancedu.reporting.notices import write_notices

    evaluation = one_county(options)
    schools = [a_school(evaluation.submission, name, evaluation.counties[0]) for name in options.school] or None
    for path in write_notices(evaluation, options.output, schools=schools, lang=options.lang, replace=options.replace):
        print(path)
    return FINE


def add_report(commands: Commands, shared: argparse.ArgumentParser) -> None:
    """Add the command."""
    report = commands.add_parser(
        "report",
        parents=[shared],
        help=words("生成自评报告、整改方案等材料（.docx、.html 或 .pdf）", "write a report as .docx, .html or .pdf"),
    )
    path_argument(report)
    county_option(report)
    output_options(report, words("要生成的文件", "the file to write"))
    report.add_argument(
        "--kind",
        choices=get_args(Kind),
        type=_kind,
        default="self-evaluation",
        help=words("材料的种类", "what the report is for"),
    )
    report.add_argument(
        "--no-pages",
        action="store_true",
        help=words("总览：不为每个县单独生成一页", "overview: write no page for each county"),
    )
    report.add_argument(
        "--earlier",
        action="append",
        default=[],
        metavar="YEAR=PATH",
        help=words("同一个县以前年度的数据，可写多次", "the same county in an earlier year"),
    )
    report.add_argument(
        "--year",
        default="",
        help=words("PATH 的年度名称，与以前年度并列时使用", "what to call the year of PATH beside the earlier ones"),
    )
    report.set_defaults(run=_report)


_KINDS = {
    "自评": "self-evaluation",
    "自查自评": "self-evaluation",
    "整改": "rectification",
    "简报": "brief",
    "实施": "implementation",
    "总览": "overview",
}


def _kind(text: str) -> str:
    return _KINDS.get(text.removesuffix("报告").removesuffix("方案"), text)


def _report(options: argparse.Namespace) -> int:
    from balancedu.reporting.reports import write_report

    evaluation = evaluated(options) if options.kind == "overview" and not options.county else one_county(options)
    earlier = {}
    for given in options.earlier:
        year, path = pair(given)
        earlier[year] = evaluate(read_report(Path(path), options), options.standard)
    try:
        write_report(
            evaluation,
            options.output,
            kind=options.kind,
            lang=options.lang,
            pages=not options.no_pages,
            earlier=earlier,
            year=options.year,
            replace=options.replace,
        )
    except ValueError as error:
        raise refused(error) from None
    print(options.output)
    return 0
