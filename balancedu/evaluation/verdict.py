"""The four verdicts, and how a section compares with the standard of one indicator."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from typing import NoReturn, SupportsInt

from balancedu.calculator import verdicts as logic
from balancedu.core.fields import Language


class Verdict(enum.StrEnum):
    """What a decision comes to: a word; arrays hold its `code`.

    A verdict is neither true nor false, and none is less than another: ask `verdict is Verdict.MET`, and order by
    `verdict.code`.

    Examples
    --------
    >>> Verdict.MET, Verdict.of(0), Verdict.MET.code
    (<Verdict.MET: 'MET'>, <Verdict.NOT_MET: 'NOT_MET'>, 2)
    >>> print(Verdict.UNKNOWN, Verdict.UNKNOWN.text("zh"))
    UNKNOWN 待定
    """

    NOT_MET = "NOT_MET"
    UNKNOWN = "UNKNOWN"
    MET = "MET"
    NOT_APPLICABLE = "NOT_APPLICABLE"

    @classmethod
    def of(cls, code: SupportsInt) -> Verdict:
        """Return the verdict of a code in an array."""
        return _BY_CODE[int(code)]

    @classmethod
    def worst(cls, verdicts: Iterable[Verdict]) -> Verdict | None:
        """Return the verdict of several that must all be met; None of none."""
        return min(verdicts, key=lambda verdict: verdict.code, default=None)

    @property
    def code(self) -> int:
        """The code in arrays: 0 not met, 1 unknown, 2 met, 3 not applicable; the worst is the least."""
        return _CODES[self.value]

    def text(self, lang: Language = "zh") -> str:
        """Return the verdict in words."""
        return _WORDS[self.value][lang]

    def __bool__(self) -> NoReturn:
        raise TypeError(f"a verdict is not true or false; write `verdict is Verdict.MET` (it is {self.name})")

    def __lt__(self, other: object) -> NoReturn:
        raise TypeError(f"verdicts have no order; compare their codes, as `{self.value}.code < MET.code`")

    def __le__(self, other: object) -> NoReturn:
        self.__lt__(other)

    def __gt__(self, other: object) -> NoReturn:
        self.__lt__(other)

    def __ge__(self, other: object) -> NoReturn:
        self.__lt__(other)


_CODES = {name: int(getattr(logic, name)) for name in ("NOT_MET", "UNKNOWN", "MET", "NOT_APPLICABLE")}
_BY_CODE = {_CODES[verdict.value]: verdict for verdict in Verdict}
_WORDS: dict[str, dict[Language, str]] = {
    "NOT_MET": {"zh": "未达标", "en": "not met"},
    "UNKNOWN": {"zh": "待定", "en": "unknown"},
    "MET": {"zh": "达标", "en": "met"},
    "NOT_APPLICABLE": {"zh": "不适用", "en": "not applicable"},
}


class Standing(enum.IntEnum):
    """How the value of an indicator in a section compares with its standard and floor.

    Examples
    --------
    >>> Standing(1).text("en")
    'between floor and standard'
    """

    UNKNOWN = -1
    BELOW_FLOOR = 0
    AT_FLOOR = 1
    AT_STANDARD = 2

    def text(self, lang: Language = "zh", *, at_most: bool = False) -> str:
        """Return the standing in words; of a standard that is an upper limit where `at_most` is set."""
        return (_UPPER if at_most else {}).get(self.name, _STANDINGS[self.name])[lang]

    @property
    def verdict(self) -> Verdict:
        """Whether that is enough for the standard."""
        return {Standing.AT_STANDARD: Verdict.MET, Standing.UNKNOWN: Verdict.UNKNOWN}.get(self, Verdict.NOT_MET)


_STANDINGS: dict[str, dict[Language, str]] = {
    "UNKNOWN": {"zh": "待定", "en": "unknown"},
    "BELOW_FLOOR": {"zh": "低于最低要求", "en": "below the floor"},
    "AT_FLOOR": {"zh": "低于标准、不低于最低要求", "en": "between floor and standard"},
    "AT_STANDARD": {"zh": "达到标准", "en": "at the standard"},
}
_UPPER: dict[str, dict[Language, str]] = {
    "BELOW_FLOOR": {"zh": "超过最高限度", "en": "above the ceiling"},
    "AT_FLOOR": {"zh": "高于标准、不超过最高限度", "en": "between standard and ceiling"},
}
"""The same of an upper limit."""
