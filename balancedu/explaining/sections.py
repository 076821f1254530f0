"""Why a section stands where it stands: its value in one indicator, its standing, its verdict."""

from __future__ import annotations

from collections.abc import Callable

import attrs
import numpy as np

from balancedu.core.model import Indicator, Language, Source, Stage, Title, split_terms
from balancedu.core.standard import Item
from balancedu.errors import RequestError, UnknownNameError
from balancedu.evaluation.figures import limit_printed, plain, printed
from balancedu.evaluation.section import Section, section_of
from balancedu.evaluation.verdict import Verdict
from balancedu.explaining.county import County
from balancedu.explaining.explanation import Explanation, Input, Step, both
from balancedu.judging.measuring import AT_STANDARD
from balancedu.phrase import NO_WORDS, Phrase, one_of, sentence

_STANDING: dict[int, Title] = {
    2: Title("达到标准", "reaches the standard"),
    1: Title("未达到标准，但不低于底线", "below the standard, but not below the floor"),
    0: Title("低于底线", "below the floor"),
    -1: Title("待定：有数未填报", "unknown: a figure is not reported"),
}
_AT_LEAST = Title("不计放宽部分已达到标准", "reaches the standard without what relief counts")
_NO_STANDARD = Title("没有学校层面的标准", "the standard sets none for a single section")
_COUNTED = {2: "at the standard", 1: "between floor and standard", 0: "below the floor", -1: "unknown"}
_BY_STANDING = {2: Verdict.MET, 1: Verdict.NOT_MET, 0: Verdict.NOT_MET, -1: Verdict.UNKNOWN}


def explain_value(county: County, indicator: Indicator, school: str, stage: Stage | None) -> Explanation:
    """Explain one indicator of one section."""
    one = _Value(county, indicator, section_row(county, school, stage))
    return Explanation(
        subject=both(lambda lang: f"{one.section.said(lang)} {indicator.id} {indicator.name.said(lang)}"),
        county=county.evaluation.counties[0],
        standard=county.standard.id,
        verdict=one.verdict,
        steps=(one.computed(), one.compared(), *section_steps(county, one.section, one.row)),
    )


def explain_section(county: County, school: str, stage: Stage | None) -> Explanation:
    """Explain the verdict of one section, indicator by indicator."""
    row = section_row(county, school, stage)
    values = [_Value(county, indicator, row) for indicator in county.standard.indicators.values()]
    section = section_of(county.basis, row)
    return Explanation(
        subject=both(section.said),
        county=county.evaluation.counties[0],
        standard=county.standard.id,
        verdict=section.verdict,
        steps=(*(value.compared() for value in values), *section_steps(county, section, row)),
    )


def inputs_of_value(county: County, indicator: Indicator, row: int) -> tuple[Input, ...]:
    """Return the figures that one indicator of one section follows from."""
    return _Value(county, indicator, row).computed().inputs


def section_row(county: County, school: str, stage: Stage | None) -> int:
    """Return the row of a section.

    Raises
    ------
    KeyError
        If there is no such section, with why.
    ValueError
        If the school has several sections and no stage is given.
    """
    sections, row = county.basis.sections, county.school_row(school)
    stages = county.standard.stages
    rows = np.flatnonzero(sections.school == row)
    here = [stages[position] for position in sections.stage[rows].tolist()]
    if stage is None and len(here) > 1:
        problem = Phrase(f"学校“{school}”有{len(here)}个学部", f"school {school!r} has {len(here)} sections")
        known = one_of(Phrase.of(f"stage={one!r}") for one in here)
        raise RequestError(sentence(problem, Phrase("请指明学段：", "say which: ") + known))
    found = [n for n, one in zip(rows.tolist(), here, strict=True) if stage in (None, one)]
    if found:
        return int(found[0])
    raise UnknownNameError(_no_section(county, school, stage, here))


def _no_section(county: County, school: str, stage: Stage | None, here: list[Stage]) -> Phrase:
    """Say that a school has no such section, and why, or which it has."""
    titles = county.standard.head.stage_titles
    title = next((words.zh for one, words in titles.items() if one == stage), stage)
    zh = f"学校“{school}”没有参加判定的{f'{title}部' if title else '学部'}"
    en = f"school {school!r} has no section {f'{stage} ' if stage else ''}that is judged"
    if here:
        had = Phrase("、".join(titles[one].zh for one in here), ", ".join(here))
        return Phrase(zh, en) + Phrase("；它有", "; it has ") + had
    left_out = (one for one in county.evaluation.excluded if one.school == school)
    why = next((Phrase("，因为", ": ") + Phrase(one.said("zh"), one.said("en")) for one in left_out), NO_WORDS)
    return Phrase(zh, en) + why


