"""What one connection has asked for and what of it the venue has confirmed.

Batches are asked for one after the other. A venue may answer late, not at all, for some of the symbols only, or after the
first data; so a batch is through when each of its symbols is acknowledged or has had data since, and whatever isn't is asked
for again.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from runner.live.feed.messages import Acked, Channel

__all__ = ["Batch", "Subscriptions"]


@dataclass(slots=True)
class Batch:
    """One request."""

    channel: Channel
    symbols: tuple[int, ...]
    number: int = 0
    """Of the request, counted from 1; 0 until it is sent."""
    tries: int = 0
    since: int = 0
    """Market time at which it was sent."""


class Subscriptions:
    """All batches of one connection."""

    def __init__(self, channels: Sequence[Channel], symbols: Sequence[int], most: int) -> None:
        """Have everything still to ask for."""
        starts = range(0, len(symbols), most)
        self.waiting = deque(Batch(channel, tuple(symbols[at : at + most])) for channel in channels for at in starts)
        """Batches to be asked for, in order."""
        self.asked: Batch | None = None
        """The one that was asked for and isn't through yet."""
        self._count = 0

    @property
    def are_through(self) -> bool:
        """Whether everything has been confirmed."""
        return self.asked is None and not self.waiting

    def ask(self, now: int) -> Batch:
        """Take the next batch to ask for, at a market time; there must be one."""
        batch = self.waiting.popleft()
        self._count += 1
        batch.number, batch.since = self._count, now
        batch.tries += 1
        self.asked = batch
        return batch

    def confirm(self, acked: Acked) -> None:
        """Take an answer that confirms something; what it doesn't confirm is asked for again."""
        batch = self.asked
        if batch is None or not self._answers(acked, batch):
            return
        live = set(batch.symbols if acked.symbols is None else acked.symbols)
        self._settle(batch, tuple(symbol for symbol in batch.symbols if symbol not in live))

    def give_up(self, heard: Sequence[int | None]) -> None:
        """Stop waiting for an answer: symbols with data since they were asked for are live all the same."""
        batch = self.asked
        if batch is not None:
            found = ((symbol, heard[symbol]) for symbol in batch.symbols)
            self._settle(batch, tuple(symbol for symbol, at in found if at is None or at < batch.since))

    def _settle(self, batch: Batch, rest: tuple[int, ...]) -> None:
        self.asked = None
        if rest:
            self.waiting.append(Batch(batch.channel, rest, tries=batch.tries))

    @staticmethod
    def _answers(acked: Acked, batch: Batch) -> bool:
        if acked.number >= 0:
            return acked.number == batch.number
        if acked.channel is not None and acked.channel is not batch.channel:
            return False
        return acked.symbols is None or not acked.symbols or bool(set(acked.symbols) & set(batch.symbols))
