"""Bars of one symbol: the pages of a window asked for until it is complete, or the latest ones.

The documented dialect has windows (`pages`). The article's dialect only has the latest bars: they are what can be had, and a
window that begins before the first of them is an error, because nothing could show what is missing there.
"""

from collections.abc import Callable
from datetime import UTC, datetime

from runner.errors import DataError, Fault
from runner.market.tickdb.client import Client
from runner.market.tickdb.decode import Bar, bars_of
from runner.market.tickdb.pages import Pages
from runner.market.tickdb.request import klines_request
from runner.market.tickdb.settings import Dialect, Series
from runner.market.tickdb.values import MalformedError

__all__ = ["latest_bars", "window_bars"]


def window_bars(
    client: Client,
    dialect: Dialect,
    symbol: str,
    series: Series,
    window: tuple[int, int],
    on_progress: Callable[[int], None],
) -> list[Bar]:
    """Return every bar of a symbol that opens in `window`, `[start, end)` in ms, ascending.

    `on_progress` is told the instant in ms up to which all bars have arrived. Raises DataError if they can't be had
    completely.
    """
    if dialect == "article":
        bars = _article_bars(client, symbol, series, window)
    else:
        bars = _paged_bars(client, symbol, series, window, on_progress)
    on_progress(window[1])
    return bars


def latest_bars(client: Client, dialect: Dialect, symbol: str, series: Series, until: int) -> list[Bar]:
    """Return the latest bars of one answer, ascending, without those that aren't over at `until` ms."""
    request = klines_request(dialect, symbol, series, None)
    page = client.ask(request, lambda data: _once_each(bars_of(data, symbol, series.interval, series.adjust)))
    return [bar for bar in page if bar.time + series.interval_ms <= until]


def _paged_bars(
    client: Client, symbol: str, series: Series, window: tuple[int, int], on_progress: Callable[[int], None]
) -> list[Bar]:
    pages = Pages(window, series)
    while (asked := pages.ask()) is not None:
        request = klines_request("tickdb_v1", symbol, series, (asked.start, asked.end))
        page = client.ask(request, lambda data: bars_of(data, symbol, series.interval, series.adjust))
        try:
            pages.accept(asked, page)
        except MalformedError as error:
            raise client.refuse(request, str(error)) from error
        if pages.until is not None:
            on_progress(pages.until)
    return pages.bars()


def _article_bars(client: Client, symbol: str, series: Series, window: tuple[int, int]) -> list[Bar]:
    request = klines_request("article", symbol, series, None)
    page = client.ask(request, lambda data: _once_each(bars_of(data, symbol, series.interval, series.adjust)))
    if not page or page[0].time - window[0] >= series.spacing_ms:
        raise DataError(_out_of_reach(symbol, page, str(request)))
    return [bar for bar in page if window[0] <= bar.time < window[1]]


def _out_of_reach(symbol: str, page: list[Bar], request: str) -> Fault:
    first = (
        f"{len(page)} bars from {datetime.fromtimestamp(page[0].time / 1_000, UTC):%Y-%m-%d %H:%M} UTC" if page else "none"
    )
    write = "Write a start after the day of the first bar, or start: null for whatever there is; the rest can't be had."
    must = "must not lie before the latest bars, all that the article's dialect gives"
    return Fault("data.start", must, f"{first} for {symbol}", write, excerpt=request)


def _once_each(page: list[Bar]) -> list[Bar]:
    """Return the bars ascending and each once; raises MalformedError if two of one stamp differ."""
    kept: dict[int, Bar] = {}
    for bar in page:
        if not kept.setdefault(bar.time, bar).agrees(bar):
            raise MalformedError(f"the bar of {bar.time} ms came twice with different values")
    return [kept[time] for time in sorted(kept)]
