"""The fields of a spec: descriptions, checks, and the values that no spec may have."""

from __future__ import annotations

import functools
import re
import typing
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, ClassVar, Literal, NewType, TypeVar

import attrs

from balancedu import text
from balancedu.core.nodes import either
from balancedu.text import NO_WORDS, Phrase, quote

Stage = Literal["primary", "junior", "senior"]
Language = text.Language
MeasureId = NewType("MeasureId", str)
TableId = NewType("TableId", str)
SchoolType = NewType("SchoolType", str)
EntryId = NewType("EntryId", str)
"""The id of an indicator or item."""
Term = NewType("Term", str)
"""A measure id, with a minus before it where the measure is taken away."""

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*(\.[A-Za-z][A-Za-z0-9_-]*)?")
DATE_PATTERN = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MOST_DECIMALS = 9


class Impossible(ValueError):
    """A value of the right type that no standard can mean.

    Attributes
    ----------
    field : str
        The field; `at_least.primary` and `limits[0].types` are fields too.
    others : tuple of Impossible
        What else is impossible in the same object.
    """

    def __init__(self, field: str, problem: Phrase, hint: Phrase = NO_WORDS) -> None:
        self.field = field
        self.problem = problem
        self.hint = hint
        super().__init__(field, problem.en, hint.en)
        self.others: tuple[Impossible, ...] = ()


def refuse(problems: Iterable[Impossible]) -> None:
    """Raise the first problem, if there is one; it contains the others."""
    result = tuple(problems)
    if result:
        result[0].others = result[1:]
        raise result[0]


def must_be(field: str, wanted: Phrase, value: object, hint: Phrase = NO_WORDS) -> Impossible:
    """Return that a value is not what it must be."""
    shown = quote(value) if isinstance(value, str) else value if isinstance(value, Phrase) else Phrase.of(str(value))
    problem = Phrase(f"填写{shown.zh}，应为{wanted.zh}", f"must be {wanted.en}, found {shown.en}")
    return Impossible(field, problem, hint)


class Consistent:
    """An object that cannot be created with contradictory fields; all contradictions are reported at once."""

    __slots__ = ()

    ONE_OF: ClassVar[tuple[str, ...]] = ()
    """Fields of which exactly one must be given."""

    def __attrs_post_init__(self) -> None:
        refuse(self._impossible())

    def _impossible(self) -> Iterator[Impossible]:
        fields = [name for name in self.ONE_OF if getattr(self, name)]
        if self.ONE_OF and len(fields) != 1:
            names = either(self.ONE_OF)
            problem = Phrase(f"应写 {names.zh} 之一", f"needs exactly one of {names.en}")
            yield Impossible(fields[1] if len(fields) > 1 else self.ONE_OF[0], problem)


@attrs.frozen
class Asked:
    """Which measures a field may name: those of these tables, or of any where none is given, and of these types."""

    tables: tuple[str, ...]
    types: tuple[str, ...]

    @classmethod
    def of(cls, table: str, *types: str) -> Asked:
        """Return the measures of a table, of several (`schools facts`) or of any (an empty text) with these types."""
        return cls(tuple(table.split()), types)

    @property
    def words(self) -> Phrase:
        """The types and the table, to follow a word for measures in English and precede one in Chinese."""
        types = either(self.types)
        tables = either(self.tables) if self.tables else NO_WORDS
        table = Phrase(f"表 {tables.zh} 中", f" of the table {tables.en}") if tables else NO_WORDS
        return Phrase(f"{table.zh}类型为 {types.zh} ", types.en + table.en)


def described(doc: str, *, asks: Asked | None = None, some_stages: bool = False, **options: Any) -> Any:
    """Return an attrs field whose meaning `specs/README.md` prints.

    Parameters
    ----------
    doc : str
        The meaning, in plain words.
    asks : Asked, optional
        For a field that names measures: which ones make sense.
    some_stages : bool
        Whether a mapping of stages may name other stages than exactly those that are judged.
    **options
        As for `attrs.field`.
    """
    return attrs.field(metadata={"doc": doc, "asks": asks, "some_stages": some_stages}, **options)


@functools.cache
def fields_of(wanted: Any) -> dict[str, tuple[Any, Any]]:
    """Return the fields of a class by the key that YAML gives them, each with its type.

    A keyword of Python ends with an underscore in the class, but not in YAML: `from_`.
    """
    hints = typing.get_type_hints(wanted)
    # What every kind of an object may state, such as `when` of rules, comes after its own fields.
    fields = sorted((field for field in attrs.fields(wanted) if field.init), key=lambda field: bool(field.kw_only))
    return {field.name.removesuffix("_"): (field, hints[field.name]) for field in fields}


_Held = TypeVar("_Held")


def held(value: Any, kind: type[_Held]) -> Iterator[_Held]:
    """Yield the objects of a class in a value, over any number of steps, but not those inside one of them."""
    if isinstance(value, kind):
        yield value
    elif isinstance(value, Mapping | tuple):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from held(item, kind)
    elif attrs.has(type(value)):
        for field in attrs.fields(type(value)):
            yield from held(getattr(value, field.name), kind)


