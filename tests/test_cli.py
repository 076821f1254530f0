"""The command `balancedu`: what it prints, what it returns, and that nothing makes it fall over."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
import yaml
from books import readable
from spec_schemas import FILES

import balancedu as be
from balancedu.cli import main
from balancedu.commands.parser import parse_number
from balancedu.reporting.reports import REPORTS
from balancedu.text import width

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "docs" / "examples"
BAD_DATA = ROOT / "tests" / "bad_data"
NOTHING_READ = (
    "file_empty",
    "id_of_too_many_digits",
    "not_text",
    "quote_inside_cell",
    "schools_empty",
    "schools_in_a_hidden_sheet",
    "separated_by_bars",
    "totals_alone",
    "totals_of_kinds_of_school",
    "utf_16_cut_off",
    "workbook_made_for_an_overlay",
)
"""Faults of files from which no table can be made out."""
PASSING, FAILING = str(EXAMPLES / "passing"), str(EXAMPLES / "failing")


class Result:
    """The result of a run of the command."""

    def __init__(self, status: int | str | None, out: str, err: str) -> None:
        self.status, self.out, self.err = status, out, err


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Runner:
    return Runner(capsys)


class Runner:
    """Runs the command inside the test."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def __call__(self, *arguments: str) -> Result:
        try:
            status: int | str | None = main(arguments)
        except SystemExit as stop:
            status = stop.code
        out, err = self.capsys.readouterr()
        return Result(status, out, err)


def spawn(*arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run the command as a process of its own, with nothing of our own environment but the path."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    return subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        cwd=ROOT,
        check=False,
        env=kept | {"PYTHONPATH": str(ROOT)} | environment,
    )


@pytest.fixture
def many(tmp_path: Path) -> str:
    """A folder with three counties: one that can be judged, one that fails, one that states little."""
    (tmp_path / "schools.csv").write_text(
        "county,school,type,pupils_primary,degree_teachers_primary\n"
        "990101,001,primary_school,400,40\n990102,001,primary_school,2400,1\n990103,001,junior_school,,\n",
        encoding="utf-8",
    )
    return str(tmp_path)


# evaluate


def test_without_a_path_the_example_is_evaluated(run: Runner) -> None:
    result = run("evaluate")

    assert (result.status, result.err) == (0, "")
    note, _, report = result.out.partition("\n")
    assert "虚构" in note
    assert report == be.report(be.evaluate(be.example()), "zh", brief=True) + "\n"
    assert report.startswith("✓ 清源区（990101）  达标  全部34项达标\n")


def test_a_county_is_evaluated(run: Runner) -> None:
    result = run("evaluate", FAILING)

    assert (result.status, result.err) == (0, "")
    assert result.out == be.report(be.evaluate(be.example("failing")), "zh", brief=True) + "\n"
    assert result.out.startswith("✗ 安和县（990202）  未达标  8项未达标：")
    assert len(result.out.splitlines()) <= 32


def test_in_english(run: Runner) -> None:
    result = run("evaluate", FAILING, "--lang", "en")

    assert result.out == be.report(be.evaluate(be.example("failing")), "en", brief=True) + "\n"
    assert result.out.startswith("✗ 安和县 (990202)  not met  8 items not met: ")


def test_in_full(run: Runner) -> None:
    assert run("evaluate", FAILING, "--full").out == be.report(be.evaluate(be.example("failing")), "zh") + "\n"


def test_as_json(run: Runner) -> None:
    result = run("evaluate", FAILING, "--json")
    evaluation = json.loads(result.out)
    county = evaluation["counties"]["990202"]

    assert (result.status, result.err) == (0, "")
    assert evaluation == be.evaluate(be.example("failing")).to_dict()
    assert evaluation["standard"] == {"standard": "cn-2017", "overlays": [], "on": None}
    assert county["verdict"] == "NOT_MET"
    assert county["items"]["Q7"]["verdict"] == "UNKNOWN"
    assert county["sections"]["school"][0] == "001"
    assert "安和县" in result.out


