"""How fast and how lean balancedu is, beside numpy, pandas and polars: `python -m tests.benchmarks`."""
