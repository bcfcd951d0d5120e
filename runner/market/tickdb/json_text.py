"""JSON from outside, within limits: what it can't mean is refused, and nothing it holds can bring the reader down.

Python's reader takes `NaN` and `Infinity`, turns `1e400` into infinity, gives up on integers of 5,000 digits with an error
of its own and on deep nesting with another. Here all of them are one error.
"""

import json
import math
from typing import Any, NoReturn

__all__ = ["NotJsonError", "parsed"]

MOST_DIGITS = 30
"""Digits an integer may have; none of the service's has more than 19."""


class NotJsonError(ValueError):
    """The text isn't JSON that can be used; the message says why, without repeating the text."""


def parsed(text: bytes) -> Any:
    """Return the value of a JSON text in UTF-8.

    Raises NotJsonError if it isn't complete, isn't UTF-8, or holds numbers or nesting beyond reason.
    """
    try:
        return json.loads(text.decode(), parse_int=_integer, parse_float=_number, parse_constant=_refused)
    except UnicodeDecodeError as error:
        raise NotJsonError("not UTF-8") from error
    except json.JSONDecodeError as error:
        raise NotJsonError(f"broken at character {error.pos} of {len(text)}") from error
    except RecursionError as error:
        raise NotJsonError("nested too deeply") from error


def _integer(text: str) -> int:
    if len(text) > MOST_DIGITS:
        raise NotJsonError(f"an integer of {len(text)} digits")
    return int(text)


def _number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise NotJsonError("a number too large for float64")
    return number


def _refused(text: str) -> NoReturn:
    raise NotJsonError(f"{text} in place of a number")
