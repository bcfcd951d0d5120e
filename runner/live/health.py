"""Whether the next order is safe: what a session must know freshly, and whether it does.

Nothing here is about the books, which are right whatever the weather; it is about what may have been missed. A stream that
wasn't open, a machine that slept, a frame that couldn't be read: after each of them everything is asked for anew, and until
both sweeps have begun after it, nothing that opens a position is sent.
"""

from runner.live.listener import Listener
from runner.live.orders import Doors
from runner.live.profile import SECOND
from runner.live.resolver import Resolver

__all__ = ["Health"]

SLEPT_NS = 5 * SECOND
"""A pulse that comes so much too late, or a wall clock that is so far from the other, means that the machine slept."""
SILENT_SWEEPS = 3
"""Sweeps in whose time a venue that says nothing at all is taken for gone."""


class Health:
    """Feels one session's pulse."""

    def __init__(self, doors: Doors, resolver: Resolver, listener: Listener) -> None:
        """Begin with nothing missed."""
        self._doors = doors
        self._resolver = resolver
        self._listener = listener
        self._must_reconcile_ns = 0
        self._pulsed: tuple[int, int] | None = None

    def missed(self) -> None:
        """Take note that something may have been missed until now."""
        self._must_reconcile_ns = self._doors.ports.clock.mono_ns()

    def is_due(self, began_ns: int | None) -> bool:
        """Return whether a sweep that last began then is due again: by time, or because something may have been missed."""
        now, sweep_ns = self._doors.ports.clock.mono_ns(), self._doors.setup.sweep_ns
        return began_ns is None or began_ns <= self._missed_ns() or now - began_ns >= sweep_ns

    def has_slept(self) -> bool:
        """Return whether the machine slept, or its wall clock was set, since this was last asked."""
        clock = self._doors.ports.clock
        utc, mono = clock.utc_ns(), clock.mono_ns()
        pulsed, self._pulsed = self._pulsed, (utc, mono)
        if pulsed is None:
            return False
        by_wall, passed = utc - pulsed[0], mono - pulsed[1]
        return passed > self._doors.setup.pulse_ns + SLEPT_NS or abs(by_wall - passed) > SLEPT_NS

    def unwell(self) -> str | None:
        """Return what makes the next order unsafe, None if nothing does."""
        doors = self._doors
        clock, setup = doors.venue_clock, doors.setup
        swept = (self._resolver.swept_fills_ns, self._resolver.swept_open_ns)
        if self._listener.connected_ns is None:
            return "the stream is not open"
        if not clock.is_known or not clock.error_ns() <= setup.profile.max_time_error_ns:
            return "the venue's time is not known"
        if doors.journal.stalled_ns() > setup.stall_ns:
            return "the journal is slow"
        if doors.ports.clock.mono_ns() - doors.line.heard_ns > SILENT_SWEEPS * setup.sweep_ns:
            return "the venue doesn't answer"
        if any(began is None or began <= self._missed_ns() for began in swept):
            return "not reconciled yet"
        return None

    def _missed_ns(self) -> int:
        """Return the last moment at which something may have been missed."""
        return max(self._must_reconcile_ns, self._listener.connected_ns or 0)
