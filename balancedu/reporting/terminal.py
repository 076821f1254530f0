"""An evaluation, a standard and its items as text for a terminal."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from balancedu.core.fields import Language
from balancedu.core.standard import Standard
from balancedu.core.words import COLON, COMMA, SEMICOLON
from balancedu.errors import EXAMPLES
from balancedu.evaluation import wording
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.findings import Check, Finding, strictly
from balancedu.evaluation.results import Verdict
from balancedu.evaluation.wording import limit_printed, printed, strict_note
from balancedu.options import options
from balancedu.reporting.sentences import part_verdict
from balancedu.text import WIDTH, Phrase, fill, table, wrap

MARKS = {Verdict.MET: "✓", Verdict.NOT_MET: "✗", Verdict.UNKNOWN: "?", Verdict.NOT_APPLICABLE: "–"}


def report(evaluation: Evaluation, lang: Language | None = None, *, columns: int = WIDTH, brief: bool = False) -> str:
    """Return the verdicts of an evaluation with their reasons, as text for a terminal.

    Parameters
    ----------
    evaluation : Evaluation
        Of one county, or of many.
    lang : 'zh' or 'en', optional
        `be.options.lang` where it is left out.
    columns : int
        The width of the terminal; a Chinese character takes two columns.
    brief : bool
        Whether to leave out what is met and to cut reasons, so that one county fits a screen.

    Returns
    -------
    str
        A summary in the first line; what is not met comes before what is unknown and what is met.

    Examples
    --------
    >>> import balancedu as be
    >>> print(be.report(be.evaluate(be.example("passing")), "en").splitlines()[0])
    ✓ 清源区 (990101)  met  all 34 items met
    """
    lang = lang or options.lang
    if len(evaluation.counties) != 1:
        lines = _many(evaluation, lang)
    else:
        lines = _brief(evaluation, lang, columns) if brief else _one(evaluation, lang, columns)
    return "\n".join(lines)


def summary(evaluation: Evaluation, lang: Language, *, most: int | None = None) -> str:
    """Return how many items of one county are not met and unknown, and which, or the first of them.

    Examples
    --------
    >>> import balancedu as be
    >>> summary(be.evaluate(be.example("passing")), "zh")
    '全部34项达标'
    """
    findings = evaluation.items.values()
    result = []
    for verdict in (Verdict.NOT_MET, Verdict.UNKNOWN):
        names = [finding.item.name.text(lang) for finding in findings if finding.verdict is verdict]
        if names:
            items = Phrase("项", " item " if len(names) == 1 else " items ").text(lang)
            # Chinese names of items have enumeration commas of their own.
            listed = Phrase("，", ", ").text(lang).join(names[:most])
            listed += Phrase("等", " and more").text(lang) * (len(names) > len(names[:most]))
            result.append(f"{len(names)}{items}{verdict.text(lang)}{COLON.text(lang)}{listed}")
    count = sum(finding.verdict is Verdict.MET for finding in findings)
    return SEMICOLON.text(lang).join(result) or Phrase(f"全部{count}项达标", f"all {count} items met").text(lang)


_LINES = 2
"""How many lines the reason of an item takes on a screen."""


def _brief(evaluation: Evaluation, lang: Language, columns: int) -> Iterator[str]:
    yield from _summary(evaluation, lang, columns)
    counts: list[str] = []
    for part, verdict in evaluation.parts.items():
        findings = [evaluation.items[item.id] for item in evaluation.standard.parts[part].items]
        met = sum(finding.verdict is Verdict.MET for finding in findings)
        title = evaluation.standard.parts[part].title.text(lang)
        counts.append(f"{MARKS[verdict]} {title} {met}/{len(findings)}")
        for finding in sorted(findings, key=_worst_first):
            if finding.verdict in (Verdict.NOT_MET, Verdict.UNKNOWN):
                lines = list(_item(finding, lang, columns))
                yield from lines[:_LINES]
                if len(lines) > _LINES:
                    yield " " * 14 + "…"
    yield ""
    yield from wrap(("达标项数：" if lang == "zh" else "Items met: ") + "  ".join(counts), columns)
    if evaluation.warnings:
        count = len(evaluation.warnings)
        warnings = f"{count} warning" + ("" if count == 1 else "s")
        zh = f"填报数据提示{count}处：balancedu check"
        yield Phrase(zh, f"{warnings} about the figures: balancedu check").text(lang)
    yield {"zh": "全部内容和依据：加 --full", "en": "Everything, with reasons: --full"}[lang]


def _worst_first(finding: Finding) -> int:
    order = (Verdict.NOT_MET, Verdict.UNKNOWN, Verdict.MET, Verdict.NOT_APPLICABLE)
    return order.index(finding.verdict)


def _summary(evaluation: Evaluation, lang: Language, columns: int) -> Iterator[str]:
    verdict, strict = evaluation.verdict, evaluation.strict
    strictly = strict_note(verdict, strict.verdict if strict else None, lang)
    county = wording.county_named(evaluation.submission, evaluation.counties[0], lang)
    head = f"{MARKS[verdict]} {county}  {verdict.text(lang)}{strictly}  "
    yield from wrap(summary(evaluation, lang), columns, first=head, rest="  ")
    yield ""
    yield from _title(evaluation.standard, lang)


def _many(evaluation: Evaluation, lang: Language) -> Iterator[str]:
    yield from _title(evaluation.standard, lang)
    rows = [["", *(part.title.text(lang) for part in evaluation.standard.parts.values()), ""]]
    strict = evaluation.strict.verdicts if evaluation.strict else {}
    for n, (county, verdict) in enumerate(evaluation.verdicts.items()):
        parts = (MARKS[Verdict.of(codes[n])] for codes in evaluation.part_verdicts.values())
        result = f"{MARKS[verdict]} {verdict.text(lang)}{strict_note(verdict, strict.get(county), lang)}"
        rows.append([wording.county_named(evaluation.submission, county, lang), *parts, result])
    yield from table(rows, indent="")
    yield from _warnings(evaluation, lang)
    yield from _notes(evaluation, lang)


def _one(evaluation: Evaluation, lang: Language, columns: int) -> Iterator[str]:
    strict = evaluation.strict
    yield from _summary(evaluation, lang, columns)
    findings, parts = evaluation.items, strict.parts if strict else {}
    for n, (part, verdict) in enumerate(evaluation.parts.items()):
        if n:
            yield ""
        entry, strictly = evaluation.standard.parts[part], strict_note(verdict, parts.get(part), lang)
        yield f"{MARKS[verdict]} {entry.title.text(lang)}  {part_verdict(entry, verdict, lang)}{strictly}"
        for finding in sorted((findings[item.id] for item in entry.items), key=_worst_first):
            yield from _item(finding, lang, columns)
            yield from _relieved(evaluation, finding.item.id, lang)
            if any(check.table == "sections" for check in finding.checks):
                yield from _sections(evaluation, finding, lang)
    yield from _spread(evaluation, lang)
    excluded = Phrase("不参加指标计算的学校", "Left out of the indicators")
    yield from _listed(excluded.text(lang), [entry.text(lang) for entry in evaluation.excluded])
    # Imported only here: a brief report does not need it.
    from balancedu.explaining.rounding import rounding_flags

    flags = Phrase("四舍五入影响判定的情况", "Decisions that rounding would change")
    yield from _listed(flags.text(lang), [flag.text(lang) for flag in rounding_flags(evaluation)])
    yield from _warnings(evaluation, lang)
    yield from _notes(evaluation, lang)


def _title(standard: Standard, lang: Language) -> list[str]:
    lines = wrap(f"{standard.title.text(lang)}  {standard.documents}  {standard.origin}")
    return [*lines, *(line for note in standard.notes(lang) for line in wrap(note, rest="  ")), ""]


def _item(finding: Finding, lang: Language, columns: int) -> Iterator[str]:
    head = f"  {MARKS[finding.verdict]} {fill(finding.item.id, 9)} {finding.item.name.text(lang)}  "
    yield from wrap(finding.grounds(lang), columns, first=head, rest=" " * 14)


def _relieved(evaluation: Evaluation, item: str, lang: Language) -> Iterator[str]:
    """Return the verdict of an item without relief, if relief changed it."""
    if strict := evaluation.changed_by_relief.get(item):
        yield from wrap(strictly(strict, lang), first=" " * 14 + "※ ", rest=" " * 16)


def _sections(evaluation: Evaluation, finding: Finding, lang: Language) -> Iterator[str]:
    """Return what each failing section lacks, and what is not reported of each that is unknown."""
    for section in evaluation.failing_sections():
        yield from wrap(section.text(lang) + section.count_text(lang), first=" " * 14, rest=" " * 16)
        for lack in section.lacks:
            yield from wrap(lack.text(lang), first=" " * 16, rest=" " * 18)
    for (school, _), gaps in itertools.groupby(finding.gaps, key=lambda gap: (gap.school, gap.stage)):
        missing = list(gaps)
        titles = COMMA.text(lang).join(gap.titled(lang) for gap in missing)
        if school:
            words = missing[0].name + Phrase("：数据缺报：", ": not reported: ").text(lang) + titles
            yield from wrap(words, first=" " * 14, rest=" " * 16)


def _spread(evaluation: Evaluation, lang: Language) -> Iterator[str]:
    standard, indicators = evaluation.standard, evaluation.indicators
    yield ""
    yield Phrase("校际差异系数（限值在括号中）", "Coefficients of variation (limit in brackets)").text(lang)
    findings = {check.id: check for finding in evaluation.items.values() for check in finding.checks}
    titles = [standard.head.stage_titles[stage].text(lang) for stage in evaluation.stages]
    rows = [["", *(word for title in titles for word in (title, ""))]]
    names = [f"{indicator} {standard.indicators[indicator].name.text(lang)}" for indicator in indicators]
    figures = [*evaluation.cv[0].T.tolist(), evaluation.composite[0].tolist()]
    named = zip((*indicators, "composite"), (*names, Phrase("综合", "composite").text(lang)), figures, strict=True)
    for name, title, by_stage in named:
        rows.append([title])
        for stage, cv in zip(evaluation.stages, by_stage, strict=True):
            rows[-1] += _cv_cells(standard, findings.get(f"{name}.{stage}"), cv, lang)
    yield from table(rows)


def _cv_cells(standard: Standard, check: Check | None, cv: float, lang: Language) -> tuple[str, str]:
    """Return a coefficient with its limit, and the mark of the verdict, where it is judged."""
    limit = check.required if check else np.nan
    shown = "?" if np.isnan(cv) else printed(cv, "coefficient", standard.head.precision, lang, limit)
    if not np.isnan(limit):
        shown += f" ({limit_printed(limit, 'coefficient', lang)})"
    return shown, MARKS[check.verdict] if check else ""


def _notes(evaluation: Evaluation, lang: Language) -> Iterator[str]:
    """Return how many things were decided in reading the files, where any were."""
    count = len(evaluation.submission.notes)
    if count:
        yield ""
        en = f"decided in reading the files: {count}; balancedu check lists them"
        yield Phrase(f"读入时有{count}处处理，详见 balancedu check", en).text(lang)


def _warnings(evaluation: Evaluation, lang: Language) -> Iterator[str]:
    """Return the first doubts, and how many there are."""
    result = [warning.text(lang) for warning in evaluation.warnings]
    if len(result) > EXAMPLES:
        count = len(result)
        more = Phrase(f"共{count}处，全部列出：balancedu check", f"{count} in all; balancedu check lists them")
        result = [*result[:EXAMPLES], more.text(lang)]
    doubts = Phrase("填报数据提示（不影响判定）", "Doubts about the figures (no verdict is changed)")
    yield from _listed(doubts.text(lang), result)


def _listed(heading: str, lines: list[str]) -> Iterator[str]:
    if lines:
        yield ""
        yield heading
        for line in lines:
            yield from wrap(line, first="  ", rest="    ")
