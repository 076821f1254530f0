"""整改台账: one row a problem and school, which officials complete and which a later run carries on."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from os import PathLike
from pathlib import Path

import attrs

from balancedu.errors import MissingExtraError, RequestError
from balancedu.evaluation.evaluation import Evaluation
from balancedu.files.book import Book, new_book
from balancedu.options import options
from balancedu.reporting.pieces import county_name
from balancedu.reporting.problems import Problem, problems
from balancedu.saving import check_target
from balancedu.text import Language, Phrase

COLUMNS: dict[str, Phrase] = {
    "number": Phrase("序号", "no."),
    "name": Phrase("指标", "indicator"),
    "kind": Phrase("存在问题", "problem"),
    "who": Phrase("涉及学校", "school"),
    "now": Phrase("现状", "now"),
    "wanted": Phrase("标准", "standard"),
    "lacking": Phrase("差额", "difference"),
    "measure": Phrase("整改措施", "measure"),
    "cost": Phrase("投入测算（元）", "cost (yuan)"),
    "office": Phrase("责任单位", "office"),
    "person": Phrase("责任人", "person"),
    "deadline": Phrase("完成时限", "deadline"),
    "progress": Phrase("完成情况", "progress"),
    "closed": Phrase("销号日期", "closed on"),
}
KEY = ("name", "kind", "who")
"""What makes a row of one month the row of the next."""
TYPED = ("measure", "office", "person", "deadline", "progress")
_WIDTHS = {"number": 5, "name": 22, "kind": 26, "who": 22, "measure": 30, "progress": 14, "cost": 12}
_SHEET, _TASKS = Phrase("整改台账", "ledger"), Phrase("任务分解表", "tasks")
_DONE, _NEW = Phrase("已达标", "met"), Phrase("新增", "new")
_HEAD = 2
"""The row of the titles, below the heading."""

Row = dict[str, str]


@attrs.frozen
class Progress:
    """How many problems of an earlier ledger were put right, are still open, and are new."""

    closed: int
    open: int
    new: int

    def text(self, lang: Language | None = None) -> str:
        """Return the progress as a sentence.

        Examples
        --------
        >>> Progress(3, 5, 1).text("zh")
        '已销号3项，未完成5项，新增1项'
        """
        if (lang or options.lang) == "zh":
            return f"已销号{self.closed}项，未完成{self.open}项，新增{self.new}项"
        return f"{self.closed} closed, {self.open} open, {self.new} new"


def write_ledger(
    evaluation: Evaluation,
    path: str | PathLike[str],
    *,
    earlier: str | PathLike[str] | None = None,
    day: date | None = None,
    lang: Language | None = None,
    replace: bool = False,
) -> Progress:
    """Write the rectification ledger of one county as a workbook, with the tasks by office on a second sheet.

    Parameters
    ----------
    evaluation : Evaluation
        Of one county.
    path : path
        The .xlsx file to write.
    earlier : path, optional
        The ledger of an earlier run: what was typed in it is kept, what was put right is marked and dated, and what
        is new is marked.
    day : date, optional
        The day on which what was put right is closed; today where it is left out.
    lang : 'zh' or 'en', optional
        `be.options.lang` where it is left out. An earlier ledger is carried on in its own language only.
    replace : bool
        Whether an existing file is replaced.

    Returns
    -------
    Progress
        What changed since the earlier ledger; without one, everything is open.

    Raises
    ------
    MissingExtraError
        If XlsxWriter, or for an earlier ledger openpyxl, is not installed.
    RequestError
        If the file exists already, the earlier ledger is not one, or several counties are given.

    Examples
    --------
    >>> import balancedu as be, tempfile, pathlib
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     be.write_ledger(be.evaluate(be.example("failing")), pathlib.Path(folder, "ledger.xlsx"), lang="zh").open
    13
    """
    lang = lang or options.lang
    if len(evaluation.counties) != 1:
        raise RequestError(Phrase("台账每次只写一个县", "a ledger is about one county"))
    check_target(path, replace=replace)
    rows = [_row(problem, lang) for problem in problems(evaluation)]
    progress = Progress(0, len(rows), 0)
    if earlier is not None:
        rows, progress = _carried_on(rows, read_ledger(earlier, lang), day or date.today(), lang)
    _write(rows, Path(path), county_name(evaluation, lang)[0], lang, replace=replace)
    return progress


def _row(problem: Problem, lang: Language) -> Row:
    row = dict.fromkeys(COLUMNS, "")
    for name in ("name", "kind", "who", "now", "wanted", "lacking", "measure"):
        row[name] = getattr(problem, name).text(lang)
    row["cost"] = "" if math.isnan(problem.cost) else f"{problem.cost:.15g}"
    return row


def _carried_on(rows: list[Row], earlier: list[Row], day: date, lang: Language) -> tuple[list[Row], Progress]:
    """Return the rows with what was typed before, those put right and those that are new marked."""
    before = {tuple(row[name] for name in KEY): row for row in earlier}
    now = {tuple(row[name] for name in KEY) for row in rows}
    done, new = _DONE.text(lang), _NEW.text(lang)
    result, counts = [], Counter[str]()
    for key, row in before.items():
        if key in now:
            continue
        if row["closed"]:
            result.append(row)
        else:
            counts["closed"] += 1
            result.append(row | {"progress": done, "closed": day.isoformat()})
    for row in rows:
        old = before.get(tuple(row[name] for name in KEY))
        if old is None:
            counts["new"] += 1
            result.append(row | {"progress": new})
        else:
            counts["open"] += 1
            typed = {name: old[name] for name in TYPED if old[name]}
            # What was closed, or new, last time is open again.
            if typed.get("progress") in (done, new):
                del typed["progress"]
            result.append(row | typed)
    return result, Progress(counts["closed"], counts["open"], counts["new"])


def read_ledger(path: str | PathLike[str], lang: Language) -> list[Row]:
    """Return the rows of a ledger, every cell as text.

    Raises
    ------
    RequestError
        If the file is no workbook, or a column that names the problems is missing; the place is named.
    """
    try:
        import openpyxl
    except ImportError as error:
        raise MissingExtraError("openpyxl", "excel", Phrase("读取台账", "reading a ledger")) from error
    name = Path(path).name
    try:
        book = openpyxl.load_workbook(path, data_only=True)
    except OSError:
        raise
    except Exception as error:
        problem = Phrase(f"“{name}”不是可以读取的工作簿", f"{name!r} is no workbook that can be read")
        raise RequestError(problem + Phrase(f"（{error}）", f" ({error})")) from None
    sheets = {sheet.title: sheet for sheet in book.worksheets}
    if _SHEET.text(lang) not in sheets:
        wanted, result = _SHEET.text(lang), "、".join(sheets)
        raise RequestError(Phrase(f"“{name}”没有工作表“{wanted}”，只有：{result}", f"{name!r} has no sheet {wanted!r}"))
    lines = [[_text(cell) for cell in line] for line in sheets[_SHEET.text(lang)].iter_rows(values_only=True)]
    titles = {title.text(lang): column for column, title in COLUMNS.items()}
    head = next((n for n, line in enumerate(lines) if COLUMNS["kind"].text(lang) in line), None)
    missing = [COLUMNS[column].text(lang) for column in KEY]
    if head is not None:
        missing = [title for title in missing if title not in lines[head]]
    if head is None or missing:
        zh = f"“{name}”的工作表“{_SHEET.zh}”缺少列：{'、'.join(missing)}；请恢复表头后再运行，原文件没有改动"
        raise RequestError(Phrase(zh, f"{name!r}, sheet {_SHEET.en!r}: columns missing: {', '.join(missing)}"))
    columns = {n: titles[title] for n, title in enumerate(lines[head]) if title in titles}
    rows = []
    for line in lines[head + 1 :]:
        row = dict.fromkeys(COLUMNS, "") | {column: line[n] for n, column in columns.items()}
        if any(row[column] for column in KEY):
            rows.append(row)
    return rows


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value == int(value):
        return str(int(value))
    return value.date().isoformat() if hasattr(value, "date") else str(value).strip()


def _write(rows: list[Row], path: Path, county: str, lang: Language, *, replace: bool) -> None:
    title = {"zh": f"{county}义务教育优质均衡发展", "en": f"{county}: "}[lang]
    purpose = Phrase("生成台账", "a ledger")
    with new_book(path, lang, title=title + _SHEET.text(lang), purpose=purpose, replace=replace) as book:
        titles = [column.text(lang) for column in COLUMNS.values()]
        numbered = [list((row | {"number": str(n)}).values()) for n, row in enumerate(rows, 1)]
        widths = [_WIDTHS.get(column, 12) for column in COLUMNS]
        _sheet(book, _SHEET, title, titles, numbered, widths)
        _sheet(book, _TASKS, title, *_tasks(rows, lang), [18, 16, 34, 30, 22, 14])


def _sheet(
    book: Book, name: Phrase, title: str, head: Sequence[str], rows: Iterable[Sequence[str]], widths: Sequence[int]
) -> None:
    sheet, last = book.sheet(name.text(book.lang)), len(head) - 1
    heading = book.format(bold=True, font_size=16, align="center", font_name="黑体", border=0)
    sheet.merge_range(0, 0, 0, last, title + name.text(book.lang), heading)
    for n, (text, columns) in enumerate(zip(head, widths, strict=True)):
        sheet.set_column(n, n, columns)
        book.text(sheet, _HEAD, n, text, bold=True, align="center", bg_color="#E8EDF2")
    numbers = {COLUMNS[column].text(book.lang) for column in ("cost", "number")}
    for row, line in enumerate(rows, _HEAD + 1):
        for n, text in enumerate(line):
            # Amounts are numbers, so that they can be added up.
            if head[n] in numbers and text:
                book.number(sheet, row, n, float(text))
            else:
                book.text(sheet, row, n, text)
    sheet.freeze_panes(_HEAD + 1, 0)
    book.printed(sheet, landscape=True)
    sheet.repeat_rows(_HEAD)


def _tasks(rows: list[Row], lang: Language) -> tuple[list[str], list[list[str]]]:
    """Return the open tasks by office and deadline."""
    columns = ("office", "deadline", "measure", "who", "lacking", "cost")
    blank = {"zh": "（待定）", "en": "(open)"}[lang]
    lines = [
        [row[name] or (blank if name in ("office", "deadline") else "") for name in columns] for row in _open(rows)
    ]
    return [COLUMNS[name].text(lang) for name in columns], sorted(lines, key=lambda line: (line[0], line[1]))


def _open(rows: list[Row]) -> Iterator[Row]:
    return (row for row in rows if not row["closed"])
