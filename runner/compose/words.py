"""Pydantic's error types in our words: what must hold, and what to write instead.

`words_of` looks the type up in `_MAKERS`; each maker sees the value, pydantic's context and what the spec expects there.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, get_args

from runner.compose.schema import Place
from runner.errors import did_you_mean
from runner.spec.signal import RESERVED, NodeName
from runner.strict_yaml import KeyPath, key_text
from runner.units import Day, Duration, Name, Symbol, TimeOfDay

__all__ = ["NUMBER_OR_DURATION", "Wrong", "shown", "words_of"]

NUMBER_OR_DURATION = "number_or_duration"
"""Our own error type: a value that is neither, where both are accepted."""

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
    if not wrong.is_typed:
        return "must be text", f'Quote it: "{shown(wrong.value)}".'
    typed = f'"{shown(wrong.value).upper()}"'
    is_item = isinstance(wrong.path[-1], int)
    key, value = (key_text(wrong.path[:-1]), f"[{typed}]") if is_item else (key_text(wrong.path), typed)
    return "must be text", f"Quote it inside the shell's quotes: '{key}={value}'."


def _number(wrong: Wrong) -> tuple[str, str]:
    return "must be a number", _without_quotes(wrong.value) or _described(wrong, "Write a number.")


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
        return f"must be {words} {number}", _described(wrong, "Write a number in range.")

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


def _pattern_of(unit: Any) -> str:
    return str(get_args(unit)[1].pattern)


_TIME = re.compile(r"([0-9]{1,2})[:.h]?([0-9]{2})")


def _time_of_day(wrong: Wrong) -> str:
    found = _TIME.fullmatch(str(wrong.value))
    is_time = found is not None and int(found[1]) < 24 and int(found[2]) < 60
    return f'Write "{int(found[1]):02d}:{found[2]}".' if found and is_time else 'Write hours and minutes, e.g. "09:30".'


_PATTERNS: dict[str, tuple[str, Callable[[Wrong], str]]] = {
    _pattern_of(TimeOfDay): ("must be a time of day as HH:MM", _time_of_day),
    _pattern_of(Day): ("must be a date as YYYY-MM-DD", lambda _: 'Write e.g. "2012-12-31".'),
    _pattern_of(Duration): (
        "must be a length of time",
        lambda _: 'Write a whole number and its unit, one of ms, s, min, h, d, e.g. "5min".',
    ),
    _pattern_of(Name): (
        "must be a name that can be a folder",
        lambda _: "Use letters, digits, dots, dashes and underscores, beginning with a letter or digit; at most 64.",
    ),
    _pattern_of(NodeName): (
        "must be a name that expressions can use",
        lambda wrong: f"Use lower-case letters, digits and underscores, beginning with a letter, e.g. {_as_name(wrong)}.",
    ),
    _pattern_of(Symbol): (
        "must be a ticker",
        lambda _: "Use letters, digits and . _ / : - ^ =, at most 64, without spaces.",
    ),
}
"""The pattern of a unit → what must hold, and what to write."""


def _as_name(wrong: Wrong) -> str:
    plain = re.sub(r"[^a-z0-9]+", "_", wrong.key.lower()).strip("_")
    name = plain if plain[:1].isalpha() else f"x{plain}"
    return f"{name}_" if name in RESERVED else name


def _pattern(wrong: Wrong) -> tuple[str, str]:
    known = _PATTERNS.get(str(wrong.context.get("pattern")))
    if known is None:
        return f"must match {wrong.context.get('pattern')}", _described(wrong, "")
    return known[0], known[1](wrong)


_MAKERS: dict[str, Callable[[Wrong], tuple[str, str]]] = {
    "string_type": _text,
    "string_too_short": _empty_text,
    "string_too_long": _long_text,
    "string_pattern_mismatch": _pattern,
    "float_type": _number,
    NUMBER_OR_DURATION: _number_or_duration,
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
