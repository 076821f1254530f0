"""Commands that write what is handed in: forms, report, ledger, notices."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from balancedu.commands.common import a_school, evaluated, read, selected_county, with_ending
from balancedu.commands.county import planned
from balancedu.core.words import COMMA
from balancedu.evaluate import evaluate
from balancedu.evaluation.evaluation import Evaluation
from balancedu.files.open import WORKBOOKS
from balancedu.reporting.forms import write_forms
from balancedu.reporting.ledger import write_ledger
from balancedu.reporting.notices import write_notices
from balancedu.reporting.reports import REPORTS, write_report
from balancedu.text import Phrase


def _settings(options: argparse.Namespace, evaluation: Evaluation) -> dict[str, Any]:
    """Return the arguments common to all papers: language, whether to replace, and the plan if requested."""
    wanted = options.plan or options.cost or options.move or options.budget or options.first
    plan = planned(evaluation, options) if wanted else None
    return {"lang": options.lang, "replace": options.replace, "plan": plan}


def run_forms(options: argparse.Namespace) -> Path:
    """Write the application form."""
    write_forms(selected_county(options), options.output, lang=options.lang, replace=options.replace)
    return Path(options.output)


def run_report(options: argparse.Namespace) -> str:
    """Write a report."""
    of_many = REPORTS[options.kind].of_many
    evaluation = evaluated(options) if of_many and not options.county else selected_county(options)
    settings = _settings(options, evaluation)
    if of_many:
        settings["plan"] = None
    earlier = {year: evaluate(read(Path(path), options), options.standard) for year, path in options.earlier}
    settings |= {"kind": options.kind, "pages": not options.no_pages, "earlier": earlier}
    update = options.update and with_ending(options.update, (".docx",))
    kept = write_report(evaluation, options.output, year=options.year, update=update, **settings)
    if options.update is None:
        return str(options.output)
    titles = COMMA.text(options.lang).join(kept)
    count = Phrase(f"保留旧材料中填写的文字{len(kept)}处", f"texts kept: {len(kept)}").text(options.lang)
    return f"{options.output}\n{count} {titles}"


def run_ledger(options: argparse.Namespace) -> str:
    """Write the ledger, and print the progress since the earlier one."""
    evaluation = selected_county(options)
    earlier = options.earlier and with_ending(options.earlier, WORKBOOKS)
    progress = write_ledger(evaluation, options.output, earlier=earlier, **_settings(options, evaluation))
    return f"{options.output}\n{progress.text(options.lang)}" if options.earlier else str(options.output)


def run_notices(options: argparse.Namespace) -> str:
    """Write the notices."""
    evaluation = selected_county(options)
    schools = [a_school(evaluation.submission, name, evaluation.counties[0]) for name in options.school] or None
    paths = write_notices(evaluation, options.output, schools=schools, **_settings(options, evaluation))
    return "\n".join(map(str, paths))
