"""What a report concludes of one indicator, and what it leaves to the item about sections."""

from __future__ import annotations

from collections.abc import Iterator

from balancedu.core.model import Indicator, Language
from balancedu.core.rules import SectionsComply, SpreadWithin
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.verdict import Verdict
from balancedu.reporting.document import Conclusion


def indicator_conclusion(
    evaluation: Evaluation, indicator: Indicator, label: str, lang: Language
) -> Iterator[Conclusion]:
    """Yield what the standard says of an indicator by itself: its coefficients, and that no section is below the floor.

    A section may be below the standard in some indicators; whether it complies is decided for it as a whole, in an
    item of its own, which is named. Where the standard says nothing of single indicators, nothing is concluded.
    """
    told: list[tuple[Verdict, str]] = []
    if (spread := _spread(evaluation, indicator)) is not Verdict.NOT_APPLICABLE:
        words = {"zh": f"校际差异系数{spread.said('zh')}", "en": f"coefficient of variation {spread.said('en')}"}
        told.append((spread, words[lang]))
    if indicator.at_least:
        told.append(_floor(evaluation, indicator, lang))
    if told:
        text = ("；" if lang == "zh" else "; ").join(words for _, words in told)
        yield Conclusion(label, min(verdict for verdict, _ in told), text + _elsewhere(evaluation, lang))


def _spread(evaluation: Evaluation, indicator: Indicator) -> Verdict:
    rules = [one for one in evaluation.items.values() if any(isinstance(r, SpreadWithin) for r in one.item.rules)]
    checks = (check.verdict for one in rules for check in one.checks if check.id.startswith(f"{indicator.id}."))
    return min(checks, default=Verdict.NOT_APPLICABLE)


def _floor(evaluation: Evaluation, indicator: Indicator, lang: Language) -> tuple[Verdict, str]:
    standing = evaluation.standing[:, evaluation.indicators.index(indicator.id)]
    # Without a rule about sections there is no floor but the standard itself.
    zh, en = ("底线", "floor") if evaluation.standard.section_rule else ("标准", "standard")
    below, unknown = int((standing == 0).sum()), int((standing == -1).sum())
    if not standing.size:
        return Verdict.UNKNOWN, {"zh": "没有参加计算的学部", "en": "no section is judged"}[lang]
    if below:
        return Verdict.NOT_MET, {"zh": f"{below}个学部低于{zh}", "en": f"sections below the {en}: {below}"}[lang]
    if unknown:
        words = {"zh": f"{unknown}个学部是否低于{zh}待定", "en": f"sections not known to reach the {en}: {unknown}"}
        return Verdict.UNKNOWN, words[lang]
    return Verdict.MET, {"zh": f"没有学部低于{zh}", "en": f"no section is below the {en}"}[lang]


def _elsewhere(evaluation: Evaluation, lang: Language) -> str:
    """Return where it is said which sections comply."""
    items = evaluation.standard.items.values()
    named = [one.id for one in items if any(isinstance(rule, SectionsComply) for rule in one.rules)]
    if not named:
        return ""
    ids = ("、" if lang == "zh" else ", ").join(named)
    return f"（各学部是否达标见{ids}）" if lang == "zh" else f" (which sections comply: see {ids})"
