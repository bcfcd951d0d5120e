"""The requests, as values: a path and its parameters. No key is ever among them; it travels in a header of its own."""

from dataclasses import dataclass

from runner.market.tickdb.settings import Dialect, Series

__all__ = ["Request", "book_request", "klines_request", "symbols_request", "trades_request"]


@dataclass(frozen=True, slots=True)
class Request:
    """One GET."""

    path: str
    params: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        return f"GET {self.path} {' '.join(f'{name}={value}' for name, value in self.params)}".rstrip()


def klines_request(dialect: Dialect, symbol: str, series: Series, window: tuple[int, int] | None) -> Request:
    """Return the request for the bars that open in `window`, `[start, end)` in ms; None asks for the latest ones.

    The documents don't say whether bounds are included. Bars open on whole seconds, the bounds asked for never lie on one,
    so it makes no difference.
    """
    asked = [("symbol", symbol), ("interval", series.interval), ("limit", str(series.limit))]
    if dialect == "article":
        return Request("/v1/market/kline", tuple(asked))
    if window is not None:
        asked += [("start_time", str(_off_seconds(window[0]))), ("end_time", str(_off_seconds(window[1])))]
    asked.append(("adjust", series.adjust))
    return Request("/v1/market/kline", (*asked, *_type(series)))


def book_request(symbol: str, series: Series) -> Request:
    """Return the request for the present book."""
    return Request("/v1/market/depth", (("symbol", symbol), *_type(series)))


def trades_request(symbol: str, series: Series) -> Request:
    """Return the request for the latest trades."""
    return Request("/v1/market/trades", (("symbol", symbol), ("limit", str(series.limit)), *_type(series)))


def symbols_request(series: Series, offset: int, limit: int) -> Request:
    """Return the request for one page of the catalogue of symbols."""
    return Request("/v1/symbols/available", (*_type(series), ("limit", str(limit)), ("offset", str(offset))))


def _off_seconds(bound: int) -> int:
    """Move a bound off the whole second, to just before it: no bar opens between the two."""
    return bound if bound % 1_000 else bound - 1


def _type(series: Series) -> tuple[tuple[str, str], ...]:
    return () if series.type is None else (("type", series.type),)
