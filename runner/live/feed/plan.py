"""What a feed is asked for: symbols, streams, bars, and how long anything is waited for.

Durations are nanoseconds of market time, except those of the line itself, which are the machine's.
"""

from dataclasses import dataclass
from typing import Literal

from runner.duration import HOUR
from runner.errors import ConfigError, Fault
from runner.live.feed.grid import Align, grid_faults
from runner.live.feed.messages import Channel
from runner.market.streams import Stream
from runner.spec.timezone import Timezone

__all__ = ["Plan"]

SECOND = 1_000_000_000
MINUTE = 60 * SECOND


@dataclass(frozen=True, slots=True)
class Plan:
    """One session's data; checked when it is made: raises ConfigError."""

    symbols: tuple[str, ...]
    """As the venue spells them, in the order of the universe."""
    streams: tuple[Stream, ...] = ("bars",)
    """What rows are made of."""
    bars: Timezone | None = None
    """The policy of the bars: what their stamps mean on a tape, and so where they begin and end."""
    events: Timezone | None = None
    """The policy of trades, quotes and books (`stamp: event`): their session dates, and when the market is open; None is
    that of the bars."""
    bars_from: Literal["trades", "mids", "venue"] = "trades"
    """What bars are built of: trades, the middle of the best prices (of unknown volume), or the venue builds them."""
    align: Align = "clock"
    """Where bars are counted from."""
    levels: int = 0
    """Levels per side of the rows of depth."""
    touch: Channel | None = None
    """Where best prices come from beside the streams: `depth`, `quotes`, or None for nowhere."""
    lateness_ns: int = SECOND
    """How far the venue's time must be past the end of a bar before it is decided: as far as stamps of one connection may be
    out of order. 0 where a pong of T means that everything up to T was heard."""
    patience_ns: int = 10 * SECOND
    """How long after its end a bar is decided even if the venue's time is unknown."""
    refill_ns: int = 0
    """How long after its end a bar with a hole is waited for from history; 0 doesn't ask for it."""
    together: bool = False
    """Whether rows of events too wait until everything up to their stamp has been heard, and come in the order of their
    stamps; otherwise they are handed on as they come."""
    silence_ns: int | None = None
    """How long a symbol may say nothing in an open market until its data are stale; None: no matter how long."""
    ahead_ns: int | None = HOUR
    """A stamp further ahead of the market's time is refused; None refuses none."""
    eager: bool = False
    """Whether the next ping follows as soon as what the last one brought has been dealt with: a venue that goes in step."""
    waiting: int = 1_000
    """Instants that may wait to be taken."""
    behind_ns: int = 50_000_000
    """Once an instant has waited so long, on the machine's clock, newer books and quotes take the place of older ones."""

    def __post_init__(self) -> None:
        """Refuse what contradicts itself."""
        if self.touch is not None:
            # A plan that was read from text has the word.
            object.__setattr__(self, "touch", Channel(self.touch))
        faults = [*self._stream_faults(), *self._policy_faults(), *self._number_faults()]
        if faults:
            raise ConfigError(faults)

    @property
    def channels(self) -> tuple[Channel, ...]:
        """What has to be subscribed to, for every symbol."""
        wanted = {Channel(stream) for stream in self.streams if stream != "bars"}
        if "bars" in self.streams:
            wanted.add(self.bars_channel)
        if self.touch is not None:
            wanted.add(self.touch)
        return tuple(channel for channel in Channel if channel in wanted)

    @property
    def bars_channel(self) -> Channel:
        """What bars are made of."""
        of_mids = Channel.QUOTES if self.touch is Channel.QUOTES else Channel.DEPTH
        return {"trades": Channel.TRADES, "mids": of_mids, "venue": Channel.BARS}[self.bars_from]

    def _stream_faults(self) -> list[Fault]:
        faults = []
        if not self.symbols or len(set(self.symbols)) != len(self.symbols):
            faults.append(Fault("universe.symbols", "must name each symbol once, and one at least"))
        if not self.streams or len(set(self.streams)) != len(self.streams):
            faults.append(Fault("data.stream", "must name each stream once, and one at least"))
        if ("depth" in self.streams) != (self.levels > 0):
            faults.append(Fault("data.levels", "must be at least 1 with depth and 0 without", str(self.levels)))
        return faults

    def _policy_faults(self) -> list[Fault]:
        if "bars" in self.streams and self.bars is None:
            return [Fault("timezone", "must say how bars are stamped", "nothing", "Write a policy with stamp: open.")]
        faults = [] if self.bars is None else grid_faults(self.bars, self.align)
        if self.bars is None and self.events is None:
            faults.append(Fault("timezone", "must say which session a row belongs to", "nothing", "Write stamp: event."))
        return faults

    def _number_faults(self) -> list[Fault]:
        least = {"lateness_ns": 0, "patience_ns": 1, "refill_ns": 0, "waiting": 1, "behind_ns": 0}
        return [
            Fault(f"feed.{name}", f"must be at least {lowest}", str(getattr(self, name)))
            for name, lowest in least.items()
            if getattr(self, name) < lowest
        ]
