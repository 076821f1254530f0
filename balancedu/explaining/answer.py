"""Answers that are read line by line, and the steps and figures that an explanation is made of."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Generic, Protocol, TypeVar

import attrs
import numpy as np

from balancedu.core.fields import Language, Source, Title
from balancedu.core.model import Measure
from balancedu.document import Block, Columns, Paragraph, Result, columns_of
from balancedu.errors import RequestError
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.results import Display, Verdict
from balancedu.evaluation.wording import NOT_REPORTED, as_written, limit_printed
from balancedu.html import html_card, html_folded, html_text
from balancedu.options import options
from balancedu.submission.submission import Submission
from balancedu.submission.tables import Place, Table
from balancedu.text import NO_WORDS, Phrase, sentence, with_unit, wrap


class _Line(Protocol):
    """What can be read as a line."""

    def text(self, lang: Language, /) -> str:
        """Return the line."""


_Row = TypeVar("_Row", bound=_Line)


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
        raise RequestError(sentence(problem, Phrase("请指明是哪个县，如 ", "choose one, as in ") + Phrase.of(example)))


@attrs.frozen(eq=False)
class Listing(Answer, Generic[_Row]):
    """An answer that is a sequence of rows, a line each: it can be iterated and indexed, and has a length."""

    if_empty: ClassVar[Phrase] = NO_WORDS
    """The only line where there is no row."""
    rows: tuple[_Row, ...]

    def __iter__(self) -> Iterator[_Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, position: int) -> _Row:
        return self.rows[position]

    def lines(self, lang: Language) -> Iterator[str]:
        """Yield one line for each row."""
        if not self.rows and self.if_empty:
            yield self.if_empty.text(lang)
        yield from (row.text(lang) for row in self.rows)


_MOST_INPUTS = 12
"""How many figures a printed step lists; the step holds them all."""
_WORDS = {
    "formula": Phrase("算法", "formula"),
    "threshold": Phrase("要求", "required"),
    "source": Phrase("出处", "source"),
}
_COLON: dict[Language, str] = {"zh": "：", "en": ": "}


def _with_origin(title: str, figure: str, origin: str, lang: Language) -> str:
    """Return a figure with its title and where it was read."""
    brackets = f"（{origin}）" if lang == "zh" else f" ({origin})"
    return f"{title}{_COLON[lang]}{figure}{brackets if origin else ''}"


@attrs.frozen
class Addend:
    """A figure as one row reports it, and the cell that it was read from.

    Attributes
    ----------
    measure : str
        Its id.
    title : Title
    school : str
        The id of the school; empty for a figure of the county.
    value : float
        NaN where not reported; yes is 1 and no is 0, and a choice the number of its value.
    place : Place
        File, sheet, cell and line; for a table in memory the row.
    text_place : str
        The place as text.
    """

    measure: str
    title: Title = attrs.field(repr=False)
    school: str
    value: float = attrs.field(eq=repr)  # two missing figures are equal
    place: Place
    text_place: str = attrs.field(repr=False)

    def text(self, lang: Language = "zh") -> str:
        """Return the figure with its origin."""
        figure = NOT_REPORTED[lang] if math.isnan(self.value) else as_written(self.value)
        title = f"{self.school} {self.title.text(lang)}" if self.school else self.title.text(lang)
        return _with_origin(title, figure, self.text_place, lang)


def addends_of(submission: Submission, measure: Measure, row: int) -> tuple[Addend, ...]:
    """Return what a figure of a judged submission was read from; nothing where no such row was submitted."""
    return addends_in(submission, *submission.rows_behind(measure, row), measure)


def addends_in(submission: Submission, table: Table, rows: Sequence[int], measure: Measure) -> tuple[Addend, ...]:
    """Return the figures of some rows of a table."""
    return tuple(
        Addend(
            measure=measure.id,
            title=measure.title,
            school=_school(submission, table, entry),
            value=value_of(table, measure, entry),
            place=table.origin.cell(int(table.rows[entry]), measure.column),
            text_place=table.place(entry, measure.column),
        )
        for entry in rows
        if table.rows[entry] >= 0
    )


def cells_of(addends: tuple[Addend, ...]) -> str:
    """Return where a figure was read; of a sum, each addend with its place."""
    if len(addends) == 1:
        return addends[0].text_place
    figures = ("?" if math.isnan(addend.value) else as_written(addend.value) for addend in addends)
    return " + ".join(f"{figure} {addend.text_place}" for figure, addend in zip(figures, addends, strict=True))


def _school(submission: Submission, table: Table, row: int) -> str:
    if table.id == "schools":
        return str(table.columns["school"][row])
    return str(submission.schools.columns["school"][table.school[row]]) if table.school.size else ""


def value_of(table: Table, measure: Measure, row: int) -> float:
    """Return a figure of a row; of a choice the number of its value."""
    if measure.type == "choice":
        position = int(table.choices(measure.column)[row])
        return np.nan if position < 0 else position + 1.0
    return float(table.numbers(measure.column)[row])


@attrs.frozen
class Input:
    """A figure as reported, and where it was read.

    Attributes
    ----------
    title : Phrase
        What it is, with the school or class it belongs to.
    value : float
        NaN where not reported; yes is 1 and no is 0.
    place : str
        File and line, or row; of all rows where several were added.
    evidence : str
        The documents that the county names in support of it.
    addends : tuple of Addend
        What it was read from: one cell, or those of a school and its campuses.
    """

    title: Phrase
    value: float
    place: str
    table: str
    column: str
    unit: Title | None = attrs.field(default=None, repr=False)
    display: Display = attrs.field(default="other", repr=False)
    evidence: str = ""
    addends: tuple[Addend, ...] = attrs.field(default=(), repr=False)

    def figure(self, lang: Language = "zh") -> str:
        """Return the value with its unit."""
        if math.isnan(self.value):
            return NOT_REPORTED[lang]
        shown = as_written(self.value) if self.display == "other" else limit_printed(self.value, self.display, lang)
        return with_unit(Phrase.of(shown), self.unit or NO_WORDS).text(lang)

    def text(self, lang: Language = "zh") -> str:
        """Return the figure with its origin."""
        evidence = {"zh": "依据：", "en": "evidence: "}[lang] + self.evidence if self.evidence else ""
        origin = {"zh": "；", "en": "; "}[lang].join(filter(None, (self.place, evidence)))
        return _with_origin(self.title.text(lang), self.figure(lang), origin, lang)


@attrs.frozen
class Step:
    """One step of the way from a figure to the county's verdict.

    Attributes
    ----------
    title : Phrase
        What is computed or decided.
    sentence : Phrase
        The formula with its numbers, or the comparison.
    formula : Phrase, optional
        The formula in words.
    inputs : tuple of Input
    threshold : Phrase, optional
        What is required.
    verdict : Verdict, optional
        The verdict of the step, where it decides something.
    source : Source, optional
        Where the law sets the requirement.
    set_by : str
        The id of the edition or overlay that sets it.
    """

    title: Phrase
    sentence: Phrase
    formula: Phrase | None = None
    inputs: tuple[Input, ...] = ()
    threshold: Phrase | None = None
    verdict: Verdict | None = None
    source: Source | None = None
    set_by: str = ""

    def lines(self, lang: Language, overlays: Mapping[str, Title]) -> Iterator[str]:
        """Yield the step as lines of text; what an overlay sets names it by its title."""
        colon = _COLON[lang]
        yield self.title.text(lang) + (colon + self.verdict.text(lang) if self.verdict is not None else "")
        if self.formula:
            yield f"  {_WORDS['formula'].text(lang)}{colon}{self.formula.text(lang)}"
        yield f"  {self.sentence.text(lang)}"
        yield from (f"  - {figure.text(lang)}" for figure in self.inputs[:_MOST_INPUTS])
        if (rest := len(self.inputs) - _MOST_INPUTS) > 0:
            yield f"  - 另有{rest}个数" if lang == "zh" else f"  - and {rest} more figures"
        if self.threshold:
            yield f"  {_WORDS['threshold'].text(lang)}{colon}{self.threshold.text(lang)}"
        if self.source:
            overlay = overlays[self.set_by].text(lang) if self.set_by in overlays else ""
            by = {"zh": f"（按《{overlay}》执行）", "en": f" (set by {overlay})"}[lang] if overlay else ""
            yield f"  {_WORDS['source'].text(lang)}{colon}{self.source}{by}"


@attrs.frozen(eq=False)
class Explanation(Answer):
    """Why something came out as it did, step by step up to the county's verdict; print it to read it.

    Attributes
    ----------
    subject : Phrase
        What is explained.
    county, standard : str
        Ids.
    verdict : Verdict
        The verdict of the subject.
    steps : tuple of Step
        From the figures to the county's verdict.
    overlays : mapping of str to Title
        The overlays that were applied, by id.
    lang : 'zh' or 'en', optional
        The language of `print`; left out, `be.options.lang`.
    """

    subject: Phrase
    county: str
    standard: str
    verdict: Verdict
    steps: tuple[Step, ...] = attrs.field(repr=False)
    overlays: Mapping[str, Title] = attrs.field(factory=dict, repr=False)
    lang: Language | None = attrs.field(default=None, repr=False)

    @property
    def tables(self) -> dict[str, Columns]:
        """The steps, and the figures of each."""
        numbered = list(enumerate(self.steps, 1))
        steps = (
            (n, step.title, step.sentence, step.verdict, str(step.source or ""), step.set_by) for n, step in numbered
        )
        inputs = ((n, entry.title, entry.value, entry.place) for n, step in numbered for entry in step.inputs)
        return {
            "steps": columns_of(steps, step=int, title=Phrase, sentence=Phrase, verdict=str, source=str, set_by=str),
            "inputs": columns_of(inputs, step=int, title=Phrase, value=float, place=str),
        }

    def single_values(self) -> dict[str, Any]:
        """Return what is explained, and its verdict."""
        subject = {"zh": self.subject.zh, "en": self.subject.en}
        return {"subject": subject, "county": self.county, "standard": self.standard, "verdict": self.verdict.value}

    def lines(self, lang: Language) -> Iterator[str]:
        """Yield the subject with its verdict, and the steps with their numbers."""
        yield f"{self.subject.text(lang)}{_COLON[lang]}{self.verdict.text(lang)}"
        for number, step in enumerate(self.steps, 1):
            first, *rest = step.lines(lang, self.overlays)
            yield f"{number}. {first}"
            yield from (f" {line}" for line in rest)

    def text(self, lang: Language | None = None, *, columns: int = 0) -> str:
        """Return the explanation line by line, in its own language where none is given."""
        return super().text(lang or self.lang, columns=columns)

    def _repr_html_(self) -> str:
        lang = self.lang or options.lang
        steps = []
        for step in self.steps:
            result = step.verdict.text(lang) if step.verdict is not None else step.sentence.text(lang)
            lines = "\n".join(step.lines(lang, self.overlays))
            steps.append(html_folded(f"{step.title.text(lang)}  {result}", html_text(lines)))
        return html_card(f"{self.subject.text(lang)}  {self.verdict.text(lang)}", *steps)
