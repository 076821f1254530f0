"""County facts in any of their forms become one table, a row for each county."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

import attrs
import numpy as np

from balancedu.errors import nearest
from balancedu.submission.problems import Problems
from balancedu.submission.table import Origin
from balancedu.submission.tables import Column, TableLike, columns_of

Facts = Mapping[str, object] | TableLike
"""One mapping of facts, a mapping of county to such mappings, or a table with a column `county`."""


@attrs.frozen
class RawFacts:
    """Facts as columns, nothing converted yet, and what they were documented with."""

    columns: dict[str, Column]
    rows: int
    evidence: dict[tuple[int, str], str]


def raw_facts(facts: Facts, known: Mapping[str, object], origin: Origin, problems: Problems) -> RawFacts:
    """Return facts as columns with a row for each county.

    Parameters
    ----------
    facts : mapping or table
        See `Facts`.
    known : mapping
        The facts that the standard declares.
    origin, problems
        Where the facts were read, and where to put what is wrong with them.
    """
    if not isinstance(facts, Mapping) or _is_table(facts):
        columns = columns_of(cast("TableLike", facts))
        return RawFacts(columns, next((column.size for column in columns.values()), 0), {})
    if _is_one_county(facts, known):
        return _rows([("", facts)], known, origin, problems)
    return _rows(list(_counties(facts, known, origin, problems)), known, origin, problems)


def _is_table(facts: Mapping[str, Any]) -> bool:
    county = facts.get("county")
    return county is not None and not isinstance(county, str | int | Mapping)


def _is_one_county(facts: Mapping[str, Any], known: Mapping[str, object]) -> bool:
    """Facts of one county, unless every value is itself a mapping of facts."""
    values = facts.values()
    return any(key in known for key in facts) or not all(isinstance(one, Mapping) for one in values)


def _counties(
    facts: Mapping[str, Any], known: Mapping[str, object], origin: Origin, problems: Problems
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for county, values in facts.items():
        if "value" in values and not any(key in known for key in values):
            hint = "leave it out, or declare it in a standard of your own"
            problem = f"unknown fact{nearest(str(county), known)}"
            problems.note("facts", origin.place(0, str(county)), str(county), problem, hint, "unknown fact")
        else:
            yield str(county), values


def _rows(
    counties: list[tuple[str, Mapping[str, Any]]],
    known: Mapping[str, object],
    origin: Origin,
    problems: Problems,
) -> RawFacts:
    columns: dict[str, Column] = {}
    evidence: dict[tuple[int, str], str] = {}
    for row, (county, facts) in enumerate(counties):
        for fact, given in ({"county": county} | dict(facts) if county else facts).items():
            if fact not in columns:
                columns[fact] = np.full(len(counties), None, dtype=object)
            value = given
            if isinstance(given, Mapping):
                value = given.get("value")
                unknown = sorted(set(given) - {"value", "evidence"})
                if unknown:
                    problem = f"found {', '.join(unknown)}, wanted value and evidence"
                    problems.note("facts", origin.place(row, fact), fact, problem, kind="shape")
                if given.get("evidence"):
                    evidence[row, fact] = str(given["evidence"])
            elif isinstance(given, list | tuple | np.ndarray):
                problem = f"found a list, wanted one value{'' if fact in known else nearest(fact, known)}"
                problems.note("facts", origin.place(row, fact), fact, problem, kind="shape")
                value = None
            columns[fact][row] = value
    return RawFacts(columns, len(counties), evidence)
