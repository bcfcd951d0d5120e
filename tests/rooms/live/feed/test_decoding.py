"""What venues say is read as it is meant, and what means nothing is counted and never passes for data."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.live.feed.dialects.alpaca import Alpaca
from runner.live.feed.dialects.binance import Binance
from runner.live.feed.dialects.tickdb import TickDb
from runner.live.feed.messages import (
    Acked,
    Bar,
    Book,
    Channel,
    Difference,
    Farewell,
    Reached,
    Refused,
    Snapshot,
    Top,
    Trade,
    Unreadable,
)
from tests.feed_bench import EPOCH, MS, SECOND, book, books, fed, pong, text, trade
from tests.feed_bench import plan as bars

SYMBOLS = ("AAPL.US", "700.HK", "BTCUSDT")
BOTH = (0, 1, 2)
AT = 1_703_123_456_789
NAN = math.nan
TICKDB = TickDb(SYMBOLS)


def said(message, dialect=TICKDB, carried=BOTH):
    return dialect.decode(text(message), carried)


def test_a_book_of_text_and_one_of_numbers_are_the_same():
    """The documents write prices as text, articles as numbers; a stamp may be text as well."""
    levels = {"bids": [["9.5", "1"], ["9", "2"]], "asks": [["10", "3"]]}
    numbers = {"bids": [[9.5, 1], [9, 2.0]], "asks": [[10.0, 3]]}

    found = [
        said({"cmd": "depth", "data": {"symbol": "AAPL.US", "timestamp": stamp, **sides}})
        for stamp, sides in ((AT, levels), (str(AT), numbers))
    ]

    assert found == [[Book(0, AT * MS, [(9.5, 1.0), (9.0, 2.0)], [(10.0, 3.0)])]] * 2


@pytest.mark.parametrize("name", ["700.HK", "00700.HK", "700", "00700"])
def test_a_symbol_may_come_bare(name):
    """With its market or without, leading zeros or none."""
    assert said(trade(name, 0, 5))[0].symbol == 1


def test_a_bare_name_of_two_symbols_is_nobodys():
    """What may be either is neither."""
    dialect = TickDb(("1.HK", "1.US"))

    assert [each.symbol for each in said(trade("1.US", 0, 5), dialect)] == [1]
    assert said(trade("1", 0, 5), dialect) == [Unreadable("symbol", -1, Channel.TRADES)]


def test_trades_come_in_lists_and_flat():
    """Ids are never used: all of these are the same trade's, and all count."""
    deal = {"id": "0", "price": "3.5", "quantity": "2", "side": "sell", "timestamp": AT}
    inside = {"cmd": "trade", "data": {"symbol": "BTCUSDT", "trades": [deal, deal]}}
    flat = {"cmd": "trade", "data": {"symbol": "BTCUSDT", **deal}}

    found = [*said(inside), *said(flat)]

    assert found == [Trade(2, AT * MS, 3.5, 2.0, -1.0)] * 3


def test_messages_come_in_arrays():
    """Each for itself, in their order."""
    both = [trade("BTCUSDT", 0, 5), pong(SECOND), trade("AAPL.US", 0, 6)]

    assert said(both) == [message for each in both for message in said(each)]


