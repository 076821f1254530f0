"""An evaluation from its JSON: judged anew, and refused where that comes to something else."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from os import PathLike
from typing import Any

from balancedu.core.loading import load_standard
from balancedu.core.standard import Standard
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.export import FORMAT, VERSION
from balancedu.submission.plain import submission_from_dict


def from_json(text: str, standard: str | PathLike[str] | Standard | None = None) -> Evaluation:
    """Return the evaluation that `Evaluation.to_json` wrote.

    Parameters
    ----------
    text : str
        JSON as described by `json_schema`.
    standard : id, path or Standard, optional
        By which it was judged; left out, the shipped edition, overlays and day that the JSON names.

    Returns
    -------
    Evaluation
        Complete: it explains, reports and exports as the first one did.

    Raises
    ------
    ValueError
        If the text is no evaluation of this version, or if what was submitted comes to other results than the
        JSON holds: it was changed, or judged by another standard.

    Examples
    --------
    >>> import balancedu as be
    >>> ev = be.evaluate(be.example("failing"))
    >>> again = be.Evaluation.from_json(ev.to_json())
    >>> again.verdict is ev.verdict, again.explain("G11").steps[0].inputs[0].place
    (True, 'facts.yaml:33')
    """
    from balancedu.evaluate import evaluate

    data = json.loads(text)
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise ValueError(f"this is no evaluation: it does not say format {FORMAT!r}")
    if data.get("version") != VERSION:
        raise ValueError(f"found version {data.get('version')!r} of the format, wanted {VERSION}")
    try:
        edition, on = str(data["standard"]).partition("+")[0], data["on"]
        std = load_standard(edition, data["overlays"], on) if standard is None else load_standard(standard)
        evaluation = evaluate(submission_from_dict(data["submission"], std), std)
    except (KeyError, TypeError) as error:
        raise ValueError(f"this is no whole evaluation: {error!r}; see balancedu schema") from error
    different = _different(data["counties"], evaluation.to_dict()["counties"])
    if different:
        raise ValueError(
            f"what was submitted comes to other results than this JSON holds, first at {different}; "
            f"it was changed, or judged by another standard than {std.id}"
        )
    return evaluation


def _different(found: Any, wanted: Any, path: str = "counties") -> str:
    """Return where two plain values differ first, or nothing."""
    if isinstance(found, dict) and isinstance(wanted, dict) and set(found) == set(wanted):
        return next((at for key in wanted if (at := _different(found[key], wanted[key], f"{path}.{key}"))), "")
    if isinstance(found, list) and isinstance(wanted, list) and len(found) == len(wanted):
        pairs = enumerate(zip(found, wanted, strict=True))
        return next((at for n, (one, other) in pairs if (at := _different(one, other, f"{path}[{n}]"))), "")
    return "" if found == wanted else path


@cache
def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of `Evaluation.to_json`."""
    text = files("balancedu").joinpath(f"schemas/evaluation-{VERSION}.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema
