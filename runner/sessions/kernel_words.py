"""Lines of the kernel in words, for people who look on."""

from collections.abc import Sequence

from runner.live.trading.trader import KernelLine
from runner.trading.kernel import layout

__all__ = ["line_words"]

SIDES = {True: "buy", False: "sell"}


def line_words(line: KernelLine, symbols: Sequence[str], rules: Sequence[str]) -> tuple[str, str] | None:
    """Return what a line says and its level, `info` or `warning`; None for what isn't worth a line.

    Args:
        line: The line.
        symbols: The universe.
        rules: Names of the risk rules, in the order of the pipeline.
    """
    symbol = symbols[line.symbol] if line.symbol >= 0 else "everything"
    numbers = line.numbers
    if line.sort == layout.ORDER_LINE:
        reason = layout.REASONS.get(line.code, "")
        return f"order {line.order}: {SIDES[numbers[0] > 0]} {_plain(abs(numbers[0]))} {symbol} ({reason})", "info"
    if line.sort == layout.FILL_LINE:
        return f"filled: {SIDES[numbers[0] > 0]} {_plain(abs(numbers[0]))} {symbol} at {_plain(numbers[2])}", "info"
    if line.sort == layout.END_LINE and line.code in layout.ENDS:
        status, why = layout.ENDS[line.code]
        return f"order {line.order} of {symbol} {status}{f': {why}' if why else ''}", "warning"
    if line.sort == layout.REFUSAL_LINE:
        who = (*layout.REFUSERS, *(f"risk.rules.{name}" for name in rules))[line.code]
        return f"{symbol}: refused by {who}", "warning"
    return None


def _plain(number: float | None) -> str:
    return "?" if number is None else f"{number:.10g}"
