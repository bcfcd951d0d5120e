"""From the kernel's rows to the tables of a run."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from runner.engine.driver import Driver
from runner.engine.pipeline import Pipeline
from runner.market.tape import Tape
from runner.signal.sheet import Table as Rows
from runner.tables import Table, Tables
from runner.trading.kernel import FILLED, REASONS, REFUSERS

__all__ = ["measured_from", "tables_of"]

Values = NDArray[np.float64]


def measured_from(rows: Rows, ready: NDArray[np.int64]) -> int | None:
    """Return the first instant at which a symbol may decide, in UTC nanoseconds; None if none ever may.

    Args:
        rows: The rows that decide, a tape or the sheet of another clock.
        ready: [N] first row of each symbol at which every rule is past its warm-up.
    """
    warm = ready < rows.offsets[1:]
    return int(rows.ts[ready[warm]].min()) if warm.any() else None


def tables_of(
    pipeline: Pipeline, tape: Tape, driver: Driver, ready: NDArray[np.int64], nodes: Mapping[int, Values]
) -> Tables:  # fmt: skip
    """Put names, instants and words to what the kernel wrote."""
    orders, lines, equity, refusals = driver.log.tables()
    symbols = np.array(tape.symbols)[tape.symbol] if tape.rows else np.array([], dtype=str)
    filled = lines[:, 9] == FILLED
    fills = lines[filled]
    fill_ts = driver.fill_ts
    rules = np.array([*REFUSERS, *(f"risk.rules.{name}" for name, _ in pipeline.rules)])
    start = measured_from(tape, ready)
    closes = driver.plan.ts[driver.plan.is_fill == 0]
    return Tables(
        orders=_orders(orders, lines, tape, symbols),
        fills={
            "order": fills[:, 0].astype(np.int64),
            "ts": fill_ts[_rows(fills)],
            "symbol": symbols[_rows(fills)],
            "side": _side(fills[:, 2]),
            "quantity": np.abs(fills[:, 2]),
            "reference": fills[:, 3],
            "price": fills[:, 4],
            "slippage": np.abs(fills[:, 2]) * np.abs(fills[:, 4] - fills[:, 3]),
            "fee": fills[:, 5],
        },
        equity={
            "ts": closes,
            "equity": np.ascontiguousarray(equity[:, 0]),
            "cash": np.ascontiguousarray(equity[:, 1]),
            "gross": np.ascontiguousarray(equity[:, 2]),
            "measured": closes >= start if start is not None else np.zeros(closes.size, dtype=bool),
        },
        positions={
            "ts": fill_ts[_rows(fills)],
            "symbol": symbols[_rows(fills)],
            "quantity": np.ascontiguousarray(fills[:, 6]),
            "average_price": np.ascontiguousarray(fills[:, 7]),
            "realised": np.ascontiguousarray(fills[:, 8]),
        },
        refusals={
            "ts": tape.ts[refusals[:, 0].astype(np.int64)],
            "symbol": symbols[refusals[:, 0].astype(np.int64)],
            "rule": rules[refusals[:, 1].astype(np.int64)],
            "wanted": np.ascontiguousarray(refusals[:, 2]),
            "allowed": np.ascontiguousarray(refusals[:, 3]),
        },
        signals=_signals(pipeline, tape, symbols, nodes),
    )


def _rows(lines: Values) -> NDArray[np.int64]:
    return lines[:, 1].astype(np.int64)


def _side(quantity: Values) -> NDArray[np.str_]:
    return np.where(quantity > 0.0, "buy", "sell")


def _orders(orders: Values, lines: Values, tape: Tape, symbols: NDArray[np.str_]) -> Table:
    """Orders with what became of them: a line of the fills buffer, or nothing because the data ended first."""
    number = orders[:, 0].astype(np.int64)
    done = lines[:, 0].astype(np.int64) - 1
    rejected = lines[:, 9] != FILLED
    status = np.full(number.size, "unfilled", dtype="<U8")
    status[done] = np.where(rejected, "rejected", "filled")
    refusal = np.full(number.size, "", dtype="<U18")
    refusal[done[rejected]] = "not enough cash"
    rows = _rows(orders)
    reason = np.array([REASONS[code] for code in orders[:, 3].astype(np.int64).tolist()], dtype=str)
    return {
        "order": number,
        "ts": tape.ts[rows],
        "symbol": symbols[rows],
        "side": _side(orders[:, 2]),
        "quantity": np.abs(orders[:, 2]),
        "reason": reason,
        "status": status,
        "refusal": refusal,
    }


def _signals(pipeline: Pipeline, tape: Tape, symbols: NDArray[np.str_], nodes: Mapping[int, Values]) -> Table:
    if not nodes:
        return {}
    named = {name: nodes[node] for name, node in sorted(pipeline.graph.shown.items())}
    return {"ts": tape.ts, "symbol": symbols, **named}