@pytest.mark.parametrize("stamp", [AT // 1_000, str(AT // 1_000)])
def test_seconds_are_seconds(stamp):
    """Some of the service's own samples have them."""
    found = said(trade("BTCUSDT", 0, 5, timestamp=stamp))

    assert found[0].ts == AT // 1_000 * SECOND


@pytest.mark.parametrize("stamp", [AT * 1_000, AT * MS, -5, 17])
def test_other_units_are_refused(stamp):
    """Micro- and nanoseconds would lie in the next millennia, and what is near 1970 is no stamp."""
    assert said(trade("BTCUSDT", 0, 5, timestamp=stamp)) == [Unreadable("stamp", 2, Channel.TRADES)]


def test_an_article_says_less():
    """No command, no symbol, no stamp: the connection's one symbol, and the instant it came."""
    dialect = TickDb(("BTCUSDT",), dialect="article")

    found = dialect.decode(b'{"data":{"bids":[[9,1]],"asks":[[10,1]]}}', (0,))

    assert found == [Book(0, 0, [(9.0, 1.0)], [(10.0, 1.0)])]
    assert json.loads(dialect.subscribe(Channel.DEPTH, (0,), 7)) == {
        "method": "subscribe",
        "params": {"channels": ["depth"]},
        "id": 7,
    }
    assert dialect.path((0,)) == "?symbol=BTCUSDT"
    assert dialect.decode(b'{"id":7,"result":null}', (0,)) == [Acked(7)]


def test_a_size_nobody_knows():
    """Of a trade it may be missing or null; of a book it may not."""
    null = said(trade("BTCUSDT", 0, 5, quantity=None))
    missing = said({"cmd": "trade", "data": {"symbol": "BTCUSDT", "trades": [{"price": "5", "timestamp": AT}]}})

    assert math.isnan(null[0].size)
    assert math.isnan(missing[0].size)
    assert said(book("BTCUSDT", 0, bids=[["9", None]])) == [Unreadable("values", 2, Channel.DEPTH)]


def test_answers_of_the_service():
    """Codes are numbers or text; a subscription may be partly live."""
    partly = {"channel": "trade", "symbols": ["AAPL.US"], "failed_symbols": ["700.HK", "X"], "retryable_symbols": ["700.HK"]}

    assert said(pong(0)) == [Reached(EPOCH)]
    assert said({"cmd": "subscribe", "code": 0}) == [Acked(-1)]
    assert said({"cmd": "subscribe", "code": "3004", "data": None}) == [Acked(-1, symbols=(), code="3004")]
    assert said({"cmd": "subscribe", "code": 5004, "data": partly}) == [
        Acked(-1, Channel.TRADES, (0,), again=(1,), refused=(), code="5004")
    ]
    assert said({"cmd": "error", "code": 2001, "message": "bad"}) == [Refused("2001", "bad")]
    assert said({"cmd": "maintenance", "code": 0, "data": {"text": "x"}}) == [Unreadable("unknown")]


BAD = {
    "NaN": b"NaN",
    "Infinity": b"Infinity",
    "infinite text": b'"Infinity"',
    "nan text": b'"nan"',
    "empty text": b'""',
    "null": b"null",
    "1e999": b"1e999",
    "1e999 as text": b'"1e999"',
    "true": b"true",
    "a list": b"[]",
    "a word": b'"ten"',
    "underscores": b'"1_0"',
}


@pytest.mark.parametrize("bad", BAD)
def test_c12_a_number_that_is_none_never_becomes_a_price(bad):
    """As a price or size of a book, or as the price of a trade: refused, counted, and the book is unknown from then on."""
    whole = text(book("BTCUSDT", 2 * SECOND, bids=[["@", "1"]]))
    as_price, as_size = whole.replace(b'"@"', BAD[bad]), whole.replace(b'"1"', BAD[bad]).replace(b'"@"', b'"9"')
    as_trade = text(trade("BTCUSDT", 2 * SECOND, "@")).replace(b'"@"', BAD[bad])
    good = book("BTCUSDT", SECOND)

    for message in (as_price, as_size):
        instants, machine = fed([good, message], books(touch=Channel.DEPTH))
        touch = machine.touches.now[0]
        assert touch.fault in {"values", "order"}
        assert math.isnan(touch.bid_price)
        assert math.isnan(touch.ask_size)
        assert machine.counts.total() + sum(machine.touches.faults.values()) == 1
        assert len(instants) == 1 or math.isnan(instants[1].rows[0].columns["bid_price_0"])
    instants, machine = fed([trade("BTCUSDT", SECOND, 5), as_trade, pong(60 * SECOND)], bars())
    assert machine.counts.total() == 1
    assert [row.columns["high"] for row in instants[0].rows] == [5.0]
    assert 0 in instants[0].gapped


NO_BOOKS = {
    "crossed": ([("11", "1")], [("10", "1")]),
    "locked": ([("10", "1")], [("10", "1")]),
    "empty": ([("10", "1")], []),
    "values": ([("10", "0")], [("11", "1")]),
    "order": ([("9", "1"), ("10", "1")], [("11", "1")]),
}


@pytest.mark.parametrize("fault", NO_BOOKS)
def test_c13_a_book_that_can_not_be_shows_no_prices(fault):
    """Crossed, locked, one side empty, nothing to trade, not sorted: no best prices to decide by, and the reason beside them."""
    bids, asks = NO_BOOKS[fault]

    instants, machine = fed([book("BTCUSDT", SECOND), book("BTCUSDT", 2 * SECOND, bids, asks)], books(touch=Channel.DEPTH))

    touch = machine.touches.now[0]
    row = instants[1].rows[0].columns
    assert touch.fault == fault
    assert math.isnan(touch.ask_price)
    assert math.isnan(row["ask_price_0"])
    assert math.isnan(touch.bid_price) == math.isnan(row["bid_price_0"]) == (fault != "empty")
    assert instants[1].quotes == (touch,)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=6)
    | st.sampled_from([*SYMBOLS, "depth", "1.5"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["cmd", "data", "symbol", "bids", "asks", "trades", "timestamp", "price", "quantity", "code", "T", "s"]
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=20,
)
LIKELY = st.fixed_dictionaries(
    {},
    optional={
        "cmd": st.sampled_from(["depth", "trade", "ticker", "pong", "subscribe", "error", "news", "", 5]),
        "code": st.none() | st.integers() | st.text(max_size=5),
        "data": st.fixed_dictionaries(
            {},
            optional={
                "symbol": st.sampled_from([*SYMBOLS, "X", 5]),
                "timestamp": st.sampled_from([AT, str(AT), 0, "x", None, -1, 1e300]),
                "bids": st.lists(st.lists(st.sampled_from(["9", 9, "0", "-1", "nan", None]), max_size=3), max_size=2),
                "asks": st.just([["10", "1"]]) | JSON,
                "trades": st.lists(
                    st.fixed_dictionaries({"price": st.sampled_from(["1", 0, "x"]), "timestamp": st.just(AT)}), max_size=2
                ),
            },
        )
        | JSON,
    },
)
DIALECTS = {
    "tickdb": TICKDB,
    "article": TickDb(SYMBOLS, dialect="article"),
    "binance": Binance(SYMBOLS),
    "alpaca": Alpaca(SYMBOLS),
}


@pytest.mark.parametrize("name", DIALECTS)
@given(
    message=st.binary(max_size=60) | (JSON | LIKELY | st.lists(LIKELY, max_size=3)).map(lambda it: json.dumps(it).encode())
)
def test_c14_nothing_a_venue_says_can_break_the_reader(name, message):
    """Unknown types, missing fields, wrong types, no JSON at all: read as something or refused, and the machine lives on."""
    dialect = DIALECTS[name]

    found = dialect.decode(message, BOTH)
    _, machine = fed([message], books(symbols=SYMBOLS, streams=("depth", "trades"), touch=Channel.DEPTH), dialect)

    for each in found:
        assert not isinstance(each, Trade) or (0 < each.price < math.inf and not each.size < 0)
    assert all(math.isnan(touch.bid_price) or touch.bid_price > 0 for touch in machine.touches.now)


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (b'{"cmd":"depth","cmd":"trade","data":{}}', "fields"),
        (b'{"cmd":"depth","data":{"symbol":"BTCUSDT","timestamp":1703123456789}}', "fields"),
        (b'{"cmd":"depth","data":{"symbol":"X","timestamp":1703123456789,"bids":[],"asks":[]}}', "symbol"),
        (b'{"cmd":"news","data":{"x":1}}', "unknown"),
        (b"[" * 100_000, "json"),
        (b'{"cmd":"pong","data":{"timestamp":' + b"9" * 5_000 + b"}}", "json"),
        (b"\xff\xfe", "json"),
        (b'{"cmd":"depth","data":{"symbol":"\xff"}}', "json"),
        (b"", "json"),
    ],
)
def test_c14_what_can_not_be_used_is_counted_by_reason(message, reason):
    """New types may appear any day; each reason has its count."""
    _, machine = fed([message], bars())

    assert machine.counts == {reason: 1}


