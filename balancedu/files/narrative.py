"""The sheet of what a county writes in words: one row an indicator or item, a column for each kind of text.

    key      | title | text | practice | problem | …
    overview |       | 清源区位于…
    G5       | 班额  |      | 新建学校3所… | 大班额1个…

`text` is for keys that are about the whole county; a row may also name a key in full (`G5.office`) and have a `text`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import attrs

from balancedu.core.fields import Language, plain
from balancedu.core.standard import FIELDS, GENERAL, Standard, narrative_entries, narrative_keys
from balancedu.errors import near
from balancedu.files.layout import NARRATIVE
from balancedu.files.sheet import Row, Sheet, text_of
from balancedu.submission.problems import ONLY_COUNTY, Problems, shown
from balancedu.text import NO_WORDS, Phrase

TABLE = "narrative"
"""The name of a file of texts, and the table that problems are about."""
NARRATIVE_COLUMNS: Mapping[str, Phrase] = {
    "county": Phrase("县", "county"),
    "key": Phrase("标识", "id"),
    "title": Phrase("条目", "item"),
    "text": Phrase("内容", "text"),
    **FIELDS,
}
"""The columns of the sheet, by their ids."""
_MOST_ABOVE = 10
_ALL_OF_A_COUNTY = "text"


def is_narrative(name: str) -> bool:
    """Return whether a sheet or file without its ending is called like the sheet of texts.

    Examples
    --------
    >>> is_narrative("文字材料"), is_narrative("narrative"), is_narrative("学校")
    (True, True, False)
    """
    return plain(name) in (plain(NARRATIVE.zh), plain(NARRATIVE.en), TABLE)


def rows_of_narrative(standard: Standard, lang: Language) -> Mapping[str, str]:
    """Return what each row of the sheet is about: its key and its title."""
    entries = {**GENERAL, **narrative_entries(standard)}
    return {key: title.text(lang) for key, title in entries.items()}


@attrs.frozen
class Text:
    """A text in a sheet: its county, empty if no column states it, and its place."""

    county: str
    key: str
    text: str
    place: str


def texts_of(rows: Iterable[Row], sheet: Sheet, problems: Problems) -> list[Text]:
    """Return the texts of a sheet; note what cannot be read."""
    columns: dict[int, str] = {}
    titles = {plain(word): name for name, title in NARRATIVE_COLUMNS.items() for word in (name, title.zh, title.en)}
    known = frozenset(narrative_keys(problems.standard))
    result: list[Text] = []
    above = 0
    for number, cells in rows:
        named = {n: titles[plain(word)] for n, cell in enumerate(cells) if plain(word := text_of(cell)) in titles}
        if "key" in named.values() and len(named) > 1:
            # The row of ids follows that of titles.
            columns = named
        elif columns:
            result.extend(_texts_in(number, cells, columns, sheet, known, problems))
        elif (above := above + 1) > _MOST_ABOVE:
            break
    if not columns:
        problem = Phrase("没有认得的表头", "no header is known")
        hint = Phrase("请照模板写“标识”和“内容”等列名", "write the headers of the template, such as key and text")
        problems.note(TABLE, sheet.place(1), "", problem, hint)
    return result


def _texts_in(
    number: int,
    cells: Sequence[object],
    columns: Mapping[int, str],
    sheet: Sheet,
    known: frozenset[str],
    problems: Problems,
) -> Iterable[Text]:
    held = {name: (n, _typed(cells[n])) for n, name in columns.items() if n < len(cells)}
    key, county = (held.get(name, (0, ""))[1].strip() for name in ("key", "county"))
    for name, (n, text) in held.items():
        if not text.strip() or name in ("key", "county", "title"):
            continue
        full = key if name == _ALL_OF_A_COUNTY else f"{key}.{name}"
        place = sheet.place(number, n)
        if full in known:
            yield Text(county, full, text, place)
            continue
        entry = key.partition(".")[0]
        if any(other.startswith(f"{entry}.") for other in known) or key in known:
            title = NARRATIVE_COLUMNS[name]
            problem = Phrase(f"“{key}”没有“{title.zh}”这一栏", f"{key} has no text {title.en!r}")
            hint = Phrase("请写在同一行的其他栏", "write it into another column of the row")
        else:
            guess = near(key, {other.partition(".")[0] for other in known}) if key else NO_WORDS
            problem = Phrase(f"没有标识为{shown(key).zh}的条目", f"no item {shown(key).en}") + guess
            hint = Phrase("标识照模板填写", "write the ids of the template")
        problems.note(TABLE, place, "", problem, hint, Phrase("文字材料", "narrative"))


def _typed(cell: object) -> str:
    """Return the text of a cell with its paragraphs; a number or day as it is shown."""
    if isinstance(cell, str):
        return cell.replace("\r\n", "\n").rstrip()
    return text_of(cell) if isinstance(cell, float) else "" if cell is None else str(cell)


def by_county(texts: Iterable[Text], counties: Iterable[str], problems: Problems) -> dict[tuple[str, str], str]:
    """Return the texts by county and key; `counties` are those that the other tables name.

    A county without a column of its own is the only one that there is.
    """
    named = list(dict.fromkeys(filter(None, counties)))
    result: dict[tuple[str, str], str] = {}
    for text in texts:
        county = ONLY_COUNTY if not named else text.county or (named[0] if len(named) == 1 else "")
        if named and county not in named:
            problem = Phrase("没有写明是哪个县", "it says no county")
            if county:
                problem = Phrase(f"没有县{shown(county).zh}", f"no county {shown(county).en}") + near(county, named)
            hint = Phrase("请与其他表的“县”写法一致", "write the county as the other tables do")
            problems.note(TABLE, text.place, "", problem, hint, problem)
        elif (county, text.key) in result:
            problem = Phrase(f"“{text.key}”填了两次", f"{text.key} appears twice")
            problems.note(TABLE, text.place, "", problem, Phrase("请只保留一处", "keep one of the two"), problem)
        result.setdefault((county, text.key), text.text)
    return result
