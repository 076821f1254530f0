"""Part one of the 2017 standard: the sections, their seven indicators, and the spread between them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from .exact import MET, NOT_APPLICABLE, NOT_MET, UNKNOWN, Row, all_of, at_most, divide, exact, known

STAGES = ("primary", "junior")  # only these two are judged; senior pupils count in the split alone

# What one pupil of a stage weighs when the school's rooms, grounds and equipment are split.
SPLIT = {
    "primary_school": {"primary": exact("1")},
    "teaching_point": {"primary": exact("1")},
    "junior_school": {"junior": exact("1")},
    "nine_year_school": {"primary": exact("1"), "junior": exact("1.1")},
    "twelve_year_school": {"primary": exact("1"), "junior": exact("1.1"), "senior": exact("1.32")},
    "complete_secondary_school": {"junior": exact("1"), "senior": exact("1.2")},
    "special_school": {},
    "vocational_school": {},
    "senior_school": {},
}
SENIOR_ONLY = ("vocational_school", "senior_school")  # what they run is not judged
# 附设班: pupils of a stage that the type does not run weigh, like all pupils of their school, by these.
ATTACHED = {"primary": exact("1"), "junior": exact("1.1"), "senior": exact("1.32")}
SMALLEST_POINT = 50  # a teaching point counts from 50 pupils on

STANDARD = {
    "R1": {"primary": exact("4.2"), "junior": exact("5.3")},
    "R2": {"primary": exact("1"), "junior": exact("1")},
    "R3": {"primary": exact("0.9"), "junior": exact("0.9")},
    "R4": {"primary": exact("4.5"), "junior": exact("5.8")},
    "R5": {"primary": exact("7.5"), "junior": exact("10.2")},
    "R6": {"primary": exact("2000"), "junior": exact("2500")},
    "R7": {"primary": exact("2.3"), "junior": exact("2.4")},
}
INDICATORS = tuple(STANDARD)
FLOOR = exact("0.85")  # of the standard
NEEDED = 6  # of the seven must reach the standard
SPREAD_LIMIT = {"primary": exact("0.50"), "junior": exact("0.45")}


@dataclass(frozen=True)
class Section:
    """One stage of one school, with its seven values, their standings (2, 1, 0, -1) and its verdict."""

    county: str
    school: str
    stage: str
    pupils: Fraction | None
    values: Mapping[str, Fraction | None]
    standings: Mapping[str, int]
    verdict: str


def attached(school: Row, stage: str) -> bool:
    """Return whether a school has pupils of a stage that its type does not run; special schools run all."""
    own = {"senior": None} if school["type"] in SENIOR_ONLY else SPLIT[school["type"]]
    return school["type"] != "special_school" and stage not in own and bool(pupils_of(school, stage))


def judged_stages(school: Row) -> list[str]:
    """Name the judged stages that this type of school has, and those attached to it."""
    return [stage for stage in STAGES if stage in SPLIT[school["type"]] or attached(school, stage)]


def weights_of(school: Row) -> dict[str, Fraction]:
    """Return what a pupil of each stage of a school weighs."""
    if not any(attached(school, stage) for stage in ATTACHED):
        return SPLIT[school["type"]]
    own = ["senior"] if school["type"] in SENIOR_ONLY else list(SPLIT[school["type"]])
    return {stage: weight for stage, weight in ATTACHED.items() if stage in own or attached(school, stage)}


def pupils_of(school: Row, stage: str) -> Fraction | None:
    """Return the pupils of one stage of a school."""
    return known(school.get(f"pupils_{stage}"))


def left_out(school: Row, stage: str) -> str | None:
    """Return why a stage of a school is no section, or None if it is one; unknown pupils leave it in."""
    pupils = pupils_of(school, stage)
    if pupils == 0:
        return "no_pupils"
    if school["type"] == "teaching_point" and pupils is not None and pupils < SMALLEST_POINT:
        return "under_50_pupils"
    return None


def excluded(schools: Sequence[Row]) -> list[tuple[str, str | None, str]]:
    """List what is not counted: school, stage (None for the whole school) and why."""
    out: list[tuple[str, str | None, str]] = []
    for school in schools:
        if not judged_stages(school):
            out.append((school["school"], None, "type_not_judged"))
        for stage in judged_stages(school):
            reason = left_out(school, stage)
            if reason:
                out.append((school["school"], stage, reason))
    return sorted(out, key=lambda row: (row[0], row[1] != "primary"))


def share_per_pupil(amount: Fraction | None, school: Row, stage: str) -> Fraction | None:
    """Split what the whole school owns and return what one pupil of this stage has."""
    weights = weights_of(school)
    weighted = Fraction(0)
    for each, weight in weights.items():
        pupils = pupils_of(school, each)
        if pupils is None:
            return None
        weighted += weight * pupils
    return divide(None if amount is None else weights[stage] * amount, weighted)


def values_of(school: Row, stage: str) -> dict[str, Fraction | None]:
    """Work out R1 to R7 of one section."""
    pupils = pupils_of(school, stage)
    teaching = known(school.get("teaching_area"))
    indoor = known(school.get("indoor_sports_area"))
    ground = known(school.get("sports_ground_area"))
    rooms = None if teaching is None or indoor is None else teaching - indoor
    sports = None if ground is None or indoor is None else ground + indoor
    multimedia = known(school.get("multimedia_rooms"))
    values = {
        indicator: divide(known(school.get(f"{teachers}_teachers_{stage}")), pupils)
        for indicator, teachers in (("R1", "degree"), ("R2", "backbone"), ("R3", "arts_pe"))
    }
    values["R4"] = share_per_pupil(rooms, school, stage)
    values["R5"] = share_per_pupil(sports, school, stage)
    values["R6"] = share_per_pupil(known(school.get("equipment_value")), school, stage)
    values["R7"] = share_per_pupil(multimedia, school, stage)
    for indicator in ("R1", "R2", "R3", "R7"):  # these four are counted per hundred pupils
        value = values[indicator]
        values[indicator] = None if value is None else 100 * value
    return values


def standing(value: Fraction | None, standard: Fraction) -> int:
    """Return the standing of a value: 2 at the standard, 1 at the floor, 0 below it, -1 not known."""
    if value is None:
        return -1
    if value >= standard:
        return 2
    return 1 if value >= FLOOR * standard else 0


def section_verdict(standings: Sequence[int]) -> str:
    """Judge one section: six of seven at the standard, the other one at the floor."""
    if 0 in standings or standings.count(2) + standings.count(-1) < NEEDED:
        return NOT_MET
    return UNKNOWN if -1 in standings else MET


def section(school: Row, stage: str) -> Section:
    """Judge one stage of one school."""
    values = values_of(school, stage)
    standings = {i: standing(values[i], STANDARD[i][stage]) for i in INDICATORS}
    verdict = section_verdict(list(standings.values()))
    pupils = pupils_of(school, stage)
    return Section(school["county"], school["school"], stage, pupils, values, standings, verdict)


def sections_of(schools: Sequence[Row]) -> list[Section]:
    """Return the sections of one county, primary before junior, then by school."""
    return [
        section(school, stage)
        for stage in STAGES
        for school in sorted(schools, key=lambda row: str(row["school"]))
        if stage in judged_stages(school) and left_out(school, stage) is None
    ]


Dispersion = tuple[Fraction | None, Fraction | None, Fraction | None]


def dispersion(values: Sequence[Fraction | None], weights: Sequence[Fraction | None]) -> Dispersion:
    """Return mean, variance and squared CV, weighted; None for all with a gap, for the CV with mean 0."""
    pairs = [(x, w) for x, w in zip(values, weights, strict=True) if x is not None and w is not None]
    total = sum((w for _, w in pairs), Fraction(0))
    if len(pairs) < len(values) or total == 0:
        return None, None, None
    mean = sum((w * x for x, w in pairs), Fraction(0)) / total
    variance = sum((w * (x - mean) ** 2 for x, w in pairs), Fraction(0)) / total
    return mean, variance, None if mean == 0 else variance / mean**2


def spread_verdict(group: Sequence[Section], stage: str, cv_squared: Fraction | None) -> str:
    """Judge one CV against its limit, both squared: no root is ever taken, so it is exact."""
    return at_most(cv_squared, SPREAD_LIMIT[stage] ** 2) if group else NOT_APPLICABLE


Keyed = dict[tuple[str, str], Fraction | None]


def spread_of(sections: Sequence[Section]) -> tuple[Keyed, Keyed, dict[tuple[str, str], str]]:
    """Return mean, squared CV and verdict of every (stage, indicator) of one county."""
    mean: Keyed = {}
    cv_squared: Keyed = {}
    verdicts: dict[tuple[str, str], str] = {}
    for stage in STAGES:
        group = [s for s in sections if s.stage == stage]
        for indicator in INDICATORS:
            key = stage, indicator
            values = [s.values[indicator] for s in group]
            mean[key], _, cv_squared[key] = dispersion(values, [s.pupils for s in group])
            # Where no section is judged at any stage, nothing was shown.
            verdicts[key] = spread_verdict(group, stage, cv_squared[key]) if sections else UNKNOWN
    return mean, cv_squared, verdicts


def r_schools(sections: Sequence[Section]) -> str:
    """R-schools: every section passes; a county without any section has shown nothing."""
    return all_of(s.verdict for s in sections) if sections else UNKNOWN
