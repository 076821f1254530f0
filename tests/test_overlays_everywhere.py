"""A verdict under an overlay never looks like the plain one: on the terminal, in JSON, in reports and tables."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import openpyxl
import pytest
from again import again as rebuilt

import balancedu as be
from balancedu.cli import main
from balancedu.core.loading import available_overlays, expiring
from balancedu.evaluation.evaluation import json_schema
from balancedu.reporting.reports import ReportKind, report_document

OVERLAY = """format: 1
id: ours
title: {zh: 本省要求, en: what our province asks}
document: 省〔2025〕1号
extends: cn-2017
until: "2030-12-31"
set:
  - path: rules.G7.at_least
    value: 9000
    source: {document: 省〔2025〕1号, part: 一, confidence: S}
  - path: rules.G9.at_least
    value: 0.5
    source: {document: 省〔2025〕1号, part: 二, confidence: S}
    until: "2026-06-30"
"""


@pytest.fixture
def ours(tmp_path: Path) -> str:
    path = tmp_path / "ours.yaml"
    path.write_text(OVERLAY, encoding="utf-8")
    return str(path)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    main(arguments)
    return capsys.readouterr().out


def test_the_terminal_names_overlays_the_day_and_what_has_ended(ours: str, capsys: pytest.CaptureFixture[str]) -> None:
    shown = run(capsys, "evaluate", "--overlay", "shenyang", "--lang", "en")
    assert "overlay: Additional requirements of the city of Shenyang (shenyang)" in " ".join(shown.split())
    assert "6号 + 沈阳市工作用表  cn-2017 + shenyang" in shown

    shown = run(capsys, "evaluate", "--overlay", ours, "--on", "2031-01-01", "--lang", "en")
    assert "as of 2031-01-01" in shown
    assert "ours (what our province asks) ended on 2030-12-31: not applied" in " ".join(shown.split())


@pytest.mark.parametrize(
    "arguments",
    [
        ("show", "G7"),
        ("explain", "G7"),
        ("shortfalls",),
        ("gaps",),
        ("check", str(Path(__file__).resolve().parent.parent / "docs" / "examples" / "failing")),
        ("standards",),
    ],
    ids=lambda arguments: arguments[0],
)
def test_every_command_takes_overlays_and_a_day(
    ours: str, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    options = ("--standard", "cn-2017", "--overlay", ours, "--on", "2026-01-01")
    assert main((*arguments, *options)) == 0
    shown = capsys.readouterr().out

    if arguments[0] in ("show", "explain"):
        assert "9000" in shown
    if arguments[0] == "standards":
        assert "cn-2017+ours" in shown
    assert main((*arguments, *options[:-1], "soon")) == 2


def test_json_names_the_overlays_and_gives_the_evaluation_back() -> None:
    plain = be.evaluate(be.example("passing"))
    evaluation = be.evaluate(be.example("passing", standard="shenyang"), "shenyang")
    data = json.loads(evaluation.to_json())
    jsonschema.validate(data, json_schema())

    assert data["standard"] == {"standard": "cn-2017", "overlays": ["shenyang"], "on": None}
    assert plain.to_dict()["standard"] == {"standard": "cn-2017", "overlays": [], "on": None}
    assert rebuilt(evaluation) == evaluation
    assert "cn-2017+shenyang" in repr(evaluation)


def test_json_of_your_own_overlay_gives_the_evaluation_back(ours: str) -> None:
    standard = be.load_standard("cn-2017", [Path(ours)], on="2026-01-01")
    evaluation = be.evaluate(be.example("failing", standard=standard))

    assert json.loads(evaluation.to_json())["standard"]["on"] == "2026-01-01"
    assert rebuilt(evaluation) == evaluation


@pytest.mark.parametrize("kind", ["self-evaluation", "rectification", "overview"])
def test_reports_say_it_in_their_head(kind: ReportKind, ours: str) -> None:
    standard = be.load_standard("cn-2017", [Path(ours)], on="2026-07-01")
    head = report_document(be.evaluate(be.example("failing"), standard), kind, "zh").text(200)[:600]

    laws = "教督〔2017〕6号 + 省〔2025〕1号" if kind == "overview" else "6号）、《本省要求》（省〔2025〕1号）"
    for words in (laws, "以2026-07-01为准", "不适用"):
        assert words in head
    if kind != "overview":
        assert "《本省要求》关于“教师培训完成率”的规定已于2026-06-30到期，不适用" in head
        assert "ours" not in head


def test_the_official_tables_say_it(tmp_path: Path, ours: str) -> None:
    standard = be.load_standard("cn-2017", [Path(ours)], on="2026-01-01")
    path = tmp_path / "forms.xlsx"
    be.write_forms(be.evaluate(be.example("failing"), standard), path)

    cover = [str(row[0]) for row in openpyxl.load_workbook(path)["封面"].iter_rows(values_only=True)]
    assert "叠加：本省要求 (ours)" in cover


def test_reasons_name_the_overlay_that_set_the_limit(ours: str) -> None:
    standard = be.load_standard("cn-2017", [Path(ours)], on="2026-01-01")
    finding = be.evaluate(be.example("failing"), standard).items["G7"]

    assert str(finding.source) == "教督〔2017〕6号 政府保障程度（七） + 省〔2025〕1号 一"
    evaluation = be.evaluate(be.example("failing"), standard)
    assert {step.set_by for step in be.explain(evaluation, "G7").steps} == {"ours", "cn-2017"}
    # The part contains what has changed, and its own title has not.
    assert {step.set_by for step in be.explain(evaluation, "G8").steps} == {"cn-2017"}


def test_what_ends_within_a_year(ours: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert [
        (entry.by, entry.path, entry.until) for entry in expiring("2026-06-30", [Path(ours)]) if entry.by == "ours"
    ] == [("ours", "rules.G9.at_least", "2026-06-30")]
    assert [entry for entry in expiring("2026-07-01", [Path(ours)]) if entry.by == "ours"] == []
    shown = run(capsys, "standards", "--expiring", "--on", "2029-12-31", "--lang", "en", ours)
    assert shown.splitlines()[0] == "ends within a year from 2029-12-31:"
    assert "  ours (what our province asks): until 2030-12-31" in shown.splitlines()
    assert "没有" in run(capsys, "standards", "--expiring", "--on", "2999-12-31")
    assert "没有" in run(capsys, "standards", "--expiring", "--on", "9999-12-31")


def test_end_dates_are_shown_for_what_the_options_name(ours: str, capsys: pytest.CaptureFixture[str]) -> None:
    for option in ("--overlay", "--standard"):
        shown = run(capsys, "standards", "--expiring", "--on", "2030-06-01", "--lang", "en", option, ours)
        assert "  ours (what our province asks): until 2030-12-31" in shown.splitlines()


DATED = """format: 1
id: ours
title: {zh: 本省要求, en: what our province asks}
document: 省〔2025〕1号
extends: cn-2017
from: "2025-01-01"
until: "2030-12-31"
drop:
  - path: items.G10
    reason: {zh: 由省里核定, en: the province does it}
    source: {document: 省〔2025〕1号, part: 一, confidence: S}
  - path: forms.sheets.表Ⅳ.items.G10
    reason: {zh: 由省里核定, en: the province does it}
    source: {document: 省〔2025〕1号, part: 一, confidence: S}
