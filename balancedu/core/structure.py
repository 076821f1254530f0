"""Nodes of spec files become frozen attrs objects, which are then checked as a whole; every problem is reported."""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from decimal import Decimal
from functools import cached_property
from typing import Any, get_args

import attrs

from balancedu.core.fields import (
    Asked,
    EntryId,
    Impossible,
    MeasureId,
    SchoolType,
    Stage,
    TableId,
    Term,
    fields_of,
    must_be,
    plain,
)
from balancedu.core.model import Declarations, Indicator, Measure
from balancedu.core.nodes import Node, SpecProblems, advice, shortened
from balancedu.core.paths import HEAD, MEASURES, Roots, overlay_path
from balancedu.core.rules import RULES, Rule, SectionsComply, misplaced_condition
from balancedu.core.standard import MeasuresFile, Part
from balancedu.errors import SpecError, near
from balancedu.text import KNOWN, NO_WORDS, Phrase, listed, meant, quote


@attrs.frozen
class Reference:
    """A place in a spec that names something declared elsewhere."""

    kind: object
    name: str
    node: Node
    path: str
    root: str
    asks: Asked | None = None
    written: bool = True
    """Whether the spec writes the name; otherwise the program needs it."""


@attrs.frozen
class Built:
    """An object made from a spec, and its place."""

    value: Any
    node: Node
    path: str
    root: str


_WORDS = {
    str: Phrase("文字", "text"),
    int: Phrase("整数", "a whole number"),
    Decimal: Phrase("数字", "a number"),
    bool: Phrase("true 或 false", "true or false"),
}
_NAMES = (MeasureId, Term, TableId, SchoolType, EntryId)


