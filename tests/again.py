"""The way back from the JSON of an evaluation."""

import json

import balancedu as be


def again(evaluation: be.Evaluation) -> be.Evaluation:
    """The evaluation of the submission in its JSON, by the standard that it names."""
    data = json.loads(evaluation.to_json())
    standard = evaluation.standard if _is_own(evaluation.standard) else be.load_standard(**data["standard"])
    return be.evaluate(be.Submission(**data["submission"], standard=standard))


def _is_own(standard: be.Standard) -> bool:
    return not set(standard.id.split("+")) <= {*be.available_standards(), *be.available_overlays()}
