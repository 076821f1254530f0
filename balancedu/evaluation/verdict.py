"""The four verdicts."""

from __future__ import annotations

import enum

from balancedu.calculator import verdicts as logic
from balancedu.core.fields import Language


class Verdict(enum.IntEnum):
    """What a decision comes to. Its number is the code in arrays.

    A verdict is neither true nor false: ask `verdict is Verdict.MET`.

    Examples
    --------
    >>> Verdict.MET
    <Verdict.MET: 2>
    >>> print(Verdict.UNKNOWN, Verdict.UNKNOWN.said("zh"))
    UNKNOWN 待定
    """

    NOT_MET = int(logic.NOT_MET)
    UNKNOWN = int(logic.UNKNOWN)
    MET = int(logic.MET)
    NOT_APPLICABLE = int(logic.NOT_APPLICABLE)

    def __bool__(self) -> bool:
        raise TypeError(f"a verdict is not true or false; write `verdict is Verdict.MET` (it is {self.name})")

    def __str__(self) -> str:
        return self.name

    def said(self, lang: Language = "zh") -> str:
        """Return the verdict in words."""
        return _WORDS[self.name][lang]


_WORDS: dict[str, dict[Language, str]] = {
    "NOT_MET": {"zh": "未达标", "en": "not met"},
    "UNKNOWN": {"zh": "待定", "en": "unknown"},
    "MET": {"zh": "达标", "en": "met"},
    "NOT_APPLICABLE": {"zh": "不适用", "en": "not applicable"},
}
