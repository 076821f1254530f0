"""The kinds of report: overview of many counties, and what writes each kind as a file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from os import PathLike
from pathlib import Path
from types import MappingProxyType
from typing import Literal

import numpy as np

from balancedu.core.fields import Language
from balancedu.document import Block, Cell, Document, Grid, Heading, Paragraph, Picture
from balancedu.errors import RequestError
from balancedu.evaluation import wording
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.figures import printed
from balancedu.evaluation.verdict import Verdict
from balancedu.planning.plan.result import Plan
from balancedu.reporting.html import write_html, write_pdf
from balancedu.reporting.pieces import verdict_cell
from balancedu.reporting.plans import brief, implementation
from balancedu.reporting.rectification import rectification
from balancedu.reporting.self_evaluation import self_evaluation
from balancedu.reporting.word import Written, read_places, write_docx
from balancedu.saving import check_target
from balancedu.text import Phrase

Kind = Literal["self-evaluation", "rectification", "brief", "implementation", "overview"]

_FAILS = Phrase("最常见的未达标项目", "What most often fails")
_COUNTIES = Phrase("各县情况", "The counties")
MOST_ITEMS = 10


def overview(evaluation: Evaluation, lang: Language, pages: Mapping[str, str] = MappingProxyType({})) -> Document:
    """Return the overview; `pages` says where the page of each county is, for those that have one."""
    return Document(
        title=(evaluation.standard.title + Phrase("各县评估总览", ": Overview of the counties")).text(lang),
        subtitle=evaluation.standard.documents,
        lang=lang,
        blocks=(*map(Paragraph, evaluation.standard.notes(lang)), *_blocks(evaluation, lang, pages)),
    )


def _blocks(evaluation: Evaluation, lang: Language, pages: Mapping[str, str]) -> Iterator[Block]:
    yield Heading(Phrase("结论", "Verdicts").text(lang))
    yield Paragraph(_counted(evaluation, lang))
    if evaluation.strict is not None and _is_relieved(evaluation, evaluation.strict):
        yield Paragraph(Phrase("不放宽：", "Without relief: ").text(lang) + _counted(evaluation.strict, lang))
    if doubtful := {warning.county for warning in evaluation.warnings}:
        count = len(evaluation.warnings)
        zh = f"填报数据中有{count}处需要核实，涉及{len(doubtful)}个县；判定未受影响。"
        en = f"{count} figures of {len(doubtful)} counties should be looked at again; no verdict is changed."
        yield Paragraph(Phrase(zh, en).text(lang))
    yield Heading(_FAILS.text(lang))
    yield _fails(evaluation, lang)
    yield Heading(_COUNTIES.text(lang))
    yield _table(evaluation, lang, pages)
    yield Heading(Phrase("分布", "Distributions").text(lang))
    yield from _distributions(evaluation, lang)


def _is_relieved(evaluation: Evaluation, strict: Evaluation) -> bool:
    """Return whether relief changed the verdict of an item in any county."""
    return any((evaluation.item_verdicts[item] != codes).any() for item, codes in strict.item_verdicts.items())


def _counted(evaluation: Evaluation, lang: Language) -> str:
    verdicts = list(evaluation.verdicts.values())
    result = [(entry.text(lang), verdicts.count(entry)) for entry in Verdict if verdicts.count(entry)]
    if lang == "zh":
        return f"共评估{len(verdicts)}个县：" + "，".join(f"{word}{count}个" for word, count in result) + "。"
    return f"{len(verdicts)} counties were judged: " + ", ".join(f"{count} {word}" for word, count in result) + "."


def _fails(evaluation: Evaluation, lang: Language) -> Grid:
    rows = []
    for item, codes in evaluation.item_verdicts.items():
        failing, unknown = int((codes == Verdict.NOT_MET.code).sum()), int((codes == Verdict.UNKNOWN.code).sum())
        if failing or unknown:
            name = evaluation.standard.items[item].name.text(lang)
            rows.append((failing, unknown, (f"{item} {name}", str(failing), str(unknown))))
    rows.sort(key=lambda row: (-row[0], -row[1]))
    header = {"zh": ("项目", "未达标的县", "待定的县"), "en": ("item", "counties that fail", "unknown")}[lang]
    return Grid(header, tuple(row for _, _, row in rows[:MOST_ITEMS]), caption=_FAILS.text(lang))


def _table(evaluation: Evaluation, lang: Language, pages: Mapping[str, str]) -> Grid:
    parts = evaluation.part_verdicts
    items = np.array(list(evaluation.item_verdicts.values()))
    titles = [evaluation.standard.parts[part].title.text(lang) for part in parts]
    words = {"zh": ("结论", "未达标项", "待定项", "学校数"), "en": ("verdict", "not met", "unknown", "sections")}[lang]
    sections = evaluation.sections["county"]
    names, counts = np.unique(sections, return_counts=True)
    size = dict(zip(names.tolist(), counts.tolist(), strict=True))
    strict: dict[str, tuple[Cell]] = {}
    if evaluation.strict is not None and _is_relieved(evaluation, evaluation.strict):
        strict = {county: (verdict_cell(verdict, lang),) for county, verdict in evaluation.strict.verdicts.items()}
    rows = []
    for n, (county, verdict) in enumerate(evaluation.verdicts.items()):
        result = wording.county_named(evaluation.submission, county, lang, on_paper=True)
        name = Cell(result, target=pages[county]) if county in pages else result
        failing = str(int((items[:, n] == Verdict.NOT_MET.code).sum()))
        unknown = str(int((items[:, n] == Verdict.UNKNOWN.code).sum()))
        of_parts = [verdict_cell(Verdict.of(codes[n]), lang) for codes in parts.values()]
        first = (name, verdict_cell(verdict, lang), *strict.get(county, ()), *of_parts)
        rows.append((*first, failing, unknown, str(size.get(county, 0))))
    besides = (Phrase("不放宽的结论", "without relief").text(lang),) if strict else ()
    header = (Phrase("县", "county").text(lang), words[0], *besides, *titles, *words[1:])
    return Grid(header, tuple(rows), caption=_COUNTIES.text(lang), texts=len(header) - 3, sortable=True)


def _distributions(evaluation: Evaluation, lang: Language) -> Iterator[Picture]:
    from balancedu import plots

    for n, stage in enumerate(evaluation.stages):
        title = evaluation.standard.head.stage_titles[stage].text(lang)
        result = []
        for k, indicator in enumerate(evaluation.indicators):
            known = evaluation.cv[:, n, k][~np.isnan(evaluation.cv[:, n, k])]
            median, precision = float(np.median(known)) if known.size else np.nan, evaluation.standard.head.precision
            shown = printed(median, "coefficient", precision, lang) if known.size else "?"
            result.append(f"{indicator} {shown}")
        words = {"zh": "各县差异系数的中位数：", "en": "median coefficients: "}[lang]
        yield Picture(
            {"zh": f"{title}差异系数在各县的分布", "en": f"Coefficients of all counties, {title}"}[lang],
            words + ", ".join(result),
            partial(plots.counties, evaluation, stage=stage, lang=lang),
            (6.8, 3.4),
        )


def page_names(evaluation: Evaluation, suffix: str) -> dict[str, str]:
    """Return a file name for each county; ids may hold anything, so only plain signs of theirs are kept."""
    digits = len(str(len(evaluation.counties)))
    return {
        county: f"{n:0{digits}d}-{re.sub(r'[^0-9A-Za-z一-鿿_-]', '_', county)[:40]}{suffix}"
        for n, county in enumerate(evaluation.counties, 1)
    }


KINDS: Mapping[Kind, tuple[Phrase, Callable[[Evaluation, Language, Plan | None], Document]]] = {
    "self-evaluation": (Phrase("自查自评报告", "self-evaluation"), self_evaluation),
    "rectification": (Phrase("整改方案", "rectification plan"), rectification),
    "brief": (Phrase("情况简报", "brief for the leaders"), brief),
    "implementation": (Phrase("实施方案", "implementation plan"), implementation),
    "overview": (
        Phrase("多县总览", "overview of many counties"),
        lambda evaluation, lang, _: overview(evaluation, lang),
    ),
}
"""Every kind of report: its title, and what makes the document."""
_WRITERS: Mapping[str, Callable[..., object]] = {".docx": write_docx, ".html": write_html, ".pdf": write_pdf}


def write_report(
    evaluation: Evaluation,
    path: str | PathLike[str],
    *,
    kind: Kind = "self-evaluation",
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
        Where to write; its ending says how.
    kind : one of KINDS
        Which report: 自查自评报告, the report of a county about itself, and so on.
    lang : 'zh' or 'en'
        The language of the report.
    pages : bool
        For the overview: write the self-evaluation of each county too, in a folder beside it, and link to it.
    earlier : mapping of year to Evaluation, optional
        For the self-evaluation: the same county in earlier years, in the order of time, to show the change.
    year : str, optional
        What to call the year of `evaluation` beside them; left out, this year.
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
        If the older report cannot be read, or holds in a marked place what cannot be kept; the place is named.
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
    ...     _ = be.write_report(be.evaluate(be.example("failing")), path, kind="rectification", lang="en")
    ...     "primary equipment value: the county 0.504" in path.read_text(encoding="utf-8")
    True
    """
    target = Path(path)
    if target.suffix.lower() not in _WRITERS:
        raise ValueError(f"a report ends in {', '.join(_WRITERS)}, found {target.name!r}")
    if kind not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}, found {kind!r}")
    check_target(target, replace=replace)
    suffix = target.suffix.lower()
    places: Mapping[str, Written] = {}
    if update is not None:
        if suffix != ".docx" or kind == "overview":
            zh = "只能更新一个县的Word材料（.docx）"
            raise RequestError(Phrase(zh, "only a .docx report about one county can be updated"))
        places = read_places(update)
    write = partial(_WRITERS[suffix], replace=replace)
    links = _write_pages(evaluation, target, lang, write) if kind == "overview" and pages else {}
    document = report_document(evaluation, kind, lang, earlier=earlier, year=year, plan=plan, pages=links)
    if places:
        return write_docx(document, target, replace=replace, places=places)
    write(document, target)
    return ()


def report_document(
    evaluation: Evaluation,
    kind: Kind,
    lang: Language,
    *,
    earlier: Mapping[str, Evaluation] = MappingProxyType({}),
    year: str = "",
    plan: Plan | None = None,
    pages: Mapping[str, str] = MappingProxyType({}),
) -> Document:
    """Return a report before it is a file; `pages` holds the address of each county's page for the overview."""
    if kind == "overview":
        return overview(evaluation, lang, pages)
    if len(evaluation.counties) > 1:
        first = evaluation.counties[0]
        raise ValueError(f"a {kind} report is about one county; say which, as in ev[{first!r}], or write an overview")
    if earlier:
        known = {**earlier, year or {"zh": "本年", "en": "this year"}[lang]: evaluation}
        return self_evaluation(evaluation, lang, plan, known)
    return KINDS[kind][1](evaluation, lang, plan)


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
