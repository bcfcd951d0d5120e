"""Names of trials: the same for the same, another for anything else; and specs that are told by what they have different."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from runner.compose import Configurations
from runner.market.load import MarketData
from runner.plugins import PluginFile
from runner.prepare import known_kinds
from runner.signal.sheet import Events
from runner.spec.run import RunSpec
from runner.sweeps.asking import plan_sweep
from runner.sweeps.kept_specs import base_of, keep_base, kept_values
from runner.sweeps.trial import code_digest, data_digest, part_of_strategy, trial_of
from tests.markets import minutes, tape_of

TAPES = {"bars": tape_of("bars", {"A": minutes((1, 2, 1, 2, 5), (2, 3, 2, 3, 6))})}
EVENTS = Events(offsets=np.array([0, 2]), ts=np.array([60, 120]))


def test_a_trial_is_a_digest_over_what_it_is(tmp_path):
    """Strategy, data, code, start and lines, hashed by hand."""
    text = json.dumps(["ab" * 32, "cd" * 8, "ef" * 32, 17, "1h"], separators=(",", ":"))

    assert trial_of("ab" * 32, "cd" * 8, "ef" * 32, 17, "1h") == hashlib.sha256(text.encode()).hexdigest()[:16]


def test_whatever_differs_makes_another_trial():
    """Each of the five by itself, a start that there isn't, and lines for every instant."""
    parts = ("ab" * 32, "cd" * 8, "ef" * 32, 17, "1h")
    others = [
        (*parts[:place], other, *parts[place + 1 :])
        for place, other in enumerate(("00" * 32, "00" * 8, "00" * 32, 18, "2h"))
    ]

    assert len({trial_of(*each) for each in (parts, *others, (*parts[:3], None, "1h"), (*parts[:4], None))}) == 8


def tried_by(*words):
    """Return what the one lane of a sweep tries, and the hash of its spec."""
    lanes = plan_sweep(words, Configurations(working_directory=Path("/nonexistent"))).lanes
    found = lanes.spec(lanes[0])
    return found.strategy, found.spec_hash


@pytest.mark.parametrize(
    "words",
    [
        ("name=other",),
        ("report.html=false",),
        ("report=full",),
        ("report.equity_every=5d",),
        ("signal.params.lookback=20.0",),
    ],
)
def test_what_is_written_of_a_run_is_no_part_of_what_is_tried(words):
    """Another name, another report or the same number written otherwise: another run, and no other strategy."""
    plain, other = tried_by(), tried_by(*words)

    assert plain[0] == other[0]
    assert plain[1] != other[1]


@pytest.mark.parametrize(
    "words",
    [("seed=1",), ("signal.params.lookback=21",), ("slippage.bps=3",), ("report.measured_from='2012-01-03T00:00Z'",)],
)
def test_what_is_done_and_where_it_is_measured_is_what_is_tried(words):
    """Whoever chooses among these chooses among results."""
    assert tried_by()[0] != tried_by(*words)[0]


def test_numbers_that_a_user_s_own_code_is_handed_stay_as_they_were_written():
    """Python can tell 5 from 5.0, so a strategy in Python may."""
    assert part_of_strategy("engine", '"engine":{"params":{"n":5.0}}') != part_of_strategy(
        "engine", '"engine":{"params":{"n":5}}'
    )
    assert part_of_strategy("signal", '"signal":{"a:1.0,":5.0}') == '"signal":{"a:1.0,":5}'


def test_the_user_s_own_files_count_as_code():
    """Their names and what stands in them, not where they lie nor in which order."""
    one, two = (PluginFile(name, Path("/x") / name, name, b"x = 1") for name in ("a.py", "b.py"))
    moved = PluginFile("a.py", Path("/y/a.py"), "other", b"x = 1")
    changed = PluginFile("a.py", Path("/x/a.py"), "a.py", b"x = 2")
    code = {"version": "1", "digest": "12" * 32}

    assert code_digest(code, [one, two]) == code_digest(code, [two, moved])
    different = [code_digest(code, files) for files in ([], [one], [changed], [one, two])]
    assert len({*different, code_digest({**code, "digest": "34" * 32}, [one])}) == 5


@pytest.mark.parametrize(
    "events",
    [{"a": EVENTS}, {"b": EVENTS}, {"a": Events(offsets=EVENTS.offsets, ts=EVENTS.ts + 1)}, {"a": EVENTS, "b": EVENTS}],
)
def test_events_count_as_data(events):
    """A file of events that changed makes other data, like rows that changed."""
    bare, known = (MarketData(TAPES, {}, {}, events=each) for each in ({}, {"c": EVENTS}))

    found = data_digest(MarketData(TAPES, {}, {}, events=events))

    assert len({found, data_digest(bare), data_digest(known)}) == 3
    assert found == data_digest(MarketData(TAPES, {}, {}, events=dict(reversed(events.items()))))


def test_a_lane_s_spec_comes_back_from_its_base_and_its_changes(tmp_path):
    """Every lane of a sweep over values and files: the same spec, by its hash and as a value; equal sections aren't kept."""
    words = ("slippage=none,fixed_bps", "signal.params.lookback=5,10", "seed=1,2")
    lanes = plan_sweep(words, Configurations(working_directory=Path("/nonexistent"))).lanes
    specs = [lanes.spec(lane) for lane in lanes]
    base = base_of(specs[0].sections)
    keep_base(tmp_path, base)

    for each in specs:
        changes = base.changes(each.sections)
        values = kept_values(tmp_path, base.name, changes, each.spec_hash)
        assert RunSpec.of(values, known_kinds()) == each.spec
        different = {name for name in RunSpec.model_fields if getattr(each.spec, name) != getattr(specs[0].spec, name)}
        assert set(json.loads(changes)) == different
    assert [path.name for path in tmp_path.iterdir()] == [f"{specs[0].spec.hash}.json"]
