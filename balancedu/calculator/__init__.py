"""Arrays in, arrays out: the mathematics of the evaluation. Imports nothing but numpy."""

from balancedu.calculator.compliance import holds, sections_comply, standings
from balancedu.calculator.dispersion import coefficient_of_variation, composite, dispersion
from balancedu.calculator.exactly import exact
from balancedu.calculator.groups import Segments
from balancedu.calculator.logic import all_of, at_least_k

__all__ = [
    "Segments",
    "all_of",
    "at_least_k",
    "coefficient_of_variation",
    "composite",
    "dispersion",
    "exact",
    "holds",
    "sections_comply",
    "standings",
]
