"""What is found wrong with a standard that can be read."""

from __future__ import annotations

from typing import Literal

import attrs

from balancedu.core.model import Language, Title


@attrs.frozen
class Fault:
    """One fault of a standard.

    Attributes
    ----------
    place : str
        The item, the path or the file that it is about; empty where it is the standard as a whole.
    title : Title
        What is wrong.
    severity : {'error', 'warning'}
        A warning may be meant.
    """

    place: str
    title: Title
    severity: Literal["error", "warning"] = "error"

    def said(self, lang: Language = "zh") -> str:
        """Return the fault as a line.

        Examples
        --------
        >>> Fault("G7", Title("无人能达标", "nobody can meet it"), "warning").said("en")
        'G7: warning: nobody can meet it'
        """
        colon = "：" if lang == "zh" else ": "
        word = {"zh": "提示", "en": "warning"}[lang]
        told = [self.place] if self.place else []
        told += [word] if self.severity == "warning" else []
        return colon.join((*told, self.title.said(lang)))
