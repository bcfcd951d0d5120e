"""The figures, compiled when they are first asked for.

Whoever loops over many runs in compiled code calls `of_lines` by where it lies (`LINES`), with one set of scratch for all.
"""

from functools import cache
from types import ModuleType

from runner.compiler import CODES, FLAT, FLOAT, GRID, INT, INTS, MATRIX, ROWS, TABLE, build, spliced_part
from runner.report.kernel.gather import gathered
from runner.report.kernel.levels import performed
from runner.report.kernel.measure import measured
from runner.report.kernel.mix import mixed_column, mixed_lines, together
from runner.report.kernel.walk import walked

__all__ = ["AT_HAND", "COLUMN", "LINES", "MIX", "NEVER", "PERFORMANCE", "WALK", "compiled_figures"]

DAY = 86_400 * 10**9
YEAR = 365.25 * DAY
NEVER = 2**63 - 1
"""Start of a run in which nothing may ever be decided."""
EARLIEST = -(2**63)
AT_HAND = -1
"""In place of a number of lines: the columns were written before."""


@spliced_part
def _first_from(ts, instants, start):
    """Return the first instant that isn't earlier than `start`."""
    low, high = 0, instants
    while low < high:
        middle = (low + high) // 2
        if ts[middle] < start:
            low = middle + 1
        else:
            high = middle
    return low


def _of_lines(
    n, x, lines, equity_n, equity_x, instants, days, start, capital, year, symbols,
    counts, wholes, numbers, trade_n, trade_x, out,
):  # fmt: skip
    """Write every figure of a run whose lines are at hand; return its first measured instant."""
    first = _first_from(equity_n, instants, start)
    base, after, last, years = capital, EARLIEST, equity_n[instants - 1] if instants > 0 else EARLIEST, 0.0
    if first >= instants:
        after = NEVER
    else:
        if first > 0:
            base, after = equity_x[first - 1, 0], equity_n[first - 1]
        years = max(equity_n[instants - 1] - equity_n[max(first - 1, 0)], DAY) / YEAR
    if lines != AT_HAND:
        gathered(n, x, lines, wholes, numbers, counts)
    measured(
        equity_x, days, first, instants, base, after, last, years, year, symbols,
        counts, wholes, numbers, trade_n, trade_x, out,
    )  # fmt: skip
    return first


def _of_levels(levels, years, year, returns, spare, out):
    """Write what the equity at the sessions' closes says."""
    performed(levels, levels.shape[0], years, year, returns, spare, out)
    return 0


def _walk(ts, symbol, quantity, price, fee, slippage, symbols, current, n, x):
    """Write the trades of fills and return how many there are."""
    return walked(ts, symbol, quantity, price, fee, slippage, ts.shape[0], symbols, current, n, x)


def _mix_lines(n, x, lines, equity_n, equity_x, instants, first, wholes, numbers, sums):
    """Return the number of what a run wrote whose figures `of_lines` has just made."""
    return mixed_lines(n, x, lines, equity_n, equity_x, instants, first, wholes, numbers, sums)


def _mix_column(values):
    """Return the number of one column."""
    return mixed_column(values)


def _together(sums):
    """Return the number of all the columns' numbers."""
    return together(sums)


LINES = INT(
    GRID, TABLE, INT, ROWS, TABLE, INT, CODES, INT, FLOAT, FLOAT, INT,
    INTS, GRID, MATRIX, GRID, MATRIX, FLAT,
)  # fmt: skip
PERFORMANCE = INT(FLAT, FLOAT, FLOAT, FLAT, FLAT, FLAT)
MIX = INT(GRID, TABLE, INT, ROWS, TABLE, INT, INT, GRID, MATRIX, INTS)
COLUMN = INT(INTS)
WALK = INT(INTS, INTS, FLAT, FLAT, FLAT, FLAT, INT, INTS, GRID, MATRIX)

PARTS = (
    ("of_lines", _of_lines, "LINES"),
    ("of_levels", _of_levels, "PERFORMANCE"),
    ("walk", _walk, "WALK"),
    ("mix_lines", _mix_lines, "MIX"),
    ("mix_column", _mix_column, "COLUMN"),
    ("together", _together, "COLUMN"),
)
"""Name, body and signature of each compiled function."""

HEAD = '''"""The figures of runs, compiled."""

from runner.compiler import exactly
from runner.report.kernel.compiled import COLUMN, LINES, MIX, PERFORMANCE, WALK
'''

TEXT = '''

@exactly({signature})
def {name}({names}):
    """{doc}"""
    return {name}_body({names})
'''


@cache
def compiled_figures() -> ModuleType:
    """Return a module of the `PARTS`, compiled."""
    text = HEAD
    for name, body, signature in PARTS:
        code = body.__code__
        names = ", ".join(code.co_varnames[: code.co_argcount])
        text += TEXT.format(signature=signature, name=name, names=names, doc=body.__doc__)
    return build("figures", text, {f"{name}_body": spliced_part(body) for name, body, _ in PARTS}, is_marked=True)
