"""Whether conditions that take turns cover every school exactly once."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import attrs

from balancedu.core.fields import Impossible, Language
from balancedu.core.model import Condition, Measure
from balancedu.text import Phrase

Sum = tuple[str, ...]
"""The figures that are added up; a figure by itself is a sum of one."""
Planes = Mapping[Sum, Sequence[Fraction]]
"""The values that matter of each sum."""


def corners(planes: Planes) -> Iterator[dict[str, Fraction]]:
    """Yield the points at which as many sums have one of their values as there are figures.

    Parameters
    ----------
    planes : mapping of sum to values
        Every figure must stand by itself, too.

    Examples
    --------
    >>> [tuple(map(int, one.values())) for one in corners({("a",): [0], ("b",): [0], ("a", "b"): [5]})]
    [(0, 0), (0, 5), (5, 0)]
    """
    names = _names(planes)
    for chosen in _independent(planes):
        rows = _rows(chosen, names)
        whole = _determinant(rows)
        for values in itertools.product(*(planes[one] for one in chosen)):
            found = (_determinant(_with_column(rows, n, values)) / whole for n in range(len(names)))
            yield dict(zip(names, found, strict=True))


def corner_count(planes: Planes) -> int:
    """Return how many points `corners` yields; one may come several times."""
    return sum(math.prod(len(planes[one]) for one in chosen) for chosen in _independent(planes))


def round_in_a_circle(planes: Planes) -> bool:
    """Return whether sums overlap so that a corner may fall between whole numbers.

    That is so if and only if the matrix of the sums is not totally unimodular.

    Examples
    --------
    >>> nested = {("a",): [], ("b",): [], ("c",): [], ("a", "b"): [], ("b", "c"): [], ("a", "b", "c"): []}
    >>> round_in_a_circle(nested), round_in_a_circle({**nested, ("a", "c"): []})
    (False, True)
    """
    names, several = _names(planes), [one for one in planes if len(one) > 1]
    return any(
        abs(_determinant(_rows(rows, columns))) > 1
        for size in range(2, min(len(several), len(names)) + 1)
        for rows in itertools.combinations(several, size)
        for columns in itertools.combinations(names, size)
    )


def _names(planes: Planes) -> list[str]:
    return [one[0] for one in planes if len(one) == 1]


def _independent(planes: Planes) -> Iterator[tuple[Sum, ...]]:
    names = _names(planes)
    for chosen in itertools.combinations(planes, len(names)):
        if _determinant(_rows(chosen, names)):
            yield chosen


def _rows(sums: Sequence[Sum], names: Sequence[str]) -> list[list[Fraction]]:
    return [[Fraction(name in one) for name in names] for one in sums]


def _with_column(rows: Sequence[Sequence[Fraction]], n: int, values: Sequence[Fraction]) -> list[list[Fraction]]:
    return [[*row[:n], value, *row[n + 1 :]] for row, value in zip(rows, values, strict=True)]


def _determinant(rows: Sequence[Sequence[Fraction]]) -> Fraction:
    if not rows:
        return Fraction(1)
    minors = ([row[:n] + row[n + 1 :] for row in map(list, rows[1:])] for n in range(len(rows)))
    return sum(
        (
            (-1) ** n * one * _determinant(minor)
            for n, (one, minor) in enumerate(zip(rows[0], minors, strict=True))
            if one
        ),
        Fraction(0),
    )


School = Mapping[tuple[str, ...], object]
"""What a school reports: by measure, or by the measures whose sum or largest is meant."""

MOST_POINTS = 200_000
"""More schools than this are not tried."""

_STEP = Fraction(1, 10**9)
"""Right beside a number that is no count."""

Branch = tuple[Sequence[str], Condition | None]
"""Types of school, and the condition under which something holds for them; None: always."""


class UndecidedError(ValueError):
    """Figures are compared with each other in such a way that schools cannot be tried."""

    def __init__(self, problem: Phrase, hint: Phrase) -> None:
        super().__init__(problem, hint)
        self.problem, self.hint = problem, hint


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
    Every condition compares figures, or sums of counts, with numbers. Schools that are alike in all comparisons fill
    a polyhedron, which has a corner; where sums do not overlap in a circle, corners are whole numbers. So the corners
    on those numbers and right beside them are finitely many schools that show whatever there is to show.

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
    except UndecidedError as error:
        yield Impossible(field, error.problem, error.hint)
        return
    for hole in holes:
        problem = Phrase(hole.said("zh"), hole.said("en"))
        hint = Phrase("每所学校都应有一项适用，且只有一项", "exactly one must be for every school")
        yield Impossible(field, problem, hint)


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
    UndecidedError
        If there would be more of them than anybody can try, or trying them would prove nothing.
    """
    simple = [one for condition in conditions for one in condition.simple]
    subjects = {one.subject: None for one in simple}
    alone = list(dict.fromkeys(name for names in subjects for name in names))
    answers = {name: found for name in alone if (found := _answers(measures[name], kind)) is not None}
    planes = _planes(simple, [name for name in alone if name not in answers], kind, measures)
    if round_in_a_circle(planes):
        problem = Phrase(
            "各条件所比较的合计相互重叠，成了循环", "the sums that the conditions compare overlap in a circle"
        )
        raise UndecidedError(problem, Phrase("请改用其他合计来比较", "compare other sums"))
    if corner_count(planes) * math.prod(map(len, answers.values())) > MOST_POINTS:
        problem = Phrase(
            f"各条件共比较{len(alone)}个数，太多，无法逐一核对各种学校",
            f"the conditions compare {len(alone)} figures, too many to try every school",
        )
        raise UndecidedError(problem, Phrase("请减少所比较的数", "compare fewer figures"))
    for corner, given in itertools.product(corners(planes), itertools.product(*answers.values())):
        figures: dict[str, Any] = {name: corner.get(name, Fraction(0)) for name in alone}
        school = figures | dict(zip(answers, given, strict=True))
        if all(_possible(measures[name], value) for name, value in corner.items()):
            yield {
                names: school[names[0]] if len(names) == 1 else sum((school[one] for one in names), Fraction(0))
                for names in subjects
            }


