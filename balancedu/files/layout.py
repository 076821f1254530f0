"""How the workbook that a county fills in is laid out, for its writer and its reader."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, get_args

import attrs

from balancedu.core.fields import Language, Title, described, plain
from balancedu.core.loading import shipped_layout
from balancedu.core.model import Measure
from balancedu.core.standard import Standard

COVER = Title(zh="说明", en="Guide")
"""The first sheet: it explains, and holds no data."""
EDITION = Title(zh="版本", en="Edition")
OVERLAY = Title(zh="叠加文件", en="Overlay")
NAMED = Title(zh="{}（{}，{}）", en="{} ({}, {})")
"""An overlay on the cover: its title, its id and its document."""
DAY = Title(zh="适用日期", en="As of")
LISTS = Title(zh="选项", en="Lists")
"""A hidden sheet: what the drop-downs offer."""
PROBLEMS = Title(zh="问题清单", en="Problems")
"""A sheet of a marked copy: what check complains about."""
NARRATIVE = Title(zh="文字材料", en="Narrative")
"""The sheet of what a county writes in words."""
OWN = frozenset((COVER.zh, COVER.en, LISTS.zh, LISTS.en, PROBLEMS.zh, PROBLEMS.en))
"""The sheets that hold nothing that a county reports."""
FACT_COLUMNS: Mapping[str, Title] = MappingProxyType(
    {
        "county": Title(zh="县", en="county"),
        "item": Title(zh="条目", en="item"),
        "title": Title(zh="事实", en="what is asked"),
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
    """Return the name of each table's sheet: its title, or its id where that is taken already.

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
