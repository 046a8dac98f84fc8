"""Names of a package that are imported when they are first used: a run with nothing to do is done before Polars is there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def at_first_use(package: str, room_of: Mapping[str, str]) -> Callable[[str], Any]:
    """What a package has as its `__getattr__`.

    Args:
        package: its name.
        room_of: the module of the package that has each name.
    """

    def attribute(name: str) -> Any:
        if name not in room_of:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(f"{package}.{room_of[name]}"), name)

    return attribute
