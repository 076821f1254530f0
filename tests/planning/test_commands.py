"""Every capability is a command, in both languages, as text, JSON and picture."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from balancedu.cli import main

FAILING, PASSING = "docs/examples/failing", "docs/examples/passing"
COMMANDS = [
    ["shortfalls", FAILING],
    ["margins", FAILING],
    ["robustness", FAILING, "--error", "equipment_value=5%", "--error", "pupils_primary=3", "--draws", "50"],
    ["plan", FAILING, "--budget", "20000", "--cost", "teaching_area=3000", "--move", "equipment_value=no"],
    ["plan", PASSING, "--cap", "teaching_area=10", "--fixed", "multimedia_rooms", "--untouched", "001"],
    ["compare", FAILING, PASSING],
    ["trend", f"2022={FAILING}", f"2023={FAILING}", f"2024={FAILING}", "--project"],
]


@pytest.fixture(autouse=True)
def _in_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path(__file__).resolve().parents[2])


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_commands_print_and_draw(command: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for lang in ("zh", "en"):
        assert main([*command, "--lang", lang]) == 0
        assert capsys.readouterr().out.strip()
    picture = tmp_path / "picture.png"
    assert main([*command, "--json", "--plot", str(picture)]) == 0
    assert json.loads(capsys.readouterr().out)
    assert picture.stat().st_size > 1_000


def test_what_if(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    changes = tmp_path / "changes.yaml"
    changes.write_text("- do: add\n  school: '007'\n  amounts: {backbone_teachers_primary: 1}\n", encoding="utf-8")
    assert main(["what-if", FAILING, str(changes), "--lang", "en"]) == 0
    assert "not met → met" in capsys.readouterr().out
    changes.write_text("- do: ad\n", encoding="utf-8")
    assert main(["what-if", FAILING, str(changes)]) == 2
    assert "changes.yaml:1，do：没有叫“ad”的改动，是否应为“add”？" in capsys.readouterr().err
    assert main(["what-if", FAILING, str(changes), "--lang", "en"]) == 2
    assert "did you mean 'add'?" in capsys.readouterr().err


def test_impossible_changes_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", FAILING]) == 1
    assert "数据缺报" in capsys.readouterr().err
    assert main(["plan", FAILING, "--cap", "teaching_aera=3"]) == 2
    assert "没有填报项“teaching_aera”，是否应为“teaching_area”？" in capsys.readouterr().err
    assert main(["trend", f"2024={FAILING}"]) == 2
    assert "趋势至少需要两个年度，现有1个" in capsys.readouterr().err
    assert main(["trend", f"2024={FAILING}", "--lang", "en"]) == 2
    assert "at least two years" in capsys.readouterr().err
    assert main(["robustness", FAILING, "--error", "equipment_value=much"]) == 2
    assert "应为数字，现为“much”" in capsys.readouterr().err


def test_a_search_that_takes_too_long_names_the_options(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def late(*_: object, **__: object) -> None:
        raise TimeoutError("no plan within 2 seconds; allow more, or a larger gap")

    monkeypatch.setattr("balancedu.commands.county.plan", late)
    assert main(["plan", PASSING, "--seconds", "2"]) == 2
    assert "2秒内没有找到方案；请用 --seconds 放宽时间，或用 --gap 放宽差距" in capsys.readouterr().err
    assert main(["plan", PASSING, "--seconds", "2", "--lang", "en"]) == 2
    assert "no plan within 2 seconds" in capsys.readouterr().err


def test_titles_and_names_do_for_ids(capsys: pytest.CaptureFixture[str]) -> None:
    result = []
    for area, value, school in (
        ("teaching_area", "equipment_value", "009"),
        ("教学及辅助用房面积", "value of teaching equipment", "安和县明德学校"),
    ):
        command = ["plan", FAILING, "--budget", "20000", "--cost", f"{area}=3000", "--move", f"{area}=no"]
        assert main([*command, "--cap", f"{area}=50", "--fixed", value, "--untouched", school, "--json"]) == 0
        result.append(json.loads(capsys.readouterr().out) | {"seconds": 0})
    assert result[0] == result[1]
    assert main(["robustness", FAILING, "--error", "教学仪器设备值=5%", "--draws", "5", "--json"]) == 0
    assert main(["plan", FAILING, "--untouched", "明德"]) == 2
    assert "没有学校“明德”；可以写：001 安和县第一小学，" in capsys.readouterr().err


def test_what_a_command_prints_names_its_options(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["margins", FAILING]) == 0
    out = capsys.readouterr().out
    assert "只列最接近的10个，共14个。" in out
    assert out.endswith("加上 --json 可列出全部。\n")
    assert main(["plan", FAILING, "--budget", "20000"]) == 0
    out = capsys.readouterr().out
    assert "只供测算，请换成本县的单价。" in out
    assert out.endswith("换成本县的单价：--cost 填报项=元（添置一个单位），--move 填报项=元（调配一个单位）。\n")
    assert "to_frame" not in out
    assert "costs" not in out
