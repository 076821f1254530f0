"""From what was reported to a value, a check or a section, in formulas with the numbers in them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from functools import cached_property

import attrs
import numpy as np

from balancedu.core.fields import Language, Source, Stage, Term
from balancedu.core.model import SYMBOLS, Indicator, split_terms
from balancedu.core.overlays import set_by
from balancedu.core.rules import Relief, Rule, Share
from balancedu.core.standard import SECTIONS, Item, Standard
from balancedu.errors import RequestError, UnknownNameError
from balancedu.evaluation.county import CountyFindings
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.figures import limit_printed, plain, printed
from balancedu.evaluation.findings import Case, Check, Finding, asked
from balancedu.evaluation.results import Basis, Cases, Form, Need, Outcome
from balancedu.evaluation.sections import Section, section_of
from balancedu.evaluation.verdict import Standing, Verdict
from balancedu.explaining.explanation import Explanation, Input, Step, addends_of, places_of, value_of
from balancedu.judging.rules import judge_where_it_applies
from balancedu.submission.sections import meets, weights_of
from balancedu.submission.stages import has_stage, with_attached
from balancedu.text import NO_WORDS, Phrase, in_both, one_of, sentence

_FORMS: dict[str, Form] = {"choice": "level", "yes_no": "yes_no", "day": "day"}


def named(owner: Item | Indicator) -> Phrase:
    """Return the id and the name of an item or indicator."""
    return Phrase.of(f"{owner.id} ") + owner.name


@attrs.frozen(slots=False, eq=False)
class County:
    """One evaluated county, as explanations need it.

    Attributes
    ----------
    evaluation : Evaluation
    judged : Basis, optional
        The columns that were judged, where they are not those of the evaluation.
    """

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
        """Makes objects of the columns."""
        return CountyFindings(self.basis, 0)

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
        rows = np.flatnonzero(schools.columns["school"] == school) if len(schools) else np.empty(0, np.intp)
        if rows.size:
            return int(rows[0])
        county = self.evaluation.counties[0]
        problem = Phrase(f"县“{county}”没有学校“{school}”", f"no school {school!r} in county {county!r}")
        for entry in self.evaluation.excluded:
            if entry.school == school and entry.parent:
                zh = f"；“{school}”是校区，计入学校“{entry.parent}”"
                problem += Phrase(zh, f"; {school!r} is a campus that counts with {entry.parent!r}")
                break
        raise UnknownNameError(problem)

    def input(self, table: str, column: str, row: int, owner: Phrase | None = None) -> Input:
        """Return one reported figure, with where it was read."""
        submission, measure = self.basis.submission, self.standard.table_measures(table)[column]
        addends = addends_of(submission, measure, row)
        return Input(
            title=measure.title if owner is None else owner + Phrase("的", ", ") + measure.title,
            value=value_of(submission.tables[table], measure, row),
            place=places_of(addends) or table,
            table=table,
            column=column,
            unit=measure.unit,
            form=_FORMS.get(measure.type, "other"),
            evidence=submission.evidence.get((self.evaluation.counties[0], column), "") if table == "facts" else "",
            addends=addends,
        )

    def fact(self, name: str) -> Input:
        """Return one fact of the county."""
        return self.input("facts", name, 0)

    def explanation(self, subject: Phrase, verdict: Verdict, steps: Iterable[Step]) -> Explanation:
        """Return the steps as an explanation of something in this county."""
        return Explanation(subject, self.evaluation.counties[0], self.standard.id, verdict, tuple(steps))

    def way_up(self, finding: Finding) -> tuple[Step, ...]:
        """Return the steps from an item to the county's verdict."""
        item, standard, parts = finding.item, self.standard, self.evaluation.parts
        part = next(entry for entry in standard.parts.values() if item in entry.items)
        in_part = {entry.id: self.evaluation.items[entry.id].verdict for entry in part.items}
        in_county: dict[Phrase, Verdict] = {standard.parts[name].title: verdict for name, verdict in parts.items()}
        return (
            Step(
                title=named(item),
                sentence=in_both(finding.grounds),
                threshold=in_both(lambda lang: asked(item, lang)),
                verdict=finding.verdict,
                source=item.source,
                set_by=set_by(standard, f"items.{item.id}.title"),
            ),
            Step(
                title=part.title,
                sentence=_tally({Phrase.of(name): verdict for name, verdict in in_part.items()}, part.items_needed),
                verdict=parts[part.id],
                source=part.source,
                set_by=set_by(standard, f"parts.{part.id}.title"),
            ),
            Step(
                title=Phrase("全县结论", "The county"),
                sentence=_tally(in_county),
                verdict=self.evaluation.verdict,
                source=standard.head.verdict.source,
                set_by=set_by(standard, "verdict"),
            ),
        )


