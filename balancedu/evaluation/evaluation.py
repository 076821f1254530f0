"""The result of an evaluation: columns inside, objects when a person looks at one county."""

from __future__ import annotations

from functools import cached_property
from os import PathLike
from typing import TYPE_CHECKING, Any, Literal, overload

import numpy as np
from numpy.typing import NDArray

from balancedu.calculator.dispersion import composite
from balancedu.calculator.groups import Floats, Ints
from balancedu.calculator.logic import Codes
from balancedu.core.model import Language, Stage
from balancedu.core.standard import Standard
from balancedu.evaluation import export
from balancedu.evaluation.finding import Finding
from balancedu.evaluation.looking import Looker
from balancedu.evaluation.record import Record
from balancedu.evaluation.rounding import RoundingFlag, rounding_flags
from balancedu.evaluation.section import Excluded, Section, excluded_of, section_of
from balancedu.evaluation.verdict import Verdict
from balancedu.evaluation.why import Why
from balancedu.submission.submission import Submission

if TYPE_CHECKING:
    from pandas import DataFrame
else:
    DataFrame = Any  # so that type hints can be read where pandas is not installed

FrameTable = Literal["sections", "spread", "items", "findings"]


class Evaluation(Why):
    """The verdicts of one county or many, with everything that they rest on.

    `ev["210102"]` is the evaluation of one county, a view of the same columns.

    Examples
    --------
    >>> import balancedu as be
    >>> ev = be.evaluate(be.example("failing"))
    >>> ev.verdict
    <Verdict.NOT_MET: 0>
    >>> print(ev.items["G5"].reason("en"))
    not met: pupils of a class: 1 of 218 classes fail: 安和县第二小学 grade 3 46 pupils (must be at most 45 pupils).
    """

    def __init__(self, record: Record, county: int | None = None) -> None:
        self._record = record
        self._only = county

    # Who was evaluated

    @property
    def standard(self) -> Standard:
        """The standard that was applied."""
        return self._record.basis.standard

    @property
    def submission(self) -> Submission:
        """What was submitted, by all counties; `record.basis.submission` is the same with campuses added up."""
        return self._record.basis.submission.submitted

    @property
    def record(self) -> Record:
        """Everything that was judged, in columns over all counties: for tools that need more than this class."""
        return self._record

    @property
    def counties(self) -> tuple[str, ...]:
        """The ids of the counties, in ascending order."""
        counties = self.submission.counties
        return counties if self._only is None else (counties[self._only],)

    def __getitem__(self, county: str) -> Evaluation:
        if county not in self.counties:
            raise KeyError(f"no county {county!r} among the {len(self.counties)} evaluated")
        return Evaluation(self._record, self.submission.counties.index(county))

    # Verdicts

    @property
    def verdict(self) -> Verdict:
        """The verdict of the one county evaluated.

        Raises
        ------
        ValueError
            If several counties were evaluated.
        """
        return Verdict(int(self._record.verdicts[self._one("verdict", ".verdicts")]))

    @property
    def verdicts(self) -> dict[str, Verdict]:
        """The verdict of each county."""
        codes = self._record.verdicts[self._which()].tolist()
        return {county: Verdict(code) for county, code in zip(self.counties, codes, strict=True)}

    @property
    def parts(self) -> dict[str, Verdict]:
        """The verdict of each part, one county."""
        county = self._one("parts", ".part_verdicts")
        return {part: Verdict(int(codes[county])) for part, codes in self._record.parts.items()}

    @property
    def items(self) -> dict[str, Finding]:
        """What each item came to, one county."""
        county = self._one("items", ".item_verdicts")
        return {
            item: Looker(self._record.basis, county).finding(item, outcomes, self._item(item, county))
            for item, outcomes in self._record.outcomes.items()
        }

    @property
    def part_verdicts(self) -> dict[str, Codes]:
        """Verdict codes of each part, (counties,) int8."""
        return {part: codes[self._which()] for part, codes in self._record.parts.items()}

    @property
    def item_verdicts(self) -> dict[str, Codes]:
        """Verdict codes of each item, (counties,) int8."""
        return {item: codes[self._which()] for item, codes in self._record.items.items()}

    # Sections

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The stages that are judged."""
        return self.standard.stages

    @property
    def indicators(self) -> tuple[str, ...]:
        """The ids of the indicators."""
        return tuple(self.standard.indicators)

    @cached_property
    def sections(self) -> dict[str, NDArray[Any]]:
        """The judged sections as columns county, school, stage, pupils.

        Stage by stage, within a stage in ascending order of county and school id.
        """
        basis, rows = self._record.basis, self._rows
        sections, schools = basis.sections, basis.submission.schools
        return {
            "county": np.array(self.submission.counties)[sections.county[rows]],
            "school": schools.columns["school"][sections.school[rows]],
            "stage": np.array(self.stages)[sections.stage[rows]],
            "pupils": sections.pupils[rows],
        }

    @property
    def values(self) -> Floats:
        """Values of the indicators, (sections, indicators) float64; NaN where not reported."""
        return self._record.basis.values.T[self._rows]

    @property
    def standing(self) -> Codes:
        """Standings, (sections, indicators) int8: 2 standard, 1 floor, 0 below the floor, -1 unknown."""
        return self._record.basis.standing.T[self._rows]

    @property
    def section_verdicts(self) -> Codes:
        """Verdict codes of the sections, (sections,) int8."""
        return self._record.basis.section_verdicts[self._rows]

    def failing_sections(self) -> tuple[Section, ...]:
        """Return the sections that do not comply, with what each lacks."""
        basis, rows = self._record.basis, np.arange(self._record.basis.section_verdicts.size)[self._rows]
        failing = rows[self.section_verdicts == Verdict.NOT_MET]
        return tuple(section_of(basis, row) for row in failing.tolist())

    @property
    def excluded(self) -> tuple[Excluded, ...]:
        """The schools and sections that were left out of the indicators, and why."""
        return excluded_of(self._record.basis, self._only)

    # Spread

    @property
    def mean(self) -> Floats:
        """County means, (counties, stages, indicators) float64."""
        return self._record.basis.mean[self._which()]

    @property
    def sd(self) -> Floats:
        """Standard deviations, (counties, stages, indicators) float64."""
        return self._record.basis.sd[self._which()]

    @property
    def cv(self) -> Floats:
        """Coefficients of variation, (counties, stages, indicators) float64."""
        return self._record.basis.cv[self._which()]

    @property
    def composite(self) -> Floats:
        """The plain mean of the coefficients, (counties, stages) float64; it decides only where a rule says so."""
        return composite(self.cv)

    # Elsewhere

    def rounding_flags(self) -> tuple[RoundingFlag, ...]:
        """Return every decision that rounding at the form's precision would have changed."""
        record = self._record
        return rounding_flags(record.basis, record.outcomes, self._only)

    def to_dict(self) -> dict[str, Any]:
        """Return the evaluation as plain values, with what was submitted; NaN becomes None."""
        return export.to_dict(self)

    @classmethod
    def from_json(cls, text: str, *, standard: str | PathLike[str] | Standard | None = None) -> Evaluation:
        """Return the evaluation that `to_json` wrote; see `balancedu.evaluation.rebuilding.from_json`."""
        from balancedu.evaluation.rebuilding import from_json

        return from_json(text, standard)

    def to_json(self, *, indent: int | None = None) -> str:
        """Return the evaluation as JSON text."""
        return export.to_json(self, indent=indent)

    @overload
    def to_frame(self, table: FrameTable = "sections", library: Literal["pandas"] | None = None) -> DataFrame: ...

    @overload
    def to_frame(self, table: FrameTable = "sections", *, library: Literal["polars"]) -> Any: ...

    def to_frame(self, table: FrameTable = "sections", library: Literal["pandas", "polars"] | None = None) -> Any:
        """Return sections, coefficients, items or the checks of items as a DataFrame.

        Parameters
        ----------
        table : {'sections', 'spread', 'items', 'findings'}
        library : {'pandas', 'polars'}, optional
            Left out: pandas where it is installed, otherwise polars.

        Raises
        ------
        MissingExtraError
            If the library, or neither of them, is installed.
        """
        return export.to_frame(self, table, library)

    def report(self, lang: Language = "zh") -> str:
        """Return the verdict with its reasons as text for a terminal of 80 columns."""
        from balancedu.reporting.terminal import evaluation_text

        return evaluation_text(self, lang)

    def _repr_html_(self) -> str:
        from balancedu.evaluation.showing import evaluation_html

        return evaluation_html(self)

    def __repr__(self) -> str:
        if len(self.counties) == 1:
            return f"<Evaluation of {self.counties[0]} by {self.standard.id}: {self.verdict}>"
        counts = np.bincount(self._record.verdicts, minlength=len(Verdict))
        told = ", ".join(f"{counts[one]} {one}" for one in Verdict if counts[one])
        return f"<Evaluation of {len(self.counties)} counties by {self.standard.id}: {told}>"

    # Which rows are meant

    @property
    def section_rows(self) -> Ints:
        """The rows of the record's sections that this evaluation is about, (sections,) integers."""
        return np.arange(self._record.basis.section_verdicts.size)[self._rows]

    @cached_property
    def _rows(self) -> slice | Ints:
        if self._only is None or len(self.submission.counties) == 1:
            return slice(None)
        segments, counties = self._record.basis.sections.by_county, len(self.submission.counties)
        groups = [stage * counties + self._only for stage in range(len(self.stages))]
        return np.concatenate([np.arange(segments.starts[g], segments.starts[g + 1]) for g in groups])

    def _which(self) -> slice:
        return slice(None) if self._only is None else slice(self._only, self._only + 1)

    def _one(self, asked: str, instead: str) -> int:
        if self._only is not None:
            return self._only
        if len(self.submission.counties) == 1:
            return 0
        county = self.submission.counties[0]
        raise ValueError(
            f".{asked} is for one county and {len(self.counties)} were evaluated; "
            f"use {instead} for all of them, or ev[{county!r}].{asked} for one"
        )

    def _item(self, item: str, county: int) -> Verdict:
        return Verdict(int(self._record.items[item][county]))
