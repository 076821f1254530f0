"""The zip file that a workbook is: its parts by name, none larger than its limit."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator, Mapping

import attrs

from balancedu.phrase import Phrase
from balancedu.submission.reading.sheet import Progress
from balancedu.submission.reading.workbooks.limits import (
    BYTES,
    ENTRIES,
    MOST_PARTS,
    UnreadableError,
    broken,
    too_large,
)

_CHUNK = 1 << 20
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 1
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError)


@attrs.frozen(eq=False)
class Archive:
    """The parts of a workbook. Nothing is unpacked to the disk, and a name is only looked up, never followed."""

    file: zipfile.ZipFile
    parts: Mapping[str, zipfile.ZipInfo]

    def __contains__(self, name: str) -> bool:
        return _plain(name) in self.parts

    def read(self, name: str, most: int) -> bytes:
        """Return a part that may have this many bytes."""
        return b"".join(self.chunks(name, most))

    def chunks(self, name: str, most: int, progress: Progress | None = None) -> Iterator[bytes]:
        """Yield a part bit by bit; what its directory says of its size is checked as well as the size itself."""
        info = self.parts.get(_plain(name))
        if info is None:
            raise broken(f"缺少部件“{name[:80]}”", f"it has no part {name[:80]!r}")
        if info.file_size > most:
            raise too_large(Phrase(f"部件“{name[:80]}”", f"the part {name[:80]!r}"), most, BYTES)
        try:
            with self.file.open(info) as part:
                # More than the size that the directory says is not read, and ends with a wrong checksum.
                while chunk := part.read(_CHUNK):
                    yield chunk
                    if progress:
                        progress.share = part.tell() / info.file_size
        except _DAMAGED as error:
            problem = f"部件“{name[:80]}”无法解压（{error}）", f"the part {name[:80]!r} cannot be unpacked ({error})"
            raise broken(*problem) from None


def archive_of(content: bytes) -> Archive:
    """Open a zip file and look at its directory."""
    try:
        file = zipfile.ZipFile(io.BytesIO(content))
    except _DAMAGED as error:
        problem = f"压缩文件打不开（{error}）", f"it is a zip file that cannot be opened ({error})"
        raise broken(*problem) from None
    entries = file.infolist()
    if len(entries) > MOST_PARTS:
        raise too_large(Phrase("部件清单", "the list of its parts"), MOST_PARTS, ENTRIES)
    parts: dict[str, zipfile.ZipInfo] = {}
    for entry in entries:
        if entry.flag_bits & _ENCRYPTED:
            raise encrypted()
        name = entry.filename[:80]
        if parts.setdefault(_plain(entry.filename), entry) is not entry:
            raise broken(f"部件“{name}”有两个", f"it has two parts {name!r}")
        if entry.compress_type not in _METHODS:
            how = (
                f"部件“{name}”的压缩方式不是工作簿所用的",
                f"the part {name!r} is packed in a way that workbooks do not use",
            )
            raise broken(*how)
    return Archive(file, parts)


def encrypted() -> UnreadableError:
    """Return the refusal of a file that needs a password."""
    return UnreadableError(
        Phrase("工作簿有密码保护", "the workbook is protected by a password"),
        Phrase("请打开后取消密码，重新保存", "open it and save it without a password"),
    )


def _plain(name: str) -> str:
    return name.replace("\\", "/").lower()
