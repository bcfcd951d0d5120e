"""The market data socket speaks TickDB's dialect, and the article's."""

import asyncio
import socket
from contextlib import closing

import aiohttp
import pytest

from runner.venue.server.settings import Settings
from runner.venue.server.venue import Venue
from tests.listening import talking, with_venue
from tests.markets import minutes, tape_of

BARS = {"bars": tape_of("bars", {"AAPL.US": minutes((10, 12, 9, 11, 100)), "700.HK": minutes((5, 6, 4, 5, 8))})}
BOOK_ROWS = [(1, 9.5, 9.25, 1, 2, 10, 10.5, 3, 4), (2, 9.5, 9.25, 1, 2, 10, 10.75, 3, 4)]
BOOKS = {"depth": tape_of("depth", {"BTCUSDT": BOOK_ROWS}, levels=2)}
HELD = Settings(is_held=True)


def test_a_subscription_is_acknowledged_then_shown():
    """The acknowledgement names channel and symbols; a snapshot follows, in TickDB's words: text, best level first."""

    async def conversation(talk):
        async with talk.socket() as market:
            ack = await market.subscribe("depth", "BTCUSDT")
            return ack, await market.hear()

    (ack, shown), _ = with_venue(BOOKS, Settings(is_held=True, from_ms=60_000), conversation)

    assert ack == [
        {"cmd": "subscribe", "code": 0, "message": "success", "data": {"channel": "depth", "symbols": ["BTCUSDT"]}}
    ]
    assert shown == {
        "cmd": "depth",
        "data": {
            "symbol": "BTCUSDT",
            "type": "crypto",
            "bids": [["9.5", "1.0"], ["9.25", "2.0"]],
            "asks": [["10.0", "3.0"], ["10.5", "4.0"]],
            "timestamp": 60_000,
        },
    }


def test_trades_and_tickers_are_told_in_tickdb_s_words():
    """A trade bears id, price, quantity, side and milliseconds; a ticker follows it."""

    async def conversation(talk):
        async with talk.socket() as market:
            await market.subscribe("trade", "AAPL.US")
            await market.subscribe("ticker", "AAPL.US")
            await market.ping()
            return await market.ping()

    (trade, ticker, pong), _ = with_venue(BARS, Settings(), conversation)

    assert trade == {
        "cmd": "trade",
        "data": {
            "symbol": "AAPL.US",
            "type": "stock",
            "trades": [{"id": "0", "price": "10.0", "quantity": "25.0", "side": "neutral", "timestamp": 1}],
        },
    }
    assert (ticker["cmd"], ticker["data"]["last_price"], ticker["data"]["timestamp"]) == ("ticker", "10.0", 1)
    assert pong == {"cmd": "pong", "code": 0, "message": "pong", "data": {"timestamp": 1}}


def test_the_article_s_dialect_is_spoken_at_its_own_path():
    """The symbol is in the address, channels in `params`; numbers are numbers; the real path refuses these words."""

    async def conversation(talk):
        ask = {"method": "subscribe", "params": {"channels": ["depth"]}, "id": 1}
        async with talk.socket(talk.venue.article_url, symbol="BTCUSDT") as market:
            await market.say(ask)
            ack, shown = await market.hear(), await market.hear()
            pong = (await market.ping())[-1]
        async with talk.socket() as real:
            await real.say(ask)
            return ack, shown, pong["cmd"], await real.hear()

    (ack, shown, pong, refused), _ = with_venue(BOOKS, Settings(is_held=True, from_ms=60_000), conversation)

    assert ack == {"id": 1, "result": None}
    assert shown["data"]["bids"] == [[9.5, 1.0], [9.25, 2.0]]
    assert pong == "pong"
    assert refused == {"cmd": "error", "code": 2001, "message": "Invalid message format", "data": None}


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("{", 2001),
        ("[" * 5_000, 2001),
        ("[1]", 2001),
        ('{"cmd": "dance"}', 2001),
        ('{"cmd": ["ping"]}', 2001),
        ('{"cmd": "subscribe"}', 2001),
        ('{"cmd": "subscribe", "data": {"channel": "klines", "symbols": ["AAPL.US"]}}', 2001),
        ('{"cmd": "subscribe", "data": {"channel": ["trade"], "symbols": ["AAPL.US"]}}', 2001),
        ('{"cmd": "subscribe", "data": {"channel": "trade", "symbols": "AAPL.US"}}', 2001),
        ('{"cmd": "subscribe", "data": {"channel": "trade", "symbols": [1]}}', 2001),
        ('{"cmd": "subscribe", "data": {"channel": "trade", "symbols": []}}', 2001),
        ('{"cmd": "subscribe", "data": {"channel": "trade", "symbols": ["MSFT.US"]}}', 2002),
        ('{"cmd": "subscribe", "data": {"channel": "depth", "symbols": ["AAPL.US"]}}', 4005),
        ('{"cmd": "subscribe", "data": {"channel": "trade", "symbols": ["AAPL.US", "MSFT.US"]}}', 5004),
    ],
)
def test_what_can_not_be_done_is_answered(said, code):
    """Every message has an answer with its code, and the connection lives on."""

    async def conversation(talk):
        async with talk.socket() as market:
            await market.say(said)
            return await market.hear(), (await market.ping())[-1]["cmd"]

    (answer, pong), _ = with_venue(BARS, HELD, conversation)

    assert (answer["code"], pong) == (code, "pong")


