"""A standard is tried on random submissions: everything is judged and explained, and gaps decide nothing."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

import attrs
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
from balancedu.evaluation.results import Outcome
from balancedu.evaluation.verdict import Verdict
from balancedu.explaining.explain import explain
from balancedu.submission.submission import Submission
from balancedu.testing.forgotten import Fault
from balancedu.testing.gaps import Tables
from balancedu.testing.strategies import KINDS, partly_filled, submissions, surprises

ENOUGH = 20
"""Of fewer verdicts nothing is said: that an item always came out alike would be chance."""
_WANTED = (Verdict.MET, Verdict.NOT_MET)


@attrs.frozen
class Seen:
    """The verdicts that came up.

    Attributes
    ----------
    verdicts : mapping of item to count of each verdict
    near : count of each item
        How often it was decided on figures that stand on the limits or right beside them.
    """

    verdicts: Mapping[str, Counter[Verdict]]
    near: Counter[str] = attrs.field(factory=Counter)

    @classmethod
    def of(cls, standard: Standard) -> Seen:
        """Return that nothing was seen yet."""
        return cls({item: Counter() for item in standard.items})

    def add(self, evaluation: Evaluation, *, near: bool = False) -> None:
        """Count the verdicts of an evaluation."""
        for item, codes in evaluation.item_verdicts.items():
            verdicts = [Verdict.of(code) for code in codes]
            self.verdicts[item].update(verdicts)
            self.near[item] += sum(verdict in _WANTED for verdict in verdicts) * near

    def decided(self, item: str) -> int:
        """Return how often an item was met or not met."""
        return sum(self.verdicts[item][entry] for entry in _WANTED)

    @property
    def missing(self) -> list[tuple[str, Verdict]]:
        """What never came up."""
        return [(item, verdict) for item, counts in self.verdicts.items() for verdict in _WANTED if not counts[verdict]]


def never(seen: Seen) -> Iterator[Fault]:
    """Yield the items that never came out one way, and those that hardly came out at all."""
    rare = dict.fromkeys(item for item, _ in seen.missing if seen.decided(item) < ENOUGH)
    for item in rare:
        count, all_ = seen.decided(item), seen.verdicts[item].total()
        zh = f"判定{all_}次，只有{count}次得出达标或未达标，请核对条件和填报项"
        en = f"judged {all_} times and decided only {count} times: look at its conditions and measures"
        yield Fault(item, Title(zh, en), "warning")
    for item, verdict in seen.missing:
        if item in rare:
            continue
        count, near = seen.decided(item), seen.near[item]
        on_limits = f"其中{near}次的数据在限值上或紧靠限值", f"{near} of them on figures at the limits or right beside"
        zh = f"{count}次得出结论（{on_limits[0]}），没有一次{verdict.text('zh')}，请核对条件和限值"
        en = f"decided {count} times, {on_limits[1]}, and never {verdict.text('en')}: look at its conditions and limits"
        yield Fault(item, Title(zh, en), "warning")


_LANGUAGES: tuple[Language, ...] = ("zh", "en")
_PATIENCE = 10
"""How many times as many submissions are drawn before it is said that something never came up."""
_ENDS = {"zh": "。", "en": "."}


class _FoundError(Exception):
    """A submission shows a fault."""

    def __init__(self, place: str, zh: str, en: str) -> None:
        super().__init__(place, zh, en)
        self.fault = Fault(place, Title(zh, en))


class _AllSeenError(Exception):
    """Nothing is left to look for."""


def tried(standard: Standard, examples: int) -> Iterator[Fault]:
    """Yield what is wrong with a standard when it judges so many submissions of each sort."""
    seen = Seen.of(standard)

    def explained(drawn: tuple[Submission, str]) -> None:
        submission, asked = drawn
        evaluation = _judged(submission, standard)
        for county in evaluation.counties:
            _said(evaluation[county], asked)
        seen.add(evaluation)

    handed_in = submissions(standard, kind=st.sampled_from(KINDS), counties=st.integers(1, 2))
    # To explain is slow, so each submission is asked about one item.
    asked = st.tuples(handed_in, st.sampled_from(list(standard.items)))
    faults = [*_try(explained, asked, examples), *_try(_gaps(standard), partly_filled(standard), examples)]
    if standard.strict is not None:
        # Figures near the limits of one are seldom near those of the other.
        strictly, easily = (submissions(entry, kind="on_limits") for entry in (standard.strict, standard))
        faults += _try(_relief(standard, standard.strict), st.one_of(strictly, easily, handed_in), 2 * examples)
    if not faults and examples >= ENOUGH:
        faults += _rest(seen, standard, _PATIENCE * examples)
    yield from faults
    if not faults and examples >= ENOUGH:
        yield from never(seen)


def _rest(seen: Seen, standard: Standard, examples: int) -> Iterator[Fault]:
    """Judge submissions on the limits until every item has been met and not met, or patience is over."""

    def look(submission: Submission) -> None:
        seen.add(_judged(submission, standard), near=True)
        if not seen.missing:
            raise _AllSeenError

    if seen.missing:
        with suppress(_AllSeenError):
            yield from _try(look, submissions(standard, kind="on_limits", counties=st.integers(1, 2)), examples)


def _try(law: Callable[[Any], None], drawn: SearchStrategy[Any], examples: int) -> Iterator[Fault]:
    # The draws do not change from one call to the next, but with what else a program has imported: hypothesis likes the
    # constants of the modules around. So nothing that is said of a standard may hang on a single draw.
    calm = settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        report_multiple_bugs=False,
        # A fault tells what happened, not the submission: looking for a smaller one would be in vain.
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    try:
        with warnings.catch_warnings():
            # Hypothesis warns that what it would print of the submission is long; nothing of it is printed.
            warnings.simplefilter("ignore", HypothesisWarning)
            calm(given(drawn)(law))()
    except _FoundError as result:
        yield result.fault


def _judged(submission: Submission, standard: Standard) -> Evaluation:
    try:
        return evaluate(submission, standard)
    except Exception as error:
        # Whatever a rule of another package raises is told as a fault of the standard that uses it.
        result = f"{type(error).__name__}: {error}"
        raise _FoundError("", f"有的填报数据无法判定：{result}", f"a submission cannot be judged: {result}") from error


def _said(evaluation: Evaluation, asked: str) -> None:
    for item, finding in evaluation.items.items():
        for lang in _LANGUAGES:
            reason = _told(item, partial(finding.reason, lang))
            if not reason.endswith(_ENDS[lang]):
                raise _FoundError(item, f"理由不成句：{reason!r}", f"its reason is no sentence: {reason!r}")
    for lang in _LANGUAGES:
        _told(asked, partial(_explained, evaluation, asked, lang))


def _explained(evaluation: Evaluation, item: str, lang: Language) -> str:
    return str(explain(evaluation, item, lang=lang))


def _told(item: str, tell: Callable[[], str]) -> str:
    """Return what is told; a fault where that fails."""
    try:
        return tell()
    except Exception as error:
        result = f"{type(error).__name__}: {error}"
        raise _FoundError(item, f"理由说不出来：{result}", f"its reason cannot be told: {result}") from error


def _gaps(standard: Standard) -> Callable[[tuple[Tables, Tables]], None]:
    def law(drawn: tuple[Tables, Tables]) -> None:
        less, more = (_judged(Submission(**entry, standard=standard), standard) for entry in drawn)
        for entry, before, after in surprises(less, more)[:1]:
            zh, en = ("不再判定", "not judged") if after is None else (after.text("zh"), after.text("en"))
            raise _FoundError(
                entry.id,
                f"有缺项时已判为{before.text('zh')}，补上数据后却成了{zh}（{entry.text('zh')}）",
                f"decided as {before.text('en')} in spite of gaps, but {en} when they are filled ({entry.text('en')})",
            )

    return law


def _relief(relaxed: Standard, strict: Standard) -> Callable[[Submission], None]:
    def law(submission: Submission) -> None:
        without, with_relief = _judged(submission, strict), _judged(submission, relaxed)
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
    # What is not asked of somebody counts as met.
    before, after = (np.minimum(codes, MET) for codes in (strict, relaxed))
    for n in np.flatnonzero(after < before)[:1]:
        entry, other = Verdict.of(before[n]), Verdict.of(after[n])
        zh = f"标明放宽（relaxes），却把{entry.text('zh')}变成了{other.text('zh')}"
        en = f"is relief (relaxes), but turns {entry.text('en')} into {other.text('en')}"
        raise _FoundError(item, zh, en)
