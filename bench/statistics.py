"""Medians with their spread, ratios within a round, and intervals of a median.

The speed of a machine drifts, so two things are only compared within one round, in which they ran one after the other.
"""

from __future__ import annotations

import random
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

#: Samples of the bootstrap: enough for the second digit of an interval to stay.
RESAMPLES: Final = 10_000
#: How often an interval covers the true value.
LEVEL: Final = 0.95


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of some figures, with the least and the most of them."""

    median: float
    least: float
    most: float


def spread(values: Sequence[float]) -> Spread:
    """The spread of at least one figure."""
    return Spread(statistics.median(values), min(values), max(values))


def ratios(upper: Sequence[float], lower: Sequence[float]) -> list[float]:
    """One ratio for each round: the two are figures of the same rounds, in their order.

    Raises:
        ValueError: they are not of the same length.
    """
    return [over / under for over, under in zip(upper, lower, strict=True)]


def median_interval(values: Sequence[float], *, seed: int = 1) -> tuple[float, float]:
    """Where the median lies, with a confidence of LEVEL: percentiles of the medians of samples drawn with replacement.

    The same values and seed give the same interval.
    """
    source = random.Random(seed)  # noqa: S311  # statistics, no secrets
    medians = sorted(statistics.median(source.choices(values, k=len(values))) for _ in range(RESAMPLES))
    outside = (1 - LEVEL) / 2
    return medians[int(RESAMPLES * outside)], medians[int(RESAMPLES * (1 - outside)) - 1]


def marginal(first: tuple[float, float], second: tuple[float, float]) -> float:
    """What one more unit of size costs, between two points of (size, cost).

    Raises:
        ValueError: the second is not larger than the first.
    """
    if second[0] <= first[0]:
        raise ValueError(f"no growth from {first[0]:g} to {second[0]:g}")
    return (second[1] - first[1]) / (second[0] - first[0])
