"""The command line: `runner [VERB] [OVERRIDES]`.

1. A first word that is a verb, flags aside, goes to that verb's module in `cli/`; everything else is a run.
2. Help and version answer at once, without Hydra, numpy or Numba.
3. A `RunnerError` is printed without traceback, exit code 2; an interrupt is 130; anything else is our bug, traceback, 1.
"""

import io
import os
import signal
import sys
from collections.abc import Collection, Sequence
from importlib import import_module
from types import FrameType

from runner import __version__
from runner.errors import ConfigError, Fault, RunnerError, did_you_mean
from runner.plain_text import plain_text

__all__ = ["DATA_VERBS", "VERBS", "main", "run_command"]

VERBS = {
    "plan": "what would run: values with the file each came from, the graph with warm-ups, rows, memory; nothing runs",
    "explain": "the signal as it was understood: nodes, clocks, warm-ups, values; with --at why a row did or didn't signal",
    "schema": "the JSON Schema of the configuration, for editors; with --write into conf/.schema",
    "audit": "whether anything knows the future: operators, data, every node, order and fill, cut off at --cuts N instants",
    "materialise": "the full run directory of one trial of a sweep, and whether it comes to the same",
    "list": "the runs and sweeps below runs/, the latest first; by name, tag, date, status",
    "find": "runs by their figures: runner find 'sharpe > 1 and max_drawdown > -0.2'",
    "show": "what a run is, what came of it, and where its results stand",
    "compare": "runs side by side: what was asked for differently, which nodes that touches, what came of it",
    "verify": "whether a run is what it says: every byte as written, and made again from its directory it comes to the same",
    "rerun": "a run again from its directory alone, as it was or with overrides",
    "archive": "a run as one file, the same bytes every time; with --with-data its input data as well",
    "unpack": "bring in a run that somebody archived, checked before a byte of it counts",
    "mlflow": "write runs that have ended into MLflow, where a team keeps its experiments; an extra",
    "tag": "words to find a run by",
    "note": "say something of a run, beside what was computed",
    "simulate": "the order path in worlds where everything fails, one per seed: whether an order is ever lost or doubled",
    "venue": "the embedded venue by itself: market data and trading over loopback, played from the data a run would read",
    "ui": "runs and sweeps to look at, compare and start, live sessions to watch and stop: a page of this machine alone",
    "panic": "stop a live session, also a dead one: latch its run directory, cancel its orders, list what may still fill",
    "resume": "let the next session of a latched run directory trade again, once everything is reconciled",
    "restart": "go on with a session whose process ended: its decisions are made again, its orders found out about first",
    "replay": "go through a session again from its run directory alone: the same to the bit, or the first line that differs",
    "data": "market data alone: data check judges them, data show draws them, data fetch keeps them, data tidy cleans up",
}
"""Verb → what it does; each is a module of this folder with a function `run(words)`."""

DATA_VERBS = {
    "check": "load the data through every policy and print what was found; exit code 2 where a policy refuses them",
    "show": "draw prices, hours and gaps on a page of their own, below runs/data/, and print its path",
    "fetch": "bring what a service such as data=tickdb has into the local store, and say what was there",
    "tidy": "remove what processes that died left in the local store",
}
"""What follows `data` → what it does."""

VALUED = frozenset({"--config-dir", "-cd", "--config-name", "-cn"})
"""Flags whose value is the word behind them."""

QUESTIONS = {
    **dict.fromkeys(("--cfg", "-c", "--info", "-i", "--hydra-help"), "ask"),
    **dict.fromkeys(("--shell-completion", "-sc"), "completion"),
}
"""Flag that asks Hydra something instead of running → the module that answers."""

HELP_WORDS = frozenset({"--help", "-h", "help"})
INTERRUPTED = 130
REQUESTS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Ctrl-C, a polite request to stop and a closed terminal."""


class Interrupted(KeyboardInterrupt):
    """Somebody asked the process to stop.

    A type of its own, because Python remembers a plain `KeyboardInterrupt` that leaves a piece of text handed to `exec`
    (dataclasses and the compiler hand over many) and then ends the process by the signal, although it was caught.
    """


def main() -> None:
    """Run the command line of this process and exit.

    Products of matrices are made by one thread, unless the environment says otherwise: ours are small, so that several
    threads mostly wait for one another, and how they share the work shows in the last digits. Numpy reads this once, when it
    is first imported.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    sys.exit(run_command(sys.argv[1:]))


def run_command(words: Sequence[str]) -> int:
    """Run one command and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that can't show a sign must not fail a finished run
    for number in REQUESTS:
        if signal.getsignal(number) is not signal.SIG_IGN:  # as a shell and `nohup` leave it for what runs in the background
            signal.signal(number, _interrupt)
    try:
        return _dispatch(list(words))
    except RunnerError as error:
        print(plain_text(str(error)), file=sys.stderr)  # noqa: T201 - the command line speaks here
        return error.exit_code
    except KeyboardInterrupt as error:
        print(plain_text(str(error)) or "interrupted", file=sys.stderr)  # noqa: T201 - the command line speaks here
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has heard enough; without this Python complains once more when it exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _dispatch(words: list[str]) -> int:
    """Import what the command needs, and no more."""
    words = _verb_first(words, VERBS)
    if words[:1] == ["data"]:
        words = ["data", *_verb_first(words[1:], DATA_VERBS)]
    verb = words[0] if words and words[0] in VERBS else "run"
    rest = words[1:] if verb != "run" else words
    stray = next((word for word in words[:1] if word[0].isalpha() and "=" not in word), None) if verb == "run" else None
    if stray and stray not in HELP_WORDS:
        raise ConfigError(Fault(stray, "must be a verb or KEY=VALUE", stray, did_you_mean(stray, VERBS), "command line"))
    asked = {QUESTIONS.get(word.partition("=")[0], "") for word in rest} - {""} if verb == "run" else set()
    verb = max(asked, default=verb)  # a shell's question before all others
    if HELP_WORDS.intersection(rest):
        verb, rest = "help", [verb, *(rest[:1] if verb == "data" and rest[0] in DATA_VERBS else [])]
    elif rest == ["--version"]:
        print(f"runner {__version__}")  # noqa: T201 - the command line speaks here
        return 0
    code: int = import_module(f"runner.cli.{verb}").run(rest)
    return code


def _verb_first(words: list[str], verbs: Collection[str]) -> list[str]:
    """Return the words with the flags that stand before a verb put behind it; unchanged if the first other word is none."""
    at = 0
    while at < len(words) and words[at].startswith("-"):
        at += 2 if words[at] in VALUED else 1
    return [words[at], *words[:at], *words[at + 1 :]] if at < len(words) and words[at] in verbs else words


def _interrupt(signum: int, frame: FrameType | None) -> None:
    """Turn a request to stop into an exception, so that a run's manifest says so."""
    del frame
    raise Interrupted(f"interrupted by {signal.Signals(signum).name}")
