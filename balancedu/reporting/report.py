"""One evaluation as a report for people: .docx, .html, .md or .pdf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from os import PathLike
from pathlib import Path
from types import MappingProxyType
from typing import get_args

from balancedu.core.model import Language
from balancedu.evaluation.evaluation import Evaluation
from balancedu.reporting.document import Document, Kind

SUFFIXES = (".docx", ".html", ".md", ".pdf")


def write_report(
    evaluation: Evaluation,
    path: str | PathLike[str],
    *,
    kind: Kind = "self-evaluation",
    lang: Language = "zh",
    pages: bool = True,
    earlier: Mapping[str, Evaluation] = MappingProxyType({}),
    year: str = "",
) -> None:
    """Write a report as .docx, .html, .md or .pdf.

    Parameters
    ----------
    evaluation : Evaluation
        Of one county; of any number for the overview.
    path : path
        Where to write; its ending says how. Markdown keeps its pictures in a folder beside it.
    kind : {'self-evaluation', 'rectification', 'overview'}
        自查自评报告, the report of a county about itself; the problems to be put right; many counties on one page.
    lang : 'zh' or 'en'
    pages : bool
        For the overview: write the self-evaluation of each county too, in a folder beside it, and link to it.
    earlier : mapping of year to Evaluation, optional
        For the self-evaluation: the same county in earlier years, in the order of time, to show the change.
    year : str, optional
        What to call the year of `evaluation` beside them; left out, this year.

    Raises
    ------
    MissingExtraError
        If a library for this format is not installed.
    ValueError
        If the ending or the kind is unknown, or several counties are given where one is reported.

    Notes
    -----
    A report claims what the evaluation does, and nothing more: what is unknown is written as unknown, and what
    only the county can say is left as a marked place.

    Examples
    --------
    >>> import balancedu as be, tempfile, pathlib
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "report.html")
    ...     be.write_report(be.evaluate(be.example("failing")), path, kind="rectification", lang="en")
    ...     "G4 school size" in path.read_text(encoding="utf-8")
    True
    """
    target = Path(path)
    if target.suffix.lower() not in SUFFIXES:
        raise ValueError(f"a report ends in {', '.join(SUFFIXES)}, found {target.name!r}")
    if kind not in get_args(Kind):
        raise ValueError(f"kind must be one of {', '.join(get_args(Kind))}, found {kind!r}")
    write = _writer(target.suffix.lower())
    if kind == "overview":
        write(_overview(evaluation, target, lang, write, pages=pages), target)
    else:
        known = {**earlier, year or {"zh": "本年", "en": "this year"}[lang]: evaluation} if earlier else {}
        write(_county(evaluation, kind, lang, known), target)


def _county(
    evaluation: Evaluation, kind: Kind, lang: Language, known: Mapping[str, Evaluation] = MappingProxyType({})
) -> Document:
    from balancedu.reporting.rectification import rectification
    from balancedu.reporting.self_evaluation import self_evaluation

    if len(evaluation.counties) > 1:
        first = evaluation.counties[0]
        raise ValueError(f"a {kind} report is about one county; say which, as in ev[{first!r}], or write an overview")
    return self_evaluation(evaluation, lang, known) if kind == "self-evaluation" else rectification(evaluation, lang)


def _overview(
    evaluation: Evaluation, target: Path, lang: Language, write: Callable[[Document, Path], None], *, pages: bool
) -> Document:
    from balancedu.reporting.overview import overview, page_names

    links: Mapping[str, str] = {}
    if pages:
        folder = target.with_name(f"{target.stem}-pages")
        folder.mkdir(exist_ok=True)
        names = page_names(evaluation, target.suffix.lower())
        for county, name in names.items():
            write(_county(evaluation[county], "self-evaluation", lang), folder / name)
        links = {county: f"{folder.name}/{name}" for county, name in names.items()}
    return overview(evaluation, lang, links)


def _writer(suffix: str) -> Callable[[Document, Path], None]:
    if suffix == ".docx":
        from balancedu.reporting.word import write_docx

        return write_docx
    if suffix == ".md":
        from balancedu.reporting.markdown import write_markdown

        return write_markdown
    from balancedu.reporting.web import write_html, write_pdf

    return write_html if suffix == ".html" else write_pdf
