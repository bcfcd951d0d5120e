"""What the tables of a run must add up to, worked out from the fills and the tapes alone."""

from collections import defaultdict

import numpy as np
import pytest
from drawn_kinds import KINDS
from drawn_runs import LAYOUTS, LEVELS, runs
from hypothesis import Phase, given, seed, settings
from markets import traded

from runner.engine.native import backtest
from tests.long import many

LAW = settings(max_examples=many(50, 150), deadline=None)
BARS = tuple(layout for layout in LAYOUTS if "bars" in layout)


def told(run):
    return traded(backtest, run.pipeline, run.tapes)


def lines(table):
    """Return a table's lines as mappings."""
    columns = {name: column.tolist() for name, column in table.items()}
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def signed(fill):
    return fill["quantity"] if fill["side"] == "buy" else -fill["quantity"]


class Books:
    """Positions, average prices and profit by average cost, symbol by symbol."""

    def __init__(self, capital):
        self.cash, self.units, self.average, self.realised = capital, defaultdict(float), {}, 0.0

    def fill(self, fill):
        s, quantity, price = fill["symbol"], signed(fill), fill["price"]
        held = self.units[s]
        self.cash -= quantity * price + fill["fee"]
        self.realised -= fill["fee"]
        if held * quantity >= 0.0:
            self.average[s] = (abs(held) * self.average.get(s, 0.0) + abs(quantity) * price) / (abs(held) + abs(quantity))
        else:
            closed = min(abs(held), abs(quantity))
            self.realised += np.sign(held) * closed * (price - self.average[s])
            if abs(quantity) > abs(held):
                self.average[s] = price
        self.units[s] = held + quantity

    def charge(self, charge):
        self.cash -= charge["amount"]
        self.realised -= charge["amount"]

    def worth(self, last):
        return sum(units * last[s] for s, units in self.units.items() if units)

    def are(self, line, last, near):
        """Tell whether they are those of a line of equity: what is given away for nothing changes no cash."""
        return line["cash"] == pytest.approx(self.cash, **near) and line["net"] == pytest.approx(self.worth(last), **near)

    def unrealised(self, last):
        return sum(units * (last[s] - self.average[s]) for s, units in self.units.items() if units)


def marks(tape):
    """Return (instant, symbol, price) of a tape's rows in the order of time; a price that isn't known is left out."""
    if tape.stream in {"quotes", "depth"}:
        at = "_0" if tape.stream == "depth" else ""
        prices = (tape.columns[f"bid_price{at}"] + tape.columns[f"ask_price{at}"]) / 2
    else:
        prices = tape.columns["close" if tape.stream == "bars" else "price"]
    names = [tape.symbols[code] for code in tape.symbol.tolist()]
    rows = zip(tape.ts.tolist(), names, prices.tolist(), strict=True)
    return sorted((row for row in rows if np.isfinite(row[2])), key=lambda row: row[0])


@given(run=runs())
@LAW
def test_cash_and_positions_are_the_capital_and_the_profit_at_every_line(run):
    """cash + Σ position x last price = capital + realised + unrealised, all four from fills and charges, at every line.

    A fill at a line's own instant is before or after it, by whether the bar ended or began then; lines take fills and
    charges in their order, so there is one place in them for each line.
    """
    tables, near = told(run), {"rel": 1e-9, "abs": 1e-9 * run.pipeline.capital}
    happened = sorted(
        [("fill", fill) for fill in lines(tables.fills)] + [("charge", each) for each in lines(tables.charges)],
        key=lambda event: (event[1]["ts"], event[0]),
    )
    books, last, prices = Books(run.pipeline.capital), {}, marks(run.deciding)

    for line in lines(tables.equity):
        while prices and prices[0][0] <= line["ts"]:
            _, symbol, price = prices.pop(0)
            last[symbol] = price
        while happened and (
            happened[0][1]["ts"] < line["ts"] or (happened[0][1]["ts"] == line["ts"] and not books.are(line, last, near))
        ):
            kind, event = happened.pop(0)
            getattr(books, kind)(event)
        assert books.cash == pytest.approx(line["cash"], **near)
        assert line["equity"] == pytest.approx(books.cash + books.worth(last), **near)
        assert line["equity"] == pytest.approx(run.pipeline.capital + books.realised + books.unrealised(last), **near)
        assert line["net"] == pytest.approx(books.worth(last), **near)
        assert line["gross"] == pytest.approx(sum(abs(n * last[s]) for s, n in books.units.items() if n), **near)
    assert np.isfinite(tables.equity["equity"]).all()


