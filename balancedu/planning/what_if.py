"""What would follow: changes made to a copy of a county, which is judged again and compared."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import numpy as np

from balancedu.core.fields import Impossible, Language
from balancedu.core.nodes import Node, SpecProblems, TooManyError, read_yaml
from balancedu.core.structure import Structurer
from balancedu.document import Block, Columns, Heading, Paragraph, Result, columns_of
from balancedu.errors import DataError, DataErrors, near
from balancedu.evaluate import evaluate
from balancedu.evaluation.evaluation import Evaluation
from balancedu.planning.changes import CHANGE_KINDS, Change, Draft, Value
from balancedu.planning.compare import Comparison, compare, county_title
from balancedu.submission.submission import Submission
from balancedu.text import KNOWN, Phrase

Changes = Path | Sequence[Mapping[str, Any] | Change]
"""A YAML file, or a list of changes as mappings or objects."""
_KINDS_ZH = {kind.does_zh: name for name, kind in CHANGE_KINDS.items()}


def read_changes(changes: Changes) -> list[tuple[Change, str]]:
    """Return the changes in their order, each with its place.

    Raises
    ------
    DataErrors
        With every change that cannot be understood.
    FileNotFoundError
        If there is no such file.
    TypeError
        If a text is given: a file is named by a Path.
    """
    if isinstance(changes, str) or not isinstance(changes, Path | Sequence):
        raise TypeError(f"changes must be a list or the Path of a YAML file, found {type(changes).__name__}")
    problems = SpecProblems()
    structurer = _Structurer(problems)
    given: Sequence[Any] = () if isinstance(changes, Path) else changes
    if isinstance(changes, Path):
        root, errors = read_yaml(changes.read_bytes(), changes.name)
    else:
        # One change a line, so that the number of the line is that of the change.
        lines = (json.dumps(_plain(entry), ensure_ascii=False) for entry in changes)
        root, errors = read_yaml("".join(f"- {line}\n" for line in lines).encode() or b"[]", "changes")
    problems.errors.extend(errors)
    if root and not isinstance(root.value, tuple):
        problem = Phrase("文件应为改动的列表", "the file must hold a list of changes")
        structurer.note(root, "", problem, Phrase("每项以 `- do: add` 开头", "begin each with `- do: add`"))
    placed = []
    with suppress(TooManyError):
        for n, node in enumerate(root.value if root and isinstance(root.value, tuple) else ()):
            made = given[n] if given and isinstance(given[n], Change) else structurer.build(Change, node)
            placed.append((made, f"{node.file}:{node.line}"))
    if problems.errors:
        raise DataErrors(DataError.of(error, "changes") for error in problems.errors)
    return placed


class _Structurer(Structurer):
    """Builds changes: a mapping whose `do` names the kind, with keys in English or in Chinese."""

    def _way(self, wanted: Any) -> Any:
        if wanted is Value:
            return self._value
        return self._change if wanted is Change else super()._way(wanted)

    def _value(self, _wanted: Any, node: Node, path: str) -> Any:
        if isinstance(node.value, bool | int | Decimal | str):
            return node.value
        return self.note(node, path, Phrase("应为一个数、文字或是否", "must be a number, a text, or true or false"))

    def _change(self, _wanted: Any, node: Node, path: str) -> Any:
        known = KNOWN + Phrase("、".join(_KINDS_ZH), ", ".join(CHANGE_KINDS))
        keys = node.value if isinstance(node.value, Mapping) else {}
        kind = keys.get("do") or keys.get("改动")
        if kind is None:
            problem = Phrase("缺少“do”（或“改动”），即改动的种类", "needs the key 'do', which names the change")
            return self.note(node, path, problem, known)
        name = _KINDS_ZH.get(kind.text, kind.text)
        if name not in CHANGE_KINDS:
            problem = Phrase(f"没有叫“{kind.text}”的改动", f"no change is called {kind.text!r}")
            return self.note(kind, "do", problem + near(kind.text, [*CHANGE_KINDS, *_KINDS_ZH]), known)
        names = {alias: field.name for field in attrs.fields(CHANGE_KINDS[name]) for alias in field.metadata["zh"]}
        rest = {names.get(key, key): value for key, value in keys.items() if value is not kind}
        return self._object(CHANGE_KINDS[name], attrs.evolve(node, value=rest), path)


def _plain(value: Any) -> Any:
    """Return a value of Python or numpy as JSON can write it; what no YAML file can hold becomes an empty list."""
    if isinstance(value, Mapping):
        return {str(key): _plain(entry) for key, entry in value.items() if entry is not None}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value if isinstance(value, str | int | float) else []


@attrs.frozen
class Made:
    """A change that was made: where it was read, and what it did in words."""

    change: Change
    place: str
    words: Phrase


@attrs.frozen(eq=False)
class WhatIf(Result):
    """A county after changes, judged again.

    Attributes
    ----------
    submission : Submission
        The changed copy.
    evaluation : Evaluation
        How it is judged, by the standard of the evaluation before.
    comparison : Comparison
        Every decision that changed, and why.
    made : tuple of Made
        The changes in their order.
    """

    submission: Submission = attrs.field(repr=False)
    evaluation: Evaluation
    comparison: Comparison = attrs.field(repr=False)
    made: tuple[Made, ...] = attrs.field(repr=False)

    @property
    def tables(self) -> Mapping[str, Columns]:
        """The tables of the comparison, and the changes in their order."""
        rows = ((made.change.does, made.place, made.words) for made in self.made)
        made = columns_of(rows, do=str, place=str, words=Phrase)
        return {**self.comparison.tables, "made": made}

    def single_values(self) -> dict[str, Any]:
        """Return the verdicts before and after."""
        sides = {"verdicts_before": self.comparison.before, "verdicts_after": self.evaluation}
        return {
            name: {county: verdict.name for county, verdict in side.verdicts.items()} for name, side in sides.items()
        }

    def blocks(self, lang: Language) -> Iterator[Block]:
        """Yield the changes, the verdict, and what changed."""
        yield Heading(Phrase("测算条件", "Changes").text(lang))
        for number, made in enumerate(self.made, 1):
            yield Paragraph(f"{number}. {made.words.text(lang)}")
        yield Heading(Phrase("全县判定", "The county's verdict").text(lang))
        for county, after in self.evaluation.verdicts.items():
            before = self.comparison.before.verdicts[county]
            name = county_title(self.evaluation, county).text(lang)
            yield Paragraph(f"{name}  {before.text(lang)} → {after.text(lang)}")
        yield from self.comparison.blocks(lang)


def what_if(evaluation: Evaluation, changes: Changes) -> WhatIf:
    """Return how a county would be judged after changes, and every decision that changes.

    Parameters
    ----------
    evaluation : Evaluation
        Of one county or many; its submission stays as it is, the changes are made to a copy, in their order.
    changes : Path of a YAML file, or list of mappings
        Each has a key `do`: add, transfer, move_pupils, resize, set, merge, close, open, build_rooms,
        divide_classes, arrange_classes or state; see the guide for their keys. Kinds, keys, schools, measures,
        stages and types may be written in Chinese as well.

    Returns
    -------
    WhatIf
        The evaluation after the changes, what was done, and the comparison with the evaluation before.

    Raises
    ------
    DataErrors
        With every change that cannot be understood, or the first that the county does not allow, each with its
        place.
    TypeError
        If `changes` is a text: a file is named by a Path.

    Examples
    --------
    >>> import balancedu as be
    >>> after = be.what_if(be.evaluate(be.example("failing")), [
    ...     {"do": "add", "school": "007", "amounts": {"backbone_teachers_primary": 1}},
    ... ])
    >>> found = after.comparison.changes
    >>> sorted(zip(found["level"].tolist(), found["school"].tolist(), found["direction"].tolist()))
    [('indicator', '007', 'better'), ('section', '007', 'better')]
    >>> print(after.made[0].words.zh)
    安和县青杨教学点增加小学县级以上骨干教师数1人
    """
    draft, made = Draft.of(evaluation.submission), []
    for change, place in read_changes(changes):
        try:
            made.append(Made(change, place, change.apply(draft)))
        except Impossible as error:
            path = f"{change.does}.{error.field}"
            raise DataErrors([DataError("changes", place, path, error.problem, error.hint)]) from error
    after = evaluate(draft.done(), evaluation.standard)
    if evaluation.counties != after.counties and len(evaluation.counties) == 1:
        after = after[evaluation.counties[0]]
    # A school that took in others may itself have gone later.
    schools = dict(draft.successors)
    while any(taker in draft.successors for taker in schools.values()):
        schools = {school: draft.successors.get(taker, taker) for school, taker in schools.items()}
    return WhatIf(after.submission, after, compare(evaluation, after, schools=schools), tuple(made))
