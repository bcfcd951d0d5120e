"""The words of failure: what a user is told, and how the process ends.

A `Fault` is one thing that is wrong, said in four parts: *where*, *what must hold*, *what it was*, *what to write*.
A `RunnerError` carries one or more of them; all faults found are reported together, sorted, and the command line prints
them without a traceback and exits with `exit_code`. Anything that is not a `RunnerError` is a bug of Runner's own.

    RunnerError
    ├── ConfigError     the configuration can't be a run
    ├── DataError       the market data break a declared policy
    ├── OperatorError   an operator of the user's own breaks while it runs
    ├── KindError       a kind of the user's own breaks while it runs
    ├── StrategyError   a Backtrader strategy of the user's own breaks while it runs
    ├── RunError        a run directory can't be created, read or trusted
    ├── TrialError      a trial of a sweep came to something else when it was run again
    └── NotYetError     the words are right, this version can't do it
"""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

__all__ = [
    "ConfigError",
    "DataError",
    "Fault",
    "KindError",
    "NotYetError",
    "OperatorError",
    "RunError",
    "RunnerError",
    "StrategyError",
    "TrialError",
    "did_you_mean",
]


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing that is wrong, with its remedy."""

    where: str
    """Key path (`signal.nodes.smooth`), file, or table and row: what the user can point at."""
    must: str
    """What must hold, as a predicate: `must be at least 1 bar`."""
    was: str = ""
    """What it was, as the user wrote it; empty where there is nothing to show."""
    write: str = ""
    """What to write instead, as a full sentence or two."""
    source: str = ""
    """The file and line the value came from: `conf/signal/mine.yaml:12`, or `command line`."""
    excerpt: str = ""
    """Lines to show under the message, e.g. an expression with a caret under the offending column."""

    def __str__(self) -> str:
        was = f", was {self.was}" if self.was else ""
        write = f" {self.write}" if self.write else ""
        source = f"  [{self.source}]" if self.source else ""
        excerpt = "".join(f"\n    {line}" for line in self.excerpt.splitlines())
        return f"{self.where}: {self.must}{was}.{write}{source}{excerpt}"


class RunnerError(Exception):
    """Something the user can mend; `faults` says what, all at once and sorted."""

    exit_code = 2
    title = "Runner can't go on"

    def __init__(self, faults: Fault | Iterable[Fault]) -> None:
        """Keep the faults sorted and without repetition."""
        found = (faults,) if isinstance(faults, Fault) else tuple(faults)
        self.faults: tuple[Fault, ...] = tuple(sorted(set(found)))
        super().__init__(self.faults)

    def __str__(self) -> str:
        count = len(self.faults)
        head = f"{self.title} ({count} fault{'s' if count != 1 else ''})"
        return "\n".join([head, *(f"  {fault}" for fault in self.faults)])


class ConfigError(RunnerError):
    """The configuration can't be a run."""

    title = "The configuration is not valid"


class DataError(RunnerError):
    """The market data break a declared policy."""

    title = "The market data can't be used as they are"


class OperatorError(RunnerError):
    """An operator of the user's own breaks while it runs."""

    title = "An operator can't go on"


class KindError(RunnerError):
    """A kind of the user's own, such as a slippage or a risk rule, breaks while it runs."""

    title = "A kind can't go on"


class StrategyError(RunnerError):
    """A Backtrader strategy of the user's own breaks while it runs."""

    def __init__(self, name: str, file: str, fault: Fault) -> None:
        """Say which strategy of which file it is."""
        super().__init__(fault)
        self.title = f"The strategy {name} of {file} can't go on"


class RunError(RunnerError):
    """A run directory can't be created, read or trusted."""

    title = "The run directory can't be used"


class TrialError(RunnerError):
    """A trial of a sweep came to something else when it was run again."""

    exit_code = 1
    title = "The trial can't be confirmed"


class FileError(RunnerError):
    """A file that was asked for can't be written."""

    title = "The file can't be written"


class NotYetError(RunnerError):
    """The words are right, but this version can't do it."""

    title = "Not available in this version"


MOST_SHOWN = 40
"""Known words that a fault lists at most."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a sentence with the nearest known word and the first of all, for the end of a fault."""
    names = sorted(set(known))
    near = get_close_matches(word, names, n=1, cutoff=0.6)
    hint = f"Did you mean {near[0]}? " if near else ""
    if not names:
        return f"{hint}None are known."
    more = f" and {len(names) - MOST_SHOWN} more" if len(names) > MOST_SHOWN else ""
    return f"{hint}Known: {', '.join(names[:MOST_SHOWN])}{more}."
