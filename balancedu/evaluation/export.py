"""Evaluations as plain values, JSON and data frames."""

from __future__ import annotations

import importlib
import math
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from balancedu.calculator.groups import Floats
from balancedu.errors import MissingExtraError
from balancedu.evaluation.findings import Check, Excluded, Finding, Gap, Section
from balancedu.evaluation.relieved import Relieved
from balancedu.evaluation.rounding import RoundingFlag
from balancedu.evaluation.verdict import Verdict
from balancedu.submission.submission import submission_to_dict

if TYPE_CHECKING:
    from balancedu.evaluation.evaluation import Evaluation


FORMAT, VERSION = "balancedu-evaluation", 1
"""What the JSON calls itself; the schema of this version is `balancedu/schemas/evaluation-1.json`."""


def to_dict(evaluation: Evaluation) -> dict[str, Any]:
    """Return an evaluation as plain values; NaN becomes None, verdicts their names."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "standard": evaluation.standard.id,
        "overlays": list(evaluation.standard.overlays),
        "on": evaluation.standard.day or None,
        "indicators": list(evaluation.indicators),
        "stages": list(evaluation.stages),
        "counties": {county: _county(evaluation[county]) for county in evaluation.counties},
        "submission": submission_to_dict(evaluation.submission, evaluation.counties),
    }


def _strict(evaluation: Evaluation | None) -> dict[str, Any] | None:
    """Return what came out without relief; None where there is none."""
    if evaluation is None:
        return None
    return {
        "verdict": evaluation.verdict.name,
        "parts": {part: verdict.name for part, verdict in evaluation.parts.items()},
        "items": {item: Verdict(int(codes[0])).name for item, codes in evaluation.item_verdicts.items()},
    }


def _relief(one: Relieved) -> dict[str, Any]:
    return {
        "item": one.item,
        "indicator": one.indicator,
        "strict": one.strict.name,
        "relaxed": one.relaxed.name,
        "schools": list(one.schools),
        "title": {"zh": one.title.zh, "en": one.title.en},
        "source": str(one.source) if one.source else "",
        "said": {"zh": one.said("zh"), "en": one.said("en")},
    }


def _county(evaluation: Evaluation) -> dict[str, Any]:
    sections = evaluation.sections
    return {
        "verdict": evaluation.verdict.name,
        "strict": _strict(evaluation.strict),
        "reliefs": [_relief(one) for one in evaluation.reliefs],
        "parts": {part: verdict.name for part, verdict in evaluation.parts.items()},
        "items": {item: _finding(finding) for item, finding in evaluation.items.items()},
        "sections": {
            "school": sections["school"].tolist(),
            "stage": sections["stage"].tolist(),
            "pupils": _plain(sections["pupils"]),
            "values": _plain(evaluation.values),
            "standing": evaluation.standing.tolist(),
            "verdict": [Verdict(code).name for code in evaluation.section_verdicts.tolist()],
        },
        "failing_sections": [_section(section) for section in evaluation.failing_sections()],
        "excluded": [_excluded(one) for one in evaluation.excluded],
        "spread": {
            name: _plain(figures[0])
            for name, figures in (
                ("mean", evaluation.mean),
                ("sd", evaluation.sd),
                ("cv", evaluation.cv),
                ("composite", evaluation.composite),
            )
        },
        "rounding_flags": [_flag(flag) for flag in evaluation.rounding_flags()],
        "warnings": [one.to_dict() for one in evaluation.warnings],
    }


def _flag(flag: RoundingFlag) -> dict[str, Any]:
    return {
        "item": flag.item,
        "check": flag.check,
        "school": flag.school,
        "value": flag.value,
        "rounded": flag.rounded,
        "limit": flag.limit,
        "verdict": flag.verdict.name,
        "verdict_if_rounded": flag.verdict_if_rounded.name,
    }


def _excluded(one: Excluded) -> dict[str, Any]:
    return {"school": one.school, "stage": one.stage, "reason": one.reason, "parent": one.parent or None}


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "verdict": finding.verdict.name,
        "title": {"zh": finding.item.title.zh, "en": finding.item.title.en},
        "reason": {"zh": finding.reason("zh"), "en": finding.reason("en")},
        "source": str(finding.source),
        "schools": list(finding.schools),
        "gaps": [_gap(gap) for gap in finding.gaps],
        "checks": [_check(check) for check in finding.checks],
    }


def _check(check: Check) -> dict[str, Any]:
    return {
        "id": check.id,
        "verdict": check.verdict.name,
        "relation": check.relation,
        "observed": _number(check.observed),
        "required": _number(check.required),
        "margin": _number(check.margin),
        "total": check.total,
        "cases": [
            {
                "school": case.school,
                "stage": case.stage,
                "name": case.name.zh,
                "verdict": case.verdict.name,
                "observed": _number(case.observed),
                "required": _number(case.required),
            }
            for case in check.cases
        ],
    }


def _gap(gap: Gap) -> dict[str, Any]:
    names = ("table", "column", "school", "stage", "place")
    return {name: getattr(gap, name) for name in names}


def _section(section: Section) -> dict[str, Any]:
    return {
        "school": section.school,
        "name": section.name,
        "stage": section.stage,
        "lacks": [
            {
                "indicator": lack.indicator.id,
                "value": lack.value,
                "standard": float(lack.standard.value),
                "floor": float(lack.floor.value) if lack.floor else None,
                "standing": lack.standing,
            }
            for lack in section.lacks
        ],
    }


def _number(value: float) -> float | None:
    return None if math.isnan(value) else value


def _plain(figures: Floats) -> Any:
    plain = figures.astype(object)
    plain[np.isnan(figures)] = None
    return plain.tolist()


def to_json(evaluation: Evaluation, *, indent: int | None = None) -> str:
    """Return an evaluation as JSON text, Chinese characters as they are."""
    import json

    return json.dumps(to_dict(evaluation), ensure_ascii=False, indent=indent, allow_nan=False)


def to_frame(
    evaluation: Evaluation,
    table: Literal["sections", "spread", "items", "findings"],
    library: Literal["pandas", "polars"] | None,
) -> Any:
    """Return one table of an evaluation as a DataFrame of pandas or polars."""
    makers = {
        "sections": _sections_columns,
        "spread": _spread_columns,
        "items": _items_columns,
        "findings": _findings_columns,
    }
    if table not in makers:
        raise ValueError(f"table must be one of {', '.join(makers)}, found {table!r}")
    if library not in (None, "pandas", "polars"):
        raise ValueError(f"library must be pandas or polars, found {library!r}")
    for name in ("pandas", "polars") if library is None else (library,):
        try:
            frames = importlib.import_module(name)
        except ImportError as error:
            missing = error
        else:
            return frames.DataFrame(makers[table](evaluation))
    raise MissingExtraError(library or "pandas or polars", "frames", "to_frame") from missing


def _sections_columns(evaluation: Evaluation) -> dict[str, Any]:
    codes = evaluation.section_verdicts.tolist()
    columns = dict(evaluation.sections) | {"verdict": [Verdict(code).name for code in codes]}
    for n, indicator in enumerate(evaluation.indicators):
        columns[indicator] = evaluation.values[:, n]
        columns[f"{indicator}_standing"] = evaluation.standing[:, n]
    return columns


def _spread_columns(evaluation: Evaluation) -> dict[str, Any]:
    shape = evaluation.cv.shape
    county, stage, indicator = (axis.ravel() for axis in np.indices(shape))
    return {
        "county": np.array(evaluation.counties)[county],
        "stage": np.array(evaluation.stages)[stage],
        "indicator": np.array(evaluation.indicators)[indicator],
        "mean": evaluation.mean.ravel(),
        "sd": evaluation.sd.ravel(),
        "cv": evaluation.cv.ravel(),
    }


def _items_columns(evaluation: Evaluation) -> dict[str, Any]:
    columns: dict[str, list[Any]] = {
        name: [] for name in ("county", "part", "item", "verdict", "observed", "required", "margin", "reason")
    }
    for county in evaluation.counties:
        findings = evaluation[county].items
        for part, one in evaluation.standard.parts.items():
            for item in one.items:
                finding = findings[item.id]
                figures = (finding.observed, finding.required, finding.margin, finding.reason())
                for name, value in zip(columns, (county, part, item.id, finding.verdict.name, *figures), strict=True):
                    columns[name].append(value)
    return columns


def _findings_columns(evaluation: Evaluation) -> dict[str, Any]:
    names = (
        "county",
        "part",
        "item",
        "check",
        "verdict",
        "relation",
        "observed",
        "required",
        "margin",
        "cases",
        "not_met",
    )
    columns: dict[str, list[Any]] = {name: [] for name in names}
    for county in evaluation.counties:
        findings = evaluation[county].items
        for part, one in evaluation.standard.parts.items():
            for item in one.items:
                for check in findings[item.id].checks:
                    failing = sum(case.verdict is Verdict.NOT_MET for case in check.cases)
                    figures = (check.observed, check.required, check.margin, check.total, failing)
                    values = (county, part, item.id, check.id, check.verdict.name, check.relation, *figures)
                    for name, value in zip(columns, values, strict=True):
                        columns[name].append(value)
    return columns
