"""The best prices that an instant leaves: those of the book, or a tick around the last trade where there is none."""

from collections.abc import Mapping, Sequence

from runner.live.feed.instant import Instant, Touch
from runner.live.model import Instrument, Quote

__all__ = ["quotes_of"]

HALF_TICK = 1
PRICES = {"bars": "close", "trades": "price"}
"""Stream → the column that has the last trade's price."""


def quotes_of(instant: Instant, symbols: Sequence[str], instruments: Mapping[str, Instrument], mono_ns: int) -> list[Quote]:
    """Return what the session is told of prices at an instant, in the order in which it came; the last of a symbol counts.

    Args:
        instant: What became known.
        symbols: The universe.
        instruments: Their steps.
        mono_ns: When it was heard, on the machine's clock.
    """
    found = [_book_quote(touch, instruments[symbols[touch.symbol]], mono_ns) for touch in instant.quotes]
    quoted = {touch.symbol for touch in instant.quotes}
    traded = (row for row in instant.rows if row.symbol not in quoted and row.clock in PRICES)
    found += [_trade_quote(row.columns[PRICES[row.clock]], instruments[symbols[row.symbol]], mono_ns) for row in traded]
    return found


def _book_quote(touch: Touch, instrument: Instrument, mono_ns: int) -> Quote:
    tick = float(instrument.tick)
    is_usable = not touch.fault and touch.bid_price > 0 and touch.ask_price > 0
    bid, ask = (round(touch.bid_price / tick), round(touch.ask_price / tick)) if is_usable else (None, None)
    return Quote(instrument.symbol, bid, ask, mono_ns, is_valid=is_usable)


def _trade_quote(price: float, instrument: Instrument, mono_ns: int) -> Quote:
    """Return a quote a tick around a price; without a usable price there is none."""
    if not price > 0:
        return Quote(instrument.symbol, None, None, mono_ns, is_valid=False)
    at = round(price / float(instrument.tick))
    return Quote(instrument.symbol, max(at - HALF_TICK, 1), at + HALF_TICK, mono_ns)