@attrs.define
class Structurer:
    """Builds typed objects from nodes; records the objects, the names used and the problems.

    `root` is the file that is being built: nodes that an overlay brought into it name the overlay's own file.
    """

    problems: SpecProblems
    root: str = ""
    roots: Roots | None = None
    """All files, where overlays are put onto the edition: problems then name places as overlays do."""
    built: list[Built] = attrs.field(factory=list)
    references: list[Reference] = attrs.field(factory=list)
    _failures: int = attrs.field(default=0, init=False)
    _ways: dict[Any, Callable[[Any, Node, str], Any]] = attrs.field(factory=dict, init=False)
    """The builder of each type in a spec; thousands of values have a few dozen types."""

    def build(self, wanted: Any, node: Node, path: str = "") -> Any:
        """Return the value of type `wanted` that the node describes, or None with the problem noted."""
        if node.broken:
            self._failures += 1
            return None
        if wanted not in self._ways:
            self._ways[wanted] = self._way(wanted)
        return self._ways[wanted](wanted, node, path)

    def _way(self, wanted: Any) -> Callable[[Any, Node, str], Any]:
        by_origin: dict[Any, Callable[[Any, Node, str], Any]] = {
            typing.Literal: self._one_of,
            typing.Union: self._optional,
            types.UnionType: self._optional,
            tuple: self._sequence,
            Mapping: self._mapping,
        }
        if origin := typing.get_origin(wanted):
            return by_origin[origin]
        if wanted in _NAMES:
            return self._name
        if wanted is Node:
            return lambda _wanted, node, _path: node
        if wanted is Rule:
            return self._rule
        return self._object if attrs.has(wanted) else self._scalar

    def note(self, node: Node, path: str, problem: Phrase, hint: Phrase = NO_WORDS) -> None:
        """Note a problem at a node."""
        self._failures += 1
        self.problems.add(node.error(self.place(self.root, path), problem, hint))

    def place(self, root: str, path: str) -> str:
        """Return the path of a place in a file as problems name it."""
        return overlay_path(self.roots, root, path) if self.roots else path

    def _wrong(self, node: Node, path: str, wanted: Phrase, hint: Phrase = NO_WORDS) -> None:
        result = node.shown
        self.note(
            node, path, Phrase(f"应为{wanted.zh}，现为{result.zh}", f"must be {wanted.en}, found {result.en}"), hint
        )

    def _optional(self, wanted: Any, node: Node, path: str) -> Any:
        (inner,) = (part for part in typing.get_args(wanted) if part is not type(None))
        return self.build(inner, node, path)

    def _scalar(self, wanted: type, node: Node, path: str) -> Any:
        value = node.value
        if wanted is Decimal and type(value) is int:
            return Decimal(value)
        if isinstance(value, str) and wanted is str and value != value.strip():
            problem = Phrase("首尾不能有空格或换行", "must not begin or end with a space or a line break")
            hint = Phrase("多行的文字前请写 >-", "write >- before a text of several lines")
            return self.note(node, path, problem, hint)
        if type(value) is wanted:
            return value
        hint = advice(node.text, wanted) if wanted is str or isinstance(value, str) else NO_WORDS
        return self._wrong(node, path, _WORDS[wanted], hint if node.text else NO_WORDS)

    def _one_of(self, wanted: Any, node: Node, path: str) -> Any:
        choices = typing.get_args(wanted)
        if node.value in choices and type(node.value) in {type(choice) for choice in choices}:
            return node.value
        known = [str(choice) for choice in choices]
        choice = listed(known)
        wanted = Phrase(f"{choice.zh}之一", f"one of {choice.en}") if len(known) > 1 else choice
        guess = near(node.text, known)
        return self._wrong(node, path, wanted, Phrase(guess.zh.removeprefix("，"), guess.en.removeprefix("; ")))

    def _name(self, kind: object, node: Node, path: str) -> str | None:
        text: str | None = self._scalar(str, node, path)
        if text is not None and kind is Term:
            self.references.append(Reference(MeasureId, text.removeprefix("-"), node, path, self.root))
        elif text is not None:
            self.references.append(Reference(kind, text, node, path, self.root))
        return text

    def _sequence(self, wanted: Any, node: Node, path: str) -> tuple[Any, ...] | None:
        if not isinstance(node.value, tuple):
            hint = Phrase("每一项前请写短横", "begin each entry with a dash")
            if node.text:
                hint = Phrase(f"请写作[{node.text}]", f"write [{node.text}]")
            self._wrong(node, path, Phrase("列表", "a list"), hint)
            return None
        inner = typing.get_args(wanted)[0]
        return tuple(self.build(inner, item, f"{path}[{n}]") for n, item in enumerate(node.value))

    def _mapping(self, wanted: Any, node: Node, path: str) -> Mapping[str, Any] | None:
        keys, inner = typing.get_args(wanted)
        known = typing.get_args(keys)
        if not isinstance(node.value, Mapping):
            names = listed(known)
            wanted = Phrase("“名称: 值”", "a mapping")
            wanted += Phrase(f"（名称：{names.zh}）", f" of {names.en}") if known else NO_WORDS
            self._wrong(node, path, wanted, advice(node.text, dict))
            return None
        if known:
            self._refuse_unknown(node, f"{path}.", known)
        return {key: self.build(inner, item, f"{path}.{key}") for key, item in node.value.items()}

    def _rule(self, _wanted: object, node: Node, path: str) -> Any:
        if not isinstance(node.value, Mapping) or "rule" not in node.value:
            hint = Phrase("规则的种类：", "kinds of rule: ") + listed(RULES)
            problem = Phrase("缺少“rule”，即规则的种类", "needs the key 'rule', which names the kind of rule")
            return self.note(node, path, problem, hint)
        kind = node.value["rule"]
        name: str | None = self.build(str, kind, f"{path}.rule")
        if name is None:
            return None
        if name not in RULES:
            problem = Phrase(f"没有叫“{name}”的规则", f"no kind of rule is called {name!r}") + near(name, RULES)
            return self.note(kind, f"{path}.rule", problem, KNOWN + listed(RULES))
        fields = {key: value for key, value in node.value.items() if key != "rule"}
        return self._object(RULES[name], attrs.evolve(node, value=fields), path)

    def _object(self, wanted: Any, node: Node, path: str) -> Any:
        fields = fields_of(wanted)
        if not isinstance(node.value, Mapping):
            needed = [name for name, (field, _) in fields.items() if field.default is attrs.NOTHING]
            names = listed(needed)
            wanted = Phrase(f"“名称: 值”（含{names.zh}）", f"a mapping with {names.en}")
            return self._wrong(node, path, wanted, advice(node.text, dict))
        before, dot = self._failures, f"{path}." if path else ""
        guesses = self._refuse_unknown(node, dot, fields)
        values: dict[str, Any] = {}
        for name, (field, hint) in fields.items():
            if name in node.value:
                first_reference = len(self.references)
                values[name] = self.build(hint, node.value[name], dot + name)
                self._ask(field.metadata.get("asks"), first_reference)
            elif field.default is attrs.NOTHING and repr(name) not in guesses:
                meaning = Phrase("请补上", field.metadata.get("doc", ""))
                self.note(node, path, Phrase(f"缺少“{name}”", f"{name!r} is missing"), meaning)
        return self._checked(wanted, values, node, path) if self._failures == before else None

    def _ask(self, asks: Asked | None, since: int) -> None:
        """Note of which type the measures named since then must be."""
        if asks:
            self.references[since:] = [attrs.evolve(reference, asks=asks) for reference in self.references[since:]]

    def _refuse_unknown(self, node: Node, dot: str, known: typing.Iterable[str]) -> str:
        """Note the unknown keys, and return what was probably meant."""
        guesses = ""
        for key, value in typing.cast("Mapping[str, Node]", node.value).items():
            if key not in known:
                place = attrs.evolve(value, line=value.key_line)
                guess, name = near(key, known), shortened(key)
                problem = Phrase(f"无法识别“{name}”", f"unknown key {name!r}") + guess
                hint = Phrase("这里可以写：", "known here: ") + listed(known)
                self.note(place, dot + name, problem, hint)
                guesses += guess.en
        return guesses

    def _checked(self, wanted: Any, values: dict[str, Any], node: Node, path: str) -> Any:
        """Return the object; note every value that its validators refuse."""
        fields = fields_of(wanted)
        try:
            value = wanted(**{fields[name][0].name: value for name, value in values.items()})
        except (TypeError, ValueError) as error:
            # What is wrong with the object as a whole is known only where each of its fields is possible.
            of_fields = [problem for name, value in values.items() for problem in _refused_by(wanted, name, value)]
            for problem in of_fields or _impossible(error):
                self.note(node.at(problem.field), f"{path}.{problem.field}".strip("."), problem.problem, problem.hint)
            return None
        self.built.append(Built(value, node, path, self.root))
        for name, kind in getattr(value, "reads", {}).items():
            asks = Asked.of(name.rpartition(".")[0], kind)
            self.references.append(Reference(MeasureId, name, node, path, self.root, asks, written=False))
        return value


