"""The formats of workbooks: bytes become sheets of raw cells, inside fixed limits."""
