"""XML as workbooks hold it: elements in order, no entities of its own, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from xml.parsers import expat

from balancedu.submission.reading.workbooks.limits import broken

Attributes = dict[str, str]


def parsed(
    chunks: Iterable[bytes],
    start: Callable[[str, Attributes], None],
    end: Callable[[str], None],
    text: Callable[[str], None],
) -> Iterator[None]:
    """Read XML bit by bit and call for each element and text; names without their namespace.

    A document type is refused: it is what can declare entities that grow without end or name other files.
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler = lambda name, given: start(_local(name), {_local(key): given[key] for key in given})
    parser.EndElementHandler = lambda name: end(_local(name))
    parser.CharacterDataHandler = text
    try:
        for chunk in chunks:
            parser.Parse(chunk, False)
            yield
        parser.Parse(b"", True)
        yield
    except (expat.ExpatError, LookupError, ValueError) as error:
        # The second and third are encodings that nobody knows, or expat does not.
        raise broken(f"有部件不是 XML（{error}）", f"a part of it is no XML ({error})") from None


def elements(content: bytes) -> list[tuple[str, Attributes]]:
    """Return every element of a short text, as the names of its parent and its own, and its attributes.

    Examples
    --------
    >>> elements(b'<workbook xmlns="urn:x"><sheets><sheet name="A"/></sheets></workbook>')
    [('/workbook', {}), ('workbook/sheets', {}), ('sheets/sheet', {'name': 'A'})]
    """
    found: list[tuple[str, Attributes]] = []
    path = [""]

    def start(name: str, given: Attributes) -> None:
        found.append((f"{path[-1]}/{name}", given))
        path.append(name)

    for _ in parsed([content], start, lambda _: path.__delitem__(-1), lambda _: None):
        pass
    return found


def _local(name: str) -> str:
    # LibreOffice says a second time, and better, of what type a cell is.
    space, _, local = name.rpartition(" ")
    return f"calcext:{local}" if space.endswith(":calcext:1.0") else local


def _refuse_doctype(*_: object) -> None:
    problem = (
        "有部件声明了文档类型，正常的工作簿没有",
        "a part of it declares a document type, which workbooks never do",
    )
    raise broken(*problem)
