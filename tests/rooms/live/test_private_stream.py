"""The private stream over a socket: opened is subscribed, frames go up raw, and quiet can be told from dead."""

import asyncio
import json

import pytest

from runner.live.ports import NoAnswer, StreamClosed, StreamRefused
from runner.live.private_stream import ALPACA, BINANCE, HEARTBEATS, PrivateStream
from runner.venue.loop import SimLoop
from runner.venue.world import World
from tests.live_bench import SECOND, BenchClock

AUTHORIZED = {"stream": "authorization", "data": {"status": "authorized", "action": "authenticate"}}
REFUSED = {"stream": "authorization", "data": {"status": "unauthorized", "action": "listen"}}
LISTENING = {"stream": "listening", "data": {"streams": ["trade_updates"]}}
UPDATE = {"stream": "trade_updates", "data": {"event": "new"}}
SUBSCRIBED = {"id": "subscribe", "status": 200, "result": {"subscriptionId": 0}}


class Scripted:
    """A socket that says what the test says; it hears what is sent."""

    def __init__(self, *frames):
        self.frames = asyncio.Queue()
        self.said = []
        self.is_open = True
        for frame in frames:
            self.say(frame)

    def say(self, frame):
        self.frames.put_nowait(frame if isinstance(frame, bytes | None) else json.dumps(frame).encode())

    async def send(self, text):
        self.said.append(text)

    async def receive(self):
        frame = await self.frames.get()
        if frame is None:
            raise StreamClosed
        return frame

    async def close(self):
        if self.is_open:
            self.is_open = False
            self.say(None)


class Sockets:
    def __init__(self, *sockets):
        self.sockets = list(sockets)

    async def open(self, path=""):  # noqa: ARG002 - the port's signature
        found = self.sockets.pop(0)
        if isinstance(found, Exception):
            raise found
        return found


def play(scenario):
    """Run a scenario in virtual time."""
    world = World(1)
    loop = SimLoop(world, in_order=True, step_cost=0, dies_at=None)
    try:
        return loop.run_process(scenario(BenchClock(world)))
    finally:
        loop.close()


def test_alpaca_is_open_when_it_listens():
    """Authorized by the introduction, then asked to listen; an update between comes out first."""

    async def scenario(clock):
        socket = Scripted(AUTHORIZED, UPDATE, LISTENING, {"stream": "trade_updates", "data": {"event": "fill"}})
        stream = PrivateStream(Sockets(socket), ALPACA, clock)
        await stream.connect()
        heard = [json.loads(await stream.receive())["data"]["event"] for _ in range(2)]
        await stream.close()
        return socket.said, heard

    said, heard = play(scenario)

    assert [json.loads(text) for text in said] == [{"action": "listen", "data": {"streams": ["trade_updates"]}}]
    assert heard == ["new", "fill"]


@pytest.mark.parametrize(
    ("manners", "frames", "status"),
    [
        (ALPACA, [REFUSED], 401),
        (ALPACA, [AUTHORIZED, {"stream": "listening", "data": {"streams": []}}], 0),
        (BINANCE, [{"id": "subscribe", "status": 401, "error": {"code": -2015}}], 401),
        (BINANCE, [{"id": "subscribe", "status": 429, "error": {}}], 429),
        (BINANCE, [{"id": "subscribe", "status": "x"}], 0),
    ],
)
def test_a_no_to_any_step_is_a_refusal(manners, frames, status):
    """Keys that aren't taken, a list without our stream: refused with what the venue said, and closed."""

    async def scenario(clock):
        socket = Scripted(*frames)
        stream = PrivateStream(Sockets(socket), manners, clock)
        with pytest.raises(StreamRefused) as refused:
            await stream.connect()
        return refused.value.status, socket.is_open

    assert play(scenario) == (status, False)


@pytest.mark.parametrize("frames", [[], [AUTHORIZED], [AUTHORIZED, None], [b"\xff", b"[1]", None]])
def test_silence_or_an_end_while_opening_is_no_answer(frames):
    """No yes in time, or a connection that breaks before it: nothing is open afterwards."""

    async def scenario(clock):
        socket = Scripted(*frames)
        stream = PrivateStream(Sockets(socket), ALPACA, clock)
        began = clock.mono_ns()
        with pytest.raises(NoAnswer):
            await stream.connect()
        with pytest.raises(StreamClosed):
            await stream.receive()
        return clock.mono_ns() - began <= 10 * SECOND, socket.is_open

    assert play(scenario) == (True, False)


