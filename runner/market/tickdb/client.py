"""Questions asked until they are answered: one request at a time, paced, repeated while the failure may pass.

`ask` sends, judges (`errors.verdict`), waits (`waiting.pause`) and sends again, at most `retries` times. A request is a
question that changes nothing, so asking twice is safe. What comes out is decoded data or a `DataError`, never a half.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from runner.errors import DataError, Fault
from runner.market.tickdb.errors import Verdict, verdict
from runner.market.tickdb.faults import answer_words, broken_fault, malformed_fault, refused_fault, wait_fault
from runner.market.tickdb.json_text import NotJsonError, parsed
from runner.market.tickdb.pace import Pace
from runner.market.tickdb.ports import Ports
from runner.market.tickdb.request import Request
from runner.market.tickdb.secret import Secret
from runner.market.tickdb.settings import Service
from runner.market.tickdb.transport import BrokenError, Reply, Transport
from runner.market.tickdb.values import MalformedError
from runner.market.tickdb.waiting import LONGEST, hint, pause

__all__ = ["Client", "RefusedError"]

T = TypeVar("T")


class RefusedError(DataError):
    """The service won't answer this question; `code` is its reason."""

    def __init__(self, fault: Fault, code: str, status: int) -> None:
        """Keep the reason beside the fault."""
        super().__init__(fault)
        self.code = code
        self.status = status


class Client:
    """A conversation with one service under one key."""

    def __init__(
        self, service: Service, transport: Transport, ports: Ports, key: Secret, *, key_env: str, pace: Pace
    ) -> None:
        """Begin a conversation.

        Args:
            service: where the service is and how patiently it is asked.
            transport: carries requests.
            ports: clock, rest and dice.
            key: needed to keep it out of messages.
            key_env: names where the key came from.
            pace: what other conversations under this key asked lately, and where this one's requests are counted.
        """
        self._service = service
        self._transport = transport
        self._ports = ports
        self._key = key
        self._key_env = key_env
        self._pace = pace

    def ask(self, request: Request, decode: Callable[[Any], T]) -> T:
        """Return the decoded data of the answer.

        Raises:
            RefusedError: the service says no.
            DataError: no usable answer came within the retries, or it isn't what the interface promises.
        """
        attempt = 0
        while True:
            self._pace.take(self._service.rate_per_minute)
            data, rest, reason = self._once(request, attempt)
            if rest is None:
                return self._decoded(request, decode, data)
            if attempt == self._service.retries:
                raise DataError(broken_fault(reason, attempt + 1, request, self._key))
            self._ports.sleep(rest)
            attempt += 1

    def refuse(self, request: Request, reason: str) -> DataError:
        """Return the error of an answer that contradicts the question or another answer."""
        return DataError(malformed_fault(reason, request, self._key))

    def _once(self, request: Request, attempt: int) -> tuple[Any, float | None, str]:
        """Return the data, or the seconds to wait before the next try and why."""
        try:
            reply = self._transport.send(request)
        except BrokenError as error:
            if not error.passing:
                raise DataError(broken_fault(str(error), attempt + 1, request, self._key)) from error
            return None, pause("retry", attempt, None, self._ports.chance()), str(error)
        try:
            body = parsed(reply.body)
        except NotJsonError as error:
            if reply.status == 200:
                return None, pause("retry", attempt, None, self._ports.chance()), f"JSON that can't be read, {error}"
            body = None
        return self._judged(request, attempt, reply, verdict(reply.status, body))

    def _judged(self, request: Request, attempt: int, reply: Reply, found: Verdict) -> tuple[Any, float | None, str]:
        if found.action == "data":
            return found.data, None, ""
        if found.action == "fatal":
            fault = refused_fault(found, reply.status, request, self._key, self._key_env)
            raise RefusedError(fault, self._key.hidden_in(found.code), reply.status)
        hinted = hint(found, reply.retry_after, self._ports.now())
        if hinted is not None and hinted > LONGEST:
            raise DataError(wait_fault(hinted, found, reply.status, request, self._key))
        rest = pause(found.action, attempt, hinted, self._ports.chance())
        return None, rest, answer_words(found, reply.status, self._key)

    def _decoded(self, request: Request, decode: Callable[[Any], T], data: Any) -> T:
        try:
            return decode(data)
        except MalformedError as error:
            reason = str(error)
        # Outside of the handler: the reason quotes the service, and only the fault is cleared of the key.
        raise self.refuse(request, reason)
