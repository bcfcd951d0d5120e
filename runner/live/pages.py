"""A list that comes by pages is known when its last page is: never before."""

from collections.abc import Callable
from typing import TypeVar

from runner.live.contract import Contract, FillReport, Page, Unclear
from runner.live.line import Answered, Line
from runner.live.ports import Request, Response

__all__ = ["MOST_PAGES", "all_fills", "all_pages"]

MOST_PAGES = 10_000
"""A list of more pages has no end."""

Item = TypeVar("Item")


async def all_pages(
    line: Line, ask: Callable[[str | None], Request], read: Callable[[Response, str | None], Page[Item] | Unclear]
) -> list[Item] | None:
    """Return a whole list; None if one of its pages wasn't answered or read, or if the pages lead in a circle."""
    found: list[Item] = []
    page: str | None = None
    seen: set[str] = set()
    for _ in range(MOST_PAGES):
        answer = await line.call(ask(page))
        if not isinstance(answer, Answered):
            return None
        got = read(answer.response, page)
        if isinstance(got, Unclear):
            return None
        found.extend(got.items)
        if got.next is None:
            return found
        if got.next in seen:
            return None
        seen.add(got.next)
        page = got.next
    return None


async def all_fills(line: Line, contract: Contract, since_ns: int) -> list[FillReport] | None:
    """Return all executions since a venue time, oldest first; None if the list isn't whole."""
    found = await all_pages(
        line,
        lambda page: contract.fills(since_ns, page),
        lambda response, page: contract.read_fills(response, since_ns, page),
    )
    return None if found is None else sorted(found, key=lambda fill: fill.at_ns)
