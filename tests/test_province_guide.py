"""The guide "Encode your province": its file is put together from its blocks, and its commands are run."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import balancedu as be
from balancedu.cli import main
from balancedu.core.loading import shipped

GUIDES = Path(__file__).resolve().parent.parent / "docs" / "guides"
EXAMPLES = Path(str(shipped("_examples", "docs/examples")))
PAGES = ["your-province.md", "your-province.zh-CN.md"]

pytestmark = pytest.mark.skipif(not GUIDES.is_dir(), reason="the guides are not beside the tests")


def blocks(page: str, kind: str) -> list[str]:
    text = (GUIDES / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{kind}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the county that the guide speaks of."""
    monkeypatch.chdir(tmp_path)
    county = Path(shutil.copytree(EXAMPLES / "passing", tmp_path / "county"))
    facts = (county / "facts.yaml").read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in facts if not line.startswith("unfilled_posts")]
    (county / "facts.yaml").write_text("".join(kept), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("page", PAGES)
def test_the_commands_print_what_the_guide_shows(page: str, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    begin, *others = blocks(page, "console")
    for block in (begin, *others):
        command, *shown = block.splitlines()
        assert main(shlex.split(command.removeprefix("$ balancedu "))) == 0
        # Columns are as wide as what stands in them: words count, not the spaces between.
        printed = {" ".join(line.split()) for line in capsys.readouterr().out.splitlines()}
        assert [line for line in shown if " ".join(line.split()) not in printed] == []
        if block is begin:
            (here / "yunling.yaml").write_text("\n".join(blocks(page, "yaml")), encoding="utf-8")


@pytest.mark.parametrize("page", PAGES)
def test_the_file_says_what_the_guide_says(page: str, here: Path) -> None:
    path = here / "yunling.yaml"
    path.write_text("\n".join(blocks(page, "yaml")), encoding="utf-8")
    before, after = (be.load_standard(path, on=day) for day in ("2026-08-31", "2026-09-01"))

    paths = ["rules.G5.at_most.junior", "rules.G7.at_least", "items.Y1", "items.V4"]
    assert [len(after.history(one)) for one in paths] == [2, 2, 1, 2]
    assert [len(before.history(one)) for one in paths] == [1, 2, 1, 2]


@pytest.mark.parametrize("page", PAGES)
def test_the_test_of_the_guide_passes(page: str, here: Path) -> None:
    (here / "yunling.yaml").write_text("\n".join(blocks(page, "yaml")), encoding="utf-8")
    (test,) = blocks(page, "text")
    quick = test.replace('("yunling.yaml")', '("yunling.yaml", submissions=2)')
    program = f"{quick}\n\ntest_our_province_is_sound()\n"
    done = subprocess.run([sys.executable, "-c", program], cwd=here, capture_output=True, encoding="utf-8", check=False)

    assert (done.returncode, done.stderr) == (0, "")
