"""Forbids the ways around the doors while a simulation runs: the machine's clocks, its chance, threads and sleeping.

What the code under test asks the machine can't be repeated, so a digest would differ from run to run, or worse, wouldn't
and hide a dependency. `forbidding` replaces these functions by ones that raise, for the thread that runs the simulation;
other threads of the process (a test runner's) go on as they were.
"""

import os
import random
import secrets
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

__all__ = ["FORBIDDEN", "EscapedError", "forbidding"]

FORBIDDEN: tuple[tuple[ModuleType | type, str], ...] = (
    (time, "time"),
    (time, "time_ns"),
    (time, "monotonic"),
    (time, "monotonic_ns"),
    (time, "perf_counter"),
    (time, "perf_counter_ns"),
    (time, "sleep"),
    (random, "random"),
    (random, "randint"),
    (random, "randrange"),
    (random, "choice"),
    (random, "shuffle"),
    (random, "uniform"),
    (random, "getrandbits"),
    (secrets, "token_bytes"),
    (secrets, "token_hex"),
    (secrets, "randbelow"),
    (uuid, "uuid1"),
    (uuid, "uuid4"),
    (os, "urandom"),
    (os, "getrandom"),
    (threading.Thread, "start"),
)
"""(owner, name) of every function that answers differently each time, or starts what does."""


class EscapedError(AssertionError):
    """The code under test went around its doors."""


@contextmanager
def forbidding() -> Iterator[None]:
    """Let every function of `FORBIDDEN` raise `EscapedError` in this thread."""
    mine = threading.get_ident()
    real = [(owner, name, getattr(owner, name)) for owner, name in FORBIDDEN]
    try:
        for owner, name, function in real:
            setattr(owner, name, _forbidden(f"{owner.__name__}.{name}", function, mine))
        yield
    finally:
        for owner, name, function in real:
            setattr(owner, name, function)


def _forbidden(name: str, function: Callable[..., Any], mine: int) -> Callable[..., Any]:
    def refuse(*args: Any, **kwargs: Any) -> Any:
        if threading.get_ident() == mine:
            raise EscapedError(f"{name} was called: a session reaches time, chance and threads through its ports alone")
        return function(*args, **kwargs)

    return refuse
