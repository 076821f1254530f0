"""Ten worked counties whose whole results are frozen in this folder.

`python -m tests.golden.counties` writes the files anew; a difference is a change of behaviour and needs a reason.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

import balancedu as be
from balancedu.core.fields import Stage

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
EXAMPLES = ROOT / "docs" / "examples"
WITHIN_TRANSITION = "2020-03-01"

Rows = dict[str, list[Any]]


def tables_of(name: str) -> dict[str, Any]:
    """Return the tables of an example as columns of texts, an empty cell as None."""
    tables: dict[str, Any] = {}
    for path in sorted((EXAMPLES / name).glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        tables[path.stem] = {column: [row[column] or None for row in rows] for column in rows[0]}
    facts = yaml.safe_load((EXAMPLES / name / "facts.yaml").read_text(encoding="utf-8"))
    county = facts.pop("county")
    tables["facts"] = {key: value["value"] if isinstance(value, dict) else value for key, value in facts.items()}
    tables["facts"]["county"] = county
    return tables


def renamed(tables: Mapping[str, Any], county: str) -> dict[str, Any]:
    """Return the tables of a county under another id."""
    changed = {}
    for name, table in tables.items():
        if name == "facts":
            changed[name] = {**table, "county": county}
        else:
            length = len(next(iter(table.values())))
            changed[name] = {**table, "county": [county] * length}
    return changed


def joined(counties: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the tables of several counties as one submission has them."""
    result: dict[str, Any] = {}
    for name in ("schools", "classes", "rooms", "monitoring"):
        columns = sorted({column for county in counties for column in county.get(name, {})})
        table: Rows = {column: [] for column in columns}
        for county in counties:
            if name in county:
                length = len(next(iter(county[name].values())))
                for column in columns:
                    table[column] += county[name].get(column, [None] * length)
        if columns:
            result[name] = table
    result["facts"] = {
        county["facts"]["county"]: {k: v for k, v in county["facts"].items() if k != "county"} for county in counties
    }
    return result


def with_gaps() -> be.Evaluation:
    tables = tables_of("failing")
    schools = tables["schools"]
    for column in ("teaching_area", "backbone_teachers_primary", "classes_primary", "training_funds", "area"):
        schools[column] = [None if row % 3 == 0 else cell for row, cell in enumerate(schools[column])]
    del tables["rooms"]
    for fact in ("rotated", "teacher_salary", "graduates", "survey_valid", "exam_admission"):
        tables["facts"].pop(fact, None)
    return be.evaluate(be.Submission(**tables))


def with_relief() -> be.Evaluation:
    standard = be.load_standard("cn-2017", overlays=["transition"], on=WITHIN_TRANSITION)
    tables = tables_of("failing")
    schools = tables["schools"]
    length = len(schools["school"])
    schools["built"] = [2009 if row % 2 else 2015 for row in range(length)]
    schools["crowded_centre"] = ["yes" if row % 4 == 0 else "no" for row in range(length)]
    schools["migrant_share"] = [0.6 if row % 5 == 0 else 0.1 for row in range(length)]
    schools["construction_plan"] = [True] * length
    schools["relaxed_sports_area"] = [100 * (row % 7) for row in range(length)]
    schools["relaxed_arts_pe_teachers_primary"] = [
        row % 2 if pupils else None for row, pupils in enumerate(schools["pupils_primary"])
    ]
    return be.evaluate(be.Submission(**tables, standard=standard), standard)


def of_2012() -> be.Evaluation:
    standard = be.load_standard("cn-2012")
    schools: Rows = {
        "school": ["a", "b", "c", "d"],
        "type": ["primary_school", "primary_school", "junior_school", "nine_year_school"],
        "organizer": [7, 7, 7, 10],
        "pupils_primary": [600, 300, None, 200],
        "pupils_junior": [None, None, 500, 100],
    }
    for number, name in enumerate(standard.measures):
        measure = standard.measures[name]
        if measure.table == "schools" and name not in schools and measure.type in ("number", "count"):
            stage = measure.stage
            schools[name] = [
                None
                if stage is not None and not schools.get(f"pupils_{stage}", [None] * 4)[row]
                else 1000 - 9 * number + 13 * (row % 3)
                for row in range(4)
            ]
    return be.evaluate(be.Submission(schools=schools, standard=standard), standard)


