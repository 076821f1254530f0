"""An evaluation in a notebook."""

from __future__ import annotations

from balancedu import html
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.relieved import strictly_said
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
        return html.card(repr(evaluation)[1:-1], shown, *_many_strict(evaluation))
    items = [
        [one.item.id, one.item.name.zh, one.verdict.said("zh"), one.reason("zh")] for one in evaluation.items.values()
    ]
    told = [shown, *(html.text(line) for line in strictly_said(evaluation, "zh"))]
    told.append(html.folded("各项 items", html.table(items)))
    if evaluation.warnings:
        doubts = html.text("\n".join(one.said("zh") for one in evaluation.warnings))
        told.append(html.folded(f"填报数据提示 warnings（{len(evaluation.warnings)}）", doubts))
    return html.card(repr(evaluation)[1:-1], *told)


def _many_strict(evaluation: Evaluation) -> list[str]:
    """Return what the counties come to without relief, where it decided anything."""
    if evaluation.strict is None or not evaluation.reliefs:
        return []
    strict = evaluation.strict.verdicts
    rows = [[county, strict[county].said("zh")] for county in list(evaluation.verdicts)[:MOST_SHOWN]]
    return [html.table(rows, ("县 county", "不放宽的结论 without relief"))]
