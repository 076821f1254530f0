"""The command `balancedu`."""

from __future__ import annotations

import argparse
import codecs
import contextlib
import gc
import os
import shutil
import sys
import warnings
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import balancedu
from balancedu.commands import batch
from balancedu.commands.common import (
    BAD_INPUT,
    FINE,
    NOT_FINE,
    Commands,
    a_law,
    law_options,
    of_the_system,
    read,
    submitted,
    the_law,
)
from balancedu.commands.parser import Parser, asked_language, words
from balancedu.core.loading import available_overlays, available_standards, day_of, expiring, load_standard
from balancedu.errors import BalanceduError, RequestError, near
from balancedu.evaluation.verdict import Verdict
from balancedu.options import options as language
from balancedu.reporting.law import absence, day_notes, entry_text, expiring_text, standard_text
from balancedu.reporting.terminal import report
from balancedu.text import WIDTH, Phrase, sentence, wrap

PIPE_CLOSED, INTERRUPTED = 141, 130
"""What the shell reports where a pipe is closed, and after Ctrl-C."""
MINIMUM_WIDTH = 60
_PLAIN = str.maketrans({"✓": "√", "✗": "×", "²": "2", "–": "-", "−": "-", "※": "*"})


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status: 0 done, 1 not what was asked for, 2 bad input."""
    given = sys.argv[1:] if arguments is None else arguments
    _set_encodings(as_json="--json" in given)
    with language.using(asked_language(given)), _plain_warnings():
        try:
            options = _parser(given[0] if given else "").parse_args(given)
            if getattr(options, "standard", None) is not None:
                # Every command gets the law itself: read once, with its overlays, as of one day.
                options.standard = the_law(options)
            status = int(options.run(options))
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
            return _fail(of_the_system(error).text(language.lang))
    return status


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


def _drop_output() -> None:
    """Send what is left of the output nowhere: Python writes it when it ends."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _set_encodings(*, as_json: bool) -> None:
    """Write UTF-8 whatever the locale says, but the encoding of an old Chinese console to such a console or a pipe.

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


def _parser(command: str) -> Parser:
    """Return the parser of all commands; of one of this module, without those that are imported for the others."""
    parser = Parser(
        prog="balancedu",
        description=words(
            "按县域义务教育优质均衡发展督导评估标准评估一个县或多个县。", "Judge counties by the national standard."
        ),
    )
    parser.option(
        "--version", "显示版本", "show the version", action="version", version=f"balancedu {balancedu.__version__}"
    )
    commands = parser.add_subparsers(required=True, metavar=words("命令", "COMMAND"))
    text = Parser(add_help=False)
    text.option("--lang", "输出的语言", "the language of the text", choices=("zh", "en"), default=language.lang)
    of_law = Parser(add_help=False)
    law_options(of_law)

    tables = Parser(add_help=False)
    about = words(
        "说明各工作表和各列含义的文件；不写则用工作簿旁边或文件夹里的 mapping.yaml",
        "what sheets and columns mean; left out: mapping.yaml beside the workbook or in the folder",
    )
    tables.add_argument("--mapping", type=Path, metavar="FILE", help=about)

    evaluate = commands.add_parser(
        "evaluate",
        parents=[of_law, text, tables],
        help=words("评估一个县或多个县；不写 PATH 则评估示例县", "judge a county, or the example without PATH"),
    )
    evaluate.add_argument("path", nargs="?", type=Path, metavar="PATH", help=submitted())
    evaluate.option("--json", "以 JSON 格式输出全部内容", "print everything as JSON", action="store_true")
    evaluate.option(
        "--strict", "并非全部达标时，退出码为1", "exit with 1 unless every county is MET", action="store_true"
    )
    evaluate.option("--full", "列出全部项目和依据", "list every item with its reason", action="store_true")
    batch.add_batch(evaluate)
    evaluate.set_defaults(run=_evaluate)

    standards = commands.add_parser(
        "standards", parents=[text], help=words("列出现有标准及其要求", "list the standards, with their requirements")
    )
    law_options(standards, None)
    standards.option(
        "paths",
        "自己的标准和叠加文件，一并列出",
        "editions and overlays of your own, listed as well",
        nargs="*",
        metavar="PATH",
    )
    standards.option(
        "--expiring", "改为列出一年内到期的规定", "list instead what ends within a year", action="store_true"
    )
    standards.set_defaults(run=_standards)

    show = commands.add_parser(
        "show",
        parents=[of_law, text],
        help=words("显示一个项目、指标或填报项的内容和出处", "print an item, indicator or measure with its source"),
    )
    show.option("entry", "如 G11、R4 或 teaching_area", "as G11, R4 or teaching_area", metavar="ID")
    show.set_defaults(run=_show)
    if command not in ("evaluate", "standards", "show"):
        _add_others(commands, of_law, text, tables)
    return parser


def _add_others(commands: Commands, of_law: Parser, text: Parser, tables: Parser) -> None:
    """Add the commands of the other modules, which import what only they need."""
    from balancedu.commands import app, county, files, law, papers

    shared = Parser(add_help=False, parents=[of_law, text, tables])
    for add in (
        files.add_template,
        files.add_check,
        county.add_why,
        county.add_distance,
        county.add_planning,
        county.add_comparing,
        papers.add_papers,
        law.add_schema,
        files.add_map,
        files.add_merge,
        files.add_split,
    ):
        add(commands, shared)
    law.add_law(commands, of_law, text)
    app.add_app(commands)


_EXAMPLE = {
    "zh": "（以下是随软件附带的虚构示例县。评估自己的县：balancedu evaluate 文件夹）",
    "en": "(This county is made up and comes with balancedu. To judge your own: balancedu evaluate FOLDER)",
}


def _evaluate(options: argparse.Namespace) -> int:
    if options.jobs is not None:
        return batch.judge_folder(options)
    if options.output is not None:
        raise RequestError(Phrase("--output 要与 --jobs 合用", "--output goes with --jobs"))
    evaluation = balancedu.evaluate(read(options.path, options), options.standard)
    if options.path is None and not options.json:
        print(_EXAMPLE[options.lang])
    print(evaluation.to_json(indent=2) if options.json else _text(evaluation, options))
    met = all(verdict is Verdict.MET for verdict in evaluation.verdicts.values())
    return NOT_FINE if options.strict and not met else FINE


def _text(evaluation: balancedu.Evaluation, options: argparse.Namespace) -> str:
    columns = max(MINIMUM_WIDTH, min(shutil.get_terminal_size((WIDTH, 24)).columns, 2 * WIDTH))
    return report(evaluation, options.lang, columns=columns, brief=not options.full)


def _standards(options: argparse.Namespace) -> int:
    if options.standard is None and options.overlay:
        # An overlay by itself means the edition that it extends.
        first, *others = options.overlay
        options.standard = load_standard(a_law(first), list(map(a_law, others)), options.on)
    if options.expiring:
        day = day_of(options.on) or date.today().isoformat()
        also = [*map(a_law, options.paths), *([options.standard.files] if options.standard else [])]
        print(expiring_text(expiring(day, also), day, options.lang))
        return FINE
    names = (*available_standards(), *map(a_law, options.paths))
    asked = [options.standard] if options.standard else [load_standard(name, on=options.on) for name in names]
    print("\n\n".join(standard_text(entry, options.lang) for entry in asked))
    if options.standard is None:
        overlays = (load_standard(name, on=options.on) for name in available_overlays())
        print("", *(note for overlay in overlays for note in overlay.notes(options.lang)), sep="\n")
    return FINE


def _show(options: argparse.Namespace) -> int:
    standard = options.standard
    known = (*standard.items, *standard.indicators, *standard.measures)
    if options.entry not in known:
        zh = f"{standard.id} 没有“{options.entry}”"
        problem = Phrase(zh, f"{standard.id} declares no {options.entry!r}") + near(options.entry, known)
        result = sentence(problem, Phrase("可用“balancedu standards”查看", "see: balancedu standards"))
        reasons = "".join(f"\n{entry}" for entry in absence(standard, options.entry, options.lang))
        raise RequestError(result + Phrase(reasons, reasons))
    print(entry_text(standard, options.entry, options.lang))
    for note in day_notes(standard, options.lang):
        print("\n".join(wrap(note, rest="  ")))
    return FINE


def run() -> None:
    """Run the command and exit."""
    # What was imported stays until the end: looking through it for garbage is time lost.
    gc.freeze()
    sys.exit(main())
