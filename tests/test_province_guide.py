"""The guide for provinces shows what its finished file holds."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

GUIDES = Path(__file__).resolve().parent.parent / "docs" / "guides"
_BLOCK = re.compile(r"```yaml\n(.*?)```", re.DOTALL)


@pytest.mark.parametrize("page", ["your-province.md", "your-province.zh-CN.md"])
def test_every_block_of_the_guide_stands_in_the_finished_file(page: str) -> None:
    finished = (GUIDES / "anlan.yaml").read_text(encoding="utf-8")
    blocks = _BLOCK.findall((GUIDES / page).read_text(encoding="utf-8"))

    assert len(blocks) == 6
    assert [block for block in blocks if block not in finished] == []
