"""A headless Chromium, spoken to by its own protocol: pages are opened, looked at and touched as people do."""

import json
import os
import shutil
import subprocess
import time
from base64 import b64decode
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

from websockets.sync.client import connect

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
NO_CHROMIUM = "there is no Chromium here; on Debian or Ubuntu: sudo apt-get install -y chromium"
"""Why tests of pages are skipped, and what makes them run."""
PATIENCE = 60.0
"""Seconds that anything may take: machines are busy."""
CODES = {"Tab": 9, "Enter": 13, "Escape": 27}
"""Keys that do something of the browser's own only if they come with their number."""
COMPLAINTS = {"Log.entryAdded", "Runtime.exceptionThrown", "Runtime.consoleAPICalled"}


class Browser:
    """One window."""

    def __init__(self, socket):
        self.socket = socket
        self.sent = 0
        self.events = []
        for domain in ("Page", "Runtime", "Log", "Network", "Accessibility"):
            self.call(f"{domain}.enable")

    def call(self, method, **parameters):
        """Send a command and return its answer; what happens meanwhile is kept."""
        self.sent += 1
        self.socket.send(json.dumps({"id": self.sent, "method": method, "params": parameters}))
        while True:
            answer = json.loads(self.socket.recv(timeout=PATIENCE))
            if answer.get("id") == self.sent:
                assert "error" not in answer, answer
                return answer["result"]
            self.events.append(answer)

    def open(self, path, *, width, is_dark=False, medium=""):
        """Show a file in a window of a width."""
        self.visit(Path(path).as_uri(), width=width, is_dark=is_dark, medium=medium)

    def visit(self, address, *, width=1200, is_dark=False, medium=""):
        """Show an address in a window of a width."""
        self.events.clear()
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if is_dark else "light"}
        self.call("Emulation.setEmulatedMedia", media=medium, features=[scheme])
        self.value("window.isEarlier = true")
        self.call("Page.navigate", url=address)
        until(lambda: self.value("document.readyState === 'complete' && !window.isEarlier"))

    def shot(self, path, *, whole=True):
        """Keep a picture of the page."""
        found = self.call("Page.captureScreenshot", captureBeyondViewport=whole)
        Path(path).write_bytes(b64decode(found["data"]))

    def type(self, text):
        """Write text where the caret is."""
        self.call("Input.insertText", text=text)

    def value(self, expression):
        """Return what an expression comes to on the page; of a promise what it holds."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def press(self, key, *, shift=False):
        """Press a key, as a hand would."""
        codes = {"windowsVirtualKeyCode": CODES[key], "code": key} if key in CODES else {}
        letter = {"text": "\r"} if key == "Enter" else {}
        for sort, more in (("keyDown", letter), ("keyUp", {})):
            self.call("Input.dispatchKeyEvent", type=sort, key=key, modifiers=8 if shift else 0, **codes, **more)

    def drag(self, x, y, to):
        """Drag from a place up or down to another."""
        for sort, height, buttons in (
            ("mousePressed", y, 1),
            ("mouseMoved", (y + to) / 2, 1),
            ("mouseMoved", to, 1),
            ("mouseReleased", to, 0),
        ):
            self.call("Input.dispatchMouseEvent", type=sort, x=x, y=height, button="left", buttons=buttons, clickCount=1)

    @property
    def complaints(self):
        """What the console said, and what broke."""
        return [event for event in self.events if event["method"] in COMPLAINTS]

    @property
    def requests(self):
        """Addresses that were asked for."""
        return [event["params"]["request"]["url"] for event in self.events if event["method"] == "Network.requestWillBeSent"]


def until(is_so):
    """Wait until something is so."""
    end = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


@contextmanager
def window(folder):
    """Open a browser whose profile lies in a folder, and close it."""
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    words = [CHROMIUM, "--headless=new", *sandbox, "--disable-gpu", "--hide-scrollbars", "--remote-debugging-port=0"]
    process = subprocess.Popen(
        [*words, f"--user-data-dir={folder}", "about:blank"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        port = Path(folder) / "DevToolsActivePort"
        until(lambda: port.exists() and len(port.read_text().splitlines()) == 2)
        with urlopen(f"http://127.0.0.1:{port.read_text().splitlines()[0]}/json", timeout=PATIENCE) as answer:
            pages = [page for page in json.load(answer) if page["type"] == "page"]
        with connect(pages[0]["webSocketDebuggerUrl"], max_size=None) as socket:
            yield Browser(socket)
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE)
