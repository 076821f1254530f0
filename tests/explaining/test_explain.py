"""Explanations say what was computed, from what, where that was read, and what it leads to."""

import itertools
import json
import re
from pathlib import Path

import numpy as np
import pytest
from chinese import is_chinese
from openpyxl import Workbook

import balancedu as be
from balancedu.cli import main
from balancedu.core.fields import Language
from balancedu.explaining.answer import Explanation
from balancedu.text import width

FAILING = be.evaluate(be.read_submission("docs/examples/failing"))
PASSING = be.evaluate(be.example("passing"))


def test_a_value_is_explained_from_its_figures_to_the_county() -> None:
    result = be.explain(FAILING, "R4", school="003", stage="primary")
    value, compared, section, item, part, county = result.steps
    assert value.sentence.zh == "（3288.6 − 0）÷ 870 = 3.78平方米"
    assert [(entry.column, entry.value, entry.place) for entry in value.inputs] == [
        ("teaching_area", 3288.6, "schools.csv:4"),
        ("indoor_sports_area", 0.0, "schools.csv:4"),
        ("pupils_primary", 870.0, "schools.csv:4"),
    ]
    assert compared.threshold is not None
    assert "3.825" in compared.threshold.zh
    assert str(compared.source) == "教督〔2017〕6号 资源配置（四）"
    assert compared.set_by == "cn-2017"
    assert [step.verdict for step in (section, item, part, county)] == [be.Verdict.NOT_MET] * 4
    assert county.title.en == "The county"


def test_a_combined_school_shows_its_weights_and_their_source() -> None:
    result = be.explain(FAILING, "R6", school="008", stage="primary")
    assert result.steps[0].sentence.en == "1775268 ÷ (418 + 236 × 1.1) ≈ 2619.94 yuan"
    assert "拆分办法" in str(result.steps[0].source)
    junior = be.explain(FAILING, "R6", school="008", stage="junior").steps[0]
    assert junior.sentence.en.startswith("1775268 × 1.1 ÷ (418 + 236 × 1.1)")


@pytest.mark.parametrize("evaluation", [FAILING, PASSING])
def test_every_number_in_a_formula_gives_the_value(evaluation: be.Evaluation) -> None:
    columns = evaluation.sections
    for row, (school, stage) in enumerate(zip(columns["school"], columns["stage"], strict=True)):
        for n, indicator in enumerate(evaluation.indicators):
            result = be.explain(evaluation, indicator, school=str(school), stage=str(stage), lang="en")  # type: ignore[arg-type]
            formula = result.steps[0].sentence.en
            if np.isnan(evaluation.values[row, n]):
                assert result.verdict is be.Verdict.UNKNOWN
                continue
            left = formula.replace("÷", "/").replace("×", "*").replace("−", "-").replace("≈", "=").partition("=")[0]
            assert set(left) <= set("0123456789.()+-*/ ")
            assert eval(left) == pytest.approx(evaluation.values[row, n])


def test_a_coefficient_is_shown_with_its_mean_deviation_and_driver() -> None:
    result = be.explain(FAILING, "R-spread", indicator="R6", stage="primary")
    mean, deviation, coefficient, *_ = result.steps
    assert "÷ 5578 = 2475.65" in mean.sentence.zh
    assert len(mean.inputs) == 8
    assert deviation.sentence.zh.endswith("= 1247.75")
    assert "1247.75 ÷ 2475.65 = 0.504 > 0.50" in coefficient.sentence.zh
    assert "明德学校" in coefficient.sentence.zh
    unknown = be.explain(FAILING, "R-spread", indicator="R7", stage="junior")
    assert unknown.verdict is be.Verdict.UNKNOWN
    assert "无法计算" in unknown.steps[0].sentence.zh


@pytest.mark.parametrize("evaluation", [FAILING, PASSING])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_item_explains_itself(evaluation: be.Evaluation, lang: Language) -> None:
    for item, finding in evaluation.items.items():
        result = be.explain(evaluation, item, lang=lang)
        text = str(result)
        assert result.verdict is finding.verdict
        assert result.steps[-1].verdict is evaluation.verdict
        assert finding.item.title.text(lang) in text
        assert str(finding.source) in text
        assert "nan" not in text.lower().replace("finance", "")