@pytest.mark.parametrize(("path", "status"), [(PASSING, 0), (FAILING, 1)])
def test_strict_says_by_its_status_whether_every_county_is_met(run: Runner, path: str, status: int) -> None:
    assert run("evaluate", path, "--strict").status == status
    assert run("evaluate", path).status == 0


def test_strict_means_every_county(run: Runner, many: str) -> None:
    assert run("evaluate", many, "--strict").status == 1


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_several_counties_make_one_table(run: Runner, many: str, lang: str) -> None:
    report, _, doubts = run("evaluate", many, "--lang", lang).out.rpartition("\n\n")
    lines = report.splitlines()

    assert [line.split()[0] for line in lines[-3:]] == ["990101", "990102", "990103"]
    assert [line.split()[-1] for line in lines[-3:]] == (
        ["待定", "未达标", "待定"] if lang == "zh" else ["unknown", "met", "unknown"]
    )
    assert len(lines) <= 7
    # One teacher for 2,400 pupils.
    assert ("小学高于规定学历教师数" if lang == "zh" else "degree_teachers_primary") in doubts


def test_a_standard_of_your_own_is_applied_by_its_path(run: Runner) -> None:
    folder = str(ROOT / "specs" / "cn-2017")

    result, known = run("evaluate", "--standard", folder).out, run("evaluate").out

    # The heading names the folder; everything else is the same.
    assert folder in result.replace("\n", "")
    assert result.partition("达标项数")[2] == known.partition("达标项数")[2] != ""


# check


def test_check_finds_nothing(run: Runner) -> None:
    assert run("check", FAILING).out.splitlines() == [
        "没有发现错误：学校14行，班级218行，专用教室52行，质量监测4行，县级填报项1行",
        "空着、但判定需要的数据（2项）：",
        "学校 schools (由学校填报)",
        "  安和县柳河镇初级中学 schools.csv:13：“网络多媒体教室数”",
        "县级填报项 facts (由县级填报)",
        "  facts.yaml：“课程开齐开足”",
    ]
    result = run("check", PASSING, "--lang", "en")

    assert result.status == 0
    assert result.out.startswith("no error found: Schools 26, Classes 594, ")


def test_what_reading_decided_is_listed_by_check_and_counted_by_evaluate(run: Runner, tmp_path: Path) -> None:
    (tmp_path / "schools.csv").write_text("学校标识;类型\n001;小学\n合计;\n", encoding="gb18030")
    listed = ["按 GB18030 文本读入，各列以分号分隔", "第3行是合计、小计，没有读入"]
    result = run("check", str(tmp_path)).out.splitlines()

    assert result[1] == "读入时的处理："
    assert sorted(result[2:4]) == sorted(f"  schools.csv: {entry}" for entry in listed)
    assert result[4].startswith("空着、但判定需要的数据（")
    assert run("evaluate", str(tmp_path), "--full").out.endswith("\n\n读入时有2处处理，详见 balancedu check\n")
    assert run("evaluate", str(tmp_path), "--full", "--lang", "en").out.endswith(
        "\n\ndecided in reading the files: 2; balancedu check lists them\n"
    )
    assert "balancedu check" not in run("evaluate", FAILING).out


def test_of_many_counties_what_reading_decided_is_counted_once(run: Runner, many: str) -> None:
    with (Path(many) / "schools.csv").open("a", encoding="utf-8") as file:
        file.write("合计,,,2800,41\n")

    assert run("evaluate", many).out.endswith("\n\n读入时有1处处理，详见 balancedu check\n")