def section_steps(county: County, section: Section, row: int) -> tuple[Step, ...]:
    """Return the steps from a section to the county's verdict; none where sections have no verdict."""
    if county.standard.section_rule is None:
        return ()
    finding = county.evaluation.items[_section_item(county).id]
    return (section_step(county, section, row), *county.way_up(finding))


def _section_item(county: County) -> Item:
    items = county.standard.items.values()
    return next(one for one in items if county.standard.section_rule in one.rules)


def section_step(county: County, section: Section, row: int) -> Step:
    """Return what a section comes to, and by which indicators."""
    basis, standard = county.basis, county.standard
    standing = basis.standing[:, row]
    ids = np.array(list(standard.indicators))
    item = _section_item(county)

    def counted(lang: Language) -> str:
        told = []
        for code, title in _STANDING.items():
            those = ids[standing == code].tolist()
            if those and lang == "zh":
                told.append(f"{len(those)}项{title.zh}（{'、'.join(those)}）")
            elif those:
                told.append(f"{len(those)} {_COUNTED[code]} ({', '.join(those)})")
        return "，".join(told) + "。" if lang == "zh" else ", ".join(told) + "."

    return Step(
        title=both(section.said),
        sentence=both(counted),
        threshold=item.title,
        verdict=section.verdict,
        source=item.source,
        set_by=standard.set_by(f"rules.{item.id}"),
    )


