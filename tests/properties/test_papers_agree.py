"""Verdict, shortfalls, problems, ledger, forms, notices, reports and pictures agree on random counties."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure

import balancedu as be
from balancedu import plots
from balancedu.document import Document, Grid
from balancedu.reporting.forms import filled_forms
from balancedu.reporting.ledger import read_ledger
from balancedu.reporting.notices import noticed_schools, notices
from balancedu.reporting.pieces import Paper
from balancedu.reporting.problems import problems
from balancedu.reporting.reports import report_document
from balancedu.testing import submissions
from balancedu.testing.strategies import KINDS

NOT_MET = be.Verdict.NOT_MET
COUNTIES = submissions("cn-2017", kind=st.sampled_from(KINDS), schools=st.integers(1, 3))


def large_classes(document: Document) -> list[int]:
    """Return the numbers of large classes that the table of the plan states."""
    grids = [block for block in document.blocks if isinstance(block, Grid) and block.caption == "大班额情况"]
    return [int(str(row[3])) for grid in grids for row in grid.rows]


def text_of_notices(evaluation: be.Evaluation) -> str:
    """Return the text of all notices, without spaces."""
    paper = Paper(evaluation, "zh")
    return "".join(notices(paper, list(noticed_schools(paper))).text(2000).split())


@settings(max_examples=30)
@given(submission=COUNTIES)
def test_one_number_everywhere(submission: be.Submission, tmp_path_factory: pytest.TempPathFactory) -> None:
    evaluation = be.evaluate(submission)
    listed, lacking = problems(evaluation), be.shortfalls(evaluation).items

    failing = {item for item, finding in evaluation.items.items() if finding.verdict is NOT_MET}
    of_sections = {
        item for item, finding in evaluation.items.items() if any(check.table == "sections" for check in finding.checks)
    }
    # What a section lacks is a problem even where it complies as a whole.
    assert {problem.item for problem in listed if problem.verdict is NOT_MET} - of_sections == failing - of_sections

    for kind, item in (("大校额", "G4"), ("大班额", "G5")):
        decided = [case for check in evaluation.items[item].checks for case in check.failing(NOT_MET)]
        # Classes of one name are one line.
        names = {case.name.zh for case in decided}
        assert {problem.who.zh for problem in listed if problem.kind.zh == kind} == names
        of_item = lacking["item"] == item
        assert set(lacking["name_zh"][of_item].tolist()) == names

    large = large_classes(report_document(evaluation, "rectification", "zh"))
    assert not large or sum(large) == sum(len(check.failing(NOT_MET)) for check in evaluation.items["G5"].checks)

    path = tmp_path_factory.getbasetemp() / "ledger.xlsx"
    be.write_ledger(evaluation, path, lang="zh", replace=True)
    assert [(row["kind"], row["who"], row["lacking"]) for row in read_ledger(path, "zh")] == [
        (problem.kind.zh.strip(), problem.who.zh.strip(), problem.lacking.zh) for problem in listed
    ]

    text = "".join(report_document(evaluation, "self-evaluation", "zh").text(2000).split())
    pages = text_of_notices(evaluation)
    for problem in listed:
        assert "".join(problem.kind.zh.split()) in text
        if problem.school:
            assert "".join(f"{problem.who.zh}{problem.now.zh * (problem.verdict is NOT_MET)}".split()) in pages


@settings(max_examples=20)
@given(submission=COUNTIES)
def test_forms_and_pictures_have_the_numbers_of_the_verdict(submission: be.Submission) -> None:
    evaluation = be.evaluate(submission)
    decided = {
        item: sum(len(check.failing(NOT_MET)) for check in evaluation.items[item].checks) for item in ("G4", "G5")
    }

    # The form: what is not known is a blank.
    [sheet] = [sheet for sheet in filled_forms(evaluation) if sheet.sheet.id == "表Ⅳ"]
    for item, pattern in (("G4", "小学(.+)所，初中(.+)所，.*学校(.+)所"), ("G5", "班级(.+)个，.*班级(.+)个")):
        row = next(n for n, entry in enumerate(sheet.sheet.items, 2) if entry.item == item)
        [sentence] = [str(cell.cell.value) for cell in sheet.cells if cell.first == (row, 1)]
        match = re.search(pattern, sentence)
        assert match is not None
        if all(count.isdigit() for count in match.groups()):
            assert sum(map(int, match.groups())) == decided[item]

    # Pictures: the classes above the limit, and the cells of the heat map.
    above = 0
    for stage in evaluation.stages:
        title = plots.class_sizes(evaluation, Figure().add_subplot(), stage=stage).get_title()
        above += int((re.findall("超过限值([0-9]+)个", title) or ["0"])[0])
    assert above == decided["G5"]
    if evaluation.section_verdicts.size:
        axes = plots.heatmap(evaluation, Figure().add_subplot())
        marks = [text.get_text() for text in axes.texts]
        assert marks.count("×") == int((evaluation.standing == 0).sum())
        assert marks.count("?") == int((evaluation.standing == -1).sum())
