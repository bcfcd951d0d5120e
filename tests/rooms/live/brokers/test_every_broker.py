"""What every broker's contract promises, whatever its venue's words: one suite for all of them, and for the next one.

Each talks to a fake venue written from the venue's documentation, through its own signer, encoded as it goes over the wire.
"""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.live.catalogue import Catalogue
from runner.live.contract import (
    Accepted,
    Contract,
    End,
    Exists,
    FillReport,
    Heartbeat,
    Holding,
    NotFound,
    NotOpen,
    OrderReport,
    Page,
    Rejected,
    Replaced,
    Unclear,
)
from runner.live.money import money_of
from runner.live.ports import Response
from tests.fake_venues.all_venues import VENUES
from tests.fake_venues.speaking import SECOND, Speaking

KINDS = sorted(VENUES)


@pytest.fixture(params=KINDS)
def venue(request):
    return Speaking(request.param)


def readers(contract):
    """Return everything that reads an answer, by its name."""
    return {
        "place": contract.read_place,
        "cancel": contract.read_cancel,
        "replace": contract.read_replace,
        "query": contract.read_query,
        "open_orders": lambda answer: contract.read_open_orders(answer, None),
        "fills": lambda answer: contract.read_fills(answer, 0, None),
        "positions": lambda answer: contract.read_positions(answer, None),
        "balances": lambda answer: contract.read_balances(answer, None),
        "time": contract.read_time,
    }


def is_unclear(said):
    if isinstance(said, Replaced):
        return isinstance(said.old, Unclear) and isinstance(said.new, Unclear)
    return isinstance(said, Unclear)


def test_it_is_a_contract(venue):
    """Everything that a session asks for is there."""
    assert isinstance(venue.contract, Contract)


def test_an_order_is_taken_as_it_was_meant(venue):
    """Lots and ticks arrive as the venue's numbers, and come back as lots and ticks."""
    order = venue.order(7, 4_000, side=-1)

    said = venue.contract.read_place(venue.send(venue.contract.place(order, venue.profile.valid_ns)))

    there = venue.account.by_coid(order.coid)
    assert (there.side, there.quantity, there.price, there.rests) == (-1, venue.lots(7), venue.price(4_000), True)
    assert said == Accepted(OrderReport(there.venue_id, order.coid, venue.symbol, -1, 7, 4_000, 0, None))


def test_an_order_for_now_does_not_rest(venue):
    """What isn't filled at once ends."""
    order = venue.order(rests=False)

    venue.send(venue.contract.place(order, venue.profile.valid_ns))

    assert not venue.account.by_coid(order.coid).rests
    assert venue.asked(order).reports[0].end in {End.EXPIRED, End.CANCELED}


@pytest.mark.parametrize("why", ["funds", "malformed"])
def test_a_definitive_no_is_a_rejection(venue, why):
    """Not enough money, not an order: the venue doesn't have it and won't."""
    venue.account.refuse = why
    order = venue.order()

    answer = venue.send(venue.contract.place(order, venue.profile.valid_ns))

    assert venue.contract.limit(answer) is None
    assert isinstance(venue.contract.read_place(answer), Rejected)
    assert venue.account.orders == []


def test_a_request_past_its_validity_is_a_rejection(venue):
    """Where a request has a validity the venue keeps to it; where it has none, nothing is ever too late."""
    order = venue.order()
    venue.clock.now_ns += 6 * SECOND

    said = venue.contract.read_place(venue.send(venue.contract.place(order, venue.profile.valid_ns)))

    assert isinstance(said, Accepted if venue.profile.valid_ns is None else Rejected)


def test_an_id_that_is_taken_is_no_rejection(venue):
    """It may be this very order: only a question tells."""
    order, _ = venue.placed()

    said = venue.contract.read_place(venue.send(venue.contract.place(order, venue.profile.valid_ns)))

    assert said == Exists()
    assert len(venue.account.orders) == 1


