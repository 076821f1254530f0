"""The whole results of ten worked counties stay as they are frozen in `tests/golden/`."""

from __future__ import annotations

import pytest
from golden.counties import COUNTIES, HERE, TEXTS, as_json, text_of


@pytest.mark.parametrize("name", COUNTIES)
def test_results_stay(name: str) -> None:
    assert as_json(COUNTIES[name]()) == (HERE / f"{name}.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("file", TEXTS)
def test_texts_stay(file: str) -> None:
    assert text_of(*TEXTS[file]) == (HERE / file).read_text(encoding="utf-8")
