"""Market data by REST, as TickDB answers: klines, depth, trades, ticker, and the catalogue of symbols."""

from typing import Any

from aiohttp import web

from runner.market.tickdb.settings import INTERVALS
from runner.venue.server.answers import Refusal, success
from runner.venue.server.fault_plan import FaultKind
from runner.venue.server.klines import Kline, NoSuchInterval
from runner.venue.server.parts import Parts
from runner.venue.server.words import book_data, kline_rows, ticker_data, trade_row, type_of

__all__ = ["ROUTES"]

MOST_ROWS = 1_000
USUAL_ROWS = 100
MOST_SYMBOLS = 50
MOST_LEVELS = 50
USUAL_LEVELS = 10


async def klines(request: web.Request) -> web.Response:
    """Answer with the bars of a window, or the latest ones."""
    parts = request.app[Parts.KEY]
    symbol, code = _one(request)
    limit = _limit(parts, request)
    bounds = (_whole(request, "start_time"), _whole(request, "end_time"))
    if parts.settings.dialect == "article":
        bounds = (None, None)
    found = _bars(parts, code, _interval(request), bounds)
    found = _window(parts, found, code, request, bounds)
    strikes = parts.chances.strikes
    if strikes(FaultKind.SMALL_PAGE):
        limit = max(limit // 2, 1)
    is_from_start = bounds[0] is not None and not strikes(FaultKind.CUT_AT_START)
    found = found[:limit] if is_from_start else found[-limit:]
    return success(_told(parts, symbol, request, _bent(parts, found)))


async def latest(request: web.Request) -> web.Response:
    """Answer with the last bar of each of several symbols."""
    parts = request.app[Parts.KEY]
    told = []
    for symbol, code in _several(request):
        found = _bars(parts, code, _interval(request), (None, None))
        told.append(_told(parts, symbol, request, found[-1:]))
    return success(told)


async def depth(request: web.Request) -> web.Response:
    """Answer with the book."""
    parts = request.app[Parts.KEY]
    symbol, code = _one(request)
    book = parts.stage.book(code)
    if book is None:
        raise Refusal(404, 2002, "no depth of this symbol")
    levels = _whole(request, "limit") or USUAL_LEVELS
    return success(book_data(symbol, book, most=min(max(levels, 1), MOST_LEVELS)))


async def trades(request: web.Request) -> web.Response:
    """Answer with the latest trades, oldest first."""
    parts = request.app[Parts.KEY]
    symbol, code = _one(request)
    rows = [trade_row(trade) for trade in parts.stage.trades(code, _limit(parts, request))]
    return success({"symbol": symbol, "type": type_of(symbol), "trades": rows})


async def ticker(request: web.Request) -> web.Response:
    """Answer with the tickers of several symbols; those without a trade are left out."""
    stage = request.app[Parts.KEY].stage
    told = []
    for symbol, code in _several(request):
        last = stage.last(code)
        if last is not None:
            told.append(ticker_data(symbol, last, stage.day(code), stage.book(code)))
    return success(told)


async def intervals(request: web.Request) -> web.Response:
    """Answer with the lengths of bars."""
    del request
    return success({"count": len(INTERVALS), "description": "kline intervals", "intervals": list(INTERVALS)})


async def symbols(request: web.Request) -> web.Response:
    """Answer with a page of the catalogue."""
    parts = request.app[Parts.KEY]
    limit = min(max(_whole(request, "limit") or MOST_ROWS, 1), MOST_ROWS)
    offset = _whole(request, "offset") or 0
    wanted = request.query.get("type")
    known = [each for each in parts.stage.score.symbols if wanted in {None, type_of(each)}]
    page = known[offset : offset + limit]
    products = [{"symbol": each, "name": each, "type": type_of(each)} for each in page]
    paging = {"limit": limit, "offset": offset, "total": len(known), "count": len(page)}
    return success({"products": products, "summary": {"total": len(known)}, "pagination": paging})


ROUTES = (
    web.get("/v1/market/kline", klines),
    web.get("/v1/market/kline/latest", latest),
    web.get("/v1/market/depth", depth),
    web.get("/v1/market/trades", trades),
    web.get("/v1/market/ticker", ticker),
    web.get("/v1/market/intervals/kline", intervals),
    web.get("/v1/symbols/available", symbols),
)


def _told(parts: Parts, symbol: str, request: web.Request, bars: list[Kline]) -> Any:
    rows = kline_rows(bars, parts.settings.dialect)
    if parts.settings.dialect == "article":
        return rows
    adjust = request.query.get("adjust", "none")
    interval = request.query.get("interval", "")
    return {"symbol": symbol, "type": type_of(symbol), "interval": interval, "adjust": adjust, "klines": rows}


def _bars(parts: Parts, code: int, interval: str, bounds: tuple[int | None, int | None]) -> list[Kline]:
    try:
        return parts.stage.bars(code, interval, parts.clock.now_ms(), bounds)
    except NoSuchInterval as reason:
        raise Refusal(400, 2001, str(reason)) from None


def _window(
    parts: Parts, found: list[Kline], code: int, request: web.Request, bounds: tuple[int | None, int | None]
) -> list[Kline]:
    """Let the window's edges go wrong."""
    strikes = parts.chances.strikes
    if strikes(FaultKind.NO_FORMING_BAR):
        _, over, forming = parts.stage.klines.at(code, _interval(request), parts.clock.now_ms())
        del over
        found = [bar for bar in found if forming is None or bar.time_ms != forming.time_ms]
    if strikes(FaultKind.EXCLUSIVE_ENDS):
        found = [bar for bar in found if bar.time_ms not in bounds]
    if bounds[0] is not None and strikes(FaultKind.EXTRA_BAR):
        before = _bars(parts, code, _interval(request), (None, bounds[0] - 1))
        found = [*before[-1:], *found]
    return found


def _bent(parts: Parts, found: list[Kline]) -> list[Kline]:
    """Let rows of a page go wrong."""
    strikes = parts.chances.strikes
    if found and strikes(FaultKind.MISSING_BAR):
        found.pop(parts.chances.draw(FaultKind.MISSING_BAR).randrange(len(found)))
    if found and strikes(FaultKind.TWICE_BAR):
        found.insert(1, found[0])
    return found[::-1] if strikes(FaultKind.DESCENDING) else found


def _limit(parts: Parts, request: web.Request) -> int:
    limit = _whole(request, "limit", signed=True)
    if limit is None:
        return USUAL_ROWS
    if not 0 < limit <= MOST_ROWS and parts.chances.strikes(FaultKind.LIMIT_REFUSED):
        raise Refusal(400, 2004, "limit out of range")
    return USUAL_ROWS if limit <= 0 else min(limit, MOST_ROWS)


def _interval(request: web.Request) -> str:
    return request.query.get("interval", "")


def _one(request: web.Request) -> tuple[str, int]:
    return _symbol(request, request.query.get("symbol", ""))


def _several(request: web.Request) -> list[tuple[str, int]]:
    names = request.query.get("symbols", "").split(",")
    if len(names) > MOST_SYMBOLS:
        raise Refusal(400, 2004, "too many symbols")
    return [_symbol(request, name) for name in names]


def _symbol(request: web.Request, name: str) -> tuple[str, int]:
    """Return a symbol as it was asked for, and its code."""
    if not name:
        raise Refusal(400, 2001, "no symbol")
    code = request.app[Parts.KEY].stage.code_of(name)
    if code is None:
        raise Refusal(404, 2002, "symbol not found")
    return name, code


def _whole(request: web.Request, name: str, *, signed: bool = False) -> int | None:
    text = request.query.get(name)
    if text is None:
        return None
    digits = text.removeprefix("-") if signed else text
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= 15):
        raise Refusal(400, 2001, f"{name} must be a whole number")
    return int(text)
