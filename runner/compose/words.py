"""Pydantic's error types in our words: what must hold, and what to write instead.

`words_of` looks the type up in `_MAKERS`; each maker sees the value, pydantic's context and what the spec expects there.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from runner.compose.amounts import as_fraction, without_sign
from runner.compose.patterns import length_of_time, pattern_words
from runner.compose.schema import Place
from runner.errors import did_you_mean
from runner.strict_yaml import KeyPath, key_text

__all__ = ["NUMBER_OR_DURATION", "WORD_OR_DURATION", "Wrong", "shown", "words_of"]

NUMBER_OR_DURATION = "number_or_duration"
"""Our own error type: a value that is neither, where both are accepted."""
WORD_OR_DURATION = "word_or_duration"
"""The same where one of a few words and a length of time are accepted."""

_LONGEST = 80

_CONDITION = ("must be a condition", 'Write a comparison, e.g. "smooth < 0.7"; "close > 0" holds at every row.')
_TARGET = (
    "must be a number that depends on the data",
    'Write an expression, e.g. "clip(score, -1, 1)"; "where(close > 0, 1, 0)" is 1 at every row.',
)
_RULES: Mapping[KeyPath, tuple[str, str]] = MappingProxyType({
    ("signal", "target"): _TARGET,
    **{("signal", side, rule): _CONDITION for side in ("long", "short") for rule in ("enter", "exit")},
})  # fmt: skip
"""Rule → what must hold and what to write where a number stands in its place, which quotes alone wouldn't mend."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """One error of pydantic's, with what the spec expects at its place."""

    type: str
    value: Any
    context: Mapping[str, Any]
    message: str
    place: Place
    path: KeyPath
    """Where it stands."""
    is_typed: bool
    """Whether it was given on the command line."""

    @property
    def key(self) -> str:
        """The last key of its path."""
        return str(self.path[-1]) if self.path else ""


def words_of(wrong: Wrong) -> tuple[str, str]:
    """Return what must hold and what to write."""
    make = _MAKERS.get(wrong.type)
    if make is not None:
        return make(wrong)
    error = wrong.context.get("error")
    message = str(error) if error is not None else wrong.message
    must, _, rest = message.partition(". ")
    is_ours = must.startswith("must")
    return (must.rstrip(".") if is_ours else f"must be valid: {message}"), rest or str(wrong.context.get("hint", ""))


def shown(value: Any) -> str:
    """Return a value the way it is written in YAML, shortened."""
    if isinstance(value, dict):
        return f"a mapping of {', '.join(map(str, value))}"[:_LONGEST] if value else "an empty mapping"
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}"
    if value is None or isinstance(value, bool):
        return {None: "nothing", True: "true", False: "false"}[value]
    text = f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _text(wrong: Wrong) -> tuple[str, str]:
    if wrong.path in _RULES and isinstance(wrong.value, int | float):
        return _RULES[wrong.path]
    if wrong.value is None:
        write = "Write it or remove the item." if isinstance(wrong.path[-1], int) else "Write it behind the colon."
        return "must be text", f"{write} {wrong.place.description}".strip()
    if isinstance(wrong.value, dict | list):
        return "must be text", f"Write it on one line. {wrong.place.description}".strip()
    known = _of_pattern(wrong, wrong.place.patterns) if not isinstance(wrong.value, bool) else None
    if known and not _quotes_do(wrong):
        return known
    if not wrong.is_typed:
        return "must be text", f'Quote it: "{shown(wrong.value)}".'
    typed = f'"{shown(wrong.value).upper()}"'
    is_item = isinstance(wrong.path[-1], int)
    key, value = (key_text(wrong.path[:-1]), f"[{typed}]") if is_item else (key_text(wrong.path), typed)
    return "must be text", f"Quote it inside the shell's quotes: '{key}={value}'."


def _quotes_do(wrong: Wrong) -> bool:
    """Return whether a number would be sound if it were quoted, as in a name of digits."""
    return any(re.match(pattern, shown(wrong.value)) for pattern in wrong.place.patterns)


def _number(wrong: Wrong) -> tuple[str, str]:
    write = _without_quotes(wrong.value) or without_sign(wrong.value, wrong.place)
    return "must be a number", write or _described(wrong, "Write a number.")


def _number_or_duration(wrong: Wrong) -> tuple[str, str]:
    write = _without_quotes(wrong.value) or 'Write a number, or a length of time such as "30min".'
    return "must be a number or a length of time", write


def _whole(wrong: Wrong) -> tuple[str, str]:
    if isinstance(wrong.value, float) and wrong.value == int(wrong.value):
        return "must be a whole number", f"Write {int(wrong.value)}."
    return "must be a whole number", _without_quotes(wrong.value) or _described(
        wrong, "Write a number without a decimal point."
    )


def _without_quotes(value: Any) -> str:
    """Return the remedy for a number that was written as text."""
    if isinstance(value, str) and re.fullmatch(r"[-+]?[0-9]*\.?[0-9]+([eE][-+]?[0-9]+)?", value):
        plain = re.sub(r"^([-+]?)0+(?=[0-9])", r"\1", value)
        return f"Write {plain}, without quotes." if plain == value else f"Write {plain}."
    if isinstance(value, str) and value.lower() in {"nan", ".nan", "inf", ".inf", "-inf", "-.inf"}:
        return "Write a finite number."
    return ""


def _described(wrong: Wrong, otherwise: str) -> str:
    return wrong.place.description or otherwise


def _truth(wrong: Wrong) -> tuple[str, str]:
    meant = {
        "yes": "true",
        "y": "true",
        "on": "true",
        "no": "false",
        "n": "false",
        "off": "false",
        "true": "true",
        "false": "false",
        "1": "true",
        "0": "false",
    }
    word = meant.get(str(wrong.value).lower())
    return (
        "must be true or false",
        f"Write {word}." if word else f"Write {wrong.key}: true or {wrong.key}: false.",
    )


def _finite(wrong: Wrong) -> tuple[str, str]:
    return "must be a finite number", _described(wrong, "Write a number.")


def _bound(words: str, name: str) -> Callable[[Wrong], tuple[str, str]]:
    def make(wrong: Wrong) -> tuple[str, str]:
        limit = wrong.context[name]
        number = int(limit) if isinstance(limit, float) and limit == int(limit) else limit
        write = as_fraction(wrong.value, wrong.place) if name in {"le", "lt"} else ""
        return (
            f"must be {words} {number}",
            f"{write} {_described(wrong, '' if write else 'Write a number in range.')}".strip(),
        )

    return make


def _choice(wrong: Wrong) -> tuple[str, str]:
    known = wrong.place.words or re.findall(r"'([^']*)'", str(wrong.context.get("expected", "")))
    word = str(wrong.value).lower() if isinstance(wrong.value, bool) else str(wrong.value)
    return "must be one of the known words", did_you_mean(word, known)


def _list(wrong: Wrong) -> tuple[str, str]:
    item = shown(wrong.value) if isinstance(wrong.value, str) else "…"
    return "must be a list", f"Write {wrong.key}: [{item}]."


def _too_few(wrong: Wrong) -> tuple[str, str]:
    least = wrong.context.get("min_length", 1)
    return f"must have at least {least} item{'s' if least != 1 else ''}", _described(wrong, "Add one.")


def _mapping(wrong: Wrong) -> tuple[str, str]:
    keys = wrong.place.keys
    below = (
        f"Write its keys on lines of their own below it: {', '.join(keys)}."
        if keys
        else "Write lines of `name: value` below it."
    )
    return "must be a mapping", below


def _of_family(wrong: Wrong) -> tuple[str, str]:
    family = wrong.place.family
    file = f"Write {family}=NAME to choose a file" if family == wrong.key else "Write lines of `key: value` below it"
    return "must be a mapping with a kind", f"{file}, or set one key: {wrong.key}.kind=NAME."


def _empty_text(wrong: Wrong) -> tuple[str, str]:
    return "must not be empty", _described(wrong, "Write a value.")


def _long_text(wrong: Wrong) -> tuple[str, str]:
    return f"must have at most {wrong.context.get('max_length')} characters", "Shorten it, or divide it into several."


def _pattern(wrong: Wrong) -> tuple[str, str]:
    known = _of_pattern(wrong, [str(wrong.context.get("pattern"))])
    return known or (f"must match {wrong.context.get('pattern')}", _described(wrong, ""))


def _of_pattern(wrong: Wrong, patterns: Iterable[str]) -> tuple[str, str] | None:
    return pattern_words(patterns, wrong.value, wrong.key, wrong.place)


def _word_or_duration(wrong: Wrong) -> tuple[str, str]:
    known = wrong.place.words
    word = "" if isinstance(wrong.value, int | float) else did_you_mean(str(wrong.value), known).partition(" Known")[0]
    hint = word if word.startswith("Did you mean") else length_of_time(wrong.value, wrong.key, wrong.place)
    return f"must be {', '.join(known)} or a length of time", hint


_MAKERS: dict[str, Callable[[Wrong], tuple[str, str]]] = {
    "string_type": _text,
    "string_too_short": _empty_text,
    "string_too_long": _long_text,
    "string_pattern_mismatch": _pattern,
    "float_type": _number,
    NUMBER_OR_DURATION: _number_or_duration,
    WORD_OR_DURATION: _word_or_duration,
    "int_type": _whole,
    "int_from_float": _whole,
    "bool_type": _truth,
    "finite_number": _finite,
    "greater_than": _bound("above", "gt"),
    "greater_than_equal": _bound("at least", "ge"),
    "less_than": _bound("below", "lt"),
    "less_than_equal": _bound("at most", "le"),
    "literal_error": _choice,
    "tuple_type": _list,
    "list_type": _list,
    "too_short": _too_few,
    "dict_type": _mapping,
    "model_type": _mapping,
    "kind_mapping": _of_family,
}
"""Pydantic's (and the spec's own) error type → its words."""
