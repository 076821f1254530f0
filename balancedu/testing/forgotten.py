"""What is wrong with a standard, and what an overlay has probably forgotten to change."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Literal

import attrs

from balancedu.core.fields import Language, Title
from balancedu.core.nodes import Node
from balancedu.core.overlays import layers_of, records_of
from balancedu.core.paths import FORMS, Roots, Spot, everything
from balancedu.core.rules import SectionsComply
from balancedu.core.standard import Standard


@attrs.frozen
class Fault:
    """One fault of a standard.

    Attributes
    ----------
    place : str
        The item, the path or the file that it is about; empty if it is the standard as a whole.
    title : Title
        What is wrong.
    severity : {'error', 'warning'}
        A warning may be meant.
    """

    place: str
    title: Title
    severity: Literal["error", "warning"] = "error"

    def text(self, lang: Language = "zh") -> str:
        """Return the fault as a line.

        Examples
        --------
        >>> Fault("G7", Title("无人能达标", "no county can meet it"), "warning").text("en")
        'G7: warning: no county can meet it'
        """
        colon = "：" if lang == "zh" else ": "
        word = {"zh": "提示", "en": "warning"}[lang]
        result = [self.place] if self.place else []
        result += [word] if self.severity == "warning" else []
        return colon.join((*result, self.title.text(lang)))


_WIDTH = "width: 10"
"""As wide as the columns of the indicators are."""


def forgotten(standard: Standard) -> Iterator[Fault]:
    """Yield what was probably forgotten.

    Examples
    --------
    >>> from balancedu.core.loading import load_standard
    >>> list(forgotten(load_standard("cn-2017")))
    []
    """
    layers = layers_of(standard.files).layers
    before, after = layers[0].roots, layers[-1].roots
    yield from _number_of_indicators(standard, before)
    yield from _titles(before, after)
    if standard.forms and FORMS in after:
        yield from _rows(standard, after)
        yield from _columns(standard, after)


def _number_of_indicators(standard: Standard, edition: Roots) -> Iterator[Fault]:
    """Yield how many indicators must reach the standard, if there are more or fewer than there were."""
    before, now = sum(len(root.entries("indicators")) for root in edition.values()), len(standard.indicators)
    rules = {
        f"rules.{item.id}{f'[{n}]' if len(item.rules) > 1 else ''}.at_standard": rule
        for item in standard.items.values()
        for n, rule in enumerate(item.rules)
    }
    for path, rule in rules.items() if now != before else ():
        if isinstance(rule, SectionsComply) and len(records_of(standard, path)) == 1:
            zh = f"指标由{before}项变为{now}项，须达标的仍是{rule.at_standard}项"
            en = f"there are {now} indicators instead of {before}, and still {rule.at_standard} must reach the standard"
            yield Fault(path, Title(f"{zh}；要改的，请设 {path}", f"{en}; to change that, set {path}"), "warning")


def _titles(before: Roots, after: Roots) -> Iterator[Fault]:
    """Yield titles that contain a number which the rules had and have no more."""
    olds, news = _items(before), _items(after)
    for name in (new for new in news if new in olds):
        had, has = (_numbers(entry.at("rules")) for entry in (olds[name], news[name]))
        title, path = news[name].at("title"), f"items.{name}.title"
        for number in dict.fromkeys((had - has).elements()):
            held = _held(title.at("zh").text, number) or _held(title.at("en").text, number)
            if held:
                zh, en = f"规则改了，原文里还有{held}", f"the rules have changed, but the wording still says {held}"
                yield Fault(name, Title(f"{zh}；请一并设 {path}", f"{en}; set {path}, too"), "warning")


def _items(roots: Roots) -> dict[str, Node]:
    return {entry.at("id").text: entry for root in roots.values() for entry in root.entries("items")}


def _numbers(node: Node) -> Counter[Decimal]:
    """Count the numbers inside a node."""
    if isinstance(node.value, bool | str):
        return Counter()
    if isinstance(node.value, int | Decimal):
        return Counter([Decimal(node.value)])
    inside = node.value.values() if isinstance(node.value, Mapping) else node.value
    return sum(map(_numbers, inside), Counter[Decimal]())


def _held(text: str, number: Decimal) -> str:
    """Return how a text writes a number, be it as a percentage; empty if it does not."""
    ways = [f"{number.normalize():f}", f"{(number * 100).normalize():f} ?%"]
    result = (re.search(rf"(?<![0-9.]){way.replace('.', '[.]')}(?![0-9]|[.][0-9])", text) for way in ways)
    return next((entry[0] for entry in result if entry), "")


def _rows(standard: Standard, roots: Roots) -> Iterator[Fault]:
    """Yield items without a row in the table that contains the others of their part."""
    lists = [(spot, {entry.at("item").text for entry in entries}) for spot, entries in _lists(roots, "items")]
    for part in standard.parts.values():
        theirs = {item.id for item in part.items}
        place = next((spot for spot, listed in lists if listed & theirs), None)
        if place is None:
            continue
        for item in sorted(theirs.difference(*(listed for _, listed in lists))):
            way = f"to: {place.short_path()}, value: {{item: {item}}}"
            zh, en = "上报的表里没有这一条目的行；请在 add 里写", "the forms have no row of it; add it,"
            yield Fault(item, Title(f"{zh} {way}", f"{en} {way}"), "warning")


def _columns(standard: Standard, roots: Roots) -> Iterator[Fault]:
    """Yield indicators without a column in the table that contains the others, or in any."""
    lists = [(spot, [entry.at("indicator").text for entry in entries]) for spot, entries in _lists(roots, "columns")]
    with_indicators = [(spot, listed) for spot, listed in lists if any(listed)]
    for indicator in standard.indicators.values():
        if not with_indicators:
            zh, en = "上报的表里没有一张有这一指标的列", "no table of the forms has a column of it"
            yield Fault(indicator.id, Title(zh, en), "warning")
        for spot, listed in with_indicators:
            if indicator.id in listed:
                continue
            where = f", after: {[entry for entry in listed if entry][-1]}"
            title = f"{{zh: {indicator.id} {indicator.name.zh}, en: {indicator.id} {indicator.name.en}}}"
            value = f"{{title: {title}, value: value, indicator: {indicator.id}, {_WIDTH}}}"
            way = f"to: {spot.short_path()}{where}, value: {value}"
            zh, en = "上报的表里没有这一指标的列；请在 add 里写", "the forms have no column of it; add it,"
            yield Fault(indicator.id, Title(f"{zh} {way}", f"{en} {way}"), "warning")


def _lists(roots: Roots, group: str) -> Iterator[tuple[Spot, tuple[Node, ...]]]:
    """Yield the rows or columns of each table of the forms, and their entries."""
    for spot in everything({FORMS: roots[FORMS]}):
        if spot.steps[-1] == group and isinstance(spot.node.value, tuple):
            yield spot, spot.node.value
