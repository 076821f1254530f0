"""Two standards compared: what changed in the law, item by item, and what that changes for a county."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from balancedu.core.loading import load_standard
from balancedu.core.model import Language
from balancedu.core.standard import Standard
from balancedu.planning.result import Columns, Written, column
from balancedu.reporting.blocks import Block, Grid, Heading, Line
from balancedu.submission.submission import Submission

if TYPE_CHECKING:
    from balancedu.revisions.changes import Change
    from balancedu.revisions.effects import Effect, Trial
    from balancedu.revisions.mixing import Mixer

LANGUAGES: tuple[Language, ...] = ("zh", "en")
_WORDS: dict[str, dict[Language, str]] = {
    "same": {"zh": "两个标准没有不同。", "en": "The two standards do not differ."},
    "judged": {"zh": "影响判定的改动", "en": "Changes that can change a verdict"},
    "others": {"zh": "其他改动（表述、填报、打印）", "en": "Other changes (wording, reporting, printing)"},
    "effects": {"zh": "判定的变化", "en": "Verdicts that change"},
    "none": {"zh": "没有判定改变。", "en": "No verdict changes."},
    "decision": {"zh": "判定", "en": "decision"},
    "change": {"zh": "变化", "en": "change"},
    "cause": {"zh": "原因", "en": "cause"},
    "needs": {"zh": "不能单独成立，须连同：", "en": "cannot stand alone, goes with: "},
    "together": {"zh": "合在一起才会：", "en": "only together: "},
    "county": {"zh": "全县", "en": "the county"},
}


@attrs.frozen
class LawDifference(Written):
    """What changed from one standard to another.

    Attributes
    ----------
    before, after : Standard
    law : tuple of Change
        Every difference, in the order of the law.
    trials : tuple of Trial
        The changes that can change a verdict, and what each needs to stand.
    effects : tuple of Effect
        The verdicts of the submission that change; empty where none was given.
    submission : Submission, optional
    """

    before: Standard
    after: Standard
    law: tuple[Change, ...] = attrs.field(repr=False)
    trials: tuple[Trial, ...] = attrs.field(repr=False)
    effects: tuple[Effect, ...] = attrs.field(repr=False)
    submission: Submission | None = attrs.field(repr=False)
    sentences: Mapping[Change, Mapping[Language, str]] = attrs.field(repr=False)

    @property
    def tables(self) -> Mapping[str, Columns]:
        """The changes of the law, and the verdicts that change."""
        return {"law": self._law(), "effects": self._effects()}

    def facts(self) -> dict[str, Any]:
        """Return the ids of both standards, and what is not applied on the day."""
        lapses = dict.fromkeys((*self.before.lapses, *self.after.lapses))
        not_applied = [{"by": one.by, "path": one.path, "from": one.from_, "until": one.until} for one in lapses]
        return {"before": self.before.id, "after": self.after.id, "not_applied": not_applied}

    def said(self, change: Change, lang: Language = "zh") -> str:
        """Return a change as a sentence."""
        return self.sentences[change][lang]

    def number(self, change: Change) -> int:
        """Return the number under which the report lists a change that can change a verdict."""
        return [one for one in self.law if one.judged].index(change) + 1

    def blocks(self, lang: Language) -> Iterator[Block]:
        """Yield what changed in the law, and which verdicts change because of what."""
        titles = [(one.applied[-1] if one.applied else one).title.said(lang) for one in (self.before, self.after)]
        named = (f"{one.id} {title}" for one, title in zip((self.before, self.after), titles, strict=True))
        yield Heading(" → ".join(named))
        dated = (note for one in (self.before, self.after) if one.day for note in one.notes(lang))
        yield from map(Line, dict.fromkeys(dated))
        if not self.law:
            yield Line(_WORDS["same"][lang])
        needs = {trial.change: trial.needs for trial in self.trials}
        for name, judged in (("judged", True), ("others", False)):
            found = [one for one in self.law if one.judged is judged]
            if found:
                yield Heading(_WORDS[name][lang])
            for change in found:
                number = f"({self.number(change)}) " if judged else "· "
                yield Line(f"{number}{self.said(change, lang)}{self._aside(needs.get(change, ()), lang)}")
        if self.submission is not None:
            yield from self._changed(lang)

    def _aside(self, needs: tuple[Change, ...], lang: Language) -> str:
        if not needs:
            return ""
        listed = ("、" if lang == "zh" else ", ").join(
            f"({self.number(one)})" if one.judged else one.path for one in needs
        )
        return f"（{_WORDS['needs'][lang]}{listed}）" if lang == "zh" else f" ({_WORDS['needs'][lang]}{listed})"

    def _changed(self, lang: Language) -> Iterator[Block]:
        yield Heading(_WORDS["effects"][lang])
        if not self.effects:
            yield Line(_WORDS["none"][lang])
            return
        head = [_WORDS[name][lang] for name in ("decision", "change", "cause")]
        body = [[self._decision(one, lang), one.verdicts(lang), self._cause(one, lang)] for one in self.effects]
        yield Grid([head, *body], texts=3)

    def _decision(self, effect: Effect, lang: Language) -> str:
        assert self.submission is not None
        names = {"county": _WORDS["county"][lang], "part": effect.id, "item": effect.id, "section": effect.school}
        for standard in (self.before, self.after):
            if effect.id in standard.parts:
                names["part"] = standard.parts[effect.id].title.said(lang)
            if effect.id in standard.items:
                names["item"] = f"{effect.id} {standard.items[effect.id].name.said(lang)}"
        told = names[effect.level]
        if effect.level == "section":
            stage = {str(key): title for key, title in self.after.head.stage_titles.items()}[effect.stage]
            told = f"{effect.school} {stage.said(lang)}"
        return f"{effect.county} {told}" if len(self.submission.counties) > 1 else told

    def _cause(self, effect: Effect, lang: Language) -> str:
        told = ("、" if lang == "zh" else ", ").join(
            f"({self.number(one)}) {self._short(one)}" for one in effect.causes
        )
        return told if effect.alone or not told else f"{_WORDS['together'][lang]}{told}"

    def _short(self, change: Change) -> str:
        return change.entry if change.group in ("items", "indicators") else change.path

    def _law(self) -> Columns:
        from balancedu.core.nodes import written
        from balancedu.revisions.sentences import source_of

        needs = {trial.change: trial.needs for trial in self.trials}
        rows = [
            {
                "path": one.path,
                "entry": one.entry,
                "way": one.way,
                "before": written(one.before.node) if one.before else "",
                "after": written(one.after.node) if one.after else "",
                "source_before": source_of(self.before, one.before),
                "source_after": source_of(self.after, one.after),
                "needs": " ".join(other.path for other in needs.get(one, ())),
                **{f"said_{lang}": self.said(one, lang) for lang in LANGUAGES},
            }
            for one in self.law
        ]
        keys = (
            "path",
            "entry",
            "way",
            "before",
            "after",
            "source_before",
            "source_after",
            "needs",
            "said_zh",
            "said_en",
        )
        columns: dict[str, Any] = {key: column([row[key] for row in rows], str) for key in keys}
        return columns | {"judged": column([one.judged for one in self.law], bool)}

    def _effects(self) -> Columns:
        names = ("county", "level", "id", "school", "stage")
        columns: dict[str, Any] = {name: column([getattr(one, name) for one in self.effects], str) for name in names}
        for name in ("before", "after"):
            verdicts = [getattr(one, name) for one in self.effects]
            columns[name] = column(["" if one is None else str(one) for one in verdicts], str)
        columns["causes"] = column([" ".join(cause.path for cause in one.causes) for one in self.effects], str)
        return columns | {"alone": column([one.alone for one in self.effects], bool)}


def diff(
    before: str | PathLike[str] | Standard,
    after: str | PathLike[str] | Standard,
    *,
    on: Submission | str | PathLike[str] | None = None,
) -> LawDifference:
    """Return what changed in the law from one standard to another, and which verdicts change because of it.

    Parameters
    ----------
    before, after : id, path or Standard
        Editions or overlays; `load_standard` combines overlays and asks about a day.
    on : Submission or path, optional
        What a county, or many, handed in. A path is read with the measures of both standards; a Submission should
        have been checked by a standard that declares them, or what only the other one asks for counts as not
        reported.

    Returns
    -------
    LawDifference
        Every change in words, with its sources. With a submission: each verdict that changes, and the single
        changes of the law that cause it, found by applying them one at a time and together. A change that makes no
        standard by itself is applied with what it needs, and says so.

    Examples
    --------
    >>> import balancedu as be
    >>> found = be.diff("cn-2017", "shenyang", on=be.example("passing", standard="shenyang"))
    >>> print(found.said(found.law[1], "en").partition(" at least")[0])
    G7 special education funds: public funds per pupil of special schools
    >>> [(one.level, one.id, [cause.path for cause in one.causes]) for one in found.effects if one.id == "V7"]
    [('item', 'V7', ['items.V7'])]
    """
    # Files are compared as they are written, which takes PyYAML: importing balancedu does without it.
    from balancedu.revisions.effects import effects_of, trials_of
    from balancedu.revisions.mixing import Mixer
    from balancedu.revisions.sentences import said

    mixer = Mixer(load_standard(before), load_standard(after))
    submission = on if isinstance(on, Submission) or on is None else _read(on, mixer)
    trials = () if submission is None else tuple(trials_of(mixer))
    effects = () if submission is None else tuple(effects_of(mixer, submission, trials))
    sentences = {one: {lang: said(one, mixer, lang) for lang in LANGUAGES} for one in mixer.changes}
    return LawDifference(mixer.before, mixer.after, mixer.changes, trials, effects, submission, sentences)


def reporting_both(before: Standard, after: Standard) -> Standard:
    """Return the first standard with what is reported in either: a submission made with it serves both.

    Examples
    --------
    >>> both = reporting_both(load_standard("cn-2017"), load_standard("shenyang"))
    >>> "labour_education" in both.measures, "V7" in both.items
    (True, False)
    """
    from balancedu.revisions.mixing import Mixer

    return Mixer(before, after).standard(())


def _read(path: str | PathLike[str], mixer: Mixer) -> Submission:
    from balancedu.submission.reading.source import read_submission

    return read_submission(Path(fspath(path)), standard=mixer.standard(()))
