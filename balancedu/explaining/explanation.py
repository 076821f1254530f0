"""The objects that an explanation is made of."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import attrs
import numpy as np

from balancedu import html
from balancedu.core.fields import Language, Source, Title
from balancedu.core.model import Measure
from balancedu.document import Columns, column
from balancedu.evaluation.figures import NOT_REPORTED, limit_printed, plain
from balancedu.evaluation.results import Form
from balancedu.evaluation.verdict import Verdict
from balancedu.explaining.answer import Answer
from balancedu.options import options
from balancedu.submission.submission import Submission
from balancedu.submission.tables import Place, Table
from balancedu.text import Phrase


@attrs.frozen
class Addend:
    """A figure as one row reports it, and the cell that it was read from.

    Attributes
    ----------
    measure : str
        Its id.
    title : Title
    school : str
        Whose it is: an id; empty for a figure of the county.
    value : float
        NaN where not reported; yes is 1 and no is 0, and a choice the number of its value.
    place : Place
        File, sheet, cell and line; for a table in memory the row.
    text_place : str
        The same for people.
    """

    measure: str
    title: Title = attrs.field(repr=False)
    school: str
    value: float = attrs.field(eq=repr)  # one figure that is not reported is like another
    place: Place
    text_place: str = attrs.field(repr=False)

    def text(self, lang: Language = "zh") -> str:
        """Return the figure with its origin."""
        shown = NOT_REPORTED[lang] if math.isnan(self.value) else plain(self.value)
        who = f"{self.school} " if self.school else ""
        if lang == "zh":
            return f"{who}{self.title.zh}：{shown}（{self.text_place}）"
        return f"{who}{self.title.en}: {shown} ({self.text_place})"


def addends_of(submission: Submission, measure: Measure, row: int) -> tuple[Addend, ...]:
    """Return what a figure of a judged submission was read from; nothing where no such row was submitted."""
    table, rows = submission.rows_behind(measure, row)
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


def places_of(addends: tuple[Addend, ...]) -> str:
    """Return where a figure was read, or where each of its addends was and what it is."""
    if len(addends) == 1:
        return addends[0].text_place
    result = (("?" if math.isnan(addend.value) else plain(addend.value), addend.text_place) for addend in addends)
    return " + ".join(f"{shown} {place}" for shown, place in result)


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


_MOST_INPUTS = 12
"""How many figures a printed step names; the step holds them all."""


def both(say: Callable[[Language], str]) -> Title:
    """Return what a function says, in both languages."""
    return Title(say("zh"), say("en"))


@attrs.frozen
class Input:
    """A figure as reported, and where it was read.

    Attributes
    ----------
    title : Title
        What it is, with whose it is.
    value : float
        NaN where not reported; yes is 1 and no is 0.
    place : str
        File and line, or row; of all rows where several were added.
    evidence : str
        What the county names in support of it.
    addends : tuple of Addend
        What it was read from: one cell, or those of a school and its campuses.
    """

    title: Title
    value: float
    place: str
    table: str
    column: str
    unit: Title | None = attrs.field(default=None, repr=False)
    form: Form = attrs.field(default="other", repr=False)
    evidence: str = ""
    addends: tuple[Addend, ...] = attrs.field(default=(), repr=False)

    def figure(self, lang: Language = "zh") -> str:
        """Return the value with its unit."""
        if math.isnan(self.value):
            return NOT_REPORTED[lang]
        shown = plain(self.value) if self.form == "other" else limit_printed(self.value, self.form, lang)
        unit = self.unit.text(lang) if self.unit else ""
        return f"{shown}{unit}" if lang == "zh" else f"{shown} {unit}".strip()

    def text(self, lang: Language = "zh") -> str:
        """Return the figure with its origin."""
        if lang == "zh":
            origin = "；".join([self.place] * bool(self.place) + [f"依据：{self.evidence}"] * bool(self.evidence))
            return f"{self.title.zh}：{self.figure(lang)}" + (f"（{origin}）" if origin else "")
        origin = "; ".join([self.place] * bool(self.place) + [f"evidence: {self.evidence}"] * bool(self.evidence))
        return f"{self.title.en}: {self.figure(lang)}" + (f" ({origin})" if origin else "")


@attrs.frozen
class Step:
    """One step of the way from a figure to the county's verdict.

    Attributes
    ----------
    title : Title
        What is computed or decided.
    sentence : Title
        The formula with its numbers, or the comparison.
    formula : Title, optional
        The formula in words.
    inputs : tuple of Input
    threshold : Title, optional
        What is required.
    verdict : Verdict, optional
        What the step comes to, where it decides something.
    source : Source, optional
        Where the requirement stands.
    set_by : str
        The edition or overlay that sets it.
    """

    title: Title
    sentence: Title
    formula: Title | None = None
    inputs: tuple[Input, ...] = ()
    threshold: Title | None = None
    verdict: Verdict | None = None
    source: Source | None = None
    set_by: str = ""

    def lines(self, lang: Language = "zh") -> Iterator[str]:
        """Yield the step as lines of text."""
        colon = "：" if lang == "zh" else ": "
        verdict = self.verdict.text(lang) if self.verdict is not None else ""
        yield self.title.text(lang) + (f"{colon}{verdict}" if verdict else "")
        if self.formula:
            yield f"  {_WORDS['formula'][lang]}{colon}{self.formula.text(lang)}"
        yield f"  {self.sentence.text(lang)}"
        for entry in self.inputs[:_MOST_INPUTS]:
            yield f"  - {entry.text(lang)}"
        if len(self.inputs) > _MOST_INPUTS:
            rest = len(self.inputs) - _MOST_INPUTS
            yield f"  - 另有{rest}个数" if lang == "zh" else f"  - and {rest} more figures"
        if self.threshold:
            yield f"  {_WORDS['threshold'][lang]}{colon}{self.threshold.text(lang)}"
        if self.source:
            by = f"（由 {self.set_by} 规定）" if lang == "zh" else f" (set by {self.set_by})"
            yield f"  {_WORDS['source'][lang]}{colon}{self.source}{by if self.set_by else ''}"


@attrs.frozen(eq=False)
class Explanation(Answer):
    """Why something came out as it did, step by step up to the county's verdict; print it to read it.

    Attributes
    ----------
    subject : Title
        What is explained.
    county, standard : str
        Ids.
    verdict : Verdict
        What the subject itself comes to.
    steps : tuple of Step
        From the figures to the county's verdict.
    lang : 'zh' or 'en', optional
        The language of `print`; left out, `be.options.lang`.
    """

    subject: Title
    county: str
    standard: str
    verdict: Verdict
    steps: tuple[Step, ...] = attrs.field(repr=False)
    lang: Language | None = attrs.field(default=None, repr=False)

    @property
    def tables(self) -> dict[str, Columns]:
        """The steps, and the figures of each."""
        inputs = [(n, entry) for n, step in enumerate(self.steps, 1) for entry in step.inputs]
        return {
            "steps": {
                "step": column(range(1, len(self.steps) + 1), int),
                **both_columns("title", [step.title for step in self.steps]),
                **both_columns("sentence", [step.sentence for step in self.steps]),
                "verdict": column(["" if step.verdict is None else step.verdict.value for step in self.steps], str),
                "source": column([str(step.source or "") for step in self.steps], str),
                "set_by": column([step.set_by for step in self.steps], str),
            },
            "inputs": {
                "step": column([n for n, _ in inputs], int),
                **both_columns("title", [entry.title for _, entry in inputs]),
                "value": column([entry.value for _, entry in inputs], float),
                "place": column([entry.place for _, entry in inputs], str),
            },
        }

    def single_values(self) -> dict[str, Any]:
        """Return what is explained, and what it came to."""
        return {
            "subject": {"zh": self.subject.zh, "en": self.subject.en},
            "county": self.county,
            "standard": self.standard,
            "verdict": self.verdict.value,
        }

    def lines(self, lang: Language) -> Iterator[str]:
        """Yield the subject with its verdict, and the steps with their numbers."""
        yield f"{self.subject.text(lang)}{'：' if lang == 'zh' else ': '}{self.verdict.text(lang)}"
        for number, step in enumerate(self.steps, 1):
            first, *rest = step.lines(lang)
            yield f"{number}. {first}"
            yield from (f" {line}" for line in rest)

    def text(self, lang: Language | None = None, *, columns: int = 0) -> str:
        """Return the explanation line by line, in the language that it was asked for where none is given."""
        return super().text(lang or self.lang, columns=columns)

    def _repr_html_(self) -> str:
        lang = self.lang or options.lang
        steps = [
            html.folded(step.title.text(lang) + _after(step, lang), html.text("\n".join(step.lines(lang))))
            for step in self.steps
        ]
        return html.card(f"{self.subject.text(lang)}  {self.verdict.text(lang)}", *steps)


def _after(step: Step, lang: Language) -> str:
    return f"  {step.verdict.text(lang)}" if step.verdict is not None else f"  {step.sentence.text(lang)}"


def both_columns(name: str, words: Sequence[Phrase]) -> Columns:
    """Return words as two columns of a table, one a language."""
    return {
        f"{name}_zh": column([word.zh for word in words], str),
        f"{name}_en": column([word.en for word in words], str),
    }


_WORDS: dict[str, dict[Language, str]] = {
    "formula": {"zh": "算法", "en": "formula"},
    "threshold": {"zh": "要求", "en": "required"},
    "source": {"zh": "出处", "en": "source"},
}
