"""The values of an axis, in Hydra's own override grammar: `1,2,3`, `range()`, `choice()`, `glob()` and their modifiers.

1. `swept` takes an override that lists several values apart; `listed` does the same for a list that stands in a file.
2. Each value is what a single override would hold, checked as one, with the text that a single override writes.

Why `shuffle` has an order of its own: Hydra's differs from process to process, and a sweep that is continued by another
process must find its lanes where they were. The order is that of a hash, so it depends on key and place alone.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from hashlib import sha256
from itertools import count, islice
from typing import Any

from hydra.core.object_type import ObjectType
from hydra.core.override_parser.types import (
    ChoiceSweep,
    Glob,
    IntervalSweep,
    Override,
    OverrideType,
    Quote,
    QuotedString,
    RangeSweep,
    ValueType,
)

from runner.compose.composed import Composed
from runner.compose.loader import Loader
from runner.compose.overrides import COMMAND_LINE, Checked, checked_overrides, is_choice, value_fault
from runner.errors import Fault, did_you_mean

__all__ = [
    "MOST_VALUES",
    "Interval",
    "Swept",
    "declared",
    "is_swept",
    "key_of",
    "listed",
    "parsed_words",
    "swept",
    "text_of",
    "undecided_axes",
]

MOST_VALUES = 1_000_000
"""More values than this on one axis are a slip of the keyboard."""
_WRITE = "Write the values: 1,2,3 or range(1,10,3)."
_NUMBER = r"[+-]?(?:0|[1-9][0-9]{0,17}|(?:0|[1-9][0-9]{0,17})\.[0-9]{1,17})"
_NUMBERS = re.compile(rf"(?P<key>\+{{0,2}}[a-z_][a-z0-9_]*(?:\.[a-z_][a-z0-9_]*)*)=(?P<values>{_NUMBER}(?:,{_NUMBER})+)")
"""A plain list of numbers, which needs no parser: Hydra's takes a second for ten thousand of them."""
_PLAIN_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_./\-]*")
_SPECIAL = frozenset({"true", "false", "null", "nan", "inf"})


@dataclass(frozen=True, slots=True)
class Interval:
    """All numbers between two, of which a search picks some."""

    low: float
    high: float
    is_whole: bool = False
    """Whether only whole numbers are meant: `int(interval(1, 10))`."""
    is_log: bool = False
    """Whether each order of size is as likely as any other: `tag(log, interval(0.001, 1))`."""

    def __str__(self) -> str:
        inner = f"interval({self.low}, {self.high})"
        inner = f"int({inner})" if self.is_whole else inner
        return f"tag(log, {inner})" if self.is_log else inner


@dataclass(frozen=True, slots=True)
class Swept:
    """A key and the values it is to have, one after another."""

    key: str
    """As it is typed, without a sign; with `@PACKAGE` behind a group that goes elsewhere."""
    sign: str
    """`+` or `++` for a key that isn't there yet, else nothing."""
    values: tuple[Any, ...]
    """What single overrides would hold."""
    texts: tuple[str, ...]
    """The same as single overrides write it, so that parsing them gives the values again."""
    is_choice: bool
    """Whether the values choose files of a group."""
    interval: Interval | None = None
    """What lies between the values, which are its ends; None for a list of values."""


def text_of(value: Any) -> str:
    """Return a value as a single override writes it."""
    return str(Override._get_value_element_as_str(value))  # noqa: SLF001 - as Hydra's sweeper does


def parsed_words(words: Sequence[str]) -> tuple[list[Override], list[Fault]]:
    """Return the sound overrides of a command line, where a key may have several values, and the faults of the others."""
    overrides: list[Override] = []
    faults: list[Fault] = []
    for word in words:
        numbers = _numbers(word)
        checked = Checked((numbers,), ()) if numbers else checked_overrides([word], is_sweep=True)
        overrides += checked.sound
        faults += checked.faults
    return overrides, faults


def is_swept(override: Override) -> bool:
    """Return whether an override lists several values for its key."""
    return override.is_sweep_override()


def key_of(override: Override) -> str:
    """Return the key of an override as it is typed, without a sign."""
    return override.get_key_element().lstrip("+~")