def test_one_bad_message_of_an_array_costs_none_of_the_others():
    """The good ones are read, and the bad one is of its own symbol."""
    bad = trade("AAPL.US", 0, "x")

    assert said([trade("BTCUSDT", 0, 5), bad, trade("BTCUSDT", 0, 6)]) == [
        *said(trade("BTCUSDT", 0, 5)),
        Unreadable("values", 0, Channel.TRADES),
        *said(trade("BTCUSDT", 0, 6)),
    ]


@given(
    price=st.floats(min_value=1e-12, max_value=1e12),
    size=st.floats(min_value=0, max_value=1e15),
    is_text=st.booleans(),
)
def test_prices_are_read_to_the_bit(price, size, is_text):
    """The shortest decimal text of a number reads back to it, as text and as a number."""
    told = (repr(price), repr(size)) if is_text else (price, size)

    message = trade("BTCUSDT", 0, 1)
    message["data"]["trades"][0] |= {"price": told[0], "quantity": told[1]}

    (found,) = said(message)

    assert (found.price, found.size) == (price, size)


# --- Binance -------------------------------------------------------------------------------------------------------------

BINANCE = Binance(("BTCUSDT", "ETHUSDT"))


def streamed(stream, data):
    return {"stream": stream, "data": data}


def test_binance_events():
    """Trades with the taker's side, differences with their numbers, best prices with the book's, bars that are over."""
    told = [
        streamed(
            "btcusdt@trade", {"e": "trade", "E": AT, "s": "BTCUSDT", "t": 12, "p": "5.5", "q": "2", "T": AT, "m": True}
        ),
        streamed(
            "ethusdt@depth@100ms",
            {"e": "depthUpdate", "E": AT, "s": "ETHUSDT", "U": 3, "u": 5, "b": [["9", "0"]], "a": [["10", "1"]]},
        ),
        streamed("btcusdt@bookTicker", {"u": 7, "s": "BTCUSDT", "b": "9", "B": "1", "a": "10", "A": "2"}),
        streamed("btcusdt@kline_1m", {"e": "kline", "k": kline(x=False)}),
        streamed("btcusdt@kline_1m", {"e": "kline", "k": kline(x=True)}),
    ]

    found = [message for each in told for message in said(each, BINANCE)]

    assert found == [
        Trade(0, AT * MS, 5.5, 2.0, -1.0, 12),
        Difference(1, AT * MS, 3, 5, [(9.0, 0.0)], [(10.0, 1.0)]),
        Top(0, 0, (9.0, 1.0), (10.0, 2.0), 7),
        Bar(0, AT * MS, (1.0, 3.0, 0.5, 2.0, 10.0)),
    ]