set:
  - path: rules.G7.at_least
    value: 9000
    from: "2027-01-01"
    source: {document: 省〔2025〕1号, part: 二, confidence: S}
add:
  - to: parts.guarantee.items
    value:
      id: P1
      name: {zh: 图书管理员, en: librarians}
      title: {zh: 配备图书管理员, en: there are librarians}
      source: {document: 省〔2025〕1号, part: 三, confidence: S}
      rules: [{rule: stated, facts: [librarians]}]
  - to: measures
    value:
      id: librarians
      title: {zh: 图书管理员, en: librarians}
      table: facts
      type: yes_no
      source: {document: 省〔2025〕1号, part: 三, confidence: S}
"""


@pytest.fixture
def dated(tmp_path: Path) -> str:
    path = tmp_path / "ours.yaml"
    path.write_text(DATED, encoding="utf-8")
    return str(path)


ENDED = "ours (what our province asks) ended on 2030-12-31: not applied"


def test_a_comparison_says_what_is_not_applied(dated: str, capsys: pytest.CaptureFixture[str]) -> None:
    shown = run(capsys, "diff", "cn-2017", dated, "--on", "2031-06-01", "--lang", "en")
    assert "as of 2031-06-01" in shown
    assert ENDED in " ".join(shown.split())
    assert "The two standards do not differ." in shown

    shown = run(capsys, "diff", dated, "cn-2017", "--on", "2026-06-01", "--lang", "en")
    assert "ours rules.G7.at_least begins on 2027-01-01: not applied yet" in shown
    assert "new: G10" in shown
    shown = run(capsys, "diff", "cn-2017", dated, "--on", "2026-06-01", "--json")
    assert json.loads(shown)["not_applied"] == [
        {"by": "ours", "path": "rules.G7.at_least", "from": "2027-01-01", "until": None}
    ]


def test_the_law_in_print_says_what_is_not_applied(dated: str, capsys: pytest.CaptureFixture[str]) -> None:
    for asked in (["show", "G7"], ["history", "rules.G7.at_least"]):
        shown = run(capsys, *asked, "--standard", dated, "--on", "2026-06-01", "--lang", "en")
        assert shown.splitlines()[-2:] == [
            "as of 2026-06-01",
            "ours rules.G7.at_least begins on 2027-01-01: not applied yet",
        ]
    assert "as of" not in run(capsys, "show", "G7", "--standard", dated, "--on", "2027-06-01", "--lang", "en")


def test_it_says_why_an_entry_is_not_there(dated: str, capsys: pytest.CaptureFixture[str]) -> None:
    for asked in (["show", "P1"], ["history", "items.P1"]):
        assert main([*asked, "--standard", dated, "--on", "2031-06-01", "--lang", "en"]) == 2
        assert capsys.readouterr().err.splitlines()[1:] == [f"{ENDED}; ask with --on 2030-12-31"]
    assert main(["show", "P1", "--standard", dated, "--on", "2024-06-01"]) == 2
    assert "（本省要求）自2025-01-01起施行，尚不适用；请用 --on 2025-01-01" in capsys.readouterr().err
    assert main(["show", "G10", "--standard", dated, "--on", "2026-06-01", "--lang", "en"]) == 2
    assert capsys.readouterr().err.splitlines()[1:] == [
        "ours: dropped (省〔2025〕1号 一) 2025-01-01–2030-12-31 the province does it"
    ]


def test_the_list_of_standards_names_the_overlays(capsys: pytest.CaptureFixture[str]) -> None:
    shown = run(capsys, "standards")

    assert all(name in shown for name in available_overlays())


DROPPING = """format: 1
id: ours
title: {zh: 本省要求, en: what our province asks}
document: 省〔2025〕1号
extends: cn-2017
drop:
  - path: items.G10
    reason: {zh: 由省里核定, en: the province does it}
    source: {document: 省〔2025〕1号, part: 三, confidence: S}
  - path: forms.sheets.表Ⅳ.items.G10
    reason: {zh: 由省里核定, en: the province does it}
    source: {document: 省〔2025〕1号, part: 三, confidence: S}
  - path: measures.staffing_allocated
    reason: {zh: 由省里核定, en: the province does it}
    source: {document: 省〔2025〕1号, part: 三, confidence: S}
  - path: measures.organizer
    reason: {zh: 不再区分, en: no longer distinguished}
    source: {document: 省〔2025〕1号, part: 四, confidence: S}
