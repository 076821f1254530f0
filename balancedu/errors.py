"""Everything balancedu raises on purpose.

One problem is one object that knows its place; the problems of an input come together in one group.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

EXAMPLES = 5
"""How many problems of one kind a group prints; it holds them all."""


class BalanceduError(Exception):
    """Base of everything raised on purpose."""


class SpecError(BalanceduError, ValueError):
    """One problem of a spec file: where it is, what was found, what was wanted, and the way out."""

    def __init__(self, file: str, line: int, path: str, problem: str, hint: str = "") -> None:
        super().__init__(file, line, path, problem, hint)
        self.file, self.line, self.path, self.problem, self.hint = file, line, path, problem, hint

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" + (f" {self.path}" if self.path else "")
        return f"{place}: {self.problem}" + (f"; {self.hint}" if self.hint else "")


class SpecErrors(BalanceduError, ValueError):
    """All problems of all files of a standard."""

    def __init__(self, name: str, errors: Iterable[SpecError]) -> None:
        self.name = name
        self.errors = tuple(sorted(errors, key=lambda error: (error.file, error.line, error.path)))
        super().__init__(name, self.errors)

    def __str__(self) -> str:
        return "\n".join([f"{self.name}: {_problems(len(self.errors))}", *(f"  {e}" for e in self.errors)])


class UnknownStandardError(BalanceduError, LookupError):
    """No standard of this id, and no file or folder of this name."""

    def __init__(self, asked: str, available: Sequence[str]) -> None:
        super().__init__(asked, tuple(available))
        self.asked, self.available = asked, tuple(available)

    def __str__(self) -> str:
        return (
            f"no standard or overlay {self.asked!r}, and no folder or file of that name"
            f"{nearest(self.asked, self.available)}; "
            f"available: {', '.join(self.available)}"
        )


class DataError(BalanceduError, ValueError):
    """One problem of the data a county submitted.

    Attributes
    ----------
    table : str
        The table, as `schools` or `facts`.
    place : str
        Where in it: file and line, or row; with the school's own id where there is one.
    column : str
        The column or fact; empty when the whole row or table is meant.
    problem : str
        What was found and what was wanted.
    hint : str
        The way out.
    kind : str
        The same word for all problems of one kind.
    """

    def __init__(self, table: str, place: str, column: str, problem: str, hint: str = "", kind: str = "") -> None:
        super().__init__(table, place, column, problem, hint, kind)
        self.table, self.place, self.column = table, place, column
        self.problem, self.hint, self.kind = problem, hint, kind or problem

    def __str__(self) -> str:
        where = ", ".join(word for word in (self.table, self.place, self.column) if word)
        return f"{where}: {self.problem}" + (f"; {self.hint}" if self.hint else "")


class DataErrors(BalanceduError, ValueError):
    """All problems of a submission; nothing was computed.

    `errors` holds every one; printing shows at most five of a kind.
    """

    def __init__(self, errors: Iterable[DataError]) -> None:
        self.errors = tuple(errors)
        super().__init__(self.errors)

    def __str__(self) -> str:
        lines = [f"the submission has {_problems(len(self.errors))}"]
        seen: Counter[tuple[str, str, str]] = Counter()
        for error in self.errors:
            kind = (error.table, error.column, error.kind)
            seen[kind] += 1
            if seen[kind] <= EXAMPLES:
                lines.append(f"  {error}")
        lines += [
            f"  {table}{', ' + column if column else ''}: and {count - EXAMPLES} more like it ({kind})"
            for (table, column, kind), count in seen.items()
            if count > EXAMPLES
        ]
        return "\n".join(lines)


class RequestError(BalanceduError, ValueError):
    """An argument asks for what there is not, or makes no sense."""


class ImpossiblePlanError(BalanceduError, ValueError):
    """No plan does what was asked for.

    Attributes
    ----------
    reasons : tuple of (str, str, str)
        The requirement that cannot be met, and why, in Chinese and in English.
    """

    def __init__(self, reasons: Iterable[tuple[str, str, str]]) -> None:
        self.reasons = tuple(reasons)
        super().__init__(self.reasons)

    def said(self, lang: str = "zh") -> str:
        """Return every requirement that cannot be met, and why."""
        head = "没有可行的方案：" if lang == "zh" else "no plan does this:"
        lines = [f"  {item}: {zh if lang == 'zh' else en}" for item, zh, en in self.reasons]
        return "\n".join([head, *lines])

    def __str__(self) -> str:
        return self.said("en")


class UnsoundStandardError(BalanceduError, AssertionError):
    """A standard can be read, and does not do what a standard has to.

    Attributes
    ----------
    name : str
        The standard.
    faults : tuple of str
        What is wrong, in English; `balancedu lint` prints it in Chinese too.
    """

    def __init__(self, name: str, faults: Iterable[str]) -> None:
        self.name, self.faults = name, tuple(faults)
        super().__init__(name, self.faults)

    def __str__(self) -> str:
        return "\n".join([f"{self.name}: {_problems(len(self.faults))}", *(f"  {one}" for one in self.faults)])


class MissingExtraError(BalanceduError, ImportError):
    """A library that only some of balancedu's work needs is not installed."""

    def __init__(self, library: str, extra: str, purpose: str) -> None:
        super().__init__(library, extra, purpose)
        self.library, self.extra, self.purpose = library, extra, purpose

    def __str__(self) -> str:
        return f"{self.purpose} needs {self.library}; install it with: pip install 'balancedu[{self.extra}]'"


def nearest(found: str, known: Iterable[str]) -> str:
    """Say which known name was probably meant, or nothing."""
    from difflib import get_close_matches

    written = {name.casefold(): name for name in known}
    close = get_close_matches(found.casefold(), list(written), n=1, cutoff=0.6)
    return f"; did you mean {written[close[0]]!r}?" if close else ""


def _problems(count: int) -> str:
    return "1 problem" if count == 1 else f"{count} problems"
