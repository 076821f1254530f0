"""Overlays are put onto an edition, node by node, so that whatever is wrong later names the file that says it."""

from __future__ import annotations

from contextlib import suppress

import attrs

from balancedu.core.applied import Applied
from balancedu.core.applying import Applier
from balancedu.core.built import Built
from balancedu.core.dates import Chosen, Resolver
from balancedu.core.ingredients import Ingredients
from balancedu.core.overlays import Adding, Dropping, Overlay, Setting
from balancedu.core.paths import HEAD, Roots
from balancedu.core.periods import Lapse, turning_days, when
from balancedu.core.reader import FORMAT, Node, Problems, TooManyError, nodes_of
from balancedu.core.structure import Structurer
from balancedu.phrase import Phrase


@attrs.frozen
class Layer:
    """The files of a standard after an overlay, or before all of them."""

    roots: Roots
    overlay: Overlay | None = None
    applied: tuple[Applied, ...] = ()


@attrs.define
class Merged:
    """An edition with its overlays on it.

    Attributes
    ----------
    layers : list of Layer
        The edition, and after it each overlay of which something holds on the day.
    strict : list of int
        The overlays that are not wholly relief, by their place among the ingredients.
    eased : set of int
        Those of them of which some changes are relief.
    lapses : list of Lapse
        What does not hold on the day.
    periods : list of Lapse
        Everything that has a first or a last day, whether it holds or not.
    days : set of str
        The days from which on something is different.
    chosen : mapping of file to list of Chosen
        The dated values of the edition.
    """

    layers: list[Layer] = attrs.field(factory=list)
    strict: list[int] = attrs.field(factory=list)
    eased: set[int] = attrs.field(factory=set)
    lapses: list[Lapse] = attrs.field(factory=list)
    periods: list[Lapse] = attrs.field(factory=list)
    days: set[str] = attrs.field(factory=set)
    chosen: dict[str, list[Chosen]] = attrs.field(factory=dict)

    @property
    def roots(self) -> Roots:
        """The files as they are in the end."""
        return self.layers[-1].roots

    @property
    def relief(self) -> bool:
        """Whether any of the changes that hold is relief."""
        return any(one.eases for layer in self.layers for one in layer.applied)


def merge(made_of: Ingredients, problems: Problems, *, nearest: bool = False) -> Merged:
    """Return an edition with its overlays on it, and note what does not fit.

    Parameters
    ----------
    made_of : Ingredients
    problems : Problems
        Where problems of reading, of dates and of overlays are noted.
    nearest : bool
        Whether a dated value that does not hold on the day stands in where none does.
    """
    merge_ = _Merge(made_of, problems, nearest)
    merge_.all()
    return merge_.result


def turning_days_of(made_of: Ingredients) -> frozenset[str]:
    """Return the days from which on something is different, as far as the files can be read."""
    merge_ = _Merge(made_of, Problems(), nearest=True)
    with suppress(TooManyError):
        merge_.all()
    return frozenset(merge_.result.days)


