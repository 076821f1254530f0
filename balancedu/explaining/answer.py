"""The base of all answers that are read line by line."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from typing import Generic, TypeVar

import attrs

from balancedu.core.fields import Language
from balancedu.document import Block, Paragraph, Result
from balancedu.errors import RequestError
from balancedu.evaluation.evaluation import Evaluation
from balancedu.html import html_text
from balancedu.options import options
from balancedu.text import Phrase, sentence, wrap

_Row = TypeVar("_Row")


class Answer(Result):
    """A result that is read line by line."""

    __slots__ = ()

    @abstractmethod
    def lines(self, lang: Language) -> Iterator[str]:
        """Yield what a person reads, with indents that show the levels."""

    def blocks(self, lang: Language) -> Iterator[Block]:
        """Yield the lines as paragraphs."""
        yield from (Paragraph(line.strip()) for line in self.lines(lang))

    def text(self, lang: Language | None = None, *, columns: int = 0) -> str:
        """Return the lines, in `be.options.lang` where no language is given.

        Parameters
        ----------
        lang : 'zh' or 'en', optional
        columns : int
            The most columns of a line; 0 leaves lines as long as they are.
        """
        lines = self.lines(lang or options.lang)
        return "\n".join(piece for line in lines for piece in (_wrapped(line, columns) if columns else [line]))

    def _repr_html_(self) -> str:
        return html_text(self.text())


def _wrapped(line: str, columns: int) -> list[str]:
    indent = line[: len(line) - len(line.lstrip())]
    return wrap(line.lstrip(), columns, first=indent, rest=f"{indent}  ")


def one_county(evaluation: Evaluation, problem: Phrase, example: str) -> None:
    """Refuse the evaluation of several counties.

    Raises
    ------
    RequestError
        With the problem, and an example of how to name one county.
    """
    if len(evaluation.counties) > 1:
        raise RequestError(sentence(problem, Phrase("请指明是哪个县，如 ", "say which, as in ") + Phrase.of(example)))


@attrs.frozen(eq=False)
class Listing(Answer, Generic[_Row]):
    """An answer that is a sequence of rows: it can be iterated and indexed, and has a length."""

    rows: tuple[_Row, ...]

    def __iter__(self) -> Iterator[_Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, position: int) -> _Row:
        return self.rows[position]
