"""The law in sentences: what a standard, its rules and its indicators require."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import product

import attrs

from balancedu.core.fields import Language, Lapse, Source
from balancedu.core.loading import load_standard
from balancedu.core.model import Indicator, Measure, Quotient
from balancedu.core.overlays import paths, records_of
from balancedu.core.standard import Item, Standard
from balancedu.errors import BalanceduError, RequestError
from balancedu.text import NO_WORDS, Phrase, fill, wrap


def standard_text(standard: Standard, lang: Language = "zh") -> str:
    """Return the parts, indicators and items of a standard with their wording."""
    head = standard.head
    lines = wrap(f"{standard.id}  {head.title.text(lang)}  {standard.documents}  {head.issued}")
    lines += [*(line for note in standard.notes(lang) for line in wrap(note, rest="  ")), ""]
    for part in standard.parts.values():
        lines.append(f"{part.title.text(lang)} ({part.id})")
        entries: tuple[Indicator | Item, ...] = (*part.indicators, *part.items)
        for entry in entries:
            lines += wrap(entry.title.text(lang), first=f"  {fill(entry.id, 9)} ", rest=" " * 12)
        lines.append("")
    return "\n".join(lines).rstrip()


def expiring_text(ends: Sequence[Lapse], day: str, lang: Language = "zh") -> str:
    """Return what ends within a year from a day."""
    head = f"自{day}起一年内到期：" if lang == "zh" else f"ends within a year from {day}:"
    result = [end.ends(lang) for end in ends] or ["没有" if lang == "zh" else "nothing"]
    return "\n".join([head, *(f"  {entry}" for entry in result)])


def entry_text(standard: Standard, entry: str, lang: Language = "zh") -> str:
    """Return everything that a standard declares of one item, indicator or measure.

    Raises
    ------
    KeyError
        If the standard declares nothing of that id.
    """
    declared: Item | Indicator | Measure
    if entry in standard.items:
        declared = standard.items[entry]
        facts = _of_item(standard, declared)
    elif entry in standard.indicators:
        declared = standard.indicators[entry]
        facts = _of_indicator(standard, declared)
    else:
        declared = standard.measures[entry]
        facts = _of_measure(standard, declared)
    other: Language = "en" if lang == "zh" else "zh"
    lines = wrap(declared.title.text(lang), first=fill(declared.id, 9) + " ", rest=" " * 10)
    lines += wrap(declared.title.text(other), first=" " * 10, rest=" " * 10)
    for label, text in (*facts, *_source(declared.source)):
        lines += wrap(text.text(lang), first=f"  {fill(label.text(lang), 10)} ", rest=" " * 13)
    # The paths by which an overlay names the entry and its values.
    for n, (path, value) in enumerate(paths(standard, entry).items()):
        label = NO_WORDS if n else Phrase("路径", "path")
        lines += wrap(f"{path}  {value}", first=f"  {fill(label.text(lang), 10)} ", rest=" " * 15)
    return "\n".join(lines)


def day_notes(standard: Standard, lang: Language = "zh") -> tuple[str, ...]:
    """Return the notes of a standard of which something is not applied on the day; nothing where all is."""
    return standard.notes(lang) if standard.lapses else ()


def absence(standard: Standard, entry: str, lang: Language = "zh") -> Iterator[str]:
    """Yield why a standard has no entry of an id: an overlay dropped it, or adds it on another day."""
    for group in ("items", "indicators", "measures"):
        with suppress(RequestError):
            yield attrs.evolve(records_of(standard, f"{group}.{entry}")[-1], before="").text(lang)
    yield from not_applied(standard, lambda value: entry in (*value.items, *value.indicators, *value.measures), lang)


def not_applied(standard: Standard, holds: Callable[[Standard], object], lang: Language = "zh") -> Iterator[str]:
    """Yield what is not applied on the day, where something holds on another day because of it."""
    for lapse in standard.lapses:
        day = lapse.until if lapse.over else lapse.from_
        with suppress(BalanceduError):
            if holds(load_standard(standard, on=day)):
                yield f"{lapse.text(lang)}{'；请用' if lang == 'zh' else '; ask with'} --on {day}"


Fact = tuple[Phrase, Phrase]
"""What is declared, and what it is called."""
_JUDGED, _FORMULA = Phrase("判定", "judged by"), Phrase("算法", "formula")


def _source(source: Source) -> Iterator[Fact]:
    text = Phrase(f"{source}  [可信度 {source.confidence}]", f"{source}  [confidence {source.confidence}]")
    yield Phrase("出处", "source"), text + Phrase.of(f"  {source.note}" if source.note else "")


def _needs(standard: Standard, entry: str) -> Iterator[Fact]:
    for measure in standard.measures.values():
        if entry in measure.needed_by:
            yield Phrase("所需数据", "needs"), Phrase.of(f"{measure.id}  ") + measure.title


def _of_item(standard: Standard, item: Item) -> Iterator[Fact]:
    for rule in item.rules:
        yield _JUDGED, rule.sentence(standard.words)
    for relief in item.reliefs:
        yield Phrase("放宽", "relief"), relief.requirement(standard.words)
    yield from _needs(standard, item.id)


def _of_indicator(standard: Standard, indicator: Indicator) -> Iterator[Fact]:
    floor = Phrase(", 最高限度 ", ", ceiling ") if indicator.at_most else Phrase(", 最低要求 ", ", floor ")
    pairs = zip(indicator.thresholds_by_condition, standard.limits_and_floors[indicator.id], strict=True)
    for ((condition, _), (thresholds, floors)), stage in product(pairs, standard.stages):
        limit = Phrase.of(str(thresholds[stage])) if thresholds[stage] else Phrase("（不设）", "(none)")
        text = Phrase("标准 ", "standard ") + limit
        if floors[stage]:
            text += floor + Phrase.of(str(floors[stage]))
        who = standard.words.condition(condition) + Phrase.of("  ") if condition else NO_WORDS
        yield (
            _JUDGED,
            who + standard.head.stage_titles[stage] + Phrase.of("  ") + text + Phrase.of(" ") + indicator.unit,
        )
    yield _FORMULA, standard.words.formula(indicator)
    yield from _needs(standard, indicator.id)


def _of_measure(standard: Standard, measure: Measure) -> Iterator[Fact]:
    yield Phrase("所在的表", "table"), Phrase.of(f"{measure.table}  ") + standard.tables[measure.table].title
    if measure.unit:
        yield Phrase("单位", "unit"), measure.unit
    for choice in measure.values:
        yield Phrase("可选值", "values"), Phrase.of(f"{choice.id}  ") + choice.title
    for name, formula in measure.formulas.items():
        used = " *" if name == measure.formula else ""
        yield _FORMULA, Phrase.of(f"{name}{used}: {_terms(formula)}")
    if measure.computed:
        yield _FORMULA, Phrase.of(_terms(measure.computed))
    if measure.definition:
        yield NO_WORDS, measure.definition
    yield Phrase("用于", "used by"), Phrase.of(", ".join(measure.needed_by) or "–")


def _terms(formula: Quotient) -> str:
    part = f"({', '.join(formula.part)})"
    return f"{part} / ({', '.join(formula.whole)})" if formula.whole else part
