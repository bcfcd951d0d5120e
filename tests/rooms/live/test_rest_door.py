"""What the door for requests promises, against real servers on this machine."""

import asyncio
import hashlib
import hmac
import logging
import time
import traceback
from urllib.parse import parse_qsl

import pytest

from runner.errors import ConfigError
from runner.live.edge.clock import MachineClock
from runner.live.edge.doors import doors_of
from runner.live.edge.rest import MOST_BYTES, HttpRest, rest_address_fault
from runner.live.edge.signing import HmacQuery, KeyHeaders, expect_sendable
from runner.live.ports import Action, NoAnswer, Request
from runner.market.tickdb.secret import Secret
from tests.canary import CANARY, leaks_in
from tests.fake_venues.raw_http import RawServer, ok
from tests.fake_venues.speaking import broker_of
from tests.rooms.live.test_websocket import UNTRUSTED

SECOND = 1_000_000_000
ASK = Request(Action.QUERY, "GET", "/v1/orders", (("symbol", "A B/C"), ("page", "2")))
PLACE = Request(Action.PLACE, "POST", "/v1/orders", (("symbol", "ABC"), ("price", "1.50")), 7)


def keyed():
    return KeyHeaders({"X-API-Key": Secret(CANARY)})


async def against(answer, doing, signer=None, **options):
    """Serve bytes on a free port, and do something with a door to them; return that and what the server saw."""
    async with RawServer(answer, **options) as server:
        scheme = "https" if server.tls else "http"
        rest = HttpRest(f"{scheme}://localhost:{server.port}", signer or keyed())
        try:
            return await doing(rest), server.seen
        finally:
            await rest.close()


def sent(request, answer, signer=None, *, timeout_ns=5 * SECOND, **options):
    """Send one request and return its answer, or the `NoAnswer` it ended in, and what the server saw."""

    async def doing(rest):
        try:
            return await rest.send(request, timeout_ns=timeout_ns)
        except NoAnswer as nothing:
            return nothing

    return asyncio.run(against(answer, doing, signer, **options))


def test_a_question_s_fields_are_its_query_and_the_key_a_header():
    """Encoded once, in their order; the answer comes back with status, body and the headers that matter."""
    answer, ((head, body),) = sent(
        ASK, lambda *_: ok(b'{"a": 1}', "429 Slow", "Retry-After: 3", "Set-Cookie: a=b", "X-Key: k")
    )

    assert head.startswith("GET /v1/orders?symbol=A+B%2FC&page=2 HTTP/1.1\r\n")
    assert f"X-API-Key: {CANARY}\r\n" in head
    assert body == b""
    assert (answer.status, answer.body) == (429, b'{"a": 1}')
    assert answer.headers == (("retry-after", "3"),)


@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_an_order_s_fields_are_a_json_object(method):
    """Text for text; the number of the intent stays here."""
    request = Request(Action.PLACE, method, PLACE.path, PLACE.fields, 7)

    _, ((head, body),) = sent(request, lambda *_: ok())

    assert head.startswith(f"{method} /v1/orders HTTP/1.1\r\n")
    assert "content-type: application/json" in head.lower()
    assert body == b'{"symbol":"ABC","price":"1.50"}'


def test_a_signature_is_over_what_is_sent_to_the_letter():
    """The server computes it from the bytes it got; the secret is in none of them."""
    signer = HmacQuery("X-MBX-APIKEY", Secret("key"), Secret(CANARY), MachineClock())

    _, ((head, _),) = sent(ASK, lambda *_: ok(), signer)
    _, ((_, body),) = sent(PLACE, lambda *_: ok(), signer)

    for text in (head.split(" ")[1].partition("?")[2], body.decode()):
        signed, _, given = text.rpartition("&signature=")
        assert given == hmac.new(CANARY.encode(), signed.encode(), hashlib.sha256).hexdigest()
        stamped = int(dict(parse_qsl(signed))["timestamp"])
        assert 0 < time.time() * 1000 - stamped < 20_000
        assert CANARY not in text


