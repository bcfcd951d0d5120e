"""Row functions of kinds, each compiled by itself and found again on disk by all that it is made from.

The functions that a row function calls and the constants it reads may come from other files, as those of a user do; so the
name of its machine code is a digest of them (`build`), and nothing is written beside the file it stands in.
"""

from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from runner.compiler.functions import (
    CODE_GRID,
    CODE_TABLE,
    CODES,
    FLAT,
    FLOAT,
    GRID,
    INT,
    INTS,
    MATRIX,
    ROW_TABLE,
    ROWS,
    SERIES,
    TABLE,
    Compiled,
)
from runner.compiler.generated import build

__all__ = ["row_function"]

WORDS: Mapping[Any, str] = MappingProxyType(
    {
        CODES: "CODES",
        CODE_GRID: "CODE_GRID",
        CODE_TABLE: "CODE_TABLE",
        FLAT: "FLAT",
        FLOAT: "FLOAT",
        GRID: "GRID",
        INT: "INT",
        INTS: "INTS",
        MATRIX: "MATRIX",
        ROWS: "ROWS",
        ROW_TABLE: "ROW_TABLE",
        SERIES: "SERIES",
        TABLE: "TABLE",
    }
)
"""Types that signatures are made of, and what they are called."""

TEXT = """from runner.compiler import {decorator}, {imported}


@{decorator}({returned}({taken}))
def row({names}):
    return body({names})
"""


@cache
def row_function(function: Callable[..., Any], signature: Any, *, is_checked: bool = False) -> Compiled:
    """Compile a plain row function for one signature; the same function and signature give the same object.

    Args:
        function: Plain Python; it makes no arrays.
        signature: Of the types that `runner.compiler` names.
        is_checked: Whether an index outside its array raises IndexError.
    """
    returned, taken = WORDS[signature.return_type], [WORDS[each] for each in signature.args]
    text = TEXT.format(
        decorator="checked_exactly" if is_checked else "exactly",
        imported=", ".join(sorted({returned, *taken})),
        returned=returned,
        taken=", ".join(taken),
        names=", ".join(f"a{place}" for place in range(len(taken))),
    )
    compiled: Compiled = build("row", text, {"body": function}, is_checked=is_checked).row
    return compiled
