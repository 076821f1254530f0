"""Standards by id or path: read on first use, never at import, and cached."""

from __future__ import annotations

import copyreg
import functools
import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from os import PathLike, fspath
from typing import IO, TYPE_CHECKING, Any, Literal, Protocol, TypeVar, cast

import attrs

from balancedu.core.field_checks import checks_of
from balancedu.core.fields import A_DAY, Lapse, is_day, moved
from balancedu.core.forms import Forms
from balancedu.core.nodes import FORMAT, SpecProblems, TooManyError, nodes_of, read_yaml
from balancedu.core.overlays import Layers
from balancedu.core.paths import FORMS, HEAD, MEASURES, parts_of
from balancedu.core.standard import (
    Head,
    MeasuresFile,
    OverlayFile,
    Part,
    SpecFiles,
    Standard,
    with_owners,
    without_relief,
)
from balancedu.core.structure import SpecDraft, Structurer, problems_of
from balancedu.errors import RequestError, SpecError, SpecErrors, UnknownStandardError, near
from balancedu.text import Phrase, listed, sentence

if TYPE_CHECKING:
    from pathlib import Path

_Built = TypeVar("_Built")


class Entry(Protocol):
    """A file or folder, on disk or inside a package: what pathlib, zipfile and importlib.resources have in common."""

    @property
    def name(self) -> str:
        """Its last name."""

    def is_dir(self) -> bool:
        """Return whether it is a folder."""

    def is_file(self) -> bool:
        """Return whether it is a file."""

    def iterdir(self) -> Iterator[Entry]:
        """Return the names in the folder."""

    def joinpath(self, other: str, /) -> Entry:
        """Return one entry of the folder."""

    def read_bytes(self) -> bytes:
        """Return the content of the file."""

    def open(self, mode: Literal["rb"]) -> IO[bytes]:
        """Open the file."""


def shipped(name: str, beside: str) -> Entry:
    """Return a folder of data that comes with the package.

    Parameters
    ----------
    name : str
        Its name inside the installed package.
    beside : str
        Its path in a source checkout, relative to the folder that contains the package.
    """
    from pathlib import Path

    package = Path(__file__).resolve().parent.parent
    if (package / name).is_dir():
        return package / name
    checkout = package.parent
    # Without this guard a broken wheel would read some other project's folder of that name.
    if (checkout / beside).is_dir() and (checkout / "pyproject.toml").is_file():
        return checkout / beside
    # Of a package inside a zip file. Imported only here: a folder does not need these modules.
    from importlib.resources import files

    installed = files("balancedu").joinpath(name)
    if installed.is_dir():
        return installed
    problem = f"the installed balancedu has no data ({name}); install it again"
    raise FileNotFoundError(problem)


def shipped_layout(kind: type[_Built], name: str) -> _Built:
    """Return a file of `specs/layouts`.

    Raises
    ------
    SpecErrors
        If the file is not of its kind.
    """
    file = shipped("_specs", "specs").joinpath("layouts").joinpath(name)
    node, errors = read_yaml(file.read_bytes(), file.name)
    result: _Built | None = Structurer(SpecProblems(errors)).build(kind, node) if node is not None else None
    if result is None or errors:
        raise SpecErrors(file.name, errors)
    return result


def available_standards() -> tuple[str, ...]:
    """Return the ids of the standards that come with balancedu.

    Returns
    -------
    tuple of str
        In alphabetical order.

    Examples
    --------
    >>> "cn-2017" in available_standards()
    True
    """
    root = shipped("_specs", "specs")
    return tuple(sorted(folder.name for folder in root.iterdir() if folder.joinpath("standard.yaml").is_file()))


def available_overlays() -> tuple[str, ...]:
    """Return the ids of the overlays that come with balancedu.

    Returns
    -------
    tuple of str
        In alphabetical order.

    Examples
    --------
    >>> "shenyang" in available_overlays()
    True
    """
    folder = shipped("_specs", "specs").joinpath("overlays")
    names = [file.name for file in folder.iterdir()] if folder.is_dir() else []
    return tuple(sorted(name.removesuffix(".yaml") for name in names if name.endswith(".yaml")))


