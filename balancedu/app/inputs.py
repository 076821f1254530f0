"""What a request brings: the standard that it names, its form, and files read from a folder that is removed at once."""

from __future__ import annotations

import io
import re
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path, PurePath

import attrs
from starlette.requests import Request

import balancedu as be
from balancedu.core.standard import Standard
from balancedu.errors import RequestError
from balancedu.files.mapping import MAPPING_FILE
from balancedu.files.suggest import OpenColumn, open_columns
from balancedu.text import Phrase


@attrs.frozen
class Offer:
    """An overlay as a person chooses it: its title, and the days between which it is in force."""

    id: str
    edition: str
    title: str
    period: str

    @classmethod
    def of(cls, standard: Standard) -> Offer:
        """Return the overlay that a standard was loaded for."""
        if standard.applied:
            overlay = standard.applied[-1]
            name, title, first, last = overlay.id, overlay.title, overlay.from_, overlay.until
        else:
            lapse = next(lapse for lapse in standard.lapses if not lapse.path)
            name, title, first, last = lapse.by, lapse.title or standard.title, lapse.from_, lapse.until
        words = [f"自{first}" if first else "", f"至{last}" if last else ""]
        return cls(name, standard.head.id, title.zh, "".join(words))


@attrs.frozen(slots=False)
class Law:
    """Which standards requests may name: those that are shipped, and the overlay files given at start."""

    overlays: Mapping[str, Path]

    @classmethod
    def of(cls, files: Sequence[Path]) -> Law:
        """Return the law with own overlay files, by their ids."""
        result = {}
        for file in files:
            standard = be.load_standard(file)
            result[standard.overlays[-1]] = file
        return cls(result)

    def standard(self, standard: object = None, overlays: object = (), on: object = None) -> Standard:
        """Return a standard by ids and a day; a text never names a file."""
        if standard is not None and not isinstance(standard, str):
            raise RequestError(Phrase("standard 应为标准的编号", "standard must be the id of a standard"))
        if not isinstance(overlays, list | tuple) or not all(isinstance(name, str) for name in overlays):
            raise RequestError(Phrase("overlays 应为编号的列表", "overlays must be a list of ids"))
        if on is not None and not isinstance(on, str):
            raise RequestError(Phrase("on 应为日期，如 2025-09-01", "on must be a day, as 2025-09-01"))
        named = [self.overlays.get(name, name) for name in overlays]
        chosen = {"standard": self.overlays.get(standard, standard)} if standard else {}
        return be.load_standard(**chosen, overlays=named, on=on or None)

    @cached_property
    def editions(self) -> tuple[Standard, ...]:
        """The editions that are shipped."""
        return tuple(be.load_standard(name) for name in be.available_standards())

    @cached_property
    def offered(self) -> tuple[Offer, ...]:
        """The overlays that may be named, those that are shipped first, whether they are in force today or not."""
        shipped = (Offer.of(be.load_standard(name)) for name in be.available_overlays())
        return (*shipped, *(Offer.of(be.load_standard(file)) for file in self.overlays.values()))


MOST_FILES = 300
MOST_FIELDS = 2000
MOST_UNPACKED_BYTES = 128 << 20
_LONGEST_NAME = 80
_DEVICE = re.compile(r"(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?")


