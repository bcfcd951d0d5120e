"""Live: from text on a socket to a decision in the log.

    python benchmarks/live.py [--messages 200000] [--rates 1000,3000,10000] [--seconds 20] [--symbols 500]

A sender in a process of its own sends whole books of ten levels over a loopback WebSocket. Three ways take them:

    plain    `websockets` and `json`, one loop, the article's ratio: sum of bid sizes over sum of ask sizes
    feed     Runner's feed alone: recorded, decoded, checked, handed on
    session  a whole paper session: the feed, the graph (the ratio smoothed over 20), the decision kernel with simulated
             fills, the rows and the lines of the decisions kept

*Sustained* is messages per second of the receiver's processor time, as fast as it can, so that it means one core whatever
else the machine does. *Latency* is from just before the sender's `send` to after the decision was handed to the operating
system, at a steady rate. *Stress* is many symbols at a rate for a while: what the process's memory comes to, and how many
books were superseded.

To reach: 60,000 messages a second on one core, p99 of 300 µs at 10,000 a second, bounded memory.

Measured on two cores of an AMD EPYC, Python 3.11, websockets 17.4, the first three rows of latency while other programs
used both cores too, the last with nothing else at work but the sender, which keeps one core busy:

                              plain     feed   session
    sustained, per CPU s     87,000  103,000   105,000
    at  1,000 a second, µs   59 / 450 / 2,500   82 / 530 / 3,200   149 / 510 / 2,500    (p50 / p99 / p99.9)
    at  3,000 a second       51 / 380 / 3,000   95 / 410 / 3,500   198 / 500 / 3,300
    at 10,000 a second       48 / 530 / 4,600   73 / 2,800 / 4,300   104 / 2,400 / 4,400
    the same, alone          52 / 1,360 / 3,500   77 / 1,480 / 4,100   115 / 3,900 / 7,100
    stress, 500 symbols      1,200,000 messages at 20,000 a second: all decided on, none superseded, 248 MB after the
                             first thousand and 249 MB after each later one

A single book takes about 52 µs of processor time from its text to the line in the log, one of 256 at once 10 µs. The p99 of
300 µs isn't reached: not by `plain`, for which this machine has pauses of milliseconds, and even less by a session.
"""

import argparse
import asyncio
import json
import multiprocessing
import resource
import tempfile
import time
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from feed import accepted, framed
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from runner.engine.arriving import Arriving
from runner.engine.pipeline import compile_pipeline
from runner.kinds import FolderKinds
from runner.live.edge.clock import MachineChance, MachineClock
from runner.live.edge.feed_files import FeedFiles
from runner.live.edge.kill_watch import KillWatch
from runner.live.edge.websocket import Introduction, WebSockets
from runner.live.feed.dialect import Manners
from runner.live.feed.dialects.tickdb import TickDb
from runner.live.feed.doors import Doors
from runner.live.feed.feed import Feed
from runner.live.feed.instant import Instant
from runner.live.feed.plan import Plan
from runner.live.feed.recording import head
from runner.live.trading.decisions import DecisionLog
from runner.live.trading.kept import KeptRows
from runner.live.trading.trader import Trader
from runner.market.streams import columns_of
from runner.sessions.sitting import Sitting
from runner.signal.registry import operators
from runner.signal.sheet import Surroundings
from runner.signal.vocabulary import Vocabulary
from runner.spec.kind import Kind
from runner.spec.run import RunSpec
from runner.spec.timezone import Timezone

LEVELS = 10
SENT = 1_000
"""Different books that are sent in turn."""
AT_ONCE = 200
"""Books that are sent at once, as fast as it can."""
TURN = 50
"""Messages at a rate after which the sender does what else there is to do, however late it is."""
EVERY = 1_000
"""Messages between two looks at clock and memory."""
WARM = 3_000
"""First messages of a measurement that don't count: everything is compiled and cached by then."""
PING, PONG = 9, 10
"""Kinds of frames."""
SHORT = 20
"""Bytes of a message that is the dialect's ping, at most."""
LOOKS = 30
"""Looks at memory that are told."""
BEHIND_NS, NEVER_NS = 50_000_000, 2**62
COLUMNS = columns_of("depth", LEVELS)
EVENTS = Timezone(zone="UTC", stamp="event")


class Made(Kind):
    """Stands where a data source would."""

    kind: Literal["made"] = "made"


# --- the sender -------------------------------------------------------------------------------------------------------


