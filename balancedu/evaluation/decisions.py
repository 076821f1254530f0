"""Every verdict of an evaluation by name, to be compared with those of another."""

from __future__ import annotations

from typing import NamedTuple

import attrs
import numpy as np

from balancedu.core.fields import Language, Stage
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.figures import printed
from balancedu.evaluation.verdict import Verdict


class Decision(NamedTuple):
    """What a verdict is about.

    Attributes
    ----------
    county : str
    level : str
        county, part, item or section.
    id : str
        Of a part or item; empty for counties and sections.
    school, stage : str
        Of a section; empty for all others.
    """

    county: str
    level: str
    id: str = ""
    school: str = ""
    stage: str = ""

    def said(self, lang: Language) -> str:
        """Return what it is about in words.

        Examples
        --------
        >>> Decision("990202", "section", school="003", stage="primary").said("en")
        'section 003 primary'
        """
        titles = {"county": "全县", "part": "部分", "item": "条目", "section": "学部"}
        level = titles[self.level] if lang == "zh" else self.level
        return " ".join(filter(None, (level, self.id, self.school, self.stage)))


def decisions_of(evaluation: Evaluation) -> dict[Decision, Verdict]:
    """Return the verdicts about counties, parts, items and sections.

    Examples
    --------
    >>> import balancedu as be
    >>> decisions_of(be.evaluate(be.example("failing")))[Decision("990202", "item", "G12")]
    <Verdict.NOT_MET: 'NOT_MET'>
    """
    found = {Decision(county, "county"): verdict for county, verdict in evaluation.verdicts.items()}
    for level, codes in (("part", evaluation.part_verdicts), ("item", evaluation.item_verdicts)):
        for name, verdicts in codes.items():
            pairs = zip(evaluation.counties, verdicts.tolist(), strict=True)
            found |= {Decision(county, level, name): Verdict.of(code) for county, code in pairs}
    columns = evaluation.sections
    rows = zip(columns["county"], columns["school"], columns["stage"], evaluation.section_verdicts, strict=True)
    sections = ((Decision(str(c), "section", "", str(s), str(t)), Verdict.of(code)) for c, s, t, code in rows)
    return found | dict(sections)


def as_judged(evaluation: Evaluation, indicator: str, stage: Stage) -> Evaluation:
    """Return the evaluation of one county by the amounts with which a coefficient was judged.

    Those that only relief counts are left out where the coefficient is better without them.
    """
    record, county = evaluation.record, evaluation.submission.counties.index(evaluation.counties[0])
    strict, without = record.basis.strict, record.basis.without
    at = county, evaluation.stages.index(stage), evaluation.indicators.index(indicator)
    if strict is None or without is None or not without[at]:
        return evaluation
    return evaluation.with_record(attrs.evolve(record, basis=strict))


def coefficients_said(evaluation: Evaluation, lang: Language, indicator: str = "") -> list[str]:
    """Return how each coefficient of one county was judged on which such amounts bear; of one indicator or of all."""
    basis = evaluation.record.basis
    county = basis.submission.counties.index(evaluation.counties[0])
    if basis.strict is None or basis.without is None:
        return []
    strict, told = basis.strict.cv[county], basis.cv[county]
    differ = basis.without[county] | ~((strict == told) | (np.isnan(strict) & np.isnan(told)))
    said = []
    for n, stage in enumerate(evaluation.stages):
        for k, one in enumerate(evaluation.standard.indicators.values()):
            if differ[n, k] and indicator in ("", one.id):
                title = evaluation.standard.head.stage_titles[stage].said(lang)
                head = f"{title} {one.id} {one.name.said(lang)}"
                without, figure = bool(basis.without[county, n, k]), float(strict[n, k])
                said.append(_said(evaluation, head, figure, lang, without=without))
    return said


def _said(evaluation: Evaluation, head: str, strict: float, lang: Language, *, without: bool) -> str:
    if without:
        words = {
            "zh": "没有计入只有放宽才计算的量（可以不计入，取有利的）",
            "en": "without what only relief counts, for it need not be counted",
        }
        return f"{head}{'：' if lang == 'zh' else ': '}{words[lang]}"
    precision = evaluation.standard.head.precision
    figure = Verdict.UNKNOWN.said(lang) if np.isnan(strict) else printed(strict, "coefficient", precision, lang)
    if lang == "zh":
        return f"{head}：计入只有放宽才计算的量；不计入，差异系数为{figure}"
    return f"{head}: with what only relief counts; without it the coefficient is {figure}"


def strictly_said(evaluation: Evaluation, lang: Language) -> list[str]:
    """Return what one county comes to without relief, and every decision that relief changed; nothing without any."""
    reliefs, strict = evaluation.reliefs, evaluation.strict
    if strict is None or not reliefs:
        return []
    verdict = {"zh": f"不放宽的结论：{strict.verdict.said('zh')}", "en": f"without relief: {strict.verdict.said('en')}"}
    return [verdict[lang], *(one.said(lang) for one in reliefs)]
