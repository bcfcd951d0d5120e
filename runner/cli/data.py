"""`runner data check|show|fetch|tidy [OVERRIDES]`: market data alone, without a strategy or an engine.

`check` loads them through time-zone policy and quality gate and prints what was found; `show` draws them on a page; `fetch`
brings what a service has into the store; `tidy` removes what processes that died left there. All of them take the words of
a run, so `runner data check data=csv data.path=bars.csv` judges what `runner data=csv data.path=bars.csv` would trade on.
"""

from collections.abc import Callable

from runner.cli import data_check, data_fetch, data_show
from runner.errors import ConfigError, Fault, did_you_mean

__all__ = ["run"]

WORDS: dict[str, Callable[[list[str]], int]] = {
    "check": data_check.run,
    "fetch": data_fetch.run,
    "show": data_show.run,
    "tidy": data_fetch.tidy,
}


def run(words: list[str]) -> int:
    """Run one of the data verbs and return its exit code."""
    word = words[0] if words else ""
    if word not in WORDS:
        was = f'"{word}"' if word else ""
        write = f"{did_you_mean(word, WORDS)} E.g. runner data check data=csv data.path=bars.csv."
        raise ConfigError(Fault("data", "must be followed by what to do", was, write))
    return WORDS[word](words[1:])
