"""Which missing cells keep which verdict unknown, the verdict with the fewest missing cells first."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from typing import Literal

import attrs
import numpy as np

from balancedu.core.fields import Language
from balancedu.document import Block, Columns, Grid, columns_of
from balancedu.evaluation import wording
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.findings import Check, Finding, Gap, section_of
from balancedu.evaluation.results import Verdict
from balancedu.explaining.answer import Listing
from balancedu.explaining.explain import County
from balancedu.text import Phrase, in_both

GapLevel = Literal["section", "check", "item", "part", "county"]


@attrs.frozen
class Undecided:
    """An unknown verdict, and the fewest cells that decide it for all their possible values.

    Attributes
    ----------
    level : {'section', 'check', 'item', 'part', 'county'}
    id : str
        As `G11`, `R7.junior`, `012.junior` or `quality`.
    cells : tuple of Gap
        What is missing. A gap in a table of classes or rooms may mean several missing rows.
    count : int
        The number of missing cells, as far as it is known.
    """

    county: str
    level: GapLevel
    id: str
    title: Phrase = attrs.field(repr=False)
    cells: tuple[Gap, ...] = attrs.field(repr=False)
    count: int

    def text(self, lang: Language = "zh") -> str:
        """Return the verdict and its missing cells."""
        names, title = self.names(lang), self.title.text(lang)
        shown, more = names[: wording.MOST_NAMED], len(names) > wording.MOST_NAMED
        if not names:
            # No school has any of a resource: there is no coefficient of nothing.
            words = {"zh": "：数据已齐，但无法计算", "en": ": nothing is missing, yet it cannot be computed"}
            return title + words[lang]
        if lang == "zh":
            return f"{title}：还缺{self.count}项数据：{'、'.join(shown)}{'等' * more}"
        cells = "only this cell is missing" if self.count == 1 else f"these {self.count} cells are missing"
        return f"{title}: {cells}: {', '.join(shown)}{', and more' * more}"

    def names(self, lang: Language) -> list[str]:
        """Return what is missing, each with its place, once."""
        return list(dict.fromkeys(cell.located(lang) for cell in self.cells))


class Gaps(Listing[Undecided]):
    """The verdicts that are unknown, those with the fewest missing cells first; print them to read them."""

    __slots__ = ()
    if_empty = Phrase("没有待定的结论。", "No verdict is unknown.")

    @property
    def tables(self) -> dict[str, Columns]:
        """The verdicts, and the missing cells of each."""
        cells = (
            (row.county, row.level, row.id, cell.table, cell.column, cell.school, cell.stage, cell.place)
            for row in self.rows
            for cell in row.cells
        )
        names = ("county", "level", "id", "table", "column", "school", "stage", "place")
        return {
            "verdicts": columns_of(self.rows, county=str, level=str, id=str, count=int),
            "cells": columns_of(cells, **dict.fromkeys(names, str)),
        }

    def blocks(self, lang: Language) -> Iterator[Block]:
        """Yield one table, a row for each unknown verdict."""
        if not self.rows:
            yield from super().blocks(lang)
            return
        head = {
            "zh": ("县", "待定的内容", "所缺数据", "项数"),
            "en": ("county", "unknown", "what is missing", "cells"),
        }[lang]
        comma = {"zh": "、", "en": ", "}[lang]
        rows = [(row.county, row.title.text(lang), comma.join(row.names(lang)), str(row.count)) for row in self.rows]
        caption = {"zh": "待定的结论及所缺数据", "en": "Unknown verdicts, and what they wait for"}[lang]
        first = 0 if len({row.county for row in self.rows}) > 1 else 1
        yield Grid(head[first:], [row[first:] for row in rows], texts=3 - first, caption=caption)


def gaps(evaluation: Evaluation) -> Gaps:
    """Return which missing cells keep which verdicts unknown, those with the fewest missing cells first.

    Parameters
    ----------
    evaluation : Evaluation
        Of any number of counties.

    Returns
    -------
    Gaps
        A sequence with an entry for each undecided section, check, item and part.

    Examples
    --------
    >>> import balancedu as be
    >>> for undecided in be.gaps(be.evaluate(be.example("failing"))):
    ...     print(undecided.level, undecided.count)
    section 1
    check 1
    check 1
    item 1
    part 1
    """
    result = [entry for county in evaluation.counties for entry in _of_county(County(evaluation[county]))]
    return Gaps(tuple(sorted(result, key=lambda entry: entry.count)))


def _of_county(county: County) -> Iterator[Undecided]:
    evaluation, parts = county.evaluation, county.standard.parts
    findings = evaluation.items
    unknown = [finding for finding in findings.values() if finding.verdict is Verdict.UNKNOWN]
    cells = {finding.item.id: _fewest(county, finding) for finding in unknown}
    yield from _sections(county)
    for item, finding in findings.items():
        for check in finding.checks if len(finding.checks) > 1 else ():
            if check.verdict is Verdict.UNKNOWN:
                fewest = min(_ways(county, finding, check), key=len, default=())
                title = finding.item.name + Phrase("（", " (") + check.title + Phrase("）", ")")
                yield _undecided(county, "check", f"{item}.{check.id}", title, fewest)
        if item in cells:
            yield _undecided(county, "item", item, finding.item.name, cells[item])
    for part, verdict in evaluation.parts.items():
        if verdict is Verdict.UNKNOWN:
            inside = [cell for entry in parts[part].items for cell in cells.get(entry.id, ())]
            yield _undecided(county, "part", part, parts[part].title, inside)
    if evaluation.verdict is Verdict.UNKNOWN:
        every = itertools.chain.from_iterable(cells.values())
        yield _undecided(county, "county", evaluation.counties[0], Phrase("全县结论", "the county"), every)


def _undecided(county: County, level: GapLevel, name: str, title: Phrase, cells: Iterable[Gap]) -> Undecided:
    each = tuple(dict.fromkeys(cells))
    count = sum(_number_of_cells(county, entry) for entry in each)
    return Undecided(county.evaluation.counties[0], level, name, title, each, count)


def _sections(county: County) -> Iterator[Undecided]:
    """Yield the sections whose verdict is unknown."""
    basis = county.basis
    outcomes = itertools.chain.from_iterable(county.evaluation.record.outcomes.values())
    of_sections = (check for check in outcomes if check.cases is not None and check.cases.table == "sections")
    cells = [gap for outcome in of_sections for gap in county.findings.gaps(outcome)]
    for row in np.flatnonzero(basis.section_verdicts == Verdict.UNKNOWN.code).tolist():
        section = section_of(basis, row)
        here = [gap for gap in cells if gap.school == section.school and gap.stage == section.stage]
        yield _undecided(county, "section", f"{section.school}.{section.stage}", in_both(section.text), here)


def _fewest(county: County, finding: Finding) -> tuple[Gap, ...]:
    """Return the fewest cells that settle an item."""
    ways = [_ways(county, finding, check) for check in finding.checks if check.verdict is Verdict.UNKNOWN]
    unions = (tuple(dict.fromkeys(itertools.chain(*chosen))) for chosen in itertools.product(*ways))
    return min(unions, key=len, default=())


def _ways(county: County, finding: Finding, check: Check) -> list[tuple[Gap, ...]]:
    """Return the sets of cells of which each settles a check: a stated share settles it as well as all its counts."""
    ways = [check.gaps]
    rule, facts = county.outcome(finding.item.id, check.id).rule, county.standard.table_measures("facts")
    share = rule.share_of(county.standard.measures) if rule and check.id in facts else None
    if share and np.isnan(county.fact(check.id).value):
        ways.append((county.findings.gap("facts", check.id),))
    return [way for way in ways if way]


def _number_of_cells(county: County, gap: Gap) -> int:
    """Return how many cells are missing: of a table of classes without rows, the declared number of classes."""
    if gap.table != "classes" or gap.row >= 0 or not gap.school or gap.stage is None:
        return 1
    standard, submission = county.standard, county.basis.submission
    row, classes = county.school_row(gap.school), submission.tables["classes"]
    position = standard.stages.index(gap.stage)
    listed = int(((classes.school == row) & (classes.choices("stage") == position)).sum())
    counts = (getattr(rule, "classes", {}) for item in standard.items.values() for rule in item.rules)
    column = next((names[gap.stage] for names in counts if gap.stage in names), None)
    if column is None:
        return 1
    return max(1, int(np.nan_to_num(submission.schools.numbers(column)[row] - listed)))
