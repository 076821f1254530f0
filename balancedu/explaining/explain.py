"""Why: an indicator of a section, a section, a coefficient or an item, from the reported figures to the verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from functools import cached_property, partial

import attrs
import numpy as np

from balancedu.core.fields import Language, Source, Stage, Term
from balancedu.core.model import SYMBOLS, Indicator, Measure, current_id, split_terms
from balancedu.core.overlays import set_by
from balancedu.core.rules import Relief, Rule, Share
from balancedu.core.standard import SECTIONS, Item, Standard
from balancedu.core.words import SEMICOLON, STOP, bracketed, joined
from balancedu.document import Columns, columns_of
from balancedu.errors import RequestError, UnknownNameError, near
from balancedu.evaluation.county import CountyFindings
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.findings import Case, Check, Finding, Section, requirement_of, section_of
from balancedu.evaluation.results import SITES, Basis, Cases, Display, Need, Outcome, Standing, Verdict
from balancedu.evaluation.wording import as_written, limit_printed, printed
from balancedu.explaining.answer import (
    Addend,
    Explanation,
    Input,
    Listing,
    Step,
    addends_in,
    addends_of,
    cells_of,
    one_county,
    value_of,
)
from balancedu.explaining.drivers import Driver, Drivers, drivers
from balancedu.judging.rules import judge_where_it_applies
from balancedu.submission.schools import has_stage, with_attached
from balancedu.submission.sections import condition_verdicts, weights_of
from balancedu.text import NO_WORDS, Phrase, in_both, one_of, sentence, singular_or_plural, with_unit

_DISPLAYS: dict[str, Display] = {"choice": "level", "yes_no": "yes_no", "day": "day"}
_MOST_TERMS = 3
_NOT_COMPUTED = Phrase("数据缺报，无法计算。", "a figure is not reported, so it cannot be computed.")


@attrs.frozen(slots=False, eq=False)
class County:
    """One evaluated county, as explanations need it.

    Attributes
    ----------
    evaluation : Evaluation
    own_basis : Basis, optional
        The columns that were judged, where they are not those of the evaluation.
    """

    evaluation: Evaluation
    own_basis: Basis | None = None

    @property
    def basis(self) -> Basis:
        """The columns that were judged."""
        return self.evaluation.record.basis if self.own_basis is None else self.own_basis

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
        parents = (entry.parent for entry in self.evaluation.excluded if entry.school == school and entry.parent)
        for parent in parents:
            zh, en = f"；“{school}”是校区，计入学校“{parent}”", f"; {school!r} is a campus that counts with {parent!r}"
            raise UnknownNameError(problem + Phrase(zh, en))
        raise UnknownNameError(problem)

    def section_row(self, school: str, stage: Stage | None) -> int:
        """Return the row of a section.

        Raises
        ------
        KeyError
            If there is no such section, with why.
        ValueError
            If the school has several sections and no stage is given.
        """
        sections, stages = self.basis.sections, self.standard.stages
        rows = np.flatnonzero(sections.school == self.school_row(school)).tolist()
        by_stage = {stages[sections.stage[row]]: row for row in rows}
        if stage is None and len(by_stage) > 1:
            problem = Phrase(
                f"学校“{school}”有{len(by_stage)}个学段", f"school {school!r} has {len(by_stage)} sections"
            )
            known = one_of(Phrase.of(f"stage={entry!r}") for entry in by_stage)
            raise RequestError(sentence(problem, Phrase("请指明学段：", "choose one: ") + known))
        if by_stage and stage in (None, *by_stage):
            return by_stage[stage or next(iter(by_stage))]
        titles = self.standard.head.stage_titles
        title = f"{titles[stage].zh if stage in titles else stage}部" if stage else "学段"
        en = f"school {school!r} has no section {f'{stage} ' if stage else ''}that is judged"
        problem = Phrase(f"学校“{school}”没有参加判定的{title}", en)
        for entry in by_stage:
            problem += Phrase(f"；它有{titles[entry].zh}", f"; it has {entry}")
        why = (entry.text for entry in self.evaluation.excluded if entry.school == school and not by_stage)
        for text in why:
            raise UnknownNameError(problem + Phrase("，因为", ": ") + in_both(text))
        raise UnknownNameError(problem)

    def input(self, table: str, column: str, row: int, owner: Phrase | None = None) -> Input:
        """Return one reported figure, with where it was read."""
        submission, measure = self.basis.submission, self.standard.table_measures(table)[column]
        values, addends = submission.tables[table], addends_of(submission, measure, row)
        return self._input(measure, value_of(values, measure, row), addends, owner)

    def of_site(self, column: str, row: int, owner: Phrase) -> Input:
        """Return a figure of a school or campus as submitted."""
        sites, measure = self.basis.submission.submitted.schools, self.standard.table_measures("schools")[column]
        addends = addends_in(self.basis.submission, sites, [row], measure)
        return self._input(measure, value_of(sites, measure, row), addends, owner)

    def _input(self, measure: Measure, value: float, addends: tuple[Addend, ...], owner: Phrase | None) -> Input:
        submission, table, column = self.basis.submission, measure.table, measure.column
        return Input(
            title=measure.title if owner is None else owner + Phrase("的", ", ") + measure.title,
            value=value,
            place=cells_of(addends) or table,
            table=table,
            column=column,
            unit=measure.unit,
            display=_DISPLAYS.get(measure.type, "other"),
            evidence=submission.evidence.get((self.evaluation.counties[0], column), "") if table == "facts" else "",
            addends=addends,
        )

    def fact(self, name: str) -> Input:
        """Return one fact of the county."""
        return self.input("facts", name, 0)

    def explanation(self, subject: Phrase, verdict: Verdict, steps: Iterable[Step]) -> Explanation:
        """Return the steps as an explanation of something in this county."""
        overlays = {entry.id: entry.title for entry in self.standard.applied}
        return Explanation(subject, self.evaluation.counties[0], self.standard.id, verdict, tuple(steps), overlays)

    def way_up(self, finding: Finding) -> tuple[Step, ...]:
        """Return the steps from an item to the county's verdict."""
        item, standard, parts = finding.item, self.standard, self.evaluation.parts
        part = next(entry for entry in standard.parts.values() if item in entry.items)
        in_part = [(entry.name, self.evaluation.items[entry.id].verdict) for entry in part.items]
        in_county = [(standard.parts[name].title, verdict) for name, verdict in parts.items()]
        return (
            Step(
                title=item.name,
                sentence=in_both(finding.grounds),
                threshold=in_both(lambda lang: requirement_of(item, lang)),
                verdict=finding.verdict,
                source=item.source,
                set_by=set_by(standard, f"items.{item.id}.title"),
            ),
            Step(
                title=part.title,
                sentence=_tally(in_part, part.items_needed),
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


def _counted(groups: Iterable[tuple[Phrase, Sequence[Phrase], bool]]) -> Phrase:
    """Return how many there are of each kind, in words, with the names of those that are listed."""
    clauses = (
        Phrase(f"{len(names)}项{kind.zh}", f"{len(names)} {kind.en}")
        + (bracketed(joined(SEMICOLON, names)) if listed else NO_WORDS)
        for kind, names, listed in groups
        if names
    )
    return joined(Phrase("，", ", "), clauses) + STOP


def _tally(verdicts: Sequence[tuple[Phrase, Verdict]], needed: int | None = None) -> Phrase:
    """Return how many are met, which are not, which are unknown, and how many must be met."""
    count = len(verdicts)
    start = Phrase(f"须全部达标，共{count}项：", f"all {count} must be met: ")
    if needed is not None:
        start = Phrase(f"须{needed}项达标，共{count}项：", f"{needed} of {count} must be met: ")
    by_verdict = ((kind, [name for name, entry in verdicts if entry is kind]) for kind in Verdict)
    return start + _counted((in_both(kind.text), names, kind is not Verdict.MET) for kind, names in by_verdict)


def _section_steps(county: County, section: Section, row: int) -> tuple[Step, ...]:
    """Return the steps from a section to the county's verdict; none where sections have no verdict."""
    rule = county.standard.section_rule
    if rule is None:
        return ()
    finding = next(entry for entry in county.evaluation.items.values() if rule in entry.item.rules)
    return (_section_step(county, finding.item, section, row), *county.way_up(finding))


def _section_step(county: County, item: Item, section: Section, row: int) -> Step:
    """Return the verdict of a section, and the standing of each indicator."""
    standing = zip(county.standard.indicators.values(), county.basis.standing[:, row].tolist(), strict=True)
    names: dict[int, list[Phrase]] = {}
    for indicator, code in standing:
        names.setdefault(code, []).append(indicator.name)
    met = Standing.AT_STANDARD
    by_standing = ((in_both(code.text), names.get(code, []), code is not met) for code in reversed(Standing))
    return Step(
        title=in_both(section.text),
        sentence=_counted(by_standing),
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
        return Verdict.NOT_APPLICABLE if np.isnan(self.limit_and_floor[0]) else self.standing.verdict

    @property
    def school(self) -> int:
        return int(self.county.basis.sections.school[self.row])

    @property
    def limit_and_floor(self) -> tuple[float, float]:
        """The standard and the floor, NaN where there is none."""
        standard, floor = (
            float(limit.value) if limit else np.nan for limit in self.section.limits_and_floors[self.indicator.id]
        )
        return standard, floor

    def printed(self, limit: float) -> Phrase:
        """Return the value in print, beside what it is compared with."""
        precision = self.county.standard.head.precision
        return in_both(lambda lang: printed(self.value, "value", precision, lang, limit))

    def computed(self) -> Step:
        """Return how the value follows from what was reported."""
        unit, set_by_ = self.indicator.unit, set_by(self.county.standard, f"indicators.{self.indicator.id}")
        title = self.indicator.title
        if reported := self._reported():
            value, formula = as_written(self.value), Phrase("填报的指标值", "the figure per pupil as reported")
            words = with_unit(Phrase.of(value), unit)
            return Step(title, words, formula, inputs=(reported,), set_by=set_by_)
        words = _NOT_COMPUTED
        if not np.isnan(self.value):
            result = self.printed(self.limit_and_floor[0]).en
            equals = f" {'=' if float(result) == self.value else '≈'} {result}"
            words = self._formula(lambda entry: Phrase.of(as_written(entry.value)))
            words += Phrase(f"{equals}{unit.zh}", f"{equals} {singular_or_plural(result, unit.en)}")
        return Step(
            title=title,
            formula=self._formula(lambda entry: entry.title),
            sentence=words,
            inputs=(*(entry for _, entry in self.amounts), *(entry for _, _, entry in self.pupils)),
            source=self._weights_source() if len(self.pupils) > 1 else None,
            set_by=set_by_,
        )

    def _reported(self) -> Input | None:
        """Return the value as it was reported, where the counts do not give it."""
        ratios = self.county.basis.sections.reported_values
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
        (standard, floor), unit, sign = self.limit_and_floor, self.indicator.unit, SYMBOLS[self.indicator.relation]
        field = next((f".{name}" for name in ("at_most", "at_least") if getattr(self.indicator, name)), "")
        threshold, words = Phrase.of("–"), Phrase("没有学校层面的标准", "the standard sets none for a single section")
        if not np.isnan(standard):
            threshold = Phrase.of(f"{sign} {as_written(standard)} ") + unit
            words = in_both(partial(self.standing.text, at_most=bool(self.indicator.at_most)))
        if not np.isnan(floor):
            upper = Phrase("，余项最高限度 ", ", ceiling of the rest ")
            rest = upper if self.indicator.at_most else Phrase("，余项最低要求 ", ", floor of the rest ")
            threshold += rest + Phrase.of(f"{sign} {as_written(floor)}")
        limit = floor if self.standing is Standing.BELOW_FLOOR and not np.isnan(floor) else standard
        figure = self.printed(limit)
        if not np.isnan(self.value):
            figure = with_unit(figure, unit)
        elif self.standing is Standing.AT_STANDARD:
            words = Phrase("不计放宽部分已达到标准", "reaches the standard without what relief counts")
        return Step(
            title=self.indicator.name,
            sentence=figure + Phrase("，", ": ") + words + STOP,
            threshold=threshold,
            verdict=self.verdict,
            source=self.indicator.source,
            set_by=set_by(self.county.standard, f"indicators.{self.indicator.id}{field}"),
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
        if self.county.basis.without_relief is None:
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

    def _formula(self, words_of: Callable[[Input], Phrase]) -> Phrase:
        """Return the formula, its figures in words or in numbers."""

        def weighted(weight: float) -> str:
            return f" × {as_written(weight)}" if weight != 1 else ""

        def text(lang: Language) -> str:
            brackets = "（{}）" if lang == "zh" else "({})"
            top = _added((sign, words_of(entry).text(lang)) for sign, entry in self.amounts)
            top = brackets.format(top) if len(self.amounts) > 1 else top
            top += weighted(self.indicator.per)
            pupils = [words_of(entry).text(lang) + weighted(weight) for _, weight, entry in self.pupils]
            if len(pupils) == 1:
                bottom = words_of(self.pupils[0][2]).text(lang)
            else:
                top += weighted(next(weight for stage, weight, _ in self.pupils if stage == self.section.stage))
                bottom = brackets.format(" + ".join(pupils))
            # Full-width brackets bring their own space.
            return f"{top} ÷ {bottom}".replace("） ", "）").replace(" （", "（")

        return in_both(text)


def _added(terms: Iterable[tuple[int, str]]) -> str:
    """Return terms with their signs, as they are added up."""
    return " ".join(f"{'−' if sign < 0 else '+'} {text}" for sign, text in terms).removeprefix("+ ")


def _value_of_section(county: County, indicator: Indicator, school: str, stage: Stage | None) -> Explanation:
    value = _Value(county, indicator, county.section_row(school, stage))
    subject = in_both(value.section.text) + Phrase("的", ", ") + indicator.name
    steps = (value.computed(), value.compared(), *_section_steps(county, value.section, value.row))
    return county.explanation(subject, value.verdict, steps)


def _section(county: County, school: str, stage: Stage | None) -> Explanation:
    """Explain the verdict of one section, indicator by indicator."""
    row = county.section_row(school, stage)
    section = section_of(county.basis, row)
    values = (_Value(county, indicator, row).compared() for indicator in county.standard.indicators.values())
    return county.explanation(in_both(section.text), section.verdict, (*values, *_section_steps(county, section, row)))


@attrs.frozen
class _ItemQuestion:
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
        before = _ItemQuestion(County(strict), strict.items[item.id], case.school)
        check_before = next(entry for entry in before.finding.checks if entry.id == check.id)
        if (result := before.case(check_before)) is None or result.verdict.code >= Verdict.MET.code:
            return None
        basis, row, granted = self.county.basis, self.county.school_row(case.school), None
        for relief in item.reliefs:
            if condition_verdicts(relief.when, basis.submission, basis.standard)[row] != Verdict.MET.code:
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
        item = self.finding.item
        outcome, case = self.county.outcome(item.id, check.id), self.case(check)
        relief, rule = self._relief(check, case), outcome.rule or item.rules[0]
        rule = relief.rules[item.rules.index(rule)] if relief else rule
        inputs = self._inputs(check, outcome, case)
        formula, words = self._words(check, case, rule, inputs)
        return Step(
            title=check.title if case is None else case.name + Phrase("：", ": ") + check.title,
            sentence=words + self._others(check),
            formula=formula,
            inputs=inputs,
            threshold=_wanted(check, case.required if case else None),
            verdict=check.verdict if case is None else case.verdict,
            source=relief.source if relief else item.source,
            set_by=set_by(self.county.standard, f"items.{item.id}.reliefs" if relief else f"rules.{item.id}"),
        )

    def _words(
        self, check: Check, case: Case | None, rule: Rule, inputs: tuple[Input, ...]
    ) -> tuple[Phrase | None, Phrase]:
        """Return the formula in words, and the comparison with its numbers."""
        standard, start = self.county.standard, ""
        formula, share = rule.formula(standard.words), rule.share_of(standard.measures)
        figures = {entry.column: entry.value for entry in inputs if entry.table in ("schools", "facts")}
        terms = split_terms((*share.part, *share.whole)) if share else ()
        if share and not any(np.isnan(figures.get(name, np.nan)) for _, name in terms):
            formula = _quotient(share, standard.words.title)
            start = _quotient(share, lambda name: Phrase.of(as_written(figures[name]))).en
        elif not any(np.isnan(value) for value in figures.values()):
            start = rule.figure_from(figures)
        figure, compared = in_both(lambda lang: check.figure(lang, case)), case or check
        if case is not None and not np.isnan(case.required):
            row = self.county.school_row(case.school) if case.school else None
            pupils = {} if row is None else {stage: float(of[row]) for stage, of in self.county.basis.pupils.items()}
            if check.table == SITES:
                sites, columns = self.county.basis.submission.submitted.schools, standard.head.scope.pupils
                pupils = {stage: float(np.nan_to_num(sites.numbers(columns[stage])[case.row])) for stage in pupils}
            if required := rule.required_from(figures, pupils):
                wanted = required + Phrase.of(as_written(compared.required))
                return formula, Phrase("应为", "needed: ") + wanted + Phrase("，实际", "; found: ") + figure
        return formula, Phrase.of(f"{start} = ") + figure if start and not np.isnan(compared.observed) else figure

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
        table, rows, row = submission.tables[need.table], [], county.school_row(case.school) if case.school else -1
        stage, of_sites = standard.table_measures(need.table)[need.column].stage, cases.table == SITES
        schools, at = (submission.submitted.schools, case.row) if of_sites else (submission.schools, row)
        has = stage is None or at < 0 or has_stage(schools, standard, stage, [at])[0]
        if need.table == "facts":
            yield from [county.fact(need.column)] if has else []
        elif need.table == "schools" and of_sites:
            yield from [county.of_site(need.column, case.row, case.name)] if has else []
        elif need.table == "schools":
            if row >= 0 and has:
                yield county.input("schools", need.column, row, Phrase.of(county.basis.school_name(row)))
        elif not case.school:
            for n in range(len(table)):
                name = f"{table.texts('subject')[n]} {table.texts('grade')[n]}".strip()
                owner = Phrase.of(name) if name else Phrase(f"第{n + 1}条记录", f"record {n + 1}")
                yield county.input(need.table, need.column, n, owner)
        elif need.table == cases.table:
            rows = [case.row] if case.row >= 0 else []
        else:
            here = table.school == row
            if need.where is not None:
                column, choice = need.where
                values = standard.table_measures(need.table)[column].values
                here &= table.choices(column) == [value.id for value in values].index(choice)
            rows = np.flatnonzero(here).tolist()
        yield from (county.input(need.table, need.column, n, case.name) for n in rows)

    def _coefficients(self, check: Check) -> Iterator[Input]:
        evaluation = self.county.evaluation
        figures = evaluation.cv[0, evaluation.stages.index(check.stage or evaluation.stages[0])].tolist()
        for indicator, cv in zip(evaluation.standard.indicators.values(), figures, strict=True):
            shown = cv if np.isnan(cv) else float(printed(cv, check.display, check.precision, "en"))
            yield Input(indicator.name, shown, "", "", indicator.id)


def _wanted(check: Check, required: float | None = None) -> Phrase:
    """Return what a check, or one of its cases, requires."""
    return in_both(lambda lang: check.requirement(lang, required=required))


def _quotient(share: Share, words_of: Callable[[str], Phrase]) -> Phrase:
    """Return a share as part ÷ whole, in titles or in numbers."""

    def side(terms: tuple[Term, ...], lang: Language) -> str:
        # The title of a count begins with words that only make sense below its whole.
        words = ((sign, words_of(name).text(lang)) for sign, name in split_terms(terms))
        text = _added((sign, word.removeprefix("其中：").removeprefix("of these, ")) for sign, word in words)
        return f"({text})" if len(terms) > 1 else text

    return in_both(lambda lang: f"{side(share.part, lang)} ÷ {side(share.whole, lang)}")


def _item(county: County, finding: Finding, school: str | None) -> Explanation:
    item, question = finding.item, _ItemQuestion(county, finding, school)
    if school is not None:
        county.school_row(school)
        if not any(question.case(check) for check in finding.checks):
            problem = Phrase(f"{item.id} 不涉及学校“{school}”", f"{item.id} looks at no school {school!r}")
            way_out = Phrase("不指明学校，可说明整个项目", "leave school out to explain the whole item")
            raise UnknownNameError(sentence(problem, way_out))
    steps = [*question.steps(), *county.way_up(finding)]
    strict = county.evaluation.changed_by_relief.get(item.id)
    if strict is not None:
        without = Phrase("不放宽", "without relief")
        steps.insert(-3, Step(without, in_both(strict.grounds), verdict=strict.verdict, source=strict.source))
    return county.explanation(item.name, finding.verdict, steps)


def _coefficient(county: County, finding: Finding, indicator: str, stage: Stage) -> Explanation:
    """Explain the coefficient of one indicator at one stage."""
    spread, standard = drivers(county.evaluation, indicator, stage), county.standard
    check = next(entry for entry in finding.checks if entry.stage == stage and indicator in entry.indicators)
    at = county.evaluation.stages.index(stage), county.evaluation.indicators.index(indicator)
    # What is judged of several coefficients together is explained with the item.
    alone = len(check.indicators) == 1
    subject = check.title + Phrase.of(" ") + finding.item.name
    if not alone:
        subject = spread.stage_title + Phrase("", " ") + spread.indicator.name + Phrase("差异系数", " coefficient")
    included = County(county.evaluation, county.basis.of_coefficient(0, *at))
    mean, deviation, coefficient = _coefficient_words(spread, check, float(county.evaluation.sd[0][at]))
    steps = (
        Step(
            title=Phrase("全县平均", "The county's mean"),
            formula=Phrase(
                "各校该项资源之和 ÷ 各校在校生数之和", "the resource of all sections ÷ the pupils of all sections"
            ),
            sentence=mean,
            inputs=tuple(_input_of(included, spread, section) for section in spread.sections),
            source=standard.head.spread.source,
            set_by=set_by(standard, "spread"),
        ),
        Step(
            title=Phrase("标准差", "Standard deviation"),
            formula=Phrase.of("S = √( Σ (Pᵢ/P) (Xᵢ − X̄)² )"),
            sentence=deviation,
        ),
        Step(
            title=Phrase("差异系数", "Coefficient of variation"),
            sentence=coefficient,
            threshold=_wanted(check) if alone else None,
            verdict=check.verdict if alone else None,
            source=finding.item.source,
            set_by=set_by(standard, f"rules.{finding.item.id}"),
        ),
        *county.way_up(finding),
    )
    return county.explanation(subject, check.verdict if alone else Verdict.NOT_APPLICABLE, steps)


def _input_of(county: County, spread: Drivers, driver: Driver) -> Input:
    """Return the value of a section, with the cells that it follows from."""
    value = driver.value if np.isnan(driver.value) else float(printed(driver.value, "value", spread.precision, "en"))
    computed = _Value(county, spread.indicator, county.section_row(driver.school, spread.stage)).computed()
    pupils, row = county.standard.head.scope.pupils[spread.stage], county.school_row(driver.school)
    return Input(
        title=driver.name,
        value=value,
        place=county.basis.submission.schools.place(row, pupils),
        table="schools",
        column=spread.indicator.id,
        unit=spread.indicator.unit,
        addends=tuple(addend for figure in computed.inputs for addend in figure.addends),
    )


def _coefficient_words(spread: Drivers, check: Check, sd: float) -> tuple[Phrase, Phrase, Phrase]:
    """Return the mean, the deviation and the coefficient, each with its numbers."""
    unknown = Phrase("差异系数待定。", "the coefficient is unknown.")
    if np.isnan(spread.mean):
        return _NOT_COMPUTED, _NOT_COMPUTED, unknown

    def value(number: float) -> str:
        return printed(number, "value", spread.precision, "en")

    per, sections = spread.indicator.per, spread.sections
    total, pupils = (
        sum(each.value * each.pupils for each in sections) / per,
        as_written(sum(each.pupils for each in sections)),
    )
    mean = Phrase.of(f"X̄ = {total:.2f}{f' × {per}' if per != 1 else ''} ÷ {pupils} = {value(spread.mean)} ")
    terms = [
        f"{as_written(each.pupils)}/{pupils} × ({value(each.value)} − {value(spread.mean)})²"
        for each in sections[:_MOST_TERMS]
    ]
    terms += ["…"] if len(sections) > _MOST_TERMS else []
    deviation = Phrase.of(f"S = √({' + '.join(terms)}) = {value(sd)}")
    if np.isnan(spread.cv):
        return mean + spread.indicator.unit, deviation, unknown
    coefficient = f"CV = S ÷ X̄ = {value(sd)} ÷ {value(spread.mean)} = {spread.coefficient_text(spread.cv)}"
    if not np.isnan(spread.limit):
        coefficient += f" {'≤' if check.margin >= 0 else '>'} {limit_printed(spread.limit, 'coefficient', 'en')}"
    words, first = Phrase.of(coefficient), sections[0]
    if not (np.isnan(first.share) or np.isnan(first.cv_without)):
        share = printed(first.share, "percent", spread.precision, "en")
        without = spread.coefficient_text(first.cv_without)
        words += Phrase(
            f"；影响最大的是{first.name.zh}，对差异的贡献率{share}，剔除该校后为{without}",
            f"; the largest driver is {first.name.en} with {share} of the variance; without it: {without}",
        )
    return mean + spread.indicator.unit, deviation, words


def explain(
    evaluation: Evaluation,
    entry: str,
    *,
    school: str | None = None,
    stage: Stage | None = None,
    indicator: str | None = None,
    lang: Language | None = None,
) -> Explanation:
    """Return why something came out as it did: formula, figures with their origin, threshold, clause, each step.

    Parameters
    ----------
    evaluation : Evaluation
        Of one county.
    entry : str
        An indicator (with `school`), or an item: of a school (with `school`), of one coefficient (with `indicator`
        and `stage`), or as a whole.
    school : str, optional
        Its id.
    stage : 'primary' or 'junior', optional
        Needed where a school has both.
    indicator : str, optional
        The id of the indicator, where an item judges coefficients.
    lang : 'zh' or 'en', optional
        The language that `print` uses; left out, `be.options.lang`.

    Returns
    -------
    Explanation
        Its steps, in the order in which they were decided; print it to read it.

    Raises
    ------
    KeyError
        If there is no such entry, school or section; the message names what there is.
    ValueError
        If the entry alone is ambiguous.

    Examples
    --------
    >>> import balancedu as be
    >>> ev = be.evaluate(be.example("failing"))
    >>> be.explain(ev, "R4", school="003").steps[0].sentence.zh
    '（3288.6 − 0）÷ 870 = 3.78平方米'
    """
    example = f"explain(ev[{evaluation.counties[0]!r}], {entry!r})"
    one_county(evaluation, Phrase("一次只说明一个县", "an explanation is about one county"), example)
    return attrs.evolve(_explained(County(evaluation), entry, school, stage, indicator), lang=lang)


def _explained(
    county: County, entry: str, school: str | None, stage: Stage | None, indicator: str | None
) -> Explanation:
    standard = county.standard
    if entry in standard.indicators:
        if school is None:
            raise _no_school(county, entry)
        return _value_of_section(county, standard.indicators[entry], school, stage)
    if entry not in standard.items:
        problem = Phrase(f"{standard.id} 没有项目或指标“{entry}”", f"{standard.id} has no item or indicator {entry!r}")
        raise UnknownNameError(problem + near(entry, (*standard.items, *standard.indicators)))
    finding = county.evaluation.items[entry]
    if school is not None and any(check.table == "sections" for check in finding.checks):
        return _section(county, school, stage)
    compared = {len(check.indicators) for check in finding.checks if check.indicators}
    if compared and (indicator or (stage and 1 in compared)):
        if indicator is None or indicator not in standard.indicators or stage not in standard.stages:
            zh = f"差异系数要同时指明指标和学段；现为“{indicator or '未填'}”和“{stage or '未填'}”"
            en = f"a coefficient belongs to an indicator and a stage; found {indicator!r} and {stage!r}"
            raise RequestError(Phrase(zh, en))
        return _coefficient(county, finding, indicator, stage)
    return _item(county, finding, school)


def _no_school(county: County, indicator: str) -> RequestError:
    schools = county.evaluation.sections["school"]
    first = str(schools[0]) if schools.size else "…"
    problem = Phrase(f"{indicator} 按学校和学段判定", f"{indicator} is judged section by section")
    way_out = Phrase("请指明学校，如 ", "choose one, as in ")
    return RequestError(sentence(problem, way_out + Phrase.of(f"explain(ev, {indicator!r}, school={first!r})")))


class Origin(Listing[Addend]):
    """The reported figures behind something, with the cells they were read from; print it to read it."""

    __slots__ = ()

    @property
    def tables(self) -> dict[str, Columns]:
        """The figures."""
        figures = ((row.measure, row.school, row.value, row.text_place) for row in self.rows)
        return {"figures": columns_of(figures, measure=str, school=str, value=float, place=str)}


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
        If the entry alone is ambiguous.

    Examples
    --------
    >>> import balancedu as be
    >>> for figure in be.origin(be.evaluate(be.example("failing")), "G12"):
    ...     print(figure.measure, figure.value, figure.place)
    certified_teachers 2518.0 facts.yaml:44
    full_time_teachers 2519.0 facts.yaml:43
    """
    standard = evaluation.standard
    entry = current_id(entry, standard.measures)
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
        way_out = Phrase("请指明学校，如 ", "choose one, as in ") + Phrase.of(f"origin(ev, {entry!r}, school=…)")
        raise RequestError(sentence(Phrase(f"每所学校都填报 {entry}", f"every school reports {entry}"), way_out))
    return county.input("schools", measure.column, county.school_row(school))