def swept(override: Override, loader: Loader) -> Swept | list[Fault]:
    """Return the values of an override that lists several, or everything that is wrong with them."""
    key = key_of(override)
    chooses = is_choice(override, loader)
    if override.is_delete():
        return [_fault(key, "must not be taken out by an axis", str(override.input_line), "Run two sweeps, or take it out.")]
    if isinstance(override.value(), IntervalSweep) and not chooses:
        return _between(override)
    if not override.is_discrete_sweep():
        return [_fault(key, "must be a list of values", str(override.input_line), _WRITE)]
    found = _elements(override, chooses, loader)
    if isinstance(found, Fault):
        return [found]
    return _checked(override, found, chooses)


def listed(key: str, values: Any, loader: Loader) -> Swept | list[Fault]:
    """Return the values of an axis in a file, which are a list, or a text in the grammar of the command line."""
    where, is_text = f"sweep.axes.{key}", isinstance(values, str)
    if not is_text and not (isinstance(values, list) and values):
        write = 'Write a list, or a text such as "range(5, 50, 5)".'
        return [Fault(where, "must list at least one value", str(values), write)]
    overrides, faults = parsed_words([f"{key}={values if is_text else 'null'}"])
    if faults:
        return faults
    if not is_text:
        return _checked(overrides[0], [_quoted(value) for value in values], is_choice(overrides[0], loader))
    if not is_swept(overrides[0]):
        write = f"Write [{values}] for an axis of one value, or several as after -m."
        return [Fault(where, "must list several values", values, write)]
    return swept(overrides[0], loader)


