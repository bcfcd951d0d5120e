"""The schema of files: what the strict reader and the spec accept is accepted, what they refuse for good is refused."""

import pytest
from jsonschema import Draft7Validator

from runner.compose.json_schema import part_schema, whole_schema
from runner.compose.reading import Directory
from runner.compose.schema_files import schemas
from runner.kinds import FolderKinds

KINDS = FolderKinds()
WHOLE = Draft7Validator(whole_schema(KINDS))


def accepts(group, value):
    return Draft7Validator(part_schema((group,), KINDS)).is_valid(value)


@pytest.mark.parametrize(
    ("group", "value"),
    [
        ("slippage", {"kind": "fixed_bps", "bps": 2}),
        ("slippage", {"kind": "fixed_bps", "bps": "${window.start}"}),
        ("slippage", {"defaults": ["fixed_bps", "_self_"], "bps": 5}),
        ("slippage", {"bps": 5}),
        ("data", {"kind": "csv", "path": "???"}),
        (
            "data",
            {
                "kind": "combined",
                "parts": {"a": {"kind": "csv", "path": "x", "symbols": ["A"], "timezone": {"zone": "UTC"}}},
            },
        ),
        ("signal", {"params": {"n": 3, "span": "30min"}, "nodes": {"m": "mean(close, n)"}, "long": {"enter": "m > 1"}}),
        ("signal", {"nodes": "${other}"}),
        ("signal", {"long": None, "target": "clip(close, -1, 1)"}),
        ("risk", {"rules": {"mine": {"kind": "position_limit", "share": 0.1}, "other": {"lot": 2}}}),
        ("events", {"earnings": {"path": "???"}}),
        ("universe", {"symbols": ["A", "B"], "groups": {"sector": {"tech": ["A"]}}}),
        ("universe", {"symbols": "???"}),
        ("mode", {"kind": "replay"}),
        ("window", {"start": "2001-01-01", "end": None}),
    ],
)
def test_what_a_file_may_say_is_accepted(group, value):
    """Parts of a whole, values to come, lists of defaults, names of the user's own."""
    assert accepts(group, value)


@pytest.mark.parametrize(
    ("group", "value"),
    [
        ("slippage", {"kind": "fixed_bsp"}),
        ("slippage", {"kind": "none", "bps": 5}),
        ("slippage", {"kind": "fixed_bps", "bps": -1}),
        ("slippage", {"kind": "fixed_bps", "bps": "5"}),
        ("slippage", {"bsp": 5}),
        ("slippage", {"defaults": "fixed_bps"}),
        ("data", {"kind": "combined", "parts": {"a": {"kind": "csv", "pth": "x"}}}),
        ("data", {"kind": "combined", "parts": {"a": {"kind": "csv", "timezone": {"zon": "UTC"}}}}),
        ("data", {"kind": "csv", "timezone": {"zone": "UTC"}}),
        ("signal", {"nodes": {"Mean": "close"}}),
        ("signal", {"long": {"entr": "close > 1"}}),
        ("signal", {"params": {"n": True}}),
        ("risk", {"rules": {"mine": {"kind": "position_limit", "shar": 0.1}}}),
        ("events", {"earnings": {"pth": "x"}}),
        ("universe", {"symbols": []}),
        ("universe", {"groups": {"sector": ["A"]}}),
        ("mode", {"kind": "backtset"}),
        ("window", {"start": 2001}),
    ],
)
def test_what_can_never_be_right_is_refused(group, value):
    """Typos of keys, kinds and words; wrong types; values out of bounds."""
    assert not accepts(group, value)


@pytest.mark.parametrize(
    "value",
    [
        {"defaults": ["_self_", {"data": "sample"}, {"override /slippage": None}, {"signal": ["a", "b"]}], "name": None},
        {"runs": "elsewhere", "capital": 5000, "slippage": {"bps": 1}},
        {"hydra": {"launcher": {"n_jobs": 2}}},
        {"signal": {"params": {"lookback": 5}}},
    ],
)
def test_a_file_of_the_whole_may_speak_of_all_of_it(value):
    """`config.yaml` and experiments: choices, the folder of runs, Hydra's own node."""
    assert WHOLE.is_valid(value)


@pytest.mark.parametrize(
    "value",
    [
        {"capitl": 1},
        {"capital": 0},
        {"defaults": [{"data": "a", "signal": "b"}]},
        {"hydra": {"searchpath": ["x"]}},
        {"hydra": {"job": {"env_copy": ["KEY"]}}},
        {"slippage": {"defaults": ["none"]}},
        {"signal": {"parms": {}}},
    ],
)
def test_a_file_of_the_whole_is_refused_what_runner_refuses(value):
    """Unknown keys, choices of two groups in one, settings of Hydra that get round the strict reader."""
    assert not WHOLE.is_valid(value)


def test_every_key_says_what_it_is_for():
    """Descriptions are those of the fields, each paragraph on one line."""
    slippage = part_schema(("slippage",), KINDS)
    (fixed,) = [choice for choice in slippage["oneOf"] if choice["title"] == "fixed_bps"]

    assert fixed["properties"]["bps"]["description"]
    assert "1. A position whose exit is true is closed.\n2. " in part_schema(("signal",), KINDS)["description"]


def test_no_schema_for_what_the_spec_does_not_know():
    """A group that leads nowhere."""
    assert part_schema(("sinal",), KINDS) is None


def write(folder, name, text):
    path = folder / f"{name}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_the_users_groups_have_schemas_by_where_their_keys_go(tmp_path):
    """A group of whole changes, a group of one section's part, options sorted into folders, and folders that aren't groups."""
    write(tmp_path, "idea/one", "# @package _global_\ncapital: 1\n")
    write(tmp_path, "fast/ten", "# @package signal.params\nlookback: 10\n")
    write(tmp_path, "signal/params/slow", "lookback: 50\n")
    write(tmp_path, "signal/mine/dips", "target: close\n")
    write(tmp_path, "hydra/launcher/mine", "n_jobs: 2\n")
    write(tmp_path, ".schema/x", "a: 1\n")

    found = schemas((Directory(tmp_path, "conf"),), KINDS)

    assert found["idea"] == found["config"]
    assert found["fast"] == found["signal.params"]
    assert Draft7Validator(found["fast"]).is_valid({"lookback": 10})
    assert not Draft7Validator(found["fast"]).is_valid({"Lookback": 10})
    assert not {"hydra.launcher", "signal.mine", ".schema"} & found.keys()


def test_files_of_one_group_that_go_to_two_places_may_be_either(tmp_path):
    """By their headers."""
    write(tmp_path, "mixed/one", "# @package _global_\ncapital: 1\n")
    write(tmp_path, "mixed/two", "# @package slippage\nbps: 1\n")

    mixed = Draft7Validator(schemas((Directory(tmp_path, "conf"),), KINDS)["mixed"])

    assert mixed.is_valid({"capital": 1})
    assert mixed.is_valid({"bps": 1})
    assert not mixed.is_valid({"lot": {}})
