"""Classes counted in bands of size, one column a band, become rows of bands."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

import attrs
import numpy as np

from balancedu.core.fields import Title, plain
from balancedu.core.standard import Standard
from balancedu.files.binding import text_of
from balancedu.files.sheet import Cell, Row, Sheet, is_filled
from balancedu.files.vocabulary import vocabulary
from balancedu.submission.arrange import type_columns
from balancedu.submission.problems import Note, Problems
from balancedu.submission.raw import RawTable
from balancedu.submission.tables import Origin

_FEWEST = 3
_BETWEEN = re.compile(r"(\d+)\s*(?:人)?\s*[-—–~～至到]\s*(\d+)\s*人?")
_UP_TO = re.compile(r"(\d+)\s*人?\s*(?:及)?以下")
_FROM = re.compile(r"(\d+)\s*人?\s*(?:及)?以上")


def band_of(header: str) -> tuple[int | None, int | None] | None:
    """Return above how many and up to how many pupils the classes of a column have; None where it counts no band.

    Examples
    --------
    >>> band_of("每班46-50人班级个数"), band_of("66人以上"), band_of("25人及以下"), band_of("班级总数")
    ((45, 50), (65, None), (None, 25), None)
    """
    text = unicodedata.normalize("NFKC", header)
    if result := _BETWEEN.search(text):
        return int(result[1]) - 1, int(result[2])
    if result := _UP_TO.search(text):
        return None, int(result[1])
    if result := _FROM.search(text):
        return int(result[1]) - 1, None
    return None


@attrs.frozen
class Bands:
    """The header row of a sheet that counts classes in bands: its number, the bands and the other columns."""

    row: int
    columns: Mapping[int, tuple[int | None, int | None]]
    school: int
    others: Mapping[str, int]


def bands_in(rows: Sequence[Row], standard: Standard) -> Bands | None:
    """Return where a sheet counts classes in bands; None where it does not."""
    if "at_most" not in standard.table_measures("classes"):
        return None
    words = vocabulary(standard, "schools")
    for number, cells in rows:
        texts = [text_of(cell) for cell in cells]
        columns = {n: band for n, text in enumerate(texts) if text and (band := band_of(text))}
        if len(columns) < _FEWEST:
            continue
        known = {entry.column: n for n, text in enumerate(texts) if text for entry in words.meant((text,))[:1]}
        stage = next((n for n, text in enumerate(texts) if plain(text) in ("学段", "stage")), None)
        school = known.get("school", known.get("name"))
        if school is not None:
            others = {"county": known["county"]} if "county" in known else {}
            return Bands(number, columns, school, others | ({"stage": stage} if stage is not None else {}))
    return None


def table_of_bands(
    bands: Bands, rows: Sequence[Row], sheet: Sheet, standard: Standard, problems: Problems
) -> tuple[RawTable, list[Note]]:
    """Return the classes that a sheet counts in bands, with a row for each school and band."""
    names = ["school", *bands.others, "classes", "above", "at_most"]
    columns: dict[str, list[Cell]] = {name: [] for name in names}
    lines: list[int] = []
    for number, cells in rows:
        school = cells[bands.school] if bands.school < len(cells) else None
        if number <= bands.row or not is_filled(school):
            continue
        for column, (above, at_most) in bands.columns.items():
            lines.append(number)
            columns["school"].append(school)
            columns["classes"].append(cells[column] if column < len(cells) else None)
            columns["above"].append(above)
            columns["at_most"].append(at_most)
            for name, other in bands.others.items():
                columns[name].append(cells[other] if other < len(cells) else None)
    arrays = {name: np.fromiter(values, dtype=object, count=len(lines)) for name, values in columns.items()}
    origin = Origin(sheet.file, lines, sheet=sheet.name, columns={"school": bands.school})
    text = Title(zh="按班额分档的班数读入", en="read as classes counted in bands")
    known = standard.table_measures("classes")
    return type_columns("classes", arrays, known, origin, problems), [Note(sheet.file, sheet.name, text)]


def with_stages_of_schools(classes: RawTable, schools: RawTable, standard: Standard) -> RawTable:
    """Return classes whose sheets say no stage with the stage of their school, where it has one alone."""
    if "school" not in classes.columns or "type" not in schools.columns or "school" not in schools.columns:
        return classes
    if "stage" in classes.faulty or "type" in schools.faulty:
        return classes
    kinds = standard.table_measures("schools")["type"].values
    stages = [choice.id for choice in standard.table_measures("classes")["stage"].values]
    known: dict[str, int] = {}
    for school, kind in zip(schools.columns["school"].tolist(), schools.columns["type"].tolist(), strict=True):
        own = list(kinds[kind].stages or ()) if kind >= 0 else []
        known[school] = stages.index(own[0]) if len(own) == 1 and own[0] in stages else -1
    column = classes.columns.get("stage", np.full(classes.size, -1, np.int16)).copy()
    for row, school in enumerate(classes.columns["school"].tolist()):
        if column[row] == -1:
            column[row] = known.get(school, -1)
    if (column < 0).all():
        return classes
    return attrs.evolve(classes, columns={**classes.columns, "stage": column})
