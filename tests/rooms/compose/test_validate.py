"""Validation in the user's words: one fault per value, none twice, and the shipped configuration has none."""

import pytest

from runner.compose import compose, packaged_conf
from runner.compose.validate import faults_of, spec_of
from runner.errors import ConfigError
from runner.kinds import FolderKinds
from runner.prepare import known_kinds
from runner.spec.run import RunSpec
from tests.golden.toy_kinds import ToyKinds

KINDS = ToyKinds()


@pytest.fixture
def values():
    return {
        "data": {"kind": "sample"},
        "universe": {"symbols": ["AAPL"]},
        "timezone": {"zone": "UTC", "stamp": "close", "interval": "1min"},
        "signal": {"params": {"lookback": 20, "band": 1.5}, "long": {"enter": "close > band", "exit": "close < band"}},
        "sizing": {"kind": "units"},
        "fill": {"kind": "next_open"},
        "slippage": {"kind": "fixed_bps", "bps": 2},
        "fees": {"kind": "none"},
        "mode": {"kind": "backtest"},
    }


def leaf_paths(value, path=()):
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield (*path, key), item
        yield from leaf_paths(item, (*path, key))


def changed(value, path, new):
    """Return a deep copy with one value replaced, or removed if `new` is Ellipsis."""
    head, *rest = path
    copy = list(value) if isinstance(value, list) else dict(value)
    if rest:
        copy[head] = changed(value[head], rest, new)
    elif new is ...:
        del copy[head]
    else:
        copy[head] = new
    return copy


def test_sound_values_are_a_spec(values):
    """Plain values become the frozen spec, defaults written out."""
    spec = spec_of(values, kinds=KINDS)

    assert isinstance(spec, RunSpec)
    assert spec.slippage.bps == 2
    assert faults_of(values, kinds=KINDS) == []


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), -1e308, "x", None, True, [], {}, [{"a": 1}], 0.1234, -1, ""])
def test_no_value_of_the_wrong_kind_gives_two_faults_or_a_raw_message(values, wrong):
    """Every value in turn replaced by one that hardly fits anywhere: at most one fault for its key, worded by us."""
    for path, _ in leaf_paths(values):
        faults = faults_of(changed(values, path, wrong), kinds=KINDS)

        assert len({fault.where for fault in faults}) == len(faults)
        for fault in faults:
            assert fault.must.startswith("must ")
            assert "Input should" not in str(fault)
            assert "valid:" not in fault.must
            assert fault.write


def test_every_misspelt_key_is_answered_with_the_right_one(values):
    """One letter dropped from any key of a model, at any depth: the fault names it and what was meant."""
    free = {("signal", "params"), ("universe", "symbols")}
    for path, item in leaf_paths(values):
        if path[:-1] in free or path[-1] in {"kind", 0} or len(path[-1]) < 4:
            continue
        misspelt = changed(changed(values, path, ...), (*path[:-1], path[-1][:-1]), item)

        faults = [fault for fault in faults_of(misspelt, kinds=KINDS) if fault.where.endswith(path[-1][:-1])]

        assert [fault.write.split("?")[0] for fault in faults] == [f"Did you mean {path[-1]}"]


def test_every_missing_key_is_named(values):
    """Each key removed in turn: the run goes on with a default, or the fault names exactly that key."""
    for path, _ in leaf_paths(values):
        faults = faults_of(changed(values, path, ...), kinds=KINDS)

        where = ".".join(map(str, path))
        assert [fault.where for fault in faults] in ([], [where], ["universe.symbols"])


def test_what_was_said_is_not_said_again(values):
    """A key whose file has complained already gets no second fault, nor does anything below it."""
    broken = changed(values, ("signal", "long"), {"enter": 1})

    assert len(faults_of(broken, kinds=KINDS)) == 2
    assert faults_of(broken, kinds=KINDS, said={("signal", "long")}) == []


def test_an_unreadable_file_explains_only_what_is_missing_below_it(values):
    """A gap hides missing keys in its place, and neither wrong values there nor missing keys elsewhere."""
    broken = changed(changed(values, ("signal", "long", "exit"), ...), ("signal", "params", "lookback"), "x")
    broken = changed(broken, ("universe",), ...)

    faults = faults_of(broken, kinds=KINDS, gaps={("signal",)})

    assert [fault.where for fault in faults] == ["signal.params.lookback", "universe"]


def test_all_faults_are_raised_at_once(values):
    """`spec_of` raises once, with everything."""
    broken = changed(changed(values, ("fees", "kind"), "fre"), ("slippage", "bps"), -1)

    with pytest.raises(ConfigError) as raised:
        spec_of(broken, kinds=KINDS)

    assert [fault.where for fault in raised.value.faults] == ["fees.kind", "slippage.bps"]


def choices():
    """Return an override for every file of the shipped configuration that can be chosen."""
    conf = packaged_conf()
    return sorted(
        f"{path.parent.name}={path.stem}" for path in conf.glob("*/*.yaml") if not path.parent.name.startswith("_")
    )


@pytest.mark.parametrize("choice", [None, *choices()])
def test_every_shipped_file_is_sound(choice):
    """Whatever is chosen from the shipped configuration, only values that the user must give are missing."""
    composed = compose([choice] if choice else [])

    faults = faults_of(composed.values, kinds=known_kinds(), said=composed.said, gaps=composed.gaps)

    assert faults == []
    assert {fault.must for fault in composed.faults} <= {"must be given"}


def test_the_tier_that_is_wrong_is_pointed_at(tmp_path):
    """Of a list whose items must fit together, the message names the item and the line it is on."""
    file = tmp_path / "conf" / "fees" / "mine.yaml"
    file.parent.mkdir(parents=True)
    file.write_text("kind: tiered\ntiers:\n  - {above: 0, bps: 5}\n  - {above: 200, bps: 4}\n  - {above: 100, bps: 3}\n")
    composed = compose(["fees=mine"], working_directory=tmp_path)

    (fault,) = faults_of(composed.values, kinds=FolderKinds(), origins=composed.origins)

    assert (fault.where, fault.was, fault.source) == ("fees.tiers[2].above", "100", "conf/fees/mine.yaml:5")
    assert fault.must == "must be more than in the tier before"
    assert fault.write == "Write more than 200, or order the tiers by it."
