"""Beside its stream a feed asks for one bar at a time, and believes no more than what it is told."""

import asyncio
import json

import pytest

from runner.live.feed.beside import BinanceBooks, RowHistory, binance_rows, interval_word, tickdb_rows
from runner.live.feed.grid import Grid
from runner.live.ports import NoAnswer, Response
from runner.spec.timezone import Timezone

HOUR = 3_600_000
MS = 1_000_000
HOURLY = Timezone(zone="America/New_York", stamp="open", interval="1h", calendar="XNYS", out_of_session="error")
NINE = 1_709_215_200_000
"""2024-02-29 09:00 in New York is 14:00 UTC."""


class Rest:
    """Answers with what the test says, and remembers what it was asked."""

    def __init__(self, body, status=200):
        self.body, self.status = body, status
        self.asked = []

    async def send(self, request, *, timeout_ns):
        assert timeout_ns > 0
        self.asked.append(request)
        return Response(self.status, self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode())


def tickdb(*rows, symbol="AAPL.US"):
    told = [dict(zip(("time", "open", "high", "low", "close", "volume"), row, strict=True)) for row in rows]
    return {"code": 0, "data": {"symbol": symbol, "interval": "1h", "adjust": "none", "klines": told}}


def refilled(rest, words=None):
    ask, read = words or tickdb_rows("tickdb_v1", "1h")
    history = RowHistory(rest, ["AAPL.US"], Grid(HOURLY), HOUR * MS, ask, read)
    opened = (NINE + HOUR // 2) * MS
    return asyncio.run(history.bars(0, opened + 1, (NINE + HOUR) * MS))


def test_a_bar_that_begins_before_the_open_is_the_row_around_it():
    """The market opens at 09:30, and the service's row is that of 09:00."""
    found = refilled(Rest(tickdb((NINE - HOUR, 1, 1, 1, 1, 1), (NINE, 5, 7, 4, 6, 80), (NINE + HOUR, 6, 6, 6, 6, 1))))

    ((known, built),) = found.bars
    assert (known, tuple(built)) == ((NINE + HOUR) * MS, (5.0, 7.0, 4.0, 6.0, 80.0))
    assert found.until == known


def test_no_row_is_no_bar_once_a_later_one_is_there():
    """Nobody traded."""
    found = refilled(Rest(tickdb((NINE + HOUR, 6, 6, 6, 6, 1))))

    assert (found.bars, found.until) == ((), (NINE + HOUR) * MS)


def test_no_row_says_nothing_before_there_is_a_later_one():
    """The service may not have got so far: it is asked again."""
    found = refilled(Rest(tickdb((NINE - HOUR, 1, 1, 1, 1, 1))))

    assert found.until < (NINE + HOUR) * MS


@pytest.mark.parametrize(
    "rest",
    [
        Rest({"code": 3001, "message": "later"}, 429),
        Rest({"code": 2001, "message": "no"}),
        Rest(b"<html>"),
        Rest(tickdb((NINE, 5, 7, 4, 6, 80), symbol="MSFT.US")),
        Rest(tickdb((NINE, "NaN", 7, 4, 6, 80))),
    ],
    ids=["too many", "refused", "no JSON", "another symbol", "no number"],
)
def test_what_can_t_be_read_is_no_answer(rest):
    """The hole stays until something readable comes."""
    with pytest.raises(NoAnswer):
        refilled(rest)


def test_binance_rows_are_lists_with_prices_as_text():
    """The first value is when the row begins."""
    rest = Rest([[NINE, "5", "7", "4", "6", "80", NINE + HOUR - 1, "0", 3, "0", "0", "0"]])

    found = refilled(rest, binance_rows("1h"))

    assert tuple(found.bars[0][1]) == (5.0, 7.0, 4.0, 6.0, 80.0)
    assert dict(rest.asked[0].fields)["interval"] == "1h"


@pytest.mark.parametrize(
    "row", [[NINE, "5", "7", "4", "x", "80", 0], [NINE, "5", "7", "4", "nan", "80", 0], [1, 2], {"t": 1}]
)
def test_binance_rows_that_are_none_are_no_answer(row):
    """Rather a hole than a guess."""
    with pytest.raises(NoAnswer):
        refilled(Rest([row]), binance_rows("1h"))


def test_a_book_is_handed_on_unread():
    """What reads it is the dialect."""
    rest = Rest(b'{"lastUpdateId": 1}')

    assert asyncio.run(BinanceBooks(rest, ["btcusdt"]).book(0)) == b'{"lastUpdateId": 1}'
    assert dict(rest.asked[0].fields)["symbol"] == "BTCUSDT"
    with pytest.raises(NoAnswer):
        asyncio.run(BinanceBooks(Rest(b"", 500), ["btcusdt"]).book(0))


@pytest.mark.parametrize(("interval", "word"), [("1min", "1m"), ("60min", "1h"), ("7min", None)])
def test_a_length_is_called_as_services_call_it(interval, word):
    """One that they don't have has no name."""
    policy = Timezone(zone="UTC", stamp="open", interval=interval)

    assert interval_word(policy) == word
