"""A session that is killed again and again, at a venue of its own process at which things go wrong.

    venue    `runner venue`, in step with its listener, with a plan of faults; its truth is written at its end
    session  `runner mode=live …`; killed with SIGKILL around instants that a seed says, then `runner restart`

What is compared afterwards is what the venue wrote against what the run directory holds.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.canary import CANARY

__all__ = ["KEY_NAME", "Chaos", "Outcome", "run_chaos"]

KEY_NAME = "RUNNER_EMBEDDED_KEY"
LOOK_SECONDS = 0.02
LONGEST_AFTER = 0.3
"""Seconds after an instant until the kill, at most: somewhere among decisions, orders, answers and fills, or in a recovery."""

FAULTS = {
    "disconnect": 0.004,
    "close_going_away": 0.002,
    "ack_late": 0.2,
    "ack_lost": 0.1,
    "no_pong": 0.002,
    "twice_message": 0.02,
    "garbage": 0.01,
    "unknown_cmd": 0.02,
    "as_array": 0.05,
    "lost_message": 0.004,
    "too_many": 0.02,
    "too_many_bare": 0.02,
    "server_error": 0.02,
    "slow": 0.03,
    "html": 0.01,
    "truncated": 0.01,
    "cut": 0.02,
    "order_429_before": 0.02,
    "order_429_after": 0.02,
    "order_error_before": 0.02,
    "order_error_after": 0.02,
    "order_cut_before": 0.02,
    "order_cut_after": 0.02,
    "order_slow": 0.02,
    "reject": 0.02,
    "most_lag": 0.1,
    "private_drop": 0.1,
    "private_twice": 0.1,
    "private_late": 0.1,
    "private_garbage": 0.02,
    "private_disconnect": 0.02,
}
"""Kind → how often at each opportunity."""


@dataclass(frozen=True)
class Chaos:
    """How bad it gets."""

    seed: int = 1
    symbols: int = 8
    minutes: int = 15
    kills: int = 3
    stalls: int = 1
    """Times the market's connection falls silent."""
    patience: float = 3.0
    """Seconds that the venue waits for a session that was killed, before every instant."""
    seconds: float = 240.0
    """How long all of it may take."""
    key: str = f"{CANARY}-for-chaos"
    words: tuple[str, ...] = ()
    """More of the session's configuration."""

    @property
    def market(self) -> list[str]:
        """The words that say which data there are."""
        close = f"{9 + (30 + self.minutes) // 60:02d}:{(30 + self.minutes) % 60:02d}"
        hours = f'{{open: "09:30", close: "{close}"}}'
        names = ",".join(f'"S{number:02d}"' for number in range(self.symbols))
        return [
            "data=generated",
            f"data.seed={self.seed}",
            'data.start="2024-01-01"',
            'data.end="2024-01-02"',
            f"data.hours={hours}",
            "timezone=utc_minute",
            f"timezone.session={hours}",
            f"universe.symbols=[{names}]",
        ]

    @property
    def session(self) -> list[str]:
        """The words of a session that trades a lot, within limits that it would like to be wider."""
        share = round(1.2 / self.symbols, 4)
        return [
            "mode=live",
            *self.market,
            "signal.params.lookback=1",
            "signal.params.buy_below=1.0",
            "signal.params.sell_above=1.0",
            f"sizing.share={share}",
            'session.start="2024-01-02"',
            f"session.limits.order_value={LIMITS['order_value'](self)}",
            f"session.limits.position_value={LIMITS['position_value'](self)}",
            f"session.limits.gross_value={LIMITS['gross_value'](self)}",
            "session.limits.loss_value=unlimited",
            "session.limits.rejects=unlimited",
            "runs=runs",
            *self.words,
        ]


LIMITS = {
    "order_value": lambda chaos: 150_000 // chaos.symbols,
    "position_value": lambda chaos: 150_000 // chaos.symbols,
    "gross_value": lambda _: 105_000,
}
"""Name → the limit in money: the last one allows less than the strategy would like to hold."""


@dataclass
class Outcome:
    """What came of it."""

    folder: Path
    """The run directory."""
    code: int
    truth: dict
    kills: int
    seconds: float
    said: str = ""
    """Everything that any process wrote to its terminal."""


def run_chaos(chaos: Chaos, folder: Path) -> Outcome:
    """Play all of it in a folder; return what came of it."""
    chance, began, said = random.Random(chaos.seed), time.monotonic(), []
    moments = sorted(chance.sample(range(1, chaos.minutes - 1), chaos.kills))
    until, run, kills = began + chaos.seconds, None, 0
    with _venue(chaos, folder, said) as (address, venue):
        words = [*chaos.session, f"feed.base_url={address}", f"broker.base_url={address}"]
        while True:
            with _started(chaos, folder, words) as process:
                try:
                    run = run or _run_of(folder, process, until)
                    if kills < chaos.kills and _comes_to(process, run, moments[kills], until):
                        time.sleep(chance.random() * LONGEST_AFTER)
                        process.send_signal(signal.SIGKILL)
                    said += process.communicate(timeout=max(until - time.monotonic(), 1))
                finally:
                    process.kill()
            if process.returncode != -signal.SIGKILL:
                break
            kills, words = kills + 1, ["restart", str(run)]
        venue.send_signal(signal.SIGINT)
        said += venue.communicate(timeout=30)
    truth = json.loads((folder / "truth.json").read_text())
    return Outcome(run, process.returncode, truth, kills, time.monotonic() - began, "\n".join(said))


@contextmanager
def _venue(chaos: Chaos, folder: Path, said: list[str]):
    kinds = {name: {"chance": chance} for name, chance in FAULTS.items()}
    kinds["stall"] = {"chance": 0.01, "most": chaos.stalls}
    plan = {"seed": chaos.seed, "delay_ms": 100, "kinds": kinds}
    # JSON is YAML.
    (folder / "faults.yaml").write_text(json.dumps(plan))
    words = ["venue", *chaos.market, "--from", "2024-01-02", "--stay", "--patience", str(chaos.patience)]
    process = _started(chaos, folder, [*words, "--key-env", KEY_NAME, "--truth", "truth.json", "--faults", "faults.yaml"])
    try:
        lines = [process.stdout.readline() for _ in range(5)]
        said += lines
        assert lines[0].startswith("rest"), process.communicate()[1]
        yield lines[0].split()[1], process
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


def _started(chaos: Chaos, folder: Path, words: list[str]) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "runner", *words],
        cwd=folder,
        env={**os.environ, KEY_NAME: chaos.key},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _run_of(folder: Path, process: subprocess.Popen, until: float) -> Path:
    """Return the run directory once it takes decisions."""
    while time.monotonic() < until and process.poll() is None:
        found = [path.parent for path in folder.glob("runs/*/*/decisions.jsonl")]
        if found:
            return found[0]
        time.sleep(LOOK_SECONDS)
    raise AssertionError("".join(process.communicate()))


def _comes_to(process: subprocess.Popen, run: Path, instants: int, until: float) -> bool:
    """Wait for so many instants; return whether they came before the process ended."""
    while time.monotonic() < until and process.poll() is None:
        if _instants(run) >= instants:
            return True
        time.sleep(LOOK_SECONDS)
    return False


def _instants(run: Path) -> int:
    return (run / "decisions.jsonl").read_bytes().count(b'["i",')