@pytest.mark.parametrize(("lang", "file"), [("zh", "expected.zh.txt"), ("en", "expected.txt")])
def test_check_prints_every_problem(run: Runner, lang: str, file: str) -> None:
    fault = BAD_DATA / "everything_at_once"
    result = run("check", str(fault), "--lang", lang)

    assert (result.status, result.err) == (2, "")
    # Grouped by table, under the title of each; what else there is to state comes after them.
    expected = (fault / file).read_text(encoding="utf-8").splitlines()[1:]
    lines = result.out.splitlines()[1:]
    empty = next(n for n, line in enumerate(lines) if line.startswith(("空着", "empty, and needed")))
    headings = [line for line in lines[:empty] if not line.startswith(" ")]
    tables = list(be.load_standard().tables.values())
    assert headings[:5] == [f"{table.title.zh if lang == 'zh' else table.title.en} {table.id}" for table in tables]
    assert sorted(set(lines[:empty]) - set(headings)) == sorted(expected)
    heads = {"zh": "{}处错误，改正后才能判定：", "en": "{} errors to correct before anything is judged:"}
    assert result.out.splitlines()[0] == heads[lang].format(len(expected))


def test_check_prints_a_few_of_each_kind(run: Runner) -> None:
    result = run("check", str(BAD_DATA / "many_of_a_kind"), "--lang", "en")

    assert result.status == 2
    assert result.out.splitlines()[:2] == ["8 errors to correct before anything is judged:", "Schools schools"]
    assert result.out.splitlines()[7] == "  pupils_primary wanted a number: and 3 more like it"
    chinese = run("check", str(BAD_DATA / "many_of_a_kind")).out.splitlines()
    assert chinese[:2] == ["8处错误，改正后才能判定：", "学校 schools"]
    assert chinese[7] == "  小学在校生数（pupils_primary）应为数字：另有3处"


def test_hints_and_empty_cells_come_with_the_errors(run: Runner, doubtful: str) -> None:
    file = Path(doubtful) / "schools.csv"
    file.write_text(file.read_text(encoding="utf-8").replace("001,primary_school,400", "001,primary_school,四百"))
    lines = run("check", doubtful).out.splitlines()

    assert lines[:3] == [
        "1处错误，改正后才能判定：",
        "学校 schools",
        "  schools.csv:3 (001)，小学在校生数（pupils_primary）：填报“四百”，应为数字；请只写阿拉伯数字，小数点用“.”",
    ]
    assert lines[3] == "1处提示，不影响判定："
    blanks = lines.index("学校 schools (由学校填报)")
    # A cell with an error is not empty.
    assert "“小学在校生数”" not in "".join(lines[blanks:])
    assert lines[blanks + 2].startswith("  001 schools.csv:3：")
    assert "“小学高于规定学历教师数”" in lines[blanks + 2]
    assert lines.index("县级填报项 facts (由县级填报)") > blanks
    answer = json.loads(run("check", doubtful, "--json").out)
    assert (len(answer["errors"]), len(answer["warnings"])) == (1, 1)
    assert {gap["column"] for gap in answer["blanks"]} >= {"indoor_sports_area", "layout_rational"}


def test_hints_and_empty_cells_come_with_errors_of_ids_too(run: Runner, doubtful: str) -> None:
    file = Path(doubtful) / "schools.csv"
    text = file.read_text(encoding="utf-8").replace("001,", "000,").replace("002,primary_school", "002,primry_school")
    file.write_text(text)
    lines = run("check", doubtful).out.splitlines()

    assert lines[0] == "2处错误，改正后才能判定："
    assert "1处提示，不影响判定：" in lines
    assert [line for line in lines if line.startswith("  000 schools.csv:")]
    # What a school of an unknown type must report is not known.
    assert not [line for line in lines if line.startswith("  002 schools.csv:")]
    assert lines.index("县级填报项 facts (由县级填报)") > lines.index("学校 schools (由学校填报)")


def test_rows_that_are_refused_are_not_empty(run: Runner, doubtful: str) -> None:
    (Path(doubtful) / "classes.csv").write_text("school,stage,pupils\n901,primary,\n000,primary,\n")
    answer = json.loads(run("check", doubtful, "--json").out)

    assert [error["table"] for error in answer["errors"]] == ["classes"]
    assert [gap["place"] for gap in answer["blanks"] if gap["table"] == "classes"] == ["classes.csv:3"]


