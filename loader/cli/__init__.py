"""The command line: parse, call, print. Start it with `main`."""

from loader.cli.main import main

__all__ = ["main"]
