"""The network between a process and the exchange: requests that get lost, late or mangled, on either way.

A request travels as a happening of the world, not of the process: once it has left it arrives, whether or not its sender
still lives. The answer finds a future of the process, or nobody.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from runner.live.ports import Action, NoAnswer, Request, Response
from runner.venue.faults import Fault, FaultPlan, Phase
from runner.venue.process import Life
from runner.venue.world import MS, SECOND, World

__all__ = ["FarEnd", "SimRest"]

LEAVING = {
    Action.PLACE: Phase.PLACE_LEAVING,
    Action.CANCEL: Phase.CANCEL_LEAVING,
    Action.REPLACE: Phase.REPLACE_LEAVING,
    Action.QUERY: Phase.QUERY_LEAVING,
}
"""What a request is for → the phase its leaving is."""

PAGE_OF_A_PROXY = b"<html><body>Please try again</body></html>"


@dataclass(frozen=True, slots=True)
class FarEnd:
    """The exchange, and who watches the way to it."""

    answer: Callable[[Request], Response]
    """The exchange."""
    on_leave: Callable[[Request], None]
    """Looks at every request at the instant its first byte leaves."""
    on_hear: Callable[[Response], None]
    """Looks at every answer at the instant its caller has it."""


class SimRest:
    """The REST port of one life."""

    def __init__(self, world: World, life: Life, plan: FaultPlan, far_end: FarEnd, *, secret: str) -> None:
        """Send to the far end.

        The secret stands for the credentials the real transport adds: it is in the texts of this network's own failures, as
        it is in those of real libraries, and must come out nowhere.
        """
        self._world = world
        self._life = life
        self._plan = plan
        self._far_end = far_end
        self._secret = secret
        self._pace = world.chance("net")

    async def send(self, request: Request, *, timeout_ns: int) -> Response:
        """Send one request; raise `NoAnswer` if no whole answer comes in time."""
        self._life.check()
        self._far_end.on_leave(request)
        if request.action in LEAVING:
            self._plan.reach(LEAVING[request.action])
            self._life.check()
        self._world.note(f"send {request.action} {_subject(request)}")
        future: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
        lost = NoAnswer(f"GET https://venue.example/?key={self._secret} timed out")
        self._life.later(timeout_ns, future, lambda: future.set_exception(lost))
        if not self._plan.strikes(Fault.DROP_REQUEST):
            self._world.after(self._delay(), lambda: self._arrive(request, future))
        response = await future
        self._far_end.on_hear(response)
        if request.action is Action.PLACE:
            self._plan.reach(Phase.PLACE_ANSWERED)
            self._life.check()
        return response

    def _delay(self) -> int:
        if self._plan.strikes(Fault.SLOW):
            return int((1 + self._pace.random() * 5) * SECOND)
        return int((1 + self._pace.random() * 40) * MS)

    def _arrive(self, request: Request, future: "asyncio.Future[Response]") -> None:
        """Let the exchange, or something before it, answer."""
        response = self._answer(request)
        if self._plan.strikes(Fault.DROP_RESPONSE):
            return
        self._life.later(int((1 + self._pace.random() * 40) * MS), future, lambda: future.set_result(response))

    def _answer(self, request: Request) -> Response:
        """Let something before the exchange answer, or the exchange, or something behind it."""
        before = self._before()
        if before is not None:
            return before
        if self._plan.strikes(Fault.HTML):
            if self._pace.random() < 0.5:
                self._far_end.answer(request)
            return Response(200, PAGE_OF_A_PROXY, (("content-type", "text/html"),))
        response = self._far_end.answer(request)
        return self._mangled(request, response) if response.status == 200 else response

    def _before(self) -> Response | None:
        if self._plan.strikes(Fault.ERROR_BEFORE):
            return Response(503, b"upstream unavailable")
        if self._plan.strikes(Fault.TOO_MANY):
            return _limited(429, "rate_limited", 1 + int(self._pace.random() * 3))
        if self._plan.strikes(Fault.BAN):
            return _limited(418 if self._pace.random() < 0.5 else 403, "banned", 2 + int(self._pace.random() * 8))
        if self._plan.strikes(Fault.REDIRECT):
            return Response(307, b"", (("location", "https://elsewhere.example/"),))
        return None

    def _mangled(self, request: Request, response: Response) -> Response:
        """Return what becomes of an answer that says that the exchange has acted."""
        if self._plan.strikes(Fault.ERROR_AFTER):
            return Response(502 if self._pace.random() < 0.5 else 500, b'{"code": "internal"}')
        if self._plan.strikes(Fault.TRUNCATED):
            return Response(200, response.body[: int(self._pace.random() * len(response.body))], response.headers)
        if request.action is Action.PLACE and self._plan.strikes(Fault.LYING_400):
            return Response(400, b'{"code": "request_timed_out", "message": "request timed out"}')
        return response


def _limited(status: int, code: str, seconds: int) -> Response:
    return Response(status, f'{{"code": "{code}", "message": "slow down"}}'.encode(), (("retry-after", str(seconds)),))


def _subject(request: Request) -> str:
    """Return what a request is about, for the trace: its path and what it names, not its stamps."""
    named = (value for name, value in request.fields if name in {"client_order_id", "order_id", "page"})
    return f"{request.path} {' '.join(named)}"
