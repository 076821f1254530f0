"""Cells become values: what a mapping states they mean, marks, units in cells, stages by type, and typed columns."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from fractions import Fraction

import attrs
import numpy as np

from balancedu.calculator.groups import Ints
from balancedu.core.fields import Stage, plain
from balancedu.core.model import Choice, Measure, split_terms
from balancedu.core.standard import SECTIONS, Standard
from balancedu.files.binding import Bound
from balancedu.files.figures import whole, year_of
from balancedu.files.headers import Headers, path_text
from balancedu.files.mapping import MappedSheet, normal
from balancedu.files.rows import NUMBERS, DataRows, RowBlock
from balancedu.files.sheet import Cell, Row, Sheet, text_of
from balancedu.files.vocabulary import (
    COUNTED,
    NO_SCHOOL,
    UNKNOWN_UNIT,
    VALUE_WITH_UNIT,
    conversion,
    is_unit,
    no_unit,
    scaling_of,
    split_unit,
    unit_per_pupil,
)
from balancedu.submission.arrange import WRITE_IN_FULL, concatenated, type_columns, type_of_stages
from balancedu.submission.columns import IDS, MisfilledError, Scaling, number_reader, typed
from balancedu.submission.problems import BadCell, Problems, number_text, shown
from balancedu.submission.tables import Column, RawTable, RowPlaces, letters
from balancedu.text import NO_WORDS, Phrase, listed, meant

Cells = dict[str, list[Cell]]
"""The cells of some rows, by column of the table."""

_SIGNS = "- -- --- — —— ——— ― – － / // \\ * ** × x … …… . 、 ○ 〇"
_NO_FIGURES = "无 没有 暂无 不适用 无此项 无数据 未统计 未填 未报 待填 待定 空 缺 不详 n/a na null none nil"
_MARKS = frozenset((*_SIGNS.split(), *_NO_FIGURES.split()))
"""What cells of figures hold that means none, or not reported; it is never guessed to be 0."""
_MOST_CELLS = 30
_MOST_EXAMPLES = 2
_MOST_SCHOOLS = 5
_NUMBERED = re.compile(r"(?<=[0-9])[\s\-—.、:：]*(?=[^\s0-9\-—.、:：])|[（(](?=[0-9])")
_UNCOUNTED = re.compile("不计校|不计入校|不单独计校|不独立计校|不单独统计|(?<!教学点)分校区?$|的分校|教学部$")
SEVERAL_STAGES = Phrase("没有分学段的数", "figure of several stages")
_CAMPUS = re.compile("分校|分校区|分校点|附属校区|非独立校区|不计校(?:数)?")
_ENDING = 6
_YEAR = "年"


@attrs.define
class Ids:
    """What the ids of a table look like, over all its sheets: the first number and its place, and a text with 0."""

    numeric: dict[str, tuple[float, str]] = attrs.field(factory=dict)
    padded: dict[str, str] = attrs.field(factory=dict)
    refused: set[str] = attrs.field(factory=set)

    def refuse_mixed(self, table: str, problems: Problems) -> None:
        """Refuse ids that are numbers beside others that begin with 0: a number does not show its leading zeros."""
        for name in (set(self.numeric) & set(self.padded)) - self.refused:
            self.refused.add(name)
            (number, place), other = self.numeric[name], shown(self.padded[name])
            full = number_text(number).zfill(len(self.padded[name]))
            problem = Phrase(
                f"填报数字{number_text(number)}，而其他标识码以0开头，如{other.zh}",
                f"found the number {number_text(number)}, and other ids begin with 0, as {other.en}",
            ) + meant([full] if full != number_text(number) else [])
            problems.note(table, place, name, problem, WRITE_IN_FULL, Phrase("标识码写成数字", "id as a number"))


@attrs.define
class TableReader(DataRows):
    """Makes a typed table of the rows of one sheet; what was decided is noted.

    Attributes
    ----------
    mapped : MappedSheet, optional
        What a mapping states about the sheet.
    ids : Ids
        What the ids look like, over all sheets of the table.
    types : mapping of (county, school) to type
        Those of schools in other sheets, by plain id or name.
    county_names : mapping of code to name
        Of counties that the sheet calls by both.
    """

    mapped: MappedSheet | None = None
    ids: Ids = attrs.field(factory=Ids)
    types: Mapping[tuple[str, str], str] = attrs.field(factory=dict)
    county_names: dict[str, str] = attrs.field(factory=dict)
    _marks: dict[str, list[tuple[int, Bound]]] = attrs.field(init=False, factory=dict)
    _with_units: dict[str, list[str]] = attrs.field(init=False, factory=dict)
    _passed: dict[str, dict[str, None]] = attrs.field(init=False, factory=dict)
    _of_sections: dict[int, dict[int, float]] = attrs.field(init=False, factory=dict)

    @property
    def known(self) -> Mapping[str, Measure]:
        """What the columns can hold."""
        return self.headers.binder.measures

    @property
    def county(self) -> str:
        """The county of all rows, where no column states it."""
        return self.mapped.county if self.mapped and "county" not in self.bound else ""

    def table(self, rows: Iterable[Row]) -> RawTable:
        """Return the table that the rows hold."""
        parts, lines = list[RawTable](), list[Ints]()
        given = _section_columns(self.headers)
        for part in self.parts(rows):
            self._keep_beside(part, given)
            self._add_constants(part)
            self._apply_mapping(part.cells)
            self._split_by_type(part)
            self._leave_out_other_stages(part.cells)
            for name, entry in self.bound.items():
                self._read_units(name, entry, part)
                self._take_marks(entry, part.numbers, part.cells[name])
                self._pass_over_values(entry.measure, part.cells[name])
            for name, entry in self.bound.items():
                if entry.over and part.numbers:
                    part.cells[name] = self._shares(name, entry, part)
            if part.numbers:
                parts.append(self._typed(part))
                lines.append(np.array(part.numbers, dtype=np.int64))
        if not parts:
            parts.append(self._typed(RowBlock([], {name: [] for name in self.bound}, {}, [])))
        origin = attrs.evolve(self._origin(np.concatenate([*lines, np.empty(0, np.int64)])), whole=self.whole)
        self._note_values()
        if self.headers.table == "schools" and self.total_names and not any(part.size for part in parts):
            self._refuse_totals_alone()
        self._refuse_marks()
        self.ids.refuse_mixed(self.headers.table, self.problems)
        table = concatenated(parts, origin)
        unclear = {name: () for name in self.ids.refused if name not in table.faulty}
        table = attrs.evolve(table, faulty={**table.faulty, **unclear})
        for column, figures in self._of_sections.items():
            _note_sections(table, given[column], figures, self.headers.binder.standard, self.sheet)
        if table.id != "facts":
            self.note_differences(table)
        return table

    def _keep_beside(self, part: RowBlock, given: Mapping[int, SectionColumn]) -> None:
        """Keep names of counties, and figures of sections, which decide nothing, from columns that are not bound."""
        if names := part.beside.get(self.bindings.county_names):
            codes = map(text_of, part.cells["county"])
            self.county_names |= {
                code: name for code, name in zip(codes, map(text_of, names), strict=True) if code and name
            }
        for column, kind in given.items():
            for number, cell in zip(part.numbers, part.beside.get(column, ()), strict=False):
                with suppress(MisfilledError):
                    value = float(number_reader(kind.measure, None, commas=self.sheet.commas)(cell))
                    if not np.isnan(value):
                        self._of_sections.setdefault(column, {})[number] = value

    def _add_constants(self, part: RowBlock) -> None:
        """Add what a mapping, the name of the sheet or another sheet states about all rows."""
        binder, cells, size = self.headers.binder, part.cells, len(part.numbers)
        for name in ("type", "stage", "organizer"):
            value = getattr(self.mapped, name) if self.mapped else ""
            value = value or (binder.stage if name == "stage" else "")
            if value and name in self.known and name not in self.bound:
                cells[name] = [value] * size
        if self.county:
            cells["county"] = [self.county] * size
        if self.headers.table != "schools" or "type" in cells:
            return
        if binder.stage:
            # Of a sheet called 小学 every school is one of that stage, unless another sheet has it too.
            cells["type"] = [type_of_stages(frozenset((binder.stage,)), binder.standard)] * size
        elif self.types:
            types: list[Cell] = [self._type_elsewhere(cells, row) for row in range(size)]
            if any(types) or any(entry.by_type for entry in self.bound.values()):
                cells["type"] = types

    def _type_elsewhere(self, cells: Cells, row: int) -> str | None:
        """Return the type that another sheet gives a school."""
        county = text_of(cells["county"][row]) if "county" in cells else ""
        names = [plain(text_of(whole(cells[name][row]))) for name in ("school", "name") if name in cells]
        keys = [(place, name) for name in names for place in (county, "")]
        return next((self.types[key] for key in keys if key in self.types), None)

    def _apply_mapping(self, cells: Cells) -> None:
        """Read cells as a mapping states what they mean."""
        marks = set(map(normal, self.mapped.empty_marks)) if self.mapped else set()
        columns = self.mapped.columns if self.mapped else ()
        for name, entry in self.bound.items() if self.mapped else ():
            column = next((other for other in columns if other.means(entry.column, entry.path)), None)
            if not marks and (column is None or not column.values):
                continue
            for row, cell in enumerate(cells[name]):
                text = text_of(cell)
                node = column.meaning_of(text) if column and text else None
                if node is not None:
                    value = node.value
                    is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
                    cells[name][row] = float(str(value)) if is_number else None if value is None else str(value)
                elif text and normal(text) in marks:
                    cells[name][row] = None

    def _types(self, cells: Cells) -> list[Choice | None]:
        """Return the type of the school of each row; None if that is unknown."""
        measure = self.known["type"]
        return [measure.values[kind] if kind >= 0 else None for kind in typed(_as_array(cells["type"]), measure)[0]]

    def _split_by_type(self, part: RowBlock) -> None:
        """Leave in the columns of each stage the figures of the schools that have this stage alone.

        A figure of a school of several stages is refused: its section is unknown. That of a school whose type has no
        stage of its own is passed over, as the school is when sections are counted.
        """
        together: dict[int, list[str]] = {}
        for name, entry in self.bound.items():
            if entry.by_type:
                together.setdefault(entry.column, []).append(name)
        if not together:
            return
        types = self._types(part.cells)
        for names in together.values():
            header = path_text(self.bound[names[0]].path)
            for row, kind in enumerate(types):
                cell, own = part.cells[names[0]][row], _stages_of(kind)
                if kind and len(own) > 1 and text_of(cell):
                    measures = [self.known[name] for name in names if self.known[name].stage in own]
                    problem = Phrase(
                        f"填报{text_of(cell)}，但{kind.title.zh}有几个学段，表头没有写明是哪个",
                        f"found {text_of(cell)}, and a {kind.title.en} has several stages: of which it is, "
                        "no header says",
                    )
                    hint = Phrase(
                        f"请让每个学段各占一列：{listed(measure.title.zh for measure in measures).zh}",
                        f"give every stage a column of its own: {listed(measure.column for measure in measures).en}",
                    )
                    place = self.sheet.place(part.numbers[row], self.bound[names[0]].column)
                    self.problems.note(self.headers.table, place, header, problem, hint, SEVERAL_STAGES)
                for name in names:
                    if own != (self.known[name].stage,):
                        part.cells[name][row] = None

    def _leave_out_other_stages(self, cells: Cells) -> None:
        """Let the sum of a stage count in the rows of schools that have the stage."""
        sums = [
            (name, entry.measure.stage)
            for name, entry in self.bound.items()
            if entry.addends and not entry.by_type and entry.measure.stage
        ]
        if sums and "type" in cells:
            for row, own in enumerate(map(_stages_of, self._types(cells))):
                for name, stage in sums:
                    if own and stage not in own:
                        cells[name][row] = None

    def _read_units(self, name: str, bound: Bound, part: RowBlock) -> None:
        """Read figures that state their unit in the cell, where it is beyond doubt; it is noted."""
        measure, standard, cells = bound.measure, self.headers.binder.standard, part.cells[name]
        if measure.type not in ("count", "number"):
            return
        if measure.unit and measure.unit.zh == _YEAR:
            cells[:] = map(year_of, cells)
        per = bound.scaling.factor if bound.scaling else None
        for row, cell in enumerate(cells):
            match = VALUE_WITH_UNIT.fullmatch(unicodedata.normalize("NFKC", cell)) if isinstance(cell, str) else None
            if match is None:
                continue
            indicator = standard.indicators.get(name) if self.headers.table == SECTIONS else None
            unit = unit_per_pupil(match[2], indicator.per) if indicator else match[2]
            scaling = scaling_of(unit, measure, standard) if unit else Scaling(match[2], Fraction(1))
            if scaling is None and is_unit(match[2], standard):
                problem, hint = no_unit(shown(match[2]), measure, standard)
                problem = Phrase(f"填报“{text_of(cell)}”，", f"found {text_of(cell)!r}: ") + problem
                place = self.sheet.place(part.numbers[row], bound.column)
                self.problems.note(measure.table, place, name, problem, hint, UNKNOWN_UNIT)
                cells[row] = None
            elif scaling and per in (None, scaling.factor):
                with suppress(MisfilledError):
                    number = Fraction(repr(number_reader(measure, scaling)(match[1]))) * scaling.factor
                    cells[row] = float(number / (per or 1))
                    self._with_units.setdefault(name, []).append(f"{str(cell).strip()} = {number_text(float(number))}")

    def _take_marks(self, bound: Bound, numbers: Sequence[int], cells: list[Cell]) -> None:
        """Keep marks in cells of figures, each with its cells, and take them for not reported."""
        if bound.addends or bound.measure.type in ("text", "choice"):
            return
        for row, cell in enumerate(cells):
            if isinstance(cell, str) and {normal(cell).casefold(), cell.strip()} & _MARKS:
                self._marks.setdefault(cell.strip(), []).append((numbers[row], bound))
                cells[row] = None

    def _refuse_marks(self) -> None:
        """Refuse each mark once, with all its cells and what can be written for it."""
        for mark, places in self._marks.items():
            more = ["…"] if len(places) > _MOST_CELLS else []
            zh = [f"{letters(bound.column)}{row}" if self.sheet.name else f"第{row}行" for row, bound in places]
            en = [f"{letters(bound.column)}{row}" if self.sheet.name else f"row {row}" for row, bound in places]
            measures = {bound.measure.column: bound.measure.title.zh for _, bound in places}
            problem = Phrase(
                f"“{mark}”填在应填数字的{len(places)}格里（{listed(measures.values()).zh}）："
                f"{'、'.join([*zh[:_MOST_CELLS], *more])}",
                f"found {mark!r} in {len(places)} cells that hold figures ({listed(measures).en}): "
                f"{', '.join([*en[:_MOST_CELLS], *more])}",
            )
            empty, zero = f'empty_marks: ["{mark}"]', f'values: {{"{mark}": 0}}'
            hint = Phrase(
                f"没有填报的请留空，或在 mapping.yaml 里写 {empty}；确认是0的请填0，或在这一列写 {zero}",
                f"leave empty what is not reported, or write {empty} into mapping.yaml; where it means 0, write 0, "
                f"or {zero} of the column",
            )
            row, bound = places[0]
            name, kind = bound.measure.column if len(measures) == 1 else "", Phrase("不是数字的记号", "a mark")
            place = self.sheet.place(row, bound.column)
            self.problems.note(self.headers.table, place, name, problem, hint, kind)

    def _pass_over_values(self, measure: Measure, cells: list[Cell]) -> None:
        """Take values of a closed list that nothing needs for not reported, where they are none of the list.

        Before and behind a value there may be its number, as 811 教育部门 or 县级教育部门（831）.
        """
        if measure.type != "choice" or measure.table != "schools":
            return
        known = {plain(word): choice.id for choice in measure.values for word in (choice.id, *choice.writings)}
        for row, cell in enumerate(cells):
            text = text_of(whole(cell))
            if not plain(text) or plain(text) in known:
                continue
            numbered = next((known[word] for word in map(plain, _NUMBERED.split(text)) if word in known), None)
            if numbered is not None:
                cells[row] = numbered
            elif not measure.needed_by:
                self._passed.setdefault(measure.column, {})[text] = None
                cells[row] = None

    def _shares(self, name: str, bound: Bound, part: RowBlock) -> list[Cell]:
        """Return counts divided by the pupils of all stages of the school; unknown where those of one are missing."""
        cells, size = part.cells, len(part.numbers)
        counts, bad = typed(_as_array(cells[name]), self.known[bound.over[0]], commas=self.sheet.commas)
        stages = list(map(_stages_of, self._types(cells))) if "type" in cells else [()] * size
        pupils = np.zeros(size)
        for measure in map(self.known.__getitem__, bound.over):
            given = typed(_as_array(cells.get(measure.column, [None] * size)), measure, commas=self.sheet.commas)[0]
            needed = np.array([not own or measure.stage in own for own in stages])
            pupils += np.where(np.isnan(given) & ~needed, 0, given)
        hint, kind = Phrase("请核对这两个数", "correct one of the two"), Phrase("多于在校生数", "more than the pupils")
        for row in np.flatnonzero(counts > pupils).tolist():
            count, there = number_text(counts[row]), number_text(pupils[row])
            problem = Phrase(f"填报{count}，多于在校生数{there}", f"found {count}, more than the {there} pupils")
            bad.append(BadCell(row, problem, hint, kind))
        for entry in bad:
            place = self.sheet.place(part.numbers[entry.row], bound.column)
            self.problems.note(bound.measure.table, place, name, entry.problem, entry.hint, entry.kind)
            counts[entry.row] = np.nan
        shares = np.divide(counts, pupils, out=np.full(size, np.nan), where=pupils > 0)
        return [None if np.isnan(share) else share for share in shares.tolist()]

    def _note_values(self) -> None:
        """Note how cells and columns were read."""
        note = self.sheet.add_note
        for header in dict.fromkeys(path_text(entry.path) for entry in self.bound.values() if entry.by_type):
            zh, en = (
                f"“{header}”没有写学段，按各校的学校类型归入",
                f"{header!r} says no stage, and was read by the type",
            )
            note(zh, f"{en} of each school")
        for name, examples in self._with_units.items():
            title, some = self.known[name].title, listed(examples[:_MOST_EXAMPLES])
            note(
                f"“{title.zh}”有{len(examples)}格写了单位，已换算：{some.zh}",
                f"{len(examples)} cells of {title.en} say their unit, and were converted: {some.en}",
            )
        for name, values in self._passed.items():
            title, some = self.known[name].title, listed(values)
            note(
                f"“{title.zh}”的{some.zh}不在可填的值之内，判定不需要，作为没有填报；mapping.yaml 里可用 values 写明",
                f"{title.en} {some.en} is none of the known values; no rule needs it, and it was left out; values in "
                "mapping.yaml can say what it is",
            )
        for entry in self.bound.values():
            title, header = entry.measure.title, path_text(entry.path)
            if entry.scaling:
                sentence = conversion(entry.measure, entry.scaling)
                note(sentence.zh, sentence.en)
            if entry.addends:
                named = listed(path_text(self.headers.every_path[column]) for column in entry.addends)
                note(f"{title.zh}取自：{named.zh}", f"{title.en}: the sum of {named.en}")
            if entry.over:
                note(f"{title.zh}由“{header}”除以在校生数得出", f"{title.en}: {header!r} divided by the pupils")

    def _refuse_totals_alone(self) -> None:
        """Refuse a sheet of schools whose only rows are totals."""
        names = listed(self.total_names[:_MOST_EXAMPLES])
        problem = Phrase(f"只有合计“{names.zh}”，没有学校", f"found only the total {names.en}, and no school")
        hint = Phrase("请一所学校填一行", "give every school a row of its own")
        place = self.sheet.place(self.left_out["total"][0], next(iter(self.labels), -1))
        self.problems.note(self.headers.table, place, "", problem, hint)

    def _origin(self, lines: Ints) -> RowPlaces:
        return RowPlaces(self.sheet.file, lines, sheet=self.sheet.name, columns=self.bindings.positions)

    def _typed(self, part: RowBlock) -> RawTable:
        """Return some rows as typed columns."""
        columns = {name: self._array(name, cells, part.numbers) for name, cells in part.cells.items()}
        if self.headers.table == "sections":
            columns |= {"stage": _as_array(self._stages(part))}
            columns.pop("type", None)
        if self.headers.table == "schools":
            self._refuse_uncounted(part, {name: columns.pop(name) for name in set(NO_SCHOOL) & set(columns)})
        scalings = {name: entry.scaling for name, entry in self.bound.items()}
        known = self.headers.binder.standard.table_measures(self.headers.table)
        origin, commas = self._origin(np.array(part.numbers, dtype=np.int64)), self.sheet.commas
        return type_columns(self.headers.table, columns, known, origin, self.problems, scalings, commas=commas)

    def _stages(self, part: RowBlock) -> list[Cell]:
        """Return the stages of sections: by the type of school, or by the block of rows that is numbered from 1."""
        cells, words = part.cells, self.headers.binder.words
        if "stage" in cells:
            return cells["stage"]
        if "type" not in cells:
            known = self.headers.binder.standard.stages
            return [known[block] if self.block < len(known) else None for block in part.blocks]
        stages: list[Cell] = []
        for row, own in enumerate(map(_stages_of, self._types(cells))):
            # The name of a section may end in its stage, as 小学部.
            name = text_of(cells["name"][row]) if "name" in cells else ""
            ending = words.stage_in(name[-_ENDING:]) if name.rstrip("）)").endswith("部") else None
            stages.append(own[0] if len(own) == 1 else ending)
        return stages

    def _refuse_uncounted(self, part: RowBlock, flags: Mapping[str, Column]) -> None:
        """Refuse rows that state that they are no school, in their column or a remark, and name none they belong to."""
        uncounted: dict[int, tuple[int, str]] = {}
        is_school: set[int] = set()
        for name, cells in flags.items():
            answers, bad = typed(cells, self.known[name])
            column = self.bound[name].column
            for entry in bad:
                place = self.sheet.place(part.numbers[entry.row], column)
                self.problems.note("schools", place, name, entry.problem, entry.hint, entry.kind)
            is_school |= set(np.flatnonzero(answers == (not NO_SCHOOL[name])).tolist())
            uncounted |= dict.fromkeys(np.flatnonzero(answers == NO_SCHOOL[name]).tolist(), (column, ""))
        for column, beside in part.beside.items():
            says_so = _UNCOUNTED.search if column in self.headers.passed else _CAMPUS.fullmatch
            for row, cell in enumerate(beside):
                if isinstance(cell, str) and says_so(cell.strip()) and row not in is_school:
                    uncounted.setdefault(row, (column, cell.strip()))
        types = self._types(part.cells) if uncounted and "type" in part.cells else []
        for row, (column, remark) in sorted(uncounted.items()):
            held = {name: text_of(cells[row]) for name, cells in part.cells.items()}
            if held.get("parent") or (types and (kind := types[row]) and kind.by_itself):
                # Teaching points are no schools in the statistics, and are judged by their pupils all the same.
                continue
            name = held.get("name") or held.get("school", "")
            says = Phrase(f"（“{remark}”）", f" ({remark})") if remark else NO_WORDS
            problem = Phrase(f"{name}不计校数", f"{name} is not counted as a school") + says
            problem += Phrase("，却没有填所属学校", ", and names none it belongs to")
            hint = Phrase(
                "请加一列“所属学校”（parent），填它所属主校的标识或名称；是教学点的，学校类型请填教学点",
                "add a column 所属学校 (parent) with the id or name of its school; a teaching point has a type for it",
            )
            place = self.sheet.place(part.numbers[row], column)
            self.problems.note("schools", place, COUNTED, problem, hint, Phrase("不计校数", "not counted"))

    def _array(self, name: str, cells: list[Cell], numbers: Sequence[int]) -> Column:
        measure, kinds = self.known[name], set(map(type, cells))
        if measure.type in NUMBERS and kinds <= {float, int, type(None)}:
            return np.array(cells, dtype=np.float64)
        if measure.type == "text" and float in kinds:
            # A sheet keeps no other numbers than floats.
            if name in IDS and name in self.bound and name not in self.ids.numeric:
                row, number = next((numbers[n], cell) for n, cell in enumerate(cells) if type(cell) is float)
                self.ids.numeric[name] = number, self.sheet.place(row, self.bound[name].column)
            known = {cell: whole(cell) for cell in {cell for cell in cells if type(cell) is float}}
            cells = [known[cell] if type(cell) is float else cell for cell in cells]
        if name in IDS and self.sheet.name and name not in self.ids.padded:
            padded = next((cell for cell in cells if type(cell) is str and cell.startswith("0")), None)
            self.ids.padded |= {} if padded is None else {name: padded}
        return _as_array(cells)


def _stages_of(kind: Choice | None) -> tuple[Stage, ...]:
    """Return the stages of a type of school; none if the type is unknown."""
    return tuple(kind.stages or ()) if kind else ()


def _as_array(cells: Sequence[Cell]) -> Column:
    return np.fromiter(cells, dtype=object, count=len(cells))


@attrs.frozen
class SectionColumn:
    """A column that reports for one stage what the school reports as a whole."""

    measure: Measure
    stage: Stage
    factor: float


def _section_columns(headers: Headers) -> Mapping[int, SectionColumn]:
    """Return the columns of a sheet of schools that give a shared resource for one stage."""
    result: dict[int, SectionColumn] = {}
    words, standard = headers.binder.words, headers.binder.standard
    for column, path in headers.paths.items() if headers.table == "schools" else ():
        stage = words.stage_in("".join(path))
        if headers.meanings[column].measures or stage not in standard.stages:
            continue
        leaf, unit = split_unit(path[-1])
        measures = words.meant(tuple(filter(None, map(words.without_stage, (*path[:-1], leaf)))))
        if len(measures) == 1 and measures[0].unit and measures[0].stage is None:
            scaling = scaling_of(unit, measures[0], standard) if unit else None
            result[column] = SectionColumn(measures[0], stage, float(scaling.factor) if scaling else 1.0)
    return result


def _note_sections(
    table: RawTable, column: SectionColumn, given: Mapping[int, float], standard: Standard, sheet: Sheet
) -> None:
    """Note the figures per pupil of a column, by line, and those of the official split."""
    names = table.columns.get("name", table.columns.get("school", np.full(table.size, "")))
    pupils = table.columns.get(standard.head.scope.pupils[column.stage], np.zeros(table.size))
    pairs: list[str] = []
    for indicator in standard.indicators.values():
        terms = split_terms(indicator.terms(column.stage))
        if column.measure.column not in {name for sign, name in terms if sign > 0}:
            continue
        for row, line in enumerate(np.asarray(table.origin.lines).tolist()):
            split = _split(table, row, column.stage, terms, standard) if line in given and pupils[row] > 0 else np.nan
            if not np.isnan(split):
                own = given[line] * column.factor / pupils[row] * indicator.per
                pairs.append(
                    f"{names[row]} {number_text(round(own, 2))} / {number_text(round(split * indicator.per, 2))}"
                )
    if pairs:
        some, more = "，".join(pairs[:_MOST_SCHOOLS]), "……" if len(pairs) > _MOST_SCHOOLS else ""
        stage, title = standard.head.stage_titles[column.stage], column.measure.title
        sheet.add_note(
            f"{stage.zh}的{title.zh}另有填报，判定按全校的数拆分；填报数折合每生 / 拆分所得：{some}{more}",
            f"{title.en} of {stage.en} sections is given too, and judged is the split of the school's figure; "
            f"per pupil as given / by the split: {some.replace('，', ', ')}{more}",
        )


def _split(table: RawTable, row: int, stage: Stage, terms: tuple[tuple[int, str], ...], standard: Standard) -> float:
    """Return the amount per pupil of a stage by the official split; NaN if something is not known."""
    kind = int(table.columns["type"][row]) if "type" in table.columns else -1
    counted = standard.counted(standard.measures["type"].values[kind].id) if kind >= 0 else None
    if counted is None or stage not in counted.weights or any(name not in table.columns for _, name in terms):
        return np.nan
    amount = sum(sign * float(table.columns[name][row]) for sign, name in terms)
    weighted = 0.0
    for other, weight in counted.weights.items():
        column = standard.head.scope.pupils[other]
        weighted += float(weight) * (float(table.columns[column][row]) if column in table.columns else np.nan)
    return amount * float(counted.weights[stage]) / weighted if weighted > 0 else np.nan
