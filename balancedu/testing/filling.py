"""Submissions with gaps, and the same with some of the gaps filled: no decision may fall otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from os import PathLike

import numpy as np
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy
from numpy.typing import NDArray

from balancedu.core.loading import DEFAULT_STANDARD, load_standard
from balancedu.core.rules import ShareAtLeast
from balancedu.core.standard import Standard
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.verdict import Verdict
from balancedu.testing.gaps import Gap, Tables, gaps_in, with_gaps
from balancedu.testing.strategies import Kind, tables

_KINDS: tuple[Kind, ...] = ("ordinary", "on_limits")
_DECIDED = (Verdict.MET, Verdict.NOT_MET)


def partly_filled(
    standard: str | PathLike[str] | Standard = DEFAULT_STANDARD,
) -> SearchStrategy[tuple[Tables, Tables]]:
    """Return pairs of submissions: one with gaps, and the same with some of its gaps filled.

    What `docs/judging.md` calls no gap is never left out of one and not of the other: facts that may be left out,
    and the counts of a share that is stated directly.

    Examples
    --------
    >>> from hypothesis import Phase, find, settings
    >>> first = settings(phases=[Phase.generate], database=None)
    >>> less, more = find(partly_filled(), lambda drawn: True, settings=first)
    >>> set(less) <= set(more)
    True
    """
    return _partly_filled(load_standard(standard))


@st.composite
def _partly_filled(draw: DrawFn, standard: Standard) -> tuple[Tables, Tables]:
    full = draw(tables(standard, kind=st.sampled_from(_KINDS), counties=st.integers(1, 2)))
    shares = {one.id: one.quotient.measures for one in standard.measures.values() if one.quotient}
    for county, facts in full["facts"].items():
        counted = {share for share, counts in shares.items() if facts.keys() & set(counts)}
        full["facts"][county] = {fact: value for fact, value in facts.items() if fact not in counted}
    optional = {Gap("facts", fact, county) for fact in _optional(standard) for county in full["facts"]}
    gaps = sorted(draw(gaps_in(full)) - optional, key=str)
    # Some are seldom many, and many show most.
    some_or_all = (
        st.one_of(st.frozensets(st.sampled_from(gaps)), st.just(frozenset(gaps))) if gaps else st.just(frozenset())
    )
    filled = draw(some_or_all)
    return with_gaps(full, gaps), with_gaps(full, set(gaps) - filled)


def _optional(standard: Standard) -> Iterator[str]:
    """Yield the facts that may be left out without a gap."""
    for rule in (rule for item in standard.items.values() for rule in item.rules):
        if isinstance(rule, ShareAtLeast) and rule.when_not_reported == "not_applicable":
            share = standard.measures[rule.share]
            yield from (share.id, *(share.quotient.measures if share.quotient else ()))


def decisions(evaluation: Evaluation) -> dict[tuple[str, ...], Verdict]:
    """Return everything that was decided, by its name: items, sections, parts and counties that are met or not.

    What decides comes before what it decides, so that the first surprise found is a cause.

    Examples
    --------
    >>> import balancedu as be
    >>> decisions(be.evaluate(be.example("failing")))["item", "G12", "990202"]
    <Verdict.NOT_MET: 0>
    """
    codes: dict[tuple[str, ...], Verdict] = {}
    codes |= _by_county("item", evaluation.item_verdicts, evaluation.counties)
    columns = evaluation.sections
    units = zip(columns["county"], columns["school"], columns["stage"], evaluation.section_verdicts, strict=True)
    codes |= {("section", *map(str, unit)): Verdict(int(code)) for *unit, code in units}
    codes |= _by_county("part", evaluation.part_verdicts, evaluation.counties)
    codes |= {("county", name): verdict for name, verdict in evaluation.verdicts.items()}
    return {name: verdict for name, verdict in codes.items() if verdict in _DECIDED}


def _by_county(
    kind: str, found: Mapping[str, NDArray[np.int8]], counties: Iterable[str]
) -> dict[tuple[str, ...], Verdict]:
    """Return the verdicts of items or parts by kind, name and county."""
    return {
        (kind, name, county): Verdict(code)
        for name, verdicts in found.items()
        for county, code in zip(counties, verdicts.tolist(), strict=True)
    }
