"""What the sheets hold becomes the tables of one submission: sheets of one table are joined, names become ids."""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import attrs
import numpy as np

from balancedu.core.fields import Title, plain
from balancedu.core.standard import SECTIONS, Standard
from balancedu.files.collect import Reading, RecognisedSheets, Types
from balancedu.files.layouts import OfficialSheet, facts_of_form
from balancedu.files.narrative import by_county
from balancedu.submission.arrange import DETAILS, judged_by_itself, type_of_stages
from balancedu.submission.arrange import concatenated as rows_joined
from balancedu.submission.columns import UNREADABLE
from balancedu.submission.problems import Note, Problems, shown, value_text
from balancedu.submission.tables import Column, Place, RawTable, RowPlaces
from balancedu.text import Phrase, listed, place_zh

_MOST_SHOWN = 5
_NO_COUNTY = ""
_COUNTY_NAME = re.compile("(?:县|区|市|旗|[Cc]ounty)$")
_SECTION = re.compile(r"(.+?)[（(]?(?:小学|初中|高中|中学)部[)）]?")
Parts = dict[str, list[RawTable]]
"""The tables of each kind, one a sheet."""


Texts = Mapping[tuple[str, str], str]
"""What a county writes in words, by county and key."""
EvidenceByRow = Mapping[tuple[int, str], str]
"""The evidence of facts, by row and fact."""


def join_sheets(results: RecognisedSheets, reading: Reading) -> tuple[dict[str, RawTable], EvidenceByRow, Texts]:
    """Return one table of the sheets of each, with the evidence and the texts; notes and problems are the reading's."""
    results = [*results, *_read_later(results)]
    parts: Parts = defaultdict(list)
    evidence: dict[tuple[int, str], str] = {}
    for _, result in results:
        start = sum(part.size for part in parts["facts"])
        evidence |= {(start + row, fact): text for (row, fact), text in result.evidence.items()}
        for table in result.tables:
            _note_following(table, parts[table.id], reading)
            parts[table.id].append(table)
    parts = {name: tables for name, tables in parts.items() if tables}
    _note_other_lists(results, reading, refuse=not parts)
    if official := [result.official for _, result in results if result.official]:
        _add_official(official, parts, reading)
    if "schools" in parts:
        _name_counties(parts, reading.notes)
        others = [part for table in DETAILS for part in parts.get(table, ())]
        parts["schools"] = _with_names_as_ids(parts["schools"], others, reading.notes)
    if SECTIONS in parts:
        parts[SECTIONS] = _with_names_as_ids(parts[SECTIONS], [], reading.notes)
    if "county_name" in reading.standard.table_measures("facts"):
        _show_county_names(parts, [result.county_names for _, result in results])
    raws = {table: one_table(tables, reading.standard, reading.problems) for table, tables in parts.items()}
    for name in {"schools", SECTIONS} & set(raws):
        raws[name] = _each_school_once(raws[name], reading)
    if "schools" in raws:
        _refer_to_schools(raws, reading)
    counties = (raw.columns["county"].tolist() for raw in raws.values() if "county" in raw.columns)
    texts = [text for _, result in results for text in result.texts]
    narrative = by_county(texts, itertools.chain.from_iterable(counties), reading.problems)
    return raws, evidence, narrative


def _read_later(results: RecognisedSheets) -> RecognisedSheets:
    """Read the schools whose types other sheets state."""
    parts = [table for _, result in results for table in result.tables if table.id == "schools"]
    later: RecognisedSheets = []
    for opened, result in results:
        if result.later:
            later.append((opened, result.later(_types(parts, opened.reading.standard))))
            parts += [table for table in later[-1][1].tables if table.id == "schools"]
    return later


def _types(parts: Sequence[RawTable], standard: Standard) -> Types:
    """Return the types of schools, by county and plain id or name; of those that are clear."""
    kinds = [kind.id for kind in standard.measures["type"].values]
    clear = [part for part in parts if "type" in part.columns and "type" not in part.faulty]
    return _unique(
        (place, text, kinds[kind])
        for part in clear
        for name in {"school", "name"} & set(part.columns)
        for county, text, kind in _by_county(part, name, "type")
        if kind >= 0
        for place in {county, _NO_COUNTY}
    )


def _by_county(part: RawTable, *columns: str) -> Iterator[tuple[Any, ...]]:
    """Yield the county and the values of some columns of each row."""
    return zip(_counties(part), *(part.columns[name].tolist() for name in columns), strict=True)


