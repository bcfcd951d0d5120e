"""Whatever way rows come, they give the same tape or a named error."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import runner.market.batch
from runner.errors import DataError
from runner.market.digest import tape_digest
from runner.market.load import load
from runner.market.source import Raw
from runner.market.sources.parquet import Parquet
from runner.market.streams import columns_of
from runner.spec.quality import Quality
from runner.spec.timezone import Session, Timezone
from runner.spec.universe import Universe
from runner.spec.window import Window

US = Timezone(zone="America/New_York", stamp="session", session=Session(open="09:30", close="16:00"))
EVENT = Timezone(zone="UTC", stamp="event")
NOON = datetime(2024, 1, 2, 12, tzinfo=UTC)
FIRST = date(2024, 3, 1)
MENDED = Quality(unsorted="sort", duplicate="drop")
NAMES = ("symbol", "timestamp", *columns_of("bars"))


@st.composite
def bars(draw):
    """Distinct daily bars of up to three symbols, a change of clocks among them, in the order of symbol and time."""
    rows = []
    for symbol in draw(st.lists(st.sampled_from("ABC"), min_size=1, unique=True)):
        for day in sorted(draw(st.sets(st.integers(0, 20), min_size=1))):
            price = draw(st.floats(90, 110))
            rows.append((symbol, FIRST + timedelta(days=day), price, price + 1, price - 1, price, 100.0))
    return rows


def frame_of(rows):
    return pl.DataFrame(rows, schema=NAMES, orient="row")


def tape(raws, quality=MENDED, timezone=US):
    class Given:
        def check(self, _universe):
            return []

        def read(self, _universe):
            return raws

    symbols = tuple(sorted({symbol for raw in raws for symbol in raw.frame["symbol"]}))
    return load(Given(), universe=Universe(symbols=symbols), window=Window(), timezone=timezone, quality=quality).tape


@given(data=st.data(), rows=bars())
def test_neither_order_nor_repetition_of_bars_counts(data, rows):
    """Any permutation with any rows repeated is the same tape under `sort` and `drop`."""
    repeated = [*rows, *data.draw(st.lists(st.sampled_from(rows), max_size=5))]
    shuffled = data.draw(st.permutations(repeated))

    assert tape_digest(tape([Raw(frame_of(shuffled), {})])) == tape_digest(tape([Raw(frame_of(rows), {})]))


@given(data=st.data(), rows=bars())
def test_disorder_and_repetition_are_named_by_default(data, rows):
    """Under the default policies the same data are refused, unless nothing was changed."""
    shuffled = data.draw(st.permutations(rows))
    by_symbol = [[row for row in given_rows if row[0] == symbol] for given_rows in (rows, shuffled) for symbol in "ABC"]
    is_sorted = by_symbol[:3] == by_symbol[3:]

    if is_sorted:
        assert tape_digest(tape([Raw(frame_of(shuffled), {})], Quality())) == tape_digest(tape([Raw(frame_of(rows), {})]))
    else:
        with pytest.raises(DataError, match=r"quality\.unsorted"):
            tape([Raw(frame_of(shuffled), {})], Quality())
    with pytest.raises(DataError, match=r"quality\.duplicate"):
        tape([Raw(frame_of([*rows, rows[-1]]), {})], Quality())


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), rows=bars())
def test_files_may_be_cut_anywhere(tmp_path_factory, data, rows):
    """Bars cut into files at any rows, the files in any order."""
    cuts = sorted(data.draw(st.sets(st.integers(1, max(len(rows) - 1, 1)), max_size=4)))
    edges = [0, *(cut for cut in cuts if cut < len(rows)), len(rows)]
    folder = tmp_path_factory.mktemp("cut")
    numbers = data.draw(st.permutations(range(len(edges) - 1)))
    for number, (first, last) in zip(numbers, pairwise(edges), strict=True):
        frame_of(rows[first:last]).write_parquet(folder / f"{number}.parquet")
    universe = Universe(symbols=tuple(sorted({row[0] for row in rows})))

    raws = Parquet(path=str(folder)).read(universe)

    assert tape_digest(tape(raws)) == tape_digest(tape([Raw(frame_of(rows), {})]))


@given(data=st.data(), rows=bars(), size=st.integers(1, 8))
def test_batches_may_be_cut_anywhere(data, rows, size):
    """What the checks look at together decides nothing."""
    shuffled = data.draw(st.permutations([*rows, *rows[:2]]))
    whole = tape([Raw(frame_of(shuffled), {})])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runner.market.batch, "ROWS", size)
        cut = tape([Raw(frame_of(shuffled), {})])

    assert tape_digest(cut) == tape_digest(whole)


@given(rows=bars())
def test_instants_ascend_and_lie_in_the_session(rows):
    """Strictly per symbol, in UTC, and 9:30 to 16:00 on New York's clock whatever the season."""
    found = tape([Raw(frame_of(rows), {})])

    for code in range(len(found.symbols)):
        instants = found.ts[found.offsets[code] : found.offsets[code + 1]].tolist()
        assert all(earlier < later for earlier, later in pairwise(instants))
    zone = found.ts.astype("datetime64[ns]").astype("datetime64[s]").tolist()
    hours = {(stamp.hour, stamp.minute) for stamp in zone}
    assert hours <= {(21, 0), (20, 0)}
    assert (found.ts - found.opened == 6.5 * 3600 * 10**9).all()


@given(data=st.data(), prices=st.lists(st.tuples(st.integers(0, 3), st.floats(90, 110)), min_size=1, max_size=30))
def test_trades_keep_the_order_within_an_instant_wherever_symbols_are_mixed(data, prices):
    """Trades of two symbols, in the order of time; merged in any way that keeps each symbol's own order."""
    by_time = sorted(prices, key=lambda each: each[0])
    one = [("A", NOON + timedelta(seconds=at), price, 1.0, 1.0) for at, price in by_time]
    other = [("B", *row[1:]) for row in one]
    takes = data.draw(st.permutations([0] * len(one) + [1] * len(other)))
    queues = [iter(one), iter(other)]
    mixed = [next(queues[take]) for take in takes]
    names = ("symbol", "timestamp", *columns_of("trades"))

    found = tape([Raw(pl.DataFrame(mixed, schema=names, orient="row"), {}, "trades")], Quality(), EVENT)

    assert found.columns["price"].tolist() == [price for _, price in by_time] * 2
