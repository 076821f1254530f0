"""Two standards side by side, value by value: what was added, what was dropped, what became something else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from typing import Literal

import attrs

from balancedu.core.nodes import plain
from balancedu.core.paths import FORMS, HEAD, MEASURES, Roots, Spot, top
from balancedu.core.reader import Node

Way = Literal["added", "dropped", "replaced", "changed"]
Group = Literal["standard", "parts", "items", "indicators", "measures", "forms"]

_HEADING = ("format", "id", "title", "document", "issued")
"""What names a standard or one of its files, and is no law of its own."""
_ASIDE = ("source", "needed_by", "all_of")
"""What follows from other changes, or is told beside them."""
_WORDING = {"title", "name", "unit", "quantity", "definition", "row", "precision", "stage_titles"}
_READING = {"also", "usual", "units", "checks", "plausible"}
"""What only helps to read files and to notice mistakes in them."""
_REPORTING = {"tables", "range", "grouping", "example_cost", *_READING}


@attrs.frozen
class Change:
    """One difference between two standards.

    Attributes
    ----------
    way : {'added', 'dropped', 'replaced', 'changed'}
        An entry of the same id that is about something else was replaced.
    path : str
        Where, as `Standard.history` and overlays write it.
    group, entry : str
        What it belongs to: an item, an indicator, a measure, or a field of the standard itself.
    before, after : Spot, optional
        The value in both standards; None where there is none.
    judged : bool
        Whether a verdict can change because of it; wording, printing and what is reported cannot.
    """

    way: Way
    path: str
    group: Group
    entry: str
    before: Spot | None = attrs.field(eq=False, repr=False)
    after: Spot | None = attrs.field(eq=False, repr=False)
    judged: bool = True

    @property
    def applies(self) -> bool:
        """Whether it can be made on the files of a standard that is to judge.

        Parts come and go with their items, and what is reported in either standard is reported.
        """
        if self.group == "measures":
            spot = self.before or self.after
            aside = spot is not None and _READING & set(spot.names)
            return not (aside or (self.reported and self.way == "dropped"))
        return self.group != "forms" and (self.group != "parts" or self.way == "changed")

    @property
    def reported(self) -> bool:
        """Whether it is something to report: a table, a measure, or one more value of a choice."""
        spot = self.before or self.after
        return self.group == "measures" and spot is not None and spot.names[-2] in ("tables", "measures", "values")


def changes_between(before: Roots, after: Roots) -> tuple[Change, ...]:
    """Return every difference between the files of two standards, in the order of the law."""
    return (
        *_fields("standard", before, after, HEAD),
        *_parts(before, after),
        *_entries("indicators", before, after),
        *_entries("items", before, after),
        *_fields("measures", before, after, MEASURES),
        *_forms(before, after),
    )


def entries_of(roots: Roots, group: str) -> dict[str, Spot]:
    """Return the items or indicators of all parts by their ids."""
    parts = (file for file in roots if file not in (HEAD, MEASURES, FORMS))
    lists = (one for file in parts for one in top(roots, file).inside() if one.steps == (group,))
    return {entry.names[-1]: entry for found in lists for entry in found.inside()}


def _parts(before: Roots, after: Roots) -> Iterator[Change]:
    for file in dict.fromkeys((*before, *after)):
        part = file.removesuffix(".yaml")
        if file in (HEAD, MEASURES, FORMS):
            continue
        one, other = (top(roots, file) if file in roots else None for roots in (before, after))
        if one is None or other is None:
            way: Way = "added" if one is None else "dropped"
            # A part is met when its items are: they are the change, and this is its heading.
            yield Change(way, f"parts.{part}", "parts", part, one, other, judged=False)
        else:
            yield from _compared(
                "parts", part, _without(one, "items", "indicators"), _without(other, "items", "indicators")
            )


def _entries(group: Group, before: Roots, after: Roots) -> Iterator[Change]:
    olds, news = entries_of(before, group), entries_of(after, group)
    for entry in dict.fromkeys((*olds, *news)):
        one, other = olds.get(entry), news.get(entry)
        path = f"{group}.{entry}"
        if one is None or other is None:
            yield Change("added" if one is None else "dropped", path, group, entry, one, other)
        elif one.file != other.file or _another(one.node, other.node):
            yield Change("replaced", path, group, entry, one, other)
        else:
            yield from _compared(group, entry, one, other)


def _fields(group: Group, before: Roots, after: Roots, file: str) -> Iterator[Change]:
    one, other = (_without(top(roots, file), *_HEADING) for roots in (before, after))
    for change in _compared(group, "", one, other):
        spot = change.before or change.after
        assert spot is not None
        # Measures are entries too, in a list of their own.
        entry = spot.names[2] if spot.names[1] == "measures" and len(spot.names) > 2 else spot.names[1]
        yield attrs.evolve(change, entry=entry)


def _forms(before: Roots, after: Roots) -> Iterator[Change]:
    if FORMS in before and FORMS in after:
        one, other = (_without(top(roots, FORMS), "format", "sheets") for roots in (before, after))
        for change in _compared("forms", "", one, other):
            yield attrs.evolve(change, judged=False)
    sheets = [
        {
            one.names[-1]: one
            for found in top(roots, FORMS).inside()
            if found.steps == ("sheets",)
            for one in found.inside()
        }
        if FORMS in roots
        else {}
        for roots in (before, after)
    ]
    for sheet in dict.fromkeys((*sheets[0], *sheets[1])):
        old, new = sheets[0].get(sheet), sheets[1].get(sheet)
        if old is None or new is None:
            way: Way = "added" if old is None else "dropped"
            yield Change(way, f"forms.sheets.{sheet}", "forms", sheet, old, new, judged=False)
        elif plain(old.node) != plain(new.node):
            yield Change("changed", old.path, "forms", sheet, old, new, judged=False)


def _compared(group: Group, entry: str, one: Spot, other: Spot) -> Iterator[Change]:
    """Yield what differs inside two values."""
    if plain(one.node) == plain(other.node):
        return
    if _is_text(one.node) or _is_text(other.node) or not _alike(one, other):
        yield _change("changed", group, entry, one, other)
        return
    olds, news = _inside(one), _inside(other)
    for names in dict.fromkeys((*olds, *news)):
        if names[0] in _ASIDE:
            continue
        before, after = olds.get(names), news.get(names)
        if before is None or after is None:
            yield _change("added" if before is None else "dropped", group, entry, before, after)
        else:
            yield from _compared(group, entry, before, after)


def _change(way: Way, group: Group, entry: str, before: Spot | None, after: Spot | None) -> Change:
    spot = before or after
    assert spot is not None
    inner = spot.names[1:] if group in ("standard", "parts") else spot.names[3:]
    judged = not _WORDING & set(inner)
    if group == "measures":
        # What is reported more or less decides nothing by itself; what a rule makes of it does.
        judged = judged and not _REPORTING & set(spot.names[1:]) and spot.names[-2] not in ("measures", "values")
    return Change(way, spot.path, group, entry, before, after, judged)


def _inside(spot: Spot) -> dict[tuple[str, ...], Spot]:
    return {one.names[len(spot.names) :]: one for one in spot.inside()}


def _alike(one: Spot, other: Spot) -> bool:
    """Return whether two values can be compared piece by piece: entries of lists have to correspond."""
    if isinstance(one.node.value, Mapping):
        return isinstance(other.node.value, Mapping)
    olds, news = _inside(one), _inside(other)
    if not all(isinstance(spot.node.value, Mapping) for spot in (*olds.values(), *news.values())):
        return False
    nameless = any(len(names) > 1 for names in (*olds, *news))
    # Rules of another kind take the place of those before: neither stands without the other.
    return set(olds) == set(news) or not (nameless or one.names[-1] == "rules")


def _is_text(node: Node) -> bool:
    """Return whether a node is one value, be it in both languages."""
    return not isinstance(node.value, Mapping | tuple) or (
        isinstance(node.value, Mapping) and set(node.value) <= {"zh", "en"}
    )


def _another(one: Node, other: Node) -> bool:
    """Return whether two entries of the same id have less than half of their titles in common."""
    before, after = (node.at("title.zh").text for node in (one, other))
    return SequenceMatcher(a=before, b=after, autojunk=False).ratio() * 2 < 1


def _without(spot: Spot, *keys: str) -> Spot:
    assert isinstance(spot.node.value, Mapping)
    return attrs.evolve(
        spot, node=attrs.evolve(spot.node, value={key: one for key, one in spot.node.value.items() if key not in keys})
    )
