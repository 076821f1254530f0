"""Commands that write what is handed in: forms, report, ledger, notices."""

from __future__ import annotations

import argparse
from pathlib import Path

from balancedu.commands.common import (
    FINE,
    Commands,
    a_school,
    county_path,
    evaluated,
    one_county,
    output_options,
    pair,
    read,
    refused,
)
from balancedu.commands.county import plan_options, planned
from balancedu.commands.parser import Parser, add_command, words
from balancedu.evaluate import evaluate
from balancedu.evaluation.evaluation import Evaluation
from balancedu.planning.plan.result import Plan
from balancedu.reporting.reports import KINDS, write_report


def add_papers(commands: Commands, shared: Parser) -> None:
    """Add the commands."""
    zh, en = "生成已填好数据的认定申报表（Excel）", "write the official tables, filled, as a workbook"
    command = add_command(commands, "forms", zh, en, _forms, shared)
    county_path(command)
    output_options(command, words("要生成的 .xlsx 文件", "the .xlsx file to write"))

    zh, en = "生成自评报告、整改方案等材料（.docx、.html 或 .pdf）", "write a report as .docx, .html or .pdf"
    command = add_command(commands, "report", zh, en, _report, shared)
    county_path(command)
    output_options(command, words("要生成的文件", "the file to write"))
    zh, en = "材料的种类", "what the report is for"
    command.option("--kind", zh, en, choices=tuple(KINDS), type=_kind, default="self-evaluation")
    zh, en = "总览：不为每个县单独生成一页", "overview: write no page for each county"
    command.option("--no-pages", zh, en, action="store_true")
    zh, en = "同一个县以前年度的数据，可写多次", "the same county in an earlier year"
    command.option("--earlier", zh, en, action="append", default=[], metavar="YEAR=PATH")
    zh, en = "PATH 的年度名称，与以前年度并列时使用", "what to call the year of PATH beside the earlier ones"
    command.option("--year", zh, en, default="")
    zh = "保留旧材料（.docx）中填写的文字，与新数据一起写入新文件"
    en = "an older report (.docx): what was typed into its marked places is kept in the new file"
    command.option("--update", zh, en, type=Path, metavar="FILE")
    _plan_of_papers(command)

    zh, en = "生成整改台账和任务分解表（Excel）", "write the rectification ledger as a workbook"
    command = add_command(commands, "ledger", zh, en, _ledger, shared)
    county_path(command)
    output_options(command, words("要生成的 .xlsx 文件", "the .xlsx file to write"))
    zh, en = "上一次的台账：保留已填写的内容，标出已销号和新增的问题", "the ledger of an earlier run, to carry on"
    command.option("--from", zh, en, dest="earlier", type=Path, metavar="FILE")
    _plan_of_papers(command)

    zh, en = "生成一校一策（Word，每校一页，或每校一个文件）", "write a notice for each school as Word"
    command = add_command(commands, "notices", zh, en, _notices, shared)
    county_path(command)
    output_options(command, words("要生成的 .docx 文件，或已有的文件夹", "the .docx file, or a folder that exists"))
    zh, en = "只写这所学校，代码或名称；可写多次", "this school alone, by its id or name; may be given several times"
    command.option("--school", zh, en, action="append", default=[], metavar="ID")
    _plan_of_papers(command)


def _plan_of_papers(command: Parser) -> None:
    zh = "测算最低投入方案，写入措施、数量、投入和年度（给出单价或投入上限时也测算）"
    en = "make a plan, and take measures, amounts, costs and years from it (also where prices or a budget are given)"
    command.option("--plan", zh, en, action="store_true")
    plan_options(command)


def _planned(evaluation: Evaluation, options: argparse.Namespace) -> Plan | None:
    """Return the plan that the options ask for; none where they ask for none."""
    asked = options.plan or options.cost or options.move or options.budget or options.first
    return planned(evaluation, options) if asked else None


def _kind(text: str) -> str:
    """Return a kind of report by its id or a part of its title, as 整改 or 自评报告."""
    plain = text.removesuffix("报告").removesuffix("方案")
    return next((kind for kind, title in KINDS.items() if plain and plain in title.zh), text)


def _forms(options: argparse.Namespace) -> int:
    from balancedu.reporting.forms import write_forms

    try:
        write_forms(one_county(options), options.output, lang=options.lang, replace=options.replace)
    except ValueError as error:
        raise refused(error) from None
    print(options.output)
    return FINE


def _report(options: argparse.Namespace) -> int:
    evaluation = evaluated(options) if options.kind == "overview" and not options.county else one_county(options)
    earlier = {year: evaluate(read(Path(path), options), options.standard) for year, path in map(pair, options.earlier)}
    try:
        kept = write_report(
            evaluation,
            options.output,
            kind=options.kind,
            lang=options.lang,
            pages=not options.no_pages,
            earlier=earlier,
            year=options.year,
            plan=None if options.kind == "overview" else _planned(evaluation, options),
            update=options.update,
            replace=options.replace,
        )
    except ValueError as error:
        raise refused(error) from None
    print(options.output)
    if options.update is not None:
        titles = ("、" if options.lang == "zh" else ", ").join(kept)
        print(f"保留旧材料中填写的文字{len(kept)}处" if options.lang == "zh" else f"texts kept: {len(kept)}", titles)
    return FINE


def _ledger(options: argparse.Namespace) -> int:
    from balancedu.reporting.ledger import write_ledger

    evaluation = one_county(options)
    progress = write_ledger(
        evaluation,
        options.output,
        plan=_planned(evaluation, options),
        earlier=options.earlier,
        lang=options.lang,
        replace=options.replace,
    )
    print(options.output)
    if options.earlier is not None:
        print(progress.text(options.lang))
    return FINE


def _notices(options: argparse.Namespace) -> int:
    from balancedu.reporting.notices import write_notices

    evaluation = one_county(options)
    schools = [a_school(evaluation.submission, name, evaluation.counties[0]) for name in options.school] or None
    paths = write_notices(
        evaluation,
        options.output,
        plan=_planned(evaluation, options),
        schools=schools,
        lang=options.lang,
        replace=options.replace,
    )
    print(*paths, sep="\n")
    return FINE
