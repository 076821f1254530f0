"""Arrays in, arrays out: the mathematics of the evaluation. Imports only numpy."""

from balancedu.calculator.dispersion import coefficient_of_variation, composite, dispersion
from balancedu.calculator.groups import Segments
from balancedu.calculator.inequality import (
    Decomposition,
    atkinson,
    cv_without_each,
    decompose,
    gini,
    lorenz,
    mcloone,
    theil_l,
    theil_t,
    variance_shares,
    verstegen,
)
from balancedu.calculator.intervals import DispersionInterval, dispersion_interval
from balancedu.calculator.limits import exact, holds, standings
from balancedu.calculator.verdicts import all_of, at_least_k, sections_comply

__all__ = [
    "Decomposition",
    "DispersionInterval",
    "Segments",
    "all_of",
    "at_least_k",
    "atkinson",
    "coefficient_of_variation",
    "composite",
    "cv_without_each",
    "decompose",
    "dispersion",
    "dispersion_interval",
    "exact",
    "gini",
    "holds",
    "lorenz",
    "mcloone",
    "sections_comply",
    "standings",
    "theil_l",
    "theil_t",
    "variance_shares",
    "verstegen",
]
