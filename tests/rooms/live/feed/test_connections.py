"""How connections are opened, watched and replaced: on the bench in virtual time, and against real servers on this machine."""

import asyncio
import base64
import hashlib
import json
import time
from collections import Counter
from itertools import pairwise

import pytest
from websockets.asyncio.server import serve

from runner.live.edge.clock import MachineChance, MachineClock
from runner.live.edge.websocket import Limits, WebSockets
from runner.live.feed.dialect import Manners
from runner.live.feed.dialects.binance import MANNERS, Binance
from runner.live.feed.dialects.tickdb import TickDb
from runner.live.feed.doors import Doors
from runner.live.feed.feed import Feed
from runner.live.feed.inputs import CLOSED, OPENED
from runner.live.feed.messages import Acked, Farewell, Refused
from runner.live.feed.verdict import FeedFailed, Worn, verdict
from runner.live.ports import NoAnswer, StreamClosed, StreamRefused
from tests.feed_bench import (
    EPOCH,
    HOUR,
    MINUTE,
    MS,
    PAIR,
    SECOND,
    Bench,
    BenchAlarm,
    BenchRecorder,
    book,
    books,
    plan,
    pong,
    text,
    trade,
)

TICKDB = TickDb(PAIR)


def every_second(bench, until, first=0, symbols=PAIR):
    for k in range(first, until):
        bench.venue.at(k * SECOND, *(trade(symbol, k * SECOND, 100 + k % 7) for symbol in symbols))


def most_within(times, window):
    return max(sum(start <= at < start + window for at in times) for start in times)


# --- C1: a server that accepts and closes ---------------------------------------------------------------------------------


def test_c1_a_server_that_accepts_and_closes_is_called_less_and_less():
    """An hour of it costs some dozens of openings, never more at once than the venue allows, and rings."""
    bench = Bench(plan())
    bench.venue.on_open = lambda socket: socket.end()

    bench.run(3600)

    openings = bench.venue.opened_at
    gaps = [later - earlier for earlier, later in pairwise(openings[20:])]
    assert 60 <= len(openings) <= 300
    assert most_within(openings, 60 * SECOND) <= TICKDB.manners.connections
    assert len(set(gaps)) > 10, "the waits are spread by chance"
    assert "FEED" in bench.alarm.codes()


def test_c1_a_server_that_says_one_thing_and_closes_is_no_better():
    """One message is no success: waits begin anew only after a minute of data."""
    bench = Bench(plan())

    def once(socket):
        socket.put(trade("BTCUSDT", 0, 5))
        bench.world.after(100 * MS, socket.end)

    bench.venue.on_open = once
    bench.run(3600)

    assert len(bench.venue.opened_at) <= 300


def test_c1_waits_begin_anew_after_a_minute_of_data():
    """A connection that worked is followed by another at once, also after a bad night."""
    bench = Bench(plan())
    bench.venue.refusals.extend([NoAnswer()] * 12)
    every_second(bench, 1600)

    def lose():
        for socket in bench.venue.live:
            socket.end()

    bench.world.at(1500 * SECOND, lose)
    bench.run(1600)

    after = [at for at in bench.venue.opened_at if at >= 1500 * SECOND]
    assert len(bench.venue.opened_at) == 14
    assert after[0] - 1500 * SECOND < SECOND + 10 * MS


def test_c1_over_a_real_network_too():
    """A real server that closes at once is called a handful of times in a second, not thousands of times."""
    calls = Counter()

    async def shut(connection):
        calls["opened"] += 1
        await connection.close()

    rang = asyncio.run(lived_against(shut, seconds=1.0))

    assert 1 <= calls["opened"] <= TICKDB.manners.connections
    assert "FEED" in rang.codes()


async def lived_against(handler, seconds, *, consume=None, asked=None, dialect=None, limits=None, **options):
    """Serve on a free port, and hold a feed against it for so long."""
    asked = asked or plan()
    alarm = BenchAlarm()
    async with serve(handler, "127.0.0.1", 0, **options) as server:
        port = server.sockets[0].getsockname()[1]
        sockets = WebSockets(f"ws://127.0.0.1:{port}/v1/realtime", limits=limits or Limits(close_seconds=0.2))
        doors = Doors(sockets, MachineClock(), MachineChance(), alarm, BenchRecorder(asked))
        async with Feed(asked, dialect or TickDb(asked.symbols), doors) as feed:
            if consume is not None:
                await consume(feed)
            await asyncio.sleep(seconds)
            alarm.health = feed.health()
    return alarm


