"""Everything that is wrong with a submission, collected with table, row and column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, time, timedelta

import attrs

from balancedu.core import overlays
from balancedu.core.fields import Language, Title
from balancedu.core.model import Choice, Measure
from balancedu.core.nodes import shortened
from balancedu.core.standard import Standard
from balancedu.errors import DataError
from balancedu.submission.tables import RawTable, Table
from balancedu.text import NO_WORDS, Phrase, meant

ONLY_COUNTY = "county"
"""The id of a county that gives itself none."""
MOST_GUESSES = 20
"""For how many different names of a column the nearest known one is looked for; more than are ever printed."""


@attrs.frozen
class Problems:
    """The problems found so far; the standard has the Chinese titles of tables and columns."""

    standard: Standard
    found: list[DataError] = attrs.field(factory=list)
    _titles: dict[tuple[str, str], tuple[str, str]] = attrs.field(factory=dict, init=False)

    def note(
        self, table: str, place: str, column: str, problem: Phrase, hint: Phrase = NO_WORDS, kind: Phrase = NO_WORDS
    ) -> None:
        """Add a problem."""
        if (table, column) not in self._titles:
            self._titles[table, column] = titles_in(self.standard, table, column)
        self.found.append(DataError(table, place, column, problem, hint, kind, self._titles[table, column]))

    def column(
        self, table: RawTable | Table, column: str, problem: Phrase, hint: Phrase = NO_WORDS, kind: Phrase = NO_WORDS
    ) -> None:
        """Add a problem of a whole column, or of a whole table."""
        self.note(table.id, table.origin.title, column, problem, hint, kind)

    def cell(
        self,
        table: RawTable | Table,
        row: int,
        column: str,
        problem: Phrase,
        hint: Phrase = NO_WORDS,
        kind: Phrase = NO_WORDS,
    ) -> None:
        """Add a problem of one cell, with the id of the school or county that its row names."""
        self.note(table.id, table.place(row, column, table.name(row)), column, problem, hint, kind)

    def missing(self, table: RawTable | Table, rows: Iterable[int], column: str, hint: Phrase) -> None:
        """Add that rows leave a column empty which every row needs."""
        title = self.standard.table_measures(table.id)[column].title
        problem = Phrase(f"没有填{title.zh}", f"the {title.en} is missing")
        for row in rows:
            self.cell(table, row, column, problem, hint, Phrase(problem.zh, f"missing {column}"))


def is_about_a_figure(error: DataError, standard: Standard) -> bool:
    """Return whether a problem is that of single figures, so that everything else still fits together."""
    measure = standard.table_measures(error.table).get(error.column)
    return measure is not None and measure.type in ("count", "number", "share", "yes_no", "day")


def why_dropped(standard: Standard, table: str, names: Iterable[str]) -> Phrase:
    """Return which overlay dropped what files call so, and why; empty if none did."""
    for name in names:
        record = overlays.dropped(standard, table, name)
        if record is not None and record.reason is not None:
            by, why, source = record.by, record.reason, record.source
            return Phrase(
                f"，已由叠加文件“{by}”取消（{source}）：{why.zh}", f"; the overlay {by} dropped it: {why.en} ({source})"
            )
    return NO_WORDS


def titles_in(standard: Standard, table: str, column: str) -> tuple[str, str]:
    """Return the Chinese titles of a table and a column; nothing for what the standard does not have."""
    measure = standard.table_measures(table).get(column)
    title = standard.table_title(table)
    return title.zh if title else "", measure.title.zh if measure else ""


@attrs.define
class Guesses:
    """Suggests the known name that was probably meant. The search is slow, so only the first few are answered."""

    known: list[str]
    made: dict[str, Phrase] = attrs.field(factory=dict)

    def nearest(self, text: str) -> Phrase:
        """Return the words to add to a message; empty if several names are equally near."""
        from difflib import SequenceMatcher, get_close_matches

        if text not in self.made and len(self.made) < MOST_GUESSES:
            written, word = {name.casefold(): name for name in self.known}, text.casefold()
            close = get_close_matches(word, list(written), n=2, cutoff=0.6)
            ratios = [SequenceMatcher(None, name, word).ratio() for name in close]
            self.made[text] = (
                meant(written[name] for name in close[:1]) if len(set(ratios)) == len(ratios) else NO_WORDS
            )
        return self.made.get(text, NO_WORDS)


def school_of(school: str, county: str) -> Phrase:
    """Return the words that name a school, and its county unless that gives itself no id."""
    name = shown(school)
    if county == ONLY_COUNTY:
        return Phrase(f"学校{name.zh}", f"school {name.en}")
    whose = shown(county)
    return Phrase(f"县{whose.zh}的学校{name.zh}", f"school {name.en} of county {whose.en}")


def shown(value: object) -> Phrase:
    """Return what was found, short enough for a message.

    Examples
    --------
    >>> shown("O.50")
    Phrase(zh='“O.50”', en="'O.50'")
    """
    try:
        written = " ".join(repr(value).split())
    except ValueError:
        return Phrase("几千位的数", "a number of thousands of digits")
    except Exception:
        return Phrase.of(type(value).__name__)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Phrase.of(shortened(written))
    # Wide and non-breaking spaces are shown as plain ones; invisible characters are escaped.
    zh = repr(" ".join(value.split()))[1:-1] if isinstance(value, str) else written
    return Phrase(f"“{shortened(zh)}”", shortened(written))


def called(measure: Measure) -> Phrase:
    """Return what a column is called: in Chinese by its title, in English by its id."""
    return Phrase(measure.title.zh, measure.column)


def guessed(columns: Iterable[str], known: Mapping[str, Measure]) -> Phrase:
    """Return the question whether one of these columns was meant, as words to add."""
    columns = tuple(columns)
    zh = meant(known[column].title.zh if column in known else column for column in columns).zh
    return Phrase(zh, meant(columns).en)


def titles_of(choices: Iterable[Choice]) -> Phrase:
    """Return the values of a closed list: in Chinese by their titles, in English by their ids."""
    choices = tuple(choices)
    return Phrase("、".join(choice.title.zh for choice in choices), ", ".join(choice.id for choice in choices))


def number_text(number: float) -> str:
    """Return a number as it was written.

    Examples
    --------
    >>> number_text(46.0), number_text(1.0000000000000002)
    ('46', '1.0000000000000002')
    """
    return repr(float(number)).removesuffix(".0")


def value_text(value: object, measure: Measure) -> Phrase:
    """Return a typed value as it may be written: a choice in Chinese by its title, in English by its id."""
    if measure.type == "choice":
        return titles_of([measure.values[int(str(value))]])
    return shown(str(value)) if isinstance(value, str) else Phrase.of(number_text(float(str(value))))


@attrs.frozen
class CellError:
    """A cell that has no value: an error of a formula, or a formula without a calculated value.

    Attributes
    ----------
    text : str
        What a person sees, as `#DIV/0!`; or a sentence.
    zh : str
        The sentence in Chinese; empty for what a person sees.
    """

    text: str
    zh: str = attrs.field(default="", eq=False)

    @classmethod
    def without_value(cls, formula: str) -> CellError:
        """Return a formula without a calculated value."""
        shown = f"={shortened(formula)}" if formula else ""
        after = f": {shown}" if shown else ""
        return cls(f"a formula without its value{after}", f"没有结果的公式{shown}")


UNKNOWN_ERROR = CellError("an error", "错误值")


@attrs.frozen
class BadCell:
    """A cell that its measure does not allow."""

    row: int
    problem: Phrase
    hint: Phrase
    kind: Phrase


def bad_cell(row: int, phrase: Phrase, wanted: Phrase, hint: Phrase = NO_WORDS, guess: Phrase = NO_WORDS) -> BadCell:
    """Return that a cell contains one thing and should contain another."""
    return BadCell(row, misfilled(phrase, wanted) + guess, hint, wanted)


def misfilled(phrase: Phrase, wanted: Phrase) -> Phrase:
    """Return in words that one thing was found and another wanted."""
    return Phrase(f"填报{phrase.zh}，{wanted.zh}", f"found {phrase.en}, {wanted.en}")


def as_seen(value: object) -> Phrase:
    """Return what a cell holds, as a person sees it: a sheet shows 5, where it keeps 5.0."""
    if isinstance(value, float):
        return Phrase.of(number_text(value))
    if isinstance(value, CellError):
        return Phrase(value.zh or f"“{value.text}”", value.text)
    if isinstance(value, date | time | timedelta):
        word = Phrase("日期", "the date ") if isinstance(value, date) else Phrase("时间", "the time ")
        return word + Phrase.of(str(value).removesuffix(" 00:00:00"))
    return shown(value)


@attrs.frozen
class Note:
    """One decision of reading, and where.

    Attributes
    ----------
    file, sheet : str
        The sheet is empty for text files.
    message : Title
        The decision as a sentence, in Chinese and in English.

    Examples
    --------
    >>> note = Note("county.xlsx", "学校", Title(zh="第9行是合计，没有读入", en="row 9 is a total and was left out"))
    >>> print(note.text("zh"))
    county.xlsx 学校: 第9行是合计，没有读入
    """

    file: str
    sheet: str
    message: Title

    def text(self, lang: Language = "zh") -> str:
        """Return its place and what was decided, in the given language."""
        return f"{self.file} {self.sheet}".strip() + f": {self.message.text(lang)}"

    def __str__(self) -> str:
        return self.text("en")


def listed_rows(rows: list[int]) -> str:
    """Return the numbers of rows, short enough for a sentence.

    Examples
    --------
    >>> listed_rows([9]), listed_rows([9, 20, 31, 42, 53, 64])
    ('9', '9, 20, 31, 42, 53, …')
    """
    return ", ".join(str(row) for row in rows[:5]) + (", …" if len(rows) > 5 else "")
