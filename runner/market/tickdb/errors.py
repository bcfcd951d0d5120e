"""What an answer means: data, come again, wait, or never.

`verdict` is the one place where that is decided, from the HTTP status and the `code` in the body together. The service
writes the code as a number, as a number in text, as words, or as the HTTP status, and some failures arrive under HTTP 200:

    {"code": 0, "message": "success", "data": …}                                    data
    {"code": "2001", "message": …, "error": "2001"}                                 number in text
    {"code": 3001, "message": …, "data": {"reset_at": 1774743598, …}}               number, with the end of the wait
    {"error": "Invalid or expired token", "message": "[1001] …", "code": "Invalid …"}  words, number in the message
    {"code": 40001, "message": …, "data": null}                                     number
    {"success": false, "error": …, "code": 429, "reset_at": …}                      HTTP status

| codes | what it means |
|---|---|
| 1001 1002 1005 | the key is invalid, missing or expired: fatal |
| 1003 1004 3002 3004 3006-3012 | the plan or the network isn't entitled: fatal |
| 2001-2006 2008 5006 | the question is wrong: fatal |
| 3001 3003 3005 | too many requests: wait |
| 5000-5005 | the service or its source is unavailable: retry |

An unknown code is judged by the HTTP status: 429 waits, 408 and 5xx retry, everything else is fatal.
"""

import re
from dataclasses import dataclass
from typing import Any, Literal

__all__ = ["Action", "Verdict", "verdict"]

Action = Literal["data", "retry", "wait", "fatal"]
"""Use the data; ask again soon; ask again when the limit allows; don't ask again."""

WAIT = frozenset({3001, 3003, 3005})
RETRY = frozenset(range(5000, 5006))
FATAL = frozenset({*range(1001, 1006), *range(2001, 2009), 3002, 3004, *range(3006, 3013), 5006})
NUMBER_IN_MESSAGE = re.compile(r"\[([0-9]{4,5})\]", re.ASCII)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an answer means."""

    action: Action
    code: str
    """The service's code, as digits where there are any, else its words; empty if it gave none."""
    message: str
    """What the service says about it."""
    data: Any
    """The payload, also of a failure."""
    reset_at: int | None = None
    """Unix seconds at which the service says a wait ends."""


def verdict(status: int, body: Any) -> Verdict:
    """Judge an answer by its HTTP status and its parsed body (None where the body isn't JSON)."""
    fields = body if isinstance(body, dict) else {}
    code = _code(fields)
    message = next((text for name in ("message", "error") if isinstance(text := fields.get(name), str) and text), "")
    data = fields.get("data")
    return Verdict(_action(status, code, body), code, message, data, _reset_at(fields))


def _action(status: int, code: str, body: Any) -> Action:
    number = int(code) if code.isdecimal() and len(code) <= 6 else None
    if number in WAIT:
        return "wait"
    if number in RETRY:
        return "retry"
    if number in FATAL:
        return "fatal"
    # A code that is the HTTP status under another status (200 with 429) is as good as the status.
    judged = number if number is not None and status == 200 and 400 <= number < 600 else status
    if judged == 429:
        return "wait"
    if judged == 408 or 500 <= judged < 600:
        return "retry"
    return "data" if judged == 200 and _is_success(code, body) else "fatal"


def _is_success(code: str, body: Any) -> bool:
    """Return whether a body under HTTP 200 is a success: code 0, or no code at all beside data."""
    if not isinstance(body, dict) or body.get("success") is False or "data" not in body:
        return False
    return code == "0" or (code == "" and not body.get("error"))


def _code(fields: dict[str, Any]) -> str:
    """Return the code as digits wherever the body has them, else as the words it has."""
    given = [fields.get("code"), fields.get("error")]
    texts = [str(value).strip() for value in given if isinstance(value, int | str) and not isinstance(value, bool)]
    for text in texts:
        if text.isascii() and text.isdecimal():
            return text.lstrip("0") or "0"
    message = fields.get("message")
    found = NUMBER_IN_MESSAGE.search(message) if isinstance(message, str) else None
    return found[1] if found else next(iter(texts), "")


def _reset_at(fields: dict[str, Any]) -> int | None:
    data = fields.get("data")
    for place in (data if isinstance(data, dict) else {}, fields):
        found = place.get("reset_at")
        if isinstance(found, int) and not isinstance(found, bool):
            return found
    return None
