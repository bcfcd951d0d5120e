"""Where the conversation touches the outside: the real clock, rest and dice, and the one variable that holds the key."""

import os
import random
import time

from runner.market.tickdb.ports import Ports
from runner.market.tickdb.secret import Secret

__all__ = ["key_from", "real_ports"]


def real_ports() -> Ports:
    """Return this machine's clock, rest and dice."""
    return Ports(now=time.time_ns, elapsed=time.monotonic, sleep=time.sleep, chance=random.SystemRandom().random)


def key_from(variable: str) -> Secret | None:
    """Return the key an environment variable holds, None if it is unset or empty."""
    value = os.environ.get(variable, "")
    return Secret(value) if value else None
