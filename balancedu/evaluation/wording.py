"""Words that sentences, tables and pages share, Chinese and English."""

from __future__ import annotations

from balancedu.core.fields import Language
from balancedu.evaluation.verdict import Verdict
from balancedu.submission.problems import ONLY_COUNTY
from balancedu.submission.submission import Submission

BLANK = "____"
"""What is filled in by hand."""
MOST_NAMED = 5
"""How many cases or gaps a sentence names; the finding holds them all."""

RELATIONS: dict[str, dict[Language, str]] = {
    ">=": {"zh": "不低于", "en": "at least "},
    "<=": {"zh": "不超过", "en": "at most "},
    "<": {"zh": "低于", "en": "below "},
    ">": {"zh": "高于", "en": "above "},
    "is": {"zh": "为", "en": ""},
}
NO_LATER: dict[Language, str] = {"zh": "不晚于", "en": "no later than "}
"""How a day compares with a day that it must not pass."""
NO_DAY: dict[Language, str] = {
    "zh": "：{}，没有指明按哪一天判定（--on，Python 中为 on=）",
    "en": ": {}, and no day was given to judge on (--on, in Python on=)",
}
CASES: dict[str, dict[Language, str]] = {
    "schools": {"zh": "所学校", "en": "schools"},
    "sites": {"zh": "所学校或校区", "en": "sites"},
    "sections": {"zh": "所", "en": "sections"},
    "classes": {"zh": "个班", "en": "classes"},
    "monitoring": {"zh": "项", "en": "subjects"},
    "": {"zh": "项", "en": "figures"},
}
"""What the cases of a check are, by the table they come from."""


def county_named(submission: Submission, county: str, lang: Language, *, on_paper: bool = False) -> str:
    """Return the name of a county, with its id where it has one; on paper the name alone.

    Without a name it is the id; without either it is this county, and on paper a blank to fill in.
    """
    name = submission.county_name(county)
    if county == ONLY_COUNTY:
        return name or (BLANK if on_paper else {"zh": "本县", "en": "the county"}[lang])
    if not name or on_paper:
        return name or county
    return f"{name}（{county}）" if lang == "zh" else f"{name} ({county})"


def beside(relaxed: Verdict, strict: Verdict | None, lang: Language) -> str:
    """Return the verdict without relief, for printing after the one with it; nothing where they are the same."""
    if strict is None or strict is relaxed:
        return ""
    return {"zh": f"（不放宽：{strict.text('zh')}）", "en": f" (without relief: {strict.text('en')})"}[lang]


def and_more(named: list[str], count: int, lang: Language) -> str:
    """Return the names in a list; where there are more than these, the list says so."""
    if lang == "zh":
        return "、".join(named) + ("等" if count > len(named) else "")
    return ", ".join(named) + (", and more" if count > len(named) else "")
