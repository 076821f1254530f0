"""Strict YAML: text becomes nodes that know their line; the traps of YAML are errors."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

import attrs
import yaml

from balancedu.errors import SpecError
from balancedu.text import NO_WORDS, Phrase, listed, quote

Scalar = str | int | Decimal | bool

MOST_BYTES = 4_000_000
"""The largest file that is read."""

FORBIDDEN_CHARACTERS = re.compile("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")
"""Characters that are not allowed in YAML, or that some readers take for the end of a line."""
INVISIBLE = re.compile("[\\xad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
"""Characters that a person reviewing a spec cannot see."""

_MOST_DIGITS = 30
_LONGEST = 60
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"[-+]?(0|[1-9][0-9]*)\.[0-9]+")
_FIGURE = re.compile(r"([-+]?[0-9][0-9,]*(?:\.[0-9]+)?) *(%?)[^0-9]*")
"""A number with separators, a percent sign or a unit."""
_MEANT = {"yes": "true", "on": "true", "true": "true", "no": "false", "off": "false", "false": "false"}
_UNCLEAR = re.compile(
    r"(?i:yes|no|on|off|y|n|null|true|false)|~|=|<<"
    r"|[-+]?0[0-9_]+(\.[0-9]*)?|[-+]?0[xXoObB][0-9a-fA-F_]+|[-+]?[0-9]+_[0-9_.]*"
    r"|[-+]?[0-9]+(:[0-9]+)+(\.[0-9]*)?|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt ].*)?"
    r"|[-+]?(\.[0-9]+|[0-9]+\.|[0-9][0-9_.]*[eE][-+]?[0-9]+|\.(?i:inf|nan))"
    rf"|[-+]?[0-9.]{{{_MOST_DIGITS + 1},}}"
)
"""Plain scalars that some YAML readers take for a text and others for a boolean, a time, a date or another number."""
_WIDE_FOR_YAML = re.compile(r"^[ -]*[A-Za-z_]\w*[ ]*：|[:{,\[] *[“‘]", re.ASCII)
"""Wide signs in the place of those that YAML needs, not inside a Chinese text."""
_WIDE = "\uff1a\uff0c\u3001\uff5b\uff5d\uff3b\uff3d\u201c\u201d\u2018\u2019\u3000"
"""The wide forms of the signs that YAML is written with, and the wide space."""


@functools.lru_cache(maxsize=4096)
def is_unclear(text: str) -> bool:
    """Return whether YAML readers understand a plain word in different ways.

    Examples
    --------
    >>> is_unclear("012"), is_unclear("12")
    (True, False)
    """
    return text not in ("true", "false") and bool(_UNCLEAR.fullmatch(text))


@functools.lru_cache(maxsize=4096)
def scalar(text: str) -> Scalar:
    """Return a plain word as the boolean or number that it is, or as the text.

    Examples
    --------
    >>> scalar("0.50"), scalar("true"), scalar("小学")
    (Decimal('0.50'), True, '小学')
    """
    if text in ("true", "false"):
        return text == "true"
    if _INTEGER.fullmatch(text):
        return int(text)
    return Decimal(text) if _DECIMAL.fullmatch(text) else text


def yaml_hint(text: str, line: int) -> tuple[int, Phrase]:
    """Return the place and the hint for a text that is not YAML: full-width punctuation and tabs first.

    A full-width colon or quotation mark is reported a line too late.
    """
    lines = text.split("\n")
    for at in (line, line - 1):
        text_line = lines[at - 1] if 0 < at <= len(lines) else ""
        shown_line = at if _WIDE_FOR_YAML.search(text_line) else line
        if "\t" in text_line:
            return shown_line, Phrase(f"请把第{at}行的制表符改为空格", f"write spaces instead of the tab in line {at}")
        if wide := sorted(set(text_line) & set(_WIDE)):
            signs = " ".join(wide)
            zh = f"YAML 的符号请用半角，第{at}行有全角的 {signs}"
            return shown_line, Phrase(zh, f"write the signs of YAML in half width, not as {signs} in line {at}")
    return line, Phrase("请检查引号、冒号和行首的空格", "check quotes, colons and the spaces that lines begin with")


def advice(text: str, wanted: type) -> Phrase:
    """Return how to write what was probably meant, for a word of the wrong type."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if wanted is str:
        return Phrase(f'请加上引号，写作 `"{text}"`', f'put it in quotes: "{text}"')
    if wanted is dict:
        colon = Phrase("冒号和后面的空格请用半角", "write a colon and a space, both in half width")
        return colon if ":" in plain else NO_WORDS
    figure = _FIGURE.fullmatch(plain)
    if figure:
        value = Decimal(figure[1].replace(",", "")) / (100 if figure[2] else 1)
        en = f"write {value} in half width, without quotes, separators and units"
        return Phrase(f"请写{value}，用半角，不加引号、分隔符和单位", en)
    is_meant = type(scalar(plain)) is wanted
    return Phrase(f"请写{plain}，不加引号", f"write {plain} without quotes") if is_meant else NO_WORDS


