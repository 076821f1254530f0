"""The kinds of rule: one frozen attrs class each, whose fields are the fields of the YAML.

A new kind, here or in another package, is a class under `@rule("its_name")` and a function registered with
`balancedu.judging.judge.register`.
"""

from balancedu.core.county_rules import (
    FactAtLeast,
    FactNotBelow,
    MonitoredSubjects,
    ShareAtLeast,
    Stated,
)
from balancedu.core.rule import RULES, Rule, rule
from balancedu.core.school_rules import (
    ClassSize,
    RoomsForClasses,
    SchoolShareAtLeast,
    SchoolSize,
    SizeLimit,
    SmallSchoolFunds,
)
from balancedu.core.spread_rules import CompositeWithin, SectionsComply, SpreadWithin, WithinLimits

__all__ = [
    "RULES",
    "ClassSize",
    "CompositeWithin",
    "FactAtLeast",
    "FactNotBelow",
    "MonitoredSubjects",
    "RoomsForClasses",
    "Rule",
    "SchoolShareAtLeast",
    "SchoolSize",
    "SectionsComply",
    "ShareAtLeast",
    "SizeLimit",
    "SmallSchoolFunds",
    "SpreadWithin",
    "Stated",
    "WithinLimits",
    "rule",
]
