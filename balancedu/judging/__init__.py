"""How each kind of rule is judged, for all counties at once.

`judge` dispatches on the class of the rule; your own kind of rule registers its function with
`@judge.register`.
"""

from balancedu.judging.rules import judge

__all__ = ["judge"]
