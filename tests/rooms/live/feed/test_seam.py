"""Where history ends and the stream begins there is neither a hole nor an overlap, or it is said."""

import asyncio
from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.live.feed.bar import Built
from runner.live.feed.doors import Refill
from runner.live.feed.grid import Grid
from runner.live.feed.seam import seam_faults, warm_up
from runner.live.ports import NoAnswer
from runner.market.arrange import arranged
from runner.market.clock import stamped
from runner.market.layout import tape_of
from tests.feed_bench import CRYPTO, EPOCH, MINUTE, PAIR, SECOND, Bench, plan, trade

GRID = Grid(CRYPTO)


def price(symbol, minute):
    return 100.0 + 7 * symbol + minute % 13


def bars(first, last, shift=0):
    """Return a tape of bars that open in `[first, last)`, in minutes since the world began."""
    rows = [(symbol, minute) for symbol in range(2) for minute in range(first, last)]
    stamps = pl.Series("timestamp", [EPOCH + minute * MINUTE + shift for _, minute in rows], dtype=pl.Int64)
    columns = {name: [price(*row) for row in rows] for name in ("open", "high", "low", "close")} | {
        "volume": [4.0] * len(rows)
    }
    frame = pl.DataFrame(
        {"symbol": [PAIR[symbol] for symbol, _ in rows], "timestamp": stamps.cast(pl.Datetime("ns", "UTC")), **columns}
    )
    return tape_of(stamped(arranged(frame, PAIR), CRYPTO).drop("timestamp"), PAIR, "bars")


def faults(tape, until, first):
    return seam_faults(tape, EPOCH + until * MINUTE, GRID, GRID.cell(EPOCH + first * MINUTE + 1))


def test_history_up_to_the_stream_joins_it():
    """Its last bar ends where the stream's first one begins."""
    assert faults(bars(-10, 0), 0, 0) == []