def test_items_show_their_figures_and_evidence() -> None:
    share = be.explain(FAILING, "G11").steps[0]
    assert share.sentence.zh == "41 ÷ 352 = 11.6%"
    assert [entry.place for entry in share.inputs] == ["facts.yaml:38", "facts.yaml:37"]
    assert be.explain(FAILING, "Q1").steps[0].sentence.en == "(1153 − 27 + 46) ÷ (1204 − 1) = 97.4%"
    assert "安编办" in be.explain(FAILING, "V4").text("zh")
    assert "100 × 720 = 72000" in be.explain(FAILING, "G6").text("zh")
    assert be.explain(FAILING, "G5").steps[0].inputs[0].place == "classes.csv:58"
    assert "缺报" in be.explain(FAILING, "Q7").text("zh")


def test_one_school_of_an_item() -> None:
    result = be.explain(FAILING, "G3", school="010")
    assert "27 ÷ 12，进位为3，" in result.steps[1].sentence.zh
    assert [entry.value for entry in result.steps[1].inputs if entry.table == "rooms"] == [94.5, 94.5, 88.0]
    assert be.explain(FAILING, "G4", school="002").steps[0].verdict is be.Verdict.MET
    with pytest.raises(KeyError, match="looks at no school '014'"):
        be.explain(FAILING, "G3", school="014")


@pytest.mark.parametrize(
    ("asked", "error", "message"),
    [
        ({"entry": "R8"}, KeyError, "no item or indicator 'R8'"),
        ({"entry": "R4"}, ValueError, "section by section; choose one"),
        ({"entry": "R4", "school": "999"}, KeyError, "no school '999'"),
        ({"entry": "R4", "school": "008"}, ValueError, "2 sections; choose one: stage='primary' or stage='junior'"),
        ({"entry": "R4", "school": "006"}, KeyError, "fewer than 50"),
        ({"entry": "R4", "school": "001", "stage": "junior"}, KeyError, "it has primary"),
        ({"entry": "R-spread", "indicator": "R9", "stage": "primary"}, ValueError, "found 'R9'"),
    ],
)
def test_what_cannot_be_explained_says_what_can(asked: dict[str, str], error: type[Exception], message: str) -> None:
    with pytest.raises(be.BalanceduError, match=message) as caught:
        be.explain(FAILING, **asked)  # type: ignore[arg-type]
    assert isinstance(caught.value, error)
    assert is_chinese(caught.value.text())
    assert caught.value.text("en") == str(caught.value)


def test_many_counties_explain_one_at_a_time() -> None:
    schools: dict[str, list[object]] = {"county": ["a", "b"], "school": ["1", "1"], "type": ["小学", "小学"]}
    ev = be.evaluate(be.Submission(schools=schools | {"pupils_primary": [60, 70]}))
    with pytest.raises(ValueError, match=r"ev\['a'\]"):
        be.explain(ev, "G11")
    assert isinstance(be.explain(ev["b"], "R4", school="1"), Explanation)
    assert {gap.county for gap in be.gaps(ev)} == {"a", "b"}


def test_drivers_and_splits_add_up() -> None:
    for indicator, stage in itertools.product(PASSING.indicators, PASSING.stages):
        result = be.drivers(PASSING, indicator, stage)
        assert sum(section.share for section in result.sections) == pytest.approx(1)
        assert len(result.above) + len(result.below) == len(result.sections)
        split = be.drivers(PASSING, indicator, stage, by="area")
        assert split.between + sum(group.within for group in split.groups) == pytest.approx(result.cv**2)
        own = be.drivers(PASSING, indicator, stage, by={"001": "x"}, index="theil_t")
        assert own.between + sum(group.within for group in own.groups) == pytest.approx(own.total)
    assert "剔除该校后为" in be.drivers(FAILING, "R6", "primary").text("zh")
    assert "unknown" in be.drivers(FAILING, "R7", "junior").text("en")
    with pytest.raises(KeyError, match="did you mean 'area'"):
        be.drivers(PASSING, "R1", "primary", by="areas")


