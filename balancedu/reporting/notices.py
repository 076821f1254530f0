"""一校一策: one page a school, with what it has, what it lacks and what is to be done."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from os import PathLike
from pathlib import Path

import numpy as np

from balancedu.document import Block, Document, Grid, Heading, PageBreak, Paragraph, Placeholder
from balancedu.errors import RequestError, near
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.findings import Section
from balancedu.evaluation.wording import limit_printed, printed
from balancedu.options import options
from balancedu.planning.plan.result import Plan
from balancedu.reporting.pieces import Paper
from balancedu.reporting.problems import own_names
from balancedu.reporting.sentences import sections_of_stage
from balancedu.reporting.word import write_docx
from balancedu.saving import check_target
from balancedu.text import Language, Phrase, in_both


def write_notices(
    evaluation: Evaluation,
    path: str | PathLike[str],
    *,
    plan: Plan | None = None,
    schools: Sequence[str] | None = None,
    lang: Language | None = None,
    replace: bool = False,
) -> tuple[Path, ...]:
    """Write a notice for each school: one Word document of a page each, or a folder with one document each.

    Parameters
    ----------
    evaluation : Evaluation
        Of one county.
    path : path
        A .docx file for all, or a folder that exists for one file each.
    plan : Plan, optional
        As of `be.plan`: its tasks for each school, with costs and years.
    schools : sequence of str, optional
        Ids of schools; all that take part in the indicators or have a problem where it is left out.
    lang : 'zh' or 'en', optional
        `be.options.lang` where it is left out.
    replace : bool
        Whether existing files are replaced.

    Returns
    -------
    tuple of Path
        The files that were written.

    Raises
    ------
    MissingExtraError
        If python-docx is not installed.
    RequestError
        If a file exists already, a school is not in the county, or several counties are given.

    Examples
    --------
    >>> import balancedu as be, tempfile, pathlib
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     ev, path = be.evaluate(be.example("failing")), pathlib.Path(folder, "all.docx")
    ...     be.write_notices(ev, path, schools=["003"])[0].name
    'all.docx'
    """
    lang = lang or options.lang
    if len(evaluation.counties) != 1:
        raise RequestError(Phrase("每次只写一个县的一校一策", "notices are about one county"))
    target, paper = Path(path), Paper(evaluation, lang, plan)
    names = noticed_schools(paper)
    wanted = list(names) if schools is None else list(schools)
    for school in wanted:
        if school not in names:
            unknown = Phrase(f"没有学校“{school}”，或该校没有需要通知的内容", f"no notice for a school {school!r}")
            raise RequestError(unknown + near(school, names))
    if target.is_dir():
        files = {target / f"{_file_name(names[school])}.docx": [school] for school in wanted}
    elif target.suffix.lower() == ".docx":
        files = {target: wanted}
    else:
        zh = f"一校一策应写为 .docx，或写入已有的文件夹，现为“{target.name}”"
        raise RequestError(Phrase(zh, f"notices end in .docx, or go to a folder that exists, found {target.name!r}"))
    for file in files:
        check_target(file, replace=replace)
    for file, some in files.items():
        write_docx(notices(paper, some), file, replace=replace)
    return tuple(files)


def _file_name(name: str) -> str:
    return re.sub(r'[\\/:*?"<>|\x00-\x1f]', "_", name)[:60]


def noticed_schools(paper: Paper) -> Mapping[str, str]:
    """Return the schools that may have a notice, with what they are called: each has a section or a problem."""
    sections = (section for stage in paper.evaluation.stages for section in sections_of_stage(paper.evaluation, stage))
    schools = [section.school for section in sections] + [problem.school for problem in paper.problems]
    own = own_names(paper.evaluation)
    return {school: own[school].text(paper.lang) for school in schools if school}


def notices(paper: Paper, schools: Sequence[str]) -> Document:
    """Return a document with a page for each school."""
    blocks: list[Block] = []
    for n, school in enumerate(schools):
        blocks += [PageBreak()] * bool(n)
        blocks += _page(paper, school)
    return paper.document("义务教育优质均衡发展一校一策", "one notice a school", blocks)


def _page(paper: Paper, school: str) -> Iterator[Block]:
    own = tuple(problem for problem in paper.problems if problem.school == school)
    yield Heading(noticed_schools(paper)[school], 1)
    for stage in paper.evaluation.stages:
        sections = sections_of_stage(paper.evaluation, stage)
        yield from (_grid(paper, section, sections) for section in sections if section.school == school)
    if not own:
        yield Paragraph(paper.words("本校各项指标均达到标准，请继续保持。", "This school reaches every standard."))
        return
    yield Heading(paper.words("存在的问题", "Problems"), 2)
    yield from paper.problem_paragraphs(own)
    yield Heading(paper.words("整改措施", "Measures"), 2)
    yield from paper.measure_paragraphs(own)
    if not all(paper.responsible(problem.entry) for problem in own):
        yield Placeholder(paper.words("【待填写：责任人、完成时限】", "[to be written: who, by when]"))


def _grid(paper: Paper, section: Section, sections: Sequence[Section]) -> Grid:
    """Return the indicators of a section beside standard, floor and mean, and its place among those of its stage."""
    precision, lang = paper.standard.head.precision, paper.lang
    means = paper.evaluation.mean[0, paper.evaluation.stages.index(section.stage)].tolist()
    rows = []
    for indicator, mean in zip(paper.standard.indicators.values(), means, strict=True):
        value, limits = section.values[indicator.id], section.limits_and_floors[indicator.id]
        bounds = [limit_printed(float(limit.value), "value", lang) if limit else "–" for limit in limits]
        values = [entry.values[indicator.id] for entry in sections]
        ahead = sum(other < value if indicator.at_most else other > value for other in values)
        place = "–" if np.isnan(value) else f"{1 + ahead}/{len(values)}"
        shown = printed(value, "value", precision, lang)
        rows.append([indicator.title, shown, *bounds, paper.figure(mean, "value"), place])
    header = (
        *(Phrase("指标", "indicator"), Phrase("本校", "school"), Phrase("标准", "standard")),
        *(Phrase("最低要求", "floor"), Phrase("全县平均", "mean"), Phrase("位次", "place")),
    )
    return paper.grid(in_both(section.text) + Phrase("各项指标", ": indicators"), header, rows)