@given(run=runs())
@LAW
def test_positions_are_what_the_fills_add_up_to(run):
    """One line per fill: quantity, average price by average cost; realised, less what borrowing the symbol cost."""
    tables, near = told(run), {"rel": 1e-9, "abs": 1e-7}
    borrowed = [each for each in lines(tables.charges) if each["symbol"]]
    books = defaultdict(lambda: Books(0.0))

    assert len(lines(tables.positions)) == len(lines(tables.fills))
    for fill, line in zip(lines(tables.fills), lines(tables.positions), strict=True):
        own = books[fill["symbol"]]
        own.fill(fill)
        assert (line["ts"], line["symbol"]) == (fill["ts"], fill["symbol"])
        assert line["quantity"] == pytest.approx(own.units[fill["symbol"]], **near)
        if line["quantity"]:
            assert line["average_price"] == pytest.approx(own.average[fill["symbol"]], **near)
        else:
            assert np.isnan(line["average_price"])
        paid = [each["amount"] for each in borrowed if each["symbol"] == fill["symbol"]]
        due = [sum(paid[:count]) for count in range(len(paid) + 1)]
        assert any(line["realised"] == pytest.approx(own.realised - cost, **near) for cost in due)


@given(run=runs())
@LAW
def test_an_order_is_what_was_filled_of_it_and_the_rest(run):
    """Fills belong to orders of their symbol and side; a filled order has nothing left, any other has."""
    tables = told(run)
    filled = defaultdict(float)
    orders = {order["order"]: order for order in lines(tables.orders)}
    for fill in lines(tables.fills):
        order = orders[fill["order"]]
        assert (fill["symbol"], fill["side"]) == (order["symbol"], order["side"])
        assert fill["quantity"] > 0.0
        filled[fill["order"]] += fill["quantity"]

    assert list(orders) == list(range(1, len(orders) + 1))
    for number, order in orders.items():
        assert order["filled"] == pytest.approx(filled[number], rel=1e-12, abs=0.0)
        rest = order["quantity"] - order["filled"]
        assert (rest <= 1e-9 * order["quantity"]) == (order["status"] == "filled")
        assert rest >= -1e-9 * order["quantity"]
        assert (order["status"] == "rejected") == (order["refusal"] != "")
    assert (tables.charges["amount"] > 0.0).all()


def sizes_of(tape, row, side, walks):
    """Return what a row trades or shows to a side."""
    columns = tape.columns
    if walks:
        other = "ask" if side == "buy" else "bid"
        return float(np.nansum([columns[f"{other}_size_{level}"][row] for level in range(LEVELS)]))
    if tape.stream in {"bars", "trades"}:
        return float(columns["volume" if tape.stream == "bars" else "size"][row])
    at = "_0" if tape.stream == "depth" else ""
    return float(np.fmin(columns[f"bid_size{at}"][row], columns[f"ask_size{at}"][row]))


def range_of(tape, row):
    """Return the lowest and the highest price of a row; NaN of one that has none."""
    columns = tape.columns
    if tape.stream == "bars":
        prices = [columns[name][row] for name in ("open", "high", "low", "close")]
    elif tape.stream == "trades":
        prices = [columns["price"][row]]
    else:
        at = "_0" if tape.stream == "depth" else ""
        prices = [columns[f"{side}_price{at}"][row] for side in ("bid", "ask")]
    return float(np.fmin.reduce(prices)), float(np.fmax.reduce(prices))


