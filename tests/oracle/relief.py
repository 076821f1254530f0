"""Relief in the time of transition (填表说明 过渡期): a case with its condition has the better of two verdicts."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from fractions import Fraction

from .exact import MET, NOT_APPLICABLE, NOT_MET, UNKNOWN, Row, absent, all_of, divide, exact, known, met_if
from .items import LARGEST, ROOM_AREA, County, all_listed, g3_of, g4_of, with_rooms
from .resources import (
    INDICATORS,
    STAGES,
    STANDARD,
    Section,
    judged_stages,
    pupils_of,
    section_verdict,
    share_per_pupil,
    spread_of,
    standing,
)

ORDER = (NOT_MET, UNKNOWN, MET, NOT_APPLICABLE)
PRIMARY = ("primary_school", "teaching_point")
JUNIOR = ("junior_school", "nine_year_school", "twelve_year_school", "complete_secondary_school")
LARGER = {"": 2400, "nine_year_school": 3000, "twelve_year_school": 2500}
ROOMS_BY_2016 = {"music": exact("73"), "art": exact("67")}
Condition = Callable[[Row, County], str]


def any_of(verdicts: Iterable[str]) -> str:
    """Join verdicts of which one is enough."""
    return max(verdicts, key=ORDER.index)


def rural(school: Row) -> str:
    """Whether a school is in the country."""
    return UNKNOWN if absent(school.get("area")) else met_if(school["area"] == "rural")


def stated(school: Row, column: str) -> str:
    """Whether a school states something."""
    return UNKNOWN if absent(school.get(column)) else met_if(bool(school[column]))


def judged_if(number: Fraction | None, holds: Callable[[Fraction], bool]) -> str:
    """Judge a number that may not be reported."""
    return UNKNOWN if number is None else met_if(holds(number))


def pupils_within(school: Row, least: int, below: int) -> str:
    """Whether a school has that many pupils of the judged stages; what is unknown can only add to them."""
    pupils = [pupils_of(school, stage) for stage in judged_stages(school)]
    total = sum(number for number in pupils if number is not None)
    if total >= below:
        return NOT_MET
    return UNKNOWN if None in pupils else met_if(total >= least)


def largest_below(school: Row, county: County, below: int) -> str:
    """Whether the largest class of a school is smaller; classes that are not listed may be of any size."""
    own = [row for row in county.classes if row["school"] == school["school"]]
    sizes = [known(row.get("pupils")) for row in own]
    if any(size is not None and size >= below for size in sizes):
        return NOT_MET
    whole = None not in sizes and all(
        pupils_of(school, stage) == 0 or all_listed(school, stage, [row for row in own if row["stage"] == stage])
        for stage in judged_stages(school)
    )
    return MET if whole else UNKNOWN


def small(types: tuple[str, ...]) -> Condition:
    """Build the condition of rural schools of some types with few pupils and small classes."""
    return lambda school, county: all_of(
        (
            met_if(school["type"] in types),
            rural(school),
            pupils_within(school, 0, 100),
            largest_below(school, county, 30),
        )
    )


ROOMS: tuple[tuple[Condition, Mapping[str, Fraction]], ...] = (
    (lambda school, _: judged_if(known(school.get("built")), lambda year: year <= 2016), ROOMS_BY_2016),
    (small(PRIMARY), dict.fromkeys(ROOM_AREA, exact("54"))),
    (small(JUNIOR), dict.fromkeys(ROOM_AREA, exact("61"))),
)


def may_be_larger(school: Row) -> str:
    """Whether a school may have more pupils: it was built by 2010 or has many migrant children, and plans to build."""
    early = judged_if(known(school.get("built")), lambda year: year <= 2010)
    migrants = judged_if(known(school.get("migrant_share")), lambda share: share > exact("0.5"))
    return all_of((stated(school, "construction_plan"), any_of((early, migrants))))


def eased(strict: str, when: str, relaxed: str) -> str:
    """Return the better of two verdicts, the second as far as the condition is met."""
    return any_of((strict, min(when, relaxed, key=ORDER.index)))


def g3(county: County) -> str:
    """G3 with relief, school by school and use by use."""
    verdicts = []
    for school in with_rooms(county):
        for use, area in ROOM_AREA.items():
            verdict = g3_of(school, county, use, area)
            for when, areas in ROOMS:
                verdict = eased(verdict, when(school, county), g3_of(school, county, use, areas[use]))
            verdicts.append(verdict)
    return all_of(verdicts)


def g4(county: County) -> str:
    """G4 with relief, school by school."""
    judged = [school for school in county.schools if school["type"] in (*PRIMARY, *JUNIOR)]
    return all_of(eased(g4_of(school, LARGEST), may_be_larger(school), g4_of(school, LARGER)) for school in judged)


def also_counted(amount: Fraction | None, when: str) -> Fraction | None:
    """Return what counts besides: nothing of nothing, and what is not known if it is not known whether it counts."""
    if when == NOT_MET or amount == 0:
        return Fraction(0)
    return amount if when == MET else None


def relaxed(section: Section, school: Row) -> Section:
    """Return a section with the part-time teachers and the sports area that count besides."""
    part_time = known(school.get(f"relaxed_arts_pe_teachers_{section.stage}"))
    counted = all_of((rural(school), pupils_within(school, 50, 100)))
    per_pupil = divide(also_counted(part_time, counted), section.pupils)
    area = also_counted(known(school.get("relaxed_sports_area")), stated(school, "crowded_centre"))
    more = {
        "R3": None if per_pupil is None else 100 * per_pupil,
        "R5": share_per_pupil(area, school, section.stage),
    }
    values = dict(section.values)
    for indicator, addend in more.items():
        value = values[indicator]
        values[indicator] = None if value is None or addend is None else value + addend
    standings = {i: standing(values[i], STANDARD[i][section.stage]) for i in INDICATORS}
    # What may be counted need not be: no section is lower for it.
    standings = {i: 2 if section.standings[i] == 2 else standings[i] for i in INDICATORS}
    verdict = any_of((section.verdict, section_verdict(list(standings.values()))))
    return replace(section, values=values, standings=standings, verdict=verdict)


def resources(county: County) -> tuple[list[Section], dict[tuple[str, str], str]]:
    """Return the sections with relief, and the verdict of each coefficient: the better of with and without it."""
    school_of = {school["school"]: school for school in county.schools}
    sections = [relaxed(section, school_of[section.school]) for section in county.sections]
    with_relief, without = spread_of(sections)[2], spread_of(county.sections)[2]
    keys = ((stage, indicator) for stage in STAGES for indicator in INDICATORS)
    return sections, {key: any_of((with_relief[key], without[key])) for key in keys}


def items_with_relief(county: County) -> dict[str, str]:
    """Return the verdicts of the items that relief may change."""
    sections, spread = resources(county)
    return {
        "R-schools": all_of(section.verdict for section in sections) if sections else UNKNOWN,
        "R-spread": all_of(spread.values()),
        "G3": g3(county),
        "G4": g4(county),
    }
