"""The site lists every page of the documentation and every public name."""

import re
from pathlib import Path

import pytest

import balancedu as be

pytestmark = pytest.mark.docs

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"


def listed(page: str) -> list[str]:
    """Return the entries of the tables of contents and of names on a page."""
    blocks = re.findall(r"```\{(?:toctree|eval-rst)\}\n(.*?)```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL)
    lines = [line.strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if re.match(r"[\w./-]+$", line)]


def test_every_public_name_is_in_the_reference() -> None:
    assert sorted(listed("reference.md")) == sorted(be.__all__)


def test_every_page_is_in_a_table_of_contents() -> None:
    pages = {
        path.relative_to(DOCS).with_suffix("").as_posix()
        for pattern in ("*.md", "guides/*.md", "notebooks/*.ipynb", "examples/*/*.md")
        for path in DOCS.glob(pattern)
    }
    assert pages - {"index"} == {*listed("index.md"), *listed("zh.md")}


def test_every_guide_has_its_chinese_page() -> None:
    guides = {path.name for path in (DOCS / "guides").glob("*.md")}
    english = {name for name in guides if not name.endswith(".zh-CN.md")}
    assert guides - english == {name.replace(".md", ".zh-CN.md") for name in english}


def test_every_link_leads_to_a_file() -> None:
    """Sphinx checks the links between pages; the READMEs and the changelog are outside its site."""
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "specs").rglob("*.md")]
    links = [
        (page, link.partition("#")[0])
        for page in pages
        for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8"))
        if not re.match("[a-z]+:", link)
    ]
    assert len(links) > 100
    assert [(page.name, link) for page, link in links if not (page.parent / link).exists()] == []
