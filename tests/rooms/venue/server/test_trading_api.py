"""The trading API over real sockets, word by word."""

import asyncio
import json
import logging

import aiohttp
import pytest

from runner.errors import RunError
from runner.venue.server import private
from runner.venue.server.settings import Settings
from runner.venue.server.venue import Venue
from tests.listening import PATIENCE, talking, with_venue
from tests.markets import minutes, tape_of

TAPES = {"bars": tape_of("bars", {"A": minutes((10, 12, 9, 11, 100), (20, 22, 19, 21, 8))})}
HELD = Settings(is_held=True)


def test_an_order_is_placed_asked_for_and_cancelled():
    """Each answer is the order as it is then, in the envelope."""

    async def conversation(talk):
        placed = await talk.place(client_order_id="mine", type="limit", price="9", time_in_force="gtc")
        order_id = placed[1]["data"]["order_id"]
        return [
            placed,
            await talk.ask("GET", f"/v1/trade/status/{order_id}"),
            await talk.ask("GET", "/v1/trade/status/mine", by="client_order_id"),
            await talk.ask("GET", "/v1/trade/by_client_id", client_order_id="mine"),
            await talk.ask("GET", "/v1/trade/open"),
            await talk.ask("DELETE", f"/v1/trade/cancel/{order_id}"),
            await talk.ask("DELETE", "/v1/trade/cancel/mine", by="client_order_id"),
            await talk.ask("GET", "/v1/trade/by_client_id", client_order_id="other"),
            await talk.place(client_order_id="mine"),
        ]

    (placed, by_id, by_client, listed, open_now, gone, again, unknown, twice), _ = with_venue(TAPES, HELD, conversation)

    order = placed[1]["data"]
    assert placed == (200, {"code": 0, "message": "success", "data": order})
    assert {name: order[name] for name in ("client_order_id", "side", "quantity", "price", "filled", "status")} == {
        "client_order_id": "mine",
        "side": "buy",
        "quantity": "1",
        "price": "9",
        "filled": "0",
        "status": "open",
    }
    assert by_id[1]["data"] == by_client[1]["data"] == listed[1]["data"]["orders"][0] == order
    assert open_now[1]["data"] == {"orders": [order], "next": None}
    assert (gone[0], gone[1]["data"]["status"]) == (200, "canceled")
    assert [(status, body["code"]) for status, body in (again, unknown, twice)] == [(409, 7008), (404, 7007), (409, 7006)]


def test_fills_positions_and_cash_tell_one_story():
    """After a buy at the open the fill, the position and the cash agree."""

    async def conversation(talk):
        async with talk.socket() as socket:
            await socket.subscribe("trade", "A")
            await socket.ping()
            await talk.place(client_order_id="x", quantity="3")
            await socket.ping()
            return [await talk.get(f"/v1/trade/{what}") for what in ("fills", "positions", "account", "instruments")]

    (fills, positions, account, instruments), truth = with_venue(TAPES, Settings(), conversation)

    assert [(fill["quantity"], fill["price"], fill["fee"]) for fill in fills["fills"]] == [("3", "10", "0")]
    assert positions == {"positions": [{"symbol": "A", "quantity": "3"}], "next": None}
    assert account == {"balances": [{"currency": "USD", "amount": "99970"}], "equity": "100000"}
    assert instruments["instruments"] == [{"symbol": "A", "tick": "1", "lot": "1", "currency": "USD"}]
    assert (truth["cash"], truth["positions"]) == ("99970", {"A": "3"})


def test_the_private_stream_tells_what_happens_from_now_on():
    """A stream opened later hears nothing of what was; from then on every frame is there, and both clocks."""

    async def conversation(talk):
        await talk.place(client_order_id="before", type="limit", price="1")
        async with talk.socket(talk.venue.private_url) as stream:
            await talk.place(client_order_id="after", type="limit", price="2")
            await talk.ask("DELETE", "/v1/trade/cancel/after", by="client_order_id")
            await stream.say("nonsense")
            return await stream.ping(), await talk.get("/v1/time")

    (frames, now), _ = with_venue(TAPES, HELD, conversation)

    orders = [(frame["order"]["client_order_id"], frame["order"]["status"]) for frame in frames if frame["type"] == "order"]
    assert orders == [("after", "open"), ("after", "canceled")]
    assert [frame["type"] for frame in frames[-2:]] == ["error", "pong"]
    assert frames[-1]["market_ns"] == now["market_ns"] == 0
    assert 0 <= now["gateway_ns"] - frames[-1]["gateway_ns"] < PATIENCE * 1e9