def declared(axes: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the keys of `sweep.axes` with what stands there: mappings within one another are keys with dots."""
    for key, values in axes.items():
        if isinstance(values, dict) and values:
            yield from declared(values, f"{above}{key}.")
        else:
            yield f"{above}{key}", values


def undecided_axes(composed: Composed) -> list[str]:
    """Return the keys that a configuration declares as axes and the command line gives no value: what makes it a sweep."""
    axes = composed.sweep.get("axes") if isinstance(composed.sweep, dict) else None
    given = {key_of(override) for override in parsed_words(composed.overrides)[0]}
    return [key for key, _ in declared(axes if isinstance(axes, dict) else {}) if key.lstrip("+") not in given]


def _numbers(word: str) -> Override | None:
    """Return a plain list of numbers as Hydra's parser would; None for anything else."""
    found = _NUMBERS.fullmatch(word)
    if found is None or found["key"].startswith("hydra."):
        return None
    numbers = [float(text) if "." in text else int(text) for text in found["values"].split(",")]
    key = found["key"].lstrip("+")
    kinds = (OverrideType.CHANGE, OverrideType.ADD, OverrideType.FORCE_ADD)
    sweep = ChoiceSweep(list=list(numbers), simple_form=True)
    kind = kinds[len(found["key"]) - len(key)]
    return Override(type=kind, key_or_group=key, value_type=ValueType.SIMPLE_CHOICE_SWEEP, _value=sweep, input_line=word)


def _between(override: Override) -> Swept | list[Fault]:
    """Return an axis of all numbers between two."""
    key, was = key_of(override), str(override.input_line)
    value: Any = override.value()
    low, high = value.start, value.end
    is_log = "log" in value.tags
    if value.tags - {"log"}:
        return [_fault(key, "must have no other tag than log", was, "Write tag(log, interval(0.001, 1)).")]
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        return [_fault(key, "must go from a number to a larger one", was, "Write interval(0.1, 0.9).")]
    if is_log and low <= 0:
        return [_fault(key, "must begin above 0 where orders of size count", was, "Write tag(log, interval(0.001, 1)).")]
    found = _checked(override, [low, high], False)  # noqa: FBT003 - likewise
    is_whole = isinstance(low, int) and isinstance(high, int)
    return found if isinstance(found, list) else replace(found, interval=Interval(low, high, is_whole, is_log))


def _elements(override: Override, chooses: bool, loader: Loader) -> list[Any] | Fault:  # noqa: FBT001 - what `is_choice` says
    key = key_of(override)
    value: Any = override.value()
    if isinstance(value, Glob):
        options = loader.get_group_options(override.key_or_group, ObjectType.CONFIG) if chooses else []
        if not chooses:
            must = "must name a group whose files a pattern can choose"
            return _fault(key, must, str(override.input_line), f"{_WRITE} Patterns are for groups such as slippage.")
        matching = value.filter(options)
        return matching or _fault(key, "must match at least one file", str(override.input_line), did_you_mean("", options))
    if isinstance(value, RangeSweep):
        found = _numbers_of(value)
        if isinstance(found, str):
            return _fault(key, found, str(override.input_line), "Write range(FIRST, BEYOND_THE_LAST, STEP).")
        return _shuffled(found, key) if value.shuffle else found
    return _shuffled(value.list, key) if value.shuffle else list(value.list)


def _numbers_of(sweep: RangeSweep) -> list[int | float] | str:
    """Return the numbers of a range, or what must hold of it."""
    if not sweep.step:
        return "must go on by a step that isn't 0"
    if not all(each is not None and math.isfinite(each) for each in (sweep.start, sweep.stop, sweep.step)):
        return "must go from one number to another"
    found = list(islice(_stepped(sweep), MOST_VALUES + 1))
    if not found:
        return "must hold at least one number"
    return found if len(found) <= MOST_VALUES else f"must hold at most {MOST_VALUES:,} values"


def _stepped(sweep: RangeSweep) -> Iterator[int | float]:
    """Yield the numbers of a range as they are written, the last one left out.

    Hydra adds up the binary neighbours of decimal fractions, by which `range(0.5,0.8,0.05)` holds 0.7000000000000001,
    another trial than 0.7, and 0.8, which is beyond it.
    """
    first, beyond, step = (Decimal(str(each)) for each in (sweep.start, sweep.stop, sweep.step))
    is_whole = all(isinstance(each, int) for each in (sweep.start, sweep.stop, sweep.step))
    for place in count():
        value = first + place * step
        if value >= beyond if step > 0 else value <= beyond:
            return
        yield int(value) if is_whole else float(value)


def _shuffled(values: Iterable[Any], key: str) -> list[Any]:
    """Return the values in an order that looks like chance, and is always the same."""
    marked = ((sha256(f"{key}:{place}".encode()).digest(), value) for place, value in enumerate(values))
    return [value for _, value in sorted(marked, key=lambda pair: pair[0])]


def _checked(override: Override, elements: Sequence[Any], chooses: bool) -> Swept | list[Fault]:  # noqa: FBT001 - likewise
    key = key_of(override)
    faults = list(_value_faults(override, elements))
    texts = tuple(map(text_of, elements))
    if len(elements) > MOST_VALUES:
        faults.append(_fault(key, f"must have at most {MOST_VALUES:,} values", f"{len(elements):,}", "Leave some out."))
    twice = [text for text, times in Counter(texts).items() if times > 1]
    faults += [_fault(key, "must have each value once", text, "Leave one of the two out.") for text in twice]
    if faults:
        return faults
    values = tuple(Override._convert_value(element) for element in elements)  # noqa: SLF001 - what `value()` does
    sign = "+" * (2 if override.is_force_add() else 1 if override.is_add() else 0)
    return Swept(key, sign, values, texts, chooses)


def _value_faults(override: Override, elements: Iterable[Any]) -> Iterator[Fault]:
    """Yield what would be wrong with the single override that each value makes."""
    for element in elements:
        if isinstance(element, int) and -(2**63) <= element < 2**63:
            continue
        single = Override(override.type, override.key_or_group, ValueType.ELEMENT, element, override.package)
        fault = value_fault(single, is_sweep=False)
        if fault is not None:
            yield fault


def _quoted(value: Any) -> Any:
    """Return a value of a file as Hydra's parser would hold it: a text that would be read as something else in quotes."""
    if isinstance(value, list):
        return [_quoted(each) for each in value]
    if isinstance(value, dict):
        return {_quoted(key): _quoted(each) for key, each in value.items()}
    is_plain = not isinstance(value, str) or (_PLAIN_WORD.fullmatch(value) and value.lower() not in _SPECIAL)
    return value if is_plain else QuotedString(value, Quote.single)


def _fault(where: str, must: str, was: str, write: str) -> Fault:
    return Fault(where, must, was, write, COMMAND_LINE)
