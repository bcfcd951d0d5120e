"""What a run's feed speaks."""

from runner.live.feed.dialect import Dialect
from runner.live.feed.dialects.tickdb import TickDb
from runner.live.feeds.embedded import Embedded
from runner.live.feeds.tickdb import Tickdb
from runner.spec.run import RunSpec

__all__ = ["dialect_of"]


def dialect_of(spec: RunSpec) -> Dialect:
    """Return the dialect of a run's feed, for its symbols."""
    if isinstance(spec.feed, Embedded | Tickdb):
        return TickDb(tuple(spec.universe.symbols), dialect=spec.feed.dialect)
    raise TypeError(f"{spec.feed!r} is no feed that is known here")
