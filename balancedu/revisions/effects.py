"""What the changes of the law change for those who handed in a submission, and which single change does it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import attrs

from balancedu.core.model import Language
from balancedu.evaluate import evaluate
from balancedu.evaluation.decisions import Decision, decisions_of
from balancedu.evaluation.verdict import Verdict
from balancedu.revisions.changes import Change
from balancedu.revisions.mixing import Mixer
from balancedu.submission.submission import Submission

Decisions = Mapping[Decision, Verdict]

_ABSENT: dict[Language, str] = {"zh": "无此项", "en": "not judged"}


@attrs.frozen
class Effect:
    """One decision that falls otherwise under the other standard.

    Attributes
    ----------
    county, level, id, school, stage : str
        Level is county, part, item or section; what a decision is not about is empty.
    before, after : Verdict, optional
        None where one of the standards does not judge it.
    causes : tuple of Change
        The changes each of which, applied alone, turns the verdict into what it is after all of them; where none
        does, those without which it would not have turned.
    alone : bool
        Whether each of the causes is enough by itself.
    """

    county: str
    level: str
    id: str
    school: str
    stage: str
    before: Verdict | None
    after: Verdict | None
    causes: tuple[Change, ...]
    alone: bool

    def said(self, lang: Language) -> str:
        """Return what the decision is about: the county, a part, an item or a section.

        Examples
        --------
        >>> import balancedu as be
        >>> found = be.diff("cn-2017", "shenyang", on=be.example("passing", standard="shenyang"))
        >>> [effect.said("en") for effect in found.effects]
        ['county', 'part guarantee', 'part quality', 'part veto', 'item G7', 'item Q7', 'item V7']
        """
        return Decision(self.county, self.level, self.id, self.school, self.stage).said(lang)

    def verdicts(self, lang: Language) -> str:
        """Return both verdicts in words."""
        told = [_ABSENT[lang] if one is None else one.said(lang) for one in (self.before, self.after)]
        return " → ".join(told)


@attrs.frozen
class Trial:
    """A change applied to the first standard by itself, or with what it needs.

    Attributes
    ----------
    change : Change
    needs : tuple of Change
        What had to be applied with it, because it makes no standard by itself.
    """

    change: Change
    needs: tuple[Change, ...] = ()


def trials_of(mixer: Mixer) -> Iterator[Trial]:
    """Yield each change that can change a verdict, with what it needs to stand."""
    for change in mixer.judged:
        yield Trial(change, () if mixer.stands([change]) else _needs(change, mixer))


def effects_of(mixer: Mixer, submission: Submission, trials: tuple[Trial, ...]) -> Iterator[Effect]:
    """Yield the decisions of a submission that differ between the two standards, with their causes."""
    before = decisions_of(evaluate(submission, mixer.standard(())))
    after = decisions_of(evaluate(submission, mixer.standard(mixer.applied)))
    differing = [key for key in {**before, **after} if before.get(key) is not after.get(key)]
    if not differing:
        return
    singly = {
        trial.change: decisions_of(evaluate(submission, mixer.standard((trial.change, *trial.needs))))
        for trial in trials
    }
    needed: dict[Change, Decisions] | None = None
    for key in differing:
        causes = [change for change, found in singly.items() if found.get(key) is after.get(key)]
        alone = bool(causes)
        if not causes:
            needed = _left_out(mixer, submission) if needed is None else needed
            causes = [change for change, found in needed.items() if found.get(key) is not after.get(key)]
        yield Effect(*key, before.get(key), after.get(key), tuple(causes), alone)


def _left_out(mixer: Mixer, submission: Submission) -> dict[Change, Decisions]:
    """Return, for each change, what comes out with all the others."""
    found: dict[Change, Decisions] = {}
    for change in mixer.judged:
        others = [one for one in mixer.applied if one != change]
        if mixer.stands(others):
            found[change] = decisions_of(evaluate(submission, mixer.standard(others)))
    return found


def _needs(change: Change, mixer: Mixer) -> tuple[Change, ...]:
    """Return as few other changes as can be found with which a change makes a standard."""
    others = [one for one in mixer.applied if one != change]
    near = [one for one in others if (one.group, one.entry) == (change.group, change.entry)]
    needs = near if mixer.stands([change, *near]) else others
    size = len(needs) // 2
    while size:
        start = 0
        while start < len(needs):
            fewer = needs[:start] + needs[start + size :]
            needs, start = (fewer, start) if mixer.stands([change, *fewer]) else (needs, start + size)
        size //= 2
    return tuple(needs)