def _tally(verdicts: Mapping[Phrase, Verdict], needed: int | None = None) -> Phrase:
    """Return how many are met, which are not, which are unknown, and how many must be met."""
    zh, en = [], []
    for verdict in Verdict:
        names = [name for name, entry in verdicts.items() if entry is verdict]
        if names:
            listed = verdict is not Verdict.MET
            zh.append(f"{verdict.text('zh')}{len(names)}项" + f"（{'、'.join(n.zh for n in names)}）" * listed)
            en.append(f"{len(names)} {verdict.text('en')}" + f" ({', '.join(n.en for n in names)})" * listed)
    count = len(verdicts)
    start = Phrase(f"须全部达标，共{count}项：", f"all {count} must be met: ")
    if needed is not None:
        start = Phrase(f"须{needed}项达标，共{count}项：", f"{needed} of {count} must be met: ")
    return start + Phrase("，".join(zh) + "。", ", ".join(en) + ".")


def explain_value(county: County, indicator: Indicator, school: str, stage: Stage | None) -> Explanation:
    """Explain one indicator of one section."""
    value = _Value(county, indicator, section_row(county, school, stage))
    subject = in_both(value.section.text) + Phrase.of(" ") + named(indicator)
    steps = (value.computed(), value.compared(), *_section_steps(county, value.section, value.row))
    return county.explanation(subject, value.verdict, steps)


def explain_section(county: County, school: str, stage: Stage | None) -> Explanation:
    """Explain the verdict of one section, indicator by indicator."""
    row = section_row(county, school, stage)
    section = section_of(county.basis, row)
    values = (_Value(county, indicator, row).compared() for indicator in county.standard.indicators.values())
    return county.explanation(in_both(section.text), section.verdict, (*values, *_section_steps(county, section, row)))


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
    sections, stages = county.basis.sections, county.standard.stages
    rows = np.flatnonzero(sections.school == county.school_row(school)).tolist()
    by_stage = {stages[sections.stage[row]]: row for row in rows}
    if stage is None and len(by_stage) > 1:
        problem = Phrase(f"学校“{school}”有{len(by_stage)}个学段", f"school {school!r} has {len(by_stage)} sections")
        known = one_of(Phrase.of(f"stage={entry!r}") for entry in by_stage)
        raise RequestError(sentence(problem, Phrase("请指明学段：", "say which: ") + known))
    for known_stage, row in by_stage.items():
        if stage in (None, known_stage):
            return row
    titles = county.standard.head.stage_titles
    title = next(
        (f"{words.zh}部" for name, words in titles.items() if name == stage), f"{stage}部" if stage else "学段"
    )
    zh = f"学校“{school}”没有参加判定的{title}"
    problem = Phrase(zh, f"school {school!r} has no section {f'{stage} ' if stage else ''}that is judged")
    if by_stage:
        had = Phrase("、".join(titles[entry].zh for entry in by_stage), ", ".join(by_stage))
        raise UnknownNameError(problem + Phrase("；它有", "; it has ") + had)
    left_out = (entry for entry in county.evaluation.excluded if entry.school == school)
    why = next((Phrase("，因为", ": ") + in_both(entry.text) for entry in left_out), NO_WORDS)
    raise UnknownNameError(problem + why)


def _section_steps(county: County, section: Section, row: int) -> tuple[Step, ...]:
    """Return the steps from a section to the county's verdict; none where sections have no verdict."""
    rule = county.standard.section_rule
    if rule is None:
        return ()
    finding = next(entry for entry in county.evaluation.items.values() if rule in entry.item.rules)
    return (_section_step(county, finding.item, section, row), *county.way_up(finding))


