"""An entrant is one way of doing the work; here are the yardstick and the competitors."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import numpy as np

from . import frames, kernel, raw
from .kernel import MET
from .nation import load

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import pandas as pd
    import polars as pl

    from .nation import Nation
    from .tables import Array, Columns

Given = TypeVar("Given")
Result = TypeVar("Result")

TOLERANCE = 1e-9


@dataclass(frozen=True)
class Outcome:
    """The numbers that all entrants must agree on; `met` states in how many counties an item is met."""

    counties: tuple[str, ...]
    sections: int
    complying: int
    cv: Array
    met: Mapping[str, int] = field(default_factory=dict)

    def difference(self, other: Outcome) -> str:
        """State what differs, or nothing."""
        if self.counties != other.counties:
            return "other counties"
        if (self.sections, self.complying) != (other.sections, other.complying):
            here, there = f"{self.complying} of {self.sections}", f"{other.complying} of {other.sections}"
            return f"{here} sections comply, not {there}"
        if not np.allclose(self.cv, other.cv, rtol=0, atol=TOLERANCE, equal_nan=True):
            return f"CVs differ by up to {np.nanmax(np.abs(self.cv - other.cv)):.2g}, or are missing elsewhere"
        for item in sorted(self.met.keys() & other.met.keys()):
            if self.met[item] != other.met[item]:
                return f"{item} is met in {self.met[item]} counties, not in {other.met[item]}"
        return ""


@dataclass(frozen=True)
class Entrant(Generic[Given, Result]):
    """One way of doing the work: `prepare` is not timed, `run` is; `fresh` requires a new input each time."""

    name: str
    prepare: Callable[[Nation], Given]
    run: Callable[[Given], Result]
    outcome: Callable[[Result, Nation], Outcome] | None = None
    fresh: bool = False

    def prepare_from(self, folder: Path) -> Given:
        """Prepare from saved tables, and keep nothing of them but the input."""
        return self.prepare(load(folder))


AnyEntrant = Entrant[Any, Any]


def _prepare_kernel(nation: Nation) -> tuple[Columns, int]:
    return nation.coded_schools(), len(nation.counties)


def _kernel_outcome(judged: tuple[kernel.Judged, ...], nation: Nation) -> Outcome:
    return Outcome(
        counties=nation.counties,
        sections=sum(len(stage.verdicts) for stage in judged),
        complying=sum(int((stage.verdicts == MET).sum()) for stage in judged),
        cv=np.stack([stage.cv for stage in judged], axis=1),
    )


def _prepare_pandas(nation: Nation) -> pd.DataFrame:
    return frames.pandas_frame(nation.coded_schools())


def _pandas_outcome(judged: list[frames.PandasJudged], nation: Nation) -> Outcome:
    places = range(len(nation.counties))
    return Outcome(
        counties=nation.counties,
        sections=sum(len(stage.sections) for stage in judged),
        complying=sum(int((stage.sections["verdict"] == MET).sum()) for stage in judged),
        cv=np.stack([stage.cv.reindex(places).to_numpy() for stage in judged], axis=1),
    )


def _prepare_polars(nation: Nation) -> pl.DataFrame:
    return frames.polars_frame(nation.coded_schools())


def _polars_outcome(judged: list[frames.PolarsJudged], nation: Nation) -> Outcome:
    names = [f"{name}_cv" for name in frames.INDICATORS]
    cv = np.full((len(nation.counties), len(judged), len(names)), np.nan)
    for place, stage in enumerate(judged):
        cv[stage.spread["county"].to_numpy(), place] = stage.spread.select(names).to_numpy()
    return Outcome(
        counties=nation.counties,
        sections=sum(stage.sections.height for stage in judged),
        complying=sum(int((stage.sections["verdict"] == MET).sum()) for stage in judged),
        cv=cv,
    )


def _prepare_raw_schools(nation: Nation) -> pd.DataFrame:
    return frames.pandas_frame(nation.judged_schools())


def _prepare_raw_tables(nation: Nation) -> raw.Tables:
    tables = (nation.schools, nation.classes, nation.rooms, nation.monitoring)
    return raw.Tables(*(frames.pandas_frame(table) for table in tables))


def _raw_outcome(judged: raw.RawJudged, nation: Nation) -> Outcome:
    result = _pandas_outcome(judged.stages, nation)
    met = {item: int(verdicts.sum()) for item, verdicts in judged.met.items()}
    return Outcome(judged.counties, result.sections, result.complying, result.cv, met)


def _run_kernel(given: tuple[Columns, int]) -> tuple[kernel.Judged, ...]:
    return kernel.evaluate(*given)


KERNEL: AnyEntrant = Entrant("numpy kernel", _prepare_kernel, _run_kernel, _kernel_outcome)
PANDAS: AnyEntrant = Entrant("pandas", _prepare_pandas, frames.pandas_evaluate, _pandas_outcome)
POLARS: AnyEntrant = Entrant("polars", _prepare_polars, frames.polars_evaluate, _polars_outcome)
RAW_PANDAS: AnyEntrant = Entrant("pandas, schools", _prepare_raw_schools, raw.judge_schools, _raw_outcome)
ALL_PANDAS: AnyEntrant = Entrant("pandas, all tables", _prepare_raw_tables, raw.judge_everything, _raw_outcome)
