"""Overlays change what they name and nothing else, in any allowed order, and history lists exactly that."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from balancedu.core.loading import available_standards, load_standard
from balancedu.core.nodes import SpecProblems
from balancedu.core.overlays import Layers, history_of, layers_of
from balancedu.core.paths import Roots, Spot, at, everything, find, overlap, written
from balancedu.core.paths import bare as values_of
from balancedu.core.standard import OverlayFile, SpecFiles

VALID = Path(__file__).resolve().parent.parent / "bad_specs" / "valid"
FILES = tuple((path.name, path.read_bytes()) for path in sorted(VALID.glob("*.yaml")))
EDITION = SpecFiles("valid", FILES)
ROOTS = Layers.of(EDITION, SpecProblems()).roots
SOURCE = {"document": "ours", "part": "1", "confidence": "S"}
NUMBERS = [
    spot
    for spot in everything(ROOTS)
    if isinstance(spot.node.value, int | Decimal)
    and not isinstance(spot.node.value, bool)
    and spot.steps != ("format",)
    and "[" not in spot.path
]
TEXTS = [
    spot
    for spot in everything(ROOTS)
    if isinstance(spot.node.value, str) and spot.steps[-1] in ("zh", "en") and "[" not in spot.path
]
ENTRIES = [
    spot
    for spot in everything(ROOTS)
    if len(spot.steps) == 2 and spot.steps[0] in ("items", "measures", "tables") and spot.steps[1] != 0
]
SHIPPED = [
    (layers.roots, spot)
    for name in available_standards()
    for layers in [layers_of(load_standard(name).files)]
    for spot in everything(layers.roots)
]
Orders = st.randoms(use_true_random=False)


def overlay(name: str, base: str = "", **changes: Any) -> OverlayFile:
    """An overlay as a file; JSON is YAML too."""
    head = {"format": 1, "id": name, "title": {"zh": name, "en": name}, "document": name, "extends": "valid"}
    content = json.dumps(head | changes, ensure_ascii=False)
    return OverlayFile(f"{name}.yaml", name, content.encode(), base)


def made(*overlays: OverlayFile) -> tuple[SpecFiles, Layers]:
    """What overlays make of the edition; nothing may be wrong with them."""
    files, problems = SpecFiles("valid", FILES, overlays), SpecProblems()
    merged = Layers.of(files, problems)
    assert problems.errors == []
    return files, merged


def setting(spot: Spot, number: int) -> dict[str, Any]:
    value = f"text {number}" if isinstance(spot.node.value, str) else number
    return {"path": spot.path, "value": value, "source": SOURCE}


def bare(value: Any) -> Any:
    """Plain values without what states that a source was amended."""
    if isinstance(value, dict):
        return {key: bare(entry) for key, entry in value.items() if key != "amended"}
    return [bare(entry) for entry in value] if isinstance(value, list) else value


def bare_roots(roots: Roots) -> dict[str, Any]:
    return {file: bare(values_of(node)) for file, node in roots.items()}


def expected(changes: dict[tuple[str, ...], Any]) -> dict[str, Any]:
    """The edition with these values in it, put there by another way."""
    whole = bare_roots(ROOTS)
    for spot in (*NUMBERS, *TEXTS):
        if spot.names in changes:
            holder = whole[spot.file]
            for step in spot.steps[:-1]:
                holder = holder[step]
            holder[spot.steps[-1]] = changes[spot.names]
    return whole


@given(st.lists(st.sampled_from(NUMBERS + TEXTS), unique_by=lambda spot: spot.names, min_size=1, max_size=6), Orders)
@settings(max_examples=60, deadline=None)
def test_overlays_set_what_they_name_in_any_order(spots: list[Spot], order: Any) -> None:
    files = [overlay(f"o{n}", set=[setting(spot, n + 3)]) for n, spot in enumerate(spots)]
    order.shuffle(files)
    made_of, merged = made(*files)
    changes = {spot.names: setting(spot, n + 3)["value"] for n, spot in enumerate(spots)}

    assert bare_roots(merged.roots) == expected(changes)
    for n, spot in enumerate(spots):
        stated, changed = history_of(made_of, spot.path)
        assert (stated.by, stated.value) == ("valid", written(spot.node))
        assert (changed.by, changed.before, changed.value) == (f"o{n}", written(spot.node), str(changes[spot.names]))
    for spot in NUMBERS:
        if not any(overlap(spot.names, other.names) for other in spots):
            assert [entry.by for entry in history_of(made_of, spot.path)] == ["valid"]


@given(st.sampled_from(NUMBERS), st.lists(st.integers(1, 99), min_size=1, max_size=4))
@settings(max_examples=40, deadline=None)
def test_of_overlays_that_extend_each_other_the_last_one_counts(spot: Spot, values: list[int]) -> None:
    files = [overlay(f"o{n}", f"o{n - 1}" if n else "", set=[setting(spot, value)]) for n, value in enumerate(values)]
    made_of, merged = made(*files)
    records = history_of(made_of, spot.path)

    assert find(merged.roots, spot.path).node.value == values[-1]
    assert [record.value for record in records] == [written(spot.node), *map(str, values)]
    assert [record.before for record in records] == ["", *(record.value for record in records[:-1])]


@given(st.sampled_from(NUMBERS + TEXTS), st.integers(1, 99), st.booleans())
@settings(max_examples=40, deadline=None)
def test_two_overlays_may_not_touch_one_place(spot: Spot, number: int, inside: bool) -> None:
    holder = spot.holder.node if spot.holder else spot.node
    change = setting(spot, number)
    if inside and isinstance(holder.value, dict) and len(spot.steps) > 1 and not isinstance(spot.steps[-2], int):
        change = {"path": spot.path.rpartition(".")[0], "value": plain_json(holder), "source": SOURCE}
    problems = SpecProblems()
    Layers.of(SpecFiles("valid", FILES, (overlay("a", set=[setting(spot, 1)]), overlay("b", set=[change]))), problems)

    assert [error.problem for error in problems.errors] == ["a.yaml:1 changes the same place"]


def plain_json(node: Any) -> Any:
    return json.loads(json.dumps(values_of(node), default=float))


@given(st.sampled_from(ENTRIES))
@settings(max_examples=30, deadline=None)
def test_what_is_dropped_and_added_again_is_as_it_was(spot: Spot) -> None:
    assert spot.holder is not None
    entries = [inner.node for inner in spot.holder.inside()]
    n = int(spot.steps[-1])
    holder = f"parts.{spot.file.removesuffix('.yaml')}.items" if spot.steps[0] == "items" else str(spot.steps[0])
    names = [entry.at("id").text for entry in entries]
    value = plain_json(spot.node)
    drop = {"path": spot.path, "reason": {"zh": "再议", "en": "again"}, "source": SOURCE}
    add = {"to": holder, "value": value, "after": names[n - 1], **({} if "source" in value else {"source": SOURCE})}
    made_of, merged = made(overlay("o", drop=[drop], add=[add]))

    assert json.dumps(bare_roots(merged.roots), default=float) == json.dumps(bare_roots(ROOTS), default=float)
    assert [element.way for element in history_of(made_of, spot.path)] == ["stated", "dropped", "added"]


@given(st.sampled_from(SHIPPED))
@settings(max_examples=150, deadline=None)
def test_every_value_of_a_shipped_standard_has_a_path(result: tuple[Roots, Spot]) -> None:
    roots, spot = result

    assert find(roots, spot.path).steps == spot.steps
    assert at(roots, spot.names) == spot


@given(st.sampled_from(list(everything(ROOTS))))
@settings(max_examples=100, deadline=None)
def test_every_value_has_a_path_and_a_history(spot: Spot) -> None:
    assert find(ROOTS, spot.path).steps == spot.steps
    (record,) = history_of(EDITION, spot.path)
    assert record.value == written(spot.node)
