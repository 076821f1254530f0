"""Submissions with gaps, and the same with some of the gaps filled: no decision may fall otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from os import PathLike

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from balancedu.core.loading import DEFAULT_STANDARD, load_standard
from balancedu.core.rules import ShareAtLeast
from balancedu.core.standard import Standard
from balancedu.evaluation.decisions import Decision, decisions_of
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.verdict import Verdict
from balancedu.testing.gaps import Gap, Tables, gaps_in, with_gaps
from balancedu.testing.strategies import Kind, tables

_KINDS: tuple[Kind, ...] = ("ordinary", "on_limits")
_LEVELS = ("item", "section", "part", "county")
"""What decides comes before what it decides."""


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


def surprises(less: Evaluation, more: Evaluation) -> list[tuple[Decision, Verdict, Verdict | None]]:
    """Return what was met or not met in spite of gaps, and is not so once some of them are filled: causes first.

    Parameters
    ----------
    less, more : Evaluation
        The evaluations of a pair that `partly_filled` draws.

    Returns
    -------
    list of (Decision, Verdict, Verdict or None)
        What was decided, before and after; None where it is not judged any more. No standard may have any.

    Examples
    --------
    >>> import balancedu as be
    >>> one, other = be.evaluate(be.example("passing")), be.evaluate(be.example("passing"))
    >>> surprises(one, other)
    []
    """
    before, after = decisions_of(less), decisions_of(more)
    decided = (one for one, verdict in before.items() if verdict in (Verdict.MET, Verdict.NOT_MET))
    found = [(one, before[one], after.get(one)) for one in decided if after.get(one) is not before[one]]
    return sorted(found, key=lambda surprise: _LEVELS.index(surprise[0].level))
