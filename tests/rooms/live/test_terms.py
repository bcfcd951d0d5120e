"""Where the steps of a session's instruments come from: written, told, or a fault that says what to write."""

import asyncio
from decimal import Decimal

import pytest

from runner.errors import ConfigError
from runner.live.model import Instrument
from runner.live.ports import NoAnswer, Response
from runner.live.terms import instruments_at
from tests.fake_venues.speaking import Speaking, broker_of


class Direct:
    """A way to a fake venue without a network; it may be dead, or say something else."""

    def __init__(self, kind, says=None):
        self.speaking = Speaking(kind)
        self.says = says
        self.asked = 0

    async def send(self, request, *, timeout_ns):  # noqa: ARG002 - the port's signature
        self.asked += 1
        if self.says is None:
            return self.speaking.send(request)
        if isinstance(self.says, Exception):
            raise self.says
        return self.says


def steps(kind, symbols, says=None, **options):
    return asyncio.run(instruments_at(broker_of(kind, **options), Direct(kind, says), symbols))


@pytest.mark.parametrize("kind", ["tickdb", "alpaca", "binance"])
def test_a_venue_tells_its_steps(kind):
    """They are those it holds orders to."""
    speaking = Speaking(kind)

    assert steps(kind, speaking.venue.symbols) == speaking.contract.instruments


def test_what_is_written_wins_and_is_not_asked_for():
    """Both steps of a symbol, and its currency."""
    written = {"ticks": {"ABC": "0.05"}, "lots": {"ABC": "10"}, "currency": "HKD"}

    assert steps("tickdb", ["ABC"], NoAnswer(), **written) == {"ABC": Instrument("ABC", Decimal("0.05"), Decimal(10), "HKD")}


def test_every_symbol_without_steps_is_told_at_once():
    """Half written, not traded; at a venue that tells none, what to write."""
    with pytest.raises(ConfigError) as one:
        steps("binance", ["BTCUSDT", "NOSUCH", "HALF"], ticks={"HALF": "1"})
    with pytest.raises(ConfigError) as other:
        steps("simulated", ["ABC"])

    assert [fault.where for fault in one.value.faults] == ["broker.lots.HALF", "universe.symbols.NOSUCH"]
    assert 'Write broker.ticks: {ABC: "0.01"}' in str(other.value)


@pytest.mark.parametrize("says", [NoAnswer(), Response(500, b"oops"), Response(200, b"{}")])
def test_a_venue_that_says_nothing_is_a_fault(says):
    """No answer, an error, an answer that can't be read."""
    with pytest.raises(ConfigError, match=r"universe\.symbols\.SPY"):
        steps("alpaca", ["SPY"], says)


@pytest.mark.parametrize("step", ["0", "0.0", "-1", "1e5", "", "abc", "1."])
def test_a_step_is_plain_decimal_text_above_zero(step):
    """Anything else is refused where it is written."""
    with pytest.raises(ValueError, match="ticks"):
        broker_of("simulated", ticks={"ABC": step})


@pytest.mark.parametrize("step", ["1", "10", "0.01", "0.00000001", "0.5", "12.25"])
def test_steps_that_venues_have_are_taken(step):
    """From a hundred-millionth on."""
    assert broker_of("simulated", ticks={"ABC": step}).ticks == {"ABC": step}
