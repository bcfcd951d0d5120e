"""Pages put together to a complete window, without trusting the service to be complete.

The interface has no cursor, may cut a page at a number of rows of its own and doesn't say at which end, and a bar left out
can't be told from one that never was. So a page proves only what it holds; the rest is asked for again until it is proven:

1. `ask` hands out the earliest stretch that isn't proven, as long as `limit` bars, or longer while nothing is found.
2. `accept` takes the page. Bars are kept by their stamp: the same one twice is one, in whatever order they come.
3. To the right of a page's last bar nothing is proven: the next stretch begins there, not where the page was to end.
4. To the left of its first bar nothing is proven either, if a bar fits there: that stretch is asked for by itself. Unless a
   longer page turned out to have lost nothing at its left: then the service doesn't cut pages as short as this one.
5. An empty page is believed when a second answer, over the whole quiet stretch, is empty too.

Each answer makes the unproven stretches shorter or is an error, so the conversation ends. Bars far outside of what was asked
for mean that the service didn't heed the question, and then its silence means nothing: an error.
"""

from collections import deque
from dataclasses import dataclass

from runner.market.tickdb.decode import Bar
from runner.market.tickdb.settings import Series
from runner.market.tickdb.values import MalformedError

__all__ = ["Pages", "Stretch"]

WIDEST = 64
"""Times `limit` bars a stretch is long at most while nothing is found."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A half-open stretch of time, `[start, end)` in ms."""

    start: int
    end: int
    is_second: bool = False
    """Whether it was empty when it was asked for the first time."""
    proves: int = 0
    """A page of so many bars has lost nothing at its left if this stretch, which lies there, turns out to be empty."""


class Pages:
    """The conversation about one window of one symbol: ask, accept, ask …, bars."""

    def __init__(self, window: tuple[int, int], series: Series) -> None:
        """Begin with a window `[start, end)` in ms of which nothing is proven."""
        self._series = series
        self._bars: dict[int, Bar] = {}
        self._unproven: deque[Stretch] = deque()
        self._quiet: Stretch | None = None
        self._whole = 0
        self._wide = 1
        self._push(Stretch(*window))

    @property
    def until(self) -> int | None:
        """The instant in ms up to which everything is proven, None when all is; to be asked after `accept`."""
        return min((stretch.start for stretch in (self._quiet, *self._unproven) if stretch is not None), default=None)

    def ask(self) -> Stretch | None:
        """Return the next stretch to ask for, None when the window is complete; its page must be given to `accept`."""
        quiet = self._quiet
        if quiet is not None and not (self._unproven and self._unproven[0].start == quiet.end):
            self._quiet = None
            return Stretch(quiet.start, quiet.end, is_second=True, proves=quiet.proves)
        if not self._unproven:
            return None
        first = self._unproven.popleft()
        end = min(first.end, first.start + self._wide * self._series.limit * self._series.interval_ms)
        self._push(Stretch(end, first.end))
        return Stretch(first.start, end, proves=first.proves if end == first.end else 0)

    def accept(self, asked: Stretch, page: list[Bar]) -> None:
        """Take the page of a stretch; raises MalformedError if it contradicts the question or another page."""
        self._ensure_heeded(asked, page)
        inside = [bar for bar in page if asked.start <= bar.time < asked.end]
        for bar in inside:
            self._keep(bar)
        if inside:
            times = [bar.time for bar in inside]
            self._narrow(asked, min(times), max(times), len(page))
            self._wide = 1
        elif len(page) >= self._series.limit:
            raise MalformedError(f"a full page of {len(page)} bars holds none of those asked for, so there is no progress")
        elif asked.is_second:
            self._whole = max(self._whole, asked.proves)
        else:
            self._quieten(asked)

    def bars(self) -> list[Bar]:
        """Return the bars, ascending; they are complete once `ask` returned None."""
        return [self._bars[time] for time in sorted(self._bars)]

    def _ensure_heeded(self, asked: Stretch, page: list[Bar]) -> None:
        """Allow one bar beyond each bound, for services that round bounds to bars."""
        slack = self._series.interval_ms + 1
        strays = [bar.time for bar in page if not asked.start - slack <= bar.time <= asked.end + slack]
        if strays:
            raise MalformedError(
                f"bars from {asked.start} to {asked.end} ms were asked for and {len(strays)} of {len(page)} lie elsewhere,"
                f" the first at {strays[0]}"
            )

    def _keep(self, bar: Bar) -> None:
        known = self._bars.setdefault(bar.time, bar)
        if not known.agrees(bar):
            raise MalformedError(f"the bar of {bar.time} ms came with {known.values} and with {bar.values}")

    def _narrow(self, asked: Stretch, first: int, last: int, rows: int) -> None:
        """Put back what a page with bars leaves unproven; the earliest is pushed last, so that it is asked for first."""
        spacing = self._series.spacing_ms
        joined = self._unproven.popleft().end if self._unproven and self._unproven[0].start == asked.end else asked.end
        if joined - last > spacing:
            self._push(Stretch(last + 1, joined))
        if first - asked.start < spacing:
            self._whole = max(self._whole, rows)
        elif rows >= self._whole:
            self._push(Stretch(asked.start, first, proves=rows))

    def _quieten(self, asked: Stretch) -> None:
        before = self._quiet
        start = asked.start if before is None else before.start
        proves = asked.proves if before is None else max(before.proves, asked.proves)
        self._quiet = Stretch(start, asked.end, proves=proves)
        self._wide = min(WIDEST, 2 * self._wide)

    def _push(self, stretch: Stretch) -> None:
        if stretch.start < stretch.end:
            self._unproven.appendleft(stretch)
