"""The parser of the command line, made of `commands.yaml`: help and errors in both languages."""

from __future__ import annotations

import argparse
import itertools
import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from pkgutil import get_data
from typing import Any, NoReturn

import yaml

from balancedu.errors import BalanceduError, RequestError
from balancedu.options import default_language, options
from balancedu.text import Language, Phrase, width, wrap


@cache
def declared() -> Mapping[str, Any]:
    """Return what `commands.yaml` declares."""
    content = get_data("balancedu.commands", "commands.yaml")
    result: Mapping[str, Any] = yaml.load(content or b"", Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return result


def words(zh: str, en: str) -> str:
    """Return a text of the parser in the language that is set."""
    return zh if options.lang == "zh" else en


def language_of(arguments: Sequence[str]) -> Language:
    """Return the language set by the arguments or the environment, before anything is parsed."""
    following = dict(itertools.pairwise(arguments))
    values = [argument.partition("=")[2] for argument in arguments if argument.startswith("--lang=")]
    asked = values[-1] if values else following.get("--lang")
    return "en" if asked == "en" else "zh" if asked == "zh" else default_language()


class _Formatter(argparse.HelpFormatter):
    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=28)
        # Names of commands are indented further than those of options.
        self._action_max_length = 16

    def add_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[Any],
        prefix: str | None = None,
    ) -> None:
        """Add what a command needs; its options are listed below."""
        parts = [self._prog, words("[选项]", "[options]")]
        for action in actions:
            if action.required or not action.option_strings:
                name = self._get_default_metavar_for_positional(action)
                parts += [*action.option_strings[:1], self._format_args(action, name)]
        super().add_usage(
            usage or " ".join(parts), actions, groups, words("用法：", "usage: ") if prefix is None else prefix
        )

    def _format_action_invocation(self, action: argparse.Action) -> str:
        if not action.option_strings or action.nargs == 0:
            return super()._format_action_invocation(action)
        value = self._format_args(action, self._get_default_metavar_for_optional(action))
        return f"{', '.join(action.option_strings)} {value}"

    def _format_action(self, action: argparse.Action) -> str:
        # Chinese takes two columns of the terminal for a letter.
        text, head = super()._format_action(action), self._format_action_invocation(action)
        before, _, after = text.partition(head)
        spaces = len(after) - len(after.lstrip(" ")) - (width(head) - len(head))
        return f"{before}{head}{' ' * max(spaces, 2)}{after.lstrip(' ')}" if after[:1] == " " else text

    def _split_lines(self, text: str, width: int) -> list[str]:
        return wrap(text, width)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return "\n".join(wrap(text, width, first=indent, rest=indent))


class Parser(argparse.ArgumentParser):
    """A parser that speaks the language that is set."""

    def __init__(self, **named: Any) -> None:
        super().__init__(**named, add_help=False, formatter_class=_Formatter)
        about = words("显示本帮助", "show this help")
        self.add_argument("-h", "--help", action="help", default=argparse.SUPPRESS, help=about)

    def declare(self, name: str, *, zh: str, en: str, short: str = "", type: str = "", **settings: Any) -> None:  # noqa: A002
        """Add an argument as `commands.yaml` declares it."""
        if settings.pop("flag", False):
            settings["action"] = "store_true"
        if settings.pop("many", False):
            settings |= {"action": "append", "default": []}
        if type:
            settings["type"] = _TYPES[type]
        if choices := settings.pop("choices", None):
            settings["type"] = checked(partial(a_choice, choices))
            shown = words(",".join(choices.values()), ",".join(choices))
            settings["metavar"] = f"{{{shown}}}"
        elif "action" not in settings or settings["action"] == "append":
            metavar = settings.get("metavar", name.strip("-").upper())
            named = declared()["chinese"]["values"]
            settings["metavar"] = words(re.sub("[A-Z]+", lambda part: named.get(part[0], part[0]), metavar), metavar)
        self.add_argument(*([short] if short else []), name, help=words(zh, en), **settings)

    def add_argument_group(self, title: str | None = None, *arguments: Any, **named: Any) -> Any:
        """Add a group of arguments; the usual groups have a title in the language that is set."""
        zh = declared()["chinese"]["titles"].get(title or "", title)
        return super().add_argument_group(zh if options.lang == "zh" else title, *arguments, **named)

    def error(self, message: str) -> NoReturn:
        """End the program with a message and the usage."""
        if options.lang == "zh":
            for pattern, zh in declared()["chinese"]["errors"].items():
                if re.fullmatch(pattern, message, re.DOTALL):
                    message = re.sub(pattern, zh, message, flags=re.DOTALL).replace("', '", "、")
                    break
        usage = self.format_usage()
        self.exit(2, f"{usage}{words('错误：', 'error: ')}{message}\n")


