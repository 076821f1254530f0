"""What must be so of a school for something to apply to it: declared here, judged where the data is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

import attrs

from balancedu.core.fields import Asked, Impossible, MeasureId, Stage, described, different, refuse
from balancedu.core.known import Known
from balancedu.phrase import Phrase, listed

_BOUNDS = ("at_least", "at_most", "above", "below")
_SUBJECTS = ("measure", "sum_of", "largest", "all_of", "any_of")


@attrs.frozen
class Condition:
    """What must be so of a school: one of its figures compared, or several conditions together."""

    measure: MeasureId | None = described(
        "what the school reports; this or one of the next four",
        asks=Asked.of("schools", "choice", "yes_no", "count", "number", "share"),
        default=None,
    )
    sum_of: tuple[MeasureId, ...] = described(
        "several counts of the school, added up", asks=Asked.of("schools", "count"), default=(), validator=different
    )
    largest: MeasureId | None = described(
        "a count of its classes, of which the largest is meant", asks=Asked.of("classes", "count"), default=None
    )
    all_of: tuple[Condition, ...] = described("conditions that must all hold", default=())
    any_of: tuple[Condition, ...] = described("conditions of which one must hold", default=())
    one_of: tuple[str, ...] = described("for a choice: the values that meet it, by their ids", default=())
    expected: bool | None = described("for yes or no: the answer that meets it", default=None)
    at_least: Decimal | None = described("for a number: the least that meets it", default=None)
    at_most: Decimal | None = described("for a number: the most that meets it", default=None)
    above: Decimal | None = described("for a number: what it must be more than", default=None)
    below: Decimal | None = described("for a number: what it must be less than", default=None)
    classes: Mapping[Stage, MeasureId] = described(
        "with `largest`: the number of classes of each stage, by which a list of classes is known to be whole",
        asks=Asked.of("schools", "count"),
        factory=dict,
    )

    def __attrs_post_init__(self) -> None:
        refuse(self._senseless())

    @property
    def parts(self) -> tuple[Condition, ...]:
        """The conditions that it is made of; none where it compares a figure itself."""
        return self.all_of or self.any_of

    @property
    def bounds(self) -> Mapping[str, Decimal]:
        """The bounds that it sets, by their names."""
        return {name: getattr(self, name) for name in _BOUNDS if getattr(self, name) is not None}

    @property
    def subject(self) -> tuple[str, ...]:
        """The measures of which it compares the one, the sum or the largest; none where it has parts."""
        return tuple(name for name in (self.measure, *self.sum_of, self.largest) if name is not None)

    @property
    def measures(self) -> tuple[str, ...]:
        """Every measure that it rests on, each once."""
        inner = (name for part in self.parts for name in part.measures)
        return tuple(dict.fromkeys((*self.subject, *self.classes.values(), *inner)))

    @property
    def simple(self) -> Iterator[Condition]:
        """Every condition in it that compares a figure."""
        if self.parts:
            for part in self.parts:
                yield from part.simple
        else:
            yield self

    def contradictions(self, known: Known) -> Iterator[Impossible]:
        """Yield comparisons that do not fit the type of the measure, values that there are not, and missing stages."""
        if self.largest:
            yield from known.covered("classes", self.classes)
            yield from known.needed("classes.stage", "choice")
        for name in self.subject:
            if name in known.measures:
                yield from self._unfit(known.measures[name].type, known)

    def _unfit(self, kind: str, known: Known) -> Iterator[Impossible]:
        wanted = {"choice": ("one_of",), "yes_no": ("expected",)}.get(kind, _BOUNDS)
        given = [name for name in ("one_of", "expected", *_BOUNDS) if getattr(self, name) not in ((), None)]
        for name in given:
            if name not in wanted:
                problem = Phrase(f"不能用于类型为 {kind} 的填报项", f"cannot be asked of a measure of type {kind}")
                # All of them, be they two or four, with "or" between.
                hint = Phrase(f"请用 {'、'.join(wanted)}", f"ask {' or '.join(wanted)}")
                yield Impossible(name, problem, hint)
        if self.measure and kind == "choice":
            for value in self.one_of:
                yield from known.listed("one_of", value, self.measure)

    def _senseless(self) -> Iterator[Impossible]:
        given = [name for name in _SUBJECTS if getattr(self, name)]
        if len(given) != 1:
            subjects = listed(_SUBJECTS)
            problem = Phrase(f"应写 {subjects.zh} 之一，", f"must have exactly one of {subjects.en}, ")
            found = Phrase(f"现有 {'、'.join(given)}", f"found {' and '.join(given)}")
            yield Impossible("", problem + (found if given else Phrase("现一项也没有", "found none of them")))
        compared = bool(self.one_of or self.expected is not None or self.bounds)
        if self.parts and compared:
            problem = Phrase(
                "由其他条件组成，自身不能再作比较", "compares nothing itself, for it is made of other conditions"
            )
            yield Impossible("", problem)
        elif given and not self.parts and not compared:
            problem = Phrase(f"没有写明 {given[0]} 要怎样", f"does not say what {given[0]} must be")
            hint = Phrase("请加上 one_of、expected 或界限", "add one_of, expected or a bound")
            yield Impossible("", problem, hint)
        if bool(self.classes) != bool(self.largest):
            problem = Phrase("须与 largest 同时写", "goes with largest, and only with it")
            yield Impossible("classes", problem)
        if {"at_least", "above"} <= set(self.bounds) or {"at_most", "below"} <= set(self.bounds):
            problem = Phrase("同一侧写了两个界限", "has two bounds on one side")
            yield Impossible("", problem, Phrase("请只保留一个", "keep one of them"))
