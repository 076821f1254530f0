"""A plan as a result: what to change, what it costs, how the county is judged afterwards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import attrs

from balancedu.core.fields import Language
from balancedu.document import Block, Columns, Grid, Heading, Paragraph, Result
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.verdict import Verdict
from balancedu.planning.changes import Change
from balancedu.planning.compare import Comparison
from balancedu.planning.distances import amount_text
from balancedu.planning.plan.moves import KINDS, LATER, Kind, Move, table_of
from balancedu.planning.plan.request import Request
from balancedu.submission.submission import Submission
from balancedu.text import NO_WORDS, Phrase

_WORDS: dict[str, dict[Language, str]] = {
    "plan": {"zh": "最低投入方案", "en": "The cheapest plan"},
    "cost": {
        "zh": "最低投入测算{cost:,.0f}元；理论最低值{bound:,.0f}元，差距不超过{gap}。",
        "en": "It costs {cost:,.0f} yuan; no plan costs less than {bound:,.0f} (a lower bound): a gap of {gap}.",
    },
    "proved": {
        "zh": "最低投入测算{cost:,.0f}元（已是理论最低值，差距{gap}）。",
        "en": "It costs {cost:,.0f} yuan; no plan costs less than {bound:,.0f} (a lower bound): a gap of {gap}.",
    },
    "payers": {
        "zh": "其中县级承担{county:,.0f}元，民办等学校自筹{school:,.0f}元。",
        "en": "The county pays {county:,.0f} yuan, schools that are not the county's pay {school:,.0f}.",
    },
    "reach": {
        "zh": "投入{cost:,.0f}元；达标的{what}由{before:,.0f}增至{after:,.0f}，最多不超过{bound:,.0f}。",
        "en": "It costs {cost:,.0f} yuan; {what} that comply: {before:,.0f} before, {after:,.0f} after, "
        "at most {bound:,.0f}.",
    },
    "examples": {
        "zh": "未给出单价的，用的是标准文件中的示例单价，只供测算，请换成本县的单价。",
        "en": "Where no price was given, the example prices of the standard were used; give your own.",
    },
    "immovable": {
        "zh": "{n}所{kind}学校不参与调配：其资源不归县调配，既不调出，也不调入，可以自行添置。",
        "en": "Schools that neither give nor receive ({kind}): {n}. What they hold is not the county's to move; they "
        "may add.",
    },
    "left_out": {
        "zh": "方案没有考虑：上学距离和学区，新建学校，教室以外的校舍改造，人员编制；学生只在学校或班级超限时转出。",
        "en": "Left out: ways to school and catchment areas, new schools, staffing; pupils move only where their "
        "school or class is too large.",
    },
    "left_out_budget": {
        "zh": "按总预算测算时，没有考虑学校和班级规模、专用教室，也不要求差异系数达标。",
        "en": "With a budget in all, the sizes of schools and classes and special rooms are left out, and coefficients "
        "of variation are not required.",
    },
    "move_pupils": {"zh": "学生分流", "en": "Pupils who move"},
    "arrange_classes": {"zh": "班级", "en": "Classes"},
    "build_rooms": {"zh": "专用教室", "en": "Rooms"},
    "transfer": {"zh": "调配", "en": "Transfer"},
    "add": {"zh": "添置", "en": "Add"},
    "years": {"zh": "分年度", "en": "Year by year"},
    "year": {"zh": "年度", "en": "year"},
    "later": {"zh": "预算以外", "en": "beyond the budgets"},
    "county": {"zh": "县级（元）", "en": "county (yuan)"},
    "by_school": {"zh": "学校自筹（元）", "en": "schools (yuan)"},
    "school": {"zh": "学校", "en": "school"},
    "from": {"zh": "从", "en": "from"},
    "to": {"zh": "到", "en": "to"},
    "what": {"zh": "内容", "en": "what"},
    "amount": {"zh": "数量", "en": "amount"},
    "yuan": {"zh": "投入（元）", "en": "yuan"},
    "even": {"zh": "按人数均衡编班", "en": "spread evenly"},
    "nothing": {"zh": "不需要任何改变。", "en": "Nothing needs to change."},
    "after": {"zh": "方案实施后的判定", "en": "Judged after the plan"},
    "rest": {"zh": "其他未达标的项目，本方案不涉及", "en": "Other items that are not met, left as they are"},
    "sections": {"zh": "学校（小学部、初中部分别计算）", "en": "sections"},
    "pupils": {"zh": "学生", "en": "pupils"},
}


@attrs.frozen(eq=False)
class Plan(Result):
    """What to change, what it costs, and how the county is judged afterwards.

    Attributes
    ----------
    steps : tuple of Move
        Everything that the plan does, in order.
    bound : float
        No plan costs less; with a budget in all, no plan brings more sections (or pupils) into compliance.
    gap : float
        How much better another plan could be at most, as a share.
    submission, evaluation : Submission, Evaluation
        The county after the plan, judged by `evaluate`.
    comparison : Comparison
        Every decision that the plan changes.
    changes : tuple of Change
        The plan as changes that `what_if` takes.
    years : tuple of str
        The years of the budgets, where they were given by year.
    seconds : float
        How long the search took.
    """

    steps: tuple[Move, ...] = attrs.field(repr=False)
    names: Mapping[str, str] = attrs.field(repr=False)
    bound: float
    gap: float
    submission: Submission = attrs.field(repr=False)
    evaluation: Evaluation
    comparison: Comparison = attrs.field(repr=False)
    changes: tuple[Change, ...] = attrs.field(repr=False)
    years: tuple[str, ...] = attrs.field(repr=False)
    seconds: float = attrs.field(repr=False)
    request: Request = attrs.field(repr=False)
    example_prices: bool = attrs.field(repr=False)

    @property
    def cost(self) -> float:
        """What everything costs, in yuan."""
        return float(sum(step.cost for step in self.steps))

    @property
    def cost_by_payer(self) -> dict[str, float]:
        """What the county pays, and what schools pay that are not the county's, in yuan."""
        return {payer: float(sum(step.cost for step in self.steps if step.payer == payer)) for payer in _PAYERS}

    @property
    def moves(self) -> Columns:
        """A row for each move.

        Columns: kind (move_pupils, arrange_classes, build_rooms, transfer, add), school (that receives), out_of (that
        gives), their names, measure, detail (the grade, or the use of rooms), amount, cost in yuan, payer (county,
        school), year.
        """
        return table_of(self.steps, self.names)

    @property
    def tables(self) -> Mapping[str, Columns]:
        """The moves, and what they change."""
        return {"moves": self.moves, **self.comparison.tables}

    def single_values(self) -> dict[str, Any]:
        """Return cost, bound, gap and the verdicts of the parts."""
        parts = {part: verdict.name for part, verdict in self.evaluation.parts.items()}
        costs = {"cost": self.cost, "cost_by_payer": self.cost_by_payer}
        return costs | {"bound": self.bound, "gap": self.gap, "parts": parts}

    def reached(self, evaluation: Evaluation) -> float:
        """Return how many sections comply, or how many pupils are in them, as the goal counts."""
        met = evaluation.section_verdicts == Verdict.MET.code
        return float(evaluation.sections["pupils"][met].sum() if self.request.goal == "pupils" else met.sum())

    def blocks(self, lang: Language) -> Iterator[Block]:
        """Yield the cost, the changes, and how the county is judged afterwards."""
        yield Heading(_WORDS["plan"][lang])
        if self.request.budget is None:
            gap = f"{self.gap * 100:.2f}%"
            words = _WORDS["proved" if self.gap < 5e-5 else "cost"][lang]
            yield Paragraph(words.format(cost=self.cost, bound=self.bound, gap=gap))
        else:
            before, after = self.reached(self.comparison.before), self.reached(self.evaluation)
            what = _WORDS[self.request.goal][lang]
            yield Paragraph(
                _WORDS["reach"][lang].format(cost=self.cost, what=what, before=before, after=after, bound=self.bound)
            )
        if self.cost_by_payer["school"]:
            yield Paragraph(_WORDS["payers"][lang].format(**self.cost_by_payer))
        if self.example_prices:
            yield Paragraph(_WORDS["examples"][lang])
        if self.request.immovable:
            yield Paragraph(self._immovable(lang))
        yield Paragraph(_WORDS["left_out" if self.request.budget is None else "left_out_budget"][lang])
        if not self.steps:
            yield Paragraph(_WORDS["nothing"][lang])
        for kind in KINDS:
            yield from self._moves(kind, lang)
        yield from self._years(lang)
        yield from self._verdicts(lang)

    def _immovable(self, lang: Language) -> str:
        measures = self.submission.standard.table_measures("schools").values()
        groups = (
            group for measure in measures if measure.grouping for group in measure.grouping.groups if not group.movable
        )
        kind = {"zh": "、", "en": " or "}[lang].join(group.title.text(lang) for group in groups)
        return _WORDS["immovable"][lang].format(n=len(self.request.immovable), kind=kind)

    def _moves(self, kind: Kind, lang: Language) -> Iterator[Block]:
        steps = [step for step in self.steps if step.kind == kind]
        if not steps:
            return
        yield Heading(_WORDS[kind][lang])
        between = kind in ("move_pupils", "transfer")
        head = [*(("from", "to") if between else ("school",)), "what", "amount", "yuan"]
        body = []
        for step in steps:
            schools = [self.names[step.out_of], self.names[step.school]] if between else [self.names[step.school]]
            year = f"（{self._year(step.year, lang)}）" if step.year and lang == "zh" else ""
            year = f" ({self._year(step.year, lang)})" if step.year and lang == "en" else year
            what = self._what(step).text(lang) + year
            body.append([*schools, what, self._amount(step, lang), f"{step.cost:,.0f}"])
        yield Grid([_WORDS[name][lang] for name in head], body, texts=len(head) - 2)

    def _what(self, step: Move) -> Phrase:
        """Return what a move is about, with the grade or the use of rooms."""
        standard = self.submission.standard
        title = standard.measures[step.measure].title
        if step.kind == "build_rooms":
            use = next(choice.title for choice in standard.measures["rooms.use"].values if choice.id == step.detail)
            return Phrase(f"{use.zh}专用教室", f"rooms for {use.en}")
        if step.kind == "move_pupils":
            stage = next(name for name in standard.stages if standard.head.scope.pupils[name] == step.measure)
            grade = Phrase(f"{step.detail}年级", f", grade {step.detail}") if step.detail else NO_WORDS
            return standard.head.stage_titles[stage] + grade + Phrase("学生", " pupils" if not step.detail else "")
        if step.detail:
            return title + Phrase(f"（{step.detail}年级）", f" (grade {step.detail})")
        return title

    def _amount(self, step: Move, lang: Language) -> str:
        if step.kind == "arrange_classes" and not step.amount:
            return _WORDS["even"][lang]
        unit: Phrase | None = self.submission.standard.measures[step.measure].unit
        if step.kind == "build_rooms":
            unit = _ROOMS
        return amount_text(step.amount, unit, lang)

    @staticmethod
    def _year(year: str, lang: Language) -> str:
        return _WORDS["later"][lang] if year == LATER else f"{year}年" if lang == "zh" else year

    def _years(self, lang: Language) -> Iterator[Block]:
        if not self.years:
            return
        yield Heading(_WORDS["years"][lang])
        body: list[Sequence[str]] = []
        for year in (*self.years, LATER):
            costs = [
                sum(step.cost for step in self.steps if (step.year, step.payer) == (year, payer)) for payer in _PAYERS
            ]
            if year != LATER or any(costs):
                body.append([self._year(year, lang), *(f"{cost:,.0f}" for cost in costs)])
        yield Grid([_WORDS[name][lang] for name in ("year", "county", "by_school")], body)

    def _verdicts(self, lang: Language) -> Iterator[Block]:
        yield Heading(_WORDS["after"][lang])
        findings = self.evaluation.items
        for item in self.request.items:
            yield Paragraph(f"{item} {findings[item].item.name.text(lang)}  {findings[item].reason(lang)}")
        rest = [
            finding
            for finding in findings.values()
            if finding.item.id not in self.request.items and finding.verdict in (Verdict.NOT_MET, Verdict.UNKNOWN)
        ]
        if rest:
            yield Heading(_WORDS["rest"][lang])
            yield from (
                Paragraph(f"{finding.item.id} {finding.item.name.text(lang)}  {finding.reason(lang)}")
                for finding in rest
            )


_PAYERS = ("county", "school")
_ROOMS = Phrase("间", "rooms")
