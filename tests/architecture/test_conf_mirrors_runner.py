"""One word, everywhere: a kind's file in `runner/`, its file in `conf/` and what users write carry the same name."""

import re

import pytest

from runner.spec import RunSpec
from tests.architecture.shipped import (
    BESIDE,
    CONF,
    CROSS_CUTTING,
    FAMILIES,
    every_option,
    groups,
    kinds,
    options,
    root_says,
    says,
)

NOT_THE_RUN = {"defaults", "runs"}
"""Keys of the root file that are no part of what a run is: Hydra's list, and the folder results go to."""

NAMES_ONE = sorted(set(FAMILIES) - {"risk"})
"""Families of which a run has exactly one; of risk rules it has any number, under names of their own."""


def kinds_named(group, option):
    """Return the kinds an option's file names."""
    values = says(group, option)
    return {rule["kind"] for rule in values["rules"].values()} if group == "risk" else {values["kind"]}


def test_groups_and_root_keys_are_the_fields_of_a_run():
    """Every field of a run is written in the root file or chosen by a group, and nothing else is."""
    written = set(root_says()) - NOT_THE_RUN
    chosen = set(groups()) - CROSS_CUTTING - BESIDE

    assert written.isdisjoint(chosen)
    assert set(RunSpec.model_fields) == written | chosen
    assert set(groups()) >= BESIDE


def test_the_root_file_chooses_once_from_every_group():
    """The default run is one choice per group, all in one list."""
    named = [next(iter(entry)) for entry in root_says()["defaults"] if isinstance(entry, dict)]
    of_hydra = [name for name in named if "hydra/" in name]

    assert sorted(set(named) - set(of_hydra)) == groups()
    assert len(named) == len(set(named))
    assert of_hydra == ["override hydra/sweeper"]


@pytest.mark.parametrize("group", groups())
def test_no_group_is_empty(group):
    """A group without options can't be chosen from."""
    assert options(group)


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_every_kind_has_its_configuration_file(family):
    """A kind that no file of its name shows is one that users don't find."""
    without = [kind for kind in kinds(family) if kind not in options(family) or kind not in kinds_named(family, kind)]

    assert kinds(family)
    assert without == []


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_every_configuration_file_names_kinds_that_exist(family):
    """A file may vary a kind under another name, but the kind it names has a file in the family's folder."""
    named = set().union(*(kinds_named(family, option) for option in options(family)))

    assert named <= set(kinds(family))


@pytest.mark.parametrize("family", NAMES_ONE)
def test_a_file_named_as_a_kind_is_that_kind(family):
    """`slippage=none` can't mean another kind than `slippage.kind: none`."""
    mismatched = [
        option for option in options(family) if option in kinds(family) and kinds_named(family, option) != {option}
    ]

    assert mismatched == []


@pytest.mark.parametrize(("group", "option"), every_option())
def test_files_are_plain_and_say_what_they_are(group, option):
    """After the line for editors comes a comment for its reader; no anchors, no tabs, no names of Python objects."""
    lines = (CONF / group / f"{option}.yaml").read_text("utf-8").splitlines()

    assert lines[0] == f"# yaml-language-server: $schema=../.schema/{group}.json"
    assert lines[1].startswith("#")
    assert [line for line in lines if re.search(r"_target_|\t|: [&*]\w|<<:", line)] == []
