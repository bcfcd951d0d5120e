"""Flags of a verb's own, taken out of a command line before the rest goes to Hydra's parser."""

import argparse
from collections.abc import Sequence
from typing import NoReturn

from runner.errors import ConfigError, Fault, did_you_mean

__all__ = ["Flags"]

OF_HYDRA = frozenset({"--config-dir", "-cd", "--config-name", "-cn", "--cfg", "-c", "--multirun", "-m", "--info", "-i"})
"""Flags that are answered, or refused in words, after these."""


class Flags(argparse.ArgumentParser):
    """A parser of one verb's flags whose faults are told like all others."""

    def __init__(self, verb: str) -> None:
        """Make a parser without flags."""
        super().__init__(prog=f"runner {verb}", add_help=False, allow_abbrev=False)
        self.verb = verb

    def error(self, message: str) -> NoReturn:
        """Raise what argparse would print."""
        flag, _, rest = message.removeprefix("argument ").partition(": ")
        write = f"runner {self.verb} --help shows how flags are written."
        raise ConfigError(Fault(flag if rest else self.verb, f"must be written in full ({rest or message})", "", write))

    def split(self, words: Sequence[str]) -> tuple[argparse.Namespace, list[str]]:
        """Return the flags and all other words; raises ConfigError for a flag nobody knows."""
        found, rest = self.parse_known_args(list(words))
        own = [option for action in self._actions for option in action.option_strings]
        strays = [word.partition("=")[0] for word in rest if word.startswith("--")]
        faults = [
            Fault(word, f"must be a flag of runner {self.verb}", word, did_you_mean(word, own), "command line")
            for word in strays
            if word not in OF_HYDRA
        ]
        if faults:
            raise ConfigError(faults)
        return found, rest