def either(words: Iterable[str]) -> Phrase:
    """Return the words as a choice.

    Examples
    --------
    >>> either(["count", "number", "share"])
    Phrase(zh='count、number 或 share', en='count, number or share')
    """
    *others, last = words
    before = listed(others)
    return before + Phrase(" 或 ", " or ") + Phrase.of(last) if others else Phrase.of(last)


def shortened(text: str) -> str:
    """Return a text short enough for a message."""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def clearly(text: str) -> Phrase:
    """Return what to write instead of a word that YAML readers understand in different ways."""
    if len(text) > _MOST_DIGITS:
        return Phrase(f"数字不超过{_MOST_DIGITS}位", f"no number has more than {_MOST_DIGITS} digits")
    meant, hint = _MEANT.get(text.casefold()), NO_WORDS
    if meant:
        hint = Phrase(f"请写作 {meant}；", f"write {meant}, or ")
    elif any(map(str.isdigit, text)):
        hint = Phrase("数字请写全；", "write all digits of a number, or ")
    elif text.casefold() in ("~", "null"):
        hint = Phrase("没有值的项不写；", "leave the key out, or ")
    return hint + Phrase(f'如果是文字，请加上引号，写作 `"{text}"`', f'write "{text}" in quotes if the text is meant')


def cut_off(key: str) -> Phrase:
    """Return the hint for a comma in braces that ended a text, so that the rest is read as a key without a value."""
    name = shortened(key)
    return Phrase(
        f"如果“{name}”和逗号前面是同一段文字，请给整段加上引号",
        f"if {name!r} belongs to the text before the comma, put that text in quotes",
    )


def line_of(event: yaml.Event) -> int:
    """Return the line of an event."""
    return event.start_mark.line + 1 if event.start_mark else 1


def is_nothing(event: yaml.Event) -> bool:
    """Return whether a required value is empty."""
    return isinstance(event, yaml.ScalarEvent) and not event.value and event.implicit[0]


def inside(path: str, key: str) -> str:
    """Return the path of what is under a key."""
    return f"{path}.{shortened(key)}" if path and key else path or shortened(key)


NUMBER = Phrase("数字", "a number")
FORMAT = 1
"""The format of the spec files, as `format:` states it."""
MOST_DEPTH = 20
MOST_PROBLEMS = 1_000

_STEP = re.compile(r"[^.\[\]]+")
_NO_VALUE = Phrase("没有值", "the value is empty")
_WORD_BEFORE = Phrase("请在冒号前写上名称", "write a word before the colon")


@attrs.frozen
class Node:
    """A value of a YAML file and its place; a mapping or sequence contains nodes.

    Attributes
    ----------
    line : int
        Of a scalar, its own line; of a mapping or list, the line of its key.
    text : str
        A scalar as written.
    key_line : int
        The line of its key, or its own.
    broken : bool
        The reader has already reported a problem with it; `value` is meaningless.
    """

    value: Scalar | tuple[Node, ...] | Mapping[str, Node]
    file: str
    line: int
    text: str = ""
    key_line: int = 0
    broken: bool = False

    @property
    def sort(self) -> Phrase:
        """The type of the value, in words."""
        if isinstance(self.value, Mapping):
            return Phrase("“名称: 值”", "a mapping")
        if isinstance(self.value, tuple):
            return Phrase("列表", "a list")
        if isinstance(self.value, bool):
            return Phrase("true 或 false", "true or false")
        return Phrase("文字", "a text") if isinstance(self.value, str) else NUMBER

    @property
    def shown(self) -> Phrase:
        """A scalar as written, or the type of the value."""
        if isinstance(self.value, Mapping | tuple):
            return self.sort
        return quote(shortened(self.text)) if isinstance(self.value, str) else Phrase.of(self.text)

    def error(self, path: str, problem: Phrase, hint: Phrase = NO_WORDS) -> SpecError:
        """Return an error at this node."""
        return SpecError(self.file, self.line, path, problem, hint)

    def at(self, path: str) -> Node:
        """Return the node at a path such as `limits[0].types`, or the last one on the way that exists."""
        node = self
        for step in _STEP.findall(path):
            if isinstance(node.value, Mapping) and step in node.value:
                node = node.value[step]
            elif isinstance(node.value, tuple) and step.isdigit() and int(step) < len(node.value):
                node = node.value[int(step)]
            else:
                break
        return node

    def entries(self, key: str) -> tuple[Node, ...]:
        """Return the entries of the list under a key; none if there is no such list."""
        result = self.value.get(key) if isinstance(self.value, Mapping) else None
        return result.value if result is not None and isinstance(result.value, tuple) else ()


