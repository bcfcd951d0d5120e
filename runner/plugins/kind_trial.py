"""The user's kinds as a run has them, tried before a row of the market is read.

1. `_given` calls the methods that describe a kind, such as `numbers`, and looks at what they give.
2. `_compiled` makes machine code of its row functions; what they call must look at its indexes as they do.
3. `broken_laws` holds it to the laws of its family.

Each step needs the one before, so the first that finds something ends it.
"""

from collections.abc import Callable, Iterator, Mapping
from numbers import Real
from types import CodeType
from typing import Any, get_args

from numpy.random import PCG64, Generator

from runner.compiler import row_function
from runner.errors import Fault
from runner.plugins.definition import Definition
from runner.plugins.imported import line_in
from runner.plugins.machine_code import fault_of, unchecked_faults
from runner.signal.operator import ValueType
from runner.spec.kind import Kind
from runner.trading.fees import FEE, Fees
from runner.trading.fill import Fill
from runner.trading.laws import broken_laws
from runner.trading.risk import ALLOWED, WATCH, RiskRule
from runner.trading.sizing import SIZE, Sizing
from runner.trading.slippage import PRICE, Slippage

__all__ = ["ARGUMENTS", "CLASSES", "ROW_FUNCTIONS", "broken"]

CLASSES: Mapping[str, type[Kind]] = {
    "fees": Fees,
    "fill": Fill,
    "risk": RiskRule,
    "sizing": Sizing,
    "slippage": Slippage,
}
"""Family → the class its kinds are made from."""

ROW_FUNCTIONS: Mapping[str, Mapping[str, Any]] = {
    "fees": {"fee": FEE},
    "risk": {"allowed": ALLOWED, "watch": WATCH},
    "sizing": {"size": SIZE},
    "slippage": {"price": PRICE},
}
"""Family → its row functions and their signatures; a rule may do without one of its two."""

ARGUMENTS: Mapping[str, str] = {
    "allowed": "p, state, wanted, position, s, ts, account, book, times",
    "fee": "p, traded, quantity, price, maker",
    "price": "p, quantity, reference, given",
    "size": "p, equity, price, share, given",
    "watch": "p, state, ts, session, account, book, times",
}
"""Row function → what it is given."""

SEED = 0
"""The laws are tried with the same numbers each time."""

SYMBOLS = 5


def broken(kind: Kind, family: str, ours: Definition) -> list[Fault]:
    """Return what keeps a kind from serving, and the laws of its family that it breaks."""
    return list(_given(kind, ours)) or list(_compiled(kind, family, ours)) or _unlawful(kind, ours)


def _given(kind: Kind, ours: Definition) -> Iterator[Fault]:
    """Yield what is wrong with what a kind's methods give."""
    for name, ask, holds, wanted in _methods(kind):
        try:
            found = ask()
        except Exception as error:  # noqa: BLE001 - whatever the user's code raises is the user's to mend
            was = f"{type(error).__name__}: {' '.join(str(error).split())}"
            line = line_in(ours.file, error)
            where = ours.file.at(line) if line else _at(kind, name, ours)
            yield Fault(where, f"{name} of {ours.name} must not raise", was, "Mend the line.")
            continue
        if not holds(found):
            yield Fault(
                _at(kind, name, ours), f"{name} of {ours.name} must give {wanted}", repr(found)[:80], "Mend the line."
            )


Method = tuple[str, Callable[[], object], Callable[[Any], bool], str]
"""Name, how to ask, what must hold of the answer, and that in words."""


def _methods(kind: Kind) -> Iterator[Method]:
    numbers = (_are_numbers, "a tuple of numbers, e.g. return (self.bps,) with the comma")
    if isinstance(kind, Sizing):
        yield "numbers", lambda: kind.numbers(SYMBOLS), *numbers
    elif isinstance(kind, Slippage | Fees | RiskRule):
        yield "numbers", kind.numbers, *numbers
    if isinstance(kind, Sizing | Slippage):
        expression = 'a mapping such as {"days": ("std(close, 20)", "number")}'
        yield "expressions", kind.expressions, _are_expressions, expression
    if isinstance(kind, Slippage):
        yield "windows", kind.windows, _are_windows, 'a mapping such as {"after": ("earnings", "2d")}'
        yield "walks", lambda: kind.walks, lambda found: isinstance(found, bool), "True or False"
    if isinstance(kind, RiskRule):
        yield "state", lambda: kind.state(SYMBOLS), _is_count, "a whole number of 0 or more"


def _are_numbers(found: object) -> bool:
    return isinstance(found, tuple) and all(isinstance(each, Real) for each in found)


def _are_expressions(found: object) -> bool:
    return isinstance(found, Mapping) and all(
        isinstance(key, str) and isinstance(each, tuple) and len(each) == 2
        and isinstance(each[0], str) and each[1] in get_args(ValueType)
        for key, each in found.items()
    )  # fmt: skip


def _are_windows(found: object) -> bool:
    return isinstance(found, Mapping) and all(
        isinstance(key, str) and isinstance(each, tuple) and [type(word) for word in each] == [str, str]
        for key, each in found.items()
    )


def _is_count(found: object) -> bool:
    return type(found) is int and found >= 0


def _at(kind: Kind, name: str, ours: Definition) -> str:
    """Return the line of a method, that of the class if another file has it."""
    found = getattr(type(kind), name)
    code: object = getattr(found.fget if isinstance(found, property) else found, "__code__", None)
    if isinstance(code, CodeType) and code.co_filename == str(ours.file.path):
        return ours.file.at(code.co_firstlineno)
    return ours.at


def _compiled(kind: Kind, family: str, ours: Definition) -> Iterator[Fault]:
    """Yield what keeps the row functions from being machine code that looks at its indexes."""
    for name, signature in ROW_FUNCTIONS.get(family, {}).items():
        function = getattr(kind, name)
        if function is None:
            continue
        try:
            row_function(function, signature, is_checked=True)
        except Exception as error:  # noqa: BLE001 - the compiler raises errors of any kind over the user's functions
            yield fault_of(str(error) or type(error).__name__, ours)
            return
        yield from unchecked_faults(function, ours)


def _unlawful(kind: Kind, ours: Definition) -> list[Fault]:
    try:
        found = broken_laws(kind, Generator(PCG64(SEED)))
    except Exception as error:
        line = line_in(ours.file, error)
        if line is None:
            raise
        was = f"{type(error).__name__}: {' '.join(str(error).split())}"
        return [Fault(ours.file.at(line), f"{ours.name} must not raise", was, "Mend the line.")]
    return [Fault(each.where or ours.at, f"{ours.name} {each.law}", each.found, "Mend what it gives.") for each in found]
