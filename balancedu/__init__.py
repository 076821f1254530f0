"""Judge compulsory education in Chinese counties by the national standard of quality and balance."""
