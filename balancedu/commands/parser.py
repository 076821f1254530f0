"""The parser of the command line: help and errors in both languages."""

from __future__ import annotations

import argparse
import itertools
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NoReturn, TypeVar

from balancedu.errors import BalanceduError
from balancedu.options import default_language, options
from balancedu.text import Language, wrap

_TITLES = {"positional arguments": "参数", "options": "选项"}
# What argparse says, and the same in Chinese.
_MESSAGES: tuple[tuple[str, str], ...] = (
    (r"the following arguments are required: (.*)", r"缺少参数：\1"),
    (r"unrecognized arguments: (.*)", r"不认识的参数：\1"),
    (r"argument (.*?): expected one argument", r"参数 \1 后面要写一个值"),
    (r"argument (.*?): expected at least one argument", r"参数 \1 后面至少要写一个值"),
    (r"argument (.*?): invalid choice: '?(.*?)'? \(choose from (.*)\)", r"参数 \1：没有“\2”，可选：\3"),
    (r"argument (.*?): invalid \w+ value: '(.*)'", r"参数 \1：“\2”不是数字"),
    (r"argument (.*?): not allowed with argument (.*)", r"参数 \1 不能与 \2 同时使用"),
    (r"argument (.*?): ignored explicit argument '(.*)'", r"参数 \1 后面不能写值“\2”"),
    (r"ambiguous option: (.*?) could match (.*)", r"参数 \1 有多种可能：\2"),
    (r"argument (.*?): (.*)", r"参数 \1：\2"),
)


def words(zh: str, en: str) -> str:
    """Return a text of the parser in the language that is set."""
    return zh if options.lang == "zh" else en


def asked_language(arguments: Sequence[str]) -> Language:
    """Return the language that the arguments or the environment ask for, before anything is parsed."""
    following = dict(itertools.pairwise(arguments))
    values = [argument.partition("=")[2] for argument in arguments if argument.startswith("--lang=")]
    asked = values[-1] if values else following.get("--lang")
    return "en" if asked == "en" else "zh" if asked == "zh" else default_language()


class _Formatter(argparse.HelpFormatter):
    def add_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[Any],
        prefix: str | None = None,
    ) -> None:
        super().add_usage(usage, actions, groups, words("用法：", "usage: ") if prefix is None else prefix)

    def _split_lines(self, text: str, width: int) -> list[str]:
        return wrap(text, width)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return "\n".join(wrap(text, width, first=indent, rest=indent))


class Parser(argparse.ArgumentParser):
    """A parser that speaks the language that is set."""

    def __init__(self, *arguments: Any, add_help: bool = True, **named: Any) -> None:
        super().__init__(*arguments, **named, add_help=False, formatter_class=_Formatter)  # type: ignore[misc]
        if add_help:
            about = words("显示本帮助", "show this help")
            self.add_argument("-h", "--help", action="help", default=argparse.SUPPRESS, help=about)

    def option(self, name: str, zh: str, en: str, **settings: Any) -> None:
        """Add an argument with its help in both languages."""
        self.add_argument(name, help=words(zh, en), **settings)

    def add_argument_group(self, title: str | None = None, *arguments: Any, **named: Any) -> Any:
        """Add a group of arguments; the usual groups have a title in the language that is set."""
        zh = _TITLES.get(title or "", title)
        return super().add_argument_group(zh if options.lang == "zh" else title, *arguments, **named)

    def error(self, message: str) -> NoReturn:
        """End the program with a message and the usage."""
        if options.lang == "zh":
            for pattern, zh in _MESSAGES:
                if re.fullmatch(pattern, message, re.DOTALL):
                    message = re.sub(pattern, zh, message, flags=re.DOTALL)
                    break
        usage = self.format_usage()
        self.exit(2, f"{usage}{words('错误：', 'error: ')}{message}\n")


def add_command(
    commands: Any, name: str, zh: str, en: str, run: Callable[[argparse.Namespace], int], *parents: Parser
) -> Parser:
    """Add a command with its help, and what it runs."""
    doc = words(zh, en)
    command: Parser = commands.add_parser(name, parents=list(parents), help=doc, description=doc)
    command.set_defaults(run=run, title=doc)
    return command


Value = TypeVar("Value")


def checked(convert: Callable[[str], Value]) -> Callable[[str], Value]:
    """Return a type of argument that keeps the message of what it refuses."""

    def converted(text: str) -> Value:
        try:
            return convert(text)
        except BalanceduError as error:
            raise argparse.ArgumentTypeError(error.text(options.lang)) from None

    return converted
