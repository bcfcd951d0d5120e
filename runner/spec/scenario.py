"""What goes wrong between a decision and its fill: delay, rejection, outages; drawn from the run's seed."""

from typing import Annotated

from pydantic import Field

from runner.spec.kind import Spec
from runner.units import Duration, Fraction, Instant

__all__ = ["Outage", "Scenario"]


class Outage(Spec):
    """A stretch in which the venue fills nothing; orders wait, and grow older meanwhile.

    A bar that it touches has no range for orders and exits that wait for a price, as nobody knows which of its prices came
    when the venue was there, and no average price; its open and its close fill unless they are of the outage themselves.
    """

    start: Instant
    """First instant of the outage, in UTC, quoted: `"2024-03-01T14:30Z"`."""
    end: Instant
    """First instant after it."""


class Scenario(Spec):
    """Draws depend on the seed, the symbol and the number of the symbol's order, and on nothing else."""

    latency: Duration | None = None
    """Time from a decision to the venue; null for none beyond waiting for the next row."""
    jitter: Duration | None = None
    """Time that may be added to it, drawn evenly per order."""
    rejection: Fraction = 0.0
    """Chance that the venue rejects an order; the rules may ask again at the next row."""
    outages: Annotated[tuple[Outage, ...], Field(strict=False)] = ()
    """Stretches in which nothing fills."""
