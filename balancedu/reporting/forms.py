"""The tables of the application form, filled from an evaluation and written as a workbook."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from os import PathLike
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from balancedu.core.fields import Language, Stage
from balancedu.core.forms import (
    BLANK_PATTERN,
    Blank,
    FormColumn,
    FormFigure,
    FormSheet,
    ItemRow,
    NoteCount,
    Quantity,
    cells_of,
)
from balancedu.core.standard import Standard
from balancedu.errors import RequestError
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.findings import Check, Section, section_of
from balancedu.evaluation.results import Basis, Verdict, pupils_of_cases
from balancedu.evaluation.wording import ROMAN_NUMERALS, county_named, rounded, strict_note
from balancedu.explaining.rounding import RoundingFlag, rounding_flags
from balancedu.files.book import LINE, Book, lines_of, new_book
from balancedu.judging.rules import of_types
from balancedu.submission.checks import part_and_whole, quotient
from balancedu.submission.schools import attached
from balancedu.submission.tables import Table, letters
from balancedu.text import Phrase, width

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

_TO_FILL = "＿＿"
_MET: Mapping[Verdict, str] = {
    Verdict.MET: "达标",
    Verdict.NOT_MET: "不达标",
    Verdict.UNKNOWN: "",
    Verdict.NOT_APPLICABLE: "不适用",
}
_QUANTITIES: Mapping[Quantity, str] = {
    "met": "达标学校总数",
    "share_met": "达标学校比例（%）",
    "mean": "全县平均值",
    "coefficient": "差异系数",
}


@attrs.frozen
class PrintedCell:
    """What is in a cell of a form.

    Attributes
    ----------
    value : float, str or None
        A number at the decimals of the form, a text, or nothing where it is not reported or not known.
    decimals : int
    missing : str
        What the cell lacks, for the list of empty cells.
    note : str
        What a reader of the cell must know.
    look : str
        'head' for headings, 'text' for texts, 'figure' for figures.
    """

    value: float | str | None
    decimals: int = 0
    missing: str = ""
    note: str = ""
    look: str = "figure"


@attrs.frozen
class Placed:
    """A cell and where it is: first and last row and column, counted from 0."""

    cell: PrintedCell
    first: tuple[int, int]
    last: tuple[int, int] = attrs.field(default=attrs.Factory(lambda placed: placed.first, takes_self=True))


@attrs.frozen
class FilledSheet:
    """A table of the form with everything that is in it; `repeated` rows are at the head of every page."""

    sheet: FormSheet
    cells: tuple[Placed, ...]
    repeated: int

    @property
    def breaks(self) -> list[int]:
        """The rows that begin a new page."""
        return [row for row, entry in enumerate(self.sheet.items, 2) if entry.item in self.sheet.breaks]

    @property
    def last_row(self) -> int:
        """The last row that holds something."""
        return max(placed.last[0] for placed in self.cells)

    @property
    def empty(self) -> Iterator[tuple[str, str]]:
        """Every cell that lacks something, with what that is."""
        for placed in self.cells:
            if placed.cell.missing:
                yield f"{letters(placed.first[1])}{placed.first[0] + 1}", placed.cell.missing


def item_verdict(evaluation: Evaluation, item: str, lang: Language) -> str:
    """Return the verdict of an item, and beside it the one without relief where that is another."""
    verdict = evaluation.items[item].verdict
    codes = evaluation.strict.item_verdicts.get(item) if evaluation.strict else None
    return _MET[verdict] + strict_note(verdict, None if codes is None else Verdict.of(codes[0]), lang)


def filled_forms(evaluation: Evaluation, lang: Language = "zh") -> tuple[FilledSheet, ...]:
    """Return the tables of the form of one county, filled.

    Raises
    ------
    RequestError
        If several counties were evaluated, or the standard declares no forms.
    """
    if len(evaluation.counties) > 1:
        first = evaluation.counties[0]
        en = f"forms are handed in county by county; choose one, as in ev[{first!r}]"
        raise RequestError(Phrase(f"申报表每次只写一个县：请指定一个，如 ev[{first!r}]", en))
    if evaluation.standard.forms is None:
        name = evaluation.standard.id
        zh = f"{name} 没有申报表；请在它的 standard.yaml 旁边写一个 forms.yaml"
        raise RequestError(Phrase(zh, f"{name} declares no forms; write a forms.yaml next to its standard.yaml"))
    filler = _Filler(evaluation, lang)
    return tuple(filler.filled(sheet) for sheet in evaluation.standard.forms.sheets)


@attrs.frozen(slots=False, eq=False)
class _Filler:
    evaluation: Evaluation
    lang: Language

    @property
    def standard(self) -> Standard:
        return self.evaluation.standard

    @property
    def basis(self) -> Basis:
        return self.evaluation.record.basis

    @property
    def tables(self) -> Mapping[str, Table]:
        """The tables as they are judged, of the one county."""
        return self.basis.submission.tables

    @cached_property
    def flags(self) -> Mapping[tuple[str, str], RoundingFlag]:
        return {(flag.check, flag.school): flag for flag in rounding_flags(self.evaluation)}

    @cached_property
    def sections(self) -> Mapping[Stage, list[int]]:
        """The rows of the sections, stage by stage."""
        stages = self.basis.sections.stage
        return {stage: np.flatnonzero(stages == n).tolist() for n, stage in enumerate(self.evaluation.stages)}

    def filled(self, sheet: FormSheet) -> FilledSheet:
        """Return one table: its title, its headings, its rows and its note."""
        last = len(sheet.column_widths) - 1
        body = [*self._headings(sheet)]
        if sheet.items:
            body += self._items(sheet)
        elif sheet.by_stage:
            body += self._by_stage(sheet)
        elif sheet.columns:
            body += self._sections(sheet)
        else:
            body += [Placed(self._figure(figure), *cells_of(figure.at)) for figure in sheet.figures]
        row = max(placed.last[0] for placed in body) + 1
        for n, line in enumerate(sheet.note):
            text = BLANK_PATTERN.sub(lambda match: str(self._counted(sheet.blanks[match[1]])), line)
            body.append(Placed(PrintedCell(text, look="note"), (row + n, 0), (row + n, last)))
        title = PrintedCell(f"{sheet.id} {sheet.title.zh}", look="centred" if sheet.centred else "title")
        heads = [placed.last[0] for placed in body if placed.cell.look == "head" and placed.first[0] < 5]
        repeated = 3 if sheet.columns else 1 + max(heads, default=0)
        return FilledSheet(sheet, (Placed(title, (0, 0), (0, last)), *body), repeated)

    def _headings(self, sheet: FormSheet) -> Iterator[Placed]:
        for heading in sheet.headings:
            yield Placed(PrintedCell(heading.text, look="head"), *cells_of(heading.at))
        if sheet.lines:
            first, last = cells_of(sheet.lines)
            for n, at in enumerate(range(first[1], last[1] + 1), 1):
                yield Placed(PrintedCell(f"L{n}", look="head"), (first[0], at))
        for n, column in enumerate(sheet.columns):
            at = len(sheet.widths) + n
            yield Placed(PrintedCell(column.title.zh, look="head"), (1, at))
            line = "" if column.value == "remark" else f"L{n + 1}"
            yield Placed(PrintedCell(line, look="head"), (2, at))
        if sheet.by_stage:
            yield Placed(PrintedCell("", look="head"), (1, 0), (2, 1))

    # Figures in fixed cells

    def _figure(self, figure: FormFigure) -> PrintedCell:
        if figure.fact is not None:
            return self._fact(figure.fact, figure.decimals)
        schools = self.tables["schools"]
        if figure.total is None:
            here = of_types(self.basis, figure.types)
            if figure.counted:
                here &= np.isin(np.arange(len(schools)), self.basis.sections.school)
            return self._number(float(here.sum()) if len(schools) else float("nan"), 0, "学校数")
        measure = self.standard.measures[figure.total]
        # Special and vocational schools are not among the schools of a stage.
        types = self.standard.measures["type"].values
        here = of_types(self.basis, tuple(type_.id for type_ in types if measure.stage in (type_.stages or ())))
        if measure.stage:
            here |= attached(schools, self.standard, measure.stage)
        figures = schools.numbers(figure.total)[here]
        lacking = int(np.isnan(figures).sum())
        total = float("nan") if lacking or not len(schools) else float(figures.sum())
        return self._number(total, figure.decimals, f"{measure.title.zh}（{lacking}所学校缺报）")

    def _value(self, fact: str) -> float:
        """Return a fact; a share as it was judged, or as its counts give it."""
        facts = self.tables["facts"]
        measure = self.standard.measures[fact]
        value = float(facts.numbers(measure.column)[0])
        if measure.quotient is None:
            return value
        part, whole = part_and_whole(facts, measure.quotient)
        return value if np.isnan(part + whole)[0] else float(quotient(part, whole)[0])

    def _fact(self, fact: str, decimals: int, divided_by: int = 1) -> PrintedCell:
        measure = self.standard.measures[fact]
        times = 100 if measure.type == "share" else 1
        cell = self._number(self._value(fact) * times / divided_by, decimals, measure.title.zh.removeprefix("其中："))
        return self._noted(cell, fact)

    def _number(self, value: float, decimals: int, title: str) -> PrintedCell:
        if np.isnan(value):
            return PrintedCell(None, decimals, missing=title)
        return PrintedCell(float(rounded(value, decimals)), decimals)

    def _noted(self, cell: PrintedCell, check: str, school: str = "") -> PrintedCell:
        flag = self.flags.get((check, school))
        return cell if flag is None or cell.value is None else attrs.evolve(cell, note=flag.text(self.lang))

    # Rows of each stage

    def _by_stage(self, sheet: FormSheet) -> Iterator[Placed]:
        row = 3
        for stage in self.evaluation.stages:
            title = self.standard.head.stage_titles[stage].zh
            yield Placed(PrintedCell(title, look="head"), (row, 0), (row + len(sheet.by_stage) - 1, 0))
            for quantity in sheet.by_stage:
                yield Placed(PrintedCell(_QUANTITIES[quantity], look="head"), (row, 1))
                for n, column in enumerate(sheet.columns, 2):
                    yield Placed(self._of_stage(stage, quantity, column), (row, n))
                row += 1

    def _of_stage(self, stage: Stage, quantity: Quantity, column: FormColumn) -> PrintedCell:
        rows, basis = self.sections[stage], self.basis
        position, precision = self.evaluation.stages.index(stage), self.standard.head.precision
        where = f"{self.standard.head.stage_titles[stage].zh}{_QUANTITIES[quantity]}：{column.title.zh}"
        if column.value == "composite":
            if quantity != "coefficient":
                return PrintedCell("——")
            return self._number(float(self.evaluation.composite[0, position]), precision.coefficients, where)
        if column.indicator is not None and quantity in ("mean", "coefficient"):
            n = list(self.standard.indicators).index(column.indicator)
            figures = self.evaluation.mean if quantity == "mean" else self.evaluation.cv
            decimals = precision.means if quantity == "mean" else precision.coefficients
            cell = self._number(float(figures[0, position, n]), decimals, where)
            return self._noted(cell, f"{column.indicator}.{stage}") if quantity == "coefficient" else cell
        if column.indicator is not None:
            standing = basis.standing[list(self.standard.indicators).index(column.indicator)][rows]
            met, unknown = int((standing == 2).sum()), int((standing == -1).sum())
        else:
            verdicts = basis.section_verdicts[rows]
            met, unknown = int((verdicts == Verdict.MET.code).sum()), int((verdicts == Verdict.UNKNOWN.code).sum())
        if unknown:
            return PrintedCell(None, missing=f"{where}（{unknown}所待定）")
        if quantity == "met":
            return PrintedCell(float(met))
        return self._number(met * 100 / len(rows) if rows else float("nan"), precision.percent, where)

    # A row for each section

    def _sections(self, sheet: FormSheet) -> Iterator[Placed]:
        row = 3
        for stage in self.evaluation.stages:
            for number, section in enumerate(self.sections[stage], 1):
                for n, column in enumerate(sheet.columns):
                    yield Placed(self._of_section(sheet, column, section, number), (row, n))
                row += 1

    def _of_section(self, sheet: FormSheet, column: FormColumn, row: int, number: int) -> PrintedCell:
        basis = self.basis
        section, school = section_of(basis, row), int(basis.sections.school[row])
        name = f"{section.name}（{section.stage_title.zh}部）" if section.combined else section.name
        where = f"{name}：{column.title.zh}"
        if column.indicator is not None:
            cell = self._number(section.values[column.indicator], self.standard.head.precision.values, where)
            return self._noted(cell, f"{column.indicator}.{section.stage}", section.school)
        texts = {
            "name": PrintedCell(name, look="text"),
            "remark": PrintedCell(self._remark(sheet, section, basis.standing[:, row]), look="text"),
            "verdict": PrintedCell(_MET[section.verdict], missing="" if _MET[section.verdict] else where),
        }
        figures = {
            "number": float(number),
            "organizer": self._organizer(school),
            "pupils": section.pupils,
            "classes": float(basis.submission.schools.numbers(f"classes_{section.stage}")[school]),
            "grades": self._grades(school, section.stage),
        }
        return texts[column.value] if column.value in texts else self._number(figures[column.value], 0, where)

    def _organizer(self, school: int) -> float:
        if "organizer" not in self.standard.measures:
            return float("nan")
        choice = int(self.tables["schools"].choices("organizer")[school])
        code = self.standard.measures["organizer"].values[choice].id if choice >= 0 else ""
        return float(code) if code.isdigit() else float("nan")

    def _remark(self, sheet: FormSheet, section: Section, standing: Any) -> str:
        """Return which columns of a section reach the standard, and which of the others the floor."""
        rule = self.standard.section_rule
        lines = {str(column.indicator): f"L{n}" for n, column in enumerate(sheet.columns, 1)}
        names = np.array([lines.get(indicator, indicator) for indicator in self.standard.indicators])
        share = f"{float(rule.floor_share):.0%}" if rule and rule.floor_share is not None else "标准"
        titles = {2: "达标：", 1: f"达到{share}：", 0: f"低于{share}：", -1: "待定："}
        result = [
            title + "、".join(names[standing == code]) for code, title in titles.items() if (standing == code).any()
        ]
        return "；".join(result) + self._strict_section(section)

    def _strict_section(self, section: Section) -> str:
        strict = self.evaluation.strict
        if strict is None:
            return ""
        columns = strict.sections
        here = np.flatnonzero((columns["school"] == section.school) & (columns["stage"] == section.stage))
        return strict_note(section.verdict, Verdict.of(strict.section_verdicts[here[0]]), "zh") if here.size else ""

    def _grades(self, school: int, stage: Stage) -> float:
        classes = self.tables["classes"]
        here = (classes.school == school) & (classes.choices("stage") == self.evaluation.stages.index(stage))
        grades = {grade for grade in classes.texts("grade")[here].tolist() if grade}
        return float(len(grades)) if grades else float("nan")

    def _counted(self, blank: NoteCount) -> int:
        schools = self.basis.sections.school[self.sections[blank.stage]]
        return int(of_types(self.basis, blank.types)[schools].sum()) if blank.types else schools.size

    # A row for each item

    def _items(self, sheet: FormSheet) -> Iterator[Placed]:
        for row, entry in enumerate(sheet.items, 2):
            item = self.evaluation.items[entry.item].item
            lacking: list[str] = []
            name = self._sentence(entry, entry.name or item.title.zh, lacking)
            yield Placed(PrintedCell(f"{row - 1}. {name}", look="text"), (row, 0))
            sentence = self._sentence(entry, entry.sentence, lacking)
            missing = "、".join(dict.fromkeys(lacking))
            note = "；".join(flag.text(self.lang) for flag in self.flags.values() if flag.item == entry.item)
            missing = missing if entry.sentence else "简要结论（由县填写）"
            missing = f"{item.name.zh}：{missing}" if missing else ""
            yield Placed(PrintedCell(sentence, missing=missing, note=note, look="text"), (row, 1))
            verdict = item_verdict(self.evaluation, entry.item, "zh")
            lacks = "" if verdict else f"{item.name.zh}：是否达标（待定）"
            yield Placed(PrintedCell(verdict, missing=lacks), (row, 2))

    def _sentence(self, row: ItemRow, sentence: str, lacking: list[str]) -> str:
        def fill(match: Any) -> str:
            blank = row.blanks[match[1]]
            cell = self._blank(row, blank)
            if cell.value is None:
                lacking.append(cell.missing)
                return _TO_FILL
            return f"{cell.value:.{cell.decimals}f}" if isinstance(cell.value, float) else cell.value

        return BLANK_PATTERN.sub(fill, sentence)

    def _blank(self, row: ItemRow, blank: Blank) -> PrintedCell:
        if blank.fact is not None:
            return self._fact(blank.fact, blank.decimals, blank.divided_by)
        if blank.subject:
            return self._subject(blank)
        check = next((entry for entry in self.evaluation.items[row.item].checks if entry.id == blank.check), None)
        if check is None:
            known = ", ".join(entry.id for entry in self.evaluation.items[row.item].checks)
            raise RequestError(f"forms.yaml: {row.item} has no check {blank.check!r}; known: {known}")
        if blank.figure == "limit":
            return PrintedCell(float(check.required), blank.decimals)
        return self._cases(row.item, check, blank)

    def _cases(self, item: str, check: Check, blank: Blank) -> PrintedCell:
        """Return how many cases of a check are not met, or what its cases come to."""
        outcome = next(entry for entry in self.evaluation.record.outcomes[item] if entry.id == check.id)
        cases = outcome.cases
        assert cases is not None
        here = cases.verdict != Verdict.NOT_APPLICABLE.code
        if blank.stage is not None:
            here &= cases.stage == self.evaluation.stages.index(blank.stage)
        if blank.types:
            here &= of_types(self.basis, blank.types)[cases.school]
        if blank.figure == "not_met":
            unknown = int((here & (cases.verdict == Verdict.UNKNOWN.code)).sum())
            if unknown:
                return PrintedCell(None, missing=f"{check.title.zh}（{unknown}处待定）")
            return PrintedCell(float((here & (cases.verdict == Verdict.NOT_MET.code)).sum()))
        if blank.figure == "pupils":
            pupils = float(sum(of[here].sum() for of in pupils_of_cases(self.basis, cases).values()))
            return self._number(pupils, blank.decimals, "在校生数")
        return self._number(float(cases.observed[here].sum()), blank.decimals, check.title.zh)

    def _subject(self, blank: Blank) -> PrintedCell:
        table = self.tables["monitoring"]
        results = np.flatnonzero(table.texts("subject") == blank.subject).tolist()
        if not results:
            # Only what was monitored that year is reported: the blank stays.
            return PrintedCell(_TO_FILL)
        grades = [str(table.texts("grade")[row]) for row in results]
        result = []
        for row, grade in zip(results, grades, strict=True):
            if blank.of_subject == "level":
                level = int(table.choices("level")[row])
                figure = ROMAN_NUMERALS[level] if level >= 0 else ""
            else:
                rate = float(table.numbers("between_school_rate")[row])
                figure = "" if np.isnan(rate) else f"{float(rounded(rate, blank.decimals)):.{blank.decimals}f}"
            if not figure:
                title = "学业水平等级" if blank.of_subject == "level" else "校际差异率"
                return PrintedCell(None, missing=f"{blank.subject}{title}")
            result.append(f"{figure}（{grade}年级）" if len(results) > 1 and grade else figure)
        return PrintedCell("、".join(result))


def write_forms(
    evaluation: Evaluation, path: str | PathLike[str], *, lang: Language = "zh", replace: bool = False
) -> None:
    """Write the application form of one county as an Excel workbook, a sheet for each table.

    Parameters
    ----------
    evaluation : Evaluation
        Of one county.
    path : path
        Of the workbook to write.
    lang : 'zh' or 'en'
        Of notes and of the list of empty cells; the form itself is Chinese.
    replace : bool
        Whether an existing file is replaced.

    Raises
    ------
    MissingExtraError
        If XlsxWriter is not installed.
    RequestError
        If several counties were evaluated, the standard declares no forms, or the path does not end in .xlsx.
    OSError
        If the file cannot be written.

    Notes
    -----
    Cells hold numbers at the decimals of the form. What is not reported or not known is an empty cell, or a blank in
    a sentence, and is in the list on the last sheet. A cell whose rounded figure would be judged otherwise has a
    note. Cover, signatures and widths are not those of the national form, as the cover states.

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
    standard = evaluation.standard
    purpose = Phrase("生成申报表", "the forms")
    title, subject = standard.title.text(lang), standard.documents
    with new_book(path, lang, title=title, subject=subject, purpose=purpose, replace=replace) as book:
        writer = _Writer(book, evaluation)
        writer.cover()
        for sheet in sheets:
            writer.write(sheet)
        writer.empty_cells(sheets)