def test_gaps_name_the_fewest_cells_that_decide() -> None:
    result = {f"{gap.level} {gap.id}": gap.count for gap in be.gaps(FAILING)}
    assert result == {
        "section 012.junior": 1,
        "check R-spread.R7.junior": 1,
        "check Q7.curriculum_complete": 1,
        "item Q7": 1,
        "part quality": 1,
    }
    sub = be.Submission(
        schools={"school": ["1"], "type": ["小学"], "pupils_primary": [90], "classes_primary": [6]},
        classes={"school": ["1", "1"], "stage": ["primary"] * 2, "grade": ["1"] * 2, "pupils": [30, None]},
        facts={"rotation_eligible": 100},
    )
    gaps = {gap.id: gap for gap in be.gaps(be.evaluate(sub))}
    assert gaps["G5"].count == 5
    assert [cell.column for cell in gaps["G11"].cells] == ["rotated", "rotated_backbone"]
    assert [cell.column for cell in gaps["G13"].cells] == ["nearby_share_primary", "nearby_share_junior"]
    assert [gap.count for gap in be.gaps(be.evaluate(sub))] == sorted(gap.count for gap in be.gaps(be.evaluate(sub)))
    assert "还缺2项数据" in gaps["G13"].text()
    assert be.gaps(PASSING).text("zh") == "没有待定的结论。"


def test_a_gap_says_its_cell_and_the_grade_of_the_class(tmp_path: Path) -> None:
    file = tmp_path / "county.xlsx"
    book = Workbook()
    book.remove(book.active)
    for name, rows in {
        "学校": [["school", "name", "type", "pupils_primary", "classes_primary"], ["1", "第一小学", "小学", 90, 5]],
        "班级": [
            ["school", "stage", "grade", "pupils"],
            ["1", "小学", "2", None],
            ["1", "小学", "2", None],
            ["1", "小学", None, None],
            ["1", "小学", "3", 30],
        ],
    }.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(file)

    ev = be.evaluate(be.read_submission(file))
    asked = next(gap for gap in be.gaps(ev) if gap.id == "G5")

    assert asked.count == 4
    assert [(cell.row, cell.place) for cell in asked.cells] == [
        (0, "county.xlsx 班级!D2"),
        (1, "county.xlsx 班级!D3"),
        (2, "county.xlsx 班级!D4"),
        (-1, "county.xlsx 班级"),
    ]
    first, second, third = (cell.located() for cell in asked.cells[:3])
    assert first == "第一小学2年级“班级学生数”（county.xlsx 班级!D2）"
    assert asked.text().startswith(f"班级学生数：还缺4项数据：{first}、{second}、{third}")
    assert asked.cells[0].located("en") == "第一小学 grade 2 pupils of the class (county.xlsx 班级!D2)"
    assert third == "第一小学“班级学生数”（county.xlsx 班级!D4）"
    result = ev.to_dict()["counties"]["county"]["items"]["G5"]["gaps"]
    assert [entry["place"] for entry in result] == [cell.place for cell in asked.cells]


def test_a_gap_has_the_place_of_each_campus_that_lacks_it() -> None:
    sub = be.Submission(
        {
            "school": ["1", "1a", "1b"],
            "type": ["小学"] * 3,
            "parent": ["", "1", "1"],
            "pupils_primary": [50, 50, 50],
            "teaching_area": [900, None, None],
        }
    )
    gap = next(entry for entry in be.evaluate(sub).items["R-schools"].gaps if entry.column == "teaching_area")
    assert gap.located() == "1a、1b“教学及辅助用房面积”（第1行、第2行）"


def test_a_fact_that_was_never_asked_for_has_no_place() -> None:
    sub = be.Submission({"school": ["1"], "type": ["小学"]})
    (gap,) = be.evaluate(sub).items["Q8"].gaps
    assert (gap.place, gap.located()) == ("", "“无过重课业负担”")


