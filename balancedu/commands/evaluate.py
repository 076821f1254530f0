"""`evaluate`: judge what PATH holds; with `--jobs`, every workbook of a folder by itself, in several processes."""

from __future__ import annotations

import argparse
import csv
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from balancedu.commands import BAD_INPUT, FINE, NOT_FINE
from balancedu.commands.common import UsageError, evaluated, with_progress
from balancedu.core.standard import Standard
from balancedu.errors import BalanceduError, MissingExtraError, RequestError
from balancedu.evaluate import evaluate
from balancedu.evaluation.results import Verdict
from balancedu.files.open import WORKBOOKS
from balancedu.files.read import read_submission
from balancedu.options import options as language
from balancedu.reporting.terminal import report
from balancedu.saving import check_target, new_file
from balancedu.text import WIDTH, Phrase, width

MINIMUM_WIDTH = 60
TABLE_ENDINGS = (".csv", ".parquet", ".xlsx")
_EXAMPLE = Phrase(
    "（以下是随软件附带的虚构示例县。评估自己的县，请运行“balancedu evaluate 文件夹”）",
    "(This county is made up and comes with balancedu. To judge your own: balancedu evaluate FOLDER)",
)


class WorkbookVerdicts(NamedTuple):
    """What came of one workbook: a row for each of its counties, or why it cannot be read."""

    file: str
    rows: tuple[dict[str, str], ...]
    problem: str = ""


def run_evaluate(options: argparse.Namespace) -> int:
    """Judge what PATH holds, and print it."""
    if options.jobs is not None:
        return _judge_folder(options)
    if options.output is not None:
        raise RequestError(Phrase("--output 要与 --jobs 合用", "--output goes with --jobs"))
    evaluation = evaluated(options)
    if options.json:
        print(evaluation.to_json(indent=2))
    else:
        columns = max(MINIMUM_WIDTH, min(shutil.get_terminal_size((WIDTH, 24)).columns, 2 * WIDTH))
        text = report(evaluation, options.lang, columns=columns, brief=not options.full)
        print(*([_EXAMPLE.text(options.lang)] if options.path is None else []), text, sep="\n")
    met = all(verdict is Verdict.MET for verdict in evaluation.verdicts.values())
    return NOT_FINE if options.strict and not met else FINE


def _judge_folder(options: argparse.Namespace) -> int:
    """Judge the workbooks of a folder, print a summary, and write the requested table."""
    folder: Path | None = options.path
    if folder is None or not folder.is_dir():
        raise UsageError(Phrase("使用 --jobs 时，路径应为文件夹", "with --jobs, PATH must be a folder"))
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in WORKBOOKS and path.name[:1] not in "~.")
    if not paths:
        raise UsageError(Phrase(f"文件夹 {folder} 中没有工作簿", f"there is no workbook in the folder {folder}"))
    if options.jobs < 1:
        raise UsageError(Phrase("--jobs 至少为1", "--jobs must be at least 1"))
    if options.output is not None:
        if options.output.suffix.lower() not in TABLE_ENDINGS:
            raise UsageError(
                Phrase("--output 应为 ", "--output must end with one of ") + Phrase.of(", ".join(TABLE_ENDINGS))
            )
        check_target(options.output, replace=options.replace)
    done = sorted(with_progress(_judged(paths, options), len(paths)))
    rows, bad = [row for entry in done for row in entry.rows], [entry for entry in done if entry.problem]
    if options.output is None:
        for row in rows:
            print(f"{row['file']}\t{row['county']}\t{row['verdict']}")
    else:
        _write(rows, options.output, replace=options.replace)
    print(_summary(len(paths) - len(bad), len(rows), len(bad)).text(options.lang))
    for entry in bad:
        print(f"{entry.file}: {entry.problem}", file=sys.stderr)
    if bad:
        return BAD_INPUT
    return NOT_FINE if options.strict and any(row["verdict"] != "MET" for row in rows) else FINE


def _judged(paths: Sequence[Path], options: argparse.Namespace) -> Iterator[WorkbookVerdicts]:
    # The only command that needs processes should be the only one that waits for their modules.
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor, as_completed

    # Processes that begin afresh are the same on every system.
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(options.jobs, len(paths)), mp_context=fresh) as pool:
        tasks = [pool.submit(judge_file, path, options.standard, options.mapping, options.lang) for path in paths]
        for task in as_completed(tasks):
            yield task.result()


def judge_file(path: Path, standard: Standard, mapping: Path | None, lang: str) -> WorkbookVerdicts:
    """Return what comes of one workbook; a workbook that cannot be read gives its problem."""
    with language.using("zh" if lang == "zh" else "en"):
        try:
            submission = read_submission(path, standard=standard, mapping=mapping)
            columns = evaluate(submission, standard).verdict_columns()
        except (BalanceduError, OSError) as error:
            return WorkbookVerdicts(path.name, (), str(error))
        except Exception as error:
            # One workbook must not end the run; what is unexpected is reported as such.
            return WorkbookVerdicts(path.name, (), f"{type(error).__name__}: {error}")
    rows = (dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True))
    return WorkbookVerdicts(path.name, tuple({"file": path.name, **row} for row in rows))


def _summary(files: int, counties: int, bad: int) -> Phrase:
    zh = f"评估了{files}个工作簿、{counties}个县" + f"；{bad}个工作簿无法读取：" * bool(bad)
    en = f"judged {files} workbook{'s' * (files != 1)} with {counties} {'county' if counties == 1 else 'counties'}"
    return Phrase(zh, en + f"; {bad} could not be read:" * bool(bad))


def _write(rows: Sequence[dict[str, str]], target: Path, *, replace: bool) -> None:
    names = list(rows[0]) if rows else ["file", "county", "verdict"]
    lines = [names, *(list(row.values()) for row in rows)]
    if target.suffix.lower() == ".xlsx":
        from balancedu.files.book import new_book

        purpose = Phrase("写 .xlsx 文件", "writing .xlsx")
        with new_book(target, language.lang, title=target.stem, purpose=purpose, replace=replace) as book:
            sheet = book.sheet("verdicts")
            widths = [max(width(text) for text in column) + 2 for column in zip(*lines, strict=True)]
            book.table(sheet, 0, list(zip(names, widths, strict=True)), lines[1:])
            sheet.freeze_panes(1, 0)
        return
    with new_file(target, replace=replace) as path:
        if target.suffix.lower() == ".csv":
            with path.open("w", encoding="utf-8-sig", newline="") as file:
                csv.writer(file).writerows(lines)
            return
        try:
            import pyarrow as pa
            from pyarrow import parquet
        except ImportError as error:
            raise MissingExtraError("pyarrow", "arrow", Phrase("写 .parquet 文件", "writing .parquet")) from error
        columns = {name: pa.array([row[name] for row in rows], pa.string()) for name in names}
        parquet.write_table(pa.table(columns), path)
