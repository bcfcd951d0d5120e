"""What the service says about its stamps, by the market a symbol belongs to.

| bars | a stamp is | so |
|---|---|---|
| within the day | the bar's start | `stamp: open` with the interval |
| of a day, stocks | the session date's midnight in the exchange's zone | `stamp: session` |
| of a day, crypto | midnight UTC | `stamp: open` with 24 hours |

Stocks are told by the suffix of the symbol, crypto by `type: crypto`, which is always open. Where neither says which market
it is, or one run mixes several, nothing is stated and the run's policy says what the stamps mean.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from runner.market.stated import Stated
from runner.market.tickdb.settings import Series
from runner.market.tickdb.symbols import suffix

__all__ = ["bar_stamps", "event_stamps", "is_known", "zone_of"]


@dataclass(frozen=True, slots=True)
class Market:
    """Zone of a market, and its calendar where it can have only one."""

    zone: str
    calendar: str | None = None


STOCKS = {
    "US": Market("America/New_York"),
    "HK": Market("Asia/Hong_Kong"),
    "SH": Market("Asia/Shanghai"),
    "SZ": Market("Asia/Shanghai"),
}
CRYPTO = Market("UTC", "24-7")


def zone_of(symbol: str, series: Series) -> str:
    """Return the zone the days of a symbol are counted in; UTC where the market isn't known."""
    market = _market(symbol, series)
    return "UTC" if market is None else market.zone


def is_known(symbols: Iterable[str], series: Series) -> bool:
    """Return whether all symbols are of one market that is known."""
    return _only_market(symbols, series) is not None


def bar_stamps(symbols: Iterable[str], series: Series, calendar: str | None) -> Stated | None:
    """Return what the stamps of bars mean, None where the service doesn't say; `calendar` is the one the source declares."""
    market = _only_market(symbols, series)
    if market is None:
        return None
    if series.interval == "1d" and market is not CRYPTO:
        return _within(market, Stated(zone=market.zone, stamp="session", interval=None), calendar)
    # Minutes are `m` to the service and `min` to a duration; hours and days are spelled alike.
    length = series.interval.replace("m", "min")
    return _within(market, Stated(zone=market.zone, stamp="open", interval=length), calendar)


def event_stamps(symbols: Iterable[str], series: Series, calendar: str | None) -> Stated | None:
    """Return what the stamps of trades and books mean, None where the zone of their sessions isn't known."""
    market = _only_market(symbols, series)
    return None if market is None else _within(market, Stated(zone=market.zone, stamp="event", interval=None), calendar)


def _within(market: Market, stated: Stated, calendar: str | None) -> Stated:
    """Add the calendar where there is one to state; else the run says when the market is open."""
    hours = market.calendar or calendar
    return stated if hours is None else stated.model_copy(update={"calendar": hours})


def _only_market(symbols: Iterable[str], series: Series) -> Market | None:
    markets = {_market(symbol, series) for symbol in symbols}
    return markets.pop() if len(markets) == 1 else None


def _market(symbol: str, series: Series) -> Market | None:
    if suffix(symbol):
        return STOCKS[suffix(symbol)]
    return CRYPTO if series.type == "crypto" else None
