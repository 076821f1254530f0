"""Submitted tables become typed tables in the order of counties and schools."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Literal, cast

import attrs
import numpy as np
from numpy.typing import NDArray

from balancedu.calculator.groups import Floats, Ints
from balancedu.core.fields import Stage, plain
from balancedu.core.model import Measure, current_id
from balancedu.core.ratios import SECTIONS, SPREAD
from balancedu.core.standard import Standard
from balancedu.errors import near
from balancedu.submission.classes import graded, single_rows
from balancedu.submission.columns import Scaling, as_text, typed
from balancedu.submission.problems import (
    MOST_GUESSES,
    ONLY_COUNTY,
    Guesses,
    Problems,
    dropped,
    figure,
    school_of,
    shown,
    titles_in,
)
from balancedu.submission.tables import Column, Origin, RawTable, Table, TableLike, columns_of, is_rows
from balancedu.text import Phrase, listed, meant, one_of, place_zh

Extra = Literal["error", "ignore"]
"""What happens to columns and facts that the standard does not have."""
COLUMN, FACT = Phrase("列", "column"), Phrase("项", "fact")
_WRONG_SHAPE = Phrase("个数不对", "wrong shape")


def type_table(
    name: str,
    columns: Mapping[str, Column],
    measures: Mapping[str, Measure],
    origin: Origin,
    problems: Problems,
    *,
    extra: Extra = "error",
) -> RawTable:
    """Return the columns of a whole table as their measures' types; those of no measure are refused or ignored."""
    return without_empty_county(type_columns(name, columns, measures, origin, problems, extra=extra))


def type_columns(
    name: str,
    columns: Mapping[str, Column],
    measures: Mapping[str, Measure],
    origin: Origin,
    problems: Problems,
    scalings: Mapping[str, Scaling | None] = MappingProxyType({}),
    *,
    commas: bool = True,
    extra: Extra = "error",
) -> RawTable:
    """Return the columns of a table, or of some of its rows, as their measures' types; some may have another unit.

    Without `commas`, one comma in a number may be a decimal point.
    """
    columns = {_current(name, columns, measures): values for name, values in columns.items()}
    size = next((column.shape[0] for column in columns.values() if column.ndim), 0)
    read = {
        column: typed(values, measures[column], scalings.get(column), commas=commas)
        for column, values in columns.items()
        if column in measures and values.shape == (size,)
    }
    faulty: dict[str, Collection[int]] = {
        column: {cell.row for cell in bad} for column, (_, bad) in read.items() if bad
    }
    ids = "school" if "school" in measures else "county"
    names = read[ids][0] if ids in read else np.full(size, "")
    unknown = [column for column in columns if column not in measures] if extra == "error" else []
    if len(unknown) > MOST_GUESSES:
        _refuse_many_unknown(name, unknown, origin, problems)
    for column, values in columns.items():
        if column not in measures:
            if len(unknown) <= MOST_GUESSES and extra == "error":
                _refuse_unknown(name, column, values, measures, origin, problems)
        elif column not in read:
            problems.note(name, origin.title, column, _wrong_shape(values, size), kind=_WRONG_SHAPE)
            faulty[column] = range(size)
        else:
            for cell in read[column][1]:
                place = origin.place(cell.row, column, names[cell.row])
                problems.note(name, place, column, cell.problem, cell.hint, cell.kind)
    result = {column: values for column, (values, _) in read.items()}
    return RawTable(name, result, size, origin, faulty)


def _current(name: str, given: Mapping[str, object], measures: Mapping[str, Measure]) -> str:
    """Return the column that an earlier id means, unless that column is given as well."""
    current = name if name in measures else current_id(name, measures)
    return name if current != name and current in given else current


def joined(parts: list[RawTable], origin: Origin) -> RawTable:
    """Return the table whose rows were typed in parts, all with the same columns; the list is emptied."""
    faulty: dict[str, set[int]] = {}
    offset = 0
    for part in parts:
        for column, rows in part.faulty.items():
            faulty.setdefault(column, set()).update(row + offset for row in rows)
        offset += part.size
    name, pieces = parts[0].id, [dict(part.columns) for part in parts]
    parts.clear()
    # What was joined is given back at once: otherwise the largest table would stand in memory twice.
    columns = {column: np.concatenate([piece.pop(column) for piece in pieces]) for column in list(pieces[0])}
    return without_empty_county(RawTable(name, columns, offset, origin, faulty))


