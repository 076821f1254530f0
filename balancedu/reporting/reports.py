"""The kinds of report: overview of many counties, and what writes each kind as a file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from os import PathLike
from pathlib import Path
from types import MappingProxyType
from typing import get_args

import numpy as np

from balancedu.core.fields import Language
from balancedu.evaluation import wording
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.figures import printed
from balancedu.evaluation.verdict import Verdict
from balancedu.reporting.document import Block, Document, Grid, Heading, Kind, Link, Paragraph, Picture, Words, noted

WORDS: Words = {
    "title": {"zh": "各县评估总览", "en": "Overview of the counties"},
    "verdicts": {"zh": "结论", "en": "Verdicts"},
    "fails": {"zh": "最常见的未达标项目", "en": "What most often fails"},
    "counties": {"zh": "各县情况", "en": "The counties"},
    "distributions": {"zh": "分布", "en": "Distributions"},
    "strict": {"zh": "不放宽的结论", "en": "without relief"},
    "county": {"zh": "县", "en": "county"},
}
MOST_ITEMS = 10


def overview(evaluation: Evaluation, lang: Language, pages: Mapping[str, str]) -> Document:
    """Return the overview; `pages` says where the page of each county is, for those that have one."""
    return Document(
        title=f"{evaluation.standard.title.said(lang)}{'' if lang == 'zh' else ': '}{WORDS['title'][lang]}",
        subtitle=evaluation.standard.documents,
        lang=lang,
        blocks=(*noted(evaluation.standard, lang), *_blocks(evaluation, lang, pages)),
    )


def _blocks(evaluation: Evaluation, lang: Language, pages: Mapping[str, str]) -> Iterator[Block]:
    yield Heading(1, WORDS["verdicts"][lang])
    yield Paragraph(_counted(evaluation, lang))
    if evaluation.strict is not None and evaluation.reliefs:
        words = {"zh": "不放宽：", "en": "Without relief: "}[lang]
        yield Paragraph(words + _counted(evaluation.strict, lang))
    if doubtful := {one.county for one in evaluation.warnings}:
        count = len(evaluation.warnings)
        zh = f"填报数据中有{count}处需要核实，涉及{len(doubtful)}个县；判定未受影响。"
        en = f"{count} figures of {len(doubtful)} counties should be looked at again; no verdict is changed."
        yield Paragraph(zh if lang == "zh" else en)
    yield Heading(1, WORDS["fails"][lang])
    yield _fails(evaluation, lang)
    yield Heading(1, WORDS["counties"][lang])
    yield _table(evaluation, lang, pages)
    yield Heading(1, WORDS["distributions"][lang])
    yield from _distributions(evaluation, lang)


def _counted(evaluation: Evaluation, lang: Language) -> str:
    verdicts = list(evaluation.verdicts.values())
    told = [(one.said(lang), verdicts.count(one)) for one in Verdict if verdicts.count(one)]
    if lang == "zh":
        return f"共评估{len(verdicts)}个县：" + "，".join(f"{word}{count}个" for word, count in told) + "。"
    return f"{len(verdicts)} counties were judged: " + ", ".join(f"{count} {word}" for word, count in told) + "."


def _fails(evaluation: Evaluation, lang: Language) -> Grid:
    rows = []
    for item, codes in evaluation.item_verdicts.items():
        failing, unknown = int((codes == Verdict.NOT_MET).sum()), int((codes == Verdict.UNKNOWN).sum())
        if failing or unknown:
            name = evaluation.standard.items[item].name.said(lang)
            rows.append((failing, unknown, (f"{item} {name}", str(failing), str(unknown))))
    rows.sort(key=lambda row: (-row[0], -row[1]))
    header = {"zh": ("项目", "未达标的县", "待定的县"), "en": ("item", "counties that fail", "unknown")}[lang]
    return Grid(WORDS["fails"][lang], header, tuple(row for _, _, row in rows[:MOST_ITEMS]), frozenset({1, 2}))


def _table(evaluation: Evaluation, lang: Language, pages: Mapping[str, str]) -> Grid:
    parts = evaluation.part_verdicts
    items = np.array(list(evaluation.item_verdicts.values()))
    titles = [evaluation.standard.parts[part].title.said(lang) for part in parts]
    words = {"zh": ("结论", "未达标项", "待定项", "学部数"), "en": ("verdict", "not met", "unknown", "sections")}[lang]
    sections = evaluation.sections["county"]
    names, counts = np.unique(sections, return_counts=True)
    size = dict(zip(names.tolist(), counts.tolist(), strict=True))
    strict: dict[str, tuple[Verdict]] = {}
    if evaluation.strict is not None and evaluation.reliefs:
        strict = {county: (verdict,) for county, verdict in evaluation.strict.verdicts.items()}
    rows = []
    for n, (county, verdict) in enumerate(evaluation.verdicts.items()):
        told = wording.county_named(county, lang, on_paper=True)
        name = Link(told, pages[county]) if county in pages else told
        failing = str(int((items[:, n] == Verdict.NOT_MET).sum()))
        unknown = str(int((items[:, n] == Verdict.UNKNOWN).sum()))
        of_parts = [Verdict(int(codes[n])) for codes in parts.values()]
        rows.append((name, verdict, *strict.get(county, ()), *of_parts, failing, unknown, str(size.get(county, 0))))
    besides = (WORDS["strict"][lang],) if strict else ()
    header = (WORDS["county"][lang], words[0], *besides, *titles, *words[1:])
    numeric = frozenset(range(len(header) - 3, len(header)))
    return Grid(WORDS["counties"][lang], header, tuple(rows), numeric, sortable=True)


def _distributions(evaluation: Evaluation, lang: Language) -> Iterator[Picture]:
    from balancedu import plots

    for n, stage in enumerate(evaluation.stages):
        title = evaluation.standard.head.stage_titles[stage].said(lang)
        told = []
        for k, indicator in enumerate(evaluation.indicators):
            known = evaluation.cv[:, n, k][~np.isnan(evaluation.cv[:, n, k])]
            median = (
                printed(float(np.median(known)), "coefficient", evaluation.standard.head.precision, lang)
                if known.size
                else "?"
            )
            told.append(f"{indicator} {median}")
        words = {"zh": "各县差异系数的中位数：", "en": "median coefficients: "}[lang]
        yield Picture(
            {"zh": f"{title}差异系数在各县的分布", "en": f"Coefficients of all counties, {title}"}[lang],
            words + ", ".join(told),
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
    from balancedu.reporting.html import write_html, write_pdf

    return write_html if suffix == ".html" else write_pdf
