"""For any overlay file, the result is a standard or the problems of the files."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from balancedu.core.loading import build, load_standard
from balancedu.core.overlays import records_of
from balancedu.core.standard import OverlayFile, SpecFiles, Standard
from balancedu.errors import RequestError, SpecErrors

ROOT = Path(__file__).resolve().parent.parent.parent
VALID = tuple(
    (path.name, path.read_bytes()) for path in sorted((ROOT / "tests" / "bad_specs" / "valid").glob("*.yaml"))
)
OVERLAY = """format: 1
id: ours
title: {zh: 本省, en: ours}
document: 省〔2025〕1号
extends: valid
relaxes: true
from: "2020-01-01"
until: "2030-12-31"
drop:
  - {path: scope.counted.nine_year_school, reason: {zh: 不再, en: no more}, source: SOURCE}
set:
  - path: rules.G3.at_least
    value: 5
    source: SOURCE
  - {path: items.G1.title, value: {zh: 布局, en: layout}, source: SOURCE, until: "2026-01-01"}
add:
  - to: parts.guarantee.items
    after: G2
    value:
      id: G11
      name: {zh: 甲, en: a}
      title: {zh: 甲, en: a}
      source: SOURCE
      rules: [{rule: stated, facts: [layout_rational]}]
""".replace("SOURCE", "{document: 省〔2025〕1号, part: 一, confidence: S}").encode()
WORDS = [
    b"rules",
    b"items",
    b"[0]",
    b"[9]",
    b".",
    b"..",
    b"G3",
    b"after",
    b"value",
    b"2025-01-02",
    b"-1",
    b"true",
    b"id",
]
PATHS = ["scope.counted.primary_school.weights.primary", "measures.classes.pupils.range.least"]


def answer(content: bytes) -> Standard | SpecErrors:
    try:
        made = build(SpecFiles("valid", VALID, (OverlayFile("ours.yaml", "ours", content),), "2024-05-31"))
    except SpecErrors as error:
        errors = error
    else:
        assert all(records_of(made, path) for path in PATHS)
        return made
    assert errors.errors
    assert all(entry.line > 0 and entry.problem for entry in errors.errors)
    return errors


def test_the_overlay_that_is_changed_is_fine() -> None:
    result = answer(OVERLAY)
    assert isinstance(result, Standard), str(result)
    assert result.strict is not None


@given(data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_changed_bytes_of_an_overlay(data: st.DataObject) -> None:
    content = OVERLAY
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(content)))
        length = data.draw(st.integers(0, 20))
        put = data.draw(st.sampled_from(WORDS) | st.binary(max_size=5))
        content = content[:start] + put + content[start + length :]

    answer(content)


@given(
    path=st.text(st.sampled_from("rulesG3.[]0159-_迟 \"'"), max_size=30)
    | st.lists(
        st.sampled_from(
            [
                "rules",
                "G3",
                "at_least",
                "measures",
                "classes",
                "pupils",
                "[0]",
                "parts",
                "forms",
                "items",
                "title",
                "zh",
            ]
        ),
        max_size=6,
    ).map(".".join)
)
@settings(max_examples=200, deadline=None)
def test_any_text_as_a_path(path: str) -> None:
    standard = load_standard("cn-2017")
    with suppress(RequestError):
        assert all(entry.value for entry in records_of(standard, path))


def test_the_overlay_in_the_readme_loads(tmp_path: Path) -> None:
    text = (ROOT / "specs" / "README.md").read_text(encoding="utf-8")
    example = next(
        block for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL) if block.startswith("format: 1")
    )
    path = tmp_path / "our-city.yaml"
    path.write_text(example, encoding="utf-8")
    standard = load_standard(path)

    assert standard.overlays == ("our-city",)
    assert "V3" not in standard.items
    assert [entry.by for entry in records_of(standard, "rules.Q7.facts")] == ["cn-2017", "our-city"]
