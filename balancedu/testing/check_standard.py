"""A standard is tried on random submissions: everything is judged and explained, gaps decide nothing."""

from __future__ import annotations

import re
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date
from decimal import Decimal
from functools import partial
from os import PathLike
from typing import Any, Literal

import attrs
import numpy as np
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import HypothesisWarning
from hypothesis.strategies import SearchStrategy

from balancedu.calculator.verdicts import MET, Codes
from balancedu.core.fields import Language, Title
from balancedu.core.history import merged_of
from balancedu.core.loading import load_standard
from balancedu.core.paths import FORMS, Roots, Spot, everything, short_path
from balancedu.core.rules import SectionsComply
from balancedu.core.standard import Standard
from balancedu.core.strict_yaml import Node
from balancedu.errors import MissingExtraError, UnsoundStandardError
from balancedu.evaluate import evaluate
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.results import Outcome
from balancedu.evaluation.verdict import Verdict
from balancedu.submission.submission import Submission
from balancedu.testing.gaps import Tables
from balancedu.testing.strategies import KINDS, partly_filled, submissions, surprises


@attrs.frozen
class Fault:
    """One fault of a standard.

    Attributes
    ----------
    place : str
        The item, the path or the file that it is about; empty where it is the standard as a whole.
    title : Title
        What is wrong.
    severity : {'error', 'warning'}
        A warning may be meant.
    """

    place: str
    title: Title
    severity: Literal["error", "warning"] = "error"

    def said(self, lang: Language = "zh") -> str:
        """Return the fault as a line.

        Examples
        --------
        >>> Fault("G7", Title("无人能达标", "nobody can meet it"), "warning").said("en")
        'G7: warning: nobody can meet it'
        """
        colon = "：" if lang == "zh" else ": "
        word = {"zh": "提示", "en": "warning"}[lang]
        told = [self.place] if self.place else []
        told += [word] if self.severity == "warning" else []
        return colon.join((*told, self.title.said(lang)))


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
            verdicts = [Verdict(int(code)) for code in codes]
            self.verdicts[item].update(verdicts)
            self.near[item] += sum(one in _WANTED for one in verdicts) * near

    def decided(self, item: str) -> int:
        """Return how often an item was met or not met."""
        return sum(self.verdicts[item][one] for one in _WANTED)

    @property
    def missing(self) -> list[tuple[str, Verdict]]:
        """What never came up."""
        return [(item, one) for item, counts in self.verdicts.items() for one in _WANTED if not counts[one]]


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
        zh = f"{count}次得出结论（{on_limits[0]}），没有一次{verdict.said('zh')}，请核对条件和限值"
        en = f"decided {count} times, {on_limits[1]}, and never {verdict.said('en')}: look at its conditions and limits"
        yield Fault(item, Title(zh, en), "warning")


_WIDTH = "width: 10"
"""As wide as the columns of the indicators are."""


def forgotten(standard: Standard) -> Iterator[Fault]:
    """Yield what was probably forgotten.

    Examples
    --------
    >>> from balancedu.core.loading import load_standard
    >>> list(forgotten(load_standard("cn-2017")))
    []
    """
    layers = merged_of(standard.made_of).layers
    before, after = layers[0].roots, layers[-1].roots
    yield from _number_of_indicators(standard, before)
    yield from _titles(before, after)
    if standard.forms and FORMS in after:
        yield from _rows(standard, after)
        yield from _columns(standard, after)


def _number_of_indicators(standard: Standard, edition: Roots) -> Iterator[Fault]:
    """Yield how many indicators must reach the standard, where there are more or fewer than there were."""
    before, now = sum(len(root.entries("indicators")) for root in edition.values()), len(standard.indicators)
    rules = {
        f"rules.{item.id}{f'[{n}]' if len(item.rules) > 1 else ''}.at_standard": rule
        for item in standard.items.values()
        for n, rule in enumerate(item.rules)
    }
    for path, rule in rules.items() if now != before else ():
        if isinstance(rule, SectionsComply) and len(standard.history(path)) == 1:
            zh = f"指标由{before}项变为{now}项，须达标的仍是{rule.at_standard}项"
            en = f"there are {now} indicators instead of {before}, and still {rule.at_standard} must reach the standard"
            yield Fault(path, Title(f"{zh}；要改的，请设 {path}", f"{en}; to change that, set {path}"), "warning")


def _titles(before: Roots, after: Roots) -> Iterator[Fault]:
    """Yield titles that hold a number which the rules had and have no more."""
    olds, news = _items(before), _items(after)
    for name in (one for one in news if one in olds):
        had, has = (_numbers(entry.at("rules")) for entry in (olds[name], news[name]))
        title, path = news[name].at("title"), f"items.{name}.title"
        for number in had - has:
            held = _held(title.at("zh").text, number) or _held(title.at("en").text, number)
            if held:
                zh, en = f"规则改了，原文里还有{held}", f"the rules have changed, but the wording still says {held}"
                yield Fault(name, Title(f"{zh}；请一并设 {path}", f"{en}; set {path}, too"), "warning")


