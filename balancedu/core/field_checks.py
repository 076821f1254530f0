"""Checks between the figures of a submission, declared with the measures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Literal

import attrs

from balancedu.core.fields import (
    Asked,
    Consistent,
    Impossible,
    MeasureId,
    Stage,
    TableId,
    Term,
    Title,
    a_day,
    a_name,
    described,
    different,
    filled,
    must_be,
    positive,
)
from balancedu.core.model import WITH_UNIT, Declarations, Measure, Plausible, split_terms
from balancedu.text import Phrase

Severity = Literal["error", "warning"]

_HELD_BY: Mapping[str, tuple[str, ...]] = {
    "schools": ("schools", "classes", "rooms"),
    "facts": ("facts", "schools", "classes", "rooms"),
}
"""Of which tables the rows can be added up for each row of a table."""


@attrs.frozen
class Declared:
    """The fields of every check."""

    id: str = described("its id", validator=a_name)
    title: Title = described("the check")
    why: Title = described("why it is checked; a check is no part of the law")
    severity: Severity = described("error: the submission is refused; warning: it is judged all the same")


@attrs.frozen
class NoMoreThan(Declared):
    """A sum of figures does not exceed another sum, in each row of a table; tables below it are added up."""

    each: TableId = described(
        "the table whose rows are compared; classes and rooms are added up for each school, and all three for each "
        "county where this is facts"
    )
    part: tuple[Term, ...] = described(
        "what is not above the whole; a minus before an id takes it away",
        asks=Asked.of("", *WITH_UNIT),
        validator=[filled, different],
    )
    whole: tuple[Term, ...] = described("the whole", asks=Asked.of("", *WITH_UNIT), validator=[filled, different])

    def contradictions(self, declarations: Declarations) -> Iterator[Impossible]:
        """Yield measures that cannot be added up for each row."""
        for field, terms in (("part", self.part), ("whole", self.whole)):
            for n, (_, name) in enumerate(split_terms(terms)):
                measure = declarations.measures.get(name)
                reached = _HELD_BY.get(self.each, (self.each,))
                if measure and self.each in declarations.tables and measure.table not in reached:
                    problem = Phrase(
                        f"{name} 在表 {measure.table} 中，其各行不属于表 {self.each} 的各行",
                        f"{name} is in the table {measure.table}, whose rows do not belong to rows of {self.each}",
                    )
                    yield Impossible(f"{field}[{n}]", problem)


@attrs.frozen
class OfRows(Declared):
    """Base of the checks of a list of rows."""

    rows: TableId = described("the table that lists them, with its stage in a column of that name")

    @property
    def reads(self) -> Mapping[str, str]:
        """The columns of the table."""
        return {f"{self.rows}.school": "text", f"{self.rows}.stage": "choice"}


@attrs.frozen
class AddsUp(OfRows):
    """The rows that a school lists add up to what it reports, stage by stage; a school without rows is skipped."""

    totals: Mapping[Stage, MeasureId] = described(
        "the measure that they add up to, by stage",
        asks=Asked.of("schools", "count"),
        some_stages=True,
        validator=filled,
    )
    figure: MeasureId | None = described(
        "what is added up; default: the rows are counted", asks=Asked.of("", *WITH_UNIT), default=None
    )

    def contradictions(self, declarations: Declarations) -> Iterator[Impossible]:
        """Yield figures of another table."""
        measure = declarations.measures.get(self.figure or "")
        if measure and measure.table != self.rows:
            problem = Phrase(
                f"{measure.id} 在表 {measure.table} 中，而各行在表 {self.rows} 中",
                f"{measure.id} is in the table {measure.table}, the rows in {self.rows}",
            )
            yield Impossible("figure", problem)


@attrs.frozen
class ListsAll(OfRows):
    """A school with pupils of a stage lists rows of that stage; a county without any rows is skipped."""

    totals: Mapping[Stage, MeasureId] = described(
        "above zero if there are rows to list, by stage; types of school without stages are skipped",
        asks=Asked.of("schools", "count"),
        some_stages=True,
        validator=filled,
    )


@attrs.frozen
class NearTheMedian(Consistent, Declared):
    """A figure per pupil is near the median of the county's schools; zeros are skipped."""

    figures: tuple[MeasureId, ...] = described(
        "the figures, each by the pupils of its stage or of the whole school",
        asks=Asked.of("schools", *WITH_UNIT),
        validator=[filled, different],
    )
    times: Decimal = described(
        "a figure above this many times the median, or below the median divided by it, is doubtful"
    )
    fewest_pupils: int = described("schools with fewer pupils are not looked at", validator=positive)
    fewest_schools: int = described("with fewer schools to compare there is no median", validator=positive)

    def _impossible(self) -> Iterator[Impossible]:
        if self.times <= 1:
            yield must_be("times", Phrase("大于1的数", "above 1"), self.times)


