"""Tables as counties, schools and vendors hand them over give the values of `expected.json`."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest
from real_tables.outcome import CASES, HERE, ROOT

SECONDS = 20
EXACT = 1e-9
Outcome = Mapping[str, Any]


@pytest.mark.parametrize("name", list(CASES))
def test_a_real_table(name: str) -> None:
    case, result = CASES[name], outcome_of(name)
    for pattern in case.get("draft_never", ()):
        assert not re.search(pattern, result["draft"]), re.search(pattern, result["draft"])
    faults = [list(faults_of(expected, result, case)) for expected in case["expect"]]

    assert [] in faults, "\n".join(f"outcome {n}: {fault}" for n, fault in enumerate(faults))


def outcome_of(name: str) -> Outcome:
    """Return the result of a case, judged in a fresh process."""
    command = [sys.executable, str(HERE / "outcome.py"), name]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False, env=environment
    )
    assert done.returncode == 0, done.stderr[-2000:]
    result: Outcome = json.loads(done.stdout)
    return result


def faults_of(expected: Mapping[str, Any], outcome: Outcome, case: Mapping[str, Any]) -> Iterator[str]:
    """Yield in what an outcome is another than expected."""
    if "error" in expected:
        yield from _faults_of_error(expected["error"], outcome)
        return
    if "problems" in outcome:
        yield "refused: " + " | ".join(entry.splitlines()[0] for entry in outcome["problems"])
        return
    if "coefficients" in case:
        wanted = [entry[2] for entry in case["coefficients"]]
        if not _same(wanted, outcome["coefficients"], EXACT):
            yield f"coefficients {outcome['coefficients']}"
        return
    precision = {"values": EXACT, "mean": EXACT, "cv": EXACT} | expected.get("tolerance", {})
    if "as_evaluated" in expected:
        wanted, precision = outcome["as_evaluated"], dict.fromkeys(precision, expected["as_evaluated"])
        yield from _faults_of_sections(wanted["sections"], outcome["sections"], precision, names=False)
        return
    if "sections" in expected:
        yield from _faults_of_sections(expected["sections"], outcome["sections"], precision)
    yield from _faults_of_spread(expected.get("spread", ()), outcome["spread"], precision)
    yield from _faults_of_items(expected, outcome)
    yield from _faults_of_numbers(expected, outcome)
    words = "\n".join([*outcome["notes"], *outcome["warnings"], *outcome["excluded"]])
    yield from (f"{text} is not said" for text in expected.get("says", ()) if text not in words)
    warned = "\n".join(outcome["warnings"] + outcome["notes"])
    yield from (f"no warning names {text}" for text in expected.get("warns", ()) if text not in warned)


def _faults_of_error(wanted: Mapping[str, Any], outcome: Outcome) -> Iterator[str]:
    if "problems" not in outcome:
        yield f"not refused: {len(outcome['sections'])} sections"
        return
    problems = outcome["problems"]
    text = "\n".join(problems)
    yield from (f"{entry} is not said: {text}" for entry in wanted.get("contains", ()) if entry not in text)
    if (some := wanted.get("contains_one_of")) and not any(entry in text for entry in some):
        yield f"none of {some} is said: {text}"
    yield from (f"{entry} is said: {text}" for entry in wanted.get("never", ()) if re.search(entry, text))
    if len(problems) > wanted.get("at_most", len(problems)):
        yield f"{len(problems)} problems: {text}"


def _faults_of_sections(
    wanted: Sequence[Any], sequence: Sequence[Any], precision: Mapping[str, float], *, names: bool = True
) -> Iterator[str]:
    if not names:
        wanted, sequence = (
            sorted(some, key=lambda entry: (entry["stage"], entry["pupils"] or 0, entry["values"][0] or 0))
            for some in (wanted, sequence)
        )
        pairs = list(zip(wanted, sequence, strict=False))
    else:
        pairs = [(entry, next((other for other in sequence if _is_of(entry, other)), None)) for entry in wanted]
    if len(wanted) != len(sequence):
        yield f"{len(sequence)} sections: {[(entry['county'], entry['school'], entry['stage']) for entry in sequence]}"
    for entry, other in pairs:
        if other is None:
            yield f"no section {entry['school']} {entry['stage']}"
            continue
        for key in ("pupils", "values"):
            if not _same(entry[key], other[key], precision["values"]):
                yield f"{entry['school']} {entry['stage']} {key} {other[key]}, wanted {entry[key]}"
        for key in ("standing", "verdict"):
            if entry[key] != other[key]:
                yield f"{entry['school']} {entry['stage']} {key} {other[key]}, wanted {entry[key]}"


def _is_of(mapping: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return all(other[key] == mapping[key] for key in ("county", "school", "stage") if key in mapping)


def _faults_of_spread(wanted: Sequence[Any], sequence: Sequence[Any], precision: Mapping[str, float]) -> Iterator[str]:
    for entry in wanted:
        other = next(
            (
                other
                for other in sequence
                if other["stage"] == entry["stage"] and other["county"] == entry.get("county", other["county"])
            ),
            None,
        )
        if other is None:
            yield f"no spread of {entry['stage']}"
            continue
        for key in ("mean", "cv"):
            if not _same(entry[key], other[key], precision[key]):
                yield f"{entry['stage']} {key} {other[key]}, wanted {entry[key]}"


def _faults_of_items(expected: Mapping[str, Any], outcome: Outcome) -> Iterator[str]:
    for county, items in outcome["items"].items():
        for item, verdict in expected.get("items", {}).items():
            allowed = [verdict] if isinstance(verdict, str) else verdict
            if items.get(item) not in allowed:
                yield f"{item} of {county} is {items.get(item)}, wanted {verdict}"


def _faults_of_numbers(expected: Mapping[str, Any], outcome: Outcome) -> Iterator[str]:
    for facts in outcome["facts"].values():
        for fact, value in expected.get("facts", {}).items():
            if not _same(value, facts.get(fact), EXACT):
                yield f"{fact} is {facts.get(fact)}, wanted {value}"
    if "sections_of" in expected and len(outcome["sections"]) != expected["sections_of"]:
        yield f"{len(outcome['sections'])} sections, wanted {expected['sections_of']}"
    if "failing" in expected:
        failing = sum(entry["verdict"] != "MET" for entry in outcome["sections"])
        if failing != expected["failing"]:
            yield f"{failing} sections fail"
    if outcome["rounding_flags"] != expected.get("rounding_flags", outcome["rounding_flags"]):
        yield f"{outcome['rounding_flags']} rounding flags"


def _same(wanted: Any, result: Any, precision: float) -> bool:
    if isinstance(wanted, list):
        return len(wanted) == len(result) and all(
            map(lambda entry, other: _same(entry, other, precision), wanted, result)
        )
    if wanted is None or result is None:
        return wanted is None and result is None
    return bool(abs(wanted - result) <= precision)
