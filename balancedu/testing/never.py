"""Items that always come out alike: nobody can meet them, or nobody can miss them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

import attrs

from balancedu.core.model import Title
from balancedu.core.standard import Standard
from balancedu.evaluation.evaluation import Evaluation
from balancedu.evaluation.verdict import Verdict
from balancedu.testing.fault import Fault

ENOUGH = 20
"""Of fewer verdicts nothing is said: that an item always came out alike would be chance."""
_WANTED = (Verdict.MET, Verdict.NOT_MET)


@attrs.frozen
class Seen:
    """The verdicts that came up.

    Attributes
    ----------
    verdicts : mapping of item to count of each verdict
    near : count of each item
        How often it was decided on figures that stand on the limits or right beside them.
    """

    verdicts: Mapping[str, Counter[Verdict]]
    near: Counter[str] = attrs.field(factory=Counter)

    @classmethod
    def of(cls, standard: Standard) -> Seen:
        """Return that nothing was seen yet."""
        return cls({item: Counter() for item in standard.items})

    def add(self, evaluation: Evaluation, *, near: bool = False) -> None:
        """Count the verdicts of an evaluation."""
        for item, codes in evaluation.item_verdicts.items():
            verdicts = [Verdict(int(code)) for code in codes]
            self.verdicts[item].update(verdicts)
            self.near[item] += sum(one in _WANTED for one in verdicts) * near

    def decided(self, item: str) -> int:
        """Return how often an item was met or not met."""
        return sum(self.verdicts[item][one] for one in _WANTED)

    @property
    def missing(self) -> list[tuple[str, Verdict]]:
        """What never came up."""
        return [(item, one) for item, counts in self.verdicts.items() for one in _WANTED if not counts[one]]


def never(seen: Seen) -> Iterator[Fault]:
    """Yield the items that never came out one way, and those that hardly came out at all."""
    rare = dict.fromkeys(item for item, _ in seen.missing if seen.decided(item) < ENOUGH)
    for item in rare:
        count, all_ = seen.decided(item), seen.verdicts[item].total()
        zh = f"判定{all_}次，只有{count}次得出达标或未达标，请核对条件和填报项"
        en = f"judged {all_} times and decided only {count} times: look at its conditions and measures"
        yield Fault(item, Title(zh, en), "warning")
    for item, verdict in seen.missing:
        if item in rare:
            continue
        count, near = seen.decided(item), seen.near[item]
        on_limits = f"其中{near}次的数据在限值上或紧靠限值", f"{near} of them on figures at the limits or right beside"
        zh = f"{count}次得出结论（{on_limits[0]}），没有一次{verdict.said('zh')}，请核对条件和限值"
        en = f"decided {count} times, {on_limits[1]}, and never {verdict.said('en')}: look at its conditions and limits"
        yield Fault(item, Title(zh, en), "warning")
