"""What is given from outside as arrays of real numbers and of labels: missing is NaN, everything else is refused."""

from __future__ import annotations

import math
import numbers
from typing import Any, TypeGuard

import numpy as np
from numpy.typing import ArrayLike, NDArray

from balancedu.calculator.groups import Floats, Ints

_NUMBERS, _TEXTS = "fiu", "UT"
_KINDS = {"b": "truth values", "c": "complex numbers", "U": "texts", "S": "texts", "T": "texts", "M": "dates"}


def reals(name: str, values: ArrayLike) -> Floats:
    """Return real numbers as floats; None, the NA of pandas and masked values become NaN.

    Parameters
    ----------
    name : str
        What errors call them.
    values : array_like

    Raises
    ------
    TypeError
        If something is no real number: a text, a complex number, a truth value, a date.
    ValueError
        If the rows are not equally long, or a number is too large for a float.

    Examples
    --------
    >>> import numpy as np
    >>> reals("values", np.ma.array([1, 3, 100], mask=[0, 0, 1]))
    array([ 1.,  3., nan])
    """
    array = np.ma.getdata(values) if is_masked(values) else np.asarray(values)
    if array.dtype.kind == "O":
        result = np.array([_real(name, value) for value in array.ravel().tolist()]).reshape(array.shape)
    elif array.dtype.kind in _NUMBERS:
        result = array.astype(np.float64)
    else:
        raise TypeError(f"{name} must be real numbers, found {_KINDS.get(array.dtype.kind, str(array.dtype))}")
    if is_masked(values):
        result[np.ma.getmaskarray(values)] = np.nan
    return np.asarray(result, np.float64)


def is_masked(values: object) -> TypeGuard[np.ma.MaskedArray[Any, Any]]:
    """Return whether values are a masked array; asking numpy for that would import its module."""
    return isinstance(values, np.ndarray) and hasattr(values, "mask")


def _real(name: str, value: Any) -> float:
    if value is None or type(value).__name__ == "NAType":
        return np.nan
    if isinstance(value, bool | np.bool_) or not (
        isinstance(value, numbers.Real) or hasattr(value, "as_integer_ratio")
    ):
        raise TypeError(f"{name} must be real numbers, found {value!r}")
    try:
        return float(value)
    except OverflowError:
        raise ValueError(
            f"{name} must be numbers in the range of floats, found one of about {len(str(value))} digits"
        ) from None


def labelled(name: str, groups: ArrayLike, size: int) -> tuple[Ints, int]:
    """Return the place of each label among the sorted labels, and how many different labels there are.

    Raises
    ------
    TypeError
        If texts and numbers are mixed, or labels cannot be sorted.
    ValueError
        If there are not `size` labels, or a label is missing.

    Examples
    --------
    >>> labelled("groups", ["b", "a", "b"], 3)
    (array([1, 0, 1]), 2)
    """
    if is_masked(groups) and np.ma.getmaskarray(groups).any():
        raise ValueError(f"{name} must have no missing label, found a masked one")
    labels: NDArray[Any] = np.asarray(groups)
    if labels.shape != (size,):
        raise ValueError(f"{name} must have one label for each of {size} values, got shape {labels.shape}")
    if labels.dtype.kind in _TEXTS and not isinstance(groups, np.ndarray):
        labels = np.asarray(groups, dtype=object)  # numpy turns the numbers of a mixed list into texts
    if labels.dtype.kind == "O":
        missing = [
            label is None
            or type(label).__name__ in ("NAType", "NaTType")
            or (isinstance(label, float) and math.isnan(label))
            for label in labels.tolist()
        ]
    else:
        missing = (np.isnan(labels) if labels.dtype.kind == "f" else np.zeros(size, bool)).tolist()
    if any(missing):
        raise ValueError(f"{name} must have no missing label, found one at position {missing.index(True)}")
    try:
        names, codes = np.unique(labels, return_inverse=True)
    except TypeError as error:
        kinds = sorted({type(label).__name__ for label in labels.tolist()})
        raise TypeError(f"{name} must be labels of one type, found {', '.join(kinds)}") from error
    return codes.astype(np.intp), names.size