def many() -> be.Evaluation:
    counties = [renamed(tables_of("passing" if n % 2 else "failing"), f"c{n:02}") for n in range(5)]
    for n, county in enumerate(counties):
        county["schools"]["equipment_value"] = [
            None if cell is None else str(int(cell) * (10 + n) // 10) for cell in county["schools"]["equipment_value"]
        ]
    return be.evaluate(be.Submission(**joined(counties)))


def with_campuses() -> be.Evaluation:
    return be.evaluate(
        be.Submission(
            schools={
                "school": ["one", "one south", "two", "two primary"],
                "name": ["一小", "一小南校区", "育才学校", "育才小学部"],
                "type": ["primary_school", "primary_school", "nine_year_school", "primary_school"],
                "parent": [None, "one", None, "two"],
                "pupils_primary": [400, 100, 100, 66],
                "pupils_junior": [None, None, 210, None],
                "teaching_area": [1800.1, 449.9, 2500, None],
                "indoor_sports_area": [0, 0, 100, 0],
                "multimedia_rooms": [9, 3, 7, 2],
                "equipment_value": [1000000, None, 900000, 100000],
                "classes_primary": [10, 3, 3, 2],
                "classes_junior": [None, None, 5, None],
                "public_funds_budget": [325000, 65000, 200000, 43000],
                "training_funds": [16250, 3250, 9000, 2150],
            },
            classes={
                "school": ["one", "one south", "two", "two"],
                "stage": ["primary", "primary", "primary", "junior"],
                "pupils": [45, 34, 46, 42],
            },
        )
    )


def on_the_limits() -> be.Evaluation:
    standard = be.load_standard("cn-2017")
    schools: Rows = {"school": [], "type": [], "pupils_primary": [], "pupils_junior": []}
    amounts: dict[str, dict[str, Decimal]] = {}
    for row, pupils in enumerate((1000, 2000, 400, 1000, 2000, 400)):
        stage: Stage = "primary" if row < 3 else "junior"
        school = f"s{row}"
        schools["school"].append(school)
        schools["type"].append(f"{stage}_school")
        schools["pupils_primary"].append(pupils if stage == "primary" else None)
        schools["pupils_junior"].append(pupils if stage == "junior" else None)
        for indicator in standard.indicators.values():
            floor = standard.floors[indicator.id][stage]
            assert floor is not None
            limit = floor.value if row % 3 == 1 else indicator.at_least[stage]
            first, *others = indicator.amount or indicator.amount_by_stage[stage]
            amounts.setdefault(str(first), {})[school] = limit * pupils / indicator.per
            for name in others:
                amounts.setdefault(str(name).removeprefix("-"), {})[school] = Decimal(0)
    for column, cells in amounts.items():
        schools[column] = [f"{cells[school]:f}" if school in cells else None for school in schools["school"]]
    return be.evaluate(be.Submission(schools=schools))


def by_an_own_overlay() -> be.Evaluation:
    standard = be.load_standard("cn-2017", overlays=[ROOT / "docs" / "guides" / "anlan.yaml"], on="2026-10-01")
    tables = tables_of("passing")
    tables["facts"]["counsellor_share"] = 0.9
    tables["facts"].pop("staffing_allocated", None)
    return be.evaluate(be.Submission(**tables, standard=standard), standard)


def one_section() -> be.Evaluation:
    return be.evaluate(
        be.Submission(
            schools={
                "school": ["001"],
                "type": ["primary_school"],
                "pupils_primary": [420],
                "teaching_area": [2310.5],
                "indoor_sports_area": [0],
            }
        )
    )


COUNTIES: dict[str, Callable[[], be.Evaluation]] = {
    "complete": lambda: be.evaluate(be.example("passing")),
    "failing": lambda: be.evaluate(be.example("failing")),
    "gaps": with_gaps,
    "relief": with_relief,
    "cn-2012": of_2012,
    "many": many,
    "campuses": with_campuses,
    "on-limits": on_the_limits,
    "own-overlay": by_an_own_overlay,
    "one-section": one_section,
}


def as_json(evaluation: be.Evaluation) -> str:
    return json.dumps(evaluation.to_dict(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


TEXTS = {f"{name}.{lang}.txt": (name, lang) for name in ("complete", "failing") for lang in ("zh", "en")}


def text_of(name: str, lang: Any) -> str:
    return be.report(COUNTIES[name](), lang) + "\n"


if __name__ == "__main__":
    for name, county in COUNTIES.items():
        (HERE / f"{name}.json").write_text(as_json(county()), encoding="utf-8", newline="\n")
    for file, (name, lang) in TEXTS.items():
        (HERE / file).write_text(text_of(name, lang), encoding="utf-8", newline="\n")