def _refused_by(wanted: Any, name: str, value: Any) -> list[Impossible]:
    field = fields_of(wanted)[name][0]
    try:
        if field.validator:
            # Copying a field takes time, and most have one name.
            field.validator(None, field if name == field.name else field.evolve(name=name), value)
    except (TypeError, ValueError) as error:
        return _impossible(error, name)
    return []


def _impossible(error: Exception, field: str = "") -> list[Impossible]:
    """Return the message of a validator, ours or any other."""
    if isinstance(error, Impossible):
        return [error, *error.others]
    result = str(error.args[0] if error.args else error)
    return [Impossible(field, Phrase(f"不合要求（{result}）", result))]


ENTRIES = ("items", "indicators")


@attrs.frozen
class SpecDraft:
    """What was read of a standard, complete or not: checks report what they can."""

    roots: Roots
    structurer: Structurer
    parts: frozenset[str]
    """The files of the parts, read or not."""
    dropped: Mapping[str, str]
    """The places of overlays that drop something, by its name."""

    def error(self, place: Built | Reference, problem: Impossible) -> SpecError:
        """Return a problem at a place, or at a field of it."""
        path = self.structurer.place(place.root, f"{place.path}.{problem.field}".strip("."))
        return place.node.at(problem.field).error(path, problem.problem, problem.hint)

    def all_of(self, kind: type[Any]) -> list[Built]:
        """Return the objects of a class."""
        return [built for built in self.structurer.built if type(built.value) is kind]

    def entries(self, *groups: str) -> Iterator[Built]:
        """Yield every entry of these lists that has an id, be it right or not."""
        for file, root in self.roots.items():
            for group in groups:
                for n, node in enumerate(root.entries(group)):
                    if has_id(node):
                        yield Built(node.at("id").text, node, f"{group}[{n}]", file)

    def names(self, kind: Hashable, files: Iterable[str], *groups: str) -> frozenset[str] | None:
        """Return the ids of these lists, of which the first must be there; None if not every one could be read."""
        for file in files:
            value = self.roots[file].value if file in self.roots else ()
            if not isinstance(value, Mapping) or groups[0] not in value or not set(value) <= set(fields_of(kind)):
                return None
            lists = [value[group].value for group in groups if group in value]
            if not all(isinstance(entry, tuple) and all(map(has_id, entry)) for entry in lists):
                return None
        return frozenset(identifier.value for identifier in self.entries(*groups))

    @cached_property
    def declared(self) -> Mapping[object, frozenset[str] | None]:
        """The names of each kind; None if it is not known."""
        measures = self.names(MeasuresFile, [MEASURES], "measures")
        types = (measure.node.entries("values") for measure in self.entries("measures") if measure.value == "type")
        return {
            MeasureId: measures,
            TableId: self.names(MeasuresFile, [MEASURES], "tables"),
            SchoolType: measures and frozenset(value.at("id").text for values in types for value in values),
            EntryId: self.names(Part, self.parts, *ENTRIES),
        }

    @cached_property
    def declarations(self) -> Declarations:
        """What single declarations are checked against."""
        head = self.roots.get(HEAD)
        listed = [stage.text for stage in head.entries("stages")] if head else []
        stages: tuple[Stage, ...] = tuple(stage for stage in get_args(Stage) if stage in listed)
        tables = frozenset(table.value for table in self.entries("tables"))
        return Declarations(
            tables,
            self.declared[MeasureId],
            {built.value.id: built.value for built in self.all_of(Measure)},
            stages if set(listed) <= set(stages) else (),
            None if self.declared[EntryId] is None else len(list(self.entries("indicators"))),
        )


