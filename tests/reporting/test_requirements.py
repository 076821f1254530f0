"""What a standard requires is said in sentences, in both languages, for every kind of rule."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import attrs
import pytest
from spec_schemas import our_rules

import balancedu as be
from balancedu.core.fields import Language
from balancedu.core.rules import RULES, Rule
from balancedu.reporting.law import entry_text
from balancedu.text import Phrase

VALID = Path(__file__).resolve().parent.parent / "bad_specs" / "valid"
STANDARDS = [*be.available_standards(), VALID]
LANGUAGES: tuple[Language, ...] = ("zh", "en")


def sentences(standard: be.Standard, lang: Language) -> list[str]:
    words = standard.words
    result = [item.requirement(words) for item in standard.items.values()]
    for indicator in standard.indicators.values():
        result += [words.thresholds(indicator), words.formula(indicator)]
    return [entry.text(lang) for entry in (*result, *map(words.counted, standard.head.scope.counted))]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", STANDARDS)
def test_sentences_hold_no_names_of_fields(name: str | Path, lang: Language) -> None:
    standard = be.load_standard(name)
    for sentence in sentences(standard, lang):
        assert sentence
        # Ids of measures and fields have underscores, or are words that only specs use.
        assert not re.search(r"[a-z]_[a-z]|None|Decimal|\bTrue\b", sentence), sentence
        assert lang == "en" or re.search("[\u4e00-\u9fff]", sentence), sentence


@pytest.mark.parametrize("name", our_rules())
def test_every_kind_of_rule_has_its_sentence(name: str) -> None:
    assert RULES[name].requirement is not Rule.requirement


@pytest.mark.parametrize(
    ("item", "zh", "en"),
    [
        (
            "R-schools",
            "每所学校至少6项指标达到标准，其余各项达到标准的85%",
            "every section reaches the standard in at least 6 indicators; 85% of it in the others",
        ),
        (
            "R-spread",
            "每项指标的校际差异系数：小学不超过0.50，初中不超过0.45",
            "coefficient of variation of each indicator: primary at most 0.50; junior at most 0.45",
        ),
        ("G7", "特殊教育学校生均公用经费不低于6000元", "public funds per pupil of special schools at least 6000 yuan"),
        ("V6", "如实填报为“否”：弄虚作假行为", "stated not to be the case: figures or documents were falsified"),
    ],
)
def test_sentences_are_those_of_an_official(item: str, zh: str, en: str) -> None:
    standard = be.load_standard("cn-2017")
    (rule,) = standard.items[item].rules

    assert rule.requirement(standard.words) == Phrase(zh, en)
    assert zh in entry_text(standard, item, "zh").replace("\n             ", "")


def test_indicators_and_schools() -> None:
    standard = be.load_standard("cn-2017")
    words = standard.words

    assert words.thresholds(standard.indicators["R4"]).zh == "小学不低于4.5平方米，初中不低于5.8平方米"
    assert words.formula(standard.indicators["R4"]).zh == "(教学及辅助用房面积 − 室内体育用房面积) ÷ 在校生数"
    assert words.formula(standard.indicators["R7"]).en == "networked multimedia classrooms ÷ pupils × 100"
    included = {str(entry.type): words.counted(entry).zh for entry in standard.head.scope.counted}
    assert included["teaching_point"] == "计为一所，不足50人的不计"
    assert included["nine_year_school"] == "按学段拆分的权重 小学 1：初中 1.1"


def test_a_sum_is_shown_as_a_sum() -> None:
    standard = be.load_standard("transition", on="2020-03-01")
    condition = standard.measures["relaxed_arts_pe_teachers_primary"].counts_when
    assert condition is not None

    result = standard.words.condition(condition)
    assert result.zh.endswith("小学在校生数与初中在校生数之和不低于50且低于100")
    assert "primary pupils + junior pupils at least 50 and below 100" in result.en


def test_a_rule_of_another_package_is_described_field_by_field(monkeypatch: pytest.MonkeyPatch) -> None:
    @attrs.frozen
    class AtMostShare(Rule):
        """A rule of another package."""

        at_most: Decimal
        words: tuple[str, ...] = ("always", "never")

    monkeypatch.setitem(RULES, "at_most_share", AtMostShare)
    result = AtMostShare(Decimal("0.30")).requirement(be.load_standard("cn-2017").words)

    assert result.en == "at_most_share: at_most 0.30; words always, never"


def test_a_rule_knows_the_measures_that_it_names() -> None:
    items = be.load_standard("cn-2017").items
    assert items["G3"].rules[0].measures == ("classes_primary", "classes_junior")
    assert items["Q9"].rules[0].measures == ("monitoring.level", "monitoring.between_school_rate")
    assert items["G4"].rules[0].measures == ()
