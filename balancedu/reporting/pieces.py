"""What every paper about one county is written from, and the pieces that several papers share."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from types import MappingProxyType
from typing import TypeVar

import attrs
import numpy as np

from balancedu.core.model import Indicator
from balancedu.core.standard import FIELDS, GENERAL, Item, Part, Standard, narrative_entries
from balancedu.core.words import COLON, COMMA, SEMICOLON, STOP, bracketed, joined
from balancedu.document import Block, Document, Grid, GridCell, Heading, Paragraph, Placeholder, Tone
from balancedu.evaluation import wording
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.findings import Finding
from balancedu.evaluation.results import Display, Verdict
from balancedu.evaluation.wording import printed
from balancedu.planning.plan.result import Plan
from balancedu.reporting.problems import Problem, Task, assigned, problems, tasks_of
from balancedu.reporting.sentences import conclusion_text, part_verdict
from balancedu.text import NO_WORDS, Language, Phrase, in_both

Key = TypeVar("Key")
ValueT = TypeVar("ValueT")
_TONES: dict[Verdict, Tone] = {
    Verdict.MET: "met",
    Verdict.NOT_MET: "not_met",
    Verdict.UNKNOWN: "unknown",
    Verdict.NOT_APPLICABLE: "not_applicable",
}
_SPACE, _COMMA, _TOTAL = Phrase("", " "), Phrase("，", ", "), Phrase("合计", "total")
_PAYERS: Mapping[str, Phrase] = {
    "county": Phrase("其中：县级承担", "of these, the county"),
    "school": Phrase("学校自筹", "schools"),
}


@attrs.frozen(slots=False, eq=False)
class Paper:
    """What papers are written from, in one language.

    Attributes
    ----------
    evaluation : Evaluation
        Of one county; of many for an overview.
    lang : 'zh' or 'en'
    plan : Plan, optional
    years : mapping of year to Evaluation
        The evaluations that a change is shown between, this one the last; none for a single year.
    pages : mapping of county to address
        The page of each county that has one, for an overview.
    """

    evaluation: Evaluation
    lang: Language
    plan: Plan | None = None
    years: Mapping[str, Evaluation] = MappingProxyType({})
    pages: Mapping[str, str] = MappingProxyType({})

    @property
    def standard(self) -> Standard:
        """The standard of the evaluation."""
        return self.evaluation.standard

    @cached_property
    def problems(self) -> tuple[Problem, ...]:
        """The problems of the county."""
        return problems(self.evaluation)

    @cached_property
    def tasks(self) -> tuple[Mapping[Problem, list[Task]], tuple[Task, ...]]:
        """The tasks of the plan that answer each problem, and those that answer none."""
        return assigned(self.problems, tasks_of(self.plan))

    @property
    def county(self) -> str:
        """The name of the county on paper."""
        return wording.county_named(self.evaluation.submission, self.evaluation.counties[0], self.lang, on_paper=True)

    @property
    def kind(self) -> str:
        """What sort of county it is called: 县, 区 or 市."""
        return self.county[-1] if self.county.endswith(("县", "区", "市", "旗")) else "县"

    def words(self, zh: str, en: str) -> str:
        """Return a text in the language of the paper."""
        return zh if self.lang == "zh" else en

    def document(self, zh: str, en: str, blocks: Iterable[Block]) -> Document:
        """Return a document whose title begins with the county."""
        return Document(self.county + self.words(zh, f": {en}"), "", self.lang, tuple(blocks))

    def grid(
        self, caption: Phrase, header: Iterable[Phrase], rows: Iterable[Iterable[object]], *, texts: int = 1
    ) -> Grid:
        """Return a table in the language of the paper."""
        cells = [[cell.text(self.lang) if isinstance(cell, Phrase) else str(cell) for cell in row] for row in rows]
        return Grid([title.text(self.lang) for title in header], cells, texts, caption.text(self.lang))

    def figure(self, number: float, display: Display) -> str:
        """Return a figure at the precision of the form; a dash where it is not known."""
        return "–" if math.isnan(number) else printed(number, display, self.standard.head.precision, self.lang)

    def heading(self, number: int, text: Phrase, level: int = 1) -> Heading:
        """Return a heading with its number, as official documents number them: 一、, then （一）, then 1．, as text."""
        if self.lang != "zh":
            return Heading(f"{number}. {text.en}", level)
        marks = {1: f"{chinese_number(number)}、", 2: f"（{chinese_number(number)}）", 3: f"{number}．"}
        return Heading(marks[level] + text.zh, level)

    def numbered(self, number: int, text: str) -> Paragraph:
        """Return a paragraph with its number in a list."""
        return Paragraph(self.words(f"{number}．", f"{number}. ") + text)

    def written(self, key: str) -> str:
        """Return what the county wrote about something; empty where it wrote nothing."""
        return self.evaluation.submission.narrative.get(key, "").strip()

    def place(self, key: str) -> Placeholder:
        """Return the marked place for a text of the county, with what it wrote in the workbook."""
        entry, _, field = key.rpartition(".")
        title = (FIELDS if entry else GENERAL)[field].text(self.lang)
        about = narrative_entries(self.standard)[entry].text(self.lang) if entry else ""
        prompt = self.words(f"【待填写：{title}】", f"[to be written: {title}]")
        return Placeholder(prompt, key, title + COLON.text(self.lang) + about if about else title, self.written(key))

    def responsible(self, entry: str) -> str:
        """Return who has to act by when, as far as the county wrote it."""
        fields = {field: self.written(f"{entry}.{field}") for field in ("office", "person", "deadline")}
        texts = ((FIELDS[field] + COLON).text(self.lang) + text for field, text in fields.items() if text)
        return SEMICOLON.text(self.lang).join(texts)

    def opening(self, zh: str, en: str, *, follows: bool = True) -> Paragraph:
        """Return by which documents the county did what, and what a reader has to know of them."""
        standard, end = self.standard, Phrase("。现将有关情况报告如下：", ", as follows.") if follows else STOP
        laws = [(standard.title, standard.head.document)]
        laws += [(entry.title, entry.document) for entry in standard.applied]
        named_zh = "、".join(f"《{title.zh}》（{number}）" for title, number in laws)
        named_en = ", ".join(f"{title.en} ({number})" for title, number in laws)
        text = Phrase(
            f"根据{named_zh}要求，{self.county}对义务教育优质均衡发展情况进行了{zh}",
            f"By {named_en}, {self.county} {en}",
        )
        if standard.day:
            text += bracketed(Phrase(f"以{standard.day}为准", f"as of {standard.day}"))
        return Paragraph((text + end).text(self.lang))

    def lapses(self) -> Iterator[Paragraph]:
        """Yield what of the law is not applied on the day, before the first verdict."""
        standard = self.standard
        titles: dict[str, Phrase] = {entry.id: entry.title for entry in standard.applied}
        owners: dict[str, Item | Indicator] = {**standard.items, **standard.indicators}
        for lapse in standard.lapses:
            # An overlay of which nothing is applied has no title among those that are.
            law: Phrase = lapse.title or titles.get(lapse.by, Phrase.of(lapse.by))
            what = Phrase(f"《{law.zh}》的规定", law.en)
            if owner := owners.get(lapse.path.partition(".")[2].partition(".")[0]):
                what = Phrase(f"《{law.zh}》关于“{owner.name.zh}”的规定", f"{law.en} on {owner.name.en}")
            yield Paragraph(lapse.text(self.lang, what=what))

    def without_relief(self, finding: Finding, subject: Phrase = NO_WORDS) -> Paragraph:
        """Return what an item would come to without the relief that changed it."""
        text = subject + Phrase("如不放宽，", "without relief: ") + in_both(finding.reason)
        return Paragraph(text.text(self.lang))

    def signature(self) -> Iterator[Paragraph]:
        """Yield the place of seal and date at the end."""
        yield Paragraph("")
        yield Paragraph(self.county + self.words("人民政府（盖章）", ", seal"), align="right")
        yield Paragraph(self.words("　　　　年　　月　　日", "date"), align="right")

    def conclusion(self, label: Phrase, verdict: Verdict, text: str = "") -> Paragraph:
        """Return a verdict in words, highlighted by more than colour."""
        text = text or conclusion_text(verdict).text(self.lang)
        return Paragraph(text + STOP.text(self.lang), label.text(self.lang), _TONES[verdict])

    def overview(self) -> Paragraph:
        """Return how many schools of each type, pupils and classes the tables list; what is missing is named.

        Examples
        --------
        >>> import balancedu as be
        >>> Paper(be.evaluate(be.example("failing")), "zh").overview().text[:30]
        '安和县填报学校14所，其中小学5所、教学点2所、初级中学3所'
        """
        submission, stage_titles = self.evaluation.record.basis.submission, self.standard.head.stage_titles
        schools, types = submission.schools, submission.schools.choices("type")
        kinds = self.standard.measures["type"].values
        counts = [(kind.title, int((types == n).sum())) for n, kind in enumerate(kinds)]
        pupils, missing = [], 0
        for stage in self.evaluation.stages:
            numbers = schools.numbers(self.standard.head.scope.pupils[stage])
            # Types without declared stages have the stages that they report.
            has = np.array([stage in (kinds[n].stages or ()) for n in types], dtype=bool)
            pupils.append((stage_titles[stage], int(np.nansum(numbers))))
            missing += int((np.isnan(numbers) & has).sum())
        classes, total = len(submission.tables["classes"]), sum(count for _, count in pupils)
        by_type = joined(COMMA, (Phrase(f"{title.zh}{n}所", f"{title.en} {n}") for title, n in counts if n))
        by_stage = joined(COMMA, (Phrase(f"{title.zh}{n}人", f"{title.en} {n}") for title, n in pupils))
        text = Phrase(
            f"{self.county}填报学校{len(schools)}所，其中{by_type.zh}。义务教育阶段在校生{total}人，其中{by_stage.zh}",
            f"{self.county} reported {len(schools)} schools: {by_type.en}. Pupils: {total}, of these {by_stage.en}",
        )
        if missing:
            text += bracketed(Phrase(f"另有{missing}处在校生数缺报", f"{missing} numbers not reported"))
        if classes:
            text += SEMICOLON + Phrase(f"教学班{classes}个", f"classes: {classes}")
        return Paragraph((text + STOP).text(self.lang))

    def doubts(self) -> Iterator[Paragraph]:
        """Yield what of the figures is doubtful."""
        if self.evaluation.warnings:
            yield Paragraph(
                "", self.words("填报数据中需要核实的（不影响判定）", "Figures to look at again (no verdict is changed)")
            )
        for number, warning in enumerate(self.evaluation.warnings, 1):
            yield self.numbered(number, warning.text(self.lang))

    def problem_paragraphs(self, some: Sequence[Problem]) -> Iterator[Paragraph]:
        """Yield problems by kind, with schools and amounts, and what the county wrote about them."""
        if not some:
            yield Paragraph(self.words("本次自查未发现未达标或数据缺报的项目。", "Nothing is not met or unknown."))
        groups = grouped((problem.kind, problem) for problem in some)
        for number, (kind, group) in enumerate(groups.items(), 1):
            count = Phrase(f"（{len(group)}处）", "") if len(group) > 1 else NO_WORDS
            detail = joined(SEMICOLON, filter(None, map(_with_figures, group)))
            yield self.numbered(
                number, (kind + count + (COLON + detail if detail else NO_WORDS) + STOP).text(self.lang)
            )
        yield from self._from_county(some, "problem", len(groups) + 1)

    def measure_paragraphs(self, some: Sequence[Problem]) -> Iterator[Paragraph]:
        """Yield what is to be done, by the plan where there is one, else by what is lacking; and who acts by when."""
        groups = grouped((problem.measure, problem) for problem in some)
        for number, (measure, group) in enumerate(groups.items(), 1):
            planned = [task.words for problem in group for task in self.tasks[0].get(problem, [])]
            detail = joined(SEMICOLON, planned) or self._amounts(group)
            offices = dict.fromkeys(self.responsible(problem.entry) for problem in group)
            who = SEMICOLON.text(self.lang).join(filter(None, offices))
            text = measure + COLON + detail if detail else measure
            yield self.numbered(
                number, (text + (bracketed(Phrase.of(who)) if who else NO_WORDS) + STOP).text(self.lang)
            )
        yield from self._from_county(some, "measure", len(groups) + 1)

    def _from_county(self, some: Sequence[Problem], field: str, first: int) -> Iterator[Paragraph]:
        """Yield what the county wrote about the entries that have problems, numbered from `first`."""
        entries = dict.fromkeys(entry for problem in some for entry in (problem.entry, problem.item))
        texts = (self.written(f"{entry}.{field}") for entry in entries)
        for number, text in enumerate(filter(None, texts), first):
            yield self.numbered(number, text)

    def _amounts(self, group: Sequence[Problem]) -> Phrase:
        """Return what the schools lack, in Chinese at least the schools, and the money that is known."""
        amounts = [problem.who + _SPACE + problem.lacking for problem in group if problem.lacking and problem.by_amount]
        if not amounts and self.lang == "zh":
            amounts = [problem.who for problem in group if problem.school]
        if cost := sum(problem.cost for problem in group if not math.isnan(problem.cost)):
            amounts.append(Phrase(f"约需资金{cost / 1e4:g}万元", f"about {cost:,.0f} yuan"))
        return joined(_COMMA, amounts)

    def spending(self) -> Phrase:
        """Return what a plan costs, by year and payer; without one, the money that problems lack; nothing for none."""

        def money(some: Iterable[Task]) -> Phrase:
            yuan = sum(task.cost for task in some)
            return Phrase(f"{yuan / 1e4:.2f}万元", f" {yuan:,.0f} yuan")

        if tasks := tasks_of(self.plan):
            years = {task.year: task.when for task in tasks if task.year}
            parts = [when + money(task for task in tasks if task.year == year) for year, when in years.items()]
            if own := [task for task in tasks if task.payer == "school" and task.cost]:
                parts.append(_PAYERS["school"] + money(own))
            total = Phrase("按最低投入方案需", "the plan costs") + money(tasks)
            return total + Phrase("，其中", ": ") + joined(COMMA, parts) if parts else total
        lacking = sum(problem.cost for problem in self.problems if not math.isnan(problem.cost))
        zh = f"已可测算的资金缺口{lacking / 1e4:.2f}万元（不含校舍、师资）"
        en = f"money that can be counted: {lacking:,.0f} yuan (without buildings and teachers)"
        return Phrase(zh, en) if lacking else NO_WORDS

    def money(self) -> Grid:
        """Return what each kind of task costs, in 10,000 yuan in Chinese, by year where the plan has years."""
        tasks = tasks_of(self.plan)
        years = {task.year: task.when for task in tasks} if any(task.year for task in tasks) else {}
        groups = grouped((task.group, task) for task in tasks)
        some = {title: group for title, group in groups.items() if any(task.cost for task in group)}
        some[_TOTAL] = list(tasks)
        if any(task.payer == "school" for task in tasks):
            some |= {title: [task for task in tasks if task.payer == payer] for payer, title in _PAYERS.items()}
        rows = []
        for title, group in some.items():
            sums = [sum(task.cost for task in group if task.year == year) for year in years]
            money = (*sums, sum(task.cost for task in group))
            rows.append([title, *(Phrase(f"{yuan / 1e4:,.2f}", f"{yuan:,.0f}") for yuan in money)])
        caption = Phrase("投入测算（万元）", "What it costs (yuan)")
        if years:
            caption = Phrase("分年度投入测算（万元）", "What it costs by year (yuan)")
        return self.grid(caption, (Phrase("任务", "task"), *years.values(), _TOTAL), rows)

    def costs(self) -> Iterator[Block]:
        """Yield what a plan costs, and what it does beside the problems."""
        yield self.money()
        if rest := self.tasks[1]:
            texts = joined(SEMICOLON, (task.words for task in rest)).text(self.lang)
            yield Paragraph(self.words(f"为落实上述措施，同步安排：{texts}。", f"Besides: {texts}."))
        if self.plan is not None and self.plan.example_prices:
            zh = "未给出本县单价的，按参考单价测算，实施前应按本县实际单价调整。"
            en = "Where the county gave no price, example prices were used; they are to be replaced."
            yield Paragraph(self.words(zh, en))


def grouped(pairs: Iterable[tuple[Key, ValueT]]) -> dict[Key, list[ValueT]]:
    """Return values by key, both in the order in which they come."""
    groups: dict[Key, list[ValueT]] = {}
    for key, value in pairs:
        groups.setdefault(key, []).append(value)
    return groups


def _with_figures(problem: Problem) -> Phrase:
    """Return who has a problem, with the figure, the standard and what is missing where they are known."""
    if problem.verdict is Verdict.UNKNOWN or not problem.now:
        return problem.who if problem.school else NO_WORDS
    standard = bracketed(Phrase("标准", "standard ") + problem.wanted)
    result = problem.who + _SPACE + problem.now + standard
    return result + _COMMA + problem.lacking if problem.lacking else result


def verdict_cell(verdict: Verdict, lang: Language, part: Part | None = None) -> GridCell:
    """Return a verdict, also of a part, as a cell; a reader sorts the failing ones to the top."""
    return GridCell(
        part_verdict(part, verdict, lang) if part else verdict.text(lang), _TONES[verdict], key=str(verdict.code)
    )


def chinese_number(number: int) -> str:
    """Return a number of a heading in Chinese.

    Examples
    --------
    >>> chinese_number(3), chinese_number(10), chinese_number(12), chinese_number(20)
    ('三', '十', '十二', '二十')
    """
    tens, ones = divmod(number, 10)
    digits = "〇一二三四五六七八九"
    return (f"{digits[tens] * (tens > 1)}十" if tens else "") + (digits[ones] if ones or not tens else "")
