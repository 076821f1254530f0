"""Values that a spec writes with the days on which they hold: one of them takes its place, gaps and overlaps do not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import attrs

from balancedu.core.fields import Impossible, Source, described, filled, refuse
from balancedu.core.nodes import amended, has_source
from balancedu.core.paths import Step, entry_name
from balancedu.core.periods import Lapse, When, day_after, first_day, last_day, turning_days, when, wrong_way_round
from balancedu.core.reader import Node, Problems
from balancedu.core.structure import Structurer
from balancedu.phrase import Phrase

Steps = tuple[Step, ...]


@attrs.frozen
class DatedValue:
    """A value and the days on which it holds."""

    value: Node = described("the value, written as it would be without dates")
    from_: str | None = first_day()
    until: str | None = last_day()
    source: Source | None = described("where this value is set", default=None)

    def __attrs_post_init__(self) -> None:
        refuse(wrong_way_round(self))


@attrs.frozen
class Dated:
    """In the place of any value: the values that it has had, one after the other, without gap or overlap."""

    dated: tuple[DatedValue, ...] = described("the values, the oldest first", validator=filled)

    def __attrs_post_init__(self) -> None:
        refuse(self._gaps())

    def _gaps(self) -> Iterator[Impossible]:
        for n, (before, after) in enumerate(zip(self.dated, self.dated[1:], strict=False)):
            if before.until is None:
                problem = Phrase("缺少“until”：后面还有一个值", "'until' is missing: another value follows")
                yield Impossible(f"dated[{n}]", problem)
            elif after.from_ is None:
                problem = Phrase("缺少“from”：前面还有一个值", "'from' is missing: another value stands before it")
                yield Impossible(f"dated[{n + 1}]", problem)
            elif after.from_ != day_after(before.until):
                overlap = after.from_ <= before.until
                problem = Phrase(
                    f"填写{after.from_}，应为前一个值结束的次日{day_after(before.until)}",
                    f"must be {day_after(before.until)}, the day after the value before ends, found {after.from_}",
                )
                hint = Phrase("两段日期有重叠", "the two overlap")
                hint = hint if overlap else Phrase("两段日期之间有空缺", "the two leave a gap")
                yield Impossible(f"dated[{n + 1}].from", problem, hint)


@attrs.frozen
class Chosen:
    """A dated value: where it stands, all that it has been, and which of them holds."""

    steps: Steps
    dated: Dated
    which: int


@attrs.define
class Resolver:
    """Puts in the place of every dated value of a file the one that holds on a day.

    With `nearest`, a value that does not hold yet or any more stands in where none does: so that files can be
    checked for days on which something else does not hold.
    """

    file: str
    by: str
    day: str
    problems: Problems
    nearest: bool = False
    chosen: list[Chosen] = attrs.field(factory=list)
    lapses: list[Lapse] = attrs.field(factory=list)
    periods: list[Lapse] = attrs.field(factory=list)
    days: set[str] = attrs.field(factory=set)

    def resolved(self, root: Node) -> Node:
        """Return the file as it reads on the day."""
        node, _ = self._walk(root, (), "")
        return root if node is None else node

    def _walk(self, node: Node, steps: Steps, path: str) -> tuple[Node | None, list[Node]]:
        """Return what a node is on the day, None for an entry that there is not, and who amends what holds it."""
        value = node.value
        if isinstance(value, Mapping) and "dated" in value:
            return self._dated(node, steps, path)
        amending: list[Node] = []
        if isinstance(value, Mapping):
            mapping: dict[str, Node] = {}
            for key, one in value.items():
                inner, sources = self._walk(one, (*steps, key), f"{path}.{key}".removeprefix("."))
                mapping |= {} if inner is None else {key: inner}
                amending += sources
            if amending and "source" in mapping:
                return attrs.evolve(node, value=mapping | {"source": amended(mapping["source"], amending)}), []
            return attrs.evolve(node, value=mapping), amending
        if not isinstance(value, tuple):
            return node, []
        entries: list[Node] = []
        for n, entry in enumerate(value):
            inner, sources = self._walk(entry, (*steps, len(entries)), f"{path}[{n}]")
            entries += [] if inner is None else [inner]
            amending += sources
        return attrs.evolve(node, value=tuple(entries)), amending

    def _dated(self, node: Node, steps: Steps, path: str) -> tuple[Node | None, list[Node]]:
        made: Dated | None = Structurer(self.problems, self.file).build(Dated, node, path)
        if made is None:
            return attrs.evolve(node, broken=True), []
        states = [when(one, self.day) for one in made.dated]
        self.days.update(day for one in made.dated for day in turning_days(one))
        listed = bool(steps) and isinstance(steps[-1], int)
        periods = [
            Lapse(self.by, (listed and entry_name(one.value)) or path, None, one.from_, one.until, state == "over")
            for one, state in zip(made.dated, states, strict=True)
        ]
        self.periods += periods
        if "now" in states:
            which = states.index("now")
        elif self.nearest:
            which = 0 if states[0] == "ahead" else -1
        elif listed:
            # An entry of a list comes and goes; a field has to have a value.
            self.lapses.append(periods[0 if states[0] == "ahead" else -1])
            return None, []
        else:
            return self._nothing_holds(node, path, made, states[0])
        self.chosen.append(Chosen(steps, made, which))
        now = made.dated[which]
        inner, sources = self._walk(now.value, steps, f"{path}.dated[{which}].value")
        if now.source and not has_source(now.value):
            sources = [*sources, node.entries("dated")[which].at("source")]
        return inner, sources

    def _nothing_holds(self, node: Node, path: str, made: Dated, state: When) -> tuple[Node, list[Node]]:
        first, last = made.dated[0].from_, made.dated[-1].until
        told = Phrase(f"第一个值自{first}起", f"the first begins on {first}")
        if state == "over":
            told = Phrase(f"最后一个值至{last}止", f"the last ended on {last}")
        problem = Phrase(f"{self.day}没有适用的值：", f"no value holds on {self.day}: ") + told
        hint = Phrase("请改用有值适用的日期", "ask about a day on which one holds")
        self.problems.add(node.error(path, problem, hint))
        return attrs.evolve(node, broken=True), []
