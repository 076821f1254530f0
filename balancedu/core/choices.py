"""Closed lists: the values of a choice, every way to write them, and a coarser way to look at them."""

from __future__ import annotations

import attrs

from balancedu.core.fields import Stage, Title, a_name, described, different, filled


@attrs.frozen
class Choice:
    """One value of a closed list."""

    id: str = described("the value as data holds it", validator=filled)
    title: Title = described("the value as people read it; both languages are accepted in data")
    also: tuple[str, ...] = described("other ways of writing it that are accepted", default=(), validator=different)
    stages: tuple[Stage, ...] | None = described(
        "for a type of school: the stages it may have; left out, any",
        default=None,
        validator=attrs.validators.optional((filled, different)),
    )
    by_itself: bool = described(
        "for a type of school: whether it is always judged by itself, never as a campus of another", default=False
    )

    @property
    def writings(self) -> tuple[str, ...]:
        """Every way in which data may write the value."""
        return tuple(dict.fromkeys((self.id, self.title.zh, self.title.en, *self.also)))


@attrs.frozen
class ChoiceGroup:
    """Several values of a closed list under one word."""

    title: Title = described("what they have in common")
    values: tuple[str, ...] = described("the values, by their ids", validator=[filled, different])
    movable: bool = described(
        "for schools: whether a county may move what they hold to others, and what others hold to them; plans ask it",
        default=True,
    )


@attrs.frozen
class Grouping:
    """A coarser way to look at a closed list, as public and private."""

    id: str = described("its name", validator=a_name)
    title: Title = described("its title")
    groups: tuple[ChoiceGroup, ...] = described("every value of the list in exactly one of them", validator=filled)

    @property
    def immovable(self) -> tuple[str, ...]:
        """The values of schools that keep what they hold."""
        return tuple(value for group in self.groups if not group.movable for value in group.values)

    def title_of(self, value: str) -> Title:
        """Return the group of a value."""
        return next(group.title for group in self.groups if value in group.values)
