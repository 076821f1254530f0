"""The funds of small schools are judged site by site: each campus is named, explained and counted by itself."""

from __future__ import annotations

import balancedu as be

ROWS = [
    ("x", "1", None, 400, 300_000),
    ("x", "2", "1", 60, 69_999),
    ("y", "1", None, 400, 300_000),
    ("y", "2", "1", 60, 69_999),
    ("y", "3", None, 30, 70_000),
    ("y", "4", "1", 50, 60_000),
    ("y", "5", "1", 40, None),
]
NAMES = ("county", "school", "parent", "pupils_primary", "public_funds_budget")
SCHOOLS = {name: [row[n] for row in ROWS] for n, name in enumerate(NAMES)} | {"type": ["primary_school"] * len(ROWS)}
FACTS = {county: {"funds_per_pupil_primary": 700} for county in "xy"}
EV = be.evaluate(be.Submission(SCHOOLS, facts=FACTS))


def test_every_site_is_a_case() -> None:
    (check,) = EV["y"].items["G6"].checks

    assert [(case.name.zh, case.school, case.observed) for case in check.failing(be.Verdict.NOT_MET)] == [
        ("4", "1", 60_000),
        ("2", "1", 69_999),
    ]
    assert check.total == 4
    assert [(gap.name, gap.title.zh) for gap in check.gaps if gap.title] == [("5", "年度公用经费预算总额")]


def test_the_worst_site_is_explained_by_its_own_figures() -> None:
    words = str(be.explain(EV["y"], "G6", lang="en"))

    assert "4, yearly public funds budget: 60000 yuan" in words
    assert "needed: 100 × 700 = 70000; found: 60000 yuan" in words
    assert "4 were looked at, 2 fail, 1 are unknown" in words


def test_every_site_lacks_its_own_amount() -> None:
    items = be.shortfalls(EV["y"]).items

    assert sorted(items["amount"][items["item"] == "G6"].tolist()) == [1, 10_000]


def test_a_county_of_many_is_judged_as_it_is_alone() -> None:
    for county in "xy":
        own = {name: [row[n] for row in ROWS if row[0] == county] for n, name in enumerate(NAMES)}
        alone = be.evaluate(
            be.Submission(own | {"type": ["primary_school"] * len(own["school"])}, facts={county: FACTS[county]})
        )
        assert EV[county].items["G6"].decided == alone.items["G6"].decided
        assert EV[county].items["G6"].reason("zh") == alone.items["G6"].reason("zh")
        assert [[gap.name for gap in check.gaps] for check in EV[county].items["G6"].checks] == [
            [gap.name for gap in check.gaps] for check in alone.items["G6"].checks
        ]


def test_only_the_standard_of_its_own_stages_is_missing() -> None:
    rows = {"school": ["1"], "type": ["primary_school"], "pupils_primary": [60]}

    assert [gap.column for check in be.evaluate(be.Submission(rows)).items["G6"].checks for gap in check.gaps] == [
        "public_funds_budget",
        "funds_per_pupil_primary",
    ]
