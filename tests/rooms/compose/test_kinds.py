"""Kinds are found in folders, by their file's name, and nothing else is imported."""

import sys

import pytest

from runner.kinds import FAMILIES, FolderKinds

GOOD = """from typing import Literal
from runner.spec.kind import Kind
class Good(Kind):
    kind: Literal["good"] = "good"
"""


@pytest.fixture
def kinds(tmp_path, monkeypatch, request):
    package = tmp_path / f"kinds_of_{request.node.name.replace('[', '_').replace(']', '')}"
    package.mkdir()
    for name, text in {
        "__init__": "",
        "good": GOOD,
        "broken": "raise RuntimeError('imported')",
        "two": GOOD.replace('"good"', '"two"') + GOOD.split("\n", 2)[2].replace("Good", "Other"),
        "misnamed": GOOD,
        "_private": GOOD,
    }.items():
        (package / f"{name}.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    return FolderKinds({"toys": package.name})


def test_a_file_is_a_kind(kinds):
    """The names are the files; the class is the one defined there, not what it imports."""
    found = kinds.find("toys", "good")

    assert kinds.names("toys") == ("broken", "good", "misnamed", "two")
    assert found.__name__ == "Good"
    assert found().kind == "good"


def test_only_the_module_asked_for_is_imported(kinds):
    """A broken kind hurts only those who choose it, and a word from a file never becomes an import by itself."""
    kinds.find("toys", "good")

    assert f"{kinds.families['toys']}.good" in sys.modules
    assert f"{kinds.families['toys']}.broken" not in sys.modules
    assert kinds.find("toys", "os") is None
    assert kinds.find("toys", "good.x") is None
    assert kinds.find("toys", "_private") is None


def test_a_family_nobody_knows_has_no_kinds(kinds):
    """Nor has one whose package isn't there."""
    assert kinds.names("games") == ()
    assert kinds.find("games", "good") is None
    assert FolderKinds({"games": "no_such_package"}).names("games") == ()


@pytest.mark.parametrize("name", ["two", "misnamed"])
def test_a_file_that_is_not_one_kind_of_its_name_is_a_mistake_of_its_author(kinds, name):
    """The file's name is the word users write, so the two can't differ."""
    with pytest.raises(TypeError, match="must"):
        kinds.find("toys", name)


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_every_kind_of_ours_can_be_found(family):
    """Each file of each family's folder is a kind of its own name."""
    kinds = FolderKinds()

    assert kinds.names(family)
    for name in kinds.names(family):
        assert kinds.find(family, name).model_fields["kind"].default == name
