"""From what was reported to a value, a check or a section, in formulas with the numbers in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import cached_property

import attrs
import numpy as np

from balancedu.core.fields import Language, Source, Stage, Term, Title
from balancedu.core.history import set_by
from balancedu.core.model import Indicator, split_terms
from balancedu.core.ratios import SECTIONS
from balancedu.core.rules import Relief, Rule, Share
from balancedu.core.standard import Item, Standard
from balancedu.errors import RequestError, UnknownNameError
from balancedu.evaluation.county import CountyFindings
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.figures import limit_printed, plain, printed
from balancedu.evaluation.findings import Case, Check, Finding, asked
from balancedu.evaluation.missing import Missing
from balancedu.evaluation.results import Basis, Cases, Form, Need, Outcome
from balancedu.evaluation.sections import Section, section_of
from balancedu.evaluation.verdict import Standing, Verdict
from balancedu.explaining.explanation import Explanation, Input, Step, addends_of, both, places_of, value_of
from balancedu.judging.rules import judge
from balancedu.submission.attached import has_stage, with_attached
from balancedu.submission.conditions import meets
from balancedu.submission.sections import weights_of
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
        return next(outcome for outcome in self.evaluation.record.outcomes[item] if outcome.id == check)

    def school_row(self, school: str) -> int:
        """Return the row of a school.

        Raises
        ------
        KeyError
            If the county has no such school.
        """
        schools = self.basis.submission.schools
        result = np.flatnonzero(schools.columns["school"] == school) if len(schools) else np.empty(0, np.intp)
        if not result.size:
            campus = next(
                (entry for entry in self.evaluation.excluded if entry.school == school and entry.parent), None
            )
            county = self.evaluation.counties[0]
            problem = Phrase(f"县“{county}”没有学校“{school}”", f"no school {school!r} in county {county!r}")
            why = NO_WORDS
            if campus:
                zh = f"；“{school}”是校区，计入学校“{campus.parent}”"
                why = Phrase(zh, f"; {school!r} is a campus that counts with {campus.parent!r}")
            raise UnknownNameError(problem + why)
        return int(result[0])

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
        part = next(entry for entry in self.standard.parts.values() if item in entry.items)
        parts, findings = self.evaluation.parts, self.evaluation.items
        of_part = [findings[entry.id].verdict for entry in part.items]
        return (
            Step(
                title=both(lambda lang: f"{item.id} {item.name.text(lang)}"),
                sentence=both(finding.grounds),
                threshold=both(lambda lang: asked(item, lang)),
                verdict=finding.verdict,
                source=item.source,
                set_by=set_by(self.standard, f"items.{item.id}.title"),
            ),
            Step(
                title=part.title,
                sentence=both(
                    lambda lang: _tally([entry.id for entry in part.items], of_part, lang, part.items_needed)
                ),
                verdict=parts[part.id],
                source=part.source,
                set_by=set_by(self.standard, f"parts.{part.id}.title"),
            ),
            Step(
                title=Title("全县结论", "The county"),
                sentence=both(
                    lambda lang: _tally(
                        [self.standard.parts[entry].title.text(lang) for entry in parts], list(parts.values()), lang
                    )
                ),
                verdict=self.evaluation.verdict,
                source=self.standard.head.verdict.source,
                set_by=set_by(self.standard, "verdict"),
            ),
        )

    def has(self, row: int, column: str) -> bool:
        """Return whether a school has the stage that a figure is about."""
        measure = self.standard.table_measures("schools")[column]
        schools = self.basis.submission.schools
        return measure.stage is None or bool(has_stage(schools, self.standard, measure.stage)[row])

    def required(self, check: Check, required: float | None = None) -> Title:
        """Return what a check asks for, in words."""
        return both(lambda lang: check.wanted(lang, required=required))


def _owned(owner: Title | None, title: Title, lang: Language) -> str:
    if owner is None:
        return title.text(lang)
    return f"{owner.zh}的{title.zh}" if lang == "zh" else f"{owner.en}, {title.en}"


def _tally(names: list[str], verdicts: list[Verdict], lang: Language, needed: int | None = None) -> str:
    """Return which of several are met, which are not and which are not known, and how many must be met."""
    result = []
    for verdict in Verdict:
        those = [name for name, entry in zip(names, verdicts, strict=True) if entry is verdict]
        listed = verdict is not Verdict.MET
        if those and lang == "zh":
            result.append(f"{verdict.text('zh')}{len(those)}项" + (f"（{'、'.join(those)}）" if listed else ""))
        elif those:
            result.append(f"{len(those)} {verdict.text('en')}" + (f" ({', '.join(those)})" if listed else ""))
    zh, en = f"须全部达标，共{len(names)}项：", f"all {len(names)} must be met: "
    if needed is not None:
        zh, en = f"须{needed}项达标，共{len(names)}项：", f"{needed} of {len(names)} must be met: "
    return (zh + "，".join(result) if lang == "zh" else en + ", ".join(result)) + ("。" if lang == "zh" else ".")


_AT_LEAST = Title("不计放宽部分已达到标准", "reaches the standard without what relief counts")
_NO_STANDARD = Title("没有学校层面的标准", "the standard sets none for a single section")


def explain_value(county: County, indicator: Indicator, school: str, stage: Stage | None) -> Explanation:
    """Explain one indicator of one section."""
    entry = _Value(county, indicator, section_row(county, school, stage))
    return Explanation(
        subject=both(lambda lang: f"{entry.section.text(lang)} {indicator.id} {indicator.name.text(lang)}"),
        county=county.evaluation.counties[0],
        standard=county.standard.id,
        verdict=entry.verdict,
        steps=(entry.computed(), entry.compared(), *section_steps(county, entry.section, entry.row)),
    )


def explain_section(county: County, school: str, stage: Stage | None) -> Explanation:
    """Explain the verdict of one section, indicator by indicator."""
    row = section_row(county, school, stage)
    values = [_Value(county, indicator, row) for indicator in county.standard.indicators.values()]
    section = section_of(county.basis, row)
    return Explanation(
        subject=both(section.text),
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
        known = one_of(Phrase.of(f"stage={entry!r}") for entry in here)
        raise RequestError(sentence(problem, Phrase("请指明学段：", "say which: ") + known))
    result = [n for n, entry in zip(rows.tolist(), here, strict=True) if stage in (None, entry)]
    if result:
        return int(result[0])
    raise UnknownNameError(_no_section(county, school, stage, here))


def _no_section(county: County, school: str, stage: Stage | None, here: list[Stage]) -> Phrase:
    """Say that a school has no such section, and why, or which it has."""
    titles = county.standard.head.stage_titles
    title = next((words.zh for entry, words in titles.items() if entry == stage), stage)
    zh = f"学校“{school}”没有参加判定的{f'{title}部' if title else '学部'}"
    en = f"school {school!r} has no section {f'{stage} ' if stage else ''}that is judged"
    if here:
        had = Phrase("、".join(titles[entry].zh for entry in here), ", ".join(here))
        return Phrase(zh, en) + Phrase("；它有", "; it has ") + had
    left_out = (entry for entry in county.evaluation.excluded if entry.school == school)
    why = next((Phrase("，因为", ": ") + Phrase(entry.text("zh"), entry.text("en")) for entry in left_out), NO_WORDS)
    return Phrase(zh, en) + why


def section_steps(county: County, section: Section, row: int) -> tuple[Step, ...]:
    """Return the steps from a section to the county's verdict; none where sections have no verdict."""
    if county.standard.section_rule is None:
        return ()
    finding = county.evaluation.items[_section_item(county).id]
    return (section_step(county, section, row), *county.way_up(finding))


