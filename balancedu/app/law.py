"""Which standards a request or a page may name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

import attrs

import balancedu as be
from balancedu.core.standard import Standard
from balancedu.errors import RequestError
from balancedu.text import Phrase


@attrs.frozen
class Offer:
    """An overlay as a person chooses it: its title, and the days between which it is in force."""

    id: str
    edition: str
    title: str
    period: str

    @classmethod
    def of(cls, standard: Standard) -> Offer:
        """Return the overlay that a standard was loaded for."""
        if standard.applied:
            overlay = standard.applied[-1]
            name, title, first, last = overlay.id, overlay.title, overlay.from_, overlay.until
        else:
            lapse = next(lapse for lapse in standard.lapses if not lapse.path)
            name, title, first, last = lapse.by, lapse.title or standard.title, lapse.from_, lapse.until
        words = [f"自{first}" if first else "", f"至{last}" if last else ""]
        return cls(name, standard.head.id, title.zh, "".join(words))


@attrs.frozen(slots=False)
class Law:
    """Which standards requests may name: those that are shipped, and the overlay files given at start."""

    overlays: Mapping[str, Path]

    @classmethod
    def of(cls, files: Sequence[Path]) -> Law:
        """Return the law with own overlay files, by their ids."""
        result = {}
        for file in files:
            standard = be.load_standard(file)
            result[standard.overlays[-1]] = file
        return cls(result)

    def standard(self, standard: object = None, overlays: object = (), on: object = None) -> Standard:
        """Return a standard by ids and a day; a text never names a file."""
        if standard is not None and not isinstance(standard, str):
            raise RequestError(Phrase("standard 应为标准的编号", "standard must be the id of a standard"))
        if not isinstance(overlays, list | tuple) or not all(isinstance(name, str) for name in overlays):
            raise RequestError(Phrase("overlays 应为编号的列表", "overlays must be a list of ids"))
        if on is not None and not isinstance(on, str):
            raise RequestError(Phrase("on 应为日期，如 2025-09-01", "on must be a day, as 2025-09-01"))
        named = [self.overlays.get(name, name) for name in overlays]
        chosen = {"standard": self.overlays.get(standard, standard)} if standard else {}
        return be.load_standard(**chosen, overlays=named, on=on or None)

    @cached_property
    def editions(self) -> tuple[Standard, ...]:
        """The editions that are shipped."""
        return tuple(be.load_standard(name) for name in be.available_standards())

    @cached_property
    def offered(self) -> tuple[Offer, ...]:
        """The overlays that may be named, those that are shipped first, whether they are in force today or not."""
        shipped = (Offer.of(be.load_standard(name)) for name in be.available_overlays())
        return (*shipped, *(Offer.of(be.load_standard(file)) for file in self.overlays.values()))
