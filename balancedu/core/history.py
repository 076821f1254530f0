"""Who set a value of a standard, what it was before, and what became of what an overlay dropped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Literal

import attrs

from balancedu.core.fields import Language, Source, Title, plain
from balancedu.core.overlays import Adding, Applied, Dropping, Layer, Merged, merge
from balancedu.core.paths import (
    HEAD,
    MEASURES,
    NoSuchPathError,
    Roots,
    Spot,
    at,
    entry_of,
    find,
    overlap,
    path_of,
    values_of,
    written,
)
from balancedu.core.standard import SpecFiles, Standard
from balancedu.core.strict_yaml import Node, Problems
from balancedu.core.structure import Structurer
from balancedu.errors import RequestError
from balancedu.text import Phrase, sentence

Way = Literal["stated", "set", "added", "dropped"]

_WORDS: dict[Way, tuple[str, str]] = {
    "stated": ("规定", "stated"),
    "set": ("改定", "set"),
    "added": ("增设", "added"),
    "dropped": ("取消", "dropped"),
}


@attrs.frozen
class HistoryRecord:
    """What an edition or an overlay sets a value to.

    Attributes
    ----------
    by : str
        The id of the edition or overlay.
    path : str
        What was changed: the value asked about, something in it, or what holds it.
    way : {'stated', 'set', 'added', 'dropped'}
        An edition states, an overlay does the others.
    before, value : str
        What it was before and is from then on, as the law writes it; empty where there is none. Where something in
        the value was changed, that alone.
    document : str
        The document of the edition or overlay.
    source : Source, optional
        Where in it; None for what has no source, such as the title of an edition.
    from_, until : str, optional
        The first and the last day.
    reason : Title, optional
        Why something was dropped.
    """

    by: str
    path: str
    way: Way
    before: str
    value: str
    document: str
    source: Source | None = None
    from_: str | None = None
    until: str | None = None
    reason: Title | None = None

    def text(self, lang: Language = "zh") -> str:
        """Return it as a line.

        Examples
        --------
        >>> print(HistoryRecord("ours", "items.G7.rules[0].at_least", "set", "700", "800", "ours 1").text("en"))
        ours: set 700 → 800 (ours 1)
        """
        word = _WORDS[self.way][lang == "en"]
        values = " → ".join(entry for entry in (self.before, self.value) if entry)
        reason = f" {self.reason.text(lang)}" if self.reason else ""
        what = " ".join(filter(None, (word, values)))
        return f"{self.by}: {what} ({self.source or self.document}){self._days(lang)}{reason}"

    def _days(self, lang: Language) -> str:
        if self.from_ and self.until:
            return f" {self.from_}–{self.until}"
        if self.from_:
            return f" 自{self.from_}起" if lang == "zh" else f" from {self.from_}"
        if self.until:
            return f" 至{self.until}止" if lang == "zh" else f" until {self.until}"
        return ""

    def __str__(self) -> str:
        return self.text("en")


def history(standard: Standard, path: str) -> tuple[HistoryRecord, ...]:
    """Return who set a value of a standard, what it was before, and the source of each change, the oldest first.

    Parameters
    ----------
    standard : Standard
        The standard that holds the value.
    path : str
        A value, an item, an indicator or a measure, written as an overlay writes it (`specs/README.md`).

    Returns
    -------
    tuple of HistoryRecord
        One for each document that set the value.

    Raises
    ------
    RequestError
        If nothing has that path; it names the nearest.

    Examples
    --------
    >>> import balancedu as be
    >>> print(*be.history(be.load_standard("cn-2017"), "rules.R-spread.limits.primary"))
    cn-2017: stated 0.50 (教督〔2017〕6号 资源配置)
    """
    return history_of(standard.files, path)


def history_of(files: SpecFiles, path: str) -> tuple[HistoryRecord, ...]:
    """Return the history of a value in the files of a standard; see `history`."""
    merged = merged_of(files)
    spot = _last(merged, path)
    records = list(_edition(merged, spot))
    for before, layer in zip(merged.layers, merged.layers[1:], strict=False):
        records += _overlay(before, layer, spot)
    return tuple(records)


def set_by(standard: Standard, path: str) -> str:
    """Return the id of the edition or overlay that set a value last; see `history`."""
    return history(standard, path)[-1].by if standard.applied else standard.head.id


def dropped(standard: Standard, table: str, name: str) -> HistoryRecord | None:
    """Return which overlay dropped a measure of a table, and why; None where none did.

    Parameters
    ----------
    standard : Standard
    table : str
    name : str
        Its id, column, title or a further word for it.
    """
    merged = merged_of(standard.files)
    for before, layer in zip(merged.layers, merged.layers[1:], strict=False):
        for entry in layer.applied:
            if isinstance(entry.change, Dropping) and entry.names[:-1] == (MEASURES, "measures"):
                spot = at(before.roots, entry.names)
                if spot and spot.node.at("table").text == table and plain(name) in _names(spot.node):
                    return _record(entry, written(spot.node), "")
    return None


def paths(standard: Standard, entry: str) -> Mapping[str, str]:
    """Return the path of an item, indicator or measure and of every value in it, as an overlay names them.

    Parameters
    ----------
    standard : Standard
    entry : str
        Its id.

    Returns
    -------
    mapping of path to str
        The values as the law writes them; empty for the entry itself, and for texts in both languages.

    Raises
    ------
    RequestError
        If nothing has that id.

    Examples
    --------
    >>> import balancedu as be
    >>> [path for path in paths(be.load_standard("cn-2017"), "G7") if path.startswith("rules")]
    ['rules.G7.fact', 'rules.G7.at_least']
    """
    roots = merged_of(standard.files).roots
    spot = entry_of(roots, entry)
    if spot is None:
        problem = f"no item, indicator or measure is called {entry!r}"
        raise RequestError(Phrase(f"没有叫“{entry}”的条目、指标或填报项", problem))
    return {spot.short_path(): "", **dict(values_of(spot))}


def _names(measure: Node) -> set[str]:
    """Return what files may call a measure: its id, the column in it, its titles, and further words."""
    text = measure.at("id").text
    titles = (measure.at(f"title.{lang}").text for lang in ("zh", "en"))
    return {
        plain(entry) for entry in (text, text.rpartition(".")[2], *titles, *(a.text for a in measure.entries("also")))
    }


@lru_cache(maxsize=16)
def merged_of(files: SpecFiles) -> Merged:
    """Return the layers of a standard that has been built already."""
    return merge(files, Problems())


def _last(merged: Merged, path: str) -> Spot:
    """Return what a path leads to, at last or, where it was dropped, before that."""
    try:
        return find(merged.roots, path)
    except NoSuchPathError as error:
        nothing = error
    for layer in reversed(merged.layers[:-1]):
        try:
            return find(layer.roots, path)
        except NoSuchPathError:
            continue
    raise RequestError(sentence(nothing.problem, nothing.hint)) from None


def _edition(merged: Merged, spot: Spot) -> Iterator[HistoryRecord]:
    """Yield what the edition states, if it has the value."""
    roots = merged.layers[0].roots
    here = at(roots, spot.names)
    if here is not None:
        head = roots[HEAD]
        document = head.at("document").text
        source = _structured(here.source) if here.source else None
        yield HistoryRecord(head.at("id").text, here.path, "stated", "", written(here.node), document, source)


def _overlay(before: Layer, after: Layer, spot: Spot) -> Iterator[HistoryRecord]:
    """Yield what an overlay changes: the value itself, something in it, or something that holds it."""
    for entry in after.applied:
        if overlap(entry.names, spot.names):
            # Changes inside a long value are shown by themselves.
            names = max(entry.names, spot.names, key=len)
            yield _record(entry, _value(before.roots, names), _value(after.roots, names))


def _record(applied: Applied, before: str, value: str) -> HistoryRecord:
    way: Way = "set"
    if isinstance(applied.change, Dropping):
        way = "dropped"
    elif isinstance(applied.change, Adding):
        way = "added"
    overlay = applied.overlay
    return HistoryRecord(
        overlay.id,
        path_of(applied.names),
        way,
        before,
        value,
        overlay.document,
        _structured(applied.source),
        applied.change.from_ or overlay.from_,
        applied.change.until or overlay.until,
        applied.change.reason if isinstance(applied.change, Dropping) else None,
    )


def _value(roots: Roots, names: tuple[str, ...]) -> str:
    result = at(roots, names)
    return written(result.node) if result else ""


def _structured(source: Node) -> Source | None:
    made: Source | None = Structurer(Problems()).build(Source, source)
    return made
