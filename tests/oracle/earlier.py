"""教督〔2012〕3号, the standard before: eight indicators, of which only the mean of the coefficients is judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, localcontext
from fractions import Fraction
from math import isqrt
from typing import Any

from .exact import MET, NOT_APPLICABLE, NOT_MET, UNKNOWN, Row, absent, all_of, at_least, divide, exact, known, rows_of
from .resources import STAGES, dispersion, pupils_of, share_per_pupil

COUNTED = {  # teaching points are not, however large
    "primary_school": ["primary"],
    "junior_school": ["junior"],
    "nine_year_school": ["primary", "junior"],
    "twelve_year_school": ["primary", "junior"],
    "complete_secondary_school": ["junior"],
}
OF_THE_COUNTY = ("7", "8")  # the county's own departments
LEFT_OUT = {"9": "enterprise", "10": "private"}  # all others are above the county
LIMIT = {"primary": exact("0.65"), "junior": exact("0.55")}  # of the mean of the eight coefficients
LEAST_SCORE = exact("85")
LEAST_SATISFIED = exact("0.85")
BY_STAGE = {"E6": "full_time", "E7": "degree", "E8": "middle_rank"}
WHOLE_SCHOOL = {"E3": "equipment_value", "E4": "computers", "E5": "books"}
INDICATORS = ("E1", "E2", "E3", "E4", "E5", "E6", "E7", "E8")


def left_out(school: Row, stage: str) -> str | None:
    """Return why a stage of a school is no section, `?` if it is not known, or None if it is one."""
    organizer = school.get("organizer")
    if not absent(organizer) and str(organizer) not in OF_THE_COUNTY:
        return LEFT_OUT.get(str(organizer), "above_county")
    if pupils_of(school, stage) == 0:
        return "none"
    return "?" if absent(organizer) else None


def excluded(schools: Sequence[Row]) -> set[tuple[str, str | None, str]]:
    """List who is left out: school, stage (None for the whole school) and why."""
    out: set[tuple[str, str | None, str]] = set()
    for school in schools:
        stages = COUNTED.get(school["type"], [])
        if not stages:
            out.add((school["school"], None, "type"))
        for stage in stages:
            reason = left_out(school, stage)
            if reason == "none":
                out.add((school["school"], stage, reason))
            elif reason not in (None, "?"):
                out.add((school["school"], None, str(reason)))
    return out


def values_of(school: Row, stage: str) -> dict[str, Fraction | None]:
    """Work out E1 to E8 of one section; of one that may not count, nothing is known."""
    if left_out(school, stage) == "?":
        return dict.fromkeys(INDICATORS)
    teaching, indoor, ground = (
        known(school.get(name)) for name in ("teaching_area", "indoor_sports_area", "sports_ground_area")
    )
    rooms = None if teaching is None or indoor is None else teaching - indoor
    sports = None if ground is None or indoor is None else ground + indoor
    values = {"E1": share_per_pupil(rooms, school, stage), "E2": share_per_pupil(sports, school, stage)}
    for indicator, column in WHOLE_SCHOOL.items():
        values[indicator] = share_per_pupil(known(school.get(column)), school, stage)
    for indicator, teachers in BY_STAGE.items():
        values[indicator] = divide(known(school.get(f"{teachers}_teachers_{stage}")), pupils_of(school, stage))
    values["E4"] = None if values["E4"] is None else 100 * values["E4"]
    return values


def sections_of(schools: Sequence[Row]) -> list[tuple[str, str, Fraction | None, dict[str, Fraction | None]]]:
    """Return school, stage, pupils and values of every section, primary before junior, then by school."""
    return [
        (school["school"], stage, pupils_of(school, stage), values_of(school, stage))
        for stage in STAGES
        for school in sorted(schools, key=lambda row: str(row["school"]))
        if stage in COUNTED.get(school["type"], []) and left_out(school, stage) in (None, "?")
    ]


def exceeds(squares: Sequence[Fraction], limit: Fraction) -> bool:
    """Return whether the square roots add up to more than the limit."""
    rest, irrational = limit, []
    for square in squares:
        root = Fraction(isqrt(square.numerator), isqrt(square.denominator))
        if root**2 == square:
            rest -= root
        else:
            irrational.append(square)
    with localcontext() as context:
        context.prec = 200
        roots = sum((Decimal(q.numerator) / Decimal(q.denominator)).sqrt() for q in irrational)
        difference = roots - Decimal(rest.numerator) / Decimal(rest.denominator)
        assert not irrational or abs(difference) > Decimal("1e-150")
    return difference > 0 if irrational else rest < 0


def composite(squares: Sequence[Fraction | None], stage: str, sections: int) -> str:
    """Judge the mean of the coefficients: those not known can only add to it."""
    if not sections:
        return NOT_APPLICABLE
    if exceeds([square for square in squares if square is not None], LIMIT[stage] * len(INDICATORS)):
        return NOT_MET
    return UNKNOWN if None in squares else MET


def judge(tables: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Judge every county: its sections, its coefficients squared, its three items and the whole."""
    schools, facts = rows_of(tables["schools"]), tables.get("facts") or {}
    return {
        county: judge_county([row for row in schools if row["county"] == county], facts.get(county, {}))
        for county in sorted({row["county"] for row in schools})
    }


def judge_county(schools: Sequence[Row], facts: Mapping[str, Any]) -> dict[str, Any]:
    """Judge one county."""
    sections = sections_of(schools)
    squares: dict[tuple[str, str], Fraction | None] = {}
    verdicts = []
    for stage in STAGES:
        here = [section for section in sections if section[1] == stage]
        for indicator in INDICATORS:
            values = [values[indicator] for _, _, _, values in here]
            squares[stage, indicator] = dispersion(values, [pupils for _, _, pupils, _ in here])[2]
        verdicts.append(composite([squares[stage, entry] for entry in INDICATORS], stage, len(here)))
    satisfied, asked = known(facts.get("survey_satisfied")), known(facts.get("survey_valid"))
    share = known(facts.get("satisfaction"))
    if satisfied is not None and asked is not None:
        share = satisfied / asked if asked else None
    items = {
        "E-composite": all_of(verdicts) if sections else UNKNOWN,
        "W1": at_least(known(facts.get("government_work_score")), LEAST_SCORE),
        "S1": at_least(share, LEAST_SATISFIED),
    }
    return {
        "sections": sections,
        "excluded": excluded(schools),
        "squares": squares,
        "items": items,
        "verdict": all_of(items.values()),
    }