# --- C2, C3: refused handshakes -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [429, 418, 503])
def test_c2_a_venue_that_names_a_wait_is_waited_for(status):
    """It isn't called before, and then it is."""
    bench = Bench(plan())
    bench.venue.refusals.append(StreamRefused(status, 90 * SECOND))
    every_second(bench, 120, first=95)

    bench.run(150)

    first, second = bench.venue.opened_at
    assert 90 * SECOND <= second - first <= 92 * SECOND
    assert bench.failure is None
    assert bench.feed.openings == 2


@pytest.mark.parametrize("status", [401, 403, 404, 302, 0])
def test_c3_a_refusal_that_will_not_pass_ends_the_feed(status):
    """Asking again could get us banned: whoever takes instants is told, and the alarm rings."""
    bench = Bench(plan())
    bench.venue.always = StreamRefused(status)

    bench.run(600)

    assert len(bench.venue.opened_at) == 1
    assert isinstance(bench.failure, FeedFailed)
    assert "FEED OVER" in bench.alarm.codes()
    assert bench.feed.health().failure


def test_c3_what_came_before_is_still_handed_on():
    """The end comes after everything that was made until then."""
    bench = Bench(plan())
    every_second(bench, 200)
    bench.world.at(190 * SECOND, lambda: bench.venue.tell({"cmd": "error", "code": 1005, "message": "expired"}))

    bench.run(300)

    assert [instant.ts - EPOCH for instant in bench.instants] == [MINUTE, 2 * MINUTE, 3 * MINUTE]
    assert "1005" in str(bench.failure)


@pytest.mark.parametrize(
    ("ending", "is_final"),
    [
        (StreamRefused(401), True),
        (StreamRefused(403), True),
        (StreamRefused(0), True),
        (StreamRefused(301), True),
        (StreamRefused(429), False),
        (StreamRefused(418), False),
        (StreamRefused(500), False),
        (StreamRefused(504), False),
        (NoAnswer(), False),
        (StreamClosed(), False),
        (StreamClosed(code=1011), False),
        (Refused("1001"), True),
        (Refused("2001"), True),
        (Refused("3001"), False),
        (Refused("5001"), False),
        (Refused("4711"), True),
        (Acked(-1, symbols=(), code="4005"), True),
        (Acked(-1, symbols=(), code="3001"), False),
        (Acked(-1, symbols=(0,), refused=(1,), code="5004"), True),
        (Farewell(), False),
        (Worn("a ping wasn't answered"), False),
        (RuntimeError("secret"), True),
    ],
)
def test_what_is_final_and_what_may_pass(ending, is_final):
    """One function says so, and what nobody knows is final; nothing of an unknown error is repeated."""
    found = verdict(ending, TICKDB)

    assert found.is_final is is_final
    assert "secret" not in found.words


# --- C4, C5, C6: silence --------------------------------------------------------------------------------------------------


def test_c4_a_connection_that_is_half_open_is_found_out():
    """No pongs and no end: it is replaced after the time a pong may take."""
    bench = Bench(plan())
    every_second(bench, 60)
    bench.world.at(60 * SECOND, lambda: setattr(bench.venue, "pongs", False))

    def back():
        bench.venue.pongs = True

    bench.world.at(84 * SECOND, back)
    bench.run(120)

    ended = bench.recorder.inputs(CLOSED)
    assert len(bench.venue.sockets) == 2
    assert ended[0].body == b"a ping wasn't answered"
    assert 79 * SECOND <= ended[0].utc_ns - EPOCH <= 83 * SECOND


