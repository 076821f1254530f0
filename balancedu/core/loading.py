"""Standards by id or path: read when asked for, never at import, and cached."""

from __future__ import annotations

import copyreg
import functools
import itertools
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from os import PathLike, fspath
from typing import IO, TYPE_CHECKING, Any, Literal, Protocol, TypeVar, cast

import attrs

from balancedu.core.field_checks import checks_of
from balancedu.core.fields import A_DAY, Lapse, is_day, moved
from balancedu.core.forms import Forms
from balancedu.core.overlays import Dropping, Merged, merge, turning_days_of
from balancedu.core.paths import FORMS, HEAD, MEASURES, Roots, renamed
from balancedu.core.standard import (
    AppliedOverlay,
    Head,
    MeasuresFile,
    OverlayFile,
    Part,
    SpecFiles,
    Standard,
    with_owners,
    without_relief,
)
from balancedu.core.strict_yaml import FORMAT, Problems, TooManyError, nodes_of
from balancedu.core.structure import Structurer
from balancedu.core.validate import ReadFiles, problems
from balancedu.errors import RequestError, SpecError, SpecErrors, UnknownStandardError, near
from balancedu.text import Phrase, listed, sentence

if TYPE_CHECKING:
    from pathlib import Path


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
        """Return what the folder holds."""

    def joinpath(self, other: str, /) -> Entry:
        """Return one entry of the folder."""

    def read_bytes(self) -> bytes:
        """Return what the file holds."""

    def open(self, mode: Literal["rb"]) -> IO[bytes]:
        """Open the file, to read as much of it as wanted."""


def shipped(name: str, beside: str) -> Entry:
    """Return a folder of data that comes with the package.

    Parameters
    ----------
    name : str
        Its name inside the installed package.
    beside : str
        Where it lies in a source checkout, seen from the folder that holds the package.
    """
    from pathlib import Path

    package = Path(__file__).resolve().parent.parent
    if (package / name).is_dir():
        return package / name
    checkout = package.parent
    # Without this guard a broken wheel would read some other project's folder of that name.
    if (checkout / beside).is_dir() and (checkout / "pyproject.toml").is_file():
        return checkout / beside
    # Of a package inside a zip file. Only here, as it takes modules that a folder does without.
    from importlib.resources import files

    installed = files("balancedu").joinpath(name)
    if installed.is_dir():
        return installed
    problem = f"the installed balancedu lacks its data ({name}); install it again"
    raise FileNotFoundError(problem)


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
    return tuple(sorted(entry.name for entry in root.iterdir() if entry.joinpath("standard.yaml").is_file()))


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
    names = [entry.name for entry in folder.iterdir()] if folder.is_dir() else []
    return tuple(sorted(name.removesuffix(".yaml") for name in names if name.endswith(".yaml")))


def overlay_template(name: str, extends: str) -> str:
    """Return the text of a new overlay: examples that hold when uncommented, with every field explained.

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
    """Return what a standard is made of.

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
    given: list[OverlayFile] = [first] if isinstance(first, OverlayFile) else []
    for entry in map(_find, overlays):
        if isinstance(entry, SpecFiles):
            problem = Phrase(f"{entry.name} 是版本，不是叠加文件", f"{entry.name} is an edition and no overlay")
            raise RequestError(sentence(problem, Phrase("请用作标准", "give it as the standard")))
        given.append(entry)
    files = first if isinstance(first, SpecFiles) else None
    at_hand = {_at_top(entry, "id"): entry for entry in (*(files.overlays if files else ()), *given)}
    gatherer = _Gatherer(files, at_hand)
    for entry in given:
        gatherer.put(entry, ())
    assert gatherer.files is not None
    return gatherer.files


