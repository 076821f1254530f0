"""How to say it: text for terminals."""