def texts(symbols: int) -> list[str]:
    """Return books as the service writes them, numbers as text, with a place for the stamp."""
    rng = np.random.default_rng(7)
    found = []
    for number in range(SENT):
        middle = 50_000 + int(rng.integers(-50, 50))
        bids = [[f"{(middle - level) / 100:.2f}", f"{size:.3f}"] for level, size in enumerate(rng.lognormal(1, 1, LEVELS))]
        asks = [
            [f"{(middle + 1 + level) / 100:.2f}", f"{size:.3f}"] for level, size in enumerate(rng.lognormal(1, 1, LEVELS))
        ]
        data = {"symbol": f"S{number % symbols}", "bids": bids, "asks": asks}
        found.append(f'{{"cmd":"depth","data":{json.dumps(data)[:-1]},"timestamp":%d}}}}')
    return found


async def send(symbols: int, messages: int, rate: float, port: Any) -> None:
    """Serve one listener: once it has subscribed, so many messages, at a rate (0: as fast as it takes them).

    Frames are written by hand, as fast as it can many at once: a library would send no more than the receiver can take.
    """
    books = texts(symbols)
    over = asyncio.Event()

    def made(number: int) -> bytes:
        # Nanoseconds of the moment stand where nobody reads them.
        text = books[number % SENT] % (time.time_ns() // 1_000_000)
        return framed(f'{text[:-1]},"n":{number},"at":{time.monotonic_ns()}}}')

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, begun: asyncio.Event) -> None:
        while True:
            head = await reader.readexactly(2)
            size = head[1] & 127
            size = size if size < 126 else int.from_bytes(await reader.readexactly(2))
            mask, masked = await reader.readexactly(4), await reader.readexactly(size)
            if head[0] & 15 == PING:
                # Whoever isn't answered ends the connection.
                writer.write(bytes([0x80 | PONG, size]) + bytes(each ^ mask[k % 4] for k, each in enumerate(masked)))
            elif size < SHORT:
                writer.write(framed(json.dumps({"cmd": "pong", "data": {"timestamp": time.time_ns() // 1_000_000}})))
            else:
                writer.write(framed(json.dumps({"cmd": "subscribe", "code": 0})))
                begun.set()

    async def live(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        begun = asyncio.Event()
        writer.write(accepted(await reader.readuntil(b"\r\n\r\n")))
        answering = asyncio.create_task(answer(reader, writer, begun))
        await begun.wait()
        began = time.perf_counter()
        number = 0
        while number < messages:
            # A timer of the loop is a millisecond late, which would send ten at once. Who is late still answers pings.
            is_turn = number % TURN == 0
            while rate and (is_turn or time.perf_counter() < began + number / rate):
                await asyncio.sleep(0)
                is_turn = False
            batch = 1 if rate else min(AT_ONCE, messages - number)
            writer.write(b"".join([made(number + each) for each in range(batch)]))
            await writer.drain()
            number += batch
        await asyncio.sleep(3)
        answering.cancel()
        writer.close()
        over.set()

    server = await asyncio.start_server(live, "127.0.0.1", 0)
    port.put(server.sockets[0].getsockname()[1])
    async with server:
        await over.wait()


def sender(symbols: int, messages: int, rate: float, port: Any) -> None:
    """Send from this process."""
    asyncio.run(send(symbols, messages, rate, port))


# --- the receivers ----------------------------------------------------------------------------------------------------


class Taken:
    """What one receiver took."""

    def __init__(self, messages: int, behind_ns: int) -> None:
        self.behind_ns = behind_ns
        self.sent = np.full(messages + 1, 0, np.int64)
        """When each message was sent, counted from 1; 0 where nobody asks for latency."""
        self.late = np.full(messages, 0, np.int64)
        """Nanoseconds from sending to decision."""
        self.count = 0
        self.memory: list[float] = []
        self._marks: list[tuple[int, float, float]] = []

    def some(self, first: int, count: int = 1) -> None:
        """Note decisions, by the number of the first message."""
        before = self.count
        self.count += count
        self.late[before : self.count] = time.monotonic_ns() - self.sent[first : first + count]
        if self.count // EVERY > before // EVERY or self.count == len(self.late):
            self._marks.append((self.count, time.process_time(), time.perf_counter()))
            self.memory.append(resident())

    def rates(self) -> tuple[float, float]:
        """Return messages per second of processor time, and of the clock."""
        first, last = next(each for each in self._marks if each[0] >= WARM), self._marks[-1]
        taken = last[0] - first[0]
        return taken / (last[1] - first[1]), taken / (last[2] - first[2])

    def quantiles(self) -> list[float]:
        """Return p50, p99 and p99.9 in microseconds."""
        return [float(each) / 1e3 for each in np.quantile(self.late[WARM : self.count], (0.5, 0.99, 0.999))]


def resident() -> float:
    """Return this process's memory in MB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 2**20


def sent_at(text: bytes) -> int:
    """Return the sender's stamp."""
    return int(text[text.rindex(b":") + 1 : -1])


async def plain(port: int, symbols: int, taken: Taken, folder: Path) -> None:
    """Take messages the article's way."""
    del symbols, folder
    smooth = [0.0] * 20
    async with connect(f"ws://127.0.0.1:{port}", compression=None) as socket:
        await socket.send('{"cmd":"subscribe","data":{"channel":"depth","symbols":[]}}')
        await socket.recv()
        try:
            async for text in socket:
                said = json.loads(text)
                book = said["data"]
                ratio = sum(float(size) for _, size in book["bids"]) / sum(float(size) for _, size in book["asks"])
                smooth[taken.count % 20] = ratio
                taken.sent[taken.count + 1] = said["at"]
                taken.some(taken.count + 1)
        except ConnectionClosed:
            return


class Stamped(Feed):
    """A feed that remembers when each message was sent."""

    taken: Taken
    made = 0
    """Instants that were made of messages, decided on or not."""

    def deal_texts(self, connection: int, texts: Sequence[bytes]) -> Any:
        """Remember the stamps of what comes, by the number of the instant it makes."""
        said = super().deal_texts(connection, texts)
        for text in texts:
            if text.startswith(b'{"cmd":"depth"'):
                self.made += 1
                if self.taken.behind_ns < NEVER_NS:
                    self.taken.sent[self.made] = sent_at(text)
        return said


def feed_of(port: int, symbols: int, folder: Path, taken: Taken) -> Stamped:
    """Return Runner's feed, recording into a folder."""
    names = tuple(f"S{number}" for number in range(symbols))
    plan = Plan(names, ("depth",), events=EVENTS, levels=LEVELS, waiting=100_000, behind_ns=taken.behind_ns)
    recorder = FeedFiles(folder / "feed", lambda part: head(plan, part, 1))
    clock = MachineClock()
    sockets = WebSockets(f"ws://127.0.0.1:{port}", lambda: Introduction())  # noqa: PLW0108 - made anew for every opening
    # On one connection, as the sender tells each of them everything.
    dialect = TickDb(names, manners=Manners(symbols_per_connection=symbols))
    feed = Stamped(plan, dialect, Doors(sockets, clock, MachineChance(), Silent(), recorder))
    feed.taken = taken
    return feed


class Silent:
    """Hears no alarm: the end of the sender is expected."""

    def ring(self, kind: str, words: str) -> None:
        """Do nothing."""


async def feed_alone(port: int, symbols: int, taken: Taken, folder: Path) -> None:
    """Take instants from the feed and do nothing with them."""
    async with feed_of(port, symbols, folder, taken) as feed:
        while taken.count < len(taken.late):
            await feed.coming()
            for instant in feed.at_hand(AT_ONCE):
                taken.some(instant.serial)
                if instant.serial == len(taken.late):
                    return


async def session(port: int, symbols: int, taken: Taken, folder: Path) -> None:
    """Take instants as a paper session does."""
    names = tuple(f"S{number}" for number in range(symbols))
    feed, log, kept = (
        feed_of(port, symbols, folder, taken),
        DecisionLog(folder),
        KeptRows(names, {"depth": COLUMNS}, folder),
    )
    values = {
        "data": Made(), "universe": {"symbols": list(names)}, "timezone": {"zone": "UTC", "stamp": "session"},
        "sizing": {"kind": "units", "units": 1.0}, "fees": {"kind": "none"}, "mode": {"kind": "backtest"},
        "signal": {"nodes": {"smooth": f"mean(pressure_ratio({LEVELS}), 20)"},
                   "long": {"enter": "smooth < 0.8", "exit": "smooth > 1.25"}},
        "fill": {"kind": "touch"}, "slippage": {"kind": "none"},
    }  # fmt: skip
    made = compile_pipeline(RunSpec.of(values, FolderKinds()), Vocabulary({"depth": COLUMNS}, operators()))
    trader = Trader(Arriving(made, names, {"depth": COLUMNS}, Surroundings(), every="1min"), log)
    kill = KillWatch(folder)
    sitting = Timed(
        names, {"depth": COLUMNS}, trader, log, kept, MachineClock(), kill, feed,
        begin=nothing, is_over=lambda: feed.made == len(taken.late), dates=lambda ts: ts // 86_400_000_000_000,
    )  # fmt: skip
    sitting.taken = taken
    try:
        trader.begin()
        await sitting.run()
    finally:
        kill.stop()
        log.close()


async def nothing() -> None:
    """Begin nothing: the sender doesn't wait."""


class Timed(Sitting):
    """A sitting that notes when each instant was decided on."""

    taken: Taken

    async def _take(self, instants: Sequence[Instant]) -> None:
        await super()._take(instants)
        first, last = instants[0].serial, instants[-1].serial
        if last - first + 1 == len(instants):
            self.taken.some(first, len(instants))
            return
        for instant in instants:
            self.taken.some(instant.serial)


Way = Callable[[int, int, Taken, Path], Coroutine[Any, Any, None]]
WAYS: dict[str, Way] = {"plain": plain, "feed": feed_alone, "session": session}


def measured(name: str, messages: int, rate: float, symbols: int, answers: Any) -> None:
    """Measure one way in this process."""
    spawn = multiprocessing.get_context("spawn")
    port = spawn.Queue()
    sending = spawn.Process(target=sender, args=(symbols, messages, rate, port), daemon=True)
    sending.start()
    # As fast as it can, every book has to be decided on; at a rate, newer ones take the place of those that wait too long.
    taken = Taken(messages, BEHIND_NS if rate else NEVER_NS)
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(WAYS[name](port.get(timeout=60), symbols, taken, Path(folder)))
    sending.terminate()
    sending.join()
    answers.put((taken.count, *taken.rates(), taken.quantiles(), taken.memory))


def measure(name: str, messages: int, rate: float, symbols: int) -> tuple[int, float, float, list[float], list[float]]:
    """Measure one way in a process of its own."""
    spawn = multiprocessing.get_context("spawn")
    answers = spawn.Queue()
    process = spawn.Process(target=measured, args=(name, messages, rate, symbols, answers))
    process.start()
    found: tuple[int, float, float, list[float], list[float]] = answers.get(timeout=1_800)
    process.join()
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--messages", type=int, default=200_000, help="of a measurement as fast as it can")
    parser.add_argument("--rates", default="1000,3000,10000", help="messages per second of the measurements of latency")
    parser.add_argument("--seconds", type=float, default=20.0, help="of the measurement of latency")
    parser.add_argument("--symbols", type=int, default=500, help="of the stress")
    parser.add_argument("--stress-rate", type=float, default=20_000.0, help="messages per second of the stress")
    parser.add_argument("--stress-seconds", type=float, default=60.0)
    parser.add_argument("--only", default="sustained,latency,stress", help="what is measured")
    given = parser.parse_args()
    if "sustained" in given.only:
        sustained(given.messages)
    for rate in map(float, given.rates.split(",") if "latency" in given.only else ()):
        latency(rate, given.seconds)
    if "stress" in given.only:
        stress(given.symbols, given.stress_rate, given.stress_seconds)


def sustained(messages: int) -> None:
    """Measure how many messages a second each way takes, as fast as it can."""
    print(f"{'sustained, one symbol':28}{'taken':>10}{'per CPU second':>16}{'per second':>12}", flush=True)
    for name in WAYS:
        count, cpu, wall, _, _ = measure(name, messages, 0.0, 1)
        print(f"{name:28}{count:10,}{cpu:16,.0f}{wall:12,.0f}", flush=True)


def latency(rate: float, seconds: float) -> None:
    """Measure how long each way takes from a message to its decision."""
    print(f"\n{f'at {rate:,.0f} a second':28}{'taken':>10}{'p50 µs':>10}{'p99 µs':>10}{'p99.9 µs':>10}", flush=True)
    for name in WAYS:
        count, _, _, late, _ = measure(name, int(rate * seconds), rate, 1)
        print(f"{name:28}{count:10,}{late[0]:10,.0f}{late[1]:10,.0f}{late[2]:10,.0f}", flush=True)


def stress(symbols: int, rate: float, seconds: float) -> None:
    """Measure what becomes of memory when many symbols come at a rate for a while."""
    messages = int(rate * seconds)
    count, cpu, wall, late, memory = measure("session", messages, rate, symbols)
    print(f"\nstress: {symbols} symbols, {messages:,} sent at {rate:,.0f} a second")
    print(f"{count:,} decided on, {messages - count:,} superseded, p99 {late[1]:,.0f} µs, {cpu:,.0f} per CPU second")
    looks = memory[:: max(len(memory) // LOOKS, 1)]
    print(f"{wall:,.0f} per second, memory MB {', '.join(f'{each:.0f}' for each in looks)}, most {max(memory):.0f}")


if __name__ == "__main__":
    main()