def test_an_order_s_own_stamp_is_what_is_signed():
    """Its validity runs from the decision, not from when its turn came."""
    signer = HmacQuery("X-MBX-APIKEY", Secret("key"), Secret("secret"), MachineClock())
    request = Request(Action.PLACE, "POST", "/o", (("timestamp", "5"), ("recvWindow", "5000")))

    assert signer.sign(request).body.startswith(b"timestamp=5&recvWindow=5000&signature=")


def test_i3_a_redirect_is_an_answer_and_never_followed():
    """The other host hears nothing, and where it leads isn't even told."""

    async def doing(rest):
        async with RawServer(lambda *_: ok()) as other:
            there.append(other)
            return await rest.send(PLACE, timeout_ns=5 * SECOND)

    there = []

    def answer(*_):
        return ok(b"", "307 Elsewhere", f"Location: http://127.0.0.1:{there[0].port}/steal")

    response, seen = asyncio.run(against(answer, doing))

    assert (response.status, response.headers) == (307, ())
    assert len(seen) == 1
    assert there[0].seen == []


@pytest.mark.parametrize("method", ["GET", "DELETE", "POST"])
def test_nothing_is_sent_twice(method):
    """A kept connection that the server closes on the second request: no answer, and no third request."""

    async def doing(rest):
        request = Request(Action.CANCEL, method, "/x")
        await rest.send(request, timeout_ns=5 * SECOND)
        with pytest.raises(NoAnswer):
            await rest.send(request, timeout_ns=5 * SECOND)

    _, seen = asyncio.run(against(lambda count, *_: ok() if count == 1 else None, doing))

    assert len(seen) == 2


BROKEN = {
    "closed": lambda *_: None,
    "cut": lambda *_: b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{}",
    "no http": lambda *_: b"SSH-2.0-OpenSSH\r\n\r\n",
    "endless": lambda *_: b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "too long": lambda *_: ok(b" " * (MOST_BYTES + 1)),
    "silent": lambda *_: "hang",
}


