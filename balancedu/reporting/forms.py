"""The official forms, filled from an evaluation and written as a workbook."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from os import PathLike
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from balancedu.core.fields import Language, Stage
from balancedu.core.forms import Block, Column, Figure, Figures, Sheet, Value
from balancedu.core.model import Measure, Precision
from balancedu.core.standard import Standard
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.figures import NOT_REPORTED, YES_NO
from balancedu.evaluation.findings import Check, Finding
from balancedu.evaluation.results import Form
from balancedu.evaluation.sections import Section, section_of
from balancedu.evaluation.verdict import Verdict
from balancedu.evaluation.wording import beside, county_named
from balancedu.files.book import LINE, Book, lines_of, new_book

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet


@attrs.frozen
class Cell:
    """What stands in a cell of a form: a number with its form, or a text.

    Attributes
    ----------
    value : float or str
        Numbers are not rounded; `form` says with how many decimals they are shown.
    form : str
        As for checks; 'text' for texts.
    verdict : Verdict, optional
        Where the cell is a verdict.
    """

    value: float | str
    form: Form | str = "text"
    verdict: Verdict | None = None


@attrs.frozen
class FilledBlock:
    """A table with its rows."""

    block: Block
    rows: tuple[tuple[Cell, ...], ...]


@attrs.frozen
class FilledSheet:
    """A sheet with its tables."""

    sheet: Sheet
    blocks: tuple[FilledBlock, ...]


def remark(evaluation: Evaluation, section: Section, standing: Any, lang: Language) -> str:
    """Return which indicators of a section stand where, and its verdict without relief where that is another."""
    rule, ids = evaluation.standard.section_rule, np.array(list(evaluation.standard.indicators))
    share = f"{float(rule.floor_share):.0%}" if rule and rule.floor_share is not None else ""
    titles: dict[int, dict[Language, str]] = {
        2: {"zh": "达到标准", "en": "at the standard"},
        1: {"zh": f"达到标准的{share}", "en": f"at {share} of it"},
        0: {"zh": f"低于标准的{share}".removesuffix("的"), "en": f"below {share} of it" if share else "below it"},
        -1: {"zh": "待定", "en": "unknown"},
    }
    told = []
    for code, title in titles.items():
        those = ids[standing == code].tolist()
        if those:
            told.append(f"{title[lang]}{'：' if lang == 'zh' else ': '}{'、'.join(those)}")
    return ("；" if lang == "zh" else "; ").join(told) + _strict_section(evaluation, section, lang)


def _strict_section(evaluation: Evaluation, section: Section, lang: Language) -> str:
    strict = evaluation.strict
    if strict is None:
        return ""
    columns = strict.sections
    here = np.flatnonzero((columns["school"] == section.school) & (columns["stage"] == section.stage))
    return beside(section.verdict, Verdict.of(strict.section_verdicts[here[0]]), lang) if here.size else ""


def item_verdict(evaluation: Evaluation, finding: Finding, lang: Language) -> str:
    """Return the verdict of an item, and beside it the one without relief where that is another."""
    codes = evaluation.strict.item_verdicts.get(finding.item.id) if evaluation.strict else None
    strict = None if codes is None else Verdict.of(codes[0])
    return finding.verdict.said(lang) + beside(finding.verdict, strict, lang)


def spread_verdict(evaluation: Evaluation, checks: Sequence[Check], lang: Language) -> str:
    """Return the verdict on the coefficients of an indicator, with the one without relief where that is another."""
    verdict, ids = Verdict.worst(check.verdict for check in checks), {check.id for check in checks}
    if verdict is None:
        return ""
    findings = evaluation.strict.items.values() if evaluation.strict else ()
    strict = Verdict.worst(one.verdict for finding in findings for one in finding.checks if one.id in ids)
    return verdict.said(lang) + beside(verdict, strict, lang)


def filled_forms(evaluation: Evaluation, lang: Language = "zh") -> tuple[FilledSheet, ...]:
    """Return the official tables of one county, filled.

    Raises
    ------
    ValueError
        If several counties were evaluated, or the standard declares no forms.
    """
    if len(evaluation.counties) > 1:
        first = evaluation.counties[0]
        raise ValueError(f"forms are handed in county by county; say which, as in ev[{first!r}]")
    if evaluation.standard.forms is None:
        raise ValueError(f"{evaluation.standard.id} declares no forms; write a forms.yaml beside its standard.yaml")
    filler = _Filler(evaluation, lang)
    return tuple(
        FilledSheet(sheet, tuple(FilledBlock(block, tuple(filler.rows(block))) for block in sheet.blocks))
        for sheet in evaluation.standard.forms.sheets
    )


Row = Callable[[Column], Cell]
"""Gives the cell of each column."""


@attrs.frozen(slots=False, eq=False)
class _Filler:
    evaluation: Evaluation
    lang: Language

    @property
    def standard(self) -> Standard:
        return self.evaluation.standard

    @cached_property
    def checks(self) -> dict[str, Check]:
        return {check.id: check for finding in self.evaluation.items.values() for check in finding.checks}

    @cached_property
    def position(self) -> int:
        return self.evaluation.record.basis.submission.counties.index(self.evaluation.counties[0])

    def rows(self, block: Block) -> Iterator[tuple[Cell, ...]]:
        makers: dict[str, Callable[[Block], Iterator[Row]]] = {
            "compliance": self._compliance,
            "sections": self._sections,
            "spread": self._spread,
            "items": self._items,
            "monitoring": self._monitoring,
        }
        for row in makers[block.rows](block):
            yield tuple(row(column) for column in block.columns)

    # Sections that meet the standard

    def _compliance(self, _block: Block) -> Iterator[Row]:
        for n, indicator in enumerate(self.standard.indicators.values()):
            standing = self.evaluation.standing[:, n]
            yield self._counted(indicator.id, indicator.name.said(self.lang), standing == 2, standing == -1)
        verdicts = self.evaluation.section_verdicts
        whole = {"zh": "综合", "en": "the whole"}[self.lang]
        yield self._counted("", whole, verdicts == Verdict.MET.code, verdicts == Verdict.UNKNOWN.code)

    def _counted(self, name: str, title: str, met: Any, unknown: Any) -> Row:
        def row(column: Column) -> Cell:
            here = self.evaluation.sections["stage"] == column.stage
            total, count, open_ = int(here.sum()), int((met & here).sum()), int((unknown & here).sum())
            if column.value == "share":
                # A share of which part is unknown is no share; 0 of 0 is none either.
                return self._number(count / total if total and not open_ else np.nan, "percent", applies=total > 0)
            if column.value == "met" and open_:
                words = {"zh": f"{count}（另{open_}个待定）", "en": f"{count} ({open_} unknown)"}
                return Cell(words[self.lang])
            figures: dict[Value, Cell] = {
                "id": Cell(name),
                "name": Cell(title),
                "sections": Cell(float(total), "other"),
                "met": Cell(float(count), "other"),
            }
            return figures[column.value]

        return row

    # One row for each section

    def _sections(self, _block: Block) -> Iterator[Row]:
        basis = self.evaluation.record.basis
        rows = np.flatnonzero(basis.sections.county == self.position)
        for number, row in enumerate(rows.tolist(), 1):
            yield self._section(number, section_of(basis, row), int(basis.sections.school[row]), basis.standing[:, row])

    def _section(self, number: int, section: Section, school: int, standing: Any) -> Row:
        schools = self.evaluation.record.basis.submission.schools

        def row(column: Column) -> Cell:
            if column.indicator is not None:
                return self._number(section.values[column.indicator], "value")
            organizer = int(schools.choices("organizer")[school])
            choices = self.standard.measures["organizer"].values if "organizer" in self.standard.measures else ()
            code = choices[organizer].id if organizer >= 0 and choices else NOT_REPORTED[self.lang]
            figures: dict[Value, Cell] = {
                "number": Cell(float(number), "other"),
                "id": Cell(section.school),
                "name": Cell(section.name),
                "stage": Cell(section.stage_title.said(self.lang)),
                "organizer": Cell(float(code), "other") if code.isdigit() else Cell(code),
                "pupils": self._number(section.pupils, "other"),
                "grades": self._number(self._grades(school, section.stage), "other"),
                "classes": self._number(self._classes(school, section.stage), "other"),
                "verdict": self._verdict(section.verdict),
                "remark": Cell(remark(self.evaluation, section, standing, self.lang)),
            }
            return figures[column.value]

        return row

    def _grades(self, school: int, stage: Stage) -> float:
        classes = self.evaluation.record.basis.submission.tables["classes"]
        position = [choice.id for choice in self.standard.measures["classes.stage"].values].index(stage)
        here = (classes.school == school) & (classes.choices("stage") == position)
        grades = {grade for grade in classes.texts("grade")[here].tolist() if grade}
        return float(len(grades)) if grades else np.nan

    def _classes(self, school: int, stage: Stage) -> float:
        column = f"classes_{stage}"
        return float(self.evaluation.record.basis.submission.schools.numbers(column)[school])

    # Coefficients

    def _spread(self, _block: Block) -> Iterator[Row]:
        for n, indicator in enumerate(self.standard.indicators.values()):
            figures = {"mean": self.evaluation.mean[0, :, n], "coefficient": self.evaluation.cv[0, :, n]}
            yield self._spread_row(indicator.id, indicator.name.said(self.lang), figures)
        whole = {"zh": "综合", "en": "composite"}[self.lang]
        yield self._spread_row("", whole, {"coefficient": self.evaluation.composite[0]})

    def _spread_row(self, name: str, title: str, figures: dict[str, Any]) -> Row:
        checks = [
            self.checks[f"{name}.{stage}"] for stage in self.evaluation.stages if f"{name}.{stage}" in self.checks
        ]

        def row(column: Column) -> Cell:
            if column.stage is None:
                verdict = Verdict.worst(check.verdict for check in checks)
                told = Cell(spread_verdict(self.evaluation, checks, self.lang), verdict=verdict)
                return {"id": Cell(name), "name": Cell(title), "verdict": told}[column.value]
            position = self.evaluation.stages.index(column.stage)
            applies = bool((self.evaluation.sections["stage"] == column.stage).any())
            if column.value == "limit":
                check = self.checks.get(f"{name}.{column.stage}")
                return Cell(check.required, "limit") if check else Cell("")
            if column.value not in figures:
                return Cell("")
            form = "mean" if column.value == "mean" else "coefficient"
            return self._number(float(figures[column.value][position]), form, applies=applies)

        return row

    # Items with their figures

    def _items(self, block: Block) -> Iterator[Row]:
        for one in block.items:
            for figure in one.figures or (None,):
                yield self._item(one, figure)

    def _item(self, one: Figures, figure: Figure | None) -> Row:
        finding = self.evaluation.items[one.item]
        title, value = self._figure(figure) if figure else ("", Cell(""))
        figures: dict[Value, Cell] = {
            "id": Cell(finding.item.id),
            "name": Cell(finding.item.name.said(self.lang)),
            "wording": Cell(finding.item.title.said(self.lang)),
            "figure": Cell(title),
            "observed": value,
            "verdict": Cell(item_verdict(self.evaluation, finding, self.lang), verdict=finding.verdict),
        }
        return lambda column: figures[column.value]

    def _figure(self, figure: Figure) -> tuple[str, Cell]:
        if figure.fact is not None:
            measure = self.standard.measures[figure.fact]
            title = figure.title or measure.title
            unit = f"（{measure.unit.zh}）" if measure.unit and self.lang == "zh" else ""
            return title.said(self.lang) + unit, self._fact(measure)
        return figure.title.said(self.lang) if figure.title else "", self._cases(figure)

    def _fact(self, measure: Measure) -> Cell:
        value = float(self.evaluation.record.basis.submission.facts.numbers(measure.column)[self.position])
        if measure.type == "yes_no":
            return Cell(NOT_REPORTED[self.lang] if np.isnan(value) else YES_NO[self.lang][int(value)])
        if measure.type == "share":
            check = self.checks.get(measure.id)
            applies = check is None or check.verdict is not Verdict.NOT_APPLICABLE
            return self._number(check.observed if check else value, "percent", applies=applies)
        return self._number(value, "other")

    def _cases(self, figure: Figure) -> Cell:
        outcomes = (one for checks in self.evaluation.record.outcomes.values() for one in checks)
        cases = next((one.cases for one in outcomes if one.id == figure.check), None)
        if cases is None:
            known = ", ".join(check.id for check in self.checks.values() if check.total)
            raise ValueError(f"forms.yaml counts the cases of {figure.check!r}, which has none; known: {known}")
        # The finding counts the cases that its check applies to, and so does the form.
        here = (cases.county == self.position) & (cases.verdict != Verdict.NOT_APPLICABLE.code)
        if figure.stage is not None:
            here &= cases.stage == self.evaluation.stages.index(figure.stage)
        if not here.any():
            return Cell({"zh": "没有", "en": "none"}[self.lang])
        wanted = {"met": Verdict.MET, "not_met": Verdict.NOT_MET, "unknown": Verdict.UNKNOWN}
        # Rows that should be there and are not make any count of cases one that is not known.
        absent = bool((here & (cases.row < 0)).any())
        unknown = int((here & (cases.verdict == Verdict.UNKNOWN.code)).sum())
        if figure.cases == "all":
            return Cell(NOT_REPORTED[self.lang]) if absent else Cell(float(here.sum()), "other")
        count = int((here & (cases.verdict == wanted[figure.cases].code)).sum())
        if unknown and figure.cases != "unknown":
            words = {"zh": f"{count}（另{unknown}个待定）", "en": f"{count} ({unknown} unknown)"}
            return Cell(words[self.lang])
        return Cell(float(count), "other")

    # Monitoring

    def _monitoring(self, _block: Block) -> Iterator[Row]:
        table = self.evaluation.record.basis.submission.tables["monitoring"]
        rows = np.flatnonzero(table.county == self.position).tolist()
        for number, row in enumerate(rows, 1):
            yield self._subject(number, row)

    def _subject(self, number: int, row: int) -> Row:
        table, levels = (
            self.evaluation.record.basis.submission.tables["monitoring"],
            self.standard.measures["monitoring.level"].values,
        )
        position = int(table.choices("level")[row])
        outcomes = (one for checks in self.evaluation.record.outcomes.values() for one in checks)
        both = [one.cases for one in outcomes if one.cases is not None and one.cases.table == "monitoring"]
        verdict = min((int(cases.verdict[cases.row == row][0]) for cases in both), default=None)
        level = levels[position].title.said(self.lang) if position >= 0 else NOT_REPORTED[self.lang]
        figures: dict[Value, Cell] = {
            "number": Cell(float(number), "other"),
            "subject": Cell(str(table.texts("subject")[row])),
            "grade": Cell(str(table.texts("grade")[row])),
            "level": Cell(level),
            "rate": self._number(float(table.numbers("between_school_rate")[row]), "coefficient"),
            "verdict": Cell("") if verdict is None else self._verdict(Verdict.of(verdict)),
        }
        return lambda column: figures[column.value]

    # Cells

    def _number(self, value: float, form: str, *, applies: bool = True) -> Cell:
        if not applies:
            return Cell("–")
        if np.isnan(value):
            return Cell({"zh": "待定", "en": "unknown"}[self.lang] if form in _COMPUTED else NOT_REPORTED[self.lang])
        return Cell(value, form)

    def _verdict(self, verdict: Verdict) -> Cell:
        return Cell(verdict.said(self.lang), verdict=verdict)


_COMPUTED = ("value", "mean", "coefficient", "percent")
"""Figures that follow from others: without one of those they are unknown, not unreported."""


def write_forms(
    evaluation: Evaluation, path: str | PathLike[str], *, lang: Language = "zh", replace: bool = False
) -> None:
    """Write the official tables of one county as an Excel workbook.

    Parameters
    ----------
    evaluation : Evaluation
        Of one county.
    path : path
        Of the workbook to write.
    lang : 'zh' or 'en'
    replace : bool
        Whether an existing file is replaced.

    Raises
    ------
    MissingExtraError
        If XlsxWriter is not installed.
    ValueError
        If several counties were evaluated, the standard declares no forms, or the path does not end in .xlsx.
    OSError
        If the file cannot be written.

    Notes
    -----
    Cells hold the numbers unrounded and show the form's decimals. What is not known is written as such. Text
    that looks like a formula is text.

    Examples
    --------
    >>> import balancedu as be, tempfile, pathlib
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "declaration.xlsx")
    ...     be.write_forms(be.evaluate(be.example("failing")), path)
    ...     path.stat().st_size > 10_000
    True
    """
    sheets = filled_forms(evaluation, lang)
    with new_book(path, evaluation.standard, lang, purpose="write_forms", replace=replace) as book:
        writer = _Writer(book, evaluation)
        for sheet in sheets:
            writer.write(sheet)


@attrs.frozen
class _Writer:
    book: Book
    evaluation: Evaluation

    def write(self, filled: FilledSheet) -> None:
        """Write one sheet: title, county, and its tables one below the other."""
        sheet, lang = self.book.sheet(filled.sheet.id), self.book.lang
        columns = filled.blocks[0].block.columns
        for n, column in enumerate(columns):
            sheet.set_column(n, n, column.width)
        last = len(columns) - 1
        title = f"{filled.sheet.id}  {filled.sheet.title.said(lang)}"
        sheet.merge_range(0, 0, 0, last, title, self.book.format(bold=True, font_size=14, align="center", border=0))
        colon = "：" if lang == "zh" else ": "
        name = county_named(self.evaluation.submission, self.evaluation.counties[0], lang, on_paper=True)
        county = {"zh": "县（市、区）", "en": "county"}[lang] + colon + name
        county = "　".join((county, *self.evaluation.standard.notes(lang)))
        self.book.text(sheet, 1, 0, county, border=0, text_wrap=False)
        row = 2
        for block in filled.blocks:
            row = self._block(sheet, block, row) + 1
        self._printed(sheet, filled, row)

    def _block(self, sheet: Worksheet, filled: FilledBlock, row: int) -> int:
        lang, columns = self.book.lang, filled.block.columns
        if filled.block.title:
            self.book.text(sheet, row, 0, filled.block.title.said(lang), border=0, bold=True, text_wrap=False)
            row += 1
        for n, column in enumerate(columns):
            self.book.text(sheet, row, n, column.title.said(lang), bold=True, align="center", bg_color="#E8EDF2")
        sheet.set_row(row, LINE * max(lines_of(one.title.said(lang), one.width) for one in columns))
        row += 1
        merged = [n for n, column in enumerate(columns) if column.value in _SAME_ITEM]
        for start, end in _runs(filled):
            for k, lines in enumerate(_heights(filled, start, end, merged)):
                sheet.set_row(row + start + k, LINE * lines)
            for n in range(len(columns)):
                cells = [line[n] for line in filled.rows[start:end]]
                if n in merged and end - start > 1:
                    sheet.merge_range(row + start, n, row + end - 1, n, "", self.book.format(valign="top"))
                    cells = cells[:1]
                for k, cell in enumerate(cells):
                    self._cell(sheet, row + start + k, n, cell)
        return row + len(filled.rows)

    def _cell(self, sheet: Worksheet, row: int, column: int, cell: Cell) -> None:
        if isinstance(cell.value, str):
            look = _VERDICT_LOOKS.get(cell.verdict, {}) if cell.verdict is not None else {}
            self.book.text(sheet, row, column, cell.value, valign="top", **look)
        else:
            number = _number_format(cell.form, self.evaluation.standard.head.precision)
            self.book.number(sheet, row, column, cell.value, num_format=number, align="right", valign="top")

    def _printed(self, sheet: Worksheet, filled: FilledSheet, rows: int) -> None:
        self.book.printed(sheet, landscape=filled.sheet.paper == "landscape")
        sheet.repeat_rows(0, 2)
        sheet.freeze_panes(3, 0)
        sheet.print_area(0, 0, rows - 1, len(filled.blocks[0].block.columns) - 1)


_SAME_ITEM = ("id", "name", "wording", "verdict")
_VERDICT_LOOKS: dict[Verdict, dict[str, Any]] = {
    Verdict.NOT_MET: {"bold": True, "bg_color": "#F8D7C9"},
    Verdict.UNKNOWN: {"italic": True, "bg_color": "#FFF2CC"},
}


def _runs(filled: FilledBlock) -> list[tuple[int, int]]:
    """Return the rows that belong together: the figures of one item, and otherwise each row alone."""
    if filled.block.rows != "items":
        return [(n, n + 1) for n in range(len(filled.rows))]
    runs, start = [], 0
    for one in filled.block.items:
        end = start + max(1, len(one.figures))
        runs.append((start, end))
        start = end
    return runs


def _heights(filled: FilledBlock, start: int, end: int, merged: list[int]) -> list[int]:
    """Return the lines of each row of a run; a merged cell that needs more gets them in the last row."""
    columns, merges = filled.block.columns, merged if end - start > 1 else []

    def needed(cell: Cell, n: int) -> int:
        return lines_of(cell.value, columns[n].width) if isinstance(cell.value, str) else 1

    heights = [max(needed(cell, n) for n, cell in enumerate(row) if n not in merges) for row in filled.rows[start:end]]
    tallest = max((needed(filled.rows[start][n], n) for n in merges), default=0)
    heights[-1] += max(0, tallest - sum(heights))
    return heights


def _number_format(form: str, precision: Precision) -> str:
    if form == "limit":
        return "0.00##"
    places = {"value": precision.values, "mean": precision.means, "coefficient": precision.coefficients}
    decimals = places.get(form, precision.percent if form == "percent" else precision.other)
    return "0" + ("." + "0" * decimals if decimals else "") + ("%" if form == "percent" else "")
