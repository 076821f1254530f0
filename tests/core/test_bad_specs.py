"""Every fault in `tests/bad_specs/` gives the message that its file expects, in full.

A file begins with comments that state what it is about:

    # merged into: guarantee.yaml    the blocks and entries below take the place of those of bad_specs/valid
    # instead of: guarantee.yaml     what follows is the whole file
    # without: guarantee.yaml        the file is taken away
    # overlay: ours.yaml             what follows is the file of an overlay, put onto the standard
    # on: 2024-05-31                 the date of the standard
    # repeated: 4000000              the lines below are repeated until the file has that many bytes
    # expects: guarantee.yaml:9 …    a message, one line for each

What the comments name goes on until the next of them. Every file keeps the line numbers of the fault file, so
that the line in a message is the line you see.
"""

from __future__ import annotations

import ast
import functools
import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs
import pytest
import yaml
from chinese import check_chinese_of_spec

import balancedu.core
from balancedu.core.fields import Impossible, described
from balancedu.core.loading import build, load_standard
from balancedu.core.rules import RULES, Rule
from balancedu.core.standard import SpecFiles
from balancedu.errors import SpecError, SpecErrors

FOLDER = Path(__file__).resolve().parent.parent / "bad_specs"
FAULTS = sorted(FOLDER.glob("*.yaml"))
CORE = Path(balancedu.core.__file__).parent

_ORDER = re.compile(rb"# (merged into|instead of|without|overlay): (\S+)\s*")
_ON = re.compile(rb"# on: (\S+)")
_EXPECTS = re.compile(rb"# expects: (.*)")
_BLOCK = re.compile(rb"^([a-z_]+):", re.MULTILINE)
_ENTRY = re.compile(rb"^(  - )", re.MULTILINE)
_WORD = re.compile(rb"\bid: ([\w-]+)|\b([\w-]+):")
_ID = re.compile(rb"^  - \{?id: ([^\s,}]+)", re.MULTILINE)


def valid_files() -> dict[str, bytes]:
    """The standard that the faults are put into."""
    return {path.name: path.read_bytes() for path in sorted((FOLDER / "valid").glob("*.yaml"))}


@attrs.frozen
class Fault:
    """The files of the standard with the fault in it, the overlays put onto it, and the messages expected."""

    files: dict[str, bytes]
    overlays: dict[str, bytes]
    on: str | None
    expected: list[str]

    @classmethod
    def of(cls, path: Path) -> Fault:
        files, overlays = valid_files(), dict[str, bytes]()
        lines = path.read_bytes().split(b"\n")
        expected = [result[1].decode() for line in lines if (result := _EXPECTS.fullmatch(line))]
        days = [result[1].decode() for line in lines if (result := _ON.fullmatch(line))]
        orders = [(n, result) for n, line in enumerate(lines) if (result := _ORDER.fullmatch(line))]
        ends = [n for n, _ in orders[1:]] + [len(lines)]
        for (start, order), end in zip(orders, ends, strict=True):
            how, name = order[1], order[2].decode()
            content = b"\n" * start + b"\n".join(lines[start:end])
            if how == b"without":
                del files[name]
            elif how == b"overlay":
                overlays[name] = content
            elif how == b"instead of":
                files[name] = _repeated(content)
            else:
                files[name] = _merged(content, files[name])
        return cls(files, overlays, next(iter(days), None), expected)

    def load(self, folder: Path) -> None:
        """Load the standard; files are written only where there are overlays, which are found by their path."""
        if not self.overlays and self.on is None:
            build(SpecFiles("bad", tuple(self.files.items())))
            return
        for name, content in self.files.items():
            (folder / name).write_bytes(content)
        (folder / "own").mkdir(exist_ok=True)
        for name, content in self.overlays.items():
            (folder / "own" / name).write_bytes(content)
        load_standard(folder, [folder / "own" / name for name in self.overlays], on=self.on)