def _items(roots: Roots) -> dict[str, Node]:
    return {one.at("id").text: one for root in roots.values() for one in root.entries("items")}


def _numbers(node: Node) -> set[Decimal]:
    """Return the numbers inside a node."""
    if isinstance(node.value, bool | str):
        return set()
    if isinstance(node.value, int | Decimal):
        return {Decimal(node.value)}
    inside = node.value.values() if isinstance(node.value, Mapping) else node.value
    return {number for one in inside for number in _numbers(one)}


def _held(text: str, number: Decimal) -> str:
    """Return how a text writes a number, be it as a percentage; nothing where it does not."""
    ways = [f"{number.normalize():f}", f"{(number * 100).normalize():f} ?%"]
    found = (re.search(rf"(?<![0-9.]){one.replace('.', '[.]')}(?![0-9]|[.][0-9])", text) for one in ways)
    return next((one[0] for one in found if one), "")


def _rows(standard: Standard, roots: Roots) -> Iterator[Fault]:
    """Yield items without a row in the table that holds the others of their part."""
    lists = [(spot, {one.at("item").text for one in entries}) for spot, entries in _lists(roots, "items")]
    for part in standard.parts.values():
        theirs = {item.id for item in part.items}
        place = next((spot for spot, listed in lists if listed & theirs), None)
        if place is None:
            continue
        for item in sorted(theirs.difference(*(listed for _, listed in lists))):
            facts = [name for name, one in standard.table_measures("facts").items() if item in one.needed_by]
            figures = f", figures: [{', '.join(f'{{fact: {name}}}' for name in facts)}]" if facts else ""
            way = f"to: {short_path(roots, place)}, value: {{item: {item}{figures}}}"
            zh, en = "上报的表里没有这一条目的行；请在 add 里写", "the forms have no row of it; add it,"
            yield Fault(item, Title(f"{zh} {way}", f"{en} {way}"), "warning")


def _columns(standard: Standard, roots: Roots) -> Iterator[Fault]:
    """Yield indicators without a column in the table that holds the others."""
    for spot, entries in _lists(roots, "columns"):
        listed = [one.at("indicator").text for one in entries]
        for indicator in standard.indicators.values() if any(listed) else ():
            if indicator.id in listed:
                continue
            behind = max(n for n, one in enumerate(listed) if one) + 1
            where = f", before: 'columns[{behind}]'" if behind < len(listed) else ""
            title = f"{{zh: {indicator.id} {indicator.name.zh}, en: {indicator.id} {indicator.name.en}}}"
            value = f"{{title: {title}, value: value, indicator: {indicator.id}, {_WIDTH}}}"
            way = f"to: {short_path(roots, spot)}{where}, value: {value}"
            zh, en = "上报的表里没有这一指标的列；请在 add 里写", "the forms have no column of it; add it,"
            yield Fault(indicator.id, Title(f"{zh} {way}", f"{en} {way}"), "warning")


def _lists(roots: Roots, group: str) -> Iterator[tuple[Spot, tuple[Node, ...]]]:
    """Yield the rows or columns of each table of the forms, and their entries."""
    for spot in everything({FORMS: roots[FORMS]}):
        if spot.steps[-1] == group and isinstance(spot.node.value, tuple):
            yield spot, spot.node.value


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

    def said(drawn: tuple[Submission, str]) -> None:
        submission, asked = drawn
        evaluation = _judged(submission, standard)
        for county in evaluation.counties:
            _said(evaluation[county], asked)
        seen.add(evaluation)

    handed_in = submissions(standard, kind=st.sampled_from(KINDS), counties=st.integers(1, 2))
    # To explain is slow, so each submission is asked about one item.
    asked = st.tuples(handed_in, st.sampled_from(list(standard.items)))
    faults = [*_try(said, asked, examples), *_try(_gaps(standard), partly_filled(standard), examples)]
    if standard.strict is not None:
        # Figures near the limits of one are seldom near those of the other.
        strictly, easily = (submissions(one, kind="on_limits") for one in (standard.strict, standard))
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
    except _FoundError as found:
        yield found.fault


def _judged(submission: Submission, standard: Standard) -> Evaluation:
    try:
        return evaluate(submission, standard)
    except Exception as error:
        # Whatever a rule of another package raises is told as a fault of the standard that uses it.
        told = f"{type(error).__name__}: {error}"
        raise _FoundError("", f"有的填报数据无法判定：{told}", f"a submission cannot be judged: {told}") from error


