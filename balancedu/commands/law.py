"""Commands about standards: history, diff, lint, new-overlay, schema."""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path

from balancedu.commands.common import BAD_INPUT, FINE, Commands, UsageError, a_law, day_option, replace_option
from balancedu.commands.county import result_options, show
from balancedu.commands.parser import Parser, add_command, words
from balancedu.core.fields import Language
from balancedu.core.loading import DEFAULT_STANDARD, load_standard, overlay_ids, overlay_template
from balancedu.core.overlays import history
from balancedu.core.schema import FILES, spec_schema_text
from balancedu.core.standard import Standard
from balancedu.core.strict_yaml import FORMAT, is_unclear
from balancedu.errors import RequestError, SpecErrors
from balancedu.files.read import example, read_submission
from balancedu.reporting.law import day_notes, not_applied
from balancedu.revisions import diff, reporting_both
from balancedu.saving import save_text
from balancedu.text import Phrase


def add_schema(commands: Commands, shared: Parser) -> None:
    """Add the command."""
    schema = commands.add_parser(
        "schema",
        parents=[shared],
        help=words(
            "输出 evaluate --json 或标准文件的 JSON Schema",
            "print the JSON Schema of evaluate --json, or of a spec file",
        ),
    )
    kinds = ("evaluation", *FILES)
    schema.option(
        "kind",
        "哪一种；不写则为 evaluation",
        "of what; left out: evaluation",
        nargs="?",
        choices=kinds,
        default="evaluation",
    )
    schema.option(
        "--write",
        f"把全部标准文件的 Schema 写入 FOLDER/spec-{FORMAT}",
        f"write those of all spec files to FOLDER/spec-{FORMAT}",
        type=Path,
        metavar="FOLDER",
    )
    replace_option(schema)
    schema.set_defaults(run=_schema)


def _schema(options: argparse.Namespace) -> int:
    if options.write is not None:
        for path in write_schemas(options.write, replace=options.replace):
            print(path)
    elif options.kind == "evaluation":
        from balancedu.evaluation.evaluation import json_schema

        print(json.dumps(json_schema(), ensure_ascii=False, indent=2))
    else:
        print(spec_schema_text(options.kind), end="")
    return 0


def write_schemas(folder: Path, *, replace: bool = False) -> list[Path]:
    """Write the schemas of all spec files, and return their paths."""
    written = [folder / f"spec-{FORMAT}" / f"{kind}.json" for kind in FILES]
    for kind, path in zip(FILES, written, strict=True):
        write_schema(kind, path, replace=replace)
    return written


