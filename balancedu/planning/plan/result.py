"""A plan as a result: what to change, what it costs, how the county is judged afterwards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import attrs
import numpy as np

from balancedu.core.fields import Language
from balancedu.document import Block, Columns, Grid, Heading, Paragraph, Result
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.verdict import Verdict
from balancedu.planning.changes import Change
from balancedu.planning.compare import Comparison
from balancedu.planning.distances import amount_text
from balancedu.planning.plan.model import Request
from balancedu.planning.plan.obstacles import resource_items
from balancedu.submission.submission import Submission

_WORDS: dict[str, dict[Language, str]] = {
    "plan": {"zh": "最省的方案", "en": "The cheapest plan"},
    "cost": {
        "zh": "费用{cost:,.0f}元，可以证明的下限{bound:,.0f}元，差距{gap}。",
        "en": "It costs {cost:,.0f} yuan; no plan costs less than {bound:,.0f}: a gap of {gap}.",
    },
    "reach": {
        "zh": "费用{cost:,.0f}元；达标的{what}由{before:,.0f}增至{after:,.0f}，最多不超过{bound:,.0f}。",
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
    "add": {"zh": "添置", "en": "Add"},
    "transfer": {"zh": "调配", "en": "Transfer"},
    "school": {"zh": "学校", "en": "school"},
    "from": {"zh": "调出", "en": "from"},
    "to": {"zh": "调入", "en": "to"},
    "what": {"zh": "内容", "en": "what"},
    "amount": {"zh": "数量", "en": "amount"},
    "yuan": {"zh": "费用（元）", "en": "yuan"},
    "nothing": {"zh": "不需要任何改变。", "en": "Nothing needs to change."},
    "after": {"zh": "方案实施后的判定", "en": "Judged after the plan"},
    "rest": {"zh": "其他未达标的项目，本方案不涉及", "en": "Other items that are not met, left as they are"},
    "sections": {"zh": "学部", "en": "sections"},
    "pupils": {"zh": "学生", "en": "pupils"},
}


@attrs.frozen(eq=False)
class Plan(Result):
    """What to change, what it costs, and how the county is judged afterwards.

    Attributes
    ----------
    moves : columns
        A row for each change: kind (add, transfer), school (that receives), out_of (that gives), their names,
        measure, amount, cost in yuan.
    cost : float
        In yuan.
    bound : float
        No plan costs less; with a budget, no plan brings more sections (or pupils) into compliance.
    gap : float
        How much better another plan could be at most, as a share.
    submission, evaluation : Submission, Evaluation
        The county after the plan, judged by `evaluate`.
    comparison : Comparison
        Every decision that the plan changes.
    changes : tuple of Change
        The plan as changes that `what_if` takes.
    seconds : float
        How long the search took.
    """

    moves: Columns = attrs.field(repr=False)
    cost: float
    bound: float
    gap: float
    submission: Submission = attrs.field(repr=False)
    evaluation: Evaluation
    comparison: Comparison = attrs.field(repr=False)
    changes: tuple[Change, ...] = attrs.field(repr=False)
    seconds: float = attrs.field(repr=False)
    request: Request = attrs.field(repr=False)
    example_prices: bool = attrs.field(repr=False)

    @property
    def tables(self) -> Mapping[str, Columns]:
        """The moves, and what they change."""
        return {"moves": self.moves, **self.comparison.tables}

    def single_values(self) -> dict[str, Any]:
        """Return cost, bound, gap and the verdicts of the parts."""
        parts = {part: verdict.name for part, verdict in self.evaluation.parts.items()}
        return {"cost": self.cost, "bound": self.bound, "gap": self.gap, "parts": parts}

    def reached(self, evaluation: Evaluation) -> float:
        """Return how many sections comply, or how many pupils are in them, as the goal counts."""
        met = evaluation.section_verdicts == Verdict.MET.code
        return float(evaluation.sections["pupils"][met].sum() if self.request.goal == "pupils" else met.sum())

    def blocks(self, lang: Language) -> Iterator[Block]:
        """Yield the cost, the changes, and how the county is judged afterwards."""
        yield Heading(_WORDS["plan"][lang])
        if self.request.budget is None:
            gap = f"{self.gap * 100:.2f}%"
            yield Paragraph(_WORDS["cost"][lang].format(cost=self.cost, bound=self.bound, gap=gap))
        else:
            before, after = self.reached(self.comparison.before), self.reached(self.evaluation)
            what = _WORDS[self.request.goal][lang]
            yield Paragraph(
                _WORDS["reach"][lang].format(cost=self.cost, what=what, before=before, after=after, bound=self.bound)
            )
        if self.example_prices:
            yield Paragraph(_WORDS["examples"][lang])
        if self.request.immovable:
            yield Paragraph(self._immovable(lang))
        if not self.moves["kind"].size:
            yield Paragraph(_WORDS["nothing"][lang])
        yield from self._moves("add", ("school", "what", "amount", "yuan"), lang)
        yield from self._moves("transfer", ("from", "to", "what", "amount", "yuan"), lang)
        yield from self._verdicts(lang)

    def _immovable(self, lang: Language) -> str:
        measures = self.submission.standard.table_measures("schools").values()
        groups = (group for one in measures if one.grouping for group in one.grouping.groups if not group.movable)
        kind = {"zh": "、", "en": " or "}[lang].join(group.title.said(lang) for group in groups)
        return _WORDS["immovable"][lang].format(n=len(self.request.immovable), kind=kind)

    def _moves(self, kind: str, head: tuple[str, ...], lang: Language) -> Iterator[Block]:
        rows = np.flatnonzero(self.moves["kind"] == kind).tolist()
        if not rows:
            return
        yield Heading(_WORDS[kind][lang])
        body = []
        for row in rows:
            measure = self.submission.standard.measures[str(self.moves["measure"][row])]
            schools = [str(self.moves["name"][row])]
            if kind == "transfer":
                schools.insert(0, str(self.moves["out_of_name"][row]))
            amount = amount_text(float(self.moves["amount"][row]), measure.unit, lang)
            body.append([*schools, measure.title.said(lang), amount, f"{self.moves['cost'][row]:,.0f}"])
        yield Grid([_WORDS[name][lang] for name in head], body, texts=len(head) - 2)

    def _verdicts(self, lang: Language) -> Iterator[Block]:
        yield Heading(_WORDS["after"][lang])
        items = set(resource_items(self.evaluation.standard).values())
        findings = self.evaluation.items
        for item in sorted(items):
            yield Paragraph(f"{item} {findings[item].item.name.said(lang)}  {findings[item].reason(lang)}")
        rest = [one for one in findings.values() if one.item.id not in items and one.verdict.code < Verdict.MET.code]
        if rest:
            yield Heading(_WORDS["rest"][lang])
            yield from (Paragraph(f"{one.item.id} {one.item.name.said(lang)}  {one.reason(lang)}") for one in rest)
