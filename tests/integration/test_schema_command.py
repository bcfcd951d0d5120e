"""`runner schema` as a user runs it: one schema on the screen, all of them in a folder that Hydra leaves alone."""

import json

import pytest
from jsonschema import Draft7Validator

from runner.cli import schema
from runner.errors import RunnerError
from tests.command import runner


def test_one_schema_is_printed(tmp_path):
    """The whole, or a group's; what is printed is JSON and nothing else."""
    whole = json.loads(runner("schema", cwd=tmp_path).stdout)
    part = json.loads(runner("schema", "slippage", cwd=tmp_path).stdout)

    assert Draft7Validator(whole).is_valid({"capital": 5, "slippage": {"kind": "none"}})
    assert not Draft7Validator(part).is_valid({"kind": "nnoe"})
    assert list(tmp_path.iterdir()) == []


def test_all_are_written_beside_the_users_files(tmp_path):
    """Those of the user's groups too; runs, completion and help go on as if the folder weren't there."""
    (tmp_path / "conf" / "idea").mkdir(parents=True)
    (tmp_path / "conf" / "idea" / "small.yaml").write_text("# @package _global_\ncapital: 5000\n")

    done = runner("schema", "--write", cwd=tmp_path)
    written = {path.name for path in (tmp_path / "conf" / ".schema").iterdir()}
    shown = runner("--cfg", "job", "+idea=small", cwd=tmp_path)
    asked = {"COMP_LINE": "runner ", "COMP_POINT": "7", "COMP_CWORD": "1"}
    completed = runner("-sc", "query=bash", cwd=tmp_path, **asked).stdout.split()

    assert done.stdout.splitlines()[-1] == "conf/.schema"
    assert {"config.json", "signal.json", "idea.json"} <= written
    assert "capital: 5000" in shown.stdout
    assert "slippage=" in completed
    assert not [word for word in completed if "schema" in word]


def test_another_folder_can_be_named(tmp_path):
    """The one that is given with --config-dir, say."""
    done = runner("schema", "--write", "mine", cwd=tmp_path)

    assert done.returncode == 0
    assert (tmp_path / "mine" / ".schema" / "config.json").is_file()


OWN = """
from typing import Literal

from runner.trading.slippage import Slippage
from runner.units import NonNegative


class Mine(Slippage):
    kind: Literal["mine"] = "mine"
    cost: NonNegative = 0.01
    price = staticmethod(lambda p, quantity, reference, given: reference)
"""


def test_kinds_of_ones_own_are_among_those_that_may_be_chosen(tmp_path):
    """With their keys, their limits, and what they are for; alone, within the whole, and within another kind."""
    (tmp_path / "strategies").mkdir()
    (tmp_path / "strategies" / "mine.py").write_text(OWN.lstrip())

    part = Draft7Validator(json.loads(runner("schema", "slippage", cwd=tmp_path).stdout))
    whole = Draft7Validator(json.loads(runner("schema", cwd=tmp_path).stdout))

    assert part.is_valid({"kind": "mine", "cost": 0.5})
    assert not part.is_valid({"kind": "mine", "cost": -0.5})
    assert not part.is_valid({"kind": "mine", "bps": 0.5})
    assert part.is_valid({"kind": "tick", "cost": 0.5})
    assert whole.is_valid({"slippage": {"kind": "regime", "base": {"kind": "mine", "cost": 0.5}}})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (OWN.replace("import NonNegative", "import NonNegativ"), "strategies/mine.py:4: must run when it is imported"),
        (OWN.replace("(Slippage)", "(Slippage"), "strategies/mine.py:7: must be Python"),
    ],
)
def test_a_kind_that_cannot_be_had_is_told_instead(tmp_path, text, message):
    """Rather than left out unsaid; nothing is written."""
    (tmp_path / "strategies").mkdir()
    (tmp_path / "strategies" / "mine.py").write_text(text.lstrip())

    done = runner("schema", "--write", cwd=tmp_path)

    assert done.returncode == 2
    assert message in done.stderr
    assert not (tmp_path / "conf").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("slipage",), "Did you mean slippage?"),
        (("slippage", "fees"), "must be followed by the name of one group"),
        (("--write", "mine", "slippage"), "--write: must stand without the name of a group"),
        (("--writ",), "Did you mean --write?"),
        (("--write", "file/inside"), "file/inside/.schema: must be a folder that can be written"),
        (("-m",), "schema: must stand without flags of a run"),
    ],
)
def test_what_can_be_mended_is_said_and_nothing_is_written(tmp_path, words, message, monkeypatch):
    """The name of a group, a flag, a folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("")

    with pytest.raises(RunnerError) as caught:
        schema.run(list(words))

    assert message in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