def test_a_killed_client_comes_back_to_the_truth():
    """Connections broken without a word change nothing: what they left resting fills, and is there for who comes back."""

    async def live():
        async with Venue(TAPES, Settings()) as venue:
            async with talking(venue) as first, first.socket() as market, first.socket(venue.private_url) as stream:
                await market.subscribe("trade", "A")
                await market.ping()
                await first.place(client_order_id="left", type="limit", price="10")
                for socket in (market, stream):
                    socket.socket._response.connection.transport.abort()
            async with talking(venue) as second, second.socket() as market:
                known = await second.get("/v1/trade/by_client_id", client_order_id="left")
                await market.subscribe("trade", "A")
                for _ in range(3):
                    await market.ping()
                return known["orders"][0]["status"], await second.get("/v1/trade/fills"), venue.truth()

    status, fills, truth = asyncio.run(live())

    assert status == "open"
    assert [(fill["client_order_id"], fill["price"]) for fill in fills["fills"]] == [("left", "10")]
    assert truth["fills"] == fills["fills"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "/", None, 404, 2001),
        ("GET", "/v1/trade/place", None, 405, 2001),
        ("GET", "/v1/%2e%2e/etc", None, 404, 2001),
        ("POST", "/v1/trade/place", b"{", 400, 7001),
        ("POST", "/v1/trade/place", b"\xff\xfe", 400, 7001),
        ("POST", "/v1/trade/place", b"[1]", 400, 7001),
        ("POST", "/v1/trade/place", b"{}", 400, 7001),
        ("POST", "/v1/trade/place", b"[" * 60_000, 400, 7001),
        ("POST", "/v1/trade/place", b'{"symbol": NaN}', 400, 7001),
        ("POST", "/v1/trade/place", b'{"a": ' + b"9" * 5_000 + b"}", 400, 7001),
        ("POST", "/v1/trade/place", b" " * 70_000, 413, 2001),
        ("GET", "/v1/trade/open?page=zero", None, 400, 2001),
        ("GET", "/v1/trade/status/o1?by=name", None, 400, 2001),
        ("GET", "/v1/market/kline", None, 400, 2001),
        ("GET", "/v1/market/kline?symbol=A", None, 400, 2001),
        ("GET", "/v1/market/kline?symbol=Z&interval=1m", None, 404, 2002),
        ("GET", "/v1/market/kline?symbol=A&interval=1m&limit=x", None, 400, 2001),
        ("GET", "/v1/market/kline?symbol=A&interval=1m&start_time=-1", None, 400, 2001),
        ("GET", "/v1/market/depth?symbol=A", None, 404, 2002),
        ("GET", "/v1/market/ticker?symbols=" + ",".join("A" * 51), None, 400, 2004),
    ],
)
def test_whatever_is_asked_is_answered(method, path, body, status, code):
    """Unknown paths, wrong methods, broken and large bodies: an answer in the envelope, and the venue lives on."""

    async def live():
        async with Venue(TAPES, HELD) as venue, talking(venue) as talk:
            async with talk.session.request(method, f"{venue.rest_url}{path}", data=body) as answer:
                said = answer.status, json.loads(await answer.text())["code"]
            return said, (await talk.get("/v1/time"))["market_ns"]

    assert asyncio.run(live()) == ((status, code), 0)


@pytest.mark.parametrize(("headers", "code"), [({}, 1002), ({"X-API-Key": "wrong"}, 1001), ({"X-API-Key": "ü"}, 1001)])
def test_no_door_opens_without_the_key(headers, code):
    """Every path asks for the key in the header, known or not; the address is no place for it."""

    async def live():
        async with Venue(TAPES, HELD) as venue, aiohttp.ClientSession(headers=headers) as session:
            said = set()
            for path in ("/v1/time", "/v1/market/kline", "/v1/trade/open", "/nowhere"):
                params = {"api_key": venue.key.reveal()} if not headers else {}
                async with session.get(f"{venue.rest_url}{path}", params=params) as answer:
                    said.add((answer.status, (await answer.json())["code"]))
            return said

    assert asyncio.run(live()) == {(401, code)}