@attrs.frozen
class SentForm:
    """What a form held: its texts by name, and the uploaded files by a safe name."""

    texts: Mapping[str, Sequence[str]]
    files: Mapping[str, bytes]

    @classmethod
    async def of(cls, request: Request) -> SentForm:
        """Read a form to its end; a name from a client is never used as a path."""
        texts: dict[str, list[str]] = {}
        files: dict[str, bytes] = {}
        async with request.form(max_files=MOST_FILES, max_fields=MOST_FIELDS) as form:
            for field, value in form.multi_items():
                if isinstance(value, str):
                    texts.setdefault(field, []).append(value)
                elif field == "file" and value.filename and not _is_of_the_system(value.filename):
                    files[safe_name(value.filename, files)] = await value.read()
        return cls(texts, files)

    def get(self, name: str) -> str:
        """Return the text of a field; nothing if it is not there."""
        return self.texts.get(name, [""])[0]

    def all(self, name: str) -> list[str]:
        """Return the texts of a field that may be there several times."""
        return [text for text in self.texts.get(name, ()) if text]

    def numbered(self, prefix: str) -> dict[str, float]:
        """Return the numbers of the fields whose names begin so and that are filled, by the rest of their names."""
        filled = [name for name in self.texts if name.startswith(prefix) and self.get(name)]
        return {name.removeprefix(prefix): self.number(name) for name in filled}

    def number(self, name: str) -> float:
        """Return the number that a field holds."""
        try:
            number = float(self.get(name))
        except ValueError:
            raise RequestError(Phrase("数量应填数字", "the amount must be a number")) from None
        return int(number) if number.is_integer() else number

    def uploaded(self) -> Mapping[str, bytes]:
        """Return the files.

        Raises
        ------
        RequestError
            If there is none, or one that unpacks to more than a server should read.
        """
        if not self.files:
            raise RequestError(Phrase("没有收到文件，请选择要读取的工作簿", "no file arrived; choose a workbook"))
        for name, content in self.files.items():
            if _unpacked_bytes(content) > MOST_UNPACKED_BYTES:
                most = MOST_UNPACKED_BYTES >> 20
                zh, en = f"{name}：解压后超过{most}MB", f"{name}: more than {most} MB when it is unpacked"
                raise RequestError(Phrase(zh, en))
        return self.files


def _unpacked_bytes(content: bytes) -> int:
    """Return the declared sizes of the parts of a workbook; larger parts are cut off when read."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return sum(part.file_size for part in archive.infolist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return 0  # not a zip file: reading it reports what is wrong


def safe_name(name: str, taken: Mapping[str, object]) -> str:
    """Return the last part of a name, without what a path or a device could be made of, unlike those that are taken.

    Examples
    --------
    >>> safe_name("../../etc/passwd", {}), safe_name("county.xlsx", {"county.xlsx": b""})
    ('passwd', '2-county.xlsx')
    """
    last = _last(name)
    kept = "".join(sign for sign in last if sign.isalnum() or sign in "._-（）()　 ").strip(" .")[-_LONGEST_NAME:]
    kept = kept.lstrip(" .") or "file"
    known = {name.casefold() for name in taken}  # a file system may treat them as equal
    numbered = (f"{number}-{kept}" for number in range(2, len(taken) + 3))
    is_free = kept.casefold() not in known and not _DEVICE.fullmatch(kept)
    return kept if is_free else next(candidate for candidate in numbered if candidate.casefold() not in known)


def _last(name: str) -> str:
    return PurePath(name.replace("\\", "/")).name


def _is_of_the_system(name: str) -> bool:
    """Return whether a file of a folder is none that a person put there, as the lock file of an open workbook."""
    return _last(name).startswith((".", "~$")) or _last(name) in ("Thumbs.db", "desktop.ini")


def read_files(files: Mapping[str, bytes], standard: Standard, mapping: bytes | None = None) -> be.Submission:
    """Return the submission that uploaded files hold."""
    with _folder(files) as path:
        return be.read_submission(path, standard=standard, mapping=_mapping_beside(path, mapping))


def columns_to_bind(files: Mapping[str, bytes], standard: Standard) -> tuple[OpenColumn, ...]:
    """Return the columns of uploaded files that a person has to bind."""
    with _folder(files) as path:
        return open_columns(path, standard)


def annotate_upload(name: str, content: bytes, standard: Standard, mapping: bytes | None, target: Path) -> None:
    """Write a copy of an uploaded workbook in which every cell with a problem is marked."""
    with _folder({name: content}) as path:
        be.write_annotated(path, target, standard=standard, mapping=_mapping_beside(path, mapping))


def _mapping_beside(path: Path, mapping: bytes | None) -> Path | None:
    """Write a mapping beside the file, or into the folder, that it is about."""
    if mapping is None:
        return None
    result = path.parent / MAPPING_FILE if path.is_file() else path / MAPPING_FILE
    result.write_bytes(mapping)
    return result


@contextmanager
def _folder(files: Mapping[str, bytes]) -> Iterator[Path]:
    """Keep uploaded files in a temporary folder; the path to read is the file, or the folder of many."""
    with tempfile.TemporaryDirectory(prefix="balancedu-") as folder:
        for name, content in files.items():
            Path(folder, name).write_bytes(content)
        yield Path(folder, next(iter(files)) if len(files) == 1 else "")