@given(run=runs())
@LAW
def test_fills_are_within_what_the_market_traded_and_showed(run):
    """Each is at a row of its symbol: a reference inside the row's prices, no more than its share of the row's size.

    A book that is walked gives what its levels show, also to what waited in it.
    """
    tables, order = told(run), run.pipeline.order
    tape, walks = run.filling, run.pipeline.fill.kind == "book_walk" or run.pipeline.slippage.walks

    for fill in lines(tables.fills):
        s = tape.symbols.index(fill["symbol"])
        rows = range(int(tape.offsets[s]), int(tape.offsets[s + 1]))
        at = [row for row in rows if fill["ts"] in {int(tape.ts[row]), int(tape.opened[row])}]
        inside = [row for row in at if range_of(tape, row)[0] - 1e-9 <= fill["reference"] <= range_of(tape, row)[1] + 1e-9]
        assert inside or (fill["maker"] and tape.stream != "bars" and at)
        if order.volume_share is not None:
            best = np.nanmax([sizes_of(tape, row, fill["side"], walks=False) for row in at])
            assert fill["quantity"] <= order.volume_share * best * (1 + 1e-12)
        if walks:
            assert fill["quantity"] <= max(sizes_of(tape, row, fill["side"], walks=True) for row in at) * (1 + 1e-12)


@given(run=runs())
@LAW
def test_all_orders_of_a_symbol_share_what_a_row_gives(run):
    """Together they take no more than the share of the sizes of all rows at which they may have filled."""
    tables, share, tape = told(run), run.pipeline.order.volume_share, run.filling
    if share is None:
        return
    taken, given_by = defaultdict(float), {}
    for fill in lines(tables.fills):
        s = tape.symbols.index(fill["symbol"])
        rows = range(int(tape.offsets[s]), int(tape.offsets[s + 1]))
        at = tuple(row for row in rows if fill["ts"] in {int(tape.ts[row]), int(tape.opened[row])})
        taken[at] += fill["quantity"]
        given_by[at] = sum(np.nan_to_num(sizes_of(tape, row, fill["side"], walks=False)) for row in at)

    for at, units in taken.items():
        assert units <= share * given_by[at] * (1 + 1e-9)


@given(run=runs())
@LAW
def test_orders_of_whole_units_are_filled_in_whole_units(run):
    """Where no lot says that there are smaller parts; of an order that can't be paid for, what closes a position is."""
    tables, order = told(run), run.pipeline.order
    whole = {each["order"] for each in lines(tables.orders) if each["quantity"] == np.floor(each["quantity"])}
    unpaid = set(tables.orders["order"][tables.orders["refusal"] != ""].tolist())

    for fill in lines(tables.fills):
        if not order.lot and fill["order"] in whole - unpaid:
            assert fill["quantity"] == np.floor(fill["quantity"])


@given(run=runs())
@LAW
def test_parts_are_whole_lots(run):
    """What a share of a row's size gave, before the last part of an order."""
    tables, order = told(run), run.pipeline.order
    left = dict(zip(tables.orders["order"].tolist(), tables.orders["quantity"].tolist(), strict=True))
    unpaid = set(tables.orders["order"][tables.orders["refusal"] == "not enough cash"].tolist())
    walks = run.pipeline.fill.kind == "book_walk" or run.pipeline.slippage.walks

    for fill in lines(tables.fills):
        left[fill["order"]] -= fill["quantity"]
        is_part = left[fill["order"]] > 1e-9 * fill["quantity"] and fill["order"] not in unpaid
        if order.lot and (order.volume_share is not None or walks) and is_part:
            assert fill["quantity"] / order.lot == pytest.approx(round(fill["quantity"] / order.lot))