def test_too_many_requests_are_told_when_to_come_back():
    """The third request of a minute is refused with TickDB's words, seconds to wait, and the end of the wait."""

    async def conversation(talk):
        for _ in range(2):
            await talk.get("/v1/time")
        async with talk.session.get(f"{talk.venue.rest_url}/v1/time") as answer:
            return answer.status, answer.headers["Retry-After"], await answer.json()

    (status, wait, body), _ = with_venue(TAPES, Settings(is_held=True, requests_per_minute=2), conversation)

    assert (status, body["code"], set(body["data"])) == (429, 3001, {"limit", "plan", "reset_at", "upgrade_to"})
    assert 1 <= int(wait) <= 60


@pytest.mark.parametrize(
    "said",
    [
        "\x00\x01garbage\r\n\r\n",
        "GET /v1/realtime?api_key=KEY HTTP/9.9\r\n\r\n",
        "GET /v1/realtime?api_key=KEY HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nX: " + "a" * 20_000 + "\r\n\r\n",
        "GET /v1/realtime?api_key=KEY HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 99\r\n\r\n",
    ],
)
def test_bytes_that_are_no_request_are_answered(caplog, said):
    """What isn't HTTP, or no upgrade, gets a 400; the venue lives on, and nothing of it is logged, the key least of all."""
    caplog.set_level(logging.DEBUG)

    async def conversation(talk):
        key = talk.venue.key.reveal()
        reader, writer = await asyncio.open_connection("127.0.0.1", int(talk.venue.rest_url.rpartition(":")[2]))
        writer.write(said.replace("KEY", key).encode())
        answer = await reader.read(64)
        writer.close()
        return answer.split()[1], (await talk.get("/v1/time"))["market_ns"], key

    (status, now, key), _ = with_venue(TAPES, HELD, conversation)

    assert (status, now) == (b"400", 0)
    assert [line for line in caplog.messages if "selector" not in line] == []
    assert key not in caplog.text


def test_a_request_that_is_never_finished_harms_nobody(caplog):
    """Half a body and a broken connection: no order, no word in the log, and the next request is answered."""

    async def conversation(talk):
        _, writer = await asyncio.open_connection("127.0.0.1", int(talk.venue.rest_url.rpartition(":")[2]))
        head = f"POST /v1/trade/place HTTP/1.1\r\nHost: a\r\nX-API-Key: {talk.venue.key.reveal()}\r\nContent-Length: 99\r\n\r\n{{"
        writer.write(head.encode())
        await writer.drain()
        writer.transport.abort()
        return (await talk.get("/v1/time"))["market_ns"]

    said, truth = with_venue(TAPES, HELD, conversation)

    assert (said, truth["orders"], caplog.messages) == (0, [], [])


def test_a_port_that_is_taken_is_a_fault():
    """The second venue on one port doesn't start, and says so."""
    with Venue(TAPES, HELD) as first:
        port = int(first.rest_url.rpartition(":")[2])
        with pytest.raises(RunError, match="must be a free port"):
            Venue(TAPES, Settings(port=port)).start()


def test_heartbeats_come_by_themselves(monkeypatch):
    """A stream on which nothing happens says by both clocks that it lives."""
    monkeypatch.setattr(private, "HEARTBEAT_SECONDS", 0.005)

    async def conversation(talk):
        async with talk.socket(talk.venue.private_url) as stream:
            return await stream.hear(), await stream.hear()

    beats, _ = with_venue(TAPES, HELD, conversation)

    assert [set(beat) for beat in beats] == [{"type", "market_ns", "gateway_ns"}] * 2
    assert beats[0]["gateway_ns"] < beats[1]["gateway_ns"]


def test_requests_take_their_way():
    """With a latency an order is under way twice, there and back, as long."""

    async def conversation(talk):
        loop = asyncio.get_running_loop()
        began = loop.time()
        await talk.place(client_order_id="x")
        return loop.time() - began

    assert with_venue(TAPES, Settings(is_held=True, order_latency=0.02), conversation)[0] >= 0.04


def test_what_lags_shows_within_its_bound():
    """However the lag is drawn, an order is found a second later at most, by the gateway's clock."""

    async def conversation(talk):
        loop = asyncio.get_running_loop()
        began = loop.time()
        await talk.place(client_order_id="x", type="limit", price="1")
        while (await talk.ask("GET", "/v1/trade/by_client_id", client_order_id="x"))[0] != 200:
            assert loop.time() - began < 1.0
        return loop.time() - began

    assert with_venue(TAPES, Settings(is_held=True, visible_lag=0.05), conversation)[0] < 1.0
