"""Keeps secrets out of what is written: values of environment variables that look like secrets by name.

A secret inside the run's own values would make the record false if it were blotted out, so such a run is refused
(`secret_faults`); anywhere else, as in an uncommitted difference, the value is replaced by the variable's name (`Redactor`).
"""

import html
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from runner.errors import Fault

__all__ = ["Redactor", "secret_faults"]

SECRET_WORD = re.compile(
    r"(^|_)(KEY|KEYS|PASS|AUTH|PAT|DSN)(_|$)|_PWD$|(API|ACCESS|PRIVATE|SECRET)KEYS?(_|$)"
    r"|(TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL)S?(_|$)"
    r"|(^|_)(DATABASE|DB|REDIS|BROKER)_URL$",
    re.IGNORECASE,
)
"""As whole words, and the long ones also where they are glued to another: PGPASSWORD, AUTHTOKEN. PWD alone is a folder."""
SHORTEST = 8
SHORTEST_WORD = 16
"""A value of letters only counts from this length: `backtest` may be somebody's password, but it is also a word."""


def _secrets(environment: Mapping[str, str]) -> dict[str, str]:
    """Return value → name of the variables that look like secrets."""
    return {
        value: name
        for name, value in sorted(environment.items())
        if SECRET_WORD.search(name) and len(value) >= (SHORTEST_WORD if value.isalpha() else SHORTEST)
    }


def secret_faults(values: Mapping[str, Any], environment: Mapping[str, str]) -> list[Fault]:
    """Return a fault for each value of a run that holds a secret; the fault names the variable, never the value."""
    write = "Leave it out: what needs a secret is given the variable's name."
    return [
        Fault(path, f"must not hold the value of the environment variable {name}", "", write)
        for path, text in _texts(values, "")
        for secret, name in _secrets(environment).items()
        if secret in text
    ]


def _texts(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Yield every text, names of keys included, with its key path."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield path or "configuration", str(key)
            yield from _texts(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list | tuple):
        for number, inner in enumerate(value):
            yield from _texts(inner, f"{path}[{number}]")
    else:
        yield path, str(value)


class Redactor:
    """Replaces known secret values in text by the name of the variable that holds them."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        """Learn the values to hide, and how they look in JSON, HTML and addresses."""
        found = {
            spelling: name
            for value, name in _secrets(environment).items()
            for spelling in (value, json.dumps(value)[1:-1], html.escape(value), quote(value, safe=""))
        }
        self._secrets = sorted(found.items(), key=lambda item: -len(item[0]))

    def __call__(self, text: str) -> str:
        """Return the text with every secret replaced by `<NAME>`."""
        for value, name in self._secrets:
            text = text.replace(value, f"<{name}>")
        return text