def _repeated(content: bytes) -> bytes:
    head, order, rest = content.partition(b"# repeated: ")
    size, _, body = rest.partition(b"\n")
    return head + b"\n" + body * (int(size) // len(body) + 1) if order else content


def _merged(content: bytes, valid: bytes) -> bytes:
    """The faulty blocks, and after them what the valid file has besides; its lists go on below the faulty ones."""
    faulty = dict(_chunks(content, _BLOCK))
    last = list(faulty)[-1]
    kept: list[bytes] = []
    for name, block in _chunks(valid, _BLOCK):
        if name == last and _ENTRY.match(block.partition(b"\n")[2]):
            ids = set(_ID.findall(faulty[last]))
            entries = [entry for _, entry in _chunks(block, _ENTRY) if not ids & set(_ID.findall(entry))]
            kept.insert(0, b"".join(entries))
        elif name not in faulty:
            kept.append(block)
    return content.rstrip(b"\n") + b"\n" + b"".join(kept)


def _chunks(content: bytes, start: re.Pattern[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """Each beginning, and the text up to the next one."""
    result = list(start.finditer(content))
    ends = [entry.start() for entry in result[1:]] + [len(content)]
    for entry, end in zip(result, ends, strict=True):
        yield entry[1], content[entry.start() : end]


def errors_of(load: Callable[[], object]) -> SpecErrors:
    """What is raised for a standard."""
    with pytest.raises(SpecErrors) as caught:
        load()
    return caught.value


def problems_of(load: Callable[[], object]) -> list[str]:
    """The messages for a standard."""
    return [str(error) for error in errors_of(load).errors]


def problems_of_files(files: Mapping[str, bytes]) -> list[str]:
    """The messages for the files of a standard."""
    return problems_of(lambda: build(SpecFiles("bad", tuple(files.items()))))


@pytest.fixture(autouse=True)
def only_our_kinds_of_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages list the kinds of rule there are, and examples elsewhere add some."""
    for name, kind in list(RULES.items()):
        if not kind.__module__.startswith("balancedu."):
            monkeypatch.delitem(RULES, name)


def test_the_valid_standard_is_valid() -> None:
    assert build(SpecFiles("valid", tuple(valid_files().items()))).id == "valid"


@pytest.mark.parametrize("fault", FAULTS, ids=lambda path: path.stem)
def test_the_message_is_the_one_expected(fault: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    bad = Fault.of(fault)
    expected, result = bad.expected, problems_of(lambda: bad.load(tmp_path))
    if not yaml.__with_libyaml__:
        expected, result = _without_reason(expected), _without_reason(result)

    assert result == expected


@pytest.mark.parametrize("fault", FAULTS, ids=lambda path: path.stem)
def test_the_message_is_chinese_too(fault: Path, tmp_path: Path) -> None:
    bad = Fault.of(fault)
    errors = errors_of(lambda: bad.load(tmp_path))
    texts = (*bad.files.values(), *bad.overlays.values())
    ids = {(entry[1] or entry[2]).decode() for text in texts for entry in _WORD.finditer(text)}

    for error in errors.errors:
        check_chinese_of_spec(error, ids)
    head, *lines = errors.text("zh").split("\n")
    assert head.endswith(f"：发现{len(errors.errors)}处问题")
    assert lines == [f"  {error.text('zh')}" for error in errors.errors]


def _without_reason(messages: list[str]) -> list[str]:
    """Leave out why a text is not YAML, which PyYAML's own parser states in other words."""
    return [re.sub(r"(not YAML): [^;]*", r"\1", message) for message in messages]


def test_the_rest_is_not_listed_when_there_are_too_many_problems() -> None:
    messages = problems_of_files(hopeless_files())

    assert len(messages) == 1001
    assert [message for message in messages if message.endswith("more than 1,000 problems: the rest is not listed")]


def test_validators_of_other_packages_are_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(RULES, "another", Another)

    assert problems_of_files(files_of_another_kind()) == [
        "guarantee.yaml:12 items[0].rules[0].at_least: 'at_least' must be >= 5: 3"
    ]


def test_every_refusal_in_the_code_has_a_bad_spec(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(RULES, "another", Another)
    lines: set[tuple[str, int]] = set()
    for kind in (SpecError, Impossible):
        monkeypatch.setattr(kind, "__init__", _noting(kind.__init__, lines))
    for fault in FAULTS:
        (tmp_path / fault.stem).mkdir()
        problems_of(functools.partial(Fault.of(fault).load, tmp_path / fault.stem))
    problems_of_files(hopeless_files())
    problems_of_files(files_of_another_kind())

    assert [call.source for call in _refusals() if not call.was_run(lines)] == []


@attrs.frozen
class Another(Rule):
    """A rule of another package, which checks its fields in its own way."""

    at_least: int = described("a number", validator=attrs.validators.ge(5))


def files_of_another_kind() -> dict[str, bytes]:
    """The valid standard with an invalid rule of that kind."""
    files = valid_files()
    stated = b"rule: stated\n        facts: [layout_rational]"
    return files | {"guarantee.yaml": files["guarantee.yaml"].replace(stated, b"rule: another\n        at_least: 3")}


def hopeless_files() -> dict[str, bytes]:
    """A standard with more problems than anybody reads."""
    return valid_files() | {"guarantee.yaml": b"items:\n" + b"  - one\n" * 2000}


def _noting(original: Callable[..., None], lines: set[tuple[str, int]]) -> Callable[..., None]:
    def init(self: object, *args: Any, **options: Any) -> None:
        frame = inspect.currentframe()
        while frame is not None:
            lines.add((frame.f_code.co_filename, frame.f_lineno))
            frame = frame.f_back
        original(self, *args, **options)

    return init


@attrs.frozen
class Call:
    """A call in the code that makes a problem."""

    file: str
    first: int
    last: int
    source: str

    def was_run(self, lines: set[tuple[str, int]]) -> bool:
        return any((self.file, line) in lines for line in range(self.first, self.last + 1))


def _refusals() -> Iterator[Call]:
    makers = {"Impossible", "must_be", "SpecError", "_note", "note", "_wrong", "error", "_error"}
    for path in sorted(CORE.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in makers:
                source = f"{path.name}:{node.lineno} {ast.unparse(node)}"
                yield Call(str(path), node.lineno, node.end_lineno or node.lineno, source)
