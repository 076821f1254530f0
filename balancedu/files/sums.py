"""Quantities that a table gives in several columns, as teachers by degree; `specs/layouts` says which."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Literal

import attrs

from balancedu.core.fields import Stage, described, plain
from balancedu.files.results import shipped_layout
from balancedu.files.vocabulary import TOTALS, Vocabulary

Path = tuple[str, ...]


@attrs.frozen
class SummedMeasure:
    """A measure that is the sum of columns."""

    measures: Mapping[Stage, str] = described("the measure of each stage")
    addends: Mapping[str, tuple[str, ...]] = described("what the columns are called, by names of this file's own")
    sums: Mapping[Stage, tuple[tuple[str, ...], ...]] = described("sets of columns; the first that is complete counts")
    totals: tuple[str, ...] = described("addends whose column is the sum of the columns below it", default=())


@attrs.frozen
class CountedShare:
    """A share that tables give as a count."""

    measure: str = described("the share")
    counts: tuple[str, ...] = described("what the column of counts is called")
    over: tuple[str, ...] = described("the figures whose sum the count is divided by")


@attrs.frozen
class Sums:
    """The measures that are sums of columns, and what may follow the words of their columns."""

    format: Literal[1] = described("the format of the file")
    suffixes: tuple[str, ...] = described("what may follow the word of a column")
    sums: tuple[SummedMeasure, ...] = described("the sums")
    shares: tuple[CountedShare, ...] = described("the shares that may be given as counts", default=())


@functools.cache
def known_sums() -> Sums:
    """Return the sums that come with the package."""
    return shipped_layout(Sums, "sums.yaml")


@attrs.frozen
class Summed:
    """The columns of a sheet that add up to a measure.

    Attributes
    ----------
    measure : str
    columns : tuple of int
    by_type : bool
        Whether no header says the stage, and the type of each school does.
    """

    measure: str
    columns: tuple[int, ...]
    by_type: bool = False


def sums_in(paths: Mapping[int, Path], words: Vocabulary, stage: Stage | None) -> list[Summed]:
    """Return the sums that the columns of a sheet make.

    Parameters
    ----------
    paths : mapping of column to path
        The columns whose headers mean no measure by themselves.
    words : Vocabulary
        What the stages are called.
    stage : Stage, optional
        That of the whole sheet.
    """
    known = known_sums()
    result = []
    for entry in known.sums:
        stages: dict[Stage | None, dict[str, int]] = {}
        for column, path in paths.items():
            if addend := _addend(path, entry, known.suffixes, words):
                stages.setdefault(words.stage_in("".join(path)) or stage, {}).setdefault(addend, column)
        for wording, columns in stages.items():
            for own, measure in entry.measures.items():
                complete = (names for names in entry.sums[own] if set(names) <= set(columns))
                if wording in (None, own) and (names := next(complete, None)):
                    result.append(Summed(measure, tuple(columns[name] for name in names), wording is None))
    return result


def _addend(path: Path, summed_measure: SummedMeasure, suffixes: Sequence[str], words: Vocabulary) -> str:
    """Return which addend the lowest header names; empty where none."""
    texts = [plain(text).strip("#") for text in path]
    is_total = len(texts) > 1 and texts[-1] in TOTALS
    leaf = _without_stage(texts[-2] if is_total else texts[-1], words)
    leaf = leaf.removeprefix("其中").lstrip(":：")
    names = [leaf, *(leaf.removesuffix(suffix) for suffix in suffixes if leaf.endswith(suffix) and leaf != suffix)]
    for addend, written in summed_measure.addends.items():
        if (addend in summed_measure.totals) == (is_total and bool(summed_measure.totals)) and any(
            plain(word) in names for word in written
        ):
            return addend
    if is_total:
        return next(
            (addend for addend, written in summed_measure.addends.items() if any(plain(w) in names for w in written)),
            "",
        )
    return ""


def _without_stage(text: str, words: Vocabulary) -> str:
    for stage in words.stages.values():
        for word in sorted(filter(None, stage), key=len, reverse=True):
            if text != word and text.startswith(word):
                return text.removeprefix(word)
            if text != word and text.endswith(word):
                return text.removesuffix(word)
    return text
