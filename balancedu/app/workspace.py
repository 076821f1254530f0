"""What one person works on: uploaded files, what was read of them, and the results; in memory alone."""

from __future__ import annotations

import multiprocessing
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import attrs

import balancedu as be
from balancedu.app.api import problems_of, read_files
from balancedu.core.standard import Standard
from balancedu.errors import BalanceduError, DataErrors


@attrs.define
class Workspace:
    """The state of the page.

    Attributes
    ----------
    files : mapping of name to bytes
        What was uploaded last.
    mapping : bytes, optional
        What columns mean that were bound in the page.
    """

    standard: Standard
    files: Mapping[str, bytes] = attrs.field(factory=dict)
    mapping: bytes | None = None
    submission: be.Submission | None = None
    evaluation: be.Evaluation | None = None
    earlier: be.Evaluation | None = None
    """Last year's."""
    problems: list[dict[str, Any]] = attrs.field(factory=list)
    solved: int = 0
    """How many problems of the file before are gone."""
    job: Job | None = None

    def open(self, files: Mapping[str, bytes], standard: Standard) -> None:
        """Read and judge files; what is wrong with them is kept for the page."""
        before = {problem["zh"] for problem in self.problems}
        self.files, self.standard = files, standard
        self._read()
        self.solved = len(before - {problem["zh"] for problem in self.problems})

    def open_example(self, name: Any, standard: Standard) -> None:
        """Judge a county that comes with balancedu."""
        self.files, self.standard, self.problems, self.mapping = {}, standard, [], None
        self._judge(be.example(name, standard=standard))

    def bind(self, mapping: bytes) -> None:
        """Read the same files again with columns bound in the page."""
        self.mapping = mapping
        self._read()

    def open_earlier(self, files: Mapping[str, bytes]) -> None:
        """Read last year's files, to be compared with this year's."""
        self.earlier = be.evaluate(read_files(files, self.standard), self.standard)

    def _read(self) -> None:
        self.submission, self.evaluation, self.problems = None, None, []
        try:
            self._judge(read_files(self.files, self.standard, self.mapping))
        except DataErrors as refused:
            self.problems = problems_of(refused)
        except BalanceduError as refused:
            self.problems = [{"table": "", "place": "", "column": "", **problems_of(refused)[0]}]

    def _judge(self, submission: be.Submission) -> None:
        self.submission = submission
        self.evaluation = be.evaluate(submission, self.standard)


@attrs.define
class Job:
    """Long work in a process of its own, so that it can be cancelled."""

    process: Any
    answers: Any
    started: float = attrs.field(factory=time.monotonic)
    result: Any = None
    error: str = ""

    @classmethod
    def start(cls, work: Callable[..., Any], *arguments: Any) -> Job:
        """Start a function in another process."""
        context = multiprocessing.get_context("spawn")
        answers, theirs = context.Pipe(duplex=False)
        process = context.Process(target=_run, args=(theirs, work, arguments), daemon=True)
        process.start()
        theirs.close()
        job = cls(process, answers)
        threading.Thread(target=job._wait, daemon=True).start()
        return job

    def _wait(self) -> None:
        try:
            self.result, self.error = self.answers.recv()
        except EOFError:
            self.error = self.error or "已取消"

    @property
    def is_running(self) -> bool:
        """Whether neither a result nor an error is there."""
        return self.result is None and not self.error

    @property
    def seconds(self) -> int:
        """How long it has been running."""
        return int(time.monotonic() - self.started)

    def cancel(self) -> None:
        """End the process."""
        self.error = "已取消"
        self.process.terminate()


def _run(answers: Any, work: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    try:
        answers.send((work(*arguments), ""))
    except BalanceduError as error:
        answers.send((None, error.text("zh")))


def written(name: str, write: Callable[[Path], object]) -> bytes:
    """Return the bytes of a file that a function writes; the file itself is removed at once."""
    with tempfile.TemporaryDirectory(prefix="balancedu-") as folder:
        path = Path(folder, name)
        write(path)
        return path.read_bytes()
