"""The integer programme: its variables, its rows, and its solution by HiGHS through SciPy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs
import numpy as np

from balancedu.calculator.groups import Bools, Floats
from balancedu.errors import MissingExtraError
from balancedu.planning.plans.cone import Cut
from balancedu.planning.plans.model import Model


@attrs.frozen(eq=False)
class Solution:
    """What the solver found.

    Attributes
    ----------
    net, added, given, received : (cells,) float arrays
        Whole units.
    complying : (sections,) bool array
    value : float
        Of the objective.
    bound : float
        No solution has a smaller one.
    """

    added: Floats
    given: Floats
    received: Floats
    complying: Bools
    value: float
    bound: float

    @property
    def net(self) -> Floats:
        """What each cell has more than now."""
        return self.added - self.given + self.received


@attrs.frozen(eq=False)
class Programme:
    """Variables in a row: units added, given and received by cell, indicators at the standard, sections complying.

    The last variable is how far beyond the cuts a solution may be: zero, unless somebody asks how far it must be.
    """

    model: Model
    lacking: tuple[tuple[int, int], ...]
    """Indicators of sections that are below their standard: a binary says whether they reach it."""
    rows: list[tuple[list[int], list[float], float, float]] = attrs.field(factory=list)

    @classmethod
    def of(cls, model: Model) -> Programme:
        """Return the programme without any cut."""
        below = np.argwhere((model.to_standard > 0) & model.known)
        programme = cls(model, tuple((int(n), int(section)) for n, section in below))
        programme._sections()
        programme._balance()
        return programme

    @property
    def size(self) -> int:
        """How many variables there are."""
        return 3 * self.cells + len(self.lacking) + self.model.known.size + 1

    @property
    def cells(self) -> int:
        """How many cells there are."""
        return self.model.school.size

    def complies(self, section: int) -> int:
        """Return the variable that says whether a section complies."""
        return 3 * self.cells + len(self.lacking) + section

    def _net(self, cell: int) -> tuple[list[int], list[float]]:
        return [cell, self.cells + cell, 2 * self.cells + cell], [1.0, -1.0, 1.0]

    def _sections(self) -> None:
        model = self.model
        by_section: dict[int, list[int]] = {}
        for k, (n, section) in enumerate(self.lacking):
            binary, complies = 3 * self.cells + k, self.complies(section)
            floor = max(model.to_floor[n, section], 0.0)
            columns, factors = self._net(int(model.cell[n, section]))
            # A section that complies has the floor everywhere, and the standard where its binary says so.
            standard = float(model.to_standard[n, section])
            self._row([*columns, complies, binary], [*factors, -floor, floor - standard], 0.0, np.inf)
            self._row([complies, binary], [1.0, -1.0], 0.0, np.inf)
            by_section.setdefault(section, []).append(binary)
        reached = (model.to_standard <= 0).sum(axis=0)
        for section, binaries in by_section.items():
            needed = float(model.at_standard - reached[section])
            if needed > 0:
                self._row([*binaries, self.complies(section)], [1.0] * len(binaries) + [-needed], 0.0, np.inf)

    def _balance(self) -> None:
        """Let what is given be received, measure by measure."""
        for name in dict.fromkeys(self.model.measure):
            here = [n for n, one in enumerate(self.model.measure) if one == name]
            if any(np.isfinite(self.model.move_cost[here])):
                columns = [self.cells + n for n in here] + [2 * self.cells + n for n in here]
                self._row(columns, [1.0] * len(here) + [-1.0] * len(here), 0.0, 0.0)

    def _row(self, columns: list[int], factors: list[float], least: float, most: float) -> None:
        self.rows.append((columns, factors, least, most))

    def cost(self) -> Floats:
        """Return the cost of each variable."""
        model = self.model
        moving = np.where(np.isfinite(model.move_cost), model.move_cost, 0.0)
        rest = np.zeros(len(self.lacking) + model.known.size + 1)
        return np.concatenate([model.add_cost, np.zeros(self.cells), moving, rest])

    def complying(self, weights: Floats) -> Floats:
        """Return the weight of each variable that says whether a section complies, with a minus."""
        objective = np.zeros(self.size)
        objective[-1 - weights.size : -1] = -weights
        return objective

    def beyond(self) -> Floats:
        """Return the objective of being beyond the cuts as little as possible."""
        objective = np.zeros(self.size)
        objective[-1] = 1.0
        return objective

    def bounds(self, *, must_comply: bool, may_exceed: bool = False) -> tuple[Floats, Floats]:
        """Return the least and most of each variable; every section complies, or as many as there can be."""
        model = self.model
        can_receive = np.where(model.may_receive, np.inf, 0.0)
        ones = np.ones(len(self.lacking))
        known = model.known.astype(np.float64)
        slack = [np.inf if may_exceed else 0.0]
        most = np.concatenate([model.most_added, model.most_given, can_receive, ones, known, slack])
        least = np.zeros(self.size)
        if must_comply:
            least[-1 - known.size : -1] = known
        return least, most

    def solve(
        self,
        objective: Floats,
        bounds: tuple[Floats, Floats],
        cuts: Sequence[Cut],
        *,
        whole: bool,
        gap: float,
        seconds: float,
        extra: Sequence[tuple[Floats, float]] = (),
    ) -> Solution | None:
        """Return the best solution, or None where there is none.

        Parameters
        ----------
        objective : (variables,) float array
            To be made small.
        bounds : as from `bounds`
        cuts : sequence of Cut
        whole : bool
            Whether units are whole; without that the bound is found fast.
        gap, seconds : float
            When the solver may stop.
        extra : sequence of (factors, most)
            Further rows over all variables.
        """
        optimize, sparse = _scipy()
        matrix, least, most = self._matrix(sparse, cuts, extra)
        limits = {"mip_rel_gap": gap, "time_limit": max(seconds, 1.0), "presolve": True}
        found = optimize.milp(
            objective,
            integrality=np.ones(self.size) if whole else np.zeros(self.size),
            bounds=optimize.Bounds(*bounds),
            constraints=optimize.LinearConstraint(matrix, least, most),
            options=limits if whole else {"time_limit": max(seconds, 1.0)},
        )
        if found.x is None:
            if found.status in (2, 4):
                return None
            raise TimeoutError(f"no plan within {seconds:.0f} seconds: {found.message}")
        bound = getattr(found, "mip_dual_bound", None)
        return self._solution(found.x, float(found.fun), float(found.fun if bound is None else bound), whole=whole)

    def _matrix(
        self, sparse: Any, cuts: Sequence[Cut], extra: Sequence[tuple[Floats, float]]
    ) -> tuple[Any, Floats, Floats]:
        rows = list(self.rows)
        for cut in cuts:
            columns = np.concatenate([cut.cells + n * self.cells for n in range(3)])
            factors = np.concatenate([cut.coefficients, -cut.coefficients, cut.coefficients])
            rows.append(([*columns, self.size - 1], [*factors, -1.0 / cut.scale], -np.inf, cut.most))
        for given, most in extra:
            rows.append((list(range(self.size)), given.tolist(), -np.inf, most))
        starts = np.repeat(np.arange(len(rows)), [len(columns) for columns, *_ in rows])
        columns_of = (
            np.concatenate([np.array(columns, np.intp) for columns, *_ in rows]) if rows else np.empty(0, np.intp)
        )
        factors_of = np.concatenate([np.array(factors) for _, factors, *_ in rows]) if rows else np.empty(0)
        matrix = sparse.csr_array((factors_of, (starts, columns_of)), shape=(len(rows), self.size))
        return matrix, np.array([row[2] for row in rows]), np.array([row[3] for row in rows])

    def _solution(self, x: Floats, value: float, bound: float, *, whole: bool) -> Solution:
        figures = np.rint(x) if whole else x
        added, given, received = (figures[n * self.cells : (n + 1) * self.cells] for n in range(3))
        # What a school gives and receives of the same thing stays where it is.
        both = np.minimum(given, received)
        return Solution(
            added, given - both, received - both, np.rint(figures[-1 - self.model.known.size : -1]) > 0, value, bound
        )


def _scipy() -> tuple[Any, Any]:
    try:
        from scipy import optimize, sparse
    except ImportError as error:
        raise MissingExtraError("scipy", "plan", "plan") from error
    return optimize, sparse
