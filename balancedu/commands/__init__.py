"""The commands that have a module of their own; each adds itself to the parser."""

FINE, NOT_FINE, BAD_INPUT = 0, 1, 2
"""How a command ends: done; not what was asked for; bad input."""
