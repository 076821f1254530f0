"""The questions why, as methods of an evaluation."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Literal, cast

from balancedu.core.model import Language, Stage
from balancedu.evaluation.relieved import Relieved, relieved

if TYPE_CHECKING:
    from balancedu.evaluation.evaluation import Evaluation
    from balancedu.explaining.addends import Addend
    from balancedu.explaining.drivers import Drivers, Split
    from balancedu.explaining.explanation import Explanation
    from balancedu.explaining.gaps import Gaps
    from balancedu.submission.checking import DataWarning


class Why:
    """What an `Evaluation` answers when it is asked why; the answers are made where they are asked for."""

    __slots__ = ()

    @cached_property
    def strict(self) -> Evaluation | None:
        """The evaluation of the same submission without any relief; None where the standard grants none."""
        evaluation = cast("Evaluation", self)
        strictly = evaluation.record.strict
        if strictly is None:
            return None
        whole = type(evaluation)(strictly)
        return whole if len(evaluation.counties) == len(whole.counties) else whole[evaluation.counties[0]]

    @cached_property
    def reliefs(self) -> tuple[Relieved, ...]:
        """What relief changed, for which schools and on what ground; nothing where it decided nothing."""
        evaluation = cast("Evaluation", self)
        counties = evaluation.submission.counties
        return tuple(
            one for county in evaluation.counties for one in relieved(evaluation.record, counties.index(county))
        )

    @property
    def warnings(self) -> tuple[DataWarning, ...]:
        """What of the figures is hardly as it was meant; no verdict was changed by it.

        Examples
        --------
        >>> import balancedu as be
        >>> schools = {"school": ["001"], "type": ["小学"], "pupils_primary": [400], "classes_primary": [9]}
        >>> ev = be.evaluate(be.Submission(schools, classes={"school": ["001"], "stage": ["小学"]}))
        >>> ev.warnings[0].problem.zh
        '填报9，班级表列出的行数为1'
        """
        evaluation = cast("Evaluation", self)
        told = evaluation.submission.warnings_by_county
        return tuple(one for county in evaluation.counties for one in told.get(county, ()))

    def explain(
        self,
        entry: str,
        *,
        school: str | None = None,
        stage: Stage | None = None,
        indicator: str | None = None,
        lang: Language = "zh",
    ) -> Explanation:
        """Return why something came out as it did: formula, figures with their origin, threshold, clause, each step.

        Parameters
        ----------
        entry : str
            An indicator (with `school`), or an item: of a school (with `school`), `R-spread` of one coefficient
            (with `indicator` and `stage`), or as a whole.
        school : str, optional
            Its id.
        stage : 'primary' or 'junior', optional
            Needed where a school has both.
        indicator : str, optional
        lang : 'zh' or 'en'
            The language that `print` uses; `.said(lang)` says it in either.

        Raises
        ------
        KeyError
            If there is no such entry, school or section; the message names what there is.
        ValueError
            If the entry alone does not say what is meant.

        Examples
        --------
        >>> import balancedu as be
        >>> ev = be.evaluate(be.example("failing"))
        >>> ev.explain("R4", school="003").steps[0].sentence.zh
        '（3288.6 − 0）÷ 870 = 3.78平方米'
        """
        from balancedu.explaining.explain import explain

        return explain(cast("Evaluation", self), entry, school=school, stage=stage, indicator=indicator, lang=lang)

    def origin(
        self, entry: str, *, school: str | None = None, stage: Stage | None = None, indicator: str | None = None
    ) -> tuple[Addend, ...]:
        """Return every reported figure behind something, with the cell that it was read from.

        Parameters
        ----------
        entry : str
            An indicator, an item, or a measure.
        school, stage, indicator
            Say which one is meant, as in `explain`.

        Returns
        -------
        tuple of Addend
            Each with measure, school, value and `place`: file, sheet, cell and line. Where a school has campuses,
            the figures of each.

        Raises
        ------
        KeyError
            If there is no such entry, school or section; the message names what there is.
        ValueError
            If the entry alone does not say what is meant.

        Examples
        --------
        >>> import balancedu as be
        >>> for one in be.evaluate(be.example("failing")).origin("G12"):
        ...     print(one.measure, one.value, one.place)
        certified_teachers 2518.0 facts.yaml:39
        full_time_teachers 2519.0 facts.yaml:38
        """
        from balancedu.explaining.origin import origin

        return origin(cast("Evaluation", self), entry, school=school, stage=stage, indicator=indicator)

    def drivers(self, indicator: str, stage: Stage) -> Drivers:
        """Return which sections drive a coefficient of variation: shares of the variance, and the rest without each.

        Examples
        --------
        >>> import balancedu as be
        >>> told = be.evaluate(be.example("failing")).drivers("R6", "primary")
        >>> first = told.sections[0]
        >>> first.school, round(first.share, 2), round(first.cv_without, 3)
        ('009', 0.9, 0.115)
        """
        from balancedu.explaining.drivers import drivers

        return drivers(cast("Evaluation", self), indicator, stage)

    def split(
        self, indicator: str, stage: Stage, by: str | Mapping[str, str], index: Literal["cv2", "theil_t"] = "cv2"
    ) -> Split:
        """Return the squared coefficient, or Theil's T, split exactly within and between groups of sections.

        Parameters
        ----------
        indicator, stage
        by : str or mapping of school id to group
            A column of schools, as `area` or `organizer`; `ownership` for public and private; or own groups.
        index : {'cv2', 'theil_t'}

        Examples
        --------
        >>> import balancedu as be
        >>> told = be.evaluate(be.example("failing")).split("R6", "primary", by="ownership")
        >>> [(group.label.en, group.sections) for group in told.groups]
        [('public', 7), ('private', 1)]
        """
        from balancedu.explaining.drivers import split

        return split(cast("Evaluation", self), indicator, stage, by, index)

    def gaps(self) -> Gaps:
        """Return which missing cells keep which verdicts unknown, those that wait for the fewest first.

        Examples
        --------
        >>> import balancedu as be
        >>> for one in be.evaluate(be.example("failing")).gaps():
        ...     print(one.level, one.id, one.count)
        section 012.junior 1
        check R-spread.R7.junior 1
        item Q7 1
        part quality 1
        """
        from balancedu.explaining.gaps import gaps

        return gaps(cast("Evaluation", self))
