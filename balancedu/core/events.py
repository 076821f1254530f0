"""What the events of PyYAML say: where they stand, and whether there is anything."""

from __future__ import annotations

import yaml

from balancedu.core.scalars import shortened


def line_of(event: yaml.Event) -> int:
    """Return the line of an event."""
    return event.start_mark.line + 1 if event.start_mark else 1


def is_nothing(event: yaml.Event) -> bool:
    """Return whether nothing was written where a value is wanted."""
    return isinstance(event, yaml.ScalarEvent) and not event.value and event.implicit[0]


def inside(path: str, key: str) -> str:
    """Return the path of what stands under a key."""
    return f"{path}.{shortened(key)}" if path and key else path or shortened(key)