def add_commands(parser: Parser, arguments: Sequence[str]) -> None:
    """Add the commands that `commands.yaml` declares, each with its module and its options of the law."""
    commands = parser.add_subparsers(required=True, prog=parser.prog, metavar=words("命令", "COMMAND"))
    known, asked = declared()["commands"], arguments[0] if arguments else ""
    # Where the first argument names a command, the others need no parser.
    for name, entry in {asked: known[asked]}.items() if asked in known else known.items():
        about = words(entry["zh"], entry["en"])
        command: Parser = commands.add_parser(name, help=about, description=about)
        title = entry.get("title", entry)
        command.set_defaults(command=name, module=entry["module"], title=words(title["zh"], title["en"]))
        command.set_defaults(by_law=entry.get("law", False))
        for group in (*(declared()["groups"][group] for group in entry["takes"]), entry.get("options", {})):
            for option, settings in group.items():
                command.declare(option, **settings)


# What arguments may be


def checked(convert: Callable[[str], object]) -> Callable[[str], object]:
    """Return a type of argument that keeps the message of what it refuses."""

    def converted(text: str) -> object:
        try:
            return convert(text)
        except BalanceduError as error:
            raise argparse.ArgumentTypeError(error.text(options.lang)) from None

    return converted


def pair(text: str) -> tuple[str, str]:
    """Return the two sides of `name=value`.

    Examples
    --------
    >>> pair("teaching_area=0.05")
    ('teaching_area', '0.05')
    """
    name, sign, value = text.partition("=")
    if not (name and sign and value):
        raise RequestError(Phrase(f"应写成“名称=值”，现为“{text}”", f"wanted NAME=VALUE, found {text!r}"))
    return name, value


_UNITS = {"%": 0.01, "万": 1e4, "亿": 1e8}


def parse_number(text: str) -> float:
    """Return a finite number as people write it: a percentage as the share that it is, with 万 or 亿, in wide digits.

    Examples
    --------
    >>> parse_number("5%"), parse_number("100万"), parse_number("1,200元")
    (0.05, 1000000.0, 1200.0)
    """
    plain = unicodedata.normalize("NFKC", text).strip().replace(",", "").removesuffix("元")
    unit = _UNITS.get(plain[-1:], 1.0)
    try:
        value = float(plain[:-1] if plain[-1:] in _UNITS else plain)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise RequestError(Phrase(f"应为数字，现为“{text}”", f"wanted a number, found {text!r}"))
    return value / 100 if unit == 0.01 else value * unit


def yuan(text: str) -> tuple[str, float]:
    """Return a year, empty where none is written, and its money."""
    year, sign, amount = text.rpartition("=")
    if sign and not year:
        raise RequestError(Phrase(f"应写成“年=元”，现为“{text}”", f"wanted YEAR=YUAN, found {text!r}"))
    return year, parse_number(amount)


def a_choice(choices: Mapping[str, str], text: str) -> str:
    """Return a choice by its id or its Chinese word, also within a longer one.

    Examples
    --------
    >>> a_choice({"rectification": "整改", "brief": "简报"}, "整改方案")
    'rectification'
    """
    for choice, zh in choices.items():
        if text == choice or zh in text:
            return choice
    known = Phrase("、".join(choices.values()), ", ".join(choices))
    raise RequestError(Phrase(f"没有“{text}”，可选：{known.zh}", f"found {text!r}, wanted one of {known.en}"))


_TYPES: Mapping[str, Callable[[str], object]] = {
    "path": Path,
    "int": int,
    "float": float,
    "pair": checked(pair),
    "number": checked(parse_number),
    "yuan": checked(yuan),
}
