"""What goes wrong, how often, and when: one plan per seed.

Every place where something can go wrong asks `plan.strikes(kind)`. Two things make it say yes:

- *intensity*: each seed first draws how often each kind happens, zero included, so that some worlds suffer from one thing
  alone and some from many at once (a swarm explores more than any single mixture);
- *aim*: a kind aimed at a phase strikes once, at its first opportunity after the phase was reached. A matrix of all pairs
  of kinds in all phases is made of aims alone.

After `calm` nothing strikes any more, and what was broken has to converge.
"""

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum
from itertools import combinations

from runner.venue.world import Chance, World

__all__ = ["KINDS", "PHASES", "Fault", "FaultPlan", "Phase", "all_pairs"]


class Fault(StrEnum):
    """One kind of thing that goes wrong."""

    DROP_REQUEST = "drop_request"
    """The request never arrives; nobody says so."""
    DROP_RESPONSE = "drop_response"
    """The venue acts, its answer is lost."""
    ERROR_BEFORE = "error_before"
    """HTTP 5xx, and the venue did nothing."""
    ERROR_AFTER = "error_after"
    """HTTP 5xx, and the venue acted."""
    TOO_MANY = "too_many"
    """HTTP 429 with a time to wait."""
    BAN = "ban"
    """HTTP 418 or 403 with a time to wait; everything is refused until then."""
    SLOW = "slow"
    """The request arrives seconds later, after the caller gave up and perhaps after it died."""
    TRUNCATED = "truncated"
    """HTTP 200 with half a body, and the venue acted."""
    HTML = "html"
    """HTTP 200 with a page of some proxy; the venue may or may not have acted."""
    LYING_400 = "lying_400"
    """HTTP 400 although the order was accepted."""
    FRAME_DROP = "frame_drop"
    """A frame of the private stream is lost, heartbeats go on."""
    FRAME_TWICE = "frame_twice"
    """A frame arrives twice, the second time later."""
    FRAME_LATE = "frame_late"
    """A frame arrives after younger ones."""
    DISCONNECT = "disconnect"
    """The stream breaks; what is sent meanwhile is lost."""
    HANDSHAKE = "handshake"
    """The stream is refused or answers nothing when it is opened."""
    GARBAGE_FRAME = "garbage_frame"
    """A frame of an unknown type, or no JSON at all."""
    REJECT = "reject"
    """The venue refuses an order for want of funds."""
    VENUE_CANCEL = "venue_cancel"
    """The venue cancels a resting order by itself."""
    FORK = "fork"
    """A replacement leaves the replaced order alive."""
    HALF_REPLACE = "half_replace"
    """A replacement cancels the old order and refuses the new one."""
    FOREIGN = "foreign"
    """Somebody else places an order in the same account."""
    BUST = "bust"
    """An execution is taken back, or corrected, some time after it happened."""
    LATE_FILL = "late_fill"
    """An order that was told to be cancelled fills once more: the match was faster than the telling."""
    OVERFILL = "overfill"
    """An order is filled by more than it asked for."""
    MOST_LAG = "most_lag"
    """What happened stays invisible to queries as long as the venue may take."""
    CRASH = "crash"
    """The process is killed."""
    LOST_COMMIT = "lost_commit"
    """A commit under way when the process dies leaves nothing behind."""
    SLOW_SYNC = "slow_sync"
    """A commit takes seconds."""
    DISK_FULL = "disk_full"
    """A commit fails; nothing was kept."""
    DISK_ERROR = "disk_error"
    """A commit fails; the rows may be there or not."""
    CLOCK_STEP = "clock_step"
    """The wall clock jumps; the monotonic one does not."""
    QUOTES_STOP = "quotes_stop"
    """Market data of an instrument stop for a while; the private stream goes on."""
    BROKEN_BOOK = "broken_book"
    """A book is known to have a gap for a while."""
    RESTART = "restart"
    """Somebody stops the process politely, and starts it again."""
    KILL_SWITCH = "kill_switch"
    """Somebody asks for the kill."""
    REDIRECT = "redirect"
    """HTTP 307 to somebody else's address; the venue did nothing."""
    FLOOD = "flood"
    """More frames of the private stream at once than wait in any line."""


class Phase(StrEnum):
    """Where an order, or the session, is on its way."""

    RECOVERING = "recovering"
    STREAM_OPENING = "stream_opening"
    IDLE = "idle"
    INTENT_COMMITTING = "intent_committing"
    PLACE_LEAVING = "place_leaving"
    PLACE_LANDED = "place_landed"
    PLACE_ANSWERED = "place_answered"
    RESTING = "resting"
    PARTLY_FILLED = "partly_filled"
    FILLED = "filled"
    CANCEL_LEAVING = "cancel_leaving"
    CANCEL_LANDED = "cancel_landed"
    REPLACE_LEAVING = "replace_leaving"
    QUERY_LEAVING = "query_leaving"


KINDS = tuple(Fault)
PHASES = tuple(Phase)

