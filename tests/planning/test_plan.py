"""Plans: as cheap as the cheapest of all, never worse than greedy; what is impossible is reported."""

from __future__ import annotations

import itertools
import pickle
from collections.abc import Collection
from typing import Any

import numpy as np
import pytest
from chinese import is_chinese
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import balancedu as be
from balancedu.planning.plan.model import changeable
from balancedu.text import width

from .counties import schools, variants
from .test_shortfalls import rows_of

FULL = be.what_if(
    be.evaluate(be.example("failing")), [{"do": "set", "school": "012", "values": {"multimedia_rooms": 12}}]
).evaluation
ALL = changeable(be.load_standard("cn-2017"))
PLENTY = {"teaching_area": 60.0, "sports_ground_area": 110.0, "equipment_value": 26000.0}


@st.composite
def tiny(draw: st.DrawFn) -> dict[str, list[Any]]:
    """Draw two schools that may lack backbone teachers and multimedia rooms, and have plenty of the rest."""
    kinds = draw(
        st.sampled_from((("primary_school",) * 2, ("junior_school",) * 2, ("nine_year_school", "primary_school")))
    )
    rows = []
    for number, kind in enumerate(kinds):
        row: dict[str, Any] = {"school": str(number), "type": kind}
        stages = {"primary_school": ["primary"], "junior_school": ["junior"]}.get(kind, ["primary", "junior"])
        for stage in stages:
            pupils = draw(st.sampled_from((50, 60, 80, 100)))
            row |= {f"pupils_{stage}": pupils, f"degree_teachers_{stage}": pupils / 5}
            row |= {f"arts_pe_teachers_{stage}": pupils / 20, f"backbone_teachers_{stage}": draw(st.integers(0, 6))}
        total = sum(value for name, value in row.items() if name.startswith("pupils"))
        row |= {name: per * total for name, per in PLENTY.items()} | {"indoor_sports_area": 0}
        row["multimedia_rooms"] = draw(st.integers(0, 5)) + (2 if len(stages) > 1 else 0)
        rows.append(row)
    return {name: [row.get(name) for row in rows] for name in dict.fromkeys(key for row in rows for key in row)}


PRICES = st.sampled_from(((5, 1), (5, 3), (7, None)))
MOST = 5


def cost_of(
    net: dict[tuple[str, str], int], costs: dict[str, dict[str, Any]], private: Collection[str]
) -> tuple[float, float] | None:
    """Return the least that net changes cost the county and its private schools, or None where they are impossible."""
    county = own = 0.0
    for measure, price in costs.items():
        units = {school: number for (school, name), number in net.items() if name == measure}
        bought = sum(units.pop(school, 0) for school in private)
        gains = sum(number for number in units.values() if number > 0)
        moved = -sum(number for number in units.values() if number < 0)
        if moved > gains or (moved and price["move"] is None):
            return None
        county += price["add"] * (gains - moved) + (price["move"] or 0) * moved
        own += price["add"] * bought
    return county, own


