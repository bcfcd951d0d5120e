"""Bars by REST are what has happened, and nothing else."""

import asyncio
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.market.sources.tickdb import Tickdb
from runner.spec.universe import Universe
from runner.venue.server.klines import Klines, NoSuchInterval
from runner.venue.server.score import Score
from runner.venue.server.settings import Settings
from runner.venue.server.venue import Venue
from tests.listening import with_venue
from tests.markets import days, minutes, tape_of

BARS = [
    (10, 12, 9, 11, 100),
    (11, 13, 10, 12, 7),
    (12, 12, 11, 11, 1),
    (11, 15, 11, 14, 2),
    (14, 14, 13, 13, 5),
    (13, 13, 1, 2, 3),
]
START = 20_000_000
"""Minutes since 1970: a day in 2008."""


def klines(tapes, zone="UTC"):
    return Klines(Score.of(tapes), zone)


@given(now=st.integers(0, 6 * 60_000), bounds=st.tuples(*[st.one_of(st.none(), st.integers(-1, 6 * 60_000))] * 2))
def test_a_window_holds_what_was_told_by_then(now, bounds):
    """Bars that are over are the tape's; the last one is put together from the trades played so far; the rest is not there."""
    score = Score.of({"bars": tape_of("bars", {"A": minutes(*BARS)})})
    expected = {}
    for number in range(score.trades.at_ms.size):
        trade = score.trades.trade(number)
        if trade.at_ms <= now:
            expected.setdefault(trade.at_ms // 60_000 * 60_000, []).append(trade.price)

    found = Klines(score, "UTC").window(0, "1m", now, bounds)

    inside = [at for at in expected if (bounds[0] is None or at >= bounds[0]) and (bounds[1] is None or at <= bounds[1])]
    assert [bar.time_ms for bar in found] == inside
    for bar in found:
        prices = expected[bar.time_ms]
        assert bar[1:5] == (prices[0], max(prices), min(prices), prices[-1])


def test_longer_bars_are_put_together():
    """Five minutes are the five bars in them; until they are over they form."""
    found = klines({"bars": tape_of("bars", {"A": minutes(*BARS)})})

    forming = found.at(0, "5m", 4 * 60_000 + 30_000)
    whole = found.at(0, "5m", 5 * 60_000)

    assert forming[1] == 0
    assert forming[2] == (0, 10, 15, 9, 14, 110 + 5 / 2)
    assert whole[1] == 1
    assert whole[0].values[0].tolist() == [10, 15, 9, 13, 115]


def test_days_are_stamped_with_their_midnight():
    """A daily bar carries the midnight of its session date in the venue's zone, whenever the session opened."""
    found = klines({"bars": tape_of("bars", {"A": days((1, 2, 1, 2, 9), on=[14_000])})}, zone="America/New_York")

    bar = found.window(0, "1d", 2**50, (None, None))[0]

    assert np.datetime64(bar.time_ms, "ms") == np.datetime64("2008-05-01T04:00")
    assert bar[1:] == (1, 2, 1, 2, 9)


def test_trades_and_books_become_bars():
    """Without bars, trades are put together; without trades, the middles of books, whose volume isn't known."""
    trades = klines({"trades": tape_of("trades", {"A": [(0.1, 5, 2, 1), (0.2, 7, 1, 1), (1.5, 6, 4, -1)]})})
    books = klines({"depth": tape_of("depth", {"A": [(0.1, 4, 1, 6, 1), (0.2, 6, 1, 8, 1)]}, levels=1)})

    assert trades.window(0, "1m", 90_000, (None, None)) == [(0, 5, 7, 5, 7, 3), (60_000, 6, 6, 6, 6, 4)]
    bar = books.window(0, "1m", 60_000, (None, None))[0]
    assert bar[:5] == (0, 5, 7, 5, 7)
    assert math.isnan(bar.volume)


def test_shorter_bars_than_the_tape_s_are_refused():
    """A day can't be told minute by minute, and a word that is no interval is none."""
    found = klines({"bars": tape_of("bars", {"A": days((1, 2, 1, 2, 9))})})

    with pytest.raises(NoSuchInterval):
        found.window(0, "1m", 2**50, (None, None))
    with pytest.raises(NoSuchInterval):
        found.window(0, "1M", 2**50, (None, None))


def test_the_client_reads_the_whole_tape_to_the_bit(monkeypatch):
    """The source for TickDB, asking the venue page by page, gives the tape's own values."""
    rng = np.random.default_rng(4)
    closes = 100 + rng.normal(size=1_500).cumsum() / 10
    rows = [(c, c + 0.125, c - 0.125, c, float(v)) for c, v in zip(closes, rng.random(1_500) * 1e5, strict=True)]
    tape = tape_of("bars", {"AAPL.US": minutes(*rows, start=START)})
    end_ms = (START + 1_500) * 60_000

    async def read():
        async with Venue({"bars": tape}, Settings(from_ms=end_ms, is_held=True)) as venue:
            monkeypatch.setenv("VENUE_KEY", venue.key.reveal())
            source = Tickdb(
                base_url=venue.rest_url, key_env="VENUE_KEY", interval="1m", start="2008-01-09", end="2008-01-12", limit=400,
                rate_per_minute=100_000,
            )  # fmt: skip
            return await asyncio.to_thread(source.read, Universe(symbols=("AAPL.US",)))

    frame = asyncio.run(read())[0].frame

    found = np.column_stack([frame[name].to_numpy() for name in ("open", "high", "low", "close", "volume")])
    assert found.tobytes() == np.array(rows).tobytes()


def test_the_limit_cuts_the_far_end():
    """From a start the oldest are given, without one the newest; bounds are included; ends beyond the tape give nothing."""
    tape = tape_of("bars", {"A": minutes(*[(n, n, n, n, 4) for n in range(1, 151)], start=START)})
    at = START * 60_000

    async def conversation(talk):
        async def opens(**params):
            data = await talk.get("/v1/market/kline", symbol="A", interval="1m", **params)
            return [float(row["open"]) for row in data["klines"]]

        return [
            await opens(limit=3),
            await opens(limit=0),
            await opens(limit=3, start_time=at, end_time=at + 600_000),
            await opens(start_time=at + 60_000, end_time=at + 120_000),
            await opens(end_time=at - 1),
        ]

    said, _ = with_venue({"bars": tape}, Settings(from_ms=at + 150 * 60_000, is_held=True), conversation)

    assert said == [[148, 149, 150], list(range(51, 151)), [1, 2, 3], [2, 3], []]


@pytest.mark.parametrize("now", [59_999, 60_000, 60_001, 119_999, 120_000])
def test_a_bar_has_its_close_before_it_is_over(now):
    """Between its last trade and its end a bar forms with all four trades in it; at its end it is over, with the same values."""
    found = klines({"bars": tape_of("bars", {"A": minutes(*BARS[:2])})})

    bars = found.window(0, "1m", now, (None, None))

    assert bars[0] == (0, 10, 12, 9, 11, 100)
    assert len(bars) == 1 + (now > 60_000)


def test_what_forms_between_sessions_is_nothing():
    """While the market is closed no bar forms: the last one is over, the next one has no trade."""
    found = klines({"bars": tape_of("bars", {"A": [*minutes(BARS[0]), *minutes(BARS[1], start=60)]})})

    assert [bar.time_ms for bar in found.window(0, "1m", 30 * 60_000, (None, None))] == [0]
    assert [bar.volume for bar in found.window(0, "1h", 30 * 60_000, (None, None))] == [100]
