"""In step with its listeners the venue skips nothing, and decides nothing before they have."""

import asyncio
import time

import pytest

from runner.venue.server.fault_plan import FaultPlan, Wrong
from runner.venue.server.settings import Settings
from tests.listening import played_out, with_venue
from tests.markets import minutes, tape_of

BARS = [(10, 12, 9, 11, 100), (20, 22, 19, 21, 8), (30, 32, 29, 31, 4), (40, 42, 39, 41, 12)]
TAPES = {"bars": tape_of("bars", {"A": minutes(*BARS), "B": minutes(*BARS[:2])})}


async def over(talk):
    return (await talk.get("/v1/time"))["is_over"]


def trades_of(messages, symbol="A"):
    """Return (time, price) of the trades in messages."""
    told = [message["data"] for message in messages if message["cmd"] == "trade"]
    return [
        (trade["timestamp"], float(trade["price"])) for data in told if data["symbol"] == symbol for trade in data["trades"]
    ]


def test_everything_is_told_once_and_in_order():
    """Each instant lies between two pongs that bear its time and the one before: no pong runs ahead of what was told."""

    async def conversation(talk):
        async with talk.socket() as socket:
            await socket.subscribe("trade", "A", "B")

            async def done(_at_ms):
                return await over(talk)

            return await played_out(socket, done)

    instants, truth = with_venue(TAPES, Settings(), conversation)

    assert [trade for told in instants.values() for trade in trades_of(told)] == [
        (60_000 * bar + at, float(BARS[bar][place]))
        for bar in range(4)
        for at, place in zip((1, 20_000, 39_999, 59_999), (0, 2, 1, 3), strict=True)
    ]
    for at_ms, told in instants.items():
        assert {when for symbol in "AB" for when, _ in trades_of(told, symbol)} <= {at_ms}
    assert {60_000, 120_000, 180_000, 240_000} <= set(instants)
    assert truth["listeners_too_late"] == 0


def test_an_order_decided_at_a_close_fills_at_the_next_open():
    """Whoever decides when a bar is over, and pings after that, buys at the open of the bar that follows."""

    async def conversation(talk):
        async with talk.socket() as socket:
            await socket.subscribe("trade", "A")

            async def decide(at_ms):
                if at_ms == 120_000 and not (await talk.get("/v1/trade/fills"))["fills"]:
                    await talk.place(client_order_id=f"at-{at_ms}")
                return await over(talk)

            await played_out(socket, decide)
            return await talk.get("/v1/trade/fills")

    said, _ = with_venue(TAPES, Settings(), conversation)

    assert [(fill["price"], fill["at_ns"]) for fill in said["fills"]] == [("30", 120_001_000_000)]


def test_the_slowest_listener_sets_the_pace():
    """While one connection has not pinged, another that has doesn't move the market."""

    async def conversation(talk):
        async with talk.socket() as quick, talk.socket() as slow:
            for socket in (quick, slow):
                await socket.subscribe("trade", "A")
                await socket.ping()
            pongs = [(await quick.ping())[-1]["data"]["timestamp"] for _ in range(3)]
            await slow.say({"cmd": "ping"})
            moved = (await quick.ping())[-1]["data"]["timestamp"]
            return pongs, moved, trades_of(slow.heard), trades_of(await slow.until("pong"))

    (pongs, moved, before, after), _ = with_venue(TAPES, Settings(), conversation)

    assert pongs == [0, 0, 0]
    assert moved == 1
    assert (before, after) == ([], [(1, 10.0)])


def test_a_listener_that_says_nothing_is_not_waited_for_for_ever():
    """After the patience the market goes on without it, and it is counted."""

    async def conversation(talk):
        async with talk.socket() as socket:
            await socket.subscribe("trade", "A")
            await asyncio.to_thread(talk.venue.go)
            await asyncio.to_thread(talk.venue.played.wait, 5)
            return trades_of(await socket.ping())

    said, truth = with_venue(TAPES, Settings(patience=0.001, is_held=True), conversation)

    assert len(said) == 16
    assert truth["listeners_too_late"] == 1
    assert truth["is_over"]


def test_nobody_is_waited_for_as_long():
    """Also without a connection the tape is played to its end."""

    async def conversation(talk):
        return await asyncio.to_thread(talk.venue.played.wait, 5)

    said, truth = with_venue(TAPES, Settings(patience=0.001), conversation)

    assert said
    assert truth["instants"] == 20


