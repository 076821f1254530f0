"""The files of a submission: which there are, and which table each holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from balancedu.core.loading import Entry
from balancedu.errors import DataError, near
from balancedu.phrase import Phrase, listed
from balancedu.submission.facts import raw_facts
from balancedu.submission.raw import type_table
from balancedu.submission.reading.collecting import Collected
from balancedu.submission.reading.encoding import decoded
from balancedu.submission.reading.facts_file import facts_of
from balancedu.submission.reading.mapping import MAPPING_FILE
from balancedu.submission.reading.opened import Opened
from balancedu.submission.reading.opening import WORKBOOKS, cannot_read, sheets_of
from balancedu.submission.reading.sheet import Sheet
from balancedu.submission.reading.text_file import NOT_TEXT
from balancedu.submission.table import Place

_NO_FILE_OF_TABLES = Phrase("从扩展名看，不是表格文件", "no file of tables, by the ending of its name")
_FACTS_FILE = "facts.yaml"
_TEXTS = (".csv", ".tsv")
_ENDINGS = (*_TEXTS, *WORKBOOKS, ".yaml", ".yml")


def read_file(collected: Collected, file: Entry) -> None:
    """Read a workbook, or a text file of schools."""
    if not file.name.lower().endswith((*_TEXTS, ".txt", *WORKBOOKS)):
        known = listed(WORKBOOKS)
        hint = Phrase(
            f"应为 {known.zh}、.csv 或 .tsv 文件，或存放这些文件的文件夹",
            f"wanted {known.en}, .csv or .tsv, or a folder of them",
        )
        collected.problems.note("schools", file.name, "", _NO_FILE_OF_TABLES, hint)
        return
    _take(collected, _sheets(collected, file), "schools")
    collected.finish()
    _need_schools(collected, file.name)


def read_folder(collected: Collected, folder: Entry) -> None:
    """Read the files of a folder."""
    files = [entry for entry in folder.iterdir() if _is_table(entry.name) and not entry.is_dir()]
    _refuse_second_workbook(collected, files)
    order = ["", *collected.standard.tables]
    for file in sorted(files, key=lambda file: (order.index(_table_of(collected, file.name) or ""), file.name)):
        table = _table_of(collected, file.name)
        known = table or collected.mapped(file.name, file.name.rpartition(".")[0])
        if file.name == _FACTS_FILE and table:
            _take_facts_file(collected, file)
        elif file.name.lower().endswith(WORKBOOKS) or (known and file.name.lower().endswith(_TEXTS)):
            _take(collected, _sheets(collected, file), table)
        else:
            _refuse_name(collected, file.name)
    collected.finish()
    _need_schools(collected, next((file.name for file in files if file.name.lower().endswith(WORKBOOKS)), ""))


def opened_sheets(collected: Collected, source: Entry) -> Iterator[Opened]:
    """Yield every sheet of a workbook, of a text file, or of the files of a folder, in their order."""
    files = [entry for entry in source.iterdir() if _is_table(entry.name)] if source.is_dir() else [source]
    for file in sorted(files, key=lambda file: file.name):
        if not file.name.lower().endswith((".yaml", ".yml")):
            yield from (Opened.of(sheet, collected.problems) for sheet in _sheets(collected, file))


def _is_table(name: str) -> bool:
    return name.lower().endswith(_ENDINGS) and not name.startswith((".", "~$")) and name != MAPPING_FILE


def _table_of(collected: Collected, name: str) -> str | None:
    return collected.named(name.rpartition(".")[0])


def _sheets(collected: Collected, file: Entry) -> tuple[Sheet, ...]:
    try:
        return sheets_of(file)
    except DataError as error:
        collected.problems.found.append(error)
        return ()


def _take(collected: Collected, sheets: Sequence[Sheet], table: str | None) -> None:
    """Read the sheets of a workbook, or a text file that holds the table."""
    texts = [sheet for sheet in sheets if not sheet.name]
    for sheet in texts:
        collected.take(Opened.of(sheet, collected.problems), table)
        collected.tell_decisions(sheet)
    if not texts:
        collected.take_workbook(sheets)


def _take_facts_file(collected: Collected, file: Entry) -> None:
    try:
        text = decoded(file.read_bytes())
    except OSError as error:
        collected.problems.note("facts", file.name, "", *cannot_read(error))
        return
    if text is None:
        hint = Phrase("请把文件另存为 UTF-8 编码", "save the file as UTF-8")
        collected.problems.note("facts", file.name, "", NOT_TEXT, hint)
        return
    if collected.is_taken("facts", Place(file.name)):
        return
    facts, origin, errors = facts_of(text, file.name)
    collected.problems.found.extend(errors)
    known = collected.standard.table_measures("facts")
    raw = raw_facts(facts, known, origin, collected.problems)
    collected.raws["facts"] = type_table("facts", raw.columns, known, raw.origin, collected.problems)
    collected.evidence.update(raw.evidence)


def _refuse_second_workbook(collected: Collected, files: Sequence[Entry]) -> None:
    books = sorted(file.name for file in files if file.name.lower().endswith(WORKBOOKS))
    for name in books[1:]:
        problem = Phrase(
            f"{books[0]} 也是工作簿，两个都会读入", f"{books[0]} is a workbook too, and both would be read"
        )
        hint = Phrase("请在文件夹里只保留一个", "keep one of them in the folder")
        collected.problems.note(name.rpartition(".")[0], name, "", problem, hint)


def _refuse_name(collected: Collected, name: str) -> None:
    tables = collected.standard.tables
    known = [*(f"{table}.csv" for table in tables), *([_FACTS_FILE] if "facts" in tables else [])]
    problem = Phrase("没有叫这个名称的表", "no table is called so") + near(name, known)
    collected.problems.note(name.rpartition(".")[0], name, "", problem, Phrase("可以是：", "known: ") + listed(known))


def _need_schools(collected: Collected, workbook: str) -> None:
    """Note that there are no schools, unless their file could not be read."""
    if "schools" in collected.places or any(error.table == "schools" for error in collected.problems.found):
        return
    if not workbook:
        problem = Phrase("缺少这个文件", "the file is missing")
        hint = Phrase("其他文件可以不报，这个必须有", "every other file may be left out, this one not")
        collected.problems.note("schools", "schools.csv", "", problem, hint)
    elif hidden := next((name for name in collected.hidden if collected.named(name) == "schools"), ""):
        problem = Phrase(f"工作表“{hidden}”是隐藏的，没有读入", f"the sheet {hidden} is hidden, and was not read")
        entry = f"{{sheet: {hidden}, table: schools}}"
        hint = Phrase(
            f"请取消隐藏；要照样读，请在 mapping.yaml 里写 {entry}", f"unhide it, or write {entry} into mapping.yaml"
        )
        collected.problems.note("schools", workbook, "", problem, hint)
    else:
        _no_sheet_of_schools(collected, workbook)


def _no_sheet_of_schools(collected: Collected, workbook: str) -> None:
    title = collected.standard.tables["schools"].title.zh
    sheets = listed(dict.fromkeys(note.sheet for note in collected.notes if note.sheet))
    problem = Phrase("没有找到学校表", "no sheet of schools was found")
    if sheets:
        problem += Phrase(f"，没有读入的工作表：{sheets.zh}", f", and nothing read from {sheets.en}")
    hint = Phrase(
        f"请把工作表命名为“{title}”，或在 mapping.yaml 里说明是哪一张（balancedu map 可起草）",
        f"name it {title}, or say in mapping.yaml which it is (balancedu map drafts one)",
    )
    collected.problems.note("schools", workbook, "", problem, hint)
