"""What goes wrong at the venue, how often and when: one seeded plan, read from YAML.

    seed: 7
    delay_ms: 200                   # how late what is late comes
    outage: "10min"                 # how long data stop while pongs go on, by the market's clock
    kinds:
      disconnect: {chance: 0.001}
      order_error_after: {at: ["2024-03-01T14:30Z"]}
      too_many: {chance: 0.01, most: 3}

Every place where something can go wrong asks `Chances.strikes(kind)`: by chance at each opportunity, and once at the first
opportunity at or after each named market time. Each kind draws from its own stream of chance, so one kind more shifts no
other. How often each struck is counted.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import Field, ValidationError

from runner.duration import nanoseconds
from runner.errors import ConfigError, Fault, did_you_mean
from runner.spec.kind import Spec
from runner.strict_yaml import read
from runner.units import Duration, Fraction, Instant
from runner.venue.server.stamps import MS
from runner.venue.world import Chance, World

__all__ = ["Chances", "FaultKind", "FaultPlan", "Wrong", "read_plan"]

SHORTEST_INSTANT = "YYYY-MM-DDTHH:MMZ"


class FaultKind(StrEnum):
    """One kind of thing that goes wrong."""

    # REST, market data and trading alike
    TOO_MANY = "too_many"
    """429 / 3001 with `Retry-After`."""
    TOO_MANY_BARE = "too_many_bare"
    """429 / 3001 without."""
    SERVER_ERROR = "server_error"
    """500 or 503, and nothing was done."""
    STRING_CODE = "string_code"
    """An error's code is the number as text."""
    TEXT_CODE = "text_code"
    """401 whose code is words, although the key is right."""
    OK_WITH_CODE = "ok_with_code"
    """HTTP 200 with a code that isn't 0."""
    SLOW = "slow"
    """The answer comes `delay_ms` late."""
    REDIRECT = "redirect"
    """302 to somewhere else."""
    TRUNCATED = "truncated"
    """Half a body; what was asked for was done."""
    HTML = "html"
    """200 with a page of some proxy; what was asked for was done."""
    CUT = "cut"
    """The connection breaks before an answer; what was asked for was done."""

    # Klines
    NO_FORMING_BAR = "no_forming_bar"
    """Bars that are over alone, as older versions of the service gave."""
    LIMIT_REFUSED = "limit_refused"
    """A limit above 1,000 or below 1 is error 2004 instead of being capped."""
    SMALL_PAGE = "small_page"
    """Half of the rows asked for."""
    CUT_AT_START = "cut_at_start"
    """Where a window holds more than the limit, its oldest rows are left out instead of its newest."""
    DESCENDING = "descending"
    """Newest first."""
    EXCLUSIVE_ENDS = "exclusive_ends"
    """A bar that opens exactly at a bound isn't given."""
    EXTRA_BAR = "extra_bar"
    """The bar before the window comes along, a duplicate across pages."""
    TWICE_BAR = "twice_bar"
    """A bar comes twice on one page."""
    MISSING_BAR = "missing_bar"
    """A bar is left out."""

    # Market data sockets
    UPGRADE_401 = "upgrade_401"
    """The upgrade is refused, although the key is right."""
    UPGRADE_429 = "upgrade_429"
    """The upgrade is refused for a while."""
    ACK_LATE = "ack_late"
    """The acknowledgement comes `delay_ms` late."""
    ACK_LOST = "ack_lost"
    """It never comes; the subscription holds."""
    ACK_AFTER_DATA = "ack_after_data"
    """The snapshot comes before it."""
    PARTIAL = "partial"
    """5004: the last symbol failed, the others are live."""
    NO_PONG = "no_pong"
    """A ping isn't answered."""
    STALL = "stall"
    """The connection stays open and says nothing more."""
    STALL_WITH_PONGS = "stall_with_pongs"
    """Data stop for `outage`, pongs go on."""
    DISCONNECT = "disconnect"
    """The connection breaks without a word (1006)."""
    CLOSE_GOING_AWAY = "close_going_away"
    """The server closes politely (1001)."""
    AS_ARRAY = "as_array"
    """A message comes in an array."""
    UNKNOWN_CMD = "unknown_cmd"
    """A message of an unknown command comes before."""
    GARBAGE = "garbage"
    """What is no JSON comes before."""
    EMPTY_SIDE = "empty_side"
    """A book without asks."""
    CROSSED = "crossed"
    """A book whose bid is above its ask."""
    LOCKED = "locked"
    """A book whose bid is its ask."""
    BARE_SYMBOL = "bare_symbol"
    """The symbol without its suffix."""
    STALE_STAMP = "stale_stamp"
    """A stamp a minute old: backwards."""
    SECONDS_STAMP = "seconds_stamp"
    """A stamp in seconds."""
    TWICE_MESSAGE = "twice_message"
    """A message comes twice."""
    LOST_MESSAGE = "lost_message"
    """A message never comes."""

    # Trading
    ORDER_429_BEFORE = "order_429_before"
    """429, and the order wasn't looked at."""
    ORDER_429_AFTER = "order_429_after"
    """429, and the order was taken."""
    ORDER_ERROR_BEFORE = "order_error_before"
    """5xx, and the order wasn't looked at."""
    ORDER_ERROR_AFTER = "order_error_after"
    """5xx, and the order was taken."""
    ORDER_CUT_BEFORE = "order_cut_before"
    """The connection breaks, and the order wasn't looked at."""
    ORDER_CUT_AFTER = "order_cut_after"
    """The connection breaks, and the order was taken."""
    ORDER_SLOW = "order_slow"
    """The order is looked at `delay_ms` late."""
    REJECT = "reject"
    """Insufficient funds."""
    VENUE_CANCEL = "venue_cancel"
    """The venue cancels a resting order by itself."""
    MOST_LAG = "most_lag"
    """What happened shows in queries as late as it may."""

    # Private stream
    PRIVATE_REFUSED = "private_refused"
    """The upgrade is refused with 503."""
    PRIVATE_DROP = "private_drop"
    """A frame never comes; heartbeats go on."""
    PRIVATE_TWICE = "private_twice"
    """A frame comes twice."""
    PRIVATE_LATE = "private_late"
    """A frame comes after the next one."""
    PRIVATE_GARBAGE = "private_garbage"
    """What is no frame comes before."""
    PRIVATE_DISCONNECT = "private_disconnect"
    """The stream breaks; what is told meanwhile is lost."""
    PRIVATE_SILENT = "private_silent"
    """The stream stays open and says nothing more, heartbeats included."""


