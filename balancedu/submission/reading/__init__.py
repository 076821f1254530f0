"""Files as counties have them become rows of raw cells."""