def test_figures_given_twice_are_errors_of_check(run: Runner, tmp_path: Path) -> None:
    """What differs from the counts is refused by evaluate, so check states it, with the empty cells."""
    with xlsxwriter.Workbook(str(tmp_path / "county.xlsx")) as book:
        page = book.add_worksheet("学校")
        page.write_row(
            0,
            0,
            ["学校标识", "学校类型", "小学在校生数", "小学高于规定学历教师数", "小学每百名学生拥有高于规定学历教师数"],
        )
        page.write_row(1, 0, ["'01", "小学", 500, 20, 4.5])
    answer = json.loads(run("check", str(tmp_path / "county.xlsx"), "--json").out)

    assert [(error["table"], error["column"]) for error in answer["errors"]] == [("sections", "R1")]
    columns = {gap["column"] for gap in answer["blanks"] if gap["table"] == "schools"}
    assert "teaching_area" in columns
    assert "degree_teachers_primary" not in columns


@pytest.mark.parametrize("fault", sorted(path.name for path in BAD_DATA.iterdir() if path.is_dir()))
def test_check_gets_as_far_as_reading_does(run: Runner, fault: str, tmp_path: Path) -> None:
    """check always answers; only if no table is found it cannot list empty cells."""
    result = run("check", str(readable(BAD_DATA / fault, tmp_path)), "--json")
    answer = json.loads(result.out)

    assert result.status == 2
    assert answer["errors"]
    if fault.startswith("mapping") or fault in NOTHING_READ:
        assert not answer["blanks"]
    else:
        assert {gap["table"] for gap in answer["blanks"]} & {"schools", "facts"}


@pytest.fixture
def doubtful(tmp_path: Path) -> str:
    """A folder with a county of six schools, one of which reports ten thousand times too much."""
    rows = "".join(f"00{n},primary_school,400,{2000 if n else 20000000}\n" for n in range(6))
    (tmp_path / "schools.csv").write_text(f"school,type,pupils_primary,teaching_area\n{rows}", encoding="utf-8")
    return str(tmp_path)


def test_check_prints_warnings_and_is_content(run: Runner, doubtful: str) -> None:
    result = run("check", doubtful)

    assert (result.status, result.err) == (0, "")
    assert result.out.splitlines()[1:4] == [
        "1处提示，不影响判定：",
        "学校 schools",
        "  schools.csv:2 (000)，教学及辅助用房面积（teaching_area）："
        "按在校生平均为50,000平方米，是全县中位数5平方米的10,000倍；是否多换算了一次（10,000倍）？",
    ]
    assert run("check", doubtful, "--strict").status == 1
    assert run("check", FAILING, "--strict").status == 0
    assert "1 warning, which change no verdict:" in run("check", doubtful, "--lang", "en").out


def test_check_as_json(run: Runner, doubtful: str) -> None:
    result = run("check", doubtful, "--json")
    answer = json.loads(result.out)

    assert (result.status, answer["errors"]) == (0, [])
    assert answer["warnings"] == [warning.to_dict() for warning in be.read_submission(doubtful).warnings]
    assert answer["warnings"][0]["place"] == "schools.csv:2 (000)"
    faulty = run("check", str(BAD_DATA / "level_misread"), "--json")
    assert (faulty.status, json.loads(faulty.out)["warnings"]) == (2, [])
    error = json.loads(faulty.out)["errors"][0]
    assert (error["column"], error["problem"][:12]) == ("level", "found 'HI级',")
    assert f"  {error['text_zh']}" in (BAD_DATA / "level_misread" / "expected.zh.txt").read_text("utf-8").splitlines()


def test_warnings_travel_with_the_verdict(run: Runner, doubtful: str) -> None:
    result = run("evaluate", doubtful, "--full", "--lang", "en")

    assert "Doubts about the figures (no verdict is changed)" in result.out
    assert "1/10,000" not in result.out
    assert "10,000 times the county's median" in " ".join(result.out.split())
    assert "填报数据提示" not in run("evaluate", FAILING).out


