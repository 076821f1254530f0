"""Standards are found by id or path, read when requested, and kept as long as their files do not change."""

from __future__ import annotations

import copy
import os
import pickle
import shutil
import subprocess
import sys
import zipfile
from decimal import Decimal
from pathlib import Path

import attrs
import numpy as np
import pytest

import balancedu
from balancedu.core.loading import (
    DEFAULT_STANDARD,
    available_overlays,
    available_standards,
    build,
    load_standard,
    shipped,
    with_changes,
)
from balancedu.core.overlays import records_of, set_by
from balancedu.core.rules import RULES, Rule, Stated, rule
from balancedu.core.standard import SpecFiles
from balancedu.errors import BalanceduError, SpecError, SpecErrors, UnknownStandardError
from balancedu.text import Phrase

VALID = Path(__file__).resolve().parent.parent / "bad_specs" / "valid"
PACKAGE = Path(balancedu.__file__).parent


@pytest.fixture
def edition(tmp_path: Path) -> Path:
    """Somebody's own edition, to be changed."""
    return Path(shutil.copytree(VALID, tmp_path / "own"))


def test_by_id() -> None:
    assert load_standard("cn-2017").id == "cn-2017"


def test_the_default_is_the_standard_in_force() -> None:
    assert load_standard() is load_standard(DEFAULT_STANDARD) is load_standard("cn-2017")


def test_by_path(edition: Path) -> None:
    assert load_standard(edition).id == "valid"


