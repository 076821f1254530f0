"""The table of fields in specs/README.md is the one that the code gives, and every field is in it."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest
from spec_schemas import held_by, our_rules
from test_bad_specs import FOLDER, Fault, errors_of

import balancedu as be
from balancedu.core.fields import Source, Title, fields_of
from balancedu.core.standard import Head, MeasuresFile, Part
from balancedu.testing import check_standard

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


OVERLAYS = [
    block
    for block in re.findall(
        r"```yaml\n(.*?)```", README.read_text(encoding="utf-8") if README.is_file() else "", re.DOTALL
    )
    if block.startswith("format: 1\n") and "\nextends:" in block
]


def overlay(name: str, folder: Path) -> Path:
    (block,) = (entry for entry in OVERLAYS if f"\nid: {name}\n" in entry)
    path = folder / f"{name}.yaml"
    path.write_text(block, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", ["our-city", "counsellors", "rural-schools"])
def test_every_whole_overlay_is_sound(name: str, tmp_path: Path) -> None:
    assert len(OVERLAYS) == 3
    assert check_standard(overlay(name, tmp_path), on="2026-01-01", submissions=10).overlays == (name,)


def test_the_share_follows_from_its_counts(tmp_path: Path) -> None:
    std = be.load_standard(overlay("counsellors", tmp_path))
    schools = {"school": ["1"], "type": ["primary_school"]}
    verdicts = {}
    for count in (44, 45):
        facts = {"schools_listed": 50, "schools_with_counsellor": count}
        verdicts[count] = be.evaluate(be.Submission(schools, facts=facts, standard=std), std).items["P1"].verdict

    assert verdicts == {44: be.Verdict.NOT_MET, 45: be.Verdict.MET}
    with pytest.raises(be.DataErrors, match="schools_with_counsellor"):
        be.Submission(schools, facts={"schools_listed": 50, "schools_with_counsellor": 51}, standard=std)


def test_the_relief_is_for_rural_schools_and_for_its_time(tmp_path: Path) -> None:
    path = overlay("rural-schools", tmp_path)
    verdicts = {}
    for day in ("2025-08-31", "2025-09-01", "2028-08-31", "2028-09-01"):
        std = be.load_standard(path, on=day)
        for area in ("rural", "urban"):
            school = {"school": ["1"], "type": ["primary_school"], "area": [area], "pupils_primary": [2400]}
            evaluation = be.evaluate(be.Submission(school, standard=std), std)
            verdicts[day, area] = evaluation.items["G4"].verdict
            assert evaluation.strict is None or evaluation.strict.items["G4"].verdict is be.Verdict.NOT_MET

    assert {key for key, verdict in verdicts.items() if verdict is be.Verdict.MET} == {
        ("2025-09-01", "rural"),
        ("2028-08-31", "rural"),
    }


def test_every_link_leads_to_a_heading(generate: ModuleType) -> None:
    text = README.read_text(encoding="utf-8")
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    anchors = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}

    assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= anchors
    assert generate.FILES[0] == "specs/README.md"


def test_the_message_shown_is_the_one_that_is_printed(tmp_path: Path) -> None:
    text = README.read_text(encoding="utf-8")
    bad = Fault.of(FOLDER / "unknown_key.yaml")

    for error in errors_of(lambda: bad.load(tmp_path)).errors:
        for lang in ("zh", "en"):
            assert f"```text\n{error.text(lang)}\n```" in text
