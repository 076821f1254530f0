"""The guide for provinces shows what its finished file holds."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from balancedu.cli import main

GUIDES = Path(__file__).resolve().parent.parent / "docs" / "guides"
_TOLD = re.compile(r"```text\n(.*?)\n```", re.DOTALL)
_BLOCK = re.compile(r"```yaml\n(.*?)```", re.DOTALL)


@pytest.mark.parametrize("page", ["your-province.md", "your-province.zh-CN.md"])
def test_every_block_of_the_guide_is_in_the_finished_file(page: str) -> None:
    provinces = (GUIDES.parent.parent / "tests" / "provinces").glob("*.yaml")
    finished = "".join(path.read_text(encoding="utf-8") for path in (GUIDES / "anlan.yaml", *provinces))
    blocks = _BLOCK.findall((GUIDES / page).read_text(encoding="utf-8"))

    assert len(blocks) == 10
    assert [block for block in blocks if block not in finished] == []


@pytest.mark.parametrize(("page", "lang"), [("your-province.md", "en"), ("your-province.zh-CN.md", "zh")])
def test_the_guide_shows_what_lint_says_of_a_wrong_path(
    page: str, lang: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    finished = (GUIDES / "anlan.yaml").read_text(encoding="utf-8")
    wrong = tmp_path / "anlan.yaml"
    wrong.write_text(finished.replace("rules.G7.at_least", "rules.G7.at_leats"), encoding="utf-8")
    shown = _TOLD.findall((GUIDES / page).read_text(encoding="utf-8"))

    assert main(["lint", str(wrong), "--lang", lang]) == 2
    assert shown == [line.strip() for line in capsys.readouterr().out.splitlines()[1:]]
