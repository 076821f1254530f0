"""Uploaded files: their names made safe, and read from a folder that is removed at once."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path, PurePath

from starlette.datastructures import FormData, UploadFile

import balancedu as be
from balancedu.core.standard import Standard
from balancedu.errors import RequestError
from balancedu.files.mapping import MAPPING_FILE
from balancedu.files.suggest import OpenColumn, open_columns
from balancedu.text import Phrase

MOST_FILES = 300
MOST_FIELDS = 2000
_LONGEST_NAME = 80


async def files_of(form: FormData) -> dict[str, bytes]:
    """Return the uploaded files by a safe name; a name from a client is never used as a path.

    Raises
    ------
    RequestError
        If the form holds no file.
    """
    result: dict[str, bytes] = {}
    for upload in form.getlist("file"):
        if isinstance(upload, UploadFile) and upload.filename and not _is_of_the_system(upload.filename):
            result[safe_name(upload.filename, result)] = await upload.read()
    if not result:
        raise RequestError(Phrase("没有收到文件，请选择要读取的工作簿", "no file arrived; choose a workbook"))
    return result


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
    numbered = (kept if number == 1 else f"{number}-{kept}" for number in range(1, len(taken) + 2))
    return next(candidate for candidate in numbered if candidate not in taken)


def _last(name: str) -> str:
    return PurePath(name.replace("\\", "/")).name


def _is_of_the_system(name: str) -> bool:
    """Return whether a file of a folder is none that a person put there, as the lock file of an open workbook."""
    return _last(name).startswith((".", "~$")) or _last(name) in ("Thumbs.db", "desktop.ini")


def read_files(files: Mapping[str, bytes], standard: Standard, mapping: bytes | None = None) -> be.Submission:
    """Return the submission that uploaded files hold."""
    with _Folder(files) as path:
        mapped = None
        if mapping is not None:
            mapped = path.parent / MAPPING_FILE if path.is_file() else path / MAPPING_FILE
            mapped.write_bytes(mapping)
        return be.read_submission(path, standard=standard, mapping=mapped)


def columns_to_bind(files: Mapping[str, bytes], standard: Standard) -> tuple[OpenColumn, ...]:
    """Return the columns of uploaded files that a person has to bind."""
    with _Folder(files) as path:
        return open_columns(path, standard)


def written(name: str, write: Callable[[Path], object]) -> bytes:
    """Return the bytes of a file that a function writes; the file itself is removed at once."""
    with tempfile.TemporaryDirectory(prefix="balancedu-") as folder:
        path = Path(folder, name)
        write(path)
        return path.read_bytes()


class _Folder:
    """A temporary folder with uploaded files; entering it gives the path to read: the file, or the folder of many."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files, self.folder = files, tempfile.TemporaryDirectory(prefix="balancedu-")

    def __enter__(self) -> Path:
        for name, content in self.files.items():
            Path(self.folder.name, name).write_bytes(content)
        return Path(self.folder.name, next(iter(self.files)) if len(self.files) == 1 else "")

    def __exit__(self, *_: object) -> None:
        self.folder.cleanup()