def test_symbols_are_known_however_they_are_spelled():
    """`00700.HK` and a bare name are the tape's symbols; a partial failure says which failed and keeps the others live."""

    async def conversation(talk):
        async with talk.socket() as market:
            spelled = (await market.subscribe("trade", "00700.HK"))[0]
            partial = (await market.subscribe("trade", "AAPL", "MSFT.US"))[0]
            await market.ping()
            told = (await market.ping())[:-1]
            return spelled["data"], partial["data"], [message["data"]["symbol"] for message in told]

    (spelled, partial, told), _ = with_venue(BARS, Settings(), conversation)

    assert spelled["symbols"] == ["00700.HK"]
    assert (partial["symbols"], partial["failed_symbols"]) == (["AAPL"], ["MSFT.US"])
    assert told == ["AAPL.US", "700.HK"]


def test_unsubscribing_ends_the_data():
    """After it nothing of that channel and symbol comes any more."""

    async def conversation(talk):
        async with talk.socket() as market:
            await market.subscribe("trade", "AAPL.US", "700.HK")
            await market.say({"cmd": "unsubscribe", "data": {"channel": "trade", "symbols": ["AAPL.US"]}})
            await market.until("unsubscribe")
            await market.ping()
            return [message["data"]["symbol"] for message in (await market.ping())[:-1]]

    said, _ = with_venue(BARS, Settings(), conversation)

    assert said == ["700.HK"]


def test_books_are_derived_when_asked_for():
    """A tape of bars shows a book one tick around its last trade, and fills orders at trades all the same."""

    async def conversation(talk):
        async with talk.socket() as market:
            await market.subscribe("depth", "AAPL.US")
            await market.ping()
            order = await talk.place(symbol="AAPL.US", client_order_id="x")
            shown = (await market.ping())[0]["data"]
            rest = await talk.get("/v1/market/depth", symbol="AAPL.US")
            return order[1]["data"]["filled"], shown["bids"], shown["asks"], rest == shown

    said, truth = with_venue(BARS, Settings(derive_books=True), conversation)

    assert said == ("0", [["9.0", "25.0"]], [["11.0", "25.0"]], True)
    assert [fill["price"] for fill in truth["fills"]] == ["10"]


@pytest.mark.parametrize(("key", "code"), [("", 1001), ("wrong", 1001), (None, 1002)])
def test_a_wrong_key_fails_the_upgrade(key, code):
    """No frame is sent: the upgrade itself is 401, on every socket."""

    async def live():
        async with Venue(BARS, HELD) as venue, aiohttp.ClientSession() as session:
            said = []
            for url in (venue.market_url, venue.article_url, venue.private_url):
                params = {} if key is None else {"api_key": key}
                async with session.get(url.replace("ws", "http", 1), params=params) as answer:
                    said.append((answer.status, (await answer.json())["code"]))
            good = await session.ws_connect(venue.market_url, params={"api_key": venue.key.reveal()})
            await good.close()
            return said

    assert asyncio.run(live()) == [(401, code)] * 3


def test_a_listener_that_reads_nothing_is_dropped():
    """Its connection is broken when too much waits, it is counted, and who reads hears everything."""
    levels, rows = 500, 600
    book = [*(1_000.0 - level for level in range(levels)), *[1.5] * levels]
    book += [*(1_001.0 + level for level in range(levels)), *[1.5] * levels]
    tapes = {
        "depth": tape_of("depth", {"A": [(n / 1_000, *book) for n in range(1, rows)]}, levels=levels),
        "trades": tape_of("trades", {"A": [(n / 1_000, 10.0, 1.0, 1.0) for n in range(1, rows)]}),
    }

    async def conversation(talk):
        with closing(await _deaf(talk.venue)):
            return await _hear_trades(talk)

    heard, truth = with_venue(tapes, Settings(pace=1e3, from_ms=0, most_waiting=130, is_held=True), conversation)

    assert heard == rows - 1
    assert truth["dropped_connections"] == 1


async def _hear_trades(talk):
    """Let the market go, and count its trades to the end."""
    async with talk.socket() as good:
        await good.subscribe("trade", "A")
        await asyncio.to_thread(talk.venue.go)
        heard = []
        while not (await talk.get("/v1/time"))["is_over"]:
            heard += await good.ping()
        heard += await good.ping()
    return sum(message["cmd"] == "trade" for message in heard)


async def _deaf(venue):
    """Subscribe to depth over a connection that takes in little and is never read again."""
    number = socket.socket()
    number.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    number.connect(("127.0.0.1", int(venue.rest_url.rpartition(":")[2])))
    asked = (
        f"GET /v1/realtime?api_key={venue.key.reveal()} HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n"
    )
    said = b'{"cmd":"subscribe","data":{"channel":"depth","symbols":["A"]}}'
    number.sendall(asked.encode() + bytes([0x81, 0x80 | len(said)]) + bytes(4) + said)
    found = b""
    while b"success" not in found:
        found += await asyncio.to_thread(number.recv, 1_024)
    return number


def test_the_key_is_nobody_s_but_the_owner_s():
    """Each venue draws its own; printing one shows nothing."""
    with Venue(BARS, HELD) as one, Venue(BARS, HELD) as other:
        assert one.key.reveal() != other.key.reveal()
        assert len(one.key.reveal()) >= 40
        assert one.key.reveal() not in repr(one.key) + repr(vars(one))


def test_only_this_machine_is_listened_to():
    """Every address is loopback's."""

    async def live():
        async with Venue(BARS, HELD) as venue, talking(venue):
            names = venue._server._runner.addresses
            return [host for host, _ in names]

    assert asyncio.run(live()) == ["127.0.0.1"]
