"""Everything balancedu raises on purpose.

One problem is one object that knows its place; the problems of an input come together in one group.
"""

from __future__ import annotations

from abc import abstractmethod
from collections import Counter
from collections.abc import Iterable, Sequence
from os import PathLike, fspath

from balancedu.options import options
from balancedu.text import NO_WORDS, Phrase, is_in_memory, listed, meant, sentence, sentence_zh, where_zh

EXAMPLES = 5
"""How many problems of one kind a group prints; it contains them all."""


class BalanceduError(Exception):
    """Base of everything raised on purpose."""

    @abstractmethod
    def text(self, lang: str = "zh") -> str:
        """Return the message in the given language."""

    def __str__(self) -> str:
        return self.text(options.lang)


class SpecError(BalanceduError, ValueError):
    """One problem of a spec file: its place, what was found, what was wanted, and how to fix it."""

    def __init__(self, file: str, line: int, path: str, problem: Phrase, hint: Phrase = NO_WORDS) -> None:
        super().__init__(file, line, path, problem, hint)
        self.file = file
        self.line = line
        self.path = path
        self.words: tuple[Phrase, Phrase] = problem, hint
        self.problem: str = problem.en
        self.hint: str = hint.en

    def text(self, lang: str = "zh") -> str:
        r"""Return where it is, what was found, what was wanted, and how to fix it.

        Examples
        --------
        >>> missing = SpecError("ours.yaml", 9, "set[0]", Phrase("缺少“source”", "'source' is missing"))
        >>> print(missing.text("zh"), missing.text("en"), sep="\n")
        ours.yaml:9，set[0]：缺少“source”
        ours.yaml:9 set[0]: 'source' is missing
        """
        comma, colon = ("，", "：") if lang == "zh" else (" ", ": ")
        place = comma.join(filter(None, (f"{self.file}:{self.line}", self.path)))
        return f"{place}{colon}{sentence(*self.words).text(lang)}"


class SpecErrors(BalanceduError, ValueError):
    """All problems of all files of a standard."""

    def __init__(self, name: str, errors: Iterable[SpecError]) -> None:
        self.name = name
        self.errors: tuple[SpecError, ...] = tuple(
            sorted(errors, key=lambda error: (error.file, error.line, error.path))
        )
        super().__init__(name, self.errors)

    def text(self, lang: str = "zh") -> str:
        """Return the problems in one text."""
        count = len(self.errors)
        head = f"{self.name}：发现{count}处问题" if lang == "zh" else f"{self.name}: {_problems(count)}"
        return "\n".join([head, *(f"  {error.text(lang)}" for error in self.errors)])


