"""What the rest of a standard declares, for a single declaration to be held against."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

import attrs

from balancedu.core.fields import Impossible, Stage
from balancedu.errors import nearest

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
                yield Impossible(field, f"the judged stage {stage} is missing")
        for stage in given:
            if self.stages and stage not in self.stages:
                hint = f"judged are {', '.join(self.stages)}"
                yield Impossible(f"{field}.{stage}", f"the stage {stage} is not judged", hint)
        yield from self.of_their_stage(field, given)

    def of_their_stage(self, field: str, given: Mapping[Stage, object]) -> Iterator[Impossible]:
        """Yield measures that stand under a stage and are about another one."""
        for stage, value in given.items():
            names = value if isinstance(value, tuple) else (value,)
            for name in (name.removeprefix("-") for name in names if isinstance(name, str)):
                other = self.measures[name].stage if name in self.measures else None
                if other not in (None, stage):
                    yield Impossible(f"{field}.{stage}", f"{name} is about the stage {other}")

    def needed(self, measure: str, kind: str) -> Iterator[Impossible]:
        """Yield a measure that the program asks for by its name, where it is missing or of another type."""
        if self.ids is not None and measure not in self.ids:
            yield Impossible("", f"needs the measure {measure}, of type {kind}", "declare it in measures.yaml")
        elif measure in self.measures and self.measures[measure].type != kind:
            yield Impossible("", f"needs {measure} of type {kind}, found type {self.measures[measure].type}")

    def stages_in_order(self, measure: str) -> Iterator[Impossible]:
        """Yield a choice of stages that is not the list of those judged."""
        listed = [choice.id for choice in self.measures[measure].values] if measure in self.measures else []
        if listed and self.stages and listed != list(self.stages):
            wanted = f"must list the judged stages in their order, {', '.join(self.stages)}"
            yield Impossible("", f"{measure} {wanted}, found {', '.join(listed)}")

    def within_reach(self, field: str, limit: Decimal, measure: str) -> Iterator[Impossible]:
        """Yield a limit that no value of the measure can reach, or that none can miss."""
        reach = self.measures[measure].range if measure in self.measures else None
        if reach and reach.most is not None and limit > reach.most:
            problem = f"must be at most {reach.most}, the most that {measure} can be, found {limit}"
            yield Impossible(field, problem)
        if reach and reach.least is not None and limit <= reach.least:
            problem = f"must be above {reach.least}, the least that {measure} can be, found {limit}"
            yield Impossible(field, problem)

    def listed(self, field: str, value: str, measure: str) -> Iterator[Impossible]:
        """Yield a value that a choice does not list."""
        choices = self.measures[measure].values if measure in self.measures else ()
        values = [choice.id for choice in choices]
        if values and value not in values:
            titled = next((f"; did you mean {choice.id!r}?" for choice in choices if value in choice.writings), "")
            problem = f"{measure} has no value {value!r}{titled or nearest(value, values)}"
            yield Impossible(field, problem, f"its values: {', '.join(values)}")