def test_a_text_never_opens_a_file(edition: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may come from outside: from JSON, a form or the cover of a workbook."""
    (tmp_path / "secret.txt").write_text("password: 123\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for name in ("secret.txt", str(tmp_path / "secret.txt"), str(edition), "own", "./own", ""):
        for given in ((name,), ("cn-2017", [name])):
            with pytest.raises(UnknownStandardError) as caught:
                load_standard(*given)
            assert "password" not in str(caught.value)
    (tmp_path / "ours.yaml").write_text(
        "format: 1\nid: ours\ntitle: {zh: 我, en: our}\ndocument: a\nextends: secret.txt\n", encoding="utf-8"
    )
    with pytest.raises(SpecErrors, match=r"no edition or overlay is called 'secret\.txt'") as wrong:
        load_standard(tmp_path / "ours.yaml")
    assert "password" not in str(wrong.value)


def test_a_standard_is_returned_as_it_is() -> None:
    standard = load_standard("cn-2017")

    assert load_standard(standard) is standard


def test_every_shipped_standard_loads_and_has_the_name_of_its_folder() -> None:
    assert available_standards() == tuple(load_standard(name).id for name in available_standards())
    assert "cn-2017" in available_standards()


def test_the_same_files_give_the_same_object(edition: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    standard = load_standard(edition)
    monkeypatch.chdir(edition.parent)

    assert load_standard(Path("own")) is load_standard(edition / ".." / "own") is standard


def test_changed_files_are_read_again(edition: Path) -> None:
    before = load_standard(edition)
    path = edition / "resources.yaml"
    state = path.stat()
    path.write_bytes(path.read_bytes().replace(b"primary: 15,", b"primary: 16,"))
    # A change is detected even if the size and time of the file are the same.
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    after = load_standard(edition)

    assert [str(entry.indicators["R1"].thresholds.primary) for entry in (before, after)] == ["≥ 15", "≥ 16"]


def test_a_repaired_standard_loads(edition: Path) -> None:
    path = edition / "resources.yaml"
    content = path.read_bytes()
    path.write_bytes(b"format: 1\n")
    with pytest.raises(SpecErrors):
        load_standard(edition)
    path.write_bytes(content)

    assert load_standard(edition).id == "valid"


def test_other_files_in_the_folder_are_no_business_of_ours(edition: Path) -> None:
    (edition / ".guarantee.yaml.swp.yaml").write_bytes(b"\x00")
    (edition / "README.md").write_text("read me", encoding="utf-8")
    (edition / "drafts.yaml").mkdir()

    assert load_standard(edition).id == "valid"


@pytest.mark.parametrize("name", ["quality.yml", "Quality.YAML"])
def test_files_that_look_like_specs_are(edition: Path, name: str) -> None:
    (edition / name).write_bytes(b"format: 1\n")

    with pytest.raises(SpecErrors, match=rf"{name}:1: the name of the file must end in \.yaml; rename it"):
        load_standard(edition)


def test_errors_name_the_folder(edition: Path) -> None:
    (edition / "measures.yaml").unlink()

    with pytest.raises(SpecErrors) as caught:
        load_standard(edition)

    assert str(caught.value).splitlines() == [
        f"{edition}: 1 problem",
        "  measures.yaml:1: the file is missing; found guarantee.yaml, resources.yaml, standard.yaml",
    ]


def test_errors_are_ordered_by_file_and_line(edition: Path) -> None:
    for path in edition.glob("*.yaml"):
        path.write_bytes(path.read_bytes().replace(b"confidence: S", b"confidence: T"))
    with pytest.raises(SpecErrors) as caught:
        load_standard(edition)

    places = [(error.file, error.line) for error in caught.value.errors]
    assert places == sorted(places)
    assert {"guarantee.yaml", "resources.yaml", "standard.yaml"} == {file for file, _ in places}


def test_an_unknown_standard_names_the_nearest() -> None:
    with pytest.raises(UnknownStandardError) as caught:
        load_standard("cn-2071")

    known = ", ".join((*available_standards(), *available_overlays()))
    assert str(caught.value) == (
        f"no standard or overlay 'cn-2071'; did you mean 'cn-2017'?; available: {known}; "
        "give a file of your own as a Path"
    )
    assert isinstance(caught.value, LookupError)
    with pytest.raises(UnknownStandardError, match="'cn-2071', and no folder or file of that name; did you mean"):
        load_standard(Path("cn-2071"))


def test_a_standard_is_a_value(edition: Path, tmp_path: Path) -> None:
    copied = Path(shutil.copytree(edition, tmp_path / "copy"))
    entry, other = load_standard(edition), load_standard(copied)

    assert entry is not other
    assert (entry == other, entry.fingerprint == other.fingerprint, hash(entry) == hash(other)) == (True, True, True)
    changed = with_changes(entry, {"rules.G3.at_least": 70000})
    assert changed != entry
    assert with_changes(changed, {}) is changed
    # The overlay is part of the content: it is what reports name.
    assert with_changes(entry, {"rules.G3.at_least": 60000}) != entry
    assert entry != "valid"


def test_single_values_change_without_a_file() -> None:
    std = load_standard("cn-2017")
    tighter = with_changes(std, {"rules.R-spread.limits.primary": 0.48, "rules.G4.unit": {"zh": "个", "en": "heads"}})

    assert (tighter.id, tighter.day) == ("cn-2017+changes", "")
    assert str(set_by(tighter, "rules.R-spread.limits.primary")) == "changes"
    assert [entry.value for entry in records_of(tighter, "rules.R-spread.limits.primary")] == ["0.50", "0.48"]
    # Changes of changes, of values that a shipped overlay set, and numbers of other libraries.
    again = with_changes(tighter, {"rules.R-spread.limits.primary": np.float64(0.47)})
    assert [entry.value for entry in records_of(again, "rules.R-spread.limits.primary")] == ["0.50", "0.48", "0.47"]
    assert again.id == "cn-2017+changes+changes-2"
    city = with_changes(load_standard("shenyang"), {"rules.G7.at_least": Decimal("7500.50")})
    assert [entry.value for entry in records_of(city, "rules.G7.at_least")] == ["6000", "8000", "7500.50"]
    relief = load_standard("transition", on="2020-01-01")
    stricter = with_changes(relief, {"rules.G7.at_least": 7000})
    assert (stricter.day, stricter.strict is not None) == ("2020-01-01", True)
    assert stricter.strict is not None
    assert stricter.strict.overlays == ("changes",)
    assert std.id == "cn-2017"


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        ("rules.R-spread.limits.primry", 0.48, "has no 'primry'; did you mean 'primary'"),
        ("rules.R-spread.limits.primary", "0.48", r"must stay a number \(now 0\.50\), found '0\.48'"),
        ("rules.R-spread.limits.primary", 48, "must be a share above 0 and up to 1, found 48"),
        ("a: b\nset", 1, "no path"),
    ],
)
def test_changes_that_no_standard_can_have(path: str, value: object, problem: str) -> None:
    with pytest.raises(SpecErrors, match=problem):
        with_changes(load_standard("cn-2017"), {path: value})


@pytest.mark.parametrize("value", [float("nan"), float("inf"), None, object(), {1, 2}])
def test_changes_to_what_is_no_value(value: object) -> None:
    with pytest.raises(TypeError, match="a standard contains numbers, texts, lists and mappings, found"):
        with_changes(load_standard("cn-2017"), {"rules.G3.at_least": value})


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_pickles_hold_a_shipped_standard_by_its_id(protocol: int) -> None:
    relief = load_standard("transition", on="2020-01-01")
    for standard in (load_standard("cn-2017"), load_standard("shenyang"), relief, relief.strict):
        held = pickle.dumps(standard, protocol)
        assert len(held) < 1000
        assert pickle.loads(held) is standard
        assert copy.deepcopy(standard) is standard


def test_pickles_of_other_standards_are_equal(edition: Path) -> None:
    own = load_standard(edition)
    changed = with_changes(load_standard("cn-2017"), {"rules.G7.at_least": 7000})
    evolved = attrs.evolve(own, day="2020-01-01")

    assert pickle.loads(pickle.dumps(own)) is own
    assert pickle.loads(pickle.dumps(changed)) is changed
    assert len(pickle.dumps(changed)) < 2000
    again = pickle.loads(pickle.dumps(evolved))
    assert again == evolved
    assert again != own


@pytest.mark.parametrize(
    "error",
    [
        SpecError("a.yaml", 3, "items[0]", Phrase("应为数字", "must be a number"), Phrase("请写5", "write 5")),
        SpecErrors("cn-2017", [SpecError("a.yaml", 3, "", Phrase("文件是空的", "the file is empty"))]),
        UnknownStandardError("cn", ("cn-2017",)),
    ],
    ids=lambda error: type(error).__name__,
)
def test_errors_pickle(error: BalanceduError) -> None:
    copy = pickle.loads(pickle.dumps(error))

    assert type(copy) is type(error)
    assert str(copy) == str(error)
    assert isinstance(error, BalanceduError)


def test_a_standard_pickles() -> None:
    standard = load_standard("cn-2017")
    copy = pickle.loads(pickle.dumps(standard))

    assert copy.items == standard.items
    assert copy.measures == standard.measures


IMPORT = """
import sys
opened = []
sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == "open" else None)
import balancedu
import balancedu.core.loading
import balancedu.core.standard
assert not [name for name in opened if name.endswith((".yaml", ".yml"))], opened
from balancedu.core.loading import load_standard
load_standard()
assert [name for name in opened if name.endswith("standard.yaml")], "the hook sees nothing"
"""


@pytest.mark.parametrize("language", ["C", "zh_CN.GBK", "C.UTF-8"])
def test_nothing_is_read_at_import_and_any_locale_will_do(language: str) -> None:
    environment = os.environ | {"LC_ALL": language, "PYTHONUTF8": "0", "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-W", "error", "-X", "warn_default_encoding", "-c", IMPORT]
    done = subprocess.run(command, env=environment, capture_output=True, check=False)

    assert (done.returncode, done.stderr.decode(errors="replace")) == (0, "")


def test_specs_are_read_from_a_zipped_package(tmp_path: Path) -> None:
    archive = tmp_path / "wheel.zip"
    with zipfile.ZipFile(archive, "w") as wheel:
        for path in sorted(PACKAGE.rglob("*.py")):
            wheel.write(path, f"balancedu/{path.relative_to(PACKAGE)}")
        for entry in shipped("_specs", "specs").joinpath("cn-2017").iterdir():
            wheel.writestr(f"balancedu/_specs/cn-2017/{entry.name}", entry.read_bytes())
    program = f"import sys; sys.path.insert(0, {str(archive)!r}); from balancedu.core.loading import load_standard; "
    done = subprocess.run(
        [sys.executable, "-c", program + "print(load_standard('cn-2017').id)"],
        capture_output=True,
        check=False,
        cwd=tmp_path,
    )

    assert (done.stdout.decode().strip(), done.stderr.decode()) == ("cn-2017", "")


def test_no_package_takes_the_name_of_a_rule() -> None:
    with pytest.raises(ValueError, match=r"the rule 'stated' is balancedu\.core\.rules\.Stated already"):

        @rule("stated")
        class Other(Rule):
            """Means something else."""

    assert RULES["stated"] is Stated


def test_files_may_be_in_any_order(edition: Path) -> None:
    files = {path.name: path.read_bytes() for path in sorted(edition.glob("*.yaml"), reverse=True)}

    assert list(build(SpecFiles("own", tuple(files.items()))).parts) == ["resources", "guarantee"]


def test_an_overlay_without_id_does_not_extend_itself(tmp_path: Path) -> None:
    (tmp_path / "ours.yaml").write_text("format: 1\n", encoding="utf-8")

    with pytest.raises(balancedu.SpecErrors, match="'extends' is missing"):
        balancedu.load_standard(tmp_path / "ours.yaml")
