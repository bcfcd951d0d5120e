"""The service's failures in the user's words: what must hold, what it said, what to write.

Text of the service is shown short, in printable ASCII and without the key.
"""

from typing import Any

from runner.errors import Fault
from runner.market.tickdb.errors import Verdict
from runner.market.tickdb.request import Request
from runner.market.tickdb.secret import Secret

__all__ = ["broken_fault", "malformed_fault", "refused_fault", "wait_fault"]

LONGEST_TEXT = 200
KEY = ("the service must accept the key", "Check that the variable {key_env} holds a key that is valid and not expired.")
PLAN = ("the plan of the key must allow the request", "Ask for less, or use a key of a larger plan.")
QUESTION = ("the service must understand the request", "Check the values of data and universe.")
REMEDIES = {
    "1001": KEY,
    "1002": KEY,
    "1005": KEY,
    "2002": (
        "the service must know the symbol",
        "Write symbols as the service spells them, e.g. AAPL.US, 700.HK or BTCUSDT.",
    ),
    "2003": ("the service must accept the time range", "Check data.start and data.end."),
    "2004": ("the service must accept the number of rows asked for", "Write a smaller data.limit."),
    "2006": ("symbol and type must fit together", "Write data.type: null, or the type of the symbol."),
    "3007": ("the plan of the key must reach back to the start", "Write a later data.start, or use a key of a larger plan."),
    "3008": (
        "the plan of the key must allow time ranges",
        "Write data.start: null for the latest bars, or use a paid plan's key.",
    ),
    "5006": ("the service must be able to adjust the prices", "Write data.adjust: none."),
}


def refused_fault(verdict: Verdict, status: int, request: Request, key: Secret, key_env: str) -> Fault:
    """Return the fault of an answer that asking again can't mend."""
    must, write = REMEDIES.get(verdict.code, _by_status(status))
    if verdict.code.upper() == "AMBIGUOUS_SYMBOL":
        must, write = (
            "the symbol must name one instrument",
            f"Write data.type{_types(verdict.data, key)}, or the symbol's suffix.",
        )
    was = _said(verdict, status, key)
    return Fault("data", must, was, write.format(key_env=key_env) if "{key_env}" in write else write, excerpt=str(request))


def wait_fault(seconds: float, verdict: Verdict, status: int, request: Request, key: Secret) -> Fault:
    """Return the fault of a service that asks to wait longer than a run should."""
    write = f"Run again in {seconds:.0f} s, or write a smaller data.rate_per_minute."
    return Fault(
        "data",
        "the service must allow another request within two minutes",
        _said(verdict, status, key),
        write,
        excerpt=str(request),
    )


def broken_fault(reason: str, tries: int, request: Request, key: Secret) -> Fault:
    """Return the fault of a request that got no usable answer."""
    often = "once" if tries == 1 else f"{tries} times"
    write = "Check data.base_url and the connection, and run again later."
    return Fault(
        "data", "the service must give a usable answer", f"{_clean(reason, key)}; asked {often}", write, excerpt=str(request)
    )


def malformed_fault(reason: str, request: Request, key: Secret) -> Fault:
    """Return the fault of an answer that isn't what the interface promises; its data are not used, not even in part."""
    write = "Check data.dialect and data.base_url; if both are right, the service's data are faulty: try again later."
    return Fault(
        "data", "the service must answer as its interface promises", _clean(reason, key), write, excerpt=str(request)
    )


def answer_words(verdict: Verdict, status: int, key: Secret) -> str:
    """Return what the service said, for a message."""
    return _said(verdict, status, key)


def _by_status(status: int) -> tuple[str, str]:
    by_status = {401: KEY, 403: PLAN, 418: ("the service must not have banned this address", "Wait before you ask again.")}
    return by_status.get(status, QUESTION)


def _said(verdict: Verdict, status: int, key: Secret) -> str:
    code = f", code {_clean(verdict.code, key)}" if verdict.code else ""
    message = f": {_clean(verdict.message, key)}" if verdict.message and verdict.message != verdict.code else ""
    return f"HTTP {status}{code}{message}".rstrip(".")


def _types(data: Any, key: Secret) -> str:
    types = data.get("available_types") if isinstance(data, dict) else None
    known = [_clean(word, key) for word in types if isinstance(word, str)] if isinstance(types, list) else []
    return f", one of {', '.join(known)}" if known else ""


def _clean(text: str, key: Secret) -> str:
    hidden = key.hidden_in(text)
    plain = "".join(letter if letter.isprintable() else " " for letter in hidden)
    return plain if len(plain) <= LONGEST_TEXT else f"{plain[: LONGEST_TEXT - 1]}…"
