"""Data bigger than memory: parquet files as a sequence of tapes, window by window, the same rows as loading them whole.

1. `surveyed` looks at symbols and stamps once, `edges` cuts the span into windows; `window_walk` goes through them.
2. Each window's rows pass the same steps as in `load`: `placed`, `spacing`, `by_lives`, `gaps`, `gate`, `tape_of`. Before
   them stand the last rows of each symbol from earlier windows, so that neighbours are neighbours across a border; they are
   taken out again in the gate, and what was found in them then isn't counted again (`Carried`).
3. Rows that stood in the files before rows of an earlier window are found by their place.
4. What only the whole shows is refused behind the last window: bars longer than declared, whose distances are
   counted from window to window, `universe.late` and `universe.early`, and a pass without rows. A result is to be believed
   once the windows came to their end.

Put together again (`joined`), the tapes are the tape of `load`, bit for bit, and `TapeWindows.total` is its report. What
later rows decide can't leave out rows that were handed out: `outlier`, `stale` and `unit` can be `error` or `keep` here.
What they and `split` hold prices against is the window and the rows carried, not the whole history, so that they may find
more or less than in the whole. `unsorted` counts rows that go backwards inside a window; those that stood before rows of an
earlier window are put in order and noted.

Whoever computes on windows carries state from one to the next, as live trading does from row to row: the rows of a symbol
in one tape follow those in the tape before, so an operator's state array after the one is its state before the other, and
the decision kernel goes on with its positions, pending orders and latches. No row is seen twice, none is warm-up again.

Memory: the rows of one window, in the source's columns and as a tape, some rows a symbol, and whatever windows the caller
still holds. Every frame is handed on and let go. Files are read by row groups: files cut along time are the fastest to go
through, files cut along symbols are gone through once per window.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from runner.errors import ConfigError, DataError, Fault
from runner.market.calendar import Calendar
from runner.market.load import config_faults
from runner.market.parquet_slices import edges, surveyed
from runner.market.sources.parquet import Parquet
from runner.market.symbols import absent_symbols
from runner.market.tape import Tape
from runner.market.timezone import stream_faults
from runner.market.window_walk import TapeWindow, Walk, walked
from runner.spec.quality import Quality
from runner.spec.timezone import Timezone
from runner.spec.universe import Universe
from runner.spec.window import Window
from runner.units import Duration

__all__ = ["TapeWindow", "TapeWindows", "joined", "tape_windows", "window_policy_faults"]

HINDSIGHT = {
    "outlier": "the usual move of a symbol is that of its whole history, and that a price comes back is known a row later",
    "stale": "whether too many rows are alike is known so many rows later",
    "unit": "the right unit is the one most rows of the whole history are in",
}
"""Checks whose answer depends on later rows, and how."""


def tape_windows(  # noqa: PLR0913 - keywords, one per section of the configuration
    source: Parquet,
    *,
    universe: Universe,
    timezone: Timezone,
    quality: Quality,
    window: Duration | int,
    dates: Window | None = None,
    now: int | None = None,
) -> "TapeWindows":
    """Return the universe's rows window by window, ascending in time.

    Args:
        source: the files.
        universe: what is read.
        timezone: what stamps mean.
        quality: what happens to faulty rows; see the module for what can't be decided window by window.
        window: length of a window of stamps, such as `"1d"`, or how many rows it holds about.
        dates: session dates to keep; None keeps all.
        now: UTC nanoseconds; bars known later are still forming. None lets them pass.

    Raises:
        ConfigError: the configuration contradicts itself or needs the whole data at once; before the first window.
        DataError: rows can't be read or placed, or break a policy; at the window that shows it, or behind the last.
    """
    span = dates or Window()
    faults = [
        *config_faults(universe=universe, window=span, timezone=timezone, quality=quality),
        *stream_faults(source.stream, timezone),
        *window_policy_faults(source, quality),
    ]
    if faults:
        raise ConfigError(faults)
    slices = surveyed(source, universe)
    faults = absent_symbols(universe, slices.symbols)
    if faults:
        raise DataError(faults)
    walk = Walk.of(slices, universe, timezone, quality, span, now)
    cut = edges(slices, window)
    return TapeWindows(walk, walked(walk, cut), len(cut))


class TapeWindows(Iterator[TapeWindow]):
    """Windows, one after the other; a window of which nothing is left is passed over, and counts in `total`."""

    def __init__(self, walk: Walk, windows: Iterator[TapeWindow], stretches: int) -> None:
        """See `tape_windows`; `stretches` is how many there are, those without rows included."""
        self._walk = walk
        self._windows = windows
        self._stretches = stretches

    def __next__(self) -> TapeWindow:
        """Return the next window; to keep memory low, the one before should not be held any longer."""
        return next(self._windows)

    @property
    def total(self) -> dict[str, object]:
        """What the gate found in all windows so far, as `MarketData.quality` says of one stream, `coarse` included."""
        return self._walk.totals.report(self._walk.spacings)

    @property
    def share(self) -> float:
        """How many of all windows have been read, 0 to 1."""
        return self._walk.read / max(self._stretches, 1)

    @property
    def calendar(self) -> Calendar | None:
        """The sessions of the windows so far; None where the policy names none."""
        return self._walk.calendar

    @property
    def as_of(self) -> int | None:
        """UTC nanoseconds after which bars counted as still forming; None as long as there were none."""
        return self._walk.as_of


def joined(tapes: Sequence[Tape]) -> Tape:
    """Put windows together again: each symbol's rows in the order of the windows. Needs at least one tape."""
    first = tapes[0]
    code = np.concatenate([tape.symbol for tape in tapes])
    # Rows of one symbol are in order as they are.
    order = slice(None) if len(first.symbols) == 1 else np.argsort(code, kind="stable")
    return Tape(
        symbols=first.symbols,
        ts=np.concatenate([tape.ts for tape in tapes])[order],
        opened=np.concatenate([tape.opened for tape in tapes])[order],
        session=np.concatenate([tape.session for tape in tapes])[order],
        symbol=code[order],
        columns={name: np.concatenate([tape.columns[name] for tape in tapes])[order] for name in first.columns},
        offsets=np.searchsorted(code[order], np.arange(len(first.symbols) + 1)).astype(np.int64),
        stream=first.stream,
    )


def window_policy_faults(source: Parquet, quality: Quality) -> list[Fault]:
    """Return what needs the whole data at once, and why."""
    faults = [
        Fault(
            f"quality.{name}",
            "must not leave rows out where data are read window by window",
            "drop",
            f"Write error or keep, or load the data whole: {why}.",
        )
        for name, why in HINDSIGHT.items()
        if getattr(quality, name) == "drop"
    ]
    if source.adjust != "none":
        write = "Adjust the files once, or load the data whole."
        faults.append(Fault("data.adjust", "must be none where data are read window by window", source.adjust, write))
    return faults
