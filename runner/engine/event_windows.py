"""Whether a fill comes soon after an event, for slippage that asks.

An event between a symbol's last row and its fill, such as earnings after the close, changes what filling costs, though no
decision could have known of it. So these values belong to the rows of the fill clock, by its own instants; those of the
slippage's expressions belong to the last row before. A fill never sees an event that comes after it.
"""

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from runner.duration import nanoseconds
from runner.errors import Fault, did_you_mean
from runner.signal.graph import WITHIN
from runner.signal.sheet import SECOND, Sheet, Surroundings
from runner.trading.fill import FillClock
from runner.trading.slippage import Slippage

__all__ = ["event_faults", "event_windows"]


def event_windows(slippage: Slippage, clock: FillClock, around: Surroundings) -> list[NDArray[np.float64]]:
    """Return two columns [F] per window: 1 where a row's first price comes within it, and where its range is known then.

    Args:
        slippage: Whose windows.
        clock: The rows at which orders fill.
        around: Has the events.
    """
    tape = clock.tape
    found = []
    for event, within in slippage.windows().values():
        name = f"{WITHIN}{event}:{nanoseconds(within) / SECOND!r}"
        for instants in (clock.first, tape.ts):
            sheet = Sheet("fills", instants, tape.session, tape.offsets, tape.columns, around)
            found.append(sheet.column(name))
    return found


def event_faults(slippage: Slippage, events: Iterable[str]) -> list[Fault]:
    """Return a fault for each window after events that no file has."""
    windows: Mapping[str, tuple[str, str]] = slippage.windows()
    known = tuple(events)
    hint = "Name its file under events, e.g. events=earnings."
    return [
        Fault(f"slippage.{path}.event", "must name a file of events", event, did_you_mean(event, known) if known else hint)
        for path, (event, _) in windows.items()
        if event not in known
    ]
