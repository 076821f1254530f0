"""What a standard is made of: the files of an edition, the overlays put onto it, and the day that is asked about."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import attrs


@attrs.frozen
class OverlayFile:
    """An overlay as it was found.

    Attributes
    ----------
    name : str
        What errors call the file.
    origin : str
        The id of an overlay that comes with balancedu, or the path of your own.
    content : bytes
    base : int, optional
        The overlay that it extends, by its place in the list; None where it extends the edition.
    strictly : bool
        Whether only what is no relief is taken from it.
    """

    name: str
    origin: str
    content: bytes
    base: int | None = None
    strictly: bool = False


@attrs.frozen
class Ingredients:
    """Everything that a standard follows from.

    Attributes
    ----------
    name : str
        What errors call the edition: its id where it comes with balancedu, otherwise its folder.
    files : tuple of (str, bytes)
        The files of the edition.
    overlays : tuple of OverlayFile
        In the order in which they are put onto the edition; each stands behind the one that it extends.
    day : str
        The day asked about, as `2023-09-01`; empty where nothing depends on it.
    """

    name: str
    files: tuple[tuple[str, bytes], ...]
    overlays: tuple[OverlayFile, ...] = ()
    day: str = ""

    @property
    def title(self) -> str:
        """What errors call the whole."""
        return " + ".join((self.name, *(one.origin for one in self.overlays)))

    def bases(self, overlay: int) -> frozenset[int]:
        """Return the overlays that one extends, over any number of steps."""
        found: set[int] = set()
        base = self.overlays[overlay].base
        while base is not None:
            found.add(base)
            base = self.overlays[base].base
        return frozenset(found)

    def strict(self, kept: Sequence[int], eased: Collection[int]) -> Ingredients:
        """Return the same with these overlays alone, each with what it extends among them; without relief in them.

        Parameters
        ----------
        kept : sequence of int
            The overlays that are not wholly relief.
        eased : collection of int
            Those of them of which some changes are.
        """
        places = {old: new for new, old in enumerate(kept)}
        overlays = [self.overlays[old] for old in kept]
        bases = [None if one.base is None else places[one.base] for one in overlays]
        pairs = zip(kept, overlays, bases, strict=True)
        strict = (attrs.evolve(one, base=base, strictly=one.strictly or n in eased) for n, one, base in pairs)
        return attrs.evolve(self, overlays=tuple(strict))
