"""Run the code for Ray and Spark that `docs/guides/scale.md` shows: `nox -s engines`.

Neither is installed for the other tests: they take a gigabyte and Java.
"""

from __future__ import annotations

import doctest
import re
import sys
from pathlib import Path

GUIDE = Path(__file__).resolve().parent.parent / "docs" / "guides" / "scale.md"


def main() -> int:
    """Run the set-up of the guide and its blocks for these engines; return how many lines went wrong."""
    blocks = re.findall(r"```(python|pycon)\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    # The first block makes the schools, the second the partitions.
    code = [text for kind, text in blocks if kind == "python"][:2] + [text for kind, text in blocks if kind == "pycon"]
    test = doctest.DocTestParser().get_doctest("".join(code), {}, "scale", str(GUIDE), 0)
    result = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test)
    print(f"{result.attempted} lines tried, {result.failed} went wrong")
    return result.failed


if __name__ == "__main__":
    sys.exit(main())
