"""What a standard is made of: an edition, overlays and a day; and who set what."""

# Annotations are values here, because the attributes become arguments of a class in another module.
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

import attrs

from balancedu.core.fields import Language
from balancedu.core.ingredients import Ingredients
from balancedu.core.periods import Lapse
from balancedu.core.record import AppliedOverlay, HistoryRecord
from balancedu.errors import RequestError
from balancedu.phrase import Phrase

if TYPE_CHECKING:
    from balancedu.core.standard import Standard


@attrs.frozen(slots=False, eq=False, kw_only=True)
class Composed:
    """An edition with the overlays that hold on a day.

    Attributes
    ----------
    origin : str
        Ids of what comes with balancedu, paths of your own.
    made_of : Ingredients
        The files themselves.
    applied : tuple of AppliedOverlay
        The overlays of which something holds on the day, in their order.
    lapses : tuple of Lapse
        What does not hold on the day.
    day : str
        The day asked about, as `2023-09-01`; empty where nothing depends on it.
    strictly : Ingredients, optional
        The files of the same standard without its relief; None where there is no relief in it.
    """

    origin: str = ""
    made_of: Ingredients = Ingredients("", ())
    applied: tuple[AppliedOverlay, ...] = ()
    lapses: tuple[Lapse, ...] = ()
    day: str = ""
    strictly: Ingredients | None = None

    @property
    def overlays(self) -> tuple[str, ...]:
        """The ids of the overlays that were applied, in their order."""
        return tuple(one.id for one in self.applied)

    @property
    def expired(self) -> tuple[Lapse, ...]:
        """What has ended by the day asked about and is not applied."""
        return tuple(one for one in self.lapses if one.over)

    @property
    def upcoming(self) -> tuple[Lapse, ...]:
        """What begins after the day asked about, and is therefore not applied yet."""
        return tuple(one for one in self.lapses if not one.over)

    @property
    def ends_in_relief(self) -> bool:
        """Whether its last overlay is relief, be it applied on the day or not: what extends it is relief, too."""
        from balancedu.core.history import merged_of

        last = len(self.made_of.overlays) - 1
        return last >= 0 and last not in merged_of(self.made_of).strict

    def notes(self, lang: Language = "zh") -> tuple[str, ...]:
        """Return what a reader of a verdict has to know: overlays, the day, and what is not applied on it."""
        comma, head = ("，", "叠加：") if lang == "zh" else (", ", "overlay: ")
        lines = [
            f"{head}{one.title.said(lang)} ({comma.join(filter(None, (one.id, one.relief_said(lang))))})"
            for one in self.applied
        ]
        if self.day:
            lines.append(f"以{self.day}为准" if lang == "zh" else f"as of {self.day}")
        return (*lines, *(lapse.said(lang) for lapse in self.lapses))

    @cached_property
    def strict(self) -> "Standard | None":
        """The same standard without its relief; None where there is no relief in it."""
        from balancedu.core.loading import made

        return made(self.strictly) if self.strictly else None

    def history(self, path: str) -> tuple[HistoryRecord, ...]:
        """Return who set a value, what it was before and where that is said, the oldest first.

        Raises
        ------
        RequestError
            If nothing has that path, which is written as `specs/README.md` tells; it names the nearest.

        Examples
        --------
        >>> import balancedu as be
        >>> print(*be.load_standard("cn-2017").history("rules.R-spread.limits.primary"))
        cn-2017: stated 0.50 (教督〔2017〕6号 资源配置)
        """
        from balancedu.core.history import history

        return history(self.made_of, path)

    def dropped(self, table: str, name: str) -> HistoryRecord | None:
        """Return which overlay dropped a measure that files call so, and why; None where none did.

        Parameters
        ----------
        table : str
        name : str
            Its id, column, title or a further word.

        Examples
        --------
        >>> import balancedu as be
        >>> be.load_standard("cn-2017", ["shenyang"]).dropped("facts", "layout_rational") is None
        True
        """
        from balancedu.core.history import dropped

        return dropped(self.made_of, table, name)

    def paths(self, entry: str) -> Mapping[str, str]:
        """Return the path of an item, indicator or measure and of every value in it, as an overlay names them.

        Parameters
        ----------
        entry : str
            Its id.

        Returns
        -------
        mapping of path to str
            The values as the law writes them; empty for the entry itself, and for texts in both languages.

        Raises
        ------
        RequestError
            If nothing has that id.

        Examples
        --------
        >>> import balancedu as be
        >>> [path for path in be.load_standard("cn-2017").paths("G7") if path.startswith("rules")]
        ['rules.G7.fact', 'rules.G7.at_least']
        """
        from balancedu.core.history import merged_of
        from balancedu.core.naming import entry_of, values_of

        roots = merged_of(self.made_of).roots
        spot = entry_of(roots, entry)
        if spot is None:
            problem = f"no item, indicator or measure is called {entry!r}"
            raise RequestError(Phrase(f"没有叫“{entry}”的条目、指标或填报项", problem))
        return dict(values_of(roots, spot))
