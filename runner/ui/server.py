"""The socket around the site: HTTP/1.1 on loopback, one thread per connection, limits on everything that comes in.

Why the standard library: there is one user. What a server in front of strangers needs isn't needed here; what comes from
outside is held to the limits below before anything of it is read, and reading gives up after a while.
"""

import socket
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from runner.errors import Fault, RunError
from runner.ui.message import Refused, Request, Response, text_response

__all__ = ["LOOPBACK", "Server"]

LOOPBACK = "127.0.0.1"
"""The only address that is ever bound."""
MOST_BODY = 1_000_000
"""Bytes of a body; YAML of a run has a limit of its own below it."""
MOST_TARGET = 8_000
"""Bytes of a path with its query."""
PATIENCE = 30.0
"""Seconds that a connection may take for a request."""

Answer = Callable[[Request], Response]

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""Headers of every answer."""


class Server(ThreadingHTTPServer):
    """Listens from construction on; `serve_forever` answers, with what `answer` is set to."""

    daemon_threads = True
    block_on_close = False
    allow_reuse_address = False

    def __init__(self, port: int = 0) -> None:
        """Bind a port of loopback; 0 takes any that is free.

        Raises:
            RunError: The port is taken, or may not be used.
        """
        self.answer: Answer = _not_yet
        try:
            super().__init__((LOOPBACK, port), Handler)
        except OSError as error:
            fix = "Write another number, or none for any that is free."
            raise RunError(Fault("--port", "must be a port that is free", f"{port} ({error.strerror})", fix)) from error

    @property
    def port(self) -> int:
        """The port that is bound."""
        return int(self.server_address[1])

    def server_bind(self) -> None:
        """Bind without asking anybody for this machine's name."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = LOOPBACK, self.port

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a browser that hung up; whatever is a mistake of ours is answered 500 and told there."""


def _not_yet(request: Request) -> Response:
    del request
    return text_response("not yet", 503)


class Handler(BaseHTTPRequestHandler):
    """Reads one request after the other from a connection."""

    protocol_version = "HTTP/1.1"
    timeout = PATIENCE
    server: Server
    server_version = "runner"
    sys_version = ""

    def log_message(self, format: str, *words: object) -> None:  # noqa: A002 - the name of the base class
        """Keep the terminal quiet: it is the user's, and addresses are nobody's business."""

    def _handle(self) -> None:
        try:
            response = self.server.answer(self._request())
        except Refused as refused:
            response = text_response(str(refused), refused.status)
            self.close_connection = True
        except Exception as problem:  # noqa: BLE001 - a page that fails must not look like one that is empty
            response = text_response(
                f"This page failed, which is a bug of Runner's: {type(problem).__name__}: {problem}", 500
            )
        try:
            self._send(response)
        except (BrokenPipeError, ConnectionResetError, TimeoutError):
            self.close_connection = True

    def _request(self) -> Request:
        if len(self.path) > MOST_TARGET:
            raise Refused(414, "the address is too long")
        path, _, query = self.path.partition("?")
        headers: dict[str, str] = {}
        for name, value in self.headers.items():
            low = name.lower()
            headers[low] = f"{headers[low]},{value}" if low in headers else value
        return Request(self.command, path, query, headers, self._body(headers))

    def _body(self, headers: dict[str, str]) -> bytes:
        if "transfer-encoding" in headers:
            raise Refused(411, "the length must be told beforehand")
        told = headers.get("content-length", "0")
        if not (told.isascii() and told.isdigit()):
            raise Refused(400, "the length must be a number")
        if int(told) > MOST_BODY:
            raise Refused(413, "that is too much")
        return self.rfile.read(int(told)) if int(told) else b""

    def _send(self, response: Response) -> None:
        self.send_response(response.status)
        for name, value in {**ALWAYS, "Content-Type": response.kind, **response.headers}.items():
            self.send_header(name, value)
        if response.stream is not None:
            self._send_stream(response)
            return
        self.send_header("Content-Length", str(len(response.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body)

    def _send_stream(self, response: Response) -> None:
        """Write pieces until they end or nobody listens any more; the end of the connection is the end of the stream."""
        self.close_connection = True
        self.send_header("Connection", "close")
        self.end_headers()
        if self.command == "HEAD" or response.stream is None:
            return
        for piece in response.stream:
            self.wfile.write(piece)
            self.wfile.flush()

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = _handle  # noqa: N815 - names of the base class
