"""The law in sentences: what a standard, its rules and its indicators require."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import product

import attrs

from balancedu.core.fields import Language, Lapse, Source
from balancedu.core.loading import load_standard
from balancedu.core.model import Indicator, Measure, Quotient
from balancedu.core.overlays import history, paths
from balancedu.core.standard import Item, Standard
from balancedu.errors import BalanceduError, RequestError
from balancedu.text import fill, wrap

_WORDS: dict[str, dict[Language, str]] = {
    "source": {"zh": "出处", "en": "source"},
    "confidence": {"zh": "可信度", "en": "confidence"},
    "judged": {"zh": "判定", "en": "judged by"},
    "relief": {"zh": "放宽", "en": "relief"},
    "needs": {"zh": "所需数据", "en": "needs"},
    "standard": {"zh": "标准", "en": "standard"},
    "floor": {"zh": "最低要求", "en": "floor"},
    "unit": {"zh": "单位", "en": "unit"},
    "table": {"zh": "所在的表", "en": "table"},
    "values": {"zh": "可选值", "en": "values"},
    "formula": {"zh": "算法", "en": "formula"},
    "for": {"zh": "用于", "en": "used by"},
    "path": {"zh": "路径", "en": "path"},
}


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
    if entry in standard.items:
        lines = _item(standard, standard.items[entry], lang)
    elif entry in standard.indicators:
        lines = _indicator(standard, standard.indicators[entry], lang)
    else:
        lines = _measure(standard, standard.measures[entry], lang)
    return "\n".join([*lines, *_paths(standard, entry, lang)])


def day_notes(standard: Standard, lang: Language = "zh") -> tuple[str, ...]:
    """Return the notes of a standard of which something is not applied on the day; nothing where all is."""
    return standard.notes(lang) if standard.lapses else ()


def absence(standard: Standard, entry: str, lang: Language = "zh") -> Iterator[str]:
    """Yield why a standard has no entry of an id: an overlay dropped it, or adds it on another day."""
    for group in ("items", "indicators", "measures"):
        with suppress(RequestError):
            yield attrs.evolve(history(standard, f"{group}.{entry}")[-1], before="").text(lang)
    yield from not_applied(standard, lambda value: entry in (*value.items, *value.indicators, *value.measures), lang)


def not_applied(standard: Standard, holds: Callable[[Standard], object], lang: Language = "zh") -> Iterator[str]:
    """Yield what is not applied on the day, where something holds on another day because of it."""
    for lapse in standard.lapses:
        day = lapse.until if lapse.over else lapse.from_
        with suppress(BalanceduError):
            if holds(load_standard(standard, on=day)):
                yield f"{lapse.text(lang)}{'；请用' if lang == 'zh' else '; ask with'} --on {day}"


def _paths(standard: Standard, entry: str, lang: Language) -> Iterator[str]:
    """Yield the paths by which an overlay names the entry and its values."""
    for n, (path, value) in enumerate(paths(standard, entry).items()):
        first = f"  {fill('' if n else _WORDS['path'][lang], 10)} "
        yield from wrap(f"{path}  {value}", first=first, rest=" " * 15)


def _heading(item: Item | Indicator | Measure, lang: Language) -> list[str]:
    other: Language = "en" if lang == "zh" else "zh"
    indent = " " * 10
    lines = wrap(item.title.text(lang), first=fill(item.id, 9) + " ", rest=indent)
    return [*lines, *wrap(item.title.text(other), first=indent, rest=indent)]


def _source(source: Source, lang: Language) -> Iterator[str]:
    text = f"{source}  [{_WORDS['confidence'][lang]} {source.confidence}]"
    yield from _line("source", text + (f"  {source.note}" if source.note else ""), lang)


def _line(word: str, text: str, lang: Language) -> list[str]:
    return wrap(text, first=f"  {fill(_WORDS[word][lang], 10)} ", rest=" " * 13)


def _item(standard: Standard, item: Item, lang: Language) -> Iterator[str]:
    yield from _heading(item, lang)
    for rule in item.rules:
        yield from _line("judged", rule.sentence(standard.words).text(lang), lang)
    for relief in item.reliefs:
        yield from _line("relief", relief.requirement(standard.words).text(lang), lang)
    yield from _needs(standard, item.id, lang)
    yield from _source(item.source, lang)


def _needs(standard: Standard, entry: str, lang: Language) -> Iterator[str]:
    for measure in standard.measures.values():
        if entry in measure.needed_by:
            yield from _line("needs", f"{measure.id}  {measure.title.text(lang)}", lang)


def _indicator(standard: Standard, indicator: Indicator, lang: Language) -> Iterator[str]:
    yield from _heading(indicator, lang)
    pairs = zip(indicator.standards, standard.limits[indicator.id], strict=True)
    for ((condition, _), (thresholds, floors)), stage in product(pairs, standard.stages):
        limits = [f"{_WORDS['standard'][lang]} {thresholds[stage] or {'zh': '（不设）', 'en': '(none)'}[lang]}"]
        if floors[stage]:
            limits.append(f"{_WORDS['floor'][lang]} {floors[stage]}")
        who = f"{standard.words.condition(condition).text(lang)}  " if condition else ""
        title = standard.head.stage_titles[stage].text(lang)
        yield from _line("judged", f"{who}{title}  {', '.join(limits)} {indicator.unit.text(lang)}", lang)
    yield from _line("formula", standard.words.formula(indicator).text(lang), lang)
    yield from _needs(standard, indicator.id, lang)
    yield from _source(indicator.source, lang)


def _computed(formula: Quotient) -> str:
    part = f"({', '.join(formula.part)})"
    return f"{part} / ({', '.join(formula.whole)})" if formula.whole else part


def _measure(standard: Standard, measure: Measure, lang: Language) -> Iterator[str]:
    yield from _heading(measure, lang)
    yield from _line("table", f"{measure.table}  {standard.tables[measure.table].title.text(lang)}", lang)
    if measure.unit:
        yield from _line("unit", measure.unit.text(lang), lang)
    for choice in measure.values:
        yield from _line("values", f"{choice.id}  {choice.title.text(lang)}", lang)
    for name, formula in measure.formulas.items():
        used = " *" if name == measure.formula else ""
        yield from _line("formula", f"{name}{used}: ({', '.join(formula.part)}) / ({', '.join(formula.whole)})", lang)
    if measure.computed:
        yield from _line("formula", _computed(measure.computed), lang)
    if measure.definition:
        yield from wrap(measure.definition.text(lang), first=" " * 13, rest=" " * 13)
    yield from _line("for", ", ".join(measure.needed_by) or "–", lang)
    yield from _source(measure.source, lang)
