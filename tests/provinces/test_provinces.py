"""What provinces and cities really set can be said in an overlay: each with a county that passes and one that fails."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import balancedu as be
from balancedu.cli import main
from balancedu.core.fields import Language
from balancedu.testing import check_standard
from balancedu.text import Phrase

FOLDER = Path(__file__).resolve().parent
ENDS: dict[Language, str] = {"zh": "。", "en": "."}
MET, NOT_MET, UNKNOWN = be.Verdict.MET, be.Verdict.NOT_MET, be.Verdict.UNKNOWN
NOT_APPLICABLE = be.Verdict.NOT_APPLICABLE


def schools(**columns: list[Any]) -> dict[str, list[Any]]:
    size = len(next(iter(columns.values())))
    rows: dict[str, list[Any]] = {"school": [str(n) for n in range(size)], "type": ["primary_school"] * size}
    return rows | columns


def classes(*pupils: int | None, **columns: list[Any]) -> dict[str, list[Any]]:
    rows: dict[str, list[Any]] = {"school": ["0"] * len(pupils), "stage": ["primary"] * len(pupils)}
    return rows | {"pupils": list(pupils)} | columns


def room(area: float) -> dict[str, list[Any]]:
    return {"school": ["0"], "use": ["music"], "area": [area]}


ONE = schools(pupils_primary=[90], classes_primary=[2])
TEN = ONE | {"pupils_primary": [400], "classes_primary": [10]}
TRAINING: dict[str, list[Any]] = schools(
    area=["rural", "urban"], public_funds_budget=[1000, 1000], payroll=[10_000, 10_000], training_funds=[50, 150]
)
RESOURCES = {"degree_teachers_primary": [42], "backbone_teachers_primary": [10], "arts_pe_teachers_primary": [9]}
RESOURCES |= {"teaching_area": [4500], "sports_ground_area": [7500], "indoor_sports_area": [0]}
RESOURCES |= {"equipment_value": [2_000_000], "multimedia_rooms": [23]}
FULL: dict[str, list[Any]] = schools(pupils_primary=[1000], **RESOURCES)
NINE = FULL | {"books": [15_000], "computers": [60]}
CHAPTER = {"all_pupils": 1500, "all_teachers": 100, "short_sight_share": 0.6, "care_fee": 300}
SPECIAL = {"special_education_funds_per_pupil": 7000}
LESS = {"multimedia_rooms": [20], "equipment_value": [2_000_000]}
LESS_STILL = {"equipment_value": [1_700_000], "teaching_area": [4000]}
TEMPORARY: dict[str, list[Any]] = {
    "temporary_teachers": [10],
    "temporary_pay": [200],
    "public_funds_budget": [1000],
}
BOARDING: dict[str, list[Any]] = {"boarding": [True], "public_funds_budget": [2000]}
URBAN: dict[str, list[Any]] = schools(pupils_primary=[1500], area=["urban"], arts_pe_teachers_primary=[3])
BUSES = {"mountainous": True, "bus_share": 0.9, "bus_subsidy": 500, "bus_register": True}
RURAL = schools(area=["rural", "urban"], pupils_primary=[850, 150])

# The overlay, the item, what a county reports, and the verdict.
CASES: list[tuple[str, str, dict[str, Any], be.Verdict]] = [
    (
        "weihai",
        "G7",
        {"facts": {"special_education_funds_per_pupil": 7000, "special_junior_funds_per_pupil": 9000}},
        MET,
    ),
    (
        "weihai",
        "G7",
        {"facts": {"special_education_funds_per_pupil": 7000, "special_junior_funds_per_pupil": 8999}},
        NOT_MET,
    ),
    ("weihai", "G7", {"facts": {"special_education_funds_per_pupil": 7000}}, UNKNOWN),
    (
        "guangdong-2015",
        "G5",
        {"schools": ONE | {"area": ["urban"], "migrant_share": [0.3]}, "classes": classes(50, 40)},
        MET,
    ),
    (
        "guangdong-2015",
        "G5",
        {"schools": ONE | {"area": ["urban"], "migrant_share": [0.29]}, "classes": classes(50, 40)},
        NOT_MET,
    ),
    ("jiangsu-city", "G5", {"schools": ONE, "classes": classes(40, 40)}, MET),
    ("jiangsu-city", "G5", {"schools": ONE, "classes": classes(41, 40)}, NOT_MET),
    ("jiangsu-city", "Q4", {"schools": TRAINING}, MET),
    ("jiangsu-city", "Q4", {"schools": TRAINING | {"training_funds": [49, 150]}}, NOT_MET),
    ("jiangsu-city", "Q4", {"schools": TRAINING | {"training_funds": [50, 149]}}, NOT_MET),
    # Whose area is not known may be under either rule.
    ("jiangsu-city", "Q4", {"schools": TRAINING | {"area": ["rural", None], "training_funds": [50, 150]}}, MET),
    ("jiangsu-city", "Q4", {"schools": TRAINING | {"area": ["rural", None], "training_funds": [50, 100]}}, UNKNOWN),
    ("jiangsu-city", "S1", {"facts": {"survey_valid": 1000, "survey_satisfied": 900}}, MET),
    ("jiangsu-city", "S1", {"facts": {"survey_valid": 1000, "survey_satisfied": 899}}, NOT_MET),
    ("fujian-2015", "G7", {"facts": {"special_education_funds_per_pupil": 5950, "junior_funds_per_pupil": 850}}, MET),
    (
        "fujian-2015",
        "G7",
        {"facts": {"special_education_funds_per_pupil": 5949.99, "junior_funds_per_pupil": 850}},
        NOT_MET,
    ),
    ("fujian-2015", "G7", {"facts": {"special_education_funds_per_pupil": 5950}}, UNKNOWN),
    ("qingyang", "G5", {"schools": ONE, "classes": classes(45, 60, entry_grade=[True, False])}, MET),
    ("qingyang", "G5", {"schools": ONE, "classes": classes(46, 60, entry_grade=[True, False])}, NOT_MET),
    ("qingyang", "G5", {"schools": ONE, "classes": classes(45, 60, entry_grade=[True, None])}, UNKNOWN),
    # Seven of nine are enough, for any values of the other two.
    ("guizhou-2012", "R-schools", {"schools": NINE | {"multimedia_rooms": [1], "books": [0]}}, MET),
    (
        "guizhou-2012",
        "R-schools",
        {"schools": NINE | {"multimedia_rooms": [1], "books": [0], "computers": [59]}},
        NOT_MET,
    ),
    ("guizhou-2012", "R-schools", {"schools": NINE | {"multimedia_rooms": [None], "books": [None]}}, MET),
    (
        "guizhou-2012",
        "R-schools",
        {"schools": NINE | {"multimedia_rooms": [None], "books": [None], "computers": [59]}},
        UNKNOWN,
    ),
    ("county-2012", "P1", {"schools": schools(equipment_value=[35_000, 50_000], classes_primary=[12, 13])}, MET),
    ("county-2012", "P1", {"schools": schools(equipment_value=[35_000, 49_999.99], classes_primary=[12, 13])}, NOT_MET),
    # Of a school whose classes are not known, the verdict is what both limits agree on.
    ("county-2012", "P1", {"schools": schools(equipment_value=[50_000], classes_primary=[None])}, MET),
    ("county-2012", "P1", {"schools": schools(equipment_value=[40_000], classes_primary=[None])}, UNKNOWN),
    ("county-2012", "P1", {"schools": schools(equipment_value=[34_000], classes_primary=[None])}, NOT_MET),
    ("ningbo-2021", "P1", {"schools": TEN, "classes": classes(*[40] * 9, 50)}, MET),
    ("ningbo-2021", "P1", {"schools": TEN, "classes": classes(*[40] * 8, 41, 50)}, NOT_MET),
    ("ningbo-2021", "P1", {"schools": TEN, "classes": classes(*[40] * 9)}, UNKNOWN),
    ("ningbo-2021", "P1", {"schools": TEN, "classes": classes(*[40] * 9, None)}, MET),
    ("ningbo-2021", "P2", {"schools": schools(pupils_primary=[1500] * 9 + [1501])}, MET),
    ("ningbo-2021", "P2", {"schools": schools(pupils_primary=[1500] * 8 + [1501] * 2)}, NOT_MET),
    ("ningbo-2021", "P2", {"schools": schools(pupils_primary=[1500] * 8 + [1501, None])}, UNKNOWN),
    ("ningbo-2021", "P2", {"schools": schools(pupils_primary=[1500] * 9 + [None])}, MET),
    ("county-2012", "R-schools", {"schools": FULL | {"built_in": [2010]} | LESS}, MET),
    ("county-2012", "R-schools", {"schools": FULL | {"built_in": [2011], "teaching_area": [6000]} | LESS}, MET),
    ("county-2012", "R-schools", {"schools": FULL | {"built_in": [2011]} | LESS}, NOT_MET),
    # Of a school whose year is not known, the verdict is what both standards agree on.
    ("county-2012", "R-schools", {"schools": FULL | LESS}, UNKNOWN),
    ("county-2012", "R-schools", {"schools": FULL | {"teaching_area": [6000]} | LESS}, MET),
    ("county-2012", "R-schools", {"schools": FULL | {"teaching_area": [3000]} | LESS}, NOT_MET),
    ("upper-limits", "R-schools", {"schools": FULL | LESS | {"temporary_teachers": [10]}}, MET),
    ("upper-limits", "R-schools", {"schools": FULL | LESS | {"temporary_teachers": [11]} | LESS_STILL}, NOT_MET),
    ("upper-limits", "R-schools", {"schools": FULL | {"temporary_teachers": [11]}}, MET),
    ("upper-limits", "R-schools", {"schools": FULL | {"temporary_teachers": [12], "area": ["urban"]}}, NOT_MET),
    ("upper-limits", "R-schools", {"schools": FULL | {"temporary_teachers": [20], "area": ["rural"]}}, MET),
    ("upper-limits", "R-schools", {"schools": FULL | {"temporary_teachers": [12], "area": [None]}}, UNKNOWN),
    ("upper-limits", "R-schools", {"schools": FULL | {"temporary_teachers": [30], "area": [None]}}, NOT_MET),
    ("upper-limits", "P1", {"schools": ONE | TEMPORARY}, MET),
    ("upper-limits", "P1", {"schools": ONE | TEMPORARY | {"temporary_teachers": [11]}}, NOT_MET),
    ("upper-limits", "P1", {"schools": ONE | TEMPORARY | {"temporary_pay": [200.01]}}, NOT_MET),
    ("upper-limits", "P1", {"schools": ONE | TEMPORARY | {"temporary_pay": [None]}}, UNKNOWN),
    ("by-condition", "P1", {"schools": ONE | {"area": ["urban"]}, "classes": classes(40, 40)}, MET),
    ("by-condition", "P1", {"schools": ONE | {"area": ["urban"]}, "classes": classes(41, 40)}, NOT_MET),
    ("by-condition", "P1", {"schools": ONE | {"area": ["rural"]}, "classes": classes(41, 40)}, NOT_APPLICABLE),
    ("by-condition", "P1", {"schools": ONE | {"area": [None]}, "classes": classes(41, 40)}, UNKNOWN),
    ("by-condition", "P1", {"schools": ONE | {"area": [None]}, "classes": classes(40, 40)}, MET),
    ("by-condition", "P2", {"schools": ONE | {"area": ["rural"]}, "rooms": room(60)}, MET),
    ("by-condition", "P2", {"schools": ONE | {"area": ["rural"]}, "rooms": room(59.9)}, NOT_MET),
    ("by-condition", "P2", {"schools": ONE | {"area": ["town"]}, "rooms": room(59.9)}, NOT_APPLICABLE),
    ("by-condition", "P3", {"schools": ONE | BOARDING, "facts": {"funds_per_pupil_primary": 10}}, MET),
    (
        "by-condition",
        "P3",
        {"schools": ONE | BOARDING | {"public_funds_budget": [1999]}, "facts": {"funds_per_pupil_primary": 10}},
        NOT_MET,
    ),
    (
        "by-condition",
        "P3",
        {
            "schools": ONE | BOARDING | {"public_funds_budget": [1999], "boarding": [None]},
            "facts": {"funds_per_pupil_primary": 10},
        },
        UNKNOWN,
    ),
    ("by-condition", "P4", {"schools": URBAN}, MET),
    ("by-condition", "P4", {"schools": URBAN | {"pupils_primary": [1501]}}, NOT_MET),
    ("by-condition", "P4", {"schools": URBAN | {"arts_pe_teachers_primary": [2]}}, NOT_MET),
    ("by-condition", "P4", {"schools": URBAN | {"pupils_primary": [1501], "area": ["town"]}}, NOT_APPLICABLE),
    ("by-condition", "P5", {"facts": BUSES}, MET),
    ("by-condition", "P5", {"facts": BUSES | {"bus_share": 0.89}}, NOT_MET),
    ("by-condition", "P5", {"facts": BUSES | {"bus_subsidy": 499}}, NOT_MET),
    ("by-condition", "P5", {"facts": BUSES | {"bus_register": False}}, NOT_MET),
    ("by-condition", "P5", {"facts": BUSES | {"bus_register": False, "mountainous": False}}, NOT_APPLICABLE),
    ("by-condition", "P5", {"facts": {"bus_share": 0.89, "bus_subsidy": 500, "bus_register": True}}, UNKNOWN),
    ("by-condition", "P6", {"schools": TEN, "classes": classes(*[45] * 9, 50), "facts": {"births": 10_000}}, MET),
    (
        "by-condition",
        "P6",
        {"schools": TEN, "classes": classes(*[45] * 8, 50, 50), "facts": {"births": 10_000}},
        NOT_MET,
    ),
    (
        "by-condition",
        "P6",
        {"schools": TEN, "classes": classes(*[45] * 8, 50, 50), "facts": {"births": 9_999}},
        NOT_APPLICABLE,
    ),
    ("by-condition", "P6", {"schools": TEN, "classes": classes(*[45] * 8, 50, 50)}, UNKNOWN),
    ("own-chapter", "P1", {"facts": CHAPTER}, MET),
    ("own-chapter", "P1", {"facts": CHAPTER | {"all_pupils": 1501}}, NOT_MET),
    ("own-chapter", "P2", {"facts": CHAPTER}, MET),
    ("own-chapter", "P2", {"facts": CHAPTER | {"short_sight_share": 0.601}}, NOT_MET),
    ("own-chapter", "P2", {"facts": CHAPTER | {"care_fee": 300.01}}, NOT_MET),
    ("own-chapter", "P3", {"schools": RURAL}, MET),
    ("own-chapter", "P3", {"schools": RURAL | {"pupils_primary": [849, 151]}}, NOT_MET),
    ("own-chapter", "P3", {"schools": RURAL | {"area": ["rural", None]}}, MET),
    ("own-chapter", "P3", {"schools": RURAL | {"pupils_primary": [850, None]}}, UNKNOWN),
]


def judged(name: str, reported: dict[str, Any]) -> be.Evaluation:
    standard = be.load_standard(FOLDER / f"{name}.yaml")
    return be.evaluate(be.Submission(**{"schools": ONE} | reported, standard=standard))


@pytest.mark.parametrize(
    ("name", "item", "reported", "verdict"),
    CASES,
    ids=[f"{name} {item}" for name, item, *_ in CASES],
)
def test_what_a_place_sets(name: str, item: str, reported: dict[str, Any], verdict: be.Verdict) -> None:
    evaluation = judged(name, reported)
    finding = evaluation.items[item]

    assert finding.verdict is verdict
    for lang, end in ENDS.items():
        assert finding.reason(lang).endswith(end)
        assert str(be.explain(evaluation, item, lang=lang))


def test_every_overlay_has_a_county_that_passes_and_one_that_fails() -> None:
    names = sorted(path.stem for path in FOLDER.glob("*.yaml"))
    result = {(name, verdict) for name, _, _, verdict in CASES}

    assert result >= {(name, verdict) for name in names for verdict in (MET, NOT_MET)}


@pytest.mark.parametrize(
    ("facts", "rural", "verdict"),
    [
        (CHAPTER, None, MET),
        (CHAPTER | {"care_fee": 400}, [850, 150], MET),
        (CHAPTER | {"care_fee": 400}, [800, 200], NOT_MET),
        (CHAPTER | {"care_fee": 400}, [850, None], UNKNOWN),
    ],
)
def test_two_of_three_items_are_enough(facts: dict[str, float], rural: list[int] | None, verdict: be.Verdict) -> None:
    reported = {"facts": facts, "schools": RURAL | {"pupils_primary": rural or [800, 200]}}

    evaluation = judged("own-chapter", reported)

    assert evaluation.parts["chapter"] is verdict
    assert "须2项达标，共3项" in str(be.explain(evaluation, "P1", lang="zh"))
    assert "2 of 3 must be met" in str(be.explain(evaluation, "P1", lang="en"))


@pytest.mark.parametrize(
    ("name", "item", "zh", "en"),
    [
        (
            "fujian-2015",
            "G7",
            "特殊教育学校生均公用经费不低于普通初中生均公用经费标准的7倍",
            "public funds per pupil of special schools not below 7 × public funds per pupil of junior schools",
        ),
        (
            "own-chapter",
            "P1",
            "在校生数不高于教职工数的15倍（1 : 15）",
            "pupils of the county not above 15 × staff of the county (1 : 15)",
        ),
        (
            "guizhou-2012",
            "R-schools",
            "每所学校至少7项指标达到标准",
            "every section reaches the standard in at least 7 indicators",
        ),
        (
            "own-chapter",
            "P2",
            "近视率不超过60%；课后服务收费不超过300元",
            "share of short-sighted pupils at most 60%; fee for care after school at most 300 yuan",
        ),
    ],
)
def test_requirements_are_sentences(name: str, item: str, zh: str, en: str) -> None:
    standard = be.load_standard(FOLDER / f"{name}.yaml")

    assert standard.items[item].requirement(standard.words) == Phrase(zh, en)


def test_a_factor_and_a_ratio_are_printed_as_such() -> None:
    facts: dict[str, Any] = {"special_education_funds_per_pupil": 5949.99, "junior_funds_per_pupil": 850}
    factor = judged("fujian-2015", {"facts": facts})
    ratio = judged("own-chapter", {"facts": CHAPTER | {"all_pupils": 1501}})

    assert factor.items["G7"].reason("zh").endswith("（应不低于普通初中生均公用经费标准的7倍，即5950元）。")
    assert "at least 7 × public funds per pupil of junior schools, 5950 yuan" in str(
        be.explain(factor, "G7", lang="en")
    )
    assert "（应不超过教职工数的15倍（1 : 15），即1500人）" in ratio.items["P1"].reason("zh")
    assert "at most 15 × staff of the county (1 : 15), 1500 pupils" in str(be.explain(ratio, "P1", lang="en"))


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yaml")), ids=lambda path: path.stem)
def test_lint_says_that_every_overlay_is_sound(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lint", str(path), "--lang", "en"]) == 0

    assert re.fullmatch(rf"cn-2017\+{path.stem}: the file is sound [^\n]*\n", capsys.readouterr().out)


def test_what_is_missing_is_counted_for_those_that_a_rule_is_for() -> None:
    two = schools(area=["urban", "rural"], pupils_primary=[90, 120], classes_primary=[2, 2])
    sizes = {"school": ["0", "0", "1", "1"], "stage": ["primary"] * 4, "pupils": [41, 49, 60, 60]}

    items = be.shortfalls(judged("by-condition", {"schools": two, "classes": sizes})).items

    here = items["item"] == "P1"
    assert items["words_en"][here].tolist() == [
        "divide 2 classes; moving pupils within the grade opens 1 class; dividing each opens 2 classes"
    ]
    assert set(items["school"][here].tolist()) == {"0"}


def test_what_is_above_an_upper_limit_is_counted_in_whole_units() -> None:
    reported = FULL | TEMPORARY | {"temporary_teachers": [13], "temporary_pay": [300], "area": ["urban"]}
    lacking = be.shortfalls(judged("upper-limits", {"schools": reported}))

    here = lacking.sections["indicator"] == "R8"
    assert [lacking.sections[name][here].tolist() for name in ("to_floor", "to_standard", "floor")] == [
        [2],
        [3],
        [1.15],
    ]
    assert [lacking.sections[f"standard_{name}"][here].tolist() for name in ("reaches", "one_fewer")] == [[1.0], [1.1]]
    words = lacking.items["words_en"][lacking.items["item"] == "P1"].tolist()
    assert words == ["temporary teachers: 3 teachers less", "pay of temporary teachers: 100 yuan less"]
    assert "3 teachers less" in lacking.text("en")


def test_one_county_of_many_has_its_own_standards() -> None:
    rows = {name: 2 * values for name, values in (FULL | LESS).items()} | {
        "county": ["a", "b"],
        "built_in": [2010, 2011],
    }
    standard = be.load_standard(FOLDER / "county-2012.yaml")
    evaluation = be.evaluate(be.Submission(schools=rows, standard=standard))

    alone = {county: evaluation[county] for county in "ab"}
    assert {county: ev.items["R-schools"].verdict for county, ev in alone.items()} == {"a": MET, "b": NOT_MET}
    failing = [section for ev in alone.values() for section in ev.failing_sections()[:1]]
    assert [str(section.limits_and_floors["R4"][0]) for section in failing] == ["≥ 6"]


@pytest.mark.parametrize("name", ["by-condition", "upper-limits", "county-2012"])
def test_drawn_counties_find_no_fault(name: str) -> None:
    assert check_standard(FOLDER / f"{name}.yaml", submissions=4).overlays == (name,)
