"""Bars of a stream: the same as an independent aggregation, decided together, and never whole where something is missing."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.errors import ConfigError
from runner.live.feed.bars import Want
from runner.live.feed.dialects.tickdb import TickDb
from runner.live.feed.inputs import CLOSED, FILLED, HEARD, OPENED, TICK, Input
from runner.live.feed.machine import Machine
from runner.live.feed.messages import Channel
from runner.live.feed.plan import Plan
from tests.feed_bench import (
    CRYPTO,
    EPOCH,
    EVENTS,
    MINUTE,
    MS,
    PAIR,
    SECOND,
    book,
    books,
    cut,
    fed,
    plan,
    pong,
    text,
    ticks,
    trade,
)

US = CRYPTO.model_copy(update={"zone": "America/New_York", "calendar": "XNYS", "stamp": "session", "interval": None})


def values(instant):
    """Return symbol → open, high, low, close, volume."""
    return {row.symbol: tuple(row.columns.values()) for row in instant.rows}


def ends(instants):
    return [(instant.ts - EPOCH) // SECOND for instant in instants]


def test_one_instant_of_many_symbols_is_decided_together():
    """When the venue's time is past the end, not when the next trade of one of them is."""
    early = [trade("BTCUSDT", 10 * SECOND, 5), trade("BTCUSDT", 61 * SECOND, 6), trade("ETHUSDT", 59 * SECOND, 7)]

    before, machine = fed([*early, pong(59 * SECOND)], plan())
    after = machine.take(Input(HEARD, 1, 0, EPOCH, text(pong(60 * SECOND))))

    assert before == []
    assert [values(each) for each in after] == [{0: (5, 5, 5, 5, 1), 1: (7, 7, 7, 7, 1)}]
    assert ends(after) == [60]


def test_lateness_keeps_the_bar_open():
    """A trade that comes after the end but within the time that is allowed for it belongs to its bar."""
    asked = plan(lateness_ns=2 * SECOND)
    told = [trade("BTCUSDT", 10 * SECOND, 5), pong(61 * SECOND), trade("BTCUSDT", 59 * SECOND, 9), pong(62 * SECOND)]

    instants, machine = fed(told, asked)

    assert [values(each)[0] for each in instants] == [(5, 9, 5, 9, 2)]
    assert machine.bars.late == 0


def test_a_late_price_is_counted_and_changes_nothing():
    """Its bar has been decided."""
    told = [trade("BTCUSDT", 10 * SECOND, 5), pong(60 * SECOND), trade("BTCUSDT", 59 * SECOND, 9), pong(120 * SECOND)]

    instants, machine = fed(told, plan())

    assert [values(each) for each in instants] == [{0: (5, 5, 5, 5, 1)}]
    assert machine.bars.late == 1


def test_time_alone_decides_where_the_venue_says_nothing():
    """After the plan's patience."""
    _, machine = fed([trade("BTCUSDT", 10 * SECOND, 5)], plan(patience_ns=10 * SECOND))

    assert ticks(machine, 70 * SECOND - 1) == []
    assert ends(ticks(machine, 70 * SECOND)) == [60]


def test_the_slowest_connection_decides():
    """A bar waits for every connection that carries symbols."""
    machine = Machine(plan(), TickDb(PAIR))
    for number in (1, 2):
        machine.take(Input(OPENED, number, 0, EPOCH, b"[%d]" % (number - 1)))
        machine.take(Input(HEARD, number, 0, EPOCH, b'{"cmd":"subscribe","code":0}'))
        machine.take(Input(HEARD, number, 0, EPOCH, text(pong(0))))
    machine.take(Input(HEARD, 1, 0, EPOCH, text(trade("BTCUSDT", SECOND, 5))))

    fast = machine.take(Input(HEARD, 1, 0, EPOCH, text(pong(90 * SECOND))))
    machine.take(Input(HEARD, 2, 0, EPOCH, text(trade("ETHUSDT", SECOND, 6))))
    slow = machine.take(Input(HEARD, 2, 0, EPOCH, text(pong(61 * SECOND))))

    assert fast == []
    assert [values(each) for each in slow] == [{0: (5, 5, 5, 5, 1), 1: (6, 6, 6, 6, 1)}]
    assert slow[0].is_whole


