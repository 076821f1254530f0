"""The seven indicators, straight in numpy: the yardstick, which states the law itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .tables import Array

NOT_MET, MET = 0, 2
FLOOR, STANDARD = 1, 2
REQUIRED = 6
POINT, SMALLEST_POINT = 1, 50

# Weight of a pupil of each stage (primary, junior, senior) by type, in the order of their codes; 0: none.
WEIGHTS = np.array([[1, 0, 0], [1, 0, 0], [0, 1, 0], [1, 1.1, 0], [1, 1.1, 1.32], [0, 1, 1.2]])

# A float may miss the exact quotient by a few units in the last place; no section is so close below a limit.
SLACK = 1 - 1e-12
STANDARDS = np.array([[4.2, 1, 0.9, 4.5, 7.5, 2000, 2.3], [5.3, 1, 0.9, 5.8, 10.2, 2500, 2.4]]) * SLACK
FLOORS = (
    np.array([[3.57, 0.85, 0.765, 3.825, 6.375, 1700, 1.955], [4.505, 0.85, 0.765, 4.93, 8.67, 2125, 2.04]]) * SLACK
)


class Judged(NamedTuple):
    """Sections of one stage (columns) by indicator (rows), and the spread of each county."""

    values: Array
    standing: Array
    verdicts: Array
    mean: Array
    sd: Array
    cv: Array


def evaluate(schools: Mapping[str, Array], counties: int) -> tuple[Judged, Judged]:
    """Judge schools that are sorted by `county`, an integer; `kind` is the code of the type."""
    kind = schools["kind"]
    pupils = (schools["pupils_primary"], schools["pupils_junior"], schools["pupils_senior"])
    weights = WEIGHTS.T.copy()
    weighted = sum(weights[stage][kind] * pupils[stage] for stage in range(3))
    teaching = schools["teaching_area"] - schools["indoor_sports_area"]
    sports = schools["sports_ground_area"] + schools["indoor_sports_area"]

    def judge(stage: int, name: str) -> Judged:
        weight = weights[stage][kind]
        included = (weight > 0) & (pupils[stage] > 0) & ((kind != POINT) | (pupils[stage] >= SMALLEST_POINT))
        rows = np.flatnonzero(included)
        enrolled = pupils[stage][rows]
        share = weight[rows] / weighted[rows]
        values = np.empty((7, len(rows)))
        values[0] = 100 * schools[f"degree_teachers_{name}"][rows] / enrolled
        values[1] = 100 * schools[f"backbone_teachers_{name}"][rows] / enrolled
        values[2] = 100 * schools[f"arts_pe_teachers_{name}"][rows] / enrolled
        values[3] = teaching[rows] * share
        values[4] = sports[rows] * share
        values[5] = schools["equipment_value"][rows] * share
        values[6] = 100 * schools["multimedia_rooms"][rows] * share
        standing = (values >= FLOORS[stage][:, None]).astype(np.int8)
        standing += values >= STANDARDS[stage][:, None]
        good = ((standing == STANDARD).sum(axis=0) >= REQUIRED) & (standing >= FLOOR).all(axis=0)
        verdicts = np.where(good, MET, NOT_MET).astype(np.int8)
        return Judged(values, standing, verdicts, *spread(values, enrolled, schools["county"][rows], counties))

    return judge(0, "primary"), judge(1, "junior")


def spread(values: Array, pupils: Array, county: Array, counties: int) -> tuple[Array, Array, Array]:
    """Mean, standard deviation and CV by county, weighted by pupils; NaN if a county has no section."""
    starts = np.flatnonzero(np.diff(county, prepend=-1))
    present, lengths = county[starts], np.diff(starts, append=len(county))
    total = np.add.reduceat(pupils, starts)
    mean = np.add.reduceat(values * pupils, starts, axis=1) / total
    off = values - np.repeat(mean, lengths, axis=1)
    sd = np.sqrt(np.add.reduceat(off * off * pupils, starts, axis=1) / total)
    mean_of, sd_of = np.full((2, counties, 7), np.nan)
    mean_of[present], sd_of[present] = mean.T, sd.T
    with np.errstate(invalid="ignore", divide="ignore"):
        return mean_of, sd_of, sd_of / mean_of