@given(run=runs())
@LAW
def test_nothing_is_better_than_its_limit_or_its_reference(run):
    """A buyer never pays more than the limit, a taker never less than the reference; costs are what the tables say."""
    tables = told(run)
    orders = {order["order"]: order for order in lines(tables.orders)}

    for fill in lines(tables.fills):
        side, order = (1.0 if fill["side"] == "buy" else -1.0), orders[fill["order"]]
        if order["kind"] == "limit":
            assert side * (fill["price"] - order["price"]) <= 0.0
        if order["kind"] == "stop":
            assert side * (fill["reference"] - order["price"]) >= 0.0 or fill["order"] in repeated(tables)
        # A limit that is marketable against the whole book may cut what slippage would add, never what it costs.
        assert side * (fill["price"] - fill["reference"]) >= -1e-12 * abs(fill["reference"])
        assert fill["maker"] is False or fill["price"] == fill["reference"]
        assert fill["slippage"] == pytest.approx(fill["quantity"] * abs(fill["price"] - fill["reference"]), rel=1e-12)


def repeated(tables):
    """Return the orders that have several fills: a stop that was reached is a market order for the rest."""
    numbers, counts = np.unique(tables.fills["order"], return_counts=True)
    return set(numbers[counts > 1].tolist())


@given(run=runs())
@LAW
def test_fills_come_after_their_decision(run):
    """At a later instant, or at the open of a bar that begins then; exits at a price are decided where they fill.

    Only a clock that says so fills at the close that decided.
    """
    tables = told(run)
    opens = set(run.filling.opened.tolist()) if run.filling.stream == "bars" else set()
    delay = run.pipeline.scenario.latency
    orders = {order["order"]: order for order in lines(tables.orders)}

    assert (np.diff(tables.fills["ts"]) >= 0).all()
    for fill in lines(tables.fills):
        order = orders[fill["order"]]
        at_once = order["reason"] in {"exits.stop_loss", "exits.trailing_stop", "exits.take_profit"}
        same = run.pipeline.fill.optimistic or at_once or fill["ts"] in opens
        assert fill["ts"] > order["ts"] or (same and fill["ts"] == order["ts"])
        if delay is not None and not at_once and not run.pipeline.fill.optimistic:
            assert fill["ts"] >= order["ts"] + {"15s": 15, "2min": 120}[delay] * 10**9


@given(run=runs(layouts=BARS))
@LAW
def test_nothing_is_bought_with_cash_that_is_not_there(run):
    """After a fill that opened or increased a long position there is no debt; what closes a short may leave one."""
    tables = told(run)
    cash, charges = run.pipeline.capital, lines(tables.charges)

    for fill, position in zip(lines(tables.fills), lines(tables.positions), strict=True):
        while charges and charges[0]["ts"] < fill["ts"]:
            cash -= charges.pop(0)["amount"]
        cash -= signed(fill) * fill["price"] + fill["fee"]
        sold_back = position["quantity"] - signed(fill) > position["quantity"]
        assert cash >= -1e-9 * run.pipeline.capital or position["quantity"] <= 0.0 or sold_back


def test_what_the_laws_are_tried_on_is_varied():
    """Every registered kind, every end and every reason of an order comes up, partial fills and charges as well."""
    seen = set()

    @seed(1)
    @given(run=runs())
    @settings(max_examples=400, deadline=None, phases=[Phase.generate], database=None)
    def look(run):
        tables, pipeline = told(run), run.pipeline
        for family in ("sizing", "fill", "slippage", "fees"):
            seen.add((family, getattr(pipeline, family).kind))
        seen.update(("risk", rule.kind) for _, rule in pipeline.rules)
        for table, column in (("orders", "status"), ("orders", "reason"), ("orders", "kind")):
            seen.update((column, word) for word in getattr(tables, table)[column].tolist())
        seen.update({("partial", bool(repeated(tables))), ("charged", tables.charges["ts"].size > 0)})

    look()

    wanted = {(family, name) for family in ("sizing", "fill", "slippage", "fees", "risk") for name in KINDS.names(family)}
    wanted |= {("status", word) for word in ("filled", "rejected", "expired", "cancelled", "unfilled")}
    wanted |= {("reason", f"exits.{word}") for word in ("stop_loss", "take_profit", "trailing_stop", "max_holding")}
    wanted |= {("reason", word) for word in ("long.enter", "long.exit", "short.enter", "short.exit", "target")}
    wanted |= {("kind", word) for word in ("market", "limit", "stop")} | {("partial", True), ("charged", True)}
    assert wanted - seen == set()
