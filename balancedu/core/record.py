"""An overlay that was applied, and one step in the history of a value."""

from __future__ import annotations

from typing import Literal

import attrs

from balancedu.core.fields import Language, Source, Title

Way = Literal["stated", "set", "added", "dropped"]

_WORDS: dict[Way, tuple[str, str]] = {
    "stated": ("规定", "stated"),
    "set": ("改定", "set"),
    "added": ("增设", "added"),
    "dropped": ("取消", "dropped"),
}


@attrs.frozen
class AppliedOverlay:
    """An overlay that a standard is made with; `Standard.history` knows what it changed.

    Attributes
    ----------
    relaxes, wholly : bool
        Whether some of what was applied is relief, and whether all of it is.
    """

    id: str
    title: Title
    document: str
    issued: str | None
    relaxes: bool
    source: Source | None
    from_: str | None
    until: str | None
    wholly: bool

    def relief_said(self, lang: Language = "zh") -> str:
        """Return whether it is relief, in a word or two; nothing where it is none."""
        words = ("放宽", "部分放宽") if lang == "zh" else ("relief", "relief in part")
        return words[not self.wholly] if self.relaxes else ""


@attrs.frozen
class HistoryRecord:
    """What an edition or an overlay says about a value.

    Attributes
    ----------
    by : str
        The id of the edition or overlay.
    path : str
        What was changed: the value asked about, something in it, or what holds it.
    way : {'stated', 'set', 'added', 'dropped'}
        An edition states, an overlay does the others.
    before, value : str
        What it was before and is from then on, as the law writes it; empty where there is none. Where something in
        the value was changed, that alone.
    document : str
        The document of the edition or overlay.
    source : Source, optional
        Where in it that is said; None for the little that stands without a source, such as the title of an edition.
    from_, until : str, optional
        The first and the last day.
    reason : Title, optional
        Why something was dropped.
    """

    by: str
    path: str
    way: Way
    before: str
    value: str
    document: str
    source: Source | None = None
    from_: str | None = None
    until: str | None = None
    reason: Title | None = None

    def said(self, lang: Language = "zh") -> str:
        """Return it as a line.

        Examples
        --------
        >>> print(HistoryRecord("ours", "items.G7.rules[0].at_least", "set", "700", "800", "ours 1").said("en"))
        ours: set 700 → 800 (ours 1)
        """
        word = _WORDS[self.way][lang == "en"]
        values = " → ".join(one for one in (self.before, self.value) if one)
        reason = f" {self.reason.said(lang)}" if self.reason else ""
        what = " ".join(filter(None, (word, values)))
        return f"{self.by}: {what} ({self.source or self.document}){self._days(lang)}{reason}"

    def _days(self, lang: Language) -> str:
        if self.from_ and self.until:
            return f" {self.from_}–{self.until}"
        if self.from_:
            return f" 自{self.from_}起" if lang == "zh" else f" from {self.from_}"
        if self.until:
            return f" 至{self.until}止" if lang == "zh" else f" until {self.until}"
        return ""

    def __str__(self) -> str:
        return self.said("en")
