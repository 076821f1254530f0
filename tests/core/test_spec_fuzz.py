"""For any change of a spec, the result is a Standard or SpecErrors, and it comes soon."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from balancedu.core.loading import build, shipped
from balancedu.core.standard import SpecFiles, Standard
from balancedu.errors import SpecErrors

TESTS = Path(__file__).resolve().parent.parent
EDITION = shipped("_specs", "specs").joinpath("cn-2017")
SHIPPED = {entry.name: entry.read_bytes() for entry in EDITION.iterdir() if entry.name.endswith(".yaml")}
SMALL = {path.name: path.read_bytes() for path in sorted((TESTS / "bad_specs" / "valid").glob("*.yaml"))}

LOADER, DUMPER = getattr(yaml, "CSafeLoader", yaml.SafeLoader), getattr(yaml, "CSafeDumper", yaml.SafeDumper)
SOON = datetime.timedelta(seconds=10)
SIGNS = [
    b"",
    b"\n",
    b" ",
    b"\t",
    b":",
    b"-",
    b"[",
    b"}",
    b"&a ",
    b"*a",
    b"!!",
    b"'",
    b'"',
    b"|\n",
    b"\xff",
    b"0",
    b"1e9",
]
VALUES: list[Any] = [
    None,
    "",
    "x",
    0,
    -1,
    1.5,
    True,
    [],
    {},
    [[]],
    [None],
    {"id": "x"},
    [{"id": []}],
    {"zh": 1, "en": []},
]


def answer(files: dict[str, bytes]) -> Standard | SpecErrors:
    """What comes of the files; every problem names one of them, and can be printed."""
    try:
        return build(SpecFiles("fuzzed", tuple(files.items())))
    except SpecErrors as error:
        errors = error
    assert errors.errors
    assert all(value.line > 0 and value.problem for value in errors.errors)
    assert str(errors).startswith("fuzzed: ")
    return errors


@given(data=st.data())
@settings(max_examples=30, deadline=SOON, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_changed_bytes_of_a_shipped_spec(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(SHIPPED)))
    content = SHIPPED[name]
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(content)))
        length = data.draw(st.integers(0, 40))
        put = data.draw(st.sampled_from(SIGNS) | st.binary(max_size=6))
        content = content[:start] + put + content[start + length :]

    answer(SHIPPED | {name: content})


@given(data=st.data())
@settings(max_examples=60, deadline=SOON, suppress_health_check=[HealthCheck.too_slow])
def test_any_value_in_the_place_of_any_other(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(SMALL)))
    root: Any = yaml.load(SMALL[name], Loader=LOADER)
    holder = root
    while True:
        keys = sorted(holder) if isinstance(holder, dict) else range(len(holder))
        key = data.draw(st.sampled_from(keys))
        inner = holder[key]
        if not inner or not isinstance(inner, dict | list) or data.draw(st.booleans()):
            break
        holder = inner
    if data.draw(st.booleans()):
        holder[key] = data.draw(st.sampled_from(VALUES))
    else:
        del holder[key]

    answer(SMALL | {name: yaml.dump(root, Dumper=DUMPER, allow_unicode=True).encode()})


@given(content=st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")))
@settings(max_examples=30, deadline=SOON)
def test_any_bytes_at_all(content: bytes) -> None:
    assert isinstance(answer(SMALL | {"measures.yaml": content}), SpecErrors)


@pytest.mark.parametrize("missing", sorted(SMALL))
def test_any_file_missing(missing: str) -> None:
    left = {name: content for name, content in SMALL.items() if name != missing}

    assert isinstance(answer(left), SpecErrors)


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 100_000,
        b"{a: " * 50_000,
        b"? " * 50_000,
        b"- " * 50_000,
        b"a: " + b"x" * 1_000_000,
        b"x" * 1_000_000 + b": a",
        b"".join(b"k%d: 1\n" % n for n in range(20_000)),
        b"items:\n" + b"  - {rule: x}\n" * 20_000,
        b"a: &a [" + b"*a, " * 20_000 + b"]",
        b"a: '" + b"''" * 100_000,
        b"&" * 10_000,
        b"a: 1" + b"0" * 100_000,
    ],
    ids=lambda content: f"{content[:8]!r}",
)
def test_files_made_to_take_long(content: bytes) -> None:
    errors = answer(SMALL | {"guarantee.yaml": content})

    assert isinstance(errors, SpecErrors)
    assert max(len(str(error)) for error in errors.errors) < 2_000
