"""What a session says of itself at one moment, out of what it is made of.

Of a session with a broker positions, orders and money are those of its journal, exact. On paper they are those of the
simulated account, binary floating point, written as the shortest text that is the same number.
"""

import math
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from runner.duration import nanoseconds
from runner.live.feed.health import Health
from runner.live.model import BUY, SessionState, State
from runner.live.money import ATTO, Money, text_of
from runner.live.session import Session
from runner.report.live_status import Connection, LimitUse, LiveStatus, OpenOrder, PositionHeld, Profit
from runner.sessions.limits_used import Standing, rules_used
from runner.sessions.sitting import Live, Sitting
from runner.spec.run import RunSpec
from runner.trading.kernel import layout

__all__ = ["Now", "status_of"]

SECOND = 1_000_000_000
STATES = {"opening": "connecting", "subscribing": "connecting", "live": "open", "closed": "down"}
"""What the feed calls a connection → what the status does."""
GAPS = ("trade gap", "book gap", "bars refilled")
UNIT = Decimal(1).scaleb(-18)


@dataclass(slots=True)
class Now:
    """What the status remembers from one moment to the next."""

    began: str
    day: int | None = None
    close_before: float = 0.0
    """Last equity of the session date before, or the capital; on paper alone."""
    opened_with: float = 0.0
    """First equity of the session date; on paper alone."""


def status_of(spec: RunSpec, venue: str, sitting: Sitting, now: Now) -> LiveStatus:
    """Return the status of a session, without its log and the instant it is written."""
    live, health = sitting.live, sitting.feed.health()
    state = None if live is None or not hasattr(live.session, "journal") else live.session.state
    mark_ns = sitting.clock.utc_ns()
    ages = {each.symbol: None if each.heard is None else max(mark_ns - each.heard, 0) / SECOND for each in health.symbols}
    word, note = _state(sitting, health, state)
    if live is None or state is None:
        _turn_day(spec, sitting, now)
    return LiveStatus(
        name=spec.name,
        mode=spec.mode.kind,
        state=word,
        written="",
        venue=venue,
        currency="" if live is None else live.session.setup.currency,
        began=now.began,
        killed=sitting.kill.asked() if state is None else state.killed,
        note=note,
        connections=tuple(_connections(sitting, health, live)),
        staleness=ages,
        stale_after=_stale_after(spec),
        positions=tuple(_held(sitting) if live is None or state is None else _booked(live, state)),
        orders=tuple(_working(sitting) if live is None or state is None else _live_orders(live, state)),
        pnl=_paper_money(sitting, now) if live is None or state is None else _money(live.session, state),
        limits=tuple(
            rules_used(spec.risk.rules, _paper_standing(sitting, now))
            if live is None or state is None
            else (*_limits(live.session, state), *rules_used(spec.risk.rules, _standing(live, state)))
        ),
    )


def _stale_after(spec: RunSpec) -> float | None:
    """Return from which age on, in seconds, prices aren't traded on; on paper only the run's own rules say so."""
    said = [str(rule.model_dump()["max_age"]) for rule in spec.risk.rules.values() if rule.kind == "stale_data"]
    if spec.session is not None and spec.mode.kind == "live":
        said.append(spec.session.limits.max_age)
    return min((nanoseconds(each) / SECOND for each in said), default=None)


def _state(sitting: Sitting, health: Health, state: State | None) -> tuple[str, str]:
    """Return what state a session is in, and why."""
    if health.failure:
        return "halted", health.failure
    if state is not None and sitting.live is not None:
        is_unwell = state.session is SessionState.DEGRADED
        return str(state.session), (sitting.live.session.health.unwell() or "") if is_unwell else ""
    if sitting.live is not None:
        return "boot", ""
    if not any(each.is_listening for each in health.symbols):
        return ("live", "") if sitting.counts.instants else ("boot", "the feed isn't heard yet")
    return "live", ""


