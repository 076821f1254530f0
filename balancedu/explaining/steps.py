"""What each kind of rule looked at, in formulas with the numbers in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property, singledispatch
from typing import TypeVar, cast

import attrs
import numpy as np

from balancedu.core.fields import Language, Source, Stage, Title
from balancedu.core.history import set_by
from balancedu.core.model import Indicator, Quotient, split_terms
from balancedu.core.ratios import SECTIONS
from balancedu.core.rules import (
    ClassSize,
    CompositeWithin,
    FactAtLeast,
    FactNotBelow,
    MonitoredSubjects,
    PassedForYears,
    Relief,
    RoomsForClasses,
    Rule,
    SchoolShareAtLeast,
    SchoolSize,
    SectionsComply,
    ShareAtLeast,
    SmallSchoolFunds,
    Stated,
)
from balancedu.core.standard import Item, Standard
from balancedu.errors import RequestError, UnknownNameError
from balancedu.evaluation.county import CountyFindings
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.figures import NOT_REPORTED, limit_printed, plain, printed
from balancedu.evaluation.findings import Case, Check, Finding, asked
from balancedu.evaluation.missing import Missing
from balancedu.evaluation.results import Basis, Form, Outcome
from balancedu.evaluation.sections import Section, section_of
from balancedu.evaluation.verdict import Standing, Verdict
from balancedu.explaining.explanation import Explanation, Input, Step, addends_of, both, places_of, value_of
from balancedu.judging.rules import judge
from balancedu.submission.conditions import meets
from balancedu.text import NO_WORDS, Phrase, one_of, sentence


@attrs.frozen(slots=False, eq=False)
class County:
    """The evaluation of one county, for those who explain it."""

    evaluation: Evaluation
    judged: Basis | None = None

    @property
    def basis(self) -> Basis:
        """The columns that were judged."""
        return self.evaluation.record.basis if self.judged is None else self.judged

    @property
    def standard(self) -> Standard:
        """The standard that was applied."""
        return self.basis.standard

    @cached_property
    def findings(self) -> CountyFindings:
        """What makes objects of the columns."""
        return CountyFindings(self.basis, 0)

    @property
    def missing(self) -> Missing:
        """What finds the cells that are not reported."""
        return Missing(self.basis, 0)

    def outcome(self, item: str, check: str) -> Outcome:
        """Return the columns of one check."""
        return next(one for one in self.evaluation.record.outcomes[item] if one.id == check)

    def school_row(self, school: str) -> int:
        """Return the row of a school.

        Raises
        ------
        KeyError
            If the county has no such school.
        """
        schools = self.basis.submission.schools
        found = np.flatnonzero(schools.columns["school"] == school) if len(schools) else np.empty(0, np.intp)
        if not found.size:
            campus = next((one for one in self.evaluation.excluded if one.school == school and one.parent), None)
            county = self.evaluation.counties[0]
            problem = Phrase(f"县“{county}”没有学校“{school}”", f"no school {school!r} in county {county!r}")
            why = NO_WORDS
            if campus:
                zh = f"；“{school}”是校区，计入学校“{campus.parent}”"
                why = Phrase(zh, f"; {school!r} is a campus that counts with {campus.parent!r}")
            raise UnknownNameError(problem + why)
        return int(found[0])

    def input(self, table: str, column: str, row: int, owner: Title | None = None) -> Input:
        """Return one reported figure, with where it was read."""
        submitted, measure = self.basis.submission.tables[table], self.standard.table_measures(table)[column]
        forms: dict[str, Form] = {"choice": "level", "yes_no": "yes_no", "day": "day"}
        evidence = self.basis.submission.evidence.get((self.evaluation.counties[0], column), "")
        addends = addends_of(self.basis.submission, measure, row)
        return Input(
            title=both(lambda lang: _owned(owner, measure.title, lang)),
            value=value_of(submitted, measure, row),
            place=places_of(addends) or table,
            table=table,
            column=column,
            unit=measure.unit,
            form=forms.get(measure.type, "other"),
            evidence=evidence if table == "facts" else "",
            addends=addends,
        )

    def fact(self, name: str) -> Input:
        """Return one fact of the county."""
        return self.input("facts", name, 0)

    def school_title(self, row: int) -> Title:
        """Return the name of a school."""
        name = self.basis.school_name(row)
        return Title(name, name)

    def way_up(self, finding: Finding) -> tuple[Step, ...]:
        """Return the steps from an item to the county's verdict."""
        item = finding.item
        part = next(one for one in self.standard.parts.values() if item in one.items)
        parts, findings = self.evaluation.parts, self.evaluation.items
        of_part = [findings[one.id].verdict for one in part.items]
        return (
            Step(
                title=both(lambda lang: f"{item.id} {item.name.said(lang)}"),
                sentence=both(finding.grounds),
                threshold=both(lambda lang: asked(item, lang)),
                verdict=finding.verdict,
                source=item.source,
                set_by=set_by(self.standard, f"items.{item.id}.title"),
            ),
            Step(
                title=part.title,
                sentence=both(lambda lang: _counted([one.id for one in part.items], of_part, lang)),
                verdict=parts[part.id],
                source=part.source,
                set_by=set_by(self.standard, f"parts.{part.id}.title"),
            ),
            Step(
                title=Title("全县结论", "The county"),
                sentence=both(
                    lambda lang: _counted(
                        [self.standard.parts[one].title.said(lang) for one in parts], list(parts.values()), lang
                    )
                ),
                verdict=self.evaluation.verdict,
                source=self.standard.head.verdict.source,
                set_by=set_by(self.standard, "verdict"),
            ),
        )

    def required(self, check: Check, required: float | None = None) -> Title:
        """Return what a check asks for, in words."""
        return both(lambda lang: check.wanted(lang, required=required))


