"""Editions and overlays by id or path, each overlay with what it extends before it."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from os import PathLike, fspath
from typing import TYPE_CHECKING

import attrs

from balancedu.core.ingredients import Ingredients, OverlayFile
from balancedu.core.shipped import Entry, available_overlays, available_standards, shipped
from balancedu.errors import RequestError, SpecError, SpecErrors, UnknownStandardError, near
from balancedu.phrase import Phrase, sentence

if TYPE_CHECKING:
    from pathlib import Path

Files = tuple[tuple[str, bytes], ...]


@attrs.frozen
class Edition:
    """An edition as it was found: its id or folder, and its files."""

    name: str
    files: Files


@attrs.frozen
class Found:
    """An overlay as it was found.

    `origin` is its id where it comes with balancedu, otherwise its path; `folder` is where the paths that it names
    begin, None for one that comes with balancedu.
    """

    name: str
    origin: str
    content: bytes
    folder: Path | None = None


def gather(standard: str | PathLike[str] | Ingredients, overlays: Sequence[str | PathLike[str]]) -> Ingredients:
    """Return what a standard is made of.

    Raises
    ------
    UnknownStandardError
        If there is no such id and no such folder or file.
    RequestError
        If an edition is given as an overlay, or an overlay extends another edition.
    SpecErrors
        If an overlay extends what there is not, or itself.
    """
    gatherer = _Gatherer()
    if isinstance(standard, Ingredients):
        gatherer.edition = Edition(standard.name, standard.files)
        gatherer.overlays += standard.overlays
        inside = [Found(one.name, one.origin, one.content) for one in standard.overlays]
        gatherer.at_hand |= {_said(one, "id"): one for one in inside if _said(one, "id")}
        first: Edition | Found | None = None
    else:
        first = _find(fspath(standard))
        gatherer.edition = first if isinstance(first, Edition) else None
    given = [_find(fspath(one)) for one in overlays]
    for one in (first, *given):
        if isinstance(one, Found) and _said(one, "id"):
            gatherer.at_hand[_said(one, "id")] = one
    for edition in (one for one in given if isinstance(one, Edition)):
        problem = Phrase(f"{edition.name} 是版本，不是叠加文件", f"{edition.name} is an edition and no overlay")
        raise RequestError(sentence(problem, Phrase("请用作标准", "give it as the standard")))
    for one in (first, *given):
        if isinstance(one, Found):
            gatherer.put(one, ())
    return gatherer.ingredients(standard.day if isinstance(standard, Ingredients) else "")


@attrs.define
class _Gatherer:
    edition: Edition | None = None
    overlays: list[OverlayFile] = attrs.field(factory=list)
    at_hand: dict[str, Found] = attrs.field(factory=dict)
    """The overlays that were asked for, by their ids."""

    def ingredients(self, day: str) -> Ingredients:
        """Return what was gathered."""
        assert self.edition is not None
        return Ingredients(self.edition.name, self.edition.files, tuple(self.overlays), day)

    def put(self, overlay: Found, way: tuple[str, ...]) -> int:
        """Put an overlay behind what it extends, once, and return its place."""
        known = [one.origin for one in self.overlays]
        if overlay.origin in known:
            return known.index(overlay.origin)
        own_id = _said(overlay, "id")
        if overlay.folder is not None and own_id in (*available_standards(), *available_overlays()):
            zh, en = f"“{own_id}”是随软件附带的标准或叠加文件的标识", f"{own_id!r} comes with balancedu already"
            raise _wrong(overlay, Phrase(zh, en), Phrase("请另取一个", "choose another"), field="id")
        if overlay.origin in way:
            problem = Phrase("几经辗转，又叠加在自身之上", "extends itself, by way of what it extends")
            raise _wrong(overlay, problem, Phrase("最后请叠加在某个版本之上", "extend an edition in the end"))
        base, extended = None, self.extended(overlay)
        if isinstance(extended, Found):
            base = self.put(extended, (*way, overlay.origin))
        elif self.edition is None:
            self.edition = extended
        elif extended is not None and extended != self.edition:
            raise RequestError(
                Phrase(
                    f"{overlay.origin} 叠加在 {extended.name} 之上，而不是 {self.edition.name}",
                    f"{overlay.origin} extends {extended.name}, not {self.edition.name}",
                )
            )
        self.overlays.append(OverlayFile(overlay.name, overlay.origin, overlay.content, base))
        return len(self.overlays) - 1

    def extended(self, overlay: Found) -> Edition | Found | None:
        """Return what an overlay extends; None where it does not say so and the edition is known."""
        name = _said(overlay, "extends")
        edition_id = _id_of(self.edition) if self.edition else ""
        if name in self.at_hand:
            return self.at_hand[name]
        if self.edition is not None and name in ("", edition_id):
            return self.edition
        try:
            return _find(name, overlay.folder)
        except UnknownStandardError:
            known = [*available_standards(), *available_overlays(), *self.at_hand, *filter(None, [edition_id])]
            problem = Phrase("缺少“extends”", "'extends' is missing")
            if name:
                problem = Phrase(f"没有叫“{name}”的版本或叠加文件", f"no edition or overlay is called {name!r}")
                problem += near(name, known)
            hint = Phrase(
                "请写其 id；自己的文件，写从本文件算起的路径",
                "write the id of one, or the path of your own seen from this file",
            )
            raise _wrong(overlay, problem, hint) from None


def _find(name: str, beside: Path | None = None) -> Edition | Found:
    """Return what an id or a path means; paths begin in the folder `beside`, or where the program was started."""
    found = _shipped(name)
    if found is not None:
        return found
    from pathlib import Path

    path = (beside or Path()) / name
    if name and path.is_dir():
        folder = path.resolve()
        return Edition(str(folder), _contents(folder))
    if name and path.is_file():
        file = path.resolve()
        return Found(_shown(file), str(file), file.read_bytes(), file.parent)
    raise UnknownStandardError(name, (*available_standards(), *available_overlays()))


def _shown(file: Path) -> str:
    """Return a file as a message names it, so that it can be opened from where the program was started."""
    here = file.parent.cwd()
    return file.relative_to(here).as_posix() if file.is_relative_to(here) else str(file)


@functools.lru_cache(maxsize=64)
def _shipped(name: str) -> Edition | Found | None:
    """Return an edition or overlay that comes with balancedu."""
    root = shipped("_specs", "specs")
    if name in available_standards():
        return Edition(name, _contents(root.joinpath(name)))
    if name in available_overlays():
        file = f"{name}.yaml"
        return Found(f"overlays/{file}", name, root.joinpath("overlays").joinpath(file).read_bytes())
    return None


def _contents(folder: Entry) -> Files:
    """Return the name and content of each spec file."""
    # A file with a wrong ending is not passed over: its rules would be missing without a word.
    names = (".yaml", ".yml")
    files = [entry for entry in folder.iterdir() if entry.is_file() and entry.name.casefold().endswith(names)]
    return tuple(sorted((entry.name, entry.read_bytes()) for entry in files if not entry.name.startswith(".")))


def _said(overlay: Found, field: str) -> str:
    """Return a text that an overlay says at its top; empty where it does not."""
    return _text(overlay.content, overlay.name, field)


def _id_of(edition: Edition) -> str:
    head = dict(edition.files).get("standard.yaml")
    return "" if head is None else _text(head, "standard.yaml", "id")


@functools.lru_cache(maxsize=64)
def _text(content: bytes, file: str, field: str) -> str:
    from balancedu.core.reader import nodes_of

    node, _ = nodes_of(content, file)
    found = node.at(field) if node is not None else None
    return found.text if found is not None and found is not node else ""


def _wrong(overlay: Found, problem: Phrase, hint: Phrase, *, field: str = "extends") -> SpecErrors:
    from balancedu.core.reader import nodes_of

    node, errors = nodes_of(overlay.content, overlay.name)
    line = node.at(field).line if node is not None else 1
    return SpecErrors(overlay.origin, errors or [SpecError(overlay.name, line, field, problem, hint)])
