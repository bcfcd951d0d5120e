"""Books told as a snapshot and differences: known while the chain of numbers holds, and unknown from where it doesn't."""

import asyncio
import json
import math
from collections import deque
from random import Random

import pytest

from runner.live.feed.dialects.alpaca import Alpaca
from runner.live.feed.dialects.binance import MANNERS, Binance
from runner.live.feed.inputs import CLOSED, HEARD, OPENED, SNAPSHOT, Input
from runner.live.feed.machine import MOST_BOOKS, BookWant, Machine
from runner.live.feed.messages import Channel
from runner.live.ports import NoAnswer
from tests.feed_bench import EPOCH, MS, SECOND, Bench, books, text

PLAN = books(symbols=("BTCUSDT",), levels=1, touch=Channel.DEPTH)
DIALECT = Binance(PLAN.symbols)


def difference(first, last, bids=(), asks=(), at=SECOND):
    data = {"e": "depthUpdate", "E": (EPOCH + at) // MS, "s": "BTCUSDT", "U": first, "u": last, "b": bids, "a": asks}
    return {"stream": "btcusdt@depth@100ms", "data": data}


def snapshot(last, bids=(("9", "1"),), asks=(("11", "1"),)):
    return json.dumps({"lastUpdateId": last, "bids": bids, "asks": asks}).encode()


def top(last, bid="9", ask="11"):
    return {"stream": "btcusdt@bookTicker", "data": {"u": last, "s": "BTCUSDT", "b": bid, "B": "1", "a": ask, "A": "1"}}


def machine_of(plan=PLAN, dialect=DIALECT):
    machine = Machine(plan, dialect)
    machine.take(Input(OPENED, 1, 0, EPOCH, b"[0]"))
    return machine


def hear(machine, *messages, connection=1):
    return [i for each in messages for i in machine.take(Input(HEARD, connection, 0, EPOCH + SECOND, text(each)))]


def answer(machine, body):
    """Answer the question for a book that the machine asked."""
    assert machine.wants.pop() == BookWant(0)
    return list(machine.take(Input(SNAPSHOT, 0, 0, EPOCH + SECOND, b"0 " + body)))


def bid(machine):
    return machine.touches.now[0].bid_price


def known(bids=(("10", "1"),)):
    """Return a machine that knows the book up to 105."""
    machine = machine_of()
    hear(machine, difference(101, 105, bids))
    answer(machine, snapshot(100))
    return machine


def test_a_book_begins_with_a_snapshot_and_what_came_meanwhile():
    """Differences that are older are passed over, the first one reaches back to it, the others follow."""
    machine = machine_of()

    early = hear(machine, difference(95, 100), difference(99, 103, [("10", "1")]), difference(104, 104, [("10", "0")]))
    answer(machine, snapshot(100))

    assert early == []
    assert (bid(machine), machine.wants) == (9.0, [])


def test_c7_a_gap_makes_the_book_unknown_until_the_next_snapshot():
    """One difference is missing: nothing is shown, a row without a level says so, and a snapshot is asked for."""
    machine = known()
    before = bid(machine)

    (instant,) = hear(machine, difference(107, 108, [("10.5", "1")]))
    during = machine.touches.now[0]
    (after,) = answer(machine, snapshot(108, [("10.25", "1")]))

    assert before == 10.0
    assert during.fault == "gap"
    assert math.isnan(during.bid_price)
    assert math.isnan(instant.rows[0].columns["bid_price_0"])
    assert instant.gapped == (0,)
    assert machine.counts["book gap"] == 1
    assert (after.rows[0].columns["bid_price_0"], after.is_whole) == (10.25, True)


def test_c7_the_gap_is_in_the_recording():
    """Whoever reads it again finds the same book unknown at the same place."""
    dialect = Binance(PLAN.symbols, manners=MANNERS)

    class Desk:
        async def book(self, _):
            await asyncio.sleep(0.05)
            return snapshot(200)

    bench = Bench(PLAN, dialect=dialect, books=Desk())
    bench.venue.heard = lambda socket, said: socket.put({"result": None, "id": said["id"]})
    for at, message in (
        (1, difference(201, 205)),
        (2, difference(206, 206)),
        (3, difference(208, 209)),
        (4, difference(210, 210)),
    ):
        bench.venue.at(at * SECOND, message)

    lived = bench.run(6)

    machine = machine_of(PLAN, dialect)
    machine.lines.open.clear()
    again = [instant for each in bench.recorder.recording().inputs for instant in machine.take(each)]
    assert machine.counts["book gap"] == 1
    assert [instant for instant in lived if instant.gapped]
    assert repr(again[: len(lived)]) == repr(lived)


def test_c8_a_repeated_difference_is_passed_over_and_a_swapped_pair_is_a_gap():
    """What the book holds already changes nothing; what comes too early breaks the chain."""
    machine = known()
    hear(machine, difference(101, 105, [("10", "5")]))
    assert machine.touches.now[0].bid_size == 1.0

    hear(machine, difference(108, 109), difference(106, 107))

    assert machine.touches.now[0].fault == "gap"
    assert machine.counts["book gap"] == 1


def test_c9_a_snapshot_that_is_too_old_is_asked_for_again_and_not_for_ever():
    """It doesn't reach the first difference: another question, and after several in vain the connection is of no use."""
    machine = machine_of()
    hear(machine, difference(150, 155))

    asked = 0
    while machine.wants:
        asked += 1
        answer(machine, snapshot(100))

    assert asked == MOST_BOOKS
    assert machine.touches.now[0].fault in {"lost", "gap"}
    assert [type(each).__name__ for each in machine.said] == ["Spent"]


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"lastUpdateId":1,"bids":[["x","1"]],"asks":[]}'])
def test_c9_an_answer_that_can_not_be_read_is_asked_for_again(body):
    """Likewise no answer at all."""
    machine = machine_of()
    hear(machine, difference(150, 155))

    answer(machine, body)
    assert machine.wants == [BookWant(0)]
    answer(machine, snapshot(152))

    assert (machine.touches.now[0].fault, machine.counts["book not read"]) == ("", 1)


