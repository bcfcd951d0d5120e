"""One request over a real socket of this machine: what arrives, what is refused, and that the key goes nowhere else."""

import gzip
import logging

import pytest

from runner.market.tickdb.request import Request
from runner.market.tickdb.secret import Secret
from runner.market.tickdb.settings import Service as Settings
from runner.market.tickdb.transport import BrokenError, HttpTransport
from tests.rooms.market.tickdb.loopback import CUT, FLOOD, HANG, RESET, serving
from tests.rooms.market.tickdb.service import KEY, MINUTE, Failure, Manners, Service, klines, ms

START = ms("2024-03-04")
KLINES = Request("/v1/market/kline", (("symbol", "BTCUSDT"), ("interval", "1m"), ("limit", "5")))


@pytest.fixture
def send():
    """Send one request to a service on a socket: `send(service, faults=…)`."""

    def run(service, faults=(), elapsed=lambda: 0.0):
        with serving(service, faults) as address:
            transport = HttpTransport(Settings(address, "tickdb_v1", 1.0, 0.3, 0, 60), Secret(KEY), elapsed)
            try:
                return transport.send(KLINES)
            finally:
                transport.close()

    return run


def market(**manners):
    return Service({"BTCUSDT": klines(START + MINUTE * n for n in range(5))}, Manners(**manners))


@pytest.mark.parametrize("gzipped", [False, True])
def test_an_answer_arrives_unpacked(send, gzipped):
    """Packed or not, the body is the JSON."""
    reply = send(market(gzipped=gzipped))

    assert reply.status == 200
    assert reply.body.startswith(b'{"code": 0')


def test_the_key_is_in_its_header_and_nowhere_else(send):
    """Neither path nor parameters nor another header carry it."""
    service = market()

    send(service)

    ((path, params, headers),) = service.asked
    assert headers.pop("X-API-Key") == KEY
    assert KEY not in f"{path}{params}{headers}"


def test_a_redirect_is_not_followed(send):
    """The other host would be given the key."""
    other = market()
    with serving(other) as elsewhere:
        moved = Failure(302, headers={"Location": f"{elsewhere}/v1/market/kline"})

        with pytest.raises(BrokenError, match="never followed") as caught:
            send(Service({}, failures=[moved]))

    assert not caught.value.passing
    assert other.asked == []


@pytest.mark.parametrize(
    ("fault", "words", "passing"),
    [
        (RESET, "broke off", True),
        (CUT, "broke off within the answer", True),
        (HANG, "no answer in time", True),
        (FLOOD, "more than 16 MiB", False),
    ],
)
def test_what_breaks_says_whether_it_can_pass(send, fault, words, passing):
    """A reset, half a body and silence may pass; a flood doesn't."""
    with pytest.raises(BrokenError, match=words) as caught:
        send(market(), [fault])

    assert caught.value.passing is passing
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_an_answer_that_trickles_is_given_up():
    """Every byte in time and still never done: two minutes are the end."""
    ticks = iter(range(0, 10_000, 100))
    with serving(market()) as address:
        transport = HttpTransport(Settings(address, "tickdb_v1", 1.0, 1.0, 0, 60), Secret(KEY), lambda: next(ticks) * 2.0)

        with pytest.raises(BrokenError, match="still incomplete after 120 s"):
            transport.send(KLINES)
        transport.close()


def test_a_packed_flood_is_cut_off(send):
    """A small answer that unpacks to 40 MB is refused as a large one is."""
    bomb = Failure(200, gzip.compress(b" " * 40_000_000), {"Content-Encoding": "gzip"})

    with pytest.raises(BrokenError, match="16 MiB"):
        send(Service({}, failures=[bomb]))


def test_nobody_listening_is_a_passing_failure():
    """A refused connection may be a restart."""
    with serving(market()) as address:
        pass
    transport = HttpTransport(Settings(address, "tickdb_v1", 1.0, 1.0, 0, 60), Secret(KEY), lambda: 0.0)

    with pytest.raises(BrokenError) as caught:
        transport.send(KLINES)
    transport.close()

    assert caught.value.passing


def test_a_proxy_of_the_environment_never_sees_the_key(send, monkeypatch):
    """To this machine the key goes in plain text, so it goes directly."""
    proxy = market()
    with serving(proxy) as elsewhere:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
            monkeypatch.setenv(name, elsewhere)

        send(market())

    assert proxy.asked == []


def test_the_most_talkative_log_has_no_key(send, caplog, monkeypatch):
    """Debugging the HTTP library shows paths, not the key."""
    # Hydra's logging set-up switches off every logger that is there already.
    monkeypatch.setattr(logging.getLogger("urllib3.connectionpool"), "disabled", False)
    with caplog.at_level(logging.DEBUG):
        send(market())

    assert "/v1/market/kline" in caplog.text
    assert KEY not in caplog.text