def _unique(named: Iterable[tuple[str, str, str]]) -> dict[tuple[str, str], str]:
    """Return values by county and plain name, of names that have one value alone."""
    result: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for county, name, value in named:
        if name and value:
            result[county, plain(name)].add(value)
    return {key: next(iter(values)) for key, values in result.items() if len(values) == 1}


def _note_following(table: RawTable, before: Sequence[RawTable], reading: Reading) -> None:
    """Note that a sheet contains rows of a table of which another sheet of the workbook contains some."""
    first, own = before[-1].origin if before else RowPlaces(), table.origin
    if own.file and first.file == own.file and first.sheet != own.sheet:
        text = Title(
            zh=f"也是{reading.title(table.id)}，接在 {first.title} 之后读入",
            en=f"{table.id} too, read after those of {first.title}",
        )
        reading.notes.append(Note(own.file, own.sheet, text))


def _note_other_lists(results: RecognisedSheets, reading: Reading, *, refuse: bool) -> None:
    """Note sheets that list something else than schools, and refuse them where nothing was read."""
    for opened, result in results:
        if problem := result.no_list:
            opened.sheet.add_note(problem.zh, problem.en)
            if refuse:
                hint = Phrase("请列出全县每一所学校，一所一行", "list every school of the county, each in a row")
                reading.problems.note("schools", str(opened.place), "", problem, hint)


def _add_official(sheets: Sequence[OfficialSheet], parts: Parts, reading: Reading) -> None:
    """Add the facts of the application form, unless facts were read from a table of their own."""
    if "facts" in parts:
        for entry in sheets:
            entry.sheet.add_note(
                "县级数据已另有一张表，申报表上的没有读入",
                "the facts of the county have a table of their own, and those of the form were not read",
            )
        return
    first: dict[tuple[str, str], Place] = {}
    for entry in sheets:
        place = Place(entry.sheet.file, entry.sheet.name)
        if (before := first.setdefault((place.file, entry.form), place)) is not place:
            problem = Phrase(f"也是{entry.form}，先见于 {before}", f"it is {entry.form} too, first in {before}")
            reading.problems.note("facts", str(place), "", problem, Phrase("请只保留一份", "keep one of the two"))
    reading.places.setdefault("facts", next(iter(first.values())))
    books = itertools.groupby(sheets, key=lambda entry: entry.sheet.file)
    parts["facts"] = [facts_of_form(list(some), reading.problems) for _, some in books]


def _name_counties(parts: Parts, notes: list[Note]) -> None:
    """Name the counties of a folder that has one workbook a county, and no column of counties, by the files."""
    files = list(dict.fromkeys(part.origin.file for part in parts["schools"]))
    stems = {file: file.rpartition(".")[0] for file in files}
    if len(files) < 2 or not all(map(_COUNTY_NAME.search, stems.values())):
        return
    if any("county" in part.columns for part in parts["schools"]):
        return
    for tables in parts.values():
        for n, part in enumerate(tables):
            if part.origin.file in stems and "county" not in part.columns:
                named = np.full(part.size, stems[part.origin.file])
                tables[n] = attrs.evolve(part, columns={**part.columns, "county": named})
    for file, stem in stems.items():
        notes.append(Note(file, "", Title(zh=f"按文件名作为{stem}", en=f"read as county {stem}")))


def _show_county_names(parts: Parts, given: Sequence[Mapping[str, str]]) -> None:
    """Report the names of counties that a code or a cover means, where no sheet of facts does."""
    names = {code: name for some in given for code, name in some.items() if code}
    on_covers = {some[_NO_COUNTY] for some in given if _NO_COUNTY in some}
    counties = {county for tables in parts.values() for part in tables for county in _counties(part)} - {_NO_COUNTY}
    if not names and len(on_covers) == 1 and len(counties) <= 1:
        names = dict.fromkeys((*counties, _NO_COUNTY), on_covers.pop())
    facts = parts.get("facts", [])
    if names and parts and not facts:
        codes = list(counties & set(names)) if _NO_COUNTY in names else list(names)
        columns: dict[str, Column] = {"county": np.array(codes)} if codes else {}
        columns["county_name"] = np.array([names[code] for code in codes or [_NO_COUNTY]])
        parts["facts"] = [RawTable("facts", columns, len(codes) or 1, RowPlaces(), {})]
    elif names and len(facts) == 1 and "county_name" not in facts[0].columns:
        known = np.array([names.get(code, "") for code in _counties(facts[0])])
        parts["facts"] = [attrs.evolve(facts[0], columns={**facts[0].columns, "county_name": known})]


