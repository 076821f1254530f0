"""One county looked at closely: its figures with their origin, and the steps from an item up to its verdict."""

from __future__ import annotations

from functools import cached_property

import attrs
import numpy as np

from balancedu.core.model import Language, Title
from balancedu.core.standard import Standard
from balancedu.errors import UnknownNameError
from balancedu.evaluation import wording
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.finding import Check, Finding
from balancedu.evaluation.looking import Looker
from balancedu.evaluation.missing import Missing
from balancedu.evaluation.naming import school_name
from balancedu.evaluation.outcome import Basis, Form, Outcome
from balancedu.evaluation.verdict import Verdict
from balancedu.explaining.addends import addends_of, places_of, value_of
from balancedu.explaining.explanation import Input, Step, both
from balancedu.phrase import NO_WORDS, Phrase


@attrs.frozen(slots=False, eq=False)
class County:
    """The evaluation of one county, for those who explain it."""

    evaluation: Evaluation

    @cached_property
    def position(self) -> int:
        """The position of the county among all that were evaluated."""
        return self.basis.submission.counties.index(self.evaluation.counties[0])

    @property
    def basis(self) -> Basis:
        """The columns that were judged, of all counties."""
        return self.evaluation.record.basis

    @property
    def standard(self) -> Standard:
        """The standard that was applied."""
        return self.basis.standard

    @cached_property
    def looker(self) -> Looker:
        """What makes objects of the columns."""
        return Looker(self.basis, self.position)

    @property
    def missing(self) -> Missing:
        """What finds the cells that are not reported."""
        return Missing(self.basis, self.position)

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
        found = np.flatnonzero((schools.county == self.position) & (schools.columns["school"] == school))
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
        forms: dict[str, Form] = {"choice": "level", "yes_no": "yes_no"}
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
        return self.input("facts", name, self.position)

    def school_title(self, row: int) -> Title:
        """Return the name of a school."""
        name = school_name(self.basis, row)
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
                sentence=both(lambda lang: wording.grounds(finding, lang)),
                threshold=both(lambda lang: wording.asked(item, lang)),
                verdict=finding.verdict,
                source=item.source,
                set_by=self.standard.set_by(f"items.{item.id}.title"),
            ),
            Step(
                title=part.title,
                sentence=both(lambda lang: _counted([one.id for one in part.items], of_part, lang)),
                verdict=parts[part.id],
                source=part.source,
                set_by=self.standard.set_by(f"parts.{part.id}.title"),
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
                set_by=self.standard.set_by("verdict"),
            ),
        )

    def required(self, check: Check, required: float | None = None) -> Title:
        """Return what a check asks for, in words."""
        return both(lambda lang: wording.wanted(check, lang, required=required))


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
