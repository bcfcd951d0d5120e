"""A service that can be fetched from without a network: rows are a function of the instant, and every request is written down."""

import pytest

from tests.rooms.market.store.service import Service


@pytest.fixture
def service():
    """Rows every 10 ns."""
    return Service()


@pytest.fixture
def now():
    """A clock that stands still."""
    return lambda: 5_000