def _owned(owner: Title | None, title: Title, lang: Language) -> str:
    if owner is None:
        return title.said(lang)
    return f"{owner.zh}的{title.zh}" if lang == "zh" else f"{owner.en}, {title.en}"


def _counted(names: list[str], verdicts: list[Verdict], lang: Language) -> str:
    """Return which of several are met, which are not and which are not known; all must be met."""
    told = []
    for verdict in Verdict:
        those = [name for name, one in zip(names, verdicts, strict=True) if one is verdict]
        listed = verdict is not Verdict.MET
        if those and lang == "zh":
            told.append(f"{verdict.said('zh')}{len(those)}项" + (f"（{'、'.join(those)}）" if listed else ""))
        elif those:
            told.append(f"{len(those)} {verdict.said('en')}" + (f" ({', '.join(those)})" if listed else ""))
    zh, en = f"须全部达标，共{len(names)}项：", f"all {len(names)} must be met: "
    return (zh + "，".join(told) if lang == "zh" else en + ", ".join(told)) + ("。" if lang == "zh" else ".")


_AT_LEAST = Title("不计放宽部分已达到标准", "reaches the standard without what relief counts")
_NO_STANDARD = Title("没有学校层面的标准", "the standard sets none for a single section")


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
        for code in reversed(Standing):
            those = ids[standing == code].tolist()
            if those and lang == "zh":
                told.append(f"{len(those)}项{code.said('zh')}（{'、'.join(those)}）")
            elif those:
                told.append(f"{len(those)} {code.said('en')} ({', '.join(those)})")
        return "，".join(told) + "。" if lang == "zh" else ", ".join(told) + "."

    return Step(
        title=both(section.said),
        sentence=both(counted),
        threshold=item.title,
        verdict=section.verdict,
        source=item.source,
        set_by=set_by(standard, f"rules.{item.id}"),
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
    def standing(self) -> Standing:
        return Standing(self.county.basis.standing[self.position, self.row])

    @property
    def verdict(self) -> Verdict:
        return Verdict.NOT_APPLICABLE if np.isnan(self._limits()[0]) else self.standing.verdict

    @property
    def school(self) -> int:
        return int(self.county.basis.sections.school[self.row])

    def computed(self) -> Step:
        """Return how the value follows from what was reported."""
        if (reported := self._reported()) is not None:
            return Step(
                title=both(lambda lang: f"{self.indicator.id} {self.indicator.title.said(lang)}"),
                formula=Title("填报的指标值", "the figure per pupil as reported"),
                sentence=both(lambda lang: f"{plain(self.value)}{self.indicator.unit.said(lang)}"),
                inputs=(reported,),
                set_by=set_by(self.county.standard, f"indicators.{self.indicator.id}"),
            )
        inputs = (*(one for _, one in self._amounts()), *(one for _, _, one in self._pupils()))
        return Step(
            title=both(lambda lang: f"{self.indicator.id} {self.indicator.title.said(lang)}"),
            formula=both(self._in_words),
            sentence=both(self._in_numbers),
            inputs=inputs,
            source=self._weights_source() if len(self._pupils()) > 1 else None,
            set_by=set_by(self.county.standard, f"indicators.{self.indicator.id}"),
        )

    def _reported(self) -> Input | None:
        """Return the value as it was reported, where the counts do not give it."""
        ratios = self.county.basis.sections.ratios
        if not ratios or self.value != ratios[self.indicator.id][self.row]:
            return None
        needed = [one.value for _, one in self._amounts()] + [one.value for _, _, one in self._pupils()]
        if not np.isnan(needed).any():
            return None
        table = self.county.basis.submission.tables[SECTIONS]
        stages = [choice.id for choice in self.county.standard.table_measures(SECTIONS)["stage"].values]
        at = (table.school == self.school) & (table.choices("stage") == stages.index(self.section.stage))
        return self.county.input(SECTIONS, self.indicator.id, int(np.flatnonzero(at)[0]))

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
            set_by=set_by(self.county.standard, f"{path}.at_least" if self.indicator.at_least else path),
        )

    def _stands(self, lang: Language, standard: float, floor: float) -> str:
        limit = floor if self.standing is Standing.BELOW_FLOOR and not np.isnan(floor) else standard
        shown = printed(self.value, "value", self.county.standard.head.precision, lang, limit)
        unit = "" if np.isnan(self.value) else self.indicator.unit.said(lang)
        said = _NO_STANDARD.said(lang) if np.isnan(standard) else self.standing.said(lang)
        if np.isnan(self.value) and self.standing is Standing.AT_STANDARD:
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


