"""A source that keeps what it fetches: asks the store first, fetches what isn't there, reads everything from the store."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import polars as pl

from runner.errors import DataError, Fault
from runner.market.fetch import Fetchable
from runner.market.lives import tickers_of
from runner.market.offers import Offer
from runner.market.source import Raw, Source
from runner.market.store.store import Clock, Filled, Store
from runner.market.store.stretches import Stretch
from runner.market.streams import Stream
from runner.spec.universe import Universe

__all__ = ["Advance", "Stored", "changed_notes"]

Advance = Callable[[str, float], None]
"""Called with a symbol and the share of its window that has arrived, 0 to 1."""


class Stored:
    """Puts a store in front of a source that can be fetched; a run reads the same rows, and only missing ones travel."""

    def __init__(
        self, source: Fetchable, store: Store, now: Clock, on_progress: Advance = lambda _symbol, _share: None
    ) -> None:
        """Wrap a source.

        Args:
            source: where the rows come from; also a `Source`, for what has no history to keep.
            store: where they are kept.
            now: the clock, asked when rows have arrived.
            on_progress: told how far each symbol is.
        """
        self._source = source
        self._store = store
        self._now = now
        self._on_progress = on_progress

    def check(self, universe: Universe) -> list[Fault]:
        """Return what is wrong without reading rows; a key and a connection matter only if something has to be fetched."""
        declared = self._source.declared()
        if declared or not isinstance(self._source, Source):
            return declared
        is_held = all(self._is_held(symbol) for symbol in tickers_of(universe))
        return [] if is_held else self._source.check(universe)

    def offers(self, universe: Universe) -> Mapping[Stream, Offer]:
        """Return what the source gives: a store adds nothing and leaves nothing out."""
        if not isinstance(self._source, Source):
            raise TypeError(f"{self._source!r} is not a data source")
        return self._source.offers(universe)

    def fill(self, universe: Universe) -> dict[str, Filled]:
        """Fetch what the store doesn't hold of each symbol; nothing for what has no history. Raises DataError."""
        return {symbol: self._filled(symbol, wanted) for symbol, wanted in self._windows(universe).items()}

    def read(self, universe: Universe) -> tuple[Raw, ...]:
        """Read the universe's rows from the store, fetching what isn't there; raises DataError."""
        windows = self._windows(universe)
        if not windows:
            if not isinstance(self._source, Source):
                raise TypeError(f"{self._source!r} has no history and can't be read directly")
            return self._source.read(universe)
        changed = {symbol: filled.changed for symbol, filled in self.fill(universe).items()}
        kept = [self._store.read(self._source.fetch_key(symbol), wanted) for symbol, wanted in windows.items()]
        digests = {name: digest for each in kept for name, digest in each.digests.items()}
        frame = pl.concat([each.frame for each in kept], how="diagonal")
        raw = self._source.raw(frame, digests, max(each.as_of for each in kept))
        return (replace(raw, notes=(*raw.notes, *changed_notes(changed))),)

    def _windows(self, universe: Universe) -> dict[str, Stretch]:
        """Return the window of each symbol, nothing at all if a symbol has no history; raises DataError."""
        faults = self._source.declared()
        if faults:
            raise DataError(faults)
        windows = {symbol: self._source.windows(symbol) for symbol in tickers_of(universe)}
        held = {symbol: wanted for symbol, wanted in windows.items() if wanted is not None}
        write = "Begin earlier: a row that is still forming isn't kept."
        faults = [
            Fault("data.start", f"must lie before the last row of {symbol} that is over", "nothing is over yet", write)
            for symbol, (start, end) in held.items()
            if start >= end
        ]
        if faults:
            raise DataError(faults)
        return held if len(held) == len(windows) else {}

    def _is_held(self, symbol: str) -> bool:
        wanted = self._source.windows(symbol)
        return wanted is not None and not self._store.missing(self._source.fetch_key(symbol), wanted)

    def _filled(self, symbol: str, wanted: Stretch) -> Filled:
        start, end = wanted
        filled = self._store.fill(
            self._source,
            symbol,
            wanted,
            now=self._now,
            on_progress=lambda instant: self._on_progress(symbol, (instant - start) / (end - start)),
        )
        self._on_progress(symbol, 1.0)
        return filled


def changed_notes(changed: Mapping[str, int]) -> tuple[str, ...]:
    """Return in plain words how many rows of which symbol the service has changed since they were fetched."""
    return tuple(
        f"{'1 row' if rows == 1 else f'{rows} rows'} of {symbol} came otherwise than when fetched before; what the service"
        " says now counts"
        for symbol, rows in changed.items()
        if rows
    )