class Wrong(Spec):
    """How often one kind strikes."""

    chance: Fraction = 0.0
    """At each opportunity."""
    at: list[Instant] = Field(default_factory=list)
    """Market times, quoted; it strikes once at the first opportunity at or after each."""
    most: Annotated[int, Field(ge=0)] | None = None
    """Times it strikes at most, by chance and by time together; null sets no bound."""


class FaultPlan(Spec):
    """What goes wrong; nothing unless a kind is named."""

    seed: Annotated[int, Field(ge=0)] = 0
    """Of the plan's chance."""
    delay_ms: Annotated[int, Field(ge=0, le=60_000)] = 200
    """How late what is late comes, in milliseconds of the machine."""
    outage: Duration = "10min"
    """How long `stall_with_pongs` lasts by the market's clock."""
    kinds: dict[str, Wrong] = Field(default_factory=dict)
    """Kind → how often."""


class Chances:
    """The plan while it happens."""

    def __init__(self, plan: FaultPlan, now_ms: Callable[[], int]) -> None:
        """Begin; `now_ms` tells the market's time."""
        self.struck: Counter[str] = Counter()
        """How often each kind has struck."""
        self.delay = plan.delay_ms / 1_000
        self.outage_ms = nanoseconds(plan.outage) // MS
        self._now_ms = now_ms
        self._world = World(plan.seed)
        self._kinds = {FaultKind(name): wrong for name, wrong in plan.kinds.items()}
        self._due = {kind: sorted(_ms(text) for text in wrong.at) for kind, wrong in self._kinds.items()}

    def draw(self, kind: FaultKind) -> Chance:
        """Return the stream of chance of one kind."""
        return self._world.chance(kind)

    def strikes(self, kind: FaultKind) -> bool:
        """Return whether this opportunity goes wrong in this way."""
        wrong = self._kinds.get(kind)
        if wrong is None or (wrong.most is not None and self.struck[kind] >= wrong.most):
            return False
        due = self._due[kind]
        if due and due[0] <= self._now_ms():
            due.pop(0)
        elif not wrong.chance or self.draw(kind).random() >= wrong.chance:
            return False
        self.struck[kind] += 1
        return True


def read_plan(path: Path) -> FaultPlan:
    """Read a plan.

    Raises:
        ConfigError: The file can't be read or isn't a plan; all faults at once.
    """
    try:
        text = path.read_bytes()
    except OSError as error:
        raise ConfigError(Fault(str(path), "must be a file that can be read", error.strerror or "")) from error
    document = read(text, str(path))
    if document.problems:
        raise ConfigError([problem.fault for problem in document.problems])
    faults = list(_strays(document.value.get("kinds"), path))
    try:
        plan = FaultPlan.model_validate(document.value)
    except ValidationError as error:
        faults += [_fault(path, problem) for problem in error.errors()]
    if faults:
        raise ConfigError(faults)
    return plan


def _strays(kinds: object, path: Path) -> Iterator[Fault]:
    """Yield a fault for each name that is no kind."""
    for name in kinds if isinstance(kinds, dict) else ():
        if name not in set(FaultKind):
            yield Fault(
                f"kinds.{name}", "must be a kind of fault", str(name), did_you_mean(str(name), list(FaultKind)), str(path)
            )


def _fault(path: Path, problem: Mapping[str, object]) -> Fault:
    where = problem["loc"]
    key = ".".join(str(part) for part in where) if isinstance(where, tuple) else str(where)
    known = f"A plan has {', '.join(FaultPlan.model_fields)}; a kind has {', '.join(Wrong.model_fields)}."
    return Fault(key, str(problem["msg"]).lower(), str(problem.get("input", ""))[:60], known, str(path))


def _ms(text: str) -> int:
    return int(np.datetime64(text.removesuffix("Z"), "ms").astype(np.int64))
