"""Read one case in a process of its own and print what came out: `python tests/real_tables/outcome.py ID`."""

from __future__ import annotations

import contextlib
import io
import json
import math
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

import balancedu as be
from balancedu.cli import main as command

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
CASES: dict[str, dict[str, Any]] = {
    load["id"]: load for load in json.loads((HERE / "expected.json").read_text(encoding="utf-8"))["cases"]
}


def main(name: str) -> None:
    """Print the outcome of a case as JSON."""
    case = CASES[name]
    try:
        outcome = _coefficients(case) if "coefficients" in case else evaluated(case)
    except (be.DataError, be.DataErrors) as error:
        outcome = {"problems": _problems(error)}
    if "draft_never" in case:
        outcome["draft"] = be.draft_mapping(source(case))
    print(json.dumps(outcome, ensure_ascii=False))


def source(case: Mapping[str, Any]) -> Path:
    """Return the file or folder of a case."""
    return HERE / str(case.get("file") or case.get("folder") or case.get("draft_of"))


def _problems(error: be.DataError | be.DataErrors) -> list[str]:
    errors = error.errors if isinstance(error, be.DataErrors) else [error]
    return [f"{entry.text('zh')}\n{entry.text('en')}" for entry in errors]


def _coefficients(case: Mapping[str, Any]) -> dict[str, Any]:
    result = [
        be.coefficient_of_variation(
            values, None if weights is None else [math.nan if weight is None else weight for weight in weights]
        )
        for values, weights, _ in case["coefficients"]
    ]
    return {"coefficients": [_number(entry) for entry in result]}


def evaluated(case: Mapping[str, Any]) -> dict[str, Any]:
    """Read, judge and describe a case."""
    submission = _submission(case)
    evaluation = be.evaluate(submission, submission.standard)
    outcome = _described(evaluation)
    outcome["notes"] = [f"{note.text('zh')}\n{note.text('en')}" for note in submission.notes]
    outcome["warnings"] = [f"{warning.text('zh')}\n{warning.text('en')}" for warning in submission.warnings]
    if "own_forms" in case:
        whole = be.read_submission(ROOT / case["own_forms"])
        outcome["as_evaluated"] = _described(be.evaluate(whole, whole.standard))
    return outcome


def _submission(case: Mapping[str, Any]) -> be.Submission:
    if "ratio_times_pupils" in case:
        return be.Submission(schools=_ratio_times_pupils(case["ratio_times_pupils"]))
    if "tables" in case:
        return _of_tables(case)
    if "own_forms" in case or "draft_of" in case:
        with tempfile.TemporaryDirectory() as folder:
            if "own_forms" in case:
                path = Path(folder) / "forms.xlsx"
                _command("forms", str(ROOT / case["own_forms"]), "-o", str(path))
                return be.read_submission(path)
            path = Path(folder) / "mapping.yaml"
            _command("map", str(source(case)), "-o", str(path))
            return be.read_submission(source(case), mapping=path)
    given = HERE / f"{source(case).stem if 'file' in case else source(case).name}.mapping.yaml"
    return be.read_submission(source(case), mapping=given if given.exists() else None)


def _command(*arguments: str) -> None:
    with contextlib.redirect_stdout(io.StringIO()):
        assert command(list(arguments)) == 0


def _ratio_times_pupils(given: Mapping[str, Any]) -> dict[str, Any]:
    pupils = np.arange(given["pupils"][0], given["pupils"][1] + 1, dtype=float)
    per = {"R1": 100, "R2": 100, "R3": 100, "R4": 1, "R5": 1, "R6": 1, "R7": 100}
    counts = [ratio * pupils / hundred for ratio, hundred in zip(given["ratios"], per.values(), strict=True)]
    names = ["degree_teachers_primary", "backbone_teachers_primary", "arts_pe_teachers_primary"]
    names += ["teaching_area", "sports_ground_area", "equipment_value", "multimedia_rooms"]
    return {
        "school": [f"{n:04d}" for n in range(len(pupils))],
        "type": [given["type"]] * len(pupils),
        "pupils_primary": pupils,
        "indoor_sports_area": np.zeros(len(pupils)),
        **dict(zip(names, counts, strict=True)),
    }


def _of_tables(case: Mapping[str, Any]) -> be.Submission:
    tables = case["tables"]
    if case["as"] == "pandas":
        import pandas as pd

        tables = {name: pd.DataFrame(table) for name, table in tables.items()}
    if case.get("reader"):
        return be.read_submission(tables["schools"] if list(tables) == ["schools"] else tables)
    return be.Submission(**tables)


def _described(evaluation: be.Evaluation) -> dict[str, Any]:
    sections, indicators = evaluation.sections, list(evaluation.indicators)
    return {
        "sections": [
            {
                "county": str(sections["county"][row]),
                "school": str(sections["school"][row]),
                "stage": str(sections["stage"][row]),
                "pupils": _number(sections["pupils"][row]),
                "values": [_number(value) for value in evaluation.values[row]],
                "standing": [int(entry) for entry in evaluation.standing[row]],
                "verdict": _verdict(evaluation.section_verdicts[row]),
            }
            for row in range(len(sections["school"]))
            if not (_number(sections["pupils"][row]) in (None, 0) and np.isnan(evaluation.values[row]).all())
        ],
        "spread": [
            {
                "county": county,
                "stage": str(stage),
                "mean": [_number(entry) for entry in evaluation.mean[n, s]],
                "cv": [_number(entry) for entry in evaluation.cv[n, s]],
            }
            for n, county in enumerate(evaluation.submission.counties)
            for s, stage in enumerate(evaluation.stages)
        ],
        "indicators": indicators,
        "items": {
            county: {item: str(entry["verdict"]) for item, entry in record["items"].items()}
            for county, record in evaluation.to_dict()["counties"].items()
        },
        "facts": {
            county: {
                fact: _number(evaluation.submission.fact(county, fact))
                for fact in evaluation.submission.facts.columns
                if evaluation.submission.facts.columns[fact].dtype.kind == "f"
            }
            for county in evaluation.submission.counties
        },
        "excluded": [str(entry) for entry in evaluation.excluded],
        "rounding_flags": len(be.rounding_flags(evaluation)),
    }


def _verdict(verdict: Any) -> str:
    return str(be.Verdict(verdict).name) if not isinstance(verdict, (int, np.integer)) else _by_code(int(verdict))


def _by_code(code: int) -> str:
    return next(entry.name for entry in be.Verdict if getattr(entry, "code", entry) == code)


def _number(value: Any) -> float | None:
    number = float(value)
    return None if math.isnan(number) else number


if __name__ == "__main__":
    main(sys.argv[1])