@attrs.frozen
class RaisedSince(Declared):
    """A figure that reaches the standard also reaches what another document requires since a day."""

    figure: MeasureId = described("the figure of the county", asks=Asked.of("facts", *WITH_UNIT))
    at_least: Decimal = described("what it should reach from that day on", validator=positive)
    from_: str = described("the first day, in quotes; checked if the standard is loaded for a day", validator=a_day)
    reached: Decimal = described("figures below this miss the standard itself and get no warning", validator=positive)


@attrs.frozen
class ShareAgrees:
    """A reported figure agrees with the figures from which it is computed."""

    id: str
    title: Title
    why: Title
    severity: Severity
    share: MeasureId


@attrs.frozen
class Likely:
    """The median of a county's column is in the range that its measure calls plausible."""

    id: str
    title: Title
    why: Title
    severity: Severity
    measure: MeasureId
    plausible: Plausible


@attrs.frozen
class DataChecks(Consistent):
    """Checks between the figures of a submission, by kind."""

    no_more_than: tuple[NoMoreThan, ...] = described("sums that are not above others", default=())
    adds_up: tuple[AddsUp, ...] = described("lists that add up to what is reported", default=())
    lists_all: tuple[ListsAll, ...] = described("lists that leave out no school", default=())
    near_the_median: tuple[NearTheMedian, ...] = described("figures per pupil like those of other schools", default=())
    raised_since: tuple[RaisedSince, ...] = described(
        "figures of which another document requires more since a day", default=()
    )

    def _impossible(self) -> Iterator[Impossible]:
        seen: set[str] = set()
        for field in attrs.fields_dict(type(self)):
            for n, check in enumerate(getattr(self, field)):
                if check.id in seen:
                    zh, en = f"“{check.id}”已是另一项填报核对的 id", f"{check.id!r} is the id of another check already"
                    yield Impossible(f"{field}[{n}].id", Phrase(zh, en))
                seen.add(check.id)


DataCheck = NoMoreThan | AddsUp | ListsAll | NearTheMedian | RaisedSince | ShareAgrees | Likely
"""Any kind of check."""

_PART = Title("“其中”项大于总数，必有一处填错", "where a part is above its whole, one of the two is wrong")
_SHARE = Title(
    "同一比例两处填报，不一致必有一处填错", "where a share is reported in two ways that differ, one is wrong"
)


def checks_of(measures: Mapping[str, Measure], declared: DataChecks) -> tuple[DataCheck, ...]:
    """Return every check: those that follow from the measures themselves, and those declared.

    `part_of` states that a part is not above its whole, `formulas` that a share agrees with its counts, and
    `plausible` in which range a figure is likely.
    """
    return (
        *(_no_more(measures[part], measures[whole]) for part, whole in parts_and_wholes(measures)),
        *(_agrees(measure) for measure in measures.values() if measure.formulas or measure.computed),
        *declared.no_more_than,
        *declared.adds_up,
        *declared.lists_all,
        *declared.near_the_median,
        *declared.raised_since,
        *(_likely(measure, measure.plausible) for measure in measures.values() if measure.plausible),
    )


def _no_more(part: Measure, whole: Measure) -> NoMoreThan:
    title = Title(f"{part.title.zh}不大于{whole.title.zh}", f"{part.title.en}: at most {whole.title.en}")
    name = f"part_of.{part.id}"
    return NoMoreThan(name, title, _PART, "error", part.table, (Term(part.id),), (Term(whole.id),))


def _agrees(share: Measure) -> ShareAgrees:
    title = Title(f"{share.title.zh}与其分子、分母一致", f"{share.title.en}: agrees with its counts")
    return ShareAgrees(f"formula.{share.id}", title, _SHARE, "error", MeasureId(share.id))


def _likely(measure: Measure, plausible: Plausible) -> Likely:
    title = Title(f"{measure.title.zh}在常见范围之内", f"{measure.title.en}: in the usual range")
    return Likely(f"plausible.{measure.id}", title, plausible.note, "warning", MeasureId(measure.id), plausible)


def parts_and_wholes(measures: Mapping[str, Measure]) -> tuple[tuple[str, str], ...]:
    """Return the measures that are parts of others, with what they are parts of.

    Examples
    --------
    >>> from balancedu.core.loading import load_standard
    >>> parts_and_wholes(load_standard().table_measures("schools"))
    (('indoor_sports_area', 'teaching_area'), ('training_funds', 'public_funds_budget'))
    """
    pairs: list[tuple[str, str]] = [(measure.id, measure.part_of) for measure in measures.values() if measure.part_of]
    formulas = [formula for measure in measures.values() for formula in measure.formulas.values()]
    pairs += [(of.part[0], of.whole[0]) for of in formulas if len(of.part) == len(of.whole) == 1]
    return tuple(dict.fromkeys(pairs))
