"""Submitted tables become typed tables in the order of counties and schools."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Literal, cast

import attrs
import numpy as np

from balancedu.calculator.groups import Bools, Ints
from balancedu.core.fields import Stage, plain
from balancedu.core.model import Measure, current_id
from balancedu.core.standard import SECTIONS, SPREAD, Standard
from balancedu.errors import near
from balancedu.submission.classes import graded, single_rows
from balancedu.submission.columns import Scaling, cell_text, typed
from balancedu.submission.problems import (
    MOST_GUESSES,
    ONLY_COUNTY,
    BadCell,
    Guesses,
    Problems,
    number_text,
    school_of,
    shown,
    titles_in,
    why_dropped,
)
from balancedu.submission.tables import (
    NO_ROWS,
    Column,
    RawTable,
    RowPlaces,
    Table,
    TableLike,
    TypedColumns,
    is_rows,
    missing_of,
    raw_columns,
)
from balancedu.text import NO_WORDS, Phrase, listed, meant, place_zh

Extra = Literal["error", "ignore"]
"""What happens to columns and facts that the standard does not have."""
COLUMN, FACT = Phrase("列", "column"), Phrase("项", "fact")
_WRONG_SHAPE = Phrase("个数不对", "wrong shape")


def type_columns(
    name: str,
    columns: Mapping[str, Column],
    measures: Mapping[str, Measure],
    origin: RowPlaces,
    problems: Problems,
    scalings: Mapping[str, Scaling | None] = MappingProxyType({}),
    *,
    commas: bool = True,
    extra: Extra = "error",
) -> RawTable:
    """Return the columns of a table, or of some of its rows, as their measures' types.

    Parameters
    ----------
    name, columns, measures, origin, problems
    scalings : mapping of column to Scaling, optional
        The units of columns that are written in another than their measure's.
    commas : bool
        Without it, one comma in a number may be a decimal point.
    extra : {'error', 'ignore'}
        Whether columns of no measure are refused or ignored.
    """
    columns = {_current(name, columns, measures): values for name, values in columns.items()}
    size = next((column.shape[0] for column in columns.values() if column.ndim), 0)
    result: dict[str, Column] = {}
    faulty: dict[str, Collection[int]] = {}
    bad: dict[str, list[BadCell]] = {}
    for column, values in columns.items():
        if column in measures and values.shape == (size,):
            result[column], bad[column] = typed(values, measures[column], scalings.get(column), commas=commas)
            if bad[column]:
                faulty[column] = {cell.row for cell in bad[column]}
        elif column in measures:
            faulty[column] = range(size)
    table = RawTable(name, result, size, origin, faulty)
    unknown = [column for column in columns if column not in measures] if extra == "error" else []
    if len(unknown) > MOST_GUESSES:
        word, first = FACT if name == "facts" else COLUMN, listed(unknown[:5])
        problem = Phrase(
            f"有{len(unknown)}{word.zh}无法识别：{first.zh}等",
            f"{len(unknown)} unknown {word.en}s: {first.en} and others",
        )
        problems.column(table, "", problem, without(word) + _OR_DECLARE, unknown_of(word))
        unknown = []
    for column, values in columns.items():
        if column in unknown:
            _refuse_unknown(table, column, values, measures, problems)
        elif column in measures and column not in bad:
            problems.column(table, column, _wrong_shape(values, size), kind=_WRONG_SHAPE)
        for cell in bad.get(column, ()):
            problems.cell(table, cell.row, column, cell.problem, cell.hint, cell.kind)
    return without_empty_county(table)


def _current(name: str, given: Mapping[str, object], measures: Mapping[str, Measure]) -> str:
    """Return the column that an earlier id means, unless that column is also given."""
    current = name if name in measures else current_id(name, measures)
    return name if current != name and current in given else current


def concatenated(parts: list[RawTable], origin: RowPlaces, gaps: Mapping[str, int] = MappingProxyType({})) -> RawTable:
    """Return the table whose rows were typed in parts, one after the other; the list is emptied.

    What a part has no column for is missing, unless `gaps` names what it holds instead.
    """
    faulty: dict[str, set[int]] = {}
    offset = 0
    for part in parts:
        for column, rows in part.faulty.items():
            faulty.setdefault(column, set()).update(row + offset for row in rows)
        offset += part.size
    name, pieces = parts[0].id, [(part.size, dict(part.columns)) for part in parts]
    kinds: dict[str, np.dtype[Any]] = {}
    for part in parts:
        kinds |= {column: values.dtype for column, values in part.columns.items() if column not in kinds}
    parts.clear()
    columns = {}
    for column, kind in kinds.items():
        gap = gaps.get(column, missing_of(kind))
        # What was joined is given back at once: otherwise the largest table would be in memory twice.
        columns[column] = np.concatenate(
            [piece.pop(column) if column in piece else np.full(size, gap, kind) for size, piece in pieces]
        )
    return RawTable(name, columns, offset, origin, faulty)


def without_empty_county(raw: RawTable) -> RawTable:
    """Return a table without its column of counties where that names none."""
    if "county" not in raw or "county" in raw.faulty or (raw.texts("county") != "").any():
        return raw
    return attrs.evolve(raw, columns={column: values for column, values in raw.columns.items() if column != "county"})


_OR_DECLARE = Phrase("，或在自己的标准里声明", ", or declare it in a standard of your own")


def _refuse_unknown(
    table: RawTable, column: str, values: Column, measures: Mapping[str, Measure], problems: Problems
) -> None:
    word, place, origin = COLUMN, table.origin.title, table.origin
    if table.id == "facts":
        word = FACT
        if origin.cells or origin.names:
            place = origin.place(next(row for row, value in enumerate(values.tolist()) if value is not None), column)
    titled = {title: own for own, measure in measures.items() for title in (measure.title.zh, measure.title.en)}
    guess = meant([titled[column]]) if column in titled else near(column, measures)
    unknown, hint = unknown_of(word), without(word) + _OR_DECLARE
    if why := why_dropped(problems.standard, table.id, [column]):
        guess, hint = why, without(word)
    problems.note(table.id, place, column, unknown + guess, hint, unknown)


def without(word: Phrase) -> Phrase:
    """Return the hint for a column or fact that the standard does not have."""
    return Phrase(f"请删去这一{word.zh}", f"leave the {word.en} out")


def unknown_of(word: Phrase) -> Phrase:
    """Return that the standard has no such column or fact."""
    return Phrase(f"无法识别这一{word.zh}", f"unknown {word.en}")


def _wrong_shape(values: Column, size: int) -> Phrase:
    if values.ndim == 0:
        return Phrase(f"只有一个值，应为{size}个值的列表", f"found one value, wanted a list of {size}")
    if values.ndim > 1:
        return Phrase(
            f"同名的列有{values.shape[1]}列，应为一列", f"found {values.shape[1]} columns of this name, wanted one"
        )
    return Phrase(
        f"有{values.size}个值，应与其他列一样有{size}个",
        f"found {values.size} cells, wanted {size} as in other columns",
    )


Facts = Mapping[str, object] | TableLike
"""One mapping of facts, a mapping of county to such mappings, or a table with a row for each county."""
FactEvidence = Mapping[tuple[int, str], str]
"""What facts were documented with, by row and fact."""

_FORM = Phrase("写法不对", "form of a fact")
_WITH_EVIDENCE = Phrase("请写作 {value: true, evidence: …}", "write {value: true, evidence: …}")


def typed_facts(
    facts: Facts, known: Mapping[str, Measure], origin: RowPlaces, problems: Problems, *, extra: Extra = "error"
) -> tuple[RawTable, FactEvidence]:
    """Return facts as typed columns with a row for each county, and what documents them.

    Parameters
    ----------
    facts : mapping or table
        See `Facts`.
    known : mapping
        The facts that the standard declares.
    origin, problems
        Where the facts were read, and where to put what is wrong with them.
    extra : {'error', 'ignore'}
        What to do with facts that the standard does not have.
    """
    columns: Mapping[str, Column] = {}
    evidence: FactEvidence = {}
    if is_rows(facts):
        rows = [(cell_text(row.get("county")) or "", _named(row)) for row in facts]
        columns, evidence = _columns_of_facts(rows, known, origin, problems)
    elif not isinstance(facts, Mapping) or _is_table(facts):
        columns = raw_columns(cast("TableLike", facts))
    elif facts:
        rows = [("", _named(facts))]
        if not _is_one_county(rows[0][1], known):
            rows = [(str(key), _named(value) if isinstance(value, Mapping) else {}) for key, value in facts.items()]
        if not origin.file:
            origin = RowPlaces(names=[county or cell_text(values.get("county")) or "" for county, values in rows])
        columns, evidence = _columns_of_facts(rows, known, origin, problems)
    return type_columns("facts", columns, known, origin, problems, extra=extra), evidence


def _named(facts: Mapping[Any, Any]) -> dict[str, Any]:
    """Return a mapping whose keys are text; a county may be a number."""
    return {str(key): value for key, value in facts.items()}


def _is_table(facts: Mapping[str, Any]) -> bool:
    """Columns: of several counties, or else arrays, which are columns in any case."""
    return _is_column(facts.get("county")) or (
        bool(facts) and all(_is_column(fact) and not isinstance(fact, list | tuple) for fact in facts.values())
    )


def _is_column(values: object) -> bool:
    return hasattr(values, "__len__") and not isinstance(values, str | bytes | Mapping)


def _is_one_county(facts: Mapping[str, Any], known: Mapping[str, Measure]) -> bool:
    """Facts of one county, unless every value is itself a mapping of facts, or left empty."""
    if any(fact in known or any(fact in measure.formerly for measure in known.values()) for fact in facts):
        return True
    mappings = [value for value in facts.values() if isinstance(value, Mapping)]
    others = [value for value in facts.values() if not isinstance(value, Mapping)]
    return (
        not mappings
        or any("value" in value for value in mappings)
        or not all(value is None or (isinstance(value, str) and not value.strip()) for value in others)
    )


def _columns_of_facts(
    counties: Sequence[tuple[str, Mapping[str, Any]]],
    known: Mapping[str, Measure],
    origin: RowPlaces,
    problems: Problems,
) -> tuple[dict[str, Column], FactEvidence]:
    """Return the facts of counties as columns, and what documents them."""
    columns: dict[str, Column] = {}
    evidence: dict[tuple[int, str], str] = {}
    for row, (county, named) in enumerate(counties):
        facts = {_current(name, named, known): value for name, value in named.items()}
        for fact, given in (facts | ({"county": county} if county else {})).items():
            place, value = origin.place(row, fact, county), given
            if fact not in known:
                value = True  # an unknown fact is refused by its name
            elif fact == "county" and county and (cell_text(facts.get("county")) or county) != county:
                written, other = shown(facts["county"]), shown(county)
                problem = Phrase(
                    f"填报{written.zh}，却写在县{other.zh}之下", f"found {written.en}, below the county {other.en}"
                )
                problems.note("facts", place, fact, problem, Phrase("请只保留一个", "keep one of the two"), _FORM)
            elif isinstance(value, Mapping):
                if set(value) - {"value", "evidence"}:
                    keys = listed(map(str, value))
                    problem = Phrase(
                        f"写有“{keys.zh}”，应为 value 和 evidence", f"found {keys.en}, wanted value and evidence"
                    )
                    problems.note("facts", place, fact, problem, _WITH_EVIDENCE, _FORM)
                if text := cell_text(value.get("evidence"), is_id=False):
                    evidence[row, fact] = text
                value = value.get("value")
            elif isinstance(value, list | tuple | np.ndarray):
                problem = Phrase("填报了列表，应为一个值", "found a list, wanted one value")
                hint = Phrase("多个县的县级填报项，要有 `county` 一列", "facts of many counties need a column `county`")
                problems.note("facts", place, fact, problem, hint, _FORM)
                value = None
            columns.setdefault(fact, np.full(len(counties), None))[row] = value
    return columns, evidence


WRITE_IN_FULL = Phrase(
    "请把这一列的格式设为文本，写全每个标识码", "format the column as text, and write every id in full"
)
_UNKNOWN_SCHOOL = Phrase("学校不在学校表中", "unknown school")
_LOST_ZEROS = Phrase("标识码开头的0丢了", "ids without their leading zeros")


def refuse_unlisted(
    table: RawTable | Table,
    references: Iterable[tuple[int, str, str]],
    column: str,
    schools: Table,
    counties: tuple[str, ...],
    problems: Problems,
    hint: Phrase,
) -> None:
    """Refuse what names no school; where zeros were lost, once for the column that lost them.

    Parameters
    ----------
    table, column
        Where schools are named.
    references : iterable of (row, county, school)
        What rows of the table write.
    schools, counties, problems
    hint : Phrase
        Where it is not known what was meant.
    """
    reported = {error.table for error in problems.found if error.kind == _LOST_ZEROS.en}
    ids, names = schools.texts("school").tolist(), schools.texts("name").tolist()
    by_number, by_name = defaultdict[tuple[str, str], list[int]](list), defaultdict[tuple[str, str], list[str]](list)
    guesses: dict[str, Guesses] = {county: Guesses([]) for county in counties}
    for row, (position, school, name) in enumerate(zip(schools.county.tolist(), ids, names, strict=True)):
        county = counties[position]
        guesses[county].known.append(school)
        by_number[county, school.lstrip("0")].append(row)
        by_name[county, plain(name)].append(school)
    for row, county, school in references:
        number = school.lstrip("0") if school.isdigit() else ""
        same = by_number.get((county, number), []) if number else []
        # A program that takes ids for numbers leaves no zero; one that is missing was mistyped.
        if len(same) == 1 and number in (school, ids[same[0]]):
            place: tuple[RawTable | Table, int, str] = table, row, column
            short, full = school, ids[same[0]]
            if number != school:
                place, short, full = (schools, same[0], "school"), full, short
            if place[0].id not in reported:
                reported.add(place[0].id)
                own, other = shown(short), shown(full)
                problem = Phrase(
                    f"填报{own.zh}，而别处是{other.zh}，这一列标识码开头的0看来丢了",
                    f"found {own.en}, which is {other.en} elsewhere: the ids seem to have lost their leading zeros",
                )
                problems.cell(*place, problem, WRITE_IN_FULL, _LOST_ZEROS)
            continue
        guess = guesses[county].nearest(school) if county in guesses else NO_WORDS
        guess = meant(by_name.get((county, plain(school)), ())) or guess
        problem = school_of(school, county) + Phrase("不在学校表中", " is not in the schools") + guess
        problems.cell(table, row, column, problem, hint, _UNKNOWN_SCHOOL)


DETAILS = ("classes", "rooms")
"""The tables whose rows belong to schools."""
NO_COLUMN = Phrase("缺少这一列", "the column is missing")
EVERY_ROW = Phrase("每一行都要填", "every row needs one")
_KEEP_ONE = Phrase("请只保留一行", "keep one of the rows")
_COPY = Phrase(
    "如果是同一张表的副本，请在 mapping.yaml 里略去；一所学校各学段的数应写在同一行",
    "leave a copy out in mapping.yaml; the figures of all stages of a school belong in one row",
)
_CORRECT_ONE = Phrase("请核对这两个数", "correct one of the two")


def _twice(first: str) -> Phrase:
    return Phrase(f"重复，先见于 {place_zh(first)}", f" appears twice, first in {first}")


def _refuse_empty(raw: RawTable, column: str, problems: Problems) -> None:
    """Refuse the rows that leave an id or a choice empty."""
    if column in raw:
        empty = raw.texts(column) == "" if raw.columns[column].dtype.kind == "U" else raw.choices(column) == -1
        noted = raw.faulty.get(column, ())
        problems.missing(raw, [row for row in np.flatnonzero(empty).tolist() if row not in noted], column, EVERY_ROW)


def _counties_named(raws: Iterable[RawTable]) -> dict[str, RawTable]:
    """Return the ids of counties that tables name, each with the last table that names it."""
    named: dict[str, RawTable] = {}
    for raw in raws:
        named |= dict.fromkeys(sorted(set(raw.texts("county").tolist()) - {""}), raw)
    return named


def _county_of_schools(schools: RawTable, named: Mapping[str, RawTable], problems: Problems) -> str | None:
    """Return the county of schools that do not name it: the one that other tables name, if they do.

    None if they name several, which is refused.
    """
    if len(named) < 2:
        return next(iter(named), ONLY_COUNTY)
    first = [(shown(county), raw) for county, raw in list(named.items())[:2]]
    zh = "、".join(f"{titles_in(problems.standard, raw.id, '')[0]}的{county.zh}" for county, raw in first)
    en = ", ".join(f"{county.en} in {raw.id}" for county, raw in first)
    problem = Phrase(
        f"缺少这一列，而其他表有{len(named)}个县：{zh}",
        f"the column is missing, and other tables name {len(named)} counties: {en}",
    )
    hint = Phrase("请写明每所学校属于哪个县", "add the county of each school")
    problems.column(schools, "county", problem, hint)
    return None


def _arranged(raw: RawTable, county: Ints, order: Ints, school: Ints = NO_ROWS) -> Table:
    """Return rows of a table in an order, with the positions of the county and the school of each."""
    columns = {column: values[order] for column, values in raw.columns.items()}
    return Table(raw.id, columns, county, order, raw.origin, school)


def schools_table(
    raw: RawTable, county: str, problems: Problems, further: Collection[str] = ()
) -> tuple[Table, tuple[str, ...]]:
    """Return the schools in the order of county and school id, and the counties.

    Schools that name no county belong to `county`; `further` counties have no schools.
    """
    for column in ("school", "type"):
        if raw.size and column not in raw and column not in raw.faulty:
            problems.column(raw, column, NO_COLUMN, EVERY_ROW)
        _refuse_empty(raw, column, problems)
    _refuse_empty(raw, "county", problems)
    school, names = raw.texts("school"), raw.texts("county") if "county" in raw else np.full(raw.size, county)
    counties = np.array(sorted({*names.tolist(), *further}), dtype=str)
    position = np.searchsorted(counties, names)
    order = np.lexsort((school, position))
    table = _arranged(raw, position[order], order)
    if (alone := judged_by_itself(table, problems.standard)).any():
        columns = {**table.columns, "parent": np.where(alone, "", table.columns["parent"])}
        table = attrs.evolve(table, columns=columns)
    table = attrs.evolve(table, columns={**table.columns, "school": school[table.rows]})
    for row in duplicates_of(table).tolist():
        name = school_of(table.name(row), str(counties[table.county[row]]))
        own, other = (raw.origin.sheet_of(int(entry)) for entry in table.rows[row - 1 : row + 1])
        problem, kind = name + _twice(table.place(row - 1, "school")), Phrase("学校重复", "duplicate school")
        problems.cell(table, row, "school", problem, _KEEP_ONE if own is other else _COPY, kind)
    return table, tuple(counties.tolist())


def judged_by_itself(schools: TypedColumns, standard: Standard) -> Bools:
    """Return which schools name a parent although their type is always judged by itself, as teaching points are."""
    alone = np.array([*(kind.by_itself for kind in standard.measures["type"].values), False])
    result: Bools = alone[schools.choices("type")] & (schools.texts("parent") != "")
    return result


def duplicates_of(schools: Table) -> Ints:
    """Return the rows of schools whose id the row before has too; schools are in the order of their ids."""
    ids = schools.columns["school"]
    twice = (ids[1:] == ids[:-1]) & (schools.county[1:] == schools.county[:-1]) & (ids[1:] != "")
    return np.flatnonzero(twice) + 1


def detail_table(raw: RawTable, schools: Table, counties: tuple[str, ...], *, sure: bool, problems: Problems) -> Table:
    """Return classes or rooms in the order of their schools.

    Parameters
    ----------
    raw, schools, counties, problems
    sure : bool
        Whether the ids of the schools are all known, so that one that is not among them is a fault.
    """
    if "school" not in raw and "school" not in raw.faulty:
        problems.column(raw, "school", NO_COLUMN, Phrase("每一行都要写明学校", "every row needs its school"))
    names = _county_names(raw, counties, problems) if "school" in raw else None
    if names is None:
        return Table.empty(raw.id, raw.origin)
    _refuse_empty(raw, "school", problems)
    listed = zip((counties[c] for c in schools.county.tolist()), schools.columns["school"].tolist(), strict=True)
    position = {key: row for row, key in enumerate(listed)}
    keys = list(zip(names, raw.texts("school").tolist(), strict=True))
    school = np.fromiter((position.get(key, -1) for key in keys), np.intp, raw.size)
    if sure and not {"county", "school"} & set(raw.faulty):
        unlisted = [(row, *keys[row]) for row in np.flatnonzero(school < 0).tolist() if all(keys[row])]
        if unlisted:
            hint = Phrase("请补入学校表，或改正标识码", "add it there, or correct the id")
            refuse_unlisted(raw, unlisted, "school", schools, counties, problems, hint)
    order = _in_order(school)
    return _arranged(raw, schools.county[school[order]], order, school[order])


def county_table(raw: RawTable, counties: tuple[str, ...], *, sure: bool, problems: Problems) -> Table:
    """Return rows that belong to counties in the order of the counties; see `detail_table`."""
    names = _county_names(raw, counties, problems)
    if names is None:
        return Table.empty(raw.id, raw.origin)
    known = {county: position for position, county in enumerate(counties)}
    position = np.fromiter((known.get(name, -1) for name in names), np.intp, len(names))
    guesses, kind = Guesses(list(counties)), Phrase("县没有学校", "unknown county")
    hint = Phrase("请补入该县的学校，或改正县的标识码", "add its schools, or correct the id")
    for row in np.flatnonzero(position < 0).tolist() if sure and "county" not in raw.faulty else ():
        if names[row]:
            name = shown(names[row])
            problem = Phrase(f"县{name.zh}没有学校", f"county {name.en} has no school") + guesses.nearest(names[row])
            problems.cell(raw, row, "county", problem, hint, kind)
    order = _in_order(position)
    return _arranged(raw, position[order], order)


def _in_order(position: Ints) -> Ints:
    """Return the rows that have a position, in the order of these."""
    return np.argsort(position, kind="stable")[np.count_nonzero(position < 0) :]


def facts_table(raw: RawTable, counties: tuple[str, ...], *, sure: bool, problems: Problems) -> Table:
    """Return facts with exactly one row for each county; NaN if a county reported none."""
    table = county_table(raw, counties, sure=sure, problems=problems)
    for row in np.flatnonzero(table.county[1:] == table.county[:-1]).tolist():
        name = shown(counties[table.county[row]])
        problem = Phrase(f"县{name.zh}", f"county {name.en}") + _twice(table.place(row))
        problems.cell(table, row + 1, "county", problem, _KEEP_ONE, Phrase("县重复", "duplicate county"))
    columns: dict[str, Column] = {}
    rows = np.full(len(counties), -1)
    rows[table.county] = table.rows
    for column, values in table.columns.items():
        columns[column] = np.full(len(counties), missing_of(values.dtype), values.dtype)
        columns[column][table.county] = values
    return Table("facts", columns, np.arange(len(counties)), rows, table.origin)


def _county_names(raw: RawTable, counties: tuple[str, ...], problems: Problems) -> list[str] | None:
    """Return the county of each row, or None if no column names it."""
    _refuse_empty(raw, "county", problems)
    if "county" in raw:
        names: list[str] = raw.texts("county").tolist()
        return names
    # Where some school does not name its county, which there are is reported when it does.
    if len(counties) > 1 and raw.size and "county" not in raw.faulty and "" not in counties:
        hint = Phrase(
            f"学校表里有{len(counties)}个县，请写明每一行属于哪个县", f"the schools belong to {len(counties)} counties"
        )
        problems.column(raw, "county", NO_COLUMN, hint)
    if "county" in raw.faulty or (len(counties) > 1 and raw.size):
        return None
    return [counties[0] if counties else ONLY_COUNTY] * raw.size


def arranged(raws: Mapping[str, RawTable], problems: Problems) -> tuple[tuple[str, ...], dict[str, Table]]:
    """Return the counties, and the tables in their order."""
    raws, listed_schools = dict(raws), raws["schools"].size
    if SECTIONS in raws:
        raws[SECTIONS] = named_by_id(raws[SECTIONS])
        raws["schools"] = with_schools_of(raws[SECTIONS], raws["schools"], problems)
    schools = raws["schools"]
    named, county = _counties_named(raw for raw in raws.values() if raw is not schools), None
    if "county" not in schools and "county" not in schools.faulty:
        county = _county_of_schools(schools, named, problems) if schools.size else ONLY_COUNTY
    further = _counties_named([raws[SPREAD]]) if SPREAD in raws else ()
    table, counties = schools_table(schools, county or ONLY_COUNTY, problems, further)
    table = attrs.evolve(table, rows=np.where(table.rows < listed_schools, table.rows, -1))
    without_schools = not schools.size and schools.origin.whole
    if without_schools:
        counties = tuple(sorted(named)) or ((ONLY_COUNTY,) if any(raw.size for raw in raws.values()) else ())
    sure = schools.has_ids and ("county" in schools or county is not None)
    # Of two schools with one id, one has lost its own: what refers to that is no further fault.
    sure = sure and not duplicates_of(table).size
    tables = {"schools": table} | {name: Table.empty(name) for name in (*DETAILS, "monitoring")}
    for name in (name for name in DETAILS if name in raws):
        if raws[name].size and without_schools:
            hint = Phrase("请列出全县每一所学校", "list every school of the county")
            problems.column(raws[name], "", Phrase("没有填报学校", "the schools are missing"), hint)
        else:
            details = detail_table(raws[name], table, counties, sure=sure, problems=problems)
            tables[name] = single_rows(details, problems)
    if "monitoring" in raws:
        tables["monitoring"] = county_table(raws["monitoring"], counties, sure=sure, problems=problems)
    tables["facts"] = facts_table(raws["facts"], counties, sure=sure, problems=problems)
    for name in ("classes", "monitoring"):
        tables[name] = graded(tables[name], tables["facts"], problems)
    if SECTIONS in raws:
        tables[SECTIONS] = detail_table(raws[SECTIONS], table, counties, sure=False, problems=problems)
    if SPREAD in raws:
        tables[SPREAD] = county_table(raws[SPREAD], counties, sure=False, problems=problems)
        _refuse_incomplete_spread(tables[SPREAD], problems)
    return counties, tables


def without_nameless(raws: Mapping[str, RawTable]) -> Mapping[str, RawTable]:
    """Return the tables without schools that have no id, and without campuses whose school is not there."""
    schools = raws["schools"]
    counties = schools.texts("county").tolist() if "county" in schools else [""] * schools.size
    ids, parents = schools.texts("school").tolist(), schools.texts("parent").tolist()
    keys = list(zip(counties, ids, parents, strict=True))
    whole = {(county, school) for county, school, parent in keys if school and not parent}
    kept = [n for n, key in enumerate(keys) if key[1] and (not key[2] or (key[0], key[2]) in whole)]
    return raws if len(kept) == schools.size else {**raws, "schools": schools.of_rows(kept)}


def evidence_of(evidence: FactEvidence, facts: Table, counties: tuple[str, ...]) -> dict[tuple[str, str], str]:
    """Return what documents the facts of each county."""
    position = {row: counties[n] for n, row in enumerate(np.asarray(facts.rows).tolist()) if row >= 0}
    return {(position[row], fact): text for (row, fact), text in evidence.items() if row in position}


SchoolKey = tuple[str, str]
"""The county and the id of a school; no county where one of two tables does not name it."""


def named_by_id(sections: RawTable) -> RawTable:
    """Return sections whose schools are called by their names if there is no column of ids."""
    if "school" in sections or "school" in sections.faulty or "name" not in sections:
        return sections
    return attrs.evolve(sections, columns={**sections.columns, "school": sections.columns["name"]})


def with_schools_of(sections: RawTable, schools: RawTable, problems: Problems) -> RawTable:
    """Return the schools with a row for each school that only the sections name, and the pupils of all sections.

    The rows added come last. Their type is one that has exactly their stages; no rule judges them by it.
    """
    standard = problems.standard
    if "school" in sections and "stage" not in sections and "stage" not in sections.faulty:
        problems.column(sections, "stage", NO_COLUMN, EVERY_ROW)
    if not {"school", "stage"} <= set(sections.columns):
        return schools
    _refuse_empty(sections, "stage", problems)
    keys, known = _keys(sections, schools), set(_keys(schools, sections))
    stages = [cast("Stage", choice.id) for choice in standard.table_measures(SECTIONS)["stage"].values]
    first: dict[tuple[SchoolKey, Stage], int] = {}
    added: dict[SchoolKey, dict[Stage, int]] = {}
    for row, (key, position) in enumerate(zip(keys, sections.choices("stage").tolist(), strict=True)):
        if not key[1] or position < 0:
            continue
        before = first.setdefault((key, stages[position]), row)
        if before != row:
            name = school_of(key[1], key[0] or ONLY_COUNTY)
            kind = Phrase("学部重复", "duplicate section")
            problems.cell(sections, row, "stage", name + _twice(sections.place(before)), _KEEP_ONE, kind)
        elif key not in known:
            added.setdefault(key, {})[stages[position]] = row
    table = _extended(schools, added, sections, standard) if added else schools
    rows = {key: row for row, key in enumerate([*_keys(schools, sections), *added])}
    columns = dict(table.columns)
    for stage in standard.stages:
        column = standard.head.scope.pupils[stage]
        pupils, given = table.numbers(column).copy(), sections.numbers("pupils")
        for (key, of_stage), row in first.items():
            if of_stage == stage and np.isnan(pupils[rows[key]]):
                pupils[rows[key]] = given[row]
            elif of_stage == stage and not np.isnan(given[row]) and given[row] != pupils[rows[key]]:
                there, written, other = (
                    table.place(rows[key], column),
                    number_text(given[row]),
                    number_text(pupils[rows[key]]),
                )
                problem = Phrase(
                    f"填报{written}，学校表（{place_zh(there)}）为{other}",
                    f"found {written}, but {column} in {there or 'schools'} is {other}",
                )
                kind = Phrase("在校生数不一致", "different numbers of pupils")
                problems.cell(sections, row, "pupils", problem, _CORRECT_ONE, kind)
        if not np.isnan(pupils).all():
            columns[column] = pupils
    return attrs.evolve(table, columns=columns)


def _keys(table: RawTable, other: RawTable) -> list[SchoolKey]:
    """Return county and id of each row; no county where one of the two tables does not name it."""
    both = "county" in table and ("county" in other or not other.size)
    counties = table.texts("county").tolist() if both else [""] * table.size
    return list(zip(counties, table.texts("school").tolist(), strict=True))


def _extended(
    schools: RawTable, added: Mapping[SchoolKey, Mapping[Stage, int]], sections: RawTable, standard: Standard
) -> RawTable:
    """Return schools with a row for each that was added; the pupils of stages that these have are not filled in."""
    given = np.unique(schools.texts("county")).tolist() if "county" in schools else []
    types, titles = [choice.id for choice in standard.measures["type"].values], sections.texts("name")
    new: dict[str, Column] = {
        "school": np.array([school for _, school in added]),
        "name": np.array([titles[next(iter(stages.values()))] for stages in added.values()]),
        "type": np.array(
            [types.index(type_of_stages(frozenset(stages), standard)) for stages in added.values()], np.int16
        ),
    }
    if given or any(county for county, _ in added):
        new["county"] = np.array([county or (given[0] if len(given) == 1 else "") for county, _ in added])
    for stage in standard.stages:
        pupils = [np.nan if stage in stages else 0.0 for stages in added.values()]
        new[standard.head.scope.pupils[stage]] = np.array(pupils)
    return concatenated([schools, RawTable(schools.id, new, len(added), schools.origin, {})], schools.origin)


def type_of_stages(stages: frozenset[Stage], standard: Standard) -> str:
    """Return the first type that counts at these stages, and at no other if there is one."""
    types = standard.measures["type"].values
    included = {n: standard.counted(choice.id) for n, choice in enumerate(types)}
    fitting = [n for n, kind in included.items() if kind and not kind.fewest_pupils and stages <= set(kind.weights)]
    exact = [n for n in fitting if frozenset(types[n].stages or ()) == stages]
    return types[(exact or fitting or [0])[0]].id


def _refuse_incomplete_spread(spread: Table, problems: Problems) -> None:
    """Refuse rows of means and coefficients without their stage or indicator, and duplicate rows."""
    for column in ("stage", "indicator"):
        problems.missing(spread, np.flatnonzero(spread.choices(column) == -1).tolist(), column, EVERY_ROW)
    first: dict[tuple[int, int, int], int] = {}
    keys = (spread.county.tolist(), spread.choices("stage").tolist(), spread.choices("indicator").tolist())
    for row, key in enumerate(zip(*keys, strict=True)):
        if min(key) >= 0 and first.setdefault(key, row) != row:
            other = spread.place(first[key])
            problem = Phrase(
                f"同一学段的同一指标重复，先见于 {place_zh(other)}", f"the same stage and indicator as {other}"
            )
            problems.cell(spread, row, "indicator", problem, _KEEP_ONE, Phrase("指标重复", "duplicate indicator"))
