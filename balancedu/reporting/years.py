"""How a county's coefficients changed over the years, for its report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

import numpy as np

from balancedu.core.model import Language
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.figures import printed
from balancedu.evaluation.verdict import Verdict
from balancedu.reporting.document import Block, Grid, Heading, Picture

_TITLE: dict[Language, str] = {"zh": "历年校际差异系数", "en": "Coefficients of variation over the years"}


def years(evaluations: Mapping[str, Evaluation], lang: Language) -> Iterator[Block]:
    """Yield a table and a picture of each stage; `evaluations` are one county's, in the order of time."""
    from balancedu import plots

    last = list(evaluations.values())[-1]
    yield Heading(2, _TITLE[lang])
    for position, stage in enumerate(last.stages):
        if np.isnan([one.cv[0, position] for one in evaluations.values()]).all():
            continue
        title = last.standard.head.stage_titles[stage].said(lang)
        caption = f"{title}{_TITLE['zh']}" if lang == "zh" else f"{_TITLE['en']}, {title}"
        yield _grid(evaluations, position, caption, lang)
        picture = partial(plots.change, evaluations, stage=stage, lang=lang)
        yield Picture(caption, caption, picture, (6.4, 3.6))


def _grid(evaluations: Mapping[str, Evaluation], position: int, caption: str, lang: Language) -> Grid:
    last = list(evaluations.values())[-1]
    rows = []
    for n, indicator in enumerate(last.standard.indicators.values()):
        figures = (one.cv[0, position, n] for one in evaluations.values())
        told = [_said(float(cv), last, lang) for cv in figures]
        rows.append((f"{indicator.id} {indicator.name.said(lang)}", *told))
    heads = ({"zh": "指标", "en": "indicator"}[lang], *(str(year) for year in evaluations))
    return Grid(caption, heads, tuple(rows), numeric=frozenset(range(1, len(heads))))


def _said(cv: float, evaluation: Evaluation, lang: Language) -> str:
    if np.isnan(cv):
        return Verdict.UNKNOWN.said(lang)
    return printed(cv, "coefficient", evaluation.standard.head.precision, lang)
