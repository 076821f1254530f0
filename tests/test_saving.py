"""A file is written completely or not at all: a full disk, Ctrl-C, and two writers at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import balancedu as be
from balancedu.saving import new_file, save_bytes, save_text

FAILING = be.evaluate(be.example("failing"))
SUBMISSION = be.example("failing")
MARKED = Path(__file__).resolve().parent / "files" / "openpyxl.xlsx"
WRITERS: dict[str, Callable[..., object]] = {
    "template.xlsx": be.write_template,
    "submission.xlsx": lambda path, **options: be.write_submission(SUBMISSION, path, **options),
    "marked.xlsx": lambda path, **options: be.write_annotated(MARKED, path, **options),
    "forms.xlsx": lambda path, **options: be.write_forms(FAILING, path, **options),
    "report.docx": lambda path, **options: be.write_report(FAILING, path, kind="rectification", **options),
    "report.html": lambda path, **options: be.write_report(FAILING, path, kind="rectification", **options),
    "report.pdf": lambda path, **options: be.write_report(FAILING, path, kind="rectification", **options),
}


@pytest.mark.usefixtures("blank_pictures")
@pytest.mark.parametrize("name", WRITERS)
def test_every_writer_refuses_an_existing_file_and_replaces_it_on_request(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text("typed work", encoding="utf-8")

    with pytest.raises(be.RequestError, match=f"{name}' exists already"):
        WRITERS[name](path)
    assert path.read_text(encoding="utf-8") == "typed work"

    WRITERS[name](path, replace=True)
    assert path.read_bytes() != b"typed work"
    assert [entry.name for entry in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", WRITERS)
def test_a_missing_folder_is_named(name: str, tmp_path: Path) -> None:
    with pytest.raises(be.RequestError, match=r"no folder '.*away'"):
        WRITERS[name](tmp_path / "away" / name)


LIMITED = """
import resource, signal, sys
from pathlib import Path
import balancedu as be
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
evaluation = be.evaluate(be.example("failing"))
resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))
try:
    {call}
except OSError as error:
    print(type(error).__name__, error.errno)
"""
CALLS = {
    "r.docx": 'be.write_report(evaluation, "r.docx", kind="overview", pages=False, replace=True)',
    "r.html": 'be.write_report(evaluation, "r.html", kind="overview", pages=False, replace=True)',
    "f.xlsx": 'be.write_forms(evaluation, "f.xlsx", replace=True)',
    "t.xlsx": 'be.write_template("t.xlsx", replace=True)',
}


@pytest.mark.skipif(sys.platform == "win32", reason="limits of file sizes are of POSIX")
@pytest.mark.parametrize("name", CALLS)
def test_a_full_disk_leaves_the_file_that_was_there(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("typed work", encoding="utf-8")

    code = LIMITED.format(call=CALLS[name])
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=_here(), capture_output=True, encoding="utf-8", check=False
    )

    assert (done.stdout, done.stderr) == ("OSError 27\n", "")
    assert [entry.name for entry in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text(encoding="utf-8") == "typed work"


INTERRUPTED = """
import sys, time
from balancedu.saving import new_file
with new_file("r.txt", replace=True) as temporary:
    temporary.write_text("half")
    print("writing", flush=True)
    time.sleep(60)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals are of POSIX")
def test_ctrl_c_leaves_the_file_that_was_there(tmp_path: Path) -> None:
    (tmp_path / "r.txt").write_text("typed work", encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED],
        cwd=tmp_path,
        env=_here(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "writing\n"
        process.send_signal(signal.SIGINT)
        process.wait(30)

    assert [entry.name for entry in tmp_path.iterdir()] == ["r.txt"]
    assert (tmp_path / "r.txt").read_text(encoding="utf-8") == "typed work"


RACING = """
import sys, time
from pathlib import Path
import balancedu as be
from balancedu.saving import new_file
letter, replace = sys.argv[1], sys.argv[2] == "replace"
try:
    with new_file("r.txt", replace=replace) as temporary:
        print("writing", flush=True)
        sys.stdin.readline()
        temporary.write_text(letter * 100_000)
except be.RequestError as error:
    print("refused")
else:
    print("written")
"""


@pytest.mark.parametrize(
    ("replace", "outcomes"), [("replace", ["written", "written"]), ("new", ["refused", "written"])]
)
def test_two_writers_leave_one_whole_file(replace: str, outcomes: list[str], tmp_path: Path) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", RACING, letter, replace],
            cwd=tmp_path,
            env=_here(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        for letter in "ab"
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "writing\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    result = sorted(process.communicate(timeout=60)[0].strip() for process in processes)

    assert result == outcomes
    assert [entry.name for entry in tmp_path.iterdir()] == ["r.txt"]
    assert (tmp_path / "r.txt").read_text() in ("a" * 100_000, "b" * 100_000)


def test_a_failing_block_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), new_file(tmp_path / "r.txt") as temporary:
        temporary.write_text(str(1 / 0))

    assert list(tmp_path.iterdir()) == []


def test_a_file_system_without_links_is_written_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_paths: object) -> None:
        raise PermissionError(1, "no links")

    monkeypatch.setattr(os, "link", refuse)
    save_text(tmp_path / "r.txt", "表")
    assert (tmp_path / "r.txt").read_text(encoding="utf-8") == "表"
    with pytest.raises(be.RequestError, match="exists already"):
        save_bytes(tmp_path / "r.txt", b"")


def test_links_modes_folders_and_devices(tmp_path: Path) -> None:
    target, link = tmp_path / "real.txt", tmp_path / "link.txt"
    target.write_text("old", encoding="utf-8")
    target.chmod(0o640)
    link.symlink_to(target)

    save_text(link, "new", replace=True)

    assert link.is_symlink()
    assert target.read_text(encoding="utf-8") == "new"
    assert target.stat().st_mode & 0o777 == 0o640
    with pytest.raises(be.RequestError, match="is a folder"):
        save_text(tmp_path, "x", replace=True)
    save_text(os.devnull, "x")
    assert not Path(os.devnull).is_file()


def _here() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(Path(be.__file__).parent.parent), "PYTHONDONTWRITEBYTECODE": "1"}


def test_a_new_file_has_the_usual_mode(tmp_path: Path) -> None:
    started = time.time()
    (tmp_path / "plain.txt").touch()
    save_text(tmp_path / "saved.txt", "x")

    assert (tmp_path / "saved.txt").stat().st_mode == (tmp_path / "plain.txt").stat().st_mode
    assert (tmp_path / "saved.txt").stat().st_mtime >= started - 2
