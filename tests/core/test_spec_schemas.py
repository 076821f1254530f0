"""The JSON Schemas of spec files: they refuse what a schema can see, and nothing that the reader accepts."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from spec_schemas import FILES, RESTRICTED, held_by, our_rules, spec_schema, spec_schema_text, validators_of
from test_bad_specs import FAULTS, Fault, valid_files

from balancedu.cli import main
from balancedu.core import fields
from balancedu.core.fields import fields_of
from balancedu.core.loading import shipped
from balancedu.core.nodes import FORMAT, Node, read_yaml

SPECS = shipped("_specs", "specs")
SHIPPED = sorted(path for path in Path(str(SPECS)).glob("*/*.yaml") if path.parent.name != "layouts")

# Problems of a single field that the reader reports and a schema can detect too.
VISIBLE = re.compile(
    r"must be (text|a whole number|a number|true or false|one of|a list|a mapping|1|a share|a name|a day)"
    r"|must be (from|more than 0|a cell or a range)"
    r"|needs exactly one of|must not be empty|must not begin or end|\]: '[^']*' appears twice"
    r"|is written in format|unknown key|is missing; |no kind of rule|needs the key 'rule'"
)
# These are in one field too, but follow from the rest of the standard, or from other fields.
INVISIBLE = re.compile(r"the judged stage|the title of the stage|the file is missing|must be at most|'key' is missing")
# What an overlay sets or adds has to fit where it comes, which only the reader sees.
MERGED = re.compile(r"own/\S+ ((rules|items|measures)\.|add\[\d+\]\.value)")


def plain(node: Node) -> Any:
    """What an editor makes of a node."""
    if isinstance(node.value, Mapping):
        return {key: plain(value) for key, value in node.value.items()}
    if isinstance(node.value, tuple):
        return [plain(value) for value in node.value]
    return node.value if isinstance(node.value, str | bool | int) else float(node.value)


def kind_of(file: str) -> str:
    folder, _, name = file.rpartition("/")
    stem = name.removesuffix(".yaml")
    if folder:
        return "overlay"
    return stem if stem in ("standard", "measures", "forms") else "part"


def called(path: Path) -> str:
    """A shipped file as errors call it."""
    return f"overlays/{path.name}" if path.parent.name == "overlays" else path.name


@cache
def checker(kind: str) -> Any:
    return jsonschema.Draft7Validator(spec_schema(kind), format_checker=jsonschema.FormatChecker(["date"]))


@cache
def refusals(file: str, content: bytes) -> list[str]:
    """The problems that the schema of a file finds; empty if the file cannot be read."""
    node, errors = read_yaml(content, file)
    if node is None or errors:
        return []
    validator = checker(kind_of(file))
    return [f"{file} {error.json_path}: {error.message}" for error in validator.iter_errors(plain(node))]


def files_of(fault: Fault) -> dict[str, bytes]:
    """The files of a fault as errors call them."""
    return fault.files | {f"own/{name}": content for name, content in fault.overlays.items()}


@pytest.mark.parametrize("kind", FILES)
def test_schemas_are_schemas(kind: str) -> None:
    schema = spec_schema(kind)
    jsonschema.Draft7Validator.check_schema(schema)

    assert schema["$id"] == f"urn:balancedu:spec:{FORMAT}:{kind}"
    assert schema["properties"]["format"]["const"] == FORMAT


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_is_shipped_keeps_to_its_schema_and_names_it(path: Path) -> None:
    first = path.read_text(encoding="utf-8").partition("\n")[0]
    named = first.removeprefix("# yaml-language-server: $schema=")
    schema = json.loads((path.parent / named).read_text(encoding="utf-8"))

    assert schema == spec_schema(kind_of(called(path)))
    assert refusals(called(path), path.read_bytes()) == []


@pytest.mark.parametrize("file", sorted(valid_files()))
def test_the_valid_standard_keeps_to_its_schemas(file: str) -> None:
    assert refusals(file, valid_files()[file]) == []


@pytest.mark.parametrize("fault", FAULTS, ids=lambda path: path.stem)
def test_a_schema_refuses_what_it_can_see_and_nothing_else(fault: Path) -> None:
    bad = Fault.of(fault)
    expected = bad.expected
    for file, content in files_of(bad).items():
        if not file.endswith(".yaml") or read_yaml(content, file)[1]:
            continue
        messages = [entry for entry in expected if entry.startswith(f"{file}:")]
        single = [message for message in messages if VISIBLE.search(message) and not INVISIBLE.search(message)]
        seen = [entry for entry in single if not MERGED.match(entry)]
        result = refusals(file, content)

        assert bool(result) == bool(seen) or (result and single), (seen or messages, result)


def test_most_kinds_of_fault_are_seen() -> None:
    seen = [fault for fault in FAULTS if any(refusals(*item) for item in files_of(Fault.of(fault)).items())]

    assert len(seen) > 50


def objects(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], dict[str, Any]]]:
    """Every mapping inside plain values with its path, but for what an overlay sets or adds."""
    inside = list(enumerate(value)) if isinstance(value, list) else []
    if isinstance(value, dict):
        yield path, value
        change = isinstance(value.get("path", value.get("to")), str)
        inside = [(key, entry) for key, entry in value.items() if not (key == "value" and change)]
    for key, entry in inside:
        yield from objects(entry, (*path, key))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_schemas_are_closed(path: Path) -> None:
    """An unknown key is refused at every place of a shipped file."""
    node, _ = read_yaml(path.read_bytes(), path.name)
    assert node is not None
    whole = plain(node)
    everywhere = list(objects(whole))
    for _, entry in everywhere:
        entry["no_such_key"] = "x"
    refused = {tuple(error.absolute_path) for error in checker(kind_of(called(path))).iter_errors(whole)}

    # Where names are free, as those of ways to compute a share, a text is refused as the value of one.
    assert [place for place, _ in everywhere if not {place, (*place, "no_such_key")} & refused] == []


def classes() -> set[Any]:
    roots = [*FILES.values(), *our_rules().values(), fields.Title, fields.Source]
    return {entry for root in roots for entry in (root, *held_by(root, []))}


def test_every_validator_is_known_to_the_schemas() -> None:
    ours = {
        validator for kind in classes() for field, _ in fields_of(kind).values() for validator in validators_of(field)
    }

    assert ours <= set(RESTRICTED)


def test_every_field_has_its_meaning_in_a_schema() -> None:
    described = {
        entry["description"] for kind in FILES for _, entry in objects(spec_schema(kind)) if "description" in entry
    }

    assert {f.metadata["doc"] for kind in classes() for f, _ in fields_of(kind).values()} - described == set()


@pytest.mark.parametrize("kind", FILES)
def test_the_command_prints_a_schema(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", kind]) == 0
    assert capsys.readouterr().out == spec_schema_text(kind)


def test_the_command_writes_the_schemas(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "schemas"

    assert main(["schema", "--write", str(folder)]) == 0
    assert capsys.readouterr().out.splitlines() == [str(folder / f"spec-{FORMAT}" / f"{kind}.json") for kind in FILES]
    for kind in FILES:
        path = folder / f"spec-{FORMAT}" / f"{kind}.json"
        assert path.read_text(encoding="utf-8") == spec_schema_text(kind)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda rule: rule | {"rule": "fact_compared"},
        lambda rule: rule | {"times": 3},
        lambda rule: {key: value for key, value in rule.items() if key != "at_least"},
        lambda rule: rule | {"at_least": "6000"},
        lambda rule: rule | {"at_least": 0},
    ],
    ids=["kind", "field of another kind", "field missing", "text", "zero"],
)
def test_the_kind_of_rule_decides_which_fields_are_allowed(wrong: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    rule = {"rule": "fact_within", "fact": "special_education_funds_per_pupil", "at_least": 6000}
    schema = spec_schema("part")
    validator = jsonschema.Draft7Validator(schema["definitions"]["rule"] | {"definitions": schema["definitions"]})

    assert validator.is_valid(rule)
    assert not validator.is_valid(wrong(rule))
