"""A source behind a store: the same rows, and a key or a connection only where something has to be fetched."""

import polars as pl
import pytest

from runner.errors import DataError, Fault
from runner.market.source import Source
from runner.market.store import Store, Stored
from runner.market.store.edge import store_folder
from runner.spec.universe import Life, Universe
from tests.rooms.market.store.service import Service, rows_of

BOTH = Universe(symbols=("B", "A"))


def test_what_is_read_is_what_the_service_has(tmp_path, now):
    """Symbols come in the universe's order, with one digest per chunk, and the second reading asks for nothing."""
    service = Service(window=(0, 100))
    stored = Stored(service, Store(tmp_path), now)

    for _ in range(2):
        (raw,) = stored.read(BOTH)

    assert isinstance(stored, Source)
    assert raw.frame.rows() == rows_of("B", 0, 100).rows() + rows_of("A", 0, 100).rows()
    assert len(raw.digests) == 2
    assert raw.as_of == 5_000
    assert service.asked == [("B", 0, 100), ("A", 0, 100)]


def test_the_check_asks_for_a_key_only_if_something_is_missing(tmp_path, now):
    """A store that holds every row needs neither key nor connection."""
    no_key = Fault("data.key", "must be set", "empty", "Set the variable.")
    service = Service(window=(0, 100), faults=[no_key])
    stored = Stored(service, Store(tmp_path), now)

    assert stored.check(BOTH) == [no_key]
    stored.fill(BOTH)
    assert stored.check(BOTH) == []


def test_a_row_the_service_changed_is_told(tmp_path, now):
    """The new value is read, and a note counts the rows per symbol; the next reading has nothing to tell."""

    class Correcting(Service):
        factor = 1.0

        def fetch(self, symbol, *words):
            frame = super().fetch(symbol, *words)
            last = pl.col("timestamp") == pl.col("timestamp").max()
            corrected = pl.when(last & (symbol == "A")).then(pl.col("close") * self.factor).otherwise("close")
            return frame.with_columns(corrected.alias("close"))

    service = Correcting(window=(0, 100), over=100)
    stored = Stored(service, Store(tmp_path), now)
    stored.fill(BOTH)
    service.factor = 2.0

    notes = [stored.read(BOTH)[0].notes for _ in range(2)]

    assert notes == [("1 row of A came otherwise than when fetched before; what the service says now counts",), ()]
    assert stored.read(BOTH)[0].frame["close"][-1] == 2 * rows_of("A", 0, 100)["close"][-1]


def test_tickers_of_the_lives_are_fetched(tmp_path, now):
    """A renamed instrument is fetched under every ticker it had."""
    service = Service(window=(0, 10))
    lives = {"A": (Life(ticker="OLD", end="2011-03-22"), Life(start="2011-03-23"))}

    Stored(service, Store(tmp_path), now).fill(Universe(symbols=("A",), lives=lives))

    assert [symbol for symbol, _, _ in service.asked] == ["OLD", "A"]


def test_progress_is_told_as_shares(tmp_path, now):
    """Each symbol ends at one, also if everything was there."""
    told = []
    stored = Stored(Service(window=(0, 100)), Store(tmp_path), now, lambda symbol, share: told.append((symbol, share)))

    stored.fill(BOTH)
    stored.fill(BOTH)

    assert told == [("B", 1.0), ("B", 1.0), ("A", 1.0), ("A", 1.0), ("B", 1.0), ("A", 1.0)]


def test_a_service_without_history_is_read_directly(tmp_path, now):
    """Snapshots of the moment aren't kept."""
    service = Service(window=None)
    stored = Stored(service, Store(tmp_path), now)

    (raw,) = stored.read(BOTH)

    assert list(raw.digests) == ["straight from the service"]
    assert stored.fill(BOTH) == {}
    assert service.asked == []


def test_a_window_in_which_nothing_is_over_is_refused(tmp_path, now):
    """Rows that are still forming are never kept."""
    with pytest.raises(DataError, match=r"data\.start: must lie before the last row of B that is over"):
        Stored(Service(window=(100, 100)), Store(tmp_path), now).fill(BOTH)


@pytest.mark.parametrize(
    ("declared", "cache", "expected"),
    [
        ("~/kept", "/cache", "/elsewhere/someone/kept"),
        ("/kept", "/cache", "/kept"),
        (None, "/cache", "/cache/runner"),
        (None, "relative", "/elsewhere/someone/.cache/runner"),
        (None, None, "/elsewhere/someone/.cache/runner"),
    ],
)
def test_the_store_lies_where_it_is_declared_or_in_the_cache(monkeypatch, declared, cache, expected):
    """A declared folder wins; then the user's cache, as its standard says."""
    monkeypatch.setenv("HOME", "/elsewhere/someone")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    if cache is not None:
        monkeypatch.setenv("XDG_CACHE_HOME", cache)

    assert str(store_folder(declared)) == expected
