"""Fixtures for all tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# How long an example takes is no promise, and on a busy machine no fact either.
settings.register_profile("loader", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("loader")

_BESIDE_THE_CHECKOUT = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real SEC data, which is never part of the repository; the test is skipped where it is absent."""
    path = Path(os.environ.get("LOADER_SHARED_DATA") or _BESIDE_THE_CHECKOUT)
    if not (path / "companyfacts").is_dir():
        pytest.skip(f"no real data at {path}: set LOADER_SHARED_DATA to the folder that holds companyfacts/")
    return path
