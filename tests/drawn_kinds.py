"""Any registered kind of any family, with parameters of its own: a new kind is drawn the moment its file is there."""

import re
from types import MappingProxyType
from typing import get_args

from hypothesis import strategies as st
from pydantic import ValidationError

from runner.kinds import FolderKinds
from runner.spec.kind import Kind

KINDS = FolderKinds()
FACTORS = (0.05, 0.3, 1.0, 2.0, 10.0)
"""A number that has a default is drawn as one of these times it."""
NUMBERS = (0.1, 0.5, 2.0, 20.0)
"""What a number that may be absent is drawn from."""
LENGTHS = ("1min", "3min", "10min", "1d")
LENGTH = re.compile(r"[0-9]+(ms|s|min|h|d)")
ROWS = re.compile(r"\b[1-9][0-9]+\b")
"""Numbers of rows in an expression: longer than the tapes of the laws."""
NO_WORDS = MappingProxyType({})
FURTHER = {
    "regime": [{"regimes": {"falls": {"when": "close < lag(close, 1)", "bps": 60.0}}}],
    "tiered": [{"tiers": [{"above": 0.0, "bps": 50.0}, {"above": 300.0, "bps": 5.0}], "minimum": 0.5}],
}
"""Kind → values that no rule draws: what is made of parts, in sizes that matter here."""


@st.composite
def kinds(draw, family, *, words=NO_WORDS, among=None):
    """Draw a kind of a family; in its expressions `words` stand for columns of bars that the deciding clock doesn't have."""
    name = draw(st.sampled_from([name for name in KINDS.names(family) if among is None or among(KINDS.find(family, name))]))
    found = KINDS.find(family, name)
    values = {"kind": name, **(draw(st.sampled_from(FURTHER[name])) if name in FURTHER else {})}
    for field, info in found.model_fields.items():
        if field not in values:
            values |= _valid(found, values, field, draw(_drawn(info, info.get_default(call_default_factory=True))))
    return found.model_validate(_on_clock(values, words), context=KINDS)


def _drawn(info, default):
    """Return what a field is drawn from, by the looks of its default."""
    options = get_args(info.annotation)
    if options and all(isinstance(option, str) for option in options):
        return st.sampled_from(options)
    drawn = [default]
    if isinstance(default, bool):
        drawn = [False, True]
    elif isinstance(default, int):
        drawn = [max(round(default * factor), 1) for factor in FACTORS]
    elif isinstance(default, float):
        drawn = [default * factor for factor in FACTORS] if default else [0.0, *NUMBERS]
    elif isinstance(default, str):
        drawn = list(LENGTHS) if LENGTH.fullmatch(default) else [ROWS.sub("3", default)]
    elif default is None:
        drawn = [None, *NUMBERS, *(round(number) or 1 for number in NUMBERS)]
    return st.sampled_from(drawn)


def _valid(found, values, field, value):
    """Return the field with its value, or nothing where the kind refuses it, so that its default holds."""
    try:
        found.model_validate({**values, field: value}, context=KINDS)
    except ValidationError:
        return {}
    return {field: value}


def _on_clock(value, words):
    """Return values whose expressions read what the deciding clock has."""
    if isinstance(value, str):
        return re.sub(r"\b[a-z]+\b", lambda word: words.get(word[0], word[0]), value)
    if isinstance(value, Kind):
        return _on_clock(value.model_dump(), words)
    if isinstance(value, dict):
        return {key: each if key == "kind" else _on_clock(each, words) for key, each in value.items()}
    return value