@attrs.define
class _Gatherer:
    files: SpecFiles | None
    at_hand: dict[str, OverlayFile]
    """The overlays that were given, by their ids."""

    def put(self, overlay: OverlayFile, way: tuple[str, ...]) -> None:
        """Put an overlay behind what it extends, once."""
        if self.files and overlay.origin in [entry.origin for entry in self.files.overlays]:
            return
        own_id = _at_top(overlay, "id")
        shipped_one = None if overlay.origin in available_overlays() else _shipped(own_id)
        # A file of balancedu itself may also be given by its path.
        same = isinstance(shipped_one, OverlayFile) and shipped_one.content == overlay.content
        if shipped_one is not None and not same:
            zh, en = f"“{own_id}”是随软件附带的标准或叠加文件的标识", f"{own_id!r} comes with balancedu already"
            raise _wrong(overlay, Phrase(zh, en), Phrase("请另取一个", "choose another"), field="id")
        if overlay.origin in way:
            problem = Phrase("几经辗转，又叠加在自身之上", "extends itself, by way of what it extends")
            raise _wrong(overlay, problem, Phrase("最后请叠加在某个版本之上", "extend an edition in the end"))
        base, extended = "", self.extended(overlay)
        if isinstance(extended, OverlayFile):
            self.put(extended, (*way, overlay.origin))
            base = extended.origin
        elif self.files is None:
            self.files = extended
        elif (extended.name, extended.edition) != (self.files.name, self.files.edition):
            zh = f"{overlay.origin} 叠加在 {extended.name} 之上，而不是 {self.files.name}"
            raise RequestError(Phrase(zh, f"{overlay.origin} extends {extended.name}, not {self.files.name}"))
        assert self.files is not None
        self.files = attrs.evolve(self.files, overlays=(*self.files.overlays, attrs.evolve(overlay, base=base)))

    def extended(self, overlay: OverlayFile) -> SpecFiles | OverlayFile:
        """Return what an overlay extends: what was given with it, or what comes with balancedu, by its id."""
        name, edition_id = _at_top(overlay, "extends"), _edition_id(self.files) if self.files else ""
        if self.files is not None and name in ("", edition_id):
            return self.files
        extended = self.at_hand.get(name) or _shipped(name)
        if extended is None:
            known = [*available_standards(), *available_overlays(), *self.at_hand, edition_id]
            problem = Phrase("缺少“extends”", "'extends' is missing")
            if name:
                problem = Phrase(f"没有叫“{name}”的版本或叠加文件", f"no edition or overlay is called {name!r}")
                problem += near(name, filter(None, known))
            hint = Phrase(
                "请写其 id；自己的版本或叠加文件，请一并给出",
                "write the id of one; an edition or overlay of your own must be given as well",
            )
            raise _wrong(overlay, problem, hint)
        return extended


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
    here = file.parent.cwd()
    return file.relative_to(here).as_posix() if file.is_relative_to(here) else str(file)


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
    files = [entry for entry in folder.iterdir() if entry.is_file() and entry.name.casefold().endswith(names)]
    return tuple(sorted((entry.name, entry.read_bytes()) for entry in files if not entry.name.startswith(".")))


def _at_top(overlay: OverlayFile, field: str) -> str:
    """Return a text at the top of an overlay; empty where there is none."""
    return _text(overlay.content, overlay.name, field)


def _edition_id(files: SpecFiles) -> str:
    return _text(dict(files.edition).get(HEAD, b"{}"), HEAD, "id")


@functools.lru_cache(maxsize=64)
def _text(content: bytes, file: str, field: str) -> str:
    node, _ = nodes_of(content, file)
    result = node.at(field) if node is not None else None
    return result.text if result is not None and result is not node else ""


def overlay_ids(files: SpecFiles) -> tuple[str, ...]:
    """Return the ids of all overlays, whether they hold on the day or not."""
    return tuple(_at_top(overlay, "id") for overlay in files.overlays)


def _wrong(overlay: OverlayFile, problem: Phrase, hint: Phrase, *, field: str = "extends") -> SpecErrors:
    node, errors = nodes_of(overlay.content, overlay.name)
    line = node.at(field).line if node is not None else 1
    return SpecErrors(overlay.origin, errors or [SpecError(overlay.name, line, field, problem, hint)])


_Built = TypeVar("_Built")


def build(files: SpecFiles, strictly: Callable[[SpecFiles], Standard] | None = None) -> Standard:
    """Return the standard that an edition and overlays make on a day.

    Parameters
    ----------
    files : SpecFiles
        Of the edition: `standard.yaml`, `measures.yaml`, a file for each part that `standard.yaml` names, and,
        where the standard has a form to hand in, `forms.yaml`.
    strictly : callable, optional
        What makes the same standard without its relief, so that its problems come to light; left out, this function.

    Raises
    ------
    SpecErrors
        With every problem of every file.
    """
    builder = _Builder(files)
    standard = builder.built()
    base = standard
    if builder.merged.relief:
        base = (strictly or build)(builder.merged.strict(files))
    strict = base.strict or without_relief(base) or base
    return standard if strict is standard else attrs.evolve(standard, strict=strict)


