"""A frame of schools in, a frame of verdicts out: what engines call on each partition of the counties."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from os import PathLike
from typing import Any

from balancedu.core.loading import DEFAULT_STANDARD, load_standard
from balancedu.core.standard import Standard
from balancedu.evaluate import evaluate
from balancedu.submission.arrange import Extra
from balancedu.submission.submission import Submission
from balancedu.submission.tables import TableLike


def verdict_frame(
    frame: TableLike,
    *,
    standard: str | PathLike[str] | Standard = DEFAULT_STANDARD,
    extra: Extra = "error",
) -> Any:
    """Judge the counties of a frame of schools and return a frame with a row for each county.

    Parameters
    ----------
    frame : pandas or polars frame, Arrow table or batch, or anything that `Submission` takes
        The schools of any number of counties, with a column `county`. All schools of a county are in one frame: a
        county that is split over partitions is judged from its parts. Without rows it is an empty partition.
    standard : id, path or Standard
        What the counties are judged by.
    extra : {'error', 'ignore'}
        What to do with columns that the standard does not know, such as those of an engine.

    Returns
    -------
    frame of the same library; an Arrow table for other Arrow data, a dict of lists for anything else
        The columns `county`, `verdict`, then one for each part and each item. All are texts: verdicts are words as
        `MET`. An empty partition gives no rows, and the same columns of the same types. What schools alone do not
        decide is `UNKNOWN`.

    Raises
    ------
    DataErrors
        If the schools cannot be read; with every problem.
    UnknownStandardError, SpecErrors
        If the standard cannot be loaded.

    Notes
    -----
    The function can be pickled by reference and has no state: pass it to `dask.DataFrame.map_partitions`, Ray's
    `map_batches`, Spark's `mapInPandas` or joblib. Give a standard by its id: every process caches it.

    Examples
    --------
    >>> schools = {"county": ["1", "2"], "school": ["a", "a"], "type": ["primary_school"] * 2,
    ...            "pupils_primary": [400, 400], "degree_teachers_primary": [20, 1]}
    >>> verdicts = verdict_frame(schools)
    >>> verdicts["county"], verdicts["R-schools"]
    (['1', '2'], ['UNKNOWN', 'NOT_MET'])
    """
    std = load_standard(standard)
    return _like(frame, evaluate(Submission(schools=frame, standard=std, extra=extra), std).verdict_columns())


def _like(frame: object, columns: Mapping[str, list[str]]) -> Any:
    """Return columns of texts as a frame of the library that another frame is of."""
    library = type(frame).__module__.partition(".")[0]
    if library in ("pandas", "polars"):
        made = import_module(library).DataFrame
        # A row that is cut off again gives empty columns the type of texts in any version.
        return made(columns) if columns["county"] else made({name: [""] for name in columns})[:0]
    if library == "pyarrow" or hasattr(frame, "__arrow_c_stream__"):
        arrow: Any = import_module("pyarrow")
        return arrow.table({name: arrow.array(column, arrow.string()) for name, column in columns.items()})
    return dict(columns)
