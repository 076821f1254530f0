"""The tables of results: figures per pupil of each section, and means and coefficients of each county."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

import attrs

from balancedu.core.fields import Stage, TableId, Title
from balancedu.core.model import Choice, Indicator, Measure, Range

SECTIONS, SPREAD = TableId("sections"), TableId("spread")
TITLES: Mapping[str, Title] = {
    SECTIONS: Title("各校各学段的指标值", "figures of sections"),
    SPREAD: Title("均值和差异系数", "means and coefficients of variation"),
}
INDICATOR, MEAN, CV = "indicator", "mean", "cv"
_ZERO_OR_MORE = Range(least=Decimal(0))


def ratio_measures(
    name: str,
    schools: Mapping[str, Measure],
    pupils: Measure,
    stages: Mapping[Stage, Choice],
    indicators: Iterable[Indicator],
) -> dict[str, Measure]:
    """Return the columns of a table of results, by name; nothing for any other table.

    Parameters
    ----------
    name : str
        The table.
    schools : mapping of column to Measure
        The columns of the schools, of which county, school and name are taken.
    pupils : Measure
        The pupils of some stage.
    stages : mapping of stage to Choice
        The stages that are judged, with what they are called.
    indicators : iterable of Indicator
    """
    table, source = TableId(name), pupils.source

    def number(column: str, title: Title, unit: Title) -> Measure:
        return Measure(f"{table}.{column}", title, table, "number", source, unit=unit, range=_ZERO_OR_MORE)

    ids = ("county", "school", "name") if table == SECTIONS else ("county",)
    result = {
        entry: attrs.evolve(schools[entry], id=f"{table}.{entry}", table=table) for entry in ids if entry in schools
    }
    stage = Title("学段", "stage")
    result["stage"] = Measure(f"{table}.stage", stage, table, "choice", source, values=tuple(stages.values()))
    if table == SECTIONS:
        title = Title("在校生数", "pupils")
        result["pupils"] = attrs.evolve(
            pupils, id=f"{table}.pupils", title=title, table=table, stage=None, part_of=None, plausible=None
        )
        return result | {indicator.id: number(indicator.id, indicator.name, indicator.unit) for indicator in indicators}
    if table == SPREAD:
        choices = tuple(Choice(indicator.id, indicator.name, (indicator.title.zh,)) for indicator in indicators)
        title = Title("指标", "indicator")
        result[INDICATOR] = Measure(f"{table}.{INDICATOR}", title, table, "choice", source, values=choices)
        result[MEAN] = number(MEAN, Title("均值", "mean"), pupils.unit or title)
        result[CV] = number(CV, Title("差异系数", "coefficient of variation"), pupils.unit or title)
        return result
    return {}
