"""The test service on a socket of this machine, with the faults only a socket can have."""

import socket
import struct
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

RESET, CUT, HANG, FLOOD = "reset", "cut", "hang", "flood"


class Handler(BaseHTTPRequestHandler):
    """Answers as the service does, unless a fault is due."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        faults, service = self.server.faults, self.server.service
        fault = faults.pop(0) if faults else None
        if fault == RESET:
            # Closing with linger 0 sends RST instead of FIN.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            self.connection.close()
            return
        if fault == HANG:
            self.close_connection = True
            self.server.released.wait(10)
            return
        parts = urlsplit(self.path)
        status, headers, body = service.answer(parts.path, dict(parse_qsl(parts.query)), dict(self.headers))
        body = b" " * 40_000_000 if fault == FLOOD else body
        try:
            self._send(status, headers, body, body[: len(body) // 2] if fault == CUT else body)
        except ConnectionError:
            self.close_connection = True

    def _send(self, status, headers, body, sent):
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(sent)
        self.close_connection |= len(sent) < len(body)

    def finish(self):
        try:
            super().finish()
        except (OSError, ValueError):
            # The fault closed the connection itself.
            self.close_connection = True

    def log_message(self, *_):
        """Say nothing."""


@contextmanager
def serving(service, faults=()):
    """Serve at `http://127.0.0.1:<port>` and yield that address.

    Args:
        service: answers the requests.
        faults: what happens to the first requests, one each: `reset` the connection, `cut` the body in half, `hang` without
            an answer, `flood` with 40 MB; None answers.
    """
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.service, server.faults, server.released = service, list(faults), threading.Event()
    server.daemon_threads = True
    server.handle_error = lambda *_: None
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.released.set()
        server.shutdown()
        server.server_close()
        thread.join()
