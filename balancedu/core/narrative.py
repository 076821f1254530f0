"""What a county writes in words beside its figures: the keys of `Submission.narrative` and what they are called."""

from __future__ import annotations

from collections.abc import Mapping

from balancedu.core.standard import Standard
from balancedu.text import Phrase

GENERAL: Mapping[str, Phrase] = {
    "overview": Phrase("区域概况、创建历程和所获荣誉", "the county, its way so far and its honours"),
    "problems": Phrase("其他问题", "further problems"),
    "measures": Phrase("其他工作措施", "further measures"),
    "principles": Phrase("指导思想", "principles"),
    "goals": Phrase("总体目标", "goals"),
    "steps": Phrase("实施步骤", "steps"),
    "support": Phrase("保障措施", "support"),
}
"""Texts about the county as a whole: one key each."""

FIELDS: Mapping[str, Phrase] = {
    "practice": Phrase("主要做法及成效", "what was done, and with what effect"),
    "problem": Phrase("存在问题", "problems"),
    "measure": Phrase("整改措施", "measures"),
    "office": Phrase("责任单位", "office"),
    "person": Phrase("责任人", "person"),
    "deadline": Phrase("完成时限", "deadline"),
    "evidence": Phrase("佐证材料", "evidence"),
}
"""Texts about an indicator or item: the key is its id, a point and the field, as `G5.office`."""


def narrative_entries(standard: Standard) -> Mapping[str, Phrase]:
    """Return the indicators and items that texts are about, by id, in the order of the standard.

    Examples
    --------
    >>> import balancedu as be
    >>> entries = narrative_entries(be.load_standard())
    >>> entries["G5"].zh == be.load_standard().items["G5"].title.zh
    True
    """
    result: dict[str, Phrase] = {}
    for part in standard.parts.values():
        result |= {indicator.id: indicator.title for indicator in part.indicators}
        result |= {item.id: item.title for item in part.items}
    return result


def narrative_keys(standard: Standard) -> tuple[str, ...]:
    """Return every key that `Submission.narrative` may have."""
    entries = narrative_entries(standard)
    return (*GENERAL, *(f"{entry}.{field}" for entry in entries for field in FIELDS))
