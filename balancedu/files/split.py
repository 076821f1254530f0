"""One submission becomes many workbooks: one for each county, or one for each school to fill in anew."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from os import PathLike
from pathlib import Path

import attrs
import numpy as np

from balancedu.calculator.groups import Ints
from balancedu.core.fields import Language
from balancedu.errors import RequestError
from balancedu.files.write import write_schools_again, write_submission
from balancedu.saving import check_target
from balancedu.submission.arrange import DETAILS
from balancedu.submission.submission import Submission
from balancedu.submission.tables import Table
from balancedu.text import Phrase

_NOT_IN_NAMES = re.compile(r'[<>:"/\\|?*\x00-\x1f]')
_LONGEST_NAME = 80


def split_counties(
    submission: Submission, folder: str | PathLike[str], *, lang: Language = "zh", replace: bool = False
) -> tuple[Path, ...]:
    """Write a workbook for each county, called after it; return their paths.

    Raises
    ------
    RequestError
        If there is such a file already; then none is written.
    """
    named = [submission.county_name(county) or county for county in submission.counties]
    paths = _paths(Path(folder), named, submission.counties, replace=replace)
    for county, path in zip(submission.counties, paths, strict=True):
        write_submission(submission.only(county), path, lang=lang, replace=replace)
    return paths


def split_schools(
    submission: Submission,
    folder: str | PathLike[str],
    *,
    lang: Language = "zh",
    replace: bool = False,
    progress: Callable[[Sequence[Path]], Iterable[Path]] = iter,
) -> tuple[Path, ...]:
    """Write a workbook for each school, with its campuses, classes and rooms; return their paths.

    Ids, names and types are filled in; the figures are empty, and those of last year are beside them.

    Raises
    ------
    RequestError
        If there is such a file already; then none is written.
    """
    schools = submission.schools
    ids, names, parents = (schools.texts(column).tolist() for column in ("school", "name", "parent"))
    heads = [n for n, parent in enumerate(parents) if not parent]
    called = [names[n] or ids[n] for n in heads]
    paths = _paths(Path(folder), called, [ids[n] for n in heads], replace=replace)
    for n, path in zip(heads, progress(paths), strict=True):
        same = schools.county == schools.county[n]
        own = same & ((schools.texts("school") == ids[n]) | (schools.texts("parent") == ids[n]))
        write_schools_again(_of_schools(submission, np.flatnonzero(own)), path, lang=lang, replace=replace)
    return paths


def _of_schools(submission: Submission, rows: Ints) -> Submission:
    """Return some schools of one county with their classes and rooms, and nothing else."""
    tables = {name: Table.empty(name) for name in submission.tables}
    position = np.zeros(len(submission.schools), np.intp)
    position[rows] = np.arange(rows.size)
    for name in ("schools", *DETAILS):
        table = submission.tables[name]
        part = table.part(rows if name == "schools" else np.flatnonzero(np.isin(table.school, rows)))
        tables[name] = attrs.evolve(part, county=np.zeros_like(part.county), school=position[part.school])
    county = submission.counties[int(submission.schools.county[rows[0]])]
    return Submission.of_tables(submission.standard, (county,), tables)


def _paths(folder: Path, names: Sequence[str], ids: Sequence[str], *, replace: bool) -> tuple[Path, ...]:
    """Return the path of each workbook, by its name, with its id where several are called so."""
    if folder.exists() and not folder.is_dir():
        raise RequestError(Phrase(f"“{folder}”是文件，应为文件夹", f"{str(folder)!r} is a file; wanted a folder"))
    folder.mkdir(parents=True, exist_ok=True)
    plain = [_NOT_IN_NAMES.sub("_", name).strip(" .")[:_LONGEST_NAME] or "_" for name in names]
    repeated = {name.casefold() for name in plain if sum(other.casefold() == name.casefold() for other in plain) > 1}
    paths = []
    for name, identity in zip(plain, ids, strict=True):
        number = f"-{_NOT_IN_NAMES.sub('_', identity)}" if name.casefold() in repeated else ""
        paths.append(folder / f"{name}{number}.xlsx")
    for path in paths:
        check_target(path, replace=replace)
    return tuple(paths)
