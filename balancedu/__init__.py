"""Judge compulsory education in Chinese counties by the national standard of quality and balance.

>>> import balancedu as be
>>> be.evaluate(be.example("passing")).verdict
<Verdict.MET: 'MET'>
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

# Imported after its module, so that `balancedu.evaluate` is the function in every order of imports.
from balancedu.evaluate import evaluate
from balancedu.options import options

if TYPE_CHECKING:
    from balancedu.calculator.dispersion import coefficient_of_variation
    from balancedu.calculator.intervals import dispersion_interval
    from balancedu.core.loading import available_overlays, available_standards, load_standard, with_changes
    from balancedu.core.standard import Standard
    from balancedu.errors import (
        BalanceduError,
        DataError,
        DataErrors,
        ImpossiblePlanError,
        MissingExtraError,
        RequestError,
        SpecError,
        SpecErrors,
        UnknownNameError,
        UnknownStandardError,
        UnsoundStandardError,
    )
    from balancedu.evaluation.evaluation import Evaluation
    from balancedu.evaluation.findings import Finding
    from balancedu.evaluation.results import Verdict
    from balancedu.explaining.drivers import drivers
    from balancedu.explaining.explain import explain, origin
    from balancedu.explaining.gaps import gaps
    from balancedu.explaining.rounding import rounding_flags
    from balancedu.files.annotate import write_annotated
    from balancedu.files.read import example, read_submission
    from balancedu.files.suggest import draft_mapping
    from balancedu.files.write import write_submission, write_template
    from balancedu.judging.values import judge_values
    from balancedu.planning.compare import compare
    from balancedu.planning.margins import margins
    from balancedu.planning.plan.plan import plan
    from balancedu.planning.robustness import robustness
    from balancedu.planning.shortfalls import shortfalls
    from balancedu.planning.trend import trend
    from balancedu.planning.what_if import what_if
    from balancedu.reporting.forms import write_forms
    from balancedu.reporting.ledger import write_ledger
    from balancedu.reporting.notices import write_notices
    from balancedu.reporting.reports import write_report, write_result
    from balancedu.reporting.terminal import report
    from balancedu.revisions import diff, history
    from balancedu.scale import verdict_frame
    from balancedu.submission.submission import Submission

__version__ = "0.2.0"

__all__ = [
    "BalanceduError",
    "DataError",
    "DataErrors",
    "Evaluation",
    "Finding",
    "ImpossiblePlanError",
    "MissingExtraError",
    "RequestError",
    "SpecError",
    "SpecErrors",
    "Standard",
    "Submission",
    "UnknownNameError",
    "UnknownStandardError",
    "UnsoundStandardError",
    "Verdict",
    "available_overlays",
    "available_standards",
    "coefficient_of_variation",
    "compare",
    "diff",
    "dispersion_interval",
    "draft_mapping",
    "drivers",
    "evaluate",
    "example",
    "explain",
    "gaps",
    "history",
    "judge_values",
    "load_standard",
    "margins",
    "options",
    "origin",
    "plan",
    "read_submission",
    "report",
    "robustness",
    "rounding_flags",
    "shortfalls",
    "trend",
    "verdict_frame",
    "what_if",
    "with_changes",
    "write_annotated",
    "write_forms",
    "write_ledger",
    "write_notices",
    "write_report",
    "write_result",
    "write_submission",
    "write_template",
]

# Where the public names are; they are imported when they are first used.
_LATER = {
    "BalanceduError": "errors",
    "DataError": "errors",
    "DataErrors": "errors",
    "Evaluation": "evaluation.evaluation",
    "Finding": "evaluation.findings",
    "ImpossiblePlanError": "errors",
    "MissingExtraError": "errors",
    "RequestError": "errors",
    "SpecError": "errors",
    "SpecErrors": "errors",
    "Standard": "core.standard",
    "Submission": "submission.submission",
    "UnknownNameError": "errors",
    "UnknownStandardError": "errors",
    "UnsoundStandardError": "errors",
    "Verdict": "evaluation.results",
    "available_overlays": "core.loading",
    "available_standards": "core.loading",
    "coefficient_of_variation": "calculator.dispersion",
    "compare": "planning.compare",
    "diff": "revisions",
    "dispersion_interval": "calculator.intervals",
    "draft_mapping": "files.suggest",
    "drivers": "explaining.drivers",
    "example": "files.read",
    "explain": "explaining.explain",
    "gaps": "explaining.gaps",
    "history": "revisions",
    "judge_values": "judging.values",
    "load_standard": "core.loading",
    "margins": "planning.margins",
    "origin": "explaining.explain",
    "plan": "planning.plan.plan",
    "read_submission": "files.read",
    "report": "reporting.terminal",
    "robustness": "planning.robustness",
    "rounding_flags": "explaining.rounding",
    "shortfalls": "planning.shortfalls",
    "trend": "planning.trend",
    "verdict_frame": "scale",
    "what_if": "planning.what_if",
    "with_changes": "core.loading",
    "write_annotated": "files.annotate",
    "write_forms": "reporting.forms",
    "write_ledger": "reporting.ledger",
    "write_notices": "reporting.notices",
    "write_report": "reporting.reports",
    "write_result": "reporting.reports",
    "write_submission": "files.write",
    "write_template": "files.write",
}

_PACKAGES = ("calculator", "plots", "testing")
"""Documented packages, available without importing them."""

if not TYPE_CHECKING:  # type checkers know the names; a name that they do not know is a mistake

    def __getattr__(name: str) -> Any:
        if name in _PACKAGES:
            return import_module(f"{__name__}.{name}")
        if name not in _LATER:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        globals()[name] = value = getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
        return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