def _section_step(county: County, item: Item, section: Section, row: int) -> Step:
    """Return the verdict of a section, and the standing of each indicator."""
    ids, standing = np.array(list(county.standard.indicators)), county.basis.standing[:, row]
    zh, en = [], []
    for code in reversed(Standing):
        if names := ids[standing == code].tolist():
            zh.append(f"{len(names)}项{code.text('zh')}（{'、'.join(names)}）")
            en.append(f"{len(names)} {code.text('en')} ({', '.join(names)})")
    return Step(
        title=in_both(section.text),
        sentence=Phrase("，".join(zh) + "。", ", ".join(en) + "."),
        threshold=item.title,
        verdict=section.verdict,
        source=item.source,
        set_by=set_by(county.standard, f"rules.{item.id}"),
    )


@attrs.frozen(slots=False, eq=False)
class _Value:
    """One indicator of one section."""

    county: County
    indicator: Indicator
    row: int

    @cached_property
    def section(self) -> Section:
        return section_of(self.county.basis, self.row)

    @property
    def value(self) -> float:
        return self.section.values[self.indicator.id]

    @property
    def standing(self) -> Standing:
        position = list(self.county.standard.indicators).index(self.indicator.id)
        return Standing(self.county.basis.standing[position, self.row])

    @property
    def verdict(self) -> Verdict:
        return Verdict.NOT_APPLICABLE if np.isnan(self.limits[0]) else self.standing.verdict

    @property
    def school(self) -> int:
        return int(self.county.basis.sections.school[self.row])

    @property
    def limits(self) -> tuple[float, float]:
        """The standard and the floor, NaN where there is none."""
        thresholds = self.section.limits[self.indicator.id]
        standard, floor = (float(limit.value) if limit else np.nan for limit in thresholds)
        return standard, floor

    def computed(self) -> Step:
        """Return how the value follows from what was reported."""
        step = Step(
            title=Phrase.of(f"{self.indicator.id} ") + self.indicator.title,
            formula=in_both(lambda lang: self._formula(lang, lambda entry: entry.title.text(lang))),
            sentence=self._sum(),
            inputs=(*(entry for _, entry in self.amounts), *(entry for _, _, entry in self.pupils)),
            source=self._weights_source() if len(self.pupils) > 1 else None,
            set_by=set_by(self.county.standard, f"indicators.{self.indicator.id}"),
        )
        if (reported := self._reported()) is None:
            return step
        value, unit = plain(self.value), self.indicator.unit
        formula = Phrase("填报的指标值", "the figure per pupil as reported")
        sentence = Phrase(f"{value}{unit.zh}", f"{value} {unit.en}")
        return attrs.evolve(step, formula=formula, sentence=sentence, inputs=(reported,), source=None)

    def _reported(self) -> Input | None:
        """Return the value as it was reported, where the counts do not give it."""
        ratios = self.county.basis.sections.ratios
        if not ratios or self.value != ratios[self.indicator.id][self.row]:
            return None
        figures = [entry.value for _, entry in self.amounts] + [entry.value for _, _, entry in self.pupils]
        if not np.isnan(figures).any():
            return None
        table = self.county.basis.submission.tables[SECTIONS]
        stages = [choice.id for choice in self.county.standard.table_measures(SECTIONS)["stage"].values]
        at = (table.school == self.school) & (table.choices("stage") == stages.index(self.section.stage))
        return self.county.input(SECTIONS, self.indicator.id, int(np.flatnonzero(at)[0]))

    def compared(self) -> Step:
        """Return how the value compares with the standard and the floor."""
        standard, floor = self.limits
        unit, sign = self.indicator.unit, SYMBOLS[self.indicator.relation]
        path = f"indicators.{self.indicator.id}"
        path += ".at_most" if self.indicator.at_most else ".at_least" if self.indicator.at_least else ""

        def threshold(lang: Language) -> str:
            result = (
                f"{sign} {limit_printed(standard, 'value', lang)} {unit.text(lang)}" if not np.isnan(standard) else "–"
            )
            words = {"zh": "，余项最低要求 ", "en": ", floor of the rest "}
            return result + (
                f"{words[lang]}{sign} {limit_printed(floor, 'value', lang)}" if not np.isnan(floor) else ""
            )

        def comparison(lang: Language) -> str:
            limit = floor if self.standing is Standing.BELOW_FLOOR and not np.isnan(floor) else standard
            figure = printed(self.value, "value", self.county.standard.head.precision, lang, limit)
            unit_words = "" if np.isnan(self.value) else unit.text(lang)
            words = _NO_STANDARD.text(lang) if np.isnan(standard) else self.standing.text(lang)
            if np.isnan(self.value) and self.standing is Standing.AT_STANDARD:
                words = _REACHED_WITHOUT.text(lang)
            return (
                f"{figure}{unit_words}，{words}。" if lang == "zh" else f"{figure} {unit_words}".strip() + f": {words}."
            )

        return Step(
            title=named(self.indicator),
            sentence=in_both(comparison),
            threshold=in_both(threshold),
            verdict=self.verdict,
            source=self.indicator.source,
            set_by=set_by(self.county.standard, path),
        )

    @cached_property
    def amounts(self) -> list[tuple[int, Input]]:
        """The amounts with their sign."""
        terms = split_terms(self.indicator.terms(self.section.stage))
        return [(sign, self._amount_as_counted(name)) for sign, name in terms]

    def _amount_as_counted(self, name: str) -> Input:
        """Return an amount as it counts, which for amounts of relief may not be what is reported."""
        reported = self.county.input("schools", name, self.school)
        included = float(self.county.basis.resources.numbers(name)[self.school])
        if self.county.standard.measures[name].counts_when is None or included == reported.value:
            return reported
        words = Phrase("（不符合放宽条件，不计入）", " (no relief: not counted)")
        if self.county.basis.strict is None:
            words = Phrase("（放宽才计算，可以不计入）", " (counted by relief only, need not be)")
        elif np.isnan(included):
            words = Phrase("（是否符合放宽条件不知道）", " (not known whether relief counts it)")
        return attrs.evolve(reported, value=included, title=reported.title + words)

    @cached_property
    def pupils(self) -> list[tuple[Stage, float, Input]]:
        """The pupils that the amount is shared by, each stage with its weight."""
        standard, stage, schools = self.county.standard, self.section.stage, self.county.basis.submission.schools
        columns = standard.head.scope.pupils
        weights = weights_of(schools, standard, self.school) if self.indicator.amount else {stage: Decimal(1)}
        return [
            (other, float(weight), self.county.input("schools", columns[other], self.school))
            for other, weight in weights.items()
        ]

    def _weights_source(self) -> Source | None:
        standard, schools = self.county.standard, self.county.basis.submission.schools
        attached = standard.head.scope.attached
        if attached and with_attached(schools, standard, [self.school])[0]:
            return attached.source
        kind = standard.counted(standard.measures["type"].values[schools.choices("type")[self.school]].id)
        return kind.source if kind else None

    def _sum(self) -> Phrase:
        """Return the formula with its numbers."""
        if np.isnan(self.value):
            return Phrase("数据缺报，无法计算。", "a figure is not reported, so it cannot be computed.")
        result = printed(self.value, "value", self.county.standard.head.precision, "en", self.limits[0])
        equals = f" {'=' if float(result) == self.value else '≈'} {result}"
        unit = self.indicator.unit
        formula = in_both(lambda lang: self._formula(lang, lambda entry: plain(entry.value)))
        return formula + Phrase(f"{equals}{unit.zh}", f"{equals} {unit.en}")

    def _formula(self, lang: Language, text_of: Callable[[Input], str]) -> str:
        brackets = "（{}）" if lang == "zh" else "({})"
        top = " ".join(f"{'−' if sign < 0 else '+'} {text_of(entry)}" for sign, entry in self.amounts)
        top = top.removeprefix("+ ")
        top = brackets.format(top) if len(self.amounts) > 1 else top
        top += f" × {self.indicator.per}" if self.indicator.per != 1 else ""
        if len(self.pupils) == 1:
            return _tight(f"{top} ÷ {text_of(self.pupils[0][2])}")
        own = next(weight for stage, weight, _ in self.pupils if stage == self.section.stage)
        top += f" × {plain(own)}" if own != 1 else ""
        weighted = (text_of(entry) + ("" if weight == 1 else f" × {plain(weight)}") for _, weight, entry in self.pupils)
        return _tight(f"{top} ÷ {brackets.format(' + '.join(weighted))}")


