"""The shipped standard agrees with the document, whose numbers are repeated here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import attrs
import pytest

from balancedu.core.fields import Source, Title
from balancedu.core.loading import load_standard
from balancedu.core.model import ByStage
from balancedu.core.rules import (
    ClassSize,
    FactCompared,
    FactWithin,
    MonitoredSubjects,
    RoomsForClasses,
    Rule,
    SchoolShareWithin,
    SchoolSize,
    SectionsComply,
    ShareWithin,
    SmallSchoolFunds,
    SpreadWithin,
    Stated,
)
from balancedu.core.standard import Standard

STANDARD = load_standard("cn-2017")


def rules_of(item: str) -> tuple[Rule, ...]:
    return STANDARD.items[item].rules


def the_rule(item: str, kind: type[Any]) -> Any:
    (rule,) = (rule for rule in rules_of(item) if isinstance(rule, kind))
    return rule


def limits(limits: ByStage) -> dict[str, str]:
    stages = attrs.asdict(limits, recurse=False)
    return {stage: str(limit) for stage, limit in stages.items() if limit is not None}


def test_it_is_the_document_of_2017() -> None:
    head = STANDARD.head

    assert STANDARD.id == "cn-2017"
    assert (head.document, head.issued) == ("教督〔2017〕6号", "2017-04-19")
    assert STANDARD.title.zh == "县域义务教育优质均衡发展督导评估办法"
    assert STANDARD.stages == ("primary", "junior")


def test_33_items_in_five_parts() -> None:
    parts = {name: [item.id for item in part.items] for name, part in STANDARD.parts.items()}

    assert parts == {
        "eligibility": ["E1", "E2"],
        "resources": ["R-schools", "R-spread"],
        "guarantee": [f"G{n}" for n in range(1, 16)],
        "quality": [f"Q{n}" for n in range(1, 10)],
        "recognition": ["S1"],
        "veto": [f"V{n}" for n in range(1, 7)],
    }
    assert len(STANDARD.items) == 35
    assert STANDARD.head.verdict.all_of == tuple(STANDARD.parts)


@pytest.mark.parametrize(
    ("indicator", "primary", "junior", "per", "unit"),
    [
        ("R1", "4.2", "5.3", 100, "人"),
        ("R2", "1", "1", 100, "人"),
        ("R3", "0.9", "0.9", 100, "人"),
        ("R4", "4.5", "5.8", 1, "平方米"),
        ("R5", "7.5", "10.2", 1, "平方米"),
        ("R6", "2000", "2500", 1, "元"),
        ("R7", "2.3", "2.4", 100, "间"),
    ],
)
def test_the_seven_indicators(indicator: str, primary: str, junior: str, per: int, unit: str) -> None:
    entry = STANDARD.indicators[indicator]

    assert limits(entry.thresholds) == {"primary": f"≥ {primary}", "junior": f"≥ {junior}"}
    assert (entry.per, entry.unit.zh) == (per, unit)


def test_there_are_seven_indicators() -> None:
    assert list(STANDARD.indicators) == ["R1", "R2", "R3", "R4", "R5", "R6", "R7"]


@pytest.mark.parametrize(
    ("indicator", "primary", "junior"),
    [
        ("R1", "3.57", "4.505"),
        ("R2", "0.85", "0.85"),
        ("R3", "0.765", "0.765"),
        ("R4", "3.825", "4.93"),
        ("R5", "6.375", "8.67"),
        ("R6", "1700", "2125"),
        ("R7", "1.955", "2.04"),
    ],
)
def test_the_floors_are_85_percent_of_the_standards(indicator: str, primary: str, junior: str) -> None:
    floors = STANDARD.floors[indicator]

    assert limits(floors) == {"primary": f"≥ {primary}", "junior": f"≥ {junior}"}
    assert floors.primary is not None
    assert floors.primary.value == Decimal(primary)


@pytest.mark.parametrize(
    ("indicator", "stage", "terms"),
    [
        ("R1", "primary", ("degree_teachers_primary",)),
        ("R1", "junior", ("degree_teachers_junior",)),
        ("R2", "primary", ("backbone_teachers_primary",)),
        ("R3", "junior", ("arts_pe_teachers_junior",)),
        ("R4", "primary", ("teaching_area", "-indoor_sports_area")),
        ("R5", "junior", ("sports_ground_area", "indoor_sports_area")),
        ("R6", "primary", ("equipment_value",)),
        ("R7", "junior", ("multimedia_rooms",)),
    ],
)
def test_what_an_indicator_is_made_of(indicator: str, stage: Any, terms: tuple[str, ...]) -> None:
    assert STANDARD.indicators[indicator].terms(stage) == terms


def test_only_the_resources_of_whole_schools_are_split() -> None:
    assert [indicator.id for indicator in STANDARD.indicators.values() if indicator.amount] == ["R4", "R5", "R6", "R7"]


def test_six_of_seven_and_a_floor_of_85_percent() -> None:
    rule = the_rule("R-schools", SectionsComply)

    assert (rule.at_standard, rule.floor_share) == (6, Decimal("0.85"))
    assert STANDARD.section_rule is rule


def test_the_limits_of_the_coefficient_of_variation() -> None:
    assert limits(the_rule("R-spread", SpreadWithin).thresholds) == {"primary": "≤ 0.50", "junior": "≤ 0.45"}
    assert STANDARD.head.spread.weight == "pupils"


def test_who_counts_and_how_combined_schools_are_split() -> None:
    weights = {entry.type: {s: str(w) for s, w in entry.weights.items()} for entry in STANDARD.head.scope.counted}

    assert weights == {
        "primary_school": {"primary": "1"},
        "teaching_point": {"primary": "1"},
        "junior_school": {"junior": "1"},
        "nine_year_school": {"primary": "1", "junior": "1.1"},
        "twelve_year_school": {"primary": "1", "junior": "1.1", "senior": "1.32"},
        "complete_secondary_school": {"junior": "1", "senior": "1.2"},
    }


def test_small_teaching_points_and_other_schools_do_not_count() -> None:
    fewest = {entry.type: entry.fewest_pupils for entry in STANDARD.head.scope.counted if entry.fewest_pupils}

    assert fewest == {"teaching_point": 50}
    assert STANDARD.counted("special_school") is STANDARD.counted("vocational_school") is None
    point = STANDARD.counted("teaching_point")
    assert point is not None
    assert point.fewest_pupils == 50


def test_music_and_art_rooms() -> None:
    rule = the_rule("G3", RoomsForClasses)

    assert rule.classes_per_room == 12
    assert rule.area_at_least == {"music": 96, "art": 90}


def test_school_sizes() -> None:
    sizes = {name: limit.at_most for limit in the_rule("G4", SchoolSize).limits for name in limit.types}

    assert sizes == {
        "primary_school": 2000,
        "teaching_point": 2000,
        "junior_school": 2000,
        "complete_secondary_school": 2000,
        "nine_year_school": 2500,
        "twelve_year_school": 2500,
    }


def test_class_sizes() -> None:
    assert the_rule("G5", ClassSize).at_most == {"primary": 45, "junior": 50}


def test_small_schools_are_funded_for_100_pupils() -> None:
    rule = the_rule("G6", SmallSchoolFunds)

    assert (rule.below, rule.funded_as) == (100, 100)


def test_funds_of_special_schools_and_pay() -> None:
    funds, pay = the_rule("G7", FactWithin), the_rule("G8", FactCompared)

    assert str(funds.threshold) == "≥ 6000"
    assert (pay.fact, pay.not_below) == ("teacher_salary", "civil_servant_salary")


@pytest.mark.parametrize(
    ("item", "shares"),
    [
        ("G9", {"training_share": "≥ 1"}),
        ("G11", {"rotation_share": "≥ 0.10", "rotated_backbone_share": "≥ 0.20"}),
        ("G12", {"certified_share": "≥ 1"}),
        ("G13", {"nearby_share_primary": "≥ 1", "nearby_share_junior": "≥ 0.95"}),
        ("G14", {"quota_share": "≥ 0.50"}),
        ("G15", {"migrant_share_placed": "≥ 0.85"}),
        ("Q1", {"retention_rate": "≥ 0.95"}),
        ("Q2", {"disabled_enrolment_rate": "≥ 0.95"}),
        ("S1", {"satisfaction": "≥ 0.85", "interview_satisfaction": "≥ 0.85"}),
    ],
)
def test_shares(item: str, shares: dict[str, str]) -> None:
    rules = [rule for rule in rules_of(item) if isinstance(rule, ShareWithin)]

    assert {rule.share: str(rule.threshold) for rule in rules} == shares


def test_training_funds_of_every_school() -> None:
    assert str(the_rule("Q4", SchoolShareWithin).threshold) == "≥ 0.05"


def test_monitoring_is_strictly_below_the_limit() -> None:
    rule = the_rule("Q9", MonitoredSubjects)
    levels = [choice.title.zh for choice in STANDARD.measures[rule.level].values]

    assert str(rule.threshold) == "< 0.15"
    assert levels == ["Ⅰ级", "Ⅱ级", "Ⅲ级", "Ⅳ级"]
    assert STANDARD.measures[rule.level].values[2].id == rule.level_at_least


def test_a_veto_is_met_when_it_is_not_the_case() -> None:
    rules = [rule for item in STANDARD.parts["veto"].items for rule in item.rules]

    assert len(rules) == 6
    assert all(isinstance(rule, Stated) and not rule.expected for rule in rules)


def test_everything_else_that_is_stated_must_be_the_case() -> None:
    stated = [rule for name in STANDARD.items if name[0] != "V" for rule in rules_of(name) if isinstance(rule, Stated)]

    assert all(rule.expected for rule in stated)


def test_the_two_formulas_of_the_retention_rate() -> None:
    measure = STANDARD.measures["retention_rate"]
    pupils = {"grade7_enrolled": 1000, "transferred_in": 30, "transferred_out": 50, "deaths": 1, "graduates": 960}

    def total(terms: tuple[str, ...]) -> int:
        return sum(-pupils[term[1:]] if term[0] == "-" else pupils[term] for term in terms)

    results = {name: (total(formula.part), total(formula.whole)) for name, formula in measure.formulas.items()}
    assert results == {"leavers": (980, 999), "net": (960, 979)}
    assert measure.formula == "leavers"


def test_the_decimals_of_the_form() -> None:
    precision = STANDARD.head.precision

    assert (precision.values, precision.means, precision.coefficients) == (2, 2, 3)
    assert (precision.percent, precision.other) == (1, 0)


def test_the_codes_of_those_who_run_schools() -> None:
    codes = [(choice.id, choice.title.zh) for choice in STANDARD.measures["organizer"].values]

    assert codes == [
        ("1", "中央教育部门"),
        ("2", "中央其他部门"),
        ("3", "省级教育部门"),
        ("4", "省级其他部门"),
        ("5", "地级教育部门"),
        ("6", "地级其他部门"),
        ("7", "县级教育部门"),
        ("8", "县级其他部门"),
        ("9", "地方企业"),
        ("10", "民办"),
    ]


def parts_of(value: object) -> Iterator[object]:
    """Every object that a standard is made of."""
    yield value
    if isinstance(value, dict):
        inner = list(value.values())
    elif isinstance(value, tuple):
        inner = list(value)
    else:
        inner = [getattr(value, name) for name in fields_of(value)]
    for entry in inner:
        yield from parts_of(entry)


def fields_of(value: object) -> list[str]:
    kind = type(value)
    return [field.name for field in attrs.fields(kind)] if attrs.has(kind) else []


def test_every_number_has_its_source() -> None:
    objects = [part for part in parts_of(STANDARD) if attrs.has(type(part)) and not isinstance(part, Source | Title)]
    with_source = Counter(type(entry).__name__ for entry in objects if "source" in fields_of(entry))
    sources = [part for part in parts_of(STANDARD) if isinstance(part, Source)]

    assert with_source == {"Part": 6, "Item": 35, "Indicator": 7, "Measure": 148, "Counted": 6, "FormSheet": 7} | {
        "Attached": 1,
        "Spread": 1,
        "Precision": 1,
        "OverallRule": 1,
    }
    assert len(sources) == sum(with_source.values())
    assert all(source.document and source.part for source in sources)


def test_no_number_rests_on_a_single_source() -> None:
    # How a table may be filled in is no number of the law.
    single = [part for part in parts_of(STANDARD) if isinstance(part, Source) and part.confidence == "O"]

    assert {entry.document for entry in single} <= {"填报说明"}


def test_every_title_is_there_in_both_languages() -> None:
    titles = [part for part in parts_of(STANDARD) if isinstance(part, Title)]

    assert not [title for title in titles if any("一" <= sign <= "鿿" for sign in title.en)]
    assert not [title for title in titles if title.zh.isascii()]


def test_the_representation_names_the_edition_and_counts() -> None:
    assert repr(STANDARD) == ("<Standard cn-2017: 教督〔2017〕6号, 6 parts, 35 items, 7 indicators, 148 measures>")


# Which facts each item requires: the names are the columns of a submission, so they do not change.
FACTS = {
    "E1": "basic_balance_passed_on basic_balance_three_years",
    "E2": "monitoring_kept_high",
    "G1": "layout_rational",
    "G2": "unified_construction unified_staffing unified_funding unified_equipment",
    "G6": "funds_per_pupil_primary funds_per_pupil_junior",
    "G7": "special_education_funds special_education_pupils special_education_funds_per_pupil",
    "G8": "teacher_salary civil_servant_salary performance_pay_approved",
    "G9": "teachers training_completed training_share",
    "G10": "staffing_allocated",
    "G11": "rotation_eligible rotated rotated_backbone rotation_share rotated_backbone_share",
    "G12": "full_time_teachers certified_teachers certified_share",
    "G13": "public_day_pupils_primary pupils_from_zone_primary public_day_pupils_junior pupils_from_zone_junior "
    "nearby_share_primary nearby_share_junior",
    "G14": "quota_total quota_allocated quota_share quota_favours_rural quota_allocated_rural quota_rural_share",
    "G15": "left_behind_care migrant_children migrant_children_public migrant_children_purchased "
    "migrant_children_placed migrant_share_placed",
    "Q1": "grade7_enrolled transferred_in transferred_out deaths graduates retention_rate",
    "Q2": "disabled_children disabled_children_enrolled disabled_enrolment_rate "
    "disabled_children_special_schools disabled_special_share",
    "Q3": "charters_and_informatised",
    "Q5": "teachers_use_it_well",
    "Q6": "moral_education_good",
    "Q7": "curriculum_complete teaching_orderly practice_activities",
    "Q8": "no_excess_burden",
    "S1": "survey_sent survey_valid survey_satisfied satisfaction interviews interviews_satisfied "
    "interview_satisfaction "
    "survey_sent_parents survey_valid_parents survey_satisfied_parents satisfaction_parents interviews_parents "
    "interviews_satisfied_parents interview_satisfaction_parents",
    "V1": "exam_admission",
    "V2": "improper_choice",
    "V3": "key_schools_or_classes",
    "V4": "unfilled_posts",
    "V5": "serious_incident",
    "V6": "falsification",
}
COLUMNS = {
    "R1": "degree_teachers_primary degree_teachers_junior",
    "R2": "backbone_teachers_primary backbone_teachers_junior",
    "R3": "arts_pe_teachers_primary arts_pe_teachers_junior",
    "R4": "teaching_area indoor_sports_area",
    "R5": "sports_ground_area indoor_sports_area",
    "R6": "equipment_value",
    "R7": "multimedia_rooms",
    "R-schools": "type pupils_primary pupils_junior pupils_senior",
    "R-spread": "type pupils_primary pupils_junior pupils_senior",
    "G3": "type classes_primary classes_junior",
    "G4": "type pupils_primary pupils_junior",
    "G5": "type classes_primary classes_junior",
    "G6": "type pupils_primary pupils_junior public_funds_budget",
    "Q4": "type public_funds_budget training_funds",
}


@pytest.mark.parametrize(("table", "wanted"), [("facts", FACTS), ("schools", COLUMNS)])
def test_what_each_item_needs(table: str, wanted: dict[str, str]) -> None:
    needed: dict[str, set[str]] = {}
    for measure in STANDARD.table_measures(table).values():
        for entry in measure.needed_by:
            needed.setdefault(entry, set()).add(measure.id)

    assert needed == {entry: set(names.split()) for entry, names in wanted.items()}


@pytest.mark.parametrize(
    ("table", "wanted"),
    [
        ("classes", {"classes.stage": ("G5",), "classes.pupils": ("G5",)}),
        ("rooms", {"rooms.use": ("G3",), "rooms.area": ("G3",)}),
        ("monitoring", {"monitoring.level": ("Q9",), "monitoring.between_school_rate": ("Q9",)}),
    ],
)
def test_what_the_other_tables_are_needed_for(table: str, wanted: dict[str, tuple[str, ...]]) -> None:
    measures = STANDARD.table_measures(table).values()

    assert {measure.id: measure.needed_by for measure in measures if measure.needed_by} == wanted


def test_every_fact_is_needed_by_something() -> None:
    unneeded = [
        measure.id for measure in STANDARD.measures.values() if measure.type not in ("text",) and not measure.needed_by
    ]

    first_table = [measure.id for measure in STANDARD.measures.values() if measure.source.part.startswith("表Ⅰ ")]

    bands = [
        "classes.classes",
        "classes.above",
        "classes.at_most",
        "classes.in_all",
        "rooms.rooms",
        "rooms.area_from",
        "rooms.area_below",
    ]
    asked = ["organizer", "area", "classes.entry_grade", "school_year", *bands, *first_table]

    assert sorted(unneeded) == sorted(asked)
    assert len(first_table) == 12


def test_columns_of_a_table() -> None:
    assert list(STANDARD.table_measures("rooms")) == [
        "county",
        "school",
        "use",
        "area",
        "rooms",
        "area_from",
        "area_below",
    ]


def test_a_standard_is_frozen() -> None:
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        STANDARD.head = None  # type: ignore[misc,assignment]
    assert isinstance(STANDARD, Standard)