def test_a_bar_without_trades_is_none():
    """Neither a row nor a gap, as on a tape; and hours without any are passed in one step."""
    instants, machine = fed([trade("BTCUSDT", 10 * SECOND, 5), pong(60 * SECOND), pong(10**6 * SECOND)], plan())

    assert ends(instants) == [60]
    assert machine.bars.next.known > EPOCH + 10**6 * SECOND - MINUTE


def test_an_unknown_size_makes_the_volume_unknown():
    """And nothing else."""
    instants, _ = fed([trade("BTCUSDT", 1, 5), trade("BTCUSDT", 2 * MS, 6, quantity=None), pong(MINUTE)], plan())

    (found,) = [values(each)[0] for each in instants]
    assert found[:4] == (5, 6, 5, 6)
    assert math.isnan(found[4])


def test_daily_bars_end_with_the_session():
    """Half-days early; trades after the close are out of session; the date is the session's."""
    at = 1_732_890_600 * SECOND - EPOCH  # 2024-11-29 14:30 UTC, the open of a half-day
    close = at + 210 * 60 * SECOND
    told = [
        trade("AAPL.US", at - SECOND, 1),
        trade("AAPL.US", at, 5),
        trade("AAPL.US", close, 6),
        trade("AAPL.US", close + SECOND, 7),
        pong(close),
    ]

    instants, machine = fed(
        told, Plan(symbols=("AAPL.US",), bars=US, lateness_ns=0, ahead_ns=None), opened=at - 60 * SECOND, now=at
    )

    assert [(each.ts - EPOCH, values(each)) for each in instants] == [(close, {0: (5, 6, 5, 6, 2)})]
    assert instants[0].rows[0].session == (1_732_890_600 // 86_400)
    assert machine.bars.outside == 2


def test_bars_of_mids_have_no_volume():
    """The middle of the best prices, while there are any; a book that can't be used gives none."""
    asked = plan(bars_from="mids")
    told = [
        book("BTCUSDT", SECOND),
        book("BTCUSDT", 2 * SECOND, [("12", "1")], [("11", "1")]),
        book("BTCUSDT", 3 * SECOND, [("9.5", "1")], [("11", "1")]),
        pong(MINUTE),
    ]

    instants, _ = fed(told, asked)

    found = values(instants[0])[0]
    assert found[:4] == (10, 10.25, 10, 10.25)
    assert math.isnan(found[4])
    assert asked.channels == (Channel.DEPTH,)


TRADES = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, 299_999), st.integers(1, 1000).map(lambda n: n / 8), st.integers(0, 64)),
    min_size=1,
    max_size=60,
).map(lambda found: sorted(found, key=lambda each: each[1]))