def test_a_question_finds_an_order_wherever_it_is(venue):
    """Open, partly filled, filled, cancelled: under our id, with what was filled."""
    order, there = venue.placed(10)

    def told():
        (report,) = venue.asked(order).reports
        return report.coid, report.venue_id, report.filled, report.end

    states = [told()]
    venue.account.fill(there, venue.lots(4))
    states.append(told())
    venue.account.cancel(there)
    states.append(told())
    other, also = venue.placed(2, 3_000)
    venue.account.fill(also, venue.lots(2))

    own = (order.coid, there.venue_id)
    assert states == [(*own, 0, None), (*own, 4, None), (*own, 4, End.CANCELED)]
    assert venue.asked(other).reports[0].end is End.FILLED


def test_an_order_nobody_placed_is_not_found(venue):
    """By the venue's own word for it; any other 404 or 400 is nothing."""
    order = venue.order()

    assert venue.asked(order) == NotFound()
    assert is_unclear(venue.contract.read_query(Response(404, b"<html>nginx</html>")))
    assert is_unclear(venue.contract.read_query(Response(400, b'{"code": "other"}')))
    assert is_unclear(venue.contract.read_query(Response(404, b"")))


def test_a_cancel_ends_an_order(venue):
    """By our id or by the venue's; the answer says so, or says nothing and a question does."""
    first, _ = venue.placed()
    second, there = venue.placed()

    said = venue.contract.read_cancel(venue.send(venue.contract.cancel(first)))
    venue.send(venue.contract.cancel_by_venue_id(second.symbol, there.venue_id))

    assert isinstance(said, Unclear) or (said.report.coid, said.report.end) == (first.coid, End.CANCELED)
    assert [venue.asked(order).reports[0].end for order in (first, second)] == [End.CANCELED] * 2


def test_a_cancel_of_what_is_not_open_says_so(venue):
    """Ended already, or never there."""
    order, there = venue.placed()
    venue.account.cancel(there)
    unknown = replace(order, coid="qabcdef-7777777", venue_ids=("99999999",))

    for each in (order, unknown):
        assert venue.contract.read_cancel(venue.send(venue.contract.cancel(each))) == NotOpen()
    assert is_unclear(venue.contract.read_cancel(Response(500, b"")))


def test_an_order_without_the_id_that_a_cancel_takes_is_not_cancelled_by_guessing(venue):
    """Either our id is enough, or nothing is sent before the venue's is known."""
    order = venue.order()

    request = venue.contract.cancel(order)

    assert request is None or order.coid in request.path + str(request.fields)


def replacing(venue):
    if not venue.profile.has_replace:
        pytest.skip("the venue has no replacement, and its profile says so")
    return venue.placed(10, 2_000)


def replaced(venue, old, new):
    return venue.contract.read_replace(venue.send(venue.contract.replace(old, new, venue.profile.valid_ns)))


def test_a_replacement_is_two_halves(venue):
    """The new order is there, the old one isn't open; the old half says so or leaves it to a question."""
    old, there = replacing(venue)
    new = venue.order(5, 2_100)

    said = replaced(venue, old, new)

    assert (said.new.report.coid, said.new.report.quantity, said.new.report.price) == (new.coid, 5, 2_100)
    assert isinstance(said.old, Unclear) or said.old.report.end is End.CANCELED
    assert not there.is_open
    assert venue.asked(old).reports[0].end is End.CANCELED


def test_a_replacement_of_what_is_not_open_places_nothing(venue):
    """It was filled first: the new order is known not to be there."""
    old, there = replacing(venue)
    venue.account.fill(there, venue.lots(10))
    new = venue.order(5, 2_100)

    said = replaced(venue, old, new)

    assert isinstance(said.new, Rejected)
    assert isinstance(said.old, (NotOpen, Unclear))
    assert venue.asked(new) == NotFound()


