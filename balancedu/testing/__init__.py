"""Hypothesis strategies for code that works with balancedu: submissions that any county might hand in.

Every figure that the law sets is taken from the standard, so the strategies fit any edition and overlay.

Examples
--------
>>> import balancedu as be
>>> from balancedu.testing import submissions
>>> from hypothesis import given, settings
>>> @settings(max_examples=3, database=None)
... @given(submissions(kind="on_limits"))
... def test_a_report_can_be_written(submission):
...     assert be.evaluate(submission).report()
>>> test_a_report_can_be_written()
"""

from balancedu.errors import MissingExtraError

try:
    import hypothesis as _hypothesis  # noqa: F401
except ImportError as error:
    raise MissingExtraError("hypothesis", "testing", "balancedu.testing") from error

from balancedu.testing.gaps import Gap, Tables, gaps_in, with_gaps
from balancedu.testing.limits import on_limit
from balancedu.testing.strategies import KINDS, Kind, submissions, tables

__all__ = ["KINDS", "Gap", "Kind", "Tables", "gaps_in", "on_limit", "submissions", "tables", "with_gaps"]