# standards, show


def test_the_standards_are_listed(run: Runner) -> None:
    result = run("standards")

    assert (result.status, result.err) == (0, "")
    for standard in be.available_standards():
        assert f"{standard}  " in result.out
    for entry in (*be.load_standard().items, *be.load_standard().indicators):
        assert f"\n  {entry} " in result.out


def test_one_standard_is_printed(run: Runner) -> None:
    result = run("standards", "--standard", "cn-2017", "--lang", "en")

    assert result.out.startswith("cn-2017  Evaluation of quality and balanced compulsory education")
    assert result.out.count("2017-04-19\n") == 1


def test_an_overlay_is_listed_on_its_own_edition(run: Runner) -> None:
    result = run("standards", "--overlay", "shenyang")

    assert (result.status, result.err) == (0, "")
    assert result.out == run("standards", "--standard", "shenyang").out


@pytest.mark.parametrize(
    ("entry", "answer"),
    [
        ("G11", ["rotation_share", "交流轮岗", "教督〔2017〕6号 政府保障程度（十一）", "不低于10%"]),
        ("R4", ["生均教学及辅助用房面积", "≥ 4.5", "≥ 3.825", "用房面积 − 室内体育", "indoor_sports_area"]),
        ("teaching_area", ["教学及辅助用房面积", "平方米", "schools"]),
        ("rooms.use", ["music", "音乐"]),
        ("retention_rate", ["leavers", "graduates"]),
    ],
)
def test_an_entry_is_shown_with_its_source(run: Runner, entry: str, answer: list[str]) -> None:
    result = run("show", entry)

    assert (result.status, result.err) == (0, "")
    assert [value for value in answer if value not in " ".join(result.out.split())] == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_entry_can_be_shown_and_fits_a_terminal(run: Runner, lang: str) -> None:
    standard = be.load_standard()
    for entry in (*standard.items, *standard.indicators, *standard.measures):
        result = run("show", entry, "--lang", lang)
        assert (result.status, result.err) == (0, "")
        assert result.out.split()[0] == entry
        lines = result.out.splitlines()
        assert [line for line in lines if width(line) > 80 or line != line.rstrip()] == []


def test_an_entry_that_does_not_exist(run: Runner) -> None:
    result = run("show", "teaching_aera")

    assert (result.status, result.out) == (2, "")
    assert result.err == (
        "balancedu: cn-2017 没有“teaching_aera”，是否应为“teaching_area”？可用“balancedu standards”查看\n"
    )
    assert run("show", "teaching_aera", "--lang", "en").err == (
        "balancedu: cn-2017 declares no 'teaching_aera'; did you mean 'teaching_area'?; see: balancedu standards\n"
    )


# Lines


TEXTS = [
    *(("evaluate", path, "--lang", lang) for path in (PASSING, FAILING) for lang in ("zh", "en")),
    *(("standards", "--lang", lang) for lang in ("zh", "en")),
]


@pytest.mark.parametrize("arguments", TEXTS, ids=lambda arguments: " ".join(arguments).replace(str(ROOT), ""))
def test_lines_fit_a_terminal_and_are_plain(run: Runner, arguments: tuple[str, ...]) -> None:
    lines = run(*arguments).out.splitlines()

    assert [line for line in lines if width(line) > 80] == []
    assert [line for line in lines if line != line.rstrip() or not line.replace("\t", "?").isprintable()] == []


def test_a_long_name_does_not_make_other_lines_long(run: Runner, tmp_path: Path) -> None:
    name = "Experimental-School-" * 6
    text = f"school,name,type,pupils_primary,degree_teachers_primary\n001,{name},primary_school,3000,0\n"
    (tmp_path / "schools.csv").write_text(text, encoding="utf-8")
    for lang in ("zh", "en"):
        long = [line for line in run("evaluate", str(tmp_path), "--lang", lang).out.splitlines() if width(line) > 80]
        assert [line for line in long if name not in line] == []