def named_measures(value: Any) -> Iterator[str]:
    """Yield the measures that the fields of an object name, over any number of steps."""
    kind: Any = type(value)
    for field, hint in fields_of(kind).values():
        yield from _named_measures(hint, getattr(value, field.name))


def _named_measures(hint: Any, value: Any) -> Iterator[str]:
    if hint in (MeasureId, Term):
        if value is not None:
            yield value.removeprefix("-")
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _named_measures(typing.get_args(hint)[1], item)
    elif isinstance(value, tuple):
        for item in value:
            yield from _named_measures(typing.get_args(hint)[0], item)
    elif attrs.has(type(value)):
        yield from named_measures(value)
    elif value is not None:
        for inner in typing.get_args(hint):
            yield from _named_measures(inner, value) if inner in (MeasureId, Term) else ()


def _each_number(
    field: str,
    value: Any,
    wanted: Phrase,
    fits: Callable[[Any], bool],
    hint: Callable[[Any], Phrase] = lambda _: NO_WORDS,
) -> None:
    """Refuse numbers that do not fit, alone or as the values of a mapping."""
    numbers = value.items() if isinstance(value, Mapping) else [("", value)]
    refuse(
        must_be(f"{field}.{key}".rstrip("."), wanted, number, hint(number))
        for key, number in numbers
        if number is not None and not fits(number)
    )


def positive(_owner: object, field: attrs.Attribute[Any], value: Any) -> None:
    """Refuse numbers that are not positive, alone or as the values of a mapping."""
    _each_number(field.name, value, Phrase("大于0的数", "more than 0"), lambda number: number > 0)


def a_share(_owner: object, field: attrs.Attribute[Any], value: Any) -> None:
    """Refuse shares outside 0 to 1, alone or as the values of a mapping."""

    def hint(number: Any) -> Phrase:
        # A value far above 1 is probably a percentage.
        return (
            Phrase(f"{number}%请写作{number / 100}", f"write {number} % as {number / 100}") if number > 2 else NO_WORDS
        )

    wanted = Phrase("大于0、不大于1的比例", "a share above 0 and up to 1")
    _each_number(field.name, value, wanted, lambda number: 0 < number <= 1, hint)


def decimals(_owner: object, field: attrs.Attribute[Any], value: int) -> None:
    """Refuse numbers of decimals out of range."""
    wanted = Phrase(f"0到{MOST_DECIMALS}位小数", f"from 0 to {MOST_DECIMALS} decimals")
    _each_number(field.name, value, wanted, lambda number: 0 <= number <= MOST_DECIMALS)


def filled(_owner: object, field: attrs.Attribute[Any], value: Any) -> None:
    """Refuse empty lists, mappings and texts."""
    if not value:
        raise Impossible(field.name, Phrase("不能为空", "must not be empty"))


def different(_owner: object, field: attrs.Attribute[Any], value: tuple[object, ...]) -> None:
    """Refuse lists that name something twice."""
    refuse(twice(value, field.name))


def twice(names: Sequence[object], field: str, key: str = "") -> Iterator[Impossible]:
    """Yield every name of a list, or of a key of its entries, that comes before it already."""
    for n, name in enumerate(names):
        if name in names[:n]:
            yield Impossible(f"{field}[{n}]{key}", Phrase(f"“{name}”重复", f"{name!r} appears twice"))


def is_id(text: str) -> bool:
    """Return whether a text may be the id of something."""
    return bool(NAME.fullmatch(text))


def a_name(_owner: object, field: attrs.Attribute[Any], value: str) -> None:
    """Refuse ids that cannot be the name of a column, a file or a fact."""
    if not NAME.fullmatch(value):
        wanted = Phrase(
            "以字母开头、只含英文字母、数字、“_”和“-”的名称",
            "a name of the letters a to z, digits, _ and -, beginning with a letter",
        )
        raise must_be(field.name, wanted, value)


def is_day(text: str) -> bool:
    """Return whether a text is a day of the calendar, written year-month-day."""
    try:
        return bool(DATE_PATTERN.fullmatch(text) and date.fromisoformat(text))
    except ValueError:
        return False


A_DAY = Phrase('日期，如 "2024-05-31"', 'a day such as "2024-05-31"')


def a_day(_owner: object, field: attrs.Attribute[Any], value: str) -> None:
    """Refuse what is not a day of the calendar, written year-month-day."""
    if not is_day(value):
        raise must_be(field.name, A_DAY, value)


@attrs.frozen
class Title(Phrase):
    """A text in Chinese and in English."""

    zh: str = described("the text in Chinese", validator=filled)
    en: str = described("the text in English", validator=filled)


