"""An exact oracle of 教督〔2017〕6号, for the tests alone: slow, plain, and independent of the package.

Everything is a fraction, so every decision is exact. The law's figures are repeated here on purpose, next to
the sentence that uses them: the oracle checks what the specs declare as well as what the code decides.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from .bands import single
from .campuses import at_schools, joined, parent_of
from .exact import MET, NOT_APPLICABLE, NOT_MET, UNKNOWN, Row, all_of, exact, rows_of
from .items import ELIGIBILITY, GUARANTEE, QUALITY, RECOGNITION, VETO, County
from .resources import (
    INDICATORS,
    STAGES,
    Section,
    dispersion,
    excluded,
    r_schools,
    section_verdict,
    sections_of,
    share_per_pupil,
    spread_of,
    standing,
)

__all__ = [
    "INDICATORS",
    "MET",
    "NOT_APPLICABLE",
    "NOT_MET",
    "STAGES",
    "UNKNOWN",
    "CountyVerdict",
    "Section",
    "all_of",
    "county_of",
    "dispersion",
    "exact",
    "judge",
    "rows_of_tables",
    "section_verdict",
    "share_per_pupil",
    "standing",
]


@dataclass(frozen=True)
class CountyVerdict:
    """All that is decided about one county."""

    county: str
    sections: Sequence[Section]
    excluded: Sequence[tuple[str, str | None, str]]
    mean: Mapping[tuple[str, str], Fraction | None]
    cv_squared: Mapping[tuple[str, str], Fraction | None]
    spread: Mapping[tuple[str, str], str]
    items: Mapping[str, str]
    parts: Mapping[str, str]
    verdict: str


def judge(tables: Mapping[str, Any]) -> dict[str, CountyVerdict]:
    """Judge every county that has a school in the tables."""
    rows = rows_of_tables(tables)
    facts = tables.get("facts") or {}
    counties = sorted({row["county"] for row in rows["schools"]})
    return {c: judge_county(c, rows, facts.get(c, {})) for c in counties}


def rows_of_tables(tables: Mapping[str, Any]) -> dict[str, list[Row]]:
    """Return the rows of every table."""
    return {name: rows_of(tables.get(name)) for name in ("schools", "classes", "rooms", "monitoring")}


def county_of(name: str, rows: Mapping[str, Sequence[Row]], facts: Mapping[str, Any]) -> County:
    """Return what one county reports, as it is judged."""
    own = {table: [row for row in all_rows if row["county"] == name] for table, all_rows in rows.items()}
    sites, schools = own["schools"], joined(own["schools"])
    classes = at_schools(single(own["classes"], "classes"), sites)
    rooms = at_schools(single(own["rooms"], "rooms"), sites)
    return County(schools, sites, sections_of(schools), classes, rooms, own["monitoring"], facts)


def judge_county(name: str, rows: Mapping[str, Sequence[Row]], facts: Mapping[str, Any]) -> CountyVerdict:
    """Judge one county: its sections, its items, its six parts, and the whole."""
    county = county_of(name, rows, facts)
    sections = county.sections
    mean, cv_squared, spread = spread_of(sections)
    parts = {
        "eligibility": {item: decide(county) for item, decide in ELIGIBILITY.items()},
        "resources": {"R-schools": r_schools(sections), "R-spread": all_of(spread.values())},
        "guarantee": {item: decide(county) for item, decide in GUARANTEE.items()},
        "quality": {item: decide(county) for item, decide in QUALITY.items()},
        "recognition": {item: decide(county) for item, decide in RECOGNITION.items()},
        "veto": {item: decide(county) for item, decide in VETO.items()},
    }
    verdicts = {part: all_of(items.values()) for part, items in parts.items()}
    return CountyVerdict(
        county=name,
        sections=sections,
        excluded=[*excluded(county.schools), *((s["school"], None, "campus") for s in county.sites if parent_of(s))],
        mean=mean,
        cv_squared=cv_squared,
        spread=spread,
        items={item: verdict for items in parts.values() for item, verdict in items.items()},
        parts=verdicts,
        verdict=all_of(verdicts.values()),
    )
