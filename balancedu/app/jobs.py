"""Long work in a process of its own, so that it can be cancelled."""

from __future__ import annotations

import multiprocessing
import threading
import time
from collections.abc import Callable
from typing import Any

import attrs

from balancedu.errors import BalanceduError

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
        After so many seconds it ends by itself.
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