def test_c9_books_asked_for_in_vain_wear_the_connection_out():
    """Another one is tried, with waits, not at once and not never."""

    class Nobody:
        async def book(self, _):
            raise NoAnswer

    bench = Bench(PLAN, dialect=DIALECT, books=Nobody())
    bench.venue.heard = lambda socket, said: socket.put({"result": None, "id": said["id"]})
    bench.venue.on_open = lambda socket: socket.put(difference(1, 2))

    bench.run(60)

    assert 2 <= len(bench.venue.sockets) <= 10
    assert "a book was asked for in vain" in str(bench.alarm.rang)


def test_c10_a_new_connection_begins_a_new_book():
    """Levels of before don't live on under the new snapshot, and until it is there nothing is shown."""
    machine = known(bids=[("10", "1"), ("8", "7")])

    machine.take(Input(CLOSED, 1, 0, EPOCH + SECOND))
    between = machine.touches.now[0]
    machine.take(Input(OPENED, 2, 0, EPOCH + SECOND, b"[0]"))
    hear(machine, difference(301, 302), connection=2)
    waiting = machine.touches.now[0]
    answer(machine, snapshot(301, [("7", "1")], [("12", "1")]))

    assert (between.fault, waiting.fault) == ("lost", "lost")
    assert machine._chains[0].levels() == ([(7.0, 1.0)], [(12.0, 1.0)])


def test_c11_a_book_that_contradicts_the_venue_is_asked_for_again():
    """The venue's best prices of the same number are other ones: a level was corrupted on the way."""
    machine = known()
    hear(machine, top(105, bid="10"))
    assert machine.touches.now[0].fault == ""

    hear(machine, top(106, bid="10.5"), top(105, bid="9.5"))

    assert machine.touches.now[0].fault == "gap"
    assert machine.counts["book contradicted"] == 1
    answer(machine, snapshot(108, [("10.25", "1")]))
    assert bid(machine) == 10.25


def test_c11_a_crossed_book_of_differences_is_asked_for_again():
    """No real book is: a level that should have gone is still there."""
    machine = known()

    hear(machine, difference(106, 106, [("11.5", "1")]))

    assert machine.touches.now[0].fault == "gap"
    assert machine.wants == [BookWant(0)]


def test_a_book_without_numbers_needs_a_new_connection_when_it_is_lost():
    """Nothing but the connection's beginning tells it whole."""
    plan = books(symbols=("BTC/USD",), levels=1)
    machine = machine_of(plan, Alpaca(plan.symbols))
    at = "2024-03-09T16:00:00Z"

    def told(bids, asks=(), **more):
        sides = [[{"p": p, "s": s} for p, s in side] for side in (bids, asks)]
        return [{"T": "o", "S": "BTC/USD", "t": at, "b": sides[0], "a": sides[1], **more}]

    unknown = hear(machine, told([(9, 1)]))
    hear(machine, told([(9, 1)], [(11, 1)], r=True), told([(10, 2)]))
    best = bid(machine)
    hear(machine, told([(12, 1)]))

    assert unknown == []
    assert best == 10.0
    assert machine.touches.now[0].fault == "gap"
    assert (machine.wants, [type(each).__name__ for each in machine.said]) == ([], ["Spent"])


def test_a_followed_book_is_the_venues_book():
    """Whatever is lost or repeated on the way: where a book is shown, it is the one the venue had at that number."""
    random = Random(7)
    sides = {"bids": {9.0: 1.0}, "asks": {11.0: 1.0}}
    number, history, stream = 100, {}, deque()
    for _ in range(400):
        side, sign = random.choice([("bids", -1), ("asks", 1)])
        price = 10 + sign * random.randint(1, 20) / 4
        size = random.choice([0.0, 1.0, 2.0, 3.0])
        if size:
            sides[side][price] = size
        elif len(sides[side]) > 1:
            sides[side].pop(price, None)
        number += 1
        history[number] = (max(sides["bids"].items()), min(sides["asks"].items()), {k: dict(v) for k, v in sides.items()})
        gone = size if price in sides[side] else 0.0
        stream.append((number, side, price, sides[side].get(price, gone)))
    machine, shown, snapshots = machine_of(), 0, 0
    for number, side, price, size in stream:
        levels = {"bids": [], "asks": []} | {side: [(str(price), str(size))]}
        for _ in range(random.choice([0, 1, 1, 1, 1, 1, 1, 2])):
            hear(machine, difference(number, number, levels["bids"], levels["asks"]))
        if machine.wants and random.random() < 0.3:
            snapshots += 1
            whole = history[number][2]
            answer(
                machine,
                snapshot(
                    number,
                    [[str(p), str(s)] for p, s in whole["bids"].items()],
                    [[str(p), str(s)] for p, s in whole["asks"].items()],
                ),
            )
            machine.wants.clear()
        chain = machine._chains.get(0)
        if chain is not None and chain.last is not None:
            shown += 1
            touch, (best_bid, best_ask, _) = machine.touches.now[0], history[chain.last]
            assert ((touch.bid_price, touch.bid_size), (touch.ask_price, touch.ask_size)) == (best_bid, best_ask)

    assert shown > 50
    assert snapshots > 5
