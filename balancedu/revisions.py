"""What changed in the law from one standard to another, and what that changes for a submission."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from difflib import SequenceMatcher
from functools import cached_property, lru_cache, partial
from os import PathLike
from typing import Any, Literal

import attrs

from balancedu.core.fields import Language, Title
from balancedu.core.loading import build, load_standard, overlay_file, yaml_of
from balancedu.core.model import Indicator
from balancedu.core.nodes import Node
from balancedu.core.overlays import HistoryRecord, layers_of, records_of
from balancedu.core.paths import FORMS, HEAD, MEASURES, Roots, Spot, at, bare, path_of, top, written
from balancedu.core.standard import Item, SpecFiles, Standard
from balancedu.core.words import CLAUSE, COLON, COMMA, SEMICOLON, joined
from balancedu.document import Block, Columns, Grid, Heading, Paragraph, Result, column, columns_of
from balancedu.errors import SpecErrors
from balancedu.evaluate import evaluate
from balancedu.evaluation.evaluation import Decision, decisions_of
from balancedu.evaluation.results import Verdict
from balancedu.explaining.answer import Listing
from balancedu.submission.submission import Submission
from balancedu.text import NO_WORDS, Phrase, in_both

LawWay = Literal["added", "dropped", "replaced", "changed"]
SpecGroup = Literal["standard", "parts", "items", "indicators", "measures", "forms"]

_HEADING = ("format", "id", "title", "document", "issued")
"""What names a standard or one of its files, and is no law of its own."""
_ASIDE = ("source", "needed_by", "all_of")
"""What follows from other changes, or is listed beside them."""
_WORDING = {"title", "name", "unit", "quantity", "definition", "row", "precision", "stage_titles"}
_READING = {"also", "usual", "units", "checks", "plausible"}
"""What only helps to read files and to notice mistakes in them."""
_REPORTING = {"tables", "range", "grouping", "example_cost", *_READING}


@attrs.frozen
class LawChange:
    """One difference between two standards.

    Attributes
    ----------
    way : {'added', 'dropped', 'replaced', 'changed'}
        An entry of the same id that is about something else was replaced.
    path : str
        Where, as `be.history` and overlays write it.
    group, entry : str
        What it belongs to: an item, an indicator, a measure, or a field of the standard itself.
    before, after : Spot, optional
        The value in both standards; None if there is none.
    decides : bool
        Whether a verdict can change because of it; wording, printing and what is reported cannot.
    """

    way: LawWay
    path: str
    group: SpecGroup
    entry: str
    before: Spot | None = attrs.field(eq=False, repr=False)
    after: Spot | None = attrs.field(eq=False, repr=False)
    decides: bool = True

    @property
    def spot(self) -> Spot:
        """The value before, or after where there was none."""
        spot = self.before or self.after
        assert spot is not None
        return spot

    @property
    def reported(self) -> bool:
        """Whether it is something to report: a table, a measure, or one more value of a choice."""
        return self.group == "measures" and self.spot.names[-2] in ("tables", "measures", "values")


def changes_between(before: Roots, after: Roots) -> tuple[LawChange, ...]:
    """Return every difference between the files of two standards, in the order of the law."""
    return (
        *_fields("standard", before, after, HEAD),
        *_parts(before, after),
        *_entries("indicators", before, after),
        *_entries("items", before, after),
        *_fields("measures", before, after, MEASURES),
        *_forms(before, after),
    )


def entries_of(roots: Roots, group: str) -> dict[str, Spot]:
    """Return the items or indicators of all parts by their ids."""
    parts = (file for file in roots if file not in (HEAD, MEASURES, FORMS))
    return {name: entry for file in parts for name, entry in _inside_of(roots, file, group).items()}


def _inside_of(roots: Roots, file: str, group: str) -> dict[str, Spot]:
    """Return the entries of a list of a file by their ids; none if the file has no such list."""
    spot = at(roots, (file, group))
    return {entry.names[-1]: entry for entry in spot.inside()} if spot else {}


def _parts(before: Roots, after: Roots) -> Iterator[LawChange]:
    for file in dict.fromkeys((*before, *after)):
        part = file.removesuffix(".yaml")
        if file in (HEAD, MEASURES, FORMS):
            continue
        entry, other = (top(roots, file) if file in roots else None for roots in (before, after))
        if entry is None or other is None:
            way: LawWay = "added" if entry is None else "dropped"
            # A part is met when its items are: they are the change, and this is its heading.
            yield LawChange(way, f"parts.{part}", "parts", part, entry, other, decides=False)
        else:
            yield from _compared(
                "parts", part, _without(entry, "items", "indicators"), _without(other, "items", "indicators")
            )


def _entries(group: SpecGroup, before: Roots, after: Roots) -> Iterator[LawChange]:
    olds, news = entries_of(before, group), entries_of(after, group)
    for entry in dict.fromkeys((*olds, *news)):
        value, other = olds.get(entry), news.get(entry)
        path = f"{group}.{entry}"
        if value is None or other is None:
            yield LawChange("added" if value is None else "dropped", path, group, entry, value, other)
        elif value.file != other.file or _another(value.node, other.node):
            yield LawChange("replaced", path, group, entry, value, other)
        else:
            yield from _compared(group, entry, value, other)


def _fields(group: SpecGroup, before: Roots, after: Roots, file: str) -> Iterator[LawChange]:
    value, other = (_without(top(roots, file), *_HEADING) for roots in (before, after))
    for change in _compared(group, "", value, other):
        names = change.spot.names
        # Measures are entries too, in a list of their own.
        entry = names[2] if names[1] == "measures" and len(names) > 2 else names[1]
        yield attrs.evolve(change, entry=entry)


def _forms(before: Roots, after: Roots) -> Iterator[LawChange]:
    """Yield what differs in the official tables, which decide nothing: a sheet as a whole."""
    if FORMS in before and FORMS in after:
        entry, other = (_without(top(roots, FORMS), "format", "sheets") for roots in (before, after))
        for change in _compared("forms", "", entry, other):
            yield attrs.evolve(change, decides=False)
    olds, news = (_inside_of(roots, FORMS, "sheets") for roots in (before, after))
    for sheet in dict.fromkeys((*olds, *news)):
        old, new = olds.get(sheet), news.get(sheet)
        if old is None or new is None or bare(old.node) != bare(new.node):
            way: LawWay = "added" if old is None else "dropped" if new is None else "changed"
            yield LawChange(way, f"forms.sheets.{sheet}", "forms", sheet, old, new, decides=False)


def _compared(group: SpecGroup, entry: str, spot: Spot, other: Spot) -> Iterator[LawChange]:
    """Yield what differs inside two values."""
    if bare(spot.node) == bare(other.node):
        return
    if _is_text(spot.node) or _is_text(other.node) or not _alike(spot, other):
        yield _change("changed", group, entry, spot, other)
        return
    olds, news = _inside(spot), _inside(other)
    for names in dict.fromkeys((*olds, *news)):
        if names[0] in _ASIDE:
            continue
        before, after = olds.get(names), news.get(names)
        if before is None or after is None:
            yield _change("added" if before is None else "dropped", group, entry, before, after)
        else:
            yield from _compared(group, entry, before, after)


def _change(way: LawWay, group: SpecGroup, entry: str, before: Spot | None, after: Spot | None) -> LawChange:
    spot = before or after
    assert spot is not None
    inner = spot.names[1:] if group in ("standard", "parts") else spot.names[3:]
    decides = not _WORDING & set(inner)
    if group == "measures":
        # What is reported more or less decides nothing by itself; what a rule makes of it does.
        decides = decides and not _REPORTING & set(spot.names[1:]) and spot.names[-2] not in ("measures", "values")
    return LawChange(way, spot.path, group, entry, before, after, decides)


def _inside(spot: Spot) -> dict[tuple[str, ...], Spot]:
    return {entry.names[len(spot.names) :]: entry for entry in spot.inside()}


def _alike(entry: Spot, other: Spot) -> bool:
    """Return whether two values can be compared piece by piece: entries of lists have to correspond."""
    if isinstance(entry.node.value, Mapping):
        return isinstance(other.node.value, Mapping)
    olds, news = _inside(entry), _inside(other)
    if not all(isinstance(spot.node.value, Mapping) for spot in (*olds.values(), *news.values())):
        return False
    if any(name.startswith("[") for (name,) in (*olds, *news)):
        # Entries without names cannot be distinguished: the list is compared as a whole.
        return False
    # Rules of another kind take the place of those before: neither is possible without the other.
    return set(olds) == set(news) or entry.names[-1] != "rules"


def _is_text(node: Node) -> bool:
    """Return whether a node is one value, be it in both languages."""
    return not isinstance(node.value, Mapping | tuple) or (
        isinstance(node.value, Mapping) and set(node.value) <= {"zh", "en"}
    )


def _another(entry: Node, other: Node) -> bool:
    """Return whether two entries of the same id have less than half of their titles in common."""
    before, after = (node.at("title.zh").text for node in (entry, other))
    return SequenceMatcher(a=before, b=after, autojunk=False).ratio() * 2 < 1


def _without(spot: Spot, *keys: str) -> Spot:
    assert isinstance(spot.node.value, Mapping)
    return attrs.evolve(
        spot,
        node=attrs.evolve(spot.node, value={key: entry for key, entry in spot.node.value.items() if key not in keys}),
    )


@attrs.frozen(eq=False)
class Singles:
    """The first of two standards with single changes of the second, made through the overlay mechanism.

    What a county reports is taken from both, so that one submission serves them all; official tables are left out,
    for they decide nothing.

    Attributes
    ----------
    before, after : Standard
    changes : tuple of LawChange
    roots : Roots
        The files of the first standard, with their overlays on them, and what is reported in either.
    """

    before: Standard
    after: Standard
    changes: tuple[LawChange, ...]
    roots: Roots
    _made: dict[LawChange, Standard | None] = attrs.field(factory=dict, init=False)

    @classmethod
    @lru_cache(maxsize=4)
    def of(cls, before: Standard, after: Standard) -> Singles:
        """Return those of two standards."""
        entry, other = (layers_of(standard.files).roots for standard in (before, after))
        changes = changes_between(entry, other)
        singles = cls(before, after, changes, {file: node for file, node in entry.items() if file != FORMS})
        reported = [change.after for change in changes if change.reported and change.way == "added" and change.after]
        files = singles._overlaid([], [], [singles._addition(spot) for spot in reported])
        return attrs.evolve(singles, roots=layers_of(files).roots)

    @cached_property
    def _edition(self) -> tuple[tuple[str, bytes], ...]:
        """The files that every change is made in."""
        return tuple((file, yaml_of(bare(node))) for file, node in self.roots.items())

    @cached_property
    def reporting(self) -> Standard:
        """The first standard with what is reported in either: a submission made with it serves both."""
        return build(self._overlaid([], [], []))

    def standard(self, change: LawChange) -> Standard | None:
        """Return the first standard with one change; None if it makes no standard without others."""
        if change not in self._made:
            self._made[change] = None
            with suppress(SpecErrors):
                self._made[change] = build(self._with(change))
        return self._made[change]

    def _with(self, change: LawChange) -> SpecFiles:
        drops, settings, additions = list[OverlayEntry](), list[OverlayEntry](), list[OverlayEntry]()
        if not change.reported and change.group != "forms":
            if change.way == "changed" and change.after:
                settings.append({"path": change.path, "value": bare(change.after.node)})
            if change.way in ("dropped", "replaced") and change.before:
                drops.append({"path": change.before.path, "reason": {"zh": "取消", "en": "dropped"}})
            if change.way in ("added", "replaced") and change.after:
                additions.append(self._addition(change.after))
        return self._overlaid(drops, settings, additions)

    def _overlaid(
        self, drops: list[OverlayEntry], settings: list[OverlayEntry], additions: list[OverlayEntry]
    ) -> SpecFiles:
        for entry in (*drops, *settings, *(new for new in additions if not _has_source(new["value"]))):
            entry["source"] = _SOURCE
        extends = self.roots[HEAD].at("id").text
        overlay = overlay_file("single-change", extends, drop=drops, set=settings, add=additions)
        return SpecFiles(self.before.id, self._edition, (overlay,) if drops or settings or additions else ())

    def _addition(self, new: Spot) -> OverlayEntry:
        """Return how an overlay adds an entry or field of the second standard."""
        value = bare(new.node)
        if new.steps[-2:-1] == ("measures",) and isinstance(value, dict):
            # Who needs it follows from what is judged; a measure of the same id may be in another table here.
            tables = {entry.at("id").text: entry.at("table").text for entry in self.roots[MEASURES].entries("measures")}
            elsewhere = tables.get(str(value.get("part_of")), value["table"]) != value["table"]
            left_out = {"needed_by", *(["part_of"] if elsewhere else [])}
            value = {key: entry for key, entry in value.items() if key not in left_out}
        if new.file not in self.roots:
            whole = bare(layers_of(self.after.files).roots[new.file])
            return {"to": "parts", "value": {**whole, "items": [], "indicators": []} | {str(new.steps[0]): [value]}}
        holder = at(self.roots, new.names[:-1])
        if holder is None:
            part, group = path_of(new.names[:1]), str(new.steps[0])
            return {"to": part, "key": group, "value": [value]}
        if isinstance(holder.node.value, Mapping):
            return {"to": holder.path, "key": new.names[-1], "value": value}
        return {"to": holder.path, "value": value}


OverlayEntry = dict[str, Any]
"""A change as an overlay writes it."""
_SOURCE = {"document": "-", "part": "-", "confidence": "O"}


def _has_source(value: object) -> bool:
    return isinstance(value, Mapping) and "source" in value


_ABSENT: dict[Language, str] = {"zh": "无此项", "en": "not judged"}


@attrs.frozen
class Effect:
    """One decision that falls otherwise under the other standard.

    Attributes
    ----------
    county, level, id, school, stage : str
        Level is county, part, item or section; what a decision is not about is empty.
    before, after : Verdict, optional
        None if one of the standards does not judge it.
    causes : tuple of LawChange
        The changes each of which, made alone, turns the verdict into what it is after all of them; none if only
        several together do.
    """

    county: str
    level: str
    id: str
    school: str
    stage: str
    before: Verdict | None
    after: Verdict | None
    causes: tuple[LawChange, ...]

    def text(self, lang: Language) -> str:
        """Return what the decision is about: the county, a part, an item or a section.

        Examples
        --------
        >>> import balancedu as be
        >>> found = be.diff("cn-2017", "shenyang", submission=be.example("passing", standard="shenyang"))
        >>> [effect.text("en") for effect in found.effects if effect.level == "item"]
        ['item G2', 'item G7', 'item Q7', 'item V7']
        """
        return Decision(self.county, self.level, self.id, self.school, self.stage).text(lang)

    def verdicts(self, lang: Language) -> str:
        """Return both verdicts in words."""
        result = [_ABSENT[lang] if entry is None else entry.text(lang) for entry in (self.before, self.after)]
        return " → ".join(result)


def effects_of(singles: Singles, submission: Submission) -> Iterator[Effect]:
    """Yield the decisions of a submission that differ between two standards, with their causes."""
    old, new = (decisions_of(evaluate(submission, entry)) for entry in (singles.before, singles.after))
    differing = [key for key in {**old, **new} if old.get(key) is not new.get(key)]
    alone = {}
    for change in singles.changes if differing else ():
        single = singles.standard(change) if change.decides else None
        if single is not None:
            alone[change] = decisions_of(evaluate(submission, single))
    for key in differing:
        causes = (change for change, result in alone.items() if result.get(key) is new.get(key))
        yield Effect(*key, old.get(key), new.get(key), tuple(causes))


_TOKEN = re.compile(r"[0-9][0-9.,]*[0-9]|[A-Za-z]+|.", re.DOTALL)
_CLAUSE = re.compile(r"[，；;] ?")
_PIECE = re.compile(r"[，；;、：:] ?|, ")
_ARROW = " → "
_LONGEST = 60
_LEFT_OUT = "…"


def sentence_of(change: LawChange, singles: Singles) -> Phrase:
    """Return a change as a sentence."""
    if change.way == "changed":
        return _changed(change, singles)
    old, new = (_entry(standard, change) for standard in (singles.before, singles.after))
    if change.way == "replaced":
        titles = (Phrase(side.zh.partition(" ")[2], side.en.partition(" ")[2]) for side in (old, new))
        return Phrase.of(change.entry) + COLON + joined(Phrase.of(_ARROW), titles)
    added, dropped = Phrase("新增：", "new: "), Phrase("取消：", "dropped: ")
    if change.reported:
        added, dropped = Phrase("增加填报：", "now reported: "), Phrase("不再填报：", "no longer reported: ")
    return added + new if change.way == "added" else dropped + old


def source_of(standard: Standard, spot: Spot | None) -> str:
    """Return where a value is in the law."""
    if spot is None:
        return ""
    source = records_of(standard, spot.path)[-1].source
    return str(source or standard.head.document)


def _changed(change: LawChange, singles: Singles) -> Phrase:
    before, after = change.before, change.after
    assert before is not None
    assert after is not None
    heading = _heading(singles.before, change) + COLON
    if change.group == "forms" and change.entry:
        return heading + Phrase("表格的行列有改动", "the table has other rows or columns")
    single = singles.standard(change) if change.decides else None
    if single is not None:
        texts = [_requirement(standard, change) for standard in (singles.before, single)]
        if texts[0] != texts[1]:
            return heading + in_both(lambda lang: _differing(texts[0].text(lang), texts[1].text(lang), lang))
    if not change.decides and before.names[-1] == "title":
        heading = _heading(singles.before, change) + Phrase("原文：", ", wording: ")
        return heading + in_both(lambda lang: _differing(before.node.at(lang).text, after.node.at(lang).text, lang))
    # A field that no sentence speaks of, or a change that is not possible alone, is shown as it is written; a list
    # of words without its brackets.
    olds, news = (written(spot.node).strip("[]") for spot in (before, after))
    return heading + Phrase.of(_rest(change)) + in_both(partial(_difference, olds, news))


def _differing(old: str, new: str, lang: Language) -> str:
    """Return the clauses that differ; the whole text where clauses were added or dropped."""
    olds, news = _CLAUSE.split(old), _CLAUSE.split(new)
    if len(olds) != len(news):
        olds, news = [old], [new]
    pairs = (pair for pair in zip(olds, news, strict=True) if pair[0] != pair[1])
    return SEMICOLON.text(lang).join(_difference(*pair, lang) for pair in pairs)


def _difference(old: str, new: str, lang: Language) -> str:
    """Return what two texts differ in: figures with an arrow, pieces of a list as added or taken away."""
    olds, news = _PIECE.split(old), _PIECE.split(new)
    gone, more = [piece for piece in olds if piece not in news], [piece for piece in news if piece not in olds]
    if len(olds) == len(news) or len(gone) == len(olds):
        return compressed(old, new)
    pairs = ((Phrase("去掉", "leaves out: "), gone), (Phrase("增加", "adds: "), more))
    parts = [words.text(lang) + COMMA.text(lang).join(pieces) for words, pieces in pairs if pieces]
    return CLAUSE.text(lang).join(parts)


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
    entry, other = _TOKEN.findall(old), _TOKEN.findall(new)
    start = 0
    while start < min(len(entry), len(other)) and entry[start] == other[start]:
        start += 1
    pieces = [tokens[start:] for tokens in (entry, other)]
    # A figure is enough to see what changed; words are not.
    start = start if all(piece and piece[0][0].isdigit() for piece in pieces) else 0
    before, *changed = ("".join(tokens) for tokens in (entry[:start], entry[start:], other[start:]))
    return f"{_short(before, end=True)}{_ARROW.join(map(_short, changed))}"


def _short(text: str, *, end: bool = False) -> str:
    if len(text) <= _LONGEST:
        return text
    return _LEFT_OUT + text[-_LONGEST:] if end else text[:_LONGEST] + _LEFT_OUT


def _requirement(standard: Standard, change: LawChange) -> Phrase:
    """Return what the entry of a change requires; empty if no sentence speaks of it."""
    words, spot = standard.words, change.spot
    if change.group == "items":
        return standard.items[change.entry].requirement(words)
    if change.group == "indicators":
        indicator = standard.indicators[change.entry]
        return joined(SEMICOLON, (words.thresholds(indicator), words.formula(indicator)))
    scope = change.group == "standard" and spot.names[1:3] == ("scope", "counted")
    included = standard.counted(spot.names[3]) if scope else None
    return words.counted(included) if included else NO_WORDS


def _heading(standard: Standard, change: LawChange) -> Phrase:
    """Return what a change belongs to: the title, the id and name of an entry, or the path."""
    named = _named(standard, change)
    if isinstance(named, Item | Indicator):
        return Phrase.of(f"{change.entry} ") + named.name
    return named or Phrase.of(change.path)


def _entry(standard: Standard, change: LawChange) -> Phrase:
    """Return an entry that was added, dropped or replaced."""
    named, spot = _named(standard, change), change.before if change.way == "dropped" else change.after
    assert spot is not None
    whole = len(spot.names) == 3 or change.group in ("parts", "forms") or change.way == "replaced"
    if isinstance(named, Item | Indicator) and whole:
        limits = COLON + standard.words.thresholds(named) if isinstance(named, Indicator) else NO_WORDS
        return Phrase.of(f"{change.entry} ") + named.title + limits
    if isinstance(named, Title) and (whole or change.group == "standard"):
        text = _requirement(standard, change)
        return named + COLON + text if text else named
    if spot.names[1:] == ("scope", "left_out"):
        left_out = joined(COMMA, (entry.title for entry in standard.head.scope.left_out))
        return Phrase("不参加计算：", "left out: ") + left_out
    heading = _heading(standard, change) if isinstance(named, Item | Indicator) else Phrase.of(change.path)
    if isinstance(named, Item) and spot.names[-1] == "reliefs":
        reliefs = joined(SEMICOLON, (relief.requirement(standard.words) for relief in named.reliefs))
        return heading + Phrase(" 放宽：", " relief: ") + reliefs
    return heading + Phrase.of(f" {_rest(change)} {_short(written(spot.node))}")


def _named(standard: Standard, change: LawChange) -> Item | Indicator | Title | None:
    """Return the entry that a change belongs to, or its title."""
    entry, spot = change.entry, change.spot
    if change.group in ("items", "indicators"):
        entries: Mapping[str, Item | Indicator] = standard.items if change.group == "items" else standard.indicators
        return entries.get(entry)
    titles: dict[str, Title] = {}
    if change.group == "parts":
        titles = {part.id: part.title for part in standard.parts.values()}
    elif change.group == "measures":
        titles = {measure.id: measure.title for measure in standard.measures.values()}
    elif change.group == "forms" and standard.forms:
        titles = {sheet.id: sheet.title for sheet in standard.forms.sheets}
    elif spot.names[1:3] == ("scope", "counted"):
        entry = spot.names[3]
        titles = {value.id: value.title for value in standard.measures["type"].values}
    return titles.get(entry)


def _rest(change: LawChange) -> str:
    """Return the path of a change inside the entry that begins the sentence, to print before its values."""
    inside = change.path.removeprefix(f"{change.group}.{change.entry}.")
    return f"{inside} " if inside != change.path else ""


_WORDS: dict[str, dict[Language, str]] = {
    "same": {"zh": "两个标准没有不同。", "en": "The two standards do not differ."},
    "decides": {"zh": "影响判定的改动", "en": "Changes that can change a verdict"},
    "others": {"zh": "其他改动（表述、填报、打印）", "en": "Other changes (wording, reporting, printing)"},
    "effects": {"zh": "判定的变化", "en": "Verdicts that change"},
    "none": {"zh": "没有判定改变。", "en": "No verdict changes."},
    "decision": {"zh": "判定", "en": "decision"},
    "change": {"zh": "变化", "en": "change"},
    "cause": {"zh": "原因", "en": "cause"},
    "together": {"zh": "几处改动合在一起", "en": "several changes together"},
    "county": {"zh": "全县", "en": "the county"},
}


@attrs.frozen
class LawDifference(Result):
    """What changed from one standard to another.

    Attributes
    ----------
    before, after : Standard
    law : tuple of LawChange
        Every difference, in the order of the law.
    effects : tuple of Effect
        The verdicts of the submission that change; empty if none was given.
    submission : Submission, optional
    """

    before: Standard
    after: Standard
    law: tuple[LawChange, ...] = attrs.field(repr=False)
    effects: tuple[Effect, ...] = attrs.field(repr=False)
    submission: Submission | None = attrs.field(repr=False)
    sentences: Mapping[LawChange, Phrase] = attrs.field(repr=False)

    @property
    def tables(self) -> Mapping[str, Columns]:
        """The changes of the law, and the verdicts that change."""
        return {"law": self._law(), "effects": self._effects()}

    def single_values(self) -> dict[str, Any]:
        """Return the ids of both standards, and what is not applied on the day."""
        lapses = dict.fromkeys((*self.before.lapses, *self.after.lapses))
        not_applied = [
            {"by": lapse.by, "path": lapse.path, "from": lapse.from_, "until": lapse.until} for lapse in lapses
        ]
        return {"before": self.before.id, "after": self.after.id, "not_applied": not_applied}

    def change_text(self, change: LawChange, lang: Language = "zh") -> str:
        """Return a change as a sentence."""
        return self.sentences[change].text(lang)

    def number(self, change: LawChange) -> int:
        """Return the number under which the report lists a change that can change a verdict."""
        return [entry for entry in self.law if entry.decides].index(change) + 1

    def blocks(self, lang: Language) -> Iterator[Block]:
        """Yield what changed in the law, and which verdicts change because of what."""
        titles = [
            (entry.applied[-1] if entry.applied else entry).title.text(lang) for entry in (self.before, self.after)
        ]
        named = (f"{entry.id} {title}" for entry, title in zip((self.before, self.after), titles, strict=True))
        yield Heading(" → ".join(named))
        dated = (note for entry in (self.before, self.after) if entry.day for note in entry.notes(lang))
        yield from map(Paragraph, dict.fromkeys(dated))
        if not self.law:
            yield Paragraph(_WORDS["same"][lang])
        for name, decides in (("decides", True), ("others", False)):
            result = [entry for entry in self.law if entry.decides is decides]
            if result:
                yield Heading(_WORDS[name][lang])
            for change in result:
                number = f"({self.number(change)}) " if decides else "· "
                yield Paragraph(f"{number}{self.change_text(change, lang)}")
        if self.submission is not None:
            yield from self._changed(lang)

    def _changed(self, lang: Language) -> Iterator[Block]:
        yield Heading(_WORDS["effects"][lang])
        if not self.effects:
            yield Paragraph(_WORDS["none"][lang])
            return
        head = [_WORDS[name][lang] for name in ("decision", "change", "cause")]
        body = [
            [self._decision(effect, lang), effect.verdicts(lang), self._cause(effect, lang)] for effect in self.effects
        ]
        yield Grid(head, body, texts=3)

    def _decision(self, effect: Effect, lang: Language) -> str:
        assert self.submission is not None
        name = _WORDS["county"][lang]
        for standard in (self.before, self.after):
            if effect.level == "part" and effect.id in standard.parts:
                name = standard.parts[effect.id].title.text(lang)
            elif effect.level == "item" and effect.id in standard.items:
                name = f"{effect.id} {standard.items[effect.id].name.text(lang)}"
        if effect.level == "section":
            stages = {str(stage): title for stage, title in self.after.head.stage_titles.items()}
            name = f"{effect.school} {stages[effect.stage].text(lang)}"
        return f"{effect.county} {name}" if len(self.submission.counties) > 1 else name

    def _cause(self, effect: Effect, lang: Language) -> str:
        named = (
            f"({self.number(cause)}) {cause.entry if cause.group in ('items', 'indicators') else cause.path}"
            for cause in effect.causes
        )
        return COMMA.text(lang).join(named) or _WORDS["together"][lang]

    def _law(self) -> Columns:
        rows = (
            (
                *(entry.path, entry.entry, entry.way),
                *(written(spot.node) if spot else "" for spot in (entry.before, entry.after)),
                *(source_of(self.before, entry.before), source_of(self.after, entry.after)),
                self.sentences[entry],
                entry.decides,
            )
            for entry in self.law
        )
        names = ("path", "entry", "way", "before", "after", "source_before", "source_after")
        return columns_of(rows, **dict.fromkeys(names, str), text=Phrase, decides=bool)

    def _effects(self) -> Columns:
        texts = dict.fromkeys(("county", "level", "id", "school", "stage", "before", "after"), str)
        causes = [" ".join(cause.path for cause in effect.causes) for effect in self.effects]
        return columns_of(self.effects, **texts) | {"causes": column(causes, str)}


def diff(
    before: str | PathLike[str] | Standard,
    after: str | PathLike[str] | Standard,
    *,
    submission: Submission | None = None,
) -> LawDifference:
    """Return what differs between two standards, and which verdicts change.

    Parameters
    ----------
    before, after : id, Path or Standard
        Editions or overlays; `load_standard` combines overlays and sets the date.
    submission : Submission, optional
        What a county, or many, handed in. It should be made with a standard that has the measures of both, or what
        only the other one requires counts as not reported.

    Returns
    -------
    LawDifference
        Every change in words, with its sources. With a submission: each verdict that changes, and the single
        changes of the law that cause it, found by evaluating with each of them alone.

    Examples
    --------
    >>> import balancedu as be
    >>> found = be.diff("cn-2017", "shenyang", submission=be.example("passing", standard="shenyang"))
    >>> print(found.change_text(found.law[3], "en").partition(" at least")[0])
    G7 special education funds: public funds per pupil of special schools
    >>> [(one.level, one.id, [cause.path for cause in one.causes]) for one in found.effects if one.id == "V7"]
    [('item', 'V7', ['items.V7'])]
    """
    entry, other = load_standard(before), load_standard(after)
    singles = Singles.of(entry, other)
    effects = () if submission is None else tuple(effects_of(singles, submission))
    sentences = {change: sentence_of(change, singles) for change in singles.changes}
    return LawDifference(entry, other, singles.changes, effects, submission, sentences)


def reporting_both(before: Standard, after: Standard) -> Standard:
    """Return the first standard with what is reported in either: a submission made with it serves both.

    Examples
    --------
    >>> both = reporting_both(load_standard("cn-2017"), load_standard("shenyang"))
    >>> "labour_education" in both.measures, "V7" in both.items
    (True, False)
    """
    return Singles.of(before, after).reporting


class History(Listing[HistoryRecord]):
    """Who set a value of a standard, the oldest first; print it to read it."""

    __slots__ = ()

    @property
    def tables(self) -> dict[str, Columns]:
        """The records, with the source and the days of each."""
        texts = ("by", "path", "way", "before", "value", "document")
        rows = (
            (*(getattr(row, name) for name in texts), str(row.source or ""), row.from_, row.until) for row in self.rows
        )
        return {"records": columns_of(rows, **dict.fromkeys((*texts, "source", "from", "until"), str))}


def history(standard: Standard, path: str) -> History:
    """Return who set a value of a standard, what it was before, and the source of each change, the oldest first.

    Parameters
    ----------
    standard : Standard
        The standard that contains the value.
    path : str
        A value, an item, an indicator or a measure, written as an overlay writes it (`specs/README.md`).

    Returns
    -------
    History
        A sequence of HistoryRecord, one for each document that set the value.

    Raises
    ------
    RequestError
        If the path does not exist; the message names the nearest.

    Examples
    --------
    >>> import balancedu as be
    >>> print(*be.history(be.load_standard("cn-2017"), "rules.R-spread.limits.primary"))
    cn-2017: stated 0.50 (教督〔2017〕6号 资源配置)
    """
    return History(records_of(standard, path))
