"""Texts in SQL for DuckDB, where it takes no bound parameter."""

from __future__ import annotations


def quoted(text: str) -> str:
    """A text as an SQL literal, for the places where DuckDB takes no bound parameter (ATTACH, LOAD)."""
    return "'" + text.replace("'", "''") + "'"
