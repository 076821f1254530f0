"""The result of an evaluation: columns inside, objects when a person looks at one county."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache, cached_property
from importlib.resources import files
from os import PathLike
from typing import TYPE_CHECKING, Any, Literal, cast, overload

import numpy as np
from numpy.typing import NDArray

from balancedu import html
from balancedu.calculator.dispersion import composite
from balancedu.calculator.groups import Floats, Ints
from balancedu.calculator.verdicts import Codes
from balancedu.core.fields import Language, Stage
from balancedu.core.loading import load_standard
from balancedu.core.standard import Standard
from balancedu.evaluation import export
from balancedu.evaluation.export import FORMAT, VERSION
from balancedu.evaluation.findings import Excluded, Finding, Looker, Section, excluded_of, section_of
from balancedu.evaluation.relieved import Relieved, relieved, strictly_said
from balancedu.evaluation.results import Record
from balancedu.evaluation.rounding import RoundingFlag, rounding_flags
from balancedu.evaluation.verdict import Verdict
from balancedu.submission.submission import Submission, submission_from_dict

if TYPE_CHECKING:
    from balancedu.explaining.drivers import Drivers, Split
    from balancedu.explaining.explanation import Addend, Explanation
    from balancedu.explaining.gaps import Gaps
    from balancedu.submission.checks import DataWarning

if TYPE_CHECKING:
    from pandas import DataFrame
else:
    DataFrame = Any  # so that type hints can be read where pandas is not installed


class Why:
    """What an `Evaluation` answers when it is asked why; the answers are made where they are asked for."""

    __slots__ = ()

    @cached_property
    def strict(self) -> Evaluation | None:
        """The evaluation of the same submission without any relief; None where the standard grants none."""
        evaluation = cast("Evaluation", self)
        strictly = evaluation.record.strict
        if strictly is None:
            return None
        whole = type(evaluation)(strictly)
        return whole if len(evaluation.counties) == len(whole.counties) else whole[evaluation.counties[0]]

    @cached_property
    def reliefs(self) -> tuple[Relieved, ...]:
        """What relief changed, for which schools and on what ground; nothing where it decided nothing."""
        evaluation = cast("Evaluation", self)
        counties = evaluation.submission.counties
        return tuple(
            one for county in evaluation.counties for one in relieved(evaluation.record, counties.index(county))
        )

    @property
    def warnings(self) -> tuple[DataWarning, ...]:
        """What of the figures is hardly as it was meant; no verdict was changed by it.

        Examples
        --------
        >>> import balancedu as be
        >>> schools = {"school": ["001"], "type": ["小学"], "pupils_primary": [400], "classes_primary": [9]}
        >>> ev = be.evaluate(be.Submission(schools, classes={"school": ["001"], "stage": ["小学"]}))
        >>> ev.warnings[0].problem.zh
        '填报9，班级表列出的行数为1'
        """
        evaluation = cast("Evaluation", self)
        told = evaluation.submission.warnings_by_county
        return tuple(one for county in evaluation.counties for one in told.get(county, ()))

    def explain(
        self,
        entry: str,
        *,
        school: str | None = None,
        stage: Stage | None = None,
        indicator: str | None = None,
        lang: Language = "zh",
    ) -> Explanation:
        """Return why something came out as it did: formula, figures with their origin, threshold, clause, each step.

        Parameters
        ----------
        entry : str
            An indicator (with `school`), or an item: of a school (with `school`), `R-spread` of one coefficient
            (with `indicator` and `stage`), or as a whole.
        school : str, optional
            Its id.
        stage : 'primary' or 'junior', optional
            Needed where a school has both.
        indicator : str, optional
        lang : 'zh' or 'en'
            The language that `print` uses; `.said(lang)` says it in either.

        Raises
        ------
        KeyError
            If there is no such entry, school or section; the message names what there is.
        ValueError
            If the entry alone does not say what is meant.

        Examples
        --------
        >>> import balancedu as be
        >>> ev = be.evaluate(be.example("failing"))
        >>> ev.explain("R4", school="003").steps[0].sentence.zh
        '（3288.6 − 0）÷ 870 = 3.78平方米'
        """
        from balancedu.explaining.explain import explain

        return explain(cast("Evaluation", self), entry, school=school, stage=stage, indicator=indicator, lang=lang)

    def origin(
        self, entry: str, *, school: str | None = None, stage: Stage | None = None, indicator: str | None = None
    ) -> tuple[Addend, ...]:
        """Return every reported figure behind something, with the cell that it was read from.

        Parameters
        ----------
        entry : str
            An indicator, an item, or a measure.
        school, stage, indicator
            Say which one is meant, as in `explain`.

        Returns
        -------
        tuple of Addend
            Each with measure, school, value and `place`: file, sheet, cell and line. Where a school has campuses,
            the figures of each.

        Raises
        ------
        KeyError
            If there is no such entry, school or section; the message names what there is.
        ValueError
            If the entry alone does not say what is meant.

        Examples
        --------
        >>> import balancedu as be
        >>> for one in be.evaluate(be.example("failing")).origin("G12"):
        ...     print(one.measure, one.value, one.place)
        certified_teachers 2518.0 facts.yaml:39
        full_time_teachers 2519.0 facts.yaml:38
        """
        from balancedu.explaining.origin import origin

        return origin(cast("Evaluation", self), entry, school=school, stage=stage, indicator=indicator)

    def drivers(self, indicator: str, stage: Stage) -> Drivers:
        """Return which sections drive a coefficient of variation: shares of the variance, and the rest without each.

        Examples
        --------
        >>> import balancedu as be
        >>> told = be.evaluate(be.example("failing")).drivers("R6", "primary")
        >>> first = told.sections[0]
        >>> first.school, round(first.share, 2), round(first.cv_without, 3)
        ('009', 0.9, 0.115)
        """
        from balancedu.explaining.drivers import drivers

        return drivers(cast("Evaluation", self), indicator, stage)

    def split(
        self, indicator: str, stage: Stage, by: str | Mapping[str, str], index: Literal["cv2", "theil_t"] = "cv2"
    ) -> Split:
        """Return the squared coefficient, or Theil's T, split exactly within and between groups of sections.

        Parameters
        ----------
        indicator, stage
        by : str or mapping of school id to group
            A column of schools, as `area` or `organizer`; `ownership` for public and private; or own groups.
        index : {'cv2', 'theil_t'}

        Examples
        --------
        >>> import balancedu as be
        >>> told = be.evaluate(be.example("failing")).split("R6", "primary", by="ownership")
        >>> [(group.label.en, group.sections) for group in told.groups]
        [('public', 7), ('private', 1)]
        """
        from balancedu.explaining.drivers import split

        return split(cast("Evaluation", self), indicator, stage, by, index)

    def gaps(self) -> Gaps:
        """Return which missing cells keep which verdicts unknown, those that wait for the fewest first.

        Examples
        --------
        >>> import balancedu as be
        >>> for one in be.evaluate(be.example("failing")).gaps():
        ...     print(one.level, one.id, one.count)
        section 012.junior 1
        check R-spread.R7.junior 1
        item Q7 1
        part quality 1
        """
        from balancedu.explaining.gaps import gaps

        return gaps(cast("Evaluation", self))


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


MOST_SHOWN = 20
"""How many counties a notebook shows."""


def evaluation_html(evaluation: Evaluation) -> str:
    """Return the verdicts of counties and parts, and for one county its items, folded."""
    titles = [part.title.zh for part in evaluation.standard.parts.values()]
    parts = evaluation.part_verdicts.values()
    rows = [
        [county, verdict.said("zh"), *(Verdict(int(codes[n])).said("zh") for codes in parts)]
        for n, (county, verdict) in zip(range(MOST_SHOWN), evaluation.verdicts.items(), strict=False)
    ]
    shown = html.table(rows, ("县 county", "结论 verdict", *titles))
    if len(evaluation.counties) > 1:
        return html.card(repr(evaluation)[1:-1], shown, *_many_strict(evaluation))
    items = [
        [one.item.id, one.item.name.zh, one.verdict.said("zh"), one.reason("zh")] for one in evaluation.items.values()
    ]
    told = [shown, *(html.text(line) for line in strictly_said(evaluation, "zh"))]
    told.append(html.folded("各项 items", html.table(items)))
    if evaluation.warnings:
        doubts = html.text("\n".join(one.said("zh") for one in evaluation.warnings))
        told.append(html.folded(f"填报数据提示 warnings（{len(evaluation.warnings)}）", doubts))
    return html.card(repr(evaluation)[1:-1], *told)


def _many_strict(evaluation: Evaluation) -> list[str]:
    """Return what the counties come to without relief, where it decided anything."""
    if evaluation.strict is None or not evaluation.reliefs:
        return []
    strict = evaluation.strict.verdicts
    rows = [[county, strict[county].said("zh")] for county in list(evaluation.verdicts)[:MOST_SHOWN]]
    return [html.table(rows, ("县 county", "不放宽的结论 without relief"))]


def from_json(text: str, standard: str | PathLike[str] | Standard | None = None) -> Evaluation:
    """Return the evaluation that `Evaluation.to_json` wrote.

    Parameters
    ----------
    text : str
        JSON as described by `json_schema`.
    standard : id, path or Standard, optional
        By which it was judged; left out, the shipped edition, overlays and day that the JSON names.

    Returns
    -------
    Evaluation
        Complete: it explains, reports and exports as the first one did.

    Raises
    ------
    ValueError
        If the text is no evaluation of this version, or if what was submitted comes to other results than the
        JSON holds: it was changed, or judged by another standard.

    Examples
    --------
    >>> import balancedu as be
    >>> ev = be.evaluate(be.example("failing"))
    >>> again = be.Evaluation.from_json(ev.to_json())
    >>> again.verdict is ev.verdict, again.explain("G11").steps[0].inputs[0].place
    (True, 'facts.yaml:33')
    """
    from balancedu.evaluate import evaluate

    data = json.loads(text)
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise ValueError(f"this is no evaluation: it does not say format {FORMAT!r}")
    if data.get("version") != VERSION:
        raise ValueError(f"found version {data.get('version')!r} of the format, wanted {VERSION}")
    try:
        edition, on = str(data["standard"]).partition("+")[0], data["on"]
        std = load_standard(edition, data["overlays"], on) if standard is None else load_standard(standard)
        evaluation = evaluate(submission_from_dict(data["submission"], std), std)
    except (KeyError, TypeError) as error:
        raise ValueError(f"this is no whole evaluation: {error!r}; see balancedu schema") from error
    different = _different(data["counties"], evaluation.to_dict()["counties"])
    if different:
        raise ValueError(
            f"what was submitted comes to other results than this JSON holds, first at {different}; "
            f"it was changed, or judged by another standard than {std.id}"
        )
    return evaluation


def _different(found: Any, wanted: Any, path: str = "counties") -> str:
    """Return where two plain values differ first, or nothing."""
    if isinstance(found, dict) and isinstance(wanted, dict) and set(found) == set(wanted):
        return next((at for key in wanted if (at := _different(found[key], wanted[key], f"{path}.{key}"))), "")
    if isinstance(found, list) and isinstance(wanted, list) and len(found) == len(wanted):
        pairs = enumerate(zip(found, wanted, strict=True))
        return next((at for n, (one, other) in pairs if (at := _different(one, other, f"{path}[{n}]"))), "")
    return "" if found == wanted else path


@cache
def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of `Evaluation.to_json`."""
    text = files("balancedu").joinpath(f"schemas/evaluation-{VERSION}.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema
