"""Why: a verdict with every step and figure behind it, what drives a coefficient, and what is still missing."""
