"""The result of an evaluation: columns inside, objects when a person looks at one county."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache, cached_property
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal, overload

import numpy as np
from numpy.typing import NDArray

from balancedu import html
from balancedu.calculator.dispersion import composite
from balancedu.calculator.groups import Floats, Ints
from balancedu.calculator.verdicts import NOT_MET, Codes
from balancedu.core.fields import Language, Stage
from balancedu.core.standard import Standard
from balancedu.evaluation import export
from balancedu.evaluation.county import CountyFindings
from balancedu.evaluation.findings import Finding
from balancedu.evaluation.relieved import Relieved, relieved
from balancedu.evaluation.results import Record
from balancedu.evaluation.sections import Excluded, Section, excluded_of, section_of
from balancedu.evaluation.verdict import Verdict
from balancedu.evaluation.wording import county_named
from balancedu.submission.checks import DataWarning
from balancedu.submission.submission import Submission, submission_to_dict

if TYPE_CHECKING:
    from pandas import DataFrame
else:
    DataFrame = Any  # so that type hints can be read where pandas is not installed

FORMAT, VERSION = "balancedu-evaluation", 1
"""What the JSON calls itself; the schema of this version is `balancedu/schemas/evaluation-1.json`."""
MOST_SHOWN = 20
"""How many counties a notebook shows."""

FrameTable = Literal["sections", "spread", "items", "findings"]


class Evaluation:
    """The verdicts of one county or many, with everything that they rest on.

    `ev["210102"]` is the evaluation of one county, a view of the same columns.

    Examples
    --------
    >>> import balancedu as be
    >>> ev = be.evaluate(be.example("failing"))
    >>> ev.verdict
    <Verdict.NOT_MET: 'NOT_MET'>
    >>> print(ev.items["G5"].reason("en"))
    not met: pupils of a class: 1 of 218 classes fail: 安和县第二小学 grade 3 46 pupils (must be at most 45 pupils).
    """

    def __init__(
        self,
        record: Record,
        evaluate: Callable[[Submission, Standard], Evaluation],
        whole: Evaluation | None = None,
        county: int | None = None,
    ) -> None:
        self._record = record
        # How this was judged, so that it can be judged again by another standard.
        self._evaluate = evaluate
        self._whole = whole
        self._only = county

    def with_record(self, record: Record) -> Evaluation:
        """Return the same counties with other columns: for tools that look at what was judged differently."""
        return Evaluation(record, self._evaluate, None, self._only)

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
        return Evaluation(self._record, self._evaluate, self, self.submission.counties.index(county))

    # Verdicts

    @property
    def verdict(self) -> Verdict:
        """The verdict of the one county evaluated.

        Raises
        ------
        ValueError
            If several counties were evaluated.
        """
        return Verdict.of(self._record.verdicts[self._one("verdict", ".verdicts")])

    @property
    def verdicts(self) -> dict[str, Verdict]:
        """The verdict of each county."""
        codes = self._record.verdicts[self._which()].tolist()
        return {county: Verdict.of(code) for county, code in zip(self.counties, codes, strict=True)}

    @property
    def parts(self) -> dict[str, Verdict]:
        """The verdict of each part, one county."""
        county = self._one("parts", ".part_verdicts")
        return {part: Verdict.of(codes[county]) for part, codes in self._record.parts.items()}

    @property
    def items(self) -> dict[str, Finding]:
        """What each item came to, one county."""
        county = self._one("items", ".item_verdicts")
        return {
            item: CountyFindings(self._record.basis, county).finding(item, outcomes, self._item(item, county))
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
        failing = rows[self.section_verdicts == NOT_MET]
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

    # Relief

    @cached_property
    def strict(self) -> Evaluation | None:
        """The evaluation of the same submission without any relief; None where the standard grants none."""
        if self._whole is not None:
            whole = self._whole.strict
            return None if whole is None else whole[self.counties[0]] if len(whole.counties) > 1 else whole
        standard = self.standard.strict
        return None if standard is None else self._evaluate(self.submission, standard)

    @cached_property
    def reliefs(self) -> tuple[Relieved, ...]:
        """What relief changed, for which schools and on what ground; nothing where it decided nothing."""
        strict = self.strict
        if strict is None:
            return ()
        counties = [self.submission.counties.index(county) for county in self.counties]
        return tuple(one for county in counties for one in relieved(self._record, strict.record, county))

    # Elsewhere

    @property
    def warnings(self) -> tuple[DataWarning, ...]:
        """Figures that are probably not as they were meant; no verdict was changed by it.

        Examples
        --------
        >>> import balancedu as be
        >>> schools = {"school": ["001"], "type": ["小学"], "pupils_primary": [400], "classes_primary": [9]}
        >>> ev = be.evaluate(be.Submission(schools, classes={"school": ["001"], "stage": ["小学"]}))
        >>> ev.warnings[0].problem.zh
        '填报9，班级表列出的行数为1'
        """
        by_county = self.submission.warnings_by_county
        return tuple(warning for county in self.counties for warning in by_county.get(county, ()))

    def text(self, lang: Language = "zh") -> str:
        """Return the verdict with those of the parts and items, a line each; of many counties, one line a county.

        `balancedu.report` gives the reasons, sections and coefficients too.

        Examples
        --------
        >>> import balancedu as be
        >>> print(be.evaluate(be.example("failing")).text("en").splitlines()[1])
        Resources: not met
        """
        colon = "：" if lang == "zh" else ": "
        if len(self.counties) > 1:
            return "\n".join(f"{county}{colon}{verdict.said(lang)}" for county, verdict in self.verdicts.items())
        lines = [f"{county_named(self.submission, self.counties[0], lang)}{colon}{self.verdict.said(lang)}"]
        for part, verdict in self.parts.items():
            declared = self.standard.parts[part]
            lines.append(f"{declared.title.said(lang)}{colon}{verdict.said(lang)}")
            verdicts = ((item, self._item(item.id, self._one("items", ""))) for item in declared.items)
            lines += [f"  {item.id} {item.name.said(lang)}{colon}{one.said(lang)}" for item, one in verdicts]
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """Return the evaluation as plain values, with what was submitted; NaN becomes None."""
        return {
            "format": FORMAT,
            "version": VERSION,
            "standard": self.standard.id,
            "overlays": list(self.standard.overlays),
            "on": self.standard.day or self.standard.given_day or None,
            "indicators": list(self.indicators),
            "stages": list(self.stages),
            "counties": {county: self[county]._county_dict() for county in self.counties},
            "submission": submission_to_dict(self.submission, self.counties),
        }

    def _county_dict(self) -> dict[str, Any]:
        return {
            "verdict": self.verdict.name,
            "strict": None if self.strict is None else self.strict._verdicts_dict(),
            "reliefs": [export.relief_dict(one) for one in self.reliefs],
            "parts": {part: verdict.name for part, verdict in self.parts.items()},
            "items": {item: export.finding_dict(finding) for item, finding in self.items.items()},
            "sections": {
                "school": self.sections["school"].tolist(),
                "stage": self.sections["stage"].tolist(),
                "pupils": export.plain(self.sections["pupils"]),
                "values": export.plain(self.values),
                "standing": self.standing.tolist(),
                "verdict": [Verdict.of(code).name for code in self.section_verdicts.tolist()],
            },
            "failing_sections": [export.section_dict(section) for section in self.failing_sections()],
            "excluded": [export.excluded_dict(one) for one in self.excluded],
            "spread": {
                "mean": export.plain(self.mean[0]),
                "sd": export.plain(self.sd[0]),
                "cv": export.plain(self.cv[0]),
                "composite": export.plain(self.composite[0]),
            },
            "warnings": [warning.to_dict() for warning in self.warnings],
        }

    def _verdicts_dict(self) -> dict[str, Any]:
        return {
            "verdict": self.verdict.name,
            "parts": {part: verdict.name for part, verdict in self.parts.items()},
            "items": {item: Verdict.of(codes[0]).name for item, codes in self.item_verdicts.items()},
        }

    def to_json(self, *, indent: int | None = None) -> str:
        """Return the evaluation as JSON text, Chinese characters as they are."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=indent, allow_nan=False)

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
        makers = {
            "sections": self._sections_columns,
            "spread": self._spread_columns,
            "items": self._items_columns,
            "findings": self._findings_columns,
        }
        if table not in makers:
            raise ValueError(f"table must be one of {', '.join(makers)}, found {table!r}")
        return export.data_frame(makers[table], library)

    def _sections_columns(self) -> dict[str, Any]:
        codes = self.section_verdicts.tolist()
        columns = dict(self.sections) | {"verdict": [Verdict.of(code).name for code in codes]}
        for n, indicator in enumerate(self.indicators):
            columns[indicator] = self.values[:, n]
            columns[f"{indicator}_standing"] = self.standing[:, n]
        return columns

    def _spread_columns(self) -> dict[str, Any]:
        county, stage, indicator = (axis.ravel() for axis in np.indices(self.cv.shape))
        return {
            "county": np.array(self.counties)[county],
            "stage": np.array(self.stages)[stage],
            "indicator": np.array(self.indicators)[indicator],
            "mean": self.mean.ravel(),
            "sd": self.sd.ravel(),
            "cv": self.cv.ravel(),
        }

    def _items_columns(self) -> dict[str, Any]:
        names = ("county", "part", "item", "verdict", "observed", "required", "margin", "reason")
        rows = (
            (county, part, one.item.id, one.verdict.name, one.observed, one.required, one.margin, one.reason())
            for county, part, one in self._findings()
        )
        return export.columns(names, rows)

    def _findings_columns(self) -> dict[str, Any]:
        names = ("county", "part", "item", "check", "verdict", "relation", "observed", "required", "margin")
        rows = (
            (county, part, one.item.id, *export.check_row(check))
            for county, part, one in self._findings()
            for check in one.checks
        )
        return export.columns((*names, "cases", "not_met"), rows)

    def _findings(self) -> Iterator[tuple[str, str, Finding]]:
        """Yield every finding with its county and part."""
        for county in self.counties:
            findings = self[county].items
            for part, declared in self.standard.parts.items():
                yield from ((county, part, findings[item.id]) for item in declared.items)

    def _repr_html_(self) -> str:
        titles = [part.title.zh for part in self.standard.parts.values()]
        codes = self.part_verdicts.values()
        rows = [
            [county, verdict.said("zh"), *(Verdict.of(part[n]).said("zh") for part in codes)]
            for n, (county, verdict) in zip(range(MOST_SHOWN), self.verdicts.items(), strict=False)
        ]
        verdicts = html.table(rows, ("县 county", "结论 verdict", *titles))
        if len(self.counties) > 1:
            return html.card(repr(self)[1:-1], verdicts)
        items = [
            [one.item.id, one.item.name.zh, one.verdict.said("zh"), one.reason("zh")] for one in self.items.values()
        ]
        return html.card(repr(self)[1:-1], verdicts, html.folded("各项 items", html.table(items)))

    def __repr__(self) -> str:
        if len(self.counties) == 1:
            return f"<Evaluation of {self.counties[0]} by {self.standard.id}: {self.verdict}>"
        counts = np.bincount(self._record.verdicts, minlength=len(Verdict))
        told = ", ".join(f"{counts[one.code]} {one}" for one in Verdict if counts[one.code])
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
        county = next(iter(self.submission.counties), "")
        raise ValueError(
            f".{asked} is for one county and {len(self.counties)} were evaluated; "
            f"use {instead} for all of them, or ev[{county!r}].{asked} for one"
        )

    def _item(self, item: str, county: int) -> Verdict:
        return Verdict.of(self._record.items[item][county])


@cache
def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of `Evaluation.to_json`."""
    text = files("balancedu").joinpath(f"schemas/evaluation-{VERSION}.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema
