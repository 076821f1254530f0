"""Every verdict of an evaluation by name, to be compared with those of another."""

from __future__ import annotations

from typing import NamedTuple

from balancedu.core.fields import Language
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.verdict import Verdict


class Decision(NamedTuple):
    """What a verdict is about.

    Attributes
    ----------
    county : str
    level : str
        county, part, item or section.
    id : str
        Of a part or item; empty for counties and sections.
    school, stage : str
        Of a section; empty for all others.
    """

    county: str
    level: str
    id: str = ""
    school: str = ""
    stage: str = ""

    def text(self, lang: Language) -> str:
        """Return what it is about in words.

        Examples
        --------
        >>> Decision("990202", "section", school="003", stage="primary").text("en")
        'section 003 primary'
        """
        titles = {"county": "全县", "part": "部分", "item": "条目", "section": "学校"}
        level = titles[self.level] if lang == "zh" else self.level
        return " ".join(filter(None, (level, self.id, self.school, self.stage)))


def decisions_of(evaluation: Evaluation) -> dict[Decision, Verdict]:
    """Return the verdicts about counties, parts, items and sections.

    Examples
    --------
    >>> import balancedu as be
    >>> decisions_of(be.evaluate(be.example("failing")))[Decision("990202", "item", "G12")]
    <Verdict.NOT_MET: 'NOT_MET'>
    """
    result = {Decision(county, "county"): verdict for county, verdict in evaluation.verdicts.items()}
    for level, codes in (("part", evaluation.part_verdicts), ("item", evaluation.item_verdicts)):
        for name, verdicts in codes.items():
            pairs = zip(evaluation.counties, verdicts.tolist(), strict=True)
            result |= {Decision(county, level, name): Verdict.of(code) for county, code in pairs}
    columns = evaluation.sections
    rows = zip(columns["county"], columns["school"], columns["stage"], evaluation.section_verdicts, strict=True)
    sections = ((Decision(str(c), "section", "", str(s), str(t)), Verdict.of(code)) for c, s, t, code in rows)
    return result | dict(sections)
