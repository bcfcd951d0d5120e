"""What the service says about its stamps, by the market a symbol belongs to.

| bars | a stamp is | so |
|---|---|---|
| within the day | the bar's start | `stamp: open` with the interval |
| of a day, stocks | the session date's midnight in the exchange's zone | `stamp: session` with the regular hours |
| of a day, crypto | midnight UTC | `stamp: open` with 24 hours, calendar `24-7` |

Stocks are told by the suffix of the symbol, crypto by `type: crypto`. Where neither says which market it is, or one run
mixes several, there is no such policy and the run's own says what the stamps mean.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from runner.market.tickdb.settings import Series
from runner.market.tickdb.symbols import suffix
from runner.spec.timezone import Session, Timezone

__all__ = ["bar_policy", "event_policy", "is_known", "zone_of"]


@dataclass(frozen=True, slots=True)
class Market:
    """Zone and hours of a market; no hours means round the clock."""

    zone: str
    session: Session | None
    sessions_per_year: int


MAINLAND = Market("Asia/Shanghai", Session(open="09:30", close="15:00"), 243)
STOCKS = {
    "US": Market("America/New_York", Session(open="09:30", close="16:00"), 252),
    "HK": Market("Asia/Hong_Kong", Session(open="09:30", close="16:00"), 246),
    "SH": MAINLAND,
    "SZ": MAINLAND,
}
CRYPTO = Market("UTC", None, 365)


def zone_of(symbol: str, series: Series) -> str:
    """Return the zone the days of a symbol are counted in; UTC where the market isn't known."""
    market = _market(symbol, series)
    return "UTC" if market is None else market.zone


def is_known(symbols: Iterable[str], series: Series) -> bool:
    """Return whether all symbols are of one market that is known."""
    return _only_market(symbols, series) is not None


def bar_policy(symbols: Iterable[str], series: Series, calendar: str | None) -> Timezone | None:
    """Return what the stamps of bars mean, None where the service doesn't say; `calendar` replaces the regular hours."""
    market = _only_market(symbols, series)
    if market is None:
        return None
    if series.interval == "1d" and market.session is not None:
        session = market.session if calendar is None else None
        policy = Timezone(zone=market.zone, stamp="session", session=session, calendar=calendar)
        return policy.model_copy(update={"sessions_per_year": market.sessions_per_year})
    # Minutes are `m` to the service and `min` to a duration; hours and days are spelled alike.
    length = series.interval.replace("m", "min")
    return _around(market, Timezone(zone=market.zone, stamp="open", interval=length), calendar)


def event_policy(symbols: Iterable[str], series: Series, calendar: str | None) -> Timezone | None:
    """Return what the stamps of trades and books mean, None where the zone of their sessions isn't known."""
    market = _only_market(symbols, series)
    return None if market is None else _around(market, Timezone(zone=market.zone, stamp="event"), calendar)


def _around(market: Market, policy: Timezone, calendar: str | None) -> Timezone:
    """Add the hours; rows outside of them are kept, because extended hours are the service's to give."""
    hours = "24-7" if market.session is None else calendar
    kept = "error" if hours is None else "keep"
    return policy.model_copy(
        update={"calendar": hours, "out_of_session": kept, "sessions_per_year": market.sessions_per_year}
    )


def _only_market(symbols: Iterable[str], series: Series) -> Market | None:
    markets = {_market(symbol, series) for symbol in symbols}
    return markets.pop() if len(markets) == 1 else None


def _market(symbol: str, series: Series) -> Market | None:
    if suffix(symbol):
        return STOCKS[suffix(symbol)]
    return CRYPTO if series.type == "crypto" else None
