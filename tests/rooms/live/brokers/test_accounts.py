"""The kinds of account: what a configuration may say, and what becomes of it."""

import pytest

from runner.errors import ConfigError
from runner.kinds import FolderKinds
from tests.fake_venues.speaking import broker_of

KINDS = FolderKinds().names("broker")


def made(kind, **options):
    return FolderKinds().find("broker", kind).model_validate({"kind": kind, **options})


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_works_as_it_is(kind):
    """Its defaults are a broker without money: an address with TLS or on this machine, and a profile of its own."""
    broker = made(kind)

    if kind != "embedded":
        service = broker.service()
        assert service.rest.startswith(("https://", "http://127.0.0.1:"))
        assert service.stream.startswith(("wss://", "ws://127.0.0.1:"))
    assert broker.place != "live"
    assert broker.profile().name in {kind, "tickdb"}


def test_paper_and_live_are_two_accounts():
    """Their journals can't be mistaken for one another, and neither can two names."""
    prints = {
        made("alpaca", environment=world, account=name).fingerprint for world in ("paper", "live") for name in ("a", "b")
    }

    assert len(prints) == 4
    assert made("alpaca").service().rest == "https://paper-api.alpaca.markets"
    assert made("alpaca", environment="live").service().stream == "wss://api.alpaca.markets/stream"
    assert made("binance", environment="live").service().rest == "https://api.binance.com"


def test_the_embedded_venue_is_where_it_was_started():
    """Before that there is no address, and that is said."""
    with pytest.raises(ConfigError, match="isn't running"):
        made("embedded").service()

    service = made("embedded").at("http://127.0.0.1:9").service()

    assert (service.rest, service.stream) == ("http://127.0.0.1:9", "ws://127.0.0.1:9/v1/trade/stream")


@pytest.mark.parametrize("name", ["my key", "lower", "1ST", "", "A" * 65, "KEY=x"])
def test_a_variable_is_named_in_capitals(name):
    """A key in the place of its variable's name is refused."""
    with pytest.raises(ValueError, match="key_env"):
        broker_of("tickdb", key_env=name)
