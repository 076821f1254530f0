"""What a plan does, as papers name it: who does what by when, and what it costs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import attrs

from balancedu.core.standard import Standard
from balancedu.core.words import SEMICOLON, bracketed, joined
from balancedu.document import Block, Grid, Paragraph
from balancedu.evaluation.evaluation import Evaluation
from balancedu.planning.distances import amount_text
from balancedu.planning.plan.result import LATER, Plan
from balancedu.text import NO_WORDS, Language, Phrase, in_both

_LATER = Phrase("预算之外", "beyond the budgets")
_ROOMS, _CLASSES = Phrase("间", "rooms"), Phrase("个班", "classes")
_OPEN, _SPREAD = Phrase("增设教学班", "open classes"), Phrase("学生均衡编班", "spread pupils evenly")


@attrs.frozen
class Task:
    """One thing that a plan does.

    Attributes
    ----------
    kind : str
        As in `Plan.moves`.
    measure : str
        The id of what is moved, opened, built or bought.
    target : str
        What of the remedies of a problem it is.
    school, out_of : str
        Ids of the school that receives, and of the one that gives.
    who : Phrase
        The school that receives.
    text, amount : Phrase
        What is done, and how much, with its unit.
    cost : float
        Yuan.
    payer : {'county', 'school'}
    year : str
        Empty where the plan has no years.
    """

    kind: str
    measure: str
    target: str
    school: str
    out_of: str
    who: Phrase
    text: Phrase
    amount: Phrase
    cost: float
    payer: str
    year: str

    def when(self, lang: Language) -> str:
        """Return the year in words."""
        if self.year == LATER:
            return _LATER.text(lang)
        return f"{self.year}年" if self.year and lang == "zh" else self.year


def tasks_of(plan: Plan | None) -> tuple[Task, ...]:
    """Return the tasks of a plan, the grades of a school together; none without one."""
    if plan is None:
        return ()
    columns = plan.moves
    groups: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in range(columns["kind"].size):
        move = {name: values[row].item() for name, values in columns.items()}
        by_grade = move["kind"] in ("move_pupils", "arrange_classes")
        kept = ("kind", "school", "out_of", "measure", "payer", "year", *(() if by_grade else ("detail",)))
        opens = move["kind"] == "arrange_classes" and move["amount"] > 0
        groups.setdefault((*(move[name] for name in kept), opens), []).append(move)
    return tuple(_task(plan.evaluation.standard, moves) for moves in groups.values())


def _task(standard: Standard, moves: Sequence[Mapping[str, Any]]) -> Task:
    first, amount = moves[0], sum(move["amount"] for move in moves)
    kind, measure, detail = first["kind"], first["measure"], first["detail"]
    title: Phrase = standard.measures[measure].title
    unit: Phrase | None = standard.measures[measure].unit
    grades = _grades(sorted({move["detail"] for move in moves if move["detail"]}))
    giver = Phrase.of(first["out_of_name"])
    if kind == "move_pupils":
        stage = next(name for name, column in standard.head.scope.pupils.items() if column == measure)
        of_stage = standard.head.stage_titles[stage]
        zh = f"从{giver.zh}分流{of_stage.zh}{grades.zh}学生"
        text = Phrase(zh, f"move {of_stage.en} {grades.en}pupils from {giver.en}")
    elif kind == "arrange_classes":
        unit = _CLASSES
        text = grades + (_OPEN if amount else _SPREAD)
    elif kind == "build_rooms":
        unit = _ROOMS
        use = next(choice.title for choice in standard.measures["rooms.use"].values if choice.id == detail)
        text = Phrase(f"新建或改建{use.zh}专用教室", f"build or convert rooms for {use.en}")
    elif kind == "transfer":
        text = Phrase(f"从{giver.zh}调配{title.zh}", f"move {title.en} from {giver.en}")
    else:
        text = Phrase("增加", "more ") + title
    return Task(
        kind=kind,
        measure=measure,
        target=f"rooms.{detail}" if kind == "build_rooms" else measure,
        school=first["school"],
        out_of=first["out_of"],
        who=Phrase.of(first["name"]),
        text=text,
        amount=Phrase(amount_text(amount, unit, "zh"), amount_text(amount, unit, "en")) if amount else NO_WORDS,
        cost=sum(move["cost"] for move in moves),
        payer=first["payer"],
        year=first["year"],
    )


def _grades(grades: Sequence[str]) -> Phrase:
    """Return grades in words, those that follow each other as a range.

    Examples
    --------
    >>> _grades(["1", "2", "3"]).zh, _grades(["3", "6"]).zh
    ('1至3年级', '3、6年级')
    """
    if not grades:
        return NO_WORDS
    numbers = [int(grade) for grade in grades if grade.isdigit()]
    if len(numbers) == len(grades) > 2 and numbers == list(range(numbers[0], numbers[-1] + 1)):
        return Phrase(f"{numbers[0]}至{numbers[-1]}年级", f"grades {numbers[0]} to {numbers[-1]} ")
    return Phrase(f"{'、'.join(grades)}年级", f"{'grade' if len(grades) == 1 else 'grades'} {', '.join(grades)} ")


def money_grid(tasks: Sequence[Task], standard: Standard, lang: Language) -> Grid:
    """Return what each kind of task costs, in 10,000 yuan in Chinese, by year where the plan has years."""
    years = list(dict.fromkeys(task.year for task in tasks)) if any(task.year for task in tasks) else []
    titles = {year: next(task.when(lang) for task in tasks if task.year == year) for year in years}

    def row(title: str, some: Sequence[Task]) -> list[str]:
        sums = [sum(task.cost for task in some if task.year == year) for year in years]
        return [title, *(_money(cost, lang) for cost in (*sums, sum(task.cost for task in some)))]

    groups: dict[Phrase, list[Task]] = {}
    for task in tasks:
        title: Phrase = standard.measures[task.measure].title
        groups.setdefault(_GROUPS.get(task.kind, title), []).append(task)
    rows = [row(title.text(lang), some) for title, some in groups.items() if any(task.cost for task in some)]
    rows.append(row({"zh": "合计", "en": "total"}[lang], tasks))
    if any(task.payer == "school" for task in tasks):
        for payer, words in _PAYERS.items():
            rows.append(row(words.text(lang), [task for task in tasks if task.payer == payer]))
    header = {"zh": ("任务", "合计"), "en": ("task", "total")}[lang]
    caption = {"zh": "投入测算（万元）", "en": "What it costs (yuan)"}
    if years:
        caption = {"zh": "分年度投入测算（万元）", "en": "What it costs by year (yuan)"}
    return Grid((header[0], *titles.values(), header[1]), rows, caption=caption[lang])


_GROUPS: Mapping[str, Phrase] = {
    "move_pupils": Phrase("分流学生", "pupils who move"),
    "arrange_classes": Phrase("均衡编班、增设教学班", "classes"),
    "build_rooms": Phrase("专用教室", "special rooms"),
}
_PAYERS: Mapping[str, Phrase] = {
    "county": Phrase("其中：县级承担", "of these, the county"),
    "school": Phrase("学校自筹", "schools"),
}


def cost_blocks(evaluation: Evaluation, plan: Plan, rest: Sequence[Task], lang: Language) -> Iterator[Block]:
    """Yield what a plan costs, by year where it has years, and what it does beside the problems."""
    yield money_grid(tasks_of(plan), evaluation.standard, lang)
    if rest:
        texts = SEMICOLON.text(lang).join(task_texts(rest, lang))
        yield Paragraph(Phrase(f"为落实上述措施，同步安排：{texts}。", f"Besides: {texts}.").text(lang))
    if plan.example_prices:
        zh = "未给出本县单价的，按参考单价测算，实施前应按本县实际单价调整。"
        en = "Where the county gave no price, example prices were used; they are to be replaced."
        yield Paragraph(Phrase(zh, en).text(lang))


def _money(yuan: float, lang: Language) -> str:
    return f"{yuan / 1e4:,.2f}" if lang == "zh" else f"{yuan:,.0f}"


def task_texts(tasks: Iterable[Task], lang: Language) -> list[str]:
    """Return tasks in words, each with its amount, year and cost."""
    return [_task_text(task).text(lang) for task in tasks]


def _task_text(task: Task) -> Phrase:
    amount = Phrase("", " ") + task.amount if task.amount else NO_WORDS
    notes = [in_both(task.when)] * bool(task.year)
    notes += [Phrase(f"{task.cost / 1e4:g}万元", f"{task.cost:,.0f} yuan")] * bool(task.cost)
    ending = bracketed(joined(Phrase("，", ", "), notes)) if notes else NO_WORDS
    return task.who + Phrase("", ": ") + task.text + amount + ending
