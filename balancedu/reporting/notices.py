"""一校一策: one page a school, with what it has, what it lacks and what is to be done."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from os import PathLike
from pathlib import Path

import attrs
import numpy as np

from balancedu.document import Block, Document, Grid, Heading, PageBreak, Paragraph, Placeholder
from balancedu.errors import RequestError, near
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.figures import limit_printed, printed
from balancedu.evaluation.sections import Section, section_of
from balancedu.options import options
from balancedu.planning.plan.result import Plan
from balancedu.reporting.pieces import county_name, responsible
from balancedu.reporting.problems import (
    Problem,
    assigned,
    measure_paragraphs,
    own_names,
    problem_paragraphs,
    problems,
)
from balancedu.reporting.tasks import Task, tasks_of
from balancedu.reporting.word import write_docx
from balancedu.saving import check_target
from balancedu.text import Language, Phrase


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
    target, notices = Path(path), _Notices.of(evaluation, plan, lang)
    wanted = list(notices.names) if schools is None else list(schools)
    for school in wanted:
        if school not in notices.names:
            unknown = Phrase(f"没有学校“{school}”，或该校没有需要通知的内容", f"no notice for a school {school!r}")
            raise RequestError(unknown + near(school, notices.names))
    if target.is_dir():
        files = {target / f"{_file_name(notices.names[school])}.docx": [school] for school in wanted}
    elif target.suffix.lower() == ".docx":
        files = {target: wanted}
    else:
        zh = f"一校一策应写为 .docx，或写入已有的文件夹，现为“{target.name}”"
        raise RequestError(Phrase(zh, f"notices end in .docx, or go to a folder that exists, found {target.name!r}"))
    for file in files:
        check_target(file, replace=replace)
    for file, some in files.items():
        write_docx(notices.document(some), file, replace=replace)
    return tuple(files)


def _file_name(name: str) -> str:
    return re.sub(r'[\\/:*?"<>|\x00-\x1f]', "_", name)[:60]


@attrs.frozen(eq=False)
class _Notices:
    """What the notices of a county are written from; `names` are the schools that may have one."""

    evaluation: Evaluation
    sections: tuple[Section, ...]
    problems: tuple[Problem, ...]
    tasks: Mapping[Problem, list[Task]]
    names: Mapping[str, str]
    lang: Language

    @classmethod
    def of(cls, evaluation: Evaluation, plan: Plan | None, lang: Language) -> _Notices:
        result = problems(evaluation)
        sections = tuple(section_of(evaluation.record.basis, row) for row in evaluation.section_rows.tolist())
        schools = [section.school for section in sections] + [problem.school for problem in result if problem.school]
        own = own_names(evaluation)
        names = {school: own[school].text(lang) for school in schools}
        return cls(evaluation, sections, result, assigned(result, tasks_of(plan))[0], names, lang)

    def document(self, schools: Sequence[str]) -> Document:
        """Return a document with a page for each school."""
        county, _ = county_name(self.evaluation, self.lang)
        blocks: list[Block] = []
        for n, school in enumerate(schools):
            blocks += [PageBreak()] * bool(n)
            blocks += self._page(school)
        title = {"zh": f"{county}义务教育优质均衡发展一校一策", "en": f"{county}: one notice a school"}[self.lang]
        return Document(title, "", self.lang, tuple(blocks))

    def _page(self, school: str) -> Iterator[Block]:
        lang, evaluation = self.lang, self.evaluation
        own = tuple(problem for problem in self.problems if problem.school == school)
        yield Heading(self.names[school], 1)
        for section in self.sections:
            if section.school == school:
                yield _grid(evaluation, section, self.sections, lang)
        if own:
            yield Heading({"zh": "存在的问题", "en": "Problems"}[lang], 2)
            yield from problem_paragraphs(evaluation, own, lang)
            yield Heading({"zh": "整改措施", "en": "Measures"}[lang], 2)
            yield from measure_paragraphs(evaluation, own, lang, self.tasks)
            if not all(responsible(evaluation, problem.entry, lang) for problem in own):
                yield Placeholder({"zh": "【待填写：责任人、完成时限】", "en": "[to be written: who, by when]"}[lang])
        else:
            text = {"zh": "本校各项指标均达到标准，请继续保持。", "en": "This school reaches every standard."}
            yield Paragraph(text[lang])


def _grid(evaluation: Evaluation, section: Section, sections: Sequence[Section], lang: Language) -> Grid:
    """Return the indicators of a section beside standard, floor and mean, and its place in the county."""
    precision, standard = evaluation.standard.head.precision, evaluation.standard
    position = list(evaluation.stages).index(section.stage)
    same = [entry for entry in sections if entry.stage == section.stage]
    rows = []
    for n, indicator in enumerate(standard.indicators.values()):
        value, mean = section.values[indicator.id], float(evaluation.mean[0, position, n])
        threshold, lowest = section.limits[indicator.id]
        limit = limit_printed(float(threshold.value), "value", lang) if threshold else "–"
        floor = limit_printed(float(lowest.value), "value", lang) if lowest else "–"
        values = [entry.values[indicator.id] for entry in same]
        ahead = sum(other < value if indicator.at_most else other > value for other in values)
        place = "–" if np.isnan(value) else f"{1 + ahead}/{len(values)}"
        shown = printed(value, "value", precision, lang)
        average = "–" if np.isnan(mean) else printed(mean, "value", precision, lang)
        rows.append([indicator.title.text(lang), shown, limit, floor, average, place])
    header: dict[Language, tuple[str, ...]] = {
        "zh": ("指标", "本校", "标准", "最低要求", "全县平均", "位次"),
        "en": ("indicator", "school", "standard", "floor", "mean", "place"),
    }
    return Grid(header[lang], rows, caption=section.text(lang) + {"zh": "各项指标", "en": ": indicators"}[lang])