# What can go wrong


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("evaluate", "nowhere"), "balancedu: 没有文件或文件夹“nowhere”；请给出工作簿，或放有 schools.csv 的文件夹"),
        (
            ("check", "nowhere", "--lang", "en"),
            "balancedu: no file or folder 'nowhere'; give a workbook, or the folder that",
        ),
        (("evaluate", "pyproject.toml"), "pyproject.toml：从扩展名看，不是表格文件；应为 "),
        (("evaluate", "pyproject.toml", "--lang", "en"), "no file of tables, by the ending of its name"),
        (("evaluate", "docs"), "schools.csv：缺少这个文件；其他文件可以不报，这个必须有"),
        (("evaluate", "docs", "--lang", "en"), "schools, schools.csv: the file is missing"),
        (
            ("evaluate", "--standard", "cn-2071"),
            "没有叫“cn-2071”的标准或叠加文件",
        ),
        (
            ("evaluate", "--standard", "cn-2071", "--lang", "en"),
            "no standard or overlay 'cn-2071', and no folder or file",
        ),
        (("check", PASSING, "--standard", "cn-2071"), "也没有这个文件或文件夹，是否应为“cn-2017”？现有：cn-2012、"),
        (("check", PASSING, "--standard", "cn-2071", "--lang", "en"), "did you mean 'cn-2017'?"),
        (("show", "G11", "--standard", "docs"), "docs：发现"),
        (("show", "G11", "--standard", "docs"), "standard.yaml:1：缺少这个文件；现有：没有文件"),
        (("show", "G11", "--standard", "docs", "--lang", "en"), "standard.yaml:1: the file is missing; found no file"),
        (("standards", "--standard", "xx"), "没有叫“xx”的标准或叠加文件，也没有这个文件或文件夹；现有：cn-2012、"),
        (("evaluate", "--overlay", "cn-2012"), "cn-2012 是版本，不是叠加文件；请用作标准"),
        (
            ("evaluate", "--standard", "cn-2012", "--overlay", "shenyang"),
            "shenyang 叠加在 cn-2017 之上，而不是",
        ),
        (("evaluate", "--on", "2023-02-29"), '参数 `on` 应为日期，如 "2024-05-31"，现为“2023-02-29”'),
        (("history", "rules.G7", "--lang", "en", "--on", "x"), "on must be a day such as \"2024-05-31\", found 'x'"),
        (("evaluate", str(BAD_DATA / "schools_empty")), "schools.csv：一行数据也没有；请列出全县每一所学校"),
        (("gaps", str(BAD_DATA / "schools_empty")), "schools.csv：一行数据也没有；请列出全县每一所学校"),
        (("map", str(BAD_DATA / "not_text" / "schools.csv")), "schools.csv：不是 UTF-8、UTF-16 或 GB18030 编码的文本"),
        (("evaluate", str(BAD_DATA / "not_text"), "--lang", "en"), "neither UTF-8, UTF-16 nor GB18030 text"),
    ],
)
def test_bad_input_gives_a_message_without_a_traceback(
    run: Runner, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], message: str
) -> None:
    monkeypatch.chdir(ROOT)
    result = run(*arguments)

    assert (result.status, result.out) == (2, "")
    assert result.err.startswith("balancedu: ")
    assert message in result.err


@pytest.mark.parametrize("arguments", [(), ("judge",), ("evaluate", "--lang", "fr"), ("show",), ("check",)])
def test_wrong_arguments_print_the_usage(run: Runner, arguments: tuple[str, ...]) -> None:
    result = run(*arguments)

    assert (result.status, result.out) == (2, "")
    assert result.err.startswith("用法：balancedu")
    assert "错误：" in result.err
    assert run(*arguments, "--lang", "en").err.startswith("usage: balancedu")


