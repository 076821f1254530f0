"""Problems and measures in the sentences of official papers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence

from balancedu.document import Block, Paragraph
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.verdict import Verdict
from balancedu.reporting.pieces import responsible, written
from balancedu.reporting.problems import Problem
from balancedu.reporting.tasks import Task, task_texts
from balancedu.text import Language


def problem_paragraphs(evaluation: Evaluation, result: Sequence[Problem], lang: Language) -> Iterator[Block]:
    """Yield the problems by what they are, with schools and amounts, and what the county wrote about them."""
    if not result:
        yield Paragraph({"zh": "本次自查未发现未达标或数据缺报的项目。", "en": "Nothing is not met or unknown."}[lang])
    number = 0
    for number, (kind, group) in enumerate(_grouped((problem.kind.text(lang), problem) for problem in result), 1):
        named = [text for problem in group if (text := _named(problem, lang))]
        if lang == "zh":
            count = f"（{len(group)}处）" if len(group) > 1 else ""
            yield Paragraph(f"{number}．{kind}{count}{'：' if named else ''}{'；'.join(named)}。")
        else:
            yield Paragraph(f"{number}. {kind}{': ' if named else ''}{'; '.join(named)}.")
    yield from _typed(evaluation, result, "problem", number, lang)


def _typed(
    evaluation: Evaluation, result: Sequence[Problem], field: str, number: int, lang: Language
) -> Iterator[Paragraph]:
    """Yield what the county wrote about the entries that have problems, numbered on."""
    entries = dict.fromkeys(entry for problem in result for entry in (problem.entry, problem.item))
    texts = [text for entry in entries if (text := written(evaluation, f"{entry}.{field}"))]
    for n, text in enumerate(texts, number + 1):
        yield Paragraph(f"{n}．{text}" if lang == "zh" else f"{n}. {text}")


def _grouped(pairs: Iterable[tuple[str, Problem]]) -> Iterable[tuple[str, list[Problem]]]:
    groups: dict[str, list[Problem]] = {}
    for title, problem in pairs:
        groups.setdefault(title, []).append(problem)
    return groups.items()


def _named(problem: Problem, lang: Language) -> str:
    who = problem.who.text(lang)
    if problem.verdict is Verdict.UNKNOWN or not problem.now:
        return who if problem.school else ""
    now, wanted, lacking = (phrase.text(lang) for phrase in (problem.now, problem.wanted, problem.lacking))
    result = f"{who}{now}（标准{wanted}）" if lang == "zh" else f"{who} {now} (standard {wanted})"
    return result + ("，" if lang == "zh" else ", ") + lacking if lacking else result


def measure_paragraphs(
    evaluation: Evaluation,
    result: Sequence[Problem],
    lang: Language,
    tasks: Mapping[Problem, list[Task]],
) -> Iterator[Block]:
    """Yield what is to be done: by the plan where there is one, otherwise with what is lacking; who acts by when."""
    number = 0
    for number, (measure, group) in enumerate(_grouped((problem.measure.text(lang), problem) for problem in result), 1):
        planned = [task for problem in group for task in tasks.get(problem, [])]
        entries = dict.fromkeys(problem.entry for problem in group)
        who = list(dict.fromkeys(text for entry in entries if (text := responsible(evaluation, entry, lang))))
        if lang == "zh":
            detail = "；".join(task_texts(planned, lang)) if planned else _amounts(group)
            end = f"（{'；'.join(who)}）" if who else ""
            yield Paragraph(f"{number}．{measure}{'：' if detail else ''}{detail}{end}。")
        else:
            detail = "; ".join(task_texts(planned, lang)) if planned else _amounts_en(group)
            end = f" ({'; '.join(who)})" if who else ""
            yield Paragraph(f"{number}. {measure}{': ' if detail else ''}{detail}{end}.")
    yield from _typed(evaluation, result, "measure", number, lang)


def _amounts(group: Sequence[Problem]) -> str:
    """Return what the schools lack, or else the schools, and the money that is known."""
    lacking = [f"{problem.who.zh}{problem.lacking.zh}" for problem in group if problem.lacking and problem.by_amount]
    schools = [problem.who.zh for problem in group if problem.school]
    cost = _cost(group)
    return "，".join([*(lacking or schools), *([f"约需资金{cost / 1e4:g}万元"] if cost else [])])


def _amounts_en(group: Sequence[Problem]) -> str:
    lacking = [f"{problem.who.en} {problem.lacking.en}" for problem in group if problem.lacking and problem.by_amount]
    cost = _cost(group)
    return ", ".join([*lacking, *([f"about {cost:,.0f} yuan"] if cost else [])])


def _cost(group: Sequence[Problem]) -> float:
    return sum(problem.cost for problem in group if not math.isnan(problem.cost))
