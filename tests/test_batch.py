"""`evaluate --jobs`: a folder of workbooks in processes, bad ones among them, into one table."""

from __future__ import annotations

import csv
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

import balancedu as be
from balancedu.cli import main
from balancedu.commands.evaluate import judge_file


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two counties, one of them failing, a file that is no workbook, and what is none of these."""
    made = tmp_path_factory.mktemp("workbooks")
    be.write_submission(be.example("passing"), made / "one.xlsx")
    be.write_submission(be.example("failing"), made / "two.xlsx")
    (made / "broken.xlsx").write_bytes(b"no workbook")
    (made / "notes.txt").write_text("nothing")
    (made / "~$one.xlsx").write_bytes(b"a lock of Excel")
    return made


def test_one_table_and_a_list_of_bad_files(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "verdicts.csv"

    assert main(["evaluate", "--jobs", "2", str(folder), "-o", str(target), "--lang", "en"]) == 2
    shown = capsys.readouterr()
    assert shown.out == "judged 2 workbooks with 2 counties; 1 could not be read:\n"
    assert shown.err.startswith("broken.xlsx: ")

    with target.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["file"], row["verdict"]) for row in rows] == [("one.xlsx", "MET"), ("two.xlsx", "NOT_MET")]
    alone = be.evaluate(be.example("failing")).to_frame("counties").iloc[0].to_dict()
    assert {name: cell for name, cell in rows[1].items() if name != "file"} == alone
    assert main(["evaluate", "--jobs", "2", str(folder), "-o", str(target)]) != 0
    assert "verdicts.csv" in capsys.readouterr().err


@pytest.mark.parametrize("kind", ["parquet", "xlsx"])
def test_tables_of_other_kinds(kind: str, folder: Path, tmp_path: Path) -> None:
    target = tmp_path / f"verdicts.{kind}"
    assert main(["evaluate", "--jobs", "1", str(folder), "-o", str(target)]) == 2

    if kind == "parquet":
        assert pd.read_parquet(target)["verdict"].tolist() == ["MET", "NOT_MET"]
    else:
        sheet = openpyxl.load_workbook(target).active
        assert sheet is not None
        assert [row[0] for row in sheet.values] == ["file", "one.xlsx", "two.xlsx"]


def test_a_workbook_that_breaks_something_is_reported(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: object, **__: object) -> None:
        raise ZeroDivisionError("somewhere")

    monkeypatch.setattr("balancedu.commands.evaluate.read_submission", breaks)
    judged = judge_file(folder / "one.xlsx", be.load_standard("cn-2017"), None, "en")

    assert judged == ("one.xlsx", (), "ZeroDivisionError: somewhere")


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--jobs", "0", "FOLDER"], "--jobs must be at least 1"),
        (["--jobs", "2", "FOLDER/one.xlsx"], "PATH must be a folder"),
        (["--jobs", "2"], "PATH must be a folder"),
        (["--jobs", "2", "EMPTY"], "there is no workbook in the folder"),
        (["--jobs", "2", "FOLDER", "-o", "x.pdf"], "--output must end with one of .csv, .parquet, .xlsx"),
        (["FOLDER", "-o", "x.csv"], "--output goes with --jobs"),
    ],
)
def test_what_it_refuses(
    arguments: list[str], problem: str, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = [argument.replace("FOLDER", str(folder)).replace("EMPTY", str(tmp_path)) for argument in arguments]

    assert main(["evaluate", *given, "--lang", "en"]) == 2
    assert problem in capsys.readouterr().err