def test_files_that_may_not_be_read(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = Path.open

    def refuse(path: Path, *how: Any, **options: Any) -> Any:
        if path.parent.name == "failing":
            raise PermissionError(13, "Permission denied", path.name)
        return opened(path, *how, **options)

    monkeypatch.setattr(Path, "open", refuse)
    result = run("evaluate", FAILING)

    assert (result.status, result.out) == (2, "")
    assert "schools.csv：文件无法读取（Permission denied）；请关闭正在使用它的程序，或另存一份" in result.err


def test_a_folder_that_may_not_be_read(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> Iterator[Path]:
        if path.name != "failing":
            return iter(sorted(path.glob("*")))
        raise PermissionError(13, "Permission denied", path.name)

    monkeypatch.setattr(Path, "iterdir", refuse)
    result = run("check", FAILING)

    assert (result.status, result.out) == (2, "")
    assert result.err == "balancedu: “failing”无法读取或写入（Permission denied）\n"
    assert run("check", FAILING, "--lang", "en").err == "balancedu: [Errno 13] Permission denied: 'failing'\n"


def test_choices_are_those_of_the_package() -> None:
    declared = yaml.safe_load((ROOT / "balancedu" / "commands" / "commands.yaml").read_text(encoding="utf-8"))

    assert declared["commands"]["report"]["options"]["--kind"]["choices"].keys() == REPORTS.keys()
    assert declared["commands"]["schema"]["options"]["kind"]["choices"].keys() == {"evaluation", *FILES}
    for name, entry in declared["commands"].items():
        module = import_module(f"balancedu.commands.{entry['module']}")
        assert callable(getattr(module, f"run_{name.replace('-', '_')}"))


def test_version_and_help(run: Runner) -> None:
    assert run("--version").out == f"balancedu {be.__version__}\n"
    assert run("--help").status == 0
    declared = yaml.safe_load((ROOT / "balancedu" / "commands" / "commands.yaml").read_text(encoding="utf-8"))
    for command in declared["commands"]:
        result = run(command, "--help", "--lang", "zh")
        assert result.status == 0
        # Neither a value nor a choice is called by an English word.
        english = set(re.findall(r"(?<![A-Za-z.-])[A-Z]{3,}(?![A-Za-z])|[{,][a-z_-]{3,}[,}]", result.out))
        assert english <= {"YAML", "JSON", "CSV"}
        assert max(width(line) for line in result.out.splitlines()) <= 80


@pytest.mark.parametrize("kind", ["整改", "整改方案", "整改工作方案", "rectification"])
def test_a_choice_is_written_in_chinese_or_by_its_id(run: Runner, kind: str, tmp_path: Path) -> None:
    pytest.importorskip("jinja2")
    assert run("report", FAILING, "--kind", kind, "-o", str(tmp_path / "r.html"), "--no-pages").status == 0
    assert "整改工作方案" in (tmp_path / "r.html").read_text(encoding="utf-8")


def test_an_ending_or_a_choice_that_there_is_not_is_refused_in_chinese(run: Runner, tmp_path: Path) -> None:
    refused = run("report", FAILING, "-o", str(tmp_path / "r.txt"))
    assert (refused.status, refused.err) == (2, "balancedu: 材料应写为 .docx、.html、.pdf，现为“r.txt”\n")
    assert (
        "错误：参数 --kind：没有“诗”，可选：自评、整改、简报、实施、总览"
        in run("report", "--kind", "诗", "-o", "r.docx").err
    )


# Processes


@pytest.mark.parametrize(
    "environment",
    [
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "gbk", "PYTHONUTF8": "0"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONWARNDEFAULTENCODING": "1", "PYTHONWARNINGS": "error"},
    ],
    ids=["C", "ascii", "gbk", "warnings"],
)
def test_the_locale_does_not_matter(environment: dict[str, str]) -> None:
    done = spawn("-m", "balancedu", "evaluate", FAILING, **environment)

    assert done.stderr == b""
    assert done.returncode == 0
    expected = be.report(be.evaluate(be.example("failing")), "zh", brief=True)
    if environment.get("PYTHONIOENCODING") == "gbk":
        expected = expected.replace("✗", "×").replace("✓", "√")
        assert done.stdout.decode("gbk").splitlines() == expected.splitlines()
    else:
        assert done.stdout.decode("utf-8").splitlines() == expected.splitlines()


def test_errors_are_printed_in_any_locale() -> None:
    done = spawn("-m", "balancedu", "check", str(BAD_DATA / "type_unknown"), LC_ALL="C", PYTHONUTF8="0")
    wrong = spawn("-m", "balancedu", "evaluate", "不存在", LC_ALL="C", PYTHONUTF8="0", PYTHONIOENCODING="ascii")

    assert (done.returncode, done.stderr) == (2, b"")
    assert "民办小学" in done.stdout.decode("utf-8")
    assert (wrong.returncode, wrong.stdout) == (2, b"")
    assert b"Traceback" not in wrong.stderr
    assert wrong.stderr.startswith("balancedu: 没有文件或文件夹“".encode())


def test_the_module_is_the_command() -> None:
    done = spawn("-m", "balancedu", "--version")

    assert done.stdout.split() == [b"balancedu", be.__version__.encode()]


@pytest.mark.parametrize("arguments", [("evaluate", FAILING, "--json"), ("standards",), ("check", FAILING)])
def test_a_closed_pipe_is_no_accident(arguments: tuple[str, ...]) -> None:
    read, write = os.pipe()
    os.close(read)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "balancedu", *arguments],
            stdout=write,
            stderr=subprocess.PIPE,
            cwd=ROOT,
            check=False,
        )
    finally:
        os.close(write)

    assert done.stderr == b""
    assert done.returncode == 141


