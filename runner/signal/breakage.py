"""What the user's own operators raise while they run, told by file and line.

Their machine code looks at every index, so what would have reached somebody else's memory is an IndexError. Compiled code
says where `raise` and `assert` stand, but not where an index does: there the row in hand is tried again as plain Python.
"""

import traceback
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from types import FunctionType, ModuleType
from typing import Any, Literal

import numpy as np

from runner.compiler import Compiled
from runner.errors import Fault, OperatorError
from runner.signal.operator import Cross, Operator

__all__ = ["telling"]

MEND = "Mend the line; state, x and p have as many numbers as the operator declares, and any input may be NaN."

MOST_ROWS = 100_000
"""Rows that are at most tried again as plain Python, which takes a second."""

Functions = Mapping[str, Callable[..., Any]]


def telling(operator: Operator, module: ModuleType, name: Literal["step", "scan"], functions: Functions) -> Compiled:
    """Return a compiled function that tells what the user's code raises as a fault of its file and line.

    Args:
        operator: Whose function it is.
        module: The loops of its kernel.
        name: Which of them.
        functions: Name in the kernel's text → the user's function.
    """
    compiled: Compiled = getattr(module, name)

    def call(*given: Any) -> Any:
        try:
            return compiled(*given)
        except Exception as error:
            line = _line(operator, error) or _line(
                operator, _again(_trials(operator, module, name, functions, given), error)
            )
            raise OperatorError(_fault(operator, error, line)) from error

    return call


def _fault(operator: Operator, error: Exception, line: int | None) -> Fault:
    said = " ".join(str(error).split())
    was = f"{type(error).__name__}: {said}" if said else type(error).__name__
    where = f"{operator.own}:{line or operator.line}"
    return Fault(where, f"{operator.name} must not raise while it runs", was, MEND)


def _line(operator: Operator, error: BaseException | None) -> int | None:
    """Return the innermost line of the operator's file that an error came through, None if it came through none."""
    file = operator.source.rpartition(":")[0]
    frames = traceback.extract_tb(error.__traceback__) if error else []
    return next((frame.lineno for frame in reversed(frames) if frame.filename == file), None)


def _again(trials: Iterator[Callable[[], Any]], wanted: Exception) -> Exception | None:
    """Return the same error out of plain Python, None if it doesn't come."""
    with np.errstate(all="ignore"):
        for trial in trials:
            try:
                trial()
            except type(wanted) as error:
                return error
            except Exception:  # noqa: BLE001, S112 - another error isn't the one to be told
                continue
    return None


def _trials(
    operator: Operator, module: ModuleType, name: str, functions: Functions, given: tuple[Any, ...]
) -> Iterator[Callable[[], Any]]:
    """Yield calls of plain Python with copies of what was given: one of them has the row in hand."""
    names: dict[str, Any] = {**vars(module), **{key: getattr(each, "py_func", each) for key, each in functions.items()}}
    for loop in ("turn", "step", "scan"):
        if hasattr(module, loop):
            names[loop] = FunctionType(getattr(module, loop).py_func.__code__, names)
    copies = [np.copy(each) for each in given]
    if name == "step" or isinstance(operator.body, Cross):
        if copies[-1].size <= MOST_ROWS:
            yield partial(names[name], *copies)
        return
    states, x, p = copies[0], copies[1], copies[-3]
    for state in states:
        yield partial(names["step"], state, x, p)
