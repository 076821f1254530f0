"""What the rest of a standard declares, for a single declaration to be held against."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

import attrs

from balancedu.core.fields import Impossible, Stage
from balancedu.errors import near
from balancedu.phrase import Phrase, listed, meant

if TYPE_CHECKING:
    from balancedu.core.measure import Measure


@attrs.frozen
class Known:
    """What the rest of a standard declares: a rule, an indicator or a measure is held against it."""

    tables: frozenset[str]
    ids: frozenset[str] | None
    """Of all measures; None where that cannot be said."""
    measures: Mapping[str, Measure]
    """Those without a problem of their own."""
    stages: tuple[Stage, ...]
    indicators: int | None
    """How many indicators there are; None where that cannot be said."""

    def covered(self, field: str, given: Mapping[Stage, object]) -> Iterator[Impossible]:
        """Yield the judged stages that are left out, those not judged, and measures of another stage."""
        for stage in self.stages:
            if stage not in given:
                yield Impossible(field, missing_stage(stage))
        for stage in given:
            if self.stages and stage not in self.stages:
                problem = Phrase(f"学段 {stage} 不评估", f"the stage {stage} is not judged")
                hint = Phrase("评估的学段：", "judged are ") + listed(self.stages)
                yield Impossible(f"{field}.{stage}", problem, hint)
        yield from self.of_their_stage(field, given)

    def of_their_stage(self, field: str, given: Mapping[Stage, object]) -> Iterator[Impossible]:
        """Yield measures that stand under a stage and are about another one."""
        for stage, value in given.items():
            names = value if isinstance(value, tuple) else (value,)
            for name in (name.removeprefix("-") for name in names if isinstance(name, str)):
                other = self.measures[name].stage if name in self.measures else None
                if other not in (None, stage):
                    problem = Phrase(f"{name} 属于学段 {other}", f"{name} is about the stage {other}")
                    yield Impossible(f"{field}.{stage}", problem)

    def needed(self, measure: str, kind: str) -> Iterator[Impossible]:
        """Yield a measure that the program asks for by its name, where it is missing or of another type."""
        if self.ids is not None and measure not in self.ids:
            problem = Phrase(f"需要填报项 {measure}，类型为 {kind}", f"needs the measure {measure}, of type {kind}")
            yield Impossible("", problem, Phrase("请在 measures.yaml 中写上", "declare it in measures.yaml"))
        elif measure in self.measures and self.measures[measure].type != kind:
            other = self.measures[measure].type
            problem = Phrase(
                f"{measure} 的类型应为 {kind}，现为 {other}", f"needs {measure} of type {kind}, found type {other}"
            )
            yield Impossible("", problem)

    def stages_in_order(self, measure: str) -> Iterator[Impossible]:
        """Yield a choice of stages that is not the list of those judged."""
        given = [choice.id for choice in self.measures[measure].values] if measure in self.measures else []
        if given and self.stages and given != list(self.stages):
            wanted, found = listed(self.stages), listed(given)
            problem = Phrase(
                f"{measure} 应依次列出评估的学段 {wanted.zh}，现为 {found.zh}",
                f"{measure} must list the judged stages in their order, {wanted.en}, found {found.en}",
            )
            yield Impossible("", problem)

    def within_reach(self, field: str, limit: Decimal, measure: str) -> Iterator[Impossible]:
        """Yield a limit that no value of the measure can reach, or that none can miss."""
        reach = self.measures[measure].range if measure in self.measures else None
        if reach and reach.most is not None and limit > reach.most:
            problem = Phrase(
                f"填写{limit}，不应超过 {measure} 的最大值{reach.most}",
                f"must be at most {reach.most}, the most that {measure} can be, found {limit}",
            )
            yield Impossible(field, problem)
        if reach and reach.least is not None and limit <= reach.least:
            problem = Phrase(
                f"填写{limit}，应大于 {measure} 的最小值{reach.least}",
                f"must be above {reach.least}, the least that {measure} can be, found {limit}",
            )
            yield Impossible(field, problem)

    def listed(self, field: str, value: str, measure: str) -> Iterator[Impossible]:
        """Yield a value that a choice does not list."""
        choices = self.measures[measure].values if measure in self.measures else ()
        values = [choice.id for choice in choices]
        if values and value not in values:
            titled = meant([choice.id for choice in choices if value in choice.writings][:1])
            problem = Phrase(f"{measure} 没有“{value}”这个值", f"{measure} has no value {value!r}")
            problem += titled or near(value, values)
            yield Impossible(field, problem, Phrase("它的值：", "its values: ") + listed(values))


def missing_stage(stage: Stage) -> Phrase:
    """Say that a judged stage is left out."""
    return Phrase(f"缺少要评估的学段 {stage}", f"the judged stage {stage} is missing")
