"""A standard in one language: titles, units, lists, and what must be so of a school."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import attrs

from balancedu.core.condition import Condition
from balancedu.core.model import Language, Title
from balancedu.core.standard import Standard


@attrs.frozen
class Words:
    """A standard in one language."""

    standard: Standard
    lang: Language

    def pick(self, zh: str, en: str) -> str:
        """Return one of two texts."""
        return zh if self.lang == "zh" else en

    def title(self, measure: str) -> str:
        """Return the title of a measure."""
        return self.standard.measures[measure].title.said(self.lang)

    def unit(self, measure: str) -> str:
        """Return the unit of a measure, to stand behind a number."""
        return self.behind(self.standard.measures[measure].unit)

    def behind(self, unit: Title | None) -> str:
        """Return a unit to stand behind a number."""
        return "" if unit is None else self.pick(unit.zh, f" {unit.en}")

    def stage(self, stage: str) -> str:
        """Return the title of a stage."""
        return {str(key): title for key, title in self.standard.head.stage_titles.items()}[stage].said(self.lang)

    def choice(self, measure: str, value: str) -> str:
        """Return the title of one value of a choice."""
        return next(one.title.said(self.lang) for one in self.standard.measures[measure].values if one.id == value)

    def types(self, types: Iterable[str]) -> str:
        """Return types of school."""
        return self.listed(self.choice("type", one) for one in types)

    def listed(self, words: Iterable[str]) -> str:
        """Return words as a list."""
        return self.pick("、", ", ").join(words)

    def clauses(self, words: Iterable[str]) -> str:
        """Return clauses as a sentence."""
        return self.pick("，", "; ").join(words)

    def by_stage(self, limits: Mapping[Any, object], zh: str, en: str, unit: str = "") -> str:
        """Return a limit for each stage."""
        relation = self.pick(zh, f" {en} ")
        return self.clauses(f"{self.stage(stage)}{relation}{number(limit)}{unit}" for stage, limit in limits.items())


def condition_said(condition: Condition, words: Words) -> str:
    """Return what must be so of a school."""
    if condition.parts:
        joined = words.pick("且" if condition.all_of else "或", " and " if condition.all_of else " or ")
        return joined.join(_part(part, words) for part in condition.parts)
    subject = words.pick("与", " + ").join(words.title(name) for name in condition.subject)
    if condition.sum_of:
        subject = words.pick(f"{subject}之和", subject)
    if condition.largest:
        subject = words.pick(f"最大班额（{subject}）", f"the largest class ({subject})")
    if condition.measure and condition.one_of:
        values = words.listed(words.choice(condition.measure, one) for one in condition.one_of)
        return words.pick(f"{subject}为{values}", f"{subject} {values}")
    if condition.expected is not None:
        answer = words.pick("是" if condition.expected else "否", "yes" if condition.expected else "no")
        return words.pick(f"{subject}为“{answer}”", f"{subject}: {answer}")
    relations = {"at_least": ("不低于", "at least"), "at_most": ("不超过", "at most")}
    relations |= {"above": ("高于", "above"), "below": ("低于", "below")}
    bounds = ((*relations[name], number(bound)) for name, bound in condition.bounds.items())
    return subject + words.pick("且", " and").join(words.pick(f"{zh}{n}", f" {en} {n}") for zh, en, n in bounds)


def _part(condition: Condition, words: Words) -> str:
    told = condition_said(condition, words)
    return aside(told, words).strip() if condition.parts else told


def aside(text: str, words: Words) -> str:
    """Return a text in brackets, to stand behind another one."""
    return words.pick(f"（{text}）", f" ({text})")


def number(value: object) -> str:
    """Return a number as the law writes it."""
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def percent(share: Decimal) -> str:
    """Return a share in percent."""
    return f"{(share * 100).normalize():f}%"