@attrs.define
class _Builder:
    files: SpecFiles
    problems: Problems = attrs.field(factory=Problems)
    merged: Merged = attrs.field(factory=Merged)
    roots: Roots = attrs.field(factory=dict)
    structurer: Structurer = attrs.field(init=False)

    @structurer.default
    def _empty(self) -> Structurer:
        return Structurer(self.problems)

    def built(self) -> Standard:
        """Return the standard."""
        standard = None
        with suppress(TooManyError):
            standard = self.standard()
        if standard is None:
            raise SpecErrors(self.files.title, self.problems.found)
        return standard

    def standard(self) -> Standard | None:
        """Return the standard, or None when there are problems."""
        if not self.merged.layers:
            self.merged = merge(self.files, self.problems)
        self.roots = self.merged.roots
        names = self.names()
        head = self.file(HEAD, Head)
        measures = self.file(MEASURES, MeasuresFile)
        forms = self.file(FORMS, Forms) if FORMS in names else None
        others = [file for file in names if file not in (HEAD, MEASURES, FORMS) and self.well_named(file)]
        parts = {file.removesuffix(".yaml"): self.file(file, Part) for file in others}
        named = self.check_names(set(parts)) | set(parts)
        files = frozenset(f"{part}.yaml" for part in named)
        built, references = self.structurer.built, self.structurer.references
        for error in problems(ReadFiles(self.roots, built, references, files, self.dropped(), self.overlaid)):
            self.problems.add(error)
        if self.problems.found or head is None or measures is None:
            return None
        judged = {name: cast("Part", parts[name]) for name in head.verdict.all_of}
        by_id = with_owners(measures.measures, judged.values())
        return Standard(
            head=head,
            tables={table.id: table for table in measures.tables},
            measures=by_id,
            parts=judged,
            forms=forms,
            checks=checks_of(by_id, measures.checks),
            origin=self.files.title,
            files=self.files,
            applied=tuple(self.applied()),
            lapses=tuple(self.merged.lapses),
            day=self.files.day if self.merged.days else "",
            given_day=self.files.given_day,
            units=measures.units,
        )

    def names(self) -> list[str]:
        """Return the files of the edition, and those of parts that overlays add."""
        return list(dict.fromkeys([*(file for file, _ in self.files.edition), *self.roots]))

    @property
    def overlaid(self) -> bool:
        """Whether overlays are put onto the edition: their authors name places by paths."""
        return len(self.merged.layers) > 1

    def dropped(self) -> dict[str, str]:
        """Return the places that drop something, by the name of what they drop."""
        applied = [
            entry for layer in self.merged.layers for entry in layer.applied if isinstance(entry.change, Dropping)
        ]
        return {entry.names[-1]: f"{entry.node.file}:{entry.node.line}" for entry in applied}

    def applied(self) -> Iterator[AppliedOverlay]:
        """Yield the overlays of which something holds on the day."""
        for layer in self.merged.layers:
            entry, eased = layer.overlay, [change.eases for change in layer.applied]
            if entry is not None:
                yield AppliedOverlay(
                    id=entry.id,
                    title=entry.title,
                    document=entry.document,
                    issued=entry.issued,
                    relaxes=any(eased),
                    source=entry.source,
                    from_=entry.from_,
                    until=entry.until,
                    wholly=all(eased),
                )

    def file(self, file: str, wanted: type[_Built]) -> _Built | None:
        """Return what a file declares, or None when it has problems."""
        names = self.names()
        if file not in names:
            result = Phrase("现有：", "found ") + (listed(sorted(names)) or Phrase("没有文件", "no file"))
            self.problems.add(SpecError(file, 1, "", Phrase("缺少这个文件", "the file is missing"), result))
            return None
        if file not in self.roots:
            return None
        self.structurer.root = file
        noted = self.problems.found
        before = len(noted)
        built = cast("_Built | None", self.structurer.build(wanted, self.roots[file]))
        if self.overlaid:
            noted[before:] = [renamed(self.roots, file, error) for error in noted[before:]]
        return built

    def check_names(self, files: set[str]) -> set[str]:
        """Return the parts that `standard.yaml` names; note those without a file, and files that it does not name."""
        if HEAD not in self.roots:
            return set()
        listed = self.roots[HEAD].at("verdict.all_of")
        nodes = listed.value if isinstance(listed.value, tuple) else ()
        for n, node in enumerate(nodes):
            if node.text and node.text not in files:
                problem = Phrase(f"没有叫“{node.text}”的部分", f"no part is called {node.text!r}")
                hint = Phrase("每个部分是一个同名的文件", "each part is a file of its name")
                self.problems.add(node.error(f"verdict.all_of[{n}]", problem + near(node.text, files), hint))
        named = {node.text for node in nodes if node.text}
        for part in sorted(files - named) if nodes else ():
            problem = Phrase(f"{HEAD} 的 verdict.all_of 中没有这个部分", f"{HEAD} names no such part in verdict.all_of")
            hint = Phrase(f"请在其中写上“{part}”，或移走这个文件", f"name {part!r} there, or take the file away")
            self.problems.add(SpecError(f"{part}.yaml", 1, "", problem, hint))
        return named

    def well_named(self, file: str) -> bool:
        """Return whether a file ends in .yaml; note it where it does not."""
        if not file.endswith(".yaml"):
            problem = Phrase("文件名应以“.yaml”结尾", "the name of the file must end in .yaml")
            self.problems.add(SpecError(file, 1, "", problem, Phrase("请改名", "rename it")))
        return file.endswith(".yaml")


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
        is returned as it is, or, where overlays or a day are given, made anew with them.
    overlays : sequence of str or Path
        Overlays, in the order in which they are put onto the edition; what one of them extends comes before it. One
        that extends an edition or overlay of your own needs that to be given as well.
    on : str or date, optional
        The day asked about, such as "2023-09-01"; left out, today. What has ended by then, or has not begun, is
        not applied: `expired` and `upcoming` of the standard say so. Rules that count years back from a day take
        the day given here and never today.

    Returns
    -------
    Standard
        The same object when asked again, as long as the files have not changed.

    Raises
    ------
    UnknownStandardError
        If there is no such id, or no such folder or file.
    RequestError
        If an overlay extends another edition, or `on` is not a day.
    SpecErrors
        If the files have problems; it holds all of them.

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
        The standard that is to be changed; it stays as it is.
    changes : mapping of path to value
        The values that change, by their paths, as an overlay sets them (`specs/README.md`).

    Returns
    -------
    Standard
        With one overlay more, called `changes`; the day stays.

    Raises
    ------
    TypeError
        If a value is of a type that no standard holds.
    SpecErrors
        If a path leads nowhere, or a value does not fit; it holds all such problems.

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
    name = next(entry for entry in names if entry not in ids)
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
            lines += [f"{_flow(key)}:", *(f"- {_flow(entry)}" for entry in value)]
        elif value != []:
            lines.append(f"{_flow(key)}: {_flow(value)}")
    return "\n".join(lines).encode()


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
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{_flow(str(key))}: {_flow(entry)}' for key, entry in value.items())}}}"
    if isinstance(value, Sequence):
        return f"[{', '.join(map(_flow, value))}]"
    raise TypeError(f"a standard holds numbers, texts, lists and mappings, found {value!r}")