MANY = {
    Fault.DROP_REQUEST: (0, 0, 0.02, 0.10),
    Fault.DROP_RESPONSE: (0, 0, 0.05, 0.20),
    Fault.ERROR_BEFORE: (0, 0, 0.03, 0.08),
    Fault.ERROR_AFTER: (0, 0, 0.03, 0.10),
    Fault.TOO_MANY: (0, 0, 0.05),
    Fault.SLOW: (0, 0, 0.05, 0.20),
    Fault.TRUNCATED: (0, 0, 0.03, 0.10),
    Fault.HTML: (0, 0, 0.03),
    Fault.LYING_400: (0, 0, 0.05),
    Fault.FRAME_DROP: (0, 0.01, 0.05, 0.5),
    Fault.FRAME_TWICE: (0, 0.05, 0.3),
    Fault.FRAME_LATE: (0, 0.05, 0.3),
    Fault.DISCONNECT: (0, 0, 0.01, 0.04),
    Fault.HANDSHAKE: (0, 0, 0.2),
    Fault.GARBAGE_FRAME: (0, 0, 0.05),
    Fault.REJECT: (0, 0, 0.03),
    Fault.VENUE_CANCEL: (0, 0, 0.01, 0.05),
    Fault.FORK: (0, 0, 0.3),
    Fault.HALF_REPLACE: (0, 0, 0.3),
    Fault.MOST_LAG: (0, 0.1, 0.5),
    Fault.LOST_COMMIT: (0, 0.5, 1),
    Fault.SLOW_SYNC: (0, 0, 0.01),
    Fault.QUOTES_STOP: (0, 0, 0.02),
    Fault.BROKEN_BOOK: (0, 0, 0.02),
    Fault.RESTART: (0, 0, 0, 0.03),
}
"""Kind → the intensities a seed draws from: the chance at each opportunity."""

SELDOM = {
    Fault.FOREIGN: (0.1, 0.02),
    Fault.BUST: (0.06, 0.05),
    Fault.LATE_FILL: (0.08, 0.5),
    Fault.OVERFILL: (0.06, 0.05),
    Fault.DISK_FULL: (0.06, 0.02),
    Fault.DISK_ERROR: (0.06, 0.02),
    Fault.BAN: (0.04, 0.01),
    Fault.CLOCK_STEP: (0.1, 0.05),
    Fault.KILL_SWITCH: (0.1, 0.03),
}
"""Kind after which a person is asked, or that bends a limit → (the share of seeds that have it, its intensity there)."""

LATER = {Fault.REDIRECT: (0.3, 0.03), Fault.FLOOD: (0.04, 0.05)}
"""Likewise; drawn from a stream of their own, so that the seeds known before keep their worlds."""

CRASHES = (0, 1, 1, 2, 3)
"""How many times the process is killed, drawn per seed."""


class FaultPlan:
    """What goes wrong in one world."""

    def __init__(
        self, world: World, intensities: dict[Fault, float], crashes: int, aims: Iterable[tuple[Fault, Phase]] = ()
    ) -> None:
        """Hold intensities and aims; kinds not named never strike."""
        self.intensities = intensities
        self.crashes = crashes
        """How many kills by chance are still to come."""
        self.struck: Counter[Fault] = Counter()
        """How often each kind has struck."""
        self.on_crash = _nothing
        """Called when an aimed `CRASH` strikes."""
        self._world = world
        self._aims = list(aims)
        self._armed: set[Fault] = set()
        self._calm = False

    @classmethod
    def swarm(cls, world: World) -> "FaultPlan":
        """Draw the plan of a seed."""
        draw = world.chance("swarm")
        intensities = {kind: draw.choice(choices) for kind, choices in MANY.items()}
        for kind, (share, intensity) in SELDOM.items():
            intensities[kind] = intensity if draw.random() < share else 0
        later = world.chance("swarm, later")
        for kind, (share, intensity) in LATER.items():
            intensities[kind] = intensity if later.random() < share else 0
        return cls(world, intensities, draw.choice(CRASHES))

    @classmethod
    def aimed(cls, world: World, aims: Iterable[tuple[Fault, Phase]]) -> "FaultPlan":
        """Make a plan in which nothing happens by chance."""
        return cls(world, {}, 0, aims)

    def chance(self, kind: Fault) -> Chance:
        """Return the stream of chance of one kind."""
        return self._world.chance(f"fault/{kind}")

    def strikes(self, kind: Fault) -> bool:
        """Return whether this opportunity goes wrong in this way."""
        if kind in self._armed:
            self._armed.discard(kind)
        else:
            intensity = self.intensities.get(kind, 0)
            if self._calm or not intensity or self.chance(kind).random() >= intensity:
                return False
        self._record(kind)
        return True

    def reach(self, phase: Phase) -> None:
        """Say that a phase is reached: what is aimed at it strikes at its next opportunity."""
        if not self._aims or self._calm:
            return
        for aim in [aim for aim in self._aims if aim[1] is phase]:
            self._aims.remove(aim)
            if aim[0] is Fault.CRASH:
                self._record(Fault.CRASH)
                self.on_crash()
            else:
                self._armed.add(aim[0])

    def calm(self) -> None:
        """Let nothing go wrong any more."""
        self._calm = True
        self._armed.clear()
        self._aims.clear()
        self.crashes = 0

    @property
    def is_calm(self) -> bool:
        """Return whether the faults are over."""
        return self._calm

    def _record(self, kind: Fault) -> None:
        self.struck[kind] += 1
        self._world.note(f"fault {kind}")


def all_pairs() -> tuple[tuple[tuple[Fault, Phase], ...], ...]:
    """Return the matrix: every kind alone and every pair of kinds, in every phase."""
    return tuple(
        tuple((kind, phase) for kind in kinds)
        for phase in PHASES
        for count in (1, 2)
        for kinds in combinations(KINDS, count)
    )


def _nothing() -> None:
    """Strike nobody."""
