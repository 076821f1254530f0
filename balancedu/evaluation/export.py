"""Findings, sections and columns as nested values and data frames."""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable, Iterable
from typing import Any, Literal

import numpy as np

from balancedu.calculator.groups import Floats
from balancedu.errors import MissingExtraError
from balancedu.evaluation.findings import Check, Excluded, Finding, Section
from balancedu.evaluation.results import Verdict
from balancedu.submission.problems import ONLY_COUNTY
from balancedu.submission.submission import Submission
from balancedu.text import Phrase


def submission_dict(submission: Submission) -> dict[str, Any]:
    """Return what was submitted as the arguments that `Submission` takes; what was not reported is None."""
    tables: dict[str, Any] = {}
    unnamed = submission.counties == (ONLY_COUNTY,)
    for name, table in submission.tables.items():
        if len(table):
            columns = submission.columns(name)
            values = {column: [_cell(value) for value in columns[column].tolist()] for column in columns}
            # A county that gave itself no id is given none.
            tables[name] = {column: cells for column, cells in values.items() if not (unnamed and column == "county")}
    if unnamed and "facts" in tables:
        tables["facts"] = {fact: cells[0] for fact, cells in tables["facts"].items()}
    if not tables:
        tables["facts"] = {}
    evidence = [{"county": county, "fact": fact, "text": text} for (county, fact), text in submission.evidence.items()]
    narrative = {county: submission.narrative_of(county) for county in dict.fromkeys(c for c, _ in submission.texts)}
    return {**tables, "evidence": evidence, **({"narrative": narrative} if narrative else {})}


def _cell(value: Any) -> Any:
    if isinstance(value, float):
        return None if math.isnan(value) else int(value) if value.is_integer() else value
    return value or None


def _values(entry: object, names: str) -> dict[str, Any]:
    """Return attributes as plain values: verdicts as words, and None for figures that are not known."""
    values = {name: getattr(entry, name) for name in names.split()}
    return {
        name: or_none(value) if isinstance(value, float) else str(value) if isinstance(value, Verdict) else value
        for name, value in values.items()
    }


def excluded_dict(excluded: Excluded) -> dict[str, Any]:
    """Return a school or section that is left out as nested values."""
    return _values(excluded, "school stage reason") | {"parent": excluded.parent or None}


def finding_dict(finding: Finding) -> dict[str, Any]:
    """Return a finding as nested values."""
    return _values(finding, "verdict") | {
        "title": {"zh": finding.item.title.zh, "en": finding.item.title.en},
        "reason": {"zh": finding.reason("zh"), "en": finding.reason("en")},
        "source": str(finding.source),
        "schools": list(finding.schools),
        "gaps": [_values(gap, "table column school stage place") for gap in finding.gaps],
        "checks": [check_dict(check) for check in finding.checks],
    }


def check_dict(check: Check) -> dict[str, Any]:
    """Return a check as nested values."""
    names = "school stage verdict observed required"
    cases = [_values(case, names) | {"name": case.name.zh} for case in check.cases]
    return _values(check, "id verdict relation observed required margin total") | {"cases": cases}


def check_row(check: Check) -> tuple[Any, ...]:
    """Return a check as cells: id, verdict, relation, the figures, and how many cases there are and fail."""
    failing = len(check.failing(Verdict.NOT_MET))
    figures = (check.observed, check.required, check.margin)
    return check.id, check.verdict.name, check.relation, *figures, check.total, failing


def section_dict(section: Section) -> dict[str, Any]:
    """Return a section as nested values."""
    lacks = [
        {
            "indicator": lack.indicator.id,
            "value": lack.value,
            "standard": float(lack.threshold.value),
            "floor": float(lack.floor.value) if lack.floor else None,
            "standing": int(lack.standing),
        }
        for lack in section.lacks
    ]
    return _values(section, "school name stage") | {"lacks": lacks}


def or_none(value: float) -> float | None:
    """Return a figure; None if it is not known."""
    return None if math.isnan(value) else value


def nested(figures: Floats) -> Any:
    """Return figures as nested lists; None if one is not known."""
    values = figures.astype(object)
    values[np.isnan(figures)] = None
    return values.tolist()


def columns(names: Iterable[str], rows: Iterable[tuple[Any, ...]]) -> dict[str, list[Any]]:
    """Return rows as named columns; without a row, the columns are empty."""
    names = tuple(names)
    cells = list(zip(*rows, strict=True)) or [()] * len(names)
    return {name: list(column) for name, column in zip(names, cells, strict=True)}


def data_frame(make: Callable[[], dict[str, Any]], library: Literal["pandas", "polars"] | None) -> Any:
    """Return columns as a DataFrame of pandas or polars; without a library, of the first that is installed.

    Raises
    ------
    MissingExtraError
        If the library, or neither of them, is installed.
    """
    if library not in (None, "pandas", "polars"):
        raise ValueError(f"library must be pandas or polars, found {library!r}")
    for name in ("pandas", "polars") if library is None else (library,):
        try:
            frames = importlib.import_module(name)
        except ImportError as error:
            missing = error
        else:
            return frames.DataFrame(make())
    raise MissingExtraError(library or "pandas", "frames", Phrase("转成数据框", "to_frame")) from missing
