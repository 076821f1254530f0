"""Who set a value of a standard, what it was before, and what ends soon."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from os import PathLike

import attrs

from balancedu.core.fields import Source, plain
from balancedu.core.loading import available_overlays, available_standards, gather
from balancedu.core.overlays import Adding, Applied, Chosen, Dropping, Layer, Merged, merge
from balancedu.core.paths import (
    HEAD,
    MEASURES,
    NoSuchPathError,
    Roots,
    Spot,
    at,
    at_steps,
    find,
    overlap,
    path_of,
    written,
)
from balancedu.core.periods import Lapse, moved, when
from balancedu.core.standard import HistoryRecord, Ingredients, Way
from balancedu.core.strict_yaml import Node, Problems
from balancedu.core.structure import Structurer
from balancedu.errors import RequestError, SpecErrors
from balancedu.text import sentence


def history(made_of: Ingredients, path: str) -> tuple[HistoryRecord, ...]:
    """Return the history of a value; see `Standard.history`."""
    merged = merged_of(made_of)
    spot = _last(merged, path)
    records = list(_edition(merged, spot, made_of))
    for before, layer in zip(merged.layers, merged.layers[1:], strict=False):
        records += _overlay(before, layer, spot)
    return tuple(records)


def dropped(made_of: Ingredients, table: str, name: str) -> HistoryRecord | None:
    """Return which overlay dropped a measure, and why; see `Standard.dropped`."""
    merged = merged_of(made_of)
    for before, layer in zip(merged.layers, merged.layers[1:], strict=False):
        for one in layer.applied:
            if isinstance(one.change, Dropping) and one.names[:-1] == (MEASURES, "measures"):
                spot = at(before.roots, one.names)
                if spot and spot.node.at("table").text == table and plain(name) in _names(spot.node):
                    return _record(one, written(spot.node), "")
    return None


def _names(measure: Node) -> set[str]:
    """Return what files may call a measure: its id, the column in it, its titles, and further words."""
    said = measure.at("id").text
    titles = (measure.at(f"title.{lang}").text for lang in ("zh", "en"))
    return {plain(one) for one in (said, said.rpartition(".")[2], *titles, *(a.text for a in measure.entries("also")))}


@lru_cache(maxsize=16)
def merged_of(made_of: Ingredients) -> Merged:
    """Return the layers of a standard that has been built already."""
    return merge(made_of, Problems())


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


def _edition(merged: Merged, spot: Spot, made_of: Ingredients) -> Iterator[HistoryRecord]:
    """Yield what the edition says: once, or as often as it has changed by the day."""
    roots = merged.layers[0].roots
    here = at(roots, spot.names)
    if here is None:
        return
    head = roots[HEAD]
    stated = HistoryRecord(
        head.at("id").text, here.path, "stated", "", written(here.node), head.at("document").text, _source(roots, here)
    )
    for chosen in merged.chosen.get(here.file, []):
        if here.steps[: len(chosen.steps)] == chosen.steps:
            yield from _dated(stated, chosen, here, made_of.day)
            return
    yield stated


def _dated(stated: HistoryRecord, chosen: Chosen, here: Spot, day: str) -> Iterator[HistoryRecord]:
    before, rest = "", here.steps[len(chosen.steps) :]
    for one in chosen.dated.dated:
        if when(one, day) == "ahead":
            return
        value = _inside(one.value, rest)
        own = stated.source
        # What amends the source on the day may be another of these values.
        source = one.source or (attrs.evolve(own, amended=()) if own else None)
        yield attrs.evolve(stated, before=before, value=value, source=source, from_=one.from_, until=one.until)
        before = value


def _inside(node: Node, steps: tuple[str | int, ...]) -> str:
    for step in steps:
        if isinstance(node.value, Mapping) and step in node.value:
            node = node.value[str(step)]
        elif isinstance(node.value, tuple) and int(step) < len(node.value):
            node = node.value[int(step)]
        else:
            return ""
    return written(node)


def _overlay(before: Layer, after: Layer, spot: Spot) -> Iterator[HistoryRecord]:
    """Yield what an overlay changes: the value itself, something in it, or something that holds it."""
    for one in after.applied:
        if overlap(one.names, spot.names):
            # What changed inside a long value is told by itself.
            names = max(one.names, spot.names, key=len)
            yield _record(one, _value(before.roots, names), _value(after.roots, names))


def _record(one: Applied, before: str, value: str) -> HistoryRecord:
    way: Way = "set"
    if isinstance(one.change, Dropping):
        way = "dropped"
    elif isinstance(one.change, Adding):
        way = "added"
    overlay = one.overlay
    return HistoryRecord(
        overlay.id,
        path_of(one.names),
        way,
        before,
        value,
        overlay.document,
        _structured(one.source),
        one.change.from_ or overlay.from_,
        one.change.until or overlay.until,
        one.change.reason if isinstance(one.change, Dropping) else None,
    )


def _value(roots: Roots, names: tuple[str, ...]) -> str:
    found = at(roots, names)
    return written(found.node) if found else ""


def _source(roots: Roots, spot: Spot) -> Source | None:
    """Return the nearest source around a value of the edition."""
    for length in range(len(spot.steps), -1, -1):
        node = at_steps(roots, spot.file, spot.steps[:length])
        if isinstance(node.value, Mapping) and "source" in node.value:
            return _structured(node.value["source"])
    return None


def _structured(source: Node) -> Source | None:
    made: Source | None = Structurer(Problems()).build(Source, source)
    return made


YEAR = 365


def expiring(day: str, also: Sequence[str | PathLike[str] | Ingredients] = ()) -> tuple[Lapse, ...]:
    """Return what holds on a day, or begins later, and ends within a year from it; the earliest first.

    Parameters
    ----------
    day : str
        As `2024-05-31`.
    also : sequence of str, path or Ingredients
        Editions and overlays of your own, and what a standard is made of.

    Raises
    ------
    UnknownStandardError
        If there is no such folder or file.
    SpecErrors
        If one of the files cannot be read.
    """
    last = moved(day, YEAR)
    found: dict[Lapse, None] = {}
    for name in (*available_standards(), *available_overlays(), *also):
        made_of, problems = gather(name, ()), Problems()
        periods = merge(attrs.evolve(made_of, day=day), problems, nearest=True).periods
        if problems.found:
            raise SpecErrors(made_of.title, problems.found)
        found |= dict.fromkeys(one for one in periods if one.until is not None and day <= one.until <= last)
    return tuple(sorted(found, key=lambda one: (one.until or "", one.by, one.path)))
