"""What reading a file decided or passed over: nothing wrong, and nothing that a person should not know."""

from __future__ import annotations

import attrs

from balancedu.core.model import Language, Title


@attrs.frozen
class Note:
    """One decision of reading, and where.

    Attributes
    ----------
    file, sheet : str
        The sheet is empty for text files.
    text : Title
        The decision as a sentence, in Chinese and in English.

    Examples
    --------
    >>> note = Note("county.xlsx", "学校", Title(zh="第9行是合计，没有读入", en="row 9 is a total and was left out"))
    >>> print(note.said("zh"))
    county.xlsx 学校: 第9行是合计，没有读入
    """

    file: str
    sheet: str
    text: Title

    def said(self, lang: Language = "zh") -> str:
        """Return where it was and what was decided, in the language asked for."""
        return f"{self.file} {self.sheet}".strip() + f": {self.text.said(lang)}"

    def __str__(self) -> str:
        return self.said("en")


def listed_rows(rows: list[int]) -> str:
    """Return the numbers of rows, short enough for a sentence.

    Examples
    --------
    >>> listed_rows([9]), listed_rows([9, 20, 31, 42, 53, 64])
    ('9', '9, 20, 31, 42, 53, …')
    """
    return ", ".join(str(row) for row in rows[:5]) + (", …" if len(rows) > 5 else "")
