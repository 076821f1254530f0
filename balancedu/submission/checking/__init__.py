"""What is looked at in a submission before anything is judged.

`rows` holds what every row must be; the checks that a standard declares between figures are run by `running`, which
finds one function for each kind in `sums` and `usual`.
"""

from balancedu.submission.checking import sums, usual
from balancedu.submission.checking.reported import Reported, broken
from balancedu.submission.checking.running import check, warnings_of
from balancedu.submission.checking.warning import DataWarning

__all__ = [
    "DataWarning",
    "Reported",
    "broken",
    "check",
    "sums",
    "usual",
    "warnings_of",
]
