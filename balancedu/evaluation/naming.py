"""What schools and classes are called."""

from __future__ import annotations

from balancedu.core.model import Title
from balancedu.evaluation.outcome import Basis


def text_of(basis: Basis, column: str, row: int) -> str:
    """Return a text of a school; empty for no school."""
    return str(basis.submission.schools.texts(column)[row]) if row >= 0 else ""


def school_name(basis: Basis, row: int) -> str:
    """Return the name of a school, or its id where it has none."""
    return text_of(basis, "name", row) or text_of(basis, "school", row)


def graded(grade: str) -> Title:
    """Return a grade in words; one that is written in words already stays as it is."""
    return Title(f"{grade}年级", f"grade {grade}") if grade.isdigit() else Title(grade or "班", grade or "class")