_Kind = TypeVar("_Kind", bound=Rule)


@attrs.frozen
class Asked:
    """An item of one county, and the school that is asked about, if one is."""

    county: County
    finding: Finding
    school: str | None = None

    def check(self, name: str) -> Check:
        """Return a check by its id."""
        return next(one for one in self.finding.checks if one.id == name)

    def case(self, check: Check) -> Case | None:
        """Return the case that is explained: that of the school asked about, otherwise the worst."""
        if self.school is None:
            return check.worst
        return self.county.findings.case_of(self.county.outcome(self.finding.item.id, check.id), self.school)

    def relief(self, check: Check) -> Relief | None:
        """Return the relief by which the case that is explained was judged; None where none was needed or granted."""
        case, item, strict = self.case(check), self.finding.item, self.county.evaluation.strict
        if case is None or strict is None or not case.school or not item.reliefs:
            return None
        before = Asked(County(strict), strict.items[item.id], case.school)
        if (found := before.case(before.check(check.id))) is None or found.verdict.code >= Verdict.MET.code:
            return None
        basis, row, granted = self.county.basis, self.county.school_row(case.school), None
        for relief in item.reliefs:
            if meets(relief.when, basis.submission, basis.standard)[row] != Verdict.MET.code:
                continue
            granted = relief
            outcome = next(one for rule in relief.rules for one in judge(rule, basis) if one.id == check.id)
            eased = self.county.findings.case_of(outcome, case.school)
            if eased is not None and eased.verdict.code >= Verdict.MET.code:
                break
        return granted

    def applied(self, rule: _Kind, check: Check) -> _Kind:
        """Return the rule by which the case that is explained was judged: that of a relief, where one was needed."""
        relief = self.relief(check)
        return rule if relief is None else cast("_Kind", relief.rules[self.finding.item.rules.index(rule)])

    def step(self, check: Check, inputs: tuple[Input, ...], formula: Title | None, sentence: Title) -> Step:
        """Return the step of a check."""
        case, item, relief = self.case(check), self.finding.item, self.relief(check)
        return Step(
            title=check.title if case is None else _of(check.title, case.name),
            sentence=sentence,
            formula=formula,
            inputs=inputs,
            threshold=self.county.required(check, case.required if case else None),
            verdict=check.verdict if case is None else case.verdict,
            source=relief.source if relief else item.source,
            set_by=set_by(self.county.standard, f"items.{item.id}.reliefs" if relief else f"rules.{item.id}"),
        )

    def told(self, check: Check, inputs: tuple[Input, ...], formula: Title | None = None, start: str = "") -> Step:
        """Return the step of a check, its sentence being the figure found."""
        case = self.case(check)

        def said(lang: Language) -> str:
            found = check.figure(lang, case)
            text = f"{start} = {found}" if start and not np.isnan((case or check).observed) else found
            return text + self._others(check, lang)

        return self.step(check, inputs, formula, both(said))

    def _others(self, check: Check, lang: Language) -> str:
        if self.school is not None or not check.total:
            return ""
        failing = sum(case.verdict is Verdict.NOT_MET for case in check.cases)
        unknown = sum(case.verdict is Verdict.UNKNOWN for case in check.cases)
        if lang == "zh":
            return f"；逐一判定共{check.total}个，不符{failing}个，待定{unknown}个，这是最差或最接近限值的一个"
        return f"; {check.total} were looked at, {failing} fail, {unknown} are unknown; this is the worst or closest"


