"""What the door to a WebSocket promises, against real servers on this machine."""

import asyncio
import http
import logging
import ssl
import traceback
from urllib.parse import quote

import pytest
from websockets.asyncio.server import serve

from runner.errors import ConfigError
from runner.live.edge.websocket import Introduction, Limits, WebSockets, socket_address_fault
from runner.live.ports import NoAnswer, StreamClosed, StreamRefused
from runner.market.tickdb.secret import Secret
from tests.canary import CANARY

UNTRUSTED = """\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg75gXwPXnHLsDmuNd
+AyLQuKBNPnh9iiEk2z+by0U9fGhRANCAASYnA7l3qEoE5kkol5RgRJ3ExAN5dbn
s9XnfxHUawUVFLchlqAdLT2lQBVDwM/w+dsThG41Amyis6Xj+pkrphf2
-----END PRIVATE KEY-----
-----BEGIN CERTIFICATE-----
MIIBljCCATugAwIBAgIUTEgCJ6t6awgyeJwlbNXHrru40W8wCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMzA1NDAyM1oYDzIxMjYxMDMw
MDU0MDIzWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAASYnA7l3qEoE5kkol5RgRJ3ExAN5dbns9XnfxHUawUVFLchlqAdLT2l
QBVDwM/w+dsThG41Amyis6Xj+pkrphf2o2kwZzAdBgNVHQ4EFgQUYskAhOw5MuYd
Hxf68mioGbwe1FowHwYDVR0jBBgwFoAUYskAhOw5MuYdHxf68mioGbwe1FowDwYD
VR0TAQH/BAUwAwEB/zAUBgNVHREEDTALgglsb2NhbGhvc3QwCgYIKoZIzj0EAwID
SQAwRgIhAJKSsl2swCdCkFMlx7Q9gvyCnEoAh8KDx5DrbopKCP7RAiEA0WF4A99a
F7nSmN77GqNG/U6n9MHRb50XI5WSk0esH28=
-----END CERTIFICATE-----
"""
"""A key and a certificate for localhost that nobody vouches for, good for a hundred years."""


def keyed():
    return Introduction(query=(("api_key", Secret(CANARY)),), headers=(("X-API-Key", Secret(CANARY)),))


async def echo(connection):
    async for message in connection:
        await connection.send(message)


async def against(handler, doing, *, introduce=Introduction, limits=None, path="/v1/realtime", **options):
    """Serve on a free port, and do something with a door to it."""
    async with serve(handler, "127.0.0.1", 0, **options) as server:
        port = server.sockets[0].getsockname()[1]
        doors = WebSockets(f"ws://127.0.0.1:{port}{path}", introduce, limits=limits or Limits(close_seconds=0.2))
        return await doing(doors)


def refusing(status, headers=()):
    def refuse(connection, request):
        response = connection.respond(http.HTTPStatus(status), "no\n")
        for name, value in headers:
            response.headers[name] = value
        return response

    return refuse


async def refused(doors):
    with pytest.raises(StreamRefused) as caught:
        await doors.open()
    return caught.value


def test_text_goes_both_ways():
    """What is sent arrives, and what comes back is bytes of UTF-8."""

    async def doing(doors):
        socket = await doors.open()
        await socket.send("größe")
        answer = await socket.receive()
        await socket.close()
        with pytest.raises(StreamClosed):
            await socket.receive()
        with pytest.raises(StreamClosed):
            await socket.send("late")
        return answer

    assert asyncio.run(against(echo, doing)) == "größe".encode()


def test_the_key_goes_with_the_handshake_and_nowhere_else():
    """The server sees it in query and header; address, representations and logs at every level don't hold it."""
    seen = []

    async def look(connection):
        seen.append((connection.request.path, connection.request.headers["X-API-Key"]))
        await connection.send(f'{{"message":"key {CANARY} is fine"}}')

    async def doing(doors):
        socket = await doors.open("/stream?x=1")
        return repr(doors), repr(keyed()), await socket.receive()

    told = asyncio.run(against(look, doing, introduce=keyed))

    assert seen == [(f"/v1/realtime/stream?x=1&api_key={quote(CANARY, safe='')}", CANARY)]
    assert CANARY not in str(told)
    assert told[2] == b'{"message":"key *** is fine"}'


def test_i2_a_root_logger_at_debug_hears_no_key(caplog):
    """The library prints the handshake where its logger lets it; ours has a level of its own."""
    caplog.set_level(logging.DEBUG)

    async def doing(doors):
        socket = await doors.open()
        await socket.close()

    quiet = logging.getLogger("server")
    quiet.setLevel(logging.WARNING)
    asyncio.run(against(echo, doing, introduce=keyed, logger=quiet))

    assert CANARY not in caplog.text


