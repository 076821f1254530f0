"""What the Chinese guides show is what the commands print."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from balancedu.cli import main

ROOT = Path(__file__).resolve().parents[2]
SHOWN = [
    pytest.param(command, text, id=f"{name} {command.split()[0]}")
    for name in ("first-verdict", "why", "shortfalls", "margins", "plan", "what-if", "trend")
    for command, text in re.findall(
        r"```console\n\$ balancedu ([^\n]*)\n```\n\n```text\n(.*?)\n```",
        (ROOT / "docs" / "guides" / f"{name}.zh-CN.md").read_text(encoding="utf-8"),
        flags=re.DOTALL,
    )
]


@pytest.mark.parametrize(("command", "text"), SHOWN)
def test_commands_print_what_the_guide_shows(
    command: str, text: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    assert main([*command.split(), "--lang", "zh"]) == 0
    assert capsys.readouterr().out.rstrip() == text


def test_every_guide_shows_something() -> None:
    assert len(SHOWN) == 9