def kline(**more):
    return {"t": AT, "s": "BTCUSDT", "o": "1", "h": "3", "l": "0.5", "c": "2", "v": "10"} | more


def test_binance_words():
    """Answers by number, errors, and the announcement of an end."""
    assert said({"result": None, "id": 4}, BINANCE) == [Acked(4)]
    assert said({"error": {"code": 2, "msg": "no"}, "id": 4}, BINANCE) == [Refused("2", "no")]
    assert said({"e": "serverShutdown", "E": AT}, BINANCE) == [Farewell()]
    assert said(streamed("", {"e": "serverShutdown", "E": AT}), BINANCE) == [Farewell()]
    assert said(streamed("btcusdt@forceOrder", {}), BINANCE) == [Unreadable("unknown")]
    assert json.loads(BINANCE.subscribe(Channel.DEPTH, (0, 1), 2)) == {
        "method": "SUBSCRIBE",
        "params": ["btcusdt@depth@100ms", "ethusdt@depth@100ms"],
        "id": 2,
    }


def test_a_binance_book_from_beside_the_stream():
    """With its number; what can't be one is nothing."""
    assert BINANCE.snapshot(1, b'{"lastUpdateId":9,"bids":[["9","1"]],"asks":[]}') == Snapshot(1, 0, 9, [(9.0, 1.0)], [])
    assert BINANCE.snapshot(1, b'{"code":-1003,"msg":"too much"}') is None
    assert BINANCE.snapshot(1, b'{"lastUpdateId":9,"bids":[["nan","1"]],"asks":[]}') is None


