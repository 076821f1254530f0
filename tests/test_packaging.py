"""What is shipped works where the source tree is out of reach: the wheel, zipped or not, and the source archive."""

from __future__ import annotations

import email
import json
import os
import shutil
import site
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import attrs
import pytest

import balancedu as be

ROOT = Path(__file__).resolve().parent.parent
# What the wheel holds, and under which name.
SHIPPED = {"balancedu": "balancedu", "specs": "balancedu/_specs", "docs/examples": "balancedu/_examples"}

CODE = """
import json
import sys
import balancedu as be

verdicts = {name: be.evaluate(be.example(name)).verdict.name for name in ("passing", "failing")}
items = {id: finding.verdict.name for id, finding in be.evaluate(be.example("failing")).items.items()}
print(json.dumps({
    "file": be.__file__,
    "version": be.__version__,
    "standards": be.available_standards(),
    "items": len(be.load_standard("cn-2017").items),
    "verdicts": verdicts,
    "unknown": [id for id, verdict in items.items() if verdict == "UNKNOWN"],
    "path": sys.path,
}))
"""


@attrs.frozen
class Built:
    """Everything that a release consists of, in a folder of its own."""

    folder: Path
    wheel: Path
    sdist: Path
    wheel_of_sdist: Path
    unpacked_wheel: Path
    unpacked_sdist: Path


def build(source: Path, out: Path, *targets: str) -> list[Path]:
    """Build and return what is new in the folder."""
    options = [part for target in targets for part in ("-t", target)]
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(out), *options]
    done = subprocess.run(command, cwd=source, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    return sorted(out.iterdir())


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    # A path such as people have, not only developers.
    folder = tmp_path_factory.mktemp("发布") / "with a space"
    folder.mkdir()
    wheel, sdist = build(ROOT, folder / "from the tree", "wheel", "sdist")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder / "sdist", filter="data")
    (unpacked_sdist,) = (folder / "sdist").iterdir()
    (wheel_of_sdist,) = build(unpacked_sdist, folder / "from the sdist", "wheel")
    unpacked_wheel = folder / "wheel"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(unpacked_wheel)
    return Built(folder, wheel, sdist, wheel_of_sdist, unpacked_wheel, unpacked_sdist)


def run(library: Path, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run Python where nothing but this library can be imported as balancedu; every warning is an error."""
    environment = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    # An editable install puts the checkout on the path by a file that `-S` leaves unread.
    path = os.pathsep.join([str(library), *site.getsitepackages()])
    environment |= {"PYTHONPATH": path, "PYTHONWARNDEFAULTENCODING": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    environment |= {"LC_ALL": "C", "PYTHONUTF8": "0"}
    return subprocess.run(
        [sys.executable, "-S", "-W", "error", *arguments],
        cwd=cwd,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def used(library: Path, cwd: Path) -> dict[str, Any]:
    """What balancedu prints when it is used from elsewhere."""
    done = run(library, "-c", CODE, cwd=cwd)
    assert done.stderr == ""
    # In the C locale Python stores non-ASCII characters of a path as escaped bytes.
    result: dict[str, Any] = json.loads(done.stdout)
    result["file"], *result["path"] = (
        Path(os.fsdecode(path.encode("utf-8", "surrogateescape")))
        for path in (result["file"], *filter(None, result["path"]))
    )
    return result


def files_below(folder: Path) -> dict[str, bytes]:
    """The files of a folder and everything below it, without what Python and the build of the site leave there."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and not any(part in ("__pycache__", "api") or part.startswith(".") for part in path.relative_to(folder).parts)
    }