def without_empty_county(raw: RawTable) -> RawTable:
    """Return a table without its column of counties where that names none."""
    named = raw.columns.get("county", np.empty(0, str))
    if "county" not in raw.columns or "county" in raw.faulty or (named != "").any():
        return raw
    return attrs.evolve(raw, columns={column: values for column, values in raw.columns.items() if column != "county"})


def _refuse_many_unknown(name: str, columns: list[str], origin: Origin, problems: Problems) -> None:
    word, first, count = FACT if name == "facts" else COLUMN, listed(columns[:5]), len(columns)
    problem = Phrase(f"有{count}{word.zh}无法识别：{first.zh}等", f"{count} unknown {word.en}s: {first.en} and others")
    problems.note(name, origin.title, "", problem, _leave_out(word, several=True), unknown_of(word))


def _refuse_unknown(
    name: str, column: str, values: Column, measures: Mapping[str, Measure], origin: Origin, problems: Problems
) -> None:
    word, place = COLUMN, origin.title
    if name == "facts":
        word = FACT
        if origin.cells or origin.names:
            place = origin.place(next(row for row, value in enumerate(values.tolist()) if value is not None), column)
    titled = {title: own for own, measure in measures.items() for title in (measure.title.zh, measure.title.en)}
    guess = meant([titled[column]]) if column in titled else near(column, measures)
    unknown, hint = unknown_of(word), _leave_out(word)
    if why := dropped(problems.standard, name, [column]):
        guess, hint = why, without(word)
    problems.note(name, place, column, unknown + guess, hint, unknown)


def _leave_out(word: Phrase, *, several: bool = False) -> Phrase:
    them = "them" if several else "it"
    return Phrase(
        f"请删去这{'些' if several else '一'}{word.zh}，或在自己的标准里声明",
        f"leave {them if several else f'the {word.en}'} out, or declare {them} in a standard of your own",
    )


def without(word: Phrase) -> Phrase:
    """Return the way out where a column or fact was dropped."""
    return Phrase(f"请删去这一{word.zh}", f"leave the {word.en} out")


def unknown_of(word: Phrase) -> Phrase:
    """Return that the standard has no such column or fact."""
    return Phrase(f"无法识别这一{word.zh}", f"unknown {word.en}")


def _wrong_shape(values: Column, size: int) -> Phrase:
    if values.ndim == 0:
        return Phrase(f"只有一个值，应为{size}个值的列表", f"found one value, wanted a list of {size}")
    if values.ndim > 1:
        result = values.shape[1]
        return Phrase(f"同名的列有{result}列，应为一列", f"found {result} columns of this name, wanted one")
    return Phrase(
        f"有{values.size}个值，应与其他列一样有{size}个",
        f"found {values.size} cells, wanted {size} as in other columns",
    )


Facts = Mapping[str, object] | TableLike
"""One mapping of facts, a mapping of county to such mappings, or a table with a row for each county."""

_EVIDENCE = ("value", "evidence")
_WITH_EVIDENCE = Phrase.of("{value: true, evidence: …}")


@attrs.frozen
class RawFacts:
    """Facts as columns, nothing converted yet, where they stand, and what they were documented with."""

    columns: Mapping[str, Column]
    origin: Origin
    evidence: Mapping[tuple[int, str], str] = attrs.field(factory=dict)


def raw_facts(facts: Facts, known: Mapping[str, Measure], origin: Origin, problems: Problems) -> RawFacts:
    """Return facts as columns with a row for each county.

    Parameters
    ----------
    facts : mapping or table
        See `Facts`.
    known : mapping
        The facts that the standard declares.
    origin, problems
        Where the facts were read, and where to put what is wrong with them.
    """
    if is_rows(facts):
        rows = [(as_text(row.get("county")) or "", _named(row)) for row in facts]
        return _rows(rows, known, origin, problems)
    if not isinstance(facts, Mapping) or _is_table(facts):
        return RawFacts(columns_of(cast("TableLike", facts)), origin)
    if not facts:
        return RawFacts({}, origin)
    mapping = _named(facts)
    counties: list[tuple[str, Mapping[str, Any]]] = [("", mapping)]
    if not _is_one_county(mapping, known):
        counties = [(county, _named(entry) if isinstance(entry, Mapping) else {}) for county, entry in mapping.items()]
    if not origin.file:
        origin = Origin(names=[county or as_text(entry.get("county")) or "" for county, entry in counties])
    return _rows(counties, known, origin, problems)


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
    if any(fact in known or any(fact in entry.formerly for entry in known.values()) for fact in facts):
        return True
    mappings = [value for value in facts.values() if isinstance(value, Mapping)]
    others = [value for value in facts.values() if not isinstance(value, Mapping)]
    return (
        not mappings
        or any("value" in value for value in mappings)
        or not all(value is None or (isinstance(value, str) and not value.strip()) for value in others)
    )


