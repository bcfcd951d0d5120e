"""Working things out once: what is remembered, by which values, and for how long."""

import pytest

from runner.errors import ConfigError, Fault
from runner.once import MOST_KEPT, Once


def test_the_same_values_are_asked_about_once():
    """A result belongs to its name, to the very values, and to what else was said of it."""
    once, asked = Once(), []
    one, other = ["a"], ["a"]

    found = [
        once(what, lambda what=what, part=part, also=also: asked.append((what, also)) or [what, part, also], part, also=also)
        for what, part, also in [("x", one, 1), ("x", one, 1), ("x", other, 1), ("y", one, 1), ("x", one, 2), ("x", one, 1)]
    ]

    assert asked == [("x", 1), ("x", 1), ("y", 1), ("x", 2)]
    assert found[0] is found[1] is found[5]
    assert found[2] is not found[0]


def test_a_dictionary_is_known_by_what_is_in_it():
    """Copies of a mapping whose values are the same are the same."""
    once, value = Once(), ["a"]

    first, second, third = (once("x", list, each) for each in ({"k": value}, {"k": value}, {"k": ["a"]}))

    assert first is second
    assert third is not first


def test_a_value_that_is_gone_is_never_taken_for_another():
    """An identity may be used again for a new value as soon as the old one is gone: here it can't be."""
    once = Once()

    found = [once("x", lambda number=number: number, [number]) for number in range(200)]

    assert found == list(range(200))


def test_a_fault_is_remembered_and_told_anew():
    """What can't be worked out isn't tried again, and its traceback doesn't grow with every lane."""
    once, part, tried = Once(), ["a"], []

    def fails():
        tried.append(1)
        raise ConfigError(Fault("here", "must hold"))

    depths = []
    for _ in range(3):
        with pytest.raises(ConfigError, match="here: must hold") as error:
            once("x", fails, part)
        depths.append(len(error.traceback))

    assert tried == [1]
    assert len(set(depths)) == 1


def test_other_errors_are_bugs_and_not_kept():
    """Only what a user can mend is a result."""
    once, part = Once(), ["a"]
    with pytest.raises(ZeroDivisionError):
        once("x", lambda: 1 // 0, part)

    assert once("x", lambda: 3, part) == 3


def test_no_more_is_kept_than_was_said():
    """The oldest result of a sort is forgotten when another comes; others aren't."""
    once, parts, asked = Once(), [[number] for number in range(MOST_KEPT + 1)], []
    for part in parts:
        once("x", lambda: None, part)

    once("x", lambda: asked.append("newest"), parts[-1])
    once("x", lambda: asked.append("oldest"), parts[0])

    assert asked == ["oldest"]