def test_a_replacement_whose_new_half_fails_tells_the_halves_apart(venue):
    """Cancelled and not placed, where the venue goes about it in that order; never placed without being told."""
    old, there = replacing(venue)
    venue.account.refuse = "funds"
    new = venue.order(5, 2_100)

    said = replaced(venue, old, new)

    assert isinstance(said.new, Rejected)
    assert isinstance(said.old, Unclear) or said.old.report.end is (None if there.is_open else End.CANCELED)
    assert venue.asked(new) == NotFound()


def test_all_open_orders_are_listed_page_by_page(venue):
    """More than one page or symbol of them, ended ones left out, none missed."""
    orders = [venue.placed(1, 2_000, symbol=symbol)[0] for symbol in venue.venue.symbols for _ in range(4)]
    venue.account.cancel(venue.account.by_coid(orders[3].coid))

    found, pages = venue.all(venue.contract.open_orders, venue.contract.read_open_orders)

    assert {report.coid for report in found} == {order.coid for order in orders if order is not orders[3]}
    assert pages > 1 or venue.broker.kind == "alpaca"


def test_executions_are_listed_exactly_since_a_time(venue):
    """Every one since then, with lots, price, fee and time to the last digit, on as many pages as it takes."""
    order, there = venue.placed(1_000, 2_000)
    times = []
    for _ in range(250):
        venue.clock.now_ns += 7_000_000
        times.append(venue.clock.now_ns)
        venue.account.fill(there, venue.lots(3), venue.price(1_999), tell=False)

    found, pages = venue.fills(times[50])

    instrument = venue.contract.instruments[venue.symbol]
    distinct = {fill.exec_id: fill for fill in found}
    told = min(distinct.values(), key=lambda fill: fill.at_ns)
    assert len(distinct) == 200
    assert pages > 1
    assert (told.venue_id, told.symbol, told.side, told.quantity) == (there.venue_id, venue.symbol, 1, 3)
    assert told.each == 1_999 * instrument.tick_value
    assert (told.fee, told.currency) == (money_of(venue.account.fee), venue.account.fee_asset)
    assert 0 <= times[50] - told.at_ns < 1_000_000
    assert told.coid in {order.coid, None}
    assert venue.fills(venue.clock.now_ns + SECOND)[0] == []


def test_an_execution_without_our_id_can_be_asked_whose_it_is(venue):
    """Either it bears our id, or the venue's id leads to it."""
    order, there = venue.placed(10)
    venue.account.fill(there, venue.lots(1))
    ((fill,), _) = venue.fills()

    request = venue.contract.whose(fill.symbol, fill.venue_id)

    if fill.coid is None:
        (report,) = venue.contract.read_query(venue.send(request)).reports
        assert (report.coid, report.venue_id) == (order.coid, fill.venue_id)
    else:
        assert (fill.coid, request) == (order.coid, None)


def test_holdings_and_cash_are_the_venue_s(venue):
    """Whole lots of our instruments, long and, where there is short, short; cash to the last digit."""
    first, second = venue.venue.symbols
    short = -1 if venue.broker.kind != "binance" else 1
    venue.account.fill(venue.placed(9, 2_000, symbol=first)[1], venue.lots(9, first))
    venue.account.fill(venue.placed(6, 2_000, symbol=second, side=short)[1], venue.lots(6, second))

    held, _ = venue.all(venue.contract.positions, venue.contract.read_positions)
    cash, _ = venue.all(venue.contract.balances, venue.contract.read_balances)

    assert {each.symbol: each.lots for each in held} == {first: 9, second: 6 * short}
    for asset, amount in venue.account.cash.items():
        assert [each.amount for each in cash if each.currency == asset] == ([money_of(amount)] if amount else [])


def test_the_venue_tells_its_time(venue):
    """To the precision of its clock."""
    said = venue.contract.read_time(venue.send(venue.contract.time()))

    assert 0 <= venue.clock.now_ns - said < 1_000_000