@attrs.frozen
class Source:
    """Where a number or a sentence of the standard comes from, and how sure that is."""

    document: str = described("the document, by its number or title", validator=filled)
    part: str = described("the part of the document", validator=filled)
    confidence: Literal["S", "F", "V", "O"] = described(
        "S printed in a county's report, F the national application form and its notes, "
        "V several independent public sources, O one source only"
    )
    note: str = described("what a reader should know", default="")
    quote: str = described("the text as printed in a county's report, misprints included; for S", default="")
    amended: tuple[Source, ...] = described(
        "what has changed it since; an overlay adds its own source here by itself", default=()
    )

    def __str__(self) -> str:
        return " + ".join((f"{self.document} {self.part}", *map(str, self.amended)))


When = Literal["now", "over", "ahead"]
_DAY = attrs.validators.optional(a_day)


@attrs.frozen
class Period(Consistent):
    """Base of what may have a first and a last day."""

    from_: str | None = described("the first day on which it applies", default=None, kw_only=True, validator=_DAY)
    until: str | None = described("the last day on which it applies", default=None, kw_only=True, validator=_DAY)

    def _impossible(self) -> Iterator[Impossible]:
        if self.from_ and self.until and self.until < self.from_:
            wanted = Phrase(f"{self.from_}（起始日期）或之后的日期", f"the first day, {self.from_}, or a later one")
            yield must_be("until", wanted, self.until)


def when(period: Period, day: str) -> When:
    """Return whether something applies on a date, has ended by then, or has not begun.

    Examples
    --------
    >>> relief = Lapse(by="transition", from_="2020-09-01", until="2023-08-31")
    >>> [when(relief, day) for day in ("2020-08-31", "2020-09-01", "2023-08-31", "2023-09-01")]
    ['ahead', 'now', 'now', 'over']
    """
    if period.until is not None and day > period.until:
        return "over"
    return "ahead" if period.from_ is not None and day < period.from_ else "now"


def turning_days(period: Period) -> Iterator[str]:
    """Yield the first day on which something applies, and the first on which it no longer does."""
    if period.from_ is not None:
        yield period.from_
    if period.until is not None:
        yield moved(period.until, 1)


def moved(day: str, days: int) -> str:
    """Return the date a number of days later; the date itself if the calendar ends before."""
    try:
        return (date.fromisoformat(day) + timedelta(days=days)).isoformat()
    except OverflowError:
        return day


def years_before(day: date, years: int) -> date:
    """Return the same day of an earlier year; of 29 February the 28th where that year has none.

    Examples
    --------
    >>> years_before(date(2024, 2, 29), 3), years_before(date(2024, 3, 1), 3)
    (datetime.date(2021, 2, 28), datetime.date(2021, 3, 1))
    """
    year = max(day.year - years, date.min.year)
    try:
        return day.replace(year=year)
    except ValueError:
        return day.replace(year=year, day=28)


@attrs.frozen(kw_only=True)
class Lapse(Period):
    """Something that does not apply on the date of the standard.

    Attributes
    ----------
    by : str
        The edition or overlay that contains it.
    path : str
        What it would be or change; empty if a whole overlay is meant.
    title : Title, optional
        The title of the overlay.
    from_, until : str, optional
        Its first and its last day.
    over : bool
        It has ended; otherwise it has not begun.
    """

    by: str
    path: str = ""
    title: Title | None = None
    over: bool = True

    def text(self, lang: Language = "zh", *, what: Phrase | None = None) -> str:
        """Return it as a sentence, about `what` if that is given instead of ids."""
        subject = self._what(lang) if what is None else what.text(lang)
        if lang == "zh":
            zh = f"已于{self.until}到期，不适用" if self.over else f"自{self.from_}起施行，尚不适用"
            return subject + zh
        en = f"ended on {self.until}: not applied" if self.over else f"begins on {self.from_}: not applied yet"
        return f"{subject} {en}"

    def ends(self, lang: Language = "zh") -> str:
        """Return what ends, and on which day."""
        return self._what(lang) + (f"：至{self.until}止" if lang == "zh" else f": until {self.until}")

    def _what(self, lang: Language) -> str:
        subject = " ".join(filter(None, (self.by, self.path)))
        if self.title is None:
            return subject
        return subject + (f"（{self.title.zh}）" if lang == "zh" else f" ({self.title.en})")


_NUMBERING = re.compile(r"^((?:指标)?\(?([0-9]{1,2}|[一二三四五六七八九十]{1,3})[).、:]\s*)+")
_OF_THESE = re.compile(r"^(其中|of these)[:,]?")
_SILENT = re.compile(r"[\s、，,。.:;；·•*#\"“”'‘’/\\\-—_()\[\]【】《》<>〈〉?!]+")


@functools.lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """Return a header or sheet name without the characters that do not matter for matching.

    Examples
    --------
    >>> plain("（一） 学校（机构）名称"), plain("其中：ＰＥ  Teachers"), plain("体育、艺术专任教师")
    ('学校机构名称', 'peteachers', '体育艺术专任教师')
    """
    shown = unicodedata.normalize("NFKC", text).strip().casefold()
    shown = _OF_THESE.sub("", _NUMBERING.sub("", shown))
    return _SILENT.sub("", shown)