@pytest.mark.parametrize("name", BROKEN)
def test_i1_whatever_breaks_is_no_answer_and_tells_nothing(name, caplog):
    """One exception, without cause or context, in words of ours; logs at every level and all text hold no key."""
    caplog.set_level(logging.DEBUG)
    logging.getLogger().setLevel(logging.DEBUG)

    async def doing(rest):
        asyncio.get_running_loop().set_debug(True)
        try:
            await rest.send(PLACE, timeout_ns=SECOND // 2)
        except NoAnswer as nothing:
            return nothing, repr(rest)
        return None

    (nothing, shown), _ = asyncio.run(against(BROKEN[name], doing))

    assert (nothing.__cause__, nothing.__context__) == (None, None)
    told = "".join(traceback.format_exception(nothing)) + shown + caplog.text
    assert leaks_in(told.encode()) == []


def test_an_answer_that_repeats_the_key_is_not_passed_on_as_it_was():
    """Refusals of keys like to quote them."""
    answer, _ = sent(ASK, lambda *_: ok(f'{{"message": "key {CANARY} is not valid"}}'.encode(), "401 No"))

    assert answer.body == b'{"message": "key *** is not valid"}'
    assert CANARY not in repr(answer)


def test_a_slow_answer_is_no_answer_in_time():
    """Within a tenth of a second of the time that was given."""
    began = time.monotonic()

    nothing, seen = sent(PLACE, lambda *_: "hang", timeout_ns=SECOND // 4)

    assert isinstance(nothing, NoAnswer)
    assert time.monotonic() - began < 2
    assert len(seen) == 1


def test_nobody_listening_is_no_answer():
    """A port that nothing listens on."""

    async def doing(rest):
        port = rest_port[0]
        closed = HttpRest(f"http://127.0.0.1:{port}", keyed())
        try:
            await closed.send(PLACE, timeout_ns=5 * SECOND)
        except NoAnswer as nothing:
            return nothing
        finally:
            await closed.close()
        return None

    rest_port = []

    async def scenario():
        async with RawServer(lambda *_: ok()) as server:
            rest_port.append(server.port)
        return await doing(None)

    assert isinstance(asyncio.run(scenario()), NoAnswer)


def test_i4_a_certificate_that_nobody_vouches_for_is_no_answer(tmp_path):
    """There is no switch to accept it; nothing of the request arrives."""
    path = tmp_path / "untrusted.pem"
    path.write_text(UNTRUSTED)

    nothing, seen = sent(PLACE, lambda *_: ok(), tls=path)

    assert isinstance(nothing, NoAnswer)
    assert seen == []


def test_proxies_and_passwords_of_the_environment_are_ignored(monkeypatch, tmp_path):
    """Neither sees the traffic."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine localhost login a password b\n")
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")

    answer, ((head, _),) = sent(ASK, lambda *_: ok())

    assert answer.status == 200
    assert "authorization" not in head.lower()


def test_cookies_are_not_kept():
    """What a venue wants remembered is forgotten."""

    async def doing(rest):
        for _ in range(2):
            await rest.send(ASK, timeout_ns=5 * SECOND)

    _, seen = asyncio.run(against(lambda *_: ok(b"{}", "200 OK", "Set-Cookie: a=b; Path=/"), doing))

    assert [head for head, _ in seen if "cookie" in head.lower()] == []


def test_a_packed_answer_is_not_unpacked():
    """We say that we take none; what comes all the same is unreadable, not unpacked into the gigabytes it may be."""
    answer, ((head, _),) = sent(ASK, lambda *_: ok(b"\x1f\x8b\x08", "200 OK", "Content-Encoding: gzip"))

    assert answer.body == b"\x1f\x8b\x08"
    assert "accept-encoding: identity" in head.lower()


@pytest.mark.parametrize(
    "address",
    [
        "http://api.example.com",
        "ftp://localhost",
        "https://user:pass@api.example.com",
        "https://h/path",
        "https://h?x=1",
        "x",
        "",
    ],
)
def test_i4_addresses_that_would_give_the_key_away_are_refused(address):
    """Plain text beyond this machine, passwords in addresses, what is no address."""
    with pytest.raises(ConfigError) as refused:
        HttpRest(address, keyed())

    assert "pass@" not in str(refused.value)
    assert rest_address_fault("https://api.example.com") is None
    assert rest_address_fault("http://127.0.0.1:80") is None


@pytest.mark.parametrize("value", ["", "two words", "line\nend", "größe", "tab\t"])
def test_keys_that_cannot_stand_in_a_header_are_refused_by_name(value):
    """Named, never shown."""
    with pytest.raises(ConfigError) as refused:
        expect_sendable({"MY_KEY": Secret(value)})

    assert "MY_KEY" in str(refused.value)
    assert not value or value not in str(refused.value)


def test_all_variables_that_are_missing_are_told_at_once():
    """By their names; an empty one is missing."""
    with pytest.raises(ConfigError) as refused:
        doors_of(broker_of("alpaca"), {"CANARY_ID": ""}, MachineClock())

    assert [fault.where for fault in refused.value.faults] == ["CANARY_ID", "CANARY_SECRET"]


def test_doors_show_nothing_of_what_they_hold():
    """No representation on the way to the network has a secret in it."""
    secrets = {"CANARY_ID": "k" + CANARY, "CANARY_SECRET": "s" + CANARY}

    doors = doors_of(broker_of("alpaca"), secrets, MachineClock())

    assert leaks_in((repr(doors) + repr(vars(doors.rest))).encode()) == []


def test_a_send_that_is_cancelled_is_cancelled():
    """Whoever cancels it learns no more than from no answer."""

    async def doing(rest):
        sending = asyncio.create_task(rest.send(PLACE, timeout_ns=5 * SECOND))
        await asyncio.sleep(0.1)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending

    asyncio.run(against(lambda *_: "hang", doing))
