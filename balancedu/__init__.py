"""Judge compulsory education in Chinese counties by the national standard of quality and balance.

>>> import balancedu as be
>>> be.evaluate(be.example("passing")).verdict
<Verdict.MET: 2>
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from balancedu.calculator.dispersion import coefficient_of_variation
    from balancedu.calculator.intervals import dispersion_interval
    from balancedu.core.loading import available_overlays, available_standards, load_standard
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
    from balancedu.evaluate import evaluate
    from balancedu.evaluation.evaluation import Evaluation
    from balancedu.evaluation.findings import Finding
    from balancedu.evaluation.verdict import Verdict
    from balancedu.files.read import draft_mapping, example, read_submission
    from balancedu.files.write import write_submission, write_template
    from balancedu.planning.compare import compare
    from balancedu.planning.margins import margins
    from balancedu.planning.plan.plan import plan
    from balancedu.planning.robustness import robustness
    from balancedu.planning.shortfalls import shortfalls
    from balancedu.planning.trend import trend
    from balancedu.planning.what_if import what_if
    from balancedu.reporting.forms import write_forms
    from balancedu.reporting.reports import write_report
    from balancedu.revisions import diff
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
    "evaluate",
    "example",
    "load_standard",
    "margins",
    "plan",
    "read_submission",
    "robustness",
    "shortfalls",
    "trend",
    "what_if",
    "write_forms",
    "write_report",
    "write_submission",
    "write_template",
]

_HOMES = {
    "calculator.dispersion": ("coefficient_of_variation",),
    "calculator.intervals": ("dispersion_interval",),
    "core.loading": ("available_overlays", "available_standards", "load_standard"),
    "core.standard": ("Standard",),
    "errors": (
        "BalanceduError",
        "DataError",
        "DataErrors",
        "ImpossiblePlanError",
        "MissingExtraError",
        "RequestError",
        "SpecError",
        "SpecErrors",
        "UnknownNameError",
        "UnknownStandardError",
        "UnsoundStandardError",
    ),
    "evaluate": ("evaluate",),
    "evaluation.evaluation": ("Evaluation",),
    "evaluation.findings": ("Finding",),
    "evaluation.verdict": ("Verdict",),
    "files.read": ("draft_mapping", "example", "read_submission"),
    "files.write": ("write_submission", "write_template"),
    "planning.compare": ("compare",),
    "planning.margins": ("margins",),
    "planning.plan.plan": ("plan",),
    "planning.robustness": ("robustness",),
    "planning.shortfalls": ("shortfalls",),
    "planning.trend": ("trend",),
    "planning.what_if": ("what_if",),
    "reporting.forms": ("write_forms",),
    "reporting.reports": ("write_report",),
    "revisions": ("diff",),
    "submission.submission": ("Submission",),
}


if not TYPE_CHECKING:  # type checkers know the names; a name that they do not know is a mistake

    def __getattr__(name: str) -> Any:
        """Import a public name when it is first used, so that importing balancedu costs nothing."""
        from importlib import import_module

        for module, names in _HOMES.items():
            if name in names:
                globals()[name] = value = getattr(import_module(f"{__name__}.{module}"), name)
                return value
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*globals(), *__all__]
