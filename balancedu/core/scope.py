"""Who counts: which types of school, which of their stages, and who is left out all the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

import attrs

from balancedu.core.condition import Condition
from balancedu.core.known import missing_stage
from balancedu.core.model import (
    Asked,
    Impossible,
    Known,
    MeasureId,
    SchoolType,
    Source,
    Stage,
    Title,
    a_name,
    described,
    filled,
    positive,
    refuse,
)
from balancedu.phrase import Phrase, listed


@attrs.frozen
class Counted:
    """A type of school whose sections are judged."""

    type: SchoolType = described("the type of school")
    weights: Mapping[Stage, Decimal] = described(
        "its stages, and how much of the shared resources a pupil of each takes", validator=[filled, positive]
    )
    source: Source = described("where that is said")
    fewest_pupils: int | None = described("sections with fewer pupils are left out", default=None, validator=positive)

    def contradictions(self, known: Known) -> Iterator[Impossible]:
        """Yield stages that this type of school does not have."""
        kinds = known.measures["type"].values if "type" in known.measures else ()
        stages = next((kind.stages for kind in kinds if kind.id == self.type), None)
        for stage in self.weights:
            if stages and stage not in stages:
                problem = Phrase(f"{self.type} 没有学段 {stage}", f"a {self.type} has no stage {stage}")
                yield Impossible(f"weights.{stage}", problem, Phrase("其学段：", "its stages: ") + listed(stages))


@attrs.frozen
class Exclusion:
    """Schools that are left out although their type counts."""

    id: str = described("its name", validator=a_name)
    title: Title = described("who is left out")
    when: Condition = described("what is so of these schools")
    source: Source = described("where that is said")


@attrs.frozen
class Scope:
    """Who counts."""

    pupils: Mapping[Stage, MeasureId] = described(
        "the number of pupils of each stage", asks=Asked.of("schools", "count"), validator=filled
    )
    counted: tuple[Counted, ...] = described(
        "the types of school that count; all others are left out", validator=filled
    )
    left_out: tuple[Exclusion, ...] = described("which schools of these types are left out all the same", default=())

    def __attrs_post_init__(self) -> None:
        refuse(self._gaps())

    def contradictions(self, known: Known) -> Iterator[Impossible]:
        """Yield judged stages whose pupils are not counted, or are those of another stage."""
        yield from known.needed("school", "text")
        yield from known.needed("type", "choice")
        if "parent" in (known.ids or ()):
            yield from known.needed("parent", "text")
        yield from known.of_their_stage("pupils", self.pupils)
        for stage in known.stages:
            if stage not in self.pupils:
                yield Impossible("pupils", missing_stage(stage))

    def _gaps(self) -> Iterator[Impossible]:
        ids = [one.id for one in self.left_out]
        for n, name in enumerate(ids):
            if name in ids[:n]:
                yield Impossible(f"left_out[{n}].id", Phrase(f"“{name}”重复", f"{name!r} is declared already"))
        types = [one.type for one in self.counted]
        for n, one in enumerate(self.counted):
            if one.type in types[:n]:
                problem = Phrase(f"{one.type} 重复", f"{one.type} is counted already")
                yield Impossible(f"counted[{n}].type", problem)
            for stage in one.weights:
                if stage not in self.pupils:
                    problem = Phrase(f"不知道学段 {stage} 的学生数", f"the pupils of the stage {stage} are not known")
                    hint = Phrase("请在 scope.pupils 中写上其填报项", "name their measure in scope.pupils")
                    yield Impossible(f"counted[{n}].weights.{stage}", problem, hint)
