"""How figures are computed and printed, and how the parts of a standard make a verdict."""

from __future__ import annotations

from typing import Literal

import attrs

from balancedu.core.fields import Source, decimals, described, different, filled


@attrs.frozen
class Spread:
    """How the coefficient of variation is computed."""

    weight: Literal["pupils", "sections"] = described("pupils: a section weighs as its pupils; sections: all alike")
    source: Source = described("where that is said")


@attrs.frozen
class Precision:
    """Decimals of the application form; for printing, never for judging."""

    values: int = described("of a section's values", validator=decimals)
    means: int = described("of a county's means", validator=decimals)
    coefficients: int = described("of coefficients of variation", validator=decimals)
    percent: int = described("of shares, in percent", validator=decimals)
    other: int = described("of everything else", validator=decimals)
    source: Source = described("where that is said")


@attrs.frozen
class Whole:
    """How the parts make the county's verdict."""

    all_of: tuple[str, ...] = described(
        "the parts that must all be met; each stands in a file of its name", validator=[filled, different]
    )
    source: Source = described("where that is said")