_LOOKS: Mapping[str, Mapping[str, Any]] = {
    "title": {"bold": True, "font_size": 14, "border": 0, "align": "left", "text_wrap": False, "font_name": "黑体"},
    "centred": {"bold": True, "font_size": 14, "border": 0, "align": "center", "font_name": "黑体"},
    "head": {"bold": True, "font_size": 9, "align": "center"},
    "figure": {"font_size": 9, "align": "center"},
    "text": {"font_size": 9, "align": "left"},
    "note": {"font_size": 9, "border": 0, "align": "left"},
}
_COVER_WIDTH, _WIDEST = 110, 90
_EMPTY = {Phrase("单元格", "cell"): 16, Phrase("缺什么", "what is missing"): _WIDEST}


@attrs.frozen
class _Writer:
    book: Book
    evaluation: Evaluation

    @property
    def county(self) -> str:
        return county_named(self.evaluation.submission, self.evaluation.counties[0], "zh", on_paper=True)

    def cover(self) -> None:
        """Write the cover, with a note on what is not in the official form."""
        forms = self.evaluation.standard.forms
        if forms is None or not forms.cover:
            return
        sheet = self.book.sheet(Phrase("封面", "Cover").text(self.book.lang))
        sheet.set_column(0, 0, _COVER_WIDTH)
        for n, line in enumerate(forms.cover):
            size = 22 if n == 0 else 14
            sheet.set_row(2 + 3 * n, 3 * LINE)
            text = line.replace("{county}", self.county)
            self.book.write(sheet, 2 + 3 * n, 0, text, border=0, align="center", bold=n == 0, font_size=size)
        row = 3 + 3 * len(forms.cover)
        notes = [forms.own.text(self.book.lang)] if forms.own else []
        for line in (*notes, *self.evaluation.standard.notes(self.book.lang)):
            self.book.write(sheet, row, 0, line, border=0, font_size=9)
            sheet.set_row(row, LINE * lines_of(line, _COVER_WIDTH))
            row += 1
        self._printed(sheet, "landscape", pages=1)

    def write(self, filled: FilledSheet) -> None:
        """Write one table."""
        sheet = self.book.sheet(filled.sheet.id)
        for n, columns in enumerate(filled.sheet.column_widths):
            sheet.set_column(n, n, columns)
        for row, height in self._heights(filled).items():
            sheet.set_row(row, height)
        for cell in filled.cells:
            self._cell(sheet, cell)
        last, forms = filled.last_row, self.evaluation.standard.forms
        if forms is not None and filled.sheet is forms.sheets[-1]:
            for last, line in enumerate(forms.signatures, filled.last_row + 3):
                self.book.write(sheet, last, 0, line, border=0, text_wrap=False, font_size=11)
        sheet.repeat_rows(1 if filled.breaks else 0, filled.repeated - 1)
        sheet.freeze_panes(filled.repeated, 0)
        sheet.print_area(0, 0, last, len(filled.sheet.column_widths) - 1)
        many = bool(filled.sheet.columns) and not filled.sheet.by_stage
        self._printed(sheet, filled.sheet.paper, pages=0 if many or filled.breaks else 1)
        if filled.breaks:
            sheet.set_h_pagebreaks(filled.breaks)

    def _heights(self, filled: FilledSheet) -> Mapping[int, float]:
        heights: dict[int, float] = {}
        for cell in filled.cells:
            if cell.cell.look in ("title", "centred"):
                heights[cell.first[0]] = 2 * LINE
            elif isinstance(cell.cell.value, str):
                room = sum(filled.sheet.column_widths[cell.first[1] : cell.last[1] + 1])
                rows = cell.last[0] - cell.first[0] + 1
                # Chinese breaks between any two characters, but never in the middle of one.
                lines = lines_of(cell.cell.value, max(2, room - 1))
                for row in range(cell.first[0], cell.last[0] + 1):
                    heights[row] = max(heights.get(row, LINE + 4), LINE * -(-lines // rows) + 4)
        return heights

    def _cell(self, sheet: Worksheet, placed: Placed) -> None:
        cell, (row, column) = placed.cell, placed.first
        look = dict(_LOOKS[cell.look])
        if placed.first != placed.last:
            sheet.merge_range(row, column, *placed.last, "", self.book.format(**look))
        if isinstance(cell.value, float):
            look["num_format"] = "0." + "0" * cell.decimals if cell.decimals else "0"
        self.book.write(sheet, row, column, "" if cell.value is None else cell.value, **look)
        if cell.note:
            sheet.write_comment(row, column, cell.note, {"x_scale": 2, "y_scale": 1 + width(cell.note) / 120})

    def empty_cells(self, sheets: Sequence[FilledSheet]) -> None:
        """Write the list of the cells that are empty because something is not reported or not known."""
        lang = self.book.lang
        sheet = self.book.sheet(Phrase("空格清单", "Empty cells").text(lang))
        lines = [(f"{filled.sheet.id} {place}", missing) for filled in sheets for place, missing in filled.empty]
        columns = [(title.text(lang), wide) for title, wide in _EMPTY.items()]
        self.book.table(sheet, 0, columns, lines or [(Phrase("没有", "none").text(lang), "")])
        sheet.repeat_rows(0)
        self._printed(sheet, "portrait", pages=0)

    def _printed(self, sheet: Worksheet, paper: str, *, pages: int) -> None:
        self.book.printed(sheet, landscape=paper == "landscape", pages_high=pages, left=self.county)