@singledispatch
def steps_of(rule: Rule, asked: Asked) -> Iterator[Step]:  # noqa: ARG001
    """Yield the steps from what was reported to the checks of a rule."""
    for check in asked.finding.checks:
        yield asked.told(check, ())


@steps_of.register
def _(rule: SectionsComply, asked: Asked) -> Iterator[Step]:  # noqa: ARG001
    basis = asked.county.basis
    for row in np.flatnonzero(basis.section_verdicts <= Verdict.UNKNOWN.code).tolist():
        yield section_step(asked.county, section_of(basis, row), row)


@steps_of.register
def _(rule: CompositeWithin, asked: Asked) -> Iterator[Step]:
    standard, evaluation = asked.county.standard, asked.county.evaluation
    for check in asked.finding.checks:
        if check.stage not in rule.limits or len(check.indicators) < 2:
            continue
        figures = evaluation.cv[0, evaluation.stages.index(check.stage)].tolist()
        inputs = tuple(
            Input(Title(f"{one.id} {one.name.zh}", f"{one.id} {one.name.en}"), _shown(cv, check), "", "", one.id)
            for one, cv in zip(standard.indicators.values(), figures, strict=True)
        )
        formula = Title("各项指标差异系数之和 ÷ 指标数", "the coefficients of all indicators, added up ÷ their number")
        yield asked.told(check, inputs, formula)


def _shown(figure: float, check: Check) -> float:
    """Return a figure as printed in the form of a check."""
    return figure if np.isnan(figure) else float(printed(figure, check.form, check.precision, "en"))


@steps_of.register
def _(rule: Stated, asked: Asked) -> Iterator[Step]:
    for fact in rule.facts:
        yield asked.told(asked.check(fact), (asked.county.fact(fact),))


@steps_of.register
def _(rule: ShareAtLeast, asked: Asked) -> Iterator[Step]:
    county, check = asked.county, asked.check(rule.share)
    quotient = county.standard.measures[rule.share].quotient
    counts = tuple(county.fact(name) for name in quotient.measures) if quotient else ()
    if quotient is None or any(np.isnan(one.value) for one in counts):
        stated = county.fact(rule.share)
        yield asked.told(check, (stated,) if not np.isnan(stated.value) or not counts else (*counts, stated))
        return
    words = both(lambda lang: _quotient(county, quotient, lang, numbers=False))
    yield asked.told(check, counts, words, _quotient(county, quotient, "en", numbers=True))


