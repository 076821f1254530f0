"""In which range a figure is likely: for noticing wrong units, never for judging."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

import attrs

from balancedu.core.fields import Impossible, Title, described, positive
from balancedu.phrase import Phrase


@attrs.frozen
class Plausible:
    """The range in which a county's column of figures is likely; outside it another unit was probably meant."""

    least: Decimal = described("the least that the median of a county is likely to be", validator=positive)
    most: Decimal = described("the most", validator=positive)
    confidence: Literal["S", "F", "V", "O"] = described("how sure that is, as in sources")
    note: Title = described("what the range is drawn from: no law")
    per: Literal["pupil", "row"] = described(
        "pupil: of the figure by the pupils of its stage or school; row: of the figure itself", default="row"
    )

    def __attrs_post_init__(self) -> None:
        if self.most <= self.least:
            problem = Phrase(
                f"填写{self.most}，应大于 least（{self.least}）",
                f"must be above least, which is {self.least}, found {self.most}",
            )
            raise Impossible("most", problem)
