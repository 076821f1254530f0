"""Standard × submission → evaluation: the function `balancedu.evaluate`."""

from __future__ import annotations

from os import PathLike

# Only the annotations use it: its names are imported when a tool reads them, as the judging is by the first call.
import balancedu

__all__ = ["evaluate"]


def evaluate(
    submission: balancedu.Submission, standard: str | PathLike[str] | balancedu.Standard | None = None
) -> balancedu.Evaluation:
    """Judge every county of a submission by all requirements of a standard.

    Parameters
    ----------
    submission : Submission
        One county or all counties of the country; the code is the same.
    standard : id, path or Standard, optional
        The standard to apply; default: the one that the submission was made for.

    Returns
    -------
    Evaluation
        Missing data never raises: what cannot be decided is UNKNOWN, with the gaps named.

    Raises
    ------
    TypeError
        If something else than a Submission is given.
    DataErrors
        If the submission was checked against another standard that means something else by a column.
    UnknownStandardError, SpecErrors
        If the standard cannot be loaded.

    Examples
    --------
    >>> import balancedu as be
    >>> ev = be.evaluate(be.example("passing"))
    >>> ev.verdict
    <Verdict.MET: 'MET'>
    >>> {part: str(verdict) for part, verdict in ev.parts.items()}["guarantee"]
    'MET'
    """
    from balancedu.judging.judge import judge_submission

    return judge_submission(submission, standard)
