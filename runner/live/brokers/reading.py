"""Reading what a venue sent, strictly: JSON without surprises, and one way to say that something isn't what it should be.

A contract's readers are made of these: inside, whatever can't be read raises `Unreadable`; `reading` turns that into an
`Unclear`, so that nothing a venue may send leaves a contract as an exception. Numbers of JSON never become binary floats:
they are refused, or kept as the text they were written as.
"""

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import NoReturn, TypeVar

from runner.live.contract import Page, Unclear
from runner.live.model import Instrument
from runner.live.money import NotExact, decimal_of, units_of
from runner.live.ports import Response
from runner.live.profile import SECOND

__all__ = [
    "Line",
    "Unreadable",
    "as_text",
    "chosen",
    "code_in",
    "code_of",
    "expect_ok",
    "inner",
    "instrument_of",
    "lines",
    "lines_of",
    "object_of",
    "page_fields",
    "page_of",
    "reading",
    "refused",
    "retry_after_ns",
    "text",
    "text_or_none",
    "unreadable",
    "whole",
]

OK = 200
MOST_BYTES = 4 * 1024 * 1024
"""Longest answer that is read."""
LONGEST_TEXT = 128

Line = dict[str, object]
"""One JSON object."""
Item = TypeVar("Item")


class Unreadable(Exception):  # noqa: N818 - it is a statement about bytes
    """Bytes that are not what the dialect says."""


def reading(read: Callable[[], Item]) -> Item | Unclear:
    """Return what was read, or why it couldn't be; nothing that a venue sends is an exception."""
    try:
        return read()
    except (Unreadable, NotExact) as problem:
        return Unclear(str(problem))


def unreadable(why: str) -> NoReturn:
    """Say that something isn't what the dialect says."""
    raise Unreadable(why)


def refused(_: str) -> NoReturn:
    """Refuse a number that isn't text, for dialects whose numbers all are."""
    unreadable("a number that isn't text")


def as_text(number: str) -> str:
    """Keep a number as it was written, for dialects that have both; what reads it decides whether it is plain."""
    return number


def object_of(body: bytes, number: Callable[[str], str] = refused) -> Line:
    """Return the JSON object that bytes are."""
    found = _parsed(body, number)
    return found if isinstance(found, dict) else unreadable("no JSON object")


def lines_of(body: bytes, number: Callable[[str], str] = refused) -> list[Line]:
    """Return the JSON list of objects that bytes are."""
    return _objects(_parsed(body, number), "objects")


def inner(line: Line, name: str) -> Line:
    """Return an object within an object."""
    found = line.get(name)
    return found if isinstance(found, dict) else unreadable(f"no {name}")


def lines(line: Line, name: str) -> list[Line]:
    """Return a list of objects within an object."""
    return _objects(line.get(name), name)


def text(line: Line, name: str) -> str:
    """Return a text that is there."""
    found = line.get(name)
    return found if isinstance(found, str) and 0 < len(found) <= LONGEST_TEXT else unreadable(f"no {name}")


def text_or_none(line: Line, name: str) -> str | None:
    """Return a text, None where it is null or left out."""
    return None if line.get(name) is None else text(line, name)


def chosen(line: Line, name: str, words: Mapping[str, Item]) -> Item:
    """Return what a word stands for."""
    word = text(line, name)
    return words[word] if word in words else unreadable(f"a {name} that the dialect doesn't have")


def whole(line: Line, name: str) -> int:
    """Return a whole number."""
    return units_of(decimal_of(line.get(name)), Decimal(1))


def instrument_of(line: Line, instruments: Mapping[str, Instrument], name: str = "symbol") -> Instrument:
    """Return the instrument that a line is about."""
    found = instruments.get(text(line, name))
    return found if found is not None else unreadable("an instrument that isn't ours")


def page_fields(page: str | None) -> tuple[tuple[str, str], ...]:
    """Return what asks for a page where the answer before said which one is next; nothing for the first."""
    return () if page is None else (("page", page),)


def page_of(answer: Line, name: str, read: Callable[[Line], Item]) -> Page[Item]:
    """Return the page of a list that stands in an answer beside the `next` one, null after the last."""
    if "next" not in answer:
        unreadable("a page that doesn't say whether it is the last")
    return Page(tuple(read(line) for line in lines(answer, name)), text_or_none(answer, "next"))


def expect_ok(response: Response) -> None:
    """Hold an answer to having succeeded."""
    if response.status != OK:
        unreadable(f"status {response.status}")


def code_in(line: Line) -> str | None:
    """Return the `code` of an object, None if it has none."""
    return text_or_none(line, "code")


def code_of(response: Response, number: Callable[[str], str] = refused) -> str | None:
    """Return the `code` of an answer; None if it has none that can be read."""
    found = reading(lambda: code_in(object_of(response.body, number)))
    return None if isinstance(found, Unclear) else found


def retry_after_ns(response: Response) -> int | None:
    """Return how long a venue asks to be left alone: whole seconds in `Retry-After`; None if it doesn't say."""
    wait = response.header("retry-after")
    is_plain = wait is not None and wait.isascii() and wait.isdigit() and len(wait) < 7
    return int(wait) * SECOND if wait is not None and is_plain else None


def _parsed(body: bytes, number: Callable[[str], str]) -> object:
    if len(body) > MOST_BYTES:
        unreadable("an answer too long to read")
    try:
        found: object = json.loads(
            body, parse_float=number, parse_int=number, parse_constant=refused, object_pairs_hook=_distinct
        )
    except (ValueError, RecursionError):
        unreadable("not JSON as the dialect has it")
    return found


def _objects(found: object, name: str) -> list[Line]:
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        unreadable(f"no list of {name}")
    return found


def _distinct(pairs: list[tuple[str, object]]) -> Line:
    found = dict(pairs)
    return found if len(found) == len(pairs) else unreadable("one name twice")
