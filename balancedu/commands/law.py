"""Commands about standards: history, diff, lint, new-overlay, schema."""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path

from balancedu.commands.common import BAD_INPUT, FINE, NOT_FINE, Commands, UsageError, a_law, day_option, replace_option
from balancedu.commands.county import show
from balancedu.commands.parser import words
from balancedu.core.fields import Language
from balancedu.core.history import history
from balancedu.core.loading import DEFAULT_STANDARD, load_standard
from balancedu.core.schema import FILES, spec_schema_text
from balancedu.core.skeleton import overlay_skeleton
from balancedu.core.standard import Standard
from balancedu.core.strict_yaml import FORMAT, trap
from balancedu.errors import RequestError, SpecErrors
from balancedu.files.read import example
from balancedu.reporting.law import day_notes, not_applied
from balancedu.revisions import diff, reporting_both
from balancedu.saving import save_text
from balancedu.text import Phrase


def add_schema(commands: Commands, shared: argparse.ArgumentParser) -> None:
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
    schema.add_argument(
        "kind",
        nargs="?",
        choices=kinds,
        default="evaluation",
        help=words("哪一种；不写则为 evaluation", "of what; left out: evaluation"),
    )
    schema.add_argument(
        "--write",
        type=Path,
        metavar="FOLDER",
        help=words(
            f"把全部标准文件的 Schema 写入 FOLDER/spec-{FORMAT}",
            f"write those of all spec files to FOLDER/spec-{FORMAT}",
        ),
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


def add_law(commands: Commands, law: argparse.ArgumentParser, text: argparse.ArgumentParser) -> None:
    """Add the commands."""
    doc = words(
        "某个数值由谁规定、以前是多少、出处和有效期",
        "who set a value of the law, what it was before, where that is said, and from when to when",
    )
    command = commands.add_parser("history", parents=[law, text], help=doc, description=doc)
    paths = words(
        "如 rules.G7.at_least；`balancedu show G7` 可列出一个项目的路径",
        "as rules.G7.at_least; `balancedu show G7` lists the paths of an entry",
    )
    command.add_argument("path", metavar="PATH", help=paths)
    command.set_defaults(run=_history)

    doc = words(
        "两个标准有何不同，哪些判定因此改变",
        "what changed in the law from one standard to another, and which verdicts change because of it",
    )
    command = commands.add_parser("diff", parents=[text], help=doc, description=doc)
    standard = words(
        "代码或文件；后面可用 + 加叠加文件，如 cn-2017+ours.yaml",
        "an id or path; overlays behind it with +, as cn-2017+ours.yaml",
    )
    command.add_argument("before", metavar="BEFORE", help=standard)
    command.add_argument("after", metavar="AFTER", help=standard)
    command.add_argument(
        "path",
        nargs="?",
        type=Path,
        metavar="PATH",
        help=words("填报数据；不写则只比较标准", "what a county, or many, handed in; left out: the law alone"),
    )
    command.add_argument(
        "--example", action="store_true", help=words("用示例县代替 PATH", "the example county instead of PATH")
    )
    day_option(command)
    command.add_argument(
        "--json", action="store_true", help=words("以 JSON 格式输出全部内容", "print everything as JSON")
    )
    command.set_defaults(run=_diff, plot=None)

    doc = words(
        "严格检查标准或叠加文件，并用随机数据试算",
        "read an edition or overlay strictly and try it on submissions drawn at random",
    )
    command = commands.add_parser("lint", parents=[text], help=doc, description=doc)
    command.add_argument(
        "path",
        metavar="PATH",
        help=words("叠加文件、标准所在的文件夹，或代码", "the file of an overlay, the folder of an edition, or an id"),
    )
    day_option(command)
    command.add_argument(
        "--submissions",
        type=int,
        metavar="N",
        help=words("每种数据各抽取多少份；0 表示只读文件", "how many of each sort are drawn; 0 only reads the files"),
    )
    command.set_defaults(run=_lint)

    doc = words(
        "生成本省叠加文件的草稿，每个字段都有说明",
        "write a first draft of your own overlay, with every field explained",
    )
    command = commands.add_parser("new-overlay", parents=[text], help=doc, description=doc)
    command.add_argument(
        "path",
        nargs="?",
        type=Path,
        default=Path(_FILE),
        metavar="PATH",
        help=words(f"不写则为 {_FILE}", f"left out: {_FILE}"),
    )
    command.add_argument(
        "--extends",
        default=DEFAULT_STANDARD,
        metavar="ID",
        help=words("在哪个标准或叠加文件的基础上修改", "the edition or overlay it changes"),
    )
    replace_option(command)
    command.set_defaults(run=_new_overlay)


def _history(options: argparse.Namespace) -> int:
    standard: Standard = options.standard
    try:
        told = [record.said(options.lang) for record in history(standard, options.path)]
    except RequestError as error:
        reasons = not_applied(standard, lambda one: bool(history(one, options.path)), options.lang)
        raise RequestError("\n".join([error.said(options.lang), *reasons])) from None
    print("\n".join([*told, *day_notes(standard, options.lang)]))
    return FINE


def _diff(options: argparse.Namespace) -> int:
    if options.example and options.path is not None:
        zh = f"--example 和 {options.path} 只能写一个"
        raise UsageError(Phrase(zh, f"--example and {options.path}: give one of the two"))
    before, after = (_standard(one, options.on) for one in (options.before, options.after))
    on = example(standard=reporting_both(before, after)) if options.example else options.path
    return show(diff(before, after, on=on), options)


def _standard(text: str, day: str | None) -> Standard:
    """Return the standard of an id or path, with the overlays behind it."""
    if Path(text).exists():
        return load_standard(a_law(text), on=day)
    first, *overlays = text.split("+")
    return load_standard(a_law(first), list(map(a_law, overlays)), day)


def _lint(options: argparse.Namespace) -> int:
    from balancedu.testing.check_standard import SUBMISSIONS, faults

    count = SUBMISSIONS if options.submissions is None else options.submissions
    try:
        standard = _standard(options.path, options.on)
    except SpecErrors as errors:
        print(errors.said(options.lang))
        return BAD_INPUT
    found = list(faults(standard, submissions=count))
    for fault in found:
        print(fault.said(options.lang))
    if any(fault.severity == "error" for fault in found):
        return NOT_FINE
    print(_sound(standard, count, options.lang))
    return FINE


def _sound(standard: Standard, count: int, lang: Language) -> str:
    counts = f"{len(standard.items)}", f"{len(standard.indicators)}", f"{len(standard.measures)}"
    if lang == "zh":
        tried = f"，每种填报数据各试{count}份" if count else ""
        return f"{standard.id}：没有发现问题（{counts[0]}个条目，{counts[1]}项指标，{counts[2]}个填报项{tried}）"
    tried = f", tried on {count} submissions of each sort" if count else ""
    return f"{standard.id}: no problem found ({counts[0]} items, {counts[1]} indicators, {counts[2]} measures{tried})"


def _new_overlay(options: argparse.Namespace) -> int:
    path: Path = options.path
    standard = _standard(options.extends, None)
    name = _FORBIDDEN.sub("-", path.stem).strip("-_")
    name = name if name[:1].isalpha() and not trap(name) else "ours"
    schema = Path("schemas") / f"spec-{FORMAT}" / "overlay.json"
    text = overlay_skeleton(
        standard,
        name,
        extends=standard.applied[-1].id if standard.applied else standard.head.id,
        file=path.name,
        schema=schema.as_posix(),
        lang=options.lang,
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    save_text(path, text, replace=options.replace)
    print(path)
    beside = path.parent / schema
    if not beside.exists():
        write_schema("overlay", beside)
        print(beside)
    return FINE
