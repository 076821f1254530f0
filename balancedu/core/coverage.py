"""Whether conditions that take turns cover every school exactly once, with a school that shows it where they do not."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

import attrs

from balancedu.core.condition import Condition
from balancedu.core.fields import Impossible, Language
from balancedu.core.measure import Measure

School = Mapping[tuple[str, ...], object]
"""What a school reports: by measure, or by the measures whose sum or largest is meant."""

MOST_POINTS = 200_000
"""More schools than this are not tried."""

Branch = tuple[Sequence[str], Condition | None]
"""Types of school, and the condition under which something holds for them; None: always."""


class TooManySchoolsError(ValueError):
    """More figures are compared with each other than schools can be tried."""


@attrs.frozen
class Hole:
    """A school that none of the branches is for, or several are.

    Attributes
    ----------
    type : str
    school : mapping of measures to value
        What it reports, as far as that decides; several measures together stand for their sum.
    branches : tuple of int
        The positions of the branches that are for it; empty: none.
    """

    type: str
    school: School
    branches: tuple[int, ...]

    def said(self, lang: Language = "zh") -> str:
        """Return the school, and what is wrong with it."""
        told = [f"{' + '.join(names)} = {_plain(value)}" for names, value in self.school.items()]
        which = ("、" if lang == "zh" else ", ").join([self.type, *told])
        if lang == "zh":
            positions = "、".join(f"[{n}]" for n in self.branches)
            several = f"{positions}都适用于" if self.branches else "没有一项适用于"
            return f"{several}这样的学校：{which}"
        positions = " and ".join(f"[{n}]" for n in self.branches)
        several = f"the entries {positions} are" if self.branches else "no entry is"
        return f"{several} for a school such as this: {which}"


def uncovered(branches: Sequence[Branch], measures: Mapping[str, Measure]) -> Iterator[Hole]:
    """Yield for each type of school that the branches speak of one school without a branch, and one with several.

    Parameters
    ----------
    branches : sequence of (types, condition)
    measures : mapping of id to Measure
        Those that are declared without a problem; branches that name others are not judged.

    Notes
    -----
    Every condition compares figures with numbers, so only figures on such a number and right beside it matter, and
    where sums are compared those that bring the sum there: finitely many schools show whatever there is to show.

    Examples
    --------
    >>> from decimal import Decimal
    >>> from balancedu.core.loading import load_standard
    >>> measures = load_standard("cn-2017").measures
    >>> small, large = (Condition(measure="pupils_primary", **{bound: Decimal(100)}) for bound in ("below", "above"))
    >>> for hole in uncovered([(["primary_school"], small), (["primary_school"], large)], measures):
    ...     print(hole.said("en"))
    no entry is for a school such as this: primary_school, pupils_primary = 100
    """
    conditions = [condition for _, condition in branches if condition]
    if any(name not in measures for one in conditions for name in one.measures):
        return
    for kind in dict.fromkeys(name for types, _ in branches for name in types):
        yield from _holes(kind, branches, measures)


def covered_once(field: str, branches: Sequence[Branch], measures: Mapping[str, Measure]) -> Iterator[Impossible]:
    """Yield what is wrong with branches of which exactly one should be for each school."""
    try:
        holes = list(uncovered(branches, measures))
    except TooManySchoolsError as error:
        yield Impossible(field, str(error), "compare fewer figures")
        return
    for hole in holes:
        yield Impossible(field, hole.said("en"), "exactly one must be for every school")


def _holes(kind: str, branches: Sequence[Branch], measures: Mapping[str, Measure]) -> Iterator[Hole]:
    here = [(n, condition) for n, (types, condition) in enumerate(branches) if kind in types]
    found: set[bool] = set()
    for school in schools([condition for _, condition in here if condition], kind, measures):
        for_it = tuple(n for n, condition in here if condition is None or holds(condition, school))
        if len(for_it) != 1 and bool(for_it) not in found:
            found.add(bool(for_it))
            yield Hole(kind, {names: value for names, value in school.items() if names != ("type",)}, for_it)
        if len(found) == 2:
            return


def schools(conditions: Sequence[Condition], kind: str, measures: Mapping[str, Measure]) -> Iterator[School]:
    """Yield schools of a type among which there is one for each way in which the conditions can come out.

    Raises
    ------
    TooManySchoolsError
        If there would be more of them than anybody can try.
    """
    simple = [one for condition in conditions for one in condition.simple]
    subjects = {one.subject: None for one in simple}
    alone = list(dict.fromkeys(name for names in subjects for name in names))
    candidates = {name: _candidates(name, simple, kind, measures) for name in alone}
    if math.prod(map(len, candidates.values())) > MOST_POINTS:
        raise TooManySchoolsError(f"the conditions compare {len(alone)} figures, too many to try every school")
    for values in itertools.product(*candidates.values()):
        school = dict(zip(alone, values, strict=True))
        yield {
            names: school[names[0]] if len(names) == 1 else sum((_number(school[one]) for one in names), Fraction(0))
            for names in subjects
        }


def _candidates(name: str, simple: Sequence[Condition], kind: str, measures: Mapping[str, Measure]) -> Sequence[object]:
    """Return every value of a measure that may matter."""
    measure = measures[name]
    if name == "type":
        return [kind]
    if measure.type == "choice":
        return [choice.id for choice in measure.values]
    if measure.type == "yes_no":
        return [False, True]
    if _lacks(kind, measure, measures):
        return [Fraction(0)]
    own = _beside(measure, [bound for one in simple if one.subject == (name,) for bound in one.bounds.values()])
    for one in simple:
        if len(one.subject) < 2 or name not in one.subject:
            continue
        others = [_others(other, simple, kind, measures) for other in one.subject if other != name]
        for bound in _beside(measure, one.bounds.values()):
            own |= {bound - sum(values, Fraction(0)) for values in itertools.product(*others)}
    return sorted(value for value in own if _possible(measure, value))


def _others(name: str, simple: Sequence[Condition], kind: str, measures: Mapping[str, Measure]) -> list[Fraction]:
    """Return the values of a measure that matter without regard to sums."""
    measure = measures[name]
    if _lacks(kind, measure, measures):
        return [Fraction(0)]
    own = _beside(measure, [bound for one in simple if one.subject == (name,) for bound in one.bounds.values()])
    return [value for value in own if _possible(measure, value)]


def _beside(measure: Measure, bounds: Iterable[Decimal]) -> set[Fraction]:
    """Return numbers, what lies right beside them, and the ends of what is possible."""
    numbers = [Fraction(bound) for bound in bounds]
    step = Fraction(1) if measure.type == "count" else Fraction(1, 10**9)
    reach = measure.range
    ends = [Fraction(end) for end in (reach.least, reach.most) if end is not None] if reach else []
    return {number + n * step for number in numbers for n in (-1, 0, 1)} | set(ends or [Fraction(0)])


def _possible(measure: Measure, value: Fraction) -> bool:
    reach = measure.range
    low = reach is None or reach.least is None or value >= reach.least
    return low and (reach is None or reach.most is None or value <= reach.most)


def _lacks(kind: str, measure: Measure, measures: Mapping[str, Measure]) -> bool:
    """Return whether a measure is about a stage that a type of school lacks."""
    stages = next((one.stages for one in measures["type"].values if one.id == kind), None)
    return measure.stage is not None and stages is not None and measure.stage not in stages


def holds(condition: Condition, school: School) -> bool:
    """Return whether a school of which everything is known meets a condition."""
    if condition.parts:
        return (all if condition.all_of else any)(holds(part, school) for part in condition.parts)
    value = school[condition.subject]
    if condition.one_of:
        return value in condition.one_of
    if condition.expected is not None:
        return value == condition.expected
    number = _number(value)
    compared = {
        "at_least": lambda bound: number >= bound,
        "at_most": lambda bound: number <= bound,
        "above": lambda bound: number > bound,
        "below": lambda bound: number < bound,
    }
    return all(compared[name](Fraction(bound)) for name, bound in condition.bounds.items())


def _number(value: object) -> Fraction:
    return value if isinstance(value, Fraction) else Fraction(str(value))


def _plain(value: object) -> str:
    if isinstance(value, Fraction):
        return f"{float(value):.12g}"
    return str(value).lower() if isinstance(value, bool) else str(value)
