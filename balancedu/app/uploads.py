"""Uploaded files: their names made safe, and read from a folder that is removed at once."""

from __future__ import annotations

import io
import re
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePath

import attrs
from starlette.requests import Request

import balancedu as be
from balancedu.core.standard import Standard
from balancedu.errors import RequestError
from balancedu.files.mapping import MAPPING_FILE
from balancedu.files.open import WORKBOOKS
from balancedu.files.suggest import OpenColumn, open_columns
from balancedu.text import Phrase

MOST_FILES = 300
MOST_FIELDS = 2000
MOST_UNPACKED_BYTES = 128 << 20
_LONGEST_NAME = 80
_DEVICE = re.compile(r"(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?")


@attrs.frozen
class Form:
    """What a form held: its texts by name, and the uploaded files by a safe name."""

    texts: Mapping[str, Sequence[str]]
    files: Mapping[str, bytes]

    @classmethod
    async def of(cls, request: Request) -> Form:
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
        """Return the text of a field; nothing where it is not there."""
        return self.texts.get(name, [""])[0]

    def all(self, name: str) -> list[str]:
        """Return the texts of a field that may be there several times."""
        return [text for text in self.texts.get(name, ()) if text]

    def filled(self) -> dict[str, str]:
        """Return the fields that hold something."""
        return {name: texts[0] for name, texts in self.texts.items() if texts[0]}

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
    """Return how large the parts of a workbook say they are; a part that lies is cut off when it is read."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return sum(part.file_size for part in archive.infolist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return 0  # no zip: reading it says what is wrong


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
    known = {name.casefold() for name in taken}  # a file system may not tell them apart
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


def annotated(name: str, content: bytes, standard: Standard, mapping: bytes | None = None) -> bytes:
    """Return a copy of an uploaded workbook in which every cell with a problem is marked."""
    with _folder({name: content}) as path:
        mapped = _mapping_beside(path, mapping)
        copy = path.with_name("annotated.xlsx" if name != "annotated.xlsx" else "copy.xlsx")
        be.write_annotated(path, copy, standard=standard, mapping=mapped)
        return copy.read_bytes()


def is_workbook(name: str) -> bool:
    """Return whether a file is a workbook, by its name."""
    return name.lower().endswith(WORKBOOKS)


def _mapping_beside(path: Path, mapping: bytes | None) -> Path | None:
    """Write a mapping beside the file, or into the folder, that it is about."""
    if mapping is None:
        return None
    result = path.parent / MAPPING_FILE if path.is_file() else path / MAPPING_FILE
    result.write_bytes(mapping)
    return result


def written(name: str, write: Callable[[Path], object]) -> bytes:
    """Return the bytes of a file that a function writes; the file itself is removed at once."""
    with tempfile.TemporaryDirectory(prefix="balancedu-") as folder:
        path = Path(folder, name)
        write(path)
        return path.read_bytes()


@contextmanager
def _folder(files: Mapping[str, bytes]) -> Iterator[Path]:
    """Keep uploaded files in a temporary folder; the path to read is the file, or the folder of many."""
    with tempfile.TemporaryDirectory(prefix="balancedu-") as folder:
        for name, content in files.items():
            Path(folder, name).write_bytes(content)
        yield Path(folder, next(iter(files)) if len(files) == 1 else "")
