"""The commands; each module adds its own to the parser."""

FINE, NOT_FINE, BAD_INPUT = 0, 1, 2
"""Exit statuses: done; requirement not met; bad input."""