def _rows(
    counties: Sequence[tuple[str, Mapping[str, Any]]],
    known: Mapping[str, Measure],
    origin: Origin,
    problems: Problems,
) -> RawFacts:
    counties = [
        (county, {_current(name, facts, known): entry for name, entry in facts.items()}) for county, facts in counties
    ]
    columns: dict[str, list[Any]] = {}
    evidence: dict[tuple[int, str], str] = {}

    def note(row: int, fact: str, problem: Phrase, hint: Phrase) -> None:
        place = origin.place(row, fact, counties[row][0])
        problems.note("facts", place, fact, problem, hint, Phrase("写法不对", "form of a fact"))

    for row, (county, facts) in enumerate(counties):
        if county and (as_text(facts.get("county")) or county) != county:
            entry, other = shown(facts["county"]), shown(county)
            problem = Phrase(
                f"填报{entry.zh}，却写在县{other.zh}之下", f"found {entry.en}, below the county {other.en}"
            )
            note(row, "county", problem, Phrase("请只保留一个", "keep one of the two"))
        for fact, given in (dict(facts) | {"county": county} if county else facts).items():
            value: Any = given
            if fact not in known:
                value = True  # an unknown fact is refused by its name
            elif isinstance(given, Mapping):
                value = given.get("value")
                if set(given) - set(_EVIDENCE):
                    result = listed(map(str, given))
                    problem = Phrase(
                        f"写有“{result.zh}”，应为 value 和 evidence", f"found {result.en}, wanted value and evidence"
                    )
                    note(row, fact, problem, Phrase("请写作 ", "write ") + _WITH_EVIDENCE)
                if text := as_text(given.get("evidence"), is_id=False):
                    evidence[row, fact] = text
            elif isinstance(given, list | tuple | np.ndarray):
                value = None
                problem = Phrase("填报了列表，应为一个值", "found a list, wanted one value")
                hint = Phrase("多个县的县级填报项，要有 `county` 一列", "facts of many counties need a column `county`")
                note(row, fact, problem, hint)
            if fact not in columns:
                columns[fact] = [None] * len(counties)
            columns[fact][row] = value
    return RawFacts({fact: _objects(values) for fact, values in columns.items()}, origin, evidence)


def _objects(values: list[Any]) -> Column:
    return np.fromiter(values, dtype=object, count=len(values))


WRITE_IN_FULL = Phrase(
    "请把这一列的格式设为文本，写全每个标识码", "format the column as text, and write every id in full"
)
_UNKNOWN_SCHOOL = Phrase("学校不在学校表中", "unknown school")
_LOST_ZEROS = Phrase("标识码开头的0丢了", "ids without their leading zeros")
_NAME_AS_ID = Phrase("填的是学校名称", "the name of a school as its id")


@attrs.frozen
class Reference:
    """What a row writes to name a school.

    Attributes
    ----------
    position : int
        Of its county; below 0 where that has no school.
    county, school, place : str
    """

    position: int
    county: str
    school: str
    place: str


@attrs.frozen
class _SchoolIds:
    """The schools of a county: their rows by the id without its zeros, their ids by their names."""

    guesses: Guesses
    rows: Mapping[str, list[int]]
    ids: Mapping[str, list[str]]

    @classmethod
    def of(cls, schools: Table, county: int) -> _SchoolIds:
        rows, ids = defaultdict[str, list[int]](list), defaultdict[str, list[str]](list)
        here = np.flatnonzero(schools.county == county)
        written = schools.columns["school"][here].tolist()
        for row, school, name in zip(here.tolist(), written, schools.texts("name")[here].tolist(), strict=True):
            if school.isdigit():
                rows[_without_zeros(school)].append(row)
            if name:
                ids[plain(name)].append(school)
        return cls(Guesses(written), rows, ids)


