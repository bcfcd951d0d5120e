"""The feed against the embedded venue, over real sockets: what it hands on is the tape that the venue plays."""

import asyncio
import math

import numpy as np
import polars as pl
import pytest

from runner.live.edge.clock import MachineChance, MachineClock
from runner.live.edge.websocket import Introduction, WebSockets
from runner.live.feed.dialect import Manners
from runner.live.feed.dialects.tickdb import TickDb
from runner.live.feed.doors import Doors
from runner.live.feed.feed import Feed
from runner.live.feed.messages import Channel
from runner.live.feed.plan import Plan
from runner.live.feed.recording import replayed
from runner.live.feed.seam import warm_up
from runner.market.arrange import arranged
from runner.market.clock import stamped
from runner.market.layout import tape_of
from runner.spec.timezone import Timezone
from runner.venue.server.fault_plan import FaultPlan, Wrong
from runner.venue.server.settings import Settings
from runner.venue.server.venue import Venue
from tests.feed_bench import BenchAlarm, BenchRecorder

SECOND = 10**9
MINUTE = 60 * SECOND
BEGIN = 1_709_908_200 * SECOND  # 2024-03-08 14:30 UTC, the open in New York
MINUTES = Timezone(zone="America/New_York", stamp="open", interval="1min", calendar="XNYS")
DAYS = Timezone(zone="America/New_York", stamp="session", calendar="XNYS")
EVENTS = Timezone(zone="America/New_York", stamp="event", calendar="XNYS")
NAMES = ("AAPL.US", "MSFT.US", "BRK.US")


def tape(policy, rows, stream="bars"):
    """Return a tape of (symbol, stamp, columns)."""
    stamps = pl.Series("timestamp", [stamp for _, stamp, _ in rows])
    stamps = stamps if policy.stamp == "session" else stamps.cast(pl.Datetime("ns", "UTC"))
    columns = {name: [float(values[name]) for _, _, values in rows] for name in rows[0][2]}
    frame = pl.DataFrame({"symbol": [symbol for symbol, _, _ in rows], "timestamp": stamps, **columns})
    return tape_of(stamped(arranged(frame, NAMES), policy).drop("timestamp"), NAMES, stream)


def drawn_bars(random, stamps, skip=0.2):
    """Return bars with unknown, zero and odd volumes, some of them missing."""
    rows = []
    for symbol in NAMES:
        for stamp in stamps:
            if random.random() < skip:
                continue
            low, high = sorted(random.uniform(1, 200, 2))
            opened, close = random.uniform(low, high, 2)
            volume = random.choice([0.0, math.nan, 1.0, 7.3, random.uniform(0, 1e6)])
            rows.append(
                (
                    symbol,
                    stamp,
                    dict(zip(("open", "high", "low", "close", "volume"), (opened, high, low, close, volume), strict=True)),
                )
            )
    return rows


class _VenueClock(MachineClock):
    def __init__(self, venue):
        self._venue = venue

    def utc_ns(self):
        return self._venue.clock.utc_ns()


def lived(tapes, plan, settings, *, manners=None, dialect="tickdb_v1"):
    """Play tapes to a feed; return its instants, its recorder and its health at the end."""

    async def living(venue):
        address = venue.market_url if dialect == "tickdb_v1" else venue.article_url
        sockets = WebSockets(address, lambda: Introduction(query=(("api_key", venue.key),)))
        recorder = BenchRecorder(plan)
        doors = Doors(sockets, _VenueClock(venue), MachineChance(), BenchAlarm(), recorder)
        instants = []
        async with Feed(plan, TickDb(plan.symbols, dialect=dialect, manners=manners), doors) as feed:

            async def take():
                while True:
                    instants.append(await anext(feed))

            taking = asyncio.create_task(take())
            while not all(each.is_listening for each in feed.health().symbols):
                await asyncio.sleep(0.01)
                assert not taking.done(), taking.exception()
            venue.go()
            async with asyncio.timeout(60):
                await venue.until_played()
                await asyncio.sleep(0.1)
            health = feed.health()
            taking.cancel()
            await asyncio.gather(taking, return_exceptions=True)
        return instants, recorder, health

    with Venue(tapes, settings) as venue:
        return asyncio.run(living(venue))


def bits(instants):
    """Return rows as they are compared: numbers by their bits."""
    return [
        (
            each.ts,
            row.clock,
            row.symbol,
            row.ts,
            row.session,
            row.opened,
            *(np.float64(value).tobytes() for value in row.columns.values()),
        )
        for each in instants
        for row in each.rows
    ]