def has_id(entry: Node) -> bool:
    """Return whether an entry of a list has an id."""
    return isinstance(entry.value, Mapping) and "id" in entry.value and bool(entry.value["id"].text)


_DECLARE = Phrase(f"请在 {MEASURES} 中写上", f"declare it in {MEASURES}")


def _add(to: str) -> Phrase:
    return Phrase(f"请加上（add），写 `to: {to}`", f"add it, to: {to}")


_CALLED: Mapping[object, tuple[Phrase, Phrase, Phrase]] = {
    MeasureId: (Phrase("填报项", "measure"), _DECLARE, _add("measures")),
    TableId: (Phrase("表", "table"), _DECLARE, _add("tables")),
    SchoolType: (
        Phrase("学校类型", "type of school"),
        Phrase("请写作填报项 type 的一个值", "declare it as a value of the measure 'type'"),
        _add("measures.type.values"),
    ),
    EntryId: (
        Phrase("指标或条目", "indicator or item"),
        Phrase("只能写各部分中已有的", "name only what the parts declare"),
        Phrase("请加到（add）某个部分的 items", "add it, to: the items of a part"),
    ),
}
"""What a name refers to, and the fixes for authors of an edition and of an overlay."""


def problems_of(draft: SpecDraft) -> Iterator[SpecError]:
    """Yield what does not fit together."""
    yield from (draft.error(*problem) for problem in _declared_twice(draft))
    yield from (draft.error(*problem) for problem in _undeclared(draft))
    for built in draft.structurer.built:
        # Rules of other packages are checked against the standard too: every object with the method is checked.
        contradictions = getattr(built.value, "contradictions", None)
        of_class = contradictions(draft.declarations) if contradictions else ()
        of_rule = misplaced_condition(built.value, draft.declarations) if isinstance(built.value, Rule) else ()
        for problem in (*draft.declarations.wrong_stages(built.value), *of_class, *of_rule):
            yield draft.error(built, problem)
    yield from (draft.error(*problem) for problem in (*_named_alike(draft), *_of_the_whole(draft)))


def _declared_twice(draft: SpecDraft) -> Iterator[tuple[Built, Impossible]]:
    for groups in (ENTRIES, ("measures",), ("tables",)):
        seen: dict[str, Node] = {}
        for declared in draft.entries(*groups):
            node = declared.node.at("id")
            first = seen.setdefault(declared.value, node)
            if first is not node:
                words, place = quote(shortened(declared.value)), f"{first.file}:{first.line}"
                problem = Phrase(f"{words.zh}重复，{place} 已有", f"{words.en} is declared twice, first in {place}")
                yield declared, Impossible("id", problem)
    columns: dict[tuple[str, str], str] = {}
    for declared in draft.all_of(Measure):
        table, column = declared.value.table, declared.value.column
        first_id = columns.setdefault((table, column), declared.value.id)
        if first_id != declared.value.id:
            zh, en = f"{first_id} 已是表 {table} 的列 {column}", f"{first_id} is the column {column} of {table} already"
            yield declared, Impossible("id", Phrase(zh, en))


