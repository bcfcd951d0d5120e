"""A TickDB to test against: a market that is known exactly, and a server of it that misbehaves as it is told.

`Service.answer` is the whole server without a socket; `loopback.serving` puts it on one. Nothing of Runner is used here.
"""

import gzip
import json
import random
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Literal

from tests.canary import CANARY

MINUTE = 60_000
LENGTHS = {"1m": MINUTE, "3m": 3 * MINUTE, "5m": 5 * MINUTE, "1h": 60 * MINUTE, "1d": 1_440 * MINUTE}
KEY = f"tk-{CANARY}-5d1e8f0a7c"


def ms(text):
    """Milliseconds of an ISO text in UTC."""
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1_000)


@dataclass(frozen=True)
class Kline:
    """One bar of the truth; prices in decimal text."""

    time: int
    prices: tuple[str, str, str, str]
    volume: str


def klines(times, seed=7):
    """Make bars with prices of two digits, another for every stamp."""
    made = []
    for time in times:
        draw = random.Random(f"{seed}/{time}")
        o, c = (draw.randrange(9_000, 11_000) for _ in range(2))
        h, l = max(o, c) + draw.randrange(50), min(o, c) - draw.randrange(50)
        prices = tuple(f"{cents // 100}.{cents % 100:02}" for cents in (o, h, l, c))
        made.append(Kline(time, prices, str(draw.randrange(1, 10_000))))
    return made


@dataclass(frozen=True)
class Manners:
    """How the server behaves; the defaults are the documents'."""

    dialect: Literal["tickdb_v1", "article"] = "tickdb_v1"
    as_numbers: bool = False
    order: Literal["ascending", "descending", "shuffled"] = "ascending"
    start_included: bool = True
    end_included: bool = True
    kept_end: Literal["oldest", "newest"] = "oldest"
    cap: int = 1_000
    over_cap: Literal["silent", "2004"] = "silent"
    forming: bool = False
    repeat_last: bool = False
    wrapped: Literal["object", "list", "rows"] = "object"
    echo: str | None = None
    time_divisor: int = 1
    heeds_window: bool = True
    gzipped: bool = False
    empty_as_null: bool = False


@dataclass
class Failure:
    """An answer that is given instead, the next `times` times a path is asked."""

    status: int
    body: bytes = b"{}"
    headers: dict = field(default_factory=dict)
    times: int = 1
    path: str = "/v1/market/kline"
    after: int = 0
    """Requests that are served before."""


def failure(status, body, *, headers=None, **rest):
    return Failure(status, json.dumps(body).encode(), headers or {}, **rest)


class Service:
    """The server. `asked` records path, parameters and headers of every request."""

    def __init__(self, market, manners=None, failures=(), now=None):
        self.market = {symbol: list(bars) for symbol, bars in market.items()}
        self.manners = manners or Manners()
        self.failures = [replace(each) for each in failures]
        self.now = now
        self.asked = []
        self.books = {}
        self.trades = {}
        self.forget_after = None

    def answer(self, path, params, headers):
        """Return status, headers and body."""
        self.asked.append((path, dict(params), dict(headers)))
        for each in self.failures:
            if each.path != path or each.times == 0:
                continue
            if each.after:
                each.after -= 1
                continue
            each.times -= 1
            return each.status, each.headers, each.body
        if headers.get("X-API-Key") != KEY:
            return self._json(401, {"code": "1001", "message": "Invalid API key", "error": "1001"})
        serve = {
            "/v1/market/kline": self._klines,
            "/v1/market/depth": self._depth,
            "/v1/market/trades": self._trades,
            "/v1/symbols/available": self._symbols,
        }.get(path)
        return serve(params) if serve else self._json(404, {"code": 404, "message": "no such path"})

    def _klines(self, params):
        manners, symbol = self.manners, params["symbol"]
        if symbol not in self.market:
            return self._json(404, {"code": "2002", "message": "symbol not found", "error": "2002"})
        limit = int(params.get("limit", 100))
        if limit > manners.cap and manners.over_cap == "2004":
            return self._json(400, {"code": 2004, "message": "limit too large"})
        found = self._in_window(self.market[symbol], params)
        found = self._cut(found, min(limit, manners.cap))
        rows = [self._row(bar) for bar in found]
        if manners.repeat_last and rows:
            rows.append(dict(rows[-1]))
        if manners.order == "descending":
            rows.reverse()
        if manners.order == "shuffled":
            random.Random(len(self.asked)).shuffle(rows)
        return self._json(200, {"code": 0, "message": "success", "data": self._wrapped(rows, params)})

    def _in_window(self, bars, params):
        manners = self.manners
        known = bars if self.now is None else [bar for bar in bars if bar.time < self.now]
        if not manners.forming and self.now is not None:
            length = LENGTHS[params["interval"]]
            known = [bar for bar in known if bar.time + length <= self.now]
        if manners.dialect == "article" or not manners.heeds_window or "start_time" not in params:
            return known
        start, end = int(params["start_time"]), int(params["end_time"])
        first = start if manners.start_included else start + 1
        last = end if manners.end_included else end - 1
        return [bar for bar in known if first <= bar.time <= last]

    def _cut(self, bars, count):
        newest = self.manners.kept_end == "newest" or self.manners.dialect == "article"
        return bars[-count:] if newest else bars[:count]

    def _row(self, bar):
        manners = self.manners
        texts = [*bar.prices, bar.volume]
        values = [float(text) for text in texts] if manners.as_numbers else texts
        long = ("time", "open", "high", "low", "close", "volume")
        names = ("t", "o", "h", "l", "c", "v") if manners.dialect == "article" else long
        return dict(zip(names, [bar.time // manners.time_divisor, *values], strict=True))

    def _wrapped(self, rows, params):
        if self.manners.wrapped == "rows":
            return rows
        found = {
            "symbol": self.manners.echo or params["symbol"],
            "type": "stock",
            "interval": params["interval"],
            "adjust": params.get("adjust", "none"),
            "klines": None if not rows and self.manners.empty_as_null else rows,
        }
        return [found] if self.manners.wrapped == "list" else found

    def _depth(self, params):
        return self._json(200, {"code": 0, "data": {"symbol": params["symbol"], **self.books[params["symbol"]]}})

    def _trades(self, params):
        rows = self.trades[params["symbol"]][: int(params["limit"])]
        return self._json(200, {"code": 0, "data": {"symbol": params["symbol"], "trades": rows}})

    def _symbols(self, params):
        offset = int(params["offset"])
        page = sorted(self.market)[offset : offset + min(int(params["limit"]), self.manners.cap)]
        return self._json(200, {"code": 0, "data": {"products": [{"symbol": symbol} for symbol in page]}})

    def _json(self, status, body):
        text = json.dumps(body).encode()
        if self.manners.gzipped:
            return status, {"Content-Encoding": "gzip"}, gzip.compress(text)
        return status, {}, text
