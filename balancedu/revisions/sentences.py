"""A change of the law in words: what it was, an arrow, what it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from balancedu.core.model import Indicator, Language, Title
from balancedu.core.nodes import written
from balancedu.core.paths import Spot
from balancedu.core.standard import Item, Standard
from balancedu.errors import SpecErrors
from balancedu.reporting.requirements import counted_said, indicator_formula, indicator_standard, item_said, relief_said
from balancedu.reporting.words import Words
from balancedu.revisions.changes import Change
from balancedu.revisions.mixing import Mixer

_TOKEN = re.compile(r"[0-9][0-9.,]*[0-9]|[A-Za-z]+|.", re.DOTALL)
_CLAUSE = re.compile(r"[，；;] ?")
_PIECE = re.compile(r"[，；;、：:] ?|, ")
ARROW = " → "
_LONGEST = 60
_LEFT_OUT = "…"


def said(change: Change, mixer: Mixer, lang: Language) -> str:
    """Return a change as a sentence."""
    words = Words(mixer.before if change.before else mixer.after, lang)
    if change.way == "changed":
        return _changed(change, mixer, words)
    if change.way == "replaced":
        old, new = _entry(mixer.before, change, lang), _entry(mixer.after, change, lang)
        return f"{change.entry}{words.pick('：', ': ')}{old.partition(' ')[2]}{ARROW}{new.partition(' ')[2]}"
    told = _entry(mixer.before if change.way == "dropped" else mixer.after, change, lang)
    if change.reported:
        added = words.pick("增加填报：", "now reported: ")
        dropped = words.pick("不再填报：", "no longer reported: ")
    else:
        added, dropped = words.pick("新增：", "new: "), words.pick("取消：", "dropped: ")
    return (added if change.way == "added" else dropped) + told


def source_of(standard: Standard, spot: Spot | None) -> str:
    """Return where a value stands in the law."""
    if spot is None:
        return ""
    source = standard.history(spot.path)[-1].source
    return str(source or standard.head.document)


def _changed(change: Change, mixer: Mixer, words: Words) -> str:
    heading = _heading(change, words) + words.pick("：", ": ")
    if change.group == "forms" and change.entry:
        return heading + words.pick("表格的行列有改动", "the table has other rows or columns")
    assert change.before is not None
    assert change.after is not None
    # A list of words is told word by word, without its brackets.
    told = [(written(change.before.node).strip("[]"), written(change.after.node).strip("[]"))]
    if change.judged:
        texts = _texts(change, mixer, words.lang)
        # A field that no sentence speaks of, or a change that cannot stand alone, is told as it is written.
        told = list(_clauses(*texts)) if texts and texts[0] != texts[1] else told
        heading += "" if texts and texts[0] != texts[1] else _rest(change)
    elif "title" in change.before.names[-1:]:
        pair = [spot.node.at(words.lang).text for spot in (change.before, change.after)]
        told, heading = list(_clauses(*pair)), heading.rstrip(" ：:") + words.pick("原文：", ", wording: ")
    else:
        heading += _rest(change)
    return heading + words.pick("；", "; ").join(_told(old, new, words) for old, new in told)


def _told(old: str, new: str, words: Words) -> str:
    """Return what two texts differ in: figures with an arrow, pieces of a list as added or taken away."""
    ones, others = _PIECE.split(old), _PIECE.split(new)
    gone, more = [one for one in ones if one not in others], [one for one in others if one not in ones]
    if len(ones) == len(others) or len(gone) == len(ones):
        return compressed(old, new)
    pairs = (("去掉", "leaves out: ", gone), ("增加", "adds: ", more))
    return words.clauses(f"{words.pick(zh, en)}{words.listed(pieces)}" for zh, en, pieces in pairs if pieces)


def compressed(old: str, new: str) -> str:
    """Return two texts as one, with the arrow where they differ.

    Examples
    --------
    >>> compressed("生均公用经费不低于7000元", "生均公用经费不低于8000元")
    '生均公用经费不低于7000元 → 8000元'
    >>> compressed("at most 45 pupils in primary", "at most 50 pupils in primary")
    'at most 45 pupils in primary → 50 pupils in primary'
    >>> compressed("pupils", "sections")
    'pupils → sections'
    """
    one, other = _TOKEN.findall(old), _TOKEN.findall(new)
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    pieces = [tokens[start:] for tokens in (one, other)]
    # A figure is enough to see what changed; words are not.
    start = start if all(piece and piece[0][0].isdigit() for piece in pieces) else 0
    before, *changed = ("".join(tokens) for tokens in (one[:start], one[start:], other[start:]))
    return f"{_short(before, end=True)}{ARROW.join(map(_short, changed))}"


def _short(text: str, *, end: bool = False) -> str:
    if len(text) <= _LONGEST:
        return text
    return _LEFT_OUT + text[-_LONGEST:] if end else text[:_LONGEST] + _LEFT_OUT


def _clauses(old: str, new: str) -> Iterator[tuple[str, str]]:
    """Yield the clauses that differ; the whole text where clauses were added or dropped."""
    ones, others = _CLAUSE.split(old), _CLAUSE.split(new)
    if len(ones) != len(others):
        ones, others = [old], [new]
    yield from ((one, other) for one, other in zip(ones, others, strict=True) if one != other)


def _texts(change: Change, mixer: Mixer, lang: Language) -> tuple[str, str] | None:
    """Return what the entry requires without and with the change; nothing where the change cannot stand alone."""
    try:
        mixed = mixer.standard([change])
    except SpecErrors:
        return None
    texts = [_TEXTS[change.group](standard, change, lang) for standard in (mixer.before, mixed)]
    return texts[0], texts[1]


def _of_item(standard: Standard, change: Change, lang: Language) -> str:
    words = Words(standard, lang)
    return item_said(standard.items[change.entry], words)


def _of_indicator(standard: Standard, change: Change, lang: Language) -> str:
    words, indicator = Words(standard, lang), standard.indicators[change.entry]
    return words.pick("；", "; ").join((indicator_standard(indicator, words), indicator_formula(indicator, words)))


def _of_scope(standard: Standard, change: Change, lang: Language) -> str:
    words = Words(standard, lang)
    spot = change.before or change.after
    assert spot is not None
    counted = standard.counted(spot.names[3]) if spot.names[1:3] == ("scope", "counted") else None
    return counted_said(counted, words) if counted else ""


def _nothing(_standard: Standard, _change: Change, _lang: Language) -> str:
    return ""


_TEXTS: dict[str, Callable[[Standard, Change, Language], str]] = {
    "items": _of_item,
    "indicators": _of_indicator,
    "standard": _of_scope,
    "parts": _nothing,
    "measures": _nothing,
}


def _heading(change: Change, words: Words) -> str:
    """Return what a change belongs to."""
    named = _named(words.standard, change)
    if isinstance(named, Title):
        return named.said(words.lang)
    return f"{change.entry} {named.name.said(words.lang)}" if named else change.path


def _entry(standard: Standard, change: Change, lang: Language) -> str:
    """Return an entry that was added or dropped."""
    words, named = Words(standard, lang), _named(standard, change)
    spot = change.after if change.way == "added" else change.before
    whole = spot is not None and (len(spot.names) == 3 or change.group in ("parts", "forms"))
    if isinstance(named, Item | Indicator) and (whole or change.way == "replaced"):
        limits = f"{words.pick('：', ': ')}{indicator_standard(named, words)}" if isinstance(named, Indicator) else ""
        return f"{change.entry} {named.title.said(lang)}{limits}"
    if isinstance(named, Title) and (whole or change.group == "standard"):
        text = _TEXTS.get(change.group, _nothing)(standard, change, lang)
        return named.said(lang) + (f"{words.pick('：', ': ')}{text}" if text else "")
    value = written(spot.node) if spot else ""
    if spot is not None and spot.names[1:] == ("scope", "left_out"):
        listed = words.listed([one.title.said(lang) for one in standard.head.scope.left_out])
        return words.pick(f"不参加计算：{listed}", f"left out: {listed}")
    if isinstance(named, Item) and spot is not None and spot.names[-1] == "reliefs":
        told = words.pick("；", "; ").join(relief_said(relief, words) for relief in named.reliefs)
        heading = f"{_heading_of(change, named, lang)} {words.pick('放宽：', 'relief: ')}"
        return heading + told
    return f"{_heading_of(change, named, lang)} {_rest(change)} {_short(value)}"


def _heading_of(change: Change, named: Item | Indicator | Title | None, lang: Language) -> str:
    return f"{change.entry} {named.name.said(lang)}" if isinstance(named, Item | Indicator) else change.path


def _named(standard: Standard, change: Change) -> Item | Indicator | Title | None:
    """Return the entry that a change belongs to, or its title."""
    entry, spot = change.entry, change.before or change.after
    assert spot is not None
    if change.group == "items":
        return standard.items.get(entry)
    if change.group == "indicators":
        return standard.indicators.get(entry)
    titles: dict[str, Title] = {}
    if change.group == "parts":
        titles = {one.id: one.title for one in standard.parts.values()}
    elif change.group == "measures":
        titles = {one.id: one.title for one in standard.measures.values()}
    elif change.group == "forms" and standard.forms:
        titles = {sheet.id: sheet.title for sheet in standard.forms.sheets}
    elif spot.names[1:3] == ("scope", "counted"):
        entry = spot.names[3]
        titles = {one.id: one.title for one in standard.measures["type"].values}
    return titles.get(entry)


def _rest(change: Change) -> str:
    """Return the path of a change inside the entry that the sentence begins with, to stand before its values."""
    inside = change.path.removeprefix(f"{change.group}.{change.entry}.")
    return f"{inside} " if inside != change.path else ""
