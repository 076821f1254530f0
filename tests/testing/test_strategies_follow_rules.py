"""What is drawn for a rule follows from what its class declares, so a kind of rule from outside is drawn as well."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import attrs
import pytest
from hypothesis import Phase, find, settings

import balancedu as be
from balancedu.core.fields import Asked, MeasureId, described
from balancedu.core.rules import RULES, Rule, rule
from balancedu.core.standard import Standard
from balancedu.testing import tables
from balancedu.testing.strategies import threshold_of


@pytest.fixture
def standard() -> Iterator[Standard]:
    """An edition with an item judged by a kind of rule that balancedu does not know."""

    @rule("ours")
    class Ours(Rule):
        """Figures of the county and of every school keep below a limit."""

        figure: MeasureId = described("of the county", asks=Asked.of("facts", "number"))
        of_school: MeasureId = described("of the school", asks=Asked.of("schools", "count", "number"))
        below: Decimal = described("the limit")

    std = be.load_standard("cn-2017")
    item = std.items["G7"]
    figure = next(
        table_measure.id for table_measure in std.table_measures("facts").values() if table_measure.type == "number"
    )
    ours = Ours(MeasureId(figure), MeasureId("canteen_area"), Decimal("12.5"))
    part = std.parts["guarantee"]
    items = tuple(attrs.evolve(entry, rules=(ours,)) if entry is item else entry for entry in part.items)
    canteen = attrs.evolve(std.measures["multimedia_rooms"], id="canteen_area", type="number")
    yield attrs.evolve(
        std,
        parts={**std.parts, "guarantee": attrs.evolve(part, items=items)},
        measures={**std.measures, "canteen_area": canteen},
    )
    RULES.pop("ours")


def test_figures_are_on_the_limit_of_a_rule_from_outside(standard: Standard) -> None:
    rule = standard.items["G7"].rules[0]
    threshold = threshold_of(rule)
    assert threshold is not None
    assert str(threshold) == "< 12.5"
    look = settings(max_examples=500, database=None, phases=[Phase.generate], derandomize=True, deadline=None)

    for figure in (12.5, 12.49, 12.51):
        find(
            tables(standard, kind="on_limits"),
            lambda drawn, figure=figure: figure in drawn["schools"].get("canteen_area", ()),  # type: ignore[misc]
            settings=look,
        )
        find(
            tables(standard, kind="on_limits"),
            lambda drawn, figure=figure: drawn["facts"]["1"].get(rule.measures[0]) == figure,  # type: ignore[misc]
            settings=look,
        )
