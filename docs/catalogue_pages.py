"""The catalogue: a page for each standard and overlay, Chinese and English side by side, from the files themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from balancedu.core.fields import Language
from balancedu.core.loading import available_overlays, available_standards, load_standard
from balancedu.core.model import Indicator, Measure
from balancedu.core.overlays import records_of, set_by
from balancedu.core.standard import Item, Standard
from balancedu.revisions import diff

FOLDER = "docs/catalogue"
_LANGUAGES: tuple[Language, ...] = ("zh", "en")
_HEADS = {
    "scope": ("学校类型", "type of school", "怎样计算", "how it counts", "出处 source"),
    "indicators": ("id", "指标", "indicator", "标准", "standard", "算法", "formula", "谁定的 set by", "出处 source"),
    "items": ("id", "原文", "wording", "判定", "judged by", "填报 reported", "谁定的 set by", "出处 source"),
    "measures": ("id", "名称（单位）", "title (unit)", "类型 type", "用于 used by", "谁定的 set by", "出处 source"),
    "history": ("路径 path", "沿革 history", "history"),
    "changes": ("改动", "change", "出处 source"),
}


def pages() -> Iterator[tuple[str, str]]:
    """Yield the name and the text of every page, the contents first."""
    names = [*available_standards(), *available_overlays()]
    listed = [f"| [{name}]({name}.md) | {_heading(name)} |" for name in names]
    about = "本页及各页由 `specs/` 中的文件生成。 Generated from the files in `specs/`."
    head = f"# 标准目录 Catalogue of the standards\n\n{about}\n"
    rows = ["| id | 标题 | title | 文件 document |", "|---|---|---|---|", *listed]
    yield f"{FOLDER}/README.md", "\n".join([head, *rows, ""])
    for name in names:
        yield f"{FOLDER}/{name}.md", _page(name)


def _loaded(name: str) -> Standard:
    """Return a standard on a day on which it holds: an overlay may have ended, or not have begun."""
    standard = load_standard(name, on=date(2025, 1, 1))
    for lapse in standard.lapses:
        if lapse.by == name and not lapse.path:
            return load_standard(name, on=lapse.until if lapse.over else lapse.from_)
    return standard


def _heading(name: str) -> str:
    standard = _loaded(name)
    title, document = standard.title, standard.head.document
    if name in available_overlays() and standard.applied:
        title, document = standard.applied[-1].title, standard.applied[-1].document
    return f"{title.zh} | {title.en} | {document}"


def _page(name: str) -> str:
    standard = _loaded(name)
    lines = [f"# {name}", "", "| 标题 | title | 文件 document |", "|---|---|---|", f"| {_heading(name)} |", ""]
    if name in available_overlays():
        lines += _overlay(standard)
    else:
        lines += _edition(standard)
    return "\n".join(lines).rstrip("\n") + "\n"


def _edition(standard: Standard) -> Iterator[str]:
    yield from _table("谁参加计算 Who counts", "scope", _counted(standard))
    for part in standard.parts.values():
        yield f"## {part.title.zh} {part.title.en}\n"
        yield from _table("", "indicators", (_indicator(standard, indicator) for indicator in part.indicators))
        yield from _table("", "items", (_item(standard, item) for item in part.items))
    for table in standard.tables.values():
        measures = standard.table_measures(table.id).values()
        title = f"填报 Reported: {table.id} {table.title.zh}"
        yield from _table(title, "measures", (_measure(standard, measure) for measure in measures))
    yield from _history(standard)


def _overlay(standard: Standard) -> Iterator[str]:
    """Yield what an overlay changes, and everything that it touches as it reads afterwards."""
    applied = standard.applied[-1]
    days = f"{applied.from_ or ''}–{applied.until or ''}" if applied.from_ or applied.until else ""
    words = " ".join(filter(None, (days, applied.relief_text("zh"), applied.relief_text("en"))))
    base = load_standard(standard.files.name, standard.overlays[:-1], on=standard.day or None)
    yield f"在 On [{base.id}]({base.head.id}.md) {words}\n"
    result = diff(base, standard)
    law = result.to_dict()["law"]
    sources = [after or before for after, before in zip(law["source_after"], law["source_before"], strict=True)]
    rows = zip(law["text_zh"], law["text_en"], sources, strict=True)
    yield from _table("改动 Changes", "changes", rows)
    touched = {change.entry for change in result.law}
    items = [item for item in standard.items.values() if item.id in touched]
    indicators = [indicator for indicator in standard.indicators.values() if indicator.id in touched]
    measures = [measure for measure in standard.measures.values() if measure.id in touched]
    yield from _table("指标 Indicators", "indicators", (_indicator(standard, indicator) for indicator in indicators))
    yield from _table("条目 Items", "items", (_item(standard, item) for item in items))
    yield from _table("填报 Reported", "measures", (_measure(standard, measure) for measure in measures))
    yield from _history(standard)


def _table(title: str, kind: str, rows: Iterable[Iterable[str]]) -> Iterator[str]:
    body = [f"| {' | '.join(map(_cell, row))} |" for row in rows]
    if not body:
        return
    if title:
        yield f"## {title}\n"
    head = _HEADS[kind]
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    yield from body
    yield ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")


def _counted(standard: Standard) -> Iterator[tuple[str, ...]]:
    titles = {value.id: value.title for value in standard.measures["type"].values}
    for entry in standard.head.scope.counted:
        words = standard.words.counted(entry)
        yield (titles[entry.type].zh, titles[entry.type].en, words.zh, words.en, str(entry.source))


def _indicator(standard: Standard, indicator: Indicator) -> tuple[str, ...]:
    limits, formula = standard.words.thresholds(indicator), standard.words.formula(indicator)
    setter = set_by(standard, f"indicators.{indicator.id}")
    return (
        indicator.id,
        indicator.title.zh,
        indicator.title.en,
        limits.zh,
        limits.en,
        formula.zh,
        formula.en,
        setter,
        str(indicator.source),
    )


def _item(standard: Standard, item: Item) -> tuple[str, ...]:
    words = item.requirement(standard.words)
    needs = ", ".join(f"`{name}`" for name, measure in standard.measures.items() if item.id in measure.needed_by)
    return (
        item.id,
        item.title.zh,
        item.title.en,
        words.zh,
        words.en,
        needs,
        set_by(standard, f"items.{item.id}"),
        str(item.source),
    )


def _measure(standard: Standard, measure: Measure) -> tuple[str, ...]:
    zh = measure.title.zh + (f"（{measure.unit.zh}）" if measure.unit else "")
    en = measure.title.en + (f" ({measure.unit.en})" if measure.unit else "")
    setter = set_by(standard, f"measures.{measure.id}")
    return (f"`{measure.id}`", zh, en, measure.type, ", ".join(measure.needed_by), setter, str(measure.source))


def _history(standard: Standard) -> Iterator[str]:
    """Yield the history of everything that more than one edition or overlay, or day, has had a say in."""
    groups = {"items": standard.items, "indicators": standard.indicators, "measures": standard.measures}
    rows = []
    for group, entries in groups.items():
        for entry in entries:
            records = [
                value
                for value in records_of(standard, f"{group}.{entry}")
                if value.way != "stated" or value.from_ or value.until
            ]
            # The tables above show the initial values; only later changes are listed here.
            rows += [(f"`{record.path}`", _short(record.text("zh")), _short(record.text("en"))) for record in records]
    yield from _table("沿革 History", "history", rows)


def _short(text: str) -> str:
    return text if len(text) <= 160 else f"{text[:159]}…"