def write_schema(kind: str, path: Path, *, replace: bool = False) -> None:
    """Write the schema of one kind of spec file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    save_text(path, spec_schema_text(kind), replace=replace)


_FILE = "our-province.yaml"
_FORBIDDEN = re.compile(r"[^A-Za-z0-9_-]+")


def add_law(commands: Commands, law: Parser, text: Parser) -> None:
    """Add the commands."""
    zh = "某个数值由谁规定、以前是多少、出处和有效期"
    en = "who set a value of the law, what it was before, where it says so, and from when to when"
    command = add_command(commands, "history", zh, en, _history, law, text)
    zh = "如 rules.G7.at_least；`balancedu show G7` 可列出一个项目的路径"
    en = "as rules.G7.at_least; `balancedu show G7` lists the paths of an entry"
    command.option("path", zh, en, metavar="PATH")

    zh = "两个标准有何不同，哪些判定因此改变"
    en = "what changed in the law from one standard to another, and which verdicts change because of it"
    command = add_command(commands, "diff", zh, en, _diff, text)
    zh = "代码或文件；后面可用 + 加叠加文件，如 cn-2017+ours.yaml"
    en = "an id or path; overlays behind it with +, as cn-2017+ours.yaml"
    command.option("before", zh, en, metavar="BEFORE")
    command.option("after", zh, en, metavar="AFTER")
    zh, en = "填报数据；不写则只比较标准", "what a county, or many, handed in; left out: the law alone"
    command.option("path", zh, en, nargs="?", type=Path, metavar="PATH")
    command.option("--example", "用示例县代替 PATH", "the example county instead of PATH", action="store_true")
    day_option(command)
    result_options(command, picture=False)

    zh = "严格检查标准或叠加文件，指出错误和可能漏改之处"
    en = "read an edition or overlay strictly, and say what is wrong with it or was probably forgotten"
    command = add_command(commands, "lint", zh, en, _lint, text)
    zh, en = "叠加文件、标准所在的文件夹，或代码", "the file of an overlay, the folder of an edition, or an id"
    command.option("path", zh, en, metavar="PATH")
    day_option(command)

    zh = "生成叠加文件的样板，附例子，每个字段都有说明"
    en = "write a file with examples to make your own overlay of, every field explained"
    command = add_command(commands, "new-overlay", zh, en, _new_overlay, text)
    zh, en = f"不写则为 {_FILE}", f"left out: {_FILE}"
    command.option("path", zh, en, nargs="?", type=Path, default=Path(_FILE), metavar="PATH")
    zh, en = "在哪个标准或叠加文件的基础上修改", "the edition or overlay it changes"
    command.option("--extends", zh, en, default=DEFAULT_STANDARD, metavar="ID")
    replace_option(command)


def _history(options: argparse.Namespace) -> int:
    standard: Standard = options.standard
    try:
        result = [record.text(options.lang) for record in history(standard, options.path)]
    except RequestError as error:
        reasons = not_applied(standard, lambda entry: bool(history(entry, options.path)), options.lang)
        raise RequestError("\n".join([error.text(options.lang), *reasons])) from None
    print("\n".join([*result, *day_notes(standard, options.lang)]))
    return FINE


def _diff(options: argparse.Namespace) -> int:
    if options.example and options.path is not None:
        zh = f"--example 和 {options.path} 只能写一个"
        raise UsageError(Phrase(zh, f"--example and {options.path}: give one of the two"))
    before, after = (_standard(entry, options.on) for entry in (options.before, options.after))
    submission = None
    if options.example or options.path is not None:
        both = reporting_both(before, after)
        submission = example(standard=both) if options.example else read_submission(options.path, standard=both)
    return show(diff(before, after, submission=submission), options)


def _standard(text: str, day: str | None) -> Standard:
    """Return the standard of an id or path, with the overlays behind it."""
    if Path(text).exists():
        return load_standard(a_law(text), on=day)
    first, *overlays = text.split("+")
    return load_standard(a_law(first), list(map(a_law, overlays)), day)


def _lint(options: argparse.Namespace) -> int:
    from balancedu.testing.check_standard import faults

    try:
        standard = _standard(options.path, options.on)
    except SpecErrors as errors:
        print(errors.text(options.lang))
        return BAD_INPUT
    for fault in faults(standard, submissions=0):
        print(fault.text(options.lang))
    print(_sound(standard, options.lang))
    return FINE


def _sound(standard: Standard, lang: Language) -> str:
    items, indicators, measures = len(standard.items), len(standard.indicators), len(standard.measures)
    zh = f"{standard.id}：文件没有问题（{items}个条目，{indicators}项指标，{measures}个填报项）"
    en = f"{standard.id}: the file is sound ({items} items, {indicators} indicators, {measures} measures)"
    return Phrase(zh, en).text(lang)


def _new_overlay(options: argparse.Namespace) -> int:
    path: Path = options.path
    standard = _standard(options.extends, None)
    name = _FORBIDDEN.sub("-", path.stem).strip("-_")
    name = name if name[:1].isalpha() and not is_unclear(name) else "ours"
    schema = Path("schemas") / f"spec-{FORMAT}" / "overlay.json"
    extends = (standard.head.id, *overlay_ids(standard.files))[-1]
    path.parent.mkdir(parents=True, exist_ok=True)
    save_text(path, overlay_template(name, extends), replace=options.replace)
    print(path)
    beside = path.parent / schema
    if not beside.exists():
        write_schema("overlay", beside)
        print(beside)
    return FINE
