"""The command `balancedu`."""

from __future__ import annotations

import codecs
import contextlib
import errno
import gc
import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from importlib import import_module

import balancedu
from balancedu.commands import BAD_INPUT
from balancedu.commands.parser import Parser, add_commands, language_of, words
from balancedu.errors import BalanceduError
from balancedu.options import options as language
from balancedu.text import Phrase, sentence

PIPE_CLOSED, INTERRUPTED = 141, 130
"""What the shell reports where a pipe is closed, and after Ctrl-C."""
OBJECTS_BEFORE_GARBAGE = 100_000
_PLAIN = str.maketrans({"✓": "√", "✗": "×", "²": "2", "–": "-", "−": "-", "※": "*"})


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status: 0 done, 1 requirement not met, 2 bad input."""
    given = sys.argv[1:] if arguments is None else arguments
    _set_encodings(as_json="--json" in given)
    with language.using(language_of(given)), _plain_warnings():
        try:
            status = _run(given)
            if sys.stdout is not None:
                sys.stdout.flush()
        except BrokenPipeError:
            _drop_output()
            return PIPE_CLOSED
        except KeyboardInterrupt:
            return INTERRUPTED
        except BalanceduError as error:
            return _fail(str(error))
        except UnicodeError as error:
            problem = Phrase(f"有文字无法读写（{error}）", f"a text cannot be read or written ({error})")
            hint = Phrase("请检查文件名和文件编码", "check the names and the encoding of the files")
            return _fail(sentence(problem, hint).text(language.lang))
        except OSError as error:
            if not error.filename:
                # Output that cannot be written is not tried again at the end.
                _drop_output()
            return _fail(_of_the_system(error).text(language.lang))
    return status


def _run(given: Sequence[str]) -> int:
    """Parse the arguments, import the module of the command alone, and run it."""
    about = words(
        "按县域义务教育优质均衡发展督导评估标准评估一个县或多个县。", "Judge counties by the national standard."
    )
    parser = Parser(prog="balancedu", description=about)
    version = f"balancedu {balancedu.__version__}"
    parser.add_argument("--version", action="version", version=version, help=words("显示版本", "show the version"))
    add_commands(parser, given)
    options = parser.parse_args(given)
    options.lang = language.lang
    # Not before: help and errors in the arguments need nothing of the law.
    from balancedu.commands.common import finish, the_law

    if options.by_law:
        # The law itself: read once, with its overlays, as of one day.
        options.standard = the_law(options)
    module = import_module(f"balancedu.commands.{options.module}")
    return finish(getattr(module, f"run_{options.command.replace('-', '_')}")(options), options)


@contextlib.contextmanager
def _plain_warnings() -> Iterator[None]:
    """Print each warning once, without the line of code that it comes from."""
    printed = set()

    def show(message: Warning | str, *_: object, **_more: object) -> None:
        if str(message) not in printed:
            print(f"balancedu: {message}", file=sys.stderr)
        printed.add(str(message))

    with warnings.catch_warnings():
        warnings.showwarning = show
        yield


def _fail(message: str) -> int:
    print(f"balancedu: {message}", file=sys.stderr)
    return BAD_INPUT


def _of_the_system(error: OSError) -> Phrase:
    """Return the system's error about a file; its reason is not translated."""
    if not error.filename:
        full = error.errno in (errno.ENOSPC, errno.EFBIG)
        if error.errno is None:
            # Not from the system: the library states what is wrong.
            return Phrase(str(error), str(error))
        return Phrase(f"无法写入：{'磁盘空间不足' if full else error.strerror or error}", str(error))
    if isinstance(error, FileNotFoundError):
        return Phrase(f"没有文件或文件夹“{error.filename}”", str(error))
    return Phrase(f"“{error.filename}”无法读取或写入（{error.strerror}）", str(error))


def _drop_output() -> None:
    """Send what is left of the output nowhere: Python writes it when it ends."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _set_encodings(*, as_json: bool) -> None:
    """Write UTF-8 in every locale, except to an old Chinese console or a pipe: these get the console's encoding.

    What an encoding cannot show is written in other signs, or escaped; JSON is always UTF-8.
    """
    codecs.register_error("balancedu", _plain_signs)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            chinese = codecs.lookup(stream.encoding or "utf-8").name in ("gbk", "gb2312", "gb18030")
            stream.reconfigure(encoding=None if chinese and not as_json else "utf-8", errors="balancedu")


def _plain_signs(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end].translate(_PLAIN)
    return text.encode("gbk", "backslashreplace").decode("gbk"), error.end


def run() -> None:
    """Run the command and exit."""
    # Most of what a command makes stays until its end: looking through it for garbage, and again at exit,
    # takes a fifth of the time.
    gc.set_threshold(OBJECTS_BEFORE_GARBAGE)
    status = main()
    gc.freeze()
    sys.exit(status)
