"""What counties report, checked on the way in."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from copy import copy
from functools import cached_property
from os import PathLike
from types import MappingProxyType
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from balancedu.calculator.groups import Segments
from balancedu.core.loading import DEFAULT_STANDARD, load_standard
from balancedu.core.model import Measure
from balancedu.core.standard import RATIO_TITLES, SECTIONS, SPREAD, Standard, narrative_keys
from balancedu.errors import DataErrors, RequestError, UnknownNameError, near
from balancedu.html import html_card, html_table
from balancedu.submission.arrange import (
    DETAILS,
    Extra,
    FactEvidence,
    Facts,
    arranged,
    evidence_of,
    type_columns,
    typed_facts,
    without_nameless,
)
from balancedu.submission.checks import Checked, DataWarning, check, computed_facts, warnings_of
from balancedu.submission.columns import day_texts
from balancedu.submission.problems import Note, Problems, is_about_a_figure, shown, titles_in
from balancedu.submission.schools import PARENT, Campuses, judged_tables
from balancedu.submission.tables import Column, RawTable, RowPlaces, Table, TableLike, is_rows, raw_columns
from balancedu.text import Phrase

COUNTY_NAME = "county_name"
"""The fact that is the name of a county."""
_COMPUTED = (
    "_segments",
    "_evidence_by_county",
    "lists_schools",
    "positions",
    "warnings",
    "warnings_by_county",
    "campuses",
    "judged",
    "fingerprint",
)
Evidence = Mapping[tuple[str, str], str] | Sequence[Mapping[str, str]]
Narrative = Mapping[str, str] | Mapping[str, Mapping[str, str]]


class Submission:
    """What one county or many report: schools, classes, rooms, monitoring and facts.

    Parameters
    ----------
    schools : table, optional
        One row for each school or campus. A table is a dict of columns (lists or arrays), a list of dicts (one for each
        row), a DataFrame (pandas, polars), an Arrow table, any object with the Arrow stream interface (duckdb, ibis),
        or a NumPy structured array. NaN, None and empty text are missing values. A table without rows is a table.
    classes, rooms, monitoring : table, optional
        One row for each class, room, and subject monitored.
    facts : mapping or table, optional
        Facts of the only county, or a mapping of county to such facts, or a table with a column `county`.
        A fact may carry evidence: `{"value": True, "evidence": "…"}`.
    sections : table, optional
        One row for each school and stage whose figures are known per pupil: county, school, name, stage, pupils, and
        a column for each indicator, called by its id. Schools may be here alone. Where the counts of the schools table
        give a value too, they decide, and `evaluate` refuses figures that differ by more than the rounding of the form.
    spread : table, optional
        One row for each county, stage and indicator whose mean and coefficient of variation are known: county, stage,
        indicator, mean, cv. They decide where the sections are not known, and must agree with them where they are.
    standard : id, path or Standard
        Whose measures the columns are checked against.
    extra : {'error', 'ignore'}
        What to do with columns and facts that the standard does not have.
    evidence : mapping of (county, fact) to text, or list of dicts, optional
        What documents the facts; a dict has the keys `county`, `fact` and `text`.
    narrative : mapping of key to text, or of county to such mappings, optional
        What a county writes in words for its papers, as `overview` or `G5.measure`; see `core.standard.narrative_keys`.
    origins : mapping of table to Origin, optional
        Where the tables were read, for messages.

    Attributes
    ----------
    counties : tuple of str
        The ids of the counties, in ascending order.
    tables : mapping of name to Table
        Typed columns in the order of county and school, read-only; a table that was left out has no row.
    evidence : mapping of (county, fact) to text
    texts : mapping of (county, key) to text
        What counties write in words; `narrative` gives those of one county.
    submitted : Submission
        Itself; of one as it is judged, what was submitted.
    notes : tuple of Note
        What reading the files decided or passed over; empty for tables in memory.

    Raises
    ------
    DataErrors
        With every problem of every table; see `balancedu check`.
    RequestError
        If no table is given, or something that is not a table.

    Notes
    -----
    Numbers are read at 15 significant digits, a float32 as its shortest decimal, texts with all their digits.
    Submissions are equal if they report the same by the same standard; where it was read makes no difference.

    Examples
    --------
    >>> sub = Submission(
    ...     schools=[{"school": "001", "type": "primary_school", "pupils_primary": 400}],
    ...     facts={"layout_rational": True},
    ... )
    >>> sub
    <Submission: 1 county; schools 1, facts 1>
    >>> Submission(facts={"layout_rational": True})
    <Submission: 1 county; facts 1>
    """

    refused: frozenset[str] = frozenset()
    """The tables some of whose rows could not be read; there are none but in what `read_partly` returns."""

    def __init__(
        self,
        schools: TableLike | None = None,
        classes: TableLike | None = None,
        rooms: TableLike | None = None,
        monitoring: TableLike | None = None,
        facts: Facts | None = None,
        *,
        sections: TableLike | None = None,
        spread: TableLike | None = None,
        standard: str | PathLike[str] | Standard = DEFAULT_STANDARD,
        extra: Extra = "error",
        evidence: Evidence | None = None,
        narrative: Narrative | None = None,
        origins: Mapping[str, RowPlaces] = MappingProxyType({}),
    ) -> None:
        std = load_standard(standard)
        submitted = {"schools": schools, "classes": classes, "rooms": rooms, "monitoring": monitoring}
        submitted |= {SECTIONS: sections, SPREAD: spread}
        if facts is None and all(table is None for table in submitted.values()):
            raise RequestError(
                Phrase("没有给出任何表，至少要有一张", "no table was given; give at least one, as schools=…")
            )
        if not isinstance(extra, str) or extra not in get_args(Extra):
            raise RequestError(
                Phrase(f"extra 应为 error 或 ignore，现为{extra!r}", f"extra must be error or ignore, found {extra!r}")
            )
        if not isinstance(origins, Mapping):
            raise RequestError(
                Phrase("origins 应为由表名到 Origin 的字典", "origins must be a mapping of table to Origin")
            )
        problems = Problems(std)
        raws = {"schools": RawTable("schools", {}, 0, RowPlaces(), {})}
        for name, table in submitted.items():
            if table is not None:
                measures, origin = std.table_measures(name), origins.get(name, RowPlaces())
                raws[name] = type_columns(name, raw_columns(table), measures, origin, problems, extra=extra)
        known, origin = std.table_measures("facts"), origins.get("facts", RowPlaces())
        raws["facts"], documents = typed_facts({} if facts is None else facts, known, origin, problems, extra=extra)
        self._arrange(std, raws, documents, problems)
        if evidence is not None:
            self.evidence |= self._checked(evidence)
        if narrative is not None:
            self.texts |= self._checked_narrative(narrative)

    def _checked(self, evidence: Evidence) -> dict[tuple[str, str], str]:
        """Return what documents facts, by county and fact."""
        names = ("county", "fact", "text")
        entries: list[tuple[object, ...]] = [()]
        if isinstance(evidence, Mapping):
            entries = [(*key, text) if isinstance(key, tuple) else () for key, text in evidence.items()]
        elif is_rows(evidence):
            entries = [tuple(map(row.get, names)) if set(row) == set(names) else () for row in evidence]
        if any(len(entry) != len(names) for entry in entries):
            raise RequestError(
                Phrase(
                    "evidence 应为由 (县, 填报项) 到文本的字典，或由含 county、fact、text 的字典组成的列表",
                    "evidence must be a mapping of (county, fact) to text, or a list of dicts with the keys "
                    "county, fact and text",
                )
            )
        result: dict[tuple[str, str], str] = {}
        for county, fact, text in (map(str, entry) for entry in entries):
            self._position(county)
            self._known_fact(fact)
            result[county, fact] = text
        return result

    def _checked_narrative(self, narrative: Narrative) -> dict[tuple[str, str], str]:
        """Return what counties write in words, by county and key."""
        given = narrative if isinstance(narrative, Mapping) else {}
        by_county = {county: texts for county, texts in given.items() if isinstance(texts, Mapping)}
        if given is not narrative or len(by_county) != len(given):
            if given is not narrative or by_county or len(self.counties) != 1:
                raise RequestError(
                    Phrase(
                        "“narrative”应为由键到文本的字典；有几个县的，应为由县到这种字典的字典",
                        "narrative must be a mapping of key to text; with several counties, of county to such mappings",
                    )
                )
            by_county = {self.counties[0]: narrative}  # type: ignore[dict-item]
        known = narrative_keys(self.standard)
        result: dict[tuple[str, str], str] = {}
        for county, texts in by_county.items():
            self._position(county)
            for key, text in texts.items():
                _known(key, known, Phrase("文字材料的键", "key of the narrative"))
                result[county, key] = str(text)
        return result

    @classmethod
    def of_raw(
        cls,
        standard: Standard,
        raws: Mapping[str, RawTable],
        evidence: FactEvidence,
        problems: Problems,
        notes: tuple[Note, ...],
        *,
        partly: bool = False,
    ) -> Submission:
        """Return the submission of tables that were typed as they were read.

        Parameters
        ----------
        standard : Standard
        raws : mapping of table to RawTable
            Tables that were not found are left out.
        evidence : mapping of (row of the facts, fact) to text
        problems : Problems
            What was wrong with the files.
        notes : tuple of Note
        partly : bool
            Whether figures that cannot be read are taken as missing, and schools without an id or with a parent that
            cannot be theirs are left out.

        Raises
        ------
        DataErrors
            With every problem of the files and of every table.
        """
        result = cls.__new__(cls)
        given = {name: RawTable(name, {}, 0, RowPlaces(), {}) for name in ("schools", "facts")} | dict(raws)
        if not any(raw.size for raw in given.values()) and all(raw.origin.whole for raw in given.values()):
            hint = Phrase("请列出全县每一所学校", "list every school of the county")
            title = given["schools"].origin.title
            problems.note("schools", title, "", Phrase("一行数据也没有", "there is no row"), hint)
        tables = {name: given[name] for name in (*standard.tables, *RATIO_TITLES) if name in given}
        result._arrange(standard, tables, evidence, problems, partly=partly)
        result.notes = notes
        return result

    def _arrange(
        self,
        standard: Standard,
        raws: Mapping[str, RawTable],
        evidence: FactEvidence,
        problems: Problems,
        *,
        partly: bool = False,
    ) -> None:
        """Arrange the tables, check what must hold between them, and refuse them with all their problems."""
        self.standard = standard
        self.notes: tuple[Note, ...] = ()
        self.counties: tuple[str, ...]
        self.tables: dict[str, Table]
        self.counties, self.tables = arranged(raws, problems)
        check(Checked(standard, self.counties, self.tables), raws, problems)
        if problems.found and not partly:
            raise DataErrors(problems.found)
        if problems.found:
            refused = {error.table for error in problems.found if not is_about_a_figure(error, standard)}
            self.refused = frozenset(refused | set(DETAILS) if "schools" in refused else refused)
            self.counties, self.tables = arranged(without_nameless(raws), Problems(standard))
        self.evidence: dict[tuple[str, str], str] = evidence_of(evidence, self.facts, self.counties)
        self.texts: dict[tuple[str, str], str] = {}
        self.submitted: Submission = self

    @classmethod
    def of_tables(cls, standard: Standard, counties: tuple[str, ...], tables: Mapping[str, Table]) -> Submission:
        """Return a submission of tables that are typed, in order and checked already; nothing is checked again."""
        result = cls.__new__(cls)
        result.standard, result.counties, result.tables = standard, counties, dict(tables)
        result.evidence, result.texts = {}, {}
        result.notes, result.submitted = (), result
        return result

    @cached_property
    def fingerprint(self) -> str:
        """A digest of the standard, the counties, every value reported and its evidence; equal for equal content.

        Where the values were read, the order of rows as submitted, and columns without a value make no difference.

        Examples
        --------
        >>> schools = {"school": ["001", "002"], "type": ["小学", "小学"], "pupils_primary": [400, 60]}
        >>> turned = {name: values[::-1] for name, values in schools.items()}
        >>> Submission(schools).fingerprint == Submission(turned | {"name": [None, None]}).fingerprint
        True
        """
        import hashlib  # loads a cryptographic library, and judging needs no fingerprint

        digest = hashlib.sha256(repr((self.standard.fingerprint, self.counties)).encode())
        for name in sorted(self.tables):
            table = self.tables[name].reported()
            digest.update(repr((name, len(table))).encode() if len(table) else b"")
            digest.update(table.county.astype(np.int64).tobytes())
            digest.update(table.school.astype(np.int64).tobytes())
            for column in sorted(set(table.columns) - {"county"}):
                if content := _content(table.columns[column]):
                    digest.update(column.encode() + content)
        digest.update(repr(sorted(self.evidence.items())).encode())
        digest.update(repr(sorted(self.texts.items())).encode() if self.texts else b"")
        return digest.hexdigest()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Submission):
            return NotImplemented
        return self is other or self.fingerprint == other.fingerprint

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    @cached_property
    def campuses(self) -> Campuses | None:
        """Which schools are campuses that count with another school; None if there are none."""
        return Campuses.of(self.schools) if (self.schools.texts(PARENT) != "").any() else None

    @cached_property
    def judged(self) -> Submission:
        """The submission as it is judged: campuses are added to their schools, and facts follow from others.

        Examples
        --------
        >>> sub = Submission({
        ...     "school": ["001", "001b"], "type": ["小学", "小学"], "parent": ["", "001"], "pupils_primary": [400, 60],
        ... })
        >>> sub.judged.columns("schools")["pupils_primary"]
        array([460.])
        >>> sub.judged.submitted is sub
        True
        """
        facts = computed_facts(self.facts, self.standard.table_measures("facts"))
        tables = {**self.tables, "facts": facts}
        if self.campuses is not None:
            tables = judged_tables(tables, self.campuses, self.standard)
        elif facts is self.facts:
            return self
        result = Submission.of_tables(self.standard, self.counties, tables)
        result.evidence, result.texts, result.submitted = self.evidence, self.texts, self
        return result

    def rows_behind(self, measure: Measure, row: int) -> tuple[Table, list[int]]:
        """Return the rows that a figure of a submission as it is judged was submitted in, and their table."""
        campuses = self.submitted.campuses
        if measure.table != "schools" or campuses is None:
            return self.tables[measure.table], [row]
        return self.submitted.schools, campuses.addends(row, measure, self.submitted.schools, self.standard)

    def __getstate__(self) -> dict[str, object]:
        # What can be computed again is not pickled, so that asking changes nothing.
        return {name: value for name, value in vars(self).items() if name not in _COMPUTED}

    def columns(self, table: str) -> dict[str, Column]:
        """Return a table as it could be submitted again: its rows in the order submitted, choices by their ids.

        Examples
        --------
        >>> sub = Submission({"school": ["b", "a"], "type": ["小学", "初中"], "pupils_primary": [400, None]})
        >>> sub.columns("schools")["type"].tolist()
        ['primary_school', 'junior_school']
        """
        results = self._table(table)
        results = results.reported()
        order = np.argsort(results.rows, kind="stable")
        measures = self.standard.table_measures(table)
        result: dict[str, Column] = {"county": np.array(self.counties)[results.county][order]}
        if results.school.size:
            result["school"] = self.schools.columns["school"][results.school][order]
        for name, values in results.columns.items():
            if name in measures and name not in result:
                result[name] = _submittable(values, measures[name])[order]
        return result

    def only(self, county: str) -> Submission:
        """Return what one county reports, as if it had been submitted alone; cells keep the place they were read from.

        Raises
        ------
        UnknownNameError
            If there is no such county.

        Examples
        --------
        >>> sub = Submission({"county": ["a", "b"], "school": ["1", "1"], "type": ["小学", "初中"]})
        >>> sub.only("b").columns("schools")["type"].tolist()
        ['junior_school']
        """
        position, tables = self._position(county), {}
        first_school = int(self.segments("schools").starts[position])
        for name, table in self.tables.items():
            start, end = self._segments[name].starts[position : position + 2].tolist()
            tables[name] = table.part(slice(start, end), first_school)
        result = Submission.of_tables(self.standard, (county,), tables)
        result.evidence = self._evidence_by_county.get(county, {})
        result.texts = {(county, key): text for key, text in self.narrative_of(county).items()}
        result.notes = self.notes
        return result

    @cached_property
    def _evidence_by_county(self) -> Mapping[str, dict[tuple[str, str], str]]:
        result: dict[str, dict[tuple[str, str], str]] = {}
        for (county, fact), text in self.evidence.items():
            result.setdefault(county, {})[county, fact] = text
        return result

    def changed(self, *, origins: Mapping[str, RowPlaces] | None = None, **tables: TableLike) -> Submission:
        """Return a copy in which some tables are replaced; everything is checked as in any submission.

        Parameters
        ----------
        origins : mapping of table to Origin, optional
            Where the rows of the new tables were read; left out, where those of the old ones were.
        **tables : table
            `schools`, `classes`, `rooms`, `monitoring` or `facts`, in columns as `columns` gives them. Rows keep
            the place they were read from as long as their order is kept; added rows come last.

        Raises
        ------
        DataErrors
            With every problem of the changed tables.

        Examples
        --------
        >>> sub = Submission({"school": ["001"], "type": ["primary_school"], "pupils_primary": [400]})
        >>> more = sub.changed(schools=sub.columns("schools") | {"pupils_primary": [420]})
        >>> more.schools.numbers("pupils_primary")
        array([420.])
        """
        for name in tables:
            self._table(name)
        names = [name for name in self.tables if len(self.tables[name]) or name in tables]
        given = {name: tables[name] if name in tables else self.columns(name) for name in names}
        read = {name: table.origin for name, table in self.tables.items()} | dict(origins or {})
        result = Submission(**given, standard=self.standard, origins=read)  # type: ignore[arg-type]
        result.notes = self.notes
        result.texts = {(county, key): text for (county, key), text in self.texts.items() if county in result.counties}
        # What documented a fact states nothing of the value that replaced it.
        result.evidence = {
            (county, fact): text
            for (county, fact), text in self.evidence.items()
            if county in result.counties
            and result.facts.columns[fact][result.counties.index(county)]
            == self.facts.columns[fact][self.counties.index(county)]
        }
        return result

    @cached_property
    def warnings(self) -> tuple[DataWarning, ...]:
        """What is probably not as it was meant, looked for on first use; it never changes a verdict.

        Examples
        --------
        >>> schools = {"school": ["001"], "type": ["小学"], "pupils_primary": [400]}
        >>> classes = {"school": ["001"], "stage": ["小学"], "pupils": [45]}
        >>> print(Submission(schools, classes).warnings[0].text("en"))
        schools, row 0 (001), pupils_primary: found 400, but in classes the pupils of the class listed add up to 45; \
