"""The benchmark: `python -m bench`, or `just bench`."""
