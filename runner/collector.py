"""Python's collector of cycles, kept from getting in the way of a session or a sweep.

It looks at everything there is each time enough was made since: with what a program has imported that takes a hundred
milliseconds, at any moment. A session makes thousands of tuples a second that hold no cycles and are gone at once; so does a
sweep that makes lane after lane.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["collected_seldom"]

MADE = 50_000
"""Objects that are made, less those that are gone again, before the collector looks at the newest."""


@contextmanager
def collected_seldom() -> Iterator[None]:
    """Leave alone what is there already as long as this lasts, and look at what is new after so much of it only."""
    before, is_frozen = gc.get_threshold(), gc.get_freeze_count() > 0
    gc.freeze()
    gc.set_threshold(MADE, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        if not is_frozen:
            gc.unfreeze()
