"""Functions called by where their machine code lies.

A function handed over as a value is looked up anew by every call from Python, which takes longer than most instants of a
live session have. Its address doesn't change, so it is looked up once. Whoever holds an address must hold the function.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numba.core import types
from numba.extending import intrinsic

from runner.compiler.functions import Compiled

__all__ = ["address_of", "calling"]


def address_of(compiled: Compiled) -> int:
    """Return where the machine code of a function that was compiled for one signature lies."""
    (found,) = compiled.overloads.values()  # type: ignore[attr-defined]
    return int(found.library.get_pointer_to_function(found.fndesc.llvm_func_name))


def calling(signature: Any) -> Callable[..., Any]:
    """Return what calls a function of this signature in compiled code: `call(address, (first, second, …))`.

    What a function that raises would return is NaN, of one that returns whole numbers 0.
    """
    nothing = np.nan if isinstance(signature.return_type, types.Float) else 0

    @intrinsic
    def call(typing_context: Any, address: Any, arguments: Any) -> Any:  # noqa: ARG001
        given = tuple(arguments)

        def code(context: Any, builder: Any, _: Any, values: Any) -> Any:
            pointer, packed = values
            unpacked = [builder.extract_value(packed, place) for place in range(len(given))]
            cast = [
                context.cast(builder, value, has, wants) if isinstance(wants, types.Number) else value
                for value, has, wants in zip(unpacked, given, signature.args, strict=True)
            ]
            kind = context.call_conv.get_function_type(signature.return_type, signature.args).as_pointer()
            function = builder.inttoptr(pointer, kind)
            status, result = context.call_conv.call_function(builder, function, signature.return_type, signature.args, cast)
            return builder.select(status.is_error, context.get_constant(signature.return_type, nothing), result)

        return signature.return_type(types.int64, arguments), code

    caller: Callable[..., Any] = call
    return caller
