"""How each kind of rule is judged, for all counties at once.

`judge` dispatches on the class of the rule; a kind of rule of your own registers its function with
`@judge.register`.
"""

from balancedu.judging import classes, facts, monitoring, resources, schools
from balancedu.judging.judge import judge

__all__ = ["classes", "facts", "judge", "monitoring", "resources", "schools"]
