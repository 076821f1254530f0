"""All parts of the 2017 standard but the resources, item by item."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil
from typing import Any

from .bands import class_within, room_reaches
from .exact import (
    MET,
    NOT_APPLICABLE,
    NOT_MET,
    UNKNOWN,
    Row,
    absent,
    all_of,
    at_least,
    divide,
    exact,
    known,
    met_if,
)
from .resources import SENIOR_ONLY, SPLIT, Section, judged_stages, pupils_of

ROOM_AREA = {"music": exact("96"), "art": exact("90")}
CLASSES_PER_ROOM = 12
LARGEST = {"": 2000, "nine_year_school": 2500, "twelve_year_school": 2500}
CLASS_SIZE = {"primary": exact("45"), "junior": exact("50")}
SMALL_SCHOOL = 100
FUNDED_AS_SMALL = ("primary_school", "teaching_point", "junior_school", "nine_year_school")
LEVELS = {"Ⅰ": 1, "Ⅱ": 2, "Ⅲ": 3, "Ⅳ": 4}


@dataclass(frozen=True)
class County:
    """What one county reports: its schools with their campuses added, and its sites, schools and campuses apart."""

    schools: Sequence[Row]
    sites: Sequence[Row]
    sections: Sequence[Section]
    classes: Sequence[Row]
    rooms: Sequence[Row]
    monitoring: Sequence[Row]
    facts: Mapping[str, Any]

    def number(self, fact: str) -> Fraction | None:
        """Return a fact that is a number."""
        return known(self.facts.get(fact))


Judge = Callable[[County], str]


def attested(*facts: str, wanted: bool = True) -> Judge:
    """Build the judge of yes/no facts that must all be as wanted."""

    def judge(county: County) -> str:
        answers = [county.facts.get(fact) for fact in facts]
        return all_of(UNKNOWN if absent(a) else met_if(bool(a) is wanted) for a in answers)

    return judge


def ratio(whole: str, part: str, share: str | None, limit: str, empty: str = UNKNOWN) -> Judge:
    """Build the judge of part / whole, or else of the share as stated; `empty` if the whole is 0."""

    def judge(county: County) -> str:
        of_all, those = county.number(whole), county.number(part)
        if of_all is not None and those is not None:
            return empty if of_all == 0 else at_least(those / of_all, exact(limit))
        return at_least(county.number(share) if share else None, exact(limit))

    return judge


def both(*judges: Judge) -> Judge:
    """Build the judge of several conditions that must all hold."""
    return lambda county: all_of(judge(county) for judge in judges)


def classes_of(school: Row) -> Fraction | None:
    """Count the classes of the judged stages; a stage without pupils and without a count has none."""
    total = Fraction(0)
    for stage in judged_stages(school):
        count = known(school.get(f"classes_{stage}"))
        if count is None and pupils_of(school, stage) != 0:
            return None
        total += count or 0
    return total


def enough_rooms(need: int, rooms: Sequence[str]) -> str:
    """Judge whether enough rooms reach their area; a room of unknown area may or may not."""
    if rooms.count(MET) >= need:
        return MET
    return NOT_MET if rooms.count(MET) + rooms.count(UNKNOWN) < need else UNKNOWN


def g3_of(school: Row, county: County, use: str, smallest: Fraction) -> str:
    """G3 of one school and use: one room for every twelve classes begun."""
    certain = any(s.school == school["school"] and s.pupils is not None for s in county.sections)
    classes = classes_of(school)
    if not certain or classes is None:
        return UNKNOWN
    need = ceil(classes / CLASSES_PER_ROOM)
    if not county.rooms:  # the county handed in no rooms at all: a gap, not "there are none"
        return MET if need == 0 else UNKNOWN
    own = [room for room in county.rooms if room["school"] == school["school"] and room["use"] == use]
    return enough_rooms(need, [room_reaches(room, smallest) for room in own])


def with_rooms(county: County) -> list[Row]:
    """Return the schools that G3 requires rooms: of a judged type with a judged section, or one that may be none."""
    judged = {section.school for section in county.sections}
    return [school for school in county.schools if school["school"] in judged and SPLIT[school["type"]]]


def g3(county: County) -> str:
    """G3: music and art rooms."""
    uses = ROOM_AREA.items()
    return all_of(g3_of(school, county, use, area) for school in with_rooms(county) for use, area in uses)


def g4_of(school: Row, limits: Mapping[str, int]) -> str:
    """G4 of one school, compulsory stages only; what is known may already be too much."""
    pupils = [pupils_of(school, stage) for stage in judged_stages(school)]
    if sum(p for p in pupils if p is not None) > limits.get(school["type"], limits[""]):
        return NOT_MET
    return UNKNOWN if None in pupils else MET


def g4(county: County) -> str:
    """G4: size of every school; special and vocational schools have no judged stage."""
    return all_of(g4_of(school, LARGEST) for school in county.schools if SPLIT[school["type"]])


def all_listed(school: Row, stage: str, own: Sequence[Row]) -> bool:
    """Return whether a list of classes has them all: as many as stated, or enough for the pupils."""
    stated, pupils = known(school.get(f"classes_{stage}")), pupils_of(school, stage)
    sizes = [known(row.get("pupils")) for row in own]
    if not sizes:
        return False
    if stated is not None and len(sizes) >= stated:
        return True
    reported = [size for size in sizes if size is not None]
    return pupils is not None and len(reported) == len(sizes) and sum(reported) >= pupils


def g5_of(school: Row, stage: str, classes: Sequence[Row]) -> str:
    """G5 of one stage of one school: every class that is listed, and where there may be pupils, all of them."""
    own = [row for row in classes if row["school"] == school["school"] and row["stage"] == stage]
    verdicts = [class_within(row, CLASS_SIZE[stage]) for row in own]
    if pupils_of(school, stage) != 0 and not all_listed(school, stage, own):
        verdicts.append(UNKNOWN)
    return all_of(verdicts)


def g5(county: County) -> str:
    """G5: class size, in every school of a judged type, teaching points of any size included."""
    judged = [school for school in county.schools if SPLIT[school["type"]]]
    return all_of(g5_of(school, stage, county.classes) for school in judged for stage in judged_stages(school))


def g6_of(school: Row, county: County) -> str:
    """G6 of one school: with fewer than 100 pupils it gets the public funds of 100."""
    pupils = {stage: pupils_of(school, stage) for stage in judged_stages(school)}
    total = sum((p for p in pupils.values() if p is not None), Fraction(0))
    if total >= SMALL_SCHOOL:
        return NOT_APPLICABLE
    if None in pupils.values():
        return UNKNOWN
    if total == 0:
        return NOT_APPLICABLE
    needed = Fraction(0)
    for stage, number in pupils.items():
        per_pupil = county.number(f"funds_per_pupil_{stage}")
        if number and per_pupil is None:
            return UNKNOWN
        if number and per_pupil is not None:
            needed += SMALL_SCHOOL * number / total * per_pupil
    return at_least(known(school.get("public_funds_budget")), needed)


def g6(county: County) -> str:
    """G6: public funds of small schools and teaching points, campuses each by itself."""
    return all_of(g6_of(school, county) for school in county.sites if school["type"] in FUNDED_AS_SMALL)


def g7(county: County) -> str:
    """G7: public funds of special schools per pupil, from funds and pupils where both are reported."""
    funds, pupils = county.number("special_education_funds"), county.number("special_education_pupils")
    stated = county.number("special_education_funds_per_pupil")
    per_pupil = funds / pupils if funds is not None and pupils else stated
    return at_least(per_pupil, exact("6000"))


def with_placed(county: County) -> County:
    """G15: children in public schools and in places that the government pays, where both are reported."""
    kinds = [county.number(f"migrant_children_{kind}") for kind in ("public", "purchased")]
    if None in kinds:
        return county
    return replace(county, facts={**county.facts, "migrant_children_placed": sum(kinds)})


def g8_pay(county: County) -> str:
    """G8, first half: teachers earn no less than civil servants."""
    return at_least(county.number("teacher_salary"), county.number("civil_servant_salary"))


def q1(county: County) -> str:
    """Q1: retention (graduated - in + out) / (grade seven three years ago - died), or the rate as stated."""
    names = ("graduates", "transferred_in", "transferred_out", "grade7_enrolled", "deaths")
    counts = [number for name in names if (number := county.number(name)) is not None]
    rate = county.number("retention_rate")
    if len(counts) == len(names):
        graduates, came, left, enrolled, died = counts
        rate = None if enrolled <= died else divide(graduates - came + left, enrolled - died)
    return at_least(rate, exact("0.95"))


def q4(county: County) -> str:
    """Q4: every school but the vocational and senior ones spends 5 % of its public funds on training."""
    verdicts = []
    for school in county.schools:
        budget = known(school.get("public_funds_budget"))
        needed = None if budget is None else exact("0.05") * budget
        if school["type"] not in SENIOR_ONLY:
            verdicts.append(at_least(known(school.get("training_funds")), needed))
    return all_of(verdicts)


def q9_of(row: Row) -> str:
    """Q9 of one subject: level three or better, and a rate strictly below 0.15 (「低于」)."""
    stated = row.get("level")
    level = known(LEVELS.get(str(stated), stated))
    rate = known(row.get("between_school_rate"))
    return all_of([at_least(level, exact("3")), UNKNOWN if rate is None else met_if(rate < exact("0.15"))])


def q9(county: County) -> str:
    """Q9: every monitored subject; no subject at all decides nothing."""
    return all_of(q9_of(row) for row in county.monitoring) if county.monitoring else UNKNOWN


def s1_interviews(county: County) -> str:
    """S1, second half: interviews, where there were any."""
    reported = ("interviews", "interviews_satisfied", "interview_satisfaction")
    if all(county.number(fact) is None for fact in reported):
        return NOT_APPLICABLE
    return ratio(*reported, "0.85", NOT_APPLICABLE)(county)


ELIGIBILITY: dict[str, Judge] = {
    # Without a day of judging three years cannot be counted, and the county's statement decides.
    "E1": attested("basic_balance_three_years"),
    "E2": attested("monitoring_kept_high"),
}
GUARANTEE: dict[str, Judge] = {
    "G1": attested("layout_rational"),
    "G2": attested("unified_construction", "unified_staffing", "unified_funding", "unified_equipment"),
    "G3": g3,
    "G4": g4,
    "G5": g5,
    "G6": g6,
    "G7": g7,
    "G8": both(g8_pay, attested("performance_pay_approved")),
    "G9": ratio("teachers", "training_completed", "training_share", "1"),
    "G10": attested("staffing_allocated"),
    "G11": both(
        ratio("rotation_eligible", "rotated", "rotation_share", "0.1", NOT_APPLICABLE),
        ratio("rotated", "rotated_backbone", "rotated_backbone_share", "0.2", NOT_APPLICABLE),
    ),
    "G12": ratio("full_time_teachers", "certified_teachers", "certified_share", "1"),
    "G13": both(
        ratio("public_day_pupils_primary", "pupils_from_zone_primary", "nearby_share_primary", "1", NOT_APPLICABLE),
        ratio("public_day_pupils_junior", "pupils_from_zone_junior", "nearby_share_junior", "0.95", NOT_APPLICABLE),
    ),
    "G14": both(
        ratio("quota_total", "quota_allocated", "quota_share", "0.5", NOT_APPLICABLE),
        attested("quota_favours_rural"),
    ),
    "G15": both(
        lambda county: ratio(
            "migrant_children", "migrant_children_placed", "migrant_share_placed", "0.85", NOT_APPLICABLE
        )(with_placed(county)),
        attested("left_behind_care"),
    ),
}
QUALITY: dict[str, Judge] = {
    "Q1": q1,
    "Q2": ratio("disabled_children", "disabled_children_enrolled", "disabled_enrolment_rate", "0.95", NOT_APPLICABLE),
    "Q3": attested("charters_and_informatised"),
    "Q4": q4,
    "Q5": attested("teachers_use_it_well"),
    "Q6": attested("moral_education_good"),
    "Q7": attested("curriculum_complete", "teaching_orderly", "practice_activities"),
    "Q8": attested("no_excess_burden"),
    "Q9": q9,
}
RECOGNITION: dict[str, Judge] = {
    "S1": both(ratio("survey_valid", "survey_satisfied", "satisfaction", "0.85"), s1_interviews),
}
VETO: dict[str, Judge] = {
    "V1": attested("exam_admission", wanted=False),
    "V2": attested("improper_choice", wanted=False),
    "V3": attested("key_schools_or_classes", wanted=False),
    "V4": attested("unfilled_posts", wanted=False),
    "V5": attested("serious_incident", wanted=False),
    "V6": attested("falsification", wanted=False),
}
