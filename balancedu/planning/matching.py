"""Which county and which school of one evaluation is which of another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import attrs
import numpy as np

from balancedu.errors import RequestError, near
from balancedu.evaluation.evaluation import Evaluation
from balancedu.phrase import Phrase
from balancedu.planning.result import Columns, column


@attrs.frozen
class Matching:
    """Pairs of counties, and the schools that changed their id.

    Attributes
    ----------
    counties : tuple of (id before, id after)
    schools : mapping of id before to id after
        All others keep their id.
    """

    before: Evaluation = attrs.field(repr=False)
    after: Evaluation = attrs.field(repr=False)
    counties: tuple[tuple[str, str], ...]
    schools: Mapping[str, str]
    strangers: bool
    """Whether the counties are different ones, so that equal ids of schools mean nothing."""

    def school(self, school: str) -> str | None:
        """Return the id that a school has afterwards."""
        return self.schools.get(school) if self.strangers else self.schools.get(school, school)

    def sections(self, before: Evaluation, after: Evaluation) -> Iterator[tuple[int, int]]:
        """Yield the rows of the sections of one county that belong together, by school and stage."""
        later = dict(zip(_keys(after), after.section_rows.tolist(), strict=True))
        for (school, stage), row in zip(_keys(before), before.section_rows.tolist(), strict=True):
            found = later.get((self.school(school) or "", stage))
            if found is not None:
                yield row, found

    def unmatched(self) -> Columns:
        """Return counties and schools without a counterpart."""
        rows = []
        paired = {one for one, _ in self.counties}, {two for _, two in self.counties}
        for side, evaluation, known in zip(("before", "after"), (self.before, self.after), paired, strict=True):
            rows += [(county, "", county, side) for county in evaluation.counties if county not in known]
        if not self.strangers or self.schools:
            for one, two in self.counties:
                rows += self._schools(one, two)
        return {
            name: column([row[n] for row in rows], str) for n, name in enumerate(("county", "school", "name", "side"))
        }

    def _schools(self, one: str, two: str) -> Iterator[tuple[str, str, str, str]]:
        before, after = _schools(self.before, one), _schools(self.after, two)
        targets = {self.school(school) for school in before}
        for school, name in before.items():
            if self.school(school) not in after:
                yield one, school, name, "before"
        for school, name in after.items():
            if school not in targets:
                yield two, school, name, "after"


def matched(before: Evaluation, after: Evaluation, schools: Mapping[str, str] | None) -> Matching:
    """Return which county and school is which.

    Raises
    ------
    RequestError
        If no county is in both, or the mapping names a school that there is not.
    """
    if len(before.counties) == len(after.counties) == 1:
        pairs: tuple[tuple[str, str], ...] = ((before.counties[0], after.counties[0]),)
    else:
        pairs = tuple((county, county) for county in before.counties if county in set(after.counties))
    if not pairs:
        zh = f"没有哪个县两边都有：一边是 {before.counties[0]} 等，另一边是 {after.counties[0]} 等"
        raise RequestError(Phrase(zh, f"no county is in both: {before.counties[0]} … and {after.counties[0]} …"))
    known = {school for one, _ in pairs for school in _schools(before, one)}
    later = {school for _, two in pairs for school in _schools(after, two)}
    for one, two in (schools or {}).items():
        if one not in known:
            en = f"schools names {one!r}, which is not in the earlier evaluation"
            raise RequestError(Phrase(f"先前的评估中没有学校“{one}”", en) + near(one, known))
        if two not in later:
            en = f"schools names {two!r}, which is not in the later evaluation"
            raise RequestError(Phrase(f"后来的评估中没有学校“{two}”", en) + near(two, later))
    return Matching(before, after, pairs, schools or {}, any(one != two for one, two in pairs))


def _keys(evaluation: Evaluation) -> list[tuple[str, str]]:
    sections = evaluation.sections
    return list(zip(sections["school"].tolist(), sections["stage"].tolist(), strict=True))


def _schools(evaluation: Evaluation, county: str) -> dict[str, str]:
    table = evaluation.record.basis.submission.schools
    rows = np.flatnonzero(table.county == evaluation.record.basis.submission.counties.index(county))
    ids, names = table.columns["school"][rows].tolist(), table.texts("name")[rows].tolist()
    return {school: name or school for school, name in zip(ids, names, strict=True)}
