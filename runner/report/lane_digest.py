"""A digest of all that a run wrote, cheap enough for thousands of runs a second.

The same number comes of the lines that the trading kernel wrote and of the tables of a run that was made alone, so the two
can be told to be equal, or not, without keeping either. It is no SHA-256: nobody is kept from making two that collide.
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from runner.report.columns import flags, numbers, stamps, words
from runner.report.from_tables import signed
from runner.report.kernel import mix
from runner.report.kernel.compiled import compiled_figures
from runner.report.kernel.layout import FILLED
from runner.report.room import Room
from runner.tables import Table, Tables
from runner.trading.kernel.layout import ENDS, KINDS, REASONS, REFUSERS, TRIPS

__all__ = ["digest_of_lines", "digest_of_tables", "worded_digest"]

Wholes = NDArray[np.int64]
Values = NDArray[np.float64]


def digest_of_lines(
    n: Wholes, x: Values, equity_n: Wholes, equity_x: Values, *, first: int, room: Room
) -> str:  # fmt: skip
    """Return the digest of a run whose figures have just been made in `room`, as 16 hexadecimal digits.

    Args:
        n: [lines, 6] whole numbers of each line.
        x: [lines, 7] numbers of each line.
        equity_n: [instants] UTC ns.
        equity_x: [instants, 4] equity, cash, gross and net.
        first: first measured instant, as `of_lines` returned it.
        room: where its columns are.
    """
    sums = np.empty(mix.PLACES, np.int64)
    given = (n, x, n.shape[0], equity_n, equity_x, equity_n.size, first, room.wholes, room.numbers, sums)
    return worded_digest(compiled_figures().mix_lines(*given))


def digest_of_tables(tables: Tables, *, symbols: Sequence[str], rules: Sequence[str]) -> str:
    """Return the digest of a run that was made alone.

    Args:
        tables: its tables.
        symbols: the universe.
        rules: names of the risk rules, in the order in which they are asked.
    """
    place = {name: number for number, name in enumerate(symbols)} | {"": -1}
    columns = [
        *_equity(tables.equity),
        *_orders(tables.orders, place),
        *_fills(tables.fills, tables.positions, place),
        *_refusals(tables.refusals, place, rules),
        *_charges(tables.charges, place),
    ]
    compiled = compiled_figures()
    sums = [compiled.mix_column(np.array(column).view(np.int64)) for column in columns]
    events = (tables.orders, tables.fills, tables.refusals, tables.charges)
    measured = flags(tables.equity, "measured")
    rows = [measured.size, int(measured.sum()), *(stamps(table, "ts").size for table in events)]
    return worded_digest(compiled.together(np.array([*sums, *rows], dtype=np.int64)))


def worded_digest(mixed: int) -> str:
    """Return 64 bits as 16 hexadecimal digits."""
    return f"{mixed & (2**64 - 1):016x}"


def _equity(table: Table) -> Iterable[Wholes | Values]:
    return stamps(table, "ts"), *(numbers(table, name) for name in ("equity", "cash", "gross", "net"))


def _orders(table: Table, place: Mapping[str, int]) -> Iterable[Wholes | Values]:
    reasons, kinds = ({word: int(code) for code, word in known.items()} for known in (REASONS, KINDS))
    return (
        stamps(table, "order"),
        stamps(table, "ts"),
        _coded(table, "symbol", place),
        _coded(table, "reason", reasons),
        _coded(table, "kind", kinds),
        signed(table),
        numbers(table, "price"),
        _ends(table),
        numbers(table, "filled"),
    )


def _ends(orders: Table) -> Wholes:
    codes = {status + refusal: code for code, (status, refusal) in ENDS.items()} | {"unfilled": 0, "filled": FILLED}
    told = zip(words(orders, "status").tolist(), words(orders, "refusal").tolist(), strict=True)
    return np.array([codes[status + refusal] for status, refusal in told], dtype=np.int64)


def _fills(table: Table, positions: Table, place: Mapping[str, int]) -> Iterable[Wholes | Values]:
    return (
        stamps(table, "order"),
        stamps(table, "ts"),
        _coded(table, "symbol", place),
        flags(table, "maker").astype(np.int64),
        signed(table),
        *(numbers(table, name) for name in ("reference", "price", "fee")),
        *(numbers(positions, name) for name in ("quantity", "average_price", "realised")),
        numbers(table, "slippage"),
    )


def _refusals(table: Table, place: Mapping[str, int], rules: Sequence[str]) -> Iterable[Wholes | Values]:
    names = [*REFUSERS, *(f"risk.rules.{name}" for name in rules)]
    asked = {f": {word}": int(code) for code, word in TRIPS.items()} | {"": 0}
    who = {name + word: code for code, name in enumerate(names) for word in asked}
    what = {name + word: code for name in names for word, code in asked.items()}
    return (
        stamps(table, "ts"),
        _coded(table, "symbol", place),
        _coded(table, "rule", who),
        _coded(table, "rule", what),
        numbers(table, "wanted"),
        numbers(table, "allowed"),
    )


def _charges(table: Table, place: Mapping[str, int]) -> Iterable[Wholes | Values]:
    return stamps(table, "ts"), _coded(table, "symbol", place), numbers(table, "amount")


def _coded(table: Table, name: str, codes: Mapping[str, int]) -> Wholes:
    """Return a column of words as the codes of the trading kernel."""
    return np.array([codes[word] for word in words(table, name).tolist()], dtype=np.int64)