@settings(max_examples=settings().max_examples // 2)
@given(tiny(), PRICES, PRICES, st.lists(st.sampled_from(("7", "10")), min_size=2, max_size=2))
def test_as_cheap_as_the_cheapest_of_all(columns: dict[str, Any], entry: Any, two: Any, organizers: list[str]) -> None:
    columns |= {"organizer": organizers}
    private = {str(number) for number, organizer in enumerate(organizers) if organizer == "10"}
    submission = be.Submission(columns)
    backbone = [name for name in ALL if name.startswith("backbone") and name in columns]
    costs = {name: {"add": entry[0], "move": entry[1]} for name in backbone}
    costs["multimedia_rooms"] = {"add": two[0], "move": two[1]}
    fixed = [name for name in ALL if name not in costs]
    plan = be.plan(be.evaluate(submission), costs=costs, fixed=fixed, gap=0)
    assert plan.gap == 0
    spare = {
        (row["school"], row["measure"]): row["spare_standard"]
        for row in sorted(
            rows_of(be.margins(be.evaluate(submission)).indicators), key=lambda row: -row["spare_standard"]
        )
        if row["measure"] in costs
    }
    assume(len(spare) <= 5)
    ranges = {
        cell: range(-int(max(least, 0)) if costs[cell[1]]["move"] and cell[0] not in private else 0, MOST + 1)
        for cell, least in spare.items()
    }
    assume(np.prod([len(range_) for range_ in ranges.values()]) < 30_000)
    nets = [dict(zip(ranges, units, strict=True)) for units in itertools.product(*ranges.values())]
    paid = {n: cost for n, net in enumerate(nets) if (cost := cost_of(net, costs, private)) is not None}
    # Everything that is cheaper than the plan, in slices: nothing of it may be enough.
    cheaper = [n for n, cost in paid.items() if sum(cost) < plan.cost - 1e-9]
    for start in range(0, len(cheaper), 2_000):
        chosen = cheaper[start : start + 2_000]
        changes = [[(*cell, units) for cell, units in nets[n].items()] for n in chosen]
        assert not any(met(after) for after in variants(columns, changes))
    assert plan.evaluation.parts["resources"] is be.Verdict.MET
    # The cost by payer is that of the same changes for every receiver.
    done: dict[tuple[str, str], int] = dict.fromkeys(ranges, 0)
    for row in rows_of(plan.moves):
        done[row["school"], row["measure"]] = done.get((row["school"], row["measure"]), 0) + int(row["amount"])
        if row["kind"] == "transfer":
            done[row["out_of"], row["measure"]] = done.get((row["out_of"], row["measure"]), 0) - int(row["amount"])
    county, own = cost_of(done, costs, private) or (np.nan, np.nan)
    assert plan.cost_by_payer == pytest.approx({"county": county, "school": own})


MONEY = st.dictionaries(st.sampled_from(("2025", "2026", "2027")), st.integers(0, 40), min_size=1)


@settings(max_examples=settings().max_examples // 2)
@given(tiny(), PRICES, MONEY, st.permutations(("multimedia_rooms", "0", "1")))
def test_money_of_each_year_goes_as_far_as_it_can_by_priority(
    columns: dict[str, Any], entry: Any, budget: dict[int | str, float], priorities: list[str]
) -> None:
    submission = be.Submission(columns)
    costs = {name: {"add": entry[0], "move": entry[1]} for name in ALL if name in columns}
    whole = be.plan(be.evaluate(submission), costs=costs, gap=0)
    plan = be.plan(be.evaluate(submission), costs=costs, gap=0, budget=budget, priorities=priorities)
    rows, years = rows_of(plan.moves), [*budget, "later"]
    # The plan is that without budgets, divided into years.
    assert plan.cost == pytest.approx(whole.cost)
    assert plan.evaluation == whole.evaluation
    spent = {year: sum(row["cost"] for row in rows if row["year"] == year) for year in years}
    assert all(spent[year] <= money + 1e-9 for year, money in budget.items())

    def rank(row: dict[str, Any]) -> int:
        return min(priorities.index(name) for name in (row["measure"], row["school"]) if name in priorities)

    for row in rows:
        each = row["cost"] / row["amount"] if row["amount"] else 0.0
        for year in years[: years.index(row["year"])]:
            # What comes later could not be paid before, even with the money of what is less urgent.
            less = sum(other["cost"] for other in rows if other["year"] == year and rank(other) > rank(row))
            assert budget[year] - spent[year] + less < each


def met(evaluation: be.Evaluation) -> bool:
    return evaluation.parts["resources"] is be.Verdict.MET


def greedy_cost(columns: dict[str, list[Any]]) -> float:
    """Return what it costs to buy everything that is missing, and then to raise the poorest until all is even."""
    standard = be.load_standard("cn-2017")
    prices = {name: float(standard.measures[name].example_cost.add) for name in ALL}  # type: ignore[union-attr]
    submission, total = be.Submission(columns), 0.0
    missing: dict[tuple[str, str], float] = {}
    for row in rows_of(be.shortfalls(be.evaluate(submission)).sections):
        key = (row["school"], row["measure"])
        missing[key] = max(missing.get(key, 0.0), row["to_standard"])
    for _ in range(500):
        changes = [(school, measure, units) for (school, measure), units in missing.items()]
        after = variants(columns, [changes])[0]
        total = sum(prices[measure] * units for (_, measure), units in missing.items())
        if met(after):
            return total
        spread = rows_of(be.margins(after).spread)
        worst = next(row for row in spread if row["verdict"] == "NOT_MET")
        sections = rows_of(be.shortfalls(after).sections)
        group = [row for row in sections if row["stage"] == worst["stage"] and row["indicator"] == worst["indicator"]]
        poorest = min(group, key=lambda row: row["value"])
        # As many units as bring the poorest a third of the way to the mean.
        held = columns[poorest["measure"]][columns["school"].index(poorest["school"])] or 0.0
        step = max(1.0, np.ceil((held + missing.get((poorest["school"], poorest["measure"]), 0.0)) / 3))
        key = (poorest["school"], poorest["measure"])
        missing[key] = missing.get(key, 0.0) + step
    return np.inf


@settings(max_examples=settings().max_examples // 2)
@given(schools(most=4))
def test_never_worse_than_greedy_and_confirmed(columns: dict[str, Any]) -> None:
    plan = be.plan(be.evaluate(be.Submission(columns)))
    assert met(plan.evaluation)
    assert plan.cost <= greedy_cost(columns) * (1 + 1e-9)
    assert plan.bound <= plan.cost * (1 + 1e-9)
    assert plan.gap <= 0.01
    # The plan is data: made by what_if, it gives the same county.
    changes = [
        {"do": change.does, "school": change.school, "amounts": dict(change.amounts)}  # type: ignore[attr-defined]
        if change.does == "add"
        else {"do": change.does, "out_of": change.out_of, "to": change.to, "amounts": dict(change.amounts)}  # type: ignore[attr-defined]
        for change in plan.changes
    ]
    again = be.what_if(be.evaluate(be.Submission(columns)), changes)
    assert again.evaluation.to_json() == plan.evaluation.to_json()


@settings(max_examples=settings().max_examples // 2)
@given(schools(most=4))
def test_who_gives_keeps_the_standard(columns: dict[str, Any]) -> None:
    before = be.evaluate(be.Submission(columns))
    plan = be.plan(be.evaluate(be.Submission(columns)))
    for row in rows_of(plan.moves):
        if row["kind"] == "transfer":
            giver = [
                entry for entry in rows_of(be.shortfalls(plan.evaluation).sections) if entry["school"] == row["out_of"]
            ]
            assert all(entry["to_standard"] == 0 for entry in giver if entry["measure"] == row["measure"])
    figures = plan.submission.columns("schools")
    for name in ALL:
        if name in columns:
            added = sum(row["amount"] for row in rows_of(plan.moves) if row["kind"] == "add" and row["measure"] == name)
            held = np.nansum(before.submission.columns("schools")[name])
            assert np.nansum(figures[name]) == pytest.approx(held + added)


@settings(max_examples=settings().max_examples // 2)
@given(tiny(), st.integers(0, 4))
def test_a_looser_cap_or_a_lower_price_never_costs_more(columns: dict[str, Any], cap: int) -> None:
    costs = {name: {"add": 50.0, "move": 20.0} for name in ALL if name.startswith("backbone")}
    costs["multimedia_rooms"] = {"add": 70.0, "move": 30.0}
    submission = be.Submission(columns)

    def cost(most: float, changed: dict[str, dict[str, float]]) -> float:
        try:
            return be.plan(be.evaluate(submission), costs=costs | changed, caps={"multimedia_rooms": most}, gap=0).cost
        except be.ImpossiblePlanError:
            return np.inf

    tight = cost(cap, {})
    assert cost(cap + 1, {}) <= tight * (1 + 1e-9)
    assert cost(cap, {"multimedia_rooms": {"add": 40.0, "move": 30.0}}) <= tight * (1 + 1e-9)
    assert cost(cap, {"multimedia_rooms": {"add": 70.0, "move": 10.0}}) <= tight * (1 + 1e-9)


def test_the_example() -> None:
    plan = be.plan(FULL, items=())
    assert met(plan.evaluation)
    result = {(row["kind"], row["school"], row["measure"]): row["amount"] for row in rows_of(plan.moves)}
    # 40 m² up to the floor; the equipment and a backbone teacher come from schools that have more than they need.
    assert result == {
        ("add", "003", "teaching_area"): 40,
        ("transfer", "004", "equipment_value"): 112000,
        ("transfer", "007", "backbone_teachers_primary"): 1,
    }
    assert plan.cost == 40 * 2800 + 112000 * 0.05 + 8000
    no_moves = be.plan(FULL, items=(), costs={name: {"move": None} for name in ALL})
    assert set(no_moves.moves["kind"]) == {"add"}
    assert no_moves.cost >= plan.cost
    assert be.plan(FULL, items=(), untouched=["009"], gap=0).cost >= be.plan(FULL, items=(), gap=0).cost


@settings(max_examples=settings().max_examples // 2)
@given(schools(most=4), st.lists(st.sampled_from(("7", "10", None)), min_size=4, max_size=4))
def test_what_private_schools_hold_is_not_moved(columns: dict[str, Any], organizers: list[str | None]) -> None:
    reported = organizers[: len(columns["school"])]
    private = {school for school, organizer in zip(columns["school"], reported, strict=True) if organizer == "10"}
    submission = be.Submission(columns | {"organizer": reported})
    plan, free = be.plan(be.evaluate(submission)), be.plan(be.evaluate(submission), move_all=True)
    moved = [row for row in rows_of(plan.moves) if row["kind"] == "transfer"]
    assert not private & {row[end] for row in moved for end in ("school", "out_of")}
    assert plan.cost >= free.bound * (1 - 1e-9)
    # Who is not known to be private gives and receives as anybody does.
    assert free.moves["amount"].tolist() == be.plan(be.evaluate(be.Submission(columns))).moves["amount"].tolist()


def test_private_schools_are_named_and_may_add() -> None:
    plan = be.plan(FULL, items=())
    assert plan.request.immovable == {"009"}
    assert "1所民办学校不参与调配" in plan.text("zh")
    assert "(private): 1." in plan.text("en")
    assert "009" in be.plan(FULL, items=(), move_all=True).moves["out_of"]
    assert "不参与调配" not in be.plan(FULL, items=(), move_all=True).text("zh")
    lacking = be.what_if(FULL, [{"do": "set", "school": "009", "values": {"equipment_value": 500_000}}]).evaluation
    given = [row["kind"] for row in rows_of(be.plan(lacking, items=()).moves) if row["school"] == "009"]
    assert given == ["add"]
    free = be.plan(lacking, items=(), move_all=True)
    assert [row["kind"] for row in rows_of(free.moves) if row["school"] == "009"] == ["transfer"]


def test_a_county_that_passes_needs_nothing() -> None:
    plan = be.plan(be.evaluate(be.example("passing")))
    assert (plan.cost, plan.bound, plan.gap, plan.moves["kind"].size) == (0, 0, 0, 0)
    assert "不需要任何改变" in plan.text("zh")


@pytest.mark.parametrize("budget", [0, 8_000, 13_600, 125_599, 125_600])
def test_a_budget_goes_as_far_as_it_can(budget: float) -> None:
    plan = be.plan(FULL, budget=budget)
    assert plan.cost <= budget
    reached = {0: 11, 8_000: 12, 13_600: 13, 125_599: 13, 125_600: 14}
    assert plan.reached(plan.evaluation) == reached[int(budget)] == plan.bound
    pupils = be.plan(FULL, budget=budget, goal="pupils")
    assert pupils.reached(pupils.evaluation) >= sum(
        pupils.evaluation.sections["pupils"][plan.evaluation.section_verdicts == be.Verdict.MET.code]
    )


def test_pupils_come_first_where_they_are_the_goal() -> None:
    # 003 has 870 pupils and costs 112,000 yuan; 004 and 007 together have 622 and cost less.
    plan = be.plan(FULL, budget=112_000, goal="pupils")
    assert [row["school"] for row in rows_of(plan.moves)] == ["003"]
    assert be.plan(FULL, budget=112_000).reached(be.plan(FULL, budget=112_000).evaluation) == 13


IMPOSSIBLE: list[tuple[dict[str, Any], str, str]] = [
    ({"caps": {"teaching_area": 10}}, "R-schools", "needs 40 m² more"),
    ({"caps": {"teaching_area": {"003": 39}}}, "R-schools", "can get 39 m²"),
    ({"fixed": ["equipment_value"]}, "R-spread", "cannot go below about 0.504"),
    ({"untouched": ["004"]}, "R-schools", "fewer than 6 indicators"),
    ({"items": ["G12"]}, "G12", "no plan can change this item"),
]


@pytest.mark.parametrize(("asked", "item", "text"), IMPOSSIBLE, ids=[result for _, _, result in IMPOSSIBLE])
def test_an_impossible_plan_names_its_obstacles(asked: dict[str, Any], item: str, text: str) -> None:
    with pytest.raises(be.ImpossiblePlanError) as caught:
        be.plan(FULL, **({"items": ()} | asked))
    assert item in [entry for entry, _, _ in caught.value.reasons]
    assert text in str(caught.value)
    assert caught.value.text("zh").startswith("没有可行的方案")
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_requirements_that_conflict_are_named() -> None:
    # Each of two schools could have the one spare teacher of a third.
    columns: dict[str, list[Any]] = {"school": list("1234567"), "type": ["primary_school"] * 7}
    columns |= {"pupils_primary": [100] * 7, "degree_teachers_primary": [20] * 7, "arts_pe_teachers_primary": [5] * 7}
    columns |= {name: [per * 100] * 7 for name, per in PLENTY.items()} | {"indoor_sports_area": [0] * 7}
    columns |= {"multimedia_rooms": [9] * 7, "backbone_teachers_primary": [0, 0, 1, 1, 1, 1, 2]}
    with pytest.raises(be.ImpossiblePlanError) as caught:
        be.plan(be.evaluate(be.Submission(columns)), caps={"backbone_teachers_primary": 0})
    assert "together with the other requirements" in str(caught.value)


def test_what_is_not_reported_cannot_be_planned() -> None:
    with pytest.raises(be.ImpossiblePlanError, match="not reported"):
        be.plan(be.evaluate(be.example("failing")))
    # A budget is spent on what is known.
    assert be.plan(be.evaluate(be.example("failing")), budget=8_000).cost == 5_600


BAD: list[tuple[dict[str, Any], str]] = [
    ({"costs": {"teaching_aera": 3}}, "did you mean 'teaching_area'"),
    ({"costs": {"teaching_area": -3}}, "zero or more"),
    ({"costs": {"teaching_area": {"buy": 3}}}, "wanted add and move"),
    ({"caps": {"pupils_primary": 3}}, "no measure that a plan can change"),
    ({"caps": {"teaching_area": {"3": 3}}}, "no school '3'"),
    ({"caps": {"teaching_area": -1}}, "zero or more"),
    ({"fixed": ["rooms"]}, "no measure that a plan can change"),
    ({"untouched": ["99"]}, "no school '99'"),
    ({"goal": "schools"}, "no goal 'schools'"),
    ({"budget": -1}, "zero or more"),
    ({"budget": {2025: -1}}, r"budget\['2025'\]: found -1"),
    ({"items": ["G44"]}, "did you mean 'G4'"),
    ({"priorities": ["teaching_aera"]}, "did you mean 'teaching_area'"),
    ({"budget": float("nan")}, "zero or more"),
    ({"gap": float("nan")}, "zero or more"),
    ({"seconds": float("nan")}, "more than zero"),
    ({"seconds": 0}, "more than zero"),
]


@pytest.mark.parametrize(("asked", "text"), BAD, ids=[result for _, result in BAD])
def test_bad_requests_are_refused(asked: dict[str, Any], text: str) -> None:
    with pytest.raises(be.RequestError, match=text) as caught:
        be.plan(FULL, **({"items": ()} | asked))
    assert is_chinese(caught.value.text("zh"))
    assert caught.value.text("en") == str(caught.value)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_it_prints_itself(lang: Any) -> None:
    for plan in (be.plan(FULL, items=()), be.plan(FULL, budget=10_000)):
        assert all(width(line) <= 80 for line in plan.text(lang).splitlines())
        assert plan._repr_html_().count("<table") >= 1
        assert set(plan.to_dict()) >= {"cost", "bound", "gap", "moves"}
        assert len(plan.to_frame()) == plan.moves["kind"].size


# Pupils, classes and rooms


def crowded(extra: int, rooms: tuple[int, int, int], pupils: tuple[int, int]) -> dict[str, Any]:
    """Return a school with more pupils than it may have, and two with room, that have plenty of all but one thing."""
    sizes = [2000 + extra, *pupils]
    columns: dict[str, Any] = {"school": list("123"), "type": ["primary_school"] * 3, "pupils_primary": sizes}
    for name, per in (("degree_teachers", 0.3), ("arts_pe_teachers", 0.1), ("backbone_teachers", 0.1)):
        columns[f"{name}_primary"] = [int(per * size) + 1 for size in sizes]
    columns |= {name: [per * size for size in sizes] for name, per in PLENTY.items()}
    # A section that has plenty of all but this may stay at the floor there; so the sports ground is at its floor too.
    columns["sports_ground_area"] = [6.5 * (size + extra) for size in sizes]
    return columns | {"indoor_sports_area": [0] * 3, "multimedia_rooms": list(rooms)}


@settings(max_examples=settings().max_examples // 4)
@given(
    st.integers(1, 3),
    st.tuples(st.integers(45, 47), st.integers(1, 4), st.integers(1, 4)),
    st.tuples(st.sampled_from((100, 129, 130)), st.sampled_from((99, 173, 174))),
)
def test_pupils_resources_and_both_are_as_cheap_as_can_be(
    extra: int, rooms: tuple[int, int, int], pupils: tuple[int, int]
) -> None:
    ev = be.evaluate(be.Submission(crowded(extra, rooms, pupils)))
    costs = {"multimedia_rooms": {"add": 100.0, "move": None}}
    fixed = [name for name in ALL if name != "multimedia_rooms"]
    asked: dict[str, Any] = {"costs": costs, "fixed": fixed, "gap": 0}
    plan = be.plan(ev, items=["G4"], **asked)
    every = []
    for to_second in range(extra + 1):
        moved: list[dict[str, Any]] = [
            {"do": "move_pupils", "out_of": "1", "to": to, "stage": "primary", "pupils": number}
            for to, number in (("2", to_second), ("3", extra - to_second))
            if number
        ]
        every.append(be.plan(be.what_if(ev, moved).evaluation, items=(), **asked).cost)
    assert plan.cost == pytest.approx(min(every))
    assert plan.bound <= min(every) + 1e-6
    assert plan.evaluation.items["G4"].verdict is be.Verdict.MET
    assert met(plan.evaluation)


def test_nothing_is_bought_for_pupils_who_must_leave() -> None:
    # 2003 pupils need 47 rooms, 2000 need 46: the room that shortfalls ask for is not bought.
    ev = be.evaluate(be.Submission(crowded(3, (46, 3, 3), (100, 100))))
    assert be.shortfalls(ev).sections["to_standard"].max() > 0
    plan = be.plan(ev, items=["G4"])
    assert plan.cost == 0
    assert set(plan.moves["kind"].tolist()) == {"move_pupils"}
    assert plan.moves["amount"].sum() == 3
    assert be.plan(ev, items=()).cost > 0


def class_county(sizes: tuple[int, ...], other: int) -> be.Evaluation:
    """Return a county of two schools that have plenty, one with classes of some sizes, the other with one class."""
    pupils = [sum(sizes), other]
    schools: dict[str, Any] = {"school": ["1", "2"], "type": ["primary_school"] * 2, "pupils_primary": pupils}
    for name in ("degree_teachers", "arts_pe_teachers", "backbone_teachers"):
        schools[f"{name}_primary"] = [size // 4 for size in pupils]
    schools |= {name: [per * size for size in pupils] for name, per in PLENTY.items()}
    schools |= {
        "indoor_sports_area": [0, 0],
        "multimedia_rooms": [size // 5 for size in pupils],
        "classes_primary": [len(sizes), 1],
    }
    classes = {"school": ["1"] * len(sizes) + ["2"], "stage": ["primary"] * (len(sizes) + 1)}
    classes |= {"grade": ["3"] * (len(sizes) + 1), "pupils": [*map(str, sizes), str(other)]}
    rooms = {"school": ["1", "1", "2", "2"], "use": ["music", "art"] * 2, "area": [96, 90] * 2}
    return be.evaluate(be.Submission(schools, classes=classes, rooms=rooms))


@settings(max_examples=settings().max_examples // 2)
@given(st.lists(st.integers(40, 60), min_size=1, max_size=3), st.integers(40, 50), st.sampled_from((30, 70, 200)))
def test_pupils_move_within_the_school_then_to_others_or_classes_are_opened(
    sizes: list[int], other: int, price: int
) -> None:
    costs: dict[str, Any] = {"pupils_primary": {"move": 20.0}, "classes_primary": float(price)}
    plan = be.plan(class_county(tuple(sizes), other), costs=costs, items=["G5"], gap=0)
    assert plan.evaluation.items["G5"].verdict is be.Verdict.MET
    every = []
    # From the first to the second, or the other way round, and as many classes as then are needed.
    for moved in range(-max(0, other - 45), max(0, sum(sizes) - 45 * len(sizes)) + 1):
        first, second = sum(sizes) - moved, other + moved
        classes = max(0, -(-first // 45) - len(sizes)) + max(0, -(-second // 45) - 1)
        every.append(20.0 * abs(moved) + price * classes)
    assert plan.cost == pytest.approx(min(every), abs=1e-6)


def test_sizes_rooms_and_resources_of_the_example_are_one_plan() -> None:
    plan = be.plan(FULL)
    assert {item: str(plan.evaluation.items[item].verdict) for item in ("G3", "G4", "G5")} == dict.fromkeys(
        ("G3", "G4", "G5"), "MET"
    )
    assert plan.cost_by_payer == {"county": plan.cost, "school": 0}
    assert plan.gap < 1e-5
    again = be.what_if(FULL, plan.changes)
    assert again.evaluation.to_json() == plan.evaluation.to_json()
    assert "没有考虑" in plan.text("zh")
    assert "理论最低值" in plan.text("zh")


def test_private_schools_pay_for_themselves() -> None:
    lacking = be.what_if(FULL, [{"do": "set", "school": "009", "values": {"equipment_value": 500_000}}]).evaluation
    plan = be.plan(lacking)
    assert plan.cost_by_payer["school"] > 0
    assert sum(plan.cost_by_payer.values()) == plan.cost
    assert {row["payer"] for row in rows_of(plan.moves) if row["school"] == "009"} == {"school"}
    assert "自筹" in plan.text("zh")
    assert "009" not in {row["school"] for row in rows_of(plan.moves) if row["kind"] == "move_pupils"}


def test_money_by_year_goes_to_what_comes_first() -> None:
    plan = be.plan(FULL, budget={2025: 100_000, 2026: 400_000}, priorities=["rooms.area"])
    by_year = {row["year"]: row["measure"] for row in rows_of(plan.moves) if row["kind"] == "build_rooms"}
    assert by_year == {"2026": "rooms.area"}
    for year, most in (("2025", 100_000), ("2026", 400_000)):
        assert sum(row["cost"] for row in rows_of(plan.moves) if row["year"] == year) <= most
    assert sum(plan.moves["cost"]) == pytest.approx(be.plan(FULL).cost)
    assert "2025年" in plan.text("zh")
    short = be.plan(FULL, budget={2025: 100_000})
    assert any(row["year"] == "later" for row in rows_of(short.moves))
    assert "预算以外" in short.text("zh")


def test_where_there_is_no_room_for_pupils_a_new_school_is_needed() -> None:
    schools = crowded(3, (60, 60, 60), (2000, 2000))
    with pytest.raises(be.ImpossiblePlanError, match="a new school is needed"):
        be.plan(be.evaluate(be.Submission(schools)), items=["G4"])


def test_a_class_too_large_needs_the_other_classes() -> None:
    ev = class_county((50, 40), 40)
    schools = ev.submission.columns("schools")
    schools["pupils_primary"] = schools["pupils_primary"] + np.array([20, 0])
    ev = be.evaluate(ev.submission.changed(schools=schools))
    with pytest.raises(be.ImpossiblePlanError, match="fill in the table of classes first"):
        be.plan(ev, items=["G5"])


def test_a_school_too_large_needs_its_classes_where_classes_are_planned_too() -> None:
    ev = be.evaluate(be.Submission(crowded(3, (60, 60, 60), (2100, 500))))
    with pytest.raises(
        be.ImpossiblePlanError, match=r"school size: .* too many pupils.* fill in the table of classes first"
    ):
        be.plan(ev)


def test_counts_that_a_county_of_ratios_lacks_are_named() -> None:
    schools = FULL.submission.columns("schools")
    sections = {"school": FULL.sections["school"].tolist(), "stage": FULL.sections["stage"].tolist()}
    sections |= {name: FULL.values[:, n].tolist() for n, name in enumerate(FULL.indicators)}
    ratios = be.evaluate(be.Submission({name: schools[name] for name in ("school", "type", "name")}, sections=sections))
    with pytest.raises(
        be.RequestError, match=r"known by figures per pupil alone: .* report .*primary pupils"
    ) as caught:
        be.plan(ratios)
    assert "请补报" in caught.value.text("zh")
    missing = be.shortfalls(ratios)
    assert "pupils_primary" in missing.to_report
    assert "请补报：小学在校生数" in missing.text("zh", columns=10_000)