# Interruptions


INTERRUPTED = """
import sys
from balancedu import cli
from balancedu.commands import evaluate
def interrupt(options):
    raise KeyboardInterrupt
evaluate.run_evaluate = interrupt
sys.exit(cli.main(["evaluate"]))
"""


def test_ctrl_c_ends_with_130_and_no_traceback() -> None:
    done = spawn("-c", INTERRUPTED)

    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"")


CLOSED = """
import sys
sys.stdout = None
from balancedu.cli import main
sys.exit(main(["evaluate"]))
"""


def test_output_that_is_closed_or_full_is_no_traceback() -> None:
    done = spawn("-c", CLOSED)

    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize(
    "arguments",
    [
        ("robustness", FAILING, "--seed", "-1"),
        ("margins", FAILING, "--plot", "x.bmp"),
        ("plan",),
        ("plan", FAILING, "--budget", "nan"),
        ("what-if", FAILING),
        ("report", FAILING, "--kind", "诗", "-o", "x.docx"),
        ("evaluate", "没有这个文件"),
    ],
)
def test_wrong_values_end_with_one_line_in_the_language_asked_for(run: Runner, arguments: tuple[str, ...]) -> None:
    for lang in ("zh", "en"):
        result = run(*arguments, "--lang", lang)
        message = result.err.splitlines()[-1]

        assert (result.status, result.out) == (2, "")
        assert message.startswith(("balancedu: ", "错误：" if lang == "zh" else "error: "))
        assert bool(re.search("[一-鿿]", message.removeprefix("错误："))) >= (lang == "zh")


def test_the_ending_of_a_workbook_may_be_left_out(run: Runner, tmp_path: Path) -> None:
    be.write_submission(be.example("failing"), tmp_path / "county.xlsx")

    assert run("evaluate", str(tmp_path / "county")).out == run("evaluate", FAILING).out


def test_amounts_and_kinds_in_chinese() -> None:
    assert [parse_number(text) for text in ("100万", "１２", "1.5亿元", "3,000", "5%")] == [1e6, 12, 1.5e8, 3000, 0.05]
    for text in ("nan", "inf", "百万", ""):
        with pytest.raises(be.RequestError):
            parse_number(text)
