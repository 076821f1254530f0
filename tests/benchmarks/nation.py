"""Made-up counties, as many and as uneven as the real ones; the same seed gives the same nation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .tables import Array, Columns, chance, make_classes, make_facts, make_monitoring, make_rooms

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

TYPES = (
    "primary_school",
    "teaching_point",
    "junior_school",
    "nine_year_school",
    "twelve_year_school",
    "complete_secondary_school",
)
STAGES = ("primary", "junior", "senior")

# Which stages a type has, and how many pupils such a stage has beside the stages of other types.
_CROWD = np.array([[560, 0, 0], [20, 0, 0], [0, 700, 0], [600, 420, 0], [800, 650, 600], [0, 600, 1100]], float)

# Schools of each type in 2021, and the pupils of the compulsory years.
NATION = (154_279, 83_623, 52_871, 18_233, 1_794, 5_384)
NATION_COUNTIES, NATION_PUPILS = 2_900, 158_000_000
# An average county: 65 schools with 55,000 pupils.
COUNTY = (40, 5, 13, 5, 1, 1)
COUNTY_PUPILS = 55_000

# What a school has per pupil (per 100 pupils for people and rooms): generous, as most sections comply.
_USUAL: Mapping[str, tuple[float, float]] = {
    "degree_teachers": (7.6, 9.4),
    "backbone_teachers": (2.2, 2.2),
    "arts_pe_teachers": (1.9, 1.9),
}

_NORMS = {"teaching_area": (4.5, 5.8), "sports_ground_area": (7.5, 10.2), "equipment_value": (2000.0, 2500.0)}

# The columns that the seven indicators read; everything else serves the other items.
JUDGED = (
    *(f"pupils_{stage}" for stage in STAGES),
    *(f"{people}_{stage}" for people in _USUAL for stage in STAGES[:2]),
    "teaching_area",
    "indoor_sports_area",
    "sports_ground_area",
    "equipment_value",
    "multimedia_rooms",
)


_TABLES = ("schools", "classes", "rooms", "monitoring", "facts")


@dataclass(frozen=True)
class Nation:
    """The tables of many counties; `code` and `kind` are county and type of the schools as integers."""

    schools: Columns
    classes: Columns
    rooms: Columns
    monitoring: Columns
    facts: Columns
    code: Array
    kind: Array

    @property
    def counties(self) -> tuple[str, ...]:
        """The ids of the counties, in the order of their codes."""
        return tuple(sorted(self.facts["county"].tolist()))

    def coded_schools(self) -> Columns:
        """Return what the kernel reads: the columns of the seven indicators, county and type as integers."""
        return {"county": self.code, "kind": self.kind} | {name: self.schools[name] for name in JUDGED}

    def judged_schools(self) -> Columns:
        """Return the schools with the columns of the seven indicators and nothing else."""
        return {name: self.schools[name] for name in ("county", "school", "type", *JUDGED)}

    def facts_by_county(self) -> dict[str, dict[str, Any]]:
        """Return the facts as plain mappings, as one county would write them."""
        columns = {name: column.tolist() for name, column in self.facts.items() if name != "county"}
        return {
            county: {name: values[place] for name, values in columns.items()}
            for place, county in enumerate(self.facts["county"].tolist())
        }


def make_nation(seed: int = 2021, *, size: float = 1.0) -> Nation:
    """Make the whole nation, or the given share of it."""
    counts = tuple(max(1, round(count * size)) for count in NATION)
    return _make(seed, counts, max(2, round(NATION_COUNTIES * size)), round(NATION_PUPILS * size))


def make_county(seed: int = 65) -> Nation:
    """Make one average county."""
    return _make(seed, COUNTY, 1, COUNTY_PUPILS)


def with_gaps(columns: Columns, share: float, seed: int = 1) -> Columns:
    """Return the same table with that share of the resources not reported."""
    rng = np.random.default_rng(seed)
    holed = dict(columns)
    for name in JUDGED[len(STAGES) :]:
        holed[name] = np.where(chance(rng, share, len(columns[name])), np.nan, columns[name])
    return holed


def shuffled(nation: Nation, seed: int = 2) -> Nation:
    """Return the same tables with their rows in no order."""
    rng = np.random.default_rng(seed)

    def mix(columns: Columns) -> Columns:
        order = rng.permutation(len(columns["county"]))
        return {name: column[order] for name, column in columns.items()}

    schools = mix(nation.schools | {"code": nation.code, "kind": nation.kind})
    return Nation(
        code=schools.pop("code"),
        kind=schools.pop("kind"),
        schools=schools,
        classes=mix(nation.classes),
        rooms=mix(nation.rooms),
        monitoring=mix(nation.monitoring),
        facts=mix(nation.facts),
    )


def save(nation: Nation, folder: Path) -> None:
    """Write the tables so that another process can load them without making them."""
    for name in _TABLES:
        np.savez(folder / f"{name}.npz", **getattr(nation, name))
    np.savez(folder / "codes.npz", code=nation.code, kind=nation.kind)


def load(folder: Path) -> Nation:
    """Read what `save` wrote."""

    def read(name: str) -> Columns:
        with np.load(folder / f"{name}.npz") as stored:
            return dict(stored)

    tables = {name: read(name) for name in _TABLES}
    codes = read("codes")
    return Nation(**tables, code=codes["code"], kind=codes["kind"])


def size_of(*tables: Mapping[str, Array]) -> int:
    """Count the bytes of all columns."""
    return sum(column.nbytes for table in tables for column in table.values())


def _make(seed: int, counts: tuple[int, ...], counties: int, pupils: int) -> Nation:
    rng = np.random.default_rng(seed)
    kind, code = _place(rng, counts, counties)
    ids = (110_000 + 17 * np.arange(counties)).astype("U6")
    schools = {"county": ids[code], "school": _school_ids(ids, code), "type": np.array(TYPES)[kind]}
    schools |= _enrol(rng, kind, pupils)
    schools |= _equip(rng, kind, code, schools, counties)
    return Nation(
        schools=schools,
        classes=make_classes(schools),
        rooms=make_rooms(rng, schools),
        monitoring=make_monitoring(rng, ids),
        facts=make_facts(rng, ids),
        code=code,
        kind=kind,
    )


def _place(rng: np.random.Generator, counts: tuple[int, ...], counties: int) -> tuple[Array, Array]:
    # Counties differ in size; the first schools go one to each, so that none is empty.
    kind = rng.permutation(np.repeat(np.arange(len(TYPES), dtype=np.int8), counts))
    weight = rng.lognormal(0.0, 0.5, counties)
    code = rng.choice(counties, len(kind), p=weight / weight.sum()).astype(np.int32)
    code[:counties] = np.arange(counties)
    order = np.argsort(code, kind="stable")
    return kind[order], code[order]


def _school_ids(ids: Array, code: Array) -> Array:
    first = np.searchsorted(code, np.arange(len(ids)))
    number = np.arange(len(code)) - first[code]
    return (ids[code].astype(np.int64) * 10_000 + number + 1).astype("U10")


def _enrol(rng: np.random.Generator, kind: Array, total: int) -> Columns:
    crowd = _CROWD[kind] * rng.lognormal(0.0, 0.75, (len(kind), 1)) * rng.lognormal(0.0, 0.2, (len(kind), 3))
    points = kind == TYPES.index("teaching_point")
    # Points stay small; the other schools share the remaining pupils.
    scale = (total - crowd[points].sum()) / crowd[~points, :2].sum()
    crowd[~points] *= scale
    crowd = np.where(crowd > 0, np.maximum(np.rint(crowd), 3), 0)
    # A new campus of a combined school has pupils of one stage only.
    crowd[(kind == TYPES.index("nine_year_school")) & chance(rng, 0.01, len(kind)), 1] = 0
    return {f"pupils_{stage}": crowd[:, place] for place, stage in enumerate(STAGES)}


def _equip(rng: np.random.Generator, kind: Array, code: Array, schools: Columns, counties: int) -> Columns:
    made: Columns = {}
    primary, junior = schools["pupils_primary"], schools["pupils_junior"]
    whole = primary + 1.1 * junior + 1.32 * schools["pupils_senior"]

    def luck(spread: float) -> Array:
        rich = rng.lognormal(0.0, 0.12, counties)[code]
        return np.asarray(rich * rng.lognormal(0.0, spread, len(code)))

    for people, usual in _USUAL.items():
        for stage, pupils, per_hundred in zip(STAGES, (primary, junior), usual, strict=False):
            made[f"{people}_{stage}"] = np.ceil(pupils * per_hundred / 100 * luck(0.3))
    hall = np.where(chance(rng, 0.3, len(code)), np.round(whole * 0.8 * luck(0.4), 1), 0.0)
    made["teaching_area"] = np.round(whole * 8.6 * luck(0.33), 1)
    made["sports_ground_area"] = np.round(whole * 15.0 * luck(0.38), 1)
    made["equipment_value"] = np.round(whole * 4100 * luck(0.36), 2)
    made["multimedia_rooms"] = np.ceil(whole * 4.4 / 100 * luck(0.3))
    _build_to_the_norm(rng, kind, schools, made)
    # Rounded again: in floats 1124.04 + 243.6 is 1367.6399999999999, which is below the limit.
    made["teaching_area"] = np.round(made["teaching_area"] + hall, 3)
    made["indoor_sports_area"] = hall
    # In one school of 250 the classes are too large.
    crowding = np.where(chance(rng, 1 / 250, len(code)), 1.12, rng.uniform(0.7, 1.0, len(code)))
    for stage, pupils, most in (("primary", primary, 45.0), ("junior", junior, 50.0)):
        made[f"classes_{stage}"] = np.ceil(pupils / (most * crowding))
    made["public_funds_budget"] = np.round((primary + junior) * 900 * luck(0.1) + 90_000, 2)
    made["training_funds"] = np.round(made["public_funds_budget"] * rng.uniform(0.0499, 0.08, len(code)), 2)
    return made


def _build_to_the_norm(rng: np.random.Generator, kind: Array, schools: Columns, made: Columns) -> None:
    # Some schools are built to the norm or to its 85 % and are exactly on the limit: the costly cells.
    for name, norms in _NORMS.items():
        for stage, of_type, norm in zip(STAGES, ("primary_school", "junior_school"), norms, strict=False):
            for part in (1.0, 0.85):
                exact = (kind == TYPES.index(of_type)) & chance(rng, 1 / 600, len(kind))
                made[name][exact] = np.round(schools[f"pupils_{stage}"][exact] * norm * part, 3)