def overlay_template(name: str, extends: str) -> str:
    """Return the text of a new overlay: examples that are valid when uncommented, with every field explained.

    Parameters
    ----------
    name : str
        Its id.
    extends : str
        The id of the edition or overlay that it changes.
    """
    text = shipped("_specs", "specs").joinpath("overlay-template.yaml").read_bytes().decode()
    text = text.replace("\nid: ours\n", f"\nid: {name}\n")
    return text.replace(f"\nextends: {DEFAULT_STANDARD}\n", f"\nextends: {extends}\n")


def gather(standard: str | PathLike[str] | SpecFiles, overlays: Sequence[str | PathLike[str]]) -> SpecFiles:
    """Return the source files of a standard.

    Raises
    ------
    UnknownStandardError
        If there is no such id, or no such folder or file.
    RequestError
        If an edition is given as an overlay, or an overlay extends another edition.
    SpecErrors
        If an overlay extends an unknown edition or overlay, or itself.
    """
    first = standard if isinstance(standard, SpecFiles) else _find(standard)
    sources: list[OverlayFile] = [first] if isinstance(first, OverlayFile) else []
    for overlay in map(_find, overlays):
        if isinstance(overlay, SpecFiles):
            problem = Phrase(f"{overlay.name} 是版本，不是叠加文件", f"{overlay.name} is an edition and no overlay")
            raise RequestError(sentence(problem, Phrase("请用作标准", "give it as the standard")))
        sources.append(overlay)
    files = first if isinstance(first, SpecFiles) else None
    at_hand = {_at_top(overlay, "id"): overlay for overlay in (*(files.overlays if files else ()), *sources)}
    at_hand.pop("", None)

    def put(overlay: OverlayFile, way: tuple[str, ...]) -> None:
        """Put an overlay behind what it extends, once."""
        nonlocal files
        if files and overlay.origin in [other.origin for other in files.overlays]:
            return
        _refuse_taken_id(overlay)
        if overlay.origin in way:
            problem = Phrase("叠加的文件又叠加在本文件之上", "extends itself, through what it extends")
            raise _wrong(
                overlay,
                problem,
                Phrase("请叠加在一个版本，或叠加在版本之上的文件", "extend an edition, or an overlay that extends one"),
            )
        name, edition_id = _at_top(overlay, "extends"), _edition_id(files) if files else ""
        extended = files if files and name in ("", edition_id) else at_hand.get(name) or _shipped(name)
        if extended is None:
            raise _nothing_extended(overlay, name, [*at_hand, *filter(None, (edition_id,))])
        if isinstance(extended, OverlayFile):
            put(extended, (*way, overlay.origin))
        elif files is not None and (extended.name, extended.edition) != (files.name, files.edition):
            zh = f"{overlay.origin} 叠加在 {extended.name} 之上，而不是 {files.name}"
            raise RequestError(Phrase(zh, f"{overlay.origin} extends {extended.name}, not {files.name}"))
        base = extended.origin if isinstance(extended, OverlayFile) else ""
        whole = files or cast("SpecFiles", extended)
        files = attrs.evolve(whole, overlays=(*whole.overlays, attrs.evolve(overlay, base=base)))

    for overlay in sources:
        put(overlay, ())
    return cast("SpecFiles", files)


def _refuse_taken_id(overlay: OverlayFile) -> None:
    own_id = _at_top(overlay, "id")
    shipped_one = None if overlay.origin in available_overlays() else _shipped(own_id)
    # A file of balancedu itself may also be given by its path.
    same = isinstance(shipped_one, OverlayFile) and shipped_one.content == overlay.content
    if shipped_one is not None and not same:
        zh, en = f"“{own_id}”是随软件附带的标准或叠加文件的标识", f"{own_id!r} comes with balancedu already"
        raise _wrong(overlay, Phrase(zh, en), Phrase("请另取一个", "choose another"), field="id")


