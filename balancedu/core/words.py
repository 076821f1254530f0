"""What a standard requires, in sentences of both languages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import reduce
from typing import Any

import attrs

from balancedu.calculator.limits import Relation
from balancedu.core.fields import Stage, Term, Title
from balancedu.core.model import Condition, Counted, Indicator, Measure
from balancedu.text import NO_WORDS, Phrase

COMMA, CLAUSE, SEMICOLON = Phrase("、", ", "), Phrase("，", "; "), Phrase("；", "; ")
COLON, STOP = Phrase("：", ": "), Phrase("。", ".")
AT_LEAST, AT_MOST = Phrase("不低于", " at least "), Phrase("不超过", " at most ")
ABOVE, BELOW = Phrase("高于", " above "), Phrase("低于", " below ")
RELATIONS: Mapping[Relation, Phrase] = {">=": AT_LEAST, "<=": AT_MOST, ">": ABOVE, "<": BELOW}
_BOUNDS = {"at_least": AT_LEAST, "at_most": AT_MOST, "above": ABOVE, "below": BELOW}


@attrs.frozen
class Words:
    """The titles of a standard, from which its rules make sentences."""

    measures: Mapping[str, Measure]
    stage_titles: Mapping[Stage, Title]

    def title(self, measure: str) -> Phrase:
        """Return the title of a measure."""
        return self.measures[measure].title

    def unit(self, measure: str) -> Phrase:
        """Return the unit of a measure, to follow a number."""
        return unit_after(self.measures[measure].unit)

    def stage(self, stage: Stage) -> Phrase:
        """Return the title of a stage."""
        return self.stage_titles[stage]

    def choice(self, measure: str, value: str) -> Phrase:
        """Return the title of one value of a choice."""
        return next(choice.title for choice in self.measures[measure].values if choice.id == value)

    def types(self, types: Iterable[str]) -> Phrase:
        """Return types of school."""
        return joined(COMMA, (self.choice("type", type_) for type_ in types))

    def by_stage(self, limits: Mapping[Stage, Any], relation: Phrase, unit: Phrase = NO_WORDS) -> Phrase:
        """Return a limit for each stage."""
        return joined(CLAUSE, (self.stage(stage) + relation + number(limit) + unit for stage, limit in limits.items()))

    def condition(self, condition: Condition) -> Phrase:
        """Return the condition on a school."""
        if condition.parts:
            word = Phrase("且", " and ") if condition.all_of else Phrase("或", " or ")
            inner = ((self.condition(part), bool(part.parts)) for part in condition.parts)
            bracketed = (Phrase(f"（{words.zh}）", f"({words.en})") if whole else words for words, whole in inner)
            return joined(word, bracketed)
        subject = joined(Phrase("与", " + "), map(self.title, condition.subject))
        if condition.sum_of:
            subject = Phrase(f"{subject.zh}之和", subject.en)
        if condition.largest:
            subject = Phrase(f"最大班额（{subject.zh}）", f"the largest class ({subject.en})")
        if condition.measure and condition.one_of:
            name = condition.measure
            values = joined(COMMA, (self.choice(name, value) for value in condition.one_of))
            return subject + Phrase("为", " ") + values
        if condition.expected is not None:
            return subject + (Phrase("为“是”", ": yes") if condition.expected else Phrase("为“否”", ": no"))
        bounds = (_BOUNDS[name] + number(bound) for name, bound in condition.bounds.items())
        return subject + joined(Phrase("且", " and"), bounds)

    def thresholds(self, indicator: Indicator) -> Phrase:
        """Return the standard of each stage of an indicator, first those of the schools that meet a condition."""
        if not (indicator.at_least or indicator.at_most):
            return Phrase("不设标准，只比较差异", "no standard, only compared between sections")
        relation, unit = RELATIONS[indicator.relation], unit_after(indicator.unit)
        others = [
            self.condition(other.when)
            + Phrase("的：", ": ")
            + self.by_stage(other.at_most or other.at_least, relation, unit)
            for other in indicator.instead
        ]
        prefix = Phrase("其他学校：", "other schools: ") if others else NO_WORDS
        return joined(
            SEMICOLON, (*others, prefix + self.by_stage(indicator.at_most or indicator.at_least, relation, unit))
        )

    def formula(self, indicator: Indicator) -> Phrase:
        """Return how the value of an indicator is computed."""
        if indicator.amount:
            return self._per_pupil(indicator.amount, indicator)
        formulas = []
        for stage, terms in indicator.amount_by_stage.items():
            # The titles of measures of one stage name it.
            names_stage = {self.measures[term.removeprefix("-")].stage for term in terms} == {stage}
            heading = NO_WORDS if names_stage else self.stage(stage) + COLON
            formulas.append(heading + self._per_pupil(terms, indicator))
        return joined(CLAUSE, formulas)

    def counted(self, included: Counted) -> Phrase:
        """Return how a type of school counts."""
        weights = [self.stage(stage) + Phrase.of(f" {number(weight).en}") for stage, weight in included.weights.items()]
        clauses = [Phrase("计为一所", "counts as one section")]
        if len(weights) > 1:
            clauses = [Phrase("按学段拆分的权重 ", "weights of its stages ") + joined(Phrase("：", " : "), weights)]
        if included.fewest_pupils is not None:
            fewest = included.fewest_pupils
            clauses.append(Phrase(f"不足{fewest}人的不计", f"sections below {fewest} pupils are left out"))
        return joined(CLAUSE, clauses)

    def _per_pupil(self, terms: Iterable[Term], indicator: Indicator) -> Phrase:
        amount = NO_WORDS
        for term in terms:
            measure = self.measures[term.removeprefix("-")]
            sign = " − " if term.startswith("-") else " + " if amount else ""
            amount += Phrase.of(sign) + measure.title
            amount += bracketed(self.condition(measure.counts_when)) if measure.counts_when else NO_WORDS
        zh = f"({amount.zh})" if " " in amount.zh else amount.zh
        en = f"({amount.en})" if " + " in amount.en or " − " in amount.en else amount.en
        scale = Phrase.of(f" × {indicator.per}") if indicator.per > 1 else NO_WORDS
        return Phrase(f"{zh} ÷ 在校生数", f"{en} ÷ pupils") + scale


def joined(between: Phrase, phrases: Iterable[Phrase]) -> Phrase:
    """Return phrases one after the other, with words between them."""
    listed = list(phrases)
    return reduce(lambda entry, other: entry + between + other, listed) if listed else NO_WORDS


def bracketed(words: Phrase) -> Phrase:
    """Return words in brackets, to follow others."""
    return Phrase(f"（{words.zh}）", f" ({words.en})")


def unit_after(unit: Title | None) -> Phrase:
    """Return a unit to follow a number."""
    return NO_WORDS if unit is None else Phrase(unit.zh, f" {unit.en}")


def number(value: object) -> Phrase:
    """Return a number as the law writes it."""
    return Phrase.of(f"{value:f}" if isinstance(value, Decimal) else str(value))


def percent(share: Decimal) -> Phrase:
    """Return a share in percent."""
    return Phrase.of(f"{(share * 100).normalize():f}%")


def value_words(value: Any) -> Phrase:
    """Return a value of a field as a spec writes it."""
    if isinstance(value, Phrase):
        return value
    if isinstance(value, Mapping):
        return joined(Phrase.of(", "), (Phrase.of(f"{key} ") + value_words(item) for key, item in value.items()))
    if isinstance(value, tuple):
        return joined(Phrase.of(", "), map(value_words, value))
    if attrs.has(type(value)):
        return value_words(attrs.asdict(value, recurse=False))
    return Phrase.of(str(value).lower()) if isinstance(value, bool) else number(value)
