"""cn-2012 sets no standard for single sections: everything that can be asked works, or states that there is none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import openpyxl
import pytest
from again import again as rebuilt
from earlier import county, tables

import balancedu as be
from balancedu import plots
from balancedu.document import Result
from balancedu.reporting.law import entry_text
from balancedu.reporting.reports import ReportKind, report_document

EV = be.evaluate(county(), "cn-2012")


def test_the_county_is_judged_by_its_composite_alone() -> None:
    assert EV.verdict is be.Verdict.MET
    assert {item: finding.verdict for item, finding in EV.items.items()} == dict.fromkeys(
        ("E-composite", "W1", "S1"), be.Verdict.MET
    )


def test_no_section_is_judged() -> None:
    assert set(EV.section_verdicts.tolist()) == {be.Verdict.NOT_APPLICABLE.code}
    assert EV.failing_sections() == ()
    assert (EV.standing == -1).all()


def test_who_runs_a_school_decides_whether_it_counts() -> None:
    reasons = {entry.reason for entry in EV.excluded}

    assert reasons == {"above_county", "type"}
    assert "地级及以上部门举办的学校不参加指标计算" in be.report(EV, "zh")


def test_a_school_without_an_organizer_makes_the_composite_unknown_and_is_named() -> None:
    organizer = [None, *tables()["schools"]["organizer"][1:]]
    ev = be.evaluate(county(organizer=organizer), "cn-2012")

    assert ev.items["E-composite"].verdict is be.Verdict.UNKNOWN
    assert [(gap.column, gap.school) for gap in ev.items["E-composite"].gaps] == [("organizer", "001")]


def test_a_county_fails_in_spite_of_a_gap_once_the_rest_exceeds_the_limit() -> None:
    schools = tables()["schools"]
    count = len(schools["school"])
    spread = [10**6 if n == 8 else 1 for n in range(count)]
    changes = dict.fromkeys(("equipment_value", "computers", "books"), spread)
    ev = be.evaluate(county(**changes, teaching_area=[None] * count, indoor_sports_area=[0] * count), "cn-2012")

    assert ev.items["E-composite"].verdict is be.Verdict.NOT_MET
    assert "至少" in ev.items["E-composite"].reason()
    assert "at least" in ev.items["E-composite"].reason("en")
    assert np.isnan(ev.composite).all()


def test_a_value_and_a_coefficient_can_be_explained() -> None:
    value = be.explain(EV, "E1", school="001", stage="primary")
    coefficient = be.explain(EV, "E-composite", indicator="E3", stage="primary")

    assert value.verdict is coefficient.verdict is be.Verdict.NOT_APPLICABLE
    assert "没有学校层面的标准" in value.text("zh")
    assert "÷ 指标数" in be.explain(EV, "E-composite").text("zh")
    assert "limit" not in be.drivers(EV, "E3", "primary").text("en")


@pytest.mark.parametrize("kind", ["self-evaluation", "rectification", "overview"])
def test_reports_are_written(kind: ReportKind) -> None:
    assert "nan" not in report_document(EV, kind, "zh").text()


def test_there_is_the_third_table_and_no_class_to_draw(tmp_path: Path) -> None:
    be.write_forms(EV, tmp_path / "forms.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "forms.xlsx")["表Ⅲ"]

    assert [sheet.cell(2, n).value for n in (3, 11)] == ["生均教学及辅助用房面积（平方米）", "综合"]
    assert [sheet.cell(row, 2).value for row in range(4, 8)] == ["全县平均值", "差异系数"] * 2
    assert sheet["K4"].value == "——"
    assert sheet["K5"].value == pytest.approx(EV.composite[0, 0], abs=0.0005)
    with pytest.raises(ValueError, match="cn-2012 asks for no list of classes"):
        plots.class_sizes(EV, stage="primary")


def test_there_is_nothing_to_plan() -> None:
    with pytest.raises(be.RequestError, match="nothing to plan for"):
        be.plan(EV)


def asked() -> dict[str, Result]:
    """Everything that planning answers."""
    change = [{"do": "set", "school": "001", "values": {"books": 3}}]
    more = be.what_if(EV, change)
    return {
        "shortfalls": be.shortfalls(EV),
        "margins": be.margins(EV),
        "robustness": be.robustness(EV, {"books": 0.1}, draws=20),
        "what_if": more,
        "compare": be.compare(EV, more.evaluation),
        "trend": be.trend({"2013": EV, "2014": more.evaluation}),
    }


@pytest.mark.parametrize(("name", "result"), asked().items())
def test_planning_answers(name: str, result: Result) -> None:
    assert name
    for lang in ("zh", "en"):
        assert "nan" not in result.text(lang)


def test_the_composite_is_shown_where_coefficients_are() -> None:
    result = asked()

    for name in ("margins", "compare", "trend"):
        assert "composite" in result[name].text("en"), name
    assert "0.091 (0.65)" in be.report(EV, "en")
    assert "(none)" in entry_text(EV.standard, "E1", "en")


def test_it_can_be_written_and_read_again() -> None:
    assert rebuilt(EV).to_dict()["counties"] == EV.to_dict()["counties"]


def test_the_picture_of_coefficients_shows_the_composite_with_its_limit() -> None:
    axes = plots.spread(EV, stage="primary", lang="en")

    assert [label.get_text() for label in axes.get_yticklabels()][-1] == "composite"
    assert [np.asarray(line.get_xdata()).max() for line in axes.get_lines()] == [0.65]
