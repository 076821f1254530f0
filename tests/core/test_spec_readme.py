"""The table of fields in specs/README.md is the one that the code gives, and every field is in it."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from balancedu.core.describing import held_by, our_rules
from balancedu.core.model import Source, Title
from balancedu.core.standard import Head, MeasuresFile, Part
from balancedu.core.structure import fields_of

ROOT = Path(__file__).resolve().parent.parent.parent
README = ROOT / "specs" / "README.md"

pytestmark = pytest.mark.skipif(not README.is_file(), reason="the specs are not beside the tests")


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_generated_parts_are_up_to_date(generate: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    stale = generate.main(["--check"])

    assert (stale, capsys.readouterr().out) == (0, ""), "run: python docs/generate.py"


def test_a_stale_part_is_written_again(generate: ModuleType) -> None:
    text = "before\n<!-- generated: fields -->\nold\n<!-- end -->\nafter\n"

    fresh = generate.rewritten(text)
    assert fresh.startswith("before\n<!-- generated: fields -->\n\n### The file `standard.yaml`")
    assert fresh.endswith("\n\n<!-- end -->\nafter\n")
    assert generate.rewritten(fresh) == fresh


def test_every_field_of_every_class_is_described(generate: ModuleType) -> None:
    text = generate.fields()
    roots = [Head, MeasuresFile, Part, *our_rules().values(), Title, Source]
    kinds = {inner for root in roots for inner in (root, *held_by(root, []))}

    for kind in kinds:
        for name, (field, _) in fields_of(kind).items():
            assert f"| `{name}` |" in text
            assert field.metadata["doc"]


def test_every_link_leads_to_a_heading(generate: ModuleType) -> None:
    text = README.read_text(encoding="utf-8")
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    anchors = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}

    assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= anchors
    assert generate.FILES[0] == "specs/README.md"
