"""The result of an evaluation: columns inside, objects for a single county."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, Literal, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

from balancedu.calculator.dispersion import composite
from balancedu.calculator.groups import Floats, Ints
from balancedu.calculator.verdicts import NOT_MET, Codes
from balancedu.core.fields import Language, Stage
from balancedu.core.standard import Standard
from balancedu.errors import RequestError, UnknownNameError, near
from balancedu.evaluation import export
from balancedu.evaluation.county import findings_of
from balancedu.evaluation.findings import Excluded, Finding, Section, excluded_of, section_of
from balancedu.evaluation.results import Record, Verdict, part_of
from balancedu.evaluation.wording import county_named
from balancedu.html import html_card, html_folded, html_table
from balancedu.options import options
from balancedu.submission.checks import DataWarning
from balancedu.submission.submission import Submission
from balancedu.text import Phrase, sentence

if TYPE_CHECKING:
    from pandas import DataFrame
else:
    DataFrame = Any  # so that type hints can be read where pandas is not installed
from typing import NamedTuple

FORMAT, VERSION = "balancedu-evaluation", 2
"""What the JSON calls itself; the schema of this version is `balancedu/schemas/evaluation-2.json`."""
MOST_SHOWN = 20
"""How many counties a notebook shows."""
MOST_KEPT = 8
"""How many single counties of an evaluation of many are cached."""

FrameTable = Literal["counties", "sections", "spread", "items", "findings"]
_Value = TypeVar("_Value")


class Named(dict[str, _Value]):
    """A dict of parts or items, whose error for an unknown name suggests the nearest."""

    def __init__(self, kind: Phrase, values: Mapping[str, _Value]) -> None:
        super().__init__(values)
        self._what = kind

    def __missing__(self, name: str) -> _Value:
        raise UnknownNameError(
            Phrase(f"没有{self._what.zh}“{name}”", f"no {self._what.en} {name!r}") + near(name, self)
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return Named, (self._what, dict(self))


class Evaluation:
    """The verdicts of one county or many, with everything that they rest on.

    An evaluation is a mapping of counties: `ev["210102"]` is the evaluation of one county, as if it had been
    evaluated alone. Evaluations are equal if the same was submitted and judged by the same standard, and are pickled
    as these two.

    Examples
    --------
    >>> import balancedu as be
    >>> ev = be.evaluate(be.example("failing"))
    >>> ev.verdict
    <Verdict.NOT_MET: 'NOT_MET'>
    >>> len(ev), list(ev), "990202" in ev
    (1, ['990202'], True)
    >>> print(ev.items["G5"].reason("en"))
    not met: pupils of a class: 1 of 218 classes fails: 安和县第二小学 grade 3 46 pupils (must be at most 45 pupils).
    """

    def __init__(
        self, record: Record, evaluate: Callable[[Submission, Standard], Evaluation], county: int | None = None
    ) -> None:
        # A single county of many is a part of their record, which is cut out once it is requested.
        self._whole, self._county = record, county
        # How this was judged, so that all can be judged without relief.
        self._evaluate = evaluate
        self._single: dict[str, Evaluation] = {}

    def __reduce__(self) -> tuple[Any, ...]:
        return self._evaluate, (self.submission, self.standard)

    # Who was evaluated

    @property
    def standard(self) -> Standard:
        """The standard that was applied."""
        return self._whole.basis.standard

    @property
    def submission(self) -> Submission:
        """What was submitted; `record.basis.submission` is the same with campuses added up."""
        return self.record.basis.submission.submitted

    @cached_property
    def record(self) -> Record:
        """Everything that was judged, in columns over all counties: for tools that need more than this class."""
        return self._whole if self._county is None else part_of(self._whole, self._county)

    @property
    def counties(self) -> tuple[str, ...]:
        """The ids of the counties, in ascending order."""
        counties = self._whole.basis.submission.counties
        return counties if self._county is None else (counties[self._county],)

    def __len__(self) -> int:
        return len(self.counties)

    def __iter__(self) -> Iterator[str]:
        return iter(self.counties)

    def __contains__(self, county: object) -> bool:
        positions = self._whole.basis.submission.positions
        return isinstance(county, str) and county in positions and self._county in (None, positions[county])

    def keys(self) -> tuple[str, ...]:
        """Return the ids of the counties."""
        return self.counties

    def _ipython_key_completions_(self) -> list[str]:
        return list(self.counties)

    def __getitem__(self, county: str) -> Evaluation:
        if county not in self:
            raise UnknownNameError(
                Phrase(
                    f"评估的{len(self)}个县中没有“{county}”", f"no county {county!r} among the {len(self)} evaluated"
                )
                + near(str(county), self.counties)
            )
        if len(self) == 1:
            return self
        if county not in self._single:
            if len(self._single) >= MOST_KEPT:
                self._single.pop(next(iter(self._single)))
            position = self._whole.basis.submission.positions[county]
            self._single[county] = Evaluation(self._whole, self._evaluate, position)
        return self._single[county]

    @cached_property
    def fingerprint(self) -> str:
        """What was submitted and the standard, as a text that is the same for equal evaluations."""
        return f"{self.submission.fingerprint}-{self.standard.fingerprint}"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Evaluation):
            return NotImplemented
        return self is other or self.fingerprint == other.fingerprint

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    # Verdicts

    @property
    def verdict(self) -> Verdict:
        """The verdict of the single county evaluated.

        Raises
        ------
        ValueError
            If several counties were evaluated.
        """
        self._must_be_one("verdict", ".verdicts")
        return Verdict.of(self.record.verdicts[0])

    @property
    def verdicts(self) -> dict[str, Verdict]:
        """The verdict of each county."""
        codes = zip(self.counties, self.record.verdicts.tolist(), strict=True)
        return Named(Phrase("县", "county"), {county: Verdict.of(code) for county, code in codes})

    @property
    def parts(self) -> dict[str, Verdict]:
        """The verdict of each part, one county."""
        self._must_be_one("parts", ".part_verdicts")
        verdicts = {part: Verdict.of(codes[0]) for part, codes in self.record.parts.items()}
        return Named(Phrase("部分", "part"), verdicts)

    @cached_property
    def items(self) -> dict[str, Finding]:
        """The finding of each item, one county."""
        self._must_be_one("items", ".item_verdicts")
        return Named(Phrase("项目", "item"), findings_of(self.record, 0))

    @property
    def part_verdicts(self) -> dict[str, Codes]:
        """Verdict codes of each part, (counties,) int8."""
        return Named(Phrase("部分", "part"), {part: _fixed(codes) for part, codes in self.record.parts.items()})

    @property
    def item_verdicts(self) -> dict[str, Codes]:
        """Verdict codes of each item, (counties,) int8."""
        return Named(Phrase("项目", "item"), {item: _fixed(codes) for item, codes in self.record.items.items()})

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
        """The judged sections as columns county, school, stage, pupils; the arrays are read-only.

        Stage by stage, within a stage in ascending order of county and school id.
        """
        sections, schools = self.record.basis.sections, self.record.basis.submission.schools
        columns = {
            "county": np.array(self.counties)[sections.county] if len(self) else np.empty(0, "U1"),
            "school": schools.columns["school"][sections.school] if sections.school.size else np.empty(0, "U1"),
            "stage": np.array(self.stages)[sections.stage],
            "pupils": sections.pupils,
        }
        return Named(Phrase("列", "column"), {name: _fixed(values) for name, values in columns.items()})

    @property
    def section_rows(self) -> Ints:
        """The rows of the record's sections, (sections,) integers."""
        return np.arange(self.record.basis.section_verdicts.size)

    @property
    def values(self) -> Floats:
        """Values of the indicators, (sections, indicators) float64; NaN if not reported."""
        return _fixed(self.record.basis.values.T)

    @property
    def standing(self) -> Codes:
        """Standings, (sections, indicators) int8: 2 standard, 1 floor, 0 below the floor, -1 unknown."""
        return _fixed(self.record.basis.standing.T)

    @property
    def section_verdicts(self) -> Codes:
        """Verdict codes of the sections, (sections,) int8."""
        return _fixed(self.record.basis.section_verdicts)

    def failing_sections(self) -> tuple[Section, ...]:
        """Return the sections that do not comply, with what each lacks."""
        basis = self.record.basis
        return tuple(section_of(basis, row) for row in np.flatnonzero(basis.section_verdicts == NOT_MET).tolist())

    @property
    def excluded(self) -> tuple[Excluded, ...]:
        """The schools and sections that were left out of the indicators, and why."""
        return excluded_of(self.record.basis)

    # Spread

    @property
    def mean(self) -> Floats:
        """County means, (counties, stages, indicators) float64."""
        return _fixed(self.record.basis.mean)

    @property
    def sd(self) -> Floats:
        """Standard deviations, (counties, stages, indicators) float64."""
        return _fixed(self.record.basis.sd)

    @property
    def cv(self) -> Floats:
        """Coefficients of variation, (counties, stages, indicators) float64."""
        return _fixed(self.record.basis.cv)

    @property
    def composite(self) -> Floats:
        """The plain mean of the coefficients, (counties, stages) float64; it decides only if a rule requires it."""
        return _fixed(composite(self.cv))

    # Relief

    @cached_property
    def strict(self) -> Evaluation | None:
        """The evaluation of the same submission without any relief; None if the standard grants none.

        `balancedu.compare(ev.strict, ev)` lists everything that relief changed.
        """
        strict = self.standard.strict
        return None if strict is None else self._evaluate(self.submission, strict)

    @property
    def changed_by_relief(self) -> dict[str, Finding]:
        """The items whose verdict differs without relief, with that finding; one county."""
        strict = self.strict
        if strict is None:
            return {}
        items = self.items
        return {
            item: finding
            for item, finding in strict.items.items()
            if item in items and finding.decided != items[item].decided
        }

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
        return self.submission.warnings

    def text(self, lang: Language | None = None) -> str:
        """Return the verdict with those of the parts and items, a line each; of many counties, one line a county.

        It is in `be.options.lang` where no language is given.
        `balancedu.report` gives the reasons, sections and coefficients too.

        Examples
        --------
        >>> import balancedu as be
        >>> print(be.evaluate(be.example("failing")).text("en").splitlines()[1])
        Eligibility: met
        """
        lang = lang or options.lang
        colon = "：" if lang == "zh" else ": "
        if len(self.counties) > 1:
            return "\n".join(f"{county}{colon}{verdict.text(lang)}" for county, verdict in self.verdicts.items())
        lines = [f"{county_named(self.submission, self.counties[0], lang)}{colon}{self.verdict.text(lang)}"]
        for part, verdict in self.parts.items():
            declared = self.standard.parts[part]
            lines.append(f"{declared.title.text(lang)}{colon}{verdict.text(lang)}")
            verdicts = ((item, Verdict.of(self.record.items[item.id][0])) for item in declared.items)
            lines += [f"  {item.id} {item.name.text(lang)}{colon}{verdict.text(lang)}" for item, verdict in verdicts]
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """Return the evaluation as plain values, with what was submitted; NaN becomes None.

        The way back from `d = ev.to_dict()`, or from its JSON, is
        `evaluate(Submission(**d["submission"], standard=load_standard(**d["standard"])))`.

        Examples
        --------
        >>> import balancedu as be
        >>> ev = be.evaluate(be.example("failing"))
        >>> d = ev.to_dict()
        >>> be.evaluate(be.Submission(**d["submission"], standard=be.load_standard(**d["standard"]))) == ev
        True
        """
        return {
            "format": FORMAT,
            "version": VERSION,
            "standard": {
                "standard": self.standard.id.partition("+")[0],
                "overlays": list(self.standard.overlays),
                "on": self.standard.given_day or self.standard.day or None,
            },
            "indicators": list(self.indicators),
            "stages": list(self.stages),
            "counties": {
                county: self[county]._county_dict(self.submission.warnings_by_county.get(county, ()))
                for county in self.counties
            },
            "submission": export.submission_dict(self.submission),
        }

    def _county_dict(self, warnings: Iterable[DataWarning]) -> dict[str, Any]:
        return self._verdicts_dict() | {
            "strict": None if self.strict is None else self.strict._verdicts_dict(),
            "items": {item: export.finding_dict(finding) for item, finding in self.items.items()},
            "sections": {
                "school": self.sections["school"].tolist(),
                "stage": self.sections["stage"].tolist(),
                "pupils": export.nested(self.sections["pupils"]),
                "values": export.nested(self.values),
                "standing": self.standing.tolist(),
                "verdict": [Verdict.of(code).value for code in self.section_verdicts.tolist()],
            },
            "failing_sections": [export.section_dict(section) for section in self.failing_sections()],
            "excluded": [export.excluded_dict(excluded) for excluded in self.excluded],
            "spread": {name: export.nested(getattr(self, name)[0]) for name in ("mean", "sd", "cv", "composite")},
            "warnings": [warning.to_dict() for warning in warnings],
        }

    def _verdicts_dict(self) -> dict[str, Any]:
        return {
            "verdict": self.verdict.value,
            "parts": {part: verdict.value for part, verdict in self.parts.items()},
            "items": {item: Verdict.of(codes[0]).value for item, codes in self.record.items.items()},
        }

    def to_json(self, *, indent: int | None = None) -> str:
        """Return the evaluation as JSON text, Chinese characters as they are."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=indent, allow_nan=False)

    @overload
    def to_frame(self, table: FrameTable = "sections", library: Literal["pandas"] | None = None) -> DataFrame: ...

    @overload
    def to_frame(self, table: FrameTable = "sections", *, library: Literal["polars"]) -> Any: ...

    def to_frame(self, table: FrameTable = "sections", library: Literal["pandas", "polars"] | None = None) -> Any:
        """Return counties, sections, coefficients, items or the checks of items as a DataFrame; verdicts are words.

        Parameters
        ----------
        table : {'counties', 'sections', 'spread', 'items', 'findings'}
            `counties` has a row a county: its verdict, and that of each part and item.
        library : {'pandas', 'polars'}, optional
            Left out: pandas where it is installed, otherwise polars.

        Raises
        ------
        MissingExtraError
            If the library, or neither of them, is installed.
        """
        makers = self._makers
        if table not in makers:
            problem = Phrase(f"没有表“{table}”，应为 {'、'.join(makers)}", f"table must be one of {', '.join(makers)}")
            raise RequestError(problem + Phrase("", f", found {table!r}"))
        return export.data_frame(makers[table], library)

    @property
    def tables(self) -> dict[str, dict[str, NDArray[Any]]]:
        """The columns of every table that `to_frame` gives, by the name of the table."""
        return {
            table: {name: _fixed(np.asarray(values)) for name, values in make().items()}
            for table, make in self._makers.items()
        }

    @property
    def _makers(self) -> dict[str, Callable[[], dict[str, Any]]]:
        return {
            "counties": self.verdict_columns,
            "sections": self._sections_columns,
            "spread": self._spread_columns,
            "items": self._items_columns,
            "findings": self._findings_columns,
        }

    def verdict_columns(self) -> dict[str, list[str]]:
        """Return the verdicts of all counties as columns of words: the county, its verdict, each part, each item.

        Examples
        --------
        >>> import balancedu as be
        >>> columns = be.evaluate(be.example("passing")).verdict_columns()
        >>> columns["verdict"], columns["G5"]
        (['MET'], ['MET'])
        """
        codes = {"verdict": self.record.verdicts, **self.record.parts, **self.record.items}
        words = {name: [Verdict.of(code).value for code in column.tolist()] for name, column in codes.items()}
        return {"county": list(self.counties), **words}

    def _sections_columns(self) -> dict[str, Any]:
        codes = self.section_verdicts.tolist()
        columns = dict(self.sections) | {"verdict": [Verdict.of(code).value for code in codes]}
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
        rows = []
        for county, part, finding in self._findings():
            figures = (finding.observed, finding.required, finding.margin)
            rows.append((county, part, finding.item.id, finding.verdict.value, *figures, finding.reason()))
        return export.columns(names, rows)

    def _findings_columns(self) -> dict[str, Any]:
        names = ("county", "part", "item", "check", "verdict", "relation", "observed", "required", "margin")
        rows = (
            (county, part, finding.item.id, *export.check_row(check))
            for county, part, finding in self._findings()
            for check in finding.checks
        )
        return export.columns((*names, "cases", "not_met"), rows)

    def _findings(self) -> Iterator[tuple[str, str, Finding]]:
        """Yield every finding with its county and part."""
        for position, county in enumerate(self.counties):
            findings = self.items if len(self) == 1 else findings_of(self.record, position)
            for part, declared in self.standard.parts.items():
                yield from ((county, part, findings[item.id]) for item in declared.items)

    def _repr_html_(self) -> str:
        titles = [part.title.zh for part in self.standard.parts.values()]
        codes = self.part_verdicts.values()
        rows = [
            [county, verdict.text("zh"), *(Verdict.of(part[n]).text("zh") for part in codes)]
            for n, (county, verdict) in zip(range(MOST_SHOWN), self.verdicts.items(), strict=False)
        ]
        verdicts = html_table(rows, ("县 county", "结论 verdict", *titles))
        if len(self.counties) > 1:
            return html_card(repr(self)[1:-1], verdicts)
        items = [
            [item.item.id, item.item.name.zh, item.verdict.text("zh"), item.reason("zh")]
            for item in self.items.values()
        ]
        return html_card(repr(self)[1:-1], verdicts, html_folded("各项 items", html_table(items)))

    def __repr__(self) -> str:
        if len(self) == 1:
            return f"<Evaluation of {self.counties[0]} by {self.standard.id}: {self.verdict}>"
        counts = np.bincount(self.record.verdicts, minlength=len(Verdict))
        words = ", ".join(f"{counts[verdict.code]} {verdict}" for verdict in Verdict if counts[verdict.code])
        return f"<Evaluation of {len(self)} counties by {self.standard.id}: {words or 'no county'}>"

    def _must_be_one(self, attribute: str, instead: str) -> None:
        """Refuse what only a single county has."""
        if len(self) != 1:
            count, county = len(self), self.counties[0] if len(self) else "…"
            zh, en = (
                f".{attribute} 只属于一个县，评估了{count}个县",
                f".{attribute} is for one county and {count} were evaluated",
            )
            hint = Phrase(
                f"请用 {instead} 得到全部，或用 ev[{county!r}].{attribute} 得到一个",
                f"use {instead} for all of them, or ev[{county!r}].{attribute} for one",
            )
            raise RequestError(sentence(Phrase(zh, en), hint))


def _fixed(values: NDArray[Any]) -> NDArray[Any]:
    """Return an array that cannot be written to."""
    view = values.view()
    view.flags.writeable = False
    return view


@cache
def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of `Evaluation.to_json`."""
    from importlib.resources import files

    text = files("balancedu").joinpath(f"schemas/evaluation-{VERSION}.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


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
        """Return its subject in words.

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
