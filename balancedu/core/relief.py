"""Relief: other rules for the schools that meet a condition, and the standard as it is without any."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import TYPE_CHECKING

import attrs

from balancedu.core.condition import Condition
from balancedu.core.model import Impossible, Source, Title, a_name, described, filled
from balancedu.core.rule import Rule

if TYPE_CHECKING:
    from balancedu.core.standard import Standard


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
            yield Impossible(f"reliefs[{n}].id", f"{relief.id!r} is declared already")
        if [type(rule) for rule in relief.rules] != [type(rule) for rule in rules]:
            problem = "must be of the same kinds as the rules of the item, in the same order"
            yield Impossible(f"reliefs[{n}].rules", problem)
            continue
        for position, (strict, relaxed) in enumerate(zip(rules, relief.rules, strict=True)):
            path = f"reliefs[{n}].rules[{position}]"
            if strict.looks_at is None:
                yield Impossible(path, "relief is for schools, and this kind of rule does not look at single schools")
            elif strict.looks_at != relaxed.looks_at:
                yield Impossible(path, "must look at the same schools as the rule of the item")


@functools.lru_cache(maxsize=16)
def strict_of(standard: Standard) -> Standard | None:
    """Return the same standard without any relief, or None where there is none in it."""
    parts = {
        part.id: attrs.evolve(part, items=tuple(attrs.evolve(item, reliefs=()) for item in part.items))
        for part in standard.parts.values()
    }
    relieved = any(item.reliefs for item in standard.items.values())
    amounts = {name for name, one in standard.measures.items() if one.counts_when}
    if not relieved and not amounts:
        return None
    stripped = {
        part.id: attrs.evolve(
            part,
            indicators=tuple(
                attrs.evolve(
                    one,
                    amount=tuple(term for term in one.amount if term not in amounts),
                    amount_by_stage={
                        stage: tuple(term for term in terms if term not in amounts)
                        for stage, terms in one.amount_by_stage.items()
                    },
                )
                for one in part.indicators
            ),
        )
        for part in parts.values()
    }
    return attrs.evolve(standard, parts=stripped)
