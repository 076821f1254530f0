"""Commands about files: template and mapping."""

from __future__ import annotations

import argparse
from pathlib import Path

from balancedu.commands.common import Commands, output_options, read, replace_option, there
from balancedu.commands.parser import Parser, words
from balancedu.files.read import draft_mapping
from balancedu.saving import save_text


def add_map(commands: Commands, shared: Parser) -> None:
    """Add the command."""
    draft = commands.add_parser(
        "map",
        parents=[shared],
        help=words("根据工作簿的表头生成 mapping.yaml 草稿", "draft mapping.yaml from the headers of a workbook"),
    )
    draft.option(
        "path", "工作簿，或放有文本文件的文件夹", "a workbook, or a folder of text files", type=Path, metavar="WORKBOOK"
    )
    output_options(
        draft, words("写入的文件；不写则直接显示", "where to write it; left out: it is printed"), required=False
    )
    draft.set_defaults(run=_map)


def _map(options: argparse.Namespace) -> int:
    text = draft_mapping(there(options.path), standard=options.standard, lang=options.lang)
    if options.output is None:
        print(text, end="")
        return 0
    save_text(options.output, text, replace=options.replace)
    print(options.output)
    return 0


def add_template(commands: Commands, shared: Parser) -> None:
    """Add the command."""
    template = commands.add_parser(
        "template", parents=[shared], help=words("生成供填报的 Excel 工作簿", "write an Excel workbook to fill in")
    )
    template.option("output", "要生成的 .xlsx 文件", "the .xlsx file to write", type=Path, metavar="FILE")
    template.option(
        "--from",
        "填入 PATH 中已有的数据，如 CSV 文件",
        "fill it with what PATH holds, such as CSV files",
        dest="source",
        type=Path,
        metavar="PATH",
    )
    replace_option(template)
    template.set_defaults(run=_template)


def _template(options: argparse.Namespace) -> int:
    from balancedu.files.write import write_submission, write_template

    if options.source is None:
        write_template(options.output, standard=options.standard, lang=options.lang, replace=options.replace)
    else:
        write_submission(read(options.source, options), options.output, lang=options.lang, replace=options.replace)
    print(options.output)
    return 0
