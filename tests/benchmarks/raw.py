"""pandas from the tables as counties hand them in: text ids, rows in no order."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from .frames import PandasJudged, pandas_evaluate
from .kernel import POINT, SLACK, SMALLEST_POINT
from .nation import TYPES

if TYPE_CHECKING:
    from .tables import Array

CLASS_LIMITS = {"primary": 45, "junior": 50}
ROOM_AREAS = {"music": 96.0, "art": 90.0}
CLASSES_PER_ROOM = 12
SCHOOL_LIMIT, COMBINED_LIMIT, COMBINED = 2000, 2500, ("nine_year_school", "twelve_year_school")
TRAINING_SHARE = 0.05
LEVEL, SCHOOL_GAP = 3, 0.15


class Tables(NamedTuple):
    """The tables of a nation as pandas DataFrames."""

    schools: pd.DataFrame
    classes: pd.DataFrame
    rooms: pd.DataFrame
    monitoring: pd.DataFrame


class RawJudged(NamedTuple):
    """The seven indicators by stage, and which counties meet an item."""

    counties: tuple[str, ...]
    stages: list[PandasJudged]
    met: dict[str, pd.Series[bool]]


def judge_schools(schools: pd.DataFrame) -> RawJudged:
    """Judge the seven indicators from the table of schools alone."""
    code, counties = pd.factorize(schools["county"], sort=True)
    kind = pd.Categorical(schools["type"], categories=list(TYPES)).codes
    judged = pandas_evaluate(schools.assign(county=code, kind=kind))
    return RawJudged(tuple(counties), judged, {})


def judge_everything(tables: Tables) -> RawJudged:
    """Judge the seven indicators, and the items that look at schools, classes, rooms and monitoring."""
    schools, classes, rooms, monitoring = tables
    of_schools, of_classes, of_rooms = _number_schools(schools, classes, rooms)
    county, counties = pd.factorize(schools["county"], sort=True)
    kind = pd.Categorical(schools["type"], categories=list(TYPES)).codes
    judged = pandas_evaluate(schools.assign(county=county, kind=kind))
    index = pd.Index(of_schools)
    class_of = index.get_indexer(pd.Index(of_classes))
    room_of = index.get_indexer(pd.Index(of_rooms))
    met: dict[str, pd.Series[bool]] = {}

    def every(good: Array, of: Array) -> pd.Series[bool]:
        return pd.Series(good).groupby(of).all()

    needed = np.ceil((schools["classes_primary"] + schools["classes_junior"]).to_numpy() / CLASSES_PER_ROOM)
    pupils = (schools["pupils_primary"] + schools["pupils_junior"]).to_numpy()
    # A school without a section needs no rooms.
    exempt = (kind == POINT) & (pupils < SMALLEST_POINT)
    fitted = np.ones(len(schools), dtype=bool)
    for use, area in ROOM_AREAS.items():
        good = ((rooms["use"] == use) & (rooms["area"] >= area)).to_numpy()
        fitted &= np.bincount(room_of[good], minlength=len(schools)) >= needed
    met["G3"] = every(exempt | fitted, county)

    limit = np.where(schools["type"].isin(COMBINED), COMBINED_LIMIT, SCHOOL_LIMIT)
    met["G4"] = every(pupils <= limit, county)

    complete = np.ones(len(schools), dtype=bool)
    small = np.ones(len(schools), dtype=bool)
    for stage, most in CLASS_LIMITS.items():
        of_stage = (classes["stage"] == stage).to_numpy()
        large = of_stage & (classes["pupils"] > most).to_numpy()
        small[class_of[large]] = False
        reported = np.bincount(class_of[of_stage], minlength=len(schools))
        complete &= (schools[f"pupils_{stage}"].to_numpy() == 0) | (
            reported >= np.maximum(schools[f"classes_{stage}"].to_numpy(), 1)
        )
    met["G5"] = every(small & complete, county)

    funds = schools["public_funds_budget"] * TRAINING_SHARE * SLACK
    met["Q4"] = every((schools["training_funds"] >= funds).to_numpy(), county)

    passed = (monitoring["level"] >= LEVEL) & (monitoring["between_school_rate"] < SCHOOL_GAP)
    met["Q9"] = every(passed.to_numpy(), pd.Index(counties).get_indexer(monitoring["county"]))
    return RawJudged(tuple(counties), judged, met)


def _number_schools(*tables: pd.DataFrame) -> list[Array]:
    # School ids are unique within a county only: county and school together become one integer.
    # Numbering the texts of all tables at once is twice as fast as looking up each table in the first.
    county, _ = pd.factorize(pd.concat([table["county"] for table in tables], ignore_index=True))
    school, names = pd.factorize(pd.concat([table["school"] for table in tables], ignore_index=True))
    ends = np.cumsum([len(table) for table in tables])
    return np.split(county * len(names) + school, ends[:-1])
