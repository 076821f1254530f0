"""Objects for people: what one county's item came to, and why."""

from __future__ import annotations

import math
from typing import Literal

import attrs

from balancedu import html
from balancedu.calculator.compliance import Relation
from balancedu.core.model import Language, Source, Stage, Title
from balancedu.core.reckoning import Precision
from balancedu.core.standard import Item
from balancedu.evaluation import wording
from balancedu.evaluation.outcome import Form
from balancedu.evaluation.verdict import Verdict
from balancedu.phrase import place_zh


@attrs.frozen
class Gap:
    """Something not reported that a verdict waits for.

    Attributes
    ----------
    row : int
        Its row in the table of classes, rooms or monitoring; -1 for schools and facts, and where rows that should be
        there are not.
    place : str
        Where the empty cell stands, as `county.xlsx 班级!F10` or `classes.csv:10`; of rows that are not there, the
        file or sheet. Empty where nothing was submitted that could say.
    """

    county: str
    table: str
    column: str
    school: str = ""
    stage: Stage | None = None
    row: int = -1
    title: Title | None = attrs.field(default=None, repr=False, eq=False)
    name: str = attrs.field(default="", repr=False, eq=False)
    grade: Title | None = attrs.field(default=None, repr=False, eq=False)
    place: str = attrs.field(default="", repr=False, eq=False)

    def said(self, lang: Language = "zh") -> str:
        """Return the gap in words."""
        grade = self.grade.said(lang) if self.grade else ""
        if lang == "zh":
            return f"{self.name}{grade}{self.titled(lang)}"
        return " ".join(word for word in (self.name, grade, self.titled(lang)) if word)

    def located(self, lang: Language = "zh") -> str:
        """Return the gap in words, with its place."""
        if not self.place:
            return self.said(lang)
        if lang == "en":
            return f"{self.said(lang)} ({self.place})"
        return f"{self.said(lang)}（{'、'.join(place_zh(place) for place in self.place.split(', '))}）"

    def titled(self, lang: Language = "zh") -> str:
        """Return what is missing, without the school."""
        title = self.title.said(lang) if self.title else self.column
        # Titles of parts begin with a word that only makes sense below their whole.
        return f"「{title.removeprefix('其中：')}」" if lang == "zh" else title.removeprefix("of these, ")


@attrs.frozen
class Case:
    """One school, class, section or subject that a check looked at; `place` says where it was reported."""

    name: Title
    school: str
    stage: Stage | None
    verdict: Verdict
    observed: float
    required: float
    row: int = attrs.field(default=-1, repr=False)
    """Its row in the table of the check; -1 where rows that should be there are not."""
    place: str = attrs.field(default="", repr=False)


@attrs.frozen
class Check:
    """One comparison of an item in one county.

    Attributes
    ----------
    observed, required : float
        NaN where not known; yes is 1 and no is 0. Where many cases were looked at, those of the worst one.
    cases : tuple of Case
        The cases that are not met or not known, worst first.
    worst : Case, optional
        The case that is furthest on the wrong side, or closest to it.
    total : int
        How many cases were looked at; 0 where the check is about the county as a whole.
    gaps : tuple of Gap
        What is not reported, where the verdict or one of its cases is unknown.
    indicators : tuple of str
        The indicators whose coefficients are compared; none where it is about something else.
    stage : str, optional
        The stage of these coefficients.
    """

    id: str
    title: Title
    relation: Relation | Literal["is"]
    form: Form
    verdict: Verdict
    observed: float
    required: float
    precision: Precision = attrs.field(repr=False)
    unit: Title | None = attrs.field(default=None, repr=False)
    table: str = ""
    cases: tuple[Case, ...] = ()
    worst: Case | None = None
    total: int = 0
    gaps: tuple[Gap, ...] = ()
    indicators: tuple[str, ...] = ()
    stage: Stage | None = None

    @property
    def margin(self) -> float:
        """How far observed is on the right side of required; negative on the wrong side, NaN if not known."""
        if self.relation == "is":
            return math.nan
        return self.observed - self.required if self.relation in (">=", ">") else self.required - self.observed


@attrs.frozen
class Finding:
    """What one item came to in one county.

    Attributes
    ----------
    item : Item
    county : str
    verdict : Verdict
    checks : tuple of Check
        Every comparison that the item's rules made.
    """

    item: Item = attrs.field(repr=lambda item: item.id)
    county: str
    verdict: Verdict
    checks: tuple[Check, ...] = attrs.field(repr=False)

    @property
    def decisive(self) -> Check:
        """The check that decides: a failed one before an unknown one before a met one, the closest first."""
        return min(self.checks, key=lambda check: (check.verdict, _closeness(check)))

    @property
    def observed(self) -> float:
        """The figure of the decisive check."""
        return self.decisive.observed

    @property
    def required(self) -> float:
        """What the decisive check is compared with."""
        return self.decisive.required

    @property
    def margin(self) -> float:
        """How far the decisive check is on the right side; negative on the wrong side, NaN if not known."""
        return self.decisive.margin

    @property
    def source(self) -> Source:
        """Where the requirement stands in the law."""
        return self.item.source

    @property
    def schools(self) -> tuple[str, ...]:
        """The ids of the schools that fail."""
        failing = (case for check in self.checks for case in check.cases if case.verdict is Verdict.NOT_MET)
        return tuple(dict.fromkeys(case.school for case in failing if case.school))

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What is not reported, where the verdict or one of its cases is unknown."""
        return tuple(dict.fromkeys(gap for check in self.checks for gap in check.gaps))

    def _repr_html_(self) -> str:
        head = ("检查 check", "结果 verdict", "实际 observed", "要求 required")
        rows = [
            [one.title.zh, one.verdict.said("zh"), wording.observed(one, "zh"), wording.wanted(one, "zh")]
            for one in self.checks
        ]
        title = f"{self.item.id}  {self.item.name.zh}  {self.verdict.said('zh')} {self.verdict.said('en')}"
        return html.card(title, html.text(self.reason("zh")), html.table(rows, head))

    def reason(self, lang: Language = "zh") -> str:
        """Return the verdict and its reason as a sentence."""
        return wording.reason(self, lang)


def _closeness(check: Check) -> float:
    margin = check.margin / abs(check.required) if check.required else check.margin
    return math.inf if math.isnan(margin) else margin
