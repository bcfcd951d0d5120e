"""The store: the same rows whatever was asked before, each instant asked for once, nothing damaged goes through."""

import itertools
import json
import os
import random
import stat

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.errors import DataError
from runner.market.store import Store
from runner.market.store import store as store_module
from runner.market.store.whole_files import TEMPORARY
from tests.rooms.market.store.service import END, Service, rows_of

STRETCHES = st.tuples(st.integers(0, END), st.integers(0, END)).filter(lambda pair: pair[0] < pair[1])


def clock():
    return 5_000


def key(symbol="A"):
    return Service().fetch_key(symbol)


def files(folder, pattern):
    return sorted(path for path in folder.rglob(pattern) if path.is_file())


@settings(max_examples=30, deadline=None)
@given(windows=st.lists(STRETCHES, min_size=1, max_size=8), data=st.data())
def test_any_sequence_of_windows_gives_the_rows_of_one_fetch(windows, data, tmp_path_factory):
    """Each window holds exactly the service's rows, and no instant is asked for twice or left out."""
    store, service = Store(tmp_path_factory.mktemp("store")), Service()

    for window in windows:
        store.fill(service, "A", window, now=clock)
        assert store.read(key(), window).frame.equals(rows_of("A", *window))

    asked = sorted((start, end) for _, start, end in service.asked)
    assert all(one[1] <= following[0] for one, following in itertools.pairwise(asked))
    wanted = {instant for start, end in windows for instant in range(start, end)}
    assert wanted == {instant for start, end in asked for instant in range(start, end)}
    again = data.draw(st.sampled_from(windows))
    assert store.fill(service, "A", again, now=clock).fetched == ()


def test_a_long_stretch_is_fetched_in_parts_that_grow_and_shrink(tmp_path, monkeypatch):
    """Few rows make the next part twice as long, many make it half as long, and together they are the stretch."""
    monkeypatch.setattr(store_module, "FIRST_PART", 100)
    monkeypatch.setattr(store_module, "FEW", 11)
    monkeypatch.setattr(store_module, "MANY", 30)
    service = Service()

    filled = Store(tmp_path).fill(service, "A", (0, 1_000), now=clock)

    assert [piece.stretch for piece in filled.fetched] == [
        (0, 100),
        (100, 300),
        (300, 500),
        (500, 700),
        (700, 900),
        (900, 1_000),
    ]
    assert [piece.rows for piece in filled.fetched] == [10, 20, 20, 20, 20, 10]


def test_a_part_with_too_many_rows_is_followed_by_a_shorter_one(tmp_path, monkeypatch):
    """A dense series comes in shorter parts."""
    monkeypatch.setattr(store_module, "FIRST_PART", 400)
    monkeypatch.setattr(store_module, "FEW", 5)
    monkeypatch.setattr(store_module, "MANY", 30)

    filled = Store(tmp_path).fill(Service(), "A", (0, 1_000), now=clock)

    assert [piece.stretch for piece in filled.fetched] == [(0, 400), (400, 600), (600, 800), (800, 1_000)]


def test_a_stretch_without_rows_is_not_asked_for_again(tmp_path, now):
    """The service has nothing between two rows; that is known after one question."""
    store, service = Store(tmp_path), Service()

    store.fill(service, "A", (1, 9), now=now)
    store.fill(service, "A", (1, 9), now=now)

    assert service.asked == [("A", 1, 9)]
    assert store.read(key(), (1, 9)).frame.height == 0


def test_series_do_not_mix(tmp_path, now):
    """What is held of one symbol says nothing about another."""
    store, service = Store(tmp_path), Service()

    store.fill(service, "A", (0, 100), now=now)

    assert store.missing(key("B"), (0, 100)) == [(0, 100)]
    assert store.missing(key("A"), (50, 150)) == [(100, 150)]


def test_digests_name_the_chunks_that_were_read(tmp_path, now):
    """Every digest is the SHA-256 of a file in the store, which the system's own tool would print too."""
    store = Store(tmp_path)
    store.fill(Service(), "A", (0, 100), now=now)
    store.fill(Service(), "A", (0, 200), now=now)

    kept = store.read(key(), (0, 150))

    assert len(kept.digests) == 2
    assert set(kept.digests.values()) == {path.stem for path in files(tmp_path, "*.parquet")}
    assert kept.as_of == 5_000
    assert next(iter(kept.digests)) == "made-up A 10ns, 1970-01-01 to 1970-01-01T00:00:00.000000100 UTC"


def test_a_restated_series_is_fetched_whole(tmp_path, now):
    """Rows of different days don't fit together, so a wider window replaces what was held; a narrower one is cut from it."""
    store, service = Store(tmp_path), Service(restated=True)

    for window in [(100, 200), (150, 180), (100, 300)]:
        store.fill(service, "A", window, now=now)

    assert service.asked == [("A", 100, 200), ("A", 100, 300)]
    assert len(store.read(key(), (100, 300)).digests) == 1


def test_reading_what_is_not_held_says_what_to_write(tmp_path, now):
    """A window that is held in part is never given back as if it were whole."""
    store = Store(tmp_path)
    store.fill(Service(), "A", (0, 100), now=now)

    with pytest.raises(DataError, match=r"made-up A 10ns: must be in the store, was without .* runner data fetch"):
        store.read(key(), (0, 101))


