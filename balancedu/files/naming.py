"""Names serve as ids where ids are missing, unique within their county; schools in several sheets become one."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

import attrs
import numpy as np

from balancedu.core.fields import Title, plain
from balancedu.submission.arrange import type_of_stages
from balancedu.submission.problems import Note, Problems, shown
from balancedu.submission.tables import Column, Origin, RawTable
from balancedu.text import Phrase, listed

_MISSING = Title(zh="没有学校标识，以学校名称作为标识", en="there are no school ids, and the names serve as ids")
_NAMES = Title(zh="填的是学校名称，已按名称对应到学校标识", en="names of schools were read as the ids of these schools")
_MERGED = Title(
    zh="{}在几张工作表里都有，各表的数合为一所学校", en="{} stand in several sheets, and their figures were joined"
)
_MOST_SHOWN = 5
_COUNTY = ""


def with_names_as_ids(parts: Sequence[RawTable], others: Sequence[RawTable], notes: list[Note]) -> list[RawTable]:
    """Return the sheets of schools, each with a column of ids: of those without ids, the names.

    Where classes or rooms are those of schools that have none of these names, the ids are what is missing.
    """
    known = _ids_by_name(parts)
    named = {plain(name) for part in parts for name in part.columns.get("name", np.empty(0, str)).tolist()}
    used = {plain(name) for part in others for name in part.columns.get("school", np.empty(0, str)).tolist()} - {""}
    if used and used.isdisjoint(named) and not any("school" in part.columns for part in parts):
        return list(parts)
    result = []
    for part in parts:
        if "school" in part.columns or "school" in part.faulty or "name" not in part.columns:
            result.append(part)
            continue
        keys = zip(_counties(part), part.columns["name"].tolist(), strict=True)
        ids = [known.get((county, plain(name)), name) for county, name in keys]
        columns = {**part.columns, "school": np.array(ids, dtype=str)}
        places = {**part.origin.columns, "school": part.origin.columns.get("name", 0)}
        result.append(attrs.evolve(part, columns=columns, origin=attrs.evolve(part.origin, columns=places)))
        notes.append(Note(part.origin.file, part.origin.sheet, _MISSING))
    return result


def _ids_by_name(parts: Sequence[RawTable]) -> dict[tuple[str, str], str]:
    """Return the ids of schools by county and name, of names that are unique in their county."""
    result: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for part in parts:
        if "school" in part.columns and "name" in part.columns:
            names, ids = part.columns["name"].tolist(), part.columns["school"].tolist()
            for county, name, school in zip(_counties(part), names, ids, strict=True):
                if name and school:
                    result[county, plain(name)].add(school)
    return {key: next(iter(ids)) for key, ids in result.items() if len(ids) == 1}


def _counties(part: RawTable) -> list[str]:
    named: list[str] = part.columns["county"].tolist() if "county" in part.columns else [_COUNTY] * part.size
    return named


def with_ids_for_names(table: RawTable, column: str, schools: RawTable, notes: list[Note]) -> RawTable:
    """Return a table whose column names schools by their ids, where it wrote names that are those of one school."""
    if column not in table.columns or "school" not in schools.columns or "name" not in schools.columns:
        return table
    written = table.columns[column]
    ids = set(schools.columns["school"].tolist())
    rows = [row for row, value in enumerate(written.tolist()) if value and value not in ids]
    if not rows:
        return table
    known = _ids_by_name([schools])
    counties = _counties(table)
    if "county" in schools.columns and "county" not in table.columns:
        own = set(schools.columns["county"].tolist())
        counties = [next(iter(own))] * table.size if len(own) == 1 else counties
    if "county" not in schools.columns:
        counties = [_COUNTY] * table.size
    changed = written.astype(object)
    result = 0
    for row in rows:
        if school := known.get((counties[row], plain(str(written[row])))):
            changed[row], result = school, result + 1
    if not result:
        return table
    notes.append(Note(table.origin.file, table.origin.sheet, _NAMES))
    return attrs.evolve(table, columns={**table.columns, column: changed.astype(str)})


def joined_schools(table: RawTable, problems: Problems, notes: list[Note]) -> RawTable:
    """Return schools, or their sections, each once: one in several sheets has the figures of all of them."""
    if not len(table.origin.sheets) or "school" not in table.columns or {"school", "county"} & set(table.faulty):
        return table
    sheets = np.asarray(table.origin.sheets)
    groups: defaultdict[tuple[str, str, int], list[int]] = defaultdict(list)
    stages = table.columns["stage"].tolist() if "stage" in table.columns else [-1] * table.size
    for row, key in enumerate(zip(_counties(table), table.columns["school"].tolist(), stages, strict=True)):
        groups[key].append(row)
    again = {
        rows[0]: rows[1:]
        for (_, school, _), rows in groups.items()
        if school and len(rows) > 1 and len({int(sheets[row]) for row in rows}) == len(rows)
    }
    if not again:
        return table
    columns = {name: values.copy() for name, values in table.columns.items()}
    moved: dict[tuple[int, str], tuple[int, int]] = {}
    for first, others in again.items():
        for name, values in columns.items():
            for row in others:
                _join(table, name, values, (first, row), moved, problems)
    dropped = {row for others in again.values() for row in others}
    kept = [row for row in range(table.size) if row not in dropped]
    names = [str(table.columns["school"][row]) for row in again]
    text = listed([*names[:_MOST_SHOWN], *(["…"] if len(names) > _MOST_SHOWN else [])])
    notes.append(Note(table.origin.file, "", Title(zh=_MERGED.zh.format(text.zh), en=_MERGED.en.format(text.en))))
    origin = attrs.evolve(table.origin, moved={**table.origin.moved, **moved})
    return rows_of(attrs.evolve(table, columns=columns, origin=origin), kept)


def rows_of(table: RawTable, kept: Sequence[int]) -> RawTable:
    """Return some of the rows of a table."""
    places = {row: n for n, row in enumerate(kept)}
    faulty = {name: {places[row] for row in rows if row in places} for name, rows in table.faulty.items()}
    origin = attrs.evolve(
        table.origin.of_rows(kept),
        cells={(places[row], name): line for (row, name), line in table.origin.cells.items() if row in places},
        moved={(places[row], name): place for (row, name), place in table.origin.moved.items() if row in places},
    )
    columns = {name: values[list(kept)] for name, values in table.columns.items()}
    faulty = {name: rows for name, rows in faulty.items() if rows}
    return RawTable(table.id, columns, len(kept), origin, faulty)


def _join(
    table: RawTable,
    name: str,
    values: Column,
    rows: tuple[int, int],
    moved: dict[tuple[int, str], tuple[int, int]],
    problems: Problems,
) -> None:
    first, row = rows
    if _is_missing(values[row]) or values[first] == values[row]:
        return
    origin = table.origin
    if name == "type" and not any("type" in origin.sheet_of(entry).columns for entry in rows):
        # Both types are those of the stages that the sheets are about.
        kinds = problems.standard.measures["type"].values
        stages = frozenset(stage for entry in rows for stage in kinds[int(values[entry])].stages or ())
        ids = [choice.id for choice in kinds]
        values[first] = ids.index(type_of_stages(stages, problems.standard))
        return
    if _is_missing(values[first]):
        values[first] = values[row]
        line = origin.lines[row]
        moved[first, name] = origin.sheet_number(row), int(line) if line is not None else 0
        return
    school, before = shown(str(table.columns["school"][row])), origin.place(first, name)
    problem = Phrase(f"学校{school.zh}的这一项与 {before} 不同", f"school {school.en} has another value in {before}")
    hint = Phrase("请核对，两处应相同，或只填一处", "look at both: they must agree, or leave one empty")
    kind = Phrase("两处不同", "two values")
    problems.note(table.id, origin.place(row, name), name, problem, hint, kind)


def _is_missing(value: object) -> bool:
    return value == "" or value != value or (isinstance(value, int | np.integer) and int(value) < 0)  # noqa: PLR0124


def with_county(part: RawTable, county: str) -> RawTable:
    """Return a table all of whose rows belong to one county."""
    origin: Origin = part.origin
    columns: Mapping[str, Column] = {**part.columns, "county": np.full(part.size, county)}
    return attrs.evolve(part, columns=columns, origin=origin)


_SECTION = re.compile(r"(.+?)[（(]?(?:小学|初中|高中|中学)部[)）]?")


def refuse_counted_twice(schools: RawTable, problems: Problems) -> None:
    """Refuse schools beside which their own sections stand as schools: every pupil would be counted twice."""
    if "name" not in schools.columns or "school" not in schools.columns:
        return
    names, counties = schools.columns["name"].tolist(), _counties(schools)
    parents = schools.columns["parent"].tolist() if "parent" in schools.columns else [""] * schools.size
    rows = {(county, plain(name)): row for row, (county, name) in enumerate(zip(counties, names, strict=True)) if name}
    sections: defaultdict[int, list[int]] = defaultdict(list)
    for row, name in enumerate(names):
        result = _SECTION.fullmatch(name)
        whole = rows.get((counties[row], plain(result[1]))) if result else None
        if whole is not None and not parents[row] and _share_a_stage(schools, whole, row):
            sections[whole].append(row)
    for whole, parts in sections.items():
        school, some = str(schools.columns["school"][whole]), listed(names[row] for row in parts)
        problem = Phrase(
            f"{names[whole]}（{school}）和它的{some.zh}都作为学校，学生重复计算",
            f"{names[whole]} ({school}) is listed as a school beside its sections {some.en}: pupils are counted twice",
        )
        hint = Phrase(
            "请只保留全校一行，或只保留各学部，或给学部填所属学校",
            "keep the row of the whole school, or its sections, or give the sections their parent",
        )
        kind = Phrase("学部与全校重复", "a school beside its sections")
        problems.note("schools", schools.origin.place(whole, "name"), "school", problem, hint, kind)


def _share_a_stage(schools: RawTable, whole: int, part: int) -> bool:
    """Return whether two schools have pupils of the same stage."""
    counts = (values for name, values in schools.columns.items() if name.startswith("pupils_"))
    return any(values[whole] > 0 and values[part] > 0 for values in counts)
