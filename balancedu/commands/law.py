"""Commands about standards: list, show, records_of, diff, lint, new overlay, schema."""

from __future__ import annotations

import argparse
import json
import re
from datetime import date
from pathlib import Path

from balancedu.commands import BAD_INPUT
from balancedu.commands.common import UsageError, a_law
from balancedu.core.fields import Language
from balancedu.core.loading import (
    DEFAULT_STANDARD,
    available_overlays,
    available_standards,
    day_of,
    expiring,
    load_standard,
    overlay_ids,
    overlay_template,
    shipped,
)
from balancedu.core.nodes import FORMAT, is_unclear
from balancedu.core.overlays import records_of
from balancedu.core.standard import Standard
from balancedu.document import Result
from balancedu.errors import RequestError, SpecErrors, near
from balancedu.files.read import example, read_submission
from balancedu.reporting.law import absence, day_notes, entry_text, expiring_text, not_applied, standard_text
from balancedu.revisions import diff, reporting_both
from balancedu.saving import save_text
from balancedu.text import Phrase, sentence, wrap


def run_standards(options: argparse.Namespace) -> str:
    """Return the standards with their requirements, or what ends within a year."""
    # An overlay by itself means the edition that it extends.
    named = [*([options.standard] if options.standard else []), *options.overlay]
    standard = load_standard(a_law(named[0]), list(map(a_law, named[1:])), options.on) if named else None
    if options.expiring:
        day = day_of(options.on) or date.today().isoformat()
        also = [*map(a_law, options.paths), *([standard.files] if standard else [])]
        return expiring_text(expiring(day, also), day, options.lang)
    names = (*available_standards(), *map(a_law, options.paths))
    asked = [standard] if standard else [load_standard(name, on=options.on) for name in names]
    text = "\n\n".join(standard_text(entry, options.lang) for entry in asked)
    if standard is None:
        overlays = (load_standard(name, on=options.on) for name in available_overlays())
        text = "\n".join([text, "", *(note for overlay in overlays for note in overlay.notes(options.lang))])
    return text


def run_show(options: argparse.Namespace) -> str:
    """Return what a standard declares of one entry."""
    standard = options.standard
    known = (*standard.items, *standard.indicators, *standard.measures)
    if options.entry not in known:
        zh = f"{standard.id} 没有“{options.entry}”"
        problem = Phrase(zh, f"{standard.id} declares no {options.entry!r}") + near(options.entry, known)
        result = sentence(problem, Phrase("可用“balancedu standards”查看", "see: balancedu standards"))
        reasons = "".join(f"\n{entry}" for entry in absence(standard, options.entry, options.lang))
        raise RequestError(result + Phrase(reasons, reasons))
    notes = (line for note in day_notes(standard, options.lang) for line in wrap(note, rest="  "))
    return "\n".join([entry_text(standard, options.entry, options.lang), *notes])


def run_schema(options: argparse.Namespace) -> None:
    """Print a JSON Schema, or write those of all spec files."""
    if options.write is not None:
        for kind in SPECS:
            print(write_schema(kind, options.write, replace=options.replace))
    elif options.kind == "evaluation":
        from balancedu.evaluation.evaluation import json_schema

        print(json.dumps(json_schema(), ensure_ascii=False, indent=2))
    else:
        print(spec_schema_text(options.kind), end="")


SPECS = ("standard", "measures", "part", "forms", "overlay")
"""The kinds of spec file."""


def spec_schema_text(kind: str) -> str:
    """Return the JSON Schema of one kind of spec file, which comes with the package."""
    folder = shipped("_specs", "specs").joinpath("schemas").joinpath(f"spec-{FORMAT}")
    return folder.joinpath(f"{kind}.json").read_bytes().decode()


def write_schema(kind: str, folder: Path, *, replace: bool = False) -> Path:
    """Write the schema of one kind of spec file to a folder of schemas, and return its path."""
    path = folder / f"spec-{FORMAT}" / f"{kind}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    save_text(path, spec_schema_text(kind), replace=replace)
    return path


_FORBIDDEN = re.compile(r"[^A-Za-z0-9_-]+")


def run_history(options: argparse.Namespace) -> str:
    """Return who set a value, and what it was before."""
    standard: Standard = options.standard
    try:
        result = [record.text(options.lang) for record in records_of(standard, options.path)]
    except RequestError as error:
        reasons = not_applied(standard, lambda entry: bool(records_of(entry, options.path)), options.lang)
        raise RequestError("\n".join([error.text(options.lang), *reasons])) from None
    return "\n".join([*result, *day_notes(standard, options.lang)])


def run_diff(options: argparse.Namespace) -> Result:
    """Return what differs between two standards."""
    if options.example and options.path is not None:
        zh = f"--example 和 {options.path} 只能写一个"
        raise UsageError(Phrase(zh, f"--example and {options.path}: give one of the two"))
    before, after = (_standard(entry, options.on) for entry in (options.before, options.after))
    submission = None
    if options.example or options.path is not None:
        both = reporting_both(before, after)
        submission = example(standard=both) if options.example else read_submission(options.path, standard=both)
    return diff(before, after, submission=submission)


def _standard(text: str, day: str | None) -> Standard:
    """Return the standard of an id or path, with the overlays behind it."""
    if Path(text).exists():
        return load_standard(a_law(text), on=day)
    first, *overlays = text.split("+")
    return load_standard(a_law(first), list(map(a_law, overlays)), day)


def run_lint(options: argparse.Namespace) -> int | str:
    """Print what is wrong with a standard or overlay."""
    from balancedu.testing.check_standard import faults

    try:
        standard = _standard(options.path, options.on)
    except SpecErrors as errors:
        print(errors.text(options.lang))
        return BAD_INPUT
    for fault in faults(standard, submissions=0):
        print(fault.text(options.lang))
    return _sound(standard, options.lang)


def _sound(standard: Standard, lang: Language) -> str:
    items, indicators, measures = len(standard.items), len(standard.indicators), len(standard.measures)
    zh = f"{standard.id}：文件没有问题（{items}个条目，{indicators}项指标，{measures}个填报项）"
    en = f"{standard.id}: the file is sound ({items} items, {indicators} indicators, {measures} measures)"
    return Phrase(zh, en).text(lang)


def run_new_overlay(options: argparse.Namespace) -> None:
    """Write an overlay template, and its schema next to it."""
    path: Path = options.path
    standard = _standard(options.extends or DEFAULT_STANDARD, None)
    name = _FORBIDDEN.sub("-", path.stem).strip("-_")
    name = name if name[:1].isalpha() and not is_unclear(name) else "ours"
    extends = (standard.head.id, *overlay_ids(standard.files))[-1]
    path.parent.mkdir(parents=True, exist_ok=True)
    save_text(path, overlay_template(name, extends), replace=options.replace)
    print(path)
    schemas = path.parent / "schemas"
    if not (schemas / f"spec-{FORMAT}" / "overlay.json").exists():
        print(write_schema("overlay", schemas))
