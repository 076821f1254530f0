"""The ledger keeps typed text, marks solved and new problems, and refuses what it cannot read."""

from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import balancedu as be
from balancedu.cli import main
from balancedu.reporting.ledger import LEDGER_COLUMNS, Progress, read_ledger
from balancedu.reporting.problems import problems

FAILING = be.evaluate(be.example("failing"))
TITLES = [title.zh for title in LEDGER_COLUMNS.values()]


def mended() -> be.Evaluation:
    """Return the failing county after the large school was corrected, with one more class that is too large."""
    example = be.example("failing")
    schools: dict[str, Any] = dict(example.columns("schools"))
    schools["pupils_primary"] = schools["pupils_primary"].copy()
    schools["pupils_primary"][schools["school"] == "001"] = 1990
    classes: dict[str, Any] = dict(example.columns("classes"))
    classes["pupils"] = classes["pupils"].copy()
    classes["pupils"][0] = 47
    rooms, monitoring, facts = (dict(example.columns(name)) for name in ("rooms", "monitoring", "facts"))
    return be.evaluate(be.Submission(schools, classes=classes, rooms=rooms, monitoring=monitoring, facts=facts))


def typed(path: Path, kind: str, **values: str) -> None:
    """Type into the row of a kind of problem."""
    book = openpyxl.load_workbook(path)
    sheet = book["整改台账"]
    row = next(row for row in sheet.iter_rows(min_row=4) if row[2].value == kind)
    for name, value in values.items():
        row[list(LEDGER_COLUMNS).index(name)].value = value
    book.save(path)


def test_each_problem_has_a_row_with_the_figures_that_decided(tmp_path: Path) -> None:
    path = tmp_path / "ledger.xlsx"

    progress = be.write_ledger(FAILING, path, lang="zh")

    rows = read_ledger(path, "zh")
    assert progress == Progress(0, len(rows), 0)
    assert [cell.value for cell in openpyxl.load_workbook(path)["整改台账"][3]] == TITLES
    assert [(row["kind"], row["who"], row["lacking"]) for row in rows] == [
        (problem.kind.zh, problem.who.zh, problem.lacking.zh) for problem in problems(FAILING)
    ]
    assert ("大班额", "安和县第二小学3年级", "46人", "45人", "超出1人") in [
        tuple(row[name] for name in ("kind", "who", "now", "wanted", "lacking")) for row in rows
    ]
    assert "任务分解表" in openpyxl.load_workbook(path).sheetnames


def test_a_later_run_keeps_what_was_typed_and_marks_what_changed(tmp_path: Path) -> None:
    first, second, third = (tmp_path / f"{n}.xlsx" for n in (1, 2, 3))
    be.write_ledger(FAILING, first, lang="zh")
    typed(first, "大班额", office="教育局", person="张三", deadline="2026-09", measure="分成两个班")

    progress = be.write_ledger(mended(), second, earlier=first, day=date(2026, 10, 1), lang="zh")

    rows = {(row["kind"], row["who"]): row for row in read_ledger(second, "zh")}
    kept = rows["大班额", "安和县第二小学3年级"]
    typed_in = tuple(kept[name] for name in ("office", "person", "deadline", "measure"))
    assert typed_in == ("教育局", "张三", "2026-09", "分成两个班")
    closed = rows["大校额", "安和县第一小学"]
    assert (closed["progress"], closed["closed"]) == ("已达标", "2026-10-01")
    new = [row for row in rows.values() if row["progress"] == "新增"]
    assert progress.closed == sum(row["closed"] == "2026-10-01" for row in rows.values())
    assert progress.new == len(new) == 1
    assert progress.open == len(rows) - progress.closed - 1

    be.write_ledger(FAILING, third, earlier=second, lang="zh")
    again = {(row["kind"], row["who"]): row for row in read_ledger(third, "zh")}
    assert again["大校额", "安和县第一小学"]["closed"] == ""
    assert again["大班额", "安和县第二小学3年级"]["person"] == "张三"


def test_what_is_no_ledger_is_refused_with_the_place(tmp_path: Path) -> None:
    broken, out = tmp_path / "broken.xlsx", tmp_path / "out.xlsx"
    be.write_ledger(FAILING, tmp_path / "edited.xlsx", lang="zh")
    broken.write_bytes((tmp_path / "edited.xlsx").read_bytes()[:3000])
    with pytest.raises(be.BalanceduError, match=r"broken\.xlsx: the workbook is damaged"):
        be.write_ledger(FAILING, out, earlier=broken)
    broken.write_text("no workbook", encoding="utf-8")
    with pytest.raises(be.RequestError, match="has no sheet 'ledger'"):
        be.write_ledger(FAILING, out, earlier=broken)
    book = openpyxl.load_workbook(tmp_path / "edited.xlsx")
    book["整改台账"]["D3"] = "学校名称"
    book.save(tmp_path / "edited.xlsx")
    with be.options.using("zh"), pytest.raises(be.RequestError, match="缺少列：涉及学校"):
        be.write_ledger(FAILING, out, earlier=tmp_path / "edited.xlsx")
    book["整改台账"]["D3"], book["整改台账"]["C3"] = "涉及学校", "问题"
    book.save(tmp_path / "edited.xlsx")
    with be.options.using("zh"), pytest.raises(be.RequestError, match="缺少列：存在问题；"):
        be.write_ledger(FAILING, out, earlier=tmp_path / "edited.xlsx")
    book["整改台账"].title = "Sheet1"
    book.save(tmp_path / "edited.xlsx")
    with pytest.raises(be.RequestError, match="has no sheet"):
        be.write_ledger(FAILING, out, earlier=tmp_path / "edited.xlsx", lang="zh")
    assert not out.exists()


def test_the_command_shows_progress(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = tmp_path / "1.xlsx", tmp_path / "2.xlsx"
    assert main(["ledger", "docs/examples/failing", "-o", str(first)]) == 0
    assert main(["ledger", "docs/examples/failing", "-o", str(first)]) == 2
    capsys.readouterr()
    # The ending of the earlier one may be left out.
    assert main(["ledger", "docs/examples/failing", "-o", str(second), "--from", str(first.with_suffix(""))]) == 0
    result = f"已销号0项，未完成{len(problems(FAILING))}项，新增0项"
    assert capsys.readouterr().out.splitlines() == [str(second), result]