def test_what_the_door_says_when_it_refuses_is_handed_on():
    """A status of the handshake stays what it was, and so does a bug."""

    async def scenario(clock):
        for failure in (StreamRefused(429, 3 * SECOND), NoAnswer(), ZeroDivisionError()):
            stream = PrivateStream(Sockets(failure), HEARTBEATS, clock)
            with pytest.raises(type(failure)):
                await stream.connect()

    play(scenario)


@pytest.mark.parametrize(("manners", "opening"), [(ALPACA, [AUTHORIZED, LISTENING]), (BINANCE, [SUBSCRIBED])])
def test_a_quiet_stream_is_asked_whether_it_lives(manners, opening):
    """Ten seconds without a frame: the venue is asked what it answers to, again and again; no frame is lost by it."""

    async def scenario(clock):
        socket = Scripted(*opening)
        stream = PrivateStream(Sockets(socket), manners, clock)
        await stream.connect()
        before = len(socket.said)
        waiting = asyncio.create_task(stream.receive())
        await asyncio.sleep(35)
        asked = socket.said[before:]
        socket.say(UPDATE)
        return asked, json.loads(await waiting)

    asked, frame = play(scenario)

    assert asked == [manners.ping] * 3
    assert frame == UPDATE


def test_a_stream_with_heartbeats_is_never_asked():
    """Who sends heartbeats needs no questions."""

    async def scenario(clock):
        socket = Scripted()
        stream = PrivateStream(Sockets(socket), HEARTBEATS, clock)
        await stream.connect()
        waiting = asyncio.create_task(stream.receive())
        await asyncio.sleep(60)
        await stream.close()
        with pytest.raises(StreamClosed):
            await waiting
        return socket.said

    assert play(scenario) == []


def test_a_subscription_that_the_venue_ends_is_an_end():
    """The socket is still open and pongs; nothing would ever come."""

    async def scenario(clock):
        socket = Scripted(SUBSCRIBED, {"event": {"e": "eventStreamTerminated", "E": 1}})
        stream = PrivateStream(Sockets(socket), BINANCE, clock)
        await stream.connect()
        with pytest.raises(StreamClosed):
            await stream.receive()
        return socket.is_open

    assert play(scenario) is False


def test_a_connection_ends_before_the_venue_cuts_it():
    """Ten minutes before its day is over, and another one opens in its place."""

    async def scenario(clock):
        first, second = Scripted(SUBSCRIBED), Scripted(SUBSCRIBED)
        stream = PrivateStream(Sockets(first, second), BINANCE, clock)
        await stream.connect()
        began = clock.mono_ns()
        with pytest.raises(StreamClosed):
            await stream.receive()
        lived = clock.mono_ns() - began
        await stream.connect()
        second.say(UPDATE)
        return lived, json.loads(await stream.receive())

    lived, frame = play(scenario)

    assert 0 <= lived - (24 * 3600 - 600) * SECOND <= 10 * SECOND
    assert frame == UPDATE


def test_a_receive_that_is_given_up_loses_no_frame():
    """Cancelled in the middle, asked again: the frame that came meanwhile is there."""

    async def scenario(clock):
        socket = Scripted()
        stream = PrivateStream(Sockets(socket), HEARTBEATS, clock)
        await stream.connect()
        waiting = asyncio.create_task(stream.receive())
        await asyncio.sleep(1)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        socket.say(UPDATE)
        await asyncio.sleep(1)
        return json.loads(await stream.receive())

    assert play(scenario) == UPDATE


def test_a_connect_that_is_given_up_leaves_nothing_open():
    """Cancelled while it waits for its yes."""

    async def scenario(clock):
        socket = Scripted()
        stream = PrivateStream(Sockets(socket), ALPACA, clock)
        opening = asyncio.create_task(stream.connect())
        await asyncio.sleep(1)
        opening.cancel()
        await asyncio.gather(opening, return_exceptions=True)
        mine = asyncio.current_task()
        return opening.cancelled(), socket.is_open, [task for task in asyncio.all_tasks() if task is not mine]

    assert play(scenario) == (True, False, [])