def _connections(sitting: Sitting, health: Health, live: Live | None) -> Iterator[Connection]:
    opened = max(health.openings - len(health.connections), 0)
    gaps = sum(health.counts.get(name, 0) for name in GAPS) + sitting.counts.gapped
    for place, each in enumerate(health.connections):
        silent = None if each.pong_age_ns is None else each.pong_age_ns / SECOND
        # Openings and gaps are counted over all connections of the feed, and told with the first.
        counts = (opened, gaps) if place == 0 else (0, 0)
        name, note = f"market data {place + 1}", f"{each.symbols} symbols, {each.state}"
        yield Connection(name, STATES.get(each.state, "down"), None, *counts, silent, note)
    if live is not None and hasattr(live.session, "journal"):
        session = live.session
        now = session.ports.clock.mono_ns()
        is_open = session.listener.connected_ns is not None
        silent = (now - session.listener.heard_ns) / SECOND
        yield Connection("own orders", "open" if is_open else "connecting", silent_seconds=silent)
        yield Connection("requests", "open", silent_seconds=(now - session.line.heard_ns) / SECOND)


def _held(sitting: Sitting) -> Iterator[PositionHeld]:
    """Yield what the simulated account holds."""
    book = sitting.trader.arriving.driver.book
    for number, symbol in enumerate(sitting.symbols):
        units, last, average = (float(book[row, number]) for row in (layout.POSITION, layout.LAST, layout.AVERAGE))
        if units:
            value, gain = units * last, units * (last - average)
            yield PositionHeld(symbol, _plain(units), _plain(average), _plain(last), _plain(value), _plain(gain))


def _working(sitting: Sitting) -> Iterator[OpenOrder]:
    for each in sitting.trader.arriving.working():
        side = "buy" if each.quantity > 0 else "sell"
        price = None if each.limit is None else _plain(each.limit)
        quantity = _plain(abs(each.quantity))
        yield OpenOrder(str(each.order), sitting.symbols[each.symbol], side, quantity, "0", price, "working")


def _paper_money(sitting: Sitting, now: Now) -> Profit:
    driver = sitting.trader.arriving.driver
    account, book = driver.account, driver.book
    equity = float(account[layout.EQUITY])
    units, last, average = book[layout.POSITION], book[layout.LAST], book[layout.AVERAGE]
    open_gain = float(sum(u * (p - a) for u, p, a in zip(units, last, average, strict=True) if u))
    return Profit(
        equity=_plain(equity),
        day=_plain(equity - now.close_before),
        realized=_plain(float(book[layout.REALISED].sum())),
        unrealized=_plain(open_gain),
        fees=_plain(float(account[layout.FEES])),
        peak=_plain(float(account[layout.PEAK])),
    )


def _turn_day(spec: RunSpec, sitting: Sitting, now: Now) -> None:
    """Note what a new session date began with: many may go by between two looks, so the lines of equity are asked."""
    driver = sitting.trader.arriving.driver
    day = int(driver.account[layout.SESSION])
    if day == now.day:
        return
    stamps, values = driver.written.equity()
    first = bisect_left(stamps, day, key=lambda ts: sitting.dates(int(ts)))
    now.day = day
    now.close_before = float(values[first - 1, 0]) if first else spec.capital
    now.opened_with = float(values[first, 0]) if first < len(stamps) else now.close_before


def _paper_standing(sitting: Sitting, now: Now) -> Standing:
    driver = sitting.trader.arriving.driver
    units, last = driver.book[layout.POSITION], driver.book[layout.LAST]
    values = [float(each * price) for each, price in zip(units, last, strict=True) if each]
    held = [float(each) for each in units if each]
    equity, peak = float(driver.account[layout.EQUITY]), float(driver.account[layout.PEAK])
    return Standing(equity, peak, now.close_before, now.opened_with, held, values)


def _standing(live: Live, state: State) -> Standing:
    """Return what the journal says of an account, NaN where it doesn't know."""
    held = [(symbol, position.lots) for symbol, position in state.positions.items() if position.lots]
    units = [float(lots * live.instruments[symbol].lot) for symbol, lots in held]
    values = [_float(None if (mark := state.marks.get(symbol)) is None else lots * mark) for symbol, lots in held]
    close_before = state.day_open if state.previous_close is None else state.previous_close
    return Standing(_float(state.equity), _float(state.peak), _float(close_before), _float(state.day_open), units, values)