@pytest.mark.parametrize("pattern", ["*.parquet", "*.json"])
def test_every_flipped_bit_is_found(tmp_path, now, pattern):
    """A chunk is held against its name and an index against its own digest; whichever bit changes, nothing is read."""
    store = Store(tmp_path)
    store.fill(Service(), "A", (0, 500), now=now)
    (path,) = files(tmp_path, pattern)
    whole = path.read_bytes()
    drawn = random.Random(7)

    for _ in range(200):
        damaged = bytearray(whole)
        damaged[drawn.randrange(len(whole))] ^= 1 << drawn.randrange(8)
        path.write_bytes(damaged)
        with pytest.raises(DataError, match=path.name):
            store.read(key(), (0, 500))

    path.write_bytes(whole)
    assert store.read(key(), (0, 500)).frame.equals(rows_of("A", 0, 500))


def test_a_removed_chunk_is_fetched_again(tmp_path, now):
    """Doing what the message about a damaged chunk says mends the store."""
    store, service = Store(tmp_path), Service()
    store.fill(service, "A", (0, 100), now=now)
    store.fill(service, "A", (0, 200), now=now)
    first = store.read(key(), (0, 100)).digests
    (digest,) = first.values()
    files(tmp_path, f"{digest}.parquet")[0].unlink()

    store.fill(service, "A", (0, 200), now=now)

    assert service.asked[-1] == ("A", 0, 100)
    assert store.read(key(), (0, 200)).frame.equals(rows_of("A", 0, 200))


def test_leftovers_are_removed_and_nothing_else(tmp_path, now):
    """A chunk no index names and a file that was never finished go; what is held stays."""
    store = Store(tmp_path)
    store.fill(Service(), "A", (0, 100), now=now)
    (chunk,) = files(tmp_path, "*.parquet")
    orphan = chunk.with_name("f" * 64 + ".parquet")
    orphan.write_bytes(b"left by a process that died")
    unfinished = chunk.with_name(f".{chunk.name}.abc{TEMPORARY}")
    unfinished.write_bytes(b"half")

    assert store.tidy() == 2

    assert files(tmp_path, "*.parquet") == [chunk]
    assert not unfinished.exists()
    assert store.tidy() == 0
    assert store.read(key(), (0, 100)).frame.equals(rows_of("A", 0, 100))


def test_nothing_is_removed_while_an_index_cannot_be_read(tmp_path, now):
    """Chunks that a damaged index names aren't leftovers."""
    store = Store(tmp_path)
    store.fill(Service(), "A", (0, 100), now=now)
    (index,) = files(tmp_path, "*.json")
    index.write_text("{}")

    with pytest.raises(DataError, match="must be an index of the store"):
        store.tidy()

    assert len(files(tmp_path, "*.parquet")) == 1


def test_an_index_of_a_later_format_is_refused(tmp_path, now):
    """A layout this version doesn't know is never guessed at."""
    store = Store(tmp_path)
    store.fill(Service(), "A", (0, 100), now=now)
    (path,) = files(tmp_path, "*.json")
    found = json.loads(path.read_text())
    found["format"] = 3
    body = {name: value for name, value in found.items() if name != "digest"}
    from runner.market.store.index import _digest  # noqa: PLC0415 - only this test forges an index

    path.write_text(json.dumps({**body, "digest": _digest(body)}))

    with pytest.raises(DataError, match="must be of format 2, was format 3"):
        store.read(key(), (0, 100))


STRAYS = {
    "outside of the window": lambda frame: pl.concat([frame, rows_of("A", 500, 600)]),
    "out of order": lambda frame: frame.reverse(),
    "twice": lambda frame: pl.concat([frame, frame]),
    "of another symbol": lambda frame: frame.with_columns(pl.lit("B").alias("symbol")),
}


@pytest.mark.parametrize("spoilt", STRAYS)
def test_rows_that_were_not_asked_for_are_not_kept(tmp_path, now, spoilt):
    """What is kept is never asked for again, so it must be right."""

    class Sloppy(Service):
        def fetch(self, *words):
            return STRAYS[spoilt](super().fetch(*words))

    store = Store(tmp_path)

    with pytest.raises(DataError, match="must give the rows of"):
        store.fill(Sloppy(), "A", (0, 100), now=now)

    assert store.missing(key(), (0, 100)) == [(0, 100)]
    assert files(tmp_path, "*.parquet") == []


def test_a_fetch_that_fails_keeps_the_parts_before_it(tmp_path, now, monkeypatch):
    """The next fill goes on where the failed one stopped."""
    monkeypatch.setattr(store_module, "FIRST_PART", 100)
    monkeypatch.setattr(store_module, "FEW", 0)

    class Failing(Service):
        def fetch(self, symbol, start, end, on_progress):
            if len(self.asked) == 2:
                raise DataError([])
            return super().fetch(symbol, start, end, on_progress)

    store = Store(tmp_path)
    with pytest.raises(DataError):
        store.fill(Failing(), "A", (0, 500), now=now)

    assert store.missing(key(), (0, 500)) == [(200, 500)]


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write everywhere")
def test_a_store_that_cannot_be_written_says_so(tmp_path, now):
    """The message names the folder and what to write."""
    folder = tmp_path / "store"
    folder.mkdir()
    folder.chmod(stat.S_IRUSR | stat.S_IXUSR)

    with pytest.raises(DataError, match=r"data\.store: must be a folder that can be written"):
        Store(folder).fill(Service(), "A", (0, 100), now=now)


def test_a_file_in_place_of_the_store_says_so(tmp_path, now):
    """The message names the folder and what to write."""
    taken = tmp_path / "store"
    taken.write_text("a file")

    with pytest.raises(DataError, match=r"data\.store: must be a folder that can be written, was .*store \(File exists\)"):
        Store(taken).fill(Service(), "A", (0, 100), now=now)
