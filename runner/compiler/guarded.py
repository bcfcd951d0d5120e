"""Row functions of users, which tell that they broke, and over what.

A function that is called by its address gives its caller NaN when it raises (`calls`), which other functions give for good
reasons. So a guarded one has a cell of memory to write to. Where that lies stands behind its own numbers:

    p as it is handed over:   numbers of the function … | NaN … | how many numbers there are | where the cell lies

1. `guarded` hands on the numbers alone, to machine code that looks at every index.
2. The first time that raises, all that it was handed is copied into the cell; from then on it isn't called any more.
3. Whoever holds the cell asks `is_broken`, and tries `arguments` again as plain Python, which knows the line.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runner.compiler.functions import FLOAT, GRID, INT, Compiled
from runner.compiler.generated import build
from runner.compiler.kept import BROKEN, HEAD, KEEPS, LENGTH
from runner.compiler.memory import places
from runner.compiler.row_function import WORDS

__all__ = ["FRAME", "Cell", "framed", "guarded"]

FRAME = 2
"""Numbers behind a function's own: how many these are, and where the cell lies."""

TEXT = """from runner.compiler import checked_exactly, load_whole, store_whole, {imported}


@checked_exactly({returned}({taken}))
def row({names}):
    cell = int(a0[a0.size - 1])
    value = {undefined}
    if cell != 0 and load_whole(cell, {BROKEN}) != 0:
        return value
    try:
        value = body(a0[: int(a0[a0.size - 2])], {others})
    except Exception:
        if cell != 0:
            at = keep_0(cell, {HEAD}, a0[: int(a0[a0.size - 2])])
{kept}
            store_whole(cell, {BROKEN}, {count})
    return value
"""


@cache
def guarded(function: Callable[..., Any], signature: Any) -> Compiled:
    """Compile a plain row function that tells when it breaks; the same function and signature give the same object.

    Args:
        function: Plain Python, or marked as a part; it makes no arrays.
        signature: Of the family's row function; its first argument are the numbers, and it returns a number.
    """
    returned, taken = WORDS[signature.return_type], [WORDS[each] for each in signature.args]
    names = [f"a{place}" for place in range(len(taken))]
    text = TEXT.format(
        imported=", ".join(sorted({returned, *taken})),
        returned=returned,
        taken=", ".join(taken),
        names=", ".join(names),
        others=", ".join(names[1:]),
        undefined='float("nan")',
        kept="\n".join(f"            at = keep_{place}(cell, at, a{place})" for place in range(1, len(taken))),
        count=len(taken),
        BROKEN=BROKEN,
        HEAD=HEAD,
    )
    keeps = {f"keep_{place}": KEEPS[each] for place, each in enumerate(signature.args)}
    compiled: Compiled = build("guarded", text, {"body": function, **keeps}, is_checked=True).row
    return compiled


def framed(numbers: Sequence[float], *, width: int = 0) -> tuple[float, ...]:
    """Return numbers as a guarded function takes them, without a cell yet.

    Args:
        numbers: The function's own.
        width: How many numbers are to stand before the frame, made up with NaN; as many as there are if that is more.
    """
    gap = (np.nan,) * max(0, width - len(numbers))
    return (*numbers, *gap, float(len(numbers)), 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class Cell:
    """Memory that a guarded function writes to. Whoever runs the function must hold it as long."""

    words: NDArray[np.int64]

    @classmethod
    def holding(cls, numbers: int) -> "Cell":
        """Return a cell for calls of functions whose arguments are so many numbers together."""
        words = np.zeros(HEAD + numbers + 16, np.int64)  # each array's length is kept as well
        words[LENGTH] = words.size
        return cls(words)

    @property
    def place(self) -> float:
        """Where it lies, as the last of the numbers says it; addresses are whole numbers that a float64 holds."""
        return float(places([self.words])[0])

    @property
    def is_broken(self) -> bool:
        """Whether a call has raised."""
        return bool(self.words[BROKEN])

    @property
    def count(self) -> int:
        """How many arguments the call had that raised."""
        return int(self.words[BROKEN])

    def arguments(self, signature: Any) -> tuple[Any, ...]:
        """Return copies of what the call was handed that raised.

        Args:
            signature: Of the function.

        Raises:
            IndexError: If it didn't fit.
        """
        return tuple(self._arguments(signature))

    def _arguments(self, signature: Any) -> Iterator[Any]:
        at = HEAD
        for each in signature.args:
            numbers = self.words if each in {INT, GRID} else self.words.view(np.float64)
            if each in {INT, FLOAT}:
                yield numbers[at]
                at += 1
                continue
            shape = tuple(self.words[at : at + each.ndim].tolist())
            at += each.ndim
            end = at + prod(shape)
            if end > self.words.size:
                raise IndexError("the arguments didn't fit")
            yield numbers[at:end].reshape(shape).copy()
            at = end
