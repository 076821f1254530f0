"""What every result of planning can do: print itself, become plain values or a data frame."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from balancedu.core.fields import Language
from balancedu.errors import MissingExtraError
from balancedu.reporting.blocks import Block, as_html, as_text

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


Columns = Mapping[str, NDArray[Any]]


class Written(ABC):
    """Columns inside; text, HTML, plain values and frames at the edge."""

    __slots__ = ()

    @property
    @abstractmethod
    def tables(self) -> Mapping[str, Columns]:
        """The columns of each table by its name."""

    @abstractmethod
    def blocks(self, lang: Language) -> Iterator[Block]:
        """Yield what a person reads, in order."""

    def facts(self) -> dict[str, Any]:
        """Return single figures that `to_dict` gives beside the tables."""
        return {}

    def report(self, lang: Language = "zh") -> str:
        """Return the result as text for a terminal of 80 columns."""
        return as_text(self.blocks(lang))

    def to_dict(self) -> dict[str, Any]:
        """Return the result as plain values, each table as columns; NaN and infinity become None."""
        tables = {
            name: {key: _plain(column) for key, column in columns.items()} for name, columns in self.tables.items()
        }
        return self.facts() | tables

    def to_frame(self, table: str | None = None) -> pd.DataFrame:
        """Return one table as a pandas DataFrame; the first where none is named.

        Raises
        ------
        MissingExtraError
            If pandas is not installed.
        ValueError
            If there is no such table.
        """
        tables = self.tables
        name = next(iter(tables)) if table is None else table
        if name not in tables:
            raise ValueError(f"table must be one of {', '.join(tables)}, found {name!r}")
        try:
            import pandas as pd
        except ImportError as error:
            raise MissingExtraError("pandas", "frames", "to_frame") from error
        return pd.DataFrame(dict(tables[name]))

    def __str__(self) -> str:
        return self.report()

    def _repr_html_(self) -> str:
        return as_html(self.blocks("zh"))


class Result(Written):
    """What can be drawn, too."""

    __slots__ = ()

    @abstractmethod
    def plot(self, lang: Language = "zh") -> Figure:
        """Return a picture; see the result's own words for what it shows."""


def column(values: list[Any], dtype: Any = None) -> NDArray[Any]:
    """Return a column of a result; text stays text when there is no row."""
    return np.array(values, dtype=np.str_ if dtype is str else dtype)


def _plain(values: NDArray[Any]) -> list[Any]:
    if values.dtype.kind != "f":
        return list(values.tolist())
    return [one if np.isfinite(one) else None for one in values.tolist()]