def _float(money: Money | None) -> float:
    return math.nan if money is None else money / ATTO


def _booked(live: Live, state: State) -> Iterator[PositionHeld]:
    """Yield what the journal says is held."""
    for symbol, position in sorted(state.positions.items()):
        if not position.lots:
            continue
        lot, mark = live.instruments[symbol].lot, state.marks.get(symbol)
        average = Decimal(position.cost) / ATTO / (position.lots * lot)
        value = None if mark is None else position.lots * mark
        yield PositionHeld(
            symbol,
            text_of(position.lots, lot),
            f"{average:.8f}",
            None if mark is None else f"{Decimal(mark) / ATTO / lot:f}",
            _money_text(value),
            _money_text(None if value is None else value - position.cost),
        )


def _live_orders(live: Live, state: State) -> Iterator[OpenOrder]:
    for order in state.live.values():
        instrument = live.instruments[order.symbol]
        yield OpenOrder(
            order.coid,
            order.symbol,
            "buy" if order.side == BUY else "sell",
            text_of(order.quantity, instrument.lot),
            text_of(order.filled, instrument.lot),
            text_of(order.price, instrument.tick),
            str(order.status),
            order.is_cancel_asked,
        )


def _money(session: Session, state: State) -> Profit:
    account = state.accounts.get(session.setup.currency)
    held = [(position, state.marks.get(symbol)) for symbol, position in state.positions.items() if position.lots]
    is_marked = all(mark is not None for _, mark in held)
    gain = sum(position.lots * (mark or 0) - position.cost for position, mark in held) if is_marked else None
    start = state.day_open if state.previous_close is None else state.previous_close
    day = None if state.equity is None or start is None else state.equity - start
    return Profit(
        equity=_money_text(state.equity),
        day=_money_text(day),
        realized=_money_text(None if account is None else account.realized),
        unrealized=_money_text(gain),
        fees=_money_text(None if account is None else account.fees),
        peak=_money_text(state.peak),
    )


def _limits(session: Session, state: State) -> Iterator[LimitUse]:
    """Yield how much of those limits at the door is used that something is used of between two orders."""
    limits = session.setup.limits
    values = [position.lots * state.marks.get(symbol, 0) for symbol, position in state.positions.items()]
    unfilled = sum(
        order.remaining * order.price * session.setup.instruments[order.symbol].tick_value for order in state.live.values()
    )
    start = state.previous_close if limits.loss_since_close else state.day_open
    lost = 0 if state.equity is None or start is None else max(start - state.equity, 0)
    yield from _of_money("largest position", max(map(abs, values), default=0), limits.position_value)
    yield from _of_money("sum of positions", sum(map(abs, values)), limits.gross_value)
    yield from _of_money("net of positions", abs(sum(values)), limits.net_value)
    yield from _of_money("ordered and unfilled", unfilled, limits.open_value)
    yield from _of_money("loss of the day", lost, limits.loss_value)
    if limits.day_orders is not None:
        share = state.orders_today / limits.day_orders
        yield LimitUse("orders of the day", str(state.orders_today), str(limits.day_orders), share)
    if state.frozen:
        yield LimitUse("frozen symbols", ", ".join(sorted(state.frozen)), "none", 1.0)


def _of_money(name: str, used: Money, limit: Money | None) -> Iterable[LimitUse]:
    if limit is None:
        return ()
    return (LimitUse(name, _money_text(used) or "0", _money_text(limit) or "0", used / limit if limit else None),)


def _money_text(money: Money | None) -> str | None:
    """Return money as plain decimal text without the zeros that say nothing."""
    if money is None:
        return None
    text = text_of(money, UNIT)
    return text.rstrip("0").rstrip(".") if "." in text else text


def _plain(number: float) -> str:
    """Return the shortest plain decimal text of a number."""
    return format(Decimal(repr(number)), "f") if number - number == 0 else "n/a"
