"""What every request passes before it is answered: the key, the rate, the way here, and the fault plan.

Whatever comes is answered in the envelope: an unknown path, a wrong method, a body that is too large, and a bug of ours.
"""

import asyncio
import hmac
import logging
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType

from aiohttp import web

from runner.venue.server.answers import Refusal, failure
from runner.venue.server.fault_plan import FaultKind
from runner.venue.server.parts import Parts

__all__ = ["SOCKETS", "door"]

SOCKETS = frozenset({"/v1/realtime", "/v1/market/stream", "/v1/trade/stream"})
"""Paths that are upgraded; their key may stand in the query."""
MINUTE_NS = 60 * 10**9
PAGE = "<!DOCTYPE html><html><body><h1>Welcome</h1></body></html>"
LOG = logging.getLogger(__name__)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


EARLY: Mapping[FaultKind, Callable[[Parts], web.Response]] = MappingProxyType(
    {
        FaultKind.TOO_MANY: lambda parts: _limited(parts, 0, 1),
        FaultKind.TOO_MANY_BARE: lambda parts: _limited(parts, 0, None),
        FaultKind.SERVER_ERROR: lambda _: failure(503, 5001, "unavailable"),
        FaultKind.TEXT_CODE: lambda _: failure(401, "Invalid or expired token", "[1001] Invalid or expired token"),
        FaultKind.OK_WITH_CODE: lambda _: failure(200, 5000, "internal error"),
        FaultKind.REDIRECT: lambda _: web.Response(status=302, headers={"Location": "http://127.0.0.1:9/elsewhere"}),
    }
)
"""What is answered before anything is done."""


@web.middleware
async def door(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let a request in, or answer it here."""
    parts = request.app[Parts.KEY]
    refusal = _refusal(parts, request)
    if refusal is not None:
        return refusal
    if request.path in SOCKETS:
        return await _upgraded(request, handler)
    strikes = parts.chances.strikes
    if strikes(FaultKind.SLOW):
        await asyncio.sleep(parts.chances.delay)
    early = _early(parts)
    if early is not None:
        return early
    await _travel(parts)
    answer = await _answered(request, handler)
    await _travel(parts)
    return _late(parts, request, answer)


async def _upgraded(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except web.HTTPException as error:
        # What asks for no WebSocket, or for one of another kind.
        return _refused(request, Refusal(error.status, 2001, error.reason))


async def _travel(parts: Parts) -> None:
    seconds = parts.order_latency()
    if seconds:
        await asyncio.sleep(seconds)


async def _answered(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except Refusal as refusal:
        return _refused(request, refusal)
    except web.HTTPException as error:
        return _refused(request, Refusal(error.status, 2001, error.reason))
    except (asyncio.CancelledError, ConnectionError):
        # The peer is gone: there is nobody to answer.
        raise
    except Exception as error:  # noqa: BLE001 - a request never takes the venue with it
        LOG.error("a request to %s failed: %s", request.path, type(error).__name__)  # noqa: TRY400 - bodies stay out of logs
        return failure(500, 5000, "internal error")


def _refused(request: web.Request, refusal: Refusal) -> web.Response:
    is_text = request.app[Parts.KEY].chances.strikes(FaultKind.STRING_CODE)
    return failure(refusal.status, str(refusal.code) if is_text else refusal.code, refusal.message)


def _refusal(parts: Parts, request: web.Request) -> web.Response | None:
    """Refuse who has no key or asks too often."""
    given = request.headers.get("X-API-Key")
    if given is None and request.path in SOCKETS:
        given = request.query.get("api_key")
    if given is None:
        return failure(401, 1002, "UNAUTHORIZED")
    if not hmac.compare_digest(given.encode(errors="replace"), parts.key.reveal().encode()):
        return failure(401, 1001, "INVALID_TOKEN")
    most = parts.settings.requests_per_minute
    if most is None or request.path in SOCKETS:
        return None
    now = parts.machine.mono_ns()
    parts.sent_ns[:] = [sent for sent in parts.sent_ns if now - sent < MINUTE_NS]
    if len(parts.sent_ns) < most:
        parts.sent_ns.append(now)
        return None
    return _limited(parts, most, -(-(parts.sent_ns[0] + MINUTE_NS - now) // 10**9))


def _limited(parts: Parts, most: int, seconds: int | None) -> web.Response:
    reset = parts.machine.utc_ns() // 10**9 + (seconds or 1)
    data = {"limit": most, "plan": "starter", "reset_at": reset, "upgrade_to": ""}
    return failure(429, 3001, "Rate limit exceeded", data=data, retry_after=seconds)


def _early(parts: Parts) -> web.Response | None:
    """Let things go wrong before anything is done."""
    for kind, answer in EARLY.items():
        if parts.chances.strikes(kind):
            return answer(parts)
    return None


def _late(parts: Parts, request: web.Request, answer: web.StreamResponse) -> web.StreamResponse:
    """Let things go wrong on the way back."""
    strikes = parts.chances.strikes
    if strikes(FaultKind.HTML):
        return web.Response(text=PAGE, content_type="text/html")
    if isinstance(answer, web.Response) and isinstance(answer.body, bytes) and strikes(FaultKind.TRUNCATED):
        return web.Response(body=answer.body[: len(answer.body) // 2], status=answer.status, content_type="application/json")
    if strikes(FaultKind.CUT) and request.transport is not None:
        request.transport.abort()
    return answer
