"""Drives the compiled kernel over groups of a schedule and collects what it writes.

Backtest and replay share this class: a backtest advances over all groups at once, a replay group by group, with the values
of the rules written just before.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from runner.compiler import compile_function, functions_as_values
from runner.engine.pipeline import Pipeline
from runner.engine.schedule import Schedule
from runner.market.tape import Tape
from runner.trading.fees import FEE
from runner.trading.fill import FillClock
from runner.trading.kernel import (
    BOOK_FIELDS,
    EQUITY_FIELDS,
    FILL_FIELDS,
    ORDER_FIELDS,
    REFUSAL_FIELDS,
    compiled_advance,
)
from runner.trading.risk import ALLOWED
from runner.trading.sizing import SIZE
from runner.trading.slippage import PRICE

__all__ = ["Driver", "Log"]

Values = NDArray[np.float64]

BUFFER_ROWS = 65_536
GROUPS_AT_ONCE = 1_000_000


class Log:
    """Rows the kernel wrote, taken out of its buffers as they fill."""

    def __init__(self, symbols: int, rules: int) -> None:
        """Make empty buffers that hold at least one instant of every symbol."""
        fields = (ORDER_FIELDS, FILL_FIELDS, EQUITY_FIELDS, REFUSAL_FIELDS)
        rows = max(BUFFER_ROWS, symbols * (2 + rules))
        self.buffers = tuple(np.empty((rows, len(names))) for names in fields)
        self.counters = np.zeros(len(fields), dtype=np.int64)
        self._taken: tuple[list[Values], ...] = tuple([] for _ in fields)

    def drain(self) -> None:
        """Take the written rows away and make the buffers empty."""
        for buffer, count, taken in zip(self.buffers, self.counters.tolist(), self._taken, strict=True):
            if count:
                taken.append(buffer[:count].copy())
        self.counters[:] = 0

    def tables(self) -> tuple[Values, Values, Values, Values]:
        """Return all rows of orders, fills, equity and refusals."""
        self.drain()
        orders, fills, equity, refusals = (
            np.concatenate(taken) if taken else np.empty((0, buffer.shape[1]))
            for taken, buffer in zip(self._taken, self.buffers, strict=True)
        )
        return orders, fills, equity, refusals


class Driver:
    """One pipeline over one tape."""

    def __init__(self, pipeline: Pipeline, tape: Tape, clock: FillClock, plan: Schedule) -> None:
        """Compile the kernel for the pipeline and start with the capital in cash."""
        symbols = len(tape.symbols)
        self.plan = plan
        self.fill_ts = clock.ts
        self.enter = np.full(tape.rows, np.nan)
        """[R] sides to open, or targets, see `signal.rules`; an instant's must be there before it is advanced over."""
        self.leave = np.zeros(tape.rows)
        """[R] sides to close."""
        self.account = np.array([pipeline.capital, 0.0])
        self.book = np.zeros((BOOK_FIELDS, symbols))
        self.book[1:3] = np.nan
        self.log = Log(symbols, len(pipeline.rules))
        self._kernel = compiled_advance(len(pipeline.rules))
        self._market = (
            tape.symbol,
            tape.columns["close"],
            clock.price,
            self.enter,
            self.leave,
            int(pipeline.signals.has_target),
        )
        self._models = (
            compile_function(pipeline.sizing.size, SIZE),
            _flat(pipeline.sizing.numbers()),
            compile_function(pipeline.slippage.price, PRICE),
            _flat(pipeline.slippage.numbers()),
            compile_function(pipeline.fees.fee, FEE),
            _flat(pipeline.fees.numbers()),
            tuple(compile_function(rule.allowed, ALLOWED) for _, rule in pipeline.rules),
            pipeline.rule_numbers(),
        )

    def advance(self, start: int, stop: int, on_progress: Callable[[int], None]) -> None:
        """Advance over groups `start` to `stop`, telling `on_progress` how many groups are done."""
        at = start
        while at < stop:
            upto = min(stop, at + GROUPS_AT_ONCE)
            reached = self._call(at, upto)
            if reached < upto:
                self.log.drain()
            at = reached
            on_progress(at)

    def _call(self, at: int, upto: int) -> int:
        plan = self.plan
        with functions_as_values():
            reached = self._kernel(
                plan.rows, plan.bounds, plan.is_fill, at, upto, *self._market, self.account, self.book, *self._models,
                *self.log.buffers, self.log.counters,
            )  # fmt: skip
        return int(reached)


def _flat(numbers: tuple[float, ...]) -> Values:
    return np.array(numbers, dtype=np.float64)