def _nothing_extended(overlay: OverlayFile, name: str, at_hand: Sequence[str]) -> SpecErrors:
    problem = Phrase("缺少“extends”", "'extends' is missing")
    if name:
        problem = Phrase(f"没有叫“{name}”的版本或叠加文件", f"no edition or overlay is called {name!r}")
        problem += near(name, [*available_standards(), *available_overlays(), *at_hand])
    hint = Phrase(
        "请写其 id；自己的版本或叠加文件，请一并给出",
        "write the id of one; an edition or overlay of your own must be given as well",
    )
    return _wrong(overlay, problem, hint)


def _find(name: str | PathLike[str]) -> SpecFiles | OverlayFile:
    """Return the shipped edition or overlay of an id, or what is in a folder or file.

    A text never opens a file: it may come from outside.
    """
    result = _shipped(name) if isinstance(name, str) else _on_disk(fspath(name))
    if result is None:
        raise UnknownStandardError(name, (*available_standards(), *available_overlays()))
    return result


def _on_disk(name: str) -> SpecFiles | OverlayFile | None:
    from pathlib import Path

    path = Path(name).resolve()
    if path.is_dir():
        return SpecFiles(str(path), _contents(path))
    return OverlayFile(_shown(path), str(path), path.read_bytes()) if path.is_file() else None


def _shown(file: Path) -> str:
    """Return a file as a message names it, so that it can be opened from where the program was started."""
    folder = file.parent.cwd()
    return file.relative_to(folder).as_posix() if file.is_relative_to(folder) else str(file)


@functools.lru_cache(maxsize=64)
def _shipped(name: str) -> SpecFiles | OverlayFile | None:
    """Return an edition or overlay that comes with balancedu."""
    root = shipped("_specs", "specs")
    if name in available_standards():
        return SpecFiles(name, _contents(root.joinpath(name)))
    if name in available_overlays():
        file = f"{name}.yaml"
        return OverlayFile(f"overlays/{file}", name, root.joinpath("overlays").joinpath(file).read_bytes())
    return None


def _contents(folder: Entry) -> tuple[tuple[str, bytes], ...]:
    """Return the name and content of each spec file."""
    # A file with a wrong ending is an error later on: left out silently, its rules would be missing.
    names = (".yaml", ".yml")
    files = [file for file in folder.iterdir() if file.is_file() and file.name.casefold().endswith(names)]
    return tuple(sorted((file.name, file.read_bytes()) for file in files if not file.name.startswith(".")))


def _at_top(overlay: OverlayFile, field: str) -> str:
    """Return a text at the top of an overlay; empty if there is none."""
    node, _ = nodes_of(overlay.content, overlay.name)
    place = node.at(field) if node is not None else None
    return place.text if place is not None and place is not node else ""


def _edition_id(files: SpecFiles) -> str:
    return _at_top(OverlayFile(HEAD, "", dict(files.edition).get(HEAD, b"{}")), "id")


def overlay_ids(files: SpecFiles) -> tuple[str, ...]:
    """Return the ids of all overlays, whether they apply on the date or not."""
    return tuple(_at_top(overlay, "id") for overlay in files.overlays)


def _wrong(overlay: OverlayFile, problem: Phrase, hint: Phrase, *, field: str = "extends") -> SpecErrors:
    node, errors = nodes_of(overlay.content, overlay.name)
    line = node.at(field).line if node is not None else 1
    return SpecErrors(overlay.origin, errors or [SpecError(overlay.name, line, field, problem, hint)])


def build(files: SpecFiles) -> Standard:
    """Return the standard that an edition and overlays make on a day, with the one without its relief.

    Parameters
    ----------
    files : SpecFiles
        Of the edition: `standard.yaml`, `measures.yaml`, a file for each part that `standard.yaml` names, and,
        where the standard has a form to hand in, `forms.yaml`.

    Raises
    ------
    SpecErrors
        With every problem of every file, also of the standard without relief.
    """
    problems = SpecProblems()
    layers: Layers | None = None
    standard: Standard | None = None
    with suppress(TooManyError):
        layers = Layers.of(files, problems)
        standard = _typed(layers)
    if layers is None or standard is None:
        raise SpecErrors(files.title, problems.errors)
    base = made(layers.without_relief) if layers.relief else standard
    strict = base.strict or without_relief(base) or base
    return standard if strict is standard else attrs.evolve(standard, strict=strict)