def held(**changes):
    return Settings(**({"is_held": True, "from_ms": BEGIN // 10**6} | changes))


def of_bars(**changes):
    return Plan(
        **(
            {"symbols": NAMES, "bars": MINUTES, "lateness_ns": 0, "eager": True, "patience_ns": 10**18, "ahead_ns": None}
            | changes
        )
    )


@pytest.mark.parametrize("connections", [1, 3])
def test_minute_bars_are_the_tapes_to_the_bit(connections):
    """In step, over one connection or several: prices, volumes, stamps and session dates; no bar is flagged, none is missing."""
    rows = drawn_bars(np.random.default_rng(1), [BEGIN + k * MINUTE for k in range(60)])
    tapes = {"bars": tape(MINUTES, rows)}
    manners = Manners(symbols_per_connection=-(-len(NAMES) // connections))

    instants, recorder, health = lived(tapes, of_bars(), held(), manners=manners)

    assert bits(instants) == bits(warm_up(tapes, 2**62))
    assert all(each.is_whole for each in instants)
    assert len(health.connections) == connections
    assert repr(list(replayed(recorder.recording(), of_bars(), TickDb(NAMES, manners=manners)))) == repr(instants)


def test_daily_bars_are_the_tapes_to_the_bit():
    """Half a year of them, over weekends, holidays and the change of the clocks."""
    days = pl.date_range(pl.date(2024, 1, 2), pl.date(2024, 6, 28), "1d", eager=True)
    sessions = [day for day in days.to_list() if day.weekday() < 5 and (day.month, day.day) not in HOLIDAYS]
    tapes = {"bars": tape(DAYS, drawn_bars(np.random.default_rng(2), sessions))}

    instants, _, _ = lived(tapes, of_bars(bars=DAYS), held(from_ms=int(tapes["bars"].opened.min()) // 10**6))

    assert bits(instants) == bits(warm_up(tapes, 2**62))
    assert all(each.is_whole for each in instants)


HOLIDAYS = {(1, 15), (2, 19), (3, 29), (5, 27), (6, 19)}


def test_books_and_bars_come_in_the_order_of_the_tapes():
    """Both streams of one market, each instant once; best prices ride along."""
    random = np.random.default_rng(3)
    bars = tape(MINUTES, drawn_bars(random, [BEGIN + k * MINUTE for k in range(20)], skip=0.0))
    books = []
    for symbol in NAMES:
        for k in range(200):
            middle, sizes = 100 + random.integers(-40, 40) / 4, random.integers(1, 50, 4)
            levels = {f"bid_price_{n}": middle - 1 - n for n in range(2)} | {
                f"ask_price_{n}": middle + 1 + n for n in range(2)
            }
            levels |= {f"{side}_size_{n}": sizes[2 * n + s] for s, side in enumerate(("bid", "ask")) for n in range(2)}
            ordered = {
                f"{side}_{what}_{n}": levels[f"{side}_{what}_{n}"]
                for side in ("bid", "ask")
                for what in ("price", "size")
                for n in range(2)
            }
            books.append((symbol, BEGIN + k * 6 * SECOND + 10**6 * int(random.integers(1, 5_000)), ordered))
    tapes = {"bars": bars, "depth": tape(EVENTS, sorted(books, key=lambda each: each[1]), "depth")}
    plan = of_bars(streams=("bars", "depth"), levels=2, events=EVENTS, together=True, touch=Channel.DEPTH)

    instants, _, _ = lived(tapes, plan, held())

    assert sorted(bits(instants)) == sorted(bits(warm_up(tapes, 2**62)))
    assert [each.ts for each in instants] == [each.ts for each in warm_up(tapes, 2**62)]
    changed = {(touch.symbol, touch.bid_price) for each in instants for touch in each.quotes}
    assert changed == {(NAMES.index(symbol), levels["bid_price_0"]) for symbol, _, levels in books}


def test_by_speed_bars_are_the_tapes_too():
    """A minute in a tenth of a second, by pings now and then."""
    rows = drawn_bars(np.random.default_rng(4), [BEGIN + k * MINUTE for k in range(20)])
    tapes = {"bars": tape(MINUTES, rows)}
    plan = of_bars(eager=False, patience_ns=60 * MINUTE, waiting=100)

    instants, _, _ = lived(tapes, plan, held(pace=600.0), manners=Manners(heartbeat_ns=20_000_000))

    assert bits(instants) == bits(warm_up(tapes, 2**62))


@pytest.mark.parametrize("seed", range(3))
def test_whatever_goes_wrong_an_unflagged_bar_is_the_tapes(seed):
    """Broken connections, nonsense, lost answers, bare names, arrays: every bar is flagged or right."""
    rows = drawn_bars(np.random.default_rng(seed), [BEGIN + k * MINUTE for k in range(40)])
    tapes = {"bars": tape(MINUTES, rows)}
    often = {"garbage": 0.02, "unknown_cmd": 0.02, "as_array": 0.2, "bare_symbol": 0.2, "ack_after_data": 0.3}
    seldom = {"disconnect": 0.02, "no_pong": 0.02, "close_going_away": 0.01}
    kinds = {kind: Wrong(chance=chance) for kind, chance in often.items()}
    kinds |= {kind: Wrong(chance=chance, most=1) for kind, chance in seldom.items()}
    faults = FaultPlan(seed=seed, kinds=kinds)

    instants, recorder, health = lived(tapes, of_bars(), held(faults=faults))

    wanted = {each[:5]: each for each in bits(warm_up(tapes, 2**62))}
    flagged = {(each.ts, symbol) for each in instants for symbol in each.gapped}
    given = {each[:5]: each for each in bits(instants)}
    wrong = {key for key in wanted.keys() | given.keys() if wanted.get(key) != given.get(key)}
    assert {(key[0], key[2]) for key in wrong} <= flagged
    assert health.counts.get("json", 0) + health.openings > 1
    assert repr(list(replayed(recorder.recording(), of_bars(), TickDb(NAMES)))) == repr(instants)


def test_the_articles_dialect_is_understood():
    """One symbol per connection, named in the address."""
    rows = [
        row for row in drawn_bars(np.random.default_rng(5), [BEGIN + k * MINUTE for k in range(10)]) if row[0] == NAMES[0]
    ]
    tapes = {"bars": tape(MINUTES, rows)}

    instants, _, _ = lived(tapes, of_bars(symbols=NAMES[:1]), held(), dialect="article")

    assert bits(instants) == bits(warm_up(tapes, 2**62))