def _refer_to_schools(raws: dict[str, RawTable], reading: Reading) -> None:
    """Let campuses, classes and rooms refer to schools by their ids, and classes have the stages of their schools."""
    schools = raws["schools"] = _with_ids_for_names(raws["schools"], "parent", raws["schools"], reading.notes)
    if (alone := judged_by_itself(schools, reading.standard)).any():
        names = schools.texts("name" if "name" in schools else "school")[alone].tolist()
        some = listed([*names[:_MOST_SHOWN], *(["…"] if len(names) > _MOST_SHOWN else [])])
        text = Title(zh=f"{some.zh}单独判定，不并入所填的主校", en=f"{some.en}: judged apart from the school they name")
        reading.notes.append(Note(schools.origin.file, schools.origin.sheet, text))
    _refuse_counted_twice(schools, reading.problems)
    for table in set(DETAILS) & set(raws):
        raws[table] = _with_ids_for_names(raws[table], "school", schools, reading.notes)
    if "classes" in raws:
        raws["classes"] = _with_stages_of_schools(raws["classes"], schools, reading.standard)


def one_table(parts: Sequence[RawTable], standard: Standard, problems: Problems) -> RawTable:
    """Return the rows of the sheets of one table, one after the other; what a sheet has no column for is not reported.

    A column that every row needs must be in each of the sheets. Rows of classes, rooms and subjects that are in
    two of them are refused; schools that do are, as any school that appears twice.
    """
    # A sheet that nothing was filled into, as that of a school without special rooms, lacks no column.
    parts = [part for part in parts if not _is_empty(part)] or parts[:1]
    if len(parts) == 1:
        return parts[0]
    name, needed, complete = parts[0].id, _needed(parts[0].id, standard), []
    for part in parts:
        lacking = [
            column
            for column in needed
            if column not in part and column not in part.faulty and any(column in other for other in parts)
        ]
        for column in lacking:
            _refuse_lacking(part, column, parts, problems)
        complete.append(attrs.evolve(part, faulty={**part.faulty, **dict.fromkeys(lacking, range(part.size))}))
    # A choice that every row needs was refused with its column, and is not again in each row.
    choices = {column for column, measure in standard.table_measures(name).items() if measure.type == "choice"}
    gaps = dict.fromkeys(choices.intersection(needed), UNREADABLE)
    result = rows_joined(complete, RowPlaces.of_several([part.origin for part in parts]), gaps)
    if name not in ("schools", SECTIONS):
        _refuse_again(result, standard, problems)
    return result


def _is_empty(part: RawTable) -> bool:
    return not part.size and not part.faulty and part.origin.whole and bool(part.origin.columns)


def _needed(table: str, standard: Standard) -> list[str]:
    """Return the columns that every row of a table needs, where any has them; the stage of a class may follow."""
    choices = [
        column
        for column, table_measure in standard.table_measures(table).items()
        if table_measure.type == "choice" and column != "stage"
    ]
    return [
        "county",
        *([] if table == "facts" else ["school"]),
        *(["type"] if table == "schools" else choices if table in DETAILS else []),
    ]


def _refuse_lacking(part: RawTable, column: str, parts: Sequence[RawTable], problems: Problems) -> None:
    other = next(entry for entry in parts if column in entry.columns)
    where = other.origin.title
    hint = Phrase(
        f"{place_zh(where)} 有这一列，每一行都要填；不是这张表的工作表，请在 mapping.yaml 里略去",
        f"{where} has it, and every row needs one; a sheet of something else is left out in mapping.yaml",
    )
    problem = Phrase("缺少这一列，或整列是空的", "the column is missing, or empty")
    problems.note(part.id, part.origin.title, column, problem, hint)


