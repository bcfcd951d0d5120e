"""How many messages of ten levels a feed deals with, over a loopback WebSocket, with everything on.

    python benchmarks/feed.py [seconds]

A process of its own sends books of two symbols. The feed reads, records to files, checks, keeps best prices, makes a row of
depth of each and hands it on; the consumer reads the pressure off ten levels. Two figures:

- sustained: messages per second while the sender never waits, and how many of them were superseded;
- latency: from just before the sender sends to the consumer's decision, at 10,000 messages per second.
"""

import asyncio
import base64
import contextlib
import gc
import hashlib
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from runner.live.edge.clock import MachineChance, MachineClock
from runner.live.edge.feed_files import FeedFiles
from runner.live.edge.websocket import WebSockets
from runner.live.feed.dialects.tickdb import TickDb
from runner.live.feed.doors import Doors
from runner.live.feed.feed import Feed
from runner.live.feed.messages import Channel
from runner.live.feed.plan import Plan
from runner.live.feed.recording import head
from runner.spec.timezone import Timezone

SYMBOLS = ("BTCUSDT", "ETHUSDT")
EVENTS = Timezone(zone="UTC", stamp="event", calendar="24-7")
PLAN = Plan(symbols=SYMBOLS, streams=("depth",), levels=10, events=EVENTS, touch=Channel.DEPTH, waiting=100_000)
MS = 1_000_000

Figures = tuple[float, int, NDArray[np.float64], float, int]
"""Messages per second, those superseded, ages in ms, share of a core, bytes recorded."""


def message(source: random.Random, symbol: str, stamp: int) -> str:
    """Return one book of ten levels as text."""
    middle = 43_250 + source.randrange(100) / 2
    sides = {
        side: [[f"{middle + sign * (level + 1) / 2:.2f}", f"{source.random() + 0.001:.4f}"] for level in range(10)]
        for side, sign in (("bids", -1), ("asks", 1))
    }
    data = {"symbol": symbol, "type": "crypto", **sides, "timestamp": stamp}
    return json.dumps({"cmd": "depth", "data": data}, separators=(",", ":"))


def framed(text: str) -> bytes:
    """Return a text as the frame of a server: a message of fewer than 65,536 bytes."""
    data = text.encode()
    size = bytes([len(data)]) if len(data) < 126 else b"\x7e" + len(data).to_bytes(2, "big")
    return b"\x81" + size + data


def accepted(asked: bytes) -> bytes:
    """Return the answer to a handshake."""
    key = next(line[18:].strip() for line in asked.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key:"))
    token = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
    head = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    return head + b"Sec-WebSocket-Accept: " + token + b"\r\n\r\n"


async def sending(rate: int) -> None:
    """Serve on a free port, printed: as fast as it is read (0), or so many messages per second.

    Frames are written by hand, many at once: a library would send no more of them than the listener can read.
    """
    source = random.Random(1)
    halves = [message(source, SYMBOLS[number % 2], 0).rsplit(":0}", 1)[0] for number in range(2_000)]

    async def tell(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(accepted(await reader.readuntil(b"\r\n\r\n")) + framed('{"cmd":"subscribe","code":0}'))
        number, began = 0, time.monotonic()
        batch = rate // 1_000 or 200
        with contextlib.suppress(ConnectionError):
            while True:
                stamp = f":{time.time_ns() // MS}}}}}"
                texts = [halves[(number + each) % 2_000] + stamp for each in range(batch)]
                writer.write(b"".join(framed(text) for text in texts))
                number += batch
                if number % (100 * batch) == 0:
                    writer.write(framed(json.dumps({"cmd": "pong", "data": {"timestamp": time.time_ns() // MS}})))
                await writer.drain()
                if rate:
                    await asyncio.sleep(max(0.0, began + number / rate - time.monotonic()))

    server = await asyncio.start_server(tell, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


class Silent:
    """An operator who hears nothing."""

    def ring(self, code: str, detail: str) -> None:
        """Print what went wrong."""
        print("alarm", code, detail)


async def listening(port: int, seconds: float) -> Figures:
    """Return the figures of one listener."""
    with tempfile.TemporaryDirectory() as folder:
        files = FeedFiles(Path(folder) / "feed", lambda part: head(PLAN, part))
        doors = Doors(WebSockets(f"ws://127.0.0.1:{port}/"), MachineClock(), MachineChance(), Silent(), files)
        ages, taken, decided = [], 0, 0
        async with Feed(PLAN, TickDb(SYMBOLS), doors) as feed:
            await anext(feed)
            began, used = time.monotonic(), time.process_time()
            async for instant in feed:
                columns = instant.rows[0].columns
                bids = sum(columns[f"bid_size_{level}"] for level in range(10))
                asks = sum(columns[f"ask_size_{level}"] for level in range(10))
                decided += bids / asks > 1.5
                taken += 1
                ages.append(time.time_ns() / MS - instant.ts / MS)
                if time.monotonic() - began > seconds:
                    break
            took, cpu = time.monotonic() - began, time.process_time() - used
            health = feed.health()
    superseded = health.counts["instants superseded"]
    return (taken + superseded) / took, superseded, np.array(ages), cpu / took, files.written


def measured(rate: int, seconds: float) -> Figures:
    """Run a sender beside a listener."""
    sender = subprocess.Popen([sys.executable, __file__, "send", str(rate)], stdout=subprocess.PIPE, text=True)
    try:
        return asyncio.run(listening(int(sender.stdout.readline()), seconds))
    finally:
        sender.kill()
        sender.stdout.close()
        sender.wait()


def main() -> None:
    """Print the figures."""
    if sys.argv[1:2] == ["send"]:
        asyncio.run(sending(int(sys.argv[2])))
        return
    # What was imported is there for good; a collector that walks over it now and then costs milliseconds each time.
    gc.collect()
    gc.freeze()
    seconds = float(sys.argv[1]) if sys.argv[1:] else 5.0
    for _ in range(3):
        rate, superseded, _, cpu, written = measured(0, seconds)
        kept = f"{cpu:.0%} of a core, {written / 2**20:.0f} MiB recorded"
        print(f"sustained {rate:9,.0f} messages/s, {superseded:,} superseded, {kept}")
    rate, superseded, ages, cpu, _ = measured(10_000, seconds)
    quantiles = np.quantile(ages, [0.5, 0.99])
    waits = f"p50 {quantiles[0]:.2f} ms, p99 {quantiles[1]:.2f} ms, of stamps in whole ms"
    print(f"at {rate:9,.0f} messages/s: {cpu:.0%} of a core, {waits}")
    print(f"largest resident memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


if __name__ == "__main__":
    main()
