"""What stands in the official tables before they are written."""

from __future__ import annotations

import attrs

from balancedu.core.forms import Block, Sheet
from balancedu.evaluation.outcome import Form
from balancedu.evaluation.verdict import Verdict


@attrs.frozen
class Cell:
    """What stands in a cell of a form: a number with its form, or a text.

    Attributes
    ----------
    value : float or str
        Numbers are not rounded; `form` says with how many decimals they are shown.
    form : str
        As for checks; 'text' for texts.
    verdict : Verdict, optional
        Where the cell is a verdict.
    """

    value: float | str
    form: Form | str = "text"
    verdict: Verdict | None = None


@attrs.frozen
class FilledBlock:
    """A table with its rows."""

    block: Block
    rows: tuple[tuple[Cell, ...], ...]


@attrs.frozen
class FilledSheet:
    """A sheet with its tables."""

    sheet: Sheet
    blocks: tuple[FilledBlock, ...]
