"""The English of the repository uses the terms of the field and no words that a user would have to guess."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("balancedu", "docs", "specs", "tests", ".github")
GENERATED = ("docs/catalogue", "docs/images", "tests/golden", "tests/real_tables", "tests/bad_data", "tests/bad_specs")

# Each with the term to use instead.
UNWANTED = {
    r"nobody|whoever": "no one, anyone, or the thing itself",
    r"hardly|thereby|therein|thereof|hence|lest|thus|upon": "a shorter sentence",
    r"(?:is|are|was|were) told|tells? apart|told apart": "is listed, is distinguished",
    r"stands? (?:for|in|beside|by|on|at|there)": "means, is in, is next to",
    r"in spite of": "despite",
    r"once more|another one": "again, another",
    r"(?:came|comes) to (?:a|an|the|it|is|then|without)\b": "results in, adds up to",
    r"(?:does|goes) without": "does not need",
    r"gives? up": "fails",
    r"(?:the|a) way out": "how to fix it, a hint",
    r"keeps? to (?:a|its|the|their) (?:limit|limits|bound)": "is within the limit",
    r"whatever (?:it|they|that|is|was|has|offers|holds|parent)": "for any, every",
    r"sets? apart|put right": "excludes, solved",
    r"asked (?:about|of a)": "the date, used with",
    r"mends?|mended|mending": "fix, correct",
    r"which is what|as it were|such as it is|of old": "a plain sentence",
}
PATTERN = re.compile(rf"\b(?:{'|'.join(UNWANTED)})", re.IGNORECASE)


def pages() -> list[Path]:
    files = [ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "noxfile.py", ROOT / "conftest.py"]
    for folder in FOLDERS:
        files += [path for kind in ("py", "md", "yaml", "yml") for path in (ROOT / folder).rglob(f"*.{kind}")]
    skipped = (*(str(ROOT / folder) for folder in GENERATED), __file__)
    return sorted(path for path in files if not str(path).startswith(skipped))


def prose(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the lines of a page, or the comments and texts of a module, with their numbers."""
    text = path.read_text(encoding="utf-8", errors="replace")
    if path.suffix != ".py":
        yield from enumerate(text.splitlines(), 1)
        return
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type in (tokenize.COMMENT, tokenize.STRING) or token.type == getattr(tokenize, "FSTRING_MIDDLE", -1):
            yield from enumerate(token.string.splitlines(), token.start[0])


@pytest.mark.parametrize("room", ["README.md", "CHANGELOG.md", "noxfile.py", "conftest.py", *FOLDERS])
def test_prose_is_in_standard_terms(room: str) -> None:
    paths = [path for path in pages() if path.relative_to(ROOT).parts[0] == room]
    found = [
        f"{path.relative_to(ROOT)}:{line}: {match[0]}"
        for path in paths
        for line, text in prose(path)
        for match in PATTERN.finditer(text)
    ]

    assert paths
    assert found == []


# Names that say nothing about a value, or only that a sentence was begun.
EMPTY_NAMES = {
    "said",
    "told",
    "asked",
    "whom",
    "whoever",
    "one",
    "ones",
    "given",
    "here",
    "looking",
    "never",
    "way_out",
}
HEART = ("core", "judging", "evaluation", "calculator")


@pytest.mark.parametrize("room", HEART)
def test_names_of_the_heart_name_what_they_hold(room: str) -> None:
    found = []
    for path in sorted((ROOT / "balancedu" / room).glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [getattr(node, field, None) for field in ("id", "arg", "name")]
            found += [f"{path.name}:{getattr(node, 'lineno', 0)}: {name}" for name in names if name in EMPTY_NAMES]

    assert found == []