def test_a_limit_asks_for_patience_and_a_ban_ends_it(venue):
    """429 with its wait, a ban without one where none is told; neither is an answer about an order."""
    venue.venue.next_reply = venue.venue.limited(7)
    limited = venue.contract.limit(venue.send(venue.contract.time()))
    venue.venue.next_reply = venue.venue.banned()
    banned = venue.contract.limit(venue.send(venue.contract.time()))

    assert (limited.is_ban, limited.retry_after_ns) == (False, 7 * SECOND)
    assert banned.is_ban
    assert venue.contract.limit(Response(500, b"")) is None
    assert is_unclear(venue.contract.read_place(Response(429, b"{}")))


def test_a_key_that_is_not_taken_is_a_ban(venue):
    """Nothing gets better by asking again."""
    venue.venue.__class__ = type("Strict", (type(venue.venue),), {"answer": _refusing})
    order = venue.order()

    answer = venue.send(venue.contract.query(order))

    assert venue.contract.limit(answer).is_ban


def _refusing(fake, ask):
    headers = {name: f"{value}x" if "key" in name else value for name, value in ask.headers.items()}
    ask.headers = headers
    return super(type(fake), fake).answer(ask)


@pytest.mark.parametrize("status", [200, 204, 302, 400, 403, 404, 409, 422, 500, 502, 503, 504])
@pytest.mark.parametrize(
    "body", [b"", b"<html>try again</html>", b"[]", b"{}", b"null", b'"x"', b"\xff", b'{"code": 1e999}']
)
def test_what_says_nothing_about_an_order_is_unclear(venue, status, body):
    """A page of a proxy, an empty answer, another shape: never placed, never refused, never gone."""
    said = venue.contract.read_place(Response(status, body))

    assert is_unclear(said)
    assert is_unclear(venue.contract.read_query(Response(status, body)))


def answers(venue):
    """Return a true answer for every reader."""
    order, there = venue.placed(10)
    venue.account.fill(there, venue.lots(2))
    contract = venue.contract
    found = {
        "place": venue.send(contract.place(venue.order(), venue.profile.valid_ns)),
        "query": venue.send(contract.query(order)),
        "open_orders": venue.send(contract.open_orders(None)),
        "fills": venue.send(contract.fills(0, None)),
        "positions": venue.send(contract.positions(None)),
        "balances": venue.send(contract.balances(None)),
        "time": venue.send(contract.time()),
        "cancel": venue.send(contract.cancel(order)),
    }
    if venue.profile.has_replace:
        old, _ = venue.placed(10)
        found["replace"] = venue.send(contract.replace(old, venue.order(), venue.profile.valid_ns))
    return found


