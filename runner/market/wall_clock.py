"""Wall-clock times of a zone, and the instants they name.

Most name one instant. Where clocks are put back a stretch of times comes twice, and where they are put forward a stretch
never comes; the policy's `ambiguous` and `nonexistent` say what such times mean, and without a policy they name nothing
(null).

Why polars and not the standard library does the arithmetic: its zone rules are compiled into the wheel, so the same
versions give the same instants on every machine, whatever the operating system's zone files say.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from runner.spec.timezone import Timezone

__all__ = ["Localized", "WallClock", "localized", "same_clock", "wall_times"]

LONGEST_SKIP = 26 * 3_600
"""Seconds; no zone ever skipped more than a day."""


@dataclass(frozen=True, slots=True)
class WallClock:
    """The clock of a zone, and what its doubtful times mean."""

    zone: str
    """IANA name."""
    ambiguous: Literal["error", "earliest", "latest"] = "error"
    """Which instant a time that came twice names; `error`: none."""
    nonexistent: Literal["error", "forward"] = "error"
    """Which instant a skipped time names: the first after the skip; `error`: none."""

    @classmethod
    def of(cls, timezone: Timezone) -> "WallClock":
        """Return the clock of a policy."""
        return cls(timezone.zone, timezone.ambiguous, timezone.nonexistent)


@dataclass(frozen=True, slots=True)
class Localized:
    """Wall-clock times read in a zone."""

    instant: pl.Series
    """Int64, UTC nanoseconds; null where the wall time names no instant, or two."""
    skipped: pl.Series
    """True where clocks were put forward over this wall time and the policy is `error`."""
    repeated: pl.Series
    """True where clocks were put back, the wall time came twice and the policy is `error`."""


def wall_times(instants: NDArray[np.int64], zone: str) -> pl.Series:
    """Return what the clock of a zone shows at each instant, given in UTC nanoseconds, as naive datetimes."""
    utc = pl.Series(instants, dtype=pl.Int64).cast(pl.Datetime("ns", "UTC"))
    return utc.dt.convert_time_zone(zone).dt.replace_time_zone(None)


def same_clock(instants: NDArray[np.int64], zone: str, other: str) -> bool:
    """Return whether the clocks of two zones show the same at each instant, given in UTC nanoseconds."""
    return zone == other or wall_times(instants, zone).equals(wall_times(instants, other))


def localized(wall: pl.Series, clock: WallClock) -> Localized:
    """Read naive datetimes on the clock; a null stays null and is neither skipped nor repeated."""
    twice: Literal["earliest", "latest", "null"] = "null" if clock.ambiguous == "error" else clock.ambiguous
    instant = _instants(wall, clock.zone, twice)
    if instant.null_count() == wall.null_count():
        none = pl.repeat(value=False, n=wall.len(), dtype=pl.Boolean, eager=True)
        return Localized(instant, none, none)
    doubtful = instant.is_null() & wall.is_not_null()
    skipped = doubtful & _instants(wall, clock.zone, "earliest").is_null()
    repeated = doubtful & ~skipped
    if clock.nonexistent == "forward":
        forward = _instants(_after_skip(wall.filter(skipped), clock.zone), clock.zone, "earliest")
        instant = instant.scatter(skipped.arg_true(), forward)
        skipped = skipped & instant.is_null()
    return Localized(instant, skipped, repeated)


def _instants(wall: pl.Series, zone: str, twice: Literal["earliest", "latest", "null"]) -> pl.Series:
    # Adding a time of day to a date changes the unit to microseconds, so the unit is set here, whatever came in.
    aware = wall.dt.replace_time_zone(zone, ambiguous=twice, non_existent="null")
    return aware.dt.convert_time_zone("UTC").dt.cast_time_unit("ns").to_physical()


def _after_skip(wall: pl.Series, zone: str) -> pl.Series:
    """Return the first wall-clock time that exists after each skipped one; clocks change on whole seconds."""
    seconds = wall.dt.epoch("s").to_numpy()
    distinct, back = np.unique(seconds, return_inverse=True)
    low, high = distinct, distinct + LONGEST_SKIP
    while (high - low > 1).any():
        middle = (low + high) // 2
        exists = _exists(middle, zone)
        low, high = np.where(exists, low, middle), np.where(exists, middle, high)
    return _wall(high[back])


def _exists(seconds: NDArray[np.int64], zone: str) -> NDArray[np.bool_]:
    return _instants(_wall(seconds), zone, "earliest").is_not_null().to_numpy()


def _wall(seconds: NDArray[np.int64]) -> pl.Series:
    return pl.Series(seconds * 1_000_000, dtype=pl.Int64).cast(pl.Datetime("us"))
