"""Sections of schools as objects: what each reaches and lacks, and which are left out of the indicators."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
import numpy as np

from balancedu.core.fields import Language, Stage, Title
from balancedu.core.model import Indicator, Precision, Threshold
from balancedu.evaluation.figures import limit_printed, printed
from balancedu.evaluation.results import Basis
from balancedu.evaluation.verdict import Standing, Verdict
from balancedu.submission.sections import REASONS
from balancedu.submission.tables import Table


@attrs.frozen
class Lack:
    """One indicator of a section that misses its standard."""

    indicator: Indicator = attrs.field(repr=lambda entry: entry.id)
    value: float
    standard: Threshold
    floor: Threshold | None
    standing: Standing
    precision: Precision = attrs.field(repr=False)

    def text(self, lang: Language = "zh") -> str:
        """Return what is lacking in words."""
        floor = self.floor if self.standing is Standing.BELOW_FLOOR else None
        limit = floor or self.standard
        value = printed(self.value, "value", self.precision, lang, float(limit.value))
        standard = limit_printed(float(self.standard.value), "value", lang)
        unit = self.indicator.unit.text(lang)
        if lang == "zh":
            word = "超过最高限度" if self.standard.relation == "<=" else "低于最低要求"
            below = f"，{word}{limit_printed(float(floor.value), 'value', lang)}" if floor else ""
            return f"{self.indicator.id} {self.indicator.name.zh} {value}{unit}（标准{standard}{below}）"
        word = "above the ceiling" if self.standard.relation == "<=" else "below the floor"
        below = f", {word} of {limit_printed(float(floor.value), 'value', lang)}" if floor else ""
        return f"{self.indicator.id} {self.indicator.name.en} {value} {unit} (standard {standard}{below})"


@attrs.frozen
class Section:
    """One stage of one school.

    Attributes
    ----------
    values : mapping of indicator id to value
        NaN where not reported.
    limits : mapping of indicator id to (standard, floor)
        None where there is none.
    lacks : tuple of Lack
        The indicators that miss their standard.
    reached, required : int
        How many indicators reach the standard, and how many must.
    """

    county: str
    school: str
    name: str
    stage: Stage
    stage_title: Title = attrs.field(repr=False)
    combined: bool = attrs.field(repr=False)
    pupils: float
    verdict: Verdict
    values: Mapping[str, float] = attrs.field(repr=False)
    limits: Mapping[str, tuple[Threshold | None, Threshold | None]] = attrs.field(repr=False)
    lacks: tuple[Lack, ...]
    reached: int
    required: int

    def count_text(self, lang: Language = "zh") -> str:
        """Return in how many indicators the section reaches the standard, where that is too few."""
        if self.reached >= self.required:
            return ""
        if lang == "zh":
            return f"（{len(self.values)}项中{self.reached}项达到标准，至少应有{self.required}项）"
        return f" ({self.reached} of {len(self.values)} indicators at the standard, must be at least {self.required})"

    def text(self, lang: Language = "zh") -> str:
        """Return the name of the section."""
        if not self.combined:
            return self.name
        return f"{self.name}{self.stage_title.zh}部" if lang == "zh" else f"{self.name} ({self.stage_title.en})"


@attrs.frozen
class Excluded:
    """A school or section that the indicators leave out.

    Attributes
    ----------
    stage : 'primary', 'junior' or None
        None where the whole school is left out.
    pupils : float
        The pupils of the judged stages that are left out, as far as reported.
    reason : str
        `type`, `few` or `none`: its type does not count, it has too few pupils, or it has none; `campus`: it counts
        with another school; otherwise the id of the exclusion that the standard declares.
    parent : str
        For a campus, the school that it counts with.
    exclusion : Title, optional
        Whom an exclusion leaves out.
    """

    county: str
    school: str
    name: str
    stage: Stage | None
    reason: str
    type: Title = attrs.field(repr=False)
    stage_title: Title | None = attrs.field(repr=False)
    pupils: float
    fewest: int
    parent: str = ""
    exclusion: Title | None = attrs.field(default=None, repr=False)

    def text(self, lang: Language = "zh") -> str:
        """Return who is left out, and why."""
        stage = self.stage_title.text(lang) if self.stage_title else ""
        if lang == "zh":
            why = {
                "type": f"{self.type.zh}不参加指标计算{self._with_pupils('zh')}",
                "few": f"{self.type.zh}在校生{self.pupils:g}人，不足{self.fewest}人",
                "none": f"{stage}没有在校生",
                "campus": f"校区，并入{self.parent}计算{self._with_pupils('zh')}",
            }
            out = f"{self.exclusion.zh}不参加指标计算{self._with_pupils('zh')}" if self.exclusion else ""
            return f"{self.name}：{out or why[self.reason]}"
        why = {
            "type": f"the indicators leave out every {self.type.en}{self._with_pupils('en')}",
            "few": f"a {self.type.en} of {self.pupils:g} pupils, fewer than {self.fewest}",
            "none": f"no {stage} pupils",
            "campus": f"a campus, counted with {self.parent}{self._with_pupils('en')}",
        }
        out = f"the indicators leave out {self.exclusion.en}{self._with_pupils('en')}" if self.exclusion else ""
        return f"{self.name}: {out or why[self.reason]}"

    def _with_pupils(self, lang: Language) -> str:
        if not self.pupils:
            return ""
        return f"，在校生{self.pupils:g}人" if lang == "zh" else f", {self.pupils:g} pupils"


def section_of(basis: Basis, row: int) -> Section:
    """Return one section."""
    sections, schools, standard = basis.sections, basis.submission.schools, basis.standard
    school, stage = int(sections.school[row]), standard.stages[sections.stage[row]]
    lacks, limits = [], {indicator: basis.limits(indicator, row) for indicator in standard.indicators}
    for position, indicator in enumerate(standard.indicators.values()):
        (threshold, floor), standing = limits[indicator.id], Standing(int(basis.standing[position, row]))
        if threshold and standing.verdict is Verdict.NOT_MET:
            value = float(basis.values[position, row])
            lacks.append(Lack(indicator, value, threshold, floor, standing, standard.head.precision))
    return Section(
        county=basis.submission.counties[sections.county[row]],
        school=str(schools.columns["school"][school]),
        name=str(schools.texts("name")[school]) or str(schools.columns["school"][school]),
        stage=stage,
        stage_title=standard.head.stage_titles[stage],
        combined=basis.is_combined(school),
        pupils=float(sections.pupils[row]),
        verdict=Verdict.of(basis.section_verdicts[row]),
        values=dict(zip(standard.indicators, basis.values[:, row].tolist(), strict=True)),
        limits=limits,
        lacks=tuple(lacks),
        reached=int(np.count_nonzero(basis.standing[:, row] == Standing.AT_STANDARD)),
        required=standard.section_rule.at_standard if standard.section_rule else 0,
    )


def excluded_of(basis: Basis) -> tuple[Excluded, ...]:
    """Return who is left out, in the order of county and school; last the campuses that count with others."""
    left_out, schools = basis.sections.left_out, basis.submission.schools
    result = []
    for n in np.argsort(left_out.school, kind="stable").tolist():
        school, stage = int(left_out.school[n]), int(left_out.stage[n])
        result.append(
            attrs.evolve(_excluded(basis, schools, school, stage, ""), **_reason(basis, int(left_out.reason[n])))
        )
    submitted = basis.submission.submitted
    for campus, parent in submitted.campuses.pairs if submitted.campuses else ():
        excluded = _excluded(basis, submitted.schools, campus, -1, "campus")
        result.append(attrs.evolve(excluded, parent=str(submitted.schools.columns["school"][parent])))
    return tuple(result)


def _reason(basis: Basis, reason: int) -> dict[str, Any]:
    """Return why a school or section is left out: reasons that always hold come first, then those of the standard."""
    if reason < len(REASONS):
        return {"reason": REASONS[reason]}
    exclusion = basis.standard.head.scope.left_out[reason - len(REASONS)]
    return {"reason": exclusion.id, "exclusion": exclusion.title}


def _excluded(basis: Basis, schools: Table, school: int, position: int, reason: str) -> Excluded:
    standard = basis.standard
    stage = standard.stages[position] if position >= 0 else None
    kind = standard.measures["type"].values[schools.choices("type")[school]]
    included, pupils = standard.counted(kind.id), standard.head.scope.pupils
    stages = (stage,) if stage else standard.stages
    return Excluded(
        county=basis.submission.counties[schools.county[school]],
        school=str(schools.columns["school"][school]),
        name=str(schools.texts("name")[school]) or str(schools.columns["school"][school]),
        stage=stage,
        reason=reason,
        type=kind.title,
        stage_title=standard.head.stage_titles[stage] if stage else None,
        pupils=sum(float(np.nan_to_num(schools.numbers(pupils[entry])[school])) for entry in stages),
        fewest=(included.fewest_pupils or 0) if included else 0,
    )
