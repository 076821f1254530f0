"""A table as it was submitted, its columns typed."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import attrs

from balancedu.submission.tables import Column, Origin


@attrs.frozen
class RawTable:
    """Typed columns in the order submitted; nothing refers to another table yet.

    Attributes
    ----------
    faulty : mapping of column to rows
        The cells that could not be read; every row where the whole column could not be.
    """

    id: str
    columns: Mapping[str, Column]
    size: int
    origin: Origin
    faulty: Mapping[str, Collection[int]]

    @property
    def has_ids(self) -> bool:
        """Whether what refers to the rows can be looked up in them."""
        if "school" not in self.columns or {"county", "school"} & set(self.faulty):
            return False
        missing = any((self.columns[name] == "").any() for name in ("county", "school") if name in self.columns)
        return not missing and self.origin.whole and self.size > 0
