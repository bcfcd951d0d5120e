"""The venue's own machine: real time, and a key that nobody can guess."""

import asyncio
import os
import secrets
import time
from pathlib import Path

from runner.errors import Fault, RunError
from runner.market.tickdb.secret import Secret

__all__ = ["Machine", "new_key", "write_key"]

KEY_BYTES = 32


class Machine:
    """Time of this machine: UTC as it was when the venue began, and monotonic from there, so that it never steps."""

    def __init__(self) -> None:
        """Begin now."""
        self._offset = time.time_ns() - time.monotonic_ns()

    def utc_ns(self) -> int:
        """Return UTC nanoseconds that never go back."""
        return time.monotonic_ns() + self._offset

    def mono_ns(self) -> int:
        """Return monotonic nanoseconds."""
        return time.monotonic_ns()

    async def sleep(self, duration_ns: int) -> None:
        """Return after so many nanoseconds."""
        await asyncio.sleep(max(duration_ns, 0) / 1e9)


def new_key() -> Secret:
    """Return a key that was never used before."""
    return Secret(secrets.token_urlsafe(KEY_BYTES))


def write_key(path: Path, key: Secret) -> None:
    """Write the key into a new file that its owner alone can read.

    Raises:
        RunError: The file is there already, or can't be written.
    """
    try:
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise RunError(
            Fault(str(path), "must be a new file that can be written", error.strerror or "", "Name another with --key-file.")
        ) from error
    with os.fdopen(number, "w") as file:
        file.write(f"{key.reveal()}\n")