@attrs.frozen
class _Value:
    """One indicator of one section."""

    county: County
    indicator: Indicator
    row: int

    @property
    def section(self) -> Section:
        return section_of(self.county.basis, self.row)

    @property
    def position(self) -> int:
        return list(self.county.standard.indicators).index(self.indicator.id)

    @property
    def value(self) -> float:
        return float(self.county.basis.values[self.position, self.row])

    @property
    def standing(self) -> int:
        return int(self.county.basis.standing[self.position, self.row])

    @property
    def verdict(self) -> Verdict:
        return Verdict.NOT_APPLICABLE if np.isnan(self._limits()[0]) else _BY_STANDING[self.standing]

    @property
    def school(self) -> int:
        return int(self.county.basis.sections.school[self.row])

    def computed(self) -> Step:
        """Return how the value follows from what was reported."""
        inputs = (*(one for _, one in self._amounts()), *(one for _, _, one in self._pupils()))
        return Step(
            title=both(lambda lang: f"{self.indicator.id} {self.indicator.title.said(lang)}"),
            formula=both(self._in_words),
            sentence=both(self._in_numbers),
            inputs=inputs,
            source=self._weights_source() if len(self._pupils()) > 1 else None,
            set_by=self.county.standard.set_by(f"indicators.{self.indicator.id}"),
        )

    def compared(self) -> Step:
        """Return how the value stands to the standard and the floor."""
        standard, floor = self._limits()
        unit, path = self.indicator.unit, f"indicators.{self.indicator.id}"

        def limits(lang: Language) -> str:
            told = f"≥ {limit_printed(standard, 'value', lang)} {unit.said(lang)}" if not np.isnan(standard) else "–"
            words = {"zh": "，余项底线 ", "en": ", floor of the rest "}
            return told + (f"{words[lang]}≥ {limit_printed(floor, 'value', lang)}" if not np.isnan(floor) else "")

        return Step(
            title=both(lambda lang: f"{self.indicator.id} {self.indicator.name.said(lang)}"),
            sentence=both(lambda lang: self._stands(lang, standard, floor)),
            threshold=both(limits),
            verdict=self.verdict,
            source=self.indicator.source,
            set_by=self.county.standard.set_by(f"{path}.at_least" if self.indicator.at_least else path),
        )

    def _stands(self, lang: Language, standard: float, floor: float) -> str:
        limit = floor if self.standing == 0 and not np.isnan(floor) else standard
        shown = printed(self.value, "value", self.county.standard.head.precision, lang, limit)
        unit = "" if np.isnan(self.value) else self.indicator.unit.said(lang)
        said = (_NO_STANDARD if np.isnan(standard) else _STANDING[self.standing]).said(lang)
        if np.isnan(self.value) and self.standing == AT_STANDARD:
            said = _AT_LEAST.said(lang)
        return f"{shown}{unit}，{said}。" if lang == "zh" else f"{shown} {unit}".strip() + f": {said}."

    def _limits(self) -> tuple[float, float]:
        stage = self.section.stage
        standard, floors = self.indicator.thresholds[stage], self.county.standard.floors.get(self.indicator.id)
        floor = floors[stage] if floors else None
        return (float(standard.value) if standard else np.nan), (float(floor.value) if floor else np.nan)

    def _amounts(self) -> list[tuple[int, Input]]:
        terms = split_terms(self.indicator.terms(self.section.stage))
        return [(sign, self._counted(name)) for sign, name in terms]

    def _counted(self, name: str) -> Input:
        """Return an amount as it counts, which for amounts of relief may not be what is reported."""
        reported = self.county.input("schools", name, self.school)
        counted = float(self.county.basis.resources.numbers(name)[self.school])
        if self.county.standard.measures[name].counts_when is None or counted == reported.value:
            return reported
        zh, en = ("不符合放宽条件，不计入", "no relief: not counted")
        if self.county.basis.strict is None:
            zh, en = ("放宽才计算，可以不计入", "counted by relief only, need not be")
        elif np.isnan(counted):
            zh, en = ("是否符合放宽条件不知道", "not known whether relief counts it")
        title = Title(f"{reported.title.zh}（{zh}）", f"{reported.title.en} ({en})")
        return attrs.evolve(reported, value=counted, title=title)

    def _pupils(self) -> list[tuple[Stage, float, Input]]:
        """Return the pupils that the amount is shared by, each stage with its weight."""
        standard, stage = self.county.standard, self.section.stage
        columns = standard.head.scope.pupils
        schools = self.county.basis.submission.schools
        kind = standard.counted(standard.measures["type"].values[schools.choices("type")[self.school]].id)
        weights = {stage: 1.0} if kind is None or not self.indicator.amount else kind.weights
        return [(one, float(w), self.county.input("schools", columns[one], self.school)) for one, w in weights.items()]

    def _weights_source(self) -> Source | None:
        standard, schools = self.county.standard, self.county.basis.submission.schools
        kind = standard.counted(standard.measures["type"].values[schools.choices("type")[self.school]].id)
        return kind.source if kind else None

    def _in_words(self, lang: Language) -> str:
        return self._formula(lang, lambda one: one.title.said(lang))

    def _in_numbers(self, lang: Language) -> str:
        precision, unit = self.county.standard.head.precision, self.indicator.unit.said(lang)
        standard, _ = self._limits()
        result = printed(self.value, "value", precision, lang, standard)
        if np.isnan(self.value):
            return {"zh": "有数未填报，算不出来。", "en": "a figure is not reported, so it cannot be computed."}[lang]
        formula = self._formula(lang, lambda one: plain(one.value))
        about = "=" if float(result) == self.value else "≈"
        return f"{formula} {about} {result}{unit}" if lang == "zh" else f"{formula} {about} {result} {unit}"

    def _formula(self, lang: Language, say: Callable[[Input], str]) -> str:
        amounts, pupils = self._amounts(), self._pupils()
        top = " ".join(f"{'−' if sign < 0 else '+'} {say(one)}" for sign, one in amounts).removeprefix("+ ")
        top = _bracketed(top, lang) if len(amounts) > 1 else top
        top += f" × {self.indicator.per}" if self.indicator.per != 1 else ""
        if len(pupils) == 1:
            return _tight(f"{top} ÷ {say(pupils[0][2])}")
        own = next(weight for stage, weight, _ in pupils if stage == self.section.stage)
        top += f" × {plain(own)}" if own != 1 else ""
        below = " + ".join(say(one) if weight == 1 else f"{say(one)} × {plain(weight)}" for _, weight, one in pupils)
        return _tight(f"{top} ÷ {_bracketed(below, lang)}")


def _tight(text: str) -> str:
    """Return the text without spaces beside wide brackets, which bring their own."""
    return text.replace("） ", "）").replace(" （", "（")


def _bracketed(text: str, lang: Language) -> str:
    return f"（{text}）" if lang == "zh" else f"({text})"
