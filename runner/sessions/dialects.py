"""What a run's feed speaks."""

from runner.live.feed.beside import interval_word
from runner.live.feed.dialect import Dialect
from runner.live.feed.dialects.alpaca import Alpaca as AlpacaDialect
from runner.live.feed.dialects.binance import Binance as BinanceDialect
from runner.live.feed.dialects.tickdb import TickDb
from runner.live.feeds.alpaca import Alpaca
from runner.live.feeds.binance import Binance
from runner.live.feeds.embedded import Embedded
from runner.live.feeds.tickdb import Tickdb
from runner.spec.run import RunSpec

__all__ = ["dialect_of"]


def dialect_of(spec: RunSpec) -> Dialect:
    """Return the dialect of a run's feed, for its symbols."""
    symbols = tuple(spec.universe.symbols)
    match spec.feed:
        case Embedded() | Tickdb():
            return TickDb(symbols, dialect=spec.feed.dialect)
        case Binance():
            return BinanceDialect(symbols, interval=interval_word(spec.timezone) or "1m")
        case Alpaca():
            return AlpacaDialect(symbols)
        case _:
            raise TypeError(f"{spec.feed!r} is no feed that is known here")