def files_in(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize("way", ["unpacked_wheel", "wheel", "wheel_of_sdist", "unpacked_sdist"])
def test_it_works_where_the_checkout_is_out_of_reach(built: Built, tmp_path: Path, way: str) -> None:
    library: Path = getattr(built, way)
    result = used(library, tmp_path)

    assert result["file"].is_relative_to(library)
    assert ROOT not in [path.resolve() for path in result["path"]]
    assert result["version"] == be.__version__
    assert tuple(result["standards"]) == be.available_standards()
    assert result["items"] == len(be.load_standard().items)
    assert result["verdicts"] == {"passing": "MET", "failing": "NOT_MET"}
    assert result["unknown"] == ["Q7"]


@pytest.mark.parametrize("way", ["unpacked_wheel", "wheel"])
def test_the_command_works(built: Built, tmp_path: Path, way: str) -> None:
    done = run(getattr(built, way), "-m", "balancedu", "evaluate", "--strict", cwd=tmp_path)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith(be.report(be.evaluate(be.example()), "zh", brief=True) + "\n")


def test_a_wheel_beside_another_project_reads_its_own_files(built: Built, tmp_path: Path) -> None:
    """The folder that Python is started in may have a `specs` of its own, and so may the one above the library."""
    library = tmp_path / "library"
    shutil.copytree(built.unpacked_wheel, library)
    for folder in (tmp_path / "specs", library / "specs", library / "docs" / "examples"):
        folder.mkdir(parents=True)

    assert used(library, tmp_path)["standards"] == used(built.unpacked_wheel, tmp_path)["standards"]


def test_a_wheel_without_its_data_says_so(built: Built, tmp_path: Path) -> None:
    library = tmp_path / "library"
    shutil.copytree(built.unpacked_wheel, library)
    shutil.rmtree(library / "balancedu" / "_specs")
    shutil.copytree(ROOT / "specs", library / "specs")
    done = run(library, "-m", "balancedu", "evaluate", cwd=tmp_path)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "balancedu: the installed balancedu has no data (_specs); install it again\n"


def test_the_wheel_holds_every_file_and_nothing_else(built: Built) -> None:
    expected = {
        f"{inside}/{name}": content
        for folder, inside in SHIPPED.items()
        for name, content in files_below(ROOT / folder).items()
    }
    result = {name: content for name, content in files_in(built.wheel).items() if ".dist-info/" not in name}

    assert sorted(result) == sorted(expected)
    assert result == expected


def test_an_index_takes_the_files(built: Built) -> None:
    files = [str(built.wheel), str(built.sdist)]
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "twine", "check", "--strict", *files],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_wheel_of_the_sdist_is_the_wheel_of_the_tree(built: Built) -> None:
    assert built.wheel_of_sdist.name == built.wheel.name
    assert files_in(built.wheel_of_sdist) == files_in(built.wheel)


@pytest.mark.parametrize("folder", ["balancedu", "specs", "docs", "tests"])
def test_the_sdist_holds_what_is_needed_to_work_on_it(built: Built, folder: str) -> None:
    assert sorted(files_below(built.unpacked_sdist / folder)) == sorted(files_below(ROOT / folder))


def test_the_sdist_can_be_tested(built: Built) -> None:
    wanted = {"pyproject.toml", "README.md", "README.zh-CN.md", "CHANGELOG.md", "LICENSE", "conftest.py"}

    assert wanted - {path.name for path in built.unpacked_sdist.iterdir()} == set()


def test_the_metadata(built: Built) -> None:
    (name,) = (name for name in files_in(built.wheel) if name.endswith(".dist-info/METADATA"))
    metadata = email.message_from_bytes(files_in(built.wheel)[name])
    required = [line for line in metadata.get_all("Requires-Dist", []) if "extra ==" not in line]

    assert metadata["Version"] == be.__version__
    assert sorted(line.partition(">")[0] for line in required) == ["attrs", "numpy", "pyyaml"]
    assert metadata["License-Expression"] == "MIT"
    assert metadata.get_payload()


def test_the_command_is_declared(built: Built) -> None:
    (name,) = (name for name in files_in(built.wheel) if name.endswith("/entry_points.txt"))

    assert files_in(built.wheel)[name].decode().split("\n\n") == [
        "[console_scripts]\nbalancedu = balancedu.cli:run",
        "[gui_scripts]\nbalancedu-app = balancedu.app.server:main\n",
    ]


def test_nothing_shipped_names_the_machine(built: Built) -> None:
    places = [str(place).encode() for place in (ROOT, Path.home()) if len(place.parts) > 1]
    shipped = files_in(built.wheel) | files_below(built.unpacked_sdist)

    assert [name for name, content in shipped.items() for place in places if place + b"/" in content] == []