def refuse_unlisted(
    named: Iterable[Reference], table: str, column: str, schools: Table, problems: Problems, way_out: Phrase
) -> None:
    """Refuse what names no school; where zeros were lost, once for the column that lost them.

    Parameters
    ----------
    named : iterable of Reference
        What rows of the column write.
    table, column : str
        Where they stand.
    schools, problems
    way_out : Phrase
        Where it is not known what was meant.
    """
    result = {(entry.table, entry.column) for entry in problems.found if entry.kind == _LOST_ZEROS.en}
    counties: dict[int, _SchoolIds] = {}
    for entry in named:
        if entry.position not in counties:
            counties[entry.position] = _SchoolIds.of(schools, entry.position)
        listed = counties[entry.position]
        rows = listed.rows.get(_without_zeros(entry.school), []) if entry.school.isdigit() else []
        # A program that takes ids for numbers leaves no zero; one that is missing was mistyped.
        if len(rows) == 1 and _without_zeros(entry.school) in (entry.school, schools.columns["school"][rows[0]]):
            _lost_zeros(entry, rows[0], (table, column), schools, problems, result)
        elif ids := listed.ids.get(plain(entry.school)):
            names = one_of(map(shown, ids))
            problem = Phrase(f"这是学校{names.zh}的名称", f"found the name of school {names.en}, wanted its id")
            hint = Phrase(f"请填标识{names.zh}", f"write {names.en}")
            problems.note(table, entry.place, column, problem, hint, _NAME_AS_ID)
        else:
            problem = school_of(entry.school, entry.county) + Phrase("不在学校表中", " is not in the schools")
            problem += listed.guesses.nearest(entry.school)
            problems.note(table, entry.place, column, problem, way_out, _UNKNOWN_SCHOOL)


def _lost_zeros(
    reference: Reference,
    row: int,
    where: tuple[str, str],
    schools: Table,
    problems: Problems,
    result: set[tuple[str, str]],
) -> None:
    """Note for the one of two columns whose id is shorter that its ids lost their zeros, unless that is reported."""
    listed = str(schools.columns["school"][row])
    is_of_schools = len(listed) < len(reference.school)
    lost, full = (listed, reference.school) if is_of_schools else (reference.school, listed)
    place, other = (
        (schools.place(row, "school", listed), where) if is_of_schools else (reference.place, ("schools", "school"))
    )
    if is_of_schools:
        where = ("schools", "school")
    if where in result:
        return
    result.add(where)
    table, measure = problems.standard.tables[other[0]], problems.standard.table_measures(other[0])[other[1]]
    short, long = shown(lost), shown(full)
    problem = Phrase(
        f"填报{short.zh}，而{table.title.zh}表的{measure.title.zh}是{long.zh}，这一列标识码开头的0看来丢了",
        f"found {short.en}, and {other[1]} in {other[0]} is {long.en}: the ids seem to have lost their leading zeros",
    )
    problems.note(where[0], place, where[1], problem, WRITE_IN_FULL, _LOST_ZEROS)


def _without_zeros(school: str) -> str:
    return school.lstrip("0")


DETAILS = ("classes", "rooms")
"""The tables whose rows belong to schools."""
NO_COLUMN = Phrase("缺少这一列", "the column is missing")
_NO_ID = Phrase("没有填标识码", "the id is missing")
_KEEP_ONE = Phrase("请只保留一行", "keep one of the rows")
_COPY = Phrase(
    "如果是同一张表的副本，请在 mapping.yaml 里略去；一所学校各学段的数应写在同一行",
    "leave a copy out in mapping.yaml; the figures of all stages of a school belong in one row",
)
_NO_SCHOOLS = Phrase("没有填报学校", "the schools are missing")
_LIST_SCHOOLS = Phrase("请列出全县每一所学校", "list every school of the county")
_EVERY_SCHOOL = Phrase("每所学校都要填", "every school needs one")


def _counties_named(raws: Iterable[RawTable]) -> dict[str, RawTable]:
    """Return the ids of counties that tables name, each with the last table that names it."""
    named: dict[str, RawTable] = {}
    for raw in raws:
        if "county" in raw.columns:
            named |= dict.fromkeys(sorted(set(raw.columns["county"].tolist())), raw)
    named.pop("", None)
    return named


