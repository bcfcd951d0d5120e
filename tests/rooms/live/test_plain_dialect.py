"""The plain dialect's adapter: whatever bytes come, it answers with a reply, and with the safe one when in doubt."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.live.brokers.plain import DEFINITIVE, PlainContract
from runner.live.contract import Accepted, Exists, Found, Heartbeat, NotFound, NotOpen, Page, Rejected, Replaced, Unclear
from runner.live.model import Order
from runner.live.money import NotExact, decimal_of, money_of, product_of, text_of, units_of
from runner.live.ports import Action, Response
from tests.live_bench import INSTRUMENTS

PLAIN = PlainContract(INSTRUMENTS)
ORDER = {
    "order_id": "v1",
    "client_order_id": "q-1",
    "symbol": "ABC",
    "side": "sell",
    "quantity": "2.50",
    "price": "100.5",
    "filled": "0.25",
    "status": "open",
}
FILL = {
    "exec_id": "x1",
    "order_id": "v1",
    "client_order_id": "q-1",
    "symbol": "ABC",
    "side": "sell",
    "quantity": "0.25",
    "price": "100.123456789",
    "fee": "0.00000001",
    "fee_currency": "USD",
    "at_ns": "1900000000000000001",
}
READERS = [
    PLAIN.read_place,
    PLAIN.read_cancel,
    PLAIN.read_replace,
    PLAIN.read_query,
    PLAIN.read_open_orders,
    PLAIN.read_fills,
    PLAIN.read_positions,
    PLAIN.read_balances,
    PLAIN.read_time,
]
SURE = (Accepted, Rejected, Exists, Found, NotFound, NotOpen, Page, int)


def body(told):
    return json.dumps(told).encode()


def is_unclear(said):
    if isinstance(said, Replaced):
        return isinstance(said.old, Unclear) and isinstance(said.new, Unclear)
    return isinstance(said, Unclear)


def test_an_order_is_written_as_plain_decimals_and_read_back():
    """Lots and ticks become decimal text of their instrument, and the venue's text becomes lots and ticks."""
    order = Order("q-1", 1, "ABC", -1, 10, 201, rests=False, sent_at_ns=5, signal=0)

    fields = dict(PLAIN.place(order, 7).fields)
    read = PLAIN.read_place(Response(200, body(ORDER)))

    assert fields == {
        "symbol": "ABC",
        "side": "sell",
        "quantity": "2.50",
        "price": "100.5",
        "time_in_force": "ioc",
        "client_order_id": "q-1",
        "sent_at_ns": "5",
        "valid_ns": "7",
    }
    assert (read.report.quantity, read.report.price, read.report.filled, read.report.end) == (10, 201, 1, None)


def test_a_fill_between_two_ticks_is_exact():
    """A price no order could have is still the price of the execution, to the last digit."""
    (fill,) = PLAIN.read_frame(body({"type": "fill", "fill": FILL}))

    assert fill.quantity == 1
    assert fill.each == 25_030_864_197_250_000_000
    assert fill.fee == 10_000_000_000


def test_only_the_list_of_definitive_answers_rejects():
    """Every code on the list rejects, with its own status and no other."""
    for status, code in DEFINITIVE:
        assert PLAIN.read_place(Response(status, body({"code": code}))) == Rejected(code)
        assert is_unclear(PLAIN.read_place(Response(500, body({"code": code}))))
    assert isinstance(PLAIN.read_place(Response(409, body({"code": "duplicate_id"}))), Exists)
    assert is_unclear(PLAIN.read_place(Response(400, body({"code": "request_timed_out"}))))


@pytest.mark.parametrize(("status", "is_ban"), [(429, False), (418, True), (401, True), (403, True)])
@pytest.mark.parametrize(("header", "wait"), [("3", 3 * 10**9), (None, None), ("soon", None), ("-1", None), ("1e9", None)])
def test_limits_and_bans_are_told_apart(status, is_ban, header, wait):
    """Patience or a ban, and how long; a header that is no number of seconds says nothing."""
    headers = () if header is None else (("retry-after", header),)

    limit = PLAIN.limit(Response(status, b"", headers))

    assert (limit.is_ban, limit.retry_after_ns) == (is_ban, wait)
    assert PLAIN.limit(Response(403, body({"code": "insufficient_funds"}))) is None
    assert PLAIN.limit(Response(500, b"", headers)) is None


@given(st.binary(max_size=200), st.integers(100, 599))
def test_no_bytes_are_an_exception_or_a_sure_answer(content, status):
    """Noise is unclear to every reader, whatever status it came with."""
    for read in READERS:
        assert is_unclear(read(Response(status, content)))
    assert isinstance(PLAIN.read_frame(content), (Unclear, tuple))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(sorted(ORDER)), JSON)
