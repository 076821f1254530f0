"""A new overlay is explained field by field, and holds as it is written once its examples are uncommented."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from spec_schemas import spec_schema_text

import balancedu as be
from balancedu.cli import main
from balancedu.core.fields import Source, fields_of
from balancedu.core.loading import overlay_template
from balancedu.core.nodes import FORMAT
from balancedu.core.overlays import Adding, Dropping, Overlay, Setting

TEXT = overlay_template("ours", "cn-2017")


def uncommented(text: str) -> str:
    return re.sub(r"(?m)^# (?!yaml-)", "", text)


@pytest.mark.parametrize("extends", ["cn-2017", "shenyang"])
def test_it_holds_when_uncommented(extends: str, tmp_path: Path) -> None:
    path = tmp_path / "ours.yaml"
    text = uncommented(overlay_template("ours", extends))
    # Shenyang changes a value that is an example here, and is what the template extends.
    path.write_text(text, encoding="utf-8")
    ours = be.load_standard(path)

    assert ours.overlays[-1] == "ours"
    assert "V3" not in ours.items
    submission = be.Submission({"school": ["1"], "type": ["小学"]}, facts={"our_fact": True}, standard=ours)
    assert be.evaluate(submission, ours).items["P1"].verdict is be.Verdict.MET


def test_every_field_is_in_it() -> None:
    fields = {name for kind in (Overlay, Setting, Adding, Dropping, Source) for name in fields_of(kind)}

    # `amended` is written by overlays themselves.
    assert {name for name in fields if not re.search(rf"\b{name}:", TEXT)} == {"amended"}


def test_as_it_is_it_says_that_it_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "ours.yaml"
    path.write_text(TEXT, encoding="utf-8")
    with pytest.raises(be.SpecErrors) as caught:
        be.load_standard(path)

    assert [error.problem for error in caught.value.errors] == ["the overlay changes nothing"]


def test_the_command_writes_it_with_its_schema(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    schema = Path("schemas") / f"spec-{FORMAT}" / "overlay.json"

    assert main(["new-overlay"]) == 0
    assert capsys.readouterr().out.splitlines() == ["our-province.yaml", str(schema)]
    text = Path("our-province.yaml").read_text(encoding="utf-8")
    assert text.startswith(f"# yaml-language-server: $schema={schema.as_posix()}\n")
    assert schema.read_text(encoding="utf-8") == spec_schema_text("overlay")
    assert "id: our-province" in text
    assert "extends: cn-2017" in text


def test_nothing_is_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, schema = tmp_path / "省 1.yaml", tmp_path / "schemas" / f"spec-{FORMAT}" / "overlay.json"
    schema.parent.mkdir(parents=True)
    schema.write_text("{}", encoding="utf-8")

    assert main(["new-overlay", str(path), "--extends", "shenyang"]) == 0
    assert "id: ours\n" in path.read_text(encoding="utf-8")
    assert schema.read_text(encoding="utf-8") == "{}"
    written = path.read_bytes()
    assert main(["new-overlay", str(path), "--lang", "en"]) == 2
    assert "exists already and was not changed; choose another name" in capsys.readouterr().err
    assert path.read_bytes() == written


def test_its_id_is_a_word_to_every_reader(tmp_path: Path) -> None:
    assert main(["new-overlay", str(tmp_path / "no.yaml")]) == 0
    assert "id: ours\n" in (tmp_path / "no.yaml").read_text(encoding="utf-8")
