"""Standards by id or path: read when asked for, never at import, and kept."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from os import PathLike
from typing import IO, Literal, Protocol

from balancedu.core.standard import Standard
from balancedu.errors import UnknownStandardError

DEFAULT_STANDARD = "cn-2017"


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


def load_standard(standard: str | PathLike[str] | Standard = DEFAULT_STANDARD) -> Standard:
    """Return a standard as typed, frozen objects.

    Parameters
    ----------
    standard : str, path or Standard
        The id of a standard that comes with balancedu, or the folder of your own edition. A Standard is
        returned as it is.

    Returns
    -------
    Standard
        The same object when asked again, as long as the files have not changed.

    Raises
    ------
    UnknownStandardError
        If there is no such id and no such folder.
    SpecErrors
        If the files of the standard have problems; it holds all of them.

    Examples
    --------
    >>> std = load_standard("cn-2017")
    >>> print(std.indicators["R4"].thresholds.primary)
    ≥ 4.5
    """
    if isinstance(standard, Standard):
        return standard
    if isinstance(standard, str) and standard in available_standards():
        return _load_shipped(standard)
    from pathlib import Path

    folder = Path(standard)
    if not folder.is_dir():
        raise UnknownStandardError(str(standard), available_standards())
    return _built(str(folder.resolve()), _contents(folder))


@functools.cache
def _load_shipped(name: str) -> Standard:
    return _built(name, _contents(shipped("_specs", "specs").joinpath(name)))


def _contents(folder: Entry) -> tuple[tuple[str, bytes], ...]:
    """Return the name and content of each spec file."""
    # A file with a wrong ending is not passed over: its rules would be missing without a word.
    names = (".yaml", ".yml")
    files = [entry for entry in folder.iterdir() if entry.is_file() and entry.name.casefold().endswith(names)]
    return tuple(sorted((entry.name, entry.read_bytes()) for entry in files if not entry.name.startswith(".")))


@functools.lru_cache(maxsize=8)
def _built(name: str, files: tuple[tuple[str, bytes], ...]) -> Standard:
    # PyYAML is imported with the builder: importing balancedu reads nothing and needs no YAML.
    from balancedu.core.builder import build_standard

    return build_standard(name, dict(files))
