"""Journals on a real disk, for tests that break them."""

import asyncio
from contextlib import contextmanager

from runner.live.edge.clock import MachineClock
from runner.live.edge.sqlite_disk import SqliteDisk
from runner.live.events import Boot, Fill, Intent
from runner.live.journal import Journal, restore
from runner.live.model import BUY
from tests.live_bench import INSTRUMENTS, setup


def intent(number, **changed):
    """Return the intent of an order, the number's own."""
    told = {
        "coid": f"q-{number:07d}",
        "number": number,
        "symbol": "XYZ",
        "side": BUY,
        "quantity": 10,
        "price": 10_000,
        "rests": True,
        "sent_at_ns": number,
        "signal": number,
        "day": 21_990,
        "bid": 9_999,
        "ask": 10_001,
        "quote_age_ns": 5,
    }
    return Intent(**told | changed)


def fill(number, **changed):
    """Return the fill of that order."""
    told = {
        "exec_id": f"x{number}",
        "coid": f"q-{number:07d}",
        "venue_id": f"v{number}",
        "quantity": 10,
        "each": 10**20,
        "fee": 10**16,
        "currency": "USD",
        "at_ns": number,
    }
    return Fill(**told | changed)


@contextmanager
def opened(folder, **more):
    """Open a journal for as long as the block runs."""
    disk = SqliteDisk(folder, **more)
    try:
        yield disk
    finally:
        disk.close()


async def writing(disk, events):
    """Append events, wait for all of them, and return the journal."""
    if not disk.head():
        await disk.found(setup().head())
    journal = Journal(disk, MachineClock(), restore(disk, dict(INSTRUMENTS)))
    running = asyncio.create_task(journal.run())
    try:
        for event in events:
            journal.append(event)
        await journal.flush()
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    return journal


def written(folder, count=5):
    """Write a journal of so many filled orders and close it; return the state it ended with."""
    events = [Boot(0, "config", "code")]
    for number in range(1, count + 1):
        events += [intent(number), fill(number)]
    with opened(folder) as disk:
        return asyncio.run(writing(disk, events)).state


def folded(folder, **more):
    """Read a journal again; return state and number of the last line."""
    with opened(folder) as disk:
        state, seq, _ = restore(disk, dict(INSTRUMENTS), **more)
    return state, seq