def _typed(layers: Layers) -> Standard | None:
    """Return the standard that the files make, or None with the problems noted."""
    files, roots, problems = layers.files, layers.roots, layers.problems
    names = list(dict.fromkeys([*(file for file, _ in files.edition), *roots]))
    structurer = Structurer(problems, roots=roots if len(layers.layers) > 1 else None)

    def typed(file: str, wanted: type[_Built]) -> _Built | None:
        structurer.root = file
        return cast("_Built | None", structurer.build(wanted, roots[file])) if file in roots else None

    def note(file: str, problem: Phrase, hint: Phrase) -> None:
        problems.add(SpecError(file, 1, "", problem, hint))

    for file in [name for name in (HEAD, MEASURES) if name not in names]:
        existing = Phrase("现有：", "found ") + (listed(sorted(names)) or Phrase("没有文件", "no file"))
        note(file, Phrase("缺少这个文件", "the file is missing"), existing)
    head, measures, forms = typed(HEAD, Head), typed(MEASURES, MeasuresFile), typed(FORMS, Forms)
    parts = {file.removesuffix(".yaml"): typed(file, Part) for file in parts_of(names) if file.endswith(".yaml")}
    for file in parts_of(names):
        if not file.endswith(".yaml"):
            problem = Phrase("文件名应以“.yaml”结尾", "the name of the file must end in .yaml")
            note(file, problem, Phrase("请改名", "rename it"))
    of_verdict = roots[HEAD].at("verdict").entries("all_of") if HEAD in roots else ()
    for n, node in enumerate(of_verdict):
        if node.text and node.text not in parts:
            problem = Phrase(f"没有叫“{node.text}”的部分", f"no part is called {node.text!r}") + near(node.text, parts)
            hint = Phrase("每个部分是一个同名的文件", "each part is a file of its name")
            problems.add(node.error(f"verdict.all_of[{n}]", problem, hint))
    for name in sorted(set(parts) - {node.text for node in of_verdict}) if of_verdict else ():
        problem = Phrase(f"{HEAD} 的 verdict.all_of 中没有这个部分", f"{HEAD} names no such part in verdict.all_of")
        hint = Phrase(f"请在其中写上“{name}”，或移走这个文件", f"name {name!r} there, or take the file away")
        note(f"{name}.yaml", problem, hint)
    files_of_parts = frozenset(f"{part}.yaml" for part in {*parts, *(node.text for node in of_verdict if node.text)})
    for error in problems_of(SpecDraft(roots, structurer, files_of_parts, layers.dropped)):
        problems.add(error)
    if problems.errors or head is None or measures is None:
        return None
    by_name = {name: part for name in head.verdict.all_of if (part := parts[name])}
    by_id = with_owners(measures.measures, by_name.values())
    return Standard(
        head=head,
        tables={table.id: table for table in measures.tables},
        measures=by_id,
        parts=by_name,
        forms=forms,
        checks=checks_of(by_id, measures.checks),
        origin=files.title,
        files=files,
        applied=layers.applied,
        lapses=tuple(layers.lapses),
        day=files.day if layers.days else "",
        given_day=files.given_day,
        units=measures.units,
    )


DEFAULT_STANDARD = "cn-2017"


