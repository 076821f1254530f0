"""What a newcomer can do without touching the package: an edition in YAML alone, a kind of rule in one module."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import balancedu as be

ROOT = Path(__file__).resolve().parent.parent
MET, NOT_MET, UNKNOWN, NOT_APPLICABLE = (
    be.Verdict.MET,
    be.Verdict.NOT_MET,
    be.Verdict.UNKNOWN,
    be.Verdict.NOT_APPLICABLE,
)
EXAMPLES = {"passing": be.example("passing"), "failing": be.example("failing")}


def edition(folder: Path) -> Path:
    """A copy of cn-2017 to be changed."""
    return Path(shutil.copytree(ROOT / "specs" / "cn-2017", folder / "our-edition"))


def change(folder: Path, file: str, entry: str, old: str, new: str) -> None:
    """Change a line of one entry, as a person with an editor would."""
    path = folder / file
    text = path.read_text(encoding="utf-8")
    result = re.search(
        rf"(?ms)^  - (id: |\{{id: )?{re.escape(entry)}\b.*?(?=^  - |\Z)|^{re.escape(entry)}:.*?(?=^\S|\Z)", text
    )
    assert result, f"{file} has no {entry}"
    assert result[0].count(old) == 1, f"{entry} has {result[0].count(old)} times {old!r}"
    path.write_text(text[: result.start()] + result[0].replace(old, new) + text[result.end() :], encoding="utf-8")


SURVEY = "satisfaction\n        at_least: 0.85\n      - rule"
# The figure that is changed, the example, the item, its verdict before, and after.
EDITIONS = [
    ("resources.yaml", "R1", "primary: 4.2", "primary: 8.4", "passing", "R-schools", MET, NOT_MET),
    ("resources.yaml", "R2", "junior: 1}", "junior: 3}", "passing", "R-schools", MET, NOT_MET),
    ("resources.yaml", "R-schools", "at_standard: 6", "at_standard: 7", "passing", "R-schools", MET, NOT_MET),
    ("resources.yaml", "R-schools", "floor_share: 0.85", "floor_share: 1", "passing", "R-schools", MET, NOT_MET),
    ("resources.yaml", "R-spread", "primary: 0.50", "primary: 0.505", "failing", "R-spread", NOT_MET, UNKNOWN),
    ("resources.yaml", "R-spread", "junior: 0.45", "junior: 0.01", "passing", "R-spread", MET, NOT_MET),
    ("guarantee.yaml", "G3", "classes_per_room: 12", "classes_per_room: 14", "failing", "G3", NOT_MET, MET),
    ("guarantee.yaml", "G3", "art: 90", "art: 88", "failing", "G3", NOT_MET, MET),
    ("guarantee.yaml", "G3", "music: 96", "music: 960", "passing", "G3", MET, NOT_MET),
    ("guarantee.yaml", "G4", "at_most: 2000", "at_most: 2036", "failing", "G4", NOT_MET, MET),
    ("guarantee.yaml", "G4", "at_most: 2500", "at_most: 1969", "passing", "G4", MET, NOT_MET),
    ("guarantee.yaml", "G5", "primary: 45", "primary: 46", "failing", "G5", NOT_MET, MET),
    ("guarantee.yaml", "G5", "junior: 50", "junior: 40", "passing", "G5", MET, NOT_MET),
    ("guarantee.yaml", "G6", "below: 100", "below: 86", "failing", "G6", NOT_MET, MET),
    ("guarantee.yaml", "G6", "funded_as: 100", "funded_as: 90", "failing", "G6", NOT_MET, MET),
    ("guarantee.yaml", "G7", "at_least: 6000", "at_least: 6000.01", "passing", "G7", MET, NOT_MET),
    ("guarantee.yaml", "G11", "at_least: 0.10", "at_least: 0.12", "passing", "G11", MET, NOT_MET),
    ("guarantee.yaml", "G11", "at_least: 0.20", "at_least: 0.30", "passing", "G11", MET, NOT_MET),
    ("guarantee.yaml", "G12", "at_least: 1", "at_least: 0.9996", "failing", "G12", NOT_MET, MET),
    ("guarantee.yaml", "G13", "at_least: 0.95", "at_least: 1", "failing", "G13", MET, NOT_MET),
    ("guarantee.yaml", "G14", "at_least: 0.50", "at_least: 0.61", "failing", "G14", MET, NOT_MET),
    ("guarantee.yaml", "G15", "at_least: 0.85", "at_least: 0.91", "failing", "G15", MET, NOT_MET),
    ("guarantee.yaml", "G10", "allocated]", "allocated]\n        expected: false", "passing", "G10", MET, NOT_MET),
    ("quality.yaml", "Q1", "at_least: 0.95", "at_least: 0.98", "failing", "Q1", MET, NOT_MET),
    ("quality.yaml", "Q2", "at_least: 0.95", "at_least: 0.98", "failing", "Q2", MET, NOT_MET),
    ("quality.yaml", "Q4", "at_least: 0.05", "at_least: 0.0501", "passing", "Q4", MET, NOT_MET),
    ("quality.yaml", "Q9", "rate_below: 0.15", "rate_below: 0.127", "passing", "Q9", MET, NOT_MET),
    ("quality.yaml", "Q9", 'level_at_least: "3"', 'level_at_least: "4"', "passing", "Q9", MET, NOT_MET),
    ("recognition.yaml", "S1", SURVEY, SURVEY.replace("0.85", "0.9"), "failing", "S1", MET, NOT_MET),
    ("veto.yaml", "V4", "expected: false", "expected: true", "failing", "V4", NOT_MET, MET),
]


@pytest.mark.parametrize(
    ("file", "entry", "old", "new", "example", "item", "before", "after"),
    EDITIONS,
    ids=[f"{entry} {new.split()[-1]}" for _, entry, _, new, *_ in EDITIONS],
)
def test_an_edition_is_yaml_alone(
    tmp_path: Path,
    file: str,
    entry: str,
    old: str,
    new: str,
    example: str,
    item: str,
    before: be.Verdict,
    after: be.Verdict,
) -> None:
    folder = edition(tmp_path)
    change(folder, file, entry, old, new)
    shipped, ours = be.evaluate(EXAMPLES[example]), be.evaluate(EXAMPLES[example], folder)

    assert shipped.items[item].verdict is before
    assert ours.items[item].verdict is after
    others = {name: finding.verdict for name, finding in shipped.items.items() if name != item}
    assert {name: finding.verdict for name, finding in ours.items.items() if name != item} == others


def test_every_item_of_a_number_is_changed_here() -> None:
    """So that no figure of an item can hide in Python."""
    numbers = re.compile(r"at_least|at_most|limits|at_standard|rate_below|below:|level_at_least")
    items = {
        item.id
        for item in be.load_standard().items.values()
        if numbers.search(repr([type(rule).__annotations__ for rule in item.rules]).replace("not_below", ""))
    }

    # G9 requires the whole, which nothing is above.
    assert items - {item for *_, item, _, _ in EDITIONS} == {"G9"}


def test_who_counts_is_a_matter_of_the_edition(tmp_path: Path) -> None:
    folder = edition(tmp_path)
    change(folder, "standard.yaml", "scope", "fewest_pupils: 50", "fewest_pupils: 63")
    ours = be.evaluate(EXAMPLES["failing"], folder)

    assert [section.school for section in ours.failing_sections()] == ["003", "004"]
    assert [entry.school for entry in ours.excluded] == ["006", "007", "014"]


def test_how_resources_are_split_is_a_matter_of_the_edition(tmp_path: Path) -> None:
    folder = edition(tmp_path)
    change(folder, "standard.yaml", "scope", "senior: 1.2}", "senior: 1}")
    shipped, ours = be.evaluate(EXAMPLES["passing"]), be.evaluate(EXAMPLES["passing"], folder)
    row = shipped.sections["school"].tolist().index("017")

    assert (ours.values[row, 3:] > shipped.values[row, 3:]).all()
    assert np.delete(ours.values, row, axis=0).tolist() == np.delete(shipped.values, row, axis=0).tolist()


def test_the_weight_of_the_spread_is_a_matter_of_the_edition(tmp_path: Path) -> None:
    folder = edition(tmp_path)
    change(folder, "standard.yaml", "spread", "weight: pupils", "weight: sections")
    ours = be.evaluate(EXAMPLES["failing"], folder)
    primary = ours.values[ours.sections["stage"] == "primary"]

    assert ours.cv[0, 0].tolist() == pytest.approx((primary.std(axis=0) / primary.mean(axis=0)).tolist())


def test_the_precision_of_the_form_is_a_matter_of_the_edition(tmp_path: Path) -> None:
    folder = edition(tmp_path)
    change(folder, "standard.yaml", "precision", "percent: 1", "percent: 2")
    ours = be.evaluate(EXAMPLES["failing"], folder)

    assert len(be.rounding_flags(ours)) == 0
    assert ours.verdict is NOT_MET


def test_the_parts_that_decide_are_a_matter_of_the_edition(tmp_path: Path) -> None:
    folder = edition(tmp_path)
    parts = "eligibility, resources, guarantee, quality, recognition, veto"
    change(folder, "standard.yaml", "verdict", parts, "recognition")
    # The form goes with the parts: what it prints is no longer declared.
    for part in ("eligibility", "resources", "guarantee", "quality", "veto", "forms"):
        (folder / f"{part}.yaml").unlink()
    measures = (folder / "measures.yaml").read_text(encoding="utf-8")
    (folder / "measures.yaml").write_text(
        re.sub(r"needed_by: \[(?!S1).*\]", "needed_by: []", measures), encoding="utf-8"
    )

    assert be.evaluate(EXAMPLES["failing"], folder).verdict is MET


def test_a_formula_is_a_matter_of_the_edition(tmp_path: Path) -> None:
    folder = edition(tmp_path)
    change(folder, "measures.yaml", "retention_rate", "formula: leavers", "formula: net")
    submission = be.read_submission(ROOT / "docs" / "examples" / "failing", standard=folder)

    assert be.evaluate(submission, folder).items["Q1"].observed == 1153 / (1204 + 27 - 1 - 46)
    assert be.evaluate(EXAMPLES["failing"]).items["Q1"].observed == (1153 - 27 + 46) / (1204 - 1)


NEW_ITEM = """
  - id: V7
    name: {zh: 校外培训, en: tutoring}
    title: {zh: 规范治理校外培训机构不力, en: Private tutoring was not regulated}
    source: {document: 某市工作用表, part: 否决项目, confidence: O}
    rules:
      - rule: stated
        facts: [tutoring_unregulated]
        expected: false
