"""A person at a terminal sees how far a long file has been read; nobody else sees anything."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

import balancedu as be
from balancedu.files import collect as progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def long_file(tmp_path: Path) -> Path:
    path = tmp_path / "schools.csv"
    rows = "".join(f"{number:05d},primary_school,{number}\n" for number in range(5000))
    path.write_text(f"school,type,pupils_primary\n{rows}", encoding="utf-8")
    return path


def test_a_terminal_shows_a_bar_and_is_clean_afterwards(long_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setattr(progress, "_AFTER", 0.0)
    monkeypatch.setattr(progress, "_EVERY", 0.0)
    be.read_submission(long_file)
    lines = terminal.getvalue().split("\r")

    assert lines[1].startswith("schools.csv [####")
    assert [line.split()[-2] for line in lines[1:6]] == ["1,000", "2,000", "3,000", "4,000", "5,000"]
    assert lines[-3].split()[-3] == "100%"
    assert lines[-2].isspace()
    assert lines[-1] == ""


def test_quick_work_shows_nothing(long_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setattr(progress, "_AFTER", 1000.0)
    be.read_submission(long_file)

    assert terminal.getvalue() == ""


def test_where_there_is_no_terminal_nothing_is_shown(
    long_file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progress, "_AFTER", 0.0)
    be.read_submission(long_file)

    assert capsys.readouterr() == ("", "")
