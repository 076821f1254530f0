"""The commands that `commands.yaml` declares."""

FINE, NOT_FINE, BAD_INPUT = 0, 1, 2
"""Exit statuses: done; requirement not met; bad input."""
