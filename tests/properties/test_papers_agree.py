"""Verdict, shortfalls, problems, ledger, self-evaluation and rectification plan agree on random counties."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import balancedu as be
from balancedu.document import Document, Grid
from balancedu.reporting.ledger import read_ledger
from balancedu.reporting.problems import LARGE_CLASS, LARGE_SCHOOL, problems
from balancedu.reporting.reports import report_document
from balancedu.testing import submissions
from balancedu.testing.strategies import KINDS

NOT_MET = be.Verdict.NOT_MET
COUNTIES = submissions("cn-2017", kind=st.sampled_from(KINDS), schools=st.integers(1, 3))


def large_classes(document: Document) -> list[int]:
    """Return the numbers of large classes that the table of the plan states."""
    grids = [block for block in document.blocks if isinstance(block, Grid) and block.caption == "大班额情况"]
    return [int(str(row[3])) for grid in grids for row in grid.rows]


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

    for kind, item in ((LARGE_SCHOOL, "G4"), (LARGE_CLASS, "G5")):
        decided = [case for check in evaluation.items[item].checks for case in check.failing(NOT_MET)]
        # Classes of one name are one line.
        names = {case.name.zh for case in decided}
        assert {problem.who.zh for problem in listed if problem.kind == kind} == names
        of_item = (lacking["item"] == item) & ~np.isin(lacking["what"], ["open", "open_rearranged"])
        assert set(lacking["name_zh"][of_item].tolist()) == names

    large = large_classes(report_document(evaluation, "rectification", "zh"))
    assert not large or sum(large) == sum(len(check.failing(NOT_MET)) for check in evaluation.items["G5"].checks)

    path = tmp_path_factory.getbasetemp() / "ledger.xlsx"
    be.write_ledger(evaluation, path, lang="zh", replace=True)
    assert [(row["kind"], row["who"], row["lacking"]) for row in read_ledger(path, "zh")] == [
        (problem.kind.zh.strip(), problem.who.zh.strip(), problem.lacking.zh) for problem in listed
    ]

    text = "".join(report_document(evaluation, "self-evaluation", "zh").text(2000).split())
    for problem in listed:
        assert "".join(problem.kind.zh.split()) in text
