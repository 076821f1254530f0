"""A standard is tried on random submissions: everything is judged and explained, and gaps decide nothing."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import HypothesisWarning
from hypothesis.strategies import SearchStrategy

from balancedu.calculator.verdicts import MET, Codes
from balancedu.core.fields import Language, Title
from balancedu.core.standard import Standard
from balancedu.evaluate import evaluate
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.results import Outcome, Verdict
from balancedu.explaining.explain import explain
from balancedu.submission.submission import Submission
from balancedu.testing.forgotten import Fault
from balancedu.testing.gaps import Tables
from balancedu.testing.strategies import KINDS, partly_filled, submissions, surprises

_LANGUAGES: tuple[Language, ...] = ("zh", "en")
_ENDS = {"zh": "。", "en": "."}


class _FoundError(Exception):
    """A submission shows a fault."""

    def __init__(self, place: str, zh: str, en: str) -> None:
        super().__init__(place, zh, en)
        self.fault = Fault(place, Title(zh, en))


def tried(standard: Standard, examples: int) -> Iterator[Fault]:
    """Yield what is wrong with a standard when it judges that many submissions of each sort."""

    def explained(drawn: tuple[Submission, str]) -> None:
        submission, item = drawn
        evaluation = _evaluated(submission, standard)
        for county in evaluation.counties:
            _check_texts(evaluation[county], item)

    reported = submissions(standard, kind=st.sampled_from(KINDS), counties=st.integers(1, 2))
    # To explain is slow, so each submission has one item explained.
    explainable = st.tuples(reported, st.sampled_from(list(standard.items)))
    yield from _try(explained, explainable, examples)
    yield from _try(_gaps(standard), partly_filled(standard), examples)
    if standard.strict is not None:
        # Figures near the limits of the strict standard are seldom near those of the relaxed one.
        strictly, easily = (submissions(each, kind="on_limits") for each in (standard.strict, standard))
        yield from _try(_relief(standard, standard.strict), st.one_of(strictly, easily, reported), 2 * examples)


def _try(law: Callable[[Any], None], drawn: SearchStrategy[Any], examples: int) -> Iterator[Fault]:
    # The draws are the same in every call, but change with what else a program has imported: hypothesis draws constants
    # of the modules in use. So no fault may depend on a single draw.
    calm = settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        report_multiple_bugs=False,
        # A fault states what happened and does not show the submission, so no smaller one is looked for.
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    try:
        with warnings.catch_warnings():
            # Hypothesis warns that the submission is long to print; it is not printed.
            warnings.simplefilter("ignore", HypothesisWarning)
            calm(given(drawn)(law))()
    except _FoundError as result:
        yield result.fault


def _evaluated(submission: Submission, standard: Standard) -> Evaluation:
    try:
        return evaluate(submission, standard)
    except Exception as error:
        # An exception of a rule of another package is a fault of the standard that uses it.
        result = f"{type(error).__name__}: {error}"
        raise _FoundError("", f"有的填报数据无法判定：{result}", f"a submission cannot be judged: {result}") from error


def _check_texts(evaluation: Evaluation, explained: str) -> None:
    for item, finding in evaluation.items.items():
        for lang in _LANGUAGES:
            reason = _text_of(item, partial(finding.reason, lang))
            if not reason.endswith(_ENDS[lang]):
                raise _FoundError(item, f"理由不成句：{reason!r}", f"its reason is no sentence: {reason!r}")
    for lang in _LANGUAGES:
        _text_of(explained, partial(_explanation, evaluation, explained, lang))


def _explanation(evaluation: Evaluation, item: str, lang: Language) -> str:
    return str(explain(evaluation, item, lang=lang))


def _text_of(item: str, make: Callable[[], str]) -> str:
    """Return a text; a fault where that fails."""
    try:
        return make()
    except Exception as error:
        result = f"{type(error).__name__}: {error}"
        raise _FoundError(item, f"理由无法生成：{result}", f"its reason has no text: {result}") from error


def _gaps(standard: Standard) -> Callable[[tuple[Tables, Tables]], None]:
    def law(drawn: tuple[Tables, Tables]) -> None:
        less, more = (_evaluated(Submission(**entry, standard=standard), standard) for entry in drawn)
        for entry, before, after in surprises(less, more)[:1]:
            zh, en = ("不再判定", "not judged") if after is None else (after.text("zh"), after.text("en"))
            raise _FoundError(
                entry.id,
                f"有缺项时已判为{before.text('zh')}，补上数据后却成了{zh}（{entry.text('zh')}）",
                f"decided as {before.text('en')} despite gaps, but {en} when they are filled ({entry.text('en')})",
            )

    return law


def _relief(relaxed: Standard, strict: Standard) -> Callable[[Submission], None]:
    def law(submission: Submission) -> None:
        without, with_relief = _evaluated(submission, strict), _evaluated(submission, relaxed)
        for item, outcomes in without.record.outcomes.items():
            if item in with_relief.record.outcomes:
                pairs = [(without.item_verdicts[item], with_relief.item_verdicts[item])]
                pairs += _cases(outcomes, with_relief.record.outcomes[item])
                for before, after in pairs:
                    _no_worse(item, before, after)

    return law


def _cases(strict: tuple[Outcome, ...], relaxed: tuple[Outcome, ...]) -> Iterator[tuple[Codes, Codes]]:
    """Yield the verdicts about schools, classes or sections: where others fail too, those of the item hide theirs."""
    checks = {entry.id: entry.cases for entry in relaxed}
    for outcome in strict:
        entry, other = outcome.cases, checks.get(outcome.id)
        if entry is not None and other is not None and np.array_equal(entry.school, other.school):
            yield entry.verdict, other.verdict


def _no_worse(item: str, strict: Codes, relaxed: Codes) -> None:
    # What does not apply counts as met.
    before, after = (np.minimum(codes, MET) for codes in (strict, relaxed))
    for n in np.flatnonzero(after < before)[:1]:
        entry, other = Verdict.of(before[n]), Verdict.of(after[n])
        zh = f"标明放宽（relaxes），却把{entry.text('zh')}变成了{other.text('zh')}"
        en = f"is relief (relaxes), but turns {entry.text('en')} into {other.text('en')}"
        raise _FoundError(item, zh, en)
