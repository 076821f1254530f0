"""What papers take from a plan and from the county's own texts: measures, amounts, costs, years, offices."""

from functools import cache
from pathlib import Path

import openpyxl
import pytest

import balancedu as be
from balancedu.cli import main
from balancedu.document import Grid
from balancedu.planning.plan.result import Plan
from balancedu.reporting.ledger import read_ledger
from balancedu.reporting.problems import assigned, problems, tasks_of
from balancedu.reporting.reports import report_document

TEXTS = {
    "overview": "安和县辖10个乡镇。",
    "G5.office": "县教育局基教科",
    "G5.person": "张三",
    "G5.deadline": "2026年8月",
    "G5.problem": "中心城区学位紧张。",
    "G5.measure": "秋季学期起严格按标准班额编班。",
    "R4.office": "县教育局规划科",
    "R4.evidence": "校舍平面图",
    "R4.practice": "近三年新建校舍1.2万平方米。",
}
LARGE_CLASS = ("大班额", "安和县第二小学3年级")


def with_texts(texts: dict[str, str]) -> be.Evaluation:
    sub = be.example("failing")
    tables = {name: dict(sub.columns(name)) for name in ("classes", "rooms", "monitoring", "facts")}
    return be.evaluate(be.Submission(dict(sub.columns("schools")), **tables, narrative=texts))  # type: ignore[arg-type]


@cache
def planned() -> tuple[be.Evaluation, Plan]:
    """Return the failing county with what it left out, and a plan over two years."""
    ev = be.evaluate(be.example("failing"))
    ev = be.what_if(ev, [{"do": "set", "school": "012", "values": {"multimedia_rooms": 12}}]).evaluation
    return ev, be.plan(ev, budget={2025: 100_000, 2026: 3_000_000})


def test_every_task_is_counted_once() -> None:
    ev, plan = planned()
    tasks, rest = assigned(problems(ev), tasks_of(plan))
    every = [task for some in tasks.values() for task in some] + list(rest)
    assert sum(task.cost for task in every) == plan.cost
    assert len(every) == len(tasks_of(plan)) < len(plan.steps)


def test_the_ledger_has_costs_and_years_of_the_plan(tmp_path: Path) -> None:
    ev, plan = planned()
    path = tmp_path / "ledger.xlsx"
    be.write_ledger(ev, path, plan=plan, lang="zh")

    rows = {(row["kind"], row["who"]): row for row in read_ledger(path, "zh")}
    area = rows["生均教学及辅助用房面积低于标准的85%", "安和县第三小学"]
    assert (area["cost"], area["deadline"]) == ("112000", "2026年")
    assert "安和县第三小学增加教学及辅助用房面积30平方米（2025年，8.4万元）" in area["measure"]
    book = openpyxl.load_workbook(path)
    assert book["整改台账"].column_dimensions["O"].hidden
    lines = list(book["任务分解表"].iter_rows(min_row=4, values_only=True))
    assert sum(float(str(line[5])) for line in lines if line[1] in ("2025年", "2026年") and line[5]) == plan.cost
    assert any(line[1] == "2026年" and line[2] == "新建或改建美术专用教室" and line[6] == "县级" for line in lines)


@pytest.mark.parametrize("kind", ["rectification", "implementation", "self-evaluation"])
def test_reports_have_costs_by_year(kind: str) -> None:
    ev, plan = planned()
    document = report_document(ev, kind, "zh", plan=plan)  # type: ignore[arg-type]
    [grid] = [block for block in document.blocks if isinstance(block, Grid) and "投入测算" in block.caption]
    assert list(grid.header) == ["任务", "2025年", "2026年", "合计"]
    assert grid.rows[-1][0] == "合计"
    assert grid.rows[-1][-1] == f"{plan.cost / 1e4:,.2f}"
    text = "".join(document.text(500).split())
    assert "安和县第一初级中学新建或改建美术专用教室1间（2026年，25.2万元）" in text
    assert "按最低投入方案需37.76万元，其中2025年9.76万元、2026年28.00万元。" in report_document(
        ev, "brief", "zh", plan=plan
    ).text(500)