class UnknownStandardError(BalanceduError, LookupError):
    """No standard or overlay has this id, or no file or folder this name."""

    def __init__(self, asked: str | PathLike[str], available: Sequence[str]) -> None:
        super().__init__(asked, tuple(available))
        self.asked = asked
        self.available: tuple[str, ...] = tuple(available)

    def text(self, lang: str = "zh") -> str:
        """Return the unknown name, and those that exist."""
        name = fspath(self.asked)
        problem = Phrase(f"没有叫“{name}”的标准或叠加文件", f"no standard or overlay {name!r}")
        hint = Phrase("现有：", "available: ") + listed(self.available)
        if isinstance(self.asked, str):
            hint += Phrase("；自己的文件请用 Path 给出", "; give a file of your own as a Path")
        else:
            problem += Phrase("，也没有这个文件或文件夹", ", and no folder or file of that name")
        return sentence(problem + near(name, self.available), hint).text(lang)


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
        What was found and what was wanted, in English, as `str()` prints it; `text("zh")` is the Chinese.
    hint : str
        How to fix it.
    kind : str
        The same word for all problems of one kind.
    """

    def __init__(
        self,
        table: str,
        place: str,
        column: str,
        problem: Phrase,
        hint: Phrase = NO_WORDS,
        kind: Phrase = NO_WORDS,
        titles: tuple[str, str] = ("", ""),
    ) -> None:
        super().__init__(table, place, column, problem, hint, kind, titles)
        self.table = table
        self.place = place
        self.column = column
        self._words, self._titles = (problem, hint, kind or problem), titles
        self.problem: str = problem.en
        self.hint: str = hint.en
        self.kind: str = (kind or problem).en

    @classmethod
    def of(cls, error: SpecError, table: str) -> DataError:
        """Return a problem of a file that is read as strictly as a spec."""
        return cls(table, f"{error.file}:{error.line}" if error.line else error.file, error.path, *error.words)

    def text(self, lang: str = "zh") -> str:
        """Return where it is, what was found, what was wanted, and how to fix it.

        Examples
        --------
        >>> import balancedu as be
        >>> try:
        ...     be.Submission({"school": ["001"], "type": ["小学"], "pupils_primary": ["一百"]})
        ... except be.DataErrors as found:
        ...     print(found.errors[0].text())
        学校，第0行 (001)，小学在校生数（pupils_primary）：填报“一百”，应为数字；请只写阿拉伯数字，小数点用“.”
        """
        if lang == "zh":
            return sentence_zh(self._where_zh, self._words[0].zh, self._words[1].zh)
        where = ", ".join(word for word in (self.table, self.place, self.column) if word)
        return f"{where}: {self.problem}" + (f"; {self.hint}" if self.hint else "")

    def parts(self, lang: str = "zh") -> tuple[str, str]:
        """Return what was found in which column, without its place, and how to fix it."""
        problem, hint, _ = self._words
        column = where_zh("", self._titles[1], self.column) if lang == "zh" else self.column
        colon = "：" if lang == "zh" else ": "
        return (column + colon if column else "") + problem.text(lang), hint.text(lang)

    def sort(self, lang: str = "zh") -> str:
        """Return its column and its kind."""
        kind = self._words[2].text(lang)
        return f"{where_zh('', self._titles[1], self.column)}{kind}" if lang == "zh" else f"{self.column} {kind}"

    def like_it(self, count: int, lang: str = "zh") -> str:
        """Return that there are that many more of its kind."""
        if lang == "zh":
            return f"{self._titles[0] or self.table}，{self.sort()}：另有{count}处"
        return f"{self.table}{', ' + self.column if self.column else ''}: and {count} more like it ({self.kind})"

    @property
    def _where_zh(self) -> str:
        where = where_zh(self.place, self._titles[1], self.column)
        # What was not read from a file is found by its table.
        table = self._titles[0] if is_in_memory(self.place) else ""
        return "，".join(word for word in (table, where) if word)


class DataErrors(BalanceduError, ValueError):
    """All problems of a submission; nothing was computed.

    `errors` contains every one; printing shows at most five of a kind.
    """

    def __init__(self, errors: Iterable[DataError]) -> None:
        self.errors: tuple[DataError, ...] = tuple(errors)
        super().__init__(self.errors)

    def text(self, lang: str = "zh") -> str:
        """Return the problems in one text, at most five of a kind."""
        count = len(self.errors)
        lines = [f"填报数据有{count}处问题：" if lang == "zh" else f"the submission has {_problems(count)}"]
        seen: Counter[tuple[str, str, str]] = Counter()
        first: dict[tuple[str, str, str], DataError] = {}
        for error in self.errors:
            kind = (error.table, error.column, error.kind)
            seen[kind] += 1
            first.setdefault(kind, error)
            if seen[kind] <= EXAMPLES:
                lines.append(f"  {error.text(lang)}")
        more = ((first[kind], count - EXAMPLES) for kind, count in seen.items() if count > EXAMPLES)
        return "\n".join([*lines, *(f"  {error.like_it(count, lang)}" for error, count in more)])


class RequestError(BalanceduError, ValueError):
    """An argument names something that does not exist, or is invalid; the message is also in Chinese."""

    def __init__(self, problem: str | Phrase) -> None:
        super().__init__(problem)
        self.words: Phrase = Phrase.of(problem)

    def text(self, lang: str = "zh") -> str:
        """Return what is wrong."""
        return self.words.text(lang)


class ImpossiblePlanError(BalanceduError, ValueError):
    """No plan meets the requirements.

    Attributes
    ----------
    reasons : tuple of (str, str, str)
        The id of the item that cannot be met, and what it is and why, in Chinese and in English.
    """

    def __init__(self, reasons: Iterable[tuple[str, str, str]]) -> None:
        self.reasons: tuple[tuple[str, str, str], ...] = tuple(reasons)
        super().__init__(self.reasons)

    def text(self, lang: str = "zh") -> str:
        """Return every requirement that cannot be met, and why."""
        head = "没有可行的方案：" if lang == "zh" else "no plan does this:"
        lines = [f"  {zh if lang == 'zh' else en}" for _, zh, en in self.reasons]
        return "\n".join([head, *lines])


class UnknownNameError(BalanceduError, KeyError):
    """No school, stage, indicator, item or column of this name."""

    def __init__(self, problem: Phrase) -> None:
        super().__init__(problem)
        self.words = problem

    def text(self, lang: str = "zh") -> str:
        """Return what there is not, and what there is."""
        return self.words.text(lang)


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
        self.name = name
        self.faults: tuple[str, ...] = tuple(faults)
        super().__init__(name, self.faults)

    def text(self, lang: str = "zh") -> str:
        """Return what is wrong, in one text."""
        count = len(self.faults)
        head = f"{self.name}：发现{count}处问题" if lang == "zh" else f"{self.name}: {_problems(count)}"
        return "\n".join([head, *(f"  {fault}" for fault in self.faults)])


class MissingExtraError(BalanceduError, ImportError):
    """A library that only some of balancedu's work needs is not installed."""

    def __init__(self, library: str, extra: str, purpose: Phrase, hint: Phrase = NO_WORDS) -> None:
        super().__init__(library, extra, purpose, hint)
        self.library = library
        self.extra = extra
        self.purpose = purpose
        self.hint = hint

    def text(self, lang: str = "zh") -> str:
        """Return what needs the library, and commands without quotes, so that they work in every shell.

        The second one works also where balancedu was installed from a file.

        Examples
        --------
        >>> print(MissingExtraError("python-docx", "report", Phrase("生成Word文档", "a Word document")).text("en"))
        a Word document needs python-docx; run: pip install balancedu[all] (or this alone: pip install python-docx)
        """
        together, alone = "pip install balancedu[all]", f"pip install {self.library}"
        problem = Phrase(f"{self.purpose.zh}需要 {self.library}", f"{self.purpose.en} needs {self.library}")
        hint = Phrase(f"请运行：{together}（或只装这一个：{alone}）", f"run: {together} (or this alone: {alone})")
        return sentence(problem, self.hint or hint).text(lang)


def nearest(text: str, known: Iterable[str]) -> str:
    """Return in English which known name was probably meant, or an empty text."""
    return near(text, known).en


def near(text: str, known: Iterable[str]) -> Phrase:
    """Return which known name was probably meant, or an empty phrase."""
    from difflib import get_close_matches

    written = {name.casefold(): name for name in known}
    return meant(
        written[get_close_match]
        for get_close_match in get_close_matches(text.casefold(), list(written), n=1, cutoff=0.6)
    )


def _problems(count: int) -> str:
    return "1 problem" if count == 1 else f"{count} problems"
