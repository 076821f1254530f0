"""The specs and other data that come with balancedu, installed or in a checkout."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Literal, Protocol


class Entry(Protocol):
    """A file or folder, on disk or inside a package: what pathlib, zipfile and importlib.resources have in common."""

    @property
    def name(self) -> str:
        """Its last name."""

    def is_dir(self) -> bool:
        """Return whether it is a folder."""

    def is_file(self) -> bool:
        """Return whether it is a file."""

    def iterdir(self) -> Iterator[Entry]:
        """Return what the folder holds."""

    def joinpath(self, other: str, /) -> Entry:
        """Return one entry of the folder."""

    def read_bytes(self) -> bytes:
        """Return what the file holds."""

    def open(self, mode: Literal["rb"]) -> IO[bytes]:
        """Open the file, to read as much of it as wanted."""


def shipped(name: str, beside: str) -> Entry:
    """Return a folder of data that comes with the package.

    Parameters
    ----------
    name : str
        Its name inside the installed package.
    beside : str
        Where it lies in a source checkout, seen from the folder that holds the package.
    """
    # Finding files takes modules that importing balancedu does without.
    from importlib.resources import files
    from pathlib import Path

    installed = files("balancedu").joinpath(name)
    if installed.is_dir():
        return installed
    checkout = Path(__file__).resolve().parent.parent.parent
    # Without this guard a broken wheel would read some other project's folder of that name.
    if (checkout / beside).is_dir() and (checkout / "pyproject.toml").is_file():
        return checkout / beside
    problem = f"the installed balancedu lacks its data ({name}); install it again"
    raise FileNotFoundError(problem)


def available_standards() -> tuple[str, ...]:
    """Return the ids of the standards that come with balancedu.

    Examples
    --------
    >>> "cn-2017" in available_standards()
    True
    """
    root = shipped("_specs", "specs")
    return tuple(sorted(entry.name for entry in root.iterdir() if entry.joinpath("standard.yaml").is_file()))


def available_overlays() -> tuple[str, ...]:
    """Return the ids of the overlays that come with balancedu.

    Examples
    --------
    >>> "shenyang" in available_overlays()
    True
    """
    folder = shipped("_specs", "specs").joinpath("overlays")
    names = [entry.name for entry in folder.iterdir()] if folder.is_dir() else []
    return tuple(sorted(name.removesuffix(".yaml") for name in names if name.endswith(".yaml")))
