"""Relief: other rules for the schools that meet a condition, and the standard as it is without any."""

from __future__ import annotations

import functools
from collections.abc import Hashable, Iterator, Mapping
from typing import TYPE_CHECKING, cast

import attrs

from balancedu.core.condition import Condition
from balancedu.core.model import Impossible, Source, Term, Title, a_name, described, filled
from balancedu.core.rule import Rule
from balancedu.phrase import NO_WORDS, Phrase, listed

if TYPE_CHECKING:
    from balancedu.core.standard import Part, Standard


@attrs.frozen
class Relief:
    """Other limits for some schools: those who meet it are judged by these where that is better for them."""

    id: str = described("its name", validator=a_name)
    title: Title = described("what is relieved, for whom")
    source: Source = described("where that is said")
    when: Condition = described("the schools that it is for")
    rules: tuple[Rule, ...] = described(
        "what they are judged by instead: the same kinds of rule in the same order, looking at the same schools",
        validator=filled,
    )


def misfits(rules: tuple[Rule, ...], reliefs: tuple[Relief, ...]) -> Iterator[Impossible]:
    """Yield what cannot take the place of the rules of an item."""
    for n, relief in enumerate(reliefs):
        if relief.id in [one.id for one in reliefs[:n]]:
            problem = Phrase(f"“{relief.id}”重复", f"{relief.id!r} is declared already")
            yield Impossible(f"reliefs[{n}].id", problem)
        if [type(rule) for rule in relief.rules] != [type(rule) for rule in rules]:
            problem = Phrase(
                "规则的种类和顺序应与条目的规则相同",
                "must be of the same kinds as the rules of the item, in the same order",
            )
            yield Impossible(f"reliefs[{n}].rules", problem)
            continue
        for position, (strict, relaxed) in enumerate(zip(rules, relief.rules, strict=True)):
            path = f"reliefs[{n}].rules[{position}]"
            if strict.looks_at is None:
                problem = Phrase(
                    "放宽是对学校的，这种规则不逐校判定",
                    "relief is for schools, and this kind of rule does not look at single schools",
                )
                yield Impossible(path, problem)
            elif strict.looks_at != relaxed.looks_at:
                problem = Phrase(
                    "判定的学校应与条目的规则相同", "must look at the same schools as the rule of the item"
                )
                yield Impossible(path, problem + _lacking(strict, relaxed))


def _lacking(strict: Rule, relaxed: Rule) -> Phrase:
    """Say what only one of two rules looks at: which schools, or which of their figures."""
    ours, theirs = _pieces(strict), _pieces(relaxed)
    lists = [{name for piece in pieces if isinstance(piece, frozenset) for name in piece} for pieces in (ours, theirs)]
    missing, more = (listed(map(str, sorted(names))) for names in (lists[0] - lists[1], lists[1] - lists[0]))
    told = [Phrase("；放宽缺少 ", "; the relief leaves out ") + missing] * bool(missing)
    told += [Phrase("；条目不判定 ", "; the item does not look at ") + more] * bool(more)
    for name in attrs.fields_dict(cast("type[attrs.AttrsInstance]", type(strict))):
        value = getattr(strict, name)
        piece = tuple(value.items()) if isinstance(value, Mapping) else value
        if isinstance(piece, str | int | tuple) and piece in ours and piece not in theirs:
            told.append(Phrase(f"；{name} 应相同", f"; {name} must be the same"))
    return sum(told, NO_WORDS)


def _pieces(rule: Rule) -> tuple[Hashable, ...]:
    return rule.looks_at if isinstance(rule.looks_at, tuple) else (rule.looks_at,)


@functools.lru_cache(maxsize=16)
def strict_of(standard: Standard) -> Standard | None:
    """Return the same standard without relief of any kind, or None where there is none in it.

    Relief is what an overlay says that relaxes, what an item grants some schools, and amounts that count in some.
    """
    base = standard.strict or standard
    amounts = {name for name, one in base.measures.items() if one.counts_when}
    if not amounts and not any(item.reliefs for item in base.items.values()):
        return None if base is standard else base
    parts = {name: _without_relief(part, amounts) for name, part in base.parts.items()}
    return attrs.evolve(base, parts=parts)


def _without_relief(part: Part, amounts: set[str]) -> Part:
    def counted(terms: tuple[Term, ...]) -> tuple[Term, ...]:
        return tuple(term for term in terms if term not in amounts)

    indicators = tuple(
        attrs.evolve(
            one,
            amount=counted(one.amount),
            amount_by_stage={stage: counted(terms) for stage, terms in one.amount_by_stage.items()},
        )
        for one in part.indicators
    )
    items = tuple(attrs.evolve(item, reliefs=()) for item in part.items)
    return attrs.evolve(part, items=items, indicators=indicators)
