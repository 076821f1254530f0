"""The commands that have a module of their own; each adds itself to the parser."""
