"""County facts in any of their forms become one table, a row for each county."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import attrs
import numpy as np

from balancedu.phrase import Phrase, listed
from balancedu.submission.cells import as_text
from balancedu.submission.problems import Problems, shown
from balancedu.submission.table import Origin
from balancedu.submission.tables import Column, TableLike, columns_of

Facts = Mapping[str, object] | TableLike
"""One mapping of facts, a mapping of county to such mappings, or a table with a column `county`."""

_EVIDENCE = ("value", "evidence")
_WITH_EVIDENCE = Phrase.of("{value: true, evidence: …}")


@attrs.frozen
class RawFacts:
    """Facts as columns, nothing converted yet, where they stand, and what they were documented with."""

    columns: Mapping[str, Column]
    origin: Origin
    evidence: Mapping[tuple[int, str], str] = attrs.field(factory=dict)


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
        return RawFacts(columns_of(cast("TableLike", facts)), origin)
    if not facts:
        return RawFacts({}, origin)
    mapping = _named(facts)
    counties: list[tuple[str, Mapping[str, Any]]] = [("", mapping)]
    if not _is_one_county(mapping, known):
        counties = [(county, _named(one) if isinstance(one, Mapping) else {}) for county, one in mapping.items()]
    if not origin.file:
        origin = Origin(names=[county or as_text(one.get("county")) or "" for county, one in counties])
    return _rows(counties, known, origin, problems)


def _named(facts: Mapping[Any, Any]) -> dict[str, Any]:
    """Return a mapping whose keys are text; a county may be a number."""
    return {str(key): value for key, value in facts.items()}


def _is_table(facts: Mapping[str, Any]) -> bool:
    """Columns: of several counties, or else arrays, which are columns in any case."""
    return _is_column(facts.get("county")) or (
        bool(facts) and all(_is_column(one) and not isinstance(one, list | tuple) for one in facts.values())
    )


def _is_column(values: object) -> bool:
    return hasattr(values, "__len__") and not isinstance(values, str | bytes | Mapping)


def _is_one_county(facts: Mapping[str, Any], known: Mapping[str, object]) -> bool:
    """Facts of one county, unless every value is itself a mapping of facts, or left empty."""
    mappings = [one for one in facts.values() if isinstance(one, Mapping)]
    others = [one for one in facts.values() if not isinstance(one, Mapping)]
    return (
        any(fact in known for fact in facts)
        or not mappings
        or any("value" in one for one in mappings)
        or not all(one is None or (isinstance(one, str) and not one.strip()) for one in others)
    )


def _rows(
    counties: list[tuple[str, Mapping[str, Any]]],
    known: Mapping[str, object],
    origin: Origin,
    problems: Problems,
) -> RawFacts:
    columns: dict[str, Column] = {}
    evidence: dict[tuple[int, str], str] = {}

    def note(row: int, fact: str, problem: Phrase, hint: Phrase) -> None:
        place = origin.place(row, fact, counties[row][0])
        problems.note("facts", place, fact, problem, hint, Phrase("写法不对", "form of a fact"))

    for row, (county, facts) in enumerate(counties):
        if county and (as_text(facts.get("county")) or county) != county:
            one, other = shown(facts["county"]), shown(county)
            problem = Phrase(f"填报{one.zh}，却写在县{other.zh}之下", f"found {one.en}, below the county {other.en}")
            note(row, "county", problem, Phrase("请只保留一个", "keep one of the two"))
        for fact, given in (dict(facts) | {"county": county} if county else facts).items():
            value: Any = given
            if fact not in known:
                value = True  # an unknown fact is refused by its name
            elif isinstance(given, Mapping):
                value = given.get("value")
                if set(given) - set(_EVIDENCE):
                    found = listed(map(str, given))
                    problem = Phrase(
                        f"写有“{found.zh}”，应为 value 和 evidence", f"found {found.en}, wanted value and evidence"
                    )
                    note(row, fact, problem, Phrase("请写作 ", "write ") + _WITH_EVIDENCE)
                if text := as_text(given.get("evidence"), is_id=False):
                    evidence[row, fact] = text
            elif isinstance(given, list | tuple | np.ndarray):
                value = None
                problem = Phrase("填报了列表，应为一个值", "found a list, wanted one value")
                hint = Phrase("多个县的县级事实，要有 `county` 一列", "facts of many counties need a column `county`")
                note(row, fact, problem, hint)
            columns.setdefault(fact, np.full(len(counties), None, dtype=object))[row] = value
    return RawFacts(columns, origin, evidence)
