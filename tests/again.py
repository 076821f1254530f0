"""The way back from the JSON of an evaluation."""

import json

import balancedu as be
from balancedu.submission.submission import submission_from_dict


def again(evaluation: be.Evaluation) -> be.Evaluation:
    """The evaluation of what its JSON says was submitted."""
    data = json.loads(evaluation.to_json())
    return be.evaluate(submission_from_dict(data["submission"], evaluation.standard), evaluation.standard)
