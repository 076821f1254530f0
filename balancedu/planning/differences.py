"""Decisions that differ between two evaluations of a county, each with its direction and its reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

import attrs
import numpy as np

from balancedu.core.model import Language
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.figures import printed
from balancedu.evaluation.finding import Check, Finding
from balancedu.evaluation.section import Section, section_of
from balancedu.evaluation.verdict import Verdict
from balancedu.planning.matching import Matching

Level = Literal["county", "part", "item", "check", "section", "indicator"]


Direction = Literal["better", "worse", "other"]


COUNTY: Mapping[Language, str] = {"zh": "全县", "en": "the county"}
LANGUAGES: tuple[Language, ...] = ("zh", "en")


_STANDINGS = {2: Verdict.MET, 1: Verdict.MET, 0: Verdict.NOT_MET, -1: Verdict.UNKNOWN}


_STANDING_WORDS: dict[int, dict[Language, str]] = {
    2: {"zh": "达到标准", "en": "standard"},
    1: {"zh": "达到底线", "en": "floor"},
    0: {"zh": "低于底线", "en": "below"},
    -1: {"zh": "待定", "en": "unknown"},
}


@attrs.frozen
class Difference:
    """One decision that changed."""

    county: str
    level: Level
    id: str
    school: str
    stage: str
    name: Mapping[Language, str]
    before: str
    after: str
    direction: Direction
    said: Mapping[Language, str]
    why: Mapping[Language, str]


def direction_of(before: Verdict, after: Verdict) -> Direction:
    """Return whether a verdict became better or worse; other where it did or does not apply.

    Examples
    --------
    >>> direction_of(Verdict.NOT_MET, Verdict.UNKNOWN), direction_of(Verdict.MET, Verdict.NOT_APPLICABLE)
    ('better', 'other')
    """
    if Verdict.NOT_APPLICABLE in (before, after) or before is after:
        return "other"
    return "better" if after > before else "worse"


def of_county(before: Evaluation, after: Evaluation) -> Iterator[Difference]:
    """Yield the decisions about the county, its parts, items and checks that differ."""
    county = after.counties[0]
    if before.verdict is not after.verdict:
        yield _verdicts(county, "county", "", COUNTY, before.verdict, after.verdict, {"zh": "", "en": ""})
    titles = {part.id: part.title for part in after.standard.parts.values()}
    for part, verdict in after.parts.items():
        earlier = before.parts.get(part, Verdict.NOT_APPLICABLE)
        if earlier is not verdict:
            name: dict[Language, str] = {"zh": titles[part].zh, "en": titles[part].en}
            yield _verdicts(county, "part", part, name, earlier, verdict, {"zh": "", "en": ""})
    findings = before.items
    for item, finding in after.items.items():
        earlier_finding = findings.get(item)
        if earlier_finding is not None:
            yield from _of_item(county, earlier_finding, finding)


def _of_item(county: str, before: Finding, after: Finding) -> Iterator[Difference]:
    item = after.item
    name: dict[Language, str] = {"zh": f"{item.id} {item.name.zh}", "en": f"{item.id} {item.name.en}"}
    if before.verdict is not after.verdict:
        # What failed before explains what became better, what fails now explains the rest.
        told = before if direction_of(before.verdict, after.verdict) == "better" else after
        side = {"zh": "原", "en": "was "} if told is before else {"zh": "现", "en": "now "}
        why: dict[Language, str] = {"zh": side["zh"] + told.reason("zh"), "en": side["en"] + told.reason("en")}
        yield _verdicts(county, "item", item.id, name, before.verdict, after.verdict, why)
    checks = {check.id: check for check in before.checks}
    for check in after.checks if len(after.checks) > 1 else ():
        earlier = checks.get(check.id)
        if earlier is not None and earlier.verdict is not check.verdict:
            title: dict[Language, str] = {
                "zh": f"{item.id} {check.title.zh}",
                "en": f"{item.id} {check.title.en}",
            }
            moved = {lang: _figures(earlier, check, lang) for lang in LANGUAGES}
            yield _verdicts(
                county,
                "check",
                f"{item.id}.{check.id}",
                title,
                earlier.verdict,
                check.verdict,
                moved,
            )


def _figures(before: Check, after: Check, lang: Language) -> str:
    told = [printed(one.observed, one.form, one.precision, lang, one.required) for one in (before, after)]
    return f"{told[0]} → {told[1]}"


def of_sections(before: Evaluation, after: Evaluation, matching: Matching) -> Iterator[Difference]:
    """Yield the sections and their indicators that differ."""
    for earlier, later in matching.sections(before, after):
        one, two = section_of(before.record.basis, earlier), section_of(after.record.basis, later)
        reasons = list(_standings(before, after, earlier, later, one, two))
        if one.verdict is not two.verdict:
            why: dict[Language, str] = {
                "zh": "；".join(reason.why["zh"] for reason in reasons) or f"在校生{one.pupils:g} → {two.pupils:g}人",
                "en": "; ".join(reason.why["en"] for reason in reasons) or f"pupils {one.pupils:g} → {two.pupils:g}",
            }
            names: dict[Language, str] = {"zh": two.said("zh"), "en": two.said("en")}
            found = _verdicts(two.county, "section", "", names, one.verdict, two.verdict, why)
            yield attrs.evolve(found, school=two.school, stage=two.stage)
        yield from reasons


def _standings(
    before: Evaluation, after: Evaluation, earlier: int, later: int, one: Section, two: Section
) -> Iterator[Difference]:
    positions = {name: n for n, name in enumerate(before.standard.indicators)}
    for n, (name, indicator) in enumerate(after.standard.indicators.items()):
        if name not in positions:
            continue
        was = int(before.record.basis.standing[positions[name], earlier])
        now = int(after.record.basis.standing[n, later])
        if was == now:
            continue
        verdicts = _STANDINGS[was], _STANDINGS[now]
        direction: Direction = "better" if now > was else "worse"
        if Verdict.UNKNOWN in verdicts:
            direction = direction_of(*verdicts)
        precision, limit = after.standard.head.precision, indicator.thresholds[two.stage]
        bound = float(limit.value) if limit else np.nan
        why = {
            lang: f"{name} {printed(one.values[name], 'value', precision, lang, bound)} → "
            f"{printed(two.values[name], 'value', precision, lang, bound)}"
            for lang in LANGUAGES
        }
        yield Difference(
            county=two.county,
            level="indicator",
            id=name,
            school=two.school,
            stage=two.stage,
            name={lang: f"{two.said(lang)} {name}" for lang in LANGUAGES},
            before=_STANDING_WORDS[was]["en"],
            after=_STANDING_WORDS[now]["en"],
            direction=direction,
            said={lang: f"{_STANDING_WORDS[was][lang]} → {_STANDING_WORDS[now][lang]}" for lang in LANGUAGES},
            why=why,
        )


def _verdicts(
    county: str,
    level: Level,
    name: str,
    title: Mapping[Language, str],
    before: Verdict,
    after: Verdict,
    why: Mapping[Language, str],
) -> Difference:
    said: dict[Language, str] = {
        "zh": f"{before.said('zh')} → {after.said('zh')}",
        "en": f"{before.said('en')} → {after.said('en')}",
    }
    direction = direction_of(before, after)
    return Difference(county, level, name, "", "", title, before.name, after.name, direction, said, why)
