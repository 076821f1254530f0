"""YAML becomes typed rule objects; knows no data."""