def load_standard(
    standard: str | PathLike[str] | Standard = DEFAULT_STANDARD,
    overlays: Sequence[str | PathLike[str]] = (),
    on: str | date | None = None,
) -> Standard:
    """Return a standard as typed, frozen objects.

    Parameters
    ----------
    standard : str, Path or Standard
        A text is the id of an edition or overlay that comes with balancedu; a Path is the folder of your own edition
        or the file of your own overlay. An overlay brings the shipped edition or overlay that it extends. A Standard
        is returned unchanged, or rebuilt if overlays or a date are given.
    overlays : sequence of str or Path
        Overlays, in the order in which they are put onto the edition; what one of them extends comes before it. One
        that extends an edition or overlay of your own needs that to be given as well.
    on : str or date, optional
        The date of the standard, such as "2023-09-01"; default: today. What has ended by then, or has not begun, is
        not applied: `expired` and `upcoming` of the standard list it. Rules that count years back from a day take
        the day given here and never today.

    Returns
    -------
    Standard
        The same object in later calls, as long as the files have not changed.

    Raises
    ------
    UnknownStandardError
        If there is no such id, or no such folder or file.
    RequestError
        If an overlay extends another edition, or `on` is not a day.
    SpecErrors
        If the files have problems; it contains all of them.

    Examples
    --------
    >>> std = load_standard("cn-2017")
    >>> print(std.indicators["R4"].thresholds.primary)
    ≥ 4.5
    """
    if isinstance(overlays, str | PathLike):
        raise TypeError(f"overlays must be a list; write overlays=[{overlays!r}]")
    if isinstance(standard, Standard):
        return standard if not overlays and on is None else _kept(gather(standard.files, overlays), day_of(on))
    return _kept(gather(standard, overlays), day_of(on))


def with_changes(standard: Standard, changes: Mapping[str, object]) -> Standard:
    """Return a standard with other values, without a file: for studies of thresholds.

    Parameters
    ----------
    standard : Standard
        The standard to change; it is not modified.
    changes : mapping of path to value
        The values that change, by their paths, as an overlay sets them (`specs/README.md`).

    Returns
    -------
    Standard
        With one more overlay, called `changes`, on the same date.

    Raises
    ------
    TypeError
        If a value is of a type that is not allowed in a standard.
    SpecErrors
        If a path does not exist, or a value is invalid; it contains all such problems.

    Examples
    --------
    >>> import balancedu as be
    >>> std = be.with_changes(be.load_standard("cn-2017"), {"rules.R-spread.limits.primary": 0.48})
    >>> std.id, str(std.items["R-spread"].rules[0].thresholds.primary)
    ('cn-2017+changes', '≤ 0.48')
    """
    if not changes:
        return standard
    files = standard.files
    ids = overlay_ids(files)
    names = ("changes" if n == 1 else f"changes-{n}" for n in itertools.count(1))
    name = next(new for new in names if new not in ids)
    source = {"document": name, "part": "-", "confidence": "O"}
    settings = [{"path": path, "value": value, "source": source} for path, value in changes.items()]
    overlay = overlay_file(name, standard.head.id, after=ids, set=settings)
    return _kept(attrs.evolve(files, overlays=(*files.overlays, overlay)), "")


def overlay_file(name: str, extends: str, **content: object) -> OverlayFile:
    """Return an overlay that is no file on disk.

    Parameters
    ----------
    name : str
        Its id, and what errors call it.
    extends : str
        The id of the edition that it changes.
    **content
        Its other fields, as plain values; one line is written for each field or entry of a list.
    """
    head = {"format": FORMAT, "id": name, "title": {"zh": "试改", "en": "changes"}, "document": name}
    return OverlayFile(name, name, yaml_of(head | {"extends": extends} | content))


def yaml_of(content: Mapping[str, object]) -> bytes:
    """Return a spec file of plain values; numbers keep their digits."""
    lines = []
    for key, value in content.items():
        if isinstance(value, list) and value and isinstance(value[0], Mapping):
            lines += [f"{_flow(key)}:", *(f"- {_flow(item)}" for item in value)]
        elif value != []:
            lines.append(f"{_flow(key)}: {_flow(value)}")
    return "\n".join(lines).encode()


_TEXT = json.JSONEncoder(ensure_ascii=False)


def _flow(value: object) -> str:
    """Return a value as YAML on one line."""
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float | Decimal | int):
        number = Decimal(str(value))
        if number.is_finite():
            return f"{number:f}"
    if isinstance(value, str):
        return _TEXT.encode(value)
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{_flow(str(key))}: {_flow(item)}' for key, item in value.items())}}}"
    if isinstance(value, Sequence):
        return f"[{', '.join(map(_flow, value))}]"
    raise TypeError(f"a standard contains numbers, texts, lists and mappings, found {value!r}")


