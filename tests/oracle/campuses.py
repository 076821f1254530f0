"""Campuses: a school is judged with the sum of its own figures and those of its campuses."""

from collections.abc import Sequence
from fractions import Fraction

from .exact import Row, absent, known
from .resources import SPLIT, attached

ADDED = (
    "teaching_area",
    "indoor_sports_area",
    "sports_ground_area",
    "equipment_value",
    "multimedia_rooms",
    "public_funds_budget",
    "training_funds",
    "relaxed_sports_area",
    *(f"{name}_{stage}" for name in ("pupils", "classes") for stage in ("primary", "junior", "senior")),
    *(
        f"{name}_teachers_{stage}"
        for name in ("degree", "backbone", "arts_pe", "relaxed_arts_pe")
        for stage in ("primary", "junior")
    ),
)


def parent_of(school: Row) -> str:
    """Return the school that a campus belongs to; empty for a school."""
    return "" if absent(school.get("parent")) else str(school["parent"])


def has_stage_of(school: Row, column: str) -> bool:
    """Return whether a school has the stage that a column is about; a column of no stage is about every school."""
    stage = column.rpartition("_")[2]
    return stage not in ("primary", "junior", "senior") or stage in SPLIT[school["type"]] or attached(school, stage)


def joined(schools: Sequence[Row]) -> list[Row]:
    """Return the schools that are judged, each with its campuses added to it."""
    result: list[Row] = []
    for school in schools:
        if not parent_of(school):
            sites = [school, *(site for site in schools if parent_of(site) == school["school"])]
            result.append({**school, **{column: added(column, sites) for column in ADDED}} if sites[1:] else school)
    return result


def added(column: str, sites: Sequence[Row]) -> Fraction | None:
    """Add one column up; what a site does not report leaves the sum unknown, unless it lacks the stage."""
    figures = [known(site.get(column)) for site in sites]
    # What a campus has of a stage that the other sites lack is the school's.
    those = [figure for figure, site in zip(figures, sites, strict=True) if has_stage_of(site, column)] or figures
    return None if None in those else sum((figure for figure in figures if figure is not None), Fraction(0))


def at_schools(rows: Sequence[Row], schools: Sequence[Row]) -> list[Row]:
    """Return classes or rooms as those of the schools that are judged."""
    school_of = {site["school"]: parent_of(site) or site["school"] for site in schools}
    return [{**row, "school": school_of.get(row["school"], row["school"])} for row in rows]
