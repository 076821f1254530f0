"""Standards by id or path: read when asked for, never at import, and kept."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from importlib.resources import files
from importlib.resources.abc import Traversable
from os import PathLike
from pathlib import Path

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
    raise FileNotFoundError(f"the installed balancedu lacks its data ({name}); install it again")


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
    state = tuple((path.name, path.stat().st_mtime_ns, path.stat().st_size) for path in sorted(folder.glob("*.yaml")))
    return _load_folder(folder.resolve(), state)


@functools.cache
def _load_shipped(name: str) -> Standard:
    return _build(name, _spec_files(shipped("_specs", "specs").joinpath(name)))


@functools.lru_cache(maxsize=8)
def _load_folder(folder: Path, state: tuple[tuple[str, int, int], ...]) -> Standard:
    return _build(str(folder), _spec_files(folder))


def _spec_files(folder: Traversable) -> list[Traversable]:
    entries = (entry for entry in folder.iterdir() if entry.name.endswith(".yaml"))
    return sorted((entry for entry in entries if not entry.name.startswith(".")), key=lambda entry: entry.name)


def _build(name: str, entries: Iterable[Traversable]) -> Standard:
    # PyYAML is imported with the builder: importing balancedu reads nothing and needs no YAML.
    from balancedu.core.builder import build_standard

    return build_standard(name, {entry.name: entry.read_bytes() for entry in entries})
