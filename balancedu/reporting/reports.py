"""Reports of every kind and results as files, and the overview of many counties."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from os import PathLike
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

import attrs
import numpy as np

from balancedu.core.fields import Language
from balancedu.document import Block, Document, Grid, GridCell, Heading, Paragraph, Picture, Result, cell_text
from balancedu.errors import RequestError
from balancedu.evaluation import wording
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.results import Verdict
from balancedu.files.book import LINE, Book, lines_of, new_book
from balancedu.files.layout import sheet_name
from balancedu.options import options
from balancedu.planning.plan.result import Plan
from balancedu.reporting.html import write_html, write_pdf
from balancedu.reporting.papers import brief, implementation, rectification, self_evaluation
from balancedu.reporting.pieces import Paper, verdict_cell
from balancedu.reporting.word import Written, read_places, write_docx
from balancedu.saving import check_target
from balancedu.text import Phrase, width

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

ReportKind = Literal["self-evaluation", "rectification", "brief", "implementation", "overview"]

_FAILS = Phrase("最常见的未达标项目", "What most often fails")
_COUNTIES = Phrase("各县情况", "The counties")
MOST_ITEMS = 10
_WIDEST = 40
_NUMBER = re.compile(r"-?[0-9][0-9,]*(\.[0-9]+)?")


def overview(paper: Paper) -> Document:
    """Return the overview of many counties."""
    standard, lang = paper.standard, paper.lang
    title = (standard.title + Phrase("：各县评估总览", ": Overview of the counties")).text(lang)
    blocks = (*map(Paragraph, standard.notes(lang)), *_overview(paper))
    return Document(title, standard.documents, lang, blocks)


def _overview(paper: Paper) -> Iterator[Block]:
    evaluation, strict = paper.evaluation, _strict(paper.evaluation)
    yield Heading(paper.words("结论", "Verdicts"))
    yield Paragraph(_counted(evaluation, paper))
    if strict is not None:
        yield Paragraph(paper.words("不放宽：", "Without relief: ") + _counted(strict, paper))
    if doubtful := len({warning.county for warning in evaluation.warnings}):
        count = len(evaluation.warnings)
        zh = f"填报数据中有{count}处需要核实，涉及{doubtful}个县；判定未受影响。"
        en = f"{count} figures of {doubtful} counties should be looked at again; no verdict is changed."
        yield Paragraph(paper.words(zh, en))
    yield Heading(_FAILS.text(paper.lang))
    yield _fails(paper)
    yield Heading(_COUNTIES.text(paper.lang))
    yield _table(paper)
    yield Heading(paper.words("分布", "Distributions"))
    yield from _distributions(paper)


def _strict(evaluation: Evaluation) -> Evaluation | None:
    """Return the evaluation without relief, where relief changed the verdict of an item in any county."""
    strict, items = evaluation.strict, evaluation.item_verdicts
    differs = strict is not None and any((items[item] != codes).any() for item, codes in strict.item_verdicts.items())
    return strict if differs else None


def _counted(evaluation: Evaluation, paper: Paper) -> str:
    counts = Counter(evaluation.verdicts.values())
    words = [(verdict.text(paper.lang), counts[verdict]) for verdict in Verdict if counts[verdict]]
    if paper.lang == "zh":
        return f"共评估{counts.total()}个县：" + "，".join(f"{word}{count}个" for word, count in words) + "。"
    return f"{counts.total()} counties were judged: " + ", ".join(f"{count} {word}" for word, count in words) + "."


def _fails(paper: Paper) -> Grid:
    rows = []
    for item, codes in paper.evaluation.item_verdicts.items():
        failing, unknown = (int((codes == verdict.code).sum()) for verdict in (Verdict.NOT_MET, Verdict.UNKNOWN))
        if failing or unknown:
            rows.append((paper.standard.items[item].name, failing, unknown))
    rows.sort(key=lambda row: (-row[1], -row[2]))
    header = Phrase("项目", "item"), Phrase("未达标的县", "counties that fail"), Phrase("待定的县", "unknown")
    return paper.grid(_FAILS, header, rows[:MOST_ITEMS])


def _table(paper: Paper) -> Grid:
    evaluation, lang, strict = paper.evaluation, paper.lang, _strict(paper.evaluation)
    items = np.array(list(evaluation.item_verdicts.values()))
    sizes = Counter(evaluation.sections["county"].tolist())
    rows: list[tuple[str | GridCell, ...]] = []
    for n, (county, verdict) in enumerate(evaluation.verdicts.items()):
        name = wording.county_named(evaluation.submission, county, lang, on_paper=True)
        verdicts = [verdict, *([strict.verdicts[county]] if strict else [])]
        counts = [int((items[:, n] == other.code).sum()) for other in (Verdict.NOT_MET, Verdict.UNKNOWN)]
        cells = [verdict_cell(entry, lang) for entry in verdicts]
        for part, codes in evaluation.part_verdicts.items():
            cells.append(verdict_cell(Verdict.of(codes[n]), lang, evaluation.standard.parts[part]))
        rows.append((GridCell(name, target=paper.pages.get(county, "")), *cells, *map(str, counts), str(sizes[county])))
    header = [
        *(Phrase("县", "county"), Phrase("结论", "verdict")),
        *([Phrase("不放宽的结论", "without relief")] if strict else []),
        *(evaluation.standard.parts[part].title for part in evaluation.part_verdicts),
        *(Phrase("未达标项", "not met"), Phrase("待定项", "unknown"), Phrase("学校数", "sections")),
    ]
    titles = [title.text(lang) for title in header]
    return Grid(titles, rows, caption=_COUNTIES.text(lang), texts=len(header) - 3, sortable=True)


def _distributions(paper: Paper) -> Iterator[Picture]:
    from balancedu import plots

    evaluation = paper.evaluation
    for n, stage in enumerate(evaluation.stages):
        medians = []
        for k, indicator in enumerate(paper.standard.indicators.values()):
            known = evaluation.cv[:, n, k][~np.isnan(evaluation.cv[:, n, k])]
            median = paper.figure(float(np.median(known)), "coefficient") if known.size else "?"
            medians.append(f"{indicator.name.text(paper.lang)} {median}")
        title = paper.standard.head.stage_titles[stage]
        caption = paper.words(f"{title.zh}差异系数在各县的分布", f"Coefficients of all counties, {title.en}")
        alt = paper.words("各县差异系数的中位数：", "median coefficients: ") + ", ".join(medians)
        yield Picture(caption, alt, partial(plots.counties, evaluation, stage=stage, lang=paper.lang), (6.8, 3.4))


def page_names(evaluation: Evaluation, suffix: str) -> dict[str, str]:
    """Return a file name for each county; ids may hold anything, so only plain signs of theirs are kept."""
    digits = len(str(len(evaluation.counties)))
    return {
        county: f"{n:0{digits}d}-{re.sub(r'[^0-9A-Za-z一-鿿_-]', '_', county)[:40]}{suffix}"
        for n, county in enumerate(evaluation.counties, 1)
    }


@attrs.frozen
class Report:
    """A kind of report: its title, the function that makes the document, and whether it is about many counties."""

    title: Phrase
    document: Callable[[Paper], Document]
    of_many: bool = False


REPORTS: Mapping[ReportKind, Report] = {
    "self-evaluation": Report(Phrase("自查自评报告", "self-evaluation"), self_evaluation),
    "rectification": Report(Phrase("整改方案", "rectification plan"), rectification),
    "brief": Report(Phrase("情况简报", "brief for the leaders"), brief),
    "implementation": Report(Phrase("实施方案", "implementation plan"), implementation),
    "overview": Report(Phrase("多县总览", "overview of many counties"), overview, of_many=True),
}
_WRITERS: Mapping[str, Callable[..., object]] = {".docx": write_docx, ".html": write_html, ".pdf": write_pdf}


def write_report(
    evaluation: Evaluation,
    path: str | PathLike[str],
    *,
    kind: ReportKind = "self-evaluation",
    lang: Language = "zh",
    pages: bool = True,
    earlier: Mapping[str, Evaluation] = MappingProxyType({}),
    year: str = "",
    plan: Plan | None = None,
    update: str | PathLike[str] | None = None,
    replace: bool = False,
) -> tuple[str, ...]:
    """Write a report as .docx, .html or .pdf.

    Parameters
    ----------
    evaluation : Evaluation
        Of one county; of any number for the overview.
    path : path
        The file to write; its ending selects the format.
    kind : one of REPORTS
        Which report: 自查自评报告, the report of a county about itself, and so on.
    lang : 'zh' or 'en'
        The language of the report.
    pages : bool
        For the overview: write the self-evaluation of each county too, in a folder beside it, and link to it.
    earlier : mapping of year to Evaluation, optional
        For the self-evaluation: the same county in earlier years, in the order of time, to show the change.
    year : str, optional
        The name of the year of `evaluation` next to them; default: this year.
    plan : Plan, optional
        As of `be.plan`: measures, amounts, costs and years are taken from it.
    update : path, optional
        An older .docx report: what was typed into its marked places is kept in the new one. Text that was typed
        elsewhere stays in the older file alone.
    replace : bool
        Whether existing files are replaced.

    Returns
    -------
    tuple of str
        The titles of the places whose texts were kept from the older report.

    Raises
    ------
    RequestError
        If the older report cannot be read, or holds in a marked place what cannot be kept (the place is named), the
        ending or the kind is unknown, or several counties are given where one is reported.
    MissingExtraError
        If a library for this format is not installed.

    Notes
    -----
    A report claims what the evaluation does, and nothing more: what is unknown is written as unknown, and what
    only the county can say is left as a marked place.

    Examples
    --------
    >>> import balancedu as be, tempfile, pathlib
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "report.html")
    ...     _ = be.write_report(be.evaluate(be.example("failing")), path, kind="rectification", lang="en")
    ...     "primary equipment value: the county 0.504" in path.read_text(encoding="utf-8")
    True
    """
    target = Path(path)
    if target.suffix.lower() not in _WRITERS:
        known = "、".join(_WRITERS)
        zh, en = f"材料应写为 {known}，现为“{target.name}”", f"a report ends in one of {known}, found {target.name!r}"
        raise RequestError(Phrase(zh, en.replace("、", ", ")))
    if kind not in REPORTS:
        known = ", ".join(REPORTS)
        raise RequestError(
            Phrase(f"材料的种类 `kind` 应为 {known}，现为“{kind}”", f"kind must be one of {known}, found {kind!r}")
        )
    check_target(target, replace=replace)
    suffix = target.suffix.lower()
    places: Mapping[str, Written] = {}
    if update is not None:
        if suffix != ".docx" or REPORTS[kind].of_many:
            zh = "只能更新一个县的Word材料（.docx）"
            raise RequestError(Phrase(zh, "only a .docx report about one county can be updated"))
        places = read_places(update)
    write = partial(_WRITERS[suffix], replace=replace)
    links = _write_pages(evaluation, target, lang, write) if REPORTS[kind].of_many and pages else {}
    document = report_document(evaluation, kind, lang, earlier=earlier, year=year, plan=plan, pages=links)
    if places:
        return write_docx(document, target, replace=replace, places=places)
    write(document, target)
    return ()


def report_document(
    evaluation: Evaluation,
    kind: ReportKind,
    lang: Language,
    *,
    earlier: Mapping[str, Evaluation] = MappingProxyType({}),
    year: str = "",
    plan: Plan | None = None,
    pages: Mapping[str, str] = MappingProxyType({}),
) -> Document:
    """Return a report before it is a file; `pages` holds the address of each county's page for the overview."""
    report = REPORTS[kind]
    if len(evaluation.counties) > 1 and not report.of_many:
        first = evaluation.counties[0]
        en = f"a {kind} report is about one county; choose one, as in ev[{first!r}], or write an overview"
        raise RequestError(Phrase(f"{report.title.zh}每次只写一个县：请指定一个，如 ev[{first!r}]，或生成总览", en))
    this_year = year or Phrase("本年", "this year").text(lang)
    return report.document(Paper(evaluation, lang, plan, {**earlier, this_year: evaluation} if earlier else {}, pages))