def test_filling_the_cells_decides() -> None:
    """The cells named are enough: once they are filled, with any values, nothing is unknown."""
    facts = {fact: None for fact in FAILING.standard.table_measures("facts") if fact != "county"}
    ev = be.evaluate(
        be.Submission(
            schools={"school": ["1"], "type": ["特殊教育学校"], "training_funds": [5], "public_funds_budget": [100]},
            facts=facts,
        )
    )
    open_items = [gap for gap in be.gaps(ev) if gap.level == "item" and gap.cells and gap.id[0] in "GVS"]
    for open_item in open_items:
        measures = ev.standard.measures
        filled = {cell.column: True if measures[cell.column].type == "yes_no" else 1 for cell in open_item.cells}
        again = be.evaluate(be.Submission(schools={"school": ["1"], "type": ["特殊教育学校"]}, facts=filled))
        assert again.items[open_item.id].verdict in (be.Verdict.MET, be.Verdict.NOT_MET, be.Verdict.NOT_APPLICABLE), (
            open_item.id
        )


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["explain", "G11", "docs/examples/failing"], "41 ÷ 352"),
        (["explain", "R4", "docs/examples/failing", "--school", "003", "--lang", "en"], "below the floor"),
        (["explain", "R-spread", "docs/examples/failing", "--indicator", "R6", "--stage", "primary"], "0.504 > 0.50"),
        (["drivers", "R6", "primary", "docs/examples/failing"], "对差异的贡献率"),
        (["drivers", "R6", "primary", "docs/examples/failing", "--by", "ownership"], "差异系数的平方"),
        (["drivers", "R6", "primary", "docs/examples/failing", "--by", "area", "--index", "theil_t"], "泰尔指数"),
        (["gaps", "docs/examples/failing"], "还缺1项数据"),
    ],
)
def test_the_commands(arguments: list[str], expected: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 0
    assert expected in capsys.readouterr().out


def test_a_command_that_asks_for_what_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "R4", "docs/examples/failing"]) == 2
    assert "R4 按学校和学段判定；请指明学校，如 --school 001" in capsys.readouterr().err
    assert main(["explain", "G1", "--county", "x", "--lang", "en"]) == 2
    assert "no county 'x'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("asked", "by_id"),
    [
        (["explain", "教学及辅助用房", "--school", "安和县第三小学"], ["explain", "R4", "--school", "003"]),
        (
            ["explain", "R4", "--school", "安和县东岭镇九年一贯制学校", "--stage", "初中"],
            ["explain", "R4", "--school", "008", "--stage", "junior"],
        ),
        (["explain", "学校规模"], ["explain", "G4"]),
        (
            ["explain", "校际差异系数", "--indicator", "教学仪器设备值", "--stage", "小学"],
            ["explain", "R-spread", "--indicator", "R6", "--stage", "primary"],
        ),
        (["drivers", "equipment value", "小学", "--by", "公办民办"], ["drivers", "R6", "primary", "--by", "ownership"]),
        (["drivers", "R6", "primary", "--by", "城乡类型"], ["drivers", "R6", "primary", "--by", "area"]),
    ],
)
def test_a_command_takes_names_and_titles(
    asked: list[str], by_id: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    result = []
    for command in (asked, by_id):
        at = 3 if command[0] == "drivers" else 2
        assert main([*command[:at], "docs/examples/failing", *command[at:]]) == 0
        result.append(capsys.readouterr().out)
    assert result[0] == result[1]


@pytest.mark.parametrize(
    ("arguments", "zh", "en"),
    [
        (
            ["explain", "R4", "--school", "008"],
            "学校“008”有2个学段；请指明学段：--stage 小学 或 --stage 初中",
            "school '008' has 2 sections; choose one: --stage primary or --stage junior",
        ),
        (
            ["explain", "R-schools", "--school", "008"],
            "学校“008”有2个学段；请指明学段：--stage 小学 或 --stage 初中",
            "school '008' has 2 sections; choose one: --stage primary or --stage junior",
        ),
        (
            ["explain", "R-spread", "--stage", "小学"],
            "差异系数要同时指明指标和学段；请加上指标，如 --indicator R1",
            "a coefficient belongs to an indicator and a stage; add the indicator, as --indicator R1",
        ),
        (
            ["explain", "R-spread", "--indicator", "R6"],
            "差异系数要同时指明指标和学段；请加上 --stage 小学 或 --stage 初中",
            "a coefficient belongs to an indicator and a stage; add --stage primary or --stage junior",
        ),
        (
            ["explain", "R4", "--school", "第三小学"],
            "没有学校“第三小学”，是否应为“安和县第三小学”？可以写：001 安和县第一小学，002 安和县第二小学，",
            "no school '第三小学'; did you mean '安和县第三小学'?; known: 001 安和县第一小学, 002 ",
        ),
        (
            ["drivers", "R6", "幼儿园"],
            "没有学段“幼儿园”；可以写：primary 小学，junior 初中",
            "no stage '幼儿园'; known: primary, junior",
        ),
        (
            ["drivers", "R8", "小学"],
            "没有指标“R8”；可以写：R1 高于规定学历教师，",
            "no indicator 'R8'; known: R1 teachers above",
        ),
        (["drivers", "R6", "小学", "--by", "举办者"], "是否应为“举办者类型”？", "and 6 more"),
        (
            ["explain", "R4", "--school", "010", "--stage", "primary"],
            "学校“010”没有参加判定的小学部；它有初中",
            "school '010' has no section primary that is judged; it has junior",
        ),
        (
            ["explain", "R4", "--school", "014"],
            "学校“014”没有参加判定的学段，因为安和县特殊教育学校：",
            "school '014' has no section that is judged: ",
        ),
        (["explain", "G6", "--school", "014"], "G6 不涉及学校“014”；", "G6 looks at no school '014'; leave school out"),
    ],
)
def test_what_a_command_needs_besides_is_an_option_and_in_the_language(
    arguments: list[str], zh: str, en: str, capsys: pytest.CaptureFixture[str]
) -> None:
    at = 3 if arguments[0] == "drivers" else 2
    for lang, result in (("zh", zh), ("en", en)):
        assert main([*arguments[:at], "docs/examples/failing", *arguments[at:], "--lang", lang]) == 2
        assert result in capsys.readouterr().err


def test_a_name_that_two_schools_share_is_no_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = "school,name,type,pupils_primary,teaching_area\n1,中心小学,小学,90,500\n2,中心小学,小学,90,500\n"
    (tmp_path / "schools.csv").write_text(lines, encoding="utf-8")
    assert main(["explain", "R4", str(tmp_path), "--school", "中心小学"]) == 2
    assert "叫“中心小学”的学校有2个；请写标识：1 中心小学，2 中心小学" in capsys.readouterr().err
    assert main(["explain", "R4", str(tmp_path), "--school", "中心小学", "--lang", "en"]) == 2
    assert "'中心小学' is the title of 2; write the id: 1 中心小学, 2 中心小学" in capsys.readouterr().err


def test_every_answer_has_tables_text_plain_values_and_frames() -> None:
    answers = (
        be.explain(FAILING, "G11"),
        be.drivers(FAILING, "R6", "primary"),
        be.drivers(FAILING, "R7", "junior"),
        be.drivers(FAILING, "R6", "primary", by="area"),
        be.gaps(FAILING),
        be.gaps(PASSING),
        be.origin(FAILING, "G12"),
        be.rounding_flags(FAILING),
        be.rounding_flags(PASSING),
    )
    for answer in answers:
        for name, columns in answer.tables.items():
            assert len({len(column) for column in columns.values()}) == 1
            assert list(answer.to_frame(name).columns) == list(columns)
        json.dumps(answer.to_dict(), allow_nan=False)
        assert str(answer) == answer.text() != answer.text("zh")
        assert all(width(line) <= 60 for line in answer.text("en", columns=60).splitlines())
        assert answer._repr_html_()


def test_answers_are_equal_by_content() -> None:
    assert be.drivers(FAILING, "R7", "junior") == be.drivers(be.evaluate(FAILING.submission), "R7", "junior")
    assert be.explain(FAILING, "G11") != be.explain(FAILING, "G12")
    assert be.gaps(FAILING)[0] == next(iter(be.gaps(FAILING)))


def test_a_row_without_a_name_has_its_number() -> None:
    std = be.load_standard("cn-2017")
    schools = {"school": ["1"], "type": ["primary_school"]}
    sub = be.Submission(schools, monitoring={"level": ["3"], "between_school_rate": ["0.12"]}, standard=std)
    assert "第1条记录" in str(be.explain(be.evaluate(sub), "Q9", lang="zh"))
    assert "record 1" in str(be.explain(be.evaluate(sub), "Q9", lang="en"))


@pytest.mark.parametrize("evaluation", [FAILING, PASSING])
def test_explanations_name_things_as_the_law_does_and_print_no_ids(evaluation: be.Evaluation) -> None:
    standard = evaluation.standard
    columns = {name for name in standard.measures if "_" in name}
    ids = {*standard.items, *standard.indicators, *columns, standard.id}
    questions = [be.explain(evaluation, item) for item in standard.items]
    questions += [
        be.explain(evaluation, entry, school=str(school), stage=stage)
        for school, stage in zip(evaluation.sections["school"][:4], evaluation.sections["stage"][:4], strict=True)
        for entry in standard.indicators
    ]
    spread = next(item for item, found in evaluation.items.items() if any(check.indicators for check in found.checks))
    questions += [be.explain(evaluation, spread, indicator=entry, stage="primary") for entry in standard.indicators]
    for question in questions:
        for lang in ("zh", "en"):
            words = set(re.findall(r"[A-Za-z][\w-]*", question.text(lang)))
            assert not words & ids
        assert "取整" not in question.text("zh")