def _refuse_again(table: RawTable, standard: Standard, problems: Problems) -> None:
    """Refuse rows of two sheets that agree in all identifying columns: one sheet may be a copy."""
    measures = standard.table_measures(table.id)
    kinds = ("text", "choice") if table.id in DETAILS else ("text",)
    keys = [column for column in table.columns if measures[column].type in kinds]
    keys = [column for column in keys if _is_full(table.columns[column])]
    if not keys or ("school" in measures and "school" not in keys):
        return
    sheets, first, refused = np.asarray(table.origin.sheets), dict[tuple[object, ...], int](), set[tuple[object, ...]]()
    for row, values in enumerate(zip(*(table.columns[key].tolist() for key in keys), strict=True)):
        before = first.setdefault(values, row)
        if sheets[row] == sheets[before] or values in refused:
            continue
        refused.add(values)
        cells = [value_text(value, measures[key]) for key, value in zip(keys, values, strict=True)]
        zh, en = "、".join(entry.zh for entry in cells), ", ".join(entry.en for entry in cells)
        name = "school" if "school" in keys else keys[0]
        place = table.place(before, name)
        problem = Phrase(
            f"{zh}的行在两张工作表里都有，先见于 {place}", f"rows of {en} are in two sheets, first in {place}"
        )
        hint = Phrase(
            "如果是副本，请在 mapping.yaml 里略去；如果不是，请把这些行写在同一张工作表里",
            "leave a copy out in mapping.yaml; where it is none, put these rows into one sheet",
        )
        kind = Phrase("两张工作表都有的行", "rows in two sheets")
        problems.note(table.id, table.place(row, name), name, problem, hint, kind)


def _is_full(column: Column) -> bool:
    return bool((column != "").all() if column.dtype.kind == "U" else (column >= 0).all())


def _counties(part: RawTable) -> list[str]:
    named: list[str] = part.columns["county"].tolist() if "county" in part.columns else [_NO_COUNTY] * part.size
    return named


def _ids_by_name(parts: Sequence[RawTable]) -> dict[tuple[str, str], str]:
    """Return the ids of schools by county and name, of names that are unique in their county."""
    complete = [part for part in parts if {"school", "name"} <= set(part.columns)]
    return _unique(row for part in complete for row in _by_county(part, "name", "school"))


def _with_names_as_ids(parts: list[RawTable], others: Sequence[RawTable], notes: list[Note]) -> list[RawTable]:
    """Return the sheets of schools, each with a column of ids: of those without ids, the names.

    Where classes or rooms are those of schools that have none of these names, the ids are what is missing.
    """
    known = _ids_by_name(parts)
    named = {plain(name) for part in parts if "name" in part.columns for name in part.columns["name"].tolist()}
    used = {plain(name) for part in others if "school" in part.columns for name in part.columns["school"].tolist()}
    if used - {""} and used.isdisjoint(named) and not any("school" in part.columns for part in parts):
        return parts
    return [_with_ids(part, known, notes) for part in parts]


def _with_ids(part: RawTable, known: Mapping[tuple[str, str], str], notes: list[Note]) -> RawTable:
    """Return schools with the ids that are known for their names, or else the names as ids, if they have none."""
    if "school" in part.columns or "school" in part.faulty or "name" not in part.columns:
        return part
    ids = np.array([known.get((county, plain(name)), name) for county, name in _by_county(part, "name")], dtype=str)
    places = part.origin.columns
    origin = attrs.evolve(part.origin, columns={**places, "school": places.get("name", 0)})
    text = Title(zh="没有学校标识，以学校名称作为标识", en="there are no school ids, and the names serve as ids")
    notes.append(Note(part.origin.file, part.origin.sheet, text))
    return attrs.evolve(part, columns={**part.columns, "school": ids}, origin=origin)


def _with_ids_for_names(table: RawTable, column: str, schools: RawTable, notes: list[Note]) -> RawTable:
    """Return a table whose column names schools by their ids, where it wrote names that are those of one school."""
    if column not in table.columns or not {"school", "name"} <= set(schools.columns):
        return table
    written, ids = table.columns[column].astype(object), set(schools.columns["school"].tolist())
    rows = [row for row, value in enumerate(written.tolist()) if value and value not in ids]
    known = _ids_by_name([schools]) if rows else {}
    counties, own = _counties(table), dict.fromkeys(_counties(schools))
    if "county" not in schools.columns or ("county" not in table.columns and len(own) == 1):
        counties = [next(iter(own), _NO_COUNTY)] * table.size
    changed = {row: school for row in rows if (school := known.get((counties[row], plain(str(written[row])))))}
    if not changed:
        return table
    written[list(changed)] = list(changed.values())
    text = Title(
        zh="填的是学校名称，已按名称对应到学校标识", en="names of schools were read as the ids of these schools"
    )
    notes.append(Note(table.origin.file, table.origin.sheet, text))
    return attrs.evolve(table, columns={**table.columns, column: written.astype(str)})