def test_history_that_reaches_into_the_stream_joins_it():
    """The bars that both have are taken from the stream."""
    instants = list(warm_up({"bars": bars(-10, 3)}, EPOCH + MINUTE))

    assert faults(bars(-10, 3), 3, 0) == []
    assert [(each.ts - EPOCH) // MINUTE for each in instants] == list(range(-9, 1))
    assert all([row.symbol for row in each.rows] == [0, 1] for each in instants)


def test_history_that_ends_before_the_stream_leaves_a_hole():
    """Where it ends and where the stream begins is said."""
    (found,) = faults(bars(-10, -2), -2, 0)

    shown = datetime.fromtimestamp(EPOCH // SECOND, UTC)
    assert "must reach the first bar" in str(found)
    assert f"{shown - timedelta(minutes=2):%H:%M:%S}" in found.was
    assert f"{shown:%H:%M:%S}" in found.was


def test_a_bar_nobody_traded_in_is_no_hole():
    """History says that it knows everything until then, not that there were trades."""
    assert faults(bars(-10, -2), 0, 0) == []


def test_history_that_is_stamped_otherwise_joins_nothing():
    """Bars that begin half a minute later have no place between the stream's."""
    found = faults(bars(-10, -1, shift=MINUTE // 2), 0, 0)

    assert [f"bars of {name}" in each.was for name, each in zip(PAIR, sorted(found), strict=True)] == [True, True]
    assert all("must be stamped as the stream's bars are" in each.must for each in found)


@given(start=st.integers(0, 6), taken=st.integers(0, 6), delay=st.integers(0, 3))
def test_history_and_stream_are_the_tape_whatever_the_moment(start, taken, delay):
    """Begin at any time: instants of history, then of the stream, are those of the whole tape, each once."""
    first = GRID.cell(EPOCH + start * MINUTE + 1)
    until = start + min(taken, delay)
    history = bars(-3, until)
    whole = list(warm_up({"bars": bars(-3, 12)}, EPOCH + 13 * MINUTE))
    stream = [each for each in whole if each.ts >= first.known]

    joined = [*warm_up({"bars": history}, first.known), *stream]

    assert faults(history, until, start) == []
    assert joined == whole


class Shelf:
    """History that knows every bar so many seconds after its end."""

    def __init__(self, bench, seconds=2, fails=0):
        self.asked = []
        self._bench = bench
        self._lag = seconds * SECOND
        self._fails = fails

    async def bars(self, symbol, first, last):
        self.asked.append((symbol, (first - EPOCH) // MINUTE, (last - EPOCH) // MINUTE))
        await asyncio.sleep(0.1)
        if self._fails:
            self._fails -= 1
            raise NoAnswer
        until = EPOCH + self._bench.world.now - self._lag
        known = [
            k for k in range((first - EPOCH) // MINUTE + 1, (last - EPOCH) // MINUTE + 1) if EPOCH + k * MINUTE <= until
        ]
        values = [(EPOCH + k * MINUTE, Built(*[price(symbol, k - 1)] * 4, 4.0)) for k in known]
        return Refill(tuple(values), until)


def trading(bench, minutes):
    """Play bars as trades."""
    for minute in range(minutes):
        for part in range(4):
            at = minute * MINUTE + part * 15 * SECOND + SECOND
            bench.venue.at(at, *(trade(name, at, price(symbol, minute)) for symbol, name in enumerate(PAIR)))


@pytest.mark.parametrize("fails", [0, 2])
def test_holes_of_a_lived_session_are_filled(fails):
    """Begun within a bar, cut twice: every bar is whole in the end, and they are those of the tape."""
    bench = Bench(plan(refill_ns=20 * SECOND))
    shelf = Shelf(bench, fails=fails)
    object.__setattr__(bench.doors, "history", shelf)
    trading(bench, 10)
    for at in (150, 330):
        bench.world.at(at * SECOND, lambda: [socket.end() for socket in bench.venue.live])

    instants = bench.run(10 * 60 + 5)

    assert all(each.is_whole for each in instants)
    assert instants == [
        type(each)(each.ts, each.rows, (), (), number)
        for number, each in enumerate(warm_up({"bars": bars(0, 10)}, EPOCH + 11 * MINUTE), start=1)
    ]
    assert {minute for _, _, minute in shelf.asked} == {1, 3, 6}


def test_holes_that_history_can_not_fill_are_flagged():
    """It never answers: the bars of the holes are told as such, in time."""
    bench = Bench(plan(refill_ns=5 * SECOND))
    object.__setattr__(bench.doors, "history", Shelf(bench, fails=10**6))
    trading(bench, 6)
    bench.world.at(150 * SECOND, lambda: [socket.end() for socket in bench.venue.live])

    instants = bench.run(6 * 60 + 10)

    assert [(each.ts - EPOCH) // MINUTE for each in instants if each.gapped] == [1, 3]
    assert [(each.ts - EPOCH) // MINUTE for each in instants] == [1, 2, 3, 4, 5, 6]


def test_the_first_bar_of_a_feed_is_known_when_it_is_open():
    """So that history can be asked for up to it."""
    bench = Bench(plan())
    found = []

    async def look(feed):
        found.append(await feed.begun())

    bench.run(1, look)

    assert found == [GRID.cell(EPOCH + 1)]


def test_days_join_days():
    """Daily bars too: Friday's from history, Monday's from the stream."""
    policy = CRYPTO.model_copy(update={"zone": "America/New_York", "calendar": "XNYS", "stamp": "session", "interval": None})
    grid = Grid(policy)
    days = [date(2024, 3, 6), date(2024, 3, 7), date(2024, 3, 8)]
    columns = dict.fromkeys(("open", "high", "low", "close", "volume"), [1.0] * 3)
    frame = pl.DataFrame({"symbol": ["BTCUSDT"] * 3, "timestamp": days, **columns})
    tape = tape_of(stamped(arranged(frame, PAIR), policy).drop("timestamp"), PAIR, "bars")
    monday = grid.cell(int(datetime(2024, 3, 11, 15, tzinfo=UTC).timestamp()) * SECOND)
    saturday = int(datetime(2024, 3, 9, tzinfo=UTC).timestamp()) * SECOND
    thursday = int(datetime(2024, 3, 8, tzinfo=UTC).timestamp()) * SECOND

    assert seam_faults(tape, saturday, grid, monday) == []
    assert len(seam_faults(tape, thursday, grid, monday)) == 1