def aggregated(trades, minutes):
    """Return what bars must be, by numpy over each symbol and minute."""
    found = {}
    for minute in range(minutes):
        for symbol in (0, 1):
            rows = [each for each in trades if each[0] == symbol and each[1] // 60_000 == minute]
            if rows:
                prices, sizes = np.array([each[2] for each in rows]), np.array([each[3] for each in rows], dtype=float)
                found[minute + 1, symbol] = (prices[0], prices.max(), prices.min(), prices[-1], np.sum(sizes))
    return found


def stream(trades, pongs):
    """Return trades and pongs as messages, in the order of time."""
    events = [(at * MS, 1, trade(PAIR[symbol], at * MS, price, size)) for symbol, at, price, size in trades]
    events += [(at * MS, 2, pong(at * MS)) for at in pongs]
    return [message for _, _, message in sorted(events, key=lambda each: each[:2])] + [pong(300 * SECOND)]


PONGS = st.lists(st.integers(0, 300_000), max_size=15)


@given(trades=TRADES, pongs=PONGS)
def test_bars_are_those_of_an_independent_aggregation(trades, pongs):
    """Whenever the venue tells its time: first, largest, smallest, last, sum."""
    instants, _ = fed(stream(trades, pongs), plan())

    built = {
        ((each.ts - EPOCH) // MINUTE, row.symbol): tuple(row.columns.values()) for each in instants for row in each.rows
    }
    assert built == aggregated(trades, 5)
    assert all(each.is_whole for each in instants)
    assert [each.ts for each in instants] == sorted({each.ts for each in instants})


@given(
    trades=TRADES,
    pongs=PONGS,
    cuts=st.lists(st.integers(1, 8), min_size=1),
    streams=st.sampled_from(["bars", "both", "together"]),
)
def test_however_messages_are_packed_the_instants_are_the_same(trades, pongs, cuts, streams):
    """One by one, or several in an array: the machine sees the same messages."""
    more = {} if streams == "bars" else {"streams": ("bars", "trades"), "events": EVENTS, "together": streams == "together"}
    messages = stream(trades, pongs)
    packed, at = [], 0
    while at < len(messages):
        size = cuts[len(packed) % len(cuts)]
        packed.append(messages[at : at + size])
        at += size

    one, _ = fed(messages, plan(**more))
    many, _ = fed(packed, plan(**more))

    assert many == one


@given(trades=TRADES, pongs=PONGS)
def test_rows_of_events_come_in_the_order_of_a_tape(trades, pongs):
    """Together with bars: an instant per stamp, bars before what came after them, and nothing lost."""
    asked = plan(streams=("bars", "trades"), events=EVENTS, together=True)
    instants, _ = fed(stream(trades, pongs), asked, opened=-MS)

    stamps = [each.ts for each in instants]
    rows = [row for each in instants for row in each.rows if row.clock == "trades"]
    wanted = sorted(trades, key=lambda each: (each[1], each[0]))
    assert stamps == sorted(set(stamps))
    assert all(row.ts == each.ts for each in instants for row in each.rows)
    assert [(row.symbol, (row.ts - EPOCH) // MS, row.columns["price"], row.columns["size"]) for row in rows] == [
        (symbol, at, price, size) for symbol, at, price, size in wanted
    ]


def test_a_row_of_an_event_waits_for_the_bar_before_it():
    """Handed on as they come, but never ahead of a bar that ended earlier; and time doesn't go back."""
    asked = plan(streams=("bars", "trades"), events=EVENTS)
    told = [
        trade("BTCUSDT", 59 * SECOND, 5),
        trade("ETHUSDT", 61 * SECOND, 6),
        pong(62 * SECOND),
        trade("ETHUSDT", 50 * SECOND, 7),
    ]

    instants, _ = fed(told, asked)

    assert [(each.ts - EPOCH) // SECOND for each in instants] == [59, 60, 61, 61]
    assert [[row.clock for row in each.rows] for each in instants] == [["trades"], ["bars"], ["trades"], ["trades"]]
    assert instants[-1].rows[0].ts == instants[-1].ts


# --- holes ---------------------------------------------------------------------------------------------------------------


def again(machine, number, at):
    """Connect again, subscribe, and learn the venue's time."""
    inputs = [(OPENED, b"[0,1]"), (HEARD, b'{"cmd":"subscribe","code":0}'), (HEARD, text(pong(at)))]
    return [i for kind, body in inputs for i in machine.take(Input(kind, number, 0, EPOCH + at, body))]


def hear(machine, number, *messages, now=0, mono=0):
    return [i for each in messages for i in machine.take(Input(HEARD, number, mono, EPOCH + now, text(each)))]


def test_the_first_bar_is_whole_only_if_its_beginning_was_heard():
    """A subscription within a bar is a hole in it; one before it isn't."""
    within, _ = fed([trade("BTCUSDT", 40 * SECOND, 5), pong(MINUTE)], plan(), opened=30 * SECOND)
    before, _ = fed([trade("BTCUSDT", 61 * SECOND, 5), pong(2 * MINUTE)], plan(), opened=59 * SECOND)

    assert within[0].gapped == (0, 1)
    assert [(each.gapped, ends([each])) for each in before] == [((0, 1), [60]), ((), [120])]


def test_a_lost_connection_is_a_hole_in_every_bar_it_touches():
    """From the last time the venue told to the first one after: those bars are flagged, with and without trades."""
    _, machine = fed([trade("BTCUSDT", 10 * SECOND, 5), pong(20 * SECOND)], plan())

    found = [*cut(machine, 30 * SECOND), *ticks(machine, 130 * SECOND), *again(machine, 2, 150 * SECOND)]
    found += hear(
        machine,
        2,
        trade("BTCUSDT", 170 * SECOND, 6),
        pong(180 * SECOND),
        trade("BTCUSDT", 181 * SECOND, 7),
        pong(240 * SECOND),
    )

    assert [(ends([each])[0], each.gapped, sorted(values(each))) for each in found] == [
        (60, (0, 1), [0]),
        (120, (0, 1), []),
        (180, (0, 1), [0]),
        (240, (), [0]),
    ]


def test_a_trade_that_can_not_be_read_is_a_hole():
    """Of its own symbol, or of all where nobody can say whose it was."""
    known, _ = fed([trade("BTCUSDT", SECOND, 5), trade("ETHUSDT", SECOND, "x"), pong(MINUTE)], plan(), now=SECOND)
    anybodys, _ = fed([trade("BTCUSDT", SECOND, 5), b"{", pong(MINUTE)], plan(), now=SECOND)

    assert [each.gapped for each in known] == [(1,)]
    assert [each.gapped for each in anybodys] == [(0, 1)]


def test_a_stamp_far_ahead_is_refused():
    """It would open a bar of another day; the symbol has a hole instead."""
    instants, machine = fed([trade("BTCUSDT", SECOND, 5), trade("BTCUSDT", 7_200 * SECOND, 9), pong(MINUTE)], plan())

    assert [(values(each), each.gapped) for each in instants] == [({0: (5, 5, 5, 5, 1)}, (0,))]
    assert machine.counts == {"ahead": 1}


FILLING = plan(refill_ns=5 * SECOND)


def filled(machine, symbol, first, last, bars, mono=0):
    told = {
        "symbol": symbol,
        "first": EPOCH + first,
        "last": EPOCH + last,
        "bars": [[EPOCH + known, *of] for known, *of in bars],
    }
    return list(machine.take(Input(FILLED, 0, mono, EPOCH + last, json.dumps(told).encode())))


def test_a_hole_is_filled_from_history():
    """The bar waits for it, is then whole, and what the stream heard of it is replaced; where history has none there was none."""
    _, machine = fed([trade("BTCUSDT", 40 * SECOND, 5)], FILLING, opened=30 * SECOND)

    waiting = hear(machine, 1, pong(MINUTE), now=MINUTE)
    wants = list(machine.bars.wants)
    half = filled(machine, 0, 1, 60 * SECOND, [(MINUTE, 1, 9, 1, 5, 40)])
    (whole,) = filled(machine, 1, 1, 60 * SECOND, [])

    assert (waiting, half) == ([], [])
    assert wants == [Want(0, EPOCH, EPOCH + MINUTE), Want(1, EPOCH, EPOCH + MINUTE)]
    assert (values(whole), whole.gapped) == ({0: (1, 9, 1, 5, 40)}, ())


def test_a_hole_that_history_can_not_fill_stays_one():
    """After the wait, by the machine's clock, the bar is flagged; an answer that comes later changes nothing."""
    _, machine = fed([trade("BTCUSDT", 40 * SECOND, 5)], FILLING, opened=30 * SECOND)

    hear(machine, 1, pong(MINUTE), now=MINUTE)
    early = ticks(machine, MINUTE, mono=5 * SECOND - 1)
    (late,) = ticks(machine, MINUTE, mono=5 * SECOND)
    after = filled(machine, 0, 1, 60 * SECOND, [(MINUTE, 1, 9, 1, 5, 40)])

    assert (early, after) == ([], [])
    assert (values(late), late.gapped) == ({0: (5, 5, 5, 5, 1)}, (0, 1))


def test_history_that_knows_nothing_of_what_was_heard_does_not_know():
    """It says that there was no bar, and there were trades."""
    _, machine = fed([trade("BTCUSDT", 40 * SECOND, 5)], FILLING, opened=30 * SECOND)
    hear(machine, 1, pong(MINUTE), now=MINUTE)

    filled(machine, 0, 1, 60 * SECOND, [])
    (found,) = filled(machine, 1, 1, 60 * SECOND, [])

    assert (values(found), found.gapped) == ({0: (5, 5, 5, 5, 1)}, (0,))


@given(
    trades=TRADES,
    outages=st.lists(st.tuples(st.integers(1, 299), st.integers(1, 80)), max_size=3),
)
def test_a_bar_that_is_not_flagged_is_the_whole_bar(trades, outages):
    """Whatever was lost while nobody listened: no bar that lacks a trade passes for one that doesn't."""
    machine = Machine(plan(patience_ns=SECOND), TickDb(PAIR))
    events = [(at * MS, 2, symbol, price, size) for symbol, at, price, size in trades]
    events += [(at * SECOND, 0, None, length, 0) for at, length in outages]
    number, down, instants = 1, -1, again(machine, 1, 0)
    for ts, kind, symbol, what, size in sorted(events, key=lambda each: each[:2]):
        if down >= 0 and ts >= down:
            number += 1
            instants += again(machine, number, down)
            down = -1
        if kind == 0:
            instants += machine.take(Input(CLOSED, number, 0, EPOCH + ts))
            down = ts + what * SECOND
        elif down < 0:
            instants += hear(machine, number, trade(PAIR[symbol], ts, what, size), now=ts)
            if size % 3 == 0:
                instants += hear(machine, number, pong(ts - ts % SECOND), now=ts)
    instants += machine.take(Input(TICK, 0, 0, EPOCH + 302 * SECOND))

    wanted = aggregated(trades, 5)
    decided = {(each.ts - EPOCH) // MINUTE: each for each in instants}
    for (minute, symbol), bar in wanted.items():
        found = decided.get(minute)
        assert found is not None
        assert symbol in found.gapped or values(found)[symbol] == bar
    assert all(symbol in each.gapped or (m, symbol) in wanted for m, each in decided.items() for symbol in values(each))


# --- best prices beside bars ---------------------------------------------------------------------------------------------


def test_best_prices_ride_along():
    """With each instant come the best prices that changed since the one before, the latest of each symbol."""
    asked = plan(touch=Channel.DEPTH)
    told = [
        book("BTCUSDT", SECOND),
        book("BTCUSDT", 2 * SECOND, [("9.5", "1")]),
        trade("BTCUSDT", 3 * SECOND, 5),
        pong(MINUTE),
        book("BTCUSDT", 61 * SECOND, [("9.5", "1")]),
        trade("BTCUSDT", 62 * SECOND, 5),
        pong(2 * MINUTE),
    ]

    first, second = fed(told, asked)[0]

    assert [(touch.symbol, touch.bid_price, touch.ask_price) for touch in first.quotes] == [(0, 9.5, 11.0)]
    assert second.quotes == ()


def test_rows_of_depth_and_quotes():
    """Every book is a row of depth, every change of the best prices a row of quotes; a side that isn't there is NaN."""
    asked = books(streams=("quotes", "depth"))
    told = [
        book("BTCUSDT", SECOND),
        book("BTCUSDT", 2 * SECOND, [("9", "1")]),
        book("BTCUSDT", 3 * SECOND, [("8", "1")], []),
    ]

    instants, _ = fed(told, asked)

    rows = [(row.clock, (row.ts - EPOCH) // SECOND) for each in instants for row in each.rows]
    assert rows == [("quotes", 1), ("depth", 1), ("depth", 2), ("quotes", 3), ("depth", 3)]
    depth = instants[1].rows[0].columns
    assert dict(depth) == {
        "bid_price_0": 9,
        "bid_price_1": 8,
        "bid_size_0": 1,
        "bid_size_1": 1,
        "ask_price_0": 11,
        "ask_price_1": 12,
        "ask_size_0": 2,
        "ask_size_1": 2,
    }
    last = instants[-1].rows[0].columns
    assert (last["bid_price_0"], math.isnan(last["bid_price_1"]), math.isnan(last["ask_price_0"])) == (8.0, True, True)


@pytest.mark.parametrize(
    "changes",
    [
        {"symbols": ()},
        {"symbols": ("A", "A")},
        {"streams": ()},
        {"streams": ("depth",)},
        {"levels": 3},
        {"bars": None},
        {"bars": EVENTS},
        {"patience_ns": 0},
        {"lateness_ns": -1},
        {"waiting": 0},
    ],
)
def test_a_plan_that_contradicts_itself_is_refused(changes):
    """When it is made, not when the market opens."""
    with pytest.raises(ConfigError):
        plan(**changes)
