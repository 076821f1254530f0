"""The XML of a sheet, unpacked bit by bit and cut between rows, so that never more than a bit is held."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from balancedu.phrase import Phrase
from balancedu.submission.reading.workbooks.limits import A_ROW, BYTES, MOST_PART_BYTES, MOST_ROW_BYTES, too_large

_BODY = re.compile(rb"<sheetData\s*(/?)>")
_END, _NAME_END, _ROW_END = b"</sheetData>", b"sheetData>", b"</row>"
_LONGEST_PREFIX = 20
_AFTER_ROWS = Phrase("工作表各行之后的内容", "what stands after the rows of a sheet")


class UnusualError(Exception):
    """A sheet is written in a form that has to be brought into the usual one first."""


def blocks(chunks: Iterable[bytes], before: list[bytes]) -> Iterator[bytes]:
    """Yield what stands between the beginning and the end of the rows, always whole rows.

    What stands before the rows is added to a list.
    """
    rest, inside, done = b"", False, False
    for chunk in chunks:
        if done:
            continue  # to the end, where the checksum is
        rest += chunk
        if not inside and (body := _BODY.search(rest)):
            if b"<!" in rest[: body.start()]:
                raise UnusualError
            before.append(rest[: body.start()])
            rest, inside, done = rest[body.end() :], True, bool(body[1])
        if inside and not done:
            end = rest.find(_END)
            done = end >= 0
            end = end if done else rest.rfind(_ROW_END) + len(_ROW_END)
            if done or end >= len(_ROW_END):
                yield rest[:end]
                rest = rest[end:]
        if not done and len(rest) > MOST_ROW_BYTES:
            raise (too_large(A_ROW, MOST_ROW_BYTES, BYTES) if inside else UnusualError)
    if not done:
        raise UnusualError


def after(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield what stands after the rows."""
    rest, size, inside = b"", 0, True
    for chunk in chunks:
        rest += chunk
        if inside:
            found = rest.find(_NAME_END)
            # Where the rows begin the same name stands, without the sign of an end before it.
            while found >= 0 and b"/" not in rest[max(0, found - _LONGEST_PREFIX) : found].rpartition(b"<")[2]:
                found = rest.find(_NAME_END, found + 1)
            inside = found < 0
            rest = rest[-(len(_NAME_END) + _LONGEST_PREFIX) :] if inside else rest[found:]
        if not inside:
            yield rest
            size, rest = size + len(rest), b""
            if size > MOST_PART_BYTES:
                raise too_large(_AFTER_ROWS, MOST_PART_BYTES, BYTES)
