"""For code that works with balancedu, and for editions and overlays written elsewhere.

`check_standard` reads and tries a standard; the rest are hypothesis strategies for submissions that any county might
hand in. Every figure that the law sets is taken from the standard, so the strategies fit any edition and overlay.

Examples
--------
>>> import balancedu as be
>>> from balancedu.testing import submissions
>>> from hypothesis import given, settings
>>> @settings(max_examples=3, database=None)
... @given(submissions(kind="on_limits"))
... def test_a_report_can_be_written(submission):
...     assert be.report(be.evaluate(submission))
>>> test_a_report_can_be_written()
"""

from typing import TYPE_CHECKING, Any

from balancedu.errors import MissingExtraError
from balancedu.testing.check_standard import check_standard, faults
from balancedu.testing.exact import exact_coefficient
from balancedu.testing.forgotten import Fault
from balancedu.text import Phrase

if TYPE_CHECKING:
    from balancedu.testing.gaps import Omission, Tables, gaps_in, with_gaps
    from balancedu.testing.strategies import (
        KINDS,
        Kind,
        on_limit,
        partly_filled,
        submissions,
        surprises,
        tables,
        values_and_pupils,
    )

__all__ = [
    "KINDS",
    "Fault",
    "Kind",
    "Omission",
    "Tables",
    "check_standard",
    "exact_coefficient",
    "faults",
    "gaps_in",
    "on_limit",
    "partly_filled",
    "submissions",
    "surprises",
    "tables",
    "values_and_pupils",
    "with_gaps",
]


if not TYPE_CHECKING:  # the strategies need hypothesis, which checking a standard does not

    def __getattr__(name: str) -> Any:
        """Import a name when it is first used."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        try:
            strategies = import_module(f"{__name__}.strategies")
        except ImportError as error:
            raise MissingExtraError("hypothesis", "testing", Phrase("随机数据生成", "balancedu.testing")) from error
        globals()[name] = value = getattr(strategies, name)
        return value