def _undeclared(draft: SpecDraft) -> Iterator[tuple[Reference, Impossible]]:
    """Yield undefined names, and measures of another type or table than a field requires."""
    overlaid = bool(draft.structurer.roots)
    for reference in draft.structurer.references:
        known, measure = draft.declared[reference.kind], draft.declarations.measures.get(reference.name)
        if known is not None and reference.name not in known:
            if reference.root == MEASURES and reference.kind is EntryId and reference.name in draft.dropped:
                # What an overlay drops may still be listed by measures.
                continue
            word, *ways = _CALLED[reference.kind]
            guess = (_titled(draft, reference) or near(reference.name, known)) if reference.written else NO_WORDS
            hint = Phrase("或者", "or ") + ways[1] if overlaid and guess else ways[overlaid]
            if place := draft.dropped.get(reference.name):
                zh, en = f"{place} 取消了它，请把提到它的地方一并取消", f"{place} drops it; drop what names it, too"
                guess, hint = NO_WORDS, Phrase(zh, en)
            words = quote(shortened(reference.name))
            problem = Phrase(f"没有叫{words.zh}的{word.zh}", f"no {word.en} is called {words.en}") + guess
            yield reference, Impossible("", problem, hint)
        asks = reference.asks
        if measure and asks and not (measure.type in asks.types and measure.table in (asks.tables or [measure.table])):
            zh, en = f"{asks.words.zh}的填报项", f"a measure of type {asks.words.en}"
            hint = Phrase(
                f"{measure.id} 在表 {measure.table} 中，类型为 {measure.type}",
                f"{measure.id} is of type {measure.type} of the table {measure.table}",
            )
            yield reference, must_be("", Phrase(zh, en), Phrase.of(measure.id), hint)


def _titled(draft: SpecDraft, reference: Reference) -> Phrase:
    """Return the measure or type of school whose title was written instead of the id."""
    measures = draft.declarations.measures.values()
    known: list[tuple[str, tuple[str, ...]]] = []
    if reference.kind is MeasureId:
        known = [(measure.id, measure.names) for measure in measures]
    elif reference.kind is SchoolType and "type" in draft.declarations.measures:
        known = [(choice.id, choice.writings) for choice in draft.declarations.measures["type"].values]
    words = plain(reference.name)
    return meant(name for name, writings in known if words in map(plain, writings))


def _named_alike(draft: SpecDraft) -> Iterator[tuple[Built, Impossible]]:
    """Yield further headers that mean another measure of the table too; measures of two stages may share them."""
    owners: dict[tuple[str, str], list[Measure]] = {}
    for measure in draft.declarations.measures.values():
        for name in measure.names:
            owners.setdefault((measure.table, plain(name)), []).append(measure)
    for built in draft.all_of(Measure):
        measure = built.value
        for n, name in enumerate(measure.also):
            for other in owners[measure.table, plain(name)]:
                two_stages = other.stage and measure.stage and other.stage != measure.stage
                if other.id != measure.id and not two_stages:
                    problem = Phrase(f"“{name}”已指 {other.id}", f"{name!r} means {other.id} already")
                    yield built, Impossible(f"also[{n}]", problem)


def _of_the_whole(draft: SpecDraft) -> Iterator[tuple[Built, Impossible]]:
    """Yield parts that are not called as their file, a second rule for sections, and what it cannot count."""
    for part in draft.all_of(Part):
        name = part.root.removesuffix(".yaml")
        if part.value.id != name:
            yield part, must_be("id", Phrase(f"文件名“{name}”", f"{name!r}, as the file is called"), part.value.id)
    rules = draft.all_of(SectionsComply)
    for rule in rules[1:]:
        zh = "又一条 sections_comply 规则：一个标准只有一个最低要求"
        yield rule, Impossible("", Phrase(zh, "a second rule sections_comply: a standard has one floor"))
    for indicator in draft.all_of(Indicator) if rules else ():
        if not (indicator.value.at_least or indicator.value.at_most):
            item = draft.roots[rules[0].root].at(f"{rules[0].path.partition('.')[0]}.id").text
            zh = f"{item}要数学校达到了几项指标，这项指标却没有标准，每所学校都会一直待定"
            en = f"has no standard, but {item} counts it: every section would stay unknown"
            yield indicator, Impossible("", Phrase(zh, en), Phrase("请补上 at_least", "give at_least"))