YEAR = 365


def expiring(day: str, also: Sequence[str | PathLike[str] | SpecFiles] = ()) -> tuple[Lapse, ...]:
    """Return what holds on a day, or begins later, and ends within a year from it; the earliest first.

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
        files, problems = gather(name, ()), Problems()
        periods = merge(attrs.evolve(files, day=day), problems).periods
        if problems.found:
            raise SpecErrors(files.title, problems.found)
        result |= dict.fromkeys(
            period for period in periods if period.until is not None and day <= period.until <= last
        )
    return tuple(sorted(result, key=lambda entry: (entry.until or "", entry.by, entry.path)))


def made(files: SpecFiles) -> Standard:
    """Return the standard that follows from files, the same one for the same files."""
    return _kept(files, "")


def day_of(on: str | date | None) -> str:
    """Return the day meant; empty where none is given."""
    if isinstance(on, date):
        return (on.date() if isinstance(on, datetime) else on).isoformat()
    if on is not None and not is_day(on):
        raise RequestError(Phrase(f"参数 `on` 应为{A_DAY.zh}，现为“{on}”", f"on must be {A_DAY.en}, found {on!r}"))
    return on or ""


def _kept(files: SpecFiles, day: str) -> Standard:
    """Return a standard on a day; where nothing depends on the day, the same for all."""
    asked = day or files.day or date.today().isoformat()
    dated = _dated(attrs.evolve(files, day="", given_day=""))
    return _built(attrs.evolve(files, day=asked if dated else "", given_day=day or files.given_day))


@functools.lru_cache(maxsize=64)
def _dated(files: SpecFiles) -> bool:
    return bool(turning_days_of(files))


@functools.lru_cache(maxsize=32)
def _built(files: SpecFiles) -> Standard:

    return build(files, strictly=made)


def _reduced(standard: Standard) -> tuple[Any, ...]:
    """Return how a pickle holds a standard: what comes with balancedu by its id alone."""
    files = standard.files
    whole = made(files) if files.edition else None
    if whole is None or standard not in (whole, whole.strict):
        return _restored, ({field.name: getattr(standard, field.name) for field in attrs.fields(Standard)},)
    own = files.edition if _edition_of(files.name) != files.edition else ()
    overlays = (
        overlay if overlay.content != _content_of(overlay.origin) else attrs.evolve(overlay, content=b"")
        for overlay in files.overlays
    )
    return _shared, (attrs.evolve(files, edition=own, overlays=tuple(overlays)), standard == whole)


def _shared(files: SpecFiles, whole: bool) -> Standard:
    """Return the standard that a pickle holds by its ids; the same object for all of them."""
    overlays = (attrs.evolve(entry, content=entry.content or _content_of(entry.origin)) for entry in files.overlays)
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