def _county_of_schools(schools: RawTable, named: Mapping[str, RawTable], problems: Problems) -> str | None:
    """Return the county of schools that do not name it: the one that other tables name, if they do.

    None where they name several, which is refused.
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
    hint = Phrase("请写明每所学校属于哪个县", "say which county each school belongs to")
    problems.note(schools.id, schools.origin.title, "county", problem, hint)
    return None


def schools_table(
    raw: RawTable, county: str, problems: Problems, further: Collection[str] = ()
) -> tuple[Table, tuple[str, ...]]:
    """Return the schools in the order of county and school id, and the counties.

    Schools that name no county belong to `county`; `further` counties have no schools.
    """
    for column in ("school", "type"):
        if raw.size and column not in raw.columns and column not in raw.faulty:
            problems.note(raw.id, raw.origin.title, column, NO_COLUMN, _EVERY_SCHOOL)
    school = _ids(raw, "school", problems)
    choice = raw.columns.get("type", np.zeros(raw.size, np.int16))
    for row in np.flatnonzero(choice == -1).tolist():
        place = raw.origin.place(row, "type", school[row])
        problem = Phrase("没有填学校类型", "the type of school is missing")
        problems.note(raw.id, place, "type", problem, _EVERY_SCHOOL, Phrase(problem.zh, "missing type"))
    names = _ids(raw, "county", problems) if "county" in raw.columns else np.full(raw.size, county)
    counties = np.array(sorted({*names.tolist(), *further}), dtype=str)
    position = np.searchsorted(counties, names)
    order = np.lexsort((school, position))
    columns = {column: values[order] for column, values in raw.columns.items()}
    columns["school"] = school[order]
    table = Table(raw.id, columns, position[order], order, raw.origin)
    _refuse_twice(table, counties, problems)
    return table, tuple(counties.tolist())


def _ids(raw: RawTable, column: str, problems: Problems) -> NDArray[np.str_]:
    ids: NDArray[np.str_] = raw.columns.get(column, np.full(raw.size, ""))
    if column in raw.columns:
        noted = raw.faulty.get(column, ())
        for row in np.flatnonzero(ids == "").tolist():
            if row not in noted:
                place = raw.origin.place(row, column)
                problem, hint = (
                    Phrase("没有填标识码", "the id is missing"),
                    Phrase("每一行都要填", "every row needs one"),
                )
                problems.note(raw.id, place, column, problem, hint, Phrase("没有填标识码", "missing id"))
    return ids


def duplicates_of(schools: Table) -> Ints:
    """Return the rows of schools whose id the row before has too; schools are in the order of their ids."""
    ids = schools.columns["school"]
    twice = (ids[1:] == ids[:-1]) & (schools.county[1:] == schools.county[:-1]) & (ids[1:] != "")
    return np.flatnonzero(twice) + 1


def _refuse_twice(schools: Table, counties: NDArray[np.str_], problems: Problems) -> None:
    ids = schools.columns["school"]
    for row in duplicates_of(schools).tolist():
        name = school_of(str(ids[row]), str(counties[schools.county[row]]))
        problem = name + _twice(schools.place(row - 1, "school"))
        place = schools.place(row, "school", ids[row])
        own, other = (schools.origin.sheet_of(int(entry)) for entry in schools.rows[row - 1 : row + 1])
        hint = _KEEP_ONE if own is other else _COPY
        problems.note(schools.id, place, "school", problem, hint, Phrase("学校重复", "duplicate school"))


def _twice(first: str) -> Phrase:
    return Phrase(f"重复，先见于 {place_zh(first)}", f" appears twice, first in {first}")


def detail_table(raw: RawTable, schools: Table, counties: tuple[str, ...], *, sure: bool, problems: Problems) -> Table:
    """Return classes or rooms in the order of their schools.

    Parameters
    ----------
    raw, schools, counties, problems
    sure : bool
        Whether the ids of the schools are all known, so that one that is not among them is a fault.
    """
    if "school" not in raw.columns:
        if "school" not in raw.faulty:
            hint = Phrase("每一行都要写明学校", "every row needs its school")
            problems.note(raw.id, raw.origin.title, "school", NO_COLUMN, hint)
        return Table.empty(raw.id, raw.origin)
    names = _county_names(raw, counties, problems)
    if names is None:
        return Table.empty(raw.id, raw.origin)
    listed = zip((counties[c] for c in schools.county.tolist()), schools.columns["school"].tolist(), strict=True)
    position = {key: row for row, key in enumerate(listed)}
    ids = _ids(raw, "school", problems).tolist()
    result = np.fromiter((position.get(key, -1) for key in zip(names, ids, strict=True)), np.intp, len(ids))
    if sure and not {"county", "school"} & set(raw.faulty):
        _refuse_unlisted(raw, (names, ids), np.flatnonzero(result < 0), schools, counties, problems)
    order = np.argsort(result, kind="stable")[np.count_nonzero(result < 0) :]
    columns = {column: values[order] for column, values in raw.columns.items()}
    return Table(raw.id, columns, schools.county[result[order]], order, raw.origin, result[order])


def _refuse_unlisted(
    raw: RawTable,
    keys: tuple[Sequence[str], Sequence[str]],
    rows: Ints,
    schools: Table,
    counties: tuple[str, ...],
    problems: Problems,
) -> None:
    positions = {county: position for position, county in enumerate(counties)}
    named = (
        Reference(positions.get(county, -1), county, school, raw.origin.place(row, "school", school))
        for row, county, school in ((row, keys[0][row], keys[1][row]) for row in rows.tolist())
        if school and county
    )
    hint = Phrase("请补入学校表，或改正标识码", "add it there, or correct the id")
    refuse_unlisted(named, raw.id, "school", schools, problems, hint)


def county_table(raw: RawTable, counties: tuple[str, ...], *, sure: bool, problems: Problems) -> Table:
    """Return rows that belong to counties in the order of the counties; see `detail_table`."""
    names = _county_names(raw, counties, problems)
    if names is None:
        return Table.empty(raw.id, raw.origin)
    known = {county: position for position, county in enumerate(counties)}
    result = np.fromiter((known.get(name, -1) for name in names), np.intp, len(names))
    guesses = Guesses(counties)
    for row in np.flatnonzero(result < 0).tolist():
        if names[row] and sure and "county" not in raw.faulty:
            name = shown(names[row])
            problem = Phrase(f"县{name.zh}没有学校", f"county {name.en} has no school") + guesses.nearest(names[row])
            place = raw.origin.place(row, "county", names[row])
            hint = Phrase("请补入该县的学校，或改正县的标识码", "add its schools, or correct the id")
            problems.note(raw.id, place, "county", problem, hint, Phrase("县没有学校", "unknown county"))
    order = np.argsort(result, kind="stable")[np.count_nonzero(result < 0) :]
    columns = {column: values[order] for column, values in raw.columns.items()}
    return Table(raw.id, columns, result[order], order, raw.origin)


def facts_table(raw: RawTable, counties: tuple[str, ...], *, sure: bool, problems: Problems) -> Table:
    """Return facts with exactly one row for each county; NaN where a county reported none."""
    table = county_table(raw, counties, sure=sure, problems=problems)
    for row in np.flatnonzero(table.county[1:] == table.county[:-1]).tolist():
        county = counties[table.county[row + 1]]
        problem = Phrase(f"县{shown(county).zh}", f"county {shown(county).en}") + _twice(table.place(row))
        place = table.place(row + 1, "county", county)
        problems.note("facts", place, "county", problem, _KEEP_ONE, Phrase("县重复", "duplicate county"))
    columns: dict[str, Column] = {}
    rows = np.full(len(counties), -1)
    rows[table.county] = table.rows
    for column, values in table.columns.items():
        if column != "county":
            missing = np.nan if values.dtype.kind == "f" else "" if values.dtype.kind == "U" else -1
            columns[column] = np.full(len(counties), missing, values.dtype)
            columns[column][table.county] = values
    return Table("facts", columns, np.arange(len(counties)), rows, table.origin)


def _county_names(raw: RawTable, counties: tuple[str, ...], problems: Problems) -> list[str] | None:
    """Return the county of each row, or None where that is not said."""
    if "county" in raw.columns:
        names: list[str] = _ids(raw, "county", problems).tolist()
        return names
    if "county" in raw.faulty:
        return None
    if len(counties) > 1 and raw.size:
        if "" in counties:
            # Some school does not say its county; which there are is reported when it does.
            return None
        hint = Phrase(
            f"学校表里有{len(counties)}个县，请写明每一行属于哪个县", f"the schools belong to {len(counties)} counties"
        )
        problems.note(raw.id, raw.origin.title, "county", NO_COLUMN, hint)
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
    if "county" not in schools.columns and "county" not in schools.faulty:
        county = _county_of_schools(schools, named, problems) if schools.size else ONLY_COUNTY
    further = _counties_named([raws[SPREAD]]) if SPREAD in raws else ()
    table, counties = schools_table(schools, county or ONLY_COUNTY, problems, further)
    table = attrs.evolve(table, rows=np.where(table.rows < listed_schools, table.rows, -1))
    without_schools = not schools.size and schools.origin.whole
    if without_schools:
        counties = tuple(sorted(named)) or ((ONLY_COUNTY,) if any(raw.size for raw in raws.values()) else ())
    sure = schools.has_ids and ("county" in schools.columns or county is not None)
    # Of two schools with one id, one has lost its own: what refers to that is no further fault.
    sure = sure and not duplicates_of(table).size
    tables = {"schools": table}
    for name in DETAILS:
        tables[name] = Table.empty(name)
        if name in raws and raws[name].size and without_schools:
            problems.note(name, raws[name].origin.title, "", _NO_SCHOOLS, _LIST_SCHOOLS)
        elif name in raws:
            details = detail_table(raws[name], table, counties, sure=sure, problems=problems)
            tables[name] = single_rows(details, problems)
    tables["monitoring"] = Table.empty("monitoring")
    if "monitoring" in raws:
        tables["monitoring"] = county_table(raws["monitoring"], counties, sure=sure, problems=problems)
    tables["facts"] = facts_table(raws["facts"], counties, sure=sure, problems=problems)
    for name in ("classes", "monitoring"):
        tables[name] = graded(tables[name], table, tables["facts"], problems)
    if SECTIONS in raws:
        tables[SECTIONS] = detail_table(raws[SECTIONS], table, counties, sure=False, problems=problems)
    if SPREAD in raws:
        tables[SPREAD] = county_table(raws[SPREAD], counties, sure=False, problems=problems)
        refuse_incomplete_spread(tables[SPREAD], counties, problems)
    return counties, tables


def evidence_of(
    evidence: Mapping[tuple[int, str], str], facts: Table, counties: tuple[str, ...]
) -> dict[tuple[str, str], str]:
    """Return what documents the facts of each county."""
    position = {row: counties[n] for n, row in enumerate(np.asarray(facts.rows).tolist()) if row >= 0}
    return {(position[row], fact): text for (row, fact), text in evidence.items() if row in position}


_TWICE = Phrase("学部重复", "duplicate section")
_OTHER_PUPILS = Phrase("在校生数不一致", "different numbers of pupils")
_NO_STAGE = Phrase("没有填学段", "the stage is missing")
_EVERY_ROW = Phrase("每一行都要填", "every row needs one")
_KEEP_ONE = Phrase("请只保留一行", "keep one of the rows")
_CORRECT_ONE = Phrase("请核对这两个数", "correct one of the two")

Key = tuple[str, str]


def named_by_id(sections: RawTable) -> RawTable:
    """Return sections whose schools are called by their names where there is no column of ids."""
    columns = sections.columns
    if "school" in columns or "school" in sections.faulty or "name" not in columns:
        return sections
    return attrs.evolve(sections, columns={**columns, "school": columns["name"]})


def with_schools_of(sections: RawTable, schools: RawTable, problems: Problems) -> RawTable:
    """Return the schools with a row for each school that only the sections name, and the pupils of all sections.

    The rows added come last. Their type is one that has exactly their stages; no rule judges them by it.
    """
    standard = problems.standard
    if "school" not in sections.columns:
        return schools
    if "stage" not in sections.columns:
        if "stage" not in sections.faulty:
            problems.note(SECTIONS, sections.origin.title, "stage", _NO_STAGE, _EVERY_ROW)
        return schools
    stages = [choice.id for choice in standard.table_measures(SECTIONS)["stage"].values]
    keys, rows = _keys(sections, schools), {key: n for n, key in enumerate(_keys(schools, sections))}
    pupils = {stage: _numbers(schools, standard.head.scope.pupils[stage]).copy() for stage in standard.stages}
    added: dict[Key, dict[Stage, float]] = {}
    names: dict[Key, str] = {}
    first: dict[tuple[Key, Stage], int] = {}
    reported = _numbers(sections, "pupils").tolist()
    titles = sections.columns.get("name", np.full(sections.size, "")).tolist()
    for row, (key, position) in enumerate(zip(keys, sections.columns["stage"].tolist(), strict=True)):
        if position == -1:
            place = sections.origin.place(row, "stage", key[1])
            problems.note(SECTIONS, place, "stage", _NO_STAGE, _EVERY_ROW, _NO_STAGE)
        if not key[1] or position < 0:
            continue
        stage = stages[position]
        place = sections.origin.place(row, "stage", key[1])
        if (key, stage) in first:
            other = sections.origin.place(first[key, stage])
            problem = school_of(key[1], key[0] or ONLY_COUNTY) + Phrase(
                f"重复，先见于 {place_zh(other)}", f" is in {other} too"
            )
            problems.note(SECTIONS, place, "stage", problem, _KEEP_ONE, _TWICE)
            continue
        first[key, stage] = row
        if key not in rows:
            added.setdefault(key, {})[stage] = reported[row]
            names.setdefault(key, titles[row])
            continue
        known = pupils[stage][rows[key]]
        if np.isnan(known):
            pupils[stage][rows[key]] = reported[row]
        elif not np.isnan(reported[row]) and reported[row] != known:
            column = standard.head.scope.pupils[stage]
            there = schools.origin.place(rows[key], column)
            problem = Phrase(
                f"填报{figure(reported[row])}，学校表（{place_zh(there)}）为{figure(known)}",
                f"found {figure(reported[row])}, but {column} in {there or 'schools'} is {figure(known)}",
            )
            problems.note(SECTIONS, place, "pupils", problem, _CORRECT_ONE, _OTHER_PUPILS)
    filled = {standard.head.scope.pupils[stage]: values for stage, values in pupils.items()}
    columns = dict(schools.columns) | {name: values for name, values in filled.items() if not np.isnan(values).all()}
    return _extended(attrs.evolve(schools, columns=columns), added, names, standard)


def _keys(table: RawTable, other: RawTable) -> list[Key]:
    """Return county and id of each row; no county where one of the two tables does not name it."""
    ids = table.columns.get("school", np.full(table.size, "")).tolist()
    both = "county" in table.columns and ("county" in other.columns or not other.size)
    counties = table.columns["county"].tolist() if both else [""] * len(ids)
    return list(zip(counties, ids, strict=True))


def _numbers(table: RawTable, column: str) -> Floats:
    values: Floats = table.columns.get(column, np.full(table.size, np.nan))
    return values


def _extended(
    schools: RawTable, added: dict[Key, dict[Stage, float]], names: dict[Key, str], standard: Standard
) -> RawTable:
    if not added:
        return schools
    given = np.unique(schools.columns["county"]).tolist() if "county" in schools.columns else []
    new: dict[str, Sequence[object]] = {
        "school": [school for _, school in added],
        "name": [names[key] for key in added],
        "type": [_position(type_of_stages(frozenset(stages), standard), standard) for stages in added.values()],
    }
    if given or any(county for county, _ in added):
        new["county"] = [county or (given[0] if len(given) == 1 else "") for county, _ in added]
    for stage, of_stage in standard.head.scope.pupils.items():
        new[of_stage] = [stages.get(stage, 0.0 if stage in standard.stages else np.nan) for stages in added.values()]
    columns: dict[str, Column] = {}
    for column in [*schools.columns, *(column for column in new if column not in schools.columns)]:
        kind = np.dtype(np.int16) if column == "type" else np.array(new.get(column, [np.nan])).dtype
        old = schools.columns.get(column, np.full(schools.size, _missing(kind), kind))
        last = np.array(new[column]) if column in new else np.full(len(added), _missing(old.dtype), old.dtype)
        columns[column] = np.concatenate([old, last.astype(old.dtype.kind if old.dtype.kind == "U" else old.dtype)])
    return attrs.evolve(schools, columns=columns, size=schools.size + len(added))


def _missing(kind: np.dtype[np.generic]) -> object:
    return {"U": "", "f": np.nan}.get(kind.kind, -1)


def _position(kind: str, standard: Standard) -> int:
    return [choice.id for choice in standard.measures["type"].values].index(kind)


def type_of_stages(stages: frozenset[Stage], standard: Standard) -> str:
    """Return the first type that counts at these stages, and at no other if there is one."""
    types = standard.measures["type"].values
    included = {n: standard.counted(choice.id) for n, choice in enumerate(types)}
    fitting = [n for n, kind in included.items() if kind and not kind.fewest_pupils and stages <= set(kind.weights)]
    exact = [n for n in fitting if frozenset(types[n].stages or ()) == stages]
    return types[(exact or fitting or [0])[0]].id


def refuse_incomplete_spread(spread: Table, counties: tuple[str, ...], problems: Problems) -> None:
    """Refuse rows of means and coefficients that do not say what they are of, or that are there twice."""
    first: dict[tuple[int, int, int], int] = {}
    measures = problems.standard.table_measures(spread.id)
    for row, key in enumerate(
        zip(
            spread.county.tolist(),
            spread.choices("stage").tolist(),
            spread.choices("indicator").tolist(),
            strict=True,
        )
    ):
        county = counties[key[0]]
        for column, position in (("stage", key[1]), ("indicator", key[2])):
            if position == -1:
                title = measures[column].title
                problem = Phrase(f"没有填{title.zh}", f"the {title.en} is missing")
                problems.note(spread.id, spread.place(row, column, county), column, problem, _EVERY_ROW, problem)
        if min(key) >= 0 and first.setdefault(key, row) != row:
            other = spread.place(first[key])
            problem = Phrase(
                f"同一学段的同一指标重复，先见于 {place_zh(other)}", f"the same stage and indicator as {other}"
            )
            place = spread.place(row, "indicator", county)
            problems.note(spread.id, place, "indicator", problem, _KEEP_ONE, Phrase("指标重复", "duplicate indicator"))
