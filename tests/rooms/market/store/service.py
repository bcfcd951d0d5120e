"""A service that can be fetched from without a network: a row every `every` ns, whose values are functions of its instant."""

import os
from pathlib import Path

import polars as pl

from runner.market.offers import offer
from runner.market.source import Raw
from runner.spec.timezone import Timezone

END = 10_000
LONG_AGO = END + 100 * 86_400 * 10**9
"""An instant from which on every row of the service is settled."""


def rows_of(symbol, start, end, every=10):
    """Return what the service has, written independently of the store."""
    stamps = [instant for instant in range(0, END, every) if start <= instant < end]
    columns = {
        name: pl.Series([100.0 + (instant * factor) % 97 for instant in stamps], dtype=pl.Float64)
        for factor, name in enumerate(("open", "high", "low", "close", "volume"), start=1)
    }
    timestamp = pl.Series(stamps, dtype=pl.Int64).cast(pl.Datetime("ns", "UTC"))
    return pl.DataFrame(
        {"symbol": pl.repeat(symbol, len(stamps), eager=True, dtype=pl.String), "timestamp": timestamp, **columns}
    )


class Service:
    """Answers like a service and remembers what it was asked, in a file too if other processes ask as well."""

    def __init__(self, *, every=10, restated=False, window=(0, END), log: Path | None = None, faults=(), over=LONG_AGO):
        self.every, self.restated, self.window, self.log, self.faults = every, restated, window, log, list(faults)
        self.over_until = over
        self.asked = []
        self.checked = 0

    def declared(self):
        return []

    def check(self, _universe):
        self.checked += 1
        return self.faults

    def offers(self, _universe):
        return {"bars": offer("bars")}

    def fetch_key(self, symbol):
        return {"service": "made-up", "symbol": symbol, "interval": "10ns"}

    def restates(self):
        return self.restated

    def windows(self, _symbol):
        return self.window

    def over(self):
        return self.over_until

    def fetch(self, symbol, start_ns, end_ns, on_progress):
        self.asked.append((symbol, start_ns, end_ns))
        if self.log is not None:
            handle = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
            os.write(handle, f"{symbol} {start_ns} {end_ns}\n".encode())
            os.close(handle)
        on_progress(end_ns)
        return rows_of(symbol, start_ns, end_ns, self.every)

    def raw(self, frame, digests, as_of):
        return Raw(frame, digests, timezone=Timezone(zone="UTC", stamp="open", interval="1ms"), as_of=as_of)

    def read(self, _universe):
        return (Raw(rows_of("A", 0, 20), {"straight from the service": "0" * 64}),)
