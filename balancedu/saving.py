"""Writing files: completely or not at all, and never over an existing file without `replace`."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike
from pathlib import Path

from balancedu.errors import RequestError
from balancedu.text import Phrase


@contextmanager
def new_file(path: str | PathLike[str], *, replace: bool = False) -> Iterator[Path]:
    """Yield the path of a temporary file beside the target; it is renamed to the target if the block succeeds.

    If the block is interrupted, the earlier file at the target is unchanged, and the temporary file is
    removed. Of two programs that write the same target at once, one wins and no file is a mixture.

    Parameters
    ----------
    path : path
        The file to write, in a folder that exists.
    replace : bool
        Whether a file that is there already may be replaced.

    Raises
    ------
    RequestError
        If there is a file already and `replace` is not set, or no such folder.
    OSError
        If the file cannot be written: no space, no permission, open in another program.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with new_file(Path(folder, "verdict.txt")) as temporary:
    ...         _ = temporary.write_text("MET")
    ...     Path(folder, "verdict.txt").read_text()
    'MET'
    """
    target = check_target(path, replace=replace)
    if target.exists() and not target.is_file():
        # A device or a pipe is written as it is.
        yield target
        return
    temporary = target.with_name(f".balancedu-{os.urandom(6).hex()}{target.suffix}")
    try:
        # Made here, so that a folder that cannot be written is refused before any work.
        os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        yield temporary
        _to_disk(temporary)
        if replace:
            if target.exists():
                temporary.chmod(stat.S_IMODE(target.stat().st_mode))
            temporary.replace(target)
        else:
            _rename_new(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)


def save_text(path: str | PathLike[str], text: str, *, replace: bool = False) -> None:
    """Write a text as UTF-8."""
    save_bytes(path, text.encode(), replace=replace)


def save_bytes(path: str | PathLike[str], content: bytes, *, replace: bool = False) -> None:
    """Write a file's content."""
    with new_file(path, replace=replace) as temporary:
        temporary.write_bytes(content)


def check_target(path: str | PathLike[str], *, replace: bool = False) -> Path:
    """Return the file that a path means, links followed; refuse what must not be written, before any work is done."""
    # A link stays a link to the new file.
    target = Path(os.path.realpath(path))
    if not target.parent.is_dir():
        folder = str(Path(path).parent)
        raise RequestError(
            Phrase(
                f"没有文件夹“{folder}”，无法写入“{Path(path).name}”；请先新建该文件夹",
                f"no folder {folder!r} to write {Path(path).name!r} in; create the folder first",
            )
        )
    if target.is_dir():
        raise RequestError(
            Phrase(f"“{path}”是文件夹，应为文件名", f"{str(path)!r} is a folder; wanted the name of a file")
        )
    if target.is_file() and not replace:
        raise _exists(target)
    return target


def _exists(target: Path) -> RequestError:
    return RequestError(
        Phrase(
            f"“{target}”已经存在，没有改动；请换一个文件名，或用 --replace（Python：replace=True）覆盖",
            f"{str(target)!r} exists already and was not changed; "
            "choose another name, or overwrite it with --replace (in Python: replace=True)",
        )
    )


def _to_disk(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _rename_new(temporary: Path, target: Path) -> None:
    """Rename a file unless the name was taken meanwhile."""
    try:
        os.link(temporary, target)
    except FileExistsError:
        raise _exists(target) from None
    except (OSError, AttributeError, NotImplementedError):
        # File systems without links.
        if target.exists():
            raise _exists(target) from None
        with contextlib.suppress(FileExistsError):
            temporary.rename(target)
            return
        raise _exists(target) from None