class TooManyError(Exception):
    """There are more problems than a person reads; the rest is not searched for."""


@attrs.frozen
class SpecProblems:
    """Collects problems, and stops the work when there are too many."""

    errors: list[SpecError] = attrs.field(factory=list)

    def add(self, error: SpecError) -> None:
        """Note a problem."""
        self.errors.append(error)
        if len(self.errors) == MOST_PROBLEMS:
            problem = Phrase(
                f"问题超过{MOST_PROBLEMS:,}处，其余没有列出",
                f"more than {MOST_PROBLEMS:,} problems: the rest is not listed",
            )
            self.errors.append(SpecError(error.file, error.line, "", problem))
            raise TooManyError


class _UnreadableError(Exception):
    """Reading cannot go on; the problem is noted."""


def read_yaml(content: bytes, file: str, *, typed: bool = True) -> tuple[Node | None, list[SpecError]]:
    """Return the nodes of a YAML file and every problem found in it.

    Parameters
    ----------
    content : bytes
        UTF-8, with or without a byte order mark.
    file : str
        The name that errors give.
    typed : bool
        Whether plain scalars become numbers and booleans (and YAML's traps are errors). Otherwise every
        scalar stays the text that was written.

    Returns
    -------
    node : Node or None
        None if nothing could be read.
    errors : list of SpecError
    """
    reader = _Reader(file, typed)
    try:
        return reader.read(content), reader.problems.errors
    except (_UnreadableError, TooManyError):
        return None, reader.problems.errors


@functools.lru_cache(maxsize=64)
def nodes_of(content: bytes, file: str) -> tuple[Node | None, tuple[SpecError, ...]]:
    """Return what `read` returns; a file is read only once."""
    node, errors = read_yaml(content, file)
    return node, tuple(errors)


