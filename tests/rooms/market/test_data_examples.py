"""The declarations of well-known publishers' files that Runner ships: each composes, and says nothing twice."""

from pathlib import Path

import pytest
import yaml

import runner
from runner.errors import ConfigError
from runner.kinds import FolderKinds

EXAMPLES = Path(__file__).parents[3] / "conf" / "data" / "examples"
NAMES = sorted(path.stem for path in EXAMPLES.glob("*.yaml"))


def says(name):
    return yaml.safe_load((EXAMPLES / f"{name}.yaml").read_text("utf-8"))


def test_there_are_examples():
    """An empty folder would pass every test below."""
    assert len(NAMES) >= 10


@pytest.mark.parametrize("name", NAMES)
def test_an_example_is_chosen_by_its_name(name, tmp_path):
    """It leaves open where the files are and what they are of; all else validates, so the missing file is the only fault.

    The reference strategy reads bars, which not every example has.
    """
    open_keys = {key for key, value in says(name).items() if value == "???"}
    symbol = ["data.symbol='A'", "universe.symbols=['A']"] if "symbol" in open_keys else []

    with pytest.raises(ConfigError) as caught:
        runner.configure([f"data=examples/{name}", f"data.path='{tmp_path / 'none'}'", *symbol])

    assert "path" in open_keys <= {"path", "symbol"}
    about_bars = {fault for fault in caught.value.faults if fault.where == "signal.nodes.pressure" and "bars" in fault.write}
    assert [fault.where for fault in caught.value.faults if fault not in about_bars] == ["data.path"]


@pytest.mark.parametrize("name", NAMES)
def test_an_example_is_plain_and_begins_with_what_it_is_for(name):
    """A comment says whose files are meant, and for the reader's sake defaults aren't written out, but for choices of his."""
    written = says(name)
    kind = FolderKinds().find("data", written["kind"])
    defaults = kind(path="x").model_dump(mode="json")

    assert (EXAMPLES / f"{name}.yaml").read_text("utf-8").startswith("# ")
    assert {key for key in written if written[key] == defaults[key]} <= {"kind", "adjust", "streams", "levels"}
