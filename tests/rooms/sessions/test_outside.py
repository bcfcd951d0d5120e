"""Services are reached with keys out of the environment, and a key that isn't there is said by its variable's name."""

import pytest

from runner.errors import ConfigError
from runner.live.feeds.alpaca import Alpaca
from runner.live.feeds.binance import Binance
from runner.live.feeds.tickdb import Tickdb
from runner.sessions.dialects import dialect_of
from runner.sessions.outside import outside_doors
from runner.spec.run import RunSpec
from runner.spec.timezone import Timezone
from runner.spec.universe import Universe

KEYS = {"TICKDB_API_KEY": "hush-1", "APCA_API_KEY_ID": "hush-2", "APCA_API_SECRET_KEY": "hush-3"}
MINUTES = Timezone(zone="UTC", stamp="open", interval="1min", calendar="24-7")


def spec(feed):
    return RunSpec.model_construct(feed=feed, broker=None, universe=Universe(symbols=["BTCUSDT"]), timezone=MINUTES)


@pytest.mark.parametrize(
    ("feed", "variables"),
    [(Tickdb(), {"TICKDB_API_KEY"}), (Alpaca(), {"APCA_API_KEY_ID", "APCA_API_SECRET_KEY"}), (Binance(), set())],
    ids=lambda value: getattr(value, "kind", ""),
)
def test_every_variable_that_is_missing_is_named(feed, variables):
    """All of them at once; Binance's market data ask nobody for a key."""
    if not variables:
        assert outside_doors(spec(feed), {}).account is None
        return
    with pytest.raises(ConfigError) as caught:
        outside_doors(spec(feed), {})

    assert {fault.was for fault in caught.value.faults} == variables


@pytest.mark.parametrize("feed", [Tickdb(), Alpaca(), Binance()], ids=lambda feed: feed.kind)
def test_no_key_is_in_what_is_shown(feed):
    """Doors may be printed."""
    doors = outside_doors(spec(feed), KEYS)

    assert "hush" not in repr(doors)
    assert doors.venue == feed.kind
    assert dialect_of(spec(feed)).manners == doors.dialect.manners


@pytest.mark.parametrize(
    ("feed", "has_history", "has_books"),
    [
        (Tickdb(), True, False),
        (Tickdb(rest=None), False, False),
        (Binance(), True, True),
        (Binance(rest=None), False, False),
        (Alpaca(), False, False),
    ],
    ids=["tickdb", "tickdb without rest", "binance", "binance without rest", "alpaca"],
)
def test_what_is_asked_for_beside_the_stream(feed, has_history, has_books):
    """Bars for holes, and whole books where the stream tells differences."""
    doors = outside_doors(spec(feed), KEYS)

    assert (doors.history is not None, doors.books is not None) == (has_history, has_books)


def test_an_address_without_tls_is_refused():
    """A key would be read on the way."""
    with pytest.raises(ConfigError):
        outside_doors(spec(Tickdb(address="ws://example.com/stream")), KEYS)