"""
NEW_FACT = """
  - id: tutoring_unregulated
    title: {zh: 规范治理校外培训机构不力, en: private tutoring was not regulated}
    table: facts
    type: yes_no
    source: {document: 某市工作用表, part: 否决项目, confidence: O}
"""


@pytest.mark.parametrize(("stated", "verdict"), [(False, MET), (True, NOT_MET), (None, UNKNOWN)])
def test_a_new_item_and_a_new_fact(tmp_path: Path, stated: bool | None, verdict: be.Verdict) -> None:
    folder = edition(tmp_path)
    for file, text in (("veto.yaml", NEW_ITEM), ("measures.yaml", NEW_FACT)):
        with (folder / file).open("a", encoding="utf-8") as stream:
            stream.write(text)
    schools = {"school": ["001"], "type": ["primary_school"]}
    facts = {"tutoring_unregulated": stated}

    finding = be.evaluate(be.Submission(schools, facts=facts, standard=folder), folder).items["V7"]
    assert finding.verdict is verdict
    assert "规范治理校外培训机构不力" in finding.reason()
    with pytest.raises(be.DataErrors, match="tutoring_unregulated: unknown fact"):
        be.Submission(schools, facts=facts)


# A new kind of rule

KIND = '''
"""A kind of rule that the package does not have: every school of an area has enough of something."""

from __future__ import annotations

from decimal import Decimal

import numpy as np

from balancedu.calculator.verdicts import verdicts_of
from balancedu.core.fields import Asked, MeasureId, Title, described, positive
from balancedu.core.rules import Rule, rule
from balancedu.evaluation.results import Basis, Need, Outcome
from balancedu.judging import judge
from balancedu.judging.rules import school_cases


@rule("schools_of_area_have")
class SchoolsOfAreaHave(Rule):
    """Every school of an area has at least so much of something."""

    school_fields = ("area", "what")

    area: str = described("the area, as schools give it")
    what: MeasureId = described("what they must have", asks=Asked.of("schools", "count", "number"))
    at_least: Decimal = described("how much", validator=positive)
    quantity: Title = described("what is compared")


@judge.register
def judge_schools_of_area(rule: SchoolsOfAreaHave, basis: Basis) -> tuple[Outcome, ...]:
    schools, measures = basis.submission.schools, basis.standard.measures
    areas = [choice.id for choice in measures["area"].values]
    concerned = schools.choices("area") == areas.index(rule.area)
    observed, required = schools.numbers(rule.what), np.full(len(schools), float(rule.at_least))
    verdict = verdicts_of(observed >= required, ~np.isnan(observed))
    needs = (Need("schools", rule.what),)
    cases = school_cases(basis, concerned, verdict, lambda rows: (observed[rows], required[rows]), needs)
    return (Outcome.of_cases(basis, rule.what, rule.quantity, ">=", "other", cases, measures[rule.what].unit),)
'''
ITEM = """
  - id: G16
    name: {zh: 乡村学校多媒体, en: rural multimedia rooms}
    title: {zh: 乡村学校网络多媒体教室不少于4间, en: Every rural school has at least 4 multimedia rooms}
    source: {document: 某市实施办法, part: 第三条, confidence: O}
    rules:
      - rule: schools_of_area_have
        area: rural
        what: multimedia_rooms
        at_least: 4
        quantity: {zh: 网络多媒体教室, en: multimedia rooms}
