"""Files become submissions and submissions become files."""
