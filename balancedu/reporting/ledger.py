"""整改台账: one row a problem and school, which officials complete and which a later run carries on."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from datetime import date
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from balancedu.core.words import COLON, SEMICOLON, joined
from balancedu.errors import RequestError
from balancedu.evaluation.evaluation import Evaluation
from balancedu.files.book import LINE, Book, lines_of, new_book
from balancedu.files.open import sheets_of
from balancedu.options import options
from balancedu.planning.plan.result import Plan
from balancedu.reporting.pieces import Paper
from balancedu.reporting.problems import Problem, Task
from balancedu.saving import check_target
from balancedu.text import NO_WORDS, Language, Phrase

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

LEDGER_COLUMNS: dict[str, Phrase] = {
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
    "proposed": Phrase("（系统用，请勿修改）", "(used by balancedu)"),
}
KEY = ("name", "kind", "who")
"""What makes a row of one month the row of the next."""
TYPED = ("measure", "office", "person", "deadline", "progress")
PROPOSED = ("measure", "office", "person", "deadline")
"""What a ledger proposes. A hidden last column keeps it, so that typed cells are distinguished from proposals."""
_WIDTHS = {"number": 5, "name": 18, "kind": 22, "who": 18, "lacking": 15, "measure": 40, "cost": 11}
_SHEET, _TASKS = Phrase("整改台账", "ledger"), Phrase("任务分解表", "tasks")
_DONE, _NEW = Phrase("已达标", "met"), Phrase("新增", "new")
_A3 = 8
_HEAD = 2
"""The row of the titles, below the heading."""

LedgerRow = dict[str, str]


@attrs.frozen
class Progress:
    """How many problems of an earlier ledger are solved, still open, and new."""

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
    plan: Plan | None = None,
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
    plan : Plan, optional
        As of `be.plan`: its tasks, costs and years are proposed, and the second sheet lists them by office and year.
    earlier : path, optional
        An earlier ledger: typed text is kept, solved problems are marked and dated, and what
        is new is marked.
    day : date, optional
        The date on which solved problems are closed; default: today.
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
    DataError
        If the earlier ledger cannot be read.
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
    paper = Paper(evaluation, lang, plan)
    rows = [_row(paper, problem) for problem in paper.problems]
    tasks = {_key(row): paper.tasks[0].get(problem, []) for row, problem in zip(rows, paper.problems, strict=True)}
    progress = Progress(0, len(rows), 0)
    if earlier is not None:
        rows, progress = _carried_on(rows, read_ledger(earlier, lang), day or date.today(), lang)
    title = paper.county + paper.words("义务教育优质均衡发展", ": ")
    purpose = Phrase("生成台账", "a ledger")
    with new_book(path, lang, title=title + _SHEET.text(lang), purpose=purpose, replace=replace) as book:
        numbered = [list((row | {"number": str(n)}).values()) for n, row in enumerate(rows, 1)]
        columns = [(column, _WIDTHS.get(name, 10)) for name, column in LEDGER_COLUMNS.items()]
        sheet = _sheet(book, _SHEET, title, columns, numbered, last=len(columns) - 2)
        sheet.set_column(len(columns) - 1, len(columns) - 1, None, None, {"hidden": True})
        _sheet(book, _TASKS, title, _TASK_COLUMNS, _tasks(paper, rows, tasks), last=len(_TASK_COLUMNS) - 1)
    return progress


def _row(paper: Paper, problem: Problem) -> LedgerRow:
    row, tasks, cost = dict.fromkeys(LEDGER_COLUMNS, ""), paper.tasks[0].get(problem, []), problem.cost
    for name in ("name", "kind", "who", "now", "wanted", "lacking", "measure"):
        row[name] = getattr(problem, name).text(paper.lang)
    for name in ("office", "person", "deadline"):
        row[name] = paper.written(f"{problem.entry}.{name}")
    if tasks:
        row["measure"] += (COLON + joined(SEMICOLON, (task.words for task in tasks))).text(paper.lang)
        row["deadline"] = row["deadline"] or tasks[-1].when.text(paper.lang)
        cost = sum(task.cost for task in tasks) or math.nan
    row["measure"] = paper.written(f"{problem.entry}.measure") or row["measure"]
    row["cost"] = "" if math.isnan(cost) else f"{cost:.15g}"
    row["proposed"] = json.dumps([row[name] for name in PROPOSED], ensure_ascii=False)
    return row


def _key(row: LedgerRow) -> tuple[str, ...]:
    return tuple(row[name] for name in KEY)


def _carried_on(
    rows: list[LedgerRow], earlier: list[LedgerRow], day: date, lang: Language
) -> tuple[list[LedgerRow], Progress]:
    """Return the rows with the text typed before, solved and new problems marked."""
    before, now = {_key(row): row for row in earlier}, {_key(row) for row in rows}
    done, new = _DONE.text(lang), _NEW.text(lang)
    gone = [row for key, row in before.items() if key not in now]
    result = [row if row["closed"] else row | {"progress": done, "closed": day.isoformat()} for row in gone]
    closed = sum(not row["closed"] for row in gone)
    for row in rows:
        if _key(row) in before:
            typed = _typed(before[_key(row)])
            # What was closed, or new, last time is open again.
            progress = "" if typed.get("progress") in (done, new) else typed.get("progress", "")
            result.append(row | typed | {"progress": progress})
        else:
            result.append(row | {"progress": new})
    still = sum(_key(row) in before for row in rows)
    return result, Progress(closed, still, len(rows) - still)


def _typed(old: LedgerRow) -> LedgerRow:
    """Return the cells of a row that are not as they were proposed."""
    try:
        proposed = dict(zip(PROPOSED, json.loads(old["proposed"]), strict=True))
    except (ValueError, TypeError):
        # The column was removed: its content counts as typed.
        proposed = {}
    return {name: old[name] for name in TYPED if old[name] and old[name] != proposed.get(name)}


def read_ledger(path: str | PathLike[str], lang: Language) -> list[LedgerRow]:
    """Return the rows of a ledger, every cell as text.

    Raises
    ------
    DataError
        If the file is no workbook.
    RequestError
        If a column that names the problems is missing; the place is named.
    """
    name = Path(path).name
    sheets = {sheet.name: sheet for sheet in sheets_of(Path(path))}
    if _SHEET.text(lang) not in sheets:
        wanted, others = _SHEET.text(lang), "、".join(filter(None, sheets))
        zh = f"“{name}”没有工作表“{wanted}”" + f"，只有：{others}" * bool(others)
        raise RequestError(Phrase(zh, f"{name!r} has no sheet {wanted!r}"))
    lines = [[_text(cell) for cell in cells] for _, cells in sheets[_SHEET.text(lang)].rows()]
    titles = {title.text(lang): column for column, title in LEDGER_COLUMNS.items()}
    known = [sum(title in titles for title in line) for line in lines]
    head = known.index(max(known)) if known else 0
    found = {titles[title]: n for n, title in enumerate(lines[head]) if title in titles} if lines else {}
    if missing := [LEDGER_COLUMNS[column].text(lang) for column in KEY if column not in found]:
        zh = f"“{name}”的工作表“{_SHEET.zh}”缺少列：{'、'.join(missing)}；请恢复表头后再运行，原文件没有改动"
        raise RequestError(Phrase(zh, f"{name!r}, sheet {_SHEET.en!r}: columns missing: {', '.join(missing)}"))
    empty = dict.fromkeys(LEDGER_COLUMNS, "")
    rows = (empty | {column: line[n] for column, n in found.items() if n < len(line)} for line in lines[head + 1 :])
    return [row for row in rows if any(row[column] for column in KEY)]


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value == int(value):
        return str(int(value))
    return value.date().isoformat() if hasattr(value, "date") else str(value).strip()


def _tasks(paper: Paper, rows: list[LedgerRow], tasks: Mapping[tuple[str, ...], Sequence[Task]]) -> list[list[str]]:
    """Return the open tasks by office and year: those of the plan, and of problems that it does not answer."""
    lang, lines = paper.lang, [_line("", task, paper.lang) for task in paper.tasks[1]]
    for row in rows:
        planned = [] if row["closed"] else tasks.get(_key(row), [])
        lines += [_line(row["office"], task, lang) for task in planned]
        if not row["closed"] and not planned:
            lines.append([row["office"], row["deadline"], row["measure"], row["who"], row["lacking"], row["cost"], ""])
    lines.sort(key=lambda line: (not line[0], line[0], not line[1], line[1]))
    blank = paper.words("（待定）", "(open)")
    return [[line[0] or blank, line[1] or blank, *line[2:]] for line in lines]


def _line(office: str, task: Task, lang: Language) -> list[str]:
    payers = {"county": Phrase("县级", "county"), "school": Phrase("学校自筹", "school")}
    cost, payer = (f"{task.cost:.15g}", payers[task.payer]) if task.cost else ("", NO_WORDS)
    words = (task.when, task.text, task.who, task.amount)
    return [office, *(word.text(lang) for word in words), cost, payer.text(lang)]


_TASK_COLUMNS: tuple[tuple[Phrase, int], ...] = (
    (LEDGER_COLUMNS["office"], 18),
    (Phrase("年度（完成时限）", "year (deadline)"), 14),
    (Phrase("工作任务", "task"), 40),
    (LEDGER_COLUMNS["who"], 30),
    (Phrase("数量（差额）", "amount"), 18),
    (LEDGER_COLUMNS["cost"], 14),
    (Phrase("资金来源", "paid by"), 12),
)


def _sheet(
    book: Book,
    name: Phrase,
    title: str,
    columns: Sequence[tuple[Phrase, int]],
    rows: Sequence[Sequence[str]],
    *,
    last: int,
) -> Worksheet:
    """Write a sheet of a title, headings and rows; its columns up to the last are printed."""
    sheet = book.sheet(name.text(book.lang))
    heading = book.format(bold=True, font_size=16, align="center", font_name="黑体", border=0)
    sheet.merge_range(0, 0, 0, last, title + name.text(book.lang), heading)
    for n, (column, wide) in enumerate(columns):
        sheet.set_column(n, n, wide)
        book.heading(sheet, _HEAD, n, column.text(book.lang))
        for row, line in enumerate(rows, _HEAD + 1):
            # Amounts are numbers, so that they can be added up.
            if line[n] and column in (LEDGER_COLUMNS["cost"], LEDGER_COLUMNS["number"]):
                book.write(
                    sheet, row, n, float(line[n]), align="center" if column is LEDGER_COLUMNS["number"] else "right"
                )
            else:
                book.write(sheet, row, n, line[n])
    for row, line in enumerate(rows, _HEAD + 1):
        lines = max(lines_of(text, wide) for text, (_, wide) in zip(line[: last + 1], columns, strict=False))
        sheet.set_row(row, LINE * lines + 4)
    sheet.freeze_panes(_HEAD + 1, 0)
    sheet.autofilter(_HEAD, 0, _HEAD + len(rows), last)
    book.printed(sheet, landscape=True)
    sheet.set_paper(_A3)
    sheet.print_area(0, 0, _HEAD + len(rows), last)
    sheet.repeat_rows(_HEAD)
    return sheet