_REACHED_WITHOUT = Phrase("不计放宽部分已达到标准", "reaches the standard without what relief counts")
_NO_STANDARD = Phrase("没有学校层面的标准", "the standard sets none for a single section")


def _tight(text: str) -> str:
    """Return the text without spaces beside full-width brackets, which bring their own."""
    return text.replace("） ", "）").replace(" （", "（")


@attrs.frozen
class ItemQuestion:
    """An item of one county to explain, as a whole or for one school."""

    county: County
    finding: Finding
    school: str | None = None

    def steps(self) -> Iterator[Step]:
        """Yield the steps from what was reported to the checks of the item."""
        checks = [check for check in self.finding.checks if check.verdict is not Verdict.NOT_APPLICABLE]
        basis = self.county.basis
        for check in checks or self.finding.checks:
            if check.table != "sections":
                yield self._check(check)
                continue
            for row in np.flatnonzero(basis.section_verdicts <= Verdict.UNKNOWN.code).tolist():
                yield _section_step(self.county, self.finding.item, section_of(basis, row), row)

    def case(self, check: Check) -> Case | None:
        """Return the case to explain: that of the school, otherwise the worst."""
        if self.school is None:
            return check.worst
        return self.county.findings.case_of(self.county.outcome(self.finding.item.id, check.id), self.school)

    def _relief(self, check: Check, case: Case | None) -> Relief | None:
        """Return the relief by which a case was judged; None where it needed or got none."""
        item, strict = self.finding.item, self.county.evaluation.strict
        if case is None or strict is None or not case.school or not item.reliefs:
            return None
        before = ItemQuestion(County(strict), strict.items[item.id], case.school)
        check_before = next(entry for entry in before.finding.checks if entry.id == check.id)
        if (result := before.case(check_before)) is None or result.verdict.code >= Verdict.MET.code:
            return None
        basis, row, granted = self.county.basis, self.county.school_row(case.school), None
        for relief in item.reliefs:
            if meets(relief.when, basis.submission, basis.standard)[row] != Verdict.MET.code:
                continue
            granted = relief
            checks = (entry for rule in relief.rules for entry in judge_where_it_applies(rule, basis))
            outcome = next(entry for entry in checks if entry.id == check.id)
            eased = self.county.findings.case_of(outcome, case.school)
            if eased is not None and eased.verdict.code >= Verdict.MET.code:
                break
        return granted

    def _check(self, check: Check) -> Step:
        """Return the step from what was reported to a check, by what its rule and its outcome declare."""
        item, standard = self.finding.item, self.county.standard
        outcome, case = self.county.outcome(item.id, check.id), self.case(check)
        relief, rule = self._relief(check, case), outcome.rule or item.rules[0]
        rule = relief.rules[item.rules.index(rule)] if relief else rule
        inputs = self._inputs(check, outcome, case)
        formula, words = self._words(check, case, rule, inputs)
        return Step(
            title=check.title if case is None else case.name + Phrase("：", ": ") + check.title,
            sentence=words,
            formula=formula,
            inputs=inputs,
            threshold=required_words(check, case.required if case else None),
            verdict=check.verdict if case is None else case.verdict,
            source=relief.source if relief else item.source,
            set_by=set_by(standard, f"items.{item.id}.reliefs" if relief else f"rules.{item.id}"),
        )

    def _words(
        self, check: Check, case: Case | None, rule: Rule, inputs: tuple[Input, ...]
    ) -> tuple[Phrase | None, Phrase]:
        """Return the formula in words, and the comparison with its numbers."""
        standard, formula, start, required = self.county.standard, rule.formula(self.county.standard.words), "", ""
        figures = {entry.column: entry.value for entry in inputs if entry.table in ("schools", "facts")}
        share = rule.share_of(standard.measures)
        if share and all(
            not np.isnan(figures.get(name, np.nan)) for _, name in split_terms((*share.part, *share.whole))
        ):
            formula = _quotient(share, standard.words.title)
            start = _quotient(share, lambda name: Phrase.of(plain(figures[name]))).en
        elif not any(np.isnan(value) for value in figures.values()):
            start = rule.figure_from(figures)
        if case is not None and not np.isnan(case.required):
            row = self.county.school_row(case.school) if case.school else None
            pupils = {} if row is None else {stage: float(of[row]) for stage, of in self.county.basis.pupils.items()}
            required = rule.required_from(figures, pupils)
        figure, compared = in_both(lambda lang: check.figure(lang, case)), case or check
        if required:
            wanted = f"{required} = {plain(compared.required)}"
            figure = Phrase(f"应为 {wanted}，实际{figure.zh}", f"needed: {wanted}; found: {figure.en}")
        elif start and not np.isnan(compared.observed):
            figure = Phrase.of(f"{start} = ") + figure
        return formula, figure + self._others(check)

    def _others(self, check: Check) -> Phrase:
        """Return how many further cases the check looked at, where the worst is explained."""
        if self.school is not None or not check.total:
            return NO_WORDS
        failing, unknown = (len(check.failing(verdict)) for verdict in (Verdict.NOT_MET, Verdict.UNKNOWN))
        return Phrase(
            f"；逐一判定共{check.total}个，未达到要求{failing}个，待定{unknown}个，这是最差或最接近限值的一个",
            f"; {check.total} were looked at, {failing} fail, {unknown} are unknown; this is the worst or closest",
        )

    def _inputs(self, check: Check, outcome: Outcome, case: Case | None) -> tuple[Input, ...]:
        """Return what was reported of everything that a check needs, for one case."""
        if len(outcome.indicators) > 1:
            return tuple(self._coefficients(check))
        if outcome.cases is None:
            # Sums over all rows of a table are not listed row by row.
            counts = tuple(self.county.fact(need.column) for need in outcome.needs if need.table == "facts")
            facts = self.county.standard.table_measures("facts")
            if outcome.id not in facts or outcome.id in (count.column for count in counts):
                return counts
            # A share with a count missing is as the county states it.
            stated, gaps = self.county.fact(outcome.id), [count for count in counts if np.isnan(count.value)]
            return counts if not gaps else (*counts, stated) if np.isnan(stated.value) else (stated,)
        if case is None:
            return ()
        return tuple(entry for need in outcome.cases.needs for entry in self._cells(need, outcome.cases, case))

    def _cells(self, need: Need, cases: Cases, case: Case) -> Iterator[Input]:
        """Yield the cells of one column: of the county, of the school, or of the rows that it has in a table."""
        county, standard = self.county, self.county.standard
        submission = county.basis.submission
        row = county.school_row(case.school) if case.school else -1
        if need.table == "facts":
            yield county.fact(need.column)
        elif need.table == "schools":
            stage = standard.table_measures("schools")[need.column].stage
            if row >= 0 and (stage is None or has_stage(submission.schools, standard, stage, [row])[0]):
                yield county.input("schools", need.column, row, Phrase.of(county.basis.school_name(row)))
        elif not case.school:
            table = submission.tables[need.table]
            for n in range(len(table)):
                name = f"{table.texts('subject')[n]} {table.texts('grade')[n]}".strip()
                owner = Phrase.of(name) if name else Phrase(f"第{n + 1}条记录", f"record {n + 1}")
                yield county.input(need.table, need.column, n, owner)
        elif need.table == cases.table:
            if case.row >= 0:
                yield county.input(need.table, need.column, case.row, case.name)
        else:
            table = submission.tables[need.table]
            here = table.school == row
            if need.where is not None:
                column, choice = need.where
                values = standard.table_measures(need.table)[column].values
                here &= table.choices(column) == [value.id for value in values].index(choice)
            for n in np.flatnonzero(here).tolist():
                yield county.input(need.table, need.column, n, case.name)

    def _coefficients(self, check: Check) -> Iterator[Input]:
        evaluation = self.county.evaluation
        figures = evaluation.cv[0, evaluation.stages.index(check.stage or "primary")].tolist()
        for indicator, cv in zip(evaluation.standard.indicators.values(), figures, strict=True):
            shown = cv if np.isnan(cv) else float(printed(cv, check.form, check.precision, "en"))
            yield Input(named(indicator), shown, "", "", indicator.id)


def required_words(check: Check, required: float | None = None) -> Phrase:
    """Return what a check, or one of its cases, requires."""
    return in_both(lambda lang: check.wanted(lang, required=required))


def _quotient(share: Share, text_of: Callable[[str], Phrase]) -> Phrase:
    """Return a share as part ÷ whole, in titles or in numbers."""

    def side(terms: tuple[Term, ...], lang: Language) -> str:
        # The title of a count begins with words that only make sense below its whole.
        words = (
            ("− " if sign < 0 else "+ ") + text_of(name).text(lang).removeprefix("其中：").removeprefix("of these, ")
            for sign, name in split_terms(terms)
        )
        text = " ".join(words).removeprefix("+ ")
        return f"({text})" if len(split_terms(terms)) > 1 else text

    return in_both(lambda lang: f"{side(share.part, lang)} ÷ {side(share.whole, lang)}")