def test_an_order_with_one_wrong_field_is_unclear_or_what_it_says(name, value):
    """One field is something else: never an exception, and never read as if it were right."""
    told = ORDER | {name: value}

    said = PLAIN.read_place(Response(200, body(told)))

    if isinstance(said, Accepted):
        assert isinstance(value, str) or name == "client_order_id"
    else:
        assert is_unclear(said)


@given(st.sampled_from(sorted(FILL)), JSON)
def test_an_execution_with_one_wrong_field_is_unclear(name, value):
    """The same for executions, in frames and in lists; a list with one bad line is no list."""
    told = FILL | {name: value}

    frame = PLAIN.read_frame(body({"type": "fill", "fill": told}))
    page = PLAIN.read_fills(Response(200, body({"fills": [FILL, told], "next": None})))

    assert isinstance(frame, Unclear) == isinstance(page, Unclear)
    assert isinstance(frame, Unclear) or isinstance(value, str) or name == "client_order_id"


@pytest.mark.parametrize("missing", sorted(set(ORDER) - {"client_order_id"}))
def test_an_order_without_a_field_is_unclear(missing):
    """Nothing is filled in."""
    told = {name: value for name, value in ORDER.items() if name != missing}

    assert is_unclear(PLAIN.read_place(Response(200, body(told))))


def test_a_page_that_does_not_say_whether_it_is_the_last_is_unclear():
    """Without `next` nobody knows whether the list is whole."""
    assert is_unclear(PLAIN.read_fills(Response(200, body({"fills": []}))))
    assert PLAIN.read_fills(Response(200, body({"fills": [], "next": None}))) == Page((), None)


def test_one_name_twice_is_unclear():
    """Two values under one name: which one counts is a guess."""
    assert is_unclear(PLAIN.read_time(Response(200, b'{"now_ns": "1", "now_ns": "2"}')))


def test_frames_of_other_types_are_none_of_our_business():
    """A type that isn't known is no report, a heartbeat is one that says nothing."""
    assert PLAIN.read_frame(body({"type": "news"})) == ()
    assert PLAIN.read_frame(body({"type": "heartbeat"})) == (Heartbeat(),)


def test_halves_of_a_replacement_are_read_by_themselves():
    """Cancelled and not placed; not open and not tried; nothing readable at all."""
    half = PLAIN.read_replace(Response(409, body({"old": ORDER | {"status": "canceled"}, "new": {"code": "bad_order"}})))
    none = PLAIN.read_replace(Response(409, body({"old": {"code": "not_open"}, "new": {"code": "not_attempted"}})))
    refused = PLAIN.read_replace(Response(400, body({"code": "request_expired"})))

    assert isinstance(half.old, Accepted)
    assert half.new == Rejected("bad_order")
    assert (none.old, none.new) == (NotOpen(), Rejected("not_attempted"))
    assert is_unclear(Replaced(refused.old, refused.old))
    assert refused.new == Rejected("request_expired")
    assert is_unclear(PLAIN.read_replace(Response(503, b"")))


def test_requests_name_what_they_are_for():
    """The limiter's lanes go by it."""
    order = Order("q-1", 1, "ABC", -1, 10, 201, rests=True, sent_at_ns=5, signal=0)

    asked = [
        PLAIN.place(order, None),
        PLAIN.cancel(order),
        PLAIN.replace(order, order, None),
        PLAIN.query(order),
        PLAIN.time(),
    ]

    assert [request.action for request in asked] == [Action.PLACE, Action.CANCEL, Action.REPLACE, Action.QUERY, Action.TIME]
    assert asked[0].intent == 1


@pytest.mark.parametrize(
    "text", ["", " 1", "1 ", "+1", "1e3", "nan", "inf", "0x1", "١", "1_0", "1.", ".5", "1" * 41, 1, 1.0, None]
)
def test_what_is_not_a_plain_decimal_is_refused(text):
    """No exponent, no sign but minus, no other alphabet, no binary float."""
    with pytest.raises(NotExact):
        decimal_of(text)


@given(st.integers(1, 10**18), st.sampled_from(["0.01", "0.00000001", "0.25", "5", "0.5"]))
def test_counts_become_text_and_come_back(count, unit):
    """Units to text and back lose nothing, at any size."""
    unit = Decimal(unit)

    assert units_of(decimal_of(text_of(count, unit)), unit) == count
    assert product_of(Decimal(count), unit) == money_of(Decimal(count) * unit)


def test_what_is_no_multiple_is_refused_not_rounded():
    """Half a lot is no lot, and a nineteenth decimal is no money."""
    with pytest.raises(NotExact):
        units_of(Decimal("0.3"), Decimal("0.25"))
    with pytest.raises(NotExact):
        money_of(Decimal("0.0000000000000000001"))
