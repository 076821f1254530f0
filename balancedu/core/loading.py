"""Standards by id or path: read when asked for, never at import, and kept."""

from __future__ import annotations

import functools
from importlib.resources import files
from importlib.resources.abc import Traversable
from os import PathLike
from pathlib import Path

from balancedu.core.scalars import MOST_BYTES
from balancedu.core.standard import Standard
from balancedu.errors import UnknownStandardError

DEFAULT_STANDARD = "cn-2017"


def shipped(name: str, beside: str) -> Traversable:
    """Return a folder of data that comes with the package.

    Parameters
    ----------
    name : str
        Its name inside the installed package.
    beside : str
        Where it lies in a source checkout, seen from the folder that holds the package.
    """
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
    folder = Path(standard)
    if not folder.is_dir():
        raise UnknownStandardError(str(standard), available_standards())
    return _built(str(folder.resolve()), _contents(folder))


@functools.cache
def _load_shipped(name: str) -> Standard:
    return _built(name, _contents(shipped("_specs", "specs").joinpath(name)))


def _contents(folder: Traversable) -> tuple[tuple[str, bytes], ...]:
    """Return the name and content of each spec file, as far as it is going to be read."""
    files = [entry for entry in folder.iterdir() if entry.is_file() and not entry.name.startswith(".")]
    result = []
    for entry in files:
        # A file with a wrong ending is not passed over: its rules would be missing without a word.
        if entry.name.casefold().endswith((".yaml", ".yml")):
            with entry.open("rb") as stream:
                result.append((entry.name, stream.read(MOST_BYTES + 1)))
    return tuple(sorted(result))


@functools.lru_cache(maxsize=8)
def _built(name: str, files: tuple[tuple[str, bytes], ...]) -> Standard:
    # PyYAML is imported with the builder: importing balancedu reads nothing and needs no YAML.
    from balancedu.core.builder import build_standard

    return build_standard(name, dict(files))
