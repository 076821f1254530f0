"""What one person works on: uploaded files, what was read of them, the results, and long work; in memory alone."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, Literal

import attrs

import balancedu as be
from balancedu.app.inputs import columns_to_bind, read_files
from balancedu.core.standard import Standard
from balancedu.document import Block
from balancedu.errors import BalanceduError, DataError, DataErrors, RequestError
from balancedu.files.mapping import MAPPING_FILE
from balancedu.files.suggest import OpenColumn
from balancedu.text import Phrase, place_zh

CANCELLED = "已取消"
_ENDED, _LATE = "测算没有完成，请重试", "在时限内没有得出结果，请减少限制条件后重试"


@attrs.define
class Job:
    """A function that runs in another process.

    Attributes
    ----------
    result : object
        What it returned; None until then.
    error : str
        Why there is no result, in Chinese.
    about : str
        What it is about, as the county.
    most : float
        After that many seconds it ends by itself.
    """

    process: Any
    answers: Any
    about: str
    most: float
    started: float = attrs.field(factory=time.monotonic)
    result: Any = None
    error: str = ""

    @classmethod
    def start(cls, about: str, most: float, work: Callable[..., Any], *arguments: Any) -> Job:
        """Start a function in another process."""
        context = multiprocessing.get_context("spawn")
        answers, theirs = context.Pipe(duplex=False)
        process = context.Process(target=_run, args=(theirs, work, arguments), daemon=True)
        process.start()
        theirs.close()
        job = cls(process, answers, about, most)
        threading.Thread(target=job._wait, daemon=True).start()
        return job

    def _wait(self) -> None:
        try:
            result, error = self.answers.recv()
        except EOFError:
            result, error = None, _ENDED
        if self.is_running:
            self.result, self.error = result, error

    @property
    def is_running(self) -> bool:
        """Whether neither a result nor an error is there."""
        return self.result is None and not self.error

    @property
    def seconds(self) -> int:
        """How long it has been running."""
        return int(time.monotonic() - self.started)

    def cancel(self) -> None:
        """End the process, if it is still running."""
        if self.is_running:
            self.error = CANCELLED
            self.process.terminate()


def _run(answers: Any, work: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    try:
        answers.send((work(*arguments), ""))
    except BalanceduError as error:
        answers.send((None, error.text("zh")))
    except TimeoutError:
        answers.send((None, _LATE))


IGNORED = "-"
"""What a person chooses for a column that is not to be read."""


@attrs.frozen
class FileProblem:
    """One problem of the files, as the page shows it.

    Attributes
    ----------
    sheet, cell : str
        Where it is; what has no sheet is of the file itself.
    text, advice : str
        What was found and what was wanted, and how to fix it.
    """

    sheet: str
    cell: str
    text: str
    advice: str = ""

    @classmethod
    def of(cls, error: DataError) -> FileProblem:
        """Return a problem of the data."""
        place = error.place
        sheet, _, cell = place.rpartition("!") if "!" in place else place.rpartition(":")
        return cls(sheet or error.table, place_zh(cell or place), *error.parts())

    @property
    def summary(self) -> str:
        """Where it is, and what was found; without the name of the file, which a corrected copy may change."""
        return f"{self.sheet.rpartition(' ')[2]} {self.cell}：{self.text}"


@attrs.frozen
class Changed:
    """What became of the data when the same files were read again.

    Attributes
    ----------
    solved, new : tuple of str
        Problems that are gone, and those that were not there before.
    verdicts : tuple of Block
        What is judged otherwise, where both could be judged.
    """

    solved: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    verdicts: tuple[Block, ...] = ()


@attrs.define
class Workspace:
    """The state of the page.

    Attributes
    ----------
    standard : Standard
    files : mapping of name to bytes
        What was uploaded last.
    mapping : bytes
        The `mapping.yaml` that goes with these files: uploaded with them, or made of what was bound in the page.
    as_read, submission : Submission, optional
        What the files hold, and the same with what was typed in the page.
    problems : tuple of FileProblem
        Why the files cannot be judged.
    earlier : Evaluation, optional
        Last year's.
    changes : list
        The changes of which the page shows what would follow.
    typed : mapping of (county, key) to two texts
        What was typed for the papers in the page, and what the files held there at that time.
    """

    standard: Standard
    files: Mapping[str, bytes] = attrs.field(factory=dict)
    mapping: bytes = b""
    found_columns: tuple[OpenColumn, ...] | None = None
    as_read: be.Submission | None = None
    submission: be.Submission | None = None
    evaluation: be.Evaluation | None = None
    problems: tuple[FileProblem, ...] = ()
    changed: Changed | None = None
    earlier: be.Evaluation | None = None
    changes: list[dict[str, Any]] = attrs.field(factory=list)
    typed: dict[tuple[str, str], tuple[str, str]] = attrs.field(factory=dict)
    job: Job | None = None
    lock: threading.Lock = attrs.field(factory=threading.Lock, repr=False)

    def open(self, files: Mapping[str, bytes], standard: Standard, *, again: bool = False) -> None:
        """Read and judge files; what is wrong with them is kept for the page.

        Parameters
        ----------
        files : mapping of name to bytes
            A `mapping.yaml` among them states what columns mean.
        standard : Standard
        again : bool
            Whether these are the files before, corrected; files of the same names are so too.
        """
        with self.lock:
            tables = {name: content for name, content in files.items() if name != MAPPING_FILE}
            tables = tables or dict(self.files)  # `mapping.yaml` alone is for the files that are open
            again = bool(self.files) and (again or set(tables) == set(self.files))
            before = (self.problems, self.evaluation) if again else None
            self.mapping = files.get(MAPPING_FILE, self.mapping if again else b"")
            self.files, self.standard = tables or files, standard
            self._read()
            self.changed = self._compared(*before) if before is not None else None

    def open_example(self, name: Literal["passing", "failing"], standard: Standard) -> None:
        """Judge a county that comes with balancedu."""
        with self.lock:
            self.files, self.standard, self.mapping, self.changed = {}, standard, b"", None
            self._judge(be.example(name, standard=standard))

    def bind(self, choices: Mapping[int, str], units: Mapping[int, str]) -> None:
        """Read the same files again with columns bound in the page.

        Parameters
        ----------
        choices : mapping of position in `columns` to measure
            IGNORED for a column that is not to be read; columns that are left out stay open.
        units : mapping of position in `columns` to unit
        """
        with self.lock:
            sheets: dict[tuple[str, str], list[dict[str, Any]]] = {}
            for number, choice in choices.items():
                column = self.columns[number]
                if choice != IGNORED and choice not in [measure.column for measure in column.candidates]:
                    raise RequestError(Phrase("请从列出的指标中选择", "choose one of the measures that are offered"))
                meaning: dict[str, Any] = {"ignore": True} if choice == IGNORED else {"measure": choice}
                meaning |= {"unit": units[number]} if units.get(number) and choice != IGNORED else {}
                sheets.setdefault((column.sheet, column.table), []).append({**column.where, **meaning})
            listed = [
                {"sheet": sheet, "table": table, "columns": columns} for (sheet, table), columns in sheets.items()
            ]
            self.mapping = json.dumps({"format": 1, "sheets": listed}, ensure_ascii=False, indent=1).encode()
            self.mapping = self.mapping if listed else b""
            before = self.problems, self.evaluation
            self._read()
            self.changed = self._compared(*before)

    @property
    def columns(self) -> tuple[OpenColumn, ...]:
        """The columns to bind by hand, bound or not; empty for files that cannot be read."""
        if self.found_columns is None:
            self.found_columns = ()
            # What was read without a mapping and without a note has no column that is not recognised.
            is_whole = self.submission is not None and not self.submission.notes and not self.mapping
            with contextlib.suppress(BalanceduError):
                self.found_columns = () if is_whole or not self.files else columns_to_bind(self.files, self.standard)
        return self.found_columns

    @property
    def chosen(self) -> dict[int, tuple[str, str]] | None:
        """What each column was bound to in the page, and its unit; None if `mapping.yaml` was written by hand."""
        if not self.mapping:
            return {}
        try:
            sheets = json.loads(self.mapping)["sheets"]
            known = {
                (sheet["sheet"], str(column.get("header", column.get("column")))): column
                for sheet in sheets
                for column in sheet["columns"]
            }
        except (ValueError, KeyError, TypeError, AttributeError):
            return None
        result = {}
        for number, column in enumerate(self.columns):
            ((_, where),) = column.where.items()
            entry = known.get((column.sheet, str(where if isinstance(where, str) else list(where))))
            if entry is not None:
                result[number] = (entry.get("measure", IGNORED), entry.get("unit", ""))
        return result

    def open_earlier(self, files: Mapping[str, bytes]) -> None:
        """Read last year's files, to be compared with this year's."""
        mapping = files.get(MAPPING_FILE, self.mapping) or None
        tables = {name: content for name, content in files.items() if name != MAPPING_FILE}
        self.earlier = be.evaluate(read_files(tables, self.standard, mapping), self.standard)

    def _read(self) -> None:
        try:
            self._judge(read_files(self.files, self.standard, self.mapping or None))
        except DataErrors as refused:
            self._keep(None, None, tuple(map(FileProblem.of, refused.errors)))
        except BalanceduError as refused:
            self._keep(None, None, (FileProblem("", "", refused.text("zh")),))

    def type_texts(self, county: str, texts: Mapping[str, str]) -> None:
        """Keep what was typed for the papers of a county, by key of the narrative; nothing in the figures changes.

        Raises
        ------
        RequestError
            If no data are open.
        UnknownNameError
            If there is no such county, or no such key.
        """
        with self.lock:
            if self.as_read is None or self.submission is None:
                raise RequestError(Phrase("请先打开一份工作簿", "open a workbook first"))
            held, now = self.as_read.narrative_of(county), self.submission.narrative_of(county)
            for key, text in texts.items():
                if text != now.get(key, ""):
                    self.typed[county, key] = text, held.get(key, "")
            self.submission = self._with_typed(self.as_read)
            self.evaluation = be.evaluate(self.submission, self.standard)

    def _with_typed(self, submission: be.Submission) -> be.Submission:
        """Return a submission with what was typed in the page, unless its files state something new there."""
        texts = {county: dict(submission.narrative_of(county)) for county in submission.counties}
        for (county, key), (text, base) in self.typed.items():
            if county in texts and texts[county].get(key, "") in ("", base):
                texts[county][key] = text
        kept = {county: {key: text for key, text in some.items() if text} for county, some in texts.items()}
        return submission.with_narrative(kept) if self.typed else submission

    def _judge(self, as_read: be.Submission) -> None:
        submission = self._with_typed(as_read)
        self._keep(submission, be.evaluate(submission, self.standard), ())
        self.as_read = as_read

    def _keep(
        self, submission: be.Submission | None, evaluation: be.Evaluation | None, problems: tuple[FileProblem, ...]
    ) -> None:
        """Keep what was read, and nothing that followed from what was read before."""
        self.submission, self.evaluation, self.problems = submission, evaluation, problems
        self.as_read, self.found_columns, self.changes = None, None, []
        if self.job is not None:
            self.job.cancel()
            self.job = None

    def job_of(self, county: str) -> Job | None:
        """Return the plan that was requested, if it is that of a county."""
        return self.job if self.job is not None and self.job.about == county else None

    def _compared(self, problems: tuple[FileProblem, ...], evaluation: be.Evaluation | None) -> Changed:
        before, now = (Counter(problem.summary for problem in group) for group in (problems, self.problems))
        verdicts: tuple[Block, ...] = ()
        if evaluation is not None and self.evaluation is not None and evaluation.counties == self.evaluation.counties:
            verdicts = tuple(be.compare(evaluation, self.evaluation).blocks("zh"))
        return Changed(tuple((before - now).elements()), tuple((now - before).elements()), verdicts)
