"""Earlier ids of facts are accepted for one release, with a warning: in Python, in files, in mappings, in overlays."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import balancedu as be

SCHOOLS = {"school": ["1"], "type": ["小学"]}
OLD = {"nearby_primary": 100, "zoned_primary": 99}
NEW = {"public_day_pupils_primary": 100, "pupils_from_zone_primary": 99}


def warns() -> Any:
    return pytest.warns(FutureWarning, match="_primary is called pup|_primary is called pub")


def test_in_python() -> None:
    with warns():
        old = be.Submission(SCHOOLS, facts=OLD)

    assert old == be.Submission(SCHOOLS, facts=NEW)


def test_with_evidence_and_for_several_counties() -> None:
    with warns():
        old = be.Submission(
            {"county": ["a"], **SCHOOLS}, facts={"a": {"zoned_primary": {"value": 99, "evidence": "台账"}}}
        )

    assert old.evidence == {("a", "pupils_from_zone_primary"): "台账"}


def test_given_twice_is_refused() -> None:
    with pytest.warns(FutureWarning), pytest.raises(be.DataErrors, match="zoned_primary"):
        be.Submission(SCHOOLS, facts=OLD | NEW)


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("facts.yaml", "zoned_primary: 99\nnearby_primary: 100\n"),
        ("facts.csv", "zoned_primary,nearby_primary\n99,100\n"),
        ("facts.csv", "fact,value\nzoned_primary,99\nnearby_primary,100\n"),
    ],
)
def test_in_files(tmp_path: Path, file: str, text: str) -> None:
    (tmp_path / "schools.csv").write_text("school,type\n1,小学\n", encoding="utf-8")
    (tmp_path / file).write_text(text, encoding="utf-8")
    with warns():
        submission = be.read_submission(tmp_path)

    assert submission.facts.numbers("pupils_from_zone_primary").tolist() == [99]
    assert submission.facts.numbers("public_day_pupils_primary").tolist() == [100]


def test_in_overlays(tmp_path: Path) -> None:
    overlay = tmp_path / "ours.yaml"
    overlay.write_text(
        """format: 1
id: ours
title: {zh: 本市, en: ours}
document: 市〔2025〕1号
extends: cn-2017
set:
  - path: measures.zoned_primary.title.zh
    value: 片内学生数
    source: {document: 市〔2025〕1号, part: 一, confidence: S}
""",
        encoding="utf-8",
    )
    with warns():
        standard = be.load_standard(overlay)

    assert standard.measures["pupils_from_zone_primary"].title.zh == "片内学生数"


def test_in_mappings(tmp_path: Path) -> None:
    (tmp_path / "schools.csv").write_text("school,type\n1,小学\n", encoding="utf-8")
    (tmp_path / "county.csv").write_text("片内,全部\n99,100\n", encoding="utf-8")
    (tmp_path / "mapping.yaml").write_text(
        """format: 1
sheets:
  - sheet: county
    table: facts
    columns:
      - {header: [片内], measure: zoned_primary}
      - {header: [全部], measure: nearby_primary}
""",
        encoding="utf-8",
    )
    with warns():
        submission = be.read_submission(tmp_path)

    assert submission.facts.numbers("pupils_from_zone_primary").tolist() == [99]


def test_in_questions_about_a_figure_and_its_history() -> None:
    evaluation = be.evaluate(be.Submission(SCHOOLS, facts=NEW))
    with warns():
        figures = be.origin(evaluation, "zoned_primary")
    with warns():
        records = be.history(evaluation.standard, "measures.zoned_primary.title.zh")

    assert figures == be.origin(evaluation, "pupils_from_zone_primary")
    assert records == be.history(evaluation.standard, "measures.pupils_from_zone_primary.title.zh")


def test_the_command_prints_each_warning_once(tmp_path: Path) -> None:
    (tmp_path / "schools.csv").write_text("school,type\n1,小学\n", encoding="utf-8")
    (tmp_path / "facts.csv").write_text("fact,value\nzoned_primary,99\nnearby_primary,100\n", encoding="utf-8")
    command = [sys.executable, "-m", "balancedu", "check", str(tmp_path)]

    lines = subprocess.run(command, capture_output=True, encoding="utf-8", check=False).stderr.splitlines()

    assert [line.partition("”")[0] for line in lines] == [
        "balancedu: 填报项“zoned_primary",
        "balancedu: 填报项“nearby_primary",
    ]