def test_c4_the_socket_itself_finds_out_where_a_venue_has_no_pings():
    """The protocol's own pings end a connection whose other side reads nothing any more."""

    async def deaf(reader, writer):
        request = await reader.readuntil(b"\r\n\r\n")
        from_key = next(
            line.split(b": ")[1] for line in request.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key")
        )
        writer.write(accepting(from_key))
        await writer.drain()
        await gone.wait()
        writer.close()

    gone = asyncio.Event()

    async def doing():
        server = await asyncio.start_server(deaf, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            limits = Limits(keepalive_seconds=0.1, close_seconds=0.1)
            socket = await WebSockets(f"ws://127.0.0.1:{port}/", limits=limits).open()
            began = time.monotonic()
            with pytest.raises(StreamClosed):
                await socket.receive()
            gone.set()
            await asyncio.sleep(0.05)
            return time.monotonic() - began

    assert asyncio.run(doing()) < 2


def accepting(key):
    """Return the answer to a handshake, by the standard library alone."""
    token = base64.b64encode(hashlib.sha1(key.strip() + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()).decode()
    lines = [
        "HTTP/1.1 101 Switching Protocols",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Accept: {token}",
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def test_c5_pongs_are_no_data():
    """Every ping is answered and nothing else comes: each symbol is stale, by the market's time, and the alarm rings."""
    bench = Bench(plan(silence_ns=20 * SECOND))
    every_second(bench, 40)
    every_second(bench, 200, first=40, symbols=("ETHUSDT",))
    seen = {}

    async def look(feed):
        for seconds in (30, 25, 10):
            await asyncio.sleep(seconds)
            seen[bench.world.now // SECOND] = (feed.stale(), feed.health().is_fit)

    bench.run(20, look)

    assert seen == {30: ((), True), 55: ((), True), 65: ((0,), False)}
    assert "STALE" in bench.alarm.codes()
    assert len(bench.venue.sockets) == 1, "one symbol's silence doesn't cost the other its connection"


def test_c5_a_connection_without_any_data_is_replaced():
    """Nobody else could tell whether the venue forgot us; another connection may help."""
    bench = Bench(plan(silence_ns=20 * SECOND))
    every_second(bench, 40)

    bench.run(110)

    assert next(each.body for each in bench.recorder.inputs(CLOSED)) == b"no data came"
    assert len(bench.venue.sockets) == 2


def test_c6_a_quiet_market_is_no_storm():
    """Hours without a trade, every ping answered: a connection now and then, and ever more seldom."""
    bench = Bench(plan(silence_ns=20 * SECOND))

    bench.run(2 * 3600)

    gaps = [later - earlier for earlier, later in pairwise(bench.venue.opened_at)]
    assert 2 <= len(bench.venue.opened_at) <= 8
    assert gaps == sorted(gaps)


def test_c6_a_closed_market_is_not_even_stale():
    """At night nobody expects data; of a market whose silence nobody limits, nobody ever does."""
    night = plan().bars.model_copy(update={"calendar": "XNYS", "zone": "America/New_York"})
    closed, patient = Bench(plan(bars=night, silence_ns=SECOND)), Bench(plan())

    closed.run(600)
    patient.run(600)

    assert len(closed.venue.opened_at) == len(patient.venue.opened_at) == 1
    assert closed.alarm.rang == patient.alarm.rang == []


# --- C15: what a message may be -------------------------------------------------------------------------------------------


async def sending(messages, *, limits=None, compression=None, compress=False):
    """Send messages over a real connection; return what arrives, and how the connection ended."""

    async def say(connection):
        for each in messages:
            await connection.send(each)
        await asyncio.sleep(1)

    async with serve(say, "127.0.0.1", 0, compression=compression, max_size=None) as server:
        port = server.sockets[0].getsockname()[1]
        limits = limits or Limits(close_seconds=0.2)
        socket = await WebSockets(f"ws://127.0.0.1:{port}/", limits=limits, compress=compress).open()
        found = []
        try:
            async with asyncio.timeout(0.5):
                while True:
                    found.append(await socket.receive())
        except StreamClosed as closed:
            return found, closed.code
        except TimeoutError:
            return found, None
        finally:
            await socket.close()


def test_c15_a_message_in_pieces_is_one():
    """Fragments are put together before anybody reads them."""
    found, code = asyncio.run(sending([[b'{"cmd":', b'"pong"', b"}"], "after"]))

    assert (found, code) == ([b'{"cmd":"pong"}', b"after"], None)


@pytest.mark.parametrize(
    ("message", "code"),
    [("x" * (256 * 1024 + 1), 1009), ([b"x" * 100_000] * 3, 1009), (b"\xff\xfe", 1007)],
)
def test_c15_too_much_and_no_text_end_the_connection(message, code):
    """A message of more than a quarter of a megabyte, whole or in pieces, and bytes that are no text."""
    assert asyncio.run(sending(["before", message, "never"])) == ([b"before"], code)


def test_c15_a_bomb_is_measured_unpacked():
    """Megabytes of the same letter are a few kilobytes on the way; they are never put together here."""
    assert asyncio.run(sending(["before", "x" * 50_000_000], compression="deflate", compress=True)) == ([b"before"], 1009)


def test_c15_the_network_waits_for_a_slow_reader():
    """What isn't asked for isn't piled up: the sender is made to wait."""
    sent = Counter()

    async def flood(connection):
        while True:
            await connection.send("x" * 60_000)
            sent["messages"] += 1

    async def doing():
        async with serve(flood, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            limits = Limits(close_seconds=0.1, most_waiting=16)
            socket = await WebSockets(f"ws://127.0.0.1:{port}/", limits=limits).open()
            await asyncio.sleep(0.5)
            piled = sent["messages"]
            await socket.close()
            return piled

    assert asyncio.run(doing()) < 1_000


# --- C17: an announced end ------------------------------------------------------------------------------------------------


def test_c17_a_connection_is_replaced_before_the_venue_ends_it():
    """By its age; the hole is flagged, and no other bar is."""
    manners = Manners(life_ns=620 * SECOND)
    bench = Bench(plan(), dialect=TickDb(PAIR, manners=manners))
    every_second(bench, 1500)

    bench.run(1500)

    openings = [at // MINUTE for at in bench.venue.opened_at]
    assert openings == [0, 10, 20]
    assert {(instant.ts - EPOCH) // MINUTE for instant in bench.instants if instant.gapped} == {1, 11, 21}
    assert bench.alarm.rang == []
    assert MANNERS.life_ns is not None
    assert MANNERS.life_ns < 24 * HOUR


@pytest.mark.parametrize("word", [{"e": "serverShutdown", "E": EPOCH // MS}])
def test_c17_a_venue_that_says_goodbye_is_left(word):
    """Another connection is opened at once, without an alarm and without the waits of a failure."""
    asked = books(symbols=PAIR, streams=("trades",), levels=0)
    bench = Bench(asked, dialect=Binance(PAIR))
    bench.venue.heard = lambda socket, said: socket.put({"result": None, "id": said["id"]})
    bench.venue.at(100 * SECOND, word)

    bench.run(200)

    assert len(bench.venue.opened_at) == 2
    assert bench.venue.opened_at[1] - 100 * SECOND < 100 * MS
    assert bench.alarm.rang == []


# --- C18: subscriptions ---------------------------------------------------------------------------------------------------


def test_c18_a_subscription_that_is_not_acknowledged_is_asked_for_again():
    """And again, and then on another connection: never connected without a subscription."""
    bench = Bench(plan())
    bench.venue.acks.extend([None] * 4)

    bench.run(60)

    asked = [[json.loads(text)["cmd"] for _, text in socket.sent].count("subscribe") for socket in bench.venue.sockets]
    assert asked == [3, 2]
    assert bench.recorder.inputs(CLOSED)[0].body == b"a subscription wasn't acknowledged"
    assert bench.feed.health().connections[0].number == 2


def test_c18_data_are_an_answer_too():
    """The acknowledgement is lost and the data come: nothing is asked for twice."""
    bench = Bench(plan())
    bench.venue.acks.append(None)
    every_second(bench, 30)

    bench.run(30)

    (socket,) = bench.venue.sockets
    assert [json.loads(text)["cmd"] for _, text in socket.sent].count("subscribe") == 1


def test_c18_what_failed_is_asked_for_again_and_what_succeeded_is_not():
    """A partial answer: one symbol is live at once, the other the second time."""
    bench = Bench(plan())
    data = {"channel": "trade", "symbols": ["BTCUSDT"], "failed_symbols": ["ETHUSDT"], "retryable_symbols": ["ETHUSDT"]}
    bench.venue.acks.append({"cmd": "subscribe", "code": 5004, "message": "partial", "data": data | {"retryable": True}})

    bench.run(10)

    (socket,) = bench.venue.sockets
    asked = [json.loads(text)["data"]["symbols"] for _, text in socket.sent if "subscribe" in text]
    assert asked == [["BTCUSDT", "ETHUSDT"], ["ETHUSDT"]]
    assert bench.failure is None


def test_c18_a_symbol_that_is_refused_for_good_ends_the_feed():
    """Trading on without its data would be worse."""
    bench = Bench(plan())
    data = {"channel": "trade", "symbols": ["BTCUSDT"], "failed_symbols": ["ETHUSDT"], "retryable_symbols": []}
    bench.venue.acks.append({"cmd": "subscribe", "code": 5004, "data": data})

    bench.run(10)

    assert "refused a subscription" in str(bench.failure)


@pytest.mark.parametrize("code", [4005, "3004", 2002])
def test_c18_a_channel_outside_of_the_plan_ends_the_feed(code):
    """The venue's answer won't change."""
    bench = Bench(plan())
    bench.venue.acks.append({"cmd": "subscribe", "code": code, "message": "no", "data": None})

    bench.run(10)

    assert len(bench.venue.sockets) == 1
    assert str(code) in str(bench.failure)


def test_many_symbols_are_asked_for_in_batches_over_few_connections():
    """Within the venue's sizes and rate, every symbol on one connection."""
    symbols = tuple(f"S{number}" for number in range(70))
    manners = Manners(symbols_per_message=10, messages=2, symbols_per_connection=40)
    asked = plan(symbols=symbols, streams=("bars", "depth"), levels=1)
    bench = Bench(asked, dialect=TickDb(symbols, manners=manners))

    bench.run(10)

    requests = [
        [(at, json.loads(text)) for at, text in socket.sent if "subscribe" in text] for socket in bench.venue.sockets
    ]
    assert [len(each) for each in requests] == [8, 6]
    assert all(len(said["data"]["symbols"]) <= 10 for each in requests for _, said in each)
    assert all(most_within([at for at, _ in each], SECOND) <= 2 for each in requests)
    wanted = Counter(
        (said["data"]["channel"], symbol) for each in requests for _, said in each for symbol in said["data"]["symbols"]
    )
    assert wanted == Counter({(channel, symbol): 1 for channel in ("trade", "depth") for symbol in symbols})
    carried = [json.loads(each.body) for each in bench.recorder.inputs(OPENED)]
    assert [len(each) for each in carried] == [40, 30]


def test_closing_leaves_nothing_behind():
    """Tasks, sockets and the recording end with the feed, also in the middle of an opening."""
    bench = Bench(plan(), lag=10 * SECOND)
    other = Bench(plan())
    every_second(other, 30)

    bench.run(5)
    other.run(30)

    assert bench.recorder.is_closed
    assert other.recorder.is_closed
    assert other.venue.live == []


def test_an_error_that_nobody_expected_ends_the_feed():
    """It isn't guessed at, and nothing of it is repeated."""

    class Broken(TickDb):
        def decode(self, *_):
            raise KeyError("canary")

    bench = Bench(plan(), dialect=Broken(PAIR))

    bench.run(10)

    assert str(bench.failure) == "an error that nobody expected (KeyError)"
    assert "canary" not in str(bench.alarm.rang)


def test_a_real_feed_over_a_real_network():
    """Acknowledged, pinged, told trades: bars come out."""
    now = time.time_ns()

    async def venue(connection):
        async for said in connection:
            if "subscribe" in said:
                await connection.send(json.dumps({"cmd": "subscribe", "code": 0}))
            elif "ping" in said:
                at = (now + 3 * MINUTE) // MS
                for k in range(3):
                    await connection.send(text(trade("BTCUSDT", now - EPOCH + 60 * SECOND + k, 5 + k)).decode())
                await connection.send(json.dumps({"cmd": "pong", "code": 0, "data": {"timestamp": at}}))

    found = []

    async def take(feed):
        async for instant in feed:
            found.append(instant)
            if instant.rows:
                break

    asyncio.run(lived_against(venue, 0.0, consume=take, asked=plan(ahead_ns=None, patience_ns=HOUR)))

    assert found[-1].rows[0].columns["open"] == 5.0
    assert found[-1].gapped == (0, 1)


def test_books_of_a_lost_connection_are_not_shown():
    """The touch says that nobody listens, until a new book comes."""
    bench = Bench(books(touch=None))
    bench.venue.at(SECOND, book("BTCUSDT", SECOND))
    seen = []

    async def look(feed):
        await asyncio.sleep(2)
        seen.append(feed.touch(0).fault)
        bench.venue.sockets[0].end()
        await asyncio.sleep(0.01)
        seen.append(feed.touch(0).fault)
        await asyncio.sleep(3)
        bench.venue.tell(book("BTCUSDT", 5 * SECOND), pong(5 * SECOND))
        await asyncio.sleep(1)
        seen.append(feed.touch(0).fault)

    bench.run(1, look)

    assert seen == ["", "lost", ""]
    assert bench.instants[-1].gapped == (0, 1)


def test_late_prices_ring():
    """A bar that was decided without them wasn't the whole bar: the operator is told how many there were."""
    bench = Bench(plan())
    every_second(bench, 130)
    bench.venue.at(125 * SECOND, trade("BTCUSDT", 100 * SECOND, 5), trade("BTCUSDT", 101 * SECOND, 5))

    bench.run(130)

    assert ("LATE", "2 prices came after their bars had been decided") in bench.alarm.rang
    assert bench.feed.health().counts["prices late"] == 2
