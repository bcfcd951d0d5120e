"""The configuration files that Runner ships: groups, their options, and what each file says."""

from functools import cache

import yaml

from runner.kinds import FAMILIES as KINDS
from runner.spec.sweep import BesideRun
from tests.architecture.source_tree import ROOT

CONF = ROOT / "conf"

CROSS_CUTTING = {"experiment"}
"""Groups whose options change several parts of a run at once and are no part themselves."""

BESIDE = set(BesideRun.model_fields)
"""Groups that stand beside the run: they say which runs there are."""

FAMILIES = {family: package.replace(".", "/") for family, package in KINDS.items()}
"""Group → folder that holds one file per kind."""


def groups():
    """Return the names of all groups."""
    return sorted(path.name for path in CONF.iterdir() if path.is_dir() and not path.name.startswith("."))


def options(group):
    """Return the names of a group's options."""
    return sorted(path.stem for path in (CONF / group).glob("*.yaml"))


def every_option():
    """Return all (group, option) pairs."""
    return [(group, option) for group in groups() for option in options(group)]


def kinds(family):
    """Return the kinds a family has, by the names of their files."""
    files = (ROOT / FAMILIES[family]).glob("*.py")
    return sorted(path.stem for path in files if not path.stem.startswith("_"))


@cache
def says(group, option):
    """Return what an option's file says, as plain values."""
    return yaml.safe_load((CONF / group / f"{option}.yaml").read_text("utf-8"))


@cache
def root_says():
    """Return what the root file says, as plain values."""
    return yaml.safe_load((CONF / "config.yaml").read_text("utf-8"))
