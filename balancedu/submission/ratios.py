"""Figures per pupil of sections as they were reported: schools that only this table names get a row of their own."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import numpy as np

from balancedu.calculator.groups import Floats
from balancedu.core.fields import Stage
from balancedu.core.ratios import SECTIONS
from balancedu.core.standard import Standard
from balancedu.submission.problems import ONLY_COUNTY, Problems, figure, school_of
from balancedu.submission.raw import RawTable
from balancedu.submission.tables import Column, Table
from balancedu.text import Phrase, place_zh

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
