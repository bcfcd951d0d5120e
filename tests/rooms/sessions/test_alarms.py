"""Alarms are written down, printed and posted, and whoever rings them never waits."""

import io
import json
import socketserver
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from runner.errors import ConfigError
from runner.sessions.alarms import ALARMS, Alarms, webhook_of


@pytest.fixture
def posted():
    """An address of this machine, and what is posted to it."""
    found = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            found.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *words):
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/hook", found
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_alarm_reaches_file_terminal_and_webhook(tmp_path, posted):
    """The same line, without the control characters that a venue's text may hold."""
    address, found = posted
    terminal = io.StringIO()
    alarms = Alarms(tmp_path, webhook_of("HOOK", {"HOOK": address}), terminal)

    alarms.ring("STALE", "no data\x1b[2J of A")
    alarms.stop()

    line = "ALARM STALE no data?[2J of A"
    assert found == [{"text": line}]
    assert terminal.getvalue() == f"{line}\n"
    assert (tmp_path / ALARMS).read_text() == f"{line}\n"
    assert (tmp_path / ALARMS).stat().st_mode & 0o777 == 0o600
    assert [(code, detail) for _, code, detail in alarms.kept] == [("STALE", "no data\x1b[2J of A")]


def test_an_address_that_doesn_t_answer_keeps_nothing_from_going_on(tmp_path):
    """Nobody listens there."""
    alarms = Alarms(tmp_path, webhook_of("HOOK", {"HOOK": "http://127.0.0.1:1/hook"}), None)

    alarms.ring("KILL", "asked")
    alarms.stop()

    assert (tmp_path / ALARMS).read_text() == "ALARM KILL asked\n"


@pytest.mark.parametrize("environment", [{}, {"HOOK": "http://example.com/hook"}], ids=["unset", "no TLS"])
def test_an_address_must_be_there_and_safe(environment):
    """It may hold a token."""
    with pytest.raises(ConfigError) as caught:
        webhook_of("HOOK", environment)

    assert "HOOK" in str(caught.value)


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1.example.com/hook", "http://localhost@example.com/", "https://", "ftp://127.0.0.1/"]
)
def test_an_address_that_only_looks_like_this_machine_is_refused(address):
    """What is posted would leave it unencrypted."""
    with pytest.raises(ConfigError):
        webhook_of("HOOK", {"HOOK": address})


@pytest.mark.parametrize(
    "answer",
    [
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc",
        b"HTTP/1.1 302 Found\r\nLocation: /other\r\n\r\n",
    ],
    ids=["no HTTP", "cut", "redirect"],
)
def test_whatever_an_address_answers_the_next_alarm_is_heard(tmp_path, answer):
    """Nor is anybody followed to another address."""
    asked = []

    class Handler(socketserver.StreamRequestHandler):
        def handle(self):
            asked.append(self.rfile.readline().split()[1])
            self.wfile.write(answer)

    with socketserver.TCPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        alarms = Alarms(tmp_path, webhook_of("HOOK", {"HOOK": f"http://127.0.0.1:{server.server_address[1]}/hook"}), None)
        alarms.ring("STALE", "one")
        alarms.ring("KILL", "two")
        alarms.stop()
        server.shutdown()
        thread.join()

    assert (tmp_path / ALARMS).read_text() == "ALARM STALE one\nALARM KILL two\n"
    assert asked == [b"/hook", b"/hook"]
