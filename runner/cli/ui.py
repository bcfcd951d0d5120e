"""`runner ui [--port N] [--runs DIR] [--address-file FILE]`: the page of this machine, until Ctrl-C.

It is served on loopback alone. The address that is printed holds a token drawn for this start: whoever has it is let in, so
it is printed once, and written nowhere unless a file is asked for, which its owner alone may read.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.text import Text

from runner.cli.flags import Flags
from runner.errors import ConfigError, Fault, RunError
from runner.ui.edited import Editor
from runner.ui.entries import Entries
from runner.ui.guard import Guard
from runner.ui.keys import draw_keys, leave_address
from runner.ui.launching import Launcher
from runner.ui.server import LOOPBACK, Server
from runner.ui.site import Site

__all__ = ["run"]

MOST_PORT = 65_535


def run(words: list[str]) -> int:
    """Serve the page until the process is asked to stop."""
    flags = Flags("ui")
    flags.add_argument("--port", default="0")
    flags.add_argument("--runs", default="runs")
    flags.add_argument("--address-file", default="")
    found, rest = flags.split(words)
    faults = [Fault(word, "must be a flag of runner ui", word, "Write runner ui --help.", "command line") for word in rest]
    if not (found.port.isascii() and found.port.isdigit() and int(found.port) <= MOST_PORT):
        faults.append(
            Fault("--port", f"must be a number up to {MOST_PORT}", found.port, "Leave it out for one that is free.")
        )
    if "${" in found.runs or not found.runs:
        faults.append(Fault("--runs", "must be the name of a folder", found.runs, "Write the folder that runs go to."))
    if faults:
        raise ConfigError(faults)
    _serve(Path(found.runs).expanduser(), int(found.port), found.address_file)
    return 0


def _serve(runs: Path, port: int, address_file: str) -> None:
    here, keys = Path.cwd(), draw_keys()
    server = Server(port)
    with server:
        address = f"http://{LOOPBACK}:{server.port}/#{keys.token}"
        entries = Entries(runs)
        entries.all()  # what takes long, it takes before anybody waits for a page
        server.answer = Site(Guard(keys, server.port), entries, Launcher(runs, here), Editor(here), here).answer
        with _left(address_file, address):
            console = Console()
            console.print(Text("runner ui: open this address in a browser of this machine; Ctrl-C ends it."), soft_wrap=True)
            console.print(Text(address), soft_wrap=True)
            server.serve_forever()


@contextmanager
def _left(address_file: str, address: str) -> Iterator[None]:
    """Have the address in a file for as long as it leads anywhere; in none if none was asked for."""
    if not address_file:
        yield
        return
    path = Path(address_file)
    try:
        leave_address(path, address)
    except OSError as error:
        fix = "Write the name of a new file in a folder that can be written."
        raise RunError(Fault("--address-file", "must be a new file", f"{path} ({error.strerror})", fix)) from error
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
