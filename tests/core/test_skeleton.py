"""A new overlay is explained field by field, and holds as it is written once its examples are uncommented."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import balancedu as be
from balancedu.cli import main
from balancedu.core.fields import Language, Source, fields_of
from balancedu.core.history import history
from balancedu.core.overlays import Adding, Dropping, Overlay, Setting
from balancedu.core.schema import spec_schema_text
from balancedu.core.skeleton import field_docs, overlay_skeleton, uncommented
from balancedu.core.strict_yaml import FORMAT

LANGUAGES: tuple[Language, ...] = ("zh", "en")
VALID = Path(__file__).resolve().parent.parent / "bad_specs" / "valid"
STANDARDS = [*be.available_standards(), *be.available_overlays(), VALID]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", STANDARDS)
def test_it_holds_when_uncommented(name: str | Path, lang: Language, tmp_path: Path) -> None:
    base = be.load_standard(name)
    path = tmp_path / "ours.yaml"
    text = overlay_skeleton(base, "ours", extends=VALID.name if name == VALID else str(name), file=path.name, lang=lang)
    path.write_text(uncommented(text), encoding="utf-8")
    ours = be.load_standard(*((path,) if isinstance(name, str) else (name, [path])))

    if base.expired:
        # What extends relief that has ended has ended with it.
        assert [one.by for one in ours.expired] == [name, "ours"]
        return
    assert ours.overlays[-1] == "ours"
    assert ours.items["P1"].rules
    dropped = [one for one in be.diff(base, ours).law if one.way == "dropped"]
    assert bool(dropped) == ("# drop:" in text)
    assert {history(ours, one.path)[-1].way for one in dropped} <= {"dropped"}
    facts = {"our_fact": True} | ({"our_veto": True} if "P2" in ours.items else {})
    submission = be.Submission({"school": ["1"], "type": ["小学"]}, facts=facts, standard=ours)
    found = be.evaluate(submission, ours).items
    assert found["P1"].verdict is be.Verdict.MET
    assert ("P2" in ours.items) == ("veto" in ours.parts)
    assert "P2" not in ours.items or found["P2"].verdict is be.Verdict.NOT_MET


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_field_is_explained(lang: Language) -> None:
    text = overlay_skeleton(be.load_standard("cn-2017"), "ours", extends="cn-2017", file="ours.yaml", lang=lang)
    for kind in (Overlay, Setting, Adding, Dropping, Source):
        docs = field_docs(kind, lang)
        assert list(docs) == list(fields_of(kind))
        for name, doc in docs.items():
            assert doc in text
            assert kind is Overlay or re.search(rf"^##   {name}: ", text, re.MULTILINE)


def test_as_it_is_it_says_that_it_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "ours.yaml"
    text = overlay_skeleton(be.load_standard("cn-2017"), "ours", extends="cn-2017", file=path.name)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(be.SpecErrors) as caught:
        be.load_standard(path)

    assert [one.problem for one in caught.value.errors] == ["the overlay changes nothing"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_command_writes_it_with_its_schema(
    lang: Language, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    schema = Path("schemas") / f"spec-{FORMAT}" / "overlay.json"

    assert main(["new-overlay", "--lang", lang]) == 0
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
