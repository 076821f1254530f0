"""Counties drawn around a submission: every figure moved by its error, all draws in one table as further counties."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

import attrs
import numpy as np

from balancedu.calculator.groups import Floats
from balancedu.core.field_checks import parts_and_wholes
from balancedu.core.model import Measure
from balancedu.core.standard import Standard
from balancedu.errors import RequestError, near
from balancedu.phrase import Phrase
from balancedu.submission.submission import Submission
from balancedu.submission.tables import Column

Errors = Mapping[str, float | Mapping[str, float]]
"""By measure: a share of the figure, or a mapping of `relative` (a share) or `absolute` (in its unit)."""
Shape = Literal["uniform", "normal"]

PLACES = 5
"""Figures are drawn to so many decimals."""
NUMBERS = ("count", "number", "share")


@attrs.frozen
class Error:
    """How far a figure may be off."""

    measure: Measure
    size: float
    relative: bool

    def drawn(self, figures: Floats, rng: np.random.Generator, shape: Shape) -> Floats:
        """Return the figures moved by their errors; counts stay whole, and nothing leaves its range."""
        spread = np.abs(figures) * self.size if self.relative else np.full(figures.shape, self.size)
        noise = rng.uniform(-1.0, 1.0, figures.shape) if shape == "uniform" else rng.standard_normal(figures.shape)
        moved = np.round(figures + spread * noise, 0 if self.measure.type == "count" else PLACES)
        reach = self.measure.range
        least = float(reach.least) if reach and reach.least is not None else None
        most = float(reach.most) if reach and reach.most is not None else None
        return np.asarray(moved if least is None and most is None else np.clip(moved, least, most))


def errors_of(standard: Standard, errors: Errors) -> list[Error]:
    """Return the errors of measures.

    Raises
    ------
    RequestError
        If one names no number that is reported, or is not a size.
    """
    known = [one.id for one in standard.measures.values() if one.type in NUMBERS]
    result = []
    for name, given in errors.items():
        if name not in known:
            problem = Phrase(f"误差：没有填报项“{name}”，或它不是数", f"errors: no number {name!r} is reported")
            raise RequestError(problem + near(name, known))
        sizes = given if isinstance(given, Mapping) else {"relative": given}
        if len(sizes) != 1 or not set(sizes) <= {"relative", "absolute"}:
            zh = f"“{name}”的误差：现为{dict(sizes)}，应为 relative（按比例）和 absolute（按数量）之一"
            en = f"errors[{name!r}]: found {dict(sizes)}, wanted one of relative and absolute"
            raise RequestError(Phrase(zh, en))
        ((way, size),) = sizes.items()
        if not 0 <= size < np.inf:
            zh = f"“{name}”的误差：现为{size!r}，应不小于零"
            raise RequestError(Phrase(zh, f"errors[{name!r}]: found {size!r}, wanted zero or more"))
        result.append(Error(standard.measures[name], float(size), way == "relative"))
    return result


def drawn(
    submission: Submission, errors: list[Error], draws: int, rng: np.random.Generator, shape: Shape
) -> Submission:
    """Return so many draws of a submission as the counties of one submission, draw after draw."""
    counties, schools = len(submission.counties), len(submission.schools)
    tables = {}
    for name, table in submission.tables.items():
        size = len(table)
        columns: dict[str, Column] = {key: np.tile(values, draws) for key, values in table.columns.items()}
        for error in errors:
            if error.measure.table == name and error.measure.column in columns:
                columns[error.measure.column] = error.drawn(columns[error.measure.column], rng, shape)
        _keep_parts(columns, submission.standard.table_measures(name), errors)
        shift = np.repeat(np.arange(draws), size)
        tables[name] = attrs.evolve(
            table,
            columns=columns,
            county=np.tile(table.county, draws) + shift * counties,
            rows=np.tile(table.rows, draws),
            school=np.tile(table.school, draws) + shift * schools if table.school.size else table.school,
        )
    ids = tuple(f"{draw}/{county}" for draw in range(draws) for county in submission.counties)
    return Submission.of_tables(submission.standard, ids, tables)


def _keep_parts(columns: dict[str, Column], measures: Mapping[str, Measure], errors: list[Error]) -> None:
    """Keep parts from growing beyond their whole, where an error moved one of the two."""
    moved = {error.measure.id for error in errors}
    for part, whole in parts_and_wholes(measures):
        if (part in moved or whole in moved) and part in columns and whole in columns:
            columns[part] = np.where(columns[part] > columns[whole], columns[whole], columns[part])


def batches(submission: Submission, draws: int, rows: int = 400_000) -> Iterator[int]:
    """Yield the sizes of batches that keep every table below so many rows.

    Examples
    --------
    >>> import balancedu as be
    >>> list(batches(be.example("failing"), 10_000, rows=1_000_000))
    [4587, 4587, 826]
    """
    largest = max(len(table) for table in submission.tables.values())
    size = max(1, rows // max(1, largest))
    while draws > 0:
        yield min(size, draws)
        draws -= size