def test_what_the_county_wrote_is_in_every_paper(tmp_path: Path) -> None:
    ev = with_texts(TEXTS)
    report = "".join(report_document(ev, "self-evaluation", "zh").text(500).split())
    for text in ("overview", "G5.problem", "G5.measure", "R4.practice", "R4.evidence"):
        assert TEXTS[text] in report
    assert "责任单位：县教育局基教科；责任人：张三；完成时限：2026年8月" in report
    for kind in ("rectification", "implementation"):
        text = "".join(report_document(ev, kind, "zh").text(500).split())
        assert "责任单位：县教育局规划科" in text
    be.write_ledger(ev, tmp_path / "1.xlsx", lang="zh")
    row = {(row["kind"], row["who"]): row for row in read_ledger(tmp_path / "1.xlsx", "zh")}[LARGE_CLASS]
    names = ("measure", "office", "person", "deadline")
    assert [row[name] for name in names] == [TEXTS[f"G5.{name}"] for name in names]


def test_a_ledger_follows_the_workbook_unless_its_cell_was_typed(tmp_path: Path) -> None:
    first, second = tmp_path / "1.xlsx", tmp_path / "2.xlsx"
    be.write_ledger(with_texts(TEXTS), first, lang="zh")
    book = openpyxl.load_workbook(first)
    for row in book["整改台账"].iter_rows(min_row=4):
        if (row[2].value, row[3].value) == LARGE_CLASS:
            row[10].value = "李四"
    book.save(first)
    changed = TEXTS | {"G5.office": "县教育局", "G5.person": "王五"}
    be.write_ledger(with_texts(changed), second, earlier=first, lang="zh")
    row = {(row["kind"], row["who"]): row for row in read_ledger(second, "zh")}[LARGE_CLASS]
    assert (row["office"], row["person"]) == ("县教育局", "李四")


def test_the_commands_make_a_plan(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "ledger.xlsx"
    assert main(["ledger", "docs/examples/failing", "-o", str(out), "--plan"]) == 2
    assert "没有可行的方案" in capsys.readouterr().err
    assert not out.exists()
    assert main(["ledger", "docs/examples/passing", "-o", str(out), "--budget", "2025=100万"]) in (0, 2)
    capsys.readouterr()


def test_schools_of_one_name_are_two_schools(tmp_path: Path) -> None:
    schools = {"school": ["a", "b"], "name": ["中心小学"] * 2, "type": ["小学"] * 2, "pupils_primary": [2100, 2200]}
    ev = be.evaluate(be.Submission(schools))
    large = [(problem.school, problem.who.zh) for problem in problems(ev) if problem.kind.zh == "大校额"]
    assert sorted(large) == [("a", "中心小学（a）"), ("b", "中心小学（b）")]
    be.write_ledger(ev, tmp_path / "1.xlsx", lang="zh")
    progress = be.write_ledger(ev, tmp_path / "2.xlsx", earlier=tmp_path / "1.xlsx", lang="zh")
    assert (progress.open, progress.new, progress.closed) == (len(problems(ev)), 0, 0)
    (tmp_path / "folder").mkdir()
    assert [path.name for path in be.write_notices(ev, tmp_path / "folder", lang="zh")] == [
        "中心小学（a）.docx",
        "中心小学（b）.docx",
    ]


def test_what_is_reported_and_cannot_be_computed_is_in_the_ledger() -> None:
    # No school has a backbone teacher: there is no coefficient of nothing.
    schools = {
        "school": ["a", "b"],
        "type": ["小学"] * 2,
        "pupils_primary": [100] * 2,
        "backbone_teachers_primary": [0] * 2,
    }
    ev = be.evaluate(be.Submission(schools))
    [problem] = [problem for problem in problems(ev) if problem.kind.zh.startswith("数据已齐，但无法计算：")]
    assert problem.item == "R-spread"
    assert "骨干教师" in problem.kind.zh
