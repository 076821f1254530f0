"""The language of texts: one setting for results and errors."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from balancedu.text import Language

VARIABLE = "BALANCEDU_LANG"
_chosen: ContextVar[Language | None] = ContextVar("balancedu_lang", default=None)


class Options:
    """Settings of the running program, each thread and task with its own.

    Attributes
    ----------
    lang : {"zh", "en"}
        The default language of results and errors. Chinese, unless it or the environment
        variable `BALANCEDU_LANG` is `en`.

    Examples
    --------
    >>> import balancedu as be
    >>> from balancedu.text import Phrase
    >>> with be.options.using("en"):
    ...     print(be.RequestError(Phrase("没有这所学校", "no such school")))
    no such school
    """

    __slots__ = ()

    @property
    def lang(self) -> Language:
        """Return the language of results and errors."""
        return _chosen.get() or default_language()

    @lang.setter
    def lang(self, lang: Language) -> None:
        if lang not in ("zh", "en"):
            raise ValueError(f'lang must be "zh" or "en", found {lang!r}')
        _chosen.set(lang)

    @contextmanager
    def using(self, lang: Language) -> Iterator[None]:
        """Set the language within a `with` block."""
        before = _chosen.get()
        self.lang = lang
        try:
            yield
        finally:
            _chosen.set(before)

    def __repr__(self) -> str:
        return f"Options(lang={self.lang!r})"


options: Options = Options()


def default_language() -> Language:
    """Return the language set by the environment; default: Chinese."""
    return "en" if os.environ.get(VARIABLE, "").strip().casefold().startswith("en") else "zh"