def _write_pages(
    evaluation: Evaluation, target: Path, lang: Language, write: Callable[[Document, Path], object]
) -> dict[str, str]:
    """Write the self-evaluation of each county in a folder beside the overview, and return where each is."""
    folder = target.with_name(f"{target.stem}-pages")
    folder.mkdir(exist_ok=True)
    names = page_names(evaluation, target.suffix.lower())
    for county, name in names.items():
        write(report_document(evaluation[county], "self-evaluation", lang), folder / name)
    return {county: f"{folder.name}/{name}" for county, name in names.items()}


def write_result(
    result: Result, path: str | PathLike[str], *, title: str = "", lang: Language | None = None, replace: bool = False
) -> None:
    """Write what a result prints as .xlsx, one sheet a table, or as .docx.

    Parameters
    ----------
    result : Result
        As of `gaps`, `drivers`, `shortfalls`, `plan`, `what_if`, `compare`, `trend`, `margins` or `diff`.
    path : path
        Its ending selects the format.
    title : str
        The title of the document.
    lang : 'zh' or 'en', optional
        `be.options.lang` where it is left out.
    replace : bool
        Whether an existing file is replaced.

    Raises
    ------
    MissingExtraError
        If XlsxWriter or python-docx is not installed.
    RequestError
        If the file exists already, or ends in something else.

    Examples
    --------
    >>> import balancedu as be, tempfile, pathlib
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "gaps.xlsx")
    ...     be.write_result(be.gaps(be.evaluate(be.example("failing"))), path)
    ...     path.is_file()
    True
    """
    lang, target = lang or options.lang, Path(path)
    check_target(target, replace=replace)
    suffix = target.suffix.lower()
    if suffix == ".docx":
        write_docx(Document(title, "", lang, tuple(result.blocks(lang))), target, replace=replace)
    elif suffix == ".xlsx":
        _write_workbook(result, target, title, lang, replace=replace)
    else:
        zh = f"结果应写为 .xlsx 或 .docx，现为“{target.name}”"
        raise RequestError(Phrase(zh, f"a result ends in .xlsx or .docx, found {target.name!r}"))


