"""Where a figure comes from: every cell that it was read from."""

from __future__ import annotations

from collections.abc import Iterator

from balancedu.core.fields import Language, Stage
from balancedu.document import Columns, columns_of
from balancedu.errors import RequestError, UnknownNameError, near
from balancedu.evaluation.evaluation import Evaluation
from balancedu.explaining.answer import Listing, one_county
from balancedu.explaining.explain import explain
from balancedu.explaining.explanation import Addend, Input
from balancedu.explaining.steps import County
from balancedu.text import Phrase, sentence


class Origin(Listing[Addend]):
    """The reported figures behind something, with the cells they were read from; print it to read it."""

    __slots__ = ()

    @property
    def tables(self) -> dict[str, Columns]:
        """The figures."""
        figures = ((row.measure, row.school, row.value, row.text_place) for row in self.rows)
        return {"figures": columns_of(figures, measure=str, school=str, value=float, place=str)}

    def lines(self, lang: Language) -> Iterator[str]:
        """Yield one line for each figure."""
        yield from (row.text(lang) for row in self.rows)


def origin(
    evaluation: Evaluation,
    entry: str,
    *,
    school: str | None = None,
    stage: Stage | None = None,
    indicator: str | None = None,
) -> Origin:
    """Return every reported figure behind something, with the cell that it was read from.

    Parameters
    ----------
    evaluation : Evaluation
        Of one county.
    entry : str
        An indicator, an item, or a measure.
    school : str, optional
        The id of a school, as in `explain`.
    stage : 'primary' or 'junior', optional
        Needed where a school has both.
    indicator : str, optional
        The id of an indicator, where an item judges coefficients.

    Returns
    -------
    Origin
        A sequence of Addend.
        Each with measure, school, value and `place`: file, sheet, cell and line. Where a school has campuses,
        the figures of each.

    Raises
    ------
    KeyError
        If there is no such entry, school or section; the message names what there is.
    ValueError
        If the entry alone does not say what is meant.

    Examples
    --------
    >>> import balancedu as be
    >>> for figure in be.origin(be.evaluate(be.example("failing")), "G12"):
    ...     print(figure.measure, figure.value, figure.place)
    certified_teachers 2518.0 facts.yaml:44
    full_time_teachers 2519.0 facts.yaml:43
    """
    standard = evaluation.standard
    if entry in standard.items or entry in standard.indicators:
        result = explain(evaluation, entry, school=school, stage=stage, indicator=indicator)
        inputs: Iterator[Input] = (value for step in result.steps for value in step.inputs)
    elif entry in standard.measures:
        inputs = iter((_reported(evaluation, entry, school),))
    else:
        known = (*standard.items, *standard.indicators, *standard.measures)
        zh = f"{standard.id} 没有项目、指标或填报项“{entry}”"
        problem = Phrase(zh, f"{standard.id} has no item, indicator or measure {entry!r}")
        raise UnknownNameError(problem + near(entry, known))
    return Origin(tuple(dict.fromkeys(addend for value in inputs for addend in value.addends)))


def _reported(evaluation: Evaluation, entry: str, school: str | None) -> Input:
    """Return a fact of the county, or a figure of a school."""
    problem = Phrase("一个数只属于一个县", "a figure belongs to one county")
    one_county(evaluation, problem, f"ev[{evaluation.counties[0]!r}]")
    county, measure = County(evaluation), evaluation.standard.measures[entry]
    if measure.table == "facts":
        return county.fact(measure.column)
    if measure.table != "schools":
        problem = Phrase(f"{entry} 在 {measure.table} 的每一行都有", f"every row of {measure.table} has {entry}")
        raise RequestError(sentence(problem, Phrase("请改问用到它的项目", "ask for the item that needs it")))
    if school is None:
        way_out = Phrase("请指明学校，如 ", "say which, as in ") + Phrase.of(f"origin(ev, {entry!r}, school=…)")
        raise RequestError(sentence(Phrase(f"每所学校都填报 {entry}", f"every school reports {entry}"), way_out))
    return county.input("schools", measure.column, county.school_row(school))