def _section_item(county: County) -> Item:
    items = county.standard.items.values()
    return next(item for item in items if county.standard.section_rule in item.rules)


def section_step(county: County, section: Section, row: int) -> Step:
    """Return what a section comes to, and by which indicators."""
    basis, standard = county.basis, county.standard
    standing = basis.standing[:, row]
    ids = np.array(list(standard.indicators))
    item = _section_item(county)

    def standings(lang: Language) -> str:
        result = []
        for code in reversed(Standing):
            those = ids[standing == code].tolist()
            if those and lang == "zh":
                result.append(f"{len(those)}项{code.text('zh')}（{'、'.join(those)}）")
            elif those:
                result.append(f"{len(those)} {code.text('en')} ({', '.join(those)})")
        return "，".join(result) + "。" if lang == "zh" else ", ".join(result) + "."

    return Step(
        title=both(section.text),
        sentence=both(standings),
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
                title=both(lambda lang: f"{self.indicator.id} {self.indicator.title.text(lang)}"),
                formula=Title("填报的指标值", "the figure per pupil as reported"),
                sentence=both(
                    lambda lang: f"{plain(self.value)}{'' if lang == 'zh' else ' '}{self.indicator.unit.text(lang)}"
                ),
                inputs=(reported,),
                set_by=set_by(self.county.standard, f"indicators.{self.indicator.id}"),
            )
        inputs = (*(entry for _, entry in self._amounts()), *(entry for _, _, entry in self._pupils()))
        return Step(
            title=both(lambda lang: f"{self.indicator.id} {self.indicator.title.text(lang)}"),
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
        needed = [entry.value for _, entry in self._amounts()] + [entry.value for _, _, entry in self._pupils()]
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
            result = f"≥ {limit_printed(standard, 'value', lang)} {unit.text(lang)}" if not np.isnan(standard) else "–"
            words = {"zh": "，余项底线 ", "en": ", floor of the rest "}
            return result + (f"{words[lang]}≥ {limit_printed(floor, 'value', lang)}" if not np.isnan(floor) else "")

        return Step(
            title=both(lambda lang: f"{self.indicator.id} {self.indicator.name.text(lang)}"),
            sentence=both(lambda lang: self._stands(lang, standard, floor)),
            threshold=both(limits),
            verdict=self.verdict,
            source=self.indicator.source,
            set_by=set_by(self.county.standard, f"{path}.at_least" if self.indicator.at_least else path),
        )

    def _stands(self, lang: Language, standard: float, floor: float) -> str:
        limit = floor if self.standing is Standing.BELOW_FLOOR and not np.isnan(floor) else standard
        shown = printed(self.value, "value", self.county.standard.head.precision, lang, limit)
        unit = "" if np.isnan(self.value) else self.indicator.unit.text(lang)
        words = _NO_STANDARD.text(lang) if np.isnan(standard) else self.standing.text(lang)
        if np.isnan(self.value) and self.standing is Standing.AT_STANDARD:
            words = _AT_LEAST.text(lang)
        return f"{shown}{unit}，{words}。" if lang == "zh" else f"{shown} {unit}".strip() + f": {words}."

    def _limits(self) -> tuple[float, float]:
        stage = self.section.stage
        standard, floors = self.indicator.thresholds[stage], self.county.standard.floors.get(self.indicator.id)
        floor = floors[stage] if floors else None
        return (float(standard.value) if standard else np.nan), (float(floor.value) if floor else np.nan)

    def _amounts(self) -> list[tuple[int, Input]]:
        terms = split_terms(self.indicator.terms(self.section.stage))
        return [(sign, self._amount_as_counted(name)) for sign, name in terms]

    def _amount_as_counted(self, name: str) -> Input:
        """Return an amount as it counts, which for amounts of relief may not be what is reported."""
        reported = self.county.input("schools", name, self.school)
        included = float(self.county.basis.resources.numbers(name)[self.school])
        if self.county.standard.measures[name].counts_when is None or included == reported.value:
            return reported
        zh, en = ("不符合放宽条件，不计入", "no relief: not counted")
        if self.county.basis.strict is None:
            zh, en = ("放宽才计算，可以不计入", "counted by relief only, need not be")
        elif np.isnan(included):
            zh, en = ("是否符合放宽条件不知道", "not known whether relief counts it")
        title = Title(f"{reported.title.zh}（{zh}）", f"{reported.title.en} ({en})")
        return attrs.evolve(reported, value=included, title=title)

    def _pupils(self) -> list[tuple[Stage, float, Input]]:
        """Return the pupils that the amount is shared by, each stage with its weight."""
        standard, stage = self.county.standard, self.section.stage
        columns = standard.head.scope.pupils
        schools = self.county.basis.submission.schools
        weights = weights_of(schools, standard, self.school) if self.indicator.amount else {stage: Decimal(1)}
        return [
            (weight, float(w), self.county.input("schools", columns[weight], self.school))
            for weight, w in weights.items()
        ]

    def _weights_source(self) -> Source | None:
        standard, schools = self.county.standard, self.county.basis.submission.schools
        attached = standard.head.scope.attached
        if attached and with_attached(schools, standard)[self.school]:
            return attached.source
        kind = standard.counted(standard.measures["type"].values[schools.choices("type")[self.school]].id)
        return kind.source if kind else None

    def _in_words(self, lang: Language) -> str:
        return self._formula(lang, lambda entry: entry.title.text(lang))

    def _in_numbers(self, lang: Language) -> str:
        precision, unit = self.county.standard.head.precision, self.indicator.unit.text(lang)
        standard, _ = self._limits()
        result = printed(self.value, "value", precision, lang, standard)
        if np.isnan(self.value):
            return {"zh": "数据缺报，无法计算。", "en": "a figure is not reported, so it cannot be computed."}[lang]
        formula = self._formula(lang, lambda entry: plain(entry.value))
        about = "=" if float(result) == self.value else "≈"
        return f"{formula} {about} {result}{unit}" if lang == "zh" else f"{formula} {about} {result} {unit}"

    def _formula(self, lang: Language, say: Callable[[Input], str]) -> str:
        amounts, pupils = self._amounts(), self._pupils()
        top = " ".join(f"{'−' if sign < 0 else '+'} {say(entry)}" for sign, entry in amounts).removeprefix("+ ")
        top = _bracketed(top, lang) if len(amounts) > 1 else top
        top += f" × {self.indicator.per}" if self.indicator.per != 1 else ""
        if len(pupils) == 1:
            return _tight(f"{top} ÷ {say(pupils[0][2])}")
        own = next(weight for stage, weight, _ in pupils if stage == self.section.stage)
        top += f" × {plain(own)}" if own != 1 else ""
        below = " + ".join(
            say(entry) if weight == 1 else f"{say(entry)} × {plain(weight)}" for _, weight, entry in pupils
        )
        return _tight(f"{top} ÷ {_bracketed(below, lang)}")


def _tight(text: str) -> str:
    """Return the text without spaces beside wide brackets, which bring their own."""
    return text.replace("） ", "）").replace(" （", "（")


def _bracketed(text: str, lang: Language) -> str:
    return f"（{text}）" if lang == "zh" else f"({text})"


@attrs.frozen
class Asked:
    """An item of one county, and the school that is asked about, if one is."""

    county: County
    finding: Finding
    school: str | None = None

    def check(self, name: str) -> Check:
        """Return a check by its id."""
        return next(check for check in self.finding.checks if check.id == name)

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
        if (result := before.case(before.check(check.id))) is None or result.verdict.code >= Verdict.MET.code:
            return None
        basis, row, granted = self.county.basis, self.county.school_row(case.school), None
        for relief in item.reliefs:
            if meets(relief.when, basis.submission, basis.standard)[row] != Verdict.MET.code:
                continue
            granted = relief
            outcome = next(entry for rule in relief.rules for entry in judge(rule, basis) if entry.id == check.id)
            eased = self.county.findings.case_of(outcome, case.school)
            if eased is not None and eased.verdict.code >= Verdict.MET.code:
                break
        return granted

    def step(self, check: Check, inputs: tuple[Input, ...], formula: Phrase | None, sentence: Title) -> Step:
        """Return the step of a check."""
        case, item, relief = self.case(check), self.finding.item, self.relief(check)
        return Step(
            title=check.title if case is None else _of(check.title, case.name),
            sentence=sentence,
            formula=None if formula is None else Title(formula.zh, formula.en),
            inputs=inputs,
            threshold=self.county.required(check, case.required if case else None),
            verdict=check.verdict if case is None else case.verdict,
            source=relief.source if relief else item.source,
            set_by=set_by(self.county.standard, f"items.{item.id}.reliefs" if relief else f"rules.{item.id}"),
        )

    def explained(self, check: Check) -> Step:
        """Return the step from what was reported to a check, by what its rule and its outcome declare."""
        outcome, case = self.county.outcome(self.finding.item.id, check.id), self.case(check)
        rule, inputs = self.rule(check, outcome), self.inputs(check, outcome)
        words = self.county.standard.words
        formula: Phrase | None = rule.formula(words)
        start, required = "", ""
        figures = {entry.column: entry.value for entry in inputs if entry.table in ("schools", "facts")}
        share = rule.share_of(self.county.standard.measures)
        if share and all(name in figures and not np.isnan(figures[name]) for name in _names(share)):
            formula, start = _quotient(share, words.title), _quotient(share, _number(figures)).en
        elif not any(np.isnan(value) for value in figures.values()):
            start = rule.figure_from(figures)
        if case is not None and not np.isnan(case.required):
            required = rule.required_from(figures, self._pupils(case))

        def words_of_figure(lang: Language) -> str:
            figure = check.figure(lang, case)
            if required:
                wanted = f"{required} = {plain((case or check).required)}"
                text = f"应为 {wanted}，实际{figure}" if lang == "zh" else f"needed: {wanted}; found: {figure}"
            else:
                text = f"{start} = {figure}" if start and not np.isnan((case or check).observed) else figure
            return text + self._others(check, lang)

        return self.step(check, inputs, formula, both(words_of_figure))

    def rule(self, check: Check, outcome: Outcome) -> Rule:
        """Return the rule by which the case that is explained was judged: that of a relief, where one was needed."""
        rules, relief = self.finding.item.rules, self.relief(check)
        rule = outcome.rule or rules[0]
        return rule if relief is None else relief.rules[rules.index(rule)]

    def _pupils(self, case: Case) -> dict[Stage, float]:
        if not case.school:
            return {}
        row = self.county.school_row(case.school)
        return {stage: float(pupils[row]) for stage, pupils in self.county.basis.pupils.items()}

    def inputs(self, check: Check, outcome: Outcome) -> tuple[Input, ...]:
        """Return what was reported of everything that a check needs, for the case that is explained."""
        if len(outcome.indicators) > 1:
            return tuple(self._coefficients(check))
        case = self.case(check)
        if outcome.cases is None:
            # What is added up over all rows of a table is not listed row by row.
            counts = [self.county.fact(need.column) for need in outcome.needs if need.table == "facts"]
            facts, columns = self.county.standard.table_measures("facts"), [count.column for count in counts]
            if outcome.id not in facts or outcome.id in columns:
                return tuple(counts)
            # A share without one of its counts is as it was stated.
            stated, gaps = self.county.fact(outcome.id), [count for count in counts if np.isnan(count.value)]
            return tuple(counts) if not gaps else (*counts, stated) if np.isnan(stated.value) else (stated,)
        if case is None:
            return ()
        return tuple(entry for need in outcome.cases.needs for entry in self._needed(need, outcome.cases, case))

    def _needed(self, need: Need, cases: Cases, case: Case) -> Iterator[Input]:
        """Yield the cells of one column: of the county, of the school, or of the rows that it has in a table."""
        county, submitted = self.county, self.county.basis.submission.tables
        row = county.school_row(case.school) if case.school else -1
        if need.table == "facts":
            yield county.fact(need.column)
        elif need.table == "schools":
            if row >= 0 and county.has(row, need.column):
                yield county.input("schools", need.column, row, county.school_title(row))
        elif not case.school:
            table = submitted[need.table]
            for n in range(len(table)):
                name = f"{table.texts('subject')[n]} {table.texts('grade')[n]}".strip()
                owner = Title(name, name) if name else Title(f"第{n + 1}条记录", f"record {n + 1}")
                yield county.input(need.table, need.column, n, owner)
        elif need.table == cases.table:
            if case.row >= 0:
                yield county.input(need.table, need.column, case.row, case.name)
        else:
            table = submitted[need.table]
            here = table.school == row
            if need.where is not None:
                column, choice = need.where
                values = county.standard.table_measures(need.table)[column].values
                here &= table.choices(column) == [value.id for value in values].index(choice)
            for n in np.flatnonzero(here).tolist():
                yield county.input(need.table, need.column, n, case.name)

    def _coefficients(self, check: Check) -> Iterator[Input]:
        evaluation = self.county.evaluation
        figures = evaluation.cv[0, evaluation.stages.index(check.stage or "primary")].tolist()
        for indicator, cv in zip(evaluation.standard.indicators.values(), figures, strict=True):
            title = Title(f"{indicator.id} {indicator.name.zh}", f"{indicator.id} {indicator.name.en}")
            shown = cv if np.isnan(cv) else float(printed(cv, check.form, check.precision, "en"))
            yield Input(title, shown, "", "", indicator.id)

    def _others(self, check: Check, lang: Language) -> str:
        if self.school is not None or not check.total:
            return ""
        failing = sum(case.verdict is Verdict.NOT_MET for case in check.cases)
        unknown = sum(case.verdict is Verdict.UNKNOWN for case in check.cases)
        if lang == "zh":
            return f"；逐一判定共{check.total}个，不符{failing}个，待定{unknown}个，这是最差或最接近限值的一个"
        return f"; {check.total} were looked at, {failing} fail, {unknown} are unknown; this is the worst or closest"


def steps_of(asked: Asked) -> Iterator[Step]:
    """Yield the steps from what was reported to the checks of an item."""
    checks = [check for check in asked.finding.checks if check.verdict is not Verdict.NOT_APPLICABLE]
    for check in checks or asked.finding.checks:
        if check.table == "sections":
            basis = asked.county.basis
            for row in np.flatnonzero(basis.section_verdicts <= Verdict.UNKNOWN.code).tolist():
                yield section_step(asked.county, section_of(basis, row), row)
        else:
            yield asked.explained(check)


def _names(share: Share) -> Iterator[str]:
    return (name for _, name in split_terms((*share.part, *share.whole)))


def _number(figures: Mapping[str, float]) -> Callable[[str], Phrase]:
    return lambda name: Phrase.of(plain(figures[name]))


def _quotient(share: Share, say: Callable[[str], Phrase]) -> Title:
    """Return a share as part ÷ whole, in titles or in numbers."""

    def side(terms: tuple[Term, ...], lang: Language) -> str:
        words = [("− " if sign < 0 else "+ ") + _alone(say(name).text(lang)) for sign, name in split_terms(terms)]
        text = " ".join(words).removeprefix("+ ")
        return f"({text})" if len(words) > 1 else text

    return both(lambda lang: f"{side(share.part, lang)} ÷ {side(share.whole, lang)}")


def _alone(title: str) -> str:
    """Return the title of a count without the words that tie it to the line above it in a table."""
    return title.removeprefix("其中：").removeprefix("of these, ")


def _of(title: Title, name: Title) -> Title:
    return Title(f"{name.zh}：{title.zh}", f"{name.en}: {title.en}")
