"""What `import runner` offers: few names, sorted, documented, typed."""

import importlib
from importlib.resources import files
from importlib.util import find_spec

import pytest

import runner


def test_the_names_are_sorted_and_few():
    """A short sorted list can be read in one look."""
    names = list(runner.__all__)

    assert names == sorted(set(names))
    assert 0 < len(names) <= 15


@pytest.mark.parametrize("name", runner.__all__)
def test_every_name_is_there_and_documented(name):
    """What is offered exists and says what it is for."""
    offered = getattr(runner, name)

    assert (offered.__doc__ or "").strip()


@pytest.mark.parametrize("name", runner.__all__)
def test_no_name_is_also_a_room(name):
    """Importing a room puts it under its name into the package, where it would hide what is offered under that name."""
    assert find_spec(f"runner.{name}") is None


@pytest.mark.parametrize("name", runner.__all__)
def test_every_name_can_be_imported_by_a_star(name):
    """`from runner import *` gives what the list says, also where a name is loaded late."""
    face = importlib.import_module("runner")

    assert name in dir(face)


def test_the_package_says_it_is_typed():
    """Type checkers read the annotations only if the marker is shipped."""
    assert (files("runner") / "py.typed").is_file()
