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
LEFT_OUT = {"45"}
"""Its nine-year school gives its classes without their stages, which the tables of a submission cannot hold yet."""
EXACT = 1e-9
Outcome = Mapping[str, Any]


@pytest.mark.parametrize("name", [name for name in CASES if name not in LEFT_OUT])
def test_a_real_table(name: str) -> None:
    case, found = CASES[name], outcome_of(name)
    for pattern in case.get("draft_never", ()):
        assert not re.search(pattern, found["draft"]), re.search(pattern, found["draft"])
    faults = [list(faults_of(expected, found, case)) for expected in case["expect"]]

    assert [] in faults, "\n".join(f"outcome {n}: {one}" for n, one in enumerate(faults))


def outcome_of(name: str) -> Outcome:
    """Return what a case came to, alone in a fresh process."""
    command = [sys.executable, str(HERE / "outcome.py"), name]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False, env=environment
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found: Outcome = json.loads(done.stdout)
    return found


def faults_of(expected: Mapping[str, Any], found: Outcome, case: Mapping[str, Any]) -> Iterator[str]:
    """Yield in what an outcome is another than expected."""
    if "error" in expected:
        yield from _faults_of_error(expected["error"], found)
        return
    if "problems" in found:
        yield "refused: " + " | ".join(one.splitlines()[0] for one in found["problems"])
        return
    if "coefficients" in case:
        wanted = [one[2] for one in case["coefficients"]]
        if not _same(wanted, found["coefficients"], EXACT):
            yield f"coefficients {found['coefficients']}"
        return
    precision = {"values": EXACT, "mean": EXACT, "cv": EXACT} | expected.get("tolerance", {})
    if "as_evaluated" in expected:
        wanted, precision = found["as_evaluated"], dict.fromkeys(precision, expected["as_evaluated"])
        yield from _faults_of_sections(wanted["sections"], found["sections"], precision, names=False)
        return
    if "sections" in expected:
        yield from _faults_of_sections(expected["sections"], found["sections"], precision)
    yield from _faults_of_spread(expected.get("spread", ()), found["spread"], precision)
    yield from _faults_of_items(expected, found)
    yield from _faults_of_numbers(expected, found)
    said = "\n".join([*found["notes"], *found["warnings"], *found["excluded"]])
    yield from (f"{text} is not said" for text in expected.get("says", ()) if text not in said)
    warned = "\n".join(found["warnings"] + found["notes"])
    yield from (f"no warning names {text}" for text in expected.get("warns", ()) if text not in warned)


def _faults_of_error(wanted: Mapping[str, Any], found: Outcome) -> Iterator[str]:
    if "problems" not in found:
        yield f"not refused: {len(found['sections'])} sections"
        return
    problems = found["problems"]
    text = "\n".join(problems)
    yield from (f"{one} is not said: {text}" for one in wanted.get("contains", ()) if one not in text)
    if (some := wanted.get("contains_one_of")) and not any(one in text for one in some):
        yield f"none of {some} is said: {text}"
    yield from (f"{one} is said: {text}" for one in wanted.get("never", ()) if re.search(one, text))
    if len(problems) > wanted.get("at_most", len(problems)):
        yield f"{len(problems)} problems: {text}"


def _faults_of_sections(
    wanted: Sequence[Any], found: Sequence[Any], precision: Mapping[str, float], *, names: bool = True
) -> Iterator[str]:
    if not names:
        wanted, found = (
            sorted(some, key=lambda one: (one["stage"], one["pupils"] or 0, one["values"][0] or 0))
            for some in (wanted, found)
        )
        pairs = list(zip(wanted, found, strict=False))
    else:
        pairs = [(one, next((other for other in found if _is_of(one, other)), None)) for one in wanted]
    if len(wanted) != len(found):
        yield f"{len(found)} sections: {[(one['county'], one['school'], one['stage']) for one in found]}"
    for one, other in pairs:
        if other is None:
            yield f"no section {one['school']} {one['stage']}"
            continue
        for key in ("pupils", "values"):
            if not _same(one[key], other[key], precision["values"]):
                yield f"{one['school']} {one['stage']} {key} {other[key]}, wanted {one[key]}"
        for key in ("standing", "verdict"):
            if one[key] != other[key]:
                yield f"{one['school']} {one['stage']} {key} {other[key]}, wanted {one[key]}"


def _is_of(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return all(other[key] == one[key] for key in ("county", "school", "stage") if key in one)


def _faults_of_spread(wanted: Sequence[Any], found: Sequence[Any], precision: Mapping[str, float]) -> Iterator[str]:
    for one in wanted:
        other = next(
            (
                other
                for other in found
                if other["stage"] == one["stage"] and other["county"] == one.get("county", other["county"])
            ),
            None,
        )
        if other is None:
            yield f"no spread of {one['stage']}"
            continue
        for key in ("mean", "cv"):
            if not _same(one[key], other[key], precision[key]):
                yield f"{one['stage']} {key} {other[key]}, wanted {one[key]}"


def _faults_of_items(expected: Mapping[str, Any], found: Outcome) -> Iterator[str]:
    for county, items in found["items"].items():
        for item, verdict in expected.get("items", {}).items():
            allowed = [verdict] if isinstance(verdict, str) else verdict
            if items.get(item) not in allowed:
                yield f"{item} of {county} is {items.get(item)}, wanted {verdict}"


def _faults_of_numbers(expected: Mapping[str, Any], found: Outcome) -> Iterator[str]:
    for facts in found["facts"].values():
        for fact, value in expected.get("facts", {}).items():
            if not _same(value, facts.get(fact), EXACT):
                yield f"{fact} is {facts.get(fact)}, wanted {value}"
    if "sections_of" in expected and len(found["sections"]) != expected["sections_of"]:
        yield f"{len(found['sections'])} sections, wanted {expected['sections_of']}"
    if "failing" in expected:
        failing = sum(one["verdict"] != "MET" for one in found["sections"])
        if failing != expected["failing"]:
            yield f"{failing} sections fail"
    if found["rounding_flags"] != expected.get("rounding_flags", found["rounding_flags"]):
        yield f"{found['rounding_flags']} rounding flags"


def _same(wanted: Any, found: Any, precision: float) -> bool:
    if isinstance(wanted, list):
        return len(wanted) == len(found) and all(map(lambda one, other: _same(one, other, precision), wanted, found))
    if wanted is None or found is None:
        return wanted is None and found is None
    return bool(abs(wanted - found) <= precision)
