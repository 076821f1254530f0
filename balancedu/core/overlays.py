"""What an overlay file may say: which values of an edition it sets, what it adds, and what it drops."""

from __future__ import annotations

from typing import Any, Literal

import attrs

from balancedu.core.fields import Impossible, Source, Title, a_day, a_name, described, filled, refuse
from balancedu.core.periods import first_day, last_day, wrong_way_round
from balancedu.core.reader import Node
from balancedu.phrase import Phrase


def _eases() -> Any:
    return described("whether this change is relief; left out, as the overlay says", default=None)


@attrs.frozen
class Setting:
    """A value of the edition that becomes another one."""

    path: str = described("the value, as `rules.R-spread.limits.primary`; it must be there", validator=filled)
    value: Node = described("what it becomes: a number stays a number, a list stays a list")
    source: Source = described("where that is said")
    relaxes: bool | None = _eases()
    from_: str | None = first_day()
    until: str | None = last_day()

    def __attrs_post_init__(self) -> None:
        refuse(wrong_way_round(self))


@attrs.frozen
class Adding:
    """A new entry of a list, such as an item, an indicator, a measure or a rule; or a new field of a mapping."""

    to: str = described("the list, as `parts.guarantee.items`, or the mapping", validator=filled)
    value: Node = described("the entry or the value of the field, written as in an edition")
    key: str = described("for a mapping: the field", default="")
    source: Source | None = described(
        "where that is said; left out where the new entry has a source of its own", default=None
    )
    before: str = described("the entry that it comes before; left out, it comes last", default="")
    after: str = described("the entry that it comes after", default="")
    relaxes: bool | None = _eases()
    from_: str | None = first_day()
    until: str | None = last_day()

    def __attrs_post_init__(self) -> None:
        refuse(wrong_way_round(self))
        if self.before and self.after:
            problem = Phrase(
                "不能与 before 并用，位置只说一次", "goes without 'before': one of the two says where it comes"
            )
            refuse([Impossible("after", problem)])


@attrs.frozen
class Dropping:
    """Something of the edition that does not hold."""

    path: str = described("what is dropped; it must be there", validator=filled)
    reason: Title = described("why")
    source: Source = described("where that is said")
    relaxes: bool | None = _eases()
    from_: str | None = first_day()
    until: str | None = last_day()

    def __attrs_post_init__(self) -> None:
        refuse(wrong_way_round(self))


Change = Setting | Adding | Dropping


@attrs.frozen
class Overlay:
    """What a province, a city or a time of transition changes in an edition."""

    format: Literal[1] = described("the format of the file")
    id: str = described(
        "the name of the overlay; one that comes with balancedu is called as its file", validator=a_name
    )
    title: Title = described("its title")
    document: str = described("the number or title of the document", validator=filled)
    extends: str = described(
        "the id of the edition or overlay that it changes, or its path seen from this file", validator=filled
    )
    issued: str | None = described(
        "the day the document was issued, in quotes; left out where it is not known",
        default=None,
        validator=attrs.validators.optional(a_day),
    )
    source: Source | None = described("where the overlay as a whole stands", default=None)
    relaxes: bool = described(
        "whether its changes are relief, as far as they do not say otherwise: results then show what came out without "
        "them as well",
        default=False,
    )
    from_: str | None = first_day()
    until: str | None = last_day()
    drop: tuple[Dropping, ...] = described("what it drops; that comes first", default=())
    set: tuple[Setting, ...] = described("what it sets", default=())
    add: tuple[Adding, ...] = described("what it adds; that comes last", default=())

    def __attrs_post_init__(self) -> None:
        refuse(wrong_way_round(self))
        if not (self.drop or self.set or self.add):
            problem = Phrase("叠加文件没有任何改动", "the overlay changes nothing")
            hint = Phrase("请写上改什么（set）、加什么（add）或取消什么（drop）", "write what it sets, adds or drops")
            refuse([Impossible("", problem, hint)])

    @property
    def changes(self) -> tuple[Change, ...]:
        """What it changes, in the order in which that happens."""
        return (*self.drop, *self.set, *self.add)

    def eases(self, change: Change) -> bool:
        """Return whether one of its changes is relief."""
        return self.relaxes if change.relaxes is None else change.relaxes

    @property
    def wholly_relief(self) -> bool:
        """Whether nothing of it holds without relief."""
        return all(map(self.eases, self.changes))
