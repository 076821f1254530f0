"""The workbook that a county fills in: its sheets and columns, what may be written into them, and how they state it."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, Literal, get_args

import attrs

from balancedu.core.fields import Language, Title, described, plain
from balancedu.core.loading import shipped_layout
from balancedu.core.model import Measure
from balancedu.core.standard import Standard
from balancedu.core.words import COMMA
from balancedu.submission.columns import ends_of
from balancedu.submission.tables import letters

COVER = Title(zh="说明", en="Guide")
"""The first sheet: it explains, and contains no data."""
EDITION = Title(zh="版本", en="Edition")
OVERLAY = Title(zh="叠加文件", en="Overlay")
NAMED = Title(zh="{}（{}，{}）", en="{} ({}, {})")
"""An overlay on the cover: its title, its id and its document."""
AS_OF = Title(zh="适用日期", en="As of")
LISTS = Title(zh="选项", en="Lists")
"""A hidden sheet: what the drop-downs offer."""
PROBLEMS = Title(zh="问题清单", en="Problems")
"""A sheet of a marked copy: what check complains about."""
NARRATIVE = Title(zh="文字材料", en="Narrative")
"""The sheet of what a county writes in words."""
OWN = frozenset((COVER.zh, COVER.en, LISTS.zh, LISTS.en, PROBLEMS.zh, PROBLEMS.en))
"""The sheets that contain nothing that a county reports."""
FACT_COLUMNS: Mapping[str, Title] = MappingProxyType(
    {
        "county": Title(zh="县", en="county"),
        "item": Title(zh="条目", en="item"),
        "title": Title(zh="内容", en="what is asked"),
        "fact": Title(zh="标识", en="id"),
        "value": Title(zh="填报", en="value"),
        "unit": Title(zh="单位", en="unit"),
        "evidence": Title(zh="依据（文件、页码）", en="evidence (document, page)"),
    }
)
"""The columns of the sheet of facts, by their ids."""
SCHOOL_NAME = Title(zh="学校名称（自动显示）", en="school name (automatic)")
CLASS_NAME = Title(zh="班级名称（自动显示）", en="class name (automatic)")
LAST_YEAR = Title(zh="上年数（供参考）", en="last year (for reference)")
OWN_BESIDE = tuple(title.text(lang) for title in (SCHOOL_NAME, CLASS_NAME, LAST_YEAR) for lang in get_args(Language))
"""Columns of our own workbooks that people check by; that they are not read need not be noted."""


@attrs.frozen
class OtherColumns:
    """Columns of workbooks that are not ours."""

    format: Literal[1] = described("the format of the file")
    facts: Mapping[str, tuple[str, ...]] = described("what else the columns of a sheet of facts are called")
    no_school: Mapping[str, tuple[str, ...]] = described("what columns are called that say whether a row is a school")
    people: tuple[str, ...] = described("columns of lists of teachers")
    numbering: tuple[str, ...] = described("columns that only number the rows")
    beside: tuple[str, ...] = described("columns that any sheet has beside, and that hold nothing to read")
    beside_rows_of_schools: tuple[str, ...] = described("those of sheets whose rows belong to schools")
    beside_facts: tuple[str, ...] = described("those of sheets in which each fact has a row")


@functools.cache
def other_columns() -> OtherColumns:
    """Return what columns of other workbooks are called."""
    return shipped_layout(OtherColumns, "columns.yaml")


YES, NO = Title(zh="是", en="yes"), Title(zh="否", en="no")

TITLES, IDS, FIRST = 0, 1, 2
"""The rows of a sheet, counted from 0: titles, ids, and where data begin."""


_FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\", "_"))
_LONGEST_NAME = 31
_BEFORE_NUMBER = 27


def heading(measure: Measure, lang: Language) -> str:
    """Return the title with the unit in brackets, as it is above a column.

    Examples
    --------
    >>> from balancedu.core.loading import load_standard
    >>> heading(load_standard("cn-2017").measures["pupils_primary"], "zh")
    '小学在校生数（人）'
    """
    title = measure.title.text(lang)
    if measure.unit is None:
        return title
    return f"{title}（{measure.unit.zh}）" if lang == "zh" else f"{title} ({measure.unit.en})"


def sheet_name(name: str) -> str:
    """Return a name that Excel allows for a sheet.

    Examples
    --------
    >>> sheet_name("教师/学生"), sheet_name("Rooms for music, art and everything else")
    ('教师_学生', 'Rooms for music, art and everyt')
    """
    return name.translate(_FORBIDDEN).strip("'")[:_LONGEST_NAME].rstrip("' ")


def sheet_titles(standard: Standard, lang: Language) -> Mapping[str, str]:
    """Return the name of each table's sheet: its title, or its id if that is taken already.

    All are allowed by Excel, and no two are the same word to a reader.

    Examples
    --------
    >>> from balancedu.core.loading import load_standard
    >>> dict(sheet_titles(load_standard("cn-2017"), "en"))["facts"]
    'County facts'
    """
    titles: dict[str, str] = {}
    taken = {plain(entry) for entry in (*OWN, NARRATIVE.zh, NARRATIVE.en)}
    for table in standard.tables.values():
        names = map(sheet_name, (table.title.text(lang), table.id))
        numbered = (f"{sheet_name(table.id)[:_BEFORE_NUMBER]} {n}" for n in itertools.count(2))
        titles[table.id] = next(name for name in itertools.chain(names, numbered) if plain(name) not in taken)
        taken.add(plain(titles[table.id]))
    return titles


@attrs.frozen
class WorkbookWords:
    """The words of the workbooks that counties fill in."""

    format: Literal[1] = described("the format of the file")
    words: Mapping[str, Title] = described("titles, notes and messages, by what they are about")
    steps: tuple[Title, ...] = described("how to fill in the workbook")
    lost: Mapping[str, Title] = described("parts that a marked copy may lack, by how their names begin")


@functools.cache
def workbook_words() -> WorkbookWords:
    """Return the words of the workbooks that counties fill in."""
    return shipped_layout(WorkbookWords, "workbook.yaml")


def word(name: str, lang: Language, *values: object) -> str:
    """Return a title, note or message, with what is filled in.

    Examples
    --------
    >>> word("at_least", "zh", 0)
    '不小于0'
    """
    return workbook_words().words[name].text(lang).format(*values)


Lists = Mapping[tuple[str, ...], str]
"""The cells of the choices of each drop-down, as a formula."""
_LONGEST_MESSAGE = 255
_FIRST_DAY = date(1900, 1, 1)
"""The first day that Excel knows."""


def choices(measure: Measure, lang: Language) -> tuple[str, ...]:
    """Return what the drop-down of a measure offers; nothing if it has none."""
    titles: tuple[Title, ...] = (YES, NO) if measure.type == "yes_no" else measure.usual
    if measure.values:
        titles = tuple(choice.title for choice in measure.values)
    return tuple(title.text(lang) for title in titles)


def lists_of(standard: Standard, lang: Language) -> Lists:
    """Return the cells of the choices of every drop-down: one column of the sheet of lists for each."""
    offered = dict.fromkeys(choices(measure, lang) for measure in standard.measures.values())
    filled = [entry for entry in offered if entry]
    return {
        entry: f"='{LISTS.text(lang)}'!${letters(n)}$1:${letters(n)}${len(entry)}" for n, entry in enumerate(filled)
    }


def allowed(measure: Measure, lang: Language) -> str:
    """Return in words what may be written.

    Examples
    --------
    >>> from balancedu.core.loading import load_standard
    >>> allowed(load_standard("cn-2017").measures["pupils_primary"], "zh")
    '整数，不小于0'
    """
    offered = COMMA.text(lang).join(choices(measure, lang))
    if offered:
        return word("usual" if measure.type == "text" else "choice", lang, offered)
    return {"zh": "，", "en": ", "}[lang].join([word(measure.type, lang), *_limits(measure, lang)])


def _limits(measure: Measure, lang: Language) -> Iterator[str]:
    limits = (measure.range.least, measure.range.most) if measure.range else (None, None)
    for name, limit in zip(("at_least", "at_most"), limits, strict=True):
        if limit is not None:
            shown = f"{(limit * 100).normalize():f}%" if measure.type == "share" and limit else f"{limit.normalize():f}"
            yield word(name, lang, shown)


def validation(measure: Measure, lists: Lists, lang: Language) -> dict[str, Any] | None:
    """Return how Excel checks what is typed, as XlsxWriter takes it; None if anything may be."""
    offered = choices(measure, lang)
    if measure.type == "text" and not offered:
        return None
    message = word("must_be", lang, measure.title.text(lang), allowed(measure, lang))
    if offered:
        check: dict[str, Any] = {"validate": "list", "source": lists[offered]}
        message = word("from_the_list", lang)
    elif measure.type == "day":
        check = {"validate": "date", "criteria": ">=", "value": _FIRST_DAY}
    else:
        least, most = ends_of(measure)
        kind = "integer" if measure.type == "count" else "decimal"
        check = {"validate": kind, "criteria": "between", "minimum": least, "maximum": most}
    if measure.type == "text":
        return check | {"show_error": False}
    return check | {"error_title": word("refused", lang), "error_message": message[:_LONGEST_MESSAGE]}


def number_format(measure: Measure) -> str:
    """Return how a cell shows what it holds."""
    return {"count": "0", "number": "General", "share": "0.00%", "day": "yyyy-mm-dd"}.get(measure.type, "@")


def note_of(measure: Measure, standard: Standard, lang: Language) -> str:
    """Return the note on a measure.

    Examples
    --------
    >>> from balancedu.core.loading import load_standard
    >>> std = load_standard("cn-2017")
    >>> print(note_of(std.measures["indoor_sports_area"], std, "zh"))
    室内体育用房面积（平方米）
    包含在教学及辅助用房之内；没有的填0
    填写：数，不小于0。
    确实没有的填0；没有数据的空着，空着的不当作0，相应条目判为待定。
    包含在“教学及辅助用房面积”之内，不能更大。
    出处：申报表及填表说明 表Ⅱ-2
    用于：R4 教学及辅助用房、R5 体育运动场馆
    """
    return "\n".join(_lines(measure, standard, lang))


def _lines(measure: Measure, standard: Standard, lang: Language) -> Iterator[str]:
    yield heading(measure, lang)
    if measure.definition:
        yield measure.definition.text(lang)
    yield word("write", lang, allowed(measure, lang))
    if measure.type in ("count", "number") and measure.needed_by:
        yield word("none_is_zero", lang)
    if measure.part_of:
        yield word("part_of", lang, standard.measures[measure.part_of].title.text(lang))
    if measure.follows_from:
        counts = [f"“{standard.measures[name].title.text(lang)}”" for name in measure.follows_from]
        yield word("from_counts", lang, COMMA.text(lang).join(counts))
    yield word("source", lang, measure.source)
    if measure.source.note:
        yield measure.source.note
    needed = COMMA.text(lang).join(entry_title(entry, standard, lang) for entry in measure.needed_by)
    yield word("needed_by", lang, needed) if needed else word("nothing_needs_it", lang)


def entry_title(entry: str, standard: Standard, lang: Language) -> str:
    """Return an item or indicator as forms name it."""
    name = standard.indicators[entry].name if entry in standard.indicators else standard.items[entry].name
    return f"{entry} {name.text(lang)}"