def _with_stages_of_schools(classes: RawTable, schools: RawTable, standard: Standard) -> RawTable:
    """Return classes whose sheets state no stage with the stage of their school, where it has one alone."""
    if "school" not in classes.columns or not {"school", "type"} <= set(schools.columns):
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
    for row in np.flatnonzero(column == -1).tolist():
        column[row] = known.get(str(classes.columns["school"][row]), -1)
    return classes if (column < 0).all() else attrs.evolve(classes, columns={**classes.columns, "stage": column})


def _each_school_once(table: RawTable, reading: Reading) -> RawTable:
    """Return schools, or their sections, each once: one in several sheets has the figures of all of them."""
    if not len(table.origin.sheets) or "school" not in table.columns or {"school", "county"} & set(table.faulty):
        return table
    groups: defaultdict[tuple[str, str, int], list[int]] = defaultdict(list)
    stages = table.columns["stage"].tolist() if "stage" in table.columns else [-1] * table.size
    for row, key in enumerate(zip(_counties(table), table.columns["school"].tolist(), stages, strict=True)):
        groups[key].append(row)
    again = {
        rows[0]: rows[1:]
        for (_, school, _), rows in groups.items()
        if school and len(rows) > 1 and len({table.origin.sheet_number(row) for row in rows}) == len(rows)
    }
    if not again:
        return table
    columns = {name: values.copy() for name, values in table.columns.items()}
    moved = dict(table.origin.moved)
    for first, others in again.items():
        for name, values in columns.items():
            for row in others:
                _join(table, name, values, (first, row), moved, reading.problems)
    dropped = set(itertools.chain.from_iterable(again.values()))
    names = [str(table.columns["school"][row]) for row in again]
    text = listed([*names[:_MOST_SHOWN], *(["…"] if len(names) > _MOST_SHOWN else [])])
    merged = Title(
        zh=f"{text.zh}在几张工作表里都有，各表的数合为一所学校",
        en=f"{text.en} are in several sheets, and their figures were combined",
    )
    reading.notes.append(Note(table.origin.file, "", merged))
    whole = attrs.evolve(table, columns=columns, origin=attrs.evolve(table.origin, moved=moved))
    return whole.of_rows([row for row in range(table.size) if row not in dropped])


def _join(
    table: RawTable,
    name: str,
    values: Column,
    rows: tuple[int, int],
    moved: dict[tuple[int, str], tuple[int, int]],
    problems: Problems,
) -> None:
    """Write what a later row of a school has into the first one."""
    first, row = rows
    if _is_missing(values[row]) or values[first] == values[row]:
        return
    origin = table.origin
    if name == "type" and not any("type" in origin.sheet_of(entry).columns for entry in rows):
        # Both types are those of the stages that the sheets are about.
        kinds = problems.standard.measures["type"].values
        stages = frozenset(stage for entry in rows for stage in kinds[int(values[entry])].stages or ())
        values[first] = [choice.id for choice in kinds].index(type_of_stages(stages, problems.standard))
    elif _is_missing(values[first]):
        values[first] = values[row]
        moved[first, name] = origin.sheet_number(row), int(origin.lines[row] or 0)
    else:
        school, before = shown(str(table.columns["school"][row])), origin.place(first, name)
        problem = Phrase(
            f"学校{school.zh}的这一项与 {before} 不同", f"school {school.en} has another value in {before}"
        )
        hint = Phrase("请核对，两处应相同，或只填一处", "look at both: they must agree, or leave one empty")
        problems.note(table.id, origin.place(row, name), name, problem, hint, Phrase("两处不同", "two values"))


def _is_missing(value: object) -> bool:
    return value == "" or value != value or (isinstance(value, int | np.integer) and int(value) < 0)  # noqa: PLR0124


def _refuse_counted_twice(schools: RawTable, problems: Problems) -> None:
    """Refuse schools beside which their own sections are listed as schools: every pupil would be counted twice."""
    if not {"name", "school"} <= set(schools.columns):
        return
    names, counties = schools.columns["name"].tolist(), _counties(schools)
    parents = schools.columns["parent"].tolist() if "parent" in schools.columns else [""] * schools.size
    rows = {(county, plain(name)): row for row, (county, name) in enumerate(zip(counties, names, strict=True)) if name}
    pupils = [values for name, values in schools.columns.items() if name.startswith("pupils_")]
    sections: defaultdict[int, list[int]] = defaultdict(list)
    for row, name in enumerate(names):
        match = _SECTION.fullmatch(name)
        whole = rows.get((counties[row], plain(match[1]))) if match and not parents[row] else None
        if whole is not None and any(values[whole] > 0 and values[row] > 0 for values in pupils):
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
