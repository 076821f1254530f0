"""What a unit of a measure may cost: an example for planning, no law."""

from __future__ import annotations

from decimal import Decimal

import attrs

from balancedu.core.fields import Title, described, positive


@attrs.frozen
class ExampleCost:
    """What one unit may cost, for planning: an example that every county replaces by its own figures, no law."""

    add: Decimal = described("yuan for one more unit: hired, built or bought", validator=positive)
    move: Decimal | None = described(
        "yuan for moving one unit to another school of the county; left out, it cannot be moved",
        default=None,
        validator=positive,
    )
    note: Title | None = described("what the example assumes", default=None)