@steps_of.register
def _(rule: FactAtLeast, asked: Asked) -> Iterator[Step]:
    yield asked.told(asked.check(rule.fact), (asked.county.fact(rule.fact),))


@steps_of.register
def _(rule: FactNotBelow, asked: Asked) -> Iterator[Step]:
    inputs = asked.county.fact(rule.fact), asked.county.fact(rule.not_below)
    yield asked.told(asked.check(rule.fact), inputs)


@steps_of.register
def _(rule: PassedForYears, asked: Asked) -> Iterator[Step]:
    for fact in (rule.passed_on, rule.attested):
        check = asked.check(fact)
        if check.verdict is not Verdict.NOT_APPLICABLE:
            yield asked.told(check, (asked.county.fact(fact),))


@steps_of.register
def _(rule: MonitoredSubjects, asked: Asked) -> Iterator[Step]:
    for name in (rule.level, rule.rate):
        check, measure = asked.check(name), asked.county.standard.measures[name]
        table = asked.county.basis.submission.tables[measure.table]
        rows = range(len(table))
        owners = [Title(*(f"{table.texts('subject')[n]} {table.texts('grade')[n]}",) * 2) for n in rows]
        inputs = [
            asked.county.input(measure.table, measure.column, n, owner) for n, owner in zip(rows, owners, strict=True)
        ]
        yield asked.told(check, tuple(inputs))


def _quotient(county: County, quotient: Quotient, lang: Language, *, numbers: bool) -> str:
    def side(terms: tuple[tuple[int, str], ...]) -> str:
        said = [
            ("−" if sign < 0 else "+")
            + " "
            + (plain(county.fact(name).value) if numbers else _alone(county.standard.measures[name].title.said(lang)))
            for sign, name in terms
        ]
        text = " ".join(said).removeprefix("+ ")
        return f"({text})" if len(said) > 1 else text

    return f"{side(tuple(split_terms(quotient.part)))} ÷ {side(tuple(split_terms(quotient.whole)))}"


def _alone(title: str) -> str:
    """Return the title of a count without the words that tie it to the line above it in a table."""
    return title.removeprefix("其中：").removeprefix("of these, ")


def _of(title: Title, name: Title) -> Title:
    return Title(f"{name.zh}：{title.zh}", f"{name.en}: {title.en}")


@steps_of.register
def _(rule: SchoolSize, asked: Asked) -> Iterator[Step]:  # noqa: ARG001
    check = asked.check("school_size")
    columns = tuple(asked.county.standard.head.scope.pupils[stage] for stage in asked.county.standard.stages)
    inputs = _reported(asked, check, columns)
    yield asked.told(check, inputs, start=" + ".join(plain(one.value) for one in inputs) if len(inputs) > 1 else "")


@steps_of.register
def _(rule: ClassSize, asked: Asked) -> Iterator[Step]:
    check = asked.check("class_size")
    case = asked.case(check)
    if case is not None and case.row >= 0:
        yield asked.told(check, tuple(asked.county.input("classes", one, case.row, case.name) for one in rule.columns))
    else:
        columns = () if case is None or case.stage is None else (rule.classes[case.stage],)
        yield asked.told(check, _reported(asked, check, columns))


@steps_of.register
def _(rule: RoomsForClasses, asked: Asked) -> Iterator[Step]:
    for use in rule.area_at_least:
        check = asked.check(f"rooms.{use}")
        area = asked.applied(rule, check).area_at_least[use]
        case = asked.case(check)
        classes = _reported(asked, check, tuple(rule.classes.values()))
        total = sum(one.value for one in classes if not np.isnan(one.value))
        formula = Title(
            f"班数 ÷ {rule.classes_per_room}，进一取整；只数面积不小于{plain(float(area))}平方米的",
            f"classes ÷ {rule.classes_per_room}, rounded up; rooms from {plain(float(area))} m² count",
        )
        needed = {"zh": NOT_REPORTED["zh"], "en": NOT_REPORTED["en"]}
        if case is not None and not np.isnan(case.required):
            needed = dict.fromkeys(needed, f"⌈{plain(total)} ÷ {rule.classes_per_room}⌉ = {plain(case.required)}")
        found = Title(_rooms_said(needed["zh"], check, case, "zh"), _rooms_said(needed["en"], check, case, "en"))
        yield asked.step(check, (*classes, *_rooms(asked, use, case)), formula, found)


