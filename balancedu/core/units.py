"""Units: further words for them, and the larger and smaller ones that figures may be written in."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

import attrs

from balancedu.core.fields import Impossible, described, different, filled, positive, refuse
from balancedu.core.known import Known
from balancedu.core.words import plain
from balancedu.phrase import KNOWN, Phrase, listed

SHARE = "share"
"""What stands in place of a unit for shares, which have none."""


@attrs.frozen
class Scale:
    """A unit that is so many of another one."""

    words: tuple[str, ...] = described("how it is written", validator=[filled, different])
    times: Decimal = described("how many of the unit it is", validator=positive)
    per: int = described("for how many of it that is, as 2000 m² for 3 mu", default=1, validator=positive)

    @property
    def factor(self) -> Fraction:
        """How many of the unit one of it is, exactly."""
        return Fraction(self.times) / self.per


@attrs.frozen
class Unit:
    """A unit of measures, and what headers may say instead of it."""

    unit: str = described(f"the unit in Chinese, as measures write it; `{SHARE}` for shares", validator=filled)
    also: tuple[str, ...] = described("further words for the same unit", default=(), validator=different)
    scales: tuple[Scale, ...] = described("larger and smaller units, which are converted", default=())

    def __attrs_post_init__(self) -> None:
        refuse(self._ambiguous())

    def contradictions(self, known: Known) -> Iterator[Impossible]:
        """Yield a unit that no measure has."""
        found = {one.unit.zh for one in known.measures.values() if one.unit} | {SHARE}
        if known.ids == frozenset(known.measures) and self.unit not in found:
            problem = Phrase(f"没有填报项以“{self.unit}”为单位", f"no measure has the unit {self.unit!r}")
            yield Impossible("unit", problem, KNOWN + listed(sorted(found)))

    def _ambiguous(self) -> Iterator[Impossible]:
        seen: dict[str, str] = {}
        fields = [("unit", (self.unit,)), ("also", self.also)]
        fields += [(f"scales[{n}].words", scale.words) for n, scale in enumerate(self.scales)]
        for field, words in fields:
            for word in words:
                if seen.setdefault(plain(word), field) != field:
                    yield Impossible(field, Phrase(f"“{word}”已另有含义", f"{word!r} has a meaning already"))
