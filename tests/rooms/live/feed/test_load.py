"""More than anybody can read: lines stay short, what is left out is counted, and bars are whole all the same."""

import asyncio
import json
import tracemalloc

from runner.live.feed.dialect import Manners
from runner.live.feed.dialects.tickdb import TickDb
from runner.live.feed.inputs import DROPPED, OPENED
from runner.live.feed.messages import Channel
from tests.feed_bench import EPOCH, EVENTS, MINUTE, MS, PAIR, SECOND, Bench, book, books, plan, pong, text, trade


def most_within(times, window):
    return max(sum(start <= at < start + window for at in times) for start in times)


def test_j1_a_burst_is_taken_in_bounded_memory():
    """Twenty thousand messages a second, a consumer that needs a millisecond each: nothing piles up, and no bar is hurt."""
    asked = plan(streams=("bars", "depth"), levels=2, events=EVENTS, touch=Channel.DEPTH, waiting=200)
    bench = Bench(asked)
    told = [
        [text(book(PAIR[k % 2], k * 50_000, [(str(5 + k % 4), "1")])), text(trade(PAIR[k % 2], k * 50_000, 100 + k % 7))]
        for k in range(20_000)
    ]
    for k, messages in enumerate(told):
        bench.venue.at(k * 50_000 + SECOND, *messages)
    bench.venue.at(59 * SECOND, book("BTCUSDT", 59 * SECOND, [("7.5", "1")]))
    taken, sizes = [], []

    async def slowly(feed):
        async for instant in feed:
            taken.append(instant)
            if len(taken) % 200 == 0:
                sizes.append(tracemalloc.get_traced_memory()[0])
            if any(row.clock == "bars" for row in instant.rows):
                break
            await asyncio.sleep(0.001)

    bench.recorder.put = lambda _: None
    tracemalloc.start()
    try:
        bench.run(0, slowly, consume=False)
    finally:
        tracemalloc.stop()

    health = bench.feed.health()
    (bars,) = [row.columns for row in taken[-1].rows if row.symbol == 0]
    assert health.counts["instants superseded"] > 15_000
    assert bench.feed._outbox.longest <= 200
    assert taken[-1].gapped == (0, 1), "the first minute's beginning wasn't heard"
    assert health.counts["instants overrun"] == 0
    assert (bars["volume"], bars["open"], bars["high"]) == (10_000.0, 100.0, 106.0)
    assert max(sizes) - min(sizes) < 3_000_000
    books_of_one = [row.columns for each in taken for row in each.rows if (row.clock, row.symbol) == ("depth", 0)]
    assert books_of_one[-1]["bid_price_0"] == 7.5


def test_j2_a_slow_consumer_decides_on_the_newest_book():
    """A second for each instant, a hundred books in between: what it gets is never older than the last second."""
    bench = Bench(books(touch=Channel.DEPTH))
    for k in range(3_000):
        bench.venue.at(k * 10 * MS, book("BTCUSDT", k * 10 * MS, [(str(1 + k / 1_000), "1")]))
    ages = []

    async def slowly(feed):
        for _ in range(20):
            instant = await anext(feed)
            ages.append(bench.world.now - (instant.rows[0].ts - EPOCH))
            await asyncio.sleep(1)

    bench.run(0, slowly, consume=False)

    assert max(ages[2:]) <= 61 * MS
    assert bench.feed._outbox.longest <= 20
    left_out = [number for each in bench.recorder.inputs(DROPPED) for number in json.loads(each.body)]
    assert len(left_out) == len(set(left_out)) == bench.feed.health().counts["instants superseded"] > 1_500


def test_j3_a_thousand_instruments_are_subscribed_within_the_venues_rate():
    """Batches over few connections, never more than five messages in a second, and every symbol is heard in the end."""
    symbols = tuple(f"S{number}" for number in range(1_000))
    bench = Bench(plan(symbols=symbols), dialect=TickDb(symbols, manners=Manners(messages=5, symbols_per_connection=500)))
    seen = []

    async def look(feed):
        await asyncio.sleep(10)
        seen.append(feed.health())

    bench.run(0, look)

    (health,) = seen
    per_connection = [[at for at, said in socket.sent if "subscribe" in said] for socket in bench.venue.sockets]
    assert len(bench.recorder.inputs(OPENED)) == 2
    assert [len(each) for each in per_connection] == [10, 10]
    assert all(most_within(each, SECOND) <= 5 for each in per_connection)
    assert all(each.is_listening for each in health.symbols)
    assert health.is_fit
    assert all(
        len(json.loads(said)["data"]["symbols"]) == 50
        for s in bench.venue.sockets
        for _, said in s.sent
        if "subscribe" in said
    )


def test_j7_a_process_that_stood_still_goes_on_without_a_wrong_bar():
    """The loop does nothing for half a minute, and then everything that came meanwhile is there at once."""
    bench = Bench(plan(silence_ns=20 * SECOND))
    for k in range(200):
        bench.venue.at(k * SECOND, trade("BTCUSDT", k * SECOND, 100 + k % 7), trade("ETHUSDT", k * SECOND, 50 + k % 5))

    async def stall(feed):
        await asyncio.sleep(70)
        until = bench.world.now + 30 * SECOND
        while (due := bench.world.next_time()) is not None and due <= until:
            bench.world.happen_next()
        bench.world.now = until
        assert feed.stale() == (0, 1), "nobody may decide on what was known before"
        await asyncio.sleep(2)
        assert feed.stale() == ()

    bench.run(105, stall)

    found = {(each.ts - EPOCH) // MINUTE: each for each in bench.instants}
    assert sorted(found) == [1, 2, 3]
    assert [row.columns["volume"] for row in found[2].rows] == [60.0, 60.0]
    assert found[2].is_whole
    assert len(bench.venue.sockets) == 1
    assert pong(0)["cmd"] == "pong"
