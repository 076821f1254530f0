"""What the official tables remark: which indicators stand where, and what came out without relief."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from balancedu.core.model import Language
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.finding import Check, Finding
from balancedu.evaluation.relieved import beside
from balancedu.evaluation.section import Section
from balancedu.evaluation.verdict import Verdict


def remark(evaluation: Evaluation, section: Section, standing: Any, lang: Language) -> str:
    """Return which indicators of a section stand where, and its verdict without relief where that is another."""
    rule, ids = evaluation.standard.section_rule, np.array(list(evaluation.standard.indicators))
    share = f"{float(rule.floor_share):.0%}" if rule else ""
    titles: dict[int, dict[Language, str]] = {
        2: {"zh": "达到标准", "en": "at the standard"},
        1: {"zh": f"达到标准的{share}", "en": f"at {share} of it"},
        0: {"zh": f"低于标准的{share}", "en": f"below {share} of it"},
        -1: {"zh": "待定", "en": "unknown"},
    }
    told = []
    for code, title in titles.items():
        those = ids[standing == code].tolist()
        if those:
            told.append(f"{title[lang]}{'：' if lang == 'zh' else ': '}{'、'.join(those)}")
    return ("；" if lang == "zh" else "; ").join(told) + _strict_section(evaluation, section, lang)


def _strict_section(evaluation: Evaluation, section: Section, lang: Language) -> str:
    strict = evaluation.strict
    if strict is None:
        return ""
    columns = strict.sections
    here = np.flatnonzero((columns["school"] == section.school) & (columns["stage"] == section.stage))
    return beside(section.verdict, Verdict(int(strict.section_verdicts[here[0]])), lang) if here.size else ""


def item_verdict(evaluation: Evaluation, finding: Finding, lang: Language) -> str:
    """Return the verdict of an item, and beside it the one without relief where that is another."""
    codes = evaluation.strict.item_verdicts.get(finding.item.id) if evaluation.strict else None
    strict = None if codes is None else Verdict(int(codes[0]))
    return finding.verdict.said(lang) + beside(finding.verdict, strict, lang)


def spread_verdict(evaluation: Evaluation, checks: Sequence[Check], lang: Language) -> str:
    """Return the verdict on the coefficients of an indicator, with the one without relief where that is another."""
    if not checks:
        return ""
    verdict, ids = min(check.verdict for check in checks), {check.id for check in checks}
    findings = evaluation.strict.items.values() if evaluation.strict else ()
    strict = min((one.verdict for finding in findings for one in finding.checks if one.id in ids), default=None)
    return verdict.said(lang) + beside(verdict, strict, lang)
