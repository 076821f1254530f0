"""An evaluation, a standard and its items as text for a terminal."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from balancedu.core.fields import Language
from balancedu.core.standard import Standard
from balancedu.errors import EXAMPLES
from balancedu.evaluation import wording
from balancedu.evaluation.decisions import coefficients_said
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.figures import limit_printed, printed
from balancedu.evaluation.findings import Finding
from balancedu.evaluation.verdict import Verdict
from balancedu.evaluation.wording import beside
from balancedu.explaining.rounding import rounding_flags
from balancedu.text import fill, table, wrap

MARKS = {Verdict.MET: "✓", Verdict.NOT_MET: "✗", Verdict.UNKNOWN: "?", Verdict.NOT_APPLICABLE: "–"}
_HEADINGS: dict[str, dict[Language, str]] = {
    "parts": {"zh": "各部分", "en": "Parts"},
    "sections": {"zh": "未达标的学部", "en": "Sections that do not comply"},
    "spread": {"zh": "校际差异系数（限值在括号中）", "en": "Coefficients of variation (limit in brackets)"},
    "composite": {"zh": "综合", "en": "composite"},
    "excluded": {"zh": "不参加指标计算的学校", "en": "Left out of the indicators"},
    "rounding": {"zh": "取整会改变的判定", "en": "Decisions that rounding would change"},
    "warnings": {"zh": "填报数据提示（不影响判定）", "en": "Doubts about the figures (no verdict is changed)"},
}


def report(evaluation: Evaluation, lang: Language = "zh") -> str:
    """Return the verdicts of an evaluation with their reasons, as text for a terminal of 80 columns."""
    if len(evaluation.counties) != 1:
        return "\n".join(_many(evaluation, lang))
    return "\n".join(_one(evaluation, lang))


def _many(evaluation: Evaluation, lang: Language) -> Iterator[str]:
    yield from _title(evaluation.standard, lang)
    rows = [["", *(part.title.said(lang) for part in evaluation.standard.parts.values()), ""]]
    strict = evaluation.strict.verdicts if evaluation.strict else {}
    for county, verdict in evaluation.verdicts.items():
        parts = (MARKS[one] for one in evaluation[county].parts.values())
        told = f"{MARKS[verdict]} {verdict.said(lang)}{beside(verdict, strict.get(county), lang)}"
        rows.append([wording.county_named(evaluation.submission, county, lang), *parts, told])
    yield from table(rows, indent="")
    yield from _warnings(evaluation, lang)
    yield from _notes(evaluation, lang)


def _one(evaluation: Evaluation, lang: Language) -> Iterator[str]:
    verdict, strict = evaluation.verdict, evaluation.strict
    yield from _title(evaluation.standard, lang)
    strictly = beside(verdict, strict.verdict if strict else None, lang)
    county = wording.county_named(evaluation.submission, evaluation.counties[0], lang)
    yield f"{county}  {MARKS[verdict]} {verdict.said(lang)}{strictly}"
    findings, parts = evaluation.items, strict.parts if strict else {}
    for part, part_verdict in evaluation.parts.items():
        yield ""
        title, strictly = evaluation.standard.parts[part].title.said(lang), beside(part_verdict, parts.get(part), lang)
        yield f"{MARKS[part_verdict]} {title}  {part_verdict.said(lang)}{strictly}"
        for item in evaluation.standard.parts[part].items:
            yield from _item(findings[item.id], lang)
            yield from _relieved(evaluation, item.id, lang)
            if any(check.table == "sections" for check in findings[item.id].checks):
                yield from _sections(evaluation, findings[item.id], lang)
    yield from _spread(evaluation, lang)
    yield from _listed("excluded", [one.said(lang) for one in evaluation.excluded], lang)
    yield from _listed("rounding", [flag.said(lang) for flag in rounding_flags(evaluation)], lang)
    yield from _warnings(evaluation, lang)
    yield from _notes(evaluation, lang)


def _title(standard: Standard, lang: Language) -> list[str]:
    lines = wrap(f"{standard.title.said(lang)}  {standard.documents}  {standard.origin}")
    return [*lines, *(line for note in standard.notes(lang) for line in wrap(note, rest="  ")), ""]


def _item(finding: Finding, lang: Language) -> Iterator[str]:
    head = f"  {MARKS[finding.verdict]} {fill(finding.item.id, 9)} {finding.item.name.said(lang)}  "
    yield from wrap(finding.grounds(lang), first=head, rest=" " * 14)


def _relieved(evaluation: Evaluation, item: str, lang: Language) -> Iterator[str]:
    """Return what an item comes to without relief, and for which schools relief changed it."""
    for one in evaluation.reliefs:
        if one.item == item:
            yield from wrap(one.said(lang), first=" " * 14 + "※ ", rest=" " * 16)


def _sections(evaluation: Evaluation, finding: Finding, lang: Language) -> Iterator[str]:
    """Return what each failing section lacks, and what is not reported of each that is unknown."""
    for section in evaluation.failing_sections():
        yield from wrap(section.said(lang) + section.count_said(lang), first=" " * 14, rest=" " * 16)
        for lack in section.lacks:
            yield from wrap(lack.said(lang), first=" " * 16, rest=" " * 18)
    for (school, _), gaps in itertools.groupby(finding.gaps, key=lambda gap: (gap.school, gap.stage)):
        missing = list(gaps)
        titles = ("、" if lang == "zh" else ", ").join(gap.titled(lang) for gap in missing)
        words = f"{missing[0].name}：未填报{titles}" if lang == "zh" else f"{missing[0].name}: not reported: {titles}"
        if school:
            yield from wrap(words, first=" " * 14, rest=" " * 16)


def _spread(evaluation: Evaluation, lang: Language) -> Iterator[str]:
    standard, indicators = evaluation.standard, evaluation.indicators
    yield ""
    yield _HEADINGS["spread"][lang]
    findings = {check.id: check for finding in evaluation.items.values() for check in finding.checks}
    titles = [standard.head.stage_titles[stage].said(lang) for stage in evaluation.stages]
    rows = [["", *(word for title in titles for word in (title, ""))]]
    for n, indicator in enumerate(indicators):
        row = [f"{indicator} {standard.indicators[indicator].name.said(lang)}"]
        for position, stage in enumerate(evaluation.stages):
            check = findings.get(f"{indicator}.{stage}")
            limit = check.required if check else np.nan
            cv = float(evaluation.cv[0, position, n])
            row += [_cv(evaluation, cv, limit, lang), MARKS[check.verdict] if check else ""]
        rows.append(row)
    row = [_HEADINGS["composite"][lang]]
    for stage, cv in zip(evaluation.stages, evaluation.composite[0].tolist(), strict=True):
        check = findings.get(f"composite.{stage}")
        row += [_cv(evaluation, cv, check.required if check else np.nan, lang), MARKS[check.verdict] if check else ""]
    yield from table([*rows, row])
    for line in coefficients_said(evaluation, lang):
        yield from wrap(line, first="  ※ ", rest="    ")


def _cv(evaluation: Evaluation, cv: float, limit: float, lang: Language) -> str:
    shown = "?" if np.isnan(cv) else printed(cv, "coefficient", evaluation.standard.head.precision, lang, limit)
    return shown if np.isnan(limit) else f"{shown} ({limit_printed(limit, 'coefficient', lang)})"


def _notes(evaluation: Evaluation, lang: Language) -> Iterator[str]:
    """Return how many things were decided in reading the files, where any were."""
    count = len(evaluation.submission.notes)
    if count:
        yield ""
        yield {
            "zh": f"读入时有{count}处处理，详见 balancedu check",
            "en": f"decided in reading the files: {count}; balancedu check lists them",
        }[lang]


def _warnings(evaluation: Evaluation, lang: Language) -> Iterator[str]:
    """Return the first doubts, and how many there are."""
    told = [one.said(lang) for one in evaluation.warnings]
    if len(told) > EXAMPLES:
        more = {
            "zh": f"共{len(told)}处，全部列出：balancedu check",
            "en": f"{len(told)} in all; balancedu check lists them",
        }
        told = [*told[:EXAMPLES], more[lang]]
    yield from _listed("warnings", told, lang)


def _listed(heading: str, lines: list[str], lang: Language) -> Iterator[str]:
    if lines:
        yield ""
        yield _HEADINGS[heading][lang]
        for line in lines:
            yield from wrap(line, first="  ", rest="    ")
