"""The files of one standard become a Standard; whatever does not fit together is reported all at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar, cast

import attrs

from balancedu.core.checks import FORMS, HEAD, MEASURES, Draft, problems
from balancedu.core.forms import Forms
from balancedu.core.reader import Node, Problems, TooManyError, read
from balancedu.core.standard import Head, MeasuresFile, Part, Standard
from balancedu.core.structure import Structurer
from balancedu.errors import SpecError, SpecErrors, nearest

__all__ = ["HEAD", "MEASURES", "build_standard"]

_Built = TypeVar("_Built")


def build_standard(name: str, files: Mapping[str, bytes]) -> Standard:
    """Return the standard that the files declare.

    Parameters
    ----------
    name : str
        What errors call the standard.
    files : mapping of file name to content
        `standard.yaml`, `measures.yaml`, a file for each part that `standard.yaml` names, and, where the
        standard has a form to hand in, `forms.yaml`.

    Raises
    ------
    SpecErrors
        With every problem of every file.
    """
    builder = _Builder(files)
    try:
        standard = builder.standard()
    except TooManyError:
        standard = None
    if standard is None:
        raise SpecErrors(name, builder.problems.found)
    return attrs.evolve(standard, origin=name)


@attrs.define
class _Builder:
    files: Mapping[str, bytes]
    problems: Problems = attrs.field(factory=Problems)
    roots: dict[str, Node] = attrs.field(factory=dict)
    structurer: Structurer = attrs.field(init=False)

    @structurer.default
    def _empty(self) -> Structurer:
        return Structurer(self.problems)

    def standard(self) -> Standard | None:
        """Return the standard, or None when there are problems."""
        head = self.file(HEAD, Head)
        measures = self.file(MEASURES, MeasuresFile)
        forms = self.file(FORMS, Forms) if FORMS in self.files else None
        others = [file for file in self.files if file not in (HEAD, MEASURES, FORMS) and self.well_named(file)]
        parts = {file.removesuffix(".yaml"): self.file(file, Part) for file in others}
        named = self.check_names(set(parts)) | set(parts)
        files = frozenset(f"{part}.yaml" for part in named)
        draft = Draft(self.roots, self.structurer.built, self.structurer.references, files)
        for error in problems(draft):
            self.problems.add(error)
        if self.problems.found or head is None or measures is None:
            return None
        return Standard(
            head=head,
            tables={table.id: table for table in measures.tables},
            measures={one.id: one for one in measures.measures},
            parts={name: cast("Part", parts[name]) for name in head.verdict.all_of},
            forms=forms,
            units=measures.units,
        )

    def file(self, file: str, wanted: type[_Built]) -> _Built | None:
        """Return what a file declares, or None when it has problems."""
        if file not in self.files:
            found = ", ".join(sorted(self.files)) or "no file"
            self.problems.add(SpecError(file, 1, "", "the file is missing", f"found {found}"))
            return None
        node, errors = read(self.files[file], file)
        for error in errors:
            self.problems.add(error)
        if node is None:
            return None
        self.roots[file] = node
        return cast("_Built | None", self.structurer.build(wanted, node))

    def check_names(self, files: set[str]) -> set[str]:
        """Return the parts that `standard.yaml` names; note those without a file, and files that it does not name."""
        if HEAD not in self.roots:
            return set()
        listed = self.roots[HEAD].at("verdict.all_of")
        nodes = listed.value if isinstance(listed.value, tuple) else ()
        for n, node in enumerate(nodes):
            if node.text and node.text not in files:
                problem = f"no part is called {node.text!r}{nearest(node.text, files)}"
                self.problems.add(node.error(f"verdict.all_of[{n}]", problem, "each part is a file of its name"))
        named = {node.text for node in nodes if node.text}
        for part in sorted(files - named) if nodes else ():
            problem = f"{HEAD} names no such part in verdict.all_of"
            hint = f"name {part!r} there, or take the file away"
            self.problems.add(SpecError(f"{part}.yaml", 1, "", problem, hint))
        return named

    def well_named(self, file: str) -> bool:
        """Return whether a file ends in .yaml; note it where it does not."""
        if not file.endswith(".yaml"):
            self.problems.add(SpecError(file, 1, "", "the name of the file must end in .yaml", "rename it"))
        return file.endswith(".yaml")
