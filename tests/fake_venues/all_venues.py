"""Every fake venue."""

from tests.fake_venues.alpaca import FakeAlpaca
from tests.fake_venues.binance import FakeBinance
from tests.fake_venues.plain import FakePlain
from tests.fake_venues.tickdb import FakeTickdb

VENUES = {venue.kind: venue for venue in (FakePlain, FakeTickdb, FakeAlpaca, FakeBinance)}
"""Kind of the broker → the fake that it speaks to."""
