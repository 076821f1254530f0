"""The same work as the kernel's, as a pandas groupby and as a polars query, written for speed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
import polars as pl

from .kernel import (
    FLOOR,
    FLOORS,
    MET,
    NOT_MET,
    POINT,
    REQUIRED,
    SMALLEST_POINT,
    STANDARD,
    STANDARDS,
    WEIGHTS,
)
from .nation import STAGES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .tables import Array

INDICATORS = ("R1", "R2", "R3", "R4", "R5", "R6", "R7")
JUDGED_STAGES = STAGES[:2]


class PandasJudged(NamedTuple):
    """Sections of one stage with values and verdicts, their standing, and the spread by county."""

    sections: pd.DataFrame
    standing: pd.DataFrame
    mean: pd.DataFrame
    sd: pd.DataFrame
    cv: pd.DataFrame


class PolarsJudged(NamedTuple):
    """Sections of one stage with values, standing and verdicts, and the spread by county."""

    sections: pl.DataFrame
    spread: pl.DataFrame


def pandas_frame(columns: Mapping[str, Array]) -> pd.DataFrame:
    """Return the table as a pandas DataFrame; texts get pandas' own text type."""
    return pd.DataFrame(dict(columns))


def pandas_evaluate(schools: pd.DataFrame) -> list[PandasJudged]:
    """Judge schools that are sorted by `county`, an integer; `kind` is the code of the type."""
    kind = schools["kind"].to_numpy()
    weights = [WEIGHTS[:, place][kind] for place in range(len(STAGES))]
    weighted = sum(
        (weight * schools[f"pupils_{stage}"] for weight, stage in zip(weights, STAGES, strict=True)),
        start=pd.Series(0.0, index=schools.index),
    )
    teaching = schools["teaching_area"] - schools["indoor_sports_area"]
    sports = schools["sports_ground_area"] + schools["indoor_sports_area"]
    people, shared = list(INDICATORS[:3]), list(INDICATORS[3:])

    def judge(place: int, stage: str) -> PandasJudged:
        pupils, weight = schools[f"pupils_{stage}"], weights[place]
        included = (weight > 0) & (pupils > 0) & ((kind != POINT) | (pupils >= SMALLEST_POINT))
        # One frame of the columns needed, cut once: cutting each column by the mask costs half as much again.
        sections = pd.DataFrame(
            {
                "county": schools["county"],
                "pupils": pupils,
                "share": weight / weighted,
                "R1": schools[f"degree_teachers_{stage}"],
                "R2": schools[f"backbone_teachers_{stage}"],
                "R3": schools[f"arts_pe_teachers_{stage}"],
                "R4": teaching,
                "R5": sports,
                "R6": schools["equipment_value"],
                "R7": 100 * schools["multimedia_rooms"],
            },
            copy=False,
        ).take(np.flatnonzero(included))
        sections[people] = (100 * sections[people]).div(sections["pupils"], axis=0)
        sections[shared] = sections[shared].mul(sections["share"], axis=0)
        values = sections[list(INDICATORS)]
        standing = (values >= FLOORS[place]).astype("int8") + (values >= STANDARDS[place]).astype("int8")
        good = ((standing == STANDARD).sum(axis=1) >= REQUIRED) & (standing >= FLOOR).all(axis=1)
        sections["verdict"] = np.where(good, MET, NOT_MET).astype(np.int8)
        return PandasJudged(sections, standing, *pandas_spread(values, sections["pupils"], sections["county"]))

    return [judge(place, stage) for place, stage in enumerate(JUDGED_STAGES)]