# --- Alpaca --------------------------------------------------------------------------------------------------------------

ALPACA = Alpaca(("AAPL", "BTC/USD"))
WHEN = "2024-03-08T14:30:00.123456789Z"
NS = 1_709_908_200_123_456_789


def test_alpaca_events():
    """Stamps to the nanosecond; a book is whole or changed; what is said about the connection isn't data."""
    told = [
        {"T": "t", "S": "AAPL", "i": 96921, "x": "D", "p": 5.5, "s": 2, "t": WHEN, "c": ["@"], "z": "C"},
        {"T": "q", "S": "AAPL", "bp": 9, "bs": 1, "ap": 10.5, "as": 2, "t": WHEN, "c": ["R"], "ax": "V", "bx": "V"},
        {"T": "b", "S": "AAPL", "o": 1, "h": 3, "l": 0.5, "c": 2, "v": 10, "t": "2024-03-08T14:30:00Z", "n": 4, "vw": 1.5},
        {"T": "o", "S": "BTC/USD", "t": WHEN, "b": [{"p": 9, "s": 1}], "a": [{"p": 10, "s": 0}], "r": True},
        {"T": "o", "S": "BTC/USD", "t": WHEN, "b": [], "a": [{"p": 10, "s": 0}]},
        {"T": "success", "msg": "connected"},
        {"T": "error", "code": 406, "msg": "connection limit exceeded"},
        {"T": "subscription", "trades": ["AAPL"], "quotes": [], "bars": ["AAPL"], "updatedBars": []},
        {"T": "s", "S": "AAPL"},
    ]

    assert said(told, ALPACA) == [
        Trade(0, NS, 5.5, 2.0, NAN),
        Top(0, NS, (9.0, 1.0), (10.5, 2.0)),
        Bar(0, 1_709_908_200 * SECOND, (1.0, 3.0, 0.5, 2.0, 10.0)),
        Snapshot(1, NS, -1, [(9.0, 1.0)], [(10.0, 0.0)]),
        Difference(1, NS, -1, -1, [], [(10.0, 0.0)]),
        Refused("406", "connection limit exceeded"),
        Acked(-1, Channel.TRADES, (0,)),
        Acked(-1, Channel.BARS, (0,)),
        Unreadable("unknown"),
    ]
    assert json.loads(ALPACA.subscribe(Channel.DEPTH, (1,), 1)) == {"action": "subscribe", "orderbooks": ["BTC/USD"]}


@pytest.mark.parametrize(
    "stamp", ["2024-03-08T14:30:00", "2024-03-08", "soon", "2024-03-08T14:30:00.Z", "1024-03-08T14:30:00Z", ""]
)
def test_a_stamp_without_a_zone_is_none(stamp):
    """Nor is one of another age."""
    found = said([{"T": "t", "S": "AAPL", "p": 5.5, "s": 2, "t": stamp}], ALPACA)

    assert found == [Unreadable("stamp", 0, Channel.TRADES)]
