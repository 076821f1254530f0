"""What to do about a verdict: what is missing, what would flip it, the cheapest plan, what changed."""
