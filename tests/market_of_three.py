"""A hundred days of three shares that wander about, so that pressure comes and goes, for sessions that are over in a moment."""

import numpy as np
import polars as pl

DAYS = 60
HOLIDAYS = ("2024-01-15", "2024-02-19", "2024-03-29", "2024-05-27")
WORDS = ("data=csv", "data.path=market.csv", "data.columns.timestamp=date", "universe.symbols=[AAA,BBB,CCC]")
"""What a run is told to read `market.csv` of its folder."""


def write_market(path):
    """Write them as CSV."""
    chance = np.random.default_rng(5)
    dates = pl.date_range(pl.date(2024, 1, 2), pl.date(2024, 6, 28), "1d", eager=True)
    dates = dates.filter(dates.dt.weekday() < 6).head(DAYS + 40)
    dates = dates.filter(~dates.is_in(pl.Series(HOLIDAYS).str.to_date().implode()))
    frames = []
    for symbol in ("AAA", "BBB", "CCC"):
        close = np.round(50 + np.cumsum(chance.normal(0, 1, dates.len())), 2)
        opened = np.round(close + chance.normal(0, 0.5, dates.len()), 2)
        high, low = np.maximum(opened, close) + 0.5, np.minimum(opened, close) - 0.5
        frame = {"symbol": symbol, "date": dates, "open": opened, "high": high, "low": low, "close": close}
        frames.append(pl.DataFrame({**frame, "volume": chance.integers(1_000, 2_000, dates.len()) * 100}))
    pl.concat(frames).write_csv(path)
