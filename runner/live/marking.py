"""What everything is worth now, once in a while: a line of the journal, and the two limits that hang on it."""

from runner.live.events import Mark
from runner.live.orders import Doors

__all__ = ["mark"]


def mark(doors: Doors, swept_to_ns: int) -> None:
    """Write what everything is worth, and hold the day's loss and the drawdown to their limits.

    Args:
        doors: the session's.
        swept_to_ns: venue time up to which every execution is known.
    """
    clock, state, limits = doors.venue_clock, doors.state, doors.setup.limits
    marks = []
    for symbol, quote in sorted(doors.quotes.items()):
        if quote.is_valid and quote.bid is not None and quote.ask is not None and 0 < quote.bid < quote.ask:
            marks.append((symbol, (quote.bid + quote.ask) * state.instruments[symbol].tick_value // 2))
    is_same_day = clock.day() <= state.day
    now = doors.gate.equity(state, doors.quotes)
    # The first mark of a day is what its loss is measured from, or comes before that is known.
    stops = is_same_day and doors.gate.loss_reached(state, now) is True
    is_new = stops and not state.has_lost_too_much
    doors.journal.append(Mark(clock.now_ns(), clock.day(), tuple(marks), swept_to_ns, stops))
    if is_new:
        doors.ports.alarm.ring("DAILY_LOSS", "the day has lost its cap: nothing that increases a position is sent")
        if limits.loss_halts:
            doors.latch("the day has lost its cap")
    if limits.drawdown_share is None or state.peak is None or state.equity is None:
        return
    if state.peak - state.equity >= limits.drawdown_share * state.peak:
        doors.latch("the drawdown has reached its limit")
