"""Books that are read many at once: what is read is what the decoder says, and what becomes of it is what one by one gives."""

import json
import math
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.live.feed.dialects import tickdb_books
from runner.live.feed.dialects.tickdb import TickDb
from runner.live.feed.feed import Feed
from runner.live.feed.inputs import HEARD, OPENED, Input, packed, packed_texts
from runner.live.feed.machine import Machine
from runner.live.feed.messages import Book
from runner.live.feed.touches import Touches
from tests.feed_bench import EPOCH, MS, PAIR, book, books, pong, text, trade
from tests.long import many

LAW = settings(max_examples=many(150, 2_000), deadline=None)
DIALECT = TickDb(PAIR)
CARRIED = (0, 1)

sizes = st.decimals("0.001", "99999", places=3).map(lambda size: f"{size:f}")
numbers = st.one_of(
    sizes,
    st.sampled_from(["1", "0.5", "12.250", "0", "0.000", "-1", "1e3", "01", "5.", ".5", "", "x", "123456789012345678"]),
)


@st.composite
def levels(draw, prices):
    """Draw the levels of a side: numbers in quotes or not, once in a while too few or too many to a level."""
    made = []
    for price in prices:
        pair = [str(price), draw(numbers if draw(st.integers(0, 19)) == 0 else sizes)]
        if draw(st.booleans()):
            pair = [float(each) if each.replace(".", "", 1).isdigit() else each for each in pair]
        made.append(pair if draw(st.integers(0, 29)) else pair[:1])
    return made


@st.composite
def messages(draw):
    """Draw a message that mostly is a good book: keys in any order, spaces, keys of no meaning, now and then something else."""
    middle = draw(st.integers(50, 5_000))
    bids = draw(levels([middle - k for k in range(draw(st.integers(1, 4)))]))
    asks = draw(levels([middle + k + draw(st.sampled_from([1, 1, 1, 1, 0])) for k in range(draw(st.integers(1, 4)))]))
    stamp = draw(st.sampled_from([EPOCH // MS, EPOCH // (1_000 * MS), EPOCH // MS + 7, 12, "soon"]))
    fields = {
        "symbol": draw(st.sampled_from([*PAIR, *PAIR, "BTC", "OTHER"])),
        "bids": bids,
        "asks": asks,
        "timestamp": stamp,
    }
    if draw(st.integers(0, 3)) == 0:
        fields[draw(st.sampled_from(["type", "seq", "price", "channel"]))] = draw(
            st.sampled_from(["crypto", 7, "a\\b", None])
        )
    data = {key: fields[key] for key in draw(st.permutations(sorted(fields)))}
    outer = {"cmd": draw(st.sampled_from(["depth"] * 9 + ["ticker"])), "data": data}
    if draw(st.integers(0, 3)) == 0:
        outer[draw(st.sampled_from(["n", "code", "id"]))] = draw(st.sampled_from([0, 7, "x"]))
    keys = draw(st.permutations(sorted(outer)))
    separators = draw(st.sampled_from([(",", ":"), (", ", ": "), (" ,\n", "\t: ")]))
    made = json.dumps({key: outer[key] for key in keys}, separators=separators).encode()
    if draw(st.integers(0, 9)) == 0:
        at = draw(st.integers(0, len(made) - 1))
        made = made[:at] + draw(st.sampled_from([b"", b"0", b'"', b"}", b",", b"\xff", b"e"])) + made[at + 1 :]
    return made


def flat(found, count):
    """Return a decoded book as a row has it."""
    sides = [side[:count] + [(math.nan, math.nan)] * (count - len(side)) for side in (found.bids, found.asks)]
    return [level[what] for side in sides for what in (0, 1) for level in side]


@given(st.lists(messages(), min_size=1, max_size=6), st.integers(1, 5))
@LAW
def test_what_is_read_at_once_is_what_the_decoder_says(texts, count):
    """Symbol, stamp and every number to the bit; and nothing is read that isn't a book which can be used."""
    found = DIALECT.books(texts, count)

    for place, each in enumerate(texts):
        if found.symbols[place] < 0:
            continue
        (said,) = DIALECT.decode(each, CARRIED)
        assert isinstance(said, Book)
        assert (said.symbol, said.ts) == (found.symbols[place], found.ts[place])
        assert np.array(flat(said, count)).tobytes() == found.cells[place].tobytes()
        assert Touches(books()).book(said.symbol, said.ts, said.bids, said.asks) == ""


@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": ")])
@pytest.mark.parametrize("kind", [str, float])
def test_the_usual_form_is_read(separators, kind):
    """With and without spaces, numbers in quotes or not: none of these is left to the decoder."""
    sides = [[[kind(9.25), kind(0.125)], [kind(9.0), kind(3.5)]], [[kind(9.5), kind(1.0)]]]
    texts = [json.dumps(book(name, k * MS, *sides), separators=separators).encode() for k, name in enumerate(PAIR)]

    found = DIALECT.books(texts, 2)

    assert found.symbols == [0, 1]
    assert found.ts == [EPOCH, EPOCH + MS]
    assert found.cells[:, [0, 1, 2, 3, 4, 6]].tolist() == [[9.25, 9.0, 0.125, 3.5, 9.5, 1.0]] * 2
    assert np.isnan(found.cells[:, [5, 7]]).all()