def _answers(measure: Measure, kind: str) -> Sequence[object] | None:
    """Return every value of a measure that is no number; None for one that is."""
    if measure.id == "type":
        return [kind]
    if measure.type == "choice":
        return [choice.id for choice in measure.values]
    return [False, True] if measure.type == "yes_no" else None


def _planes(
    simple: Sequence[Condition], figures: Sequence[str], kind: str, measures: Mapping[str, Measure]
) -> dict[tuple[str, ...], list[Fraction]]:
    """Return each figure and each sum that is compared, with the values at which something may change."""
    has = [name for name in figures if not _lacks(kind, measures[name], measures)]
    found: dict[tuple[str, ...], set[Fraction]] = {(name,): _ends(measures[name]) for name in has}
    for one in simple:
        names = tuple(name for name in one.subject if name in has)
        if names:
            found.setdefault(names, set()).update(_beside(measures[names[0]], one.bounds.values()))
    return {names: sorted(values) for names, values in found.items()}


def _ends(measure: Measure) -> set[Fraction]:
    """Return the ends of what is possible."""
    reach = measure.range
    ends = {Fraction(end) for end in (reach.least, reach.most) if end is not None} if reach else set()
    return ends or {Fraction(0)}


def _beside(measure: Measure, bounds: Iterable[Decimal]) -> set[Fraction]:
    """Return numbers, and what lies right beside them."""
    numbers = [Fraction(bound) for bound in bounds]
    if measure.type == "count":
        return {Fraction(math.floor(one) + n) for one in numbers for n in (-1, 0, 1, 2)}
    return {number + n * _STEP for number in numbers for n in (-1, 0, 1)}


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