"""
USE = """
import json
import sys
import balancedu as be
import rural_rules
from pathlib import Path

folder = Path(sys.argv[1])
shown = {}
for rooms in (4, 3, None, "none"):
    area = ["rural", "urban"] if rooms != "none" else ["town", "urban"]
    schools = {"school": ["001", "002"], "name": ["甲校", "乙校"], "type": ["primary_school"] * 2, "area": area}
    schools |= {"multimedia_rooms": [None if rooms == "none" else rooms, 1]}
    ev = be.evaluate(be.Submission(schools=schools, standard=folder), folder)
    finding = ev.items["G16"]
    assert be.evaluate(ev.submission, folder).to_json() == ev.to_json()
    shown[str(rooms)] = [finding.verdict.name, finding.schools, finding.reason("zh"), finding.reason("en")]
    if rooms != "none":
        shown["explained", str(rooms)] = be.explain(ev, "G16", school="001").text("zh").splitlines()
    for name, table in (("shortfalls", be.shortfalls(ev).items), ("margins", be.margins(ev).items)):
        shown[name, str(rooms)] = [words for item, words in zip(table["item"], table["words_zh"]) if item == "G16"]
shown["guarantee"] = ev.parts["guarantee"].name
shown["report"] = "G16" in be.report(ev, "zh")
print(json.dumps({str(key): value for key, value in shown.items()}))
"""


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python in a folder that contains a module with a kind of rule."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": os.pathsep.join((str(ROOT), str(folder)))},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


@pytest.fixture
def extended(tmp_path: Path) -> Path:
    """A folder with a kind of rule of its own, and an edition that uses it."""
    (tmp_path / "rural_rules.py").write_text(KIND, encoding="utf-8")
    folder = edition(tmp_path)
    with (folder / "guarantee.yaml").open("a", encoding="utf-8") as stream:
        stream.write(ITEM)
    change(folder, "standard.yaml", "id", "cn-2017", "our-edition")
    return folder


def test_a_kind_of_rule_is_one_class_and_one_function(extended: Path) -> None:
    done = run(extended.parent, "-c", USE, extended.name)
    assert done.stderr == ""
    result: dict[str, Any] = json.loads(done.stdout)

    assert result["4"][:2] == ["MET", []]
    assert result["3"][:2] == ["NOT_MET", ["001"]]
    assert "甲校 3间（应不低于4间）" in result["3"][2]
    assert "甲校 3 rooms (must be at least 4 rooms)" in result["3"][3]
    assert result["None"][:2] == ["UNKNOWN", []]
    assert "数据缺报：甲校“网络多媒体教室数”" in result["None"][2]
    assert result["none"][0] == "NOT_APPLICABLE"
    assert [line.strip() for line in result["('explained', '3')"][1:5]] == [
        "1. 甲校：网络多媒体教室：未达标",
        "3间",
        "- 甲校的网络多媒体教室数：3间（row 0）",
        "要求：不低于4间",
    ]
    assert result["('shortfalls', '4')"] == []
    assert result["('shortfalls', '3')"] == ["网络多媒体教室增加1间"]
    assert result["('margins', '3')"] == ["-1间"]
    assert result["guarantee"] == "UNKNOWN"
    assert result["report"]


def test_the_command_knows_a_kind_of_rule_once_it_is_imported(extended: Path) -> None:
    code = "import sys, rural_rules; from balancedu.cli import main; sys.exit(main(sys.argv[1:]))"
    done = run(extended.parent, "-c", code, "show", "G16", "--standard", extended.name, "--lang", "en")

    assert done.stderr == ""
    assert "schools_of_area_have: area rural; what multimedia_rooms; at_least 4" in " ".join(done.stdout.split())


def test_the_fields_of_a_new_kind_are_checked_like_all_others(extended: Path) -> None:
    change(extended, "guarantee.yaml", "G16", "what: multimedia_rooms", "what: multimedia_room")
    change(extended, "guarantee.yaml", "G16", "at_least: 4", "at_lest: 4")
    done = run(
        extended.parent,
        "-c",
        f"import rural_rules, balancedu as be; from pathlib import Path; be.load_standard(Path({extended.name!r}))",
    )

    assert "multimedia_room" in done.stderr
    assert "是否应为“multimedia_rooms”？" in done.stderr
    assert "at_lest" in done.stderr
    assert "SpecErrors" in done.stderr


def test_a_kind_that_was_not_imported_is_unknown(extended: Path) -> None:
    with pytest.raises(be.SpecErrors, match="schools_of_area_have"):
        be.load_standard(extended)


def test_a_kind_without_a_judge_says_so(extended: Path) -> None:
    alone = KIND.partition("@judge.register")[0]
    (extended.parent / "rural_rules.py").write_text(alone, encoding="utf-8")
    done = run(extended.parent, "-c", USE, extended.name)

    assert done.stderr.splitlines()[-1] == (
        "TypeError: nothing judges rules of the kind SchoolsOfAreaHave; register a function for it with @judge.register"
    )
