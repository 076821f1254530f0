"""The facts of the official form: figures in fixed cells, in the blanks of its sentences, and what a county attests.

The form is that of `forms.yaml`, and is read the way it is written.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import groupby

import attrs
import numpy as np

from balancedu.core.fields import Title, plain
from balancedu.core.forms import BLANK, FormSheet, ItemRow, cells_of
from balancedu.core.model import Measure, split_terms
from balancedu.core.rules import Stated
from balancedu.core.standard import Standard
from balancedu.files.figures import Figure, table_of
from balancedu.files.sheet import Cell, Row, Sheet, cell_at, is_filled, text_of
from balancedu.submission.columns import Scaling
from balancedu.submission.problems import Problems
from balancedu.submission.tables import RawTable, letters

_PERCENT = Scaling("%", Fraction(1, 100))
_LONGEST_FIGURE = 30
_LONGEST_SENTENCE = 1000
_LONGEST_PREFIX = 4
"""So much may be written beside the label of a cover, as 申报县（市、区）名称."""
_SEAL = re.compile(r"\([^()]*章\)")
_ATTESTED: Mapping[str, bool] = {"达标": True, "是": True, "不达标": False, "否": False}


@attrs.frozen
class Reported:
    """A fact as a form reports it.

    Attributes
    ----------
    fact : str
    value : Cell
        As it is written.
    row, column : int
        Its cell; rows count from 1, columns from 0.
    decimals : int
        The decimals that the form prints.
    """

    fact: str
    value: Cell
    row: int
    column: int
    decimals: int = 0


@attrs.frozen
class OfficialSheet:
    """A sheet of the official form: what it reports, and cells that were not read, each with the reason."""

    form: str
    sheet: Sheet
    facts: tuple[Reported, ...]
    unread: tuple[Title, ...] = ()


def official_sheet(rows: Sequence[Row], sheet: Sheet, standard: Standard) -> OfficialSheet | None:
    """Return what a sheet of the official form reports; None where it is none, or is laid out otherwise.

    Parameters
    ----------
    rows : sequence of Row
        All rows of the sheet.
    sheet : Sheet
    standard : Standard
        Its forms say which facts are in which cells and sentences.
    """
    cells = dict(rows)
    titles = [sheet.name, *(text_of(cell) for _, entries in rows[:1] for cell in entries[:1])]
    for form in standard.forms.sheets if standard.forms else ():
        if not any(_is_called(text, form) for text in titles):
            continue
        unread: list[Title] = []
        facts = list(_in_cells(cells, form) if form.figures else _in_items(cells, form, standard, unread))
        if facts:
            return OfficialSheet(form.id, sheet, tuple(facts), tuple(unread))
    return None


def county_on_cover(rows: Sequence[Row], standard: Standard) -> str:
    """Return the county that a cover of the official form names; empty where it names none, or is no cover."""
    forms = standard.forms
    label = next((plain(line.split("{")[0]) for line in forms.cover if "{county}" in line), "") if forms else ""
    texts = [[unicodedata.normalize("NFKC", text_of(cell)) for cell in cells] for _, cells in rows]
    if not forms or not label or not any(plain(forms.title.zh) in plain(text) for row in texts for text in row):
        return ""
    for row in texts:
        for n, text in enumerate(row):
            before, colon, after = text.partition(":")
            if colon and label in plain(before) and len(plain(before)) <= len(label) + _LONGEST_PREFIX:
                return next(filter(None, (_bare(_SEAL.sub("", entry)) for entry in (after, *row[n + 1 :]))), "")
    return ""


def _is_called(text: str, form: FormSheet) -> bool:
    word, name = (unicodedata.normalize("NFKC", entry).replace(" ", "") for entry in (text, form.id))
    return bool(re.match(re.escape(name) + "(?![-0-9IVX])", word)) or plain(form.title.zh) in plain(text)


def _in_cells(cells: Mapping[int, Sequence[Cell]], form: FormSheet) -> Iterator[Reported]:
    """Yield the facts in fixed cells; none where a heading is not in its cell."""
    for heading in form.headings:
        (row, column), _ = cells_of(heading.at)
        if heading.text and plain(heading.text) != plain(text_of(cell_at(cells.get(row + 1, ()), column))):
            return
    for figure in form.figures:
        (row, column), _ = cells_of(figure.at)
        value = cell_at(cells.get(row + 1, ()), column)
        if figure.fact is not None and is_filled(value) and _bare(str(value)):
            yield Reported(figure.fact, value, row + 1, column, figure.decimals)


def _bare(text: str) -> str:
    """Return what is written on the line of a blank.

    Examples
    --------
    >>> _bare("＿＿ 1153 ＿"), _bare(" ____")
    ('1153', '')
    """
    return unicodedata.normalize("NFKC", text).strip("_ \t\r\n")


def _in_items(
    cells: Mapping[int, Sequence[Cell]], form: FormSheet, standard: Standard, unread: list[Title]
) -> Iterator[Reported]:
    """Yield the facts of a table with a row for each item; what is ambiguous is added to `unread`."""
    for entry in form.items:
        pieces = BLANK.split(entry.name or standard.items[entry.item].title.zh)[::2]
        name = re.compile(".*?".join(re.escape(plain(piece)) for piece in pieces))
        at = next(
            (
                (row, column)
                for row, texts in cells.items()
                for column, cell in enumerate(texts)
                if isinstance(cell, str) and name.fullmatch(plain(cell))
            ),
            None,
        )
        if at is None:
            continue
        row, column = at
        if entry.sentence:
            yield from _in_sentence(cell_at(cells[row], column + 1), entry, standard, (row, column + 1), unread)
        else:
            answer = _ATTESTED.get(text_of(cell_at(cells[row], column + 2)))
            for rule in _attested(entry, standard, answer):
                value = answer if rule.expected else not answer
                yield from (Reported(fact, value, row, column + 2) for fact in rule.facts)


def _attested(entry: ItemRow, standard: Standard, answer: bool | None) -> Iterable[Stated]:
    """Return the statements that an answer settles: all that the item asks, or the one fact that is not as it asks."""
    item = standard.items[entry.item]
    stated = [rule for rule in item.rules if isinstance(rule, Stated) and rule.when is None]
    settled = answer is not None and len(stated) == len(item.rules) and not item.reliefs
    return stated if settled and (answer or sum(len(rule.facts) for rule in stated) == 1) else ()


def _pattern(sentence: str) -> re.Pattern[str]:
    """Return a sentence with a group for each blank; spaces and the last full stop do not matter."""
    pieces = BLANK.split(unicodedata.normalize("NFKC", sentence).rstrip("。"))
    literal = (r"\s*".join(map(re.escape, "".join(piece.split()))) for piece in pieces[::2])
    return re.compile(r"\s*" + rf"\s*(.{{0,{_LONGEST_FIGURE}}}?)\s*".join(literal) + r"\s*。?\s*")


def _in_sentence(
    cell: Cell, entry: ItemRow, standard: Standard, at: tuple[int, int], unread: list[Title]
) -> Iterator[Reported]:
    """Yield the facts in the blanks of a sentence."""
    text = unicodedata.normalize("NFKC", str(cell)) if is_filled(cell) else ""
    where = f"{letters(at[1])}{at[0]}"
    match = _pattern(entry.sentence).fullmatch(text) if len(text) <= _LONGEST_SENTENCE else None
    if match is None:
        if text.strip():
            zh = f"{where} 的句子与申报表的写法不同，没有读入"
            unread.append(Title(zh, f"the sentence of {where} is not that of the form, and was not read"))
        return
    for name, written in zip(BLANK.findall(entry.sentence), match.groups(), strict=True):
        blank, figure = entry.blanks[name], _bare(written)
        if blank.subject and figure:
            message = Title(f"{where} 的监测结果没有读入", f"the results of the monitoring in {where} were not read")
            unread.extend([message] if message not in unread else [])
        if blank.fact is None or not figure:
            continue
        if blank.divided_by == 1:
            yield Reported(blank.fact, figure, *at, blank.decimals)
            continue
        # At the precision of the form it may be off by half of so large a unit, and decide otherwise.
        title, unit = standard.measures[blank.fact].title, blank.divided_by
        zh = f"{where} 的{title.zh}以{unit}为单位，精度不够，没有读入"
        unread.append(Title(zh, f"{title.en} in {where} is in units of {unit:,}, too coarse, and was not read"))


def facts_of_forms(sheets: Sequence[OfficialSheet], problems: Problems) -> list[RawTable]:
    """Return the facts of each workbook in one row; figures that cannot be read are noted, each with its cell.

    A share that only repeats its counts at the decimals of the form is left out: the counts are more precise.
    """
    return [_facts_of_form(list(group), problems) for _, group in groupby(sheets, key=lambda entry: entry.sheet.file)]


def _facts_of_form(sheets: Sequence[OfficialSheet], problems: Problems) -> RawTable:
    measures = problems.standard.table_measures("facts")
    figures: dict[str, Figure] = {}
    for entry in sheets:
        count = len(entry.facts)
        entry.sheet.tell(f"按申报表读入{count}项", f"read as a sheet of the application form: {count} facts")
        for title in entry.unread:
            entry.sheet.tell(title.zh, title.en)
        figures |= {fact.fact: Figure(fact.value, entry.sheet, fact.row, fact.column) for fact in entry.facts}
    scalings = {name: _PERCENT for name in figures if measures[name].type == "share"}
    table = table_of("facts", [(sheets[0].facts[0].row, figures)], problems, scalings)
    decimals = {fact.fact: fact.decimals for entry in sheets for fact in entry.facts}
    values = {name: float(column[0]) for name, column in table.columns.items()}
    kept = {
        name: column for name, column in table.columns.items() if not _repeats(measures[name], values, decimals[name])
    }
    return attrs.evolve(table, columns=kept)


def _repeats(measure: Measure, figures: Mapping[str, float], decimals: int) -> bool:
    """Return whether a share is what the form prints of its counts, all of which it reports."""
    formula = measure.quotient
    if formula is None or any(np.isnan(figures.get(name, np.nan)) for name in formula.measures):
        return False
    part, whole = (
        sum(sign * figures[name] for sign, name in split_terms(terms)) for terms in (formula.part, formula.whole)
    )
    # Half of the last digit, and as little more as floating point needs.
    return whole > 0 and abs(figures[measure.column] - part / whole) * 100 <= 0.5 * 10.0**-decimals * (1 + 1e-9)
