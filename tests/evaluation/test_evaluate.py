"""`evaluate` is the same function however it was imported, and can be sent to other processes."""

import pickle
import subprocess
import sys
from pathlib import Path

import cloudpickle
import pytest

import balancedu as be

ROOT = Path(__file__).resolve().parents[2]
SENT = """
import pickle
{statement}
import balancedu as be
import cloudpickle

def judge(submission):
    return be.evaluate(submission).verdict.name

for dumps in (pickle.dumps, cloudpickle.dumps):
    assert pickle.loads(dumps(be.evaluate)) is be.evaluate
again = pickle.loads(cloudpickle.dumps(judge))
print(again(be.example("failing")), callable(be.evaluate), be.evaluate.__name__)
"""


@pytest.mark.parametrize(
    "statement",
    [
        "",
        "import balancedu.evaluate",
        "from balancedu.evaluate import evaluate",
        "import balancedu.evaluate as evaluate; assert callable(evaluate)",
        "import balancedu.cli",
    ],
)
def test_evaluate_can_be_sent_to_another_process(statement: str) -> None:
    code = SENT.format(statement=statement)
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, encoding="utf-8", check=False)

    assert (done.stdout.split(), done.stderr) == (["NOT_MET", "True", "evaluate"], "")


def test_evaluations_can_be_pickled() -> None:
    evaluation = be.evaluate(be.example("failing"))

    for dumps in (pickle.dumps, cloudpickle.dumps):
        again = pickle.loads(dumps(evaluation))
        assert again.to_dict() == evaluation.to_dict()
        assert be.report(again, "zh") == be.report(evaluation, "zh")


def test_a_submission_is_judged_by_the_standard_that_it_was_made_for() -> None:
    standard = be.load_standard("cn-2017", ["shenyang"])
    submission = be.Submission(
        schools={"school": ["001"], "type": ["primary_school"], "pupils_primary": [420]},
        facts={"special_education_funds_per_pupil": 7000},
        standard=standard,
    )

    assert be.evaluate(submission).standard is standard
    assert be.evaluate(submission).items["G7"].verdict is be.Verdict.NOT_MET
    assert be.evaluate(submission, "cn-2017").items["G7"].verdict is be.Verdict.MET
