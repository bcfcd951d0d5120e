"""In step: the market goes on when everyone who listens has dealt with what was told.

After an instant a listener's first ping is answered at once: its pong carries the market's time, so everything of the
instant lies before it. The next ping says that it has been dealt with: the listener is *ready*, and that ping's pong comes
after the next instant, so a listener pays one round trip per instant. When all are ready the market goes on.

A connection is waited for from its opening, so that the market doesn't begin while others of the same client still
subscribe; but only one that has subscribed to something can make the market go on. Nobody is waited for without end. A
listener that isn't ready in time isn't waited for until its next ping, and a pong is put off for a short while only.
"""

import asyncio
from collections.abc import Callable

__all__ = ["Listener", "Steps"]

PUT_OFF_SECONDS = 0.1
"""Longest wait for a pong while others aren't ready."""


class Listener:
    """One connection that may be waited for."""

    def __init__(self, answer: Callable[[], bool]) -> None:
        """Take what sends the pong, and says whether it will be heard."""
        self.answer = answer
        self.drives = False
        """Whether it listens to the market: without anyone who does, the market waits."""
        self.is_waited_for = True
        """Whether the market waits for it."""
        self.is_answered = False
        """Whether it had a pong since the last instant; a pong that is lost on purpose is none."""
        self.is_ready = False
        self.owed = 0
        """Pings without a pong."""


class Steps:
    """All listeners of a venue."""

    def __init__(self) -> None:
        """Begin with none."""
        self.unheard = 0
        """How often a listener was not ready in time."""
        self.listeners: list[Listener] = []
        self._moved = asyncio.Event()
        self._is_stepping = False

    def join(self, listener: Listener) -> None:
        """Take part from now on."""
        self.listeners.append(listener)

    def leave(self, listener: Listener) -> None:
        """Take part no more."""
        if listener in self.listeners:
            self.listeners.remove(listener)
        self._moved.set()

    def ping(self, listener: Listener) -> None:
        """Hear a ping; answer it now or after the next instant."""
        listener.is_waited_for = True
        if self._is_stepping and listener.is_answered and listener in self.listeners:
            listener.owed += 1
            listener.is_ready = True
            self._moved.set()
            return
        listener.is_answered = listener.answer()

    def told(self) -> None:
        """Say that an instant has been told: whoever is owed a pong gets it."""
        for listener in self.listeners:
            listener.is_ready = listener.is_answered = False
            self._settle(listener)

    def begin(self) -> None:
        """Put pongs off from now on."""
        self._is_stepping = True

    def end(self) -> None:
        """Answer every ping at once from now on."""
        self._is_stepping = False
        for listener in self.listeners:
            self._settle(listener)

    async def all_ready(self, longest: float) -> bool:
        """Wait until there are listeners and all are ready, so many seconds at most; return whether they are."""
        loop = asyncio.get_running_loop()
        until = loop.time() + longest
        while not self._are_ready():
            left = until - loop.time()
            if left <= 0:
                self._give_up()
                return False
            self._moved.clear()
            try:
                async with asyncio.timeout(min(left, PUT_OFF_SECONDS)):
                    await self._moved.wait()
            except TimeoutError:
                for listener in self.listeners:
                    self._settle(listener)
        return True

    def _are_ready(self) -> bool:
        waited = [listener for listener in self.listeners if listener.is_waited_for]
        return any(listener.drives for listener in waited) and all(listener.is_ready for listener in waited)

    def _give_up(self) -> None:
        for listener in self.listeners:
            if listener.is_waited_for and not listener.is_ready:
                listener.is_waited_for = False
                self.unheard += 1

    def _settle(self, listener: Listener) -> None:
        while listener.owed:
            listener.owed -= 1
            listener.is_answered = listener.answer() or listener.is_answered