"""
FACT = "unknown fact; the overlay ours dropped it: the province does it (省〔2025〕1号 三); leave the fact out"
COLUMN = "unknown column; the overlay ours dropped it: no longer distinguished (省〔2025〕1号 四); leave the column out"


@pytest.fixture
def without(tmp_path: Path) -> be.Standard:
    path = tmp_path / "ours.yaml"
    path.write_text(DROPPING, encoding="utf-8")
    return be.load_standard(path)


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"facts.yaml": "staffing_allocated: true\n"}, f"facts, facts.yaml:1, staffing_allocated: {FACT}"),
        ({"facts.csv": "fact,value\nstaffing_allocated,true\n"}, f"facts, facts.csv:2, staffing_allocated: {FACT}"),
        ({"facts.csv": "county,staffing_allocated\n1,true\n"}, f"facts, facts.csv:1, staffing_allocated: {FACT}"),
        ({"schools.csv": "school,type,organizer\n1,小学,7\n"}, f"schools, schools.csv:1, organizer: {COLUMN}"),
        ({"schools.csv": "学校代码,办学类型,举办者类型\n1,小学,7\n"}, f"schools, schools.csv:1, 举办者类型: {COLUMN}"),
    ],
)
def test_what_an_overlay_dropped_is_refused_with_its_reason(
    without: be.Standard, files: dict[str, str], expected: str, tmp_path: Path
) -> None:
    folder = tmp_path / "county"
    folder.mkdir()
    for name, text in ({"schools.csv": "school,type\n1,小学\n"} | files).items():
        (folder / name).write_text(text, encoding="utf-8")
    with pytest.raises(be.DataErrors) as caught:
        be.read_submission(folder, standard=without)

    assert [str(error) for error in caught.value.errors] == [expected]


def test_what_an_overlay_dropped_is_refused_in_memory_too(without: be.Standard) -> None:
    with pytest.raises(be.DataErrors) as caught:
        be.Submission({"school": ["1"], "type": ["小学"]}, facts={"staffing_allocated": True}, standard=without)

    assert [str(error) for error in caught.value.errors] == [f"facts, staffing_allocated: {FACT}"]
    assert [error.text("zh") for error in caught.value.errors] == [
        "县级填报项，staffing_allocated：无法识别这一项，"
        "已由叠加文件“ours”取消（省〔2025〕1号 三）：由省里核定；请删去这一项"
    ]