def _rooms_said(needed: str, check: Check, case: Case | None, lang: Language) -> str:
    found = check.figure(lang, case)
    return f"需要 {needed}间，达标的有{found}。" if lang == "zh" else f"needed: {needed}; sufficient: {found}."


def _rooms(asked: Asked, use: str, case: Case | None) -> tuple[Input, ...]:
    rooms = asked.county.basis.submission.tables["rooms"]
    if case is None:
        return ()
    uses = [choice.id for choice in asked.county.standard.measures["rooms.use"].values]
    row = asked.county.school_row(case.school)
    here = np.flatnonzero((rooms.school == row) & (rooms.choices("use") == uses.index(use)))
    return tuple(asked.county.input("rooms", "area", n, case.name) for n in here.tolist())


@steps_of.register
def _(rule: SmallSchoolFunds, asked: Asked) -> Iterator[Step]:
    check, case = asked.check(rule.funds), asked.case(asked.check(rule.funds))
    rule = asked.applied(rule, check)
    scope = asked.county.standard.head.scope.pupils
    pupils = _reported(asked, check, tuple(scope[stage] for stage in rule.per_pupil))
    stages = {str(scope[stage]): stage for stage in rule.per_pupil}
    # A stage without pupils needs no standard; one whose pupils are not reported may.
    standards = [asked.county.fact(rule.per_pupil[stages[one.column]]) for one in pupils if one.value != 0]
    formula = Title(
        f"{rule.funded_as}人 × 生均公用经费基准定额（多个学段的按人数加权）",
        f"{rule.funded_as} pupils × the county's standard per pupil (several stages: the mean weighted by pupils)",
    )

    def said(lang: Language) -> str:
        if case is None or np.isnan(case.required):
            return check.said(lang)
        pairs = zip(standards, _with(pupils), strict=True)
        terms = " + ".join(f"{plain(one.value)} × {plain(count.value)}" for one, count in pairs)
        per_pupil = plain(standards[0].value) if len(standards) == 1 else f"({terms}) ÷ {_sum(pupils)}"
        found, needed = check.figure(lang, case), f"{rule.funded_as} × {per_pupil} = {plain(case.required)}"
        return f"应核定 {needed}，实际{found}" if lang == "zh" else f"needed {needed}; found {found}"

    yield asked.step(check, (*_reported(asked, check, (rule.funds,)), *pupils, *standards), formula, both(said))


def _with(pupils: tuple[Input, ...]) -> list[Input]:
    return [one for one in pupils if one.value != 0]


def _sum(pupils: tuple[Input, ...]) -> str:
    return plain(sum(one.value for one in pupils))


@steps_of.register
def _(rule: SchoolShareAtLeast, asked: Asked) -> Iterator[Step]:
    check = asked.check(rule.part)
    inputs = _reported(asked, check, (rule.part, rule.whole))
    yield asked.told(check, inputs, start=" ÷ ".join(plain(one.value) for one in inputs))


def _reported(asked: Asked, check: Check, columns: tuple[str, ...]) -> tuple[Input, ...]:
    """Return the columns that the type of the school has, as the school reported them."""
    case = asked.case(check)
    if case is None or not case.school:
        return ()
    row = asked.county.school_row(case.school)
    measures, owner = asked.county.standard.measures, asked.county.school_title(row)
    kind = measures["type"].values[asked.county.basis.submission.schools.choices("type")[row]]
    return tuple(
        asked.county.input("schools", name, row, owner)
        for name in columns
        if measures[name].stage is None or kind.stages is None or measures[name].stage in kind.stages
    )
