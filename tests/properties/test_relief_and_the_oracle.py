"""With the relief of the time of transition, every decision is that of exact arithmetic."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from comparing import Tables
from hypothesis import given
from hypothesis import strategies as st
from oracle import INDICATORS, county_of, judge, rows_of_tables
from oracle.relief import items_with_relief, resources
from test_schools_and_campuses import divided

import balancedu as be
from balancedu.testing import KINDS, tables

Row = dict[str, Any]

RELAXED = be.load_standard("cn-2017", ["transition"], on="2020-03-01")


TYPES = {
    "primary_school": ("primary",),
    "teaching_point": ("primary",),
    "junior_school": ("junior",),
    "nine_year_school": ("primary", "junior"),
    "twelve_year_school": ("primary", "junior"),
}


def schools_of(**choices: Sequence[Any]) -> list[Row]:
    """Return a school for each combination of what it may report, each of a county of its own."""
    names, rows = ("type", *choices), []
    for n, cells in enumerate(itertools.product(TYPES, *choices.values())):
        school = {"county": f"{n:05}", "school": "1", **dict(zip(names, cells, strict=True))}
        pupils = school.pop("pupils")
        # All of them are at the first stage of the school; the other one has none.
        first, *others = TYPES[str(school["type"])]
        rows.append({**school, f"pupils_{first}": pupils, **{f"pupils_{stage}": 0 for stage in others}})
    return rows


def columns(rows: Sequence[Row]) -> Tables:
    """Return rows as columns."""
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: [row.get(name) for row in rows] for name in names}


def assert_items_are_those_of_the_oracle(schools: Sequence[Row], classes: Sequence[Row], rooms: Sequence[Row]) -> None:
    """Compare the items and standings of many counties of one school."""
    drawn: Tables = {"schools": columns(schools)}
    drawn |= {name: columns(table) for name, table in (("classes", classes), ("rooms", rooms)) if table}
    evaluation, rows = be.evaluate(be.Submission(**drawn, standard=RELAXED)), rows_of_tables(drawn)
    at = {county: n for n, county in enumerate(evaluation.sections["county"].tolist())}
    by_county = {name: itertools.groupby(table, lambda row: row["county"]) for name, table in rows.items()}
    own = {name: {county: list(some) for county, some in groups} for name, groups in by_county.items()}

    for n, name in enumerate(evaluation.counties):
        county = county_of(name, {table: of.get(name, []) for table, of in own.items()}, {})
        wanted = items_with_relief(county)
        assert {item: str(be.Verdict.of(evaluation.item_verdicts[item][n])) for item in wanted} == wanted, county
        for section in resources(county)[0]:
            assert dict(zip(INDICATORS, evaluation.standing[at[name]].tolist(), strict=True)) == section.standings


def test_sizes_where_relief_turns() -> None:
    pupils = (None, 2000, 2001, 2400, 2401, 2500, 2501, 3000, 3001)
    migrants, plans = (None, 0.5, 0.51), (None, True, False)
    schools = schools_of(pupils=pupils, built=(None, 2010, 2011), migrant_share=migrants, construction_plan=plans)

    assert_items_are_those_of_the_oracle(schools, [], [])


def test_rooms_where_relief_turns() -> None:
    areas = (None, 53, 54, 60, 61, 66, 67, 72, 73, 89, 90, 95, 96)
    schools = schools_of(
        pupils=(99, 100),
        built=(None, 2016, 2017),
        area=("rural", "urban"),
        size=(29, 30),
        use=("music", "art"),
        room=areas,
    )
    rooms, classes = [], []
    for school in schools:
        here, room, size = (
            {name: school[name] for name in ("county", "school")},
            school.pop("room"),
            school.pop("size"),
        )
        decides = school.pop("use")
        rooms += [{**here, "use": use, "area": room if use == decides else 96} for use in ("music", "art")]
        stages = TYPES[school["type"]]
        school.update({f"classes_{stage}": int(stage == stages[0]) for stage in stages})
        classes.append({**here, "stage": stages[0], "pupils": size})

    assert_items_are_those_of_the_oracle(schools, classes, rooms)


def test_amounts_where_relief_turns() -> None:
    schools = schools_of(
        pupils=(None, 49, 50, 99, 100),
        area=(None, "rural", "urban"),
        crowded_centre=(None, True, False),
        part_time=(None, 0, 1),
        relaxed_sports_area=(None, 0, 500),
    )
    for school in schools:
        stage, part_time = TYPES[school["type"]][0], school.pop("part_time")
        school.update({f"arts_pe_teachers_{stage}": 0, f"relaxed_arts_pe_teachers_{stage}": part_time})
        school.update({"indoor_sports_area": 0, "sports_ground_area": 300})

    assert_items_are_those_of_the_oracle(schools, [], [])


DRAWN = tables(RELAXED, kind=st.sampled_from(KINDS))


@given(DRAWN)
def test_relief_is_judged_as_by_the_oracle(drawn: Tables) -> None:
    assert_judged_as_by_the_oracle(drawn)


@given(DRAWN, st.integers(0, 10**6))
def test_relief_for_schools_with_campuses(drawn: Tables, seed: int) -> None:
    assert_judged_as_by_the_oracle(divided(drawn, seed, RELAXED.table_measures("schools")))


def assert_judged_as_by_the_oracle(drawn: Tables) -> None:
    """Compare standings, coefficients and items with relief."""
    evaluation = be.evaluate(be.Submission(**drawn, standard=RELAXED))
    strict, rows = judge(drawn), rows_of_tables(drawn)

    for name in evaluation.counties:
        county, result = county_of(name, rows, (drawn.get("facts") or {}).get(name, {})), evaluation[name]
        sections, spread = resources(county)
        for n, section in enumerate(sections):
            assert dict(zip(INDICATORS, result.standing[n].tolist(), strict=True)) == section.standings, section
            assert str(be.Verdict.of(result.section_verdicts[n])) == section.verdict, section
        checks = {check.id: str(check.verdict) for check in result.items["R-spread"].checks}
        assert checks == {f"{indicator}.{stage}": verdict for (stage, indicator), verdict in spread.items()}
        wanted = {**strict[name].items, **items_with_relief(county)}
        # Without a day the oracle goes by what the county attests.
        assert {item: str(f.verdict) for item, f in result.items.items() if item != "E1"} == {
            item: verdict for item, verdict in wanted.items() if item != "E1"
        }