def pandas_spread(
    values: pd.DataFrame, pupils: pd.Series[float], key: pd.Series[int]
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Mean, standard deviation and CV by key, weighted by pupils."""
    total = pupils.groupby(key, sort=False).sum()
    mean = values.mul(pupils, axis=0).groupby(key, sort=False).sum().div(total, axis=0)
    off = values - mean.reindex(key).to_numpy()
    variance = (off * off).mul(pupils, axis=0).groupby(key, sort=False).sum().div(total, axis=0)
    sd = variance**0.5
    return mean, sd, sd / mean


def polars_frame(columns: Mapping[str, Array]) -> pl.DataFrame:
    """Return the table as a polars DataFrame, marked as sorted."""
    return pl.DataFrame(dict(columns)).with_columns(pl.col("county").set_sorted())


def polars_evaluate(schools: pl.DataFrame) -> list[PolarsJudged]:
    """Judge schools that are sorted by `county`, an integer; `kind` is the code of the type."""
    weights = [_weight(place) for place in range(len(STAGES))]
    base = schools.lazy().with_columns(
        weighted=pl.sum_horizontal(
            weight * pl.col(f"pupils_{stage}") for weight, stage in zip(weights, STAGES, strict=True)
        ),
        weight_primary=weights[0],
        weight_junior=weights[1],
        teaching=pl.col("teaching_area") - pl.col("indoor_sports_area"),
        sports=pl.col("sports_ground_area") + pl.col("indoor_sports_area"),
    )
    # Stage by stage the rows stay sorted by county, and polars then groups without hashing.
    sections = pl.collect_all([_sections(base, place, stage) for place, stage in enumerate(JUDGED_STAGES)])
    spreads = pl.collect_all([_spread(frame.lazy()) for frame in sections])
    return [PolarsJudged(*pair) for pair in zip(sections, spreads, strict=True)]


def _weight(place: int) -> pl.Expr:
    weight = pl.lit(0.0)
    for kind, of_type in enumerate(WEIGHTS[:, place].tolist()):
        if of_type:
            weight = pl.when(pl.col("kind") == kind).then(of_type).otherwise(weight)
    return weight


def _sections(base: pl.LazyFrame, place: int, stage: str) -> pl.LazyFrame:
    pupils, weight = pl.col(f"pupils_{stage}"), pl.col(f"weight_{stage}")
    share = weight / pl.col("weighted")
    standing = [pl.col(f"{name}_standing") for name in INDICATORS]
    at_standard = pl.sum_horizontal((column == STANDARD).cast(pl.Int8) for column in standing)
    good = (at_standard >= REQUIRED) & pl.all_horizontal(column >= FLOOR for column in standing)
    return (
        base.filter((weight > 0) & (pupils > 0) & ((pl.col("kind") != POINT) | (pupils >= SMALLEST_POINT)))
        .select(
            pl.col("county").set_sorted(),
            pupils=pupils,
            R1=100 * pl.col(f"degree_teachers_{stage}") / pupils,
            R2=100 * pl.col(f"backbone_teachers_{stage}") / pupils,
            R3=100 * pl.col(f"arts_pe_teachers_{stage}") / pupils,
            R4=pl.col("teaching") * share,
            R5=pl.col("sports") * share,
            R6=pl.col("equipment_value") * share,
            R7=100 * pl.col("multimedia_rooms") * share,
        )
        .with_columns(
            ((pl.col(name) >= floor).cast(pl.Int8) + (pl.col(name) >= standard).cast(pl.Int8)).alias(f"{name}_standing")
            for name, floor, standard in zip(INDICATORS, FLOORS[place], STANDARDS[place], strict=True)
        )
        .with_columns(verdict=pl.when(good).then(MET).otherwise(NOT_MET).cast(pl.Int8))
    )


def _spread(sections: pl.LazyFrame) -> pl.LazyFrame:
    pupils = pl.col("pupils")
    means = (
        sections.group_by("county", maintain_order=True)
        .agg(
            pupils.sum().alias("total"),
            *((pl.col(name) * pupils).sum().alias(f"{name}_mean") for name in INDICATORS),
        )
        .with_columns(pl.col(f"{name}_mean") / pl.col("total") for name in INDICATORS)
    )
    squares = (
        sections.join(means, on="county", how="left", maintain_order="left")
        .select(
            pl.col("county").set_sorted(),
            *(((pl.col(name) - pl.col(f"{name}_mean")).pow(2) * pupils).alias(f"{name}_sd") for name in INDICATORS),
        )
        .group_by("county", maintain_order=True)
        .agg(pl.all().sum())
    )
    return (
        means.join(squares, on="county", how="left", maintain_order="left")
        .with_columns((pl.col(f"{name}_sd") / pl.col("total")).sqrt() for name in INDICATORS)
        .with_columns((pl.col(f"{name}_sd") / pl.col(f"{name}_mean")).alias(f"{name}_cv") for name in INDICATORS)
    )
