"""Answers in TickDB's envelope."""

from typing import Any

from aiohttp import web

from runner.venue.server.words import line

__all__ = ["Refusal", "failure", "success"]


class Refusal(Exception):  # noqa: N818 - an answer, not an error of ours
    """A request is answered with a code."""

    def __init__(self, status: int, code: int, message: str) -> None:
        """Keep the answer."""
        self.status = status
        self.code = code
        self.message = message
        super().__init__(status, code, message)


def success(data: Any) -> web.Response:
    """Return a success."""
    return _json({"code": 0, "message": "success", "data": data}, 200, {})


def failure(status: int, code: int | str, message: str, *, data: Any = None, retry_after: int | None = None) -> web.Response:
    """Return a failure; current endpoints write a numeric code in text beside it, which `string_code` imitates."""
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return _json({"code": code, "message": message, "data": data}, status, headers)


def _json(told: dict[str, Any], status: int, headers: dict[str, str]) -> web.Response:
    return web.Response(text=line(told), status=status, headers=headers, content_type="application/json")