def _said(evaluation: Evaluation, asked: str) -> None:
    for item, finding in evaluation.items.items():
        for lang in _LANGUAGES:
            reason = _told(item, partial(finding.reason, lang))
            if not reason.endswith(_ENDS[lang]):
                raise _FoundError(item, f"理由不成句：{reason!r}", f"its reason is no sentence: {reason!r}")
    for lang in _LANGUAGES:
        _told(asked, partial(_explained, evaluation, asked, lang))


def _explained(evaluation: Evaluation, item: str, lang: Language) -> str:
    return str(evaluation.explain(item, lang=lang))


def _told(item: str, tell: Callable[[], str]) -> str:
    """Return what is told; a fault where that fails."""
    try:
        return tell()
    except Exception as error:
        told = f"{type(error).__name__}: {error}"
        raise _FoundError(item, f"理由说不出来：{told}", f"its reason cannot be told: {told}") from error


def _gaps(standard: Standard) -> Callable[[tuple[Tables, Tables]], None]:
    def law(drawn: tuple[Tables, Tables]) -> None:
        less, more = (_judged(Submission(**one, standard=standard), standard) for one in drawn)
        for one, before, after in surprises(less, more)[:1]:
            zh, en = ("不再判定", "not judged") if after is None else (after.said("zh"), after.said("en"))
            raise _FoundError(
                one.id,
                f"有缺项时已判为{before.said('zh')}，补上数据后却成了{zh}（{one.said('zh')}）",
                f"decided as {before.said('en')} in spite of gaps, but {en} when they are filled ({one.said('en')})",
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
    checks = {one.id: one.cases for one in relaxed}
    for outcome in strict:
        one, other = outcome.cases, checks.get(outcome.id)
        if one is not None and other is not None and np.array_equal(one.school, other.school):
            yield one.verdict, other.verdict


def _no_worse(item: str, strict: Codes, relaxed: Codes) -> None:
    # What is not asked of somebody counts as met.
    before, after = (np.minimum(codes, MET) for codes in (strict, relaxed))
    for n in np.flatnonzero(after < before)[:1]:
        one, other = Verdict(int(before[n])), Verdict(int(after[n]))
        zh = f"标明放宽（relaxes），却把{one.said('zh')}变成了{other.said('zh')}"
        en = f"is relief (relaxes), but turns {one.said('en')} into {other.said('en')}"
        raise _FoundError(item, zh, en)


SUBMISSIONS = 40
"""How many submissions of each sort a standard is tried on: a few seconds, and enough for rare cases to come up."""


def check_standard(
    standard: str | PathLike[str] | Standard,
    *,
    overlays: Sequence[str | PathLike[str]] = (),
    on: str | date | None = None,
    submissions: int = SUBMISSIONS,
) -> Standard:
    """Return a standard that can be read, judged and said; for the tests of those who write editions and overlays.

    Everything is read strictly, and the standard is tried on submissions drawn at random: every rule must give a
    verdict and its reason in both languages, no decision may depend on what is not reported, and relief may make
    nothing worse.

    Parameters
    ----------
    standard : id, path or Standard
        The folder of an edition, the file of an overlay, or an id.
    overlays, on
        As for `load_standard`.
    submissions : int
        How many submissions of each sort are drawn, always the same ones; with 0, the files are only read, and
        hypothesis is not needed.

    Raises
    ------
    UnknownStandardError, SpecErrors
        If it cannot be read; with every problem of every file.
    UnsoundStandardError
        If it can be read and is not sound; with every fault. Warnings do not count.
    MissingExtraError
        If submissions are to be drawn and hypothesis is not installed.

    Examples
    --------
    >>> from balancedu.testing import check_standard
    >>> check_standard("cn-2017", submissions=2).id
    'cn-2017'
    """
    std = load_standard(standard, overlays, on)
    found = [fault for fault in faults(std, submissions=submissions) if fault.severity == "error"]
    if found:
        raise UnsoundStandardError(std.id, [fault.said("en") for fault in found])
    return std


def faults(standard: Standard, *, submissions: int = SUBMISSIONS) -> Iterator[Fault]:
    """Yield everything that is wrong with a standard that could be read.

    Examples
    --------
    >>> list(faults(load_standard("cn-2017"), submissions=0))
    []
    """
    yield from _not_applied(standard)
    yield from forgotten(standard)
    if submissions:
        try:
            pass
        except ImportError as error:
            raise MissingExtraError("hypothesis", "testing", "trying a standard on submissions") from error
        yield from tried(standard, submissions)


def _not_applied(standard: Standard) -> Iterator[Fault]:
    """Yield what was not looked at because it does not hold on the day."""
    for lapse in standard.lapses:
        day = lapse.from_ if not lapse.over else lapse.until
        zh, en = f"{lapse.said('zh')}；要核对它，请用 --on {day}", f"{lapse.said('en')}; to check it, use --on {day}"
        yield Fault(lapse.path, Title(zh, en), "warning")