YEAR = 365


def expiring(day: str, also: Sequence[str | PathLike[str] | SpecFiles] = ()) -> tuple[Lapse, ...]:
    """Return what applies on a date, or begins later, and ends within a year from it; the earliest first.

    Parameters
    ----------
    day : str
        As `2024-05-31`.
    also : sequence of str, Path or SpecFiles
        Editions and overlays of your own, and what a standard is made of.

    Raises
    ------
    UnknownStandardError
        If there is no such folder or file.
    SpecErrors
        If one of the files cannot be read.
    """
    last = moved(day, YEAR)
    result: dict[Lapse, None] = {}
    for name in (*available_standards(), *available_overlays(), *also):
        files, problems = gather(name, ()), SpecProblems()
        periods = Layers.of(attrs.evolve(files, day=day), problems).periods
        if problems.errors:
            raise SpecErrors(files.title, problems.errors)
        result |= dict.fromkeys(
            period for period in periods if period.until is not None and day <= period.until <= last
        )
    return tuple(sorted(result, key=lambda lapse: (lapse.until or "", lapse.by, lapse.path)))


def made(files: SpecFiles) -> Standard:
    """Return the standard that follows from files, the same one for the same files."""
    return _kept(files, "")


def day_of(on: str | date | None) -> str:
    """Return the day meant; empty if none is given."""
    if isinstance(on, date):
        return (on.date() if isinstance(on, datetime) else on).isoformat()
    if on is not None and not is_day(on):
        raise RequestError(Phrase(f"参数 `on` 应为{A_DAY.zh}，现为“{on}”", f"on must be {A_DAY.en}, found {on!r}"))
    return on or ""


def _kept(files: SpecFiles, day: str) -> Standard:
    """Return a standard on a date; the same for all dates if nothing depends on it."""
    chosen = day or files.day or date.today().isoformat()
    dated = _dated(attrs.evolve(files, day="", given_day=""))
    return _built(attrs.evolve(files, day=chosen if dated else "", given_day=day or files.given_day))


@functools.lru_cache(maxsize=64)
def _dated(files: SpecFiles) -> bool:
    with suppress(TooManyError):
        return bool(Layers.of(files, SpecProblems()).days)
    return False


@functools.lru_cache(maxsize=32)
def _built(files: SpecFiles) -> Standard:
    return build(files)


def _reduced(standard: Standard) -> tuple[Any, ...]:
    """Return how a standard is pickled: shipped files by id only."""
    files = standard.files
    whole = made(files) if files.edition else None
    if whole is None or standard not in (whole, whole.strict):
        return _restored, ({field.name: getattr(standard, field.name) for field in attrs.fields(Standard)},)
    edition = files.edition if _edition_of(files.name) != files.edition else ()
    overlays = (
        overlay if overlay.content != _content_of(overlay.origin) else attrs.evolve(overlay, content=b"")
        for overlay in files.overlays
    )
    return _shared, (attrs.evolve(files, edition=edition, overlays=tuple(overlays)), standard == whole)


def _shared(files: SpecFiles, whole: bool) -> Standard:
    """Return the standard that a pickle contains by ids; the same object for all pickles."""
    overlays = (attrs.evolve(file, content=file.content or _content_of(file.origin)) for file in files.overlays)
    edition = files.edition or _edition_of(files.name)
    standard = made(attrs.evolve(files, edition=edition, overlays=tuple(overlays)))
    return standard if whole or standard.strict is None else standard.strict


def _edition_of(name: str) -> tuple[tuple[str, bytes], ...]:
    """Return the files of a shipped edition; none for any other."""
    result = _shipped(name)
    return result.edition if isinstance(result, SpecFiles) else ()


def _content_of(overlay: str) -> bytes:
    """Return the content of a shipped overlay; empty for any other."""
    result = _shipped(overlay)
    return result.content if isinstance(result, OverlayFile) else b""


def _restored(content: Mapping[str, Any]) -> Standard:
    return Standard(**content)


copyreg.pickle(Standard, _reduced)