@pytest.mark.parametrize("status", [401, 403, 503])
def test_a_refusal_bears_its_status_and_nothing_of_the_request(status):
    """Neither the exception nor anything it was raised from or beside holds the address with the key."""
    refusal = asyncio.run(against(echo, refused, introduce=keyed, process_request=refusing(status, [("Retry-After", "7")])))

    assert refusal.status == status
    assert refusal.retry_after_ns == 7_000_000_000
    assert refusal.__cause__ is None
    assert refusal.__context__ is None
    assert CANARY not in "".join(traceback.format_exception(refusal))


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("30", 30.0), ("Thu, 01 Jan 1970 00:00:10 GMT", 0.0), ("soon", None), ("-3", None), ("9" * 40, 7 * 24 * 3600.0)],
)
def test_retry_after_is_seconds_or_a_date(value, seconds):
    """Whatever else it says is as if it said nothing."""
    refusal = asyncio.run(against(echo, refused, process_request=refusing(429, [("Retry-After", value)])))

    assert refusal.retry_after_ns == (None if seconds is None else int(seconds * 1e9))


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_i3_a_redirect_is_refused(status):
    """The other server, to which the key would go, is never called."""
    called = []

    async def other(connection):
        called.append(connection.request.path)

    async def doing(doors):
        async with serve(other, "127.0.0.1", 0) as elsewhere:
            port = elsewhere.sockets[0].getsockname()[1]
            places.append(("Location", f"ws://127.0.0.1:{port}/"))
            return await refused(doors)

    places = []
    refusal = asyncio.run(against(echo, doing, introduce=keyed, process_request=refusing(status, places)))

    assert (refusal.status, called) == (status, [])


def test_nobody_there_is_no_answer():
    """A port nobody listens on, and a server that says nothing, are the same to whoever asks."""

    async def silent(reader, writer):
        await reader.read()
        writer.close()
        await writer.wait_closed()
        hung_up.set()

    hung_up = asyncio.Event()

    async def doing():
        with pytest.raises(NoAnswer) as first:
            await WebSockets("ws://127.0.0.1:1/", keyed).open()
        server = await asyncio.start_server(silent, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            with pytest.raises(NoAnswer) as second:
                await WebSockets(f"ws://127.0.0.1:{port}/", keyed, limits=Limits(open_seconds=0.1)).open()
            await hung_up.wait()
        return first.value, second.value

    for error in asyncio.run(doing()):
        assert CANARY not in "".join(traceback.format_exception(error))
        assert error.__context__ is None


def test_first_messages_are_sent_before_anything_else():
    """A venue that is told who speaks by a message hears it first, and its echo doesn't come back out."""
    heard = []

    async def listen(connection):
        heard.append(await connection.recv())
        await connection.send(heard[0])
        heard.append(await connection.recv())

    def introduce():
        return Introduction(messages=(Secret(f'{{"key":"{CANARY}"}}'),), secrets=(Secret(CANARY),))

    async def doing(doors):
        socket = await doors.open()
        answer = await socket.receive()
        await socket.send("subscribe")
        with pytest.raises(StreamClosed):
            await socket.receive()
        return answer

    assert asyncio.run(against(listen, doing, introduce=introduce)) == b'{"key":"***"}'
    assert heard == [f'{{"key":"{CANARY}"}}', "subscribe"]


@pytest.mark.parametrize(
    "address",
    [
        "ws://example.com/stream",
        "ws://10.0.0.1/",
        "http://127.0.0.1/",
        "wss://user:word@example.com/",
        "wss://example.com/?api_key=x",
        "wss://",
        "wss://example.com:0/",
        "wss://example.com:99999/",
        "wss://exa mple.com/",
    ],
)
def test_i4_an_address_that_would_give_the_key_away_is_refused(address):
    """Plain text to another machine, a key in the address, and what isn't an address at all."""
    with pytest.raises(ConfigError):
        WebSockets(address)


@pytest.mark.parametrize("address", ["wss://api.tickdb.ai/v1/realtime", "ws://localhost:80/x", "ws://[::1]:9/"])
def test_an_address_that_is_fine(address):
    """TLS anywhere, plain text to this machine."""
    assert socket_address_fault(address) is None


def test_i4_a_certificate_nobody_vouches_for_is_refused(tmp_path):
    """There is no switch that lets it pass."""
    pem = tmp_path / "untrusted.pem"
    pem.write_text(UNTRUSTED)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)

    async def doing():
        async with serve(echo, "127.0.0.1", 0, ssl=context) as server:
            port = server.sockets[0].getsockname()[1]
            with pytest.raises(StreamRefused) as caught:
                await WebSockets(f"wss://localhost:{port}/", keyed).open()
            return caught.value

    assert asyncio.run(doing()).status == 0