class _Reader:
    def __init__(self, file: str, typed: bool) -> None:
        self.file, self.typed = file, typed
        self.problems = SpecProblems()

    def read(self, content: bytes) -> Node:
        text = self._text(content)
        # libyaml is fast; PyYAML's own parser gives the same errors in other words.
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        try:
            return self._document(iter(loader(text).get_event, None))
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            problem = Phrase(f"不是 YAML（{error.problem}）", f"not YAML: {error.problem}")
            line, hint = yaml_hint(text, line)
            self._note(line, "", problem, hint)
            raise _UnreadableError from error

    def _text(self, content: bytes) -> str:
        if len(content) > MOST_BYTES:
            problem = Phrase(f"文件超过{MOST_BYTES:,}字节", f"the file is larger than {MOST_BYTES:,} bytes")
            self._note(1, "", problem)
            raise _UnreadableError
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            hint = Phrase("请另存为 UTF-8 编码，不要用 GBK", "save it as UTF-8, not as GBK")
            self._note(line, "", Phrase("文件不是 UTF-8 编码", "the file is not UTF-8"), hint)
            raise _UnreadableError from error
        unreadable = bool(FORBIDDEN_CHARACTERS.search(text))
        unwanted = FORBIDDEN_CHARACTERS if unreadable else INVISIBLE
        for line, entry in enumerate(text.split("\n"), 1) if unreadable or self.typed else ():
            if result := unwanted.search(entry):
                sign = f"U+{ord(result[0]):04X}"
                problem = Phrase(f"这一行有看不见的字符“{sign}”", f"the line contains an invisible character, {sign}")
                hint = Phrase("请删去，多半是复制文字时带来的", "delete it; it often comes with copied text")
                self._note(line, "", problem, hint)
        if unreadable:
            raise _UnreadableError
        return text

    def _document(self, events: Iterator[yaml.Event]) -> Node:
        root = None
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                if root is not None:
                    problem = Phrase("这里又开始了一份文档", "a second document begins")
                    self._note(line_of(event), "", problem, Phrase("请分成两个文件", "use one file for each"))
                    break
                root = self._node(next(events), events, "", 0)
        if root is None:
            self._note(1, "", Phrase("文件是空的", "the file is empty"))
            raise _UnreadableError
        return root

    def _node(self, event: yaml.Event, events: Iterator[yaml.Event], path: str, depth: int, key_line: int = 0) -> Node:
        line = line_of(event)
        broken = self._refuse_references(event, path)
        if depth > MOST_DEPTH:
            self._note(line, path, Phrase(f"嵌套超过{MOST_DEPTH}层", f"nested deeper than {MOST_DEPTH} levels"))
            raise _UnreadableError
        if isinstance(event, yaml.ScalarEvent):
            value, clear = self._scalar(event, path)
            return Node(value, self.file, line, event.value, key_line or line, broken or not clear)
        inner: tuple[Node, ...] | Mapping[str, Node] | str = ""
        if isinstance(event, yaml.MappingStartEvent):
            inner, line = self._mapping(events, path, depth, flow=bool(event.flow_style)), key_line or line
        elif isinstance(event, yaml.SequenceStartEvent):
            inner, line = self._sequence(events, path, depth), key_line or line
        return Node(inner, self.file, line, "", key_line or line, broken)

    def _refuse_references(self, event: yaml.Event, path: str) -> bool:
        """Note an alias, an anchor or a tag, and return whether the value is of no use because of it."""
        tag, anchor = getattr(event, "tag", None), getattr(event, "anchor", None)
        if not (tag or anchor):
            return tag is not None
        is_alias = isinstance(event, yaml.AliasEvent)
        sign = f"*{anchor}" if is_alias else f"&{anchor}" if anchor else str(tag).replace("tag:yaml.org,2002:", "!!")
        problem = Phrase(f"不接受“{sign}”（别名、锚点、标签）", f"{sign}: aliases, anchors and tags are not read")
        self._note(line_of(event), path, problem, Phrase("请直接写出值", "write the value out"))
        return is_alias or tag is not None

    def _mapping(self, events: Iterator[yaml.Event], path: str, depth: int, *, flow: bool) -> dict[str, Node]:
        result: dict[str, Node] = {}
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            line = line_of(event)
            inner = inside(path, event.value) if isinstance(event, yaml.ScalarEvent) else path
            key = self._key(event, events, path, inner, depth)
            event = next(events)
            if self.typed and flow and result and is_nothing(event):
                # In braces a comma ends a value, and what follows it is taken for the next key.
                self._note(line_of(event), inner, _NO_VALUE, cut_off(key))
                value = Node("", self.file, line, key_line=line, broken=True)
            else:
                value = self._node(event, events, inner, depth + 1, line)
            if key in result:
                name, first = shortened(key), result[key].key_line
                problem = Phrase(f"“{name}”重复，第{first}行已有", f"{name!r} appears twice, first in line {first}")
                self._note(line, inner, problem)
            elif key:
                result[key] = value
        return result

    def _key(self, event: yaml.Event, events: Iterator[yaml.Event], path: str, inner: str, depth: int) -> str:
        """Return the key, or nothing where it cannot be one."""
        if not isinstance(event, yaml.ScalarEvent):
            self._note(line_of(event), path, Phrase("冒号前应是一个词", "a key must be a word"), _WORD_BEFORE)
            self._node(event, events, path, depth + 1)
            return ""
        key = event.value
        self._refuse_references(event, inner)
        if not key:
            self._note(line_of(event), path, Phrase("冒号前没有名称", "a key is empty"), _WORD_BEFORE)
        elif self.typed and event.implicit[0] and is_unclear(key):
            self._refuse_unclear(event, inner)
            return ""
        return key

    def _refuse_unclear(self, event: yaml.ScalarEvent, path: str) -> None:
        word = shortened(event.value)
        problem = Phrase(
            f"“{word}”含义不明，YAML 读取程序理解不一", f"{word} is not clear: YAML readers disagree on it"
        )
        self._note(line_of(event), path, problem, clearly(event.value))

    def _sequence(self, events: Iterator[yaml.Event], path: str, depth: int) -> tuple[Node, ...]:
        result: list[Node] = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            result.append(self._node(event, events, f"{path}[{len(result)}]", depth + 1))
        return tuple(result)

    def _scalar(self, event: yaml.ScalarEvent, path: str) -> tuple[Scalar, bool]:
        """Return the value, and whether it is clear."""
        text = event.value
        if not self.typed or not event.implicit[0]:
            return text, True
        if not text:
            hint = Phrase("请写上值，或删去这一项", "give a value, or leave the key out")
            self._note(line_of(event), path, _NO_VALUE, hint)
            return text, False
        if is_unclear(text):
            self._refuse_unclear(event, path)
            return text, False
        return scalar(text), True

    def _note(self, line: int, path: str, problem: Phrase, hint: Phrase = NO_WORDS) -> None:
        self.problems.add(SpecError(self.file, line, path, problem, hint))
