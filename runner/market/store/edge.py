"""Where the store touches the outside: the folder of the user's cache, and the clock."""

import os
import time
from pathlib import Path

__all__ = ["now", "store_folder"]


def store_folder(declared: str | None = None) -> Path:
    """Return the declared folder, or the user's cache: `$XDG_CACHE_HOME/runner`, `~/.cache/runner` where that isn't set.

    A relative `XDG_CACHE_HOME` is ignored, as its standard asks.
    """
    if declared is not None:
        return Path(declared).expanduser()
    cache = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return (cache if cache.is_absolute() else Path("~/.cache").expanduser()) / "runner"


def now() -> int:
    """Return the current UTC nanoseconds."""
    return time.time_ns()