list what is missing, or correct the total
        """
        submitted, judged = (
            Checked(self.standard, self.counties, tables) for tables in (self.submitted.tables, self.judged.tables)
        )
        return tuple(warnings_of(submitted, judged, self.refused))

    @cached_property
    def warnings_by_county(self) -> Mapping[str, tuple[DataWarning, ...]]:
        """The warnings of each county that has any."""
        result: dict[str, list[DataWarning]] = {}
        for warning in self.warnings:
            result.setdefault(warning.county, []).append(warning)
        return {county: tuple(warnings) for county, warnings in result.items()}

    def fact(self, county: str, fact: str) -> float:
        """Return a fact of a county; yes is 1 and no is 0, NaN if it is not reported.

        Raises
        ------
        UnknownNameError
            If there is no such county or fact.
        RequestError
            If the fact is a text, as the name of the county is; see `county_name`.
        """
        self._known_fact(fact)
        if self.standard.table_measures("facts")[fact].type == "text":
            raise RequestError(
                Phrase(f"县级填报项“{fact}”是文本，不是数", f"the fact {fact!r} is a text, not a number")
            )
        return float(self.facts.numbers(fact)[self._position(county)])

    def county_name(self, county: str) -> str:
        """Return the name of a county, the fact `county_name`; empty if it is not reported.

        Raises
        ------
        UnknownNameError
            If there is no such county.
        """
        return str(self.facts.texts(COUNTY_NAME)[self._position(county)])

    def with_narrative(self, narrative: Narrative) -> Submission:
        """Return the same figures with other words; `narrative` is as the argument of that name, and replaces all.

        Examples
        --------
        >>> Submission(facts={"layout_rational": True}).with_narrative({"G5.office": "基教科"}).narrative
        {'G5.office': '基教科'}
        """
        result = copy(self)
        result.submitted, result.texts = result, self._checked_narrative(narrative)
        return result

    def narrative_of(self, county: str) -> dict[str, str]:
        """Return what a county writes in words for its papers, by key.

        Raises
        ------
        UnknownNameError
            If there is no such county.
        """
        self._position(county)
        return {key: text for (other, key), text in self.texts.items() if other == county}

    @property
    def narrative(self) -> dict[str, str]:
        """What the one county writes in words for its papers, by key.

        Raises
        ------
        RequestError
            If there are several counties.

        Examples
        --------
        >>> Submission(facts={"layout_rational": True}, narrative={"G5.office": "基教科"}).narrative
        {'G5.office': '基教科'}
        """
        if len(self.counties) > 1:
            raise RequestError(
                Phrase(
                    "有几个县；请用“narrative_of(县)”指明一个",
                    "there are several counties; use narrative_of(county)",
                )
            )
        return self.narrative_of(self.counties[0]) if self.counties else {}

    def _position(self, county: str) -> int:
        return self.positions[_known(county, self.positions, Phrase("县", "county"))]

    @cached_property
    def positions(self) -> Mapping[str, int]:
        """The position of each county."""
        return {county: position for position, county in enumerate(self.counties)}

    def _known_fact(self, fact: str) -> None:
        _known(fact, self.standard.table_measures("facts"), Phrase("县级填报项", "fact"))

    def _table(self, name: str) -> Table:
        if name in RATIO_TITLES and name not in self.tables:
            return Table.empty(name)
        return self.tables[_known(name, self.tables, Phrase("表", "table"))]

    @cached_property
    def lists_schools(self) -> NDArray[np.bool_]:
        """Which counties report all schools that are known, (counties,) bool array; false where none is."""
        segments = self.segments("schools")
        return (segments.counts > 0) & (segments.least(self.schools.rows, np.intp(-1)) >= 0)

    @property
    def schools(self) -> Table:
        """The schools, in the order of county and school id; a row of -1 is a school that only `sections` names."""
        return self.tables["schools"]

    @property
    def facts(self) -> Table:
        """The facts, one row for each county."""
        return self.tables["facts"]

    @cached_property
    def _segments(self) -> dict[str, Segments]:
        return {name: Segments.of(table.county, len(self.counties)) for name, table in self.tables.items()}

    def segments(self, table: str) -> Segments:
        """Return which rows of a table belong to which county."""
        return self._segments[_known(table, self.tables, Phrase("表", "table"))]

    def _repr_html_(self) -> str:
        rows = [
            [titles_in(self.standard, name, "")[0], name, len(table), ", ".join(table.columns)]
            for name, table in self.tables.items()
        ]
        return html_card(repr(self)[1:-1], html_table(rows, ("表", "table", "行 rows", "列 columns")))

    def __repr__(self) -> str:
        count = len(self.counties)
        rows = {name: len(table if name == "facts" else table.reported()) for name, table in self.tables.items()}
        sizes = ", ".join(f"{name} {size}" for name, size in rows.items() if size)
        return f"<Submission: {count} {'county' if count == 1 else 'counties'}; {sizes or 'no rows'}>"


def _content(values: Column) -> bytes:
    """Return the values of a typed column as bytes; empty if all are missing."""
    if values.dtype.kind == "U":
        return "\n".join(values.tolist()).encode() if (values != "").any() else b""
    is_missing = np.isnan(values) if values.dtype.kind == "f" else values == -1
    return b"" if is_missing.all() else np.where(is_missing, np.nan, values).tobytes()


def _known(name: str, known: Collection[str], what: Phrase) -> str:
    """Return a name that is known, or raise the error that names the nearest one."""
    if name not in known:
        result = shown(name)
        guess = near(name, known) if isinstance(name, str) else Phrase("", "")
        raise UnknownNameError(Phrase(f"没有{what.zh}{result.zh}", f"no {what.en} {result.en}") + guess)
    return name


def _submittable(values: Column, measure: Measure) -> Column:
    """Return a column as it may be submitted again: choices by their ids, days as texts."""
    if measure.type == "choice":
        return np.array([*(choice.id for choice in measure.values), ""], dtype=object)[values]
    return day_texts(values) if measure.type == "day" else values


def refuse_other_meanings(submission: Submission, standard: Standard) -> None:
    """Refuse a submission whose columns mean something else in the standard that is to judge it.

    Raises
    ------
    DataErrors
        Naming every column that the two standards declare differently.
    """
    if standard is submission.standard:
        return
    problems, own = Problems(standard), submission.standard.id
    problem = Phrase(
        f"在 {standard.id} 里的含义与填报时核对的标准 {own} 不同",
        f"{standard.id} means something else by it than {own}, which checked it",
    )
    hint = Phrase(
        "请用判定的标准重新读入数据（standard=）",
        "make the submission anew with standard= the one that is to judge it",
    )
    for name, table in submission.tables.items():
        declared = submission.standard.table_measures(name)
        for column, measure in standard.table_measures(name).items():
            if column in table and _meaning(measure) != _meaning(declared[column]):
                problems.note(name, "", column, problem, hint)
    if problems.found:
        raise DataErrors(problems.found)


def _meaning(measure: Measure) -> tuple[object, ...]:
    return measure.type, measure.unit, tuple((choice.id, choice.stages) for choice in measure.values)
