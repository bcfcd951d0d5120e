"""What is asked and what is answered, as plain values: pages are functions from one to the other and know no socket."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from urllib.parse import parse_qsl

__all__ = ["Refused", "Request", "Response", "json_response", "text_response"]

NOTHING: Mapping[str, str] = MappingProxyType({})
MOST_FIELDS = 200
"""Fields of one query."""


class Refused(Exception):  # noqa: N818 - a statement about a request
    """A request isn't answered; the text is for people and holds nothing that came with it."""

    def __init__(self, status: int, why: str) -> None:
        """Keep the status to answer with."""
        super().__init__(why)
        self.status = status


@dataclass(frozen=True, slots=True)
class Request:
    """One request."""

    method: str
    path: str
    """Without query, not decoded: paths of ours have nothing to decode."""
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    """Lower-case name → value; a name that came twice has both, separated by a comma."""
    body: bytes = b""

    @property
    def fields(self) -> list[tuple[str, str]]:
        """The query's fields in order.

        Raises:
            Refused: There are too many.
        """
        try:
            return parse_qsl(self.query, keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="replace")
        except ValueError:
            raise Refused(400, "the address has too many fields") from None

    def one(self, name: str, default: str = "") -> str:
        """Return the last field of a name."""
        return dict(self.fields).get(name, default)

    def all(self, name: str) -> list[str]:
        """Return all fields of a name, each once."""
        return list(dict.fromkeys(value for key, value in self.fields if key == name))

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies, the first of each name: a browser sends the most specific one first."""
        found: dict[str, str] = {}
        for part in self.headers.get("cookie", "").split(";"):
            name, _, value = part.strip().partition("=")
            found.setdefault(name, value)
        return found

    def json(self) -> dict[str, str]:
        """Return the body as a mapping of texts.

        Raises:
            Refused: It is none, or not declared as JSON: a form of another site can't declare that.
        """
        if self.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            raise Refused(415, "must be application/json")
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError):
            raise Refused(400, "must be JSON") from None
        if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
            raise Refused(400, "must be a mapping of texts")
        return found


@dataclass(frozen=True, slots=True)
class Response:
    """One answer."""

    body: bytes = b""
    kind: str = "text/html; charset=utf-8"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    stream: Iterator[bytes] | None = None
    """Pieces that follow one another for as long as somebody listens; instead of a body."""


def text_response(text: str, status: int = 200) -> Response:
    """Return plain text."""
    return Response(text.encode(errors="replace"), "text/plain; charset=utf-8", status)


def json_response(value: object, status: int = 200) -> Response:
    """Return JSON."""
    return Response(json.dumps(value, allow_nan=False).encode(), "application/json", status)
