"""From the kernel's lines to the tables of a run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from runner.engine.driver import Driver, Written
from runner.engine.pipeline import Pipeline
from runner.market.tape import Tape
from runner.signal.sheet import Table as Rows
from runner.tables import Table, Tables
from runner.trading.kernel import layout

__all__ = [
    "equity_from",
    "equity_of",
    "fills_from",
    "fills_of",
    "measured_from",
    "signals_of",
    "tables_from",
    "tables_of",
]

Values = NDArray[np.float64]
Wholes = NDArray[np.int64]


def measured_from(rows: Rows, ready: NDArray[np.int64], not_before: int) -> int | None:
    """Return the first instant that counts, in UTC nanoseconds: at which a symbol may decide; None if none ever may.

    Args:
        rows: The rows that decide, a tape or the sheet of another clock.
        ready: [N] first row of each symbol at which every rule is past its warm-up.
        not_before: An instant before which none counts; None is returned if it is later than all rows.
    """
    warm = ready < rows.offsets[1:]
    if not warm.any() or rows.ts.max() < not_before:
        return None
    return max(int(rows.ts[ready[warm]].min()), not_before)


@dataclass(frozen=True, slots=True)
class _Lines:
    """Lines of one sort, in the order in which they were written."""

    n: Wholes
    x: Values
    symbols: NDArray[np.str_]

    @property
    def order(self) -> Wholes:
        return np.ascontiguousarray(self.n[:, 1])

    @property
    def ts(self) -> Wholes:
        return np.ascontiguousarray(self.n[:, 2])

    @property
    def symbol(self) -> NDArray[np.str_]:
        """Names; empty for what concerns the whole account."""
        named: NDArray[np.str_] = np.append(self.symbols, "")[self.n[:, 3]]
        return named

    @property
    def code(self) -> Wholes:
        return np.ascontiguousarray(self.n[:, 4])

    def number(self, place: int) -> Values:
        return np.ascontiguousarray(self.x[:, place])


def tables_of(pipeline: Pipeline, driver: Driver, nodes: Mapping[int, Values]) -> Tables:
    """Put names, instants and words to what the kernel wrote."""
    start, signals = measured_from(driver.tape, driver.ready, pipeline.not_before), signals_of(pipeline, driver.tape, nodes)
    return tables_from(pipeline, driver.written, driver.tape.symbols, start=start, signals=signals)


def tables_from(
    pipeline: Pipeline, written: Written, symbols: Sequence[str], *, start: int | None, signals: Table
) -> Tables:
    """Return the tables of what the kernel wrote.

    Args:
        pipeline: What decided.
        written: The lines.
        symbols: The universe.
        start: First instant at which a symbol may decide; None if none ever may.
        signals: The table of named nodes' values.
    """
    n, x = written.events()
    names = np.array(symbols)
    lines = {sort: _Lines(n[n[:, 0] == sort], x[n[:, 0] == sort], names) for sort in range(layout.CHARGE_LINE + 1)}
    fills = lines[layout.FILL_LINE]
    refusals, charges = lines[layout.REFUSAL_LINE], lines[layout.CHARGE_LINE]
    rules = _refusers(pipeline, refusals)
    quantity, reference, price = (fills.number(place) for place in range(3))
    return Tables(
        orders=_orders(lines[layout.ORDER_LINE], fills, lines[layout.END_LINE]),
        fills={
            "order": fills.order,
            "ts": fills.ts,
            "symbol": fills.symbol,
            "side": _side(quantity),
            "quantity": np.abs(quantity),
            "reference": reference,
            "price": price,
            "slippage": np.abs(quantity) * np.abs(price - reference),
            "fee": fills.number(3),
            "maker": fills.code == 1,
        },
        equity=equity_from(*written.equity(), start),
        positions={
            "ts": fills.ts,
            "symbol": fills.symbol,
            "quantity": fills.number(4),
            "average_price": fills.number(5),
            "realised": fills.number(6),
        },
        refusals={
            "ts": refusals.ts,
            "symbol": refusals.symbol,
            "rule": rules,
            "wanted": refusals.number(0),
            "allowed": refusals.number(1),
        },
        charges={"ts": charges.ts, "symbol": charges.symbol, "amount": charges.number(0)},
        signals=signals,
    )


def _refusers(pipeline: Pipeline, refusals: _Lines) -> NDArray[np.str_]:
    """Return who refused, line by line; a rule that began to close everything says so."""
    names = [*layout.REFUSERS, *(f"risk.rules.{name}" for name, _ in pipeline.rules)]
    words = [f": {layout.TRIPS[asked]}" if asked in layout.TRIPS else "" for asked in np.arange(layout.HALT + 1).tolist()]
    named: NDArray[np.str_] = np.array([[name + word for word in words] for name in names])
    return named[refusals.code, refusals.n[:, 5]]


def _side(quantity: Values) -> NDArray[np.str_]:
    return np.where(quantity > 0.0, "buy", "sell")


def fills_of(driver: Driver) -> Table:
    """Return the fills alone, in numbers: `ts`, `symbol` (its place in the universe), signed `quantity`, and `price`."""
    return fills_from(driver.written)


def fills_from(written: Written) -> Table:
    """Return the fills of what the kernel wrote; see `fills_of`."""
    n, x = written.events()
    rows = n[:, 0] == layout.FILL_LINE
    return {"ts": n[rows, 2], "symbol": n[rows, 3], "quantity": x[rows, 0], "price": x[rows, 2]}


def equity_of(driver: Driver) -> Table:
    """Return the table of equity."""
    return equity_from(*driver.written.equity(), measured_from(driver.tape, driver.ready, driver.not_before))


def equity_from(ts: Wholes, worth: Values, start: int | None) -> Table:
    """Return the table of equity: equity, cash, gross and net at each instant, measured from one of them on."""
    equity, cash, gross, net = (np.ascontiguousarray(worth[:, place]) for place in range(layout.EQUITY_X))
    measured = ts >= start if start is not None else np.zeros(ts.size, dtype=bool)
    return {"ts": np.ascontiguousarray(ts), "equity": equity, "cash": cash, "gross": gross, "net": net, "measured": measured}


def _orders(orders: _Lines, fills: _Lines, ends: _Lines) -> Table:
    """Orders with what became of them: filled, ended by a line of its own, or nothing because the data ended first."""
    quantity = np.abs(orders.number(0))
    filled = np.zeros(quantity.size)
    ours = fills.order > 0  # a venue may report what was never sent from here
    np.add.at(filled, fills.order[ours] - 1, np.abs(fills.number(0))[ours])
    ended = np.zeros(quantity.size, np.int64)
    ended[ends.order - 1] = ends.code
    words = {0: ("unfilled", ""), **layout.ENDS}
    status = np.array([words[code][0] for code in ended.tolist()], dtype="<U9")
    # What was filled in several parts may miss the whole by rounding.
    done = (ended == 0) & (filled >= quantity * (1.0 - 1e-12))
    status[done] = "filled"
    return {
        "order": orders.order,
        "ts": orders.ts,
        "symbol": orders.symbol,
        "side": _side(orders.number(0)),
        "quantity": quantity,
        "kind": np.array([layout.KINDS[float(code)] for code in orders.n[:, 5].tolist()], dtype="<U6"),
        "price": orders.number(1),
        "reason": np.array([layout.REASONS[code] for code in orders.code.tolist()], dtype=str),
        "status": status,
        "filled": filled,
        "refusal": np.array([words[code][1] for code in ended.tolist()], dtype="<U21"),
    }


def signals_of(pipeline: Pipeline, tape: Tape, nodes: Mapping[int, Values]) -> Table:
    """Return the table of named nodes' values, given those of the nodes; no columns where there are none."""
    if not nodes:
        return {}
    named = {name: nodes[node] for name, node in sorted(pipeline.graph.shown.items())}
    return {"ts": tape.ts, "symbol": np.array(tape.symbols)[tape.symbol], **named}
