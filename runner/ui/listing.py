"""Which entries are shown, and in which order: filter, sort and page of a list, told by the fields of its address."""

from collections.abc import Sequence
from dataclasses import dataclass

from runner.archive.index import Entry
from runner.ui.message import Request

__all__ = ["COLUMNS", "PER_PAGE", "Choice", "choice_of", "matching", "ordered", "page_of"]

PER_PAGE = 100
COLUMNS = ("created", "name", "kind", "status", "total_return", "sharpe", "max_drawdown", "trades")
"""What a list may go by."""
KINDS = ("", "run", "sweep", "session")
STATES = ("", "DONE", "RUNNING", "FAILED", "INTERRUPTED", "UNREADABLE")


@dataclass(frozen=True, slots=True)
class Choice:
    """What a list shows."""

    words: str = ""
    """Of an entry's id, mode, engine, tags and notes; all of them must be in it."""
    kind: str = ""
    status: str = ""
    by: str = "created"
    is_up: bool = False
    """Whether the smallest comes first."""
    page: int = 0
    """From 0."""

    def fields(self, **changes: str) -> dict[str, str]:
        """Return the fields of an address that shows this, some of them changed; empty ones are left out."""
        own = {
            "q": self.words,
            "kind": self.kind,
            "status": self.status,
            "by": self.by,
            "up": "1" if self.is_up else "",
            "page": str(self.page) if self.page else "",
        }
        return {name: value for name, value in {**own, **changes}.items() if value}


def choice_of(request: Request) -> Choice:
    """Return what an address asks for; what it can't mean is passed over."""
    kind, status, by, page = (request.one(name) for name in ("kind", "status", "by", "page"))
    return Choice(
        words=request.one("q")[:200],
        kind=kind if kind in KINDS else "",
        status=status if status in STATES else "",
        by=by if by in COLUMNS else "created",
        is_up=request.one("up") == "1",
        page=int(page) if page.isascii() and page.isdigit() and len(page) < 7 else 0,
    )


def matching(entries: Sequence[Entry], choice: Choice) -> list[Entry]:
    """Return the entries that a choice shows, in their order."""
    words = choice.words.lower().split()
    return [
        entry
        for entry in entries
        if (not choice.kind or entry.kind == choice.kind)
        and (not choice.status or entry.status == choice.status)
        and (not words or all(word in _text(entry) for word in words))
    ]


def ordered(entries: Sequence[Entry], choice: Choice) -> list[Entry]:
    """Return entries by one column; those without a value in it come last, whichever way it goes."""
    keyed = [(_key(entry, choice.by), entry) for entry in entries]
    known = [(key, entry) for key, entry in keyed if key is not None]
    known.sort(key=lambda pair: pair[0], reverse=not choice.is_up)
    return [*(entry for _, entry in known), *(entry for key, entry in keyed if key is None)]


def page_of(entries: Sequence[Entry], choice: Choice) -> Sequence[Entry]:
    """Return what one page shows."""
    return entries[choice.page * PER_PAGE : (choice.page + 1) * PER_PAGE]


def _text(entry: Entry) -> str:
    return " ".join((entry.id, entry.kind, entry.mode, entry.engine, *entry.tags, *entry.notes, entry.headline)).lower()


def _key(entry: Entry, by: str) -> tuple[float, str] | None:
    if by in {"created", "name", "kind", "status"}:
        return 0.0, str(getattr(entry, by))
    value = entry.metrics.get(by)
    return (float(value), "") if isinstance(value, int | float) else None
