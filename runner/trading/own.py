"""Kinds that aren't Runner's own, in the kernel: their row functions are held to the ends of their arrays, and heard.

1. `place_of` and `compiled` give a kind's row function: as it is for kinds that Runner brings, guarded for all others.
2. `OwnCalls.numbers` gives the numbers that go with it, and gives every guarded function within a cell to write to.
3. `OwnCalls.check` tells, after the kernel has run, which of them broke: at which line, and over what.
"""

import linecache
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runner.compiler import FRAME, Cell, Compiled, address_of, framed, guarded, row_function
from runner.errors import Fault, KindError
from runner.spec.kind import Kind

__all__ = ["OwnCalls", "broke_over", "compiled", "handed", "is_own", "place_of", "plain"]

RUNNER = __name__.partition(".")[0]

MEND = (
    "Mend the line: p has as many numbers as numbers() gives, state as many as state() says, given those of the family "
    "and of expressions(); and any number may be NaN."
)


def is_own(kind: Kind) -> bool:
    """Tell whether somebody else than Runner wrote a kind."""
    return type(kind).__module__.partition(".")[0] != RUNNER


def compiled(kind: Kind, name: str, signature: Any) -> Compiled:
    """Return a kind's row function; it takes the numbers of `OwnCalls.numbers`."""
    function = getattr(kind, name)
    return guarded(function, signature) if is_own(kind) else row_function(function, signature)


def place_of(kind: Kind, name: str, signature: Any) -> int:
    """Return where the machine code of a kind's row function lies; it is kept for as long as the process lives."""
    return address_of(compiled(kind, name, signature))


def handed(kind: Kind, numbers: Sequence[float], *, width: int = 0) -> tuple[float, ...]:
    """Return a kind's numbers as its row function takes them, still without a cell."""
    return framed(numbers, width=width) if is_own(kind) else tuple(numbers)


@dataclass(frozen=True, slots=True)
class _Heard:
    """A kind, its row functions and the cell they write to."""

    kind: Kind
    functions: Mapping[str, Any]
    """Name → signature; they differ in how many arguments they take."""
    cell: Cell

    def fault(self) -> Fault:
        """Return what it was that broke, and over what."""
        name = next(name for name, signature in self.functions.items() if len(signature.args) == self.cell.count)
        return broke_over(self.kind, name, self.cell.arguments(self.functions[name]))


class OwnCalls:
    """The row functions of users that one kernel calls."""

    def __init__(self) -> None:
        """Begin without any."""
        self._heard: list[_Heard] = []

    def numbers(
        self, kinds: Sequence[Kind], numbers: Sequence[float], functions: Mapping[str, Any], *, reach: int, width: int = 0
    ) -> NDArray[np.float64]:
        """Return the numbers of a row function as it takes them.

        Args:
            kinds: Whose row function it is, and after it those whose functions it calls with the last of its numbers.
            numbers: What the kind gives.
            functions: Its row functions: name → signature.
            reach: How many numbers the function is told besides, arrays and all.
            width: As of `framed`.
        """
        found = np.array(handed(kinds[0], numbers, width=width), dtype=np.float64)
        end = found.size
        for kind in kinds:
            if is_own(kind):
                cell = Cell.holding(found.size + reach)
                found[end - 1] = cell.place
                self._heard.append(_Heard(kind, functions, cell))
                end -= FRAME
        return found

    @property
    def are_any(self) -> bool:
        """Whether there are any."""
        return bool(self._heard)

    def check(self) -> None:
        """Raise KindError if a function broke since the kernel began."""
        broken = [each for each in self._heard if each.cell.is_broken]
        if broken:
            raise KindError(each.fault() for each in broken)


def plain(kind: Kind, name: str) -> Callable[..., Any]:
    """Return a kind's row function as the Python that was written."""
    function: Callable[..., Any] = getattr(kind, name)
    return getattr(function, "py_func", function)


def broke_over(kind: Kind, name: str, arguments: Sequence[Any]) -> Fault:
    """Return what a row function broke over, found by calling it once more as plain Python.

    Args:
        kind: Whose function it is.
        name: What the family calls it.
        arguments: Those of the call that raised.
    """
    function = plain(kind, name)
    file = getattr(sys.modules.get(type(kind).__module__), "__file__", None) or function.__code__.co_filename
    line, was = _told(file, _again(function, arguments))
    must = f"{function.__name__} of {kind.kind} must not raise while it runs"
    return Fault(_where(kind, function, file, line), must, was, MEND)


def _again(function: Callable[..., Any], arguments: Sequence[Any]) -> Exception | None:
    """Return what plain Python raises over some arguments, None if it raises nothing."""
    try:
        with np.errstate(all="ignore"):
            function(*(np.float64(each) if isinstance(each, float) else each for each in arguments))
    except Exception as error:  # noqa: BLE001 - whatever the user's code raises is the user's to mend
        return error
    return None


def _told(file: str, error: Exception | None) -> tuple[int | None, str]:
    """Return the line of a file that an error came through last, and what it says, with the words of the line."""
    if error is None:
        return None, "an error that plain Python doesn't raise"
    said = " ".join(str(error).split())
    text = f"{type(error).__name__}: {said}" if said else type(error).__name__
    frames = [each for each in traceback.extract_tb(error.__traceback__) if each.filename == file]
    if not frames:
        return None, text
    words = _words(frames[-1])
    return frames[-1].lineno, f"{text}, in {words}" if words else text


def _words(frame: traceback.FrameSummary) -> str:
    """Return the part of a line that raised, such as `p[3]`."""
    if frame.lineno is None or frame.colno is None or frame.end_lineno != frame.lineno:
        return ""
    return linecache.getline(frame.filename, frame.lineno).encode()[frame.colno : frame.end_colno].decode()


def _where(kind: Kind, function: Callable[..., Any], file: str, line: int | None) -> str:
    """Return file and line, as messages call them."""
    shown, _, declared = kind.written_in.rpartition(":")
    code = function.__code__
    known = line or (code.co_firstlineno if code.co_filename == file else declared)
    return f"{shown or file}:{known}" if known else shown or file