def _write_workbook(result: Result, path: Path, title: str, lang: Language, *, replace: bool) -> None:
    """Write a sheet for each heading, with its paragraphs and tables below each other."""
    with new_book(path, lang, title=title, purpose=Phrase("生成工作簿", "a workbook"), replace=replace) as book:
        sheet, row, name = None, 0, title
        for block in result.blocks(lang):
            if isinstance(block, Heading):
                sheet, name = None, block.text
            if sheet is None:
                sheet, row = book.workbook.add_worksheet(_sheet_name(book, name)), 1
                book.write(sheet, 0, 0, name, bold=True, font_size=14, border=0, text_wrap=False)
                book.printed(sheet, landscape=True)
            if isinstance(block, Grid):
                row = _write_grid(book, sheet, row + 1, block)
            elif isinstance(block, Paragraph):
                book.write(sheet, row, 0, block.text, border=0, text_wrap=False)
                row += 1
        if not book.workbook.worksheets():
            book.sheet(title)


def _write_grid(book: Book, sheet: Worksheet, first: int, grid: Grid) -> int:
    rows = [[cell_text(cell) for cell in row] for row in grid.rows]
    widths = [min(_WIDEST, 3 + max(map(width, column))) for column in zip(grid.header, *rows, strict=True)]
    for n, row in enumerate(rows, first + 1):
        sheet.set_row(n, LINE * max(map(lines_of, row, widths)) + 2)
    for column, heading in enumerate(grid.header):
        sheet.set_column(column, column, widths[column])
        book.heading(sheet, first, column, heading)
        for n, row in enumerate(rows, first + 1):
            if column < grid.texts:
                book.write(sheet, n, column, row[column])
            elif _NUMBER.fullmatch(row[column]):
                # A figure is a number at the decimals that it is printed with.
                plain, decimals = row[column].replace(",", ""), len(row[column].partition(".")[2])
                look = "#,##0" + f".{'0' * decimals}" * bool(decimals)
                book.write(sheet, n, column, float(plain), num_format=look, align="right")
            else:
                book.write(sheet, n, column, row[column], align="right")
    return first + len(rows) + 1


def _sheet_name(book: Book, text: str) -> str:
    """Return a name that a sheet may have and no other has."""
    plain = sheet_name(text)[:28] or "1"
    taken = {sheet.get_name().casefold() for sheet in book.workbook.worksheets()}
    numbered = (plain if n == 1 else f"{plain}-{n}" for n in range(1, len(taken) + 2))
    return next(name for name in numbered if name.casefold() not in taken)
