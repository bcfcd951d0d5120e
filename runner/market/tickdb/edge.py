"""Where the conversation touches the outside: the real clock, rest and dice, and the one variable that holds the key.

What this process asked of a service lately is kept here too: the service counts the requests of an account, not those of a
conversation, and every part of a history is a conversation of its own.
"""

import os
import random
import time
from functools import cache

from runner.market.tickdb.pace import Pace
from runner.market.tickdb.ports import Ports
from runner.market.tickdb.secret import Secret

__all__ = ["key_from", "pace_of", "real_ports"]


def real_ports() -> Ports:
    """Return this machine's clock, rest and dice."""
    return Ports(now=time.time_ns, elapsed=time.monotonic, sleep=time.sleep, chance=random.SystemRandom().random)


@cache
def pace_of(base_url: str, key_env: str) -> Pace:  # noqa: ARG001 - they tell paces apart
    """Return the one pace of this process for a service and the variable that holds its key."""
    ports = real_ports()
    return Pace(ports.elapsed, ports.sleep)


def key_from(variable: str) -> Secret | None:
    """Return the key an environment variable holds, None if it is unset or empty."""
    value = os.environ.get(variable, "")
    return Secret(value) if value else None
