"""Which missing cells keep which verdict unknown, the verdict that waits for the fewest first."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from typing import Literal

import attrs
import numpy as np

from balancedu.core.fields import Language, Title
from balancedu.core.rules import ShareAtLeast
from balancedu.document import Block, Columns, Grid, column
from balancedu.evaluation import wording
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.findings import Check, Finding, Gap
from balancedu.evaluation.sections import section_of
from balancedu.evaluation.verdict import Verdict
from balancedu.explaining.answer import Listing
from balancedu.explaining.explanation import both
from balancedu.explaining.steps import County

Level = Literal["section", "check", "item", "part", "county"]


@attrs.frozen
class Undecided:
    """A verdict that is unknown, and the fewest cells that settle it whatever they turn out to hold.

    Attributes
    ----------
    level : {'section', 'check', 'item', 'part', 'county'}
    id : str
        As `G11`, `R7.junior`, `012.junior` or `quality`.
    cells : tuple of Gap
        What is missing. A gap in a table of classes or rooms may stand for rows that are not there.
    count : int
        How many cells that is, as far as one can tell.
    """

    county: str
    level: Level
    id: str
    title: Title = attrs.field(repr=False)
    cells: tuple[Gap, ...] = attrs.field(repr=False)
    count: int

    def text(self, lang: Language = "zh") -> str:
        """Return what is undecided and what it waits for."""
        named, title, most = self.named(lang), self.title.text(lang), wording.MOST_NAMED
        if not named:
            # No school has any of a resource: there is no coefficient of nothing.
            return (
                title + {"zh": "：数据已齐，但无法计算", "en": ": nothing is missing, yet it cannot be computed"}[lang]
            )
        if lang == "zh":
            return f"{title}：还缺{self.count}项数据：{'、'.join(named[:most])}{'等' if len(named) > most else ''}"
        more = ", and more" if len(named) > most else ""
        cells = "only this cell is missing" if self.count == 1 else f"these {self.count} cells are missing"
        return f"{title}: {cells}: {', '.join(named[:most])}{more}"

    def named(self, lang: Language) -> list[str]:
        """Return what is missing, each with its place, once."""
        return list(dict.fromkeys(cell.located(lang) for cell in self.cells))


class Gaps(Listing[Undecided]):
    """The verdicts that are unknown, those that wait for the fewest cells first; print them to read them."""

    __slots__ = ()

    @property
    def tables(self) -> dict[str, Columns]:
        """The verdicts, and the cells that each waits for."""
        cells = [(row, cell) for row in self.rows for cell in row.cells]
        return {
            "verdicts": {
                "county": column([row.county for row in self.rows], str),
                "level": column([row.level for row in self.rows], str),
                "id": column([row.id for row in self.rows], str),
                "count": column([row.count for row in self.rows], int),
            },
            "cells": {
                "county": column([entry.county for entry, _ in cells], str),
                "level": column([entry.level for entry, _ in cells], str),
                "id": column([entry.id for entry, _ in cells], str),
                "table": column([cell.table for _, cell in cells], str),
                "column": column([cell.column for _, cell in cells], str),
                "school": column([cell.school for _, cell in cells], str),
                "stage": column([cell.stage or "" for _, cell in cells], str),
                "place": column([cell.place for _, cell in cells], str),
            },
        }

    def lines(self, lang: Language) -> Iterator[str]:
        """Yield one line for each unknown verdict."""
        if not self.rows:
            yield {"zh": "没有待定的结论。", "en": "No verdict is unknown."}[lang]
        yield from (row.text(lang) for row in self.rows)

    def blocks(self, lang: Language) -> Iterator[Block]:
        """Yield one table, a row for each unknown verdict."""
        if not self.rows:
            yield from super().blocks(lang)
            return
        several = len({row.county for row in self.rows}) > 1
        titles = {
            "zh": ("县", "待定的内容", "所缺数据", "项数"),
            "en": ("county", "unknown", "what is missing", "cells"),
        }
        comma = {"zh": "、", "en": ", "}[lang]
        rows = [[row.county, row.title.text(lang), comma.join(row.named(lang)), str(row.count)] for row in self.rows]
        caption = {"zh": "待定的结论及所缺数据", "en": "Unknown verdicts, and what they wait for"}[lang]
        if several:
            yield Grid(titles[lang], rows, texts=3, caption=caption)
        else:
            yield Grid(titles[lang][1:], [row[1:] for row in rows], texts=2, caption=caption)


def gaps(evaluation: Evaluation) -> Gaps:
    """Return which missing cells keep which verdicts unknown, those that wait for the fewest first.

    Examples
    --------
    >>> import balancedu as be
    >>> for one in be.gaps(be.evaluate(be.example("failing"))):
    ...     print(one.level, one.id, one.count)
    section 012.junior 1
    check R-spread.R7.junior 1
    check Q7.curriculum_complete 1
    item Q7 1
    part quality 1
    """
    result = [entry for county in evaluation.counties for entry in _county(County(evaluation[county]))]
    return Gaps(tuple(sorted(result, key=lambda entry: entry.count)))


def _county(county: County) -> Iterator[Undecided]:
    evaluation, standard = county.evaluation, county.standard
    findings = evaluation.items
    unknown = {item: finding for item, finding in findings.items() if finding.verdict is Verdict.UNKNOWN}
    cells = {item: _fewest(county, finding) for item, finding in unknown.items()}
    yield from _sections(county)
    for item, finding in findings.items():
        yield from _checks(county, finding)
        if item in cells:
            name = Title(f"{item} {finding.item.name.zh}", f"{item} {finding.item.name.en}")
            yield _undecided(county, "item", item, name, cells[item])
    for part, verdict in evaluation.parts.items():
        if verdict is Verdict.UNKNOWN:
            inside = [cell for entry in standard.parts[part].items for cell in cells.get(entry.id, ())]
            yield _undecided(county, "part", part, standard.parts[part].title, inside)
    if evaluation.verdict is Verdict.UNKNOWN:
        every = [cell for missing in cells.values() for cell in missing]
        yield _undecided(county, "county", evaluation.counties[0], Title("全县结论", "the county"), every)


def _undecided(county: County, level: Level, name: str, title: Title, cells: Iterable[Gap]) -> Undecided:
    each = tuple(dict.fromkeys(cells))
    return Undecided(
        county.evaluation.counties[0], level, name, title, each, sum(_cells(county, entry) for entry in each)
    )


def _sections(county: County) -> Iterator[Undecided]:
    """Yield the sections whose verdict is unknown."""
    basis = county.basis
    rows = np.flatnonzero(basis.section_verdicts == Verdict.UNKNOWN.code)
    checks = [entry for outcomes in county.evaluation.record.outcomes.values() for entry in outcomes]
    of_sections = [check for check in checks if check.cases is not None and check.cases.table == "sections"]
    missing = [gap for outcome in of_sections for gap in county.missing.of(outcome)]
    for row in rows.tolist():
        section = section_of(basis, row)
        here = [gap for gap in missing if gap.school == section.school and gap.stage == section.stage]
        yield _undecided(county, "section", f"{section.school}.{section.stage}", both(section.text), here)


def _checks(county: County, finding: Finding) -> Iterator[Undecided]:
    """Yield the unknown checks of items that have several."""
    for check in finding.checks:
        if len(finding.checks) > 1 and check.verdict is Verdict.UNKNOWN:
            title = Title(f"{finding.item.id} {check.title.zh}", f"{finding.item.id} {check.title.en}")
            cells = min(_ways(county, finding, check), key=len, default=())
            yield _undecided(county, "check", f"{finding.item.id}.{check.id}", title, cells)


def _fewest(county: County, finding: Finding) -> tuple[Gap, ...]:
    """Return the fewest cells that settle an item; a share settles its check as well as all its counts do."""
    ways = [_ways(county, finding, check) for check in finding.checks if check.verdict is Verdict.UNKNOWN]
    unions = (tuple(dict.fromkeys(itertools.chain(*chosen))) for chosen in itertools.product(*ways))
    return min(unions, key=len, default=())


def _ways(county: County, finding: Finding, check: Check) -> list[tuple[Gap, ...]]:
    """Return the sets of cells of which each settles a check."""
    ways = [check.gaps]
    for rule in finding.item.rules:
        is_share = isinstance(rule, ShareAtLeast) and rule.share == check.id
        if is_share and np.isnan(county.fact(check.id).value):
            ways.append((county.missing.gap("facts", check.id),))
    return [way for way in ways if way]


def _cells(county: County, gap: Gap) -> int:
    """Return how many cells a gap stands for: one, or as many as the rows that are not there."""
    if gap.table != "classes" or gap.row >= 0 or not gap.school or gap.stage is None:
        return 1
    standard, classes = county.standard, county.basis.submission.tables["classes"]
    row, position = county.school_row(gap.school), standard.stages.index(gap.stage)
    listed = int(((classes.school == row) & (classes.choices("stage") == position)).sum())
    for item in standard.items.values():
        for rule in item.rules:
            columns = getattr(rule, "classes", {})
            if gap.stage in columns:
                declared = float(county.basis.submission.schools.numbers(columns[gap.stage])[row])
                return max(1, int(np.nan_to_num(declared - listed)))
    return 1
