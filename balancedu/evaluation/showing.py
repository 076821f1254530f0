"""An evaluation in a notebook."""

from __future__ import annotations

from balancedu import html
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.verdict import Verdict

MOST_SHOWN = 20
"""How many counties a notebook shows."""


def evaluation_html(evaluation: Evaluation) -> str:
    """Return the verdicts of counties and parts, and for one county its items, folded."""
    titles = [part.title.zh for part in evaluation.standard.parts.values()]
    parts = evaluation.part_verdicts.values()
    rows = [
        [county, verdict.said("zh"), *(Verdict(int(codes[n])).said("zh") for codes in parts)]
        for n, (county, verdict) in zip(range(MOST_SHOWN), evaluation.verdicts.items(), strict=False)
    ]
    shown = html.table(rows, ("县 county", "结论 verdict", *titles))
    if len(evaluation.counties) > 1:
        return html.card(repr(evaluation)[1:-1], shown)
    items = [
        [one.item.id, one.item.name.zh, one.verdict.said("zh"), one.reason("zh")] for one in evaluation.items.values()
    ]
    told = [shown, html.folded("各项 items", html.table(items))]
    if evaluation.warnings:
        doubts = html.text("\n".join(one.said("zh") for one in evaluation.warnings))
        told.append(html.folded(f"填报数据提示 warnings（{len(evaluation.warnings)}）", doubts))
    return html.card(repr(evaluation)[1:-1], *told)
