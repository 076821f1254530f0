"""An edition and the overlays on it become a Standard; whatever does not fit together is reported all at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import TypeVar, cast

import attrs

from balancedu.core.built import Kept
from balancedu.core.checks import problems
from balancedu.core.draft import Draft
from balancedu.core.field_checks import checks_of
from balancedu.core.forms import Forms
from balancedu.core.ingredients import Ingredients
from balancedu.core.merging import Layer, Merged, merge
from balancedu.core.naming import renamed
from balancedu.core.overlays import Dropping
from balancedu.core.paths import FORMS, HEAD, MEASURES, Roots
from balancedu.core.periods import day_before
from balancedu.core.reader import Problems, TooManyError
from balancedu.core.record import AppliedOverlay
from balancedu.core.standard import Head, MeasuresFile, Part, Standard
from balancedu.core.structure import Structurer
from balancedu.errors import SpecError, SpecErrors, near
from balancedu.phrase import Phrase, listed

_Built = TypeVar("_Built")


def build_standard(name: str, files: Mapping[str, bytes]) -> Standard:
    """Return the standard that the files of an edition declare; see `build`."""
    return build(Ingredients(name, tuple(files.items())))


def build(made_of: Ingredients, strictly: Callable[[Ingredients], Standard] | None = None) -> Standard:
    """Return the standard that an edition and overlays make on a day.

    Parameters
    ----------
    made_of : Ingredients
        Of the edition: `standard.yaml`, `measures.yaml`, a file for each part that `standard.yaml` names, and,
        where the standard has a form to hand in, `forms.yaml`.
    strictly : callable, optional
        What makes the same standard without its relief, so that its problems come to light; left out, this function.

    Raises
    ------
    SpecErrors
        With every problem of every file; where dates are written, also of the days that were not asked about.
    """
    builder = _Builder(made_of)
    standard = builder.built()
    days = sorted(builder.merged.days)
    for day in [*map(day_before, days[:1]), *days]:
        _Builder(attrs.evolve(made_of, day=day), nearest=True).built()
    if not builder.merged.relief:
        return standard
    strict = made_of.strict(builder.merged.strict, builder.merged.eased)
    (strictly or build)(strict)
    return attrs.evolve(standard, strictly=strict)


def build_roots(name: str, roots: Roots, kept: Kept) -> Standard:
    """Return the standard of files that have been read and merged already; see `build`.

    `kept` is what earlier builds made of the same nodes, and gets what this one makes.
    """
    made_of = Ingredients(name, tuple((file, b"") for file in roots))
    return _Builder(made_of, merged=Merged([Layer(roots)]), kept=kept).built()


@attrs.define
class _Builder:
    made_of: Ingredients
    nearest: bool = False
    problems: Problems = attrs.field(factory=Problems)
    merged: Merged = attrs.field(factory=Merged)
    kept: Kept | None = None
    roots: Roots = attrs.field(factory=dict)
    structurer: Structurer = attrs.field(init=False)

    @structurer.default
    def _empty(self) -> Structurer:
        return Structurer(self.problems, kept=self.kept)

    def built(self) -> Standard:
        """Return the standard."""
        standard = None
        with suppress(TooManyError):
            standard = self.standard()
        if standard is None:
            raise SpecErrors(self.made_of.title, self.problems.found, self.made_of.day if self.nearest else "")
        return standard

    def standard(self) -> Standard | None:
        """Return the standard, or None when there are problems."""
        if not self.merged.layers:
            self.merged = merge(self.made_of, self.problems, nearest=self.nearest)
        self.roots = self.merged.roots
        names = [file for file, _ in self.made_of.files]
        head = self.file(HEAD, Head)
        measures = self.file(MEASURES, MeasuresFile)
        forms = self.file(FORMS, Forms) if FORMS in names else None
        others = [file for file in names if file not in (HEAD, MEASURES, FORMS) and self.well_named(file)]
        parts = {file.removesuffix(".yaml"): self.file(file, Part) for file in others}
        named = self.check_names(set(parts)) | set(parts)
        files = frozenset(f"{part}.yaml" for part in named)
        for error in problems(self.draft(files)):
            self.problems.add(error)
        if self.problems.found or head is None or measures is None:
            return None
        by_id = {one.id: one for one in measures.measures}
        return Standard(
            head=head,
            tables={table.id: table for table in measures.tables},
            measures=by_id,
            parts={name: cast("Part", parts[name]) for name in head.verdict.all_of},
            forms=forms,
            checks=checks_of(by_id, measures.checks),
            origin=self.made_of.title,
            made_of=self.made_of,
            applied=tuple(self.applied()),
            lapses=tuple(self.merged.lapses),
            day=self.made_of.day if self.merged.days else "",
            units=measures.units,
        )

    def draft(self, files: frozenset[str]) -> Draft:
        """Return what was read, to be checked as a whole."""
        return Draft(
            self.roots, self.structurer.built, self.structurer.references, files, self.dropped(), self.overlaid
        )

    @property
    def overlaid(self) -> bool:
        """Whether overlays are put onto the edition: their authors name places by paths."""
        return len(self.merged.layers) > 1

    def dropped(self) -> dict[str, str]:
        """Return the places that drop something, by the name of what they drop."""
        applied = [one for layer in self.merged.layers for one in layer.applied if isinstance(one.change, Dropping)]
        return {one.names[-1]: f"{one.node.file}:{one.node.line}" for one in applied}

    def applied(self) -> Iterator[AppliedOverlay]:
        """Yield the overlays of which something holds on the day."""
        for layer in self.merged.layers:
            one, eased = layer.overlay, [change.eases for change in layer.applied]
            if one is not None:
                yield AppliedOverlay(
                    id=one.id,
                    title=one.title,
                    document=one.document,
                    issued=one.issued,
                    relaxes=any(eased),
                    source=one.source,
                    from_=one.from_,
                    until=one.until,
                    wholly=all(eased),
                )

    def file(self, file: str, wanted: type[_Built]) -> _Built | None:
        """Return what a file declares, or None when it has problems."""
        names = [name for name, _ in self.made_of.files]
        if file not in names:
            found = Phrase("现有：", "found ") + (listed(sorted(names)) or Phrase("没有文件", "no file"))
            self.problems.add(SpecError(file, 1, "", Phrase("缺少这个文件", "the file is missing"), found))
            return None
        if file not in self.roots:
            return None
        self.structurer.root = file
        noted = self.problems.found
        before = len(noted)
        built = cast("_Built | None", self.structurer.build(wanted, self.roots[file]))
        if self.overlaid:
            noted[before:] = [renamed(self.roots, file, error) for error in noted[before:]]
        return built

    def check_names(self, files: set[str]) -> set[str]:
        """Return the parts that `standard.yaml` names; note those without a file, and files that it does not name."""
        if HEAD not in self.roots:
            return set()
        listed = self.roots[HEAD].at("verdict.all_of")
        nodes = listed.value if isinstance(listed.value, tuple) else ()
        for n, node in enumerate(nodes):
            if node.text and node.text not in files:
                problem = Phrase(f"没有叫“{node.text}”的部分", f"no part is called {node.text!r}")
                hint = Phrase("每个部分是一个同名的文件", "each part is a file of its name")
                self.problems.add(node.error(f"verdict.all_of[{n}]", problem + near(node.text, files), hint))
        named = {node.text for node in nodes if node.text}
        for part in sorted(files - named) if nodes else ():
            problem = Phrase(f"{HEAD} 的 verdict.all_of 中没有这个部分", f"{HEAD} names no such part in verdict.all_of")
            hint = Phrase(f"请在其中写上“{part}”，或移走这个文件", f"name {part!r} there, or take the file away")
            self.problems.add(SpecError(f"{part}.yaml", 1, "", problem, hint))
        return named

    def well_named(self, file: str) -> bool:
        """Return whether a file ends in .yaml; note it where it does not."""
        if not file.endswith(".yaml"):
            problem = Phrase("文件名应以“.yaml”结尾", "the name of the file must end in .yaml")
            self.problems.add(SpecError(file, 1, "", problem, Phrase("请改名", "rename it")))
        return file.endswith(".yaml")
