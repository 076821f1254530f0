"""Tables of counties, schools and vendors, with their right values."""