@pytest.mark.parametrize(
    "broken",
    [
        {"bids": []},
        {"bids": [["9", "1"], ["9", "1"]]},
        {"bids": [["9", "0"]]},
        {"bids": [["11", "1"]]},
        {"asks": [["11", "2"], ["10.5", "2"]]},
        {"symbol": "OTHER"},
        {"timestamp": 12},
        {"channel": "depth"},
    ],
)
def test_what_is_wrong_or_unusual_is_left_to_the_decoder(broken):
    """An empty side, levels out of order or without a size, a crossed book, another's symbol, a stamp of no known unit."""
    found = DIALECT.books([text(book("BTCUSDT", 0) | {"data": book("BTCUSDT", 0)["data"] | broken})], 2)

    assert found.symbols == [-1]


def test_books_of_the_articles_form_are_left_to_the_decoder():
    """They name no symbol: the connection says whose they are."""
    assert TickDb(PAIR, dialect="article").books([text(book("BTCUSDT", 0))], 2) is None


PLANS = [
    books(),
    books(together=True),
    books(streams=("depth", "quotes")),
    books(streams=("bars", "depth"), bars=books().events.model_copy(update={"stamp": "open", "interval": "1min"})),
]


@given(
    st.sampled_from(PLANS),
    st.lists(st.one_of(messages(), st.sampled_from([text(pong(0)), text(trade("BTCUSDT", 5, 10.0)), b"{"])), max_size=12),
)
@LAW
def test_books_that_are_dealt_with_at_once_come_to_what_one_by_one_does(plan, texts):
    """Instants, best prices, what was heard and what couldn't be used; whatever comes between the books."""
    machines = [Machine(plan, DIALECT) for _ in range(2)]
    begin = [
        Input(OPENED, 1, 0, EPOCH, b"[0, 1]"),
        *(Input(HEARD, 1, 0, EPOCH, text(each)) for each in ({"cmd": "subscribe", "code": 0}, pong(0))),
    ]
    for machine in machines:
        for each in begin:
            machine.take(each)
    one, other = machines

    expected = [made for each in texts for made in one.take(Input(HEARD, 1, 5, EPOCH + 5, each))]
    found, place = [], 0
    read = DIALECT.books(texts, max(plan.levels, 1)) if texts else None
    while place < len(texts):
        end = read.end(place)
        if end > place:
            found += other.take_books(1, read, range(place, end), 5, EPOCH + 5)
        else:
            found += other.take(Input(HEARD, 1, 5, EPOCH + 5, texts[place]))
        place = max(end, place + 1)

    assert [repr(each) for each in found] == [repr(each) for each in expected]
    assert repr(other.touches.now) == repr(one.touches.now)
    assert (other.heard_at, other.counts, other.touches.faults) == (one.heard_at, one.counts, one.touches.faults)


def test_records_of_texts_that_came_at_once_are_those_of_each():
    """Byte for byte."""
    texts = [b"one", b"", b"tw\no"]

    assert packed_texts(3, 11, 22, texts) == b"".join(packed(Input(HEARD, 3, 11, 22, each)) for each in texts)


def test_what_reads_books_is_compiled_before_a_feed_opens(monkeypatch):
    """Compiling it at the first book would keep the whole session waiting for seconds."""
    made, doors = [], SimpleNamespace(clock=None)
    monkeypatch.setattr(tickdb_books, "_compiled", lambda: made.append("books") or (lambda *_: 0))

    Feed(books(), DIALECT, doors)

    assert made == ["books"]
