"""Every kind of table that counties have, in words of other counties: as text, as a workbook and as a data frame."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest

import balancedu as be

Cells = Sequence[Sequence[Any]]
Sections = dict[tuple[str, str], dict[str, float]]


def book(path: Path, sheets: Mapping[str, Cells], merged: Sequence[tuple[str, str]] = ()) -> Path:
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for name, rows in sheets.items():
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
        for at, cells in merged:
            if at == name:
                sheet.merge_cells(cells)
    workbook.save(path)
    return path


def ways(rows: Cells, folder: Path) -> Iterator[tuple[str, Any]]:
    """A table as text, as a workbook and as a data frame."""
    with (folder / "表.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["" if cell is None else cell for cell in row] for row in rows])
    yield "text", folder / "表.csv"
    yield "workbook", book(folder / "表.xlsx", {"Sheet1": rows})
    yield "frame", pd.DataFrame(list(rows[1:]), columns=list(rows[0]))


def sections_of(source: Any) -> Sections:
    evaluation = be.evaluate(be.read_submission(source))
    sections = evaluation.sections
    return {
        (str(sections["school"][n]), str(sections["stage"][n])): {"pupils": float(sections["pupils"][n])}
        | {
            name: round(float(value), 9)
            for name, value in zip(evaluation.indicators, evaluation.values[n], strict=True)
            if not math.isnan(value)
        }
        for n in range(len(sections["school"]))
        if sections["pupils"][n] > 0 or not np.isnan(evaluation.values[n]).all()
    }


TABLES: dict[str, tuple[Cells, Sections]] = {
    "K1 ratios in other words and units, the stage in a column": (
        [
            [
                "学校名称",
                "学段",
                "学生数",
                "生均教学辅助用房面积（㎡/生）",
                "每百名学生拥有高学历教师数",
                "百生拥有骨干教师数",
                "每百生体育艺术教师数",
                "生均运动场馆面积",
                "生均仪器设备值（元）",
                "百名学生多媒体教室数（间）",
            ],
            ["城关小学", "小学", 500, 5.1, 4.6, 1.2, 0.95, 8, 2300, 2.5],
            ["城关初中", "初中部", 700, 6.1, 5.6, 1.3, 0.96, 11, 2600, 2.6],
        ],
        {
            ("城关小学", "primary"): {
                "pupils": 500,
                "R1": 4.6,
                "R2": 1.2,
                "R3": 0.95,
                "R4": 5.1,
                "R5": 8,
                "R6": 2300,
                "R7": 2.5,
            },
            ("城关初中", "junior"): {
                "pupils": 700,
                "R1": 5.6,
                "R2": 1.3,
                "R3": 0.96,
                "R4": 6.1,
                "R5": 11,
                "R6": 2600,
                "R7": 2.6,
            },
        },
    ),
    "K1 the stage by the type, figures per hundred in %, 万元": (
        [
            [
                "学校",
                "学生人数",
                "学校类别",
                "每百名学生拥有高于规定学历教师数(%)",
                "每百人拥有多媒体教室数",
                "生均设备值（万元）",
            ],
            ["甲", 500, "小学", 4.6, 2.5, 0.23],
            ["乙", 400, "初级中学", 5.6, 2.6, 0.26],
        ],
        {
            ("甲", "primary"): {"pupils": 500, "R1": 4.6, "R6": 2300, "R7": 2.5},
            ("乙", "junior"): {"pupils": 400, "R1": 5.6, "R6": 2600, "R7": 2.6},
        },
    ),
    "K1 the stage by blocks numbered from 1": (
        [
            ["序号", "学校名称", "在校学生", "生均教学及教辅用房面积", "生均校舍面积"],
            [1, "甲小学", 500, 5.1, 9.9],
            [2, "乙小学", 300, 5.2, 9.8],
            [1, "丙中学", 400, 6.1, 9.7],
        ],
        {
            ("甲小学", "primary"): {"pupils": 500, "R4": 5.1},
            ("乙小学", "primary"): {"pupils": 300, "R4": 5.2},
            ("丙中学", "junior"): {"pupils": 400, "R4": 6.1},
        },
    ),
    "K1 a column for each stage": (
        [
            [
                "学校名称",
                "办学类型",
                "小学学生数",
                "初中学生数",
                "小学生均教学及辅助用房面积",
                "初中生均教学及辅助用房面积",
            ],
            ["甲小学", "小学", 400, None, 5.0, None],
            ["乙学校", "九年一贯制学校", 300, 200, 5.5, 6.2],
        ],
        {
            ("甲小学", "primary"): {"pupils": 400, "R4": 5.0},
            ("乙学校", "primary"): {"pupils": 300, "R4": 5.5},
            ("乙学校", "junior"): {"pupils": 200, "R4": 6.2},
        },
    ),
    "K1 beside counts": (
        [
            [
                "学校名称",
                "办学类型",
                "在校学生数",
                "教学及辅助用房面积",
                "室内体育用房面积",
                "生均教学及辅助用房面积",
                "生均仪器设备值",
            ],
            ["甲小学", "小学", 400, 2000, 0, 5.0, 2100],
        ],
        {("甲小学", "primary"): {"pupils": 400, "R4": 5.0, "R6": 2100}},
    ),
    "K4 degrees and subjects apart": (
        [
            [
                "学校名称",
                "办学类型",
                "在校生数",
                "研究生学历",
                "本科学历",
                "专科学历",
                "高中学历",
                "体育教师",
                "音乐教师",
                "美术教师",
            ],
            ["甲小学", "小学", 400, 2, 15, 3, 1, 2, 1, 1],
            ["乙中学", "初中", 500, 5, 30, 3, 0, 2, 1, 2],
        ],
        {
            ("甲小学", "primary"): {"pupils": 400, "R1": 5.0, "R3": 1.0},
            ("乙中学", "junior"): {"pupils": 500, "R1": 7.0, "R3": 1.0},
        },
    ),
    "K4 one addend is unknown": (
        [
            ["学校名称", "办学类型", "在校生数", "研究生学历教师数", "本科学历教师数", "专科学历教师数"],
            ["甲小学", "小学", 400, 2, None, 3],
        ],
        {("甲小学", "primary"): {"pupils": 400}},
    ),
    "K13 national codes, values that nothing needs, K23 names of counties": (
        [
            ["行政区划", "学校名称", "学校类别", "举办者", "城乡类型", "在校生数"],
            ["甲县", "甲", "211", "831", "121", 400],
            ["甲县", "乙", "村小", "811 省级教育部门", "镇乡结合区", 50],
            ["甲县", "丙", "311", "某集团", "城郊", 300],
        ],
        {
            ("甲", "primary"): {"pupils": 400},
            ("乙", "primary"): {"pupils": 50},
            ("丙", "junior"): {"pupils": 300},
        },
    ),
    "K1 the unit says per pupil, 指标 and a number before the name": (
        [
            [
                "校名",
                "学段",
                "在校学生数（人）",
                "指标1：高于规定学历教师（人/百名学生）",
                "指标2：县级以上骨干教师（人/百人）",
                "教学及辅助用房（㎡/生）",
                "指标6：生均教学仪器设备（元/人）",
            ],
            ["东关学校", "初中", 812, 5.42, 1.11, 6.02, 2611.5],
        ],
        {("东关学校", "junior"): {"pupils": 812, "R1": 5.42, "R2": 1.11, "R4": 6.02, "R6": 2611.5}},
    ),
    "K1 the unit of a figure per pupil in the cell": (
        [
            ["学校名称", "学段", "在校生数", "每百名学生拥有高于规定学历教师数", "生均教学仪器设备值"],
            ["甲", "小学", 400, "4.3%", "2100元/生"],
        ],
        {("甲", "primary"): {"pupils": 400, "R1": 4.3, "R6": 2100}},
    ),
    "K15 brackets with a part of the name, a unit behind a stroke": (
        [
            [
                "学校名称(全称)",
                "学校类型(现有)",
                "小学在校生数/人",
                "骨干教师数（县级以上）(人)",
                "教学仪器设备值/万元",
            ],
            ["甲", "小学", 200, 2, 42],
        ],
        {("甲", "primary"): {"pupils": 200, "R2": 1, "R6": 2100}},
    ),
    "K14 counts rebuilt from ratios": (
        [["学校名称", "办学类型", "小学学生数", "高于规定学历教师数", "网络多媒体教室数"]]
        + [[f"甲{n}", "小学", n, n * 4.2 / 100, n * 2.3 / 100] for n in (53, 61, 107, 1206)],
        {(f"甲{n}", "primary"): {"pupils": n, "R1": 4.2, "R7": 2.3} for n in (53, 61, 107, 1206)},
    ),
    "K15 brackets that are no unit": (
        [
            [
                "学校名称（章）",
                "办学类型（类别）",
                "在校生数（合计）",
                "教学及辅助用房面积（小计）（㎡）",
                "室内体育用房面积（平方米）",
            ],
            ["甲", "小学", 400, 2000, 0],
        ],
        {("甲", "primary"): {"pupils": 400, "R4": 5.0}},
    ),
    "K22 units in cells": (
        [
            [
                *["学校名称", "办学类型", "小学学生数", "教学及辅助用房面积", "室内体育用房面积", "教学仪器设备值"],
            ],
            ["甲", "小学", "437人", "2100㎡", "0平方米", "92万元"],
        ],
        {("甲", "primary"): {"pupils": 437, "R4": round(2100 / 437, 9), "R6": round(920000 / 437, 9)}},
    ),
    "K24 columns that no rule needs": (
        [
            [
                "学校名称",
                "办学类型",
                "校长姓名",
                "联系电话",
                "占地面积",
                "在校生数",
                "图书册数",
                "计算机台数",
                "是否寄宿制",
                "备注",
            ],
            ["甲", "小学", "张三", "123", 20000, 400, 3000, 40, "否", "无"],
        ],
        {("甲", "primary"): {"pupils": 400}},
    ),
    "pupils in short": (
        [["学校名称", "办学类型", "小学人数", "初中生", "网络多媒体教室数"], ["甲", "九年一贯制学校", 300, 200, 13]],
        {("甲", "primary"): {"pupils": 300, "R7": 2.5}, ("甲", "junior"): {"pupils": 200, "R7": 2.75}},
    ),
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_of_schools(name: str, tmp_path: Path) -> None:
    rows, wanted = TABLES[name]
    for way, source in ways(rows, tmp_path):
        assert sections_of(source) == wanted, way


ROSTER: Cells = [["姓名", "学校", "学历", "任教学科"], ["张三", "甲", "本科", "语文"], ["李四", "甲", "专科", "体育"]]
BOOKS: dict[str, tuple[dict[str, Any], Sections]] = {
    "K1 ratios in sheets named by their stage": (
        {
            "小学": [["学校名称", "人数", "百名学生拥有县级以上骨干教师数"], ["甲小学", 500, 1.2]],
            "初中": [["学校名称", "人数", "百名学生拥有县级以上骨干教师数"], ["乙中学", 400, 1.3]],
        },
        {("甲小学", "primary"): {"pupils": 500, "R2": 1.2}, ("乙中学", "junior"): {"pupils": 400, "R2": 1.3}},
    ),
    "K6 counts in sheets named by their stage": (
        {
            "2024小学": [["学校名称", "学生数", "网络多媒体教室数"], ["甲小学", 400, 10], ["丁学校", 200, 12]],
            "2024初中": [["学校名称", "学生数", "网络多媒体教室数"], ["乙中学", 400, 10], ["丁学校", 200, 12]],
        },
        {
            ("甲小学", "primary"): {"pupils": 400, "R7": 2.5},
            ("丁学校", "primary"): {"pupils": 200, "R7": round(12 / 420 * 100, 9)},
            ("乙中学", "junior"): {"pupils": 400, "R7": 2.5},
            ("丁学校", "junior"): {"pupils": 200, "R7": round(12 / 420 * 110, 9)},
        },
    ),
    "K6 a title says the stage": (
        {"Sheet1": [["某县小学办学条件一览表"], ["学校名称", "学生数", "网络多媒体教室数"], ["甲小学", 400, 10]]},
        {("甲小学", "primary"): {"pupils": 400, "R7": 2.5}},
    ),
    "K7 a school over several sheets, by id or by name": (
        {
            "基本情况": [
                ["学校代码", "学校名称", "办学类型", "在校生数"],
                ["01", "甲", "小学", 400],
                ["02", "乙", "初中", 400],
            ],
            "师资": [
                ["学校代码", "学校名称", "高于规定学历教师数", "骨干教师数"],
                ["01", "甲", 20, 5],
                ["02", "乙", 24, 4],
            ],
            "校舍": [["学校名称", "教学及辅助用房面积", "室内体育用房面积"], ["甲", 2000, 100], ["乙", 2500, 100]],
            "装备": [["学校名称", "教学仪器设备值（万元）", "网络多媒体教室数"], ["甲", 90, 10], ["乙", 110, 10]],
        },
        {
            ("01", "primary"): {"pupils": 400, "R1": 5, "R2": 1.25, "R4": 4.75, "R6": 2250, "R7": 2.5},
            ("02", "junior"): {"pupils": 400, "R1": 6, "R2": 1, "R4": 6, "R6": 2750, "R7": 2.5},
        },
    ),
    "K8 a branch with its school": (
        {
            "学校": [
                ["学校名称", "办学类型", "是否计校数", "主校名称", "在校生数", "网络多媒体教室数"],
                ["甲", "小学", 1, None, 400, 8],
                ["甲东校区", "小学", 0, "甲", 100, 4],
            ]
        },
        {("甲", "primary"): {"pupils": 500, "R7": 2.4}},
    ),
    "K9 one figure a row, in other words": (
        {
            "数据": [
                ["序号", "指标", "计量单位", "数值"],
                [1, "学校名称", None, "甲"],
                [2, "学校标识码", None, "3303000001"],
                [3, "办学类型", None, "小学"],
                [4, "在校学生数", "人", 400],
                [5, "教学仪器设备值", "万元", 90],
                [6, "校园网带宽", "兆", 100],
            ]
        },
        {("3303000001", "primary"): {"pupils": 400, "R6": 2250}},
    ),
    "K9 a column for each school": (
        {
            "数据": [
                ["项目", "甲小学", "乙小学"],
                ["办学类型", "小学", "小学"],
                ["在校学生数", 400, 300],
                ["网络多媒体教室数", 10, 9],
            ]
        },
        {("甲小学", "primary"): {"pupils": 400, "R7": 2.5}, ("乙小学", "primary"): {"pupils": 300, "R7": 3}},
    ),
    "K16 four header rows that are not joined, a row of codes, dots and a footnote": (
        {
            "Sheet1": [
                ["某区义务教育学校办学条件统计表"],
                ["序号", "学校名称", "办学类型", "在校生情况", None, "教师情况", None, "设备"],
                [None, None, None, "小学", "初中", "高于规定学历", None, "教学仪器设备值"],
                [None, None, None, "人数", "人数", "小学", "初中", "万元"],
                ["甲", "乙", "丙", 1, 2, 3, 4, 5],
                [1, "丁学校", "九年一贯制学校", 400, 200, 20, 12, 155],
                ["…"] * 8,
                ["注：数据来自统计"],
            ]
        },
        {
            ("丁学校", "primary"): {"pupils": 400, "R1": 5, "R6": 2500},
            ("丁学校", "junior"): {"pupils": 200, "R1": 6, "R6": 2750},
        },
    ),
    "K27 a roster beside the schools is left out": (
        {
            "学校": [["学校名称", "办学类型", "在校生数"], ["甲", "小学", 400]],
            "教师花名册": [
                ["姓名", "学校", "学历", "任教学科"],
                ["张三", "甲", "本科", "语文"],
                ["李四", "甲", "专科", "体育"],
            ],
        },
        {("甲", "primary"): {"pupils": 400}},
    ),
}


@pytest.mark.parametrize("name", BOOKS)
def test_a_workbook(name: str, tmp_path: Path) -> None:
    sheets, wanted = BOOKS[name]

    assert sections_of(book(tmp_path / "县.xlsx", sheets)) == wanted


TITLES = [
    "每百名学生拥有高于规定学历教师数",
    "每百名学生拥有县级以上骨干教师数",
    "每百名学生拥有体育、艺术专任教师数",
    "生均教学及辅助用房面积",
    "生均体育运动场馆面积",
    "生均教学仪器设备值",
    "每百名学生拥有网络多媒体教室数",
]
MEANS, CVS = [5.1, 1.2, 1, 5, 8, 2200, 2.5], [0.1, 0.2, 0.15, 0.3, 0.4, 0.51, 0.2]
SPREAD: dict[str, dict[str, Any]] = {
    "a row for each indicator": {
        "均衡": [["指标", "小学", None], [None, "均值", "差异系数"], *zip(TITLES, MEANS, CVS, strict=True)]
    },
    "a row for each stage and indicator": {
        "均衡": [
            ["学段", "指标", "平均值", "标准差", "变异系数"],
            *(
                ["小学", title, mean, mean * cv, f"{cv * 100:g}%"]
                for title, mean, cv in zip(TITLES, MEANS, CVS, strict=True)
            ),
        ]
    },
    "a row for each statistic": {
        "均衡": [["学段", "统计量", *TITLES], ["小学", "全县均值", *MEANS], ["小学", "差异系数", *CVS]]
    },
    "the sheet says the stage": {"小学": [[None, "全县平均值", "差异系数"], *zip(TITLES, MEANS, CVS, strict=True)]},
}


@pytest.mark.parametrize("name", SPREAD)
def test_means_and_coefficients(name: str, tmp_path: Path) -> None:
    evaluation = be.evaluate(be.read_submission(book(tmp_path / "县.xlsx", SPREAD[name])))

    assert evaluation.mean[0, 0].tolist() == MEANS
    assert np.allclose(evaluation.cv[0, 0], CVS, atol=1e-12)
    assert evaluation.items["R-spread"].verdict.name == "NOT_MET"


def test_coefficients_alone_name_their_indicators_in_short(tmp_path: Path) -> None:
    rows: Cells = [
        ["学段", "高于规定学历教师", "骨干教师", "教学及辅助用房面积", "教学仪器设备值"],
        ["小学", 0.1, 0.2, 0.3, 0.51],
    ]
    evaluation = be.evaluate(be.read_submission(book(tmp_path / "县.xlsx", {"差异系数": rows})))

    assert np.isnan(evaluation.mean[0, 0]).all()
    assert [evaluation.cv[0, 0][n] for n in (0, 1, 3, 5)] == [0.1, 0.2, 0.3, 0.51]


SCHOOL: list[list[Any]] = [["学校名称", "办学类型", "在校生数", "班级总数"], ["甲", "小学", 400, 10]]
BANDS: dict[str, tuple[dict[str, Cells], str, str]] = {
    "classes, all within the limit": (
        {"学校": SCHOOL, "班额": [["学校", "班级总数", "45人及以下", "46-55人", "56人及以上"], ["甲", 10, 10, 0, 0]]},
        "G5",
        "MET",
    ),
    "classes beside the figures of schools": (
        {"学校": [[*SCHOOL[0], "40人及以下班级数", "41-45人班级数", "46人及以上班级数"], [*SCHOOL[1], 8, 2, 0]]},
        "G5",
        "MET",
    ),
    "large classes alone": (
        {"学校": [[*SCHOOL[0], "大班额班级数（46-55人）"], [*SCHOOL[1], 1]]},
        "G5",
        "NOT_MET",
    ),
    "a band over the limit": (
        {"学校": SCHOOL, "班额": [["学校", "40人及以下", "41-50人", "51人及以上"], ["甲", 8, 2, 0]]},
        "G5",
        "UNKNOWN",
    ),
    "averages": ({"学校": SCHOOL, "平均": [["学校名称", "平均班额"], ["甲", 40]]}, "G5", "UNKNOWN"),
    "rooms": (
        {
            "学校": SCHOOL,
            "教室": [
                ["学校", "用途", "96平方米及以上", "90-96平方米", "90平方米以下"],
                ["甲", "音乐", 1, 0, 0],
                ["甲", "美术", 0, 1, 0],
            ],
        },
        "G3",
        "MET",
    ),
}


@pytest.mark.parametrize("name", BANDS)
def test_bands(name: str, tmp_path: Path) -> None:
    sheets, item, verdict = BANDS[name]

    assert be.evaluate(be.read_submission(book(tmp_path / "县.xlsx", sheets))).items[item].verdict.name == verdict


REFUSED: dict[str, tuple[dict[str, Cells], list[str], int]] = {
    "K1 counts and ratios that disagree": (
        {
            "学校": [
                ["学校名称", "办学类型", "在校生数", "教学仪器设备值", "生均教学仪器设备值"],
                ["甲", "小学", 400, 800000, 2100],
            ]
        },
        ["2100", "2000"],
        1,
    ),
    "K7 sheets that disagree": (
        {
            "基本": [["学校代码", "学校名称", "办学类型", "在校生数"], ["01", "甲", "小学", 400]],
            "师资": [["学校代码", "学校名称", "在校生数", "骨干教师数"], ["01", "甲", 401, 5]],
        },
        ["基本!D2", "师资!C2"],
        1,
    ),
    "K8 a remark": (
        {
            "学校": [
                ["学校名称", "办学类型", "在校生数", "备注"],
                ["甲", "小学", 400, None],
                ["甲东校区", "小学", 50, "不计校数"],
            ]
        },
        ["甲东校区", "所属学校"],
        1,
    ),
    "K8 a flag of campuses": (
        {
            "学校": [
                ["学校名称", "办学类型", "在校生数", "是否校区"],
                ["甲", "小学", 400, "否"],
                ["甲东校区", "小学", 50, "是"],
            ]
        },
        ["D3", "甲东校区", "所属学校"],
        1,
    ),
    "K8 a flag that says neither": (
        {"学校": [["学校名称", "办学类型", "在校生数", "是否独立计校"], ["甲", "小学", 400, "待定"]]},
        ["D2", "待定"],
        1,
    ),
    "K8 a column that nothing needs": (
        {"学校": [["学校名称", "办学类型", "在校生数", "校区类别"], ["甲东", "小学", 50, "分校区"]]},
        ["甲东", "分校区", "所属学校"],
        1,
    ),
    "K22 the unit of another quantity in a form": (
        {
            "填报表": [
                ["填报项目", "填报值", "单位"],
                ["学校名称", "河西小学", None],
                ["学校类型", "小学", None],
                ["小学学生人数", 500, "人"],
                ["教学及辅助用房总面积", 3, "间"],
                ["教学仪器设备资产值（账面原值）", "100平方米", None],
            ]
        },
        ["B5", "“间”", "B6", "“平方米”"],
        2,
    ),
    "K18 totals": (
        {"基本情况": [["学校类型", "学校数", "在校生数"], ["小学", 30, 20000], ["初中", 10, 12000]]},
        ["基本情况", "合计"],
        1,
    ),
    "K18 totals in a column for each stage": (
        {"表": [["项目", "小学", "初中"], ["在校生数", 20000, 12000]]},
        ["合计"],
        2,
    ),
    "K21 marks": (
        {
            "学校": [
                ["学校名称", "办学类型", "小学学生数", "教学及辅助用房面积", "室内体育用房面积"],
                ["甲", "小学", 400, "—", "无"],
                ["乙", "小学", 300, 1500, "无"],
            ]
        },
        ["“无”", "E2、E3", "“—”", "values", "empty_marks"],
        2,
    ),
    "K22 an approximate figure": ({"学校": [*SCHOOL, ["乙", "小学", "约437", 10]]}, ["约437"], 1),
    "K22 the unit of another quantity": ({"学校": [*SCHOOL, ["乙", "小学", "437元", 10]]}, ["437元"], 1),
    "K27 a roster alone": (
        {
            "教师": [
                ["姓名", "学校", "学历", "任教学科"],
                ["张三", "甲", "本科", "语文"],
                ["李四", "甲", "专科", "体育"],
            ]
        },
        ["学校"],
        2,
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_refusal(name: str, tmp_path: Path) -> None:
    sheets, words, most = REFUSED[name]
    with pytest.raises(be.DataErrors) as caught:
        be.evaluate(be.read_submission(book(tmp_path / "县.xlsx", sheets)))
    text = caught.value.text("zh")

    assert all(word in text for word in words), text
    assert len(caught.value.errors) <= most


FACTS: Cells = [
    ["填报项目", "数值", "单位"],
    ["县名", "清源区", None],
    ["全县教师年平均工资", 9, "万元"],
    ["当地公务员年平均工资收入", 88000, "元"],
    ["特殊教育学校公用经费", 96, "万元"],
    ["特殊教育学校在校生数", 120, "人"],
    ["图书馆藏书", 30000, "册"],
]


def test_facts_in_rows(tmp_path: Path) -> None:
    sources = [source for _, source in ways(FACTS, tmp_path)]
    for source in [*sources, {"县级数据": pd.DataFrame(list(FACTS[1:]), columns=list(FACTS[0]))}]:
        submission = be.read_submission(source)
        (county,) = submission.counties

        assert submission.fact(county, "teacher_salary") == 90000
        assert submission.county_name(county) == "清源区"
        assert be.evaluate(submission).items["G7"].verdict.name == "MET"
        assert any("图书馆藏书" in note.text("zh") for note in submission.notes)


def test_of_a_code_and_a_name_the_code_is_the_id(tmp_path: Path) -> None:
    rows: list[list[Any]] = [["区县代码", "区县名称", "学校名称", "办学类型", "在校生数"]]
    rows += [["330301", "甲县", "一小", "小学", 400], ["330302", "乙县", "一小", "小学", 300]]
    for _, source in ways(rows, tmp_path):
        submission = be.read_submission(source)

        assert submission.counties == ("330301", "330302")
        assert [submission.county_name(county) for county in submission.counties] == ["甲县", "乙县"]


def test_frames_of_other_libraries() -> None:
    duckdb, polars, pyarrow = (pytest.importorskip(name) for name in ("duckdb", "polars", "pyarrow"))
    rows = [{"学校标识码": "001", "学校名称": "甲", "办学类型": "小学", "在校生数": 400, "教学仪器设备值(万元)": 90.0}]
    frame = pd.DataFrame(rows)
    levels = frame.set_axis(pd.MultiIndex.from_tuples([("基本", name) for name in frame.columns]), axis=1)
    others = [polars.DataFrame(rows), polars.LazyFrame(rows), pyarrow.Table.from_pandas(frame), duckdb.from_df(frame)]
    for table in [frame, rows, *others, frame.set_index("学校标识码"), levels]:
        assert sections_of(table) == {("001", "primary"): {"pupils": 400, "R6": 2250}}


def test_a_day_where_a_year_is_asked_for_is_its_year() -> None:
    standard = be.load_standard("cn-2017", overlays=["transition"], on="2021-01-01")
    for written in ("2010-09-01", "2010年9月", pd.Timestamp("2010-09-01"), 2010):
        frame = pd.DataFrame({"学校名称": ["甲"], "办学类型": ["小学"], "在校生数": [400], "建校时间": [written]})

        assert be.read_submission(frame, standard=standard).schools.numbers("built").tolist() == [2010]


def test_figures_of_sections_beside_the_school_decide_nothing_and_a_note_has_both(tmp_path: Path) -> None:
    rows: Cells = [
        [
            "学校名称",
            "办学类型",
            "小学学生数",
            "初中学生数",
            "教学仪器设备值",
            "小学部教学仪器设备值",
            "初中部教学仪器设备值",
        ],
        ["甲", "九年一贯制学校", 400, 200, 1550000, 900000, 650000],
    ]
    for _, source in ways(rows, tmp_path):
        submission = be.read_submission(source)
        notes = "\n".join(note.text("zh") for note in submission.notes)

        assert sections_of(source)["甲", "primary"]["R6"] == 2500
        assert "2250 / 2500" in notes
        assert "3250 / 2750" in notes


def test_numbers_of_organizers_that_the_form_does_not_have_are_named() -> None:
    rows = [
        {"学校名称": name, "办学类型": "小学", "在校生数": 100, "举办者": code}
        for name, code in {"甲": "831", "乙": "7", "丙": "999"}.items()
    ]
    sub = be.read_submission(rows)
    assert sub.columns("schools")["organizer"].tolist() == ["", "7", ""]
    (note,) = [note.message for note in sub.notes if "举办者类型" in note.message.zh]
    assert "831、999" in note.zh
    assert "values" in note.en


@pytest.mark.parametrize(
    ("columns", "area"),
    [
        ({"校外租赁场馆面积": 1000}, 1000),
        ({"租借体育场地面积（亩）": 1.5}, 1000),
        ({"校外租借场地面积（㎡）": 1000, "校内其他体育场面积（㎡）": 50}, 1050),
        ({"租赁场地面积": 1000, "楼顶场地面积": 200, "地下场地面积": 30}, 1230),
        ({"校外租赁场馆面积": 1000, "校内其他体育场面积": None}, None),
        ({"校外租赁场馆面积（间）": 3}, None),
    ],
)
def test_leased_grounds_of_the_transition(columns: dict[str, float | None], area: float | None) -> None:
    school = {"校名": "甲", "类型": "小学", "在校生数": 1000, "室内体育用房面积": 500, "运动场地面积": 4000}
    std = be.load_standard("cn-2017", ["transition"], "2020-03-01")
    sub = be.read_submission([school | {"中心城区用地紧张": "是", "建校时间": 1998} | columns], standard=std)

    assert sub.columns("schools")["built"].tolist() == [1998]
    value = be.evaluate(sub).values[0, 4]
    assert np.isnan(value) if area is None else value == (4500 + area) / 1000
    if area:
        assert any("楼顶、地下及租借的体育场地面积取自：" in note.message.zh for note in sub.notes)


def test_the_unit_of_several_columns_stands_above_their_stages(tmp_path: Path) -> None:
    rows: Cells = [
        ["学校名称", "学校类别", "学生数（人）", None, "运动场地面积（亩）"],
        [None, None, "小学", "初中", "合计"],
        ["甲", "乙", "1", "2", "3"],
        ["甲九年", "九年一贯制", 300, 200, 9],
    ]
    path = book(tmp_path / "表.xlsx", {"表": rows}, [("表", "C1:D1"), ("表", "A1:A2"), ("表", "B1:B2")])
    sub = be.read_submission(path)

    columns = sub.columns("schools")
    assert (columns["pupils_primary"].tolist(), columns["pupils_junior"].tolist()) == ([300], [200])
    assert columns["sports_ground_area"].tolist() == [6000]


def test_a_form_says_its_units_in_labels_and_cells(tmp_path: Path) -> None:
    rows: Cells = [
        ["填报项目", "填报值", "单位"],
        ["学校名称", "38中学", None],
        ["学校类型", "初中", None],
        ["初中学生人数（人）", 500, None],
        ["教学仪器设备资产值（账面原值）", "130万元", None],
    ]
    path = book(tmp_path / "填报.xlsx", {"填报表": rows})
    assert sections_of(path) == {("38中学", "junior"): {"pupils": 500, "R6": 2600}}


@pytest.mark.parametrize("header", ["有建设规划", "是否有建设规划", "有无建设规划"])
def test_what_is_so_may_be_asked(header: str) -> None:
    std = be.load_standard("cn-2017", ["transition"], "2020-03-01")
    school = {"校名": "甲", "类型": "小学", "在校生数": 2300, "随迁子女人数": 1200, header: "是"}
    columns = be.read_submission([school], standard=std).columns("schools")
    assert columns["construction_plan"].tolist() == [1]
    assert columns["migrant_share"].tolist() == [pytest.approx(1200 / 2300, abs=1e-14)]