def test_a_held_market_waits_to_be_told():
    """Pings are answered, time stands, until `go`."""

    async def conversation(talk):
        async with talk.socket() as socket:
            await socket.subscribe("trade", "A")
            held = [(await socket.ping())[-1]["data"]["timestamp"] for _ in range(3)]
            await asyncio.to_thread(talk.venue.go)
            for _ in range(3):
                await socket.ping()
            return held, trades_of(socket.heard)[:1]

    (held, told), _ = with_venue(TAPES, Settings(is_held=True), conversation)

    assert held == [0, 0, 0]
    assert told == [(1, 10.0)]


def test_history_ends_where_playing_begins():
    """What lies before is served by REST and never told; the first instant after it is."""

    async def conversation(talk):
        bars = await talk.get("/v1/market/kline", symbol="A", interval="1m")
        async with talk.socket() as socket:
            await socket.subscribe("trade", "A")
            await socket.ping()
            await socket.ping()
            return [float(row["open"]) for row in bars["klines"]], trades_of(socket.heard)

    (bars, told), _ = with_venue(TAPES, Settings(from_ms=120_000), conversation)

    assert bars == [10.0, 20.0]
    assert told == [(120_001, 30.0)]


def test_the_market_s_clock_is_shared_and_goes_on_after_the_tape():
    """The clock of the process is that of the pongs; after the end it runs second by second, and trading is over."""

    async def conversation(talk):
        clock, seen = talk.venue.clock, []
        async with talk.socket() as socket:
            await socket.subscribe("trade", "A")

            async def look(at_ms):
                seen.append((at_ms, clock.utc_ns()))
                return await over(talk)

            await played_out(socket, look)
        first = clock.utc_ns()
        return seen[:-1], clock.utc_ns() > first, await talk.place(client_order_id="late")

    (seen, moves, late), _ = with_venue(TAPES, Settings(), conversation)

    assert all(at_ms * 1_000_000 == now for at_ms, now in seen if at_ms < 240_000)
    assert moves
    assert (late[0], late[1]["code"]) == (400, 7003)


@pytest.mark.parametrize("latency", [0.0, 0.002])
def test_a_private_stream_that_pings_is_waited_for(latency):
    """Its execution lies before the pong of the instant, and the market waits until it has been dealt with."""

    async def conversation(talk):
        async with talk.socket() as market, talk.socket(talk.venue.private_url) as private:
            await market.subscribe("trade", "A")
            await market.ping()
            await private.ping()
            await talk.place(client_order_id="x")
            await market.say({"cmd": "ping"})
            stood = (await talk.get("/v1/time"))["market_ns"]
            frames = await private.ping()
            return stood, [frame["type"] for frame in frames], frames[-1]["market_ns"]

    settings = Settings(data_latency=latency, jitter=latency)
    (stood, frames, at_ns), _ = with_venue(TAPES, settings, conversation)

    assert stood == 0
    assert frames == ["order", "fill", "order", "pong"]
    assert at_ns == 1_000_000


def test_by_speed_the_tape_takes_its_time():
    """Four minutes at 2,400 market seconds per second take a tenth of one, whoever listens, and nothing is skipped."""
    began = time.monotonic()

    async def conversation(talk):
        async with talk.socket() as socket:
            await socket.subscribe("trade", "A")
            heard = []
            while not await over(talk):
                heard += await socket.ping()
            return heard + await socket.ping()

    heard, _ = with_venue(TAPES, Settings(pace=2_400.0, from_ms=0), conversation)

    told = trades_of(heard)
    assert time.monotonic() - began >= 0.1
    assert [price for _, price in told][-12:] == [20, 19, 22, 21, 30, 29, 32, 31, 40, 39, 42, 41]
    seen = 0
    for message in heard:
        if message["cmd"] == "pong":
            seen = message["data"]["timestamp"]
        else:
            assert all(when > seen for when, _ in trades_of([message]))


def test_a_lost_pong_skips_nothing():
    """Who didn't hear a pong asks again, and the market has waited: the order still fills at the next open."""
    lost = FaultPlan(kinds={"no_pong": Wrong(at=["1970-01-01T00:02Z"])})

    async def conversation(talk):
        async with talk.socket() as market:
            await market.subscribe("trade", "A")
            at_ms = 0
            while at_ms < 119_999:
                at_ms = (await market.ping())[-1]["data"]["timestamp"]
            await market.say({"cmd": "ping"})
            await asyncio.sleep(0.02)
            at_ms = (await market.ping())[-1]["data"]["timestamp"]
            await talk.place(client_order_id="x")
            await market.ping()
            return at_ms, (await talk.get("/v1/trade/fills"))["fills"]

    (at_ms, fills), truth = with_venue(TAPES, Settings(faults=lost), conversation)

    assert truth["faults"] == {"no_pong": 1}
    assert at_ms == 120_000
    assert [fill["price"] for fill in fills] == ["30"]
