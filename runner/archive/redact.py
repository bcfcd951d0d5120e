"""Keeps secrets out of what is written: values of environment variables that look like secrets by name."""

import json
import re
from collections.abc import Mapping

__all__ = ["Redactor"]

SECRET_NAME = re.compile(r"KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL", re.IGNORECASE)
SHORTEST = 8


class Redactor:
    """Replaces known secret values in text by the name of the variable that holds them."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        """Learn the values to hide; values shorter than eight characters could be anything and are left alone."""
        secret = {name: value for name, value in environment.items() if SECRET_NAME.search(name) and len(value) >= SHORTEST}
        found = {value: name for name, value in secret.items()}
        found |= {json.dumps(value)[1:-1]: name for name, value in secret.items()}
        self._secrets = sorted(found.items(), key=lambda item: -len(item[0]))

    def __call__(self, text: str) -> str:
        """Return the text with every secret replaced by `<NAME>`."""
        for value, name in self._secrets:
            text = text.replace(value, f"<{name}>")
        return text
