"""The same work by balancedu."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

import balancedu as be

from .entrants import AnyEntrant, Entrant, Outcome
from .frames import pandas_frame
from .kernel import MET
from .nation import STAGES, with_gaps

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .nation import Nation

STANDARD_ID = "cn-2017"
GAPS = 0.01
# The items that `raw` judges too.
ITEMS = ("G3", "G4", "G5", "Q4", "Q9")

# What `Submission` takes: a table by name.
Tables = dict[str, Any]


@lru_cache
def _standard() -> be.Standard:
    return be.load_standard(STANDARD_ID)


def _evaluate(submission: be.Submission) -> be.Evaluation:
    return be.evaluate(submission, _standard())


def _submit(tables: Tables) -> be.Submission:
    return be.Submission(**tables)


def _submit_and_evaluate(tables: Tables) -> be.Evaluation:
    return _evaluate(_submit(tables))


def _schools(nation: Nation) -> Tables:
    # The standard is read here, once: reading it is not a part of judging.
    _standard()
    return {"schools": nation.judged_schools()}


def _all_tables(nation: Nation) -> Tables:
    _standard()
    return {
        "schools": nation.schools,
        "classes": nation.classes,
        "rooms": nation.rooms,
        "monitoring": nation.monitoring,
        "facts": nation.facts,
    }


def _all_frames(nation: Nation) -> Tables:
    return {name: pandas_frame(table) for name, table in _all_tables(nation).items()}


def _county_tables(nation: Nation) -> Tables:
    return _all_tables(nation) | {"facts": nation.facts_by_county()}


def _submission(nation: Nation) -> be.Submission:
    return _submit(_schools(nation))


def _submission_judged_before(nation: Nation) -> be.Submission:
    submission = _submission(nation)
    _evaluate(submission)
    return submission


def _submission_with_gaps(nation: Nation) -> be.Submission:
    return _submit({"schools": with_gaps(_schools(nation)["schools"], GAPS)})


def _county_submission(nation: Nation) -> be.Submission:
    return _submit(_county_tables(nation))


def _outcome(ev: be.Evaluation, nation: Nation, met: Mapping[str, int] | None = None) -> Outcome:
    places = [ev.stages.index(stage) for stage in STAGES[:2]]
    indicators = [ev.indicators.index(f"R{number}") for number in range(1, 8)]
    # The spread in the order of the nation's counties, which is the order of their ids.
    rows = [ev.counties.index(county) for county in nation.counties]
    return Outcome(
        counties=tuple(sorted(ev.counties)),
        sections=len(ev.section_verdicts),
        complying=int((np.asarray(ev.section_verdicts) == MET).sum()),
        cv=np.asarray(ev.cv)[np.ix_(rows, places, indicators)],
        met=met or {},
    )


def _outcome_with_items(ev: be.Evaluation, nation: Nation) -> Outcome:
    met = dict.fromkeys(ITEMS, 0)
    for county in ev.counties:
        items = ev[county].items
        for item in ITEMS:
            met[item] += items[item].verdict == be.Verdict.MET
    return _outcome(ev, nation, met)


# A fresh submission every time: nothing that an earlier evaluation may have kept in it can help.
EVALUATE: AnyEntrant = Entrant("balancedu.evaluate", _submission, _evaluate, _outcome, fresh=True)
EVALUATE_AGAIN: AnyEntrant = Entrant("the same submission again", _submission_judged_before, _evaluate, _outcome)
EVALUATE_GAPS: AnyEntrant = Entrant(f"with {GAPS:.0%} not reported", _submission_with_gaps, _evaluate, fresh=True)

RAW_SUBMIT: AnyEntrant = Entrant("Submission, schools", _schools, _submit)
RAW_EVALUATE: AnyEntrant = Entrant("Submission and evaluate, schools", _schools, _submit_and_evaluate, _outcome)

ALL_SUBMIT: AnyEntrant = Entrant("Submission, all tables", _all_tables, _submit)
ALL_EVALUATE: AnyEntrant = Entrant(
    "Submission and evaluate, all tables", _all_tables, _submit_and_evaluate, _outcome_with_items
)
ALL_FRAMES: AnyEntrant = Entrant("the same from pandas frames", _all_frames, _submit_and_evaluate, _outcome)

COUNTY_SUBMIT: AnyEntrant = Entrant("Submission, one county", _county_tables, _submit)
COUNTY_EVALUATE: AnyEntrant = Entrant("evaluate, one county", _county_submission, _evaluate, fresh=True)