def test_half_an_answer_is_no_answer(venue):
    """A body that was cut anywhere is unclear to its reader, and an exception to nobody."""
    for name, answer in answers(venue).items():
        read = readers(venue.contract)[name]
        for length in range(len(answer.body)):
            assert is_unclear(read(replace(answer, body=answer.body[:length]))), (name, length)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(["1", "-1", "0", "1e5"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def spots(value, path=()):
    """Yield the path of everything within a JSON value."""
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, each in inner:
        yield from spots(each, (*path, name))


def put(value, path, other):
    if not path:
        return other
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = put(value[path[0]], path[1:], other)
    return copy


@pytest.mark.parametrize("kind", KINDS)
@given(st.data())
def test_no_answer_is_an_exception(kind, data):
    """Anything in the place of anything, in any answer or frame: a reply comes out."""
    venue = Speaking(kind)
    found = answers(venue)
    name = data.draw(st.sampled_from(sorted(name for name, answer in found.items() if answer.body)))
    true = json.loads(found[name].body)
    path = data.draw(st.sampled_from(list(spots(true))))
    body = json.dumps(put(true, path, data.draw(JSON))).encode()
    status = data.draw(st.sampled_from([found[name].status, 400, 403, 404, 409, 422, 429]))
    frame = json.loads(data.draw(st.sampled_from(venue.heard)))
    spot = data.draw(st.sampled_from(list(spots(frame))))

    for read in readers(venue.contract).values():
        read(Response(status, body))
    venue.contract.limit(Response(status, body))
    said = venue.contract.read_frame(json.dumps(put(frame, spot, data.draw(JSON))).encode())

    assert isinstance(said, (Unclear, tuple))


@pytest.mark.parametrize("kind", KINDS)
@given(st.binary(max_size=100), st.integers(100, 599))
def test_noise_is_unclear_to_everybody(kind, content, status):
    """No bytes that aren't the venue's are a sure answer, whatever their status; to a cancel none is ever harmful."""
    contract = Speaking(kind).contract

    for name, read in readers(contract).items():
        assert is_unclear(read(Response(status, content))) or (name == "cancel" and status in {404, 422})
    assert isinstance(contract.read_frame(content), (Unclear, tuple))


def test_frames_say_what_questions_say(venue):
    """An order and what became of it, told by the stream, is the order that a question finds."""
    order, there = venue.placed(10)
    venue.account.fill(there, venue.lots(4))
    venue.account.cancel(there)

    reports = [each for frame in venue.heard for each in venue.contract.read_frame(frame)]
    orders = [each for each in reports if isinstance(each, OrderReport)]
    fills = {each.exec_id for each in reports if isinstance(each, FillReport)}

    assert orders[0] == OrderReport(there.venue_id, order.coid, venue.symbol, 1, 10, 2_000, 0, None)
    assert orders[-1] == venue.asked(order).reports[0]
    assert any(each.filled == 4 for each in orders)
    assert fills <= {fill.exec_id for fill in venue.fills()[0]}


def test_heartbeats_and_news_are_no_reports(venue):
    """What keeps the stream alive says nothing about orders; what isn't known is nothing at all."""
    ping = venue.broker.service().manners.ping
    beats = [venue.venue.heartbeat] if ping is None else venue.venue.greet(ping)

    assert [venue.contract.read_frame(beat) for beat in beats] == [(Heartbeat(),)]
    assert venue.contract.read_frame(b'{"type": "news", "stream": "news", "event": {"e": "news"}}') == ()


def test_terms_become_instruments(venue):
    """Where the venue tells its steps, they are the units of everything; a symbol it doesn't have is not found."""
    if not isinstance(venue.contract, Catalogue):
        assert venue.broker.kind == "simulated"
        return

    def told(symbol):
        return venue.contract.read_terms(venue.send(venue.contract.terms(symbol)), symbol)

    assert [told(symbol) for symbol in venue.venue.symbols] == list(venue.contract.instruments.values())
    assert told("NOSUCH") == NotFound()
    assert isinstance(venue.contract.read_terms(Response(500, b""), "X"), Unclear)


def test_no_list_is_read_that_has_one_bad_line(venue):
    """A list with a line that can't be read is no list: what it would leave out may be what matters."""
    venue.placed(10)
    _, there = venue.placed(10)
    venue.account.fill(there, venue.lots(2))
    there.venue_id = ""

    assert is_unclear(venue.contract.read_open_orders(venue.send(venue.contract.open_orders(None)), None))
    assert is_unclear(venue.contract.read_fills(venue.send(venue.contract.fills(0, None)), 0, None))


def test_every_request_names_its_intent_and_nothing_secret(venue):
    """A new order carries the number of its intent for the audit; no request carries credentials."""
    order = venue.order()
    request = venue.contract.place(order, venue.profile.valid_ns)

    assert request.intent == order.number
    for secret in venue.venue.environment.values():
        assert secret not in repr(request)
        assert secret not in repr(venue.signer.sign(request))
        assert secret not in repr(venue.signer)


def test_holdings_are_whole_or_unclear(venue):
    """Half a lot of an instrument is never rounded into a position; on Binance it is a balance of its own."""
    venue.account.held[venue.symbol] = venue.lots(1) / 2

    said = venue.contract.read_positions(venue.send(venue.contract.positions(None)), None)

    if venue.broker.kind == "binance":
        assert said == Page((Holding("BTCUSDT", 0),), None)
    else:
        assert isinstance(said, Unclear)
