"""When a synthetic market is open: stretches of whole bars, in UTC."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from runner.spec.timezone import Session

__all__ = ["Sessions", "sessions_of"]


@dataclass(frozen=True, slots=True)
class Sessions:
    """The sessions of a stretch of dates; trading time runs through them without a break."""

    dates: NDArray[np.int32]
    """[S] session dates, in days since 1970."""
    opens: NDArray[np.int64]
    """[S] UTC nanoseconds at which each opens."""
    bars: NDArray[np.int64]
    """[S] whole bars of each; trading ends with the last of them."""
    interval: int
    """Nanoseconds of a bar."""

    @property
    def before(self) -> NDArray[np.int64]:
        """[S+1] bars before each session, and of all of them."""
        return np.concatenate([[0], np.cumsum(self.bars)])

    @property
    def length(self) -> int:
        """Nanoseconds of trading time."""
        return int(self.bars.sum()) * self.interval

    def bar_opens(self) -> NDArray[np.int64]:
        """Return the UTC nanoseconds at which each bar opens."""
        first = np.repeat(self.opens, self.bars)
        number = np.arange(first.size) - np.repeat(self.before[:-1], self.bars)
        return first + number * self.interval

    def instants(self, trading: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the UTC nanoseconds of instants in trading time, all in `[0, length)`."""
        ends = self.before * self.interval
        session = np.searchsorted(ends, trading, side="right") - 1
        return self.opens[session] + (trading - ends[session])


def sessions_of(start: date, end: date, *, interval: int, hours: Session | None, zone: str) -> Sessions:
    """Return the sessions of the dates, both included: every day around the clock in UTC, or weekdays at wall-clock hours.

    A date that the zone's clocks skipped altogether has no session.
    """
    days = [start + timedelta(days=number) for number in range((end - start).days + 1)]
    named = pl.DataFrame({"date": [day for day in days if hours is None or day.weekday() < 5]}, schema={"date": pl.Date})
    if hours is None:
        opens = pl.col("date").cast(pl.Datetime("ns", "UTC"))
        closes = (pl.col("date") + timedelta(days=1)).cast(pl.Datetime("ns", "UTC"))
    else:
        opens, closes = (_instant(time, zone) for time in (hours.open, hours.close))
    held = named.with_columns(opens.alias("open"), closes.alias("close")).drop_nulls()
    ends = [held[name].to_physical().to_numpy() for name in ("open", "close")]
    return Sessions(np.array(held["date"].to_physical()), np.array(ends[0]), (ends[1] - ends[0]) // interval, interval)


def _instant(time_of_day: str, zone: str) -> pl.Expr:
    """Return a wall-clock time on each date in UTC: the first that can be meant, an hour later where clocks skip it."""
    hours, minutes = (int(part) for part in time_of_day.split(":"))
    wall = pl.col("date").cast(pl.Datetime("us")) + timedelta(hours=hours, minutes=minutes)
    there, after = (
        time.dt.cast_time_unit("ns").dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
        for time in (wall, wall + timedelta(hours=1))
    )
    return pl.coalesce(there, after).dt.convert_time_zone("UTC")