@attrs.define
class _Merge:
    made_of: Ingredients
    problems: Problems
    nearest: bool
    result: Merged = attrs.field(factory=Merged)
    known: dict[int, Overlay] = attrs.field(factory=dict)
    lapsed: dict[int, Lapse] = attrs.field(factory=dict)
    """The overlays that do not hold on the day."""
    applier: Applier = attrs.field(init=False)

    def all(self) -> None:
        """Read the edition and put its overlays onto it."""
        self.edition()
        for n in range(len(self.made_of.overlays)):
            self.overlay(n)

    def edition(self) -> None:
        """Read the files of the edition."""
        roots: dict[str, Node] = {}
        for file, content in self.made_of.files:
            node = self.read(content, file, self.made_of.name) if file.endswith(".yaml") else None
            roots |= {} if node is None else {file: node}
        self.result.layers.append(Layer(roots))
        self.applier = Applier(roots, roots, self.problems)

    def read(self, content: bytes, file: str, by: str) -> Node | None:
        """Return what a file says on the day."""
        node, errors = nodes_of(content, file)
        for error in errors:
            self.problems.add(error)
        written = node.at("format").value if node is not None else FORMAT
        if node is not None and type(written) is int and written > FORMAT:
            # What a later format means is not known here: nothing else is said about the file.
            problem = Phrase(
                f"文件格式为{written}，本版 balancedu 只能读格式{FORMAT}",
                f"the file is written in format {written}, and this balancedu reads format {FORMAT}",
            )
            hint = Phrase(
                "请安装新版：`pip install --upgrade balancedu`",
                "install a newer one: pip install --upgrade balancedu",
            )
            self.note(node, "format", problem, hint)
            return None
        # Most files hold no dated value, and looking for one in every node takes time.
        if node is None or b"dated" not in content:
            return node
        resolver = Resolver(file, by, self.made_of.day, self.problems, self.nearest)
        node = resolver.resolved(node)
        self.result.lapses += resolver.lapses
        self.result.periods += resolver.periods
        self.result.days |= resolver.days
        self.result.chosen[file] = resolver.chosen
        return node

    def overlay(self, n: int) -> None:
        """Put an overlay onto what there is, as far as it holds on the day."""
        file = self.made_of.overlays[n]
        node = self.read(file.content, file.name, file.name)
        structurer = Structurer(self.problems, file.name)
        overlay: Overlay | None = structurer.build(Overlay, node) if node is not None else None
        if node is None or overlay is None:
            return
        self.check(n, overlay, node)
        self.known[n] = overlay
        self.result.strict += [] if overlay.wholly_relief else [n]
        self.result.eased |= {n} if any(map(overlay.eases, overlay.changes)) else set()
        self.result.days.update(turning_days(overlay))
        if self.holds(n, overlay):
            changes = self.holding(structurer.built, overlay, strictly=file.strictly)
            applied = self.applier.apply(n, overlay, changes, self.made_of.bases(n))
            if applied:
                self.result.layers.append(Layer(self.applier.roots, overlay, applied))

    def check(self, n: int, overlay: Overlay, node: Node) -> None:
        """Note a second overlay of the same id, and one that is no relief although it extends relief."""
        edition = self.result.layers[0].roots
        named = ((one.id, self.made_of.overlays[m].name) for m, one in self.known.items())
        taken = {name: Phrase(f" {file} ", file) for name, file in named}
        if HEAD in edition:
            taken[edition[HEAD].at("id").text] = Phrase("所改版本", "the edition")
        if overlay.id in taken:
            place = taken[overlay.id]
            problem = Phrase(f"“{overlay.id}”已是{place.zh}的 id", f"{place.en} is called {overlay.id!r} already")
            self.note(node, "id", problem, Phrase("请另取 id", "choose another id"))
        base = self.made_of.overlays[n].base
        extended = None if base is None else self.known.get(base)
        if extended is not None and extended.wholly_relief and not overlay.wholly_relief:
            problem = Phrase(
                f"叠加在放宽文件 {extended.id} 之上，不放宽时无法适用",
                f"extends the relief {extended.id}, without which it cannot be applied",
            )
            hint = Phrase(
                "请写上 `relaxes: true`，或改为叠加在别的标准之上", "write relaxes: true, or extend something else"
            )
            self.note(node, "extends", problem, hint)

    def note(self, node: Node, field: str, problem: Phrase, hint: Phrase) -> None:
        """Note a problem of a field of an overlay."""
        self.problems.add(node.at(field).error(field, problem, hint))

    def holds(self, n: int, overlay: Overlay) -> bool:
        """Return whether an overlay, and what it extends, hold on the day; remember it where not."""
        state, base = when(overlay, self.made_of.day), self.made_of.overlays[n].base
        period = Lapse(overlay.id, "", overlay.title, overlay.from_, overlay.until, state == "over")
        if overlay.from_ or overlay.until:
            self.result.periods.append(period)
        if state != "now":
            self.lapsed[n] = period
        elif base in self.lapsed:
            self.lapsed[n] = attrs.evolve(self.lapsed[base], by=overlay.id, title=overlay.title)
        else:
            return True
        self.result.lapses.append(self.lapsed[n])
        return False

    def holding(self, built: list[Built], overlay: Overlay, *, strictly: bool) -> list[Built]:
        """Return the changes that hold on the day, and remember those that do not; strictly, none that is relief."""
        found = []
        for one in built:
            change = one.value
            if not isinstance(change, Setting | Adding | Dropping) or (strictly and overlay.eases(change)):
                continue
            self.result.days.update(turning_days(change))
            state, path = when(change, self.made_of.day), change.to if isinstance(change, Adding) else change.path
            period = Lapse(overlay.id, path, None, change.from_, change.until, state == "over")
            if change.from_ or change.until:
                self.result.periods.append(period)
            if state == "now":
                found.append(one)
            else:
                self.result.lapses.append(period)
        return found
